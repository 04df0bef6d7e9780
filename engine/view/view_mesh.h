/* The static city as triangles: what the mesh builders (no GL) hand to the view. Internal to this folder.
 *
 * Ground things are flat and painted one over the other without depth, so they cannot flicker; the order is
 * the order of the layers. What stands up (bridges, buildings, trees, vehicles) is drawn after them with
 * depth. Triangles are grouped by layer and, inside a layer, by chunk of ground, so that a frame draws each
 * layer with one call over the chunks in sight. Positions are metres from the mesh's origin. */
#ifndef JW_VIEW_MESH_H
#define JW_VIEW_MESH_H

#include "view/view_names.h"

#include <pthread.h>
#include <stdatomic.h>

enum { AREA_RANKS = 7, WATER_RANK = 5 };

typedef enum mesh_layer {
    LAYER_AREA,                                       /* land use, green, water: one layer a rank */
    LAYER_AREA_FAR = LAYER_AREA + AREA_RANKS,         /* the same with fewer corners, smallest first */
    LAYER_AREA_COUNTRY = LAYER_AREA_FAR + AREA_RANKS, /* with as few as seen from 10 km on, smallest first */
    LAYER_PATH = LAYER_AREA_COUNTRY + AREA_RANKS,     /* footpaths and cycleways: near only */
    LAYER_PAVEMENT,                                   /* near only */
    LAYER_RAIL,
    LAYER_ROAD_MINOR, /* residential and service streets, their junctions */
    LAYER_ROAD_MAJOR,
    LAYER_ROAD_MINOR_FAR, /* the same with fewer corners */
    LAYER_ROAD_MAJOR_FAR,
    LAYER_ROAD_COUNTRY, /* main roads as seen from 10 km on: both directions are one band */
    LAYER_ROAD_SIDE,    /* the same of smaller streets, to where they are too thin to be seen */
    LAYER_TUNNEL,       /* dashes over tunnels and the shade of their portals: near only */
    LAYER_MARKING,      /* stop lines, crossings, arrows: near only */
    LAYER_SIGNAL,       /* stop-line bars and heads by signal state: near only */
    LAYER_BRIDGE,       /* decks, with depth */
    LAYER_HOUSE,        /* buildings in full */
    LAYER_BOX,          /* buildings as oriented boxes, smallest first */
    LAYER_COUNT
} mesh_layer;

/* 32 bytes for everything. Buildings: normal and, in normal[3], how much higher than here their own
 * roof reaches (0.1 m); colour[3] is the share of the sky seen at the foot; u counts windows along the wall,
 * v is FACADE_OF their style (0: none) and the wall's top. Roads: normal holds {motor lanes, their width, the
 * bicycle lane's width (5 cm units), ROAD_ bits}; colour {x and y of the way from the street's middle to this
 * edge, grey}; u from the left edge, v along. Signals: id is the connection, or SIGNAL_POST. */
typedef struct mesh_vertex {
    float x, y, z;
    uint8_t normal[4];
    uint8_t colour[4];
    float u, v;
    uint32_t id; /* pick_kind << 28 | index */
} mesh_vertex;
_Static_assert(sizeof(mesh_vertex) == 32, "32 bytes a vertex");

enum {
    ROAD_HAS_OPPOSITE = 1,
    ROAD_HAS_EDGE_LINE = 2,
    ROAD_HAS_BUS_LANE = 4,
    ROAD_IS_RAIL = 8,
    ROAD_IS_PLAIN = 16,
    ROAD_HAS_KERB = 32,
    ROAD_IS_THIN = 64 /* of LAYER_ROAD_SIDE */
};
/* A whole number in a float: style of windows and height of the wall's top. */
#define FACADE_OF(style, top_m) ((style) + 8 * jw_round(jw_clamp((top_m), 0, 1600) * 10))
#define SUNK_M                  (-2.5)     /* deeper down is a tunnel to the eye */
#define RAISED_M                0.6        /* from this height on a street is a bridge to the eye */
#define SIGNAL_POST             UINT32_MAX /* the id of what carries the lamps */
/* An arrow's kind is MARKING_ARROW plus the ways it shows. */
enum {
    MARKING_SOLID,
    MARKING_ZEBRA,
    MARKING_TUNNEL,
    MARKING_PORTAL,
    MARKING_ARROW = 8,
    ARROW_STRAIGHT = 1,
    ARROW_LEFT = 2,
    ARROW_RIGHT = 4
};
enum { ID_KIND_SHIFT = 28, ID_INDEX_MASK = 0x0FFFFFFF };

/* Layers in which things lie smallest first have steps: any end of them is a coarser city, and where areas of
 * one rank overlap the smaller is seen. */
