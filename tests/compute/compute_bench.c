#include "compute/compute_bench.h"

#include <stdio.h>
#include <string.h>

/* ---- client ---- */

enum { CLIENT_SUBMIT };

static bool is_identity_kept(const jw_world *world)
{
    jw_compute_counts c = jw_compute_count(world, jw_world_state(world, BENCH_COMPUTE));
    return c.submitted == c.done + c.rejected + c.queued + c.running;
}

static bench_client *client_of(jw_world *world)
{
    return jw_world_state(world, BENCH_CLIENT);
}

static void note(jw_world *world, uint64_t tag, uint32_t outcome, uint32_t version, uint32_t why)
{
    bench_client *client = client_of(world);
    if (tag >= client->result_count) { /* of a damaged snapshot alone */
        client->strays++;
        return;
    }
    bench_result *result = &client->results[tag];
    *result = (bench_result){
        result->submitted_ns, jw_world_time_ns(world), result->calls + 1, outcome, version, why};
    if (client->first_error < 0 && !is_identity_kept(world))
        client->first_error = jw_world_time_ns(world);
}

static void on_done(jw_world *world, uint64_t tag, uint32_t version)
{
    note(world, tag, BENCH_DONE, version, 0);
}

static void on_rejected(jw_world *world, uint64_t tag, jw_reject why)
{
    note(world, tag, BENCH_REJECTED, 0, why);
}

static void on_changed(jw_world *world, jw_site_id site, bool is_up)
{
    (void)site, (void)is_up;
    client_of(world)->changes++;
}

static uint32_t total(const bench_client *client)
{
    return client->plan.poisson_mean_s > 0 ? client->plan.poisson_count : client->plan.job_count;
}

static void plan_next(jw_world *world, const bench_client *client)
{
    if (client->next >= total(client))
        return;
    int64_t at_ns = jw_world_time_ns(world);
    if (client->plan.poisson_mean_s > 0)
        at_ns += jw_ns_from_s(
            jw_random_exponential(jw_world_random(world, 7), 0, client->next, client->plan.poisson_mean_s));
    else
        at_ns = jw_world_start_time_ns(world) + jw_ns_from_s(client->plan.jobs[client->next].at_s);
    jw_schedule(world, at_ns, JW_PRIORITY_NORMAL, BENCH_CLIENT, CLIENT_SUBMIT, 0, 0);
}

static void client_on_event(jw_world *world, void *state, const jw_event *event)
{
    (void)event;
    bench_client *client = state;
    if (client->next >= total(client))
        return;
    jw_compute *compute = jw_world_state(world, BENCH_COMPUTE);
    bench_job one = {.items = client->plan.poisson_items, .service = EYE};
    if (client->plan.poisson_mean_s == 0)
        one = client->plan.jobs[client->next];
    jw_job_def job = {.site = jw_compute_find_site(compute, client->plan.site),
                      .service = one.service,
                      .items = one.items,
                      .output_tokens = one.output_tokens,
                      .tag = client->next};
    client->results[client->next].submitted_ns = jw_world_time_ns(world);
    client->next++;
    jw_error error = {0};
    jw_result result = jw_compute_submit(world, compute, &job, NULL, &error);
    if (result != JW_OK)
        jw_world_fail(world, result, error.message);
    if (client->first_error < 0 && !is_identity_kept(world))
        client->first_error = jw_world_time_ns(world);
    plan_next(world, client);
}

static void client_destroy(void *state)
{
    jw_free(((bench_client *)state)->results);
}

static jw_result client_init(jw_world *world, void *state, const void *def, jw_error *error)
{
    bench_client *client = state;
    client->plan = *(const bench_plan *)def;
    client->first_error = -1;
    client->result_count = total(client);
    client->results = jw_alloc((client->result_count + 1ull) * sizeof *client->results);
    if (!client->results)
        return jw_fail_memory(error);
    plan_next(world, client);
    return JW_OK;
}

static jw_result client_attach(jw_world *world, void *state, jw_error *error)
{
    (void)state, (void)error;
    jw_compute_ports ports = {.job_done = on_done, .job_rejected = on_rejected, .site_changed = on_changed};
    jw_compute_set_ports(jw_world_state(world, BENCH_COMPUTE), &ports);
    return JW_OK;
}

/* The plan is the test's and in no snapshot: the newest world's counts. */
static bench_plan current_plan;

static void client_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const bench_client *client = state;
    jw_write_u32(writer, client->next);
    jw_write_u32(writer, client->changes);
    jw_write_array(writer, client->results, client->result_count, sizeof *client->results);
}

static void client_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    bench_client *client = state;
    client->plan = current_plan;
    client->next = jw_read_u32(reader);
    client->changes = jw_read_u32(reader);
    jw_read_array(reader, &client->results, &client->result_count, sizeof *client->results, 1u << 24);
    client->first_error = -1;
    if (client->next > client->result_count || client->result_count != total(client))
        jw_reader_fail(reader, "the client's results are cut");
}

