#include "ui/ui_widgets.h"

#include "base/base.h"

#include <math.h>
#include <string.h>

#define PADDING 8 /* units left and right of a text in its control */

/* What of a label is shown: all before its last "##", so that a text which has one itself is whole once an id
 * is put behind it. */
static const char *shown_of(const char *label, char *out, size_t size)
{
    char *id = NULL;
    jw_text_copy(out, size, label);
    for (char *next = out; (next = strstr(next, "##")) != NULL; next++)
        id = next;
    if (id)
        *id = 0;
    return out;
}

static float height_of(gui_font font, const char *label, float width)
{
    char shown[256];
    return gui_wrapped_height(font, shown_of(label, shown, sizeof shown), width);
}

static void draw_label(gui_font font, gui_rect rect, float share, uint32_t colour, const char *label)
{
    char shown[256];
    gui_draw_wrapped(font, rect, share, colour, shown_of(label, shown, sizeof shown));
}

static float middle_y(gui_rect rect, gui_font font)
{
    return rect.y + (rect.height - gui_text_height(font)) / 2;
}

/* The rectangle without so much at its left and right. */
static gui_rect inside(gui_rect rect, float left, float right)
{
    rect.x += left;
    rect.width -= left + right;
    return rect;
}

void gui_shorten(gui_font font, float width, char *text, size_t size)
{
    size_t end = strlen(text);
    while (end > 0 && gui_text_width(font, text) > width) {
        do
            end--;
        while (end > 0 && ((uint8_t)text[end] & 0xc0) == 0x80); /* whole characters */
        jw_text_copy(text + end, size - end, "…");
    }
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
    case GUI_ICON_SETTINGS: /* a wheel with eight teeth */
        for (int i = 0; i < 8; i++) {
            float c = (float)jw_cos(i * JW_PI / 4), s = (float)jw_sin(i * JW_PI / 4);
            gui_draw_line(x + c * r * 0.6f, y + s * r * 0.6f, x + c * r, y + s * r, colour, gui_px(3));
        }
        gui_draw_circle(x, y, r * 0.75f, colour);
        gui_draw_circle(x, y, r * 0.35f, gui_colour_of(GUI_PANEL));
        break;
    case GUI_ICON_SAVE:
        draw_strokes(save, JW_COUNT_OF(save), x, y, r, colour);
        break;
    }
}

bool gui_icon_button(const char *id, gui_icon icon, bool is_on)
{
    float size = gui_line_height();
    gui_canvas canvas = gui_control_make(id, size, size);
    gui_rect r = canvas.rect;
    if (canvas.is_hovered)
        gui_draw_fill(r, gui_colour_of(GUI_HOVER), gui_px(6));
    draw_icon(icon, r.x + size / 2, r.y + size / 2, size * 0.26f,
              gui_colour_of(is_on ? GUI_ACCENT : GUI_TEXT));
    return canvas.was_clicked;
}

/* ---- choosing --------------------------------------------------------------------------------------------
 */

bool gui_button(const char *label, float width, bool is_primary)
{
    char shown[256];
    float natural = gui_text_width(GUI_BODY, shown_of(label, shown, sizeof shown)) + 2 * gui_px(PADDING);
    float room = gui_room_x();
    if (width <= 0)
        width = width < 0 || natural > room ? room : natural;
    float high = height_of(GUI_BODY, label, width - 2 * gui_px(PADDING)) + gui_px(10);
    gui_canvas canvas = gui_control_make(label, width, (float)jw_max(gui_line_height(), high));
    gui_rect r = canvas.rect;
    float strength = canvas.is_active ? 0.7f : canvas.is_hovered ? 0.85f : 1;
    if (is_primary)
        gui_draw_fill(r, gui_fade(GUI_ACCENT, strength), gui_px(6));
    else
        gui_draw_fill(r, canvas.is_hovered ? gui_colour_of(GUI_HOVER) : gui_fade(GUI_LINE, 0.6f), gui_px(6));
    draw_label(GUI_BODY, inside(r, gui_px(PADDING), gui_px(PADDING)), 0.5f,
               gui_colour_of(is_primary ? GUI_ON_ACCENT : GUI_TEXT), label);
    return canvas.was_clicked;
}

float gui_choice_height(void)
{
    return (float)jw_max(gui_line_height(), gui_text_height(GUI_BODY) + gui_px(10));
}

bool gui_choice(const char *label, bool is_chosen)
{
    float width = gui_room_x();
    float high = height_of(GUI_BODY, label, width - gui_px(16)) + gui_px(10);
    gui_canvas canvas = gui_control_make(label, width, (float)jw_max(gui_choice_height(), high));
    gui_rect r = canvas.rect;
    if (is_chosen || canvas.is_hovered)
        gui_draw_fill(r, gui_colour_of(GUI_HOVER), gui_px(6));
    if (is_chosen)
        gui_draw_fill((gui_rect){r.x, r.y, gui_px(3), r.height}, gui_colour_of(GUI_ACCENT), gui_px(2));
    draw_label(GUI_BODY, inside(r, gui_px(12), gui_px(4)), 0,
               gui_colour_of(is_chosen ? GUI_ACCENT : GUI_TEXT), label);
    return canvas.was_clicked;
}