typedef struct mesh_step {
    float size_m;   /* things of this size begin */
    uint32_t begin; /* here: indices from the chunk's first of the layer */
} mesh_step;

typedef struct mesh_chunk {
    float min_x, min_y, max_x, max_y, max_z; /* of all but areas */
    float area_box[4];                       /* areas reach far beyond their chunk: min x, y, max x, y */
    uint32_t first[LAYER_COUNT], count[LAYER_COUNT];           /* indices */
    uint32_t first_step[LAYER_COUNT], step_count[LAYER_COUNT]; /* 0: no sizes, all or nothing */
    uint32_t first_tree, tree_count;
    uint32_t house_count;
} mesh_chunk;

typedef struct mesh_tree {
    float x, y, z;
    float size_m;
    uint8_t colour[4]; /* alpha: its rank in its chunk, of 255 */
} mesh_tree;

/* Light baked on the ground: a raster over the city. Row 0 is the south. */
typedef struct mesh_light {
    double min_x_m, min_y_m; /* city coordinates of its corner */
    double cell_m;
    uint32_t columns, rows;
    uint16_t *roof_dm;   /* height of what is built there; 0 open ground */
    uint8_t *cover;      /* COVER_ bits */
    uint8_t *sky;        /* share of the sky seen from the ground, 0 to 255 */
    double sun[3];       /* towards the sun, of the two below: */
    uint16_t *shadow_dm; /* below this height the sun is hidden by what stands elsewhere */
    uint8_t *ground;     /* two bytes a cell: sunlight, sky light; then the halved levels below it */
    uint32_t level_count;
    uint8_t *glow; /* lamps, one byte per GLOW_STEP x GLOW_STEP cells; then the halved levels below it */
    uint32_t glow_columns, glow_rows, glow_level_count;
} mesh_light;
enum { COVER_ROAD = 1, COVER_BUILDING = 2, COVER_WATER = 4, COVER_RAIL = 8, COVER_DECK = 16, GLOW_STEP = 4 };

/* Where the city's ground is: land that is mapped, and what lies along roads. Fades out at its edge. */
typedef struct mesh_extent {
    double min_x_m, min_y_m, cell_m;
    uint32_t columns, rows;
    uint8_t *share; /* 0 to 255; row 0 is the south */
} mesh_extent;

struct jw_view_mesh {
    jw_city *city;
    double origin_x_m, origin_y_m;
    mesh_vertex *vertices;
    uint32_t vertex_count;
    uint32_t *indices;
    uint32_t index_count;
    mesh_step *steps;
    uint32_t step_count;
    mesh_chunk *chunks;
    uint32_t chunk_columns, chunk_rows;
    double chunk_m;
    mesh_tree *trees; /* by chunk; they throw shadows as long as the view lives */
    uint32_t tree_count;
    mesh_light light;
    mesh_extent extent;
    mesh_names names;
    mesh_country country;
    jw_grid *houses; /* boxes of buildings, in the city's order */
    struct {         /* of the light for another sun; while is_running the light belongs to the thread */
        pthread_t thread;
        bool is_running;
        atomic_bool is_done;
        double sun[3];
        jw_result result;
    } bake;
    double build_s;
};

/* Towards the lamp that a model has before its hour is known, and at night. */
#define SUN_X (-0.47)
#define SUN_Y (-0.53)
#define SUN_Z 0.706

/* ---- the builder -----------------------------------------------------------------------------------------
 */

typedef struct mesh_triangle {
    uint32_t chunk, corners[3];
    float size_m; /* of the thing it belongs to */
} mesh_triangle;

typedef struct mesh_triangles { /* of one layer, grouped by chunk at the end */
    mesh_triangle *items;
    uint32_t count, capacity;
} mesh_triangles;

typedef struct mesh_builder {
    const jw_city *city;
    jw_view_mesh *mesh;
    uint32_t vertex_capacity;
    mesh_triangles layers[LAYER_COUNT];
    float size_m; /* of the thing that is being added; 0: it is never too small */
    uint32_t tree_capacity, step_capacity;
    jw_vec3 *scratch_a, *scratch_b; /* for polylines */
    uint32_t scratch_capacity_a, scratch_capacity_b;
    jw_vec3 *split; /* of jw_mesh_split_at_ground */
    uint32_t split_capacity;
    jw_result result; /* errors stick; adding to a failed builder does nothing */
    jw_error *error;
    jw_progress progress; /* may be NULL */
    void *progress_context;
    double fraction; /* what was told last */
    const char *what;
} mesh_builder;

