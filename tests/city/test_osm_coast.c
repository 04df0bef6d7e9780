/* The sea from shore lines, around one street on the equator from (0, 0.01) to (0.02, 0.01) degrees and one
 * up to (0, 0.02) and down to (0, 0): the box around them is -0.003 to 0.023 degrees both ways. */
#include "city/test_osm.h"

static const char roads[] =
    "<node id='1' lat='0.01' lon='0'/><node id='2' lat='0.01' lon='0.01'/><node id='3' lat='0.01' "
    "lon='0.02'/>"
    "<node id='4' lat='0.02' lon='0'/><node id='5' lat='0' lon='0'/>"
    "<way id='1'><nd ref='1'/><nd ref='2'/><nd ref='3'/><tag k='highway' v='primary'/></way>"
    "<way id='2'><nd ref='4'/><nd ref='1'/><nd ref='5'/><tag k='highway' v='primary'/></way>";

static const double box_deg = 0.026;

typedef struct shore {
    const char *path; /* "lon lat, lon lat, ..." in thousandths of a degree, one way */
} shore;

static void read_map(const shore *shores, uint32_t count, jw_draft *draft, jw_problems *problems)
{
    char text[8192];
    size_t at = (size_t)snprintf(text, sizeof text, "<osm>%s", roads);
    int id = 100;
    for (uint32_t i = 0; i < count; i++) {
        char way[1024];
        size_t way_at = (size_t)snprintf(way, sizeof way, "<way id='%u'>", 100 + i);
        const char *path = shores[i].path;
        double lon, lat;
        int used;
        while (sscanf(path, " %lf %lf%n", &lon, &lat, &used) == 2) {
            /* A node's id is made of its place, so that ways that meet share it. */
            id = 1000000 + (int)(lon * 10 + 5000) * 20000 + (int)(lat * 10 + 5000);
            at += (size_t)snprintf(text + at, sizeof text - at, "<node id='%d' lat='%.7f' lon='%.7f'/>", id,
                                   lat / 1000, lon / 1000);
            way_at += (size_t)snprintf(way + way_at, sizeof way - way_at, "<nd ref='%d'/>", id);
            path += used;
            path += *path == ',';
        }
        at += (size_t)snprintf(text + at, sizeof text - at, "%s<tag k='natural' v='coastline'/></way>", way);
    }
    at += (size_t)snprintf(text + at, sizeof text - at, "</osm>");
    assert_true(at < sizeof text);
    jw_error error = {0};
    must_read(jw_read_osm_bytes(text, at, "coast.osm", draft, problems, &error), &error);
    assert_int_equal(draft->road_count, 2);
}

static double ring_area_deg2(const jw_draft *draft, uint32_t ring)
{
    const jw_ring_range *range = &draft->rings[ring];
    double twice = 0;
    for (uint32_t i = 0; i < range->point_count; i++) {
        const jw_draft_node *a = &draft->nodes[draft->refs[range->first_point + i]];
        const jw_draft_node *b =
            &draft->nodes[draft->refs[range->first_point + (i + 1) % range->point_count]];
        twice += a->lon_deg * b->lat_deg - b->lon_deg * a->lat_deg;
    }
    return jw_abs(twice) / 2;
}

/* Water in square degrees, holes taken off; *out_areas: how many bodies of water. */
static double sea_deg2(const shore *shores, uint32_t count, uint32_t *out_areas)
{
    jw_draft draft = {0};
    jw_problems problems = {0};
    read_map(shores, count, &draft, &problems);
    double area = 0;
    for (uint32_t i = 0; i < draft.area_count; i++) {
        const jw_draft_area *sea = &draft.areas[i];
        assert_int_equal(sea->kind, JW_AREA_WATER);
        for (uint32_t r = 0; r < sea->shape.ring_count; r++)
            area += (r ? -1 : 1) * ring_area_deg2(&draft, sea->shape.first_ring + r);
    }
    *out_areas = draft.area_count;
    if (draft.area_count == 0 && count > 0)
        assert_non_null(find_problem(&problems, "does not fit the roads"));
    jw_problems_free(&problems);
    jw_draft_free(&draft);
    return area;
}

