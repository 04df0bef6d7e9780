/* A roadmap's quarters, and the file from which they go on. */
#include "study/roadmap.h"

#include <stdio.h>
#include <string.h>

#define MAGIC     UINT64_C(0x31504d444f52570a)
#define FILE_MAX  (1u << 30)
#define ORDER_MAX 1000000
#define DAYS      91.25 /* of a quarter */

void jw_roadmap_free(jw_roadmap *roadmap)
{
    jw_free(roadmap->rows);
    jw_free(roadmap->orders);
    *roadmap = (jw_roadmap){0};
}

/* ---- a quarter ----------------------------------------------------------------------------------------- */

typedef struct road {
    jw_world *world;
    jw_roadmap *roadmap;
    jw_progress progress;
    void *progress_context;
} road;

static bool tell(const road *r, double part)
{
    char what[48];
    const jw_roadmap *map = r->roadmap;
    snprintf(what, sizeof what, "quarter %u of %u", map->count + 1, map->plan.quarters);
    return !r->progress || r->progress(r->progress_context, (map->count + part) / map->plan.quarters, what);
}

static jw_economy *economy_of(const jw_world *world)
{
    return jw_world_state(world, JW_TWIN_ECONOMY);
}

/* The quarters are the roadmap's to close: whoever else does spoils what is measured. */
static jw_result check_quarters(const jw_world *world, uint32_t closed, jw_error *error)
{
    if (jw_economy_quarter_count(economy_of(world)) == closed)
        return JW_OK;
    return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                   "the policy closed a quarter itself: a roadmap does that, leave close_quarter out");
}

/* They count when the quarter has passed. */
static jw_result keep_orders(jw_roadmap *map, const jw_orders *orders, jw_roadmap_row *row, jw_error *error)
{
    jw_result result = jw_grow(&map->orders, &map->order_capacity, (uint64_t)map->order_count + orders->count,
                               sizeof *map->orders, error);
    if (result != JW_OK)
        return result;
    row->orders = orders->count;
    for (uint32_t i = 0; i < orders->count; i++) {
        map->orders[map->order_count + i] = (jw_roadmap_order){map->count + 1, orders->items[i]};
        row->refused += orders->items[i].result != JW_OK;
    }
    return JW_OK;
}

static jw_result live_through(const road *r, jw_world *rush, jw_error *error)
{
    uint64_t steps = (uint64_t)jw_round(r->roadmap->plan.minutes * 60 / jw_s_from_ns(jw_world_dt_ns(rush)));
    jw_result result = JW_OK;
    for (uint64_t i = 0; i < steps && result == JW_OK; i++) {
        if (i % 100 == 0 && !tell(r, (double)i / (double)steps))
            return jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
        result = jw_world_step(rush, error);
    }
    return result;
}

static jw_quarter_results measure(const jw_world *world, const jw_world *rush, jw_roadmap_row *row)
{
    jw_traffic_counts trips = jw_traffic_count(jw_world_state(rush, JW_TWIN_TRAFFIC)),
                      trips_before = jw_traffic_count(jw_world_state(world, JW_TWIN_TRAFFIC));
    jw_request_counts r = jw_twin_requests(rush, JW_NONE), before = jw_twin_requests(world, JW_NONE);
    double hours = jw_s_from_ns(jw_world_time_ns(rush) - jw_world_time_ns(world)) / 3600;
    int64_t in_time = r.answered - r.late - (before.answered - before.late);
    row->trips = trips.arrived - trips_before.arrived;
    row->requests = r.answered + r.lost - before.answered - before.lost;
    return (jw_quarter_results){
        .delay_s = trips.mean_delay_s,
        .on_time_share = row->requests > 0 ? (double)in_time / (double)row->requests : 0,
        .latency_ms = r.mean_ms,
        .energy_kwh = (jw_twin_total(rush).energy_wh - jw_twin_total(world).energy_wh) / 1000 / hours};
}

