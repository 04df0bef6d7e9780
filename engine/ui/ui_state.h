/* The inside of the window: what it knows (here), apart from how it draws it (one file a panel). Belongs to
 * the GL thread; the loader has a thread of its own and hands over finished things (ui_load.c).
 *
 *   ui.c            events, the loop, the layout of one picture
 *   ui_state.c      opening, closing, the city and its worlds, the selection
 *   ui_frames.c     frames as they come, watches         ui_play.c      clock, speed, going back, forks
 *   ui_history.c    what all metrics were since the run began
 *   ui_words.c      texts, numbers, events               ui_names.c     names of things
 *   ui_load.c       from a file to a world and its mesh, on a thread
 *   ui_adopt.c      what it made comes into the window; what goes is freed on a thread
 *   ui_camera.c     mouse and keys move the camera
 *   ui_text.c       message catalogues      ui_settings.c  what is remembered
 *   ui_widgets.c    buttons, sliders, rows
 *   ui_font.c       fonts and their scale   ui_picture.c   the window as PNG
 *   ui_export.c     charts as CSV, pictures     ui_bench.c      the speed of drawing
 *   ui_time.c ui_rail.c ui_drawer.c ui_inspector.c ui_params.c ui_scenario.c ui_assumptions.c ui_fork.c
 *   ui_plot.c ui_start.c ui_dialog.c ui_find.c ui_present.c              panels
 *   ui_example.c    one example of what goes wrong, hop by hop
 *   ui_labels.c     names in the city           ui_hover.c     what is under the pointer
 *   ui_map.h        drawing over the city       ui_tool.c      what a click means while a tool is on
 *   ui_build.h      building by hand            ui_tools.h     the tab of tools, and its files
 *   ui_quality.c    how much is drawn
 *   ui_stops.c      where the world pauses by itself
 *   ui_undo.c       taking back             ui_keys.c      all keys, and the list of them
 *   ui_settings_panel.c  the settings
 *   ui_focus.h      the walk over the controls by keyboard
 *   ui_lines.h      texts in lines */
#ifndef JW_UI_STATE_H
#define JW_UI_STATE_H

#include "record/record.h"
#include "script/script.h"
#include "ui/ui.h"
#include "ui/ui_build.h"
#include "ui/ui_imgui.h"
#include "ui/ui_settings.h"
#include "ui/ui_text.h"
#include "ui/ui_tools.h"
#include "ui/ui_widgets.h"
#include "view/view.h"

#include <pthread.h>

/* ---- loading ---------------------------------------------------------------------------------------------
 */

/* What is to be opened. Texts are owned by value: paths come from dropped files too. */
typedef struct ui_wish {
    char file[512];
    char scenario[512]; /* "": none */
    char set[64][96];   /* "id=value" */
    uint32_t set_count;
    uint64_t seed;
    int threads;
    double light_hour;              /* of the picture; 0: the world's */
    uint64_t snapshot_budget_bytes; /* of each world, for going back; 0: the session's own */
} ui_wish;

typedef struct ui_load ui_load;

/* What a finished load hands over; the taker owns all of it. */
typedef struct ui_loaded {
    jw_result result;
    jw_error error;
    jw_scene *scene; /* also when the build failed and the parameters can be mended */
    jw_city *city;
    jw_grid *streets;    /* boxes of its edges */
    jw_session *session; /* paused; of ui_load_fork: the second world's */
    jw_view_mesh *mesh;  /* NULL: the city is the one that is shown already */
    jw_problems problems;
    jw_scenario_text texts;
    bool has_texts;
    ui_catalogue catalogue;
    uint64_t seed;    /* in force */
    int64_t start_ns; /* since when the world counts */
    bool is_part;     /* of ui_load_fork: `session` alone, or of ui_load_mesh: `mesh` alone */
} ui_loaded;

/* Starts; takes over `scene` (may be NULL: it is opened from the wish's file). `shown`: the city that has a
 * view, whose mesh need not be made again; may be NULL. */
jw_result ui_load_start(const ui_wish *wish, jw_scene *scene, const jw_city *shown, ui_load **out,
                        jw_error *error);
/* The model of a city alone, when the one on the card was lost. */
jw_result ui_load_mesh(jw_city *city, const jw_view_mesh_def *mesh, ui_load **out, jw_error *error);
/* A second world from a session's present instant; the session is used until it has finished. */
jw_result ui_load_fork(jw_session *session, ui_load **out, jw_error *error);
/* How far, 0..1, and with what (copied). True when finished. */
bool ui_load_progress(ui_load *load, double *fraction, char *what, size_t what_size);
void ui_load_cancel(ui_load *load);
/* What a finished load has made, still its own; JW_ERROR_CANCELLED also when that came afterwards. */
ui_loaded *ui_load_made(ui_load *load);
/* Waits for the thread, hands over what it made and frees the load. */
void ui_load_finish(ui_load *load, ui_loaded *out);
void ui_loaded_free(ui_loaded *loaded);

/* ---- plots -----------------------------------------------------------------------------------------------
 */

#define UI_PLOT_MAX    3
#define UI_PLOT_POINTS 1024
#define UI_SIDE_MAX    2

