/* The verbs of disturbances: each says what begins and when it ends.
 *
 * Large events: visitors leave home so as to be there (at 8 m/s as the crow flies) at a time drawn from a
 * triangle that begins `arrive_min` before the start, is highest a quarter of that before it and ends 10
 * minutes after; they wish to leave at a time of the triangle from the end to `leave_min` later, highest
 * after a fifth. FHWA, "Managing Travel for Planned Special Events" (2003), names these waves and that
 * departures are the shorter; the figures are round, unverified. Evacuation: departures by Tweedie et al.,
 * Social Science Journal 23 (1986): 1 - exp(-t^2 / 1800) have left t minutes after the order. School: a
 * triangle over the time given. */
#include "traffic/traffic_internal.h"

#define CROW_MPS 8.0
#define HOUR_S   3600.0
#define LATE_S   600.0

/* ---- helpers ---------------------------------------------------------------------------------------------
 */

static double number_of(const jw_command *command, const char *key, double fallback)
{
    return jw_command_get_number(command, key, fallback);
}

static int64_t after(const jw_world *world, double seconds)
{
    return jw_world_time_ns(world) + jw_ns_from_s(seconds);
}

static void place_at_edge(const jw_traffic *t, jw_disturbance *d, uint32_t edge)
{
    const jw_junction *a = &t->city->junctions[t->city->edges[edge].from];
    const jw_junction *b = &t->city->junctions[t->city->edges[edge].to];
    d->edge = edge;
    d->x_m = (float)((a->x_m + b->x_m) / 2);
    d->y_m = (float)((a->y_m + b->y_m) / 2);
}

/* Inverse of the triangle's distribution. */
static double triangle(double u, double begin, double top, double end)
{
    double width = end - begin, rise = (top - begin) / width;
    return u < rise ? begin + jw_sqrt(u * width * (top - begin))
                    : end - jw_sqrt((1 - u) * width * (end - top));
}

/* ---- the road --------------------------------------------------------------------------------------------
 */

const jw_verb_arg jw_disturb_incident_args[] = {
    {"edge", 'n', false, 0, 4e9, 0, "", "number of the edge"},
    {"lane", 'n', false, 0, 255, 0, "", "lane of the edge, 0 at the kerb"},
    {"position_m", 'n', false, 0, 1e6, 0, "m", "from the beginning of the edge"},
    {"duration_s", 'n', true, 1, 86400, 600, "s", "until the road is clear again"},
};

jw_result jw_disturb_incident(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_traffic *t = state;
    uint32_t lane;
    jw_result result = jw_traffic_get_lane(t, command, &lane, error);
    if (result)
        return result;
    float length = t->tracks[lane].length_m, pos = (float)number_of(command, "position_m", 0);
    if (pos > length)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "incident: position_m %.1f lies beyond the lane's %.1f m", (double)pos,
                       (double)length);
    if (t->obstacle_m[lane] < JW_FAR)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "incident: there is one on this lane already");
    jw_disturbance d = {.kind = JW_DISTURB_INCIDENT,
                        .end_ns = after(world, number_of(command, "duration_s", 600)),
                        .lane = lane,
                        .pos_m = pos};
    place_at_edge(t, &d, t->net.lane_edge[lane]);
    return jw_disturb_begin(world, t, &d, error);
}

const jw_verb_arg jw_disturb_works_args[] = {
    {"edge", 'n', false, 0, 4e9, 0, "", "number of the edge"},
    {"lane", 'n', false, 0, 255, 0, "", "lane of the edge, 0 at the kerb"},
    {"hours", 'n', true, 0.01, 8760, 4, "h", "until the lane is open again"},
    {"limit_kmh", 'n', true, 0, 200, 40, "km/h", "on the other lanes; 0: the limit as it is"},
};

