/* The view's inside: GL objects, what is streamed each frame, and the pieces of a draw. */
#ifndef JW_VIEW_INTERNAL_H
#define JW_VIEW_INTERNAL_H

#include "view/view_mesh.h"

#include <GL/glew.h>
/* cglm's inline functions are not written for our warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#include <cglm/cglm.h>
#pragma GCC diagnostic pop

typedef enum program_kind {
    PROGRAM_GROUND,
    PROGRAM_GROUND_NIGHT,
    PROGRAM_BASE,
    PROGRAM_BASE_NIGHT,
    PROGRAM_WATER,
    PROGRAM_WATER_NIGHT,
    PROGRAM_ROAD,
    PROGRAM_ROAD_NIGHT,
    PROGRAM_MARKING,
    PROGRAM_SIGNAL,
    PROGRAM_CLOSED,
    PROGRAM_BUILDING,
    PROGRAM_BUILDING_NIGHT,
    /* The same for what comes or goes at its distance. */
    PROGRAM_GROUND_FADE,
    PROGRAM_GROUND_FADE_NIGHT,
    PROGRAM_WATER_FADE,
    PROGRAM_WATER_FADE_NIGHT,
    PROGRAM_ROAD_FADE,
    PROGRAM_ROAD_FADE_NIGHT,
    PROGRAM_MARKING_FADE,
    PROGRAM_SIGNAL_FADE,
    PROGRAM_BUILDING_FADE,
    PROGRAM_BUILDING_FADE_NIGHT,
    PROGRAM_PROP_FADE,
    PROGRAM_TREE_FADE,
    PROGRAM_PROP,
    PROGRAM_TREE,
    PROGRAM_TREE_SPOT,
    PROGRAM_POINT,
    PROGRAM_ARC,
    PROGRAM_PACKET,
    PROGRAM_RASTER,
    PROGRAM_RAIN,
    PROGRAM_SKY,
    PROGRAM_OCCLUSION,
    PROGRAM_OCCLUSION_MEAN,
    PROGRAM_LABEL,
    PROGRAM_SEA,
    PROGRAM_PICK,
    PROGRAM_PICK_PROP,
    PROGRAM_COUNT
} program_kind;

enum { MAX_SHADOW_MAPS = 3, OCCLUSION_UNIT = 8 };

/* Matches the uniform block of common.glsl (std140). */
typedef struct scene_block {
    float view_projection[16];
    float eye[4], sun[4], sun_colour[4], sky_colour[4], haze[4], zenith[4], light_map[4], windows[4],
        raster_map[4];
    uint32_t selected[4];
    float shadow_matrices[MAX_SHADOW_MAPS][16], shadow_cells[4];
    float legend[JW_LEGEND_STOPS][4];
    float scenery[4];
} scene_block;

/* What a tier draws, by distance from the eye. */
typedef struct tier_limits {
    float house_m;         /* buildings in full; boxes beyond */
    float near_m;          /* pavements, markings, signals, paths */
    float country_pixel_m; /* streets and areas have their coarsest form where a pixel is larger */
    float tree_m;
    uint32_t max_trees, max_tree_spots; /* shapes; beyond them round spots */
    float vehicle_m, vehicle_box_m;     /* full shape, then box, then a point */
    uint32_t max_shapes;                /* vehicles with a shape */
    float box_pixels, area_pixels;      /* boxes and areas smaller than this are left out */
    uint32_t triangle_budget;
    uint32_t arc_segments;
    int samples;
    uint32_t shadow_maps, shadow_side_px; /* drawn from the sun's side; none: the baked shadows alone */
    float occlusion_m;                    /* how far round contact shading looks; 0: what is baked alone */
} tier_limits;

typedef enum prop_shape {
    PROP_CAR,
    PROP_TRUCK,
    PROP_BUS,
    PROP_SHUTTLE,
    PROP_EMERGENCY,
    PROP_BIKE,
    PROP_WALKER,
    PROP_BOX_CAR, /* a vehicle a little farther away */
    PROP_CUBE,
    PROP_MARK, /* octahedron */
    PROP_MAST,
    PROP_RING,
    PROP_STOP, /* of buses: sign at x = 0, its shelter behind, the street to the left */
    PROP_TREE,
    PROP_SHAPE_COUNT
} prop_shape;

/* Bits of an instance's lamps, as in prop.vert. */
enum { LAMP_BRAKE = 1, LAMP_SELECTED = 2, LAMP_LEFT = 4, LAMP_RIGHT = 8 };

