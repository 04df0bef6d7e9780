/* Binary form of a city, and its content hash over the same bytes. Elements are written field by field, so
 * that padding never reaches a file or a hash. */
#include "city/city_internal.h"

#include <assert.h>
#include <string.h>

#define STORE_MAGIC   UINT32_C(0x5943574a) /* "JWCY" */
#define STORE_VERSION 8

typedef struct field {
    uint16_t offset;
    uint16_t size;
} field;

#define F(type, member)                                                                                      \
    {                                                                                                        \
        offsetof(type, member), sizeof(((type *)0)->member)                                                  \
    }

static const field fields_jw_vec3[] = {F(jw_vec3, x), F(jw_vec3, y), F(jw_vec3, z)};
static const field fields_jw_ring_range[] = {F(jw_ring_range, first_point), F(jw_ring_range, point_count)};
static const field fields_char[] = {{0, 1}};
static const field fields_uint32_t[] = {{0, 4}};
#define J(member) F(jw_junction, member)
static const field fields_jw_junction[] = {
    J(x_m),       J(y_m),      J(z_m),       J(kind),      J(first_connection), J(connection_count),
    J(first_in),  J(in_count), J(first_out), J(out_count), J(first_point),      J(point_count),
    J(programme), J(id),       J(source_id)};
#define E(member) F(jw_edge, member)
static const field fields_jw_edge[] = {
    E(from),     E(to),        E(first_lane), E(lane_count),    E(first_point), E(point_count),
    E(length_m), E(speed_mps), E(road_class), E(opposite),      E(name),        E(id),
    E(layer),    E(is_bridge), E(is_tunnel),  E(is_roundabout), E(is_link),     E(source_id)};
#define L(member) F(jw_lane, member)
static const field fields_jw_lane[] = {L(edge),
                                       L(index),
                                       L(first_point),
                                       L(point_count),
                                       L(first_connection),
                                       L(connection_count),
                                       L(length_m),
                                       L(speed_mps),
                                       L(width_m),
                                       L(strips),
                                       L(allow)};
#define C(member) F(jw_connection, member)
static const field fields_jw_connection[] = {
    C(from_lane), C(to_lane), C(junction),       C(first_point),    C(point_count), C(length_m),
    C(speed_mps), C(turn),    C(first_conflict), C(conflict_count), C(signal_link), C(allow),
    C(rank),      C(rule),    C(wait_m),         C(second)};
#define K(member) F(jw_conflict, member)
static const field fields_jw_conflict[] = {K(foe),   K(must_yield),  K(is_merge), K(begin_m),
                                           K(end_m), K(foe_begin_m), K(foe_end_m)};
#define P(member) F(jw_programme, member)
static const field fields_jw_programme[] = {P(junction),    P(kind),        P(offset_s),  P(cycle_s),
                                            P(first_phase), P(phase_count), P(link_count)};
#define S(member) F(jw_signal_phase, member)
static const field fields_jw_signal_phase[] = {S(duration_s), S(min_s), S(max_s), S(first_state)};
#define B(member) F(jw_building, member)
static const field fields_jw_building[] = {
    B(first_ring), B(ring_count),     B(x_m),        B(y_m),  B(height_m),
    B(base_m),     B(roof_m),         B(levels),     B(use),  B(height_is_assumed),
    B(roof),       B(roof_is_across), B(population), B(jobs), B(block),
    B(source_id)};
#define A(member) F(jw_area, member)
static const field fields_jw_area[] = {A(kind), A(use), A(first_ring), A(ring_count), A(name)};
#define N(member) F(jw_line, member)
static const field fields_jw_line[] = {N(kind), N(first_point), N(point_count), N(width_m), N(layer)};
#define O(member) F(jw_block, member)
static const field fields_jw_block[] = {O(x_m),          O(y_m),         O(first_ring), O(ring_count),
                                        O(use),          O(population),  O(jobs),       O(name),
                                        O(first_access), O(access_count)};
