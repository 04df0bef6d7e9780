/* The inside of the static city: its arrays as one table, from which storage, hash, saving, loading and
 * releasing are made, and the rules that the builder states. */
#ifndef JW_CITY_INTERNAL_H
#define JW_CITY_INTERNAL_H

#include "city/city.h"

/* Every array of a city: element type, items, count. */
#define JW_CITY_ARRAYS(X)                                                                                    \
    X(jw_vec3, points, point_count)                                                                          \
    X(jw_ring_range, rings, ring_count)                                                                      \
    X(char, texts, text_size)                                                                                \
    X(jw_junction, junctions, junction_count)                                                                \
    X(uint32_t, junction_edges, junction_edge_count)                                                         \
    X(jw_edge, edges, edge_count)                                                                            \
    X(jw_lane, lanes, lane_count)                                                                            \
    X(uint32_t, lane_connections, lane_connection_count)                                                     \
    X(jw_connection, connections, connection_count)                                                          \
    X(jw_conflict, conflicts, conflict_count)                                                                \
    X(jw_programme, programmes, programme_count)                                                             \
    X(jw_signal_phase, signal_phases, signal_phase_count)                                                    \
    X(char, signal_states, signal_state_size)                                                                \
    X(jw_building, buildings, building_count)                                                                \
    X(jw_area, areas, area_count)                                                                            \
    X(jw_line, lines, line_count)                                                                            \
    X(jw_block, blocks, block_count)                                                                         \
    X(uint32_t, block_edges, block_edge_count)                                                               \
    X(jw_place, places, place_count)                                                                         \
    X(jw_city_site, sites, site_count)                                                                       \
    X(jw_translation, translations, translation_count)

/* A city while it is made: the same arrays, writable and growing. */
typedef struct jw_city_parts {
#define X(type, items, count)                                                                                \
    type *items;                                                                                             \
    uint32_t count, items##_capacity;
    JW_CITY_ARRAYS(X)
#undef X
    uint32_t name;
    double origin_lon_deg, origin_lat_deg;
    jw_box bounds;
} jw_city_parts;

/* Room for `more` further elements of one array of the parts. */
#define JW_CITY_ROOM(parts, items, count, more, error)                                                       \
    jw_grow(&(parts)->items, &(parts)->items##_capacity, (uint64_t)(parts)->count + (more),                  \
            sizeof *(parts)->items, (error))

/* Takes the parts' arrays over (the parts are empty afterwards), computes the hash, one reference. */
jw_result jw_city_from_parts(jw_city_parts *parts, jw_city **out, jw_error *error);
void jw_city_parts_free(jw_city_parts *parts);
uint64_t jw_city_hash(const jw_city *city);

/* Copies a text to the end of the parts' texts. */
jw_result jw_city_add_text(jw_city_parts *parts, const char *text, uint32_t *out, jw_error *error);
/* Copies points to the end of the parts' points. */
jw_result jw_city_add_points(jw_city_parts *parts, const jw_vec3 *points, uint32_t count, uint32_t *out_first,
                             jw_error *error);

#endif