typedef struct ui_axis { /* ascending; thinned to every second instant when full */
    int64_t time_ns[UI_PLOT_POINTS];
    uint32_t count;
    int64_t gap_ns; /* least between two */
} ui_axis;

typedef struct ui_series {
    ui_axis axis;
    float value[UI_PLOT_POINTS];
} ui_series;

/* All metrics of a world since its run began, on one axis: 8 kB, and 4 kB for each metric (149 of them:
 * 0.6 MB a world), taken at once when the first frame comes and not more until the world is closed. */
typedef struct ui_history {
    ui_axis axis;
    float
        *values; /* owned; a row of UI_PLOT_POINTS for each of the frame's metrics, NAN: nothing to measure */
    uint32_t metric_count;
} ui_history;

typedef struct ui_plot {
    jw_watch watch;  /* kind NONE: a metric of the city */
    char label[40];  /* of the detail, or the metric's name */
    char title[128]; /* shown: what is plotted, of what */
    char unit[12];
    ui_series series[UI_SIDE_MAX];
} ui_plot;

/* Adds, or removes the one that is there. The oldest goes when there are too many. A metric's chart knows the
 * whole run, that of a watched thing what comes from now on. */
struct jw_ui;
void ui_plot_toggle(struct jw_ui *ui, const jw_watch *watch, const char *label, const char *title,
                    const char *unit);
bool ui_plot_is_on(const struct jw_ui *ui, const jw_watch *watch, const char *label);
/* Where the values of one more instant go, and in `rows` of UI_PLOT_POINTS each what is thinned with it;
 * forgets what lies after it (the world went back). JW_NONE: it is too near to the last. */
uint32_t ui_axis_add(ui_axis *axis, int64_t time_ns, float *rows, uint32_t row_count);
void ui_series_add(ui_series *series, int64_t time_ns, double value); /* one more point, likewise */
/* A frame that came. */
void ui_history_add(ui_history *history, const jw_frame *frame);
/* What a metric was, by its place in the world's frames. */
void ui_history_read(const ui_history *history, uint32_t metric, ui_series *out);
void ui_history_copy(const ui_history *from, ui_history *to);
void ui_history_free(ui_history *history);
/* A metric's chart as its world's history knows it; nothing for a watched thing's. */
void ui_plot_read_history(const struct jw_ui *ui, ui_plot *plot, uint32_t side);

/* ---- worlds ----------------------------------------------------------------------------------------------
 */

typedef struct ui_side {
    jw_session *session;
    jw_frame older, newer; /* own copies: the session's frame lives only until the next is taken */
    jw_frame first;        /* time and metrics alone, when it came: of a fork where the two worlds part */
    bool has_older, has_newer;
    double newer_since_s, interval_s; /* wall clock: when the newer one came, how long between the two */
    int64_t latest_ns;                /* furthest this world has come */
    jw_session_status status;
    /* What the overlays of the parts asked for: now and then, shown until the next answer (see
     * ui_take_frames). */
    jw_frame kept;           /* its rasters and shades alone */
    bool has_kept, is_fresh; /* there is one; it came since the last question */
    bool is_held;            /* waits for the other side to come up */
    bool is_untaken;         /* its session's first frame was seen, but not taken */
    /* The newest frame's events, and behind them those of later instants that were seen already: a world that
     * went back will meet them again unless something else is done. */
    jw_frame_event *events;
    uint32_t event_count, event_capacity;
    uint32_t told_count; /* of them up to the newest frame */
    double told_s;       /* wall clock: when the last of these came */
    uint32_t stop_count; /* that this world has met and the window has told */
    ui_history history;
} ui_side;

typedef enum ui_tab {
    UI_TAB_INSPECTOR,
    UI_TAB_BUILD,
    UI_TAB_TOOLS,
    UI_TAB_PARAMS,
    UI_TAB_SCENARIO,
    UI_TAB_ASSUMPTIONS,
    UI_TAB_COUNT
} ui_tab;

typedef enum ui_light { UI_LIGHT_DAY, UI_LIGHT_NIGHT, UI_LIGHT_CLOCK, UI_LIGHT_COUNT } ui_light;

/* Steps of presenting. */
typedef enum ui_present { UI_PRESENT_QUESTION, UI_PRESENT_WATCH, UI_PRESENT_ANSWER } ui_present;

/* What a click on the ground means. */
typedef enum ui_tool_kind {
    UI_TOOL_NONE, /* chooses what is there */
    UI_TOOL_DISTANCE,
    UI_TOOL_AREA,
    UI_TOOL_SECTION,
    UI_TOOL_NOTE,
    UI_TOOL_PATH,
    UI_TOOL_PLACE,
    UI_TOOL_COUNT
} ui_tool_kind;

#define UI_TOOL_POINTS 64
typedef struct ui_tool {
    ui_tool_kind kind;
    uint32_t side; /* part of the window of the last click or move */
    jw_vec2 points[UI_TOOL_POINTS];
    uint32_t count;
    jw_vec2 hover; /* ground under the pointer, while has_hover */
    bool has_hover, is_finished;
} ui_tool;

