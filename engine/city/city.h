/* The static city: roads down to lanes and the curves through junctions, who yields to whom, signal
 * programmes, buildings, areas, blocks with people and jobs, named places.
 *
 * Two forms:
 *   jw_draft  what a map or a planner draws: roads as centre lines with attributes, signals, buildings,
 * areas. Mutable, owned by one thread. Made by jw_read_osm, jw_read_city_gpkg, jw_plan_city. jw_city   what
 * is simulated and drawn: built from a draft by jw_city_build (junctions merged, lanes laid, connections,
 * conflicts, programmes, blocks). Immutable, reference-counted, shared by worlds, view and record over any
 * threads.
 *
 * Things are numbered from 0 in arrays; JW_NONE = none. Everything is in the draft's order, never in hash
 * order. Traffic drives on the right. Metres, radians counter-clockwise from east, m/s, seconds. */
#ifndef JW_CITY_H
#define JW_CITY_H

#include "geo/geo.h"

/* ---- vocabulary -------------------------------------------------------------------------------------- */

typedef enum jw_road_class {
    JW_ROAD_MOTORWAY,
    JW_ROAD_TRUNK,
    JW_ROAD_PRIMARY,
    JW_ROAD_SECONDARY,
    JW_ROAD_TERTIARY,
    JW_ROAD_RESIDENTIAL, /* and unclassified, living_street */
    JW_ROAD_SERVICE,
    JW_ROAD_CLASS_COUNT
} jw_road_class;

/* Who may use a lane: a set of bits. */
enum {
    JW_ALLOW_CAR = 1 << 0,
    JW_ALLOW_TRUCK = 1 << 1,
    JW_ALLOW_BUS = 1 << 2,
    JW_ALLOW_SHUTTLE = 1 << 3,
    JW_ALLOW_EMERGENCY = 1 << 4,
    JW_ALLOW_BICYCLE = 1 << 5,
    JW_ALLOW_EBIKE = 1 << 6,
    JW_ALLOW_PEDESTRIAN = 1 << 7,
    JW_ALLOW_MOTOR = 0x1F,
    JW_ALLOW_ALL = 0xFF
};

typedef enum jw_use {
    JW_USE_NONE,
    JW_USE_RESIDENTIAL,
    JW_USE_COMMERCIAL,
    JW_USE_OFFICE,
    JW_USE_INDUSTRIAL,
    JW_USE_PUBLIC, /* schools, hospitals, administration */
    JW_USE_STATION,
    JW_USE_COMPUTING, /* data centres */
    JW_USE_COUNT
} jw_use;

/* Of a building's top; OSM's rarer shapes count as the nearest of these. */
typedef enum jw_roof {
    JW_ROOF_UNKNOWN, /* the map says nothing: small houses get one by rule where they are drawn */
    JW_ROOF_FLAT,
    JW_ROOF_GABLED,
    JW_ROOF_HIPPED,
    JW_ROOF_PYRAMIDAL,
    JW_ROOF_SKILLION, /* one slope */
    JW_ROOF_COUNT
} jw_roof;

typedef enum jw_area_kind {
    JW_AREA_BUILT, /* land use `use` */
    JW_AREA_WATER,
    JW_AREA_PARK,
    JW_AREA_WOOD,
    JW_AREA_GRASS, /* and farmland, verge */
    JW_AREA_WETLAND,
    JW_AREA_SQUARE, /* paved: plaza, car park */
    JW_AREA_RAIL,
    JW_AREA_KIND_COUNT
} jw_area_kind;

typedef enum jw_line_kind { JW_LINE_RAIL, JW_LINE_WATERWAY, JW_LINE_FOOTPATH, JW_LINE_CYCLEWAY } jw_line_kind;

typedef enum jw_turn { JW_TURN_STRAIGHT, JW_TURN_LEFT, JW_TURN_RIGHT, JW_TURN_U } jw_turn;

