/* What the tests of the SUMO readers share. */
#ifndef JW_TEST_SUMO_H
#define JW_TEST_SUMO_H

#include "base/test_base.h"
#include "city/sumo.h"

#include <stdio.h>
#include <string.h>

#define assert_near(a, b, tolerance) assert_true(jw_abs((a) - (b)) <= (tolerance))
#define TOWN                         JW_TEST_FOLDER "/data/sumo/town.net.xml"

static inline void must_read(jw_result result, const jw_error *error)
{
    char text[1024] = "";
    jw_error_format(error, text, sizeof text);
    if (result != JW_OK)
        print_message("%s\n", text);
    assert_int_equal(result, JW_OK);
}

/* Number of problems whose message has these words. */
static inline uint32_t count_problems(const jw_problems *problems, const char *words)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < problems->count; i++)
        if (strstr(problems->items[i].message, words))
            count += problems->items[i].count;
    return count;
}

static inline uint32_t count_missing(const jw_sumo_missing *missing, const char *words)
{
    for (uint32_t i = 0; i < missing->count; i++)
        if (strstr(missing->items[i].what, words))
            return missing->items[i].count;
    return 0;
}

static inline uint32_t find_edge(const jw_city *city, const char *id)
{
    for (uint32_t e = 0; e < city->edge_count; e++)
        if (strcmp(jw_city_text(city, city->edges[e].id), id) == 0)
            return e;
    return JW_NONE;
}

static inline uint32_t find_junction(const jw_city *city, const char *id)
{
    for (uint32_t j = 0; j < city->junction_count; j++)
        if (strcmp(jw_city_text(city, city->junctions[j].id), id) == 0)
            return j;
    return JW_NONE;
}

/* The connection between two lanes; JW_NONE. */
static inline uint32_t find_connection(const jw_city *city, const char *from, uint32_t from_lane,
                                       const char *to, uint32_t to_lane)
{
    uint32_t a = find_edge(city, from), b = find_edge(city, to);
    if (a == JW_NONE || b == JW_NONE)
        return JW_NONE;
    for (uint32_t c = 0; c < city->connection_count; c++)
        if (city->connections[c].from_lane == city->edges[a].first_lane + from_lane &&
            city->connections[c].to_lane == city->edges[b].first_lane + to_lane)
            return c;
    return JW_NONE;
}

static inline const jw_conflict *find_conflict(const jw_city *city, uint32_t of, uint32_t foe)
{
    const jw_connection *c = &city->connections[of];
    for (uint32_t k = 0; k < c->conflict_count; k++)
        if (city->conflicts[c->first_conflict + k].foe == foe)
            return &city->conflicts[c->first_conflict + k];
    return NULL;
}

static inline bool yields(const jw_city *city, uint32_t of, uint32_t foe)
{
    const jw_conflict *conflict = find_conflict(city, of, foe);
    return conflict && conflict->must_yield;
}

#endif
