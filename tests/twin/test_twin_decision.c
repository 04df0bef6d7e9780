/* Who decides in the town: models, the perfect decider, nobody, people. */
#include "base/test_base.h"
#include "traffic/traffic_bus.h"
#include "twin/twin_fixture.h"

#include <stdio.h>
#include <string.h>

/* A line from corner to corner and back. */
static void add_buses(jw_twin_def *def)
{
    jw_bus_line_def line = jw_default_bus_line_def();
    jw_vec2 ends[2] = {{100, 10}, {700, 790}};
    jw_error error = {0};
    snprintf(line.name, sizeof line.name, "1");
    assert_int_equal(jw_bus_find_edges(def->city, ends, 2, JW_VEHICLE_BUS, line.through, &error), JW_OK);
    line.through_count = 2;
    line.headway_s = 90;
    if (jw_twin_def_add_bus_line(def, &line, &error) != JW_OK)
        fail_msg("%s", error.message);
}

static jw_world *town(jw_twin_def *def, const uint8_t by[JW_DECISION_COUNT], double quality, uint64_t seed)
{
    twin_fixture_def(def, 4);
    def->seed = seed;
    def->traffic.demand.factor = 15;
    for (uint32_t i = 0; i < JW_DECISION_COUNT; i++)
        def->rules[i].by = by[i];
    def->rules[JW_DECISION_TRIAGE].staff = 10;
    jw_incident_def incidents = jw_default_incident_def();
    incidents.is_on = true;
    incidents.per_million_km = 8000;
    incidents.range_m = 110;
    incidents.crew_kmh = 40;
    incidents.clear_s = 120;
    assert_int_equal(jw_twin_def_set_incidents(def, &incidents, NULL), JW_OK);
    assert_int_equal(jw_twin_def_set_bus_priority(def, NULL), JW_OK);
    add_buses(def);
    for (uint32_t i = 0; i < def->model_count; i++)
        def->models[i].quality = quality;
    jw_request_type maintenance = {.name = "maintenance",
                                   .service = "inspection-vision",
                                   .up_bytes = 20000,
                                   .down_bytes = 300,
                                   .items = 1,
                                   .deadline_s = 1,
                                   .timeout_s = 5};
    assert_int_equal(jw_twin_def_set_request(def, &maintenance, NULL), JW_OK);
    jw_production_line_def line = {.name = "worn",
                                   .x_m = 250,
                                   .y_m = 250,
                                   .cycle_s = 2,
                                   .mtbf_s = 100,
                                   .mttr_s = 60,
                                   .defect_share = 0.2,
                                   .sample_s = 2,
                                   .warning_s = 20,
                                   .alarms = 2};
    assert_int_equal(jw_twin_def_add_line(def, &line, NULL), JW_OK);
    jw_desk_def clinic = {.name = "clinic",
                          .kind = JW_DESK_TRIAGE,
                          .x_m = 300,
                          .y_m = 500,
                          .per_h = 250,
                          .servers = 4,
                          .service_s = 55,
                          .class_count = 2,
                          .classes = {{"urgent", 0.3, 60}, {"other", 0.7, 0}}};
    jw_desk_def customs = {.name = "customs",
                           .kind = JW_DESK_CLEARING,
                           .x_m = 500,
                           .y_m = 300,
                           .per_h = 200,
                           .servers = 3,
                           .service_s = 35,
                           .rework_s = 60};
    assert_int_equal(jw_twin_def_add_desk(def, &clinic, NULL), JW_OK);
    assert_int_equal(jw_twin_def_add_desk(def, &customs, NULL), JW_OK);
    return twin_fixture_create(def, 1);
}

static jw_decision_counts counts_of(const jw_world *world, jw_decision_kind kind)
{
    jw_decision_counts counts;
    jw_twin_decision(world, kind, NULL, &counts);
    assert_int_equal(counts.asked, counts.decided + counts.late + counts.open);
    assert_true(counts.wrong <= counts.decided && counts.open >= 0 && counts.late >= 0);
    return counts;
}

static bool is_near(double a, double b)
{
    return a - b < 1e-9 && b - a < 1e-9;
}

