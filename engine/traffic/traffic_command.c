/* The verbs: closures, limits, incidents, demand, single trips, signal control. */
#include "traffic/traffic_internal.h"

#include <string.h>

/* ---- helpers ---------------------------------------------------------------------------------------------
 */

jw_result jw_traffic_get_edge(const jw_traffic *t, const jw_command *command, const char *key, uint32_t *out,
                              jw_error *error)
{
    double value = jw_command_get_number(command, key, -1);
    if (value < 0 || value >= t->net.edge_count)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "%s: %s %.0f does not exist; the city has edges 0 to %d", command->verb, key, value,
                       (int)t->net.edge_count - 1);
    *out = (uint32_t)value;
    return JW_OK;
}

jw_result jw_traffic_get_lane(const jw_traffic *t, const jw_command *command, uint32_t *out, jw_error *error)
{
    uint32_t edge;
    jw_result result = jw_traffic_get_edge(t, command, "edge", &edge, error);
    if (result)
        return result;
    double lane = jw_command_get_number(command, "lane", 0);
    uint32_t count = t->net.edge_first_lane[edge + 1] - t->net.edge_first_lane[edge];
    if (lane < 0 || lane >= count)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s: edge %u has lanes 0 to %u, not %.0f",
                       command->verb, edge, count - 1, lane);
    *out = t->net.edge_first_lane[edge] + (uint32_t)lane;
    return JW_OK;
}

/* Everybody looks at the road anew: lanes, connections, and another way where the present one is closed. A
 * vehicle without any other way goes on and waits where its way ends. */
jw_result jw_traffic_roads_changed(jw_world *world, jw_traffic *t, jw_error *error)
{
    jw_traffic_net_refresh(t);
    jw_traffic_router_invalidate(t);
    for (uint32_t k = 0; k < t->trip_count; k++)
        if (t->trips[k].is_used && !t->trips[k].has_route)
            t->trips[k].route_count = 0;
    jw_result result = jw_traffic_avoid_closures(t, jw_world_threads(world), error);
    for (uint32_t slot = 0; slot < t->pool.slot_count && !result; slot++) {
        uint32_t place = t->place_of_slot[slot];
        if ((t->pool.generations[slot] & 1) && jw_is_lane(t, t->cars[place].track))
            jw_traffic_aim(t, place, t->cars[place].track);
    }
    return result;
}

/* Closings are counted: who takes back his own leaves those of others (a scenario's) as they are. */
typedef enum closing { OPEN = 0, TAKE_BACK = -1, CLOSE = 1 } closing;

static jw_result set_closed(jw_world *world, jw_traffic *t, uint32_t first, uint32_t count, closing what,
                            jw_error *error)
{
    for (uint32_t lane = first; lane < first + count; lane++) {
        int closings = what == OPEN ? 0 : (t->lane_closed[lane] & JW_CLOSED_COUNT) + (int)what;
        closings = closings < 0 ? 0 : closings > JW_CLOSED_COUNT ? JW_CLOSED_COUNT : closings;
        uint8_t closed = (uint8_t)((t->lane_closed[lane] & JW_CLOSED_BY_WORKS) | closings);
        t->closed_count += (closed != 0) - (t->lane_closed[lane] != 0);
        t->lane_closed[lane] = closed;
    }
    return jw_traffic_roads_changed(world, t, error);
}

static closing opening_of(const jw_command *command)
{
    return jw_command_get_number(command, "take_back", 0) != 0 ? TAKE_BACK : OPEN;
}

/* ---- apply -----------------------------------------------------------------------------------------------
 */

static jw_result apply_lane(jw_world *world, jw_traffic *t, const jw_command *command, closing what,
                            jw_error *error)
{
    uint32_t lane;
    jw_result result = jw_traffic_get_lane(t, command, &lane, error);
    return result ? result : set_closed(world, t, lane, 1, what, error);
}

static jw_result apply_edge(jw_world *world, jw_traffic *t, const jw_command *command, closing what,
                            jw_error *error)
{
    uint32_t edge;
    jw_result result = jw_traffic_get_edge(t, command, "edge", &edge, error);
    if (result)
        return result;
    uint32_t first = t->net.edge_first_lane[edge];
    return set_closed(world, t, first, t->net.edge_first_lane[edge + 1] - first, what, error);
}

