/* Names in the city: the view draws them, the window says where they have room and in which language. */
#include "ui/ui_state.h"

#include <string.h>

/* A view without a font has no names: said once, in the log. */
void ui_labels_begin(jw_view *view)
{
    int face;
    const char *path = jw_view_find_font(&face);
    jw_error error = {0};
    if (!path)
        jw_log_line(JW_LOG_WARNING, "no font with Chinese was found: there are no names in the city");
    else if (jw_view_set_font(view, path, face, &error) != JW_OK)
        jw_log_line(JW_LOG_WARNING, "%s: %s; there are no names in the city", path, error.message);
}

/* What the panels leave free of a side. */
static jw_view_rect room_of(const jw_ui *ui, uint32_t side)
{
    jw_view_rect rect = ui_side_rect(ui, side);
    if (ui->is_bare)
        return rect;
    ui_layout layout = ui_layout_of(ui);
    double ratio = (double)ui->pixel_ratio, margin = (double)gui_px(6);
    double left = jw_max(rect.x_px, ((double)layout.charts.x - margin) * ratio);
    double right = jw_min(rect.x_px + rect.width_px,
                          ((double)layout.charts.x + (double)layout.charts.width + margin) * ratio);
    double bottom = (double)(ui->plot_count ? layout.charts.y : layout.time_bar.y) - margin;
    bottom = jw_min(rect.y_px + rect.height_px, bottom * ratio);
    return (jw_view_rect){(int)left, rect.y_px, (int)jw_max(right - left, 1),
                          (int)jw_max(bottom - rect.y_px, 1)};
}

void ui_labels_of_scene(const jw_ui *ui, uint32_t side, jw_view_scene *scene)
{
    scene->hides_labels = ui->settings.hides_names;
    scene->language = strcmp(ui->text.language, "zh") == 0 ? JW_LANGUAGE_ZH : JW_LANGUAGE_EN;
    scene->label_scale = ui->scale * ui->pixel_ratio;
    scene->label_room = room_of(ui, side);
}
