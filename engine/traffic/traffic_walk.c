/* Walkers: how many set out and where to, and how they walk.
 *
 * Wished speed: normal, 1.34 m/s with a standard deviation of 0.26 m/s, and the fall of speed with density
 * v = v0 (1 - exp(-1.913 (1/k - 1/5.4))), k in persons a square metre: Weidmann, Transporttechnik der
 * Fussgaenger, IVT Zuerich 90, 1993. In the thickest crowd one still shuffles on. Walkers pass one another
 * freely: nobody is in front of anybody, a link has its density alone.
 *
 * Demand: trips on foot by residents, over the hours and for the purposes of all trips (traffic_demand.c), to
 * blocks no further than 1.5 km, with exp(-2 a km): round figures, unverified. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define WISH_MPS      1.34
#define WISH_SD_MPS   0.26
#define CROWD_A       1.913
#define CROWD_MAX     5.4  /* persons a square metre */
#define CROWD_FREE    0.3f /* below that nobody is in the way (0.2 % of the speed) */
#define SHUFFLE       0.1f /* of the wished speed, in any crowd */
#define WALK_WIDTH_M  2.6f /* of pavements and crossings */
#define CORNER_WIDE_M 4.0f
#define SMALLEST_M2   12.0f /* a short link is part of a place */
#define SIDE_M        1.6   /* over which walkers spread */
#define FURTHEST_M    1500.0
#define WALKERS_MAX   2000000u

/* ---- set-up ----------------------------------------------------------------------------------------------
 */

jw_result jw_walk_init(jw_world *world, jw_traffic *t, jw_error *error)
{
    return t->def.walk.trips_per_person_day > 0 ? jw_walk_need(world, t, error) : JW_OK;
}

void jw_walk_free(jw_traffic *t)
{
    jw_walks *w = &t->walks;
    jw_walk_net_free(&w->net);
    jw_pool_free(&w->pool);
    void *all[] = {w->items,
                   w->search.cost_ms,
                   w->search.from,
                   w->search.stamp,
                   w->search.heap,
                   w->link_count,
                   w->crossing_head,
                   w->busy,
                   w->at_junction,
                   w->crossed,
                   w->cross_wait_ms,
                   w->x_m,
                   w->y_m,
                   w->z_m,
                   w->heading_rad,
                   w->speed_mps,
                   w->id};
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++)
        jw_free(all[k]);
    memset(w, 0, sizeof *w);
}

jw_result jw_walk_grow(jw_traffic *t, uint32_t slots, jw_error *error)
{
    jw_walks *w = &t->walks;
    return jw_grow(&w->items, &w->capacity, slots, sizeof *w->items, error);
}

/* ---- trips -----------------------------------------------------------------------------------------------
 */

/* Sets out now; JW_ERROR_NOT_FOUND: there is no way. */
static jw_result set_out(jw_world *world, jw_traffic *t, uint32_t from_link, float from_m, uint32_t to_link,
                         float to_m, jw_error *error)
{
    jw_walks *walks = &t->walks;
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "traffic.walk"));
    jw_walker w = {.number = walks->number,
                   .depart_ms = (uint32_t)(jw_world_time_ns(world) / JW_NS_PER_MS),
                   .link = from_link,
                   .counted = JW_NONE};
    jw_error why = {0};
    if (!jw_walk_find_way(t, &w, from_m, to_link, to_m, &why)) {
        if (why.code)
            return jw_fail_memory(error);
        walks->counts.impossible++;
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "no way on foot from pavement %u to pavement %u",
                       from_link, to_link);
    }
    double normal = jw_clamp(jw_random_normal(key, w.number, 0), -2, 2);
    w.wish_mps = (float)(WISH_MPS + WISH_SD_MPS * normal);
    w.side_m = (float)(SIDE_M * (jw_random_uniform(key, w.number, 2) - 0.5));
    uint32_t slot, generation;
    if (walks->pool.alive_count >= WALKERS_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "more than %u people walk", WALKERS_MAX);
    if (jw_walk_grow(t, walks->pool.slot_count + 1, error) ||
        jw_pool_take(&walks->pool, &slot, &generation, error))
        return jw_fail_memory(error);
    walks->items[slot] = w;
    walks->number++;
    walks->counts.departed++;
    walks->has_rows = false;
    return JW_OK;
}

