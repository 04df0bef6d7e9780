/* Reading whole maps: the village written for the tests, its two PBF forms, and the real extracts of
 * $JINGWEI_DATA. */
#include "city/test_osm.h"

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

static const jw_draft_road *road_of(const jw_draft *draft, uint64_t id)
{
    for (uint32_t i = 0; i < draft->road_count; i++)
        if (draft->roads[i].source_id == id)
            return &draft->roads[i];
    return NULL;
}

static const jw_draft_building *building_of(const jw_draft *draft, uint64_t id)
{
    for (uint32_t i = 0; i < draft->building_count; i++)
        if (draft->buildings[i].source_id == id)
            return &draft->buildings[i];
    return NULL;
}

static const jw_draft_node *node_of(const jw_draft *draft, uint64_t id)
{
    for (uint32_t i = 0; i < draft->node_count; i++)
        if (draft->nodes[i].source_id == id)
            return &draft->nodes[i];
    return NULL;
}

static uint64_t ref_id(const jw_draft *draft, uint32_t ref)
{
    return draft->nodes[draft->refs[ref]].source_id;
}

static void read_village(jw_draft *draft, jw_problems *problems)
{
    jw_error error = {0};
    must_read(jw_read_osm(VILLAGE, draft, problems, NULL, NULL, &error), &error);
}

static void test_roads(void **state)
{
    (void)state;
    jw_draft draft = {0};
    read_village(&draft, NULL);
    assert_string_equal(draft.name, "village");
    assert_int_equal(draft.road_count, 8);

    const jw_draft_road *avenue = road_of(&draft, 100);
    assert_int_equal(avenue->road_class, JW_ROAD_PRIMARY);
    assert_int_equal(avenue->lanes_forward, 2);
    assert_int_equal(avenue->lanes_backward, 2);
    assert_true(avenue->bike_lane_forward && avenue->bike_lane_backward && !avenue->bus_lane_forward);
    assert_near(avenue->speed_mps, 60 / 3.6, 1e-12);
    assert_string_equal(avenue->turn_forward, "left|through;right");
    assert_string_equal(avenue->turn_backward, "");
    assert_string_equal(jw_draft_text(&draft, avenue->name), "容东大街");
    assert_int_equal(avenue->ref_count, 4);
    assert_int_equal(ref_id(&draft, avenue->first_ref), 1);
    assert_int_equal(ref_id(&draft, avenue->first_ref + 1), 13);

    const jw_draft_road *reversed = road_of(&draft, 101); /* 5-2-4, driven 4-2-5 */
    assert_int_equal(ref_id(&draft, reversed->first_ref), 4);
    assert_int_equal(reversed->lanes_forward, 3);
    assert_int_equal(reversed->lanes_backward, 0);
    assert_true(reversed->bus_lane_forward);
    assert_near(reversed->speed_mps, 30 * 0.44704, 1e-9);

    const jw_draft_road *bridge = road_of(&draft, 102);
    assert_int_equal(bridge->layer, 2);
    assert_true(bridge->is_bridge && !bridge->is_tunnel);
    assert_near(bridge->lane_width_m, 3, 1e-12);
    assert_near(bridge->speed_mps, 20 / 3.6, 1e-12);

    const jw_draft_road *ring = road_of(&draft, 103);
    assert_true(ring->is_roundabout);
    assert_int_equal(ring->lanes_forward, 1);
    assert_int_equal(ring->lanes_backward, 0);
    assert_int_equal(ring->ref_count, 5);

    const jw_draft_road *buses = road_of(&draft, 108);
    assert_int_equal(buses->allow, JW_ALLOW_BUS | JW_ALLOW_EMERGENCY);
    assert_null(road_of(&draft, 104)); /* a driveway, a footway, a private road */
    assert_null(road_of(&draft, 106));
    assert_null(road_of(&draft, 107));

    const jw_draft_road *cut = road_of(&draft, 109); /* 4-(missing)-11-12 */
    assert_int_equal(cut->ref_count, 2);
    assert_int_equal(ref_id(&draft, cut->first_ref), 11);
    assert_true(node_of(&draft, 11)->is_gate);
    assert_true(node_of(&draft, 1)->is_gate); /* a main road ends, outside of the bounds */
    assert_false(node_of(&draft, 12)->is_gate);
    jw_draft_free(&draft);
}

