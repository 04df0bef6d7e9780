/* The tools in the window without a screen: by pointer and by keys, in both languages. With
 * JINGWEI_PICTURES=folder each state is saved there as PNG, to be looked at. */
#include "ui/ui_fixture.h"

#include <GL/glew.h>
#include <SDL2/SDL.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void move_mouse(jw_ui *ui, int x, int y)
{
    SDL_Event event = {.type = SDL_MOUSEMOTION};
    event.motion.x = x;
    event.motion.y = y;
    SDL_PushEvent(&event);
    run(ui, 0);
}

static void mouse_button(jw_ui *ui, uint32_t type, int x, int y, uint8_t clicks)
{
    SDL_Event event = {.type = type};
    event.button.button = SDL_BUTTON_LEFT;
    event.button.clicks = clicks;
    event.button.x = x;
    event.button.y = y;
    SDL_PushEvent(&event);
    run(ui, 0);
}

static void click(jw_ui *ui, int x, int y, uint8_t clicks)
{
    move_mouse(ui, x, y);
    mouse_button(ui, SDL_MOUSEBUTTONDOWN, x, y, clicks);
    mouse_button(ui, SDL_MOUSEBUTTONUP, x, y, clicks);
}

static jw_vec2 ground_at(const jw_ui *ui, int x, int y)
{
    jw_vec2 ground = {0, 0};
    jw_view_scene scene = ui_scene_of(ui, ui_part_at(ui, x));
    assert_true(jw_camera_ground(&scene.camera, scene.rect, x, y, &ground));
    return ground;
}

static void measure_by_pointer_and_by_keys(void **state)
{
    (void)state;
    jw_ui *ui = open_district("en", 1024, 640);
    press_key(ui, SDLK_m, 0);
    assert_int_equal(ui->tool.kind, UI_TOOL_DISTANCE);
    click(ui, 330, 200, 1);
    click(ui, 520, 240, 1);
    move_mouse(ui, 560, 330);
    assert_int_equal(ui->tool.count, 2);
    jw_vec2 a = ground_at(ui, 330, 200), b = ground_at(ui, 520, 240);
    assert_true(jw_abs(ui_measure_length_m(ui->tool.points, 2, false) - jw_vec2_distance(a, b)) < 1e-6);
    show(ui, "tools-distance");
    click(ui, 560, 330, 1);
    click(ui, 560, 330, 2);
    assert_true(ui->tool.is_finished && ui->tool.count == 3);
    press_key(ui, SDLK_BACKSPACE, 0);
    assert_int_equal(ui->tool.count, 2);
    press_key(ui, SDLK_m, 0);
    assert_int_equal(ui->tool.kind, UI_TOOL_AREA);
    /* Points at the cross, moved by the camera alone. */
    for (int i = 0; i < 3; i++) {
        press_key(ui, SDLK_x, 0);
        ui->camera.x_m += i == 0 ? 200 : 0;
        ui->camera.y_m += i == 1 ? 100 : 0;
    }
    press_key(ui, SDLK_RETURN, 0);
    double area_m2 = 0;
    assert_int_equal(ui_measure_area(ui->tool.points, 3, &area_m2, NULL), JW_OK);
    assert_true(jw_abs(area_m2 - 10000) < 1);
    show(ui, "tools-area");
    char path[600];
    snprintf(path, sizeof path, "%s/area.csv", ui_fixture_folder);
    assert_int_equal(ui_measure_write_csv(ui->tool.points, 3, true, path, NULL), JW_OK);
    char *text;
    size_t size;
    assert_int_equal(jw_file_read(path, 4096, &text, &size, NULL), JW_OK);
    assert_non_null(strstr(text, "point,x_m,y_m,length_m,sum_m\n1,"));
    assert_non_null(strstr(text, "\narea_m2,,,10000."));
    jw_free(text);
    unlink(path);
    press_key(ui, SDLK_ESCAPE, 0);
    assert_int_equal(ui->tool.kind, UI_TOOL_NONE);
    close_ui(ui);
}