static jw_result end_rollouts(jw_world *world, const jw_world *rush, jw_roadmap_row *row, jw_error *error)
{
    jw_ai *ai = jw_world_state(world, JW_TWIN_AI);
    const jw_ai *tried = jw_world_state(rush, JW_TWIN_AI);
    jw_deployment_state here, there;
    jw_result result = JW_OK;
    for (uint32_t i = 0; jw_ai_deployment(ai, i, &here) && result == JW_OK; i++) {
        if (here.phase != JW_DEPLOY_RUNNING || !jw_ai_deployment(tried, i, &there))
            continue;
        row->rollouts += there.phase == JW_DEPLOY_DONE;
        row->rolled_back += there.phase == JW_DEPLOY_ROLLED_BACK;
        if (there.phase == JW_DEPLOY_DONE)
            result = jw_ai_finish(world, ai, here.id, error);
        else if (there.phase == JW_DEPLOY_ROLLED_BACK)
            result = jw_ai_rollback(world, ai, here.id, error);
    }
    return result;
}

/* What is on trial has what the rush has shown; then reviewers and suppliers go on until the next one. */
static jw_result pass_days(jw_world *world, const jw_world *rush, jw_error *error)
{
    jw_ai *ai = jw_world_state(world, JW_TWIN_AI);
    jw_ai_carry_trials(world, ai, jw_world_state(rush, JW_TWIN_AI));
    return jw_ai_pass_days(world, ai, DAYS, error);
}

/* A quarter is longer than any training that began in its rush: what failed or was cancelled there is
 * cancelled here, the rest is carried through. */
static jw_result end_tunings(jw_world *world, const jw_world *rush, jw_error *error)
{
    jw_ai *ai = jw_world_state(world, JW_TWIN_AI);
    jw_tuning_state here, there;
    jw_result result = JW_OK;
    for (uint32_t i = 0; jw_ai_tuning(ai, i, &here) && result == JW_OK; i++) {
        if (here.phase > JW_TUNE_TRAINING || !jw_ai_tuning(jw_world_state(rush, JW_TWIN_AI), i, &there))
            continue;
        if (there.phase == JW_TUNE_TRAINING || there.phase == JW_TUNE_DONE)
            result = jw_ai_finish_tuning(world, ai, i, error);
        else if (there.phase == JW_TUNE_FAILED || there.phase == JW_TUNE_CANCELLED)
            result = jw_ai_cancel_tuning(world, ai, i, error);
    }
    return result;
}

static jw_result close_quarter(jw_world *world, const jw_world *rush, jw_roadmap_row *row, jw_error *error)
{
    jw_economy *economy = economy_of(world);
    jw_quarter_results results = measure(world, rush, row);
    row->hash = jw_world_hash(rush);
    jw_result result = end_rollouts(world, rush, row, error);
    if (result == JW_OK)
        result = end_tunings(world, rush, error);
    if (result == JW_OK)
        result = pass_days(world, rush, error);
    if (result == JW_OK)
        result = jw_economy_close_quarter(world, economy, rush, economy_of(rush), &results, error);
    if (result == JW_OK && !jw_economy_is_consistent(world, economy, error))
        result = JW_ERROR_STATE;
    if (result != JW_OK)
        return result;
    jw_economy_quarter(economy, jw_economy_quarter_count(economy) - 1, &row->books);
    jw_world_metric(world, "economy.fund", &row->fund_cny);
    return JW_OK;
}

/* ---- the requests of a rush ---------------------------------------------------------------------------- */

static void put_cell(jw_writer *out, const jw_world *rush, const jw_table *table, const void *state,
                     uint32_t row, uint32_t column)
{
    const jw_column *c = &table->columns[column];
    if (column > 0)
        jw_write_format(out, ",");
    if (c->type == JW_COLUMN_TEXT) {
        jw_write_format(out, "\"%s\"", table->text(rush, state, row, column));
    } else if (c->type == JW_COLUMN_F64) {
        jw_write_format(out, "%.6g", table->number(rush, state, row, column));
    } else {
        int64_t value = table->integer(rush, state, row, column);
        if (c->type == JW_COLUMN_TIME_NS)
            jw_write_format(out, "%02d:%02d:%06.3f", (int)(value / (3600 * JW_NS_PER_S) % 24),
                            (int)(value / (60 * JW_NS_PER_S) % 60),
                            (double)(value % (60 * JW_NS_PER_S)) / 1e9);
        else
            jw_write_format(out, "%lld", (long long)value);
    }
}

