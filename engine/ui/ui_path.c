/* Ways of the camera: a centripetal Catmull-Rom curve (Barry and Goldman's pyramid) through the views, passed
 * at even pace. A view is a point of seven numbers (place, height of the place, logarithm of the distance,
 * heading, pitch, angle of view); how far two views are apart is told as the eye feels it: metres in the
 * unit of the distance, and angles. So a way from a street up to the country is not a minute of clouds. */
#include "ui/ui_map.h"

#include <math.h>
#include <stdio.h>

#define VIEW_S     4.0 /* from view to view, unless said otherwise */
#define PIECES     32  /* of the table of lengths, from view to view */
#define LINE_PARTS 4   /* of the line on the map, from view to view */
#define NUMBERS    7
#define LEAST_STEP 1e-6

typedef struct view_point {
    double n[NUMBERS]; /* x, y, z, log distance, heading, pitch, fov */
} view_point;

static double turned(double angle_rad, double near_rad)
{
    return near_rad + jw_wrap_angle(angle_rad - near_rad);
}

/* How far apart, as the eye feels it. */
static double apart(const view_point *a, const view_point *b)
{
    double unit_m = jw_exp((a->n[3] + b->n[3]) / 2), sum = 0;
    for (int i = 0; i < 6; i++) {
        double d = (b->n[i] - a->n[i]) / (i < 3 ? unit_m : 1);
        sum += d * d;
    }
    return jw_sqrt(sum);
}

/* View i of the way; of an open one there are mirrored ones beyond its ends, of a loop it goes round.
 * Headings are unrolled from `near` on. */
static view_point point_of(const ui_path *path, int i, const view_point *near_point)
{
    int count = (int)path->count;
    if (!path->is_loop && (i < 0 || i >= count)) {
        view_point end = point_of(path, i < 0 ? 0 : count - 1, near_point),
                   inner = point_of(path, i < 0 ? 1 : count - 2, &end), out = end;
        for (int k = 0; k < NUMBERS; k++)
            out.n[k] += end.n[k] - inner.n[k];
        return out;
    }
    const jw_camera *c = &path->views[((i % count) + count) % count];
    view_point out = {{c->x_m, c->y_m, c->z_m, jw_log(jw_max(c->distance_m, 1)), c->heading_rad, c->pitch_rad,
                       c->fov_rad > 0 ? c->fov_rad : 0.6}};
    if (near_point)
        out.n[4] = turned(out.n[4], near_point->n[4]);
    return out;
}

typedef struct way_piece { /* between two views, with those before and behind */
    view_point p[4];
    double t[4]; /* knots */
} way_piece;

static way_piece piece_of(const ui_path *path, int i)
{
    way_piece piece;
    piece.p[1] = point_of(path, i, NULL);
    piece.p[0] = point_of(path, i - 1, &piece.p[1]);
    piece.p[2] = point_of(path, i + 1, &piece.p[1]);
    piece.p[3] = point_of(path, i + 2, &piece.p[2]);
    piece.t[0] = 0;
    for (int k = 1; k < 4; k++) /* centripetal: the root of the distance */
        piece.t[k] = piece.t[k - 1] + jw_max(jw_sqrt(apart(&piece.p[k - 1], &piece.p[k])), LEAST_STEP);
    return piece;
}

static view_point mix(const view_point *a, const view_point *b, double from, double to, double t)
{
    view_point out;
    double share = (t - from) / (to - from);
    for (int i = 0; i < NUMBERS; i++)
        out.n[i] = a->n[i] + (b->n[i] - a->n[i]) * share;
    return out;
}

static view_point at_piece(const way_piece *piece, double share)
{
    const double *t = piece->t;
    double u = t[1] + (t[2] - t[1]) * share;
    view_point a1 = mix(&piece->p[0], &piece->p[1], t[0], t[1], u),
               a2 = mix(&piece->p[1], &piece->p[2], t[1], t[2], u),
               a3 = mix(&piece->p[2], &piece->p[3], t[2], t[3], u);
    view_point b1 = mix(&a1, &a2, t[0], t[2], u), b2 = mix(&a2, &a3, t[1], t[3], u);
    return mix(&b1, &b2, t[1], t[2], u);
}

