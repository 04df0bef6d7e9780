/* Factories in the town: what stations ask travels over the network, what parks elsewhere ask does not. */
#include "base/test_base.h"
#include "twin/twin_fixture.h"

#include <stdio.h>
#include <string.h>

static jw_twin_def factory_town(void)
{
    jw_twin_def def;
    jw_error error = {0};
    twin_fixture_def(&def, 4);
    jw_request_type maintenance = {.name = "maintenance",
                                   .service = "inspection-vision",
                                   .up_bytes = 20000,
                                   .down_bytes = 300,
                                   .items = 1,
                                   .deadline_s = 1,
                                   .timeout_s = 5};
    assert_int_equal(jw_twin_def_set_request(&def, &maintenance, &error), JW_OK);
    jw_region_def region = {.name = "east", .skilled = 500};
    assert_int_equal(jw_twin_def_add_economic_region(&def, &region, &error), JW_OK);
    jw_park_def parks[2] = {
        {.name = "here", .region = "east", .is_detailed = true, .power_kw = 100, .people = 30},
        {.name = "there",
         .region = "east",
         .power_kw = 100,
         .people = 30,
         .fibre_gbps = 1,
         .inference_per_s = 100,
         .quality = 0.9}};
    for (uint32_t i = 0; i < 2; i++) {
        jw_production_line_def line = {.x_m = 250, .y_m = 250, .station_count = 2, .sample_s = 2, .crew = 10};
        line.mtbf_s = 300;
        line.mttr_s = 60;
        line.warning_s = 60;
        line.alarms = 2;
        line.power_kw = 50;
        snprintf(line.name, sizeof line.name, "line-of-%.20s", parks[i].name);
        snprintf(line.park, sizeof line.park, "%.20s", parks[i].name);
        for (uint32_t s = 0; s < 2; s++)
            line.stations[s] =
                (jw_station_def){.name = "s", .cycle_s = 5, .cycle_cv = 0.2, .defect_share = 0.05};
        assert_int_equal(jw_twin_def_add_park(&def, &parks[i], &error), JW_OK);
        assert_int_equal(jw_twin_def_add_line(&def, &line, &error), JW_OK);
    }
    return def;
}

static jw_request_counts requests_of(const jw_world *world, const char *name)
{
    for (uint32_t i = 0; i < jw_twin_request_type_count(world); i++)
        if (strcmp(jw_twin_request_type(world, i)->name, name) == 0)
            return jw_twin_requests(world, i);
    fail();
    return (jw_request_counts){0};
}

static void sum_stations(const jw_world *world, uint32_t line, jw_station_state *sum)
{
    jw_station_state station;
    *sum = (jw_station_state){0};
    for (uint32_t s = 0;
         jw_economy_station(world, jw_world_state(world, JW_TWIN_ECONOMY), line, s, JW_NONE, &station); s++) {
        sum->samples += station.samples;
        sum->alarms += station.alarms;
        sum->services += station.services;
        sum->failures += station.failures;
    }
}