jw_result jw_traffic_add_walk(jw_world *world, jw_traffic *t, double from_x_m, double from_y_m, double to_x_m,
                              double to_y_m, jw_error *error)
{
    jw_result result = jw_walk_need(world, t, error);
    if (result)
        return result;
    float from_m = 0, to_m = 0;
    uint32_t from = jw_walk_nearest(t, from_x_m, from_y_m, &from_m);
    uint32_t to = jw_walk_nearest(t, to_x_m, to_y_m, &to_m);
    if (from == JW_NONE || to == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "the city has no pavements");
    result = set_out(world, t, from, from_m, to, to_m, error);
    if (!result)
        jw_walk_derive(t);
    return result;
}

/* A place on a pavement at one of the streets around a block, on the block's side. */
static uint32_t roll_pavement(jw_dice *d, const jw_traffic *t, uint32_t block, float *out_m)
{
    uint32_t e = jw_demand_roll_access(d, t, block, JW_VEHICLE_CAR, 8);
    double at = jw_roll(d);
    if (e == JW_NONE)
        return JW_NONE;
    float x, y, z, heading;
    jw_traffic_track_place(t, t->net.edge_first_lane[e], 0.5f * jw_edge_length(t, e), &x, &y, &z, &heading);
    double dx = t->city->blocks[block].x_m - x, dy = t->city->blocks[block].y_m - y;
    bool is_left = dy * jw_cos(heading) > dx * jw_sin(heading);
    const uint32_t *pavement = t->walks.net.pavement;
    uint32_t link = pavement[2 * e + is_left], opposite = t->city->edges[e].opposite;
    if (link == JW_NONE && is_left && opposite != JW_NONE)
        link = pavement[2 * opposite];
    if (link == JW_NONE)
        link = pavement[2 * e];
    if (link != JW_NONE)
        *out_m = t->walks.net.links[link].length_m * (float)(0.1 + 0.8 * at);
    return link;
}

static bool draw_one(jw_world *world, jw_traffic *t, jw_dice *d)
{
    double share, to_work, to_home;
    uint32_t hour = (uint32_t)(jw_fmod(jw_s_from_ns(jw_world_time_ns(world)), 86400) / 3600) % 24;
    jw_demand_of_hour(hour, &share, &to_work, &to_home);
    double purpose = jw_roll(d), people_share = purpose < to_work ? 1 : purpose < to_work + to_home ? 0 : 0.5;
    uint32_t from = jw_demand_roll_origin(d, t, people_share);
    uint32_t to = jw_demand_roll_block(d, t, from, t->def.walk.decay_per_km, 1 - people_share);
    if (to == JW_NONE)
        return true;
    const jw_block *a = &t->city->blocks[from], *b = &t->city->blocks[to];
    if (jw_vec2_distance((jw_vec2){a->x_m, a->y_m}, (jw_vec2){b->x_m, b->y_m}) > FURTHEST_M)
        return true; /* nobody walks so far */
    float from_m = 0, to_m = 0;
    uint32_t from_link = roll_pavement(d, t, from, &from_m), to_link = roll_pavement(d, t, to, &to_m);
    if (from_link == JW_NONE || to_link == JW_NONE) {
        t->walks.counts.impossible++;
        return true;
    }
    jw_error error = {0};
    jw_result result = set_out(world, t, from_link, from_m, to_link, to_m, &error);
    if (!result || result == JW_ERROR_NOT_FOUND)
        return true;
    jw_world_fail(world, result, error.message);
    return false;
}

void jw_walk_demand(jw_world *world, jw_traffic *t)
{
    double residents = t->walks.is_built ? jw_demand_residents(t) : 0;
    if (t->def.walk.trips_per_person_day <= 0 || residents <= 0)
        return;
    double mean = residents * t->def.walk.trips_per_person_day *
                  jw_demand_minute_share(t, jw_world_time_ns(world)) / 60 * (double)t->dt_s;
    jw_dice dice = {jw_world_random(world, jw_hash_text(0, "traffic.walk.demand")), t->step, 0};
    uint32_t count = jw_demand_roll_poisson(&dice, mean);
    for (uint32_t k = 0; k < count; k++) {
        dice.counter = 1000 + 256 * (uint64_t)k;
        if (!draw_one(world, t, &dice))
            return;
    }
}

/* ---- walking ---------------------------------------------------------------------------------------------
 */

static float speed_on(const jw_traffic *t, const jw_walker *w)
{
    const jw_walk_link *link = &t->walks.net.links[w->link];
    float wide_m = link->kind == JW_WALK_CORNER ? CORNER_WIDE_M : WALK_WIDTH_M;
    float crowd = (float)t->walks.link_count[w->link] / jw_maxf(link->length_m * wide_m, SMALLEST_M2);
    if (crowd <= CROWD_FREE)
        return w->wish_mps;
    double share = 1 - jw_exp(-CROWD_A * (1 / (double)crowd - 1 / CROWD_MAX));
    return w->wish_mps * jw_maxf((float)share, SHUFFLE);
}

