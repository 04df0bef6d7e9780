/* Two-wheelers at junctions: see traffic_strip.h. */
#include "traffic/traffic_strip.h"

#define BOX_M       7.0f  /* TSRGD 2016: advanced stop lines lie 4 to 7.5 m ahead (from memory, unverified) */
#define CREEP_M     0.3f  /* past its line one stays where one is */
#define NEAR_M      3.0f  /* behind one's rear, and beyond the line */
#define NEAR_S      1.5f  /* of way of who comes from behind */
#define CORNER_ROWS 4u    /* more would stand in the way of the street that they cross */
#define PATIENCE_S  20.0f /* then one goes before those who come from behind */
#define STRAIGHT    1     /* of sides: right, straight on, left, back */

void jw_strip_keep_clear(jw_traffic *t, uint32_t lane, float line_m)
{
    const jw_track *track = &t->tracks[lane];
    if (!track->wheels && t->net.lane_index[lane] != 0)
        return;
    uint32_t p = track->begin;
    while (p < track->end && t->cars[p].strip)
        p++;
    jw_car *car = &t->cars[p];
    if (p == track->end || car->is_siren || car->next == JW_NONE ||
        (t->shown[car->next] != 'r' && t->shown[car->next] != 'y') || car->new_permit == JW_PERMIT_GO)
        return;
    float room_m = line_m - BOX_M + CREEP_M - car->pos_m, v = car->speed_mps;
    if (room_m > 0 && v * v < 3 * t->types[car->type].decel_mps2 * room_m)
        car->hold_m = jw_minf(car->hold_m, jw_maxf(line_m - BOX_M, car->pos_m));
}

/* ---- turning out of a lane that is shared ----------------------------------------------------------------
 */

/* A left turn in two stages goes straight on at first. */
static int side_of(const jw_connection *c)
{
    jw_turn turn = c->second != JW_NONE ? JW_TURN_STRAIGHT : c->turn;
    return turn == JW_TURN_RIGHT ? 0 : turn == JW_TURN_STRAIGHT ? STRAIGHT : turn == JW_TURN_LEFT ? 2 : 3;
}

/* Whether the ways of two who are beside each other will cross. */
static bool do_cross(uint32_t own_cover, int own, uint32_t other_cover, int other)
{
    if (own_cover & other_cover)
        return false;
    return other_cover < own_cover ? own < other : own > other;
}

/* Those beside it in the lane, and those who come up there. */
static bool yields_beside(const jw_traffic *t, uint32_t place)
{
    const jw_car *car = &t->cars[place];
    const jw_track *track = &t->tracks[car->track];
    uint32_t cover = jw_strip_cover(t, car, car->track);
    int side = side_of(&t->city->connections[car->next]);
    float rear_m = car->pos_m - t->types[car->type].length_m - NEAR_M;
    for (uint32_t p = track->begin; p < track->end; p++) {
        const jw_car *other = &t->cars[p];
        bool will_wait = other->permit != JW_PERMIT_GO || car->wait_s > PATIENCE_S;
        if (p == place || other->next == JW_NONE || (other->speed_mps < JW_STOPPED_MPS && will_wait))
            continue;
        if (p > place && other->pos_m < rear_m && car->wait_s > PATIENCE_S)
            return false;
        if (other->pos_m + NEAR_S * other->speed_mps < rear_m)
            continue;
        int others = side_of(&t->city->connections[other->next]);
        if (!do_cross(cover, side, jw_strip_cover(t, other, car->track), others))
            continue;
        if (others == STRAIGHT || (side != STRAIGHT && p < place))
            return true;
    }
    return false;
}

/* Those who have just left the lane another way. */
static bool yields_beyond(const jw_traffic *t, uint32_t place)
{
    const jw_car *car = &t->cars[place];
    const jw_lane *lane = &t->city->lanes[car->track];
    uint32_t cover = jw_strip_cover(t, car, car->track);
    for (uint32_t k = 0; k < lane->connection_count; k++) {
        uint32_t c = t->city->lane_connections[lane->first_connection + k];
        const jw_track *track = &t->tracks[t->net.lane_count + c];
        for (uint32_t p = track->end; c != car->next && p-- > track->begin;) {
            const jw_car *other = &t->cars[p];
            if (other->pos_m - t->types[other->type].length_m > NEAR_M)
                break;
            if (do_cross(cover, side_of(&t->city->connections[car->next]),
                         jw_strip_cover(t, other, car->track), side_of(&t->city->connections[c])))
                return true;
        }
    }
    return false;
}

bool jw_strip_gives_way(const jw_traffic *t, uint32_t place)
{
    return yields_beside(t, place) || yields_beyond(t, place);
}

/* ---- left turns in two stages ----------------------------------------------------------------------------
 */

bool jw_strip_has_corner(const jw_traffic *t, uint32_t connection)
{
    const jw_track *track = &t->tracks[t->net.lane_count + connection];
    float wait_m = t->city->connections[connection].wait_m;
    uint32_t waiting = 0;
    for (uint32_t p = track->begin; p < track->end; p++)
        waiting += t->cars[p].pos_m <= wait_m;
    return waiting < track->strips * CORNER_ROWS;
}
