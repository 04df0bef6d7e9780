/* What is copied from the city into arrays of the module's own: lengths, who follows whom, the turns between
 * edges for the router, centre lines for drawing. Derived: never saved. */
#include "traffic/traffic_internal.h"

#include <string.h>

static jw_result take(void *out_pointer, size_t count, size_t size, jw_error *error)
{
    void *memory = jw_alloc((count ? count : 1) * size);
    if (!memory)
        return jw_fail_memory(error);
    memcpy(out_pointer, &memory, sizeof memory);
    return JW_OK;
}

void jw_traffic_net_free(jw_traffic_net *net)
{
    void *all[] = {net->lane_edge,      net->lane_index,  net->lane_allow,  net->edge_first_lane,
                   net->junction_first, net->ways,        net->merges,      net->lane_in_first,
                   net->lane_in,        net->shape_first, net->shape,       net->turn_first,
                   net->turn_from,      net->turn_to,     net->turn_time_s, net->turn_allow,
                   net->back_first,     net->back_turn,   net->strip_m};
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++)
        jw_free(all[k]);
    memset(net, 0, sizeof *net);
}

/* ---- tracks ----------------------------------------------------------------------------------------------
 */

static bool is_zipper(const jw_city *city, const jw_connection *connection, const jw_conflict *conflict)
{
    return conflict->is_merge && connection->rule == JW_RULE_ZIPPER &&
           city->connections[conflict->foe].rule == JW_RULE_ZIPPER;
}

/* What a connection has to do with the others of its junction. */
static jw_result copy_conflicts(jw_traffic *t, jw_error *error)
{
    const jw_city *city = t->city;
    jw_traffic_net *net = &t->net;
    uint32_t merges = 0;
    for (uint32_t c = 0; c < net->connection_count; c++) {
        const jw_connection *connection = &city->connections[c];
        net->ways[c].merge_begin_m = JW_FAR;
        net->ways[c].rule = connection->rule & 3u;
        for (uint32_t k = 0; k < connection->conflict_count; k++) {
            const jw_conflict *conflict = &city->conflicts[connection->first_conflict + k];
            net->ways[c].foes |= (uint64_t)1 << net->ways[conflict->foe].junction_bit;
            net->ways[c].crosses |= !conflict->is_merge ? 1 : 0;
            net->ways[c].yields |= conflict->must_yield && !is_zipper(city, connection, conflict) ? 1 : 0;
            merges += conflict->is_merge != 0;
            if (conflict->is_merge)
                net->ways[c].merge_begin_m = jw_minf(net->ways[c].merge_begin_m, conflict->begin_m);
        }
    }
    if (take(&net->merges, merges, sizeof *net->merges, error))
        return JW_ERROR_MEMORY;
    merges = 0;
    for (uint32_t c = 0; c < net->connection_count; c++) {
        const jw_connection *connection = &city->connections[c];
        jw_way *way = &net->ways[c];
        way->first_merge = merges;
        for (uint32_t k = 0; k < connection->conflict_count; k++) {
            const jw_conflict *conflict = &city->conflicts[connection->first_conflict + k];
            if (!conflict->is_merge)
                continue;
            if (way->merge_count == UINT8_MAX)
                return jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                               "junction %u: more than 256 connections end on one lane", way->junction);
            way->merge_count++;
            net->merges[merges++] = (jw_merge){
                .foe = conflict->foe,
                .begin_m = conflict->begin_m,
                .foe_begin_m = conflict->foe_begin_m,
                .foe_merge_begin_m = net->ways[conflict->foe].merge_begin_m,
                .foe_bit = net->ways[conflict->foe].junction_bit,
                .must_yield = conflict->must_yield && !is_zipper(city, connection, conflict),
                .is_zipper = is_zipper(city, connection, conflict),
            };
        }
    }
    return JW_OK;
}

/* As many strips as both lanes have: whoever enters keeps its own. */
static void cut_connection(jw_traffic *t, uint32_t c)
{
    uint32_t from = t->city->connections[c].from_lane, to = t->city->connections[c].to_lane;
    jw_track *track = &t->tracks[t->net.lane_count + c];
    track->strips = t->tracks[from].strips;
    if (t->tracks[to].strips < t->tracks[from].strips)
        track->strips = t->tracks[to].strips;
    t->net.strip_m[t->net.lane_count + c] =
        (float)jw_min(t->city->lanes[from].width_m, t->city->lanes[to].width_m) / (float)track->strips;
}

