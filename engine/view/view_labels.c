/* The names of a picture. Which have room is settled anew only when the eye or what is named has moved;
 * letters of one size on the screen, all in one draw call. */
#include "view/view_internal.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHOWN_MAX = 160,       /* names in a picture */
    SLOTS = 2,             /* rectangles of a window that are remembered */
    PICTURE_SLOT,          /* of saved pictures, which have no before */
    NEW_LETTERS = 24,      /* made for a picture on the screen, some milliseconds */
    CELL_UNITS = 6,        /* of the board */
    SAME_NAME_UNITS = 300, /* between two of one street */
    HIDDEN_STEPS = 48,
    HUBS_MAX = 128,
};
#define FADE_S      0.2
#define HALO_UNITS  2.2f
#define LETTER_EDGE 0.47f  /* a little bolder than drawn: small letters would be thin */
#define GAP_UNITS   210.0f /* least between two places for one street's name */
#define TALLEST_M   300.0f
#define HUB_M       20000.0f /* a longer link is national, its ends farther away are hubs */
#define TOWNS_M     60000.0f /* the eye's height from which the country is named */

/* least: pixels (at 100 %) that a metre takes there; below it the name is left out. */
static const struct name_look {
    float size_units, least;
    uint32_t day, night;
} looks[NAME_KIND_COUNT] = {
    [NAME_CHOSEN] = {13.5f, 0, 0xB35A00, 0xFFB347},     [NAME_HUB] = {14, 0, 0x4B2E9E, 0xC9B6FF},
    [NAME_GREAT_SITE] = {13.5f, 0, 0x4B2E9E, 0xC9B6FF}, [NAME_TOWN] = {12.5f, 0, 0x3C4148, 0xC3CBD6},
    [NAME_DISTRICT] = {15, 0.008f, 0x555B66, 0xAEB9C8}, [NAME_STATION] = {12.5f, 0.07f, 0x0F4C81, 0x9CC9F2},
    [NAME_SITE] = {12.5f, 0.06f, 0x2B49B8, 0xA9BCFF},   [NAME_WATER] = {13, 0.02f, 0x24618F, 0x7FB2D9},
    [NAME_PARK] = {12, 0.05f, 0x2E6B36, 0x93C995},      [NAME_MAIN_STREET] = {13, 0.04f, 0x3A3D42, 0xD5DBE4},
    [NAME_PLACE] = {11.5f, 0.25f, 0x6A4A34, 0xD9BFA8},  [NAME_FACTORY] = {11.5f, 0.22f, 0x8A5A00, 0xE8C070},
    [NAME_STREET] = {12, 0.14f, 0x4A4E55, 0xC3CBD6},    [NAME_CELL] = {11, 0.9f, 0x1F6B70, 0x8FD3D8},
    [NAME_LANE] = {11, 0.45f, 0x5A5F68, 0xA9B3C0},      [NAME_STOP] = {11, 2.2f, 0x1A5A94, 0x8FC1F0},
    [NAME_DEGREE] = {11, 0, 0x7A8088, 0x77818F},
};
#define HALO_DAY   0xF6F5EF
#define HALO_NIGHT 0x0C1118

typedef struct label_instance { /* attributes 5 to 8 */
    float where[4];             /* corner in pixels, y down; cosine and sine times pixels a texel */
    uint16_t cell[4];           /* of the atlas: x, y, width, height */
    uint8_t colour[4];
    float edge;
} label_instance;

typedef struct candidate {
    uint64_t order; /* smaller first */
    uint64_t id;    /* the same from picture to picture */
    const char *text;
    const mesh_name *name; /* of the map; NULL: stands at the place */
    float x, y, z;
    float pixels_per_m; /* there */
    float lift_units;   /* above the usual height over its place */
    name_kind kind;
} candidate;

typedef struct shown_name {
    uint64_t id;
    float alpha;
} shown_name;

/* What decides over the names of a picture; of equal ones they are the same. Zeroed before it is filled:
 * compared byte by byte. */
typedef struct label_key {
    jw_camera camera;
    int width_px, height_px;
    jw_view_rect rect, room;
    float scale;
    jw_language language;
    jw_view_overlay overlay;
    const jw_frame *frame;
    uint64_t revision;
    uint32_t asset_count, link_count;
    uint8_t hides_sites, hides_cells, hides_fibre, is_night;
    char chosen[JW_ASSET_NAME_SIZE];
} label_key;