static int pieces_of(const ui_path *path)
{
    return path->count < 2 ? 0 : (int)path->count - (path->is_loop && path->count > 2 ? 0 : 1);
}

double ui_path_duration_s(const ui_path *path)
{
    return path->duration_s > 0 ? path->duration_s : jw_max(VIEW_S * pieces_of(path), VIEW_S);
}

/* Arc length up to each PIECES-th part of each piece. */
static double measure(const ui_path *path, double *lengths)
{
    double sum = 0;
    for (int i = 0; i < pieces_of(path); i++) {
        way_piece piece = piece_of(path, i);
        view_point before = at_piece(&piece, 0);
        for (int k = 1; k <= PIECES; k++) {
            view_point here = at_piece(&piece, (double)k / PIECES);
            sum += apart(&before, &here);
            lengths[i * PIECES + k - 1] = sum;
            before = here;
        }
    }
    return sum;
}

bool ui_path_at(const ui_path *path, double share, jw_camera *out)
{
    double lengths[UI_PATH_MAX * PIECES];
    ui_path open = *path;
    open.is_loop = path->is_loop && path->count > 2;
    if (path->count == 0)
        return false;
    if (path->count == 1) {
        *out = path->views[0];
        return true;
    }
    double all = measure(&open, lengths), goal = jw_clamp(share, 0, 1) * all;
    int low = 0, high = pieces_of(&open) * PIECES - 1;
    while (low < high) { /* the first part that ends at or behind the goal */
        int middle = (low + high) / 2;
        if (lengths[middle] < goal)
            low = middle + 1;
        else
            high = middle;
    }
    double begin = low ? lengths[low - 1] : 0, length = lengths[low] - begin;
    double inside = length > 0 ? (goal - begin) / length : 0;
    way_piece piece = piece_of(&open, low / PIECES);
    view_point at = at_piece(&piece, (low % PIECES + inside) / PIECES);
    *out = (jw_camera){.x_m = at.n[0],
                       .y_m = at.n[1],
                       .z_m = at.n[2],
                       .distance_m = jw_exp(at.n[3]),
                       .heading_rad = jw_wrap_angle(at.n[4]),
                       .pitch_rad = at.n[5],
                       .fov_rad = at.n[6]};
    return true;
}

/* ---- the window ------------------------------------------------------------------------------------------
 */

void ui_path_add(jw_ui *ui, const jw_camera *view)
{
    ui_path *path = &ui->tools.book.path;
    char number[12], text[96];
    if (path->count == UI_PATH_MAX) {
        ui_notice(ui, ui_say(ui, "tools.path_full"));
        return;
    }
    path->views[path->count++] = *view;
    snprintf(number, sizeof number, "%u", path->count);
    ui_say_with(ui, "tools.path_added", number, text, sizeof text);
    ui_notice(ui, text);
    ui_notes_keep(ui);
}

void ui_path_play(jw_ui *ui, bool is_playing)
{
    ui_tools *tools = &ui->tools;
    if (is_playing && tools->book.path.count < 2) {
        ui_notice(ui, ui_say(ui, "tools.path_short"));
        return;
    }
    if (is_playing) {
        ui_walk_set(ui, false);
        ui->flight_begin_s = 0;
        ui->follow = UI_FOLLOW_NOT;
        tools->path_s = 0;
    }
    tools->is_path_playing = is_playing;
    ui->redraws = 3;
}

