/* The inside of the SUMO readers.
 *
 *   sumo_names.c      ids as numbers, the list of what is missing
 *   sumo_class.c      vehicle classes, road types
 *   sumo_net.c        a network file -> tables as the file has them
 *   sumo_city.c       these tables -> a city: places, blocks, all of it
 *   sumo_road.c       edges, lanes, junctions
 *   sumo_connection.c connections
 *   sumo_junction.c   requests -> conflicts; programmes
 *   sumo_programme.c  signal programmes in networks and additional files
 *   sumo_demand.c     route and additional files
 *   sumo_vehicle.c    types, routes, vehicles and flows in them
 *   sumo_config.c     configurations */
#ifndef JW_CITY_SUMO_INTERNAL_H
#define JW_CITY_SUMO_INTERNAL_H

#include "city/build.h"
#include "city/source.h"
#include "city/sumo.h"

#define JW_SUMO_ATTRIBUTE_MAX (UINT32_C(4) << 20)
#define JW_SUMO_DEPTH_MAX     16
#define JW_SUMO_LANES_MAX     64   /* of one edge */
#define JW_SUMO_LINKS_MAX     4096 /* of one junction, of one programme */
#define JW_SUMO_MISSING_MAX   200
#define JW_SUMO_EXTENT_MAX_M  2000e3 /* from the network's middle */

typedef struct jw_sumo_reader jw_sumo_reader;

/* ---- names ---- */

/* Texts as dense numbers. */
struct jw_sumo_names {
    char *texts;
    uint32_t text_size, text_capacity;
    uint32_t *offsets; /* by number */
    uint32_t count, capacity;
    uint32_t *slots; /* number + 1, open addressing */
    uint32_t slot_count;
};

typedef struct jw_sumo_names jw_sumo_names;

/* Number of a text, added when new (numbers count up from 0). */
jw_result jw_sumo_names_add(jw_sumo_names *names, const char *text, uint32_t *out, jw_error *error);
/* JW_NONE when it is not there. */
uint32_t jw_sumo_names_find(const jw_sumo_names *names, const char *text, size_t size);
void jw_sumo_names_free(jw_sumo_names *names);
static inline const char *jw_sumo_name(const jw_sumo_names *names, uint32_t number)
{
    return names->texts + names->offsets[number];
}
/* The texts of a demand, and what of each kind bears them. */
typedef enum jw_sumo_kind {
    JW_SUMO_KIND_TYPE,
    JW_SUMO_KIND_TYPES, /* a distribution */
    JW_SUMO_KIND_ROUTE,
    JW_SUMO_KIND_ROUTES, /* a distribution */
    JW_SUMO_KIND_VEHICLE,
    JW_SUMO_KIND_STOP_PLACE,
    JW_SUMO_KIND_DETECTOR,
    JW_SUMO_KIND_ZONE
} jw_sumo_kind;

struct jw_sumo_lookup {
    jw_sumo_names names;
    jw_map of_kind; /* kind and number of a text -> index in the demand's array of that kind */
};

jw_result jw_sumo_add_text(jw_sumo_demand *demand, const char *text, uint32_t *out, jw_error *error);
/* The text of an attribute, 0 when absent. */
jw_result jw_sumo_add_attribute(const jw_sumo_reader *r, jw_sumo_demand *demand, const char *name,
                                uint32_t *out);
/* Number of the id of the element being read, for a new thing of that kind at `index`; 0 (and a problem) when
 * it has none or another of that kind has it. */
jw_result jw_sumo_add_id(const jw_sumo_reader *r, jw_sumo_demand *demand, jw_sumo_kind kind, uint32_t index,
                         uint32_t *out);

/* ---- reading ---- */

/* What the readers of elements share. */
struct jw_sumo_reader {
    const char *name; /* of the file */
    jw_problems *problems;
    jw_sumo_missing *missing;
    const jw_xml *xml; /* while an element is read */
    const char *element;
    const char **attributes;
    jw_error *error;
};

/* Opens by content: plain or gzipped XML, anything else is refused. */
jw_result jw_sumo_parse_file(const char *path, const char *what, jw_progress progress, void *progress_context,
                             const jw_xml_def *def, jw_error *error);
jw_result jw_sumo_parse_source(jw_source *source, const jw_xml_def *def, jw_error *error);

