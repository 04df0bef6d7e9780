/* Actuated control by two rings and barriers (dual ring): NEMA TS 2 and the Signal Timing Manual (FHWA,
 * 2008), 4.2 to 4.5 and 5.
 *
 * The diagram is data, found in the map's programme: a side between two barriers is a green phase for the
 * ways of up to two approaches ("through") and, where the map has it, a green phase for their left turns
 * alone. Of the approaches a and b of a side one ring has b's left turn and then a's through, which cross;
 * the other has a's left turn and then b's through. Whatever is green in one ring of a side goes with
 * whatever is green in the other.
 *
 *      ring 0    left b   through a  |  left d   through c  |
 *      ring 1    left a   through b  |  left c   through d  |   barriers |, crossed by both rings at once
 *
 * Each phase has its own least and longest green (those of the map's phase that it is part of), passage time
 * and calls. A ring goes on to its next called phase within the side by itself. It is ready for the barrier
 * when nothing later in its ring is called and its green has gapped out or lasted its maximum; the barrier is
 * crossed when both are ready in the same step (simultaneous gap-out), towards the next side that is called.
 * A ring in which nothing is called there begins with its last phase (dual entry). Without any other call,
 * greens rest. Back from the through to the left turn of the same side a ring goes when no other side is
 * called.
 *
 * While greens of two phases of the map are mixed, the programme has none of its phases: others see a change
 * under way. Whatever else takes over control (requests, priority, another mode) drives the rings to one of
 * the map's phases first. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define SIDES_MAX 4u
#define IDLE      JW_RING_IDLE

static uint32_t side_of(uint32_t id)
{
    return id >> 2;
}

static uint32_t ring_of(uint32_t id)
{
    return id >> 1 & 1;
}

static uint32_t id_of(uint32_t side, uint32_t ring, uint32_t place)
{
    return side << 2 | ring << 1 | place;
}

/* ---- the diagram -----------------------------------------------------------------------------------------
 */

typedef struct finder {
    const jw_traffic *t;
    uint32_t programme, first, count; /* places of its links */
    jw_signal_diagram *diagram;
    uint8_t *ring_of; /* by place */
} finder;

static const jw_connection *connection_at(const finder *f, uint32_t k)
{
    return &f->t->city->connections[f->t->signals.net.links[f->first + k].connection];
}

static uint32_t edge_at(const finder *f, uint32_t k)
{
    return f->t->net.lane_edge[connection_at(f, k)->from_lane];
}

static bool goes_in(const finder *f, uint32_t phase, uint32_t k)
{
    return jw_signal_lets_go(f->t, f->programme, phase, f->t->signals.net.links[f->first + k].link);
}

static bool is_left(const finder *f, uint32_t k)
{
    jw_turn turn = connection_at(f, k)->turn;
    return turn == JW_TURN_LEFT || turn == JW_TURN_U;
}

/* Approaches that have green in a phase: their number, of which the first two are listed. */
static uint32_t find_approaches(const finder *f, uint32_t phase, uint32_t out[2])
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < f->count; k++) {
        uint32_t edge = edge_at(f, k);
        if (!goes_in(f, phase, k) || (count > 0 && edge == out[0]) || (count > 1 && edge == out[1]))
            continue;
        if (count < 2)
            out[count] = edge;
        count++;
    }
    return count;
}

/* Phase `left` serves the left turns alone of approaches whose other ways go in `through`. */
static bool is_left_phase(const finder *f, uint32_t left, uint32_t through)
{
    uint32_t edges[2] = {JW_NONE, JW_NONE};
    if (find_approaches(f, through, edges) > 2)
        return false;
    bool has_any = false;
    for (uint32_t k = 0; k < f->count; k++) {
        if (!goes_in(f, left, k))
            continue;
        has_any = true;
        if (!is_left(f, k) || goes_in(f, through, k) ||
            (edge_at(f, k) != edges[0] && edge_at(f, k) != edges[1]))
            return false;
    }
    return has_any;
}

/* Two ways that the map never has green together. */
static bool do_conflict(const finder *f, uint32_t k, uint32_t other)
{
    const jw_connection *c = connection_at(f, k);
    uint32_t foe = f->t->signals.net.links[f->first + other].connection;
    for (uint32_t n = 0; n < c->conflict_count; n++)
        if (f->t->city->conflicts[c->first_conflict + n].foe == foe)
            return true;
    return false;
}

