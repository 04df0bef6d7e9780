/* Polylines: arc length, nearest point, parallel lines, parts, simplification, curves through junctions. */
#include "geo/geo.h"

#include <assert.h>
#include <math.h>

static jw_vec2 flat(jw_vec3 p)
{
    return (jw_vec2){p.x, p.y};
}

static jw_vec3 lerp3(jw_vec3 a, jw_vec3 b, double t)
{
    return (jw_vec3){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.z + (b.z - a.z) * t};
}

static double segment_length(const jw_vec3 *points, uint32_t i)
{
    return jw_vec2_distance(flat(points[i]), flat(points[i + 1]));
}

double jw_polyline_length(const jw_vec3 *points, uint32_t count)
{
    double length_m = 0.0;
    for (uint32_t i = 0; i + 1 < count; i++)
        length_m += segment_length(points, i);
    return length_m;
}

/* Direction of the segment i, or of the nearest one before or after it that has a length. */
static jw_vec2 direction_at(const jw_vec3 *points, uint32_t count, uint32_t i)
{
    for (uint32_t k = i + 1; k-- > 0;) {
        jw_vec2 d = jw_vec2_unit(jw_vec2_sub(flat(points[k + 1]), flat(points[k])));
        if (d.x != 0.0 || d.y != 0.0)
            return d;
    }
    for (uint32_t k = i + 1; k + 1 < count; k++) {
        jw_vec2 d = jw_vec2_unit(jw_vec2_sub(flat(points[k + 1]), flat(points[k])));
        if (d.x != 0.0 || d.y != 0.0)
            return d;
    }
    return (jw_vec2){1.0, 0.0};
}

jw_vec3 jw_polyline_at(const jw_vec3 *points, uint32_t count, double s_m, double *out_heading_rad)
{
    assert(count >= 2);
    uint32_t segment = count - 2;
    double t = 1.0;
    double begin_m = 0.0;
    for (uint32_t i = 0; i + 1 < count; i++) {
        double length_m = segment_length(points, i);
        if (s_m < begin_m + length_m) {
            segment = i;
            t = jw_max(0.0, s_m - begin_m) / length_m; /* length > 0, else s would not be below the end */
            break;
        }
        begin_m += length_m;
    }
    if (s_m <= 0.0) {
        segment = 0;
        t = 0.0;
    }
    if (out_heading_rad) {
        jw_vec2 d = direction_at(points, count, segment);
        *out_heading_rad = jw_atan2(d.y, d.x);
    }
    if (t >= 1.0)
        return points[segment + 1];
    return lerp3(points[segment], points[segment + 1], t);
}

double jw_polyline_project(const jw_vec3 *points, uint32_t count, double x, double y, double *out_s_m)
{
    assert(count >= 2);
    jw_vec2 p = {x, y};
    jw_vec2 away = jw_vec2_sub(p, flat(points[0]));
    double best_m2 = jw_vec2_dot(away, away);
    double best_m = jw_sqrt(best_m2);
    double best_s_m = 0.0;
    double begin_m = 0.0;
    for (uint32_t i = 0; i + 1 < count; i++) {
        jw_vec2 a = flat(points[i]);
        jw_vec2 d = jw_vec2_sub(flat(points[i + 1]), a);
        double square = jw_vec2_dot(d, d);
        double t = square > 0.0 ? jw_clamp(jw_vec2_dot(jw_vec2_sub(p, a), d) / square, 0.0, 1.0) : 0.0;
        away = jw_vec2_sub(p, jw_vec2_add(a, jw_vec2_scale(d, t)));
        double distance_m2 = jw_vec2_dot(away, away);
        double length_m = out_s_m ? jw_sqrt(square) : 0.0;
        /* Of squares that differ in their last digits the roots may be equal: then the first stays. */
        if (distance_m2 < best_m2 && jw_sqrt(distance_m2) < best_m) {
            best_m2 = distance_m2;
            best_m = jw_sqrt(distance_m2);
            best_s_m = begin_m + t * length_m;
        }
        begin_m += length_m;
    }
    if (out_s_m)
        *out_s_m = best_s_m;
    return best_m;
}

/* Displacement of a corner between two unit directions so that both sides keep the offset; a corner sharper
 * than 120 degrees is cut at twice the offset, else its tip would run away. */