jw_result jw_disturb_works(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_traffic *t = state;
    uint32_t lane;
    jw_result result = jw_traffic_get_lane(t, command, &lane, error);
    if (result)
        return result;
    for (uint32_t k = 0; k < t->disturbances.count; k++)
        if (t->disturbances.items[k].kind == JW_DISTURB_WORKS && t->disturbances.items[k].lane == lane)
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "works: there are some on this lane already");
    jw_disturbance d = {.kind = JW_DISTURB_WORKS,
                        .end_ns = after(world, number_of(command, "hours", 4) * HOUR_S),
                        .lane = lane,
                        .limit_mps = (float)(number_of(command, "limit_kmh", 40) / 3.6)};
    place_at_edge(t, &d, t->net.lane_edge[lane]);
    return jw_disturb_begin(world, t, &d, error);
}

/* ---- weather ---------------------------------------------------------------------------------------------
 */

const jw_verb_arg jw_disturb_rain_args[] = {
    {"rain_mm_per_h", 'n', false, 0.1, 300, 5, "mm/h", "up to 2.54 light, up to 6.35 moderate, then heavy"},
    {"hours", 'n', true, 0.01, 240, 2, "h", "how long"},
};
const jw_verb_arg jw_disturb_fog_args[] = {
    {"visibility_m", 'n', false, 10, 1600, 300, "m", "how far one sees"},
    {"hours", 'n', true, 0.01, 240, 2, "h", "how long"},
};

static jw_result begin_weather(jw_world *world, jw_traffic *t, jw_disturbance_kind kind, double amount,
                               const jw_command *command, jw_error *error)
{
    jw_disturbance d = {.kind = kind,
                        .end_ns = after(world, number_of(command, "hours", 2) * HOUR_S),
                        .edge = JW_NONE,
                        .lane = JW_NONE,
                        .amount = (float)amount};
    return jw_disturb_begin(world, t, &d, error);
}

jw_result jw_disturb_rain(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return begin_weather(world, state, JW_DISTURB_RAIN, number_of(command, "rain_mm_per_h", 5), command,
                         error);
}

jw_result jw_disturb_fog(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return begin_weather(world, state, JW_DISTURB_FOG, number_of(command, "visibility_m", 300), command,
                         error);
}

/* ---- those who come and go -------------------------------------------------------------------------------
 */

/* A place where trips end: its edges, borrowed from `data`, which the caller frees. */
typedef struct venue {
    jw_demand_data data;
    const uint32_t *edges;
    uint32_t count;
} venue;

static jw_result find_venue(const jw_traffic *t, const jw_command *command, venue *out, jw_disturbance *d,
                            jw_error *error)
{
    uint32_t zone;
    jw_error why = {0};
    *out = (venue){0};
    jw_result result =
        jw_demand_find_zone(&out->data, t->city, jw_command_get_text(command, "where", ""), &zone, &why);
    if (result) {
        jw_demand_data_free(&out->data);
        return jw_fail(error, result, NULL, 0, "%s: %s", command->verb, why.message);
    }
    out->edges = out->data.zone_edges + out->data.zones[zone].first_to;
    out->count = out->data.zones[zone].to_count;
    place_at_edge(t, d, out->edges[0]);
    d->lane = JW_NONE;
    return JW_OK;
}

static jw_dice dice_of(const jw_world *world, const jw_disturbance *d, uint32_t k)
{
    return (jw_dice){jw_world_random(world, jw_hash_text(0, "traffic.disturbance")),
                     (uint64_t)d->number << 32 | k, 0};
}

static double way_s(const jw_traffic *t, uint32_t from, uint32_t to)
{
    const jw_junction *a = &t->city->junctions[t->city->edges[from].to];
    const jw_junction *b = &t->city->junctions[t->city->edges[to].from];
    return jw_vec2_distance((jw_vec2){a->x_m, a->y_m}, (jw_vec2){b->x_m, b->y_m}) / CROW_MPS;
}

static uint32_t seconds_of(double time_s)
{
    return (uint32_t)jw_clamp(jw_round(time_s), 0, 4e9);
}

