/* Bus lines made of their definitions: where they call, when, and who wants to ride. */
#include "base/file.h"
#include "traffic/traffic_internal.h"

#include <stdio.h>
#include <string.h>

#define STOP_M         30.0f /* length: two buses */
#define LEAST_EDGE_M   25.0f /* for a stop that is asked for */
#define AFTER_TURN_M   18.0f /* a stop's end from the edge's beginning: a bus */
#define BEFORE_TURN_M  30.0f /* from the edge's end: the queue */
#define SAME_M         40.0f /* stops so near to each other are one */
#define FAST_MPS       16.6f /* 60 km/h */
#define LINES_MAX      1000u
#define RIDES_PER_HEAD 0.1

/* ---- stops -----------------------------------------------------------------------------------------------
 */

static bool may_call(const jw_traffic *t, uint32_t edge, uint32_t vehicle_class, float least_m)
{
    return jw_edge_length(t, edge) >= least_m && jw_traffic_good_lanes(t, edge, JW_NONE, vehicle_class) != 0;
}

static float place_on(const jw_traffic *t, uint32_t edge, float at_m)
{
    float edge_m = jw_edge_length(t, edge);
    float most_m = jw_maxf(edge_m - BEFORE_TURN_M, 0.7f * edge_m);
    return jw_minf(jw_maxf(at_m, jw_minf(AFTER_TURN_M, most_m)), most_m);
}

static uint32_t find_stop(const jw_traffic *t, uint32_t edge, float at_m)
{
    for (uint32_t k = 0; k < t->buses.stop_count; k++) {
        const jw_stop *stop = &t->buses.stops[k].stop;
        if (t->buses.stops[k].users && stop->edge == edge && stop->end_m - at_m < SAME_M &&
            at_m - stop->end_m < SAME_M)
            return k;
    }
    return JW_NONE;
}

static jw_result take_stop(jw_traffic *t, const jw_bus_line *line, uint32_t edge, float at_m, uint32_t *out,
                           jw_error *error)
{
    jw_buses *b = &t->buses;
    const jw_bus_line_def *def = &line->def;
    uint32_t k = find_stop(t, edge, at_m);
    if (k == JW_NONE) {
        jw_bus_stop stop = {.stop = {.edge = edge, .lane = JW_NONE, .begin_m = at_m - STOP_M, .end_m = at_m}};
        float limit_mps = (float)t->city->edges[edge].speed_mps;
        bool has_bay =
            def->bays == JW_BUS_BAYS_ALL || (def->bays == JW_BUS_BAYS_FAST && limit_mps >= FAST_MPS);
        stop.stop.kind = has_bay ? JW_STOP_BAY : JW_STOP_IN_LANE;
        jw_result result = jw_stop_settle(t, &stop.stop, (uint32_t)def->vehicle_class,
                                          t->types[def->vehicle_class].length_m, error);
        if (result)
            return result;
        for (k = 0; k < b->stop_count && b->stops[k].users; k++)
            ;
        if (jw_grow(&b->stops, &b->stop_capacity, k + 1ull, sizeof *b->stops, error))
            return JW_ERROR_MEMORY;
        b->stop_count = k == b->stop_count ? k + 1 : b->stop_count;
        snprintf(stop.name, sizeof stop.name, "stop-%u", k + 1);
        b->stops[k] = stop;
    }
    b->stops[k].users++;
    *out = k;
    return JW_OK;
}

static jw_result add_call(jw_traffic *t, jw_bus_line *line, uint32_t edge, float at_m, jw_error *error)
{
    if (line->call_count == JW_BUS_CALLS_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                       "bus line \"%s\" has more than %d stops: space them further apart", line->def.name,
                       JW_BUS_CALLS_MAX);
    uint32_t stop;
    jw_result result = take_stop(t, line, edge, at_m, &stop, error);
    if (!result)
        line->calls[line->call_count++] =
            (jw_bus_call){.stop = stop, .next_ns = INT64_MAX, .last_ns = INT64_MIN};
    return result;
}

static const jw_stop *stop_at(const jw_traffic *t, const jw_bus_line *line, uint32_t call)
{
    return &t->buses.stops[line->calls[call].stop].stop;
}

/* ---- the way ---------------------------------------------------------------------------------------------
 */

typedef struct leg {
    uint32_t *edges; /* between the two, in order */
    uint32_t count;
    uint32_t cost_ms;
} leg;

