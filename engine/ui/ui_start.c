/* The start screen: scenes, recent files, a path, language and scale. */
#include "ui/ui_state.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Names of the .lua files of a folder of the data, ascending. */
static void list_files(const char *folder, char (**files)[512], uint32_t *count, uint32_t *capacity)
{
    *count = 0;
    DIR *directory = opendir(folder);
    if (!directory)
        return;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (!jw_text_ends_with(entry->d_name, ".lua") || entry->d_name[0] == '.' ||
            strlen(folder) + strlen(entry->d_name) + 2 > sizeof **files)
            continue;
        if (jw_grow(files, capacity, *count + 1ull, sizeof **files, NULL) != JW_OK)
            break;
        char *file = (*files)[(*count)++];
        jw_text_copy(file, sizeof **files, folder);
        strcat(file, "/");
        strcat(file, entry->d_name);
    }
    closedir(directory);
    if (*count)
        qsort(*files, *count, sizeof **files, by_text);
}

void ui_start_list(jw_ui *ui)
{
    char data[400], folder[450];
    if (!jw_data_folder(data, sizeof data))
        return;
    snprintf(folder, sizeof folder, "%s/scenes", data);
    list_files(folder, &ui->scene_files, &ui->scene_count, &ui->scene_capacity);
    snprintf(folder, sizeof folder, "%s/scripts", data);
    list_files(folder, &ui->script_files, &ui->script_count, &ui->script_capacity);
    jw_free(ui->scene_titles);
    ui->scene_titles = jw_alloc((ui->scene_count + 1) * sizeof *ui->scene_titles);
    for (uint32_t i = 0; i < ui->scene_count && ui->scene_titles; i++) {
        jw_scene *scene;
        jw_label *title = &ui->scene_titles[i];
        if (jw_scene_open(ui->scene_files[i], &scene, NULL, NULL) == JW_OK) {
            *title = *jw_scene_title(scene);
            jw_scene_close(scene);
        } else { /* opening it will say what is wrong */
            jw_path_stem(ui->scene_files[i], title->en, sizeof title->en);
        }
    }
    jw_free(ui->script_titles);
    ui->script_titles = jw_alloc((ui->script_count + 1) * sizeof *ui->script_titles);
    for (uint32_t i = 0; i < ui->script_count && ui->script_titles; i++) {
        jw_scenario_text texts = {0};
        if (jw_scenario_read_texts(ui->script_files[i], &texts, NULL) == JW_OK)
            ui->script_titles[i] = texts.title;
        else
            jw_path_stem(ui->script_files[i], ui->script_titles[i].en, sizeof ui->script_titles[i].en);
    }
}

static void draw_scenes(jw_ui *ui)
{
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "start.scenes"));
    for (uint32_t i = 0; i < ui->scene_count && ui->scene_titles; i++) {
        gui_push((int)i);
        if (gui_button(ui_say_label(ui, &ui->scene_titles[i]), -1, i + 1 == ui->scene_count))
            ui_open_file(ui, ui->scene_files[i]);
        gui_pop();
    }
    if (ui->scene_count == 0)
        gui_text(GUI_BODY, GUI_WARNING, ui_say(ui, "start.no_scenes"));
}

static void draw_recent(jw_ui *ui)
{
    if (ui->settings.recent_count == 0)
        return;
    gui_gap(8);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "start.recent"));
    gui_tight(true);
    for (uint32_t i = 0; i < ui->settings.recent_count; i++) {
        char shown[512];
        ui_say_file(ui, ui->settings.recent[i], shown, sizeof shown);
        gui_push(100 + (int)i);
        bool is_chosen = gui_choice(shown, false);
        gui_tooltip(ui->settings.recent[i]);
        gui_pop();
        if (is_chosen) {
            ui_open_file(ui, ui->settings.recent[i]);
            break;
        }
    }
    gui_tight(false);
}

/* Warp and weft, what the name means: meridians and parallels of a city, with traffic on them. */
static void draw_weave(gui_rect window)
{
    enum { THREADS = 26, POINTS = 49 };
    gui_bare_begin("##weave", window);
    for (int kind = 0; kind < 2; kind++)
        for (int i = 0; i < THREADS; i++) {
            float path[2 * POINTS];
            double along = (i + 0.5) / THREADS;
            for (int k = 0; k < POINTS; k++) {
                double t = k / (POINTS - 1.0);
                double bend = 0.05 * jw_sin(3.1 * t + 2.3 * along + kind) * jw_sin(JW_PI * along);
                double x = kind ? t : along + bend, y = kind ? along - bend : t;
                path[2 * k] = window.x + window.width * (float)(x * 1.1 - 0.05);
                path[2 * k + 1] = window.y + window.height * (float)(y * 1.1 - 0.05);
            }
            bool is_artery = i % 5 == 2;
            gui_colour role = kind ? GUI_ACCENT : GUI_MUTED;
            gui_draw_path(path, POINTS, gui_fade(role, is_artery ? 0.30f : 0.12f), gui_px(is_artery ? 2 : 1));
            for (int k = (i * 7) % 11; k < POINTS; k += 11) {
                gui_rect dot = {path[2 * k] - gui_px(2), path[2 * k + 1] - gui_px(2), gui_px(4), gui_px(4)};
                gui_draw_fill(dot, gui_fade((i + k) % 3 ? GUI_ACCENT : GUI_SECOND, 0.55f), gui_px(2));
            }
        }
    gui_bare_end();
}

void ui_start_draw(jw_ui *ui)
{
    gui_rect window = ui_layout_of(ui).window;
    float width = (float)jw_min(gui_px(480), window.width - gui_px(32));
    float room = window.height - gui_px(32);
    gui_rect rect = {(window.width - width) / 2, gui_px(16) + (float)jw_max(room - gui_px(600), 0) / 3, width,
                     -room};
    gui_panel_begin("##start", rect);
    gui_text(GUI_TITLE, GUI_TEXT, ui_say(ui, "start.title"));
    gui_text(GUI_BODY, GUI_MUTED, ui_say(ui, "start.subtitle"));
    gui_gap(16);
    draw_scenes(ui);
    draw_recent(ui);
    gui_gap(8);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "start.file"));
    gui_width(gui_room_x() - gui_px(96));
    bool is_entered =
        gui_input("##path", ui_say(ui, "start.path_hint"), ui->start_path, sizeof ui->start_path);
    gui_same_line(8);
    is_entered = gui_button(ui_say(ui, "start.open"), gui_px(88), false) || is_entered;
    if (is_entered && ui->start_path[0])
        ui_open_file(ui, ui->start_path);
    gui_gap(8);
    gui_rule();
    ui_language_draw(ui);
    if (gui_button(ui_say(ui, "settings.open"), 0, false))
        ui->has_settings = true;
    gui_same_line(8);
    if (gui_button(ui_say(ui, "keys.title"), 0, false))
        ui->has_help = true;
    gui_panel_end();
    draw_weave(window); /* of panels that never come to the front, the one made last lies lowest */
}