static jw_result copy_connections(jw_traffic *t, jw_error *error)
{
    const jw_city *city = t->city;
    jw_traffic_net *net = &t->net;
    uint32_t lanes = net->lane_count, connections = net->connection_count;
    for (uint32_t c = 0; c < connections; c++) {
        const jw_connection *connection = &city->connections[c];
        uint32_t number = c - net->junction_first[connection->junction];
        t->tracks[lanes + c].length_m = (float)jw_max(connection->length_m, 0.1);
        cut_connection(t, c);
        net->ways[c].from_lane = connection->from_lane;
        net->ways[c].to_lane = connection->to_lane;
        net->ways[c].allow = connection->allow & city->lanes[connection->from_lane].allow &
                             city->lanes[connection->to_lane].allow;
        net->ways[c].junction = connection->junction;
        net->ways[c].junction_bit = (uint8_t)(number < 63 ? number : 63);
        net->lane_in_first[connection->to_lane + 1]++;
    }
    for (uint32_t l = 0; l < lanes; l++)
        net->lane_in_first[l + 1] += net->lane_in_first[l];
    /* Filled from the back, so that the running ends come out as beginnings again. */
    for (uint32_t c = connections; c-- > 0;)
        net->lane_in[--net->lane_in_first[net->ways[c].to_lane + 1]] = c;
    for (uint32_t l = 0; l < lanes; l++)
        net->lane_in_first[l] = net->lane_in_first[l + 1];
    net->lane_in_first[lanes] = connections;
    return copy_conflicts(t, error);
}

static jw_result copy_tracks(jw_traffic *t, jw_error *error)
{
    const jw_city *city = t->city;
    jw_traffic_net *net = &t->net;
    net->lane_count = city->lane_count;
    net->connection_count = city->connection_count;
    net->track_count = net->lane_count + net->connection_count;
    net->edge_count = city->edge_count;
    net->junction_count = city->junction_count;
    uint32_t lanes = net->lane_count, connections = net->connection_count;
    if (take(&t->tracks, net->track_count + net->edge_count, sizeof *t->tracks, error) ||
        take(&net->lane_edge, lanes, sizeof(uint32_t), error) || take(&net->lane_index, lanes, 1, error) ||
        take(&net->lane_allow, lanes, 1, error) ||
        take(&net->strip_m, net->track_count, sizeof(float), error) ||
        take(&net->edge_first_lane, net->edge_count + 1, sizeof(uint32_t), error) ||
        take(&net->junction_first, net->junction_count + 1, sizeof(uint32_t), error) ||
        take(&net->ways, connections, sizeof *net->ways, error) ||
        take(&net->lane_in_first, lanes + 1, sizeof(uint32_t), error) ||
        take(&net->lane_in, connections, sizeof(uint32_t), error))
        return JW_ERROR_MEMORY;
    for (uint32_t k = 0; k < net->track_count + net->edge_count; k++) {
        t->tracks[k].overhang_m = JW_FAR;
        t->tracks[k].strips = 1;
    }
    for (uint32_t e = 0; e < net->edge_count; e++) {
        if (e > 0 && city->edges[e].first_lane != net->edge_first_lane[e - 1] + city->edges[e - 1].lane_count)
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "edge %u: its lanes do not follow edge %u's", e,
                           e - 1);
        net->edge_first_lane[e] = city->edges[e].first_lane;
        t->tracks[net->track_count + e].length_m = (float)city->lanes[city->edges[e].first_lane].length_m;
    }
    net->edge_first_lane[net->edge_count] = lanes;
    for (uint32_t l = 0; l < lanes; l++) {
        const jw_lane *lane = &city->lanes[l];
        t->tracks[l].length_m = (float)lane->length_m;
        net->lane_edge[l] = lane->edge;
        net->lane_index[l] = (uint8_t)lane->index;
        net->lane_allow[l] = lane->allow;
        if (lane->allow & (JW_ALLOW_BICYCLE | JW_ALLOW_EBIKE))
            t->tracks[l].strips = (uint32_t)lane->strips & 7;
        net->strip_m[l] = (float)lane->width_m / (float)t->tracks[l].strips;
    }
    for (uint32_t j = 0; j < net->junction_count; j++) {
        const jw_junction *junction = &city->junctions[j];
        uint32_t expected = j ? net->junction_first[j - 1] + city->junctions[j - 1].connection_count : 0;
        if (junction->connection_count && junction->first_connection != expected)
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                           "junction %u: its connections do not follow those of the junction before", j);
        net->junction_first[j] = expected;
    }
    net->junction_first[net->junction_count] = connections;
    return copy_connections(t, error);
}

