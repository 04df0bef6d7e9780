/* Bus lines: verbs, tables, and what others read. */
#include "traffic/traffic_internal.h"

#include <stdlib.h>
#include <string.h>

#define PAVEMENT_M 1.0f /* from the carriageway to a stop's sign */

/* ---- counts ----------------------------------------------------------------------------------------------
 */

static void sum_up(const jw_traffic *t, const jw_bus_line *line, jw_bus_counts *sum, double *sums)
{
    for (uint32_t k = 0; k < line->call_count; k++)
        sum->waiting += line->calls[k].queue.count;
    for (uint32_t k = 0; k < t->buses.count; k++)
        if (t->buses.items[k].is_used && t->buses.items[k].line == line->number)
            sum->riding += t->buses.items[k].riding.count;
    sum->created += line->created;
    sum->arrived += line->arrived;
    sum->gave_up += line->gave_up;
    sum->boarded += line->boarded;
    sum->trips += line->trips;
    sum->cancelled += line->cancelled;
    sum->buses += line->buses;
    double mine[] = {(double)line->wait_ms,    (double)line->ride_ms,  (double)line->late_ms,
                     (double)line->departures, (double)line->headways, line->headway_sum_s,
                     line->headway_square_s2};
    for (uint32_t k = 0; k < JW_COUNT_OF(mine); k++)
        sums[k] += mine[k];
}

jw_bus_counts jw_traffic_count_bus(const jw_traffic *t, uint32_t line)
{
    jw_bus_counts c = {0};
    double sums[7] = {0};
    for (uint32_t k = 0; k < t->buses.line_count; k++)
        if (t->buses.lines[k].is_used && (line == JW_NONE || line == k))
            sum_up(t, &t->buses.lines[k], &c, sums);
    c.mean_wait_s = c.boarded ? sums[0] / 1000 / (double)c.boarded : 0;
    c.mean_ride_s = c.arrived ? sums[1] / 1000 / (double)c.arrived : 0;
    c.mean_late_s = sums[3] > 0 ? sums[2] / 1000 / sums[3] : 0;
    if (sums[4] > 0 && sums[5] > 0) {
        double mean_s = sums[5] / sums[4];
        c.headway_cv = jw_sqrt(jw_max(sums[6] / sums[4] - mean_s * mean_s, 0)) / mean_s;
    }
    return c;
}

uint32_t jw_traffic_bus_line_count(const jw_traffic *t)
{
    return t->buses.line_count;
}

const char *jw_traffic_bus_line_name(const jw_traffic *t, uint32_t line)
{
    return line < t->buses.line_count && t->buses.lines[line].is_used ? t->buses.lines[line].def.name : NULL;
}

uint32_t jw_traffic_bus_stop_count(const jw_traffic *t)
{
    return t->buses.stop_count;
}

bool jw_traffic_bus_stop(const jw_traffic *t, uint32_t index, jw_bus_stop_state *out)
{
    const jw_buses *b = &t->buses;
    if (index >= b->stop_count || !b->stops[index].users)
        return false;
    const jw_bus_stop *stop = &b->stops[index];
    *out = (jw_bus_stop_state){.name = stop->name,
                               .edge = stop->stop.edge,
                               .boarded = stop->boarded,
                               .alighted = stop->alighted,
                               .left_behind = stop->left_behind,
                               .mean_wait_s =
                                   stop->boarded ? (double)stop->wait_ms / 1000 / (double)stop->boarded : 0};
    uint32_t lane = t->net.edge_first_lane[stop->stop.edge] + stop->stop.lane;
    jw_traffic_track_place(t, lane, stop->stop.end_m, &out->x_m, &out->y_m, &out->z_m, &out->heading_rad);
    float aside_m = PAVEMENT_M + (float)t->city->lanes[lane].width_m / 2;
    while (lane-- > t->net.edge_first_lane[stop->stop.edge])
        aside_m += (float)t->city->lanes[lane].width_m;
    out->x_m += aside_m * (float)jw_sin((double)out->heading_rad);
    out->y_m -= aside_m * (float)jw_cos((double)out->heading_rad);
    for (uint32_t k = 0; k < b->line_count; k++)
        for (uint32_t c = 0; c < b->lines[k].call_count; c++)
            out->waiting += b->lines[k].calls[c].stop == index ? b->lines[k].calls[c].queue.count : 0;
    for (uint32_t k = 0; k < b->count; k++)
        if (b->items[k].is_used && t->stops.plans[b->items[k].plan1 - 1].phase != JW_PLAN_DRIVES)
            out->standing += b->lines[b->items[k].line].calls[b->items[k].call].stop == index;
    return true;
}

