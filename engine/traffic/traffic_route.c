/* Routes: which metric holds for whom, questions answered in bulk, the pool where routes are kept, and other
 * ways for vehicles under way. A route is kept as one byte an edge: which of the edge's turns is taken. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define SLOW_MPS      9.0f
#define QUERY_BLOCK   4      /* queries a block at least */
#define SETTLED_M     100.0f /* before the end of an edge: drivers have chosen their turn */
#define LEAST_GAIN_MS 60000.0

/* ---- set-up ----------------------------------------------------------------------------------------------
 */

/* Motor vehicles share their metrics: how fast they could go changes their choice of way little. */
static bool use_same_roads(const jw_traffic *t, uint32_t a, uint32_t b)
{
    if ((t->types[a].max_speed_mps < SLOW_MPS) != (t->types[b].max_speed_mps < SLOW_MPS))
        return false;
    for (uint32_t l = 0; l < t->net.lane_count; l++)
        if (!(t->net.lane_allow[l] >> a & 1) != !(t->net.lane_allow[l] >> b & 1))
            return false;
    for (uint32_t c = 0; c < t->net.connection_count; c++)
        if (!(t->net.ways[c].allow >> a & 1) != !(t->net.ways[c].allow >> b & 1))
            return false;
    return true;
}

static jw_result build_hierarchy(const jw_world *world, jw_traffic *t, jw_error *error)
{
    jw_router *r = &t->router;
    uint32_t edges = t->net.edge_count, *rank = r->given_rank;
    r->given_rank = NULL;
    jw_result result = JW_OK;
    if (!rank) {
        rank = jw_alloc((edges + 1) * sizeof *rank);
        result = rank ? jw_route_order(t->city, rank, error) : jw_fail_memory(error);
    }
    if (!result && !jw_world_is_wanted(world))
        result = JW_ERROR_CANCELLED;
    if (!result)
        result = jw_hierarchy_build(&r->hierarchy, edges, rank, t->net.turn_first, t->net.turn_to, error);
    jw_free(rank);
    return result;
}

jw_result jw_traffic_router_init(const jw_world *world, jw_traffic *t, jw_error *error)
{
    jw_router *r = &t->router;
    uint32_t turns = t->net.turn_count + 1, motor_groups = 0;
    for (uint32_t c = 0; c < JW_VEHICLE_CLASS_COUNT; c++) {
        uint32_t g = 0;
        while (g < r->group_count && !use_same_roads(t, r->group_class[g], c))
            g++;
        if (g == r->group_count) {
            r->group_class[r->group_count++] = (uint8_t)c;
            r->is_motor[g] = t->types[c].max_speed_mps >= SLOW_MPS;
            motor_groups += r->is_motor[g];
        }
        r->group_of_class[c] = (uint8_t)g;
    }
    r->live_ms = jw_alloc(turns * sizeof *r->live_ms);
    r->next_ms = jw_alloc(turns * sizeof *r->next_ms);
    r->pass_count = jw_alloc(turns * sizeof *r->pass_count);
    r->pass_sum_ms = jw_alloc(turns * sizeof *r->pass_sum_ms);
    if (!r->live_ms || !r->next_ms || !r->pass_count || !r->pass_sum_ms)
        return jw_fail_memory(error);
    jw_result result = build_hierarchy(world, t, error);
    for (uint32_t k = 0; k < JW_SEARCHES && !result; k++)
        result = jw_route_search_init(&r->searches[k], &r->hierarchy, error);
    r->rebuild_steps = jw_route_rebuild_steps(&r->hierarchy, motor_groups,
                                              (uint32_t)(t->def.router_interval_s / (double)t->dt_s));
    return result;
}

