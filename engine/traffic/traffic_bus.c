/* Bus lines in service: see traffic_bus.h for the rules. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define LEAD_NS     (45 * JW_NS_PER_S)      /* a bus leaves the depot so long before its first departure */
#define RETIRE_NS   (45 * 60 * JW_NS_PER_S) /* without a departure for so long it goes back */
#define PATIENCE_MS (90u * 60 * 1000)
#define LOOK_NS     (10 * JW_NS_PER_S)       /* a bus that is held looks for passengers so often */
#define BEFORE_S    900                      /* of the first departure passengers begin to come */
#define NIGHT_NS    (4 * 3600 * JW_NS_PER_S) /* a longer time between buses is no headway */
#define START_M     4.0f                     /* from the depot a bus comes so far before the terminal's end */

static uint32_t first_call(const jw_bus_line *line, uint32_t call)
{
    return line->first_call[jw_bus_direction(line, call)];
}

static uint32_t last_call(const jw_bus_line *line, uint32_t call)
{
    return line->first_call[jw_bus_direction(line, call) + 1] - 1;
}

/* ---- passengers come -------------------------------------------------------------------------------------
 */

static jw_result push(jw_passengers *p, uint32_t since_ms, uint32_t to, jw_error *error)
{
    if (jw_grow(&p->items, &p->capacity, p->count + 1ull, sizeof *p->items, error))
        return JW_ERROR_MEMORY;
    p->items[p->count++] = (jw_passenger){since_ms, to};
    return JW_OK;
}

static void drop_first(jw_passengers *p, uint32_t count)
{
    p->count -= count;
    if (count && p->count)
        memmove(p->items, p->items + count, p->count * sizeof *p->items);
}

static uint64_t entity_of(const jw_bus_line *line, uint32_t call)
{
    return (uint64_t)line->number << 32 | call;
}

/* At the rate of the busiest hour; who comes in another stays away by chance (thinning). */
void jw_bus_next_passenger(const jw_world *world, jw_bus_line *line, uint32_t call, int64_t after_ns)
{
    jw_bus_call *c = &line->calls[call];
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "traffic.bus.passenger"));
    double gap_s = jw_random_exponential(key, entity_of(line, call), c->drawn++, 1 / (double)c->most_per_s);
    c->next_ns = after_ns + jw_ns_from_s(jw_min(gap_s, 1e8));
}

/* As long as a bus may come. */
static bool is_served(const jw_bus_line *line, const jw_bus_call *call, double of_day_s)
{
    const jw_bus_line_def *def = &line->def;
    uint32_t n = def->departure_count;
    double first_s = n ? def->departures_s[0] : def->first_s,
           last_s = n ? def->departures_s[n - 1] : def->last_s;
    double at_s = of_day_s - (double)call->offset_s;
    return at_s >= first_s - BEFORE_S && at_s <= last_s && !line->is_ending;
}

static jw_result come(const jw_world *world, jw_bus_line *line, uint32_t call, jw_error *error)
{
    jw_bus_call *c = &line->calls[call];
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "traffic.bus.ride"));
    double of_day_s = jw_s_from_ns(c->next_ns % (86400 * JW_NS_PER_S));
    uint32_t hour = (uint32_t)(of_day_s / 3600), to = call + 1, last = last_call(line, call);
    double rate = jw_bus_call_rate(line, call, hour, last);
    double comes = jw_random_uniform(key, entity_of(line, call), c->drawn * 2) * (double)c->most_per_s;
    double where = jw_random_uniform(key, entity_of(line, call), c->drawn * 2 + 1) * rate;
    if (comes >= rate || !is_served(line, c, of_day_s))
        return JW_OK;
    while (to < last && jw_bus_call_rate(line, call, hour, to) <= where)
        to++;
    line->created++;
    return push(&c->queue, jw_ms_of(c->next_ns), to, error);
}