/* ---- centre lines ----------------------------------------------------------------------------------------
 */

static void copy_shape(jw_traffic_net *net, uint32_t first, const jw_vec3 *points, uint32_t count,
                       double length_m)
{
    double total = jw_polyline_length(points, count);
    double scale = total > 0 ? length_m / total : 0, s = 0;
    for (uint32_t k = 0; k < count; k++) {
        jw_shape_point *point = &net->shape[first + k];
        *point = (jw_shape_point){(float)(s * scale), (float)points[k].x, (float)points[k].y,
                                  (int16_t)jw_round(jw_clamp(points[k].z, -3000, 3000) * 10), 0};
        if (k + 1 < count) {
            double dx = points[k + 1].x - points[k].x, dy = points[k + 1].y - points[k].y;
            point->heading = (uint16_t)(int32_t)jw_round(jw_atan2(dy, dx) * (65536 / JW_TAU));
            s += jw_sqrt(dx * dx + dy * dy);
        } else if (k > 0) {
            point->heading = point[-1].heading;
        }
    }
}

static jw_result copy_shapes(jw_traffic *t, jw_error *error)
{
    const jw_city *city = t->city;
    jw_traffic_net *net = &t->net;
    if (take(&net->shape_first, net->track_count + 1, sizeof(uint32_t), error))
        return JW_ERROR_MEMORY;
    uint32_t total = 0;
    for (uint32_t k = 0; k < net->track_count; k++) {
        net->shape_first[k] = total;
        total += k < net->lane_count ? city->lanes[k].point_count
                                     : city->connections[k - net->lane_count].point_count;
    }
    net->shape_first[net->track_count] = total;
    if (take(&net->shape, total, sizeof *net->shape, error))
        return JW_ERROR_MEMORY;
    for (uint32_t l = 0; l < net->lane_count; l++)
        copy_shape(net, net->shape_first[l], city->points + city->lanes[l].first_point,
                   city->lanes[l].point_count, t->tracks[l].length_m);
    for (uint32_t c = 0; c < net->connection_count; c++)
        copy_shape(net, net->shape_first[net->lane_count + c],
                   city->points + city->connections[c].first_point, city->connections[c].point_count,
                   t->tracks[net->lane_count + c].length_m);
    return JW_OK;
}

void jw_traffic_track_place(const jw_traffic *t, uint32_t track, float pos_m, float *x_m, float *y_m,
                            float *z_m, float *heading_rad)
{
    const jw_shape_point *first = t->net.shape + t->net.shape_first[track];
    const jw_shape_point *last = t->net.shape + t->net.shape_first[track + 1] - 1;
    /* Points lie at about even distances: a guess, then a step or two. */
    float share = jw_minf(jw_maxf(pos_m / t->tracks[track].length_m, 0), 1);
    const jw_shape_point *at = first + (uint32_t)(share * (float)(last - first));
    while (at > first && at->s_m > pos_m)
        at--;
    while (at + 1 < last && at[1].s_m <= pos_m)
        at++;
    const jw_shape_point *next = at < last ? at + 1 : at; /* the same for a track of one point */
    float span = next->s_m - at->s_m;
    float f = span > 0 ? jw_minf(jw_maxf((pos_m - at->s_m) / span, 0), 1) : 0;
    *x_m = at->x_m + (next->x_m - at->x_m) * f;
    *y_m = at->y_m + (next->y_m - at->y_m) * f;
    *z_m = 0.1f * ((float)at->z_dm + (float)(next->z_dm - at->z_dm) * f);
    *heading_rad = (float)(int16_t)at->heading * (float)(JW_TAU / 65536);
}

/* ---- turns -----------------------------------------------------------------------------------------------
 */

/* Turn from the edge of a lane to edge `to`; turns of an edge lie in ascending order of the edge they lead to
 * and are few. */
