/* What the window knows: opening and closing, worlds and their frames, the selection, what is watched. */
#include "ui/ui_state.h"

#include <SDL2/SDL.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Numbers of watches. */
enum { WATCH_SELECTION = 1, WATCH_LATENCY = 2, WATCH_PLOT = 10 };

/* Frames further apart in simulated time are not joined by motion: cars would fly over blocks. */
#define MOTION_MAX_S 5.0

/* A latency map takes the world some 100 ms: it is asked for anew after so long on the wall clock. */
#define LATENCY_REST_S 3.0

/* ---- words -----------------------------------------------------------------------------------------------
 */

const char *ui_say(const jw_ui *ui, const char *key)
{
    const char *text = ui_text_find(&ui->text, key);
    return text ? text : key;
}

const char *ui_say_name(const jw_ui *ui, const char *prefix, const char *name, char *out, size_t out_size)
{
    snprintf(out, out_size, "%s%s", prefix, name);
    const char *text = ui_text_find(&ui->text, out);
    if (text)
        return text;
    jw_text_copy(out, out_size, name);
    for (char *c = out; *c; c++)
        if (*c == '_')
            *c = ' ';
    return out;
}

const char *ui_say_unit(const jw_ui *ui, const char *unit)
{
    char key[32];
    snprintf(key, sizeof key, "unit.%s", unit);
    const char *text = ui_text_find(&ui->text, key);
    return text ? text : unit;
}

const char *ui_say_label(const jw_ui *ui, const jw_label *label)
{
    return strcmp(ui->text.language, "zh") == 0 && label->zh[0] ? label->zh : label->en;
}

void ui_format_number(double value, const char *unit, char *out, size_t out_size)
{
    double size = jw_abs(value);
    int decimals = value == jw_round(value) || size >= 100 ? 0 : size >= 10 ? 1 : 2;
    char digits[48];
    if (!isfinite(value)) {
        jw_text_copy(out, out_size, "-");
        return;
    }
    if (size > 0 && size < 0.01)
        snprintf(digits, sizeof digits, "%.1e", size);
    else
        snprintf(digits, sizeof digits, "%.*f", decimals, size);
    /* Thousands apart by a thin-looking blank, as SI asks. */
    char grouped[64];
    size_t whole = strcspn(digits, "."), at = 0;
    for (size_t i = 0; digits[i] && at + 2 < sizeof grouped; i++) {
        if (i && i < whole && (whole - i) % 3 == 0 && whole > 4)
            grouped[at++] = ' ';
        grouped[at++] = digits[i];
    }
    grouped[at] = 0;
    bool is_minus = value < 0 && strpbrk(digits, "123456789");
    snprintf(out, out_size, "%s%s%s%s", is_minus ? "−" : "", grouped, unit && *unit ? " " : "",
             unit ? unit : "");
}

void ui_format_time(int64_t time_ns, char *out, size_t out_size)
{
    int64_t s = time_ns / JW_NS_PER_S;
    int day = (int)(s / 86400);
    int written =
        snprintf(out, out_size, "%02d:%02d:%02d", (int)(s / 3600 % 24), (int)(s / 60 % 60), (int)(s % 60));
    if (day > 0 && written > 0 && (size_t)written < out_size)
        snprintf(out + written, out_size - (size_t)written, " +%d", day);
}

bool ui_set_language(jw_ui *ui, const char *language)
{
    char folder[512], path[600];
    if (!jw_data_folder(folder, sizeof folder))
        return false;
    snprintf(path, sizeof path, "%s/assets/i18n/%s.txt", folder, language);
    jw_error error = {0};
    if (ui_text_load(&ui->text, path, language, &error) == JW_OK)
        return true;
    ui_fail(ui, &error);
    return false;
}

/* ---- opening and closing ---------------------------------------------------------------------------------
 */

static void take_log_line(void *context, jw_log_level level, const char *line)
{
    ui_log *log = context;
    pthread_mutex_lock(&log->mutex);
    uint64_t at = log->count % UI_LOG_LINES;
    jw_text_copy(log->lines[at], sizeof log->lines[at], line);
    log->levels[at] = (uint8_t)level;
    log->count++;
    pthread_mutex_unlock(&log->mutex);
    if (level != JW_LOG_INFO)
        fprintf(stderr, "jingwei: %s\n", line);
}

