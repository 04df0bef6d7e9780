/* The camera: orbit, pan, zoom, flights, rays. Plain geometry in double. */
#include "view/view.h"

#define DEFAULT_FOV    0.6
#define MIN_PITCH      0.06
#define MAX_PITCH      (JW_PI / 2 - 0.002)
#define MIN_DISTANCE_M 12.0
#define MAX_DISTANCE_M 60000.0

static void keep_in_limits(jw_camera *camera)
{
    camera->heading_rad = jw_wrap_angle(camera->heading_rad);
    camera->pitch_rad = jw_clamp(camera->pitch_rad, MIN_PITCH, MAX_PITCH);
    camera->distance_m = jw_clamp(camera->distance_m, MIN_DISTANCE_M, MAX_DISTANCE_M);
    if (!(camera->fov_rad > 0.05 && camera->fov_rad < 2.5))
        camera->fov_rad = DEFAULT_FOV;
}

typedef struct camera_axes {
    jw_vec3 eye, forward, right, up;
} camera_axes;

static camera_axes axes_of(const jw_camera *camera)
{
    double ch = jw_cos(camera->heading_rad), sh = jw_sin(camera->heading_rad);
    double cp = jw_cos(camera->pitch_rad), sp = jw_sin(camera->pitch_rad);
    camera_axes axes;
    axes.forward = (jw_vec3){ch * cp, sh * cp, -sp};
    axes.right = (jw_vec3){sh, -ch, 0};
    axes.up = (jw_vec3){ch * sp, sh * sp, cp};
    axes.eye = (jw_vec3){camera->x_m - axes.forward.x * camera->distance_m,
                         camera->y_m - axes.forward.y * camera->distance_m,
                         camera->z_m - axes.forward.z * camera->distance_m};
    return axes;
}

static double fov_of(const jw_camera *camera)
{
    return camera->fov_rad > 0.05 && camera->fov_rad < 2.5 ? camera->fov_rad : DEFAULT_FOV;
}

void jw_camera_orbit(jw_camera *camera, double heading_rad, double pitch_rad)
{
    camera->heading_rad += heading_rad;
    camera->pitch_rad += pitch_rad;
    keep_in_limits(camera);
}

bool jw_camera_ground(const jw_camera *camera, jw_view_rect rect, double x_px, double y_px, jw_vec2 *out)
{
    if (rect.width_px <= 0 || rect.height_px <= 0)
        return false;
    camera_axes axes = axes_of(camera);
    double tangent = jw_tan(fov_of(camera) / 2), aspect = (double)rect.width_px / rect.height_px;
    double u = (2 * (x_px - rect.x_px) / rect.width_px - 1) * tangent * aspect;
    double v = (1 - 2 * (y_px - rect.y_px) / rect.height_px) * tangent;
    jw_vec3 ray = {axes.forward.x + axes.right.x * u + axes.up.x * v,
                   axes.forward.y + axes.right.y * u + axes.up.y * v,
                   axes.forward.z + axes.right.z * u + axes.up.z * v};
    if (ray.z >= -1e-4)
        return false;
    double t = -axes.eye.z / ray.z;
    *out = (jw_vec2){axes.eye.x + ray.x * t, axes.eye.y + ray.y * t};
    return true;
}

void jw_camera_pan(jw_camera *camera, jw_view_rect rect, double from_x_px, double from_y_px, double to_x_px,
                   double to_y_px)
{
    jw_vec2 from, to;
    if (!jw_camera_ground(camera, rect, from_x_px, from_y_px, &from) ||
        !jw_camera_ground(camera, rect, to_x_px, to_y_px, &to))
        return;
    /* Near the horizon a pixel is a kilometre: never more than the distance at a time. */
    jw_vec2 step = jw_vec2_sub(from, to);
    double length_m = jw_vec2_length(step);
    if (length_m > camera->distance_m)
        step = jw_vec2_scale(step, camera->distance_m / length_m);
    camera->x_m += step.x;
    camera->y_m += step.y;
}

