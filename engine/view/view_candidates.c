/* What could be named in a picture: names of the map that are large enough there, things of the frame, towns
 * and hubs of the country. */
#include "view/view_labels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAP_UNITS 210.0f   /* least between two places for one street's name */
#define HUB_M     20000.0f /* a longer link is national, its ends farther away are hubs */
#define TOWNS_M   60000.0f /* the eye's height from which the country is named */

const name_look jw_name_looks[NAME_KIND_COUNT] = {
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

/* Pixels that a metre takes at a place; 0 where it is not seen. */
static float pixels_at(const jw_view *view, float x, float y, float z)
{
    if (!jw_view_is_visible(view, x, y, z, 0))
        return 0;
    float dx = x - view->eye[0], dy = y - view->eye[1], dz = z - view->eye[2];
    return view->pixels_per_m / sqrtf(dx * dx + dy * dy + dz * dz + 1);
}

const shown_name *jw_view_find_shown(const label_slot *slot, uint64_t id)
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
    one.order = (uint64_t)one.kind << 58 | rank << 54 |
                (uint64_t)!jw_view_find_shown(labels->slot, one.id) << 53 | far << 20 |
                (labels->candidate_count & 0xFFFFF);
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
        if (pixels <= jw_name_looks[name->kind].least ||
            (name->gap_m > 0 && name->gap_m * pixels < GAP_UNITS))
            continue;
        candidate one = {.id = i + 1,
                         .text = jw_city_text_in(view->mesh->city, name->text, scene->language),
                         .name = name,
                         .x = name->x,
                         .y = name->y,
                         .z = jw_view_standing_m(view, name->z),
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
        /* The city's own town makes room for the marks that stand there. */
        if (one.kind == NAME_TOWN && hypotf(name->x, name->y) < 1.5f * HUB_M)
            one.kind = NAME_HUB;
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
        if (pixels <= 0 || (pixels < jw_name_looks[one.kind].least * view->labels->unit_px && !is_chosen))
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

static int compare_order(const void *a, const void *b)
{
    uint64_t x = ((const candidate *)a)->order, y = ((const candidate *)b)->order;
    return (x > y) - (x < y);
}

jw_result jw_view_candidates_find(jw_view *view, const jw_view_scene *scene)
{
    view_labels *labels = view->labels;
    const jw_frame *frame = scene->frame_b ? scene->frame_b : scene->frame_a;
    labels->candidate_count = 0;
    jw_result result = add_map_names(view, &view->mesh->names, scene);
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
    return result;
}
