/* Light on the ground and at the foot of walls, baked into a raster: sun shadows by a sweep of the height
 * field from the sun's side (each cell takes the highest shadow of the cells before it, lowered by the sun's
 * slope), the share of sky by blurring what stands around, lamp light by blurring the streets. One pass each,
 * however many buildings there are, and soft edges for nothing; ray casting per vertex would need dense
 * ground meshes. */
#include "view/view_mesh.h"

#include <string.h>

#define MIN_CELL_M    1.0
#define MARGIN_M      60.0
#define MAX_ROOF_M    800.0
#define LOWEST_DECK_M 2.5 /* lower ones are ramps that stand on the ground */

static void raise_roof(mesh_light *light, uint32_t row, uint32_t from, uint32_t to, uint32_t value)
{
    size_t base = (size_t)row * light->columns;
    for (uint32_t i = from; i < to; i++) {
        light->cover[base + i] |= COVER_BUILDING;
        if (light->roof_dm[base + i] < value)
            light->roof_dm[base + i] = (uint16_t)value;
    }
}

static void draw_city(mesh_light *light, const jw_city *city)
{
    enum { MAX_RINGS = 64 };
    jw_ring rings[MAX_RINGS];
    for (uint32_t i = 0; i < city->area_count; i++)
        if (city->areas[i].kind == JW_AREA_WATER && city->areas[i].ring_count > 0)
            jw_raster_fill(
                light, rings,
                jw_raster_rings(city, city->areas[i].first_ring, city->areas[i].ring_count, rings, MAX_RINGS),
                jw_raster_mark, COVER_WATER);
    for (uint32_t i = 0; i < city->building_count; i++) {
        const jw_building *building = &city->buildings[i];
        if (building->ring_count == 0 || building->base_m > 6) /* bridges between towers shade little */
            continue;
        uint32_t count = jw_raster_rings(city, building->first_ring, building->ring_count, rings, MAX_RINGS);
        double top_m = jw_clamp((double)building->height_m, 1, MAX_ROOF_M);
        jw_raster_fill(light, rings, count, raise_roof, (uint32_t)(top_m * 10));
    }
    for (uint32_t i = 0; i < city->edge_count; i++) {
        const jw_edge *edge = &city->edges[i];
        double width_m = 0;
        for (uint32_t k = 0; k < edge->lane_count; k++)
            width_m += city->lanes[edge->first_lane + k].width_m;
        if (!edge->is_tunnel)
            jw_raster_mark_band(light, city->points + edge->first_point, edge->point_count, width_m / 2,
                                COVER_ROAD);
    }
    for (uint32_t i = 0; i < city->junction_count; i++) {
        const jw_junction *junction = &city->junctions[i];
        if (junction->point_count >= 3 && junction->z_m > -1)
            jw_raster_fill(light, &(jw_ring){city->points + junction->first_point, junction->point_count}, 1,
                           jw_raster_mark, COVER_ROAD);
    }
    for (uint32_t i = 0; i < city->line_count; i++)
        if (city->lines[i].kind == JW_LINE_RAIL && city->lines[i].layer >= 0)
            jw_raster_mark_band(light, city->points + city->lines[i].first_point, city->lines[i].point_count,
                                2.5, COVER_RAIL);
}

/* Cells of a raster and of all halved levels below it. */
static size_t count_levels(uint32_t columns, uint32_t rows, uint32_t *out_levels)
{
    size_t cells = (size_t)columns * rows;
    for (*out_levels = 1; columns > 1 || rows > 1; ++*out_levels) {
        columns = columns > 1 ? columns / 2 : 1;
        rows = rows > 1 ? rows / 2 : 1;
        cells += (size_t)columns * rows;
    }
    return cells;
}