typedef struct label_slot {
    label_key key;
    shown_name shown[SHOWN_MAX]; /* by id */
    uint32_t shown_count;
    stream_buffer letters;
    bool is_settled; /* nothing fades, no letter is missing */
    uint64_t picture;
} label_slot;

typedef struct hub { /* end of a national link */
    float x, y;
    uint32_t town; /* of the country; JW_NONE: it knows none of this name */
    char text[JW_ASSET_NAME_SIZE];
} hub;

typedef struct placed_text { /* where a name stands already */
    uint64_t hash;
    float x, y;
} placed_text;

struct view_labels {
    view_glyphs *glyphs;
    GLuint texture;
    label_slot slots[PICTURE_SLOT + 1];
    label_slot *slot; /* of the picture being drawn; NULL: it has no names */
    name_board board;
    candidate *candidates;
    uint32_t candidate_count, candidate_capacity;
    shown_name next[SHOWN_MAX];
    uint32_t next_count;
    placed_text placed[SHOWN_MAX];
    uint32_t placed_count;
    hub hubs[HUBS_MAX];
    uint32_t hub_count;
    float unit_px;
    float fade; /* of this picture */
    double drawn_s;
    uint64_t picture;
    jw_error *error;
};

/* ---- life --------------------------------------------------------------------------------------------- */

static void create_stream(stream_buffer *stream)
{
    const GLsizei stride = sizeof(label_instance);
    glGenBuffers(1, &stream->buffer);
    glGenVertexArrays(1, &stream->vertex_array);
    glBindVertexArray(stream->vertex_array);
    glBindBuffer(GL_ARRAY_BUFFER, stream->buffer);
    glVertexAttribPointer(5, 4, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(label_instance, where));
    glVertexAttribPointer(6, 4, GL_UNSIGNED_SHORT, GL_FALSE, stride, (void *)offsetof(label_instance, cell));
    glVertexAttribPointer(7, 4, GL_UNSIGNED_BYTE, GL_TRUE, stride, (void *)offsetof(label_instance, colour));
    glVertexAttribPointer(8, 1, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(label_instance, edge));
    for (GLuint i = 5; i <= 8; i++) {
        glEnableVertexAttribArray(i);
        glVertexAttribDivisor(i, 1);
    }
    glBindVertexArray(0);
}

void jw_view_labels_destroy(jw_view *view)
{
    view_labels *labels = view->labels;
    if (!labels)
        return;
    view->labels = NULL;
    for (int i = 0; i <= PICTURE_SLOT; i++)
        jw_view_gl_stream_free(&labels->slots[i].letters);
    glDeleteTextures(1, &labels->texture);
    jw_glyphs_close(labels->glyphs);
    jw_board_free(&labels->board);
    jw_free(labels->candidates);
    jw_free(labels);
}

jw_result jw_view_set_font(jw_view *view, const char *path, int face, jw_error *error)
{
    jw_view_labels_destroy(view);
    if (!path)
        return JW_OK;
    view_labels *labels = jw_alloc(sizeof *labels);
    if (!labels)
        return jw_fail_memory(error);
    jw_result result = jw_glyphs_open(path, face, &labels->glyphs, error);
    if (result != JW_OK) {
        jw_free(labels);
        return result;
    }
    for (int i = 0; i <= PICTURE_SLOT; i++)
        create_stream(&labels->slots[i].letters);
    glGenTextures(1, &labels->texture);
    glBindTexture(GL_TEXTURE_2D, labels->texture);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_R8, GLYPH_ATLAS, GLYPH_ATLAS, 0, GL_RED, GL_UNSIGNED_BYTE, NULL);
    view->labels = labels;
    return JW_OK;
}

/* ---- what could be named ------------------------------------------------------------------------------ */

/* Pixels that a metre takes at a place; 0 where it is not seen. */
static float pixels_at(const jw_view *view, float x, float y, float z)
{
    if (!jw_view_is_visible(view, x, y, z, 0))
        return 0;
    float dx = x - view->eye[0], dy = y - view->eye[1], dz = z - view->eye[2];
    return view->pixels_per_m / sqrtf(dx * dx + dy * dy + dz * dz + 1);
}