static void test_nodes_and_projection(void **state)
{
    (void)state;
    jw_draft draft = {0};
    read_village(&draft, NULL);
    assert_true(node_of(&draft, 2)->has_signal && !node_of(&draft, 2)->has_crossing);
    assert_true(node_of(&draft, 3)->has_signal && node_of(&draft, 3)->has_crossing);
    assert_true(node_of(&draft, 4)->has_stop && node_of(&draft, 5)->has_give_way);
    assert_true(node_of(&draft, 12)->has_crossing && !node_of(&draft, 12)->has_signal);
    assert_null(node_of(&draft, 63)); /* in no way */
    assert_null(node_of(&draft, 60));
    assert_true(draft.is_projected);
    assert_near(draft.origin_lon_deg, 116.0017, 1e-6);
    /* 0.002 degrees of longitude on WGS 84 at 39 degrees: a cos(lat) / sqrt(1 - e2 sin2(lat)) = 86.63 m a
     * thousandth. */
    double dx = node_of(&draft, 3)->x_m - node_of(&draft, 2)->x_m;
    assert_near(dx, 2 * 86.628, 0.02);
    double dy = node_of(&draft, 4)->y_m - node_of(&draft, 2)->y_m; /* 111.014 m a thousandth of latitude */
    assert_near(dy, 2 * 111.014, 0.02);
    jw_draft_free(&draft);
}

static void test_shapes(void **state)
{
    (void)state;
    jw_draft draft = {0};
    read_village(&draft, NULL);
    assert_int_equal(draft.building_count, 4);
    const jw_draft_building *flats = building_of(&draft, 200);
    assert_int_equal(flats->use, JW_USE_RESIDENTIAL);
    assert_int_equal(flats->levels, 6);
    assert_near(flats->height_m, 18.5, 1e-6);
    assert_int_equal(draft.rings[flats->shape.first_ring].point_count, 4);

    const jw_draft_building *office = building_of(&draft, 310); /* two half outlines that meet head to head */
    assert_int_equal(office->use, JW_USE_OFFICE);
    assert_int_equal(office->shape.ring_count, 2);
    const jw_ring_range *rings = &draft.rings[office->shape.first_ring];
    assert_int_equal(rings[0].point_count, 4);
    assert_int_equal(rings[1].point_count, 4);
    assert_int_equal(ref_id(&draft, rings[1].first_point), 28);

    const jw_draft_building *school =
        building_of(&draft, 204); /* its hole comes by an untagged multipolygon */
    assert_int_equal(school->use, JW_USE_PUBLIC);
    assert_int_equal(school->shape.ring_count, 2);
    const jw_draft_building *works = building_of(&draft, 212);
    assert_near(works->base_m, 2, 1e-6);
    assert_null(building_of(&draft, 206)); /* not closed */
    assert_null(building_of(&draft, 213)); /* a part of a building */

    uint32_t kinds[JW_AREA_KIND_COUNT] = {0}, water_holes = 0;
    for (uint32_t i = 0; i < draft.area_count; i++) {
        kinds[draft.areas[i].kind]++;
        if (draft.areas[i].kind == JW_AREA_WATER) {
            assert_string_equal(jw_draft_text(&draft, draft.areas[i].name), "白洋淀");
            water_holes += draft.areas[i].shape.ring_count - 1;
        }
    }
    assert_int_equal(kinds[JW_AREA_WATER], 2);
    assert_int_equal(water_holes, 1);
    assert_int_equal(kinds[JW_AREA_PARK], 1);
    assert_int_equal(kinds[JW_AREA_WOOD], 1);  /* the ring that closes; the other way is missing */
    assert_int_equal(kinds[JW_AREA_GRASS], 0); /* its only outline does not close */

    assert_int_equal(draft.line_count, 3);
    assert_int_equal(draft.lines[0].kind, JW_LINE_FOOTPATH);
    assert_int_equal(draft.lines[1].kind, JW_LINE_RAIL);
    assert_int_equal(draft.lines[1].layer, 1);
    assert_near(draft.lines[2].width_m, 7.5, 1e-6);
    jw_draft_free(&draft);
}

