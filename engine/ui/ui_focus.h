/* Which control has the keyboard. Controls note themselves as they are drawn; keys move over those of the
 * picture that is shown, in the order in which they were drawn, and act in the next one. Only the topmost
 * layer (panels, over them a dialog, over it an open list) takes part. One window a process, as ui_imgui.h.
 */
#ifndef JW_UI_FOCUS_H
#define JW_UI_FOCUS_H

#include "ui/ui_imgui.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gui_control {
    uint32_t id, panel, layer;
    gui_rect rect;
    bool is_disabled;
} gui_control;

/* What the keys want of the control just noted. */
typedef struct gui_wish {
    bool has_keys, is_new; /* has the keyboard; since this or the last picture */
    bool is_pressed;
    int step; /* -1: less, 1: more */
} gui_wish;

void gui_focus_reset(void);
void gui_focus_begin(void); /* of a picture */
void gui_focus_end(void);
void gui_focus_panel(uint32_t layer); /* what follows belongs to a new panel of this layer */
void gui_focus_panel_end(void);
gui_wish gui_focus_note(const gui_control *control);
/* Enter was pressed on the control that is about to be drawn. */
bool gui_focus_is_pressed(uint32_t id);
/* The keyboard, if it is with the topmost layer's first control because that has just opened, comes here. */
void gui_focus_prefer(uint32_t id);
void gui_focus_leave(void);    /* the mouse took over */
bool gui_focus_has_left(void); /* the list that is open shall close */

/* For tests: controls of the picture that is shown that take part. */
uint32_t gui_focus_count(void);
const gui_control *gui_focus_at(uint32_t index);
uint32_t gui_focus_id(void); /* 0: none */

#ifdef __cplusplus
}
#endif

#endif
