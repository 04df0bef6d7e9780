/* What disturbs traffic for a while and ends by itself. Nothing is changed for good: limits, closures and
 * drivers' wishes are made anew from what they are without disturbances and from those under way, so that the
 * end of one gives back exactly what was. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define AHEAD_M 300.0f /* signals on this length of an emergency vehicle's way are held */
#define HOLD_NS (5 * JW_NS_PER_S)

void jw_disturb_free(jw_disturbances *d)
{
    jw_free(d->items);
    jw_free(d->limit_mps);
    memset(d, 0, sizeof *d);
}

jw_result jw_disturb_prepare(jw_traffic *t, jw_error *error)
{
    jw_disturbances *d = &t->disturbances;
    d->items = jw_alloc(JW_DISTURBANCE_MAX * sizeof *d->items);
    d->limit_mps = jw_alloc((t->net.lane_count + 1) * sizeof *d->limit_mps);
    if (!d->items || !d->limit_mps)
        return jw_fail_memory(error);
    for (uint32_t lane = 0; lane < t->net.lane_count; lane++)
        d->limit_mps[lane] = (float)t->city->lanes[lane].speed_mps;
    d->speed_factor = d->headway_factor = 1;
    return JW_OK;
}

uint32_t jw_traffic_disturbances(const jw_traffic *t, const jw_disturbance **out)
{
    *out = t->disturbances.items;
    return t->disturbances.count;
}

void jw_traffic_weather(const jw_traffic *t, float *out_rain_mm_per_h, float *out_visibility_m)
{
    *out_rain_mm_per_h = *out_visibility_m = 0;
    for (uint32_t k = 0; k < t->disturbances.count; k++) {
        const jw_disturbance *d = &t->disturbances.items[k];
        if (d->kind == JW_DISTURB_RAIN)
            *out_rain_mm_per_h = jw_maxf(*out_rain_mm_per_h, d->amount);
        else if (d->kind == JW_DISTURB_FOG && (*out_visibility_m <= 0 || d->amount < *out_visibility_m))
            *out_visibility_m = d->amount;
    }
}

const char *jw_disturbance_name(jw_disturbance_kind kind)
{
    static const char *const names[JW_DISTURB_COUNT] = {"incident", "works",       "rain",      "fog",
                                                        "event",    "school_hour", "emergency", "evacuate"};
    return names[kind];
}

/* ---- limits and closures ---------------------------------------------------------------------------------
 */

static bool is_near(const jw_traffic *t, uint32_t edge, const jw_disturbance *d)
{
    const jw_junction *a = &t->city->junctions[t->city->edges[edge].from];
    const jw_junction *b = &t->city->junctions[t->city->edges[edge].to];
    double dx = (a->x_m + b->x_m) / 2 - (double)d->x_m, dy = (a->y_m + b->y_m) / 2 - (double)d->y_m;
    return dx * dx + dy * dy <= (double)d->radius_m * (double)d->radius_m;
}

void jw_disturb_refresh_limits(jw_traffic *t)
{
    const jw_disturbances *all = &t->disturbances;
    for (uint32_t lane = 0; lane < t->net.lane_count; lane++)
        t->tracks[lane].limit_mps = all->limit_mps[lane];
    for (uint32_t k = 0; k < all->count; k++) {
        const jw_disturbance *d = &all->items[k];
        if (d->limit_mps <= 0)
            continue;
        for (uint32_t e = 0; e < t->net.edge_count; e++) {
            if (d->kind == JW_DISTURB_WORKS ? e != d->edge : !is_near(t, e, d))
                continue;
            for (uint32_t lane = t->net.edge_first_lane[e]; lane < t->net.edge_first_lane[e + 1]; lane++)
                t->tracks[lane].limit_mps = jw_minf(t->tracks[lane].limit_mps, d->limit_mps);
        }
    }
    jw_traffic_router_invalidate(t);
}

bool jw_disturb_refresh_closures(jw_traffic *t)
{
    const jw_disturbances *all = &t->disturbances;
    bool has_changed = false;
    for (uint32_t lane = 0; lane < t->net.lane_count; lane++) {
        uint8_t closed = t->lane_closed[lane] & JW_CLOSED_COUNT;
        for (uint32_t k = 0; k < all->count; k++)
            if (all->items[k].kind == JW_DISTURB_WORKS && all->items[k].lane == lane)
                closed |= JW_CLOSED_BY_WORKS;
        t->closed_count += (closed != 0) - (t->lane_closed[lane] != 0);
        has_changed |= (closed != 0) != (t->lane_closed[lane] != 0);
        t->lane_closed[lane] = closed;
    }
    return has_changed;
}

/* ---- drivers ---------------------------------------------------------------------------------------------
 */

