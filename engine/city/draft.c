/* The draft: growing arrays filled by readers and planners, and what a road is where a map says nothing. */
#include "city/city.h"

#include <assert.h>
#include <string.h>

void jw_draft_free(jw_draft *draft)
{
    if (!draft) {
        return;
    }
    jw_free(draft->nodes);
    jw_free(draft->refs);
    jw_free(draft->rings);
    jw_free(draft->roads);
    jw_free(draft->restrictions);
    jw_free(draft->connections);
    jw_free(draft->programmes);
    jw_free(draft->signal_phases);
    jw_free(draft->buildings);
    jw_free(draft->areas);
    jw_free(draft->lines);
    jw_free(draft->blocks);
    jw_free(draft->places);
    jw_free(draft->sites);
    jw_free(draft->texts);
    jw_free(draft->translations);
    *draft = (jw_draft){0};
}

/* Appends a copy of *item to the array at *items. Numbers stay below JW_NONE. */
static jw_result append(void *items_pointer, uint32_t *count, uint32_t *capacity, const void *item,
                        size_t size, uint32_t *out, jw_error *error)
{
    if (*count >= JW_NONE - 1) {
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "more than %u elements of one kind in a map",
                       JW_NONE - 1);
    }
    jw_result result = jw_grow(items_pointer, capacity, (uint64_t)*count + 1, size, error);
    if (result != JW_OK) {
        return result;
    }
    char *items;
    memcpy(&items, items_pointer, sizeof items);
    memcpy(items + (size_t)*count * size, item, size);
    if (out) {
        *out = *count;
    }
    *count += 1;
    return JW_OK;
}

jw_result jw_draft_add_text(jw_draft *draft, const char *text, uint32_t *out, jw_error *error)
{
    size_t size = text ? strlen(text) + 1 : 1;
    uint64_t needed = (uint64_t)draft->text_size + size + 1;
    if (needed >= JW_NONE) {
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "names of the map take more than 4 GB");
    }
    jw_result result = jw_grow(&draft->texts, &draft->text_capacity, needed, 1, error);
    if (result != JW_OK) {
        return result;
    }
    if (draft->text_size == 0) {
        draft->text_size = 1; /* offset 0 is "" */
    }
    uint32_t offset = 0;
    if (size > 1) {
        /* The last piece starts after a zero: equal bytes behind a zero are the same text. */
        uint32_t last = (uint64_t)draft->text_size > size ? draft->text_size - (uint32_t)size : 0;
        if (last > 0 && draft->texts[last - 1] == '\0' && memcmp(draft->texts + last, text, size) == 0) {
            offset = last;
        } else {
            offset = draft->text_size;
            memcpy(draft->texts + offset, text, size);
            draft->text_size += (uint32_t)size;
        }
    }
    if (out) {
        *out = offset;
    }
    return JW_OK;
}

jw_result jw_draft_add_node(jw_draft *draft, const jw_draft_node *node, uint32_t *out, jw_error *error)
{
    return append(&draft->nodes, &draft->node_count, &draft->node_capacity, node, sizeof *node, out, error);
}

jw_result jw_draft_add_point(jw_draft *draft, double x_m, double y_m, uint32_t *out, jw_error *error)
{
    jw_draft_node node = {.lon_deg = __builtin_nan(""), .lat_deg = __builtin_nan(""), .x_m = x_m, .y_m = y_m};
    return jw_draft_add_node(draft, &node, out, error);
}

/* Room for `more` refs. */
static jw_result reserve_refs(jw_draft *draft, uint64_t more, jw_error *error)
{
    uint64_t needed = (uint64_t)draft->ref_count + more;
    if (needed >= JW_NONE) {
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "more than %u points along the lines of a map",
                       JW_NONE - 1);
    }
    return jw_grow(&draft->refs, &draft->ref_capacity, needed, sizeof *draft->refs, error);
}

static void copy_refs(jw_draft *draft, const uint32_t *refs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        assert(refs[i] < draft->node_count);
        draft->refs[draft->ref_count + i] = refs[i];
    }
    draft->ref_count += count;
}

jw_result jw_draft_add_road(jw_draft *draft, const jw_draft_road *road, const uint32_t *refs,
                            uint32_t ref_count, uint32_t *out, jw_error *error)
{
    assert(ref_count >= 2);
    jw_result result = reserve_refs(draft, ref_count, error);
    if (result != JW_OK) {
        return result;
    }
    jw_draft_road copy = *road;
    copy.first_ref = draft->ref_count;
    copy.ref_count = ref_count;
    result = append(&draft->roads, &draft->road_count, &draft->road_capacity, &copy, sizeof copy, out, error);
    if (result == JW_OK) {
        copy_refs(draft, refs, ref_count);
    }
    return result;
}