typedef enum jw_junction_kind {
    JW_JUNCTION_DEAD_END,
    JW_JUNCTION_JOINT,    /* two roads meet: no conflict but lane change of number */
    JW_JUNCTION_PRIORITY, /* the higher road goes first */
    JW_JUNCTION_STOP,
    JW_JUNCTION_RIGHT_FIRST, /* uncontrolled: right before left */
    JW_JUNCTION_ROUNDABOUT,  /* the ring goes first */
    JW_JUNCTION_SIGNAL
} jw_junction_kind;

/* ---- the built city ---------------------------------------------------------------------------------- */

typedef struct jw_junction {
    double x_m, y_m, z_m;
    jw_junction_kind kind;
    uint32_t first_connection, connection_count; /* contiguous in city->connections */
    uint32_t first_in, in_count;                 /* into city->junction_edges: edges that end here */
    uint32_t first_out, out_count;               /* edges that begin here */
    uint32_t first_point, point_count;           /* outline of its surface, counter-clockwise; may be 0 */
    uint32_t programme;                          /* JW_NONE unless SIGNAL */
    uint32_t id;                                 /* offset in city->texts: SUMO's id; 0: none */
    uint64_t source_id;                          /* OSM node or planner's number */
} jw_junction;

/* One direction of a road between two junctions. */
typedef struct jw_edge {
    uint32_t from, to; /* junctions */
    uint32_t first_lane, lane_count;
    uint32_t first_point, point_count; /* centre line of this direction's lanes, cut back to the junctions */
    double length_m;                   /* of its lanes (all equal) */
    double speed_mps;                  /* limit */
    jw_road_class road_class;
    uint32_t opposite; /* edge of the other direction, or JW_NONE */
    uint32_t name;     /* offset in city->texts */
    uint32_t id;       /* offset in city->texts: SUMO's id; 0: none */
    int8_t layer;      /* OSM layer: bridges > 0, tunnels < 0 */
    uint8_t is_bridge, is_tunnel, is_roundabout;
    uint8_t is_link;    /* slip road: comes after the other roads of its class */
    uint64_t source_id; /* OSM way or planner's number */
} jw_edge;

/* Lane 0 is the rightmost (kerb) lane. */
typedef struct jw_lane {
    uint32_t edge;
    uint32_t index;
    uint32_t first_point, point_count;           /* its centre line */
    uint32_t first_connection, connection_count; /* into city->lane_connections: connections that leave it */
    double length_m;
    double speed_mps;
    double width_m;
    uint8_t strips; /* two-wheelers that can ride abreast, 1 to 4: jw_strips_in its width */
    uint8_t allow;  /* JW_ALLOW_ bits */
} jw_lane;

/* A strip of a lane is 0.9 m wide or more. */
static inline uint8_t jw_strips_in(double width_m)
{
    return (uint8_t)jw_clamp(width_m / 0.9, 1, 4);
}

/* What is said to those who come to a connection, beside signals and who yields to whom. */
typedef enum jw_rule {
    JW_RULE_NONE,
    JW_RULE_STOP,     /* stand first, then as who yields says */
    JW_RULE_ALL_STOP, /* stand first, then in the order of arrival */
    JW_RULE_ZIPPER    /* merge by turns */
} jw_rule;

/* A path through a junction from one lane to another: itself driven on. */
typedef struct jw_connection {
    uint32_t from_lane, to_lane;
    uint32_t junction;
    uint32_t first_point, point_count;
    double length_m;
    double speed_mps; /* by curvature, at most the lanes' */
    jw_turn turn;
    uint32_t first_conflict, conflict_count; /* into city->conflicts */
    uint32_t signal_link; /* into the state of the junction's programme, or JW_NONE: no signal for it */
    uint8_t allow;
    uint8_t rank; /* of priority at this junction: 0 yields to none */
    uint8_t rule; /* jw_rule */
    float wait_m; /* who gives way may drive in so far and wait there; 0: before the junction, or where there
                     is room by rule */
    uint32_t second; /* of a two-stage left turn: one waits at wait_m for the green of this connection, the
                        way straight on from the other street into the same lane; JW_NONE: another way */
} jw_connection;

