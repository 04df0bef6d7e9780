/* Taking back what was done by hand: commands that have an opposite are kept with it, in order. The world's
 * log keeps all of them: undoing is a command, too. What the world refuses is forgotten. */
#include "ui/ui_state.h"

#include <stdio.h>
#include <string.h>

/* Commands and what takes them back, with the argument that names the thing in both; NULL: no other. */
static const struct {
    const char *verb, *opposite, *key, *second_key;
} opposites[] = {
    {"cut_link", "repair_link", "name", NULL},
    {"repair_link", "cut_link", "name", NULL},
    {"fail_node", "repair_node", "name", NULL},
    {"repair_node", "fail_node", "name", NULL},
    {"fail_cell", "repair_cell", "name", NULL},
    {"repair_cell", "fail_cell", "name", NULL},
    {"fail_roadside", "repair_roadside", "name", NULL},
    {"repair_roadside", "fail_roadside", "name", NULL},
    {"close_edge", "open_edge", "edge", NULL},
    {"open_edge", "close_edge", "edge", NULL},
    {"close_lane", "open_lane", "edge", "lane"},
    {"open_lane", "close_lane", "edge", "lane"},
    {"place_cell", "remove_cell", "name", NULL},
    {"remove_cell", "restore_cell", "name", NULL},
    {"place_roadside", "remove_roadside", "name", NULL},
    {"remove_roadside", "restore_roadside", "name", NULL},
    {"place_edge_site", "remove_site", "name", NULL},
    {"remove_site", "restore_site", "name", NULL},
    {"add_link", "remove_link", "name", NULL},
    {"remove_link", "restore_link", "name", NULL},
    {"add_bus_line", "remove_bus_line", "id", NULL},
    {"place_crowd", "set_crowd", "name", NULL},
    {"incident", "end_disturbance", "edge", NULL},
    {"works", "end_disturbance", "edge", NULL},
    {"deploy_model", "rollback_model", "model", NULL},
    {"set_coupling", "set_coupling", "name", NULL},
    {"move_cell", "move_cell", "name", NULL},
    {"move_site", "move_site", "name", NULL},
    {"move_roadside", "move_roadside", "name", NULL},
};

static void copy_argument(const jw_command *from, const char *key, jw_command *to)
{
    const jw_arg *arg = key ? jw_command_arg(from, key) : NULL;
    if (arg && arg->is_text)
        jw_command_text(to, key, arg->text);
    else if (arg)
        jw_command_number(to, key, arg->number);
}

/* Back to where it stands now. */
static bool put_old_place(const jw_ui *ui, const char *name, jw_command *out)
{
    jw_pick pick = {.kind = JW_PICK_ASSET};
    double x_m, y_m;
    jw_text_copy(pick.name, sizeof pick.name, name);
    if (!ui_place_of(ui, &ui->sides[ui->side].newer, &pick, &x_m, &y_m))
        return false;
    jw_command_number(out, "x", x_m);
    jw_command_number(out, "y", y_m);
    return true;
}

bool ui_inverse_of(const jw_ui *ui, const jw_command *command, jw_command *out)
{
    if (strcmp(command->verb, "signal_control") == 0) {
        const char *mode = ui_build_mode(ui);
        *out = *command;
        if (mode)
            jw_command_text(out, "mode", mode);
        return mode != NULL;
    }
    for (uint32_t i = 0; i < JW_COUNT_OF(opposites); i++) {
        if (strcmp(opposites[i].verb, command->verb) != 0)
            continue;
        *out = jw_command_make(opposites[i].opposite);
        copy_argument(command, opposites[i].key, out);
        copy_argument(command, opposites[i].second_key, out);
        if (out->arg_count == 0) /* it was named by the world, and we do not know how */
            return false;
        if (strcmp(out->verb, "set_crowd") == 0)
            jw_command_number(out, "per_s", 0);
        if (strncmp(out->verb, "open_", 5) == 0) /* what a scenario closed stays closed */
            jw_command_number(out, "take_back", 1);
        if (strcmp(out->verb, "set_coupling") == 0)
            jw_command_number(out, "on", jw_command_get_number(command, "on", 1) == 0);
        return strncmp(out->verb, "move_", 5) != 0 ||
               put_old_place(ui, jw_command_get_text(command, "name", ""), out);
    }
    return false;
}

