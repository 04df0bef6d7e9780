/* A uniform grid over boxes, cells row by row, the items of a cell in ascending order. */
#include "geo/geo.h"

#include <math.h>

#define CELL_LIMIT (1u << 22)

struct jw_grid {
    jw_box bounds;
    double cell_m;
    uint32_t columns, rows;
    uint32_t *cell_first; /* columns * rows + 1, into items */
    uint32_t *items;
    jw_box *boxes;
};

typedef struct cell_range {
    uint32_t column0, row0, column1, row1; /* inclusive */
} cell_range;

static bool is_empty(jw_box box)
{
    return !(box.min_x <= box.max_x && box.min_y <= box.max_y);
}

static uint32_t cell_along(double offset_m, double cell_m, uint32_t count)
{
    double cell = offset_m / cell_m;
    if (!(cell > 0.0))
        return 0;
    return cell >= (double)count ? count - 1 : (uint32_t)cell;
}

static cell_range cells_of(const jw_grid *grid, jw_box box)
{
    return (cell_range){cell_along(box.min_x - grid->bounds.min_x, grid->cell_m, grid->columns),
                        cell_along(box.min_y - grid->bounds.min_y, grid->cell_m, grid->rows),
                        cell_along(box.max_x - grid->bounds.min_x, grid->cell_m, grid->columns),
                        cell_along(box.max_y - grid->bounds.min_y, grid->cell_m, grid->rows)};
}

/* Sets the cell size to at least cell_m, so that neither the cells nor their entries grow out of proportion
 * to the items (one box as large as the city among thousands of small ones, a stray point far away). */
static uint64_t choose_cells(jw_grid *grid, uint32_t count, double cell_m)
{
    double width_m = grid->bounds.max_x - grid->bounds.min_x;
    double height_m = grid->bounds.max_y - grid->bounds.min_y;
    double widest_m = jw_max(jw_max(width_m, height_m), 1e-3);
    uint64_t cell_limit = 4ull * count + 1024;
    if (cell_limit > CELL_LIMIT)
        cell_limit = CELL_LIMIT;
    cell_m = jw_max(cell_m, widest_m / (double)CELL_LIMIT);
    for (;; cell_m *= 2.0) {
        double columns = jw_floor(width_m / cell_m) + 1.0, rows = jw_floor(height_m / cell_m) + 1.0;
        if (columns * rows > (double)cell_limit)
            continue;
        grid->cell_m = cell_m;
        grid->columns = (uint32_t)columns;
        grid->rows = (uint32_t)rows;
        uint64_t entries = 0;
        for (uint32_t i = 0; i < count; i++) {
            if (is_empty(grid->boxes[i]))
                continue;
            cell_range r = cells_of(grid, grid->boxes[i]);
            entries += (uint64_t)(r.column1 - r.column0 + 1) * (r.row1 - r.row0 + 1);
        }
        if (entries <= 16ull * count || columns * rows <= 1.0)
            return entries;
    }
}

static double default_cell(const jw_grid *grid, uint32_t count)
{
    double sum_m = 0.0;
    uint32_t used = 0;
    for (uint32_t i = 0; i < count; i++) {
        jw_box b = grid->boxes[i];
        if (is_empty(b))
            continue;
        sum_m += jw_max(b.max_x - b.min_x, b.max_y - b.min_y);
        used++;
    }
    double area_m2 = (grid->bounds.max_x - grid->bounds.min_x) * (grid->bounds.max_y - grid->bounds.min_y);
    return used ? jw_max(sum_m / used, jw_sqrt(area_m2 / used)) : 1.0;
}

static void fill_cells(jw_grid *grid, uint32_t count)
{
    uint32_t cell_count = grid->columns * grid->rows;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < count; i++) {
            if (is_empty(grid->boxes[i]))
                continue;
            cell_range r = cells_of(grid, grid->boxes[i]);
            for (uint32_t row = r.row0; row <= r.row1; row++)
                for (uint32_t column = r.column0; column <= r.column1; column++) {
                    uint32_t cell = row * grid->columns + column;
                    if (pass == 0)
                        grid->cell_first[cell + 1]++;
                    else
                        grid->items[grid->cell_first[cell]++] = i;
                }
        }
        if (pass == 0)
            for (uint32_t cell = 0; cell < cell_count; cell++)
                grid->cell_first[cell + 1] += grid->cell_first[cell];
    }
    /* Filling moved every start to its end: move them back. */
    for (uint32_t cell = cell_count; cell > 0; cell--)
        grid->cell_first[cell] = grid->cell_first[cell - 1];
    grid->cell_first[0] = 0;
}

