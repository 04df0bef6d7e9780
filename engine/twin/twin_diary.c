/* What happened, for the time bar and the list of events: commands as the log has them, sites that failed,
 * lines of the scenario. Output: saved, so that going back in time keeps what lies before, but not hashed,
 * for nothing ever reads it but the frame. */
#include "twin/twin_internal.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define BREAKDOWN "breakdown" /* key of events */

typedef struct twin_diary {
    jw_frame_event *events;
    uint32_t count, capacity;
    uint64_t log_seen; /* commands of the log that were looked at */
} twin_diary;

/* NULL in a world that keeps none. */
static twin_diary *diary_of(const jw_world *world)
{
    uint32_t module = jw_world_find_module(world, twin_diary_module.name);
    return module == JW_NONE ? NULL : jw_world_state(world, module);
}

/* Breakdowns are a class of their own beside the kinds: they come by the hundred where a scene has many. */
static uint32_t class_of(const jw_frame_event *event)
{
    return strncmp(event->key, BREAKDOWN, strlen(BREAKDOWN)) == 0 ? JW_EVENT_KIND_COUNT : event->kind;
}

/* A full diary forgets the oldest event of the class that it has most of: a script that says much does not
 * hide what happened, and one that orders much does not hide what it said. */
static void make_room(twin_diary *diary)
{
    uint32_t counts[JW_EVENT_KIND_COUNT + 1] = {0}, most = 0, gone = 0;
    if (diary->count < JW_EVENTS_MAX)
        return;
    for (uint32_t i = 0; i < diary->count; i++)
        counts[class_of(&diary->events[i])]++;
    for (uint32_t class = 1; class <= JW_EVENT_KIND_COUNT; class ++)
        if (counts[class] > counts[most])
            most = class;
    while (class_of(&diary->events[gone]) != most)
        gone++;
    memmove(&diary->events[gone], &diary->events[gone + 1],
            (diary->count - gone - 1) * sizeof *diary->events);
    diary->count--;
}

static void add(jw_world *world, const jw_frame_event *event)
{
    twin_diary *diary = diary_of(world);
    if (!diary)
        return;
    make_room(diary);
    if (jw_grow(&diary->events, &diary->capacity, diary->count + 1ull, sizeof *diary->events, NULL) != JW_OK)
        return; /* a missing tick on the time bar harms nothing */
    diary->events[diary->count++] = *event;
}

/* about_zh: the same with names in Chinese. */
static void mark(jw_world *world, double x_m, double y_m, const char *key, const char *about,
                 const char *about_zh)
{
    jw_frame_event event = {
        .time_ns = jw_world_time_ns(world), .x_m = (float)x_m, .y_m = (float)y_m, .kind = JW_EVENT_MARK};
    jw_text_copy(event.key, sizeof event.key, key);
    jw_text_copy(event.text, sizeof event.text, about);
    jw_text_copy(event.text_zh, sizeof event.text_zh, strcmp(about, about_zh) == 0 ? "" : about_zh);
    add(world, &event);
}

void twin_diary_mark(jw_world *world, double x_m, double y_m, const char *key, const char *about)
{
    mark(world, x_m, y_m, key, about, about);
}

void jw_twin_tell(jw_world *world, jw_event_kind kind, const char *text, const char *text_zh)
{
    jw_frame_event event = {
        .time_ns = jw_world_time_ns(world), .x_m = NAN, .y_m = NAN, .kind = (uint8_t)kind};
    jw_text_copy(event.text, sizeof event.text, text);
    jw_text_copy(event.text_zh, sizeof event.text_zh, text_zh);
    add(world, &event);
}

const jw_frame_event *jw_twin_events(const jw_world *world, uint32_t *out_count)
{
    const twin_diary *diary = diary_of(world);
    *out_count = diary ? diary->count : 0;
    return diary ? diary->events : NULL;
}

/* ---- commands
 * ---------------------------------------------------------------------------------------------- */

static bool is_edge(const jw_city *city, const jw_command *command, uint32_t *out_edge)
{
    static const char prefix[] = "edge:"; /* of an event's `where` */
    const char *key = jw_command_arg(command, "to_edge") ? "to_edge" : "edge";
    const char *where = jw_command_get_text(command, "where", "");
    double number = jw_command_get_number(command, key, -1);
    if (strncmp(where, prefix, sizeof prefix - 1) == 0 &&
        !jw_text_to_number(where + sizeof prefix - 1, &number))
        return false;
    *out_edge = (uint32_t)jw_clamp(number, 0, 4e9);
    return number >= 0 && *out_edge < city->edge_count;
}

