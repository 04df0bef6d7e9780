/* Inside of the OpenStreetMap reader.
 *
 *   osm.c           opens a map, tells its kind by content (bytes and XML: see source.h)
 *   osm_xml.c       bytes -> elements, by expat
 *   osm_pbf.c       bytes -> elements, by a decoder of the protobuf wire format
 *   osm_tags.c      what the tags of an area, building or node mean; numbers in tags
 *   osm_road_tags.c what the tags of a road mean
 *   osm_store.c     elements -> store: all nodes and ways in compact arrays, and what each way or relation is
 *   osm_rings.c     ways of a multipolygon -> closed rings
 *   osm_coast.c     the shore -> rings of sea
 *   osm_assemble.c  store -> draft, when the whole file is read
 *
 * One pass over the file: a node takes 16 bytes, a reference 8, a way 40; store and draft together take about
 * 160 bytes a node at the peak (2.3 million nodes, a PBF of 21 MB: 370 MB). A second pass that keeps only
 * nodes in use would save little, as in a city nearly all are in use. */
#ifndef JW_CITY_OSM_INTERNAL_H
#define JW_CITY_OSM_INTERNAL_H

#include "city/source.h"

/* Limits on what a foreign file may ask for. */
#define JW_OSM_BLOB_MAX      (UINT32_C(32) << 20) /* bytes of a PBF blob, packed or not (the format's limit) */
#define JW_OSM_ATTRIBUTE_MAX (UINT32_C(64) << 10) /* bytes of one attribute, key or value */
#define JW_OSM_NODES_MAX     50000000
#define JW_OSM_WAYS_MAX      20000000
#define JW_OSM_REFS_MAX      65535 /* of one way; the OSM database allows 2,000 */
#define JW_OSM_MEMBERS_MAX   65535 /* of one relation; the OSM database allows 32,000 */
#define JW_OSM_TAGS_MAX      4096  /* of one element */
#define JW_OSM_EXTENT_MAX_M  1000e3

/* ---- elements ---- */

typedef struct jw_osm_tag {
    const char *key, *value;
} jw_osm_tag;

typedef struct jw_osm_tags {
    const jw_osm_tag *items;
    uint32_t count;
} jw_osm_tags;

typedef enum jw_osm_member_type { JW_OSM_NODE, JW_OSM_WAY, JW_OSM_RELATION } jw_osm_member_type;
typedef enum jw_osm_role {
    JW_OSM_ROLE_OTHER,
    JW_OSM_ROLE_OUTER, /* and no role */
    JW_OSM_ROLE_INNER,
    JW_OSM_ROLE_FROM,
    JW_OSM_ROLE_VIA,
    JW_OSM_ROLE_TO
} jw_osm_role;

typedef struct jw_osm_member {
    uint64_t id;
    uint8_t type; /* jw_osm_member_type */
    uint8_t role; /* jw_osm_role */
} jw_osm_member;

jw_osm_role jw_osm_role_of(const char *text);

/* ---- meaning of tags ---- */

/* NULL when absent. */
const char *jw_osm_tag_value(const jw_osm_tags *tags, const char *key);
/* True when the key is there with one of the values of a list "|a|b|c|". */
bool jw_osm_tag_is(const jw_osm_tags *tags, const char *key, const char *list);
/* Present and not "no". */
bool jw_osm_tag_yes(const jw_osm_tags *tags, const char *key);
bool jw_osm_is_in(const char *value, const char *list);
/* "12", "12.5 m", "40 ft", 12'6": metres; false when it is none of these or not finite. */
bool jw_osm_metres(const char *text, double *out_m);
/* Whole number within [low, high]; false otherwise. */
bool jw_osm_integer(const char *text, int low, int high, int *out);
bool jw_osm_number(const char *text, double *out);
int8_t jw_osm_layer(const jw_osm_tags *tags);