jw_result jw_light_create(mesh_light *light, const jw_city *city, uint32_t size_px, jw_error *error)
{
    jw_box box = city->bounds;
    light->min_x_m = box.min_x - MARGIN_M;
    light->min_y_m = box.min_y - MARGIN_M;
    double width_m = box.max_x - box.min_x + 2 * MARGIN_M, height_m = box.max_y - box.min_y + 2 * MARGIN_M;
    light->cell_m = jw_max(MIN_CELL_M, jw_max(width_m, height_m) / size_px);
    /* Multiples of the lamp raster's step, and of 4 bytes a row for GL. */
    light->columns = ((uint32_t)jw_ceil(width_m / light->cell_m) + 7) / 8 * 8;
    light->rows = ((uint32_t)jw_ceil(height_m / light->cell_m) + 7) / 8 * 8;
    light->glow_columns = light->columns / GLOW_STEP;
    light->glow_rows = light->rows / GLOW_STEP;
    size_t cells = (size_t)light->columns * light->rows;
    light->roof_dm = jw_alloc(cells * sizeof *light->roof_dm);
    light->shadow_dm = jw_alloc(cells * sizeof *light->shadow_dm);
    light->cover = jw_alloc(cells);
    light->sky = jw_alloc(cells);
    light->ground = jw_alloc(2 * count_levels(light->columns, light->rows, &light->level_count));
    light->glow = jw_alloc(count_levels(light->glow_columns, light->glow_rows, &light->glow_level_count));
    if (!light->roof_dm || !light->shadow_dm || !light->cover || !light->sky || !light->ground ||
        !light->glow)
        return jw_fail_memory(error);
    draw_city(light, city);
    return JW_OK;
}

/* The sweep's way: rows and columns that lie towards the sun come first. */
typedef struct sweep {
    bool is_from_north, is_from_east;
    bool is_along_rows; /* the sun is more east or west than south or north */
    uint32_t share;     /* of 256: of the steps go aslant */
    uint32_t drop;      /* of a shadow's height from cell to cell, 1/16 dm */
} sweep;

static sweep sweep_of(const mesh_light *light, const double sun[3])
{
    double east = jw_abs(sun[0]), north = jw_abs(sun[1]), high = jw_max(east, north);
    double flat = jw_sqrt(east * east + north * north);
    double shift = high > 0 ? jw_min(east, north) / high : 0;
    double step_m = light->cell_m * jw_sqrt(1 + shift * shift);
    double slope = flat > 1e-6 ? sun[2] / flat : 1e6;
    return (sweep){sun[1] > 0, sun[0] > 0, east > north, (uint32_t)(shift * 256),
                   (uint32_t)jw_min(step_m * 160 * slope + 0.5, 1 << 20)};
}

static inline uint32_t lowered(uint32_t height, uint32_t drop)
{
    return height > drop ? height - drop : 0;
}

/* Whether the nth step goes aslant. All cells of a row (or column) step alike, so that shadows keep their
 * corners; a mean of both neighbours would round them off. */
static inline bool is_aslant(const sweep *s, uint32_t n)
{
    return (n + 1) * s->share >> 8 != n * s->share >> 8;
}

/* One row of the sweep. before: heights (1/16 dm) of what stands and of shadows on the row nearer to the sun;
 * here: the same of this row, made now. */
static void sweep_row(const mesh_light *light, const sweep *s, uint32_t row, const uint32_t *before,
                      uint32_t *here)
{
    uint32_t columns = light->columns;
    const uint16_t *roof = light->roof_dm + (size_t)row * columns;
    uint16_t *shadow = light->shadow_dm + (size_t)row * columns;
    bool goes_aslant = is_aslant(s, row);
    for (uint32_t k = 0; k < columns; k++) {
        uint32_t i = s->is_from_east ? columns - 1 - k : k;
        uint32_t beside = s->is_from_east ? i + 1 : i - 1; /* beyond the edge: wraps, and is not read */
        if (s->is_along_rows)
            goes_aslant = is_aslant(s, i);
        const uint32_t *from = s->is_along_rows && !goes_aslant ? here : before;
        uint32_t at = s->is_along_rows || goes_aslant ? beside : i;
        uint32_t top = lowered(at < columns ? from[at] : 0, s->drop);
        uint32_t own = (uint32_t)roof[i] << 4;
        shadow[i] = (uint16_t)(top >> 4);
        here[i] = top > own ? top : own;
    }
}

static jw_result cast_shadows(mesh_light *light, const double sun[3], jw_error *error)
{
    sweep s = sweep_of(light, sun);
    uint32_t *lines = jw_alloc(2 * (size_t)light->columns * sizeof *lines); /* zero: no shadow from outside */
    if (!lines)
        return jw_fail_memory(error);
    for (uint32_t k = 0; k < light->rows; k++) {
        uint32_t row = s.is_from_north ? light->rows - 1 - k : k;
        uint32_t *here = lines + (k & 1) * (size_t)light->columns;
        sweep_row(light, &s, row, lines + (1 - (k & 1)) * (size_t)light->columns, here);
    }
    jw_free(lines);
    return JW_OK;
}

