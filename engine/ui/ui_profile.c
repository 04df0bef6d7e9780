/* The chart of a section, docked like the plots: ground, buildings by use, streets with their names, masts
 * and what they see. The pointer marks the same place here and on the map. */
#include "ui/ui_map.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SIGHT_UNITS 5 /* height of the band of sight under the ground */
#define TALLER_MOST 20.0

/* Colours of land use as planners paint it, told apart by their letters too. */
static const struct use_look {
    uint32_t rgb;
    const char *key;
} use_looks[JW_USE_COUNT] = {
    {0x9aa5ae, "use.none"},    {0xe6b422, "use.residential"}, {0xd1495b, "use.commercial"},
    {0x7b5ea7, "use.office"},  {0x8d6a4f, "use.industrial"},  {0x3a86c8, "use.public"},
    {0x4b5563, "use.station"}, {0x0b7a75, "use.computing"},
};

static uint32_t area_rgb(jw_area_kind kind)
{
    switch (kind) {
    case JW_AREA_WATER:
        return 0x4f93c4;
    case JW_AREA_PARK:
    case JW_AREA_WOOD:
    case JW_AREA_GRASS:
    case JW_AREA_WETLAND:
        return 0x6fa86a;
    case JW_AREA_RAIL:
        return 0x6b7280;
    default:
        return 0xc9c2b5;
    }
}

typedef struct profile {
    gui_rect area; /* of the heights; the ground is its lower edge */
    double m_per_unit_x, m_per_unit_y, length_m;
} profile;

static float x_of(const profile *p, double s_m)
{
    return p->area.x + (float)(s_m / p->m_per_unit_x);
}

static float y_of(const profile *p, double height_m)
{
    return p->area.y + p->area.height - (float)(height_m / p->m_per_unit_y);
}

static double highest(const ui_section *section)
{
    double top_m = 15;
    for (uint32_t i = 0; i < section->count; i++)
        top_m = jw_max(top_m, section->parts[i].top_m);
    return top_m;
}

static void draw_ground(const jw_ui *ui, const profile *p)
{
    const ui_section *section = &ui->tools.section;
    float ground = y_of(p, 0);
    gui_draw_line(p->area.x, ground, p->area.x + p->area.width, ground, gui_colour_of(GUI_MUTED),
                  gui_px(1.5f));
    for (uint32_t i = 0; i < section->count; i++) {
        const ui_section_part *part = &section->parts[i];
        float left = x_of(p, part->from_m), width = x_of(p, part->to_m) - left;
        if (part->kind == UI_SECTION_AREA && ui->city->areas[part->index].kind != JW_AREA_BUILT)
            gui_draw_fill((gui_rect){left, ground, width, gui_px(3)},
                          gui_rgb(area_rgb(ui->city->areas[part->index].kind), 1), 0);
        if (part->kind == UI_SECTION_STREET)
            gui_draw_fill((gui_rect){left, y_of(p, jw_max(part->top_m, 0)) - gui_px(1),
                                     (float)jw_max(width, gui_px(2)), gui_px(4)},
                          gui_colour_of(GUI_TEXT), 0);
    }
}

static void draw_buildings(const jw_ui *ui, const profile *p)
{
    const ui_section *section = &ui->tools.section;
    for (uint32_t i = 0; i < section->count; i++) {
        const ui_section_part *part = &section->parts[i];
        if (part->kind != UI_SECTION_BUILDING)
            continue;
        const struct use_look *look = &use_looks[ui->city->buildings[part->index].use % JW_USE_COUNT];
        float left = x_of(p, part->from_m), top = y_of(p, part->top_m);
        gui_rect bar = {left, top, (float)jw_max(x_of(p, part->to_m) - left, 1),
                        y_of(p, part->bottom_m) - top};
        gui_draw_fill(bar, gui_rgb(look->rgb, gui_is_dark() ? 0.75f : 0.85f), 0);
        const char *name = ui_say(ui, look->key);
        float width = gui_text_width(GUI_SMALL, name);
        if (width + gui_px(4) < bar.width && gui_text_height(GUI_SMALL) + gui_px(2) < bar.height)
            gui_draw_text(GUI_SMALL, bar.x + (bar.width - width) / 2, bar.y + gui_px(1), 0xffffffff, name);
    }
}

