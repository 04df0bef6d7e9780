/* What a scene says of factories: kinds of lines, parks, regions, start-ups. */
#include "twin/twin_internal.h"

#include <stdio.h>
#include <string.h>

#define ADD(list, count, capacity, item)                                                                     \
    do {                                                                                                     \
        jw_result result_ = jw_grow(&(list), &(capacity), (count) + 1ull, sizeof *(item), error);            \
        if (result_ == JW_OK)                                                                                \
            (list)[(count)++] = *(item);                                                                     \
        return result_;                                                                                      \
    } while (0)

const jw_production_kind *jw_twin_def_find_production_kind(const jw_twin_def *def, const char *name)
{
    for (uint32_t i = 0; i < def->production_kind_count; i++)
        if (strcmp(def->production_kinds[i].line.name, name) == 0)
            return &def->production_kinds[i];
    return NULL;
}

jw_result jw_twin_def_add_production_kind(jw_twin_def *def, const jw_production_kind *kind, jw_error *error)
{
    jw_result result = twin_def_check_name("kind of production line", kind->line.name, error);
    if (result == JW_OK)
        result = jw_economy_check_line(&kind->line, error);
    if (result != JW_OK)
        return result;
    if (jw_twin_def_find_production_kind(def, kind->line.name))
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "%s \"%s\" is defined twice",
                       "kind of production line", kind->line.name);
    ADD(def->production_kinds, def->production_kind_count, def->production_kind_capacity, kind);
}

static const jw_region_def *find_region(const jw_industry_def *industry, const char *name)
{
    for (uint32_t i = 0; i < industry->region_count; i++)
        if (strcmp(industry->regions[i].name, name) == 0)
            return &industry->regions[i];
    return NULL;
}

static jw_result check_region(const jw_industry_def *industry, const char *what, const char *name,
                              const char *region, jw_error *error)
{
    jw_result result = twin_def_check_name(what, name, error);
    if (result == JW_OK && !find_region(industry, region))
        result = jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                         "%s \"%s\": there is no economic region \"%s\" so far", what, name, region);
    return result;
}

jw_result jw_twin_def_add_economic_region(jw_twin_def *def, const jw_region_def *region, jw_error *error)
{
    jw_industry_def *industry = &def->industry;
    jw_result result = twin_def_check_name("economic region", region->name, error);
    if (result != JW_OK)
        return result;
    if (find_region(industry, region->name))
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "%s \"%s\" is defined twice", "economic region",
                       region->name);
    ADD(industry->regions, industry->region_count, industry->region_capacity, region);
}

jw_result jw_twin_def_add_park(jw_twin_def *def, const jw_park_def *park, jw_error *error)
{
    jw_industry_def *industry = &def->industry;
    jw_result result = check_region(industry, "park", park->name, park->region, error);
    if (result != JW_OK)
        return result;
    int64_t people = find_region(industry, park->region)->skilled - park->people;
    for (uint32_t i = 0; i < industry->park_count; i++) {
        const jw_park_def *other = &industry->parks[i];
        if (strcmp(other->name, park->name) == 0)
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "%s \"%s\" is defined twice", "park", park->name);
        if (strcmp(other->region, park->region) == 0)
            people -= other->people;
    }
    if (people < 0)
        return jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "park \"%s\" employs %lld people, and economic region \"%s\" has %lld too few skilled ones",
            park->name, (long long)park->people, park->region, (long long)-people);
    ADD(industry->parks, industry->park_count, industry->park_capacity, park);
}

jw_result jw_twin_def_add_supplier(jw_twin_def *def, const jw_supplier_def *supplier, jw_error *error)
{
    jw_industry_def *industry = &def->industry;
    jw_result result = check_region(industry, "start-up", supplier->name, supplier->region, error);
    if (result != JW_OK)
        return result;
    for (uint32_t i = 0; i < industry->supplier_count; i++)
        if (strcmp(industry->suppliers[i].name, supplier->name) == 0)
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "%s \"%s\" is defined twice", "start-up",
                           supplier->name);
    ADD(industry->suppliers, industry->supplier_count, industry->supplier_capacity, supplier);
}

/* ---- instances of parks */

enum { PARK_LINES_MAX = 8 };

/* The kinds of that side, counted; the `wanted`th of them. */
static const jw_production_kind *kind_of(const jw_twin_def *def, jw_region_side side, uint32_t wanted,
                                         uint32_t *out_count)
{
    const jw_production_kind *found = NULL;
    *out_count = 0;
    for (uint32_t i = 0; i < def->production_kind_count; i++)
        if (def->production_kinds[i].side == side) {
            if ((*out_count)++ == wanted)
                found = &def->production_kinds[i];
        }
    return found;
}

static jw_result add_instance(jw_twin_def *def, const jw_parks_def *parks, uint32_t number, bool is_west,
                              jw_error *error)
{
    jw_random_key key = {parks->seed, jw_hash_text(0, "twin.parks")};
    jw_region_side side = is_west ? JW_REGION_WEST : JW_REGION_EAST;
    jw_production_line_def lines[PARK_LINES_MAX];
    jw_park_def park;
    uint32_t most = parks->lines_max ? parks->lines_max : 3, kinds;
    uint32_t count = 1 + jw_random_index(key, number, 0, most);
    (void)kind_of(def, side, 0, &kinds);
    if (kinds == 0)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "parks: the catalogue has no kind of production line of the %s",
                       is_west ? "west" : "east");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t unused;
        const jw_production_kind *kind =
            kind_of(def, side, jw_random_index(key, number, 1 + i, kinds), &unused);
        jw_economy_draw_line(parks->seed, number * PARK_LINES_MAX + i, &kind->line, &lines[i]);
        snprintf(lines[i].name, sizeof lines[i].name, "park-%u-line-%u", number, i + 1);
        snprintf(lines[i].park, sizeof lines[i].park, "park-%u", number);
    }
    jw_economy_draw_park(parks->seed, number, is_west ? parks->west : parks->east, lines, count, &park);
    snprintf(park.name, sizeof park.name, "park-%u", number);
    jw_result result = jw_twin_def_add_park(def, &park, error);
    for (uint32_t i = 0; i < count && result == JW_OK; i++)
        result = jw_twin_def_add_line(def, &lines[i], error);
    return result;
}

jw_result jw_twin_def_add_parks(jw_twin_def *def, const jw_parks_def *parks, jw_error *error)
{
    double share = parks->west_share == 0 ? 0.5 : parks->west_share, west = 0;
    if (parks->count > JW_TWIN_PARKS_MAX || parks->lines_max > PARK_LINES_MAX || !(share >= 0 && share <= 1))
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                       "parks: at most %d of them with %d lines each, and a west_share from 0 to 1",
                       JW_TWIN_PARKS_MAX, PARK_LINES_MAX);
    jw_result result = JW_OK;
    for (uint32_t i = 1; i <= parks->count && result == JW_OK; i++) {
        bool is_west = jw_floor(i * share + 1e-9) > west;
        west += is_west;
        result = add_instance(def, parks, i, is_west, error);
    }
    return result;
}
