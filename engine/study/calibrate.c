#include "study/study.h"

#include <string.h>

#define COUNTS_MAX  1000000u
#define INNER_STEPS 50  /* down the gradient with the proportions of one simulation */
#define STEP_MAX    2.0 /* a cell is at most multiplied or divided by this between two simulations */
#define GOOD_GEH    5.0
#define ENTRIES_MAX UINT32_C(100000000)

double jw_geh(double modelled_per_h, double counted_per_h)
{
    double sum = modelled_per_h + counted_per_h, difference = modelled_per_h - counted_per_h;
    return sum > 0 ? jw_sqrt(2 * difference * difference / sum) : 0;
}

/* ---- counts ----------------------------------------------------------------------------------------------
 */

typedef struct count_columns {
    uint32_t edge, begin, end, count;
} count_columns;

static jw_result take_count(const jw_csv *csv, const count_columns *c, const jw_city *city, jw_count *out,
                            jw_error *error)
{
    double edge;
    *out = (jw_count){.line = (uint32_t)csv->line};
    jw_result result = jw_csv_number(csv, c->edge, 0, (double)city->edge_count - 1, &edge, error);
    if (!result)
        result = jw_csv_time(csv, c->begin, 86400, &out->begin_s, error);
    if (!result)
        result = jw_csv_time(csv, c->end, 86400, &out->end_s, error);
    if (!result)
        result = jw_csv_number(csv, c->count, 0, 1e9, &out->observed, error);
    if (result)
        return result;
    out->edge = (uint32_t)edge;
    if (out->edge != edge)
        return jw_fail(error, JW_ERROR_INPUT, csv->path, csv->line, "edge: \"%s\" is no whole number",
                       jw_csv_text(csv, c->edge));
    if (!(out->end_s > out->begin_s))
        return jw_fail(error, JW_ERROR_INPUT, csv->path, csv->line, "the interval must end after it begins");
    return JW_OK;
}

static jw_result read_counts(jw_csv *csv, const jw_city *city, jw_count **out, uint32_t *out_count,
                             jw_error *error)
{
    count_columns c;
    uint32_t capacity = 0;
    jw_result result = jw_csv_need(csv, "edge", &c.edge, error);
    if (!result)
        result = jw_csv_need(csv, "begin", &c.begin, error);
    if (!result)
        result = jw_csv_need(csv, "end", &c.end, error);
    if (!result)
        result = jw_csv_need(csv, "count", &c.count, error);
    for (bool has_row = !result; has_row;) {
        jw_count one;
        result = jw_csv_next(csv, &has_row, error);
        if (!result && has_row)
            result = take_count(csv, &c, city, &one, error);
        if (!result && has_row && *out_count == COUNTS_MAX)
            result = jw_fail(error, JW_ERROR_LIMIT, csv->path, csv->line, "more than %u counts", COUNTS_MAX);
        if (!result && has_row)
            result = jw_grow(out, &capacity, *out_count + 1ull, sizeof one, error);
        if (result)
            return result;
        if (has_row)
            (*out)[(*out_count)++] = one;
    }
    if (!result && !*out_count)
        result =
            jw_fail(error, JW_ERROR_INPUT, csv->path, 0, "holds no count: a row is edge, begin, end, count");
    return result;
}

jw_result jw_read_counts(const char *path, const jw_city *city, jw_count **out, uint32_t *out_count,
                         jw_error *error)
{
    jw_csv csv;
    *out = NULL;
    *out_count = 0;
    jw_result result = jw_csv_open(&csv, path, (size_t)1 << 28, error);
    if (!result)
        result = read_counts(&csv, city, out, out_count, error);
    jw_csv_close(&csv);
    if (result) {
        jw_free(*out);
        *out = NULL;
        *out_count = 0;
    }
    return result;
}

/* ---- one simulation --------------------------------------------------------------------------------------
 */

/* So many trips of a cell passed a count within its interval. */
typedef struct entry {
    uint32_t cell, count;
    double share; /* of the cell's trips */
} entry;