/* The one function of the error, by hand. */
static void test_error(void **state)
{
    (void)state;
    jw_decision_rule rule = {.guess_error = 0.5, .ages_s = 100};
    assert_true(is_near(jw_decision_error(&rule, 0.9, 0), 0.1));
    assert_true(is_near(jw_decision_error(&rule, 0.9, 100), 0.1 + 0.4 * (1 - 0.36787944117144233)));
    assert_true(is_near(jw_decision_error(&rule, 0.9, 1e6), 0.5));
    assert_true(is_near(jw_decision_error(&rule, 0.3, 1e6), 0.7)); /* worse than a guess stays so */
    assert_true(is_near(jw_decision_error(&rule, 1, 0), 0));
    rule.ages_s = 0;
    assert_true(is_near(jw_decision_error(&rule, 0.9, 1e6), 0.1));
    for (uint32_t i = 0; i < JW_DECISION_COUNT; i++) {
        jw_decision_kind kind;
        jw_decision_rule usual = jw_default_decision_rule((jw_decision_kind)i);
        assert_true(jw_decision_rule_is_fine((jw_decision_kind)i, &usual, NULL));
        assert_true(jw_decision_from_name(jw_decision_name((jw_decision_kind)i), &kind) && kind == i);
        usual.human_s = 0;
        assert_false(jw_decision_rule_is_fine((jw_decision_kind)i, &usual, NULL));
    }
}

static void test_deciders(void **state)
{
    (void)state;
    double harm[JW_DECIDER_COUNT][JW_DECISION_COUNT] = {0};
    for (uint64_t seed = 1; seed <= 2; seed++)
        for (uint8_t by = 0; by < JW_DECIDER_COUNT; by++) {
            jw_twin_def def;
            uint8_t all[JW_DECISION_COUNT];
            memset(all, by, sizeof all);
            jw_world *world = town(&def, all, 0.9, seed), *other;
            jw_decision_counts c[JW_DECISION_COUNT];
            twin_fixture_run_checked(world, 3600);
            for (uint32_t k = 0; k < JW_DECISION_COUNT; k++) {
                c[k] = counts_of(world, (jw_decision_kind)k);
                harm[by][k] += jw_twin_decision_harm(world, (jw_decision_kind)k);
            }
            for (uint32_t k = JW_DECISION_INSPECTION; k < JW_DECISION_COUNT; k++) {
                double share = (double)c[k].wrong / jw_max(1, (double)c[k].decided);
                if (k == JW_DECISION_INCIDENT && by == JW_DECIDER_HUMAN)
                    continue;
                if (by == JW_DECIDER_MODEL)
                    assert_true(c[k].decided > 50 && share > 0.03 && share < 0.18 &&
                                c[k].mean_age_s > 0.004 && c[k].mean_age_s < 5);
                if (by == JW_DECIDER_PERFECT)
                    assert_true(c[k].decided > 50 && c[k].wrong == 0 && c[k].mean_age_s == 0);
                if (by == JW_DECIDER_NONE)
                    assert_true(c[k].decided == 0 && c[k].late == c[k].asked);
            }
            if (by == JW_DECIDER_PERFECT)
                assert_int_equal(c[JW_DECISION_SIGNAL].wrong, 0);
            if (by == JW_DECIDER_HUMAN) /* enough nurses, too few officers */
                assert_true(c[JW_DECISION_TRIAGE].open < 15 && c[JW_DECISION_TRIAGE].decided > 80 &&
                            c[JW_DECISION_TRIAGE].mean_age_s < 110 && c[JW_DECISION_CLEARING].open > 40);
            if (by == JW_DECIDER_HUMAN) /* four people, 5 s each; a person a line, 6 s each */
                assert_true(c[JW_DECISION_SIGNAL].decided > 1200 && c[JW_DECISION_SIGNAL].decided <= 1440 &&
                            c[JW_DECISION_SIGNAL].late > 1000 && c[JW_DECISION_INSPECTION].decided > 180 &&
                            c[JW_DECISION_INSPECTION].decided <= 600);
            assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
            twin_fixture_run(world, 60);
            twin_fixture_run(other, 60);
            assert_true(jw_world_hash(world) == jw_world_hash(other));
            jw_world_destroy(other);
            jw_world_destroy(world);
            jw_twin_def_free(&def);
        }
    for (uint32_t k = 0; k < JW_DECISION_COUNT; k++)
        print_message("%s: harm by model %.1f, perfect %.1f, none %.1f, human %.1f\n",
                      jw_decision_name((jw_decision_kind)k), harm[0][k], harm[1][k], harm[2][k], harm[3][k]);
    /* Worlds part ways with their breakdowns: model and perfect are not to be told apart in so few. */
    assert_true(harm[JW_DECIDER_PERFECT][JW_DECISION_INCIDENT] <
                    harm[JW_DECIDER_NONE][JW_DECISION_INCIDENT] &&
                harm[JW_DECIDER_MODEL][JW_DECISION_INCIDENT] < harm[JW_DECIDER_NONE][JW_DECISION_INCIDENT]);
    for (uint32_t k = JW_DECISION_INSPECTION; k < JW_DECISION_INCIDENT; k++)
        assert_true(harm[JW_DECIDER_PERFECT][k] <= harm[JW_DECIDER_MODEL][k] &&
                    harm[JW_DECIDER_MODEL][k] < harm[JW_DECIDER_NONE][k]);
    assert_true(harm[JW_DECIDER_PERFECT][JW_DECISION_INSPECTION] == 0);
}

