/* Real maps from $JINGWEI_DATA: everything that builders promise, and that the figures are those of a city.
 */
#include "base/test_base.h"
#include "city/city.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct expectation {
    const char *file;
    uint32_t signals_min, signals_max; /* programmes */
    double reachable_min;              /* share of the road length in the largest component */
    uint32_t people_min, people_max;
} expectation;

/* People: the rule is calibrated on Liechtenstein (39,000 to 40,000 inhabitants). The others are only
 * bounded: Monaco's towers have no storeys in the map (38,000 inhabitants), of Krems (25,000) few houses are
 * drawn. */
static const expectation expectations[] = {
    {"monaco.osm.gz", 3, 12, 0.85, 10000, 60000},
    {"krems.osm.gz", 6, 30, 0.70, 4000, 50000},
    {"liechtenstein-latest.osm.pbf", 2, 20, 0.97, 36000, 44000},
    {"shanghai_center.osm.gz", 500, 1384, 0.90, 300000, 4000000},
};

static void count_exits(const jw_city *city, uint32_t *out_lanes, uint32_t *out_without)
{
    *out_lanes = *out_without = 0;
    for (uint32_t i = 0; i < city->lane_count; i++) {
        const jw_lane *lane = &city->lanes[i];
        if (!(lane->allow & JW_ALLOW_CAR) || city->junctions[city->edges[lane->edge].to].out_count == 0)
            continue;
        (*out_lanes)++;
        bool has_exit = false;
        for (uint32_t k = 0; k < lane->connection_count; k++)
            has_exit |= (city->connections[city->lane_connections[lane->first_connection + k]].allow &
                         JW_ALLOW_CAR) != 0;
        *out_without += !has_exit;
    }
}

static void check_signals(const jw_city *city)
{
    for (uint32_t p = 0; p < city->programme_count; p++) {
        const jw_programme *programme = &city->programmes[p];
        const jw_junction *junction = &city->junctions[programme->junction];
        assert_true(programme->cycle_s >= 60 && programme->cycle_s <= 180);
        assert_true(programme->phase_count <= 16);
        for (uint32_t link = 0; link < programme->link_count; link++) {
            const jw_connection *c = &city->connections[junction->first_connection + link];
            bool is_served = false;
            for (uint32_t k = 0; k < programme->phase_count; k++) {
                const char *s =
                    city->signal_states + city->signal_phases[programme->first_phase + k].first_state;
                is_served |= s[link] == 'G' || s[link] == 'g';
                for (uint32_t f = 0; s[link] == 'G' && f < c->conflict_count; f++) {
                    const jw_conflict *zone = &city->conflicts[c->first_conflict + f];
                    const jw_connection *foe = &city->connections[zone->foe];
                    bool is_second = (c->second != JW_NONE && zone->end_m >= c->wait_m) ||
                                     (foe->second != JW_NONE && zone->foe_end_m >= foe->wait_m);
                    assert_true(is_second || s[foe->signal_link] != 'G'); /* later in a left turn */
                }
            }
            assert_true(is_served);
        }
    }
}

static void check_map(const char *folder, const expectation *expected)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, expected->file);
    jw_draft draft = {0};
    jw_city *city = NULL;
    jw_error error = {0};
    double begin_s = jw_clock_seconds();
    jw_result result = jw_read_osm(path, &draft, NULL, NULL, NULL, &error);
    double read_s = jw_clock_seconds();
    if (result == JW_OK)
        result = jw_city_build(&draft, &(jw_build_def){.threads = 2}, NULL, NULL, NULL, &city, &error);
    double built_s = jw_clock_seconds();
    if (result == JW_OK)
        result = jw_city_verify(city, &error);
    if (result != JW_OK)
        print_message("%s: %s\n", path, error.message);
    assert_int_equal(result, JW_OK);

    uint32_t *component = jw_alloc(city->edge_count * sizeof *component);
    assert_int_equal(jw_city_components(city, component, NULL), JW_OK);
    double all_m = 0, main_m = 0;
    for (uint32_t e = 0; e < city->edge_count; e++) {
        all_m += component[e] != JW_NONE ? city->edges[e].length_m : 0;
        main_m += component[e] == 0 ? city->edges[e].length_m : 0;
    }
    uint32_t lanes, without, in_conflict = 0, gates = 0;
    uint64_t people = 0;
    count_exits(city, &lanes, &without);
    for (uint32_t i = 0; i < city->connection_count; i++)
        in_conflict += city->connections[i].conflict_count > 0;
    for (uint32_t b = 0; b < city->block_count; b++) {
        people += city->blocks[b].population;
        for (uint32_t k = 0; k < city->blocks[b].access_count; k++)
            assert_int_equal(component[city->block_edges[city->blocks[b].first_access + k]], 0);
    }
    for (uint32_t i = 0; i < city->place_count; i++)
        gates += city->places[i].kind == JW_PLACE_GATE;
    print_message(
        "%s: read %.2f s, built %.2f s; %u junctions, %u signals, %u edges, %u lanes, %u connections, "
        "%.1f %% of road reachable, %u of %u car lanes without exit, %.0f %% in conflict, %llu people, %u "
        "gates\n",
        expected->file, read_s - begin_s, built_s - read_s, city->junction_count, city->programme_count,
        city->edge_count, city->lane_count, city->connection_count, 100 * main_m / all_m, without, lanes,
        100.0 * in_conflict / city->connection_count, (unsigned long long)people, gates);
    assert_true(city->programme_count >= expected->signals_min &&
                city->programme_count <= expected->signals_max);
    assert_true(main_m / all_m >= expected->reachable_min);
    assert_true(people >= expected->people_min && people <= expected->people_max);
    assert_true(without * 1000 <= lanes); /* a restriction may close a lane's last way */
    assert_true(in_conflict * 10 > city->connection_count * 4u && in_conflict < city->connection_count);
    check_signals(city);
    jw_free(component);
    jw_city_release(city);
    jw_draft_free(&draft);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_real_maps(void **state)
{
    (void)state;
    const char *folder = getenv("JINGWEI_DATA");
    if (!folder) {
        print_message("skipped: JINGWEI_DATA does not name the folder of real maps\n");
        skip();
    }
    for (uint32_t i = 0; i < JW_COUNT_OF(expectations); i++)
        check_map(folder, &expectations[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_real_maps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
