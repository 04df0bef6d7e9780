/* Frames as compressed bytes. Layout: "JWFR", version u32, raw size u32, hash u64 of what follows the header,
 * compressed size u32, then one zstd frame. Inside, vehicles lie column by column (equal kinds of numbers
 * next to each other compress best) with ids as differences; everything else field by field. */
#include "frame/frame_internal.h"

#include <string.h>
#include <zstd.h>

enum {
    FORMAT_MAGIC = 0x5246574A, /* "JWFR" */
    FORMAT_VERSION = 9,
    HEADER_BYTES = 24,
    ZSTD_LEVEL = 3,
    MAX_RAW_BYTES = 1 << 30,
    MAX_ITEMS = 1 << 26,
};

/* Coordinates in centimetres; INT32_MIN stands for "no value" (events that happened nowhere). */
static uint32_t centi_from(float value)
{
    if (!__builtin_isfinite(value))
        return (uint32_t)INT32_MIN;
    double scaled = jw_clamp(jw_round((double)value * 100.0), -2.0e9, 2.0e9);
    return (uint32_t)(int32_t)scaled;
}

static float centi_to(uint32_t bits)
{
    int32_t centi = (int32_t)bits;
    return centi == INT32_MIN ? __builtin_nanf("") : (float)((double)centi / 100.0);
}

static uint16_t small_from(double value)
{
    return (uint16_t)jw_clamp(jw_round(value), 0, 65535);
}

static void write_vehicles(jw_writer *raw, const jw_frame *frame)
{
    uint32_t count = frame->vehicle_count, last = 0;
    const jw_frame_vehicle *v = frame->vehicles;
    jw_write_u32(raw, count);
    for (uint32_t i = 0; i < count; last = v[i].index1, i++)
        jw_write_u32(raw, v[i].index1 - last);
    for (uint32_t i = 0; i < count; i++)
        jw_write_u32(raw, v[i].generation);
    for (uint32_t i = 0; i < count; i++)
        jw_write_u32(raw, centi_from(v[i].x_m));
    for (uint32_t i = 0; i < count; i++)
        jw_write_u32(raw, centi_from(v[i].y_m));
    for (uint32_t i = 0; i < count; i++)
        jw_write_u32(raw, centi_from(v[i].z_m));
    for (uint32_t i = 0; i < count; i++) { /* 0.01 rad steps over one turn */
        double turn = v[i].heading_rad - JW_TAU * jw_floor(v[i].heading_rad / JW_TAU);
        jw_write_u16(raw, small_from(turn * 100.0));
    }
    for (uint32_t i = 0; i < count; i++)
        jw_write_u16(raw, small_from(v[i].speed_mps * 100.0));
    for (uint32_t i = 0; i < count; i++)
        jw_write_u16(raw, v[i].length_dm);
    for (uint32_t i = 0; i < count; i++)
        jw_write_u8(raw, v[i].vehicle_class);
    for (uint32_t i = 0; i < count; i++)
        jw_write_u8(raw, v[i].flags);
}

/* Makes room for a count read from the stream; 0 after any failure, so that the caller's loops do nothing. */
static uint32_t read_room(jw_reader *raw, void *items_pointer, uint32_t *count, uint32_t *capacity,
                          size_t bytes_each, size_t element_size, jw_error *error)
{
    uint32_t n = jw_read_count(raw, MAX_ITEMS, bytes_each);
    if (raw->failed)
        return 0;
    if (jw_grow(items_pointer, capacity, n, element_size, error) != JW_OK) {
        jw_reader_fail(raw, "out of memory");
        return 0;
    }
    *count = n;
    return n;
}

static void read_vehicles(jw_reader *raw, jw_frame *frame, jw_error *error)
{
    uint32_t count = read_room(raw, &frame->vehicles, &frame->vehicle_count, &frame->vehicle_capacity, 28,
                               sizeof *frame->vehicles, error);
    jw_frame_vehicle *v = frame->vehicles;
    uint64_t last = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t step = jw_read_u32(raw);
        if (step == 0 || last + step > UINT32_MAX)
            jw_reader_fail(raw, "vehicle %u: numbers do not ascend", i);
        last += step;
        v[i].index1 = (uint32_t)last;
    }
    for (uint32_t i = 0; i < count; i++)
        v[i].generation = jw_read_u32(raw);
    for (uint32_t i = 0; i < count; i++)
        v[i].x_m = centi_to(jw_read_u32(raw));
    for (uint32_t i = 0; i < count; i++)
        v[i].y_m = centi_to(jw_read_u32(raw));
    for (uint32_t i = 0; i < count; i++)
        v[i].z_m = centi_to(jw_read_u32(raw));
    for (uint32_t i = 0; i < count; i++)
        v[i].heading_rad = (float)jw_wrap_angle(jw_read_u16(raw) / 100.0);
    for (uint32_t i = 0; i < count; i++)
        v[i].speed_mps = (float)(jw_read_u16(raw) / 100.0);
    for (uint32_t i = 0; i < count; i++)
        v[i].length_dm = jw_read_u16(raw);
    for (uint32_t i = 0; i < count; i++) {
        v[i].vehicle_class = jw_read_u8(raw);
        if (v[i].vehicle_class >= JW_VEHICLE_CLASS_COUNT)
            jw_reader_fail(raw, "vehicle %u: no class %u", i, v[i].vehicle_class);
    }
    for (uint32_t i = 0; i < count; i++)
        v[i].flags = jw_read_u8(raw);
}

