/* A site grows: cards that come into its racks, and instances of what it serves on them. */
#include "compute/compute_internal.h"

#include <string.h>

/* The rack of such cards, or the place of a new one. */
static uint32_t rack_for(const jw_compute *compute, const compute_site *s, const char *card)
{
    for (uint32_t r = 0; r < s->def.rack_count; r++)
        if (strcmp(compute->cards[s->rack_card[r]].id, card) == 0)
            return r;
    return s->def.rack_count;
}

jw_result compute_check_power(const jw_compute *compute, const compute_site *s, jw_error *error)
{
    double peak_w = compute_peak_power_w(compute, s), rated_w = compute_rated_power_w(compute, s);
    if (peak_w > SITE_POWER_MAX_W)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "site \"%s\": at full load it would draw above %g W",
                       s->def.name, SITE_POWER_MAX_W);
    if (s->def.power_max_kw > 0 && rated_w > s->def.power_max_kw * 1000)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                       "site \"%s\": its computers would draw %.4g kW at full load, it has %.4g kW for them",
                       s->def.name, rated_w / 1000, s->def.power_max_kw);
    return JW_OK;
}

jw_result jw_compute_add_cards(jw_world *world, jw_compute *compute, jw_site_id id, const char *card,
                               uint32_t count, jw_error *error)
{
    uint32_t slot = compute_slot(compute, id), kind = 0;
    if (slot == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "cards for a site that is gone");
    while (kind < compute->card_count && strcmp(compute->cards[kind].id, card) != 0)
        kind++;
    if (kind == compute->card_count)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "the catalogue has no card \"%s\"", card);
    compute_site grown = compute->sites[slot];
    uint32_t rack = rack_for(compute, &grown, card);
    if (count == 0 || rack == JW_SITE_RACKS_MAX || grown.cards + (uint64_t)count > 1000000)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                       "site \"%s\" has no room for %u x %s: %d racks of different cards, a million cards",
                       grown.def.name, count, card, JW_SITE_RACKS_MAX);
    if (rack == grown.def.rack_count) {
        grown.def.rack_count++;
        jw_text_copy(grown.def.racks[rack].card, sizeof grown.def.racks[rack].card, card);
        grown.rack_card[rack] = kind;
    }
    grown.def.racks[rack].count += count;
    grown.def.base_power_w += CARD_SERVER_W * count;
    grown.cards += count;
    jw_result result = compute_check_power(compute, &grown, error);
    if (result != JW_OK)
        return result;
    compute_settle(world, compute, &compute->sites[slot]); /* with the power as it was */
    grown.power = compute->sites[slot].power;
    compute->sites[slot] = grown;
    compute_settle(world, compute, &compute->sites[slot]);
    compute_start_faults(world, compute, slot);
    compute_give_to_training(world, compute, slot);
    return JW_OK;
}

void compute_grow(jw_world *world, jw_compute *compute, uint32_t slot, uint32_t place, uint32_t cards)
{
    compute_site *s = &compute->sites[slot];
    installed *in = &s->services[place];
    uint32_t least = compute_cards_per_instance(&compute->services[in->service]);
    if (compute_scale_of(compute, s, in->service)) /* it has a rule of its own */
        return;
    while (in->cards + least <= cards && compute_free_cards(s, in->rack) >= least &&
           compute_add_instance(world, compute, slot, place))
        ;
    compute_settle(world, compute, s);
}
