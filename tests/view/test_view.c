/* The view on a real GL context: drawing, picking, overlays, sizes, errors, and nothing left behind. */
#include "view/gl_debug.h"
#include "view/view_fixture.h"
#include "view/view_internal.h"

#include <GL/glew.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { WIDTH = 480, HEIGHT = 320 };

typedef struct fixture {
    jw_city *city;
    jw_view *view;
    jw_frame frame;
    jw_view_scene scene;
} fixture;

static void open_fixture(fixture *f, jw_view_tier tier)
{
    *f = (fixture){.city = view_fixture_city()};
    jw_view_mesh *mesh;
    jw_error error = {0};
    if (jw_view_mesh_build(f->city, NULL, NULL, NULL, &mesh, &error) != JW_OK ||
        jw_view_create(mesh, tier, &f->view, &error) != JW_OK)
        fail_msg("%s: %s", error.file, error.message);
    view_fixture_frame(f->city, &f->frame);
    f->scene = (jw_view_scene){.frame_b = &f->frame,
                               .camera = jw_camera_fit(f->city->bounds, (double)WIDTH / HEIGHT),
                               .rect = {0, 0, WIDTH, HEIGHT},
                               .framebuffer_height_px = HEIGHT,
                               .hour = 12};
}

static jw_view_window *shared_window;
static int64_t window_bytes; /* what the window itself holds */

static void close_fixture(fixture *f)
{
    jw_view_destroy(f->view);
    jw_frame_free(&f->frame);
    jw_city_release(f->city);
    assert_int_equal(glGetError(), GL_NO_ERROR);
    assert_int_equal(gl_debug_count(), 0);
    assert_int_equal(jw_allocated_bytes(), window_bytes);
}

static void draw(fixture *f)
{
    jw_error error = {0};
    if (jw_view_draw(f->view, &f->scene, &error) != JW_OK)
        fail_msg("%s", error.message);
    assert_int_equal(glGetError(), GL_NO_ERROR);
}

static uint32_t live_gl_objects(void)
{
    uint32_t count = 0;
    for (GLuint name = 1; name < 400; name++)
        count += (glIsBuffer(name) != 0) + (glIsTexture(name) != 0) + (glIsVertexArray(name) != 0) +
                 (glIsFramebuffer(name) != 0) + (glIsRenderbuffer(name) != 0) + (glIsProgram(name) != 0) +
                 (glIsShader(name) != 0);
    return count;
}

static void nothing_is_left_behind(void **state)
{
    (void)state;
    uint32_t before = live_gl_objects();
    for (int tier = JW_VIEW_SOFTWARE; tier <= JW_VIEW_GPU; tier++) {
        fixture f;
        open_fixture(&f, (jw_view_tier)tier);
        draw(&f);
        assert_true(live_gl_objects() > before + 20);
        close_fixture(&f);
        assert_int_equal(live_gl_objects(), before);
    }
}

static void frames_allocate_nothing(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, JW_VIEW_SOFTWARE);
    int64_t before = 0;
    for (int i = 0; i < 20; i++) { /* the second time round nothing is new */
        if (i == 10)
            before = jw_memory_allocation_count();
        f.scene.camera.heading_rad = 0.4 * (i % 10);
        draw(&f);
    }
    assert_int_equal(jw_memory_allocation_count(), before);
    jw_view_counters counters = jw_view_get_counters(f.view);
    assert_true(counters.triangles > 500 && counters.triangles < 60000);
    assert_true(counters.draw_calls < 60);
    assert_true(counters.vehicles_drawn > 0 && counters.buildings_drawn > 10);
    close_fixture(&f);
}

static void failing_memory_leaves_nothing(void **state)
{
    (void)state;
    jw_city *city = view_fixture_city();
    int64_t held = jw_allocated_bytes();
    uint32_t before = live_gl_objects();
    bool is_done = false;
    for (int64_t n = 0; !is_done; n += n < 8 ? 1 : 7) {
        jw_view_mesh *mesh;
        jw_view *view = NULL;
        jw_error error = {0};
        assert_int_equal(jw_view_mesh_build(city, NULL, NULL, NULL, &mesh, NULL), JW_OK);
        jw_memory_fail_after(n);
        is_done = jw_view_create(mesh, JW_VIEW_SOFTWARE, &view, &error) == JW_OK;
        jw_memory_fail_after(-1);
        assert_true(is_done || (!view && error.code == JW_ERROR_MEMORY));
        jw_view_destroy(view);
        assert_int_equal(jw_allocated_bytes(), held);
        assert_int_equal(live_gl_objects(), before);
    }
    jw_city_release(city);
}

static jw_pick pick_at(fixture *f, double x_m, double y_m, double z_m)
{
    double x_px, y_px;
    assert_true(
        jw_camera_project(&f->scene.camera, f->scene.rect, (jw_vec3){x_m, y_m, z_m}, &x_px, &y_px, NULL));
    return jw_view_pick(f->view, &f->scene, (int)x_px, (int)y_px);
}

static void look_down_at(fixture *f, double x_m, double y_m, double distance_m)
{
    f->scene.camera =
        (jw_camera){.x_m = x_m, .y_m = y_m, .heading_rad = 1.5, .pitch_rad = 1.4, .distance_m = distance_m};
}