jw_result jw_draft_add_line(jw_draft *draft, const jw_draft_line *line, const uint32_t *refs,
                            uint32_t ref_count, uint32_t *out, jw_error *error)
{
    assert(ref_count >= 2);
    jw_result result = reserve_refs(draft, ref_count, error);
    if (result != JW_OK) {
        return result;
    }
    jw_draft_line copy = *line;
    copy.first_ref = draft->ref_count;
    copy.ref_count = ref_count;
    result = append(&draft->lines, &draft->line_count, &draft->line_capacity, &copy, sizeof copy, out, error);
    if (result == JW_OK) {
        copy_refs(draft, refs, ref_count);
    }
    return result;
}

jw_result jw_draft_add_shape(jw_draft *draft, const uint32_t *refs, const uint32_t *ring_sizes,
                             uint32_t ring_count, jw_draft_shape *out, jw_error *error)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < ring_count; i++) {
        assert(ring_sizes[i] >= 3);
        total += ring_sizes[i];
    }
    jw_result result = reserve_refs(draft, total, error);
    if (result == JW_OK) {
        result = jw_grow(&draft->rings, &draft->ring_capacity, (uint64_t)draft->ring_count + ring_count,
                         sizeof *draft->rings, error);
    }
    if (result != JW_OK) {
        return result;
    }
    *out = (jw_draft_shape){.first_ring = draft->ring_count, .ring_count = ring_count};
    for (uint32_t i = 0; i < ring_count; i++) {
        draft->rings[draft->ring_count++] =
            (jw_ring_range){.first_point = draft->ref_count, .point_count = ring_sizes[i]};
        copy_refs(draft, refs, ring_sizes[i]);
        refs += ring_sizes[i];
    }
    return JW_OK;
}

jw_result jw_draft_add_restriction(jw_draft *draft, const jw_draft_restriction *restriction, jw_error *error)
{
    return append(&draft->restrictions, &draft->restriction_count, &draft->restriction_capacity, restriction,
                  sizeof *restriction, NULL, error);
}

jw_result jw_draft_add_connection(jw_draft *draft, const jw_draft_connection *connection, jw_error *error)
{
    return append(&draft->connections, &draft->connection_count, &draft->connection_capacity, connection,
                  sizeof *connection, NULL, error);
}

jw_result jw_draft_add_programme(jw_draft *draft, jw_programme_kind kind, double offset_s, uint32_t *out,
                                 jw_error *error)
{
    jw_draft_programme programme = {
        .kind = kind, .offset_s = offset_s, .first_phase = draft->signal_phase_count};
    return append(&draft->programmes, &draft->programme_count, &draft->programme_capacity, &programme,
                  sizeof programme, out, error);
}

jw_result jw_draft_add_signal_phase(jw_draft *draft, double duration_s, double min_s, double max_s,
                                    const char *state, jw_error *error)
{
    assert(draft->programme_count > 0);
    jw_draft_signal_phase phase = {.duration_s = duration_s, .min_s = min_s, .max_s = max_s};
    jw_result result = jw_draft_add_text(draft, state, &phase.state, error);
    if (result == JW_OK)
        result = append(&draft->signal_phases, &draft->signal_phase_count, &draft->signal_phase_capacity,
                        &phase, sizeof phase, NULL, error);
    if (result == JW_OK)
        draft->programmes[draft->programme_count - 1].phase_count++;
    return result;
}

jw_result jw_draft_translate(jw_draft *draft, uint32_t text, const char *en, const char *zh, jw_error *error)
{
    jw_translation row = {.text = text};
    const char *name = jw_draft_text(draft, text);
    bool has_en = en && en[0] && strcmp(en, name) != 0, has_zh = zh && zh[0] && strcmp(zh, name) != 0;
    if (text == 0 || !(has_en || has_zh) ||
        (draft->translation_count && draft->translations[draft->translation_count - 1].text >= text))
        return JW_OK;
    jw_result result = has_en ? jw_draft_add_text(draft, en, &row.en, error) : JW_OK;
    if (result == JW_OK && has_zh)
        result = jw_draft_add_text(draft, zh, &row.zh, error);
    return result == JW_OK ? append(&draft->translations, &draft->translation_count,
                                    &draft->translation_capacity, &row, sizeof row, NULL, error)
                           : result;
}

