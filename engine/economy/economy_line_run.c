/* How a line runs: each station does one thing at a time and has at most one pending event, at the end of
 * what it does. What happens meanwhile (a stop, the end of a shift) is met by accounting up to now and asking
 * every station anew.
 *
 * Time is whole nanoseconds: the times of a station by status sum to the time that passed, exactly. */
#include "economy/economy_internal.h"

#define DAY_NS (86400 * JW_NS_PER_S)

/* 1 ns at least, so that nothing happens twice at one instant for ever. */
static int64_t span_ns(double seconds)
{
    int64_t ns = jw_ns_from_s(jw_min(seconds, 1e9));
    return ns > 0 ? ns : 1;
}

static uint64_t entity_of(uint32_t index, uint32_t s)
{
    return (uint64_t)index * JW_LINE_STATIONS_MAX + s;
}

static bool is_running(const production_line *line)
{
    return !line->is_stopped && !line->is_off_shift && !line->is_unsupplied;
}

jw_station_status line_status(const production_line *line, const line_station *station)
{
    static const uint8_t of_phase[] = {0, JW_STATION_WORKING, JW_STATION_DOWN, JW_STATION_SERVICE,
                                       JW_STATION_SETUP};
    if (line->is_stopped || line->is_off_shift)
        return JW_STATION_OFF;
    if (line->is_unsupplied)
        return JW_STATION_UNSUPPLIED;
    return (jw_station_status)(station->phase == PHASE_IDLE ? station->status : of_phase[station->phase]);
}

static void account(jw_world *world, production_line *line, uint32_t s)
{
    line_station *station = &line->stations[s];
    int64_t passed_ns = jw_world_time_ns(world) - station->since_ns;
    station->counts[line->shift].time_ns[line_status(line, station)] += passed_ns;
    station->since_ns += passed_ns;
    if (station->phase == PHASE_WORK) {
        station->work_left_ns -= passed_ns;
        station->life_left_ns -= passed_ns;
        station->sample_left_ns -= passed_ns;
    }
}

int64_t line_life_left_ns(const jw_world *world, const line_station *station)
{
    int64_t passed_ns = station->phase == PHASE_WORK ? jw_world_time_ns(world) - station->since_ns : 0;
    return station->life_left_ns - passed_ns;
}

static void set_phase(jw_world *world, production_line *line, uint32_t s, station_phase phase)
{
    line_station *station = &line->stations[s];
    int64_t now_ns = jw_world_time_ns(world);
    bool was_busy = line->working > 0;
    account(world, line, s);
    line->working -= station->phase == PHASE_WORK;
    station->phase = (uint8_t)phase;
    line->working += station->phase == PHASE_WORK;
    if (was_busy && line->working == 0)
        line->busy_ns += now_ns - line->busy_since_ns;
    else if (!was_busy && line->working > 0)
        line->busy_since_ns = now_ns;
    station->generation++;
}

static void schedule(jw_world *world, const jw_economy *economy, uint32_t index, uint32_t s, int64_t after_ns,
                     uint16_t kind)
{
    uint32_t generation = economy->lines[index].stations[s].generation;
    economy_schedule(world, economy, after_ns, kind, index, s | (uint64_t)generation << 8);
}

/* The time in process of all parts grows by their number; call before it changes. */
static void account_wip(jw_world *world, production_line *line)
{
    int64_t now_ns = jw_world_time_ns(world);
    line->wip_part_s += (double)line_in_process(line) * jw_s_from_ns(now_ns - line->wip_since_ns);
    line->wip_since_ns = now_ns;
}

/* ---- work
 * ------------------------------------------------------------------------------------------------------- */

static uint32_t product_of(const production_line *line, uint32_t begun)
{
    uint64_t cycle = 0;
    for (uint32_t p = 0; p < line->def.product_count; p++)
        cycle += line->def.products[p].batch;
    uint64_t at = cycle > 0 ? begun % cycle : 0;
    uint32_t product = 0;
    for (; product + 1 < line->def.product_count && at >= line->def.products[product].batch; product++)
        at -= line->def.products[product].batch;
    return product;
}

static double ideal_s(const production_line *line, uint32_t s)
{
    double scale =
        line->def.product_count > 0 ? line->def.products[line->stations[s].product].cycle_scale : 1;
    return line->def.stations[s].cycle_s * scale;
}

static void draw_life(jw_world *world, production_line *line, uint32_t index, uint32_t s)
{
    line_station *station = &line->stations[s];
    station->life_left_ns =
        span_ns(jw_random_exponential(economy_random(world, "economy.life"), entity_of(index, s),
                                      station->lives++, line->def.stations[s].mtbf_s));
}

