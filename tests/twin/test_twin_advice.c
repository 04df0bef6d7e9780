/* The digital road in the loop: vehicles that hear when a signal turns green meet it, and nothing changes
 * where nobody hears anything. */
#include "base/test_base.h"
#include "city/city_fixtures.h"
#include "twin/twin_fixture.h"
#include "twin/twin_internal.h"

#include <stdio.h>
#include <string.h>

enum { CARS = 60 };

/* Cars on two arms of a cross, one each 12 s: each stops once at most where it is not advised. */
static void make_cross(jw_twin_def *def, bool has_unit)
{
    jw_error error = {0};
    assert_int_equal(jw_twin_def_init(def, &error), JW_OK);
    def->city = jw_fixture_cross(600, 1, 13.89, true);
    def->start_time_ns = 0;
    def->traffic.demand.is_gravity = false;
    def->connected_share = 1;
    jw_listed_trip *trips = jw_alloc(2 * CARS * sizeof *trips);
    assert_non_null(trips);
    for (uint32_t i = 0; i < 2 * CARS; i++)
        trips[i] = (jw_listed_trip){.depart_ns = jw_ns_from_s(1 + 12.0 * (i / 2)),
                                    .tag = i + 1,
                                    .from_edge = i % 2 ? 4 : 0,
                                    .to_edge = i % 2 ? 7 : 3,
                                    .vehicle_class = JW_VEHICLE_CAR};
    def->demand_data.trips = trips;
    def->demand_data.trip_count = def->demand_data.trip_capacity = 2 * CARS;
    jw_roadside_def unit = {.camera_range_m = 100, .radar_range_m = 200};
    if (has_unit)
        assert_int_equal(jw_twin_def_add_roadside_units(def, &unit, 0, &error), JW_OK);
    assert_int_equal(def->roadside_unit_count, has_unit);
}

typedef struct outcome {
    jw_traffic_quality quality;
    jw_traffic_counts counts;
    uint64_t traffic_hash;
    int64_t received;
    double most_advised;
} outcome;

static outcome drive(const jw_twin_def *def, int threads, const char *verb)
{
    jw_world *world = twin_fixture_create(def, threads);
    outcome out = {0};
    if (verb)
        twin_fixture_command(world, verb, "name", "roadside-1");
    for (uint32_t i = 0; i < 1800; i++) {
        double advised;
        twin_fixture_run(world, 1);
        assert_true(jw_world_metric(world, "twin.advised", &advised));
        out.most_advised = jw_max(out.most_advised, advised);
    }
    out.quality = jw_traffic_judge(jw_world_state(world, JW_TWIN_TRAFFIC));
    out.counts = jw_traffic_count(jw_world_state(world, JW_TWIN_TRAFFIC));
    out.traffic_hash = jw_world_module_hash(world, JW_TWIN_TRAFFIC);
    out.received = jw_roadside_total(jw_world_state(world, JW_TWIN_ROADSIDE)).received[JW_ROADSIDE_SIGNAL];
    assert_int_equal(out.counts.arrived, 2 * CARS);
    jw_world_destroy(world);
    return out;
}

static void test_advised_vehicles_meet_the_green(void **state)
{
    (void)state;
    jw_twin_def with, without;
    make_cross(&with, true);
    make_cross(&without, false);
    outcome plain = drive(&without, 1, NULL), advised = drive(&with, 1, NULL);
    printf("%d cars at a signal: %lld stops, %.2f l, %.1f s each; advised %lld stops, %.2f l, %.1f s each\n",
           2 * CARS, (long long)plain.quality.stops, plain.quality.fuel_l, plain.counts.mean_travel_time_s,
           (long long)advised.quality.stops, advised.quality.fuel_l, advised.counts.mean_travel_time_s);
    assert_true(plain.quality.stops > 40 && plain.most_advised == 0 && plain.received == 0);
    assert_true(advised.most_advised > 1 && advised.received > 10000);
    assert_true(advised.quality.stops < plain.quality.stops * 2 / 3);
    assert_true(advised.quality.fuel_l < plain.quality.fuel_l);
    assert_true(advised.counts.mean_travel_time_s < 1.03 * plain.counts.mean_travel_time_s);
    /* Off, or with the unit failed, or with nobody connected: as if there were none. */
    assert_true(drive(&with, 3, NULL).traffic_hash == advised.traffic_hash);
    assert_true(drive(&with, 1, "fail_roadside").traffic_hash == plain.traffic_hash);
    with.is_coupling_off[JW_COUPLING_ADVICE] = 1;
    outcome off = drive(&with, 1, NULL);
    assert_true(off.traffic_hash == plain.traffic_hash && off.received > 10000);
    with.is_coupling_off[JW_COUPLING_ADVICE] = 0;
    with.roadside_units[0].y_m += 5000; /* heard by nobody, though it announces */
    assert_true(drive(&with, 1, NULL).traffic_hash == plain.traffic_hash);
    with.roadside_units[0].y_m -= 5000;
    with.connected_share = 0;
    outcome none = drive(&with, 1, NULL);
    assert_true(none.traffic_hash == plain.traffic_hash && none.received == 0);
    jw_twin_def_free(&with);
    jw_twin_def_free(&without);
}

