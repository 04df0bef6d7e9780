#include "ui/ui_focus.h"

#include <string.h>

#define LAYERS       3
#define DEPTH        4
#define KEYS_MAX     16
#define CONTROLS_MAX 1024 /* of a picture; those beyond are reached by the mouse alone */

static struct {
    gui_control shown[CONTROLS_MAX], drawn[CONTROLS_MAX];
    uint32_t shown_count, drawn_count;
    uint32_t panel, layer, panel_count, top_layer, drawn_layer;
    uint32_t outer_panel[DEPTH], outer_layer[DEPTH], depth; /* of what is being drawn */
    uint32_t id[LAYERS];                                    /* with the keyboard, by layer; 0: none */
    uint32_t index; /* its place among the shown ones: kept when the control itself is gone */
    uint32_t preferred;
    int new_for; /* pictures */
    bool wants_first, has_left;
    gui_key keys[KEYS_MAX]; /* pressed since the last picture; they act in order */
    uint32_t key_count;
    uint32_t pressed, stepped;
    int step;
} f;

void gui_focus_reset(void)
{
    memset(&f, 0, sizeof f);
}

static bool takes_part(const gui_control *control)
{
    return control->layer == f.top_layer && !control->is_disabled;
}

static void move_to(uint32_t index)
{
    f.id[f.top_layer] = f.shown[index].id;
    f.index = index;
    f.new_for = 2;
}

/* The place of the one with the keyboard; when it is gone, of the one that stands there now. */
static bool find_current(void)
{
    for (uint32_t i = 0; i < f.shown_count; i++)
        if (f.shown[i].id == f.id[f.top_layer] && f.shown[i].layer == f.top_layer) {
            f.index = i;
            return true;
        }
    return false;
}

/* To the next one that takes part; from the last to the first. */
static void walk(int direction)
{
    uint32_t count = f.shown_count, at = f.index;
    if (f.id[f.top_layer] == 0)
        at = direction > 0 ? count - 1 : 0;
    else if (!find_current())
        at = direction > 0 ? f.index + count - 1 : f.index;
    for (uint32_t i = 1; i <= count; i++) {
        uint32_t next = (at + (direction > 0 ? i : count * 2 - i)) % count;
        if (takes_part(&f.shown[next])) {
            move_to(next);
            return;
        }
    }
}

/* To the first of the next panel; behind the last one the city has the keyboard again. */
static void walk_panels(int direction)
{
    uint32_t here = f.id[f.top_layer] && find_current() ? f.shown[f.index].panel : 0;
    uint32_t best = 0, index = 0;
    for (uint32_t i = 0; i < f.shown_count; i++) {
        uint32_t panel = f.shown[i].panel;
        if (!takes_part(&f.shown[i]) || panel == best)
            continue;
        bool is_ahead =
            direction > 0 ? panel > here && (!best || panel < best) : (!here || panel < here) && panel > best;
        if (is_ahead) {
            best = panel;
            index = i;
        }
    }
    if (best)
        move_to(index);
    else if (f.top_layer == 0)
        f.id[0] = 0;
}

void gui_press_key(gui_key key)
{
    if (f.key_count < KEYS_MAX)
        f.keys[f.key_count++] = key;
}

bool gui_has_keys(void)
{
    return f.id[f.top_layer] != 0 || f.key_count > 0;
}

bool gui_keys_wait(void)
{
    return f.key_count > 0;
}

static void act(gui_key key)
{
    bool is_there = f.id[f.top_layer] && find_current() && !f.shown[f.index].is_disabled;
    switch (key) {
    case GUI_KEY_NEXT:
    case GUI_KEY_BEFORE:
        if (f.shown_count)
            walk(key == GUI_KEY_NEXT ? 1 : -1);
        break;
    case GUI_KEY_NEXT_PANEL:
    case GUI_KEY_PANEL_BEFORE:
        walk_panels(key == GUI_KEY_NEXT_PANEL ? 1 : -1);
        break;
    case GUI_KEY_PRESS:
        f.pressed = is_there ? f.id[f.top_layer] : 0;
        break;
    case GUI_KEY_LESS:
    case GUI_KEY_MORE:
        f.stepped = is_there ? f.id[f.top_layer] : 0;
        f.step = key == GUI_KEY_MORE ? 1 : -1;
        break;
    case GUI_KEY_LEAVE:
        f.has_left = f.top_layer == 2;
        f.id[f.top_layer] = 0;
        break;
    }
}