static void picking_finds_what_is_there(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, JW_VIEW_SOFTWARE);
    draw(&f);
    jw_pick pick = pick_at(&f, 60, 60, 60); /* the tower's roof */
    assert_int_equal(pick.kind, JW_PICK_BUILDING);
    assert_int_equal(pick.index, 0);
    f.scene.hides_vehicles = true;
    for (uint32_t i = 0; i < f.city->edge_count; i += 9) {
        const jw_edge *edge = &f.city->edges[i];
        jw_vec3 middle =
            jw_polyline_at(f.city->points + edge->first_point, edge->point_count, edge->length_m / 2, NULL);
        look_down_at(&f, middle.x, middle.y, 150);
        pick = pick_at(&f, middle.x, middle.y, middle.z);
        assert_int_equal(pick.kind, JW_PICK_EDGE);
        assert_int_equal(pick.index, i);
    }
    const jw_junction *junction = &f.city->junctions[f.city->edges[0].to];
    look_down_at(&f, junction->x_m, junction->y_m, 150);
    pick = pick_at(&f, junction->x_m, junction->y_m, junction->z_m);
    assert_int_equal(pick.kind, JW_PICK_JUNCTION);
    assert_int_equal(pick.index, f.city->edges[0].to);
    f.scene.hides_vehicles = false;
    const jw_frame_vehicle *vehicle = &f.frame.vehicles[0];
    look_down_at(&f, (double)vehicle->x_m, (double)vehicle->y_m, 90);
    pick = pick_at(&f, (double)vehicle->x_m - 2 * jw_cos((double)vehicle->heading_rad),
                   (double)vehicle->y_m - 2 * jw_sin((double)vehicle->heading_rad), 1);
    assert_int_equal(pick.kind, JW_PICK_VEHICLE);
    assert_int_equal(pick.index, vehicle->index1);
    assert_int_equal(pick.generation, vehicle->generation);
    look_down_at(&f, 180, 300, 300);
    pick = pick_at(&f, 180, 300, 8);
    assert_int_equal(pick.kind, JW_PICK_ASSET);
    assert_string_equal(pick.name, "edge-1");
    /* The middle of the arc from (180, 300) to (420, 60): 13 % of its length high, over its foot at 6 m. */
    f.scene.camera = jw_camera_fit(f.city->bounds, (double)WIDTH / HEIGHT);
    pick = pick_at(&f, 300, 180, 6 + 0.13 * 240 * jw_sqrt(2));
    assert_int_equal(pick.kind, JW_PICK_LINK);
    assert_string_equal(pick.name, "ring-1");
    assert_int_equal(jw_view_pick(f.view, &f.scene, WIDTH / 2, 2).kind, JW_PICK_NONE);
    assert_int_equal(jw_view_pick(f.view, &f.scene, -5, 9000).kind, JW_PICK_NONE);
    close_fixture(&f);
}

static double difference(const uint8_t *a, const uint8_t *b, size_t size)
{
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += jw_abs((double)a[i] - b[i]);
    return sum / (double)size;
}

static void overlays_and_selections_change_the_picture(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, JW_VIEW_SOFTWARE);
    static uint8_t plain[WIDTH * HEIGHT * 3], other[WIDTH * HEIGHT * 3];
    assert_int_equal(jw_view_read_pixels(f.view, &f.scene, WIDTH, HEIGHT, plain, NULL), JW_OK);
    for (int overlay = JW_OVERLAY_SPEED; overlay < JW_OVERLAY_COUNT; overlay++) {
        f.scene.overlay = (jw_view_overlay)overlay;
        assert_int_equal(jw_view_read_pixels(f.view, &f.scene, WIDTH, HEIGHT, other, NULL), JW_OK);
        assert_true(difference(plain, other, sizeof plain) > 1.0);
    }
    f.scene.overlay = JW_OVERLAY_NONE;
    const jw_pick picks[] = {{.kind = JW_PICK_BUILDING, .index = 0},
                             {.kind = JW_PICK_EDGE, .index = 3},
                             {.kind = JW_PICK_VEHICLE, .index = 1, .generation = 1},
                             {.kind = JW_PICK_ASSET, .name = "edge-1"},
                             {.kind = JW_PICK_LINK, .name = "ring-1"}};
    for (uint32_t i = 0; i < JW_COUNT_OF(picks); i++) {
        f.scene.selection = picks[i];
        assert_int_equal(jw_view_read_pixels(f.view, &f.scene, WIDTH, HEIGHT, other, NULL), JW_OK);
        assert_true(difference(plain, other, sizeof plain) > 0.001);
    }
    f.scene.selection = (jw_pick){0};
    assert_int_equal(jw_view_read_pixels(f.view, &f.scene, WIDTH, HEIGHT, other, NULL), JW_OK);
    assert_memory_equal(plain, other, sizeof plain);
    close_fixture(&f);
}

static bool is_accent(const uint8_t *pixel)
{
    return pixel[0] > 190 && pixel[1] > 100 && pixel[1] < 190 && pixel[2] < 90;
}

