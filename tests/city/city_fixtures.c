#include "city/city_fixtures.h"

#include <stdio.h>
#include <stdlib.h>

static void must(jw_result result, const jw_error *error)
{
    if (result == JW_OK)
        return;
    char text[1024];
    jw_error_format(error, text, sizeof text);
    fprintf(stderr, "fixture: %s: %s\n", jw_result_text(result), text);
    abort();
}

uint32_t jw_fixture_add_node(jw_draft *draft, double x_m, double y_m, bool has_signal)
{
    jw_error error = {0};
    uint32_t node;
    must(jw_draft_add_point(draft, x_m, y_m, &node, &error), &error);
    draft->nodes[node].source_id = node + 1;
    draft->nodes[node].has_signal = has_signal;
    draft->is_projected = true;
    return node;
}

uint32_t jw_fixture_add_road(jw_draft *draft, uint32_t from_node, uint32_t to_node, jw_road_class road_class,
                             uint32_t lanes_forward, uint32_t lanes_backward, double speed_mps)
{
    jw_error error = {0};
    jw_draft_road road = {.road_class = road_class,
                          .lanes_forward = (uint8_t)lanes_forward,
                          .lanes_backward = (uint8_t)lanes_backward,
                          .allow = JW_ALLOW_MOTOR | JW_ALLOW_BICYCLE | JW_ALLOW_EBIKE,
                          .speed_mps = speed_mps,
                          .source_id = draft->road_count + 1};
    uint32_t refs[2] = {from_node, to_node}, number;
    must(jw_draft_add_road(draft, &road, refs, 2, &number, &error), &error);
    return number;
}

jw_city *jw_fixture_build(const jw_draft *draft)
{
    jw_error error = {0};
    jw_city *city = NULL;
    must(jw_city_build(draft, NULL, NULL, NULL, NULL, &city, &error), &error);
    must(jw_city_verify(city, &error), &error);
    return city;
}

static jw_city *build_and_free(jw_draft *draft)
{
    jw_city *city = jw_fixture_build(draft);
    jw_draft_free(draft);
    return city;
}

jw_city *jw_fixture_road(double length_m, uint32_t lanes, double speed_mps)
{
    jw_draft draft = {0};
    uint32_t a = jw_fixture_add_node(&draft, 0, 0, false),
             b = jw_fixture_add_node(&draft, length_m, 0, false);
    jw_fixture_add_road(&draft, a, b, JW_ROAD_PRIMARY, lanes, 0, speed_mps);
    return build_and_free(&draft);
}

jw_city *jw_fixture_two_roads(double length_m, uint32_t lanes, uint32_t other_lanes, double speed_mps)
{
    jw_draft draft = {0};
    uint32_t a = jw_fixture_add_node(&draft, 0, 0, false),
             b = jw_fixture_add_node(&draft, length_m, 0, false);
    uint32_t c = jw_fixture_add_node(&draft, 2 * length_m, 0, false);
    jw_fixture_add_road(&draft, a, b, JW_ROAD_PRIMARY, lanes, 0, speed_mps);
    uint32_t second = jw_fixture_add_road(&draft, b, c, JW_ROAD_PRIMARY, other_lanes, 0, speed_mps);
    draft.roads[second].is_link = lanes == other_lanes; /* so that like roads stay two */
    return build_and_free(&draft);
}

jw_city *jw_fixture_cross(double arm_m, uint32_t lanes, double speed_mps, bool has_signal)
{
    jw_draft draft = {0};
    uint32_t centre = jw_fixture_add_node(&draft, 0, 0, has_signal);
    uint32_t west = jw_fixture_add_node(&draft, -arm_m, 0, false),
             east = jw_fixture_add_node(&draft, arm_m, 0, false);
    uint32_t south = jw_fixture_add_node(&draft, 0, -arm_m, false),
             north = jw_fixture_add_node(&draft, 0, arm_m, false);
    jw_fixture_add_road(&draft, west, centre, JW_ROAD_PRIMARY, lanes, lanes, speed_mps);
    jw_fixture_add_road(&draft, east, centre, JW_ROAD_PRIMARY, lanes, lanes, speed_mps);
    jw_fixture_add_road(&draft, south, centre, JW_ROAD_SECONDARY, lanes, lanes, speed_mps);
    jw_fixture_add_road(&draft, north, centre, JW_ROAD_SECONDARY, lanes, lanes, speed_mps);
    return build_and_free(&draft);
}