bool jw_traffic_bus_calls(const jw_traffic *t, uint32_t line, uint32_t stop)
{
    if (!jw_traffic_bus_line_name(t, line))
        return false;
    for (uint32_t c = 0; c < t->buses.lines[line].call_count; c++)
        if (t->buses.lines[line].calls[c].stop == stop)
            return true;
    return false;
}

bool jw_traffic_find_bus(const jw_traffic *t, jw_vehicle_id id, jw_bus_state *out)
{
    uint32_t row;
    if (!jw_traffic_find_vehicle(t, id, &row))
        return false;
    for (uint32_t k = 0; k < t->buses.count; k++) {
        const jw_bus *bus = &t->buses.items[k];
        if (!bus->is_used || t->stops.plans[bus->plan1 - 1].slot != id.index1 - 1)
            continue;
        *out = (jw_bus_state){bus->line, t->buses.lines[bus->line].calls[bus->call].stop, bus->riding.count};
        return true;
    }
    return false;
}

uint64_t jw_traffic_bus_revision(const jw_traffic *t)
{
    return t->buses.revision;
}

/* ---- tables ----------------------------------------------------------------------------------------------
 */

const jw_column jw_bus_line_columns[JW_BUS_LINE_COLUMNS] = {
    {"name", JW_COLUMN_TEXT, "", "the line's; \"\": removed"},
    {"buses", JW_COLUMN_I64, "veh", "in service"},
    {"waiting", JW_COLUMN_I64, "", "passengers at its stops"},
    {"riding", JW_COLUMN_I64, "", "passengers in its buses"},
    {"boarded", JW_COLUMN_I64, "", "passengers"},
    {"arrived", JW_COLUMN_I64, "", "passengers"},
    {"gave_up", JW_COLUMN_I64, "", "passengers who left without a bus"},
    {"trips", JW_COLUMN_I64, "", "departures from terminals"},
    {"cancelled", JW_COLUMN_I64, "", "departures that no bus could run"},
    {"stops", JW_COLUMN_I64, "", "calls in both directions"},
    {"mean_wait_s", JW_COLUMN_F64, "s", "of those who boarded"},
    {"mean_ride_s", JW_COLUMN_F64, "s", "of those who arrived"},
    {"mean_late_s", JW_COLUMN_F64, "s", "of departures from all stops"},
    {"headway_cv", JW_COLUMN_F64, "", "spread of the headways by their mean: 0 even, 1 random"},
    {"headway_s", JW_COLUMN_F64, "s", "of the timetable"},
    {"cycle_s", JW_COLUMN_F64, "s", "planned, there and back with layovers"},
};

uint32_t jw_bus_line_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_traffic *)state)->buses.line_count;
}

uint32_t jw_bus_line_geometry(const jw_world *world, const void *state, uint32_t row)
{
    const jw_bus_line *line = &((const jw_traffic *)state)->buses.lines[row];
    (void)world;
    return line->is_used ? line->def.through[0] : JW_NONE;
}

double jw_bus_line_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    (void)world;
    jw_bus_counts c = jw_traffic_count_bus(t, row);
    const jw_bus_line *line = &t->buses.lines[row];
    const double values[] = {c.mean_wait_s, c.mean_ride_s,       c.mean_late_s,
                             c.headway_cv,  line->def.headway_s, (double)(line->run_s[0] + line->run_s[1])};
    return values[column - 10];
}

int64_t jw_bus_line_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    (void)world;
    jw_bus_counts c = jw_traffic_count_bus(t, row);
    const int64_t values[] = {c.buses,   c.waiting,   c.riding,
                              c.boarded, c.arrived,   c.gave_up,
                              c.trips,   c.cancelled, t->buses.lines[row].call_count};
    return values[column - 1];
}

const char *jw_bus_line_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    (void)column;
    return ((const jw_traffic *)state)->buses.lines[row].def.name;
}

