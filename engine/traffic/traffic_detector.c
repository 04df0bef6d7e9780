/* Detectors. Induction loops: who passes a place of a lane, how fast, and how long somebody stands over it.
 * Within a step a vehicle moves evenly, so that passages and occupancy are exact to the step's mean speed.
 *
 * Vehicles that come onto a lane within a step are seen as they pass on. One whose front has left it may
 * still lie over a loop before its end: such tails are noted before the vehicles move, and seen afterwards.
 */
#include "traffic/traffic_internal.h"

#include <string.h>

#define DETECTORS_MAX 100000u

void jw_detectors_free(jw_detectors *d)
{
    void *all[] = {d->items, d->first, d->sums, d->bases, d->tails};
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++)
        jw_free(all[k]);
    memset(d, 0, sizeof *d);
}

static jw_result put_on_lane(jw_traffic *t, const char *name, uint32_t lane, float pos_m, float end_m,
                             jw_error *error)
{
    jw_detectors *d = &t->detectors;
    uint64_t count = (uint64_t)d->count + 1;
    if (!d->first) {
        d->first = jw_alloc(t->net.lane_count * sizeof *d->first);
        if (!d->first)
            return jw_fail_memory(error);
        memset(d->first, 0xFF, t->net.lane_count * sizeof *d->first);
    }
    if (jw_grow(&d->items, &d->capacity, count, sizeof *d->items, error) ||
        jw_grow(&d->sums, &d->sum_capacity, count, sizeof *d->sums, error) ||
        jw_grow(&d->bases, &d->base_capacity, count, sizeof *d->bases, error))
        return JW_ERROR_MEMORY;
    jw_detector *item = &d->items[d->count];
    *item = (jw_detector){.lane = lane, .pos_m = pos_m, .end_m = end_m, .next = d->first[lane]};
    jw_text_copy(item->name, sizeof item->name, name);
    d->sums[d->count] = d->bases[d->count] = (jw_detector_sum){0};
    d->area_count += end_m > pos_m;
    d->first[lane] = d->count++;
    return JW_OK;
}

jw_result jw_traffic_add_detector(jw_traffic *t, const jw_detector_def *def, jw_error *error)
{
    if (def->edge >= t->net.edge_count ||
        def->lane >= t->net.edge_first_lane[def->edge + 1] - t->net.edge_first_lane[def->edge])
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "detector \"%.40s\": edge %u has no lane %u",
                       def->name, def->edge, def->lane);
    uint32_t lane = t->net.edge_first_lane[def->edge] + def->lane;
    float length_m = t->tracks[lane].length_m;
    double pos_m = def->position_m < 0 ? (double)length_m + def->position_m : def->position_m;
    if (!(pos_m >= 0 && def->length_m >= 0 && pos_m + def->length_m <= (double)length_m + 0.1))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "detector \"%.40s\": %.1f m (and %.1f m on) is not on its lane, which is %.1f m long",
                       def->name, def->position_m, def->length_m, (double)length_m);
    if (!def->name[0] || !memchr(def->name, 0, sizeof def->name))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "detector: a name of 1 to %d bytes is needed",
                       JW_DETECTOR_NAME_SIZE - 1);
    for (uint32_t k = 0; k < t->detectors.count; k++)
        if (strcmp(t->detectors.items[k].name, def->name) == 0)
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "detector \"%.40s\" exists already", def->name);
    if (t->detectors.count == DETECTORS_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "more than %u detectors", DETECTORS_MAX);
    return put_on_lane(t, def->name, lane, (float)pos_m, jw_minf((float)(pos_m + def->length_m), length_m),
                       error);
}

jw_result jw_detectors_init(jw_traffic *t, const jw_detector_def *defs, uint32_t count, jw_error *error)
{
    jw_result result = JW_OK;
    for (uint32_t k = 0; k < count && !result; k++)
        result = jw_traffic_add_detector(t, &defs[k], error);
    return result;
}

uint32_t jw_traffic_detectors(const jw_traffic *t, const jw_detector_sum **out)
{
    *out = t->detectors.sums;
    return t->detectors.count;
}

const char *jw_traffic_detector_name(const jw_traffic *t, uint32_t detector)
{
    return t->detectors.items[detector].name;
}

void jw_detectors_drain(jw_traffic *t)
{
    jw_detectors *d = &t->detectors;
    if (d->count)
        memcpy(d->bases, d->sums, d->count * sizeof *d->sums);
    d->base_ns = t->now_ns;
}

void jw_detectors_restart(jw_traffic *t)
{
    jw_detectors *d = &t->detectors;
    if (d->count)
        memset(d->sums, 0, d->count * sizeof *d->sums);
    jw_detectors_drain(t);
}

/* ---- in a step -------------------------------------------------------------------------------------------
 */

/* pos_m: of its front now, along the detector's lane and beyond. */
static void see_one(const jw_traffic *t, const jw_car *car, float pos_m, const jw_detector *item,
                    jw_detector_sum *sum)
{
    if (item->end_m > item->pos_m) {
        jw_area_see_one(t, car, pos_m, item, sum);
        return;
    }
    float at_m = item->pos_m, way = car->bound_m, from = pos_m - way, dt = t->dt_s;
    float rear = from - t->types[car->type].length_m;
    if (pos_m < at_m || rear > at_m)
        return; /* not there yet, or gone before */
    float begin_s = from >= at_m ? 0 : (at_m - from) / way * dt, end_s = dt;
    if (from < at_m) {
        double speed_mps = (double)(way / dt);
        sum->entered++;
        sum->speed_sum_mps += speed_mps;
        sum->slowness_sum_s_per_m += 1 / speed_mps;
    }
    if (way > at_m - rear) {
        end_s = (at_m - rear) / way * dt;
        sum->left++;
    }
    sum->occupied_s += (double)jw_maxf(end_s - begin_s, 0);
}

