/* The roadside module: its life, what is saved of it, what can be told and asked. */
#include "network/network_roadside_internal.h"

#include <string.h>

/* ---- life ------------------------------------------------------------------------------------------------
 */

void jw_roadside_free(jw_roadside *roadside)
{
    for (uint32_t i = 0; i < roadside->unit_count; i++) {
        jw_free(roadside->units[i].tiles);
    }
    jw_free(roadside->units);
    jw_free(roadside->near);
    jw_map_free(&roadside->by_junction);
    jw_network_sight_destroy(roadside->sight);
    jw_free(roadside->square_first);
    jw_free(roadside->by_square);
    memset(roadside, 0, sizeof *roadside);
}

static void destroy(void *state)
{
    jw_roadside_free(state);
}

static void default_to(double *value, double fallback)
{
    if (*value == 0) {
        *value = fallback;
    }
}

static jw_roadside_def with_defaults(const jw_roadside_def *def)
{
    jw_roadside_def full = *def;
    default_to(&full.height_m, 6);
    default_to(&full.power_dbm, 29);
    default_to(&full.range_m, 500);
    default_to(&full.signal_hz, 10);
    default_to(&full.perception_hz, 10);
    return full;
}

static bool is_system_sound(const jw_roadside *roadside)
{
    return roadside->busy_limit >= 0.05 && roadside->busy_limit <= 1 && roadside->vehicle_hz >= -1 &&
           roadside->vehicle_hz <= 50 && roadside->signal_bytes >= 20 && roadside->signal_bytes <= 8000 &&
           roadside->vehicle_bytes >= 20 && roadside->vehicle_bytes <= 8000;
}

static jw_result check_unique(const jw_roadside *roadside, const jw_roadside_def *def, jw_error *error)
{
    for (uint32_t i = 0; i < roadside->unit_count; i++) {
        const jw_roadside_def *other = &roadside->units[i].def;
        if (roadside->units[i].is_removed) {
            continue;
        }
        if (!strcmp(other->name, def->name)) {
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "the roadside unit \"%s\" is there twice",
                           def->name);
        }
        if (def->junction != JW_NONE && other->junction == def->junction) {
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0,
                           "roadside units \"%s\" and \"%s\" announce the same junction's signals",
                           other->name, def->name);
        }
    }
    return JW_OK;
}

static jw_result take_unit(jw_roadside *roadside, const jw_roadside_def *def, const jw_city *city,
                           jw_error *error)
{
    jw_roadside_def full = with_defaults(def);
    jw_result result = check_unique(roadside, &full, error);
    if (result) {
        return result;
    }
    if (!full.name[0] || !jw_roadside_is_sound(&full)) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "roadside unit \"%s\": height 1 to 50 m, power 0 to 60 dBm, range 20 to 2000 m and "
                       "not less than those of camera and radar, rates 0.1 to 50 Hz are taken",
                       full.name);
    }
    if (full.junction != JW_NONE && (!city || full.junction >= city->junction_count)) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "roadside unit \"%s\": there is no junction %u",
                       full.name, full.junction);
    }
    roadside->units[roadside->unit_count++] = (roadside_unit){.def = full, .is_up = true};
    return JW_OK;
}

static jw_result init(jw_world *world, void *state, const void *definition, jw_error *error)
{
    jw_roadside *roadside = state;
    const net_shared *shared = jw_world_shared(world);
    jw_roadside_system system =
        definition ? *(const jw_roadside_system *)definition : (jw_roadside_system){0};
    default_to(&system.busy_limit, 0.65);
    default_to(&system.vehicle_hz, 10);
    default_to(&system.signal_bytes, 400);
    default_to(&system.vehicle_bytes, 300);
    roadside->busy_limit = system.busy_limit;
    roadside->vehicle_hz = jw_max(system.vehicle_hz, -1);
    roadside->signal_bytes = system.signal_bytes;
    roadside->vehicle_bytes = system.vehicle_bytes;
    if (!is_system_sound(roadside) || system.unit_count > ROADSIDE_UNITS_MAX) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "roadside units: a busy limit of 0.05 to 1, 50 Hz, messages of 20 to 8000 bytes and "
                       "%u units are taken",
                       ROADSIDE_UNITS_MAX);
    }
    jw_result result = JW_OK;
    if (system.unit_count > 0) {
        result = jw_grow((void **)&roadside->units, &roadside->unit_capacity, system.unit_count,
                         sizeof *roadside->units, error);
    }
    for (uint32_t i = 0; i < system.unit_count && !result; i++) {
        result = take_unit(roadside, &system.units[i], shared ? shared->city : NULL, error);
    }
    if (!result) {
        result = jw_roadside_derive(world, roadside, error);
    }
    if (result) {
        jw_roadside_free(roadside);
    }
    return result;
}

