/* Metrics and tables. */
#include "traffic/traffic_internal.h"

#include <string.h>

const jw_metric jw_traffic_metrics[JW_TRAFFIC_METRICS] = {
    {"traffic.running", "veh", JW_METRIC_GAUGE, "vehicles on the road"},
    {"traffic.waiting", "veh", JW_METRIC_GAUGE, "trips that wait for their time or for room on the road"},
    {"traffic.departed", "veh", JW_METRIC_COUNTER,
     "vehicles that entered the road; after a warm-up also those on it at the start"},
    {"traffic.arrived", "veh", JW_METRIC_COUNTER, "vehicles that reached their destination"},
    {"traffic.mean_speed", "km/h", JW_METRIC_GAUGE, "mean speed of the vehicles on the road"},
    {"traffic.mean_travel_time", "s", JW_METRIC_MEAN, "of the trips that arrived, from the wished departure"},
    {"traffic.mean_delay", "s", JW_METRIC_MEAN,
     "of the trips that arrived, against the same way undisturbed"},
    {"traffic.co2", "kg", JW_METRIC_COUNTER, "carbon dioxide emitted on the road"},
    {"traffic.impossible", "veh", JW_METRIC_COUNTER, "trips wished that no road can serve"},
    {"traffic.longest_queue", "m", JW_METRIC_GAUGE, "longest queue of standing vehicles on any lane"},
    {"traffic.bus_waiting", "", JW_METRIC_GAUGE, "passengers at bus stops"},
    {"traffic.bus_riding", "", JW_METRIC_GAUGE, "passengers in buses"},
    {"traffic.bus_boarded", "", JW_METRIC_COUNTER, "passengers who boarded buses"},
    {"traffic.bus_mean_wait", "s", JW_METRIC_MEAN, "of the passengers who boarded buses"},
    {"traffic.rerouted", "veh", JW_METRIC_COUNTER,
     "changes of way under way: closures, better ways, queues left"},
    {"traffic.cut_off", "veh", JW_METRIC_GAUGE,
     "vehicles on the road whose way is closed and who have no other"},
    {"traffic.walking", "", JW_METRIC_GAUGE, "people on foot"},
    {"traffic.walked", "", JW_METRIC_COUNTER, "people who reached their destination on foot"},
    {"traffic.mean_walk_delay", "s", JW_METRIC_MEAN,
     "of those, against the same way without signals, vehicles and crowds"},
    {"traffic.nox", "kg", JW_METRIC_COUNTER, "nitrogen oxides emitted on the road"},
    {"traffic.pm", "kg", JW_METRIC_COUNTER, "particles emitted by engines on the road"},
    {"traffic.fuel", "l", JW_METRIC_COUNTER, "petrol and diesel burnt on the road"},
    {"traffic.energy", "kWh", JW_METRIC_COUNTER, "out of the batteries of electric vehicles on the road"},
    {"traffic.stuck", "veh", JW_METRIC_GAUGE, "vehicles that have stood for 5 minutes without a break"},
};

double jw_traffic_metric(const jw_world *world, const void *state, uint32_t metric)
{
    const jw_traffic *t = state;
    (void)world;
    switch (metric) {
    case 0:
        return t->running;
    case 1:
        return (double)t->counts.waiting;
    case 2:
        return (double)t->counts.departed;
    case 3:
        return (double)t->counts.arrived;
    case 4:
        return 3.6 * jw_traffic_count(t).mean_speed_mps;
    case 5:
        return jw_traffic_count(t).mean_travel_time_s;
    case 6:
        return jw_traffic_count(t).mean_delay_s;
    case 7:
        return t->emitted.co2_g / 1000;
    case 8:
        return (double)t->counts.impossible;
    case 10:
        return (double)jw_traffic_count_bus(t, JW_NONE).waiting;
    case 11:
        return (double)jw_traffic_count_bus(t, JW_NONE).riding;
    case 12:
        return (double)jw_traffic_count_bus(t, JW_NONE).boarded;
    case 13:
        return jw_traffic_count_bus(t, JW_NONE).mean_wait_s;
    case 14:
        return (double)t->counts.rerouted;
    case 15:
        return (double)t->counts.cut_off;
    case 16:
        return t->walks.pool.alive_count;
    case 17:
        return (double)t->walks.counts.arrived;
    case 18:
        return jw_traffic_count_walkers(t).mean_delay_s;
    case 19:
        return t->emitted.nox_g / 1000;
    case 20:
        return t->emitted.pm_g / 1000;
    case 21:
        return t->emitted.fuel_ml / 1000;
    case 22:
        return t->emitted.energy_wh / 1000;
    case 23:
        return jw_traffic_find_jam(t).vehicles;
    default: {
        float longest = 0;
        for (uint32_t e = 0; e < t->net.edge_count; e++)
            longest = jw_maxf(longest, jw_traffic_edges(t)[e].queue_m);
        return longest;
    }
    }
}

