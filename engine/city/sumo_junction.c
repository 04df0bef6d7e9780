/* Who gives way to whom, exactly as the network's requests say, and the signal programmes.
 *
 * A pair of links is in conflict when either's `foes` names the other; who has the other in `response` gives
 * way. Where on the way they meet is found from the drawn curves. Two ways into one lane always are a merge,
 * even where the network is silent (unregulated junctions): nobody yields, but nobody drives through another.
 */
#include "city/sumo_internal.h"

#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#define WIDEN_FACTOR 1.5 /* of the distance, until foes that keep apart meet */
#define WIDEN_TIMES  8

typedef struct found {
    uint32_t of;
    jw_conflict conflict;
} found;

typedef struct found_list {
    found *items;
    uint32_t count, capacity;
} found_list;

/* ---- conflicts --------------------------------------------------------------------------------------- */

/* Bit `k` of a row of '0' and '1' whose last character is bit 0. */
static bool has_bit(const char *row, uint32_t k)
{
    size_t size = strlen(row);
    return k < size && row[size - 1 - k] == '1';
}

static bool names(const jw_sumo_net *net, const jw_sumo_junction *junction, uint32_t from, uint32_t to,
                  bool is_response)
{
    if (from >= junction->request_count || to >= junction->request_count)
        return false;
    const jw_sumo_request *request = &net->requests[junction->first_request + from];
    return has_bit(net->bits + (is_response ? request->response : request->foes), to);
}

static double drawn_m(const jw_city_parts *parts, const jw_connection *c)
{
    return jw_max(jw_polyline_length(parts->points + c->first_point, c->point_count), 1e-6);
}

/* From arc lengths as drawn to those as stated. */
static float scaled(double s_m, double drawn, double stated_m)
{
    return (float)jw_clamp(s_m / drawn * stated_m, 0, stated_m);
}

static jw_result keep(found_list *list, uint32_t of, const jw_conflict *conflict, jw_error *error)
{
    jw_result result =
        jw_grow(&list->items, &list->capacity, (uint64_t)list->count + 1, sizeof *list->items, error);
    if (result == JW_OK)
        list->items[list->count++] = (found){of, *conflict};
    return result;
}

static jw_result add_pair(jw_sumo_builder *b, found_list *list, uint32_t a, uint32_t k, bool a_yields,
                          bool k_yields, jw_error *error)
{
    jw_city_parts *parts = &b->build.parts;
    /* As drawn: the stated lengths come in again at the end. */
    jw_connection ca = parts->connections[a], ck = parts->connections[k];
    double stated_a = ca.length_m, stated_k = ck.length_m, at_m[4];
    ca.length_m = drawn_m(parts, &ca);
    ck.length_m = drawn_m(parts, &ck);
    bool is_merge = ca.to_lane == ck.to_lane, is_found = false;
    double near_m = jw_build_near_m(parts, &ca, &ck);
    for (uint32_t i = 0; i < WIDEN_TIMES && !is_found; i++, near_m *= WIDEN_FACTOR)
        is_found = jw_build_find_meeting(parts, &ca, &ck, near_m, is_merge, at_m);
    if (!is_found) {
        at_m[0] = at_m[2] = 0;
        at_m[1] = ca.length_m;
        at_m[3] = ck.length_m;
    }
    jw_conflict own = {k,
                       a_yields,
                       is_merge,
                       scaled(at_m[0], ca.length_m, stated_a),
                       scaled(at_m[1], ca.length_m, stated_a),
                       scaled(at_m[2], ck.length_m, stated_k),
                       scaled(at_m[3], ck.length_m, stated_k)};
    jw_conflict back = {a, k_yields, is_merge, own.foe_begin_m, own.foe_end_m, own.begin_m, own.end_m};
    jw_result result = keep(list, a, &own, error);
    return result == JW_OK ? keep(list, k, &back, error) : result;
}

/* The connections of a junction in turn; positions[c] is the place of each among the requests. */
static jw_result find_in_junction(jw_sumo_builder *b, const jw_sumo_junction *from, const uint32_t *positions,
                                  found_list *list, jw_error *error)
{
    const jw_sumo_net *net = b->net;
    const jw_city_parts *parts = &b->build.parts;
    const jw_junction *junction = &parts->junctions[from->city_junction];
    uint32_t first = junction->first_connection, end = first + junction->connection_count;
    jw_result result = JW_OK;
    for (uint32_t a = first; a < end; a++)
        for (uint32_t k = a + 1; k < end && result == JW_OK; k++) {
            uint32_t pa = positions[a], pk = positions[k];
            bool is_merge = parts->connections[a].to_lane == parts->connections[k].to_lane;
            bool are_foes = names(net, from, pa, pk, false) || names(net, from, pk, pa, false);
            if (parts->connections[a].from_lane == parts->connections[k].from_lane || !(is_merge || are_foes))
                continue;
            result = add_pair(b, list, a, k, names(net, from, pa, pk, true), names(net, from, pk, pa, true),
                              error);
        }
    return result;
}

