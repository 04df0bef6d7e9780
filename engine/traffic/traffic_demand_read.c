/* Matrices and lists of trips as CSV. */
#include "traffic/traffic_internal.h"

#include <stdio.h>
#include <string.h>

#define FILE_MAX ((size_t)1 << 30)
#define DAY_S    86400.0
#define YEAR_S   (366 * DAY_S)

typedef struct table {
    jw_csv csv;
    jw_zone_finder finder;
    jw_demand_data *data;
    const jw_city *city;
} table;

/* Ends in close_table, also after failing. */
static jw_result open_table(table *t, jw_demand_data *data, const jw_city *city, const char *path,
                            jw_error *error)
{
    *t = (table){.data = data, .city = city};
    jw_result result = jw_csv_open(&t->csv, path, FILE_MAX, error);
    return result ? result : jw_zone_finder_make(&t->finder, data, city, error);
}

static void close_table(table *t)
{
    jw_csv_close(&t->csv);
    jw_zone_finder_free(&t->finder);
}

static jw_result fail_row(const table *t, jw_result code, const jw_error *why, jw_error *error)
{
    return jw_fail(error, code, t->csv.path, t->csv.line, "%s", why->message);
}

static bool edge_takes(const jw_city *city, uint32_t edge, uint32_t vehicle_class)
{
    uint32_t c = vehicle_class < JW_VEHICLE_CLASS_COUNT ? vehicle_class : JW_VEHICLE_CAR;
    for (uint32_t k = 0; k < city->edges[edge].lane_count; k++)
        if (city->lanes[city->edges[edge].first_lane + k].allow >> c & 1)
            return true;
    return false;
}

static jw_result take_zone(table *t, uint32_t column, bool is_from, uint32_t vehicle_class, uint32_t *out,
                           jw_error *error)
{
    jw_error why = {0};
    const char *name = jw_csv_text(&t->csv, column);
    jw_result result = jw_zone_find(&t->finder, name, out, &why);
    if (result)
        return fail_row(t, result == JW_ERROR_MEMORY ? result : JW_ERROR_INPUT, &why, error);
    const jw_zone *zone = &t->data->zones[*out];
    const uint32_t *edges = t->data->zone_edges + (is_from ? zone->first_from : zone->first_to);
    for (uint32_t k = 0; k < (is_from ? zone->from_count : zone->to_count); k++)
        if (edge_takes(t->city, edges[k], vehicle_class))
            return JW_OK;
    return jw_fail(error, JW_ERROR_INPUT, t->csv.path, t->csv.line,
                   "no road of zone \"%s\" allows this class of vehicle", name);
}

/* An empty field is `fallback`. */
static jw_result take_class(table *t, uint32_t column, uint32_t fallback, uint32_t *out, jw_error *error)
{
    const char *name = jw_csv_text(&t->csv, column);
    jw_vehicle_class c;
    *out = fallback;
    if (!name[0])
        return JW_OK;
    if (!jw_vehicle_class_from_name(name, &c) || c == JW_VEHICLE_PEDESTRIAN)
        return jw_fail(error, JW_ERROR_INPUT, t->csv.path, t->csv.line,
                       "class \"%.40s\" does not exist: car, truck, bus, shuttle, emergency, bicycle, ebike",
                       name);
    *out = c;
    return JW_OK;
}

/* ---- matrices --------------------------------------------------------------------------------------------
 */

typedef struct od_columns {
    uint32_t from, to, begin, end, count, vehicle_class;
} od_columns;

static jw_result take_cell(table *t, const od_columns *c, jw_error *error)
{
    jw_demand_data *data = t->data;
    jw_od_cell cell = {.line = (uint32_t)t->csv.line};
    jw_result result = take_class(t, c->vehicle_class, JW_VEHICLE_CLASS_COUNT, &cell.vehicle_class, error);
    if (!result)
        result = take_zone(t, c->from, true, cell.vehicle_class, &cell.from_zone, error);
    if (!result)
        result = take_zone(t, c->to, false, cell.vehicle_class, &cell.to_zone, error);
    if (!result)
        result = jw_csv_time(&t->csv, c->begin, DAY_S, &cell.begin_s, error);
    if (!result)
        result = jw_csv_time(&t->csv, c->end, DAY_S, &cell.end_s, error);
    if (!result && !(cell.end_s > cell.begin_s))
        result = jw_fail(error, JW_ERROR_INPUT, t->csv.path, t->csv.line,
                         "the interval ends at %s and begins at %s: it must end later",
                         jw_csv_text(&t->csv, c->end), jw_csv_text(&t->csv, c->begin));
    if (!result)
        result = jw_csv_number(&t->csv, c->count, 0, 1e9, &cell.trips, error);
    if (!result)
        result = jw_grow(&data->cells, &data->cell_capacity, data->cell_count + 1ull, sizeof cell, error);
    if (!result)
        data->cells[data->cell_count++] = cell;
    return result;
}