static void test_restrictions_and_places(void **state)
{
    (void)state;
    jw_draft draft = {0};
    jw_problems problems = {0};
    read_village(&draft, &problems);
    assert_int_equal(draft.restriction_count, 2);
    assert_int_equal(draft.restrictions[0].kind, JW_RESTRICTION_NO);
    assert_int_equal(draft.restrictions[0].turn, JW_TURN_LEFT);
    assert_int_equal(draft.restrictions[0].via_node_id, 2);
    assert_int_equal(draft.restrictions[1].kind, JW_RESTRICTION_ONLY);
    assert_int_equal(draft.restrictions[1].turn, JW_TURN_STRAIGHT);

    assert_int_equal(draft.place_count, 4);
    static const struct {
        jw_place_kind kind;
        const char *name;
    } places[] = {{JW_PLACE_STATION, "容东站"},
                  {JW_PLACE_SCHOOL, "容东小学"},
                  {JW_PLACE_PARK, "悦容公园"},
                  {JW_PLACE_FACTORY, "精工厂"}};
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(draft.places[i].kind, places[i].kind);
        assert_string_equal(jw_draft_text(&draft, draft.places[i].name), places[i].name);
    }
    /* The park's square of 0.001 degrees begins at 116.003, 38.9975; the origin is 116.0017, 39.00075. */
    assert_near(draft.places[2].x_m, 1.8 * 86.63, 0.1);
    assert_near(draft.places[2].y_m, -2.75 * 111.01, 0.1);

    const jw_problem *lanes = find_problem(&problems, "number of lanes");
    assert_non_null(lanes);
    assert_string_equal(lanes->element, "way 110");
    assert_true(lanes->line > 100);
    assert_non_null(find_problem(&problems, "not in the file; cut there"));
    assert_non_null(find_problem(&problems, "not closed"));
    assert_non_null(find_problem(&problems, "do not close"));
    assert_non_null(find_problem(&problems, "by way of another road"));
    assert_int_equal(problems.count, 5);
    jw_problems_free(&problems);
    jw_draft_free(&draft);
}

/* The same map as XML, as dense zlib PBF and as plain unpacked PBF (made from it by osmium 1.15). */
static void test_formats_agree(void **state)
{
    (void)state;
    static const char *const others[] = {"/data/village.osm.pbf", "/data/village_plain.osm.pbf"};
    jw_draft xml = {0};
    read_village(&xml, NULL);
    for (uint32_t i = 0; i < JW_COUNT_OF(others); i++) {
        char path[512];
        jw_draft pbf = {0};
        jw_error error = {0};
        snprintf(path, sizeof path, "%s%s", JW_TEST_FOLDER, others[i]);
        must_read(jw_read_osm(path, &pbf, NULL, NULL, NULL, &error), &error);
        assert_same_draft(&xml, &pbf);
        jw_draft_free(&pbf);
    }
    jw_draft_free(&xml);
}

static void test_locale_does_not_matter(void **state)
{
    (void)state;
    jw_draft plain = {0}, comma = {0};
    read_village(&plain, NULL);
    if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8"))
        print_message("no locale with a decimal comma is installed: the comparison shows little\n");
    read_village(&comma, NULL);
    setlocale(LC_ALL, "C");
    assert_same_draft(&plain, &comma);
    jw_draft_free(&plain);
    jw_draft_free(&comma);
}

static bool stop_at_half(void *context, double fraction, const char *what)
{
    double *last = context;
    assert_true(fraction >= *last && fraction <= 1 && what);
    *last = fraction;
    return fraction < 0.5;
}

static void test_cancel(void **state)
{
    (void)state;
    jw_draft draft = {0};
    jw_error error = {0};
    double last = 0;
    assert_int_equal(jw_read_osm(VILLAGE, &draft, NULL, stop_at_half, &last, &error), JW_ERROR_CANCELLED);
    assert_true(last >= 0.5);
    assert_null(draft.nodes);
}

/* ---- real maps ---- */

typedef struct real_map {
    const char *file;
    uint32_t roads, buildings, areas, lines, places, restrictions, signals;
} real_map;

/* Exact counts of what this reader takes. By the folder's README the files hold 866, 838, 4,660 and 4,701
 * highway ways (paths and private roads included) and 969, 1,195, 9,003 and 0 buildings; 5, 4 and 23 nodes
 * are named towns, villages, suburbs and the like. */
static const real_map real_maps[] = {
    {"monaco.osm.gz", 491, 966, 38, 354, 19, 0, 7},
    {"krems.osm.gz", 452, 1195, 154, 281, 37, 7, 30},
    {"liechtenstein-latest.osm.pbf", 2201, 8993, 834, 1373, 81, 2, 8},
    {"shanghai_center.osm.gz", 4687, 0, 0, 0, 1, 0, 1567},
};

static bool data_path(const char *file, char *out, size_t size)
{
    const char *folder = getenv("JINGWEI_DATA");
    if (!folder || !*folder) {
        print_message("skipped: $JINGWEI_DATA is not set (folder of real maps)\n");
        return false;
    }
    snprintf(out, size, "%s/%s", folder, file);
    if (jw_file_exists(out))
        return true;
    print_message("skipped: no %s\n", out);
    return false;
}