const jw_column jw_bus_stop_columns[JW_BUS_STOP_COLUMNS] = {
    {"name", JW_COLUMN_TEXT, "", "the stop's; \"\": removed"},
    {"edge", JW_COLUMN_I64, "", "where; -1: removed"},
    {"waiting", JW_COLUMN_I64, "", "passengers"},
    {"standing", JW_COLUMN_I64, "veh", "buses"},
    {"boarded", JW_COLUMN_I64, "", "passengers"},
    {"alighted", JW_COLUMN_I64, "", "passengers"},
    {"left_behind", JW_COLUMN_I64, "", "passengers for whom there was no room, once a bus"},
    {"mean_wait_s", JW_COLUMN_F64, "s", "of those who boarded"},
    {"position_m", JW_COLUMN_F64, "m", "of its end, from the beginning of the edge"},
};

uint32_t jw_bus_stop_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_traffic *)state)->buses.stop_count;
}

uint32_t jw_bus_stop_geometry(const jw_world *world, const void *state, uint32_t row)
{
    const jw_bus_stop *stop = &((const jw_traffic *)state)->buses.stops[row];
    (void)world;
    return stop->users ? stop->stop.edge : JW_NONE;
}

double jw_bus_stop_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_bus_stop_state stop;
    (void)world;
    if (!jw_traffic_bus_stop(state, row, &stop))
        return 0;
    return column == 7 ? stop.mean_wait_s : (double)((const jw_traffic *)state)->buses.stops[row].stop.end_m;
}

int64_t jw_bus_stop_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_bus_stop_state stop;
    (void)world;
    if (!jw_traffic_bus_stop(state, row, &stop))
        return column == 1 ? -1 : 0;
    const int64_t values[] = {stop.edge,    stop.waiting,  stop.standing,
                              stop.boarded, stop.alighted, stop.left_behind};
    return values[column - 1];
}

const char *jw_bus_stop_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_bus_stop *stop = &((const jw_traffic *)state)->buses.stops[row];
    (void)world;
    (void)column;
    return stop->users ? stop->name : "";
}

/* ---- verbs -----------------------------------------------------------------------------------------------
 */

const jw_verb_arg jw_bus_add_bus_line_args[12] = {
    {"id", 't', false, 0, 0, 0, "", "unique name"},
    {"through", 't', false, 0, 0, 0, "",
     "edges with blanks between, or places and zones with commas between: \"12 340 77\", \"station, "
     "block:7\""},
    {"headway_s", 'n', true, 20, 86400, 600, "s", "between departures"},
    {"one_way", 'n', true, 0, 1, 0, "", "1: buses drive back empty"},
    {"loop", 'n', true, 0, 1, 0, "", "1: from the last on to the first"},
    {"stop_spacing_m", 'n', true, -1, 1e5, 500, "m", "of the stops between; -1: none"},
    {"fleet", 'n', true, 0, 1000, 0, "veh", "0: as many as the timetable needs, and one"},
    {"capacity", 'n', true, 1, 1000, 80, "", "passengers of a bus"},
    {"passengers_per_day", 'n', true, -1, 1e7, 0, "1/day", "0: by the people and jobs around; -1: none"},
    {"hold", 't', true, 0, 0, 0, "", "timetable (default), headway or none"},
    {"bays", 't', true, 0, 0, 0, "", "fast (default: where 60 km/h are allowed), none or all"},
    {"class", 't', true, 0, 0, 0, "", "bus (default) or shuttle"},
};
const jw_verb_arg jw_bus_remove_bus_line_args[1] = {{"id", 't', false, 0, 0, 0, "", "the line"}};
const jw_verb_arg jw_bus_set_headway_args[2] = {
    {"id", 't', false, 0, 0, 0, "", "the line"},
    {"headway_s", 'n', false, 20, 86400, 600, "s", "between departures"},
};

/* The first edge of a zone on which a bus may call. */
static jw_result find_named_edge(const jw_traffic *t, const char *name, uint32_t vehicle_class, uint32_t *out,
                                 jw_error *error)
{
    jw_demand_data data = {0};
    uint32_t zone;
    jw_result result = jw_demand_find_zone(&data, t->city, name, &zone, error);
    *out = JW_NONE;
    for (uint32_t k = 0; !result && k < data.zones[zone].from_count && *out == JW_NONE; k++) {
        uint32_t edge = data.zone_edges[data.zones[zone].first_from + k];
        if (jw_traffic_good_lanes(t, edge, JW_NONE, vehicle_class) && jw_edge_length(t, edge) >= 30)
            *out = edge;
    }
    if (!result && *out == JW_NONE)
        result =
            jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "add_bus_line: no street for a stop at \"%s\"", name);
    jw_demand_data_free(&data);
    return result;
}