static void name_street(const jw_city *city, uint32_t edge, jw_language language, char *out, size_t out_size)
{
    const char *street = jw_city_text_in(city, city->edges[edge].name, language);
    if (*street)
        jw_text_copy(out, out_size, street);
    else
        snprintf(out, out_size, "#%u", edge);
}

/* The place or the block of that name, or the first place of that kind: where it is and the number of its
 * name; 0: none. */
static uint32_t find_place(const jw_city *city, const char *name, jw_vec2 *out)
{
    for (int is_kind = 0; is_kind < 2; is_kind++) {
        for (uint32_t i = 0; i < city->place_count; i++) {
            const jw_place *place = &city->places[i];
            const char *own = is_kind ? jw_place_kind_names[place->kind] : jw_city_text(city, place->name);
            *out = (jw_vec2){place->x_m, place->y_m};
            if (strcmp(own, name) == 0)
                return place->name;
        }
        for (uint32_t i = 0; i < city->block_count && !is_kind; i++) {
            *out = (jw_vec2){city->blocks[i].x_m, city->blocks[i].y_m};
            if (strcmp(jw_city_text(city, city->blocks[i].name), name) == 0)
                return city->blocks[i].name;
        }
    }
    return 0;
}

/* In the language; what is no place or block, as it is. */
static void name_place(const jw_city *city, const char *name, jw_language language, char *out,
                       size_t out_size)
{
    jw_vec2 at;
    uint32_t text = find_place(city, name, &at);
    jw_text_copy(out, out_size, text ? jw_city_text_in(city, text, language) : name);
}

/* A street and the lane of it that is meant. */
static void name_lane(const jw_city *city, uint32_t lane, jw_language language, char *out, size_t out_size)
{
    static const char *const formats[] = {[JW_LANGUAGE_EN] = "%s, lane %u of %u from the kerb",
                                          [JW_LANGUAGE_ZH] = "%s路缘起第 %u 车道（共 %u 条）"};
    char street[64];
    uint32_t edge = city->lanes[lane].edge;
    name_street(city, edge, language, street, sizeof street);
    jw_text_format(out, out_size, formats[language], street, city->lanes[lane].index + 1u,
                   city->edges[edge].lane_count);
}

static void tell_breakdown(jw_world *world, const jw_disturbance *d, const char *key)
{
    const jw_city *city = jw_twin_city(world);
    char about[128], about_zh[128];
    name_lane(city, d->lane, JW_LANGUAGE_EN, about, sizeof about);
    name_lane(city, d->lane, JW_LANGUAGE_ZH, about_zh, sizeof about_zh);
    mark(world, (double)d->x_m, (double)d->y_m, key, about, about_zh);
}

void twin_diary_broke_down(jw_world *world, const jw_disturbance *disturbance)
{
    tell_breakdown(world, disturbance, BREAKDOWN);
}

void twin_diary_disturbance_ended(jw_world *world, const jw_disturbance *disturbance)
{
    const jw_disturbance *d = disturbance;
    const jw_city *city = jw_twin_city(world);
    char key[24], about[64], about_zh[64];
    bool is_weather = d->kind == JW_DISTURB_RAIN || d->kind == JW_DISTURB_FOG;
    if (twin_is_breakdown(world, d->number)) {
        tell_breakdown(world, d, BREAKDOWN "_over");
        return;
    }
    snprintf(key, sizeof key, "%s_over", jw_disturbance_name(d->kind));
    if (d->edge != JW_NONE)
        name_street(city, d->edge, JW_LANGUAGE_EN, about, sizeof about);
    else if (is_weather)
        snprintf(about, sizeof about, d->kind == JW_DISTURB_RAIN ? "%g mm/h" : "%g m", (double)d->amount);
    else
        snprintf(about, sizeof about, "%g m", (double)d->radius_m);
    jw_text_copy(about_zh, sizeof about_zh, about);
    if (d->edge != JW_NONE)
        name_street(city, d->edge, JW_LANGUAGE_ZH, about_zh, sizeof about_zh);
    mark(world, is_weather ? (double)NAN : (double)d->x_m, is_weather ? (double)NAN : (double)d->y_m, key,
         about, about_zh);
}

static const char *id_of(const jw_command *command)
{
    const char *service = jw_command_get_text(command, "service", NULL);
    const char *type = jw_command_get_text(command, "type", service);
    return jw_command_get_text(command, "id", jw_command_get_text(command, "name", type));
}

