/* Building by hand, with clicks in a hidden window: each thing is placed, its ghost and cost are said before,
 * undone and done again; what the world refuses is named and forgotten. */
#include "ui/ui_fixture.h"

#include <SDL2/SDL.h>
#include <stdio.h>
#include <string.h>

static const jw_frame *frame_of(const jw_ui *ui)
{
    return &ui->sides[0].newer;
}

static const jw_frame_asset *find_asset(const jw_ui *ui, const char *name)
{
    const jw_frame *frame = frame_of(ui);
    for (uint32_t i = 0; i < frame->asset_count; i++)
        if (strcmp(frame->assets[i].name, name) == 0)
            return &frame->assets[i];
    return NULL;
}

static const jw_frame_link *find_link(const jw_ui *ui, const char *name)
{
    const jw_frame *frame = frame_of(ui);
    for (uint32_t i = 0; i < frame->link_count; i++)
        if (strcmp(frame->links[i].name, name) == 0)
            return &frame->links[i];
    return NULL;
}

static bool is_there(const jw_ui *ui, const char *name)
{
    return find_asset(ui, name) || find_link(ui, name);
}

static void wait_there(jw_ui *ui, const char *name, bool wanted)
{
    print_message("until %s is %s\n", name, wanted ? "there" : "gone");
    RUN_UNTIL(ui, is_there(ui, name) == wanted);
}

/* Something was told of this command. */
static bool is_told(const jw_ui *ui, const char *key, const char *about)
{
    const jw_frame *frame = frame_of(ui);
    for (uint32_t i = 0; i < frame->event_count; i++)
        if (strcmp(frame->events[i].key, key) == 0 && strstr(frame->events[i].text, about))
            return true;
    return false;
}

static void wait_told(jw_ui *ui, const char *key, const char *about)
{
    print_message("until it is told of: %s %s\n", key, about);
    RUN_UNTIL(ui, is_told(ui, key, about));
}

static void look_at(jw_ui *ui, jw_vec2 at, double distance_m)
{
    ui->flight_begin_s = 0;
    ui->camera.x_m = at.x;
    ui->camera.y_m = at.y;
    ui->camera.distance_m = distance_m;
}

static void point_at(jw_ui *ui, jw_vec2 at)
{
    ui_tool_hover(ui, 0, &at);
}

static void click(jw_ui *ui, jw_vec2 at)
{
    point_at(ui, at);
    assert_true(ui_tool_click(ui, 0, at));
}

static jw_vec2 place_of(const jw_ui *ui, const char *name)
{
    const jw_frame_asset *asset = find_asset(ui, name);
    assert_non_null(asset);
    return (jw_vec2){(double)asset->x_m, (double)asset->y_m};
}

static jw_vec2 middle_of(const jw_ui *ui)
{
    return (jw_vec2){(ui->city->bounds.min_x + ui->city->bounds.max_x) / 2,
                     (ui->city->bounds.min_y + ui->city->bounds.max_y) / 2};
}

static bool says(const ui_cost *cost, const char *part)
{
    for (uint32_t i = 0; i < cost->count; i++)
        if (strstr(cost->lines[i], part))
            return true;
    return false;
}

static ui_cost cost_here(jw_ui *ui)
{
    ui_cost cost;
    ui_aim aim = ui_build_aim(ui);
    ui_build_cost(ui, &aim, &cost);
    return cost;
}

/* There, away, there again. */
static void undo_and_redo(jw_ui *ui, const char *name, bool is_there_after)
{
    uint32_t deeds = ui->done_count;
    assert_true(deeds > 0);
    wait_there(ui, name, is_there_after);
    ui_undo(ui);
    wait_there(ui, name, !is_there_after);
    ui_redo(ui);
    wait_there(ui, name, is_there_after);
    assert_int_equal(ui->done_count, deeds);
}