static jw_result read_through(const jw_traffic *t, const char *text, jw_bus_line_def *def, jw_error *error)
{
    char copy[JW_ARG_TEXT_SIZE], *rest = copy;
    jw_text_copy(copy, sizeof copy, text);
    const char *between = strchr(copy, ',') ? "," : " ";
    for (char *part = strtok_r(copy, between, &rest); part; part = strtok_r(NULL, between, &rest)) {
        part += strspn(part, " ");
        for (size_t n = strlen(part); n > 0 && part[n - 1] == ' '; n--)
            part[n - 1] = 0;
        if (!*part)
            continue;
        if (def->through_count == JW_BUS_THROUGH_MAX)
            return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "add_bus_line: more than %d places",
                           JW_BUS_THROUGH_MAX);
        uint32_t *edge = &def->through[def->through_count++];
        if (strspn(part, "0123456789") == strlen(part)) {
            unsigned long number = strtoul(part, NULL, 10);
            *edge = number < JW_NONE ? (uint32_t)number : JW_NONE - 1;
        } else {
            jw_result result = find_named_edge(t, part, (uint32_t)def->vehicle_class, edge, error);
            if (result)
                return result;
        }
    }
    return JW_OK;
}

/* Place of a text in a list; fails with what there is. */
static jw_result read_choice(const jw_command *command, const char *key, const char *const *names,
                             uint32_t count, uint32_t *out, jw_error *error)
{
    const char *text = jw_command_get_text(command, key, names[0]);
    for (*out = 0; *out < count; ++*out)
        if (strcmp(text, names[*out]) == 0)
            return JW_OK;
    return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "add_bus_line: %s \"%s\" is none of %s, %s%s%s", key, text,
                   names[0], names[1], count > 2 ? ", " : "", count > 2 ? names[2] : "");
}

jw_result jw_bus_add_bus_line(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    static const char *const holds[] = {"timetable", "headway", "none"},
                             *const bays[] = {"fast", "none", "all"}, *const classes[] = {"bus", "shuttle"};
    jw_traffic *t = state;
    uint32_t hold, bay, vehicle_class;
    jw_bus_line_def def = {
        .headway_s = jw_command_get_number(command, "headway_s", 600),
        .is_one_way = jw_command_get_number(command, "one_way", 0) != 0,
        .is_loop = jw_command_get_number(command, "loop", 0) != 0,
        .stop_spacing_m = jw_command_get_number(command, "stop_spacing_m", 500),
        .fleet = (uint32_t)jw_command_get_number(command, "fleet", 0),
        .capacity = (uint32_t)jw_command_get_number(command, "capacity", 80),
        .passengers_per_day = jw_command_get_number(command, "passengers_per_day", 0),
    };
    const char *name = jw_command_get_text(command, "id", "");
    if (strlen(name) >= sizeof def.name)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "add_bus_line: the id \"%s\" is longer than %d letters", name, JW_BUS_NAME_SIZE - 1);
    jw_text_copy(def.name, sizeof def.name, name);
    jw_result result = read_choice(command, "hold", holds, 3, &hold, error);
    if (!result)
        result = read_choice(command, "bays", bays, 3, &bay, error);
    if (!result)
        result = read_choice(command, "class", classes, 2, &vehicle_class, error);
    if (result)
        return result;
    def.hold = (jw_bus_hold)hold;
    def.bays = (jw_bus_bays)bay;
    def.vehicle_class = vehicle_class ? JW_VEHICLE_SHUTTLE : JW_VEHICLE_BUS;
    result = read_through(t, jw_command_get_text(command, "through", ""), &def, error);
    return result ? result : jw_traffic_add_bus_line(world, t, &def, error);
}

jw_result jw_bus_remove_bus_line(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world;
    return jw_traffic_remove_bus_line(state, jw_command_get_text(command, "id", ""), error);
}

jw_result jw_bus_set_headway(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world;
    return jw_traffic_set_headway(state, jw_command_get_text(command, "id", ""),
                                  jw_command_get_number(command, "headway_s", 600), error);
}