/* What repairs a thing that works, or breaks one that is down, changes nothing: undoing it would. */
static bool changes(const jw_frame *frame, const jw_command *command)
{
    bool repairs = strncmp(command->verb, "repair_", 7) == 0,
         breaks = strncmp(command->verb, "fail_", 5) == 0;
    breaks = breaks || strcmp(command->verb, "cut_link") == 0;
    if (!repairs && !breaks) /* of streets frames do not say whether they are closed */
        return strncmp(command->verb, "open_", 5) != 0;
    const char *name = jw_command_get_text(command, "name", "");
    for (uint32_t i = 0; i < frame->asset_count; i++)
        if (strcmp(frame->assets[i].name, name) == 0)
            return (frame->assets[i].is_up != 0) != repairs;
    for (uint32_t i = 0; i < frame->link_count; i++)
        if (strcmp(frame->links[i].name, name) == 0)
            return (frame->links[i].is_up != 0) != repairs;
    return !repairs;
}

/* Posted now. A world under way to another time may tell of it at any time. */
static void stamp(jw_ui *ui, ui_deed *deed, uint32_t side)
{
    deed->side = side;
    deed->since_ns =
        jw_session_state(ui->sides[side].session).is_seeking ? INT64_MIN : ui->sides[side].newer.time_ns;
}

void ui_do_with(jw_ui *ui, const jw_command *command, const jw_command *inverse)
{
    if (!ui_post(ui, command))
        return;
    ui->undone_count = 0;
    if (ui->done_count == UI_UNDO_MAX) {
        memmove(ui->deeds, ui->deeds + 1, (UI_UNDO_MAX - 1) * sizeof *ui->deeds);
        ui->done_count--;
    }
    ui_deed *deed = &ui->deeds[ui->done_count++];
    *deed = (ui_deed){.done = *command, .inverse = *inverse};
    stamp(ui, deed, ui->side);
}

void ui_do(jw_ui *ui, const jw_command *command)
{
    jw_command inverse;
    if (ui->side < ui->side_count && ui_inverse_of(ui, command, &inverse) &&
        changes(&ui->sides[ui->side].newer, command))
        ui_do_with(ui, command, &inverse);
    else if (ui_post(ui, command)) {
        ui->asked.done = *command;
        stamp(ui, &ui->asked, ui->side);
    }
}

void ui_say_deed(const jw_ui *ui, const jw_command *command, char *out, size_t out_size)
{
    static const char *const abouts[] = {"name", "id", "model", "mode", "card"};
    char event[64], subject[160] = "", place[160];
    for (uint32_t i = 0; i < JW_COUNT_OF(abouts) && !subject[0]; i++)
        jw_text_copy(subject, sizeof subject, ui_say_id(ui, jw_command_get_text(command, abouts[i], "")));
    if (jw_command_arg(command, "edge")) {
        jw_pick pick = {.kind = JW_PICK_EDGE, .index = (uint32_t)jw_command_get_number(command, "edge", 0)};
        ui_name_thing(ui, &ui->sides[ui->side].newer, &pick, subject, sizeof subject, place, sizeof place);
    }
    if (strcmp(command->verb, "set_green") == 0)
        jw_twin_describe_command(ui->city, command, JW_LANGUAGE_EN, subject, sizeof subject);
    bool is_off = strcmp(command->verb, "set_coupling") == 0 && jw_command_get_number(command, "on", 1) == 0;
    snprintf(event, sizeof event, "event.%s%s", command->verb, is_off ? "_off" : "");
    ui_say_with(ui, ui_text_find(&ui->text, event) ? event : "event.set_coupling", subject, out, out_size);
}