static void cells_sites_and_fibre(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    ui->tab = UI_TAB_BUILD;
    ui_play(ui, true);
    jw_vec2 middle = middle_of(ui), aside = {middle.x + 150, middle.y - 120};
    look_at(ui, middle, 900);

    ui_build_begin(ui, UI_BUILD_CELL);
    point_at(ui, aside);
    ui_cost cost = cost_here(ui);
    assert_true(says(&cost, "No price known")); /* the catalogue has none for masts */
    assert_true(says(&cost, "Fibre ") && says(&cost, "Power 300"));
    show(ui, "build-cell");
    click(ui, aside);
    undo_and_redo(ui, "new-cell-1", true);

    ui_build_begin(ui, UI_BUILD_SITE);
    point_at(ui, middle);
    cost = cost_here(ui);
    assert_true(says(&cost, "CNY") && says(&cost, "kW"));
    show(ui, "build-site");
    uint32_t deeds = ui->done_count;
    click(ui, middle);
    click(ui, middle); /* a second one in the same building: it is there, also while no frame shows it */
    assert_int_equal(ui->done_count, deeds + 1);
    undo_and_redo(ui, "new-site-1", true);
    point_at(ui, middle);
    assert_false(ui_build_aim(ui).fits);
    show(ui, "build-site-again");
    click(ui, middle);
    assert_int_equal(ui->done_count, deeds + 1);
    assert_string_equal(ui->notice, "new-site-1 stands here already: order cards for it");
    ui_build_begin(ui, UI_BUILD_CELL); /* of masts there may be more */
    point_at(ui, place_of(ui, "new-cell-1"));
    cost = cost_here(ui);
    assert_true(ui_build_aim(ui).fits && says(&cost, "new-cell-1 stands here already"));

    ui_build_begin(ui, UI_BUILD_FIBRE);
    click(ui, place_of(ui, "new-site-1"));
    point_at(ui, place_of(ui, "edge-2"));
    cost = cost_here(ui);
    assert_true(says(&cost, "Fibre ") && says(&cost, "No price known"));
    show(ui, "build-fibre");
    click(ui, place_of(ui, "edge-2"));
    undo_and_redo(ui, "new-fibre-1", true);

    ui_build_begin(ui, UI_BUILD_ROADSIDE);
    point_at(ui, middle);
    show(ui, "build-roadside");
    click(ui, (jw_vec2){middle.x + 40, middle.y + 40});
    /* It may announce a junction that has a unit already: then the world says so. */
    RUN_UNTIL(ui, is_there(ui, "new-unit-1") || ui->build.refusal_s > 0);
    assert_true(is_there(ui, "new-unit-1") || strstr(ui->build.refusal, "new-unit-1"));
    close_ui(ui);
}

static void things_move_and_go(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 1280, 800);
    open_scene(ui, "district.lua");
    ui->tab = UI_TAB_BUILD;
    ui_play(ui, true);
    jw_vec2 was = place_of(ui, "cell-1"), will = {was.x + 220, was.y + 90};
    look_at(ui, was, 900);
    ui_build_begin(ui, UI_BUILD_MOVE);
    click(ui, was);
    assert_int_equal(ui->build.pick_count, 1);
    point_at(ui, will);
    ui_cost cost = cost_here(ui);
    assert_true(says(&cost, "距原位置") && says(&cost, "238 m")); /* of 220 by 90 m */
    show(ui, "build-move");
    click(ui, will);
    RUN_UNTIL(ui, jw_vec2_distance(place_of(ui, "cell-1"), will) < 1);
    ui_undo(ui);
    RUN_UNTIL(ui, jw_vec2_distance(place_of(ui, "cell-1"), was) < 1);

    ui_build_begin(ui, UI_BUILD_REMOVE);
    point_at(ui, place_of(ui, "edge-1"));
    show(ui, "build-remove");
    click(ui, place_of(ui, "edge-1"));
    undo_and_redo(ui, "edge-1", false);
    ui_undo(ui);
    wait_there(ui, "edge-1", true);
    /* The buttons of the inspector do the same. */
    ui_tool_set(ui, UI_TOOL_NONE);
    jw_pick pick = {.kind = JW_PICK_ASSET};
    jw_text_copy(pick.name, sizeof pick.name, "edge-1");
    ui_select(ui, 0, &pick);
    ui->tab = UI_TAB_INSPECTOR;
    show(ui, "build-inspector");
    close_ui(ui);
}

