/* What software makes of cards: services are written for some cards and reach a smaller share of what they
 * reach there on others, until they are ported. */
#include "compute/compute_internal.h"

#include <string.h>

static software_share *find(const jw_compute *compute, uint32_t card, uint32_t service)
{
    for (uint32_t i = 0; i < compute->software_count; i++)
        if (compute->software[i].card == card && compute->software[i].service == service)
            return &compute->software[i];
    return NULL;
}

static double share_of(const jw_compute *compute, uint32_t card, uint32_t service)
{
    const software_share *own = find(compute, card, service);
    if (!own)
        own = find(compute, card, JW_NONE);
    return own ? own->share : 1;
}

static double or_default(double value, double fallback)
{
    return value > 0 ? value : fallback;
}

void compute_apply_software(const jw_compute *compute, uint32_t card, installed *in)
{
    double share = share_of(compute, card, in->service);
    if (share == 1)
        return;
    in->served.efficiency = or_default(in->served.efficiency, 0.3) * share;
    in->served.prefill_mfu = or_default(in->served.prefill_mfu, 0.4) * share;
    in->served.decode_efficiency = or_default(in->served.decode_efficiency, 0.7) * share;
}

/* Work that has begun ends as it began; what a language model holds is prefilled again. */
static void refit(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place)
{
    compute_site *s = &compute->sites[site_slot];
    installed *in = &s->services[place];
    bool is_llm = compute->services[in->service].kind == JW_SERVICE_LLM;
    if (is_llm)
        compute_llm_put_back(world, compute, site_slot, place);
    compute_llm_settle_times(compute, s, in);
    for (uint32_t i = 0; i < in->server_count && is_llm; i++)
        compute_wake(world, compute, site_slot, place);
    compute_settle(world, compute, s);
}

jw_result jw_compute_set_software(jw_world *world, jw_compute *compute, const char *card, uint32_t service,
                                  double share, jw_error *error)
{
    uint32_t kind = 0;
    while (kind < compute->card_count && strcmp(compute->cards[kind].id, card) != 0)
        kind++;
    if (kind == compute->card_count || (service != JW_NONE && service >= compute->service_count))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "software: the catalogue has no card \"%s\", or not that service", card);
    if (!(share > 0 && share <= 1))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "software for \"%s\": a share above 0 to 1, not %g",
                       card, share);
    software_share *entry = find(compute, kind, service);
    if (!entry) {
        jw_result result = jw_grow(&compute->software, &compute->software_capacity,
                                   compute->software_count + 1ull, sizeof *compute->software, error);
        if (result != JW_OK)
            return result;
        entry = &compute->software[compute->software_count++];
    }
    *entry = (software_share){.card = kind, .service = service, .share = share};
    for (uint32_t i = 0; i < compute->site_pool.slot_count; i++)
        for (uint32_t p = 0; p < SERVICES_PER_SITE && (compute->site_pool.generations[i] & 1); p++) {
            const installed *in = &compute->sites[i].services[p];
            if (in->service != JW_NONE && (service == JW_NONE || in->service == service) &&
                compute->sites[i].rack_card[in->rack] == kind)
                refit(world, compute, i, p);
        }
    return JW_OK;
}

void compute_save_software(const jw_compute *compute, jw_writer *writer)
{
    jw_write_u32(writer, compute->software_count);
    for (uint32_t i = 0; i < compute->software_count; i++) {
        jw_write_u32(writer, compute->software[i].card);
        jw_write_u32(writer, compute->software[i].service);
        jw_write_f64(writer, compute->software[i].share);
    }
}

void compute_load_software(jw_compute *compute, jw_reader *reader)
{
    uint32_t count = jw_read_count(reader, 1000000, 16);
    if (!reader->failed && jw_grow(&compute->software, &compute->software_capacity, count,
                                   sizeof *compute->software, NULL) != JW_OK)
        jw_reader_fail_memory(reader);
    for (; compute->software_count < count && !reader->failed; compute->software_count++) {
        software_share *entry = &compute->software[compute->software_count];
        entry->card = jw_read_u32(reader);
        entry->service = jw_read_u32(reader);
        entry->share = jw_read_f64(reader);
        if (entry->card >= compute->card_count ||
            (entry->service != JW_NONE && entry->service >= compute->service_count) ||
            !(entry->share > 0 && entry->share <= 1))
            jw_reader_fail(reader, "what software reaches on cards is out of range");
    }
}
