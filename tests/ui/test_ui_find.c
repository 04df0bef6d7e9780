/* Names: what things are called, and how they are found by name, number and kind. */
#include "ui/ui_fixture.h"

#include <SDL2/SDL.h>
#include <stdio.h>
#include <string.h>

static void things_have_names(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    play_for(ui, 60);
    ui_play(ui, false);
    const jw_city *city = ui->city;
    uint32_t named = 0;
    for (uint32_t i = 0; i < city->edge_count; i++) {
        jw_pick pick = {.kind = JW_PICK_EDGE, .index = i};
        ui_select(ui, 0, &pick);
        const char *name = jw_city_text(city, city->edges[i].name);
        char number[64];
        snprintf(number, sizeof number, "Street section %u", i);
        assert_string_equal(ui->title, *name ? name : number);
        named += *name != 0;
    }
    assert_true(named > 0);
    uint32_t pairs = 0;
    for (uint32_t i = 0; i < city->junction_count; i++) {
        jw_pick pick = {.kind = JW_PICK_JUNCTION, .index = i};
        ui_select(ui, 0, &pick);
        char *slash = strstr(ui->title, " / ");
        pairs += slash != NULL;
        if (slash) {
            *slash = 0;
            assert_string_not_equal(ui->title, slash + 3);
            assert_non_null(strstr(ui->place, "Junction "));
        }
    }
    assert_true(pairs > 10);
    const jw_frame *frame = &ui->sides[0].newer;
    jw_pick vehicle = {.kind = JW_PICK_VEHICLE, .index = frame->vehicles[0].index1};
    ui_select(ui, 0, &vehicle);
    static const char *const classes[] = {
        "Car", "Truck", "Bus", "Autonomous shuttle", "Emergency vehicle", "Bicycle", "E-bike", "Pedestrian"};
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%s %u", classes[frame->vehicles[0].vehicle_class], vehicle.index);
    assert_string_equal(ui->title, wanted);
    jw_pick site = {.kind = JW_PICK_ASSET, .name = "edge-1"};
    ui_select(ui, 0, &site);
    assert_string_equal(ui->title, "Edge site edge-1");
    jw_pick link = {.kind = JW_PICK_LINK};
    jw_text_copy(link.name, sizeof link.name, frame->links[0].name);
    ui_select(ui, 0, &link);
    assert_non_null(strstr(ui->title, link.name));
    assert_non_null(strstr(ui->place, " – "));
    close_ui(ui);
}

static void find(jw_ui *ui, const char *text)
{
    ui_find_open(ui, true);
    jw_text_copy(ui->find.text, sizeof ui->find.text, text);
    ui_find_search(ui);
}

/* A place in a building: that is inspected. */
static void find_a_building_by_its_place(jw_ui *ui)
{
    jw_city *city = ui->city;
    const jw_place *kept = city->places;
    const jw_building *building = &city->buildings[17];
    uint32_t count = city->place_count;
    jw_place place = {JW_PLACE_SCHOOL, building->x_m, building->y_m, city->places[0].name};
    city->places = &place; /* the only one */
    city->place_count = 1;
    find(ui, jw_city_text(city, place.name));
    assert_int_equal(ui->find.hits[0].kind, JW_PICK_NONE);
    ui_find_go(ui, 0);
    city->places = kept;
    city->place_count = count;
    assert_int_equal(ui->selection.kind, JW_PICK_BUILDING);
    assert_int_equal(ui->selection.index, 17);
    assert_true(ui->tab == UI_TAB_INSPECTOR && !ui->is_drawer_closed);
    assert_true(ui->flight_to.x_m == place.x_m && ui->flight_to.y_m == place.y_m);
}