enum {
    JW_OSM_FLAG_SIGNAL = 1 << 0,
    JW_OSM_FLAG_STOP = 1 << 1,
    JW_OSM_FLAG_GIVE_WAY = 1 << 2,
    JW_OSM_FLAG_CROSSING = 1 << 3
};
/* Traffic rules at a node, JW_OSM_FLAG_ bits. */
uint8_t jw_osm_node_flags(const jw_osm_tags *tags);
/* True when the tags name a place that scenes may look for. */
bool jw_osm_place(const jw_osm_tags *tags, jw_place_kind *out);
/* The shape itself is left empty. */
bool jw_osm_building(const jw_osm_tags *tags, jw_draft_building *out);
bool jw_osm_area(const jw_osm_tags *tags, jw_draft_area *out);
/* Rails, waterways, paths. */
bool jw_osm_line(const jw_osm_tags *tags, bool is_closed, jw_draft_line *out);
/* Roads that cars or buses may use. Speed, lanes and widths are filled from the tags or by default.
 * *out_reversed: traffic runs against the order of the refs. *out_problem (or NULL): a tag that makes no
 * sense, replaced by a default. */
bool jw_osm_road(const jw_osm_tags *tags, jw_draft_road *out, bool *out_reversed, const char **out_problem);
bool jw_osm_restriction(const jw_osm_tags *tags, jw_restriction_kind *out_kind, jw_turn *out_turn);

/* ---- the store ---- */

typedef struct jw_osm_node {
    uint64_t id;
    int32_t lon_e7, lat_e7; /* 1e-7 degrees, as in the OSM database */
} jw_osm_node;

typedef struct jw_osm_flagged_node {
    uint64_t id;
    uint8_t flags;
} jw_osm_flagged_node;

typedef struct jw_osm_way {
    uint64_t id;
    uint32_t first_ref, ref_count;
    uint32_t building1, area1; /* number + 1 in the store's buildings and areas; 0: is none */
    uint32_t seen_by1;         /* the last relation that joined it, number + 1 */
    uint8_t is_road, is_coast;
    uint8_t is_missing_nodes; /* some of its nodes are not in the file: JW_NONE in the refs */
} jw_osm_way;

/* Where a building, area or place gets its shape from. */
typedef enum jw_osm_owner {
    JW_OSM_OWNER_NONE,
    JW_OSM_OWNER_NODE,
    JW_OSM_OWNER_WAY,
    JW_OSM_OWNER_RELATION
} jw_osm_owner;

typedef struct jw_osm_road_item {
    uint32_t way;
    jw_draft_road road;
    bool is_reversed;
} jw_osm_road_item;
typedef struct jw_osm_line_item {
    uint32_t way;
    jw_draft_line line;
} jw_osm_line_item;
typedef struct jw_osm_building_item {
    jw_osm_owner owner; /* NONE: drawn by a relation instead */
    uint32_t index;
    jw_draft_building building;
} jw_osm_building_item;
typedef struct jw_osm_area_item {
    jw_osm_owner owner;
    uint32_t index;
    jw_draft_area area;
} jw_osm_area_item;
typedef struct jw_osm_place_item {
    jw_osm_owner owner;
    uint32_t index; /* of a way or relation */
    int32_t lon_e7, lat_e7;
    jw_place_kind kind;
    uint32_t name;
} jw_osm_place_item;

typedef struct jw_osm_relation {
    uint64_t id;
    uint32_t first_member, member_count;
    uint32_t building1,
        area1;           /* what a multipolygon is, as of ways; both 0: takes the meaning of its outer way */
    bool is_restriction; /* else a multipolygon */
    jw_restriction_kind kind;
    jw_turn turn;
} jw_osm_relation;

#define JW_OSM_ASSEMBLING 0.9 /* of the progress is made when it begins */

typedef struct jw_osm_store {
    const char *name;  /* of the file, for messages */
    jw_source *source; /* whose progress may be cancelled */
    int line;          /* of the element now read; 0 in PBF */
    jw_problems *problems;
    jw_draft *draft; /* takes the texts at once, the rest at the end */

    jw_osm_node *nodes; /* while reading in file order, afterwards by id, each once */
    uint32_t node_count, node_capacity;
    bool is_unsorted;
    uint64_t *refs; /* ids while reading; afterwards node numbers */
    uint32_t ref_count, ref_capacity;
    jw_osm_way *ways;
    uint32_t way_count, way_capacity;
    jw_map way_of_id;
    jw_osm_member *members;
    uint32_t member_count, member_capacity;
    jw_osm_relation *relations;
    uint32_t relation_count, relation_capacity;
    jw_osm_flagged_node *flagged;
    uint32_t flagged_count, flagged_capacity;
    jw_osm_road_item *roads;
    uint32_t road_count, road_capacity;
    jw_osm_line_item *lines;
    uint32_t line_count, line_capacity;
    jw_osm_building_item *buildings;
    uint32_t building_count, building_capacity;
    jw_osm_area_item *areas;
    uint32_t area_count, area_capacity;
    jw_osm_place_item *places;
    uint32_t place_count, place_capacity;

    bool has_bounds; /* what the file says it covers */
    int32_t min_lon_e7, min_lat_e7, max_lon_e7, max_lat_e7;
} jw_osm_store;

