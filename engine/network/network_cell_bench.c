/* How fast the radio runs: terminals that drive along a grid of streets between buildings, masts of three
 * sectors on a hexagonal lattice above it, no other module. Wall time is shown, never part of the state. */
#include "network/network_internal.h"

#include <stdio.h>

#define SPACING_M    400.0 /* of masts */
#define STREET_M     100.0
#define STEP_S       0.5
#define RUN_STEPS    40
#define RUNS         5
#define ROW_RATIO    0.8660254037844386 /* sqrt(3) / 2 */
#define SPEED_MPS    13.9
#define DOWNLINK_BPS 50e3 /* of each user, so that cells are loaded and hear each other */

typedef struct bench {
    const jw_radio_bench_def *def;
    jw_net_node_def *nodes;
    jw_cell_def *cells;
    jw_city city;
    net_shared shared;
    double side_m;
    jw_user_id *users;
    float *x_m, *y_m;
    jw_world *world;
} bench;

static void free_bench(bench *b)
{
    jw_world_destroy(b->world);
    jw_free(b->nodes);
    jw_free(b->cells);
    jw_free((void *)b->city.points);
    jw_free((void *)b->city.rings);
    jw_free((void *)b->city.buildings);
    jw_free(b->users);
    jw_free(b->x_m);
    jw_free(b->y_m);
}

/* Three sectors a mast, each mast a node; as many masts a row as make the land a square. */
static void place_masts(bench *b)
{
    uint32_t masts = (b->def->cells + 2) / 3;
    uint32_t columns = (uint32_t)jw_max(jw_ceil(b->side_m / SPACING_M), 1);
    for (uint32_t i = 0; i < masts; i++) {
        uint32_t column = i % columns, row = i / columns;
        b->nodes[i] = (jw_net_node_def){.kind = JW_NET_CELL_SITE,
                                        .x_m = (column + (row % 2 ? 0.75 : 0.25)) * SPACING_M,
                                        .y_m = (row + 0.5) * SPACING_M * ROW_RATIO};
        snprintf(b->nodes[i].name, sizeof b->nodes[i].name, "mast-%u", i);
    }
    for (uint32_t i = 0; i < b->def->cells; i++) {
        const jw_net_node_def *mast = &b->nodes[i / 3];
        b->cells[i] = (jw_cell_def){.x_m = mast->x_m,
                                    .y_m = mast->y_m,
                                    .height_m = 25,
                                    .scenario = JW_RADIO_UMA,
                                    .antenna = JW_ANTENNA_SECTOR,
                                    .azimuth_deg = 30 + 120 * (i % 3),
                                    .tilt_deg = 6};
        snprintf(b->cells[i].name, sizeof b->cells[i].name, "cell-%u", i);
        jw_text_copy(b->cells[i].node, sizeof b->cells[i].node, mast->name);
    }
}

/* Four buildings of 35 m a side and 6 to 36 m high in each block between streets. */
static jw_result build_city(bench *b)
{
    uint32_t blocks = (uint32_t)jw_ceil(b->side_m / STREET_M), count = 4 * blocks * blocks;
    jw_vec3 *points = jw_alloc(4 * (size_t)count * sizeof *points);
    jw_ring_range *rings = jw_alloc(count * sizeof *rings);
    jw_building *buildings = jw_alloc(count * sizeof *buildings);
    b->city = (jw_city){.points = points,
                        .point_count = 4 * count,
                        .rings = rings,
                        .ring_count = count,
                        .buildings = buildings,
                        .building_count = count};
    if (!points || !rings || !buildings) {
        return JW_ERROR_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t block = i / 4, corner = i % 4;
        double x_m = block % blocks * STREET_M + 12 + 41 * (corner % 2),
               y_m = block / blocks * STREET_M + 12 + 41 * (corner / 2);
        for (uint32_t k = 0; k < 4; k++) {
            points[4 * i + k] = (jw_vec3){x_m + (k == 1 || k == 2 ? 35 : 0), y_m + (k >= 2 ? 35 : 0), 0};
        }
        rings[i] = (jw_ring_range){4 * i, 4};
        buildings[i] = (jw_building){.first_ring = i,
                                     .ring_count = 1,
                                     .x_m = x_m + 17.5,
                                     .y_m = y_m + 17.5,
                                     .height_m = (float)(6 + i * 7 % 31)};
    }
    return JW_OK;
}

