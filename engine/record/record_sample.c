/* From the world's tables and metrics to rows of a batch, on the simulation's thread. */
#include "record/record_internal.h"

#include <string.h>

static jw_result add_text(record_batch *batch, const char *text, uint32_t *out)
{
    size_t size = strlen(text) + 1;
    jw_result result =
        jw_grow(&batch->texts, &batch->text_capacity, batch->text_size + (uint64_t)size, 1, NULL);
    if (result != JW_OK)
        return result;
    memcpy(batch->texts + batch->text_size, text, size);
    *out = batch->text_size;
    batch->text_size += (uint32_t)size;
    return JW_OK;
}

static jw_result add_cell(record_batch *batch, const jw_world *world, const record_layer *layer, uint32_t row,
                          uint32_t c)
{
    const jw_table *table = layer->table;
    const void *state = jw_world_state(world, layer->module);
    jw_result result =
        jw_grow(&batch->cells, &batch->cell_capacity, batch->cell_count + 1ull, sizeof *batch->cells, NULL);
    if (result != JW_OK)
        return result;
    record_cell *cell = &batch->cells[batch->cell_count++];
    *cell = (record_cell){0};
    if (table->columns[c].type == JW_COLUMN_F64)
        cell->real = table->number(world, state, row, c);
    else if (table->columns[c].type == JW_COLUMN_TEXT)
        result = add_text(batch, table->text(world, state, row, c), &cell->text);
    else
        cell->integer = table->integer(world, state, row, c);
    return result;
}

static uint32_t find_column(const jw_table *table, const char *name)
{
    for (uint32_t c = 0; c < table->column_count; c++)
        if (strcmp(table->columns[c].name, name) == 0)
            return c;
    return JW_NONE;
}

/* The number of the street, lane or junction that a row is about; a row may be about none. */
static jw_result add_key(record_batch *batch, const jw_world *world, const record_layer *layer, uint32_t row)
{
    uint32_t key = layer->table->row_geometry(world, jw_world_state(world, layer->module), row);
    jw_result result =
        jw_grow(&batch->cells, &batch->cell_capacity, batch->cell_count + 1ull, sizeof *batch->cells, NULL);
    if (result == JW_OK)
        batch->cells[batch->cell_count++] = (record_cell){.integer = key == JW_NONE ? -1 : (int64_t)key};
    return result;
}

/* Rows of a street where nobody is say nothing: a table with the column "vehicles" gives its rows with some
 * alone. */
static bool is_empty_row(const jw_world *world, const record_layer *layer, uint32_t row,
                         uint32_t vehicles_column)
{
    if (vehicles_column == JW_NONE)
        return false;
    const void *state = jw_world_state(world, layer->module);
    return layer->table->columns[vehicles_column].type == JW_COLUMN_I64
               ? layer->table->integer(world, state, row, vehicles_column) == 0
               : layer->table->number(world, state, row, vehicles_column) == 0;
}

static jw_result sample_table(record_batch *batch, const jw_world *world, const record_layer *layer,
                              uint32_t index)
{
    const jw_table *table = layer->table;
    const void *state = jw_world_state(world, layer->module);
    uint32_t count = table->row_count(world, state);
    jw_result result =
        jw_grow(&batch->rows, &batch->rows_capacity, batch->rows_count + 1ull, sizeof *batch->rows, NULL);
    if (result != JW_OK || count == 0)
        return result;
    bool has_points = table->geometry == JW_GEOMETRY_POINT;
    uint32_t x = find_column(table, "x_m"), y = find_column(table, "y_m");
    uint32_t vehicles = layer->key ? find_column(table, "vehicles") : JW_NONE;
    record_rows *rows = &batch->rows[batch->rows_count++];
    *rows = (record_rows){.time_ns = jw_world_time_ns(world),
                          .layer = index,
                          .column_count = table->column_count + (layer->key != NULL),
                          .first_cell = batch->cell_count,
                          .first_point = has_points ? batch->point_count : JW_NONE};
    for (uint32_t r = 0; r < count && result == JW_OK; r++) {
        if (is_empty_row(world, layer, r, vehicles))
            continue;
        for (uint32_t c = 0; c < table->column_count && result == JW_OK; c++)
            result = add_cell(batch, world, layer, r, c);
        if (result == JW_OK && layer->key)
            result = add_key(batch, world, layer, r);
        rows->row_count++;
        if (!has_points || result != JW_OK)
            continue;
        result = jw_grow(&batch->points, &batch->point_capacity, batch->point_count + 1ull,
                         sizeof *batch->points, NULL);
        if (result == JW_OK)
            batch->points[batch->point_count++] =
                (jw_vec2){table->number(world, state, r, x), table->number(world, state, r, y)};
    }
    return result;
}

static jw_result sample_metrics(record_batch *batch, const jw_world *world, uint32_t index)
{
    jw_result result =
        jw_grow(&batch->rows, &batch->rows_capacity, batch->rows_count + 1ull, sizeof *batch->rows, NULL);
    if (result != JW_OK)
        return result;
    record_rows *rows = &batch->rows[batch->rows_count++];
    *rows = (record_rows){.time_ns = jw_world_time_ns(world),
                          .layer = index,
                          .column_count = 3,
                          .first_cell = batch->cell_count,
                          .first_point = JW_NONE};
    for (uint32_t m = 0; m < jw_world_module_count(world); m++) {
        const jw_module *module = jw_world_module(world, m);
        for (uint32_t i = 0; i < module->metric_count; i++) {
            result = jw_grow(&batch->cells, &batch->cell_capacity, batch->cell_count + 3ull,
                             sizeof *batch->cells, NULL);
            if (result != JW_OK)
                return result;
            record_cell *cells = &batch->cells[batch->cell_count];
            memset(cells, 0, 3 * sizeof *cells);
            batch->cell_count += 3;
            cells[1].real = module->metric(world, jw_world_state(world, m), i);
            uint32_t name = 0, unit = 0;
            result = add_text(batch, module->metrics[i].name, &name);
            if (result == JW_OK)
                result = add_text(batch, module->metrics[i].unit, &unit);
            if (result != JW_OK)
                return result;
            cells[0].text = name;
            cells[2].text = unit;
            rows->row_count++;
        }
    }
    return JW_OK;
}

static jw_result sample_layers(jw_record *record, const jw_world *world)
{
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < record->layer_count && result == JW_OK; i++)
        result = record->layers[i].table ? sample_table(record->open, world, &record->layers[i], i)
                                         : sample_metrics(record->open, world, i);
    return result;
}

jw_result record_sample(jw_record *record, jw_world *world)
{
    if (record->sampled_ns == jw_world_time_ns(world))
        return JW_OK; /* the end of a run may be the end of an interval */
    const record_batch before = *record->open;
    jw_result result = sample_layers(record, world);
    if (result != JW_OK) {
        /* Rows that were begun are taken back: the writer must not meet half of one. */
        record->open->rows_count = before.rows_count;
        record->open->cell_count = before.cell_count;
        record->open->point_count = before.point_count;
        record->open->text_size = before.text_size;
        return result;
    }
    record->sampled_ns = jw_world_time_ns(world);
    for (uint32_t i = 0; i < record->layer_count; i++) {
        const record_layer *layer = &record->layers[i];
        if (!layer->table || layer->table->kind != JW_TABLE_LOG)
            continue;
        void *state = jw_world_state(world, layer->module);
        jw_world_module(world, layer->module)
            ->drain(world, state, layer->table_index, layer->table->row_count(world, state));
    }
    return JW_OK;
}