static jw_result attach(jw_world *world, void *state, jw_error *error)
{
    return jw_roadside_derive(world, state, error);
}

/* ---- save and load; the hash is of what is saved ---------------------------------------------------------
 */

static void save_unit(const roadside_unit *unit, jw_writer *w)
{
    const jw_roadside_def *def = &unit->def;
    jw_write_text(w, def->name);
    const double numbers[] = {def->x_m,           def->y_m,        def->height_m,
                              def->power_dbm,     def->range_m,    def->camera_range_m,
                              def->radar_range_m, def->signal_hz,  def->perception_hz,
                              unit->busy,         unit->credit[0], unit->credit[1]};
    for (uint32_t i = 0; i < JW_COUNT_OF(numbers); i++) {
        jw_write_f64(w, numbers[i]);
    }
    const uint32_t wholes[] = {def->junction,  unit->hearers,     unit->seen,
                               unit->vehicles, unit->sent_now[0], unit->sent_now[1]};
    for (uint32_t i = 0; i < JW_COUNT_OF(wholes); i++) {
        jw_write_u32(w, wholes[i]);
    }
    jw_write_u8(w, unit->is_up);
    jw_write_u8(w, unit->is_removed);
    for (int kind = 0; kind < JW_ROADSIDE_KIND_COUNT; kind++) {
        jw_write_i64(w, unit->counts.sent[kind]);
        jw_write_i64(w, unit->counts.dropped[kind]);
        jw_write_i64(w, unit->counts.received[kind]);
    }
}

static void save(const jw_world *world, const void *state, jw_writer *w)
{
    (void)world;
    const jw_roadside *roadside = state;
    jw_write_f64(w, roadside->busy_limit);
    jw_write_f64(w, roadside->vehicle_hz);
    jw_write_f64(w, roadside->signal_bytes);
    jw_write_f64(w, roadside->vehicle_bytes);
    jw_write_u32(w, roadside->unit_count);
    for (uint32_t i = 0; i < roadside->unit_count; i++) {
        save_unit(&roadside->units[i], w);
    }
}

static bool is_count(int64_t value)
{
    return value >= 0 && value < INT64_MAX / 4;
}

static void load_unit(roadside_unit *unit, const jw_city *city, jw_reader *r)
{
    jw_roadside_def *def = &unit->def;
    *unit = (roadside_unit){0};
    jw_read_text(r, def->name, sizeof def->name);
    double *const numbers[] = {&def->x_m,           &def->y_m,        &def->height_m,
                               &def->power_dbm,     &def->range_m,    &def->camera_range_m,
                               &def->radar_range_m, &def->signal_hz,  &def->perception_hz,
                               &unit->busy,         &unit->credit[0], &unit->credit[1]};
    for (uint32_t i = 0; i < JW_COUNT_OF(numbers); i++) {
        *numbers[i] = jw_read_f64(r);
    }
    uint32_t *const wholes[] = {&def->junction,  &unit->hearers,     &unit->seen,
                                &unit->vehicles, &unit->sent_now[0], &unit->sent_now[1]};
    for (uint32_t i = 0; i < JW_COUNT_OF(wholes); i++) {
        *wholes[i] = jw_read_u32(r);
    }
    unit->is_up = jw_read_u8(r) != 0;
    unit->is_removed = jw_read_u8(r) != 0;
    bool is_sound = !(unit->is_up && unit->is_removed) && jw_roadside_is_sound(def) && unit->busy >= 0 &&
                    unit->busy <= 1 &&
                    (def->junction == JW_NONE || (city && def->junction < city->junction_count));
    for (int kind = 0; kind < JW_ROADSIDE_KIND_COUNT; kind++) {
        unit->counts.sent[kind] = jw_read_i64(r);
        unit->counts.dropped[kind] = jw_read_i64(r);
        unit->counts.received[kind] = jw_read_i64(r);
        is_sound = is_sound && is_count(unit->counts.sent[kind]) && is_count(unit->counts.dropped[kind]) &&
                   is_count(unit->counts.received[kind]) && unit->credit[kind] >= 0 &&
                   unit->credit[kind] <= 1;
    }
    if (!r->failed && !is_sound) {
        jw_reader_fail(r, "a roadside unit is out of range");
    }
}