#define Q(member) F(jw_place, member)
static const field fields_jw_place[] = {Q(kind), Q(x_m), Q(y_m), Q(name)};
#define T(member) F(jw_city_site, member)
static const field fields_jw_city_site[] = {T(name), T(tier), T(card), T(card_count), T(x_m), T(y_m)};
#define R(member) F(jw_translation, member)
static const field fields_jw_translation[] = {R(text), R(en), R(zh)};

/* A new field must be added above: then the sizes here change too. */
_Static_assert(sizeof(jw_junction) == 80 && sizeof(jw_edge) == 72 && sizeof(jw_lane) == 56 &&
                   sizeof(jw_connection) == 72 && sizeof(jw_conflict) == 24 && sizeof(jw_programme) == 40 &&
                   sizeof(jw_signal_phase) == 32 && sizeof(jw_building) == 64 && sizeof(jw_area) == 20 &&
                   sizeof(jw_line) == 20 && sizeof(jw_block) == 48 && sizeof(jw_place) == 32 &&
                   sizeof(jw_city_site) == 32 && sizeof(jw_translation) == 12,
               "the field lists of this file match the structures of city.h");

#define ROW_MAX 128

static size_t row_size(const field *fields, uint32_t count)
{
    size_t size = 0;
    for (uint32_t i = 0; i < count; i++)
        size += fields[i].size;
    assert(size <= ROW_MAX);
    return size;
}

typedef struct stored_array {
    const void *items;
    uint32_t count;
    uint32_t field_count;
    size_t element_size;
    const field *fields;
} stored_array;

#define ARRAY_COUNT 21

