/* Signals saved, loaded and hashed: one description of the state, written or hashed. */
#include "traffic/traffic_internal.h"

#include <math.h> /* isfinite alone */

#define SIGNAL_TIMES(X) X(since_ns) X(due_ns) X(until_ns) X(busy_ns) X(call_ns) X(decision_ns) X(window_ns)
#define SIGNAL_WHOLES(X)                                                                                     \
    X(phase)                                                                                                 \
    X(next_phase)                                                                                            \
    X(request)                                                                                               \
    X(wish)                                                                                                  \
    X(wave) X(control) X(stage) X(in_list) X(is_outside) X(in_rings) X(side) X(next_side)
#define RING_WHOLES(X) X(since_ns) X(busy_ns) X(call_ns) X(at) X(next) X(stage)
#define LANE_WHOLES(X) X(occupied_ns) X(advice_until_ns) X(count) X(last_slot)
#define WAVE_WHOLES(X) X(first_programme) X(last_programme) X(programme_count)
#define WAVE_REALS(X)  X(speed_mps) X(cycle_s) X(forward_s) X(backward_s)

typedef struct sink {
    jw_writer *writer; /* NULL: hash */
    uint64_t hash;
} sink;

static void put(sink *s, uint64_t value)
{
    if (s->writer)
        jw_write_u64(s->writer, value);
    else
        s->hash = jw_hash_u64(s->hash, value);
}

static void put_real(sink *s, double value)
{
    if (s->writer)
        jw_write_f64(s->writer, value);
    else
        s->hash = jw_hash_f64(s->hash, value);
}

static void describe(sink *s, const jw_traffic *t)
{
    const jw_signals *signals = &t->signals;
    uint32_t programmes = t->city->programme_count;
    put(s, signals->wave_count);
    for (uint32_t k = 0; k < signals->wave_count; k++) {
        const jw_wave *wave = &signals->waves[k];
#define X(name) put(s, (uint64_t)wave->name);
        WAVE_WHOLES(X)
#undef X
#define X(name) put_real(s, wave->name);
        WAVE_REALS(X)
#undef X
    }
    for (uint32_t p = 0; p < programmes; p++) {
        const jw_signal *signal = &signals->now[p];
#define X(name) put(s, (uint64_t)signal->name);
        SIGNAL_TIMES(X)
        SIGNAL_WHOLES(X)
#undef X
        put(s, signal->has_priority);
        for (uint32_t k = 2 * p; k < 2 * p + 2 && signal->in_rings; k++) {
#define X(name) put(s, (uint64_t)signals->rings[k].name);
            RING_WHOLES(X)
#undef X
        }
        put(s, (uint64_t)signals->plans[p].cycle_ns);
        put(s, (uint64_t)signals->plans[p].offset_ns);
    }
    for (uint32_t k = 0; k < t->city->signal_phase_count; k++)
        put(s, (uint64_t)signals->phase_ns[k]);
    for (uint32_t k = 0; k < t->city->signal_phase_count; k++)
        put(s, (uint64_t)signals->own_ns[k]);
    for (uint32_t k = 0; k < signals->net.lane_first[programmes]; k++) {
        const jw_signal_lane *lane = &signals->lanes[k];
#define X(name) put(s, (uint64_t)lane->name);
        LANE_WHOLES(X)
#undef X
        put_real(s, lane->advised_mps);
    }
    put(s, signals->advised_count);
    for (uint32_t k = 0; k < signals->advised_count; k++) {
        put(s, signals->advised[k].index1);
        put(s, signals->advised[k].generation);
        put_real(s, signals->advised[k].factor);
        put_real(s, signals->advised[k].advised_mps);
        put(s, (uint64_t)signals->advised[k].until_ns);
    }
    put(s, signals->is_heeding);
    put(s, signals->grant_count);
    for (uint32_t k = 0; k < signals->grant_count; k++) {
        const jw_priority_grant *grant = &signals->grants[k];
        put(s, (uint64_t)grant->connection << 32 | grant->vehicle_index1);
        put(s, grant->vehicle_generation);
        put(s, (uint64_t)grant->from_ns);
        put(s, (uint64_t)grant->until_ns);
    }
}

void jw_signals_save(const jw_traffic *t, jw_writer *writer)
{
    sink s = {writer, 0};
    describe(&s, t);
}

uint64_t jw_signals_hash(const jw_traffic *t, uint64_t hash)
{
    sink s = {NULL, hash};
    describe(&s, t);
    return s.hash;
}

/* ---- load ------------------------------------------------------------------------------------------------
 */

static bool expect(jw_reader *r, bool is_good, const char *what)
{
    if (!is_good && !r->failed)
        jw_reader_fail(r, "traffic: %s out of range", what);
    return !r->failed;
}

