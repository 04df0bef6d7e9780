/* Strips: two-wheelers several abreast, beside cars and among them.
 *
 * Strip-based models of heterogeneous traffic (Mathew, Munigety, Bajpai, Strip-based approach for the
 * simulation of mixed traffic conditions, J. Comput. Civ. Eng. 29, 04014069, 2015) divide a lane into strips
 * narrower than any vehicle; a vehicle covers some of them and follows whoever is next on any of these. Here
 * a strip is as wide as a two-wheeler needs (a lane has as many as 0.9 m go into its width, 1 to 4), numbered
 * from 1 at the right. A two-wheeler covers one; everybody else covers, from the left, as many as its width
 * and CLEAR_M take: all in a narrow lane, while in a wide one the rightmost stays free, where a two-wheeler
 * rides and is passed. All but two-wheelers share the leftmost strip, so that they stay in line.
 *
 * The vehicles of a track remain one array in the order of their positions (equal ones: of their slots),
 * which moving sorts again where somebody has passed. A track without two-wheelers is driven on without a
 * look at any of this.
 *
 *   entering   a connection has as many strips as both its lanes. One keeps one's strip; who has none that
 *              leads on, or comes to share one with others beside it, goes in the order of the lane, and
 * looks for one that leads on before changing   to the strip beside, by the rules of lane changes (own gain
 * in acceleration, nobody brakes hard): for a faster way, for a place at the line, and back to the right
 * where cars drive; decided when all of the lane have moved, from the front to the rear, each change seen by
 *              the next to decide; not near the lane's beginning, where others come out of the junction
 *   passing    of a two-wheeler in its strip at most PASS_MPS faster
 *   giving way on a lane for cars one who is followed by a car falls back behind the next in the strip to the
 *              right, and goes there
 *   at red     cars stop BOX_M before the line where two-wheelers are on their lane, or may come to it at the
 *              kerb (as long as there are any on the road), and leave the place to two-wheelers, who come up
 *              beside them
 *   two stages a left turn from a lane for bicycles at signals leads over the far corner
 *              (jw_connection.second), where up to CORNER_ROWS rows wait for the second green
 *   turning    whoever turns across the way of those beside it in its lane lets those go first who go
 *              straight on, and of others who turn those ahead */
#ifndef JW_TRAFFIC_STRIP_H
#define JW_TRAFFIC_STRIP_H

#include "traffic/traffic_internal.h"

/* Bicycles and e-bikes that fit into a strip; larger ones take part like cars. */
bool jw_strip_is_narrow(const jw_vehicle_type *type);

/* Strips that all but two-wheelers cover. */
uint32_t jw_strip_cover_wide(const jw_traffic *t, uint32_t type, uint32_t track);

/* Beside the strips: what an emergency vehicle covers of a lane where others have made way. */
#define JW_STRIP_CORRIDOR 16u
uint32_t jw_strip_cover_siren(const jw_traffic *t, const jw_car *car, uint32_t track);

/* Strips of a track that a vehicle covers there, a bit each; all, when its own is not among them. */
static inline uint32_t jw_strip_cover(const jw_traffic *t, const jw_car *car, uint32_t track)
{
    uint32_t strips = t->tracks[track].strips;
    if (car->is_siren || car->is_aside)
        return jw_strip_cover_siren(t, car, track);
    if (strips == 1)
        return car->strip ? 1 : 1 | JW_STRIP_CORRIDOR;
    if (!car->strip)
        return jw_strip_cover_wide(t, car->type, track) | JW_STRIP_CORRIDOR;
    return car->strip <= strips ? 1u << (car->strip - 1) : (1u << strips) - 1;
}

/* Length of queue that a vehicle adds on its track: two-wheelers stand abreast. */
static inline float jw_strip_queue_m(const jw_traffic *t, uint32_t place)
{
    const jw_traffic_type *type = jw_type_at(t, place);
    float length_m = type->length_m + type->min_gap_m;
    return type->is_narrow ? length_m / (float)t->tracks[t->cars[place].track].strips : length_m;
}

/* The order of the vehicles of a track. */
static inline bool jw_strip_is_ahead(const jw_car *car, const jw_car *other)
{
    return car->pos_m > other->pos_m || (car->pos_m == other->pos_m && car->slot < other->slot);
}

/* The next before `place` (which may be the track's end) that covers one of these strips; JW_NONE: nobody up
 * to a distance beyond which one need not look. */
uint32_t jw_strip_ahead(const jw_traffic *t, uint32_t track, uint32_t place, uint32_t cover, float until_m);
/* The first from `place` on towards the rear. */
uint32_t jw_strip_behind(const jw_traffic *t, uint32_t track, uint32_t place, uint32_t cover);
/* Whom a vehicle follows on its track; JW_NONE: nobody within look_m. */
uint32_t jw_strip_leader(const jw_traffic *t, uint32_t track, uint32_t place, float look_m);
/* The last of a track before whom somebody would come from behind; JW_NONE: nobody up to until_m. */
uint32_t jw_strip_tail(const jw_traffic *t, uint32_t track, const jw_car *car, float until_m);
/* Most acceleration of a two-wheeler that lets a car pass; JW_FAR: none does. */
float jw_strip_yielding_mps2(const jw_traffic *t, uint32_t track, uint32_t place);
/* How fast it may be beside the two-wheelers that it passes now. */
float jw_strip_passing_mps(const jw_traffic *t, uint32_t track, uint32_t place);

/* Rears of those who have moved, strip by strip: how far a vehicle may go; then its own rear. */
typedef struct jw_strip_rears {
    float rear_m[5];
} jw_strip_rears;
static inline jw_strip_rears jw_strip_make_rears(void)
{
    return (jw_strip_rears){{JW_FAR, JW_FAR, JW_FAR, JW_FAR, JW_FAR}};
}
static inline float jw_strip_rear(const jw_strip_rears *rears, uint32_t cover)
{
    float rear_m = JW_FAR;
    for (uint32_t k = 0; k < 5; k++)
        if (cover >> k & 1)
            rear_m = jw_minf(rear_m, rears->rear_m[k]);
    return rear_m;
}
static inline void jw_strip_set_rear(jw_strip_rears *rears, uint32_t cover, float rear_m)
{
    for (uint32_t k = 0; k < 5; k++)
        if (cover >> k & 1)
            rears->rear_m[k] = rear_m;
}

/* Where a vehicle's strips lie: left of the track's centre line. */
int32_t jw_strip_side_mm(const jw_traffic *t, const jw_car *car, uint32_t track);
/* After all of a track have moved: their order, then who changes strips on a lane. From the block's own loop.
 */
void jw_strip_settle(jw_traffic *t, uint32_t track);

/* ---- at junctions ----------------------------------------------------------------------------------------
 */

/* At red: the first but two-wheelers stops before the place for them at the line, unless it is too late. */
void jw_strip_keep_clear(jw_traffic *t, uint32_t lane, float line_m);
/* A vehicle about to leave its lane has to let others of this lane go first. */
bool jw_strip_gives_way(const jw_traffic *t, uint32_t place);
/* There is room for one more at the corner where a left turn in two stages waits. */
bool jw_strip_has_corner(const jw_traffic *t, uint32_t connection);

#endif
