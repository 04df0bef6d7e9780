/* The renderer: a city, a frame and a camera become a picture. It sees jw_city, jw_frame, geo and base, never
 * the world. OpenGL 3.3 core; the only folder (beside ui's Dear ImGui) that calls GL.
 *
 * How it is used:
 *   window   jw_view_window_create            SDL2 window and GL context, hidden ones for tests and pictures
 *   mesh     jw_view_mesh_build               CPU work, any thread, a second or so for a city
 *   view     jw_view_create(mesh)             upload, on the GL thread; one view serves any number of
 * rectangles each frame jw_view_draw(view, scene)      into the framebuffer bound at the call, inside
 * scene->rect
 *
 * All functions on jw_view and jw_view_window belong to the thread whose GL context is current; jw_view_mesh
 * and jw_camera functions are free of GL. World coordinates are the city's (metres, x east, y north); pixels
 * have their origin at the top left. Colours are 0xRRGGBB in sRGB. */
#ifndef JW_VIEW_H
#define JW_VIEW_H

#include "city/city.h"
#include "frame/frame.h"

/* ---- window ----------------------------------------------------------------------------------------------
 */

typedef struct jw_view_window jw_view_window;

/* Opens a window with a GL 3.3 core context and makes it current. Works on real displays, under Xvfb and with
 * SDL_VIDEODRIVER=offscreen. Errors say what is missing (display, GL 3.3, a function) and what to do. */
jw_result jw_view_window_create(int width_px, int height_px, const char *title, bool is_hidden,
                                jw_view_window **out, jw_error *error);
void jw_view_window_destroy(jw_view_window *window); /* NULL is allowed */
/* Size of the framebuffer in pixels (on high-density screens larger than the window). */
void jw_view_window_size(const jw_view_window *window, int *out_width_px, int *out_height_px);
/* Shows the picture and waits until the one before it is drawn: never more than one is under way. */
void jw_view_window_swap(jw_view_window *window);
/* The picture of the city is kept, so that an interface can be drawn over it anew without it: what is drawn
 * from begin to end goes there, and end shows it in the window. show shows it once more; false where there is
 * none of the window's size. */
void jw_view_window_begin_city(jw_view_window *window);
void jw_view_window_end_city(jw_view_window *window);
bool jw_view_window_show_city(jw_view_window *window);
/* The graphics card was reset, or the context is gone: nothing drawn is seen any more. Then make everything
 * of it anew after jw_view_window_renew, which gives the window a new context. */
bool jw_view_window_is_lost(const jw_view_window *window);
jw_result jw_view_window_renew(jw_view_window *window, jw_error *error);
void jw_view_window_lose(jw_view_window *window); /* for tests: as if the card had been reset */
/* SDL_Window * and SDL_GLContext for the ui's event loop. */
void *jw_view_window_sdl(jw_view_window *window);
void *jw_view_window_context(jw_view_window *window);
/* "llvmpipe (LLVM 15.0.6, 256 bits)": the name of what draws. */
const char *jw_view_window_renderer(const jw_view_window *window);

/* ---- camera: a plain value, copied freely ------------------------------------------------------------ */

typedef struct jw_view_rect { /* pixels in the framebuffer, origin top left */
    int x_px, y_px, width_px, height_px;
} jw_view_rect;

/* Looks at a target on the ground from `distance_m` away. heading 0: looking east, pi/2: north; pitch 0:
 * level, pi/2: straight down. Kept inside its limits by every function below. */
typedef struct jw_camera {
    double x_m, y_m, z_m; /* target */
    double heading_rad;
    double pitch_rad;
    double distance_m;
    double fov_rad; /* vertical; 0 means 0.6 */
} jw_camera;

/* Everything of the box in sight, seen from the south-south-east at a model maker's angle. */
jw_camera jw_camera_fit(jw_box bounds, double aspect);
/* The buildings inside `bounds` (streets where there are hardly any) from the usual side, or where that would
 * show mostly water from the one that shows most of them and least of it: a town on a shore has the sea
 * behind it. Up to 0.1 s. */
