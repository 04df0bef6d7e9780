/* Dear ImGui behind C: just what the window uses, in the house's look; what is made of it stands in
 * ui_widgets.h. Lengths are in framebuffer pixels
 * unless a name says `units`; one unit is a pixel at 100 % (gui_px). All calls belong to the GL thread,
 * between gui_begin and gui_end where they draw. One window a process: Dear ImGui has one context. */
#ifndef JW_UI_IMGUI_H
#define JW_UI_IMGUI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gui_rect {
    float x, y, width, height;
} gui_rect;

typedef enum gui_font { GUI_SMALL, GUI_BODY, GUI_TITLE, GUI_FONT_COUNT } gui_font;

/* Roles; the theme knows their colours by day and by night. */
typedef enum gui_colour {
    GUI_TEXT,
    GUI_MUTED,
    GUI_ACCENT,
    GUI_SECOND, /* the other world of a pair */
    GUI_WARNING,
    GUI_LINE,
    GUI_PANEL,
    GUI_HOVER,
    GUI_SHADE, /* over the city, behind a dialog */
    GUI_ON_ACCENT,
    GUI_COLOUR_COUNT
} gui_colour;

/* ---- life ---- */

/* False when Dear ImGui cannot draw here (its shaders do not compile). */
bool gui_open(void *sdl_window, void *gl_context);
void gui_close(void);
/* Makes the fonts at a scale (1 = 100 %). `ranges`: pairs of first and last code point, ended by 0; kept by
 * the caller as long as the fonts; titles have the first `title_count` of them alone: large characters fill
 * textures fast. `path` NULL: the built-in one. False: the file is no font; the built-in
 * one is used then. */
bool gui_set_fonts(const char *path, int face, const uint32_t *ranges, uint32_t title_count, float scale);
void gui_set_theme(bool is_dark);
bool gui_is_dark(void);
/* False when the event is none of Dear ImGui's. */
bool gui_event(const void *sdl_event);
/* The mouse at a place of the window belongs to a panel. Told by where the panels lie, not by Dear ImGui's
 * hovering, which is a picture old: on a slow machine a whole click fits between two pictures. */
bool gui_wants_mouse(float x, float y);
bool gui_wants_text(void); /* a text field has the keyboard, or is about to */
/* A field that takes the keyboard is about to be drawn: what is typed from now on is for it. */
void gui_expect_text(void);
/* For tests: the mouse is there from the next picture on, its left button down or not. */
void gui_pretend_mouse(float x, float y, bool is_down);
void gui_begin(void);
void gui_end(void); /* draws into the bound framebuffer */
/* All panels and what is in them stood where they stood in the picture before: else another one is due, for
 * heights are known a picture late. */
bool gui_is_settled(void);

/* ---- keyboard ---- */

/* Each control can have the keyboard; it is walked to and then pressed, without a mouse (ui_focus.h). */
typedef enum gui_key {
    GUI_KEY_NEXT, /* control, in the order of drawing */
    GUI_KEY_BEFORE,
    GUI_KEY_NEXT_PANEL, /* its first control; behind the last panel nobody has the keyboard */
    GUI_KEY_PANEL_BEFORE,
    GUI_KEY_PRESS,
    GUI_KEY_LESS, /* of a slider, of equal parts side by side */
    GUI_KEY_MORE,
    GUI_KEY_LEAVE /* an open list closes, else nobody has the keyboard */
} gui_key;
void gui_press_key(gui_key key); /* acts in the next picture */
bool gui_has_keys(void);         /* a control has them: arrows and Enter are its own */
bool gui_keys_wait(void);        /* keys are left for pictures to come */
bool gui_has_list(void);         /* one that opened over its panel is shown */
void gui_leave_text(void);       /* the text field gives the keyboard back */

/* ---- tests: texts that are cut ---- */

/* From now on texts wider or higher than the room they are drawn in are noted, each picture anew. */
void gui_watch_cut_texts(bool is_watched);
uint32_t gui_cut_text_count(void);
const char *gui_cut_text_at(uint32_t index);

float gui_px(float units);
uint32_t gui_colour_of(gui_colour colour); /* 0xAABBGGRR; fainter where things are disabled */
uint32_t gui_fade(gui_colour colour, float alpha);
uint32_t gui_rgb(uint32_t rgb, float alpha);

/* ---- panels: rectangles that stay where they are put ---- */