static void list_arrays(const jw_city *city, stored_array out[ARRAY_COUNT])
{
    const stored_array arrays[] = {
#define X(type, items, count)                                                                                \
    {city->items, city->count, JW_COUNT_OF(fields_##type), sizeof(type), fields_##type},
        JW_CITY_ARRAYS(X)
#undef X
    };
    _Static_assert(sizeof arrays == ARRAY_COUNT * sizeof *arrays, "all arrays are listed");
    memcpy(out, arrays, sizeof arrays);
}

/* Packs element `index` without its padding; returns the size. */
static size_t pack_row(const stored_array *array, uint32_t index, uint8_t row[ROW_MAX])
{
    const uint8_t *item = (const uint8_t *)array->items + index * array->element_size;
    size_t size = 0;
    for (uint32_t k = 0; k < array->field_count; k++) {
        memcpy(row + size, item + array->fields[k].offset, array->fields[k].size);
        size += array->fields[k].size;
    }
    return size;
}

static bool is_scalar(const stored_array *array)
{
    return array->field_count == 1;
}

static void read_items(jw_reader *reader, void *out_items, uint32_t *out_count, uint32_t *out_capacity,
                       size_t element_size, const field *fields, uint32_t field_count)
{
    size_t size = row_size(fields, field_count);
    uint32_t count = jw_read_count(reader, JW_NONE - 1, size);
    if (reader->failed || count == 0)
        return;
    uint8_t *items = jw_alloc(count * element_size);
    if (!items) {
        jw_reader_fail(reader, "out of memory");
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint8_t row[ROW_MAX];
        jw_read_bytes(reader, row, size);
        const uint8_t *from = row;
        for (uint32_t k = 0; k < field_count; k++) {
            memcpy(items + i * element_size + fields[k].offset, from, fields[k].size);
            from += fields[k].size;
        }
    }
    memcpy(out_items, &items, sizeof items);
    *out_count = *out_capacity = count;
}

uint64_t jw_city_hash(const jw_city *city)
{
    uint64_t hash = jw_hash_u64(STORE_MAGIC, city->name);
    hash = jw_hash_f64(hash, city->origin_lon_deg);
    hash = jw_hash_f64(hash, city->origin_lat_deg);
    hash = jw_hash_bytes(hash, &city->bounds, sizeof city->bounds);
    stored_array arrays[ARRAY_COUNT];
    list_arrays(city, arrays);
    for (uint32_t a = 0; a < ARRAY_COUNT; a++) {
        hash = jw_hash_u64(hash, arrays[a].count);
        if (is_scalar(&arrays[a])) {
            hash = jw_hash_bytes(hash, arrays[a].items, arrays[a].count * arrays[a].element_size);
            continue;
        }
        for (uint32_t i = 0; i < arrays[a].count; i++) {
            uint8_t row[ROW_MAX];
            size_t size = pack_row(&arrays[a], i, row);
            hash = jw_hash_bytes(hash, row, size);
        }
    }
    return hash;
}

void jw_city_save(const jw_city *city, jw_writer *writer)
{
    jw_write_u32(writer, STORE_MAGIC);
    jw_write_u32(writer, STORE_VERSION);
    jw_write_u64(writer, city->content_hash);
    jw_write_u32(writer, city->name);
    jw_write_f64(writer, city->origin_lon_deg);
    jw_write_f64(writer, city->origin_lat_deg);
    jw_write_f64(writer, city->bounds.min_x);
    jw_write_f64(writer, city->bounds.min_y);
    jw_write_f64(writer, city->bounds.max_x);
    jw_write_f64(writer, city->bounds.max_y);
    stored_array arrays[ARRAY_COUNT];
    list_arrays(city, arrays);
    for (uint32_t a = 0; a < ARRAY_COUNT; a++) {
        jw_write_u32(writer, arrays[a].count);
        if (is_scalar(&arrays[a])) {
            jw_write_bytes(writer, arrays[a].items, arrays[a].count * arrays[a].element_size);
            continue;
        }
        for (uint32_t i = 0; i < arrays[a].count; i++) {
            uint8_t row[ROW_MAX];
            size_t size = pack_row(&arrays[a], i, row);
            jw_write_bytes(writer, row, size);
        }
    }
}

jw_result jw_city_load(jw_reader *reader, jw_city **out, jw_error *error)
{
    uint32_t magic = jw_read_u32(reader);
    uint32_t version = jw_read_u32(reader);
    uint64_t hash = jw_read_u64(reader);
    if (reader->failed || magic != STORE_MAGIC)
        return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "this is no stored city: import the map again");
    if (version != STORE_VERSION)
        return jw_fail(error, JW_ERROR_VERSION, NULL, 0,
                       "the city was stored by another version (%u, this one reads %u): import the map again",
                       version, STORE_VERSION);
    jw_city_parts parts = {0};
    parts.name = jw_read_u32(reader);
    parts.origin_lon_deg = jw_read_f64(reader);
    parts.origin_lat_deg = jw_read_f64(reader);
    parts.bounds.min_x = jw_read_f64(reader);
    parts.bounds.min_y = jw_read_f64(reader);
    parts.bounds.max_x = jw_read_f64(reader);
    parts.bounds.max_y = jw_read_f64(reader);
#define X(type, items, count)                                                                                \
    read_items(reader, &parts.items, &parts.count, &parts.items##_capacity, sizeof(type), fields_##type,     \
               JW_COUNT_OF(fields_##type));
    JW_CITY_ARRAYS(X)
#undef X
    jw_city *city = NULL;
    jw_result result = JW_OK;
    if (reader->failed)
        result = jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "the stored city is damaged: %s", reader->message);
    if (result == JW_OK)
        result = jw_city_from_parts(&parts, &city, error);
    if (result == JW_OK && city->content_hash != hash)
        result = jw_fail(error, JW_ERROR_CORRUPT, NULL, 0,
                         "the stored city is damaged: its content hash is %016llx, not %016llx",
                         (unsigned long long)city->content_hash, (unsigned long long)hash);
    if (result == JW_OK)
        result = jw_city_verify(city, error);
    if (result != JW_OK) {
        jw_city_release(city);
        jw_city_parts_free(&parts);
        return result;
    }
    *out = city;
    return JW_OK;
}