static void tell(jw_ui *ui, const char *key, const jw_command *command)
{
    char text[240], line[320];
    ui_say_deed(ui, command, text, sizeof text);
    ui_say_with(ui, key, text, line, sizeof line);
    ui_notice(ui, line);
}

/* A parameter's slider stands where the world has it. */
static void follow_param(jw_ui *ui, const jw_command *command)
{
    char text[48];
    if (strcmp(command->verb, "set_param") != 0 || !ui->scene)
        return;
    const char *id = jw_command_get_text(command, "id", "");
    for (uint32_t i = 0; i < jw_scene_param_count(ui->scene); i++) {
        const jw_param *param = jw_scene_param(ui->scene, i);
        if (strcmp(param->id, id) != 0)
            continue;
        ui_param_text(param, jw_command_get_number(command, "value", 0), text, sizeof text);
        jw_scene_set(ui->scene, id, text, NULL);
    }
}

void ui_undo(jw_ui *ui)
{
    if (ui->done_count == 0)
        return;
    ui_deed *deed = &ui->deeds[ui->done_count - 1];
    ui->side = deed->side;
    ui_post(ui, &deed->inverse);
    stamp(ui, deed, ui->side);
    follow_param(ui, &deed->inverse);
    tell(ui, "undo.undone", &deed->done);
    ui->done_count--;
    ui->undone_count++;
}

void ui_redo(jw_ui *ui)
{
    if (ui->undone_count == 0)
        return;
    ui_deed *deed = &ui->deeds[ui->done_count];
    jw_command again = deed->done;
    if (strcmp(again.verb, "place_crowd") == 0) { /* it is there still, and asks nothing */
        again = jw_command_make("set_crowd");
        copy_argument(&deed->done, "name", &again);
        copy_argument(&deed->done, "per_s", &again);
    }
    ui->side = deed->side;
    ui_post(ui, &again);
    stamp(ui, deed, ui->side);
    follow_param(ui, &again);
    tell(ui, "undo.redone", &deed->done);
    ui->done_count++;
    ui->undone_count--;
}

/* The event speaks of this very command: "verb about" and behind a colon why not. */
static bool tells_of(const jw_ui *ui, const jw_frame_event *event, const jw_command *command)
{
    char about[JW_ABOUT_SIZE], said[JW_VERB_SIZE + JW_ABOUT_SIZE + 2];
    jw_twin_describe_command(ui->city, command, JW_LANGUAGE_EN, about, sizeof about);
    size_t length = (size_t)snprintf(said, sizeof said, "%s %s", command->verb, about);
    return strncmp(event->text, said, length) == 0 &&
           (event->text[length] == 0 || event->text[length] == ':');
}

bool ui_forget_refused(jw_ui *ui, uint32_t side, const jw_frame_event *event)
{
    uint32_t count = ui->done_count + ui->undone_count;
    for (uint32_t i = count; i-- > 0;) {
        const ui_deed *deed = &ui->deeds[i];
        bool is_done = i < ui->done_count;
        if (deed->side != side || event->time_ns < deed->since_ns ||
            !tells_of(ui, event, is_done ? &deed->done : &deed->inverse))
            continue;
        memmove(ui->deeds + i, ui->deeds + i + 1, (count - i - 1) * sizeof *ui->deeds);
        ui->done_count -= is_done;
        ui->undone_count -= !is_done;
        return true;
    }
    return ui->asked.done.verb[0] && ui->asked.side == side && event->time_ns >= ui->asked.since_ns &&
           tells_of(ui, event, &ui->asked.done);
}

void ui_forget_done(jw_ui *ui)
{
    ui->done_count = ui->undone_count = 0;
    ui->asked = (ui_deed){0};
}
