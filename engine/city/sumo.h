/* SUMO's files: networks (.net.xml), demand (.rou.xml, .add.xml) and configurations (.sumocfg), plain or
 * gzipped.
 *
 * Read in this order: the configuration names the files; the demand is read as it stands, its places by their
 * ids; the network becomes a city, whose edges and junctions keep SUMO's ids as texts (jw_edge.id,
 * jw_junction.id), with the demand's signal programmes in place of its own; then the ids are looked up.
 *
 * Streamed with expat. Limits: files of 4 GB, gzip ratio 200, attributes of 4 MB (shapes, routes). A broken
 * file (cut, not XML, of another kind) is an error with file and line. A broken element is named in
 * `problems` and skipped. What a file asks for and Jingwei does not model is counted by name in
 * jw_sumo_missing, never dropped in silence. Source of the formats: SUMO's user documentation, version 1.15
 * (net_file.xsd 1.16). */
#ifndef JW_CITY_SUMO_H
#define JW_CITY_SUMO_H

#include "city/city.h"

/* ---- what is not modelled ----------------------------------------------------------------------------- */

typedef struct jw_sumo_missing_item {
    char what[64]; /* "element calibrator", "walking area", "carFollowModel EIDM: Krauss instead" */
    uint32_t count;
} jw_sumo_missing_item;

typedef struct jw_sumo_missing {
    jw_sumo_missing_item *items; /* in the order first seen */
    uint32_t count, capacity;
} jw_sumo_missing;