typedef struct prop_instance { /* attributes 5 to 8 */
    float where[4];
    float size[4];
    uint8_t body[4];
    uint32_t id;
} prop_instance;

typedef struct arc_instance {
    float ends[4];
    float shape[4];
    uint8_t colour[4];
} arc_instance;

/* Distances of a chunk from the eye: of the nearest and the farthest that it can hold. */
typedef struct chunk_distance {
    float near_m, far_m;
} chunk_distance;

/* Something to draw into: colour of 8 bits, depth and stencil. Zero-initialise. */
typedef struct view_target {
    GLuint framebuffer, buffers[2];
    int width_px, height_px, samples;
    bool is_whole;
} view_target;

/* A buffer refilled every draw; grows, never shrinks. */
typedef struct stream_buffer {
    GLuint buffer, vertex_array;
    void *items;
    uint32_t count, capacity; /* items */
    uint32_t gpu_capacity;
} stream_buffer;

/* Texture units of the letters, and of the distances to the coast. */
enum { LABEL_UNIT = 12, COAST_UNIT };
typedef struct view_labels view_labels;

enum { TRAFFIC_TABLES = 2, CELLS_A_SIDE = 64, VEHICLE_PAINTS = 12 };

typedef struct traffic_point {
    float from[3];    /* where it was in the older frame */
    uint8_t paint[4]; /* alpha: size; 0 is not drawn */
    float step[3];    /* its way to the newer */
    float heading_rad;
} traffic_point;

typedef struct traffic_join {
    uint32_t before; /* its number in frame a; UINT32_MAX: it was not there */
    uint32_t cell;
} traffic_join;

typedef struct traffic_box {
    float least[4], most[4]; /* of x, y, z and, unused, heading */
} traffic_box;

/* A pair of frames: one of the same address, step and version is the same. */
typedef struct traffic_key {
    const jw_frame *a, *b;
    uint64_t step_a, step_b, version_a, version_b;
    uint32_t count_a, count_b;
} traffic_key;

typedef struct traffic_table {
    traffic_key key;
    stream_buffer points; /* as the vehicles of frame b; on the graphics card alone */
    stream_buffer order;  /* their numbers, by cell */
    traffic_join *joins;  /* of each of them */
    uint32_t join_capacity;
    uint32_t first[CELLS_A_SIDE * CELLS_A_SIDE + 1];
    traffic_box boxes[CELLS_A_SIDE * CELLS_A_SIDE]; /* of both ends */
} traffic_table;

typedef struct draw_command { /* as OpenGL reads it */
    uint32_t count, instance_count, first_index;
    int32_t base_vertex;
    uint32_t base_instance;
} draw_command;

/* What a draw leaves to the next one, so that detail changes in small steps. */
typedef struct view_detail {
    float stretch;        /* of the tier's distances, to its budget */
    float shape_m;        /* nearer vehicles have shapes */
    float tree_m, spot_m; /* nearer trees have shapes; nearer ones are all there, of others some */
    uint32_t static_triangles, other_triangles; /* other: neither shadows nor trees nor vehicles */
    bool is_settling;                           /* the draw was on the way to other distances */
} view_detail;

/* What lasts from city to city: two sets of programs, without shadow maps and with them, the second linked
 * when a tier first wants it; the letters of the first font that a view had. */
struct jw_view_kit {
    GLuint sets[2][PROGRAM_COUNT];
    uint32_t linked[2];    /* how many of them */
    uint64_t sources_hash; /* of those in use */
    uint32_t version;      /* grows when they are linked anew */
    view_glyphs *glyphs;   /* NULL: none yet */
    GLuint letters;
    char font_path[512];
    int font_face;
};

typedef struct texel_kind {
    GLenum inner, format, type;
    size_t bytes;
} texel_kind;

enum { UPLOADS_MAX = 40 };
typedef struct view_upload {
    const uint8_t *bytes;
    size_t row_bytes, rows, sent; /* of a buffer a row is a byte */
    GLuint buffer, texture;
    const texel_kind *kind;
    GLint level;
    GLsizei columns;
} view_upload;

/* How flat buildings are in a rectangle of the window, 0 to 1. */
enum { FLATS = 2 };
typedef struct view_flat {
    jw_view_rect rect;
    float share;
    bool is_still;
    double drawn_s;
    uint64_t picture; /* 0: none yet */
} view_flat;

