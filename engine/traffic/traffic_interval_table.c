/* Tables of what happened since the last results: edges, lanes, junctions with their level of service. */
#include "traffic/traffic_internal.h"

static double interval_s(const jw_traffic *t)
{
    return jw_s_from_ns(t->now_ns - t->intervals.base_ns);
}

static bool has_rows(const jw_traffic *t)
{
    return t->intervals.sums && t->now_ns > t->intervals.base_ns;
}

/* Adds what a track saw in the interval. */
static void add(const jw_traffic *t, uint32_t track, jw_track_sum *out)
{
    const jw_track_sum *now = &t->intervals.sums[track], *base = &t->intervals.bases[track];
    out->way_m += now->way_m - base->way_m;
    out->time_s += now->time_s - base->time_s;
    out->lost_s += now->lost_s - base->lost_s;
    out->queue_s += now->queue_s - base->queue_s;
    out->halt_s += now->halt_s - base->halt_s;
    out->co2_g += now->co2_g - base->co2_g;
    out->nox_g += now->nox_g - base->nox_g;
    out->pm_g += now->pm_g - base->pm_g;
    out->fuel_ml += now->fuel_ml - base->fuel_ml;
    out->energy_wh += now->energy_wh - base->energy_wh;
    out->entered += now->entered - base->entered;
    out->left += now->left - base->left;
    out->arrived += now->arrived - base->arrived;
    out->queue_most = now->queue_most > out->queue_most ? now->queue_most : out->queue_most;
}

static jw_track_sum sum_of_edge(const jw_traffic *t, uint32_t edge)
{
    jw_track_sum sum = {0};
    for (uint32_t lane = t->net.edge_first_lane[edge]; lane < t->net.edge_first_lane[edge + 1]; lane++)
        add(t, lane, &sum);
    return sum;
}

/* Lanes and edges have these columns in common, in this order behind begin_ns. */
enum { VEHICLES = 1, FLOW, DENSITY, SPEED, DELAY, LOST, QUEUE };

static double common_number(const jw_traffic *t, const jw_track_sum *sum, uint32_t lane, uint32_t column)
{
    double length_m = (double)t->tracks[lane].length_m, time_s = interval_s(t);
    switch (column) {
    case VEHICLES:
        return sum->time_s / time_s;
    case FLOW:
        return sum->way_m / (length_m * time_s) * 3600;
    case DENSITY:
        return sum->time_s / (length_m * time_s) * 1000;
    case SPEED:
        return sum->time_s > 0 ? sum->way_m / sum->time_s : (double)t->tracks[lane].limit_mps;
    case DELAY: /* of who drives all of it; where nobody moved, what was lost */
        return sum->way_m > 0 ? sum->lost_s * length_m / sum->way_m : sum->lost_s;
    case LOST:
        return sum->lost_s;
    default:
        return sum->queue_s / time_s;
    }
}

/* ---- edges -----------------------------------------------------------------------------------------------
 */

const jw_column jw_edge_interval_columns[JW_EDGE_INTERVAL_COLUMNS] = {
    {"begin_ns", JW_COLUMN_TIME_NS, "", "beginning of the interval"},
    {"vehicles", JW_COLUMN_F64, "veh", "on the edge, mean over the interval"},
    {"flow_veh_h", JW_COLUMN_F64, "veh/h", "way driven by length and time, all lanes together"},
    {"density_veh_km", JW_COLUMN_F64, "veh/km", "all lanes together"},
    {"speed_mps", JW_COLUMN_F64, "m/s", "space-mean speed: way driven by time spent"},
    {"delay_s", JW_COLUMN_F64, "s", "lost by a vehicle that drives all of it"},
    {"time_lost_s", JW_COLUMN_F64, "s", "by all together, against their drivers' wished speeds"},
    {"queue_veh", JW_COLUMN_F64, "veh", "slower than 2 m/s, mean over the interval"},
    {"queue_most_veh", JW_COLUMN_I64, "veh", "slower than 2 m/s at once on one lane"},
    {"entered", JW_COLUMN_I64, "veh", "came from another edge"},
    {"departed", JW_COLUMN_I64, "veh", "began their trip here"},
    {"left", JW_COLUMN_I64, "veh", "passed its end"},
    {"arrived", JW_COLUMN_I64, "veh", "ended their trip here"},
    {"co2_g", JW_COLUMN_F64, "g", "carbon dioxide emitted"},
    {"nox_g", JW_COLUMN_F64, "g", "nitrogen oxides emitted"},
    {"pm_g", JW_COLUMN_F64, "g", "particles emitted by engines"},
    {"fuel_l", JW_COLUMN_F64, "l", "petrol and diesel burnt"},
    {"energy_kwh", JW_COLUMN_F64, "kWh", "out of the batteries of electric vehicles"},
};