static const char *first_language(const jw_ui_def *def, const ui_settings *settings)
{
    if (def->language)
        return def->language;
    if (settings->language[0])
        return settings->language;
    const char *lang = getenv("LC_ALL");
    if (!lang || !*lang)
        lang = getenv("LANG");
    return lang && strncmp(lang, "zh", 2) == 0 ? "zh" : "en";
}

static jw_result open_window(jw_ui *ui, const jw_ui_def *def, bool is_hidden, jw_error *error)
{
    int width_px = def->width_px ? def->width_px : ui->settings.width_px;
    int height_px = def->height_px ? def->height_px : ui->settings.height_px;
    const char *display = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
    bool is_asked_for = getenv("SDL_VIDEODRIVER") != NULL;
    if ((!display || !*display) && (!wayland || !*wayland))
        setenv("SDL_VIDEODRIVER", "offscreen", 0);
    jw_result result = jw_view_window_create(width_px, height_px, "Jingwei", is_hidden, &ui->window, error);
    if (result != JW_OK)
        return result;
    /* Without a screen pictures can be made, but a window that nobody sees would run for ever. */
    const char *driver = SDL_GetCurrentVideoDriver();
    if (!is_hidden && !is_asked_for && driver &&
        (strcmp(driver, "offscreen") == 0 || strcmp(driver, "dummy") == 0))
        return jw_fail(
            error, JW_ERROR_UNSUPPORTED, NULL, 0,
            "there is no screen to open a window on: set DISPLAY or WAYLAND_DISPLAY (WSLg and remote "
            "desktops do), or make a picture with --screenshot FILE, or use 'jingwei run'");
    ui->has_gui = gui_open(jw_view_window_sdl(ui->window), jw_view_window_context(ui->window));
    if (!ui->has_gui)
        return jw_fail(
            error, JW_ERROR_UNSUPPORTED, NULL, 0,
            "the interface cannot be drawn by '%s': set LIBGL_ALWAYS_SOFTWARE=1 to draw on the processor",
            jw_view_window_renderer(ui->window));
    return ui_make_fonts(ui) ? JW_OK : jw_fail_memory(error);
}

/* The catalogue must be there: an interface of bare keys helps nobody. */
static jw_result open_language(jw_ui *ui, const char *language, jw_error *error)
{
    bool lacks_font = strcmp(language, "zh") == 0 && !ui->has_chinese_font;
    if (!ui_set_language(ui, lacks_font ? "en" : language)) {
        jw_result result = ui->dialog.code ? ui->dialog.code : JW_ERROR_NOT_FOUND;
        return jw_fail(error, result, ui->dialog.file, ui->dialog.line, "%s",
                       ui->dialog.code ? ui->dialog.message
                                       : "the folder of assets is not found: set JINGWEI_HOME to it");
    }
    if (!ui->has_chinese_font)
        jw_fail(&ui->dialog, JW_ERROR_NOT_FOUND, NULL, 0, "%s", ui_say(ui, "font.missing"));
    return JW_OK;
}

jw_result ui_open(const jw_ui_def *def, bool is_hidden, jw_ui **out, jw_error *error)
{
    *out = NULL;
    jw_ui *ui = jw_alloc(sizeof *ui);
    ui_log *log = jw_alloc(sizeof *log);
    ui_plot *plots = jw_alloc(UI_PLOT_MAX * sizeof *plots);
    if (!ui || !log || !plots) {
        jw_free(ui);
        jw_free(log);
        jw_free(plots);
        return jw_fail_memory(error);
    }
    ui->log = log;
    ui->plots = plots;
    pthread_mutex_init(&log->mutex, NULL);
    jw_log_to(take_log_line, log);
    ui_settings_default(&ui->settings);
    /* A picture is the same for everyone and leaves no trace. */
    if (!is_hidden && ui_settings_path(ui->settings_path, sizeof ui->settings_path))
        ui_settings_read(&ui->settings, ui->settings_path);
    ui->speed = def->speed > 0 ? def->speed : 1;
    ui->redraws = 3;
    jw_result result = open_window(ui, def, is_hidden, error);
    if (result == JW_OK)
        result = open_language(ui, first_language(def, &ui->settings), error);
    if (result != JW_OK) {
        ui_close(ui);
        return result;
    }
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    ui->wish.threads = def->threads > 0 ? def->threads : (int)jw_max((double)processors - 1, 1);
    ui->wish.seed = def->seed;
    jw_text_copy(ui->wish.scenario, sizeof ui->wish.scenario, def->scenario);
    for (uint32_t i = 0; i < def->set_count && ui->wish.set_count < JW_COUNT_OF(ui->wish.set); i++)
        jw_text_copy(ui->wish.set[ui->wish.set_count++], sizeof ui->wish.set[0], def->set[i]);
    ui_start_list(ui);
    *out = ui;
    return JW_OK;
}

