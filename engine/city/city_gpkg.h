/* What writing and reading a city's GeoPackage share. */
#ifndef JW_CITY_CITY_GPKG_H
#define JW_CITY_CITY_GPKG_H

#include "city/city.h"

/* A list of words; the word's place is the enumeration's value. */
typedef struct jw_words {
    const char *const *words;
    uint32_t count;
} jw_words;

extern const jw_words jw_gpkg_road_classes, jw_gpkg_uses, jw_gpkg_roofs, jw_gpkg_area_kinds,
    jw_gpkg_line_kinds, jw_gpkg_place_kinds, jw_gpkg_vehicles, jw_gpkg_signs, jw_gpkg_programme_kinds;

/* Signs on the approach of a road to its end. */
enum { JW_SIGN_NONE, JW_SIGN_GIVE_WAY, JW_SIGN_STOP };

/* The place of a word, in any case of letters; JW_NONE when it is none of them. */
uint32_t jw_words_find(const jw_words *words, const char *text);

/* ---- derived: city_gpkg_derive.c ----------------------------------------------------------------------- */

uint32_t jw_city_count_bike_lanes(const jw_city *city, const jw_edge *edge); /* 0 or 1, at the kerb */
const jw_lane *jw_city_leftmost_lane(const jw_city *city, const jw_edge *edge);
bool jw_city_has_bus_lane(const jw_city *city, const jw_edge *edge);
/* In the manner of OSM's turn:lanes, left to right, motor lanes; "" when nothing can be said. */
void jw_city_write_turn_lanes(const jw_city *city, const jw_edge *edge, char *out, size_t out_size);
/* The part of such a text that is about one lane, 0 the leftmost; "" behind the last. */
void jw_turn_lanes_part(const char *turn_lanes, uint32_t from_left, char *out, size_t out_size);
/* JW_SIGN_ of each edge, at its end. */
void jw_city_find_signs(const jw_city *city, uint8_t *signs);

/* ---- reading: city_gpkg_read.c, and the network in city_gpkg_network.c --------------------------------- */

#define JW_LAYER_ROADS "roads"

/* An end of a road: end 0 is where it begins. */
typedef struct jw_city_road_end {
    uint32_t node;        /* of the draft */
    uint64_t junction_id; /* source id; 0: still to be found */
    bool is_drawn;        /* the junction is one that was made here */
} jw_city_road_end;

/* A road as the file numbers it. */
typedef struct jw_city_road_row {
    uint64_t id; /* source id of the draft's road */
    bool has_own_id;
    uint32_t lane_count, same_count; /* rows of `lanes` that are of it; of these, such as the road says */
    bool is_broken[2];               /* at its beginning, its end a connection leads to no road */
} jw_city_road_row;

typedef struct jw_city_reader {
    const char *path;
    jw_gpkg *gpkg;
    jw_draft *draft;
    jw_problems *problems;
    jw_error *error;
    jw_projection *projection;
    double *x_m, *y_m; /* of the row's shape */
    uint32_t x_capacity, y_capacity;
    uint32_t *refs;
    uint32_t ref_capacity;
    uint32_t *ring_sizes;
    uint32_t ring_size_capacity;

    jw_map junction_numbers; /* source id -> number below */
    jw_vec2 *junction_places;
    uint8_t *junction_signals;
    uint32_t junction_count, junction_capacity, signal_capacity;

    jw_map road_numbers;    /* source id -> draft road */
    jw_city_road_row *rows; /* beside draft->roads */
    uint32_t row_capacity;
    jw_city_road_end *ends; /* two a road */
    uint32_t end_capacity;
    uint64_t fresh_count;

    jw_map programme_numbers; /* id -> draft programme */
    jw_map links;             /* from road, to road -> 1 */
    jw_map linked;            /* roads that the connections layer names */
    jw_map site_names;        /* hashes */
    uint32_t gate_count;
    uint64_t *area_order;
    uint32_t order_capacity;
    jw_box extent; /* degrees, when the file has no origin */
} jw_city_reader;

typedef jw_result (*jw_city_row_function)(void *context, const jw_gpkg_row *row);

/* Values of a row; what is absent, NULL or out of range gives `otherwise`. */
double jw_city_row_real(const jw_gpkg_row *row, const char *column, double otherwise);
int64_t jw_city_row_integer(const jw_gpkg_row *row, const char *column, int64_t low, int64_t high,
                            int64_t otherwise);
bool jw_city_row_is_set(const jw_gpkg_row *row, const char *column);
const char *jw_city_row_text(const jw_gpkg_row *row, const char *column); /* never NULL */
/* A number of the file as a source id: 0 for none. */
uint64_t jw_city_row_id(const jw_gpkg_row *row, const char *column);
/* The word's number; unknown words are reported and give `otherwise`. */
uint32_t jw_city_row_word(jw_city_reader *r, const char *layer, const jw_gpkg_row *row, const char *column,
                          const jw_words *words, uint32_t otherwise);
void jw_city_row_report(jw_city_reader *r, jw_severity severity, const char *layer, const jw_gpkg_row *row,
                        const char *message);

/* A text as far as it is sound. */
jw_result jw_city_reader_add_text(jw_city_reader *r, const char *text, uint32_t *out);
/* Of a text added before, what the columns name_en and name_zh say. */
jw_result jw_city_reader_translate(jw_city_reader *r, const jw_gpkg_row *row, uint32_t name);
/* The columns name, name_en and name_zh. */
jw_result jw_city_reader_add_name(jw_city_reader *r, const jw_gpkg_row *row, uint32_t *out);
/* Fills x_m, y_m with the row's shape in metres. */
jw_result jw_city_reader_project(jw_city_reader *r, const char *layer, const jw_gpkg_row *row);
/* One draft node a point of [first, end); their numbers are put into refs at *ref_count. */
jw_result jw_city_reader_add_nodes(jw_city_reader *r, const jw_gpkg_shape *shape, uint32_t first,
                                   uint32_t end, uint32_t *ref_count);
/* Reads a layer that may be missing. */
jw_result jw_city_reader_read_layer(jw_city_reader *r, const char *name, jw_city_row_function on_row);

jw_result jw_city_read_network(jw_city_reader *r);
/* city_gpkg_programmes.c: into the draft and programme_numbers. */
jw_result jw_city_read_programmes(jw_city_reader *r);
/* A row of `places` that is a gate: marks the nearest end of a road as the map's edge. */
void jw_city_mark_gate(jw_city_reader *r, const jw_gpkg_row *row);

#endif
