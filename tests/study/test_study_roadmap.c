/* Roadmaps: a quarter against the same done by hand, rollouts that stay, orders that are refused, the same
 * outcome in one piece, in two and with two threads, damaged states. */
#include "study/roadmap.h"
#include "twin/twin_fixture.h"

#include "base/test_base.h"

#include <stdio.h>
#include <string.h>

static const char policy[] =
    "return scenario {\n"
    "  title = \"a policy\",\n"
    "  quarter = function(twin, storage)\n"
    "    storage.n = (storage.n or 0) + 1\n"
    "    if storage.n == 1 then\n"
    "      twin:log(\"it sees more\")\n"
    "      twin:deploy_model { model = \"signal-vision\", version = 2 }\n"
    "    end\n"
    "    twin:deploy_model { model = \"signal-vision\", version = 77 }\n"
    "    if storage.n == 4 then twin:close_quarter { delay_s = 1, on_time_share = 1 } end\n"
    "    if storage.n == 5 then error(\"out of ideas\") end\n"
    "  end,\n"
    "}\n";

static void write_file(const char *path, const void *bytes, size_t size)
{
    assert_int_equal(jw_file_write(path, bytes, size, NULL), JW_OK);
}

static jw_world *make(jw_twin_def *def, int threads, const char *scenario)
{
    jw_world *world;
    jw_error error = {0};
    def->threads = threads;
    if (jw_scene_make_world(NULL, def, scenario, NULL, NULL, &world, &error) != JW_OK)
        fail_msg("%s", error.message);
    return world;
}

static jw_roadmap plan(uint32_t quarters)
{
    return (jw_roadmap){.plan = {.scene = "town", .minutes = 3, .quarters = quarters}};
}

static void run(jw_world *world, jw_roadmap *map, const char *folder)
{
    jw_error error = {0};
    if (jw_roadmap_run(world, map, folder, NULL, NULL, &error) != JW_OK)
        fail_msg("%s", error.message);
}

static void test_a_quarter_by_hand(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    jw_world *world = make(&def, 1, NULL), *hand = make(&def, 1, NULL), *rush;
    jw_roadmap map = plan(1);
    jw_error error = {0};
    run(world, &map, NULL);
    assert_int_equal(jw_world_step(hand, &error), JW_OK);
    assert_int_equal(jw_world_fork(hand, &rush, &error), JW_OK);
    jw_request_counts before = jw_twin_requests(hand, JW_NONE);
    double begin_wh = jw_twin_total(hand).energy_wh;
    twin_fixture_run(rush, (uint32_t)(180 / jw_s_from_ns(jw_world_dt_ns(rush)) + 0.5));
    jw_request_counts after = jw_twin_requests(rush, JW_NONE);
    const jw_roadmap_row *row = &map.rows[0];
    int64_t ended = after.answered + after.lost - before.answered - before.lost;
    double in_time = (double)(after.answered - after.late - before.answered + before.late) / (double)ended;
    assert_true(ended > 100 && row->requests == ended);
    assert_true(jw_abs(row->books.results.on_time_share - in_time) < 1e-12);
    assert_true(jw_abs(row->books.results.energy_kwh - (jw_twin_total(rush).energy_wh - begin_wh) / 1000 *
                                                           20) < 1e-9 * row->books.results.energy_kwh);
    assert_true(row->books.results.delay_s ==
                jw_traffic_count(jw_world_state(rush, JW_TWIN_TRAFFIC)).mean_delay_s);
    assert_true(row->books.oee > 0 && row->hash == jw_world_hash(rush));
    assert_true(row->books.number == 1);
    jw_world_destroy(world);
    jw_world_destroy(hand);
    jw_world_destroy(rush);
    jw_roadmap_free(&map);
    jw_twin_def_free(&def);
}