/* Instants a damaged snapshot gives must not overflow what is computed with them. */
static bool is_instant(int64_t time_ns)
{
    return time_ns > -INT64_MAX / 4 && time_ns < INT64_MAX / 4;
}

static void read_waves(jw_traffic *t, jw_reader *r)
{
    jw_signals *signals = &t->signals;
    jw_error error = {0};
    uint64_t count = jw_read_u64(r);
    if (!expect(r, count <= JW_SIGNAL_WAVES_MAX, "number of green waves"))
        return;
    if (count && jw_grow(&signals->waves, &signals->wave_capacity, count, sizeof *signals->waves, &error)) {
        jw_reader_fail_memory(r);
        return;
    }
    signals->wave_count = (uint32_t)count;
    for (uint32_t k = 0; k < count; k++) {
        jw_wave *wave = &signals->waves[k];
#define X(name) wave->name = (uint32_t)jw_read_u64(r);
        WAVE_WHOLES(X)
#undef X
#define X(name) expect(r, isfinite(wave->name = jw_read_f64(r)), "a green wave");
        WAVE_REALS(X)
#undef X
        expect(r,
               wave->first_programme < t->city->programme_count &&
                   wave->last_programme < t->city->programme_count,
               "a green wave");
    }
}

static void read_programme(jw_traffic *t, jw_reader *r, uint32_t p)
{
    jw_signals *signals = &t->signals;
    jw_signal *signal = &signals->now[p];
    uint32_t phases = t->city->programmes[p].phase_count;
#define X(name) expect(r, is_instant(signal->name = (int64_t)jw_read_u64(r)), "a signal's times");
    SIGNAL_TIMES(X)
#undef X
#define X(name) signal->name = (__typeof__(signal->name))jw_read_u64(r);
    SIGNAL_WHOLES(X)
#undef X
    signal->has_priority = (uint8_t)jw_read_u64(r);
    for (uint32_t k = 2 * p; k < 2 * p + 2 && signal->in_rings == 1; k++) {
        jw_signal_ring *ring = &signals->rings[k];
#define X(name) ring->name = (__typeof__(ring->name))jw_read_u64(r);
        RING_WHOLES(X)
#undef X
        expect(r, is_instant(ring->since_ns) && is_instant(ring->busy_ns) && is_instant(ring->call_ns),
               "a ring's times");
    }
    expect(r, signal->in_rings <= 1 && jw_ring_is_good(t, p), "a signal's ring");
    signals->plans[p].cycle_ns = (int64_t)jw_read_u64(r);
    signals->plans[p].offset_ns = (int64_t)jw_read_u64(r);
    expect(r, signal->phase < phases && signal->next_phase < phases, "a signal's phase");
    if (r->failed)
        return;
    expect(r,
           (signal->request == JW_NONE ||
            (signal->request < phases && jw_signal_is_green(t, p, signal->request))) &&
               (signal->wish == JW_NONE || (signal->wish < phases && jw_signal_is_green(t, p, signal->wish))),
           "a signal's request");
    expect(r,
           signal->control < JW_SIGNAL_CONTROL_COUNT && signal->control != JW_SIGNAL_AS_MAPPED &&
               signal->stage <= JW_STAGE_RED && signal->in_list <= 1 && signal->has_priority <= 1 &&
               (signal->wave == JW_NONE || signal->wave < signals->wave_count),
           "a signal's control");
    expect(r,
           is_instant(signals->plans[p].cycle_ns) && signals->plans[p].cycle_ns > 0 &&
               signals->plans[p].offset_ns > -signals->plans[p].cycle_ns &&
               signals->plans[p].offset_ns < signals->plans[p].cycle_ns,
           "a signal's plan");
}

static void read_plans(jw_traffic *t, jw_reader *r)
{
    const jw_signal_net *net = &t->signals.net;
    for (uint32_t p = 0; p < t->city->programme_count; p++) {
        const jw_programme *programme = &t->city->programmes[p];
        int64_t sum_ns = 0;
        for (uint32_t k = programme->first_phase; k < programme->first_phase + programme->phase_count; k++) {
            int64_t ns = t->signals.phase_ns[k];
            expect(r, ns >= (net->is_green[k] ? net->min_ns[k] : 1) && ns <= t->signals.plans[p].cycle_ns,
                   "a signal's plan");
            sum_ns += r->failed ? 0 : ns;
        }
        expect(r, sum_ns == t->signals.plans[p].cycle_ns, "a signal's cycle");
    }
}

