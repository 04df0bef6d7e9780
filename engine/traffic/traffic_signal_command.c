/* What signals can be told, and the tables that show them. */
#include "traffic/traffic_internal.h"

/* ---- verbs -----------------------------------------------------------------------------------------------
 */

/* -1 is all. */
static uint32_t programme_of(const jw_command *command)
{
    double programme = jw_command_get_number(command, "programme", -1);
    return programme < 0 ? JW_NONE : (uint32_t)programme;
}

static jw_result fail_programme(const jw_traffic *t, const jw_command *command, jw_result result,
                                jw_error *error)
{
    if (result == JW_ERROR_NOT_FOUND)
        return jw_fail(error, result, NULL, 0, "%s: programme %.0f does not exist; there are %u",
                       command->verb, jw_command_get_number(command, "programme", -1),
                       t->city->programme_count);
    return result;
}

jw_result jw_signal_verb_control(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_traffic *t = state;
    (void)world;
    const char *mode = jw_command_get_text(command, "mode", "");
    jw_signal_control control = jw_signal_control_find(mode);
    if (control == JW_SIGNAL_CONTROL_COUNT)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "signal_control: mode \"%s\" is none of as_mapped, fixed, actuated, max_pressure, "
                       "green_wave, outside, extended",
                       mode);
    return fail_programme(t, command, jw_traffic_set_signal_control(t, programme_of(command), control),
                          error);
}

jw_result jw_signal_verb_green(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_traffic *t = state;
    (void)world;
    double phase = jw_command_get_number(command, "phase", 0),
           green_s = jw_command_get_number(command, "green_s", 0);
    uint32_t p = programme_of(command);
    if (p >= t->city->programme_count)
        return fail_programme(t, command, JW_ERROR_NOT_FOUND, error);
    const jw_programme *programme = &t->city->programmes[p];
    uint32_t flat = programme->first_phase + (uint32_t)phase;
    if (phase >= programme->phase_count || !t->signals.net.is_green[flat])
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "set_green: phase %.0f of programme %u is no green phase", phase, p);
    if (t->signals.now[p].control != JW_SIGNAL_FIXED)
        return jw_fail(
            error, JW_ERROR_STATE, NULL, 0,
            "set_green: programme %u does not go by a clock of its own: signal_control \"fixed\" first", p);
    int64_t green_ns = jw_ns_from_s(green_s), least_ns = t->signals.net.min_ns[flat];
    if (green_ns && green_ns < least_ns)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "set_green: the least green of this phase is %.0f s",
                       jw_s_from_ns(least_ns));
    bool is_mapped = green_ns == jw_ns_from_s(t->city->signal_phases[flat].duration_s);
    t->signals.own_ns[flat] = is_mapped ? 0 : green_ns;
    return JW_OK;
}

jw_result jw_signal_verb_request(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_traffic *t = state;
    double programme = jw_command_get_number(command, "programme", 0);
    double phase = jw_command_get_number(command, "phase", 0);
    int64_t until_ns = jw_world_time_ns(world) + jw_ns_from_s(jw_command_get_number(command, "for_s", 60));
    switch (jw_traffic_request_phase(world, t, (uint32_t)programme, (uint32_t)phase, until_ns)) {
    case JW_OK:
        return JW_OK;
    case JW_ERROR_NOT_FOUND:
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "signal_request: programme %.0f, phase %.0f does not exist", programme, phase);
    default:
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "signal_request: phase %.0f of programme %.0f is no green phase", phase, programme);
    }
}

jw_result jw_signal_verb_priority(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_traffic *t = state;
    (void)world;
    bool is_on = jw_command_get_number(command, "on", 1) != 0;
    return fail_programme(t, command, jw_traffic_set_priority(t, programme_of(command), is_on), error);
}

jw_result jw_signal_verb_advise(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    double edge = jw_command_get_number(command, "edge", 0);
    double speed_mps = jw_command_get_number(command, "speed_kmh", 0) / 3.6;
    int64_t until_ns = jw_world_time_ns(world) + jw_ns_from_s(jw_command_get_number(command, "for_s", 60));
    if (jw_traffic_advise_speed(world, state, (uint32_t)edge, speed_mps, until_ns) != JW_OK)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "advise_speed: edge %.0f does not exist or ends at no signal", edge);
    return JW_OK;
}