static void a_section_is_charted(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "zh"};
    for (int i = 0; i < 2; i++) {
        jw_ui *ui = open_district(languages[i], i ? 1600 : 1024, i ? 900 : 640);
        ui->settings.light = i ? UI_LIGHT_NIGHT : UI_LIGHT_DAY;
        ui_camera_home(ui, true);
        for (int k = 0; k < 3; k++)
            press_key(ui, SDLK_m, 0);
        assert_int_equal(ui->tool.kind, UI_TOOL_SECTION);
        click(ui, 300, 220, 1);
        move_mouse(ui, 500, 250);
        click(ui, i ? 1000 : 600, 300, 1);
        const ui_section *section = &ui->tools.section;
        assert_true(section->length_m > 100 && section->count > 5);
        gui_rect rect = ui_profile_rect(ui);
        move_mouse(ui, (int)(rect.x + rect.width / 2), (int)(rect.y + rect.height / 2));
        gui_pretend_mouse(rect.x + rect.width / 2, rect.y + rect.height / 2, false);
        show(ui, i ? "tools-section-wide" : "tools-section");
        assert_true(section->length_m * 0.3 < ui->tools.section_hover_m &&
                    ui->tools.section_hover_m < section->length_m * 0.7);
        ui->tools.is_section_true = true;
        show(ui, i ? "tools-section-true-wide" : "tools-section-true");
        char path[600];
        snprintf(path, sizeof path, "%s/section.csv", ui_fixture_folder);
        assert_int_equal(ui_section_write_csv(ui, section, path, NULL), JW_OK);
        char *text;
        size_t size;
        assert_int_equal(jw_file_read(path, 1 << 20, &text, &size, NULL), JW_OK);
        assert_non_null(strstr(text, "\nbuilding,\""));
        assert_non_null(strstr(text, "\nstreet,\""));
        jw_free(text);
        unlink(path);
        press_key(ui, SDLK_ESCAPE, 0);
        assert_int_equal(ui->tools.section.count, 0);
        close_ui(ui);
    }
}

/* What a tool holds of a city goes with it, also when the next one comes by a file dropped on the window. */
static void tools_are_left_with_their_city(void **state)
{
    (void)state;
    jw_ui *ui = open_district("en", 1024, 640);
    for (int k = 0; k < 3; k++)
        press_key(ui, SDLK_m, 0);
    click(ui, 300, 220, 1);
    click(ui, 600, 300, 1);
    assert_true(ui->tools.section.count > 5);
    ui->build.picks[0] = ui->build.picks[1] =
        (jw_pick){.kind = JW_PICK_EDGE, .index = ui->city->edge_count - 1};
    ui->build.pick_count = 2;
    ui->build.is_pending = true;
    uint32_t edges_before = ui->city->edge_count;
    load(ui, JW_SOURCE_FOLDER "/tests/data/village.osm");
    assert_int_equal(ui->dialog.code, JW_OK);
    assert_true(ui->city->edge_count < edges_before);
    assert_int_equal(ui->tool.kind, UI_TOOL_NONE);
    assert_true(ui->tools.section.count == 0 && ui->tools.section.parts == NULL);
    assert_true(ui->build.pick_count == 0 && !ui->build.is_pending);
    ui_build_begin(ui, UI_BUILD_BUS_LINE);
    show(ui, "tools-another-city");
    close_ui(ui);
}

static void notes_are_typed_kept_and_found_again(void **state)
{
    (void)state;
    jw_ui *ui = open_district("zh", 1024, 640);
    char path[600];
    snprintf(path, sizeof path, "%s/notes.txt", ui_fixture_folder);
    jw_text_copy(ui->tools.book_path, sizeof ui->tools.book_path, path);
    press_key(ui, SDLK_m, KMOD_SHIFT);
    assert_int_equal(ui->tool.kind, UI_TOOL_NOTE);
    jw_vec2 place = ground_at(ui, 450, 250);
    click(ui, 450, 250, 1);
    assert_int_equal(ui->tool.kind, UI_TOOL_NONE);
    assert_int_equal(ui->tools.edited, 0);
    show(ui, "tools-note-empty");
    SDL_Event typed = {.type = SDL_TEXTINPUT}; /* as an input method sends it */
    jw_text_copy(typed.text.text, sizeof typed.text.text, "学校门口");
    SDL_PushEvent(&typed);
    run(ui, 0);
    jw_text_copy(typed.text.text, sizeof typed.text.text, " slow?");
    SDL_PushEvent(&typed);
    run(ui, 0);
    show(ui, "tools-note");
    assert_string_equal(ui->tools.book.notes[0].text, "学校门口 slow?");
    press_key(ui, SDLK_ESCAPE, 0);
    ui_notes_edit(ui, JW_NONE);
    ui_notes_keep(ui);
    ui_notebook book = {0};
    assert_int_equal(ui_notebook_read(&book, path, NULL), JW_OK);
    assert_int_equal(book.note_count, 1);
    assert_string_equal(book.notes[0].text, "学校门口 slow?");
    assert_true(jw_abs(book.notes[0].x_m - place.x) < 0.01 && jw_abs(book.notes[0].y_m - place.y) < 0.01);
    ui_notebook_free(&book);
    click(ui, 450, 250, 1); /* its pin */
    assert_int_equal(ui->tools.edited, 0);
    press_key(ui, SDLK_ESCAPE, 0);
    run(ui, 0);
    press_key(ui, SDLK_ESCAPE, 0);
    /* One that is left without a word goes. */
    ui_notes_pin(ui, (jw_vec2){0, 0});
    assert_int_equal(ui->tools.book.note_count, 2);
    ui_notes_edit(ui, JW_NONE);
    assert_int_equal(ui->tools.book.note_count, 1);
    unlink(path);
    close_ui(ui);
}

