/* The scenario: which one, what to predict, what was learnt, what it says. */
#include "ui/ui_state.h"

#include <string.h>

static void choose(jw_ui *ui, const char *file)
{
    jw_text_copy(ui->wish.scenario, sizeof ui->wish.scenario, file);
    ui_restart(ui);
}

static void draw_lesson(jw_ui *ui)
{
    const jw_scenario_text *texts = &ui->scenario_texts;
    const char *predict = ui_say_label(ui, &texts->predict), *lesson = ui_say_label(ui, &texts->lesson);
    gui_text(GUI_TITLE, GUI_TEXT, ui_say_label(ui, &texts->title));
    if (*predict) {
        gui_text(GUI_SMALL, GUI_ACCENT, ui_say(ui, "scenario.predict"));
        gui_text(GUI_BODY, GUI_TEXT, predict);
    }
    if (*lesson && ui->is_revealed) {
        gui_gap(8);
        gui_text(GUI_SMALL, GUI_ACCENT, ui_say(ui, "scenario.lesson"));
        gui_text(GUI_BODY, GUI_TEXT, lesson);
    } else if (*lesson && gui_button(ui_say(ui, "scenario.reveal"), -1, true)) {
        ui->is_revealed = true;
    }
}

static void draw_log(jw_ui *ui)
{
    const jw_frame_metric *errors = jw_frame_find_metric(&ui->sides[ui->side].newer, "script.errors");
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "scenario.log"));
    if (errors && errors->value > 0)
        gui_text(GUI_SMALL, GUI_WARNING, ui_say(ui, "scenario.errors"));
    gui_scroll_begin("##log", 0);
    bool is_at_end = gui_scroll_bottom() < 1;
    ui_log *log = ui->log;
    pthread_mutex_lock(&log->mutex);
    uint64_t first = log->count > UI_LOG_LINES ? log->count - UI_LOG_LINES : 0;
    for (uint64_t i = first; i < log->count; i++)
        gui_text(GUI_SMALL, log->levels[i % UI_LOG_LINES] == JW_LOG_INFO ? GUI_TEXT : GUI_WARNING,
                 log->lines[i % UI_LOG_LINES]);
    bool is_empty = log->count == 0;
    pthread_mutex_unlock(&log->mutex);
    if (is_empty)
        gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "scenario.silent"));
    if (is_at_end)
        gui_scroll_to_end();
    gui_scroll_end();
}

void ui_scenario_draw(jw_ui *ui)
{
    char shown[128];
    jw_path_stem(ui->wish.scenario, shown, sizeof shown);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "scenario.choose"));
    gui_width(0);
    if (gui_combo_begin("##scenario", ui->wish.scenario[0] ? shown : ui_say(ui, "scenario.none"))) {
        if (gui_option(ui_say(ui, "scenario.none"), !ui->wish.scenario[0]))
            choose(ui, "");
        for (uint32_t i = 0; i < ui->script_count; i++) {
            char stem[128];
            jw_path_stem(ui->script_files[i], stem, sizeof stem);
            gui_push((int)i);
            if (gui_option(stem, strcmp(ui->script_files[i], ui->wish.scenario) == 0))
                choose(ui, ui->script_files[i]);
            gui_pop();
        }
        gui_combo_end();
    }
    gui_gap(8);
    if (ui->has_scenario_texts)
        draw_lesson(ui);
    else
        gui_text(GUI_BODY, GUI_MUTED, ui_say(ui, "scenario.none_hint"));
    gui_gap(8);
    gui_rule();
    draw_log(ui);
}