/* What making a view consists of, in this order. */
typedef enum view_making {
    MAKE_PROGRAMS,
    MAKE_MESHES,
    MAKE_GROUND_LIGHT,
    MAKE_SHADOWS,
    MAKE_LAMPS,
    MAKE_OTHERS,
    MAKE_UPLOADS,
    MAKE_TIER,
    IS_MADE
} view_making;

struct jw_view {
    jw_view_mesh *mesh;
    jw_view_kit *kit;
    bool has_own_kit;
    view_making making;
    jw_view_tier wanted_tier; /* until it is made */
    view_upload uploads[UPLOADS_MAX];
    uint32_t upload_count, upload_next;
    struct { /* of the first picture, in portions */
        bool is_on, is_cut;
        double end_s;
        uint32_t pass, drawn; /* next one; layers and passes in this portion */
        uint64_t layers[2];   /* that the pass has drawn: whole ones, fading ones */
    } rehearsal;
    jw_view_tier tier;
    tier_limits limits;
    jw_view_counters counters;

    const GLuint *programs; /* of the kit: the set in use */
    uint32_t programs_version;
    bool watches_shaders;
    double shaders_looked_s;
    GLint frame_uniform, extent_uniform, horizon_uniform, spot_uniform, sun_uniform, moving_uniform,
        base_uniforms[2], from_clip_uniform, reach_uniform, label_uniform, label_part_uniform,
        sea_uniforms[2], fade_uniforms[PROGRAM_COUNT];
    GLuint scene_buffer;
    GLuint vertex_buffer, index_buffer;
    bool borrows_mesh;            /* these two lie in the mesh's own memory */
    GLuint lit_array, lane_array; /* the same vertices, read with normals or with lane numbers */
    GLuint base_buffer, base_array;
    GLuint empty_array;
    GLuint ground_texture, lamp_texture, shadow_texture;
    struct {
        double shown[3]; /* the sun of the textures, or of what is on its way to them */
    } shade;
    struct {
        GLuint texture, framebuffer;
        uint32_t side_px, maps;
        uint32_t count; /* of this picture: the others would be coarser than the baked light */
        mat4 matrices[MAX_SHADOW_MAPS]; /* to -1..1 */
    } shadow;
    struct {
        GLuint textures[2], framebuffers[2]; /* depths; openness */
        GLsizei width_px, height_px;
    } occlusion;
    GLuint edge_buffer, edge_texture; /* overlay colours of edges */
    GLuint signal_buffer, signal_texture;
    GLuint raster_texture, extent_texture;
    GLuint prop_buffer, prop_index_buffer;
    uint32_t prop_first[PROP_SHAPE_COUNT], prop_count[PROP_SHAPE_COUNT];
    GLuint tree_buffer, tree_array, tree_spot_array;
    stream_buffer edge_trees; /* shapes of chunks that lie partly beyond tree_m */

    stream_buffer props[PROP_SHAPE_COUNT];
    stream_buffer arcs, packets;
    view_labels *labels;  /* NULL: no font */
    GLuint coast_texture; /* 0: no coast is known */
    stream_buffer degrees;
    traffic_table tables[TRAFFIC_TABLES];
    uint32_t next_table;
    uint8_t point_paints[JW_VEHICLE_CLASS_COUNT][VEHICLE_PAINTS][3];
    const traffic_table *table; /* drawn as points; NULL: none */
    float moved;
    const GLvoid *point_offsets[CELLS_A_SIDE * CELLS_A_SIDE];
    GLsizei point_counts[CELLS_A_SIDE * CELLS_A_SIDE];
    uint8_t *edge_colours;
    struct { /* what edge_colours are of */
        const jw_frame *frame;
        uint64_t step, version;
        jw_view_overlay overlay;
        jw_view_palette palette;
        uint32_t values; /* the frame's answers */
    } edge_key;
    struct { /* ribbons over closed lanes, and the frame that they are of */
        stream_buffer ribbons;
        const jw_frame *frame; /* NULL: none */
        uint64_t step, version;
        jw_vec3 *line; /* scratch */
        uint32_t line_capacity;
    } closed;
    uint8_t *signal_states;
    uint8_t *raster_pixels;
    uint32_t raster_capacity;
    float raster_map[4]; /* as in common.glsl */
    view_target multi, rehearsed;
    GLuint pick_buffer[2], pick_framebuffer;
    view_flat flats[FLATS];
    uint64_t flat_pictures;