/* The sum of the pixels of the drawer. */
static uint64_t drawer_sum(jw_ui *ui, const char *text)
{
    jw_text_copy(ui->tools.book.notes[0].text, UI_NOTE_SIZE, text);
    show(ui, "tools-note-list");
    gui_rect drawer = ui_layout_of(ui).drawer;
    int width = (int)drawer.width - 20, height = 300;
    uint8_t *pixels = jw_alloc((size_t)(width * height * 4));
    assert_non_null(pixels);
    glReadPixels((int)drawer.x + 10, ui->height_px - (int)drawer.y - 340, width, height, GL_RGBA,
                 GL_UNSIGNED_BYTE, pixels);
    uint64_t sum = jw_hash_bytes(0, pixels, (size_t)(width * height * 4));
    jw_free(pixels);
    return sum;
}

/* A note still being typed is kept when another city comes; and signs that mean something to the list's rows
 * are but text. */
static void a_note_is_text_and_outlives_its_city(void **state)
{
    (void)state;
    jw_ui *ui = open_district("en", 1024, 640);
    char path[600];
    snprintf(path, sizeof path, "%s/notes.txt", ui_fixture_folder);
    jw_text_copy(ui->tools.book_path, sizeof ui->tools.book_path, path);
    ui_notes_pin(ui, (jw_vec2){10, 20});
    ui->tools.edited = JW_NONE;
    ui->tools.hides_notes = true;
    uint64_t cut = drawer_sum(ui, "gate"), whole = drawer_sum(ui, "gate ## 3"),
             other = drawer_sum(ui, "gate ## 4");
    assert_true(cut == drawer_sum(ui, "gate"));
    assert_true(whole != cut && other != whole);
    ui->tools.edited = 0; /* being typed */
    jw_text_copy(ui->tools.book.notes[0].text, UI_NOTE_SIZE, "half a thou");
    load(ui, JW_SOURCE_FOLDER "/tests/data/village.osm");
    assert_int_equal(ui->tools.book.note_count, 0);
    ui_notebook book = {0};
    assert_int_equal(ui_notebook_read(&book, path, NULL), JW_OK);
    assert_int_equal(book.note_count, 1);
    assert_string_equal(book.notes[0].text, "half a thou");
    ui_notebook_free(&book);
    unlink(path);
    close_ui(ui);
}

static void the_camera_walks_and_flies_its_way(void **state)
{
    (void)state;
    jw_ui *ui = open_district("en", 1024, 640);
    jw_camera home = ui->camera;
    ui->tab = UI_TAB_TOOLS;
    ui->tools.page = UI_TOOLS_CAMERA;
    press_key(ui, SDLK_v, 0);
    ui->camera.distance_m /= 4;
    press_key(ui, SDLK_v, 0);
    ui->camera.heading_rad += 1;
    press_key(ui, SDLK_v, 0);
    assert_int_equal(ui->tools.book.path.count, 3);
    show(ui, "tools-camera");
    press_key(ui, SDLK_p, 0);
    assert_true(ui->tools.is_path_playing);
    ui_path_tick(ui, ui_path_duration_s(&ui->tools.book.path) / 2);
    assert_true(ui->camera.distance_m < home.distance_m * 0.99);
    /* With less motion the second third of the time is the second view's, unmoved, and nothing fades. */
    ui->settings.reduces_motion = true;
    assert_true(ui_scene_of(ui, 0).reduces_motion);
    ui_path_tick(ui, ui_path_duration_s(&ui->tools.book.path) / 10);
    assert_true(jw_abs(ui->camera.distance_m - home.distance_m / 4) < 1e-6 &&
                jw_abs(ui->camera.heading_rad - home.heading_rad) < 1e-6);
    ui->settings.reduces_motion = false;
    press_key(ui, SDLK_p, 0);
    assert_false(ui->tools.is_path_playing);
    ui->camera = home;
    press_key(ui, SDLK_g, 0);
    assert_true(ui->tools.walk.is_on);
    ui_walk walk = ui->tools.walk;
    jw_camera seen = ui->camera;
    double eye_z_m = seen.z_m + seen.distance_m * jw_sin(seen.pitch_rad);
    assert_true(jw_abs(eye_z_m - 1.7) < 1e-9);
    for (int i = 0; i < 20; i++)
        ui_walk_go(ui, 1, 0, false, 0.1);
    double gone_m =
        jw_vec2_distance((jw_vec2){walk.x_m, walk.y_m}, (jw_vec2){ui->tools.walk.x_m, ui->tools.walk.y_m});
    assert_true(gone_m <= 2.8 + 1e-6); /* two seconds at 1.4 m/s, less along a wall */
    show(ui, "tools-walk");
    press_key(ui, SDLK_ESCAPE, 0);
    assert_false(ui->tools.walk.is_on);
    assert_true(jw_abs(ui->camera.distance_m - home.distance_m) < 1e-6);
    close_ui(ui);
}

