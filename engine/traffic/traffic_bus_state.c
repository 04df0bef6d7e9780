/* Bus lines in snapshots and hashes, and their invariants. */
#include "traffic/traffic_internal.h"

#include <math.h> /* isfinite alone */
#include <string.h>

#define STOPS_MAX      200000u
#define LINES_MAX      1000u
#define BUSES_MAX      1000000u
#define PASSENGERS_MAX 10000000u
#define MOST_PER_S     2000.0f
#define DAY_NS         (86400 * JW_NS_PER_S)

#define DEF_WHOLES(X)                                                                                        \
    X(vehicle_class)                                                                                         \
    X(through_count)                                                                                         \
    X(is_one_way)                                                                                            \
    X(is_loop) X(bays) X(departure_count) X(fleet) X(capacity) X(seats) X(hold) X(ride_count)
#define DEF_REALS(X)                                                                                         \
    X(stop_spacing_m)                                                                                        \
    X(headway_s)                                                                                             \
    X(first_s)                                                                                               \
    X(last_s)                                                                                                \
    X(layover_s)                                                                                             \
    X(slack)                                                                                                 \
    X(door_s)                                                                                                \
    X(board_s)                                                                                               \
    X(alight_s) X(stand_s) X(min_dwell_s) X(hold_share) X(max_hold_s) X(passengers_per_day)
#define LINE_WHOLES(X)                                                                                       \
    X(first_call[0])                                                                                         \
    X(first_call[1])                                                                                         \
    X(first_call[2])                                                                                         \
    X(direction_count)                                                                                       \
    X(buses)                                                                                                 \
    X(next_due_ns[0])                                                                                        \
    X(next_due_ns[1])                                                                                        \
    X(is_ending)                                                                                             \
    X(trips)                                                                                                 \
    X(cancelled)                                                                                             \
    X(late_ms)                                                                                               \
    X(departures) X(headways) X(created) X(boarded) X(arrived) X(gave_up) X(wait_ms) X(ride_ms)
#define LINE_REALS(X)  X(demand_norm) X(run_s[0]) X(run_s[1]) X(headway_sum_s) X(headway_square_s2)
#define CALL_WHOLES(X) X(stop) X(next_ns) X(drawn) X(last_ns)
#define CALL_REALS(X)  X(offset_s) X(people) X(jobs) X(most_per_s)
#define STOP_WHOLES(X) X(users) X(boarded) X(alighted) X(left_behind) X(wait_ms)
#define BUS_WHOLES(X)  X(line) X(call) X(plan1) X(due_ns) X(ready_ns) X(is_used) X(is_retiring) X(next)

_Static_assert(sizeof(jw_bus_ride) == 16 && sizeof(jw_passenger) == 8, "saved as they lie: no padding");

/* ---- saving ----------------------------------------------------------------------------------------------
 */

#define X_WHOLE(name) jw_write_u64(w, (uint64_t)it->name);
#define X_REAL(name)  jw_write_f64(w, (double)it->name);

static void save_def(const jw_bus_line_def *it, jw_writer *w)
{
    jw_write_text(w, it->name);
    DEF_WHOLES(X_WHOLE)
    DEF_REALS(X_REAL)
    jw_write_array(w, it->through, it->through_count, sizeof *it->through);
    jw_write_array(w, it->departures_s, it->departure_count, sizeof *it->departures_s);
    jw_write_array(w, it->rides, it->ride_count, sizeof *it->rides);
}

static void save_call(const jw_bus_call *it, jw_writer *w)
{
    CALL_WHOLES(X_WHOLE)
    CALL_REALS(X_REAL)
    jw_write_array(w, it->queue.items, it->queue.count, sizeof *it->queue.items);
}

static void save_line(const jw_bus_line *it, jw_writer *w)
{
    jw_write_u8(w, it->is_used);
    if (!it->is_used)
        return;
    save_def(&it->def, w);
    LINE_WHOLES(X_WHOLE)
    LINE_REALS(X_REAL)
    for (uint32_t d = 0; d < 2; d++)
        jw_write_array(w, it->through_call[d], JW_BUS_THROUGH_MAX, sizeof it->through_call[d][0]);
    jw_write_u32(w, it->call_count);
    for (uint32_t k = 0; k < it->call_count; k++)
        save_call(&it->calls[k], w);
}

