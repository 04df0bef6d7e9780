#include "record/session_stops.h"

#include <ctype.h>
#include <string.h>

void session_stops_set(session_stops *stops, const jw_break *wanted, uint32_t count)
{
    session_stop fresh[JW_BREAKS_MAX];
    if (count > JW_BREAKS_MAX)
        count = JW_BREAKS_MAX;
    for (uint32_t i = 0; i < count; i++) {
        fresh[i] = (session_stop){.stop = wanted[i], .since_ns = INT64_MIN};
        for (uint32_t k = 0; k < stops->count; k++)
            if (stops->items[k].stop.id == wanted[i].id) {
                fresh[i] = stops->items[k];
                fresh[i].stop = wanted[i];
            }
    }
    if (count)
        memcpy(stops->items, fresh, count * sizeof *fresh);
    stops->count = count;
}

static bool is_same_event(const jw_frame_event *a, const jw_frame_event *b)
{
    return a->time_ns == b->time_ns && a->kind == b->kind && strcmp(a->key, b->key) == 0 &&
           strcmp(a->text, b->text) == 0;
}

/* Where the events begin that were not seen yet: the list is cut at its old end when it is full. */
static uint32_t first_new_event(const session_stops *stops, const jw_frame_event *events, uint32_t count)
{
    uint32_t first = stops->has_event ? count : 0;
    while (first > 0 && !is_same_event(&events[first - 1], &stops->last_event))
        first--;
    return first;
}

static void note_events(session_stops *stops, const jw_frame_event *events, uint32_t count)
{
    stops->has_event = count > 0;
    if (count)
        stops->last_event = events[count - 1];
}

void session_stops_sync(session_stops *stops, const jw_world *world)
{
    uint32_t count;
    const jw_frame_event *events = jw_twin_events(world, &count);
    note_events(stops, events, count);
    stops->before_ns = jw_world_time_ns(world);
    for (uint32_t i = 0; i < stops->count; i++) {
        stops->items[i].since_ns = INT64_MIN;
        stops->items[i].has_fired = false;
    }
}

/* Part of a text, the case of Latin letters aside. */
static bool holds_text(const char *text, const char *part)
{
    do {
        size_t i = 0;
        while (part[i] && tolower((unsigned char)text[i]) == tolower((unsigned char)part[i]))
            i++;
        if (!part[i])
            return true;
    } while (*text++);
    return false;
}

static bool is_event(const jw_break *stop, const jw_frame_event *event)
{
    bool is_kind = stop->event_kind == JW_BREAK_ANY_EVENT ? event->kind != JW_EVENT_LINE
                                                          : event->kind == stop->event_kind;
    return is_kind && (holds_text(event->text, stop->text) || holds_text(event->text_zh, stop->text) ||
                       holds_text(event->key, stop->text));
}

/* The value that a condition speaks of; false while there is none. */
static bool value_of(session_stops *stops, const jw_break *stop, const jw_world *world, double *out)
{
    if (stop->kind == JW_BREAK_METRIC)
        return jw_world_metric(world, stop->name, out);
    if (jw_twin_answer(world, &stop->watch, &stops->details, NULL) != JW_OK)
        return false;
    for (uint32_t i = 0; i < stops->details.detail_count; i++) {
        const jw_frame_detail *detail = &stops->details.details[i];
        if (strcmp(detail->label, stop->name) == 0 && !detail->text[0]) {
            *out = detail->number;
            return true;
        }
    }
    return false;
}

static bool check_condition(session_stops *stops, session_stop *item, const jw_world *world, int64_t now_ns)
{
    const jw_break *stop = &item->stop;
    double value;
    bool holds =
        value_of(stops, stop, world, &value) && (stop->is_below ? value < stop->value : value > stop->value);
    if (!holds) {
        item->since_ns = INT64_MIN;
        item->has_fired = false;
        return false;
    }
    if (item->since_ns == INT64_MIN)
        item->since_ns = now_ns;
    if (item->has_fired || now_ns - item->since_ns < jw_ns_from_s(stop->hold_s))
        return false;
    item->has_fired = true;
    return true;
}

uint32_t session_stops_check(session_stops *stops, const jw_world *world)
{
    int64_t now_ns = jw_world_time_ns(world), before_ns = stops->before_ns;
    uint32_t count, met = 0;
    const jw_frame_event *events = jw_twin_events(world, &count);
    uint32_t first = first_new_event(stops, events, count);
    stops->before_ns = now_ns;
    note_events(stops, events, count);
    for (uint32_t i = 0; i < stops->count; i++) {
        session_stop *item = &stops->items[i];
        bool is_met = false;
        switch (item->stop.kind) {
        case JW_BREAK_TIME:
            is_met = before_ns < item->stop.time_ns && now_ns >= item->stop.time_ns;
            break;
        case JW_BREAK_EVENT:
            for (uint32_t k = first; k < count && !is_met; k++)
                is_met = is_event(&item->stop, &events[k]);
            break;
        case JW_BREAK_METRIC:
        case JW_BREAK_DETAIL:
            is_met = check_condition(stops, item, world, now_ns);
            break;
        }
        if (is_met && !met)
            met = item->stop.id;
    }
    return met;
}

void session_stops_free(session_stops *stops)
{
    jw_frame_free(&stops->details);
}
