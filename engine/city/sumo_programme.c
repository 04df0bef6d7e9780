/* Signal programmes: tlLogic elements of networks and additional files. */
#include "city/sumo_internal.h"

#include <string.h>

#define PHASES_MAX  1000
#define PHASE_MAX_S 86400.0

jw_result jw_sumo_begin_programme(const jw_sumo_reader *r, jw_sumo_demand *demand, bool *out_is_open)
{
    const char *id = jw_sumo_attribute(r, "id"), *type = jw_sumo_attribute(r, "type"),
               *programme_id = jw_sumo_attribute(r, "programID");
    jw_sumo_programme programme = {.first_phase = demand->phase_count, .line = jw_xml_line(r->xml)};
    *out_is_open = false;
    if (!id || !*id) {
        jw_sumo_problem(r, "a programme without id: left out");
        return JW_OK;
    }
    jw_result result = JW_OK;
    if (type && strcmp(type, "static") != 0) {
        bool is_list = strcmp(type, "actuated") == 0;
        programme.kind = is_list ? JW_PROGRAMME_EXTENDED : JW_PROGRAMME_ACTUATED;
        if (!is_list)
            result = jw_sumo_note_missing(r->missing, r->error, "tlLogic type %.30s: as actuated", type);
    }
    programme.is_broken = !jw_sumo_time(r, "offset", 0, &programme.offset_s);
    if (result == JW_OK)
        result = jw_sumo_add_text(demand, id, &programme.id, r->error);
    if (result == JW_OK)
        result = jw_sumo_add_text(demand, programme_id ? programme_id : "", &programme.programme, r->error);
    if (result == JW_OK)
        result = JW_SUMO_ROOM(demand, programmes, programme_count, 1, r->error);
    if (result != JW_OK)
        return result;
    demand->programmes[demand->programme_count++] = programme;
    *out_is_open = true;
    return JW_OK;
}

/* 'Y' (the amber of who had the right of way) is our 'y'. */
static bool read_state(const char *text, char *out, size_t out_size)
{
    size_t size = strlen(text);
    if (size == 0 || size >= out_size)
        return false;
    for (size_t i = 0; i <= size; i++)
        out[i] = text[i] == 'Y' ? 'y' : text[i];
    return strspn(out, JW_SIGNAL_LETTERS) == size;
}

jw_result jw_sumo_add_phase(const jw_sumo_reader *r, jw_sumo_demand *demand)
{
    jw_sumo_programme *programme = &demand->programmes[demand->programme_count - 1];
    const char *text = jw_sumo_attribute(r, "state");
    jw_sumo_phase phase = {0};
    char state[JW_SUMO_LINKS_MAX + 1];
    bool is_fine = jw_sumo_number(r, "duration", 0, PHASE_MAX_S, -1, &phase.duration_s) &&
                   jw_sumo_number(r, "minDur", 0, PHASE_MAX_S, phase.duration_s, &phase.min_s) &&
                   jw_sumo_number(r, "maxDur", 0, 1e9, phase.duration_s, &phase.max_s);
    if (is_fine && phase.duration_s < 0) /* the format lets an actuated one say the bounds alone */
        phase.duration_s = phase.min_s;
    if (is_fine && (phase.duration_s < 0 || programme->phase_count == PHASES_MAX)) {
        jw_sumo_problem(r, "a phase without duration, or more than %d of them", PHASES_MAX);
        is_fine = false;
    }
    if (is_fine && (!text || !read_state(text, state, sizeof state))) {
        jw_sumo_problem(r, "state \"%.40s\": letters are " JW_SIGNAL_LETTERS ", one a link",
                        text ? text : "");
        is_fine = false;
    }
    if (!is_fine) {
        programme->is_broken = true;
        return JW_OK;
    }
    jw_result result = jw_sumo_add_text(demand, state, &phase.state, r->error);
    if (result == JW_OK && jw_sumo_attribute(r, "next"))
        result = jw_sumo_note_missing(r->missing, r->error, "phase attribute next");
    if (result == JW_OK)
        result = JW_SUMO_ROOM(demand, phases, phase_count, 1, r->error);
    if (result != JW_OK)
        return result;
    demand->phases[demand->phase_count++] = phase;
    programme->phase_count++;
    return JW_OK;
}