jw_city *jw_fixture_priority_t(double arm_m, double speed_mps)
{
    jw_draft draft = {0};
    uint32_t centre = jw_fixture_add_node(&draft, 0, 0, false);
    uint32_t west = jw_fixture_add_node(&draft, -arm_m, 0, false),
             east = jw_fixture_add_node(&draft, arm_m, 0, false);
    uint32_t south = jw_fixture_add_node(&draft, 0, -arm_m, false);
    jw_fixture_add_road(&draft, west, centre, JW_ROAD_PRIMARY, 1, 1, speed_mps);
    jw_fixture_add_road(&draft, east, centre, JW_ROAD_PRIMARY, 1, 1, speed_mps);
    jw_fixture_add_road(&draft, south, centre, JW_ROAD_RESIDENTIAL, 1, 1, speed_mps);
    return build_and_free(&draft);
}

jw_city *jw_fixture_roundabout(double radius_m, double arm_m)
{
    jw_draft draft = {0};
    jw_error error = {0};
    uint32_t ring[17];
    for (uint32_t i = 0; i < 16; i++)
        ring[i] = jw_fixture_add_node(&draft, radius_m * jw_cos(i * JW_TAU / 16),
                                      radius_m * jw_sin(i * JW_TAU / 16), false);
    ring[16] = ring[0];
    jw_draft_road road = {.road_class = JW_ROAD_SECONDARY,
                          .lanes_forward = 1,
                          .is_roundabout = 1,
                          .allow = JW_ALLOW_MOTOR | JW_ALLOW_BICYCLE | JW_ALLOW_EBIKE,
                          .speed_mps = 30 / 3.6,
                          .source_id = 1};
    must(jw_draft_add_road(&draft, &road, ring, 17, NULL, &error), &error);
    for (uint32_t i = 0; i < 4; i++) {
        double angle_rad = i * JW_PI / 2, far_m = radius_m + arm_m;
        uint32_t end =
            jw_fixture_add_node(&draft, far_m * jw_cos(angle_rad), far_m * jw_sin(angle_rad), false);
        jw_fixture_add_road(&draft, end, ring[4 * i], JW_ROAD_SECONDARY, 1, 1, 50 / 3.6);
    }
    return build_and_free(&draft);
}

static void draw_block(jw_draft *draft, double x, double y, double side_m)
{
    jw_error error = {0};
    const double inset_m[2] = {20.0, side_m * 0.3};
    for (uint32_t k = 0; k < 2; k++) {
        double low = inset_m[k], high = side_m - inset_m[k];
        uint32_t refs[4] = {jw_fixture_add_node(draft, x + low, y + low, false),
                            jw_fixture_add_node(draft, x + high, y + low, false),
                            jw_fixture_add_node(draft, x + high, y + high, false),
                            jw_fixture_add_node(draft, x + low, y + high, false)};
        uint32_t size = 4;
        jw_draft_shape shape;
        must(jw_draft_add_shape(draft, refs, &size, 1, &shape, &error), &error);
        jw_draft_block block = {.shape = shape, .use = JW_USE_RESIDENTIAL, .population = 300, .jobs = 150};
        jw_draft_building building = {.shape = shape, .levels = 4, .use = JW_USE_RESIDENTIAL};
        must(k == 0 ? jw_draft_add_block(draft, &block, &error)
                    : jw_draft_add_building(draft, &building, &error),
             &error);
    }
}

void jw_fixture_draw_grid(jw_draft *draft, uint32_t n, double spacing_m, uint32_t lanes, double speed_mps,
                          bool has_signals)
{
    uint32_t side = n + 1;
    for (uint32_t i = 0; i < side * side; i++)
        jw_fixture_add_node(draft, spacing_m * (i % side), spacing_m * (i / side), has_signals);
    for (uint32_t i = 0; i < side * side; i++) {
        if (i % side < n)
            jw_fixture_add_road(draft, i, i + 1, JW_ROAD_SECONDARY, lanes, lanes, speed_mps);
        if (i / side < n)
            jw_fixture_add_road(draft, i, i + side, JW_ROAD_SECONDARY, lanes, lanes, speed_mps);
    }
    for (uint32_t i = 0; i < n * n; i++)
        draw_block(draft, spacing_m * (i % n), spacing_m * (i / n), spacing_m);
}

jw_city *jw_fixture_grid(uint32_t n, double spacing_m, uint32_t lanes, double speed_mps, bool has_signals)
{
    jw_draft draft = {0};
    jw_fixture_draw_grid(&draft, n, spacing_m, lanes, speed_mps, has_signals);
    return build_and_free(&draft);
}
