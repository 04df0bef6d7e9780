/* The window's own widgets, drawn with the canvas of ui_imgui.h: one look, one spacing. Labels may carry an
 * id behind "##", which is not shown. */
#ifndef JW_UI_WIDGETS_H
#define JW_UI_WIDGETS_H

#include "ui/ui_imgui.h"

typedef enum gui_icon {
    GUI_ICON_PLAY,
    GUI_ICON_PAUSE,
    GUI_ICON_STEP,
    GUI_ICON_FORK,
    GUI_ICON_HOME,
    GUI_ICON_DRAWER,
    GUI_ICON_CLOSE,
    GUI_ICON_FIT,
    GUI_ICON_SAVE,
    GUI_ICON_FIND,
    GUI_ICON_PRESENT,
    GUI_ICON_SETTINGS
} gui_icon;

/* Cut to a width, its end marked by "…". */
void gui_shorten(gui_font font, float width, char *text, size_t size);
void gui_rule(void);                                              /* a line across the panel */
bool gui_icon_button(const char *id, gui_icon icon, bool is_on);  /* a square of one line */
bool gui_button(const char *label, float width, bool is_primary); /* 0: by its text; < 0: all there is */
bool gui_choice(const char *label, bool is_chosen);               /* one of a list: a full row */
float gui_choice_height(void);                                    /* of a text that fits in one line */
/* One line that opens a list of choices; true while it is open: options, then gui_combo_end. */
bool gui_combo_begin(const char *id, const char *shown);
bool gui_option(const char *label, bool is_chosen);
void gui_combo_end(void);
bool gui_check(const char *label, bool *value);
bool gui_check_in(const char *label, bool *value, float width); /* not of all there is */
/* Equal parts side by side, in as many rows as their texts need, one chosen; true when it changed. */
bool gui_segments(const char *id, const char *const *labels, int count, int *chosen);
/* A thin line with a knob and the text on the right; see gui_is_done. Arrow keys move it by a twentieth of
 * its length, at least by the step set before. */
void gui_slider_step(double step); /* of the next slider: the least change of its value */
bool gui_slider(const char *id, double *value, double min, double max, const char *text, bool is_logarithmic);
void gui_progress(double fraction, const char *text);
/* label ... value; can be clicked when can_click (plots), marked when is_on. */
bool gui_value(const char *label, const char *value, bool can_click, bool is_on);
/* When, and what happened then, in as many lines as it takes. True when clicked. */
bool gui_said_row(const char *const cells[2], const gui_colour colours[2]);
/* Cells of a table's row; x: right edges as shares of the width. True when clicked. */
bool gui_row(const char *id, const char *const *cells, const float *x, int count, gui_font font,
             const gui_colour *colours);

#endif
