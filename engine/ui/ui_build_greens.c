/* Single greens of a junction's signals, set by sliders in the tab of building. */
#include "ui/ui_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ui_build_is_greens(const ui_build *build)
{
    return build->what == UI_BUILD_SIGNALS && build->control == UI_CONTROL_GREEN;
}

void ui_build_give_green(jw_ui *ui, uint32_t phase, double before_s)
{
    ui_build *build = &ui->build;
    jw_command command = jw_command_make("set_green");
    jw_command_number(&command, "programme", ui->city->junctions[build->picks[0].index].programme);
    jw_command_number(&command, "phase", phase);
    jw_command inverse = command;
    jw_command_number(&command, "green_s", build->green_s);
    jw_command_number(&inverse, "green_s", before_s);
    build->green_phase1 = 0;
    if (build->green_s != before_s)
        ui_do_with(ui, &command, &inverse);
}

/* The greens of the junction that was clicked, as the world answers them: lines "2: 31 s". */
void ui_build_greens_draw(jw_ui *ui)
{
    ui_build *build = &ui->build;
    const jw_frame *frame = &ui->sides[ui->side].newer;
    const char *mode = build->pick_count ? ui_build_mode(ui) : NULL;
    bool is_fixed = mode && strcmp(mode, "fixed") == 0;
    if (mode && !is_fixed)
        gui_text(GUI_SMALL, GUI_WARNING, ui_say(ui, "build.greens_not_fixed"));
    for (uint32_t i = 0; i < frame->detail_count && is_fixed; i++) {
        const jw_frame_detail *detail = &frame->details[i];
        char line[160], shown[64], id[32];
        if (detail->watch_id != build->watch.id)
            continue;
        ui_format_number(detail->number, ui_say_unit(ui, "s"), shown, sizeof shown);
        if (strcmp(detail->label, "cycle") == 0) {
            ui_say_with(ui, "build.cycle", shown, line, sizeof line);
            gui_text(GUI_SMALL, GUI_TEXT, line);
        }
        if (strcmp(detail->label, "green") != 0)
            continue;
        uint32_t phase1 = (uint32_t)strtoul(detail->text, NULL, 10);
        double now_s = detail->number, green_s = now_s;
        if (build->green_phase1 == phase1)
            green_s = build->green_s;
        snprintf(line, sizeof line, "%u", phase1);
        snprintf(id, sizeof id, "##green%u", phase1);
        ui_say_with(ui, "build.green", line, shown, sizeof shown);
        gui_text(GUI_SMALL, GUI_MUTED, shown);
        ui_format_number(green_s, ui_say_unit(ui, "s"), shown, sizeof shown);
        gui_width(0);
        gui_slider_step(1);
        if (gui_slider(id, &green_s, JW_GREEN_MIN_S, JW_GREEN_MAX_S, shown, false)) {
            build->green_phase1 = phase1;
            build->green_s = jw_round(green_s);
        }
        if (gui_is_done() && build->green_phase1 == phase1)
            ui_build_give_green(ui, phase1 - 1, now_s);
    }
}