/* Its rim says that it is selected; what an overlay says of it stays, from near and from afar. */
static void a_selected_street_keeps_its_data(void **state)
{
    (void)state;
    static uint8_t slow[4 * WIDTH * HEIGHT], fast[4 * WIDTH * HEIGHT], now[4 * WIDTH * HEIGHT];
    fixture f;
    open_fixture(&f, JW_VIEW_SOFTWARE);
    enum { EDGE = 3 };
    const jw_edge *edge = &f.city->edges[EDGE];
    jw_vec3 at =
        jw_polyline_at(f.city->points + edge->first_point, edge->point_count, edge->length_m / 2, NULL);
    f.scene.hides_vehicles = f.scene.hides_labels = f.scene.hides_fibre = f.scene.reduces_motion = true;
    f.scene.overlay = JW_OVERLAY_SPEED;
    f.frame.edges[EDGE].vehicles = 9;
    for (int round = 0; round < 2; round++) {
        look_down_at(&f, at.x, at.y, round ? 2500 : 200);
        uint8_t *const pictures[] = {fast, slow, now};
        for (int i = 0; i < 3; i++) {
            f.frame.edges[EDGE].speed_mps = i ? 0.3f : 14;
            f.frame.version++;
            f.scene.selection = (jw_pick){.kind = i == 2 ? JW_PICK_EDGE : JW_PICK_NONE, .index = EDGE};
            draw(&f);
            glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, pictures[i]);
        }
        uint32_t of_street = 0, kept = 0, rim = 0;
        for (uint32_t i = 0; i < 4 * WIDTH * HEIGHT; i += 4) {
            bool is_street = abs(slow[i] - fast[i]) > 60;
            of_street += is_street;
            kept += is_street && abs(slow[i + 1] - now[i + 1]) < 20 && abs(slow[i] - now[i]) < 20;
            rim += is_accent(now + i) && !is_accent(slow + i);
        }
        if (!(of_street > 10 && 3 * kept > of_street && rim > 10))
            fail_msg("round %d: %u pixels of the street, %u kept, %u of the rim", round, of_street, kept,
                     rim);
    }
    close_fixture(&f);
}

/* The street behind a tower of 60 m: hidden, and under an overlay seen over the flat tower, at once or over
 * some pictures. */
static void streets_are_seen_under_overlays(void **state)
{
    (void)state;
    static uint8_t window[WIDTH * HEIGHT * 4], last[WIDTH * HEIGHT * 4];
    fixture f;
    open_fixture(&f, JW_VIEW_SOFTWARE);
    f.scene.hides_vehicles = f.scene.hides_fibre = f.scene.reduces_motion = true;
    f.scene.camera =
        (jw_camera){.x_m = 60, .y_m = 120, .heading_rad = JW_PI / 2, .pitch_rad = 0.5, .distance_m = 300};
    draw(&f);
    assert_int_equal(pick_at(&f, 60, 117, 0).kind, JW_PICK_BUILDING);
    f.scene.overlay = JW_OVERLAY_FLOW;
    draw(&f); /* with reduced motion at once */
    assert_true(jw_view_is_still(f.view));
    assert_int_equal(pick_at(&f, 60, 117, 0).kind, JW_PICK_EDGE);
    assert_int_equal(pick_at(&f, 60, 60, 15).index, 0); /* a quarter of its height */
    assert_int_equal(pick_at(&f, 60, 60, 15).kind, JW_PICK_BUILDING);
    glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, last);
    f.scene.overlay = JW_OVERLAY_NONE;
    draw(&f);
    f.scene.reduces_motion = false;
    f.scene.overlay = JW_OVERLAY_FLOW;
    draw(&f);
    assert_false(jw_view_is_still(f.view));
    assert_int_equal(pick_at(&f, 60, 117, 0).kind, JW_PICK_BUILDING);
    for (uint32_t count = 0; !jw_view_is_still(f.view) && count < 1000; count++)
        draw(&f);
    assert_true(jw_view_is_still(f.view));
    glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, window);
    assert_true(difference(window, last, sizeof last) < 0.5);
    close_fixture(&f);
}

/* How far the south wall of the tower differs from the haze, so far from it. */
static double contrast_at(fixture *f, double distance_m)
{
    static uint8_t pixels[WIDTH * HEIGHT * 4];
    f->scene.camera = (jw_camera){.x_m = 60,
                                  .y_m = 40,
                                  .z_m = 12,
                                  .heading_rad = JW_PI / 2,
                                  .pitch_rad = 0.03,
                                  .distance_m = distance_m};
    draw(f);
    glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
    int side_px = (int)(8 * HEIGHT / (2 * jw_tan(0.3)) / distance_m);
    double sum = 0;
    for (int y = HEIGHT / 2 - side_px; y < HEIGHT / 2 + side_px; y++)
        for (int x = WIDTH / 2 - side_px; x < WIDTH / 2 + side_px; x++)
            sum += (double)f->view->haze[1] * 255 - pixels[(y * WIDTH + x) * 4 + 1];
    return sum / (4.0 * side_px * side_px);
}

