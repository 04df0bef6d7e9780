/* Nothing pops. From a street up to the country the eye stands still, and instead of it all distances at
 * which one form of a thing gives way to another move in small steps: what a step changes, only levels of
 * detail can have changed. */
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

#include <cmocka.h>

enum { WIDTH = 320, HEIGHT = 180, BLOCK = 10, VEHICLES = 3000 };
#define NEAREST_M  100.0
#define FARTHEST_M 60000.0
#define HIGHER     2.2  /* from one place of the eye to the next */
#define FACTOR     1.01 /* of all distances, a step */
#define RANGE      1.6  /* as far up and down as this: further than to the next place */

static jw_view_window *window;

typedef struct changes {   /* of a step, in parts of 255 */
    double picture, block; /* of the mean picture and of a block's mean colour, at most */
    double at_m, factor;   /* where that block was: distance of the eye, of the limits */
    double block_99;       /* 99 of 100 steps change no block more */
} changes;

static jw_city *planned_city(void)
{
    jw_draft draft = {0};
    jw_plan_def def = {.style = "xiongan", .area_km2 = 14, .lake_share = 0.02, .density_per_km2 = 12000};
    jw_city *city = NULL;
    jw_error error = {0};
    if (jw_plan_city(&def, &draft, &error) != JW_OK ||
        jw_city_build(&draft, NULL, NULL, NULL, NULL, &city, &error) != JW_OK)
        fail_msg("%s", error.message);
    jw_draft_free(&draft);
    return city;
}

/* Of a block's mean colour: edges that wander from pixel to pixel are no pop. */
static double block_change(const uint8_t *a, const uint8_t *b, int column, int row)
{
    double most = 0;
    for (int c = 0; c < 3; c++) {
        int sum = 0;
        for (int y = row * BLOCK; y < (row + 1) * BLOCK; y++)
            for (int x = column * BLOCK; x < (column + 1) * BLOCK; x++)
                sum += a[(y * WIDTH + x) * 4 + c] - b[(y * WIDTH + x) * 4 + c];
        most = jw_max(most, jw_abs(sum / (double)(BLOCK * BLOCK)));
    }
    return most;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void scale_limits(jw_view *view, const tier_limits *from, double factor)
{
    float f = (float)factor;
    view->limits.house_m = from->house_m * f;
    view->limits.near_m = from->near_m * f;
    view->limits.country_pixel_m = from->country_pixel_m * f;
    view->limits.tree_m = from->tree_m * f;
    view->limits.vehicle_m = from->vehicle_m * f;
    view->limits.vehicle_box_m = from->vehicle_box_m * f;
    view->limits.box_pixels = from->box_pixels / f;
    view->limits.area_pixels = from->area_pixels / f;
}

static void add_step(const uint8_t *now, const uint8_t *before, changes *out, double *out_most)
{
    double sum = 0;
    *out_most = 0;
    for (int row = 0; row < HEIGHT / BLOCK; row++)
        for (int column = 0; column < WIDTH / BLOCK; column++) {
            double change = block_change(now, before, column, row);
            sum += change / (WIDTH / BLOCK * (HEIGHT / BLOCK));
            *out_most = jw_max(*out_most, change);
        }
    out->picture = jw_max(out->picture, sum);
}

static changes watch(jw_view *view, jw_view_scene *scene, bool is_hard)
{
    static uint8_t pictures[2][WIDTH * HEIGHT * 4];
    static double steps[8000];
    const tier_limits limits = view->limits;
    changes out = {0};
    int count = 0;
    jw_error error = {0};
    scene->reduces_motion = is_hard;
    for (double distance_m = NEAREST_M; distance_m < FARTHEST_M; distance_m *= HIGHER) {
        double way = jw_log(distance_m / NEAREST_M) / jw_log(FARTHEST_M / NEAREST_M);
        scene->camera.distance_m = distance_m;
        scene->camera.pitch_rad = 0.2 + 0.8 * way;
        int from = count;
        for (double factor = 1 / RANGE; factor < RANGE; factor *= FACTOR, count++) {
            scale_limits(view, &limits, factor);
            for (int i = 0; i < (count == from ? 40 : 1); i++) /* what came from elsewhere has settled */
                if (jw_view_draw(view, scene, &error) != JW_OK)
                    fail_msg("%s", error.message);
            uint8_t *now = pictures[count % 2], *before = pictures[(count + 1) % 2];
            glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, now);
            steps[count] = 0;
            if (count > from)
                add_step(now, before, &out, &steps[count]);
            if (steps[count] > out.block) {
                out.block = steps[count];
                out.at_m = distance_m;
                out.factor = factor;
            }
        }
    }
    view->limits = limits;
    qsort(steps, (size_t)count, sizeof *steps, compare_doubles);
    out.block_99 = steps[count * 99 / 100];
    return out;
}