static jw_result close_lane(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return apply_lane(world, state, command, CLOSE, error);
}

static jw_result open_lane(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return apply_lane(world, state, command, opening_of(command), error);
}

static jw_result close_edge(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return apply_edge(world, state, command, CLOSE, error);
}

static jw_result open_edge(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return apply_edge(world, state, command, opening_of(command), error);
}

static jw_result set_speed_limit(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_traffic *t = state;
    (void)world;
    uint32_t edge;
    jw_result result = jw_traffic_get_edge(t, command, "edge", &edge, error);
    if (result)
        return result;
    float speed = (float)(jw_command_get_number(command, "speed_kmh", 50) / 3.6);
    for (uint32_t lane = t->net.edge_first_lane[edge]; lane < t->net.edge_first_lane[edge + 1]; lane++)
        t->disturbances.limit_mps[lane] = speed;
    jw_disturb_refresh_limits(t);
    return JW_OK;
}

static jw_result set_demand_factor(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_traffic *t = state;
    (void)world;
    (void)error;
    t->demand.factor = jw_command_get_number(command, "factor", 1);
    return JW_OK;
}

static jw_result add_trip(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_traffic *t = state;
    jw_trip_def trip = {.depart_ns = jw_world_time_ns(world)};
    jw_result result = jw_traffic_get_edge(t, command, "from_edge", &trip.from_edge, error);
    if (!result)
        result = jw_traffic_get_edge(t, command, "to_edge", &trip.to_edge, error);
    if (result)
        return result;
    const char *name = jw_command_get_text(command, "class", "car");
    if (!jw_vehicle_class_from_name(name, &trip.vehicle_class))
        return jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "add_trip: class \"%s\" does not exist: car, truck, bus, shuttle, emergency, bicycle, ebike",
            name);
    return jw_traffic_add_trip(world, t, &trip, error);
}

/* ---- the table -------------------------------------------------------------------------------------------
 */

/* What opens takes the last one, too. */
#define TAKE_BACK_ARG                                                                                        \
    {                                                                                                        \
        "take_back", 'n', true, 0, 1, 0, "",                                                                 \
            "1: takes back one closing, and it opens when none is left; 0: opens whoever closed it"          \
    }
static const jw_verb_arg edge_lane[] = {
    {"edge", 'n', false, 0, 4e9, 0, "", "number of the edge"},
    {"lane", 'n', false, 0, 255, 0, "", "lane of the edge, 0 at the kerb"},
    TAKE_BACK_ARG,
};
static const jw_verb_arg edge_only[] = {{"edge", 'n', false, 0, 4e9, 0, "", "number of the edge"},
                                        TAKE_BACK_ARG};
static const jw_verb_arg speed_args[] = {
    {"edge", 'n', false, 0, 4e9, 0, "", "number of the edge"},
    {"speed_kmh", 'n', false, 5, 200, 50, "km/h", "the new limit"},
};
static const jw_verb_arg factor_args[] = {{"factor", 'n', false, 0, 20, 1, "x", "of the drawn demand"}};
static const jw_verb_arg trip_args[] = {
    {"from_edge", 'n', false, 0, 4e9, 0, "", "where the trip begins"},
    {"to_edge", 'n', false, 0, 4e9, 0, "", "where it ends"},
    {"class", 't', true, 0, 0, 0, "", "car (default), truck, bus, shuttle, emergency, bicycle, ebike"},
};
#define PROGRAMME_ARG                                                                                        \
    {                                                                                                        \
        "programme", 'n', true, -1, 4e9, -1, "", "number of the signal programme; -1: all"                   \
    }
