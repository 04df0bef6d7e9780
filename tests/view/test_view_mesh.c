/* What the view does without GL: cameras, legends, meshes, baked light. */
#include "view/view_fixture.h"
#include "view/view_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const jw_view_rect rect = {100, 50, 800, 600};

static jw_camera some_camera(void)
{
    return (jw_camera){.x_m = 300, .y_m = -200, .heading_rad = 2.0, .pitch_rad = 0.7, .distance_m = 900};
}

static void rays_and_projection_agree(void **state)
{
    (void)state;
    jw_camera camera = some_camera();
    const double pixels[5][2] = {{500, 350}, {110, 640}, {890, 60}, {300, 500}, {700, 100}};
    for (int i = 0; i < 5; i++) {
        jw_vec2 ground;
        double x_px, y_px, depth_m;
        assert_true(jw_camera_ground(&camera, rect, pixels[i][0], pixels[i][1], &ground));
        assert_true(
            jw_camera_project(&camera, rect, (jw_vec3){ground.x, ground.y, 0}, &x_px, &y_px, &depth_m));
        assert_true(jw_abs(x_px - pixels[i][0]) < 1e-6 && jw_abs(y_px - pixels[i][1]) < 1e-6);
    }
    jw_vec2 middle;
    assert_true(jw_camera_ground(&camera, rect, 500, 350, &middle));
    assert_true(jw_abs(middle.x - 300) < 1e-9 && jw_abs(middle.y + 200) < 1e-9);
    double x, y;
    assert_false(jw_camera_project(
        &camera, rect, (jw_vec3){300 - 5000 * jw_cos(2.0), -200 - 5000 * jw_sin(2.0), 0}, &x, &y, NULL));
    camera.pitch_rad = 0.06;
    assert_false(jw_camera_ground(&camera, rect, 500, 60, &middle)); /* the sky */
}

static void drags_keep_the_ground_under_the_pointer(void **state)
{
    (void)state;
    jw_camera camera = some_camera();
    jw_vec2 before, after;
    assert_true(jw_camera_ground(&camera, rect, 320, 480, &before));
    jw_camera_pan(&camera, rect, 320, 480, 650, 200);
    assert_true(jw_camera_ground(&camera, rect, 650, 200, &after));
    assert_true(jw_vec2_distance(before, after) < 1e-6);
    jw_camera_zoom(&camera, rect, 650, 200, 0.5);
    assert_true(jw_abs(camera.distance_m - 450) < 1e-9);
    assert_true(jw_camera_ground(&camera, rect, 650, 200, &after));
    assert_true(jw_vec2_distance(before, after) < 1e-6);
    jw_camera_orbit(&camera, 100, 10);
    assert_true(camera.pitch_rad < JW_PI / 2 && camera.heading_rad <= JW_PI && camera.heading_rad > -JW_PI);
}

/* From the street to the country in one way: the wheel goes on and on, and from afar the camera looks down.
 */
static void the_wheel_reaches_the_country(void **state)
{
    (void)state;
    jw_camera camera = {.x_m = 10, .y_m = 20, .heading_rad = 1, .pitch_rad = 0.3, .distance_m = 40};
    double last_m = 0, last_pitch = 0;
    for (int i = 0; i < 200 && camera.distance_m > last_m; i++) {
        last_m = camera.distance_m;
        last_pitch = camera.pitch_rad;
        jw_camera_zoom(&camera, rect, 500, 350, 1.1);
        assert_true(camera.pitch_rad >= last_pitch && camera.pitch_rad < last_pitch + 0.06);
        assert_true(camera.distance_m < last_m * 1.1001);
    }
    assert_true(last_m > 3e6 && last_pitch > 1.1);
    assert_true(jw_abs(camera.x_m - 10) < 1 && jw_abs(camera.y_m - 20) < 1);
}

