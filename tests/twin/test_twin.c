/* The town end to end: the loop between road, radio, computers and signals is closed, counts are conserved,
 * and the whole is deterministic. */
#include "base/test_base.h"
#include "traffic/traffic_bus.h"
#include "traffic/traffic_internal.h"
#include "twin/twin_fixture.h"
#include "twin/twin_internal.h"

#include <math.h>
#include <string.h>

static jw_twin_def town(uint32_t blocks)
{
    jw_twin_def def;
    twin_fixture_def(&def, blocks);
    return def;
}

static double metric(const jw_world *world, const char *name)
{
    double value = -1;
    assert_true(jw_world_metric(world, name, &value));
    return value;
}

static void test_everything_runs_and_is_conserved(void **state)
{
    (void)state;
    jw_twin_def def = town(5);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 1200);
    jw_request_counts all = jw_twin_requests(world, JW_NONE);
    assert_int_equal(all.sent, all.answered + all.lost + all.in_flight);
    for (uint32_t type = 0; type < jw_twin_request_type_count(world); type++) {
        jw_request_counts counts = jw_twin_requests(world, type);
        assert_true(counts.answered > 0);
        /* Trips here take about a minute: some drivers arrive before their assistant answers. */
        bool is_assistant = strcmp(jw_twin_request_type(world, type)->name, "assistant") == 0;
        assert_true(counts.answered > (is_assistant ? 2 : 99) * counts.lost);
    }
    assert_true(metric(world, "traffic.arrived") > 0);
    assert_true(metric(world, "twin.decisions_signal") > 0);
    assert_true(metric(world, "twin.signals_by_ai") > 50);
    assert_true(metric(world, "economy.oee") > 0);
    jw_twin_totals totals = jw_twin_total(world);
    /* 48 cards of 15 to 72 W with hosts of 150 W, PUE up to 1.4, and cells: between 1 and 5 kWh in ten
     * minutes. */
    assert_in_range((int64_t)totals.energy_wh, 1000, 5000);
    assert_true(totals.carbon_kg > 0.5 * 0.7252e-3 * totals.energy_wh);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static bool is_begun(const char *metric)
{
    static const char *const begun[] = {"traffic.departed", "twin.requests_sent", "network.messages_sent",
                                        "economy.parts"};
    for (uint32_t i = 0; i < JW_COUNT_OF(begun); i++)
        if (strcmp(metric, begun[i]) == 0)
            return true;
    return false;
}

static void check_start(const jw_world *world)
{
    for (uint32_t m = 0; m < jw_world_module_count(world); m++) {
        const jw_module *module = jw_world_module(world, m);
        for (uint32_t i = 0; i < module->metric_count; i++) {
            const jw_metric *counted = &module->metrics[i];
            if (counted->kind == JW_METRIC_COUNTER && !is_begun(counted->name) &&
                metric(world, counted->name) != 0)
                fail_msg("%s is %g at the start", counted->name, metric(world, counted->name));
        }
        for (uint32_t t = 0; t < module->table_count; t++)
            if (module->tables[t].kind == JW_TABLE_LOG)
                assert_int_equal(module->tables[t].row_count(world, jw_world_state(world, m)), 0);
    }
}