/* ---- edges -----------------------------------------------------------------------------------------------
 */

static const jw_column edge_columns[] = {
    {"speed_mps", JW_COLUMN_F64, "m/s", "mean speed; the limit when empty"},
    {"density_per_km", JW_COLUMN_F64, "veh/km", "vehicles per km and lane"},
    {"queue_m", JW_COLUMN_F64, "m", "standing vehicles on the longest lane"},
    {"vehicles", JW_COLUMN_I64, "veh", "vehicles on the edge"},
    {"limit_mps", JW_COLUMN_F64, "m/s", "speed limit now"},
    {"closed_lanes", JW_COLUMN_I64, "", "lanes closed now"},
    {"parked", JW_COLUMN_I64, "veh", "vehicles of persons that stand here"},
    {"entered", JW_COLUMN_I64, "veh", "came from another edge, since the start"},
    {"departed", JW_COLUMN_I64, "veh", "began their trip here, since the start"},
    {"standing_s", JW_COLUMN_F64, "s", "longest that a vehicle has stood here without a break"},
};

static uint32_t edge_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_traffic *)state)->net.edge_count;
}

static uint32_t row_itself(const jw_world *world, const void *state, uint32_t row)
{
    (void)world;
    (void)state;
    return row;
}

static double edge_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    (void)world;
    const jw_frame_edge *edge = &jw_traffic_edges(t)[row];
    switch (column) {
    case 0:
        return edge->speed_mps;
    case 1:
        return edge->density_per_km;
    case 2:
        return edge->queue_m;
    case 9: {
        float longest_s = 0;
        for (uint32_t lane = t->net.edge_first_lane[row]; lane < t->net.edge_first_lane[row + 1]; lane++)
            longest_s = jw_maxf(longest_s, jw_traffic_standing_s(t, lane));
        return longest_s;
    }
    default:
        return t->tracks[t->net.edge_first_lane[row]].limit_mps;
    }
}

static int64_t edge_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    (void)world;
    if (column == 3)
        return jw_traffic_edges(t)[row].vehicles;
    if (column == 6)
        return t->persons.parked[row];
    if (column == 7 || column == 8)
        return column == 7 ? t->edge_entered[row] : t->edge_departed[row];
    int64_t closed = 0;
    for (uint32_t lane = t->net.edge_first_lane[row]; lane < t->net.edge_first_lane[row + 1]; lane++)
        closed += t->lane_closed[lane] != 0;
    return closed;
}

/* ---- junctions -------------------------------------------------------------------------------------------
 */

static const jw_column junction_columns[] = {
    {"queue_m", JW_COLUMN_F64, "m", "longest queue on its approaches"},
    {"inside", JW_COLUMN_I64, "veh", "vehicles on its connections"},
    {"approaching", JW_COLUMN_I64, "veh", "vehicles on the edges that end here"},
    {"phase", JW_COLUMN_I64, "", "phase of its signals, -1 without signals"},
};

static uint32_t junction_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_traffic *)state)->net.junction_count;
}

static double junction_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    (void)world;
    (void)column;
    const jw_junction *junction = &t->city->junctions[row];
    float longest = 0;
    for (uint32_t k = 0; k < junction->in_count; k++)
        longest =
            jw_maxf(longest, jw_traffic_edges(t)[t->city->junction_edges[junction->first_in + k]].queue_m);
    return longest;
}

