/* What leaves the window as files: charts and what happened as CSV, each with a text beside it on what made
 * it, the window or the city alone as PNG. They lie in a folder Jingwei of the user's documents, pictures and
 * videos where there are such folders (xdg-user-dirs), else in $XDG_DATA_HOME/jingwei or
 * ~/.local/share/jingwei; numbered, nothing is written over. */
#include "ui/ui_state.h"
#include "ui/ui_still.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* A line XDG_PICTURES_DIR="$HOME/Pictures" of ~/.config/user-dirs.dirs; the home folder itself means that
 * there is none. */
static bool user_folder(const char *key, char *out, size_t out_size)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char path[512], line_begin[64], *bytes;
    size_t size;
    if (!home || home[0] != '/')
        return false;
    if (config && config[0] == '/')
        snprintf(path, sizeof path, "%s/user-dirs.dirs", config);
    else
        snprintf(path, sizeof path, "%s/.config/user-dirs.dirs", home);
    if (jw_file_read(path, 1 << 16, &bytes, &size, NULL) != JW_OK)
        return false;
    bool is_found = false;
    snprintf(line_begin, sizeof line_begin, "%s=\"", key);
    for (const char *line = bytes; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, line_begin, strlen(line_begin)) != 0)
            continue;
        line += strlen(line_begin);
        bool is_below_home = strncmp(line, "$HOME", 5) == 0;
        line += is_below_home ? 5 : 0;
        snprintf(out, out_size, "%s%.*s", is_below_home ? home : "", (int)strcspn(line, "\"\n"), line);
        for (size_t end = strlen(out); end > 1 && out[end - 1] == '/'; end--)
            out[end - 1] = 0;
        is_found = out[0] == '/' && strcmp(out, home) != 0 && is_folder(out);
    }
    jw_free(bytes);
    return is_found;
}

static bool find_folder(const char *ending, char *out, size_t out_size)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    char own[400];
    const char *key = strcmp(ending, "csv") == 0   ? "XDG_DOCUMENTS_DIR"
                      : strcmp(ending, "png") == 0 ? "XDG_PICTURES_DIR"
                                                   : "XDG_VIDEOS_DIR";
    if (user_folder(key, own, sizeof own))
        snprintf(out, out_size, "%s/Jingwei", own);
    else if (data && data[0] == '/')
        snprintf(out, out_size, "%s/jingwei", data);
    else if (home && home[0] == '/')
        snprintf(out, out_size, "%s/.local/share/jingwei", home);
    else
        return false;
    return jw_make_directory(out, NULL) == JW_OK;
}

/* "traffic.mean_delay": "-traffic-mean-delay". */
static void write_slug(const char *what, char *out, size_t out_size)
{
    size_t used = 0;
    for (; *what && used + 3 < out_size; what++)
        if (isalnum((unsigned char)*what)) {
            if (used == 0 || !isalnum((unsigned char)what[-1]))
                out[used++] = '-';
            out[used++] = (char)tolower((unsigned char)*what);
        }
    out[used] = 0;
}