void jw_camera_zoom(jw_camera *camera, jw_view_rect rect, double x_px, double y_px, double factor)
{
    jw_vec2 before;
    bool has_ground = jw_camera_ground(camera, rect, x_px, y_px, &before);
    double old_m = camera->distance_m;
    camera->distance_m *= jw_clamp(factor, 0.1, 10);
    keep_in_limits(camera);
    double moved = 1 - camera->distance_m / old_m; /* part of the way towards the point under the pointer */
    if (!has_ground || jw_vec2_distance(before, (jw_vec2){camera->x_m, camera->y_m}) > 4 * old_m)
        return;
    camera->x_m += (before.x - camera->x_m) * moved;
    camera->y_m += (before.y - camera->y_m) * moved;
}

jw_camera jw_camera_between(const jw_camera *from, const jw_camera *to, double t)
{
    t = jw_clamp(t, 0, 1);
    double s = t * t * (3 - 2 * t);
    jw_camera camera = *from;
    camera.x_m += (to->x_m - from->x_m) * s;
    camera.y_m += (to->y_m - from->y_m) * s;
    camera.z_m += (to->z_m - from->z_m) * s;
    camera.heading_rad += jw_wrap_angle(to->heading_rad - from->heading_rad) * s;
    camera.pitch_rad += (to->pitch_rad - from->pitch_rad) * s;
    camera.fov_rad += (fov_of(to) - fov_of(from)) * s;
    double way_m = jw_vec2_distance((jw_vec2){from->x_m, from->y_m}, (jw_vec2){to->x_m, to->y_m});
    double ratio = to->distance_m / jw_max(from->distance_m, 1);
    camera.distance_m = from->distance_m * jw_pow(jw_max(ratio, 1e-6), s);
    /* Long ways are flown higher, so that the eye keeps its bearings. */
    double rise_m = jw_max(0, way_m * 0.6 - jw_max(from->distance_m, to->distance_m));
    camera.distance_m += rise_m * 4 * s * (1 - s);
    keep_in_limits(&camera);
    return camera;
}

bool jw_camera_project(const jw_camera *camera, jw_view_rect rect, jw_vec3 point, double *out_x_px,
                       double *out_y_px, double *out_depth_m)
{
    camera_axes axes = axes_of(camera);
    jw_vec3 d = {point.x - axes.eye.x, point.y - axes.eye.y, point.z - axes.eye.z};
    double depth = d.x * axes.forward.x + d.y * axes.forward.y + d.z * axes.forward.z;
    if (depth <= 0.1 || rect.width_px <= 0 || rect.height_px <= 0)
        return false;
    double scale = rect.height_px / (2 * jw_tan(fov_of(camera) / 2) * depth);
    double right = d.x * axes.right.x + d.y * axes.right.y + d.z * axes.right.z;
    double up = d.x * axes.up.x + d.y * axes.up.y + d.z * axes.up.z;
    *out_x_px = rect.x_px + rect.width_px / 2.0 + right * scale;
    *out_y_px = rect.y_px + rect.height_px / 2.0 - up * scale;
    if (out_depth_m)
        *out_depth_m = depth;
    return true;
}

/* Where points of the ground lie on a screen 1 wide and 1 high, as a box; false when one of them lies behind
 * the eye. */
static bool see_points(const jw_camera *camera, const jw_vec2 *points, uint32_t count, double aspect,
                       jw_box *out)
{
    const jw_view_rect screen = {0, 0, (int)(10000 * aspect), 10000};
    *out = jw_box_empty();
    for (uint32_t i = 0; i < count; i++) {
        double x_px, y_px;
        if (!jw_camera_project(camera, screen, (jw_vec3){points[i].x, points[i].y, 0}, &x_px, &y_px, NULL))
            return false;
        *out = jw_box_extend(*out, x_px / screen.width_px, y_px / screen.height_px);
    }
    return true;
}

static bool is_inside(jw_box seen)
{
    const double margin = 0.03;
    return seen.min_x > margin && seen.max_x < 1 - margin && seen.min_y > margin && seen.max_y < 1 - margin;
}

