/* Catalogues: figures with their sources in assets/catalog, read by the same language as scenes. */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)
#define NUMBER(type, key, member, is_required, min, max, unit, doc)                                          \
    {                                                                                                        \
        key, FIELD_NUMBER, is_required, min, max, NULL, unit, doc, AT(type, member)                          \
    }

typedef struct card_entry {
    jw_card card;
    jw_supply_card supply;
    char source[200];
} card_entry;

const script_field script_card_fields[] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "name in racks", AT(card_entry, card.id)},
    NUMBER(card_entry, "fp16_tflops", card.fp16_tflops, true, 0.01, 1e6, "TFLOPS", "dense FP16"),
    NUMBER(card_entry, "int8_tops", card.int8_tops, true, 0.01, 1e6, "TOPS", "dense INT8"),
    NUMBER(card_entry, "memory_gb", card.memory_gb, true, 0.1, 1e5, "GB", "on the card"),
    NUMBER(card_entry, "bandwidth_tbps", card.bandwidth_tbps, true, 0.001, 1e3, "TB/s", "of its memory"),
    NUMBER(card_entry, "idle_w", card.idle_w, true, 0, 1e5, "W", "power at rest"),
    NUMBER(card_entry, "peak_w", card.peak_w, true, 1, 1e5, "W", "power at full load"),
    NUMBER(card_entry, "token_w", card.token_w, false, 1, 1e5, "W",
           "power while a language model only decodes; as peak_w when left out"),
    NUMBER(card_entry, "price_cny", card.price_cny, true, 0, 1e9, "CNY", "price of a card in a server"),
    NUMBER(card_entry, "die_mm2", supply.die_mm2, false, 1, 1e5, "mm2",
           "area of its dies, for the export rule; a strong imported card without it is restricted"),
    NUMBER(card_entry, "lead_days", supply.lead_days, false, 0, 3650, "d", "from made to delivered"),
    NUMBER(card_entry, "maker_per_day", supply.maker_per_day, false, 0.001, 1e6, "",
           "cards a day that its maker has for this buyer at the start; any number when left out"),
    NUMBER(card_entry, "maker_growth_per_day", supply.maker_growth_per_day, false, 0, 1e6, "",
           "more a day after each year; with maker_per_day"),
    {"sparse", FIELD_FLAG, false, 0, 0, NULL, NULL, "computes 2:4 sparse matrices faster than dense ones",
     AT(card_entry, card.has_sparse)},
    {"domestic", FIELD_FLAG, false, 0, 0, NULL, NULL, "made in China", AT(card_entry, card.is_domestic)},
    {"unverified", FIELD_FLAG, false, 0, 0, NULL, NULL, "figures from memory or reports",
     AT(card_entry, card.is_unverified)},
    {"source", FIELD_TEXT, true, 0, 0, NULL, NULL, "where the figures were read", AT(card_entry, source)},
};
const uint32_t script_card_field_count = JW_COUNT_OF(script_card_fields);

typedef struct service_entry {
    jw_service service;
    uint8_t is_unverified;
    char source[200];
} service_entry;

