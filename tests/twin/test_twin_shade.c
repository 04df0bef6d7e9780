/* Values for overlays: each against the table or the state that it comes from, and that asking changes
 * nothing. */
#include "base/test_base.h"
#include "twin/twin_fixture.h"

#include <math.h>
#include <string.h>

static jw_frame frame;

static void assert_near(double value, double wanted, double off)
{
    if (!(jw_abs(value - wanted) <= off))
        fail_msg("%.9g is not %.9g", value, wanted);
}

/* Room for the values of one question; the frame's rows are there as well. */
static const float *ask(const jw_world *world, const char *name, const jw_frame_shade **out_shade)
{
    jw_watch watch = {.id = 7, .kind = JW_WATCH_SHADE};
    jw_text_copy(watch.name, sizeof watch.name, name);
    jw_error error = {0};
    if (jw_twin_fill_frame(world, &watch, 1, &frame, &error) != JW_OK)
        fail_msg("%s", error.message);
    assert_int_equal(frame.shade_count, 1);
    const jw_frame_shade *shade = &frame.shades[0];
    assert_int_equal(shade->watch_id, 7);
    assert_string_equal(shade->name, name);
    assert_int_equal(shade->first_value + shade->value_count, frame.raster_value_count);
    if (out_shade)
        *out_shade = shade;
    return frame.raster_values + shade->first_value;
}

static jw_traffic *traffic_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_TRAFFIC);
}

/* Of the asset of this name; fails when there is none. */
static float of_asset(const jw_world *world, const char *quantity, const char *name)
{
    const jw_frame_shade *shade;
    const float *values = ask(world, quantity, &shade);
    assert_int_equal(shade->kind, JW_SHADE_ASSETS);
    assert_int_equal(shade->value_count, frame.asset_count);
    for (uint32_t i = 0; i < frame.asset_count; i++)
        if (strcmp(frame.assets[i].name, name) == 0)
            return values[i];
    fail_msg("no asset %s", name);
    return 0;
}

/* What streets saw adds up to what all vehicles did: way, time lost, CO2. */
static void test_streets_add_up(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 4);
    jw_world *world = twin_fixture_create(&def, 1);
    const jw_city *city = def.city;
    twin_fixture_run(world, 60);
    const float *unknown = ask(world, "flow", NULL); /* nobody measures yet */
    for (uint32_t i = 0; i < city->edge_count; i++)
        assert_true(isnan(unknown[i]));
    assert_int_equal(jw_traffic_measure_intervals(traffic_of(world), true, NULL), JW_OK);
    twin_fixture_run(world, 400); /* 200 s: less than what is looked back on */
    int64_t begin_ns;
    const jw_track_sum *tracks = jw_traffic_track_sums(traffic_of(world), &begin_ns);
    jw_track_sum all = {0};
    for (uint32_t lane = 0; lane < city->lane_count; lane++) {
        all.way_m += tracks[lane].way_m;
        all.co2_g += tracks[lane].co2_g;
        all.lost_s += jw_max(tracks[lane].lost_s, 0);
    }
    const jw_frame_shade *shade;
    const float *flow = ask(world, "flow", &shade);
    assert_int_equal(shade->kind, JW_SHADE_EDGES);
    assert_int_equal(shade->value_count, city->edge_count);
    double span_s = (double)shade->span_s, way_m = 0, co2_g = 0;
    assert_near(span_s, 200, 1e-6);
    for (uint32_t i = 0; i < city->edge_count; i++)
        way_m += (double)flow[i] / 3600 * city->edges[i].length_m * span_s;
    assert_true(way_m > 10000);
    assert_near(way_m, all.way_m, 1e-4 * way_m);
    const float *emission = ask(world, "emission", NULL);
    for (uint32_t i = 0; i < city->edge_count; i++)
        co2_g += (double)emission[i] / 3600 * city->edges[i].length_m * span_s;
    assert_true(co2_g > 1000);
    assert_near(co2_g, all.co2_g, 1e-4 * co2_g);
    const float *delay = ask(world, "delay", NULL);
    double lost_s = 0;
    for (uint32_t i = 0; i < city->edge_count; i++) {
        double driven_m = 0;
        for (uint32_t k = 0; k < city->edges[i].lane_count; k++)
            driven_m += tracks[city->edges[i].first_lane + k].way_m;
        lost_s += driven_m > 1 ? (double)delay[i] / 1000 * driven_m : 0;
    }
    assert_true(lost_s > 100);
    assert_near(lost_s, all.lost_s, 0.02 * lost_s); /* streets where more was won than lost count as 0 */
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* The level of the worst approach is that of the junctions' table where the table takes the worst one, and
 * without a signal it is by the same bounds. */