    /* Chunks in sight, nearest first, with their distances. */
    uint32_t *seen, *found;                                  /* found: before they are sorted */
    chunk_distance *seen_m, *found_m, seen_span, areas_span; /* spans: over all of them */
    uint32_t seen_count;
    uint32_t *areas; /* chunks whose areas are in sight */
    chunk_distance *areas_m;
    uint32_t area_count;
    /* Draws of a layer's chunks: by two arrays, or (has_indirect) by commands in a buffer. */
    bool has_indirect;
    draw_command *commands;
    GLuint command_buffer;
    uint32_t chunk_count, commands_used;
    GLsizei *draw_counts;
    GLint *draw_firsts;
    const GLvoid **draw_offsets;

    /* Of the frame last prepared. */
    mat4 view_projection;
    float part[4]; /* of the picture that is drawn: middle on the screen (-1..1), and how often it fits */
    vec4 planes[6];
    vec3 eye;
    float pixels_per_m; /* at one metre */
    float aspect;
    bool has_street_data; /* the overlay is of streets */
    float night;
    float flat; /* buildings are drawn so flat, 0 to 1 */
    bool is_overcast;
    float rain_mm_per_h; /* that is seen */
    bool was_drawn;
    bool is_picking;
    uint32_t shadow_triangles, tree_triangles, vehicle_triangles; /* of the last draw */
    view_detail detail;
    float fade_share;
    bool is_trial;  /* nobody sees it: in the light that is baked */
    bool is_single; /* a picture of its own is drawn: it knows no picture before, and the next not it */
    float sampling; /* pixels drawn for one that is shown: 2 in saved pictures */
    float haze[4];
};

/* ---- view_gl.c: thin helpers over GL ----------------------------------------------------------------- */

/* Processor time of the calling thread. */
double jw_view_processor_s(void);
GLuint jw_view_gl_buffer(GLenum target, const void *bytes, size_t size, GLenum usage);
/* Whether the processor draws and the driver (Mesa's llvmpipe) reads buffers where the program has them. */
bool jw_view_gl_can_borrow(void);
/* Such a buffer: the memory stays, unchanged, until the buffer is deleted and glFinish was called. */
GLuint jw_view_gl_borrow(void *bytes, size_t size);
/* Sends items to the stream's buffer. */
void jw_view_gl_stream_upload(stream_buffer *stream, size_t item_size);
/* The same into the store that is there, for what was last drawn some pictures ago: a large new store costs
 * more than what is put into it. */
void jw_view_gl_stream_update(stream_buffer *stream, size_t item_size);
/* The stream's store for count items, to be written (not read) in order; until it is unmapped nothing is
 * drawn from it. NULL: there is no memory. Needs neither items of its own nor a copy of them. */
void *jw_view_gl_stream_map(stream_buffer *stream, uint32_t count, size_t item_size, jw_error *error);
jw_result jw_view_gl_stream_unmap(stream_buffer *stream, jw_error *error);
jw_result jw_view_gl_stream_reserve(stream_buffer *stream, uint32_t count, size_t item_size, jw_error *error);
void jw_view_gl_stream_free(stream_buffer *stream);
/* Binds the target, made anew where it is of another size; samples 0: one a pixel. false: the driver cannot.
 */
bool jw_view_gl_target_bind(view_target *target, int width_px, int height_px, int samples);
void jw_view_gl_target_free(view_target *target);
/* JW_OK, or what glGetError says. */
jw_result jw_view_gl_check(const char *where, jw_error *error);

/* ---- view_upload.c ----------------------------------------------------------------------------------- */

/* A buffer that is filled slice by slice. */
GLuint jw_view_upload_buffer(jw_view *view, const void *bytes, size_t size);
/* The same of a texture that has its store; `bytes`: the halved levels follow the first. */
void jw_view_upload_levels(jw_view *view, GLuint texture, const texel_kind *kind, uint32_t columns,
                           uint32_t rows, uint32_t levels, const void *bytes);
/* The store, of the texture that is bound. */
void jw_view_store_levels(const texel_kind *kind, uint32_t columns, uint32_t rows, uint32_t levels);
/* Sends about a megabyte; true when nothing is left. */
bool jw_view_upload_slice(jw_view *view);
bool jw_view_is_uploading(const jw_view *view);

/* ---- view_shaders.c ---------------------------------------------------------------------------------- */

