/* Walkers in snapshots and hashes, and their invariants. The network is made again from the city. */
#include "traffic/traffic_internal.h"

#include <math.h> /* isfinite alone */

#define COUNT_WHOLES(X) X(departed) X(arrived) X(impossible)
#define SUM_REALS(X)    X(delay_sum_s) X(wait_sum_s) X(walk_sum_s) X(way_sum_m)

/* ---- saving, hashing -------------------------------------------------------------------------------------
 */

static void save_walker(const jw_walker *w, jw_writer *writer)
{
#define X(name) jw_write_f32(writer, w->name);
    JW_WALKER_REALS(X)
#undef X
#define X(name) jw_write_u64(writer, (uint64_t)w->name);
    JW_WALKER_WHOLES(X)
#undef X
}

void jw_walk_save(const jw_traffic *t, jw_writer *writer)
{
    const jw_walks *walks = &t->walks;
    jw_write_u8(writer, walks->is_built);
    if (!walks->is_built)
        return;
    jw_pool_save(&walks->pool, writer);
    for (uint32_t slot = 0; slot < walks->pool.slot_count; slot++)
        if (jw_walk_is_alive(walks, slot))
            save_walker(&walks->items[slot], writer);
    jw_write_array(writer, walks->crossed, walks->net.crossing_count, sizeof *walks->crossed);
    jw_write_array(writer, walks->cross_wait_ms, walks->net.crossing_count, sizeof *walks->cross_wait_ms);
    jw_write_u64(writer, walks->number);
#define X(name) jw_write_i64(writer, walks->counts.name);
    COUNT_WHOLES(X)
#undef X
#define X(name) jw_write_f64(writer, walks->name);
    SUM_REALS(X)
#undef X
}

static uint64_t hash_walker(const jw_walker *w, uint64_t hash)
{
#define X(name) hash = jw_hash_f64(hash, (double)w->name);
    JW_WALKER_REALS(X)
#undef X
#define X(name) hash = jw_hash_u64(hash, (uint64_t)w->name);
    JW_WALKER_WHOLES(X)
#undef X
    return hash;
}

uint64_t jw_walk_hash(const jw_traffic *t, uint64_t hash)
{
    const jw_walks *walks = &t->walks;
    if (!walks->is_built)
        return jw_hash_u64(hash, 0);
    size_t pool = sizeof(uint32_t), sums = walks->net.crossing_count * sizeof(int64_t);
    hash = jw_hash_bytes(hash, walks->pool.generations, walks->pool.slot_count * pool);
    hash = jw_hash_bytes(hash, walks->pool.free_slots, walks->pool.free_count * pool);
    for (uint32_t slot = 0; slot < walks->pool.slot_count; slot++)
        if (jw_walk_is_alive(walks, slot))
            hash = hash_walker(&walks->items[slot], hash);
    hash = jw_hash_bytes(hash, walks->crossed, sums);
    hash = jw_hash_bytes(hash, walks->cross_wait_ms, sums);
    hash = jw_hash_u64(hash, walks->number);
#define X(name) hash = jw_hash_u64(hash, (uint64_t)walks->counts.name);
    COUNT_WHOLES(X)
#undef X
#define X(name) hash = jw_hash_f64(hash, walks->name);
    SUM_REALS(X)
#undef X
    return hash;
}

/* ---- loading ---------------------------------------------------------------------------------------------
 */

/* Every link of its way is there. */
static bool is_good_way(const jw_walk_net *net, const jw_walker *w)
{
    uint32_t link = w->link;
    bool is_back = w->is_back;
    for (uint32_t k = w->hop; k < w->hops; k++) {
        uint32_t node = net->links[link].ends[!is_back], kind = w->route[k / 32] >> 2 * (k % 32) & 3;
        link = kind < JW_WALK_KINDS ? net->nodes[node].links[kind] : JW_NONE;
        if (link == JW_NONE)
            return false;
        is_back = net->links[link].ends[0] != node;
    }
    return w->end_m >= 0 && w->end_m <= net->links[link].length_m;
}

static bool is_good_walker(const jw_walk_net *net, const jw_walker *w)
{
    if (w->link >= net->link_count || w->hop > w->hops || w->hops > JW_WALK_HOPS_MAX || w->is_back > 1 ||
        w->is_waiting > 1)
        return false;
    return w->pos_m >= 0 && w->pos_m <= net->links[w->link].length_m && w->wish_mps > 0.1f &&
           w->wish_mps < 10 && w->speed_mps >= 0 && w->speed_mps < 10 && w->side_m > -10 && w->side_m < 10 &&
           w->wait_s >= 0 && isfinite(w->wait_s) && w->waited_s >= 0 && isfinite(w->waited_s) &&
           w->way_m >= 0 && isfinite(w->way_m) && is_good_way(net, w);
}