static const jw_frame_detail *find_answer(const jw_ui *ui, const char *label)
{
    const jw_frame *frame = frame_of(ui);
    for (uint32_t i = 0; i < frame->detail_count; i++)
        if (frame->details[i].watch_id == ui->build.watch.id && strcmp(frame->details[i].label, label) == 0)
            return &frame->details[i];
    return NULL;
}

/* Of the first green phase of the junction that was clicked; then its cycle. */
static double answered(jw_ui *ui, const char *label, uint32_t *out_phase1)
{
    RUN_UNTIL(ui, find_answer(ui, label));
    const jw_frame_detail *detail = find_answer(ui, label);
    if (out_phase1)
        *out_phase1 = (uint32_t)strtoul(detail->text, NULL, 10);
    return detail->number;
}

static double answered_green(jw_ui *ui, uint32_t *out_phase1)
{
    return answered(ui, "green", out_phase1);
}

static double answered_cycle(jw_ui *ui)
{
    return answered(ui, "cycle", NULL);
}

static void wait_green(jw_ui *ui, double green_s)
{
    RUN_UNTIL(ui, answered_green(ui, NULL) == green_s);
}

/* The nearest street is found as if all were looked at, without that. */
static void the_nearest_street_is_aimed_at(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    const jw_city *city = ui->city;
    uint32_t found = 0;
    look_at(ui, middle_of(ui), 400);
    ui_build_begin(ui, UI_BUILD_WORKS);
    for (uint32_t i = 0; i < 400; i++) {
        jw_vec2 middle = middle_of(ui),
                at = {middle.x + 61.7 * (i % 20) - 617, middle.y + 61.7 * (i / 20) - 617};
        double best_m = INFINITY;
        for (uint32_t e = 0; e < city->edge_count; e++)
            best_m = jw_min(best_m, jw_polyline_project(city->points + city->edges[e].first_point,
                                                        city->edges[e].point_count, at.x, at.y, NULL));
        point_at(ui, at);
        ui_aim aim = ui_build_aim(ui);
        if (aim.fits) {
            const jw_edge *edge = &city->edges[aim.thing.index];
            assert_true(jw_polyline_project(city->points + edge->first_point, edge->point_count, at.x, at.y,
                                            NULL) == best_m);
        }
        assert_true(aim.fits ? best_m < 20 : best_m > 5);
        found += aim.fits;
    }
    assert_true(found > 20 && found < 360);
    close_ui(ui);
}

