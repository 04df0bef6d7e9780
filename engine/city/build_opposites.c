/* In a network each direction of a road may be drawn on its own. The two belong together where the file says
 * so; where it says nothing, those that run side by side between the same junctions do. */
#include "city/build.h"

#define BESIDE_M 1.5 /* error of the distance between the middles of two directions drawn by hand */

static bool is_one_direction(const jw_build_piece *piece)
{
    return !piece->is_internal && piece->side[0].lanes > 0 && piece->side[1].lanes == 0;
}

static bool may_pair(const jw_build *build, uint32_t p, uint32_t q)
{
    const jw_build_piece *a = &build->pieces[p], *b = &build->pieces[q];
    return p != q && a->opposite == JW_NONE && b->opposite == JW_NONE && is_one_direction(a) &&
           is_one_direction(b) && a->junction[0] == b->junction[1] && a->junction[1] == b->junction[0];
}

static void pair(jw_build *build, uint32_t p, uint32_t q)
{
    build->pieces[p].opposite = q;
    build->pieces[q].opposite = p;
}

static const jw_draft_road *road_of(const jw_build *build, uint32_t p)
{
    return &build->draft->roads[build->pieces[p].road[0]];
}

static jw_result pair_by_name(jw_build *build, jw_error *error)
{
    jw_map pieces = {0};
    jw_result result = JW_OK;
    for (uint32_t p = 0; p < build->piece_count && result == JW_OK; p++)
        if (road_of(build, p)->source_id != 0 && !jw_map_set(&pieces, road_of(build, p)->source_id, p))
            result = jw_fail_memory(error);
    for (uint32_t p = 0; p < build->piece_count && result == JW_OK; p++) {
        uint64_t named = road_of(build, p)->opposite_id;
        uint32_t q = named != 0 && named != JW_ROAD_ALONE ? jw_map_get(&pieces, named) : JW_NONE;
        if (q != JW_NONE && road_of(build, q)->opposite_id == road_of(build, p)->source_id &&
            may_pair(build, p, q))
            pair(build, p, q);
    }
    jw_map_free(&pieces);
    return result;
}

static bool lies_beside(const jw_build *build, uint32_t p, uint32_t q)
{
    const jw_build_piece *a = &build->pieces[p], *b = &build->pieces[q];
    jw_vec3 middle = jw_polyline_at(build->line + a->first_point, a->point_count, a->length_m / 2, NULL);
    double apart_m =
        jw_polyline_project(build->line + b->first_point, b->point_count, middle.x, middle.y, NULL);
    double expected_m = (jw_build_side_width_m(a, 0) + jw_build_side_width_m(b, 0)) / 2;
    return a->road_class == b->road_class && jw_abs(apart_m - expected_m) < BESIDE_M;
}

static void pair_by_place(jw_build *build)
{
    for (uint32_t p = 0; p < build->piece_count; p++) {
        const jw_build_piece *piece = &build->pieces[p];
        if (!is_one_direction(piece) || road_of(build, p)->opposite_id == JW_ROAD_ALONE)
            continue;
        uint32_t j = piece->junction[1];
        for (uint32_t i = build->junction_first_end[j]; i < build->junction_first_end[j + 1]; i++) {
            uint32_t q = build->junction_ends[i] / 2;
            if (may_pair(build, p, q) && road_of(build, q)->opposite_id != JW_ROAD_ALONE &&
                lies_beside(build, p, q)) {
                pair(build, p, q);
                break;
            }
        }
    }
}

jw_result jw_build_opposites(jw_build *build, jw_error *error)
{
    jw_result result = pair_by_name(build, error);
    if (result == JW_OK)
        pair_by_place(build);
    return result;
}
