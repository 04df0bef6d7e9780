/* Serving a trace alone, at full speed: a world of compute and of who sends. Wall time is shown, never part
 * of the state. */
#include "compute/compute_internal.h"

#include <string.h>

enum { COMPUTE, SENDER };

typedef struct sender {
    const jw_serving_bench_def *def;
    jw_serving_bench_result *out;
    jw_site_id site;
    uint64_t next, total;
    int64_t ended, period_ns; /* of one replay */
    int64_t empty_bytes;
    uint32_t peak;
    jw_result failure;
} sender;

/* When request number `next` of all replays comes. */
static int64_t time_of(const sender *s, uint64_t number)
{
    const jw_llm_trace *trace = s->def->trace;
    uint64_t round = number / trace->count;
    double factor = s->def->rate_factor > 0 ? s->def->rate_factor : 1;
    int64_t at_ns = (int64_t)round * s->period_ns + trace->requests[number % trace->count].time_ns;
    return (int64_t)jw_round((double)at_ns / factor);
}

static void schedule(jw_world *world, const sender *s, uint64_t number)
{
    jw_schedule(world, time_of(s, number), JW_PRIORITY_NORMAL, SENDER, 0, 0, 0);
}

static void on_event(jw_world *world, void *state, const jw_event *event)
{
    (void)state, (void)event;
    sender *s = jw_world_shared(world);
    jw_compute *compute = jw_world_state(world, COMPUTE);
    const jw_llm_request *request = &s->def->trace->requests[s->next % s->def->trace->count];
    jw_job_def question = {.site = s->site,
                           .items = request->prompt_tokens,
                           .output_tokens = request->output_tokens,
                           .tag = s->next};
    jw_result result = jw_compute_submit(world, compute, &question, NULL, NULL);
    if (result != JW_OK)
        s->failure = result;
    if (compute->job_pool.alive_count > s->peak) {
        s->peak = compute->job_pool.alive_count;
        s->out->bytes_per_request = (double)(jw_allocated_bytes() - s->empty_bytes) / s->peak;
    }
    if (++s->next < s->total)
        schedule(world, s, s->next);
}

static void on_done(jw_world *world, uint64_t tag, uint32_t version)
{
    (void)tag, (void)version;
    ((sender *)jw_world_shared(world))->ended++;
}

static void on_rejected(jw_world *world, uint64_t tag, jw_reject why)
{
    (void)tag, (void)why;
    sender *s = jw_world_shared(world);
    s->ended++;
    s->out->rejected++;
}

static const jw_module sender_module = {
    .name = "sender", .version = 1, .state_size = 8, .on_event = on_event};

static jw_result run(jw_world *world, sender *s, jw_error *error)
{
    static const double shares[4] = {0.5, 0.9, 0.95, 0.99};
    jw_compute *compute = jw_world_state(world, COMPUTE);
    jw_compute_ports ports = {.job_done = on_done, .job_rejected = on_rejected};
    jw_compute_set_ports(compute, &ports);
    s->site = jw_compute_find_site(compute, "site");
    jw_result result = jw_compute_install(world, compute, s->site, 0, 1, 0, error);
    if (result != JW_OK)
        return result;
    s->empty_bytes = jw_allocated_bytes();
    schedule(world, s, 0);
    double begin_s = jw_clock_seconds();
    while (result == JW_OK && s->failure == JW_OK && (uint64_t)s->ended < s->total)
        result = jw_world_step(world, error);
    s->out->wall_s = jw_clock_seconds() - begin_s;
    s->out->simulated_s = jw_s_from_ns(jw_world_time_ns(world));
    s->out->stats = jw_compute_llm_stats(compute, 0);
    for (uint32_t i = 0; i < 4; i++) {
        s->out->ttft_s[i] = jw_compute_ttft_s(compute, 0, shares[i]);
        s->out->tpot_s[i] = jw_compute_tpot_s(compute, 0, shares[i]);
    }
    s->out->hash = jw_world_hash(world);
    return result == JW_OK && s->failure != JW_OK
               ? jw_fail(error, s->failure, NULL, 0, "serving: a request of the trace could not be served")
               : result;
}

jw_result jw_serving_bench(const jw_serving_bench_def *def, jw_serving_bench_result *out, jw_error *error)
{
    *out = (jw_serving_bench_result){0};
    const jw_llm_trace *trace = def->trace;
    uint32_t instances = def->instances ? def->instances : 1;
    if (trace->count == 0 || def->service->kind != JW_SERVICE_LLM)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "serving needs a language model and a trace");
    int64_t last_ns = trace->requests[trace->count - 1].time_ns;
    /* Between two replays as much time as between two requests. */
    sender s = {.def = def,
                .out = out,
                .total = (uint64_t)trace->count * (def->repeats ? def->repeats : 1),
                .period_ns = last_ns + (trace->count > 1 ? last_ns / (trace->count - 1) : JW_NS_PER_S)};
    if ((double)s.total / trace->count * (double)s.period_ns > 1e18)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "so many replays take longer than 30 years");
    const jw_grid_region region = {.id = "hebei", .kgco2_per_kwh = 0.5, .price_cny_per_kwh = 0.6};
    jw_site_def site = {.name = "site", .tier = JW_TIER_CITY, .rack_count = 1, .queue_max = UINT32_MAX};
    site.racks[0].count = instances * compute_cards_per_instance(def->service);
    jw_text_copy(site.racks[0].card, sizeof site.racks[0].card, def->card->id);
    jw_compute_def compute = {.cards = def->card,
                              .card_count = 1,
                              .services = def->service,
                              .service_count = 1,
                              .regions = &region,
                              .region_count = 1,
                              .sites = &site,
                              .site_count = 1,
                              .timings = def->timing,
                              .timing_count = def->timing ? 1 : 0};
    const jw_module_entry modules[] = {{&jw_compute_module, &compute}, {&sender_module, NULL}};
    jw_world_def world_def = {.seed = 1,
                              .dt_ns = JW_NS_PER_S,
                              .modules = modules,
                              .module_count = JW_COUNT_OF(modules),
                              .shared = &s};
    jw_world *world;
    jw_result result = jw_world_create(&world_def, &world, error);
    if (result != JW_OK)
        return result;
    result = run(world, &s, error);
    jw_world_destroy(world);
    return result;
}