static const shown_name *find_shown(const label_slot *slot, uint64_t id)
{
    uint32_t low = 0, high = slot->shown_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (slot->shown[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < slot->shown_count && slot->shown[low].id == id ? &slot->shown[low] : NULL;
}

/* By kind; then what is shown already, so that names stay; then the nearest. */
static jw_result add_candidate(view_labels *labels, candidate one)
{
    jw_result result =
        jw_grow(&labels->candidates, &labels->candidate_capacity, (uint64_t)labels->candidate_count + 1,
                sizeof *labels->candidates, labels->error);
    if (result != JW_OK)
        return result;
    uint64_t far = (uint64_t)jw_clamp(16384.0 / jw_max(1e-4, (double)one.pixels_per_m), 0, (1 << 30) - 1);
    uint64_t rank = one.name ? one.name->rank : 0;
    one.order = (uint64_t)one.kind << 58 | rank << 54 | (uint64_t)!find_shown(labels->slot, one.id) << 53 |
                far << 20 | (labels->candidate_count & 0xFFFFF);
    labels->candidates[labels->candidate_count++] = one;
    return JW_OK;
}

static jw_result add_map_names(jw_view *view, const mesh_names *names, const jw_view_scene *scene)
{
    view_labels *labels = view->labels;
    jw_result result = JW_OK;
    float unit_px = labels->unit_px;
    for (uint32_t i = 0; i < names->count && result == JW_OK; i++) {
        const mesh_name *name = &names->items[i];
        float pixels = pixels_at(view, name->x, name->y, name->z) / unit_px;
        if (pixels <= looks[name->kind].least || (name->gap_m > 0 && name->gap_m * pixels < GAP_UNITS))
            continue;
        candidate one = {.id = i + 1,
                         .text = jw_city_text_in(view->mesh->city, name->text, scene->language),
                         .name = name,
                         .x = name->x,
                         .y = name->y,
                         .z = name->z,
                         .pixels_per_m = pixels * unit_px,
                         .kind = (name_kind)name->kind};
        result = add_candidate(labels, one);
    }
    return result;
}

/* Towns from high above, and degrees; a town that has a node of the network is named there. */
static jw_result add_country(jw_view *view, const jw_view_scene *scene)
{
    const mesh_country *country = &view->mesh->country;
    view_labels *labels = view->labels;
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < country->names.count && view->eye[2] > TOWNS_M && result == JW_OK; i++) {
        const mesh_name *name = &country->names.items[i];
        float pixels = pixels_at(view, name->x, name->y, 0);
        bool is_hub = false;
        for (uint32_t k = 0; k < labels->hub_count; k++)
            is_hub |= labels->hubs[k].town == i;
        if (pixels <= 0 || is_hub)
            continue;
        uint32_t text = scene->language == JW_LANGUAGE_ZH && name->text_zh ? name->text_zh : name->text;
        candidate one = {.id = UINT64_C(1) << 61 | i,
                         .text = country->texts + text,
                         .name = name,
                         .x = name->x,
                         .y = name->y,
                         .pixels_per_m = pixels,
                         .kind = (name_kind)name->kind};
        result = add_candidate(labels, one);
    }
    return result;
}

/* The end of a national link, named as the link is: "from--to". */
static void find_hub(jw_view *view, const jw_frame_link *link, int end)
{
    view_labels *labels = view->labels;
    const mesh_country *country = &view->mesh->country;
    float x = (float)((double)(end ? link->x1_m : link->x0_m) - view->mesh->origin_x_m);
    float y = (float)((double)(end ? link->y1_m : link->y0_m) - view->mesh->origin_y_m);
    const char *middle = strstr(link->name, "--");
    /* The city itself is one of them from high above only. */
    bool is_here = x * x + y * y < HUB_M * HUB_M && view->eye[2] < TOWNS_M;
    for (uint32_t i = 0; i < labels->hub_count && !is_here; i++)
        is_here = hypotf(labels->hubs[i].x - x, labels->hubs[i].y - y) < 1000;
    if (is_here || !middle || labels->hub_count == HUBS_MAX)
        return;
    hub *one = &labels->hubs[labels->hub_count++];
    *one = (hub){.x = x, .y = y};
    size_t size = end ? strcspn(middle + 2, "#") : (size_t)(middle - link->name);
    snprintf(one->text, sizeof one->text, "%.*s", (int)size, end ? middle + 2 : link->name);
    one->town = jw_country_find_town(country, one->text, strlen(one->text));
}

static jw_result add_hubs(jw_view *view, const jw_view_scene *scene, const jw_frame *frame)
{
    view_labels *labels = view->labels;
    const mesh_country *country = &view->mesh->country;
    labels->hub_count = 0;
    for (uint32_t i = 0; i < frame->link_count && !scene->hides_fibre; i++) {
        const jw_frame_link *link = &frame->links[i];
        double dx = (double)(link->x1_m - link->x0_m), dy = (double)(link->y1_m - link->y0_m);
        for (int end = 0; end < 2 && dx * dx + dy * dy > (double)HUB_M * (double)HUB_M; end++)
            find_hub(view, link, end);
    }
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < labels->hub_count && result == JW_OK; i++) {
        const hub *one = &labels->hubs[i];
        const mesh_name *town = one->town == JW_NONE ? NULL : &country->names.items[one->town];
        const char *text = one->text;
        if (town)
            text = country->texts +
                   (scene->language == JW_LANGUAGE_ZH && town->text_zh ? town->text_zh : town->text);
        candidate place = {.id = UINT64_C(1) << 62 | jw_hash_text(0, one->text) >> 3,
                           .text = text,
                           .x = one->x,
                           .y = one->y,
                           .pixels_per_m = pixels_at(view, one->x, one->y, 0),
                           .kind = NAME_HUB};
        if (place.pixels_per_m > 0)
            result = add_candidate(labels, place);
    }
    return result;
}

