/* The tab of building: what can be done, its options, what it will cost; and the clicks that do it. */
#include "ui/ui_state.h"

#include <stdio.h>
#include <string.h>

#define LOW 620 /* units of the drawer's height */

/* ---- the list --------------------------------------------------------------------------------------------
 */

/* Lines of an icon, from -1 to 1 across; all zero: no line. */
typedef struct item {
    const char *key;
    float strokes[6][4];
} item;

static const item items[UI_BUILD_COUNT] = {
    [UI_BUILD_CELL] = {"cell",
                       {{0, -0.4f, 0, 1},
                        {-0.4f, 1, 0.4f, 1},
                        {-0.3f, -0.7f, 0, -0.4f},
                        {0.3f, -0.7f, 0, -0.4f},
                        {-0.8f, -1, -0.8f, 0},
                        {0.8f, -1, 0.8f, 0}}},
    [UI_BUILD_ROADSIDE] = {"roadside",
                           {{-0.5f, -0.8f, -0.5f, 1},
                            {-0.5f, -0.8f, 0.5f, -0.8f},
                            {0.5f, -0.8f, 0.5f, -0.3f},
                            {0.1f, -0.3f, 0.9f, -0.3f},
                            {-0.9f, 1, 0.9f, 1}}},
    [UI_BUILD_FIBRE] = {"fibre",
                        {{-1, 0.8f, -0.3f, 0.8f},
                         {-0.3f, 0.8f, 0.3f, -0.8f},
                         {0.3f, -0.8f, 1, -0.8f},
                         {-1, 0.5f, -1, 1.1f},
                         {1, -1.1f, 1, -0.5f}}},
    [UI_BUILD_SITE] = {"site",
                       {{-0.7f, -1, 0.7f, -1},
                        {0.7f, -1, 0.7f, 1},
                        {0.7f, 1, -0.7f, 1},
                        {-0.7f, 1, -0.7f, -1},
                        {-0.7f, -0.3f, 0.7f, -0.3f},
                        {-0.7f, 0.4f, 0.7f, 0.4f}}},
    [UI_BUILD_CARDS] = {"cards",
                        {{-1, -0.6f, 1, -0.6f},
                         {1, -0.6f, 1, 0.6f},
                         {1, 0.6f, -1, 0.6f},
                         {-1, 0.6f, -1, -0.6f},
                         {-0.6f, 0.6f, -0.6f, 1},
                         {0, 0.6f, 0, 1}}},
    [UI_BUILD_MODEL] = {"model",
                        {{0, -1, 1, -0.4f},
                         {1, -0.4f, 0, 0.2f},
                         {0, 0.2f, -1, -0.4f},
                         {-1, -0.4f, 0, -1},
                         {-1, 0.3f, 0, 0.9f},
                         {0, 0.9f, 1, 0.3f}}},
    [UI_BUILD_CROWD] = {"crowd",
                        {{-0.5f, -0.6f, -0.5f, 0.2f},
                         {0.5f, -0.6f, 0.5f, 0.2f},
                         {-0.9f, -0.2f, -0.1f, -0.2f},
                         {0.1f, -0.2f, 0.9f, -0.2f},
                         {-0.5f, 0.2f, -0.8f, 0.9f},
                         {0.5f, 0.2f, 0.8f, 0.9f}}},
    [UI_BUILD_BUS_LINE] = {"bus_line",
                           {{-1, -0.6f, 1, -0.6f},
                            {1, -0.6f, 1, 0.6f},
                            {1, 0.6f, -1, 0.6f},
                            {-1, 0.6f, -1, -0.6f},
                            {-1, 0, 1, 0},
                            {0, -0.6f, 0, 0}}},
    [UI_BUILD_CLOSE] = {"close",
                        {{-1, -0.3f, 1, -0.3f},
                         {-1, 0.3f, 1, 0.3f},
                         {-0.6f, 0.3f, -0.6f, 1},
                         {0.6f, 0.3f, 0.6f, 1},
                         {-0.5f, 0.3f, 0, -0.3f},
                         {0.2f, 0.3f, 0.7f, -0.3f}}},
    [UI_BUILD_SIGNALS] = {"signals",
                          {{-0.5f, -1, 0.5f, -1},
                           {0.5f, -1, 0.5f, 1},
                           {0.5f, 1, -0.5f, 1},
                           {-0.5f, 1, -0.5f, -1},
                           {-0.1f, -0.5f, 0.1f, -0.5f},
                           {-0.1f, 0.5f, 0.1f, 0.5f}}},
    [UI_BUILD_INCIDENT] = {"incident",
                           {{0, -1, 1, 0.8f}, {1, 0.8f, -1, 0.8f}, {-1, 0.8f, 0, -1}, {0, -0.3f, 0, 0.3f}}},
    [UI_BUILD_WORKS] = {"works",
                        {{-0.8f, 0.9f, 0.2f, -0.4f},
                         {-0.3f, -0.8f, 0.7f, -0.1f},
                         {0.7f, -0.1f, 0.9f, -0.5f},
                         {-0.3f, -0.8f, 0.1f, -1}}},
    [UI_BUILD_MOVE] = {"move",
                       {{-1, 0, 1, 0},
                        {0, -1, 0, 1},
                        {0.6f, -0.4f, 1, 0},
                        {0.6f, 0.4f, 1, 0},
                        {-0.4f, -0.6f, 0, -1},
                        {0.4f, -0.6f, 0, -1}}},
    [UI_BUILD_REMOVE] = {"remove",
                         {{-0.8f, -0.6f, 0.8f, -0.6f},
                          {-0.6f, -0.6f, -0.4f, 1},
                          {0.6f, -0.6f, 0.4f, 1},
                          {-0.4f, 1, 0.4f, 1},
                          {-0.3f, -1, 0.3f, -1},
                          {0, -0.2f, 0, 0.6f}}},
    [UI_BUILD_CUT] =
        {"cut", {{-1, 0, -0.3f, 0}, {0.3f, 0, 1, 0}, {-0.3f, -0.5f, 0.1f, 0.5f}, {-0.1f, -0.5f, 0.3f, 0.5f}}},
    [UI_BUILD_FAIL] = {"fail",
                       {{0, -1, 0, 0},
                        {-0.6f, -0.6f, -0.9f, 0.1f},
                        {-0.9f, 0.1f, -0.5f, 0.8f},
                        {-0.5f, 0.8f, 0.5f, 0.8f},
                        {0.5f, 0.8f, 0.9f, 0.1f},
                        {0.9f, 0.1f, 0.6f, -0.6f}}},
};