const script_field script_service_fields[] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "name in requests", AT(service_entry, service.id)},
    {"kind", FIELD_CHOICE, true, 0, 0, "vision|llm|function|training|stream", NULL,
     "how its time is computed", AT(service_entry, service.kind)},
    NUMBER(service_entry, "gflop_per_item", service.gflop_per_item, false, 1e-6, 1e9, "GFLOP",
           "a picture, call, step or frame; all but llm"),
    NUMBER(service_entry, "efficiency", service.efficiency, false, 0.001, 1, "",
           "share of the peak reached; all but llm"),
    {"int8", FIELD_FLAG, false, 0, 0, NULL, NULL, "computes in INT8, else FP16",
     AT(service_entry, service.is_int8)},
    NUMBER(service_entry, "parameters_b", service.parameters_b, false, 1e-3, 1e5, "10^9", "llm: parameters"),
    NUMBER(service_entry, "bytes_per_parameter", service.bytes_per_parameter, false, 0.1, 8, "byte",
           "llm: weights"),
    NUMBER(service_entry, "kv_bytes_per_token", service.kv_bytes_per_token, false, 1, 1e9, "byte",
           "llm: cache"),
    NUMBER(service_entry, "prefill_mfu", service.prefill_mfu, false, 0.001, 1, "",
           "llm: share of peak FLOPS"),
    NUMBER(service_entry, "decode_efficiency", service.decode_efficiency, false, 0.001, 1, "",
           "llm: share of memory bandwidth"),
    NUMBER(service_entry, "step_overhead_s", service.step_overhead_s, false, 0, 10, "s",
           "constant of a batch or step"),
    {"max_batch", FIELD_COUNT, false, 1, 10000, NULL, NULL, "pictures or sequences at once",
     AT(service_entry, service.max_batch)},
    NUMBER(service_entry, "image_gb", service.image_gb, true, 1e-6, 1e5, "GB", "size of the deployed image"),
    {"cards_per_instance", FIELD_COUNT, false, 1, 1024, NULL, NULL, "tensor parallel",
     AT(service_entry, service.cards_per_instance)},
    NUMBER(service_entry, "max_wait_s", service.max_wait_s, false, 0, 1e4, "s",
           "vision: a batch that is not full waits so long"),
    NUMBER(service_entry, "cold_start_s", service.cold_start_s, false, 0, 1e4, "s",
           "function: on a server that is cold"),
    NUMBER(service_entry, "keep_alive_s", service.keep_alive_s, false, 0, 1e6, "s",
           "function: a server is warm so long after a job"),
    NUMBER(service_entry, "checkpoint_interval_s", service.checkpoint_interval_s, false, 0, 1e6, "s",
           "training: work between checkpoints"),
    NUMBER(service_entry, "checkpoint_s", service.checkpoint_s, false, 0, 1e5, "s",
           "training: what a checkpoint takes"),
    NUMBER(service_entry, "frame_rate_hz", service.frame_rate_hz, false, 0.001, 1e4, "1/s",
           "stream: pictures a second"),
    {"chunk_tokens", FIELD_COUNT, false, 16, 1000000, NULL, NULL,
     "llm: most tokens of an iteration, long prompts are cut; uncut when left out",
     AT(service_entry, service.scheduler.chunk_tokens)},
    {"preemption", FIELD_SMALL, false, 0, 0, "recompute|swap", NULL,
     "llm: what happens to the newest when the cache is full",
     AT(service_entry, service.scheduler.preemption)},
    NUMBER(service_entry, "host_gbyte_per_s", service.scheduler.host_gbyte_per_s, false, 0.1, 1e4, "Gbyte/s",
           "llm: to host memory, for swaps"),
    NUMBER(service_entry, "prefill_share", service.scheduler.prefill_share, false, 0.01, 0.99, "",
           "llm: share of the instances that only prefill"),
    NUMBER(service_entry, "transfer_gbps", service.scheduler.transfer_gbps, false, 0.1, 1e5, "Gbit/s",
           "llm: link from those to the others"),
    NUMBER(service_entry, "ttft_limit_s", service.scheduler.ttft_limit_s, false, 0, 1e5, "s",
           "llm: what counts as good, time to first token"),
    NUMBER(service_entry, "tpot_limit_s", service.scheduler.tpot_limit_s, false, 0, 1e5, "s",
           "llm: what counts as good, time per output token"),
    {"unverified", FIELD_FLAG, false, 0, 0, NULL, NULL, "figures from memory or reports",
     AT(service_entry, is_unverified)},
    {"source", FIELD_TEXT, false, 0, 0, NULL, NULL, "where the figures were read", AT(service_entry, source)},
};
const uint32_t script_service_field_count = JW_COUNT_OF(script_service_fields);

typedef struct timing_entry {
    jw_llm_timing timing;
    char source[200];
} timing_entry;