static bool kind_of_asset(const jw_view_scene *scene, const jw_frame_asset *asset, name_kind *out)
{
    switch (asset->kind) {
    case JW_ASSET_SITE:
        *out = asset->tier >= 4 ? NAME_GREAT_SITE : asset->tier >= 2 ? NAME_SITE : NAME_CELL;
        return !scene->hides_sites;
    case JW_ASSET_FACTORY:
        *out = NAME_FACTORY;
        return !scene->hides_sites;
    case JW_ASSET_CELL:
        *out = NAME_CELL;
        return !scene->hides_cells;
    case JW_ASSET_STOP:
        *out = NAME_STOP;
        return true;
    default:
        *out = NAME_STOP;
        return !scene->hides_sites;
    }
}

static jw_result add_assets(jw_view *view, const jw_view_scene *scene, const jw_frame *frame)
{
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < frame->asset_count && result == JW_OK; i++) {
        const jw_frame_asset *asset = &frame->assets[i];
        candidate one = {.text = asset->name,
                         .id = jw_hash_text(0, asset->name) | UINT64_C(1) << 63,
                         .x = (float)((double)asset->x_m - view->mesh->origin_x_m),
                         .y = (float)((double)asset->y_m - view->mesh->origin_y_m)};
        bool is_chosen = scene->selection.kind == JW_PICK_ASSET &&
                         strncmp(scene->selection.name, asset->name, JW_ASSET_NAME_SIZE) == 0;
        if (!kind_of_asset(scene, asset, &one.kind))
            continue;
        float pixels = pixels_at(view, one.x, one.y, asset->z_m);
        if (pixels <= 0 || (pixels < looks[one.kind].least * view->labels->unit_px && !is_chosen))
            continue;
        one.pixels_per_m = pixels;
        one.z = jw_view_asset_top(view, scene, asset, i);
        one.kind = is_chosen ? NAME_CHOSEN : one.kind;
        result = add_candidate(view->labels, one);
    }
    return result;
}

