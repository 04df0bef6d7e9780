/* How much is drawn: what was asked for, what was measured on this renderer before, else two seconds of
 * measuring while the city is already shown. */
#include "ui/ui_state.h"
#include "ui/ui_video.h"

#include <GL/glew.h>
#include <string.h>

static bool was_measured(const jw_ui *ui)
{
    return ui->settings.measured_tier != JW_VIEW_AUTO &&
           strcmp(ui->settings.renderer, jw_view_window_renderer(ui->window)) == 0;
}

jw_view_tier ui_quality_tier(const jw_ui *ui)
{
    if (ui->tier != JW_VIEW_AUTO)
        return ui->tier;
    if (was_measured(ui))
        return (jw_view_tier)ui->settings.measured_tier;
    /* A picture must not change while it is made. */
    return ui->is_hidden ? JW_VIEW_AUTO : JW_VIEW_SOFTWARE;
}

jw_view_tier ui_quality_begin(jw_ui *ui)
{
    ui->is_measuring = ui->tier == JW_VIEW_AUTO && !was_measured(ui) && !ui->is_hidden;
    if (!ui->is_measuring)
        return ui_quality_tier(ui);
    jw_view_meter_begin(&ui->meter, jw_clock_seconds());
    return ui->meter.tier;
}

void ui_quality_keep(jw_ui *ui, const jw_view *view)
{
    if (ui->tier != JW_VIEW_AUTO || ui->is_measuring)
        return;
    ui->settings.measured_tier = (int)jw_view_get_tier(view);
    jw_text_copy(ui->settings.renderer, sizeof ui->settings.renderer, jw_view_window_renderer(ui->window));
}

void ui_quality_set(jw_ui *ui, jw_view_tier tier)
{
    ui->tier = tier;
    ui->settings.tier = (int)tier;
    if (tier == JW_VIEW_AUTO)
        ui->settings.measured_tier = JW_VIEW_AUTO;
    if (ui->view)
        jw_view_set_tier(ui->view, ui_quality_begin(ui));
    ui_save_settings(ui);
    ui->redraws = 3;
}

void ui_quality_tick(jw_ui *ui, double begin_s)
{
    /* All of a picture in bands and of a film is of one tier. */
    if (!ui->is_measuring || !ui->view || ui->tools.still || ui_video_is_on(ui))
        return;
    glFinish();
    double now_s = jw_clock_seconds();
    if (jw_view_meter_take(&ui->meter, now_s, (now_s - begin_s) * 1e3))
        jw_view_set_tier(ui->view, ui->meter.tier);
    if (!ui->meter.is_done)
        return;
    ui->is_measuring = false;
    ui_quality_keep(ui, ui->view);
    ui_save_settings(ui);
}
