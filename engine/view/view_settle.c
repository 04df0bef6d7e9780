/* Which names have room in a picture, and where their letters stand. */
#include "view/view_labels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CELL_UNITS = 6,        /* of the board */
    SAME_NAME_UNITS = 300, /* between two of one street */
    HIDDEN_STEPS = 48,
};
#define HALO_UNITS  2.2f
#define LETTER_EDGE 0.47f /* a little bolder than drawn: small letters would be thin */
#define TALLEST_M   300.0f
#define HALO_DAY    0xF6F5EF
#define HALO_NIGHT  0x0C1118
/* ---- where it stands ---------------------------------------------------------------------------------- */

typedef struct screen {
    const jw_view *view;
    float half_width_px, half_height_px;
} screen;

static bool project(const screen *s, float x, float y, float z, float out[2])
{
    vec4 place = {x, y, z, 1}, clip;
    glm_mat4_mulv((vec4 *)s->view->view_projection, place, clip);
    if (clip[3] < 0.5f)
        return false;
    out[0] = (1 + clip[0] / clip[3]) * s->half_width_px;
    out[1] = (1 - clip[1] / clip[3]) * s->half_height_px;
    return true;
}

/* Whether a building stands between the eye and a place on the ground. */
static bool is_hidden(const jw_view *view, float x, float y)
{
    const mesh_light *light = &view->mesh->light;
    float ray[3] = {view->eye[0] - x, view->eye[1] - y, view->eye[2]};
    float flat_m = hypotf(ray[0], ray[1]), top_m = fminf(ray[2], TALLEST_M);
    if (ray[2] <= 0)
        return false;
    float reach_m = flat_m * top_m / ray[2]; /* there the ray is above all roofs */
    float step_m = fmaxf((float)light->cell_m * 1.5f, reach_m / HIDDEN_STEPS);
    for (float at_m = step_m; at_m < reach_m; at_m += step_m) {
        float t = at_m / flat_m;
        double place_x = (double)(x + ray[0] * t) + view->mesh->origin_x_m - light->min_x_m;
        double place_y = (double)(y + ray[1] * t) + view->mesh->origin_y_m - light->min_y_m;
        if (place_x < 0 || place_y < 0)
            return false;
        uint32_t column = (uint32_t)(place_x / light->cell_m), row = (uint32_t)(place_y / light->cell_m);
        if (column >= light->columns || row >= light->rows)
            return false;
        float roof_m = (float)light->roof_dm[(size_t)row * light->columns + column] * 0.1f;
        if (jw_view_standing_m(view, roof_m) > ray[2] * t + 1)
            return true;
    }
    return false;
}

/* The street's line on the screen around the anchor, as far as the name needs it. */
static bool lay_street(const screen *s, const mesh_names *names, const candidate *one,
                       const shaped_text *text, float size_px, placed_name *out)
{
    enum { SIDE = NAME_PATH_POINTS / 2 };
    const name_line *line = &names->lines[one->name->line];
    const jw_vec2 *points = names->points + line->first;
    float needed_px = 0.6f * text->at_em[text->count] * size_px, path[NAME_PATH_POINTS][2], back_px = 0;
    uint32_t after = 1, first = SIDE, end = SIDE;
    for (double at_m = 0; after + 1 < line->count; after++) {
        at_m += jw_vec2_distance(points[after - 1], points[after]);
        if (at_m >= (double)one->name->at_m)
            break;
    }
    if (!project(s, one->x, one->y, 0, path[end++]))
        return false;
    float ahead_px = 0;
    for (uint32_t k = after; k < line->count && ahead_px < needed_px && end < NAME_PATH_POINTS; k++, end++) {
        if (!project(s, (float)points[k].x, (float)points[k].y, 0, path[end]))
            break;
        ahead_px += hypotf(path[end][0] - path[end - 1][0], path[end][1] - path[end - 1][1]);
    }
    for (uint32_t k = after; k-- > 0 && back_px < needed_px && first > 0;) {
        if (!project(s, (float)points[k].x, (float)points[k].y, 0, path[first - 1]))
            break;
        first--;
        back_px += hypotf(path[first][0] - path[first + 1][0], path[first][1] - path[first + 1][1]);
    }
    return jw_name_lay_along(text, size_px, (const float(*)[2])(path + first), end - first, back_px, out);
}