/* Each as a pin and its text over it. */
static jw_result add_notes(jw_view *view, const jw_view_scene *scene)
{
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < 2 * scene->note_count && result == JW_OK; i++) {
        const jw_view_note *note = &scene->notes[i / 2];
        candidate one = {.text = i % 2 ? note->text : "\u25bc",
                         .id = UINT64_C(3) << 60 | i,
                         .x = (float)(note->x_m - view->mesh->origin_x_m),
                         .y = (float)(note->y_m - view->mesh->origin_y_m),
                         .lift_units = i % 2 ? 24 : 0,
                         .kind = NAME_CHOSEN};
        one.pixels_per_m = pixels_at(view, one.x, one.y, 0);
        if (one.pixels_per_m > 0 && note->text[0])
            result = add_candidate(view->labels, one);
    }
    return result;
}

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
        if ((float)light->roof_dm[(size_t)row * light->columns + column] * 0.1f > ray[2] * t + 1)
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
    float unit_px = view->labels->unit_px, size_px = looks[one->kind].size_units * unit_px, at[2];
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

/* Its halo and then its letters. False: some are not in the atlas yet. */
static bool emit(jw_view *view, const placed_name *name, name_kind kind, float alpha, jw_result *result)
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
    put_letters(labels, name, is_night ? looks[kind].night : looks[kind].day, alpha, LETTER_EDGE);
    return true;
}

static int compare_order(const void *a, const void *b)
{
    uint64_t x = ((const candidate *)a)->order, y = ((const candidate *)b)->order;
    return (x > y) - (x < y);
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
    const shown_name *before = find_shown(labels->slot, one->id);
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
    if (!emit(view, &name, one->kind, alpha, &result)) {
        alpha = 0;
        labels->slot->is_settled = false;
    }
    labels->slot->is_settled &= is_placed && alpha >= 1;
    labels->next[labels->next_count++] = (shown_name){one->id, alpha};
    return result;
}

static jw_result place_names(jw_view *view, const jw_view_scene *scene, int width_px, int height_px)
{
    view_labels *labels = view->labels;
    label_slot *slot = labels->slot;
    const jw_frame *frame = scene->frame_b ? scene->frame_b : scene->frame_a;
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
        result = add_map_names(view, &view->mesh->names, scene);
    labels->hub_count = 0;
    if (result == JW_OK && frame)
        result = add_hubs(view, scene, frame);
    if (result == JW_OK)
        result = add_country(view, scene);
    if (result == JW_OK && frame)
        result = add_assets(view, scene, frame);
    if (result == JW_OK)
        result = add_notes(view, scene);
    if (result == JW_OK)
        qsort(labels->candidates, labels->candidate_count, sizeof *labels->candidates, compare_order);
    const screen s = {view, (float)width_px / 2, (float)height_px / 2};
    for (uint32_t i = 0; i < labels->candidate_count && result == JW_OK; i++)
        result = settle(view, &s, &labels->candidates[i]);
    qsort(labels->next, labels->next_count, sizeof *labels->next, compare_id);
    memcpy(slot->shown, labels->next, labels->next_count * sizeof *slot->shown);
    slot->shown_count = labels->next_count;
    return result;
}

/* ---- a picture ---------------------------------------------------------------------------------------- */

static void fill_key(const jw_view *view, const jw_view_scene *scene, int width_px, int height_px,
                     label_key *key)
{
    const jw_frame *frame = scene->frame_b ? scene->frame_b : scene->frame_a;
    memset(key, 0, sizeof *key);
    key->camera = scene->camera;
    key->width_px = width_px;
    key->height_px = height_px;
    key->rect = scene->rect;
    key->room = scene->label_room;
    key->scale = scene->label_scale;
    key->language = scene->language;
    key->overlay = scene->overlay;
    if (frame) {
        key->frame = frame;
        key->revision = frame->assets_revision;
        key->asset_count = frame->asset_count;
        key->link_count = frame->link_count;
    }
    key->hides_sites = scene->hides_sites;
    key->hides_cells = scene->hides_cells;
    key->hides_fibre = scene->hides_fibre;
    key->is_night = view->night > 0.5f;
    if (scene->selection.kind == JW_PICK_ASSET)
        jw_text_copy(key->chosen, sizeof key->chosen, scene->selection.name);
}