void jw_traffic_router_free(jw_router *r)
{
    void *all[] = {r->given_rank, r->live_ms, r->next_ms, r->pass_count, r->pass_sum_ms, r->queries};
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++)
        jw_free(all[k]);
    for (uint32_t k = 0; k < JW_ROUTE_KINDS; k++)
        jw_route_metric_free(&r->metrics[k]);
    for (uint32_t k = 0; k < JW_VEHICLE_CLASS_COUNT; k++)
        jw_route_metric_free(&r->next[k]);
    for (uint32_t k = 0; k < JW_SEARCHES; k++)
        jw_route_search_free(&r->searches[k]);
    jw_hierarchy_free(&r->hierarchy);
    memset(r, 0, sizeof *r);
}

int64_t jw_traffic_router_bytes(const jw_router *r)
{
    uint32_t metrics = 0;
    for (uint32_t k = 0; k < JW_ROUTE_KINDS; k++)
        metrics += r->metrics[k].turn_ms != NULL;
    for (uint32_t k = 0; k < JW_VEHICLE_CLASS_COUNT; k++)
        metrics += r->next[k].turn_ms != NULL;
    const jw_hierarchy *h = &r->hierarchy;
    return metrics * ((int64_t)h->turn_count * 4 + (int64_t)h->arc_count * 8) + (int64_t)h->arc_count * 10 +
           (int64_t)h->turn_count * 24 + (int64_t)h->node_count * 22;
}

/* ---- metrics ---------------------------------------------------------------------------------------------
 */

uint32_t jw_traffic_route_kind(const jw_traffic *t, uint32_t vehicle_class, bool is_live)
{
    uint32_t group = t->router.group_of_class[vehicle_class];
    return group * 2 + (is_live && t->router.is_motor[group]);
}

uint32_t jw_traffic_free_turn_ms(const jw_traffic *t, uint32_t turn, float cap_mps)
{
    uint32_t lane = t->net.edge_first_lane[t->net.turn_from[turn]];
    float speed_mps = jw_maxf(jw_minf(t->tracks[lane].limit_mps, cap_mps), 0.5f);
    float time_s = t->tracks[lane].length_m / speed_mps + t->net.turn_time_s[turn];
    return 1 + (uint32_t)(jw_minf(time_s, 1e5f) * 1000);
}

void jw_traffic_fill_turn_ms(const jw_traffic *t, uint32_t kind, const uint32_t *live_ms, uint32_t *out_ms)
{
    uint32_t c = t->router.group_class[kind / 2];
    for (uint32_t k = 0; k < t->net.turn_count; k++) {
        if (!(t->net.turn_allow[k] >> c & 1))
            out_ms[k] = JW_CLOSED_MS;
        else if ((kind & 1) && live_ms[k])
            out_ms[k] = live_ms[k];
        else
            out_ms[k] = jw_traffic_free_turn_ms(t, k, t->types[c].max_speed_mps);
    }
}

const jw_route_metric *jw_traffic_route_metric(jw_traffic *t, uint32_t kind)
{
    jw_router *r = &t->router;
    jw_route_metric *metric = &r->metrics[kind];
    if (!metric->turn_ms && jw_route_metric_init(metric, &r->hierarchy, NULL)) {
        jw_route_metric_free(metric);
        return NULL;
    }
    if (!r->is_ready[kind]) {
        jw_traffic_fill_turn_ms(t, kind, r->live_ms, metric->turn_ms);
        jw_route_metric_begin(metric, &r->hierarchy);
        jw_route_metric_advance(metric, &r->hierarchy, UINT64_MAX);
        r->is_ready[kind] = true;
    }
    return metric;
}

/* ---- questions in bulk -----------------------------------------------------------------------------------
 */

jw_route_query *jw_traffic_ask_route(jw_traffic *t, jw_error *error)
{
    jw_router *r = &t->router;
    if (jw_grow(&r->queries, &r->query_capacity, r->query_count + 1ull, sizeof *r->queries, error))
        return NULL;
    r->queries[r->query_count] = (jw_route_query){.below_ms = JW_CLOSED_MS};
    return &r->queries[r->query_count++];
}