/* One pair of connections that cross or merge, seen from one of the two. Sorted by (connection, begin_m). */
typedef struct jw_conflict {
    uint32_t foe;                 /* connection */
    uint8_t must_yield;           /* this connection gives way to the foe (outside signals' protection); where
                                     the junction has an id both may, or neither */
    uint8_t is_merge;             /* same target lane: after foe's end both are on it */
    float begin_m, end_m;         /* the zone along this connection */
    float foe_begin_m, foe_end_m; /* along the foe */
} jw_conflict;

/* ACTUATED greens come when they are called; EXTENDED ones in the order of the list, each held from min_s to
 * max_s while vehicles come (SUMO's "actuated"). */
typedef enum jw_programme_kind {
    JW_PROGRAMME_FIXED,
    JW_PROGRAMME_ACTUATED,
    JW_PROGRAMME_EXTENDED
} jw_programme_kind;

/* The letters of a phase's state, one a link (SUMO's): 'G' go with priority, 'g' go but yield, 's' stop, then
 * go but yield, 'y' amber, 'u' red and amber (no go), 'r' red, 'o' off and flashing: go but yield, 'O' off:
 * go. Several connections may share a link; a link may have none (a crossing). */
#define JW_SIGNAL_LETTERS "GgsyuroO"

/* A programme may control several junctions that are worked as one: each names it. */
typedef struct jw_programme {
    uint32_t junction; /* the first of them */
    jw_programme_kind kind;
    double offset_s;                   /* of day: when a cycle begins */
    double cycle_s;                    /* sum of the durations */
    uint32_t first_phase, phase_count; /* 1 to JW_PROGRAMME_PHASES_MAX */
    uint32_t link_count;
} jw_programme;
#define JW_PROGRAMME_PHASES_MAX 64

typedef struct jw_signal_phase {
    double duration_s;
    double min_s, max_s;  /* not of a fixed one: min_s <= duration_s <= max_s */
    uint32_t first_state; /* into city->signal_states, link_count letters */
} jw_signal_phase;

/* Rings lie in city->rings: [first_ring, +ring_count); the first is outer, counter-clockwise. */
typedef struct jw_ring_range {
    uint32_t first_point, point_count;
} jw_ring_range;

typedef struct jw_building {
    uint32_t first_ring, ring_count;
    double x_m, y_m;           /* centroid */
    float height_m;            /* of the top above ground, its roof with it */
    float base_m;              /* where it starts above ground */
    float roof_m;              /* of height_m, what is roof; 0: not given */
    uint8_t levels;            /* >= 1 */
    uint8_t use;               /* jw_use */
    uint8_t height_is_assumed; /* neither height nor levels given: 3 levels, fewer for small houses */
    uint8_t roof;              /* jw_roof */
    uint8_t roof_is_across;    /* its ridge runs along the shorter side of the house */
    uint32_t population, jobs; /* lives and works in it */
    uint32_t block;            /* JW_NONE when outside all */
    uint64_t source_id;
} jw_building;

typedef struct jw_area {
    jw_area_kind kind;
    jw_use use;
    uint32_t first_ring, ring_count;
    uint32_t name;
} jw_area;

typedef struct jw_line {
    jw_line_kind kind;
    uint32_t first_point, point_count;
    float width_m;
    int8_t layer;
} jw_line;

/* Where trips start and end: a planned block, or on an imported map a cell of 400 m grouped by rule. */
typedef struct jw_block {
    double x_m, y_m;
    uint32_t first_ring, ring_count; /* 0 rings: no outline */
    jw_use use;                      /* what prevails */
    uint32_t population, jobs;
    uint32_t name;
    uint32_t first_access,
        access_count; /* into city->block_edges: edges trips leave from and arrive at; >= 1 */
} jw_block;