static void test_what_is_ordered_stays(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    write_file("policy.lua", policy, sizeof policy - 1);
    jw_world *world = make(&def, 1, "policy.lua");
    jw_roadmap map = plan(2);
    double newest;
    assert_true(jw_world_metric(world, "ai.sites_serving_newest", &newest));
    double before = newest;
    run(world, &map, NULL);
    assert_true(jw_world_metric(world, "ai.sites_serving_newest", &newest));
    assert_true(newest >= before + 2); /* both edge sites, after a fifth of a second of its own clock */
    assert_true(jw_world_time_ns(world) - jw_world_start_time_ns(world) == 2 * jw_world_dt_ns(world));
    assert_true(jw_twin_is_consistent(world, NULL));
    assert_true(map.rows[0].rollouts == 1 && map.rows[1].rollouts == 0);
    assert_int_equal(map.order_count, 3);
    assert_string_equal(map.orders[0].order.at, "policy.lua:7");
    assert_string_equal(map.orders[0].order.reason, "it sees more");
    assert_string_equal(map.orders[0].order.what, "deploy_model model=signal-vision version=2");
    assert_int_equal(map.orders[0].order.result, JW_OK);
    assert_string_equal(map.orders[1].order.at, "policy.lua:9");
    assert_non_null(strstr(map.orders[1].order.refusal, "77"));
    assert_true(map.orders[2].quarter == 2 && map.rows[1].refused == 1);
    assert_string_equal(map.orders[2].order.reason, "");
    jw_world_destroy(world);
    jw_roadmap_free(&map);
    remove("policy.lua");
    jw_twin_def_free(&def);
}

/* A version is ordered before it has approval: refused, listed, and the roadmap goes on; the quarter after
 * its review it is carried out. What needs a trial is tried in the rush. */
static void test_what_is_not_approved_is_refused(void **state)
{
    (void)state;
    static const char careful[] =
        "return scenario { title = \"approval\", quarter = function(twin, storage)\n"
        "  storage.n = (storage.n or 0) + 1\n"
        "  if storage.n == 1 then\n"
        "    twin:submit_model { model = \"signal-vision\", version = 2, autonomy = \"confirmed\", reach = "
        "\"district\" }\n"
        "    twin:submit_model { model = \"signal-vision\", version = 3, data = \"special\", site = "
        "\"edge-1\" }\n"
        "  end\n"
        "  if storage.n < 3 then twin:deploy_model { model = \"signal-vision\", version = 2 } end\n"
        "end }\n";
    jw_twin_def def;
    jw_error error = {0};
    twin_fixture_def(&def, 3);
    def.approval.is_on = true;
    def.approval.bad_share = 0;
    def.approval.trial_decisions = 20;
    jw_model newer = {.id = "signal-vision", .version = 3, .image_gb = 0.8, .quality = 0.97};
    assert_int_equal(jw_twin_def_add_model(&def, &newer, &error), JW_OK);
    write_file("careful.lua", careful, sizeof careful - 1);
    jw_world *world = make(&def, 1, "careful.lua");
    jw_roadmap map = plan(3);
    run(world, &map, NULL);
    assert_int_equal(map.rows[0].refused, 1);
    assert_non_null(strstr(map.orders[2].order.refusal, "needs the track review"));
    assert_true(map.rows[1].refused == 0 && map.rows[1].rollouts == 1);
    jw_submission_state s;
    assert_true(jw_ai_submission(world, jw_world_state(world, JW_TWIN_AI), 1, &s));
    assert_true(s.track == JW_TRACK_TRIAL && s.judged > 0 && s.days > 62);
    assert_true(jw_ai_submission(world, jw_world_state(world, JW_TWIN_AI), 0, &s));
    assert_true(s.phase == JW_APPROVAL_APPROVED && s.days < 62.5);
    jw_world_destroy(world);
    jw_roadmap_free(&map);
    remove("careful.lua");
    jw_twin_def_free(&def);
}

static void assert_same_file(const char *a, const char *b)
{
    char *x, *y;
    size_t n, m;
    assert_int_equal(jw_file_read(a, 1 << 24, &x, &n, NULL), JW_OK);
    assert_int_equal(jw_file_read(b, 1 << 24, &y, &m, NULL), JW_OK);
    assert_int_equal(n, m);
    assert_memory_equal(x, y, n);
    jw_free(x);
    jw_free(y);
}