const script_field script_timing_fields[] = {
    {"service", FIELD_TEXT, true, 0, 0, NULL, NULL, "id of the language model's service",
     AT(timing_entry, timing.service)},
    {"card", FIELD_TEXT, true, 0, 0, NULL, NULL, "id of the card", AT(timing_entry, timing.card)},
    {"cards", FIELD_COUNT, true, 1, 1024, NULL, NULL, "of an instance", AT(timing_entry, timing.cards)},
    NUMBER(timing_entry, "fixed_s", timing.fixed_s, true, 0, 10, "s", "of a prefill"),
    NUMBER(timing_entry, "token_s", timing.token_s, true, 0, 1, "s", "of a prefill, a token"),
    NUMBER(timing_entry, "long_s", timing.long_s, true, 0, 1, "s",
           "of a prefill, a token beyond 2048, added"),
    NUMBER(timing_entry, "step_s", timing.step_s, true, 1e-6, 10, "s", "of a decode step"),
    NUMBER(timing_entry, "sequence_s", timing.sequence_s, true, 0, 1, "s", "of a decode step, a sequence"),
    NUMBER(timing_entry, "cache_s", timing.cache_s, true, 0, 1e-3, "s", "of a decode step, a token of cache"),
    NUMBER(timing_entry, "prefill_error", timing.prefill_error, false, 0, 10, "",
           "median relative error of prefills that were not fitted"),
    NUMBER(timing_entry, "decode_error", timing.decode_error, false, 0, 10, "", "the same of decode steps"),
    {"source", FIELD_TEXT, true, 0, 0, NULL, NULL, "where the measurements were read",
     AT(timing_entry, source)},
};
const uint32_t script_timing_field_count = JW_COUNT_OF(script_timing_fields);

const script_field script_region_fields[SCRIPT_REGION_FIELDS] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "name in sites", AT(jw_grid_region, id)},
    NUMBER(jw_grid_region, "kgco2_per_kwh", kgco2_per_kwh, false, 0, 5, "kg/kWh",
           "of the mix, mean of the year"),
    NUMBER(jw_grid_region, "price_cny_per_kwh", price_cny_per_kwh, false, 0, 100, "CNY/kWh",
           "tariff of large users, mean of the day"),
    NUMBER(jw_grid_region, "green_share", green_share, false, 0, 1, "", "direct green power"),
    NUMBER(jw_grid_region, "temperature_c", temperature_c, false, -30, 35, "°C", "mean of the year"),
    NUMBER(jw_grid_region, "season_c", season_c, false, 0, 40, "K",
           "half the way from mid-January to mid-July"),
    NUMBER(jw_grid_region, "day_c", day_c, false, 0, 20, "K", "half the way from 3:00 to 15:00"),
    NUMBER(jw_grid_region, "latitude_deg", latitude_deg, false, -60, 60, "°", "for the sun"),
    NUMBER(jw_grid_region, "longitude_deg", longitude_deg, false, -180, 180, "°",
           "for the sun; clocks go by 120 degrees east"),
    NUMBER(jw_grid_region, "sky", sky, false, 0.01, 1, "", "share of clear-sky sun that a rated kW gives"),
    NUMBER(jw_grid_region, "wind_mps", wind_mps, false, 0, 30, "m/s", "mean at hub height"),
    NUMBER(jw_grid_region, "solar_share", solar_share, false, 0, 0.3, "", "of the mix's energy"),
    {"price_factor", FIELD_LIST, false, 0, 0, NULL, NULL, "24 numbers: the price of each hour over the mean",
     0, 0},
};
const uint32_t script_region_field_count = JW_COUNT_OF(script_region_fields);

typedef struct model_entry {
    jw_model model;
    char source[200];
} model_entry;