/* The argument that says what a command without an id or a model speaks of. */
static const char *about_of(const jw_command *command)
{
    static const char *const abouts[][2] = {
        {"guarantee", "supplier"},
        {"order_cards", "card"},
        {"set_software", "card"},
        {"export_control", "rule"},
        {"allow_purpose", "sector"},
        {"anonymise", "source"},
        {"change_schema", "source"},
        {"connect_source", "consumer"},
        {"retrain", "region"},
        {"pass_days", "days"},
        {"set_integrators", "people"},
        {"appraise", "capex_cny"},
        {"require_approval", "reviewers"},
        {"fast_track", "on"},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(abouts); i++)
        if (strcmp(abouts[i][0], command->verb) == 0)
            return abouts[i][1];
    return "model";
}

void jw_twin_describe_command(const jw_city *city, const jw_command *command, jw_language language, char *out,
                              size_t out_size)
{
    const char *id = id_of(command), *from = jw_command_get_text(command, "from", NULL);
    const jw_arg *value = jw_command_arg(command, jw_command_arg(command, "on") ? "on" : "value");
    uint32_t edge;
    if (is_edge(city, command, &edge)) {
        name_street(city, edge, language, out, out_size);
        const jw_arg *limit = jw_command_arg(command, "speed_kmh");
        size_t used = strlen(out);
        if (limit && !limit->is_text)
            jw_text_format(out + used, out_size - used, " · %g km/h", limit->number);
    } else if (jw_command_arg(command, "where")) {
        name_place(city, jw_command_get_text(command, "where", ""), language, out, out_size);
    } else if (jw_command_arg(command, "rain_mm_per_h")) {
        jw_text_format(out, out_size, "%g mm/h", jw_command_get_number(command, "rain_mm_per_h", 0));
    } else if (strcmp(command->verb, "end_disturbance") == 0 && jw_command_arg(command, "number")) {
        jw_text_format(out, out_size, "#%g", jw_command_get_number(command, "number", 0));
    } else if (strcmp(command->verb, "evacuate") == 0) {
        jw_text_format(out, out_size, "%g m", jw_command_get_number(command, "radius_m", 1000));
    } else if (jw_command_arg(command, "visibility_m")) {
        jw_text_format(out, out_size, "%g m", jw_command_get_number(command, "visibility_m", 0));
    } else if (jw_command_arg(command, "mode")) {
        jw_text_copy(out, out_size, jw_command_get_text(command, "mode", ""));
    } else if (strcmp(command->verb, "set_decider") == 0) {
        jw_text_format(out, out_size, "%s – %s", jw_command_get_text(command, "kind", ""),
                       jw_command_get_text(command, "by", ""));
    } else if (strcmp(command->verb, "set_breaker") == 0) {
        jw_text_format(out, out_size, "%g", jw_command_get_number(command, "on", 1));
    } else if (strcmp(command->verb, "set_card_faults") == 0) {
        jw_text_format(out, out_size, "%s %g s", jw_command_get_text(command, "site", ""),
                       jw_command_get_number(command, "mtbf_s", 0));
    } else if (strcmp(command->verb, "set_green") == 0) {
        jw_text_format(out, out_size, "#%g.%g = %g s", jw_command_get_number(command, "programme", 0),
                       jw_command_get_number(command, "phase", 0) + 1,
                       jw_command_get_number(command, "green_s", 0));
    } else if (strcmp(command->verb, "signal_priority") == 0) {
        double programme = jw_command_get_number(command, "programme", -1);
        snprintf(out, out_size, programme < 0 ? "*" : "#%g", programme);
    } else if (strcmp(command->verb, "green_wave") == 0) {
        jw_text_format(out, out_size, "#%g – #%g", jw_command_get_number(command, "from", 0),
                       jw_command_get_number(command, "to", 0));
    } else if (from) {
        jw_text_format(out, out_size, "%s – %s", from, jw_command_get_text(command, "to", ""));
    } else if (id && value && !value->is_text) {
        jw_text_format(out, out_size, "%s = %g", id, value->number);
    } else if (jw_command_arg(command, "factor")) {
        jw_text_format(out, out_size, "× %g", jw_command_get_number(command, "factor", 1));
    } else {
        const jw_arg *about = jw_command_arg(command, about_of(command));
        if (about && !about->is_text && !id)
            jw_text_format(out, out_size, "%g", about->number);
        else
            jw_text_copy(out, out_size, id ? id : about ? about->text : "");
    }
}

