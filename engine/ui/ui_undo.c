/* Taking back what was done by hand: commands that have an opposite are kept with it, in order. The world's
 * log keeps all of them: undoing is a command, too. */
#include "ui/ui_state.h"

#include <stdio.h>
#include <string.h>

static const char *const opposites[][2] = {
    {"cut_link", "repair_link"},          {"fail_node", "repair_node"}, {"fail_cell", "repair_cell"},
    {"fail_roadside", "repair_roadside"}, {"close_edge", "open_edge"},
};

/* Which way round a command goes; NULL: it has no opposite. */
static const char *opposite_of(const char *verb, bool *out_repairs)
{
    for (uint32_t i = 0; i < JW_COUNT_OF(opposites); i++)
        for (int k = 0; k < 2; k++)
            if (strcmp(opposites[i][k], verb) == 0) {
                *out_repairs = k == 1;
                return opposites[i][1 - k];
            }
    return NULL;
}

/* What repairs a thing that works, or breaks one that is down, changes nothing: undoing it would. */
static bool changes(const jw_frame *frame, const jw_command *command, bool repairs)
{
    const char *name = jw_command_get_text(command, "name", "");
    for (uint32_t i = 0; i < frame->asset_count; i++)
        if (strcmp(frame->assets[i].name, name) == 0)
            return (frame->assets[i].is_up != 0) != repairs;
    for (uint32_t i = 0; i < frame->link_count; i++)
        if (strcmp(frame->links[i].name, name) == 0)
            return (frame->links[i].is_up != 0) != repairs;
    return !repairs; /* of streets frames do not say whether they are closed */
}

void ui_do(jw_ui *ui, const jw_command *command)
{
    bool repairs;
    bool is_kept = ui->side < ui->side_count && opposite_of(command->verb, &repairs) &&
                   changes(&ui->sides[ui->side].newer, command, repairs);
    ui_post(ui, command);
    if (!is_kept)
        return;
    if (ui->done_count == UI_UNDO_MAX) {
        memmove(ui->done, ui->done + 1, (UI_UNDO_MAX - 1) * sizeof *ui->done);
        ui->done_count--;
    }
    ui->done[ui->done_count++] = *command;
    ui->undone_count = 0;
}

static void tell(jw_ui *ui, const char *key, const jw_command *command)
{
    char event[64], subject[160], place[160], text[240], line[320];
    jw_text_copy(subject, sizeof subject, jw_command_get_text(command, "name", ""));
    if (jw_command_arg(command, "edge")) {
        jw_pick pick = {.kind = JW_PICK_EDGE, .index = (uint32_t)jw_command_get_number(command, "edge", 0)};
        ui_name_thing(ui, &ui->sides[ui->side].newer, &pick, subject, sizeof subject, place, sizeof place);
    }
    snprintf(event, sizeof event, "event.%s", command->verb);
    ui_say_with(ui, event, subject, text, sizeof text);
    ui_say_with(ui, key, text, line, sizeof line);
    ui_notice(ui, line);
}

void ui_undo(jw_ui *ui)
{
    if (ui->done_count == 0)
        return;
    bool repairs;
    jw_command *command = &ui->done[ui->done_count - 1], inverse = *command;
    jw_text_copy(inverse.verb, sizeof inverse.verb, opposite_of(command->verb, &repairs));
    ui_post(ui, &inverse);
    tell(ui, "undo.undone", command);
    ui->done_count--;
    ui->undone_count++;
}

void ui_redo(jw_ui *ui)
{
    if (ui->undone_count == 0)
        return;
    jw_command *command = &ui->done[ui->done_count];
    ui_post(ui, command);
    tell(ui, "undo.redone", command);
    ui->done_count++;
    ui->undone_count--;
}

void ui_forget_done(jw_ui *ui)
{
    ui->done_count = ui->undone_count = 0;
}
