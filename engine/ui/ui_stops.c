/* Where the world shall pause by itself: at a time, at an event, when a value passes a bound. The world's own
 * thread looks after each step (jw_session_set_breaks); here they are made, listed and told. */
#include "ui/ui_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ids of the stops that are forgotten once the world stands. */
enum { NEXT_EVENT_ID = 0x40000000, NEXT_LINE_ID, UNTIL_ID };

#define HOLD_MAX_S 86400.0

void ui_stops_send(const jw_ui *ui)
{
    jw_break stops[JW_BREAKS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < ui->stops.count; i++)
        if (ui->stops.is_on[i])
            stops[count++] = ui->stops.items[i];
    if (ui->stops_at_event)
        stops[count++] =
            (jw_break){.id = NEXT_EVENT_ID, .kind = JW_BREAK_EVENT, .event_kind = JW_BREAK_ANY_EVENT};
    if (ui->stops_at_event && ui->is_presenting) /* a room hears what the scenario says, too */
        stops[count++] = (jw_break){.id = NEXT_LINE_ID, .kind = JW_BREAK_EVENT, .event_kind = JW_EVENT_LINE};
    if (ui->stops.until_ns)
        stops[count++] = (jw_break){.id = UNTIL_ID, .kind = JW_BREAK_TIME, .time_ns = ui->stops.until_ns};
    for (uint32_t i = 0; i < ui->side_count; i++)
        jw_session_set_breaks(ui->sides[i].session, stops, count);
}

/* ---- what they are called --------------------------------------------------------------------------------
 */

static const char *const event_keys[] = {"stops.any_event", "stops.mark", "stops.line", "stops.failure"};

/* Of a metric, else of the chart that shows the value; "" where neither is there. */
static const char *unit_of(const jw_ui *ui, const char *name, const jw_watch *watch)
{
    const jw_frame_metric *metric =
        watch->kind == JW_WATCH_NONE ? jw_frame_find_metric(&ui->sides[ui->side].newer, name) : NULL;
    for (uint32_t i = 0; i < ui->plot_count && !metric; i++)
        if (strcmp(ui->plots[i].label, name) == 0 && ui->plots[i].watch.kind == watch->kind)
            return ui_say_unit(ui, ui->plots[i].unit);
    return metric ? ui_say_unit(ui, metric->unit) : "";
}

/* As it was typed in: no larger unit in place of the value's own. */
static void say_condition(const jw_ui *ui, const jw_break *stop, char *out, size_t size)
{
    char key[96], number[64], hold[64] = "";
    const char *name = stop->name;
    if (stop->kind == JW_BREAK_METRIC)
        name = ui_say_name(ui, "metric.", stop->name, key, sizeof key);
    else
        name = ui_say_name(ui, "detail.", stop->name, key, sizeof key);
    const char *unit = unit_of(ui, stop->name, &stop->watch);
    snprintf(number, sizeof number, "%g%s%s", stop->value, unit[0] ? " " : "", unit);
    if (stop->hold_s > 0)
        snprintf(hold, sizeof hold, " · %g s", stop->hold_s);
    snprintf(out, size, "%s%s%s %s %s%s", stop->kind == JW_BREAK_DETAIL ? stop->watch.name : "",
             stop->kind == JW_BREAK_DETAIL && stop->watch.name[0] ? " · " : "", name,
             stop->is_below ? "<" : ">", number, hold);
}

void ui_stops_say(const jw_ui *ui, const jw_break *stop, char *out, size_t size)
{
    char time[32];
    switch (stop->kind) {
    case JW_BREAK_TIME:
        ui_format_time(stop->time_ns, time, sizeof time);
        ui_say_with(ui, "stops.at_time", time, out, size);
        break;
    case JW_BREAK_EVENT:
        snprintf(out, size, "%s%s%s", ui_say(ui, event_keys[stop->event_kind + 1]), stop->text[0] ? ": " : "",
                 stop->text);
        break;
    case JW_BREAK_METRIC:
    case JW_BREAK_DETAIL:
        say_condition(ui, stop, out, size);
        break;
    }
}

void ui_stops_met(jw_ui *ui, uint32_t id)
{
    char what[200], line[320];
    ui_play(ui, false);
    for (uint32_t i = 0; i < ui->stops.count; i++)
        if (ui->stops.items[i].id == id) {
            ui_stops_say(ui, &ui->stops.items[i], what, sizeof what);
            ui_say_with(ui, "stops.met", what, line, sizeof line);
            ui_notice(ui, line);
        }
}

/* ---- making them -----------------------------------------------------------------------------------------
 */

