/* Where SUMO's files mean: edges and lanes by id, zones, ways through edges, stops, detectors. */
#include "twin/twin_sumo.h"

#include <stdio.h>
#include <string.h>

/* ---- ids --------------------------------------------------------------------------------------------- */

jw_result sumo_find_places(sumo_work *w)
{
    const jw_city *city = w->def->city;
    uint32_t texts = jw_sumo_text_count(w->demand);
    w->edge_of = jw_alloc((texts ? texts : 1) * sizeof *w->edge_of);
    w->lane_of = jw_alloc((texts ? texts : 1) * sizeof *w->lane_of);
    if (!w->edge_of || !w->lane_of)
        return jw_fail_memory(w->error);
    memset(w->edge_of, 0xFF, texts * sizeof *w->edge_of);
    memset(w->lane_of, 0xFF, texts * sizeof *w->lane_of);
    for (uint32_t e = 0; e < city->edge_count; e++) {
        const jw_edge *edge = &city->edges[e];
        char id[600];
        uint32_t text = jw_sumo_find_text(w->demand, jw_city_text(city, edge->id));
        if (text != JW_NONE)
            w->edge_of[text] = e;
        for (uint32_t l = 0; l < edge->lane_count; l++) {
            snprintf(id, sizeof id, "%.580s_%u", jw_city_text(city, edge->id), l);
            text = jw_sumo_find_text(w->demand, id);
            if (text != JW_NONE)
                w->lane_of[text] = edge->first_lane + l;
        }
    }
    return JW_OK;
}

/* ---- zones ------------------------------------------------------------------------------------------- */

static double weight_of(const sumo_work *w, const jw_sumo_zone_end *end, bool is_source, uint8_t allow)
{
    uint32_t edge = w->edge_of[end->edge];
    bool is_fit = (is_source ? end->is_source : end->is_sink) && edge != JW_NONE &&
                  sumo_may_drive(w->def->city, edge, allow);
    return is_fit ? end->weight : 0;
}

uint32_t sumo_draw_zone_edge(const sumo_work *w, uint32_t zone, bool is_source, uint8_t allow, double draw)
{
    const jw_sumo_zone *z = &w->demand->zones[zone];
    const jw_sumo_zone_end *ends = w->demand->zone_ends + z->first_end;
    double sum = 0;
    uint32_t edge = JW_NONE;
    for (uint32_t k = 0; k < z->end_count; k++)
        sum += weight_of(w, &ends[k], is_source, allow);
    double at = draw * sum;
    for (uint32_t k = 0; k < z->end_count && at >= 0; k++) {
        double weight = weight_of(w, &ends[k], is_source, allow);
        if (weight <= 0)
            continue;
        edge = w->edge_of[ends[k].edge];
        at -= weight;
    }
    return edge;
}

/* ---- ways -------------------------------------------------------------------------------------------- */

static bool is_before(const sumo_reached *a, const sumo_reached *b)
{
    return a->at_s != b->at_s ? a->at_s < b->at_s : a->edge < b->edge;
}

static void put(sumo_work *w, uint32_t *count, sumo_reached item)
{
    uint32_t at = (*count)++;
    for (; at > 0 && is_before(&item, &w->heap[(at - 1) / 2]); at = (at - 1) / 2)
        w->heap[at] = w->heap[(at - 1) / 2];
    w->heap[at] = item;
}

static sumo_reached take_first(sumo_work *w, uint32_t *count)
{
    sumo_reached first = w->heap[0], last = w->heap[--*count];
    uint32_t at = 0;
    while (2 * at + 1 < *count) {
        uint32_t child = 2 * at + 1;
        child += child + 1 < *count && is_before(&w->heap[child + 1], &w->heap[child]);
        if (!is_before(&w->heap[child], &last))
            break;
        w->heap[at] = w->heap[child];
        at = child;
    }
    w->heap[at] = last;
    return first;
}

/* Dijkstra over edges by the time they take at the limit. An edge is settled once, so that each connection
 * puts at most one item into the heap. */
static bool search(sumo_work *w, uint32_t from, uint32_t to, uint8_t allow)
{
    const jw_city *city = w->def->city;
    uint32_t count = 0;
    for (uint32_t e = 0; e < city->edge_count; e++)
        w->reached_s[e] = -1;
    w->reached_s[from] = 0;
    w->reached_from[from] = JW_NONE;
    put(w, &count, (sumo_reached){0, from});
    while (count > 0) {
        sumo_reached item = take_first(w, &count);
        const jw_edge *edge = &city->edges[item.edge];
        if (item.edge == to)
            return true;
        if (item.at_s > w->reached_s[item.edge])
            continue; /* reached faster since */
        double there_s = item.at_s + edge->length_m / jw_max(edge->speed_mps, 0.1);
        for (uint32_t l = edge->first_lane; l < edge->first_lane + edge->lane_count; l++)
            for (uint32_t k = 0; k < city->lanes[l].connection_count; k++) {
                const jw_connection *c =
                    &city->connections[city->lane_connections[city->lanes[l].first_connection + k]];
                uint32_t next = city->lanes[c->to_lane].edge;
                if (!(c->allow & allow) || (w->reached_s[next] >= 0 && w->reached_s[next] <= there_s))
                    continue;
                w->reached_s[next] = there_s;
                w->reached_from[next] = item.edge;
                put(w, &count, (sumo_reached){there_s, next});
            }
    }
    return false;
}