static void load_walkers(jw_traffic *t, jw_reader *r)
{
    jw_walks *walks = &t->walks;
    jw_error error = {0};
    if ((uint64_t)walks->pool.alive_count * 32 > r->size || jw_walk_grow(t, walks->pool.slot_count, &error)) {
        jw_reader_fail(r, "traffic: %u walkers are too many", walks->pool.alive_count);
        return;
    }
    for (uint32_t slot = 0; slot < walks->pool.slot_count && !r->failed; slot++) {
        if (!jw_walk_is_alive(walks, slot))
            continue;
        jw_walker w = {.counted = JW_NONE};
#define X(name) w.name = jw_read_f32(r);
        JW_WALKER_REALS(X)
#undef X
#define X(name) w.name = (__typeof__(w.name))jw_read_u64(r);
        JW_WALKER_WHOLES(X)
#undef X
        if (!r->failed && !is_good_walker(&walks->net, &w))
            jw_reader_fail(r, "traffic: walker %u out of range", slot);
        walks->items[slot] = w;
    }
}

static void load_sums(const jw_traffic *t, jw_reader *r, int64_t **sums)
{
    uint32_t count = 0;
    jw_free(*sums);
    *sums = NULL;
    jw_read_array(r, sums, &count, sizeof **sums, t->walks.net.crossing_count);
    if (!r->failed && count != t->walks.net.crossing_count)
        jw_reader_fail(r, "traffic: sums of %u crossings where this city has %u", count,
                       t->walks.net.crossing_count);
}

void jw_walk_load(jw_world *world, jw_traffic *t, jw_reader *r)
{
    jw_walks *walks = &t->walks;
    jw_error error = {0};
    if (!jw_read_u8(r) || r->failed)
        return;
    if (jw_walk_need(world, t, &error)) {
        jw_reader_fail_memory(r);
        return;
    }
    jw_pool_load(&walks->pool, r);
    if (!r->failed)
        load_walkers(t, r);
    load_sums(t, r, &walks->crossed);
    load_sums(t, r, &walks->cross_wait_ms);
    walks->number = jw_read_u64(r);
#define X(name) walks->counts.name = jw_read_i64(r);
    COUNT_WHOLES(X)
#undef X
#define X(name)                                                                                              \
    if (!isfinite(walks->name = jw_read_f64(r)))                                                             \
        jw_reader_fail(r, "traffic: sums of walkers out of range");
    SUM_REALS(X)
#undef X
    walks->now_ns = t->now_ns;
    if (!r->failed)
        jw_walk_derive(t);
}

/* ---- invariants ------------------------------------------------------------------------------------------
 */

#define CORE_M 0.4f /* of a zone, between the outside of a vehicle and what it keeps free */

/* A vehicle that moves lies over the crossing where this walker is. */
static bool is_run_over(const jw_traffic *t, const jw_walker *w, const jw_walk_zone *z)
{
    float length_m = t->walks.net.links[w->link].length_m, x = w->is_back ? length_m - w->pos_m : w->pos_m;
    const jw_track *way = &t->tracks[t->net.lane_count + z->connection];
    if (x <= z->x_begin_m + CORE_M || x >= z->x_end_m - CORE_M)
        return false;
    if (way->overhang_m < z->end_m && way->overhang_mps > CORE_M)
        return true;
    for (uint32_t p = way->begin; p < way->end; p++) {
        const jw_car *car = &t->cars[p];
        if (car->speed_mps > CORE_M && car->pos_m > z->begin_m &&
            car->pos_m - t->types[car->type].length_m < z->end_m)
            return true;
    }
    return false;
}

bool jw_walk_is_consistent(const jw_traffic *t, jw_error *error)
{
    const jw_walks *walks = &t->walks;
    uint32_t walking = 0, counted = 0;
    for (uint32_t k = 0; walks->is_built && k < walks->net.link_count; k++)
        counted += walks->link_count[k];
    for (uint32_t slot = 0; slot < walks->pool.slot_count; slot++) {
        if (!jw_walk_is_alive(walks, slot))
            continue;
        walking++;
        const jw_walker *w = &walks->items[slot];
        if (!is_good_walker(&walks->net, w))
            return !jw_fail(error, JW_ERROR_STATE, NULL, 0, "walker %u on link %u: position %g", slot,
                            w->link, (double)w->pos_m);
        if (walks->net.links[w->link].kind != JW_WALK_CROSSING)
            continue;
        const jw_crossing *x = &walks->net.crossings[walks->net.links[w->link].of];
        for (uint32_t k = 0; k < x->zone_count; k++)
            if (is_run_over(t, w, &walks->net.zones[x->first_zone + k]))
                return !jw_fail(error, JW_ERROR_STATE, NULL, 0,
                                "walker %u at %g m of crossing %u is where a vehicle of connection %u drives",
                                slot, (double)w->pos_m, walks->net.links[w->link].of,
                                walks->net.zones[x->first_zone + k].connection);
    }
    if (walking == walks->pool.alive_count && counted == walking &&
        walks->counts.departed == walks->counts.arrived + walking)
        return true;
    return !jw_fail(error, JW_ERROR_STATE, NULL, 0,
                    "walkers not conserved: departed %lld arrived %lld walking %u, on links %u",
                    (long long)walks->counts.departed, (long long)walks->counts.arrived, walking, counted);
}
