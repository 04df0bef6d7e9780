/* What the tests of the OpenStreetMap reader share. */
#ifndef JW_TEST_OSM_H
#define JW_TEST_OSM_H

#include "base/test_base.h"
#include "city/city.h"

#include <stdio.h>
#include <string.h>

#define assert_near(a, b, tolerance) assert_true(jw_abs((a) - (b)) <= (tolerance))
#define VILLAGE                      JW_TEST_FOLDER "/data/village.osm"

/* The reading must succeed; an error is printed. */
static inline void must_read(jw_result result, const jw_error *error)
{
    char text[1024] = "";
    jw_error_format(error, text, sizeof text);
    if (result != JW_OK)
        print_message("%s\n", text);
    assert_int_equal(result, JW_OK);
}

/* Reading these bytes must fail with this code and a message with these words, and leave nothing behind. */
static inline void must_fail(const void *bytes, size_t size, jw_result code, const char *words)
{
    jw_draft draft = {0};
    jw_problems problems = {0};
    jw_error error = {0};
    jw_result result = jw_read_osm_bytes(bytes, size, "bad.osm", &draft, &problems, &error);
    if (result != code || !strstr(error.message, words))
        print_message("got %s: %s (line %d)\n", jw_result_text(result), error.message, error.line);
    assert_int_equal(result, code);
    assert_non_null(strstr(error.message, words));
    assert_string_equal(error.file, "bad.osm");
    assert_int_equal(draft.node_count, 0);
    assert_null(draft.nodes);
    jw_problems_free(&problems);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static inline const jw_problem *find_problem(const jw_problems *problems, const char *words)
{
    for (uint32_t i = 0; i < problems->count; i++)
        if (strstr(problems->items[i].message, words))
            return &problems->items[i];
    return NULL;
}

static inline void assert_same_array(const void *a, const void *b, uint32_t a_count, uint32_t b_count,
                                     size_t size)
{
    assert_int_equal(a_count, b_count);
    if (a_count > 0)
        assert_memory_equal(a, b, a_count * size);
}

/* Two drafts are the same to the last bit (all structs come zeroed, padding included). */
static inline void assert_same_draft(const jw_draft *a, const jw_draft *b)
{
    assert_same_array(a->nodes, b->nodes, a->node_count, b->node_count, sizeof *a->nodes);
    assert_same_array(a->refs, b->refs, a->ref_count, b->ref_count, sizeof *a->refs);
    assert_same_array(a->rings, b->rings, a->ring_count, b->ring_count, sizeof *a->rings);
    assert_same_array(a->roads, b->roads, a->road_count, b->road_count, sizeof *a->roads);
    assert_same_array(a->restrictions, b->restrictions, a->restriction_count, b->restriction_count,
                      sizeof *a->restrictions);
    assert_same_array(a->buildings, b->buildings, a->building_count, b->building_count, sizeof *a->buildings);
    assert_same_array(a->areas, b->areas, a->area_count, b->area_count, sizeof *a->areas);
    assert_same_array(a->lines, b->lines, a->line_count, b->line_count, sizeof *a->lines);
    assert_same_array(a->places, b->places, a->place_count, b->place_count, sizeof *a->places);
    assert_same_array(a->texts, b->texts, a->text_size, b->text_size, 1);
    assert_true(a->origin_lon_deg == b->origin_lon_deg && a->origin_lat_deg == b->origin_lat_deg);
}

#endif
