/* A small city and a frame of it for the tests of the view. */
#ifndef JW_VIEW_FIXTURE_H
#define JW_VIEW_FIXTURE_H

#include "view/view.h"

/* Four by four blocks of 120 m from (0, 0) with signals, towers, halls and houses, a park, a pond, a railway.
 * Building 0 is a tower of 60 m over (40..80, 40..80). */
jw_city *view_fixture_city(void);
/* A box over the origin, `side_m` wide and long, on open ground; a road along y = -60. */
jw_city *view_fixture_box(float height_m, double side_m);
/* One house of that footprint and roof; a road along y = -60. */
jw_city *view_fixture_house(const double (*corners)[2], uint32_t count, jw_roof roof, float height_m,
                            float roof_m);
/* A two-way road of 800 m along y = 0 around the origin; its middle 300 m lie in a tunnel. */
jw_city *view_fixture_tunnel(void);
/* 40 vehicles (number 1 at the east end of lane 0), signals, a site "edge-1" at (180, 300), a cell "cell-1",
 * a link "ring-1", a latency raster. The caller frees it with jw_frame_free. */
void view_fixture_frame(const jw_city *city, jw_frame *frame);
/* Cars on lanes all over the city. */
void view_fixture_park(const jw_city *city, uint32_t count, jw_frame *frame);
/* A view of the whole city, or NULL with the reason printed when there is no GL here. */
jw_view_window *view_fixture_window(int width_px, int height_px);

#endif