static void close_side(ui_side *side)
{
    jw_session_destroy(side->session);
    jw_frame_free(&side->older);
    jw_frame_free(&side->newer);
    jw_free(side->latency_values);
    *side = (ui_side){0};
}

/* Worlds go; the city's view may stay for the next world on it. */
static void close_worlds(jw_ui *ui)
{
    for (uint32_t i = 0; i < ui->side_count; i++)
        close_side(&ui->sides[i]);
    ui->side_count = ui->side = 0;
    ui->selection = (jw_pick){0};
    ui->plot_count = 0;
    ui->is_playing = false;
    ui->waiting_commands = 0;
    ui->needs_restart = ui->is_revealed = false;
    jw_problems_free(&ui->problems);
}

void ui_close_city(jw_ui *ui)
{
    close_worlds(ui);
    jw_view_destroy(ui->view);
    jw_city_release(ui->city);
    jw_scene_close(ui->scene);
    ui->view = NULL;
    ui->city = NULL;
    ui->scene = NULL;
    ui->has_scenario_texts = false;
    ui->overlay = JW_OVERLAY_NONE;
    ui_start_list(ui);
}

void ui_close(jw_ui *ui)
{
    if (ui->load) {
        ui_loaded loaded;
        ui_load_cancel(ui->load);
        ui_load_finish(ui->load, &loaded);
        ui_loaded_free(&loaded);
    }
    ui_close_city(ui);
    if (ui->has_gui)
        gui_close();
    jw_view_window_destroy(ui->window);
    ui_text_free(&ui->text);
    jw_log_to(NULL, NULL);
    pthread_mutex_destroy(&ui->log->mutex);
    jw_free(ui->log);
    jw_free(ui->plots);
    jw_free(ui->font_ranges);
    jw_free(ui->scene_files);
    jw_free(ui->scene_titles);
    jw_free(ui->script_files);
    jw_free(ui);
}

void ui_fail(jw_ui *ui, const jw_error *error)
{
    ui->dialog = *error;
    ui->redraws = 3;
}

void ui_save_settings(jw_ui *ui)
{
    jw_text_copy(ui->settings.language, sizeof ui->settings.language, ui->text.language);
    jw_error error = {0};
    /* Settings that cannot be kept (a full or read-only disk) are no reason to disturb. */
    if (ui->settings_path[0] && ui_settings_write(&ui->settings, ui->settings_path, &error) != JW_OK)
        jw_log_line(JW_LOG_WARNING, "the settings cannot be kept: %s", error.message);
}

/* ---- files -----------------------------------------------------------------------------------------------
 */

static void load(jw_ui *ui, jw_scene *scene)
{
    if (ui->load) { /* the newer wish wins */
        ui_loaded loaded;
        ui_load_cancel(ui->load);
        ui_load_finish(ui->load, &loaded);
        ui_loaded_free(&loaded);
        ui->load = NULL;
    }
    jw_error error = {0};
    ui_play(ui, false);
    if (ui_load_start(&ui->wish, scene, ui->city, &ui->load, &error) != JW_OK)
        ui_fail(ui, &error);
    ui->redraws = 3;
}

void ui_open_file(jw_ui *ui, const char *file)
{
    jw_text_copy(ui->wish.file, sizeof ui->wish.file, file);
    load(ui, NULL);
}

void ui_restart(jw_ui *ui)
{
    if (ui->load)
        return;
    jw_scene *scene = ui->scene;
    ui->scene = NULL;
    load(ui, scene);
}