jw_camera jw_camera_fit_city(const jw_city *city, jw_box bounds, double aspect);
/* The same for all roads of a city, which seldom fill their box. */
jw_camera jw_camera_fit_roads(const jw_city *city, double aspect);
/* Where the city is: the box of the middle 94 % of its floor area and streets in each direction, so that a
 * road that leaves the map does not make the city small. For jw_camera_fit. */
jw_box jw_view_core_bounds(const jw_city *city);
/* The same when it is no larger than two `side_m`; else the square of about that side with most floors in it:
 * where to begin on the map of a whole country. */
jw_box jw_view_dense_bounds(const jw_city *city, double side_m);
/* Drags: turning by angles, moving so that the ground point under the pointer follows it, zooming by a factor
 * (< 1 nearer) towards the ground point under the pointer. */
void jw_camera_orbit(jw_camera *camera, double heading_rad, double pitch_rad);
void jw_camera_pan(jw_camera *camera, jw_view_rect rect, double from_x_px, double from_y_px, double to_x_px,
                   double to_y_px);
void jw_camera_zoom(jw_camera *camera, jw_view_rect rect, double x_px, double y_px, double factor);
/* Part `t` (0..1, eased inside) of the flight between two cameras, rising on the way when they are far apart.
 */
jw_camera jw_camera_between(const jw_camera *from, const jw_camera *to, double t);
/* Ground point (z = 0) under a pixel; false when the ray misses the ground. */
bool jw_camera_ground(const jw_camera *camera, jw_view_rect rect, double x_px, double y_px, jw_vec2 *out);
/* Pixel of a world point; false when it is behind the camera. out_depth_m (may be NULL): distance. */
bool jw_camera_project(const jw_camera *camera, jw_view_rect rect, jw_vec3 point, double *out_x_px,
                       double *out_y_px, double *out_depth_m);

/* ---- mesh: the static city as triangles, built without GL -------------------------------------------- */

typedef struct jw_view_mesh jw_view_mesh;

typedef struct jw_view_mesh_def { /* zero means default */
    uint32_t light_size_px;       /* longest side of the baked light map: 4096 */
    int threads;                  /* 1 */
    /* Of the first picture, as in jw_view_scene: shadows are baked for it, and the view need not bake them
     * again before it draws. 0: a lamp stands where a model maker would put it. */
    double hour;
    double day_of_year; /* 0: mid-April */
} jw_view_mesh_def;

/* Buildings with baked sun and sky light, streets with markings, areas, trees. The city is retained. Safe on
 * any thread; about 1 s for 40 km2. */
jw_result jw_view_mesh_build(jw_city *city, const jw_view_mesh_def *def, jw_progress progress,
                             void *progress_context, jw_view_mesh **out, jw_error *error);
void jw_view_mesh_destroy(jw_view_mesh *mesh); /* NULL is allowed */

/* ---- view -------------------------------------------------------------------------------------------------
 */

typedef struct jw_view jw_view;

typedef enum jw_view_tier {
    JW_VIEW_AUTO,     /* chosen by the meter below over up to two seconds at once */
    JW_VIEW_SOFTWARE, /* no GPU: at most 60,000 triangles a frame, no multisampling */
    JW_VIEW_LAPTOP,
    JW_VIEW_GPU,
} jw_view_tier;

