/* Signal programmes that a draft gives. A junction takes the first that its connections name; what makes no
 * sense is reported, and the junction is timed by rule. */
#include "city/build.h"

#include <math.h>
#include <string.h>

#define PHASE_MAX_S 86400.0
#define LINKS_MAX   4096

/* NULL, or what is wrong with it. */
static const char *fault_of(const jw_draft *draft, uint32_t number, uint32_t *out_links)
{
    const jw_draft_programme *programme = &draft->programmes[number];
    if (programme->phase_count == 0)
        return "it has no phase";
    if (programme->phase_count > JW_PROGRAMME_PHASES_MAX)
        return "it has more than 64 phases";
    if (programme->first_phase > draft->signal_phase_count ||
        programme->phase_count > draft->signal_phase_count - programme->first_phase)
        return "its phases are not there";
    if ((unsigned)programme->kind > JW_PROGRAMME_EXTENDED || !isfinite(programme->offset_s))
        return "its kind or offset makes no sense";
    const jw_draft_signal_phase *phases = draft->signal_phases + programme->first_phase;
    size_t links = strlen(jw_draft_text(draft, phases[0].state));
    if (links == 0 || links > LINKS_MAX)
        return "its states have no link, or more than 4096";
    for (uint32_t i = 0; i < programme->phase_count; i++) {
        const jw_draft_signal_phase *phase = &phases[i];
        const char *state = jw_draft_text(draft, phase->state);
        if (!(phase->duration_s > 0 && phase->duration_s <= PHASE_MAX_S))
            return "a duration is not above 0 s and at most a day";
        if (!(phase->min_s >= 0 && phase->min_s <= PHASE_MAX_S && phase->max_s >= 0 &&
              phase->max_s <= PHASE_MAX_S))
            return "a shortest or longest duration is not 0 s to a day";
        if (strlen(state) != links)
            return "its states are not equally long";
        if (strspn(state, JW_SIGNAL_LETTERS) != links)
            return "a letter of a state is none of " JW_SIGNAL_LETTERS;
    }
    *out_links = (uint32_t)links;
    return NULL;
}

static jw_result add_given_phases(jw_build *build, const jw_draft_programme *from, jw_programme *to,
                                  jw_error *error)
{
    jw_city_parts *parts = &build->parts;
    jw_result result = JW_CITY_ROOM(parts, signal_phases, signal_phase_count, from->phase_count, error);
    if (result == JW_OK)
        result = JW_CITY_ROOM(parts, signal_states, signal_state_size,
                              (uint64_t)from->phase_count * to->link_count, error);
    if (result != JW_OK)
        return result;
    to->first_phase = parts->signal_phase_count;
    to->phase_count = from->phase_count;
    for (uint32_t i = 0; i < from->phase_count; i++) {
        const jw_draft_signal_phase *phase = &build->draft->signal_phases[from->first_phase + i];
        double min_s = phase->min_s > 0 ? jw_min(phase->min_s, phase->duration_s) : phase->duration_s;
        parts->signal_phases[parts->signal_phase_count++] = (jw_signal_phase){
            phase->duration_s, min_s, jw_max(phase->max_s, phase->duration_s), parts->signal_state_size};
        memcpy(parts->signal_states + parts->signal_state_size, jw_draft_text(build->draft, phase->state),
               to->link_count);
        parts->signal_state_size += to->link_count;
        to->cycle_s += phase->duration_s;
    }
    return JW_OK;
}

/* What the draft's programmes come to. */
typedef struct given_programme {
    uint32_t links;    /* 0: not to be used */
    uint32_t junction; /* the first that takes it, or JW_NONE */
    uint32_t number;   /* in the city */
} given_programme;

/* The draft programme of each junction, JW_NONE for none; marks links that the states lack. */
static void choose_programmes(jw_build *build, given_programme *given, uint32_t *of_junction)
{
    const jw_draft *draft = build->draft;
    const jw_city_parts *parts = &build->parts;
    for (uint32_t i = 0; i < draft->connection_count; i++) {
        const jw_draft_connection *from = &draft->connections[i];
        uint32_t c = build->given_connection[i], p = from->programme1 - 1;
        if (from->programme1 == 0 || c == JW_NONE)
            continue;
        if (p >= draft->programme_count || (given[p].links > 0 && from->signal_link >= given[p].links)) {
            jw_problems_add(build->problems, JW_PROBLEM, NULL, 0, "programmes",
                            "a connection names link %u of signal programme %u, which has no such link: its "
                            "junctions are timed by rule",
                            from->signal_link, p);
            if (p < draft->programme_count)
                given[p].links = 0;
        }
    }
    for (uint32_t i = 0; i < draft->connection_count; i++) {
        uint32_t c = build->given_connection[i], p = draft->connections[i].programme1 - 1;
        if (c == JW_NONE || p >= draft->programme_count || given[p].links == 0)
            continue;
        uint32_t j = parts->connections[c].junction;
        if (of_junction[j] == JW_NONE)
            of_junction[j] = p;
        if (of_junction[j] == p && (given[p].junction == JW_NONE || j < given[p].junction))
            given[p].junction = j;
    }
}

jw_result jw_build_programmes(jw_build *build, jw_error *error)
{
    const jw_draft *draft = build->draft;
    jw_city_parts *parts = &build->parts;
    given_programme *given = jw_build_take(build, draft->programme_count, sizeof *given, error);
    uint32_t *of_junction = jw_build_take(build, parts->junction_count, sizeof *of_junction, error);
    if (!given || !of_junction)
        return JW_ERROR_MEMORY;
    for (uint32_t j = 0; j < parts->junction_count; j++)
        of_junction[j] = JW_NONE;
    for (uint32_t p = 0; p < draft->programme_count; p++) {
        given[p] = (given_programme){0, JW_NONE, JW_NONE};
        const char *fault = fault_of(draft, p, &given[p].links);
        if (fault)
            jw_problems_add(build->problems, JW_PROBLEM, NULL, 0, "programmes",
                            "signal programme %u cannot be used, %s: its junctions are timed by rule", p,
                            fault);
    }
    choose_programmes(build, given, of_junction);
    for (uint32_t p = 0; p < draft->programme_count; p++) {
        if (given[p].junction == JW_NONE)
            continue;
        jw_result result = JW_CITY_ROOM(parts, programmes, programme_count, 1, error);
        jw_programme programme = {.junction = given[p].junction,
                                  .kind = draft->programmes[p].kind,
                                  .offset_s = draft->programmes[p].offset_s,
                                  .link_count = given[p].links};
        if (result == JW_OK)
            result = add_given_phases(build, &draft->programmes[p], &programme, error);
        if (result != JW_OK)
            return result;
        given[p].number = parts->programme_count;
        parts->programmes[parts->programme_count++] = programme;
    }
    for (uint32_t j = 0; j < parts->junction_count; j++)
        if (of_junction[j] != JW_NONE)
            parts->junctions[j].programme = given[of_junction[j]].number;
    for (uint32_t i = 0; i < draft->connection_count; i++) {
        uint32_t c = build->given_connection[i], p = draft->connections[i].programme1 - 1;
        if (c != JW_NONE && p < draft->programme_count && of_junction[parts->connections[c].junction] == p)
            parts->connections[c].signal_link = draft->connections[i].signal_link;
    }
    return JW_OK;
}