typedef struct work {
    const jw_calibrate_def *def;
    jw_count *counts;
    uint32_t count;
    uint32_t *by_edge, *edge_first; /* counts of each edge */
    double *flow;                   /* by count: simulated */
    double *trips;                  /* by cell: as simulated */
    jw_demand_data data;            /* with the cells as they are now */
    entry *entries;                 /* by cell, then by count */
    uint32_t entry_count, entry_capacity;
    double *slope, *change; /* by cell, by count: of the inner steps */
    double done, steps;     /* of the progress shown */
} work;

static jw_result index_counts(work *w, jw_error *error)
{
    uint32_t edges = w->def->city->edge_count;
    w->by_edge = jw_alloc(w->count * sizeof *w->by_edge);
    w->edge_first = jw_alloc((edges + 2) * sizeof *w->edge_first);
    if (!w->by_edge || !w->edge_first)
        return jw_fail_memory(error);
    for (uint32_t k = 0; k < w->count; k++)
        w->edge_first[w->counts[k].edge + 2]++;
    for (uint32_t e = 0; e <= edges; e++)
        w->edge_first[e + 1] += w->edge_first[e];
    for (uint32_t k = 0; k < w->count; k++)
        w->by_edge[w->edge_first[w->counts[k].edge + 1]++] = k;
    return JW_OK;
}

static jw_result add_passage(work *w, const jw_passage *passage, jw_map *places, jw_error *error)
{
    double time_s = jw_fmod(jw_s_from_ns(passage->time_ns), 86400);
    for (uint32_t i = w->edge_first[passage->edge]; i < w->edge_first[passage->edge + 1]; i++) {
        uint32_t k = w->by_edge[i];
        if (time_s < w->counts[k].begin_s || time_s >= w->counts[k].end_s)
            continue;
        w->flow[k]++;
        if (passage->tag == 0 || passage->tag > w->data.cell_count)
            continue;
        uint32_t cell = (uint32_t)passage->tag - 1;
        uint64_t key = (uint64_t)cell << 32 | k;
        uint32_t at = jw_map_get(places, key);
        if (at == JW_NONE) {
            at = w->entry_count;
            if (at == ENTRIES_MAX)
                return jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                               "too many pairs of cells and counts: fewer counts, or larger zones");
            if (jw_grow(&w->entries, &w->entry_capacity, at + 1ull, sizeof *w->entries, error) ||
                !jw_map_set(places, key, at))
                return jw_fail_memory(error);
            w->entries[w->entry_count++] = (entry){cell, k, 0};
        }
        w->entries[at].share++;
    }
    return JW_OK;
}

/* Flows and shares from what was listed. */
static jw_result digest(work *w, const jw_traffic *traffic, jw_error *error)
{
    const jw_passage *passages;
    uint32_t count = jw_traffic_passages(traffic, &passages);
    jw_map places = {0};
    jw_result result = JW_OK;
    w->entry_count = 0;
    memset(w->flow, 0, w->count * sizeof *w->flow);
    for (uint32_t k = 0; k < count && !result; k++)
        result = add_passage(w, &passages[k], &places, error);
    jw_map_free(&places);
    for (uint32_t i = 0; i < w->entry_count; i++)
        w->entries[i].share /= w->data.cells[w->entries[i].cell].trips;
    return result;
}

static jw_result run_world(work *w, jw_world *world, jw_error *error)
{
    double end_s = 0, start_s = jw_s_from_ns(w->def->start_ns);
    uint32_t *edges = jw_alloc(w->count * sizeof *edges);
    if (!edges)
        return jw_fail_memory(error);
    for (uint32_t k = 0; k < w->count; k++) {
        edges[k] = w->counts[k].edge;
        end_s = jw_max(end_s, w->counts[k].end_s);
    }
    jw_traffic *traffic = jw_world_state(world, 0);
    jw_result result = jw_traffic_count_passages(traffic, edges, w->count, error);
    jw_free(edges);
    uint64_t steps = 0;
    while (!result && jw_s_from_ns(jw_world_time_ns(world)) < end_s) {
        result = jw_world_step(world, error);
        double part = (jw_s_from_ns(jw_world_time_ns(world)) - start_s) / (end_s - start_s);
        if (!result && w->def->progress && steps++ % 64 == 0 &&
            !w->def->progress(w->def->progress_context, (w->done + part) / w->steps, "calibrating"))
            result = jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
    }
    w->done++;
    return result ? result : digest(w, traffic, error);
}