static const struct {
    const char *title;
    ui_build_what first, last;
} groups[] = {
    {"build.group.network", UI_BUILD_CELL, UI_BUILD_FIBRE},
    {"build.group.computing", UI_BUILD_SITE, UI_BUILD_CROWD},
    {"build.group.streets", UI_BUILD_BUS_LINE, UI_BUILD_WORKS},
    {"build.group.change", UI_BUILD_MOVE, UI_BUILD_FAIL},
};

const char *ui_build_key(ui_build_what what)
{
    return items[what].key;
}

static bool draw_item(jw_ui *ui, ui_build_what what, float width)
{
    char key[48], id[64];
    snprintf(key, sizeof key, "build.%s", items[what].key);
    snprintf(id, sizeof id, "##%s", key);
    bool is_on = ui->tool.kind == UI_TOOL_PLACE && ui->build.what == what;
    gui_canvas canvas = gui_control_make(id, width, gui_line_height());
    gui_rect r = canvas.rect;
    if (is_on || canvas.is_hovered)
        gui_draw_fill(r, gui_colour_of(is_on ? GUI_ACCENT : GUI_HOVER), gui_px(6));
    uint32_t colour = gui_colour_of(is_on ? GUI_ON_ACCENT : GUI_TEXT);
    float x = r.x + gui_px(15), y = r.y + r.height / 2, size = gui_px(7);
    for (uint32_t i = 0; i < JW_COUNT_OF(items[what].strokes); i++) {
        const float *s = items[what].strokes[i];
        if (s[0] != s[2] || s[1] != s[3])
            gui_draw_line(x + s[0] * size, y + s[1] * size, x + s[2] * size, y + s[3] * size, colour,
                          gui_px(1.5f));
    }
    gui_clip(r);
    gui_draw_text(GUI_BODY, r.x + gui_px(30), r.y + (r.height - gui_text_height(GUI_BODY)) / 2, colour,
                  ui_say(ui, key));
    gui_unclip();
    return canvas.was_clicked;
}