jw_result jw_grid_create(const jw_box *boxes, uint32_t count, double cell_m, jw_grid **out, jw_error *error)
{
    jw_grid *grid = jw_alloc(sizeof *grid);
    if (!grid)
        return jw_fail_memory(error);
    grid->bounds = jw_box_empty();
    grid->boxes = jw_alloc((count ? count : 1) * sizeof *boxes);
    if (!grid->boxes)
        goto no_memory;
    for (uint32_t i = 0; i < count; i++) {
        grid->boxes[i] = boxes[i];
        if (is_empty(boxes[i]))
            continue;
        grid->bounds = jw_box_union(grid->bounds, boxes[i]);
        if (!isfinite(boxes[i].min_x) || !isfinite(boxes[i].min_y) || !isfinite(boxes[i].max_x) ||
            !isfinite(boxes[i].max_y)) {
            jw_grid_destroy(grid);
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "item %u of a spatial grid has an endless box", i);
        }
    }
    if (is_empty(grid->bounds))
        grid->bounds = (jw_box){0.0, 0.0, 0.0, 0.0};
    uint64_t entries = choose_cells(grid, count, cell_m > 0.0 ? cell_m : default_cell(grid, count));
    if (entries > UINT32_MAX) {
        jw_grid_destroy(grid);
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "%u items are too many for a spatial grid", count);
    }
    grid->cell_first = jw_alloc(((size_t)grid->columns * grid->rows + 1) * sizeof *grid->cell_first);
    grid->items = jw_alloc((entries ? entries : 1) * sizeof *grid->items);
    if (!grid->cell_first || !grid->items)
        goto no_memory;
    fill_cells(grid, count);
    *out = grid;
    return JW_OK;
no_memory:
    jw_grid_destroy(grid);
    return jw_fail_memory(error);
}

void jw_grid_destroy(jw_grid *grid)
{
    if (!grid)
        return;
    jw_free(grid->boxes);
    jw_free(grid->items);
    jw_free(grid->cell_first);
    jw_free(grid);
}

void jw_grid_query(const jw_grid *grid, jw_box box, bool (*visit)(void *context, uint32_t item),
                   void *context)
{
    if (is_empty(box) || !jw_box_overlaps(box, grid->bounds))
        return;
    cell_range asked = cells_of(grid, box);
    for (uint32_t row = asked.row0; row <= asked.row1; row++)
        for (uint32_t column = asked.column0; column <= asked.column1; column++) {
            uint32_t cell = row * grid->columns + column;
            for (uint32_t k = grid->cell_first[cell]; k < grid->cell_first[cell + 1]; k++) {
                uint32_t item = grid->items[k];
                const jw_box *own = &grid->boxes[item];
                if (!(own->min_x <= box.max_x && box.min_x <= own->max_x && own->min_y <= box.max_y &&
                      box.min_y <= own->max_y))
                    continue;
                /* An item of several cells is told in the first that it shares with the query, so that no
                 * marks are needed and threads do not meet. */
                bool is_first =
                    (row == asked.row0 ||
                     cell_along(own->min_y - grid->bounds.min_y, grid->cell_m, grid->rows) == row) &&
                    (column == asked.column0 ||
                     cell_along(own->min_x - grid->bounds.min_x, grid->cell_m, grid->columns) == column);
                if (is_first && !visit(context, item))
                    return;
            }
        }
}

/* Part of from + t * d, t in [low, high], that lies between two bounds along one axis. */
static void clip_axis(double from, double d, double low_bound, double high_bound, double *low, double *high)
{
    if (d == 0.0) {
        if (from < low_bound || from > high_bound)
            *high = *low - 1.0;
        return;
    }
    double a = (low_bound - from) / d, b = (high_bound - from) / d;
    *low = jw_max(*low, jw_min(a, b));
    *high = jw_min(*high, jw_max(a, b));
}

void jw_grid_walk(const jw_grid *grid, jw_vec2 from, jw_vec2 to, bool (*visit)(void *context, uint32_t item),
                  void *context)
{
    jw_vec2 d = jw_vec2_sub(to, from);
    const jw_box *bounds = &grid->bounds;
    /* A little slack: a segment along a cell's border touches both sides. */
    double slack_m = grid->cell_m * 1e-9;
    double low = 0.0, high = 1.0;
    clip_axis(from.x, d.x, bounds->min_x - slack_m, bounds->max_x + slack_m, &low, &high);
    clip_axis(from.y, d.y, bounds->min_y - slack_m, bounds->max_y + slack_m, &low, &high);
    if (!(low <= high))
        return;
    double y_begin = from.y + low * d.y, y_end = from.y + high * d.y;
    double slack_y = y_end >= y_begin ? slack_m : -slack_m;
    uint32_t row = cell_along(y_begin - slack_y - bounds->min_y, grid->cell_m, grid->rows);
    uint32_t last_row = cell_along(y_end + slack_y - bounds->min_y, grid->cell_m, grid->rows);
    uint32_t steps = row < last_row ? last_row - row : row - last_row;
    for (uint32_t i = 0; i <= steps; i++) {
        uint32_t r = row < last_row ? row + i : row - i;
        double row_low = low, row_high = high;
        clip_axis(from.y, d.y, bounds->min_y + r * grid->cell_m - slack_m,
                  bounds->min_y + (r + 1.0) * grid->cell_m + slack_m, &row_low, &row_high);
        if (!(row_low <= row_high))
            continue;
        double x_begin = from.x + row_low * d.x, x_end = from.x + row_high * d.x;
        double slack_x = x_end >= x_begin ? slack_m : -slack_m;
        uint32_t column = cell_along(x_begin - slack_x - bounds->min_x, grid->cell_m, grid->columns);
        uint32_t last_column = cell_along(x_end + slack_x - bounds->min_x, grid->cell_m, grid->columns);
        uint32_t row_steps = column < last_column ? last_column - column : column - last_column;
        for (uint32_t k = 0; k <= row_steps; k++) {
            uint32_t cell = r * grid->columns + (column < last_column ? column + k : column - k);
            for (uint32_t e = grid->cell_first[cell]; e < grid->cell_first[cell + 1]; e++)
                if (!visit(context, grid->items[e]))
                    return;
        }
    }
}
