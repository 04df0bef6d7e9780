/* Strips: see traffic_strip.h. */
#include "traffic/traffic_siren.h"

#define CLEAR_M        0.3f /* beside those who are in line: with 1.8 m a car takes 2 of 3 strips of 3.25 m */
#define NARROW_M       1.0  /* wide at most; a round figure, as those below */
#define SHORT_M        3.0f /* long at most */
#define LONG_M         50.0f
#define PASS_MPS       5.6f
#define PASS_M         20.0f /* one slows down so far before */
#define ASIDE_MM       900   /* who makes way: a car at the side of a lane of 3.5 m */
#define COOL_S         2.0f
#define SAFE_MPS2      2.0f
#define KEEP_RIGHT     0.3f /* m/s2, where cars drive */
#define GIVE_WAY       2.5f /* where a car comes up behind */
#define FOLLOWED_M     30.0f
#define FALL_BACK_MPS2 0.7f
#define FILL_M         20.0f
#define GAIN_M         1.0f
#define GAP_M          0.5f
#define LEAD_ON_M      40.0f /* before the line one must have a strip that leads on */
#define LOOK_M         40.0f
#define CREEP_MPS      0.5f /* who stands does not move sideways */
#define BRAKE_MPS2     3.0f /* of those who come onto a lane */

bool jw_strip_is_narrow(const jw_vehicle_type *type)
{
    return (type->vehicle_class == JW_VEHICLE_BICYCLE || type->vehicle_class == JW_VEHICLE_EBIKE) &&
           type->width_m <= NARROW_M && type->length_m <= SHORT_M;
}

uint32_t jw_strip_cover_wide(const jw_traffic *t, uint32_t type, uint32_t track)
{
    uint32_t strips = t->tracks[track].strips, all = (1u << strips) - 1;
    float need = (t->types[type].width_m + CLEAR_M) / t->net.strip_m[track];
    uint32_t taken = need < (float)strips ? (uint32_t)need + 1 : strips;
    return all & ~((1u << (strips - taken)) - 1);
}

uint32_t jw_strip_cover_siren(const jw_traffic *t, const jw_car *car, uint32_t track)
{
    uint32_t strips = t->tracks[track].strips, left = 1u << (strips - 1);
    if (car->is_siren)
        return JW_STRIP_CORRIDOR | (strips > 1 ? left : 0);
    uint32_t cover = strips > 1 ? jw_strip_cover_wide(t, car->type, track) : 1;
    return cover != left ? cover & ~left : cover; /* who has but one strip keeps it */
}

/* ---- who is next -----------------------------------------------------------------------------------------
 */

/* Of those abreast, on different strips of `cover`, the one whose rear is nearest. */
uint32_t jw_strip_ahead(const jw_traffic *t, uint32_t track, uint32_t place, uint32_t cover, float until_m)
{
    uint32_t best = JW_NONE, left = cover;
    float best_m = until_m;
    for (uint32_t p = place, begin = t->tracks[track].begin; p-- > begin && left;) {
        uint32_t own = jw_strip_cover(t, &t->cars[p], track);
        if (left & own) {
            float rear_m = t->cars[p].pos_m - jw_length_at(t, p);
            if (best == JW_NONE || rear_m < best_m) {
                best = p;
                best_m = rear_m;
            }
            left &= ~own;
        }
        if (t->cars[p].pos_m > (best == JW_NONE ? until_m : best_m + LONG_M))
            break;
    }
    return best;
}

uint32_t jw_strip_behind(const jw_traffic *t, uint32_t track, uint32_t place, uint32_t cover)
{
    for (uint32_t p = place, end = t->tracks[track].end; p < end; p++)
        if (cover & jw_strip_cover(t, &t->cars[p], track))
            return p;
    return JW_NONE;
}

/* What is looked for is a rear, the order is that of fronts. */
static float front_of(const jw_car *car, float until_m)
{
    return until_m + (car->strip ? SHORT_M : LONG_M);
}

