#include "ui/ui_widgets.h"

#include "base/base.h"

#include <math.h>
#include <string.h>

/* What of a label is shown. */
static void draw_label(gui_font font, float x, float y, uint32_t colour, const char *label)
{
    char shown[256];
    jw_text_copy(shown, sizeof shown, label);
    char *id = strstr(shown, "##");
    if (id)
        *id = 0;
    gui_draw_text(font, x, y, colour, shown);
}

static float middle_y(gui_rect rect, gui_font font)
{
    return rect.y + (rect.height - gui_text_height(font)) / 2;
}

void gui_rule(void)
{
    gui_canvas canvas = gui_canvas_make("##rule", gui_room_x(), 1);
    gui_rect r = canvas.rect;
    gui_draw_line(r.x, r.y, r.x + r.width, r.y, gui_colour_of(GUI_LINE), 1);
}

/* ---- icons -----------------------------------------------------------------------------------------------
 */

/* Lines between points given in units of the radius around the middle. */
static void draw_strokes(const float (*strokes)[4], int count, float x, float y, float r, uint32_t colour)
{
    float width = (float)jw_max((double)gui_px(1.5f), 1);
    for (int i = 0; i < count; i++)
        gui_draw_line(x + strokes[i][0] * r, y + strokes[i][1] * r, x + strokes[i][2] * r,
                      y + strokes[i][3] * r, colour, width);
}

static void draw_bar(float x, float y, float r, float left, float right, uint32_t colour)
{
    gui_draw_fill((gui_rect){x + left * r, y - r, (right - left) * r, 2 * r}, colour, r * 0.15f);
}

static void draw_arrow(float x, float y, float r, float left, float right, uint32_t colour)
{
    const float corners[6] = {x + left * r, y - r, x + left * r, y + r, x + right * r, y};
    gui_draw_triangle(corners, colour);
}

static void draw_icon(gui_icon icon, float x, float y, float r, uint32_t colour)
{
    static const float fork[][4] = {{0, 1, 0, 0.2f}, {0, 0.2f, -0.7f, -0.5f}, {0, 0.2f, 0.7f, -0.5f}};
    static const float home[][4] = {{-1, 0, 0, -1},
                                    {0, -1, 1, 0},
                                    {1, 0, -1, 0},
                                    {-0.65f, 0, -0.65f, 0.9f},
                                    {-0.65f, 0.9f, 0.65f, 0.9f},
                                    {0.65f, 0.9f, 0.65f, 0}};
    static const float drawer[][4] = {{-1, -0.7f, 1, -0.7f}, {-1, 0, 1, 0}, {-1, 0.7f, 1, 0.7f}};
    static const float close[][4] = {{-0.7f, -0.7f, 0.7f, 0.7f}, {0.7f, -0.7f, -0.7f, 0.7f}};
    static const float fit[][4] = {{-1, -1, -0.3f, -1}, {-1, -1, -1, -0.3f}, {1, -1, 0.3f, -1},
                                   {1, -1, 1, -0.3f},   {-1, 1, -0.3f, 1},   {-1, 1, -1, 0.3f},
                                   {1, 1, 0.3f, 1},     {1, 1, 1, 0.3f}};
    static const float find[][4] = {{0.35f, 0.35f, 1, 1}};
    static const float present[][4] = {{-1, -0.8f, 1, -0.8f}, {-1, 0.3f, 1, 0.3f}, {-1, -0.8f, -1, 0.3f},
                                       {1, -0.8f, 1, 0.3f},   {0, 0.3f, -0.5f, 1}, {0, 0.3f, 0.5f, 1}};
    static const float save[][4] = {
        {0, -0.9f, 0, 0.35f}, {0, 0.35f, -0.5f, -0.15f}, {0, 0.35f, 0.5f, -0.15f}, {-0.8f, 0.9f, 0.8f, 0.9f}};
    switch (icon) {
    case GUI_ICON_PLAY:
        draw_arrow(x, y, r, -0.7f, 1, colour);
        break;
    case GUI_ICON_PAUSE:
        draw_bar(x, y, r, -0.8f, -0.2f, colour);
        draw_bar(x, y, r, 0.2f, 0.8f, colour);
        break;
    case GUI_ICON_STEP:
        draw_arrow(x, y, r, -0.8f, 0.5f, colour);
        draw_bar(x, y, r, 0.5f, 0.9f, colour);
        break;
    case GUI_ICON_FORK:
        draw_strokes(fork, JW_COUNT_OF(fork), x, y, r, colour);
        gui_draw_circle(x - r * 0.7f, y - r * 0.7f, r * 0.3f, colour);
        gui_draw_circle(x + r * 0.7f, y - r * 0.7f, r * 0.3f, colour);
        break;
    case GUI_ICON_HOME:
        draw_strokes(home, JW_COUNT_OF(home), x, y, r, colour);
        break;
    case GUI_ICON_DRAWER:
        draw_strokes(drawer, JW_COUNT_OF(drawer), x, y, r, colour);
        break;
    case GUI_ICON_CLOSE:
        draw_strokes(close, JW_COUNT_OF(close), x, y, r, colour);
        break;
    case GUI_ICON_FIT:
        draw_strokes(fit, JW_COUNT_OF(fit), x, y, r, colour);
        break;
    case GUI_ICON_FIND:
        draw_strokes(find, JW_COUNT_OF(find), x, y, r, colour);
        gui_draw_circle(x - r * 0.2f, y - r * 0.2f, r * 0.75f, colour);
        gui_draw_circle(x - r * 0.2f, y - r * 0.2f, r * 0.5f, gui_colour_of(GUI_PANEL));
        break;
    case GUI_ICON_PRESENT:
        draw_strokes(present, JW_COUNT_OF(present), x, y, r, colour);
        break;
    case GUI_ICON_SAVE:
        draw_strokes(save, JW_COUNT_OF(save), x, y, r, colour);
        break;
    }
}

