/* The window without a mouse: every control of every panel is walked to and pressed by keys, and the arrows
 * are the camera's or the panel's, never both. */
#include "ui/ui_fixture.h"
#include "ui/ui_focus.h"
#include "ui/ui_still.h"
#include "ui/ui_video.h"

#include <SDL2/SDL.h>
#include <stdio.h>
#include <string.h>

static void key(jw_ui *ui, SDL_Keycode code, uint16_t modifiers)
{
    ui_keys_take(ui, code, modifiers, false);
    draw(ui); /* the key acts */
    if (code != SDLK_TAB)
        draw(ui); /* and what it did is shown */
}

/* Goes once round by Tab; each control that takes part has the keyboard exactly once. */
static uint32_t walk(jw_ui *ui, const char *where)
{
    static uint32_t ids[1024], met[1024];
    uint32_t count = gui_focus_count();
    assert_true(count > 0 && count < JW_COUNT_OF(ids));
    for (uint32_t i = 0; i < count; i++)
        ids[i] = gui_focus_at(i)->id;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < i; k++)
            if (ids[i] == ids[k])
                fail_msg("%s: two controls share one id (%u and %u of %u)", where, k, i, count);
    memset(met, 0, sizeof met);
    for (uint32_t i = 0; i < count; i++) {
        key(ui, SDLK_TAB, 0);
        if (gui_focus_count() != count)
            fail_msg("%s: %u controls became %u while walking", where, count, gui_focus_count());
        for (uint32_t k = 0; k < count; k++)
            met[k] += ids[k] == gui_focus_id();
        /* It is in sight, whatever scrolls. */
        for (uint32_t k = 0; k < count; k++) {
            const gui_control *control = gui_focus_at(k);
            if (control->id != gui_focus_id())
                continue;
            float x = control->rect.x + control->rect.width / 2,
                  y = control->rect.y + control->rect.height / 2;
            if (x < 0 || x > (float)ui->width_px || y < 0 || y > (float)ui->height_px)
                fail_msg("%s: control %u has the keyboard out of sight, at %g, %g", where, k, (double)x,
                         (double)y);
        }
    }
    for (uint32_t k = 0; k < count; k++)
        if (met[k] != 1)
            fail_msg("%s: control %u of %u has the keyboard %u times on one round", where, k, count, met[k]);
    return count;
}

static jw_ui *open_city(const char *language, int width_px, int height_px)
{
    jw_ui *ui = open_ui(language, width_px, height_px);
    jw_text_copy(ui->wish.scenario, sizeof ui->wish.scenario, JW_SOURCE_FOLDER "/scripts/ai_rollout.lua");
    open_scene(ui, "district.lua");
    stop(ui);
    ui->camera.x_m = ui->camera.y_m = 1e5; /* nothing to draw but the panels */
    draw(ui);
    draw(ui);
    return ui;
}

static void every_control_is_walked_to(void **state)
{
    (void)state;
    jw_ui *ui = open_city("en", 1280, 800);
    static const jw_watch city = {0};
    ui_plot_toggle(ui, &city, "traffic.running", "Vehicles", "veh");
    for (int tab = 0; tab < UI_TAB_COUNT; tab++) {
        char where[32];
        snprintf(where, sizeof where, "tab %d", tab);
        ui->tab = (ui_tab)tab;
        key(ui, SDLK_ESCAPE, 0);
        draw(ui);
        assert_false(gui_has_keys());
        assert_true(walk(ui, where) > 20);
        assert_true(gui_has_keys());
    }
    key(ui, SDLK_ESCAPE, 0);
    assert_false(gui_has_keys());
    key(ui, SDLK_F1, 0);
    assert_true(ui->has_help);
    assert_int_equal(walk(ui, "help"), 1); /* a dialog keeps the keyboard */
    key(ui, SDLK_RETURN, 0);
    assert_false(ui->has_help);
    key(ui, SDLK_QUESTION, KMOD_LSHIFT);
    assert_true(ui->has_help);
    key(ui, SDLK_ESCAPE, 0);
    assert_false(ui->has_help);
    close_ui(ui);
    ui = open_ui("zh", 1024, 640);
    draw(ui);
    draw(ui);
    assert_true(walk(ui, "start") > 5);
    close_ui(ui);
}

/* A scenario was chosen: its city comes. */
static void load_on(jw_ui *ui)
{
    run_until_loaded(ui);
    ui->camera.x_m = ui->camera.y_m = 1e5;
    draw(ui);
}