static void save_stop(const jw_bus_stop *it, jw_writer *w)
{
    STOP_WHOLES(X_WHOLE)
    jw_write_text(w, it->name);
    jw_write_array(w, &it->stop, 1, sizeof it->stop);
}

static void save_bus(const jw_bus *it, jw_writer *w)
{
    BUS_WHOLES(X_WHOLE)
    jw_write_array(w, it->riding.items, it->riding.count, sizeof *it->riding.items);
}

void jw_buses_save(const jw_traffic *t, jw_writer *w)
{
    const jw_buses *b = &t->buses;
    jw_write_u32(w, b->stop_count);
    for (uint32_t k = 0; k < b->stop_count; k++)
        save_stop(&b->stops[k], w);
    jw_write_u32(w, b->line_count);
    for (uint32_t k = 0; k < b->line_count; k++)
        save_line(&b->lines[k], w);
    jw_write_u32(w, b->count);
    for (uint32_t k = 0; k < b->count; k++)
        save_bus(&b->items[k], w);
    jw_write_u32(w, b->free);
    jw_write_u64(w, b->revision);
}

/* Of some kilobytes a line: the bytes themselves are hashed. */
uint64_t jw_buses_hash(const jw_traffic *t, uint64_t hash)
{
    if (!t->buses.line_count)
        return jw_hash_u64(hash, t->buses.revision);
    jw_writer w = {0};
    jw_buses_save(t, &w);
    hash = jw_hash_bytes(hash, w.bytes, w.size);
    hash = w.failed ? 0 : hash;
    jw_writer_free(&w);
    return hash;
}

/* ---- loading ---------------------------------------------------------------------------------------------
 */

#undef X_WHOLE
#undef X_REAL
#define X_WHOLE(name) it->name = (__typeof__(it->name))jw_read_u64(r);
#define X_REAL(name)  is_good = isfinite((double)(it->name = (__typeof__(it->name))jw_read_f64(r))) && is_good;

/* An array of at most `max` into room for so many; returns how many. */
static uint32_t read_few(jw_reader *r, void *out, size_t size, uint32_t max)
{
    void *items = NULL;
    uint32_t count = 0;
    jw_read_array(r, &items, &count, size, max);
    if (count)
        memcpy(out, items, count * size);
    jw_free(items);
    return count;
}

static bool load_def(jw_bus_line_def *it, jw_reader *r)
{
    bool is_good = true;
    jw_read_text(r, it->name, sizeof it->name);
    DEF_WHOLES(X_WHOLE)
    DEF_REALS(X_REAL)
    return is_good &&
           read_few(r, it->through, sizeof *it->through, JW_BUS_THROUGH_MAX) == it->through_count &&
           read_few(r, it->departures_s, sizeof *it->departures_s, JW_BUS_DEPARTURES_MAX) ==
               it->departure_count &&
           read_few(r, it->rides, sizeof *it->rides, JW_BUS_RIDES_MAX) == it->ride_count && !r->failed &&
           !jw_bus_def_fault(it);
}

static bool are_riders_good(const jw_passengers *p, uint32_t calls)
{
    for (uint32_t k = 0; k < p->count; k++)
        if (p->items[k].to >= calls)
            return false;
    return true;
}

/* Of a damaged snapshot: no sum of times overflows. INT64_MIN: not yet. */
static bool is_good_time(const jw_traffic *t, int64_t time_ns)
{
    return time_ns == INT64_MIN || (time_ns >= -DAY_NS && time_ns <= t->now_ns + 3 * DAY_NS);
}

static bool load_call(const jw_traffic *t, jw_bus_call *it, jw_reader *r, uint32_t calls)
{
    bool is_good = true;
    CALL_WHOLES(X_WHOLE)
    CALL_REALS(X_REAL)
    jw_read_array(r, &it->queue.items, &it->queue.count, sizeof *it->queue.items, PASSENGERS_MAX);
    it->queue.capacity = it->queue.count;
    return is_good && !r->failed && it->stop < t->buses.stop_count && are_riders_good(&it->queue, calls) &&
           it->next_ns >= t->now_ns && is_good_time(t, it->last_ns) && it->offset_s >= 0 &&
           it->offset_s <= 1e6 &&
           (it->next_ns == INT64_MAX || (it->most_per_s > 0 && it->most_per_s < MOST_PER_S));
}