/* Of a warm-up nothing is counted but what is still under way, and nothing that happens depends on that. */
static void test_warm_up(void **state)
{
    (void)state;
    jw_twin_def def = town(4);
    def.warm_ns = 301 * JW_NS_PER_S;
    def.lines[0].defect_share = 0.5;
    jw_world *warm = twin_fixture_create(&def, 2);
    def.start_time_ns -= def.warm_ns;
    def.warm_ns = 0;
    jw_world *plain = twin_fixture_create(&def, 1);
    twin_fixture_run(plain, 602);
    twin_fixture_run(warm, 601);
    assert_true(metric(warm, "traffic.arrived") > 10 && metric(warm, "twin.energy") > 0);
    twin_fixture_run_checked(warm, 1);
    check_start(warm);
    jw_traffic_counts t0 = jw_traffic_count(jw_world_state(plain, JW_TWIN_TRAFFIC)),
                      t = jw_traffic_count(jw_world_state(warm, JW_TWIN_TRAFFIC));
    jw_request_counts r0 = jw_twin_requests(plain, JW_NONE), r = jw_twin_requests(warm, JW_NONE);
    double energy_wh = jw_twin_total(plain).energy_wh, margin_cny = metric(plain, "economy.margin");
    assert_true(t.running > 10 && t.running == t0.running);
    assert_int_equal(t.departed, t.running);
    assert_int_equal(t.running_at_start, t.running);
    assert_int_equal(r.sent, r0.in_flight);
    assert_int_equal(r.in_flight_at_start, r0.in_flight);
    twin_fixture_run_checked(warm, 600);
    twin_fixture_run(plain, 600);
    jw_traffic_counts t1 = jw_traffic_count(jw_world_state(plain, JW_TWIN_TRAFFIC));
    jw_request_counts r1 = jw_twin_requests(plain, JW_NONE);
    t = jw_traffic_count(jw_world_state(warm, JW_TWIN_TRAFFIC));
    r = jw_twin_requests(warm, JW_NONE);
    assert_int_equal(t.arrived, t1.arrived - t0.arrived);
    assert_int_equal(t.departed, t1.departed - t0.departed + t0.running);
    assert_int_equal(t.running_at_start, t0.running);
    assert_int_equal(t.vehicle_updates, t1.vehicle_updates - t0.vehicle_updates);
    assert_int_equal(r.answered, r1.answered - r0.answered);
    assert_int_equal(r.lost, r1.lost - r0.lost);
    assert_true(t.mean_travel_time_s > 0 && r.p50_ms > 0);
    double more_wh = jw_twin_total(plain).energy_wh - energy_wh;
    assert_true(jw_abs(jw_twin_total(warm).energy_wh - more_wh) < 1e-3);
    margin_cny = metric(plain, "economy.margin") - margin_cny; /* every part was as good or bad */
    assert_true(jw_abs(metric(warm, "economy.margin") - margin_cny) < 0.005);
    jw_vehicle_columns a = jw_traffic_vehicles(jw_world_state(warm, JW_TWIN_TRAFFIC)),
                       b = jw_traffic_vehicles(jw_world_state(plain, JW_TWIN_TRAFFIC));
    assert_int_equal(a.count, b.count);
    assert_memory_equal(a.x_m, b.x_m, a.count * sizeof *a.x_m);
    assert_memory_equal(a.speed_mps, b.speed_mps, a.count * sizeof *a.speed_mps);
    jw_world_destroy(warm);
    jw_world_destroy(plain);
    jw_twin_def_free(&def);
}

static void test_thread_count_changes_nothing(void **state)
{
    (void)state;
    static const int threads[] = {1, 2, 3, 8};
    jw_twin_def def = town(5);
    uint64_t expected = 0;
    for (uint32_t i = 0; i < JW_COUNT_OF(threads); i++) {
        jw_world *world = twin_fixture_create(&def, threads[i]);
        twin_fixture_run(world, 400);
        if (i == 0)
            expected = jw_world_hash(world);
        assert_true(expected == jw_world_hash(world));
        jw_world_destroy(world);
    }
    jw_twin_def_free(&def);
}