/* All that a press can change, but for the clock. */
static uint64_t state_of(const jw_ui *ui)
{
    jw_ui copy = *ui;
    copy.last_draw_s = copy.awake_s = 0;
    copy.kept = (ui_kept){0};
    copy.has_input = false;
    copy.redraws = 0;
    copy.hover = (ui_hover){0};
    copy.answered_s = 0;
    for (uint32_t i = 0; i < UI_SIDE_MAX; i++) {
        copy.sides[i].newer_since_s = copy.sides[i].interval_s = copy.sides[i].told_s = 0;
        memset(&copy.sides[i].older, 0, sizeof copy.sides[i].older);
        memset(&copy.sides[i].newer, 0, sizeof copy.sides[i].newer);
        memset(&copy.sides[i].status, 0, sizeof copy.sides[i].status);
    }
    uint64_t hash = 1469598103934665603u;
    for (size_t i = 0; i < sizeof copy; i++)
        hash = (hash ^ ((const uint8_t *)&copy)[i]) * 1099511628211u;
    return hash;
}

/* What the drawer shows while its controls are pressed. */
typedef struct shown {
    const char *name;
    ui_tab tab;
    ui_tools_page page;
    bool has_site; /* one is selected */
} shown;

static const shown pages[] = {
    {"the city", UI_TAB_INSPECTOR, UI_TOOLS_MEASURE, false},
    {"a site", UI_TAB_INSPECTOR, UI_TOOLS_MEASURE, true},
    {"build", UI_TAB_BUILD, UI_TOOLS_MEASURE, false},
    {"measures", UI_TAB_TOOLS, UI_TOOLS_MEASURE, false},
    {"notes", UI_TAB_TOOLS, UI_TOOLS_NOTES, false},
    {"camera", UI_TAB_TOOLS, UI_TOOLS_CAMERA, false},
    {"pictures", UI_TAB_TOOLS, UI_TOOLS_FILM, false},
    {"values", UI_TAB_PARAMS, UI_TOOLS_MEASURE, false},
    {"story", UI_TAB_SCENARIO, UI_TOOLS_MEASURE, false},
    {"basis", UI_TAB_ASSUMPTIONS, UI_TOOLS_MEASURE, false},
};

/* As it was, for the next press. */
static void set_up(jw_ui *ui, const shown *page)
{
    if (ui->load)
        load_on(ui);
    if (ui->is_presenting)
        ui_present_set(ui, false);
    ui_video_cancel(ui);
    ui_still_cancel(ui);
    if (ui->tools.walk.is_on)
        ui_walk_set(ui, false);
    if (ui->tools.split.is_on)
        ui_split_set(ui, false);
    ui_tool_set(ui, UI_TOOL_NONE);
    ui_close_fork(ui, 0);
    ui_find_open(ui, false);
    ui_set_overlay(ui, JW_OVERLAY_NONE);
    jw_pick pick = {.kind = page->has_site ? JW_PICK_ASSET : JW_PICK_NONE};
    jw_text_copy(pick.name, sizeof pick.name, page->has_site ? "edge-1" : "");
    ui_select(ui, 0, &pick);
    ui->plot_count = 0;
    ui->stops = (ui_stops){0};
    ui->is_drawer_closed = ui->is_revealed = ui->has_help = ui->has_settings = ui->wants_picture = false;
    ui->tools.is_path_playing = false;
    ui->dialog = (jw_error){0};
    ui->flight_begin_s = 0;
    ui->camera.x_m = ui->camera.y_m = 1e5;
    ui->tab = page->tab;
    ui->tools.page = page->page;
    ui_play(ui, false);
    draw(ui);
    draw(ui);
    draw(ui);
}

/* Straight to the panel by F6, then along it. */
static void go_in_panel(jw_ui *ui, uint32_t index)
{
    uint32_t id = gui_focus_at(index)->id, panel = gui_focus_at(index)->panel;
    if (gui_has_keys()) /* else Esc would leave what is selected */
        key(ui, SDLK_ESCAPE, 0);
    for (uint32_t i = 0; i < panel; i++)
        key(ui, SDLK_F6, 0);
    for (uint32_t i = 0; i < gui_focus_count() && id != gui_focus_id(); i++)
        key(ui, SDLK_TAB, 0);
    assert_true(id == gui_focus_id());
}

/* Enter, or an arrow where it goes by arrows: sliders, the line of time. What the world does of it comes when
 * it comes, and is waited for. */
