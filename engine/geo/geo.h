/* Geometry and geography: projection (PROJ), polylines, polygons (GEOS), a spatial grid, GeoPackage files
 * (the only SQLite code of the engine).
 *
 * Coordinates: metres, x east, y north, z up, in a local transverse Mercator at the map's centre; double.
 * What comes out of PROJ and GEOS is rounded to 1 mm, so that their versions cannot change the simulation. */
#ifndef JW_GEO_H
#define JW_GEO_H

#include "base/base.h"

typedef struct jw_vec3 {
    double x, y, z;
} jw_vec3;

typedef struct jw_box {
    double min_x, min_y, max_x, max_y;
} jw_box;

jw_box jw_box_empty(void); /* contains nothing; extending it by a point gives that point */
jw_box jw_box_extend(jw_box box, double x, double y);
jw_box jw_box_union(jw_box a, jw_box b);
bool jw_box_overlaps(jw_box a, jw_box b);
double jw_round_mm(double value_m);

/* ---- projection ---------------------------------------------------------------------------------------- */

typedef struct jw_projection jw_projection;

/* Transverse Mercator on WGS 84 with its origin at the given place (degrees), scale 1. One thread at a time.
 */
jw_result jw_projection_create(double origin_lon_deg, double origin_lat_deg, jw_projection **out,
                               jw_error *error);
void jw_projection_destroy(jw_projection *projection);
/* In place over `count` points; rounded to 1 mm forwards, unrounded backwards. */
jw_result jw_projection_forward(const jw_projection *projection, const double *lon_deg, const double *lat_deg,
                                uint32_t count, double *x_m, double *y_m, jw_error *error);
jw_result jw_projection_inverse(const jw_projection *projection, const double *x_m, const double *y_m,
                                uint32_t count, double *lon_deg, double *lat_deg, jw_error *error);
/* General pipeline (SUMO's location element: "+proj=utm +zone=50 ..."): to lon/lat. */
jw_result jw_projection_create_from_text(const char *proj_text, jw_projection **out, jw_error *error);

/* ---- polylines (>= 2 points; z is carried along) ------------------------------------------------------- */

double jw_polyline_length(const jw_vec3 *points, uint32_t count); /* in the plane */
/* Position and heading (radians counter-clockwise from east) at arc length s_m, clamped to the ends. */
jw_vec3 jw_polyline_at(const jw_vec3 *points, uint32_t count, double s_m, double *out_heading_rad);
/* Nearest point; returns its distance, arc length in *out_s_m. */
double jw_polyline_project(const jw_vec3 *points, uint32_t count, double x, double y, double *out_s_m);
/* Parallel line at offset_m to the left (negative: right), mitred, same number of points; points of a bend
 * tighter than the offset are pulled together. out has `count` elements. */
void jw_polyline_offset(const jw_vec3 *points, uint32_t count, double offset_m, jw_vec3 *out);
/* Part between two arc lengths; out needs count + 2 elements; returns the number written (>= 2). */
uint32_t jw_polyline_cut(const jw_vec3 *points, uint32_t count, double from_s_m, double to_s_m, jw_vec3 *out);
/* Douglas-Peucker in place; returns the new count. */
uint32_t jw_polyline_simplify(jw_vec3 *points, uint32_t count, double tolerance_m);
/* Crossing of two segments: true, and the parameters along each, when they meet inside both
 * (ends included). Parallel segments never do. */
bool jw_segments_cross(jw_vec2 a0, jw_vec2 a1, jw_vec2 b0, jw_vec2 b1, double *out_t, double *out_u);
/* Cubic curve from p0 with heading h0 to p1 with heading h1, sampled into `count` points (>= 2). */
void jw_curve_between(jw_vec3 p0, double heading0_rad, jw_vec3 p1, double heading1_rad, uint32_t count,
                      jw_vec3 *out);

/* ---- polygons: rings of points without the repeated last one; the first ring is the outside ------------ */

typedef struct jw_ring {
    const jw_vec3 *points;
    uint32_t count;
} jw_ring;

double jw_ring_area_m2(const jw_vec3 *points, uint32_t count); /* > 0 counter-clockwise */
jw_vec2 jw_ring_centroid(const jw_vec3 *points, uint32_t count);
bool jw_ring_contains(const jw_vec3 *points, uint32_t count, double x, double y);

