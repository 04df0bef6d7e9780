/* Notes pinned on the map, and the file they lie in with the ways and bookmarks of the camera:
 *
 *   jingwei notes 1
 *   note X Y TEXT                                metres; \n and \\ in the text
 *   view X Y Z HEADING PITCH DISTANCE FOV        of the way, in its order
 *   way DURATION LOOP                            s (0: by the number of views), 0 or 1
 *   key NUMBER X Y Z HEADING PITCH DISTANCE FOV  a bookmark */
#include "ui/ui_map.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LINE     "jingwei notes 1"
#define FILE_MOST      (1 << 19)
#define FAR_M          1e7
#define CAMERA_NUMBERS 7

/* ---- the book --------------------------------------------------------------------------------------------
 */

void ui_notebook_free(ui_notebook *book)
{
    jw_free(book->notes);
    *book = (ui_notebook){0};
}

jw_result ui_notebook_add(ui_notebook *book, double x_m, double y_m, const char *text, uint32_t *out_index,
                          jw_error *error)
{
    if (book->note_count == UI_NOTES_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "a city has at most %d notes", UI_NOTES_MAX);
    jw_result result =
        jw_grow(&book->notes, &book->note_capacity, book->note_count + 1ull, sizeof *book->notes, error);
    if (result != JW_OK)
        return result;
    ui_note *note = &book->notes[book->note_count];
    *note = (ui_note){.x_m = x_m, .y_m = y_m};
    jw_text_copy(note->text, sizeof note->text, text);
    if (out_index)
        *out_index = book->note_count;
    book->note_count++;
    return JW_OK;
}

void ui_notebook_remove(ui_notebook *book, uint32_t index)
{
    memmove(&book->notes[index], &book->notes[index + 1],
            (book->note_count - index - 1) * sizeof *book->notes);
    book->note_count--;
}

/* ---- file ------------------------------------------------------------------------------------------------
 */

/* So many numbers, each up to the next blank; false when one is missing or out of all bounds. */
static bool take_numbers(char **rest, double *out, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char *word = *rest;
        size_t length = strcspn(word, " ");
        *rest = word + length + (word[length] == ' ');
        word[length] = 0;
        if (!jw_text_to_number(word, &out[i]) || !(jw_abs(out[i]) <= FAR_M))
            return false;
    }
    return true;
}

static bool take_camera(char **rest, jw_camera *out)
{
    double n[CAMERA_NUMBERS];
    if (!take_numbers(rest, n, CAMERA_NUMBERS) || n[5] < 1 || n[6] < 0 || n[6] > 2.5 || jw_abs(n[3]) > 100 ||
        jw_abs(n[4]) > JW_PI / 2)
        return false;
    *out = (jw_camera){.x_m = n[0],
                       .y_m = n[1],
                       .z_m = n[2],
                       .heading_rad = n[3],
                       .pitch_rad = n[4],
                       .distance_m = n[5],
                       .fov_rad = n[6]};
    return true;
}

static void unescape(char *text)
{
    char *out = text;
    for (; *text; text++) {
        bool is_escape = text[0] == '\\' && (text[1] == 'n' || text[1] == '\\');
        text += is_escape;
        *out++ = is_escape && *text == 'n' ? '\n' : *text;
    }
    *out = 0;
}

static bool take_line(ui_notebook *book, char *line)
{
    char *rest = line + strcspn(line, " ");
    double n[2];
    bool has_more = *rest == ' ';
    *rest = 0;
    rest += has_more;
    if (strcmp(line, "note") == 0) {
        if (!take_numbers(&rest, n, 2))
            return false;
        unescape(rest);
        return ui_notebook_add(book, n[0], n[1], rest, NULL, NULL) == JW_OK;
    }
    if (strcmp(line, "view") == 0)
        return book->path.count < UI_PATH_MAX && take_camera(&rest, &book->path.views[book->path.count++]);
    if (strcmp(line, "way") == 0) {
        if (!take_numbers(&rest, n, 2) || n[0] < 0 || n[0] > 3600)
            return false;
        book->path.duration_s = n[0];
        book->path.is_loop = n[1] != 0;
        return true;
    }
    return strcmp(line, "key") == 0 && take_numbers(&rest, n, 1) && n[0] >= 1 && n[0] <= UI_BOOKMARK_MAX &&
           take_camera(&rest, &book->bookmarks[(uint32_t)n[0] - 1]);
}

