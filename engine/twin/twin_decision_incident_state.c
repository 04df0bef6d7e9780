/* Incidents saved and loaded, and their table. */
#include "twin/twin_internal.h"

#include <string.h>

void twin_incidents_free(twin_incidents *incidents)
{
    jw_free(incidents->items);
    jw_free(incidents->alarms);
    jw_free(incidents->watches);
}

void twin_incidents_save(const twin_incidents *incidents, jw_writer *writer)
{
    const jw_incident_def *def = &incidents->def;
    const double figures[] = {def->per_million_km, def->range_m, def->look_s, def->phone_s,     def->crew_kmh,
                              def->clear_s,        def->x_m,     def->y_m,    incidents->left_m};
    const int64_t counts[] = {incidents->cleared, incidents->blocked_ns, incidents->false_alarms,
                              incidents->passed_over, incidents->since_ns};
    jw_write_u8(writer, def->is_on);
    if (!def->is_on)
        return;
    jw_write_u32(writer, def->confirm);
    jw_write_u32(writer, def->crews);
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        jw_write_f64(writer, figures[i]);
    for (uint32_t i = 0; i < JW_COUNT_OF(counts); i++)
        jw_write_i64(writer, counts[i]);
    jw_write_u64(writer, incidents->draws);
    jw_write_u32(writer, incidents->numbers);
    for (uint32_t i = 0; i < def->crews; i++) {
        const twin_crew *crew = &incidents->crews[i];
        jw_write_f32(writer, crew->x_m);
        jw_write_f32(writer, crew->y_m);
        jw_write_u32(writer, crew->incident);
        jw_write_u32(writer, crew->camera);
        jw_write_u8(writer, crew->is_busy);
    }
    jw_write_u32(writer, incidents->count);
    for (uint32_t i = 0; i < incidents->count; i++) {
        const twin_incident *incident = &incidents->items[i];
        const uint32_t numbers[] = {incident->number, incident->edge, incident->lane, incident->disturbance,
                                    incident->camera};
        for (uint32_t k = 0; k < JW_COUNT_OF(numbers); k++)
            jw_write_u32(writer, numbers[k]);
        jw_write_i64(writer, incident->begin_ns);
        jw_write_i64(writer, incident->detected_ns);
        jw_write_i64(writer, incident->cleared_ns);
        jw_write_f32(writer, incident->x_m);
        jw_write_f32(writer, incident->y_m);
        jw_write_u8(writer, incident->is_by_camera);
    }
    jw_write_u32(writer, incidents->alarm_count);
    for (uint32_t i = 0; i < incidents->alarm_count; i++) {
        jw_write_f32(writer, incidents->alarms[i].x_m);
        jw_write_f32(writer, incidents->alarms[i].y_m);
        jw_write_u32(writer, incidents->alarms[i].incident);
        jw_write_u32(writer, incidents->alarms[i].camera);
    }
    jw_write_u32(writer, incidents->watch_count);
    for (uint32_t i = 0; i < incidents->watch_count; i++) {
        jw_write_u32(writer, incidents->watches[i].captures);
        jw_write_u32(writer, incidents->watches[i].decided);
        jw_write_u32(writer, incidents->watches[i].row);
        jw_write_u8(writer, incidents->watches[i].is_alarmed);
    }
}

/* Metres of the plane: what is not a number or farther away would break the times of crews. */
static float load_metre(jw_reader *reader)
{
    float metre = jw_read_f32(reader);
    if (!(metre >= -1e7f && metre <= 1e7f))
        jw_reader_fail(reader, "an incident, an alarm or a crew is at no place");
    return metre;
}