static bool does_something(jw_ui *ui, bool waits)
{
    uint64_t before = state_of(ui), hash = jw_session_hash(ui->sides[0].session);
    key(ui, SDLK_RETURN, 0);
    draw(ui); /* a text field has the keyboard from the next picture on */
    if (state_of(ui) != before || gui_has_list() || gui_wants_text())
        return true;
    key(ui, SDLK_LEFT, 0);
    if (state_of(ui) != before)
        return true;
    key(ui, SDLK_RIGHT, 0);
    double limit_s = jw_clock_seconds() + (waits ? 30 : 0.1);
    while (state_of(ui) == before && jw_clock_seconds() < limit_s) {
        run(ui, 0);
        if (jw_session_hash(ui->sides[0].session) != hash)
            return true;
    }
    return state_of(ui) != before;
}

/* Enter does something on every control of the rail, of the drawer with each of its pages, and of the bar:
 * what the window knows changes, a list opens, or a text field takes the keyboard. None is excepted: what is
 * exported goes to a folder of the test, and a city that was left is opened again. */
static void enter_triggers_every_control(void **state)
{
    (void)state;
    jw_ui *ui = open_city("en", 1280, 800);
    for (uint32_t p = 0; p < JW_COUNT_OF(pages); p++) {
        uint32_t pressed = 0, idle = 0;
        set_up(ui, &pages[p]);
        uint32_t count = gui_focus_count(), in_drawer = 0;
        for (uint32_t i = 0; i < count && i < gui_focus_count(); i++) {
            uint32_t panel = gui_focus_at(i)->panel;
            in_drawer += panel == 2;
            /* The tabs are one control; rail and bar are pressed once, the 40th value is as the first. */
            if ((p > 0 && panel != 2) || (panel == 2 && in_drawer > 40))
                continue;
            go_in_panel(ui, i);
            float x = gui_focus_at(i)->rect.x, y = gui_focus_at(i)->rect.y;
            bool is_settled = ui->sides[0].status.earliest_ns == ui->sides[0].status.time_ns && panel > 2;
            if (!does_something(ui, !is_settled) && !is_settled) {
                print_message("%s: control %u at %g, %g stays\n", pages[p].name, i, (double)x, (double)y);
                idle++;
            }
            pressed++;
            key(ui, SDLK_ESCAPE, 0);
            if (!ui->city) {
                close_ui(ui);
                ui = open_city("en", 1280, 800);
            }
            set_up(ui, &pages[p]);
        }
        print_message("%s: %u pressed, %u stay\n", pages[p].name, pressed, idle);
        assert_true(pressed > 0);
        assert_int_equal(idle, 0);
    }
    close_ui(ui);
}

static void arrows_belong_to_one(void **state)
{
    (void)state;
    jw_ui *ui = open_city("en", 1280, 800);
    assert_false(gui_has_keys());
    assert_false(ui_keys_take(ui, SDLK_LEFT, 0, false)); /* the camera's */
    key(ui, SDLK_F6, 0);
    assert_true(gui_has_keys());
    uint32_t panel = 0, panels = 0;
    for (int i = 0; i < 8 && gui_has_keys(); i++) {
        for (uint32_t k = 0; k < gui_focus_count(); k++)
            if (gui_focus_at(k)->id == gui_focus_id()) {
                assert_true(gui_focus_at(k)->panel > panel);
                panel = gui_focus_at(k)->panel;
            }
        panels++;
        key(ui, SDLK_F6, 0);
    }
    assert_int_equal(panels, 3); /* rail, drawer, time bar; then the city again */
    assert_false(gui_has_keys());
    key(ui, SDLK_F6, KMOD_LSHIFT);
    assert_true(gui_has_keys());
    assert_true(ui_keys_take(ui, SDLK_LEFT, 0, false));
    /* Letters and the space bar stay what they are. */
    ui_keys_take(ui, SDLK_SPACE, 0, false);
    assert_true(ui->is_playing);
    close_ui(ui);
}

