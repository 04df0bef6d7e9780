/* What a straight line through the city cuts: ground, buildings, streets; the masts beside it and the ground
 * that they see along it. */
#include "ui/ui_state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CUTS_MAX     64   /* of one ring set */
#define CROSSING_MAX 3.0  /* times a street's width that a slanting line spends on it */
#define PAIR_M       40.0 /* the other direction of a street lies no further */
#define SAME_MAST_M  1.0
#define ROAD_THICK_M 1.2 /* of a bridge */

typedef struct section_line {
    jw_vec2 from, along; /* unit vector */
    double length_m;
} section_line;

static section_line line_of(jw_vec2 from, jw_vec2 to)
{
    jw_vec2 way = jw_vec2_sub(to, from);
    double length_m = jw_vec2_length(way);
    return (section_line){from, jw_vec2_scale(way, 1 / jw_max(length_m, 1e-9)), length_m};
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* > 0: left of the line. */
static double side_of(const section_line *line, double x, double y)
{
    return line->along.x * (y - line->from.y) - line->along.y * (x - line->from.x);
}

static double along_of(const section_line *line, double x, double y)
{
    return line->along.x * (x - line->from.x) + line->along.y * (y - line->from.y);
}

uint32_t ui_section_cut(const jw_city *city, uint32_t first_ring, uint32_t ring_count, jw_vec2 from,
                        jw_vec2 to, double *out, uint32_t max)
{
    section_line line = line_of(from, to);
    double cuts[CUTS_MAX];
    uint32_t cut_count = 0, count = 0;
    for (uint32_t r = first_ring; r < first_ring + ring_count; r++) {
        const jw_vec3 *points = city->points + city->rings[r].first_point;
        uint32_t n = city->rings[r].point_count;
        for (uint32_t i = 0; i < n && cut_count < CUTS_MAX; i++) {
            const jw_vec3 *a = &points[i], *b = &points[(i + 1) % n];
            double left_a = side_of(&line, a->x, a->y), left_b = side_of(&line, b->x, b->y);
            if ((left_a > 0) == (left_b > 0)) /* half open: a corner on the line counts once */
                continue;
            double t = left_a / (left_a - left_b);
            cuts[cut_count++] = along_of(&line, a->x + t * (b->x - a->x), a->y + t * (b->y - a->y));
        }
    }
    qsort(cuts, cut_count, sizeof cuts[0], compare_doubles);
    for (uint32_t i = 0; i + 1 < cut_count && count + 1 < max; i += 2) {
        double begin_m = jw_max(cuts[i], 0), end_m = jw_min(cuts[i + 1], line.length_m);
        if (end_m <= begin_m)
            continue;
        out[count++] = begin_m;
        out[count++] = end_m;
    }
    return count;
}

/* ---- sight -----------------------------------------------------------------------------------------------
 */

uint32_t ui_section_sight(const ui_section_part *bars, uint32_t bar_count, double s_m, double eye_m,
                          double length_m, double *out, uint32_t max)
{
    double slope = -INFINITY; /* of the steepest ray that is blocked: below it nothing is seen */
    double from_m = 0;        /* away from the mast: where the ground is open again */
    uint32_t count = 0;
    for (uint32_t i = 0; i <= bar_count && count + 1 < max; i++) {
        double near_m = i < bar_count ? bars[i].from_m - s_m : INFINITY;
        double far_m = i < bar_count ? bars[i].to_m - s_m : INFINITY;
        if (far_m <= 0)
            continue;
        double shadow_m = slope >= 0 ? INFINITY : (eye_m - UI_SECTION_EYE_M) / -slope;
        double begin_m = jw_max(from_m, slope == -INFINITY ? 0 : shadow_m);
        double end_m = jw_min(near_m, length_m - s_m);
        if (end_m > begin_m) {
            out[count++] = s_m + begin_m;
            out[count++] = s_m + end_m;
        }
        if (i == bar_count)
            break;
        from_m = jw_max(from_m, far_m);
        double rise_m = bars[i].top_m - eye_m;
        if (near_m > 0 || rise_m > 0) /* else its own building: there only is no ground to see */
            slope = jw_max(slope, rise_m / jw_max(rise_m > 0 ? near_m : far_m, 1e-6));
    }
    return count;
}

/* ---- parts -----------------------------------------------------------------------------------------------
 */

static jw_result add_part(ui_section *section, const ui_section_part *part, jw_error *error)
{
    jw_result result =
        jw_grow(&section->parts, &section->capacity, section->count + 1ull, sizeof *section->parts, error);
    if (result == JW_OK)
        section->parts[section->count++] = *part;
    return result;
}

static jw_result cut_areas(ui_section *section, const jw_city *city, jw_error *error)
{
    jw_result result = JW_OK;
    double cuts[CUTS_MAX];
    for (uint32_t i = 0; i < city->area_count && result == JW_OK; i++) {
        const jw_area *area = &city->areas[i];
        uint32_t count = ui_section_cut(city, area->first_ring, area->ring_count, section->from, section->to,
                                        cuts, CUTS_MAX);
        for (uint32_t k = 0; k + 1 < count && result == JW_OK; k += 2)
            result =
                add_part(section,
                         &(ui_section_part){
                             .kind = UI_SECTION_AREA, .index = i, .from_m = cuts[k], .to_m = cuts[k + 1]},
                         error);
    }
    return result;
}

static jw_result cut_buildings(ui_section *section, const jw_city *city, jw_error *error)
{
    jw_result result = JW_OK;
    double cuts[CUTS_MAX];
    for (uint32_t i = 0; i < city->building_count && result == JW_OK; i++) {
        const jw_building *building = &city->buildings[i];
        uint32_t count = ui_section_cut(city, building->first_ring, building->ring_count, section->from,
                                        section->to, cuts, CUTS_MAX);
        for (uint32_t k = 0; k + 1 < count && result == JW_OK; k += 2)
            result = add_part(section,
                              &(ui_section_part){.kind = UI_SECTION_BUILDING,
                                                 .index = i,
                                                 .from_m = cuts[k],
                                                 .to_m = cuts[k + 1],
                                                 .bottom_m = (double)building->base_m,
                                                 .top_m = (double)building->height_m},
                              error);
    }
    return result;
}

static double width_of(const jw_city *city, const jw_edge *edge)
{
    double width_m = 0;
    for (uint32_t i = 0; i < edge->lane_count; i++)
        width_m += city->lanes[edge->first_lane + i].width_m;
    return width_m;
}

/* The other direction that was cut already, near by: one street. */
static ui_section_part *find_pair(const ui_section *section, uint32_t first, uint32_t edge, double s_m)
{
    for (uint32_t i = first; i < section->count; i++)
        if (section->parts[i].index == edge && section->parts[i].from_m < s_m + PAIR_M &&
            section->parts[i].to_m > s_m - PAIR_M)
            return &section->parts[i];
    return NULL;
}

static jw_result cut_street(ui_section *section, const jw_city *city, uint32_t index, uint32_t first,
                            jw_error *error)
{
    const jw_edge *edge = &city->edges[index];
    const jw_vec3 *points = city->points + edge->first_point;
    section_line line = line_of(section->from, section->to);
    jw_result result = JW_OK;
    for (uint32_t i = 1; i < edge->point_count && result == JW_OK; i++) {
        const jw_vec3 *a = &points[i - 1], *b = &points[i];
        double left_a = side_of(&line, a->x, a->y), left_b = side_of(&line, b->x, b->y);
        if ((left_a > 0) == (left_b > 0))
            continue;
        double t = left_a / (left_a - left_b);
        double s_m = along_of(&line, a->x + t * (b->x - a->x), a->y + t * (b->y - a->y));
        if (s_m < 0 || s_m > line.length_m)
            continue;
        double piece_m = jw_vec2_distance((jw_vec2){a->x, a->y}, (jw_vec2){b->x, b->y});
        double slant = jw_clamp(piece_m / jw_abs(left_a - left_b), 1, CROSSING_MAX);
        double half_m = width_of(city, edge) / 2 * slant, z_m = a->z + t * (b->z - a->z);
        ui_section_part *pair =
            edge->opposite != JW_NONE ? find_pair(section, first, edge->opposite, s_m) : NULL;
        if (pair) {
            pair->from_m = jw_max(jw_min(pair->from_m, s_m - half_m), 0);
            pair->to_m = jw_min(jw_max(pair->to_m, s_m + half_m), line.length_m);
        } else {
            result = add_part(section,
                              &(ui_section_part){.kind = UI_SECTION_STREET,
                                                 .index = index,
                                                 .from_m = jw_max(s_m - half_m, 0),
                                                 .to_m = jw_min(s_m + half_m, line.length_m),
                                                 .bottom_m = z_m - (edge->is_bridge ? ROAD_THICK_M : 0),
                                                 .top_m = z_m},
                              error);
        }
    }
    return result;
}

static bool is_mast(const ui_section *section, uint32_t first, const jw_frame_asset *asset, double s_m)
{
    if (asset->kind != JW_ASSET_CELL && asset->kind != JW_ASSET_ROADSIDE)
        return false;
    for (uint32_t i = first; i < section->count; i++) /* a mast's sectors are one */
        if (jw_abs(section->parts[i].from_m - s_m) < SAME_MAST_M &&
            jw_abs(section->parts[i].top_m - (double)asset->z_m) < SAME_MAST_M)
            return false;
    return true;
}

static jw_result find_masts(ui_section *section, const jw_frame *frame, jw_error *error)
{
    section_line line = line_of(section->from, section->to);
    uint32_t first = section->count;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < frame->asset_count && result == JW_OK; i++) {
        const jw_frame_asset *asset = &frame->assets[i];
        double x = (double)asset->x_m, y = (double)asset->y_m, s_m = along_of(&line, x, y);
        double beside_m = side_of(&line, x, y);
        if (jw_abs(beside_m) > UI_SECTION_BESIDE_M || s_m < 0 || s_m > line.length_m ||
            !is_mast(section, first, asset, s_m))
            continue;
        ui_section_part mast = {.kind = UI_SECTION_MAST,
                                .index = i,
                                .from_m = s_m,
                                .to_m = s_m,
                                .top_m = (double)asset->z_m,
                                .beside_m = beside_m};
        jw_text_copy(mast.name, sizeof mast.name, asset->name);
        result = add_part(section, &mast, error);
    }
    return result;
}