uint32_t jw_strip_leader(const jw_traffic *t, uint32_t track, uint32_t place, float look_m)
{
    const jw_car *car = &t->cars[place];
    return jw_strip_ahead(t, track, place, jw_strip_cover(t, car, track), front_of(car, car->pos_m + look_m));
}

uint32_t jw_strip_tail(const jw_traffic *t, uint32_t track, const jw_car *car, float until_m)
{
    return jw_strip_ahead(t, track, t->tracks[track].end, jw_strip_cover(t, car, track),
                          front_of(car, until_m));
}

float jw_strip_passing_mps(const jw_traffic *t, uint32_t track, uint32_t place)
{
    const jw_car *car = &t->cars[place];
    if (car->strip)
        return JW_FAR;
    uint32_t cover = jw_strip_cover(t, car, track);
    float faster_mps = car->is_siren ? JW_SIREN_CORRIDOR_MPS : PASS_MPS;
    float least_mps = JW_FAR, rear_m = car->pos_m - t->types[car->type].length_m;
    for (uint32_t p = place; p-- > t->tracks[track].begin && t->cars[p].pos_m < car->pos_m + PASS_M;)
        if (!(cover & jw_strip_cover(t, &t->cars[p], track)))
            least_mps = jw_minf(least_mps, t->cars[p].speed_mps + faster_mps);
    for (uint32_t p = place + 1; p < t->tracks[track].end && t->cars[p].pos_m > rear_m; p++)
        if (!(cover & jw_strip_cover(t, &t->cars[p], track)))
            least_mps = jw_minf(least_mps, t->cars[p].speed_mps + faster_mps);
    return least_mps;
}

/* ---- sideways --------------------------------------------------------------------------------------------
 */

/* Who makes way goes left on the leftmost of several lanes for cars, else to the right. */
static int32_t aside_mm(const jw_traffic *t, uint32_t track)
{
    if (!jw_is_lane(t, track))
        return 0;
    uint32_t edge = t->net.lane_edge[track];
    bool is_leftmost = track + 1 == t->net.edge_first_lane[edge + 1];
    bool has_right = t->net.lane_index[track] > 0 && (t->net.lane_allow[track - 1] & JW_ALLOW_CAR);
    return is_leftmost && has_right ? ASIDE_MM : -ASIDE_MM;
}

int32_t jw_strip_side_mm(const jw_traffic *t, const jw_car *car, uint32_t track)
{
    if (car->yields)
        return aside_mm(t, track);
    uint32_t strips = t->tracks[track].strips, cover = jw_strip_cover(t, car, track) & 15;
    if (!cover)
        return 0;
    uint32_t free_right = (uint32_t)__builtin_ctz(cover);
    uint32_t free_left = strips - (32u - (uint32_t)__builtin_clz(cover));
    return ((int32_t)free_right - (int32_t)free_left) * (int32_t)(t->net.strip_m[track] * 500);
}

/* ---- changing strips -------------------------------------------------------------------------------------
 */

typedef struct place_beside {
    uint32_t leader, follower; /* places, JW_NONE: nobody */
    float lead_m, back_m;
    float accel_mps2; /* that it would wish for there */
} place_beside;

