#include "view/view_fixture.h"

#include "city/city_fixtures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool is_good, const char *what)
{
    if (is_good)
        return;
    fprintf(stderr, "fixture: %s failed\n", what);
    abort();
}

static jw_draft_shape add_shape(jw_draft *draft, const double (*corners)[2], uint32_t count)
{
    uint32_t refs[16];
    jw_draft_shape shape;
    for (uint32_t i = 0; i < count; i++)
        refs[i] = jw_fixture_add_node(draft, corners[i][0], corners[i][1], false);
    must(jw_draft_add_shape(draft, refs, &count, 1, &shape, NULL) == JW_OK, "shape");
    return shape;
}

static jw_draft_shape add_rectangle(jw_draft *draft, double x0, double y0, double x1, double y1)
{
    const double corners[4][2] = {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}};
    return add_shape(draft, corners, 4);
}

static void add_building(jw_draft *draft, double x0, double y0, double x1, double y1, float height_m,
                         jw_use use)
{
    jw_draft_building building = {.shape = add_rectangle(draft, x0, y0, x1, y1),
                                  .height_m = height_m,
                                  .levels = (uint8_t)(height_m / 3),
                                  .use = (uint8_t)use};
    must(jw_draft_add_building(draft, &building, NULL) == JW_OK, "building");
}

jw_city *view_fixture_city(void)
{
    jw_draft draft = {0};
    add_building(&draft, 40, 40, 80, 80, 60, JW_USE_OFFICE);
    uint32_t nodes[5][5];
    for (uint32_t row = 0; row < 5; row++)
        for (uint32_t i = 0; i < 5; i++)
            nodes[row][i] =
                jw_fixture_add_node(&draft, i * 120.0, row * 120.0, row > 0 && row < 4 && i > 0 && i < 4);
    for (uint32_t row = 0; row < 5; row++)
        for (uint32_t i = 0; i < 4; i++) {
            jw_road_class road_class = row == 2 ? JW_ROAD_PRIMARY : JW_ROAD_RESIDENTIAL;
            jw_fixture_add_road(&draft, nodes[row][i], nodes[row][i + 1], road_class, row == 2 ? 2 : 1,
                                row == 2 ? 2 : 1, 13.9);
            jw_fixture_add_road(&draft, nodes[i][row], nodes[i + 1][row],
                                row == 2 ? JW_ROAD_SECONDARY : JW_ROAD_TERTIARY, 1, 1, 13.9);
        }
    for (uint32_t row = 0; row < 4; row++)
        for (uint32_t i = 0; i < 4; i++) {
            double x = i * 120.0, y = row * 120.0;
            if ((row == 0 && i == 0) || (row == 3 && i == 2) || (row == 2 && i == 1))
                continue;
            jw_use use = (jw_use)(JW_USE_RESIDENTIAL + (row * 4 + i) % 5);
            add_building(&draft, x + 22, y + 22, x + 98, y + 38, 12 + 6.0f * (float)i, use);
            add_building(&draft, x + 22, y + 80, x + 98, y + 96, 9 + 4.0f * (float)row, use);
            add_building(&draft, x + 30, y + 52, x + 42, y + 66, 7, JW_USE_RESIDENTIAL);
        }
    jw_draft_area park = {.shape = add_rectangle(&draft, 250, 375, 350, 468), .kind = JW_AREA_PARK};
    const double pond_corners[6][2] = {{280, 400}, {310, 395}, {330, 415},
                                       {322, 440}, {295, 446}, {276, 425}};
    jw_draft_area pond = {.shape = add_shape(&draft, pond_corners, 6), .kind = JW_AREA_WATER};
    must(jw_draft_add_area(&draft, &park, NULL) == JW_OK && jw_draft_add_area(&draft, &pond, NULL) == JW_OK,
         "areas");
    uint32_t rail[3] = {jw_fixture_add_node(&draft, -60, 500, false),
                        jw_fixture_add_node(&draft, 240, 520, false),
                        jw_fixture_add_node(&draft, 540, 505, false)};
    jw_draft_line line = {.kind = JW_LINE_RAIL, .width_m = 4};
    must(jw_draft_add_line(&draft, &line, rail, 3, NULL, NULL) == JW_OK, "rail");
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    return city;
}