static void give_up(jw_bus_line *line, jw_bus_call *c, uint32_t before_ms)
{
    uint32_t count = 0;
    while (count < c->queue.count && c->queue.items[count].since_ms < before_ms)
        count++;
    drop_first(&c->queue, count);
    line->gave_up += count;
}

static jw_result run_calls(const jw_world *world, jw_bus_line *line, int64_t now_ns, jw_error *error)
{
    for (uint32_t k = 0; k < line->call_count; k++) {
        jw_bus_call *c = &line->calls[k];
        while (c->next_ns <= now_ns) {
            if (come(world, line, k, error))
                return JW_ERROR_MEMORY;
            jw_bus_next_passenger(world, line, k, c->next_ns);
        }
        if (c->queue.count && jw_ms_of(now_ns) > PATIENCE_MS)
            give_up(line, c, jw_ms_of(now_ns) - PATIENCE_MS);
    }
    return JW_OK;
}

/* ---- departures fall due ---------------------------------------------------------------------------------
 */

static int64_t take_due(jw_bus_line *line, uint32_t direction)
{
    int64_t due_ns = line->next_due_ns[direction];
    line->next_due_ns[direction] = jw_bus_due_after(line, due_ns + 1);
    return due_ns;
}

static jw_result take_bus(jw_buses *b, uint32_t *out, jw_error *error)
{
    *out = b->free;
    if (*out != JW_NONE) {
        b->free = b->items[*out].next;
        return JW_OK;
    }
    *out = b->count;
    if (jw_grow(&b->items, &b->capacity, b->count + 1ull, sizeof *b->items, error))
        return JW_ERROR_MEMORY;
    b->count++;
    return JW_OK;
}

/* A bus comes from the depot to the first call of a direction. */
static jw_result send_bus(jw_traffic *t, uint32_t line_number, uint32_t direction, int64_t now_ns,
                          jw_error *error)
{
    jw_bus_line *line = &t->buses.lines[line_number];
    uint32_t call = line->first_call[direction], at, plan;
    if (take_bus(&t->buses, &at, error) || jw_plan_take(t, &plan, error))
        return JW_ERROR_MEMORY;
    const jw_stop *stop = &t->buses.stops[line->calls[call].stop].stop;
    t->buses.items[at] = (jw_bus){.line = line_number,
                                  .call = call,
                                  .plan1 = plan + 1,
                                  .due_ns = take_due(line, direction),
                                  .ready_ns = now_ns,
                                  .is_used = 1,
                                  .next = JW_NONE};
    jw_plan *p = &t->stops.plans[plan];
    p->now = *stop;
    p->bus1 = at + 1;
    p->final_edge = stop->edge;
    line->buses++;
    jw_trip trip = {.depart_ns = now_ns,
                    .from_edge = stop->edge,
                    .to_edge = stop->edge,
                    .from_s_m = stop->end_m - START_M,
                    .arrive_s_m = JW_FAR,
                    .depart_mps = 2,
                    .depart_lane = (uint8_t)(JW_DEPART_LANE + stop->lane),
                    .depart_speed = JW_DEPART_UP_TO,
                    .vehicle_class = (uint8_t)line->def.vehicle_class,
                    .plan1 = plan + 1};
    return jw_traffic_queue_trip(t, &trip, error);
}

/* A bus at the terminal will take that departure in time. */
static bool is_run(const jw_traffic *t, const jw_bus_line *line, uint32_t direction)
{
    for (uint32_t k = 0; k < t->buses.count; k++) {
        const jw_bus *bus = &t->buses.items[k];
        if (bus->is_used && bus->line == line->number && bus->call == line->first_call[direction] &&
            bus->due_ns == INT64_MIN && bus->ready_ns <= line->next_due_ns[direction])
            return true;
    }
    return false;
}