static void streets_and_signals(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    ui->tab = UI_TAB_BUILD;
    ui_play(ui, true);
    const jw_city *city = ui->city;
    uint32_t edge = 0;
    for (uint32_t e = 0; e < city->edge_count; e++)
        if (city->edges[e].lane_count > 1 && city->edges[e].length_m > 80)
            edge = e;
    const jw_edge *street = &city->edges[edge];
    const jw_vec3 *a = &city->points[street->first_point], *b = a + 1;
    jw_vec2 on = {(a->x + b->x) / 2, (a->y + b->y) / 2};
    look_at(ui, on, 260);
    ui_build_begin(ui, UI_BUILD_CLOSE);
    point_at(ui, on);
    ui_aim aim = ui_build_aim(ui);
    assert_true(aim.fits && aim.thing.kind == JW_PICK_EDGE && aim.thing.index == edge);
    show(ui, "build-close");
    click(ui, on);
    wait_told(ui, "close_edge", "");
    /* Only this closing: a scenario may have closed the street, too. */
    assert_true(jw_command_get_number(&ui->deeds[ui->done_count - 1].inverse, "take_back", 0) == 1);
    ui_undo(ui);
    wait_told(ui, "open_edge_back", "");
    ui->build.takes_lane = true; /* the lane under the pointer, once */
    point_at(ui, on);
    uint32_t lane = ui_build_aim(ui).lane;
    click(ui, on);
    wait_told(ui, "close_lane", "");
    RUN_UNTIL(ui, frame_of(ui)->edges[edge].closed_lanes);
    assert_int_equal(frame_of(ui)->edges[edge].closed_lanes, UINT32_C(1) << lane);
    assert_false(ui_build_aim(ui).fits);
    ui->build.takes_lane = false; /* the rest of the street can be */
    assert_true(ui_build_aim(ui).fits);
    ui_undo(ui);
    wait_told(ui, "open_lane_back", "");

    ui_build_begin(ui, UI_BUILD_INCIDENT);
    point_at(ui, on);
    ui_cost cost = cost_here(ui);
    assert_true(says(&cost, "Lane ") && says(&cost, "Length "));
    show(ui, "build-incident");
    click(ui, on);
    wait_told(ui, "incident", "");
    ui_undo(ui);
    wait_told(ui, "incident_over", "");

    ui_build_begin(ui, UI_BUILD_WORKS);
    click(ui, on);
    wait_told(ui, "works", "");
    ui_undo(ui);
    wait_told(ui, "works_over", "");

    uint32_t junction = JW_NONE;
    for (uint32_t j = 0; j < city->junction_count && junction == JW_NONE; j++)
        if (city->junctions[j].programme != JW_NONE)
            junction = j;
    jw_vec2 at = {city->junctions[junction].x_m, city->junctions[junction].y_m};
    look_at(ui, at, 400);
    ui_build_begin(ui, UI_BUILD_SIGNALS);
    ui->build.control = 3;
    uint32_t deeds = ui->done_count;
    click(ui, at); /* waits for what rules them now */
    RUN_UNTIL(ui, ui->done_count == deeds + 1);
    const jw_command *back = &ui->deeds[deeds].inverse;
    assert_string_equal(back->verb, "signal_control");
    assert_string_not_equal(jw_command_get_text(back, "mode", ""), "");
    assert_string_not_equal(jw_command_get_text(back, "mode", ""), "max_pressure");
    wait_told(ui, "signal_control", "max_pressure");
    show(ui, "build-signals");
    ui_undo(ui);
    wait_told(ui, "signal_control", jw_command_get_text(back, "mode", ""));

    /* A green wave takes two junctions, and cannot be taken back. */
    ui_build_begin(ui, UI_BUILD_SIGNALS);
    ui->build.control = 5;
    ui->build.cycle_s = 80;
    click(ui, at);
    assert_int_equal(ui->build.pick_count, 1);
    ui_aim far = {.is_there = true, .fits = true, .thing = {.kind = JW_PICK_JUNCTION, .index = junction + 1}};
    jw_command wave, inverse;
    assert_true(ui_build_command(ui, &far, &wave));
    assert_string_equal(wave.verb, "green_wave");
    assert_true(jw_command_get_number(&wave, "cycle_s", 0) == 80);
    assert_false(ui_inverse_of(ui, &wave, &inverse));
    ui->build.control = 3;

    /* Single greens: of a programme that goes by the clock. */
    ui->build.control = 1;
    click(ui, at);
    wait_told(ui, "signal_control", "fixed");
    RUN_UNTIL(ui, !ui_build_aim(ui).fits);
    deeds = ui->done_count;
    click(ui, at); /* they go so already: said, and nothing done */
    assert_string_equal(ui->notice, "Its greens are timed so already");
    assert_int_equal(ui->done_count, deeds);
    ui_build_begin(ui, UI_BUILD_SIGNALS);
    ui->build.control = UI_CONTROL_GREEN;
    click(ui, at);
    assert_true(ui->build.pick_count == 1 && ui->build.picks[0].index == junction);
    uint32_t phase1 = 0;
    double first_s = answered_green(ui, &phase1), cycle_s = answered_cycle(ui);
    assert_true(first_s >= JW_GREEN_MIN_S && cycle_s > first_s && phase1 > 0);
    show(ui, "build-greens");
    deeds = ui->done_count;
    ui->build.green_phase1 = phase1; /* its slider is let go at this */
    ui->build.green_s = jw_round(first_s) + 7;
    ui_build_give_green(ui, phase1 - 1, first_s);
    assert_int_equal(ui->done_count, deeds + 1);
    wait_green(ui, jw_round(first_s) + 7);
    assert_true(jw_abs(answered_cycle(ui) - cycle_s - (jw_round(first_s) + 7 - first_s)) < 1e-6);
    ui_undo(ui);
    wait_green(ui, first_s);
    assert_true(answered_cycle(ui) == cycle_s);
    ui_redo(ui);
    wait_green(ui, jw_round(first_s) + 7);
    ui_undo(ui);
    wait_green(ui, first_s);

    /* A bus line through two streets that follow each other. */
    uint32_t next = JW_NONE;
    const jw_junction *end = &city->junctions[street->to];
    for (uint32_t i = 0; i < end->out_count && next == JW_NONE; i++)
        if (city->junction_edges[end->first_out + i] != street->opposite)
            next = city->junction_edges[end->first_out + i];
    ui_build_begin(ui, UI_BUILD_BUS_LINE);
    look_at(ui, on, 500);
    ui->build.picks[0] = (jw_pick){.kind = JW_PICK_EDGE, .index = edge};
    ui->build.picks[1] = (jw_pick){.kind = JW_PICK_EDGE, .index = next};
    ui->build.pick_count = 2;
    ui_tool_take_back(ui);
    assert_int_equal(ui->build.pick_count, 1);
    ui->build.pick_count = 2;
    show(ui, "build-bus-line");
    ui_tool_finish(ui); /* Enter */
    RUN_UNTIL(ui, ui->build.refusal_s > 0 || is_told(ui, "add_bus_line", ""));
    /* The first street once more makes a ring of it. */
    ui->build.picks[2] = ui->build.picks[0];
    ui->build.pick_count = 3;
    jw_command ring;
    cost = cost_here(ui);
    assert_true(says(&cost, "Streets: 2") && says(&cost, "A ring"));
    assert_true(ui_build_command(ui, &aim, &ring));
    char through[32];
    snprintf(through, sizeof through, "%u %u", edge, next);
    assert_string_equal(jw_command_get_text(&ring, "through", ""), through);
    assert_true(jw_command_get_number(&ring, "loop", 0) == 1);
    ui->build.refusal_s = 0;
    ui_tool_finish(ui);
    wait_told(ui, "add_bus_line", jw_command_get_text(&ring, "id", "?"));
    assert_true(ui->build.refusal_s == 0);
    ui_undo(ui);
    wait_told(ui, "remove_bus_line", jw_command_get_text(&ring, "id", "?"));
    /* As many streets as the command holds, and no more. */
    ui_build_begin(ui, UI_BUILD_BUS_LINE);
    while (!ui_build_is_full(&ui->build))
        ui->build.picks[ui->build.pick_count++] = (jw_pick){.kind = JW_PICK_EDGE, .index = 4000000000u};
    assert_int_equal(ui->build.pick_count, 8);
    look_at(ui, on, 260);
    click(ui, on);
    assert_int_equal(ui->build.pick_count, 8);
    assert_true(ui_build_command(ui, &aim, &ring));
    close_ui(ui);
}