static void test_levels_are_those_of_the_junctions(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 5);
    def.traffic.demand.factor = 6;
    jw_world *world = twin_fixture_create(&def, 1);
    const jw_city *city = def.city;
    assert_int_equal(jw_traffic_measure_intervals(traffic_of(world), true, NULL), JW_OK);
    twin_fixture_run(world, 460);
    const float *level = ask(world, "service", NULL);
    const jw_module *module = jw_world_module(world, JW_TWIN_TRAFFIC);
    uint32_t compared = 0, above = 0;
    for (uint32_t t = 0; t < module->table_count; t++) {
        const jw_table *table = &module->tables[t];
        if (strcmp(table->name, "junction_intervals") != 0)
            continue;
        for (uint32_t row = 0; row < table->row_count(world, traffic_of(world)); row++) {
            const jw_junction *junction =
                &city->junctions[table->row_geometry(world, traffic_of(world), row)];
            double worst_s = table->number(world, traffic_of(world), row, 3);
            int64_t edge = table->integer(world, traffic_of(world), row, 7);
            if (edge < 0)
                continue;
            compared++;
            above += level[edge] > 0;
            assert_int_equal((int)level[edge] + 'A',
                             jw_level_of_service(worst_s, junction->programme != JW_NONE));
        }
    }
    assert_in_range(compared, 9, UINT32_MAX);
    assert_in_range(above, 3, UINT32_MAX);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* After more than five minutes only the last ones count. */
static void test_what_is_long_ago_is_forgotten(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 2);
    jw_world *world = twin_fixture_create(&def, 1);
    assert_int_equal(jw_traffic_measure_intervals(traffic_of(world), true, NULL), JW_OK);
    twin_fixture_run(world, 1210); /* 605 s */
    const jw_frame_shade *shade;
    const float *flow = ask(world, "flow", &shade);
    assert_near((double)shade->span_s, 245, 1e-3); /* since four whole minutes ago, and five seconds */
    int64_t begin_ns;
    const jw_track_sum *tracks = jw_traffic_track_sums(traffic_of(world), &begin_ns);
    double all_m = 0, recent_m = 0;
    for (uint32_t lane = 0; lane < def.city->lane_count; lane++)
        all_m += tracks[lane].way_m;
    for (uint32_t i = 0; i < def.city->edge_count; i++)
        recent_m += (double)flow[i] / 3600 * def.city->edges[i].length_m * (double)shade->span_s;
    assert_true(recent_m > 0.2 * all_m && recent_m < 0.6 * all_m);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_sites_and_lines(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    jw_card foreign = {.id = "foreign",
                       .fp16_tflops = 210,
                       .int8_tops = 420,
                       .memory_gb = 80,
                       .bandwidth_tbps = 2,
                       .idle_w = 50,
                       .peak_w = 300,
                       .price_cny = 200000};
    assert_int_equal(jw_twin_def_add_card(&def, &foreign, NULL), JW_OK);
    jw_world *world = twin_fixture_create(&def, 1);
    jw_compute *compute = jw_world_state(world, JW_TWIN_COMPUTE);
    jw_site_id edge = jw_compute_find_site(compute, "edge-1");
    twin_fixture_run(world, 600);
    jw_site_energy energy;
    assert_true(jw_compute_site_energy(world, compute, edge.index1 - 1, &energy));
    assert_near(of_asset(world, "carbon", "edge-1"), energy.grid_w / 1000 * 0.7252, 1e-4);
    assert_true(energy.grid_w > 1000);
    /* A second version of one model is known and served nowhere: all are one behind. */
    assert_near(of_asset(world, "version", "edge-1"), 1, 0);
    assert_near(of_asset(world, "quality", "edge-1"), 90, 1e-4);
    assert_true(isnan(of_asset(world, "approval", "edge-1"))); /* nothing needs any here */
    assert_near(of_asset(world, "imports", "edge-1"), 0, 0);
    assert_int_equal(jw_compute_add_cards(world, compute, edge, "foreign", 8, NULL), JW_OK);
    assert_near(of_asset(world, "imports", "edge-1"), 100 * 210.0 / (210 + 70), 1e-3);
    assert_true(isnan(of_asset(world, "imports", "line-1")));
    jw_production_line_state line;
    assert_true(jw_economy_line(world, jw_world_state(world, JW_TWIN_ECONOMY), 0, &line));
    int64_t judged = line.inspected_by_model + line.inspected_by_fallback;
    assert_true(judged > 20);
    assert_near(of_asset(world, "exposure", "line-1"), 100 * (double)line.inspected_by_model / (double)judged,
                1e-3);
    double earned_kcny_h = (double)line.margin_fen / 1e5 * 12; /* in five minutes */
    assert_near(of_asset(world, "productivity", "line-1"), earned_kcny_h, 0.02 * earned_kcny_h);
    assert_true(isnan(of_asset(world, "productivity", "edge-1")));
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* Share of the answers that came too late: none, and with a deadline that nobody keeps, all. */
static void test_late_replies(void **state)
{
    (void)state;
    for (int is_hard = 0; is_hard < 2; is_hard++) {
        jw_twin_def def;
        twin_fixture_def(&def, 3);
        for (uint32_t i = 0; i < def.request_count; i++)
            def.requests[i].deadline_s = is_hard ? 1e-5 : 1000;
        for (uint32_t i = 0; i < def.request_count; i++)
            def.requests[i].timeout_s = jw_max(def.requests[i].timeout_s, 1001);
        jw_world *world = twin_fixture_create(&def, 1);
        assert_true(isnan(of_asset(world, "lateness", "edge-1"))); /* no answer yet */
        jw_writer image = {0};
        assert_int_equal(jw_world_save(world, &image, NULL), JW_OK);
        twin_fixture_run(world, 500);
        assert_near(of_asset(world, "lateness", "edge-1"), is_hard ? 100 : 0, 0.5);
        /* Back at the beginning nothing is known of what comes. */
        assert_int_equal(jw_world_restore(world, image.bytes, image.size, NULL), JW_OK);
        assert_true(isnan(of_asset(world, "lateness", "edge-1")));
        jw_writer_free(&image);
        jw_world_destroy(world);
        jw_twin_def_free(&def);
    }
}

static void submit(jw_world *world, uint32_t version)
{
    jw_command command = jw_command_make("submit_model");
    jw_command_text(&command, "model", "signal-vision");
    jw_command_number(&command, "version", version);
    jw_command_text(&command, "data", "special");
    jw_command_text(&command, "site", "edge-1");
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    twin_fixture_run(world, 1);
}

/* Waiting, on trial, approved: what the submission's own state says. */
static void test_approval_steps(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    def.approval.is_on = true;
    def.approval.review_days = 0.005; /* of 8 hours: a few minutes */
    def.approval.bad_share = 0;
    def.approval.trial_decisions = 60;
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run(world, 20);
    assert_near(of_asset(world, "approval", "edge-1"), 0, 0);
    submit(world, 2);
    static const double steps[] = {2, 2, 1, 0, 3, 0};
    bool was[4] = {false};
    for (int i = 0; i < 4000 && !was[0]; i++) {
        jw_submission_state s;
        assert_true(jw_ai_submission(world, jw_world_state(world, JW_TWIN_AI), 0, &s));
        double step = (double)of_asset(world, "approval", "edge-1");
        assert_near(step, steps[s.phase], 0);
        was[(int)step] = true;
        twin_fixture_run(world, 1);
    }
    assert_true(was[2] && was[1] && was[0]);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* A world that is measured and asked is the same as one that is not; a name that means nothing has no answer.
 */
static void test_asking_changes_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"flow",     "delay",   "service",  "emission",
                                        "lateness", "carbon",  "version",  "quality",
                                        "approval", "imports", "exposure", "productivity"};
    uint64_t hashes[2];
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    for (int is_asked = 0; is_asked < 2; is_asked++) {
        jw_world *world = twin_fixture_create(&def, 1);
        if (is_asked)
            assert_int_equal(jw_traffic_measure_intervals(traffic_of(world), true, NULL), JW_OK);
        for (int i = 0; i < 30; i++) {
            twin_fixture_run(world, 10);
            for (uint32_t n = 0; n < JW_COUNT_OF(names) && is_asked; n++)
                ask(world, names[n], NULL);
        }
        hashes[is_asked] = jw_world_hash(world);
        jw_watch watch = {.kind = JW_WATCH_SHADE, .name = "nonsense"};
        assert_int_equal(jw_twin_fill_frame(world, &watch, 1, &frame, NULL), JW_OK);
        assert_int_equal(frame.shade_count, 0);
        jw_world_destroy(world);
    }
    assert_true(hashes[0] == hashes[1]);
    jw_twin_def_free(&def);
}