/* A slider goes by its step; a list opens, is walked, chosen from and closes. */
static void sliders_and_lists_by_keys(void **state)
{
    (void)state;
    jw_ui *ui = open_city("en", 1280, 800);
    ui->tab = UI_TAB_PARAMS;
    draw(ui);
    draw(ui);
    const jw_param *param = find_param(ui, "edge_sites");
    double before = param->value;
    key(ui, SDLK_ESCAPE, 0);
    for (uint32_t i = 0; i < gui_focus_count() && param->value == before; i++) {
        key(ui, SDLK_TAB, 0);
        key(ui, SDLK_RIGHT, 0);
        ui->tab = UI_TAB_PARAMS; /* the tabs go by arrows, too */
    }
    if (param->value != before + 1)
        fail_msg("%g became %g", before, param->value);
    key(ui, SDLK_LEFT, 0);
    assert_true(param->value == before);
    ui->tab = UI_TAB_SCENARIO;
    key(ui, SDLK_ESCAPE, 0);
    uint32_t in_drawer = 0;
    for (uint32_t i = 0; i < gui_focus_count() && in_drawer < 2; i++) {
        key(ui, SDLK_TAB, 0);
        in_drawer += gui_focus_at(i)->panel == 2; /* the tabs, then the list of scenarios */
    }
    key(ui, SDLK_RETURN, 0);
    assert_true(gui_has_list());
    uint32_t options = gui_focus_count();
    assert_int_equal(options, ui->script_count + 1);
    assert_true(gui_has_keys());
    key(ui, SDLK_DOWN, 0);
    key(ui, SDLK_ESCAPE, 0);
    assert_false(gui_has_list());
    assert_null(ui->load);
    assert_true(gui_has_keys()); /* back on what opened it */
    key(ui, SDLK_RETURN, 0);
    key(ui, SDLK_UP, 0);
    key(ui, SDLK_RETURN, 0);
    assert_non_null(ui->load); /* another scenario starts the scene anew */
    key(ui, SDLK_ESCAPE, 0);
    run_until_loaded(ui);
    close_ui(ui);
}

/* A key that goes down and up within one picture of a slow machine is a key pressed. */
static void short_presses_count(void **state)
{
    (void)state;
    jw_ui *ui = open_city("en", 1280, 800);
    ui_find_open(ui, true);
    draw(ui);
    draw(ui);
    SDL_Event typed = {.type = SDL_TEXTINPUT}, down = {.type = SDL_KEYDOWN}, up = {.type = SDL_KEYUP};
    jw_text_copy(typed.text.text, sizeof typed.text.text, "edge-1");
    SDL_PushEvent(&typed);
    run_until_shown(ui);
    assert_true(ui->find.count > 0);
    down.key.keysym = up.key.keysym =
        (SDL_Keysym){.sym = SDLK_RETURN, .scancode = SDL_GetScancodeFromKey(SDLK_RETURN)};
    SDL_PushEvent(&down);
    SDL_PushEvent(&up);
    run_until_shown(ui);
    assert_string_equal(ui->selection.name, "edge-1");
    close_ui(ui);
}

static void push_letter(char letter)
{
    SDL_Event down = {.type = SDL_KEYDOWN}, typed = {.type = SDL_TEXTINPUT}, up = {.type = SDL_KEYUP};
    down.key.keysym = up.key.keysym =
        (SDL_Keysym){.sym = letter, .scancode = SDL_GetScancodeFromKey((SDL_Keycode)letter)};
    typed.text.text[0] = letter;
    SDL_PushEvent(&down);
    SDL_PushEvent(&typed);
    SDL_PushEvent(&up);
}

/* Between two pictures: the field of the search is not drawn yet, and its letters are no commands. */
static void letters_after_find_are_its_own(void **state)
{
    (void)state;
    jw_ui *ui = open_city("en", 1280, 800);
    double speed = ui->speed;
    ui_find_open(ui, true);
    push_letter('e');
    push_letter('d');
    push_letter(']');
    run_until_shown(ui);
    for (int i = 0; i < 6; i++)
        draw(ui);
    assert_true(!(ui->speed > speed));
    assert_int_equal(ui->keys_down, 0);
    assert_string_equal(ui->find.text, "ed]");
    ui_find_open(ui, false);
    for (int i = 0; i < 6; i++)
        draw(ui);
    assert_false(gui_wants_text());
    push_letter(']');
    run_until_shown(ui);
    assert_true(ui->speed > speed); /* a command again */
    close_ui(ui);
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_control_is_walked_to, close_opened),
        cmocka_unit_test_teardown(enter_triggers_every_control, close_opened),
        cmocka_unit_test_teardown(arrows_belong_to_one, close_opened),
        cmocka_unit_test_teardown(letters_after_find_are_its_own, close_opened),
        cmocka_unit_test_teardown(sliders_and_lists_by_keys, close_opened),
        cmocka_unit_test_teardown(short_presses_count, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
