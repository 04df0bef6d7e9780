/* What signals see of the traffic: presence detectors before the stop lines, queues and arrivals by link,
 * load before and behind the junction, vehicles with priority. The one part of signal control that looks at
 * vehicles. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define LOOP_S 2.0f /* of way before the line, at the limit: SUMO's detector-gap */

static float detector_m(const jw_traffic *t, uint32_t lane)
{
    return jw_minf((float)t->def.signals.detector_m, t->tracks[lane].length_m);
}

/* ---- detectors -------------------------------------------------------------------------------------------
 */

/* The vehicles of a lane come one behind the other: whoever is counted is the one behind the last. */
static void detect_lane(jw_traffic *t, uint32_t lane, jw_signal_lane *detector, int64_t dt_ns)
{
    float length = t->tracks[lane].length_m, line = length - detector_m(t, lane);
    bool is_occupied = false;
    for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end; p++) {
        float pos = t->cars[p].pos_m, v = t->cars[p].speed_mps;
        if (pos < line)
            break;
        is_occupied = true;
        float way = jw_maxf(v * t->dt_s - 0.5f * t->cars[p].accel_mps2 * t->dt_s * t->dt_s, 0);
        if (pos - way < line && t->cars[p].slot != detector->last_slot) {
            detector->count++;
            detector->last_slot = t->cars[p].slot;
        }
    }
    detector->occupied_ns += is_occupied ? dt_ns : 0;
}

void jw_signal_detect(jw_traffic *t, uint32_t programme)
{
    const jw_signal_net *net = &t->signals.net;
    int64_t dt_ns = jw_ns_from_s(t->dt_s);
    for (uint32_t k = net->lane_first[programme]; k < net->lane_first[programme + 1]; k++)
        detect_lane(t, net->lanes[k], &t->signals.lanes[k], dt_ns);
}

/* ---- queues ----------------------------------------------------------------------------------------------
 */

static bool is_nearer(float left_m, float *nearest_m)
{
    if (left_m >= *nearest_m)
        return false;
    *nearest_m = left_m;
    return true;
}

static void look_at_lane(jw_traffic *t, uint32_t lane, uint32_t own, float *bus_m, float *emergency_m)
{
    jw_signal_sight *sight = &t->signals.sight;
    const jw_signal_net *net = &t->signals.net;
    float length = t->tracks[lane].length_m, detector = detector_m(t, lane);
    for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end; p++) {
        float left = length - t->cars[p].pos_m;
        if (left > JW_SIGNAL_SIGHT_M)
            return;
        bool is_standing = t->cars[p].speed_mps < JW_SIGNAL_STANDS;
        sight->lane_queued[own] += is_standing;
        uint32_t next = t->cars[p].next, k = next == JW_NONE ? JW_NONE : net->place_of[next];
        if (k == JW_NONE)
            continue;
        (is_standing ? sight->queued : sight->moving)[k]++;
        sight->detected[k] += left <= detector;
        if (is_standing)
            sight->wait_s[k] = jw_maxf(sight->wait_s[k], t->cars[p].wait_s);
        uint32_t link = t->city->connections[next].signal_link;
        if (left > JW_SIGNAL_REACH_M)
            continue;
        if (jw_class_at(t, p) == JW_VEHICLE_BUS && jw_signal_heeds_bus(t, next, t->cars[p].slot) &&
            is_nearer(left, bus_m))
            sight->bus_link = link;
        if (jw_class_at(t, p) == JW_VEHICLE_EMERGENCY && is_nearer(left, emergency_m))
            sight->emergency_link = link;
    }
}

/* Those who wait at the corner of a left turn in two stages wait for the green of the second: as if they
 * stood before its line. */
static void look_at_corner(jw_traffic *t, uint32_t connection)
{
    jw_signal_sight *sight = &t->signals.sight;
    const jw_connection *c = &t->city->connections[connection];
    const jw_track *way = &t->tracks[t->net.lane_count + connection];
    uint32_t k = c->second == JW_NONE ? JW_NONE : t->signals.net.place_of[c->second];
    for (uint32_t p = way->begin; p < way->end && k != JW_NONE; p++) {
        if (t->cars[p].pos_m > c->wait_m || t->cars[p].speed_mps >= JW_SIGNAL_STANDS)
            continue;
        sight->queued[k]++;
        sight->detected[k]++;
        sight->wait_s[k] = jw_maxf(sight->wait_s[k], t->cars[p].wait_s);
    }
}