/* At one pitch; tells how much of the screen's height is used. */
static jw_camera fit_at(const jw_vec2 *points, uint32_t count, double aspect, double pitch_rad,
                        double *out_used)
{
    jw_camera camera = {.heading_rad = JW_PI / 2 + 0.38, .pitch_rad = pitch_rad, .fov_rad = DEFAULT_FOV};
    jw_box bounds = jw_box_empty(), seen;
    for (uint32_t i = 0; i < count; i++)
        bounds = jw_box_extend(bounds, points[i].x, points[i].y);
    camera.x_m = (bounds.min_x + bounds.max_x) / 2;
    camera.y_m = (bounds.min_y + bounds.max_y) / 2;
    /* The smallest distance that shows all points, by bisection; perspective makes the near half larger, so
     * the target then moves to where as much is free above as below and left as right, and again. */
    enum { ROUNDS = 4 };
    for (int round = 0; round < ROUNDS; round++) {
        double low_m = MIN_DISTANCE_M, high_m = MAX_DISTANCE_M;
        for (int i = 0; i < 40; i++) {
            camera.distance_m = (low_m + high_m) / 2;
            bool is_seen = see_points(&camera, points, count, aspect, &seen) && is_inside(seen);
            *(is_seen ? &high_m : &low_m) = camera.distance_m;
        }
        camera.distance_m = high_m;
        if (!see_points(&camera, points, count, aspect, &seen))
            break;
        *out_used = seen.max_y - seen.min_y;
        jw_vec2 middle;
        const jw_view_rect screen = {0, 0, (int)(10000 * aspect), 10000};
        if (round + 1 < ROUNDS &&
            jw_camera_ground(&camera, screen, screen.width_px * (seen.min_x + seen.max_x) / 2,
                             screen.height_px * (seen.min_y + seen.max_y) / 2, &middle)) {
            camera.x_m = middle.x;
            camera.y_m = middle.y;
        }
    }
    keep_in_limits(&camera);
    return camera;
}

/* As flat as a model is looked at from a chair; steeper where the picture is tall, so that it is filled. */
static jw_camera fit_points(const jw_vec2 *points, uint32_t count, double aspect)
{
    jw_camera camera = {0};
    double used = 0;
    aspect = jw_clamp(aspect, 0.1, 10);
    for (double pitch_rad = 0.54; pitch_rad < 0.95 && used < 0.72; pitch_rad += 0.06)
        camera = fit_at(points, count, aspect, pitch_rad, &used);
    return camera;
}

jw_camera jw_camera_fit(jw_box bounds, double aspect)
{
    const jw_vec2 corners[4] = {{bounds.min_x, bounds.min_y},
                                {bounds.max_x, bounds.min_y},
                                {bounds.max_x, bounds.max_y},
                                {bounds.min_x, bounds.max_y}};
    return fit_points(corners, 4, aspect);
}

jw_camera jw_camera_fit_roads(const jw_city *city, double aspect)
{
    /* The outermost road in each of many directions: what lies between them is in sight with them. */
    enum { DIRECTIONS = 64 };
    jw_vec2 outline[DIRECTIONS];
    if (city->edge_count == 0)
        return jw_camera_fit(city->bounds, aspect);
    for (int k = 0; k < DIRECTIONS; k++) {
        double c = jw_cos(2 * JW_PI * k / DIRECTIONS), s = jw_sin(2 * JW_PI * k / DIRECTIONS), most = -1e300;
        for (uint32_t i = 0; i < city->edge_count; i++) {
            const jw_edge *edge = &city->edges[i];
            for (uint32_t p = edge->first_point; p < edge->first_point + edge->point_count; p++) {
                double out = city->points[p].x * c + city->points[p].y * s;
                if (out > most) {
                    most = out;
                    outline[k] = (jw_vec2){city->points[p].x, city->points[p].y};
                }
            }
        }
        if (most == -1e300) /* no road has points */
            return jw_camera_fit(city->bounds, aspect);
    }
    return fit_points(outline, DIRECTIONS, aspect);
}