static jw_result simulate(work *w, jw_error *error)
{
    jw_traffic_def traffic = *w->def->traffic;
    traffic.demand_data = &w->data;
    jw_module_entry module = {&jw_traffic_module, &traffic};
    jw_world_def def = {.seed = w->def->seed,
                        .dt_ns = w->def->dt_ns,
                        .start_time_ns = w->def->start_ns,
                        .threads = w->def->threads,
                        .modules = &module,
                        .module_count = 1,
                        .shared = &w->def->city->as_shared,
                        .shared_hash = w->def->city->content_hash};
    jw_world *world;
    jw_result result = jw_world_create(&def, &world, error);
    if (result)
        return result;
    result = run_world(w, world, error);
    jw_world_destroy(world);
    return result;
}

/* ---- down the gradient -----------------------------------------------------------------------------------
 */

/* With Z = sum over counts of (v - observed)^2 / 2 and v = sum of share x trips: dZ / d(ln trips) over trips
 * is g = sum of share (v - observed); trips' = -trips g; v' = sum of share trips'. The step that is best
 * along the line is -sum of v' (v - observed) / sum of v'^2; no cell may become negative. */
static bool step_down(work *w, const double *flow)
{
    memset(w->slope, 0, w->data.cell_count * sizeof *w->slope);
    memset(w->change, 0, w->count * sizeof *w->change);
    for (uint32_t i = 0; i < w->entry_count; i++) {
        const entry *e = &w->entries[i];
        w->slope[e->cell] += e->share * (flow[e->count] - w->counts[e->count].observed);
    }
    for (uint32_t i = 0; i < w->entry_count; i++) {
        const entry *e = &w->entries[i];
        w->change[e->count] -= e->share * w->data.cells[e->cell].trips * w->slope[e->cell];
    }
    double up = 0, down = 0, steepest = 0;
    for (uint32_t k = 0; k < w->count; k++) {
        up -= w->change[k] * (flow[k] - w->counts[k].observed);
        down += w->change[k] * w->change[k];
    }
    for (uint32_t c = 0; c < w->data.cell_count; c++)
        steepest = jw_max(steepest, w->slope[c]);
    if (!(down > 1e-12))
        return false;
    double length = up / down;
    if (length * steepest > 0.5)
        length = 0.5 / steepest;
    for (uint32_t c = 0; c < w->data.cell_count; c++) {
        double trips = w->data.cells[c].trips * (1 - length * w->slope[c]);
        w->data.cells[c].trips = jw_clamp(trips, w->trips[c] / STEP_MAX, w->trips[c] * STEP_MAX);
    }
    return true;
}

static void descend(work *w, double *flow)
{
    for (uint32_t c = 0; c < w->data.cell_count; c++)
        w->trips[c] = w->data.cells[c].trips;
    for (uint32_t k = 0; k < w->count; k++)
        flow[k] = w->flow[k];
    for (uint32_t step = 0; step < INNER_STEPS && step_down(w, flow); step++) {
        for (uint32_t k = 0; k < w->count; k++)
            flow[k] = w->flow[k];
        for (uint32_t i = 0; i < w->entry_count; i++) {
            const entry *e = &w->entries[i];
            flow[e->count] += e->share * (w->data.cells[e->cell].trips - w->trips[e->cell]);
        }
    }
}

/* ---- all of it -------------------------------------------------------------------------------------------
 */

static double hourly(const jw_count *count, double vehicles)
{
    return vehicles * 3600 / (count->end_s - count->begin_s);
}

static double mean_geh(const work *w, double *out_below_5)
{
    double sum = 0, below = 0;
    for (uint32_t k = 0; k < w->count; k++) {
        double geh = jw_geh(hourly(&w->counts[k], w->flow[k]), hourly(&w->counts[k], w->counts[k].observed));
        sum += geh;
        below += geh < GOOD_GEH;
    }
    *out_below_5 = below / w->count;
    return sum / w->count;
}