static jw_result run_departures(jw_traffic *t, uint32_t line_number, int64_t now_ns, jw_error *error)
{
    jw_bus_line *line = &t->buses.lines[line_number];
    for (uint32_t d = 0; d < line->direction_count; d++) {
        while (now_ns >= jw_bus_due_after(line, line->next_due_ns[d] + 1)) {
            take_due(line, d);
            line->cancelled++;
        }
        if (now_ns < line->next_due_ns[d] - LEAD_NS || line->buses >= jw_bus_fleet(line) ||
            is_run(t, line, d))
            continue;
        jw_result result = send_bus(t, line_number, d, now_ns, error);
        if (result)
            return result;
    }
    return JW_OK;
}

void jw_buses_run(jw_world *world, jw_traffic *t)
{
    int64_t now_ns = jw_world_time_ns(world);
    jw_error error = {0};
    for (uint32_t k = 0; k < t->buses.line_count && !error.code; k++) {
        jw_bus_line *line = &t->buses.lines[k];
        if (!line->is_used)
            continue;
        jw_result result = run_calls(world, line, now_ns, &error);
        if (!result && !line->is_ending)
            result = run_departures(t, k, now_ns, &error);
        if (result)
            jw_world_fail(world, result, error.message);
    }
}

/* ---- at a stop -------------------------------------------------------------------------------------------
 */

static uint32_t alight(jw_traffic *t, jw_bus *bus, jw_bus_line *line, int64_t now_ns)
{
    jw_passengers *riding = &bus->riding;
    uint32_t kept = 0, count = riding->count;
    bool is_last = bus->call == last_call(line, bus->call);
    for (uint32_t k = 0; k < count; k++) {
        if (!is_last && riding->items[k].to > bus->call)
            riding->items[kept++] = riding->items[k];
        else
            line->ride_ms += jw_ms_of(now_ns) - riding->items[k].since_ms;
    }
    riding->count = kept;
    line->arrived += count - kept;
    t->buses.stops[line->calls[bus->call].stop].alighted += count - kept;
    return count - kept;
}

/* Returns how many; JW_NONE: out of memory. */
static uint32_t board(jw_traffic *t, jw_bus *bus, jw_bus_line *line, int64_t now_ns)
{
    jw_bus_call *c = &line->calls[bus->call];
    jw_bus_stop *stop = &t->buses.stops[c->stop];
    uint32_t room = line->def.capacity > bus->riding.count ? line->def.capacity - bus->riding.count : 0;
    uint32_t count = c->queue.count < room ? c->queue.count : room;
    for (uint32_t k = 0; k < count; k++) {
        if (push(&bus->riding, jw_ms_of(now_ns), c->queue.items[k].to, NULL))
            return JW_NONE;
        uint32_t wait_ms = jw_ms_of(now_ns) - c->queue.items[k].since_ms;
        line->wait_ms += wait_ms;
        stop->wait_ms += wait_ms;
    }
    drop_first(&c->queue, count);
    line->boarded += count;
    stop->boarded += count;
    return count;
}

static double board_s(const jw_bus_line_def *def, uint32_t riding_before, uint32_t count)
{
    return count * (def->board_s + (riding_before > def->seats ? def->stand_s : 0));
}

static bool has_no_boarding(const jw_bus *bus, const jw_bus_line *line)
{
    return bus->is_retiring || line->is_ending || bus->call == last_call(line, bus->call);
}

/* The end of a run: layover, or back to the depot. */
static void end_run(jw_bus *bus, const jw_bus_line *line, int64_t now_ns)
{
    bus->ready_ns = now_ns + jw_ns_from_s(line->def.layover_s);
    bus->is_retiring =
        line->is_ending || line->next_due_ns[jw_bus_direction(line, bus->call)] > now_ns + RETIRE_NS;
}

void jw_bus_arrive(jw_world *world, jw_traffic *t, jw_plan *plan)
{
    jw_bus *bus = &t->buses.items[plan->bus1 - 1];
    jw_bus_line *line = &t->buses.lines[bus->line];
    const jw_bus_line_def *def = &line->def;
    int64_t now_ns = jw_world_time_ns(world);
    if (bus->call == first_call(line, bus->call) && bus->due_ns == INT64_MIN)
        end_run(bus, line, now_ns);
    uint32_t alighting = alight(t, bus, line, now_ns), riding = bus->riding.count;
    uint32_t boarding = has_no_boarding(bus, line) ? 0 : board(t, bus, line, now_ns);
    if (boarding == JW_NONE) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for passengers");
        return;
    }
    double dwell_s = def->door_s + jw_max(alighting * def->alight_s, board_s(def, riding, boarding));
    plan->until_ns = now_ns + jw_ns_from_s(jw_max(dwell_s, def->min_dwell_s));
}