void jw_detectors_see(jw_traffic *t, uint32_t lane)
{
    const jw_detectors *d = &t->detectors;
    for (uint32_t k = d->first[lane]; k != JW_NONE; k = d->items[k].next)
        for (uint32_t p = t->tracks[lane].begin; p < t->tracks[lane].end; p++)
            see_one(t, &t->cars[p], t->cars[p].pos_m, &d->items[k], &d->sums[k]);
}

void jw_detectors_pass(jw_traffic *t, const jw_order *order)
{
    const jw_detectors *d = &t->detectors;
    const jw_car *car = &t->cars[t->place_of_slot[order->slot]];
    uint32_t tracks[4], count = jw_traffic_tracks_passed(t, order, tracks);
    float pos_m = car->pos_m;
    for (uint32_t i = 1; i < count; i++) {
        pos_m -= t->tracks[tracks[i - 1]].length_m;
        for (uint32_t k = jw_is_lane(t, tracks[i]) ? d->first[tracks[i]] : JW_NONE; k != JW_NONE;
             k = d->items[k].next)
            see_one(t, car, pos_m, &d->items[k], &d->sums[k]);
    }
}

void jw_detectors_note_tails(jw_world *world, jw_traffic *t)
{
    jw_detectors *d = &t->detectors;
    d->tail_count = 0;
    for (uint32_t i = 0; i < t->tail_count; i++) {
        uint32_t slot = t->tails[i];
        const jw_car *car = &t->cars[t->place_of_slot[slot]];
        const jw_vehicle *v = &t->vehicles[slot];
        float rear = jw_is_kerb(t, car->track) ? 0 : car->pos_m - t->types[car->type].length_m;
        for (uint32_t k = 0; k < 2 && rear < 0 && v->prev[k] != JW_NONE; k++) {
            uint32_t track = v->prev[k];
            rear += t->tracks[track].length_m;
            for (uint32_t n = jw_is_lane(t, track) ? d->first[track] : JW_NONE; n != JW_NONE;
                 n = d->items[n].next) {
                if (d->items[n].pos_m < rear || d->items[n].end_m > d->items[n].pos_m)
                    continue;
                if (jw_grow(&d->tails, &d->tail_capacity, d->tail_count + 1ull, sizeof *d->tails, NULL)) {
                    jw_world_fail(world, JW_ERROR_MEMORY, "no memory for the tails over detectors");
                    return;
                }
                d->tails[d->tail_count++] = (jw_detector_tail){slot, n, d->items[n].pos_m - rear};
            }
        }
    }
}

void jw_detectors_see_tails(jw_traffic *t)
{
    jw_detectors *d = &t->detectors;
    for (uint32_t k = 0; k < d->tail_count; k++) {
        const jw_detector_tail *tail = &d->tails[k];
        float way = t->cars[t->place_of_slot[tail->slot]].bound_m;
        bool is_gone = way > tail->left_m;
        d->sums[tail->detector].left += is_gone;
        d->sums[tail->detector].occupied_s += (double)(is_gone ? tail->left_m / way * t->dt_s : t->dt_s);
    }
    for (uint32_t k = 0, areas = 0; areas < d->area_count; k++)
        if (d->items[k].end_m > d->items[k].pos_m) {
            jw_area_see_jam(t, &d->items[k], &d->sums[k]);
            areas++;
        }
}

/* ---- state -----------------------------------------------------------------------------------------------
 */

void jw_detectors_save(const jw_traffic *t, jw_writer *writer)
{
    jw_write_u32(writer, t->detectors.count);
    for (uint32_t k = 0; k < t->detectors.count; k++) {
        const jw_detector *item = &t->detectors.items[k];
        jw_write_text(writer, item->name);
        jw_write_u32(writer, item->lane);
        jw_write_f64(writer, (double)item->pos_m);
        jw_write_f64(writer, (double)item->end_m);
    }
}

uint64_t jw_detectors_hash(const jw_traffic *t, uint64_t hash)
{
    for (uint32_t k = 0; k < t->detectors.count; k++) {
        const jw_detector *item = &t->detectors.items[k];
        hash = jw_hash_text(hash, item->name);
        hash = jw_hash_bytes(hash, &item->lane, sizeof item->lane);
        hash = jw_hash_bytes(hash, &item->pos_m, sizeof item->pos_m);
        hash = jw_hash_bytes(hash, &item->end_m, sizeof item->end_m);
    }
    return hash;
}

void jw_detectors_load(jw_traffic *t, jw_reader *r)
{
    uint32_t count = jw_read_u32(r);
    for (uint32_t k = 0; k < count && !r->failed; k++) {
        char name[JW_DETECTOR_NAME_SIZE];
        jw_error error = {0};
        jw_read_text(r, name, sizeof name);
        uint32_t lane = jw_read_u32(r);
        double pos_m = jw_read_f64(r), end_m = jw_read_f64(r);
        if (r->failed)
            return;
        bool is_fine = k < DETECTORS_MAX && lane < t->net.lane_count && pos_m >= 0 && pos_m <= end_m &&
                       end_m <= (double)t->tracks[lane].length_m;
        if (!is_fine)
            jw_reader_fail(r, "traffic: a detector makes no sense");
        else if (put_on_lane(t, name, lane, (float)pos_m, (float)end_m, &error))
            jw_reader_fail(r, "out of memory");
    }
    t->detectors.base_ns = t->now_ns;
}