/* Along its street there and back, the place a function of the user and the time. */
static void drive(bench *b)
{
    double time_s = jw_s_from_ns(jw_world_time_ns(b->world)), there_m = b->side_m;
    for (uint32_t i = 0; i < b->def->users; i++) {
        uint32_t streets = (uint32_t)(b->side_m / STREET_M) + 1;
        double start_m = (double)(i * 7919u % 10007u) / 10007 * 2 * there_m;
        double way_m = jw_fmod(start_m + time_s * SPEED_MPS * (0.5 + i % 7 / 7.0), 2 * there_m);
        double along_m = way_m < there_m ? way_m : 2 * there_m - way_m, across_m = i / 2 % streets * STREET_M;
        b->x_m[i] = (float)(i % 2 ? along_m : across_m);
        b->y_m[i] = (float)(i % 2 ? across_m : along_m);
    }
}

static jw_result prepare(bench *b, jw_error *error)
{
    uint32_t masts = (b->def->cells + 2) / 3, users = b->def->users;
    b->side_m = jw_sqrt(masts * ROW_RATIO) * SPACING_M;
    b->nodes = jw_alloc(masts * sizeof *b->nodes);
    b->cells = jw_alloc(b->def->cells * sizeof *b->cells);
    b->users = jw_alloc(users * sizeof *b->users);
    b->x_m = jw_alloc(users * sizeof *b->x_m);
    b->y_m = jw_alloc(users * sizeof *b->y_m);
    if (!b->nodes || !b->cells || !b->users || !b->x_m || !b->y_m || build_city(b)) {
        return jw_fail_memory(error);
    }
    place_masts(b);
    b->shared.city = &b->city;
    jw_network_def def = jw_default_network_def();
    def.nodes = b->nodes, def.node_count = masts, def.cells = b->cells, def.cell_count = b->def->cells;
    def.user_background_bps = DOWNLINK_BPS;
    jw_module_entry entry = {&jw_network_module, &def};
    jw_world_def world = {.seed = 1,
                          .dt_ns = jw_ns_from_s(STEP_S),
                          .threads = b->def->threads > 0 ? b->def->threads : 1,
                          .modules = &entry,
                          .module_count = 1,
                          .shared = &b->shared};
    return jw_world_create(&world, &b->world, error);
}

jw_result jw_radio_bench(const jw_radio_bench_def *def, jw_radio_bench_result *out, jw_error *error)
{
    bench b = {.def = def};
    *out = (jw_radio_bench_result){0};
    jw_result result = def->users > 0 && def->users <= 10000000 && def->cells > 0 && def->cells <= 100000
                           ? prepare(&b, error)
                           : jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                                     "radio bench: 1 to 10,000,000 users, 1 to 100,000 cells");
    jw_network *network = result ? NULL : jw_world_state(b.world, jw_world_find_module(b.world, "network"));
    double begin_s = jw_clock_seconds();
    if (!result) {
        drive(&b);
    }
    for (uint32_t i = 0; i < def->users && !result; i++) {
        result = jw_network_add_user(network, i, b.x_m[i], b.y_m[i], 1.5f, &b.users[i], error);
    }
    out->start_s = jw_clock_seconds() - begin_s;
    for (uint32_t run = 0; run <= RUNS && !result; run++) { /* the first while the radio map is made */
        double step_s = 0;
        for (uint32_t i = 0; i < RUN_STEPS && !result; i++) {
            drive(&b);
            begin_s = jw_clock_seconds();
            jw_network_move_users(network, def->users, b.users, b.x_m, b.y_m);
            result = jw_world_step(b.world, error);
            step_s += jw_clock_seconds() - begin_s;
        }
        double factor = RUN_STEPS * STEP_S / step_s;
        *(run == 0 ? &out->cold_factor : &out->real_time_factor[run - 1]) = factor;
    }
    if (!result) {
        out->tiles = network->place_count;
        out->counts = jw_network_count(b.world, network);
        out->hash = jw_world_hash(b.world);
    }
    free_bench(&b);
    return result;
}
