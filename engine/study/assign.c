/* Iterating: simulate, measure, find the fastest ways, move some trips. */
#include "study/assign.h"

#include <string.h>

#define TRIP_BLOCK     128
#define PRIOR_PASSAGES 1 /* undisturbed ones that every mean is mixed with */
#define FOREVER_MS     UINT32_MAX
#define GAP_GAIN       5.0                /* below a gap of 1 / GAP_GAIN fewer trips are moved */
#define GOLDEN         0.6180339887498949 /* so that each iteration picks others */

typedef struct assign {
    const jw_assign_def *def;
    jw_assign_result *out;
    jw_world *listing; /* made no step: its turns, its free times */
    jw_turn_graph graph;
    uint32_t *free_ms[JW_VEHICLE_CLASS_COUNT]; /* of classes that trips have */
    uint32_t *least_ms;                        /* by turn: of any of them */
    uint32_t *time_ms;                         /* by bin and turn, of the last iteration; 0: as free */
    uint32_t *cost_ms, *best_ms;               /* by trip */
    uint8_t *is_picked;                        /* by trip: moves */
    int64_t start_ns;
    struct block_ways *ways; /* by block of trips */
    uint32_t block_count;
} assign;

/* Fastest ways of a block's trips that have a faster one than they took. */
typedef struct block_ways {
    uint32_t *edges;
    uint32_t count, capacity;
    uint32_t first[TRIP_BLOCK], length[TRIP_BLOCK]; /* 0: keeps its way */
    bool has_failed;
} block_ways;

/* ---- worlds ----------------------------------------------------------------------------------------------
 */

static jw_result make_world(const assign *a, const jw_traffic_def *traffic, jw_world **out, jw_error *error)
{
    const jw_twin_def *scene = a->def->scene;
    jw_module_entry entry = {&jw_traffic_module, traffic};
    jw_world_def world = {.seed = scene->seed,
                          .dt_ns = scene->dt_ns,
                          .start_time_ns = a->start_ns,
                          .threads = a->def->threads,
                          .modules = &entry,
                          .module_count = 1,
                          .shared = &scene->city->as_shared,
                          .shared_hash = scene->city->content_hash};
    return jw_world_create(&world, out, error);
}

static jw_result list_trips(assign *a, jw_error *error)
{
    jw_traffic_def traffic = jw_twin_def_traffic(a->def->scene);
    traffic.bus_line_count = traffic.detector_count = 0;
    jw_result result = make_world(a, &traffic, &a->listing, error);
    if (result != JW_OK)
        return result;
    jw_traffic *t = jw_world_state(a->listing, 0);
    a->graph = jw_traffic_turns(t);
    a->least_ms = jw_alloc((a->graph.turn_count + 1) * sizeof *a->least_ms);
    if (!a->least_ms)
        return jw_fail_memory(error);
    memset(a->least_ms, 0xFF, a->graph.turn_count * sizeof *a->least_ms);
    result = jw_traffic_list_trips(a->listing, t, a->def->end_ns, &a->out->trips, &a->out->impossible, error);
    if (result == JW_OK && !a->out->trips.trip_count)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "nobody wishes to go anywhere before the end: give the scene demand, or a later end");
    for (uint32_t k = 0; k < a->out->trips.trip_count && result == JW_OK; k++) {
        uint32_t c = a->out->trips.trips[k].vehicle_class;
        if (a->free_ms[c])
            continue;
        a->free_ms[c] = jw_alloc((a->graph.turn_count + 1) * sizeof(uint32_t));
        if (!a->free_ms[c])
            return jw_fail_memory(error);
        jw_traffic_free_times(t, (jw_vehicle_class)c, a->free_ms[c]);
        for (uint32_t n = 0; n < a->graph.turn_count; n++)
            a->least_ms[n] = a->free_ms[c][n] < a->least_ms[n] ? a->free_ms[c][n] : a->least_ms[n];
    }
    return result;
}

