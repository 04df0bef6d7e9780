/* What the tab of tools keeps, apart from how it is drawn: measures and sections, notes, ways of the camera,
 * walking, the split view.
 *
 *   ui_tools.c      the tab, what the pointer's tools do, their keys
 *   ui_measure.c    lengths and areas          ui_section.c    what a line through the city cuts
 *   ui_profile.c    the section's chart        ui_notes.c      notes, and the file they lie in
 *   ui_path.c       ways of the camera         ui_walk.c       on foot
 *   ui_split.c      two parts of the window    ui_film.c       the page of pictures and films
 *   ui_still.h      pictures at any size       ui_video.h      films, ui_pipe.c  ffmpeg,
 *                                              ui_caption.c  what stands in them */
#ifndef JW_UI_TOOLS_H
#define JW_UI_TOOLS_H

#include "frame/frame.h"
#include "view/view.h"

struct jw_ui;

/* ---- measuring -------------------------------------------------------------------------------------------
 */

double ui_measure_length_m(const jw_vec2 *points, uint32_t count, bool is_closed);
/* Of the polygon through the points; where its sides cross, of all it encloses. */
jw_result ui_measure_area(const jw_vec2 *points, uint32_t count, double *out_m2, jw_error *error);
void ui_measure_say_length(double length_m, char *out, size_t out_size); /* "340 m", "1.24 km" */
void ui_measure_say_area(double area_m2, char *out, size_t out_size);    /* m², ha, km² */
/* Rows `piece,x_m,y_m,length_m,sum_m` of a distance, with a last line for an area; UTF-8 with its mark. */
jw_result ui_measure_write_csv(const jw_vec2 *points, uint32_t count, bool is_area, const char *path,
                               jw_error *error);

/* ---- section: what a straight line through the city cuts -------------------------------------------------
 */

typedef enum ui_section_kind {
    UI_SECTION_AREA,     /* index: city area */
    UI_SECTION_BUILDING, /* index: city building */
    UI_SECTION_STREET,   /* index: city edge; a street's two directions are one part */
    UI_SECTION_MAST,     /* index: in the frame's assets; from_m = to_m */
    UI_SECTION_SIGHT     /* index: number of its mast's part; the ground that it sees */
} ui_section_kind;

typedef struct ui_section_part {
    ui_section_kind kind;
    uint32_t index;
    double from_m, to_m;    /* along the line */
    double bottom_m, top_m; /* above ground */
    double beside_m;        /* of a mast: from the line */
    char name[JW_ASSET_NAME_SIZE];
} ui_section_part;

typedef struct ui_section {
    jw_vec2 from, to;
    double length_m;
    ui_section_part *parts; /* by kind, then along the line */
    uint32_t count, capacity;
} ui_section;

#define UI_SECTION_BESIDE_M 40.0 /* masts so near to the line belong to it */
#define UI_SECTION_EYE_M    1.5  /* above ground: who is to be seen by a mast */

/* Masts: cells and roadside units of the frame (NULL: none). Their sight is along the line, over roofs of
 * the buildings cut; a mast's own building never hides anything from it, as in the radio's model.
 * JW_ERROR_INPUT for a line of no length. */
jw_result ui_section_make(const jw_city *city, const jw_frame *frame, jw_vec2 from, jw_vec2 to,
                          ui_section *out, jw_error *error);
void ui_section_free(ui_section *section);
/* Where a line meets rings (even-odd, so holes are outside): pairs of arc lengths inside, ascending, cut to
 * 0..length. Returns the number of values written, at most `max`. */
uint32_t ui_section_cut(const jw_city *city, uint32_t first_ring, uint32_t ring_count, jw_vec2 from,
                        jw_vec2 to, double *out, uint32_t max);
/* The ground from s_m on (to the line's end) that is seen from `eye_m` above s_m, over bars (by from_m, with
 * their tops): pairs of arc lengths, ascending. Returns the number of values written, at most `max`. */
uint32_t ui_section_sight(const ui_section_part *bars, uint32_t bar_count, double s_m, double eye_m,
                          double length_m, double *out, uint32_t max);
/* Rows `kind,name,from_m,to_m,bottom_m,top_m,beside_m`. */
jw_result ui_section_write_csv(const struct jw_ui *ui, const ui_section *section, const char *path,
                               jw_error *error);

/* ---- notes: pinned on the map, kept beside no scene but in the user's own data ---------------------------
 */