void jw_osm_store_free(jw_osm_store *store);
/* 1e-7 degrees outside of the earth are a problem and the node is skipped. */
jw_result jw_osm_take_node(jw_osm_store *store, uint64_t id, int64_t lon_e7, int64_t lat_e7,
                           const jw_osm_tags *tags, jw_error *error);
jw_result jw_osm_take_way(jw_osm_store *store, uint64_t id, const uint64_t *refs, uint32_t ref_count,
                          const jw_osm_tags *tags, jw_error *error);
jw_result jw_osm_take_relation(jw_osm_store *store, uint64_t id, const jw_osm_member *members,
                               uint32_t member_count, const jw_osm_tags *tags, jw_error *error);
/* What the file says it covers; several are joined, senseless ones ignored. */
void jw_osm_take_bounds(jw_osm_store *store, int64_t west_e7, int64_t south_e7, int64_t east_e7,
                        int64_t north_e7);
/* A problem of one element: kind "way". */
void jw_osm_note(jw_osm_store *store, jw_severity severity, const char *kind, uint64_t id,
                 const char *message);
/* Sorts the nodes, drops repeated ids, turns ids in refs into node numbers (JW_NONE: not in the file). */
jw_result jw_osm_store_finish(jw_osm_store *store, jw_error *error);
/* Number of the node in the finished store, or JW_NONE. */
uint32_t jw_osm_find_node(const jw_osm_store *store, uint64_t id, uint32_t hint);

/* ---- readers ---- */

/* `gzip`: the bytes are inflated first. */
jw_result jw_osm_read_xml(jw_source *source, bool is_gzip, jw_osm_store *store, jw_error *error);
jw_result jw_osm_read_pbf(jw_source *source, jw_osm_store *store, jw_error *error);

/* ---- rings ---- */

/* Rings over node numbers, closed, the last not repeated, at least 3 nodes each. */
typedef struct jw_osm_rings {
    uint32_t *refs;
    uint32_t ref_count, ref_capacity;
    uint32_t *sizes;
    uint32_t size_count, size_capacity;
} jw_osm_rings;
void jw_osm_rings_free(jw_osm_rings *rings);
void jw_osm_rings_clear(jw_osm_rings *rings); /* keeps the memory */
bool jw_osm_ring_contains(const jw_osm_store *store, const uint32_t *refs, uint32_t count,
                          const jw_osm_node *point);
/* Joins the members of a relation with the given role into rings appended to `rings`, whatever their order
 * and direction; a way counts once in a relation. *out_open: pieces that do not close (members missing from
 * the file, mostly) and were left out. */
jw_result jw_osm_join_rings(jw_osm_store *store, uint32_t relation, jw_osm_role role, jw_osm_rings *rings,
                            uint32_t *out_open, jw_error *error);
/* The closed way as one ring; false when it is not closed or has fewer than 3 nodes. */
jw_result jw_osm_way_ring(const jw_osm_store *store, const jw_osm_way *way, jw_osm_rings *rings, bool *out_ok,
                          jw_error *error);
/* For each inner ring the number of the smallest outer ring around it, or JW_NONE. */
jw_result jw_osm_match_holes(const jw_osm_store *store, const jw_osm_rings *outer, const jw_osm_rings *inner,
                             uint32_t *out_outer_of_inner, jw_error *error);

/* Rings of the sea near the roads and of the islands in it, from the ways natural=coastline. Adds nodes for
 * points that the map does not have, at the end of the store's. */
jw_result jw_osm_trace_coast(jw_osm_store *store, jw_osm_rings *outer, jw_osm_rings *inner, jw_error *error);

/* More lanes for divided roads that do not say how many they have; before the draft is assembled. */
jw_result jw_osm_widen_divided(jw_osm_store *store, jw_error *error);

/* Everything into the draft, projected about the middle of the roads. */
jw_result jw_osm_assemble(jw_osm_store *store, jw_error *error);

#endif
