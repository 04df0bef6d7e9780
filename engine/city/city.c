/* Life of a city: references, and which edges can reach each other. */
#include "city/city_internal.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

const char *const jw_place_kind_names[JW_PLACE_KIND_COUNT] = {
#define JW_X(kind, text) text,
    JW_PLACE_KIND_TABLE(JW_X)
#undef JW_X
};

/* What an owner really holds: the public part first. */
typedef struct owned_city {
    jw_city city;
    _Atomic uint32_t references;
} owned_city;

void jw_city_parts_free(jw_city_parts *parts)
{
#define X(type, items, count) jw_free(parts->items);
    JW_CITY_ARRAYS(X)
#undef X
    *parts = (jw_city_parts){0};
}

jw_result jw_city_from_parts(jw_city_parts *parts, jw_city **out, jw_error *error)
{
    owned_city *owned = jw_alloc(sizeof *owned);
    if (!owned)
        return jw_fail_memory(error);
    jw_city *city = &owned->city;
    city->as_shared.city = city;
#define X(type, items, count)                                                                                \
    city->items = parts->items;                                                                              \
    city->count = parts->count;
    JW_CITY_ARRAYS(X)
#undef X
    city->name = parts->name;
    city->origin_lon_deg = parts->origin_lon_deg;
    city->origin_lat_deg = parts->origin_lat_deg;
    city->bounds = parts->bounds;
    *parts = (jw_city_parts){0};
    atomic_init(&owned->references, 1);
    city->content_hash = jw_city_hash(city);
    *out = city;
    return JW_OK;
}

const char *jw_city_text_in(const jw_city *city, uint32_t offset, jw_language language)
{
    uint32_t low = 0, high = city->translation_count, found = 0;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (city->translations[middle].text < offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < city->translation_count && city->translations[low].text == offset)
        found = language == JW_LANGUAGE_EN   ? city->translations[low].en
                : language == JW_LANGUAGE_ZH ? city->translations[low].zh
                                             : 0;
    return jw_city_text(city, found ? found : offset);
}

jw_city *jw_city_retain(jw_city *city)
{
    uint32_t before = atomic_fetch_add_explicit(&((owned_city *)city)->references, 1, memory_order_relaxed);
    assert(before > 0 && "a city that is still held");
    (void)before;
    return city;
}

void jw_city_release(jw_city *city)
{
    if (!city)
        return;
    uint32_t before = atomic_fetch_sub_explicit(&((owned_city *)city)->references, 1, memory_order_acq_rel);
    assert(before > 0 && "a city that is still held");
    if (before > 1)
        return;
#define X(type, items, count) jw_free((void *)(uintptr_t)city->items);
    JW_CITY_ARRAYS(X)
#undef X
    jw_free(city);
}

jw_result jw_city_add_text(jw_city_parts *parts, const char *text, uint32_t *out, jw_error *error)
{
    uint32_t size = (uint32_t)strlen(text) + 1;
    jw_result result = JW_CITY_ROOM(parts, texts, text_size, size, error);
    if (result != JW_OK)
        return result;
    memcpy(parts->texts + parts->text_size, text, size);
    *out = parts->text_size;
    parts->text_size += size;
    return JW_OK;
}

jw_result jw_city_add_points(jw_city_parts *parts, const jw_vec3 *points, uint32_t count, uint32_t *out_first,
                             jw_error *error)
{
    jw_result result = JW_CITY_ROOM(parts, points, point_count, count, error);
    if (result != JW_OK)
        return result;
    *out_first = parts->point_count;
    if (count > 0)
        memcpy(parts->points + parts->point_count, points, count * sizeof *points);
    parts->point_count += count;
    return JW_OK;
}

/* ---- components: Tarjan's strongly connected components over edges, iterative ------------------------ */

typedef struct component_search {
    const jw_city *city;
    uint32_t *next; /* CSR: edges reachable by car from each edge */
    uint32_t *first_next;
    uint32_t *order, *low, *stack, *path, *cursor;
    uint32_t *component;
    uint32_t *sizes; /* per component found */
    uint32_t counter, stack_count, component_count;
} component_search;

static bool edge_has_car(const jw_city *city, uint32_t edge)
{
    const jw_edge *e = &city->edges[edge];
    for (uint32_t i = 0; i < e->lane_count; i++)
        if (city->lanes[e->first_lane + i].allow & JW_ALLOW_CAR)
            return true;
    return false;
}