typedef enum jw_view_overlay {
    JW_OVERLAY_NONE,
    /* traffic: streets */
    JW_OVERLAY_SPEED, /* against the limit */
    JW_OVERLAY_FLOW,
    JW_OVERLAY_DELAY,
    JW_OVERLAY_QUEUE,
    JW_OVERLAY_SERVICE, /* level of service of the approach at the street's end */
    JW_OVERLAY_EMISSION,
    /* radio: ground by the frame's raster, or cells */
    JW_OVERLAY_SINR,
    JW_OVERLAY_CELL_LOAD,
    JW_OVERLAY_THROUGHPUT, /* of cells */
    JW_OVERLAY_RATE,       /* of one more user, by place */
    /* network */
    JW_OVERLAY_LINK_LOAD,
    JW_OVERLAY_LATENCY, /* by place */
    /* compute: sites */
    JW_OVERLAY_SITE_LOAD,
    JW_OVERLAY_SITE_QUEUE,
    JW_OVERLAY_LATENESS,
    JW_OVERLAY_POWER,
    JW_OVERLAY_CARBON,
    /* AI: the models that sites serve */
    JW_OVERLAY_VERSION, /* how far behind the newest */
    JW_OVERLAY_QUALITY,
    JW_OVERLAY_APPROVAL,
    /* economy: production lines; the cards of sites */
    JW_OVERLAY_OEE,
    JW_OVERLAY_EXPOSURE, /* work that hangs on AI */
    JW_OVERLAY_IMPORTS,  /* computing power that hangs on imported cards */
    JW_OVERLAY_PRODUCTIVITY,
    JW_OVERLAY_COUNT
} jw_view_overlay;

typedef enum jw_view_palette {
    JW_PALETTE_STANDARD, /* RdYlBu for what is well or not, YlGnBu for amounts (ColorBrewer) */
    JW_PALETTE_CIVIDIS,
    JW_PALETTE_GREYS, /* for print and for who sees no hues */
    JW_PALETTE_COUNT
} jw_view_palette;

typedef enum jw_pick_kind {
    JW_PICK_NONE,
    JW_PICK_BUILDING, /* index: city building */
    JW_PICK_EDGE,     /* index: city edge */
    JW_PICK_JUNCTION, /* index: city junction */
    JW_PICK_VEHICLE,  /* index: handle's index1, and generation */
    JW_PICK_ASSET,    /* index: in frame->assets, and name */
    JW_PICK_LINK,     /* index: in frame->links, and name */
    JW_PICK_PARK,     /* name: an industrial park; on no map, so never under the pointer */
} jw_pick_kind;

typedef struct jw_pick {
    jw_pick_kind kind;
    uint32_t index;
    uint32_t generation;
    char name[JW_ASSET_NAME_SIZE];
} jw_pick;

typedef struct jw_view_note { /* a text pinned to a place */
    double x_m, y_m;
    char text[96];
} jw_view_note;

/* One picture to draw. Zero-initialise; `rect` and `camera` must be set. */
typedef struct jw_view_scene {
    /* Older and newer; either or both may be NULL (b alone: no motion). Vehicles of a frame at the same
     * address and of the same step are taken to be the same from draw to draw. */
    const jw_frame *frame_a, *frame_b;
    double blend; /* 0: frame a, 1: frame b */
    jw_camera camera;
    jw_view_rect rect;
    int framebuffer_height_px; /* of the bound framebuffer; 0: rect.y_px + rect.height_px */
    double hour;               /* of day, for the light; 0 means from the frame's time (noon without a frame);
                                  24 is midnight. The sun stands as on the frame's date (mid-April when it has none) at
                                  the city's place */
    double animation_s;        /* a clock of the screen, moves flows and blinking lights */
    jw_view_overlay overlay;
    jw_view_palette palette;
    bool hides_vehicles, hides_trees, hides_sites, hides_cells, hides_fibre, hides_coverage;
    bool hides_labels;    /* no names */
    jw_language language; /* of names, where the map has them in it */
    float label_scale;    /* of letters: pixels for one at 100 %; 0 means 1 */
    jw_view_rect
        label_room; /* names stay inside it, clear of panels; in pixels as rect; no width: all of rect */
    const jw_view_note *notes; /* written before all names */
    uint32_t note_count;
    jw_pick selection;   /* highlighted; by handle or name, so that it survives new frames */
    bool reduces_motion; /* nothing fades from one shape into another, and nothing moves or blinks on its own
                            (animation_s counts as 0) */
} jw_view_scene;