/* Rows that the log of the fork has: those of this rush, since no one drains it. */
static jw_result keep_requests(const jw_world *rush, const char *folder, uint32_t quarter, jw_error *error)
{
    char path[1100], name[40];
    uint32_t module;
    const jw_table *table = jw_world_find_table(rush, "requests", &module);
    if (!table)
        return JW_OK;
    const void *state = jw_world_state(rush, module);
    jw_writer out = {0};
    for (uint32_t c = 0; c < table->column_count; c++)
        jw_write_format(&out, "%s%s", c > 0 ? "," : "", table->columns[c].name);
    jw_write_format(&out, "\n");
    for (uint32_t row = 0; row < table->row_count(rush, state); row++) {
        for (uint32_t c = 0; c < table->column_count; c++)
            put_cell(&out, rush, table, state, row, c);
        jw_write_format(&out, "\n");
    }
    snprintf(name, sizeof name, JW_ROADMAP_REQUESTS, quarter);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    jw_result result = out.failed ? jw_fail_memory(error) : jw_file_write(path, out.bytes, out.size, error);
    jw_writer_free(&out);
    return result;
}

static jw_result pass_quarter(const road *r, const char *folder, jw_orders *orders, jw_error *error)
{
    jw_roadmap *map = r->roadmap;
    jw_roadmap_row row = {0};
    jw_world *rush = NULL;
    uint32_t closed = jw_economy_quarter_count(economy_of(r->world));
    if (!tell(r, 0))
        return jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
    jw_result result = jw_grow(&map->rows, &map->capacity, map->count + 1ull, sizeof *map->rows, error);
    if (result == JW_OK)
        result = jw_script_begin_quarter(r->world, orders, error);
    if (result == JW_OK)
        result = check_quarters(r->world, closed, error);
    if (result == JW_OK)
        result = keep_orders(map, orders, &row, error);
    if (result == JW_OK)
        result = jw_world_fork(r->world, &rush, error);
    if (result == JW_OK)
        result = live_through(r, rush, error);
    if (result == JW_OK)
        result = check_quarters(rush, closed, error);
    if (result == JW_OK)
        result = close_quarter(r->world, rush, &row, error);
    if (result == JW_OK && folder)
        result = keep_requests(rush, folder, map->count + 1, error);
    jw_world_destroy(rush);
    if (result != JW_OK)
        return result;
    map->order_count += row.orders;
    map->rows[map->count++] = row;
    return JW_OK;
}

/* ---- the state file ------------------------------------------------------------------------------------ */

static void write_books(jw_writer *out, const jw_quarter *q)
{
    const double values[] = {q->results.delay_s,
                             q->results.on_time_share,
                             q->results.latency_ms,
                             q->results.energy_kwh,
                             q->oee,
                             q->output_fen_per_hour,
                             q->capital_fen,
                             q->labour,
                             q->tfp,
                             q->margin_fen_per_hour,
                             q->service_fen_per_hour,
                             q->energy_fen_per_hour,
                             q->people,
                             q->alpha,
                             q->access.total,
                             q->access.between,
                             q->access.within,
                             q->productivity.total,
                             q->productivity.between,
                             q->productivity.within};
    jw_write_u32(out, q->number);
    for (uint32_t i = 0; i < JW_COUNT_OF(values); i++)
        jw_write_f64(out, values[i]);
    jw_write_u32(out, q->parks_complete);
    jw_write_u32(out, q->defaults);
}