static jw_result keep_leg(sumo_work *w, uint32_t to)
{
    jw_demand_data *data = &w->def->demand_data;
    uint32_t count = 0;
    for (uint32_t e = to; w->reached_from[e] != JW_NONE; e = w->reached_from[e])
        count++;
    jw_result result = jw_grow(&data->route_edges, &data->route_edge_capacity,
                               (uint64_t)data->route_edge_count + count, sizeof *data->route_edges, w->error);
    if (result != JW_OK)
        return result;
    data->route_edge_count += count;
    for (uint32_t e = to, k = 1; w->reached_from[e] != JW_NONE; e = w->reached_from[e], k++)
        data->route_edges[data->route_edge_count - k] = e;
    return JW_OK;
}

static jw_result take_scratch(sumo_work *w)
{
    const jw_city *city = w->def->city;
    if (w->heap)
        return JW_OK;
    w->reached_from = jw_alloc(city->edge_count * sizeof *w->reached_from);
    w->reached_s = jw_alloc(city->edge_count * sizeof *w->reached_s);
    w->heap = jw_alloc((city->connection_count + 1) * sizeof *w->heap);
    return w->reached_from && w->reached_s && w->heap ? JW_OK : jw_fail_memory(w->error);
}

bool sumo_find_way(sumo_work *w, const jw_sumo_vehicle *v, uint32_t from, uint32_t to, uint8_t allow,
                   jw_listed_trip *trip, jw_result *out_result)
{
    jw_demand_data *data = &w->def->demand_data;
    uint32_t number = (uint32_t)(v - w->demand->vehicles);
    bool is_same = w->way_of == number && data->route_edges[w->way_first] == from &&
                   data->route_edges[w->way_first + w->way_count - 1] == to;
    *out_result = is_same ? JW_OK : take_scratch(w);
    if (*out_result == JW_OK && !is_same)
        *out_result = jw_grow(&data->route_edges, &data->route_edge_capacity, data->route_edge_count + 1ull,
                              sizeof *data->route_edges, w->error);
    if (*out_result != JW_OK)
        return false;
    if (!is_same) { /* the vehicles of a flow go the same way */
        w->way_of = JW_NONE;
        w->way_first = data->route_edge_count;
        data->route_edges[data->route_edge_count++] = from;
        for (uint32_t k = 0; k <= v->via_count; k++) {
            uint32_t goal = k < v->via_count ? w->edge_of[w->demand->route_edges[v->first_via + k]] : to;
            if (goal == JW_NONE || !search(w, from, goal, allow)) {
                data->route_edge_count = w->way_first;
                return false;
            }
            *out_result = keep_leg(w, goal);
            if (*out_result != JW_OK)
                return false;
            from = goal;
        }
        w->way_count = data->route_edge_count - w->way_first;
        w->way_of = number;
    }
    trip->first_route = w->way_first;
    trip->route_count = w->way_count;
    return true;
}

/* ---- stops ------------------------------------------------------------------------------------------- */

/* NULL, or why there is no such place. */
static const char *place_stop(const sumo_work *w, const jw_sumo_stop *from, uint8_t allow, jw_stop *out)
{
    const jw_city *city = w->def->city;
    uint32_t text = from->lane;
    double begin_m = from->begin_m, end_m = from->end_m;
    if (from->bus_stop) {
        uint32_t k = jw_sumo_find_bus_stop(w->demand, from->bus_stop);
        if (k == JW_NONE)
            return "there is no bus stop of the id it names";
        text = w->demand->bus_stops[k].lane;
        begin_m = w->demand->bus_stops[k].begin_m;
        end_m = w->demand->bus_stops[k].end_m;
    }
    uint32_t lane = w->lane_of[text], edge = lane == JW_NONE ? w->edge_of[text] : city->lanes[lane].edge;
    if (edge == JW_NONE)
        return "the network does not have its lane";
    if (!sumo_may_drive(city, edge, allow) || (lane != JW_NONE && !(city->lanes[lane].allow & allow)))
        return "its class may not drive on its lane";
    double length_m = city->edges[edge].length_m;
    end_m = end_m >= JW_SUMO_TO_END ? length_m : end_m < 0 ? length_m + end_m : end_m;
    begin_m = begin_m <= -JW_SUMO_TO_END ? 0 : begin_m < 0 ? length_m + begin_m : begin_m;
    end_m = jw_clamp(end_m, 0, length_m);
    *out = (jw_stop){.until_ns = from->until_s > 0 ? jw_ns_from_s(from->until_s) : 0,
                     .edge = edge,
                     .lane = lane == JW_NONE ? JW_NONE : city->lanes[lane].index,
                     .begin_m = (float)jw_clamp(begin_m, 0, end_m),
                     .end_m = (float)end_m,
                     .duration_s = (float)jw_clamp(from->duration_s, 0, 1e7),
                     .kind = from->is_parking ? JW_STOP_ASIDE : JW_STOP_IN_LANE};
    return NULL;
}