static void test_restored_world_goes_on_alike(void **state)
{
    (void)state;
    jw_twin_def def = town(4);
    jw_world *world = twin_fixture_create(&def, 2);
    jw_error error = {0};
    jw_writer writer = {0};
    twin_fixture_run(world, 300);
    twin_fixture_command(world, "deploy_model", "model", "signal-vision");
    twin_fixture_run(world, 20);
    assert_int_equal(jw_world_save(world, &writer, &error), JW_OK);
    uint64_t saved[32], expected[32];
    for (uint32_t m = 0; m < jw_world_module_count(world); m++)
        saved[m] = jw_world_module_hash(world, m);
    twin_fixture_run(world, 600);
    for (uint32_t m = 0; m < jw_world_module_count(world); m++)
        expected[m] = jw_world_module_hash(world, m);
    uint64_t hash = jw_world_hash(world);

    assert_int_equal(jw_world_restore(world, writer.bytes, writer.size, &error), JW_OK);
    for (uint32_t m = 0; m < jw_world_module_count(world); m++)
        if (saved[m] != jw_world_module_hash(world, m))
            fail_msg("module %s is another after the restore", jw_world_module(world, m)->name);
    twin_fixture_run(world, 600);
    for (uint32_t m = 0; m < jw_world_module_count(world); m++)
        if (expected[m] != jw_world_module_hash(world, m))
            fail_msg("module %s went another way after the restore", jw_world_module(world, m)->name);
    assert_true(hash == jw_world_hash(world));

    jw_world *other = NULL;
    assert_int_equal(
        jw_twin_create_from_snapshot(def.city, NULL, 0, 3, writer.bytes, writer.size, &other, &error), JW_OK);
    twin_fixture_run(other, 600);
    assert_true(hash == jw_world_hash(other));
    jw_world_destroy(other);
    jw_writer_free(&writer);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_signals_fall_back_when_the_sites_are_gone(void **state)
{
    (void)state;
    jw_twin_def def = town(4);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run(world, 240);
    assert_true(metric(world, "twin.signals_by_ai") > 50);
    twin_fixture_command(world, "fail_node", "name", "edge-1");
    twin_fixture_command(world, "fail_node", "name", "edge-2");
    twin_fixture_command(world, "fail_node", "name", "city-cloud");
    twin_fixture_run_checked(world, 60);
    assert_true(metric(world, "twin.signals_by_ai") == 0);
    double decided = metric(world, "twin.decisions_signal"), arrived = metric(world, "traffic.arrived");
    twin_fixture_run_checked(world, 240);
    assert_true(metric(world, "twin.decisions_signal") == decided);
    assert_true(metric(world, "traffic.arrived") > arrived); /* the local programmes carry on */
    twin_fixture_command(world, "repair_node", "name", "edge-1");
    twin_fixture_run_checked(world, 60);
    assert_true(metric(world, "twin.signals_by_ai") > 0); /* the cells of the others are still dark */
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* Many before one green, one before another: the many go, until the one has stood too long. */
static void test_who_waits_too_long_goes_first(void **state)
{
    (void)state;
    jw_twin_def def = town(3);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run(world, 1);
    jw_traffic *traffic = twin_traffic_of(world);
    twin_camera *camera = &twin_signals_of(world)->cameras[0];
    uint32_t greens[2], count = 0, phases = def.city->programmes[camera->programme].phase_count;
    for (uint32_t p = 0; p < phases && count < 2; p++)
        if (jw_signal_is_green(traffic, camera->programme, p))
            greens[count++] = p;
    assert_int_equal(count, 2);
    for (int is_late = 0; is_late < 2; is_late++) {
        memset(camera->seen, 0, sizeof camera->seen);
        camera->phase_count = phases;
        camera->seen[greens[0]] = (jw_phase_demand){.queued = 20, .longest_wait_s = 40};
        camera->seen[greens[1]] = (jw_phase_demand){.queued = 1, .longest_wait_s = is_late ? 121.0f : 90.0f};
        camera->captures++;
        twin_signals_answered(world, 0, camera->captures, 2); /* counts both right */
        assert_int_equal(traffic->signals.now[camera->programme].request, greens[is_late]);
    }
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_rollout_crosses_the_network_and_serves(void **state)
{
    (void)state;
    jw_twin_def def = town(4);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run(world, 20);
    assert_true(metric(world, "ai.transferred") == 0);
    twin_fixture_command(world, "deploy_model", "model", "signal-vision");
    twin_fixture_run_checked(world, 40);
    /* Two images of 0.8 GB, not at once: they came over 100 Gbit/s. */
    assert_true(metric(world, "ai.transferred") > 1.59 && metric(world, "ai.transferred") < 1.61);
    assert_true(
        jw_ai_serving_version(
            jw_world_state(world, JW_TWIN_AI),
            (uint64_t)1 << 32 | jw_compute_find_site(jw_world_state(world, JW_TWIN_COMPUTE), "edge-1").index1,
            "signal-vision") == 2);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* A battery that charges through a warm-up: what is counted from the start on adds up all the same, a cut of
 * the grid included. */
static void test_energy_adds_up_after_a_warm_up(void **state)
{
    (void)state;
    jw_twin_def def = town(4);
    for (uint32_t h = 0; h < 24; h++)
        def.regions[0].price_factor[h] = h < 8 ? 0.5 : 1.5;
    def.warm_ns = 600 * JW_NS_PER_S;
    def.sites[1].battery_kwh = 10;
    def.sites[1].solar_kw = 5;
    jw_world *world = twin_fixture_create(&def, 1);
    jw_site_energy before, after;
    twin_fixture_run_checked(world, 2 * 610);
    uint32_t slot =
        jw_compute_find_site(jw_world_state(world, JW_TWIN_COMPUTE), def.sites[1].name).index1 - 1;
    assert_true(jw_compute_site_energy(world, jw_world_state(world, JW_TWIN_COMPUTE), slot, &before));
    assert_true(before.charge_mj == 0 && before.discharge_mj > 0 && before.stored_mj > (int64_t)(5 * 3.6e9));
    twin_fixture_command(world, "cut_power", "name", def.sites[1].name);
    twin_fixture_run_checked(world, 120);
    assert_true(jw_compute_site_energy(world, jw_world_state(world, JW_TWIN_COMPUTE), slot, &after));
    assert_true(!after.has_grid && after.grid_w == 0 && after.discharge_mj > before.discharge_mj);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* 20 GB from the cloud to both edges over fibres of 100 Gbit/s; the second source is the nearer edge. A site
 * that may not hold it is refused; one that fails under way loses what was coming. */
static void test_data_crosses_the_network(void **state)
{
    (void)state;
    jw_twin_def def = town(4);
    jw_error error = {0};
    jw_data_def video = {.dataset = {.id = "video", .sector = "transport", .size_bytes = 20000000000ll},
                         .home = "city-cloud"};
    jw_data_def tax = {.dataset = {.id = "tax",
                                   .sector = "tax",
                                   .size_bytes = 1000000000,
                                   .residency = JW_RESIDENCY_DISTRICT},
                       .home = "edge-1"};
    assert_int_equal(jw_twin_def_add_dataset(&def, &video, &error), JW_OK);
    assert_int_equal(jw_twin_def_add_dataset(&def, &video, &error), JW_ERROR_EXISTS);
    assert_int_equal(jw_twin_def_add_dataset(&def, &tax, &error), JW_OK);
    jw_world *world = twin_fixture_create(&def, 1);
    const jw_ai *ai = jw_world_state(world, JW_TWIN_AI);
    jw_command command = jw_command_make("replicate");
    jw_command_text(&command, "name", "video");
    jw_command_text(&command, "site", "edge-1");
    assert_int_equal(jw_world_post(world, &command, &error), JW_OK);
    twin_fixture_run_checked(world, 2);
    jw_data_counts c = jw_ai_count_data(ai);
    assert_true(c.moving_bytes == 20000000000ll && c.arrived_bytes == 0); /* 1.6 s at the least */
    twin_fixture_run_checked(world, 10);
    assert_int_equal(jw_ai_count_data(ai).arrived_bytes, 20000000000ll);
    jw_command_text(&command, "site", "edge-2");
    assert_int_equal(jw_world_post(world, &command, &error), JW_OK);
    twin_fixture_run_checked(world, 1);
    twin_fixture_command(world, "fail_node", "name", "edge-2");
    twin_fixture_run_checked(world, 10);
    c = jw_ai_count_data(ai);
    assert_true(c.lost_bytes == 20000000000ll && c.moving_bytes == 0);
    jw_command_text(&command, "name", "tax");
    jw_command_text(&command, "site", "city-cloud");
    assert_int_equal(jw_world_post(world, &command, &error), JW_OK);
    twin_fixture_run_checked(world, 1);
    assert_int_equal(jw_ai_count_data(ai).refused, 1);
    assert_true(metric(world, "ai.data_moved") == 20);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* The verbs name a site: 12 cards for an edge, none for a site that is not; then a rule forbids more. */
static void test_cards_are_ordered_for_a_site(void **state)
{
    (void)state;
    jw_twin_def def = town(4);
    jw_error error = {0};
    jw_supply_card card = {.id = "import", .int8_tops = 1979, .die_mm2 = 814, .lead_days = 5.0 / 86400};
    assert_int_equal(jw_twin_def_add_supply(&def, &card, &error), JW_OK);
    assert_int_equal(jw_twin_def_add_supply(&def, &card, &error), JW_ERROR_EXISTS);
    jw_world *world = twin_fixture_create(&def, 1);
    jw_command command = jw_command_make("order_cards");
    jw_command_text(&command, "card", "import");
    jw_command_text(&command, "site", "edge-1");
    jw_command_number(&command, "count", 12);
    assert_int_equal(jw_world_post(world, &command, &error), JW_OK);
    jw_command_text(&command, "site", "nowhere");
    assert_int_equal(jw_world_post(world, &command, &error), JW_OK);
    twin_fixture_run_checked(world, 2);
    assert_true(metric(world, "ai.cards_ordered") == 12 && metric(world, "ai.cards_coming") == 12);
    twin_fixture_run_checked(world, 10);
    assert_true(metric(world, "ai.cards_delivered") == 12);
    twin_fixture_command(world, "export_control", "rule", "oct2023");
    jw_command_text(&command, "site", "edge-1");
    assert_int_equal(jw_world_post(world, &command, &error), JW_OK);
    twin_fixture_run_checked(world, 2);
    assert_true(metric(world, "ai.cards_refused") == 12 && metric(world, "ai.cards_ordered") == 12);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_couplings_switched_off_are_neutral(void **state)
{
    (void)state;
    jw_twin_def def = town(4);
    for (uint32_t c = 0; c < JW_COUPLING_COUNT; c++)
        def.is_coupling_off[c] = 1;
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 240);
    assert_true(jw_twin_requests(world, JW_NONE).sent == 0);
    assert_true(metric(world, "twin.signals_by_ai") == 0);
    assert_true(metric(world, "twin.energy") == 0);
    assert_true(metric(world, "economy.parts") > 0); /* lines help themselves */
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_frames_show_what_is(void **state)
{
    (void)state;
    jw_twin_def def = town(4);
    jw_frame frame = {0};
    jw_error error = {0};
    jw_bus_line_def line = jw_default_bus_line_def();
    jw_text_copy(line.name, sizeof line.name, "A");
    jw_vec2 ends[] = {{100, 100}, {700, 700}};
    line.through_count = 2;
    line.headway_s = 120;
    line.passengers_per_day = 20000;
    assert_int_equal(jw_bus_find_edges(def.city, ends, 2, JW_VEHICLE_BUS, line.through, &error), JW_OK);
    assert_int_equal(jw_twin_def_add_bus_line(&def, &line, &error), JW_OK);
    assert_int_equal(jw_twin_def_add_bus_line(&def, &line, &error), JW_ERROR_EXISTS);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run(world, 300);
    uint64_t hash = jw_world_hash(world);
    jw_watch watches[] = {
        {.id = 1, .kind = JW_WATCH_JUNCTION}, {.id = 2, .kind = JW_WATCH_ASSET, .name = "edge-1"},
        {.id = 3, .kind = JW_WATCH_LATENCY},  {.id = 4, .kind = JW_WATCH_ASSET, .name = "stop-1"},
        {.id = 5, .kind = JW_WATCH_VEHICLE},  {.id = 6, .kind = JW_WATCH_SINR},
        {.id = 7, .kind = JW_WATCH_RATE}};
    jw_vehicle_columns v = jw_traffic_vehicles(jw_world_state(world, JW_TWIN_TRAFFIC));
    for (uint32_t i = 0; i < v.count; i++)
        if (v.vehicle_class[i] == JW_VEHICLE_BUS) {
            watches[4].a = v.id[i].index1;
            watches[4].b = v.id[i].generation;
        }
    assert_int_equal(jw_twin_fill_frame(world, watches, 7, &frame, &error), JW_OK);
    assert_true(hash == jw_world_hash(world)); /* looking changes nothing */
    assert_int_equal(frame.vehicle_count, (uint32_t)metric(world, "traffic.running"));
    for (uint32_t i = 1; i < frame.vehicle_count; i++)
        assert_true(frame.vehicles[i - 1].index1 < frame.vehicles[i].index1);
    uint32_t sites = 0, stops = 0, lines = 0, answered[6] = {0};
    double waiting = 0;
    for (uint32_t i = 0; i < frame.asset_count; i++) {
        sites += frame.assets[i].kind == JW_ASSET_SITE;
        stops += frame.assets[i].kind == JW_ASSET_STOP;
        waiting += frame.assets[i].kind == JW_ASSET_STOP ? (double)frame.assets[i].queue : 0;
    }
    assert_int_equal(sites, 3);
    jw_bus_counts buses = jw_traffic_count_bus(jw_world_state(world, JW_TWIN_TRAFFIC), JW_NONE);
    assert_true(stops >= 4 && buses.waiting > 0 && waiting == (double)buses.waiting);
    for (uint32_t i = 0; i < frame.detail_count; i++) {
        answered[frame.details[i].watch_id]++;
        lines += strncmp(frame.details[i].label, "line", 4) == 0 && strcmp(frame.details[i].text, "A") == 0;
    }
    assert_true(answered[1] > 2 && answered[2] > 5 && answered[4] == 7 && answered[5] >= 6 && lines == 2);
    assert_int_equal(frame.raster_count, 3);
    uint32_t reached[3] = {0}, places = frame.raster_value_count / 3;
    for (uint32_t i = 0; i < places; i++) {
        reached[0] += frame.raster_values[i] > 0 && frame.raster_values[i] < 100;
        reached[1] += frame.raster_values[places + i] > -7 && frame.raster_values[places + i] < 80;
        reached[2] += frame.raster_values[2 * places + i] > 0 && frame.raster_values[2 * places + i] < 1000;
        assert_true(frame.raster_values[2 * places + i] > 0 || isnan(frame.raster_values[i]));
    }
    assert_true(reached[0] > places / 2 && reached[1] > places / 2 && reached[2] > places / 2);
    jw_frame_free(&frame);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_every_allocation_of_creation_may_fail(void **state)
{
    (void)state;
    jw_twin_def def = town(2);
    int64_t before = jw_allocated_bytes();
    for (int64_t count = 0;; count++) {
        jw_error error = {0};
        jw_world *world = NULL;
        jw_memory_fail_after(count);
        jw_result result = jw_twin_create(&def, NULL, 0, &world, &error);
        jw_memory_fail_after(-1);
        jw_world_destroy(world);
        assert_true(jw_allocated_bytes() == before);
        if (result == JW_OK)
            break;
        assert_int_equal(result, JW_ERROR_MEMORY);
        assert_true(count < 100000);
    }
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_everything_runs_and_is_conserved),
        JW_UNIT(test_warm_up),
        JW_UNIT(test_thread_count_changes_nothing),
        JW_UNIT(test_restored_world_goes_on_alike),
        JW_UNIT(test_signals_fall_back_when_the_sites_are_gone),
        JW_UNIT(test_who_waits_too_long_goes_first),
        JW_UNIT(test_rollout_crosses_the_network_and_serves),
        JW_UNIT(test_energy_adds_up_after_a_warm_up),
        JW_UNIT(test_data_crosses_the_network),
        JW_UNIT(test_cards_are_ordered_for_a_site),
        JW_UNIT(test_couplings_switched_off_are_neutral),
        JW_UNIT(test_frames_show_what_is),
        JW_UNIT(test_every_allocation_of_creation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