static int compare_parts(const void *a, const void *b)
{
    const ui_section_part *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->from_m != y->from_m)
        return x->from_m < y->from_m ? -1 : 1;
    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    return (x->to_m > y->to_m) - (x->to_m < y->to_m);
}

/* Both directions: backwards is forwards over the mirrored bars. */
static jw_result find_sight(ui_section *section, uint32_t mast, const ui_section_part *bars,
                            uint32_t bar_count, bool is_mirrored, double *seen, uint32_t max, jw_error *error)
{
    ui_section_part from = section->parts[mast];
    double length_m = section->length_m, s_m = is_mirrored ? length_m - from.from_m : from.from_m;
    uint32_t count = ui_section_sight(bars, bar_count, s_m, from.top_m, length_m, seen, max);
    jw_result result = JW_OK;
    for (uint32_t k = 0; k + 1 < count && result == JW_OK; k += 2) {
        ui_section_part sight = {.kind = UI_SECTION_SIGHT, .index = mast};
        sight.from_m = is_mirrored ? length_m - seen[k + 1] : seen[k];
        sight.to_m = is_mirrored ? length_m - seen[k] : seen[k + 1];
        jw_text_copy(sight.name, sizeof sight.name, from.name);
        result = add_part(section, &sight, error);
    }
    return result;
}