/* Owned results of polygon operations: rings over one pool of points. A new polygon starts where is_outer. */
typedef struct jw_polygons {
    jw_vec3 *points;
    uint32_t point_count;
    uint32_t *ring_first; /* ring_count + 1 */
    uint8_t *ring_is_outer;
    uint32_t ring_count;
} jw_polygons;
void jw_polygons_free(jw_polygons *polygons);
/* Repairs self-crossings (GEOS makeValid) and orients: outer counter-clockwise, holes clockwise. All
 * operations repair what they are given, and give z of the first point; without area there are no rings and
 * no error. */
jw_result jw_polygon_make_valid(const jw_ring *rings, uint32_t ring_count, jw_polygons *out, jw_error *error);
/* Grown (or shrunk, negative) outline. */
jw_result jw_polygon_buffer(const jw_ring *rings, uint32_t ring_count, double distance_m, jw_polygons *out,
                            jw_error *error);
typedef enum jw_polygon_operation {
    JW_POLYGON_UNION,
    JW_POLYGON_DIFFERENCE,
    JW_POLYGON_INTERSECTION
} jw_polygon_operation;
jw_result jw_polygon_combine(jw_polygon_operation operation, const jw_ring *a, uint32_t a_count,
                             const jw_ring *b, uint32_t b_count, jw_polygons *out, jw_error *error);
/* Triangles of a polygon with holes: indices into the concatenated points of its rings, 3 a triangle, owned
 * by the caller (jw_free). Own ear clipping, so that the view needs no GEOS. A degenerate ring gives none. */
jw_result jw_polygon_triangulate(const jw_ring *rings, uint32_t ring_count, uint32_t **out_indices,
                                 uint32_t *out_count, jw_error *error);

/* ---- spatial grid over boxes: build once, query often -------------------------------------------------- */

typedef struct jw_grid jw_grid;
/* Items are numbered as given; an empty box is never found. cell_m 0: chosen from the count and extent; too
 * small a one is enlarged until cells and entries are in proportion to the items. */
jw_result jw_grid_create(const jw_box *boxes, uint32_t count, double cell_m, jw_grid **out, jw_error *error);
void jw_grid_destroy(jw_grid *grid);
/* Calls visit for each item whose box overlaps, once each, cells row by row and ascending within a cell;
 * stops when it returns false. Any number of threads at once. */
void jw_grid_query(const jw_grid *grid, jw_box box, bool (*visit)(void *context, uint32_t item),
                   void *context);
/* Items whose boxes a segment's cells touch, for lines of sight; an item can come more than once. */
void jw_grid_walk(const jw_grid *grid, jw_vec2 from, jw_vec2 to, bool (*visit)(void *context, uint32_t item),
                  void *context);

/* ---- GeoPackage (OGC 12-128r15; EPSG:4326) ------------------------------------------------------------- */

typedef struct jw_gpkg jw_gpkg;

typedef enum jw_gpkg_geometry {
    JW_GPKG_NONE, /* an attributes table */
    JW_GPKG_POINT,
    JW_GPKG_LINESTRING,
    JW_GPKG_POLYGON,
    JW_GPKG_MULTIPOLYGON
} jw_gpkg_geometry;

typedef enum jw_gpkg_type { JW_GPKG_INTEGER, JW_GPKG_REAL, JW_GPKG_TEXT, JW_GPKG_DATETIME } jw_gpkg_type;

typedef struct jw_gpkg_column {
    const char *name;
    jw_gpkg_type type;
    const char *description; /* goes into gpkg_data_columns; NULL for none */
} jw_gpkg_column;

/* One value; DATETIME is text "2026-01-01T08:00:00.000Z". */
typedef struct jw_gpkg_value {
    bool is_null;
    int64_t integer;
    double real;
    const char *text;
} jw_gpkg_value;

/* Geometry in lon/lat degrees: parts are rings of a polygon (first outer), or the one line or point. For a
 * multipolygon `part_starts_polygon[i]` tells where a polygon begins. Rings are given without the repeated
 * last point; the writer closes them. */