static bool is_compatible(const finder *f)
{
    for (uint32_t k = 0; k < f->count; k++)
        for (uint32_t n = 0; n < k; n++) {
            uint32_t a = f->ring_of[k], b = f->ring_of[n];
            if (a != IDLE && b != IDLE && side_of(a) == side_of(b) && ring_of(a) != ring_of(b) &&
                (a & 1) != (b & 1) && (do_conflict(f, k, n) || do_conflict(f, n, k)))
                return false;
        }
    return true;
}

/* The links of a side find their phases. False: a link has green more than once. */
static bool place_links(finder *f, uint32_t side, uint32_t through, uint32_t left)
{
    uint32_t edges[2] = {JW_NONE, JW_NONE};
    bool is_pair = find_approaches(f, through, edges) <= 2;
    for (uint32_t k = 0; k < f->count; k++) {
        bool in_left = left != JW_NONE && goes_in(f, left, k);
        if (!in_left && !goes_in(f, through, k))
            continue;
        if (f->ring_of[k] != IDLE)
            return false;
        bool is_second = is_pair && edge_at(f, k) == edges[1];
        uint32_t id = id_of(side, in_left ? !is_second : is_second, !in_left);
        f->ring_of[k] = (uint8_t)id;
        f->diagram->phase[id] = (uint8_t)(in_left ? left : through);
    }
    return true;
}

static bool find_sides(finder *f)
{
    uint32_t phases = f->t->city->programmes[f->programme].phase_count;
    bool has_left = false;
    for (uint32_t phase = 0; phase < phases; phase++) {
        uint32_t left = JW_NONE;
        bool is_used = !jw_signal_is_green(f->t, f->programme, phase);
        for (uint32_t other = 0; other < phases && !is_used; other++) {
            if (other == phase || !jw_signal_is_green(f->t, f->programme, other))
                continue;
            is_used = is_left_phase(f, phase, other); /* a left phase itself */
            if (left == JW_NONE && is_left_phase(f, other, phase))
                left = other;
        }
        if (is_used)
            continue;
        if (f->diagram->sides == SIDES_MAX || !place_links(f, f->diagram->sides, phase, left))
            return false;
        f->diagram->sides++;
        has_left |= left != JW_NONE;
    }
    for (uint32_t phase = 0; phase < phases; phase++) { /* all have found a place */
        bool is_there = !jw_signal_is_green(f->t, f->programme, phase);
        for (uint32_t id = 0; id < JW_RING_IDS; id++)
            is_there |= f->diagram->phase[id] == phase;
        if (!is_there)
            return false;
    }
    return has_left && f->diagram->sides > 1 && is_compatible(f);
}

void jw_ring_find(const jw_traffic *t, uint32_t programme, jw_signal_diagram *diagram, uint8_t *ring_of_link)
{
    uint32_t first = t->signals.net.link_first[programme];
    finder f = {t, programme, first, t->signals.net.link_first[programme + 1] - first, diagram, ring_of_link};
    memset(diagram, 0xFF, sizeof *diagram);
    memset(ring_of_link, 0xFF, f.count);
    diagram->sides = 0;
    if (!find_sides(&f))
        diagram->sides = 0;
}

/* ---- what is called --------------------------------------------------------------------------------------
 */

typedef struct stepper {
    jw_traffic *t;
    uint32_t programme;
    int64_t now_ns;
    jw_signal *s;
    jw_signal_ring *rings;
    const jw_signal_diagram *diagram;
    uint32_t seen; /* phases with somebody on a detector or at the kerb, or a bus with priority, a bit each */
    uint32_t bus;  /* phase that it needs; IDLE: none */
} stepper;

static stepper make_stepper(jw_traffic *t, uint32_t programme, int64_t now_ns)
{
    const jw_signal_net *net = &t->signals.net;
    stepper z = {.t = t,
                 .programme = programme,
                 .now_ns = now_ns,
                 .s = &t->signals.now[programme],
                 .rings = &t->signals.rings[2 * programme],
                 .diagram = &net->diagrams[programme],
                 .bus = IDLE};
    return z;
}