static void check(const shore *shores, uint32_t count, uint32_t areas, double expected_deg2)
{
    uint32_t got_areas;
    double got_deg2 = sea_deg2(shores, count, &got_areas);
    if (got_areas != areas || jw_abs(got_deg2 - expected_deg2) > 1e-10)
        fail_msg("%u areas, %.9f deg2 (wanted %u, %.9f)", got_areas, got_deg2, areas, expected_deg2);
}

static void test_straight_shore(void **state)
{
    (void)state;
    check(NULL, 0, 0, 0);
    const shore east[] = {{"-300 5, 300 5"}}; /* water on the right: south */
    check(east, 1, 1, box_deg * 0.008);
    const shore north[] = {{"16 -300, 16 300"}}; /* water on the right: east */
    check(north, 1, 1, box_deg * 0.007);
    const shore west[] = {{"300 5, -300 5"}}; /* water in the north, with all roads in it: not believed */
    check(west, 1, 0, 0);
}

static void test_pieces_in_any_order(void **state)
{
    (void)state;
    const shore parts[] = {{"15 5, 300 5"}, {"-300 5, 2 5"}, {"2 5, 2 3, 15 3, 15 5"}};
    check(parts, 3, 1, box_deg * 0.008 - 0.013 * 0.002);
}

static void test_channel(void **state)
{
    (void)state;
    const shore banks[] = {{"-300 6, 300 6"}, {"300 4, -300 4"}}; /* land on the left of both */
    check(banks, 2, 1, box_deg * 0.002);
    /* Two bays from one side. */
    const shore bays[] = {{"-1 -300, -1 1, 3 1, 3 -300"}, {"15 -300, 15 2, 18 2, 18 -300"}};
    check(bays, 2, 2, 0.004 * 0.004 + 0.003 * 0.005);
}

static void test_islands(void **state)
{
    (void)state;
    const shore island[] = {{"-1 -1, 22 -1, 22 22, -1 22, -1 -1"}}; /* counter-clockwise: land within */
    check(island, 1, 1, box_deg * box_deg - 0.023 * 0.023);
    const shore islet[] = {{"-300 5, 300 5"}, {"5 0, 8 0, 8 2, 5 2, 5 0"}};
    check(islet, 2, 1, box_deg * 0.008 - 0.003 * 0.002);
    const shore lagoon[] = {{"5 0, 5 2, 8 2, 8 0, 5 0"}}; /* clockwise: water within */
    check(lagoon, 1, 1, 0.003 * 0.002);
    /* A great island whose shore is cut by the box on three sides. */
    const shore great[] = {{"-300 5, 300 5, 300 300, -300 300, -300 5"}};
    check(great, 1, 1, box_deg * 0.008);
}

/* An extract whose shore ends inside of the box: the sea ends there. */
static void test_loose_ends(void **state)
{
    (void)state;
    const shore loose[] = {{"1 5, 8 5, 15 5"}};
    check(loose, 1, 1, 0.014 * 0.008);
}

static void test_file(void **state)
{
    (void)state;
    jw_draft draft = {0};
    jw_error error = {0};
    must_read(jw_read_osm(JW_TEST_FOLDER "/data/shore.osm", &draft, NULL, NULL, NULL, &error), &error);
    assert_int_equal(draft.area_count, 2); /* the lagoon, and the sea with the islet */
    assert_int_equal(draft.areas[0].shape.ring_count + draft.areas[1].shape.ring_count, 3);
    jw_draft_free(&draft);
}

int main(void)
{
    const struct CMUnitTest tests[] = {JW_UNIT(test_straight_shore), JW_UNIT(test_pieces_in_any_order),
                                       JW_UNIT(test_channel),        JW_UNIT(test_islands),
                                       JW_UNIT(test_loose_ends),     JW_UNIT(test_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