static void list_successors(component_search *s)
{
    const jw_city *city = s->city;
    uint32_t count = 0;
    for (uint32_t e = 0; e < city->edge_count; e++) {
        s->first_next[e] = count;
        const jw_edge *edge = &city->edges[e];
        for (uint32_t i = 0; i < edge->lane_count; i++) {
            const jw_lane *lane = &city->lanes[edge->first_lane + i];
            for (uint32_t k = 0; k < lane->connection_count; k++) {
                const jw_connection *c =
                    &city->connections[city->lane_connections[lane->first_connection + k]];
                if (c->allow & JW_ALLOW_CAR)
                    s->next[count++] = city->lanes[c->to_lane].edge;
            }
        }
    }
    s->first_next[city->edge_count] = count;
}

static void search_from(component_search *s, uint32_t root)
{
    uint32_t depth = 0;
    s->path[depth++] = root;
    while (depth > 0) {
        uint32_t e = s->path[depth - 1];
        if (s->order[e] == JW_NONE) {
            s->order[e] = s->low[e] = s->counter++;
            s->stack[s->stack_count++] = e;
            s->cursor[e] = s->first_next[e];
        }
        bool went_down = false;
        while (s->cursor[e] < s->first_next[e + 1]) {
            uint32_t to = s->next[s->cursor[e]];
            if (s->order[to] == JW_NONE) {
                s->path[depth++] = to;
                went_down = true;
                break;
            }
            if (s->component[to] == JW_NONE && s->low[to] < s->low[e])
                s->low[e] = s->low[to];
            s->cursor[e]++;
        }
        if (went_down)
            continue;
        if (s->low[e] == s->order[e]) {
            uint32_t member;
            do {
                member = s->stack[--s->stack_count];
                s->component[member] = s->component_count;
                s->sizes[s->component_count]++;
            } while (member != e);
            s->component_count++;
        }
        depth--;
    }
}

/* Numbers the components by size, larger first; of equal ones that with the lower first edge. */
static void number_by_size(component_search *s, uint32_t *out)
{
    uint32_t *first_edge = s->order; /* no longer needed */
    for (uint32_t c = 0; c < s->component_count; c++)
        first_edge[c] = JW_NONE;
    /* Largest: found directly. The others keep the order of their first edges. */
    uint32_t *number = s->low;
    uint32_t best = JW_NONE;
    for (uint32_t c = 0; c < s->component_count; c++)
        number[c] = JW_NONE;
    for (uint32_t e = 0; e < s->city->edge_count; e++) {
        uint32_t c = s->component[e];
        if (c == JW_NONE || first_edge[c] != JW_NONE)
            continue;
        first_edge[c] = e;
        if (best == JW_NONE || s->sizes[c] > s->sizes[best])
            best = c;
    }
    if (best != JW_NONE)
        number[best] = 0;
    uint32_t next_number = 1;
    for (uint32_t e = 0; e < s->city->edge_count; e++) {
        uint32_t c = s->component[e];
        if (c != JW_NONE && number[c] == JW_NONE)
            number[c] = next_number++;
        out[e] = c == JW_NONE ? JW_NONE : number[c];
    }
}

jw_result jw_city_components(const jw_city *city, uint32_t *out, jw_error *error)
{
    uint32_t n = city->edge_count;
    if (n == 0)
        return JW_OK;
    size_t words = (size_t)n * 7 + (n + 1) + city->lane_connection_count + 1;
    uint32_t *memory = jw_alloc(words * sizeof *memory);
    if (!memory)
        return jw_fail_memory(error);
    component_search s = {.city = city};
    uint32_t **parts[] = {&s.order, &s.low, &s.stack, &s.path, &s.cursor, &s.component, &s.sizes};
    uint32_t *at = memory;
    for (uint32_t i = 0; i < JW_COUNT_OF(parts); i++, at += n)
        *parts[i] = at;
    s.first_next = at;
    s.next = at + n + 1;
    memset(s.order, 0xFF, (size_t)n * sizeof *s.order);
    memset(s.component, 0xFF, (size_t)n * sizeof *s.component);
    list_successors(&s);
    for (uint32_t e = 0; e < n; e++)
        if (s.order[e] == JW_NONE && edge_has_car(city, e))
            search_from(&s, e);
    number_by_size(&s, out);
    jw_free(memory);
    return JW_OK;
}