/* Cards cannot be taken back, and it is said before; a rollout and a crowd can. */
static void cards_models_and_crowds(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 1280, 800);
    open_scene(ui, "district.lua");
    ui->tab = UI_TAB_BUILD;
    ui_play(ui, true);
    assert_true(ui->catalogue.card_count > 0 && ui->catalogue.model_count > 0);
    look_at(ui, place_of(ui, "edge-1"), 400);
    ui_build_begin(ui, UI_BUILD_CARDS);
    point_at(ui, place_of(ui, "edge-1"));
    for (uint32_t i = 0; i < ui->catalogue.card_count; i++) {
        ui->build.card = i;
        ui_cost cost = cost_here(ui);
        char price[64], number[48];
        ui_format_number(8 * ui->catalogue.cards[i].price_cny, ui_say_unit(ui, "CNY"), number, sizeof number);
        snprintf(price, sizeof price, "价格 %s", number);
        assert_true(says(&cost, ui->catalogue.cards[i].price_cny > 0 ? price : "价格未知"));
    }
    jw_command command, inverse;
    ui_aim aim = ui_build_aim(ui);
    assert_true(ui_build_command(ui, &aim, &command));
    assert_string_equal(command.verb, "order_cards");
    assert_false(ui_inverse_of(ui, &command, &inverse));
    show(ui, "build-cards");

    ui_build_begin(ui, UI_BUILD_CROWD);
    uint32_t deeds = ui->done_count;
    click(ui, place_of(ui, "edge-1"));
    wait_told(ui, "place_crowd", "new-crowd-1");
    assert_int_equal(ui->done_count, deeds + 1);
    ui_undo(ui);
    wait_told(ui, "set_crowd", "new-crowd-1");

    ui_build_begin(ui, UI_BUILD_MODEL);
    show(ui, "build-model");
    ui_build_confirm(ui);
    RUN_UNTIL(ui, ui->build.refusal_s > 0 || is_told(ui, "deploy_model", "")); /* by approval, perhaps */
    close_ui(ui);
}