void ui_adopt(jw_ui *ui)
{
    ui_loaded loaded;
    ui_load_finish(ui->load, &loaded);
    ui->load = NULL;
    ui->redraws = 3;
    ui->wish.set_count = 0; /* they are in the scene now; other scenes have other parameters */
    jw_view *view = NULL;
    jw_session *session = NULL;
    jw_error error = loaded.error;
    jw_result result = loaded.result;
    if (result == JW_OK && loaded.mesh) {
        result = jw_view_create(loaded.mesh, JW_VIEW_AUTO, &view, &error);
        loaded.mesh = NULL;
    }
    if (result == JW_OK) {
        jw_module_entry entry = {&jw_script_module, NULL};
        jw_session_def def = {.city = loaded.city, .extra = &entry, .extra_count = 1, .world = loaded.world};
        result = jw_session_create(&def, &session, &error);
        if (result == JW_OK)
            loaded.world = NULL;
    }
    if (result != JW_OK) {
        jw_view_destroy(view);
        if (!ui->scene && ui->city) { /* a restart failed: the parameters can be mended */
            ui->scene = loaded.scene;
            loaded.scene = NULL;
        }
        ui_loaded_free(&loaded);
        if (result != JW_ERROR_CANCELLED)
            ui_fail(ui, &error);
        return;
    }
    close_worlds(ui);
    bool is_new_city = view != NULL;
    if (is_new_city) {
        jw_view_destroy(ui->view);
        ui->view = view;
    }
    if (ui->scene != loaded.scene)
        jw_scene_close(ui->scene);
    jw_city_release(ui->city);
    ui->scene = loaded.scene;
    ui->city = loaded.city;
    ui->problems = loaded.problems;
    ui->scenario_texts = loaded.texts;
    ui->has_scenario_texts = loaded.has_texts;
    ui->sides[0].session = session;
    ui->side_count = 1;
    ui->watches_changed = true;
    ui->is_drawer_closed = ui->is_drawer_closed && !loaded.has_texts;
    ui->tab = loaded.has_texts ? UI_TAB_SCENARIO : UI_TAB_INSPECTOR;
    if (is_new_city)
        ui_camera_home(ui, true);
    char title[256];
    snprintf(title, sizeof title, "Jingwei · %s", ui_say_label(ui, jw_scene_title(ui->scene)));
    SDL_SetWindowTitle(jw_view_window_sdl(ui->window), title);
    ui_play(ui, !loaded.has_texts); /* a scenario waits for the room's predictions */
    char full[PATH_MAX];
    if (realpath(ui->wish.file, full)) {
        ui_settings_add_recent(&ui->settings, full);
        ui_save_settings(ui);
    }
}

/* ---- frames ----------------------------------------------------------------------------------------------
 */

static void feed_plots(jw_ui *ui, uint32_t side)
{
    const jw_frame *frame = &ui->sides[side].newer;
    for (uint32_t p = 0; p < ui->plot_count; p++) {
        ui_plot *plot = &ui->plots[p];
        ui_series *series = &plot->series[side];
        if (plot->watch.kind == JW_WATCH_NONE) {
            const jw_frame_metric *metric = jw_frame_find_metric(frame, plot->label);
            if (metric)
                ui_series_add(series, frame->time_ns, metric->value, &plot->gap_ns);
            continue;
        }
        for (uint32_t i = 0; i < frame->detail_count; i++)
            if (frame->details[i].watch_id == WATCH_PLOT + p && !frame->details[i].text[0] &&
                strcmp(frame->details[i].label, plot->label) == 0)
                ui_series_add(series, frame->time_ns, frame->details[i].number, &plot->gap_ns);
    }
}

/* Keeps the map of a frame that has one, and lends it to those that have none. */
static void keep_latency(ui_side *side)
{
    jw_frame *frame = &side->newer;
    if (frame->raster_count) {
        const jw_frame_raster *raster = &frame->rasters[0];
        uint32_t count = raster->columns * raster->rows;
        side->has_latency =
            jw_grow(&side->latency_values, &side->latency_capacity, count, sizeof(float), NULL) == JW_OK;
        if (!side->has_latency)
            return;
        side->latency = *raster;
        side->is_latency_fresh = true;
        memcpy(side->latency_values, frame->raster_values + raster->first_value, count * sizeof(float));
    } else if (side->has_latency) {
        uint32_t count = side->latency.columns * side->latency.rows;
        if (jw_grow(&frame->rasters, &frame->raster_capacity, 1, sizeof *frame->rasters, NULL) != JW_OK ||
            jw_grow(&frame->raster_values, &frame->raster_value_capacity, count, sizeof(float), NULL) !=
                JW_OK)
            return;
        frame->rasters[0] = side->latency;
        frame->rasters[0].first_value = 0;
        memcpy(frame->raster_values, side->latency_values, count * sizeof(float));
        frame->raster_count = 1;
        frame->raster_value_count = count;
    }
}

