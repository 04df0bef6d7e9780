/* The page of pictures and films. */
#include "ui/ui_state.h"
#include "ui/ui_still.h"
#include "ui/ui_video.h"

#include <stdio.h>

static const int picture_widths_px[] = {1920, 3840, 7680, 16384};
static const int film_heights_px[] = {480, 720, 1080, 2160};
static const int rates[] = {24, 30, 60};

static int index_of(const int *values, int count, int value)
{
    int i = 0;
    while (i + 1 < count && values[i] != value)
        i++;
    return i;
}

static void choose(const char *id, const int *values, int count, const char *suffix, int *chosen)
{
    char texts[4][16];
    const char *labels[4];
    for (int i = 0; i < count; i++) {
        snprintf(texts[i], sizeof texts[i], "%d%s", values[i], suffix);
        labels[i] = texts[i];
    }
    int at = index_of(values, count, *chosen);
    gui_segments(id, labels, count, &at);
    *chosen = values[at];
}

static void draw_still(jw_ui *ui)
{
    float half = (gui_room_x() - gui_px(8)) / 2;
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "tools.picture_width"));
    choose("widths", picture_widths_px, JW_COUNT_OF(picture_widths_px), "", &ui->tools.picture_width_px);
    if (ui->tools.still) {
        gui_progress(ui_still_progress(ui), ui_say(ui, "tools.picture_making"));
        if (gui_button(ui_say(ui, "tools.cancel"), half, false))
            ui_still_cancel(ui);
        return;
    }
    if (gui_button(ui_say(ui, "tools.picture_city"), half, false))
        ui_export_city(ui);
    gui_same_line(8);
    if (gui_button(ui_say(ui, "tools.picture_window"), half, false))
        ui->wants_picture = true;
}

void ui_film_toggle(jw_ui *ui)
{
    ui_tools *tools = &ui->tools;
    char path[560];
    jw_error error = {0};
    if (ui_video_is_on(ui)) {
        ui_video_stop(ui);
        return;
    }
    if (!ui_pipe_has_encoder()) {
        jw_fail(&error, JW_ERROR_NOT_FOUND, NULL, 0, "%s", ui_say(ui, "tools.film_no_ffmpeg"));
        ui_fail(ui, &error);
        return;
    }
    if (!ui_export_begin(ui, "", "mp4", path, sizeof path))
        return;
    double aspect = (double)ui->width_px / jw_max(ui->height_px, 1);
    ui_video_def def = {.path = path,
                        .width_px = (int)(tools->film_height_px * aspect + 0.5),
                        .height_px = tools->film_height_px,
                        .rate = tools->film_rate,
                        .has_panels = tools->film_has_panels,
                        .duration_s = tools->film_flies || tools->film_is_endless ? 0 : tools->film_s,
                        .time_lapse = tools->film_lapse,
                        .flies = tools->film_flies};
    if (def.has_panels) {
        def.width_px = ui->width_px;
        def.height_px = ui->height_px;
    }
    if (ui_video_start(ui, &def, &error) != JW_OK)
        ui_fail(ui, &error);
}

static void draw_running(jw_ui *ui)
{
    float half = (gui_room_x() - gui_px(8)) / 2;
    uint32_t pictures;
    char number[32], text[96];
    double share = ui_video_progress(ui, &pictures);
    snprintf(number, sizeof number, "%u", pictures);
    ui_say_with(ui, "tools.film_pictures", number, text, sizeof text);
    gui_progress(share, text);
    if (gui_button(ui_say(ui, "tools.film_stop"), half, true))
        ui_video_stop(ui);
    gui_same_line(8);
    if (gui_button(ui_say(ui, "tools.cancel"), half, false))
        ui_video_cancel(ui);
}

static void draw_choices(jw_ui *ui)
{
    ui_tools *tools = &ui->tools;
    const char *sources[] = {ui_say(ui, "tools.film_view"), ui_say(ui, "tools.film_way")};
    char text[64];
    int source = tools->film_flies;
    gui_segments("source", sources, 2, &source);
    tools->film_flies = source != 0 && tools->book.path.count > 1;
    gui_check(ui_say(ui, "tools.film_panels"), &tools->film_has_panels);
    if (!tools->film_has_panels)
        choose("heights", film_heights_px, JW_COUNT_OF(film_heights_px), "p", &tools->film_height_px);
    choose("rates", rates, JW_COUNT_OF(rates), "/s", &tools->film_rate);
    if (!tools->film_flies) {
        bool has_end = !tools->film_is_endless;
        if (gui_check(ui_say(ui, "tools.film_has_end"), &has_end))
            tools->film_is_endless = !has_end;
    }
    if (!tools->film_flies && !tools->film_is_endless) {
        ui_format_number(jw_round(tools->film_s), "s", text, sizeof text);
        gui_width(0);
        gui_slider("##film_s", &tools->film_s, 2, 600, text, true);
    }
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "tools.film_lapse"));
    snprintf(text, sizeof text, tools->film_lapse < 10 ? "%.1f×" : "%.0f×", tools->film_lapse);
    gui_width(0);
    gui_slider("##lapse", &tools->film_lapse, 0.1, 600, text, true);
    if (gui_button(ui_say(ui, "tools.film_start"), 0, true))
        ui_film_toggle(ui);
}

void ui_film_draw(jw_ui *ui)
{
    gui_scroll_begin("##film", 0);
    draw_still(ui);
    gui_rule();
    gui_text(GUI_SMALL, GUI_MUTED,
             ui_say(ui, ui_pipe_has_encoder() ? "tools.film_how" : "tools.film_no_ffmpeg"));
    if (ui_video_is_on(ui))
        draw_running(ui);
    else
        draw_choices(ui);
    gui_scroll_end();
}
