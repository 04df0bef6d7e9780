/* Building by hand: what can be placed, moved, taken away or changed with the pointer, apart from how it is
 * drawn. Everything is done by commands of the world; what it refuses, it says why.
 *
 *   ui_build.c          the tab: the list, options, what it will cost
 *   ui_build_aim.c      what the pointer means: buildings, streets, junctions, nodes and fibre near it
 *   ui_build_command.c  the command that follows, and its cost
 *   ui_build_greens.c   single greens of a junction
 *   ui_build_ghost.c    what will be there, over the city before it is
 *   ui_undo.c           taking back */
#ifndef JW_UI_BUILD_H
#define JW_UI_BUILD_H

#include "kernel/kernel.h"
#include "twin/twin.h"
#include "view/view.h"

struct jw_ui;

typedef enum ui_build_what {
    UI_BUILD_CELL,
    UI_BUILD_ROADSIDE,
    UI_BUILD_FIBRE,
    UI_BUILD_SITE,
    UI_BUILD_CARDS,
    UI_BUILD_MODEL,
    UI_BUILD_CROWD,
    UI_BUILD_BUS_LINE,
    UI_BUILD_CLOSE,
    UI_BUILD_SIGNALS,
    UI_BUILD_INCIDENT,
    UI_BUILD_WORKS,
    UI_BUILD_MOVE,
    UI_BUILD_REMOVE,
    UI_BUILD_CUT,
    UI_BUILD_FAIL,
    UI_BUILD_COUNT
} ui_build_what;

/* What the scene's catalogue has, taken when the world was made. A price of 0: it names none. */
#define UI_CATALOGUE_MAX 64
typedef struct ui_catalogue {
    struct {
        char id[JW_CATALOG_ID_SIZE];
        double price_cny, idle_w, peak_w, lead_days;
    } cards[UI_CATALOGUE_MAX];
    struct {
        char id[JW_MODEL_ID_SIZE];
        uint32_t version;
    } models[UI_CATALOGUE_MAX];
    char requests[UI_CATALOGUE_MAX][24];
    uint32_t card_count, model_count, request_count;
    uint32_t usual_card; /* of the first edge site */
    bool has_budget;
    double site_cny, rollout_cny; /* where there is a budget: a site without its cards, a rollout to one */
} ui_catalogue;

void ui_catalogue_take(const jw_twin_def *def, const jw_world *world, ui_catalogue *out);

/* What the pointer means now. */
typedef struct ui_aim {
    bool is_there;  /* there is a point on the ground */
    bool fits;      /* something can be done here */
    jw_vec2 at;     /* where it will stand, drawn to a building or junction near it */
    jw_pick thing;  /* of the city or frame that it is about; kind NONE: the ground */
    uint32_t lane;  /* of a street: nearest to the pointer */
    double along_m; /* of a street: from its beginning */
    double height_m;
} ui_aim;

#define UI_BUILD_PICKS 24
typedef struct ui_build {
    ui_build_what what;
    jw_pick picks[UI_BUILD_PICKS]; /* chosen so far: streets of a line, a fibre's first end, what is moved */
    uint32_t pick_count;
    jw_watch watch;  /* of the thing aimed at; kind NONE: there is nothing to ask */
    bool is_pending; /* confirmed, and waits for the watch's answer */
    ui_aim pending;
    jw_vec2 last; /* where something was done last */
    char refusal[1280];
    jw_vec2 refusal_at;
    double refusal_s; /* wall clock: when; 0: nothing was refused */
    /* options */
    uint32_t band, card, capacity, model, tier, request, control;
    double card_count, headway_min, per_s, minutes, hours, wave, range_m, cycle_s;
    bool takes_lane;
    uint32_t green_phase1; /* phase whose slider is held, and 1; 0: none */
    double green_s;
} ui_build;
#define UI_CONTROL_WAVE  5 /* of `control`: two junctions, */
#define UI_CONTROL_GREEN 6 /* one junction whose greens the tab then shows */