/* Visitor k comes by car from some home; `arrive_s` and `back_s` are drawn by the caller. */
static jw_result add_visitor(jw_world *world, jw_traffic *t, const jw_disturbance *d, const venue *v,
                             jw_dice *dice, double arrive_s, double back_s, jw_error *error)
{
    jw_person p = {.kind = JW_PERSON_VISITS,
                   .vehicle_class = JW_VEHICLE_CAR,
                   .key = (uint32_t)dice->entity,
                   .back_s = seconds_of(back_s)};
    p.edge[2] = d->number;
    for (uint32_t tries = 0; tries < 16; tries++) {
        p.edge[0] = jw_demand_roll_access(dice, t, jw_demand_roll_home(dice, t), JW_VEHICLE_CAR, 8);
        p.edge[1] = jw_demand_roll_edge(dice, t, v->edges, v->count, JW_VEHICLE_CAR, JW_NONE);
        if (p.edge[0] == JW_NONE || p.edge[1] == JW_NONE || p.edge[0] == p.edge[1])
            continue;
        double now_s = jw_s_from_ns(jw_world_time_ns(world));
        p.due_s = seconds_of(jw_max(arrive_s - way_s(t, p.edge[0], p.edge[1]), now_s));
        return jw_person_add_visitor(t, &p, error);
    }
    t->counts.impossible++; /* next to the venue, say */
    return JW_OK;
}

const jw_verb_arg jw_disturb_event_args[] = {
    {"where", 't', false, 0, 0, 0, "", "a place or block by name, a kind of place, block:N, edge:N"},
    {"vehicles", 'n', true, 1, 1e6, 2000, "veh", "that visitors come in"},
    {"start_min", 'n', true, 0, 1440, 90, "min", "from now until it starts"},
    {"duration_min", 'n', true, 1, 1440, 120, "min", "from its start to its end"},
    {"arrive_min", 'n', true, 1, 720, 90, "min", "the first arrive so long before the start"},
    {"leave_min", 'n', true, 1, 720, 60, "min", "the last leave so long after the end"},
};

static bool has_homes(const jw_traffic *t)
{
    return t->demand.block_count > 0 && jw_demand_residents(t) > 0;
}

jw_result jw_disturb_event(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_traffic *t = state;
    jw_disturbance d = {.kind = JW_DISTURB_EVENT};
    venue v;
    if (!has_homes(t))
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "%s: nobody lives on this map", command->verb);
    jw_result result = find_venue(t, command, &v, &d, error);
    if (result)
        return result;
    double now_s = jw_s_from_ns(jw_world_time_ns(world));
    double start_s = now_s + 60 * number_of(command, "start_min", 90);
    double end_s = start_s + 60 * number_of(command, "duration_min", 120);
    double arrive_s = 60 * number_of(command, "arrive_min", 90),
           leave_s = 60 * number_of(command, "leave_min", 60);
    d.amount = (float)number_of(command, "vehicles", 2000);
    d.end_ns = jw_ns_from_s(end_s + leave_s);
    result = jw_disturb_begin(world, t, &d, error);
    for (uint32_t k = 0; k < (uint32_t)d.amount && !result; k++) {
        jw_dice dice = dice_of(world, &d, k);
        double come_s =
            triangle(jw_roll(&dice), start_s - arrive_s, start_s - arrive_s / 4, start_s + LATE_S);
        double back_s = triangle(jw_roll(&dice), end_s, end_s + leave_s / 5, end_s + leave_s);
        result = add_visitor(world, t, &d, &v, &dice, come_s, back_s, error);
    }
    jw_demand_data_free(&v.data);
    return result;
}