static uint64_t client_hash(const jw_world *world, const void *state)
{
    (void)world;
    const bench_client *client = state;
    return jw_hash_bytes(client->next, client->results, client->result_count * sizeof *client->results);
}

const jw_module bench_client_module = {
    .name = "client",
    .version = 1,
    .state_size = sizeof(bench_client),
    .init = client_init,
    .attach = client_attach,
    .destroy = client_destroy,
    .on_event = client_on_event,
    .save = client_save,
    .load = client_load,
    .hash = client_hash,
};

/* ---- world ---- */

void bench_init(bench_world *bench)
{
    memset(bench, 0, sizeof *bench);
    bench->cards[0] = (jw_card){.id = "card",
                                .fp16_tflops = 100,
                                .int8_tops = 200,
                                .memory_gb = 80,
                                .bandwidth_tbps = 2,
                                .idle_w = 50,
                                .peak_w = 300,
                                .price_cny = 10000,
                                .is_domestic = 1};
    bench->services[EYE] = (jw_service){.id = "eye",
                                        .kind = JW_SERVICE_VISION,
                                        .gflop_per_item = 400, /* of 200 TOPS at a fifth: 10 ms */
                                        .efficiency = 0.2,
                                        .is_int8 = 1,
                                        .max_batch = 1,
                                        .image_gb = 1};
    bench->services[TALK] = (jw_service){.id = "talk",
                                         .kind = JW_SERVICE_LLM,
                                         .parameters_b = 6.74,
                                         .bytes_per_parameter = 2,
                                         .kv_bytes_per_token = 524288,
                                         .prefill_mfu = 0.5,
                                         .decode_efficiency = 0.7,
                                         .step_overhead_s = 0.02,
                                         .max_batch = 8,
                                         .image_gb = 13.5};
    bench->regions[0] = (jw_grid_region){
        .id = "hebei", .kgco2_per_kwh = 0.7252, .price_cny_per_kwh = 0.6, .green_share = 0.25};
    bench->sites[0] = (jw_site_def){.name = "site",
                                    .tier = JW_TIER_EDGE,
                                    .racks = {{"card", 1}},
                                    .rack_count = 1,
                                    .pue = 1.5,
                                    .base_power_w = 100};
    bench->compute = (jw_compute_def){.cards = bench->cards,
                                      .card_count = 1,
                                      .services = bench->services,
                                      .service_count = 2,
                                      .regions = bench->regions,
                                      .region_count = 1,
                                      .sites = bench->sites,
                                      .site_count = 1};
    bench->plan.site = "site";
}

jw_result bench_try_create(bench_world *bench, jw_error *error)
{
    bench->entries[BENCH_COMPUTE] = (jw_module_entry){&jw_compute_module, &bench->compute};
    bench->entries[BENCH_CLIENT] = (jw_module_entry){&bench_client_module, &bench->plan};
    current_plan = bench->plan;
    jw_world_def def = {.seed = 42, .modules = bench->entries, .module_count = BENCH_MODULE_COUNT};
    return jw_world_create(&def, &bench->world, error);
}

static void must(jw_result result, const jw_error *error)
{
    if (result != JW_OK)
        fail_msg("%s", error->message);
}

void bench_create(bench_world *bench)
{
    jw_error error = {0};
    must(bench_try_create(bench, &error), &error);
}

void bench_destroy(bench_world *bench)
{
    jw_world_destroy(bench->world);
    bench->world = NULL;
}

void bench_run_s(bench_world *bench, double seconds)
{
    int64_t until_ns = jw_world_time_ns(bench->world) + jw_ns_from_s(seconds);
    while (jw_world_time_ns(bench->world) < until_ns) {
        jw_error error = {0};
        must(jw_world_step(bench->world, &error), &error);
    }
    assert_true(is_identity_kept(bench->world));
    assert_true(jw_compute_is_energy_exact(bench_compute(bench), NULL));
    assert_true(bench_client_of(bench)->first_error == -1);
    assert_int_equal(bench_client_of(bench)->strays, 0);
}

void bench_command(bench_world *bench, const char *verb, const char *site)
{
    jw_error error = {0};
    jw_command command = jw_command_make(verb);
    jw_command_text(&command, "name", site);
    must(jw_world_post(bench->world, &command, &error), &error);
}

void bench_install(bench_world *bench, uint32_t service, uint32_t cards)
{
    jw_error error = {0};
    must(jw_compute_install(bench->world, bench_compute(bench), bench_site(bench, 0).id, service, 1, cards,
                            &error),
         &error);
}

jw_compute *bench_compute(const bench_world *bench)
{
    return jw_world_state(bench->world, BENCH_COMPUTE);
}

bench_client *bench_client_of(const bench_world *bench)
{
    return jw_world_state(bench->world, BENCH_CLIENT);
}

jw_site_state bench_site(const bench_world *bench, uint32_t slot)
{
    jw_site_state state;
    assert_true(jw_compute_site(bench->world, bench_compute(bench), slot, &state));
    return state;
}

double bench_time_s(const bench_result *result)
{
    return jw_s_from_ns(result->ended_ns - result->submitted_ns);
}