/* Not to leave before; INT64_MIN: at once. */
static int64_t held_until_ns(const jw_bus *bus, const jw_bus_line *line, const jw_plan *plan)
{
    const jw_bus_line_def *def = &line->def;
    const jw_bus_call *c = &line->calls[bus->call];
    if (bus->call == first_call(line, bus->call))
        return bus->due_ns == INT64_MIN ? bus->ready_ns : bus->due_ns;
    if (bus->due_ns == INT64_MIN)
        return INT64_MIN;
    if (def->hold == JW_BUS_HOLD_TIMETABLE)
        return bus->due_ns + jw_ns_from_s((double)c->offset_s);
    if (def->hold == JW_BUS_HOLD_HEADWAY && c->last_ns != INT64_MIN) {
        int64_t even_ns = c->last_ns + jw_ns_from_s(def->hold_share * def->headway_s);
        int64_t most_ns = plan->since_ns + jw_ns_from_s(def->max_hold_s);
        return even_ns < most_ns ? even_ns : most_ns;
    }
    return INT64_MIN;
}

static void note_departure(jw_traffic *t, const jw_bus *bus, jw_bus_line *line, int64_t now_ns)
{
    jw_bus_call *c = &line->calls[bus->call];
    line->trips += bus->call == first_call(line, bus->call);
    if (bus->due_ns != INT64_MIN) {
        line->late_ms += (now_ns - bus->due_ns - jw_ns_from_s((double)c->offset_s)) / JW_NS_PER_MS;
        line->departures++;
    }
    if (c->last_ns != INT64_MIN && now_ns - c->last_ns < NIGHT_NS) {
        double headway_s = jw_s_from_ns(now_ns - c->last_ns);
        line->headways++;
        line->headway_sum_s += headway_s;
        line->headway_square_s2 += headway_s * headway_s;
    }
    c->last_ns = now_ns;
    t->buses.stops[c->stop].left_behind += c->queue.count;
}

bool jw_bus_may_leave(jw_world *world, jw_traffic *t, jw_plan *plan)
{
    jw_bus *bus = &t->buses.items[plan->bus1 - 1];
    jw_bus_line *line = &t->buses.lines[bus->line];
    int64_t now_ns = jw_world_time_ns(world);
    if (bus->is_retiring || bus->call == last_call(line, bus->call))
        return true;
    uint32_t riding = bus->riding.count, boarding = line->is_ending ? 0 : board(t, bus, line, now_ns);
    if (boarding == JW_NONE) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for passengers");
        return false;
    }
    if (boarding) {
        plan->until_ns = now_ns + jw_ns_from_s(board_s(&line->def, riding, boarding));
        return false;
    }
    if (bus->call == first_call(line, bus->call) && bus->due_ns == INT64_MIN && now_ns >= bus->ready_ns)
        bus->due_ns = take_due(line, jw_bus_direction(line, bus->call));
    int64_t until_ns = held_until_ns(bus, line, plan);
    if (now_ns < until_ns) {
        plan->until_ns = until_ns < now_ns + LOOK_NS ? until_ns : now_ns + LOOK_NS;
        return false;
    }
    note_departure(t, bus, line, now_ns);
    return true;
}