enum { CORE_BINS = 512, ENOUGH_BUILDINGS = 30 };

/* Adds a weight to the histograms of both directions. */
static void count_place(double bins[2][CORE_BINS], jw_box box, double x, double y, double weight)
{
    double share[2] = {(x - box.min_x) / (box.max_x - box.min_x), (y - box.min_y) / (box.max_y - box.min_y)};
    for (int k = 0; k < 2; k++)
        if (share[k] >= 0 && share[k] <= 1)
            bins[k][(int)jw_min(share[k] * CORE_BINS, CORE_BINS - 1)] += weight;
}

jw_box jw_view_core_bounds(const jw_city *city)
{
    jw_box box = city->bounds;
    double bins[2][CORE_BINS] = {{0}};
    if (!(box.max_x > box.min_x && box.max_y > box.min_y))
        return box;
    for (uint32_t i = 0; i < city->building_count; i++) {
        const jw_building *building = &city->buildings[i];
        count_place(bins, box, building->x_m, building->y_m, building->levels);
    }
    for (uint32_t i = 0; i < city->edge_count && city->building_count < ENOUGH_BUILDINGS; i++) {
        const jw_edge *edge = &city->edges[i];
        const jw_vec3 *middle = &city->points[edge->first_point + edge->point_count / 2];
        count_place(bins, box, middle->x, middle->y, edge->length_m);
    }
    double *limits[2][2] = {{&box.min_x, &box.max_x}, {&box.min_y, &box.max_y}};
    for (int k = 0; k < 2; k++) {
        double total = 0, low = 0, high = 0, start = *limits[k][0], size = *limits[k][1] - *limits[k][0];
        for (int i = 0; i < CORE_BINS; i++)
            total += bins[k][i];
        int first = 0, last = CORE_BINS - 1;
        while (first < last && low + bins[k][first] < 0.02 * total)
            low += bins[k][first++];
        while (last > first && high + bins[k][last] < 0.02 * total)
            high += bins[k][last--];
        *limits[k][0] = start + size * first / CORE_BINS;
        *limits[k][1] = start + size * (last + 1) / CORE_BINS;
    }
    return box;
}

enum { DENSE_CELLS = 64 };

jw_box jw_view_dense_bounds(const jw_city *city, double side_m)
{
    jw_box core = jw_view_core_bounds(city);
    double width_m = core.max_x - core.min_x, height_m = core.max_y - core.min_y;
    if (city->building_count < ENOUGH_BUILDINGS || jw_max(width_m, height_m) <= 2 * side_m)
        return core;
    /* Storeys of buildings in a coarse lattice, summed over windows of the wished side. */
    double floors[DENSE_CELLS][DENSE_CELLS] = {{0}}, cell_m = jw_max(width_m, height_m) / DENSE_CELLS;
    for (uint32_t i = 0; i < city->building_count; i++) {
        const jw_building *building = &city->buildings[i];
        double column = (building->x_m - core.min_x) / cell_m, row = (building->y_m - core.min_y) / cell_m;
        if (column >= 0 && row >= 0 && column < DENSE_CELLS && row < DENSE_CELLS)
            floors[(int)row][(int)column] += building->levels;
    }
    int side = (int)jw_clamp(side_m / cell_m, 1, DENSE_CELLS), best_row = 0, best_column = 0;
    double most = -1;
    for (int row = 0; row + side <= DENSE_CELLS; row++)
        for (int column = 0; column + side <= DENSE_CELLS; column++) {
            double sum = 0;
            for (int k = 0; k < side * side; k++)
                sum += floors[row + k / side][column + k % side];
            if (sum > most) {
                most = sum;
                best_row = row;
                best_column = column;
            }
        }
    double x_m = core.min_x + best_column * cell_m, y_m = core.min_y + best_row * cell_m;
    return (jw_box){x_m, y_m, x_m + side * cell_m, y_m + side * cell_m};
}
