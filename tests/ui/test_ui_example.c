/* Examples in the window: asked for, listed with their times, clicked through; what depends on what; the
 * worst of an overlay. In both languages, in a small window. */
#include "ui/ui_fixture.h"

#include <stdio.h>
#include <string.h>

static void click(jw_ui *ui, float x, float y)
{
    static const bool downs[] = {false, true, false, false};
    for (int i = 0; i < 4; i++) {
        gui_pretend_mouse(x, y, downs[i]);
        draw(ui);
    }
}

static jw_ui *open_busy(const char *language)
{
    jw_ui *ui = open_ui(language, 1024, 640);
    open_scene(ui, "district.lua");
    play_for(ui, 120);
    stop(ui);
    return ui;
}

static bool has_values(const jw_frame *frame)
{
    for (uint32_t i = 0; i < frame->detail_count; i++)
        if (frame->details[i].watch_id == 1)
            return true;
    return false;
}

static void wait_for_values(jw_ui *ui)
{
    const jw_frame *frame = &ui->sides[0].newer;
    ui->redraws = 3;
    for (int i = 0; i < 3; i++) /* those at hand may be of the thing before */
        run(ui, 0);
    RUN_UNTIL(ui, has_values(frame));
}

static void wait_for_example(jw_ui *ui)
{
    RUN_UNTIL(ui, !ui->example.is_asked);
    assert_true(ui->example.is_open);
}

static jw_pick asset(const char *name)
{
    jw_pick pick = {.kind = JW_PICK_ASSET};
    jw_text_copy(pick.name, sizeof pick.name, name);
    return pick;
}

static const jw_frame_detail *detail_of(const jw_ui *ui, const char *label)
{
    for (uint32_t i = 0; i < ui->example.detail_count; i++)
        if (strcmp(ui->example.details[i].label, label) == 0)
            return &ui->example.details[i];
    return NULL;
}

static void check_hops(const jw_ui *ui)
{
    const ui_example *example = &ui->example;
    assert_true(example->hop_count > 0);
    for (uint32_t i = 1; i < example->hop_count; i++)
        assert_true(example->hops[i].begin_ns == example->hops[i - 1].end_ns);
}

/* Each text is one of the catalogue's, no key without underscore shows through. */
static void check_words(const jw_ui *ui)
{
    for (uint32_t i = 0; i < ui->example.hop_count; i++) {
        char key[64];
        snprintf(key, sizeof key, "hop.%s", ui->example.hops[i].label);
        assert_string_not_equal(ui_say(ui, key), key);
    }
    static const char *const said[] = {"outcome", "then", "why", "state"};
    for (uint32_t i = 0; i < JW_COUNT_OF(said); i++) {
        const jw_frame_detail *detail = detail_of(ui, said[i]);
        char key[96];
        if (!detail)
            continue;
        snprintf(key, sizeof key, "value.%s", detail->text);
        assert_string_not_equal(ui_say(ui, key), key);
    }
}

/* Clicks down the list until a hop is chosen; the number of it, or JW_NONE. */
static uint32_t click_a_hop(jw_ui *ui)
{
    gui_rect drawer = ui_layout_of(ui).drawer;
    float bottom = drawer.height < 0 ? drawer.y - drawer.height : drawer.y + drawer.height;
    for (float y = bottom - gui_px(60); y > drawer.y + gui_px(120) && ui->example.chosen == JW_NONE;
         y -= gui_px(11))
        click(ui, drawer.x + drawer.width / 2, y);
    return ui->example.chosen;
}

static void show_example_of(jw_ui *ui, const jw_pick *pick, jw_example_kind kind, const char *picture)
{
    ui_go_to(ui, pick);
    ui_example_ask(ui, pick, kind);
    wait_for_example(ui);
    ui->camera = ui->flight_to;
    ui->flight_begin_s = 0;
    show(ui, picture);
}

static void examples_in(const char *language)
{
    jw_ui *ui = open_busy(language);
    jw_pick none = {0}, site = asset("edge-1");
    show_example_of(ui, &site, JW_EXAMPLE_ANY, "example-site");
    check_hops(ui);
    check_words(ui);
    assert_non_null(detail_of(ui, "request"));
    /* A hop is flown to and chosen on the map; the example stays. */
    uint32_t count = ui->example.hop_count, chosen = click_a_hop(ui);
    assert_true(chosen < count && ui->example.is_open && ui->example.hop_count == count);
    jw_watch through = ui_watch_of(&ui->selection);
    assert_int_equal(through.kind, ui->example.hops[chosen].thing.kind);
    assert_string_equal(through.name, ui->example.hops[chosen].thing.name);
    show(ui, "example-hop");
    /* Another thing: its values, not the old example. */
    ui_select(ui, 0, &none);
    assert_false(ui->example.is_open);
    ui_example_ask(ui, &none, JW_EXAMPLE_VEHICLE);
    wait_for_example(ui);
    check_hops(ui);
    check_words(ui);
    jw_pick vehicle = ui_pick_of(&detail_of(ui, "vehicle")->thing);
    assert_int_equal(vehicle.kind, JW_PICK_VEHICLE);
    show_example_of(ui, &vehicle, JW_EXAMPLE_VEHICLE, "example-vehicle");
    uint32_t sections = 0;
    for (uint32_t i = 0; i < ui->example.hop_count; i++)
        sections += ui->example.hops[i].thing.kind == JW_WATCH_EDGE;
    assert_true(sections > 0);
    close_ui(ui);
}