/* Onto the next link of its route, with so much of this step's way left. */
static void pass_on(const jw_traffic *t, jw_walker *w, float left_m)
{
    const jw_walk_net *net = &t->walks.net;
    uint32_t node = net->links[w->link].ends[!w->is_back];
    w->link = net->nodes[node].links[w->route[w->hop / 32] >> 2 * (w->hop % 32) & 3];
    w->is_back = net->links[w->link].ends[0] != node;
    w->hop++;
    w->pos_m = 0;
    w->is_waiting = net->links[w->link].kind == JW_WALK_CROSSING;
    if (w->is_waiting) {
        w->wait_s = 0;
        left_m = jw_walk_cross(t, w, left_m);
    }
    w->pos_m = left_m;
}

static void walk_one(const jw_traffic *t, jw_walker *w)
{
    const jw_walk_net *net = &t->walks.net;
    float wish_m = speed_on(t, w) * t->dt_s, way_m = wish_m;
    bool is_crossing = net->links[w->link].kind == JW_WALK_CROSSING;
    if (is_crossing)
        way_m = jw_walk_cross(t, w, wish_m);
    if (is_crossing && way_m < 0.1f * wish_m) {
        w->wait_s += t->dt_s;
        w->waited_s += t->dt_s;
    }
    w->pos_m += way_m;
    w->way_m += way_m;
    w->speed_mps = way_m / t->dt_s;
    while (w->hop < w->hops && w->pos_m >= net->links[w->link].length_m) {
        float left_m = w->pos_m - net->links[w->link].length_m;
        pass_on(t, w, left_m);
        w->way_m -= left_m - w->pos_m;
    }
    if (w->hop == w->hops && w->pos_m >= w->end_m) {
        w->way_m -= w->pos_m - w->end_m;
        w->pos_m = w->end_m;
        w->has_arrived = 1;
    }
}

static void walk_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    jw_traffic *t = context;
    (void)block;
    for (uint32_t slot = begin; slot < end; slot++)
        if (jw_walk_is_alive(&t->walks, slot))
            walk_one(t, &t->walks.items[slot]);
}

static void recount(jw_walks *walks, jw_walker *w)
{
    if (w->counted == w->link)
        return;
    const jw_walk_link *left = w->counted != JW_NONE ? &walks->net.links[w->counted] : NULL;
    if (left) {
        walks->link_count[w->counted]--;
        if (left->kind == JW_WALK_CROSSING) {
            walks->crossed[left->of]++;
            walks->cross_wait_ms[left->of] += (int64_t)(w->wait_s * 1000);
        }
    }
    walks->link_count[w->link]++;
    w->counted = w->link;
}

void jw_walk_derive(jw_traffic *t)
{
    jw_walks *walks = &t->walks;
    for (uint32_t k = 0; k < walks->busy_count; k++) {
        walks->crossing_head[walks->busy[k]] = JW_NONE;
        walks->at_junction[walks->net.crossings[walks->busy[k]].junction] = 0;
    }
    walks->busy_count = 0;
    for (uint32_t slot = 0; slot < walks->pool.slot_count; slot++) {
        jw_walker *w = &walks->items[slot];
        if (!jw_walk_is_alive(walks, slot))
            continue;
        recount(walks, w);
        const jw_walk_link *link = &walks->net.links[w->link];
        if (link->kind != JW_WALK_CROSSING)
            continue;
        if (walks->crossing_head[link->of] == JW_NONE)
            walks->busy[walks->busy_count++] = link->of;
        w->next = walks->crossing_head[link->of];
        walks->crossing_head[link->of] = slot;
        walks->at_junction[walks->net.crossings[link->of].junction] = 1;
    }
}

static void arrive(jw_world *world, jw_traffic *t, uint32_t slot)
{
    jw_walks *walks = &t->walks;
    jw_walker *w = &walks->items[slot];
    recount(walks, w);
    uint32_t now_ms = (uint32_t)(jw_world_time_ns(world) / JW_NS_PER_MS);
    double walk_s = (double)(now_ms - w->depart_ms) / 1000;
    walks->counts.arrived++;
    walks->walk_sum_s += walk_s;
    walks->delay_sum_s += walk_s - (double)(w->way_m / w->wish_mps);
    walks->wait_sum_s += (double)w->waited_s;
    walks->way_sum_m += (double)w->way_m;
    walks->link_count[w->link]--;
    jw_pool_give(&walks->pool, slot);
}