static label_slot *choose_slot(view_labels *labels, const label_key *key, bool is_picture)
{
    if (is_picture) {
        labels->slots[PICTURE_SLOT].shown_count = 0;
        memset(&labels->slots[PICTURE_SLOT].key, 0, sizeof(label_key));
        return &labels->slots[PICTURE_SLOT];
    }
    label_slot *best = &labels->slots[0];
    for (int i = 0; i < SLOTS; i++) {
        label_slot *slot = &labels->slots[i];
        if (memcmp(&slot->key.rect, &key->rect, sizeof key->rect) == 0)
            return slot;
        if (slot->picture < best->picture)
            best = slot;
    }
    best->shown_count = 0;
    return best;
}

static void upload(view_labels *labels)
{
    uint32_t cell;
    glActiveTexture(GL_TEXTURE0 + LABEL_UNIT);
    glBindTexture(GL_TEXTURE_2D, labels->texture);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, GLYPH_ATLAS);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    while (jw_glyphs_take_new(labels->glyphs, &cell)) {
        GLint x = (GLint)(cell % GLYPH_COLUMNS * GLYPH_CELL), y = (GLint)(cell / GLYPH_COLUMNS * GLYPH_CELL);
        glTexSubImage2D(GL_TEXTURE_2D, 0, x, y, GLYPH_CELL, GLYPH_CELL, GL_RED, GL_UNSIGNED_BYTE,
                        jw_glyphs_pixels(labels->glyphs) + (size_t)y * GLYPH_ATLAS + x);
    }
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    glActiveTexture(GL_TEXTURE0);
}

jw_result jw_view_labels_prepare(jw_view *view, const jw_view_scene *scene, int width_px, int height_px,
                                 jw_error *error)
{
    view_labels *labels = view->labels;
    if (!labels)
        return JW_OK;
    labels->slot = NULL;
    if (scene->hides_labels)
        return JW_OK;
    bool is_picture = view->sampling > 1;
    label_key key;
    fill_key(view, scene, width_px, height_px, &key);
    labels->slot = choose_slot(labels, &key, is_picture);
    labels->slot->picture = ++labels->picture;
    if (!is_picture && labels->slot->is_settled && memcmp(&labels->slot->key, &key, sizeof key) == 0)
        return JW_OK;
    double now_s = jw_clock_seconds();
    labels->fade = is_picture || scene->reduces_motion
                       ? 1
                       : (float)(jw_clamp(now_s - labels->drawn_s, 0.01, 0.1) / FADE_S);
    labels->drawn_s = now_s;
    labels->slot->key = key;
    labels->error = error;
    jw_glyphs_next_picture(labels->glyphs, is_picture ? GLYPH_CELLS : NEW_LETTERS);
    jw_result result = place_names(view, scene, width_px, height_px);
    upload(labels);
    jw_view_gl_stream_upload(&labels->slot->letters, sizeof(label_instance));
    return result;
}

bool jw_view_names_are_settled(const jw_view *view)
{
    const view_labels *labels = view ? view->labels : NULL;
    if (!labels || !labels->slot)
        return true;
    for (int i = 0; i < SLOTS; i++) /* of the rectangles that are drawn in turn */
        if (labels->slots[i].picture + SLOTS > labels->picture && labels->slots[i].picture > 0 &&
            !labels->slots[i].is_settled)
            return false;
    return true;
}

void jw_view_labels_draw(jw_view *view)
{
    view_labels *labels = view->labels;
    if (!labels || !labels->slot || labels->slot->letters.count == 0)
        return;
    GLint viewport[4];
    glGetIntegerv(GL_VIEWPORT, viewport);
    glActiveTexture(GL_TEXTURE0 + LABEL_UNIT);
    glBindTexture(GL_TEXTURE_2D, labels->texture);
    glUseProgram(view->programs[PROGRAM_LABEL]);
    glUniform4f(view->label_uniform, (float)viewport[2] * view->part[2], (float)viewport[3] * view->part[3],
                2.0f * GLYPH_SPREAD, GLYPH_ATLAS);
    glUniform4fv(view->label_part_uniform, 1, view->part);
    glBindVertexArray(labels->slot->letters.vertex_array);
    glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 4, (GLsizei)labels->slot->letters.count);
    glBindVertexArray(0);
    glActiveTexture(GL_TEXTURE0);
    view->counters.draw_calls++;
    view->counters.triangles += 2 * labels->slot->letters.count;
    view->counters.names_drawn = labels->slot->shown_count;
}
