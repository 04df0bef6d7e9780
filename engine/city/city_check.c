/* Whether traffic can flow on what was built: every lane is entered and leads on, for whom it is open; every
 * way through a junction with signals gets green, and never together with one that it crosses and neither
 * yields to. */
#include "city/city.h"

#include <math.h>
#include <stdio.h>

#define GATE_M      60.0 /* from a place where roads leave the map to their end */
#define GREEN_MIN_S 4.0  /* two vehicles: start-up lost time and headway, HCM 2010 ch. 18 */

typedef struct check {
    const jw_city *city;
    jw_problems *problems;
    jw_projection *projection;
    uint8_t *is_entered; /* per lane: JW_ALLOW_ bits of those who can come onto it */
    uint8_t *is_gate;    /* per junction */
} check;

/* "way 4711" or "node 4711", with the place on the map: two problems are never one. */
static void report(const check *c, jw_severity severity, const char *kind, uint64_t id, jw_vec2 at,
                   const char *message)
{
    char element[64];
    double lon_deg = NAN, lat_deg = NAN;
    snprintf(element, sizeof element, "%s %llu", kind, (unsigned long long)id);
    jw_projection_inverse(c->projection, &at.x, &at.y, 1, &lon_deg, &lat_deg, NULL);
    jw_problems_add(c->problems, severity, NULL, 0, element, "%s (at %.5f, %.5f)", message, lon_deg, lat_deg);
}

static void report_edge(const check *c, jw_severity severity, uint32_t e, bool at_end, const char *message)
{
    const jw_edge *edge = &c->city->edges[e];
    jw_vec3 at = c->city->points[edge->first_point + (at_end ? edge->point_count - 1 : 0)];
    report(c, severity, edge->source_id ? "way" : "street", edge->source_id ? edge->source_id : e,
           (jw_vec2){at.x, at.y}, message);
}

static void report_connection(const check *c, uint32_t i, const char *message)
{
    const jw_connection *connection = &c->city->connections[i];
    const jw_junction *junction = &c->city->junctions[connection->junction];
    static const char *const turns[] = {"straight on", "left", "right", "back"};
    char text[160];
    snprintf(text, sizeof text, "signals: the way %s (connection %u) %s", turns[connection->turn], i,
             message);
    report(c, JW_PROBLEM, junction->source_id ? "node" : "junction",
           junction->source_id ? junction->source_id : connection->junction,
           (jw_vec2){junction->x_m, junction->y_m}, text);
}

/* ---- lanes ------------------------------------------------------------------------------------------- */

static uint8_t leaving(const jw_city *city, const jw_lane *lane)
{
    uint8_t allow = 0;
    for (uint32_t k = 0; k < lane->connection_count; k++)
        allow |= city->connections[city->lane_connections[lane->first_connection + k]].allow;
    return allow;
}

static void report_lane(const check *c, uint32_t e, uint32_t lane, bool at_end)
{
    char message[100];
    snprintf(message, sizeof message, "lane %u (0 at the kerb) of edge %u %s", lane, e,
             at_end ? "leads nowhere, though another does" : "is entered from nowhere, though another is");
    report_edge(c, JW_PROBLEM, e, at_end, message);
}

/* The ends of one street: lanes that others of it outdo are a fault; a street that as a whole leads nowhere
 * is one of the map. */
static void check_ends(const check *c, uint32_t e)
{
    const jw_city *city = c->city;
    const jw_edge *edge = &city->edges[e];
    uint8_t all_in = 0, all_out = 0, all = 0;
    for (uint32_t i = 0; i < edge->lane_count; i++) {
        const jw_lane *lane = &city->lanes[edge->first_lane + i];
        all |= lane->allow;
        all_in |= c->is_entered[edge->first_lane + i];
        all_out |= leaving(city, lane);
    }
    for (uint32_t i = 0; i < edge->lane_count; i++) {
        const jw_lane *lane = &city->lanes[edge->first_lane + i];
        uint8_t out = leaving(city, lane), in = c->is_entered[edge->first_lane + i];
        if ((all_out & lane->allow & JW_ALLOW_MOTOR) && !(out & JW_ALLOW_MOTOR))
            report_lane(c, e, i, true);
        if ((all_in & lane->allow & JW_ALLOW_MOTOR) && !(in & JW_ALLOW_MOTOR))
            report_lane(c, e, i, false);
    }
    if (!(all & JW_ALLOW_CAR))
        return;
    if (!(all_out & JW_ALLOW_CAR) && !c->is_gate[edge->to])
        report_edge(c, edge->opposite == JW_NONE ? JW_WARNING : JW_PROBLEM, e, true,
                    "cars that come to its end can go nowhere");
    if (!(all_in & JW_ALLOW_CAR) && !c->is_gate[edge->from])
        report_edge(c, JW_WARNING, e, false, "no car can come to its beginning (in one direction at least)");
}