static void work(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s)
{
    production_line *line = &economy->lines[index];
    line_station *station = &line->stations[s];
    set_phase(world, line, s, PHASE_WORK);
    int64_t after_ns = station->work_left_ns;
    after_ns = station->life_left_ns < after_ns ? station->life_left_ns : after_ns;
    if (line->def.sample_s > 0 && station->sample_left_ns < after_ns)
        after_ns = station->sample_left_ns;
    schedule(world, economy, index, s, after_ns > 0 ? after_ns : 0, EVENT_WORK);
}

static bool has_room(const production_line *line, uint32_t s)
{
    return s + 1 < line->def.station_count ? line->stations[s].buffered < line->def.stations[s].buffer
                                           : line->waiting < line->def.buffer;
}

static void take_part(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s)
{
    production_line *line = &economy->lines[index];
    line_station *station = &line->stations[s];
    if (s == 0) {
        account_wip(world, line);
        line->fed++;
        station->is_part_bad = 0;
    } else {
        line_station *before = &line->stations[s - 1];
        station->is_part_bad = before->bad_mask & 1;
        before->bad_mask >>= 1;
        before->buffered--;
    }
    station->has_part = 1;
    uint32_t number = station->begun++;
    uint32_t product = product_of(line, number);
    bool is_other = product != station->product;
    station->product = (uint8_t)product;
    double cv = line->def.stations[s].cycle_cv, mean_s = ideal_s(line, s), random = 1;
    if (cv > 0)
        random =
            1 - cv +
            cv * jw_random_exponential(economy_random(world, "economy.work"), entity_of(index, s), number, 1);
    station->work_left_ns = span_ns(mean_s * random);
    if (is_other && line->def.changeover_s > 0) {
        set_phase(world, line, s, PHASE_SETUP);
        schedule(world, economy, index, s, span_ns(line->def.changeover_s), EVENT_READY);
    } else {
        work(world, economy, index, s);
    }
    if (s > 0)
        line_advance(world, economy, index, s - 1); /* there is room again */
}

void line_advance(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s)
{
    production_line *line = &economy->lines[index];
    line_station *station = &line->stations[s];
    if (station->phase != PHASE_IDLE || !is_running(line))
        return;
    if (station->has_part) {
        work(world, economy, index, s);
        return;
    }
    bool is_starved = s > 0 && line->stations[s - 1].buffered == 0;
    account(world, line, s);
    station->status = is_starved ? JW_STATION_STARVED : JW_STATION_BLOCKED;
    if (!is_starved && has_room(line, s))
        take_part(world, economy, index, s);
}

static void finish_part(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s)
{
    production_line *line = &economy->lines[index];
    line_station *station = &line->stations[s];
    bool is_last = s + 1 == line->def.station_count;
    set_phase(world, line, s, PHASE_IDLE);
    double draw =
        jw_random_uniform(economy_random(world, "economy.defect"), entity_of(index, s), station->begun);
    bool is_worse = draw < line->def.stations[s].defect_share;
    bool is_bad = station->is_part_bad || is_worse;
    station_counts *counts = &station->counts[line->shift];
    counts->made++;
    counts->made_bad += is_worse;
    counts->ideal_ns += span_ns(ideal_s(line, s));
    if (is_last)
        account_wip(world, line);
    station->has_part = 0;
    if (is_last) {
        line_inspect(world, economy, index, is_bad);
    } else {
        station->bad_mask |= (uint64_t)is_bad << station->buffered++;
        line_advance(world, economy, index, s + 1);
    }
    line_advance(world, economy, index, s);
}

static void stop_for_repair(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s,
                            station_phase phase, double repair_s)
{
    production_line *line = &economy->lines[index];
    set_phase(world, line, s, phase);
    line->stations[s].alarm_row = 0;
    line->stations[s].judged = line->stations[s].sample;
    draw_life(world, line, index, s);
    schedule(world, economy, index, s, span_ns(repair_s), EVENT_READY);
}

void line_service(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s)
{
    production_line *line = &economy->lines[index];
    double planned_s = line->def.planned_s;
    line->stations[s].counts[line->shift].services++;
    stop_for_repair(world, economy, index, s, PHASE_SERVICE,
                    planned_s > 0 ? planned_s : line->def.stations[s].mttr_s / 4);
}

void line_on_work(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s, uint32_t generation)
{
    production_line *line = &economy->lines[index];
    if (s >= line->def.station_count)
        return;
    line_station *station = &line->stations[s];
    if (generation != station->generation || station->phase != PHASE_WORK)
        return;
    account(world, line, s);
    if (station->life_left_ns <= 0) {
        double repair_s = jw_random_exponential(economy_random(world, "economy.repair"), entity_of(index, s),
                                                station->lives++, line->def.stations[s].mttr_s);
        station->counts[line->shift].failures++;
        stop_for_repair(world, economy, index, s, PHASE_DOWN, repair_s);
    } else if (station->work_left_ns <= 0) {
        finish_part(world, economy, index, s);
    } else {
        station->sample_left_ns = span_ns(line->def.sample_s);
        work(world, economy, index, s);
        line_sample(world, economy, index, s);
    }
}