static void write_city_state(jw_writer *raw, const jw_frame *frame)
{
    jw_write_u32(raw, frame->signal_count);
    jw_write_bytes(raw, frame->signals, frame->signal_count);
    jw_write_u32(raw, frame->edge_count);
    for (uint32_t i = 0; i < frame->edge_count; i++) {
        const jw_frame_edge *edge = &frame->edges[i];
        jw_write_u16(raw, small_from(edge->speed_mps * 100.0));
        jw_write_f32(raw, edge->density_per_km);
        jw_write_f32(raw, edge->queue_m);
        jw_write_u32(raw, edge->vehicles);
        jw_write_u32(raw, edge->closed_lanes);
    }
    jw_write_u32(raw, frame->metric_count);
    for (uint32_t i = 0; i < frame->metric_count; i++) {
        jw_write_text(raw, frame->metrics[i].name);
        jw_write_text(raw, frame->metrics[i].unit);
        jw_write_u8(raw, (uint8_t)(frame->metrics[i].is_since_start | frame->metrics[i].is_mean << 1));
        jw_write_f64(raw, frame->metrics[i].value);
    }
    jw_write_u32(raw, frame->event_count);
    for (uint32_t i = 0; i < frame->event_count; i++) {
        jw_write_i64(raw, frame->events[i].time_ns);
        jw_write_u32(raw, centi_from(frame->events[i].x_m));
        jw_write_u32(raw, centi_from(frame->events[i].y_m));
        jw_write_u8(raw, frame->events[i].kind);
        jw_write_text(raw, frame->events[i].key);
        jw_write_text(raw, frame->events[i].text);
        jw_write_text(raw, frame->events[i].text_zh);
    }
}

static void read_city_state(jw_reader *raw, jw_frame *frame, jw_error *error)
{
    uint32_t count =
        read_room(raw, &frame->signals, &frame->signal_count, &frame->signal_capacity, 1, 1, error);
    if (count)
        jw_read_bytes(raw, frame->signals, count);
    count = read_room(raw, &frame->edges, &frame->edge_count, &frame->edge_capacity, 18, sizeof *frame->edges,
                      error);
    for (uint32_t i = 0; i < count; i++) {
        jw_frame_edge *edge = &frame->edges[i];
        edge->speed_mps = (float)(jw_read_u16(raw) / 100.0);
        edge->density_per_km = jw_read_f32(raw);
        edge->queue_m = jw_read_f32(raw);
        edge->vehicles = jw_read_u32(raw);
        edge->closed_lanes = jw_read_u32(raw);
    }
    count = read_room(raw, &frame->metrics, &frame->metric_count, &frame->metric_capacity, 11,
                      sizeof *frame->metrics, error);
    for (uint32_t i = 0; i < count; i++) {
        jw_read_text(raw, frame->metrics[i].name, sizeof frame->metrics[i].name);
        jw_read_text(raw, frame->metrics[i].unit, sizeof frame->metrics[i].unit);
        uint8_t kind = jw_read_u8(raw);
        frame->metrics[i].is_since_start = kind != 0;
        frame->metrics[i].is_mean = kind >> 1;
        frame->metrics[i].value = jw_read_f64(raw);
    }
    count = read_room(raw, &frame->events, &frame->event_count, &frame->event_capacity, 23,
                      sizeof *frame->events, error);
    for (uint32_t i = 0; i < count; i++) {
        frame->events[i].time_ns = jw_read_i64(raw);
        frame->events[i].x_m = centi_to(jw_read_u32(raw));
        frame->events[i].y_m = centi_to(jw_read_u32(raw));
        frame->events[i].kind = jw_read_u8(raw);
        jw_read_text(raw, frame->events[i].key, sizeof frame->events[i].key);
        jw_read_text(raw, frame->events[i].text, sizeof frame->events[i].text);
        jw_read_text(raw, frame->events[i].text_zh, sizeof frame->events[i].text_zh);
    }
}