static int compare_found(const void *a, const void *b)
{
    const found *p = a, *q = b;
    if (p->of != q->of)
        return p->of < q->of ? -1 : 1;
    if (p->conflict.begin_m != q->conflict.begin_m)
        return p->conflict.begin_m < q->conflict.begin_m ? -1 : 1;
    return p->conflict.foe < q->conflict.foe ? -1 : p->conflict.foe > q->conflict.foe;
}

static jw_result store(jw_city_parts *parts, found_list *list, jw_error *error)
{
    jw_result result = JW_CITY_ROOM(parts, conflicts, conflict_count, list->count, error);
    if (result != JW_OK)
        return result;
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare_found);
    for (uint32_t i = 0; i < list->count; i++) {
        jw_connection *c = &parts->connections[list->items[i].of];
        if (c->conflict_count++ == 0)
            c->first_conflict = parts->conflict_count;
        c->rank |= list->items[i].conflict.must_yield;
        parts->conflicts[parts->conflict_count++] = list->items[i].conflict;
    }
    return JW_OK;
}

jw_result jw_sumo_build_conflicts(jw_sumo_builder *b, jw_error *error)
{
    jw_sumo_net *net = b->net;
    jw_city_parts *parts = &b->build.parts;
    uint32_t *positions = jw_build_take(&b->build, parts->connection_count, sizeof *positions, error);
    if (!positions)
        return JW_ERROR_MEMORY;
    for (uint32_t i = 0; i < net->connection_count; i++)
        if (net->connections[i].city_connection != JW_NONE)
            positions[net->connections[i].city_connection] = net->connections[i].position;
    found_list list = {0};
    jw_result result = JW_OK;
    for (uint32_t j = 0; j < net->junction_count && result == JW_OK; j++)
        if (net->junctions[j].city_junction != JW_NONE)
            result = find_in_junction(b, &net->junctions[j], positions, &list, error);
    if (result == JW_OK)
        result = store(parts, &list, error);
    jw_free(list.items);
    return result;
}

/* ---- programmes -------------------------------------------------------------------------------------- */

typedef struct given {
    const jw_sumo_demand *from; /* NULL: none of that name */
    uint32_t number;            /* in from->programmes */
    uint32_t link_count;        /* its letters; 0: not to be used */
    uint32_t city_programme;
    uint32_t needed; /* links that connections name */
} given;

/* The last of a name counts: the network's, then the additional files'. */
static void find_last(jw_sumo_builder *b, const jw_sumo_demand *from, given *list)
{
    const jw_sumo_names *names = &b->net->programme_names;
    for (uint32_t p = 0; from && p < from->programme_count; p++) {
        const char *id = jw_sumo_text(from, from->programmes[p].id);
        uint32_t name = jw_sumo_names_find(names, id, strlen(id));
        if (name == JW_NONE)
            continue;
        list[name].from = from;
        list[name].number = p;
    }
}

static const char *fault_of(given *g, char *out, size_t out_size)
{
    if (!g->from)
        return "there is no such tlLogic";
    const jw_sumo_programme *p = &g->from->programmes[g->number];
    const jw_sumo_phase *phases = g->from->phases + p->first_phase;
    if (p->is_broken || p->phase_count == 0)
        return "a phase of it makes no sense, or it has none";
    size_t links = strlen(jw_sumo_text(g->from, phases[0].state));
    double cycle_s = 0;
    for (uint32_t i = 0; i < p->phase_count; i++) {
        if (strlen(jw_sumo_text(g->from, phases[i].state)) != links)
            return "its states are not equally long";
        cycle_s += phases[i].duration_s;
    }
    if (!(cycle_s > 0))
        return "its phases last no time";
    if (g->needed > links) {
        snprintf(out, out_size, "its states have %zu letters, connections name %u links", links, g->needed);
        return out;
    }
    g->link_count = (uint32_t)links;
    return NULL;
}