/* Where vehicles or answers rule the signals only the earliest change is known: advice by it spares fuel and
 * costs no time. */
static void test_advice_by_what_is_certain(void **state)
{
    (void)state;
    static const jw_signal_control controls[] = {JW_SIGNAL_MAX_PRESSURE, JW_SIGNAL_EXTENDED};
    for (uint32_t k = 0; k < JW_COUNT_OF(controls); k++) {
        jw_twin_def with, without;
        make_cross(&with, true);
        make_cross(&without, false);
        with.traffic.signals.control = without.traffic.signals.control = controls[k];
        outcome plain = drive(&without, 1, NULL), advised = drive(&with, 1, NULL);
        printf("%s: %lld stops, %.2f l, %.1f s each; advised %lld stops, %.2f l, %.1f s each\n",
               jw_signal_control_name(controls[k]), (long long)plain.quality.stops, plain.quality.fuel_l,
               plain.counts.mean_travel_time_s, (long long)advised.quality.stops, advised.quality.fuel_l,
               advised.counts.mean_travel_time_s);
        assert_true(advised.most_advised > 0);
        assert_true(advised.quality.stops <= plain.quality.stops);
        assert_true(advised.quality.fuel_l < plain.quality.fuel_l);
        assert_true(advised.counts.mean_travel_time_s < 1.03 * plain.counts.mean_travel_time_s);
        jw_twin_def_free(&with);
        jw_twin_def_free(&without);
    }
}

static void test_restored_road_goes_on_alike(void **state)
{
    (void)state;
    jw_twin_def def;
    make_cross(&def, true);
    jw_world *world = twin_fixture_create(&def, 2);
    twin_fixture_run(world, 203);
    assert_true(twin_advice_of(world)->advised > 0);
    assert_true(twin_fixture_copy_goes_alike(world, &def, 200));
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* The first messages dropped are an event, once: with a limit so low that two cars fill the channel. */
static void test_full_channels_are_told(void **state)
{
    (void)state;
    jw_twin_def def;
    make_cross(&def, true);
    def.roadside.busy_limit = 0.05;
    def.roadside.vehicle_bytes = 3000;
    jw_world *world = twin_fixture_create(&def, 1);
    uint32_t marks = 0, count;
    twin_fixture_run(world, 600);
    assert_true(jw_roadside_total(twin_roadside_of(world)).dropped[JW_ROADSIDE_PERCEPTION] > 100);
    const jw_frame_event *events = jw_twin_events(world, &count);
    for (uint32_t i = 0; i < count; i++)
        marks += strcmp(events[i].key, "roadside_full") == 0 && strcmp(events[i].text, "roadside-1") == 0;
    assert_int_equal(marks, 1);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_units_are_shown(void **state)
{
    (void)state;
    jw_twin_def def;
    make_cross(&def, true);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run(world, 100);
    jw_frame frame = {0};
    jw_watch watch = {.id = 1, .kind = JW_WATCH_ASSET, .name = "roadside-1"};
    assert_int_equal(jw_twin_fill_frame(world, &watch, 1, &frame, NULL), JW_OK);
    assert_int_equal(frame.asset_count, 1);
    assert_int_equal(frame.assets[0].kind, JW_ASSET_ROADSIDE);
    assert_true(frame.assets[0].is_up && frame.assets[0].load > 0 && frame.assets[0].queue > 0);
    assert_int_equal(frame.detail_count, 9); /* its figures, and the junction that it is for */
    jw_frame_free(&frame);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {JW_UNIT(test_advised_vehicles_meet_the_green),
                                       JW_UNIT(test_advice_by_what_is_certain),
                                       JW_UNIT(test_restored_road_goes_on_alike),
                                       JW_UNIT(test_full_channels_are_told), JW_UNIT(test_units_are_shown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