/* Without a mouse: the point in the middle of the view is given by a key. */
static void it_goes_by_keys(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 1024, 640);
    ui->settings.light = UI_LIGHT_NIGHT;
    open_scene(ui, "district.lua");
    ui_build_open(ui);
    assert_int_equal(ui->tab, UI_TAB_BUILD);
    ui_play(ui, true);
    look_at(ui, middle_of(ui), 700);
    ui_build_begin(ui, UI_BUILD_CELL);
    assert_false(ui->tool.has_hover);
    ui_aim aim = ui_build_aim(ui);
    assert_true(aim.is_there && aim.fits);
    show(ui, "build-keys");
    ui_tool_finish(ui); /* Enter */
    undo_and_redo(ui, "new-cell-1", true);
    assert_false(ui->tool.has_hover);
    ui->camera.x_m += 300;
    ui_tools_put_point(ui); /* X */
    undo_and_redo(ui, "new-cell-2", true);
    assert_true(jw_vec2_distance(place_of(ui, "new-cell-1"), place_of(ui, "new-cell-2")) > 200);

    ui_build_begin(ui, UI_BUILD_FAIL);
    click(ui, place_of(ui, "new-cell-2"));
    RUN_UNTIL(ui, !find_asset(ui, "new-cell-2")->is_up);
    ui_undo(ui);
    RUN_UNTIL(ui, find_asset(ui, "new-cell-2")->is_up);
    ui_tool_set(ui, UI_TOOL_NONE);
    show(ui, "build-list");
    close_ui(ui);
}

static void wait_refused(jw_ui *ui)
{
    RUN_UNTIL(ui, ui->build.refusal_s > 0);
}