bool gui_icon_button(const char *id, gui_icon icon, bool is_on)
{
    float size = gui_line_height();
    gui_canvas canvas = gui_canvas_make(id, size, size);
    gui_rect r = canvas.rect;
    if (canvas.is_hovered)
        gui_draw_fill(r, gui_colour_of(GUI_HOVER), gui_px(6));
    draw_icon(icon, r.x + size / 2, r.y + size / 2, size * 0.26f,
              gui_colour_of(is_on ? GUI_ACCENT : GUI_TEXT));
    return canvas.was_clicked;
}

/* ---- choosing --------------------------------------------------------------------------------------------
 */

bool gui_choice(const char *label, bool is_chosen)
{
    gui_canvas canvas = gui_canvas_make(label, gui_room_x(), gui_line_height());
    gui_rect r = canvas.rect;
    if (is_chosen || canvas.is_hovered)
        gui_draw_fill(r, gui_colour_of(GUI_HOVER), gui_px(6));
    if (is_chosen)
        gui_draw_fill((gui_rect){r.x, r.y, gui_px(3), r.height}, gui_colour_of(GUI_ACCENT), gui_px(2));
    gui_clip(r);
    draw_label(GUI_BODY, r.x + gui_px(12), middle_y(r, GUI_BODY),
               gui_colour_of(is_chosen ? GUI_ACCENT : GUI_TEXT), label);
    gui_unclip();
    return canvas.was_clicked;
}

/* A switch: a pill with a knob. */
bool gui_check(const char *label, bool *value)
{
    gui_canvas canvas = gui_canvas_make(label, gui_room_x(), gui_text_height(GUI_BODY) + gui_px(8));
    gui_rect r = canvas.rect;
    if (canvas.was_clicked)
        *value = !*value;
    if (canvas.is_hovered)
        gui_draw_fill(r, gui_colour_of(GUI_HOVER), gui_px(6));
    float knob = gui_px(12), border = gui_px(2);
    gui_rect pill = {r.x + r.width - gui_px(30), r.y + (r.height - knob) / 2 - border, gui_px(26),
                     knob + 2 * border};
    gui_draw_fill(pill, gui_colour_of(*value ? GUI_ACCENT : GUI_LINE), knob);
    float knob_x = *value ? pill.x + pill.width - knob / 2 - border : pill.x + knob / 2 + border;
    gui_draw_circle(knob_x, pill.y + border + knob / 2, knob / 2,
                    gui_colour_of(*value ? GUI_ON_ACCENT : GUI_MUTED));
    draw_label(GUI_BODY, r.x + gui_px(12), middle_y(r, GUI_BODY), gui_colour_of(GUI_TEXT), label);
    return canvas.was_clicked;
}

bool gui_segments(const char *id, const char *const *labels, int count, int *chosen)
{
    gui_canvas canvas = gui_canvas_make(id, gui_room_x(), gui_line_height());
    gui_rect part = canvas.rect;
    gui_draw_fill(part, gui_colour_of(GUI_HOVER), gui_px(6));
    part.width /= (float)count;
    int before = *chosen;
    int under = (int)jw_clamp(((double)canvas.mouse_x - (double)part.x) / (double)part.width, 0, count - 1);
    if (canvas.was_clicked)
        *chosen = under;
    for (int i = 0; i < count; i++, part.x += part.width) {
        if (*chosen == i)
            gui_draw_fill(part, gui_colour_of(GUI_ACCENT), gui_px(6));
        else if (canvas.is_hovered && under == i)
            gui_draw_fill(part, gui_colour_of(GUI_HOVER), gui_px(6));
        float left = (part.width - gui_text_width(GUI_SMALL, labels[i])) / 2;
        gui_clip(part);
        draw_label(GUI_SMALL, part.x + (float)jw_max(left, gui_px(2)), middle_y(part, GUI_SMALL),
                   gui_colour_of(*chosen == i ? GUI_ON_ACCENT : GUI_TEXT), labels[i]);
        gui_unclip();
    }
    return *chosen != before;
}

