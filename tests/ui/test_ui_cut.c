/* Every panel, tab and dialog opens at 1024 x 640 without a text that is cut, in both languages and at
 * several sizes of the interface; and settings are changed, kept and read again. */
#include "ui/ui_fixture.h"

#include <SDL2/SDL.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uint32_t cuts;

/* Settles, then looks at what is cut. */
static void look(jw_ui *ui, const char *what)
{
    char name[96];
    gui_watch_cut_texts(true);
    for (int i = 0; i < 4 || (ui->is_page_cut && i < 12); i++)
        draw(ui);
    if (ui->is_page_cut)
        print_message("%s, %s at %d %%: higher than the window\n", what, ui->text.language,
                      ui->settings.scale_percent);
    cuts += ui->is_page_cut;
    for (uint32_t i = 0; i < gui_cut_text_count(); i++) {
        print_message("%s, %s at %d %%: cut: %s\n", what, ui->text.language, ui->settings.scale_percent,
                      gui_cut_text_at(i));
        cuts++;
    }
    gui_watch_cut_texts(false);
    snprintf(name, sizeof name, "%s-%d", what, ui->settings.scale_percent);
    if (getenv("JINGWEI_PICTURES"))
        show(ui, name);
}

/* The overlay's legend is in view: in the rail, else on the map where there is some, else in the drawer. */
static void look_for_legend(jw_ui *ui, const char *what)
{
    look(ui, what);
    ui_layout layout = ui_layout_of(ui);
    bool has_rail = !layout.is_narrow || ui->is_drawer_closed;
    float x = layout.rail.x + gui_px(10) + (has_rail ? layout.rail.width + layout.rail.x : 0);
    bool is_on_map = gui_wants_mouse(x, layout.rail.y + gui_px(10));
    assert_int_not_equal(ui->legend, UI_LEGEND_NOWHERE);
    assert_int_equal(ui->legend == UI_LEGEND_MAP, is_on_map);
    if (ui->settings.scale_percent == 200)
        assert_int_equal(ui->legend, UI_LEGEND_MAP);
    if (ui->settings.scale_percent <= 100)
        assert_int_equal(ui->legend, UI_LEGEND_RAIL);
}

/* For a room, where nobody scrolls: each page is whole, also with an overlay's legend and an event told. */
static void look_at_pages(jw_ui *ui)
{
    static const char *const pages[] = {"question", "watch", "answer"};
    assert_true(ui->sides[0].told_count > 0);
    ui_set_overlay(ui, JW_OVERLAY_DELAY);
    ui_present_set(ui, true);
    for (int page = 0; page < 3; page++) {
        ui->present = (ui_present)page;
        look(ui, pages[page]);
    }
    ui_present_set(ui, false);
    ui->is_drawer_closed = false;
    look_for_legend(ui, "legend");
    ui->is_drawer_closed = true;
    look_for_legend(ui, "rail-legend");
    ui->is_bare = true; /* as a projector shows it */
    look(ui, "bare");
    assert_int_equal(ui->legend, UI_LEGEND_MAP);
    assert_true(gui_wants_mouse(ui_layout_of(ui).rail.x + gui_px(10), ui_layout_of(ui).rail.y + gui_px(10)));
    ui->is_bare = false;
    ui_set_overlay(ui, JW_OVERLAY_NONE);
    draw(ui);
}

static void look_at_all(jw_ui *ui)
{
    static const char *const tabs[UI_TAB_COUNT] = {"inspector", "build", "tools", "values", "story", "basis"};
    static const jw_watch city = {0};
    ui->is_drawer_closed = false;
    for (int tab = 0; tab < UI_TAB_COUNT; tab++) {
        ui->tab = (ui_tab)tab;
        look(ui, tabs[tab]);
    }
    ui->tab = UI_TAB_SCENARIO;
    ui->is_revealed = true;
    ui->stops.kind = JW_BREAK_METRIC;
    jw_break stop = {.kind = JW_BREAK_METRIC, .name = "traffic.mean_speed", .value = 5, .hold_s = 30};
    ui_stops_add(ui, &stop);
    look(ui, "stops");
    ui_stops_remove(ui, 0);
    ui->is_drawer_closed = true;
    ui_plot_toggle(ui, &city, "traffic.running", "Vehicles on the road", "veh");
    look(ui, "rail");
    ui_plot_toggle(ui, &city, "traffic.running", "", "");
    ui->is_drawer_closed = false;
    ui_find_open(ui, true);
    jw_text_copy(ui->find.text, sizeof ui->find.text, "edge");
    ui_find_search(ui);
    look(ui, "find");
    ui_find_open(ui, false);
    ui->has_help = true;
    look(ui, "help");
    ui->has_help = false;
    ui->has_settings = true;
    look(ui, "settings");
    ui->has_settings = false;
    jw_fail(&ui->dialog, JW_ERROR_INPUT, "/some/folder/of/mine/with/a/long/path/scenario.lua", 17,
            "the handler 'on_late_request' wrote to the upvalue 'count': keep what changes in storage");
    look(ui, "error");
    ui->dialog = (jw_error){0};
    look_at_pages(ui);
}

static void no_text_is_cut(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "zh"};
    static const int scales[] = {75, 100, 150, 200, 250};
    for (int l = 0; l < 2; l++) {
        jw_ui *ui = open_ui(languages[l], 1024, 640);
        look(ui, "start");
        jw_text_copy(ui->wish.scenario, sizeof ui->wish.scenario, JW_SOURCE_FOLDER "/scripts/ai_rollout.lua");
        open_scene(ui, "district.lua");
        ui_run_to_event(ui);
        RUN_UNTIL(ui, !ui->is_playing);
        run_until_standing(ui);
        ui->camera.x_m = ui->camera.y_m = 1e5; /* the panels alone */
        for (uint32_t s = 0; s < JW_COUNT_OF(scales); s++) {
            ui->settings.scale_percent = scales[s];
            ui->wants_fonts = true;
            draw(ui);
            look_at_all(ui);
        }
        close_ui(ui);
    }
    assert_int_equal(cuts, 0);
}

/* The test itself sees: a text wider than what it is cut at is told. */
static void a_cut_text_is_seen(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 400, 300);
    draw(ui);
    gui_watch_cut_texts(true);
    gui_begin();
    gui_panel_begin("##test", (gui_rect){10, 10, 100, 60});
    gui_draw_text(GUI_BODY, 20, 20, gui_colour_of(GUI_TEXT), "a text far too long for its panel");
    gui_draw_text(GUI_BODY, 20, 20, gui_colour_of(GUI_TEXT), "fits");
    gui_draw_text(GUI_BODY, 20, 66, gui_colour_of(GUI_TEXT), "low");
    gui_panel_end();
    gui_end();
    assert_int_equal(gui_cut_text_count(), 2);
    gui_watch_cut_texts(false);
    close_ui(ui);
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_cut_text_is_seen, close_opened),
        cmocka_unit_test_teardown(no_text_is_cut, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
