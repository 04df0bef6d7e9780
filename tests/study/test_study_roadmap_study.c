/* A roadmap's tornado and bands: the same table for any number of threads, an effect and a seed against
 * roadmaps run by hand, ranks, what is refused, Ctrl-C. */
#include "study/roadmap_study.h"

#include "base/test_base.h"

#include <stdio.h>
#include <string.h>

static const char town[] =
    "local default_city = include \"lib/default_city\"\n"
    "return scene {\n"
    "  title = \"a small town\", map = plan { style = \"district\", area_km2 = 1, seed = 3 }, start = "
    "\"07:30\",\n"
    "  params = {\n"
    "    param { id = \"demand\", type = \"number\", default = 2.9, min = 0, max = 3, label = \"Demand\" },\n"
    "    param { id = \"edge_sites\", type = \"integer\", default = 1, min = 1, max = 3, label = \"Edge "
    "sites\" },\n"
    "    param { id = \"core_delay\", type = \"number\", default = 0, min = 0, max = 50, label = \"Core\" "
    "},\n"
    "    param { id = \"way\", type = \"choice\", default = \"latency\", label = \"Way\",\n"
    "            choices = { \"latency\", \"cloud_only\", \"nonsense\" } },\n"
    "  },\n"
    "  build = function(city, p)\n"
    "    default_city.build(city, { edge_sites = p.edge_sites, edge_cards = 4, edge_battery = 0, city_cards "
    "= 8,\n"
    "      cell_spacing = 450, fibre_capacity = 100, demand = p.demand, bus_lines = 0, bus_headway = 10,\n"
    "      connected_share = 0.4, home_data = 9, digital_road = false, core_delay = p.core_delay, policy = "
    "p.way,\n"
    "      desks = false, breakdowns = 0, bus_priority = false, ai_signals = true })\n"
    "  end,\n"
    "}\n";
static const char idle[] =
    "return scenario { title = \"idle\", quarter = function() end, params = {\n"
    "  param { id = \"eager\", type = \"boolean\", default = false, label = \"Eager\" } } }\n";

static void write_text(const char *path, const char *text)
{
    assert_int_equal(jw_file_write(path, text, strlen(text), NULL), JW_OK);
}

/* By hand, with what jw_scene_make_world makes; `set` NULL: as the scene is. */
static jw_roadmap live(const char *set, const char *value, uint64_t seed)
{
    jw_roadmap map = {.plan = {.scene = "town.lua", .policy = "idle.lua", .minutes = 2, .quarters = 2}};
    jw_error error = {0};
    jw_scene *scene;
    jw_twin_def def;
    jw_world *world;
    jw_result result = jw_scene_open(map.plan.scene, &scene, NULL, &error);
    if (result == JW_OK)
        result = jw_scene_use_scenario(scene, map.plan.policy, &error);
    if (result == JW_OK && set)
        result = jw_scene_set(scene, set, value, &error);
    if (result == JW_OK)
        result = jw_scene_build(scene, 1, NULL, NULL, NULL, &def, &error);
    if (result == JW_OK) {
        def.seed = seed ? seed : def.seed;
        result = jw_scene_make_world(scene, &def, map.plan.policy, NULL, NULL, &world, &error);
    }
    if (result == JW_OK)
        result = jw_roadmap_run(world, &map, NULL, NULL, NULL, &error);
    if (result != JW_OK)
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
    jw_scene_close(scene);
    return map;
}

static const jw_roadmap_factor *find(const jw_roadmap_study *study, const char *id)
{
    for (uint32_t i = 0; i < study->factor_count; i++)
        if (strcmp(study->factors[i].id, id) == 0)
            return &study->factors[i];
    fail_msg("no parameter %s", id);
    return NULL;
}

