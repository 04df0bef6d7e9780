/* All keys in one table: what the window does with them, and the panel that lists them. A key that is not
 * here does nothing; whoever adds one adds a row (and its text to the catalogues). Keys held down that move
 * the camera are ui_camera.c's; they stand here to be listed. */
#include "ui/ui_state.h"
#include "ui/ui_tools.h"

#include <SDL2/SDL.h>
#include <string.h>

enum { CTRL = 1, SHIFT = 2, ALT = 4 };

/* When a row holds. */
typedef enum when {
    ALWAYS,  /* but while a text is typed */
    TYPING,  /* also then */
    WALKING, /* while a control has the keyboard */
    TOOLING, /* while a tool of the pointer is on */
    LISTED   /* never: for the list alone */
} when;

typedef struct key {
    SDL_Keycode first, last; /* last 0: one key */
    int modifiers;
    when when;
    bool repeats;
    void (*act)(jw_ui *ui, int argument);
    int argument;      /* for a range that of its first key */
    const char *shown; /* as the list writes it; NULL: on the line of the row before */
    const char *text;  /* key of the catalogue */
} key;

/* ---- what they do ----------------------------------------------------------------------------------------
 */

static void help(jw_ui *ui, int argument)
{
    (void)argument;
    ui->has_help = !ui->has_help;
}

static void settings(jw_ui *ui, int argument)
{
    (void)argument;
    ui->has_settings = !ui->has_settings;
}

static void press(jw_ui *ui, int argument)
{
    (void)ui;
    if (gui_wants_text())
        gui_leave_text();
    gui_press_key((gui_key)argument);
}

static void present(jw_ui *ui, int argument)
{
    (void)argument;
    ui_present_set(ui, !ui->is_presenting && !ui->is_bare);
}

static void turn_page(jw_ui *ui, int argument)
{
    ui_present_step(ui, argument);
}

static void play(jw_ui *ui, int argument)
{
    (void)argument;
    ui_play(ui, !ui->is_playing);
}

static void step(jw_ui *ui, int argument)
{
    (void)argument;
    ui_step(ui);
}

static void change_speed(jw_ui *ui, int argument)
{
    if (argument)
        ui_change_speed(ui, argument);
    else
        ui_set_speed(ui, 1);
}

static void next_event(jw_ui *ui, int argument)
{
    (void)argument;
    ui_run_to_event(ui);
}

static void find(jw_ui *ui, int argument)
{
    (void)argument;
    ui_find_open(ui, !ui->find.is_open);
}

static void undo(jw_ui *ui, int argument)
{
    if (argument > 0)
        ui_redo(ui);
    else
        ui_undo(ui);
}

static void show_example(jw_ui *ui, int argument)
{
    (void)argument;
    if (ui->side_count)
        ui_example_ask(ui, &ui->selection, JW_EXAMPLE_ANY);
}

static void go_worst(jw_ui *ui, int argument)
{
    (void)argument;
    if (ui->side_count)
        ui_example_go_worst(ui);
}

static void follow(jw_ui *ui, int argument)
{
    (void)argument;
    ui_camera_follow(ui);
}

static void look_down(jw_ui *ui, int argument)
{
    (void)argument;
    ui_camera_top(ui);
}

static void look_home(jw_ui *ui, int argument)
{
    (void)argument;
    ui_camera_home(ui, false);
}

static void go_to_place(jw_ui *ui, int argument)
{
    ui_camera_bookmark(ui, (uint32_t)argument, false);
}

static void keep_place(jw_ui *ui, int argument)
{
    ui_camera_bookmark(ui, (uint32_t)argument, true);
}

static void choose_overlay(jw_ui *ui, int argument)
{
    if (ui->city)
        ui_step_overlay(ui, (jw_overlay_group)(argument - 1));
}

static void take_back_point(jw_ui *ui, int argument)
{
    (void)argument;
    ui_tool_take_back(ui);
}

static void finish_tool(jw_ui *ui, int argument)
{
    (void)argument;
    ui_tool_finish(ui);
}

static void build(jw_ui *ui, int argument)
{
    (void)argument;
    if (ui->city)
        ui_build_open(ui);
}

static void use_tool(jw_ui *ui, int code)
{
    ui_tools_key(ui, code, 0);
}

