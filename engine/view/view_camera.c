/* The camera: orbit, pan, zoom, flights, rays. Plain geometry in double. */
#include "view/view_camera.h"

#define DEFAULT_FOV    0.6
#define MODEL_HEADING  (JW_PI / 2 + 0.38) /* a model maker looks from the south-south-east */
#define MIN_PITCH      0.06
#define MAX_PITCH      (JW_PI / 2 - 0.002)
#define MIN_DISTANCE_M 12.0
#define MAX_DISTANCE_M 5e6      /* a country */
#define FROM_ABOVE_M   400000.0 /* from so far away a map is read: looked at from above */

static void keep_in_limits(jw_camera *camera)
{
    camera->heading_rad = jw_wrap_angle(camera->heading_rad);
    camera->distance_m = jw_clamp(camera->distance_m, MIN_DISTANCE_M, MAX_DISTANCE_M);
    double away = jw_clamp(jw_log(camera->distance_m / 30000) / jw_log(FROM_ABOVE_M / 30000), 0, 1);
    camera->pitch_rad = jw_clamp(camera->pitch_rad, MIN_PITCH + (1.2 - MIN_PITCH) * away, MAX_PITCH);
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

/* At one heading and pitch; tells how much of the screen's height is used. */
static jw_camera fit_at(const jw_vec2 *points, uint32_t count, double aspect, double heading_rad,
                        double pitch_rad, double *out_used)
{
    jw_camera camera = {.heading_rad = heading_rad, .pitch_rad = pitch_rad, .fov_rad = DEFAULT_FOV};
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

jw_camera jw_camera_fit_points(const jw_vec2 *points, uint32_t count, double turn_rad, double aspect)
{
    jw_camera camera = {0};
    double used = 0;
    aspect = jw_clamp(aspect, 0.1, 10);
    for (double pitch_rad = 0.54; pitch_rad < 0.95 && used < 0.72; pitch_rad += 0.06)
        camera = fit_at(points, count, aspect, MODEL_HEADING + turn_rad, pitch_rad, &used);
    return camera;
}

jw_camera jw_camera_fit(jw_box bounds, double aspect)
{
    const jw_vec2 corners[4] = {{bounds.min_x, bounds.min_y},
                                {bounds.max_x, bounds.min_y},
                                {bounds.max_x, bounds.max_y},
                                {bounds.min_x, bounds.max_y}};
    return jw_camera_fit_points(corners, 4, 0, aspect);
}
