/* For a room: one panel in large type, stepped by a clicker (page keys): the question, the city running with
 * the scenario's own measures, from event to event until all that its lesson speaks of has happened, the
 * answer. Charts that are open stay. */
#include "ui/ui_map.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define RING_SHARE 0.03 /* of the eye's distance: the ring about an event's place */

static ui_present last_step(const jw_ui *ui)
{
    return ui->has_scenario_texts && *ui_say_label(ui, &ui->scenario_texts.lesson) ? UI_PRESENT_ANSWER
                                                                                   : UI_PRESENT_WATCH;
}

static ui_present first_step(const jw_ui *ui)
{
    return ui->has_scenario_texts && *ui_say_label(ui, &ui->scenario_texts.predict) ? UI_PRESENT_QUESTION
                                                                                    : UI_PRESENT_WATCH;
}

void ui_present_set(jw_ui *ui, bool is_presenting)
{
    ui->is_bare = false;
    ui->is_presenting = is_presenting && ui->city;
    ui->wants_fonts = true;
    ui->is_page_cut = false;
    if (ui->is_presenting)
        ui->present = ui->is_revealed ? last_step(ui) : first_step(ui);
}

/* When all that the lesson speaks of has happened. 0: nothing of it is to come. */
static int64_t coming_until_ns(const jw_ui *ui)
{
    const ui_side *side = &ui->sides[ui->side];
    if (!ui->has_scenario_texts || ui->side_count == 0)
        return 0;
    int64_t told_ns = jw_scenario_told_ns(&ui->scenario_texts, side->status.earliest_ns);
    return side->newer.time_ns < told_ns ? told_ns : 0;
}

void ui_present_step(jw_ui *ui, int direction)
{
    int step = (int)ui->present + direction;
    bool is_watching = ui->is_presenting && ui->present == UI_PRESENT_WATCH && direction > 0;
    int64_t until_ns = is_watching && !ui->stops_at_event ? coming_until_ns(ui) : 0;
    if (until_ns) { /* who will not wait for the next event presses again */
        ui->stops.until_ns = until_ns;
        ui_run_to_event(ui);
        return;
    }
    if (!ui->is_presenting || step < (int)first_step(ui) || step > (int)last_step(ui))
        return;
    ui->present = (ui_present)step;
    ui->is_revealed = ui->present == UI_PRESENT_ANSWER;
    ui_play(ui, ui->present == UI_PRESENT_WATCH);
}

static void draw_measure(const jw_ui *ui, const char *name)
{
    char value[64], key[64];
    for (uint32_t s = 0; s < ui->side_count; s++) {
        const jw_frame *frame = &ui->sides[s].newer;
        const jw_frame_metric *metric = jw_frame_find_metric(frame, name);
        if (!metric)
            return;
        if (s == 0)
            gui_text(GUI_SMALL, GUI_MUTED, ui_say_name(ui, "metric.", name, key, sizeof key));
        ui_format_number(ui_is_measured(frame, name) ? metric->value : NAN, ui_say_unit(ui, metric->unit),
                         value, sizeof value);
        if (s > 0)
            gui_same_line(16);
        gui_text(GUI_TITLE, s ? GUI_SECOND : GUI_TEXT, value);
    }
}

static void draw_measures(const jw_ui *ui)
{
    static const char *const usual[] = {"traffic.running", "traffic.mean_speed", "twin.p95"};
    const jw_scenario_text *texts = &ui->scenario_texts;
    bool has_own = ui->has_scenario_texts && texts->measure_count > 0;
    uint32_t count = has_own ? texts->measure_count : (uint32_t)JW_COUNT_OF(usual);
    for (uint32_t i = 0; i < count; i++)
        draw_measure(ui, has_own ? texts->measures[i] : usual[i]);
}

/* What the scenario said last, or what happened last; NULL before the first. */
static const jw_frame_event *last_event(const jw_ui *ui)
{
    const ui_side *side = &ui->sides[ui->side];
    return side->told_count ? &side->events[side->told_count - 1] : NULL;
}