/* JW_ERROR_NOT_FOUND: there is no way. */
static jw_result find_leg(jw_traffic *t, const jw_bus_line *line, uint32_t from, uint32_t to, leg *out,
                          jw_error *error)
{
    *out = (leg){0};
    t->router.query_count = 0;
    jw_route_query *q = jw_traffic_ask_route(t, error);
    if (!q)
        return JW_ERROR_MEMORY;
    q->from_edge = from;
    q->to_edge = to;
    q->kind = jw_traffic_route_kind(t, (uint32_t)line->def.vehicle_class, false);
    jw_result result = jw_traffic_answer_queries(t, 1, error);
    if (result)
        return result;
    q = &t->router.queries[0];
    if (q->cost_ms >= JW_CLOSED_MS)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "bus line \"%s\": no way from edge %u to edge %u",
                       line->def.name, from, to);
    out->edges = jw_alloc((q->count + 1) * sizeof *out->edges);
    if (!out->edges)
        return jw_fail_memory(error);
    const uint8_t *turns = t->router.searches[q->search].turns + q->first;
    for (uint32_t k = 0, edge = from; k < q->count; k++) {
        edge = t->net.turn_to[t->net.turn_first[edge] + turns[k]];
        if (k + 1 < q->count)
            out->edges[out->count++] = edge;
    }
    out->cost_ms = q->cost_ms;
    return JW_OK;
}

/* Stops between, as evenly as the edges allow. begin_m, end_m: the positions on the two edges. */
static jw_result add_between(jw_traffic *t, jw_bus_line *line, const leg *way, float begin_m, float from_m,
                             float end_m, jw_error *error)
{
    float way_m = from_m - begin_m + end_m;
    for (uint32_t k = 0; k < way->count; k++)
        way_m += jw_edge_length(t, way->edges[k]);
    uint32_t count =
        line->def.stop_spacing_m > 0 ? (uint32_t)(way_m / (float)line->def.stop_spacing_m + 0.5f) : 0;
    float last_m = 0, spacing_m = way_m / (float)(count ? count : 1);
    for (uint32_t n = 1; n < count; n++) {
        float best_m = JW_FAR, target_m = spacing_m * (float)n, so_far_m = from_m - begin_m, at_m = 0;
        uint32_t best = JW_NONE;
        for (uint32_t k = 0; k < way->count; so_far_m += jw_edge_length(t, way->edges[k]), k++) {
            const jw_edge *edge = &t->city->edges[way->edges[k]];
            float place_m = place_on(t, way->edges[k], target_m - so_far_m);
            float off_m = so_far_m + place_m - target_m;
            off_m = off_m < 0 ? -off_m : off_m;
            if (off_m >= best_m || so_far_m + place_m < last_m + 0.4f * spacing_m || edge->is_tunnel ||
                edge->is_link || edge->is_roundabout || edge->road_class <= JW_ROAD_TRUNK ||
                !may_call(t, way->edges[k], (uint32_t)line->def.vehicle_class, JW_BUS_GOOD_EDGE_M))
                continue;
            best = k;
            best_m = off_m;
            at_m = place_m;
        }
        if (best == JW_NONE || best_m > 0.35f * spacing_m)
            continue;
        jw_result result = add_call(t, line, way->edges[best], at_m, error);
        if (result)
            return result;
        last_m = target_m;
    }
    return JW_OK;
}

/* The k-th edge of a direction: on the way back the other side of the street. */
static uint32_t through_edge(const jw_traffic *t, const jw_bus_line *line, uint32_t direction, uint32_t k)
{
    const jw_bus_line_def *def = &line->def;
    uint32_t edge = def->through[direction ? def->through_count - 1 - k : k % def->through_count];
    uint32_t opposite = t->city->edges[edge].opposite;
    return direction && opposite != JW_NONE ? opposite : edge;
}

static jw_result add_direction(jw_traffic *t, jw_bus_line *line, uint32_t direction, jw_error *error)
{
    const jw_bus_line_def *def = &line->def;
    uint32_t count = def->through_count + def->is_loop, before = JW_NONE;
    float before_m = 0;
    line->first_call[direction] = line->call_count;
    for (uint32_t k = 0; k < count; k++) {
        uint32_t edge = through_edge(t, line, direction, k);
        if (!may_call(t, edge, (uint32_t)def->vehicle_class, LEAST_EDGE_M))
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                           "bus line \"%s\": edge %u is too short for a stop, or closed to its buses",
                           def->name, edge);
        if (edge == before)
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                           "bus line \"%s\": edge %u twice, one after the other", def->name, edge);
        float at_m = place_on(t, edge, 0.6f * jw_edge_length(t, edge));
        jw_result result = JW_OK;
        if (k > 0) {
            leg way;
            result = find_leg(t, line, before, edge, &way, error);
            if (!result)
                result = add_between(t, line, &way, before_m, jw_edge_length(t, before), at_m, error);
            jw_free(way.edges);
        }
        if (!result)
            result = add_call(t, line, edge, at_m, error);
        if (result)
            return result;
        if (k < def->through_count)
            line->through_call[direction][direction ? def->through_count - 1 - k : k] = line->call_count - 1;
        before = edge;
        before_m = at_m;
    }
    line->first_call[direction + 1] = line->call_count;
    t->buses.stops[line->calls[line->first_call[direction]].stop].stop.kind = JW_STOP_ASIDE;
    t->buses.stops[line->calls[line->call_count - 1].stop].stop.kind = JW_STOP_ASIDE;
    return JW_OK;
}