/* "08:10", "08:10:30", "+5min", "+90s", "+2h"; false: none of these. */
bool ui_stops_read_time(const char *text, int64_t now_ns, int64_t *out_ns)
{
    unsigned hour, minute, second = 0;
    char end;
    int count = sscanf(text, " %2u:%2u:%2u %c", &hour, &minute, &second, &end);
    if ((count == 2 && sscanf(text, " %2u:%2u %c", &hour, &minute, &end) == 2) || count == 3) {
        if (minute > 59 || second > 59 || hour > 47)
            return false;
        *out_ns = (int64_t)(hour * 3600 + minute * 60 + second) * JW_NS_PER_S;
        return true;
    }
    char unit[8] = "min";
    double number;
    count = sscanf(text, " +%lf%7s %c", &number, unit, &end);
    if (count < 1 || count > 2 || !(number > 0 && number < 1e6))
        return false;
    double unit_s = strcmp(unit, "s") == 0     ? 1
                    : strcmp(unit, "min") == 0 ? 60
                    : strcmp(unit, "h") == 0   ? 3600
                                               : 0;
    if (unit_s == 0 || number * unit_s > 10 * 86400.0)
        return false;
    *out_ns = now_ns + jw_ns_from_s(number * unit_s);
    return true;
}

bool ui_run_until(jw_ui *ui, int64_t time_ns)
{
    if (!ui->side_count || time_ns <= ui->sides[ui->side].status.time_ns)
        return false;
    ui_play(ui, false);
    ui->stops.until_ns = time_ns;
    ui_stops_send(ui);
    ui_play(ui, true);
    return true;
}

bool ui_stops_add(jw_ui *ui, const jw_break *stop)
{
    ui_stops *stops = &ui->stops;
    if (stops->count == UI_STOP_MAX)
        return false;
    stops->items[stops->count] = *stop;
    stops->items[stops->count].id = ++stops->last_id;
    stops->is_on[stops->count++] = true;
    ui_stops_send(ui);
    return true;
}

void ui_stops_remove(jw_ui *ui, uint32_t index)
{
    ui_stops *stops = &ui->stops;
    uint32_t behind = stops->count - index - 1;
    memmove(&stops->items[index], &stops->items[index + 1], behind * sizeof *stops->items);
    memmove(&stops->is_on[index], &stops->is_on[index + 1], behind * sizeof *stops->is_on);
    stops->count--;
    ui_stops_send(ui);
}

/* ---- drawing ---------------------------------------------------------------------------------------------
 */

static int64_t now_of(const jw_ui *ui)
{
    return ui->sides[ui->side].newer.time_ns;
}

static void draw_until(jw_ui *ui)
{
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "stops.until"));
    gui_width(gui_room_x() - gui_px(88));
    bool is_entered =
        gui_input("##until", ui_say(ui, "stops.time_hint"), ui->stops.until, sizeof ui->stops.until);
    gui_same_line(8);
    is_entered = gui_button(ui_say(ui, "stops.run"), gui_px(80), false) || is_entered;
    int64_t time_ns;
    if (is_entered && ui->stops.until[0])
        ui->stops.is_until_wrong =
            !ui_stops_read_time(ui->stops.until, now_of(ui), &time_ns) || !ui_run_until(ui, time_ns);
    if (ui->stops.is_until_wrong) {
        gui_text(GUI_SMALL, GUI_WARNING, ui_say(ui, "stops.wrong_time"));
    } else if (ui->stops.until_ns) {
        char time[32], text[96];
        ui_format_time(ui->stops.until_ns, time, sizeof time);
        ui_say_with(ui, "stops.runs_until", time, text, sizeof text);
        gui_text(GUI_SMALL, GUI_ACCENT, text);
    }
}

/* What the fields say; false, and which text tells why, when it makes no stop. */
static bool read_draft(jw_ui *ui, jw_break *out)
{
    ui_stops *stops = &ui->stops;
    *out = (jw_break){.kind = (jw_break_kind)stops->kind};
    if (stops->kind == JW_BREAK_TIME) {
        stops->problem = "stops.wrong_time";
        return ui_stops_read_time(stops->text, now_of(ui), &out->time_ns) && out->time_ns > now_of(ui);
    }
    if (stops->kind == JW_BREAK_EVENT) {
        out->event_kind = stops->event_kind - 1;
        jw_text_copy(out->text, sizeof out->text, stops->text);
        return true;
    }
    stops->problem = "stops.wrong_value";
    if (stops->source >= 0 && (uint32_t)stops->source < ui->plot_count) {
        const ui_plot *plot = &ui->plots[stops->source];
        jw_text_copy(out->name, sizeof out->name, plot->label);
        out->watch = plot->watch;
        if (plot->watch.kind != JW_WATCH_NONE)
            out->kind = JW_BREAK_DETAIL;
    } else {
        jw_text_copy(out->name, sizeof out->name, stops->metric);
    }
    out->is_below = stops->is_below == 1;
    out->hold_s = 0;
    bool is_fine = out->name[0] && jw_text_to_number(stops->value, &out->value);
    if (stops->hold[0])
        is_fine = is_fine && jw_text_to_number(stops->hold, &out->hold_s) && out->hold_s >= 0 &&
                  out->hold_s <= HOLD_MAX_S;
    return is_fine;
}