/* The city from above at noon. */
typedef struct stage {
    jw_city *city;
    jw_view *view;
    jw_frame frame;
    jw_view_scene scene;
} stage;

static void set_up(stage *self, jw_view_tier tier)
{
    jw_view_mesh *mesh;
    jw_error error = {0};
    *self = (stage){.city = planned_city(), .frame = {.time_ns = 12 * 3600 * JW_NS_PER_S}};
    if (jw_view_mesh_build(self->city, &(jw_view_mesh_def){.light_size_px = 1024}, NULL, NULL, &mesh,
                           &error) != JW_OK ||
        jw_view_create(mesh, tier, &self->view, &error) != JW_OK)
        fail_msg("%s", error.message);
    jw_box middle = jw_view_core_bounds(self->city);
    self->scene = (jw_view_scene){.frame_b = &self->frame,
                                  .rect = {0, 0, WIDTH, HEIGHT},
                                  .framebuffer_height_px = HEIGHT,
                                  .hour = 12,
                                  .camera = {.x_m = (middle.min_x + middle.max_x) / 2,
                                             .y_m = (middle.min_y + middle.max_y) / 2,
                                             .heading_rad = 1.2}};
}

static void tear_down(stage *self)
{
    jw_view_destroy(self->view);
    jw_frame_free(&self->frame);
    jw_city_release(self->city);
    assert_int_equal(gl_debug_count(), 0);
}

static void nothing_pops(void **state)
{
    (void)state;
    stage self;
    set_up(&self, JW_VIEW_SOFTWARE);
    view_fixture_park(self.city, VEHICLES, &self.frame);
    changes hard = watch(self.view, &self.scene, true), soft = watch(self.view, &self.scene, false);
    printf("largest change of a step: of a block %.1f of 255 at %.0f m, limits x %.2f (99 of 100 steps below "
           "%.1f), of the picture %.2f; without fading %.1f at %.0f m, x %.2f (%.1f), %.2f\n",
           soft.block, soft.at_m, soft.factor, soft.block_99, soft.picture, hard.block, hard.at_m,
           hard.factor, hard.block_99, hard.picture);
    /* A house of glass before a dark street is 200 of 255. */
    assert_true(soft.block < 13 && soft.block_99 < 9 && soft.picture < 0.5);
    assert_true(soft.block < 0.6 * hard.block && soft.block_99 < 0.5 * hard.block_99);
    tear_down(&self);
}

/* How much pixels differ from the mean of their neighbours, in parts of 255. */
static double grain(stage *self, bool is_hard)
{
    static uint8_t pixels[HEIGHT][WIDTH][4];
    jw_error error = {0};
    self->scene.reduces_motion = is_hard;
    if (jw_view_draw(self->view, &self->scene, &error) != JW_OK)
        fail_msg("%s", error.message);
    glReadPixels(0, 0, WIDTH, HEIGHT, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
    double sum = 0;
    for (int y = 1; y < HEIGHT - 1; y++)
        for (int x = 1; x < WIDTH - 1; x++)
            sum += jw_abs(pixels[y][x][1] - (pixels[y - 1][x][1] + pixels[y + 1][x][1] + pixels[y][x - 1][1] +
                                             pixels[y][x + 1][1]) /
                                                4.0);
    return sum / ((WIDTH - 2) * (HEIGHT - 2));
}

/* Where a pixel has samples, two forms of a thing share these: a pattern of whole pixels would have more
 * grain than what is there as a whole. */
static void samples_share_a_pixel(void **state)
{
    (void)state;
    stage self;
    set_up(&self, JW_VIEW_LAPTOP);
    GLint most = 0;
    glGetIntegerv(GL_MAX_SAMPLES, &most);
    if (GLEW_ARB_sample_shading && most >= 4) {
        self.scene.overlay = JW_OVERLAY_SPEED; /* neither trees nor windows */
        self.scene.camera.distance_m = 1000;
        self.scene.camera.pitch_rad = 1.5;
        self.view->limits.near_m = 100;
        self.view->limits.country_pixel_m = 1000 / 0.92f / 291; /* small streets are half gone */
        double whole = grain(&self, true), half = grain(&self, false);
        printf("grain of streets: %.2f of 255; half gone: %.2f\n", whole, half);
        assert_true(half > 0 && half < 0.95 * whole);
    }
    tear_down(&self);
}

int main(void)
{
    window = view_fixture_window(WIDTH, HEIGHT);
    if (!window)
        return 77;
    gl_debug_listen();
    const struct CMUnitTest tests[] = {cmocka_unit_test(samples_share_a_pixel),
                                       cmocka_unit_test(nothing_pops)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    jw_view_window_destroy(window);
    return failed || jw_allocated_bytes() != 0;
}
