/* Whether traffic can flow on what was built: every lane is entered and leads on, for whom it is open; every
 * way through a junction with signals gets green, and never together with one that it crosses and neither
 * yields to. */
#include "city/city.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define GATE_M      60.0 /* from a place where roads leave the map to their end */
#define GREEN_MIN_S 4.0  /* two vehicles: start-up lost time and headway, HCM 2010 ch. 18 */

#define NAME_SIZE 64
#define SHOWN     3 /* of each kind with its place; of the others the names */

typedef enum finding_kind {
    LANE_LEADS_NOWHERE,
    LANE_IS_NOT_ENTERED,
    END_LEADS_NOWHERE,
    BEGINNING_IS_NOT_ENTERED,
    NEVER_GREEN,
    GREEN_TOO_SHORT,
    BOTH_GREEN,
    ALWAYS_HELD,
    KIND_COUNT
} finding_kind;

/* What is wrong and what helps. */
static const struct {
    const char *text, *remedy;
} kinds[KIND_COUNT] = {
    [LANE_LEADS_NOWHERE] = {"leads nowhere, though another does",
                            "check turn lanes and restrictions at its end"},
    [LANE_IS_NOT_ENTERED] = {"is entered from nowhere, though another is",
                             "check lanes and turn lanes before it"},
    [END_LEADS_NOWHERE] = {"cars that come to its end can go nowhere", "turn its direction or join it"},
    [BEGINNING_IS_NOT_ENTERED] = {"no car can come to its beginning", "turn its direction or join it"},
    [NEVER_GREEN] = {"never gets green", "give it a phase"},
    [GREEN_TOO_SHORT] = {"is green too shortly for two vehicles", "give it 4 s at least"},
    [BOTH_GREEN] = {"crosses another while both are green and neither yields",
                    "take one of them out of the phase"},
    [ALWAYS_HELD] = {"always gives way to one that is never red", "give it a phase of its own"},
};

typedef struct check {
    const jw_city *city;
    jw_problems *problems;
    jw_projection *projection;
    uint8_t *is_entered; /* per lane: JW_ALLOW_ bits of those who can come onto it */
    uint8_t *is_gate;    /* per junction */
    bool is_network;     /* lanes and programmes are as its file says */
    struct {
        uint32_t count;
        char names[200]; /* of those behind the first */
    } found[KIND_COUNT];
} check;

/* As its file calls it: SUMO's id, OpenStreetMap's number, or the id in a GeoPackage. */
static void name_thing(const check *c, const char *plain, uint32_t index, uint32_t id, const char *osm,
                       uint64_t source_id, char out[NAME_SIZE])
{
    if (id != 0)
        snprintf(out, NAME_SIZE, "%s %s", plain, jw_city_text(c->city, id));
    else if (source_id != 0 && !c->is_network)
        snprintf(out, NAME_SIZE, "%s %llu", osm, (unsigned long long)source_id);
    else
        snprintf(out, NAME_SIZE, "%s %u", plain, index);
}

static void name_edge(const check *c, uint32_t e, char out[NAME_SIZE])
{
    const jw_edge *edge = &c->city->edges[e];
    name_thing(c, "road", e, edge->id, "way", edge->source_id, out);
}

static void name_junction(const check *c, uint32_t j, char out[NAME_SIZE])
{
    const jw_junction *junction = &c->city->junctions[j];
    name_thing(c, "junction", j, junction->id, "node", junction->source_id, out);
}

/* The first of a kind are listed with their places, so that two are never one. */
static void report(check *c, finding_kind kind, bool is_of_the_map, const char *name, jw_vec2 at,
                   const char *what)
{
    double lon_deg = NAN, lat_deg = NAN;
    jw_severity severity = is_of_the_map || c->is_network ? JW_WARNING : JW_PROBLEM;
    if (c->found[kind].count++ >= SHOWN) {
        char *names = c->found[kind].names;
        size_t used = strlen(names), room = sizeof c->found[kind].names - used;
        if (strlen(name) + 6 < room)
            snprintf(names + used, room, "%s%s", used ? ", " : "", name);
        else if (used && names[used - 1] != '.')
            memcpy(names + used, "...", 4);
        return;
    }
    jw_projection_inverse(c->projection, &at.x, &at.y, 1, &lon_deg, &lat_deg, NULL);
    jw_problems_add(c->problems, severity, NULL, 0, name, "%s%s (at %.5f, %.5f): %s", what, kinds[kind].text,
                    lon_deg, lat_deg, kinds[kind].remedy);
}

static void report_rest(const check *c)
{
    for (uint32_t k = 0; k < KIND_COUNT; k++)
        if (c->found[k].count > SHOWN)
            jw_problems_add(c->problems, JW_WARNING, NULL, 0, NULL, "%u more: %s: %s",
                            c->found[k].count - SHOWN, kinds[k].text, c->found[k].names);
}

static void report_edge(check *c, finding_kind kind, bool is_of_the_map, uint32_t e, const char *what)
{
    const jw_edge *edge = &c->city->edges[e];
    bool at_end = kind == LANE_LEADS_NOWHERE || kind == END_LEADS_NOWHERE;
    jw_vec3 at = c->city->points[edge->first_point + (at_end ? edge->point_count - 1 : 0)];
    char name[NAME_SIZE];
    name_edge(c, e, name);
    report(c, kind, is_of_the_map, name, (jw_vec2){at.x, at.y}, what);
}