/* What each mast sees, over the buildings; all parts before are sorted. */
static jw_result find_sights(ui_section *section, jw_error *error)
{
    uint32_t parts = section->count, first = 0, bar_count = 0;
    for (uint32_t i = 0; i < parts; i++) {
        first += section->parts[i].kind < UI_SECTION_BUILDING;
        bar_count += section->parts[i].kind == UI_SECTION_BUILDING;
    }
    uint32_t max = 2 * (bar_count + 1);
    ui_section_part *bars = jw_alloc((2ull * bar_count + 1) * sizeof *bars), *mirrored = bars + bar_count;
    double *seen = jw_alloc(max * sizeof *seen);
    jw_result result = bars && seen ? JW_OK : jw_fail_memory(error);
    for (uint32_t i = 0; i < bar_count && result == JW_OK; i++) {
        bars[i] = mirrored[i] = section->parts[first + i];
        mirrored[i].from_m = section->length_m - bars[i].to_m;
        mirrored[i].to_m = section->length_m - bars[i].from_m;
    }
    if (result == JW_OK && bar_count)
        qsort(mirrored, bar_count, sizeof *mirrored, compare_parts);
    for (uint32_t i = 0; i < parts && result == JW_OK; i++)
        if (section->parts[i].kind == UI_SECTION_MAST) {
            result = find_sight(section, i, bars, bar_count, false, seen, max, error);
            if (result == JW_OK)
                result = find_sight(section, i, mirrored, bar_count, true, seen, max, error);
        }
    jw_free(bars);
    jw_free(seen);
    return result;
}