static void draw_list(jw_ui *ui)
{
    float half = (gui_room_x() - gui_px(6)) / 2;
    gui_tight(true);
    for (uint32_t g = 0; g < JW_COUNT_OF(groups); g++) {
        gui_gap(3);
        gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, groups[g].title));
        for (ui_build_what what = groups[g].first; what <= groups[g].last; what++) {
            if ((what - groups[g].first) % 2)
                gui_same_line(6);
            if (draw_item(ui, what, half)) {
                bool is_on = ui->tool.kind == UI_TOOL_PLACE && ui->build.what == what;
                if (is_on)
                    ui_tool_set(ui, UI_TOOL_NONE);
                else
                    ui_build_begin(ui, what);
            }
        }
    }
    gui_tight(false);
}

/* ---- options ---------------------------------------------------------------------------------------------
 */

static void choose(jw_ui *ui, const char *key, const char *const *names, uint32_t count, uint32_t *chosen)
{
    char id[64];
    snprintf(id, sizeof id, "##%s", key);
    gui_gap(1);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, key));
    gui_width(0);
    if (!gui_combo_begin(id, count ? names[*chosen % count] : "–"))
        return;
    for (uint32_t i = 0; i < count; i++) {
        gui_push((int)i);
        if (gui_option(names[i], i == *chosen % count))
            *chosen = i;
        gui_pop();
    }
    gui_combo_end();
}

static void slide(jw_ui *ui, const char *key, double *value, double least, double most, double step,
                  const char *unit)
{
    char shown[64], id[64];
    snprintf(id, sizeof id, "##%s", key);
    gui_gap(1);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, key));
    ui_format_number(*value, ui_say_unit(ui, unit), shown, sizeof shown);
    gui_width(0);
    if (gui_slider(id, value, least, most, shown, false))
        *value = jw_clamp(jw_round(*value / step) * step, least, most);
}

static void choose_card(jw_ui *ui, double least)
{
    const ui_catalogue *catalogue = &ui->catalogue;
    const char *names[UI_CATALOGUE_MAX];
    for (uint32_t i = 0; i < catalogue->card_count; i++)
        names[i] = ui_say_id(ui, catalogue->cards[i].id);
    choose(ui, "build.option.card", names, catalogue->card_count, &ui->build.card);
    slide(ui, "build.option.count", &ui->build.card_count, least, 64, 1, "");
}

static void choose_signals(jw_ui *ui)
{
    static const char *const modes[] = {"as_mapped", "fixed",      "actuated", "max_pressure",
                                        "extended",  "green_wave", "one_green"};
    char keys[JW_COUNT_OF(modes)][48];
    const char *names[JW_COUNT_OF(modes)];
    for (uint32_t i = 0; i < JW_COUNT_OF(modes); i++)
        names[i] = ui_say_name(ui, "value.", modes[i], keys[i], sizeof keys[i]);
    uint32_t before = ui->build.control;
    choose(ui, "build.option.control", names, JW_COUNT_OF(modes), &ui->build.control);
    if (before != ui->build.control)
        ui->build.pick_count = 0;
    if (ui->build.control == UI_CONTROL_GREEN)
        ui_build_greens_draw(ui);
    if (ui->build.control == UI_CONTROL_WAVE)
        slide(ui, "build.option.cycle", &ui->build.cycle_s, 0, 180, 5, "s");
    float half = (gui_room_x() - gui_px(8)) / 2;
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "build.option.ai"));
    for (int is_on = 1; is_on >= 0; is_on--) {
        if (gui_button(ui_say(ui, is_on ? "build.ai_on" : "build.ai_off"), half, false)) {
            jw_command command = jw_command_make("set_coupling");
            jw_command_text(&command, "name", "signals");
            jw_command_number(&command, "on", is_on);
            ui_do(ui, &command);
        }
        if (is_on)
            gui_same_line(8);
    }
}

