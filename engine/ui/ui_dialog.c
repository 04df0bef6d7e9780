/* What asks for attention over the city: an error, a load under way. */
#include "ui/ui_state.h"

#include <SDL2/SDL.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

gui_rect ui_dialog_rect(gui_rect window, float width, float height)
{
    width = (float)jw_min(width, window.width - gui_px(32));
    height = (float)jw_min(height, window.height - gui_px(32));
    return (gui_rect){(window.width - width) / 2, (window.height - height) / 2, width, height};
}

/* The user's own editor, at the line, where there is a terminal for it. */
static bool open_editor(const char *full, int line)
{
    const char *editor = getenv("VISUAL");
    char at[24];
    if (!editor || !*editor)
        editor = getenv("EDITOR");
    if (!editor || !*editor || !isatty(STDIN_FILENO))
        return false;
    snprintf(at, sizeof at, "+%d", line > 0 ? line : 1);
    pid_t child = fork();
    if (child == 0) {
        execlp(editor, editor, at, full, (char *)NULL);
        _exit(127);
    }
    return child > 0;
}

/* In the program that the desktop has for it, else in the editor. */
static void open_file(jw_ui *ui, const char *file, int line)
{
    char full[PATH_MAX], url[PATH_MAX + 8];
    jw_error error = {0};
    if (!realpath(file, full))
        return;
    snprintf(url, sizeof url, "file://%s", full);
    if (SDL_OpenURL(url) != 0 && !open_editor(full, line)) {
        jw_fail(&error, JW_ERROR_UNSUPPORTED, full, 0, "%s", ui_say(ui, "dialog.no_program"));
        ui_fail(ui, &error);
    }
}

void ui_dialog_draw(jw_ui *ui)
{
    gui_rect window = ui_layout_of(ui).window;
    gui_dialog_begin("##dialog", ui_dialog_rect(window, gui_px(560), gui_px(248)), window);
    gui_text(GUI_TITLE, GUI_TEXT, ui_say(ui, "dialog.title"));
    gui_scroll_begin("##message", -gui_px(48));
    char place[320] = "";
    if (ui->dialog.file[0] && ui->dialog.line > 0)
        snprintf(place, sizeof place, "%s:%d", ui->dialog.file, ui->dialog.line);
    else
        jw_text_copy(place, sizeof place, ui->dialog.file);
    if (place[0])
        gui_text(GUI_SMALL, GUI_MUTED, place);
    char message[sizeof ui->dialog.message];
    jw_phrases_say(&ui->phrases, ui->dialog.message, message, sizeof message);
    gui_text(GUI_BODY, GUI_TEXT, message);
    gui_scroll_end();
    if (gui_button(ui_say(ui, "dialog.close"), gui_px(120), true))
        ui->dialog = (jw_error){0};
    gui_prefer_keys();
    gui_same_line(8);
    if (gui_button(ui_say(ui, "dialog.copy"), 0, false)) {
        char text[1200];
        jw_phrases_say_error(&ui->phrases, &ui->dialog, text, sizeof text);
        SDL_SetClipboardText(text);
    }
    if (jw_file_exists(ui->dialog.file)) {
        gui_same_line(8);
        if (gui_button(ui_say(ui, "dialog.open"), 0, false))
            open_file(ui, ui->dialog.file, ui->dialog.line);
    }
    if (*ui->dialog.file && (ui_is_same_file(ui->dialog.file, ui->wish.file) ||
                             ui_is_same_file(ui->dialog.file, ui->wish.scenario))) {
        gui_same_line(8);
        if (gui_button(ui_say(ui, "dialog.again"), 0, false)) {
            ui->dialog = (jw_error){0};
            ui_reload(ui);
        }
    }
    if (ui->city) {
        gui_same_line(8);
        if (gui_button(ui_say(ui, "dialog.to_start"), 0, false)) {
            ui->dialog = (jw_error){0};
            if (!ui->load)
                ui_close_city(ui);
        }
    }
    gui_dialog_end();
}

void ui_loading_draw(jw_ui *ui)
{
    gui_rect window = ui_layout_of(ui).window;
    double fraction;
    char what[96], key[128], name[512];
    ui_load_progress(ui->load, &fraction, what, sizeof what);
    gui_dialog_begin("##loading", ui_dialog_rect(window, gui_px(440), gui_px(148)), window);
    ui_say_file(ui, ui->wish.file, name, sizeof name);
    gui_text(GUI_TITLE, GUI_TEXT, name);
    gui_gap(8);
    gui_progress(fraction, ui_say_name(ui, "load.", what, key, sizeof key));
    gui_gap(8);
    if (gui_button(ui_say(ui, "load.cancel"), gui_px(120), false))
        ui_load_cancel(ui->load);
    gui_prefer_keys();
    gui_dialog_end();
}
