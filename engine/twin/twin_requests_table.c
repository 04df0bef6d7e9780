/* What is known of requests: counts and percentiles, metrics, and the tables of requests and of their types.
 */
#include "twin/twin_internal.h"

#include <string.h>

double twin_bin_ms(uint32_t bin)
{
    return 0.1 * jw_exp(0.0198026272961797 * (bin + 0.5));
}

static double percentile_ms(const int64_t *bins, int64_t total, double share)
{
    int64_t rank = (int64_t)(share * (double)total), seen = 0;
    for (uint32_t b = 0; b < LATENCY_BINS; b++) {
        seen += bins[b];
        if (seen > rank)
            return twin_bin_ms(b);
    }
    return 0;
}

jw_request_counts jw_twin_requests(const jw_world *world, uint32_t type)
{
    const twin_requests *requests = twin_requests_of(world);
    jw_request_counts counts = {0};
    int64_t bins[LATENCY_BINS] = {0}, sum_ns = 0;
    for (uint32_t i = 0; i < requests->type_count; i++) {
        const twin_request_stats *stats = &requests->stats[i];
        if (type != JW_NONE && type != i)
            continue;
        counts.sent += stats->sent;
        counts.answered += stats->answered;
        counts.lost += stats->lost;
        counts.late += stats->late;
        counts.retried += stats->retried;
        counts.hedged += stats->hedged;
        counts.right += (double)stats->right_ppm / 1e6;
        counts.hedge_won += stats->hedge_won;
        counts.refused += stats->refused;
        counts.no_budget += stats->no_budget;
        counts.held += stats->held;
        counts.in_flight_at_start += stats->at_start;
        sum_ns += stats->latency_sum_ns;
        for (uint32_t b = 0; b < LATENCY_BINS; b++)
            bins[b] += stats->bins[b];
    }
    for (uint32_t i = 0; i < requests->site_node_count * requests->type_count; i++)
        counts.held_now += type == JW_NONE || i % requests->type_count == type ? requests->held[i] : 0;
    counts.in_flight = counts.sent - counts.answered - counts.lost;
    if (counts.answered > 0) {
        counts.p50_ms = percentile_ms(bins, counts.answered, 0.50);
        counts.p95_ms = percentile_ms(bins, counts.answered, 0.95);
        counts.p99_ms = percentile_ms(bins, counts.answered, 0.99);
        counts.mean_ms = (double)sum_ns / 1e6 / (double)counts.answered;
    }
    return counts;
}

uint32_t jw_twin_request_type_count(const jw_world *world)
{
    return twin_requests_of(world)->type_count;
}

const jw_request_type *jw_twin_request_type(const jw_world *world, uint32_t type)
{
    const twin_requests *requests = twin_requests_of(world);
    return type < requests->type_count ? &requests->types[type] : NULL;
}

const jw_metric twin_requests_metrics[TWIN_REQUESTS_METRICS] = {
    {"twin.requests_sent", "", JW_METRIC_COUNTER, "questions sent by cameras, lines, vehicles and crowds"},
    {"twin.requests_answered", "", JW_METRIC_COUNTER, "answers that came back"},
    {"twin.requests_late", "", JW_METRIC_COUNTER, "answers after their deadline"},
    {"twin.requests_lost", "", JW_METRIC_COUNTER, "questions without an answer"},
    {"twin.requests_in_flight", "", JW_METRIC_GAUGE, "questions under way"},
    {"twin.p95", "ms", JW_METRIC_MEAN, "95th percentile of the answers' latency since the start"},
    {"twin.requests_in_time", "", JW_METRIC_COUNTER, "answers that kept their deadline: goodput"},
    {"twin.requests_refused", "", JW_METRIC_COUNTER, "lost ones that admission refused"},
    {"twin.requests_retried", "", JW_METRIC_COUNTER, "questions that were tried again"},
    {"twin.requests_hedged", "", JW_METRIC_COUNTER, "questions of which a second copy was sent"},
    {"twin.requests_held", "", JW_METRIC_COUNTER, "deferrable work that waited for an hour with less CO2"},
    {"twin.requests_held_now", "", JW_METRIC_GAUGE,
     "questions under way that wait for an hour with less CO2"},
    {"twin.breakers_open", "", JW_METRIC_GAUGE, "open breakers between request types and sites"},
};

static uint32_t breakers_open(const jw_world *world, const twin_requests *requests)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < requests->breaker_count; i++)
        count += requests->breakers[i].phase == JW_BREAKER_OPEN &&
                 jw_world_time_ns(world) < requests->breakers[i].until_ns;
    return count;
}

double twin_requests_metric(const jw_world *world, const void *state, uint32_t metric)
{
    if (metric == TWIN_REQUESTS_METRICS - 1)
        return breakers_open(world, state);
    jw_request_counts counts = jw_twin_requests(world, JW_NONE);
    const double values[] = {(double)counts.sent,
                             (double)counts.answered,
                             (double)counts.late,
                             (double)counts.lost,
                             (double)counts.in_flight,
                             counts.p95_ms,
                             (double)(counts.answered - counts.late),
                             (double)counts.refused,
                             (double)counts.retried,
                             (double)counts.hedged,
                             (double)counts.held,
                             (double)counts.held_now};
    return values[metric];
}