static void look(stepper *z)
{
    const jw_signal_net *net = &z->t->signals.net;
    const jw_signal_sight *sight = &z->t->signals.sight;
    uint32_t bus = z->s->has_priority ? sight->bus_link : JW_NONE;
    for (uint32_t k = net->link_first[z->programme]; k < net->link_first[z->programme + 1]; k++) {
        uint32_t id = net->ring_of[k];
        if (id == IDLE)
            continue;
        if (net->links[k].link == bus)
            z->bus = id;
        if (net->links[k].link == bus || sight->detected[k - net->link_first[z->programme]] > 0)
            z->seen |= 1u << id;
    }
    for (uint32_t id = 0; id < id_of(z->diagram->sides, 0, 0); id++)
        if (z->diagram->phase[id] != IDLE && jw_walk_calls(z->t, z->programme, z->diagram->phase[id]))
            z->seen |= 1u << id;
}

static bool is_called(const stepper *z, uint32_t id)
{
    return z->rings[ring_of(id)].at != id && (z->seen >> id & 1);
}

/* The next side with a call; JW_NONE: none but this. */
static uint32_t side_called(const stepper *z)
{
    for (uint32_t k = 1; k < z->diagram->sides; k++) {
        uint32_t side = (z->s->side + k) % z->diagram->sides;
        if (z->seen >> (side * 4) & 15)
            return side;
    }
    return JW_NONE;
}

/* ---- times -----------------------------------------------------------------------------------------------
 */

static uint32_t flat(const stepper *z, uint32_t id)
{
    return z->t->city->programmes[z->programme].first_phase + z->diagram->phase[id];
}

static void begin(const stepper *z, uint32_t ring, uint32_t id)
{
    z->rings[ring] = (jw_signal_ring){z->now_ns, z->now_ns, -1, (uint8_t)id, (uint8_t)id, JW_STAGE_GREEN};
}

static bool has_least(const stepper *z, const jw_signal_ring *ring)
{
    return ring->at == IDLE || (ring->stage == JW_STAGE_GREEN &&
                                z->now_ns - ring->since_ns >= z->t->signals.net.min_ns[flat(z, ring->at)]);
}

/* Gap-out or max-out, after the least green. */
static bool is_over(const stepper *z, const jw_signal_ring *ring)
{
    if (ring->at == IDLE || !has_least(z, ring))
        return ring->at == IDLE;
    int64_t longest_ns = z->t->signals.net.max_ns[flat(z, ring->at)];
    bool has_gap = z->now_ns - ring->busy_ns >= jw_ns_from_s(z->t->def.signals.passage_s);
    if (z->bus == ring->at)
        longest_ns += jw_ns_from_s(z->t->def.signals.priority_s), has_gap = false;
    else if (z->bus != IDLE && (side_of(z->bus) != z->s->side || ring_of(z->bus) == ring_of(ring->at)))
        longest_ns -= jw_ns_from_s(z->t->def.signals.priority_s);
    return has_gap || (ring->call_ns >= 0 && z->now_ns - ring->call_ns >= longest_ns);
}

/* Amber and all-red go by; a green on this side begins, one beyond the barrier when both rings are clear. */
static void advance(const stepper *z)
{
    const jw_signal_net *net = &z->t->signals.net;
    uint32_t clear = 0;
    for (uint32_t r = 0; r < 2; r++) {
        jw_signal_ring *ring = &z->rings[r];
        if (ring->stage == JW_STAGE_AMBER && z->now_ns - ring->since_ns >= net->amber_ns[flat(z, ring->at)]) {
            ring->stage = JW_STAGE_RED;
            ring->since_ns += net->amber_ns[flat(z, ring->at)];
        }
        bool is_clear = ring->at == IDLE || (ring->stage == JW_STAGE_RED &&
                                             z->now_ns - ring->since_ns >= net->red_ns[flat(z, ring->at)]);
        clear += is_clear;
        if (is_clear && z->s->next_side == z->s->side && ring->next != ring->at)
            begin(z, r, ring->next);
    }
    if (z->s->next_side == z->s->side || clear < 2)
        return;
    z->s->side = z->s->next_side;
    for (uint32_t r = 0; r < 2; r++)
        begin(z, r, z->rings[r].next);
}

/* ---- going on --------------------------------------------------------------------------------------------
 */

/* Walkers on their way over a road that would lose its red. */
static bool is_held(const stepper *z, uint32_t next)
{
    return z->s->stage == JW_STAGE_GREEN && next != IDLE &&
           jw_walk_holds_green(z->t, z->programme, z->s->phase, z->diagram->phase[next]);
}