/* What all cities are drawn with: compiled programs, and the letters of names. Lives as long as the GL
 * context; views of it are made one after the other, and two may be there at a time. */
typedef struct jw_view_kit jw_view_kit;
/* At once; what is in it is made when a view first wants it. */
jw_result jw_view_kit_create(jw_view_kit **out, jw_error *error);
void jw_view_kit_destroy(jw_view_kit *kit); /* after its views; NULL is allowed */

/* A view in portions, each about portion_ms long, so that a window answers in between: begins one (takes over
 * the mesh, also on failure), makes some of it until it is done, and then may draw its first picture, which
 * costs much more than the next ones, some passes at a time. tier AUTO measures at once, in one portion. A
 * rehearsal draws into nothing that is bound, but for pictures of jw_view_window_begin_city: drivers compile
 * programs for the kind of target. After an error there is only jw_view_destroy. */
jw_result jw_view_begin(jw_view_kit *kit, jw_view_mesh *mesh, jw_view_tier tier, jw_view **out,
                        jw_error *error);
jw_result jw_view_continue(jw_view *view, double portion_ms, bool *out_is_done, jw_error *error);
jw_result jw_view_rehearse(jw_view *view, const jw_view_scene *scene, double portion_ms, bool *out_is_done,
                           jw_error *error);

/* All of it at once, with a kit of its own. Takes over the mesh (also on failure). Shaders come from
 * jw_data_folder()/assets/shaders: a missing or broken one is an error with its name and the compiler's
 * words. Chunks of a layer are drawn by one glMultiDrawElements; with JINGWEI_INDIRECT in the environment,
 * where the context has ARB_multi_draw_indirect, by commands in a buffer: the same pixels, and little gained
 * (docs/performance.md), so that it is off. */
jw_result jw_view_create(jw_view_mesh *mesh, jw_view_tier tier, jw_view **out, jw_error *error);
void jw_view_destroy(jw_view *view); /* NULL is allowed */
/* The same, but leaves the mesh: freeing a large one, on any thread, takes a while. */
jw_view_mesh *jw_view_destroy_but_mesh(jw_view *view);
void jw_view_set_tier(jw_view *view, jw_view_tier tier); /* AUTO: measures again */
jw_view_tier jw_view_get_tier(const jw_view *view);

/* A font with Chinese: the file that JINGWEI_FONT names, else the first of those that Debian and Ubuntu
 * bring. NULL: there is none. */
const char *jw_view_find_font(int *out_face);

/* The font of the names in the picture, until the view is destroyed; there are no names without one, nor when
 * this fails (the file is missing, no font with outlines, or lacks the face). NULL: no names again. Letters
 * are drawn from distance fields, made when they are first shown: at most 1,764 at a time, 4 MiB. The kit
 * keeps those of its first font for the next view. */
jw_result jw_view_set_font(jw_view *view, const char *path, int face, jw_error *error);

/* Measures while the city is shown: begins with the software tier and goes up as long as pictures stay short.
 * The window draws with `tier`, tells of every picture until is_done, and keeps the answer by the renderer's
 * name. A plain value. */
enum { JW_VIEW_METER_PICTURES = 64 };
typedef struct jw_view_meter {
    jw_view_tier tier;
    bool is_done;
    double begin_s, stage_s;
    uint32_t count;
    float picture_ms[JW_VIEW_METER_PICTURES];
} jw_view_meter;
/* now_s: of any clock that only goes on. */
void jw_view_meter_begin(jw_view_meter *meter, double now_s);
/* A picture of `tier` was finished (glFinish) at now_s and took so long. True when `tier` is another now.
 * Done after two seconds at the latest, sooner where the first pictures are slow enough. */
bool jw_view_meter_take(jw_view_meter *meter, double now_s, double picture_ms);