static jw_vec2 mitre(jw_vec2 in, jw_vec2 out, double offset_m)
{
    jw_vec2 n_in = {-in.y, in.x};
    jw_vec2 n_out = {-out.y, out.x};
    double denominator = 1.0 + jw_vec2_dot(n_in, n_out);
    jw_vec2 sum = jw_vec2_add(n_in, n_out);
    if (denominator < 1e-9)
        return jw_vec2_scale(n_in, offset_m);
    jw_vec2 tip = jw_vec2_scale(sum, 1.0 / denominator);
    double length = jw_vec2_length(tip);
    if (length > 2.0)
        tip = jw_vec2_scale(tip, 2.0 / length);
    return jw_vec2_scale(tip, offset_m);
}

/* Merges neighbours that lie in reversed order after offsetting, as in pooling adjacent violators. While it
 * runs, a group of merged points [begin, i] keeps its mean in out[begin] and `begin` in out[i].z. */
static void pull_together(const jw_vec3 *points, uint32_t count, jw_vec3 *out)
{
    out[0].z = 0.0;
    for (uint32_t i = 1; i < count; i++) {
        uint32_t begin = i;
        while (begin > 0) {
            uint32_t previous = (uint32_t)out[begin - 1].z;
            jw_vec2 wanted = jw_vec2_sub(flat(points[begin]), flat(points[begin - 1]));
            jw_vec2 found = jw_vec2_sub(flat(out[begin]), flat(out[previous]));
            if (jw_vec2_dot(wanted, found) >= 0.0)
                break;
            double weight_a = begin - previous, weight_b = i + 1 - begin;
            double share = weight_b / (weight_a + weight_b);
            out[previous].x += (out[begin].x - out[previous].x) * share;
            out[previous].y += (out[begin].y - out[previous].y) * share;
            begin = previous;
        }
        out[i].z = begin;
    }
    for (uint32_t last = count; last-- > 0;) {
        uint32_t begin = (uint32_t)out[last].z;
        for (uint32_t i = last + 1; i-- > begin;)
            out[i] = (jw_vec3){out[begin].x, out[begin].y, points[i].z};
        last = begin;
    }
}

void jw_polyline_offset(const jw_vec3 *points, uint32_t count, double offset_m, jw_vec3 *out)
{
    assert(count >= 2 && out != points);
    jw_vec2 in = direction_at(points, count, 0);
    for (uint32_t i = 0; i < count; i++) {
        jw_vec2 next = in;
        /* A repeated point takes the direction of the next segment that has a length: scanned once per run.
         */
        if (i + 1 < count && segment_length(points, i) > 0.0)
            next = jw_vec2_unit(jw_vec2_sub(flat(points[i + 1]), flat(points[i])));
        jw_vec2 d = mitre(in, next, offset_m);
        out[i] = (jw_vec3){points[i].x + d.x, points[i].y + d.y, points[i].z};
        in = next;
    }
    pull_together(points, count, out);
}

uint32_t jw_polyline_cut(const jw_vec3 *points, uint32_t count, double from_s_m, double to_s_m, jw_vec3 *out)
{
    assert(count >= 2 && out != points);
    uint32_t written = 0;
    out[written++] = jw_polyline_at(points, count, from_s_m, NULL);
    double s_m = 0.0;
    for (uint32_t i = 1; i + 1 < count; i++) {
        s_m += segment_length(points, i - 1);
        if (s_m > from_s_m && s_m < to_s_m)
            out[written++] = points[i];
    }
    out[written++] = jw_polyline_at(points, count, jw_max(from_s_m, to_s_m), NULL);
    return written;
}

static double distance_to_segment(jw_vec2 p, jw_vec2 a, jw_vec2 b)
{
    jw_vec2 d = jw_vec2_sub(b, a);
    double square = jw_vec2_dot(d, d);
    double t = square > 0.0 ? jw_clamp(jw_vec2_dot(jw_vec2_sub(p, a), d) / square, 0.0, 1.0) : 0.0;
    return jw_vec2_distance(p, jw_vec2_add(a, jw_vec2_scale(d, t)));
}