void line_on_ready(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s, uint32_t generation)
{
    production_line *line = &economy->lines[index];
    if (s >= line->def.station_count || generation != line->stations[s].generation ||
        line->stations[s].phase <= PHASE_WORK)
        return;
    set_phase(world, line, s, PHASE_IDLE);
    line_advance(world, economy, index, s);
}

/* ---- stops
 * ------------------------------------------------------------------------------------------------------ */

/* Repairs and changeovers go on while the line is off: their events stay. */
void line_set(jw_world *world, jw_economy *economy, uint32_t index, line_switch which, bool is_on)
{
    production_line *line = &economy->lines[index];
    uint8_t *const flags[] = {&line->is_stopped, &line->is_off_shift, &line->is_unsupplied};
    if (*flags[which] == is_on)
        return; /* what runs is not begun again */
    for (uint32_t s = 0; s < line->def.station_count; s++)
        account(world, line, s);
    *flags[which] = is_on;
    for (uint32_t s = 0; s < line->def.station_count && !is_running(line); s++)
        if (line->stations[s].phase == PHASE_WORK)
            set_phase(world, line, s, PHASE_IDLE);
    for (uint32_t s = line->def.station_count; s > 0; s--)
        line_advance(world, economy, index, s - 1);
}

/* The shift at a time of day, JW_NONE between shifts; and how long that lasts. */
static uint32_t find_shift(const production_line *line, int64_t now_ns, int64_t *out_left_ns)
{
    int64_t start_ns = jw_ns_from_s(line->def.shift_start_s), shift_ns = jw_ns_from_s(line->def.shift_s);
    int64_t at_ns = ((now_ns - start_ns) % DAY_NS + DAY_NS) % DAY_NS;
    int64_t shift = at_ns / shift_ns;
    bool is_off = shift >= line->def.shifts;
    *out_left_ns = is_off ? DAY_NS - at_ns : (shift + 1) * shift_ns - at_ns;
    return is_off ? JW_NONE : (uint32_t)shift;
}

static void set_shift(jw_world *world, jw_economy *economy, uint32_t index)
{
    production_line *line = &economy->lines[index];
    if (line->def.shifts == 0)
        return;
    int64_t left_ns;
    uint32_t shift = find_shift(line, jw_world_time_ns(world), &left_ns);
    for (uint32_t s = 0; s < line->def.station_count; s++)
        account(world, line, s);
    if (shift != JW_NONE)
        line->shift = (uint8_t)shift;
    line_set(world, economy, index, LINE_OFF_SHIFT, shift == JW_NONE);
    line->shift_generation++;
    economy_schedule(world, economy, left_ns, EVENT_SHIFT, index, line->shift_generation);
}

void line_on_shift(jw_world *world, jw_economy *economy, uint32_t index, uint32_t generation)
{
    if (generation == economy->lines[index].shift_generation)
        set_shift(world, economy, index);
}

/* A line of several stations begins as the shift before left it: half of each buffer full, each station
 * somewhere in its part; else it would take hours until the first long part comes out. */
static void fill(jw_world *world, production_line *line, uint32_t index)
{
    uint32_t count = line->def.station_count;
    for (uint32_t s = 0; s < count && count > 1; s++) {
        line_station *station = &line->stations[s];
        double left = jw_random_uniform(economy_random(world, "economy.start"), entity_of(index, s), 0);
        station->has_part = 1;
        station->begun = 1;
        station->work_left_ns = span_ns(left * ideal_s(line, s));
        if (s + 1 < count)
            station->buffered = line->def.stations[s].buffer / 2;
    }
    line->fed = line_in_process(line);
}

void line_start(jw_world *world, jw_economy *economy, uint32_t index)
{
    production_line *line = &economy->lines[index];
    int64_t now_ns = jw_world_time_ns(world);
    line->started_ns = line->wip_since_ns = line->busy_since_ns = now_ns;
    for (uint32_t s = 0; s < line->def.station_count; s++) {
        line->stations[s].since_ns = now_ns;
        line->stations[s].status = JW_STATION_STARVED;
        line->stations[s].sample_left_ns = span_ns(line->def.sample_s);
        draw_life(world, line, index, s);
    }
    fill(world, line, index);
    set_shift(world, economy, index);
    for (uint32_t s = line->def.station_count; s > 0; s--)
        line_advance(world, economy, index, s - 1);
}