static void test_real_maps(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < JW_COUNT_OF(real_maps); i++) {
        const real_map *map = &real_maps[i];
        char path[512];
        if (!data_path(map->file, path, sizeof path))
            skip();
        jw_draft draft = {0};
        jw_error error = {0};
        double begin_s = jw_clock_seconds();
        must_read(jw_read_osm(path, &draft, NULL, NULL, NULL, &error), &error);
        uint32_t signals = 0;
        for (uint32_t n = 0; n < draft.node_count; n++)
            signals += draft.nodes[n].has_signal;
        print_message("%s: %.3f s, %u nodes, %u roads, %u buildings, %u signals\n", map->file,
                      jw_clock_seconds() - begin_s, draft.node_count, draft.road_count, draft.building_count,
                      signals);
        assert_int_equal(draft.road_count, map->roads);
        assert_int_equal(draft.building_count, map->buildings);
        assert_int_equal(draft.area_count, map->areas);
        assert_int_equal(draft.line_count, map->lines);
        assert_int_equal(draft.place_count, map->places);
        assert_int_equal(draft.restriction_count, map->restrictions);
        assert_int_equal(signals, map->signals);
        for (uint32_t r = 0; r < draft.road_count; r++) {
            const jw_draft_road *road = &draft.roads[r];
            assert_in_range(road->lanes_forward + road->lanes_backward, 1, 16);
            assert_true(road->speed_mps > 0.8 && road->speed_mps < 56 && road->allow);
        }
        jw_draft_free(&draft);
    }
}

/* A real map converted by osmium reads the same. */
static void test_real_conversion(void **state)
{
    (void)state;
    char path[512], command[1400];
    if (!data_path("krems.osm.gz", path, sizeof path))
        skip();
    if (system("command -v osmium >/dev/null 2>&1") != 0) {
        print_message("skipped: osmium is not installed\n");
        skip();
    }
    snprintf(command, sizeof command, "osmium cat -O -o krems.test.osm.pbf '%s' >/dev/null 2>&1", path);
    assert_int_equal(system(command), 0);
    jw_draft xml = {0}, pbf = {0};
    jw_error error = {0};
    must_read(jw_read_osm(path, &xml, NULL, NULL, NULL, &error), &error);
    must_read(jw_read_osm("krems.test.osm.pbf", &pbf, NULL, NULL, NULL, &error), &error);
    assert_same_draft(&xml, &pbf);
    jw_draft_free(&xml);
    jw_draft_free(&pbf);
    unlink("krems.test.osm.pbf");
}

/* The tool that makes large maps: four copies are four times the village, with ids of their own. */
static void test_tile(void **state)
{
    (void)state;
    const char *tool = getenv("JW_OSM_TILE");
    char command[1400];
    if (!tool) {
        print_message("skipped: $JW_OSM_TILE does not name the tool jw_osm_tile\n");
        skip();
    }
    snprintf(command, sizeof command, "'%s' '%s/data/village.osm.pbf' tiled.test.osm.pbf 4", tool,
             JW_TEST_FOLDER);
    assert_int_equal(system(command), 0);
    jw_draft one = {0}, four = {0};
    jw_problems problems = {0};
    jw_error error = {0};
    read_village(&one, NULL);
    must_read(jw_read_osm("tiled.test.osm.pbf", &four, &problems, NULL, NULL, &error), &error);
    assert_null(find_problem(&problems, "comes twice"));
    assert_int_equal(four.road_count, 4 * one.road_count);
    assert_int_equal(four.building_count, 4 * one.building_count);
    assert_int_equal(four.restriction_count, 4 * one.restriction_count);
    assert_int_equal(four.node_count, 4 * one.node_count);
    const jw_draft_node *first = node_of(&four, 2), *last = node_of(&four, 2 + UINT64_C(300000000000));
    assert_near(last->lon_deg - first->lon_deg, 0.007, 1e-9); /* the width and height of its bounds */
    assert_near(last->lat_deg - first->lat_deg, 0.007, 1e-9);
    jw_problems_free(&problems);
    jw_draft_free(&one);
    jw_draft_free(&four);
    unlink("tiled.test.osm.pbf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_roads),           JW_UNIT(test_nodes_and_projection),
        JW_UNIT(test_shapes),          JW_UNIT(test_restrictions_and_places),
        JW_UNIT(test_formats_agree),   JW_UNIT(test_locale_does_not_matter),
        JW_UNIT(test_cancel),          JW_UNIT(test_real_maps),
        JW_UNIT(test_real_conversion), JW_UNIT(test_tile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
