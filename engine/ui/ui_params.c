/* Parameters of the scene: those that may change while running are posted as commands, the others wait for a
 * restart. */
#include "ui/ui_state.h"

#include <stdio.h>
#include <string.h>

void ui_param_text(const jw_param *param, double value, char *out, size_t out_size)
{
    if (param->type == JW_PARAM_BOOLEAN)
        jw_text_copy(out, out_size, value != 0 ? "true" : "false");
    else if (param->type == JW_PARAM_CHOICE)
        jw_text_copy(out, out_size, param->choices[(uint32_t)value]);
    else
        snprintf(out, out_size, "%.10g", value);
}

void ui_set_param(jw_ui *ui, const jw_param *param, double value, bool is_final)
{
    char text[64];
    ui_param_text(param, value, text, sizeof text);
    double before = param->value;
    jw_error error = {0};
    if (jw_scene_set(ui->scene, param->id, text, &error) != JW_OK) {
        ui_fail(ui, &error);
        return;
    }
    if (!param->is_live && param->value != before)
        ui->needs_restart = true;
    if (!param->is_live)
        return;
    if (strcmp(ui->dragged_param, param->id) != 0) { /* where the slider stood before it was taken */
        jw_text_copy(ui->dragged_param, sizeof ui->dragged_param, param->id);
        ui->dragged_from = before;
    }
    if (!is_final)
        return;
    ui->dragged_param[0] = 0;
    if (ui->dragged_from == param->value)
        return;
    jw_command command = jw_command_make("set_param");
    jw_command_text(&command, "id", param->id);
    jw_command_number(&command, "value", param->value);
    jw_command inverse = command;
    jw_command_number(&inverse, "value", ui->dragged_from);
    ui_do_with(ui, &command, &inverse);
}

static void draw_number(jw_ui *ui, const jw_param *param)
{
    char shown[64];
    double value = param->value;
    ui_format_number(value, ui_say_unit(ui, param->unit), shown, sizeof shown);
    gui_width(0);
    gui_slider_step(param->step > 0 ? param->step : param->type == JW_PARAM_INTEGER ? 1 : 0);
    if (gui_slider("##value", &value, param->min, param->max, shown, false)) {
        double step = param->step > 0 ? param->step : param->type == JW_PARAM_INTEGER ? 1 : 0;
        if (step > 0)
            value = param->min + jw_round((value - param->min) / step) * step;
        value = jw_clamp(value, param->min, param->max);
        if (value != param->value)
            ui_set_param(ui, param, value, false);
    }
    if (gui_is_done())
        ui_set_param(ui, param, param->value, true);
}

static void draw_param(jw_ui *ui, const jw_param *param)
{
    const char *label = ui_say_label(ui, &param->label);
    if (param->type == JW_PARAM_BOOLEAN) {
        bool is_on = param->value != 0;
        if (gui_check(label, &is_on))
            ui_set_param(ui, param, is_on, true);
        return;
    }
    gui_text(GUI_SMALL, GUI_TEXT, label);
    if (!param->is_live)
        gui_text_right(GUI_SMALL, GUI_MUTED, ui_say(ui, "params.at_start"));
    if (param->type != JW_PARAM_CHOICE) {
        draw_number(ui, param);
        return;
    }
    gui_width(0);
    uint32_t chosen = (uint32_t)param->value;
    if (!gui_combo_begin("##value", ui_say_id(ui, param->choices[chosen])))
        return;
    for (uint32_t i = 0; i < param->choice_count; i++)
        if (gui_option(ui_say_id(ui, param->choices[i]), i == chosen))
            ui_set_param(ui, param, i, true);
    gui_combo_end();
}

static bool is_first_of_group(const jw_scene *scene, uint32_t index)
{
    const char *group = jw_scene_param(scene, index)->group;
    for (uint32_t i = 0; i < index; i++)
        if (strcmp(jw_scene_param(scene, i)->group, group) == 0)
            return false;
    return true;
}

static void draw_group(jw_ui *ui, uint32_t first)
{
    const char *group = jw_scene_param(ui->scene, first)->group;
    char key[64];
    gui_text(GUI_BODY, GUI_ACCENT, ui_say_name(ui, "group.", group, key, sizeof key));
    uint32_t count = jw_scene_param_count(ui->scene);
    for (uint32_t i = first; i < count; i++) {
        const jw_param *param = jw_scene_param(ui->scene, i);
        if (strcmp(param->group, group) != 0)
            continue;
        gui_push((int)i);
        draw_param(ui, param);
        gui_pop();
    }
    gui_gap(16);
}

void ui_params_draw(jw_ui *ui)
{
    if (!ui->scene)
        return;
    gui_scroll_begin("##params", ui->needs_restart ? -gui_px(72) : 0);
    uint32_t count = jw_scene_param_count(ui->scene);
    for (uint32_t i = 0; i < count; i++)
        if (is_first_of_group(ui->scene, i))
            draw_group(ui, i);
    if (count == 0)
        gui_text(GUI_BODY, GUI_MUTED, ui_say(ui, "params.none"));
    gui_scroll_end();
    if (!ui->needs_restart)
        return;
    gui_text(GUI_SMALL, GUI_WARNING, ui_say(ui, "params.restart_hint"));
    if (gui_button(ui_say(ui, "params.restart"), -1, true))
        ui_restart(ui);
}