static place_beside look_into(const jw_traffic *t, uint32_t lane, uint32_t place, uint32_t strip)
{
    const jw_car *car = &t->cars[place];
    const jw_traffic_type *type = &t->types[car->type];
    const jw_track *track = &t->tracks[lane];
    uint32_t cover = 1u << (strip - 1);
    place_beside b = {jw_strip_ahead(t, lane, place, cover, car->pos_m + LOOK_M + SHORT_M),
                      jw_strip_behind(t, lane, place + 1, cover), JW_FAR, JW_FAR, 0};
    float lead_mps = 0, lead_mps2 = 0;
    if (b.leader != JW_NONE) {
        b.lead_m = t->cars[b.leader].pos_m - jw_length_at(t, b.leader) - car->pos_m;
        lead_mps = t->cars[b.leader].speed_mps;
        lead_mps2 = t->cars[b.leader].accel_mps2;
    }
    if ((track->over & cover) && track->overhang_m - car->pos_m < b.lead_m) { /* as of before the step */
        b.lead_m = track->overhang_m - car->pos_m;
        lead_mps = track->overhang_mps;
        lead_mps2 = 0;
    }
    if (b.follower != JW_NONE)
        b.back_m = car->pos_m - type->length_m - t->cars[b.follower].pos_m;
    b.accel_mps2 = jw_follow_accel(type, car->headway_s, jw_wished_speed(t, place, lane), car->speed_mps,
                                   b.lead_m, lead_mps, lead_mps2);
    return b;
}

static bool is_fit(const jw_traffic *t, uint32_t lane, uint32_t place, const place_beside *b)
{
    const jw_car *car = &t->cars[place];
    if (b->lead_m < GAP_M || b->back_m < GAP_M)
        return false;
    if (b->accel_mps2 < -SAFE_MPS2 && car->speed_mps > JW_QUEUE_MPS)
        return false;
    if (b->follower == JW_NONE)
        return true;
    const jw_car *back = &t->cars[b->follower];
    float need_mps2 =
        jw_follow_accel(&t->types[back->type], back->headway_s, jw_wished_speed(t, b->follower, lane),
                        back->speed_mps, b->back_m, car->speed_mps, car->accel_mps2);
    return need_mps2 > -SAFE_MPS2 || back->speed_mps < CREEP_MPS;
}

/* Strips from which the way goes on, as the line comes near. */
static uint32_t strips_on(const jw_traffic *t, const jw_car *car, const jw_track *track)
{
    if (car->next == JW_NONE || track->length_m - car->pos_m > LEAD_ON_M)
        return track->strips;
    return t->tracks[t->net.lane_count + car->next].strips;
}

/* Strips are for all on this lane, and a car comes up behind. */
static bool is_in_the_way(const jw_traffic *t, uint32_t lane, uint32_t place)
{
    const jw_track *track = &t->tracks[lane];
    if (!(t->net.lane_allow[lane] & JW_ALLOW_CAR) || track->end - track->begin == track->wheels)
        return false;
    float until_m = t->cars[place].pos_m - FOLLOWED_M;
    for (uint32_t p = place + 1; p < track->end && t->cars[p].pos_m > until_m; p++)
        if (!t->cars[p].strip && t->cars[p].speed_mps > JW_QUEUE_MPS)
            return true;
    return false;
}

float jw_strip_yielding_mps2(const jw_traffic *t, uint32_t track, uint32_t place)
{
    const jw_car *car = &t->cars[place];
    if (!jw_is_lane(t, track) || car->strip < 2 || !is_in_the_way(t, track, place))
        return JW_FAR;
    return jw_maxf(look_into(t, track, place, car->strip - 1u).accel_mps2, -FALL_BACK_MPS2);
}

/* Behind a queue of cars, which the strips to the right pass. */
static bool is_behind_cars(const jw_traffic *t, const jw_car *car, const place_beside *stay)
{
    return car->strip > 1 && stay->leader != JW_NONE && !t->cars[stay->leader].strip &&
           t->cars[stay->leader].speed_mps < JW_QUEUE_MPS;
}

static void take_strip(const jw_traffic *t, jw_car *car, uint32_t strip)
{
    car->strip = strip & 7;
    car->cool = (uint8_t)(COOL_S / t->dt_s);
}

/* At red one moves up, step by step, to the strip with most room before the line. True: there is none better.
 */
