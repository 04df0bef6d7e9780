/* Home blocks, cameras and factories as radio users. */
#include "base/test_base.h"
#include "twin/twin_fixture.h"
#include "twin/twin_internal.h"

#include <math.h>
#include <stdio.h>

static double metric(const jw_world *world, const char *name)
{
    double value = -1;
    assert_true(jw_world_metric(world, name, &value));
    return value;
}

/* The mean over a day is one, also between the hours; midnight is no step. */
static void test_profile(void **state)
{
    (void)state;
    double sum = 0;
    for (uint32_t minute = 0; minute < 1440; minute++)
        sum += jw_home_profile(60.0 * minute);
    assert_true(fabs(sum / 1440 - 1) < 1e-12);
    assert_true(fabs(jw_home_profile(86399.9) - jw_home_profile(0)) < 1e-4);
    assert_true(jw_home_profile(21 * 3600.0) == 2.1 && jw_home_profile(86400 + 4 * 3600.0) == 0.2);
}

/* A lake of 300 m with an island of 100 m takes the places that lie in it, and no other. */
static void test_cells_stand_on_land(void **state)
{
    (void)state;
    jw_vec3 points[] = {{90, 100, 0},  {390, 100, 0}, {390, 400, 0}, {90, 400, 0},
                        {250, 130, 0}, {350, 130, 0}, {350, 230, 0}, {250, 230, 0}};
    jw_ring_range rings[] = {{0, 4}, {4, 4}};
    jw_area lake = {.kind = JW_AREA_WATER, .ring_count = 2};
    jw_cell_def cell = {.scenario = JW_RADIO_UMI};
    jw_error error = {0};
    uint32_t cells[2], in_lake = 0, on_island = 0;
    for (uint32_t has_lake = 0; has_lake < 2; has_lake++) {
        jw_twin_def def;
        twin_fixture_sites(&def, 4);
        jw_city *city = def.city, flooded = *city;
        flooded.points = points, flooded.rings = rings, flooded.areas = &lake;
        flooded.point_count = 8, flooded.ring_count = 2, flooded.area_count = has_lake;
        flooded.building_count = 0;
        def.city = &flooded;
        assert_int_equal(jw_twin_def_add_cells(&def, 200, &cell, 1, 10, &error), JW_OK);
        cells[has_lake] = def.cell_count;
        for (uint32_t i = 0; i < def.cell_count; i++) {
            double x = def.cells[i].x_m, y = def.cells[i].y_m;
            bool is_island = x > 250 && x < 350 && y > 130 && y < 230;
            bool is_wet = x > 90 && x < 390 && y > 100 && y < 400 && !is_island;
            in_lake += !has_lake && is_wet;
            on_island += has_lake && is_island;
            assert_true(!has_lake || !is_wet);
        }
        def.city = city;
        jw_twin_def_free(&def);
    }
    printf("cells: %u dry, %u with a lake; %u in it, %u on its island\n", cells[0], cells[1], in_lake,
           on_island);
    assert_true(in_lake > 1 && on_island > 0 && cells[1] == cells[0] - in_lake);
}

static double mean_load(jw_world *world, double *out_up)
{
    const jw_network *network = twin_network_of(world);
    double sum = 0;
    jw_cell_state cell;
    *out_up = 0;
    for (uint32_t i = 0; i < jw_network_cell_count(network); i++)
        if (jw_network_cell(world, network, i, &cell)) {
            sum += cell.load;
            *out_up += cell.up_load;
        }
    return sum;
}

/* Nobody drives: what loads the cells is what residents use, in proportion to the hour. */
static double load_at(int hour, double bps, bool is_coupled, double *out_up)
{
    jw_twin_def def;
    twin_fixture_def(&def, 4);
    def.traffic.demand.is_gravity = false;
    def.camera_count = def.line_count = 0;
    def.start_time_ns = (int64_t)hour * 3600 * JW_NS_PER_S;
    def.home_bps_per_resident = bps;
    def.is_coupling_off[JW_COUPLING_RADIO] = !is_coupled;
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 10);
    double load = mean_load(world, out_up);
    assert_int_equal((int)metric(world, "network.users"), is_coupled && bps > 0 ? 16 : 0);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
    return load;
}

static void test_homes_load_cells_by_the_hour(void **state)
{
    (void)state;
    double up[4], loads[4] = {load_at(4, 1e2, true, &up[0]), load_at(21, 1e2, true, &up[1]),
                              load_at(21, 1e2, false, &up[2]), load_at(21, 0, true, &up[3])};
    printf("16 blocks of 300: load of all cells %.5f at four, %.5f at nine in the evening\n", loads[0],
           loads[1]);
    assert_true(loads[0] > 0 && up[0] > 0);
    assert_true(fabs(loads[1] / loads[0] - 2.1 / 0.2) < 0.1 && fabs(up[1] / up[0] - 2.1 / 0.2) < 0.1);
    assert_true(loads[2] == 0 && loads[3] == 0);
}

/* On the air cameras and factories ask over their cells; with no cell left nobody hears them. */
static void test_cameras_and_factories_on_the_air(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 4);
    def.has_cameras_on_air = def.has_factories_on_air = true;
    def.connected_share = 0;
    jw_world *world = twin_fixture_create(&def, 1);
    double up;
    twin_fixture_run_checked(world, 240);
    assert_int_equal((int)metric(world, "network.users"), def.camera_count + 1);
    assert_true(metric(world, "twin.signals_by_ai") > 20 && metric(world, "economy.parts") > 0);
    mean_load(world, &up);
    assert_true(up > 0);
    for (uint32_t i = 0; i < def.cell_count; i++)
        twin_fixture_command(world, "fail_cell", "name", def.cells[i].name);
    twin_fixture_run_checked(world, 60);
    assert_true(metric(world, "twin.signals_by_ai") == 0);
    assert_true(metric(world, "network.outages") == def.camera_count + 1);
    jw_command command = jw_command_make("set_coupling");
    jw_command_text(&command, "name", "radio");
    jw_command_number(&command, "on", 0);
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    twin_fixture_run_checked(world, 60); /* wired again, their masts are up */
    assert_true(metric(world, "network.users") == 0 && metric(world, "twin.signals_by_ai") > 20);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_restored_users_go_on_alike(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 4);
    def.has_cameras_on_air = def.has_factories_on_air = true;
    def.home_bps_per_resident = 27e3;
    jw_world *world = twin_fixture_create(&def, 2);
    twin_fixture_run(world, 203);
    assert_true(twin_fixture_copy_goes_alike(world, &def, 200));
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_profile), JW_UNIT(test_cells_stand_on_land), JW_UNIT(test_homes_load_cells_by_the_hour),
        JW_UNIT(test_cameras_and_factories_on_the_air), JW_UNIT(test_restored_users_go_on_alike)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
