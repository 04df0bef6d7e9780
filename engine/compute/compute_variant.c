/* Versions of a service's model that were made smaller: their figures, and a change of version in the midst
 * of work. */
#include "compute/compute_internal.h"

#include <stdio.h>
#include <string.h>

jw_service jw_service_as(const jw_service *service, const jw_card *card, const jw_variant *variant)
{
    jw_service out = *service;
    double operations =
        card->has_sparse && variant->sparse_factor > 0 ? variant->sparse_factor : variant->operation_factor;
    out.image_gb *= variant->memory_factor;
    out.gflop_per_item *= operations;
    out.parameters_b *= operations; /* each takes part in two operations a token ... */
    out.bytes_per_parameter *= variant->memory_factor / operations; /* ... and all of them take their room */
    out.is_int8 |= variant->is_int8;
    return out;
}

bool compute_is_variant_fine(const jw_variant *variant, char out[FAULT_SIZE])
{
    bool is_fine = variant->memory_factor > 0 && variant->memory_factor <= 10 &&
                   variant->operation_factor > 0 && variant->operation_factor <= 10 &&
                   variant->sparse_factor >= 0 && variant->sparse_factor <= 10 && variant->is_int8 <= 1;
    if (!is_fine)
        snprintf(out, FAULT_SIZE,
                 "its factors (%g of memory, %g of operations, %g sparse) must be above 0 to 10",
                 variant->memory_factor, variant->operation_factor, variant->sparse_factor);
    return is_fine;
}

const jw_variant *compute_variant_of(const jw_compute *compute, uint32_t service, uint32_t version)
{
    for (uint32_t i = 0; i < compute->variant_count; i++)
        if (compute->variants[i].service == service && compute->variants[i].version == version)
            return &compute->variants[i].variant;
    return NULL;
}

static bool are_alike(const jw_variant *a, const jw_variant *b)
{
    return a->memory_factor == b->memory_factor && a->operation_factor == b->operation_factor &&
           a->sparse_factor == b->sparse_factor && a->is_int8 == b->is_int8;
}

jw_result jw_compute_describe(jw_compute *compute, uint32_t service, uint32_t version,
                              const jw_variant *variant, jw_error *error)
{
    char fault[FAULT_SIZE];
    if (service >= compute->service_count || version == 0)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "describe: no such service or version");
    if (!compute_is_variant_fine(variant, fault))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "version %u of \"%s\": %s", version,
                       compute->services[service].id, fault);
    const jw_variant *known = compute_variant_of(compute, service, version);
    if (known)
        return are_alike(known, variant)
                   ? JW_OK
                   : jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "version %u of \"%s\" was described otherwise",
                             version, compute->services[service].id);
    jw_result result = jw_grow(&compute->variants, &compute->variant_capacity, compute->variant_count + 1ull,
                               sizeof *compute->variants, error);
    if (result == JW_OK)
        compute->variants[compute->variant_count++] = (described){service, version, *variant};
    return result;
}

/* What waits and will never have room is rejected. */
static void reject_too_large(jw_world *world, jw_compute *compute, installed *in)
{
    uint32_t before = 0, *link = &in->queue_first;
    while (*link) {
        uint32_t slot = *link - 1;
        job *j = &compute->jobs[slot];
        if ((uint64_t)j->items + j->output_tokens <= in->block_count * JW_KV_BLOCK_TOKENS) {
            before = slot + 1;
            link = &j->next;
            continue;
        }
        *link = j->next;
        in->queue_count--;
        compute_reject_later(world, compute, slot, JW_REJECT_TOO_LARGE);
    }
    in->queue_last = before;
}

jw_result compute_change_version(jw_world *world, jw_compute *compute, uint32_t site_slot, uint32_t place,
                                 uint32_t version, jw_error *error)
{
    compute_site *s = &compute->sites[site_slot];
    installed *in = &s->services[place];
    const jw_variant plain = {.memory_factor = 1, .operation_factor = 1};
    const jw_variant *is = compute_variant_of(compute, in->service, in->version),
                     *will_be = compute_variant_of(compute, in->service, version);
    if (are_alike(is ? is : &plain, will_be ? will_be : &plain)) {
        in->version = version;
        return JW_OK;
    }
    const jw_card *card = &compute->cards[s->rack_card[in->rack]];
    jw_service served = jw_service_as(&compute->services[in->service], card, will_be ? will_be : &plain);
    if (compute_kv_capacity(&served, card) == 0)
        return jw_fail(
            error, JW_ERROR_LIMIT, NULL, 0,
            "site \"%s\": version %u of \"%s\" takes %.4g GB, its cards give %.4g GB: a smaller version, or "
            "take the model away first",
            s->def.name, version, served.id, jw_service_weights_gb(&served),
            jw_service_room_gb(&served, card, UINT32_MAX));
    bool is_llm = served.kind == JW_SERVICE_LLM;
    if (is_llm)
        compute_llm_put_back(world, compute, site_slot, place);
    in->version = version;
    compute_llm_settle_times(compute, s, in);
    if (is_llm)
        reject_too_large(world, compute, in);
    for (uint32_t i = 0; i < in->server_count && is_llm; i++)
        compute_wake(world, compute, site_slot, place);
    compute_settle(world, compute, s);
    return JW_OK;
}

void compute_save_variants(const jw_compute *compute, jw_writer *writer)
{
    jw_write_u32(writer, compute->variant_count);
    for (uint32_t i = 0; i < compute->variant_count; i++) {
        const described *d = &compute->variants[i];
        jw_write_u32(writer, d->service);
        jw_write_u32(writer, d->version);
        jw_write_f64(writer, d->variant.memory_factor);
        jw_write_f64(writer, d->variant.operation_factor);
        jw_write_f64(writer, d->variant.sparse_factor);
        jw_write_u8(writer, d->variant.is_int8);
    }
}

void compute_load_variants(jw_compute *compute, jw_reader *reader)
{
    char fault[FAULT_SIZE];
    uint32_t count = jw_read_count(reader, 1000000, 33);
    if (!reader->failed && jw_grow(&compute->variants, &compute->variant_capacity, count,
                                   sizeof *compute->variants, NULL) != JW_OK)
        jw_reader_fail_memory(reader);
    for (; compute->variant_count < count && !reader->failed; compute->variant_count++) {
        described *d = &compute->variants[compute->variant_count];
        d->service = jw_read_u32(reader);
        d->version = jw_read_u32(reader);
        d->variant.memory_factor = jw_read_f64(reader);
        d->variant.operation_factor = jw_read_f64(reader);
        d->variant.sparse_factor = jw_read_f64(reader);
        d->variant.is_int8 = jw_read_u8(reader);
        if (d->service >= compute->service_count || d->version == 0 ||
            !compute_is_variant_fine(&d->variant, fault))
            jw_reader_fail(reader, "a version that was made smaller is out of range");
    }
}