static void choose_model(jw_ui *ui)
{
    const ui_catalogue *catalogue = &ui->catalogue;
    char shown[UI_CATALOGUE_MAX][64], keys[5][48];
    const char *names[UI_CATALOGUE_MAX], *tier_names[5];
    static const char *const tiers[] = {"edge", "park", "base_station", "city", "west"};
    for (uint32_t i = 0; i < catalogue->model_count; i++) {
        snprintf(shown[i], sizeof shown[i], "%s · v%u", ui_say_id(ui, catalogue->models[i].id),
                 catalogue->models[i].version);
        names[i] = shown[i];
    }
    for (uint32_t i = 0; i < JW_COUNT_OF(tiers); i++)
        tier_names[i] = ui_say_name(ui, "value.", tiers[i], keys[i], sizeof keys[i]);
    choose(ui, "build.option.model", names, catalogue->model_count, &ui->build.model);
    choose(ui, "build.option.tier", tier_names, JW_COUNT_OF(tiers), &ui->build.tier);
    slide(ui, "build.option.wave", &ui->build.wave, 0, 20, 1, "");
}

static void draw_options(jw_ui *ui)
{
    static const char *const bands[] = {"3.5 GHz · n78", "2.6 GHz · n41", "4.9 GHz · n79", "0.7 GHz · n28",
                                        "26 GHz · n258"};
    static const char *const capacities[] = {"10 Gbit/s", "100 Gbit/s", "400 Gbit/s"};
    ui_build *build = &ui->build;
    const char *names[UI_CATALOGUE_MAX], *places[2];
    uint32_t takes_lane = build->takes_lane;
    switch (build->what) {
    case UI_BUILD_CELL:
        choose(ui, "build.option.band", bands, JW_COUNT_OF(bands), &build->band);
        break;
    case UI_BUILD_ROADSIDE:
        slide(ui, "build.option.range", &build->range_m, 100, 1000, 50, "m");
        break;
    case UI_BUILD_FIBRE:
        choose(ui, "build.option.capacity", capacities, JW_COUNT_OF(capacities), &build->capacity);
        break;
    case UI_BUILD_SITE:
        choose_card(ui, 0);
        break;
    case UI_BUILD_CARDS:
        choose_card(ui, 1);
        break;
    case UI_BUILD_MODEL:
        choose_model(ui);
        break;
    case UI_BUILD_CROWD:
        for (uint32_t i = 0; i < ui->catalogue.request_count; i++)
            names[i] = ui_say_id(ui, ui->catalogue.requests[i]);
        choose(ui, "build.option.request", names, ui->catalogue.request_count, &build->request);
        slide(ui, "build.option.per_s", &build->per_s, 1, 500, 1, "1/s");
        break;
    case UI_BUILD_BUS_LINE:
        slide(ui, "build.option.headway", &build->headway_min, 1, 60, 1, "min");
        break;
    case UI_BUILD_CLOSE:
        places[0] = ui_say(ui, "build.whole_street"), places[1] = ui_say(ui, "build.one_lane");
        choose(ui, "build.option.lane", places, 2, &takes_lane);
        build->takes_lane = takes_lane == 1;
        break;
    case UI_BUILD_SIGNALS:
        choose_signals(ui);
        break;
    case UI_BUILD_INCIDENT:
        slide(ui, "build.option.minutes", &build->minutes, 1, 120, 1, "min");
        break;
    case UI_BUILD_WORKS:
        slide(ui, "build.option.hours", &build->hours, 0.5, 72, 0.5, "h");
        break;
    default:
        break;
    }
}

/* ---- the tab ---------------------------------------------------------------------------------------------
 */

static void draw_undo(jw_ui *ui)
{
    char text[200], label[224];
    float half = (gui_room_x() - gui_px(8)) / 2;
    for (int is_redo = 0; is_redo < 2; is_redo++) {
        bool has_any = is_redo ? ui->undone_count > 0 : ui->done_count > 0;
        snprintf(label, sizeof label, "%s##undo%d", ui_say(ui, is_redo ? "build.redo" : "build.undo"),
                 is_redo);
        gui_disable(!has_any);
        if (gui_button(label, half, false)) {
            if (is_redo)
                ui_redo(ui);
            else
                ui_undo(ui);
        }
        gui_enable();
        if (has_any && (is_redo ? ui->undone_count : ui->done_count) > 0) {
            ui_say_deed(ui, &ui->deeds[is_redo ? ui->done_count : ui->done_count - 1].done, text,
                        sizeof text);
            gui_tooltip(text);
        }
        if (!is_redo)
            gui_same_line(8);
    }
}