static void load(jw_world *world, void *state, jw_reader *r)
{
    jw_roadside *roadside = state;
    const net_shared *shared = jw_world_shared(world);
    roadside->busy_limit = jw_read_f64(r);
    roadside->vehicle_hz = jw_read_f64(r);
    roadside->signal_bytes = jw_read_f64(r);
    roadside->vehicle_bytes = jw_read_f64(r);
    uint32_t count = jw_read_count(r, ROADSIDE_UNITS_MAX, 131);
    if (!r->failed && !is_system_sound(roadside)) {
        jw_reader_fail(r, "the roadside units' channel is out of range");
    }
    if (r->failed || count == 0) {
        return;
    }
    if (jw_grow((void **)&roadside->units, &roadside->unit_capacity, count, sizeof *roadside->units, NULL)) {
        jw_reader_fail_memory(r);
        return;
    }
    for (uint32_t i = 0; i < count && !r->failed; i++) {
        load_unit(&roadside->units[i], shared ? shared->city : NULL, r);
        roadside->unit_count = i + 1;
    }
}

static void restart_counts(jw_world *world, void *state)
{
    (void)world;
    jw_roadside *roadside = state;
    for (uint32_t i = 0; i < roadside->unit_count; i++) {
        roadside->units[i].counts = (jw_roadside_counts){0};
    }
}

/* ---- verbs -----------------------------------------------------------------------------------------------
 */

/* By its name, among those that are there or, the last first, those removed; JW_NONE. */
static uint32_t find_unit(const jw_roadside *roadside, const char *name, bool is_removed)
{
    for (uint32_t i = roadside->unit_count; i-- > 0;) {
        const roadside_unit *unit = &roadside->units[i];
        if (unit->is_removed == is_removed && !strcmp(unit->def.name, name)) {
            return i;
        }
    }
    return JW_NONE;
}

/* The unit that a command names; NULL, and the error says so, when it is not there. */
static roadside_unit *named_unit(jw_roadside *roadside, const jw_command *command, jw_error *error)
{
    const char *name = jw_command_get_text(command, "name", "");
    uint32_t slot = find_unit(roadside, name, false);
    if (slot == JW_NONE) {
        jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s: there is no roadside unit \"%s\"", command->verb,
                name);
    }
    return slot == JW_NONE ? NULL : &roadside->units[slot];
}

static jw_result fail_unit(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world;
    roadside_unit *unit = named_unit(state, command, error);
    if (unit) {
        unit->is_up = false;
    }
    return unit ? JW_OK : JW_ERROR_NOT_FOUND;
}

static jw_result repair_unit(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world;
    roadside_unit *unit = named_unit(state, command, error);
    if (unit) {
        unit->is_up = true;
    }
    return unit ? JW_OK : JW_ERROR_NOT_FOUND;
}

/* What follows from the units, anew; without the memory for it the world cannot go on. */
static jw_result changed(jw_world *world, jw_roadside *roadside, uint32_t moved, jw_error *error)
{
    jw_result result = jw_roadside_derive_again(world, roadside, moved, error);
    if (result) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for roadside units");
    }
    return result;
}

static jw_result place_unit(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_roadside *roadside = state;
    const net_shared *shared = jw_world_shared(world);
    double junction = jw_command_get_number(command, "junction", -1);
    jw_roadside_def def = {.x_m = jw_command_get_number(command, "x", 0),
                           .y_m = jw_command_get_number(command, "y", 0),
                           .junction = junction < 0 ? JW_NONE : (uint32_t)junction,
                           .range_m = jw_command_get_number(command, "range_m", 500),
                           .camera_range_m = jw_command_get_number(command, "camera_m", 100),
                           .radar_range_m = jw_command_get_number(command, "radar_m", 200)};
    if (!jw_text_copy(def.name, sizeof def.name, jw_command_get_text(command, "name", ""))) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "roadside unit \"%s\": the name is too long",
                       def.name);
    }
    if (roadside->unit_count >= ROADSIDE_UNITS_MAX) {
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "more than %u roadside units", ROADSIDE_UNITS_MAX);
    }
    jw_result result = jw_grow((void **)&roadside->units, &roadside->unit_capacity,
                               (uint64_t)roadside->unit_count + 1, sizeof *roadside->units, error);
    if (!result) {
        result = take_unit(roadside, &def, shared ? shared->city : NULL, error);
    }
    return result ? result : changed(world, roadside, roadside->unit_count - 1, error);
}