bool gui_combo_begin(const char *id, const char *shown)
{
    float width = gui_item_width(), text = width - gui_px(2 * PADDING + 16);
    float high = height_of(GUI_BODY, shown, text) + gui_px(10);
    gui_canvas canvas = gui_control_make(id, width, (float)jw_max(gui_line_height(), high));
    gui_rect r = canvas.rect;
    gui_draw_fill(r, canvas.is_hovered ? gui_colour_of(GUI_HOVER) : gui_fade(GUI_LINE, 0.6f), gui_px(6));
    draw_label(GUI_BODY, inside(r, gui_px(PADDING), gui_px(PADDING + 16)), 0, gui_colour_of(GUI_TEXT), shown);
    float x = r.x + r.width - gui_px(16), y = r.y + r.height / 2, size = gui_px(4);
    const float arrow[6] = {x - size, y - size / 2, x + size, y - size / 2, x, y + size / 2};
    gui_draw_triangle(arrow, gui_colour_of(GUI_MUTED));
    return gui_list_begin(id, canvas.was_clicked, r);
}

bool gui_option(const char *label, bool is_chosen)
{
    bool is_taken = gui_choice(label, is_chosen);
    if (is_chosen)
        gui_prefer_keys();
    if (is_taken)
        gui_list_close();
    return is_taken;
}

void gui_combo_end(void)
{
    gui_list_end();
}

/* A switch: a pill with a knob. */
bool gui_check(const char *label, bool *value)
{
    return gui_check_in(label, value, gui_room_x());
}

bool gui_check_in(const char *label, bool *value, float width)
{
    gui_canvas canvas =
        gui_control_make(label, width, height_of(GUI_BODY, label, width - gui_px(12 + 38)) + gui_px(8));
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
    draw_label(GUI_BODY, inside(r, gui_px(12), gui_px(38)), 0, gui_colour_of(GUI_TEXT), label);
    return canvas.was_clicked;
}

/* In how many rows of equal parts all texts fit. */
static int rows_of_segments(const char *const *labels, int count, float width)
{
    float widest = 0;
    for (int i = 0; i < count; i++)
        widest = (float)jw_max(widest, gui_text_width(GUI_SMALL, labels[i]) + gui_px(6));
    int columns = (int)jw_clamp((double)(width / (float)jw_max(widest, 1)), 1, count);
    int rows = (count + columns - 1) / columns;
    return rows;
}

bool gui_segments(const char *id, const char *const *labels, int count, int *chosen)
{
    float width = gui_room_x();
    int rows = rows_of_segments(labels, count, width), columns = (count + rows - 1) / rows;
    float high = gui_line_height();
    for (int i = 0; i < count; i++) /* one part alone may be too narrow */
        high =
            (float)jw_max(high, gui_wrapped_height(GUI_SMALL, labels[i], width / (float)columns) + gui_px(6));
    gui_canvas canvas = gui_control_make(id, width, high * (float)rows);
    gui_rect all = canvas.rect;
    gui_draw_fill(all, gui_colour_of(GUI_HOVER), gui_px(6));
    int before = *chosen, under = -1;
    for (int i = 0; i < count; i++) {
        gui_rect part = {all.x + width / (float)columns * (float)(i % columns),
                         all.y + high * (float)(i / columns), width / (float)columns, high};
        if (canvas.mouse_x >= part.x && canvas.mouse_x < part.x + part.width && canvas.mouse_y >= part.y &&
            canvas.mouse_y < part.y + part.height)
            under = i;
        if (*chosen == i)
            gui_draw_fill(part, gui_colour_of(GUI_ACCENT), gui_px(6));
        else if (canvas.is_hovered && under == i)
            gui_draw_fill(part, gui_colour_of(GUI_HOVER), gui_px(6));
        draw_label(GUI_SMALL, part, 0.5f, gui_colour_of(*chosen == i ? GUI_ON_ACCENT : GUI_TEXT), labels[i]);
    }
    if (canvas.was_clicked && canvas.has_keys) /* Enter: round and round */
        *chosen = (before + 1) % count;
    else if (canvas.was_clicked && under >= 0)
        *chosen = under;
    if (canvas.step)
        *chosen = (int)jw_clamp(before + canvas.step, 0, count - 1);
    return *chosen != before;
}

static double next_step; /* of the next slider; the interface belongs to one thread */

void gui_slider_step(double step)
{
    next_step = step;
}