static void leave(const stepper *z, uint32_t r, uint32_t next)
{
    jw_signal_ring *ring = &z->rings[r];
    ring->next = (uint8_t)next;
    if (ring->at == IDLE)
        return;
    ring->stage = JW_STAGE_AMBER;
    ring->since_ns = z->now_ns;
}

/* The phase of this side to which a ring goes on by itself; IDLE: none. */
static uint32_t next_here(const stepper *z, uint32_t r, bool is_elsewhere)
{
    uint32_t left = id_of(z->s->side, r, 0), through = left + 1, at = z->rings[r].at;
    if (at != through && is_called(z, through))
        return through;
    return (at == IDLE || !is_elsewhere) && at != left && is_called(z, left) ? left : IDLE;
}

/* Where a ring begins beyond the barrier. */
static uint32_t entry(const stepper *z, uint32_t side, uint32_t r)
{
    uint32_t left = id_of(side, r, 0), through = left + 1;
    bool takes_left =
        z->diagram->phase[left] != IDLE && ((z->seen >> left & 1) || z->diagram->phase[through] == IDLE);
    return takes_left ? left : z->diagram->phase[through] != IDLE ? through : IDLE;
}

static void go_on(const stepper *z)
{
    uint32_t elsewhere = side_called(z), ready = 0;
    if (z->s->next_side != z->s->side)
        return;
    for (uint32_t r = 0; r < 2; r++) {
        jw_signal_ring *ring = &z->rings[r];
        uint32_t next = next_here(z, r, elsewhere != JW_NONE);
        if (ring->at == IDLE && next != IDLE && ring->next == IDLE && !is_held(z, next))
            ring->next = (uint8_t)next;
        if (ring->at != IDLE && ring->stage != JW_STAGE_GREEN)
            continue;
        bool is_wanted = next != IDLE || elsewhere != JW_NONE;
        if (!is_wanted || (ring->at != IDLE && (z->seen >> ring->at & 1)))
            ring->busy_ns = z->now_ns;
        ring->call_ns = !is_wanted ? -1 : ring->call_ns < 0 ? z->now_ns : ring->call_ns;
        if (!is_wanted || !is_over(z, ring))
            continue;
        if (next == IDLE)
            ready++;
        else if (ring->at != IDLE && !is_held(z, next))
            leave(z, r, next);
    }
    if (ready < 2 || is_held(z, entry(z, elsewhere, 0)) || is_held(z, entry(z, elsewhere, 1)))
        return;
    z->s->next_side = (uint8_t)elsewhere;
    for (uint32_t r = 0; r < 2; r++)
        leave(z, r, entry(z, elsewhere, r));
}

/* The ring's part of a phase of the map; IDLE: it has none. */
static uint32_t part_of(const stepper *z, uint32_t phase, uint32_t r)
{
    for (uint32_t id = 0; id < JW_RING_IDS; id++)
        if (ring_of(id) == r && z->diagram->phase[id] == phase)
            return id;
    return IDLE;
}

/* What others see: a phase of the map where it is exactly that, else a change. */
static void reflect(const stepper *z)
{
    jw_signal *s = z->s;
    uint32_t count = z->t->city->programmes[z->programme].phase_count;
    s->stage = JW_STAGE_AMBER;
    for (uint32_t phase = 0; phase < count; phase++) {
        bool is_it = jw_signal_is_green(z->t, z->programme, phase);
        for (uint32_t r = 0; r < 2 && is_it; r++)
            is_it = z->rings[r].at == part_of(z, phase, r) && z->rings[r].next == z->rings[r].at &&
                    z->rings[r].stage == JW_STAGE_GREEN;
        if (!is_it)
            continue;
        s->stage = JW_STAGE_GREEN;
        s->phase = s->next_phase = phase;
        s->since_ns =
            z->rings[0].since_ns > z->rings[1].since_ns ? z->rings[0].since_ns : z->rings[1].since_ns;
    }
    for (uint32_t r = 0; r < 2 && s->stage != JW_STAGE_GREEN; r++)
        if (z->rings[r].next != IDLE)
            s->next_phase = z->diagram->phase[z->rings[r].next];
}

/* ---- the step --------------------------------------------------------------------------------------------
 */