static void answer_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    jw_traffic *t = context;
    jw_router *r = &t->router;
    jw_route_search *search = &r->searches[block];
    search->turn_count = 0;
    for (uint32_t k = begin; k < end; k++) {
        jw_route_query *q = &r->queries[k];
        const jw_route_metric *metric = &r->metrics[q->kind];
        q->cost_ms =
            jw_route_search_cost(search, &r->hierarchy, metric, q->from_edge, q->to_edge, q->below_ms);
        q->search = block;
        q->first = search->turn_count;
        if (q->cost_ms < q->below_ms)
            q->has_failed = jw_route_search_path(search, &r->hierarchy, metric, NULL) != JW_OK;
        q->count = search->turn_count - q->first;
    }
}

jw_result jw_traffic_answer_queries(jw_traffic *t, int threads, jw_error *error)
{
    jw_router *r = &t->router;
    uint32_t block = (r->query_count + JW_SEARCHES - 1) / JW_SEARCHES;
    for (uint32_t k = 0; k < r->query_count; k++)
        if (!jw_traffic_route_metric(t, r->queries[k].kind))
            return jw_fail_memory(error);
    jw_parallel_blocks(r->query_count, block < QUERY_BLOCK ? QUERY_BLOCK : block, threads, answer_block, t);
    for (uint32_t k = 0; k < r->query_count; k++)
        if (r->queries[k].has_failed)
            return jw_fail_memory(error);
    return JW_OK;
}

bool jw_traffic_can_reach(jw_traffic *t, uint32_t from, uint32_t to, uint32_t vehicle_class, jw_error *error)
{
    const jw_route_metric *metric =
        jw_traffic_route_metric(t, jw_traffic_route_kind(t, vehicle_class, false));
    if (!metric) {
        jw_fail_memory(error);
        return false;
    }
    return jw_route_search_cost(&t->router.searches[0], &t->router.hierarchy, metric, from, to,
                                JW_CLOSED_MS) < JW_CLOSED_MS;
}

/* ---- the pool of routes ----------------------------------------------------------------------------------
 */

static void move_route(jw_traffic *t, uint8_t *to_turns, uint32_t *used, uint32_t *first, uint32_t count)
{
    if (count)
        memcpy(to_turns + *used, t->route_turns + *first, count);
    *first = *used;
    *used += count;
}

/* Moves the routes still needed to the front of a pool with room for more. */
static jw_result compact_routes(jw_traffic *t, uint32_t more, jw_error *error)
{
    uint64_t need = more;
    for (uint32_t slot = 0; slot < t->pool.slot_count; slot++)
        if (t->pool.generations[slot] & 1)
            need += t->vehicles[slot].route_count;
    for (uint32_t k = 0; k < t->trip_count; k++)
        if (t->trips[k].is_used)
            need += t->trips[k].route_count;
    uint64_t capacity = need + need / 8 + 1024;
    if (capacity > UINT32_MAX / 2)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                       "the routes of all vehicles are too long together: lower the demand");
    uint8_t *turns = jw_alloc(capacity);
    uint32_t used = 0;
    if (!turns)
        return jw_fail_memory(error);
    for (uint32_t slot = 0; slot < t->pool.slot_count; slot++) {
        jw_vehicle *v = &t->vehicles[slot];
        if (!(t->pool.generations[slot] & 1))
            continue;
        move_route(t, turns, &used, &v->route_first, v->route_count);
    }
    for (uint32_t k = 0; k < t->trip_count; k++)
        if (t->trips[k].is_used)
            move_route(t, turns, &used, &t->trips[k].route_first, t->trips[k].route_count);
    jw_free(t->route_turns);
    t->route_turns = turns;
    t->route_capacity = (uint32_t)capacity;
    t->route_used = used;
    return JW_OK;
}

jw_result jw_traffic_take_route_space(jw_traffic *t, uint32_t count, uint32_t *out_first, jw_error *error)
{
    if ((uint64_t)t->route_used + count > t->route_capacity) {
        jw_result result = compact_routes(t, count, error);
        if (result)
            return result;
    }
    *out_first = t->route_used;
    t->route_used += count;
    return JW_OK;
}