static int64_t junction_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    (void)world;
    const jw_junction *junction = &t->city->junctions[row];
    if (column == 1) {
        int64_t inside = 0;
        for (uint32_t c = t->net.junction_first[row]; c < t->net.junction_first[row + 1]; c++)
            inside += t->tracks[t->net.lane_count + c].end - t->tracks[t->net.lane_count + c].begin;
        return inside;
    }
    if (column == 3)
        return junction->programme == JW_NONE ? -1 : (int64_t)t->signals.now[junction->programme].phase;
    int64_t count = 0;
    for (uint32_t k = 0; k < junction->in_count; k++)
        count += jw_traffic_edges(t)[t->city->junction_edges[junction->first_in + k]].vehicles;
    return count;
}

/* ---- trips -----------------------------------------------------------------------------------------------
 */

static const jw_column trip_columns[] = {
    {"wish_ns", JW_COLUMN_TIME_NS, "", "wished departure"},
    {"depart_ns", JW_COLUMN_TIME_NS, "", "entered the road"},
    {"arrive_ns", JW_COLUMN_TIME_NS, "", "reached the destination"},
    {"class", JW_COLUMN_I64, "", "class of vehicle"},
    {"from_edge", JW_COLUMN_I64, "", "edge where it began"},
    {"to_edge", JW_COLUMN_I64, "", "edge where it ended"},
    {"length_m", JW_COLUMN_F64, "m", "way driven"},
    {"free_s", JW_COLUMN_F64, "s", "time the same way takes undisturbed"},
    {"delay_s", JW_COLUMN_F64, "s", "arrival less wished departure less free_s"},
    {"co2_g", JW_COLUMN_F64, "g", "carbon dioxide emitted"},
    {"tag", JW_COLUMN_I64, "", "number given with the trip"},
    {"time_loss_s", JW_COLUMN_F64, "s", "on the way, against this driver's wished speeds"},
    {"standing_s", JW_COLUMN_F64, "s", "on the way, slower than 0.1 m/s"},
    {"halts", JW_COLUMN_I64, "", "times it came to stand"},
    {"speed_factor", JW_COLUMN_F64, "", "this driver's wished speed by the limit"},
    {"depart_lane", JW_COLUMN_I64, "", "where it began, 0 at the kerb"},
    {"depart_pos_m", JW_COLUMN_F64, "m", "its front along the edge"},
    {"depart_mps", JW_COLUMN_F64, "m/s", "its speed then"},
    {"arrive_lane", JW_COLUMN_I64, "", "where it ended"},
    {"arrive_pos_m", JW_COLUMN_F64, "m", "its front along the edge"},
    {"arrive_mps", JW_COLUMN_F64, "m/s", "its speed then"},
    {"stop_s", JW_COLUMN_F64, "s", "at stops of its own; no part of delay_s, time_loss_s and standing_s"},
    {"fuel_l", JW_COLUMN_F64, "l", "petrol or diesel burnt"},
    {"energy_kwh", JW_COLUMN_F64, "kWh", "out of the battery of an electric vehicle"},
    {"nox_g", JW_COLUMN_F64, "g", "nitrogen oxides emitted while intervals were recorded; 0: they are not"},
    {"pm_g", JW_COLUMN_F64, "g", "particles emitted by its engine, likewise"},
};

static uint32_t trip_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_traffic *)state)->trip_log_count;
}

static uint32_t trip_geometry(const jw_world *world, const void *state, uint32_t row)
{
    (void)world;
    return ((const jw_traffic *)state)->trip_log[row].to_edge;
}