void jw_signal_look(jw_traffic *t, uint32_t programme)
{
    const jw_signal_net *net = &t->signals.net;
    jw_signal_sight *sight = &t->signals.sight;
    uint32_t links = net->link_first[programme + 1] - net->link_first[programme];
    uint32_t first = net->lane_first[programme], lanes = net->lane_first[programme + 1] - first;
    memset(sight->queued, 0, links * sizeof *sight->queued);
    memset(sight->moving, 0, links * sizeof *sight->moving);
    memset(sight->detected, 0, links * sizeof *sight->detected);
    memset(sight->wait_s, 0, links * sizeof *sight->wait_s);
    memset(sight->lane_queued, 0, lanes * sizeof *sight->lane_queued);
    sight->bus_link = sight->emergency_link = JW_NONE;
    float bus_m = JW_FAR, emergency_m = JW_FAR;
    for (uint32_t k = 0; k < lanes; k++)
        look_at_lane(t, net->lanes[first + k], k, &bus_m, &emergency_m);
    for (uint32_t k = net->link_first[programme]; k < net->link_first[programme + 1]; k++)
        look_at_corner(t, net->links[k].connection);
    if (sight->bus_link == JW_NONE)
        sight->bus_link = jw_signal_announced_link(t, programme);
}

static bool lets_go(const jw_traffic *t, uint32_t programme, uint32_t phase, uint32_t connection)
{
    uint32_t link = connection == JW_NONE ? JW_NONE : t->city->connections[connection].signal_link;
    return link != JW_NONE && jw_signal_lets_go(t, programme, phase, link);
}

/* From the lane's own corners: see look_at_corner. */
static void count_corners(const jw_traffic *t, uint32_t programme, uint32_t phase, uint32_t lane,
                          jw_phase_demand *out)
{
    const jw_lane *from = &t->city->lanes[lane];
    for (uint32_t n = 0; n < from->connection_count; n++) {
        uint32_t number = t->city->lane_connections[from->first_connection + n];
        const jw_connection *c = &t->city->connections[number];
        const jw_track *way = &t->tracks[t->net.lane_count + number];
        if (!lets_go(t, programme, phase, c->second))
            continue;
        for (uint32_t p = way->begin; p < way->end; p++)
            if (t->cars[p].pos_m <= c->wait_m && t->cars[p].speed_mps < JW_SIGNAL_STANDS) {
                out->queued++;
                out->longest_wait_s = jw_maxf(out->longest_wait_s, t->cars[p].wait_s);
            }
    }
}

void jw_signal_count_lane(const jw_traffic *t, uint32_t programme, uint32_t phase, uint32_t lane,
                          float sight_m, jw_phase_demand *out)
{
    float length = t->tracks[lane].length_m;
    count_corners(t, programme, phase, lane, out);
    for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end; p++) {
        if (length - t->cars[p].pos_m > sight_m)
            return;
        if (!lets_go(t, programme, phase, t->cars[p].next))
            continue;
        if (t->cars[p].speed_mps < JW_SIGNAL_STANDS) {
            out->queued++;
            out->longest_wait_s = jw_maxf(out->longest_wait_s, t->cars[p].wait_s);
        } else {
            out->approaching++;
        }
    }
}

bool jw_signal_is_reached(const jw_traffic *t, uint32_t programme)
{
    const jw_signal_net *net = &t->signals.net;
    uint32_t phase = t->signals.now[programme].phase;
    for (uint32_t k = net->link_first[programme]; k < net->link_first[programme + 1]; k++) {
        if (!jw_signal_lets_go(t, programme, phase, net->links[k].link))
            continue;
        const jw_track *track = &t->tracks[net->lanes[net->lane_first[programme] + net->links[k].lane]];
        float loop_m = jw_maxf(track->length_m - LOOP_S * track->limit_mps, 0);
        for (uint32_t p = track->begin; p < track->end && t->cars[p].pos_m >= loop_m; p++)
            if (t->cars[p].pos_m - jw_length_at(t, p) - t->cars[p].speed_mps * t->dt_s < loop_m)
                return true;
    }
    return false;
}

/* ---- pressure --------------------------------------------------------------------------------------------
 */

#define WAYS_MAX 16

/* Vehicles before the end of an edge, by where they go on to, weighted by the shares of those ways: Varaiya's
 * sum over k of r(j,k) x(j,k) with the shares as they are now. Who ends the trip there waits for nobody. */