/* A mast, its farthest rays, and under the ground what any of them sees. */
static void draw_masts(const jw_ui *ui, const profile *p)
{
    const ui_section *section = &ui->tools.section;
    float ground = y_of(p, 0), band = ground + gui_px(6);
    uint32_t line = gui_colour_of(GUI_ACCENT);
    bool has_mast = false;
    for (uint32_t i = 0; i < section->count; i++)
        has_mast = has_mast || section->parts[i].kind == UI_SECTION_MAST;
    if (!has_mast)
        return;
    gui_draw_frame((gui_rect){p->area.x, band, p->area.width, gui_px(SIGHT_UNITS)}, gui_colour_of(GUI_MUTED),
                   0, 1);
    for (uint32_t i = 0; i < section->count; i++) {
        const ui_section_part *part = &section->parts[i];
        if (part->kind == UI_SECTION_MAST) {
            float x = x_of(p, part->from_m), top = y_of(p, part->top_m);
            gui_draw_line(x, ground, x, top, line, gui_px(2));
            gui_draw_circle(x, top, gui_px(3.5f), line);
        } else if (part->kind == UI_SECTION_SIGHT) {
            const ui_section_part *mast = &section->parts[part->index];
            float left = x_of(p, part->from_m), right = x_of(p, part->to_m);
            gui_draw_fill((gui_rect){left, band, right - left, gui_px(SIGHT_UNITS)}, line, 0);
            double far_m = part->from_m < mast->from_m ? part->from_m : part->to_m;
            gui_draw_line(x_of(p, mast->from_m), y_of(p, mast->top_m), x_of(p, far_m),
                          y_of(p, UI_SECTION_EYE_M), gui_fade(GUI_ACCENT, 0.4f), 1);
        }
    }
}

/* Names of streets, above, none over another. */
static void draw_names(const jw_ui *ui, const profile *p, float top)
{
    const ui_section *section = &ui->tools.section;
    float free_x = p->area.x;
    for (uint32_t i = 0; i < section->count; i++) {
        const ui_section_part *part = &section->parts[i];
        if (part->kind != UI_SECTION_STREET)
            continue;
        const char *name = ui_say_map(ui, ui->city->edges[part->index].name);
        float middle = x_of(p, (part->from_m + part->to_m) / 2), width = gui_text_width(GUI_SMALL, name);
        float left = (float)jw_clamp(middle - width / 2, p->area.x, p->area.x + p->area.width - width);
        if (!*name || left < free_x || width > p->area.width)
            continue;
        gui_draw_line(middle, top + gui_text_height(GUI_SMALL), middle, y_of(p, 0), gui_fade(GUI_MUTED, 0.5f),
                      1);
        gui_draw_text(GUI_SMALL, left, top, gui_colour_of(GUI_TEXT), name);
        free_x = left + width + gui_px(8);
    }
}

/* What lies at a place of the line, a line each. */
static void say_place(const jw_ui *ui, double s_m, char *out, size_t out_size)
{
    const ui_section *section = &ui->tools.section;
    char number[48], name[128], place[128];
    ui_measure_say_length(s_m, number, sizeof number);
    int used = snprintf(out, out_size, "%s", number);
    for (uint32_t i = 0; i < section->count && used >= 0 && (size_t)used + 200 < out_size; i++) {
        const ui_section_part *part = &section->parts[i];
        bool is_thing = part->kind == UI_SECTION_BUILDING || part->kind == UI_SECTION_STREET;
        if (part->from_m > s_m || part->to_m < s_m)
            continue;
        if (is_thing) {
            jw_pick pick = {.kind = part->kind == UI_SECTION_STREET ? JW_PICK_EDGE : JW_PICK_BUILDING,
                            .index = part->index};
            ui_name_thing(ui, &ui->sides[ui->side].newer, &pick, name, sizeof name, place, sizeof place);
            used += snprintf(out + used, out_size - (size_t)used, "\n%s", name);
        }
        if (part->kind == UI_SECTION_BUILDING) {
            ui_format_number(part->top_m, "m", number, sizeof number);
            used += snprintf(out + used, out_size - (size_t)used, " · %s", number);
        } else if (part->kind == UI_SECTION_SIGHT) {
            ui_say_with(ui, "tools.seen_by", part->name, name, sizeof name);
            used += snprintf(out + used, out_size - (size_t)used, "\n%s", name);
        }
    }
}

