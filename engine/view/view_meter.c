/* Which tier a machine can draw: from the least upwards, each judged by the pictures it draws. */
#include "view/view_internal.h"

#include <stdlib.h>

#define WHOLE_S 2.0  /* within this it is known */
#define STAGE_S 0.6  /* on each tier */
#define ROOM_MS 12.0 /* 60 pictures a second, and room for what moves and for the interface */
#define LEAP_MS 6.0  /* the next tier draws several times as much: it is not tried from beyond this */

enum { WARM = 2, LEAST = 5 }; /* pictures: left out, and needed to judge */

void jw_view_meter_begin(jw_view_meter *meter, double now_s)
{
    *meter = (jw_view_meter){.tier = JW_VIEW_SOFTWARE, .begin_s = now_s, .stage_s = now_s};
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double median_ms(const jw_view_meter *meter)
{
    float sorted[JW_VIEW_METER_PICTURES];
    uint32_t count = meter->count - WARM;
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = meter->picture_ms[WARM + i];
    qsort(sorted, count, sizeof *sorted, compare_floats);
    return (double)sorted[count / 2];
}

bool jw_view_meter_take(jw_view_meter *meter, double now_s, double picture_ms)
{
    jw_view_tier before = meter->tier;
    if (meter->is_done)
        return false;
    if (meter->count < JW_VIEW_METER_PICTURES)
        meter->picture_ms[meter->count++] = (float)picture_ms;
    bool is_late = now_s - meter->begin_s >= WHOLE_S;
    bool is_judged = meter->count >= WARM + LEAST &&
                     (now_s - meter->stage_s >= STAGE_S || meter->count == JW_VIEW_METER_PICTURES ||
                      median_ms(meter) > 2 * ROOM_MS);
    if (!is_judged && !is_late)
        return false;
    /* Out of time before there were pictures enough to judge: it is slow. */
    double ms = is_judged ? median_ms(meter) : 1e9;
    if (ms > ROOM_MS && meter->tier > JW_VIEW_SOFTWARE)
        meter->tier--;
    else if (ms < LEAP_MS && meter->tier < JW_VIEW_GPU && !is_late)
        meter->tier++;
    meter->is_done = meter->tier <= before;
    meter->count = 0;
    meter->stage_s = now_s;
    return meter->tier != before;
}
