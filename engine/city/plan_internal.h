/* Inside of the planner: how a designed city is laid out, from the whole to the part.
 *
 *   plan_form.c     the form: ring road, gardens, shore, corridors; each cluster a patch bounded by four
 * curves plan_water.c    lake, streams, canal, ponds: shapes first, because roads must bridge them
 *   plan_streets.c  major lines of each cluster and the roads on them; plan_cells.c superblocks and cells
 *   plan_links.c    streets between clusters, gates, forecourt; plan_road.c one road with its bridges;
 * signals plan_land.c     what each cell is for, a park near every dwelling plan_blocks.c   buildings of
 * common cells: courtyards, rows, towers, offices, shops plan_campus.c   buildings of special cells: schools,
 * hospital, halls, computing centre, station, landmarks plan_green.c    parks, woodland, squares, rail, paths
 *   plan_people.c   people and jobs by floor area
 *
 * A cluster is a patch: (u, v) in [0,1]^2 maps to metres by transfinite (Coons) interpolation of its four
 * curved sides. Streets are lines of constant u or v, cells are rectangles in (u, v): so streets bend with
 * the ring, the corridors and the shore, and meet in shared nodes by construction.
 *
 * Errors stick: after the first failure plan->result is set and every call does nothing. */
#ifndef JW_CITY_PLAN_INTERNAL_H
#define JW_CITY_PLAN_INTERNAL_H

#include "city/city.h"

#define PLAN_CURVE_POINTS 65
#define PLAN_MAX_CLUSTERS 16
#define PLAN_MAX_MAJORS   64

/* ---- streets ---------------------------------------------------------------------------------------------
 */

typedef enum plan_grade {
    PLAN_RING,      /* arterial around the city */
    PLAN_ARTERIAL,  /* primary through the clusters */
    PLAN_AVENUE,    /* secondary: along gardens and shore */
    PLAN_COLLECTOR, /* tertiary: around superblocks and clusters */
    PLAN_LOCAL,
    PLAN_SEAM, /* no street: two parts of one green */
    PLAN_GRADE_COUNT
} plan_grade;

typedef struct plan_grade_info {
    jw_road_class road_class;
    uint8_t lanes; /* per direction */
    uint8_t has_bike_lane;
    double lane_width_m, median_m, speed_mps;
    double kerb_m;    /* centre line to kerb: half the median, the lanes, a bike lane of 2 m */
    double setback_m; /* kerb to building line */
    double footway_m; /* kerb to parcel */
} plan_grade_info;

extern const plan_grade_info jw_plan_grades[PLAN_GRADE_COUNT];

/* ---- form ------------------------------------------------------------------------------------------------
 */

/* Points at equal arc length. */
typedef struct plan_curve {
    jw_vec2 points[PLAN_CURVE_POINTS];
    double length_m;
} plan_curve;

/* The master lines, all in metres around the middle of the gardens (x east, y north). */
typedef struct plan_form {
    double a_m, north_m, south_m; /* half axes of the ring road */
    double power;                 /* of its superellipse */
    double tilt_north, tilt_south;
    double bay_depth_m, bay_half_m;
    double garden_half_m, garden_swing_m;
    double corridor_m, axis_m; /* widths of green corridors and of the axis between clusters */
    double margin_side_m, margin_north_m, margin_south_m;
    double lake_depth_m, lake_half_m;
    double shore_m; /* promenade to water */
    double phase[4];
    bool has_lake, has_station;
    uint32_t row_count, row_clusters[2];
} plan_form;

typedef struct plan_major {
    double at; /* u or v */
    plan_grade grade;
    uint32_t name;
} plan_major;

typedef struct plan_cluster {
    uint32_t row, column;
    plan_curve south, north, west, east; /* south, north run east; west, east run north */
    double width_m, height_m;            /* in the middle */
    double swing_u, swing_v, swing_phase;
    plan_major u_majors[PLAN_MAX_MAJORS], v_majors[PLAN_MAX_MAJORS]; /* ascending; first 0, last 1 */
    uint32_t u_count, v_count;
    bool has_axis;        /* the middle column is the city's axis */
    uint32_t axis_column; /* its index among the columns, JW_NONE */
} plan_cluster;

/* ---- cells -----------------------------------------------------------------------------------------------
 */

typedef enum plan_role { /* of a superblock */
                         PLAN_HOMES,
                         PLAN_CENTRE,
                         PLAN_INDUSTRY,
                         PLAN_COMPUTING,
                         PLAN_CAMPUS,
                         PLAN_AXIS
} plan_role;

