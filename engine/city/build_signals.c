/* Signal programmes of junctions with signals that are not given: stages by the axes of the approaches,
 * greens in proportion to their degree of saturation, offsets for a wave along the main road.
 *
 * Cycle: Webster (1958), (1.5 L + 5) / (1 - Y), rounded up to 60, 90 or 120 s so that neighbours share
 * cycles. Amber: 3 s up to 50 km/h, 4 s up to 60, 5 s above (RiLSA 2010, 2.4). All-red: 1 s, 2 s where the
 * way through the junction is longer than 25 m. Flows for the split are planning values by class; traffic
 * that differs is what actuated control is for. Saturation flow 1800 veh/h a lane. */
#include "city/build.h"

#include <string.h>

#define APPROACHES_MAX 32
#define STAGES_MAX     4
#define GREENS_MAX     5 /* with amber and all-red at most 15 phases, and one for pedestrians */
#define SAME_AXIS_RAD  0.785
#define SATURATION_VPH 1800.0
#define LEFT_SHARE     0.2
#define GREEN_MIN_S    10.0
#define LEFT_MIN_S     7.0
#define WALK_S         12.0 /* for pedestrians alone, where a single stage would be green for ever */

typedef struct approach {
    uint32_t edge;
    uint32_t stage;
    double heading_rad;
    double weight;                    /* flow, veh/h */
    uint32_t left_lanes, other_lanes; /* general lanes for left turns alone; the rest */
    bool is_protected;
} approach;

typedef struct green {
    uint32_t stage;
    bool is_left;
    double saturation; /* flow over saturation flow of its critical lane */
    double amber_s, red_s, duration_s, min_s;
} green;

typedef struct plan {
    approach approaches[APPROACHES_MAX];
    uint32_t approach_count, stage_count;
    green greens[GREENS_MAX];
    uint32_t green_count;
    double cycle_s, lost_s;
} plan;

static const double flow_vph[JW_ROAD_CLASS_COUNT] = {1500, 1400, 1200, 800, 500, 250, 100};

static bool serves_left_only(const jw_city_parts *parts, const jw_lane *lane)
{
    for (uint32_t i = 0; i < lane->connection_count; i++) {
        jw_turn turn = parts->connections[parts->lane_connections[lane->first_connection + i]].turn;
        if (turn != JW_TURN_LEFT && turn != JW_TURN_U)
            return false;
    }
    return lane->connection_count > 0;
}

static void fill_approaches(const jw_build *build, const jw_junction *junction, plan *out)
{
    const jw_city_parts *parts = &build->parts;
    for (uint32_t i = 0; i < junction->in_count && out->approach_count < APPROACHES_MAX; i++) {
        approach a = {.edge = parts->junction_edges[junction->first_in + i], .stage = JW_NONE};
        const jw_edge *edge = &parts->edges[a.edge];
        a.heading_rad = jw_build_heading(parts->points + edge->first_point, edge->point_count, true);
        a.weight = flow_vph[edge->road_class];
        for (uint32_t l = 0; l < edge->lane_count; l++) {
            const jw_lane *lane = &parts->lanes[edge->first_lane + l];
            if (!(lane->allow & JW_ALLOW_MOTOR) || lane->connection_count == 0)
                continue;
            if (serves_left_only(parts, lane))
                a.left_lanes++;
            else
                a.other_lanes++;
        }
        out->approaches[out->approach_count++] = a;
    }
}

static double axis_between(double a_rad, double b_rad)
{
    double between_rad = jw_abs(jw_wrap_angle(a_rad - b_rad));
    return jw_min(between_rad, JW_PI - between_rad);
}