/* Kinds of places and what scripts and GeoPackages call them. A gate is where roads leave the map (through
 * traffic), a site a computing site drawn in a GeoPackage (see city->sites), a quarter a part of a town or a
 * settlement. */
#define JW_PLACE_KIND_TABLE(X)                                                                               \
    X(JW_PLACE_STATION, "station")                                                                           \
    X(JW_PLACE_COMPUTING_CENTRE, "computing_centre")                                                         \
    X(JW_PLACE_FACTORY, "factory")                                                                           \
    X(JW_PLACE_HOSPITAL, "hospital")                                                                         \
    X(JW_PLACE_SCHOOL, "school")                                                                             \
    X(JW_PLACE_PARK, "park")                                                                                 \
    X(JW_PLACE_GATE, "gate")                                                                                 \
    X(JW_PLACE_SITE, "site")                                                                                 \
    X(JW_PLACE_QUARTER, "quarter")                                                                           \
    X(JW_PLACE_OTHER, "other")

typedef enum jw_place_kind {
#define JW_X(kind, text) kind,
    JW_PLACE_KIND_TABLE(JW_X)
#undef JW_X
        JW_PLACE_KIND_COUNT
} jw_place_kind;

/* What scripts and GeoPackages call a kind, one for each. */
extern const char *const jw_place_kind_names[JW_PLACE_KIND_COUNT];

typedef struct jw_place {
    jw_place_kind kind;
    double x_m, y_m;
    uint32_t name; /* "computing centre" */
} jw_place;

/* Equipment drawn in a GeoPackage's sites layer: comes back into the scene. */
typedef struct jw_city_site {
    uint32_t name; /* unique id */
    uint32_t tier; /* text: "edge", "city", ... */
    uint32_t card; /* text: catalogue id, "" for the tier's default */
    uint32_t card_count;
    double x_m, y_m;
} jw_city_site;

/* A name in further languages, as the map gives them: offsets in the texts, 0 where it has none. */
typedef struct jw_translation {
    uint32_t text; /* what is translated; ascending */
    uint32_t en, zh;
} jw_translation;

/* The beginning of every world's shared data. Worlds that share nothing but the city take &city->as_shared.
 */
typedef struct jw_shared_city {
    const struct jw_city *city;
} jw_shared_city;

typedef struct jw_city {
    jw_shared_city as_shared; /* of itself */
    uint32_t name;
    uint64_t content_hash; /* over everything below */
    double origin_lon_deg, origin_lat_deg;
    jw_box bounds; /* of roads and buildings */

    const jw_vec3 *points;
    uint32_t point_count;
    const jw_ring_range *rings;
    uint32_t ring_count;
    const char *texts; /* zero-terminated pieces; offset 0 is "" */
    uint32_t text_size;

    const jw_junction *junctions;
    uint32_t junction_count;
    const uint32_t *junction_edges;
    uint32_t junction_edge_count;
    const jw_edge *edges;
    uint32_t edge_count;
    const jw_lane *lanes;
    uint32_t lane_count;
    const uint32_t *lane_connections;
    uint32_t lane_connection_count;
    const jw_connection *connections;
    uint32_t connection_count;
    const jw_conflict *conflicts;
    uint32_t conflict_count;
    const jw_programme *programmes;
    uint32_t programme_count;
    const jw_signal_phase *signal_phases;
    uint32_t signal_phase_count;
    const char *signal_states;
    uint32_t signal_state_size;

    const jw_building *buildings;
    uint32_t building_count;
    const jw_area *areas;
    uint32_t area_count;
    const jw_line *lines;
    uint32_t line_count;
    const jw_block *blocks;
    uint32_t block_count;
    const uint32_t *block_edges;
    uint32_t block_edge_count;
    const jw_place *places;
    uint32_t place_count;
    const jw_city_site *sites;
    uint32_t site_count;
    const jw_translation *translations;
    uint32_t translation_count;
} jw_city;