const script_field script_model_fields[] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "the service it is a version of", AT(model_entry, model.id)},
    {"version", FIELD_COUNT, true, 1, 1000000, NULL, NULL, "from 1", AT(model_entry, model.version)},
    NUMBER(model_entry, "image_gb", model.image_gb, true, 1e-6, 1e5, "GB", "size of the deployed image"),
    NUMBER(model_entry, "quality", model.quality, true, 0, 1, "", "share of right decisions on fresh input"),
    NUMBER(model_entry, "parameters_b", model.parameters_b, false, 1e-6, 1e6, "10^9",
           "parameters; without it none can tune it"),
    NUMBER(model_entry, "domain_tokens_b", model.domain_tokens_b, false, 1e-6, 1e9, "10^9",
           "tokens of its domain that its training is worth; with parameters_b"),
    NUMBER(model_entry, "operation_factor", model.operation_factor, false, 0.01, 10, "",
           "operations a request against its service's figure; 1 when left out"),
    {"unverified", FIELD_FLAG, false, 0, 0, NULL, NULL, "figures from memory or reports",
     AT(model_entry, model.is_unverified)},
    {"source", FIELD_TEXT, false, 0, 0, NULL, NULL, "where the figures were read", AT(model_entry, source)},
};
const uint32_t script_model_field_count = JW_COUNT_OF(script_model_fields);

typedef struct compression_entry {
    jw_compression method;
    char source[200];
} compression_entry;

const script_field script_compression_fields[] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "name of the method", AT(compression_entry, method.id)},
    NUMBER(compression_entry, "memory_factor", method.memory_factor, true, 0.01, 1, "",
           "of the image, against 16-bit weights"),
    NUMBER(compression_entry, "quality_factor", method.quality_factor, true, 0.01, 1.1, "",
           "of the quality, against 16-bit weights"),
    NUMBER(compression_entry, "operation_factor", method.operation_factor, false, 0.01, 1, "",
           "of the operations a request takes; 1 when left out"),
    NUMBER(compression_entry, "sparse_factor", method.sparse_factor, false, 0.01, 1, "",
           "the same on cards that compute sparse matrices; as operation_factor when left out"),
    {"int8", FIELD_FLAG, false, 0, 0, NULL, NULL, "computes in INT8", AT(compression_entry, method.is_int8)},
    {"unverified", FIELD_FLAG, false, 0, 0, NULL, NULL, "figures from memory or reports",
     AT(compression_entry, method.is_unverified)},
    {"source", FIELD_TEXT, true, 0, 0, NULL, NULL, "where the figures were read",
     AT(compression_entry, source)},
};
const uint32_t script_compression_field_count = JW_COUNT_OF(script_compression_fields);

typedef struct law_entry {
    jw_tune_law law;
    char id[JW_CATALOG_ID_SIZE];
    char source[300];
} law_entry;

const script_field script_law_fields[] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "name of the law", AT(law_entry, id)},
    NUMBER(law_entry, "floor", law.floor, true, 0, 100, "nat", "loss that no size and no data take away"),
    NUMBER(law_entry, "size_scale", law.size_scale, true, 1e-6, 1e12, "nat", "of the loss by size"),
    NUMBER(law_entry, "size_exponent", law.size_exponent, true, 1e-3, 10, "", "of the number of parameters"),
    NUMBER(law_entry, "data_scale", law.data_scale, true, 1e-6, 1e12, "nat", "of the loss by data"),
    NUMBER(law_entry, "data_exponent", law.data_exponent, true, 1e-3, 10, "", "of the number of tokens"),
    NUMBER(law_entry, "transfer_scale", law.transfer_scale, true, 1e-6, 1e12, "character",
           "of what other learning is worth"),
    NUMBER(law_entry, "transfer_data_exponent", law.transfer_data_exponent, true, 1e-3, 10, "",
           "of the characters of the domain"),
    NUMBER(law_entry, "transfer_size_exponent", law.transfer_size_exponent, true, 1e-3, 10, "",
           "of the number of parameters"),
    NUMBER(law_entry, "half_life_days", law.half_life_days, true, 0.01, 1e6, "d", "of what data is worth"),
    NUMBER(law_entry, "repeat_worth", law.repeat_worth, true, 1e-3, 1e6, "",
           "passes that endless ones are worth"),
    NUMBER(law_entry, "error_exponent", law.error_exponent, true, 1e-3, 10, "",
           "of the excess loss in the share of wrong decisions"),
    {"unverified", FIELD_FLAG, false, 0, 0, NULL, NULL, "figures from memory, or assumed",
     AT(law_entry, law.is_unverified)},
    {"source", FIELD_TEXT, true, 0, 0, NULL, NULL, "where the figures were read", AT(law_entry, source)},
};
const uint32_t script_law_field_count = JW_COUNT_OF(script_law_fields);

