/* The view by day, by night, at street level and under an overlay against pictures in tests/data/golden. */
#include "view/gl_debug.h"
#include "view/golden.h"
#include "view/view_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Those of overlays are smaller: there are many. */
enum { WIDTH = 320, HEIGHT = 200, SMALL_WIDTH = 128, SMALL_HEIGHT = 80 };

static jw_city *city;
static jw_view *view;
static jw_frame frame;

static void compare(const char *name, const jw_view_scene *scene)
{
    char path[1024];
    jw_error error = {0};
    bool is_plain = scene->overlay == JW_OVERLAY_NONE;
    golden_path(name, path, sizeof path);
    if (jw_view_save_png(view, scene, is_plain ? WIDTH : SMALL_WIDTH, is_plain ? HEIGHT : SMALL_HEIGHT, path,
                         &error) != JW_OK)
        fail_msg("%s", error.message);
    golden_compare(name, path);
}

static jw_view_scene scene_at(double hour)
{
    return (jw_view_scene){.frame_b = &frame,
                           .camera = jw_camera_fit(city->bounds, (double)WIDTH / HEIGHT),
                           .rect = {0, 0, WIDTH, HEIGHT},
                           .hour = hour,
                           .animation_s = 1.25};
}

static void by_day(void **state)
{
    (void)state;
    jw_view_scene scene = scene_at(12);
    compare("view_day", &scene);
}

static void by_night(void **state)
{
    (void)state;
    jw_view_scene scene = scene_at(21);
    compare("view_night", &scene);
}

static void at_street_level(void **state)
{
    (void)state;
    jw_view_scene scene = scene_at(9);
    scene.camera =
        (jw_camera){.x_m = 240, .y_m = 240, .heading_rad = 0.5, .pitch_rad = 0.35, .distance_m = 75};
    compare("view_street", &scene);
}

/* Shadow maps and contact shading: a low sun over the junction. */
static void on_the_gpu_tier(void **state)
{
    (void)state;
    jw_view_scene scene = scene_at(8);
    scene.camera =
        (jw_camera){.x_m = 240, .y_m = 240, .heading_rad = 2.2, .pitch_rad = 0.5, .distance_m = 110};
    jw_view_set_tier(view, JW_VIEW_GPU);
    compare("view_gpu", &scene);
    jw_view_set_tier(view, JW_VIEW_SOFTWARE);
}

static void overlays(void **state)
{
    (void)state;
    for (int overlay = JW_OVERLAY_SPEED; overlay < JW_OVERLAY_COUNT; overlay++) {
        jw_view_scene scene = scene_at(12);
        char name[64];
        scene.overlay = (jw_view_overlay)overlay;
        snprintf(name, sizeof name, "view_%s", jw_view_overlay_info(scene.overlay)->id);
        compare(name, &scene);
    }
}

/* The world stands, and what was lent of an earlier instant is answered for this one. */
static void an_answer_is_shown(void **state)
{
    (void)state;
    static uint8_t before[SMALL_WIDTH * SMALL_HEIGHT * 3], after[SMALL_WIDTH * SMALL_HEIGHT * 3];
    jw_view_scene scene = scene_at(12);
    scene.overlay = JW_OVERLAY_FLOW;
    assert_int_equal(jw_view_read_pixels(view, &scene, SMALL_WIDTH, SMALL_HEIGHT, before, NULL), JW_OK);
    float *kept = malloc(frame.raster_value_count * sizeof *kept);
    assert_non_null(kept);
    memcpy(kept, frame.raster_values, frame.raster_value_count * sizeof *kept);
    for (uint32_t i = 0; i < frame.raster_value_count; i++)
        frame.raster_values[i] = 0;
    frame.version++;
    assert_int_equal(jw_view_read_pixels(view, &scene, SMALL_WIDTH, SMALL_HEIGHT, after, NULL), JW_OK);
    assert_memory_not_equal(before, after, sizeof before);
    memcpy(frame.raster_values, kept, frame.raster_value_count * sizeof *kept);
    frame.version++;
    free(kept);
}

/* The other palettes, one overlay each. */
static void palettes(void **state)
{
    (void)state;
    for (int palette = JW_PALETTE_CIVIDIS; palette < JW_PALETTE_COUNT; palette++) {
        jw_view_scene scene = scene_at(12);
        char name[64];
        scene.overlay = JW_OVERLAY_LATENCY;
        scene.palette = (jw_view_palette)palette;
        snprintf(name, sizeof name, "view_%s", jw_view_palette_name(scene.palette));
        compare(name, &scene);
    }
}

/* A cut fibre has no colour of the legend: it is dashed, with a gap. */
static void a_cut_fibre(void **state)
{
    (void)state;
    frame.links[0].is_up = 0;
    jw_view_scene scene = scene_at(12);
    scene.overlay = JW_OVERLAY_LINK_LOAD;
    compare("view_cut", &scene);
    frame.links[0].is_up = 1;
}

/* The same picture twice is the same, byte for byte. */
static void pictures_repeat(void **state)
{
    (void)state;
    static uint8_t a[WIDTH * HEIGHT * 3], b[WIDTH * HEIGHT * 3];
    jw_view_scene scene = scene_at(19);
    assert_int_equal(jw_view_read_pixels(view, &scene, WIDTH, HEIGHT, a, NULL), JW_OK);
    assert_int_equal(jw_view_read_pixels(view, &scene, WIDTH, HEIGHT, b, NULL), JW_OK);
    assert_memory_equal(a, b, sizeof a);
    jw_error error = {0};
    assert_int_equal(jw_view_read_pixels(view, &scene, 0, HEIGHT, b, &error), JW_ERROR_INPUT);
    assert_int_not_equal(jw_view_save_png(view, &scene, 8, 8, "no/such/folder/a.png", &error), JW_OK);
}

int main(void)
{
    jw_view_window *window = view_fixture_window(WIDTH, HEIGHT);
    if (!window)
        return 77;
    gl_debug_listen();
    city = view_fixture_city();
    view_fixture_frame(city, &frame);
    jw_view_mesh *mesh;
    jw_error error = {0};
    if (jw_view_mesh_build(city, NULL, NULL, NULL, &mesh, &error) != JW_OK ||
        jw_view_create(mesh, JW_VIEW_SOFTWARE, &view, &error) != JW_OK) {
        printf("%s: %s\n", error.file, error.message);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_day),          cmocka_unit_test(by_night),
        cmocka_unit_test(at_street_level), cmocka_unit_test(on_the_gpu_tier),
        cmocka_unit_test(overlays),        cmocka_unit_test(an_answer_is_shown),
        cmocka_unit_test(palettes),        cmocka_unit_test(a_cut_fibre),
        cmocka_unit_test(pictures_repeat),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    jw_view_destroy(view);
    jw_frame_free(&frame);
    jw_city_release(city);
    jw_view_window_destroy(window);
    return failed || gl_debug_count() != 0 || jw_allocated_bytes() != 0;
}