/* Links one more program of the set; true when all are there. On failure none is. */
jw_result jw_view_shaders_link_next(jw_view_kit *kit, bool has_shadows, bool *out_are_all, jw_error *error);
/* The set with shadow maps or without, whole; on failure the one in use stays. */
jw_result jw_view_shaders_use(jw_view *view, bool has_shadows, jw_error *error);
/* Before drawing: another view may have linked the kit's programs anew. */
void jw_view_shaders_refresh(jw_view *view);
/* Reloads once a second when the environment asked for it. */
void jw_view_shaders_watch(jw_view *view);

/* ---- view_sky.c: light by the hour ------------------------------------------------------------------- */

/* Colours and strengths of the block; not its directions. */
void jw_view_sky_light(double hour, const double sun[3], scene_block *block);
/* Rain and fog (as in jw_frame) over that light, seen from so high above the ground; returns how far the sky
 * is overcast, 0 to 1. */
double jw_view_sky_weather(double rain_mm_per_h, double visibility_m, double eye_m, scene_block *block);

/* ---- view_shade.c ------------------------------------------------------------------------------------ */

/* The store of the texture that is bound; what lies in both is on its way after the second (view_upload.c).
 */
void jw_view_shade_store_ground(jw_view *view);
void jw_view_shade_store_shadows(jw_view *view);
/* Brings the shadows to within two degrees of the sun, a leap of hours within some pictures; is_now: waits
 * for them. */
jw_result jw_view_shade_follow(jw_view *view, const double sun[3], bool is_now, jw_error *error);

/* ---- view_shadow.c ----------------------------------------------------------------------------------- */

/* For the tier in use; does nothing when they are there. */
void jw_view_shadow_create(jw_view *view);
void jw_view_shadow_destroy(jw_view *view);
/* Where this picture's maps lie, into the block too; its eye and sun are known. */
void jw_view_shadow_fit(jw_view *view, const jw_view_scene *scene, double fov_rad, scene_block *block);
/* Draws them; the frame is prepared. Leaves the framebuffer, its viewport and what is in sight as they were.
 */
void jw_view_shadow_draw(jw_view *view, const jw_view_scene *scene);

/* ---- view_occlusion.c -------------------------------------------------------------------------------- */

void jw_view_occlusion_destroy(jw_view *view);
/* Darkens what is drawn so far; only into framebuffers of our own (depth 24, stencil 8). */
void jw_view_occlusion_draw(jw_view *view);

/* ---- view_props.c: shapes of small things ------------------------------------------------------------ */

jw_result jw_view_props_create(jw_view *view, jw_error *error);
void jw_view_props_destroy(jw_view *view);
void jw_view_props_draw(jw_view *view, prop_shape shape, bool is_pick);
/* The same of shapes that come and go: fade as in common.glsl. */
void jw_view_props_draw_fading(jw_view *view, prop_shape shape, const float fade[4]);
/* Binds the shapes' vertices to the array that is bound. */
void jw_view_props_bind(const jw_view *view);

/* ---- view_flat.c ------------------------------------------------------------------------------------- */

/* Sets view->flat, for this picture. */
void jw_view_flat_follow(jw_view *view, const jw_view_scene *scene);
bool jw_view_flat_is_still(const jw_view *view);
/* The height at which a building's point is drawn, as standing() of common.glsl. */
float jw_view_standing_m(const jw_view *view, float z_m);

/* ---- view_trees.c ------------------------------------------------------------------------------------ */

void jw_view_trees_create(jw_view *view);
void jw_view_trees_destroy(jw_view *view);
bool jw_view_shows_trees(const jw_view *view, const jw_view_scene *scene);
jw_result jw_view_trees_prepare(jw_view *view, const jw_view_scene *scene, jw_error *error);
void jw_view_trees_draw(jw_view *view);
/* Their shapes alone, for shadows. */
void jw_view_trees_cast(jw_view *view);

/* ---- view_traffic.c, view_assets.c: what the frame brings -------------------------------------------- */

void jw_view_traffic_create(jw_view *view);
void jw_view_traffic_destroy(jw_view *view);
jw_result jw_view_traffic_prepare(jw_view *view, const jw_view_scene *scene, jw_error *error);
void jw_view_traffic_draw(jw_view *view, bool is_pick);
void jw_view_traffic_colour_edges(jw_view *view, const jw_view_scene *scene);
void jw_view_traffic_signals(jw_view *view, const jw_view_scene *scene);
jw_result jw_view_assets_prepare(jw_view *view, const jw_view_scene *scene, jw_error *error);
void jw_view_assets_draw(jw_view *view, const jw_view_scene *scene, bool is_pick);
void jw_view_assets_draw_flows(jw_view *view, const jw_view_scene *scene, bool is_pick);
/* What shaders know of the overlay's legend. */
void jw_view_overlay_block(const jw_view_scene *scene, scene_block *block);
/* How bad a value is, or how much of an amount: 0 to 1. What widths and gauges show. */
double jw_view_overlay_weight(jw_view_overlay overlay, const jw_view_legend *legend, double value);
/* The raster of an overlay of places as a texture; then as a cloth on the city's ground. */
jw_result jw_view_raster_prepare(jw_view *view, const jw_view_scene *scene, jw_error *error);
void jw_view_raster_draw(jw_view *view);