/* ---- reading ---- */

/* An entry says where its figures were read, or that nobody has checked them. */
static jw_result check_source(const char *kind, const char *id, const char *source, bool is_unverified,
                              jw_error *error)
{
    return source[0] || is_unverified
               ? JW_OK
               : jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                         "%s \"%s\" says neither its source nor unverified = true", kind, id);
}

/* Beyond what any card in a catalogue of 2026 reaches: HBM3e at 8 TB/s, 2.3 FP16 TFLOPS a watt, 10 INT8 TOPS
 * a watt of the smallest edge accelerators (all from memory). A figure above is a slip of units. */
#define BANDWIDTH_MAX_TBPS    10
#define FP16_MAX_TFLOPS_PER_W 5
#define INT8_MAX_TOPS_PER_W   20
static jw_result check_card(const jw_card *card, jw_error *error)
{
    if (card->idle_w > card->peak_w)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "card \"%s\": idle_w is above peak_w", card->id);
    if (card->bandwidth_tbps > BANDWIDTH_MAX_TBPS)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "card \"%s\": bandwidth_tbps is %g; no known memory gives more than %d TB/s", card->id,
                       card->bandwidth_tbps, BANDWIDTH_MAX_TBPS);
    if (card->fp16_tflops > FP16_MAX_TFLOPS_PER_W * card->peak_w ||
        card->int8_tops > INT8_MAX_TOPS_PER_W * card->peak_w)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "card \"%s\": %g TFLOPS and %g TOPS of %g W; no known card gives more than %d TFLOPS "
                       "or %d TOPS a "
                       "watt",
                       card->id, card->fp16_tflops, card->int8_tops, card->peak_w, FP16_MAX_TFLOPS_PER_W,
                       INT8_MAX_TOPS_PER_W);
    if (!(card->price_cny > 0))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "card \"%s\": price_cny is %g; nobody gives cards away", card->id, card->price_cny);
    return JW_OK;
}

static jw_result take_card(lua_State *L, jw_twin_def *def, jw_error *error)
{
    card_entry entry = {0};
    script_read_fields(L, -1, "card", script_card_fields, script_card_field_count, &entry);
    jw_result result = check_source("card", entry.card.id, entry.source, entry.card.is_unverified, error);
    if (result == JW_OK)
        result = check_card(&entry.card, error);
    if (result != JW_OK)
        return result;
    if (entry.supply.maker_growth_per_day > 0 && entry.supply.maker_per_day <= 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "card \"%s\": maker_growth_per_day without maker_per_day", entry.card.id);
    jw_text_copy(entry.supply.id, sizeof entry.supply.id, entry.card.id);
    entry.supply.fp16_tflops = entry.card.fp16_tflops;
    entry.supply.int8_tops = entry.card.int8_tops;
    entry.supply.price_cny = entry.card.price_cny;
    entry.supply.peak_w = entry.card.peak_w;
    entry.supply.is_domestic = entry.card.is_domestic;
    entry.supply.is_unverified = entry.card.is_unverified;
    result = jw_twin_def_add_card(def, &entry.card, error);
    return result == JW_OK ? jw_twin_def_add_supply(def, &entry.supply, error) : result;
}

