/* Mouse and keys move the camera: left drags the ground, right (or Alt and left) turns, the wheel goes nearer
 * to what is under the pointer; WASD or arrows move, Q and E turn, + and - zoom. A
 * click that does not drag chooses what is under it. F follows the chosen vehicle from above, from behind and
 * from its seat, T looks straight down, Ctrl and a digit keep a place that the digit alone flies to. */
#include "ui/ui_state.h"

#include <SDL2/SDL.h>
#include <math.h>
#include <stdio.h>

enum {
    KEY_LEFT = 1,
    KEY_RIGHT = 2,
    KEY_UP = 4,
    KEY_DOWN = 8,
    KEY_TURN_LEFT = 16,
    KEY_TURN_RIGHT = 32,
    KEY_NEARER = 64,
    KEY_FARTHER = 128
};

#define CLICK_SLACK_PX 4
#define FLIGHT_S       0.8
#define FIRST_SIDE_M   3600.0
#define BEHIND_M       40.0
#define BEHIND_RAD     0.25
#define SEAT_LOOK_M    12.0

static uint32_t bit_of_key(SDL_Keycode key)
{
    switch (key) {
    case SDLK_a:
    case SDLK_LEFT:
        return KEY_LEFT;
    case SDLK_d:
    case SDLK_RIGHT:
        return KEY_RIGHT;
    case SDLK_w:
    case SDLK_UP:
        return KEY_UP;
    case SDLK_s:
    case SDLK_DOWN:
        return KEY_DOWN;
    case SDLK_q:
        return KEY_TURN_LEFT;
    case SDLK_e:
        return KEY_TURN_RIGHT;
    case SDLK_PLUS:
    case SDLK_EQUALS:
    case SDLK_KP_PLUS:
        return KEY_NEARER;
    case SDLK_MINUS:
    case SDLK_KP_MINUS:
        return KEY_FARTHER;
    default:
        return 0;
    }
}

/* How large a town is in it, which seen aslant is half again as wide as high. */
static double size_of(gui_rect room)
{
    return jw_min((double)room.width / 1.5, (double)room.height);
}

void ui_camera_reframe(jw_ui *ui, gui_rect from, gui_rect to)
{
    bool is_empty = from.width < 1 || from.height < 1 || to.width < 1 || to.height < 1;
    if (!ui->city || is_empty || ui->follow != UI_FOLLOW_NOT || ui->tools.walk.is_on || ui_part_count(ui) > 1)
        return;
    double ratio = (double)ui->pixel_ratio;
    double from_x_px = ((double)from.x + (double)from.width / 2) * ratio,
           from_y_px = ((double)from.y + (double)from.height / 2) * ratio,
           to_x_px = ((double)to.x + (double)to.width / 2) * ratio,
           to_y_px = ((double)to.y + (double)to.height / 2) * ratio;
    double farther = size_of(from) / size_of(to);
    jw_view_rect rect = ui_side_rect(ui, 0);
    jw_camera_pan(&ui->camera, rect, from_x_px, from_y_px, to_x_px, to_y_px);
    jw_camera_zoom(&ui->camera, rect, to_x_px, to_y_px, farther);
    ui->redraws = 3;
}

static jw_camera home_of(const jw_ui *ui, const jw_city *city, uint32_t part, bool is_at_once)
{
    jw_view_rect rect = ui_side_rect(ui, part);
    gui_rect room = ui_room_of(ui);
    bool is_whole = ui_part_count(ui) < 2;
    double ratio = (double)ui->pixel_ratio, left = is_whole ? (double)room.x * ratio : 0,
           right = is_whole ? left + (double)room.width * ratio : rect.width_px,
           bottom = (double)room.height * ratio;
    /* A country is entered at its largest town; asked for, all of it is shown. */
    jw_box bounds = is_at_once ? jw_view_dense_bounds(city, FIRST_SIDE_M) : jw_view_core_bounds(city);
    jw_camera to = jw_camera_fit_city(city, bounds, (right - left) / jw_max(bottom, 1));
    to.distance_m *= rect.height_px / jw_max(bottom, 1);
    jw_camera_pan(&to, rect, rect.x_px + rect.width_px / 2.0, rect.height_px / 2.0,
                  rect.x_px + (left + right) / 2, bottom / 2);
    return to;
}

jw_camera ui_camera_first(const jw_ui *ui, const jw_city *city)
{
    return home_of(ui, city, 0, true);
}