void ui_build_open(struct jw_ui *ui);                      /* the tab */
void ui_build_begin(struct jw_ui *ui, ui_build_what what); /* takes the pointer */
/* Of the acting part of the window; without a pointer over the ground its middle is meant. */
/* Where the city's streets lie; the caller owns it. Made when the city is loaded. */
jw_result ui_build_index(const jw_city *city, jw_grid **out, jw_error *error);
ui_aim ui_build_aim(const struct jw_ui *ui);
/* What stands there already of the kind that is built, or waits to; NULL: nothing. */
const char *ui_build_neighbour(const struct jw_ui *ui, jw_vec2 at);
/* Why nothing can be done where the aim does not fit. */
void ui_build_say_unfit(const struct jw_ui *ui, const ui_aim *aim, char *out, size_t out_size);
/* From the pointer's tool. */
void ui_build_click(struct jw_ui *ui);
void ui_build_confirm(struct jw_ui *ui); /* Enter, a double click, the button */
void ui_build_back(struct jw_ui *ui);    /* the last of what was chosen */
void ui_build_answered(struct jw_ui *ui);
#define REFUSAL_DASH " — " /* between what was tried and why it was not done */
/* A world has refused a command; when it was one of the window's the event's cause is shown. */
void ui_build_refused(struct jw_ui *ui, uint32_t side, const jw_frame_event *event);
/* What waits to be given, a signal's order, is given up; nothing is asked any more. */
void ui_build_leave(struct jw_ui *ui);
void ui_build_map(struct jw_ui *ui); /* the ghost, between gui_begin and gui_end */

/* The command; false: it is not complete yet, or nothing fits. */
bool ui_build_command(struct jw_ui *ui, const ui_aim *aim, jw_command *out);
#define UI_COST_LINES 7
typedef struct ui_cost {
    char lines[UI_COST_LINES][640];
    uint32_t count;
} ui_cost;
/* What it is, reaches, draws and costs, in the chosen language. */
void ui_build_cost(const struct jw_ui *ui, const ui_aim *aim, ui_cost *out);

/* Of the parts of all this. */
#define UI_WATCH_BUILD 1000                   /* and the junction's number: an answer says which it is of */
const char *ui_build_key(ui_build_what what); /* "cell": of texts "build.cell" */
void ui_build_ask(struct jw_ui *ui, const ui_aim *aim);
const char *ui_build_mode(const struct jw_ui *ui); /* of the junction's signals; NULL: not answered yet */
/* The green that its slider was let go at, of a phase of the junction that was clicked. */
void ui_build_give_green(struct jw_ui *ui, uint32_t phase, double before_s);
void ui_build_greens_draw(struct jw_ui *ui);
bool ui_build_is_greens(const ui_build *build);
/* The junction's signals go by what is chosen for them, as far as it has answered. */
bool ui_build_is_ruled_so(const struct jw_ui *ui, const ui_aim *aim);
bool ui_build_is_ring(const ui_build *build);      /* the bus line ends on the street where it began */
bool ui_build_is_full(const ui_build *build);      /* no street more goes into the line */
const char *ui_build_tier(const struct jw_ui *ui); /* chosen for a model */
/* Where the fibre of a new mast or site will go: the nearest site. False: there is none. */
bool ui_build_anchor(const struct jw_ui *ui, jw_vec2 at, jw_vec2 *out);
jw_cell_def ui_build_cell(const struct jw_ui *ui, const ui_aim *aim); /* all fields set */

/* Buttons for the thing that is selected: to move it, to take it away. */
void ui_build_actions(struct jw_ui *ui, const jw_pick *pick);

/* ---- taking back -----------------------------------------------------------------------------------------
 */

#define UI_UNDO_MAX 64
typedef struct ui_deed {
    jw_command done, inverse;
    uint32_t side;    /* world that it was done in */
    int64_t since_ns; /* its time when one of the two was posted last: a refusal of it is not told earlier */
} ui_deed;
/* The command that takes another one back; false: nothing does. */
bool ui_inverse_of(const struct jw_ui *ui, const jw_command *command, jw_command *out);
/* Posts, and keeps it with what takes it back. */
void ui_do_with(struct jw_ui *ui, const jw_command *command, const jw_command *inverse);
/* A refusal as the world told it: what was posted is no deed any more. False: the window posted no such
 * thing, it is a scenario's command or one that a world which went back has met again. */
bool ui_forget_refused(struct jw_ui *ui, uint32_t side, const jw_frame_event *event);
void ui_say_deed(const struct jw_ui *ui, const jw_command *command, char *out, size_t out_size);

#endif