static void a_seat_is_taken_and_left(void **state)
{
    (void)state;
    jw_ui *ui = open_district("en", 1024, 640);
    play_for(ui, 40);
    stop(ui);
    const jw_frame *frame = &ui->sides[0].newer;
    uint32_t car = 0;
    while (car < frame->vehicle_count && frame->vehicles[car].vehicle_class != JW_VEHICLE_CAR)
        car++;
    assert_true(car < frame->vehicle_count);
    jw_pick pick = {JW_PICK_VEHICLE, frame->vehicles[car].index1, frame->vehicles[car].generation, ""};
    ui_select(ui, 0, &pick);
    while (ui->follow != UI_FOLLOW_SEAT)
        press_key(ui, SDLK_f, 0);
    show(ui, "tools-seat");
    double eye_z_m = ui->camera.z_m + ui->camera.distance_m * jw_sin(ui->camera.pitch_rad);
    assert_true(eye_z_m > 1 && eye_z_m < 9);
    double eye_x_m = ui->camera.x_m - ui->camera.distance_m * jw_cos(ui->camera.heading_rad);
    assert_true(jw_abs(eye_x_m - (double)ui->sides[0].newer.vehicles[car].x_m) < 30);
    press_key(ui, SDLK_f, 0);
    assert_int_equal(ui->follow, UI_FOLLOW_NOT);
    assert_true(ui->camera.distance_m > 12.5);
    close_ui(ui);
}