static void an_example_in_english(void **state)
{
    (void)state;
    examples_in("en");
}

static void an_example_in_chinese(void **state)
{
    (void)state;
    examples_in("zh");
}

/* Streets have the names that the map has for them in the language, and are found by them. */
static void check_street_names(jw_ui *ui)
{
    const jw_city *city = ui->city;
    uint32_t i = 0;
    while (i < city->edge_count && strcmp(jw_city_text(city, city->edges[i].name),
                                          jw_city_text_in(city, city->edges[i].name, JW_LANGUAGE_ZH)) == 0)
        i++;
    assert_true(i < city->edge_count);
    const char *name = jw_city_text_in(city, city->edges[i].name, JW_LANGUAGE_ZH);
    jw_pick pick = {.kind = JW_PICK_EDGE, .index = i};
    ui_select(ui, 0, &pick);
    assert_string_equal(ui->title, name);
    /* A rare character is written smaller, not left out. */
    if (ui->has_chinese_font)
        assert_true(gui_text_width(GUI_TITLE, "广茗街") == gui_text_width(GUI_BODY, "广茗街") &&
                    gui_text_width(GUI_TITLE, "光明街") > gui_text_width(GUI_BODY, "光明街"));
    ui_find_open(ui, true);
    jw_text_copy(ui->find.text, sizeof ui->find.text, name);
    ui_find_search(ui);
    assert_true(ui->find.count > 0 && ui->find.hits[0].kind == JW_PICK_EDGE);
    ui_find_open(ui, false);
}

static bool has_needs(const jw_frame *frame)
{
    for (uint32_t i = 0; i < frame->detail_count; i++)
        if (frame->details[i].relation == JW_RELATION_NEEDS && frame->details[i].watch_id == 1)
            return true;
    return false;
}

/* Things that another depends on are lines that lead there. */
static void dependencies_lead_on(void **state)
{
    (void)state;
    jw_ui *ui = open_busy("zh");
    check_street_names(ui);
    jw_pick site = asset("edge-1");
    ui_go_to(ui, &site);
    const jw_frame *frame = &ui->sides[0].newer;
    RUN_UNTIL(ui, has_needs(frame));
    for (uint32_t i = 0; i < frame->detail_count; i++) {
        char title[128] = "", key[96];
        if (frame->details[i].relation == JW_RELATION_VALUE)
            continue;
        snprintf(key, sizeof key, "detail.%s", frame->details[i].label);
        assert_string_not_equal(ui_say(ui, key), key);
        if (frame->details[i].thing.kind != JW_WATCH_NONE)
            ui_say_thing(ui, &frame->details[i].thing, title, sizeof title);
        assert_true(title[0] || frame->details[i].text[0]);
    }
    show(ui, "example-needs");
    close_ui(ui);
}

/* Sites that fail: what is lost says why, and what the signal did then. */
static void what_is_lost_says_why(void **state)
{
    (void)state;
    jw_ui *ui = open_busy("zh");
    const jw_frame *frame = &ui->sides[0].newer;
    for (uint32_t i = 0; i < frame->asset_count; i++)
        if (frame->assets[i].kind == JW_ASSET_SITE) {
            jw_command command = jw_command_make("fail_node");
            jw_command_text(&command, "name", frame->assets[i].name);
            ui_post(ui, &command);
        }
    ui_play(ui, true);
    wait_until(ui, 20);
    stop(ui);
    jw_pick camera = asset("camera-1");
    ui->settings.light = UI_LIGHT_NIGHT;
    show_example_of(ui, &camera, JW_EXAMPLE_ANY, "example-lost");
    check_words(ui);
    assert_string_equal(detail_of(ui, "outcome")->text, "lost");
    assert_string_equal(detail_of(ui, "then")->text, "local programme goes on");
    assert_non_null(detail_of(ui, "why"));
    close_ui(ui);
}

