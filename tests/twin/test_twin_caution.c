/* Shuttles before corners that they do not see around: the way at which their view opens against geometry,
 * what the caution costs, and what a roadside unit that sees the arms saves of it. */
#include "base/test_base.h"
#include "city/city_fixtures.h"
#include "twin/twin_fixture.h"
#include "twin/twin_internal.h"

#include <stdio.h>
#include <string.h>

enum { SHUTTLES = 30, ARM_M = 300 };

/* A cross with signals and a house at each corner, whose walls stand inset_m from both streets' middles; 0:
 * no houses. */
static jw_city *corner_city(double inset_m)
{
    jw_draft draft = {0};
    jw_error error = {0};
    uint32_t centre = jw_fixture_add_node(&draft, 0, 0, true);
    static const double ends[4][2] = {{-ARM_M, 0}, {ARM_M, 0}, {0, -ARM_M}, {0, ARM_M}};
    for (uint32_t i = 0; i < 4; i++)
        jw_fixture_add_road(&draft, jw_fixture_add_node(&draft, ends[i][0], ends[i][1], false), centre,
                            i < 2 ? JW_ROAD_PRIMARY : JW_ROAD_SECONDARY, 1, 1, 50 / 3.6);
    for (uint32_t i = 0; i < 4 && inset_m > 0; i++) {
        double x = i % 2 ? 1 : -1, y = i / 2 ? 1 : -1, far_m = inset_m + 100;
        const double corners[4][2] = {{inset_m, inset_m}, {far_m, inset_m}, {far_m, far_m}, {inset_m, far_m}};
        uint32_t refs[4], size = 4;
        for (uint32_t k = 0; k < 4; k++) /* counter-clockwise all four */
            refs[x * y > 0 ? k : 3 - k] =
                jw_fixture_add_node(&draft, x * corners[k][0], y * corners[k][1], false);
        jw_draft_shape shape;
        assert_int_equal(jw_draft_add_shape(&draft, refs, &size, 1, &shape, &error), JW_OK);
        jw_draft_building building = {.shape = shape, .levels = 4, .use = JW_USE_RESIDENTIAL};
        assert_int_equal(jw_draft_add_building(&draft, &building, &error), JW_OK);
    }
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    return city;
}

static void make_corner(jw_twin_def *def, double inset_m, bool has_unit)
{
    jw_error error = {0};
    assert_int_equal(jw_twin_def_init(def, &error), JW_OK);
    def->city = corner_city(inset_m);
    def->start_time_ns = 0;
    def->traffic.demand.is_gravity = false;
    def->connected_share = 1;
    jw_listed_trip *trips = jw_alloc(SHUTTLES * sizeof *trips);
    assert_non_null(trips);
    for (uint32_t i = 0; i < SHUTTLES; i++) /* from the west straight on, one each 50 s */
        trips[i] = (jw_listed_trip){.depart_ns = jw_ns_from_s(1 + 50.0 * i),
                                    .tag = i + 1,
                                    .from_edge = 0,
                                    .to_edge = 3,
                                    .vehicle_class = JW_VEHICLE_SHUTTLE};
    def->demand_data.trips = trips;
    def->demand_data.trip_count = def->demand_data.trip_capacity = SHUTTLES;
    jw_roadside_def unit = {.radar_range_m = 200};
    if (has_unit)
        assert_int_equal(jw_twin_def_add_roadside_units(def, &unit, 0, &error), JW_OK);
}

/* A shuttle at 11.1 m/s stops in 11.1 (0.5 + 11.1 / 5) = 30.2 m. Without houses it sees all; with walls 6 m
 * from the middle of the streets nothing but the last metres; between, farther the farther the walls stand
 * back, and by the line of sight past the corner. */
static void test_view_opens(void **state)
{
    (void)state;
    static const double insets_m[] = {0, 6, 12, 18, 25, 40};
    double open_m[6];
    for (uint32_t i = 0; i < 6; i++) {
        jw_twin_def def;
        make_corner(&def, insets_m[i], false);
        jw_world *world = twin_fixture_create(&def, 1);
        open_m[i] = twin_caution_open_m(world, 0);
        if (i == 3) { /* the point of the southern arm that must be seen, and the corner between, by hand */
            const jw_city *city = jw_twin_city(world);
            const jw_lane *own = &city->lanes[city->edges[0].first_lane],
                          *arm = &city->lanes[city->edges[4].first_lane];
            jw_vec3 line = city->points[own->first_point + own->point_count - 1],
                    theirs = city->points[arm->first_point + arm->point_count - 1];
            for (int step = 0; step < 2; step++) { /* seen at open_m, hidden 2 m before */
                double way_m = open_m[i] + 2 * step, v = jw_max(2.5 * (jw_sqrt(0.25 + 0.8 * way_m) - 0.5), 3),
                       time_s = (jw_sqrt(v * v + 2.4 * (way_m + 12)) - v) / 1.2, far_m = 50 / 3.6 * time_s;
                double x0 = line.x - way_m, y0 = line.y, x1 = theirs.x, y1 = theirs.y - far_m;
                double at_corner =
                    y0 + (y1 - y0) * (-18 - x0) / (x1 - x0); /* height of the ray at the wall */
                assert_true(step == 0 ? at_corner > -18 : at_corner < -18 || way_m > 30.2);
            }
        }
        jw_world_destroy(world);
        jw_twin_def_free(&def);
    }
    printf("view opens %.1f, %.1f, %.1f, %.1f, %.1f, %.1f m before the line\n", open_m[0], open_m[1],
           open_m[2], open_m[3], open_m[4], open_m[5]);
    assert_true(jw_abs(open_m[0] - 11.1 * (0.5 + 11.1 / 5)) < 1e-9 && open_m[5] == open_m[0]);
    for (uint32_t i = 2; i < 6; i++)
        assert_true(open_m[i] >= open_m[i - 1]);
    assert_true(open_m[1] < 8 && open_m[3] > open_m[1] && open_m[3] < open_m[0]);
}