/* The trips on their routes and nothing else. */
static jw_result make_run(const assign *a, jw_world **out, jw_error *error)
{
    jw_traffic_def traffic = jw_twin_def_traffic(a->def->scene);
    traffic.bus_line_count = traffic.detector_count = 0;
    traffic.demand.is_gravity = false;
    traffic.demand.through_per_day = 0;
    traffic.demand_data = &a->out->trips;
    traffic.reroute_share = -1;
    return make_world(a, &traffic, out, error);
}

static jw_result simulate(assign *a, jw_assign_iteration *iteration, jw_error *error)
{
    const jw_assign_def *def = a->def;
    jw_world *world = NULL;
    jw_result result = make_run(a, &world, error);
    if (result != JW_OK)
        return result;
    jw_traffic *t = jw_world_state(world, 0);
    jw_turn_times *times = &a->out->times;
    memset(times->count, 0, (size_t)times->bin_count * times->turn_count * sizeof *times->count);
    memset(times->sum_ms, 0, (size_t)times->bin_count * times->turn_count * sizeof *times->sum_ms);
    jw_traffic_set_turn_times(t, times);
    int64_t last_ns = def->end_ns + jw_ns_from_s(def->clear_s), told_ns = a->start_ns;
    jw_traffic_counts c = {0};
    while (result == JW_OK && jw_world_time_ns(world) < last_ns) {
        result = jw_world_step(world, error);
        int64_t now_ns = jw_world_time_ns(world);
        if (result != JW_OK || now_ns < told_ns + 60 * JW_NS_PER_S)
            continue;
        told_ns = now_ns;
        c = jw_traffic_count(t);
        if (def->on_progress &&
            !def->on_progress(def->context, iteration->number,
                              (double)(now_ns - a->start_ns) / (double)(last_ns - a->start_ns)))
            result = jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
        if (now_ns >= def->end_ns && !c.running && !c.waiting)
            break;
    }
    jw_traffic_note_unfinished(t, times);
    c = jw_traffic_count(t);
    iteration->trips = a->out->trips.trip_count;
    iteration->arrived = c.arrived;
    iteration->rerouted = c.rerouted;
    iteration->mean_travel_s = c.mean_travel_time_s;
    iteration->total_travel_h = c.mean_travel_time_s * (double)c.arrived / 3600;
    jw_world_destroy(world);
    return result;
}

/* ---- times -----------------------------------------------------------------------------------------------
 */

/* Means by bin, such that nobody arrives earlier by leaving later: between the middles of two bins a time
 * falls by no more than they lie apart. */
static void average_times(assign *a)
{
    const jw_turn_times *times = &a->out->times;
    uint32_t turns = a->graph.turn_count, bin_ms = (uint32_t)(times->bin_ns / JW_NS_PER_MS);
    for (size_t cell = 0; cell < (size_t)times->bin_count * turns; cell++) {
        uint64_t sum_ms = times->sum_ms[cell], count = times->count[cell], mean_ms = 0;
        if (count)
            mean_ms =
                (sum_ms + PRIOR_PASSAGES * (uint64_t)a->least_ms[cell % turns]) / (count + PRIOR_PASSAGES);
        if (cell >= turns && a->time_ms[cell - turns] > mean_ms + bin_ms)
            mean_ms = a->time_ms[cell - turns] - bin_ms;
        a->time_ms[cell] = (uint32_t)jw_min((double)mean_ms, JW_NO_WAY_MS / 4);
    }
}

/* Time over a turn for one who enters its edge at_ms after the start; FOREVER_MS: not for this class. */
static uint32_t turn_ms(const assign *a, uint32_t turn, const uint32_t *free_ms, bool is_motor,
                        uint32_t at_ms)
{
    uint32_t least_ms = free_ms[turn], turns = a->graph.turn_count, bins = a->out->times.bin_count;
    if (least_ms >= JW_NO_WAY_MS)
        return FOREVER_MS;
    if (!is_motor)
        return least_ms;
    double bin_ms = (double)(a->out->times.bin_ns / JW_NS_PER_MS), place = at_ms / bin_ms - 0.5;
    uint32_t b = place > 0 ? (uint32_t)place : 0;
    if (b + 1 >= bins || place <= 0) {
        uint32_t mean_ms = a->time_ms[(size_t)(b < bins ? b : bins - 1) * turns + turn];
        return mean_ms > least_ms ? mean_ms : least_ms;
    }
    double from_ms = a->time_ms[(size_t)b * turns + turn], to_ms = a->time_ms[(size_t)(b + 1) * turns + turn];
    uint32_t mean_ms = (uint32_t)(from_ms + (to_ms - from_ms) * (place - b));
    return mean_ms > least_ms ? mean_ms : least_ms;
}

