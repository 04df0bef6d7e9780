/* Sites, cells, cameras and factories as small models; fibre as arcs with packets of three hues on them. */
#include "view/view_internal.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { SITE_TIERS = 6, SITE_OF_A_COUNTRY = 4 }; /* from this tier on seen from any height */

/* By jw_tier of compute.h: roadside, base station, park, district edge, city, west. */
static const struct site_look {
    float side_m, slab_m; /* of its stack of four slabs */
    uint32_t colour;
} site_looks[SITE_TIERS] = {
    {2.0f, 0.7f, 0x7FC8A9},  {5.0f, 1.4f, 0x6FB7C9},  {10.0f, 2.2f, 0x7A9BE0},
    {11.0f, 2.6f, 0x5B7BE8}, {26.0f, 5.0f, 0x8A63E6}, {34.0f, 6.0f, 0xB05BD6},
};

#define COUNTRY_M    20000.0 /* a longer link is part of a national backbone */
#define DEAD_COLOUR  0xD7262B
#define UNLIT_COLOUR 0xC9CBD0
#define UNLIT_NIGHT  0x667088

typedef struct asset_draw {
    jw_view *view;
    const jw_view_scene *scene;
    const jw_frame_asset *asset;
    float x, y;
    float away_m; /* from the eye */
    uint32_t id, row;
    uint32_t rank; /* of those before it at the very same place */
    bool is_selected;
    jw_result result;
    jw_error *error;
} asset_draw;

static void put_turned(asset_draw *d, prop_shape shape, float z, float heading_rad, const float size_m[3],
                       uint32_t rgb, float glow)
{
    stream_buffer *stream = &d->view->props[shape];
    if (d->result == JW_OK)
        d->result = jw_view_gl_stream_reserve(stream, stream->count + 1, sizeof(prop_instance), d->error);
    if (d->result != JW_OK)
        return;
    prop_instance *instance = (prop_instance *)stream->items + stream->count++;
    *instance = (prop_instance){
        {d->x, d->y, z, heading_rad},
        {size_m[0], size_m[1], size_m[2], d->is_selected && shape != PROP_RING ? (float)LAMP_SELECTED : 0.0f},
        {(uint8_t)(rgb >> 16), (uint8_t)(rgb >> 8), (uint8_t)rgb,
         (uint8_t)(jw_clamp((double)glow, 0, 1) * 255)},
        d->id};
}

static void put(asset_draw *d, prop_shape shape, float z, float side_m, float height_m, uint32_t rgb,
                float glow)
{
    put_turned(d, shape, z, 0.38f, (float[]){side_m, side_m, height_m}, rgb, glow);
}

/* Metres that `pixels` take up where the asset stands. */
static float metres_of(const asset_draw *d, float pixels)
{
    return pixels * d->view->sampling * d->away_m / d->view->pixels_per_m;
}

/* Under an overlay of such assets: what it says of this one. */
typedef struct asset_value {
    bool is_asked, is_known;
    uint32_t hue;
    int slabs; /* 1 to 4: how bad, or how much */
} asset_value;

static asset_value value_of(const asset_draw *d)
{
    const jw_overlay_info *info = jw_view_overlay_info(d->scene->overlay);
    const jw_frame *frame = d->scene->frame_b ? d->scene->frame_b : d->scene->frame_a;
    asset_value shown = {.hue = UNLIT_COLOUR};
    double value;
    if (info->kind != JW_OVERLAY_OF_ASSETS || !(info->assets >> d->asset->kind & 1))
        return shown;
    shown.is_asked = true;
    if (!d->asset->is_up ||
        !jw_view_overlay_value(d->scene->overlay, d->view->mesh->city, frame, d->row, &value))
        return shown;
    jw_view_legend legend = jw_view_get_legend(d->scene->overlay, d->scene->palette);
    double weight = jw_view_overlay_weight(d->scene->overlay, &legend, value);
    shown.is_known = true;
    shown.hue = jw_view_legend_colour(&legend, value);
    shown.slabs = 1 + (int)(weight * 3 + 0.5);
    return shown;
}