/* By Koschmieder 2 % of a contrast are left as far away as one sees. */
static void weather_is_seen(void **state)
{
    (void)state;
    enum { SIGHT_M = 800 };
    static uint8_t clear[WIDTH * HEIGHT * 4], now[WIDTH * HEIGHT * 4];
    scene_block block = {0};
    jw_view_sky_weather(0, SIGHT_M, 1, &block);
    assert_true(jw_abs(jw_exp(-(double)block.scenery[1] * SIGHT_M) - 0.02) < 1e-4);
    fixture f;
    open_fixture(&f, JW_VIEW_SOFTWARE);
    f.scene.hides_vehicles = f.scene.hides_fibre = f.scene.hides_trees = f.scene.reduces_motion = true;
    draw(&f);
    glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, clear);
    f.frame.rain_mm_per_h = 8;
    draw(&f);
    glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, now);
    assert_true(difference(clear, now, sizeof now) > 8);
    f.frame.rain_mm_per_h = 0;
    f.frame.visibility_m = SIGHT_M;
    double left = contrast_at(&f, SIGHT_M / 2) / contrast_at(&f, SIGHT_M / 8);
    if (jw_abs(left - jw_pow(0.02, 3.0 / 8)) > 0.05)
        fail_msg("%.3f of the contrast are left", left);
    assert_true(jw_abs(contrast_at(&f, SIGHT_M)) < 3);
    f.frame.visibility_m = 0;
    for (int i = 0; i < 3; i++) { /* streaks fall, but not with reduced motion nor without rain */
        f.frame.rain_mm_per_h = i == 2 ? 0 : 8;
        f.scene.reduces_motion = i == 1;
        f.scene.animation_s = 1;
        draw(&f);
        glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, clear);
        f.scene.animation_s = 1.1;
        draw(&f);
        glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, now);
        assert_int_equal(memcmp(clear, now, sizeof now) != 0, i == 0);
    }
    f.frame.visibility_m = SIGHT_M;
    f.scene.reduces_motion = true;
    f.scene.overlay = JW_OVERLAY_FLOW; /* no weather */
    draw(&f);
    glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, now);
    f.frame.visibility_m = 0;
    draw(&f);
    glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, clear);
    assert_memory_equal(clear, now, sizeof now);
    close_fixture(&f);
}

/* Red and white across its lanes, whatever else is shown; less of it where a lane is left; then as before. */
static void closed_streets_are_barred(void **state)
{
    (void)state;
    fixture f;
    static uint8_t open[4 * WIDTH * HEIGHT], partly[4 * WIDTH * HEIGHT], now[4 * WIDTH * HEIGHT];
    open_fixture(&f, JW_VIEW_SOFTWARE);
    uint32_t wide = 0;
    while (f.city->edges[wide].lane_count < 2)
        wide++;
    const jw_edge *edge = &f.city->edges[wide];
    jw_vec3 at = f.city->points[edge->first_point + edge->point_count / 2];
    look_down_at(&f, at.x, at.y, 150);
    f.scene.hides_vehicles = f.scene.hides_trees = f.scene.hides_labels = f.scene.reduces_motion = true;
    for (int round = 0; round < 2; round++) {
        f.scene.overlay = round ? JW_OVERLAY_SPEED : JW_OVERLAY_NONE;
        draw(&f);
        glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, open);
        f.frame.edges[wide].closed_lanes = 1;
        f.frame.version++;
        draw(&f);
        glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, partly);
        f.frame.edges[wide].closed_lanes = (UINT32_C(1) << edge->lane_count) - 1;
        f.frame.version++;
        draw(&f);
        glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, now);
        double weak = difference(open, partly, sizeof now), strong = difference(open, now, sizeof now);
        if (!(weak > 0.5 && strong > 1.7 * weak))
            fail_msg("differences of %.2f and %.2f", weak, strong);
        f.frame.edges[wide].closed_lanes = 0;
        f.frame.version++;
        draw(&f);
        glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, now);
        assert_memory_equal(open, now, sizeof now);
    }
    close_fixture(&f);
}

/* The mean of the pixels on a lane, over some length of it. */
static double lane_level(fixture *f, const jw_lane *lane)
{
    enum { SAMPLES = 40 };
    double sum = 0, length_m = jw_polyline_length(f->city->points + lane->first_point, lane->point_count);
    for (int i = 0; i < SAMPLES; i++) {
        jw_vec3 at = jw_polyline_at(f->city->points + lane->first_point, lane->point_count,
                                    length_m * (0.4 + 0.2 * i / SAMPLES), NULL);
        double x_px, y_px;
        uint8_t rgb[4];
        assert_true(jw_camera_project(&f->scene.camera, f->scene.rect, at, &x_px, &y_px, NULL));
        glReadPixels((int)x_px, HEIGHT - 1 - (int)y_px, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, rgb);
        sum += (double)rgb[0] - rgb[1]; /* how red */
    }
    return sum / SAMPLES;
}

/* Of a street with one closed lane that lane is barred; the others look as before, an overlay's colour
 * included. */
static void closed_lanes_are_barred(void **state)
{
    (void)state;
    for (int run = 0; run < 6; run++) {
        fixture f;
        open_fixture(&f, (jw_view_tier)(JW_VIEW_SOFTWARE + run % 3));
        f.scene.overlay = run < 3 ? JW_OVERLAY_NONE : JW_OVERLAY_SPEED;
        f.scene.palette = JW_PALETTE_CIVIDIS; /* nothing of it is as red */
        uint32_t wide = 0;
        while (f.city->edges[wide].lane_count < 2)
            wide++;
        const jw_edge *edge = &f.city->edges[wide];
        jw_vec3 at =
            jw_polyline_at(f.city->points + edge->first_point, edge->point_count, edge->length_m / 2, NULL);
        f.scene.hides_vehicles = f.scene.hides_trees = f.scene.hides_labels = f.scene.reduces_motion = true;
        look_down_at(&f, at.x, at.y, 100);
        draw(&f);
        double open[8];
        assert_true(edge->lane_count < 8);
        for (uint32_t l = 0; l < edge->lane_count; l++)
            open[l] = lane_level(&f, &f.city->lanes[edge->first_lane + l]);
        for (uint32_t closed = 0; closed < edge->lane_count; closed++) {
            f.frame.edges[wide].closed_lanes = UINT32_C(1) << closed;
            f.frame.version++;
            draw(&f);
            for (uint32_t l = 0; l < edge->lane_count; l++) {
                double level = lane_level(&f, &f.city->lanes[edge->first_lane + l]);
                if (l == closed ? level < open[l] + 30 : jw_abs(level - open[l]) > 1)
                    fail_msg("lane %u is closed, lane %u is red by %.1f, before by %.1f", closed, l, level,
                             open[l]);
            }
        }
        close_fixture(&f);
    }
}