/* Where the world shall pause by itself. */
#define UI_STOP_MAX 16
typedef struct ui_stops {
    jw_break items[UI_STOP_MAX];
    bool is_on[UI_STOP_MAX];
    uint32_t count, last_id;
    int64_t until_ns; /* runs until then; 0: not */
    /* fields of the next one */
    int kind, event_kind, is_below; /* jw_break_kind; 0: any, else jw_event_kind + 1; 1: below */
    int source;                     /* of the plots, -1: the metric */
    char text[64], metric[48], value[24], hold[16], until[24];
    const char *problem; /* key of the text that tells it, while is_wrong */
    bool is_wrong, is_until_wrong;
} ui_stops;

#define UI_FIND_MAX   1024 /* listed; a search that finds more is to be told more */
#define UI_FIND_WATCH 4    /* number of the watch that lists what is on no map */
typedef struct ui_find {
    bool is_open, takes_focus;
    char text[64];
    jw_pick hits[UI_FIND_MAX];   /* kind NONE: a place of the map, `index` its name */
    jw_vec2 places[UI_FIND_MAX]; /* where that is */
    uint32_t count;
    uint32_t first_shown, shown_count; /* rows in view, in the picture drawn last */
    uint32_t park_count;               /* that were known when it was searched */
} ui_find;

/* The first of these where it is whole in view. */
typedef enum ui_legend {
    UI_LEGEND_NOWHERE,
    UI_LEGEND_RAIL,
    UI_LEGEND_MAP,
    UI_LEGEND_DRAWER /* its scale alone */
} ui_legend;

/* How the camera keeps to the chosen vehicle. */
typedef enum ui_follow {
    UI_FOLLOW_NOT,
    UI_FOLLOW_ABOVE,
    UI_FOLLOW_BEHIND,
    UI_FOLLOW_SEAT, /* the driver's eyes */
    UI_FOLLOW_COUNT
} ui_follow;

typedef struct ui_hover {
    int x_px, y_px; /* of the window */
    double since_s; /* wall clock: rests there since; 0: not over the city */
    double told_s;  /* when the texts were made; 0: not yet */
    char title[128], value[128];
} ui_hover;

/* An example as it was told (JW_WATCH_EXAMPLE), kept until another is asked for. */
typedef struct ui_example {
    bool is_open, is_asked; /* shown instead of values; not answered yet */
    jw_watch watch;
    uint32_t side;
    jw_frame_hop *hops;
    uint32_t hop_count, hop_capacity;
    jw_frame_detail *details; /* what stands above the hops */
    uint32_t detail_count, detail_capacity;
    uint32_t chosen; /* hop; JW_NONE */
} ui_example;

/* The picture of the city under the interface, and what it is of (ui_city.c). */
typedef struct ui_kept {
    const jw_view *view;
    jw_view_tier tier;
    struct {
        jw_view_scene scene; /* its frames may be gone: these are their versions */
        uint64_t version_a, version_b;
    } parts[UI_SIDE_MAX];
    uint32_t part_count;
    bool is_dark, is_newest; /* the picture before this one drew it */
} ui_kept;