jw_result jw_traffic_keep_route(jw_traffic *t, const jw_route_query *query, uint32_t *out_first,
                                uint32_t *out_count, jw_error *error)
{
    jw_result result = jw_traffic_take_route_space(t, query->count, out_first, error);
    if (result)
        return result;
    if (query->count)
        memcpy(t->route_turns + *out_first, t->router.searches[query->search].turns + query->first,
               query->count);
    *out_count = query->count;
    return JW_OK;
}

jw_result jw_traffic_give_route(jw_traffic *t, const uint32_t *edges, uint32_t count, uint32_t *out_first,
                                jw_error *error)
{
    jw_result result = jw_traffic_take_route_space(t, count - 1, out_first, error);
    for (uint32_t k = 0; k + 1 < count && !result; k++)
        t->route_turns[*out_first + k] =
            (uint8_t)(jw_traffic_find_turn(&t->net, edges[k], edges[k + 1]) - t->net.turn_first[edges[k]]);
    return result;
}

/* ---- vehicles under way ----------------------------------------------------------------------------------
 */

void jw_traffic_aim(jw_traffic *t, uint32_t place, uint32_t lane)
{
    uint32_t slot = t->cars[place].slot, c = jw_class_at(t, place);
    uint32_t to = jw_traffic_route_edge(t, slot, 1), edge = t->net.lane_edge[lane];
    t->cars[place].is_last = to == JW_NONE;
    t->cars[place].good = jw_traffic_good_lanes(t, edge, to, c);
    t->cars[place].next =
        to == JW_NONE ? JW_NONE
                      : jw_traffic_choose_connection(t, lane, to, jw_traffic_route_edge(t, slot, 2), c, slot);
    if (t->vehicles[slot].plan1)
        jw_plan_aim(t, &t->cars[place], lane);
}

jw_result jw_traffic_change_route(jw_traffic *t, const jw_route_query *q, uint32_t first_turn,
                                  jw_error *error)
{
    jw_vehicle *v = &t->vehicles[q->asker];
    uint32_t lead = first_turn != JW_NONE, first;
    jw_result result = jw_traffic_take_route_space(t, lead + q->count, &first, error);
    if (result)
        return result;
    if (lead)
        t->route_turns[first] = (uint8_t)(first_turn - t->net.turn_first[v->edge]);
    if (q->count)
        memcpy(t->route_turns + first + lead, t->router.searches[q->search].turns + q->first, q->count);
    v->route_first = first;
    v->route_count = lead + q->count;
    if (v->to_edge != q->to_edge) { /* to the next stop only: see jw_plan_goal */
        v->to_edge = q->to_edge;
        v->arrive_s_m = JW_FAR;
    }
    uint32_t place = t->place_of_slot[q->asker], track = t->cars[place].track;
    if (jw_is_lane(t, track))
        jw_traffic_aim(t, place, track);
    return JW_OK;
}

static jw_result reroute(jw_traffic *t, const jw_route_query *q, uint32_t first_turn, jw_error *error)
{
    t->counts.rerouted++;
    return jw_traffic_change_route(t, q, first_turn, error);
}

static uint32_t next_turn(const jw_traffic *t, const jw_vehicle *v)
{
    return v->route_count ? t->net.turn_first[v->edge] + t->route_turns[v->route_first] : JW_NONE;
}

/* From a connection the next edge is settled. */
static bool is_on_connection(const jw_traffic *t, uint32_t slot)
{
    uint32_t track = t->cars[t->place_of_slot[slot]].track;
    return !jw_is_lane(t, track) && !jw_is_kerb(t, track);
}

/* Asks for the way of a vehicle, from where it is (from a connection the next edge is settled) or from behind
 * its next turn. */