typedef struct barred {
    uint32_t red, white, rest; /* pixels that are now, and that differ in another way */
} barred;

static barred compare(const uint8_t *open, const uint8_t *now)
{
    barred out = {0};
    for (size_t i = 0; i < 4 * WIDTH * HEIGHT; i += 4) {
        bool is_red =
            now[i] > 140 && now[i + 1]<70, is_white = now[i]> 200 && now[i + 1] > 190 && now[i + 2] > 180;
        if (abs(now[i] - open[i]) + abs(now[i + 1] - open[i + 1]) > 12)
            *(is_red ? &out.red : is_white ? &out.white : &out.rest) += 1;
    }
    return out;
}

/* A closed side street is some pixels wide and striped at any height, by day and night and under overlays of
 * every kind; where a lane is left there is none of the white, but what lies beneath. */
static void see_closures(double hour)
{
    static uint8_t open[4 * WIDTH * HEIGHT], now[4 * WIDTH * HEIGHT];
    static const double heights_m[] = {1000, 3000, 8000};
    static const jw_view_overlay overlays[] = {JW_OVERLAY_NONE, JW_OVERLAY_SPEED, JW_OVERLAY_LATENCY};
    fixture f;
    open_fixture(&f, JW_VIEW_SOFTWARE);
    uint32_t small = 0, wide = 0;
    while (f.city->edges[small].road_class != JW_ROAD_RESIDENTIAL)
        small++;
    while (f.city->edges[wide].lane_count < 2)
        wide++;
    f.scene.hour = hour;
    f.scene.hides_vehicles = f.scene.hides_labels = f.scene.reduces_motion = true;
    f.scene.hides_cells = f.scene.hides_sites = f.scene.hides_fibre = true;
    for (uint32_t i = 0; i < 18; i++) {
        double height_m = heights_m[i % 3], pixel_m = 2 * jw_tan(0.3) * height_m / HEIGHT;
        uint32_t row = i / 9 ? wide : small;
        const jw_edge *edge = &f.city->edges[row];
        jw_vec3 at =
            jw_polyline_at(f.city->points + edge->first_point, edge->point_count, edge->length_m / 2, NULL);
        f.scene.overlay = overlays[i / 3 % 3];
        look_down_at(&f, at.x, at.y, height_m);
        draw(&f);
        glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, open);
        f.frame.edges[row].closed_lanes = row == wide ? 1 : (UINT32_C(1) << edge->lane_count) - 1;
        f.frame.version++;
        draw(&f);
        glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, now);
        f.frame.edges[row].closed_lanes = 0;
        f.frame.version++;
        barred seen = compare(open, now);
        double least_px = 0.1 * 7 * edge->length_m / pixel_m;
        bool is_striped = height_m > 5000 || (seen.white > least_px) == (row == small); /* if long enough */
        if (seen.red < least_px || !is_striped ||
            seen.red + seen.white + seen.rest > 9 * (edge->length_m / pixel_m + 3))
            fail_msg("%u: of %.1f pixels' length %u are red, %u white and %u other", i,
                     edge->length_m / pixel_m, seen.red, seen.white, seen.rest);
    }
    close_fixture(&f);
}

static void closures_are_seen_from_afar(void **state)
{
    (void)state;
    see_closures(12);
    see_closures(24);
}

/* Where there are more trees than the tier draws, those that are near all have their crown: none of them
 * leaves its baked shadow alone. */
static void near_trees_are_all_there(void **state)
{
    (void)state;
    static uint8_t all[4 * WIDTH * HEIGHT], now[4 * WIDTH * HEIGHT];
    fixture f;
    open_fixture(&f, JW_VIEW_SOFTWARE);
    const jw_view_mesh *mesh = f.view->mesh;
    f.scene.hides_vehicles = f.scene.hides_labels = f.scene.reduces_motion = true;
    f.scene.camera =
        (jw_camera){.x_m = 240, .y_m = 60, .heading_rad = JW_PI / 2, .pitch_rad = 0.4, .distance_m = 220};
    f.view->limits.max_trees = 0; /* spots alone */
    draw(&f);
    glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, all);
    uint32_t whole = f.view->counters.trees_drawn, *most = &f.view->limits.max_tree_spots;
    for (*most = 1; *most == 1 || f.view->counters.trees_drawn < 0.85 * whole; ++*most)
        draw(&f);
    assert_true(f.view->counters.trees_drawn < 0.95 * whole);
    const double near_m = (double)f.view->detail.spot_m;
    glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, now);
    uint32_t missing[2] = {0}, count[2] = {0};
    for (uint32_t i = 0; i < mesh->tree_count; i++) {
        const mesh_tree *tree = &mesh->trees[i];
        double x_px, y_px, away_m;
        jw_vec3 crown = {(double)tree->x + mesh->origin_x_m, (double)tree->y + mesh->origin_y_m,
                         0.58 * (double)tree->size_m};
        if (!jw_camera_project(&f.scene.camera, f.scene.rect, crown, &x_px, &y_px, &away_m) || x_px < 0 ||
            y_px < 0 || x_px >= WIDTH || y_px >= HEIGHT)
            continue;
        const size_t at = 4 * ((size_t)(HEIGHT - 1 - (int)y_px) * WIDTH + (size_t)x_px);
        bool is_far = away_m > 0.9 * near_m; /* from there on they fade */
        count[is_far]++;
        missing[is_far] += memcmp(now + at, all + at, 3) != 0;
    }
    if (count[0] < 5 || missing[0] > 0 || missing[1] < 0.1 * count[1])
        fail_msg("within %.0f m of %u trees %u are missing, of %u others %u", near_m, count[0], missing[0],
                 count[1], missing[1]);
    close_fixture(&f);
}

