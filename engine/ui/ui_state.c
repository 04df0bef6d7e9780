/* What the window knows: opening and closing, the city and its worlds, the selection. */
#include "ui/ui_state.h"
#include "ui/ui_still.h"
#include "ui/ui_video.h"

#include <GL/glew.h>
#include <SDL2/SDL.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAVE_S 5.0 /* between the two clicks that leave a city */

/* ---- opening and closing ---------------------------------------------------------------------------------
 */

static const char *const light_names[UI_LIGHT_COUNT] = {"day", "night", "clock"};

static int index_of(const char *const *names, int count, const char *name)
{
    int i = 0;
    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

bool jw_ui_is_overlay(const char *name)
{
    return jw_view_overlay_of(name) < JW_OVERLAY_COUNT;
}

void jw_ui_list_overlays(char *out, size_t out_size)
{
    size_t used = 0;
    for (int i = 0; i < JW_OVERLAY_COUNT && used < out_size; i++)
        used += (size_t)snprintf(out + used, out_size - used, "%s%s",
                                 i == 0                      ? ""
                                 : i + 1 == JW_OVERLAY_COUNT ? " or "
                                                             : ", ",
                                 jw_view_overlay_info((jw_view_overlay)i)->id);
}

bool jw_ui_is_light(const char *name)
{
    return index_of(light_names, UI_LIGHT_COUNT, name) < UI_LIGHT_COUNT;
}

static const char *const quality_names[] = {"auto", "software", "laptop", "gpu"}; /* jw_view_tier */

bool jw_ui_is_quality(const char *name)
{
    return index_of(quality_names, JW_COUNT_OF(quality_names), name) < (int)JW_COUNT_OF(quality_names);
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
    result = jw_view_kit_create(&ui->kit, error);
    return result != JW_OK ? result : ui_make_fonts(ui) ? JW_OK : jw_fail_memory(error);
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

/* The next change will write the settings anew: what could not be read is kept beside them. */
static void keep_damaged_settings(jw_ui *ui)
{
    char kept[540];
    snprintf(kept, sizeof kept, "%s.damaged", ui->settings_path);
    if (rename(ui->settings_path, kept) != 0)
        jw_text_copy(kept, sizeof kept, ui->settings_path);
    if (ui->dialog.code == JW_OK)
        jw_fail(&ui->dialog, JW_ERROR_CORRUPT, kept, 0, "%s", ui_say(ui, "settings.damaged"));
}

jw_result ui_open(const jw_ui_def *def, bool is_hidden, jw_ui **out, jw_error *error)
{
    *out = NULL;
    jw_ui *ui = jw_alloc(sizeof *ui);
    ui_plot *plots = jw_alloc(UI_PLOT_MAX * sizeof *plots);
    if (!ui || !plots) {
        jw_free(ui);
        jw_free(plots);
        return jw_fail_memory(error);
    }
    ui->plots = plots;
    uint32_t wrong_lines = 0;
    ui_settings_default(&ui->settings);
    /* A picture is the same for everyone and leaves no trace. */
    if (!is_hidden && ui_settings_path(ui->settings_path, sizeof ui->settings_path))
        wrong_lines = ui_settings_read(&ui->settings, ui->settings_path);
    ui->is_hidden = is_hidden;
    ui->tier = (jw_view_tier)ui->settings.tier;
    ui->speed = 1;
    if (def->speed > 0)
        ui_set_speed(ui, def->speed);
    if (def->overlay && jw_ui_is_overlay(def->overlay))
        ui_set_overlay(ui, jw_view_overlay_of(def->overlay));
    if (def->light && jw_ui_is_light(def->light))
        ui->settings.light = index_of(light_names, UI_LIGHT_COUNT, def->light);
    ui->is_bare = def->is_bare || def->video;
    ui->hides_coverage = true; /* a ring a cell is much; who asks for it gets it */
    if (def->quality && jw_ui_is_quality(def->quality))
        ui->tier = (jw_view_tier)index_of(quality_names, JW_COUNT_OF(quality_names), def->quality);
    ui->redraws = 3;
    ui->chart_hover_ns = INT64_MIN;
    ui->tools.edited = JW_NONE;
    ui->tools.picture_width_px = 3840;
    ui->tools.film_height_px = 1080;
    ui->tools.film_rate = 30;
    ui->tools.film_s = 20;
    ui->tools.film_lapse = 10;
    ui->keeps_notes = !is_hidden || def->video_flies;
    jw_result result = open_window(ui, def, is_hidden, error);
    if (result == JW_OK)
        result = open_language(ui, first_language(def, &ui->settings), error);
    if (result != JW_OK) {
        ui_close(ui);
        return result;
    }
    if (wrong_lines)
        keep_damaged_settings(ui);
    ui->wish.threads = def->threads > 0 ? def->threads : ui_threads_of(&ui->settings);
    ui->wish.seed = def->seed;
    jw_text_copy(ui->wish.scenario, sizeof ui->wish.scenario, def->scenario);
    for (uint32_t i = 0; i < def->set_count && ui->wish.set_count < JW_COUNT_OF(ui->wish.set); i++)
        jw_text_copy(ui->wish.set[ui->wish.set_count++], sizeof ui->wish.set[0], def->set[i]);
    ui_start_list(ui);
    *out = ui;
    return JW_OK;
}

void ui_close_side(jw_ui *ui, ui_side *side)
{
    ui_part_with(ui, side->session, NULL);
    jw_frame_free(&side->older);
    jw_frame_free(&side->newer);
    jw_frame_free(&side->kept);
    jw_frame_free(&side->first);
    jw_free(side->events);
    ui_history_free(&side->history);
    *side = (ui_side){0};
}

void ui_close_worlds(jw_ui *ui)
{
    ui_example_close(ui);
    ui_video_cancel(ui);
    ui_still_cancel(ui);
    for (uint32_t i = 0; i < ui->side_count; i++)
        ui_close_side(ui, &ui->sides[i]);
    ui->side_count = ui->side = 0;
    ui->selection = (jw_pick){0};
    ui->follow = UI_FOLLOW_NOT;
    ui->hover = (ui_hover){0};
    ui_forget_done(ui);
    ui->find = (ui_find){0};
    ui->plot_count = 0;
    ui->is_playing = false;
    ui->waiting_commands = 0;
    ui->needs_restart = ui->is_revealed = false;
    jw_problems_free(&ui->problems);
}

void ui_leave_tools(jw_ui *ui)
{
    ui_tool_set(ui, UI_TOOL_NONE);
    ui->build.refusal_s = 0;
    ui->tools.walk.is_on = ui->tools.is_path_playing = false;
    ui->tools.split = (ui_split){0};
}

void ui_leave_city(jw_ui *ui)
{
    double now_s = jw_clock_seconds();
    if (ui->leave_s > 0 && now_s - ui->leave_s < LEAVE_S) {
        ui_close_city(ui);
        ui->leave_s = 0;
        return;
    }
    ui->leave_s = now_s;
    ui_notice(ui, ui_say(ui, "time.leave_again"));
}

void ui_close_city(jw_ui *ui)
{
    ui_close_worlds(ui);
    if (ui->is_presenting)
        ui_present_set(ui, false);
    ui_leave_tools(ui);
    ui_notes_close(ui);
    ui_part_view(ui);
    ui_part_with(ui, NULL, jw_view_destroy_but_mesh(ui->view));
    jw_city_release(ui->city);
    jw_grid_destroy(ui->streets);
    jw_scene_close(ui->scene);
    ui->view = NULL;
    ui->city = NULL;
    ui->streets = NULL;
    ui->scene = NULL;
    ui->has_scenario_texts = false;
    ui->overlay = JW_OVERLAY_NONE;
    ui_start_list(ui);
}

void ui_close(jw_ui *ui)
{
    ui_drop_load(ui);
    ui_close_city(ui);
    ui_part_wait(ui);
    jw_view_kit_destroy(ui->kit);
    ui_example_free(ui);
    if (ui->has_gui)
        gui_close();
    jw_view_window_destroy(ui->window);
    ui_text_free(&ui->text);
    jw_phrases_free(&ui->phrases);
    jw_free(ui->plots);
    jw_free(ui->font_ranges);
    jw_free(ui->scene_files);
    jw_free(ui->scene_titles);
    jw_free(ui->script_files);
    jw_free(ui->script_titles);
    jw_free(ui);
}

/* Scripts are told of by their names alone: of those that are open the path is known. */
static void find_script(const jw_ui *ui, jw_error *error)
{
    const char *const files[] = {ui->wish.file, ui->wish.scenario};
    for (uint32_t i = 0; i < JW_COUNT_OF(files) && error->file[0]; i++) {
        const char *slash = strrchr(files[i], '/');
        if (slash && strcmp(slash + 1, error->file) == 0)
            jw_text_copy(error->file, sizeof error->file, files[i]);
    }
}

void ui_fail(jw_ui *ui, const jw_error *error)
{
    ui->dialog = *error;
    find_script(ui, &ui->dialog);
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
    ui_drop_load(ui); /* the newer wish wins */
    jw_error error = {0};
    ui_play(ui, false);
    ui->wish.light_hour = ui_light_hour(ui);
    ui->wish.snapshot_budget_bytes = (uint64_t)ui->settings.back_mb << 20;
    if (ui_load_start(&ui->wish, scene, ui->city, &ui->load, &error) != JW_OK)
        ui_fail(ui, &error);
    ui->redraws = 3;
}

void ui_open_file(jw_ui *ui, const char *file)
{
    jw_text_copy(ui->wish.file, sizeof ui->wish.file, file);
    load(ui, NULL);
}

void ui_reload(jw_ui *ui)
{
    if (!ui->load)
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

jw_result ui_renew(jw_ui *ui, jw_error *error)
{
    ui_drop_load(ui); /* what it was making will be asked for again */
    jw_result result = jw_view_window_renew(ui->window, error);
    if (result != JW_OK)
        return result;
    /* Names of the old context mean nothing in the new one: deleting them there only leaves errors. */
    jw_view_destroy(ui->old_view);
    jw_view_destroy(ui->view);
    ui->old_view = ui->view = NULL;
    ui->kept = (ui_kept){0};
    jw_view_kit_destroy(ui->kit);
    ui->kit = NULL;
    gui_close();
    while (glGetError() != GL_NO_ERROR)
        ;
    ui->has_gui = gui_open(jw_view_window_sdl(ui->window), jw_view_window_context(ui->window));
    if (!ui->has_gui)
        return jw_fail(error, JW_ERROR_UNSUPPORTED, NULL, 0,
                       "the graphics card was reset and does not draw any more: start again");
    result = jw_view_kit_create(&ui->kit, error);
    if (result != JW_OK)
        return result;
    ui_make_fonts(ui);
    ui_notice(ui, ui_say(ui, "window.renewed"));
    if (!ui->city)
        return JW_OK;
    const jw_frame *shown = &ui->sides[0].newer;
    double time_h = jw_s_from_ns(shown->time_ns) / 3600, hour = ui_light_hour(ui);
    jw_view_mesh_def mesh = {.hour = hour > 0 ? hour : time_h,
                             .day_of_year =
                                 shown->day_of_year ? shown->day_of_year + jw_floor(time_h / 24) : 0};
    return ui_load_mesh(ui->city, &mesh, &ui->load, error);
}

/* ---- looking ---------------------------------------------------------------------------------------------
 */

jw_watch ui_watch_of(const jw_pick *pick)
{
    static const jw_watch_kind kinds[] = {
        [JW_PICK_NONE] = JW_WATCH_NONE,       [JW_PICK_BUILDING] = JW_WATCH_BUILDING,
        [JW_PICK_EDGE] = JW_WATCH_EDGE,       [JW_PICK_JUNCTION] = JW_WATCH_JUNCTION,
        [JW_PICK_VEHICLE] = JW_WATCH_VEHICLE, [JW_PICK_ASSET] = JW_WATCH_ASSET,
        [JW_PICK_LINK] = JW_WATCH_LINK,       [JW_PICK_PARK] = JW_WATCH_PARK,
    };
    jw_watch watch = {.kind = kinds[pick->kind], .a = pick->index, .b = pick->generation};
    if (pick->kind == JW_PICK_ASSET || pick->kind == JW_PICK_LINK || pick->kind == JW_PICK_PARK) {
        watch.a = watch.b = 0; /* the name alone says which */
        jw_text_copy(watch.name, sizeof watch.name, pick->name);
    }
    return watch;
}

void ui_select(jw_ui *ui, uint32_t side, const jw_pick *pick)
{
    ui_example_close(ui);
    ui->selection = *pick;
    ui->side = side < ui->side_count ? side : 0;
    ui_name_thing(ui, &ui->sides[ui->side].newer, pick, ui->title, sizeof ui->title, ui->place,
                  sizeof ui->place);
    ui->watches_changed = true;
    ui->redraws = 3;
}

void ui_set_overlay(jw_ui *ui, jw_view_overlay overlay)
{
    ui->overlay = overlay;
    if (overlay != JW_OVERLAY_NONE)
        ui->overlay_group = jw_view_overlay_info(overlay)->group;
    for (uint32_t i = 0; i < ui->side_count; i++)
        ui->sides[i].has_kept = false; /* it is of the overlay before */
    ui->hover.told_s = 0;
    ui_want_answer(ui);
}

bool ui_post(jw_ui *ui, const jw_command *command)
{
    if (ui->side >= ui->side_count)
        return false;
    jw_error error = {0};
    if (jw_session_post(ui->sides[ui->side].session, command, &error) != JW_OK)
        ui_fail(ui, &error);
    else
        ui_forget_future(ui);
    if (!error.code && !ui->is_playing)
        ui->waiting_commands++;
    ui->redraws = 3;
    return !error.code;
}

double ui_light_hour(const jw_ui *ui)
{
    return ui->settings.light == UI_LIGHT_NIGHT ? 22 : ui->settings.light == UI_LIGHT_DAY ? 15 : 0;
}

jw_view_scene ui_scene_of(const jw_ui *ui, uint32_t part)
{
    uint32_t index = ui_part_side(ui, part);
    const ui_side *side = &ui->sides[index];
    jw_view_scene scene = {
        .frame_a = side->has_older ? &side->older : NULL,
        .frame_b = side->has_newer ? &side->newer : NULL,
        .blend = ui_blend(ui, side),
        .camera = ui_part_camera(ui, part),
        .rect = ui_side_rect(ui, part),
        .framebuffer_height_px = ui->height_px,
        .hour = ui_light_hour(ui),
        .animation_s = ui->play_s,
        .overlay = ui_part_overlay(ui, part),
        .palette = (jw_view_palette)ui->settings.palette,
        .reduces_motion = ui->settings.reduces_motion,
        .hides_vehicles = ui->hides_vehicles,
        .hides_trees = ui->hides_trees,
        .hides_sites = ui->hides_sites,
        .hides_cells = ui->hides_cells,
        .hides_fibre = ui->hides_fibre,
        .hides_coverage = ui->hides_coverage,
    };
    if ((index == ui->side || ui->selection.kind != JW_PICK_VEHICLE) && ui->follow != UI_FOLLOW_SEAT)
        scene.selection = ui->selection;
    ui_labels_of_scene(ui, part, &scene);
    return scene;
}