static void read_books(jw_reader *in, jw_quarter *q)
{
    double *const values[] = {&q->results.delay_s,
                              &q->results.on_time_share,
                              &q->results.latency_ms,
                              &q->results.energy_kwh,
                              &q->oee,
                              &q->output_fen_per_hour,
                              &q->capital_fen,
                              &q->labour,
                              &q->tfp,
                              &q->margin_fen_per_hour,
                              &q->service_fen_per_hour,
                              &q->energy_fen_per_hour,
                              &q->people,
                              &q->alpha,
                              &q->access.total,
                              &q->access.between,
                              &q->access.within,
                              &q->productivity.total,
                              &q->productivity.between,
                              &q->productivity.within};
    q->number = jw_read_u32(in);
    for (uint32_t i = 0; i < JW_COUNT_OF(values); i++)
        *values[i] = jw_read_f64(in);
    q->parks_complete = jw_read_u32(in);
    q->defaults = jw_read_u32(in);
}

static void write_plan(jw_writer *out, const jw_roadmap_plan *plan)
{
    jw_write_text(out, plan->scene);
    jw_write_text(out, plan->policy);
    jw_write_u32(out, plan->set_count);
    for (uint32_t i = 0; i < plan->set_count; i++)
        jw_write_text(out, plan->set[i]);
    jw_write_u64(out, plan->seed);
    jw_write_f64(out, plan->minutes);
    jw_write_u32(out, plan->quarters);
}

static void read_plan(jw_reader *in, jw_roadmap_plan *plan)
{
    jw_read_text(in, plan->scene, sizeof plan->scene);
    jw_read_text(in, plan->policy, sizeof plan->policy);
    plan->set_count = jw_read_count(in, JW_ROADMAP_SETS_MAX, 4);
    for (uint32_t i = 0; i < plan->set_count; i++)
        jw_read_text(in, plan->set[i], sizeof plan->set[i]);
    plan->seed = jw_read_u64(in);
    plan->minutes = jw_read_f64(in);
    plan->quarters = jw_read_u32(in);
    if (!in->failed && !(plan->minutes > 0 && plan->minutes <= 1440 && plan->quarters >= 1 &&
                         plan->quarters <= JW_ROADMAP_QUARTERS_MAX))
        jw_reader_fail(in, "its plan is out of range");
}

static void write_rows(jw_writer *out, const jw_roadmap *map)
{
    jw_write_u32(out, map->count);
    for (uint32_t i = 0; i < map->count; i++) {
        const jw_roadmap_row *row = &map->rows[i];
        write_books(out, &row->books);
        jw_write_i64(out, row->trips);
        jw_write_i64(out, row->requests);
        jw_write_u32(out, row->orders);
        jw_write_u32(out, row->refused);
        jw_write_u32(out, row->rollouts);
        jw_write_u32(out, row->rolled_back);
        jw_write_f64(out, row->fund_cny);
        jw_write_u64(out, row->hash);
    }
    jw_write_u32(out, map->order_count);
    for (uint32_t i = 0; i < map->order_count; i++) {
        const jw_roadmap_order *o = &map->orders[i];
        jw_write_u32(out, o->quarter);
        jw_write_text(out, o->order.at);
        jw_write_text(out, o->order.what);
        jw_write_text(out, o->order.reason);
        jw_write_text(out, o->order.refusal);
        jw_write_u32(out, (uint32_t)o->order.result);
    }
}

static bool make_room(void *items, uint32_t *capacity, uint32_t count, size_t size, jw_reader *in)
{
    if (!in->failed && jw_grow(items, capacity, count, size, NULL) != JW_OK)
        jw_reader_fail_memory(in);
    return !in->failed;
}