/* Side streets are there from so far away that main ones have their coarsest form, and then no more. */
static void side_streets_are_seen_from_afar(void **state)
{
    (void)state;
    static const double distances_m[] = {1000, 7500, 14000};
    static uint8_t pictures[2][4 * WIDTH * HEIGHT];
    fixture f;
    open_fixture(&f, JW_VIEW_SOFTWARE);
    uint32_t small = 0;
    while (f.city->edges[small].road_class != JW_ROAD_RESIDENTIAL)
        small++;
    const jw_edge *edge = &f.city->edges[small];
    jw_vec3 at =
        jw_polyline_at(f.city->points + edge->first_point, edge->point_count, edge->length_m / 2, NULL);
    f.scene.overlay = JW_OVERLAY_SPEED;
    f.scene.hides_vehicles = f.scene.reduces_motion = true;
    for (uint32_t i = 0; i < JW_COUNT_OF(distances_m); i++) {
        look_down_at(&f, at.x, at.y, distances_m[i]);
        for (int k = 0; k < 2; k++) { /* jammed, and at its limit */
            const uint32_t ways[2] = {small, edge->opposite};
            for (int way = 0; way < 2 && ways[way] != JW_NONE; way++)
                f.frame.edges[ways[way]].speed_mps = k ? (float)edge->speed_mps : 0;
            f.frame.version++;
            draw(&f);
            glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, pictures[k]);
        }
        bool is_there = memcmp(pictures[0], pictures[1], sizeof pictures[0]) != 0;
        if (is_there != (i < 2))
            fail_msg("from %.0f m it is %s", distances_m[i], is_there ? "there" : "not there");
    }
    close_fixture(&f);
}

/* Halfway between two frames a car is halfway: its pixel is picked there. */
static void frames_are_blended(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, JW_VIEW_SOFTWARE);
    jw_frame before = {0};
    assert_int_equal(jw_frame_copy(&f.frame, &before, NULL), JW_OK);
    before.vehicles[0].x_m -= 20;
    f.scene.frame_a = &before;
    look_down_at(&f, (double)f.frame.vehicles[0].x_m, (double)f.frame.vehicles[0].y_m, 120);
    for (int i = 0; i < 3; i++) {
        f.scene.blend = i / 2.0;
        double x_m = (double)before.vehicles[0].x_m + 20 * f.scene.blend;
        double heading_rad = (double)f.frame.vehicles[0].heading_rad;
        jw_pick pick = pick_at(&f, x_m - 2.5 * jw_cos(heading_rad),
                               (double)f.frame.vehicles[0].y_m - 2.5 * jw_sin(heading_rad), 1);
        assert_int_equal(pick.kind, JW_PICK_VEHICLE);
        assert_int_equal(pick.index, 1);
    }
    jw_frame_free(&before);
    close_fixture(&f);
}

/* Odd sizes work, and two rectangles do not touch each other's pixels. */
static void sizes_and_rectangles(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, JW_VIEW_SOFTWARE);
    const jw_view_rect rects[] = {
        {0, 0, 1, 1}, {0, 0, 0, 0}, {3, 5, 7, 200}, {0, 0, 479, 3}, {100, 100, -4, 10}};
    for (uint32_t i = 0; i < JW_COUNT_OF(rects); i++) {
        f.scene.rect = rects[i];
        draw(&f);
        jw_view_pick(f.view, &f.scene, rects[i].x_px, rects[i].y_px);
        assert_int_equal(glGetError(), GL_NO_ERROR);
    }
    for (int tier = JW_VIEW_SOFTWARE; tier <= JW_VIEW_LAPTOP; tier++) {
        jw_view_set_tier(f.view, (jw_view_tier)tier);
        glDisable(GL_SCISSOR_TEST);
        glClearColor(1, 0, 1, 1);
        glClear(GL_COLOR_BUFFER_BIT);
        f.scene.rect = (jw_view_rect){WIDTH / 2, 40, WIDTH / 2, 100};
        draw(&f);
        uint8_t pixel[4];
        const int outside[4][2] = {{WIDTH / 2 - 2, 90}, {WIDTH - 5, 38}, {WIDTH - 5, 142}, {5, 90}};
        for (int i = 0; i < 4; i++) {
            glReadPixels(outside[i][0], HEIGHT - 1 - outside[i][1], 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
            assert_true(pixel[0] == 255 && pixel[1] == 0 && pixel[2] == 255);
        }
        glReadPixels(WIDTH / 2 + 5, HEIGHT - 1 - 60, 1, 1, GL_RGBA, GL_UNSIGNED_BYTE, pixel);
        assert_false(pixel[0] == 255 && pixel[1] == 0 && pixel[2] == 255);
    }
    close_fixture(&f);
}