typedef struct jw_gpkg_shape {
    const double *lon_deg;
    const double *lat_deg;
    const uint32_t *part_first; /* part_count + 1 */
    const uint8_t *part_starts_polygon;
    uint32_t part_count;
    const double *z_m; /* heights of the points of a line or point; NULL: in the plane */
} jw_gpkg_shape;

/* Creates the file; an existing one is refused (JW_ERROR_EXISTS). Rows become durable at commit; what was
 * committed stays readable whatever happens to the process later. */
jw_result jw_gpkg_create(const char *path, jw_gpkg **out, jw_error *error);
/* Opens for reading (or for appending, with is_writable): integrity, application id and required tables are
 * checked. */
jw_result jw_gpkg_open(const char *path, bool is_writable, jw_gpkg **out, jw_error *error);
void jw_gpkg_close(jw_gpkg *gpkg); /* uncommitted rows are lost */
/* A feature layer with an R-tree (extension rtree with its triggers), or an attributes table. */
jw_result jw_gpkg_add_layer(jw_gpkg *gpkg, const char *name, jw_gpkg_geometry geometry,
                            const char *description, const jw_gpkg_column *columns, uint32_t column_count,
                            uint32_t *out_layer, jw_error *error);
/* Points or lines of a layer may have heights (a layer just added; else its shapes lie in the plane). */
jw_result jw_gpkg_allow_heights(jw_gpkg *gpkg, uint32_t layer, jw_error *error);
/* Rows of one layer with the geometry of another, where its column "id" is what `key` says: drawn by whoever
 * reads the file as a feature layer of its own (a view; jw_gpkg_read does not read it). Nothing is copied. */
jw_result jw_gpkg_add_view(jw_gpkg *gpkg, const char *name, const char *description, uint32_t rows,
                           const char *key, uint32_t shapes, jw_error *error);
/* A raster in lon/lat, row 0 in the north, each value that of its whole pixel, kept in steps of `scale` from
 * `offset` on (65,535 of them; beyond, the nearest). At most 32,768 columns and rows. */
typedef struct jw_gpkg_raster {
    double west_deg, north_deg; /* corner */
    double pixel_lon_deg, pixel_lat_deg;
    uint32_t columns, rows;
    double offset, scale;
    const char *unit;
    const float *values; /* by row; NAN: none */
} jw_gpkg_raster;
/* A "2D gridded coverage" (OGC 17-066r1) of 16-bit PNG tiles: what GDAL and QGIS read as a raster. */
jw_result jw_gpkg_add_coverage(jw_gpkg *gpkg, const char *name, const char *description,
                               const jw_gpkg_raster *raster, jw_error *error);
jw_result jw_gpkg_insert(jw_gpkg *gpkg, uint32_t layer, const jw_gpkg_shape *shape,
                         const jw_gpkg_value *values, uint32_t value_count, jw_error *error);
jw_result jw_gpkg_commit(jw_gpkg *gpkg, jw_error *error);

/* Layers of an opened file. */
uint32_t jw_gpkg_layer_count(const jw_gpkg *gpkg);
const char *jw_gpkg_layer_name(const jw_gpkg *gpkg, uint32_t layer);
jw_gpkg_geometry jw_gpkg_layer_geometry(const jw_gpkg *gpkg, uint32_t layer);
/* JW_NONE when absent. */
uint32_t jw_gpkg_find_layer(const jw_gpkg *gpkg, const char *name);

/* One row while reading; pointers live until the callback returns. Coordinates are lon/lat (layers in another
 * SRS are transformed through PROJ; an unknown SRS is an error that names it). */
typedef struct jw_gpkg_row {
    int64_t fid;
    jw_gpkg_shape shape; /* part_count 0: empty or no geometry */
    const char *const *column_names;
    const jw_gpkg_value *values;
    uint32_t value_count;
} jw_gpkg_row;
/* Rows by ascending fid. The callback returns JW_OK to go on; anything else stops and is returned. Damaged or
 * oversized geometry (more than 1e6 points) is an error naming layer and fid. */
jw_result jw_gpkg_read(jw_gpkg *gpkg, uint32_t layer,
                       jw_result (*on_row)(void *context, const jw_gpkg_row *row), void *context,
                       jw_error *error);
/* NULL when the column is absent or the value NULL. */
const jw_gpkg_value *jw_gpkg_row_value(const jw_gpkg_row *row, const char *column);

#endif