uint32_t jw_traffic_find_turn(const jw_traffic_net *net, uint32_t from, uint32_t to)
{
    for (uint32_t k = net->turn_first[from]; k < net->turn_first[from + 1]; k++)
        if (net->turn_to[k] == to)
            return k;
    return JW_NONE;
}

/* Lists the edges reached from edge e, each once, in ascending order; returns their number. */
static uint32_t list_turns(const jw_traffic *t, uint32_t e, uint32_t *out, uint32_t capacity)
{
    const jw_traffic_net *net = &t->net;
    uint32_t count = 0;
    for (uint32_t l = net->edge_first_lane[e]; l < net->edge_first_lane[e + 1]; l++) {
        const jw_lane *lane = &t->city->lanes[l];
        for (uint32_t k = 0; k < lane->connection_count; k++) {
            uint32_t to =
                net->lane_edge[net->ways[t->city->lane_connections[lane->first_connection + k]].to_lane];
            uint32_t at = 0;
            while (at < count && out[at] < to)
                at++;
            if ((at < count && out[at] == to) || count == capacity)
                continue;
            memmove(out + at + 1, out + at, (count - at) * sizeof *out);
            out[at] = to;
            count++;
        }
    }
    return count;
}

static jw_result build_turns(jw_traffic *t, jw_error *error)
{
    jw_traffic_net *net = &t->net;
    uint32_t list[JW_NO_TURN - 1];
    if (take(&net->turn_first, net->edge_count + 1, sizeof(uint32_t), error) ||
        take(&net->back_first, net->edge_count + 1, sizeof(uint32_t), error))
        return JW_ERROR_MEMORY;
    for (uint32_t e = 0; e < net->edge_count; e++)
        net->turn_first[e + 1] = net->turn_first[e] + list_turns(t, e, list, JW_COUNT_OF(list));
    net->turn_count = net->turn_first[net->edge_count];
    if (take(&net->turn_from, net->turn_count, sizeof(uint32_t), error) ||
        take(&net->turn_to, net->turn_count, sizeof(uint32_t), error) ||
        take(&net->turn_time_s, net->turn_count, sizeof(float), error) ||
        take(&net->turn_allow, net->turn_count, 1, error) ||
        take(&net->back_turn, net->turn_count, sizeof(uint32_t), error))
        return JW_ERROR_MEMORY;
    for (uint32_t e = 0; e < net->edge_count; e++) {
        uint32_t count = list_turns(t, e, net->turn_to + net->turn_first[e], JW_COUNT_OF(list));
        for (uint32_t k = 0; k < count; k++) {
            net->turn_from[net->turn_first[e] + k] = e;
            net->back_first[net->turn_to[net->turn_first[e] + k] + 1]++;
        }
    }
    for (uint32_t e = 0; e < net->edge_count; e++)
        net->back_first[e + 1] += net->back_first[e];
    for (uint32_t k = net->turn_count; k-- > 0;)
        net->back_turn[--net->back_first[net->turn_to[k] + 1]] = k;
    for (uint32_t e = 0; e < net->edge_count; e++)
        net->back_first[e] = net->back_first[e + 1];
    net->back_first[net->edge_count] = net->turn_count;
    return JW_OK;
}

/* Time lost at a turn beside driving its length, in seconds: what makes routes prefer going straight on.
 * Round figures in the order of the delays of the Highway Capacity Manual's level of service B; live times
 * replace them by what is measured. */
static float turn_penalty_s(const jw_city *city, const jw_connection *connection)
{
    float penalty = connection->turn == JW_TURN_LEFT ? 4 : connection->turn == JW_TURN_U ? 15 : 0;
    jw_junction_kind kind = city->junctions[connection->junction].kind;
    if (connection->second != JW_NONE)
        penalty += 20; /* about half a red */
    if (kind == JW_JUNCTION_SIGNAL)
        penalty += 8;
    else if (connection->rank > 0)
        penalty += 3;
    return penalty;
}

static bool is_shut(const jw_traffic *t, uint32_t edge)
{
    for (uint32_t l = t->net.edge_first_lane[edge]; l < t->net.edge_first_lane[edge + 1]; l++)
        if (!t->lane_closed[l])
            return false;
    return true;
}