/* Under an overlay colours belong to its values. */
static uint32_t own_colour(const asset_draw *d, uint32_t colour)
{
    if (!d->asset->is_up)
        return DEAD_COLOUR;
    bool is_night = d->view->night > 0.5f;
    return d->scene->overlay == JW_OVERLAY_NONE ? colour : is_night ? UNLIT_NIGHT : 0x8E929A;
}

#define GAUGE_PX 29.0f /* its height */

/* Four slabs one above the other that keep their size on the screen, the lower ones wide and lit, as many as
 * the value is bad or much: read without colours. What is down has a mark in their place. */
static void add_gauge(asset_draw *d, const asset_value *value, float from_m)
{
    uint32_t rest = d->view->night > 0.5f ? 0xAAB2C4 : 0x50545E;
    float shift_m = (float)d->rank * metres_of(d, 19); /* one beside the other, as they are seen */
    d->x += shift_m * (float)jw_sin(d->scene->camera.heading_rad);
    d->y -= shift_m * (float)jw_cos(d->scene->camera.heading_rad);
    float side_m = metres_of(d, 16), slab_m = metres_of(d, 4), step_m = metres_of(d, 6);
    float foot_m = from_m + metres_of(d, 8);
    put(d, PROP_CUBE, from_m, side_m * 0.12f, foot_m - from_m, rest, 0.8f);
    if (!d->asset->is_up) {
        put(d, PROP_MARK, foot_m, side_m, side_m, DEAD_COLOUR, 0.9f);
        return;
    }
    for (int k = 0; k < 4 && value->is_known; k++) {
        bool is_lit = k < value->slabs;
        put(d, PROP_CUBE, foot_m + (float)k * step_m, is_lit ? side_m : side_m * 0.25f,
            is_lit ? slab_m : step_m, is_lit ? value->hue : rest, 0.95f);
    }
}

/* Of the building that it stands on, as it is drawn now. */
static float roof_m_of(const jw_view *view, const jw_frame_asset *asset)
{
    double roof_m = jw_mesh_roof_m(view->mesh, (double)asset->x_m, (double)asset->y_m);
    return jw_view_standing_m(view, (float)roof_m);
}

/* A mark over the roofs that keeps its size on the screen. */
typedef struct asset_mark {
    float base_m, lift_m, side_m;
} asset_mark;

static asset_mark site_mark_of(const asset_draw *d)
{
    const struct site_look *look = &site_looks[d->asset->tier < SITE_TIERS ? d->asset->tier : 0];
    asset_mark mark = {/* On the roof of its building, where it is seen. */
                       .base_m = roof_m_of(d->view, d->asset),
                       .side_m = (float)jw_clamp((double)metres_of(d, 11), (double)look->side_m * 0.5,
                                                 d->asset->tier >= SITE_OF_A_COUNTRY ? 1e6 : 500)};
    float top_m = mark.base_m + 4.5f * look->slab_m;
    mark.lift_m =
        d->asset->tier >= 2 ? (float)jw_max((double)top_m, (double)(mark.base_m + metres_of(d, 14))) : top_m;
    return mark;
}

/* The load as lit slabs of a stack, and a mark above the roofs that keeps its size on the screen. */
static void add_site(asset_draw *d)
{
    const struct site_look *look = &site_looks[d->asset->tier < SITE_TIERS ? d->asset->tier : 0];
    asset_value value = value_of(d);
    double load = jw_clamp((double)d->asset->load, 0, 1);
    uint32_t hue = own_colour(d, look->colour);
    asset_mark mark = site_mark_of(d);
    float base_m = mark.base_m, lift_m = mark.lift_m, mark_m = mark.side_m;
    uint32_t unlit = d->view->night > 0.5f ? UNLIT_NIGHT : UNLIT_COLOUR;
    for (int k = 0; k < 4; k++) {
        bool is_lit = !d->asset->is_up || load * 4 > k + 0.05;
        put(d, PROP_CUBE, base_m + (float)k * look->slab_m * 1.12f, look->side_m, look->slab_m,
            is_lit && !value.is_asked ? hue : unlit, is_lit && !value.is_asked ? 0.85f : 0.15f);
    }
    if (value.is_asked) {
        add_gauge(d, &value, base_m + 4.5f * look->slab_m);
        return;
    }
    if (d->asset->tier <= 1 && d->away_m > 2500) /* roadside units would be a swarm */
        return;
    put(d, PROP_CUBE, base_m, mark_m * 0.07f, lift_m - base_m + mark_m * 0.5f, hue, 0.7f);
    put(d, PROP_MARK, lift_m, mark_m, mark_m * 1.3f, hue, d->asset->is_serving_new ? 1.0f : 0.8f);
}