/* Adds one to the count of `what`; out of memory is an error. */
jw_result jw_sumo_note_missing(jw_sumo_missing *missing, jw_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void jw_sumo_missing_free(jw_sumo_missing *missing);
/* Adds the counts of `from`. */
jw_result jw_sumo_missing_add(jw_sumo_missing *missing, const jw_sumo_missing *from, jw_error *error);

/* ---- configuration ------------------------------------------------------------------------------------ */

#define JW_SUMO_FILES_MAX 64
#define JW_SUMO_PATH_SIZE 1024

typedef struct jw_sumo_config {
    char net[JW_SUMO_PATH_SIZE]; /* "" when the configuration names none; paths are relative to its folder */
    char (*routes)[JW_SUMO_PATH_SIZE];
    uint32_t route_count;
    char (*additional)[JW_SUMO_PATH_SIZE];
    uint32_t additional_count;
    double begin_s;
    double end_s;         /* < 0: not given, until all have arrived */
    double step_length_s; /* 1 */
    uint64_t seed;        /* 23423, SUMO's */
    double scale;         /* of demand: 1 */
    bool is_ballistic;    /* step-method.ballistic; the other step method is noted as not modelled */
    char tripinfo_output[JW_SUMO_PATH_SIZE], summary_output[JW_SUMO_PATH_SIZE], /* "": none */
        fcd_output[JW_SUMO_PATH_SIZE];
    jw_sumo_missing missing; /* options that ask for something else */
} jw_sumo_config;

jw_result jw_sumo_read_config(const char *path, jw_sumo_config *out, jw_problems *problems, jw_error *error);
void jw_sumo_config_free(jw_sumo_config *config);

/* ---- demand ------------------------------------------------------------------------------------------- */

/* Texts and ids are numbers, equal ones the same (see jw_sumo_text); 0 is "". */

typedef enum jw_sumo_depart_lane {
    JW_SUMO_LANE_FIRST, /* SUMO's default: the rightmost the type may use */
    JW_SUMO_LANE_RANDOM,
    JW_SUMO_LANE_FREE,
    JW_SUMO_LANE_ALLOWED,
    JW_SUMO_LANE_BEST,
    JW_SUMO_LANE_NUMBER
} jw_sumo_depart_lane;

typedef enum jw_sumo_depart_pos {
    JW_SUMO_POS_BASE, /* default: the vehicle's back at the lane's beginning */
    JW_SUMO_POS_RANDOM,
    JW_SUMO_POS_FREE,
    JW_SUMO_POS_LAST,
    JW_SUMO_POS_NUMBER /* metres, from the end when negative */
} jw_sumo_depart_pos;

typedef enum jw_sumo_depart_speed {
    JW_SUMO_SPEED_NUMBER, /* default: 0 m/s */
    JW_SUMO_SPEED_RANDOM,
    JW_SUMO_SPEED_MAX,
    JW_SUMO_SPEED_DESIRED,
    JW_SUMO_SPEED_LIMIT,
    JW_SUMO_SPEED_LAST,
    JW_SUMO_SPEED_AVERAGE
} jw_sumo_depart_speed;

typedef enum jw_sumo_model { JW_SUMO_KRAUSS, JW_SUMO_IDM, JW_SUMO_ACC } jw_sumo_model;

/* A vehicle type with SUMO's defaults of its class filled in. */
typedef struct jw_sumo_type {
    uint32_t id;
    uint8_t allow; /* the one JW_ALLOW_ bit of its class */
    jw_sumo_model model;
    double length_m, width_m, min_gap_m, max_speed_mps;
    double accel_mps2, decel_mps2, emergency_decel_mps2;
    double sigma, tau_s, delta; /* driver's imperfection, headway, exponent of IDM */
    double speed_factor_mean, speed_factor_sd, speed_factor_min, speed_factor_max;
    double mass_kg;     /* 0: of the class */
    bool is_electric;   /* of the class evehicle */
    double probability; /* in its distribution, 1 */
} jw_sumo_type;

/* Draws one of types[members[first .. first + count)] by probability. */
typedef struct jw_sumo_type_distribution {
    uint32_t id, first_member, member_count;
} jw_sumo_type_distribution;

typedef struct jw_sumo_stop {
    uint32_t lane;     /* id of a lane or edge; 0: at the bus stop */
    uint32_t bus_stop; /* id; 0: at the lane */
    double begin_m, end_m;
    double duration_s, until_s; /* < 0: not given */
    bool is_parking;            /* beside the lane */
} jw_sumo_stop;

/* A traffic assignment zone or district: edges where trips begin (sources) or end (sinks). */
typedef struct jw_sumo_zone {
    uint32_t id, first_end, end_count; /* into zone_ends */
} jw_sumo_zone;

typedef struct jw_sumo_zone_end {
    uint32_t edge; /* id */
    bool is_source, is_sink;
    double weight;
} jw_sumo_zone_end;

typedef struct jw_sumo_route {
    uint32_t id;                     /* 0: of one vehicle */
    uint32_t first_edge, edge_count; /* into route_edges: texts, edge ids */
    uint32_t first_stop, stop_count;
    double probability; /* in its distribution */
} jw_sumo_route;

typedef struct jw_sumo_route_distribution {
    uint32_t id, first_member, member_count; /* routes[members[...]] */
} jw_sumo_route_distribution;

/* A vehicle or trip (count 1) or a flow. */
typedef struct jw_sumo_vehicle {
    uint32_t id, type;                       /* ids; type 0: DEFAULT_VEHTYPE */
    uint32_t route;                          /* id of a route or distribution, or 0: */
    uint32_t own_route;                      /* index of its own route, or JW_NONE: */
    uint32_t from, to, first_via, via_count; /* ids of edges; via in route_edges */
    uint32_t from_zone, to_zone;             /* ids, instead of from and to; 0: none */
    uint32_t first_stop, stop_count;         /* stops of its own */
    double depart_s;                         /* of a flow: begin */
    double end_s;                            /* of a flow */
    double period_s;                         /* of a flow: mean time between departures; 0: one vehicle */
    uint32_t count;                          /* at most so many; JW_NONE: as many as fit before end_s */
    double probability;                      /* of a departure in each second of a flow; 0: evenly spaced */
    bool is_poisson;                         /* period="exp(x)" */
    double depart_pos_m, depart_speed_mps, arrival_pos_m; /* arrival: JW_SUMO_TO_END */
    uint32_t depart_lane_index;
    uint8_t depart_lane, depart_pos, depart_speed; /* jw_sumo_depart_ */
    uint32_t source;                               /* text: the file's name */
    int line;
} jw_sumo_vehicle;

#define JW_SUMO_TO_END 1e30

typedef struct jw_sumo_bus_stop {
    uint32_t id, lane, name;
    double begin_m, end_m; /* begin -1e30 or end 1e30: not given */
} jw_sumo_bus_stop;

typedef struct jw_sumo_detector {
    uint32_t id, lane, file;  /* texts; the file is beside the one that names it: */
    uint32_t folder;          /* text, "" or with a / at its end */
    double position_m, end_m; /* end == position: an induction loop (E1), else a lane area (E2) */
    double period_s;
    uint32_t source; /* text: the file's name */
    int line;
} jw_sumo_detector;

/* A tlLogic; its phases are in jw_sumo_demand.phases. Of several for one id the last counts, as in SUMO. */
typedef struct jw_sumo_programme {
    uint32_t id, programme, first_phase, phase_count;
    double offset_s;
    uint8_t kind;   /* jw_programme_kind */
    bool is_broken; /* a phase made no sense: not to be used */
    int line;
} jw_sumo_programme;

typedef struct jw_sumo_phase {
    double duration_s, min_s, max_s;
    uint32_t state; /* text */
} jw_sumo_phase;

typedef struct jw_sumo_demand {
    struct jw_sumo_lookup *lookup;
#define JW_SUMO_DEMAND_ARRAYS(X)                                                                             \
    X(jw_sumo_type, types, type_count)                                                                       \
    X(jw_sumo_type_distribution, type_distributions, type_distribution_count)                                \
    X(uint32_t, members, member_count)                                                                       \
    X(jw_sumo_route, routes, route_count)                                                                    \
    X(jw_sumo_route_distribution, route_distributions, route_distribution_count)                             \
    X(uint32_t, route_edges, route_edge_count)                                                               \
    X(jw_sumo_stop, stops, stop_count)                                                                       \
    X(jw_sumo_vehicle, vehicles, vehicle_count)                                                              \
    X(jw_sumo_bus_stop, bus_stops, bus_stop_count)                                                           \
    X(jw_sumo_detector, detectors, detector_count)                                                           \
    X(jw_sumo_zone, zones, zone_count)                                                                       \
    X(jw_sumo_zone_end, zone_ends, zone_end_count)                                                           \
    X(jw_sumo_programme, programmes, programme_count)                                                        \
    X(jw_sumo_phase, phases, phase_count)
#define X(type, items, count)                                                                                \
    type *items;                                                                                             \
    uint32_t count, items##_capacity;
    JW_SUMO_DEMAND_ARRAYS(X)
#undef X
    jw_sumo_missing missing;
} jw_sumo_demand;

/* Adds a file's content to the demand (zero-initialised before the first). Files may come in any order that
 * SUMO would take: additional files first, routes by departure. On failure the demand is to be freed. */
jw_result jw_sumo_read_demand(const char *path, jw_sumo_demand *demand, jw_problems *problems,
                              jw_progress progress, void *progress_context, jw_error *error);
jw_result jw_sumo_read_demand_bytes(const void *bytes, size_t size, const char *name, jw_sumo_demand *demand,
                                    jw_problems *problems, jw_error *error);
void jw_sumo_demand_free(jw_sumo_demand *demand);
/* JW_NONE: no type, route, bus stop of that id. Distributions are found by their own functions. */
uint32_t jw_sumo_find_type(const jw_sumo_demand *demand, uint32_t id);
uint32_t jw_sumo_find_type_distribution(const jw_sumo_demand *demand, uint32_t id);
uint32_t jw_sumo_find_route(const jw_sumo_demand *demand, uint32_t id);
uint32_t jw_sumo_find_route_distribution(const jw_sumo_demand *demand, uint32_t id);
uint32_t jw_sumo_find_bus_stop(const jw_sumo_demand *demand, uint32_t id);
uint32_t jw_sumo_find_zone(const jw_sumo_demand *demand, uint32_t id);
/* DEFAULT_VEHTYPE and the like where the demand does not define them: what a type is that says nothing. */
jw_sumo_type jw_sumo_default_type(void);
/* The name of a vehicle made of the demand, "flow.3" of a flow's: tag is (place in demand->vehicles + 1) <<
 * 32 | number in its flow. */
void jw_sumo_vehicle_name(const jw_sumo_demand *demand, uint64_t tag, char *out, size_t out_size);
/* Number of a text, JW_NONE; text of a number; how many there are. */
uint32_t jw_sumo_find_text(const jw_sumo_demand *demand, const char *text);
const char *jw_sumo_text(const jw_sumo_demand *demand, uint32_t number);
uint32_t jw_sumo_text_count(const jw_sumo_demand *demand);

/* ---- network ------------------------------------------------------------------------------------------ */

/* The plane that a network's file is drawn in: a place of the city's, through lon and lat where there is a
 * projection, plus the offset. */
typedef struct jw_sumo_plane {
    char projection[512]; /* "": none, the city's own plane moved */
    double offset_x_m, offset_y_m;
} jw_sumo_plane;

/* Reads a network into a city: lanes, lengths, speeds, permissions, connections, foes, right of way and
 * programmes exactly as the file says; positions from its projection where it has one (location element),
 * else in its own plane, both from the middle of the network. Blocks, people and jobs are made by rule along
 * its streets (see build_blocks.c), gates where main roads end. `demand` (may be NULL) gives programmes that
 * replace the network's own; polygons are not read. Stated rules:
 *   road class     by `type` ("highway.primary"), else by speed and number of lanes
 *   permissions    passenger and the like: cars and shuttles; bicycle: bicycles and e-bikes; rails are drawn
 *                  as lines and not driven on
 * Links that the signal leaves alone have no signal_link. out_plane may be NULL. */
jw_result jw_sumo_read_net(const char *path, const jw_sumo_demand *demand, jw_sumo_missing *missing,
                           jw_problems *problems, jw_progress progress, void *progress_context, jw_city **out,
                           jw_sumo_plane *out_plane, jw_error *error);
jw_result jw_sumo_read_net_bytes(const void *bytes, size_t size, const char *name,
                                 const jw_sumo_demand *demand, jw_sumo_missing *missing,
                                 jw_problems *problems, jw_city **out, jw_sumo_plane *out_plane,
                                 jw_error *error);

#endif
