/* The inspector: live values of what was clicked, or of the whole city; each number can be plotted. With two
 * worlds the city's values stand side by side (ui_fork.c). */
#include "ui/ui_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Of the many metrics those that a planner looks at first; the others stand below them. */
static const char *const first_metrics[] = {
    "economy.parks",
    "economy.parks_complete",
    "traffic.running",
    "traffic.mean_speed",
    "traffic.mean_delay",
    "traffic.longest_queue",
    "twin.requests_answered",
    "twin.requests_late",
    "twin.requests_lost",
    "twin.p95",
    "twin.signals_by_ai",
    "compute.utilisation",
    "compute.power",
    "network.max_link_load",
    "economy.oee",
    "twin.energy",
    "twin.carbon",
};

static void draw_metric(jw_ui *ui, const jw_frame *frame, const jw_frame_metric *metric)
{
    static const jw_watch city = {0};
    char value[64], key[64], title[128], label[176];
    ui_format_number(ui_is_measured(frame, metric->name) ? metric->value : NAN, ui_say_unit(ui, metric->unit),
                     value, sizeof value);
    const char *name = ui_say_name(ui, "metric.", metric->name, key, sizeof key);
    jw_text_copy(title, sizeof title, name);
    snprintf(label, sizeof label, "%s##%s", title, metric->name); /* two may be called the same */
    if (gui_value(label, value, true, ui_plot_is_on(ui, &city, metric->name)))
        ui_plot_toggle(ui, &city, metric->name, title, metric->unit);
}

/* Of parks only where there are any. */
static bool is_first(const jw_frame *frame, const char *name)
{
    if (strncmp(name, "economy.parks", strlen("economy.parks")) == 0) {
        const jw_frame_metric *parks = jw_frame_find_metric(frame, "economy.parks");
        return parks && parks->value > 0;
    }
    for (uint32_t i = 0; i < JW_COUNT_OF(first_metrics); i++)
        if (strcmp(name, first_metrics[i]) == 0)
            return true;
    return false;
}

/* Where to begin: the worst of what is shown, else the slowest vehicle and the worst request of all. */
static void draw_worst(jw_ui *ui)
{
    static const jw_pick city = {0};
    float half = (gui_room_x() - gui_px(8)) / 2;
    if (ui->overlay != JW_OVERLAY_NONE) {
        if (gui_button(ui_say(ui, "example.worst"), -1, true))
            ui_example_go_worst(ui);
        return;
    }
    if (gui_button(ui_say(ui, "example.vehicle"), half, false))
        ui_example_ask(ui, &city, JW_EXAMPLE_VEHICLE);
    gui_same_line(8);
    if (gui_button(ui_say(ui, "example.request"), half, false))
        ui_example_ask(ui, &city, JW_EXAMPLE_REQUEST);
}

/* Over what time the values below are meant. */
static void draw_span(const jw_ui *ui, bool is_since_start)
{
    char text[64], time[32];
    ui_format_time(ui->start_ns, time, sizeof time);
    ui_say_with(ui, is_since_start ? "inspector.since" : "inspector.now", time, text, sizeof text);
    gui_text(GUI_SMALL, GUI_ACCENT, text);
}

static void draw_first(jw_ui *ui, const jw_frame *frame, bool is_since_start)
{
    for (uint32_t i = 0; i < JW_COUNT_OF(first_metrics); i++) {
        const jw_frame_metric *metric = jw_frame_find_metric(frame, first_metrics[i]);
        if (metric && metric->is_since_start == is_since_start && is_first(frame, metric->name))
            draw_metric(ui, frame, metric);
    }
}

static void draw_others(jw_ui *ui, const jw_frame *frame, bool is_since_start)
{
    for (uint32_t i = 0; i < frame->metric_count; i++)
        if (!is_first(frame, frame->metrics[i].name) && frame->metrics[i].is_since_start == is_since_start)
            draw_metric(ui, frame, &frame->metrics[i]);
}

static void draw_city(jw_ui *ui, const jw_frame *frame)
{
    gui_text(GUI_TITLE, GUI_TEXT, ui_say(ui, "inspector.city"));
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "inspector.hint"));
    draw_worst(ui);
    gui_scroll_begin("##values", 0);
    for (int part = 0; part < 4; part++) { /* the first ones now and since the start, then the others */
        bool is_since_start = part % 2 == 1;
        if (part == 2)
            gui_rule();
        else if (part)
            gui_gap(4);
        draw_span(ui, is_since_start);
        gui_tight(true);
        if (part < 2)
            draw_first(ui, frame, is_since_start);
        else
            draw_others(ui, frame, is_since_start);
        gui_tight(false);
    }
    gui_scroll_end();
}

/* ---- one thing -------------------------------------------------------------------------------------------
 */