static jw_result take_lines(ui_notebook *book, char *text, const char *path, jw_error *error)
{
    int number = 0;
    while (*text) {
        char *line = text;
        text += strcspn(text, "\n");
        bool has_end = *text == '\n';
        *text = 0;
        text += has_end;
        number++;
        if (number == 1 ? strcmp(line, FIRST_LINE) != 0 : *line && !take_line(book, line))
            return jw_fail(
                error, JW_ERROR_INPUT, path, number,
                "this is no line of notes: mend it or move the file away; until then new notes are "
                "not kept");
    }
    return number ? JW_OK : jw_fail(error, JW_ERROR_INPUT, path, 1, "the file of notes is empty");
}

jw_result ui_notebook_read(ui_notebook *book, const char *path, jw_error *error)
{
    char *bytes;
    size_t size;
    ui_notebook_free(book);
    if (!jw_file_exists(path))
        return JW_OK;
    jw_result result = jw_file_read(path, FILE_MOST, &bytes, &size, error);
    if (result != JW_OK)
        return result;
    if (!jw_text_is_utf8(bytes, size))
        result = jw_fail(error, JW_ERROR_INPUT, path, 0, "the file of notes is no text");
    else
        result = take_lines(book, bytes, path, error);
    jw_free(bytes);
    if (result != JW_OK)
        ui_notebook_free(book);
    return result;
}

static void write_camera(jw_writer *writer, const char *head, const jw_camera *camera)
{
    char line[256];
    int used =
        snprintf(line, sizeof line, "%s %.3f %.3f %.3f %.6f %.6f %.3f %.4f\n", head, camera->x_m, camera->y_m,
                 camera->z_m, camera->heading_rad, camera->pitch_rad, camera->distance_m, camera->fov_rad);
    jw_write_bytes(writer, line, (size_t)used);
}

jw_result ui_notebook_write(const ui_notebook *book, const char *path, jw_error *error)
{
    char folder[640], line[128];
    jw_path_directory(path, folder, sizeof folder);
    jw_result result = jw_make_directory(folder, error);
    if (result != JW_OK)
        return result;
    jw_writer writer = {0};
    jw_write_bytes(&writer, FIRST_LINE "\n", sizeof FIRST_LINE);
    for (uint32_t i = 0; i < book->note_count; i++) {
        const ui_note *note = &book->notes[i];
        int used = snprintf(line, sizeof line, "note %.3f %.3f ", note->x_m, note->y_m);
        jw_write_bytes(&writer, line, (size_t)used);
        for (const char *c = note->text; *c; c++)
            if (*c == '\n' || *c == '\\')
                jw_write_bytes(&writer, *c == '\n' ? "\\n" : "\\\\", 2);
            else
                jw_write_bytes(&writer, c, 1);
        jw_write_bytes(&writer, "\n", 1);
    }
    for (uint32_t i = 0; i < book->path.count; i++)
        write_camera(&writer, "view", &book->path.views[i]);
    int used = snprintf(line, sizeof line, "way %.3f %d\n", book->path.duration_s, book->path.is_loop);
    jw_write_bytes(&writer, line, (size_t)used);
    for (uint32_t i = 0; i < UI_BOOKMARK_MAX; i++)
        if (book->bookmarks[i].distance_m > 0) {
            snprintf(line, sizeof line, "key %u", i + 1);
            write_camera(&writer, line, &book->bookmarks[i]);
        }
    result = writer.failed ? jw_fail_memory(error) : jw_file_write(path, writer.bytes, writer.size, error);
    jw_writer_free(&writer);
    return result;
}