static bool is_good_line(const jw_traffic *t, const jw_bus_line *line)
{
    for (uint32_t k = 0; k < line->def.through_count; k++)
        if (line->def.through[k] >= t->net.edge_count || line->through_call[0][k] >= line->call_count ||
            line->through_call[1][k] >= line->call_count)
            return false;
    for (uint32_t k = 0; k < line->def.ride_count; k++)
        if (line->def.rides[k].from >= line->def.through_count ||
            line->def.rides[k].to >= line->def.through_count)
            return false;
    for (uint32_t d = 0; d < line->direction_count; d++)
        if (line->next_due_ns[d] < t->now_ns - 2 * DAY_NS || line->next_due_ns[d] > t->now_ns + 3 * DAY_NS)
            return false;
    uint32_t end = line->first_call[line->direction_count];
    return line->first_call[0] == 0 && line->first_call[1] >= 2 && line->first_call[1] <= line->call_count &&
           end == line->call_count && (line->direction_count == 1 || end >= line->first_call[1] + 2);
}

static bool load_line(const jw_traffic *t, jw_bus_line *it, jw_reader *r)
{
    bool is_good = true;
    it->is_used = jw_read_u8(r);
    if (!it->is_used)
        return true;
    if (!load_def(&it->def, r))
        return false;
    LINE_WHOLES(X_WHOLE)
    LINE_REALS(X_REAL)
    for (uint32_t d = 0; d < 2; d++)
        is_good = read_few(r, it->through_call[d], 4, JW_BUS_THROUGH_MAX) == JW_BUS_THROUGH_MAX && is_good;
    uint32_t count = jw_read_count(r, JW_BUS_CALLS_MAX, 1);
    if (r->failed || !is_good || it->direction_count < 1 || it->direction_count > 2)
        return false;
    it->calls = jw_alloc(JW_BUS_CALLS_MAX * sizeof *it->calls);
    if (!it->calls) {
        jw_reader_fail_memory(r);
        return false;
    }
    for (; it->call_count < count && is_good; it->call_count++)
        is_good = load_call(t, &it->calls[it->call_count], r, count);
    return is_good && is_good_line(t, it);
}

static bool load_stop(const jw_traffic *t, jw_bus_stop *it, jw_reader *r)
{
    STOP_WHOLES(X_WHOLE)
    jw_read_text(r, it->name, sizeof it->name);
    return read_few(r, &it->stop, sizeof it->stop, 1) == 1 && !r->failed && jw_stop_is_settled(t, &it->stop);
}

static bool load_bus(const jw_traffic *t, jw_bus *it, jw_reader *r)
{
    BUS_WHOLES(X_WHOLE)
    jw_read_array(r, &it->riding.items, &it->riding.count, sizeof *it->riding.items, PASSENGERS_MAX);
    it->riding.capacity = it->riding.count;
    if (r->failed || !it->is_used)
        return !r->failed && !it->riding.count;
    if (it->line >= t->buses.line_count || !t->buses.lines[it->line].is_used)
        return false;
    uint32_t calls = t->buses.lines[it->line].call_count;
    return it->call < calls && are_riders_good(&it->riding, calls) && is_good_time(t, it->due_ns) &&
           is_good_time(t, it->ready_ns);
}

/* Makes room for so many and counts each before it is read, so that what was read is freed when one fails. */
#define LOAD(items, total, capacity, max, load)                                                              \
    {                                                                                                        \
        uint32_t expected = jw_read_count(r, max, 1);                                                        \
        if (!r->failed && expected && jw_grow(&b->items, &b->capacity, expected, sizeof *b->items, NULL))    \
            jw_reader_fail_memory(r);                                                                        \
        while (!r->failed && b->total < expected)                                                            \
            if (!load(t, &b->items[b->total++], r) && !r->failed)                                            \
                jw_reader_fail(r, "traffic: bus line, stop or bus %u out of range", b->total - 1);           \
    }