static double pointed_on_map(const jw_ui *ui)
{
    const ui_section *section = &ui->tools.section;
    if (!ui->tool.has_hover || section->length_m <= 0)
        return NAN;
    jw_vec2 way = jw_vec2_sub(section->to, section->from), at = jw_vec2_sub(ui->tool.hover, section->from);
    double s_m = (way.x * at.x + way.y * at.y) / section->length_m;
    double beside_m = (way.x * at.y - way.y * at.x) / section->length_m;
    return jw_abs(beside_m) < UI_SECTION_BESIDE_M && s_m >= 0 && s_m <= section->length_m ? s_m : NAN;
}

static void draw_axes(const profile *p, double top_m)
{
    char text[48];
    uint32_t muted = gui_colour_of(GUI_MUTED);
    float foot = p->area.y + p->area.height + gui_px(14);
    ui_format_number(jw_round(top_m), "m", text, sizeof text);
    gui_draw_text(GUI_SMALL, p->area.x - gui_text_width(GUI_SMALL, text) - gui_px(6), y_of(p, top_m), muted,
                  text);
    gui_draw_text(GUI_SMALL, p->area.x - gui_text_width(GUI_SMALL, "0") - gui_px(6),
                  y_of(p, 0) - gui_text_height(GUI_SMALL) / 2, muted, "0");
    gui_draw_text(GUI_SMALL, p->area.x, foot, muted, "A");
    ui_measure_say_length(p->length_m / 2, text, sizeof text);
    gui_draw_text(GUI_SMALL, p->area.x + (p->area.width - gui_text_width(GUI_SMALL, text)) / 2, foot, muted,
                  text);
    char end[56];
    ui_measure_say_length(p->length_m, text, sizeof text);
    snprintf(end, sizeof end, "%s · B", text);
    gui_draw_text(GUI_SMALL, p->area.x + p->area.width - gui_text_width(GUI_SMALL, end), foot, muted, end);
}

static profile scale_profile(const jw_ui *ui, gui_rect area, double top_m, double *taller)
{
    profile p = {.area = area, .length_m = ui->tools.section.length_m};
    p.m_per_unit_x = p.length_m / jw_max(area.width, 1);
    p.m_per_unit_y = jw_max(top_m / jw_max(area.height, 1), p.m_per_unit_x / TALLER_MOST);
    if (ui->tools.is_section_true || p.m_per_unit_y > p.m_per_unit_x)
        p.m_per_unit_x = p.m_per_unit_y = jw_max(p.m_per_unit_x, top_m / jw_max(area.height, 1));
    p.area.width = (float)(p.length_m / p.m_per_unit_x);
    *taller = p.m_per_unit_x / p.m_per_unit_y;
    return p;
}

gui_rect ui_profile_rect(const jw_ui *ui)
{
    gui_rect rect = ui_layout_of(ui).charts;
    float height = (float)jw_min(gui_px(190), ui->height_px / (double)ui->pixel_ratio * 0.35);
    float bottom = ui->plot_count ? rect.y - gui_px(12) : rect.y + rect.height;
    return (gui_rect){rect.x, bottom - height, rect.width, height};
}