static void place_of(const jw_world *world, const jw_command *command, float *out_x_m, float *out_y_m)
{
    const jw_city *city = jw_twin_city(world);
    uint32_t edge;
    *out_x_m = (float)jw_command_get_number(command, "x", (double)NAN);
    *out_y_m = (float)jw_command_get_number(command, "y", (double)NAN);
    if (is_edge(city, command, &edge) && city->edges[edge].point_count) {
        const jw_edge *e = &city->edges[edge];
        const jw_vec3 *point = &city->points[e->first_point + e->point_count / 2];
        *out_x_m = (float)point->x;
        *out_y_m = (float)point->y;
    }
    const char *where = jw_command_get_text(command, "where", NULL);
    jw_vec2 at;
    if (where && find_place(city, where, &at)) {
        *out_x_m = (float)at.x;
        *out_y_m = (float)at.y;
    }
}

/* Sites tell of themselves; trips, requests of greens and advice come by the thousand; notes are written by
 * their verb. */
static bool is_told(const jw_world *world, const jw_command *command)
{
    static const char *const quiet[] = {"note",        "fail_site",      "repair_site",  "fail_rack",
                                        "repair_rack", "fail_card",      "repair_card",  "add_trip",
                                        "add_walk",    "signal_request", "advise_speed", "reload",
                                        "restore_site"};
    for (uint32_t i = 0; i < JW_COUNT_OF(quiet); i++)
        if (strcmp(command->verb, quiet[i]) == 0)
            return false;
    bool is_node = strcmp(command->verb, "fail_node") == 0 || strcmp(command->verb, "repair_node") == 0;
    return !is_node ||
           jw_compute_find_site(twin_compute_of(world), jw_command_get_text(command, "name", "")).index1 == 0;
}

/* A text without the number of sections at its end; how many they are in *sections. */
static size_t without_sections(const char *text, uint32_t *sections)
{
    const char *end = strrchr(text, '(');
    *sections = 1;
    if (!end || end == text || sscanf(end, "(%u sections)", sections) != 1)
        return strlen(text);
    return (size_t)(end - text) - 1;
}

/* A street that is closed from end to end takes a command for each of its sections: one event tells them all.
 * True: the event is told by one of the same moment, which now names one section more. */
static bool is_one_more_section(jw_world *world, const jw_frame_event *event)
{
    twin_diary *diary = diary_of(world);
    for (uint32_t i = diary ? diary->count : 0; i-- > 0 && diary->events[i].time_ns == event->time_ns;) {
        jw_frame_event *told = &diary->events[i];
        uint32_t sections;
        size_t length = without_sections(told->text, &sections);
        if (strcmp(told->key, event->key) != 0 || strlen(event->text) != length ||
            strncmp(told->text, event->text, length) != 0)
            continue;
        sections++;
        jw_text_format(told->text, sizeof told->text, "%s (%u sections)", event->text, sections);
        jw_text_format(told->text_zh, sizeof told->text_zh, "%s（%u 段）",
                       event->text_zh[0] ? event->text_zh : event->text, sections);
        return true;
    }
    return false;
}

static void tell_command(jw_world *world, const jw_log_entry *entry)
{
    static const char *const failures[JW_RESULT_COUNT] = {
        [JW_ERROR_INPUT] = "refused_input",   [JW_ERROR_NOT_FOUND] = "refused_not_found",
        [JW_ERROR_EXISTS] = "refused_exists", [JW_ERROR_LIMIT] = "refused_limit",
        [JW_ERROR_STATE] = "refused_state",
    };
    const jw_command *command = &entry->command;
    jw_frame_event event = {.time_ns = jw_world_time_ns(world), .kind = JW_EVENT_MARK};
    char about[JW_ABOUT_SIZE], about_zh[JW_ABOUT_SIZE];
    jw_twin_describe_command(jw_twin_city(world), command, JW_LANGUAGE_EN, about, sizeof about);
    jw_twin_describe_command(jw_twin_city(world), command, JW_LANGUAGE_ZH, about_zh, sizeof about_zh);
    bool is_named = strcmp(about, about_zh) != 0; /* in Chinese, too */
    place_of(world, command, &event.x_m, &event.y_m);
    if (entry->result != JW_OK) {
        event.kind = JW_EVENT_FAILURE;
        jw_text_copy(event.key, sizeof event.key,
                     failures[entry->result] ? failures[entry->result] : "refused");
        const char *why = jw_world_refusal(world, entry->sequence), *colon = *why ? ": " : "";
        static_assert(sizeof event.text >= JW_VERB_SIZE + JW_ABOUT_SIZE + JW_REFUSAL_SIZE + 4, "all of it");
        jw_text_format(event.text, sizeof event.text, "%s %s%s%s", command->verb, about, colon, why);
        if (is_named)
            jw_text_format(event.text_zh, sizeof event.text_zh, "%s %s%s%s", command->verb, about_zh, colon,
                           why);
    } else if (is_told(world, command)) {
        bool is_off = !id_of(command) && jw_command_get_number(command, "on", 1) == 0;
        bool is_back = jw_command_get_number(command, "take_back", 0) != 0; /* others may keep it closed */
        snprintf(event.key, sizeof event.key, "%.18s%s", command->verb,
                 is_off    ? "_off"
                 : is_back ? "_back"
                           : "");
        jw_text_copy(event.text, sizeof event.text, about);
        jw_text_copy(event.text_zh, sizeof event.text_zh, is_named ? about_zh : "");
        if (jw_command_arg(command, "edge") && !jw_command_arg(command, "lane") &&
            is_one_more_section(world, &event))
            return;
    } else {
        return;
    }
    add(world, &event);
}