/* ---- demand ----------------------------------------------------------------------------------------------
 */

/* Weight of rides from call i to call j in an hour; all of a day and line sum up to demand_norm. */
static double ride_weight(const jw_bus_call *i, const jw_bus_call *j, uint32_t hour)
{
    double share, to_work, to_home;
    jw_demand_of_hour(hour, &share, &to_work, &to_home);
    double p = (double)i->people, q = (double)i->jobs, r = (double)j->people, s = (double)j->jobs;
    return share * (to_work * p * s + to_home * q * r + (1 - to_work - to_home) * (p + q) * (r + s) / 4);
}

double jw_bus_call_rate(const jw_bus_line *line, uint32_t call, uint32_t hour, uint32_t to)
{
    const jw_bus_line_def *def = &line->def;
    double sum = 0;
    for (uint32_t k = 0; k < def->ride_count; k++) {
        const jw_bus_ride *ride = &def->rides[k];
        uint32_t direction = ride->from > ride->to, end = line->through_call[direction][ride->to];
        if (line->through_call[direction][ride->from] == call && end <= to)
            sum += ride->per_hour;
    }
    if (def->ride_count || line->demand_norm <= 0)
        return sum / 3600;
    for (uint32_t j = call + 1; j <= to; j++)
        sum += ride_weight(&line->calls[call], &line->calls[j], hour);
    return sum * def->passengers_per_day / (double)line->demand_norm / 3600;
}

static uint32_t last_call(const jw_bus_line *line, uint32_t call)
{
    return line->first_call[jw_bus_direction(line, call) + 1] - 1;
}

static jw_vec2 stop_place(const jw_traffic *t, const jw_stop *stop)
{
    float x, y, z, heading;
    jw_traffic_track_place(t, t->net.edge_first_lane[stop->edge] + stop->lane, stop->end_m, &x, &y, &z,
                           &heading);
    return (jw_vec2){(double)x, (double)y};
}

/* People and jobs of blocks near a direction's calls, each block at the nearest; returns them all together.
 */
static double gather(const jw_traffic *t, jw_bus_line *line, uint32_t direction)
{
    const jw_city *city = t->city;
    uint32_t first = line->first_call[direction], end = line->first_call[direction + 1];
    double people = 0, jobs = 0;
    for (uint32_t b = 0; b < city->block_count; b++) {
        jw_vec2 at = {city->blocks[b].x_m, city->blocks[b].y_m};
        double best_m = JW_BUS_CATCHMENT_M;
        uint32_t best = JW_NONE;
        for (uint32_t k = first; k < end; k++) {
            double far_m = jw_vec2_distance(at, stop_place(t, stop_at(t, line, k)));
            if (far_m < best_m) {
                best_m = far_m;
                best = k;
            }
        }
        if (best == JW_NONE)
            continue;
        line->calls[best].people += (float)city->blocks[b].population;
        line->calls[best].jobs += (float)city->blocks[b].jobs;
        people += city->blocks[b].population;
        jobs += city->blocks[b].jobs;
    }
    for (uint32_t k = first; k < end; k++) { /* shares; nobody around: all alike */
        line->calls[k].people =
            people > 0 ? (float)((double)line->calls[k].people / people) : 1.0f / (float)(end - first);
        line->calls[k].jobs =
            jobs > 0 ? (float)((double)line->calls[k].jobs / jobs) : 1.0f / (float)(end - first);
    }
    return people + jobs;
}