typedef struct jw_ui {
    jw_view_window *window;
    int width_px, height_px; /* of the framebuffer */
    float pixel_ratio;       /* framebuffer pixels to a window pixel */
    ui_text text;
    jw_phrases phrases; /* errors and problems, which come in English */
    ui_settings settings;
    char settings_path[512]; /* "": nowhere to keep them */
    bool has_chinese_font, has_gui;
    float scale;
    uint32_t *font_ranges, title_range_count;

    /* what is open */
    ui_wish wish;
    jw_scene *scene;
    jw_city *city;
    jw_grid *streets; /* boxes of its edges */
    jw_view *view;
    jw_view *old_view; /* until the next turn: freeing it takes as long as a picture */
    jw_view_kit *kit;  /* of the GL context */
    struct {           /* of a finished load (ui_adopt.c) */
        jw_view *view;
        jw_camera camera;
        bool is_made;
    } coming;
    ui_kept kept;
    struct ui_parting *partings;
    jw_view_tier tier; /* asked for */
    jw_view_meter meter;
    bool is_measuring, is_hidden;
    jw_scenario_text scenario_texts;
    bool has_scenario_texts, is_revealed;
    uint64_t seed;    /* in force: the wish's, or the scene's */
    int64_t start_ns; /* since when the worlds count, however far back one can go */
    jw_problems problems;
    ui_load *load;
    ui_side sides[UI_SIDE_MAX];
    uint32_t side_count, side; /* `side`: the one that inspector and parameters speak of */

    /* playing */
    bool is_playing;
    ui_deed deeds[UI_UNDO_MAX]; /* by hand, with what takes them back; behind done_count what was undone */
    uint32_t done_count, undone_count;
    ui_deed asked;             /* the last command that nothing takes back; no verb: none */
    bool stops_at_event;       /* runs as fast as can be until something happens */
    uint32_t waiting_commands; /* posted while the clock stands */
    double speed;              /* simulated seconds a second; UI_UNBOUNDED: as fast as can be */
    double play_s;             /* wall seconds played: moves flows; stands while paused */
    double last_draw_s;
    bool is_scrubbing;
    int64_t scrub_ns;

    /* looking */
    jw_camera camera, flight_from, flight_to;
    jw_camera before_seat; /* when the camera took the seat of the vehicle it follows */
    double flight_begin_s; /* 0: no flight */
    ui_follow follow;
    ui_hover hover;
    int drag_button; /* 0: none, else SDL's number */
    bool is_drag_orbit, was_dragged;
    double drag_x_px, drag_y_px;
    uint32_t drag_side;
    uint32_t keys_down; /* bits of ui_camera.c */
    jw_view_overlay overlay;
    jw_overlay_group overlay_group; /* whose quantities the rail lists */
    bool hides_vehicles, hides_trees, hides_sites, hides_cells, hides_fibre, hides_coverage;
    ui_tool tool;
    ui_stops stops;
    ui_build build;
    ui_catalogue catalogue;
    ui_tools tools;
    jw_pick selection;
    ui_example example;
    char title[128], place[128]; /* of the selection: "Huaihai Road", "street section 12" */
    bool watches_changed, asks_overlay;
    double answered_s;      /* when all sides last answered the overlay's question */
    uint64_t frame_version; /* of the frame taken last */

    /* panels */
    gui_rect room;       /* of the picture drawn last; see ui_room_of */
    bool was_presenting; /* in it */
    bool is_bare;        /* nothing but the city, until F5 */
    bool has_help;       /* the list of keys is open */
    bool has_settings;
    bool is_presenting, is_drawer_closed;
    ui_legend legend; /* where the picture drawn last has the overlay's */
    ui_present present;
    double page_share; /* of presenting's large type that lets each page so far be whole */
    bool is_page_cut;  /* the one drawn last is not */
    ui_find find;
    bool wants_picture;     /* of the window, once the next one is drawn */
    int64_t chart_hover_ns; /* instant under the pointer in any chart; INT64_MIN: none */
    char notice[1400];      /* what was just done */
    double notice_s;        /* wall clock: when */
    bool wants_fonts;       /* the scale was changed: made anew before the next picture */
    ui_tab tab;
    ui_plot *plots; /* UI_PLOT_MAX */
    uint32_t plot_count;
    jw_error dialog; /* code JW_OK: none */
    char start_path[512];
    char (*scene_files)[512]; /* of the start screen */
    jw_label *scene_titles;
    uint32_t scene_count, scene_capacity;
    char (*script_files)[512];
    jw_label *script_titles;
    uint32_t script_count, script_capacity;
    double leave_s;         /* wall clock: when leaving the city was asked for first */
    bool needs_restart;     /* a start parameter was changed */
    char dragged_param[64]; /* a live one whose slider is held; "": none */
    double dragged_from;

    double awake_s;         /* wall clock: when the loop last had waited for events */
    bool has_input;         /* since the last picture */
    uint32_t redraws;       /* pictures still to draw though nothing moves */
    uint32_t picture_count; /* drawn so far */
    bool is_quitting;
    bool keeps_notes; /* in the user's folder: not for pictures, which are the same for everyone */
} jw_ui;

/* The city into the window, kept from the last picture where that will do. */
jw_result ui_city_draw(jw_ui *ui, jw_error *error);

/* The window and everything that does not depend on a city. On failure nothing is left. */
jw_result ui_open(const jw_ui_def *def, bool is_hidden, jw_ui **out, jw_error *error);
void ui_close(jw_ui *ui);

/* Begins to load; the city shown stays until the new one is there. */
void ui_open_file(jw_ui *ui, const char *file);
void ui_reload(jw_ui *ui);  /* the same files, read anew, with the parameters as they are set */
void ui_restart(jw_ui *ui); /* the same scene with the parameters and scenario as they are set */
/* Takes over a finished load; shows its error. What a city needs on the graphics card is made in portions:
 * while ui->load is there, another call is to follow soon. */
void ui_adopt(jw_ui *ui);
void ui_drop_load(jw_ui *ui); /* nothing is loaded any more */
/* Ends a world and frees a model, on a thread of its own; each may be NULL. */
void ui_part_with(jw_ui *ui, jw_session *session, jw_view_mesh *mesh);
void ui_part_view(jw_ui *ui); /* with the one that was replaced */
void ui_part_wait(jw_ui *ui); /* until all are freed */
void ui_close_city(jw_ui *ui);
void ui_leave_city(jw_ui *ui); /* by hand: asks once more, for the world is lost */
/* Worlds go; the city's view may stay for the next world on it. */
void ui_close_worlds(jw_ui *ui);
/* What tools hold points into the city that goes. */
void ui_leave_tools(jw_ui *ui);
/* Makes all anew that the lost context had; the worlds go on meanwhile. */
jw_result ui_renew(jw_ui *ui, jw_error *error);

/* Takes new frames and feeds plots. True when something new is to be seen. */
bool ui_take_frames(jw_ui *ui);
/* What a world that went back had met later will not come again: something else was done. */
void ui_forget_future(jw_ui *ui);
/* Asks all worlds anew for what the overlay shows. */
void ui_want_answer(jw_ui *ui);
bool ui_is_answered(const jw_ui *ui); /* they have, for the instant that is shown; or it asks nothing */