static jw_result check_rows(const table *t, uint32_t rows, jw_error *error)
{
    return rows < JW_DEMAND_ROWS_MAX ? JW_OK
                                     : jw_fail(error, JW_ERROR_LIMIT, t->csv.path, t->csv.line,
                                               "more than %u rows", JW_DEMAND_ROWS_MAX);
}

static jw_result read_od(table *t, jw_error *error)
{
    od_columns c = {.vehicle_class = jw_csv_find(&t->csv, "class")};
    jw_result result = jw_csv_need(&t->csv, "from", &c.from, error);
    if (!result)
        result = jw_csv_need(&t->csv, "to", &c.to, error);
    if (!result)
        result = jw_csv_need(&t->csv, "begin", &c.begin, error);
    if (!result)
        result = jw_csv_need(&t->csv, "end", &c.end, error);
    if (!result)
        result = jw_csv_need(&t->csv, "count", &c.count, error);
    bool has_row = !result;
    while (has_row) {
        result = jw_csv_next(&t->csv, &has_row, error);
        if (!result && has_row)
            result = check_rows(t, t->data->cell_count, error);
        if (!result && has_row)
            result = take_cell(t, &c, error);
        if (result)
            return result;
    }
    return result;
}

jw_result jw_demand_read_od(jw_demand_data *data, const jw_city *city, const char *path, jw_error *error)
{
    table t;
    jw_result result = open_table(&t, data, city, path, error);
    if (!result)
        result = read_od(&t, error);
    close_table(&t);
    return result;
}

static void write_time(char *out, size_t size, double time_s)
{
    int64_t whole = (int64_t)time_s;
    if ((double)whole != time_s)
        snprintf(out, size, "%.17g", time_s);
    else
        snprintf(out, size, "%02d:%02d:%02d", (int)(whole / 3600), (int)(whole / 60 % 60), (int)(whole % 60));
}

/* Quoted where a comma or a quote asks for it. */
static void write_name(jw_writer *out, const char *name)
{
    bool is_quoted = strpbrk(name, ",\"#") != NULL;
    if (is_quoted)
        jw_write_u8(out, '"');
    for (; *name; name++) {
        if (*name == '"')
            jw_write_u8(out, '"');
        jw_write_u8(out, (uint8_t)*name);
    }
    jw_write_bytes(out, is_quoted ? "\"," : ",", is_quoted ? 2 : 1);
}

jw_result jw_demand_write_od(const jw_demand_data *data, const char *path, jw_error *error)
{
    static const char header[] = "from,to,begin,end,count,class\n";
    jw_writer out = {0};
    jw_write_bytes(&out, header, sizeof header - 1);
    for (uint32_t k = 0; k < data->cell_count; k++) {
        const jw_od_cell *cell = &data->cells[k];
        char line[128], begin[40], end[40];
        write_name(&out, data->zones[cell->from_zone].name);
        write_name(&out, data->zones[cell->to_zone].name);
        write_time(begin, sizeof begin, cell->begin_s);
        write_time(end, sizeof end, cell->end_s);
        bool has_class = cell->vehicle_class < JW_VEHICLE_CLASS_COUNT;
        int length = snprintf(line, sizeof line, "%s,%s,%.6g,%s\n", begin, end, cell->trips,
                              has_class ? jw_vehicle_class_name((jw_vehicle_class)cell->vehicle_class) : "");
        jw_write_bytes(&out, line, (size_t)length);
    }
    jw_result result = out.failed ? jw_fail_memory(error) : jw_file_write(path, out.bytes, out.size, error);
    jw_writer_free(&out);
    return result;
}

/* ---- trips -----------------------------------------------------------------------------------------------
 */

typedef struct trip_columns {
    uint32_t depart, from, to, vehicle_class, route, tag;
} trip_columns;

static jw_result fail_route(const table *t, const char *text, jw_error *error)
{
    return jw_fail(error, JW_ERROR_INPUT, t->csv.path, t->csv.line,
                   "route: \"%.60s\": write the numbers of edges (0 to %d) with blanks between", text,
                   (int)t->city->edge_count - 1);
}

static bool leads_to(const jw_city *city, uint32_t from, uint32_t to, uint32_t vehicle_class)
{
    for (uint32_t k = 0; k < city->edges[from].lane_count; k++) {
        const jw_lane *lane = &city->lanes[city->edges[from].first_lane + k];
        for (uint32_t n = 0; n < lane->connection_count; n++) {
            const jw_connection *c = &city->connections[city->lane_connections[lane->first_connection + n]];
            if (city->lanes[c->to_lane].edge == to && (c->allow >> vehicle_class & 1))
                return true;
        }
    }
    return false;
}