/* Top of what stands there or of the mark over it: what its name is written over. */
float jw_view_asset_top(const jw_view *view, const jw_view_scene *scene, const jw_frame_asset *asset,
                        uint32_t row);

/* ---- view_closed.c: closed lanes ---------------------------------------------------------------------- */

void jw_view_closed_create(jw_view *view);
void jw_view_closed_destroy(jw_view *view);
jw_result jw_view_closed_prepare(jw_view *view, const jw_view_scene *scene, jw_error *error);
void jw_view_closed_draw(jw_view *view);

/* ---- view_earth.c: the country around the city -------------------------------------------------------- */

jw_result jw_view_earth_create(jw_view *view, jw_error *error);
void jw_view_earth_destroy(jw_view *view);
void jw_view_earth_draw(jw_view *view);
/* A stream of arcs; its items are instances of a ribbon, or each a point. */
void jw_view_arcs_create(stream_buffer *stream, bool is_ribbon);

/* ---- view_labels.c: names ------------------------------------------------------------------------------ */

void jw_view_labels_destroy(jw_view *view);
void jw_view_labels_destroy_letters(jw_view_kit *kit);
/* Settles which names are shown and where; nothing when that is known from the last picture. */
jw_result jw_view_labels_prepare(jw_view *view, const jw_view_scene *scene, int width_px, int height_px,
                                 jw_error *error);
void jw_view_labels_draw(jw_view *view);
/* What is shown in the last picture, fading or not: numbers that are a name's own from picture to picture,
 * ascending. */
uint32_t jw_view_labels_shown(const jw_view *view, uint64_t *out, uint32_t most);

/* ---- view_layers.c: the static city in sight --------------------------------------------------------- */

/* Chunks inside the view's planes, nearest to its eye first. */
void jw_view_find_seen(jw_view *view);
/* With one program what is wholly there, with the other what comes or goes at its distance. Returns how many
 * indices were drawn. */
uint32_t jw_view_draw_layer(jw_view *view, int layer, program_kind program, program_kind fading);
/* Moves the stretch of distances until the static city fits its share of the budget: from frame to frame in
 * small steps, so that what changes can fade; at once where it is far too much, and for a picture of its own,
 * which knows no frame before. */
void jw_view_fit_budget(jw_view *view);
/* Of the chunks that are too near to show buildings as boxes. */
uint32_t jw_view_count_houses(const jw_view *view);
/* Moves a distance or a share of the last draw towards what is wished, in steps so small that what changes
 * can fade; at once where it is far too large, and for a picture of its own. */
void jw_view_approach(jw_view *view, float *value, float wished);
/* Triangles of a draw that are left for what is not of the static city. */
uint32_t jw_view_triangles_left(const jw_view *view);
/* The uniform of what comes at one distance and goes at another; 0 and infinity are allowed. */
void jw_view_fade_between(const jw_view *view, float from_m, float to_m, float out[4]);

/* ---- view_draw.c ------------------------------------------------------------------------------------- */

/* The matrices of a camera inside a rectangle; x, y relative to the mesh's origin. */
void jw_view_draw_matrices(const jw_camera *camera, double origin_x_m, double origin_y_m, double aspect,
                           mat4 out, vec3 out_eye);
jw_result jw_view_draw_scene(jw_view *view, const jw_view_scene *scene, int width_px, int height_px,
                             const float part[4], jw_error *error);
/* crop: middle (x, y) in -1..1 and magnification of the part to draw. */
void jw_view_draw_ids(jw_view *view, const jw_view_scene *scene, int width_px, int height_px,
                      const float crop[4]);
/* box: min x, y, max x, y. */
bool jw_view_is_box_visible(const jw_view *view, const float box[4], float max_z);
bool jw_view_is_visible(const jw_view *view, float x, float y, float z, float radius_m);

#endif
