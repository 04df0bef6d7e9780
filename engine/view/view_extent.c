/* Where the city's ground ends: mapped land and what lies along roads, without gaps and with a soft edge. */
#include "view/view_mesh.h"

/* Its edge is repeated for ever by who reads it: the city ends there at the latest. */
static void clear_rim(mesh_extent *extent)
{
    for (uint32_t row = 0; row < extent->rows; row++)
        for (uint32_t column = 0; column < extent->columns; column++)
            if (row < 2 || column < 2 || row + 2 >= extent->rows || column + 2 >= extent->columns)
                extent->share[(size_t)row * extent->columns + column] = 0;
}

#define GAP_M 120.0 /* half the width of unmapped spots that are the city's all the same */

/* Grown by some cells and shrunk again, so that gaps close; then a soft edge. */
static jw_result close_gaps(mesh_extent *extent, jw_error *error)
{
    size_t cells = (size_t)extent->columns * extent->rows;
    /* More would be lost in the blur's whole numbers. */
    uint32_t radius = (uint32_t)jw_clamp(jw_round(GAP_M / extent->cell_m), 1, 7);
    jw_result result = JW_OK;
    for (int pass = 0; pass < 2 && result == JW_OK; pass++) {
        for (size_t i = 0; i < cells; i++)
            extent->share[i] = (extent->share[i] != 0) == (pass == 0) ? 255 : 0;
        result = jw_raster_blur(extent->share, extent->columns, extent->rows, radius, error);
    }
    for (size_t i = 0; i < cells; i++)
        extent->share[i] = extent->share[i] ? 0 : 255;
    clear_rim(extent);
    return result == JW_OK ? jw_raster_blur(extent->share, extent->columns, extent->rows, 1, error) : result;
}

#define ROADSIDE_M 50.0 /* belongs to the city also where no land is mapped */

/* The streets' box and what land reaches beyond it, but no farther than a third of its own size: a forest
 * that a map has by one corner does not make it larger. */
static jw_box land_box(const jw_city *city)
{
    jw_box box = city->bounds;
    double beyond_m = jw_max(box.max_x - box.min_x, box.max_y - box.min_y) / 3;
    for (uint32_t i = 0; i < city->area_count; i++)
        for (uint32_t r = 0; city->areas[i].kind != JW_AREA_WATER && r < city->areas[i].ring_count; r++) {
            const jw_ring_range *range = &city->rings[city->areas[i].first_ring + r];
            for (uint32_t k = 0; k < range->point_count; k++) {
                const jw_vec3 *p = &city->points[range->first_point + k];
                box = jw_box_extend(
                    box, jw_clamp(p->x, city->bounds.min_x - beyond_m, city->bounds.max_x + beyond_m),
                    jw_clamp(p->y, city->bounds.min_y - beyond_m, city->bounds.max_y + beyond_m));
            }
        }
    return box;
}

jw_result jw_extent_create(mesh_extent *extent, const jw_city *city, jw_error *error)
{
    enum { SIDE_CELLS = 256, MAX_RINGS = 64, COVER_CITY = 1 };
    jw_box box = land_box(city);
    double width_m = box.max_x - box.min_x, height_m = box.max_y - box.min_y, beyond_m = 3 * ROADSIDE_M;
    extent->cell_m = jw_max(jw_max(width_m, height_m) / SIDE_CELLS, 5);
    extent->min_x_m = box.min_x - beyond_m;
    extent->min_y_m = box.min_y - beyond_m;
    extent->columns = (uint32_t)jw_ceil((width_m + 2 * beyond_m) / extent->cell_m);
    extent->rows = (uint32_t)jw_ceil((height_m + 2 * beyond_m) / extent->cell_m);
    size_t cells = (size_t)extent->columns * extent->rows;
    extent->share = jw_alloc(cells);
    if (!extent->share)
        return jw_fail_memory(error);
    mesh_light lattice = {.min_x_m = extent->min_x_m,
                          .min_y_m = extent->min_y_m,
                          .cell_m = extent->cell_m,
                          .columns = extent->columns,
                          .rows = extent->rows,
                          .cover = extent->share};
    jw_ring rings[MAX_RINGS];
    for (uint32_t i = 0; i < city->area_count; i++)
        if (city->areas[i].kind != JW_AREA_WATER && city->areas[i].ring_count > 0)
            jw_raster_fill(
                &lattice, rings,
                jw_raster_rings(city, city->areas[i].first_ring, city->areas[i].ring_count, rings, MAX_RINGS),
                jw_raster_mark, COVER_CITY);
    for (uint32_t i = 0; i < city->edge_count; i++)
        if (!city->edges[i].is_tunnel)
            jw_raster_mark_band(&lattice, city->points + city->edges[i].first_point,
                                city->edges[i].point_count, ROADSIDE_M, COVER_CITY);
    for (uint32_t i = 0; i < city->building_count; i++) {
        const jw_building *building = &city->buildings[i];
        jw_vec3 ends[2] = {{building->x_m - ROADSIDE_M, building->y_m, 0},
                           {building->x_m + ROADSIDE_M, building->y_m, 0}};
        jw_raster_mark_band(&lattice, ends, 2, ROADSIDE_M, COVER_CITY);
    }
    return close_gaps(extent, error);
}