static bool lay_out(jw_view *view, const screen *s, const candidate *one, const shaped_text *text,
                    placed_name *out)
{
    float unit_px = view->labels->unit_px, size_px = jw_name_looks[one->kind].size_units * unit_px, at[2];
    if (one->name && one->name->line != JW_NONE)
        return lay_street(s, &view->mesh->names, one, text, size_px, out);
    if (one->name && one->name->room_m > 0 &&
        one->name->room_m * one->pixels_per_m < 0.7f * text->at_em[text->count] * size_px)
        return false;
    if (!project(s, one->x, one->y, one->z, at))
        return false;
    float below_px = -(4 + one->lift_units) * unit_px; /* the base line */
    if (one->kind == NAME_HUB)
        below_px = 1.25f * size_px; /* the mark stands on its place */
    else if (one->kind == NAME_TOWN)
        below_px = -0.55f * size_px;
    else if (one->name && one->z <= 0)
        below_px = 0.35f * size_px;
    jw_name_lay_flat(text, size_px, at[0], at[1] + below_px, out);
    if (one->kind == NAME_TOWN)
        jw_name_add_spot(out, at[0], at[1]);
    return true;
}

/* ---- which have room ---------------------------------------------------------------------------------- */

static bool is_repeated(const view_labels *labels, uint64_t hash, float x, float y)
{
    float least_px = SAME_NAME_UNITS * labels->unit_px;
    for (uint32_t i = 0; i < labels->placed_count; i++)
        if (labels->placed[i].hash == hash &&
            hypotf(labels->placed[i].x - x, labels->placed[i].y - y) < least_px)
            return true;
    return false;
}

static void put_letters(view_labels *labels, const placed_name *name, uint32_t rgb, float alpha, float edge)
{
    float scale = name->size_px / GLYPH_EM;
    for (uint32_t i = 0; i < name->count; i++) {
        const name_letter *letter = &name->letters[i];
        const view_glyph *glyph = jw_glyphs_show(labels->glyphs, letter->code);
        if (!glyph || glyph->is_blank)
            continue;
        float c = letter->cosine * scale, s = letter->sine * scale;
        label_instance *instance =
            (label_instance *)labels->slot->letters.items + labels->slot->letters.count++;
        *instance = (label_instance){{letter->x + c * glyph->left + s * glyph->top,
                                      letter->y + s * glyph->left - c * glyph->top, c, s},
                                     {(uint16_t)(glyph->cell % GLYPH_COLUMNS * GLYPH_CELL),
                                      (uint16_t)(glyph->cell / GLYPH_COLUMNS * GLYPH_CELL), glyph->width,
                                      glyph->height},
                                     {(uint8_t)(rgb >> 16), (uint8_t)(rgb >> 8), (uint8_t)rgb,
                                      (uint8_t)(jw_clamp((double)alpha, 0, 1) * 255)},
                                     edge};
    }
}

/* Under an overlay colours belong to its values: names of the map are grey. */
static uint32_t colour_of(const jw_view *view, const candidate *one)
{
    bool is_night = view->night > 0.5f;
    if (one->name && view->labels->slot->key.overlay != JW_OVERLAY_NONE)
        return is_night ? 0xA3A9B0 : 0x63676C;
    return is_night ? jw_name_looks[one->kind].night : jw_name_looks[one->kind].day;
}

/* Its halo and then its letters. False: some are not in the atlas yet. */
static bool emit(jw_view *view, const placed_name *name, const candidate *one, float alpha, jw_result *result)
{
    view_labels *labels = view->labels;
    bool is_whole = true;
    for (uint32_t i = 0; i < name->count; i++)
        is_whole &= jw_glyphs_show(labels->glyphs, name->letters[i].code) != NULL;
    if (!is_whole)
        return false;
    *result = jw_view_gl_stream_reserve(&labels->slot->letters, labels->slot->letters.count + 2 * name->count,
                                        sizeof(label_instance), labels->error);
    if (*result != JW_OK)
        return true;
    float halo = HALO_UNITS * labels->unit_px * GLYPH_EM / (name->size_px * 2 * GLYPH_SPREAD);
    bool is_night = view->night > 0.5f;
    put_letters(labels, name, is_night ? HALO_NIGHT : HALO_DAY, 0.9f * alpha,
                fmaxf(LETTER_EDGE - halo, 0.08f));
    put_letters(labels, name, colour_of(view, one), alpha, LETTER_EDGE);
    return true;
}

