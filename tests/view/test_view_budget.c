/* In the software tier no place of any scene or map takes more than 60,000 triangles a picture. With a map as
 * argument it is looked at alone. */
#include "script/script.h"
#include "view/gl_debug.h"
#include "view/view_fixture.h"

#include <GL/glew.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { WIDTH = 960, HEIGHT = 540, BUDGET = 60000, VEHICLES = 10000 };

static jw_view_window *window;

static jw_city *city_of(const char *path)
{
    jw_scene *scene;
    jw_problems problems = {0};
    jw_twin_def def = {0};
    jw_error error = {0};
    if (jw_scene_open(path, &scene, &problems, &error) != JW_OK ||
        jw_scene_build(scene, 2, &problems, NULL, NULL, &def, &error) != JW_OK)
        fail_msg("%s: %s", path, error.message);
    jw_city *city = jw_city_retain(def.city);
    jw_twin_def_free(&def);
    jw_scene_close(scene);
    jw_problems_free(&problems);
    return city;
}

static uint32_t most_triangles(const char *path)
{
    jw_error error = {0};
    jw_view_mesh *mesh;
    jw_view *view;
    jw_city *city = city_of(path);
    if (jw_view_mesh_build(city, &(jw_view_mesh_def){.light_size_px = 512}, NULL, NULL, &mesh, &error) !=
            JW_OK ||
        jw_view_create(mesh, JW_VIEW_SOFTWARE, &view, &error) != JW_OK)
        fail_msg("%s: %s", path, error.message);
    jw_frame frame = {.time_ns = 12 * 3600 * JW_NS_PER_S};
    view_fixture_park(city, VEHICLES, &frame);
    jw_view_scene scene = {
        .frame_b = &frame, .rect = {0, 0, WIDTH, HEIGHT}, .framebuffer_height_px = HEIGHT, .hour = 12};
    jw_box all = jw_view_core_bounds(city), dense = jw_view_dense_bounds(city, 3000);
    double whole_m = jw_camera_fit(city->bounds, (double)WIDTH / HEIGHT).distance_m;
    uint32_t most = 0;
    for (int place = 0; place < 5; place++) {
        const jw_box *box = place < 3 ? &dense : &all;
        double x_m = box->min_x + (box->max_x - box->min_x) * (0.5 + 0.3 * (place % 3 - 1));
        double y_m = box->min_y + (box->max_y - box->min_y) * (0.5 + 0.3 * (place % 2));
        int step = 0;
        for (double distance_m = 60; distance_m < whole_m * 3; distance_m *= 1.9, step++) {
            scene.camera = (jw_camera){.x_m = x_m,
                                       .y_m = y_m,
                                       .heading_rad = 0.9 * (step + place),
                                       .pitch_rad = 0.12 + 0.35 * ((step + place) % 5),
                                       .distance_m = distance_m};
            if (jw_view_draw(view, &scene, &error) != JW_OK)
                fail_msg("%s", error.message);
            uint32_t triangles = jw_view_get_counters(view).triangles;
            most = triangles > most ? triangles : most;
            if (triangles > BUDGET)
                printf("%s: %u triangles from %.0f m, pitch %.2f, heading %.2f\n", path, triangles,
                       distance_m, scene.camera.pitch_rad, scene.camera.heading_rad);
        }
    }
    jw_view_destroy(view);
    jw_frame_free(&frame);
    jw_city_release(city);
    assert_int_equal(gl_debug_count(), 0);
    return most;
}

static void check(const char *folder, const char *const *names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char path[600];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        uint32_t most = most_triangles(path);
        printf("%s: at most %u triangles\n", names[i], most);
        assert_true(most > 5000 && most <= BUDGET);
    }
}

static void shipped_scenes_keep_the_budget(void **state)
{
    (void)state;
    static const char *const names[] = {"district.lua", "xiongan.lua", "east_west.lua", "parks.lua"};
    check(JW_SOURCE_FOLDER "/scenes", names, JW_COUNT_OF(names));
}

static void real_maps_keep_the_budget(void **state)
{
    (void)state;
    static const char *const names[] = {"monaco.osm.gz", "krems.osm.gz", "shanghai_center.osm.gz",
                                        "liechtenstein-latest.osm.pbf"};
    const char *folder = getenv("JINGWEI_DATA");
    if (!folder) {
        print_message("JINGWEI_DATA is not set: no maps\n");
        skip();
    }
    check(folder, names, JW_COUNT_OF(names));
}

int main(int argc, char **argv)
{
    window = view_fixture_window(WIDTH, HEIGHT);
    if (!window)
        return 77;
    gl_debug_listen();
    if (argc > 1) {
        uint32_t most = most_triangles(argv[1]);
        printf("%s: at most %u triangles\n", argv[1], most);
        jw_view_window_destroy(window);
        return most <= BUDGET ? 0 : 1;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(shipped_scenes_keep_the_budget),
                                       cmocka_unit_test(real_maps_keep_the_budget)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    jw_view_window_destroy(window);
    return failed;
}