bool ui_export_path(const jw_ui *ui, const char *what, const char *ending, char *out, size_t out_size)
{
    char folder[420], stem[128], slug[64], beside[700];
    if (!find_folder(ending, folder, sizeof folder))
        return false;
    jw_path_stem(ui->wish.file, stem, sizeof stem);
    write_slug(what, slug, sizeof slug);
    for (uint32_t i = 1; i < 100000; i++) {
        snprintf(out, out_size, "%s/%s%s-%u.%s", folder, stem, slug, i, ending);
        snprintf(beside, sizeof beside, "%s/%s%s-%u.txt", folder, stem, slug, i);
        if (!jw_file_exists(out) && !jw_file_exists(beside))
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

bool ui_export_begin(jw_ui *ui, const char *what, const char *ending, char *out, size_t out_size)
{
    if (ui_export_path(ui, what, ending, out, out_size))
        return true;
    jw_error error = {0};
    jw_fail(&error, JW_ERROR_IO, NULL, 0, "%s", ui_say(ui, "export.no_folder"));
    ui_fail(ui, &error);
    return false;
}

/* With as many decimals as tell the world's steps apart. */
static void format_instant(const jw_ui *ui, int64_t time_ns, char *out, size_t out_size)
{
    int64_t dt_ns = ui->sides[0].status.dt_ns;
    char whole[32], decimals[8];
    ui_format_time(time_ns, whole, sizeof whole);
    snprintf(decimals, sizeof decimals, ".%03d", (int)(time_ns % JW_NS_PER_S / 1000000));
    int digits = dt_ns % JW_NS_PER_S == 0 ? 0 : dt_ns % (JW_NS_PER_S / 10) == 0 ? 2 : 4;
    snprintf(out, out_size, "%.8s%.*s%s", whole, digits, decimals, whole + 8);
}

/* What a column holds, in the same words in any language: "traffic.mean_delay, s, since 07:00:00". */
static void name_column(const jw_ui *ui, const ui_plot *plot, char *out, size_t out_size)
{
    bool is_metric = plot->watch.kind == JW_WATCH_NONE;
    const jw_frame_metric *metric = is_metric ? jw_frame_find_metric(&ui->sides[0].newer, plot->label) : NULL;
    char window[48] = "", time[32];
    ui_format_time(ui->start_ns, time, sizeof time);
    if (metric)
        snprintf(window, sizeof window, metric->is_since_start ? ", since %s" : ", at the moment", time);
    snprintf(out, out_size, "%s%s%s%s", is_metric ? plot->label : plot->title, plot->unit[0] ? ", " : "",
             plot->unit, window);
    for (char *c = out; *c; c++)
        if (*c == '"')
            *c = '\'';
}

jw_result ui_plot_write_csv(const jw_ui *ui, const ui_plot *plot, const char *path, jw_error *error)
{
    jw_writer writer = {0};
    char line[320], time[48], column[256];
    name_column(ui, plot, column, sizeof column);
    /* Spreadsheets take the file for UTF-8 by its mark. */
    int used = snprintf(line, sizeof line, "\xef\xbb\xbfworld,time_s,time,\"%s\"\n", column);
    jw_write_bytes(&writer, line, (size_t)used);
    for (uint32_t s = 0; s < ui->side_count; s++)
        for (uint32_t i = 0; i < plot->series[s].axis.count; i++) {
            format_instant(ui, plot->series[s].axis.time_ns[i], time, sizeof time);
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
    char line[96], time[48], text[UI_EVENT_SIZE];
    jw_write_bytes(&writer, "\xef\xbb\xbfworld,time_s,time,", 3 + strlen("world,time_s,time,"));
    write_text(&writer, ui_say(ui, "scenario.happened"));
    for (uint32_t s = 0; s < ui->side_count; s++)
        for (uint32_t i = 0; i < ui->sides[s].event_count; i++) {
            const jw_frame_event *event = &ui->sides[s].events[i];
            format_instant(ui, event->time_ns, time, sizeof time);
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

static void write_line(jw_writer *writer, const char *name, const char *text)
{
    jw_write_bytes(writer, name, strlen(name));
    jw_write_bytes(writer, ": ", *name ? 2 : 0);
    jw_write_bytes(writer, text, strlen(text));
    jw_write_bytes(writer, "\n", 1);
}

/* Those that are not as the scene has them. */
static void write_params(const jw_ui *ui, jw_writer *writer)
{
    uint32_t count = ui->scene ? jw_scene_param_count(ui->scene) : 0;
    for (uint32_t i = 0; i < count; i++) {
        const jw_param *param = jw_scene_param(ui->scene, i);
        char value[64], text[192];
        bool is_to_come = ui->needs_restart && !param->is_live;
        if (param->value == param->default_value)
            continue;
        ui_param_text(param, param->value, value, sizeof value);
        snprintf(text, sizeof text, "%s = %s%s%s", param->id, value, is_to_come ? ", " : "",
                 is_to_come ? ui_say(ui, "params.at_start") : "");
        write_line(writer, ui_say(ui, "export.param"), text);
    }
}

jw_result ui_export_write_origin(const jw_ui *ui, const char *what, const char *path, jw_error *error)
{
    jw_writer writer = {0};
    char text[UI_EVENT_SIZE + 64], said[UI_EVENT_SIZE], time[48];
    if (*what)
        write_line(&writer, ui_say(ui, "export.value"), what);
    write_line(&writer, ui_say(ui, "export.scene"), ui->wish.file);
    if (ui->wish.scenario[0])
        write_line(&writer, ui_say(ui, "export.scenario"), ui->wish.scenario);
    snprintf(text, sizeof text, "%" PRIu64, ui->seed);
    write_line(&writer, ui_say(ui, "assumptions.seed"), text);
    write_params(ui, &writer);
    for (uint32_t s = 0; s < ui->side_count; s++) {
        const ui_side *side = &ui->sides[s];
        char now[160];
        ui_format_time(s ? side->first.time_ns : ui->start_ns, time, sizeof time);
        ui_say_with(ui, s ? "fork.since" : "inspector.since", time, said, sizeof said);
        format_instant(ui, side->newer.time_ns, time, sizeof time);
        snprintf(now, sizeof now, "%.100s – %s", said, time);
        write_line(&writer, s ? "\nB" : "\nA", now);
        for (uint32_t i = 0; i < side->told_count; i++) {
            format_instant(ui, side->events[i].time_ns, time, sizeof time);
            ui_say_event(ui, &side->events[i], said, sizeof said);
            jw_text_format(text, sizeof text, "%s  %s", time, said);
            write_line(&writer, "", text);
        }
    }
    jw_result result =
        writer.failed ? jw_fail_memory(error) : jw_file_write(path, writer.bytes, writer.size, error);
    jw_writer_free(&writer);
    return result;
}

/* The table is written: beside it what made it. */
static void end_csv(jw_ui *ui, jw_result result, const char *path, const char *what, jw_error *error)
{
    char beside[600];
    jw_text_format(beside, sizeof beside, "%.*s.txt", (int)(strlen(path) - strlen(".csv")), path);
    if (result == JW_OK)
        result = ui_export_write_origin(ui, what, beside, error);
    ui_export_end(ui, result, path, error);
}

void ui_export_events(jw_ui *ui)
{
    char path[560];
    jw_error error = {0};
    if (ui_export_begin(ui, "events", "csv", path, sizeof path))
        end_csv(ui, ui_events_write_csv(ui, path, &error), path, "", &error);
}

void ui_export_plot(jw_ui *ui, const ui_plot *plot)
{
    char path[560], what[416], column[256];
    jw_error error = {0};
    name_column(ui, plot, column, sizeof column);
    snprintf(what, sizeof what, "%s (%s)", plot->title, column);
    if (ui_export_begin(ui, plot->label, "csv", path, sizeof path))
        end_csv(ui, ui_plot_write_csv(ui, plot, path, &error), path, what, &error);
}

void ui_export_window(jw_ui *ui)
{
    char path[560];
    jw_error error = {0};
    if (ui_export_begin(ui, "", "png", path, sizeof path))
        ui_export_end(ui, ui_save_picture(ui, path, &error), path, &error);
}

void ui_export_city(jw_ui *ui)
{
    char path[560];
    jw_error error = {0};
    if (!ui->view || !ui->side_count || !ui_export_begin(ui, "", "png", path, sizeof path))
        return;
    if (ui_still_start(ui, path, ui->tools.picture_width_px, 0, &error) != JW_OK)
        ui_fail(ui, &error);
}