/* Draws into the bound framebuffer; leaves it bound, the viewport at the rectangle, other GL state at GL's
 * defaults. No allocation unless the frame outgrew every frame before (JW_ERROR_MEMORY). */
jw_result jw_view_draw(jw_view *view, const jw_view_scene *scene, jw_error *error);

/* Compiles the shaders again when one of their files has other words than at the last call (the first call
 * only notes them); out_is_new tells. When one is broken the ones in use stay and the error names it. With
 * JINGWEI_WATCH_SHADERS in the environment jw_view_draw does it once a second and logs. */
jw_result jw_view_reload_shaders(jw_view *view, bool *out_is_new, jw_error *error);

/* What is under a pixel (5 x 5 around it: small things win over large ones). Call with the scene last drawn.
 */
jw_pick jw_view_pick(jw_view *view, const jw_view_scene *scene, int x_px, int y_px);

/* Draws the scene at width x height into an image file of its own, smoothed by supersampling. */
jw_result jw_view_save_png(jw_view *view, const jw_view_scene *scene, int width_px, int height_px,
                           const char *path, jw_error *error);
/* The same as bytes: 3 a pixel, top row first, `out` holds width * height * 3. */
jw_result jw_view_read_pixels(jw_view *view, const jw_view_scene *scene, int width_px, int height_px,
                              uint8_t *out, jw_error *error);

/* A part of a picture of whole_width x whole_height pixels: so a picture may be larger than what the graphics
 * driver draws at once. The part is at most 16,384 pixels a side. */
jw_result jw_view_read_part(jw_view *view, const jw_view_scene *scene, int whole_width_px,
                            int whole_height_px, jw_view_rect part, uint8_t *out, jw_error *error);

/* True when another draw of the scene last drawn would look the same: its distances of detail have settled,
 * and no shadows wait to be shown. What flows or blinks does so by the scene's animation_s. The ui redraws a
 * paused window only when it changed something or this is false. */
bool jw_view_is_still(const jw_view *view);

/* False while a name of the last picture fades in or out or waits for its letters: a fifth of a second, in
 * which jw_view_is_still is false too. NULL: no view, no names. */
bool jw_view_names_are_settled(const jw_view *view);

enum { JW_VIEW_PASSES = 16 };
/* "buildings", "ground", ...: what a picture is drawn in, in this order. "" beyond the last. */
const char *jw_view_pass_name(uint32_t pass);

typedef struct jw_view_counters { /* of the last jw_view_draw */
    uint32_t triangles, draw_calls;
    uint32_t vehicles_drawn, trees_drawn, buildings_drawn, names_drawn;
    double cpu_ms;                  /* processor time of the thread inside jw_view_draw */
    double prepare_ms;              /* of it: culling, and filling and sending what moves */
    double pass_ms[JW_VIEW_PASSES]; /* of it: handing over each pass; without a GPU part of its drawing too */
} jw_view_counters;
jw_view_counters jw_view_get_counters(const jw_view *view);

/* What the current GL context holds, the interface's things too. Asks the driver about every name, some
 * milliseconds: for tests and measurements. */
typedef struct jw_view_census {
    uint32_t objects; /* of every kind; of them: */
    uint32_t buffers, textures;
    uint64_t buffer_bytes, texture_bytes; /* as they were asked for; what the driver adds is its own */
    bool has_texture_bytes;               /* false: this driver (below GL 4.5) tells those of targets only */
} jw_view_census;
jw_view_census jw_view_take_census(void);

/* ---- overlays and their legends --------------------------------------------------------------------------
 */

typedef enum jw_overlay_kind {
    JW_OVERLAY_OF_NOTHING,
    JW_OVERLAY_OF_EDGES,
    JW_OVERLAY_OF_ASSETS,
    JW_OVERLAY_OF_LINKS,
    JW_OVERLAY_OF_PLACES /* the frame's raster */
} jw_overlay_kind;

