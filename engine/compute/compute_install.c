/* Services come to a site's cards and go. */
#include "compute/compute_internal.h"

/* A rack with room for the cards asked (0: one instance at least), whose cards hold the model. */
static uint32_t choose_rack(const jw_compute *compute, const compute_site *s, const jw_service *service,
                            uint32_t least)
{
    for (uint32_t r = 0; r < s->def.rack_count; r++)
        if (compute_free_cards(s, r) >= least &&
            compute_kv_capacity(service, &compute->cards[s->rack_card[r]]) > 0)
            return r;
    return JW_NONE;
}

/* Says whether the memory is short or the cards. */
static jw_result refuse_install(const jw_compute *compute, const compute_site *s, const jw_service *service,
                                uint32_t cards, jw_error *error)
{
    double weights_gb = jw_service_weights_gb(service), room_gb = 0;
    const jw_rack_def *largest = NULL;
    for (uint32_t r = 0; r < s->def.rack_count; r++) {
        double one_gb = jw_service_room_gb(service, &compute->cards[s->rack_card[r]], s->def.racks[r].count);
        if (one_gb > room_gb) {
            room_gb = one_gb;
            largest = &s->def.racks[r];
        }
    }
    if (largest && weights_gb >= room_gb)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                       "site \"%s\": \"%s\" takes %.4g GB on %u cards together, its %u x %s give %.4g GB: "
                       "larger cards, or a smaller model",
                       s->def.name, service->id, weights_gb, compute_cards_per_instance(service),
                       largest->count, largest->card, room_gb);
    return jw_fail(
        error, JW_ERROR_LIMIT, NULL, 0,
        "site \"%s\" has no %u free cards with the memory for \"%s\": add cards, or a smaller model",
        s->def.name, cards, service->id);
}

jw_result jw_compute_install(jw_world *world, jw_compute *compute, jw_site_id id, uint32_t service_index,
                             uint32_t version, uint32_t cards, jw_error *error)
{
    uint32_t slot = compute_slot(compute, id);
    if (slot == JW_NONE || service_index >= compute->service_count || version == 0)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "install: no such site, service or version");
    compute_site *s = &compute->sites[slot];
    const jw_variant *variant = compute_variant_of(compute, service_index, version);
    const jw_card none = {0}; /* on all cards a variant is as large */
    const jw_service as_installed = variant ? jw_service_as(&compute->services[service_index], &none, variant)
                                            : compute->services[service_index];
    const jw_service *service = &as_installed;
    uint32_t place = compute_place(s, service_index);
    if (place != JW_NONE) { /* its cards stay; the version counts for what starts from now on */
        jw_result result = compute_change_version(world, compute, slot, place, version, error);
        if (result == JW_OK)
            compute_grow(world, compute, slot, place, cards);
        return result;
    }
    uint32_t least = compute_cards_per_instance(service);
    if (cards > 0 && cards < least)
        cards = least;
    uint32_t rack = choose_rack(compute, s, service, cards ? cards : least);
    place = compute_place(s, JW_NONE);
    if (rack == JW_NONE && place != JW_NONE &&
        compute_take_from_training(world, compute, s, JW_NONE, service, cards ? cards : least))
        rack = choose_rack(compute, s, service, cards ? cards : least);
    if (rack == JW_NONE || place == JW_NONE)
        return refuse_install(compute, s, service, cards ? cards : least, error);
    uint32_t used = cards ? cards : compute_free_cards(s, rack);
    used -= used % least;
    if (used / least > SERVERS_MAX)
        used = SERVERS_MAX * least;
    const jw_scale_def *scale = compute_scale_of(compute, s, service_index);
    if (scale) /* it begins with its least, but not without an instance */
        used = least * (scale->min ? scale->min : 1) < used ? least * (scale->min ? scale->min : 1) : used;
    server *servers = jw_alloc(used / least * sizeof *servers);
    if (!servers)
        return jw_fail_memory(error);
    s->rack_used[rack] += used;
    s->services[place] =
        (installed){.service = service_index,
                    .version = version,
                    .rack = rack,
                    .cards = used,
                    .servers = servers,
                    .server_count = used / least,
                    .on_count = used / least,
                    .ready_count = used / least,
                    .scale = {.busy_since_ns = jw_world_time_ns(world), .begun_ns = jw_world_time_ns(world)}};
    compute_llm_settle_times(compute, s, &s->services[place]);
    compute_settle(world, compute, s);
    return JW_OK;
}

jw_result jw_compute_uninstall(jw_world *world, jw_compute *compute, jw_site_id id, uint32_t service,
                               jw_error *error)
{
    uint32_t slot = compute_slot(compute, id);
    uint32_t place = slot == JW_NONE ? JW_NONE : compute_place(&compute->sites[slot], service);
    if (place == JW_NONE || service == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "uninstall: the site does not serve that");
    compute_clear(world, compute, slot, place, JW_REJECT_NOT_INSTALLED);
    compute_site *s = &compute->sites[slot];
    s->rack_used[s->services[place].rack] -= s->services[place].cards;
    for (uint32_t i = 0; i < s->services[place].server_count; i++)
        compute_leave_failed(s, place, i);
    compute_free_servers(&s->services[place]);
    s->services[place] = (installed){.service = JW_NONE};
    compute_settle(world, compute, s);
    compute_give_to_training(world, compute, slot);
    return JW_OK;
}

jw_service_cards jw_compute_cards(const jw_compute *compute, jw_site_id id, uint32_t service)
{
    uint32_t slot = compute_slot(compute, id);
    uint32_t place =
        slot == JW_NONE || service == JW_NONE ? JW_NONE : compute_place(&compute->sites[slot], service);
    if (place == JW_NONE)
        return (jw_service_cards){0};
    const installed *in = &compute->sites[slot].services[place];
    const jw_card *card = &compute->cards[compute->sites[slot].rack_card[in->rack]];
    return (jw_service_cards){.cards = in->cards,
                              .weights_gb = in->on_count * jw_service_weights_gb(&in->served),
                              .price_cny = in->cards * card->price_cny};
}

uint32_t jw_compute_jobs(const jw_compute *compute, jw_site_id id, uint32_t service)
{
    uint32_t slot = compute_slot(compute, id);
    uint32_t place =
        slot == JW_NONE || service == JW_NONE ? JW_NONE : compute_place(&compute->sites[slot], service);
    if (place == JW_NONE)
        return 0;
    const installed *in = &compute->sites[slot].services[place];
    uint32_t count = in->queue_count;
    for (uint32_t i = 0; i < in->server_count; i++)
        count += in->servers[i].count;
    return count;
}

uint32_t jw_compute_installed_version(const jw_compute *compute, jw_site_id id, uint32_t service)
{
    uint32_t slot = compute_slot(compute, id);
    uint32_t place =
        slot == JW_NONE || service == JW_NONE ? JW_NONE : compute_place(&compute->sites[slot], service);
    return place == JW_NONE ? 0 : compute->sites[slot].services[place].version;
}