static void find_demand(jw_world *world, const jw_traffic *t, jw_bus_line *line)
{
    double heads = 0, norm = 0;
    for (uint32_t d = 0; d < line->direction_count; d++)
        heads = jw_max(heads, gather(t, line, d));
    jw_bus_line_def *def = &line->def;
    if (def->passengers_per_day == 0)
        def->passengers_per_day = heads * RIDES_PER_HEAD;
    def->passengers_per_day = jw_max(def->passengers_per_day, 0);
    for (uint32_t i = 0; i < line->call_count; i++)
        for (uint32_t hour = 0; hour < 24; hour++)
            for (uint32_t j = i + 1; j <= last_call(line, i); j++)
                norm += ride_weight(&line->calls[i], &line->calls[j], hour);
    line->demand_norm = (float)norm;
    for (uint32_t i = 0; i < line->call_count; i++) {
        jw_bus_call *call = &line->calls[i];
        double most = 0;
        for (uint32_t hour = 0; hour < 24; hour++)
            most = jw_max(most, jw_bus_call_rate(line, i, hour, last_call(line, i)));
        call->most_per_s = (float)most;
        if (most > 0)
            jw_bus_next_passenger(world, line, i, jw_world_time_ns(world));
    }
}

/* ---- the timetable ---------------------------------------------------------------------------------------
 */

static double departure_gap_s(const jw_bus_line_def *def)
{
    uint32_t n = def->departure_count;
    return n > 1 ? (def->departures_s[n - 1] - def->departures_s[0]) / (n - 1) : n ? 86400 : def->headway_s;
}

static double planned_dwell_s(const jw_bus_line *line, uint32_t call)
{
    const jw_bus_line_def *def = &line->def;
    double mean_per_s = 0;
    for (uint32_t hour = 0; hour < 24; hour++)
        mean_per_s += jw_bus_call_rate(line, call, hour, last_call(line, call)) / 24;
    double boarding = jw_min(mean_per_s * departure_gap_s(def), def->capacity);
    return jw_max(def->door_s + boarding * def->board_s, def->min_dwell_s);
}

/* Driving from call to call, undisturbed, braking and starting included. */
static jw_result running_time(jw_traffic *t, const jw_bus_line *line, uint32_t from, uint32_t to,
                              double *out_s, jw_error *error)
{
    const jw_stop *a = stop_at(t, line, from), *b = stop_at(t, line, to);
    const jw_traffic_type *type = &t->types[line->def.vehicle_class];
    float a_mps = jw_minf((float)t->city->edges[a->edge].speed_mps, type->max_speed_mps);
    float b_mps = jw_minf((float)t->city->edges[b->edge].speed_mps, type->max_speed_mps);
    double lost_s = (double)(b_mps / 2 * (1 / type->accel_mps2 + 1 / type->decel_mps2));
    if (a->edge == b->edge && b->end_m >= a->end_m) {
        *out_s = a == b ? 0 : (double)((b->end_m - a->end_m) / a_mps) + lost_s;
        return JW_OK;
    }
    leg way;
    jw_result result = find_leg(t, line, a->edge, b->edge, &way, error);
    *out_s =
        jw_max(way.cost_ms / 1000.0 - (double)(a->end_m / a_mps), 0) + (double)(b->end_m / b_mps) + lost_s;
    jw_free(way.edges);
    return result;
}

static jw_result make_timetable(jw_traffic *t, jw_bus_line *line, jw_error *error)
{
    for (uint32_t d = 0; d < line->direction_count; d++) {
        double at_s = 0, drive_s;
        uint32_t first = line->first_call[d], end = line->first_call[d + 1];
        for (uint32_t k = first + 1; k < end; k++) {
            jw_result result = running_time(t, line, k - 1, k, &drive_s, error);
            if (result)
                return result;
            at_s += drive_s * (1 + line->def.slack) + planned_dwell_s(line, k);
            line->calls[k].offset_s = (float)at_s;
        }
        uint32_t next = line->first_call[(d + 1) % line->direction_count];
        jw_result result = running_time(t, line, end - 1, next, &drive_s, error);
        if (result)
            return result;
        at_s += drive_s * (1 + line->def.slack) + planned_dwell_s(line, next);
        line->run_s[d] = (float)(at_s + line->def.layover_s);
    }
    return JW_OK;
}

