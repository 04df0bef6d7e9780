/* Drawing into rasters over the city, of light and of its extent: insides of rings, bands along lines, blur.
 */
#include "view/view_mesh.h"

#include <string.h>

enum { MAX_CROSSINGS = 256 };

void jw_raster_fill(mesh_light *light, const jw_ring *rings, uint32_t ring_count, jw_raster_run fill,
                    uint32_t value)
{
    double low = 1e300, high = -1e300;
    for (uint32_t i = 0; i < rings[0].count; i++) {
        low = jw_min(low, rings[0].points[i].y);
        high = jw_max(high, rings[0].points[i].y);
    }
    double first = jw_max(0, jw_ceil(jw_raster_row(light, low) - 0.5));
    double last = jw_min(light->rows - 1.0, jw_floor(jw_raster_row(light, high) - 0.5));
    for (double row = first; row <= last; row++) {
        double crossings[MAX_CROSSINGS], y = light->min_y_m + (row + 0.5) * light->cell_m;
        int count = 0;
        for (uint32_t r = 0; r < ring_count; r++)
            for (uint32_t i = 0, n = rings[r].count; i < n; i++) {
                const jw_vec3 *a = &rings[r].points[i], *b = &rings[r].points[(i + 1) % n];
                if ((a->y <= y) == (b->y <= y) || count == MAX_CROSSINGS)
                    continue;
                double x = jw_raster_column(light, a->x + (b->x - a->x) * (y - a->y) / (b->y - a->y));
                int k = count++;
                for (; k > 0 && crossings[k - 1] > x; k--)
                    crossings[k] = crossings[k - 1];
                crossings[k] = x;
            }
        for (int k = 0; k + 1 < count; k += 2) {
            double from = jw_max(0, jw_ceil(crossings[k] - 0.5));
            double to = jw_min(light->columns, jw_ceil(crossings[k + 1] - 0.5));
            if (from < to)
                fill(light, (uint32_t)row, (uint32_t)from, (uint32_t)to, value);
        }
    }
}

void jw_raster_mark(mesh_light *light, uint32_t row, uint32_t from, uint32_t to, uint32_t value)
{
    uint8_t *cover = light->cover + (size_t)row * light->columns;
    for (uint32_t i = from; i < to; i++)
        cover[i] |= (uint8_t)value;
}

void jw_raster_mark_band(mesh_light *light, const jw_vec3 *points, uint32_t count, double half_m,
                         uint32_t value)
{
    half_m = jw_max(half_m, 0.75 * light->cell_m);
    for (uint32_t i = 0; i + 1 < count; i++) {
        jw_vec2 along = jw_vec2_unit((jw_vec2){points[i + 1].x - points[i].x, points[i + 1].y - points[i].y});
        jw_vec2 side = {-along.y * half_m, along.x * half_m};
        jw_vec3 quad[4] = {{points[i].x + side.x, points[i].y + side.y, 0},
                           {points[i].x - side.x, points[i].y - side.y, 0},
                           {points[i + 1].x - side.x, points[i + 1].y - side.y, 0},
                           {points[i + 1].x + side.x, points[i + 1].y + side.y, 0}};
        jw_raster_fill(light, &(jw_ring){quad, 4}, 1, jw_raster_mark, value);
    }
}

uint32_t jw_raster_rings(const jw_city *city, uint32_t first_ring, uint32_t ring_count, jw_ring *out,
                         uint32_t max)
{
    uint32_t count = ring_count < max ? ring_count : max;
    for (uint32_t r = 0; r < count; r++) {
        const jw_ring_range *range = &city->rings[first_ring + r];
        out[r] = (jw_ring){city->points + range->first_point, range->point_count};
    }
    return count;
}

/* line: a row of scratch. */
static void blur_line(uint8_t *items, size_t stride, uint32_t count, uint32_t radius, uint8_t *line)
{
    uint32_t sum = 0, width = 2 * radius + 1;
    for (uint32_t i = 0; i < count; i++)
        line[i] = items[i * stride];
    for (uint32_t i = 0; i < radius && i < count; i++)
        sum += line[i];
    for (uint32_t i = 0; i < count; i++) {
        if (i + radius < count)
            sum += line[i + radius];
        if (i > radius)
            sum -= line[i - radius - 1];
        items[i * stride] = (uint8_t)(sum / width);
    }
}

/* Columns 16 at a time, so that memory is read in lines. */
static void blur_columns(uint8_t *items, uint32_t columns, uint32_t rows, uint32_t radius, uint8_t *scratch)
{
    enum { WIDE = 64 };
    uint32_t sums[WIDE];
    uint32_t width = 2 * radius + 1;
    for (uint32_t first = 0; first < columns; first += WIDE) {
        uint32_t n = columns - first < WIDE ? columns - first : WIDE;
        memset(sums, 0, sizeof sums);
        for (uint32_t row = 0; row < rows; row++)
            memcpy(scratch + (size_t)row * WIDE, items + (size_t)row * columns + first, n);
        for (uint32_t row = 0; row < radius && row < rows; row++)
            for (uint32_t i = 0; i < n; i++)
                sums[i] += scratch[(size_t)row * WIDE + i];
        for (uint32_t row = 0; row < rows; row++) {
            const uint8_t *in = row + radius < rows ? scratch + (size_t)(row + radius) * WIDE : NULL;
            const uint8_t *gone = row > radius ? scratch + (size_t)(row - radius - 1) * WIDE : NULL;
            uint8_t *to = items + (size_t)row * columns + first;
            for (uint32_t i = 0; i < n; i++) {
                sums[i] += in ? in[i] : 0;
                sums[i] -= gone ? gone[i] : 0;
                to[i] = (uint8_t)(sums[i] / width);
            }
        }
    }
}

jw_result jw_raster_blur(uint8_t *items, uint32_t columns, uint32_t rows, uint32_t radius, jw_error *error)
{
    uint8_t *scratch = jw_alloc((size_t)(columns > rows ? columns : rows) * 64);
    if (!scratch)
        return jw_fail_memory(error);
    for (uint32_t row = 0; row < rows; row++)
        blur_line(items + (size_t)row * columns, 1, columns, radius, scratch);
    blur_columns(items, columns, rows, radius, scratch);
    jw_free(scratch);
    return JW_OK;
}
