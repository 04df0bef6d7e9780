/* jingwei bench view: how long the picture of a large city takes, without a simulation beside it. */
#include "app/app.h"

#include <stdio.h>

#ifdef JW_HAS_VIEW
#include "view/view.h"

#include <stdlib.h>
#include <string.h>

enum { FRAMES = 120, WARM_FRAMES = 8, HEIGHTS = 4 };
#define STEP_S  0.5  /* of the simulation, and as often a frame of it comes */
#define FRAME_S 0.05 /* of the screen, of simulated time */

/* Cars spread over all lanes, each driving along its own at its limit, round and round. */
static jw_result move_cars(const jw_city *city, uint32_t count, double time_s, jw_frame *frame,
                           jw_error *error)
{
    jw_result result =
        jw_grow(&frame->vehicles, &frame->vehicle_capacity, count, sizeof *frame->vehicles, error);
    double total_m = 0, along_m = 0;
    for (uint32_t i = 0; i < city->lane_count; i++)
        total_m += city->lanes[i].length_m;
    uint32_t lane = 0;
    for (uint32_t i = 0; i < count && result == JW_OK && city->lane_count > 0; i++) {
        double start_m = total_m * (i + 0.5) / count;
        while (lane + 1 < city->lane_count && along_m + city->lanes[lane].length_m < start_m)
            along_m += city->lanes[lane++].length_m;
        const jw_lane *l = &city->lanes[lane];
        double heading_rad, s_m = jw_fmod(start_m - along_m + l->speed_mps * time_s, l->length_m);
        jw_vec3 at = jw_polyline_at(city->points + l->first_point, l->point_count, s_m, &heading_rad);
        frame->vehicles[i] = (jw_frame_vehicle){.index1 = i + 1,
                                                .generation = 1,
                                                .x_m = (float)at.x,
                                                .y_m = (float)at.y,
                                                .z_m = (float)at.z,
                                                .heading_rad = (float)heading_rad,
                                                .speed_mps = (float)l->speed_mps,
                                                .vehicle_class = i % 12 == 0   ? JW_VEHICLE_TRUCK
                                                                 : i % 29 == 0 ? JW_VEHICLE_BUS
                                                                               : JW_VEHICLE_CAR,
                                                .length_dm = 46};
    }
    frame->vehicle_count = result == JW_OK ? count : 0;
    frame->time_ns = jw_ns_from_s(9 * 3600 + time_s);
    frame->step = (uint64_t)(time_s / STEP_S + 0.5);
    return result;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_shares(const char *what, double *values, uint32_t count)
{
    qsort(values, count, sizeof *values, compare_doubles);
    printf("  ");
    app_print_cell(what, -20);
    printf(app_say(" median %7.3f  90 %% %7.3f  99 %% %7.3f  longest %7.3f ms\n"), values[count / 2],
           values[count * 9 / 10], values[count * 99 / 100], values[count - 1]);
}

/* Flies a slow circle at one height while the cars drive. */
static jw_result measure(jw_view *view, jw_view_window *window, const jw_city *city, uint32_t vehicles,
                         jw_camera camera, const char *name, jw_error *error)
{
    static double frame_ms[FRAMES], prepare_ms[FRAMES], hand_over_ms[FRAMES], pass_ms[JW_VIEW_PASSES];
    jw_frame frames[2] = {{0}};
    int width_px, height_px;
    jw_view_window_size(window, &width_px, &height_px);
    jw_view_scene scene = {
        .camera = camera, .rect = {0, 0, width_px, height_px}, .framebuffer_height_px = height_px};
    jw_result result = move_cars(city, vehicles, 0, &frames[1], error);
    uint32_t steps = 0;
    for (int i = 0; i < JW_VIEW_PASSES; i++)
        pass_ms[i] = 0;
    for (int i = -WARM_FRAMES; i < FRAMES && result == JW_OK; i++) {
        double time_s = (i + WARM_FRAMES) * FRAME_S;
        if (time_s >= steps * STEP_S) { /* a new frame of the simulation */
            jw_frame kept = frames[0];
            frames[0] = frames[1];
            frames[1] = kept;
            result = move_cars(city, vehicles, ++steps * STEP_S, &frames[1], error);
        }
        scene.frame_a = &frames[0];
        scene.frame_b = &frames[1];
        scene.blend = time_s / STEP_S - (steps - 1);
        scene.animation_s = time_s;
        jw_camera_orbit(&scene.camera, 0.01, 0);
        double begin_s = jw_clock_seconds();
        if (result == JW_OK)
            result = jw_view_draw(view, &scene, error);
        jw_view_window_swap(window); /* of a hidden window: until it is drawn */
        jw_view_counters counters = jw_view_get_counters(view);
        if (i < 0)
            continue;
        frame_ms[i] = (jw_clock_seconds() - begin_s) * 1e3;
        prepare_ms[i] = counters.prepare_ms;
        hand_over_ms[i] = counters.cpu_ms;
        for (int k = 0; k < JW_VIEW_PASSES; k++)
            pass_ms[k] += counters.pass_ms[k] / FRAMES;
    }
    if (result == JW_OK) {
        jw_view_counters c = jw_view_get_counters(view);
        printf(app_say("%s: %u triangles, %u calls, %u buildings, %u trees, %u vehicles\n"), name,
               c.triangles, c.draw_calls, c.buildings_drawn, c.trees_drawn, c.vehicles_drawn);
        print_shares("frame", frame_ms, FRAMES);
        print_shares("handing it over", hand_over_ms, FRAMES);
        print_shares("  preparing", prepare_ms, FRAMES);
        printf(app_say("  mean ms a pass:"));
        for (uint32_t i = 0; i < JW_VIEW_PASSES; i++)
            printf(" %s %.2f", jw_view_pass_name(i), pass_ms[i]);
        printf("\n");
    }
    jw_frame_free(&frames[0]);
    jw_frame_free(&frames[1]);
    return result;
}

static jw_vec2 corner_of(const jw_draft *draft, const jw_ring_range *ring, uint32_t i)
{
    const jw_draft_node *node = &draft->nodes[draft->refs[ring->first_point + i % ring->point_count]];
    return (jw_vec2){node->x_m, node->y_m};
}

static jw_vec2 between(jw_vec2 a, jw_vec2 b, double share)
{
    return (jw_vec2){a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share};
}

static double squared_m(jw_vec2 a, jw_vec2 b)
{
    return (b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y);
}

/* Cuts each building of four corners across its longest side into three with gaps between them: planned
 * blocks are large, and a city of terraces has more houses. */
static jw_result split_buildings(jw_draft *draft, jw_error *error)
{
    enum { PARTS = 3 };
    const double part = 0.32; /* of the side; the rest are gaps */
    jw_result result = JW_OK;
    uint32_t count = draft->building_count;
    for (uint32_t i = 0; i < count && result == JW_OK; i++) {
        jw_draft_building building = draft->buildings[i];
        const jw_ring_range ring = draft->rings[building.shape.first_ring];
        if (building.shape.ring_count != 1 || ring.point_count != 4)
            continue;
        jw_vec2 c[4];
        for (uint32_t k = 0; k < 4; k++)
            c[k] = corner_of(draft, &ring, k);
        uint32_t turn = squared_m(c[0], c[1]) < squared_m(c[1], c[2]);
        jw_vec2 a = c[turn], b = c[turn + 1], e = c[(turn + 2) % 4], d = c[(turn + 3) % 4];
        building.population /= PARTS;
        building.jobs /= PARTS;
        for (uint32_t k = 0; k < PARTS && result == JW_OK; k++) {
            double from = k * (1 - part) / (PARTS - 1), to = from + part;
            const jw_vec2 at[4] = {between(a, b, from), between(a, b, to), between(d, e, to),
                                   between(d, e, from)};
            uint32_t refs[4], sides = 4;
            for (uint32_t n = 0; n < 4 && result == JW_OK; n++)
                result = jw_draft_add_point(draft, at[n].x, at[n].y, &refs[n], error);
            if (result == JW_OK)
                result = jw_draft_add_shape(draft, refs, &sides, 1, &building.shape, error);
            if (result == JW_OK && k == 0)
                draft->buildings[i] = building;
            else if (result == JW_OK)
                result = jw_draft_add_building(draft, &building, error);
        }
    }
    return result;
}

static jw_result plan(double area_km2, jw_city **out, jw_error *error)
{
    jw_draft draft = {0};
    jw_plan_def def = {
        .style = "xiongan", .area_km2 = area_km2, .lake_share = 0.02, .density_per_km2 = 12000};
    jw_result result = jw_plan_city(&def, &draft, error);
    if (result == JW_OK)
        result = split_buildings(&draft, error);
    if (result == JW_OK)
        result = jw_city_build(&draft, NULL, NULL, NULL, NULL, out, error);
    jw_draft_free(&draft);
    return result;
}

int app_bench_view(uint32_t vehicles, double area_km2, int width_px, int height_px, const char *quality)
{
    static const struct {
        const char *name;
        double distance_m, pitch_rad;
    } heights[HEIGHTS] = {
        {"street", 120, 0.25}, {"district", 1200, 0.6}, {"city", 6000, 0.7}, {"all of it", 0, 0}};
    static const char *const tiers[] = {"auto", "software", "laptop", "gpu"};
    jw_view_tier tier = JW_VIEW_AUTO;
    for (uint32_t i = 0; i < JW_COUNT_OF(tiers); i++)
        if (quality && strcmp(quality, tiers[i]) == 0)
            tier = (jw_view_tier)i;
    jw_error error = {0};
    jw_city *city = NULL;
    jw_view_window *window = NULL;
    jw_view_mesh *mesh = NULL;
    jw_view *view = NULL;
    if (!getenv("DISPLAY") && !getenv("WAYLAND_DISPLAY"))
        setenv("SDL_VIDEODRIVER", "offscreen", 0);
    jw_result result = plan(area_km2, &city, &error);
    if (result == JW_OK)
        result = jw_view_window_create(width_px, height_px, "jingwei", true, &window, &error);
    double begin_s = jw_clock_seconds();
    if (result == JW_OK)
        result = jw_view_mesh_build(city, NULL, NULL, NULL, &mesh, &error);
    double mesh_s = jw_clock_seconds() - begin_s;
    if (result == JW_OK)
        result = jw_view_create(mesh, tier, &view, &error);
    if (result == JW_OK) {
        printf(app_say("%s, tier %s, %d x %d pixels; %u buildings on %g km2 made ready in %.1f s; %u moving "
                       "vehicles\n"),
               jw_view_window_renderer(window), tiers[jw_view_get_tier(view)], width_px, height_px,
               city->building_count, area_km2, mesh_s, vehicles);
        jw_camera all = jw_camera_fit(jw_view_core_bounds(city), (double)width_px / height_px);
        for (int i = 0; i < HEIGHTS && result == JW_OK; i++) {
            jw_camera camera = all;
            if (heights[i].distance_m > 0)
                camera = (jw_camera){.x_m = all.x_m,
                                     .y_m = all.y_m,
                                     .heading_rad = 1.5,
                                     .pitch_rad = heights[i].pitch_rad,
                                     .distance_m = heights[i].distance_m};
            result = measure(view, window, city, vehicles, camera, heights[i].name, &error);
        }
        jw_view_census census = jw_view_take_census();
        printf(app_say("%u GL objects; %.0f MB in buffers, %.0f MB in textures%s\n"), census.objects,
               (double)census.buffer_bytes / 1e6, (double)census.texture_bytes / 1e6,
               census.has_texture_bytes ? "" : app_say(" (targets alone: this driver tells no more)"));
    }
    jw_view_destroy(view);
    jw_view_window_destroy(window);
    jw_city_release(city);
    return result == JW_OK ? APP_OK : app_fail(&error);
}
#else
int app_bench_view(uint32_t vehicles, double area_km2, int width_px, int height_px, const char *quality)
{
    (void)vehicles, (void)area_km2, (void)width_px, (void)height_px, (void)quality;
    printf(app_say("view: this build has none\n"));
    return APP_OK;
}
#endif