void ui_camera_home(jw_ui *ui, bool is_at_once)
{
    if (!ui->city)
        return;
    ui_split *split = &ui->tools.split;
    uint32_t part = split->acting;
    if (ui_part_count(ui) > 1 && split->is_apart)
        split->idle_camera = home_of(ui, ui->city, 1 - part, is_at_once);
    else if (ui_part_count(ui) > 1) /* one camera: the city is whole in the narrower, too */
        part = ui_side_rect(ui, 1).width_px < ui_side_rect(ui, 0).width_px;
    jw_camera to = home_of(ui, ui->city, part, is_at_once);
    if (is_at_once)
        ui->camera = to;
    else
        ui_camera_fly(ui, &to);
}

void ui_camera_fly(jw_ui *ui, const jw_camera *to)
{
    ui_walk_set(ui, false);
    ui->tools.is_path_playing = false;
    ui->flight_from = ui->camera;
    ui->flight_to = *to;
    ui->flight_begin_s = jw_clock_seconds();
    if (ui->settings.reduces_motion) { /* there at once */
        ui->camera = *to;
        ui->flight_begin_s = 0;
    }
    ui->redraws = 3;
}

void ui_camera_follow(jw_ui *ui)
{
    if (ui->selection.kind != JW_PICK_VEHICLE) {
        ui_notice(ui, ui_say(ui, "camera.follow_hint"));
        return;
    }
    if (ui->follow == UI_FOLLOW_SEAT) /* out of the seat: the camera is the one before */
        ui->camera = ui->before_seat;
    ui->follow = (ui_follow)((ui->follow + 1) % UI_FOLLOW_COUNT);
    if (ui->follow == UI_FOLLOW_SEAT)
        ui->before_seat = ui->camera;
    ui_walk_set(ui, false);
    ui->tools.is_path_playing = false;
    ui->flight_begin_s = 0;
    if (ui->follow == UI_FOLLOW_ABOVE)
        ui->camera.distance_m = jw_min(ui->camera.distance_m, 120);
}

void ui_camera_top(jw_ui *ui)
{
    if (!ui->view)
        return;
    jw_camera to = ui->flight_begin_s > 0 ? ui->flight_to : ui->camera; /* where it will be */
    bool is_top = to.pitch_rad > 80 * JW_PI / 180;
    to.pitch_rad = is_top ? 40 * JW_PI / 180 : JW_PI / 2;
    if (!is_top)
        to.heading_rad = JW_PI / 2;
    jw_camera_orbit(&to, 0, 0); /* within its limits */
    ui_camera_fly(ui, &to);
}

void ui_camera_bookmark(jw_ui *ui, uint32_t number, bool is_kept)
{
    char text[96], shown[12];
    if (number < 1 || number > UI_BOOKMARK_MAX)
        return;
    jw_camera *bookmark = &ui->tools.book.bookmarks[number - 1];
    snprintf(shown, sizeof shown, "%u", number);
    if (is_kept) {
        *bookmark = ui->camera;
        ui_notes_keep(ui);
        ui_say_with(ui, "camera.kept", shown, text, sizeof text);
        ui_notice(ui, text);
    } else if (bookmark->distance_m > 0) {
        ui->follow = UI_FOLLOW_NOT;
        ui_camera_fly(ui, bookmark);
    }
}

static const jw_frame_vehicle *find_vehicle(const jw_frame *frame, const jw_pick *pick)
{
    for (uint32_t i = 0; i < frame->vehicle_count; i++)
        if (frame->vehicles[i].index1 == pick->index && frame->vehicles[i].generation == pick->generation)
            return &frame->vehicles[i];
    return NULL;
}

/* The eye in the driver's seat, or the walker's own, looking where it goes. */
static void sit(jw_ui *ui, const jw_frame_vehicle *older, const jw_frame_vehicle *newer, double blend)
{
    static const double eye_m[JW_VEHICLE_CLASS_COUNT] = {1.2, 2.4, 2.3, 1.6, 1.4, 1.6, 1.5, 1.65};
    uint32_t class_of = newer->vehicle_class < JW_VEHICLE_CLASS_COUNT ? newer->vehicle_class : 0;
    double turn = jw_wrap_angle((double)(newer->heading_rad - older->heading_rad));
    double heading = (double)older->heading_rad + blend * turn;
    double back_m = jw_min(0.3 * newer->length_dm / 10.0, 1.6), ahead_m = SEAT_LOOK_M - back_m;
    ui->camera.x_m += ahead_m * jw_cos(heading);
    ui->camera.y_m += ahead_m * jw_sin(heading);
    ui->camera.z_m = (double)newer->z_m + eye_m[class_of];
    ui->camera.heading_rad = heading;
    ui->camera.pitch_rad = 0;
    ui->camera.distance_m = SEAT_LOOK_M;
    ui->camera.fov_rad = 1.1;
}