static uint32_t depart_ms(const assign *a, const jw_listed_trip *trip)
{
    return (uint32_t)((trip->depart_ns - a->start_ns) / JW_NS_PER_MS);
}

static bool is_motor(uint32_t vehicle_class)
{
    return vehicle_class != JW_VEHICLE_BICYCLE && vehicle_class != JW_VEHICLE_EBIKE &&
           vehicle_class != JW_VEHICLE_PEDESTRIAN;
}

/* What the trip's way takes; FOREVER_MS: it has none. */
static uint32_t way_ms(const assign *a, const jw_listed_trip *trip)
{
    const uint32_t *route = a->out->trips.route_edges + trip->first_route;
    uint32_t begin_ms = depart_ms(a, trip), at_ms = begin_ms;
    for (uint32_t k = 0; k + 1 < trip->route_count; k++) {
        uint32_t turn = a->graph.turn_first[route[k]];
        while (a->graph.turn_to[turn] != route[k + 1])
            turn++;
        uint32_t time_ms =
            turn_ms(a, turn, a->free_ms[trip->vehicle_class], is_motor(trip->vehicle_class), at_ms);
        if (time_ms == FOREVER_MS)
            return FOREVER_MS;
        at_ms += time_ms;
    }
    return trip->route_count ? at_ms - begin_ms : FOREVER_MS;
}

/* ---- fastest ways ----------------------------------------------------------------------------------------
 */

typedef struct label {
    uint32_t at_ms, edge;
} label;

typedef struct search {
    uint32_t *at_ms, *by_turn, *stamp; /* by edge; valid where the stamp is this search's */
    label *heap;
    uint32_t count, now;
} search;

static bool search_init(search *s, const assign *a)
{
    size_t edges = a->graph.edge_count + 1;
    *s = (search){.at_ms = jw_alloc(edges * 4),
                  .by_turn = jw_alloc(edges * 4),
                  .stamp = jw_alloc(edges * 4),
                  .heap = jw_alloc((a->graph.turn_count + 2) * sizeof(label))};
    return s->at_ms && s->by_turn && s->stamp && s->heap;
}

static void search_free(search *s)
{
    jw_free(s->at_ms);
    jw_free(s->by_turn);
    jw_free(s->stamp);
    jw_free(s->heap);
}

static bool goes_first(label a, label b)
{
    return a.at_ms < b.at_ms || (a.at_ms == b.at_ms && a.edge < b.edge);
}

static void push(search *s, label added)
{
    uint32_t at = s->count++;
    for (; at > 0 && goes_first(added, s->heap[(at - 1) / 2]); at = (at - 1) / 2)
        s->heap[at] = s->heap[(at - 1) / 2];
    s->heap[at] = added;
}

static label pop(search *s)
{
    label first = s->heap[0], last = s->heap[--s->count];
    uint32_t at = 0;
    for (uint32_t child = 1; child < s->count; child = 2 * at + 1) {
        child += child + 1 < s->count && goes_first(s->heap[child + 1], s->heap[child]);
        if (!goes_first(s->heap[child], last))
            break;
        s->heap[at] = s->heap[child];
        at = child;
    }
    s->heap[at] = last;
    return first;
}

