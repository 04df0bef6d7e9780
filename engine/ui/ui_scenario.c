/* The scenario: which one, what to predict, what was learnt, what it says. */
#include "ui/ui_state.h"

#include <string.h>

#define EVENTS_SHOWN 60 /* the newest; the line of time has all */

static void choose(jw_ui *ui, const char *file)
{
    jw_text_copy(ui->wish.scenario, sizeof ui->wish.scenario, file);
    ui_restart(ui);
}

static void draw_lesson(jw_ui *ui)
{
    const jw_scenario_text *texts = &ui->scenario_texts;
    const char *predict = ui_say_label(ui, &texts->predict), *lesson = ui_say_label(ui, &texts->lesson);
    const char *limits = ui_say_label(ui, &texts->limits);
    gui_text(GUI_TITLE, GUI_TEXT, ui_say_label(ui, &texts->title));
    if (*predict) {
        gui_text(GUI_SMALL, GUI_ACCENT, ui_say(ui, "scenario.predict"));
        gui_text(GUI_BODY, GUI_TEXT, predict);
    }
    if (*lesson && ui->is_revealed) {
        gui_gap(8);
        gui_text(GUI_SMALL, GUI_ACCENT, ui_say(ui, "scenario.lesson"));
        gui_text(GUI_BODY, GUI_TEXT, lesson);
        if (*limits) {
            gui_gap(8);
            gui_text(GUI_SMALL, GUI_ACCENT, ui_say(ui, "scenario.limits"));
            gui_text(GUI_BODY, GUI_MUTED, limits);
        }
    } else if (*lesson && gui_button(ui_say(ui, "scenario.reveal"), -1, true)) {
        ui->is_revealed = true;
    }
}

/* Goes where it happened, when it happened somewhere. */
static void fly_to(jw_ui *ui, const jw_frame_event *event)
{
    jw_camera camera = ui->camera;
    if (event->x_m != event->x_m || event->y_m != event->y_m)
        return;
    camera.x_m = (double)event->x_m;
    camera.y_m = (double)event->y_m;
    camera.distance_m = jw_min(camera.distance_m, 900);
    ui_camera_fly(ui, &camera);
}

static void draw_event(jw_ui *ui, const jw_frame_event *event, int64_t now_ns)
{
    char text[UI_EVENT_SIZE], time[32];
    ui_say_event(ui, event, text, sizeof text);
    ui_format_time(event->time_ns, time, sizeof time);
    bool is_to_come = event->time_ns > now_ns;
    gui_colour colour = event->kind == JW_EVENT_FAILURE ? GUI_WARNING
                        : is_to_come                    ? GUI_MUTED
                        : event->kind == JW_EVENT_MARK  ? GUI_SECOND
                                                        : GUI_TEXT;
    const char *cells[] = {time, text};
    const gui_colour colours[] = {GUI_MUTED, colour};
    if (gui_said_row(cells, colours))
        fly_to(ui, event);
}

static void draw_events(jw_ui *ui)
{
    const ui_side *side = &ui->sides[ui->side];
    int64_t now_ns = side->newer.time_ns;
    float export_width = gui_px(64);
    if (gui_button(ui_say(ui, "scenario.next_event"), gui_room_x() - export_width - gui_px(8), false))
        ui_run_to_event(ui);
    gui_same_line(8);
    gui_disable(side->event_count == 0);
    if (gui_button("CSV##events", export_width, false))
        ui_export_events(ui);
    gui_enable();
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "scenario.events"));
    if (side->event_count == 0)
        gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "scenario.silent"));
    uint32_t first = side->event_count > EVENTS_SHOWN ? side->event_count - EVENTS_SHOWN : 0;
    for (uint32_t i = side->event_count; i-- > first;) { /* the newest first: it is in sight */
        gui_push((int)i);
        draw_event(ui, &side->events[i], now_ns);
        gui_pop();
    }
}

void ui_scenario_draw(jw_ui *ui)
{
    char shown[256];
    ui_say_file(ui, ui->wish.scenario, shown, sizeof shown);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "scenario.choose"));
    gui_width(0);
    if (gui_combo_begin("##scenario", ui->wish.scenario[0] ? shown : ui_say(ui, "scenario.none"))) {
        if (gui_option(ui_say(ui, "scenario.none"), !ui->wish.scenario[0]))
            choose(ui, "");
        for (uint32_t i = 0; i < ui->script_count && ui->script_titles; i++) {
            gui_push((int)i);
            if (gui_option(ui_say_label(ui, &ui->script_titles[i]),
                           ui_is_same_file(ui->script_files[i], ui->wish.scenario)))
                choose(ui, ui->script_files[i]);
            gui_pop();
        }
        gui_combo_end();
    }
    if (ui->wish.scenario[0]) {
        if (gui_button(ui_say(ui, "scenario.reload"), 0, false))
            ui_reload(ui);
        gui_tooltip(ui_say(ui, "scenario.reload_hint"));
    }
    gui_gap(8);
    gui_scroll_begin("##story", 0);
    if (ui->has_scenario_texts)
        draw_lesson(ui);
    else
        gui_text(GUI_BODY, GUI_MUTED, ui_say(ui, "scenario.none_hint"));
    gui_gap(8);
    gui_rule();
    draw_events(ui);
    gui_gap(8);
    gui_rule();
    ui_stops_draw(ui);
    gui_scroll_end();
}