uint32_t jw_edge_interval_rows(const jw_world *world, const void *state)
{
    const jw_traffic *t = state;
    (void)world;
    return has_rows(t) ? t->net.edge_count : 0;
}

double jw_edge_interval_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    (void)world;
    jw_track_sum sum = sum_of_edge(t, row);
    switch (column) {
    case 13:
        return sum.co2_g;
    case 14:
        return sum.nox_g;
    case 15:
        return sum.pm_g;
    case 16:
        return sum.fuel_ml / 1000;
    case 17:
        return sum.energy_wh / 1000;
    default:
        return common_number(t, &sum, t->net.edge_first_lane[row], column);
    }
}

int64_t jw_edge_interval_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    (void)world;
    if (column == 0)
        return t->intervals.base_ns;
    jw_track_sum sum = sum_of_edge(t, row);
    switch (column) {
    case 8:
        return sum.queue_most;
    case 9:
        return sum.entered;
    case 10:
        return t->edge_departed[row] - t->intervals.departed_base[row];
    case 11:
        return sum.left;
    default:
        return sum.arrived;
    }
}

/* ---- lanes -----------------------------------------------------------------------------------------------
 */

const jw_column jw_lane_interval_columns[JW_LANE_INTERVAL_COLUMNS] = {
    {"begin_ns", JW_COLUMN_TIME_NS, "", "beginning of the interval"},
    {"vehicles", JW_COLUMN_F64, "veh", "on the lane, mean over the interval"},
    {"flow_veh_h", JW_COLUMN_F64, "veh/h", "way driven by length and time"},
    {"density_veh_km", JW_COLUMN_F64, "veh/km", "vehicles by length"},
    {"speed_mps", JW_COLUMN_F64, "m/s", "space-mean speed: way driven by time spent"},
    {"delay_s", JW_COLUMN_F64, "s", "lost by a vehicle that drives all of it"},
    {"time_lost_s", JW_COLUMN_F64, "s", "by all together, against their drivers' wished speeds"},
    {"queue_veh", JW_COLUMN_F64, "veh", "slower than 2 m/s, mean over the interval"},
    {"entered", JW_COLUMN_I64, "veh", "came over its beginning"},
    {"left", JW_COLUMN_I64, "veh", "passed its end"},
};

uint32_t jw_lane_interval_rows(const jw_world *world, const void *state)
{
    const jw_traffic *t = state;
    (void)world;
    return has_rows(t) ? t->net.lane_count : 0;
}

double jw_lane_interval_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    (void)world;
    jw_track_sum sum = {0};
    add(t, row, &sum);
    return common_number(t, &sum, row, column);
}

int64_t jw_lane_interval_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    (void)world;
    if (column == 0)
        return t->intervals.base_ns;
    jw_track_sum sum = {0};
    add(t, row, &sum);
    return column == 8 ? sum.entered : sum.left;
}

/* ---- junctions -------------------------------------------------------------------------------------------
 * Control delay as measured: time lost on the approaches and inside, by the vehicles that passed. What is
 * lost beyond, until the wished speed is reached again, is not in it (about a second after a stop). */

char jw_level_of_service(double control_delay_s, bool has_signal)
{
    static const double bounds_s[2][5] = {{10, 15, 25, 35, 50}, {10, 20, 35, 55, 80}};
    int level = 0;
    while (level < 5 && control_delay_s > bounds_s[has_signal][level])
        level++;
    return (char)('A' + level);
}