const jw_verb_arg jw_disturb_school_hour_args[] = {
    {"where", 't', false, 0, 0, 0, "", "as of event: \"school\" is the first one"},
    {"vehicles", 'n', true, 1, 1e5, 200, "veh", "that bring children"},
    {"minutes", 'n', true, 1, 240, 40, "min", "within which they come"},
    {"radius_m", 'n', true, 0, 5000, 250, "m", "around it where the limit holds"},
    {"limit_kmh", 'n', true, 5, 200, 30, "km/h", "there"},
};

jw_result jw_disturb_school_hour(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_traffic *t = state;
    jw_disturbance d = {.kind = JW_DISTURB_SCHOOL};
    venue v;
    if (!has_homes(t))
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "%s: nobody lives on this map", command->verb);
    jw_result result = find_venue(t, command, &v, &d, error);
    if (result)
        return result;
    double now_s = jw_s_from_ns(jw_world_time_ns(world)), span_s = 60 * number_of(command, "minutes", 40);
    d.amount = (float)number_of(command, "vehicles", 200);
    d.radius_m = (float)number_of(command, "radius_m", 250);
    d.limit_mps = (float)(number_of(command, "limit_kmh", 30) / 3.6);
    d.end_ns = after(world, span_s);
    result = jw_disturb_begin(world, t, &d, error);
    for (uint32_t k = 0; k < (uint32_t)d.amount && !result; k++) {
        jw_dice dice = dice_of(world, &d, k);
        double come_s = triangle(jw_roll(&dice), now_s, now_s + 0.6 * span_s, now_s + span_s);
        result = add_visitor(world, t, &d, &v, &dice, come_s, 0, error);
    }
    jw_demand_data_free(&v.data);
    return result;
}

/* ---- emergencies -----------------------------------------------------------------------------------------
 */

const jw_verb_arg jw_disturb_emergency_args[] = {
    {"from_edge", 'n', false, 0, 4e9, 0, "", "where it departs"},
    {"to_edge", 'n', false, 0, 4e9, 0, "", "where it is called to"},
};

jw_result jw_disturb_emergency(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_traffic *t = state;
    jw_trip_def trip = {.depart_ns = jw_world_time_ns(world), .vehicle_class = JW_VEHICLE_EMERGENCY};
    jw_result result = jw_traffic_get_edge(t, command, "from_edge", &trip.from_edge, error);
    if (!result)
        result = jw_traffic_get_edge(t, command, "to_edge", &trip.to_edge, error);
    if (!result && t->disturbances.count == JW_DISTURBANCE_MAX)
        result = jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "%s: at most %d disturbances at a time",
                         command->verb, JW_DISTURBANCE_MAX);
    if (!result)
        result = jw_traffic_add_trip(world, t, &trip, error);
    if (result)
        return result;
    jw_disturbance d = {.kind = JW_DISTURB_EMERGENCY,
                        .end_ns = after(world, 4 * HOUR_S),
                        .lane = JW_NONE,
                        .trip = t->trip_number,
                        .slot = JW_NONE};
    place_at_edge(t, &d, trip.to_edge);
    return jw_disturb_begin(world, t, &d, error);
}

const jw_verb_arg jw_disturb_evacuate_args[] = {
    {"x", 'n', false, 0, 0, 0, "m", "centre of the circle"},
    {"y", 'n', false, 0, 0, 0, "m", "centre of the circle"},
    {"radius_m", 'n', true, 50, 50000, 1000, "m", "of the circle"},
    {"vehicles_per_resident", 'n', true, 0.001, 2, 0.35, "", "in which they leave"},
};

/* The gate nearest to a block that lies outside of the circle; JW_NONE. */
static uint32_t nearest_exit(const jw_traffic *t, const jw_disturbance *d, const jw_block *block)
{
    uint32_t best = JW_NONE;
    double best_m = 0;
    for (uint32_t k = 0; k < t->demand.gate_out_count; k++) {
        uint32_t edge = t->demand.gate_out[k];
        const jw_junction *j = &t->city->junctions[t->city->edges[edge].to];
        jw_vec2 at = {j->x_m, j->y_m};
        double distance_m = jw_vec2_distance(at, (jw_vec2){block->x_m, block->y_m});
        if (jw_vec2_distance(at, (jw_vec2){(double)d->x_m, (double)d->y_m}) > (double)d->radius_m &&
            t->demand.component[edge] == 0 && (best == JW_NONE || distance_m < best_m)) {
            best = edge;
            best_m = distance_m;
        }
    }
    return best;
}