jw_result jw_signal_verb_wave(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_wave_def def = {.from_junction = (uint32_t)jw_command_get_number(command, "from", 0),
                       .to_junction = (uint32_t)jw_command_get_number(command, "to", 0),
                       .speed_mps = jw_command_get_number(command, "speed_kmh", 0) / 3.6,
                       .cycle_s = jw_command_get_number(command, "cycle_s", 0),
                       .is_both_ways = jw_command_get_number(command, "both", 1) != 0};
    jw_wave wave;
    return jw_traffic_make_wave(world, state, &def, &wave, error);
}

/* ---- programmes ------------------------------------------------------------------------------------------
 */

const jw_column jw_signal_columns[JW_SIGNAL_COLUMNS] = {
    {"programme", JW_COLUMN_I64, "", "number of the signal programme"},
    {"control", JW_COLUMN_TEXT, "", "fixed, actuated, max_pressure, green_wave, outside or extended"},
    {"phase", JW_COLUMN_I64, "", "shown, or left when it changes"},
    {"is_green", JW_COLUMN_I64, "", "1: a green phase is shown"},
    {"elapsed_s", JW_COLUMN_F64, "s", "of the phase, or of the amber or all-red shown"},
    {"is_outside", JW_COLUMN_I64, "", "1: asked for from outside"},
    {"has_priority", JW_COLUMN_I64, "", "1: for buses and emergency vehicles"},
    {"cycle_s", JW_COLUMN_F64, "s", "of its plan by the clock"},
    {"offset_s", JW_COLUMN_F64, "s", "of its plan by the clock"},
    {"wave", JW_COLUMN_I64, "", "row of the table waves, -1: none"},
};

uint32_t jw_signal_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_traffic *)state)->city->programme_count;
}

uint32_t jw_signal_row_junction(const jw_world *world, const void *state, uint32_t row)
{
    (void)world;
    return ((const jw_traffic *)state)->city->programmes[row].junction;
}

double jw_signal_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    (void)world;
    jw_signal_plan plan = jw_signal_plan_of(t, row);
    if (column == 4)
        return jw_s_from_ns(t->now_ns - t->signals.now[row].since_ns);
    return jw_s_from_ns(column == 7 ? plan.cycle_ns : plan.offset_ns);
}

int64_t jw_signal_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    const jw_signal *s = &t->signals.now[row];
    (void)world;
    switch (column) {
    case 0:
        return row;
    case 2:
        return s->phase;
    case 3:
        return s->stage == JW_STAGE_GREEN && jw_signal_is_green(t, row, s->phase);
    case 5:
        return s->is_outside;
    case 6:
        return s->has_priority;
    default:
        return s->wave == JW_NONE ? -1 : (int64_t)s->wave;
    }
}

const char *jw_signal_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    (void)world;
    (void)column;
    return jw_signal_control_name((jw_signal_control)t->signals.now[row].control);
}

/* ---- waves -----------------------------------------------------------------------------------------------
 */

const jw_column jw_wave_columns[JW_WAVE_COLUMNS] = {
    {"first_programme", JW_COLUMN_I64, "", "where the wave begins"},
    {"last_programme", JW_COLUMN_I64, "", "where it ends"},
    {"programmes", JW_COLUMN_I64, "", "signal programmes in it"},
    {"speed_mps", JW_COLUMN_F64, "m/s", "progression speed, mean over the way"},
    {"cycle_s", JW_COLUMN_F64, "s", "of all of them"},
    {"forward_s", JW_COLUMN_F64, "s", "width of the band from the first to the last"},
    {"backward_s", JW_COLUMN_F64, "s", "width of the band back"},
};

uint32_t jw_wave_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_traffic *)state)->signals.wave_count;
}

uint32_t jw_wave_row_junction(const jw_world *world, const void *state, uint32_t row)
{
    const jw_traffic *t = state;
    (void)world;
    return t->city->programmes[t->signals.waves[row].first_programme].junction;
}

double jw_wave_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_wave *wave = &((const jw_traffic *)state)->signals.waves[row];
    (void)world;
    const double values[] = {wave->speed_mps, wave->cycle_s, wave->forward_s, wave->backward_s};
    return values[column - 3];
}

int64_t jw_wave_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_wave *wave = &((const jw_traffic *)state)->signals.waves[row];
    (void)world;
    const uint32_t values[] = {wave->first_programme, wave->last_programme, wave->programme_count};
    return values[column];
}