static void two_views_of_one_city(void **state)
{
    (void)state;
    jw_ui *ui = open_district("zh", 1600, 900);
    ui->tab = UI_TAB_TOOLS;
    ui->tools.page = UI_TOOLS_CAMERA;
    press_key(ui, SDLK_BACKSLASH, 0);
    assert_int_equal(ui_part_count(ui), 2);
    jw_view_rect left = ui_side_rect(ui, 0), right = ui_side_rect(ui, 1);
    assert_true(jw_abs(left.width_px - right.width_px) <= 2);
    press_key(ui, SDLK_PERIOD, KMOD_SHIFT); /* the line goes to the right, and back */
    assert_true(ui_side_rect(ui, 0).width_px > left.width_px + 10);
    press_key(ui, SDLK_COMMA, KMOD_SHIFT);
    assert_true(jw_abs(ui_side_rect(ui, 0).width_px - left.width_px) <= 1);
    ui_set_overlay(ui, JW_OVERLAY_SPEED);
    show(ui, "tools-split");
    assert_int_equal(ui_scene_of(ui, 1).overlay, JW_OVERLAY_NONE);
    /* The pointer picks in the part that it is in. */
    jw_pick picks[2];
    for (uint32_t part = 0; part < 2; part++) {
        jw_view_rect rect = ui_side_rect(ui, part);
        jw_view_scene scene = ui_scene_of(ui, part);
        picks[part] = jw_view_pick(ui->view, &scene, rect.x_px + rect.width_px / 2, 420);
    }
    assert_int_equal(picks[0].kind, picks[1].kind);
    assert_int_equal(picks[0].index, picks[1].index);
    /* Apart: what is turned in one stands in the other. */
    press_key(ui, SDLK_BACKSLASH, KMOD_SHIFT);
    jw_camera before = ui->camera;
    click(ui, right.x_px + right.width_px / 2, 300, 1);
    assert_int_equal(ui->tools.split.acting, 1);
    assert_int_equal(ui->overlay, JW_OVERLAY_NONE);
    ui->camera.distance_m /= 3;
    assert_true(ui_scene_of(ui, 0).camera.distance_m == before.distance_m);
    assert_true(ui_scene_of(ui, 1).camera.distance_m < before.distance_m / 2);
    assert_int_equal(ui_scene_of(ui, 0).overlay, JW_OVERLAY_SPEED);
    /* Each part has values of its own overlay: streets' delay here, a map of the radio there. */
    ui_set_overlay(ui, JW_OVERLAY_SINR);
    ui_split_touch(ui, 0);
    ui_set_overlay(ui, JW_OVERLAY_DELAY);
    RUN_UNTIL(ui, ui_is_answered(ui));
    jw_view_scene scenes[2] = {ui_scene_of(ui, 0), ui_scene_of(ui, 1)};
    assert_int_equal(scenes[0].overlay, JW_OVERLAY_DELAY);
    assert_int_equal(scenes[1].overlay, JW_OVERLAY_SINR);
    bool has_delay = false;
    for (uint32_t i = 0; i < scenes[0].frame_b->edge_count && !has_delay; i++) {
        double value;
        has_delay = jw_view_overlay_value(scenes[0].overlay, ui->city, scenes[0].frame_b, i, &value);
    }
    assert_true(has_delay);
    assert_non_null(jw_view_overlay_raster(scenes[1].overlay, scenes[1].frame_b));
    show(ui, "tools-split-overlays");
    ui_split_touch(ui, 1);
    /* The divider. */
    int middle = right.x_px - 1;
    mouse_button(ui, SDL_MOUSEBUTTONDOWN, middle, 450, 1);
    move_mouse(ui, middle + 150, 450);
    mouse_button(ui, SDL_MOUSEBUTTONUP, middle + 150, 450, 1);
    assert_true(ui_side_rect(ui, 0).width_px > left.width_px + 100);
    show(ui, "tools-split-apart");
    /* Home: the city is in the middle of each, farther away in the narrower. */
    ui_camera_home(ui, true);
    jw_vec2 middles[2];
    for (uint32_t part = 0; part < 2; part++) {
        jw_camera camera = ui_part_camera(ui, part);
        jw_view_rect rect = ui_side_rect(ui, part);
        assert_true(jw_camera_ground(&camera, rect, rect.x_px + rect.width_px / 2.0, 350, &middles[part]));
    }
    assert_true(jw_vec2_distance(middles[0], middles[1]) < 300);
    assert_true(ui_part_camera(ui, 1).distance_m > 1.2 * ui_part_camera(ui, 0).distance_m);
    press_key(ui, SDLK_BACKSLASH, 0);
    assert_int_equal(ui_part_count(ui), 1);
    assert_false(ui->is_drawer_closed);
    close_ui(ui);
}

static void two_views_have_room(void **state)
{
    (void)state;
    jw_ui *ui = open_district("en", 1280, 720);
    press_key(ui, SDLK_BACKSLASH, 0); /* the drawer makes room, and is there again */
    assert_true(ui->is_drawer_closed);
    assert_true(ui_side_rect(ui, 0).width_px > 480);
    press_key(ui, SDLK_BACKSLASH, 0);
    assert_false(ui->is_drawer_closed);
    /* However narrow the window: both are there, one beside the other. */
    ui_split_set(ui, true);
    int width_px = ui->width_px;
    for (ui->width_px = 1; ui->width_px < width_px; ui->width_px += 7) {
        jw_view_rect left = ui_side_rect(ui, 0), right = ui_side_rect(ui, 1);
        assert_true(left.x_px >= 0 && left.width_px > 0 && right.width_px > 0);
        assert_true(right.x_px >= left.x_px + left.width_px);
        assert_true(right.x_px + right.width_px <= ui->width_px + 2);
    }
    ui->width_px = width_px;
    close_ui(ui);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(measure_by_pointer_and_by_keys, close_opened),
        cmocka_unit_test_teardown(a_section_is_charted, close_opened),
        cmocka_unit_test_teardown(tools_are_left_with_their_city, close_opened),
        cmocka_unit_test_teardown(notes_are_typed_kept_and_found_again, close_opened),
        cmocka_unit_test_teardown(a_note_is_text_and_outlives_its_city, close_opened),
        cmocka_unit_test_teardown(the_camera_walks_and_flies_its_way, close_opened),
        cmocka_unit_test_teardown(a_seat_is_taken_and_left, close_opened),
        cmocka_unit_test_teardown(two_views_of_one_city, close_opened),
        cmocka_unit_test_teardown(two_views_have_room, close_opened),
    };
    if (!ui_fixture_begin())
        return 77;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