typedef enum plan_kind { /* of a cell */
                         PLAN_COURTYARD,
                         PLAN_ROWS,
                         PLAN_TOWERS,
                         PLAN_OFFICE,
                         PLAN_SHOPS,
                         PLAN_SCHOOL,
                         PLAN_HOSPITAL,
                         PLAN_HALLS,
                         PLAN_SERVERS,
                         PLAN_COLLEGE,
                         PLAN_PARK,
                         PLAN_SQUARE,
                         PLAN_CULTURE,
                         PLAN_KIND_COUNT
} plan_kind;

typedef struct plan_superblock {
    uint32_t cluster, column, row;
    uint32_t first_cell, cell_count;
    plan_role role;
} plan_superblock;

#define PLAN_SIDE_POINTS   7
#define PLAN_PARCEL_POINTS (4 * (PLAN_SIDE_POINTS - 1))

typedef struct plan_cell {
    uint32_t cluster, superblock;
    double u0, u1, v0, v1;
    plan_grade side_grade[4]; /* south, east, north, west */
    plan_kind kind;
    jw_vec2 parcel[PLAN_PARCEL_POINTS]; /* outline behind the footway, counter-clockwise */
    jw_vec2 corner[4];                  /* building line: south-west, south-east, north-east, north-west */
    jw_vec2 centre;
    double area_m2;  /* of the parcel */
    bool is_regular; /* has room for buildings: convex, no corner near 180 degrees */
} plan_cell;

/* A cell's building quad while it is built on. */
#define PLAN_PLOT_BUILDINGS   96
#define PLAN_FOOTPRINT_POINTS 16

typedef struct plan_footprint {
    jw_vec2 points[PLAN_FOOTPRINT_POINTS];
    jw_vec2 middle;
    uint32_t count;
} plan_footprint;

typedef struct plan_plot {
    jw_vec2 corner[4], dir[4];
    double length_m[4];
    double width_m, depth_m; /* smaller of two opposite sides */
    uint64_t entity, draws;
    plan_footprint footprints[PLAN_PLOT_BUILDINGS];
    uint32_t used;
} plan_plot;

/* A point of a street under construction; node JW_NONE makes a new one. */
typedef struct plan_street_point {
    jw_vec2 at;
    uint32_t node;
    bool is_junction;
} plan_street_point;

/* What buildings keep clear of, and roads bridge. */
typedef struct plan_obstacle {
    uint32_t first_point, point_count;
    bool is_closed; /* water; else a line (rail) */
    double margin_m;
    jw_box box;
} plan_obstacle;

typedef struct city_plan {
    jw_plan_def def;
    bool is_district;
    jw_draft *draft;
    jw_error *error;
    jw_result result;
    plan_form form;
    plan_cluster *clusters;
    uint32_t cluster_count;
    plan_superblock *superblocks;
    uint32_t superblock_count, superblock_capacity;
    plan_cell *cells;
    uint32_t cell_count, cell_capacity;
    plan_obstacle *obstacles;
    uint32_t obstacle_count, obstacle_capacity;
    jw_vec2 *obstacle_points;
    uint32_t obstacle_point_count, obstacle_point_capacity;
    jw_map nodes;                   /* (cluster, u, v) to draft node */
    uint32_t *block_first_building; /* of each draft block: its buildings end where the next one's begin */
    uint32_t block_first_capacity;
    uint32_t name_count, school_count, hospital_count, factory_count, culture_count, park_count;
    bool has_computing_centre;
} city_plan;

/* plan.c */
jw_random_key jw_plan_key(const city_plan *plan, const char *purpose);
double jw_plan_uniform(const city_plan *plan, const char *purpose, uint64_t entity, double low, double high);
bool jw_plan_is_ok(const city_plan *plan);
bool jw_plan_contains(const jw_vec2 *ring, uint32_t count, jw_vec2 p);
uint32_t jw_plan_point(city_plan *plan, jw_vec2 at);
void jw_plan_area(city_plan *plan, const jw_vec2 *points, uint32_t count, jw_area_kind kind, jw_use use,
                  const char *name);
/* Several rings, outer first. */
void jw_plan_area_rings(city_plan *plan, const jw_vec2 *points, const uint32_t *sizes, uint32_t ring_count,
                        jw_area_kind kind, jw_use use, const char *name);
void jw_plan_path(city_plan *plan, const jw_vec2 *points, uint32_t count, jw_line_kind kind, double width_m);
void jw_plan_place(city_plan *plan, jw_place_kind kind, jw_vec2 at, const char *name);
void jw_plan_building(city_plan *plan, const jw_vec2 *points, uint32_t count, uint32_t levels,
                      double height_m, jw_use use);