void gui_focus_begin(void)
{
    f.pressed = f.stepped = 0;
    f.has_left = false;
    /* Steps of the walk at once; what acts on a control acts in this picture, what follows in the next. */
    bool is_over = false;
    uint32_t used = 0;
    while (used < f.key_count && !is_over) {
        gui_key key = f.keys[used++];
        act(key);
        is_over = key >= GUI_KEY_PRESS;
    }
    f.key_count -= used;
    memmove(f.keys, f.keys + used, f.key_count * sizeof *f.keys);
    f.drawn_count = 0;
    f.panel_count = f.drawn_layer = f.panel = f.layer = f.depth = 0;
    f.preferred = 0;
}

void gui_focus_end(void)
{
    memcpy(f.shown, f.drawn, f.drawn_count * sizeof *f.drawn);
    f.shown_count = f.drawn_count;
    f.new_for -= f.new_for > 0;
    uint32_t before = f.top_layer;
    f.top_layer = f.drawn_layer;
    for (uint32_t layer = f.top_layer + 1; layer < LAYERS; layer++)
        f.id[layer] = 0;
    /* A dialog takes the keyboard as it opens, a list when what opened it had it. */
    if (f.top_layer > before)
        f.wants_first = f.top_layer == 1 || f.id[before] != 0;
    if (f.top_layer == 0)
        f.wants_first = false;
    if (f.top_layer < before && f.id[f.top_layer])
        f.new_for = 2;
    if (!f.wants_first || f.shown_count == 0)
        return;
    walk(1);
    f.wants_first = f.id[f.top_layer] == 0;
    if (f.preferred)
        f.id[f.top_layer] = f.preferred;
}

void gui_focus_panel(uint32_t layer)
{
    uint32_t at = f.depth < DEPTH ? f.depth : DEPTH - 1;
    f.outer_panel[at] = f.panel;
    f.outer_layer[at] = f.layer;
    f.depth++;
    f.panel = ++f.panel_count;
    f.layer = layer;
    f.drawn_layer = layer > f.drawn_layer ? layer : f.drawn_layer;
}

void gui_focus_panel_end(void)
{
    f.depth--;
    uint32_t at = f.depth < DEPTH ? f.depth : DEPTH - 1;
    f.panel = f.outer_panel[at];
    f.layer = f.outer_layer[at];
}

gui_wish gui_focus_note(const gui_control *control)
{
    gui_wish wish = {0};
    if (f.drawn_count < CONTROLS_MAX) {
        gui_control *kept = &f.drawn[f.drawn_count++];
        *kept = *control;
        kept->panel = f.panel;
        kept->layer = f.layer;
    }
    if (control->id == 0 || control->is_disabled)
        return wish;
    wish.has_keys = f.layer == f.top_layer && f.id[f.layer] == control->id;
    wish.is_new = wish.has_keys && f.new_for > 0;
    wish.is_pressed = f.pressed == control->id;
    wish.step = f.stepped == control->id ? f.step : 0;
    return wish;
}

bool gui_focus_is_pressed(uint32_t id)
{
    return id && f.pressed == id;
}

void gui_focus_prefer(uint32_t id)
{
    f.preferred = id;
}

void gui_focus_leave(void)
{
    memset(f.id, 0, sizeof f.id);
    f.key_count = 0;
    f.wants_first = false;
}

bool gui_focus_has_left(void)
{
    return f.has_left;
}

uint32_t gui_focus_count(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < f.shown_count; i++)
        count += takes_part(&f.shown[i]);
    return count;
}

const gui_control *gui_focus_at(uint32_t index)
{
    for (uint32_t i = 0; i < f.shown_count; i++)
        if (takes_part(&f.shown[i]) && index-- == 0)
            return &f.shown[i];
    return NULL;
}

uint32_t gui_focus_id(void)
{
    return f.id[f.top_layer];
}