static uint32_t cells_of(const mesh_light *light, double metres)
{
    return (uint32_t)jw_max(1, jw_round(metres / light->cell_m));
}

/* The sky a spot on the ground sees: little in narrow courts and at the foot of towers. Two blurs of the
 * roofs: a near one for contact, a far one for the canyon. */
static jw_result bake_open_sky(mesh_light *light, uint8_t *work, jw_error *error)
{
    size_t cells = (size_t)light->columns * light->rows;
    const double radius_m[2] = {2.5, 11};
    const uint32_t strength[2] = {90, 120}; /* of 256 */
    memset(light->sky, 255, cells);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < cells; i++)
            work[i] = (uint8_t)(light->roof_dm[i] > 255 ? 255 : light->roof_dm[i]);
        jw_result result =
            jw_raster_blur(work, light->columns, light->rows, cells_of(light, radius_m[pass]), error);
        if (result != JW_OK)
            return result;
        for (size_t i = 0; i < cells; i++) {
            uint32_t keep = 256 - ((work[i] * strength[pass]) >> 8);
            light->sky[i] = (uint8_t)((light->sky[i] * keep) >> 8);
        }
    }
    return JW_OK;
}

/* Water lies a little deeper than its banks, as if cut out of the card: it is darker along the shore. */
static jw_result bake_shores(mesh_light *light, uint8_t *work, jw_error *error)
{
    size_t cells = (size_t)light->columns * light->rows;
    for (size_t i = 0; i < cells; i++)
        work[i] = (light->cover[i] & COVER_WATER) ? 0 : 255;
    jw_result result = jw_raster_blur(work, light->columns, light->rows, cells_of(light, 5), error);
    for (size_t i = 0; i < cells && result == JW_OK; i++)
        if (light->cover[i] & COVER_WATER)
            light->sky[i] = (uint8_t)(light->sky[i] * (512u - work[i]) >> 9);
    return result;
}

/* A level of `parts` bytes a cell, half as wide and high. */
static void halve(const uint8_t *from, uint32_t from_columns, uint32_t from_rows, uint8_t *to,
                  uint32_t columns, uint32_t rows, size_t parts)
{
    for (uint32_t row = 0; row < rows; row++) {
        uint32_t upper = 2 * row + 1 < from_rows ? 2 * row + 1 : from_rows - 1;
        const uint8_t *a = from + 2 * parts * (size_t)row * from_columns;
        const uint8_t *b = from + parts * (size_t)upper * from_columns;
        for (uint32_t i = 0; i < columns; i++) {
            size_t left = 2 * parts * (size_t)i, right = 2 * i + 1 < from_columns ? left + parts : left;
            for (size_t k = 0; k < parts; k++)
                to[parts * ((size_t)row * columns + i) + k] =
                    (uint8_t)((a[left + k] + a[right + k] + b[left + k] + b[right + k] + 2) / 4);
        }
    }
}

static jw_result bake_glow(mesh_light *light, jw_error *error)
{
    for (uint32_t row = 0; row < light->glow_rows; row++)
        for (uint32_t column = 0; column < light->glow_columns; column++) {
            uint32_t lit = 0;
            for (uint32_t k = 0; k < GLOW_STEP * GLOW_STEP; k++) {
                size_t cell = (size_t)(row * GLOW_STEP + k / GLOW_STEP) * light->columns +
                              column * GLOW_STEP + k % GLOW_STEP;
                lit += (light->cover[cell] & COVER_ROAD) != 0;
            }
            light->glow[(size_t)row * light->glow_columns + column] =
                (uint8_t)(lit * 255 / (GLOW_STEP * GLOW_STEP));
        }
    uint32_t radius = (uint32_t)jw_max(1, jw_round(9 / (light->cell_m * GLOW_STEP)));
    jw_result result = jw_raster_blur(light->glow, light->glow_columns, light->glow_rows, radius, error);
    if (result == JW_OK)
        result = jw_raster_blur(light->glow, light->glow_columns, light->glow_rows, radius, error);
    uint8_t *from = light->glow;
    uint32_t columns = light->glow_columns, rows = light->glow_rows;
    for (uint32_t level = 1; level < light->glow_level_count; level++) {
        uint8_t *to = from + (size_t)columns * rows;
        uint32_t half_columns = columns > 1 ? columns / 2 : 1, half_rows = rows > 1 ? rows / 2 : 1;
        halve(from, columns, rows, to, half_columns, half_rows, 1);
        from = to;
        columns = half_columns;
        rows = half_rows;
    }
    return result;
}