static inline void jw_mesh_fail(mesh_builder *builder, jw_result result)
{
    if (builder->result == JW_OK)
        builder->result = result;
}

/* How far, 0..1; false when it was cancelled or has failed before. */
bool jw_mesh_tell(mesh_builder *builder, double fraction, const char *what);
/* Inside a loop, for its ith step: whether to go on, asked now and then. */
bool jw_mesh_goes_on(mesh_builder *builder, uint32_t i);

/* Height of the roof over a place; 0 where none is. */
double jw_mesh_roof_m(const jw_view_mesh *mesh, double x_m, double y_m);
uint32_t jw_mesh_chunk_at(const jw_view_mesh *mesh, double x_m, double y_m);
/* City coordinates go in. */
uint32_t jw_mesh_add_vertex(mesh_builder *builder, jw_vec3 point, const uint8_t normal[4],
                            const uint8_t colour[4], double u, double v, uint32_t id);
void jw_mesh_add_triangle(mesh_builder *builder, mesh_layer layer, uint32_t chunk, uint32_t a, uint32_t b,
                          uint32_t c);
/* A polygon of the city, triangulated. */
void jw_mesh_add_polygon(mesh_builder *builder, mesh_layer layer, uint32_t chunk, const jw_ring *rings,
                         uint32_t ring_count, const uint8_t normal[4], const uint8_t colour[4], uint32_t id);
void jw_mesh_add_ring(mesh_builder *builder, mesh_layer layer, uint32_t chunk, const jw_vec3 *points,
                      uint32_t count, const uint8_t normal[4], const uint8_t colour[4], uint32_t id);
/* A band along a line, between offsets to the left; u is 0 at the left edge and grows to the right. It
 * belongs to the chunk of its middle, so that a near and a far form of it can stand in for each other. */
void jw_mesh_add_band(mesh_builder *builder, mesh_layer layer, const jw_vec3 *points, uint32_t count,
                      double left_m, double right_m, const uint8_t normal[4], const uint8_t colour[4],
                      uint32_t id);
jw_vec3 *jw_mesh_scratch(mesh_builder *builder, bool is_second, uint32_t count);
void jw_mesh_add_tree(mesh_builder *builder, double x_m, double y_m, double size_m, const uint8_t colour[4]);

/* Of the country's layers: how far a line may lie beside its true place; a pixel is as large there. */
#define JW_MESH_COUNTRY_M 12.0
void jw_mesh_build_areas(mesh_builder *builder);
void jw_mesh_build_roads(mesh_builder *builder);
/* An edge's centre line with points where it goes under the ground (z SUNK_M): each is the end of the street
 * and of the tunnel. Stays until the next call; NULL after an error. */
const jw_vec3 *jw_mesh_split_at_ground(mesh_builder *builder, const jw_edge *edge, uint32_t *out_count);
void jw_mesh_build_tunnels(mesh_builder *builder);
void jw_mesh_build_junctions(mesh_builder *builder);
void jw_mesh_build_arrows(mesh_builder *builder);
void jw_mesh_build_signals(mesh_builder *builder);
void jw_mesh_build_buildings(mesh_builder *builder);
/* How many indices of a chunk's layer belong to things that are smaller than this; they come first. */
uint32_t jw_mesh_smaller_than(const jw_view_mesh *mesh, const mesh_chunk *chunk, int layer, float size_m);
/* Smallest first; equal ones in order. Merge sort, because the order must not depend on the library. */
typedef struct mesh_sized {
    double size_m;
    uint32_t index;
} mesh_sized;
void jw_mesh_sort_by_size(mesh_sized *items, mesh_sized *scratch, uint32_t count);
/* The grid behind jw_mesh_roof_m. */
jw_result jw_mesh_find_houses(jw_view_mesh *mesh, jw_error *error);
void jw_mesh_build_trees(mesh_builder *builder);
/* Takes the builder's triangles to the mesh's indices, chunk by chunk. */
void jw_mesh_group_triangles(mesh_builder *builder);
void jw_mesh_group_trees(mesh_builder *builder);
/* When all is grouped: what each chunk's things reach to. */
void jw_mesh_measure_chunks(jw_view_mesh *mesh, int threads);

/* What walls and roofs of one building share. */
typedef struct house_part {
    mesh_layer layer;
    uint32_t chunk, id;
    double base_m, top_m;
    double roof_m; /* of the whole building */
    uint8_t colour[4], roof[4];
    uint8_t windows;  /* building.frag: 0 none, 1 flats, 2 offices, 3 halls */
    bool has_coolers; /* a data centre: rows of them on its roof */
} house_part;