static void write_assets(jw_writer *raw, const jw_frame *frame)
{
    jw_write_u32(raw, frame->asset_count);
    for (uint32_t i = 0; i < frame->asset_count; i++) {
        const jw_frame_asset *asset = &frame->assets[i];
        jw_write_text(raw, asset->name);
        jw_write_u8(raw, asset->kind);
        jw_write_u8(raw, asset->tier);
        jw_write_u8(raw, asset->is_up);
        jw_write_u8(raw, asset->is_serving_new);
        jw_write_u32(raw, centi_from(asset->x_m));
        jw_write_u32(raw, centi_from(asset->y_m));
        jw_write_u32(raw, centi_from(asset->z_m));
        jw_write_f32(raw, asset->load);
        jw_write_f32(raw, asset->queue);
        jw_write_f32(raw, asset->rate);
        jw_write_f32(raw, asset->latency_ms);
        jw_write_f32(raw, asset->heading_rad);
        jw_write_f32(raw, asset->full_rate_m);
        jw_write_f32(raw, asset->reach_m);
    }
    jw_write_u32(raw, frame->link_count);
    for (uint32_t i = 0; i < frame->link_count; i++) {
        const jw_frame_link *link = &frame->links[i];
        jw_write_text(raw, link->name);
        jw_write_u32(raw, centi_from(link->x0_m));
        jw_write_u32(raw, centi_from(link->y0_m));
        jw_write_u32(raw, centi_from(link->x1_m));
        jw_write_u32(raw, centi_from(link->y1_m));
        jw_write_f32(raw, link->capacity_bps);
        for (int k = 0; k < 2 * JW_TRAFFIC_KIND_COUNT; k++)
            jw_write_f32(raw, link->rate_bps[k / JW_TRAFFIC_KIND_COUNT][k % JW_TRAFFIC_KIND_COUNT]);
        jw_write_u8(raw, link->is_up);
    }
}

static void read_assets(jw_reader *raw, jw_frame *frame, jw_error *error)
{
    uint32_t count = read_room(raw, &frame->assets, &frame->asset_count, &frame->asset_capacity, 45,
                               sizeof *frame->assets, error);
    for (uint32_t i = 0; i < count; i++) {
        jw_frame_asset *asset = &frame->assets[i];
        jw_read_text(raw, asset->name, sizeof asset->name);
        asset->kind = jw_read_u8(raw);
        if (asset->kind >= JW_ASSET_KIND_COUNT)
            jw_reader_fail(raw, "asset %u: no kind %u", i, asset->kind);
        asset->tier = jw_read_u8(raw);
        asset->is_up = jw_read_u8(raw);
        asset->is_serving_new = jw_read_u8(raw);
        asset->x_m = centi_to(jw_read_u32(raw));
        asset->y_m = centi_to(jw_read_u32(raw));
        asset->z_m = centi_to(jw_read_u32(raw));
        asset->load = jw_read_f32(raw);
        asset->queue = jw_read_f32(raw);
        asset->rate = jw_read_f32(raw);
        asset->latency_ms = jw_read_f32(raw);
        asset->heading_rad = jw_read_f32(raw);
        asset->full_rate_m = jw_read_f32(raw);
        asset->reach_m = jw_read_f32(raw);
    }
    count = read_room(raw, &frame->links, &frame->link_count, &frame->link_capacity, 46, sizeof *frame->links,
                      error);
    for (uint32_t i = 0; i < count; i++) {
        jw_frame_link *link = &frame->links[i];
        jw_read_text(raw, link->name, sizeof link->name);
        link->x0_m = centi_to(jw_read_u32(raw));
        link->y0_m = centi_to(jw_read_u32(raw));
        link->x1_m = centi_to(jw_read_u32(raw));
        link->y1_m = centi_to(jw_read_u32(raw));
        link->capacity_bps = jw_read_f32(raw);
        for (int k = 0; k < 2 * JW_TRAFFIC_KIND_COUNT; k++)
            link->rate_bps[k / JW_TRAFFIC_KIND_COUNT][k % JW_TRAFFIC_KIND_COUNT] = jw_read_f32(raw);
        link->is_up = jw_read_u8(raw);
    }
}

static jw_result append_compressed(const jw_writer *raw, jw_writer *out, jw_error *error)
{
    if (raw->size > MAX_RAW_BYTES)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "a frame of %zu bytes is larger than 1 GiB",
                       raw->size);
    size_t bound = ZSTD_compressBound(raw->size);
    void *packed = jw_alloc(bound);
    if (!packed)
        return jw_fail_memory(error);
    size_t size = ZSTD_compress(packed, bound, raw->bytes, raw->size, ZSTD_LEVEL);
    if (ZSTD_isError(size)) {
        jw_free(packed);
        return jw_fail(error, JW_ERROR_MEMORY, NULL, 0, "zstd: %s", ZSTD_getErrorName(size));
    }
    jw_write_u32(out, FORMAT_MAGIC);
    jw_write_u32(out, FORMAT_VERSION);
    jw_write_u32(out, (uint32_t)raw->size);
    jw_write_u64(out, jw_hash_bytes(0, packed, size));
    jw_write_u32(out, (uint32_t)size);
    jw_write_bytes(out, packed, size);
    jw_free(packed);
    return out->failed ? jw_fail_memory(error) : JW_OK;
}