/* In both languages: what was tried, why not; and it is no deed that could be undone. */
static void refusals_name_the_cause(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "zh"};
    static const char *const causes[] = {"cell \"cell-1\" exists already", "基站“cell-1”已存在"};
    for (int i = 0; i < 2; i++) {
        jw_ui *ui = open_ui(languages[i], 1280, 800);
        open_scene(ui, "district.lua");
        ui->tab = UI_TAB_BUILD;
        ui_play(ui, true);
        jw_vec2 at = place_of(ui, "cell-1");
        look_at(ui, at, 500);
        ui_build_begin(ui, UI_BUILD_CELL);
        jw_command command = jw_command_make("place_cell");
        jw_command_text(&command, "name", "cell-1");
        jw_command_text(&command, "node", "edge-1");
        jw_command_number(&command, "x", at.x);
        jw_command_number(&command, "y", at.y);
        ui_do(ui, &command);
        assert_int_equal(ui->done_count, 1);
        wait_refused(ui);
        if (!strstr(ui->build.refusal, causes[i]))
            fail_msg("%s", ui->build.refusal);
        assert_int_equal(ui->done_count, 0);
        assert_true(jw_vec2_distance(ui->build.refusal_at, at) < 1);
        show(ui, "build-refused");
        /* Also when the list of events is full, and the oldest go for the new. */
        for (int k = 0; k < JW_EVENTS_MAX + 4 && i == 0; k++) {
            jw_command other = jw_command_make(k % 2 ? "repair_cell" : "fail_cell");
            jw_command_text(&other, "name", "cell-1");
            ui_post(ui, &other);
        }
        RUN_UNTIL(ui, frame_of(ui)->event_count == JW_EVENTS_MAX || i > 0);
        ui->build.refusal_s = 0;
        ui_do(ui, &command);
        wait_refused(ui);
        assert_int_equal(ui->done_count, 0);
        close_ui(ui);
    }
}

static void place(jw_ui *ui, const char *name, jw_vec2 at)
{
    jw_command command = jw_command_make("place_cell");
    jw_command_text(&command, "name", name);
    jw_command_number(&command, "x", at.x);
    jw_command_number(&command, "y", at.y);
    ui_do(ui, &command);
}

static const jw_frame_event *find_refusal(const jw_ui *ui)
{
    for (uint32_t i = frame_of(ui)->event_count; i-- > 0;)
        if (strncmp(frame_of(ui)->events[i].key, "refused", 7) == 0)
            return &frame_of(ui)->events[i];
    return NULL;
}

/* A refusal takes from what can be undone the very command that was refused: not another of its verb, not one
 * of the other world, nothing when a world that went back meets it again. */
static void a_refusal_takes_its_own_deed_alone(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1024, 640);
    open_scene(ui, "district.lua");
    stop(ui);
    int64_t begin_ns = frame_of(ui)->time_ns;
    place(ui, "cell-1", middle_of(ui)); /* is there already */
    place(ui, "new-cell-7", middle_of(ui));
    assert_int_equal(ui->done_count, 2);
    ui_step(ui);
    wait_refused(ui);
    assert_int_equal(ui->done_count, 1);
    assert_string_equal(jw_command_get_text(&ui->deeds[0].done, "name", ""), "new-cell-7");
    wait_there(ui, "new-cell-7", true);

    jw_frame_event refusal = *find_refusal(ui);
    ui_step(ui);
    wait_until(ui, 0.1);
    place(ui, "cell-1", middle_of(ui));
    ui->build.refusal_s = 0;
    ui_build_refused(ui, 0, &refusal); /* of an earlier one */
    assert_true(ui->done_count == 2 && ui->build.refusal_s == 0);
    refusal.time_ns = frame_of(ui)->time_ns;
    ui_build_refused(ui, 1, &refusal); /* in another world */
    assert_true(ui->done_count == 2 && ui->build.refusal_s == 0);
    ui_build_refused(ui, 0, &refusal);
    assert_true(ui->done_count == 1 && ui->build.refusal_s > 0);

    ui_seek(ui, begin_ns);
    run_until_standing(ui);
    assert_true(frame_of(ui)->time_ns == begin_ns);
    assert_null(find_refusal(ui));
    ui->build.refusal_s = 0;
    ui_play(ui, true);
    RUN_UNTIL(ui, find_refusal(ui)); /* as the log has it */
    assert_true(ui->build.refusal_s == 0);

    /* What takes back can be refused, too: then it is gone for good. */
    jw_command gone = jw_command_make("repair_cell"), never = jw_command_make("fail_cell");
    jw_command_text(&gone, "name", "new-cell-99");
    jw_command_text(&never, "name", "new-cell-99");
    ui_do_with(ui, &never, &gone);
    ui_undo(ui);
    assert_int_equal(ui->undone_count, 1);
    wait_refused(ui);
    assert_int_equal(ui->undone_count, 0);
    close_ui(ui);
}