/* A block of all buildings from first_building on. */
void jw_plan_block(city_plan *plan, const jw_vec2 *points, uint32_t count, jw_use use,
                   uint32_t first_building);

/* plan_form.c */
void jw_plan_make_form(city_plan *plan);
jw_vec2 jw_plan_curve_at(const plan_curve *curve, double t);
jw_vec2 jw_plan_patch_at(const plan_cluster *cluster, double u, double v);
double jw_plan_ring_north(const plan_form *form, double x);
double jw_plan_ring_south(const plan_form *form, double x);
double jw_plan_ring_side(const plan_form *form, double y,
                         double sign); /* x of its west (-1) or east (+1) side */
/* The upper or lower side of a row of clusters. */
double jw_plan_row_line(const plan_form *form, uint32_t row, bool is_top, double x);
double jw_plan_garden_edge(const plan_form *form, double x, double side); /* +1 north, -1 south edge */
double jw_plan_lake_bank(const plan_form *form, double x, double side);   /* +1 city side, -1 far side */
bool jw_plan_is_inside(const plan_form *form, jw_vec2 at);                /* of the border */
/* The border at a parameter of the superellipse (not the polar angle). */
jw_vec2 jw_plan_border_at(const plan_form *form, double angle_rad);

/* plan_water.c */
#define JW_PLAN_STATION_DEPTH_M 86.0 /* middle of the tracks to the station's front */
void jw_plan_make_water(city_plan *plan);
double jw_plan_garden_water(const plan_form *form, double x); /* middle of the gardens' water */
double jw_plan_rail_y(const plan_form *form, double x);
/* Whether a disc touches no water, rail or carriageway. */
bool jw_plan_is_clear(const city_plan *plan, jw_vec2 middle, double radius_m);

/* plan_streets.c, plan_cells.c, plan_links.c, plan_road.c */
void jw_plan_make_streets(city_plan *plan);
void jw_plan_make_cells(city_plan *plan);
void jw_plan_make_links(city_plan *plan);
uint32_t jw_plan_street_name(city_plan *plan, bool is_north_south, plan_grade grade);
uint32_t jw_plan_node_at(city_plan *plan, uint32_t cluster, double u, double v);
void jw_plan_add_street(city_plan *plan, const plan_street_point *points, uint32_t count, plan_grade grade,
                        uint32_t name);
void jw_plan_set_signals(city_plan *plan);

/* Whether no street runs along a cell's side k: only green on both sides of it. */
bool jw_plan_is_seam(const city_plan *plan, const plan_cell *cell, int k);

/* plan_land.c, plan_blocks.c, plan_campus.c */
void jw_plan_assign_land(city_plan *plan);
void jw_plan_make_buildings(city_plan *plan);
/* With its side 0 towards the cell's side `front` (0 south, counter-clockwise). */
plan_plot jw_plan_plot_of(const plan_cell *cell, int front, uint64_t entity);
jw_vec2 jw_plan_plot_at(const plan_plot *plot, double s, double t); /* (0,0) south-west, (1,1) north-east */
double jw_plan_plot_draw(const city_plan *plan, plan_plot *plot, double low, double high);
/* Each builds when it fits, and says so. */
bool jw_plan_build(city_plan *plan, plan_plot *plot, const jw_vec2 *points, uint32_t count, double levels,
                   jw_use use);
bool jw_plan_part(city_plan *plan, plan_plot *plot, double s0, double t0, double s1, double t1, double levels,
                  jw_use use);
void jw_plan_build_campus(city_plan *plan, plan_cell *cell, plan_plot *plot);

/* plan_parks.c */
void jw_plan_ellipse(jw_vec2 middle, double a_m, double b_m, jw_vec2 along, uint32_t count, jw_vec2 *out);
/* A patch of soft outline: pond, grove, clearing, island. */
void jw_plan_blob(city_plan *plan, jw_vec2 middle, double radius_m, uint64_t entity, jw_area_kind kind);
void jw_plan_sports_field(city_plan *plan, jw_vec2 middle, double length_m, double width_m, jw_vec2 along);
void jw_plan_lawn(city_plan *plan, const plan_plot *plot, double s0, double t0, double s1, double t1,
                  jw_area_kind kind);
void jw_plan_make_park(city_plan *plan, const plan_cell *cell, uint32_t index);

/* plan_green.c, plan_people.c */
void jw_plan_make_green(city_plan *plan);
void jw_plan_share_people(city_plan *plan);

#endif