static void add_cell(asset_draw *d)
{
    asset_value value = value_of(d);
    if (d->away_m > (value.is_asked ? 15000.0f : 3500.0f))
        return;
    uint32_t hue = value.is_known ? value.hue : own_colour(d, 0x4FA3A8);
    float height_m = d->asset->z_m > 4 ? d->asset->z_m : 25.0f;
    put(d, PROP_MAST, 0, 2.4f, height_m, hue, value.is_asked ? 0.9f : 0.25f);
    if (value.is_asked)
        add_gauge(d, &value, height_m);
    /* Within the ring the full rate is had even behind a house; the wide one of a chosen cell is its end. */
    if (!d->scene->hides_coverage && d->away_m < 2200)
        put(d, PROP_RING, 0.4f, 2 * d->asset->full_rate_m, 1, hue, 0.6f);
    if (d->is_selected)
        put(d, PROP_RING, 0.5f, 2 * d->asset->reach_m, 1, 0xFF9E0D, 0.6f);
}

static asset_mark factory_mark_of(const asset_draw *d, float roof_m)
{
    return (asset_mark){.base_m = roof_m,
                        .side_m = (float)jw_clamp((double)metres_of(d, 9), 5, 300),
                        .lift_m = (float)jw_max((double)roof_m, (double)metres_of(d, 14)) + 4};
}

static void add_factory(asset_draw *d)
{
    asset_value value = value_of(d);
    float roof_m = roof_m_of(d->view, d->asset);
    if (value.is_asked) {
        add_gauge(d, &value, roof_m);
        return;
    }
    asset_mark mark = factory_mark_of(d, roof_m);
    put(d, PROP_MARK, mark.lift_m, mark.side_m, mark.side_m, own_colour(d, 0xE0A030), 0.8f);
}

float jw_view_asset_top(const jw_view *view, const jw_view_scene *scene, const jw_frame_asset *asset,
                        uint32_t row)
{
    asset_draw d = {.view = (jw_view *)view, .scene = scene, .asset = asset, .row = row};
    float dx = (float)((double)asset->x_m - view->mesh->origin_x_m) - view->eye[0],
          dy = (float)((double)asset->y_m - view->mesh->origin_y_m) - view->eye[1],
          dz = asset->z_m - view->eye[2];
    d.away_m = sqrtf(dx * dx + dy * dy + dz * dz);
    float gauge_m = value_of(&d).is_asked ? metres_of(&d, GAUGE_PX) : 0;
    if (asset->kind == JW_ASSET_SITE || asset->kind == JW_ASSET_FACTORY) {
        float roof_m = roof_m_of(view, asset);
        asset_mark mark = asset->kind == JW_ASSET_SITE ? site_mark_of(&d) : factory_mark_of(&d, roof_m);
        if (gauge_m <= 0)
            return mark.lift_m + 1.3f * mark.side_m;
        const struct site_look *look = &site_looks[asset->tier < SITE_TIERS ? asset->tier : 0];
        return gauge_m + mark.base_m + (asset->kind == JW_ASSET_SITE ? 4.5f * look->slab_m : 0);
    }
    if (asset->kind == JW_ASSET_CELL)
        return gauge_m + (asset->z_m > 4 ? asset->z_m : 25.0f);
    return asset->z_m + 3;
}