static jw_result move_unit(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    roadside_unit *unit = named_unit(state, command, error);
    if (!unit) {
        return JW_ERROR_NOT_FOUND;
    }
    unit->def.x_m = jw_command_get_number(command, "x", 0);
    unit->def.y_m = jw_command_get_number(command, "y", 0);
    return changed(world, state, (uint32_t)(unit - ((jw_roadside *)state)->units), error);
}

static jw_result remove_unit(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    roadside_unit *unit = named_unit(state, command, error);
    if (!unit) {
        return JW_ERROR_NOT_FOUND;
    }
    unit->is_removed = true;
    unit->is_up = false;
    unit->busy = 0;
    unit->hearers = unit->seen = unit->vehicles = unit->dropped_now = 0;
    memset(unit->sent_now, 0, sizeof unit->sent_now);
    memset(unit->offered, 0, sizeof unit->offered);
    return changed(world, state, JW_NONE, error);
}

static jw_result restore_unit(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_roadside *roadside = state;
    const char *name = jw_command_get_text(command, "name", "");
    uint32_t slot = find_unit(roadside, name, true);
    if (slot == JW_NONE) {
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "no roadside unit named \"%s\" was removed", name);
    }
    roadside_unit *unit = &roadside->units[slot];
    jw_result result = check_unique(roadside, &unit->def, error);
    if (result) {
        return result;
    }
    unit->is_removed = false;
    unit->is_up = true;
    return changed(world, roadside, JW_NONE, error);
}

#define PLACE(axis, what)                                                                                    \
    {                                                                                                        \
        .key = axis, .type = 'n', .min = -1e7, .max = 1e7, .unit = "m", .doc = what " of the city's origin"  \
    }
#define OPTIONAL_M(id, least, most, value, what)                                                             \
    {                                                                                                        \
        .key = id, .type = 'n', .is_optional = true, .min = least, .max = most, .default_number = value,     \
        .unit = "m", .doc = what                                                                             \
    }
static const jw_verb_arg unit_args[] = {{.key = "name", .type = 't', .unit = "", .doc = "a roadside unit"}};
static const jw_verb_arg place_args[] = {
    {.key = "name", .type = 't', .unit = "", .doc = "of the new unit"},
    PLACE("x", "east"),
    PLACE("y", "north"),
    {.key = "junction",
     .type = 'n',
     .is_optional = true,
     .min = -1,
     .max = 4e9,
     .default_number = -1,
     .unit = "",
     .doc = "whose signals it announces; -1: none"},
    OPTIONAL_M("range_m", 20, 2000, 500, "that it is heard"),
    OPTIONAL_M("camera_m", 0, 2000, 100, "that its camera sees; 0: it has none"),
    OPTIONAL_M("radar_m", 0, 2000, 200, "that its radar sees vehicles; 0: it has none")};
static const jw_verb_arg move_args[] = {{.key = "name", .type = 't', .unit = "", .doc = "a roadside unit"},
                                        PLACE("x", "east"),
                                        PLACE("y", "north")};
static const jw_verb verbs[] = {
    {"fail_roadside", "switches a roadside unit off", unit_args, 1, fail_unit},
    {"repair_roadside", "switches a roadside unit on again", unit_args, 1, repair_unit},
    {"place_roadside", "sets up a roadside unit: it sees, broadcasts and, at a junction, tells the signals",
     place_args, JW_COUNT_OF(place_args), place_unit},
    {"move_roadside", "moves a roadside unit; it goes on for the same junction", move_args,
     JW_COUNT_OF(move_args), move_unit},
    {"remove_roadside", "takes a roadside unit away", unit_args, 1, remove_unit},
    {"restore_roadside", "sets up again the unit that was removed last of those with the name", unit_args, 1,
     restore_unit},
};

/* ---- metrics and table -----------------------------------------------------------------------------------
 */

static const jw_metric metrics[] = {
    {"roadside.sent", "", JW_METRIC_COUNTER, "messages that roadside units broadcast"},
    {"roadside.dropped", "", JW_METRIC_COUNTER, "messages not sent, because the channel was full"},
    {"roadside.received", "", JW_METRIC_COUNTER, "messages that connected vehicles took, each at each"},
    {"roadside.busy", "", JW_METRIC_GAUGE, "of the channel where it is fullest"},
    {"roadside.seen", "", JW_METRIC_GAUGE, "road users that units see, each by each unit"},
};