/* A negative height: as high as its content, at most -height. */
void gui_panel_begin(const char *id, gui_rect rect);
void gui_panel_end(void);
void gui_bare_begin(const char *id, gui_rect rect); /* no background, no padding, takes no mouse */
void gui_bare_end(void);
/* What is drawn between lies under all panels, over the city. Not inside a panel. */
void gui_under_begin(void);
void gui_under_end(void);
/* Over everything else, with the rest shaded. */
void gui_dialog_begin(const char *id, gui_rect rect, gui_rect window);
void gui_dialog_end(void);
/* height 0: the rest; negative: leaves that much; in a panel that grows no more than its content. One in
 * another is not foreseen. */
void gui_scroll_begin(const char *id, float height);
void gui_scroll_end(void);
/* Rows of one height in a list, of which those in view alone are made, and one above and one below, so that
 * the keyboard comes to them: the caller draws `first` to before `end`. */
typedef struct gui_rows {
    uint32_t count, first, end;
    float y, height; /* of the first of all; of each */
} gui_rows;
gui_rows gui_rows_begin(uint32_t count, float height);
void gui_rows_end(const gui_rows *rows);
float gui_room_x(void);       /* what is left of the panel's width */
float gui_y(void);            /* the next thing's top, in window pixels */
float gui_panel_height(void); /* that the panel's content so far asks for, edges included */

/* ---- things in panels ---- */

void gui_text(gui_font font, gui_colour colour, const char *text);       /* wraps at the panel's edge */
void gui_text_right(gui_font font, gui_colour colour, const char *text); /* same line, right aligned */
float gui_text_width(gui_font font, const char *text);
float gui_text_height(gui_font font);
float gui_wrapped_height(gui_font font, const char *text, float width); /* in as many lines as it takes */
float gui_line_height(void);                                            /* of a button */
float gui_item_width(void);                                             /* of the next thing: see gui_width */
void gui_same_line(float gap_units);
void gui_align(void);          /* the next text stands on the line of buttons and sliders */
void gui_to(float x, float y); /* the next thing's corner, in window pixels */
void gui_gap(float units);
void gui_tight(bool is_tight); /* rows of a list close together; pairs of true and false */
void gui_width(float width);   /* of the next thing; 0: all there is */
void gui_push(int id);
void gui_pop(void);
void gui_disable(bool is_disabled);
void gui_enable(void);

bool gui_is_done(void); /* the last thing was let go */
/* A list that opens over its panel; true while it is open: options, then gui_list_end. */
bool gui_list_begin(const char *id, bool is_opened, gui_rect below);
void gui_list_end(void);
void gui_list_close(void);
void gui_focus(void); /* the next text field has the keyboard */
bool gui_input(const char *id, const char *hint, char *text, size_t size); /* true on Enter */
void gui_tooltip(const char *text);                                        /* of the last thing */

/* ---- drawing ---- */

/* A place of the given size to draw in and to drag on. Mouse in window pixels. */
typedef struct gui_canvas {
    gui_rect rect;
    bool is_hovered, is_active, was_released, was_clicked, has_keys;
    int step;
    float mouse_x, mouse_y;
} gui_canvas;
gui_canvas gui_canvas_make(const char *id, float width, float height);
/* The same for what is operated: it can have the keyboard, was_clicked is true for Enter, too, and step is
 * -1 or 1 for an arrow key. */
gui_canvas gui_control_make(const char *id, float width, float height);
void gui_prefer_keys(void);   /* the last control has them first when its dialog or list opens */
void gui_point_hand(void);    /* the pointer says that it can be clicked */
void gui_clip(gui_rect rect); /* what follows is cut at it; pairs with gui_unclip */
void gui_unclip(void);
void gui_draw_circle(float x, float y, float radius, uint32_t colour); /* filled, as the next two */
void gui_draw_triangle(const float xy[6], uint32_t colour);
void gui_draw_fill(gui_rect rect, uint32_t colour, float rounding);
void gui_draw_frame(gui_rect rect, uint32_t colour, float rounding, float thickness);
void gui_draw_line(float x0, float y0, float x1, float y1, uint32_t colour, float thickness);
void gui_draw_path(const float *xy, int count, uint32_t colour, float thickness);
void gui_draw_gradient(gui_rect rect, uint32_t left, uint32_t right);
void gui_draw_text(gui_font font, float x, float y, uint32_t colour, const char *text);
/* In lines of the rectangle's width, the whole in its middle from top to bottom; share 0: at the left, 1: at
 * the right, for texts of one line. */
void gui_draw_wrapped(gui_font font, gui_rect rect, float share, uint32_t colour, const char *text);

#ifdef __cplusplus
}
#endif

#endif