/* People who wait stand along the shelter: as many as it has room for. */
static void add_waiting(asset_draw *d)
{
    enum { PEOPLE_MAX = 12 };
    uint32_t people = (uint32_t)jw_clamp((double)d->asset->queue, 0, PEOPLE_MAX);
    float x = d->x, y = d->y, cosine = (float)jw_cos((double)d->asset->heading_rad),
          sine = (float)jw_sin((double)d->asset->heading_rad);
    static const uint32_t coats[] = {0x5C7690, 0x8A5A50, 0x5F7A5C, 0x6B6480, 0xA08A5C, 0x4C5058};
    for (uint32_t i = 0; i < people; i++) {
        uint32_t dice = jw_mesh_scatter(d->id * 31 + i);
        float back_m = 0.8f + 0.42f * (float)i + 0.2f * (float)(dice & 15) / 15;
        float right_m = -0.3f + 0.8f * (float)(dice >> 4 & 15) / 15;
        d->x = x - back_m * cosine + right_m * sine;
        d->y = y - back_m * sine - right_m * cosine;
        float tall_m = 1.6f + 0.2f * (float)(dice >> 8 & 15) / 15;
        put_turned(d, PROP_WALKER, d->asset->z_m, d->asset->heading_rad + 1.57f,
                   (float[]){0.6f, 0.6f, tall_m}, coats[dice % JW_COUNT_OF(coats)], 0);
    }
    d->x = x;
    d->y = y;
}

static void add_stop(asset_draw *d)
{
    if (d->away_m > 1500)
        return;
    bool is_night = d->view->night > 0.5f;
    put_turned(d, PROP_STOP, d->asset->z_m, d->asset->heading_rad, (float[]){5.4f, 1.7f, 2.7f},
               is_night ? 0x7FB4FF : 0x1F6FB5, is_night ? 0.7f : 0);
    if (d->away_m < 350)
        add_waiting(d);
}

static void add_pole(asset_draw *d)
{
    float height_m = d->asset->z_m > 2 ? d->asset->z_m : 6;
    put(d, PROP_CUBE, 0, 0.25f, height_m, 0xA9A9A6, 0);
    put(d, PROP_CUBE, height_m, 0.7f, 0.5f, d->asset->is_up ? 0x2E9BFF : DEAD_COLOUR, 0.7f);
    if (d->is_selected && d->asset->reach_m > 0)
        put(d, PROP_RING, 0.5f, 2 * d->asset->reach_m, 1, 0xFF9E0D, 0.6f);
}

static bool is_selected(const jw_view_scene *scene, jw_pick_kind kind, const char *name)
{
    return scene->selection.kind == kind && strncmp(scene->selection.name, name, JW_ASSET_NAME_SIZE) == 0;
}

static void add_asset(asset_draw *d)
{
    switch (d->asset->kind) {
    case JW_ASSET_SITE:
        if (!d->scene->hides_sites)
            add_site(d);
        break;
    case JW_ASSET_CELL:
        if (!d->scene->hides_cells)
            add_cell(d);
        break;
    case JW_ASSET_CAMERA:
    case JW_ASSET_ROADSIDE:
        if (!d->scene->hides_sites && d->away_m < 900)
            add_pole(d);
        break;
    case JW_ASSET_FACTORY:
        if (!d->scene->hides_sites)
            add_factory(d);
        break;
    case JW_ASSET_STOP:
        add_stop(d);
        break;
    default:
        break;
    }
}

/* ---- fibre ------------------------------------------------------------------------------------------- */

static bool is_national(const jw_frame_link *link)
{
    double dx = (double)(link->x1_m - link->x0_m), dy = (double)(link->y1_m - link->y0_m);
    return dx * dx + dy * dy > COUNTRY_M * COUNTRY_M;
}

/* From afar the links of single cells would cover the city: what carries less than half of the widest link
 * pales with the camera's distance, and the backbone between sites is left to see. */