typedef struct outcome {
    double travel_s, most_cautious, most_informed;
    uint64_t traffic_hash;
} outcome;

static outcome drive(jw_twin_def *def, int threads, const char *verb)
{
    jw_world *world = twin_fixture_create(def, threads);
    outcome out = {0};
    if (verb)
        twin_fixture_command(world, verb, "name", "roadside-1");
    for (uint32_t i = 0; i < 3400; i++) {
        double cautious, informed;
        twin_fixture_run(world, 1);
        assert_true(jw_world_metric(world, "twin.shuttles_cautious", &cautious) &&
                    jw_world_metric(world, "twin.shuttles_informed", &informed));
        out.most_cautious = jw_max(out.most_cautious, cautious);
        out.most_informed = jw_max(out.most_informed, informed);
    }
    jw_traffic_counts counts = jw_traffic_count(jw_world_state(world, JW_TWIN_TRAFFIC));
    assert_int_equal(counts.arrived, SHUTTLES);
    out.travel_s = counts.mean_travel_time_s;
    out.traffic_hash = jw_world_module_hash(world, JW_TWIN_TRAFFIC);
    jw_world_destroy(world);
    jw_twin_def_free(def);
    return out;
}

static outcome drive_corner(double inset_m, bool has_unit, bool has_caution, const char *verb)
{
    jw_twin_def def;
    make_corner(&def, inset_m, has_unit);
    def.has_cautious_shuttles = has_caution;
    return drive(&def, 1, verb);
}

/* A unit announces the signals, too: what its perception saves is against a unit that sees too little. */
static void test_units_save_the_caution(void **state)
{
    (void)state;
    outcome bold = drive_corner(8, false, false, NULL), blind = drive_corner(8, false, true, NULL),
            told = drive_corner(8, true, true, NULL), bold_unit = drive_corner(8, true, false, NULL),
            open = drive_corner(0, false, true, NULL);
    printf("shuttles at a blind corner: %.1f s, without caution %.1f s, told by a unit %.1f s (bold with it "
           "%.1f s)\n",
           blind.travel_s, bold.travel_s, told.travel_s, bold_unit.travel_s);
    assert_true(blind.most_cautious >= 1 && blind.most_informed == 0 && blind.travel_s > bold.travel_s + 1);
    assert_true(told.most_cautious == 0 && told.most_informed >= 1);
    assert_true(told.traffic_hash == bold_unit.traffic_hash); /* all of it is saved */
    assert_true(open.most_cautious == 0);
    /* A unit that fails, that sees less far than somebody comes, or too rarely tells, is of no use. */
    outcome failed = drive_corner(8, true, true, "fail_roadside");
    assert_true(failed.traffic_hash == blind.traffic_hash && failed.most_informed == 0);
    for (int i = 0; i < 3; i++) {
        jw_twin_def def;
        make_corner(&def, 8, true);
        def.roadside_units[0].radar_range_m = i == 0 ? 30 : 200;
        def.roadside_units[0].perception_hz = i == 1 ? 0.1 : 10;
        def.is_coupling_off[JW_COUPLING_ADVICE] = i == 2;
        outcome useless = drive(&def, 1, NULL);
        assert_true(useless.most_cautious >= 1 && (i == 1 || useless.most_informed == 0));
        if (i == 0) {
            printf("with a unit that sees 30 m: %.1f s\n", useless.travel_s);
            assert_true(useless.travel_s > told.travel_s + 1);
        }
    }
}

static void test_restored_and_parallel(void **state)
{
    (void)state;
    jw_twin_def def;
    make_corner(&def, 8, true);
    jw_world *world = twin_fixture_create(&def, 3);
    twin_fixture_run(world, 203);
    assert_true(twin_fixture_copy_goes_alike(world, &def, 300));
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {JW_UNIT(test_view_opens), JW_UNIT(test_units_save_the_caution),
                                       JW_UNIT(test_restored_and_parallel)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