static void copy_file(const char *from, const char *to)
{
    char *bytes;
    size_t size;
    assert_int_equal(jw_file_read(from, 1 << 20, &bytes, &size, NULL), JW_OK);
    assert_int_equal(jw_file_write(to, bytes, size, NULL), JW_OK);
    jw_free(bytes);
}

static void broken_shaders_are_named(void **state)
{
    (void)state;
    char folder[] = "/tmp/jw_view_XXXXXX", path[1200], text[1024], real[1024];
    assert_true(jw_data_folder(real, sizeof real));
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/assets/shaders", folder);
    assert_int_equal(jw_make_directory(path, NULL), JW_OK);
    const char *names[] = {"common.glsl", "ground.vert", "ground.frag"};
    setenv("JINGWEI_HOME", folder, 1);
    for (uint32_t broken = 0; broken < 2; broken++) {
        for (uint32_t i = 0; i < JW_COUNT_OF(names); i++) {
            snprintf(path, sizeof path, "%s/assets/shaders/%s", real, names[i]);
            snprintf(text, sizeof text, "%s/assets/shaders/%s", folder, names[i]);
            copy_file(path, text);
        }
        if (broken == 1)
            assert_int_equal(jw_file_write(text, "void main() { nonsense(); }", 27, NULL), JW_OK);
        jw_city *city = view_fixture_city();
        jw_view_mesh *mesh;
        jw_view *view;
        jw_error error = {0};
        assert_int_equal(jw_view_mesh_build(city, NULL, NULL, NULL, &mesh, NULL), JW_OK);
        assert_int_not_equal(jw_view_create(mesh, JW_VIEW_SOFTWARE, &view, &error), JW_OK);
        jw_error_format(&error, text, sizeof text);
        assert_non_null(strstr(text, broken ? "ground.frag" : "road.vert")); /* the first that is missing */
        assert_true(!broken || strstr(text, "nonsense"));
        jw_city_release(city);
    }
    unsetenv("JINGWEI_HOME");
    for (uint32_t i = 0; i < JW_COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/assets/shaders/%s", folder, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/assets/shaders", folder);
    rmdir(path);
    snprintf(path, sizeof path, "%s/assets", folder);
    rmdir(path);
    rmdir(folder);
    while (glGetError() != GL_NO_ERROR)
        ;
}

/* A saved shader is taken into use; a broken one is named, and the picture goes on with the old. */
static void saved_shaders_are_read_again(void **state)
{
    (void)state;
    char folder[] = "/tmp/jw_view_XXXXXX", command[2400], path[1200], real[1024], text[1400];
    assert_true(jw_data_folder(real, sizeof real));
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command, "mkdir -p %s/assets && cp -r %s/assets/shaders %s/assets/", folder,
             real, folder);
    assert_int_equal(system(command), 0);
    setenv("JINGWEI_HOME", folder, 1);
    fixture f;
    open_fixture(&f, JW_VIEW_SOFTWARE);
    static uint8_t before[WIDTH * HEIGHT * 3], after[WIDTH * HEIGHT * 3];
    jw_error error = {0};
    bool is_new = true;
    assert_int_equal(jw_view_reload_shaders(f.view, &is_new, NULL), JW_OK);
    assert_false(is_new);
    assert_int_equal(jw_view_read_pixels(f.view, &f.scene, WIDTH, HEIGHT, before, NULL), JW_OK);
    snprintf(path, sizeof path, "%s/assets/shaders/building.frag", folder);
    assert_int_equal(jw_file_write(path, "void main() { nonsense(); }", 27, NULL), JW_OK);
    assert_int_not_equal(jw_view_reload_shaders(f.view, &is_new, &error), JW_OK);
    jw_error_format(&error, text, sizeof text);
    assert_true(strstr(text, "building.frag") && strstr(text, "nonsense") && !is_new);
    assert_int_equal(jw_view_read_pixels(f.view, &f.scene, WIDTH, HEIGHT, after, NULL), JW_OK);
    assert_memory_equal(before, after, sizeof before);
    const char red[] = "out vec4 result; void main() { result = vec4(1.0, 0.0, 0.0, 1.0); }";
    assert_int_equal(jw_file_write(path, red, sizeof red - 1, NULL), JW_OK);
    assert_int_equal(jw_view_reload_shaders(f.view, &is_new, NULL), JW_OK);
    assert_true(is_new);
    assert_int_equal(jw_view_read_pixels(f.view, &f.scene, WIDTH, HEIGHT, after, NULL), JW_OK);
    assert_true(difference(before, after, sizeof before) > 2);
    unsetenv("JINGWEI_HOME");
    close_fixture(&f);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