/* Dijkstra over times that change under way, for a way that takes less than below_ms. */
static uint32_t find_way(const assign *a, search *s, const jw_listed_trip *trip, uint32_t below_ms)
{
    uint32_t begin_ms = depart_ms(a, trip);
    uint64_t end_ms = (uint64_t)begin_ms + below_ms;
    end_ms = end_ms < FOREVER_MS ? end_ms : FOREVER_MS;
    s->count = 0;
    s->now++;
    s->stamp[trip->from_edge] = s->now;
    s->at_ms[trip->from_edge] = begin_ms;
    push(s, (label){begin_ms, trip->from_edge});
    while (s->count) {
        label here = pop(s);
        if (here.at_ms > s->at_ms[here.edge])
            continue;
        if (here.edge == trip->to_edge)
            return here.at_ms - begin_ms;
        for (uint32_t k = a->graph.turn_first[here.edge]; k < a->graph.turn_first[here.edge + 1]; k++) {
            uint32_t to = a->graph.turn_to[k], time_ms = turn_ms(a, k, a->free_ms[trip->vehicle_class],
                                                                 is_motor(trip->vehicle_class), here.at_ms);
            uint64_t at_ms = (uint64_t)here.at_ms + time_ms;
            if (time_ms == FOREVER_MS || at_ms >= end_ms || (s->stamp[to] == s->now && at_ms >= s->at_ms[to]))
                continue;
            s->stamp[to] = s->now;
            s->at_ms[to] = (uint32_t)at_ms;
            s->by_turn[to] = k;
            push(s, (label){(uint32_t)at_ms, to});
        }
    }
    return FOREVER_MS;
}

static uint32_t turn_origin(const assign *a, uint32_t turn)
{
    uint32_t low = 0, high = a->graph.edge_count;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (a->graph.turn_first[middle] <= turn)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static bool keep_way(const assign *a, const search *s, const jw_listed_trip *trip, block_ways *ways,
                     uint32_t k)
{
    uint32_t length = 1, at = trip->to_edge;
    for (; at != trip->from_edge; length++)
        at = turn_origin(a, s->by_turn[at]);
    if (jw_grow(&ways->edges, &ways->capacity, ways->count + (uint64_t)length, sizeof *ways->edges, NULL))
        return false;
    ways->first[k] = ways->count;
    ways->length[k] = length;
    ways->count += length;
    at = trip->to_edge;
    for (uint32_t n = length; n-- > 0;) {
        ways->edges[ways->first[k] + n] = at;
        at = n ? turn_origin(a, s->by_turn[at]) : at;
    }
    return true;
}

static void find_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    assign *a = context;
    block_ways *ways = &a->ways[block];
    search s;
    ways->count = 0;
    memset(ways->length, 0, sizeof ways->length);
    ways->has_failed = !search_init(&s, a);
    for (uint32_t k = begin; k < end && !ways->has_failed; k++) {
        const jw_listed_trip *trip = &a->out->trips.trips[k];
        a->cost_ms[k] = way_ms(a, trip);
        uint32_t found_ms = find_way(a, &s, trip, a->cost_ms[k]);
        a->best_ms[k] = found_ms < a->cost_ms[k] ? found_ms : a->cost_ms[k];
        if (found_ms < a->cost_ms[k])
            ways->has_failed = !keep_way(a, &s, trip, ways, k - begin);
    }
    search_free(&s);
}

static jw_result find_ways(assign *a, jw_error *error)
{
    jw_parallel_blocks(a->out->trips.trip_count, TRIP_BLOCK, a->def->threads, find_block, a);
    for (uint32_t b = 0; b < a->block_count; b++)
        if (a->ways[b].has_failed)
            return jw_fail_memory(error);
    return JW_OK;
}

/* ---- moving trips ----------------------------------------------------------------------------------------
 */

/* What the k-th trip loses, as a share of the time of its fastest way. */
static double loss(const assign *a, uint32_t k)
{
    if (!a->ways[k / TRIP_BLOCK].length[k % TRIP_BLOCK])
        return 0;
    return ((double)a->cost_ms[k] - a->best_ms[k]) / jw_max(a->best_ms[k], 1);
}

/* Marks about `most` of the trips, the more likely the more they lose, evenly spread over the span: whoever
 * carries the running sum of losses over a multiple of its total / most. */
static void pick_trips(const assign *a, double most, double phase, uint8_t *out)
{
    double total = 0, sum = 0;
    for (uint32_t k = 0; k < a->out->trips.trip_count; k++)
        total += loss(a, k);
    for (uint32_t k = 0; k < a->out->trips.trip_count; k++) {
        double before = jw_floor(sum * most + phase);
        sum += total > 0 ? loss(a, k) / total : 0;
        out[k] = jw_floor(sum * most + phase) > before;
    }
}