/* Buses alone, with signals by the clock: what the perfect decider gives is what traffic gives to buses that
 * it sees; a model that is always right and answers within a step does the same; nobody gives nothing. */
static void test_bus_priority(void **state)
{
    (void)state;
    double late_s[5];
    uint64_t traffic_hash[5];
    for (uint32_t i = 0; i < 5; i++) {
        jw_twin_def def;
        twin_fixture_def(&def, 4);
        def.is_coupling_off[JW_COUPLING_SIGNALS] = 1;
        def.traffic.demand.factor = 8;
        add_buses(&def);
        if (i < 4)
            assert_int_equal(jw_twin_def_set_bus_priority(&def, NULL), JW_OK);
        def.traffic.signals.has_priority = i != 4;
        if (i == 3)
            def.has_bus_priority = false; /* traffic alone */
        def.rules[JW_DECISION_BUS].by = i == 0   ? JW_DECIDER_PERFECT
                                        : i == 1 ? JW_DECIDER_MODEL
                                                 : JW_DECIDER_NONE;
        for (uint32_t m = 0; m < def.model_count; m++)
            def.models[m].quality = 1;
        def.rules[JW_DECISION_BUS].ages_s = 0;
        jw_world *world = twin_fixture_create(&def, 1);
        twin_fixture_run_checked(world, 7200);
        jw_decision_counts c = counts_of(world, JW_DECISION_BUS);
        late_s[i] = jw_traffic_count_bus(jw_world_state(world, JW_TWIN_TRAFFIC), JW_NONE).mean_late_s;
        traffic_hash[i] = jw_world_module_hash(world, JW_TWIN_TRAFFIC);
        print_message("buses %u: %lld asked, %lld decided, %lld wrong; %.2f s late\n", i, (long long)c.asked,
                      (long long)c.decided, (long long)c.wrong, late_s[i]);
        assert_true(i >= 3 ? c.asked == 0 : c.asked > 100);
        assert_true(c.wrong == 0 && (i > 1 || c.late < 3));
        jw_world_destroy(world);
        jw_twin_def_free(&def);
    }
    assert_true(traffic_hash[0] == traffic_hash[3]); /* perfect: traffic's own */
    /* The model is asked a little before the bus is in reach, from a lane that it may leave. */
    assert_true(late_s[1] < late_s[0] + 0.5 && late_s[0] < late_s[1] + 0.5 && late_s[2] == late_s[4]);
    assert_true(late_s[0] < late_s[2]);
}