static void want_latency(jw_ui *ui)
{
    ui->asks_latency = ui->watches_changed = true;
    for (uint32_t i = 0; i < ui->side_count; i++)
        ui->sides[i].is_latency_fresh = false;
}

static void ask_latency(jw_ui *ui)
{
    bool has_all = ui->side_count > 0;
    for (uint32_t i = 0; i < ui->side_count; i++)
        has_all = has_all && ui->sides[i].is_latency_fresh;
    double now_s = jw_clock_seconds();
    if (ui->asks_latency && has_all) {
        ui->asks_latency = false;
        ui->watches_changed = true;
        ui->latency_s = now_s;
    } else if (!ui->asks_latency && ui->is_playing && now_s - ui->latency_s > LATENCY_REST_S) {
        want_latency(ui);
        ui->latency_s = now_s;
    }
}

static bool take_frame(jw_ui *ui, uint32_t index)
{
    ui_side *side = &ui->sides[index];
    bool is_new;
    const jw_frame *frame = jw_session_frame(side->session, &is_new);
    if (!frame || !is_new)
        return false;
    double now_s = jw_clock_seconds();
    if (side->has_newer && frame->time_ns != side->newer.time_ns) {
        double passed_s = jw_s_from_ns(frame->time_ns - side->newer.time_ns);
        double expected_s = passed_s / jw_max(ui->speed, 1e-3), came_s = now_s - side->newer_since_s;
        side->has_older = passed_s > 0 && passed_s <= MOTION_MAX_S;
        /* The measured rhythm, smoothed; what is asked for where there was a pause. */
        side->interval_s =
            came_s > 3 * expected_s + 0.2 ? expected_s : 0.5 * jw_max(side->interval_s, 0.01) + 0.5 * came_s;
        if (!ui->is_playing)
            side->interval_s = jw_min(side->interval_s, 0.2);
        side->newer_since_s = now_s;
        jw_frame older = side->older;
        side->older = side->newer;
        side->newer = older;
        ui->waiting_commands = 0;
    }
    side->has_newer = jw_frame_copy(frame, &side->newer, NULL) == JW_OK;
    if (ui->overlay == JW_OVERLAY_LATENCY)
        keep_latency(side);
    if (frame->time_ns > side->latest_ns)
        side->latest_ns = frame->time_ns;
    feed_plots(ui, index);
    return true;
}

static void send_watches(jw_ui *ui)
{
    jw_watch watches[16];
    uint32_t count = 0;
    jw_watch selected = ui_watch_of(&ui->selection);
    if (selected.kind != JW_WATCH_NONE) {
        selected.id = WATCH_SELECTION;
        watches[count++] = selected;
    }
    if (ui->overlay == JW_OVERLAY_LATENCY && ui->asks_latency)
        watches[count++] = (jw_watch){.id = WATCH_LATENCY, .kind = JW_WATCH_LATENCY};
    for (uint32_t i = 0; i < ui->plot_count; i++)
        if (ui->plots[i].watch.kind != JW_WATCH_NONE) {
            watches[count] = ui->plots[i].watch;
            watches[count++].id = WATCH_PLOT + i;
        }
    for (uint32_t i = 0; i < ui->side_count; i++)
        jw_session_watch(ui->sides[i].session, watches, count);
    ui->watches_changed = false;
}

/* Two worlds on one clock: who is ahead waits; when both stand, who is behind comes up. */
static void keep_pace(jw_ui *ui)
{
    if (ui->side_count < 2)
        return;
    ui_side *a = &ui->sides[0], *b = &ui->sides[1];
    int64_t ahead_ns = a->status.time_ns - b->status.time_ns;
    ui_side *first = ahead_ns > 0 ? a : b, *last = ahead_ns > 0 ? b : a;
    if (ui->is_playing) {
        bool is_far = llabs(ahead_ns) > jw_ns_from_s(jw_max(1, ui->speed * 0.2));
        if (is_far && !first->is_held) {
            first->is_held = true;
            jw_session_play(first->session, 0);
        } else if (!is_far && (a->is_held || b->is_held)) {
            for (uint32_t i = 0; i < 2; i++) {
                if (ui->sides[i].is_held)
                    jw_session_play(ui->sides[i].session, ui->speed);
                ui->sides[i].is_held = false;
            }
        }
    } else if (ahead_ns != 0 && !a->status.is_running && !b->status.is_running && !a->status.is_seeking &&
               !b->status.is_seeking && !last->status.has_failed) {
        jw_session_seek(last->session, first->status.time_ns);
    }
}