jw_result jw_frame_compress(const jw_frame *frame, jw_writer *out, jw_error *error)
{
    jw_writer raw = {0};
    jw_write_i64(&raw, frame->time_ns);
    jw_write_u32(&raw, frame->day_of_year);
    jw_write_f32(&raw, frame->rain_mm_per_h);
    jw_write_f32(&raw, frame->visibility_m);
    jw_write_u64(&raw, frame->step);
    jw_write_u64(&raw, frame->state_hash);
    jw_write_u64(&raw, frame->assets_revision);
    write_vehicles(&raw, frame);
    write_city_state(&raw, frame);
    write_assets(&raw, frame);
    jw_result result = raw.failed ? jw_fail_memory(error) : append_compressed(&raw, out, error);
    jw_writer_free(&raw);
    return result;
}

/* Unpacks and checks the envelope; *out_raw is owned by the caller. */
static jw_result unpack(const void *bytes, size_t size, uint8_t **out_raw, uint32_t *out_size,
                        jw_error *error)
{
    jw_reader head = jw_reader_make(bytes, size);
    uint32_t magic = jw_read_u32(&head), version = jw_read_u32(&head), raw_size = jw_read_u32(&head);
    uint64_t hash = jw_read_u64(&head);
    uint32_t packed_size = jw_read_u32(&head);
    if (head.failed || magic != FORMAT_MAGIC)
        return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "not a frame of a recording");
    if (version != FORMAT_VERSION)
        return jw_fail(error, JW_ERROR_VERSION, NULL, 0, "frame of version %u, this program reads %d",
                       version, FORMAT_VERSION);
    if (packed_size != size - HEADER_BYTES || raw_size == 0 || raw_size > MAX_RAW_BYTES)
        return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "a frame is cut off or its sizes are damaged");
    const uint8_t *packed = (const uint8_t *)bytes + HEADER_BYTES;
    if (jw_hash_bytes(0, packed, packed_size) != hash)
        return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "a frame's contents are damaged");
    /* Asked before allocating: a damaged size must not cost a gigabyte. */
    if (ZSTD_getFrameContentSize(packed, packed_size) != raw_size)
        return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "a frame's sizes contradict each other");
    uint8_t *raw = jw_alloc(raw_size);
    if (!raw)
        return jw_fail_memory(error);
    size_t got = ZSTD_decompress(raw, raw_size, packed, packed_size);
    if (ZSTD_isError(got) || got != raw_size) {
        jw_free(raw);
        return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "a frame's contents are damaged");
    }
    *out_raw = raw;
    *out_size = raw_size;
    return JW_OK;
}

jw_result jw_frame_decompress(const void *bytes, size_t size, jw_frame *out, jw_error *error)
{
    jw_frame_clear(out);
    uint8_t *raw_bytes = NULL;
    uint32_t raw_size = 0;
    jw_result result = unpack(bytes, size, &raw_bytes, &raw_size, error);
    if (result != JW_OK)
        return result;
    jw_reader raw = jw_reader_make(raw_bytes, raw_size);
    jw_error inner = {0};
    out->time_ns = jw_read_i64(&raw);
    out->day_of_year = jw_read_u32(&raw);
    out->rain_mm_per_h = jw_read_f32(&raw);
    out->visibility_m = jw_read_f32(&raw);
    if (!(out->rain_mm_per_h >= 0 && out->rain_mm_per_h < 1e6f && out->visibility_m >= 0))
        jw_reader_fail(&raw, "rain of %g mm/h, visibility of %g m", (double)out->rain_mm_per_h,
                       (double)out->visibility_m);
    out->step = jw_read_u64(&raw);
    out->state_hash = jw_read_u64(&raw);
    out->assets_revision = jw_read_u64(&raw);
    read_vehicles(&raw, out, &inner);
    read_city_state(&raw, out, &inner);
    read_assets(&raw, out, &inner);
    if (inner.code != JW_OK)
        result = jw_fail(error, inner.code, NULL, 0, "%s", inner.message);
    else if (raw.failed)
        result = jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "a frame is damaged: %s", raw.message);
    else if (raw.position != raw.size)
        result = jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "a frame has bytes left over");
    jw_free(raw_bytes);
    if (result != JW_OK)
        jw_frame_clear(out);
    return result;
}