static float load_behind(const jw_traffic *t, uint32_t edge, uint32_t *out_vehicles)
{
    uint32_t ways = 0, to[WAYS_MAX];
    float count[WAYS_MAX], sum = 0, squares = 0;
    for (uint32_t lane = t->net.edge_first_lane[edge]; lane < t->net.edge_first_lane[edge + 1]; lane++) {
        float length = t->tracks[lane].length_m;
        for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end; p++) {
            if (length - t->cars[p].pos_m > JW_SIGNAL_SIGHT_M)
                break;
            if (t->cars[p].next == JW_NONE)
                continue;
            uint32_t target = t->net.lane_edge[t->city->connections[t->cars[p].next].to_lane], k = 0;
            while (k < ways && to[k] != target)
                k++;
            if (k == WAYS_MAX)
                continue;
            if (k == ways) {
                to[ways] = target;
                count[ways++] = 0;
            }
            count[k]++;
        }
    }
    for (uint32_t k = 0; k < ways; k++) {
        sum += count[k];
        squares += count[k] * count[k];
    }
    *out_vehicles = (uint32_t)sum;
    return sum > 0 ? squares / sum : 0;
}

void jw_signal_weigh(jw_traffic *t, uint32_t programme)
{
    const jw_signal_net *net = &t->signals.net;
    jw_signal_sight *sight = &t->signals.sight;
    uint32_t first = net->movement_first[programme], count = net->movement_first[programme + 1] - first;
    for (uint32_t m = 0; m < count; m++) {
        jw_signal_load *load = &sight->movements[m];
        load->before = 0;
        load->behind = load_behind(t, net->movements[first + m].to_edge, &load->downstream);
    }
    for (uint32_t k = net->link_first[programme]; k < net->link_first[programme + 1]; k++) {
        uint32_t own = k - net->link_first[programme];
        sight->movements[net->links[k].movement].before += (float)(sight->queued[own] + sight->moving[own]);
    }
}

float jw_signal_pressure(jw_traffic *t, uint32_t programme, uint32_t phase)
{
    const jw_signal_net *net = &t->signals.net;
    jw_signal_sight *sight = &t->signals.sight;
    uint32_t movements = net->movement_first[programme + 1] - net->movement_first[programme];
    float sum = 0;
    for (uint32_t m = 0; m < movements; m++) {
        sight->movements[m].saturation = 0;
        sight->movements[m].last_lane = JW_NONE;
    }
    /* Saturation flow: one for each lane; half where a link has to yield, for it waits for gaps (HCM's
     * equivalents of permitted left turns begin at 1.4 and pass 2 from 400 veh/h against them). */
    for (uint32_t k = net->link_first[programme]; k < net->link_first[programme + 1]; k++) {
        const jw_signal_link *link = &net->links[k];
        jw_signal_load *load = &sight->movements[link->movement];
        char letter = jw_signal_letter(t, programme, phase, link->link);
        if ((letter != 'G' && letter != 'g') || load->last_lane == link->lane)
            continue;
        load->last_lane = link->lane;
        load->saturation += letter == 'G' ? 1.0f : 0.5f;
    }
    for (uint32_t m = 0; m < movements; m++)
        sum += sight->movements[m].saturation * (sight->movements[m].before - sight->movements[m].behind);
    return sum;
}

/* ---- advised speeds --------------------------------------------------------------------------------------
 */

static bool is_connected(const jw_world *world, const jw_traffic *t, uint32_t place)
{
    uint32_t c = jw_class_at(t, place);
    if (c == JW_VEHICLE_SHUTTLE)
        return true;
    if (!(JW_ALLOW_MOTOR >> c & 1))
        return false;
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "traffic.connected"));
    return jw_random_uniform(key, t->vehicles[t->cars[place].slot].number, 0) <
           t->def.signals.connected_share;
}

/* Speed advised where the vehicle is; 0: none. */
static float advice_at(const jw_traffic *t, uint32_t place)
{
    uint32_t track = t->cars[place].track;
    uint32_t lane = jw_is_lane(t, track) ? t->signals.net.signal_lane[track] : JW_NONE;
    return lane == JW_NONE ? 0 : t->signals.lanes[lane].advised_mps;
}

static void drive_at(jw_traffic *t, uint32_t place, float own_factor, float advised_mps)
{
    float limit = t->tracks[t->cars[place].track].limit_mps;
    t->cars[place].factor = jw_minf(own_factor, advised_mps / limit);
}

/* Speed advised to the vehicle, there and alone; 0: none. */
static float advice_of(const jw_traffic *t, const jw_advised *advised, uint32_t place, int64_t now_ns)
{
    float there = advice_at(t, place), own = advised->until_ns >= now_ns ? advised->advised_mps : 0;
    return there > 0 && own > 0 ? jw_minf(there, own) : there + own;
}