static void test_incidents(void **state)
{
    (void)state;
    jw_twin_def def;
    uint8_t model[JW_DECISION_COUNT] = {0};
    jw_world *world = town(&def, model, 0.9, 5), *other;
    twin_fixture_run_checked(world, 3600);
    uint32_t module;
    const jw_table *table = jw_world_find_table(world, "incidents", &module);
    const void *rows = jw_world_state(world, module);
    uint32_t count = table->row_count(world, rows), by_camera = 0, by_phone = 0, cleared = 0;
    for (uint32_t i = 0; i < count; i++) {
        double detected_s = table->number(world, rows, i, 4), cleared_s = table->number(world, rows, i, 5);
        const char *by = table->text(world, rows, i, 6);
        by_camera += strcmp(by, "camera") == 0;
        by_phone += strcmp(by, "phone") == 0;
        cleared += cleared_s >= 0;
        assert_true(detected_s <= 300 && (cleared_s < 0 || (detected_s >= 0 && cleared_s > detected_s)));
        assert_true(strcmp(by, "phone") != 0 || (detected_s > 299.9 && detected_s < 300.1));
        assert_true(strcmp(by, "camera") != 0 || detected_s < 300);
    }
    print_message("%u breakdowns, %u found by cameras, %u by phone, %u cleared\n", count, by_camera, by_phone,
                  cleared);
    assert_true(count > 10 && by_camera > by_phone && cleared > count / 3);
    assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
    twin_fixture_run(world, 200);
    twin_fixture_run(other, 200);
    assert_true(jw_world_hash(world) == jw_world_hash(other));
    jw_world_destroy(other);
    jw_world_destroy(world);
    jw_incident_def bad = def.incidents;
    bad.crews = 0;
    jw_error error = {0};
    assert_int_equal(jw_twin_def_set_incidents(&def, &bad, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "crews"));
    jw_twin_def_free(&def);
}

/* What a model decides on ages with its records, and without them it guesses. */
static void test_data(void **state)
{
    (void)state;
    double wrong[3];
    for (uint32_t i = 0; i < 3; i++) {
        jw_twin_def def;
        twin_fixture_sites(&def, 4);
        def.models[2].quality = 1;
        jw_desk_def desk = {.name = "customs",
                            .kind = JW_DESK_CLEARING,
                            .x_m = 500,
                            .y_m = 300,
                            .per_h = 1000,
                            .servers = 100,
                            .service_s = 10};
        jw_data_def papers = {.dataset = {.id = "papers", .size_bytes = 1000000}, .home = "city-cloud"};
        assert_int_equal(jw_twin_def_add_desk(&def, &desk, NULL), JW_OK);
        assert_int_equal(jw_twin_def_add_dataset(&def, &papers, NULL), JW_OK);
        jw_decision_rule *rule = &def.rules[JW_DECISION_CLEARING];
        rule->guess_error = 0.5;
        rule->ages_s = 1800;
        snprintf(rule->data, sizeof rule->data, "%s", i == 0 ? "" : i == 1 ? "papers" : "lost");
        jw_world *world = twin_fixture_create(&def, 1);
        twin_fixture_run_checked(world, 7200);
        jw_decision_counts c = counts_of(world, JW_DECISION_CLEARING);
        wrong[i] = (double)c.wrong / (double)c.decided;
        print_message("data %u: %lld decided, %.3f wrong, %.0f s old\n", i, (long long)c.decided, wrong[i],
                      c.mean_age_s);
        assert_true(c.decided > 700 && (i != 1 || (c.mean_age_s > 1600 && c.mean_age_s < 2100)));
        jw_world_destroy(world);
        jw_twin_def_free(&def);
    }
    /* Over an hour the records grow old: the mean of (1 - exp(-t / 1800)) / 2 over it is 0.284. */
    assert_true(wrong[0] < 0.02 && wrong[1] > 0.24 && wrong[1] < 0.33 && wrong[2] > 0.44 && wrong[2] < 0.56);
}

static void test_set_decider(void **state)
{
    (void)state;
    jw_twin_def def;
    uint8_t human[JW_DECISION_COUNT];
    memset(human, JW_DECIDER_HUMAN, sizeof human);
    jw_world *world = town(&def, human, 0.9, 1);
    jw_decision_rule rule;
    twin_fixture_run_checked(world, 40);
    jw_command command = jw_command_make("set_decider");
    jw_command_text(&command, "kind", "signal");
    jw_command_text(&command, "by", "model");
    jw_command_number(&command, "staff", 7);
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    int64_t before = counts_of(world, JW_DECISION_SIGNAL).decided;
    twin_fixture_run_checked(world, 120);
    jw_twin_decision(world, JW_DECISION_SIGNAL, &rule, NULL);
    assert_true(rule.by == JW_DECIDER_MODEL && rule.staff == 7);
    jw_decision_counts c = counts_of(world, JW_DECISION_SIGNAL);
    assert_true(c.decided - before > 200 && c.open < 10);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_error),     JW_UNIT(test_deciders), JW_UNIT(test_bus_priority),
        JW_UNIT(test_incidents), JW_UNIT(test_data),     JW_UNIT(test_set_decider),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