void ui_path_tick(jw_ui *ui, double passed_s)
{
    ui_tools *tools = &ui->tools;
    double all_s = ui_path_duration_s(&tools->book.path);
    if (!tools->is_path_playing)
        return;
    tools->path_s += passed_s;
    if (tools->book.path.is_loop)
        tools->path_s = jw_fmod(tools->path_s, all_s);
    else if (tools->path_s >= all_s)
        tools->is_path_playing = false;
    const ui_path *path = &tools->book.path;
    double share = jw_clamp(tools->path_s / all_s, 0, 1);
    if (ui->settings.reduces_motion && path->count > 0) /* one view after the other, and none moves */
        ui->camera = path->views[(uint32_t)jw_min(share * path->count, path->count - 1.0)];
    else if (!ui_path_at(path, share, &ui->camera))
        tools->is_path_playing = false;
}

/* The way over the ground, and its views with their numbers. */
void ui_path_map(jw_ui *ui, const ui_map *map)
{
    const ui_path *path = &ui->tools.book.path;
    bool is_at_it = ui->tool.kind == UI_TOOL_PATH ||
                    (ui->tab == UI_TAB_TOOLS && ui->tools.page == UI_TOOLS_CAMERA && !ui->is_drawer_closed);
    if (!is_at_it || ui->tools.is_path_playing || ui->is_presenting)
        return;
    ui_path shown = *path;
    shown.is_loop = path->is_loop && path->count > 2;
    jw_vec3 line[UI_PATH_MAX * LINE_PARTS + 1];
    uint32_t points = 0;
    for (int i = 0; i < pieces_of(&shown); i++) {
        way_piece piece = piece_of(&shown, i);
        for (int k = i ? 1 : 0; k <= LINE_PARTS; k++) {
            view_point at = at_piece(&piece, (double)k / LINE_PARTS);
            line[points++] = (jw_vec3){at.n[0], at.n[1], at.n[2]};
        }
    }
    ui_map_line(map, line, points, false, gui_colour_of(GUI_SECOND), 2);
    for (uint32_t i = 0; i < path->count; i++) {
        char number[12];
        jw_vec3 at = {path->views[i].x_m, path->views[i].y_m, path->views[i].z_m};
        snprintf(number, sizeof number, "%u", i + 1);
        ui_map_mark(map, at, gui_colour_of(GUI_SECOND), 4);
        ui_map_label(map, at, gui_colour_of(GUI_TEXT), number);
    }
}

void ui_path_draw(jw_ui *ui)
{
    ui_tools *tools = &ui->tools;
    ui_path *path = &tools->book.path;
    char text[64], number[32];
    float half = (gui_room_x() - gui_px(8)) / 2;
    snprintf(number, sizeof number, "%u", path->count);
    gui_value(ui_say(ui, "tools.path_views"), number, false, false);
    if (gui_button(ui_say(ui, "tools.path_add"), half, false))
        ui_path_add(ui, &ui->camera);
    gui_same_line(8);
    bool is_clicking = ui->tool.kind == UI_TOOL_PATH;
    if (gui_button(ui_say(ui, is_clicking ? "tools.stop" : "tools.path_click"), half, false))
        ui_tool_set(ui, is_clicking ? UI_TOOL_NONE : UI_TOOL_PATH);
    gui_disable(path->count < 2);
    if (gui_button(ui_say(ui, tools->is_path_playing ? "tools.stop" : "tools.path_play"), half, true))
        ui_path_play(ui, !tools->is_path_playing);
    gui_enable();
    gui_same_line(8);
    gui_disable(path->count == 0);
    if (gui_button(ui_say(ui, "tools.path_less"), half, false)) {
        path->count--;
        tools->is_path_playing = false;
        ui_notes_keep(ui);
    }
    gui_enable();
    double duration_s = ui_path_duration_s(path);
    ui_format_number(jw_round(duration_s), "s", text, sizeof text);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "tools.path_duration"));
    gui_width(0);
    if (gui_slider("##duration", &duration_s, 2, 120, text, true))
        path->duration_s = duration_s;
    bool is_changed = gui_is_done();
    if (gui_check(ui_say(ui, "tools.path_loop"), &path->is_loop) || is_changed)
        ui_notes_keep(ui);
}