static void find_entered(const check *c)
{
    for (uint32_t i = 0; i < c->city->connection_count; i++)
        c->is_entered[c->city->connections[i].to_lane] |= c->city->connections[i].allow;
}

static void find_gates(const check *c)
{
    const jw_city *city = c->city;
    for (uint32_t g = 0; g < city->place_count; g++)
        for (uint32_t j = 0; city->places[g].kind == JW_PLACE_GATE && j < city->junction_count; j++) {
            jw_vec2 between = {city->junctions[j].x_m - city->places[g].x_m,
                               city->junctions[j].y_m - city->places[g].y_m};
            c->is_gate[j] |= jw_vec2_length(between) < GATE_M;
        }
}

/* ---- signals ----------------------------------------------------------------------------------------- */

static char state_of(const jw_city *city, const jw_programme *p, uint32_t phase, uint32_t link)
{
    return city->signal_states[city->signal_phases[p->first_phase + phase].first_state + link];
}

static bool may_go(char state)
{
    return state == 'G' || state == 'g' || state == 's' || state == 'o' || state == 'O';
}

/* The longest green in a row, over the end of the cycle too. */
static double green_s(const jw_city *city, const jw_programme *p, uint32_t link)
{
    double longest_s = 0, now_s = 0;
    for (uint32_t k = 0; k < 2 * p->phase_count; k++) {
        uint32_t phase = k % p->phase_count;
        now_s = may_go(state_of(city, p, phase, link))
                    ? now_s + city->signal_phases[p->first_phase + phase].duration_s
                    : 0;
        longest_s = jw_max(longest_s, now_s);
    }
    return jw_min(longest_s, p->cycle_s);
}

/* Two that cross and are both told to go without care; or one that whenever it may go gives way to a stream
 * that never stops. */
static void check_foes(const check *c, const jw_programme *p, uint32_t i)
{
    const jw_city *city = c->city;
    const jw_connection *connection = &city->connections[i];
    bool is_ever_free = false, has_clash = false;
    for (uint32_t phase = 0; phase < p->phase_count; phase++) {
        char state = state_of(city, p, phase, connection->signal_link);
        bool is_held = false;
        for (uint32_t k = 0; k < connection->conflict_count; k++) {
            const jw_conflict *conflict = &city->conflicts[connection->first_conflict + k];
            uint32_t link = city->connections[conflict->foe].signal_link;
            char foe_state = link == JW_NONE ? 'O' : state_of(city, p, phase, link);
            has_clash |= state == 'G' && foe_state == 'G' && !conflict->is_merge && conflict->foe > i;
            is_held |= conflict->must_yield && may_go(foe_state) &&
                       (link == JW_NONE || green_s(city, p, link) >= p->cycle_s);
        }
        is_ever_free |= may_go(state) && !is_held;
    }
    if (has_clash)
        report_connection(c, i, "crosses another while both are green and neither yields");
    if (!is_ever_free)
        report_connection(c, i, "always gives way to one that is never red");
}

static void check_signals(const check *c, const jw_junction *junction)
{
    const jw_city *city = c->city;
    const jw_programme *p = &city->programmes[junction->programme];
    for (uint32_t k = 0; k < junction->connection_count; k++) {
        uint32_t i = junction->first_connection + k, link = city->connections[i].signal_link;
        if (link == JW_NONE)
            continue;
        double longest_s = green_s(city, p, link);
        if (longest_s <= 0)
            report_connection(c, i, "never gets green");
        else if (longest_s < GREEN_MIN_S)
            report_connection(c, i, "is green too shortly for two vehicles");
        else
            check_foes(c, p, i);
    }
}

jw_result jw_city_check(const jw_city *city, jw_problems *problems, jw_error *error)
{
    uint8_t *memory = jw_alloc((size_t)city->lane_count + city->junction_count + 1);
    if (!memory)
        return jw_fail_memory(error);
    check c = {city, problems, NULL, memory, memory + city->lane_count};
    jw_result result = jw_projection_create(city->origin_lon_deg, city->origin_lat_deg, &c.projection, error);
    if (result == JW_OK) {
        find_entered(&c);
        find_gates(&c);
        for (uint32_t e = 0; e < city->edge_count; e++)
            check_ends(&c, e);
        for (uint32_t j = 0; j < city->junction_count; j++)
            if (city->junctions[j].programme != JW_NONE)
                check_signals(&c, &city->junctions[j]);
        jw_projection_destroy(c.projection);
    }
    jw_free(memory);
    return result;
}