jw_city *view_fixture_box(float height_m, double side_m)
{
    jw_draft draft = {0};
    add_building(&draft, -side_m / 2, -side_m / 2, side_m / 2, side_m / 2, height_m, JW_USE_OFFICE);
    jw_draft_area ground = {.shape = add_rectangle(&draft, -250, -250, 250, 250),
                            .kind = JW_AREA_BUILT,
                            .use = JW_USE_INDUSTRIAL};
    must(jw_draft_add_area(&draft, &ground, NULL) == JW_OK, "ground");
    uint32_t ends[2] = {jw_fixture_add_node(&draft, -200, -60, false),
                        jw_fixture_add_node(&draft, 200, -60, false)};
    jw_fixture_add_road(&draft, ends[0], ends[1], JW_ROAD_RESIDENTIAL, 1, 1, 13.9);
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    return city;
}

jw_city *view_fixture_house(const double (*corners)[2], uint32_t count, jw_roof roof, float height_m,
                            float roof_m)
{
    jw_draft draft = {0};
    jw_draft_building building = {.shape = add_shape(&draft, corners, count),
                                  .height_m = height_m,
                                  .roof_m = roof_m,
                                  .roof = (uint8_t)roof,
                                  .use = JW_USE_RESIDENTIAL};
    must(jw_draft_add_building(&draft, &building, NULL) == JW_OK, "building");
    uint32_t ends[2] = {jw_fixture_add_node(&draft, -50, -60, false),
                        jw_fixture_add_node(&draft, 50, -60, false)};
    jw_fixture_add_road(&draft, ends[0], ends[1], JW_ROAD_RESIDENTIAL, 1, 1, 13.9);
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    return city;
}

jw_city *view_fixture_tunnel(void)
{
    jw_draft draft = {0};
    uint32_t nodes[4], roads[3];
    for (int i = 0; i < 4; i++)
        nodes[i] = jw_fixture_add_node(&draft, (const double[]){-400, -150, 150, 400}[i], 0, false);
    for (int i = 0; i < 3; i++)
        roads[i] = jw_fixture_add_road(&draft, nodes[i], nodes[i + 1], JW_ROAD_PRIMARY, 2, 2, 13.9);
    draft.roads[roads[1]].is_tunnel = 1;
    draft.roads[roads[1]].layer = -1;
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    return city;
}

static void *room(void *pointer, uint32_t *capacity, uint32_t count, size_t size)
{
    must(jw_grow(pointer, capacity, count, size, NULL) == JW_OK, "memory");
    void *items;
    memcpy(&items, pointer, sizeof items);
    return items;
}

static void add_vehicles(const jw_city *city, jw_frame *frame)
{
    jw_frame_vehicle *v = room(&frame->vehicles, &frame->vehicle_capacity, 40, sizeof *v);
    frame->vehicle_count = 40;
    for (uint32_t i = 0; i < 40; i++) {
        const jw_lane *lane = &city->lanes[i * 7 % city->lane_count];
        double heading_rad;
        jw_vec3 at = jw_polyline_at(city->points + lane->first_point, lane->point_count,
                                    i == 0 ? lane->length_m : lane->length_m * (i % 5 + 1) / 6, &heading_rad);
        v[i] = (jw_frame_vehicle){.index1 = i + 1,
                                  .generation = 1,
                                  .x_m = (float)at.x,
                                  .y_m = (float)at.y,
                                  .z_m = (float)at.z,
                                  .heading_rad = (float)heading_rad,
                                  .speed_mps = 5,
                                  .vehicle_class = (uint8_t)(i % JW_VEHICLE_CLASS_COUNT),
                                  .flags = (uint8_t)(i % 2 ? JW_VEHICLE_BRAKES : 0),
                                  .length_dm = 50};
    }
}

/* Values over the whole legend, row by row; every eleventh street has none. */
static void add_shade(jw_frame *frame, jw_view_overlay overlay)
{
    const jw_overlay_info *info = jw_view_overlay_info(overlay);
    uint32_t count = info->kind == JW_OVERLAY_OF_EDGES ? frame->edge_count : frame->asset_count;
    frame->shades =
        room(&frame->shades, &frame->shade_capacity, frame->shade_count + 1, sizeof *frame->shades);
    frame->raster_values = room(&frame->raster_values, &frame->raster_value_capacity,
                                frame->raster_value_count + count, sizeof(float));
    jw_frame_shade *shade = &frame->shades[frame->shade_count++];
    *shade = (jw_frame_shade){.kind = info->kind == JW_OVERLAY_OF_EDGES ? JW_SHADE_EDGES : JW_SHADE_ASSETS,
                              .first_value = frame->raster_value_count,
                              .value_count = count};
    jw_text_copy(shade->name, sizeof shade->name, info->id);
    for (uint32_t i = 0; i < count; i++)
        frame->raster_values[frame->raster_value_count + i] =
            i % 11 == 10 ? NAN : (float)info->stops[(i + overlay) % info->stop_count];
    frame->raster_value_count += count;
}