static jw_result add_programme(jw_city_parts *parts, given *g, uint32_t junction, jw_error *error)
{
    const jw_sumo_programme *from = &g->from->programmes[g->number];
    jw_programme to = {.junction = junction,
                       .kind = (jw_programme_kind)from->kind,
                       .offset_s = from->offset_s,
                       .first_phase = parts->signal_phase_count,
                       .link_count = g->link_count};
    jw_result result = JW_CITY_ROOM(parts, programmes, programme_count, 1, error);
    if (result == JW_OK)
        result = JW_CITY_ROOM(parts, signal_phases, signal_phase_count, from->phase_count, error);
    if (result == JW_OK)
        result = JW_CITY_ROOM(parts, signal_states, signal_state_size,
                              (uint64_t)from->phase_count * g->link_count, error);
    if (result != JW_OK)
        return result;
    for (uint32_t i = 0; i < from->phase_count; i++) {
        const jw_sumo_phase *phase = &g->from->phases[from->first_phase + i];
        if (phase->duration_s <= 0)
            continue; /* never seen */
        parts->signal_phases[parts->signal_phase_count++] =
            (jw_signal_phase){phase->duration_s, jw_min(phase->min_s, phase->duration_s),
                              jw_max(phase->max_s, phase->duration_s), parts->signal_state_size};
        memcpy(parts->signal_states + parts->signal_state_size, jw_sumo_text(g->from, phase->state),
               g->link_count);
        parts->signal_state_size += g->link_count;
        to.cycle_s += phase->duration_s;
    }
    to.phase_count = parts->signal_phase_count - to.first_phase;
    g->city_programme = parts->programme_count;
    parts->programmes[parts->programme_count++] = to;
    return JW_OK;
}

static void report_programmes(jw_sumo_builder *b, given *list)
{
    const jw_sumo_net *net = b->net;
    for (uint32_t p = 0; p < net->programme_names.count; p++) {
        char text[128], element[64] = "tlLogic ";
        const char *fault = fault_of(&list[p], text, sizeof text);
        if (!fault)
            continue;
        jw_text_copy(element + 8, sizeof element - 8, jw_sumo_name(&net->programme_names, p));
        jw_problems_add(b->build.problems, JW_PROBLEM, b->name,
                        list[p].from ? list[p].from->programmes[list[p].number].line : 0, element,
                        "%s: its junctions have no signals", fault);
    }
}

static jw_result take_programme(jw_sumo_builder *b, const jw_sumo_connection *from, given *list,
                                jw_error *error)
{
    jw_city_parts *parts = &b->build.parts;
    jw_connection *c = &parts->connections[from->city_connection];
    jw_junction *junction = &parts->junctions[c->junction];
    given *g = &list[from->programme];
    if (g->link_count == 0)
        return JW_OK;
    if (g->city_programme == JW_NONE) {
        if (junction->programme != JW_NONE)
            return jw_sumo_note_missing(b->missing, error, "second signal of one junction");
        jw_result result = add_programme(parts, g, c->junction, error);
        if (result != JW_OK)
            return result;
    }
    if (junction->programme == JW_NONE) {
        junction->programme = g->city_programme;
        junction->kind = JW_JUNCTION_SIGNAL;
    }
    if (junction->programme != g->city_programme)
        return jw_sumo_note_missing(b->missing, error, "second signal of one junction");
    c->signal_link = from->link;
    return JW_OK;
}

static void mark_roundabouts(jw_city_parts *parts)
{
    for (uint32_t e = 0; e < parts->edge_count; e++)
        for (uint32_t k = 0; k < 2 && parts->edges[e].is_roundabout; k++) {
            jw_junction *junction = &parts->junctions[k ? parts->edges[e].to : parts->edges[e].from];
            if (junction->kind == JW_JUNCTION_PRIORITY)
                junction->kind = JW_JUNCTION_ROUNDABOUT;
        }
}

jw_result jw_sumo_build_programmes(jw_sumo_builder *b, jw_error *error)
{
    jw_sumo_net *net = b->net;
    given *list = jw_build_take(&b->build, net->programme_names.count, sizeof *list, error);
    if (!list)
        return JW_ERROR_MEMORY;
    for (uint32_t p = 0; p < net->programme_names.count; p++)
        list[p].city_programme = JW_NONE;
    find_last(b, &net->logics, list);
    find_last(b, b->demand, list);
    for (uint32_t i = 0; i < net->connection_count; i++) {
        const jw_sumo_connection *c = &net->connections[i];
        if (c->programme != JW_NONE && c->link + 1 > list[c->programme].needed)
            list[c->programme].needed = c->link + 1;
    }
    report_programmes(b, list);
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < net->connection_count && result == JW_OK; i++)
        if (net->connections[i].programme != JW_NONE && net->connections[i].city_connection != JW_NONE)
            result = take_programme(b, &net->connections[i], list, error);
    mark_roundabouts(&b->build.parts);
    return result;
}