#define UI_SCALE_MIN 0.75
#define UI_SCALE_MAX 4.0
#define UI_SPEED_MIN 0.1
#define UI_SPEED_MAX 1000.0
#define UI_UNBOUNDED 3000.0 /* the slider's end */
void ui_play(jw_ui *ui, bool is_playing);
void ui_set_speed(jw_ui *ui, double speed); /* beyond UI_SPEED_MAX: as fast as can be */
bool ui_is_unbounded(const jw_ui *ui);      /* goes as fast as can be, once it plays */
double ui_session_speed(const jw_ui *ui);   /* as jw_session_play takes it */
void ui_change_speed(jw_ui *ui, int direction);
void ui_step(jw_ui *ui);
void ui_seek(jw_ui *ui, int64_t time_ns);
bool ui_end_seek(jw_ui *ui); /* where the worlds have come to; false: none was under way */
void ui_fork(jw_ui *ui);     /* begins it; ui_adopt_fork when it has come */
void ui_adopt_fork(jw_ui *ui, jw_session *fork);
void ui_close_fork(jw_ui *ui, uint32_t kept); /* the other side goes */
void ui_close_side(jw_ui *ui, ui_side *side);
void ui_select(jw_ui *ui, uint32_t side, const jw_pick *pick);
void ui_set_overlay(jw_ui *ui, jw_view_overlay overlay);
/* The group's first quantity; its next one where it is shown already. */
void ui_step_overlay(jw_ui *ui, jw_overlay_group group);
/* Of the scene; a live one goes to the chosen world once it is final, another waits for a restart. */
void ui_set_param(jw_ui *ui, const jw_param *param, double value, bool is_final);
void ui_do(jw_ui *ui, const jw_command *command); /* posts, and can be undone where there is an opposite */
void ui_undo(jw_ui *ui);
void ui_redo(jw_ui *ui);
void ui_forget_done(jw_ui *ui);
/* Tells the worlds of all stops that are on. */
void ui_stops_send(const jw_ui *ui);
bool ui_stops_add(jw_ui *ui, const jw_break *stop); /* gives it its id; false: there are too many */
void ui_stops_remove(jw_ui *ui, uint32_t index);
void ui_stops_say(const jw_ui *ui, const jw_break *stop, char *out, size_t size);
void ui_stops_met(jw_ui *ui, uint32_t id); /* a world has paused at it */
/* "08:10", "08:10:30", "+5min", "+90s", "+2h"; false: none of these. */
bool ui_stops_read_time(const char *text, int64_t now_ns, int64_t *out_ns);
void ui_stops_draw(jw_ui *ui);
bool ui_run_until(jw_ui *ui, int64_t time_ns); /* false: that is not to come */
/* A value as jw_scene_set takes it. */
void ui_param_text(const jw_param *param, double value, char *out, size_t out_size);
/* As fast as can be until the next event that is no line of the scenario; there it pauses. */
void ui_run_to_event(jw_ui *ui);
bool ui_end_run_to_event(jw_ui *ui); /* pauses where it has come to; false: none was under way */
bool ui_post(jw_ui *ui, const jw_command *command); /* to the chosen side; false: a dialog says why not */
/* Of the light that is chosen, as in jw_view_scene; 0: by the world's clock. */
double ui_light_hour(const jw_ui *ui);
/* The watch that answers a selection; kind NONE when there is none. */
jw_watch ui_watch_of(const jw_pick *pick);
void ui_fail(jw_ui *ui, const jw_error *error);
void ui_save_settings(jw_ui *ui);
bool ui_set_language(jw_ui *ui, const char *language);
/* The tier for a new view; AUTO: it measures at once. */
jw_view_tier ui_quality_tier(const jw_ui *ui);
/* The same for a view that is shown from now on: begins to measure where it is not known. */
jw_view_tier ui_quality_begin(jw_ui *ui);
/* A view was made that measured by itself: its answer holds for the next ones. */
void ui_quality_keep(jw_ui *ui, const jw_view *view);
void ui_quality_set(jw_ui *ui, jw_view_tier tier); /* by hand, remembered; AUTO: measures again */
void ui_quality_tick(jw_ui *ui, double begin_s);   /* a picture begun then was drawn; before the swap */

/* Text of a key in the chosen language; the key itself when it is missing. */
const char *ui_say(const jw_ui *ui, const char *key);
/* Text of `prefix` + name, or the name with blanks for underscores (into `out`) when the catalogue lacks it.
 */
const char *ui_say_name(const jw_ui *ui, const char *prefix, const char *name, char *out, size_t out_size);
/* What an id of a catalogue or a choice stands for ("ascend-310p": "Ascend 310P"); itself where the catalogue
 * of texts lacks it. */
const char *ui_say_id(const jw_ui *ui, const char *id);
const char *ui_say_unit(const jw_ui *ui, const char *unit); /* as it is where the catalogue lacks it */
const char *ui_say_label(const jw_ui *ui, const jw_label *label);
#define UI_EVENT_SIZE 1280 /* holds any event in any language */
void ui_say_event(const jw_ui *ui, const jw_frame_event *event, char *out, size_t out_size);
/* Two paths of one file. */
bool ui_is_same_file(const char *a, const char *b);
/* The title of a scene or scenario that ships with Jingwei, else the file's name without folder and ending.
 */
