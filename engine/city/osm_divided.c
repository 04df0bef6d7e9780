/* Divided roads. A road drawn as two one-way carriageways is wider than a one-way street: where a secondary
 * road of that kind says nothing of its lanes, each carriageway has two (four lanes in all: GB 50220-95,
 * table 7.1.6, secondary roads of large cities, 4 to 6). It is told by its name: most ways of one name are
 * one-way and run both ways, about as far in each. (Where most are not, the others only pass islands at
 * junctions.) */
#include "city/osm_internal.h"

typedef struct direction_sum {
    double east, north, one_way, two_way; /* degrees of latitude; the lengths of the ways */
} direction_sum;

static bool is_secondary(const jw_draft_road *road)
{
    return road->road_class == JW_ROAD_SECONDARY && !road->is_link && !road->is_roundabout &&
           road->name != 0 && road->lanes_forward > 0;
}

/* From the first to the last node of the way, the way traffic runs. */
static jw_vec2 direction_of(const jw_osm_store *store, const jw_osm_road_item *item)
{
    const jw_osm_way *way = &store->ways[item->way];
    const jw_osm_node *first = NULL, *last = NULL;
    for (uint32_t i = 0; i < way->ref_count; i++) {
        uint64_t n = store->refs[way->first_ref + i];
        if (n >= store->node_count)
            continue;
        last = &store->nodes[n];
        first = first ? first : last;
    }
    if (!first)
        return (jw_vec2){0, 0};
    double north = (last->lat_e7 - (double)first->lat_e7) / 1e7;
    double east = (last->lon_e7 - (double)first->lon_e7) / 1e7 * jw_cos(first->lat_e7 / 1e7 * (JW_PI / 180));
    return item->is_reversed ? (jw_vec2){-east, -north} : (jw_vec2){east, north};
}

static uint64_t name_hash(const jw_osm_store *store, const jw_draft_road *road)
{
    return jw_hash_text(0, jw_draft_text(store->draft, road->name));
}

static jw_result sum_directions(jw_osm_store *store, jw_map *number_of_name, direction_sum *sums,
                                jw_error *error)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < store->road_count; i++) {
        const jw_draft_road *road = &store->roads[i].road;
        if (!is_secondary(road))
            continue;
        uint64_t name = name_hash(store, road);
        uint32_t number = jw_map_get(number_of_name, name);
        if (number == JW_NONE) {
            number = count++;
            if (!jw_map_set(number_of_name, name, number))
                return jw_fail_memory(error);
        }
        jw_vec2 v = direction_of(store, &store->roads[i]);
        if (road->lanes_backward > 0) {
            sums[number].two_way += jw_vec2_length(v);
            continue;
        }
        sums[number].east += v.x;
        sums[number].north += v.y;
        sums[number].one_way += jw_vec2_length(v);
    }
    return JW_OK;
}

jw_result jw_osm_widen_divided(jw_osm_store *store, jw_error *error)
{
    jw_map number_of_name = {0};
    direction_sum *sums = jw_alloc((store->road_count + (size_t)1) * sizeof *sums);
    if (!sums)
        return jw_fail_memory(error);
    jw_result result = sum_directions(store, &number_of_name, sums, error);
    for (uint32_t i = 0; i < store->road_count && result == JW_OK; i++) {
        jw_draft_road *road = &store->roads[i].road;
        if (!is_secondary(road) || road->lanes_backward > 0 || !road->lanes_are_assumed)
            continue;
        const direction_sum *sum = &sums[jw_map_get(&number_of_name, name_hash(store, road))];
        double beyond = jw_vec2_length((jw_vec2){sum->east, sum->north});
        if (beyond < 0.5 * sum->one_way && sum->one_way > 2 * sum->two_way)
            road->lanes_forward++;
    }
    jw_map_free(&number_of_name);
    jw_free(sums);
    return result;
}