/* The heaviest approach left opens a stage and takes along all of its axis. */
static void form_stages(plan *out)
{
    for (;;) {
        uint32_t best = JW_NONE;
        for (uint32_t i = 0; i < out->approach_count; i++) {
            const approach *a = &out->approaches[i];
            if (a->stage == JW_NONE && (best == JW_NONE || a->weight > out->approaches[best].weight))
                best = i;
        }
        if (best == JW_NONE)
            return;
        uint32_t stage = out->stage_count < STAGES_MAX ? out->stage_count++ : STAGES_MAX - 1;
        double axis_rad = out->approaches[best].heading_rad;
        for (uint32_t i = 0; i < out->approach_count; i++)
            if (out->approaches[i].stage == JW_NONE &&
                (i == best || axis_between(out->approaches[i].heading_rad, axis_rad) < SAME_AXIS_RAD))
                out->approaches[i].stage = stage;
    }
}

/* A left turn has a phase of its own where it has its own lane and two or more lanes come against it. */
static void protect_left_turns(plan *out)
{
    for (uint32_t i = 0; i < out->approach_count; i++) {
        approach *a = &out->approaches[i];
        for (uint32_t k = 0; k < out->approach_count; k++) {
            const approach *b = &out->approaches[k];
            bool is_oncoming =
                b->stage == a->stage && jw_abs(jw_wrap_angle(a->heading_rad - b->heading_rad)) > 2.0;
            if (is_oncoming && a->left_lanes > 0 && b->other_lanes >= 2)
                a->is_protected = true;
        }
    }
}

static bool runs_in(const jw_city_parts *parts, const plan *p, const green *g, const jw_connection *c)
{
    uint32_t edge = parts->lanes[c->from_lane].edge;
    for (uint32_t i = 0; i < p->approach_count; i++) {
        const approach *a = &p->approaches[i];
        if (a->edge != edge)
            continue;
        bool is_left = (c->turn == JW_TURN_LEFT && c->second == JW_NONE) || c->turn == JW_TURN_U;
        return a->stage == g->stage && (is_left && a->is_protected) == g->is_left;
    }
    return false;
}

static void add_green(const jw_build *build, const jw_junction *junction, plan *p, uint32_t stage,
                      bool is_left)
{
    const jw_city_parts *parts = &build->parts;
    green g = {.stage = stage, .is_left = is_left, .min_s = is_left ? LEFT_MIN_S : GREEN_MIN_S};
    double fastest_mps = 0.0, longest_m = 0.0;
    for (uint32_t i = 0; i < p->approach_count; i++) {
        const approach *a = &p->approaches[i];
        if (a->stage != stage || (is_left && !a->is_protected))
            continue;
        double left_vph = a->left_lanes > 0 ? LEFT_SHARE * a->weight : 0.0;
        double flow = is_left ? left_vph : a->weight - left_vph;
        uint32_t lanes = is_left ? a->left_lanes : a->other_lanes;
        g.saturation = jw_max(g.saturation, flow / (SATURATION_VPH * (lanes > 0 ? lanes : 1)));
        fastest_mps = jw_max(fastest_mps, parts->edges[a->edge].speed_mps);
    }
    for (uint32_t i = 0; i < junction->connection_count; i++) {
        const jw_connection *c = &parts->connections[junction->first_connection + i];
        if (runs_in(parts, p, &g, c))
            longest_m = jw_max(longest_m, c->second != JW_NONE ? (double)c->wait_m : c->length_m);
    }
    g.amber_s = fastest_mps <= 50 / 3.6 + 0.1 ? 3.0 : fastest_mps <= 60 / 3.6 + 0.1 ? 4.0 : 5.0;
    g.red_s = longest_m > 25.0 ? 2.0 : 1.0;
    p->greens[p->green_count++] = g;
}

/* Through phase, then the protected left turns, stage by stage. */
static void list_greens(const jw_build *build, const jw_junction *junction, plan *p)
{
    for (uint32_t stage = 0; stage < p->stage_count; stage++) {
        bool has_left = false;
        for (uint32_t i = 0; i < p->approach_count; i++)
            has_left |= p->approaches[i].stage == stage && p->approaches[i].is_protected;
        add_green(build, junction, p, stage, false);
        uint32_t stages_left = p->stage_count - stage - 1;
        if (has_left && p->green_count + stages_left < GREENS_MAX) {
            add_green(build, junction, p, stage, true);
            continue;
        }
        for (uint32_t i = 0; i < p->approach_count && has_left; i++) /* no room for it: they yield instead */
            if (p->approaches[i].stage == stage)
                p->approaches[i].is_protected = false;
    }
}