/* A chart's value, or a metric of the city. */
static void draw_source(jw_ui *ui)
{
    ui_stops *stops = &ui->stops;
    const jw_frame *frame = &ui->sides[ui->side].newer;
    char key[96];
    bool is_plot = stops->source >= 0 && (uint32_t)stops->source < ui->plot_count;
    const char *shown = is_plot            ? ui->plots[stops->source].title
                        : stops->metric[0] ? ui_say_name(ui, "metric.", stops->metric, key, sizeof key)
                                           : ui_say(ui, "stops.choose");
    gui_width(0);
    if (!gui_combo_begin("##source", shown))
        return;
    for (uint32_t i = 0; i < ui->plot_count; i++) {
        if (ui->plots[i].watch.kind == JW_WATCH_NONE && stops->source != (int)i)
            continue; /* a metric: below */
        gui_push((int)i);
        if (gui_option(ui->plots[i].title, stops->source == (int)i))
            stops->source = (int)i;
        gui_pop();
    }
    for (uint32_t i = 0; i < frame->metric_count; i++) {
        const char *name = frame->metrics[i].name;
        gui_push(100 + (int)i);
        if (gui_option(ui_say_name(ui, "metric.", name, key, sizeof key),
                       !is_plot && strcmp(name, stops->metric) == 0)) {
            jw_text_copy(stops->metric, sizeof stops->metric, name);
            stops->source = -1;
        }
        gui_pop();
    }
    gui_combo_end();
}

static void draw_value_fields(jw_ui *ui)
{
    ui_stops *stops = &ui->stops;
    const char *bounds[] = {ui_say(ui, "stops.above"), ui_say(ui, "stops.below")};
    draw_source(ui);
    gui_segments("bound", bounds, 2, &stops->is_below);
    float half = (gui_room_x() - gui_px(8)) / 2;
    gui_width(half);
    bool is_plot = stops->source >= 0 && (uint32_t)stops->source < ui->plot_count;
    static const jw_watch city = {0};
    const char *unit = is_plot ? unit_of(ui, ui->plots[stops->source].label, &ui->plots[stops->source].watch)
                               : unit_of(ui, stops->metric, &city);
    char hint[64];
    snprintf(hint, sizeof hint, "%s%s%s", ui_say(ui, "stops.value_hint"), unit[0] ? ", " : "", unit);
    gui_input("##value", hint, stops->value, sizeof stops->value);
    gui_same_line(8);
    gui_width(half);
    gui_input("##hold", ui_say(ui, "stops.hold_hint"), stops->hold, sizeof stops->hold);
}

static void draw_draft(jw_ui *ui)
{
    ui_stops *stops = &ui->stops;
    const char *kinds[] = {ui_say(ui, "stops.time"), ui_say(ui, "stops.event"), ui_say(ui, "stops.value")};
    if (gui_segments("kind", kinds, 3, &stops->kind))
        stops->text[0] = 0;
    if (stops->kind == JW_BREAK_EVENT) {
        gui_width(0);
        if (gui_combo_begin("##event", ui_say(ui, event_keys[stops->event_kind]))) {
            for (int i = 0; i < (int)JW_COUNT_OF(event_keys); i++)
                if (gui_option(ui_say(ui, event_keys[i]), stops->event_kind == i))
                    stops->event_kind = i;
            gui_combo_end();
        }
    }
    if (stops->kind == JW_BREAK_METRIC) {
        draw_value_fields(ui);
    } else {
        gui_width(0);
        gui_input("##text", ui_say(ui, stops->kind == JW_BREAK_TIME ? "stops.time_hint" : "stops.text_hint"),
                  stops->text, sizeof stops->text);
    }
    if (gui_button(ui_say(ui, "stops.add"), -1, false)) {
        jw_break stop;
        stops->is_wrong = !read_draft(ui, &stop);
        if (!stops->is_wrong && !ui_stops_add(ui, &stop)) {
            stops->is_wrong = true;
            stops->problem = "stops.too_many";
        }
    }
    if (stops->is_wrong)
        gui_text(GUI_SMALL, GUI_WARNING, ui_say(ui, stops->problem));
}

void ui_stops_draw(jw_ui *ui)
{
    ui_stops *stops = &ui->stops;
    uint32_t removed = JW_NONE;
    draw_until(ui);
    gui_gap(8);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "stops.title"));
    for (uint32_t i = 0; i < stops->count; i++) {
        char text[200];
        ui_stops_say(ui, &stops->items[i], text, sizeof text);
        gui_push((int)stops->items[i].id);
        if (gui_check_in(text, &stops->is_on[i], gui_room_x() - gui_line_height() - gui_px(4)))
            ui_stops_send(ui);
        gui_same_line(4);
        if (gui_icon_button("remove", GUI_ICON_CLOSE, false))
            removed = i;
        gui_tooltip(ui_say(ui, "stops.remove"));
        gui_pop();
    }
    if (removed != JW_NONE)
        ui_stops_remove(ui, removed);
    draw_draft(ui);
}