static gui_colour colour_of(const jw_frame_event *event)
{
    return event->kind == JW_EVENT_FAILURE ? GUI_WARNING : GUI_SECOND;
}

static void draw_last_event(const jw_ui *ui)
{
    const jw_frame_event *event = last_event(ui);
    char text[UI_EVENT_SIZE];
    if (!event)
        return;
    ui_say_event(ui, event, text, sizeof text);
    gui_rule();
    gui_text(GUI_BODY, colour_of(event), text);
}

/* The room sees where it happened, in the picture that the presenter has chosen. */
static void draw_place_of_event(const jw_ui *ui)
{
    const jw_frame_event *event = last_event(ui);
    if (!event || isnan(event->x_m) || isnan(event->y_m))
        return;
    jw_vec3 place = {(double)event->x_m, (double)event->y_m, 0};
    ui_map map = ui_map_begin(ui, ui->side);
    ui_map_ring(&map, place, ui->camera.distance_m * RING_SHARE, gui_colour_of(colour_of(event)), 3);
    ui_map_end();
}

/* Nobody in a room scrolls: a page that is higher than the window is set in smaller type. Its lines become
 * fewer, too, so that its height goes with the square. Larger again only with another window or size of the
 * interface: type that changes with each page would be noticed more than small type. */
static void fit_page(jw_ui *ui, float height, float room)
{
    ui->is_page_cut = height > room;
    if (!ui->is_page_cut)
        return;
    ui->page_share *= jw_clamp(jw_sqrt((double)(room / height)), 0.5, 0.97);
    ui->redraws = 3;
}

void ui_present_draw(jw_ui *ui)
{
    gui_rect page = ui_layout_of(ui).rail;
    const jw_scenario_text *texts = &ui->scenario_texts;
    char clock[32], speed[32], line[72];
    gui_panel_begin("##present", page);
    if (ui->has_scenario_texts)
        gui_text(GUI_TITLE, GUI_TEXT, ui_say_label(ui, &texts->title));
    else if (ui->scene)
        gui_text(GUI_TITLE, GUI_TEXT, ui_say_label(ui, jw_scene_title(ui->scene)));
    ui_format_time(ui_shown_time_ns(ui, &ui->sides[ui->side]), clock, sizeof clock);
    ui_say_speed(ui, speed, sizeof speed);
    snprintf(line, sizeof line, ui->present == UI_PRESENT_WATCH ? "%s · %s" : "%s", clock, speed);
    gui_text(GUI_BODY, GUI_MUTED, line);
    if (ui->stops_at_event)
        gui_text(GUI_BODY, GUI_ACCENT, ui_say(ui, "time.to_event"));
    gui_gap(8);
    if (ui->present == UI_PRESENT_QUESTION) {
        gui_text(GUI_SMALL, GUI_ACCENT, ui_say(ui, "scenario.predict"));
        gui_text(GUI_TITLE, GUI_TEXT, ui_say_label(ui, &texts->predict));
    } else if (ui->present == UI_PRESENT_ANSWER) {
        gui_text(GUI_SMALL, GUI_ACCENT, ui_say(ui, "scenario.lesson"));
        gui_text(GUI_BODY, GUI_TEXT, ui_say_label(ui, &texts->lesson));
        gui_gap(8);
        draw_measures(ui);
    } else {
        draw_measures(ui);
        draw_last_event(ui);
        draw_place_of_event(ui);
    }
    ui_legend_draw(ui, false);
    gui_gap(8);
    const char *keys = ui->present != UI_PRESENT_WATCH ? "present.keys"
                       : !coming_until_ns(ui)          ? "present.watch"
                       : ui->stops_at_event            ? "present.waits"
                                                       : "present.events";
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, keys));
    fit_page(ui, gui_panel_height(), -page.height);
    gui_panel_end();
}