void ui_say_file(const jw_ui *ui, const char *file, char *out, size_t out_size);
/* False while nothing was counted yet that the metric is a mean of: 0 would be a claim. */
bool ui_is_measured(const jw_frame *frame, const char *metric);
/* What a metric is the mean of each of, which gives its sum ("traffic.arrived"); NULL: no such mean. */
const char *ui_count_of(const char *metric);
/* "{}" in the text of a key stands for `what`. */
void ui_say_with(const jw_ui *ui, const char *key, const char *what, char *out, size_t out_size);
/* A text of the map (its offset) in the chosen language, where the map has it. */
const char *ui_say_map(const jw_ui *ui, uint32_t text);
/* What a thing is called, and where or which it is. */
void ui_name_thing(const jw_ui *ui, const jw_frame *frame, const jw_pick *pick, char *title,
                   size_t title_size, char *place, size_t place_size);
void ui_format_number(double value, const char *unit, char *out, size_t out_size);
void ui_format_time(int64_t time_ns, char *out, size_t out_size);

/* The instant shown of a side between its two frames: share of the way, and simulated time. */
double ui_blend(const jw_ui *ui, const ui_side *side);
int64_t ui_shown_time_ns(const jw_ui *ui, const ui_side *side);

/* ---- parts of the window: one; or two, of a city and itself or of a world and its fork ---- */

uint32_t ui_part_count(const jw_ui *ui);
uint32_t ui_part_side(const jw_ui *ui, uint32_t part); /* whose world it shows */
uint32_t ui_part_at(const jw_ui *ui, double x_px);     /* in pixels of the framebuffer */
jw_view_rect ui_side_rect(const jw_ui *ui, uint32_t part);
jw_view_scene ui_scene_of(const jw_ui *ui, uint32_t part);
jw_camera ui_part_camera(const jw_ui *ui, uint32_t part);
jw_view_overlay ui_part_overlay(const jw_ui *ui, uint32_t part);
void ui_split_set(jw_ui *ui, bool is_on);
void ui_split_toggle(jw_ui *ui); /* by its key; in a narrow window the drawer closes for as long */
void ui_split_set_apart(jw_ui *ui, bool is_apart);
void ui_split_touch(jw_ui *ui, uint32_t part); /* it acts from now on */
void ui_split_move(jw_ui *ui, double by);      /* the divider, by a share of the room */
void ui_split_draw(jw_ui *ui);
void ui_centre_camera(jw_ui *ui, int direction); /* 1: when parts become two, -1: and back */

/* ---- one picture -----------------------------------------------------------------------------------------
 */

/* Draws the whole window into the framebuffer; does not swap. */
jw_result ui_draw(jw_ui *ui, jw_error *error);
bool ui_is_moving(const jw_ui *ui);
/* Once round the loop: waits for events or for the next picture's time, takes frames, draws when due. */
jw_result ui_turn(jw_ui *ui, jw_error *error);
jw_result ui_save_picture(const jw_ui *ui, const char *path, jw_error *error);
bool ui_make_fonts(jw_ui *ui);
/* The characters of the interface's letters: pairs of first and last code point, ended by 0; titles have the
 * first so many numbers of them alone. Owned by the caller; NULL without memory. */
uint32_t *ui_font_ranges(uint32_t *out_title_count);

/* The next free path for an export; without a folder a dialog says so and it is false. Then the end: a notice
 * says where the file lies, an error becomes a dialog. */
bool ui_export_begin(jw_ui *ui, const char *what, const char *ending, char *out, size_t out_size);
void ui_export_end(jw_ui *ui, jw_result result, const char *path, const jw_error *error);
/* What a part shows, for a picture without panels: the middle of the room between these is its middle. */
jw_view_scene ui_export_scene(const jw_ui *ui, uint32_t part, const ui_pins *pins);
void ui_notes_take_pins(const jw_ui *ui, ui_pins *out);
void ui_export_measure(jw_ui *ui); /* as CSV: the measure or section that is on */
/* The next free path with this ending where exports of its kind lie, named by the scene and by `what` it
 * holds
 * ("": nothing more; "traffic.arrived": scene-traffic-arrived-1.csv); false when no folder can be had. */
bool ui_export_path(const jw_ui *ui, const char *what, const char *ending, char *out, size_t out_size);
/* What made an export, for people: scene, scenario, seed, changed parameters, and what was done and happened
 * in each world. `what`: what the export holds; "": its name says it. */
jw_result ui_export_write_origin(const jw_ui *ui, const char *what, const char *path, jw_error *error);
/* Rows `world,time_s,time,value`, UTF-8 with its mark; the value's column is named by the metric's key or the
 * thing, its unit, and the time it is over. */