static double trip_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_trip_record *trip = &((const jw_traffic *)state)->trip_log[row];
    (void)world;
    switch (column) {
    case 6:
        return trip->way_m;
    case 7:
        return trip->free_s;
    case 8:
        return jw_s_from_ns(trip->arrive_ns - trip->wish_ns) - (double)(trip->free_s + trip->stop_s);
    case 11:
        return jw_max(
            jw_s_from_ns(trip->arrive_ns - trip->depart_ns) - (double)(trip->own_free_s + trip->stop_s), 0);
    case 12:
        return trip->standing_s;
    case 14:
        return trip->factor;
    case 16:
        return trip->depart_s_m;
    case 17:
        return trip->depart_mps;
    case 19:
        return trip->arrive_s_m;
    case 20:
        return trip->arrive_mps;
    case 21:
        return trip->stop_s;
    case 22:
        return (double)trip->fuel_ml / 1000;
    case 23:
        return (double)trip->energy_wh / 1000;
    case 24:
        return trip->other.nox_g;
    case 25:
        return trip->other.pm_g;
    default:
        return trip->co2_g;
    }
}

static int64_t trip_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_trip_record *trip = &((const jw_traffic *)state)->trip_log[row];
    (void)world;
    switch (column) {
    case 0:
        return trip->wish_ns;
    case 1:
        return trip->depart_ns;
    case 2:
        return trip->arrive_ns;
    case 3:
        return trip->vehicle_class;
    case 4:
        return trip->from_edge;
    case 5:
        return trip->to_edge;
    case 13:
        return trip->halts;
    case 15:
        return trip->depart_lane;
    case 18:
        return trip->arrive_lane;
    default:
        return (int64_t)trip->tag;
    }
}

/* ---- disturbances ----------------------------------------------------------------------------------------
 */

static const jw_column disturbance_columns[] = {
    {"number", JW_COLUMN_I64, "", "for end_disturbance"},
    {"kind", JW_COLUMN_TEXT, "", "the verb that began it"},
    {"begin_ns", JW_COLUMN_TIME_NS, "", "when it began"},
    {"end_ns", JW_COLUMN_TIME_NS, "", "when it will be over; of an emergency: at the latest"},
    {"edge", JW_COLUMN_I64, "", "where; -1: nowhere in particular"},
    {"position_m", JW_COLUMN_F64, "m", "of an incident, from the beginning of the lane"},
    {"limit_mps", JW_COLUMN_F64, "m/s", "limit that it brings; 0: none"},
    {"amount", JW_COLUMN_F64, "", "rain in mm/h, visibility in m, vehicles"},
};

static const jw_disturbance *disturbance_at(const void *state, uint32_t row)
{
    return &((const jw_traffic *)state)->disturbances.items[row];
}

static uint32_t disturbance_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_traffic *)state)->disturbances.count;
}

static uint32_t disturbance_geometry(const jw_world *world, const void *state, uint32_t row)
{
    (void)world;
    return disturbance_at(state, row)->edge;
}

static double disturbance_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_disturbance *d = disturbance_at(state, row);
    (void)world;
    return (double)(column == 5 ? d->pos_m : column == 6 ? d->limit_mps : d->amount);
}

static int64_t disturbance_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_disturbance *d = disturbance_at(state, row);
    (void)world;
    if (column == 4)
        return d->edge == JW_NONE ? -1 : (int64_t)d->edge;
    return column == 0 ? (int64_t)d->number : column == 2 ? d->begin_ns : d->end_ns;
}

static const char *disturbance_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    (void)column;
    return jw_disturbance_name(disturbance_at(state, row)->kind);
}