void jw_traffic_phase_walk(jw_world *world, void *state)
{
    jw_traffic *t = state;
    jw_walks *walks = &t->walks;
    walks->now_ns = jw_world_time_ns(world);
    if (!walks->pool.alive_count)
        return;
    int threads = walks->pool.alive_count < 2000 ? 1 : jw_world_threads(world);
    jw_parallel_blocks(walks->pool.slot_count, JW_WALK_BLOCK, threads, walk_block, t);
    for (uint32_t slot = 0; slot < walks->pool.slot_count; slot++)
        if (jw_walk_is_alive(walks, slot) && walks->items[slot].has_arrived)
            arrive(world, t, slot);
    jw_walk_derive(t);
    walks->has_rows = false;
}

/* ---- reading ---------------------------------------------------------------------------------------------
 */

void jw_walk_restart_counts(jw_traffic *t)
{
    jw_walks *walks = &t->walks;
    walks->counts = (jw_walk_counts){.departed = walks->pool.alive_count};
    walks->delay_sum_s = walks->wait_sum_s = walks->walk_sum_s = walks->way_sum_m = 0;
    for (uint32_t k = 0; k < walks->net.crossing_count; k++)
        walks->crossed[k] = walks->cross_wait_ms[k] = 0;
}

jw_walk_counts jw_traffic_count_walkers(const jw_traffic *t)
{
    const jw_walks *walks = &t->walks;
    jw_walk_counts c = walks->counts;
    c.walking = walks->pool.alive_count;
    double arrived = c.arrived ? (double)c.arrived : 1;
    c.mean_walk_s = walks->walk_sum_s / arrived;
    c.mean_delay_s = walks->delay_sum_s / arrived;
    c.mean_wait_s = walks->wait_sum_s / arrived;
    c.mean_way_m = walks->way_sum_m / arrived;
    return c;
}

bool jw_traffic_find_walker(const jw_traffic *t, jw_vehicle_id id, jw_walker_state *out)
{
    if (!jw_pool_is_alive(&t->walks.pool, id.index1, id.generation))
        return false;
    const jw_walker *w = &t->walks.items[id.index1 - 1];
    const jw_walk_net *net = &t->walks.net;
    const jw_walk_link *link = &net->links[w->link];
    uint32_t walked_ms = (uint32_t)(t->now_ns / JW_NS_PER_MS) - w->depart_ms;
    *out = (jw_walker_state){.speed_mps = w->speed_mps,
                             .waited_s = w->waited_s,
                             .way_m = w->way_m,
                             .departed_ns = t->now_ns - t->now_ns % JW_NS_PER_MS - walked_ms * JW_NS_PER_MS,
                             .edge = link->kind == JW_WALK_PAVEMENT ? t->net.lane_edge[link->of] : JW_NONE,
                             .junction =
                                 link->kind == JW_WALK_CROSSING ? net->crossings[link->of].junction : JW_NONE,
                             .is_waiting = w->is_waiting != 0};
    return true;
}

static void write_rows(jw_walks *walks, const jw_traffic *t)
{
    uint32_t row = 0;
    for (uint32_t slot = 0; slot < walks->pool.slot_count; slot++) {
        if (!jw_walk_is_alive(walks, slot))
            continue;
        walks->id[row] = (jw_vehicle_id){slot + 1, walks->pool.generations[slot]};
        jw_walk_place(t, &walks->items[slot], &walks->x_m[row], &walks->y_m[row], &walks->z_m[row],
                      &walks->heading_rad[row]);
        walks->speed_mps[row++] = walks->items[slot].speed_mps;
    }
    walks->has_rows = true;
}

static bool grow_rows(jw_walks *walks)
{
    void *all[] = {&walks->x_m, &walks->y_m, &walks->z_m, &walks->heading_rad, &walks->speed_mps, &walks->id};
    uint32_t capacity = walks->row_capacity;
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++) {
        capacity = walks->row_capacity;
        size_t size = k + 1 < JW_COUNT_OF(all) ? sizeof(float) : sizeof *walks->id;
        if (jw_grow(all[k], &capacity, walks->pool.alive_count, size, NULL))
            return false;
    }
    walks->row_capacity = capacity;
    return true;
}

jw_walker_columns jw_traffic_walkers(const jw_traffic *t)
{
    jw_walks *walks = (jw_walks *)&t->walks; /* rows are made when somebody asks */
    if (!walks->has_rows && !grow_rows(walks))
        return (jw_walker_columns){0};
    if (!walks->has_rows)
        write_rows(walks, t);
    return (jw_walker_columns){.count = walks->pool.alive_count,
                               .id = walks->id,
                               .x_m = walks->x_m,
                               .y_m = walks->y_m,
                               .z_m = walks->z_m,
                               .heading_rad = walks->heading_rad,
                               .speed_mps = walks->speed_mps};
}