static jw_route_query *ask_for_vehicle(jw_traffic *t, uint32_t slot, bool keeps_turn, uint32_t below_ms,
                                       jw_error *error)
{
    const jw_vehicle *v = &t->vehicles[slot];
    jw_route_query *q = jw_traffic_ask_route(t, error);
    if (!q)
        return NULL;
    q->asker = slot;
    q->from_edge = keeps_turn || is_on_connection(t, slot) ? jw_traffic_route_edge(t, slot, 1) : v->edge;
    q->to_edge = v->plan1 ? jw_plan_goal(t, v) : v->to_edge;
    q->kind = jw_traffic_route_kind(t, v->vehicle_class, v->is_live);
    q->below_ms = below_ms;
    return q;
}

static void set_cut_off(jw_traffic *t, jw_vehicle *v, bool is_cut_off)
{
    t->counts.cut_off += is_cut_off;
    t->counts.cut_off -= v->is_cut_off;
    v->is_cut_off = is_cut_off;
}

/* ---- closures --------------------------------------------------------------------------------------------
 */

static bool is_route_open(const jw_traffic *t, uint32_t slot)
{
    const jw_vehicle *v = &t->vehicles[slot];
    uint32_t edge = v->edge;
    bool is_settled = is_on_connection(t, slot);
    for (uint32_t k = 0; k < v->route_count; k++, is_settled = false) {
        uint32_t turn = t->net.turn_first[edge] + t->route_turns[v->route_first + k];
        if (!is_settled && !(t->net.turn_allow[turn] >> v->vehicle_class & 1))
            return false;
        edge = t->net.turn_to[turn];
    }
    return true;
}

/* Those without any other way go on and wait where their way ends; they ask again when roads change. */
jw_result jw_traffic_avoid_closures(jw_traffic *t, int threads, jw_error *error)
{
    jw_router *r = &t->router;
    r->query_count = 0;
    for (uint32_t slot = 0; slot < t->pool.slot_count; slot++) {
        if (!(t->pool.generations[slot] & 1))
            continue;
        if (is_route_open(t, slot))
            set_cut_off(t, &t->vehicles[slot], false);
        else if (!ask_for_vehicle(t, slot, false, JW_CLOSED_MS, error))
            return JW_ERROR_MEMORY;
    }
    jw_result result = jw_traffic_answer_queries(t, threads, error);
    for (uint32_t k = 0; k < r->query_count && !result; k++) {
        const jw_route_query *q = &r->queries[k];
        jw_vehicle *v = &t->vehicles[q->asker];
        set_cut_off(t, v, q->cost_ms >= JW_CLOSED_MS);
        if (!v->is_cut_off)
            result = reroute(t, q, is_on_connection(t, q->asker) ? next_turn(t, v) : JW_NONE, error);
    }
    return result;
}

/* ---- stuck -----------------------------------------------------------------------------------------------
 */

/* Exits of a lane other than the one that is blocked are asked for in turn, beginning with one drawn from the
 * vehicle's number, so that not all who are stuck take the same. */
bool jw_traffic_leave_queue(jw_traffic *t, uint32_t slot, jw_error *error)
{
    const jw_vehicle *v = &t->vehicles[slot];
    uint32_t place = t->place_of_slot[slot], lane = t->cars[place].track;
    uint32_t blocked = t->cars[place].next == JW_NONE ? JW_NONE : jw_traffic_route_edge(t, slot, 1);
    const jw_lane *from = &t->city->lanes[lane];
    t->router.query_count = 0;
    for (uint32_t k = 0; k < from->connection_count; k++) {
        uint32_t at = (uint32_t)((k + v->number) % from->connection_count);
        uint32_t c = t->city->lane_connections[from->first_connection + at];
        uint32_t edge = t->net.lane_edge[t->net.ways[c].to_lane];
        if (!(t->net.ways[c].allow >> v->vehicle_class & 1) || t->lane_closed[t->net.ways[c].to_lane] ||
            edge == blocked)
            continue;
        jw_route_query *q = ask_for_vehicle(t, slot, false, JW_CLOSED_MS, error);
        if (!q)
            return false;
        q->from_edge = edge;
    }
    if (jw_traffic_answer_queries(t, 1, error))
        return false;
    for (uint32_t k = 0; k < t->router.query_count; k++) {
        const jw_route_query *q = &t->router.queries[k];
        if (q->cost_ms < JW_CLOSED_MS)
            return !reroute(t, q, jw_traffic_find_turn(&t->net, v->edge, q->from_edge), error);
    }
    return false;
}