/* Of names on a map. */
typedef enum jw_language {
    JW_LANGUAGE_LOCAL, /* as they are written there */
    JW_LANGUAGE_EN,
    JW_LANGUAGE_ZH
} jw_language;

static inline const char *jw_city_text(const jw_city *city, uint32_t offset)
{
    return city->texts + offset;
}

/* The text in a language where the map has it, else as it is. O(log of the translations). */
const char *jw_city_text_in(const jw_city *city, uint32_t offset, jw_language language);

/* Reference counting (atomic). A freshly built city has one reference. */
jw_city *jw_city_retain(jw_city *city);
void jw_city_release(jw_city *city); /* NULL is allowed */

/* Binary form for caches and recordings: every index is checked on reading, the hash compared. */
void jw_city_save(const jw_city *city, jw_writer *writer);
jw_result jw_city_load(jw_reader *reader, jw_city **out, jw_error *error);
/* Every index and range in bounds, lengths positive, curves joined, conflicts mutual: what builders promise.
 */
jw_result jw_city_verify(const jw_city *city, jw_error *error);

/* Whether traffic can flow on it: lanes that lead nowhere or are entered from nowhere, ways through signals
 * that never get green, are always held back, or meet another that is told to go as well. What a builder did
 * is a problem, what the map or a network's file says (a one-way street that ends) a warning. The first three
 * of a kind name their way or node, the place and what helps; of the others there are the names. */
jw_result jw_city_check(const jw_city *city, jw_problems *problems, jw_error *error);

/* Edges that can reach each other by car: the largest strongly connected part is component 0 (JW_NONE: not
 * drivable). out has edge_count elements. */
jw_result jw_city_components(const jw_city *city, uint32_t *out, jw_error *error);

/* ---- the draft --------------------------------------------------------------------------------------- */

typedef struct jw_draft_node {
    double lon_deg, lat_deg; /* as read; or NAN when drawn in metres */
    double x_m, y_m;
    double z_m; /* of roads that have heights, and of a network's junctions */
    uint64_t source_id;
    uint8_t has_signal, has_stop, has_give_way, has_crossing, is_gate;
    uint8_t unused[3]; /* 0 */
} jw_draft_node;

typedef struct jw_draft_road {
    uint32_t first_ref, ref_count; /* into draft->refs: node numbers along the centre line, >= 2 */
    jw_road_class road_class;
    uint8_t lanes_forward, lanes_backward;         /* 0: none in that direction; both given after defaults */
    uint8_t lanes_are_assumed;                     /* the map does not say how many */
    uint8_t has_heights;                           /* its nodes' z_m; else by rule, from its layer */
    uint8_t bike_lane_forward, bike_lane_backward; /* a lane of their own at the kerb */
    uint8_t bus_lane_forward, bus_lane_backward;   /* the kerb motor lane is for buses */
    uint8_t allow;                                 /* of its motor lanes */
    double speed_mps;
    double lane_width_m; /* 0: by class */
    double median_m;     /* between the directions */
    int8_t layer;
    uint8_t is_bridge, is_tunnel, is_roundabout, is_link;
    char turn_forward[64], turn_backward[64]; /* OSM turn:lanes, left to right, "" unknown */
    uint32_t name;
    uint64_t source_id;
    /* Of a network's road of one direction: */
    uint64_t opposite_id; /* source id of the other direction; 0: unknown, the one that lies beside it */
    uint8_t is_cut[2];    /* its beginning, its end lies where the junction's surface ends: nothing is cut */
    uint8_t is_connected[2]; /* the draft's connections at its beginning, its end are all there are */
} jw_draft_road;

#define JW_ROAD_ALONE UINT64_MAX /* opposite_id of a road that has no other direction */