/* A pitched roof: the lowest of its slopes, heights over the eaves: [0] x + [1] y + [2]. count 0: it is flat.
 */
enum { MAX_SLOPES = 4 };
typedef struct mesh_roof {
    uint32_t count;
    double rise_m;
    double slopes[MAX_SLOPES][3];
} mesh_roof;
/* As the map says, or for small houses by rule. Of footprints with courts, very thin ones, and ones that
 * leave most of their box empty: flat. */
mesh_roof jw_mesh_plan_roof(const jw_building *building, uint32_t index, const jw_ring *rings,
                            uint32_t ring_count, double area_m2);
/* The slopes, and what of the walls stands over the eaves (piece->top_m). */
void jw_mesh_add_pitched_roof(mesh_builder *builder, const house_part *piece, const mesh_roof *roof,
                              const jw_ring *ring);
/* normal[2] 0: of a wall. */
uint32_t jw_mesh_add_roof_corner(mesh_builder *builder, const house_part *piece, jw_vec3 at,
                                 const double normal[3]);

/* ---- the sun (view_sky.c) ---------------------------------------------------------------------------- */

#define JW_MID_APRIL 105.0 /* the day of the year where none is known */
/* Unit vector towards the sun (x east, y north, z up); its z is negative at night. */
void jw_view_sun_at(double lon_deg, double lat_deg, double day_of_year, double hour, double out[3]);
/* What throws shadows then: the sun, never quite on the horizon; at night a lamp. */
void jw_view_lamp_of(const double sun[3], double out[3]);

/* ---- view_raster.c: drawing into rasters; of a light only its lattice and, for marks, its cover is asked
 * ---
 */

static inline double jw_raster_column(const mesh_light *light, double x_m)
{
    return (x_m - light->min_x_m) / light->cell_m;
}

static inline double jw_raster_row(const mesh_light *light, double y_m)
{
    return (y_m - light->min_y_m) / light->cell_m;
}

/* Calls for every run of cells whose centres lie inside the rings (even-odd). */
typedef void (*jw_raster_run)(mesh_light *light, uint32_t row, uint32_t from, uint32_t to, uint32_t value);
void jw_raster_fill(mesh_light *light, const jw_ring *rings, uint32_t ring_count, jw_raster_run fill,
                    uint32_t value);
/* A run: adds bits to the cover. */
void jw_raster_mark(mesh_light *light, uint32_t row, uint32_t from, uint32_t to, uint32_t value);
/* The same for what is within half_m of a line. */
void jw_raster_mark_band(mesh_light *light, const jw_vec3 *points, uint32_t count, double half_m,
                         uint32_t value);
/* Rings of the city, at most max of them; returns how many. */
uint32_t jw_raster_rings(const jw_city *city, uint32_t first_ring, uint32_t ring_count, jw_ring *out,
                         uint32_t max);
/* Box blur of bytes by running sums, over rows then columns, in place. */
jw_result jw_raster_blur(uint8_t *items, uint32_t columns, uint32_t rows, uint32_t radius, jw_error *error);

/* ---- light -----------------------------------------------------------------------------------------------
 */

/* Rasters of what stands and lies where. */
jw_result jw_light_create(mesh_light *light, const jw_city *city, uint32_t size_px, jw_error *error);
/* Sky and lamp light, which stay. */
jw_result jw_light_bake_sky(mesh_light *light, jw_error *error);
/* The shade under a tree. */
void jw_light_darken_sky(mesh_light *light, double x_m, double y_m, double radius_m);
/* Sunlight from one direction: shadow heights, and the ground with its halved levels. From level 2 on the
 * ground under buildings is as light as a roof: so far away a building left out is still seen. Trees are the
 * mesh's. Free of GL and of anything else that changes: any thread. About 0.2 s for 16 million cells. */
jw_result jw_light_bake_sun(jw_view_mesh *mesh, const double sun[3], jw_error *error);
void jw_light_free(mesh_light *light);
uint8_t jw_light_cover_at(const mesh_light *light, double x_m, double y_m);
double jw_light_shadow_top_m(const mesh_light *light, double x_m, double y_m);
double jw_light_sky_at(const mesh_light *light, double x_m, double y_m);

/* ---- view_extent.c ------------------------------------------------------------------------------------- */

jw_result jw_extent_create(mesh_extent *extent, const jw_city *city, jw_error *error);

/* A number from a position or an index, the same on every run: for what only looks random. */
static inline uint32_t jw_mesh_scatter(uint32_t x)
{
    x ^= x >> 16;
    x *= 0x7feb352dU;
    x ^= x >> 15;
    x *= 0x846ca68bU;
    return x ^ x >> 16;
}

#endif