/* The routes anew: those who are picked take their fastest way. */
static jw_result move_trips(assign *a, const uint8_t *is_picked, uint32_t *out_moved, jw_error *error)
{
    jw_demand_data *trips = &a->out->trips;
    uint32_t *edges = NULL, used = 0, capacity = 0;
    jw_result result = JW_OK;
    *out_moved = 0;
    for (uint32_t k = 0; k < trips->trip_count && result == JW_OK; k++) {
        jw_listed_trip *trip = &trips->trips[k];
        const block_ways *ways = &a->ways[k / TRIP_BLOCK];
        uint32_t length = trip->route_count;
        const uint32_t *from = trips->route_edges + trip->first_route;
        if (is_picked[k]) {
            length = ways->length[k % TRIP_BLOCK];
            from = ways->edges + ways->first[k % TRIP_BLOCK];
            ++*out_moved;
        }
        result = jw_grow(&edges, &capacity, used + (uint64_t)length, sizeof *edges, error);
        if (result == JW_OK && length)
            memcpy(edges + used, from, length * sizeof *edges);
        trip->first_route = used;
        trip->route_count = length;
        used += length;
    }
    if (result != JW_OK) {
        jw_free(edges);
        return result;
    }
    jw_free(trips->route_edges);
    trips->route_edges = edges;
    trips->route_edge_capacity = capacity;
    trips->route_edge_count = used;
    return JW_OK;
}

/* At first everybody takes the way that is fastest when undisturbed. Those whom no road serves are left out
 * and counted. */
static jw_result choose_first_ways(assign *a, jw_error *error)
{
    jw_demand_data *trips = &a->out->trips;
    uint32_t moved, kept = 0;
    for (uint32_t k = 0; k < trips->trip_count; k++)
        trips->trips[k].route_count = 0;
    jw_result result = find_ways(a, error);
    memset(a->is_picked, 1, trips->trip_count);
    if (result == JW_OK)
        result = move_trips(a, a->is_picked, &moved, error);
    for (uint32_t k = 0; k < trips->trip_count && result == JW_OK; k++) {
        if (trips->trips[k].route_count)
            trips->trips[kept++] = trips->trips[k];
        else
            a->out->impossible++;
    }
    trips->trip_count = result == JW_OK ? kept : trips->trip_count;
    if (result == JW_OK && !kept)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "no road serves any of the trips");
    return result;
}

/* ---- iterating -------------------------------------------------------------------------------------------
 */

static double relative_gap(const assign *a)
{
    double more_ms = 0, least_ms = 0;
    for (uint32_t k = 0; k < a->out->trips.trip_count; k++) {
        more_ms += (double)a->cost_ms[k] - a->best_ms[k];
        least_ms += a->best_ms[k];
    }
    return least_ms > 0 ? more_ms / least_ms : 0;
}

static jw_result iterate(assign *a, jw_error *error)
{
    const jw_assign_def *def = a->def;
    jw_assign_result *out = a->out;
    jw_result result = choose_first_ways(a, error);
    while (result == JW_OK && out->iteration_count < def->iterations && !out->has_converged) {
        jw_assign_iteration *iteration = &out->iterations[out->iteration_count];
        iteration->number = out->iteration_count + 1;
        result = simulate(a, iteration, error);
        if (result != JW_OK)
            break;
        out->iteration_count++;
        average_times(a);
        result = find_ways(a, error);
        iteration->relative_gap = relative_gap(a);
        out->has_converged = iteration->relative_gap <= def->gap;
        for (uint32_t k = 0; k < out->trips.trip_count; k++)
            out->time_s[k] = a->cost_ms[k] / 1000.0;
        bool is_last = out->has_converged || out->iteration_count == def->iterations;
        if (result == JW_OK && !is_last) {
            double k = iteration->number, share = jw_min(GAP_GAIN * iteration->relative_gap, 1) / (k + 1);
            pick_trips(a, share * out->trips.trip_count, jw_fmod(k * GOLDEN, 1), a->is_picked);
            result = move_trips(a, a->is_picked, &iteration->moved, error);
        }
        if (result == JW_OK && def->on_iteration && !def->on_iteration(def->context, iteration))
            result = jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
    }
    return result;
}

