/* tripinfo, summary and FCD in SUMO's forms. */
#include "record/record_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HALTING_MPS 0.1 /* SUMO's */
#define NAME_SIZE   512

typedef struct output {
    FILE *file;
    char path[1024];
    const char *root;
} output;

struct jw_sumo_export {
    output tripinfo, summary, fcd, edgedata;
    const jw_sumo_demand *demand;
    jw_sumo_plane plane;
    jw_projection *from_city, *to_file; /* NULL: the plane is the city's, moved */
    double duration_sum_s;              /* of those that arrived: */
    uint64_t arrived;
    record_loops *loops; /* NULL: none are wanted */
    bool drains_trips, measures, has_failed;
};

/* ---- text --------------------------------------------------------------------------------------------- */

void record_escape(char *out, size_t out_size, const char *text)
{
    size_t used = 0;
    for (; *text && used + 7 < out_size; text++) {
        const char *as = *text == '&'   ? "&amp;"
                         : *text == '<' ? "&lt;"
                         : *text == '>' ? "&gt;"
                         : *text == '"' ? "&quot;"
                                        : NULL;
        if (as)
            used += (size_t)snprintf(out + used, out_size - used, "%s", as);
        else
            out[used++] = *text;
    }
    out[used] = '\0';
}

static void vehicle_name(const jw_sumo_export *x, uint64_t tag, char out[NAME_SIZE])
{
    char name[NAME_SIZE];
    if (x->demand)
        jw_sumo_vehicle_name(x->demand, tag, name, sizeof name);
    else
        snprintf(name, sizeof name, "%llu", (unsigned long long)tag);
    record_escape(out, NAME_SIZE, name);
}

static void type_name(const jw_sumo_export *x, uint64_t tag, char out[NAME_SIZE])
{
    uint64_t number = tag >> 32;
    bool is_known = x->demand && number && number <= x->demand->vehicle_count;
    const char *type = is_known ? jw_sumo_text(x->demand, x->demand->vehicles[number - 1].type) : "";
    record_escape(out, NAME_SIZE, *type ? type : "DEFAULT_VEHTYPE");
}

static void lane_name(const jw_city *city, uint32_t edge, uint32_t index, char out[NAME_SIZE])
{
    char id[NAME_SIZE];
    record_escape(id, sizeof id - 16, jw_city_text(city, city->edges[edge].id));
    if (id[0])
        snprintf(out, NAME_SIZE, "%.480s_%u", id, index);
    else
        snprintf(out, NAME_SIZE, "%u_%u", edge, index);
}

static void spot_name(const jw_city *city, const jw_vehicle_spot *spot, char out[NAME_SIZE])
{
    if (spot->lane != JW_NONE) {
        lane_name(city, city->lanes[spot->lane].edge, city->lanes[spot->lane].index, out);
        return;
    }
    char id[NAME_SIZE];
    const jw_junction *junction = &city->junctions[city->connections[spot->connection].junction];
    record_escape(id, sizeof id - 32, jw_city_text(city, junction->id));
    uint32_t number = spot->connection - junction->first_connection;
    if (id[0])
        snprintf(out, NAME_SIZE, ":%.470s_%u_0", id, number);
    else
        snprintf(out, NAME_SIZE, ":%u_%u_0", city->connections[spot->connection].junction, number);
}

/* ---- files -------------------------------------------------------------------------------------------- */

