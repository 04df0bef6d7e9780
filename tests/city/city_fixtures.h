/* Small cities for tests of every module. Each function builds, verifies and returns a city with one
 * reference; the caller releases it. A failure prints its error and aborts. */
#ifndef JW_CITY_FIXTURES_H
#define JW_CITY_FIXTURES_H

#include "city/city.h"

/* Draws both directions of a straight road; lanes_backward 0 makes it one-way. Returns the road's number. */
uint32_t jw_fixture_add_road(jw_draft *draft, uint32_t from_node, uint32_t to_node, jw_road_class road_class,
                             uint32_t lanes_forward, uint32_t lanes_backward, double speed_mps);
uint32_t jw_fixture_add_node(jw_draft *draft, double x_m, double y_m, bool has_signal);
/* Builds and verifies. */
jw_city *jw_fixture_build(const jw_draft *draft);

/* One-way road from (0, 0) east: one edge (number 0). */
jw_city *jw_fixture_road(double length_m, uint32_t lanes, double speed_mps);
/* Two such roads in a row, meeting at (length_m, 0); the second has other_lanes. Edges 0 and 1. */
jw_city *jw_fixture_two_roads(double length_m, uint32_t lanes, uint32_t other_lanes, double speed_mps);
/* Four arms of arm_m meeting at (0, 0): primary roads west-east, secondary south-north, `lanes` each way.
 * Edges: 0 from the west in, 1 back; 2 from the east in, 3 back; 4 from the south in, 5 back; 6 from the
 * north, 7. */
jw_city *jw_fixture_cross(double arm_m, uint32_t lanes, double speed_mps, bool has_signal);
/* The same with a major road west-east and one minor arm from the south (edge 4 in, 5 back), no signal. */
jw_city *jw_fixture_priority_t(double arm_m, double speed_mps);
/* A ring of the given radius, counter-clockwise, with four arms. */
jw_city *jw_fixture_roundabout(double radius_m, double arm_m);
/* n x n blocks from (0, 0), two-way streets of `lanes` each way. (n + 1)^2 - 4 junctions, for the corners are
 * bends, and 2 (2 n (n + 1) - 4) edges. Every block has 300 people, 150 jobs and one building of 4 levels. */
jw_city *jw_fixture_grid(uint32_t n, double spacing_m, uint32_t lanes, double speed_mps, bool has_signals);
void jw_fixture_draw_grid(jw_draft *draft, uint32_t n, double spacing_m, uint32_t lanes, double speed_mps,
                          bool has_signals);

#endif