/* Stands where the vehicle is drawn: between the two frames. */
static void follow(jw_ui *ui, double passed_s)
{
    const ui_side *side = &ui->sides[ui->side];
    const jw_frame_vehicle *newer = find_vehicle(&side->newer, &ui->selection);
    if (ui->selection.kind != JW_PICK_VEHICLE || !newer) {
        ui->follow = UI_FOLLOW_NOT;
        return;
    }
    const jw_frame_vehicle *older = side->has_older ? find_vehicle(&side->older, &ui->selection) : NULL;
    double blend = older ? ui_blend(ui, side) : 1;
    if (!older)
        older = newer;
    ui->camera.x_m = (double)older->x_m + blend * (double)(newer->x_m - older->x_m);
    ui->camera.y_m = (double)older->y_m + blend * (double)(newer->y_m - older->y_m);
    if (ui->follow == UI_FOLLOW_SEAT) {
        sit(ui, older, newer, blend);
        return;
    }
    if (ui->follow != UI_FOLLOW_BEHIND)
        return;
    double turn = (double)newer->heading_rad - ui->camera.heading_rad;
    turn -= 2 * JW_PI * jw_round(turn / (2 * JW_PI));
    ui->camera.distance_m = BEHIND_M;
    ui->camera.pitch_rad = BEHIND_RAD;
    jw_camera_orbit(&ui->camera, turn * jw_min(3 * passed_s, 1), 0);
}

static void click(jw_ui *ui, double x_px, double y_px)
{
    uint32_t part = ui_part_at(ui, x_px), side = ui_part_side(ui, part);
    jw_view_scene scene = ui_scene_of(ui, part);
    jw_vec2 ground;
    if (ui->tool.kind != UI_TOOL_NONE) {
        if (jw_camera_ground(&scene.camera, scene.rect, x_px, y_px, &ground))
            ui_tool_click(ui, part, ground);
        return;
    }
    if (ui_notes_click(ui, part, x_px, y_px))
        return;
    jw_pick pick = jw_view_pick(ui->view, &scene, (int)x_px, (int)y_px);
    ui_select(ui, side, &pick);
    if (pick.kind != JW_PICK_NONE) {
        ui->tab = UI_TAB_INSPECTOR;
        ui->is_drawer_closed = false;
    }
}

/* The ground under the pointer, for the tool that is on. */
static void hover(jw_ui *ui, int x, int y)
{
    double x_px = x * (double)ui->pixel_ratio, y_px = y * (double)ui->pixel_ratio;
    uint32_t part = ui_part_at(ui, x_px);
    jw_view_scene scene = ui_scene_of(ui, part);
    jw_vec2 ground;
    bool is_over = ui->view && !gui_wants_mouse((float)x, (float)y) &&
                   jw_camera_ground(&scene.camera, scene.rect, x_px, y_px, &ground);
    ui_tool_hover(ui, part, is_over ? &ground : NULL);
}

static void drag(jw_ui *ui, double x_px, double y_px)
{
    double dx = x_px - ui->drag_x_px, dy = y_px - ui->drag_y_px;
    if (!ui->was_dragged && dx * dx + dy * dy < CLICK_SLACK_PX * CLICK_SLACK_PX)
        return;
    ui->was_dragged = true;
    ui->flight_begin_s = 0;
    ui->tools.is_path_playing = false;
    if (ui->tools.walk.is_on) {
        double turn = JW_PI / jw_max(ui->height_px, 200);
        ui_walk_look(ui, -dx * turn, dy * turn);
    } else if (ui->is_drag_orbit) {
        double turn = JW_PI / jw_max(ui->height_px, 200);
        jw_camera_orbit(&ui->camera, -dx * turn, dy * turn);
    } else {
        ui->follow = UI_FOLLOW_NOT;
        jw_camera_pan(&ui->camera, ui_side_rect(ui, ui->drag_side), ui->drag_x_px, ui->drag_y_px, x_px, y_px);
    }
    ui->drag_x_px = x_px;
    ui->drag_y_px = y_px;
}