typedef enum jw_restriction_kind { JW_RESTRICTION_NO, JW_RESTRICTION_ONLY } jw_restriction_kind;
typedef struct jw_draft_restriction {
    uint64_t from_road_id, to_road_id; /* source ids */
    uint64_t via_node_id;
    jw_restriction_kind kind;
    jw_turn turn; /* what is named: no_left_turn ... */
} jw_draft_restriction;

/* In a network: a way through a junction from lane to lane, 0 at the kerb. Those of a junction are taken as
 * they are where all its roads are connected, and else made by rule. */
typedef struct jw_draft_connection {
    uint32_t from_road, to_road; /* into draft->roads, both of one direction */
    uint32_t from_lane, to_lane;
    uint32_t programme1;  /* number in draft->programmes + 1; 0: none */
    uint32_t signal_link; /* into the state of that programme's phases */
} jw_draft_connection;

/* A given signal programme: of the junctions whose connections name it, where those are taken as they are.
 * One that makes no sense (no phase, a duration that is not positive, letters or links that do not match) is
 * reported, and its junctions are timed by rule; min_s and max_s are widened to hold the duration. */
typedef struct jw_draft_programme {
    jw_programme_kind kind;
    double offset_s;
    uint32_t first_phase, phase_count; /* filled by jw_draft_add_programme, jw_draft_add_signal_phase */
} jw_draft_programme;

typedef struct jw_draft_signal_phase {
    double duration_s, min_s, max_s; /* min_s, max_s 0: the duration */
    uint32_t state;                  /* text: JW_SIGNAL_LETTERS, one a link, as long in all phases */
} jw_draft_signal_phase;

/* Polygons of a draft: rings over refs (closed, last not repeated). */
typedef struct jw_draft_shape {
    uint32_t first_ring, ring_count; /* into draft->rings, ranges of refs; ring 0 is outer */
} jw_draft_shape;

typedef struct jw_draft_building {
    jw_draft_shape shape;
    float height_m, base_m; /* 0: unknown */
    float roof_m;           /* of height_m, what is roof; 0: unknown */
    uint8_t levels;         /* those under the roof; 0: unknown */
    uint8_t use;
    uint8_t roof;              /* jw_roof */
    uint8_t roof_is_across;    /* its ridge runs along the shorter side of the house */
    uint32_t population, jobs; /* 0 with has_people false: derived by rule */
    uint8_t has_people;
    uint64_t source_id;
} jw_draft_building;

typedef struct jw_draft_area {
    jw_draft_shape shape;
    jw_area_kind kind;
    jw_use use;
    uint32_t name;
} jw_draft_area;

typedef struct jw_draft_line {
    uint32_t first_ref, ref_count;
    jw_line_kind kind;
    float width_m;
    int8_t layer;
} jw_draft_line;

typedef struct jw_draft_block {
    jw_draft_shape shape;
    jw_use use;
    uint32_t population, jobs;
    uint32_t name;
    double east_m, north_m; /* from the outline's middle to where its people and jobs lie */
} jw_draft_block;

typedef struct jw_draft_place {
    jw_place_kind kind;
    double x_m, y_m;
    uint32_t name;
} jw_draft_place;

typedef struct jw_draft_site {
    uint32_t name, tier, card, card_count;
    double x_m, y_m;
} jw_draft_site;