static double draw_normal(const jw_world *world, const char *stream, uint64_t number)
{
    jw_random_key key = jw_world_random(world, jw_hash_text(0, stream));
    return jw_clamp(jw_random_normal(key, number, 0), -2, 2);
}

void jw_disturb_driver(const jw_world *world, const jw_traffic *t, uint32_t type_index, uint64_t number,
                       float *out_factor, float *out_headway_s)
{
    const jw_vehicle_type *type = &t->type_defs[type_index];
    double factor =
        type->speed_factor_mean + type->speed_factor_sd * draw_normal(world, "traffic.driver", number);
    double spread = type->speed_factor_sd * draw_normal(world, "traffic.headway", number);
    *out_factor = (float)(factor * t->disturbances.speed_factor);
    *out_headway_s = (float)(type->desired_headway_s * (1 + spread) * t->disturbances.headway_factor);
}

/* The worst of all weather under way; drivers on the road take it over at once. */
void jw_disturb_find_weather(jw_traffic *t)
{
    jw_disturbances *all = &t->disturbances;
    const jw_vehicle_type *car = &t->type_defs[JW_VEHICLE_CAR];
    all->speed_factor = all->headway_factor = 1;
    for (uint32_t k = 0; k < all->count; k++) {
        const jw_disturbance *d = &all->items[k];
        if (d->kind != JW_DISTURB_RAIN && d->kind != JW_DISTURB_FOG)
            continue;
        jw_weather weather = d->kind == JW_DISTURB_RAIN ? jw_weather_of_rain((double)d->amount)
                                                        : jw_weather_of_fog((double)d->amount);
        all->speed_factor = jw_min(all->speed_factor, weather.speed_factor);
        all->headway_factor = jw_max(all->headway_factor, jw_weather_headway_factor(car, &weather));
    }
}

static void refresh_weather(const jw_world *world, jw_traffic *t)
{
    double speed = t->disturbances.speed_factor, headway = t->disturbances.headway_factor;
    jw_disturb_find_weather(t);
    if (speed == t->disturbances.speed_factor && headway == t->disturbances.headway_factor)
        return;
    for (uint32_t slot = 0; slot < t->pool.slot_count; slot++) {
        if (!(t->pool.generations[slot] & 1))
            continue;
        jw_car *car = &t->cars[t->place_of_slot[slot]];
        jw_disturb_driver(world, t, car->type, t->vehicles[slot].number, &car->factor, &car->headway_s);
    }
    for (uint32_t k = 0; k < t->signals.advised_count; k++) { /* their own factor waits there */
        jw_advised *advised = &t->signals.advised[k];
        if (jw_pool_is_alive(&t->pool, advised->index1, advised->generation))
            advised->factor = t->cars[t->place_of_slot[advised->index1 - 1]].factor;
    }
}

/* ---- emergency vehicles ----------------------------------------------------------------------------------
 */

static uint32_t find_vehicle(const jw_traffic *t, jw_disturbance *d)
{
    uint32_t slot = d->slot;
    if (slot < t->pool.slot_count && (t->pool.generations[slot] & 1) && t->vehicles[slot].number == d->trip)
        return slot;
    for (slot = 0; slot < t->pool.slot_count; slot++)
        if ((t->pool.generations[slot] & 1) && t->vehicles[slot].number == d->trip) {
            d->slot = slot;
            d->has_departed = 1;
            return slot;
        }
    return JW_NONE;
}

static bool is_waiting(const jw_traffic *t, uint64_t trip)
{
    for (uint32_t k = 0; k < t->trip_count; k++)
        if (t->trips[k].is_used && t->trips[k].number == trip)
            return true;
    return false;
}

/* The green in which one may go from edge to edge; JW_NONE. */
static uint32_t green_phase(const jw_traffic *t, uint32_t programme, uint32_t from, uint32_t to)
{
    const jw_city *city = t->city;
    for (uint32_t lane = t->net.edge_first_lane[from]; lane < t->net.edge_first_lane[from + 1]; lane++)
        for (uint32_t k = 0; k < city->lanes[lane].connection_count; k++) {
            const jw_connection *c =
                &city->connections[city->lane_connections[city->lanes[lane].first_connection + k]];
            if (t->net.lane_edge[c->to_lane] == to && c->signal_link != JW_NONE)
                return jw_signal_green_for(t, programme, c->signal_link);
        }
    return JW_NONE;
}