static void read_rows(jw_reader *in, jw_roadmap *map)
{
    uint32_t count = jw_read_count(in, JW_ROADMAP_QUARTERS_MAX, 100);
    if (!make_room(&map->rows, &map->capacity, count, sizeof *map->rows, in))
        return;
    for (; map->count < count && !in->failed; map->count++) {
        jw_roadmap_row *row = &map->rows[map->count];
        *row = (jw_roadmap_row){0};
        read_books(in, &row->books);
        row->trips = jw_read_i64(in);
        row->requests = jw_read_i64(in);
        row->orders = jw_read_u32(in);
        row->refused = jw_read_u32(in);
        row->rollouts = jw_read_u32(in);
        row->rolled_back = jw_read_u32(in);
        row->fund_cny = jw_read_f64(in);
        row->hash = jw_read_u64(in);
    }
    count = jw_read_count(in, ORDER_MAX, 24);
    if (!make_room(&map->orders, &map->order_capacity, count, sizeof *map->orders, in))
        return;
    for (; map->order_count < count && !in->failed; map->order_count++) {
        jw_roadmap_order *o = &map->orders[map->order_count];
        *o = (jw_roadmap_order){.quarter = jw_read_u32(in)};
        jw_read_text(in, o->order.at, sizeof o->order.at);
        jw_read_text(in, o->order.what, sizeof o->order.what);
        jw_read_text(in, o->order.reason, sizeof o->order.reason);
        jw_read_text(in, o->order.refusal, sizeof o->order.refusal);
        uint32_t code = jw_read_u32(in);
        if (code >= JW_RESULT_COUNT)
            jw_reader_fail(in, "an order's outcome is none");
        else
            o->order.result = (jw_result)code;
    }
}

static jw_result keep_state(const road *r, const char *folder, jw_error *error)
{
    char path[1100];
    jw_writer body = {0}, file = {0};
    write_plan(&body, &r->roadmap->plan);
    write_rows(&body, r->roadmap);
    jw_result result = jw_world_save(r->world, &body, error);
    if (result == JW_OK) {
        jw_write_u64(&file, MAGIC);
        jw_write_u64(&file, jw_hash_bytes(MAGIC, body.bytes, body.size));
        jw_write_bytes(&file, body.bytes, body.size);
        if (body.failed || file.failed)
            result = jw_fail_memory(error);
    }
    snprintf(path, sizeof path, "%s/" JW_ROADMAP_STATE, folder);
    if (result == JW_OK)
        result = jw_file_write(path, file.bytes, file.size, error);
    jw_writer_free(&body);
    jw_writer_free(&file);
    return result;
}

jw_result jw_roadmap_read(const char *folder, jw_roadmap *out, char **out_image, size_t *out_image_size,
                          jw_error *error)
{
    char path[1100], *bytes;
    size_t size;
    *out = (jw_roadmap){0};
    snprintf(path, sizeof path, "%s/" JW_ROADMAP_STATE, folder);
    jw_result result = jw_file_read(path, FILE_MAX, &bytes, &size, error);
    if (result != JW_OK)
        return result;
    jw_reader in = jw_reader_make(bytes, size);
    uint64_t magic = jw_read_u64(&in), hash = jw_read_u64(&in);
    if (!in.failed &&
        (magic != MAGIC || hash != jw_hash_bytes(MAGIC, bytes + in.position, size - in.position)))
        jw_reader_fail(&in, "it is no roadmap's state, or damaged");
    read_plan(&in, &out->plan);
    read_rows(&in, out);
    if (in.failed) {
        result = jw_fail(error, JW_ERROR_CORRUPT, path, 0, "%s", in.message);
        jw_roadmap_free(out);
        jw_free(bytes);
        return result;
    }
    *out_image_size = size - in.position;
    memmove(bytes, bytes + in.position, *out_image_size);
    *out_image = bytes;
    return JW_OK;
}

jw_result jw_roadmap_run(jw_world *world, jw_roadmap *roadmap, const char *folder, jw_progress progress,
                         void *progress_context, jw_error *error)
{
    const jw_roadmap_plan *plan = &roadmap->plan;
    road r = {world, roadmap, progress, progress_context};
    jw_orders orders = {0};
    if (plan->quarters < 1 || plan->quarters > JW_ROADMAP_QUARTERS_MAX)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a roadmap has 1 to %d quarters, not %u",
                       JW_ROADMAP_QUARTERS_MAX, plan->quarters);
    if (!(plan->minutes > 0 && plan->minutes <= 1440))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a rush takes up to a day, not %g min", plan->minutes);
    jw_result result = JW_OK;
    while (roadmap->count < plan->quarters && result == JW_OK) {
        result = pass_quarter(&r, folder, &orders, error);
        if (result == JW_OK && folder)
            result = keep_state(&r, folder, error);
    }
    jw_orders_free(&orders);
    return result;
}