const jw_table jw_traffic_tables[JW_TRAFFIC_TABLES] = {
    {"edges", "Directions of roads as they are now.", JW_TABLE_STATE, JW_GEOMETRY_EDGE, edge_columns,
     JW_COUNT_OF(edge_columns), edge_rows, row_itself, edge_number, edge_integer, NULL},
    {"junctions", "Junctions as they are now.", JW_TABLE_STATE, JW_GEOMETRY_JUNCTION, junction_columns,
     JW_COUNT_OF(junction_columns), junction_rows, row_itself, junction_number, junction_integer, NULL},
    {"trips", "Trips that arrived.", JW_TABLE_LOG, JW_GEOMETRY_EDGE, trip_columns, JW_COUNT_OF(trip_columns),
     trip_rows, trip_geometry, trip_number, trip_integer, NULL},
    {"disturbances", "What disturbs traffic now.", JW_TABLE_STATE, JW_GEOMETRY_EDGE, disturbance_columns,
     JW_COUNT_OF(disturbance_columns), disturbance_rows, disturbance_geometry, disturbance_number,
     disturbance_integer, disturbance_text},
    {"signals", "Signal programmes as they are now.", JW_TABLE_STATE, JW_GEOMETRY_JUNCTION, jw_signal_columns,
     JW_SIGNAL_COLUMNS, jw_signal_rows, jw_signal_row_junction, jw_signal_number, jw_signal_integer,
     jw_signal_text},
    {"waves", "Green waves that were made.", JW_TABLE_STATE, JW_GEOMETRY_JUNCTION, jw_wave_columns,
     JW_WAVE_COLUMNS, jw_wave_rows, jw_wave_row_junction, jw_wave_number, jw_wave_integer, NULL},
    {"bus_lines", "Bus lines as they are now.", JW_TABLE_STATE, JW_GEOMETRY_EDGE, jw_bus_line_columns,
     JW_BUS_LINE_COLUMNS, jw_bus_line_rows, jw_bus_line_geometry, jw_bus_line_number, jw_bus_line_integer,
     jw_bus_line_text},
    {"bus_stops", "Stops of bus lines as they are now.", JW_TABLE_STATE, JW_GEOMETRY_EDGE,
     jw_bus_stop_columns, JW_BUS_STOP_COLUMNS, jw_bus_stop_rows, jw_bus_stop_geometry, jw_bus_stop_number,
     jw_bus_stop_integer, jw_bus_stop_text},
    {"edge_intervals", "Directions of roads over the time since the last results; empty unless recorded.",
     JW_TABLE_LOG, JW_GEOMETRY_EDGE, jw_edge_interval_columns, JW_EDGE_INTERVAL_COLUMNS,
     jw_edge_interval_rows, row_itself, jw_edge_interval_number, jw_edge_interval_integer, NULL},
    {"lane_intervals", "Lanes over the time since the last results; empty unless recorded.", JW_TABLE_LOG,
     JW_GEOMETRY_LANE, jw_lane_interval_columns, JW_LANE_INTERVAL_COLUMNS, jw_lane_interval_rows, row_itself,
     jw_lane_interval_number, jw_lane_interval_integer, NULL},
    {"junction_intervals",
     "Junctions over the time since the last results: delay, level of service; empty unless recorded.",
     JW_TABLE_LOG, JW_GEOMETRY_JUNCTION, jw_junction_interval_columns, JW_JUNCTION_INTERVAL_COLUMNS,
     jw_junction_interval_rows, jw_junction_interval_geometry, jw_junction_interval_number,
     jw_junction_interval_integer, jw_junction_interval_text},
    {"detectors", "Loops and areas of lanes over the time since the last results.", JW_TABLE_LOG,
     JW_GEOMETRY_POINT, jw_detector_columns, JW_DETECTOR_COLUMNS, jw_detector_rows, row_itself,
     jw_detector_number, jw_detector_integer, jw_detector_text},
    {"crossings", "Crossings for people on foot as they are now; none before the first walker.",
     JW_TABLE_STATE, JW_GEOMETRY_JUNCTION, jw_crossing_columns, JW_CROSSING_COLUMNS, jw_crossing_rows,
     jw_crossing_geometry, jw_crossing_number, jw_crossing_integer, NULL},
};

void jw_traffic_drain(jw_world *world, void *state, uint32_t table, uint32_t count)
{
    jw_traffic *t = state;
    (void)world;
    if (strcmp(jw_traffic_tables[table].name, "detectors") == 0)
        jw_detectors_drain(t);
    if (strcmp(jw_traffic_tables[table].name, "edge_intervals") == 0)
        jw_intervals_drain(t); /* the others' as well: the same sums */
    if (table != 2)
        return;
    count = count < t->trip_log_count ? count : t->trip_log_count;
    t->trip_log_count -= count;
    if (t->trip_log_count)
        memmove(t->trip_log, t->trip_log + count, t->trip_log_count * sizeof *t->trip_log);
}