jw_result ui_section_make(const jw_city *city, const jw_frame *frame, jw_vec2 from, jw_vec2 to,
                          ui_section *out, jw_error *error)
{
    ui_section_free(out);
    out->from = from;
    out->to = to;
    out->length_m = jw_vec2_distance(from, to);
    if (!(out->length_m > 0.1))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a section needs two different ends");
    jw_result result = cut_areas(out, city, error);
    if (result == JW_OK)
        result = cut_buildings(out, city, error);
    uint32_t first = out->count;
    for (uint32_t i = 0; i < city->edge_count && result == JW_OK; i++)
        result = cut_street(out, city, i, first, error);
    if (result == JW_OK && frame)
        result = find_masts(out, frame, error);
    if (result == JW_OK && out->count) {
        qsort(out->parts, out->count, sizeof *out->parts, compare_parts);
        result = find_sights(out, error);
    }
    if (result != JW_OK)
        ui_section_free(out);
    return result;
}

void ui_section_free(ui_section *section)
{
    jw_free(section->parts);
    *section = (ui_section){0};
}

/* ---- file ------------------------------------------------------------------------------------------------
 */

static void name_part(const jw_ui *ui, const ui_section_part *part, char *out, size_t out_size)
{
    char place[128];
    jw_pick pick = {.kind = part->kind == UI_SECTION_STREET ? JW_PICK_EDGE : JW_PICK_BUILDING,
                    .index = part->index};
    if (part->kind == UI_SECTION_STREET || part->kind == UI_SECTION_BUILDING)
        ui_name_thing(ui, &ui->sides[ui->side].newer, &pick, out, out_size, place, sizeof place);
    else if (part->kind == UI_SECTION_AREA)
        jw_text_copy(out, out_size, ui_say_map(ui, ui->city->areas[part->index].name));
    else
        jw_text_copy(out, out_size, part->name);
    for (char *c = out; *c; c++)
        if (*c == '"')
            *c = '\'';
}

jw_result ui_section_write_csv(const jw_ui *ui, const ui_section *section, const char *path, jw_error *error)
{
    static const char *const kinds[] = {"area", "building", "street", "mast", "sight"};
    jw_writer writer = {0};
    char line[320], name[128];
    int used = snprintf(line, sizeof line, "\xef\xbb\xbfkind,name,from_m,to_m,bottom_m,top_m,beside_m\n");
    jw_write_bytes(&writer, line, (size_t)used);
    for (uint32_t i = 0; i < section->count; i++) {
        const ui_section_part *part = &section->parts[i];
        name_part(ui, part, name, sizeof name);
        used = snprintf(line, sizeof line, "%s,\"%s\",%.2f,%.2f,%.2f,%.2f,%.2f\n", kinds[part->kind], name,
                        part->from_m, part->to_m, part->bottom_m, part->top_m, part->beside_m);
        jw_write_bytes(&writer, line, (size_t)used);
    }
    jw_result result =
        writer.failed ? jw_fail_memory(error) : jw_file_write(path, writer.bytes, writer.size, error);
    jw_writer_free(&writer);
    return result;
}