static void draw_chart(jw_ui *ui, gui_rect rect)
{
    gui_to(rect.x + gui_px(16), rect.y + gui_px(36));
    gui_canvas canvas = gui_canvas_make("area", rect.width - gui_px(32), rect.height - gui_px(46));
    float margin = gui_text_width(GUI_SMALL, "000 m") + gui_px(8),
          names = gui_text_height(GUI_SMALL) + gui_px(4);
    gui_rect area = {canvas.rect.x + margin, canvas.rect.y + names, canvas.rect.width - margin,
                     canvas.rect.height - names - gui_px(32)};
    double taller, top_m = highest(&ui->tools.section);
    profile p = scale_profile(ui, area, top_m, &taller);
    draw_axes(&p, top_m);
    draw_ground(ui, &p);
    draw_buildings(ui, &p);
    draw_masts(ui, &p);
    draw_names(ui, &p, canvas.rect.y);
    char text[512], factor[32];
    if (taller > 1.05) {
        snprintf(factor, sizeof factor, "%.3g", taller);
        ui_say_with(ui, "tools.section_taller", factor, text, sizeof text);
        gui_draw_text(GUI_SMALL, rect.x + rect.width - gui_px(140) - gui_text_width(GUI_SMALL, text),
                      rect.y + gui_px(10), gui_colour_of(GUI_MUTED), text);
    }
    bool is_pointed =
        canvas.is_hovered && canvas.mouse_x >= p.area.x && canvas.mouse_x <= p.area.x + p.area.width;
    double s_m = is_pointed ? (double)(canvas.mouse_x - p.area.x) * p.m_per_unit_x : pointed_on_map(ui);
    ui->tools.section_hover_m = s_m;
    if (isnan(s_m))
        return;
    gui_draw_line(x_of(&p, s_m), p.area.y, x_of(&p, s_m), y_of(&p, 0) + gui_px(12),
                  gui_colour_of(GUI_WARNING), 1);
    say_place(ui, s_m, text, sizeof text);
    if (is_pointed)
        gui_tooltip(text);
}

void ui_profile_draw(jw_ui *ui)
{
    const ui_section *section = &ui->tools.section;
    if (section->length_m <= 0)
        return;
    gui_rect rect = ui_profile_rect(ui);
    gui_panel_begin("##profile", rect);
    char length[48], title[96];
    ui_measure_say_length(section->length_m, length, sizeof length);
    ui_say_with(ui, "tools.section_title", length, title, sizeof title);
    gui_draw_text(GUI_SMALL, rect.x + gui_px(16), rect.y + gui_px(10), gui_colour_of(GUI_TEXT), title);
    gui_to(rect.x + rect.width - gui_px(128), rect.y + gui_px(4));
    if (gui_button(ui->tools.is_section_true ? "1:1##true" : "1:n##true", gui_px(52),
                   ui->tools.is_section_true))
        ui->tools.is_section_true = !ui->tools.is_section_true;
    gui_tooltip(ui_say(ui, "tools.section_true"));
    gui_to(rect.x + rect.width - gui_px(66), rect.y + gui_px(4));
    if (gui_icon_button("save", GUI_ICON_SAVE, false))
        ui_export_measure(ui);
    gui_tooltip(ui_say(ui, "export.csv"));
    gui_to(rect.x + rect.width - gui_px(34), rect.y + gui_px(4));
    bool is_closed = gui_icon_button("close", GUI_ICON_CLOSE, false);
    draw_chart(ui, rect);
    gui_panel_end();
    if (is_closed)
        ui_tool_set(ui, UI_TOOL_NONE);
}

void ui_profile_map(const jw_ui *ui, const ui_map *map)
{
    const ui_section *section = &ui->tools.section;
    if (section->length_m <= 0)
        return;
    const jw_vec3 ends[2] = {{section->from.x, section->from.y, 0}, {section->to.x, section->to.y, 0}};
    ui_map_line(map, ends, 2, false, gui_colour_of(GUI_WARNING), 3);
    for (uint32_t i = 0; i < section->count; i++)
        if (section->parts[i].kind == UI_SECTION_MAST) {
            double t = section->parts[i].from_m / section->length_m;
            ui_map_mark(map,
                        (jw_vec3){ends[0].x + t * (ends[1].x - ends[0].x),
                                  ends[0].y + t * (ends[1].y - ends[0].y), 0},
                        gui_colour_of(GUI_ACCENT), 3);
        }
    for (int i = 0; i < 2; i++) {
        ui_map_mark(map, ends[i], gui_colour_of(GUI_WARNING), 5);
        ui_map_label(map, ends[i], gui_colour_of(GUI_TEXT), i ? "B" : "A");
    }
    double t = ui->tools.section_hover_m / section->length_m;
    if (!isnan(t))
        ui_map_mark(
            map,
            (jw_vec3){ends[0].x + t * (ends[1].x - ends[0].x), ends[0].y + t * (ends[1].y - ends[0].y), 0},
            gui_colour_of(GUI_WARNING), 7);
}