static void fitting_shows_all_corners(void **state)
{
    (void)state;
    const jw_box boxes[3] = {{0, 0, 6000, 5000}, {-100, 2000, 200, 9000}, {5, 5, 6, 6}};
    for (int i = 0; i < 3; i++)
        for (double aspect = 0.5; aspect < 3; aspect += 0.6) {
            jw_view_rect screen = {0, 0, (int)(600 * aspect), 600};
            jw_camera camera = jw_camera_fit(boxes[i], aspect);
            for (int k = 0; k < 4; k++) {
                jw_vec3 corner = {(k & 1) ? boxes[i].max_x : boxes[i].min_x,
                                  (k & 2) ? boxes[i].max_y : boxes[i].min_y, 0};
                double x_px, y_px;
                assert_true(jw_camera_project(&camera, screen, corner, &x_px, &y_px, NULL));
                assert_true(x_px >= 0 && x_px <= screen.width_px && y_px >= 0 && y_px <= 600);
            }
        }
}

/* Every road is in sight, and the picture is full: they reach the margins of at least one direction. */
static void fitting_shows_all_roads(void **state)
{
    (void)state;
    jw_city *city = view_fixture_city();
    const jw_view_rect screen = {0, 0, 1600, 900};
    jw_camera camera = jw_camera_fit_roads(city, 16.0 / 9);
    jw_box seen = jw_box_empty();
    for (uint32_t i = 0; i < city->edge_count; i++)
        for (uint32_t k = 0; k < city->edges[i].point_count; k++) {
            jw_vec3 point = city->points[city->edges[i].first_point + k];
            double x_px, y_px;
            point.z = 0;
            assert_true(jw_camera_project(&camera, screen, point, &x_px, &y_px, NULL));
            seen = jw_box_extend(seen, x_px / 1600, y_px / 900);
        }
    assert_true(seen.min_x > 0.02 && seen.max_x < 0.98 && seen.min_y > 0.02 && seen.max_y < 0.98);
    assert_true(seen.max_x - seen.min_x > 0.92 || seen.max_y - seen.min_y > 0.92);
    assert_true(jw_abs(seen.min_x + seen.max_x - 1) < 0.04 && jw_abs(seen.min_y + seen.max_y - 1) < 0.04);
    jw_city_release(city);
}

/* A lone road far away does not count; the middle of the buildings does. */
static void core_bounds_leave_tails_out(void **state)
{
    (void)state;
    jw_city *city = view_fixture_city();
    jw_building buildings[41] = {{0}};
    for (uint32_t i = 0; i < 40; i++)
        buildings[i] = (jw_building){.x_m = 10.0 * (i % 8), .y_m = 10.0 * (i / 8), .levels = 6};
    buildings[40] = (jw_building){.x_m = 9000, .y_m = -5000, .levels = 2};
    jw_city odd = *city;
    odd.buildings = buildings;
    odd.building_count = 41;
    odd.bounds = (jw_box){-1000, -5000, 9000, 500};
    jw_box core = jw_view_core_bounds(&odd);
    assert_true(core.min_x > -30 && core.max_x < 110 && core.min_y > -30 && core.max_y < 70);
    assert_true(core.min_x <= 0 && core.max_x >= 70 && core.min_y <= 0 && core.max_y >= 40);
    odd.building_count = 0; /* then by streets */
    odd.bounds = city->bounds;
    core = jw_view_core_bounds(&odd);
    assert_true(core.max_x - core.min_x > 200 && core.max_y - core.min_y > 200);
    jw_city_release(city);
}

/* A town on the south shore of a sea is seen from the south as ever, one on the north shore from the land. */
static void shores_are_seen_from_the_land(void **state)
{
    (void)state;
    jw_city *city = view_fixture_city();
    jw_building buildings[200] = {{0}};
    for (uint32_t i = 0; i < 200; i++)
        buildings[i] = (jw_building){.x_m = 20.0 * (i % 100), .y_m = 100.0 * (i / 100), .levels = 3};
    for (int is_north = 0; is_north < 2; is_north++) {
        double near_m = is_north ? -20 : 120, far_m = is_north ? -9000 : 9000;
        const jw_vec3 sea[4] = {{-9000, near_m, 0}, {9000, near_m, 0}, {9000, far_m, 0}, {-9000, far_m, 0}};
        const jw_ring_range ring = {0, 4};
        const jw_area area = {.kind = JW_AREA_WATER, .first_ring = 0, .ring_count = 1};
        jw_city row = *city;
        row.buildings = buildings;
        row.building_count = 200;
        row.points = sea;
        row.rings = &ring;
        row.areas = &area;
        row.area_count = 1;
        jw_camera camera = jw_camera_fit_city(&row, (jw_box){-10, -10, 2000, 110}, 16.0 / 9);
        assert_true(jw_sin(camera.heading_rad) * (is_north ? -1 : 1) > 0.5);
    }
    jw_city_release(city);
}

