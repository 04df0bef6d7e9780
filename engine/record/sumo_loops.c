/* What detectors counted, in the form of SUMO's E1 (induction loops) and E2 output (areas of lanes): one file
 * may have several, each writes a row at the end of its period. */
#include "record/record_internal.h"

#include <errno.h>
#include <string.h>

#define LOOP_FILES_MAX 64

typedef struct loop {
    uint32_t detector, of_demand, file;
    int64_t begin_ns, period_ns; /* 0: until the end */
    jw_detector_sum base;
    double jam_most_m, jam_sum_m, jam_sum_vehicles; /* of an area, over the steps of the period */
    uint32_t jam_most_vehicles, steps;
} loop;

struct record_loops {
    const jw_sumo_demand *demand;
    loop *items;
    uint32_t count, capacity;
    FILE *files[LOOP_FILES_MAX];
    char paths[LOOP_FILES_MAX][1100];
    uint32_t file_count;
};

static jw_result open_file(record_loops *loops, const jw_sumo_detector *from, uint32_t *out, jw_error *error)
{
    const char *name = jw_sumo_text(loops->demand, from->file);
    char path[sizeof loops->paths[0]];
    snprintf(path, sizeof path, "%s%s", name[0] == '/' ? "" : jw_sumo_text(loops->demand, from->folder),
             name);
    for (*out = 0; *out < loops->file_count; ++*out)
        if (strcmp(loops->paths[*out], path) == 0)
            return JW_OK;
    if (loops->file_count == LOOP_FILES_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, path, 0, "more than %d files of detectors", LOOP_FILES_MAX);
    FILE *file = fopen(path, "wb");
    if (!file)
        return jw_fail(error, JW_ERROR_IO, path, 0, "cannot be written: %s", strerror(errno));
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<detector>\n", file);
    jw_text_copy(loops->paths[loops->file_count], sizeof path, path);
    loops->files[loops->file_count++] = file;
    return JW_OK;
}

/* Traffic has the loops that could be placed, in the demand's order. */
static jw_result find_loops(record_loops *loops, const jw_world *world, jw_error *error)
{
    const jw_traffic *traffic = jw_world_state(world, JW_TWIN_TRAFFIC);
    const jw_detector_sum *sums;
    uint32_t count = jw_traffic_detectors(traffic, &sums), d = 0;
    for (uint32_t k = 0; k < loops->demand->detector_count && d < count; k++) {
        const jw_sumo_detector *from = &loops->demand->detectors[k];
        const char *file = jw_sumo_text(loops->demand, from->file);
        if (strcmp(jw_traffic_detector_name(traffic, d), jw_sumo_text(loops->demand, from->id)) != 0)
            continue;
        loop item = {.detector = d++,
                     .of_demand = k,
                     .begin_ns = jw_world_time_ns(world),
                     .period_ns = from->period_s > 0 ? jw_ns_from_s(from->period_s) : 0};
        item.base = sums[item.detector];
        if (!*file || strcmp(file, "NUL") == 0)
            continue; /* wanted nowhere */
        jw_result result = open_file(loops, from, &item.file, error);
        if (result == JW_OK)
            result = jw_grow(&loops->items, &loops->capacity, loops->count + 1ull, sizeof item, error);
        if (result != JW_OK)
            return result;
        loops->items[loops->count++] = item;
    }
    return JW_OK;
}

jw_result record_loops_open(const jw_sumo_demand *demand, const jw_world *world, record_loops **out,
                            jw_error *error)
{
    *out = NULL;
    record_loops *loops = jw_alloc(sizeof *loops);
    if (!loops)
        return jw_fail_memory(error);
    loops->demand = demand;
    jw_result result = find_loops(loops, world, error);
    if (result == JW_OK)
        *out = loops;
    else
        record_loops_close(loops, world, NULL);
    return result;
}

static bool is_area(const record_loops *loops, const loop *item)
{
    const jw_sumo_detector *from = &loops->demand->detectors[item->of_demand];
    return from->end_m != from->position_m;
}

static void watch_jam(loop *item, const jw_detector_sum *now)
{
    item->jam_most_m = jw_max(item->jam_most_m, now->jam_m);
    item->jam_most_vehicles =
        now->jam_vehicles > item->jam_most_vehicles ? now->jam_vehicles : item->jam_most_vehicles;
    item->jam_sum_m += now->jam_m;
    item->jam_sum_vehicles += now->jam_vehicles;
    item->steps++;
}

