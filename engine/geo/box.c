/* Boxes and the rounding that every foreign coordinate goes through. */
#include "geo/geo.h"

#include <math.h>

jw_box jw_box_empty(void)
{
    return (jw_box){(double)INFINITY, (double)INFINITY, -(double)INFINITY, -(double)INFINITY};
}

jw_box jw_box_extend(jw_box box, double x, double y)
{
    return (jw_box){jw_min(box.min_x, x), jw_min(box.min_y, y), jw_max(box.max_x, x), jw_max(box.max_y, y)};
}

jw_box jw_box_union(jw_box a, jw_box b)
{
    return (jw_box){jw_min(a.min_x, b.min_x), jw_min(a.min_y, b.min_y), jw_max(a.max_x, b.max_x),
                    jw_max(a.max_y, b.max_y)};
}

bool jw_box_overlaps(jw_box a, jw_box b)
{
    return a.min_x <= b.max_x && b.min_x <= a.max_x && a.min_y <= b.max_y && b.min_y <= a.max_y;
}

double jw_round_mm(double value_m)
{
    return jw_round(value_m * 1000.0) / 1000.0;
}