/* Crowns reach into no wall and over no water. */
static void trees_keep_clear_of_walls(void **state)
{
    (void)state;
    jw_city *city = view_fixture_city();
    jw_view_mesh *mesh;
    assert_int_equal(jw_view_mesh_build(city, NULL, NULL, NULL, &mesh, NULL), JW_OK);
    for (uint32_t i = 0; i < mesh->tree_count; i++) {
        const mesh_tree *tree = &mesh->trees[i];
        for (int k = 0; k < 16; k++) {
            double radius_m = 0.36 * (double)tree->size_m - 0.7; /* less what a raster cell may hide */
            double x_m = (double)tree->x + mesh->origin_x_m + radius_m * jw_cos(k * JW_PI / 8);
            double y_m = (double)tree->y + mesh->origin_y_m + radius_m * jw_sin(k * JW_PI / 8);
            assert_true(jw_mesh_roof_m(mesh, x_m, y_m) == 0);
        }
    }
    jw_view_mesh_destroy(mesh);
    jw_city_release(city);
}

static void roofs_are_found_by_place(void **state)
{
    (void)state;
    jw_city *city = view_fixture_city();
    jw_view_mesh *mesh;
    assert_int_equal(jw_view_mesh_build(city, NULL, NULL, NULL, &mesh, NULL), JW_OK);
    assert_true(jw_mesh_roof_m(mesh, 60, 60) == 60);
    assert_true(jw_mesh_roof_m(mesh, 82, 60) == 0);
    assert_true(jw_mesh_roof_m(mesh, -1e6, 60) == 0);
    jw_view_mesh_destroy(mesh);
    jw_city_release(city);
}

static void flights_begin_and_end_where_they_should(void **state)
{
    (void)state;
    jw_camera a = some_camera(), b = a;
    b.x_m += 5000, b.heading_rad = -2.5, b.distance_m = 100;
    jw_camera start = jw_camera_between(&a, &b, 0), end = jw_camera_between(&a, &b, 1);
    jw_camera middle = jw_camera_between(&a, &b, 0.5);
    assert_true(jw_abs(start.x_m - a.x_m) < 1e-9 && jw_abs(start.distance_m - a.distance_m) < 1e-6);
    assert_true(jw_abs(end.x_m - b.x_m) < 1e-9 && jw_abs(end.distance_m - b.distance_m) < 1e-6);
    assert_true(middle.distance_m > 900); /* it rises on the way */
    /* The short way round: from 2 to -2.5 over pi. */
    assert_true(jw_abs(middle.heading_rad) > 2);
}

static void legends_mix_between_their_stops(void **state)
{
    (void)state;
    for (int overlay = JW_OVERLAY_SPEED; overlay < JW_OVERLAY_COUNT; overlay++) {
        jw_view_legend legend = jw_view_get_legend((jw_view_overlay)overlay, JW_PALETTE_STANDARD);
        assert_true(legend.stop_count >= 2 && legend.stop_count <= JW_LEGEND_STOPS);
        for (uint32_t i = 0; i < legend.stop_count; i++) {
            assert_int_equal(jw_view_legend_colour(&legend, legend.stops[i].value), legend.stops[i].colour);
            assert_true(i == 0 || legend.stops[i].value > legend.stops[i - 1].value);
        }
        assert_int_equal(jw_view_legend_colour(&legend, -1e9), legend.stops[0].colour);
        assert_int_equal(jw_view_legend_colour(&legend, 1e9), legend.stops[legend.stop_count - 1].colour);
    }
    const jw_view_legend two = {"", "", {{0, 0x000000}, {10, 0x204060}}, 2};
    assert_int_equal(jw_view_legend_colour(&two, 5), 0x102030);
    assert_int_equal(jw_view_get_legend(JW_OVERLAY_NONE, JW_PALETTE_STANDARD).stop_count, 0);
}

