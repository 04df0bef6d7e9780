/* Names in the picture: they come, stay while they fit, fade, and cost nothing while nothing moves. */
#include "base/test_base.h"
#include "view/gl_debug.h"
#include "view/golden.h"
#include "view/names_fixture.h"
#include "view/view_fixture.h"
#include "view/view_labels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 320, HEIGHT = 200, MANY = 2000 };

static jw_city *city;
static jw_view *view;
static const char *font;

static jw_view_scene scene_of(jw_language language)
{
    return (jw_view_scene){
        .camera = {.x_m = 0, .y_m = 40, .heading_rad = 1.7, .pitch_rad = 0.9, .distance_m = 1350},
        .rect = {0, 0, WIDTH, HEIGHT},
        .hour = 12,
        .reduces_motion = true,
        .language = language};
}

static void draw(const jw_view_scene *scene)
{
    jw_error error = {0};
    if (jw_view_draw(view, scene, &error) != JW_OK)
        fail_msg("%s", error.message);
}

static uint32_t draw_until_settled(const jw_view_scene *scene)
{
    uint64_t shown[256];
    do
        draw(scene);
    while (!jw_view_names_are_settled(view));
    return jw_view_labels_shown(view, shown, 256);
}

static void without_a_font_there_are_no_names(void **state)
{
    (void)state;
    jw_view_scene scene = scene_of(JW_LANGUAGE_ZH);
    jw_error error = {0};
    assert_int_equal(jw_view_set_font(view, "/no/such/font.ttf", 0, &error), JW_ERROR_NOT_FOUND);
    assert_int_equal(draw_until_settled(&scene), 0);
    assert_int_equal(jw_view_set_font(view, NULL, 0, &error), JW_OK);
    assert_int_equal(draw_until_settled(&scene), 0);
    assert_int_equal(jw_view_set_font(view, font, 0, &error), JW_OK);
    assert_true(draw_until_settled(&scene) >= 5);
    scene.hides_labels = true;
    assert_int_equal(draw_until_settled(&scene), 0);
}

static void pictures(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        jw_language language;
        double hour;
    } all[] = {{"names_en", JW_LANGUAGE_EN, 12}, {"names_zh", JW_LANGUAGE_ZH, 22}};
    for (uint32_t i = 0; i < JW_COUNT_OF(all); i++) {
        char path[1024];
        jw_error error = {0};
        jw_view_scene scene = scene_of(all[i].language);
        scene.hour = all[i].hour;
        assert_int_equal(jw_view_save_png(view, &scene, WIDTH, HEIGHT,
                                          golden_path(all[i].name, path, sizeof path), &error),
                         JW_OK);
        golden_compare(all[i].name, path);
    }
    char path[1024];
    jw_error error = {0};
    jw_view_scene scene = scene_of(JW_LANGUAGE_ZH);
    scene.camera =
        (jw_camera){.y_m = -700000, .heading_rad = JW_PI / 2, .pitch_rad = 1.4, .distance_m = 4.2e6};
    assert_int_equal(jw_view_save_png(view, &scene, WIDTH, HEIGHT,
                                      golden_path("names_country", path, sizeof path), &error),
                     JW_OK);
    golden_compare("names_country", path);
}

/* Names stay inside the room that panels leave. */
static void names_keep_to_their_room(void **state)
{
    (void)state;
    jw_view_scene scene = scene_of(JW_LANGUAGE_ZH);
    uint32_t all = draw_until_settled(&scene);
    scene.label_room = (jw_view_rect){0, 0, WIDTH / 2, HEIGHT};
    uint32_t half = draw_until_settled(&scene);
    assert_true(half > 0 && half < all);
    scene.label_room = (jw_view_rect){0, 0, 4, 4};
    assert_int_equal(draw_until_settled(&scene), 0);
}

static void names_fade_in_and_out(void **state)
{
    (void)state;
    jw_view_scene scene = scene_of(JW_LANGUAGE_ZH);
    scene.reduces_motion = false;
    scene.camera.x_m += 1; /* another picture than before */
    scene.label_room = (jw_view_rect){0, 0, 4, 4};
    draw_until_settled(&scene);
    scene.label_room = (jw_view_rect){0};
    double begin_s = jw_clock_seconds();
    draw(&scene);
    assert_false(jw_view_names_are_settled(view));
    assert_false(jw_view_is_still(view));
    assert_true(draw_until_settled(&scene) >= 5);
    assert_true(jw_clock_seconds() - begin_s > 0.1);
    scene.label_room = (jw_view_rect){0, 0, 4, 4};
    draw(&scene);
    uint64_t shown[8];
    assert_true(jw_view_labels_shown(view, shown, 8) > 0); /* going */
    assert_int_equal(draw_until_settled(&scene), 0);
}