static void assert_values(const jw_roadmap_study *study, const char *id, const char *one, const char *two)
{
    const jw_roadmap_factor *factor = find(study, id);
    assert_int_equal(factor->count, two ? 2 : 1);
    assert_string_equal(study->changes[factor->first].value, one);
    if (two)
        assert_string_equal(study->changes[factor->first + 1].value, two);
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

/* What one change and one other seed do, against the same lived through by hand. */
static void check_by_hand(const jw_roadmap_study *study, const jw_roadmap *base)
{
    jw_roadmap less = live("demand", "2.32", 0), other = live(NULL, NULL, study->first_seed + 1);
    uint32_t change = find(study, "demand")->first;
    double effect = jw_roadmap_measure(&less.rows[1], JW_ROADMAP_DELAY) -
                    jw_roadmap_measure(&base->rows[1], JW_ROADMAP_DELAY);
    assert_true(effect != 0);
    const double *ends = study->ends + ((size_t)change * 2 + 1) * study->seed_count;
    uint32_t measures = jw_roadmap_measure_count();
    const double *own = study->quarters + ((size_t)measures + JW_ROADMAP_DELAY) * study->seed_count;
    assert_true(ends[0] - own[0] == effect);
    for (uint32_t m = 0; m < measures; m++)
        assert_true(study->quarters[(size_t)m * study->seed_count + 1] ==
                    jw_roadmap_measure(&other.rows[0], m));
    jw_roadmap_free(&less);
    jw_roadmap_free(&other);
}

static bool cancel(void *context, double fraction, const char *what)
{
    (void)context, (void)fraction, (void)what;
    return false;
}

/* The scene changes while it is studied: nothing is compared with something else. */
static bool spoil(void *context, double fraction, const char *what)
{
    (void)context, (void)what;
    if (fraction > 0)
        write_text("idle.lua", "return scenario { title = \"other\", quarter = function() end }\n");
    return true;
}

static void test_study(void **state)
{
    (void)state;
    jw_error error = {0};
    write_text("town.lua", town);
    write_text("idle.lua", idle);
    jw_roadmap base = live(NULL, NULL, 0);
    jw_roadmap_study_def def = {
        .base = &base, .has_tornado = true, .seed_count = 2, .measure = JW_ROADMAP_DELAY, .threads = 1};
    jw_roadmap_study one, two;
    if (jw_roadmap_study_run(&def, &one, &error) != JW_OK)
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
    def.threads = 3;
    assert_int_equal(jw_roadmap_study_run(&def, &two, &error), JW_OK);
    assert_int_equal(one.factor_count, 5);
    assert_values(&one, "demand", "2.32", "3"); /* the range ends at 3 */
    assert_values(&one, "edge_sites", "2", NULL);
    assert_values(&one, "eager", "true", NULL);
    assert_values(&one, "way", "cloud_only", "nonsense");
    assert_values(&one, "core_delay", "", NULL); /* 20 % of 0 */
    assert_non_null(strstr(one.changes[find(&one, "core_delay")->first].refusal, "not varied"));
    assert_non_null(strstr(one.changes[find(&one, "way")->first + 1].refusal, "nonsense"));
    assert_true(find(&one, "eager")->span[1] == 0);
    uint32_t shown = jw_roadmap_study_shown(&one);
    assert_true(shown >= 1 && shown <= 3); /* neither core_delay nor eager */
    for (uint32_t i = 0; i < one.factor_count; i++)
        assert_true((one.factors[i].span[0] > 0 || one.factors[i].span[1] > 0) == (i < shown));
    check_by_hand(&one, &base);
    assert_int_equal(jw_make_directory("study-one", NULL), JW_OK);
    assert_int_equal(jw_make_directory("study-two", NULL), JW_OK);
    assert_int_equal(jw_roadmap_study_write(&one, &base, "study-one", NULL), JW_OK);
    assert_int_equal(jw_roadmap_study_write(&two, &base, "study-two", NULL), JW_OK);
    assert_same_file("study-one/tornado.csv", "study-two/tornado.csv");
    assert_same_file("study-one/tornado.svg", "study-two/tornado.svg");
    assert_same_file("study-one/bands.csv", "study-two/bands.csv");
    assert_same_file("study-one/roadmap.svg", "study-two/roadmap.svg");
    jw_roadmap_study_free(&one);
    jw_roadmap_study_free(&two);
    def.progress = cancel;
    assert_int_equal(jw_roadmap_study_run(&def, &one, &error), JW_ERROR_CANCELLED);
    assert_true(!one.changes && !one.quarters);
    error = (jw_error){0};
    def.progress = spoil;
    def.threads = 1;
    assert_int_equal(jw_roadmap_study_run(&def, &one, &error), JW_ERROR_STATE);
    assert_non_null(strstr(error.message, "changed meanwhile"));
    jw_roadmap_free(&base);
}

/* Of two seeds by hand, in pairs: t(1) = 12.706. */
static void test_intervals(void **state)
{
    (void)state;
    uint32_t measures = jw_roadmap_measure_count();
    double *quarters = jw_alloc(measures * 2 * sizeof *quarters);
    memset(quarters, 0, measures * 2 * sizeof *quarters);
    quarters[2 * JW_ROADMAP_TFP] = 1;
    quarters[2 * JW_ROADMAP_TFP + 1] = 2;
    double ends[] = {1, 2, 0, 0, 3, 6, 0, 0};
    jw_roadmap_study study = {
        .quarter_count = 1, .seed_count = 2, .change_count = 2, .quarters = quarters, .ends = ends};
    jw_estimate none = jw_roadmap_study_effect(&study, 0, 0), some = jw_roadmap_study_effect(&study, 1, 0),
                band = jw_roadmap_study_band(&study, 0, JW_ROADMAP_TFP);
    assert_true(none.mean == 0 && none.half_width == 0);
    assert_true(some.mean == 3 && jw_abs(some.half_width - 12.706) < 1e-2); /* differences 2, 4 */
    assert_true(band.mean == 1.5 && jw_abs(band.half_width - 12.706 / 2) < 1e-2);
    jw_free(quarters);
    assert_string_equal(jw_roadmap_measure_name(JW_ROADMAP_TFP), "tfp");
    assert_string_equal(jw_roadmap_measure_name(JW_ROADMAP_DELAY), "delay_s");
}

static void test_refused(void **state)
{
    (void)state;
    jw_roadmap_row row = {0};
    jw_roadmap empty = {0}, nowhere = {.plan = {.scene = "nowhere.lua"}, .rows = &row, .count = 1};
    const jw_roadmap_study_def wrong[] = {
        {.base = &empty, .seed_count = 1},
        {.base = &nowhere, .seed_count = 0},
        {.base = &nowhere, .seed_count = JW_ROADMAP_SEEDS_MAX + 1},
        {.base = &nowhere, .seed_count = 1, .measure = jw_roadmap_measure_count()}};
    jw_roadmap_study study;
    jw_error error = {0};
    for (uint32_t i = 0; i < JW_COUNT_OF(wrong); i++)
        assert_int_equal(jw_roadmap_study_run(&wrong[i], &study, NULL), JW_ERROR_INPUT);
    const jw_roadmap_study_def lost = {.base = &nowhere, .seed_count = 2};
    assert_int_equal(jw_roadmap_study_run(&lost, &study, &error), JW_ERROR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_study),
        JW_UNIT(test_intervals),
        JW_UNIT(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