typedef enum jw_overlay_group {
    JW_GROUP_TRAFFIC,
    JW_GROUP_RADIO,
    JW_GROUP_NETWORK,
    JW_GROUP_COMPUTE,
    JW_GROUP_AI,
    JW_GROUP_ECONOMY,
    JW_GROUP_COUNT
} jw_overlay_group;

/* How a quantity is to be read. */
typedef enum jw_overlay_sense {
    JW_SENSE_AMOUNT,    /* neither well nor not */
    JW_SENSE_HIGH_GOOD, /* blue is high */
    JW_SENSE_LOW_GOOD   /* blue is low */
} jw_overlay_sense;

#define JW_LEGEND_STOPS 6
/* All that is known of an overlay but its colours; one table in view_overlay.c. Beside the colour each has a
 * cue that is none: streets and links get wider and streets are hatched with badness (or amount), assets
 * carry a gauge of four slabs, places have isolines at the stops; some stops have letters. */
typedef struct jw_overlay_info {
    const char *id; /* "speed": of the command line, of the shade, and behind "overlay." of the catalogues */
    jw_overlay_group group;
    jw_overlay_kind kind;
    uint32_t assets;     /* bits 1 << jw_asset_kind that can have a value */
    jw_watch_kind watch; /* what to ask the world for; NONE: every frame has it */
    const char *title;   /* behind "legend." of the catalogues: "speed / limit" */
    const char *unit;    /* "%", "ms" */
    jw_overlay_sense sense;
    double stops[JW_LEGEND_STOPS];      /* ascending */
    uint32_t stop_count;                /* 0: no legend (JW_OVERLAY_NONE) */
    const char *names[JW_LEGEND_STOPS]; /* not NULL: values are steps, and these are they; "A", or behind
                                           "step." of the catalogues */
} jw_overlay_info;
const jw_overlay_info *jw_view_overlay_info(jw_view_overlay overlay);
/* JW_OVERLAY_COUNT: there is none of that id. */
jw_view_overlay jw_view_overlay_of(const char *id);

/* The value of a row of the frame's edges, assets or links under an overlay of these; false: it has none
 * (nothing of that kind, nothing measured, no answer yet). */
bool jw_view_overlay_value(jw_view_overlay overlay, const jw_city *city, const jw_frame *frame, uint32_t row,
                           double *out);
/* The map by place of an overlay of places, whole and in bounds; NULL: the frame has none. */
const jw_frame_raster *jw_view_overlay_raster(jw_view_overlay overlay, const jw_frame *frame);
/* The value of the ground at a place under an overlay of places. */
bool jw_view_overlay_value_at(jw_view_overlay overlay, const jw_frame *frame, double x_m, double y_m,
                              double *out);

typedef struct jw_view_legend_stop {
    double value;
    uint32_t colour;
} jw_view_legend_stop;

typedef struct jw_view_legend {
    const char *title; /* of the overlay, as the unit */
    const char *unit;
    jw_view_legend_stop stops[JW_LEGEND_STOPS]; /* ascending values; colours between are mixed linearly */
    uint32_t stop_count;                        /* 0: no legend (JW_OVERLAY_NONE) */
} jw_view_legend;
/* In the standard palette blue is well, red is not, in every overlay that judges. */
jw_view_legend jw_view_get_legend(jw_view_overlay overlay, jw_view_palette palette);
uint32_t jw_view_legend_colour(const jw_view_legend *legend, double value);
/* Where a value lies between the stops: 0 the first, 1 the last, the others evenly between. */
double jw_view_legend_part(const jw_view_legend *legend, double value);
/* "standard", "cividis", "greys". */
const char *jw_view_palette_name(jw_view_palette palette);
/* Colours of the three data flows (JW_TRAFFIC_CONTROL ...), for legends. */
uint32_t jw_view_flow_colour(uint32_t traffic_kind);

#endif