void jw_traffic_net_refresh(jw_traffic *t)
{
    jw_traffic_net *net = &t->net;
    for (uint32_t k = 0; k < net->turn_count; k++) {
        net->turn_time_s[k] = JW_FAR;
        net->turn_allow[k] = 0;
    }
    for (uint32_t c = 0; c < net->connection_count; c++) {
        uint32_t from = net->ways[c].from_lane, to = net->ways[c].to_lane;
        uint32_t turn = jw_traffic_find_turn(net, net->lane_edge[from], net->lane_edge[to]);
        if (turn == JW_NONE)
            continue;
        const jw_connection *connection = &t->city->connections[c];
        float time_s = (float)(connection->length_m / jw_max(connection->speed_mps, 1.0)) +
                       turn_penalty_s(t->city, connection);
        net->turn_time_s[turn] = jw_minf(net->turn_time_s[turn], time_s);
        /* An edge that is closed as a whole may still be left. */
        if ((!t->lane_closed[from] || is_shut(t, net->lane_edge[from])) && !t->lane_closed[to])
            net->turn_allow[turn] |= net->ways[c].allow;
    }
}

jw_result jw_traffic_net_build(jw_traffic *t, jw_error *error)
{
    if (copy_tracks(t, error) || copy_shapes(t, error) || build_turns(t, error)) {
        jw_traffic_net_free(&t->net);
        return error && error->code ? error->code : JW_ERROR_MEMORY;
    }
    return JW_OK;
}

/* ---- choosing lanes --------------------------------------------------------------------------------------
 */

uint32_t jw_traffic_good_lanes(const jw_traffic *t, uint32_t edge, uint32_t to, uint32_t vehicle_class)
{
    const jw_traffic_net *net = &t->net;
    uint32_t bit = 1u << vehicle_class, good = 0, first = net->edge_first_lane[edge];
    for (uint32_t l = first; l < net->edge_first_lane[edge + 1] && l - first < 32; l++) {
        if (!(net->lane_allow[l] & bit) || t->lane_closed[l])
            continue;
        if (to == JW_NONE) {
            good |= 1u << (l - first);
            continue;
        }
        const jw_lane *lane = &t->city->lanes[l];
        for (uint32_t k = 0; k < lane->connection_count; k++) {
            uint32_t c = t->city->lane_connections[lane->first_connection + k];
            if ((net->ways[c].allow & bit) && net->lane_edge[net->ways[c].to_lane] == to &&
                !t->lane_closed[net->ways[c].to_lane])
                good |= 1u << (l - first);
        }
    }
    return good;
}

static bool leads_to(const jw_traffic *t, uint32_t lane, uint32_t to, uint32_t bit)
{
    const jw_lane *from = &t->city->lanes[lane];
    for (uint32_t k = 0; k < from->connection_count; k++) {
        uint32_t c = t->city->lane_connections[from->first_connection + k];
        if ((t->net.ways[c].allow & bit) && t->net.lane_edge[t->net.ways[c].to_lane] == to)
            return true;
    }
    return false;
}

uint32_t jw_traffic_choose_connection(const jw_traffic *t, uint32_t lane, uint32_t to, uint32_t after,
                                      uint32_t vehicle_class, uint32_t slot)
{
    const jw_traffic_net *net = &t->net;
    const jw_lane *from = &t->city->lanes[lane];
    uint32_t bit = 1u << vehicle_class, best = JW_NONE, equal = 0;
    bool best_leads = false;
    for (uint32_t k = 0; k < from->connection_count; k++) {
        uint32_t c = t->city->lane_connections[from->first_connection + k], target = net->ways[c].to_lane;
        if (!(net->ways[c].allow & bit) || net->lane_edge[target] != to || t->lane_closed[target])
            continue;
        bool leads = after == JW_NONE || leads_to(t, target, after, bit);
        /* Bicycles belong on lanes of their own where there are such. */
        leads = leads &&
                !((bit & (JW_ALLOW_BICYCLE | JW_ALLOW_EBIKE)) && (net->lane_allow[target] & JW_ALLOW_CAR));
        if (best == JW_NONE || (leads && !best_leads)) {
            best = c;
            best_leads = leads;
            equal = 1;
        } else if (leads == best_leads && slot % ++equal == 0) {
            best = c;
        }
    }
    return best;
}