bool ui_notebook_path(const char *scene_file, char *out, size_t out_size)
{
    char full[PATH_MAX], stem[128];
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (!realpath(scene_file, full))
        return false;
    jw_path_stem(full, stem, sizeof stem);
    unsigned hash = (unsigned)(jw_hash_text(0, full) & 0xFFFFFFFF);
    int used = -1;
    if (data && data[0] == '/')
        used = snprintf(out, out_size, "%s/jingwei/notes/%s-%08x.txt", data, stem, hash);
    else if (home && home[0] == '/')
        used = snprintf(out, out_size, "%s/.local/share/jingwei/notes/%s-%08x.txt", home, stem, hash);
    return used > 0 && (size_t)used < out_size;
}

/* ---- the window ------------------------------------------------------------------------------------------
 */

/* A note that is still being typed is kept as it stands. */
void ui_notes_close(jw_ui *ui)
{
    if (ui->tools.edited < ui->tools.book.note_count) {
        ui_notes_edit(ui, JW_NONE);
        ui_notes_keep(ui);
    }
    ui_notebook_free(&ui->tools.book);
    ui->tools.edited = JW_NONE;
    ui->tools.book_path[0] = 0;
}

void ui_notes_open(jw_ui *ui)
{
    jw_error error = {0};
    ui_notes_close(ui);
    if (!ui->keeps_notes || !ui_notebook_path(ui->wish.file, ui->tools.book_path, sizeof ui->tools.book_path))
        return;
    if (ui_notebook_read(&ui->tools.book, ui->tools.book_path, &error) != JW_OK) {
        ui->tools.book_path[0] = 0; /* what a hand wrote there is not written over */
        ui_fail(ui, &error);
    }
}

void ui_notes_keep(jw_ui *ui)
{
    jw_error error = {0};
    if (ui->tools.book_path[0] && ui_notebook_write(&ui->tools.book, ui->tools.book_path, &error) != JW_OK)
        ui_fail(ui, &error);
    ui->redraws = 3;
}

/* A note that was left without a word goes. */
void ui_notes_edit(jw_ui *ui, uint32_t index)
{
    ui_tools *tools = &ui->tools;
    uint32_t before = tools->edited;
    if (before < tools->book.note_count && before != index && !tools->book.notes[before].text[0]) {
        ui_notebook_remove(&tools->book, before);
        ui_notes_keep(ui);
        index -= index != JW_NONE && index > before;
    }
    tools->edited = index;
    tools->takes_focus = index != JW_NONE;
    if (index == JW_NONE)
        return;
    tools->page = UI_TOOLS_NOTES;
    ui->tab = UI_TAB_TOOLS;
    ui->is_drawer_closed = false;
    ui->redraws = 3;
}

void ui_notes_pin(jw_ui *ui, jw_vec2 ground)
{
    uint32_t index;
    jw_error error = {0};
    ui_notes_edit(ui, JW_NONE);
    if (ui_notebook_add(&ui->tools.book, ground.x, ground.y, "", &index, &error) != JW_OK)
        ui_fail(ui, &error);
    else
        ui_notes_edit(ui, index);
}

static void go_to(jw_ui *ui, const ui_note *note)
{
    jw_camera to = ui->camera;
    to.x_m = note->x_m;
    to.y_m = note->y_m;
    to.z_m = 0;
    to.distance_m = jw_min(to.distance_m, 600);
    jw_camera_orbit(&to, 0, 0);
    ui_camera_fly(ui, &to);
}

bool ui_notes_click(jw_ui *ui, uint32_t part, double x_px, double y_px)
{
    const ui_notebook *book = &ui->tools.book;
    jw_view_scene scene = ui_scene_of(ui, part);
    double reach_px = (double)(gui_px(10) * ui->pixel_ratio), least_px = reach_px, x, y;
    uint32_t best = JW_NONE;
    for (uint32_t i = 0; i < book->note_count && !ui->tools.hides_notes; i++) {
        jw_vec3 foot = {book->notes[i].x_m, book->notes[i].y_m, 0};
        if (!jw_camera_project(&scene.camera, scene.rect, foot, &x, &y, NULL))
            continue;
        double away_px = jw_max(jw_abs(x - x_px), jw_abs(y - y_px));
        if (away_px < least_px) {
            least_px = away_px;
            best = i;
        }
    }
    if (best == JW_NONE)
        return false;
    ui_notes_edit(ui, best);
    return true;
}