bool ui_camera_event(jw_ui *ui, const SDL_Event *event)
{
    double ratio = (double)ui->pixel_ratio;
    if (ui->view && ui_split_event(ui, event))
        return true;
    switch (event->type) {
    case SDL_MOUSEBUTTONDOWN:
        if (!ui->view || ui->drag_button || gui_wants_mouse((float)event->button.x, (float)event->button.y))
            return false;
        ui->drag_button = event->button.button;
        ui->is_drag_orbit = event->button.button != SDL_BUTTON_LEFT || (SDL_GetModState() & KMOD_ALT) != 0;
        ui->was_dragged = false;
        ui->drag_x_px = event->button.x * ratio;
        ui->drag_y_px = event->button.y * ratio;
        ui->drag_side = ui_part_at(ui, ui->drag_x_px);
        ui_split_touch(ui, ui->drag_side);
        return true;
    case SDL_MOUSEMOTION:
        if (ui->tool.kind != UI_TOOL_NONE)
            hover(ui, event->motion.x, event->motion.y);
        if (!ui->drag_button)
            return false;
        drag(ui, event->motion.x * ratio, event->motion.y * ratio);
        return true;
    case SDL_MOUSEBUTTONUP:
        if (ui->drag_button != event->button.button)
            return false;
        if (!ui->was_dragged && event->button.button == SDL_BUTTON_LEFT && ui->view) {
            if (ui->tool.kind != UI_TOOL_NONE && event->button.clicks == 2)
                ui_tool_double_click(ui);
            else
                click(ui, event->button.x * ratio, event->button.y * ratio);
        }
        ui->drag_button = 0;
        return true;
    case SDL_MOUSEWHEEL: {
        int x, y;
        SDL_GetMouseState(&x, &y);
        if (!ui->view || gui_wants_mouse((float)x, (float)y) || ui->tools.walk.is_on)
            return false;
        ui->flight_begin_s = 0;
        ui->tools.is_path_playing = false;
        double x_px = x * ratio;
        uint32_t part = ui_part_at(ui, x_px);
        ui_split_touch(ui, part);
        jw_camera_zoom(&ui->camera, ui_side_rect(ui, part), x_px, y * ratio,
                       jw_pow(0.85, jw_clamp((double)event->wheel.preciseY + 20, 0, 40)) / jw_pow(0.85, 20));
        return true;
    }
    case SDL_KEYDOWN:
    case SDL_KEYUP: {
        uint32_t bit = bit_of_key(event->key.keysym.sym);
        if (event->type == SDL_KEYUP) {
            ui->keys_down &= ~bit;
            return bit != 0;
        }
        if (gui_wants_text() || (event->key.keysym.mod & (KMOD_CTRL | KMOD_GUI)))
            return false;
        ui->keys_down |= bit;
        return bit != 0;
    }
    default:
        return false;
    }
}

void ui_camera_tick(jw_ui *ui, double now_s, double passed_s)
{
    if (ui->flight_begin_s > 0) {
        double t = (now_s - ui->flight_begin_s) / FLIGHT_S;
        ui->camera = jw_camera_between(&ui->flight_from, &ui->flight_to, jw_clamp(t, 0, 1));
        if (t >= 1)
            ui->flight_begin_s = 0;
    }
    if (ui->follow != UI_FOLLOW_NOT && ui->side_count)
        follow(ui, passed_s);
    ui_path_tick(ui, passed_s);
    if (!ui->keys_down || !ui->view)
        return;
    ui->flight_begin_s = 0;
    ui->tools.is_path_playing = false;
    uint32_t keys = ui->keys_down;
    jw_camera *camera = &ui->camera;
    double pace_m = camera->distance_m * 0.4 * passed_s;
    double right = (keys & KEY_RIGHT ? 1 : 0) - (keys & KEY_LEFT ? 1 : 0);
    double ahead = (keys & KEY_UP ? 1 : 0) - (keys & KEY_DOWN ? 1 : 0);
    double turn = (keys & KEY_TURN_LEFT ? 1 : 0) - (keys & KEY_TURN_RIGHT ? 1 : 0);
    if (ui->tools.walk.is_on) {
        ui_walk_look(ui, turn * 1.2 * passed_s, 0);
        ui_walk_go(ui, ahead, right, (SDL_GetModState() & KMOD_SHIFT) != 0, passed_s);
        return;
    }
    double c = jw_cos(camera->heading_rad), s = jw_sin(camera->heading_rad);
    camera->x_m += (ahead * c + right * s) * pace_m;
    camera->y_m += (ahead * s - right * c) * pace_m;
    jw_camera_orbit(camera, turn * 1.2 * passed_s, 0);
    double nearer = (keys & KEY_NEARER ? 1 : 0) - (keys & KEY_FARTHER ? 1 : 0);
    if (nearer != 0) {
        jw_view_rect rect = ui_side_rect(ui, 0);
        jw_camera_zoom(camera, rect, rect.x_px + rect.width_px / 2.0, rect.y_px + rect.height_px / 2.0,
                       jw_exp(-nearer * 1.5 * passed_s));
    }
}