jw_result ui_plot_write_csv(const jw_ui *ui, const ui_plot *plot, const char *path, jw_error *error);
/* Into files of their own; a notice says where, an error becomes a dialog. */
void ui_export_plot(jw_ui *ui, const ui_plot *plot);
/* What happened in each world, oldest first, as the window says it. */
jw_result ui_events_write_csv(const jw_ui *ui, const char *path, jw_error *error);
void ui_export_events(jw_ui *ui);
void ui_export_window(jw_ui *ui);            /* the picture just drawn */
void ui_export_city(jw_ui *ui);              /* the city alone, as wide as the tools' page says */
void ui_notice(jw_ui *ui, const char *text); /* shown for a while in the time bar */

/* Camera: true when the event was for it. */
union SDL_Event;
bool ui_camera_event(jw_ui *ui, const union SDL_Event *event);
bool ui_split_event(jw_ui *ui, const union SDL_Event *event); /* of the divider */
void ui_camera_tick(jw_ui *ui, double now_s, double passed_s);
void ui_camera_home(jw_ui *ui, bool is_at_once);
/* Where a city is entered. */
jw_camera ui_camera_first(const jw_ui *ui, const jw_city *city);
/* What filled one part of the window fills another. */
void ui_camera_reframe(jw_ui *ui, gui_rect from, gui_rect to);
void ui_camera_fly(jw_ui *ui, const jw_camera *to);
void ui_camera_follow(jw_ui *ui); /* above, behind, seat, not: the next of these */
void ui_camera_top(jw_ui *ui);    /* straight down, north up; and back to a model maker's angle */
/* Keeps the camera under a number, or flies to the one that is kept. */
void ui_camera_bookmark(jw_ui *ui, uint32_t number, bool is_kept);
/* Selects a thing and flies there. */
void ui_go_to(jw_ui *ui, const jw_pick *pick);
/* Where a thing is; false when it is there no more. */
bool ui_place_of(const jw_ui *ui, const jw_frame *frame, const jw_pick *pick, double *x_m, double *y_m);

/* Begins a tool, or NONE: ends it; its points are forgotten. */
void ui_tool_set(jw_ui *ui, ui_tool_kind kind);
void ui_tool_hover(jw_ui *ui, uint32_t side, const jw_vec2 *ground); /* NULL: not over the ground */
bool ui_tool_click(jw_ui *ui, uint32_t side, jw_vec2 ground);        /* false: no tool is on */
void ui_tool_take_back(jw_ui *ui);                                   /* the last point */
void ui_tool_finish(jw_ui *ui);
void ui_tool_double_click(jw_ui *ui); /* its first click gave the point */

/* Of the tools that ui_tools.h names. A click: false when the point is to be kept by ui_tool. */
bool ui_tools_click(jw_ui *ui, jw_vec2 ground);
void ui_tools_leave(jw_ui *ui);
void ui_tools_put_point(jw_ui *ui); /* at the middle of the acting part */
bool ui_tools_key(jw_ui *ui, int code, uint16_t modifiers);
void ui_tools_map(jw_ui *ui);
void ui_notes_open(jw_ui *ui);                 /* those of the city just opened */
void ui_notes_close(jw_ui *ui);                /* keeps what is being typed */
void ui_notes_keep(jw_ui *ui);                 /* on disk */
void ui_notes_edit(jw_ui *ui, uint32_t index); /* JW_NONE: no more */
void ui_notes_pin(jw_ui *ui, jw_vec2 ground);
bool ui_notes_click(jw_ui *ui, uint32_t part, double x_px, double y_px); /* true: a pin was there */
void ui_notes_draw(jw_ui *ui);
void ui_film_draw(jw_ui *ui);
void ui_film_toggle(jw_ui *ui); /* begins a film, or ends it */
void ui_path_add(jw_ui *ui, const jw_camera *view);
void ui_path_play(jw_ui *ui, bool is_playing);
void ui_path_tick(jw_ui *ui, double passed_s);
void ui_path_draw(jw_ui *ui);
void ui_walk_set(jw_ui *ui, bool is_on);
void ui_walk_look(jw_ui *ui, double turn_rad, double down_rad);
void ui_walk_go(jw_ui *ui, double ahead, double right, bool is_running, double passed_s);
gui_rect ui_profile_rect(const jw_ui *ui);
void ui_profile_draw(jw_ui *ui);
struct ui_map;
void ui_notes_map(jw_ui *ui, const struct ui_map *map);
void ui_path_map(jw_ui *ui, const struct ui_map *map);
void ui_profile_map(const jw_ui *ui, const struct ui_map *map);

/* Where panels lie, for one size of window. */
typedef struct ui_layout {
    gui_rect window, time_bar, rail, drawer, charts;
    bool is_narrow;     /* rail and drawer do not fit side by side: the drawer hides the rail */
    bool is_bar_narrow; /* the time bar has a row more */
} ui_layout;
ui_layout ui_layout_of(const jw_ui *ui);
/* The part of the window that the panels leave to the city. */
gui_rect ui_room_of(const jw_ui *ui);