bool ui_take_frames(jw_ui *ui)
{
    bool is_new = false;
    if (ui->watches_changed && ui->side_count)
        send_watches(ui);
    for (uint32_t i = 0; i < ui->side_count; i++) {
        ui_side *side = &ui->sides[i];
        bool had_failed = side->status.has_failed;
        is_new = take_frame(ui, i) || is_new;
        side->status = jw_session_state(side->session);
        if (side->status.has_failed && !had_failed) {
            ui_fail(ui, &side->status.error);
            ui_play(ui, false);
        }
    }
    keep_pace(ui);
    if (ui->overlay == JW_OVERLAY_LATENCY)
        ask_latency(ui);
    return is_new;
}

double ui_blend(const jw_ui *ui, const ui_side *side)
{
    (void)ui;
    if (!side->has_older || side->interval_s <= 0)
        return 1;
    return jw_clamp((jw_clock_seconds() - side->newer_since_s) / side->interval_s, 0, 1);
}

int64_t ui_shown_time_ns(const jw_ui *ui, const ui_side *side)
{
    if (!side->has_newer)
        return 0;
    if (!side->has_older)
        return side->newer.time_ns;
    double blend = ui_blend(ui, side);
    return side->older.time_ns + (int64_t)((double)(side->newer.time_ns - side->older.time_ns) * blend);
}

/* ---- playing ---------------------------------------------------------------------------------------------
 */

void ui_play(jw_ui *ui, bool is_playing)
{
    ui->is_playing = is_playing && ui->side_count;
    for (uint32_t i = 0; i < ui->side_count; i++) {
        ui->sides[i].is_held = false;
        jw_session_play(ui->sides[i].session, ui->is_playing ? ui->speed : 0);
    }
    ui->redraws = 3;
}

void ui_set_speed(jw_ui *ui, double speed)
{
    ui->speed = jw_clamp(speed, 0.1, 1000);
    if (ui->is_playing)
        ui_play(ui, true);
}

void ui_step(jw_ui *ui)
{
    ui->is_playing = false;
    for (uint32_t i = 0; i < ui->side_count; i++)
        jw_session_step(ui->sides[i].session, 1);
}

void ui_seek(jw_ui *ui, int64_t time_ns)
{
    ui->is_playing = false;
    for (uint32_t i = 0; i < ui->side_count; i++)
        if (time_ns < ui->sides[i].status.earliest_ns)
            time_ns = ui->sides[i].status.earliest_ns;
    for (uint32_t i = 0; i < ui->side_count; i++)
        jw_session_seek(ui->sides[i].session, time_ns);
}

/* What stood in the middle of the room between the panels stands in the middle of both views; and back. */
static void centre_camera(jw_ui *ui, int direction)
{
    ui_layout layout = ui_layout_of(ui);
    jw_view_rect whole = {0, 0, ui->width_px, ui->height_px};
    double room_x_px = (double)((layout.charts.x + layout.charts.width / 2) * ui->pixel_ratio);
    double middle_x_px = whole.width_px / 2.0, y_px = whole.height_px / 2.0;
    if (direction > 0)
        jw_camera_pan(&ui->camera, whole, room_x_px, y_px, middle_x_px, y_px);
    else
        jw_camera_pan(&ui->camera, whole, middle_x_px, y_px, room_x_px, y_px);
}

void ui_fork(jw_ui *ui)
{
    if (ui->side_count != 1)
        return;
    ui_play(ui, false);
    jw_error error = {0};
    ui_side *fork = &ui->sides[1];
    if (jw_session_fork(ui->sides[0].session, &fork->session, &error) != JW_OK) {
        ui_fail(ui, &error);
        return;
    }
    ui->side_count = 2;
    want_latency(ui);
    ui->side = 1; /* what is tried next is tried in the new one */
    ui->watches_changed = true;
    ui->tab = UI_TAB_INSPECTOR;
    ui->is_drawer_closed = false;
    centre_camera(ui, 1);
    for (uint32_t i = 0; i < ui->plot_count; i++)
        ui->plots[i].series[1] = ui->plots[i].series[0];
}

