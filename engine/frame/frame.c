/* Freeing, copying and searching frames. A frame is a header of plain numbers and a fixed set of arrays; the
 * table below is the one list of them, so that no function forgets one. */
#include "frame/frame_internal.h"

#include <stddef.h>
#include <string.h>

#define ARRAY(items, count, capacity, type)                                                                  \
    {                                                                                                        \
        offsetof(jw_frame, items), offsetof(jw_frame, count), offsetof(jw_frame, capacity), sizeof(type)     \
    }

static const struct frame_array {
    size_t items, count, capacity, element_size;
} frame_arrays[] = {
    ARRAY(vehicles, vehicle_count, vehicle_capacity, jw_frame_vehicle),
    ARRAY(signals, signal_count, signal_capacity, uint8_t),
    ARRAY(edges, edge_count, edge_capacity, jw_frame_edge),
    ARRAY(assets, asset_count, asset_capacity, jw_frame_asset),
    ARRAY(links, link_count, link_capacity, jw_frame_link),
    ARRAY(metrics, metric_count, metric_capacity, jw_frame_metric),
    ARRAY(events, event_count, event_capacity, jw_frame_event),
    ARRAY(details, detail_count, detail_capacity, jw_frame_detail),
    ARRAY(hops, hop_count, hop_capacity, jw_frame_hop),
    ARRAY(rasters, raster_count, raster_capacity, jw_frame_raster),
    ARRAY(shades, shade_count, shade_capacity, jw_frame_shade),
    ARRAY(raster_values, raster_value_count, raster_value_capacity, float),
};

static void *items_of(const jw_frame *frame, const struct frame_array *array)
{
    void *items;
    memcpy(&items, (const char *)frame + array->items, sizeof items);
    return items;
}

static uint32_t *count_of(jw_frame *frame, size_t offset)
{
    return (uint32_t *)(void *)((char *)frame + offset);
}

uint32_t jw_frame_driving_count(const jw_frame *frame)
{
    uint32_t low = 0, high = frame->vehicle_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (frame->vehicles[middle].index1 < JW_FRAME_WALKERS)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void jw_frame_free(jw_frame *frame)
{
    for (uint32_t i = 0; i < JW_COUNT_OF(frame_arrays); i++)
        jw_free(items_of(frame, &frame_arrays[i]));
    *frame = (jw_frame){0};
}

void jw_frame_clear(jw_frame *frame)
{
    for (uint32_t i = 0; i < JW_COUNT_OF(frame_arrays); i++)
        *count_of(frame, frame_arrays[i].count) = 0;
}

jw_result jw_frame_copy(const jw_frame *from, jw_frame *to, jw_error *error)
{
    /* All room first: a copy that fails leaves the target's contents as they were. */
    for (uint32_t i = 0; i < JW_COUNT_OF(frame_arrays); i++) {
        const struct frame_array *array = &frame_arrays[i];
        uint32_t needed;
        memcpy(&needed, (const char *)from + array->count, sizeof needed);
        jw_result result = jw_grow((char *)to + array->items, count_of(to, array->capacity), needed,
                                   array->element_size, error);
        if (result != JW_OK)
            return result;
    }
    to->time_ns = from->time_ns;
    to->day_of_year = from->day_of_year;
    to->rain_mm_per_h = from->rain_mm_per_h;
    to->visibility_m = from->visibility_m;
    to->step = from->step;
    to->state_hash = from->state_hash;
    to->assets_revision = from->assets_revision;
    for (uint32_t i = 0; i < JW_COUNT_OF(frame_arrays); i++) {
        const struct frame_array *array = &frame_arrays[i];
        uint32_t count;
        memcpy(&count, (const char *)from + array->count, sizeof count);
        if (count)
            memcpy(items_of(to, array), items_of(from, array), count * array->element_size);
        *count_of(to, array->count) = count;
    }
    return JW_OK;
}

const jw_frame_metric *jw_frame_find_metric(const jw_frame *frame, const char *name)
{
    for (uint32_t i = 0; i < frame->metric_count; i++)
        if (strcmp(frame->metrics[i].name, name) == 0)
            return &frame->metrics[i];
    return NULL;
}