static jw_result open_output(output *o, const char *path, const char *root, jw_error *error)
{
    if (!path || !*path)
        return JW_OK;
    o->root = root;
    if (!jw_text_copy(o->path, sizeof o->path, path))
        return jw_fail(error, JW_ERROR_INPUT, path, 0, "the path is longer than %zu bytes",
                       sizeof o->path - 1);
    o->file = fopen(path, "wb");
    if (!o->file)
        return jw_fail(error, JW_ERROR_IO, path, 0, "cannot be written: %s", strerror(errno));
    fprintf(o->file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s>\n", root);
    return JW_OK;
}

static jw_result check_output(const output *o, jw_error *error)
{
    if (o->file && ferror(o->file))
        return jw_fail(error, JW_ERROR_IO, o->path, 0, "writing failed (is the disk full?)");
    return JW_OK;
}

static jw_result close_output(output *o, jw_error *error)
{
    if (!o->file)
        return JW_OK;
    fprintf(o->file, "</%s>\n", o->root);
    bool is_good = !ferror(o->file);
    is_good = fclose(o->file) == 0 && is_good;
    o->file = NULL;
    return is_good ? JW_OK : jw_fail(error, JW_ERROR_IO, o->path, 0, "writing failed (is the disk full?)");
}

static jw_result open_plane(jw_sumo_export *x, const jw_city *city, jw_error *error)
{
    if (!x->plane.projection[0])
        return JW_OK;
    jw_result result = jw_projection_create(city->origin_lon_deg, city->origin_lat_deg, &x->from_city, error);
    return result == JW_OK ? jw_projection_create_from_text(x->plane.projection, &x->to_file, error) : result;
}

jw_result jw_sumo_export_open(const jw_sumo_export_def *def, const jw_world *world, jw_sumo_export **out,
                              jw_error *error)
{
    jw_sumo_export *x = jw_alloc(sizeof *x);
    *out = NULL;
    if (!x)
        return jw_fail_memory(error);
    x->demand = def->demand;
    x->drains_trips = def->drains_trips;
    if (def->plane)
        x->plane = *def->plane;
    jw_result result = open_output(&x->tripinfo, def->tripinfo, "tripinfos", error);
    if (result == JW_OK)
        result = open_output(&x->summary, def->summary, "summary", error);
    if (result == JW_OK)
        result = open_output(&x->fcd, def->fcd, "fcd-export", error);
    if (result == JW_OK)
        result = open_output(&x->edgedata, def->edgedata, "meandata", error);
    if (result == JW_OK && def->has_loops && def->demand)
        result = record_loops_open(def->demand, world, &x->loops, error);
    if (result == JW_OK && x->edgedata.file) {
        jw_traffic *traffic = jw_world_state(world, JW_TWIN_TRAFFIC);
        int64_t begin_ns;
        x->measures = !jw_traffic_track_sums(traffic, &begin_ns);
        result = jw_traffic_measure_intervals(traffic, true, error);
    }
    if (result == JW_OK && x->fcd.file)
        result = open_plane(x, jw_twin_city(world), error);
    if (result == JW_OK)
        *out = x;
    else
        jw_sumo_export_close(x, world, NULL);
    return result;
}

static uint32_t column_of(const jw_table *table, const char *name)
{
    uint32_t c = 0;
    while (c < table->column_count && strcmp(table->columns[c].name, name) != 0)
        c++;
    return c;
}

/* Sums of an edge's lanes since measuring began. */
static jw_track_sum sum_of_edge(const jw_city *city, const jw_track_sum *tracks, uint32_t edge)
{
    jw_track_sum sum = {0};
    for (uint32_t k = 0; k < city->edges[edge].lane_count; k++) {
        const jw_track_sum *lane = &tracks[city->edges[edge].first_lane + k];
        sum.way_m += lane->way_m;
        sum.time_s += lane->time_s;
        sum.lost_s += lane->lost_s;
        sum.halt_s += lane->halt_s;
        sum.entered += lane->entered;
        sum.left += lane->left;
        sum.arrived += lane->arrived;
    }
    return sum;
}

static void write_edge(jw_sumo_export *x, const jw_city *city, const jw_track_sum *sum, uint32_t e,
                       double time_s, long long departed)
{
    char id[NAME_SIZE];
    double length_m = city->edges[e].length_m;
    record_escape(id, sizeof id, jw_city_text(city, city->edges[e].id));
    if (!id[0])
        snprintf(id, sizeof id, "%u", e);
    fprintf(x->edgedata.file, "        <edge id=\"%s\" sampledSeconds=\"%.2f\"", id, sum->time_s);
    if (sum->time_s > 0 && sum->way_m > 0) /* as SUMO: nothing of an edge that nobody was on */
        fprintf(x->edgedata.file,
                " traveltime=\"%.2f\" density=\"%.2f\" laneDensity=\"%.2f\" waitingTime=\"%.2f\" "
                "timeLoss=\"%.2f\" speed=\"%.2f\"",
                length_m * sum->time_s / sum->way_m, sum->time_s / time_s / length_m * 1000,
                sum->time_s / time_s / length_m * 1000 / city->edges[e].lane_count, sum->halt_s, sum->lost_s,
                sum->way_m / sum->time_s);
    fprintf(x->edgedata.file, " departed=\"%lld\" arrived=\"%u\" entered=\"%u\" left=\"%u\"/>\n", departed,
            sum->arrived, sum->entered, sum->left);
}

static void write_edges(jw_sumo_export *x, const jw_world *world)
{
    uint32_t module;
    int64_t begin_ns;
    const jw_city *city = jw_twin_city(world);
    const jw_table *table = jw_world_find_table(world, "edges", &module);
    const void *state = jw_world_state(world, module);
    const jw_track_sum *tracks = jw_traffic_track_sums(state, &begin_ns);
    uint32_t departed = column_of(table, "departed");
    double time_s = jw_s_from_ns(jw_world_time_ns(world) - begin_ns);
    if (!tracks || time_s <= 0)
        return;
    fprintf(x->edgedata.file, "    <interval begin=\"%.2f\" end=\"%.2f\" id=\"run\">\n",
            jw_s_from_ns(begin_ns), jw_s_from_ns(jw_world_time_ns(world)));
    for (uint32_t e = 0; e < city->edge_count; e++) {
        jw_track_sum sum = sum_of_edge(city, tracks, e);
        write_edge(x, city, &sum, e, time_s, (long long)table->integer(world, state, e, departed));
    }
    fputs("    </interval>\n", x->edgedata.file);
}

jw_result jw_sumo_export_close(jw_sumo_export *x, const jw_world *world, jw_error *error)
{
    if (!x)
        return JW_OK;
    if (x->edgedata.file)
        write_edges(x, world);
    if (x->measures)
        jw_traffic_measure_intervals(jw_world_state(world, JW_TWIN_TRAFFIC), false, NULL);
    jw_result results[] = {close_output(&x->tripinfo, error), close_output(&x->summary, error),
                           close_output(&x->fcd, error), close_output(&x->edgedata, error),
                           record_loops_close(x->loops, world, error)};
    bool has_failed = x->has_failed; /* told before */
    jw_projection_destroy(x->from_city);
    jw_projection_destroy(x->to_file);
    jw_free(x);
    for (uint32_t i = 0; i < JW_COUNT_OF(results) && !has_failed; i++)
        if (results[i] != JW_OK)
            return results[i];
    return JW_OK;
}

/* ---- trips -------------------------------------------------------------------------------------------- */

/* The columns of the table "trips", by name. */
enum {
    TRIP_WISH,
    TRIP_DEPART,
    TRIP_ARRIVE,
    TRIP_FROM,
    TRIP_TO,
    TRIP_LENGTH,
    TRIP_TAG,
    TRIP_LOSS,
    TRIP_STANDING,
    TRIP_HALTS,
    TRIP_FACTOR,
    TRIP_DEPART_LANE,
    TRIP_DEPART_POS,
    TRIP_DEPART_SPEED,
    TRIP_ARRIVE_LANE,
    TRIP_ARRIVE_POS,
    TRIP_ARRIVE_SPEED,
    TRIP_STOP,
    TRIP_COLUMNS
};

static void find_columns(const jw_table *table, uint32_t out[TRIP_COLUMNS])
{
    static const char *const names[TRIP_COLUMNS] = {
        "wish_ns",      "depart_ns",   "arrive_ns",   "from_edge",    "to_edge",      "length_m",
        "tag",          "time_loss_s", "standing_s",  "halts",        "speed_factor", "depart_lane",
        "depart_pos_m", "depart_mps",  "arrive_lane", "arrive_pos_m", "arrive_mps",   "stop_s"};
    for (uint32_t k = 0; k < TRIP_COLUMNS; k++)
        out[k] = column_of(table, names[k]);
}

static void write_trip(jw_sumo_export *x, const jw_world *world, const jw_table *table, const void *state,
                       const uint32_t *columns, uint32_t row)
{
#define WHOLE(column) table->integer(world, state, row, columns[column])
#define REAL(column)  table->number(world, state, row, columns[column])
    const jw_city *city = jw_twin_city(world);
    char name[NAME_SIZE], type[NAME_SIZE], from[NAME_SIZE], to[NAME_SIZE];
    uint64_t tag = (uint64_t)WHOLE(TRIP_TAG);
    int64_t wish_ns = WHOLE(TRIP_WISH), depart_ns = WHOLE(TRIP_DEPART), arrive_ns = WHOLE(TRIP_ARRIVE);
    vehicle_name(x, tag, name);
    type_name(x, tag, type);
    lane_name(city, (uint32_t)WHOLE(TRIP_FROM), (uint32_t)WHOLE(TRIP_DEPART_LANE), from);
    lane_name(city, (uint32_t)WHOLE(TRIP_TO), (uint32_t)WHOLE(TRIP_ARRIVE_LANE), to);
    fprintf(
        x->tripinfo.file,
        "    <tripinfo id=\"%s\" depart=\"%.2f\" departLane=\"%s\" departPos=\"%.2f\" departSpeed=\"%.2f\" "
        "departDelay=\"%.2f\" arrival=\"%.2f\" arrivalLane=\"%s\" arrivalPos=\"%.2f\" arrivalSpeed=\"%.2f\" "
        "duration=\"%.2f\" routeLength=\"%.2f\" waitingTime=\"%.2f\" waitingCount=\"%lld\" "
        "stopTime=\"%.2f\" timeLoss=\"%.2f\" rerouteNo=\"0\" devices=\"\" vType=\"%s\" speedFactor=\"%.2f\" "
        "vaporized=\"\"/>\n",
        name, jw_s_from_ns(depart_ns), from, REAL(TRIP_DEPART_POS), REAL(TRIP_DEPART_SPEED),
        jw_s_from_ns(depart_ns - wish_ns), jw_s_from_ns(arrive_ns), to, REAL(TRIP_ARRIVE_POS),
        REAL(TRIP_ARRIVE_SPEED), jw_s_from_ns(arrive_ns - depart_ns), REAL(TRIP_LENGTH), REAL(TRIP_STANDING),
        (long long)WHOLE(TRIP_HALTS), REAL(TRIP_STOP), REAL(TRIP_LOSS), type, REAL(TRIP_FACTOR));
#undef WHOLE
#undef REAL
}

/* Those who arrived in this step stand at the end of the log. */
static void write_trips(jw_sumo_export *x, jw_world *world)
{
    uint32_t module, columns[TRIP_COLUMNS] = {0};
    const jw_table *table = jw_world_find_table(world, "trips", &module);
    const void *state = jw_world_state(world, module);
    find_columns(table, columns);
    uint32_t count = table->row_count(world, state), first = count;
    int64_t now_ns = jw_world_time_ns(world);
    while (first > 0 && table->integer(world, state, first - 1, columns[TRIP_ARRIVE]) == now_ns)
        first--;
    for (uint32_t row = first; row < count; row++) {
        x->arrived++;
        x->duration_sum_s += jw_s_from_ns(now_ns - table->integer(world, state, row, columns[TRIP_DEPART]));
        if (x->tripinfo.file)
            write_trip(x, world, table, state, columns, row);
    }
    if (!x->drains_trips || count == 0)
        return;
    const jw_module *traffic = &jw_traffic_module;
    traffic->drain(world, jw_world_state(world, module), (uint32_t)(table - traffic->tables), count);
}

/* ---- the road ----------------------------------------------------------------------------------------- */

static void write_summary(jw_sumo_export *x, const jw_world *world)
{
    const jw_traffic *traffic = jw_world_state(world, JW_TWIN_TRAFFIC);
    jw_traffic_counts c = jw_traffic_count(traffic);
    jw_vehicle_columns v = jw_traffic_vehicles(traffic);
    int64_t halting = 0;
    double relative = 0;
    for (uint32_t row = 0; row < v.count; row++) {
        jw_vehicle_spot spot;
        halting += (double)v.speed_mps[row] < HALTING_MPS;
        if (jw_traffic_vehicle_spot(traffic, v.id[row], &spot) && spot.limit_mps > 0)
            relative += (double)(v.speed_mps[row] / spot.limit_mps);
    }
    fprintf(
        x->summary.file,
        "    <step time=\"%.2f\" loaded=\"%lld\" inserted=\"%lld\" running=\"%lld\" waiting=\"%lld\" "
        "ended=\"%lld\" arrived=\"%lld\" collisions=\"0\" teleports=\"0\" halting=\"%lld\" stopped=\"%lld\" "
        "meanWaitingTime=\"%.2f\" meanTravelTime=\"%.2f\" meanSpeed=\"%.2f\" meanSpeedRelative=\"%.2f\" "
        "duration=\"0\"/>\n",
        jw_s_from_ns(jw_world_time_ns(world)), (long long)c.created, (long long)c.departed,
        (long long)c.running, (long long)c.due, (long long)(c.arrived + c.removed), (long long)c.arrived,
        (long long)halting, (long long)c.standing, c.mean_depart_wait_s,
        x->arrived ? x->duration_sum_s / (double)x->arrived : -1.0, v.count ? c.mean_speed_mps : -1.0,
        v.count ? relative / v.count : -1.0);
}

static jw_result place_in_file(const jw_sumo_export *x, double *px, double *py, jw_error *error)
{
    if (x->from_city) {
        double lon_deg, lat_deg;
        jw_result result = jw_projection_inverse(x->from_city, px, py, 1, &lon_deg, &lat_deg, error);
        if (result == JW_OK)
            result = jw_projection_forward(x->to_file, &lon_deg, &lat_deg, 1, px, py, error);
        if (result != JW_OK)
            return result;
    }
    *px += x->plane.offset_x_m;
    *py += x->plane.offset_y_m;
    return JW_OK;
}

/* Degrees clockwise from north, 0 to 360. */
static double compass_deg(double heading_rad)
{
    double degrees = 90.0 - heading_rad * 180.0 / JW_PI;
    return degrees - 360.0 * jw_floor(degrees / 360.0);
}

static jw_result write_fcd(jw_sumo_export *x, const jw_world *world, jw_error *error)
{
    const jw_traffic *traffic = jw_world_state(world, JW_TWIN_TRAFFIC);
    const jw_city *city = jw_twin_city(world);
    jw_vehicle_columns v = jw_traffic_vehicles(traffic);
    fprintf(x->fcd.file, "    <timestep time=\"%.2f\">\n", jw_s_from_ns(jw_world_time_ns(world)));
    for (uint32_t row = 0; row < v.count; row++) {
        jw_vehicle_spot spot;
        char name[NAME_SIZE], type[NAME_SIZE], lane[NAME_SIZE];
        double px = v.x_m[row], py = v.y_m[row];
        if (!jw_traffic_vehicle_spot(traffic, v.id[row], &spot))
            continue;
        jw_result result = place_in_file(x, &px, &py, error);
        if (result != JW_OK)
            return result;
        vehicle_name(x, spot.tag, name);
        type_name(x, spot.tag, type);
        spot_name(city, &spot, lane);
        fprintf(x->fcd.file,
                "        <vehicle id=\"%s\" x=\"%.2f\" y=\"%.2f\" angle=\"%.2f\" type=\"%s\" speed=\"%.2f\" "
                "pos=\"%.2f\" lane=\"%s\" slope=\"0.00\"/>\n",
                name, px, py, compass_deg((double)v.heading_rad[row]), type, (double)v.speed_mps[row],
                (double)spot.pos_m, lane);
    }
    fputs("    </timestep>\n", x->fcd.file);
    return JW_OK;
}

jw_result jw_sumo_export_step(jw_sumo_export *x, jw_world *world, jw_error *error)
{
    if (x->has_failed)
        return JW_OK;
    jw_result result = JW_OK;
    write_trips(x, world);
    if (x->summary.file)
        write_summary(x, world);
    if (x->fcd.file)
        result = write_fcd(x, world, error);
    const output *all[] = {&x->tripinfo, &x->summary, &x->fcd};
    for (uint32_t i = 0; i < JW_COUNT_OF(all) && result == JW_OK; i++)
        result = check_output(all[i], error);
    if (result == JW_OK && x->loops)
        result = record_loops_step(x->loops, world, error);
    x->has_failed = result != JW_OK;
    return result;
}