/* The beginning of a text for a label: 28 letters of width one or 14 of Chinese. */
static void shorten(const char *text, char *out, size_t out_size)
{
    int room = 28;
    size_t at = 0;
    while (text[at] && text[at] != '\n' && room > 0 && at + 4 < out_size) {
        room -= (text[at] & 0x80) ? 2 : 1;
        at++;
        while (((unsigned char)text[at] & 0xC0) == 0x80)
            at++;
    }
    snprintf(out, out_size, "%.*s%s", (int)at, text, text[at] ? "…" : "");
}

void ui_notes_take_pins(const jw_ui *ui, ui_pins *out)
{
    const ui_notebook *book = &ui->tools.book;
    out->count = ui->tools.hides_notes ? 0 : book->note_count;
    for (uint32_t i = 0; i < out->count; i++) {
        out->notes[i] = (jw_view_note){book->notes[i].x_m, book->notes[i].y_m, ""};
        shorten(book->notes[i].text, out->notes[i].text, sizeof out->notes[i].text);
    }
}

void ui_notes_map(jw_ui *ui, const ui_map *map)
{
    const ui_notebook *book = &ui->tools.book;
    if (ui->tools.hides_notes)
        return;
    for (uint32_t i = 0; i < book->note_count; i++) {
        const ui_note *note = &book->notes[i];
        jw_vec3 foot = {note->x_m, note->y_m, 0};
        bool is_edited = i == ui->tools.edited;
        char text[96];
        shorten(note->text, text, sizeof text);
        ui_map_mark(map, foot, gui_colour_of(GUI_SECOND), is_edited ? 8 : 6);
        if (text[0])
            ui_map_label(map, foot, gui_colour_of(is_edited ? GUI_ACCENT : GUI_TEXT), text);
    }
}

static void draw_edited(jw_ui *ui)
{
    ui_tools *tools = &ui->tools;
    ui_note *note = &tools->book.notes[tools->edited];
    float half = (gui_room_x() - gui_px(8)) / 2;
    gui_width(0);
    if (tools->takes_focus)
        gui_focus();
    tools->takes_focus &= !gui_wants_text(); /* until it has it: the end of the click takes it away again */
    bool is_entered = gui_input("##note", ui_say(ui, "tools.note_hint"), note->text, sizeof note->text);
    if (gui_is_done() || is_entered)
        ui_notes_keep(ui);
    if (is_entered) {
        ui_notes_edit(ui, JW_NONE);
        return;
    }
    if (gui_button(ui_say(ui, "tools.note_go"), half, false))
        go_to(ui, note);
    gui_same_line(8);
    if (gui_button(ui_say(ui, "tools.note_delete"), half, false)) {
        ui_notebook_remove(&tools->book, tools->edited);
        tools->edited = JW_NONE;
        ui_notes_keep(ui);
    }
}

void ui_notes_draw(jw_ui *ui)
{
    ui_tools *tools = &ui->tools;
    bool is_pinning = ui->tool.kind == UI_TOOL_NOTE;
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, is_pinning ? "tools.note_click" : "tools.note_how"));
    if (gui_button(ui_say(ui, is_pinning ? "tools.stop" : "tools.note_pin"), 0, !is_pinning))
        ui_tool_set(ui, is_pinning ? UI_TOOL_NONE : UI_TOOL_NOTE);
    if (tools->edited < tools->book.note_count)
        draw_edited(ui);
    gui_gap(4);
    bool is_shown = !tools->hides_notes;
    if (tools->book.note_count && gui_check(ui_say(ui, "tools.note_show"), &is_shown))
        tools->hides_notes = !is_shown;
    gui_scroll_begin("##notes", 0);
    gui_tight(true);
    for (uint32_t i = 0; i < tools->book.note_count; i++) {
        char label[UI_NOTE_SIZE + 16];
        snprintf(label, sizeof label, "%s##%u", tools->book.notes[i].text, i);
        if (gui_choice(label, i == tools->edited)) {
            ui_notes_edit(ui, i);
            if (tools->edited != JW_NONE)
                go_to(ui, &tools->book.notes[tools->edited]);
        }
    }
    gui_tight(false);
    gui_scroll_end();
}