#define UI_NOTES_MAX 500
#define UI_NOTE_SIZE 240 /* bytes of UTF-8, zero included */

typedef struct ui_note {
    double x_m, y_m;
    char text[UI_NOTE_SIZE];
} ui_note;

/* A way of the camera: views that it passes, smoothly and at even pace. */
#define UI_PATH_MAX 64
typedef struct ui_path {
    jw_camera views[UI_PATH_MAX];
    uint32_t count;
    double duration_s; /* of the whole way; 0: 4 s from view to view */
    bool is_loop;
} ui_path;

#define UI_BOOKMARK_MAX 9

/* What is kept of a scene: one text file, whose first line names its kind and version. */
typedef struct ui_notebook {
    ui_note *notes;
    uint32_t note_count, note_capacity;
    ui_path path;
    jw_camera bookmarks[UI_BOOKMARK_MAX]; /* distance_m 0: none */
} ui_notebook;

void ui_notebook_free(ui_notebook *book);
/* Adds; JW_ERROR_LIMIT beyond UI_NOTES_MAX. out_index may be NULL. */
jw_result ui_notebook_add(ui_notebook *book, double x_m, double y_m, const char *text, uint32_t *out_index,
                          jw_error *error);
void ui_notebook_remove(ui_notebook *book, uint32_t index);
/* Foreign bytes: another first line is an error, lines that make no sense one too (with their number);
 * nothing is taken then. A missing file is an empty book. */
jw_result ui_notebook_read(ui_notebook *book, const char *path, jw_error *error);
jw_result ui_notebook_write(const ui_notebook *book, const char *path, jw_error *error);
/* Where the notes of a scene lie: by its name and full path. False when there is no folder for them. */
bool ui_notebook_path(const char *scene_file, char *out, size_t out_size);

/* ---- ways of the camera ----------------------------------------------------------------------------------
 */

double ui_path_duration_s(const ui_path *path);
/* The camera at a share (0..1) of the way: centripetal Catmull-Rom through the views, at even pace (the
 * ground passes the eye at even speed on the screen: twice as high is twice as fast). False without a view.
 */
bool ui_path_at(const ui_path *path, double share, jw_camera *out);

/* ---- what the window keeps of all this -------------------------------------------------------------------
 */

typedef enum ui_tools_page {
    UI_TOOLS_MEASURE,
    UI_TOOLS_NOTES,
    UI_TOOLS_CAMERA,
    UI_TOOLS_FILM,
    UI_TOOLS_PAGE_COUNT
} ui_tools_page;

/* On foot: the eye above the ground. */
typedef struct ui_walk {
    bool is_on;
    double x_m, y_m, heading_rad, pitch_rad; /* pitch > 0: down, as of the camera */
    jw_camera before;                        /* comes back at the end */
} ui_walk;

/* One city in two parts of the window. The part that was touched last acts: jw_ui's camera and overlay are
 * its own, those of the other wait here. */
typedef struct ui_split {
    bool is_on, is_apart, is_dragged; /* apart: each part has a camera of its own */
    bool has_closed_drawer;
    uint32_t acting; /* part */
    double share;    /* of the room, left of the divider; 0: half */
    jw_camera idle_camera;
    jw_view_overlay idle_overlay;
} ui_split;

/* Notes as pictures show them. */
typedef struct ui_pins {
    jw_view_note notes[UI_NOTES_MAX];
    uint32_t count;
} ui_pins;

typedef struct ui_video ui_video; /* of ui_video.h */
typedef struct ui_still ui_still; /* of ui_still.h */

typedef struct ui_tools {
    ui_tools_page page;
    ui_section section;
    bool is_section_true;   /* heights to the scale of the line */
    double section_hover_m; /* along the line; NAN: the pointer is elsewhere */
    ui_notebook book;
    char book_path[640]; /* "": nowhere */
    uint32_t edited;     /* note whose text is being typed; JW_NONE: none */
    bool takes_focus, hides_notes;
    bool is_path_playing;
    double path_s; /* since its beginning */
    ui_walk walk;
    ui_split split;
    ui_video *video; /* NULL: none was made */
    ui_still *still; /* NULL: none is being made */
    int picture_width_px, film_height_px, film_rate;
    bool film_flies, film_is_endless, film_has_panels;
    double film_s, film_lapse; /* length; simulated seconds a second of film */
} ui_tools;

#endif