static jw_result empty_block(jw_world *world, jw_traffic *t, const jw_disturbance *d, uint32_t block,
                             uint32_t vehicles, uint32_t *number, jw_error *error)
{
    uint32_t exit = nearest_exit(t, d, &t->city->blocks[block]);
    double now_s = jw_s_from_ns(jw_world_time_ns(world));
    jw_result result = JW_OK;
    for (uint32_t k = 0; k < vehicles && !result; k++) {
        jw_dice dice = dice_of(world, d, (*number)++);
        double u = jw_roll(&dice);
        jw_person p = {
            .kind = JW_PERSON_LEAVES, .vehicle_class = JW_VEHICLE_CAR, .key = (uint32_t)dice.entity};
        p.edge[0] = jw_demand_roll_access(&dice, t, block, JW_VEHICLE_CAR, 8);
        p.edge[1] = exit;
        p.edge[2] = d->number;
        p.due_s = seconds_of(now_s + 60 * jw_sqrt(-1800 * jw_log(1 - u)));
        if (p.edge[0] == JW_NONE || p.edge[0] == exit)
            t->counts.impossible++;
        else
            result = jw_person_add_visitor(t, &p, error);
    }
    return result;
}

jw_result jw_disturb_evacuate(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_traffic *t = state;
    jw_disturbance d = {.kind = JW_DISTURB_EVACUATE,
                        .end_ns = after(world, 2 * HOUR_S), /* all but one in 3,000 have left */
                        .edge = JW_NONE,
                        .lane = JW_NONE,
                        .x_m = (float)number_of(command, "x", 0),
                        .y_m = (float)number_of(command, "y", 0),
                        .radius_m = (float)number_of(command, "radius_m", 1000)};
    double share = number_of(command, "vehicles_per_resident", 0.35), wanted = 0;
    if (nearest_exit(t, &d, &(jw_block){.x_m = (double)d.x_m, .y_m = (double)d.y_m}) == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "evacuate: the map has no gate outside of the circle to drive to");
    for (uint32_t b = 0; b < t->city->block_count; b++) {
        const jw_block *block = &t->city->blocks[b];
        if (jw_vec2_distance((jw_vec2){block->x_m, block->y_m}, (jw_vec2){(double)d.x_m, (double)d.y_m}) <=
            (double)d.radius_m)
            wanted += block->population * share;
    }
    if (wanted < 1)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "evacuate: nobody lives within %.0f m of %.0f, %.0f", (double)d.radius_m,
                       (double)d.x_m, (double)d.y_m);
    d.amount = (float)wanted;
    jw_result result = jw_disturb_begin(world, t, &d, error);
    double so_far = 0;
    uint32_t number = 0, done = 0;
    for (uint32_t b = 0; b < t->city->block_count && !result; b++) {
        const jw_block *block = &t->city->blocks[b];
        if (jw_vec2_distance((jw_vec2){block->x_m, block->y_m}, (jw_vec2){(double)d.x_m, (double)d.y_m}) >
            (double)d.radius_m)
            continue;
        so_far += block->population * share;
        uint32_t vehicles = (uint32_t)so_far - done;
        done += vehicles;
        result = empty_block(world, t, &d, b, vehicles, &number, error);
    }
    return result;
}

const jw_verb_arg jw_disturb_end_disturbance_args[] = {
    {"number", 'n', true, 0, 4e9, 0, "", "as in the table \"disturbances\"; 0: the newest on the edge"},
    {"edge", 'n', true, 0, 4e9, 0, "", "number of the edge, when there is no number"},
};