static void load_lists(twin_incidents *incidents, jw_reader *reader, int64_t now_ns)
{
    uint32_t count = jw_read_count(reader, TWIN_INCIDENTS_MAX, 53);
    if (jw_grow(&incidents->items, &incidents->capacity, count, sizeof *incidents->items, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    incidents->count = count;
    for (uint32_t i = 0; i < count; i++) {
        twin_incident *incident = &incidents->items[i];
        uint32_t *const numbers[] = {&incident->number, &incident->edge, &incident->lane,
                                     &incident->disturbance, &incident->camera};
        for (uint32_t k = 0; k < JW_COUNT_OF(numbers); k++)
            *numbers[k] = jw_read_u32(reader);
        incident->begin_ns = jw_read_i64(reader);
        incident->detected_ns = jw_read_i64(reader);
        incident->cleared_ns = jw_read_i64(reader);
        incident->x_m = load_metre(reader);
        incident->y_m = load_metre(reader);
        incident->is_by_camera = jw_read_u8(reader);
        if (incident->begin_ns < 0 || incident->begin_ns > now_ns || incident->detected_ns > now_ns ||
            incident->cleared_ns > now_ns || incident->number > incidents->numbers)
            jw_reader_fail(reader, "incident %u is out of range", i);
    }
    count = jw_read_count(reader, TWIN_INCIDENTS_MAX, 16);
    if (jw_grow(&incidents->alarms, &incidents->alarm_capacity, count, sizeof *incidents->alarms, NULL) !=
        JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    incidents->alarm_count = count;
    for (uint32_t i = 0; i < count; i++) {
        incidents->alarms[i].x_m = load_metre(reader);
        incidents->alarms[i].y_m = load_metre(reader);
        incidents->alarms[i].incident = jw_read_u32(reader);
        incidents->alarms[i].camera = jw_read_u32(reader);
    }
    count = jw_read_count(reader, UINT32_MAX, 13);
    if (jw_grow(&incidents->watches, &incidents->watch_capacity, count, sizeof *incidents->watches, NULL) !=
        JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    incidents->watch_count = count;
    for (uint32_t i = 0; i < count; i++) {
        incidents->watches[i].captures = jw_read_u32(reader);
        incidents->watches[i].decided = jw_read_u32(reader);
        incidents->watches[i].row = jw_read_u32(reader);
        incidents->watches[i].is_alarmed = jw_read_u8(reader);
    }
}

void twin_incidents_load(twin_incidents *incidents, jw_reader *reader, int64_t now_ns)
{
    jw_incident_def *def = &incidents->def;
    double *const figures[] = {&def->per_million_km, &def->range_m, &def->look_s, &def->phone_s,
                               &def->crew_kmh,       &def->clear_s, &def->x_m,    &def->y_m,
                               &incidents->left_m};
    int64_t *const counts[] = {&incidents->cleared, &incidents->blocked_ns, &incidents->false_alarms,
                               &incidents->passed_over, &incidents->since_ns};
    def->is_on = jw_read_u8(reader) != 0;
    if (!def->is_on)
        return;
    def->confirm = jw_read_u32(reader);
    def->crews = jw_read_u32(reader);
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        *figures[i] = jw_read_f64(reader);
    for (uint32_t i = 0; i < JW_COUNT_OF(counts); i++)
        *counts[i] = jw_read_i64(reader);
    incidents->draws = jw_read_u64(reader);
    incidents->numbers = jw_read_u32(reader);
    if (!twin_is_incident_fine(def, NULL) || !(incidents->left_m >= -1e12 && incidents->left_m <= 1e18)) {
        jw_reader_fail(reader, "the incidents are out of range");
        def->crews = 0;
        return;
    }
    for (uint32_t i = 0; i < def->crews; i++) {
        twin_crew *crew = &incidents->crews[i];
        crew->x_m = load_metre(reader);
        crew->y_m = load_metre(reader);
        crew->incident = jw_read_u32(reader);
        crew->camera = jw_read_u32(reader);
        crew->is_busy = jw_read_u8(reader);
    }
    load_lists(incidents, reader, now_ns);
}

jw_result twin_incidents_check(const jw_world *world, const twin_incidents *incidents, jw_error *error)
{
    if (incidents->watch_count > twin_signals_of(world)->camera_count)
        return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0,
                       "incidents are watched for by cameras that are not there");
    return JW_OK;
}

/* ---- table */

const jw_column twin_incident_columns[TWIN_INCIDENT_COLUMNS] = {
    {"number", JW_COLUMN_I64, "", "from 1"},
    {"edge", JW_COLUMN_I64, "", "of the city"},
    {"lane", JW_COLUMN_I64, "", "of the edge, 0 at the kerb"},
    {"began", JW_COLUMN_TIME_NS, "", "the lane is blocked"},
    {"detected_s", JW_COLUMN_F64, "s", "after that; -1: not yet"},
    {"cleared_s", JW_COLUMN_F64, "s", "after that; -1: not yet"},
    {"by", JW_COLUMN_TEXT, "", "camera, phone, or nobody yet"},
    {"x_m", JW_COLUMN_F64, "m", "east of the city's origin"},
    {"y_m", JW_COLUMN_F64, "m", "north of the city's origin"},
};

uint32_t twin_incident_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const twin_decisions *)state)->incidents.count;
}

static double after_s(int64_t begin_ns, int64_t then_ns)
{
    return then_ns < 0 ? -1 : jw_s_from_ns(then_ns - begin_ns);
}

double twin_incident_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const twin_incident *incident = &((const twin_decisions *)state)->incidents.items[row];
    return column == 4   ? after_s(incident->begin_ns, incident->detected_ns)
           : column == 5 ? after_s(incident->begin_ns, incident->cleared_ns)
           : column == 7 ? (double)incident->x_m
                         : (double)incident->y_m;
}

int64_t twin_incident_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const twin_incident *incident = &((const twin_decisions *)state)->incidents.items[row];
    return column == 0   ? incident->number
           : column == 1 ? incident->edge
           : column == 2 ? incident->lane
                         : incident->begin_ns;
}

const char *twin_incident_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world, (void)column;
    const twin_incident *incident = &((const twin_decisions *)state)->incidents.items[row];
    return incident->detected_ns < 0 ? "" : incident->is_by_camera ? "camera" : "phone";
}