void view_fixture_park(const jw_city *city, uint32_t count, jw_frame *frame)
{
    jw_frame_vehicle *v = room(&frame->vehicles, &frame->vehicle_capacity, count, sizeof *v);
    frame->vehicle_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const jw_lane *lane = &city->lanes[i * 7919u % city->lane_count];
        double heading_rad;
        jw_vec3 at = jw_polyline_at(city->points + lane->first_point, lane->point_count,
                                    lane->length_m * (i % 5 + 1) / 6, &heading_rad);
        v[i] = (jw_frame_vehicle){.index1 = i + 1,
                                  .generation = 1,
                                  .x_m = (float)at.x,
                                  .y_m = (float)at.y,
                                  .z_m = (float)at.z,
                                  .heading_rad = (float)heading_rad,
                                  .length_dm = 46};
    }
}

void view_fixture_frame(const jw_city *city, jw_frame *frame)
{
    *frame = (jw_frame){.time_ns = 8 * 3600 * JW_NS_PER_S};
    add_vehicles(city, frame);
    frame->signals = room(&frame->signals, &frame->signal_capacity, city->connection_count, 1);
    frame->signal_count = city->connection_count;
    for (uint32_t i = 0; i < city->connection_count; i++)
        frame->signals[i] = (uint8_t) "Ggyr"[i % 4];
    frame->edges = room(&frame->edges, &frame->edge_capacity, city->edge_count, sizeof *frame->edges);
    frame->edge_count = city->edge_count;
    for (uint32_t i = 0; i < city->edge_count; i++)
        frame->edges[i] = (jw_frame_edge){.speed_mps = (float)(i % 10) * 1.39f, .vehicles = 3};
    frame->assets = room(&frame->assets, &frame->asset_capacity, 3, sizeof *frame->assets);
    frame->asset_count = 3;
    frame->assets[0] = (jw_frame_asset){.name = "edge-1",
                                        .kind = JW_ASSET_SITE,
                                        .tier = 3,
                                        .is_up = 1,
                                        .x_m = 180,
                                        .y_m = 300,
                                        .z_m = 8,
                                        .load = 0.6f,
                                        .queue = 30,
                                        .rate = 5e4f};
    frame->assets[1] = (jw_frame_asset){.name = "cell-1",
                                        .kind = JW_ASSET_CELL,
                                        .is_up = 1,
                                        .x_m = 300,
                                        .y_m = 180,
                                        .z_m = 30,
                                        .load = 0.9f,
                                        .rate = 4e7f};
    frame->assets[2] = (jw_frame_asset){
        .name = "line-1", .kind = JW_ASSET_FACTORY, .is_up = 1, .x_m = 420, .y_m = 400, .load = 0.7f};
    frame->links = room(&frame->links, &frame->link_capacity, 1, sizeof *frame->links);
    frame->link_count = 1;
    frame->links[0] = (jw_frame_link){.name = "ring-1",
                                      .x0_m = 180,
                                      .y0_m = 300,
                                      .x1_m = 420,
                                      .y1_m = 60,
                                      .capacity_bps = 1e10f,
                                      .rate_bps = {{1e7f, 2e9f, 4e8f}, {1e6f, 1e6f, 3e7f}},
                                      .is_up = 1};
    frame->rasters = room(&frame->rasters, &frame->raster_capacity, 3, sizeof *frame->rasters);
    frame->raster_values = room(&frame->raster_values, &frame->raster_value_capacity, 64, sizeof(float));
    frame->raster_count = 3; /* of the same values */
    frame->raster_value_count = 64;
    static const jw_watch_kind maps[] = {JW_WATCH_LATENCY, JW_WATCH_SINR, JW_WATCH_RATE};
    for (uint32_t i = 0; i < 3; i++)
        frame->rasters[i] =
            (jw_frame_raster){.kind = (uint8_t)maps[i], .cell_m = 60, .columns = 8, .rows = 8};
    for (uint32_t i = 0; i < 64; i++)
        frame->raster_values[i] = i % 8 == 7 ? NAN : (float)i;
    for (int overlay = 0; overlay < JW_OVERLAY_COUNT; overlay++)
        if (jw_view_overlay_info((jw_view_overlay)overlay)->watch == JW_WATCH_SHADE)
            add_shade(frame, (jw_view_overlay)overlay);
}

jw_view_window *view_fixture_window(int width_px, int height_px)
{
    setenv("SDL_VIDEODRIVER", "offscreen", 0);
    jw_view_window *window;
    jw_error error = {0};
    if (jw_view_window_create(width_px, height_px, "test", true, &window, &error) == JW_OK)
        return window;
    printf("skipped: %s\n", error.message);
    return NULL;
}