void ui_close_fork(jw_ui *ui, uint32_t kept)
{
    if (ui->side_count != 2)
        return;
    ui_play(ui, false);
    close_side(&ui->sides[1 - kept]);
    if (kept == 1) {
        ui->sides[0] = ui->sides[1];
        ui->sides[1] = (ui_side){0};
        for (uint32_t i = 0; i < ui->plot_count; i++)
            ui->plots[i].series[0] = ui->plots[i].series[1];
    }
    for (uint32_t i = 0; i < ui->plot_count; i++)
        ui->plots[i].series[1].count = 0;
    ui->side_count = 1;
    ui->side = 0;
    centre_camera(ui, -1);
}

/* ---- looking ---------------------------------------------------------------------------------------------
 */

jw_watch ui_watch_of(const jw_pick *pick)
{
    static const jw_watch_kind kinds[] = {
        [JW_PICK_NONE] = JW_WATCH_NONE,       [JW_PICK_BUILDING] = JW_WATCH_BUILDING,
        [JW_PICK_EDGE] = JW_WATCH_EDGE,       [JW_PICK_JUNCTION] = JW_WATCH_JUNCTION,
        [JW_PICK_VEHICLE] = JW_WATCH_VEHICLE, [JW_PICK_ASSET] = JW_WATCH_ASSET,
        [JW_PICK_LINK] = JW_WATCH_LINK,
    };
    jw_watch watch = {.kind = kinds[pick->kind], .a = pick->index, .b = pick->generation};
    if (pick->kind == JW_PICK_ASSET || pick->kind == JW_PICK_LINK) {
        watch.a = watch.b = 0; /* the name alone says which */
        jw_text_copy(watch.name, sizeof watch.name, pick->name);
    }
    return watch;
}

void ui_select(jw_ui *ui, uint32_t side, const jw_pick *pick)
{
    ui->selection = *pick;
    ui->side = side < ui->side_count ? side : 0;
    ui->watches_changed = true;
    ui->redraws = 3;
}

void ui_set_overlay(jw_ui *ui, jw_view_overlay overlay)
{
    ui->overlay = overlay;
    want_latency(ui);
}

void ui_post(jw_ui *ui, const jw_command *command)
{
    if (ui->side >= ui->side_count)
        return;
    jw_error error = {0};
    if (jw_session_post(ui->sides[ui->side].session, command, &error) != JW_OK)
        ui_fail(ui, &error);
    else if (!ui->is_playing)
        ui->waiting_commands++;
    ui->redraws = 3;
}

jw_view_rect ui_side_rect(const jw_ui *ui, uint32_t side)
{
    if (ui->side_count < 2)
        return (jw_view_rect){0, 0, ui->width_px, ui->height_px};
    /* Equal parts of what the panels leave free: both show the same piece of the city. */
    ui_layout layout = ui_layout_of(ui);
    float left = ui->is_presenting ? 0 : layout.charts.x, right = left + layout.charts.width;
    if (ui->is_presenting)
        right = layout.window.width;
    int from = (int)(left * ui->pixel_ratio), half = (int)((right - left) * ui->pixel_ratio) / 2;
    return side == 0 ? (jw_view_rect){from, 0, half - 1, ui->height_px}
                     : (jw_view_rect){from + half + 1, 0, half - 1, ui->height_px};
}

jw_view_scene ui_scene_of(const jw_ui *ui, uint32_t index)
{
    const ui_side *side = &ui->sides[index];
    jw_view_scene scene = {
        .frame_a = side->has_older ? &side->older : NULL,
        .frame_b = side->has_newer ? &side->newer : NULL,
        .blend = ui_blend(ui, side),
        .camera = ui->camera,
        .rect = ui_side_rect(ui, index),
        .framebuffer_height_px = ui->height_px,
        .hour = ui->settings.light == UI_LIGHT_NIGHT ? 22
                : ui->settings.light == UI_LIGHT_DAY ? 13
                                                     : 0,
        .animation_s = ui->play_s,
        .overlay = ui->overlay,
        .hides_vehicles = ui->hides_vehicles,
        .hides_trees = ui->hides_trees,
        .hides_sites = ui->hides_sites,
        .hides_cells = ui->hides_cells,
        .hides_fibre = ui->hides_fibre,
        .hides_coverage = ui->hides_coverage,
    };
    if (index == ui->side || ui->selection.kind != JW_PICK_VEHICLE)
        scene.selection = ui->selection;
    return scene;
}
