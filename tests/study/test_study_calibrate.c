/* Calibration: a scaling of the matrix' cells that is known is found again from the counts it makes. */
#include "city/city_fixtures.h"
#include "study/study.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char path[] = "test_study_calibrate.csv";

static const struct {
    const char *from, *to;
    double trips, scale;
} cells[] = {{"block:0", "block:15", 360, 1.6}, {"block:3", "block:12", 300, 0.6},
             {"block:12", "block:3", 270, 1.0}, {"block:15", "block:0", 240, 2.2},
             {"block:5", "block:10", 180, 0.5}, {"block:1", "block:13", 300, 1.3},
             {"block:2", "block:14", 210, 0.8}};

/* One street of the block, so that a cell has one way. */
static uint32_t street_of(jw_demand_data *data, const jw_city *city, const char *block)
{
    uint32_t zone;
    jw_error error = {0};
    assert_int_equal(jw_demand_find_zone(data, city, block, &zone, &error), JW_OK);
    data->zones[zone].from_count = data->zones[zone].to_count = 1;
    return zone;
}

static void make_matrix(jw_demand_data *data, const jw_city *city, bool is_true)
{
    jw_error error = {0};
    for (uint32_t k = 0; k < JW_COUNT_OF(cells); k++) {
        jw_od_cell cell = {.begin_s = 7 * 3600, .end_s = 8 * 3600, .vehicle_class = JW_VEHICLE_CAR};
        cell.trips = jw_round(cells[k].trips * (is_true ? cells[k].scale : 1));
        cell.from_zone = street_of(data, city, cells[k].from);
        cell.to_zone = street_of(data, city, cells[k].to);
        assert_int_equal(
            jw_grow(&data->cells, &data->cell_capacity, data->cell_count + 1, sizeof cell, &error), JW_OK);
        data->cells[data->cell_count++] = cell;
    }
}

/* Counts at every edge in two intervals, of the true matrix. */
static uint32_t count_truth(jw_city *city, const jw_traffic_def *traffic, jw_count *out)
{
    jw_module_entry module = {&jw_traffic_module, traffic};
    jw_world_def def = {.seed = 5,
                        .dt_ns = JW_NS_PER_S,
                        .start_time_ns = 7 * 3600 * JW_NS_PER_S,
                        .modules = &module,
                        .module_count = 1,
                        .shared = &city->as_shared,
                        .shared_hash = city->content_hash};
    jw_world *world;
    jw_error error = {0};
    uint32_t edges[100], edge_count = 0, count = 0;
    assert_int_equal(jw_world_create(&def, &world, &error), JW_OK);
    for (uint32_t e = 0; e < city->edge_count; e++)
        edges[edge_count++] = e;
    assert_int_equal(jw_traffic_count_passages(jw_world_state(world, 0), edges, edge_count, &error), JW_OK);
    while (jw_world_time_ns(world) < (int64_t)(8.2 * 3600) * JW_NS_PER_S)
        assert_int_equal(jw_world_step(world, &error), JW_OK);
    const jw_passage *passages;
    uint32_t passage_count = jw_traffic_passages(jw_world_state(world, 0), &passages);
    assert_true(passage_count > 300);
    for (uint32_t k = 0; k < edge_count; k++)
        for (uint32_t half = 0; half < 2; half++) {
            out[count] = (jw_count){
                .edge = edges[k], .begin_s = 7 * 3600 + 1800 * half, .end_s = 7 * 3600 + 1800 * (half + 1)};
            for (uint32_t p = 0; p < passage_count; p++) {
                double time_s = jw_s_from_ns(passages[p].time_ns);
                out[count].observed +=
                    passages[p].edge == edges[k] && time_s >= out[count].begin_s && time_s < out[count].end_s;
            }
            count++;
        }
    jw_world_destroy(world);
    return count;
}