static int compare_id(const void *a, const void *b)
{
    uint64_t x = ((const shown_name *)a)->id, y = ((const shown_name *)b)->id;
    return (x > y) - (x < y);
}

/* One candidate: it comes, stays, or goes. */
static jw_result settle(jw_view *view, const screen *s, const candidate *one)
{
    view_labels *labels = view->labels;
    const shown_name *before = jw_view_find_shown(labels->slot, one->id);
    shaped_text text;
    placed_name name;
    if (!jw_name_shape(labels->glyphs, one->text, &text) || !lay_out(view, s, one, &text, &name))
        return JW_OK;
    uint64_t hash = jw_hash_text(0, one->text);
    const float *box = name.boxes[name.box_count / 2];
    float x = (box[0] + box[2]) / 2, y = (box[1] + box[3]) / 2;
    bool is_low = one->kind == NAME_STOP || (one->name && one->name->line != JW_NONE);
    bool is_note = one->id >> 60 == 3; /* two may say the same */
    bool is_placed = labels->placed_count < SHOWN_MAX && (is_note || !is_repeated(labels, hash, x, y)) &&
                     !(is_low && is_hidden(view, one->x, one->y)) && jw_board_take(&labels->board, &name);
    float alpha = before ? before->alpha : 0;
    alpha = is_placed ? fminf(1, alpha + labels->fade) : alpha - labels->fade;
    if (is_placed)
        labels->placed[labels->placed_count++] = (placed_text){hash, x, y};
    if ((!is_placed && alpha <= 0) || labels->next_count == SHOWN_MAX)
        return JW_OK;
    jw_result result = JW_OK;
    if (!emit(view, &name, one, alpha, &result)) {
        alpha = 0;
        labels->slot->is_settled = false;
    }
    labels->slot->is_settled &= is_placed && alpha >= 1;
    labels->next[labels->next_count++] = (shown_name){one->id, alpha};
    return result;
}

jw_result jw_view_names_settle(jw_view *view, const jw_view_scene *scene, int width_px, int height_px)
{
    view_labels *labels = view->labels;
    label_slot *slot = labels->slot;
    float zoom = scene->rect.width_px > 0 ? (float)width_px / (float)scene->rect.width_px : 1;
    float room[4] = {0, 0, (float)width_px, (float)height_px};
    jw_view_rect given = scene->label_room;
    if (given.width_px > 0 && given.height_px > 0) {
        room[0] = fmaxf(0, zoom * (float)(given.x_px - scene->rect.x_px));
        room[1] = fmaxf(0, zoom * (float)(given.y_px - scene->rect.y_px));
        room[2] = fminf(room[2], zoom * (float)(given.x_px + given.width_px - scene->rect.x_px));
        room[3] = fminf(room[3], zoom * (float)(given.y_px + given.height_px - scene->rect.y_px));
    }
    labels->unit_px = zoom * (scene->label_scale > 0 ? scene->label_scale : 1);
    labels->candidate_count = labels->next_count = labels->placed_count = 0;
    slot->letters.count = 0;
    slot->is_settled = true;
    jw_result result = jw_board_clear(&labels->board, width_px, height_px, CELL_UNITS * labels->unit_px, room,
                                      labels->error);
    if (result == JW_OK)
        result = jw_view_candidates_find(view, scene);
    const screen s = {view, (float)width_px / 2, (float)height_px / 2};
    for (uint32_t i = 0; i < labels->candidate_count && result == JW_OK; i++)
        result = settle(view, &s, &labels->candidates[i]);
    qsort(labels->next, labels->next_count, sizeof *labels->next, compare_id);
    memcpy(slot->shown, labels->next, labels->next_count * sizeof *slot->shown);
    slot->shown_count = labels->next_count;
    return result;
}