static const jw_verb_arg control_args[] = {
    {"mode", 't', false, 0, 0, 0, "",
     "as_mapped, fixed, actuated, max_pressure, green_wave, outside or extended"},
    PROGRAMME_ARG,
};
static const jw_verb_arg green_args[] = {
    {"programme", 'n', false, 0, 4e9, 0, "", "number of the signal programme"},
    {"phase", 'n', false, 0, 4e9, 0, "", "number of a green phase"},
    {"green_s", 'n', false, 0, JW_GREEN_MAX_S, 0, "s", "from its next time on; 0: as the map has it"},
};
static const jw_verb_arg request_args[] = {
    {"programme", 'n', false, 0, 4e9, 0, "", "number of the signal programme"},
    {"phase", 'n', false, 0, 4e9, 0, "", "number of a green phase"},
    {"for_s", 'n', true, 1, 86400, 60, "s", "then its own control takes over"},
};
static const jw_verb_arg priority_args[] = {
    {"on", 'n', false, 0, 1, 1, "",
     "1: buses get longer or earlier greens, emergency vehicles theirs at once"},
    PROGRAMME_ARG,
};
static const jw_verb_arg advise_args[] = {
    {"edge", 'n', false, 0, 4e9, 0, "", "that ends at a signal"},
    {"speed_kmh", 'n', false, 0, 200, 30, "km/h", "that connected vehicles drive at most; 0: none"},
    {"for_s", 'n', true, 1, 86400, 60, "s", "how long"},
};
static const jw_verb_arg wave_args[] = {
    {"from", 'n', false, 0, 4e9, 0, "", "junction where the wave begins"},
    {"to", 'n', false, 0, 4e9, 0, "", "junction where it ends, straight on from there"},
    {"speed_kmh", 'n', true, 0, 150, 0, "km/h", "progression speed; 0: the limits"},
    {"cycle_s", 'n', true, 0, 300, 0, "s", "of all of them; 0: the longest of theirs"},
    {"both", 'n', true, 0, 1, 1, "", "1: bands in both directions, 0: from the first to the last alone"},
};

const jw_verb jw_traffic_verbs[JW_TRAFFIC_VERBS] = {
    {"close_lane", "Closes a lane: vehicles on it leave it, nobody enters it.", edge_lane, 2, close_lane},
    {"open_lane", "Opens a closed lane.", edge_lane, 3, open_lane},
    {"close_edge", "Closes all lanes of one direction of a road.", edge_only, 1, close_edge},
    {"open_edge", "Opens all lanes of one direction of a road.", edge_only, 2, open_edge},
    {"set_speed_limit", "Sets the speed limit of an edge.", speed_args, 2, set_speed_limit},
    {"set_demand_factor", "Multiplies the demand drawn from now on.", factor_args, 1, set_demand_factor},
    {"add_trip", "One vehicle departs now, by the shortest way.", trip_args, 3, add_trip},
    {"signal_control", "What decides how long the greens of signals last.", control_args, 2,
     jw_signal_verb_control},
    {"set_green", "Sets one green of a programme that goes by the clock (fixed); its cycle changes with it.",
     green_args, 3, jw_signal_verb_green},
    {"signal_request", "Asks a signal programme for a green phase, after amber, all-red and least greens.",
     request_args, 3, jw_signal_verb_request},
    {"signal_priority", "Signals that heed buses and emergency vehicles.", priority_args, 2,
     jw_signal_verb_priority},
    {"advise_speed", "Connected vehicles on the edge drive no faster: speed advice before a signal.",
     advise_args, 3, jw_signal_verb_advise},
    {"green_wave", "One cycle and offsets for the signals along a street; the table waves has the bands.",
     wave_args, 5, jw_signal_verb_wave},
#define JW_X(name, count, doc) {#name, doc, jw_disturb_##name##_args, count, jw_disturb_##name},
    JW_DISTURB_VERBS(JW_X)
#undef JW_X
        {"add_detector",
         "An induction loop across a lane: counts, occupancy and speed in the table detectors.",
         jw_detector_add_args, 5, jw_detector_verb_add},
#define JW_X(name, count, doc) {#name, doc, jw_bus_##name##_args, count, jw_bus_##name},
    JW_BUS_VERBS(JW_X)
#undef JW_X
        {"add_walk", "Somebody walks from the pavement nearest to one place to that nearest to another.",
         jw_walk_args, 4, jw_walk_verb},
};