jw_result jw_draft_add_building(jw_draft *draft, const jw_draft_building *building, jw_error *error)
{
    return append(&draft->buildings, &draft->building_count, &draft->building_capacity, building,
                  sizeof *building, NULL, error);
}

jw_result jw_draft_add_area(jw_draft *draft, const jw_draft_area *area, jw_error *error)
{
    return append(&draft->areas, &draft->area_count, &draft->area_capacity, area, sizeof *area, NULL, error);
}

jw_result jw_draft_add_block(jw_draft *draft, const jw_draft_block *block, jw_error *error)
{
    return append(&draft->blocks, &draft->block_count, &draft->block_capacity, block, sizeof *block, NULL,
                  error);
}

jw_result jw_draft_add_place(jw_draft *draft, jw_place_kind kind, double x_m, double y_m, const char *name,
                             jw_error *error)
{
    jw_draft_place place = {.kind = kind, .x_m = x_m, .y_m = y_m};
    jw_result result = jw_draft_add_text(draft, name, &place.name, error);
    if (result != JW_OK) {
        return result;
    }
    return append(&draft->places, &draft->place_count, &draft->place_capacity, &place, sizeof place, NULL,
                  error);
}

jw_result jw_draft_add_site(jw_draft *draft, const char *name, const char *tier, const char *card,
                            uint32_t card_count, double x_m, double y_m, jw_error *error)
{
    jw_draft_site site = {.card_count = card_count, .x_m = x_m, .y_m = y_m};
    jw_result result = jw_draft_add_text(draft, name, &site.name, error);
    if (result == JW_OK) {
        result = jw_draft_add_text(draft, tier, &site.tier, error);
    }
    if (result == JW_OK) {
        result = jw_draft_add_text(draft, card, &site.card, error);
    }
    if (result != JW_OK) {
        return result;
    }
    return append(&draft->sites, &draft->site_count, &draft->site_capacity, &site, sizeof site, NULL, error);
}

/* Lanes: the assumptions for untagged roads on the OpenStreetMap wiki, "Key:lanes" (motorways 2 a direction,
 * other roads one each way, service roads one). Trunk and primary roads drawn as one-way carriageways are
 * halves of dual carriageways: two lanes (secondary ones where they are: osm_divided.c).
 * Lane widths: CJJ 37-2012 "Code for design of urban road engineering", table 5.3.1 (3.75 m above 60 km/h,
 * 3.50 m up to 60 km/h, 3.25 m for cars only); 3.0 m in local streets, as built in Xiong'an's dense grid.
 * Limits: upper design speeds of CJJ 37-2012, table 3.2.1 (expressways 100 and 80, arterials 60, collectors
 * 50, branches 40 to 20 km/h) and 30 km/h for streets without a centre line by article 45 of the implementing
 * regulation of the PRC road traffic safety law. */
void jw_road_defaults(jw_road_class road_class, bool is_one_way, uint8_t *out_lanes_per_direction,
                      double *out_lane_width_m, double *out_speed_mps)
{
    static const struct {
        uint8_t lanes_one_way, lanes_two_way;
        double width_m, speed_kmh;
    } table[JW_ROAD_CLASS_COUNT] = {
        [JW_ROAD_MOTORWAY] = {2, 2, 3.75, 100}, [JW_ROAD_TRUNK] = {2, 1, 3.75, 80},
        [JW_ROAD_PRIMARY] = {2, 1, 3.5, 60},    [JW_ROAD_SECONDARY] = {1, 1, 3.25, 50},
        [JW_ROAD_TERTIARY] = {1, 1, 3.25, 40},  [JW_ROAD_RESIDENTIAL] = {1, 1, 3.0, 30},
        [JW_ROAD_SERVICE] = {1, 1, 3.0, 20},
    };
    assert((unsigned)road_class < JW_ROAD_CLASS_COUNT);
    if (out_lanes_per_direction) {
        *out_lanes_per_direction =
            is_one_way ? table[road_class].lanes_one_way : table[road_class].lanes_two_way;
    }
    if (out_lane_width_m) {
        *out_lane_width_m = table[road_class].width_m;
    }
    if (out_speed_mps) {
        *out_speed_mps = table[road_class].speed_kmh / 3.6;
    }
}