static uint8_t arc_alpha(const jw_view_scene *scene, const jw_frame_link *link, float widest_bps,
                         uint8_t alpha)
{
    if (is_national(link))
        return 220;
    if (link->capacity_bps >= 0.5f * widest_bps)
        return widest_bps > 0 ? (uint8_t)(alpha + 80) : alpha;
    return (uint8_t)(alpha * jw_clamp(700 / jw_max(scene->camera.distance_m, 1), 0.08, 0.8));
}

static jw_result add_arc(jw_view *view, const jw_view_scene *scene, const jw_frame_link *link,
                         uint32_t number, const float ends[4], float height_m, float widest_bps,
                         jw_error *error)
{
    const jw_frame *frame = scene->frame_b ? scene->frame_b : scene->frame_a;
    double value;
    uint32_t hue = view->night > 0.5f ? 0x8FA8D8 : 0x55709C;
    uint8_t alpha = arc_alpha(scene, link, widest_bps, view->night > 0.5f ? 90 : 120);
    bool is_backbone = is_national(link) || (widest_bps > 0 && link->capacity_bps >= 0.5f * widest_bps);
    float width_px = is_backbone ? 2.0f : 1.0f;
    if (jw_view_overlay_value(scene->overlay, view->mesh->city, frame, number, &value)) {
        jw_view_legend legend = jw_view_get_legend(scene->overlay, scene->palette);
        hue = jw_view_legend_colour(&legend, value);
        alpha = 240;
        width_px = 1.6f + 4.4f * (float)jw_view_overlay_weight(scene->overlay, &legend, value);
    }
    if (!link->is_up) { /* no colour of a legend: dashed, with a gap in the middle */
        hue = view->night > 0.5f ? 0xFFFFFF : 0x1B1B22;
        alpha = 240;
        width_px = 2.5f;
    }
    if (is_selected(scene, JW_PICK_LINK, link->name)) {
        hue = 0xFF9E0D;
        alpha = 255;
        width_px = 3;
    }
    width_px = link->is_up ? width_px : -width_px;
    jw_result result =
        jw_view_gl_stream_reserve(&view->arcs, view->arcs.count + 1, sizeof(arc_instance), error);
    if (result != JW_OK)
        return result;
    arc_instance *arc = (arc_instance *)view->arcs.items + view->arcs.count++;
    *arc = (arc_instance){{ends[0], ends[1], ends[2], ends[3]},
                          {height_m, width_px, 6.0f, (float)(number & 0xFFFFFF)},
                          {(uint8_t)(hue >> 16), (uint8_t)(hue >> 8), (uint8_t)hue, alpha}};
    return JW_OK;
}

/* More and larger packets for higher rates, on a logarithm: 1 Mbit/s to 100 Gbit/s. */
static jw_result add_packets(jw_view *view, const float ends[4], float height_m, float length_m, int way,
                             int kind, float rate_bps, uint32_t dice, jw_error *error)
{
    if (!(rate_bps > 1e4f))
        return JW_OK;
    double decades = jw_clamp(jw_log10((double)rate_bps) - 6, 0, 5);
    uint32_t count = 1 + (uint32_t)decades;
    jw_result result =
        jw_view_gl_stream_reserve(&view->packets, view->packets.count + count, sizeof(arc_instance), error);
    if (result != JW_OK)
        return result;
    uint32_t hue = jw_view_flow_colour((uint32_t)kind);
    float turns_per_s =
        fmaxf(260.0f / (length_m + 200.0f), 0.08f); /* across the country: to be seen to move */
    for (uint32_t i = 0; i < count; i++) {
        float phase = (float)i / (float)count + (float)(dice & 255) / 255.0f;
        arc_instance *packet = (arc_instance *)view->packets.items + view->packets.count++;
        *packet = (arc_instance){{ends[0], ends[1], ends[2], ends[3]},
                                 {height_m, phase, 6.0f, turns_per_s},
                                 {(uint8_t)(hue >> 16), (uint8_t)(hue >> 8), (uint8_t)hue,
                                  (uint8_t)jw_min(255, 110 + 28 * decades)}};
        if (way == 1) {
            float swapped[4] = {ends[2], ends[3], ends[0], ends[1]};
            memcpy(packet->ends, swapped, sizeof swapped);
        }
    }
    return JW_OK;
}