static void use_tool_shifted(jw_ui *ui, int code)
{
    ui_tools_key(ui, code, KMOD_LSHIFT);
}

static void move_divider(jw_ui *ui, int argument)
{
    if (ui_part_count(ui) == 2)
        ui_split_move(ui, 0.05 * argument);
}

static void save_picture(jw_ui *ui, int argument)
{
    if (argument)
        ui_export_city(ui);
    else
        ui->wants_picture = true;
}

static void fill_screen(jw_ui *ui, int argument)
{
    (void)argument;
    SDL_Window *window = jw_view_window_sdl(ui->window);
    bool is_full = SDL_GetWindowFlags(window) & SDL_WINDOW_FULLSCREEN_DESKTOP;
    SDL_SetWindowFullscreen(window, is_full ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
}

/* Out of the innermost thing that one can be in. */
static void leave(jw_ui *ui, int argument)
{
    (void)argument;
    jw_pick none = {0};
    if (gui_has_list())
        gui_press_key(GUI_KEY_LEAVE);
    else if (ui->dialog.code)
        ui->dialog = (jw_error){0};
    else if (ui->load)
        ui_load_cancel(ui->load);
    else if (ui_end_seek(ui) || ui_end_run_to_event(ui))
        return;
    else if (ui->has_help)
        ui->has_help = false;
    else if (ui->has_settings)
        ui->has_settings = false;
    else if (gui_wants_text() || gui_has_keys()) {
        gui_leave_text();
        gui_press_key(GUI_KEY_LEAVE);
        if (ui->find.is_open)
            ui_find_open(ui, false);
    } else if (ui->find.is_open)
        ui_find_open(ui, false);
    else if (ui_tools_key(ui, SDLK_ESCAPE, 0))
        return;
    else if (ui->tool.kind != UI_TOOL_NONE)
        ui_tool_set(ui, UI_TOOL_NONE);
    else if (ui->is_presenting)
        ui_present_set(ui, false);
    else
        ui_select(ui, ui->side, &none);
}

/* ---- the table -------------------------------------------------------------------------------------------
 */

/* The first row that holds is taken. Rows without a key are headings of the list. */
static const key keys[] = {
    {0, 0, 0, LISTED, false, NULL, 0, NULL, "keys.panels"},
    {SDLK_F1, 0, 0, TYPING, false, help, 0, "F1  ?", "keys.help"},
    {SDLK_QUESTION, 0, 0, ALWAYS, false, help, 0, NULL, NULL},
    {SDLK_SLASH, 0, SHIFT, ALWAYS, false, help, 0, NULL, NULL},
    {SDLK_COMMA, 0, CTRL, TYPING, false, settings, 0, "Ctrl+,", "keys.settings"},
    {SDLK_F6, 0, 0, TYPING, true, press, GUI_KEY_NEXT_PANEL, "F6", "keys.next_panel"},
    {SDLK_F6, 0, SHIFT, TYPING, true, press, GUI_KEY_PANEL_BEFORE, "Shift+F6", "keys.panel_before"},
    {SDLK_TAB, 0, 0, TYPING, true, press, GUI_KEY_NEXT, "Tab  ↓", "keys.next_control"},
    {SDLK_TAB, 0, SHIFT, TYPING, true, press, GUI_KEY_BEFORE, "Shift+Tab  ↑", "keys.control_before"},
    {SDLK_DOWN, 0, 0, WALKING, true, press, GUI_KEY_NEXT, NULL, NULL},
    {SDLK_UP, 0, 0, WALKING, true, press, GUI_KEY_BEFORE, NULL, NULL},
    {SDLK_LEFT, 0, 0, WALKING, true, press, GUI_KEY_LESS, "←  →", "keys.change"},
    {SDLK_RIGHT, 0, 0, WALKING, true, press, GUI_KEY_MORE, NULL, NULL},
    {SDLK_RETURN, 0, 0, WALKING, false, press, GUI_KEY_PRESS, "Enter", "keys.press"},
    {SDLK_KP_ENTER, 0, 0, WALKING, false, press, GUI_KEY_PRESS, NULL, NULL},
    {SDLK_ESCAPE, 0, 0, TYPING, false, leave, 0, "Esc", "keys.leave"},
    {SDLK_f, 0, CTRL, TYPING, false, find, 0, "Ctrl+F", "keys.find"},
    {SDLK_F11, 0, 0, TYPING, false, fill_screen, 0, "F11", "keys.full_screen"},

    {0, 0, 0, LISTED, false, NULL, 0, NULL, "keys.time"},
    {SDLK_SPACE, 0, 0, ALWAYS, false, play, 0, "Space", "keys.play"},
    {SDLK_PERIOD, 0, 0, ALWAYS, true, step, 0, ".", "keys.step"},
    {SDLK_LEFTBRACKET, 0, 0, ALWAYS, true, change_speed, -1, "[  ]", "keys.speed"},
    {SDLK_RIGHTBRACKET, 0, 0, ALWAYS, true, change_speed, 1, NULL, NULL},
    {SDLK_BACKSPACE, 0, 0, TOOLING, true, take_back_point, 0, NULL, NULL},
    {SDLK_BACKSPACE, 0, 0, ALWAYS, false, change_speed, 0, "Backspace", "keys.real_time"},
    {SDLK_n, 0, 0, ALWAYS, false, next_event, 0, "N", "keys.next_event"},

    {0, 0, 0, LISTED, false, NULL, 0, NULL, "keys.camera"},
    {0, 0, 0, LISTED, false, NULL, 0, "W A S D  ← ↑ ↓ →", "keys.move"},
    {0, 0, 0, LISTED, false, NULL, 0, "Q  E", "keys.turn"},
    {0, 0, 0, LISTED, false, NULL, 0, "+  −", "keys.zoom"},
    {SDLK_HOME, 0, 0, ALWAYS, false, look_home, 0, "Home", "keys.home"},
    {SDLK_t, 0, 0, ALWAYS, false, look_down, 0, "T", "keys.top"},
    {SDLK_f, 0, 0, ALWAYS, false, follow, 0, "F", "keys.follow"},
    {SDLK_1, SDLK_9, CTRL, ALWAYS, false, keep_place, 1, "Ctrl+1 … 9", "keys.keep_place"},
    {SDLK_1, SDLK_9, 0, ALWAYS, false, go_to_place, 1, "1 … 9", "keys.go_to_place"},
    {SDLK_1, SDLK_6, ALT, ALWAYS, false, choose_overlay, 1, "Alt+1 … 6", "keys.overlay"},

    {0, 0, 0, LISTED, false, NULL, 0, NULL, "keys.doing"},
    {SDLK_z, 0, CTRL, ALWAYS, true, undo, -1, "Ctrl+Z", "keys.undo"},
    {SDLK_z, 0, CTRL | SHIFT, ALWAYS, true, undo, 1, "Ctrl+Shift+Z  Ctrl+Y", "keys.redo"},
    {SDLK_y, 0, CTRL, ALWAYS, true, undo, 1, NULL, NULL},
    {SDLK_o, 0, 0, ALWAYS, false, show_example, 0, "O", "keys.example"},
    {SDLK_o, 0, SHIFT, ALWAYS, false, go_worst, 0, "Shift+O", "keys.worst"},
    {SDLK_RETURN, 0, 0, TOOLING, false, finish_tool, 0, "Enter", "keys.finish_tool"},
    {0, 0, 0, LISTED, false, NULL, 0, "Backspace", "keys.take_back_point"},
    {SDLK_b, 0, 0, ALWAYS, false, build, 0, "B", "keys.build"},
    {SDLK_m, 0, 0, ALWAYS, false, use_tool, SDLK_m, "M", "keys.measure"},
    {SDLK_m, 0, SHIFT, ALWAYS, false, use_tool_shifted, SDLK_m, "Shift+M", "keys.note"},
    {SDLK_x, 0, 0, ALWAYS, false, use_tool, SDLK_x, "X", "keys.put_point"},
    {SDLK_v, 0, 0, ALWAYS, false, use_tool, SDLK_v, "V", "keys.path_add"},
    {SDLK_p, 0, 0, ALWAYS, false, use_tool, SDLK_p, "P", "keys.path_play"},
    {SDLK_g, 0, 0, ALWAYS, false, use_tool, SDLK_g, "G", "keys.walk"},
    {SDLK_BACKSLASH, 0, 0, ALWAYS, false, use_tool, SDLK_BACKSLASH, "\\", "keys.split"},
    {SDLK_BACKSLASH, 0, SHIFT, ALWAYS, false, use_tool_shifted, SDLK_BACKSLASH, "Shift+\\",
     "keys.split_apart"},
    {SDLK_COMMA, 0, 0, ALWAYS, false, use_tool, SDLK_COMMA, ",", "keys.split_other"},
    {SDLK_COMMA, 0, SHIFT, ALWAYS, true, move_divider, -1, "Shift+,  Shift+.", "keys.split_share"},
    {SDLK_PERIOD, 0, SHIFT, ALWAYS, true, move_divider, 1, NULL, NULL},
    {SDLK_r, 0, 0, ALWAYS, false, use_tool, SDLK_r, "R", "keys.film"},
    {SDLK_s, 0, CTRL, ALWAYS, false, save_picture, 0, "Ctrl+S", "keys.picture"},
    {SDLK_s, 0, CTRL | SHIFT, ALWAYS, false, save_picture, 1, "Ctrl+Shift+S", "keys.city_picture"},

    {0, 0, 0, LISTED, false, NULL, 0, NULL, "keys.presenting"},
    {SDLK_F5, 0, 0, TYPING, false, present, 0, "F5", "keys.present"},
    {SDLK_PAGEDOWN, 0, 0, ALWAYS, false, turn_page, 1, "Page Down  Page Up", "keys.page"},
    {SDLK_PAGEUP, 0, 0, ALWAYS, false, turn_page, -1, NULL, NULL},
};

static bool holds(const jw_ui *ui, const key *row, SDL_Keycode code, int modifiers, bool is_repeated)
{
    SDL_Keycode last = row->last ? row->last : row->first;
    if (!row->act || code < row->first || code > last || row->modifiers != modifiers ||
        (is_repeated && !row->repeats))
        return false;
    switch (row->when) {
    case ALWAYS:
        return !gui_wants_text();
    case TYPING:
        return true;
    case WALKING:
        return gui_has_keys() && !gui_wants_text();
    case TOOLING:
        return ui->tool.kind != UI_TOOL_NONE && !gui_wants_text();
    case LISTED:
        break;
    }
    return false;
}

bool ui_keys_take(jw_ui *ui, int32_t code, uint16_t sdl_modifiers, bool is_repeated)
{
    int modifiers = (sdl_modifiers & KMOD_CTRL ? CTRL : 0) | (sdl_modifiers & KMOD_SHIFT ? SHIFT : 0) |
                    (sdl_modifiers & KMOD_ALT ? ALT : 0);
    if (code == SDLK_QUESTION) /* on some keyboards with the shift key, on others without */
        modifiers &= ~SHIFT;
    for (uint32_t i = 0; i < JW_COUNT_OF(keys); i++) {
        const key *row = &keys[i];
        if (holds(ui, row, code, modifiers, is_repeated)) {
            row->act(ui, row->argument + (row->last ? code - row->first : 0));
            return true;
        }
    }
    return false;
}

void ui_keys_draw(jw_ui *ui)
{
    gui_rect window = ui_layout_of(ui).window;
    gui_dialog_begin("##keys", ui_dialog_rect(window, gui_px(560), gui_px(760)), window);
    gui_text(GUI_TITLE, GUI_TEXT, ui_say(ui, "keys.title"));
    gui_scroll_begin("##list", -gui_px(44));
    gui_tight(true);
    for (uint32_t i = 0; i < JW_COUNT_OF(keys); i++) {
        gui_push((int)i);
        if (keys[i].text && !keys[i].shown) {
            gui_gap(16);
            gui_text(GUI_BODY, GUI_ACCENT, ui_say(ui, keys[i].text));
        } else if (keys[i].shown) {
            gui_value(ui_say(ui, keys[i].text), keys[i].shown, false, false);
        }
        gui_pop();
    }
    gui_gap(16);
    gui_text(GUI_BODY, GUI_ACCENT, ui_say(ui, "keys.mouse"));
    gui_text(GUI_BODY, GUI_MUTED, ui_say(ui, "keys.mouse_text"));
    gui_tight(false);
    gui_scroll_end();
    if (gui_button(ui_say(ui, "dialog.close"), gui_px(120), true))
        ui->has_help = false;
    gui_prefer_keys();
    gui_dialog_end();
}