bool gui_slider(const char *id, double *value, double min, double max, const char *text, bool is_logarithmic)
{
    gui_canvas canvas = gui_control_make(id, gui_item_width(), gui_line_height());
    gui_rect r = canvas.rect;
    double step = next_step;
    next_step = 0;
    double low = is_logarithmic ? log(min) : min, high = is_logarithmic ? log(max) : max;
    float room = *text ? (float)jw_max(gui_text_width(GUI_BODY, text), gui_px(52)) + gui_px(12) : 0;
    float left = r.x + gui_px(7), right = r.x + r.width - room - gui_px(7), y = r.y + r.height / 2;
    double before = *value;
    if (canvas.is_active && right > left) {
        double t = jw_clamp(((double)canvas.mouse_x - (double)left) / (double)(right - left), 0, 1);
        *value = is_logarithmic ? exp(low + t * (high - low)) : low + t * (high - low);
    }
    if (canvas.step && is_logarithmic)
        *value = jw_clamp(exp(log(*value) + canvas.step * (high - low) / 20), min, max);
    else if (canvas.step)
        *value = jw_clamp(*value + canvas.step * jw_max(step, (high - low) / 20), min, max);
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
    char shown[256];
    float width = gui_room_x(), value_width = gui_text_width(GUI_BODY, value) + gui_px(4);
    float label_width = gui_text_width(GUI_BODY, shown_of(label, shown, sizeof shown)) + gui_px(12);
    float line = gui_text_height(GUI_BODY) + gui_px(8), room = width - value_width - gui_px(12);
    bool is_stacked = label_width + value_width > width && room < width * 0.4f;
    float value_high = gui_wrapped_height(GUI_BODY, value, width - gui_px(8));
    float high = is_stacked ? gui_wrapped_height(GUI_BODY, shown, width - gui_px(8)) + value_high + gui_px(8)
                            : (float)jw_max(line, gui_wrapped_height(GUI_BODY, shown, room) + gui_px(8));
    gui_canvas canvas =
        can_click ? gui_control_make(label, width, high) : gui_canvas_make(label, width, high);
    gui_rect r = canvas.rect;
    bool is_lively = can_click && canvas.is_hovered;
    if (is_lively || is_on)
        gui_draw_fill(r, gui_colour_of(GUI_HOVER), gui_px(4));
    if (is_lively)
        gui_point_hand();
    gui_rect upper = inside(r, gui_px(4), is_stacked ? gui_px(4) : width - room - gui_px(4)),
             lower = inside(r, gui_px(4), gui_px(4));
    if (is_stacked) {
        lower.height = value_high + gui_px(4);
        upper.height = r.height - lower.height;
        lower.y += upper.height;
    }
    draw_label(GUI_BODY, upper, 0, gui_colour_of(is_on ? GUI_ACCENT : GUI_MUTED), label);
    gui_draw_wrapped(GUI_BODY, lower, 1, gui_colour_of(GUI_TEXT), value);
    return canvas.was_clicked && can_click;
}

bool gui_said_row(const char *const cells[2], const gui_colour colours[2])
{
    float width = gui_room_x(), left = gui_text_width(GUI_SMALL, cells[0]) + gui_px(8);
    float high = gui_wrapped_height(GUI_SMALL, cells[1], width - left) + gui_px(4);
    gui_canvas canvas = gui_control_make("row", width, high);
    gui_rect r = canvas.rect, text = inside(r, left, 0);
    if (canvas.is_hovered)
        gui_draw_fill(r, gui_colour_of(GUI_HOVER), gui_px(4));
    gui_draw_text(GUI_SMALL, r.x, r.y + gui_px(2), gui_colour_of(colours[0]), cells[0]);
    gui_draw_wrapped(GUI_SMALL, text, 0, gui_colour_of(colours[1]), cells[1]);
    return canvas.was_clicked;
}

bool gui_row(const char *id, const char *const *cells, const float *x, int count, gui_font font,
             const gui_colour *colours)
{
    float width = gui_room_x(), high = gui_text_height(font);
    for (int i = 0; i < count; i++) {
        float share = i ? x[i] - x[i - 1] : x[0];
        high = (float)jw_max(high, gui_wrapped_height(font, cells[i], share * width - gui_px(4)));
    }
    gui_canvas canvas = gui_control_make(id, width, high + gui_px(8));
    gui_rect r = canvas.rect;
    if (canvas.is_hovered)
        gui_draw_fill(r, gui_colour_of(GUI_HOVER), gui_px(4));
    for (int i = 0; i < count; i++) {
        float left = i ? x[i - 1] * width : 0, right = x[i] * width;
        gui_rect cell = {r.x + left, r.y, right - left - gui_px(4), r.height};
        gui_draw_wrapped(font, cell, i ? 1 : 0, gui_colour_of(colours[i]),
                         cells[i]); /* numbers at the right */
    }
    return canvas.was_clicked;
}