/* An order of signals that waits to be given is withdrawn by Esc and by Backspace. */
static void a_waiting_order_can_be_withdrawn(void **state)
{
    (void)state;
    static const SDL_Keycode keys[] = {SDLK_ESCAPE, SDLK_BACKSPACE};
    jw_ui *ui = open_ui("en", 1024, 640);
    open_scene(ui, "district.lua");
    stop(ui);
    uint32_t junction = 0;
    while (ui->city->junctions[junction].programme == JW_NONE)
        junction++;
    jw_vec2 at = {ui->city->junctions[junction].x_m, ui->city->junctions[junction].y_m};
    look_at(ui, at, 300);
    for (uint32_t i = 0; i < JW_COUNT_OF(keys); i++) {
        ui_build_begin(ui, UI_BUILD_SIGNALS);
        ui->build.control = 3;
        click(ui, at);
        assert_true(ui->build.is_pending);
        ui_keys_take(ui, keys[i], 0, false);
        assert_false(ui->build.is_pending);
        run(ui, 0.5);
        assert_int_equal(ui->done_count, 0);
    }
    close_ui(ui);
}

static void what_happens_names_streets_in_the_users_language(void **state)
{
    (void)state;
    static const char *const languages[] = {"zh", "en"};
    static const jw_language map_languages[] = {JW_LANGUAGE_ZH, JW_LANGUAGE_EN};
    jw_ui *ui = open_ui("en", 1024, 640);
    open_scene(ui, "district.lua");
    wait_until(ui, 1);
    uint32_t edge = 0;
    while (strcmp(jw_city_text_in(ui->city, ui->city->edges[edge].name, JW_LANGUAGE_ZH),
                  jw_city_text_in(ui->city, ui->city->edges[edge].name, JW_LANGUAGE_EN)) == 0)
        assert_true(++edge < ui->city->edge_count);
    jw_command close = jw_command_make("close_edge");
    jw_command_number(&close, "edge", edge);
    assert_true(ui_post(ui, &close));
    wait_until(ui, 2);
    const jw_frame_event *event = NULL;
    for (uint32_t i = 0; i < ui->sides[0].event_count; i++)
        if (strcmp(ui->sides[0].events[i].key, "close_edge") == 0)
            event = &ui->sides[0].events[i];
    assert_non_null(event);
    for (uint32_t i = 0; i < JW_COUNT_OF(languages); i++) {
        char said[640];
        assert_true(ui_set_language(ui, languages[i]));
        ui_say_event(ui, event, said, sizeof said);
        assert_non_null(
            strstr(said, jw_city_text_in(ui->city, ui->city->edges[edge].name, map_languages[i])));
    }
    close_ui(ui);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(cells_sites_and_fibre, close_opened),
        cmocka_unit_test_teardown(things_move_and_go, close_opened),
        cmocka_unit_test_teardown(streets_and_signals, close_opened),
        cmocka_unit_test_teardown(the_nearest_street_is_aimed_at, close_opened),
        cmocka_unit_test_teardown(cards_models_and_crowds, close_opened),
        cmocka_unit_test_teardown(it_goes_by_keys, close_opened),
        cmocka_unit_test_teardown(refusals_name_the_cause, close_opened),
        cmocka_unit_test_teardown(a_refusal_takes_its_own_deed_alone, close_opened),
        cmocka_unit_test_teardown(a_waiting_order_can_be_withdrawn, close_opened),
        cmocka_unit_test_teardown(what_happens_names_streets_in_the_users_language, close_opened),
    };
    if (!ui_fixture_begin())
        return 77;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