/* The attribute of the element being read; NULL when absent. */
const char *jw_sumo_attribute(const jw_sumo_reader *r, const char *name);
/* Number of an attribute within [low, high]; `fallback` when absent. False (and a problem) when it is no such
 * number. */
bool jw_sumo_number(const jw_sumo_reader *r, const char *name, double low, double high, double fallback,
                    double *out);
/* Seconds: "12.5" or "1:02:03:04" (days, hours, minutes, seconds). */
bool jw_sumo_parse_time(const char *text, double *out_s);
bool jw_sumo_time(const jw_sumo_reader *r, const char *name, double fallback, double *out_s);
/* Notes each attribute of the element being read that is none of these as "`what` attribute ...". */
jw_result jw_sumo_note_others(const jw_sumo_reader *r, const char *what, const char *const *known,
                              uint32_t known_count);
/* A problem of the element being read, with its id. */
void jw_sumo_problem(const jw_sumo_reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- classes ---- */

/* SUMO's vehicle classes, a bit each in the order of sumo_class.c. */
typedef uint32_t jw_sumo_classes;
/* From the attributes allow and disallow; unknown names are noted as missing. */
jw_result jw_sumo_read_classes(const jw_sumo_reader *r, jw_sumo_classes *out);
/* JW_ALLOW_ bits; 0: only classes that are not modelled. */
uint8_t jw_sumo_allow(jw_sumo_classes classes);
bool jw_sumo_is_rail(jw_sumo_classes classes);
bool jw_sumo_road_class(const char *type, jw_road_class *out, bool *out_is_link);

/* ---- the network as its file has it ---- */

typedef enum jw_sumo_function {
    JW_SUMO_NORMAL,
    JW_SUMO_INTERNAL,
    JW_SUMO_CROSSING,
    JW_SUMO_WALKING
} jw_sumo_function;

typedef struct jw_sumo_edge {
    uint32_t from, to;     /* numbers of junction names; JW_NONE: internal */
    uint32_t type, street; /* texts */
    uint32_t first_lane, lane_count;
    uint32_t city_edge; /* JW_NONE: not taken over */
    int32_t priority;
    uint8_t function; /* jw_sumo_function */
    uint8_t is_roundabout, is_broken;
    int line;
} jw_sumo_edge;

typedef struct jw_sumo_lane {
    uint32_t edge;
    uint32_t first_point, point_count;
    double length_m, speed_mps, width_m; /* width 0: not given */
    jw_sumo_classes classes;
} jw_sumo_lane;

typedef enum jw_sumo_node_type {
    JW_SUMO_NODE_UNKNOWN,
    JW_SUMO_NODE_PRIORITY,
    JW_SUMO_NODE_STOP,
    JW_SUMO_NODE_SIGNAL,
    JW_SUMO_NODE_RIGHT_FIRST,
    JW_SUMO_NODE_ALL_STOP,
    JW_SUMO_NODE_ZIPPER,
    JW_SUMO_NODE_UNREGULATED,
    JW_SUMO_NODE_DEAD_END,
    JW_SUMO_NODE_INTERNAL
} jw_sumo_node_type;

typedef struct jw_sumo_junction {
    double x_m, y_m, z_m;
    uint32_t first_in, in_count;           /* into in_lanes */
    uint32_t first_point, point_count;     /* outline */
    uint32_t first_request, request_count; /* into requests */
    uint32_t city_junction;
    uint8_t type;     /* jw_sumo_node_type */
    uint8_t is_there; /* else only named by an edge */
    int line;
} jw_sumo_junction;

typedef struct jw_sumo_request {
    uint32_t index;
    uint32_t response, foes; /* offsets in bits: texts of '0' and '1', the last character is link 0 */
} jw_sumo_request;

typedef struct jw_sumo_connection {
    uint32_t from_lane, to_lane;
    uint32_t via_lane;  /* JW_NONE */
    uint32_t programme; /* number of a tlLogic's name; JW_NONE: no signal */
    uint32_t link;      /* into its states */
    uint32_t position;  /* among the requests of its junction, JW_NONE: none */
    uint32_t next;      /* connection that leaves the same lane, in the file's order; JW_NONE */
    uint32_t city_connection;
    char direction, state;
    int line;
} jw_sumo_connection;

typedef struct jw_sumo_net {
    jw_sumo_names edge_names, junction_names, programme_names, texts;
#define JW_SUMO_NET_ARRAYS(X)                                                                                \
    X(jw_sumo_edge, edges, edge_count) /* by number of the name */                                           \
    X(jw_sumo_lane, lanes, lane_count)                                                                       \
    X(jw_sumo_junction, junctions, junction_count) /* by number of the name */                               \
    X(uint32_t, in_lanes, in_lane_count)                                                                     \
    X(jw_sumo_request, requests, request_count)                                                              \
    X(char, bits, bit_size)                                                                                  \
    X(jw_sumo_connection, connections, connection_count)                                                     \
    X(uint32_t, lane_first, lane_first_count) /* first connection of each lane */                            \
    X(jw_vec3, points, point_count)
#define X(type, items, count)                                                                                \
    type *items;                                                                                             \
    uint32_t count, items##_capacity;
    JW_SUMO_NET_ARRAYS(X)
#undef X
    jw_sumo_demand logics; /* the network's own programmes: ids, programmes and phases alone are used */
    char projection[512];
    double offset_x_m, offset_y_m;
    double original[4]; /* origBoundary */
    double origin_lon_deg, origin_lat_deg;
} jw_sumo_net;

jw_result jw_sumo_net_read(jw_source *source, jw_sumo_net *net, jw_sumo_missing *missing,
                           jw_problems *problems, jw_error *error);
void jw_sumo_net_free(jw_sumo_net *net);
/* "edge_2" -> lane number; JW_NONE. */
uint32_t jw_sumo_find_lane(const jw_sumo_net *net, const char *id);

/* A tlLogic element and its phases, in networks and additional files. */
jw_result jw_sumo_begin_programme(const jw_sumo_reader *r, jw_sumo_demand *demand, bool *out_is_open);
jw_result jw_sumo_add_phase(const jw_sumo_reader *r, jw_sumo_demand *demand);

/* ---- demand ---- */

/* What is open while a route or additional file is read. */
typedef struct jw_sumo_demand_reader {
    jw_sumo_reader r;
    jw_sumo_demand *demand;
    uint32_t type_distribution, route_distribution; /* that children join; JW_NONE */
    uint32_t vehicle;                               /* that children belong to; JW_NONE */
    uint32_t route;                                 /* whose stops come next; JW_NONE */
    uint32_t zone;                                  /* whose edges come next; JW_NONE */
    bool is_in_programme, is_in_person;
    bool is_in_interval; /* of relations between zones: */
    double interval_begin_s, interval_end_s;
    uint32_t interval_type; /* text: its id */
    double last_depart_s;
} jw_sumo_demand_reader;

/* The name of the file being read, as a text. */
jw_result jw_sumo_add_source(const jw_sumo_demand_reader *d, uint32_t *out);
/* Each reads the element that begins; what is wrong is a problem, and the element is left out. */
jw_result jw_sumo_read_type(jw_sumo_demand_reader *d);
jw_result jw_sumo_begin_type_distribution(jw_sumo_demand_reader *d);
jw_result jw_sumo_read_route(jw_sumo_demand_reader *d, bool is_of_vehicle);
jw_result jw_sumo_begin_route_distribution(jw_sumo_demand_reader *d);
jw_result jw_sumo_begin_vehicle(jw_sumo_demand_reader *d, bool is_flow);
jw_result jw_sumo_read_stop(jw_sumo_demand_reader *d);

/* ---- towards the city ---- */

typedef struct jw_sumo_builder {
    jw_build build; /* holds the parts; its pieces and draft serve jw_build_blocks alone */
    jw_sumo_net *net;
    const jw_sumo_demand *demand;
    jw_sumo_missing *missing;
    const char *name;
} jw_sumo_builder;

jw_result jw_sumo_build_roads(jw_sumo_builder *b, jw_error *error);
jw_result jw_sumo_build_connections(jw_sumo_builder *b, jw_error *error);
jw_result jw_sumo_build_conflicts(jw_sumo_builder *b, jw_error *error);
jw_result jw_sumo_build_programmes(jw_sumo_builder *b, jw_error *error);

/* Room for `more` elements of an array of a table. */
#define JW_SUMO_ROOM(table, items, count, more, error)                                                       \
    jw_grow(&(table)->items, &(table)->items##_capacity, (uint64_t)(table)->count + (more),                  \
            sizeof *(table)->items, (error))

#endif