static bool fill_up(jw_traffic *t, uint32_t lane, uint32_t place, uint32_t most)
{
    jw_car *car = &t->cars[place];
    float left_m = t->tracks[lane].length_m - car->pos_m, best_m = 0, own_m = 0;
    uint32_t best = 0;
    if (car->next == JW_NONE || left_m > FILL_M || car->speed_mps > JW_QUEUE_MPS ||
        (t->shown[car->next] != 'r' && t->shown[car->next] != 'y'))
        return false;
    for (uint32_t strip = 1; strip <= most; strip++) {
        float room_m = jw_minf(look_into(t, lane, place, strip).lead_m, left_m);
        if (strip == car->strip)
            own_m = room_m;
        if (room_m > best_m) {
            best_m = room_m;
            best = strip;
        }
    }
    if (!best || best_m < own_m + GAIN_M)
        return true;
    uint32_t strip = best < car->strip ? car->strip - 1u : car->strip + 1u;
    place_beside there = look_into(t, lane, place, strip);
    if (is_fit(t, lane, place, &there))
        take_strip(t, car, strip);
    return true;
}

static void choose_strip(jw_traffic *t, uint32_t lane, uint32_t place)
{
    jw_car *car = &t->cars[place];
    const jw_track *track = &t->tracks[lane];
    uint32_t most = strips_on(t, car, track);
    place_beside stay = look_into(t, lane, place, car->strip);
    bool must_leave = car->strip > most || is_behind_cars(t, car, &stay);
    bool is_mixed = (t->net.lane_allow[lane] & JW_ALLOW_CAR) != 0;
    if (!must_leave && (fill_up(t, lane, place, most) || car->speed_mps < CREEP_MPS))
        return;
    float right = !is_mixed ? 0 : is_in_the_way(t, lane, place) ? GIVE_WAY : KEEP_RIGHT, best_gain = 0;
    uint32_t best = 0;
    for (uint32_t strip = car->strip > 1 ? car->strip - 1u : 2; strip <= most && strip <= car->strip + 1u;
         strip += 2) {
        place_beside there = look_into(t, lane, place, strip);
        float gain = there.accel_mps2 - stay.accel_mps2 + (strip < car->strip ? right : -right) -
                     t->types[car->type].threshold_mps2;
        if (must_leave)
            gain = strip < car->strip ? 1 : 0;
        if (gain > best_gain && is_fit(t, lane, place, &there)) {
            best_gain = gain;
            best = strip;
        }
    }
    if (best)
        take_strip(t, car, best);
}

/* From here on a lane those who come onto it can brake for who has changed strips. */
static float beginning_m(const jw_traffic *t, uint32_t lane)
{
    float v = t->tracks[lane].limit_mps;
    if (!(t->net.lane_allow[lane] & JW_ALLOW_MOTOR))
        v = jw_minf(v, 7);
    return v * v / (2 * BRAKE_MPS2) + v * t->dt_s + 2;
}

/* ---- after moving ----------------------------------------------------------------------------------------
 */

static void sort(jw_traffic *t, const jw_track *track)
{
    for (uint32_t p = track->begin + 1; p < track->end; p++) {
        if (!jw_strip_is_ahead(&t->cars[p], &t->cars[p - 1]))
            continue;
        jw_car car = t->cars[p];
        uint32_t at = p;
        do {
            t->cars[at] = t->cars[at - 1];
            t->place_of_slot[t->cars[at].slot] = at;
            at--;
        } while (at > track->begin && jw_strip_is_ahead(&car, &t->cars[at - 1]));
        t->cars[at] = car;
        t->place_of_slot[car.slot] = at;
    }
}

void jw_strip_settle(jw_traffic *t, uint32_t track)
{
    sort(t, &t->tracks[track]);
    if (!jw_is_lane(t, track) || t->tracks[track].strips == 1)
        return;
    float from_m = beginning_m(t, track), length_m = t->tracks[track].length_m;
    for (uint32_t p = t->tracks[track].begin; p < t->tracks[track].end; p++) {
        const jw_car *car = &t->cars[p];
        if (car->strip && !car->cool && car->pos_m < length_m &&
            car->pos_m - t->types[car->type].length_m > from_m)
            choose_strip(t, track, p);
    }
}