const jw_column jw_junction_interval_columns[JW_JUNCTION_INTERVAL_COLUMNS] = {
    {"begin_ns", JW_COLUMN_TIME_NS, "", "beginning of the interval"},
    {"vehicles", JW_COLUMN_F64, "veh", "on its approaches and inside, mean over the interval"},
    {"control_delay_s", JW_COLUMN_F64, "s", "lost by a vehicle that passed, on its approach and inside"},
    {"worst_delay_s", JW_COLUMN_F64, "s", "the same of the approach with the most"},
    {"time_lost_s", JW_COLUMN_F64, "s", "by all together"},
    {"queue_veh", JW_COLUMN_F64, "veh", "slower than 2 m/s, mean over the interval"},
    {"passed", JW_COLUMN_I64, "veh", "left it over an exit"},
    {"worst_edge", JW_COLUMN_I64, "", "the approach with the most delay"},
    {"level", JW_COLUMN_TEXT, "",
     "of service, A to F by HCM; where some have priority and others not, of the worst approach"},
};

typedef struct junction_row {
    jw_track_sum all;
    double delay_s, worst_s;
    uint32_t worst_edge;
} junction_row;

static double delay_of(const jw_track_sum *sum, uint32_t passed)
{
    return jw_max(sum->lost_s, 0) / (passed ? passed : 1);
}

static junction_row measure(const jw_traffic *t, uint32_t row)
{
    uint32_t j = t->intervals.junctions[row], passed = 0;
    const jw_junction *junction = &t->city->junctions[j];
    junction_row out = {.worst_s = -1, .worst_edge = JW_NONE};
    for (uint32_t k = 0; k < junction->in_count; k++) {
        uint32_t edge = t->city->junction_edges[junction->first_in + k], through = 0;
        jw_track_sum sum = sum_of_edge(t, edge);
        for (uint32_t c = t->net.junction_first[j]; c < t->net.junction_first[j + 1]; c++)
            if (t->net.lane_edge[t->net.ways[c].from_lane] == edge) {
                jw_track_sum inside = {0};
                add(t, t->net.lane_count + c, &inside);
                through += inside.left;
                add(t, t->net.lane_count + c, &sum);
            }
        double delay_s = delay_of(&sum, through);
        if (sum.time_s > 0 && delay_s > out.worst_s) {
            out.worst_s = delay_s;
            out.worst_edge = edge;
        }
        passed += through;
        out.all.time_s += sum.time_s;
        out.all.lost_s += sum.lost_s;
        out.all.queue_s += sum.queue_s;
    }
    out.all.left = passed;
    out.delay_s = delay_of(&out.all, passed);
    out.worst_s = jw_max(out.worst_s, 0);
    return out;
}

uint32_t jw_junction_interval_rows(const jw_world *world, const void *state)
{
    const jw_traffic *t = state;
    (void)world;
    return has_rows(t) ? t->intervals.junction_count : 0;
}

uint32_t jw_junction_interval_geometry(const jw_world *world, const void *state, uint32_t row)
{
    (void)world;
    return ((const jw_traffic *)state)->intervals.junctions[row];
}

double jw_junction_interval_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    (void)world;
    junction_row r = measure(t, row);
    switch (column) {
    case 1:
        return r.all.time_s / interval_s(t);
    case 2:
        return r.delay_s;
    case 3:
        return r.worst_s;
    case 4:
        return r.all.lost_s;
    default:
        return r.all.queue_s / interval_s(t);
    }
}

int64_t jw_junction_interval_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    (void)world;
    if (column == 0)
        return t->intervals.base_ns;
    junction_row r = measure(t, row);
    return column == 6 ? (int64_t)r.all.left : r.worst_edge == JW_NONE ? -1 : (int64_t)r.worst_edge;
}

const char *jw_junction_interval_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    static const char *const levels[] = {"A", "B", "C", "D", "E", "F"};
    const jw_traffic *t = state;
    (void)world;
    (void)column;
    const jw_junction *junction = &t->city->junctions[t->intervals.junctions[row]];
    bool has_signal = junction->programme != JW_NONE;
    bool is_ranked = junction->kind == JW_JUNCTION_PRIORITY || junction->kind == JW_JUNCTION_STOP;
    junction_row r = measure(t, row);
    char level = jw_level_of_service(is_ranked && !has_signal ? r.worst_s : r.delay_s, has_signal);
    return levels[level - 'A'];
}