static void read_lanes(jw_traffic *t, jw_reader *r)
{
    jw_signals *signals = &t->signals;
    signals->advice_count = 0;
    for (uint32_t k = 0; k < signals->net.lane_first[t->city->programme_count] && !r->failed; k++) {
        jw_signal_lane *lane = &signals->lanes[k];
#define X(name) lane->name = (__typeof__(lane->name))jw_read_u64(r);
        LANE_WHOLES(X)
#undef X
        lane->advised_mps = (float)jw_read_f64(r);
        expect(r,
               is_instant(lane->advice_until_ns) && is_instant(lane->occupied_ns) && lane->advised_mps >= 0 &&
                   lane->advised_mps <= 100,
               "a signal's detector");
        signals->advice_count += lane->advised_mps > 0;
    }
}

static void read_advised(jw_traffic *t, jw_reader *r)
{
    jw_signals *signals = &t->signals;
    jw_error error = {0};
    uint64_t count = jw_read_u64(r);
    if (!expect(r, count <= t->pool.slot_count, "number of advised vehicles"))
        return;
    if (jw_grow(&signals->advised, &signals->advised_capacity, count, sizeof *signals->advised, &error) ||
        jw_grow(&signals->advised_place1, &signals->slot_capacity, t->pool.slot_count + 1ull,
                sizeof(uint32_t), &error)) {
        jw_reader_fail_memory(r);
        return;
    }
    for (uint32_t k = 0; k < count && !r->failed; k++) {
        jw_advised *advised = &signals->advised[k];
        advised->index1 = (uint32_t)jw_read_u64(r);
        advised->generation = (uint32_t)jw_read_u64(r);
        advised->factor = (float)jw_read_f64(r);
        advised->advised_mps = (float)jw_read_f64(r);
        advised->until_ns = (int64_t)jw_read_u64(r);
        if (!expect(r,
                    advised->index1 >= 1 && advised->index1 <= t->pool.slot_count &&
                        !signals->advised_place1[advised->index1 - 1] && advised->factor > 0 &&
                        advised->factor < 10 && advised->advised_mps >= 0 && advised->advised_mps <= 100 &&
                        is_instant(advised->until_ns),
                    "an advised vehicle"))
            return;
        signals->advised_place1[advised->index1 - 1] = k + 1;
        signals->advised_count = k + 1;
    }
}

static void read_grants(jw_traffic *t, jw_reader *r)
{
    jw_signals *signals = &t->signals;
    uint64_t heeding = jw_read_u64(r), count = jw_read_u64(r);
    if (!expect(r, heeding <= 1 && count <= JW_SIGNAL_GRANTS_MAX, "the grants of priority"))
        return;
    if (jw_grow(&signals->grants, &signals->grant_capacity, count, sizeof *signals->grants, NULL)) {
        jw_reader_fail_memory(r);
        return;
    }
    signals->is_heeding = heeding != 0;
    for (uint32_t k = 0; k < count && !r->failed; k++) {
        jw_priority_grant *grant = &signals->grants[k];
        uint64_t both = jw_read_u64(r);
        grant->connection = (uint32_t)(both >> 32);
        grant->vehicle_index1 = (uint32_t)both;
        grant->vehicle_generation = (uint32_t)jw_read_u64(r);
        grant->from_ns = (int64_t)jw_read_u64(r);
        grant->until_ns = (int64_t)jw_read_u64(r);
        expect(r,
               grant->connection < t->city->connection_count && is_instant(grant->from_ns) &&
                   is_instant(grant->until_ns),
               "a grant of priority");
        signals->grant_count = k + 1;
    }
}

void jw_signals_load(jw_traffic *t, jw_reader *r)
{
    /* What init made of the def is replaced. */
    t->signals.wave_count = t->signals.advised_count = t->signals.grant_count = 0;
    read_waves(t, r);
    for (uint32_t p = 0; p < t->city->programme_count && !r->failed; p++)
        read_programme(t, r, p);
    for (uint32_t k = 0; k < t->city->signal_phase_count && !r->failed; k++)
        t->signals.phase_ns[k] = (int64_t)jw_read_u64(r);
    for (uint32_t k = 0; k < t->city->signal_phase_count && !r->failed; k++) {
        int64_t own_ns = t->signals.own_ns[k] = (int64_t)jw_read_u64(r);
        expect(r,
               own_ns == 0 || (t->signals.net.is_green[k] && own_ns >= t->signals.net.min_ns[k] &&
                               own_ns <= jw_ns_from_s(JW_GREEN_MAX_S)),
               "a signal's green");
    }
    if (!r->failed)
        read_plans(t, r);
    if (!r->failed)
        read_lanes(t, r);
    if (!r->failed)
        read_advised(t, r);
    if (!r->failed)
        read_grants(t, r);
}