typedef struct jw_draft {
    char name[64];
    double origin_lon_deg, origin_lat_deg;
    bool is_projected; /* x_m, y_m of nodes are set */
    bool is_network;   /* roads between known junctions (GeoPackage, SUMO): nothing is merged by nearness;
                          end nodes with the same source_id (not 0) are one junction, each may lie at the
                          cut end of its road; a node of that source_id on no road is the junction's place;
                          a road there is one direction or both, as drawn */
    jw_draft_node *nodes;
    uint32_t node_count, node_capacity;
    uint32_t *refs;
    uint32_t ref_count, ref_capacity;
    jw_ring_range *rings;
    uint32_t ring_count, ring_capacity;
    jw_draft_road *roads;
    uint32_t road_count, road_capacity;
    jw_draft_restriction *restrictions;
    uint32_t restriction_count, restriction_capacity;
    jw_draft_connection *connections;
    uint32_t connection_count, connection_capacity;
    jw_draft_programme *programmes;
    uint32_t programme_count, programme_capacity;
    jw_draft_signal_phase *signal_phases;
    uint32_t signal_phase_count, signal_phase_capacity;
    jw_draft_building *buildings;
    uint32_t building_count, building_capacity;
    jw_draft_area *areas;
    uint32_t area_count, area_capacity;
    jw_draft_line *lines;
    uint32_t line_count, line_capacity;
    jw_draft_block *blocks;
    uint32_t block_count, block_capacity;
    jw_draft_place *places;
    uint32_t place_count, place_capacity;
    jw_draft_site *sites;
    uint32_t site_count, site_capacity;
    char *texts;
    uint32_t text_size, text_capacity;
    jw_translation *translations;
    uint32_t translation_count, translation_capacity;
} jw_draft;

void jw_draft_free(jw_draft *draft);
/* "" at offset 0, also when the draft has no texts yet. */
static inline const char *jw_draft_text(const jw_draft *draft, uint32_t offset)
{
    return draft->texts ? draft->texts + offset : "";
}
/* Appending; all return the new element's number in *out (may be NULL). Texts: equal ones share an offset
 * only when added one after the other; NULL and "" are offset 0. */
jw_result jw_draft_add_text(jw_draft *draft, const char *text, uint32_t *out, jw_error *error);
/* The text added last, in English and Chinese; NULL, "" and what is the same are no translations. */
jw_result jw_draft_translate(jw_draft *draft, uint32_t text, const char *en, const char *zh, jw_error *error);
jw_result jw_draft_add_node(jw_draft *draft, const jw_draft_node *node, uint32_t *out, jw_error *error);
/* Node at metres, for planners. */
jw_result jw_draft_add_point(jw_draft *draft, double x_m, double y_m, uint32_t *out, jw_error *error);
/* Copies refs into the draft and fills first_ref, ref_count. */
jw_result jw_draft_add_road(jw_draft *draft, const jw_draft_road *road, const uint32_t *refs,
                            uint32_t ref_count, uint32_t *out, jw_error *error);
jw_result jw_draft_add_line(jw_draft *draft, const jw_draft_line *line, const uint32_t *refs,
                            uint32_t ref_count, uint32_t *out, jw_error *error);
/* A shape of several rings: call with ring_sizes[ring_count] and all refs one after the other. */
jw_result jw_draft_add_shape(jw_draft *draft, const uint32_t *refs, const uint32_t *ring_sizes,
                             uint32_t ring_count, jw_draft_shape *out, jw_error *error);
jw_result jw_draft_add_restriction(jw_draft *draft, const jw_draft_restriction *restriction, jw_error *error);
jw_result jw_draft_add_connection(jw_draft *draft, const jw_draft_connection *connection, jw_error *error);
jw_result jw_draft_add_programme(jw_draft *draft, jw_programme_kind kind, double offset_s, uint32_t *out,
                                 jw_error *error);
/* A further phase of the programme added last. */
jw_result jw_draft_add_signal_phase(jw_draft *draft, double duration_s, double min_s, double max_s,
                                    const char *state, jw_error *error);
jw_result jw_draft_add_building(jw_draft *draft, const jw_draft_building *building, jw_error *error);
jw_result jw_draft_add_area(jw_draft *draft, const jw_draft_area *area, jw_error *error);
jw_result jw_draft_add_block(jw_draft *draft, const jw_draft_block *block, jw_error *error);
jw_result jw_draft_add_place(jw_draft *draft, jw_place_kind kind, double x_m, double y_m, const char *name,
                             jw_error *error);
jw_result jw_draft_add_site(jw_draft *draft, const char *name, const char *tier, const char *card,
                            uint32_t card_count, double x_m, double y_m, jw_error *error);