static double seen_trips(work *w, uint32_t *out_cells)
{
    double sum = 0;
    *out_cells = 0;
    memset(w->slope, 0, w->data.cell_count * sizeof *w->slope);
    for (uint32_t i = 0; i < w->entry_count; i++)
        w->slope[w->entries[i].cell] = 1;
    for (uint32_t c = 0; c < w->data.cell_count; c++) {
        sum += w->slope[c] * w->data.cells[c].trips;
        *out_cells += w->slope[c] > 0;
    }
    return sum;
}

static jw_result keep_best(work *w, jw_calibration *out, double geh, double below_5, jw_error *error)
{
    jw_demand_data copy;
    uint32_t cells;
    jw_result result = jw_demand_data_copy(&copy, &w->data, error);
    if (result)
        return result;
    jw_demand_data_free(&out->data);
    out->data = copy;
    out->geh_mean_after = geh;
    out->below_5_after = below_5;
    out->trips_after = seen_trips(w, &cells);
    for (uint32_t k = 0; k < w->count; k++) {
        w->counts[k].after = w->flow[k];
        w->counts[k].geh_after =
            jw_geh(hourly(&w->counts[k], w->flow[k]), hourly(&w->counts[k], w->counts[k].observed));
    }
    return JW_OK;
}

static jw_result iterate(work *w, jw_calibration *out, jw_error *error)
{
    uint32_t iterations = w->def->iterations ? w->def->iterations : 8;
    double *flow = jw_alloc(w->count * sizeof *flow);
    jw_result result = flow ? JW_OK : jw_fail_memory(error);
    w->steps = iterations + 1;
    for (uint32_t k = 0; k <= iterations && !result; k++) {
        double below_5;
        if (k)
            descend(w, flow);
        result = simulate(w, error);
        if (result)
            break;
        double geh = mean_geh(w, &below_5);
        if (k == 0) {
            out->geh_mean_before = geh;
            out->below_5_before = below_5;
            out->trips_before = seen_trips(w, &out->cells_seen);
        }
        if (k == 0 || geh < out->geh_mean_after)
            result = keep_best(w, out, geh, below_5, error);
        for (uint32_t c = 0; c < w->count && k == 0; c++) {
            w->counts[c].before = w->counts[c].after;
            w->counts[c].geh_before = w->counts[c].geh_after;
        }
        out->iterations = k;
    }
    jw_free(flow);
    return result;
}

static jw_result check(const jw_calibrate_def *def, const jw_count *counts, uint32_t count, jw_error *error)
{
    const jw_demand_data *data = def->traffic->demand_data;
    double start_s = jw_s_from_ns(def->start_ns);
    if (!data || !data->cell_count)
        return jw_fail(
            error, JW_ERROR_STATE, NULL, 0,
            "the demand has no matrix whose cells could be scaled: city:demand { model = \"od\", ... }");
    for (uint32_t k = 0; k < count; k++)
        if (counts[k].begin_s < start_s)
            return jw_fail(
                error, JW_ERROR_INPUT, NULL, 0,
                "the count of line %u begins before the scene does (%02d:%02d): start the scene earlier",
                counts[k].line, (int)(start_s / 3600), (int)(start_s / 60) % 60);
    return JW_OK;
}

jw_result jw_calibrate(const jw_calibrate_def *def, jw_count *counts, uint32_t count, jw_calibration *out,
                       jw_error *error)
{
    work w = {.def = def, .counts = counts, .count = count};
    memset(out, 0, sizeof *out);
    jw_result result = check(def, counts, count, error);
    if (!result)
        result = jw_demand_data_copy(&w.data, def->traffic->demand_data, error);
    if (!result) {
        w.flow = jw_alloc(count * sizeof *w.flow);
        w.change = jw_alloc(count * sizeof *w.change);
        w.trips = jw_alloc(w.data.cell_count * sizeof *w.trips);
        w.slope = jw_alloc(w.data.cell_count * sizeof *w.slope);
        result = w.flow && w.change && w.trips && w.slope ? index_counts(&w, error) : jw_fail_memory(error);
    }
    if (!result)
        result = iterate(&w, out, error);
    void *all[] = {w.flow, w.change, w.trips, w.slope, w.by_edge, w.edge_first, w.entries};
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++)
        jw_free(all[k]);
    jw_demand_data_free(&w.data);
    if (result)
        jw_demand_data_free(&out->data);
    return result;
}