static void read_log(jw_world *world, void *state)
{
    twin_diary *diary = state;
    uint64_t count = jw_world_log_count(world);
    for (; diary->log_seen < count; diary->log_seen++) {
        jw_log_entry entry = jw_world_log_entry(world, (uint32_t)diary->log_seen);
        tell_command(world, &entry);
    }
}

static jw_result verb_note(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)state;
    (void)error;
    jw_twin_tell(world, JW_EVENT_MARK, jw_command_get_text(command, "text", ""),
                 jw_command_get_text(command, "zh", ""));
    return JW_OK;
}

/* ---- module
 * ------------------------------------------------------------------------------------------------ */

static void diary_destroy(void *state)
{
    jw_free(((twin_diary *)state)->events);
}

static void diary_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const twin_diary *diary = state;
    jw_write_u64(writer, diary->log_seen);
    jw_write_u32(writer, diary->count);
    for (uint32_t i = 0; i < diary->count; i++) {
        const jw_frame_event *event = &diary->events[i];
        jw_write_i64(writer, event->time_ns);
        jw_write_f32(writer, event->x_m);
        jw_write_f32(writer, event->y_m);
        jw_write_u8(writer, event->kind);
        jw_write_text(writer, event->key);
        jw_write_text(writer, event->text);
        jw_write_text(writer, event->text_zh);
    }
}

static void diary_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    twin_diary *diary = state;
    diary->log_seen = jw_read_u64(reader);
    uint32_t count = jw_read_count(reader, JW_EVENTS_MAX, 23);
    if (!reader->failed &&
        jw_grow(&diary->events, &diary->capacity, count, sizeof *diary->events, NULL) != JW_OK)
        jw_reader_fail_memory(reader);
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        jw_frame_event *event = &diary->events[i];
        *event = (jw_frame_event){0};
        event->time_ns = jw_read_i64(reader);
        event->x_m = jw_read_f32(reader);
        event->y_m = jw_read_f32(reader);
        event->kind = jw_read_u8(reader);
        if (!reader->failed && event->kind >= JW_EVENT_KIND_COUNT)
            jw_reader_fail(reader, "event %u of its diary is of no kind", i);
        jw_read_text(reader, event->key, sizeof event->key);
        jw_read_text(reader, event->text, sizeof event->text);
        jw_read_text(reader, event->text_zh, sizeof event->text_zh);
        diary->count = i + 1;
    }
}

/* Nothing of the future depends on it. */
static uint64_t diary_hash(const jw_world *world, const void *state)
{
    (void)world;
    (void)state;
    return 0;
}

static void diary_restart_counts(jw_world *world, void *state)
{
    (void)world;
    ((twin_diary *)state)->count = 0;
}

static const jw_phase phases[] = {{"twin.diary", JW_SLOT_METRICS, read_log}};
static const jw_verb_arg note_args[] = {
    {"text", 't', false, 0, 0, 0, "", "what happened"},
    {"zh", 't', true, 0, 0, 0, "", "the same in Chinese"},
};
static const jw_verb verbs[] = {
    {"note", "a tick with a text on the time bar", note_args, JW_COUNT_OF(note_args), verb_note},
};

const jw_module twin_diary_module = {
    .name = "twin_diary",
    .version = 2,
    .state_size = sizeof(twin_diary),
    .destroy = diary_destroy,
    .phases = phases,
    .phase_count = JW_COUNT_OF(phases),
    .verbs = verbs,
    .verb_count = JW_COUNT_OF(verbs),
    .save = diary_save,
    .load = diary_load,
    .hash = diary_hash,
    .restart_counts = diary_restart_counts,
};