static void report_connection(check *c, uint32_t i, finding_kind kind)
{
    const jw_connection *connection = &c->city->connections[i];
    const jw_junction *junction = &c->city->junctions[connection->junction];
    static const char *const turns[] = {"straight on", "to the left", "to the right", "back"};
    char what[64 + NAME_SIZE], from[NAME_SIZE], name[NAME_SIZE];
    name_edge(c, c->city->lanes[connection->from_lane].edge, from);
    snprintf(what, sizeof what, "signals: the way %s from %s ", turns[connection->turn], from);
    name_junction(c, connection->junction, name);
    report(c, kind, false, name, (jw_vec2){junction->x_m, junction->y_m}, what);
}

/* ---- lanes ------------------------------------------------------------------------------------------- */

static uint8_t leaving(const jw_city *city, const jw_lane *lane)
{
    uint8_t allow = 0;
    for (uint32_t k = 0; k < lane->connection_count; k++)
        allow |= city->connections[city->lane_connections[lane->first_connection + k]].allow;
    return allow;
}

static void report_lane(check *c, uint32_t e, uint32_t lane, finding_kind kind)
{
    char what[64];
    snprintf(what, sizeof what, "lane %u of %u from the kerb ", lane + 1, c->city->edges[e].lane_count);
    report_edge(c, kind, false, e, what);
}

/* The ends of one street: lanes that others of it outdo are a fault; a street that as a whole leads nowhere
 * is one of the map. */
static void check_ends(check *c, uint32_t e)
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
            report_lane(c, e, i, LANE_LEADS_NOWHERE);
        if ((all_in & lane->allow & JW_ALLOW_MOTOR) && !(in & JW_ALLOW_MOTOR))
            report_lane(c, e, i, LANE_IS_NOT_ENTERED);
    }
    if (!(all & JW_ALLOW_CAR))
        return;
    if (!(all_out & JW_ALLOW_CAR) && !c->is_gate[edge->to])
        report_edge(c, END_LEADS_NOWHERE, edge->opposite == JW_NONE, e, "");
    if (!(all_in & JW_ALLOW_CAR) && !c->is_gate[edge->from])
        report_edge(c, BEGINNING_IS_NOT_ENTERED, true, e, "");
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

/* A left turn in two stages is behind its waiting place by then, under another green. */
static bool is_second_stage(const jw_connection *c, float end_m)
{
    return c->second != JW_NONE && end_m > c->wait_m;
}

/* Two that cross and are both told to go without care; or one that whenever it may go gives way to a stream
 * that never stops. */
static void check_foes(check *c, const jw_programme *p, uint32_t i)
{
    const jw_city *city = c->city;
    const jw_connection *connection = &city->connections[i];
    bool is_ever_free = false, has_clash = false;
    for (uint32_t phase = 0; phase < p->phase_count; phase++) {
        char state = state_of(city, p, phase, connection->signal_link);
        bool is_held = false;
        for (uint32_t k = 0; k < connection->conflict_count; k++) {
            const jw_conflict *conflict = &city->conflicts[connection->first_conflict + k];
            const jw_connection *foe = &city->connections[conflict->foe];
            if (is_second_stage(connection, conflict->end_m) || is_second_stage(foe, conflict->foe_end_m))
                continue;
            uint32_t link = foe->signal_link;
            char foe_state = link == JW_NONE ? 'O' : state_of(city, p, phase, link);
            has_clash |= state == 'G' && foe_state == 'G' && !conflict->is_merge && conflict->foe > i;
            is_held |= conflict->must_yield && may_go(foe_state) &&
                       (link == JW_NONE || green_s(city, p, link) >= p->cycle_s);
        }
        is_ever_free |= may_go(state) && !is_held;
    }
    if (has_clash)
        report_connection(c, i, BOTH_GREEN);
    if (!is_ever_free)
        report_connection(c, i, ALWAYS_HELD);
}

static void check_signals(check *c, const jw_junction *junction)
{
    const jw_city *city = c->city;
    const jw_programme *p = &city->programmes[junction->programme];
    for (uint32_t k = 0; k < junction->connection_count; k++) {
        uint32_t i = junction->first_connection + k, link = city->connections[i].signal_link;
        if (link == JW_NONE)
            continue;
        double longest_s = green_s(city, p, link);
        if (longest_s <= 0)
            report_connection(c, i, NEVER_GREEN);
        else if (longest_s < GREEN_MIN_S)
            report_connection(c, i, GREEN_TOO_SHORT);
        else
            check_foes(c, p, i);
    }
}

jw_result jw_city_check(const jw_city *city, jw_problems *problems, jw_error *error)
{
    uint8_t *memory = jw_alloc((size_t)city->lane_count + city->junction_count + 1);
    if (!memory)
        return jw_fail_memory(error);
    check c = {
        .city = city, .problems = problems, .is_entered = memory, .is_gate = memory + city->lane_count};
    for (uint32_t j = 0; j < city->junction_count; j++)
        c.is_network |= city->junctions[j].id != 0;
    jw_result result = jw_projection_create(city->origin_lon_deg, city->origin_lat_deg, &c.projection, error);
    if (result == JW_OK) {
        find_entered(&c);
        find_gates(&c);
        for (uint32_t e = 0; e < city->edge_count; e++)
            check_ends(&c, e);
        for (uint32_t j = 0; j < city->junction_count; j++)
            if (city->junctions[j].programme != JW_NONE)
                check_signals(&c, &city->junctions[j]);
        report_rest(&c);
        jw_projection_destroy(c.projection);
    }
    jw_free(memory);
    return result;
}
