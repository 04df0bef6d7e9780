/* Names of computing sites over the city, the nearest first, none over another. */
#include "ui/ui_state.h"

#define LABELS_MAX 24
#define TIER_MIN   2 /* roadside units and base stations would be a swarm */

typedef struct label {
    const char *text;
    gui_rect rect;
    double depth_m;
} label;

static bool overlaps(const gui_rect *a, const gui_rect *b)
{
    return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
           b->y < a->y + a->height;
}

/* Where the foot of a site is seen, in window pixels; false outside the room between the panels. */
static bool place_label(const jw_ui *ui, uint32_t side, const jw_frame_asset *asset, label *out)
{
    ui_layout layout = ui_layout_of(ui);
    jw_view_rect rect = ui_side_rect(ui, side);
    double x_px, y_px;
    jw_vec3 foot = {(double)asset->x_m, (double)asset->y_m, 0};
    if (!jw_camera_project(&ui->camera, rect, foot, &x_px, &y_px, &out->depth_m))
        return false;
    float width = gui_text_width(GUI_SMALL, asset->name) + gui_px(10), height = gui_px(18);
    float x = (float)x_px / ui->pixel_ratio, y = (float)y_px / ui->pixel_ratio;
    out->text = asset->name;
    out->rect = (gui_rect){x - width / 2, y + gui_px(5), width, height};
    float left = (float)rect.x_px / ui->pixel_ratio, right = left + (float)rect.width_px / ui->pixel_ratio;
    left = (float)jw_max((double)left, (double)layout.charts.x);
    right = (float)jw_min((double)right, (double)(layout.charts.x + layout.charts.width));
    float bottom = ui->plot_count ? layout.charts.y : layout.time_bar.y;
    return out->rect.x > left && out->rect.x + width < right && out->rect.y > 0 && y + 2 * height < bottom;
}

static void draw_side(const jw_ui *ui, uint32_t side)
{
    const jw_frame *frame = &ui->sides[side].newer;
    label labels[LABELS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < frame->asset_count; i++) {
        const jw_frame_asset *asset = &frame->assets[i];
        label one;
        if (asset->kind != JW_ASSET_SITE || asset->tier < TIER_MIN || !place_label(ui, side, asset, &one))
            continue;
        uint32_t k = count < LABELS_MAX ? count++ : LABELS_MAX;
        for (; k > 0 && labels[k - 1].depth_m > one.depth_m; k--)
            if (k < LABELS_MAX)
                labels[k] = labels[k - 1];
        if (k < LABELS_MAX)
            labels[k] = one;
    }
    for (uint32_t i = 0; i < count; i++) {
        bool is_free = true;
        for (uint32_t k = 0; k < i && is_free; k++)
            is_free = !labels[k].text || !overlaps(&labels[i].rect, &labels[k].rect);
        if (!is_free) {
            labels[i].text = NULL;
            continue;
        }
        gui_rect r = labels[i].rect;
        gui_draw_fill(r, gui_fade(GUI_PANEL, 0.85f), gui_px(4));
        gui_draw_text(GUI_SMALL, r.x + gui_px(5), r.y + (r.height - gui_text_height(GUI_SMALL)) / 2,
                      gui_colour_of(GUI_TEXT), labels[i].text);
    }
}

void ui_labels_draw(const jw_ui *ui)
{
    jw_overlay_kind kind = jw_view_overlay_info(ui->overlay)->kind;
    if (ui->hides_sites || kind == JW_OVERLAY_OF_EDGES || kind == JW_OVERLAY_OF_PLACES)
        return;
    gui_bare_begin("##labels", ui_layout_of(ui).window);
    for (uint32_t i = 0; i < ui->side_count; i++)
        if (ui->sides[i].has_newer)
            draw_side(ui, i);
    gui_bare_end();
}