/* Recordings leave answers out, and read back there are none. */
static void test_recorded_frames_have_none(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 2);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run(world, 10);
    ask(world, "carbon", NULL);
    jw_writer bytes = {0};
    assert_int_equal(jw_frame_compress(&frame, &bytes, NULL), JW_OK);
    jw_frame copy = {0};
    assert_int_equal(jw_frame_copy(&frame, &copy, NULL), JW_OK);
    assert_int_equal(copy.shade_count, 1);
    assert_memory_equal(copy.raster_values, frame.raster_values, frame.raster_value_count * sizeof(float));
    assert_int_equal(jw_frame_decompress(bytes.bytes, bytes.size, &copy, NULL), JW_OK);
    assert_int_equal(copy.shade_count + copy.raster_value_count, 0);
    assert_int_equal(copy.asset_count, frame.asset_count);
    jw_frame_free(&copy);
    jw_writer_free(&bytes);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static int forget(void **state)
{
    (void)state;
    jw_frame_free(&frame);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_streets_add_up, forget),
        cmocka_unit_test_teardown(test_levels_are_those_of_the_junctions, forget),
        cmocka_unit_test_teardown(test_what_is_long_ago_is_forgotten, forget),
        cmocka_unit_test_teardown(test_sites_and_lines, forget),
        cmocka_unit_test_teardown(test_late_replies, forget),
        cmocka_unit_test_teardown(test_approval_steps, forget),
        cmocka_unit_test_teardown(test_asking_changes_nothing, forget),
        cmocka_unit_test_teardown(test_recorded_frames_have_none, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) || jw_allocated_bytes() != 0;
}