static double triangle_area_m2(const jw_view_mesh *mesh, const uint32_t *t)
{
    const mesh_vertex *a = &mesh->vertices[t[0]], *b = &mesh->vertices[t[1]], *c = &mesh->vertices[t[2]];
    return ((double)(b->x - a->x) * (double)(c->y - a->y) - (double)(b->y - a->y) * (double)(c->x - a->x)) /
           2;
}

/* Seen from above, roofs cover exactly the footprints, and every triangle faces up or stands upright. */
static void roofs_cover_the_footprints(void **state)
{
    (void)state;
    jw_city *city = view_fixture_city();
    jw_view_mesh *mesh;
    assert_int_equal(jw_view_mesh_build(city, NULL, NULL, NULL, &mesh, NULL), JW_OK);
    double footprints_m2 = 0, roofs_m2 = 0, boxes_m2 = 0, rooms_m2 = 0;
    for (uint32_t i = 0; i < city->building_count; i++) {
        const jw_ring_range *ring = &city->rings[city->buildings[i].first_ring];
        footprints_m2 += jw_ring_area_m2(city->points + ring->first_point, ring->point_count);
    }
    for (uint32_t c = 0; c < mesh->chunk_columns * mesh->chunk_rows; c++)
        for (int layer = LAYER_HOUSE; layer <= LAYER_BOX; layer++)
            for (uint32_t i = 0; i < mesh->chunks[c].count[layer]; i += 3) {
                const uint32_t *t = mesh->indices + mesh->chunks[c].first[layer] + i;
                const mesh_vertex *v = &mesh->vertices[t[0]];
                const jw_building *building = &city->buildings[v->id & ID_INDEX_MASK];
                double area_m2 = triangle_area_m2(mesh, t);
                assert_true(area_m2 > -0.01);
                bool is_room = v->z > building->height_m + 1;
                *(layer == LAYER_BOX ? &boxes_m2 : (is_room ? &rooms_m2 : &roofs_m2)) += area_m2;
            }
    assert_true(jw_abs(roofs_m2 - footprints_m2) < 0.001 * footprints_m2);
    assert_true(jw_abs(boxes_m2 - footprints_m2) < 0.001 * footprints_m2);
    assert_true(rooms_m2 > 0 && rooms_m2 < 0.2 * footprints_m2);
    jw_view_mesh_destroy(mesh);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Nothing of a street is painted over its tunnel but dashes; where it goes down there are a wall and its
 * shade, for either direction. */
static void tunnels_lie_under_the_ground(void **state)
{
    (void)state;
    jw_city *city = view_fixture_tunnel();
    jw_view_mesh *mesh;
    assert_int_equal(jw_view_mesh_build(city, NULL, NULL, NULL, &mesh, NULL), JW_OK);
    uint32_t dashes = 0, portals = 0, streets = 0, walls = 0;
    for (uint32_t c = 0; c < mesh->chunk_columns * mesh->chunk_rows; c++)
        for (int layer = 0; layer < LAYER_COUNT; layer++)
            for (uint32_t i = 0; i < mesh->chunks[c].count[layer]; i++) {
                const mesh_vertex *v = &mesh->vertices[mesh->indices[mesh->chunks[c].first[layer] + i]];
                double x_m = (double)v->x + mesh->origin_x_m;
                bool is_street = layer >= LAYER_PAVEMENT && layer <= LAYER_ROAD_MAJOR_FAR;
                streets += is_street;
                assert_false(is_street && jw_abs(x_m) < 219);
                if (layer == LAYER_TUNNEL) {
                    assert_true(jw_abs(x_m) < 231 && v->z > -0.01f && v->z < 0.01f);
                    dashes += v->normal[0] == MARKING_TUNNEL;
                    portals += v->normal[0] == MARKING_PORTAL;
                }
                if (layer == LAYER_HOUSE) {
                    assert_true(jw_abs(x_m) > 219 - 1 && jw_abs(x_m) < 221 && v->z >= 0 && v->z < 2);
                    walls++;
                }
            }
    assert_true(streets > 50 && dashes >= 2 * 2 * 6);
    assert_int_equal(portals, 4 * 6); /* two directions, two ends */
    assert_int_equal(walls, 4 * 5 * 6);
    jw_view_mesh_destroy(mesh);
    jw_city_release(city);
}

/* Decks shade the ground away from the sun, by the cotangent of its height for each metre of theirs. */
static void decks_throw_shadows(void **state)
{
    (void)state;
    jw_city *city = view_fixture_tunnel();
    jw_city raised = *city; /* the same road, eight metres up in its middle */
    jw_vec3 *points = jw_alloc(city->point_count * sizeof *points);
    assert_non_null(points);
    memcpy(points, city->points, city->point_count * sizeof *points);
    for (uint32_t i = 0; i < city->point_count; i++)
        points[i].z = points[i].z < SUNK_M ? 8 : 0;
    raised.points = points;
    jw_view_mesh mesh = {.city = &raised};
    mesh_light *light = &mesh.light;
    assert_int_equal(jw_light_create(light, &raised, 4096, NULL), JW_OK);
    assert_int_equal(jw_light_bake_sky(light, NULL), JW_OK);
    const double sun[3] = {0, 0.6, 0.8}; /* from the north: shadows 6 m to the south */
    assert_int_equal(jw_light_bake_sun(&mesh, sun, NULL), JW_OK);
    double half_m = 0;
    for (uint32_t k = 0; k < city->edges[0].lane_count; k++)
        half_m += city->lanes[city->edges[0].first_lane + k].width_m;
    const struct {
        double y_m;
        bool is_dark;
    } places[] = {{half_m + 3, false}, {-6, true}, {-half_m - 4, true}, {-half_m - 9, false}};
    for (uint32_t i = 0; i < JW_COUNT_OF(places); i++) {
        size_t column = (size_t)((0 - light->min_x_m) / light->cell_m),
               row = (size_t)((places[i].y_m - light->min_y_m) / light->cell_m);
        uint8_t sunlight = light->ground[2 * (row * light->columns + column)];
        assert_true(places[i].is_dark ? sunlight < 40 : sunlight > 215);
    }
    jw_light_free(light);
    jw_free(points);
    jw_city_release(city);
}

/* Layers lie in the index buffer without gaps; boxes come smallest first: of any size, those left out are the
 * smaller ones, told by their footprint and height. */
static void layers_fill_the_index_buffer(void **state)
{
    (void)state;
    jw_city *city = view_fixture_city();
    jw_view_mesh *mesh;
    assert_int_equal(jw_view_mesh_build(city, NULL, NULL, NULL, &mesh, NULL), JW_OK);
    uint32_t total = 0;
    for (int layer = 0; layer < LAYER_COUNT; layer++)
        for (uint32_t c = 0; c < mesh->chunk_columns * mesh->chunk_rows; c++) {
            const mesh_chunk *chunk = &mesh->chunks[c];
            assert_int_equal(chunk->first[layer], total);
            total += chunk->count[layer];
            for (uint32_t i = 0; i < chunk->count[layer]; i++)
                assert_true(mesh->indices[chunk->first[layer] + i] < mesh->vertex_count);
        }
    assert_int_equal(total, mesh->index_count);
    const mesh_chunk *chunk = &mesh->chunks[0];
    uint32_t left_out = 0, changes = 0;
    for (float size_m = 0; size_m < 100; size_m += 0.5f) {
        uint32_t skipped = jw_mesh_smaller_than(mesh, chunk, LAYER_BOX, size_m);
        assert_true(skipped >= left_out && skipped % 30 == 0);
        changes += skipped != left_out;
        left_out = skipped;
        uint32_t smaller = 0;
        for (uint32_t i = 0; i < city->building_count; i++) {
            const jw_building *b = &city->buildings[i];
            const jw_ring_range *ring = &city->rings[b->first_ring];
            double area_m2 = jw_abs(jw_ring_area_m2(city->points + ring->first_point, ring->point_count));
            smaller += jw_mesh_chunk_at(mesh, b->x_m, b->y_m) == 0 &&
                       (float)jw_max(jw_sqrt(area_m2), (double)b->height_m) < size_m;
        }
        assert_int_equal(skipped, 30 * smaller);
    }
    assert_true(changes >= 3);
    assert_int_equal(left_out, chunk->count[LAYER_BOX]);
    assert_true(mesh->tree_count > 20);
    jw_view_mesh_destroy(mesh);
    jw_city_release(city);
}

/* Known hours: at the equator the equinox sun passes overhead; at 40 degrees north it stands 90 - 40 + 23.45
 * degrees high at midsummer's noon and as low as 90 - 40 - 23.45 at midwinter's; it rises in the east and
 * sets in the west; four degrees of longitude are a quarter of an hour. */
static void the_sun_stands_where_it_should(void **state)
{
    (void)state;
    double sun[3], later[3];
    jw_view_sun_at(15, 1e-9, 81, 12, sun);
    assert_true(sun[2] > 0.9999);
    jw_view_sun_at(120, 40, 172, 12, sun);
    assert_true(jw_abs(sun[2] - jw_sin(73.45 * JW_PI / 180)) < 1e-4 && sun[1] < 0 && jw_abs(sun[0]) < 1e-9);
    jw_view_sun_at(120, 40, 355, 12, sun);
    assert_true(jw_abs(sun[2] - jw_sin(26.55 * JW_PI / 180)) < 1e-4);
    jw_view_sun_at(120, 40, 81, 6, sun);
    assert_true(jw_abs(sun[2]) < 1e-3 && sun[0] > 0.999);
    jw_view_sun_at(120, 40, 81, 18, sun);
    assert_true(jw_abs(sun[2]) < 1e-3 && sun[0] < -0.999);
    jw_view_sun_at(120, 40, 100, 9.75, sun);
    jw_view_sun_at(116.25, 40, 100, 10, later);
    for (int i = 0; i < 3; i++)
        assert_true(jw_abs(sun[i] - later[i]) < 1e-9);
    /* What throws shadows is a direction above the horizon, always. */
    for (double hour = 0; hour < 24; hour += 0.5) {
        double lamp[3];
        jw_view_sun_at(120, 40, 100, hour, sun);
        assert_true(jw_abs(sun[0] * sun[0] + sun[1] * sun[1] + sun[2] * sun[2] - 1) < 1e-12);
        jw_view_lamp_of(sun, lamp);
        assert_true(lamp[2] > 0.05 &&
                    jw_abs(lamp[0] * lamp[0] + lamp[1] * lamp[1] + lamp[2] * lamp[2] - 1) < 1e-3);
    }
}

/* The tower of 60 m stands over (40..80, 40..80): its shadow is 60 m x cot(sun's height) long and falls away
 * from the sun, wherever that stands; there is none towards it. Houses of 12 m and more stand around: only
 * what is higher than their shadows can be is compared. */
static void shadows_are_as_long_as_the_sun_says(void **state)
{
    (void)state;
    jw_city *city = view_fixture_city();
    jw_view_mesh *mesh;
    assert_int_equal(jw_view_mesh_build(city, NULL, NULL, NULL, &mesh, NULL), JW_OK);
    const mesh_light *light = &mesh->light;
    for (int k = 0; k < 12; k++) {
        double azimuth = 0.2 + k * JW_TAU / 12, slope = 1.2; /* of the sun's height */
        double flat = 1 / jw_sqrt(1 + slope * slope), c = jw_cos(azimuth), s = jw_sin(azimuth);
        const double sun[3] = {flat * c, flat * s, flat * slope};
        assert_int_equal(jw_light_bake_sun(mesh, sun, NULL), JW_OK);
        for (double away_m = 22; away_m < 40; away_m += 4) {
            /* From the middle: the shadow begins where the way leaves the roof. */
            double edge_m = 20 / jw_max(jw_abs(c), jw_abs(s));
            double expected_m = 60 - (away_m - edge_m) * slope;
            if (away_m < edge_m + 2)
                continue;
            double top_m = jw_light_shadow_top_m(light, 60 - c * away_m, 60 - s * away_m);
            assert_true(jw_abs(top_m - expected_m) < 5);
            assert_true(jw_light_shadow_top_m(light, 60 + c * away_m, 60 + s * away_m) < 35);
        }
    }
    /* The model's lamp: on the ground and on the tower's own roof. */
    assert_int_equal(jw_light_bake_sun(mesh, (double[3]){SUN_X, SUN_Y, SUN_Z}, NULL), JW_OK);
    assert_true(jw_light_shadow_top_m(light, 60, 60) < 60);
    assert_true(jw_light_shadow_top_m(light, -30, -30) < 0.1);
    /* Less sky at the foot of the tower than in the open. */
    assert_true(jw_light_sky_at(light, 38.5, 60) < 0.75);
    assert_true(jw_light_sky_at(light, -55, -55) > 0.99);
    assert_true(jw_light_cover_at(light, 60, 60) & COVER_BUILDING);
    assert_true(jw_light_cover_at(light, 60, 240) & COVER_ROAD);
    assert_true(jw_light_cover_at(light, 305, 420) & COVER_WATER);
    jw_view_mesh_destroy(mesh);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Roads and mapped land belong to the city's ground, the corners of its box beyond them do not. */
static void ground_lies_where_roads_are(void **state)
{
    (void)state;
    jw_city *city = view_fixture_city();
    mesh_extent extent = {0};
    jw_error error = {0};
    assert_int_equal(jw_extent_create(&extent, city, &error), JW_OK);
    for (uint32_t i = 0; i < city->edge_count; i++) {
        const jw_vec3 *first = &city->points[city->edges[i].first_point],
                      *last = first + city->edges[i].point_count - 1;
        uint32_t column = (uint32_t)(((first->x + last->x) / 2 - extent.min_x_m) / extent.cell_m),
                 row = (uint32_t)(((first->y + last->y) / 2 - extent.min_y_m) / extent.cell_m);
        assert_true(column < extent.columns && row < extent.rows);
        assert_int_equal(extent.share[row * extent.columns + column], 255);
    }
    assert_int_equal(extent.share[0], 0);
    assert_int_equal(extent.share[extent.columns * extent.rows - 1], 0);
    jw_free(extent.share);
    jw_city_release(city);
}

static void failing_memory_is_an_error(void **state)
{
    (void)state;
    jw_city *city = view_fixture_city();
    const jw_view_mesh_def def = {.light_size_px = 128};
    int64_t held = jw_allocated_bytes();
    bool is_done = false;
    for (int64_t n = 0; !is_done; n = n < 80 ? n + 1 : n + n / 16) {
        jw_view_mesh *mesh = NULL;
        jw_error error = {0};
        jw_memory_fail_after(n);
        is_done = jw_view_mesh_build(city, &def, NULL, NULL, &mesh, &error) == JW_OK;
        jw_memory_fail_after(-1);
        assert_true(is_done || (error.code == JW_ERROR_MEMORY && !mesh));
        jw_view_mesh_destroy(mesh);
        assert_int_equal(jw_allocated_bytes(), held);
    }
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static bool cancel_late(void *context, double fraction, const char *what)
{
    assert_non_null(what);
    *(double *)context = fraction;
    return fraction < 0.6;
}

static void building_can_be_cancelled(void **state)
{
    (void)state;
    jw_city *city = view_fixture_city();
    jw_view_mesh *mesh;
    double last = 0;
    jw_error error = {0};
    assert_int_equal(jw_view_mesh_build(city, NULL, cancel_late, &last, &mesh, &error), JW_ERROR_CANCELLED);
    assert_null(mesh);
    assert_true(last >= 0.6);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rays_and_projection_agree),
        cmocka_unit_test(drags_keep_the_ground_under_the_pointer),
        cmocka_unit_test(the_wheel_reaches_the_country),
        cmocka_unit_test(fitting_shows_all_corners),
        cmocka_unit_test(fitting_shows_all_roads),
        cmocka_unit_test(core_bounds_leave_tails_out),
        cmocka_unit_test(shores_are_seen_from_the_land),
        cmocka_unit_test(trees_keep_clear_of_walls),
        cmocka_unit_test(roofs_are_found_by_place),
        cmocka_unit_test(flights_begin_and_end_where_they_should),
        cmocka_unit_test(legends_mix_between_their_stops),
        cmocka_unit_test(roofs_cover_the_footprints),
        cmocka_unit_test(tunnels_lie_under_the_ground),
        cmocka_unit_test(decks_throw_shadows),
        cmocka_unit_test(layers_fill_the_index_buffer),
        cmocka_unit_test(the_sun_stands_where_it_should),
        cmocka_unit_test(shadows_are_as_long_as_the_sun_says),
        cmocka_unit_test(ground_lies_where_roads_are),
        cmocka_unit_test(failing_memory_is_an_error),
        cmocka_unit_test(building_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