static double metric(const jw_world *world, const void *state, uint32_t number)
{
    (void)world;
    const jw_roadside *roadside = state;
    jw_roadside_counts total = jw_roadside_total(roadside);
    double busy = 0, seen = 0;
    for (uint32_t i = 0; i < roadside->unit_count; i++) {
        busy = jw_max(busy, roadside->units[i].busy);
        seen += roadside->units[i].seen;
    }
    const double values[] = {(double)(total.sent[0] + total.sent[1]),
                             (double)(total.dropped[0] + total.dropped[1]),
                             (double)(total.received[0] + total.received[1]), busy, seen};
    return values[number];
}

static const jw_column columns[] = {
    {"name", JW_COLUMN_TEXT, "", "unique among those not removed"},
    {"x_m", JW_COLUMN_F64, "m", "pole"},
    {"y_m", JW_COLUMN_F64, "m", "pole"},
    {"busy", JW_COLUMN_F64, "", "channel busy ratio where it stands, last step"},
    {"age_ms", JW_COLUMN_F64, "ms", "of what hearers know of the signals, mean; 0: nothing"},
    {"junction", JW_COLUMN_I64, "", "whose signals it announces; -1: none"},
    {"hearers", JW_COLUMN_I64, "", "connected vehicles that hear it now"},
    {"seen", JW_COLUMN_I64, "", "road users that it sees now"},
    {"signals_sent", JW_COLUMN_I64, "", "messages with the signals' phases and times"},
    {"signals_dropped", JW_COLUMN_I64, "", "of these not sent, because the channel was full"},
    {"signals_received", JW_COLUMN_I64, "", "taken by connected vehicles, each at each"},
    {"perceptions_sent", JW_COLUMN_I64, "", "messages with the road users seen"},
    {"perceptions_dropped", JW_COLUMN_I64, "", "of these not sent, because the channel was full"},
    {"perceptions_received", JW_COLUMN_I64, "", "taken by connected vehicles, each at each"},
    {"is_up", JW_COLUMN_I64, "", "1 works; -1: removed"},
};

static uint32_t rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_roadside *)state)->unit_count;
}

static uint32_t no_geometry(const jw_world *world, const void *state, uint32_t row)
{
    (void)world, (void)state, (void)row;
    return JW_NONE;
}

static double number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_roadside_state unit;
    jw_roadside_unit(state, row, &unit);
    const double values[] = {unit.def->x_m, unit.def->y_m, unit.busy, unit.age_s * 1000};
    return values[column - 1];
}

static int64_t integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_roadside_state unit;
    jw_roadside_unit(state, row, &unit);
    const jw_roadside_counts *c = &unit.counts;
    const int64_t values[] = {unit.def->junction == JW_NONE ? -1 : (int64_t)unit.def->junction,
                              unit.hearers,
                              unit.seen,
                              c->sent[JW_ROADSIDE_SIGNAL],
                              c->dropped[JW_ROADSIDE_SIGNAL],
                              c->received[JW_ROADSIDE_SIGNAL],
                              c->sent[JW_ROADSIDE_PERCEPTION],
                              c->dropped[JW_ROADSIDE_PERCEPTION],
                              c->received[JW_ROADSIDE_PERCEPTION],
                              unit.is_removed ? -1 : unit.is_up};
    return values[column - 5];
}

static const char *text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world, (void)column;
    return ((const jw_roadside *)state)->units[row].def.name;
}

static const jw_table tables[] = {{"roadside_units", "poles with camera, radar and broadcast", JW_TABLE_STATE,
                                   JW_GEOMETRY_POINT, columns, JW_COUNT_OF(columns), rows, no_geometry,
                                   number, integer, text}};

const jw_module jw_roadside_module = {
    .name = "roadside",
    .version = 2,
    .state_size = sizeof(jw_roadside),
    .init = init,
    .attach = attach,
    .destroy = destroy,
    .verbs = verbs,
    .verb_count = JW_COUNT_OF(verbs),
    .save = save,
    .load = load,
    .metrics = metrics,
    .metric_count = JW_COUNT_OF(metrics),
    .metric = metric,
    .tables = tables,
    .table_count = JW_COUNT_OF(tables),
    .restart_counts = restart_counts,
};