static void test_samples_travel(void **state)
{
    (void)state;
    jw_twin_def def = factory_town();
    jw_world *world = twin_fixture_create(&def, 1), *other;
    twin_fixture_run_checked(world, 2400);
    jw_station_state here, there;
    sum_stations(world, 1, &here);
    sum_stations(world, 2, &there);
    jw_request_counts c = requests_of(world, "maintenance");
    assert_int_equal(c.sent, here.samples); /* not those of the park elsewhere */
    assert_true(c.answered > 0.9 * (double)c.sent && here.samples > 500 && there.samples > 500);
    assert_true(here.services > 5 && there.services > 5 && here.services > here.failures);
    jw_production_line_state line;
    assert_true(jw_economy_line(world, jw_world_state(world, JW_TWIN_ECONOMY), 1, &line));
    assert_true(!line.is_remote && line.inspected_by_model > 100 && line.margin_fen > 0);
    assert_true(jw_economy_line(world, jw_world_state(world, JW_TWIN_ECONOMY), 2, &line));
    assert_true(line.is_remote && line.inspected_by_model > 100);
    /* A line elsewhere is nothing on the map, and in no table of the city's lines. */
    jw_frame frame = {0};
    uint32_t factories = 0, module;
    assert_int_equal(jw_twin_fill_frame(world, NULL, 0, &frame, NULL), JW_OK);
    for (uint32_t i = 0; i < frame.asset_count; i++)
        factories += frame.assets[i].kind == JW_ASSET_FACTORY;
    const jw_table *table = jw_world_find_table(world, "production_lines", &module);
    assert_int_equal(factories, 2);
    assert_int_equal(table->row_count(world, jw_world_state(world, module)), 2);
    jw_frame_free(&frame);
    assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
    twin_fixture_run(world, 120);
    twin_fixture_run(other, 120);
    assert_true(jw_world_hash(world) == jw_world_hash(other));
    jw_world_destroy(other);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* Without the coupling nothing is sent, and stations run until they fail. */
static void test_without_the_coupling(void **state)
{
    (void)state;
    jw_twin_def def = factory_town();
    def.is_coupling_off[JW_COUPLING_FACTORY] = 1;
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 2400);
    jw_station_state here;
    sum_stations(world, 1, &here);
    assert_true(requests_of(world, "maintenance").sent == 0 && here.services == 0 && here.failures > 0);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* Parks are on no map: their list is asked for, then one of them by name. */
static void test_parks_tell_of_themselves(void **state)
{
    (void)state;
    jw_twin_def def = factory_town();
    jw_world *world = twin_fixture_create(&def, 1);
    jw_frame frame = {0};
    twin_fixture_run(world, 4);
    jw_watch watch = {.id = 7, .kind = JW_WATCH_PARK};
    assert_int_equal(jw_twin_answer(world, &watch, &frame, NULL), JW_OK);
    assert_int_equal(frame.detail_count, 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(frame.details[i].watch_id, 7);
        assert_int_equal(frame.details[i].thing.kind, JW_WATCH_PARK);
        assert_string_equal(frame.details[i].thing.name, i == 0 ? "here" : "there");
    }
    for (uint32_t p = 0; p < 2; p++) {
        watch = (jw_watch){.kind = JW_WATCH_PARK};
        jw_text_copy(watch.name, sizeof watch.name, p == 0 ? "here" : "there");
        assert_int_equal(jw_twin_answer(world, &watch, &frame, NULL), JW_OK);
        const char *line = "";
        double supply = 0, needed = 0, inference = -1;
        uint32_t lacks = 0;
        for (uint32_t i = 0; i < frame.detail_count; i++) {
            const jw_frame_detail *detail = &frame.details[i];
            supply = strcmp(detail->label, "supply") == 0 ? detail->number : supply;
            needed = strcmp(detail->label, "supply_needed") == 0 ? detail->number : needed;
            inference = strcmp(detail->label, "inference") == 0 ? detail->number : inference;
            lacks += strcmp(detail->label, "lacks") == 0;
            line = strcmp(detail->label, "production_line") == 0 ? detail->thing.name : line;
        }
        assert_true(supply == 100 && needed == 50 && inference == (p == 0 ? 0 : 100));
        assert_int_equal(lacks > 0, p == 0);
        assert_string_equal(line, p == 0 ? "line-of-here" : ""); /* the other's is not in the city */
    }
    watch.name[0] = 'x';
    assert_int_equal(jw_twin_answer(world, &watch, &frame, NULL), JW_OK);
    assert_int_equal(frame.detail_count, 0);
    watch = (jw_watch){.kind = JW_WATCH_ASSET, .name = "line-of-here"};
    assert_int_equal(jw_twin_answer(world, &watch, &frame, NULL), JW_OK);
    const jw_frame_detail *last = &frame.details[frame.detail_count - 1];
    assert_int_equal(last->thing.kind, JW_WATCH_PARK);
    assert_string_equal(last->thing.name, "here");
    jw_frame_free(&frame);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_samples_travel),
        JW_UNIT(test_without_the_coupling),
        JW_UNIT(test_parks_tell_of_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
