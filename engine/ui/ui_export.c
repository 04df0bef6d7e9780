/* What leaves the window as files: charts and what happened as CSV, the window or the city alone as PNG. They
 * lie in $XDG_DATA_HOME/jingwei (else ~/.local/share/jingwei), numbered; nothing is written over. */
#include "ui/ui_state.h"
#include "ui/ui_still.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ui_export_path(const jw_ui *ui, const char *ending, char *out, size_t out_size)
{
    char folder[400], stem[128];
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (data && data[0] == '/')
        snprintf(folder, sizeof folder, "%s/jingwei", data);
    else if (home && home[0] == '/')
        snprintf(folder, sizeof folder, "%s/.local/share/jingwei", home);
    else
        return false;
    if (jw_make_directory(folder, NULL) != JW_OK)
        return false;
    jw_path_stem(ui->wish.file, stem, sizeof stem);
    for (uint32_t i = 1; i < 100000; i++) {
        snprintf(out, out_size, "%s/%s-%u.%s", folder, stem, i, ending);
        if (!jw_file_exists(out))
            return true;
    }
    return false;
}

jw_view_scene ui_export_scene(const jw_ui *ui, uint32_t part, const ui_pins *pins)
{
    jw_view_scene scene = ui_scene_of(ui, part);
    scene.label_room = (jw_view_rect){0}; /* no panels are in it */
    scene.notes = pins->notes;
    scene.note_count = pins->count;
    ui_layout layout = ui_layout_of(ui);
    double ratio = (double)ui->pixel_ratio, width_px = scene.rect.width_px, height_px = scene.rect.height_px;
    if (ui->is_bare || ui->is_presenting || ui->tools.walk.is_on || ui->follow == UI_FOLLOW_SEAT)
        return scene;
    double x_px = scene.rect.x_px + width_px / 2, y_px = (double)layout.time_bar.y * ratio / 2;
    if (ui_part_count(ui) == 1)
        x_px = (double)(layout.charts.x + layout.charts.width / 2) * ratio;
    jw_camera_pan(&scene.camera, scene.rect, x_px, y_px, scene.rect.x_px + width_px / 2, height_px / 2);
    return scene;
}

void ui_notice(jw_ui *ui, const char *text)
{
    jw_text_copy(ui->notice, sizeof ui->notice, text);
    ui->notice_s = jw_clock_seconds();
    ui->redraws = 3;
}

void ui_export_end(jw_ui *ui, jw_result result, const char *path, const jw_error *error)
{
    char text[640];
    if (result != JW_OK) {
        ui_fail(ui, error);
        return;
    }
    ui_say_with(ui, "export.saved", path, text, sizeof text);
    ui_notice(ui, text);
}

bool ui_export_begin(jw_ui *ui, const char *ending, char *out, size_t out_size)
{
    if (ui_export_path(ui, ending, out, out_size))
        return true;
    jw_error error = {0};
    jw_fail(&error, JW_ERROR_IO, NULL, 0, "%s", ui_say(ui, "export.no_folder"));
    ui_fail(ui, &error);
    return false;
}

jw_result ui_plot_write_csv(const jw_ui *ui, const ui_plot *plot, const char *path, jw_error *error)
{
    jw_writer writer = {0};
    char line[320], time[32], title[160];
    jw_text_copy(title, sizeof title, plot->title);
    for (char *c = title; *c; c++)
        if (*c == '"')
            *c = '\'';
    /* Spreadsheets take the file for UTF-8 by its mark. */
    int used = snprintf(line, sizeof line, "\xef\xbb\xbfworld,time_s,time,\"%s%s%s\"\n", title,
                        plot->unit[0] ? ", " : "", plot->unit);
    jw_write_bytes(&writer, line, (size_t)used);
    for (uint32_t s = 0; s < ui->side_count; s++)
        for (uint32_t i = 0; i < plot->series[s].axis.count; i++) {
            ui_format_time(plot->series[s].axis.time_ns[i], time, sizeof time);
            used = snprintf(line, sizeof line, "%s,%.3f,%s,%.7g\n", s ? "B" : "A",
                            jw_s_from_ns(plot->series[s].axis.time_ns[i]), time,
                            (double)plot->series[s].value[i]);
            jw_write_bytes(&writer, line, (size_t)used);
        }
    jw_result result =
        writer.failed ? jw_fail_memory(error) : jw_file_write(path, writer.bytes, writer.size, error);
    jw_writer_free(&writer);
    return result;
}

/* In quotation marks: a text may hold commas and marks of its own. */
static void write_text(jw_writer *writer, const char *text)
{
    jw_write_bytes(writer, "\"", 1);
    for (; *text; text++) {
        if (*text == '"')
            jw_write_bytes(writer, "\"", 1);
        jw_write_bytes(writer, text, 1);
    }
    jw_write_bytes(writer, "\"\n", 2);
}

jw_result ui_events_write_csv(const jw_ui *ui, const char *path, jw_error *error)
{
    jw_writer writer = {0};
    char line[64], time[32], text[UI_EVENT_SIZE];
    jw_write_bytes(&writer, "\xef\xbb\xbfworld,time_s,time,", 3 + strlen("world,time_s,time,"));
    write_text(&writer, ui_say(ui, "scenario.happened"));
    for (uint32_t s = 0; s < ui->side_count; s++)
        for (uint32_t i = 0; i < ui->sides[s].event_count; i++) {
            const jw_frame_event *event = &ui->sides[s].events[i];
            ui_format_time(event->time_ns, time, sizeof time);
            int used =
                snprintf(line, sizeof line, "%s,%.3f,%s,", s ? "B" : "A", jw_s_from_ns(event->time_ns), time);
            jw_write_bytes(&writer, line, (size_t)used);
            ui_say_event(ui, event, text, sizeof text);
            write_text(&writer, text);
        }
    jw_result result =
        writer.failed ? jw_fail_memory(error) : jw_file_write(path, writer.bytes, writer.size, error);
    jw_writer_free(&writer);
    return result;
}

void ui_export_events(jw_ui *ui)
{
    char path[560];
    jw_error error = {0};
    if (ui_export_begin(ui, "csv", path, sizeof path))
        ui_export_end(ui, ui_events_write_csv(ui, path, &error), path, &error);
}

void ui_export_plot(jw_ui *ui, const ui_plot *plot)
{
    char path[560];
    jw_error error = {0};
    if (ui_export_begin(ui, "csv", path, sizeof path))
        ui_export_end(ui, ui_plot_write_csv(ui, plot, path, &error), path, &error);
}

void ui_export_window(jw_ui *ui)
{
    char path[560];
    jw_error error = {0};
    if (ui_export_begin(ui, "png", path, sizeof path))
        ui_export_end(ui, ui_save_picture(ui, path, &error), path, &error);
}

void ui_export_city(jw_ui *ui)
{
    char path[560];
    jw_error error = {0};
    if (!ui->view || !ui->side_count || !ui_export_begin(ui, "png", path, sizeof path))
        return;
    if (ui_still_start(ui, path, ui->tools.picture_width_px, 0, &error) != JW_OK)
        ui_fail(ui, &error);
}