void ui_inspector_detail(jw_ui *ui, const jw_frame_detail *detail, bool can_plot)
{
    char value[128], key[96], text_key[96];
    jw_pick thing = ui_pick_of(&detail->thing);
    bool is_version = strcmp(detail->unit, "version") == 0; /* of the model that the label names */
    const char *number = strstr(detail->text, " #");        /* "signal #12": of requests */
    if (number) {
        snprintf(text_key, sizeof text_key, "%.*s", (int)(number - detail->text), detail->text);
        snprintf(value, sizeof value, "%s%s", ui_say_id(ui, text_key), number);
    } else if (detail->text[0])
        jw_text_copy(value, sizeof value, ui_say_name(ui, "value.", detail->text, text_key, sizeof text_key));
    else if (thing.kind != JW_PICK_NONE)
        ui_say_thing(ui, &detail->thing, value, sizeof value);
    else if (is_version)
        snprintf(value, sizeof value, "v%.0f", detail->number);
    else
        ui_format_number(detail->number, ui_say_unit(ui, detail->unit), value, sizeof value);
    const char *label = is_version ? ui_say_id(ui, detail->label)
                                   : ui_say_name(ui, "detail.", detail->label, key, sizeof key);
    size_t kind = strlen(label); /* "Cell: cell-4", not "Cell: Cell cell-4" */
    if (thing.kind != JW_PICK_NONE && strncmp(value, label, kind) == 0 && value[kind] == ' ')
        memmove(value, value + kind + 1, strlen(value + kind + 1) + 1);
    if (thing.kind != JW_PICK_NONE) {
        if (gui_value(label, value, true, false))
            ui_go_to(ui, &thing);
        return;
    }
    jw_watch watch = ui_watch_of(&ui->selection);
    can_plot = can_plot && detail->can_plot;
    bool is_on = can_plot && ui_plot_is_on(ui, &watch, detail->label);
    if (!gui_value(label, value, can_plot, is_on))
        return;
    char title[160];
    jw_text_format(title, sizeof title, "%.80s · %s", ui->title, label);
    ui_plot_toggle(ui, &watch, detail->label, title, detail->unit);
}

static void post_named(jw_ui *ui, const char *verb, const char *key, const char *name)
{
    jw_command command = jw_command_make(verb);
    jw_command_text(&command, key, name);
    ui_do(ui, &command);
}

static uint8_t kind_of_asset(const jw_frame *frame, const char *name)
{
    for (uint32_t i = 0; i < frame->asset_count; i++)
        if (strcmp(frame->assets[i].name, name) == 0)
            return frame->assets[i].kind;
    return JW_ASSET_SITE;
}

/* A small edge site on the roof: the card that edge sites of the default city have. */
static void place_site(jw_ui *ui, uint32_t index)
{
    char name[JW_ASSET_NAME_SIZE];
    snprintf(name, sizeof name, "site-%u", index);
    jw_command command = jw_command_make("place_edge_site");
    jw_command_text(&command, "name", name);
    jw_command_number(&command, "x", ui->city->buildings[index].x_m);
    jw_command_number(&command, "y", ui->city->buildings[index].y_m);
    jw_command_text(&command, "card", "ascend-310p");
    ui_do(ui, &command);
}

/* Verbs that switch a kind of asset off and on; NULL: none do. */
static const char *const *failing_of(uint32_t kind)
{
    static const char *const verbs[JW_ASSET_KIND_COUNT][2] = {
        [JW_ASSET_SITE] = {"fail_node", "repair_node"},
        [JW_ASSET_CELL] = {"fail_cell", "repair_cell"},
        [JW_ASSET_ROADSIDE] = {"fail_roadside", "repair_roadside"}};
    return kind < JW_ASSET_KIND_COUNT && verbs[kind][0] ? verbs[kind] : NULL;
}

/* What can be done to it. The world decides: a command that fails is logged and shown. */
static void draw_actions(jw_ui *ui, const jw_frame *frame)
{
    const jw_pick *pick = &ui->selection;
    float half = (gui_room_x() - gui_px(8)) / 2;
    if (pick->kind == JW_PICK_LINK) {
        if (gui_button(ui_say(ui, "action.cut"), half, false))
            post_named(ui, "cut_link", "name", pick->name);
        gui_same_line(8);
        if (gui_button(ui_say(ui, "action.repair"), half, false))
            post_named(ui, "repair_link", "name", pick->name);
    } else if (pick->kind == JW_PICK_ASSET && failing_of(kind_of_asset(frame, pick->name))) {
        const char *const *verbs = failing_of(kind_of_asset(frame, pick->name));
        if (gui_button(ui_say(ui, "action.fail"), half, false))
            post_named(ui, verbs[0], "name", pick->name);
        gui_same_line(8);
        if (gui_button(ui_say(ui, "action.repair"), half, false))
            post_named(ui, verbs[1], "name", pick->name);
    } else if (pick->kind == JW_PICK_BUILDING && pick->index < ui->city->building_count) {
        if (gui_button(ui_say(ui, "action.place"), 0, false))
            place_site(ui, pick->index);
    } else if (pick->kind == JW_PICK_EDGE) {
        jw_command command = jw_command_make("close_edge");
        jw_command_number(&command, "edge", pick->index);
        if (gui_button(ui_say(ui, "action.close"), half, false))
            ui_do(ui, &command);
        gui_same_line(8);
        jw_text_copy(command.verb, sizeof command.verb, "open_edge");
        if (gui_button(ui_say(ui, "action.open"), half, false))
            ui_do(ui, &command);
    }
    ui_build_actions(ui, pick);
}