static const jw_column row_columns[] = {
    {"created", JW_COLUMN_TIME_NS, "", "when it was sent"},
    {"type", JW_COLUMN_TEXT, "", "request type"},
    {"outcome", JW_COLUMN_TEXT, "", "answered, late or lost"},
    {"latency_ms", JW_COLUMN_F64, "ms", "from sending to answer; -1: lost"},
    {"site", JW_COLUMN_TEXT, "", "computing site of the last try"},
    {"weight", JW_COLUMN_I64, "", "requests that this row stands for"},
    {"x_m", JW_COLUMN_F64, "m", "east of the city's origin"},
    {"y_m", JW_COLUMN_F64, "m", "north of the city's origin"},
    {"number", JW_COLUMN_I64, "", "of its type, from 1: with it the request's id"},
    {"sender", JW_COLUMN_TEXT, "", "camera, line, desk, vehicle or crowd"},
    {"tries", JW_COLUMN_I64, "", "how often it was sent"},
    {"before_ms", JW_COLUMN_F64, "ms", "of the latency: held, and earlier tries"},
    {"up_ms", JW_COLUMN_F64, "ms", "of the latency: on the way to the site"},
    {"compute_ms", JW_COLUMN_F64, "ms", "of the latency: in its queue and computed"},
    {"down_ms", JW_COLUMN_F64, "ms", "of the latency: on the way back"},
};

static const jw_column type_columns[] = {
    {"type", JW_COLUMN_TEXT, "", "request type"},
    {"sent", JW_COLUMN_I64, "", "since the start"},
    {"answered", JW_COLUMN_I64, "", "late ones included"},
    {"late", JW_COLUMN_I64, "", "after the deadline"},
    {"lost", JW_COLUMN_I64, "", "without an answer"},
    {"p50_ms", JW_COLUMN_F64, "ms", "median latency"},
    {"p95_ms", JW_COLUMN_F64, "ms", "95th percentile"},
    {"p99_ms", JW_COLUMN_F64, "ms", "99th percentile"},
    {"retried", JW_COLUMN_I64, "", "tried again"},
    {"hedged", JW_COLUMN_I64, "", "sent twice"},
    {"refused", JW_COLUMN_I64, "", "of the lost ones, by admission"},
    {"held", JW_COLUMN_I64, "", "that waited for an hour with less CO2"},
    {"held_now", JW_COLUMN_I64, "", "that wait now"},
};

static uint32_t rows_count(const jw_world *world, const void *state)
{
    (void)world;
    return ((const twin_requests *)state)->row_count;
}

static double rows_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const twin_request_row *r = &((const twin_requests *)state)->rows[row];
    const float values[] = {r->before_ms, r->up_ms, r->compute_ms, r->down_ms};
    if (column >= 11)
        return (double)values[column - 11];
    return (double)(column == 3 ? r->latency_ms : column == 6 ? r->x_m : r->y_m);
}

static int64_t rows_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const twin_request_row *r = &((const twin_requests *)state)->rows[row];
    return column == 0 ? r->created_ns : column == 8 ? r->number : column == 10 ? r->tries : r->weight;
}

static const char *rows_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const twin_requests *requests = state;
    const twin_request_row *r = &requests->rows[row];
    if (column == 9)
        return r->sender;
    if (column == 1)
        return requests->types[r->type].name;
    if (column == 2)
        return r->latency_ms < 0 ? "lost" : r->is_late ? "late" : "answered";
    jw_site_state site;
    if (r->site_slot == JW_NONE || !jw_compute_site(world, twin_compute_of(world), r->site_slot, &site))
        return "";
    return site.def->name;
}

static uint32_t types_count(const jw_world *world, const void *state)
{
    (void)world;
    return ((const twin_requests *)state)->type_count;
}

static double types_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)state;
    jw_request_counts counts = jw_twin_requests(world, row);
    return column == 5 ? counts.p50_ms : column == 6 ? counts.p95_ms : counts.p99_ms;
}

static int64_t types_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)state;
    jw_request_counts counts = jw_twin_requests(world, row);
    const int64_t values[] = {
        counts.sent, counts.answered, counts.late,   counts.lost,    0,           0,
        0,           counts.retried,  counts.hedged, counts.refused, counts.held, counts.held_now};
    return values[column - 1];
}

static const char *types_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    (void)column;
    return ((const twin_requests *)state)->types[row].name;
}

const jw_table twin_requests_tables[TWIN_REQUESTS_TABLES] = {
    {"requests", "late and lost requests and one in a hundred of the others", JW_TABLE_LOG, JW_GEOMETRY_POINT,
     row_columns, JW_COUNT_OF(row_columns), rows_count, NULL, rows_number, rows_integer, rows_text},
    {"request_types", "counts and latency by request type", JW_TABLE_STATE, JW_GEOMETRY_NONE, type_columns,
     JW_COUNT_OF(type_columns), types_count, NULL, types_number, types_integer, types_text},
};

void twin_requests_drain(jw_world *world, void *state, uint32_t table, uint32_t count)
{
    (void)world;
    (void)table;
    twin_requests *requests = state;
    if (count == 0)
        return;
    memmove(requests->rows, requests->rows + count, (requests->row_count - count) * sizeof *requests->rows);
    requests->row_count -= count;
}