/* ---- drivers who look for a better way -------------------------------------------------------------------
 */

/* Whether a driver has chosen the next turn, and his lane for it. */
static bool is_turn_settled(const jw_traffic *t, uint32_t slot)
{
    const jw_car *car = &t->cars[t->place_of_slot[slot]];
    return is_on_connection(t, slot) || t->tracks[car->track].length_m - car->pos_m < SETTLED_M;
}

/* What the vehicle's way costs, with or without its next turn. */
static uint32_t way_ms(const jw_traffic *t, const jw_vehicle *v, bool is_settled,
                       const jw_route_metric *metric)
{
    uint32_t edge = v->edge, sum_ms = 0;
    for (uint32_t k = 0; k < v->route_count && sum_ms < JW_CLOSED_MS; k++) {
        uint32_t turn = t->net.turn_first[edge] + t->route_turns[v->route_first + k];
        sum_ms += k > 0 || !is_settled ? metric->turn_ms[turn] : 0;
        edge = t->net.turn_to[turn];
    }
    return sum_ms < JW_CLOSED_MS ? sum_ms : JW_CLOSED_MS;
}

static bool ask_if_worth_it(jw_traffic *t, uint32_t slot, jw_error *error)
{
    const jw_vehicle *v = &t->vehicles[slot];
    uint32_t kind = jw_traffic_route_kind(t, v->vehicle_class, v->is_live);
    bool is_settled = is_turn_settled(t, slot);
    if (!(kind & 1) || 1u + is_settled > v->route_count)
        return true;
    const jw_route_metric *metric = jw_traffic_route_metric(t, kind);
    if (!metric) {
        jw_fail_memory(error);
        return false;
    }
    uint32_t now_ms = way_ms(t, v, is_settled, metric);
    double gain_ms = jw_max(t->def.reroute_gain * now_ms, LEAST_GAIN_MS);
    if (now_ms <= gain_ms)
        return true;
    return ask_for_vehicle(t, slot, is_settled, now_ms - (uint32_t)gain_ms, error) != NULL;
}

void jw_traffic_reroute_some(jw_world *world, jw_traffic *t)
{
    if (t->def.reroute_share <= 0 || t->def.reroute_interval_s < 0)
        return;
    jw_error error = {0};
    uint32_t period = (uint32_t)jw_max(t->def.reroute_interval_s / (double)t->dt_s, 1);
    uint32_t first = (uint32_t)(jw_world_step_number(world) % period);
    t->router.query_count = 0;
    jw_result result = JW_OK;
    for (uint32_t slot = first; slot < t->pool.slot_count && !result; slot += period)
        if ((t->pool.generations[slot] & 1) && t->vehicles[slot].is_live && !ask_if_worth_it(t, slot, &error))
            result = JW_ERROR_MEMORY;
    if (!result)
        result = jw_traffic_answer_queries(t, jw_world_threads(world), &error);
    for (uint32_t k = 0; k < t->router.query_count && !result; k++) {
        const jw_route_query *q = &t->router.queries[k];
        if (q->cost_ms >= q->below_ms)
            continue;
        bool is_settled = is_turn_settled(t, q->asker);
        result = reroute(t, q, is_settled ? next_turn(t, &t->vehicles[q->asker]) : JW_NONE, &error);
    }
    if (result)
        jw_world_fail(world, result, error.message);
}