/* What an overlay shows of the thing, and the example of it. */
static void draw_offer(jw_ui *ui, const jw_frame *frame)
{
    const jw_pick *pick = &ui->selection;
    char text[128];
    double value;
    uint32_t row = ui_overlay_row(jw_view_overlay_info(ui->overlay)->kind, frame, pick);
    bool is_shown = ui->overlay != JW_OVERLAY_NONE && row != JW_NONE &&
                    jw_view_overlay_value(ui->overlay, ui->city, frame, row, &value);
    if (is_shown) {
        ui_say_overlay_value(ui, ui->overlay, value, text, sizeof text);
        gui_text(GUI_BODY, GUI_ACCENT, text);
    }
    float half = (gui_room_x() - gui_px(8)) / 2;
    bool has_camera = false; /* then a junction has both kinds of examples */
    for (uint32_t i = 0; i < frame->detail_count && pick->kind == JW_PICK_JUNCTION; i++)
        has_camera |= strcmp(frame->details[i].label, "decides") == 0;
    if (pick->kind == JW_PICK_VEHICLE || has_camera) {
        if (gui_button(ui_say(ui, pick->kind == JW_PICK_VEHICLE ? "example.its_way" : "example.vehicle_here"),
                       half, is_shown))
            ui_example_ask(ui, pick, JW_EXAMPLE_VEHICLE);
        gui_same_line(8);
        if (gui_button(ui_say(ui, "example.request_here"), half, false))
            ui_example_ask(ui, pick, JW_EXAMPLE_REQUEST);
        return;
    }
    bool has_worst = ui->overlay != JW_OVERLAY_NONE;
    if (gui_button(ui_say(ui, "example.show"), has_worst ? half : -1, is_shown))
        ui_example_ask(ui, pick, JW_EXAMPLE_ANY);
    if (!has_worst)
        return;
    gui_same_line(8);
    if (gui_button(ui_say(ui, "example.worst_short"), half, false))
        ui_example_go_worst(ui);
}

/* Lines of one relation below a heading, where there are any. True: there were. */
static bool draw_relation(jw_ui *ui, const jw_frame *frame, jw_relation relation)
{
    static const char *const headings[JW_RELATION_COUNT] = {
        [JW_RELATION_NEEDS] = "inspector.needs", [JW_RELATION_SERVES] = "inspector.serves"};
    bool has_any = false;
    for (uint32_t i = 0; i < frame->detail_count; i++) {
        const jw_frame_detail *detail = &frame->details[i];
        if (detail->watch_id != 1 || detail->relation != relation)
            continue;
        if (!has_any && headings[relation]) {
            gui_gap(4);
            gui_text(GUI_SMALL, GUI_ACCENT, ui_say(ui, headings[relation]));
        }
        gui_push((int)i);
        ui_inspector_detail(ui, detail, true);
        gui_pop();
        has_any = true;
    }
    return has_any;
}

static void draw_thing(jw_ui *ui, const jw_frame *frame)
{
    gui_text(GUI_TITLE, GUI_TEXT, ui->title);
    if (ui->place[0])
        gui_text(GUI_SMALL, GUI_MUTED, ui->place);
    if (ui->selection.kind != JW_PICK_PARK) /* nothing goes through it here */
        draw_offer(ui, frame);
    gui_scroll_begin("##values", -gui_px(48));
    gui_tight(true);
    bool has_answer = draw_relation(ui, frame, JW_RELATION_VALUE);
    gui_tight(false);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, has_answer ? "inspector.plot_hint" : "inspector.waiting"));
    draw_actions(ui, frame);
    gui_tight(true);
    draw_relation(ui, frame, JW_RELATION_NEEDS);
    draw_relation(ui, frame, JW_RELATION_SERVES);
    gui_tight(false);
    gui_scroll_end();
    if (gui_button(ui_say(ui, "inspector.back"), 0, false)) {
        jw_pick none = {0};
        ui_select(ui, ui->side, &none);
    }
}

void ui_inspector_draw(jw_ui *ui)
{
    const ui_side *side = &ui->sides[ui->side];
    if (!side->has_newer)
        gui_text(GUI_BODY, GUI_MUTED, ui_say(ui, "inspector.waiting"));
    else if (ui->example.is_open && ui->example.side < ui->side_count)
        ui_example_list(ui);
    else if (ui->selection.kind != JW_PICK_NONE)
        draw_thing(ui, &side->newer);
    else if (ui->side_count == 2)
        ui_fork_draw(ui);
    else
        draw_city(ui, &side->newer);
}