uint32_t jw_polyline_simplify(jw_vec3 *points, uint32_t count, double tolerance_m)
{
    if (count < 3)
        return count;
    /* The smaller part is done first and the larger one waits, so 32 places are enough for any count. What is
     * dropped is marked by an x that is no number: a part once decided is never looked at again. */
    struct {
        uint32_t first, last;
    } waiting[32];
    uint32_t depth = 0;
    uint32_t first = 0, last = count - 1;
    for (;;) {
        double worst_m = tolerance_m;
        uint32_t split = 0;
        for (uint32_t i = first + 1; i < last; i++) {
            double d = distance_to_segment(flat(points[i]), flat(points[first]), flat(points[last]));
            if (d > worst_m) {
                worst_m = d;
                split = i;
            }
        }
        if (split == 0) {
            for (uint32_t i = first + 1; i < last; i++)
                points[i].x = (double)NAN;
            if (depth == 0)
                break;
            depth--;
            first = waiting[depth].first;
            last = waiting[depth].last;
        } else if (split - first < last - split) {
            waiting[depth].first = split;
            waiting[depth++].last = last;
            last = split;
        } else {
            waiting[depth].first = first;
            waiting[depth++].last = split;
            first = split;
        }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (isfinite(points[i].x))
            points[kept++] = points[i];
    return kept;
}

bool jw_segments_cross(jw_vec2 a0, jw_vec2 a1, jw_vec2 b0, jw_vec2 b1, double *out_t, double *out_u)
{
    jw_vec2 a = jw_vec2_sub(a1, a0);
    jw_vec2 b = jw_vec2_sub(b1, b0);
    jw_vec2 ab = jw_vec2_sub(b0, a0);
    double denominator = jw_vec2_cross(a, b);
    if (denominator == 0.0)
        return false;
    double t = jw_vec2_cross(ab, b) / denominator;
    double u = jw_vec2_cross(ab, a) / denominator;
    if (!(t >= 0.0 && t <= 1.0 && u >= 0.0 && u <= 1.0))
        return false;
    if (out_t)
        *out_t = t;
    if (out_u)
        *out_u = u;
    return true;
}

/* Length of the handles of the cubic. Where the two tangents meet ahead, the handles are the part of the way
 * to that corner that makes a symmetric turn a circular arc to 0.03 %; else as for an arc over the same
 * chord. */
static void choose_handles(jw_vec2 p0, jw_vec2 d0, jw_vec2 p1, jw_vec2 d1, double turn_rad,
                           double *out_first_m, double *out_second_m)
{
    double chord_m = jw_vec2_distance(p0, p1);
    double quarter_rad = jw_abs(turn_rad) / 4.0;
    double c = jw_cos(quarter_rad);
    *out_first_m = *out_second_m = chord_m / (3.0 * c * c);
    double cross = jw_vec2_cross(d0, d1);
    if (jw_abs(cross) < 1e-6)
        return;
    jw_vec2 chord = jw_vec2_sub(p1, p0);
    double ahead_m = jw_vec2_cross(chord, d1) / cross;
    double back_m = jw_vec2_cross(d0, chord) / cross;
    if (ahead_m <= 0.0 || back_m <= 0.0)
        return;
    double share = 4.0 / 3.0 * jw_tan(quarter_rad) / jw_tan(2.0 * quarter_rad);
    *out_first_m = jw_min(share * ahead_m, chord_m);
    *out_second_m = jw_min(share * back_m, chord_m);
}

void jw_curve_between(jw_vec3 p0, double heading0_rad, jw_vec3 p1, double heading1_rad, uint32_t count,
                      jw_vec3 *out)
{
    assert(count >= 2);
    jw_vec2 d0 = {jw_cos(heading0_rad), jw_sin(heading0_rad)};
    jw_vec2 d1 = {jw_cos(heading1_rad), jw_sin(heading1_rad)};
    double first_m, second_m;
    choose_handles(flat(p0), d0, flat(p1), d1, jw_wrap_angle(heading1_rad - heading0_rad), &first_m,
                   &second_m);
    jw_vec2 h0 = jw_vec2_add(flat(p0), jw_vec2_scale(d0, first_m));
    jw_vec2 h1 = jw_vec2_sub(flat(p1), jw_vec2_scale(d1, second_m));
    for (uint32_t i = 0; i < count; i++) {
        double t = (double)i / (double)(count - 1);
        double s = 1.0 - t;
        double b0 = s * s * s, b1 = 3.0 * s * s * t, b2 = 3.0 * s * t * t, b3 = t * t * t;
        out[i] = (jw_vec3){b0 * p0.x + b1 * h0.x + b2 * h1.x + b3 * p1.x,
                           b0 * p0.y + b1 * h0.y + b2 * h1.y + b3 * p1.y, p0.z + (p1.z - p0.z) * t};
    }
    out[0] = p0;
    out[count - 1] = p1;
}