static bool has(const uint64_t *ids, uint32_t count, uint64_t id)
{
    for (uint32_t i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* While the camera turns and comes nearer no name goes and comes again within a few pictures. */
static void names_do_not_flicker(void **state)
{
    (void)state;
    enum { STEPS = 120, BACK = 6, MOST = 200 };
    static uint64_t shown[STEPS][MOST];
    uint32_t count[STEPS], gone = 0, flickers = 0;
    for (int i = 0; i < STEPS; i++) {
        jw_view_scene scene = scene_of(JW_LANGUAGE_EN);
        scene.camera.heading_rad += 0.004 * i;
        scene.camera.distance_m *= 1 - 0.003 * i;
        draw_until_settled(&scene);
        count[i] = jw_view_labels_shown(view, shown[i], MOST);
        for (uint32_t k = 0; i > 0 && k < count[i - 1]; k++)
            gone += !has(shown[i], count[i], shown[i - 1][k]);
        for (uint32_t k = 0; i > BACK && k < count[i]; k++)
            flickers += !has(shown[i - 1], count[i - 1], shown[i][k]) &&
                        (has(shown[i - 2], count[i - 2], shown[i][k]) ||
                         has(shown[i - BACK], count[i - BACK], shown[i][k]));
    }
    print_message("%u names went over %d pictures, %u of them came again at once\n", gone, STEPS, flickers);
    assert_true(flickers <= 2);
}

static uint32_t letters_of(const jw_view_scene *scene)
{
    draw_until_settled(scene);
    return view->labels->slot->letters.count;
}

/* Of equal counts, at the same addresses and of the same revision: what is written follows all the same. */
static void names_follow_what_is_named(void **state)
{
    (void)state;
    jw_view_scene scene = scene_of(JW_LANGUAGE_EN);
    uint32_t plain = letters_of(&scene);
    jw_view_note note = {.y_m = 60, .text = "A"};
    scene.notes = &note;
    scene.note_count = 1;
    uint32_t one = letters_of(&scene);
    assert_true(one > plain);
    jw_text_copy(note.text, sizeof note.text, "AAAA");
    assert_true(letters_of(&scene) > one);
    note.x_m = 1e6;
    assert_int_equal(letters_of(&scene), plain);
    jw_frame_asset asset = {.name = "a", .kind = JW_ASSET_SITE, .tier = 4, .is_up = true, .y_m = 60};
    jw_frame frame = {.version = 1, .assets = &asset, .asset_count = 1};
    scene.frame_b = &frame;
    scene.note_count = 0;
    uint32_t named = letters_of(&scene);
    assert_true(named > plain);
    jw_text_copy(asset.name, sizeof asset.name, "aaa");
    frame.version++;
    assert_true(letters_of(&scene) > named);
    asset.x_m = 1e6f;
    frame.version = 0; /* nobody counts */
    assert_int_equal(letters_of(&scene), plain);
}

/* 2,000 names in sight: nothing is done while nothing moves. Processor time. */
static void many_names_cost_little(void **state)
{
    (void)state;
    mesh_names *names = &view->mesh->names;
    uint32_t kept = names->count;
    assert_int_equal(jw_grow(&names->items, &names->capacity, kept + MANY, sizeof *names->items, NULL),
                     JW_OK);
    for (uint32_t i = 0; i < MANY; i++)
        names->items[names->count++] = (mesh_name){.kind = NAME_STATION,
                                                   .text = names->items[i % kept].text,
                                                   .line = JW_NONE,
                                                   .x = (float)(i % 50) * 20 - 500,
                                                   .y = (float)i / 50 * 20 - 400};
    jw_view_scene scene = scene_of(JW_LANGUAGE_EN);
    draw_until_settled(&scene);
    jw_error error = {0};
    enum { TIMES = 200 };
    double begin_s = jw_view_processor_s();
    for (int i = 0; i < TIMES; i++)
        assert_int_equal(jw_view_labels_prepare(view, &scene, WIDTH, HEIGHT, &error), JW_OK);
    double still_ms = (jw_view_processor_s() - begin_s) * 1e3 / TIMES;
    begin_s = jw_view_processor_s();
    for (int i = 0; i < TIMES; i++) {
        scene.camera.heading_rad += 1e-4;
        assert_int_equal(jw_view_labels_prepare(view, &scene, WIDTH, HEIGHT, &error), JW_OK);
    }
    double moving_ms = (jw_view_processor_s() - begin_s) * 1e3 / TIMES;
    print_message("%u names: %.4f ms a picture when nothing moves, %.3f ms when the camera does\n",
                  names->count, still_ms, moving_ms);
    names->count = kept;
    assert_true(still_ms < 0.3);
}

int main(void)
{
    if (!(font = names_fixture_font()))
        return 77;
    jw_view_window *window = view_fixture_window(WIDTH, HEIGHT);
    if (!window)
        return 77;
    gl_debug_listen();
    city = names_fixture_city();
    jw_view_mesh *mesh;
    jw_error error = {0};
    if (jw_view_mesh_build(city, NULL, NULL, NULL, &mesh, &error) != JW_OK ||
        jw_view_create(mesh, JW_VIEW_SOFTWARE, &view, &error) != JW_OK) {
        printf("%s\n", error.message);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_font_there_are_no_names),
        cmocka_unit_test(pictures),
        cmocka_unit_test(names_keep_to_their_room),
        cmocka_unit_test(names_fade_in_and_out),
        cmocka_unit_test(names_do_not_flicker),
        cmocka_unit_test(names_follow_what_is_named),
        cmocka_unit_test(many_names_cost_little),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    jw_view_destroy(view);
    jw_city_release(city);
    jw_view_window_destroy(window);
    if (gl_debug_count() > 0 || jw_allocated_bytes() > 0) {
        printf("%u complaints of the driver, %zu bytes kept\n", gl_debug_count(),
               (size_t)jw_allocated_bytes());
        return 1;
    }
    return failed;
}