/* The ends of a national link beyond the city: a mark that keeps its size on the screen. */
static jw_result add_hubs(jw_view *view, const jw_view_scene *scene, const float ends[4], jw_error *error)
{
    asset_draw d = {.view = view, .scene = scene, .error = error};
    for (int end = 0; end < 2; end++) {
        d.x = ends[2 * end], d.y = ends[2 * end + 1];
        if ((double)d.x * (double)d.x + (double)d.y * (double)d.y < COUNTRY_M * COUNTRY_M ||
            !jw_view_is_visible(view, d.x, d.y, 0, 100))
            continue;
        float dx = d.x - view->eye[0], dy = d.y - view->eye[1];
        d.away_m = sqrtf(dx * dx + dy * dy + view->eye[2] * view->eye[2]);
        float side_m = metres_of(&d, 9);
        put(&d, PROP_MARK, 0, side_m, side_m * 1.3f, 0x8A63E6, 0.8f);
    }
    return d.result;
}

static jw_result add_link(jw_view *view, const jw_view_scene *scene, const jw_frame_link *link,
                          uint32_t number, float widest_bps, jw_error *error)
{
    double ox = view->mesh->origin_x_m, oy = view->mesh->origin_y_m;
    float ends[4] = {(float)((double)link->x0_m - ox), (float)((double)link->y0_m - oy),
                     (float)((double)link->x1_m - ox), (float)((double)link->y1_m - oy)};
    float dx = ends[2] - ends[0], dy = ends[3] - ends[1];
    float length_m = sqrtf(dx * dx + dy * dy);
    if (!(length_m > 1.0f && length_m < 1e7f))
        return JW_OK;
    /* Over a city arcs stay low; across the country they rise. */
    float height_m =
        (float)jw_min((double)length_m * 0.13, 260 + 0.06 * jw_max(0, (double)length_m - COUNTRY_M));
    jw_result result = add_arc(view, scene, link, number, ends, height_m, widest_bps, error);
    if (result == JW_OK && is_national(link))
        result = add_hubs(view, scene, ends, error);
    for (int k = 0; k < 2 * JW_TRAFFIC_KIND_COUNT && result == JW_OK && link->is_up; k++) {
        int way = k / JW_TRAFFIC_KIND_COUNT, kind = k % JW_TRAFFIC_KIND_COUNT;
        result = add_packets(view, ends, height_m, length_m, way, kind, link->rate_bps[way][kind],
                             jw_mesh_scatter(number * 7 + (uint32_t)k), error);
    }
    return result;
}