void jw_buses_load(jw_traffic *t, jw_reader *r)
{
    jw_buses *b = &t->buses;
    LOAD(stops, stop_count, stop_capacity, STOPS_MAX, load_stop)
    LOAD(lines, line_count, line_capacity, LINES_MAX, load_line)
    for (uint32_t k = 0; k < b->line_count; k++)
        b->lines[k].number = k;
    LOAD(items, count, capacity, BUSES_MAX, load_bus)
    b->free = jw_read_u32(r);
    b->revision = jw_read_u64(r);
    jw_error error = {0};
    if (!r->failed && !jw_buses_are_consistent(t, &error))
        jw_reader_fail(r, "traffic: %.120s", error.message);
}

void jw_buses_free(jw_traffic *t)
{
    jw_buses *b = &t->buses;
    for (uint32_t k = 0; k < b->line_count; k++) {
        for (uint32_t c = 0; b->lines[k].calls && c < JW_BUS_CALLS_MAX; c++)
            jw_free(b->lines[k].calls[c].queue.items);
        jw_free(b->lines[k].calls);
    }
    for (uint32_t k = 0; k < b->count; k++)
        jw_free(b->items[k].riding.items);
    jw_free(b->stops);
    jw_free(b->lines);
    jw_free(b->items);
    memset(b, 0, sizeof *b);
}

/* ---- invariants ------------------------------------------------------------------------------------------
 */

static bool is_free_list_whole(const jw_buses *b)
{
    uint32_t free = 0, listed = 0;
    for (uint32_t k = 0; k < b->count; k++)
        free += !b->items[k].is_used;
    for (uint32_t k = b->free; k != JW_NONE && listed <= free; k = b->items[k].next, listed++)
        if (k >= b->count || b->items[k].is_used)
            return false;
    return listed == free;
}

static bool is_stop_counted(const jw_buses *b, uint32_t stop)
{
    uint32_t users = 0;
    for (uint32_t k = 0; k < b->line_count; k++)
        for (uint32_t c = 0; c < b->lines[k].call_count; c++)
            users += b->lines[k].calls[c].stop == stop;
    return users == b->stops[stop].users;
}

/* Nobody is lost; buses, plans and lines know of each other; stops of their lines. */
bool jw_buses_are_consistent(const jw_traffic *t, jw_error *error)
{
    const jw_buses *b = &t->buses;
    bool is_good = is_free_list_whole(b);
    for (uint32_t k = 0; k < b->stop_count; k++)
        is_good = is_good && is_stop_counted(b, k);
    uint32_t with_bus = 0, used = 0;
    for (uint32_t k = 0; k < t->stops.plan_count; k++)
        with_bus += t->stops.plans[k].bus1 != 0;
    for (uint32_t k = 0; k < b->count; k++) {
        const jw_bus *bus = &b->items[k];
        used += bus->is_used != 0;
        is_good = is_good && (!bus->is_used || (bus->plan1 && bus->plan1 <= t->stops.plan_count &&
                                                t->stops.plans[bus->plan1 - 1].bus1 == k + 1));
    }
    if (!is_good || with_bus != used)
        return !jw_fail(error, JW_ERROR_STATE, NULL, 0,
                        "%u buses, %u plans of buses, or their lists, do not agree", used, with_bus);
    for (uint32_t k = 0; k < b->line_count; k++) {
        if (!b->lines[k].is_used)
            continue;
        jw_bus_counts c = jw_traffic_count_bus(t, k);
        uint32_t buses = 0;
        for (uint32_t n = 0; n < b->count; n++)
            buses += b->items[n].is_used && b->items[n].line == k;
        if (c.created != c.waiting + c.riding + c.arrived + c.gave_up || c.buses != buses)
            return !jw_fail(
                error, JW_ERROR_STATE, NULL, 0,
                "bus line %u: of %lld passengers %lld wait, %lld ride, %lld arrived, %lld gave up; %u "
                "buses of %u",
                k, (long long)c.created, (long long)c.waiting, (long long)c.riding, (long long)c.arrived,
                (long long)c.gave_up, buses, c.buses);
    }
    return true;
}