static void draw_chosen(jw_ui *ui)
{
    char key[64];
    gui_rule();
    snprintf(key, sizeof key, "build.%s", items[ui->build.what].key);
    gui_text(GUI_BODY, GUI_ACCENT, ui_say(ui, key));
    snprintf(key, sizeof key, "build.hint.%s", items[ui->build.what].key);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, key));
    gui_tight(true); /* all of a tool is seen at once */
    draw_options(ui);
    gui_tight(false);
    ui_cost cost;
    ui_aim aim = ui_build_aim(ui);
    jw_command command;
    bool is_ready = ui_build_command(ui, &aim, &command);
    if (ui->build.what == UI_BUILD_MODEL || ui->build.what == UI_BUILD_BUS_LINE) {
        ui_build_cost(ui, &aim, &cost);
        for (uint32_t i = 0; i < cost.count; i++)
            gui_text(GUI_SMALL, GUI_TEXT, cost.lines[i]);
        gui_disable(!is_ready);
        if (gui_button(ui_say(ui, "build.confirm"), -1, true))
            ui_build_confirm(ui);
        gui_enable();
    }
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "build.keys"));
}

void ui_build_draw(jw_ui *ui)
{
    /* On a low window the options would lie below its edge: there they go before the list. */
    bool is_on = ui->tool.kind == UI_TOOL_PLACE, is_low = -ui_layout_of(ui).drawer.height < gui_px(LOW);
    gui_scroll_begin("##build", 0);
    draw_undo(ui);
    gui_gap(4);
    if (is_on && is_low)
        draw_chosen(ui);
    draw_list(ui);
    if (is_on && !is_low)
        draw_chosen(ui);
    else if (!is_on)
        gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "build.choose"));
    gui_scroll_end();
}

void ui_build_actions(jw_ui *ui, const jw_pick *pick)
{
    const jw_frame *frame = &ui->sides[ui->side].newer;
    bool can_move = false, can_remove = pick->kind == JW_PICK_LINK;
    for (uint32_t i = 0; i < frame->asset_count && pick->kind == JW_PICK_ASSET; i++)
        if (strcmp(frame->assets[i].name, pick->name) == 0)
            can_move = can_remove = frame->assets[i].kind == JW_ASSET_SITE ||
                                    frame->assets[i].kind == JW_ASSET_CELL ||
                                    frame->assets[i].kind == JW_ASSET_ROADSIDE;
    float half = (gui_room_x() - gui_px(8)) / 2;
    if (can_move && gui_button(ui_say(ui, "build.move"), half, false)) {
        ui_build_begin(ui, UI_BUILD_MOVE);
        ui->build.picks[ui->build.pick_count++] = *pick;
    }
    if (can_move)
        gui_same_line(8);
    if (can_remove && gui_button(ui_say(ui, "build.remove"), half, false)) {
        ui_aim aim = {.is_there = true, .fits = true, .thing = *pick};
        jw_command command;
        ui->build.what = UI_BUILD_REMOVE;
        if (ui_place_of(ui, frame, pick, &aim.at.x, &aim.at.y) && ui_build_command(ui, &aim, &command)) {
            ui->build.last = aim.at;
            ui_do(ui, &command);
        }
    }
}

/* ---- what the pointer does -------------------------------------------------------------------------------
 */

void ui_build_open(jw_ui *ui)
{
    ui->tab = UI_TAB_BUILD;
    ui->is_drawer_closed = false;
    ui->redraws = 3;
}

void ui_build_begin(jw_ui *ui, ui_build_what what)
{
    ui_build *build = &ui->build;
    if (build->card_count == 0) /* first use */
        *build = (ui_build){.capacity = 1,
                            .card = ui->catalogue.usual_card,
                            .card_count = 8,
                            .headway_min = 10,
                            .per_s = 20,
                            .minutes = 15,
                            .hours = 4,
                            .range_m = 500,
                            .control = 2};
    build->what = what;
    build->refusal_s = 0; /* of another tool, in the way of this one */
    ui_tool_set(ui, UI_TOOL_PLACE);
}

void ui_build_leave(jw_ui *ui)
{
    ui->build.pick_count = 0;
    ui->build.is_pending = false;
    ui->watches_changed |= ui->build.watch.kind != JW_WATCH_NONE;
    ui->build.watch = (jw_watch){0};
}