jw_result jw_light_bake_sky(mesh_light *light, jw_error *error)
{
    uint8_t *work = jw_alloc((size_t)light->columns * light->rows);
    if (!work)
        return jw_fail_memory(error);
    jw_result result = bake_open_sky(light, work, error);
    if (result == JW_OK)
        result = bake_shores(light, work, error);
    jw_free(work);
    return result == JW_OK ? bake_glow(light, error) : result;
}

/* Takes from a raster of bytes, most in the middle of a spot. */
static void darken(const mesh_light *light, uint8_t *cells, double x_m, double y_m, double radius_m,
                   double strength)
{
    double r = jw_max(radius_m / light->cell_m, 0.6);
    double cx = jw_raster_column(light, x_m), cy = jw_raster_row(light, y_m);
    for (double row = jw_max(0, jw_floor(cy - r)); row <= jw_min(light->rows - 1.0, cy + r); row++)
        for (double column = jw_max(0, jw_floor(cx - r)); column <= jw_min(light->columns - 1.0, cx + r);
             column++) {
            double dx = column + 0.5 - cx, dy = row + 0.5 - cy;
            double share = 1 - (dx * dx + dy * dy) / (r * r);
            uint8_t *cell = cells + (size_t)row * light->columns + (size_t)column;
            if (share > 0)
                *cell = (uint8_t)(*cell * (1 - strength * share));
        }
}

void jw_light_darken_sky(mesh_light *light, double x_m, double y_m, double radius_m)
{
    darken(light, light->sky, x_m, y_m, radius_m, 0.30);
}

/* A crown's middle is over half its tree's height; its shadow lies on the side away from the sun. */
static void shade_by_trees(const jw_view_mesh *mesh, const double sun[3], uint8_t *sunlight)
{
    double flat = jw_sqrt(sun[0] * sun[0] + sun[1] * sun[1]);
    double away = 0.55 * jw_min(1 / jw_max(sun[2], 0.05), 3 / jw_max(flat, 0.05));
    for (uint32_t i = 0; i < mesh->tree_count; i++) {
        const mesh_tree *tree = &mesh->trees[i];
        double size_m = (double)tree->size_m, x_m = (double)tree->x + mesh->origin_x_m,
               y_m = (double)tree->y + mesh->origin_y_m;
        darken(&mesh->light, sunlight, x_m - sun[0] * size_m * away, y_m - sun[1] * size_m * away,
               size_m * 0.36, 0.55);
    }
}

/* Level 1's cells that are mostly roof. */
static void lighten_roofs(mesh_light *light, uint8_t *level)
{
    uint32_t columns = light->columns / 2, rows = light->rows / 2;
    for (uint32_t row = 0; row < rows; row++)
        for (uint32_t i = 0; i < columns; i++) {
            const uint8_t *cover = light->cover + 2 * (size_t)row * light->columns + 2 * i;
            uint32_t roofs = (cover[0] & COVER_BUILDING) + (cover[1] & COVER_BUILDING) +
                             (cover[light->columns] & COVER_BUILDING) +
                             (cover[light->columns + 1] & COVER_BUILDING);
            if (roofs >= 2 * COVER_BUILDING)
                memset(level + 2 * ((size_t)row * columns + i), 255, 2);
        }
}

static void build_levels(mesh_light *light)
{
    uint8_t *from = light->ground;
    uint32_t columns = light->columns, rows = light->rows;
    for (uint32_t level = 1; level < light->level_count; level++) {
        uint8_t *to = from + 2 * (size_t)columns * rows;
        uint32_t half_columns = columns > 1 ? columns / 2 : 1, half_rows = rows > 1 ? rows / 2 : 1;
        halve(from, columns, rows, to, half_columns, half_rows, 2);
        if (level == 2) { /* again from a level 1 with roofs, which itself is then made anew */
            lighten_roofs(light, from);
            halve(from, columns, rows, to, half_columns, half_rows, 2);
            halve(light->ground, light->columns, light->rows, from, columns, rows, 2);
        }
        from = to;
        columns = half_columns;
        rows = half_rows;
    }
}