static void test_known_scaling(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_grid(4, 200, 2, 13.9, true);
    jw_demand_data truth = {0}, start = {0};
    make_matrix(&truth, city, true);
    make_matrix(&start, city, false);
    jw_traffic_def traffic = jw_default_traffic_def();
    traffic.demand.is_gravity = false;
    traffic.reroute_share = -1;
    traffic.demand_data = &truth;
    jw_count counts[200];
    uint32_t count = count_truth(city, &traffic, counts);
    traffic.demand_data = &start;
    jw_calibrate_def def = {.city = city,
                            .traffic = &traffic,
                            .seed = 9,
                            .dt_ns = JW_NS_PER_S,
                            .start_ns = 7 * 3600 * JW_NS_PER_S,
                            .threads = 2};
    jw_calibration found;
    jw_error error = {0};
    assert_int_equal(jw_calibrate(&def, counts, count, &found, &error), JW_OK);
    printf("mean GEH %.2f -> %.2f, below 5: %.2f -> %.2f, %u of %u cells seen\n", found.geh_mean_before,
           found.geh_mean_after, found.below_5_before, found.below_5_after, found.cells_seen,
           start.cell_count);
    double worst = 0;
    for (uint32_t k = 0; k < start.cell_count; k++) {
        double scale = found.data.cells[k].trips / start.cells[k].trips;
        printf("  %s to %s: x %.2f, found %.2f\n", cells[k].from, cells[k].to, cells[k].scale, scale);
        worst = jw_max(worst, jw_abs(scale / cells[k].scale - 1));
    }
    assert_true(found.geh_mean_after < 0.5 * found.geh_mean_before);
    assert_true(found.below_5_after > 0.95);
    assert_int_equal(found.cells_seen, start.cell_count);
    assert_true(worst < 0.1);
    jw_demand_data_free(&found.data);
    jw_demand_data_free(&truth);
    jw_demand_data_free(&start);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_geh(void **state)
{
    (void)state;
    assert_true(jw_geh(0, 0) == 0 && jw_geh(100, 100) == 0);
    assert_true(jw_abs(jw_geh(1100, 1000) - 3.086) < 0.001); /* sqrt(2 x 100^2 / 2100) */
    assert_true(jw_geh(0, 50) == 10);
}

static void test_bad_counts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
        int line;
    } bad[] = {{"edge,begin,end\n1,2,3\n", "no column \"count\"", 1},
               {"edge,begin,end,count\n1,7:00,8:00,5\n999,7:00,8:00,5\n", "edge: 999 is not between", 3},
               {"edge,begin,end,count\n1.5,7:00,8:00,5\n", "no whole number", 2},
               {"edge,begin,end,count\n1,8:00,8:00,5\n", "must end after", 2},
               {"edge,begin,end,count\n1,8:00,9:00,-5\n", "is not between", 2},
               {"edge,begin,end,count\n", "holds no count", 0}};
    jw_city *city = jw_fixture_grid(2, 200, 1, 13.9, false);
    for (uint32_t k = 0; k < JW_COUNT_OF(bad); k++) {
        jw_error error = {0};
        jw_count *counts;
        uint32_t count;
        assert_int_equal(jw_file_write(path, bad[k].text, strlen(bad[k].text), &error), JW_OK);
        assert_int_equal(jw_read_counts(path, city, &counts, &count, &error), JW_ERROR_INPUT);
        assert_non_null(strstr(error.message, bad[k].part));
        assert_int_equal(error.line, bad[k].line);
    }
    unlink(path);
    /* No matrix to scale; a count before the start. */
    jw_traffic_def traffic = jw_default_traffic_def();
    jw_count count = {.edge = 0, .begin_s = 0, .end_s = 3600, .line = 2};
    jw_calibrate_def def = {.city = city, .traffic = &traffic, .start_ns = 7 * 3600 * JW_NS_PER_S};
    jw_calibration found;
    jw_error error = {0};
    assert_int_equal(jw_calibrate(&def, &count, 1, &found, &error), JW_ERROR_STATE);
    assert_non_null(strstr(error.message, "no matrix"));
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_known_scaling), cmocka_unit_test(test_geh),
                                       cmocka_unit_test(test_bad_counts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