/* "3 17 18": edges that follow one another. */
static jw_result take_route(table *t, const char *text, jw_listed_trip *trip, jw_error *error)
{
    jw_demand_data *data = t->data;
    trip->first_route = data->route_edge_count;
    for (const char *p = text; *p;) {
        size_t length = strcspn(p, " \t");
        char number[24];
        double edge;
        if (length >= sizeof number)
            return fail_route(t, p, error);
        memcpy(number, p, length);
        number[length] = 0;
        if (!jw_text_to_number(number, &edge) || edge < 0 || edge >= t->city->edge_count ||
            edge != jw_floor(edge))
            return fail_route(t, p, error);
        if (trip->route_count && !leads_to(t->city, trip->to_edge, (uint32_t)edge, trip->vehicle_class))
            return jw_fail(error, JW_ERROR_INPUT, t->csv.path, t->csv.line,
                           "route: this class of vehicle cannot go from edge %u to edge %s", trip->to_edge,
                           number);
        if (!edge_takes(t->city, (uint32_t)edge, trip->vehicle_class))
            return jw_fail(error, JW_ERROR_INPUT, t->csv.path, t->csv.line,
                           "route: edge %s does not allow this class of vehicle", number);
        jw_result result = jw_grow(&data->route_edges, &data->route_edge_capacity,
                                   data->route_edge_count + 1ull, sizeof *data->route_edges, error);
        if (result)
            return result;
        data->route_edges[data->route_edge_count++] = trip->to_edge = (uint32_t)edge;
        if (!trip->route_count++)
            trip->from_edge = (uint32_t)edge;
        p += length;
        p += strspn(p, " \t");
    }
    return JW_OK;
}

/* One edge of the zone that the class may use, by the row's number. */
static uint32_t draw_edge(const table *t, uint32_t zone, bool is_from, const jw_listed_trip *trip)
{
    const jw_zone *z = &t->data->zones[zone];
    const uint32_t *edges = t->data->zone_edges + (is_from ? z->first_from : z->first_to);
    uint32_t count = is_from ? z->from_count : z->to_count;
    jw_random_key key = {jw_hash_text(0, "traffic.trips"), is_from};
    uint32_t at = jw_random_index(key, t->data->trip_count, 0, count);
    while (!edge_takes(t->city, edges[at], trip->vehicle_class)) /* take_zone saw that one does */
        at = at + 1 < count ? at + 1 : 0;
    return edges[at];
}

static jw_result take_trip(table *t, const trip_columns *c, jw_error *error)
{
    jw_demand_data *data = t->data;
    jw_listed_trip trip = {0};
    double depart_s = 0, tag = 0;
    uint32_t from, to;
    jw_result result = take_class(t, c->vehicle_class, JW_VEHICLE_CAR, &trip.vehicle_class, error);
    if (!result)
        result = jw_csv_time(&t->csv, c->depart, YEAR_S, &depart_s, error);
    if (!result && jw_csv_text(&t->csv, c->tag)[0])
        result = jw_csv_number(&t->csv, c->tag, 0, 9e15, &tag, error);
    const char *route = jw_csv_text(&t->csv, c->route);
    if (!result && route[0]) {
        result = take_route(t, route, &trip, error);
    } else if (!result && (c->from == JW_NONE || c->to == JW_NONE)) {
        result =
            jw_fail(error, JW_ERROR_INPUT, t->csv.path, t->csv.line, "a trip needs from and to, or a route");
    } else if (!result) {
        result = take_zone(t, c->from, true, trip.vehicle_class, &from, error);
        if (!result)
            result = take_zone(t, c->to, false, trip.vehicle_class, &to, error);
        if (!result) {
            trip.from_edge = draw_edge(t, from, true, &trip);
            trip.to_edge = draw_edge(t, to, false, &trip);
        }
    }
    if (!result)
        result = jw_grow(&data->trips, &data->trip_capacity, data->trip_count + 1ull, sizeof trip, error);
    if (result)
        return result;
    trip.depart_ns = jw_ns_from_s(depart_s);
    trip.tag = (uint64_t)tag;
    data->trips[data->trip_count++] = trip;
    return JW_OK;
}

static jw_result read_trips(table *t, jw_error *error)
{
    const jw_csv *csv = &t->csv;
    trip_columns c = {.from = jw_csv_find(csv, "from"),
                      .to = jw_csv_find(csv, "to"),
                      .vehicle_class = jw_csv_find(csv, "class"),
                      .route = jw_csv_find(csv, "route"),
                      .tag = jw_csv_find(csv, "tag")};
    jw_result result = jw_csv_need(csv, "depart", &c.depart, error);
    bool has_row = !result;
    while (has_row) {
        result = jw_csv_next(&t->csv, &has_row, error);
        if (!result && has_row)
            result = check_rows(t, t->data->trip_count, error);
        if (!result && has_row)
            result = take_trip(t, &c, error);
        if (result)
            return result;
    }
    return result;
}

jw_result jw_demand_read_trips(jw_demand_data *data, const jw_city *city, const char *path, jw_error *error)
{
    table t;
    jw_result result = open_table(&t, data, city, path, error);
    if (!result)
        result = read_trips(&t, error);
    close_table(&t);
    return result;
}