/* Greens in whole seconds: by saturation, none below its minimum, together the cycle less the lost time. */
static void split_greens(plan *p)
{
    double sum = 0.0, min_s = 0.0;
    p->lost_s = p->green_count == 1 ? WALK_S : 0.0;
    for (uint32_t i = 0; i < p->green_count; i++) {
        sum += p->greens[i].saturation;
        min_s += p->greens[i].min_s;
        p->lost_s += p->greens[i].amber_s + p->greens[i].red_s;
    }
    double wished_s = (1.5 * p->lost_s + 5.0) / (1.0 - jw_min(sum, 0.85));
    p->cycle_s = 60.0;
    while (p->cycle_s < jw_max(jw_min(wished_s, 120.0), p->lost_s + min_s))
        p->cycle_s += 30.0;
    double spare_s = p->cycle_s - p->lost_s - min_s, given_s = 0.0;
    uint32_t largest = 0;
    for (uint32_t i = 0; i < p->green_count; i++) {
        green *g = &p->greens[i];
        double share = sum > 0.0 ? g->saturation / sum : 1.0 / p->green_count;
        double fair_s = share * (p->cycle_s - p->lost_s);
        g->duration_s = jw_max(fair_s - g->min_s, 0.0); /* wish beyond the minimum */
        given_s += g->duration_s;
        if (g->saturation > p->greens[largest].saturation)
            largest = i;
    }
    double scale = given_s > 0.0 ? spare_s / given_s : 0.0, used_s = 0.0;
    for (uint32_t i = 0; i < p->green_count; i++) {
        p->greens[i].duration_s = p->greens[i].min_s + jw_floor(p->greens[i].duration_s * scale);
        used_s += p->greens[i].duration_s;
    }
    p->greens[largest].duration_s += p->cycle_s - p->lost_s - used_s;
}

/* Time the head of a column that keeps the limit of the main road needs to here: a wave to the east or north.
 */
static double offset_of(const jw_build *build, const jw_junction *junction, const plan *p)
{
    const approach *lead = NULL;
    for (uint32_t i = 0; i < p->approach_count && !lead; i++)
        if (p->approaches[i].stage == 0)
            lead = &p->approaches[i];
    double x = jw_cos(lead->heading_rad), y = jw_sin(lead->heading_rad);
    double sign = x + y < 0 ? -1.0 : 1.0;
    double along_m = sign * (x * junction->x_m + y * junction->y_m);
    double offset_s = jw_floor(jw_fmod(along_m / build->parts.edges[lead->edge].speed_mps, p->cycle_s));
    return offset_s < 0 ? offset_s + p->cycle_s : offset_s;
}

/* ---- states ------------------------------------------------------------------------------------------ */

static void write_green_state(const jw_city_parts *parts, const jw_junction *junction, const plan *p,
                              const green *g, char *state)
{
    uint32_t first = junction->first_connection;
    for (uint32_t i = 0; i < junction->connection_count; i++)
        state[i] = runs_in(parts, p, g, &parts->connections[first + i]) ? 'G' : 'r';
    for (uint32_t i = 0; i < junction->connection_count; i++) {
        const jw_connection *c = &parts->connections[first + i];
        for (uint32_t k = 0; k < c->conflict_count && state[i] == 'G'; k++) {
            const jw_conflict *conflict = &parts->conflicts[c->first_conflict + k];
            const jw_connection *foe = &parts->connections[conflict->foe];
            if (conflict->must_yield && state[conflict->foe - first] != 'r' &&
                !jw_build_is_second_stage(parts, c, foe, (double)conflict->end_m) &&
                !jw_build_is_second_stage(parts, foe, c, (double)conflict->foe_end_m))
                state[i] = 'g';
        }
    }
}