jw_result jw_view_assets_prepare(jw_view *view, const jw_view_scene *scene, jw_error *error)
{
    const jw_frame *frame = scene->frame_b ? scene->frame_b : scene->frame_a;
    view->arcs.count = view->packets.count = 0;
    if (!frame)
        return JW_OK;
    uint32_t rank = 0;
    for (uint32_t i = 0; i < frame->asset_count; i++) {
        const jw_frame_asset *asset = &frame->assets[i], *before = i ? asset - 1 : asset;
        bool is_same_place = i > 0 && before->kind == asset->kind &&
                             jw_abs((double)(before->x_m - asset->x_m)) < 0.5 &&
                             jw_abs((double)(before->y_m - asset->y_m)) < 0.5;
        rank = is_same_place ? rank + 1 : 0;
        asset_draw d = {.view = view,
                        .scene = scene,
                        .asset = asset,
                        .x = (float)((double)asset->x_m - view->mesh->origin_x_m),
                        .y = (float)((double)asset->y_m - view->mesh->origin_y_m),
                        .row = i,
                        .rank = rank,
                        .id = (uint32_t)JW_PICK_ASSET << ID_KIND_SHIFT | (i & ID_INDEX_MASK),
                        .is_selected = is_selected(scene, JW_PICK_ASSET, asset->name),
                        .error = error};
        float dx = d.x - view->eye[0], dy = d.y - view->eye[1], dz = asset->z_m - view->eye[2];
        d.away_m = sqrtf(dx * dx + dy * dy + dz * dz);
        if (!jw_view_is_visible(view, d.x, d.y, asset->z_m, 60.0f + d.away_m * 0.04f))
            continue;
        add_asset(&d);
        if (d.result != JW_OK)
            return d.result;
    }
    jw_result result = JW_OK;
    bool has_fibre =
        !scene->hides_fibre && (scene->overlay == JW_OVERLAY_NONE || scene->overlay == JW_OVERLAY_LINK_LOAD);
    float widest_bps = 0, narrowest_bps = 0;
    for (uint32_t i = 0; i < frame->link_count; i++) {
        float capacity_bps = frame->links[i].capacity_bps;
        if (is_national(&frame->links[i]))
            continue;
        narrowest_bps = widest_bps <= 0 || capacity_bps < narrowest_bps ? capacity_bps : narrowest_bps;
        widest_bps = capacity_bps > widest_bps ? capacity_bps : widest_bps;
    }
    if (narrowest_bps >= 0.5f * widest_bps)
        widest_bps = 0; /* all alike: no backbone */
    for (uint32_t i = 0; i < frame->link_count && result == JW_OK && has_fibre; i++)
        result = add_link(view, scene, &frame->links[i], i, widest_bps, error);
    return result;
}

void jw_view_assets_draw(jw_view *view, const jw_view_scene *scene, bool is_pick)
{
    (void)scene;
    jw_view_props_draw(view, PROP_CUBE, is_pick);
    jw_view_props_draw(view, PROP_MARK, is_pick);
    jw_view_props_draw(view, PROP_MAST, is_pick);
    jw_view_props_draw(view, PROP_STOP, is_pick);
    if (!is_pick) {
        glDisable(GL_CULL_FACE);
        jw_view_props_draw(view, PROP_RING, false);
        glEnable(GL_CULL_FACE);
    }
}

void jw_view_assets_draw_flows(jw_view *view, const jw_view_scene *scene, bool is_pick)
{
    (void)scene;
    if (view->arcs.count == 0)
        return;
    GLsizei segments = (GLsizei)view->limits.arc_segments;
    GLint viewport[4];
    glGetIntegerv(GL_VIEWPORT, viewport);
    glUseProgram(view->programs[PROGRAM_ARC]);
    glUniform4f(view->frame_uniform, (float)viewport[2], (float)viewport[3], (float)segments,
                is_pick ? 1.0f : 0.0f);
    glDisable(GL_CULL_FACE);
    if (!is_pick)
        glEnable(GL_BLEND);
    glDepthMask(is_pick ? GL_TRUE : GL_FALSE);
    glBindVertexArray(view->arcs.vertex_array);
    glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 2 * (segments + 1), (GLsizei)view->arcs.count);
    view->counters.draw_calls++;
    view->counters.triangles += 2 * (uint32_t)segments * view->arcs.count;
    if (!is_pick && view->packets.count > 0) {
        /* By night light adds up; by day it would vanish against white card. */
        glBlendFunc(GL_SRC_ALPHA, view->night > 0.5f ? GL_ONE : GL_ONE_MINUS_SRC_ALPHA);
        glUseProgram(view->programs[PROGRAM_PACKET]);
        glBindVertexArray(view->packets.vertex_array);
        glEnable(GL_PROGRAM_POINT_SIZE);
        glDrawArrays(GL_POINTS, 0, (GLsizei)view->packets.count);
        glDisable(GL_PROGRAM_POINT_SIZE);
        glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
        view->counters.draw_calls++;
    }
    glBindVertexArray(0);
    glDepthMask(GL_TRUE);
    glDisable(GL_BLEND);
    glEnable(GL_CULL_FACE);
}