void ui_time_draw(jw_ui *ui, gui_rect rect);
/* How many vehicles are on the road, of two worlds with their letters. */
void ui_say_driving(const jw_ui *ui, char *out, size_t out_size);
void ui_rail_draw(jw_ui *ui, gui_rect rect);
void ui_drawer_draw(jw_ui *ui, gui_rect rect);
void ui_inspector_draw(jw_ui *ui);
void ui_build_draw(jw_ui *ui);
void ui_tools_draw(jw_ui *ui);
void ui_params_draw(jw_ui *ui);
void ui_scenario_draw(jw_ui *ui);
void ui_assumptions_draw(jw_ui *ui);
/* Of two worlds' values: whole numbers differ by any, others where the digits shown do. */
bool ui_fork_differs(double a, double b);
typedef enum ui_window { UI_WINDOW_NOW, UI_WINDOW_FORK, UI_WINDOW_START, UI_WINDOW_COUNT } ui_window;
/* Over what time the table compares a metric, and its value over that; NAN: nothing was counted then. `first`
 * is where the worlds parted. Counts are differences, means of trips and passengers those of the sums; other
 * means and percentiles remain since the start. */
ui_window ui_fork_value(const jw_frame *first, const jw_frame *frame, const jw_frame_metric *metric,
                        double *out);
void ui_fork_draw(jw_ui *ui);          /* the table of both worlds, in the inspector's tab */
void ui_sides_draw(jw_ui *ui);         /* names and frames over the two views */
void ui_letters_draw(const jw_ui *ui); /* levels of service on the streets */
void ui_labels_begin(jw_view *view);   /* a view has come: names in the city need a font */
void ui_labels_of_scene(const jw_ui *ui, uint32_t side, jw_view_scene *scene);
void ui_plots_draw(jw_ui *ui, gui_rect rect);
void ui_legend_draw(const jw_ui *ui, bool is_short); /* short: the quantity and its scale alone */
void ui_map_legend_draw(jw_ui *ui);                  /* beside the panels, while the rail's is not in view */
/* Why the overlay shows nothing at all: the key of a sentence; NULL where it shows something. */
const char *ui_why_empty(const jw_ui *ui);
/* "Late replies: 12 %": a value of an overlay. */
void ui_say_overlay_value(const jw_ui *ui, jw_view_overlay overlay, double value, char *out, size_t out_size);
void ui_say_speed(const jw_ui *ui, char *out, size_t out_size); /* that is asked for */
void ui_present_draw(jw_ui *ui);
void ui_present_set(jw_ui *ui, bool is_presenting);
void ui_present_step(jw_ui *ui, int direction); /* -1, 1 */
/* A line of an answer; can_plot false: it is no value of the selection. */
void ui_inspector_detail(jw_ui *ui, const jw_frame_detail *detail, bool can_plot);
jw_pick ui_pick_of(const jw_watch *watch); /* the thing that a watch asks about */
void ui_say_thing(const jw_ui *ui, const jw_watch *thing, char *out, size_t out_size);
void ui_say_span(int64_t span_ns, char *out, size_t out_size); /* "12.5 ms" */
/* Asks the chosen side for an example of a thing, NONE: of the whole city; the inspector shows it. */
void ui_example_ask(jw_ui *ui, const jw_pick *pick, jw_example_kind kind);
void ui_example_take(jw_ui *ui, uint32_t side); /* from a frame that came */
void ui_example_close(jw_ui *ui);
void ui_example_free(jw_ui *ui);
/* Where the overlay is worst now; false: it shows nothing. */
bool ui_example_worst(const jw_ui *ui, jw_pick *out);
void ui_example_go_worst(jw_ui *ui);
void ui_example_list(jw_ui *ui);       /* in the inspector */
void ui_example_draw(const jw_ui *ui); /* over the city */
void ui_find_draw(jw_ui *ui);
void ui_hover_move(jw_ui *ui, int x, int y); /* the pointer, in window pixels */
bool ui_hover_tick(jw_ui *ui);               /* true: there is something new to say */
void ui_hover_draw(const jw_ui *ui);
/* Where a thing stands in the frame's rows of what the overlay colours; JW_NONE: it is none of them. */
uint32_t ui_overlay_row(jw_overlay_kind kind, const jw_frame *frame, const jw_pick *pick);
void ui_find_open(jw_ui *ui, bool is_open);
void ui_find_search(jw_ui *ui); /* find.text, into find.hits */
void ui_find_go(jw_ui *ui, uint32_t hit);
void ui_start_draw(jw_ui *ui);
void ui_start_list(jw_ui *ui); /* looks for scenes and scenarios */
void ui_loading_draw(jw_ui *ui);
void ui_dialog_draw(jw_ui *ui);
/* In the middle of the window, at most so large. */
gui_rect ui_dialog_rect(gui_rect window, float width, float height);
bool ui_has_dialog(const jw_ui *ui); /* something over the panels asks for attention */
/* Does what a key stands for (SDL's code and modifiers); false: it stands for nothing now. */
bool ui_keys_take(jw_ui *ui, int32_t code, uint16_t modifiers, bool is_repeated);
void ui_keys_draw(jw_ui *ui); /* the list of keys */
void ui_settings_draw(jw_ui *ui);
void ui_language_draw(jw_ui *ui);
int ui_threads_of(const ui_settings *settings); /* of the simulation */
void ui_apply_limits(jw_ui *ui);

#endif