/* Lanes, width (m) and limit (m/s) by class where a map says nothing; the table's sources are in draft.c. */
void jw_road_defaults(jw_road_class road_class, bool is_one_way, uint8_t *out_lanes_per_direction,
                      double *out_lane_width_m, double *out_speed_mps);

/* ---- making cities ----------------------------------------------------------------------------------- */

/* OpenStreetMap: .osm, .osm.gz (expat over zlib), .osm.pbf (own decoder over zlib) into an empty draft; on
 * failure it is empty again. The kind is told by content, not by name. Nodes come projected, the sea is drawn
 * from the coastline, nodes where main roads leave the map are gates. Limits: files of 4 GB, blobs of 32 MiB,
 * gzip ratio 200, attributes of 64 kB, 50 M nodes kept. Errors say the line (XML) or the byte offset (PBF).
 * Odd elements go to `problems` and are skipped. */
jw_result jw_read_osm(const char *path, jw_draft *draft, jw_problems *problems, jw_progress progress,
                      void *progress_context, jw_error *error);
/* The same from memory, for tests and fuzzing; `name` is for messages. */
jw_result jw_read_osm_bytes(const void *bytes, size_t size, const char *name, jw_draft *draft,
                            jw_problems *problems, jw_error *error);

/* GeoPackage with the layers below, as written by jw_write_city_gpkg and edited elsewhere. */
jw_result jw_read_city_gpkg(const char *path, jw_draft *draft, jw_problems *problems, jw_error *error);
/* Layers roads (one row an edge of the city, centre line; columns id, opposite_id, from_id, to_id, class,
 * lanes, speed_kmh, name, layer, bridge, tunnel, roundabout, link, bike_lane, bus_lane, lane_width_m,
 * turn_lanes, allow, sign, oneway), lanes, junctions (id, kind, signal), connections, programmes (id, kind,
 * offset_s), signal_phases (programme_id, duration_s, min_s, max_s, state), buildings, landuse, water, lines,
 * blocks, places, sites. What is not edited comes back the same by jw_read_city_gpkg and jw_city_build:
 * edges, lanes, junctions, connections, gates, signal programmes; heights of bridges are made again, and the
 * programmes of junctions whose roads or connections were edited. A changed lane count, speed or turn lane,
 * an added or removed road, building or site comes back changed. */
jw_result jw_write_city_gpkg(const jw_city *city, const char *path, jw_error *error);
/* Adds the same layers to an open file (results.gpkg). */
jw_result jw_write_city_layers(const jw_city *city, jw_gpkg *gpkg, jw_error *error);

/* A designed city in the manner of Xiong'an's start-up area (zero means default). */
typedef struct jw_plan_def {
    char style[16];         /* "xiongan" (default), "district": one cluster */
    double area_km2;        /* 38, of a district 4; 1 to 200 */
    uint64_t seed;          /* 7 */
    double block_m;         /* 180; 80 to 400: side of a small block */
    uint32_t clusters;      /* 5; 1 to 9, several need 2 km2 each or more */
    double density_per_km2; /* 10000; 100 to 40000 people over the whole area */
    double lake_share;      /* 0.08; up to 0.2 of the area as the southern lake; < 0: none */
} jw_plan_def;
/* Checks the ranges (the message names the field). */
jw_result jw_plan_city(const jw_plan_def *def, jw_draft *draft, jw_error *error);

/* Draft to city. Defaults, merging distances and programme rules are stated in city_internal.h. */
typedef struct jw_build_def {
    double merge_m;        /* junction nodes nearer than this join into one: 0 = 25 */
    double default_levels; /* of buildings that say nothing: 0 = 3 */
    int threads;
} jw_build_def;
jw_result jw_city_build(const jw_draft *draft, const jw_build_def *def, jw_problems *problems,
                        jw_progress progress, void *progress_context, jw_city **out, jw_error *error);

#endif