static jw_result take_service(lua_State *L, jw_twin_def *def, jw_error *error)
{
    service_entry entry = {0};
    const jw_service *service = &entry.service;
    script_read_fields(L, -1, "service", script_service_fields, script_service_field_count, &entry);
    bool is_whole = service->kind != JW_SERVICE_LLM
                        ? service->gflop_per_item > 0 &&
                              (service->kind != JW_SERVICE_STREAM || service->frame_rate_hz > 0)
                        : service->parameters_b > 0 && service->bytes_per_parameter > 0 &&
                              service->kv_bytes_per_token > 0 && service->prefill_mfu > 0 &&
                              service->decode_efficiency > 0;
    if (!is_whole)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "service \"%s\" needs %s", service->id,
                       service->kind == JW_SERVICE_STREAM ? "gflop_per_item and frame_rate_hz"
                       : service->kind != JW_SERVICE_LLM
                           ? "gflop_per_item"
                           : "parameters_b, bytes_per_parameter, kv_bytes_per_token, prefill_mfu and "
                             "decode_efficiency");
    jw_result result = check_source("service", service->id, entry.source, entry.is_unverified, error);
    return result == JW_OK ? jw_twin_def_add_service(def, service, error) : result;
}

static jw_result take_timing(lua_State *L, jw_twin_def *def, jw_error *error)
{
    timing_entry entry = {0};
    script_read_fields(L, -1, "timing", script_timing_fields, script_timing_field_count, &entry);
    jw_result result = check_source("timing", entry.timing.service, entry.source, false, error);
    return result == JW_OK ? jw_twin_def_add_timing(def, &entry.timing, error) : result;
}

static jw_result take_region(lua_State *L, jw_twin_def *def, jw_error *error)
{
    jw_grid_region region = {.kgco2_per_kwh = -1, .price_cny_per_kwh = -1};
    script_read_fields(L, -1, "grid region", script_region_fields, script_region_field_count, &region);
    script_read_prices(L, -1, "grid region", &region);
    if (region.kgco2_per_kwh < 0 || region.price_cny_per_kwh < 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "grid region \"%s\" needs kgco2_per_kwh and price_cny_per_kwh", region.id);
    return jw_twin_def_add_region(def, &region, error);
}

static jw_result take_model(lua_State *L, jw_twin_def *def, jw_error *error)
{
    model_entry entry = {0};
    script_read_fields(L, -1, "model", script_model_fields, script_model_field_count, &entry);
    jw_result result = check_source("model", entry.model.id, entry.source, entry.model.is_unverified, error);
    return result == JW_OK ? jw_twin_def_add_model(def, &entry.model, error) : result;
}

static jw_result take_compression(lua_State *L, jw_twin_def *def, jw_error *error)
{
    compression_entry entry = {0};
    script_read_fields(L, -1, "compression", script_compression_fields, script_compression_field_count,
                       &entry);
    jw_result result =
        check_source("compression", entry.method.id, entry.source, entry.method.is_unverified, error);
    return result == JW_OK ? jw_twin_def_add_compression(def, &entry.method, error) : result;
}

static jw_result take_law(lua_State *L, jw_twin_def *def, jw_error *error)
{
    law_entry entry = {0};
    script_read_fields(L, -1, "law of tuning", script_law_fields, script_law_field_count, &entry);
    if (def->has_tune_law)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "law of tuning \"%s\": there is one already",
                       entry.id);
    def->tune_law = entry.law;
    def->has_tune_law = true;
    return JW_OK;
}

static const struct {
    const char *file;
    jw_result (*take)(lua_State *L, jw_twin_def *def, jw_error *error);
} files[] = {{"cards.lua", take_card},
             {"services.lua", take_service},
             {"grid.lua", take_region},
             {"models.lua", take_model},
             {"compression.lua", take_compression},
             {"tuning.lua", take_law},
             {"timings.lua", take_timing},
             {"lines.lua", script_take_line_kind},
             {"sectors.lua", script_take_source_kind}};

typedef struct reading {
    jw_twin_def *def;
    uint32_t file, source;
} reading;