bool gui_slider(const char *id, double *value, double min, double max, const char *text, bool is_logarithmic)
{
    gui_canvas canvas = gui_canvas_make(id, gui_item_width(), gui_line_height());
    gui_rect r = canvas.rect;
    double low = is_logarithmic ? log(min) : min, high = is_logarithmic ? log(max) : max;
    float room = *text ? (float)jw_max(gui_text_width(GUI_BODY, text), gui_px(52)) + gui_px(12) : 0;
    float left = r.x + gui_px(7), right = r.x + r.width - room - gui_px(7), y = r.y + r.height / 2;
    double before = *value;
    if (canvas.is_active && right > left) {
        double t = jw_clamp(((double)canvas.mouse_x - (double)left) / (double)(right - left), 0, 1);
        *value = is_logarithmic ? exp(low + t * (high - low)) : low + t * (high - low);
    }
    double here = is_logarithmic ? log(*value) : *value;
    float t = high > low ? (float)jw_clamp((here - low) / (high - low), 0, 1) : 0;
    float x = left + t * (right - left);
    gui_draw_line(left, y, right, y, gui_colour_of(GUI_LINE), gui_px(3));
    gui_draw_line(left, y, x, y, gui_colour_of(GUI_ACCENT), gui_px(3));
    gui_draw_circle(x, y, gui_px(canvas.is_active || canvas.is_hovered ? 8 : 7), gui_colour_of(GUI_ACCENT));
    if (*text)
        gui_draw_text(GUI_BODY, r.x + r.width - gui_text_width(GUI_BODY, text), middle_y(r, GUI_BODY),
                      gui_colour_of(GUI_TEXT), text);
    return *value != before;
}

/* ---- showing ---------------------------------------------------------------------------------------------
 */

void gui_progress(double fraction, const char *text)
{
    gui_rect bar = gui_canvas_make("##progress", gui_room_x(), gui_px(6)).rect;
    gui_draw_fill(bar, gui_colour_of(GUI_LINE), bar.height);
    bar.width *= (float)jw_clamp(fraction, 0, 1);
    gui_draw_fill(bar, gui_colour_of(GUI_ACCENT), bar.height);
    gui_text(GUI_SMALL, GUI_MUTED, text);
}

bool gui_value(const char *label, const char *value, bool can_click, bool is_on)
{
    gui_canvas canvas = gui_canvas_make(label, gui_room_x(), gui_text_height(GUI_BODY) + gui_px(8));
    gui_rect r = canvas.rect;
    bool is_lively = can_click && canvas.is_hovered;
    if (is_lively || is_on)
        gui_draw_fill(r, gui_colour_of(GUI_HOVER), gui_px(4));
    if (is_lively)
        gui_point_hand();
    float y = middle_y(r, GUI_BODY), width = gui_text_width(GUI_BODY, value);
    gui_rect room = {r.x, r.y, (float)jw_max(r.width - width - gui_px(8), gui_px(40)), r.height};
    gui_clip(room);
    draw_label(GUI_BODY, r.x + gui_px(4), y, gui_colour_of(is_on ? GUI_ACCENT : GUI_MUTED), label);
    gui_unclip();
    gui_draw_text(GUI_BODY, r.x + r.width - width - gui_px(4), y, gui_colour_of(GUI_TEXT), value);
    return canvas.was_clicked && can_click;
}

bool gui_row(const char *id, const char *const *cells, const float *x, int count, gui_font font,
             const gui_colour *colours)
{
    gui_canvas canvas = gui_canvas_make(id, gui_room_x(), gui_text_height(font) + gui_px(8));
    gui_rect r = canvas.rect;
    if (canvas.is_hovered)
        gui_draw_fill(r, gui_colour_of(GUI_HOVER), gui_px(4));
    for (int i = 0; i < count; i++) {
        float left = r.x + (i == 0 ? 0 : x[i - 1] * r.width), right = r.x + x[i] * r.width;
        /* The first is left, others right aligned. */
        float at = i == 0 ? left : right - gui_text_width(font, cells[i]);
        gui_clip((gui_rect){left, r.y, right - left, r.height});
        gui_draw_text(font, at, middle_y(r, font), gui_colour_of(colours[i]), cells[i]);
        gui_unclip();
    }
    return canvas.was_clicked;
}