/* Signals ahead turn to the phase that lets it pass and stay there until it has. */
static void hold_signals(jw_world *world, jw_traffic *t, uint32_t slot)
{
    const jw_car *car = &t->cars[t->place_of_slot[slot]];
    float ahead = -car->pos_m;
    if (!jw_is_lane(t, car->track))
        ahead = t->tracks[car->track].length_m - car->pos_m -
                jw_edge_length(t, jw_traffic_route_edge(t, slot, 0));
    for (uint32_t k = 0;; k++) {
        uint32_t from = jw_traffic_route_edge(t, slot, k), to = jw_traffic_route_edge(t, slot, k + 1);
        if (from == JW_NONE || to == JW_NONE)
            return;
        ahead += jw_edge_length(t, from);
        uint32_t programme = t->city->junctions[t->city->edges[from].to].programme;
        if (ahead > AHEAD_M)
            return;
        uint32_t phase = programme == JW_NONE || (k == 0 && !jw_is_lane(t, car->track))
                             ? JW_NONE
                             : green_phase(t, programme, from, to);
        if (phase != JW_NONE)
            jw_traffic_request_phase(world, t, programme, phase, jw_world_time_ns(world) + HOLD_NS);
    }
}

/* True: it has arrived, or will never depart. */
static bool run_emergency(jw_world *world, jw_traffic *t, jw_disturbance *d)
{
    uint32_t slot = find_vehicle(t, d);
    if (slot == JW_NONE)
        return d->has_departed || !is_waiting(t, d->trip);
    hold_signals(world, t, slot);
    return false;
}

/* ---- begin and end ---------------------------------------------------------------------------------------
 */

static jw_result take_effect(jw_world *world, jw_traffic *t, const jw_disturbance *d, bool is_over,
                             jw_error *error)
{
    switch (d->kind) {
    case JW_DISTURB_INCIDENT:
        t->obstacle_m[d->lane] = is_over ? JW_FAR : d->pos_m;
        break;
    case JW_DISTURB_WORKS:
        jw_disturb_refresh_limits(t);
        return jw_disturb_refresh_closures(t) ? jw_traffic_roads_changed(world, t, error) : JW_OK;
    case JW_DISTURB_SCHOOL:
        jw_disturb_refresh_limits(t);
        break;
    case JW_DISTURB_RAIN:
    case JW_DISTURB_FOG:
        refresh_weather(world, t);
        break;
    default:
        break;
    }
    return JW_OK;
}

jw_result jw_disturb_begin(jw_world *world, jw_traffic *t, jw_disturbance *d, jw_error *error)
{
    jw_disturbances *all = &t->disturbances;
    if (all->count == JW_DISTURBANCE_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "%s: at most %d disturbances at a time",
                       jw_disturbance_name(d->kind), JW_DISTURBANCE_MAX);
    d->number = ++all->last_number;
    d->begin_ns = jw_world_time_ns(world);
    all->items[all->count++] = *d;
    return take_effect(world, t, d, false, error);
}

/* Takes the one at `at` off the list and back. */
static jw_result end_one(jw_world *world, jw_traffic *t, uint32_t at, jw_error *error)
{
    jw_disturbances *all = &t->disturbances;
    jw_disturbance d = all->items[at];
    memmove(&all->items[at], &all->items[at + 1], (--all->count - at) * sizeof d);
    if (t->ports.disturbance_ended)
        t->ports.disturbance_ended(world, &d);
    return take_effect(world, t, &d, true, error);
}

void jw_disturb_run(jw_world *world, jw_traffic *t)
{
    jw_disturbances *all = &t->disturbances;
    for (uint32_t k = 0; k < all->count;) {
        jw_disturbance *d = &all->items[k];
        jw_error error = {0};
        bool is_over = d->end_ns <= jw_world_time_ns(world);
        if (!is_over && d->kind == JW_DISTURB_EMERGENCY)
            is_over = run_emergency(world, t, d);
        if (!is_over)
            k++;
        else if (end_one(world, t, k, &error))
            jw_world_fail(world, error.code, error.message);
    }
}

jw_result jw_disturb_end_disturbance(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_traffic *t = state;
    jw_disturbances *all = &t->disturbances;
    double number = jw_command_get_number(command, "number", 0), newest = 0;
    for (uint32_t k = 0; k < all->count && number == 0 && jw_command_arg(command, "edge"); k++)
        if ((double)all->items[k].edge == jw_command_get_number(command, "edge", 0))
            newest = jw_max(newest, (double)all->items[k].number);
    number = number == 0 ? newest : number;
    for (uint32_t k = 0; k < all->count; k++)
        if ((double)all->items[k].number == number) {
            jw_person_call_off(world, t, all->items[k].number);
            return end_one(world, t, k, error);
        }
    return jw_fail(
        error, JW_ERROR_NOT_FOUND, NULL, 0,
        "end_disturbance: there is no disturbance %.0f under way; the table \"disturbances\" lists them",
        number);
}