/* Calls for every piece of a raised carriageway: its line moved by `shift` a metre of its height. */
static void mark_decks(mesh_light *light, const jw_city *city, const double shift[2], uint32_t value)
{
    for (uint32_t i = 0; i < city->edge_count; i++) {
        const jw_edge *edge = &city->edges[i];
        const jw_vec3 *points = city->points + edge->first_point;
        double half_m = 0;
        for (uint32_t k = 0; k < edge->lane_count; k++)
            half_m += city->lanes[edge->first_lane + k].width_m / 2;
        for (uint32_t k = 0; k + 1 < edge->point_count; k++) {
            if (points[k].z < LOWEST_DECK_M && points[k + 1].z < LOWEST_DECK_M)
                continue;
            jw_vec3 ends[2] = {points[k], points[k + 1]};
            for (int e = 0; e < 2; e++) {
                ends[e].x += shift[0] * jw_max(ends[e].z, 0);
                ends[e].y += shift[1] * jw_max(ends[e].z, 0);
            }
            jw_raster_mark_band(light, ends, 2, half_m + 0.3 * light->cell_m,
                                value); /* no seam between directions */
        }
    }
}

/* What hides the sun on the ground: shadows, and what stands there itself. */
static void shade_ground(const mesh_light *light, uint8_t *sunlight)
{
    enum { DARK_DM = 16 }; /* a shadow that reaches so high is full on the ground */
    size_t cells = (size_t)light->columns * light->rows;
    for (size_t i = 0; i < cells; i++) {
        uint32_t top = light->shadow_dm[i] > light->roof_dm[i] ? light->shadow_dm[i] : light->roof_dm[i];
        if (light->cover[i] & COVER_DECK)
            top = DARK_DM;
        sunlight[i] = (uint8_t)((top > DARK_DM ? DARK_DM : top) * 255 / DARK_DM);
    }
}

jw_result jw_light_bake_sun(jw_view_mesh *mesh, const double sun[3], jw_error *error)
{
    mesh_light *light = &mesh->light;
    size_t cells = (size_t)light->columns * light->rows;
    uint8_t *work = jw_alloc(cells);
    jw_result result = work ? cast_shadows(light, sun, error) : jw_fail_memory(error);
    if (result == JW_OK) {
        double far = jw_max(sun[2], 0.1); /* a low sun's shadows end somewhere */
        for (size_t i = 0; i < cells; i++)
            light->cover[i] &= (uint8_t)~COVER_DECK;
        mark_decks(light, mesh->city, (double[2]){-sun[0] / far, -sun[1] / far}, COVER_DECK);
        shade_ground(light, work);
    }
    if (result == JW_OK && light->cell_m < 5)
        result = jw_raster_blur(work, light->columns, light->rows, 1, error);
    if (result == JW_OK) {
        for (size_t i = 0; i < cells; i++) /* shade was blurred: there is none beyond the edge */
            work[i] = (uint8_t)(255 - work[i]);
        shade_by_trees(mesh, sun, work);
        for (size_t i = 0; i < cells; i++) {
            light->ground[2 * i] = work[i];
            light->ground[2 * i + 1] = light->sky[i];
        }
        build_levels(light);
        memcpy(light->sun, sun, sizeof light->sun);
    }
    jw_free(work);
    return result;
}

void jw_light_free(mesh_light *light)
{
    jw_free(light->roof_dm);
    jw_free(light->cover);
    jw_free(light->sky);
    jw_free(light->shadow_dm);
    jw_free(light->ground);
    jw_free(light->glow);
    *light = (mesh_light){0};
}

static bool find_cell(const mesh_light *light, double x_m, double y_m, size_t *out)
{
    double column = jw_floor(jw_raster_column(light, x_m)), row = jw_floor(jw_raster_row(light, y_m));
    if (!(column >= 0 && row >= 0 && column < light->columns && row < light->rows))
        return false;
    *out = (size_t)row * light->columns + (size_t)column;
    return true;
}

uint8_t jw_light_cover_at(const mesh_light *light, double x_m, double y_m)
{
    size_t cell;
    return find_cell(light, x_m, y_m, &cell) ? light->cover[cell] : 0;
}

double jw_light_shadow_top_m(const mesh_light *light, double x_m, double y_m)
{
    size_t cell;
    return find_cell(light, x_m, y_m, &cell) ? light->shadow_dm[cell] / 10.0 : 0;
}

double jw_light_sky_at(const mesh_light *light, double x_m, double y_m)
{
    size_t cell;
    return find_cell(light, x_m, y_m, &cell) ? light->sky[cell] / 255.0 : 1;
}