static void write_area(FILE *file, const char *id, loop *item, const jw_detector_sum *now, int64_t now_ns)
{
    double time_s = jw_s_from_ns(now_ns - item->begin_ns), seen_s = now->time_s - item->base.time_s;
    double steps = jw_max(item->steps, 1);
    fprintf(
        file,
        "    <interval begin=\"%.2f\" end=\"%.2f\" id=\"%s\" sampledSeconds=\"%.2f\" nVehEntered=\"%lld\" "
        "nVehLeft=\"%lld\" meanSpeed=\"%.2f\" meanOccupancy=\"%.2f\" "
        "meanMaxJamLengthInVehicles=\"%.2f\" meanMaxJamLengthInMeters=\"%.2f\" "
        "maxJamLengthInVehicles=\"%u\" maxJamLengthInMeters=\"%.2f\"/>\n",
        jw_s_from_ns(item->begin_ns), jw_s_from_ns(now_ns), id, seen_s,
        (long long)(now->entered - item->base.entered), (long long)(now->left - item->base.left),
        seen_s > 0 ? (now->way_m - item->base.way_m) / seen_s : -1,
        jw_min((now->occupied_s - item->base.occupied_s) / time_s, 1) * 100, item->jam_sum_vehicles / steps,
        item->jam_sum_m / steps, item->jam_most_vehicles, item->jam_most_m);
    item->jam_most_m = item->jam_sum_m = item->jam_sum_vehicles = 0;
    item->jam_most_vehicles = item->steps = 0;
}

static void write_loop(FILE *file, const char *id, const loop *item, const jw_detector_sum *now,
                       int64_t now_ns)
{
    double time_s = jw_s_from_ns(now_ns - item->begin_ns);
    int64_t entered = now->entered - item->base.entered, left = now->left - item->base.left;
    double speed_mps = -1, harmonic_mps = -1;
    if (entered) {
        speed_mps = (now->speed_sum_mps - item->base.speed_sum_mps) / (double)entered;
        harmonic_mps = (double)entered / (now->slowness_sum_s_per_m - item->base.slowness_sum_s_per_m);
    }
    fprintf(file,
            "    <interval begin=\"%.2f\" end=\"%.2f\" id=\"%s\" nVehContrib=\"%lld\" flow=\"%.2f\" "
            "occupancy=\"%.2f\" speed=\"%.2f\" harmonicMeanSpeed=\"%.2f\" nVehEntered=\"%lld\"/>\n",
            jw_s_from_ns(item->begin_ns), jw_s_from_ns(now_ns), id, (long long)left,
            (double)left / time_s * 3600, jw_min((now->occupied_s - item->base.occupied_s) / time_s, 1) * 100,
            speed_mps, harmonic_mps, (long long)entered);
}

static void write_row(record_loops *loops, loop *item, const jw_detector_sum *now, int64_t now_ns)
{
    char id[512];
    record_escape(id, sizeof id, jw_sumo_text(loops->demand, loops->demand->detectors[item->of_demand].id));
    if (is_area(loops, item))
        write_area(loops->files[item->file], id, item, now, now_ns);
    else
        write_loop(loops->files[item->file], id, item, now, now_ns);
    item->base = *now;
    item->begin_ns = now_ns;
}

static void write_due(record_loops *loops, const jw_world *world, bool is_end)
{
    const jw_detector_sum *sums;
    int64_t now_ns = jw_world_time_ns(world);
    jw_traffic_detectors(jw_world_state(world, JW_TWIN_TRAFFIC), &sums);
    for (uint32_t k = 0; k < loops->count; k++) {
        loop *item = &loops->items[k];
        if (!is_end && is_area(loops, item))
            watch_jam(item, &sums[item->detector]);
        bool is_due = item->period_ns && now_ns - item->begin_ns >= item->period_ns;
        if (is_due || (is_end && now_ns > item->begin_ns))
            write_row(loops, item, &sums[item->detector], now_ns);
    }
}

jw_result record_loops_step(record_loops *loops, const jw_world *world, jw_error *error)
{
    write_due(loops, world, false);
    for (uint32_t k = 0; k < loops->file_count; k++)
        if (ferror(loops->files[k]))
            return jw_fail(error, JW_ERROR_IO, loops->paths[k], 0, "writing failed (is the disk full?)");
    return JW_OK;
}

jw_result record_loops_close(record_loops *loops, const jw_world *world, jw_error *error)
{
    jw_result result = JW_OK;
    if (!loops)
        return JW_OK;
    write_due(loops, world, true);
    for (uint32_t k = 0; k < loops->file_count; k++) {
        fputs("</detector>\n", loops->files[k]);
        bool is_good = !ferror(loops->files[k]);
        if ((fclose(loops->files[k]) != 0 || !is_good) && result == JW_OK)
            result = jw_fail(error, JW_ERROR_IO, loops->paths[k], 0, "writing failed (is the disk full?)");
    }
    jw_free(loops->items);
    jw_free(loops);
    return result;
}