/* Three quarters in one piece, and one, then two more from the state file with two threads. */
static void test_in_pieces(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    write_file("policy.lua", policy, sizeof policy - 1);
    assert_int_equal(jw_make_directory("roadmap-one", NULL), JW_OK);
    assert_int_equal(jw_make_directory("roadmap-two", NULL), JW_OK);
    jw_world *world = make(&def, 1, "policy.lua");
    jw_roadmap one = plan(3), two = plan(1);
    run(world, &one, "roadmap-one");
    jw_world_destroy(world);
    world = make(&def, 1, "policy.lua");
    run(world, &two, "roadmap-two");
    jw_world_destroy(world);
    jw_roadmap_free(&two);
    char *image;
    size_t size;
    assert_int_equal(jw_roadmap_read("roadmap-two", &two, &image, &size, NULL), JW_OK);
    assert_true(two.count == 1 && two.order_count == 2 && two.plan.minutes == 3);
    two.plan.quarters = 3;
    world = make(&def, 2, "policy.lua");
    assert_int_equal(jw_world_restore(world, image, size, NULL), JW_OK);
    run(world, &two, "roadmap-two");
    jw_free(image);
    assert_int_equal(jw_roadmap_write(&one, "roadmap-one", NULL), JW_OK);
    assert_int_equal(jw_roadmap_write(&two, "roadmap-two", NULL), JW_OK);
    static const char *const names[] = {"quarters.csv", "orders.csv", "roadmap.json", "roadmap.svg"};
    for (uint32_t i = 0; i < JW_COUNT_OF(names); i++) {
        char a[64], b[64];
        snprintf(a, sizeof a, "roadmap-one/%s", names[i]);
        snprintf(b, sizeof b, "roadmap-two/%s", names[i]);
        assert_same_file(a, b);
    }
    /* Quarter 4 closes itself: refused, and the three before stand. */
    jw_error error = {0};
    two.plan.quarters = 5;
    assert_int_equal(jw_roadmap_run(world, &two, NULL, NULL, NULL, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "close_quarter"));
    assert_int_equal(two.count, 3);
    error = (jw_error){0};
    assert_int_equal(jw_roadmap_run(world, &two, NULL, NULL, NULL, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "policy.lua:11: out of ideas"));
    jw_world_destroy(world);
    jw_roadmap_free(&one);
    jw_roadmap_free(&two);
    jw_twin_def_free(&def);
}

static void test_damaged_states(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    char *bytes, *image;
    size_t size, image_size;
    jw_roadmap map;
    jw_error error = {0};
    assert_int_equal(jw_roadmap_read("nowhere", &map, &image, &image_size, &error), JW_ERROR_NOT_FOUND);
    assert_int_equal(jw_file_read("roadmap-two/" JW_ROADMAP_STATE, 1 << 28, &bytes, &size, NULL), JW_OK);
    for (uint32_t k = 0; k < 40; k++) {
        size_t at = k < 20 ? k * 7 : size * k / 40;
        bytes[at] = (char)(bytes[at] ^ 0x41);
        write_file("roadmap-two/" JW_ROADMAP_STATE, bytes, size);
        assert_int_equal(jw_roadmap_read("roadmap-two", &map, &image, &image_size, &error), JW_ERROR_CORRUPT);
        bytes[at] = (char)(bytes[at] ^ 0x41);
    }
    write_file("roadmap-two/" JW_ROADMAP_STATE, bytes, size / 2);
    assert_int_equal(jw_roadmap_read("roadmap-two", &map, &image, &image_size, &error), JW_ERROR_CORRUPT);
    jw_free(bytes);
    jw_world *world = make(&def, 1, NULL);
    jw_roadmap wrong[] = {plan(0), plan(JW_ROADMAP_QUARTERS_MAX + 1), plan(1)};
    wrong[2].plan.minutes = 0;
    for (uint32_t i = 0; i < JW_COUNT_OF(wrong); i++)
        assert_int_equal(jw_roadmap_run(world, &wrong[i], NULL, NULL, NULL, &error), JW_ERROR_INPUT);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_a_quarter_by_hand),
        JW_UNIT(test_what_is_ordered_stays),
        JW_UNIT(test_what_is_not_approved_is_refused),
        JW_UNIT(test_in_pieces),
        JW_UNIT(test_damaged_states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