static jw_result add_phase(jw_city_parts *parts, uint32_t links, double duration_s, double min_s,
                           double max_s, const char *state, jw_error *error)
{
    jw_result result = JW_CITY_ROOM(parts, signal_phases, signal_phase_count, 1, error);
    if (result == JW_OK)
        result = JW_CITY_ROOM(parts, signal_states, signal_state_size, links, error);
    if (result != JW_OK)
        return result;
    parts->signal_phases[parts->signal_phase_count++] =
        (jw_signal_phase){duration_s, min_s, max_s, parts->signal_state_size};
    memcpy(parts->signal_states + parts->signal_state_size, state, links);
    parts->signal_state_size += links;
    return JW_OK;
}

static jw_result add_phases(jw_city_parts *parts, const jw_junction *junction, const plan *p, char *state,
                            jw_error *error)
{
    uint32_t links = junction->connection_count;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < p->green_count && result == JW_OK; i++) {
        const green *g = &p->greens[i];
        write_green_state(parts, junction, p, g, state);
        result = add_phase(parts, links, g->duration_s, g->min_s,
                           jw_max(jw_min(1.5 * g->duration_s, 60.0), g->duration_s), state, error);
        for (uint32_t k = 0; k < links; k++)
            state[k] = state[k] == 'r' ? 'r' : 'y';
        if (result == JW_OK)
            result = add_phase(parts, links, g->amber_s, g->amber_s, g->amber_s, state, error);
        memset(state, 'r', links);
        double red_s = g->red_s + (p->green_count == 1 ? WALK_S : 0.0);
        if (result == JW_OK)
            result = add_phase(parts, links, red_s, red_s, red_s, state, error);
    }
    return result;
}

static jw_result add_programme(jw_build *build, uint32_t j, char *state, jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    jw_junction *junction = &parts->junctions[j];
    plan p = {0};
    fill_approaches(build, junction, &p);
    form_stages(&p);
    protect_left_turns(&p);
    list_greens(build, junction, &p);
    split_greens(&p);
    jw_result result = JW_CITY_ROOM(parts, programmes, programme_count, 1, error);
    if (result != JW_OK)
        return result;
    jw_programme *programme = &parts->programmes[parts->programme_count];
    *programme = (jw_programme){.junction = j,
                                .offset_s = offset_of(build, junction, &p),
                                .cycle_s = p.cycle_s,
                                .first_phase = parts->signal_phase_count,
                                .link_count = junction->connection_count};
    result = add_phases(parts, junction, &p, state, error);
    programme->phase_count = parts->signal_phase_count - programme->first_phase;
    junction->programme = parts->programme_count++;
    for (uint32_t i = 0; i < junction->connection_count; i++)
        parts->connections[junction->first_connection + i].signal_link = i;
    return result;
}

jw_result jw_build_signals(jw_build *build, jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    uint32_t most = 1;
    for (uint32_t j = 0; j < parts->junction_count; j++)
        most = parts->junctions[j].connection_count > most ? parts->junctions[j].connection_count : most;
    char *state = jw_build_take(build, most, 1, error);
    if (!state)
        return JW_ERROR_MEMORY;
    jw_result result = jw_build_programmes(build, error);
    for (uint32_t j = 0; j < parts->junction_count && result == JW_OK; j++) {
        jw_junction *junction = &parts->junctions[j];
        if (junction->kind != JW_JUNCTION_SIGNAL || junction->programme != JW_NONE)
            continue;
        if (junction->connection_count == 0 || junction->in_count == 0) {
            junction->kind = JW_JUNCTION_PRIORITY; /* nothing to hold back */
            continue;
        }
        result = add_programme(build, j, state, error);
    }
    return result;
}