/* A place that takes many pictures to settle does; then nothing changes any more until the sun has moved. */
static void stillness_is_told(void **state)
{
    (void)state;
    fixture f;
    static uint8_t before[WIDTH * HEIGHT * 4], after[WIDTH * HEIGHT * 4];
    open_fixture(&f, JW_VIEW_SOFTWARE);
    look_down_at(&f, 250, 250, 5000);
    draw(&f);
    look_down_at(&f, 250, 250, 200);
    uint32_t count = 0;
    do
        draw(&f);
    while (!jw_view_is_still(f.view) && ++count < 300);
    assert_true(count < 300);
    glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, before);
    draw(&f);
    glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, after);
    assert_memory_equal(before, after, sizeof before);
    assert_true(jw_view_is_still(f.view));
    static const double hours[] = {12.25, 17}; /* a step of the sun, and a leap */
    for (uint32_t i = 0; i < JW_COUNT_OF(hours); i++) {
        double shown[3];
        memcpy(shown, f.view->shade.shown, sizeof shown);
        f.scene.hour = hours[i]; /* the shadows follow on a thread of their own: no picture waits for them */
        draw(&f);
        assert_memory_equal(f.view->shade.shown, shown, sizeof shown);
        double limit_s = jw_clock_seconds() + 60;
        while (jw_view_is_still(f.view) && jw_clock_seconds() < limit_s)
            usleep(1000);
        assert_false(jw_view_is_still(f.view));
        for (count = 0; !jw_view_is_still(f.view) && count < 300; count++)
            draw(&f); /* they come over some pictures */
        assert_true(count < 300);
        assert_memory_not_equal(f.view->shade.shown, shown, sizeof shown);
    }
    f.scene.hour = 9; /* a picture of its own waits */
    double shown[3];
    memcpy(shown, f.view->shade.shown, sizeof shown);
    assert_int_equal(jw_view_read_pixels(f.view, &f.scene, WIDTH, HEIGHT, after, NULL), JW_OK);
    assert_memory_not_equal(f.view->shade.shown, shown, sizeof shown);
    close_fixture(&f);
}

/* A picture of another place, saved between two of the window: these are the same. */
static void saved_pictures_leave_the_view_alone(void **state)
{
    (void)state;
    fixture f;
    static uint8_t saved[3 * 64 * 64], before[WIDTH * HEIGHT * 4], after[WIDTH * HEIGHT * 4];
    open_fixture(&f, JW_VIEW_SOFTWARE);
    do
        draw(&f);
    while (!jw_view_is_still(f.view));
    glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, before);
    const view_detail kept = f.view->detail;
    jw_view_scene other = f.scene;
    other.camera.distance_m *= 20;
    jw_error error = {0};
    assert_int_equal(jw_view_read_pixels(f.view, &other, 64, 64, saved, &error), JW_OK);
    assert_memory_equal(&f.view->detail, &kept, sizeof kept);
    assert_true(jw_view_is_still(f.view));
    draw(&f);
    glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, after);
    assert_memory_equal(before, after, sizeof before);
    close_fixture(&f);
}

/* With commands in a buffer and with arrays: the same pixels. */
static void both_ways_of_drawing_are_one(void **state)
{
    (void)state;
    if (!GLEW_ARB_multi_draw_indirect) {
        print_message("skipped: the context has no ARB_multi_draw_indirect\n");
        return;
    }
    static uint8_t before[WIDTH * HEIGHT * 4], after[WIDTH * HEIGHT * 4];
    for (jw_view_tier tier = JW_VIEW_SOFTWARE; tier <= JW_VIEW_LAPTOP; tier++) {
        fixture f;
        open_fixture(&f, tier);
        f.view->has_indirect = false;
        do
            draw(&f);
        while (!jw_view_is_still(f.view));
        glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, before);
        assert_int_equal(f.view->commands_used, 0);
        f.view->has_indirect = true;
        for (int i = 0; i < 20; i++) { /* over the end of the buffer too */
            draw(&f);
            glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, after);
            assert_memory_equal(before, after, sizeof before);
        }
        assert_true(f.view->commands_used > 0);
        close_fixture(&f);
    }
}

int main(void)
{
    shared_window = view_fixture_window(WIDTH, HEIGHT);
    if (!shared_window)
        return 77;
    printf("drawn by %s\n", jw_view_window_renderer(shared_window));
    gl_debug_listen();
    window_bytes = jw_allocated_bytes();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_left_behind),
        cmocka_unit_test(frames_allocate_nothing),
        cmocka_unit_test(failing_memory_leaves_nothing),
        cmocka_unit_test(picking_finds_what_is_there),
        cmocka_unit_test(streets_are_seen_under_overlays),
        cmocka_unit_test(weather_is_seen),
        cmocka_unit_test(overlays_and_selections_change_the_picture),
        cmocka_unit_test(a_selected_street_keeps_its_data),
        cmocka_unit_test(closed_streets_are_barred),
        cmocka_unit_test(closed_lanes_are_barred),
        cmocka_unit_test(closures_are_seen_from_afar),
        cmocka_unit_test(near_trees_are_all_there),
        cmocka_unit_test(side_streets_are_seen_from_afar),
        cmocka_unit_test(frames_are_blended),
        cmocka_unit_test(sizes_and_rectangles),
        cmocka_unit_test(broken_shaders_are_named),
        cmocka_unit_test(saved_shaders_are_read_again),
        cmocka_unit_test(stillness_is_told),
        cmocka_unit_test(saved_pictures_leave_the_view_alone),
        cmocka_unit_test(both_ways_of_drawing_are_one),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    jw_view_window_destroy(shared_window);
    return failed || jw_allocated_bytes() != 0;
}