static jw_result take_arrays(assign *a, jw_error *error)
{
    jw_assign_result *out = a->out;
    const jw_assign_def *def = a->def;
    uint32_t trips = out->trips.trip_count;
    double span_s = jw_s_from_ns(def->end_ns - a->start_ns) + def->clear_s;
    uint32_t bins = (uint32_t)jw_ceil(span_s / def->bin_s);
    a->block_count = jw_block_count(trips, TRIP_BLOCK);
    a->ways = jw_alloc(a->block_count * sizeof *a->ways);
    a->cost_ms = jw_alloc(trips * sizeof *a->cost_ms);
    a->best_ms = jw_alloc(trips * sizeof *a->best_ms);
    a->is_picked = jw_alloc(trips);
    a->time_ms = jw_alloc((size_t)bins * (a->graph.turn_count + 1) * sizeof *a->time_ms);
    out->time_s = jw_alloc(trips * sizeof *out->time_s);
    out->iterations = jw_alloc(def->iterations * sizeof *out->iterations);
    out->turn_first = jw_alloc((a->graph.edge_count + 1) * sizeof *out->turn_first);
    out->turn_to = jw_alloc((a->graph.turn_count + 1) * sizeof *out->turn_to);
    if (!a->ways || !a->cost_ms || !a->best_ms || !a->is_picked || !a->time_ms || !out->time_s ||
        !out->iterations || !out->turn_first || !out->turn_to)
        return jw_fail_memory(error);
    memcpy(out->turn_first, a->graph.turn_first, (a->graph.edge_count + 1) * sizeof *out->turn_first);
    memcpy(out->turn_to, a->graph.turn_to, a->graph.turn_count * sizeof *out->turn_to);
    return jw_turn_times_init(&out->times, jw_world_state(a->listing, 0), a->start_ns,
                              jw_ns_from_s(def->bin_s), bins, error);
}

jw_result jw_assign_run(const jw_assign_def *given, jw_assign_result *out, jw_error *error)
{
    jw_assign_def def = *given;
    def.clear_s = def.clear_s != 0 ? def.clear_s : 3600;
    def.bin_s = def.bin_s != 0 ? def.bin_s : 900;
    def.gap = def.gap != 0 ? def.gap : 0.01;
    def.iterations = def.iterations ? def.iterations : 20;
    assign a = {.def = &def, .out = out, .start_ns = def.scene->start_time_ns - def.scene->warm_ns};
    *out = (jw_assign_result){0};
    if (def.end_ns <= a.start_ns || def.bin_s < 10 || def.clear_s < 0 || !(def.gap >= 0))
        return jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "assign: the end must lie after the start, bins be at least 10 s, the gap not negative");
    jw_result result = list_trips(&a, error);
    if (result == JW_OK)
        result = take_arrays(&a, error);
    if (result == JW_OK)
        result = iterate(&a, error);
    for (uint32_t c = 0; c < JW_VEHICLE_CLASS_COUNT; c++)
        jw_free(a.free_ms[c]);
    for (uint32_t b = 0; a.ways && b < a.block_count; b++)
        jw_free(a.ways[b].edges);
    jw_free(a.ways);
    jw_free(a.least_ms);
    jw_free(a.time_ms);
    jw_free(a.cost_ms);
    jw_free(a.best_ms);
    jw_free(a.is_picked);
    jw_world_destroy(a.listing);
    if (result != JW_OK)
        jw_assign_result_free(out);
    return result;
}

void jw_assign_result_free(jw_assign_result *result)
{
    jw_free(result->iterations);
    jw_demand_data_free(&result->trips);
    jw_turn_times_free(&result->times);
    jw_free(result->turn_first);
    jw_free(result->turn_to);
    jw_free(result->time_s);
    *result = (jw_assign_result){0};
}