void jw_bus_next(jw_traffic *t, jw_plan *plan)
{
    jw_bus *bus = &t->buses.items[plan->bus1 - 1];
    const jw_bus_line *line = &t->buses.lines[bus->line];
    if (bus->is_retiring) { /* from where it stands */
        plan->is_done = 1;
        plan->final_edge = plan->now.edge;
        plan->final_s_m = 0;
        return;
    }
    if (bus->call == last_call(line, bus->call)) {
        bus->call = line->first_call[(jw_bus_direction(line, bus->call) + 1) % line->direction_count];
        bus->due_ns = INT64_MIN;
    } else {
        bus->call++;
    }
    plan->now = t->buses.stops[line->calls[bus->call].stop].stop;
}

/* ---- the end ---------------------------------------------------------------------------------------------
 */

static void end_line(jw_traffic *t, jw_bus_line *line)
{
    jw_bus_line_free(t, line);
    t->buses.revision++;
}

void jw_bus_gone(jw_traffic *t, uint32_t bus1)
{
    jw_bus *bus = &t->buses.items[bus1 - 1];
    jw_bus_line *line = &t->buses.lines[bus->line];
    line->gave_up += bus->riding.count;
    line->buses--;
    jw_free(bus->riding.items);
    *bus = (jw_bus){.next = t->buses.free};
    t->buses.free = bus1 - 1;
    if (line->is_ending && !line->buses)
        end_line(t, line);
}

static jw_bus_line *find_line(jw_traffic *t, const char *name, jw_error *error)
{
    char known[200] = "";
    jw_nearest nearest = jw_nearest_to(name);
    for (uint32_t k = 0; k < t->buses.line_count; k++) {
        jw_bus_line *line = &t->buses.lines[k];
        if (!line->is_used || line->is_ending)
            continue;
        if (strcmp(line->def.name, name) == 0)
            return line;
        jw_nearest_try(&nearest, line->def.name);
        size_t length = strlen(known);
        if (length + JW_BUS_NAME_SIZE + 2 < sizeof known) {
            memcpy(known + length, length ? ", " : "", length ? 3 : 1);
            jw_text_copy(known + strlen(known), JW_BUS_NAME_SIZE, line->def.name);
        }
    }
    if (known[0])
        jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "no bus line \"%s\"%s; there are: %s", name, nearest.hint,
                known);
    else
        jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "no bus line \"%s\": there is none at all", name);
    return NULL;
}

jw_result jw_traffic_remove_bus_line(jw_traffic *t, const char *name, jw_error *error)
{
    jw_bus_line *line = find_line(t, name, error);
    if (!line)
        return JW_ERROR_NOT_FOUND;
    line->is_ending = 1;
    for (uint32_t k = 0; k < line->call_count; k++) {
        line->gave_up += line->calls[k].queue.count;
        line->calls[k].queue.count = 0;
        line->calls[k].next_ns = INT64_MAX;
    }
    if (!line->buses)
        end_line(t, line);
    return JW_OK;
}

jw_result jw_traffic_set_headway(jw_traffic *t, const char *name, double headway_s, jw_error *error)
{
    jw_bus_line *line = find_line(t, name, error);
    if (!line)
        return JW_ERROR_NOT_FOUND;
    if (!(headway_s >= 20 && headway_s <= 86400))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "bus line \"%s\" needs a headway of 20 s to a day",
                       name);
    line->def.headway_s = headway_s;
    line->def.departure_count = 0;
    return JW_OK;
}

void jw_buses_restart_counts(jw_traffic *t)
{
    for (uint32_t k = 0; k < t->buses.line_count; k++) {
        jw_bus_line *line = &t->buses.lines[k];
        line->trips = line->cancelled = line->late_ms = line->departures = line->headways = 0;
        line->headway_sum_s = line->headway_square_s2 = 0;
        line->created = jw_traffic_count_bus(t, k).waiting + jw_traffic_count_bus(t, k).riding;
        line->boarded = line->arrived = line->gave_up = line->wait_ms = line->ride_ms = 0;
    }
    for (uint32_t k = 0; k < t->buses.stop_count; k++) {
        jw_bus_stop *stop = &t->buses.stops[k];
        stop->boarded = stop->alighted = stop->left_behind = stop->wait_ms = 0;
    }
}