void jw_ring_enter(jw_traffic *t, uint32_t programme)
{
    stepper z = make_stepper(t, programme, t->signals.now[programme].since_ns);
    for (uint32_t r = 0; r < 2; r++) {
        uint32_t id = part_of(&z, z.s->phase, r);
        begin(&z, r, id);
        if (id != IDLE)
            z.s->side = z.s->next_side = (uint8_t)side_of(id);
    }
    z.s->in_rings = 1;
}

void jw_ring_step(jw_traffic *t, uint32_t programme, int64_t now_ns)
{
    stepper z = make_stepper(t, programme, now_ns);
    look(&z);
    advance(&z);
    go_on(&z);
    reflect(&z);
}

bool jw_ring_leave(jw_traffic *t, uint32_t programme, uint32_t wish, int64_t now_ns)
{
    stepper z = make_stepper(t, programme, now_ns);
    jw_signal *s = z.s;
    advance(&z);
    if (wish == JW_NONE) /* the one of this side that goes last */
        for (uint32_t id = id_of(s->side, 0, 0); id < id_of(s->side + 1u, 0, 0); id++)
            wish = z.diagram->phase[id] != IDLE ? z.diagram->phase[id] : wish;
    uint32_t goal[2] = {part_of(&z, wish, 0), part_of(&z, wish, 1)}, ready = 0;
    uint32_t side = side_of(goal[0] != IDLE ? goal[0] : goal[1]);
    for (uint32_t r = 0; r < 2 && s->next_side == s->side; r++) {
        jw_signal_ring *ring = &z.rings[r];
        bool is_still = ring->next == ring->at && (ring->at == IDLE || ring->stage == JW_STAGE_GREEN);
        if (!is_still || !has_least(&z, ring) || is_held(&z, goal[r]))
            continue;
        ready++;
        if (side == s->side && goal[r] != ring->at)
            leave(&z, r, goal[r]);
    }
    if (side != s->side && ready == 2) {
        s->next_side = (uint8_t)side;
        leave(&z, 0, goal[0]);
        leave(&z, 1, goal[1]);
    }
    reflect(&z);
    s->in_rings = !(s->stage == JW_STAGE_GREEN && s->phase == wish);
    if (!s->in_rings) {
        s->busy_ns = now_ns;
        s->call_ns = -1;
    }
    return !s->in_rings;
}

char jw_ring_letter(const jw_traffic *t, uint32_t programme, uint32_t place)
{
    const jw_signal_net *net = &t->signals.net;
    uint32_t id = net->ring_of[net->link_first[programme] + place];
    if (id == IDLE)
        return 'r';
    const jw_signal_ring *ring = &t->signals.rings[2 * programme + ring_of(id)];
    if (ring->at != id || ring->stage == JW_STAGE_RED)
        return 'r';
    if (ring->stage == JW_STAGE_AMBER)
        return 'y';
    return jw_signal_letter(t, programme, net->diagrams[programme].phase[id],
                            net->links[net->link_first[programme] + place].link);
}

uint64_t jw_ring_key(const jw_traffic *t, uint32_t programme)
{
    uint64_t key = UINT64_C(1) << 63;
    for (uint32_t r = 0; r < 2; r++) {
        const jw_signal_ring *ring = &t->signals.rings[2 * programme + r];
        key |= ((uint64_t)ring->at << 8 | ring->stage) << (16 * r);
    }
    return key;
}

bool jw_ring_is_good(const jw_traffic *t, uint32_t programme)
{
    const jw_signal *s = &t->signals.now[programme];
    const jw_signal_diagram *diagram = &t->signals.net.diagrams[programme];
    if (!s->in_rings)
        return true;
    if (s->side >= diagram->sides || s->next_side >= diagram->sides)
        return false;
    for (uint32_t r = 0; r < 2; r++) {
        const jw_signal_ring *ring = &t->signals.rings[2 * programme + r];
        const uint32_t ids[2] = {ring->at, ring->next}, sides[2] = {s->side, s->next_side};
        if (ring->stage > JW_STAGE_RED || (ring->at == IDLE && ring->stage != JW_STAGE_GREEN))
            return false;
        for (uint32_t k = 0; k < 2; k++)
            if (ids[k] != IDLE && (ids[k] >= JW_RING_IDS || diagram->phase[ids[k]] == IDLE ||
                                   side_of(ids[k]) != sides[k] || ring_of(ids[k]) != r))
                return false;
    }
    return true;
}