static int read_catalogue(lua_State *L)
{
    reading *r = lua_touserdata(L, 1);
    script_box *box = script_box_of(L);
    const script_source *source = &box->sources.items[r->source];
    box->entry_source = NULL;
    script_run_source(L, r->source);
    box->entry_source = source;
    lua_Integer count = lua_istable(L, -1) ? luaL_len(L, -1) : 0;
    if (count == 0)
        return script_fail_file(L, source->name,
                                "the catalogue returns no list: end it with return { { ... }, ... }");
    for (lua_Integer i = 1; i <= count; i++) {
        box->entry = (uint32_t)i;
        lua_geti(L, -1, i);
        if (!lua_istable(L, -1))
            return luaL_error(L, "%s:%d: entry %d is a %s, not a table", source->name,
                              script_source_entry_line(source, (uint32_t)i, NULL), (int)i,
                              luaL_typename(L, -1));
        jw_error error = {0};
        if (files[r->file].take(L, r->def, &error) != JW_OK) {
            if (error.code == JW_ERROR_MEMORY)
                script_raise(L, &error);
            return luaL_error(L, "%s:%d: %s", source->name,
                              script_source_entry_line(source, (uint32_t)i, NULL), error.message);
        }
        lua_pop(L, 1);
    }
    return 0;
}

jw_result script_load_catalogue(jw_twin_def *def, uint32_t file, const char *path, uint64_t *hash,
                                jw_error *error)
{
    script_box *box;
    jw_result result = script_box_create(&box, error);
    if (result != JW_OK)
        return result;
    reading r = {.def = def, .file = file};
    char name[SCRIPT_NAME_SIZE];
    snprintf(name, sizeof name, "catalog/%s", files[file].file);
    result = script_sources_read(&box->sources, name, path, &r.source, error);
    if (result == JW_OK) {
        *hash = jw_hash_bytes(*hash, box->sources.items[r.source].text, box->sources.items[r.source].size);
        result = script_box_call(box, read_catalogue, &r, SCRIPT_LOAD_BUDGET, error);
    }
    script_box_destroy(box);
    return result;
}

jw_result script_load_catalogues(jw_twin_def *def, uint64_t *out_hash, jw_error *error)
{
    char home[512], path[600];
    *out_hash = 0;
    if (!jw_data_folder(home, sizeof home))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "the program's data (assets/catalog) is not found: install it or set JINGWEI_HOME");
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < JW_COUNT_OF(files) && result == JW_OK; i++) {
        snprintf(path, sizeof path, "%s/assets/catalog/%s", home, files[i].file);
        result = script_load_catalogue(def, i, path, out_hash, error);
    }
    return result;
}

jw_result jw_catalogue_read(jw_twin_def *def, jw_error *error)
{
    uint64_t hash;
    return script_load_catalogues(def, &hash, error);
}

jw_result script_copy_catalogues(jw_twin_def *def, const jw_twin_def *from, jw_error *error)
{
    jw_result result = JW_OK;
    def->tune_law = from->tune_law;
    def->has_tune_law = from->has_tune_law;
    for (uint32_t i = 0; i < from->card_count && result == JW_OK; i++)
        result = jw_twin_def_add_card(def, &from->cards[i], error);
    for (uint32_t i = 0; i < from->compression_count && result == JW_OK; i++)
        result = jw_twin_def_add_compression(def, &from->compressions[i], error);
    for (uint32_t i = 0; i < from->supply_count && result == JW_OK; i++)
        result = jw_twin_def_add_supply(def, &from->supply[i], error);
    for (uint32_t i = 0; i < from->service_count && result == JW_OK; i++)
        result = jw_twin_def_add_service(def, &from->services[i], error);
    for (uint32_t i = 0; i < from->timing_count && result == JW_OK; i++)
        result = jw_twin_def_add_timing(def, &from->timings[i], error);
    for (uint32_t i = 0; i < from->region_count && result == JW_OK; i++)
        result = jw_twin_def_add_region(def, &from->regions[i], error);
    for (uint32_t i = 0; i < from->model_count && result == JW_OK; i++)
        result = jw_twin_def_add_model(def, &from->models[i], error);
    for (uint32_t i = 0; i < from->production_kind_count && result == JW_OK; i++)
        result = jw_twin_def_add_production_kind(def, &from->production_kinds[i], error);
    for (uint32_t i = 0; i < from->sectors.kind_count && result == JW_OK; i++)
        result = jw_twin_def_add_source_kind(def, &from->sectors.kinds[i], error);
    return result;
}