static void the_worst_is_the_worst(void **state)
{
    (void)state;
    jw_ui *ui = open_busy("en");
    jw_pick pick;
    assert_false(ui_example_worst(ui, &pick)); /* nothing is shown */
    ui_set_overlay(ui, JW_OVERLAY_LINK_LOAD);
    assert_true(ui_example_worst(ui, &pick));
    assert_int_equal(pick.kind, JW_PICK_LINK);
    const jw_frame *frame = &ui->sides[0].newer;
    double worst, value;
    assert_true(jw_view_overlay_value(JW_OVERLAY_LINK_LOAD, ui->city, frame, pick.index, &worst));
    for (uint32_t i = 0; i < frame->link_count; i++)
        if (jw_view_overlay_value(JW_OVERLAY_LINK_LOAD, ui->city, frame, i, &value))
            assert_true(value <= worst);
    show(ui, "example-city");
    ui_set_overlay(ui, JW_OVERLAY_SPEED);
    assert_true(ui_example_worst(ui, &pick));
    assert_int_equal(pick.kind, JW_PICK_EDGE);
    assert_true(frame->edges[pick.index].vehicles > 0);
    ui_example_go_worst(ui);
    wait_for_example(ui);
    assert_int_equal(ui->selection.kind, JW_PICK_EDGE);
    assert_int_equal(ui->selection.index, pick.index);
    check_hops(ui);
    show(ui, "example-worst");
    ui_example_close(ui);
    wait_for_values(ui);
    show(ui, "example-offer");
    /* Under an overlay of the network the example is that of the network. */
    ui_set_overlay(ui, JW_OVERLAY_LINK_LOAD);
    ui_example_go_worst(ui);
    wait_for_example(ui);
    assert_int_equal(ui->example.watch.example, JW_EXAMPLE_NETWORK);
    close_ui(ui);
}

/* All that is said of it is in the catalogue, but names (they have a hyphen, or are a thing's). */
static void check_values(jw_ui *ui, const jw_pick *pick, const char *picture)
{
    ui_go_to(ui, pick);
    ui->camera = ui->flight_to;
    ui->flight_begin_s = 0;
    wait_for_values(ui);
    const jw_frame *frame = &ui->sides[0].newer;
    uint32_t count = 0;
    for (uint32_t i = 0; i < frame->detail_count; i++) {
        const jw_frame_detail *detail = &frame->details[i];
        char key[96];
        if (detail->watch_id != 1)
            continue;
        count++;
        snprintf(key, sizeof key, "detail.%s", detail->label);
        if (!strchr(detail->label, '-') && strcmp(ui_say(ui, key), key) == 0)
            fail_msg("%s: no text for %s", picture, key);
    }
    assert_true(count >= 3 && ui->title[0]);
    show(ui, picture);
}

static void everything_speaks_in(const char *language)
{
    static const char *const names[JW_ASSET_KIND_COUNT] = {
        "things-site", "things-cell", "things-camera", "things-factory", "things-stop", "things-roadside"};
    jw_ui *ui = open_busy(language);
    const jw_frame *frame = &ui->sides[0].newer;
    for (uint32_t kind = 0; kind < JW_ASSET_KIND_COUNT; kind++)
        for (uint32_t i = 0; i < frame->asset_count; i++)
            if (frame->assets[i].kind == kind) {
                jw_pick pick = asset(frame->assets[i].name);
                check_values(ui, &pick, names[kind]);
                break;
            }
    jw_pick link = {.kind = JW_PICK_LINK}, vehicle = {.kind = JW_PICK_VEHICLE}, walker = vehicle;
    jw_text_copy(link.name, sizeof link.name, frame->links[0].name);
    vehicle.index = frame->vehicles[0].index1;
    vehicle.generation = frame->vehicles[0].generation;
    uint32_t driving = jw_frame_driving_count(frame);
    jw_pick things[] = {{.kind = JW_PICK_EDGE, .index = 10}, {.kind = JW_PICK_BUILDING, .index = 10}, link};
    static const char *const thing_names[] = {"things-edge", "things-building", "things-link"};
    for (uint32_t i = 0; i < JW_COUNT_OF(things); i++)
        check_values(ui, &things[i], thing_names[i]);
    check_values(ui, &vehicle, "things-vehicle");
    if (driving < frame->vehicle_count) {
        walker.index = frame->vehicles[driving].index1;
        walker.generation = frame->vehicles[driving].generation;
        check_values(ui, &walker, "things-walker");
    }
    for (uint32_t i = 0; i < ui->city->junction_count; i++)
        if (ui->city->junctions[i].programme != JW_NONE) {
            jw_pick junction = {.kind = JW_PICK_JUNCTION, .index = i};
            check_values(ui, &junction, "things-junction");
            break;
        }
    close_ui(ui);
}

static void everything_speaks_english(void **state)
{
    (void)state;
    everything_speaks_in("en");
}

static void everything_speaks_chinese(void **state)
{
    (void)state;
    everything_speaks_in("zh");
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_example_in_english, close_opened),
        cmocka_unit_test_teardown(an_example_in_chinese, close_opened),
        cmocka_unit_test_teardown(dependencies_lead_on, close_opened),
        cmocka_unit_test_teardown(everything_speaks_english, close_opened),
        cmocka_unit_test_teardown(everything_speaks_chinese, close_opened),
        cmocka_unit_test_teardown(what_is_lost_says_why, close_opened),
        cmocka_unit_test_teardown(the_worst_is_the_worst, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