int64_t jw_bus_due_after(const jw_bus_line *line, int64_t time_ns)
{
    const jw_bus_line_def *def = &line->def;
    int64_t day_ns = 86400 * JW_NS_PER_S, of_day_ns = time_ns % day_ns, midnight_ns = time_ns - of_day_ns;
    int64_t first_ns = jw_ns_from_s(def->departure_count ? def->departures_s[0] : def->first_s), due_ns = -1;
    if (def->departure_count) {
        for (uint32_t k = def->departure_count; k-- > 0 && jw_ns_from_s(def->departures_s[k]) >= of_day_ns;)
            due_ns = jw_ns_from_s(def->departures_s[k]);
    } else {
        int64_t headway_ns = jw_ns_from_s(def->headway_s), past_ns = of_day_ns - first_ns;
        due_ns = first_ns + (past_ns > 0 ? (past_ns + headway_ns - 1) / headway_ns * headway_ns : 0);
        due_ns = due_ns <= jw_ns_from_s(def->last_s) ? due_ns : -1;
    }
    return due_ns >= 0 ? midnight_ns + due_ns : midnight_ns + day_ns + first_ns;
}

/* The most departures that are due within some length of time: so many buses run at once. */
static double most_departures(const jw_bus_line_def *def, double time_s)
{
    uint32_t most = 1, first = 0;
    if (!def->departure_count)
        return jw_ceil(time_s / def->headway_s);
    for (uint32_t k = 1; k < def->departure_count; k++) {
        while (def->departures_s[k] - def->departures_s[first] >= time_s)
            first++;
        most = k - first + 1 > most ? k - first + 1 : most;
    }
    return most;
}

uint32_t jw_bus_fleet(const jw_bus_line *line)
{
    double needed = 0; /* at each end a bus waits for a departure that is due */
    for (uint32_t d = 0; d < line->direction_count; d++)
        needed += most_departures(&line->def, (double)line->run_s[d]);
    return line->def.fleet ? line->def.fleet : (uint32_t)jw_min(needed, 1000);
}

/* ---- adding ----------------------------------------------------------------------------------------------
 */

void jw_bus_line_free(jw_traffic *t, jw_bus_line *line)
{
    for (uint32_t k = 0; k < line->call_count; k++) {
        jw_free(line->calls[k].queue.items);
        t->buses.stops[line->calls[k].stop].users--;
    }
    jw_free(line->calls);
    memset(line, 0, sizeof *line);
}

static jw_result fill_line(jw_world *world, jw_traffic *t, jw_bus_line *line, jw_error *error)
{
    line->calls = jw_alloc(JW_BUS_CALLS_MAX * sizeof *line->calls);
    if (!line->calls)
        return jw_fail_memory(error);
    line->direction_count = line->def.is_one_way ? 1 : 2;
    jw_result result = JW_OK;
    for (uint32_t d = 0; d < line->direction_count && !result; d++)
        result = add_direction(t, line, d, error);
    if (result)
        return result;
    find_demand(world, t, line);
    line->next_due_ns[0] = line->next_due_ns[1] = jw_bus_due_after(line, jw_world_time_ns(world));
    return make_timetable(t, line, error);
}

jw_result jw_traffic_add_bus_line(jw_world *world, jw_traffic *t, const jw_bus_line_def *def, jw_error *error)
{
    jw_buses *b = &t->buses;
    jw_bus_line line = {.def = *def, .is_used = 1};
    jw_bus_def_complete(&line.def);
    jw_result result = jw_bus_def_check(t, &line.def, error);
    for (uint32_t k = 0; k < line.def.through_count && !result; k++)
        if (line.def.through[k] >= t->net.edge_count)
            result = jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                             "bus line \"%s\": edge %u does not exist: the city has %u", line.def.name,
                             line.def.through[k], t->net.edge_count);
    uint32_t at = 0;
    while (at < b->line_count && b->lines[at].is_used)
        at++;
    if (!result && at == LINES_MAX)
        result = jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "more than %u bus lines", LINES_MAX);
    if (!result)
        result = jw_grow(&b->lines, &b->line_capacity, at + 1ull, sizeof *b->lines, error);
    if (result)
        return result;
    line.number = at;
    result = fill_line(world, t, &line, error);
    if (result) {
        jw_bus_line_free(t, &line);
        return result;
    }
    b->lines[at] = line;
    b->line_count = at == b->line_count ? at + 1 : b->line_count;
    b->revision++;
    return JW_OK;
}

jw_result jw_buses_init(jw_world *world, jw_traffic *t, jw_error *error)
{
    for (uint32_t k = 0; k < t->def.bus_line_count; k++) {
        jw_error own = {0};
        const jw_bus_line_def *def = &t->def.bus_lines[k];
        jw_result result = jw_traffic_add_bus_line(world, t, def, &own);
        if (def->is_optional && (result == JW_ERROR_INPUT || result == JW_ERROR_NOT_FOUND))
            jw_log_line(JW_LOG_WARNING, "left out: %s", own.message);
        else if (result)
            return jw_fail(error, result, NULL, 0, "%s", own.message);
    }
    return JW_OK;
}
