/* Drafts: growing, texts, road defaults, and every allocation failing in turn. */
#include "city/test_osm.h"

#include <math.h>

static void test_texts(void **state)
{
    (void)state;
    jw_draft draft = {0};
    uint32_t a, b, c, d;
    assert_string_equal(jw_draft_text(&draft, 0), "");
    assert_int_equal(jw_draft_add_text(&draft, "", &a, NULL), JW_OK);
    assert_int_equal(a, 0);
    assert_int_equal(jw_draft_add_text(&draft, "east road", &a, NULL), JW_OK);
    assert_int_equal(jw_draft_add_text(&draft, "east road", &b, NULL), JW_OK);
    assert_int_equal(a, b);
    assert_int_equal(jw_draft_add_text(&draft, "road", &c, NULL), JW_OK); /* an ending is not the same text */
    assert_int_not_equal(c, a);
    assert_int_equal(jw_draft_add_text(&draft, NULL, &d, NULL), JW_OK);
    assert_int_equal(d, 0);
    assert_string_equal(jw_draft_text(&draft, a), "east road");
    assert_string_equal(jw_draft_text(&draft, c), "road");
    assert_string_equal(jw_draft_text(&draft, 0), "");
    jw_draft_free(&draft);
}

static jw_result fill(jw_draft *draft, jw_error *error)
{
    uint32_t nodes[8];
    for (uint32_t i = 0; i < 8; i++) {
        jw_result result = jw_draft_add_point(draft, i, 2.0 * i, &nodes[i], error);
        if (result != JW_OK)
            return result;
    }
    uint32_t road_number;
    jw_draft_road road = {.road_class = JW_ROAD_TERTIARY, .lanes_forward = 1};
    jw_draft_line line = {.kind = JW_LINE_RAIL};
    jw_draft_building building = {.levels = 3};
    jw_draft_area area = {.kind = JW_AREA_PARK};
    jw_draft_block block = {.population = 10};
    jw_draft_restriction restriction = {.from_road_id = 1};
    const uint32_t sizes[2] = {4, 3};
    jw_result result = jw_draft_add_road(draft, &road, nodes, 3, &road_number, error);
    if (result == JW_OK)
        result = jw_draft_add_line(draft, &line, nodes + 2, 2, NULL, error);
    if (result == JW_OK)
        result = jw_draft_add_shape(draft, nodes, sizes, 2, &building.shape, error);
    if (result == JW_OK)
        result = jw_draft_add_building(draft, &building, error);
    if (result == JW_OK)
        result = jw_draft_add_area(draft, &area, error);
    if (result == JW_OK)
        result = jw_draft_add_block(draft, &block, error);
    if (result == JW_OK)
        result = jw_draft_add_restriction(draft, &restriction, error);
    if (result == JW_OK)
        result = jw_draft_add_place(draft, JW_PLACE_STATION, 5, 6, "station", error);
    if (result == JW_OK)
        result = jw_draft_add_site(draft, "edge-1", "edge", "ascend-310p", 8, 1, 2, error);
    return result;
}

static void test_elements(void **state)
{
    (void)state;
    jw_draft draft = {0};
    assert_int_equal(fill(&draft, NULL), JW_OK);
    assert_int_equal(draft.node_count, 8);
    assert_true(isnan(draft.nodes[3].lon_deg));
    assert_int_equal(draft.ref_count, 3 + 2 + 7);
    assert_int_equal(draft.roads[0].first_ref, 0);
    assert_int_equal(draft.roads[0].ref_count, 3);
    assert_int_equal(draft.lines[0].first_ref, 3);
    assert_int_equal(draft.refs[3], 2);
    assert_int_equal(draft.buildings[0].shape.ring_count, 2);
    const jw_ring_range *hole = &draft.rings[draft.buildings[0].shape.first_ring + 1];
    assert_int_equal(hole->first_point, 9);
    assert_int_equal(hole->point_count, 3);
    assert_int_equal(draft.refs[hole->first_point], 4);
    assert_string_equal(jw_draft_text(&draft, draft.places[0].name), "station");
    assert_string_equal(jw_draft_text(&draft, draft.sites[0].card), "ascend-310p");
    jw_draft_free(&draft);
    assert_int_equal(draft.node_count, 0);
}

static void test_failing_memory(void **state)
{
    (void)state;
    jw_result result = JW_ERROR_MEMORY;
    int fail_after = 0;
    for (; result != JW_OK; fail_after++) {
        jw_draft draft = {0};
        jw_memory_fail_after(fail_after);
        result = fill(&draft, NULL);
        jw_memory_fail_after(-1);
        assert_true(result == JW_OK || result == JW_ERROR_MEMORY);
        jw_draft_free(&draft);
        assert_int_equal(jw_allocated_bytes(), 0);
    }
    assert_true(fail_after > 10);
}

/* Lesser roads are never faster, wider or with more lanes; the figures of the sources. */
static void test_defaults(void **state)
{
    (void)state;
    double last_speed = 1e9, last_width = 1e9;
    uint8_t lanes;
    for (int c = 0; c < JW_ROAD_CLASS_COUNT; c++) {
        double width, speed;
        jw_road_defaults((jw_road_class)c, false, &lanes, &width, &speed);
        assert_in_range(lanes, 1, 2);
        assert_true(width >= 3 && width <= last_width && speed > 5 && speed <= last_speed);
        last_speed = speed;
        last_width = width;
    }
    double speed, width;
    jw_road_defaults(JW_ROAD_PRIMARY, true, &lanes, &width, &speed);
    assert_int_equal(lanes, 2);
    assert_near(speed, 60 / 3.6, 1e-12);
    assert_near(width, 3.5, 0);
    jw_road_defaults(JW_ROAD_PRIMARY, false, &lanes, NULL, NULL);
    assert_int_equal(lanes, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {JW_UNIT(test_texts), JW_UNIT(test_elements),
                                       JW_UNIT(test_failing_memory), JW_UNIT(test_defaults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