/* Whether the trip's given way comes to the stop after those before it; *at is the edge reached so far. */
static bool is_on_way(const sumo_work *w, const jw_listed_trip *trip, const jw_stop *stop, uint32_t *at,
                      float *at_m)
{
    const uint32_t *edges = w->def->demand_data.route_edges + trip->first_route;
    if (trip->route_count == 0)
        return true; /* the router leads there */
    uint32_t k = *at;
    if (edges[k] == stop->edge && stop->end_m < *at_m)
        k++;
    while (k < trip->route_count && edges[k] != stop->edge)
        k++;
    if (k == trip->route_count)
        return false;
    *at = k;
    *at_m = stop->end_m;
    return true;
}

jw_result sumo_add_stops(sumo_work *w, const jw_sumo_vehicle *v, const jw_sumo_route *route,
                         jw_listed_trip *trip)
{
    jw_demand_data *data = &w->def->demand_data;
    uint8_t allow = (uint8_t)(1u << trip->vehicle_class);
    uint32_t of_route = route ? route->stop_count : 0, at = 0;
    float at_m = trip->from_s_m;
    trip->first_stop = data->stop_count;
    for (uint32_t k = 0; k < of_route + v->stop_count; k++) {
        const jw_sumo_stop *from = k < of_route ? &w->demand->stops[route->first_stop + k]
                                                : &w->demand->stops[v->first_stop + k - of_route];
        jw_stop stop;
        const char *why = place_stop(w, from, allow, &stop);
        if (!why && !is_on_way(w, trip, &stop, &at, &at_m))
            why = "its way does not come there, or not in this order";
        if (why) {
            sumo_tell(w, v, "a stop of it is left out", why);
            continue;
        }
        if (trip->stop_count == JW_TRIP_STOPS_MAX)
            return jw_sumo_note_missing(w->missing, w->error, "stop beyond the first %d of a vehicle",
                                        JW_TRIP_STOPS_MAX);
        jw_result result = jw_grow(&data->stops, &data->stop_capacity, data->stop_count + 1ull,
                                   sizeof *data->stops, w->error);
        if (result != JW_OK)
            return result;
        data->stops[data->stop_count++] = stop;
        trip->stop_count++;
    }
    return JW_OK;
}

/* ---- detectors --------------------------------------------------------------------------------------- */

/* NULL, or why there is no such place: from its begin to its end (E2), or across (E1). */
static const char *place_detector(const sumo_work *w, const jw_sumo_detector *from, jw_detector_def *out)
{
    const jw_city *city = w->def->city;
    uint32_t lane = w->lane_of[from->lane];
    if (lane == JW_NONE)
        return "the network does not have its lane";
    double length_m = city->lanes[lane].length_m, begin_m = from->position_m, end_m = from->end_m;
    begin_m = begin_m < 0 ? length_m + begin_m : begin_m;
    end_m = end_m >= JW_SUMO_TO_END ? length_m : end_m < 0 ? length_m + end_m : end_m;
    if (begin_m < -0.1 || begin_m > end_m || end_m > length_m + 0.1)
        return "its position is not on its lane";
    if (!jw_text_copy(out->name, sizeof out->name, jw_sumo_text(w->demand, from->id)))
        return "its id is too long";
    out->edge = city->lanes[lane].edge;
    out->lane = city->lanes[lane].index;
    out->position_m = jw_clamp(begin_m, 0, length_m);
    out->length_m = jw_clamp(end_m, 0, length_m) - out->position_m;
    return NULL;
}

jw_result sumo_add_detectors(sumo_work *w)
{
    jw_twin_def *def = w->def;
    def->detector_count = 0;
    for (uint32_t k = 0; k < w->demand->detector_count; k++) {
        const jw_sumo_detector *from = &w->demand->detectors[k];
        jw_detector_def detector = {0};
        const char *why = place_detector(w, from, &detector);
        if (why) {
            char element[64];
            snprintf(element, sizeof element, "detector %.50s", jw_sumo_text(w->demand, from->id));
            jw_problems_add(w->problems, JW_PROBLEM, jw_sumo_text(w->demand, from->source), from->line,
                            element, "left out: %s", why);
            continue;
        }
        jw_result result = jw_grow(&def->detectors, &def->detector_capacity, def->detector_count + 1ull,
                                   sizeof *def->detectors, w->error);
        if (result != JW_OK)
            return result;
        def->detectors[def->detector_count++] = detector;
    }
    return JW_OK;
}