static void things_are_found_by_name_and_number(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1024, 640);
    open_scene(ui, "district.lua");
    find(ui, "EDGE-2");
    assert_int_equal(ui->find.hits[0].kind, JW_PICK_ASSET);
    assert_string_equal(ui->find.hits[0].name, "edge-2");
    find(ui, "kangde");
    show(ui, "find");
    uint32_t streets = 0;
    for (uint32_t i = 0; i < ui->find.count; i++)
        streets += ui->find.hits[i].kind == JW_PICK_EDGE;
    assert_int_equal(streets, 1); /* once, of however many sections it is */
    jw_pick street = ui->find.hits[0];
    ui_find_open(ui, false);
    ui_go_to(ui, &street);
    assert_string_equal(ui->title, "Kangde Lu");
    double x_m, y_m;
    assert_true(ui_place_of(ui, &ui->sides[0].newer, &street, &x_m, &y_m));
    assert_true(ui->flight_to.x_m == x_m && ui->flight_to.y_m == y_m);
    find(ui, "\u5eb7\u5fb7"); /* in the map's other language */
    assert_int_equal(ui->find.hits[0].kind, JW_PICK_EDGE);
    /* A place: flown to, the street before is no longer chosen, and it is said why nothing is. */
    find(ui, "south lake");
    assert_int_equal(ui->find.hits[0].kind, JW_PICK_NONE);
    jw_vec2 lake = ui->find.places[0];
    ui_find_go(ui, 0);
    assert_true(ui->flight_to.x_m == lake.x && ui->flight_to.y_m == lake.y && !ui->find.is_open);
    assert_int_equal(ui->selection.kind, JW_PICK_NONE);
    assert_non_null(strstr(ui->notice, "South lake"));
    find_a_building_by_its_place(ui);
    find(ui, "17");
    uint32_t kinds = 0;
    for (uint32_t i = 0; i < ui->find.count; i++)
        kinds |= ui->find.hits[i].index == 17 ? 1u << ui->find.hits[i].kind : 0;
    assert_true(kinds >> JW_PICK_JUNCTION & 1 && kinds >> JW_PICK_EDGE & 1 && kinds >> JW_PICK_BUILDING & 1);
    find(ui, "no such thing");
    assert_int_equal(ui->find.count, 0);
    find(ui, "99999999999999999999");
    assert_int_equal(ui->find.count, 0);
    press_key(ui, SDLK_ESCAPE, 0);
    assert_false(ui->find.is_open);
    close_ui(ui);
}

/* The keyboard goes down the list, which scrolls and never draws more than is in view. */
static void walk_down_the_list(jw_ui *ui)
{
    enum { STEPS = 40 };
    gui_leave_text();
    gui_press_key(GUI_KEY_PANEL_BEFORE); /* the last one is its own */
    for (int i = 0; i < STEPS && ui->find.first_shown < 5; i++) {
        gui_press_key(GUI_KEY_NEXT);
        draw(ui);
        assert_true(ui->find.shown_count >= 8 && ui->find.shown_count < 24);
    }
    assert_true(ui->find.first_shown >= 5);
    show(ui, "find-parks-walked");
}

/* Parks stand on no map: they are listed once the world has told of them, and inspected. */
static void parks_are_found_by_name_and_kind(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 1024, 640);
    open_scene(ui, "parks.lua");
    ui_find_open(ui, true);
    double limit_s = jw_clock_seconds() + 60;
    while (ui->sides[0].newer.detail_count == 0 && jw_clock_seconds() < limit_s)
        run(ui, 0);
    show(ui, "find-open");
    gui_event(&(SDL_Event){.text = {.type = SDL_TEXTINPUT, .text = "产业园"}});
    draw(ui);
    assert_int_equal(ui->find.park_count, 221); /* the city's own is one of them */
    assert_int_equal(ui->find.count, 221);
    assert_int_equal(ui->find.hits[0].kind, JW_PICK_PARK);
    show(ui, "find-parks");
    assert_int_equal(ui->find.first_shown, 0);
    walk_down_the_list(ui);
    jw_text_copy(ui->find.text, sizeof ui->find.text, "park-217");
    ui_find_search(ui);
    assert_int_equal(ui->find.count, 1);
    assert_string_equal(ui->find.hits[0].name, "park-217");
    jw_camera before = ui->camera;
    ui_find_go(ui, 0);
    assert_string_equal(ui->title, "产业园 park-217");
    assert_non_null(strstr(ui->place, "不在地图上"));
    uint32_t lines = 0;
    limit_s = jw_clock_seconds() + 60;
    while (lines == 0 && jw_clock_seconds() < limit_s) {
        run(ui, 0);
        const jw_frame *frame = &ui->sides[0].newer;
        for (uint32_t i = 0; i < frame->detail_count; i++)
            lines +=
                frame->details[i].watch_id == 1 && strcmp(frame->details[i].label, "production_lines") == 0;
    }
    assert_true(lines > 0);
    assert_true(ui->camera.x_m == before.x_m && ui->camera.distance_m == before.distance_m);
    show(ui, "park");
    close_ui(ui);
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(things_have_names, close_opened),
        cmocka_unit_test_teardown(things_are_found_by_name_and_number, close_opened),
        cmocka_unit_test_teardown(parks_are_found_by_name_and_kind, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