/* Those who follow go on while there is advice for them; the others get their own wish back. */
static void keep_advised(jw_traffic *t, int64_t now_ns)
{
    jw_signals *s = &t->signals;
    uint32_t kept = 0;
    for (uint32_t k = 0; k < s->advised_count; k++) {
        jw_advised advised = s->advised[k];
        uint32_t slot = advised.index1 - 1;
        if (!jw_pool_is_alive(&t->pool, advised.index1, advised.generation)) {
            s->advised_place1[slot] = 0;
            continue;
        }
        uint32_t place = t->place_of_slot[slot];
        float mps = advice_of(t, &advised, place, now_ns);
        if (mps > 0) {
            drive_at(t, place, advised.factor, mps);
            s->advised[kept++] = advised;
            s->advised_place1[slot] = kept;
        } else {
            t->cars[place].factor = advised.factor;
            s->advised_place1[slot] = 0;
        }
    }
    s->advised_count = kept;
}

static jw_result advise_lane(jw_world *world, jw_traffic *t, uint32_t lane, float mps, jw_error *error)
{
    jw_signals *s = &t->signals;
    for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end; p++) {
        uint32_t slot = t->cars[p].slot;
        if (s->advised_place1[slot] || !is_connected(world, t, p))
            continue;
        if (jw_grow(&s->advised, &s->advised_capacity, s->advised_count + 1ull, sizeof *s->advised, error))
            return JW_ERROR_MEMORY;
        s->advised[s->advised_count++] =
            (jw_advised){.index1 = slot + 1, t->pool.generations[slot], t->cars[p].factor};
        s->advised_place1[slot] = s->advised_count;
        drive_at(t, p, t->cars[p].factor, mps);
    }
    return JW_OK;
}

jw_result jw_traffic_advise_vehicle(jw_world *world, jw_traffic *t, jw_vehicle_id id, double speed_mps,
                                    int64_t until_ns)
{
    jw_signals *s = &t->signals;
    if (!jw_pool_is_alive(&t->pool, id.index1, id.generation))
        return JW_ERROR_NOT_FOUND;
    if (!(speed_mps > 0 && speed_mps <= 100) || until_ns <= jw_world_time_ns(world))
        return JW_ERROR_INPUT;
    if (jw_grow(&s->advised_place1, &s->slot_capacity, t->pool.slot_count + 1ull, sizeof(uint32_t), NULL) ||
        jw_grow(&s->advised, &s->advised_capacity, s->advised_count + 1ull, sizeof *s->advised, NULL))
        return JW_ERROR_MEMORY;
    uint32_t slot = id.index1 - 1, place = t->place_of_slot[slot], *place1 = &s->advised_place1[slot];
    if (*place1 == 0)
        *place1 = ++s->advised_count;
    uint32_t k = *place1 - 1;
    if (s->advised[k].index1 != id.index1 || s->advised[k].generation != id.generation) /* it is new there */
        s->advised[k] =
            (jw_advised){.index1 = id.index1, .generation = id.generation, .factor = t->cars[place].factor};
    s->advised[k].advised_mps = (float)jw_max(speed_mps, JW_ADVICE_MIN_MPS);
    s->advised[k].until_ns = until_ns;
    drive_at(t, place, s->advised[k].factor, advice_of(t, &s->advised[k], place, jw_world_time_ns(world)));
    return JW_OK;
}

void jw_signal_apply_advice(jw_world *world, jw_traffic *t)
{
    jw_signals *s = &t->signals;
    if (s->advice_count == 0 && s->advised_count == 0)
        return;
    int64_t now_ns = jw_world_time_ns(world);
    jw_error error = {0};
    jw_result result =
        jw_grow(&s->advised_place1, &s->slot_capacity, t->pool.slot_count + 1ull, sizeof(uint32_t), &error);
    uint32_t lanes = s->net.lane_first[t->city->programme_count];
    for (uint32_t k = 0; k < lanes; k++)
        if (s->lanes[k].advised_mps > 0 && s->lanes[k].advice_until_ns < now_ns) {
            s->lanes[k].advised_mps = 0;
            s->advice_count--;
        }
    if (result == JW_OK)
        keep_advised(t, now_ns);
    for (uint32_t k = 0; k < lanes && result == JW_OK; k++)
        if (s->lanes[k].advised_mps > 0)
            result = advise_lane(world, t, s->net.lanes[k], s->lanes[k].advised_mps, &error);
    if (result != JW_OK)
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory for advised speeds");
}
