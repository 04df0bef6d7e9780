/* What the map gives to a scene's build function: places and blocks. */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

static const char use_names[] = "none|residential|commercial|office|industrial|public|station|computing";

static void push_point(lua_State *L, double x_m, double y_m, const char *name)
{
    lua_createtable(L, 0, 8);
    lua_pushnumber(L, x_m);
    lua_setfield(L, -2, "x");
    lua_pushnumber(L, y_m);
    lua_setfield(L, -2, "y");
    lua_pushstring(L, name);
    lua_setfield(L, -2, "name");
}

/* The kind at argument 2; "computing centre" is fine as well. False: it was reported. */
static bool check_place_kind(lua_State *L, const char *method, jw_place_kind *out)
{
    char kind[32] = "", known[160] = "";
    if (lua_type(L, 2) == LUA_TSTRING)
        jw_text_copy(kind, sizeof kind, lua_tostring(L, 2));
    for (char *c = kind; *c; c++)
        *c = *c == ' ' ? '_' : *c;
    jw_nearest nearest = jw_nearest_to(kind);
    for (uint32_t i = 0; i < JW_PLACE_KIND_COUNT; i++) {
        *out = (jw_place_kind)i;
        if (strcmp(kind, jw_place_kind_names[i]) == 0)
            return true;
        size_t length = strlen(known);
        snprintf(known + length, sizeof known - length, "%s%s", i ? ", " : "", jw_place_kind_names[i]);
        jw_nearest_try(&nearest, jw_place_kind_names[i]);
    }
    script_report(L, "city:%s: \"%s\"%s is no kind of place; there are: %s", method, kind, nearest.hint,
                  known);
    script_push_unknown(L);
    return false;
}

int script_city_place(lua_State *L)
{
    const jw_city *city = script_def_of(L, "place")->city;
    jw_place_kind kind;
    if (!check_place_kind(L, "place", &kind))
        return 1;
    for (uint32_t i = 0; i < city->place_count; i++) {
        const jw_place *place = &city->places[i];
        if (place->kind != kind)
            continue;
        push_point(L, place->x_m, place->y_m, jw_city_text(city, place->name));
        return 1;
    }
    lua_pushnil(L);
    return 1;
}

int script_city_places(lua_State *L)
{
    const jw_city *city = script_def_of(L, "places")->city;
    jw_place_kind kind;
    if (!check_place_kind(L, "places", &kind))
        return 1;
    lua_Integer count = 0;
    lua_newtable(L);
    for (uint32_t i = 0; i < city->place_count; i++) {
        const jw_place *place = &city->places[i];
        if (place->kind != kind)
            continue;
        push_point(L, place->x_m, place->y_m, jw_city_text(city, place->name));
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

typedef struct block_choice {
    uint32_t by, use, count;
    double apart_m;
} block_choice;

const script_field script_block_fields[] = {
    {"by", FIELD_CHOICE, false, 0, 0, "jobs|people|people_and_jobs", NULL,
     "most of it first; else in the map's order", AT(block_choice, by)},
    {"use", FIELD_CHOICE, false, 0, 0, use_names, NULL, "only blocks of this use", AT(block_choice, use)},
    {"count", FIELD_COUNT, false, 0, 100000, NULL, NULL, "at most so many; all when left out",
     AT(block_choice, count)},
    {"apart_m", FIELD_NUMBER, false, 0, 1e6, NULL, "m", "least distance between those taken",
     AT(block_choice, apart_m)},
};
_Static_assert(JW_COUNT_OF(script_block_fields) == SCRIPT_BLOCK_FIELDS, "counted in script_internal.h");

static double block_weight(const jw_block *block, uint32_t by)
{
    return by == JW_NONE ? 0
                         : (by != 1 ? (double)block->jobs : 0) + (by != 0 ? (double)block->population : 0);
}

/* Whether it is `apart_m` from all that are in the list at the top of the stack. */
static bool is_apart(const jw_city *city, const uint32_t *taken, uint32_t count, const jw_block *block,
                     double apart_m)
{
    for (uint32_t i = 0; i < count; i++) {
        const jw_block *other = &city->blocks[taken[i]];
        if (jw_vec2_distance((jw_vec2){other->x_m, other->y_m}, (jw_vec2){block->x_m, block->y_m}) < apart_m)
            return false;
    }
    return true;
}

static void push_block(lua_State *L, const jw_city *city, uint32_t index)
{
    const jw_block *block = &city->blocks[index];
    push_point(L, block->x_m, block->y_m, jw_city_text(city, block->name));
    lua_pushinteger(L, block->population);
    lua_setfield(L, -2, "people");
    lua_pushinteger(L, block->jobs);
    lua_setfield(L, -2, "jobs");
    lua_pushinteger(L, index);
    lua_setfield(L, -2, "index");
    const char *use = use_names;
    for (uint32_t i = 0; i < (uint32_t)block->use; i++)
        use += strcspn(use, "|") + 1;
    lua_pushlstring(L, use, strcspn(use, "|"));
    lua_setfield(L, -2, "use");
}

int script_city_blocks(lua_State *L)
{
    const jw_city *city = script_def_of(L, "blocks")->city;
    block_choice choice = {.by = JW_NONE, .use = JW_NONE, .count = JW_NONE};
    if (!lua_isnoneornil(L, 2) &&
        !script_read_fields(L, 2, "city:blocks", script_block_fields, SCRIPT_BLOCK_FIELDS, &choice)) {
        script_push_unknown(L);
        return 1;
    }
    /* Merge sort by falling weight; equal blocks stay in the map's order. */
    uint32_t count = city->block_count;
    uint32_t *order = lua_newuserdatauv(L, (2ull * count + 1) * sizeof *order, 0), *spare = order + count;
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    for (uint32_t width = 1; width < count; width *= 2) {
        script_charge(L, count);
        for (uint32_t begin = 0; begin < count; begin += 2 * width) {
            uint32_t middle = begin + width < count ? begin + width : count;
            uint32_t end = begin + 2 * width < count ? begin + 2 * width : count;
            uint32_t left = begin, right = middle;
            for (uint32_t i = begin; i < end; i++) {
                bool takes_right = left >= middle ||
                                   (right < end && block_weight(&city->blocks[order[right]], choice.by) >
                                                       block_weight(&city->blocks[order[left]], choice.by));
                spare[i] = takes_right ? order[right++] : order[left++];
            }
        }
        memcpy(order, spare, count * sizeof *order);
    }
    lua_newtable(L);
    uint32_t taken = 0; /* those taken are listed at the front of `spare` */
    for (uint32_t i = 0; i < count && taken < choice.count; i++) {
        const jw_block *block = &city->blocks[order[i]];
        script_charge(L, 1 + taken / 4);
        if ((choice.use != JW_NONE && (uint32_t)block->use != choice.use) ||
            !is_apart(city, spare, taken, block, choice.apart_m))
            continue;
        spare[taken++] = order[i];
        push_block(L, city, order[i]);
        lua_rawseti(L, -2, taken);
    }
    return 1;
}