/* Who rules the junction's signals is asked as soon as it is aimed at: taking back needs to know. */
void ui_build_ask(jw_ui *ui, const ui_aim *aim)
{
    jw_watch watch = {0};
    if (ui->build.is_pending)
        return;
    bool is_chosen = ui_build_is_greens(&ui->build) && ui->build.pick_count > 0; /* the tab shows it */
    const jw_pick *thing = is_chosen ? &ui->build.picks[0] : &aim->thing;
    if (ui->build.what == UI_BUILD_SIGNALS && thing->kind == JW_PICK_JUNCTION)
        watch = (jw_watch){.id = UI_WATCH_BUILD + thing->index, .kind = JW_WATCH_JUNCTION, .a = thing->index};
    if (watch.id == ui->build.watch.id)
        return;
    ui->build.watch = watch;
    ui->watches_changed = true;
}

static void give(jw_ui *ui, const ui_aim *aim)
{
    jw_command command;
    if (!ui_build_command(ui, aim, &command)) {
        char why[200];
        ui_build_say_unfit(ui, aim, why, sizeof why);
        ui_notice(ui, why);
        return;
    }
    ui->build.last = aim->at;
    ui->build.refusal_s = 0;
    ui->build.pick_count = 0;
    ui_do(ui, &command);
}

/* Things that take more than one click. */
static bool is_collected(jw_ui *ui, const ui_aim *aim)
{
    ui_build *build = &ui->build;
    bool is_wave = build->what == UI_BUILD_SIGNALS && build->control == UI_CONTROL_WAVE;
    if (ui_build_is_greens(build)) { /* another one instead of it */
        if (aim->fits)
            build->picks[0] = aim->thing;
        build->pick_count |= aim->fits;
        return true;
    }
    bool is_pair = build->what == UI_BUILD_FIBRE || build->what == UI_BUILD_MOVE || is_wave;
    if (is_pair && build->pick_count > 0)
        return false;
    if (!is_pair && build->what != UI_BUILD_BUS_LINE)
        return false;
    bool is_again = build->pick_count > 0 && build->picks[build->pick_count - 1].index == aim->thing.index;
    if (!aim->fits || is_again)
        return true;
    if (build->what == UI_BUILD_BUS_LINE && ui_build_is_full(build))
        ui_notice(ui, ui_say(ui, "build.line_full"));
    else
        build->picks[build->pick_count++] = aim->thing;
    return true;
}

void ui_build_confirm(jw_ui *ui)
{
    ui_build *build = &ui->build;
    ui_aim aim = ui_build_aim(ui);
    if (ui_build_is_greens(build)) {
        is_collected(ui, &aim);
        return;
    }
    if (build->what == UI_BUILD_SIGNALS && aim.fits && build->pick_count == 0) {
        ui_build_ask(ui, &aim);
        if (!ui_build_mode(ui)) { /* given as soon as it is known what to go back to */
            build->pending = aim;
            build->is_pending = true;
            return;
        }
    }
    give(ui, &aim);
}

void ui_build_answered(jw_ui *ui)
{
    if (!ui->build.is_pending || !ui_build_mode(ui))
        return;
    ui->build.is_pending = false;
    ui->build.pending.fits = !ui_build_is_ruled_so(ui, &ui->build.pending);
    give(ui, &ui->build.pending);
}

void ui_build_click(jw_ui *ui)
{
    ui_tool *tool = &ui->tool;
    bool was_over = tool->has_hover; /* a point given by a key is none of the pointer's */
    if (tool->count > 0) {
        tool->hover = tool->points[tool->count - 1];
        tool->has_hover = true;
    }
    tool->count = 0;
    ui->redraws = 3;
    ui->side = ui_part_side(ui, tool->side);
    ui_aim aim = ui_build_aim(ui);
    if (!is_collected(ui, &aim))
        ui_build_confirm(ui);
    tool->has_hover = was_over;
}

void ui_build_back(jw_ui *ui)
{
    if (ui->build.pick_count > 0)
        ui->build.pick_count--;
    ui->build.is_pending = false;
    ui->redraws = 3;
}

void ui_build_refused(jw_ui *ui, uint32_t side, const jw_frame_event *event)
{
    if (!ui_forget_refused(ui, side, event))
        return;
    ui_say_event(ui, event, ui->build.refusal, sizeof ui->build.refusal);
    bool has_place = event->x_m == event->x_m && event->y_m == event->y_m;
    ui->build.refusal_at = has_place ? (jw_vec2){(double)event->x_m, (double)event->y_m} : ui->build.last;
    ui->build.refusal_s = jw_clock_seconds();
}
