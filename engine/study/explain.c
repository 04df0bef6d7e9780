/* Figures taken apart. */
#include "study/explain.h"
#include "study/roadmap.h"

#include "geo/geo.h"
#include "traffic/traffic.h"

#include <stdio.h>
#include <string.h>

void jw_explanation_free(jw_explanation *explanation)
{
    jw_free(explanation->parts);
    jw_free(explanation->requests);
    *explanation = (jw_explanation){0};
}

static double real_of(const jw_gpkg_row *row, const char *column)
{
    const jw_gpkg_value *value = jw_gpkg_row_value(row, column);
    return value ? value->real : 0;
}

static int64_t integer_of(const jw_gpkg_row *row, const char *column)
{
    const jw_gpkg_value *value = jw_gpkg_row_value(row, column);
    return value ? value->integer : 0;
}

static const char *text_of(const jw_gpkg_row *row, const char *column)
{
    const jw_gpkg_value *value = jw_gpkg_row_value(row, column);
    return value && value->text ? value->text : "";
}

static jw_result add_part(jw_explanation *out, uint32_t depth, const char *key, const char *en,
                          const char *zh, double value, jw_error *error)
{
    if (out->part_count >= JW_EXPLAIN_PARTS_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "the figure has more than %d parts",
                       JW_EXPLAIN_PARTS_MAX);
    jw_result result =
        jw_grow(&out->parts, &out->part_capacity, out->part_count + 1ull, sizeof *out->parts, error);
    if (result != JW_OK)
        return result;
    jw_explain_part *part = &out->parts[out->part_count++];
    *part = (jw_explain_part){.depth = depth, .value = value};
    jw_text_copy(part->key, sizeof part->key, key);
    jw_text_copy(part->en, sizeof part->en, en);
    jw_text_copy(part->zh, sizeof part->zh, zh);
    return JW_OK;
}

/* ---- rows of a state table at its last time ---------------------------------------------------------------
 */

enum { ROWS_MAX = 200, FIELDS_MAX = 12 };

typedef struct last_rows {
    const char *const *numbers; /* columns to take; NULL ends */
    const char *name;           /* a text column */
    char time[32];
    char names[ROWS_MAX][40];
    double values[ROWS_MAX][FIELDS_MAX];
    uint32_t count;
    bool is_cut;
} last_rows;

static jw_result take_row(void *context, const jw_gpkg_row *row)
{
    last_rows *rows = context;
    const char *time = text_of(row, "time");
    int order = strcmp(time, rows->time);
    if (order < 0)
        return JW_OK;
    if (order > 0) {
        jw_text_copy(rows->time, sizeof rows->time, time);
        rows->count = 0;
    }
    if (rows->count == ROWS_MAX) {
        rows->is_cut = true;
        return JW_OK;
    }
    jw_text_copy(rows->names[rows->count], sizeof rows->names[0], text_of(row, rows->name));
    for (uint32_t i = 0; i < FIELDS_MAX && rows->numbers[i]; i++)
        rows->values[rows->count][i] = real_of(row, rows->numbers[i]);
    rows->count++;
    return JW_OK;
}

static jw_result read_last(jw_gpkg *gpkg, const char *layer, last_rows *rows, jw_error *error)
{
    uint32_t index = jw_gpkg_find_layer(gpkg, layer);
    if (index == JW_NONE)
        return JW_OK;
    jw_result result = jw_gpkg_read(gpkg, index, take_row, rows, error);
    if (result == JW_OK && rows->is_cut)
        result =
            jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "the table %s has more than %d rows", layer, ROWS_MAX);
    return result;
}

/* ---- oee --------------------------------------------------------------------------------------------------
 */

static jw_result explain_oee(jw_gpkg *gpkg, jw_explanation *out, jw_error *error)
{
    static const char *const columns[] = {"availability",  "performance",  "quality",     "shipped_good",
                                          "scrapped_good", "scrapped_bad", "shipped_bad", NULL};
    static const char *const losses[3][3] = {
        {"availability", "machines not running: failures, services, changeovers",
         "设备停机：故障、维护、换型"},
        {"performance", "running slower than the cycle: starved, blocked, waiting for verdicts",
         "低于节拍：缺料、堵塞、等待判定"},
        {"quality", "parts that were not good and shipped", "未合格出厂的零件"}};
    last_rows *rows = jw_alloc(sizeof *rows);
    if (!rows)
        return jw_fail_memory(error);
    rows->numbers = columns;
    rows->name = "name";
    jw_result result = read_last(gpkg, "run_production_lines", rows, error);
    if (result == JW_OK && rows->count == 0)
        result = jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "oee: this run has no production lines");
    double lacks[3] = {0}, n = rows->count;
    for (uint32_t i = 0; i < rows->count; i++) {
        const double *v = rows->values[i];
        lacks[0] += 100 * (1 - v[0]) / n;
        lacks[1] += 100 * v[0] * (1 - v[1]) / n;
        lacks[2] += 100 * v[0] * v[1] * (1 - v[2]) / n;
        out->value += 100 * v[0] * v[1] * v[2] / n;
    }
    snprintf(out->en, sizeof out->en, "mean OEE of %u lines: %.3f %%", rows->count, out->value);
    snprintf(out->zh, sizeof out->zh, "%u 条产线的平均 OEE：%.3f%%", rows->count, out->value);
    if (result == JW_OK)
        result = add_part(out, 0, "planned", "all of the planned time", "全部计划时间", 100, error);
    for (uint32_t k = 0; k < 3 && result == JW_OK; k++) {
        result = add_part(out, 0, losses[k][0], losses[k][1], losses[k][2], -lacks[k], error);
        for (uint32_t i = 0; i < rows->count && result == JW_OK; i++) {
            const double *v = rows->values[i];
            double share = k == 0 ? 1 - v[0] : k == 1 ? v[0] * (1 - v[1]) : v[0] * v[1] * (1 - v[2]);
            char key[64];
            snprintf(key, sizeof key, "%s/%s", losses[k][0], rows->names[i]);
            result = add_part(out, 1, key, rows->names[i], rows->names[i], -100 * share / n, error);
            double judged = v[3] + v[4] + v[5] + v[6];
            static const char *const fates[3][2] = {
                {"good, scrapped by a wrong verdict", "误判报废的合格品"},
                {"bad, and found", "检出的次品"},
                {"bad, shipped by a wrong verdict or unseen", "漏检出厂的次品"}};
            for (uint32_t f = 0; k == 2 && judged > 0 && f < 3 && result == JW_OK; f++) {
                snprintf(key, sizeof key, "quality/%.40s/%u", rows->names[i], f + 1);
                result = add_part(out, 2, key, fates[f][0], fates[f][1],
                                  -100 * v[0] * v[1] * v[4 + f] / judged / n, error);
            }
        }
    }
    jw_free(rows);
    return result;
}

/* ---- on_time ----------------------------------------------------------------------------------------------
 */

static jw_result explain_on_time(jw_gpkg *gpkg, jw_explanation *out, jw_error *error)
{
    static const char *const columns[] = {"answered", "late", "lost", NULL};
    last_rows *rows = jw_alloc(sizeof *rows);
    if (!rows)
        return jw_fail_memory(error);
    rows->numbers = columns;
    rows->name = "type";
    jw_result result = read_last(gpkg, "run_request_types", rows, error);
    double ended = 0, missed = 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        ended += rows->values[i][0] + rows->values[i][2];
        missed += rows->values[i][1] + rows->values[i][2];
    }
    if (result == JW_OK && ended == 0)
        result = jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "on_time: no request has ended in this run");
    out->value = ended > 0 ? 100 * (ended - missed) / ended : 0;
    snprintf(out->en, sizeof out->en, "of %.0f requests that ended, in time: %.3f %%", ended, out->value);
    snprintf(out->zh, sizeof out->zh, "%.0f 个已结束的请求中按时：%.3f%%", ended, out->value);
    if (result == JW_OK)
        result = add_part(out, 0, "ended", "all that ended", "全部已结束的请求", 100, error);
    for (uint32_t i = 0; i < rows->count && result == JW_OK; i++) {
        const double *v = rows->values[i];
        char key[64];
        if (v[1] + v[2] == 0)
            continue;
        result = add_part(out, 0, rows->names[i], rows->names[i], rows->names[i],
                          -100 * (v[1] + v[2]) / ended, error);
        snprintf(key, sizeof key, "%s/late", rows->names[i]);
        if (result == JW_OK)
            result = add_part(out, 1, key, "answered after the deadline", "超过期限才应答",
                              -100 * v[1] / ended, error);
        snprintf(key, sizeof key, "%s/lost", rows->names[i]);
        if (result == JW_OK)
            result = add_part(out, 1, key, "lost", "丢失", -100 * v[2] / ended, error);
    }
    jw_free(rows);
    return result;
}

/* ---- delay ------------------------------------------------------------------------------------------------
 */

enum { CLASSES = 16 };
typedef struct trip_sums {
    double sum_s[3][CLASSES];
    int64_t count;
} trip_sums;

static jw_result take_trip(void *context, const jw_gpkg_row *row)
{
    trip_sums *sums = context;
    int64_t class_ = integer_of(row, "class");
    uint32_t k = class_ < 0 || class_ >= CLASSES ? CLASSES - 1 : (uint32_t)class_;
    double delay_s = real_of(row, "delay_s"), lost_s = real_of(row, "time_loss_s"),
           standing_s = real_of(row, "standing_s");
    sums->sum_s[0][k] += standing_s;
    sums->sum_s[1][k] += lost_s - standing_s;
    sums->sum_s[2][k] += jw_max(delay_s, 0) - lost_s; /* as traffic.mean_delay: who gains is not late */
    sums->count++;
    return JW_OK;
}

static jw_result explain_delay(jw_gpkg *gpkg, jw_explanation *out, jw_error *error)
{
    static const char *const parts[3][3] = {
        {"standing", "standing in queues", "排队停车"},
        {"slower", "driving slower than wished", "低于期望速度行驶"},
        {"rest", "waits to depart, longer ways, less what drivers faster than the mean make good",
         "等待出发、绕行，减去快于平均的驾驶者追回的时间"}};
    static const char *const chinese[JW_VEHICLE_CLASS_COUNT] = {
        "小汽车", "货车", "公交车", "自动驾驶接驳车", "应急车辆", "自行车", "电动自行车", "行人"};
    trip_sums sums = {0};
    uint32_t layer = jw_gpkg_find_layer(gpkg, "run_trips");
    jw_result result = layer == JW_NONE ? JW_OK : jw_gpkg_read(gpkg, layer, take_trip, &sums, error);
    if (result == JW_OK && sums.count == 0)
        result = jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "delay: no trip has arrived in this run");
    for (uint32_t p = 0; p < 3 && result == JW_OK; p++) {
        double sum_s = 0;
        for (uint32_t k = 0; k < CLASSES; k++)
            sum_s += sums.sum_s[p][k] / (double)sums.count;
        out->value += sum_s;
        result = add_part(out, 0, parts[p][0], parts[p][1], parts[p][2], sum_s, error);
        for (uint32_t k = 0; k < CLASSES && result == JW_OK; k++) {
            char key[64];
            bool is_class = k < JW_VEHICLE_CLASS_COUNT;
            const char *name = is_class ? jw_vehicle_class_name((jw_vehicle_class)k) : "other";
            if (sums.sum_s[p][k] == 0)
                continue;
            snprintf(key, sizeof key, "%s/%s", parts[p][0], name);
            result = add_part(out, 1, key, name, is_class ? chinese[k] : "其他",
                              sums.sum_s[p][k] / (double)sums.count, error);
        }
    }
    snprintf(out->en, sizeof out->en, "mean delay of %lld trips that arrived: %.3f s", (long long)sums.count,
             out->value);
    snprintf(out->zh, sizeof out->zh, "已到达的 %lld 次出行的平均延误：%.3f 秒", (long long)sums.count,
             out->value);
    jw_text_copy(out->unit, sizeof out->unit, "s");
    return result;
}

/* ---- tfp --------------------------------------------------------------------------------------------------
 */

enum {
    Q_NUMBER,
    Q_OUTPUT,
    Q_CAPITAL,
    Q_LABOUR,
    Q_TFP,
    Q_MARGIN,
    Q_SERVICE,
    Q_ENERGY,
    Q_PEOPLE,
    Q_ALPHA,
    Q_FIELDS
};

static jw_result explain_quarters(const double *first, const double *last, jw_explanation *out,
                                  jw_error *error)
{
    double y0 = first[Q_OUTPUT], y1 = last[Q_OUTPUT], alpha = last[Q_ALPHA];
    if (!(y0 > 0 && y1 > 0 && first[Q_CAPITAL] > 0 && last[Q_CAPITAL] > 0 && first[Q_PEOPLE] > 0 &&
          last[Q_PEOPLE] > 0 && first[Q_LABOUR] > 0 && last[Q_LABOUR] > 0 && last[Q_TFP] > 0 && alpha > 0 &&
          alpha < 1))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "tfp: quarter %.0f or the first has no output, capital or labour, so no productivity",
                       last[Q_NUMBER]);
    /* The logarithmic mean of outputs: ln(y1 / y0) = sum of the changes over it. */
    double mean = jw_abs(y1 - y0) < 1e-12 * y0 ? y0 : (y1 - y0) / jw_log(y1 / y0);
    double hours0 = first[Q_LABOUR] / first[Q_PEOPLE], hours1 = last[Q_LABOUR] / last[Q_PEOPLE];
    const struct {
        const char *key, *en, *zh;
        double value;
    } parts[] = {
        {"margin", "margin of the lines", "产线毛利", (last[Q_MARGIN] - first[Q_MARGIN]) / mean},
        {"services", "digital services in time", "按时的数字服务",
         (last[Q_SERVICE] - first[Q_SERVICE]) / mean},
        {"energy", "energy of computers and network", "算力与网络能耗",
         -(last[Q_ENERGY] - first[Q_ENERGY]) / mean},
        {"capital", "capital put in", "投入的资本", -alpha * jw_log(last[Q_CAPITAL] / first[Q_CAPITAL])},
        {"people", "people employed", "从业人员", -(1 - alpha) * jw_log(last[Q_PEOPLE] / first[Q_PEOPLE])},
        {"delay", "their time lost on the way", "通勤延误", -(1 - alpha) * jw_log(hours1 / hours0)},
    };
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < JW_COUNT_OF(parts) && result == JW_OK; i++) {
        out->value += 100 * parts[i].value;
        result = add_part(out, 0, parts[i].key, parts[i].en, parts[i].zh, 100 * parts[i].value, error);
    }
    snprintf(out->en, sizeof out->en, "productivity of quarter %.0f is %.4f of the first: ln of it, %.4f %%",
             last[Q_NUMBER], last[Q_TFP], out->value);
    snprintf(out->zh, sizeof out->zh, "第 %.0f 季度的全要素生产率为首季的 %.4f：其对数为 %.4f%%",
             last[Q_NUMBER], last[Q_TFP], out->value);
    return result;
}

static jw_result explain_tfp(jw_gpkg *gpkg, uint32_t quarter, jw_explanation *out, jw_error *error)
{
    static const char *const columns[] = {"number",
                                          "output_cny_per_hour",
                                          "capital_cny",
                                          "labour",
                                          "tfp",
                                          "margin_cny_per_hour",
                                          "service_cny_per_hour",
                                          "energy_cny_per_hour",
                                          "people",
                                          "alpha",
                                          NULL};
    last_rows *rows = jw_alloc(sizeof *rows);
    if (!rows)
        return jw_fail_memory(error);
    rows->numbers = columns;
    rows->name = "none";
    jw_result result = read_last(gpkg, "run_quarters", rows, error);
    if (result == JW_OK && (rows->count == 0 || quarter > rows->count))
        result = jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                         "tfp: this run has closed %u quarters; a roadmap closes them", rows->count);
    if (result == JW_OK)
        result = explain_quarters(rows->values[0], rows->values[(quarter ? quarter : rows->count) - 1], out,
                                  error);
    jw_free(rows);
    return result;
}

/* *quarter 0: the last, which it becomes. */
static jw_result explain_roadmap(const char *path, uint32_t *quarter, jw_explanation *out, jw_error *error)
{
    static const char *const columns[Q_FIELDS] = {
        "quarter",          "output_cny_per_h",  "capital_cny",      "labour", "tfp",
        "margin_cny_per_h", "service_cny_per_h", "energy_cny_per_h", "people", "alpha"};
    uint32_t at[Q_FIELDS], count = 0;
    double first[Q_FIELDS] = {0}, last[Q_FIELDS] = {0};
    bool has_row = true;
    jw_csv csv;
    jw_result result = jw_csv_open(&csv, path, 100u << 20, error);
    if (result != JW_OK)
        return result;
    for (uint32_t i = 0; i < Q_FIELDS && result == JW_OK; i++)
        result = jw_csv_need(&csv, columns[i], &at[i], error);
    while (result == JW_OK && (*quarter == 0 || count < *quarter)) {
        result = jw_csv_next(&csv, &has_row, error);
        if (result != JW_OK || !has_row)
            break;
        for (uint32_t i = 0; i < Q_FIELDS && result == JW_OK; i++)
            result = jw_csv_number(&csv, at[i], -1e300, 1e300, &last[i], error);
        if (count++ == 0)
            memcpy(first, last, sizeof first);
    }
    jw_csv_close(&csv);
    if (result == JW_OK && (count == 0 || count < *quarter))
        result = jw_fail(error, JW_ERROR_NOT_FOUND, path, 0, "tfp: this roadmap has %u quarters", count);
    *quarter = count;
    return result == JW_OK ? explain_quarters(first, last, out, error) : result;
}

/* ---- requests ---------------------------------------------------------------------------------------------
 */

typedef struct request_taker {
    jw_explanation *out;
    const char *const *types; /* NULL: all */
    uint32_t max;
    jw_error *error;
} request_taker;

static int rank_of(const jw_explain_request *request)
{
    return request->latency_ms < 0 ? 0 : strcmp(request->outcome, "late") == 0 ? 1 : 2;
}

/* Lost before late before in time, slower before faster; of equals the earlier one, then the id. */
static bool is_before(const jw_explain_request *a, const jw_explain_request *b)
{
    int rank_a = rank_of(a), rank_b = rank_of(b), order = strcmp(a->created, b->created);
    if (rank_a != rank_b)
        return rank_a < rank_b;
    if (rank_a > 0 && a->latency_ms != b->latency_ms)
        return a->latency_ms > b->latency_ms;
    return order != 0 ? order < 0 : strcmp(a->id, b->id) < 0;
}

/* Keeps the `max` first. */
static jw_result insert_request(const request_taker *taker, const jw_explain_request *r)
{
    jw_explanation *out = taker->out;
    out->request_total++;
    if (taker->max == 0)
        return JW_OK;
    jw_result result =
        jw_grow(&out->requests, &out->request_capacity, taker->max, sizeof *out->requests, taker->error);
    if (result != JW_OK)
        return result;
    uint32_t at = out->request_count;
    while (at > 0 && is_before(r, &out->requests[at - 1]))
        at--;
    if (at >= taker->max)
        return JW_OK;
    uint32_t moved = (out->request_count < taker->max ? out->request_count : taker->max - 1) - at;
    memmove(&out->requests[at + 1], &out->requests[at], moved * sizeof *r);
    out->requests[at] = *r;
    if (out->request_count < taker->max)
        out->request_count++;
    return JW_OK;
}

static jw_result take_request(void *context, const jw_gpkg_row *row)
{
    request_taker *taker = context;
    const char *type = text_of(row, "type");
    bool is_wanted = !taker->types;
    for (uint32_t i = 0; taker->types && taker->types[i]; i++)
        is_wanted |= strcmp(taker->types[i], type) == 0;
    if (!is_wanted)
        return JW_OK;
    jw_explain_request r = {.latency_ms = real_of(row, "latency_ms"),
                            .before_ms = real_of(row, "before_ms"),
                            .up_ms = real_of(row, "up_ms"),
                            .compute_ms = real_of(row, "compute_ms"),
                            .down_ms = real_of(row, "down_ms"),
                            .tries = integer_of(row, "tries"),
                            .weight = integer_of(row, "weight")};
    snprintf(r.id, sizeof r.id, "%.24s-%lld", type, (long long)integer_of(row, "number"));
    jw_text_copy(r.sender, sizeof r.sender, text_of(row, "sender"));
    jw_text_copy(r.site, sizeof r.site, text_of(row, "site"));
    jw_text_copy(r.outcome, sizeof r.outcome, text_of(row, "outcome"));
    jw_text_copy(r.created, sizeof r.created, text_of(row, "created"));
    return insert_request(taker, &r);
}

#define REQUESTS_BYTES_MAX (100u << 20)
enum { KEPT_TEXTS = 5, KEPT_NUMBERS = 8 };

/* Those that a roadmap kept of a quarter. */
static jw_result list_kept_requests(const char *folder, uint32_t quarter, uint32_t max, jw_explanation *out,
                                    jw_error *error)
{
    static const char *const texts[KEPT_TEXTS] = {"type", "sender", "site", "outcome", "created"},
                             *const numbers[KEPT_NUMBERS] = {"latency_ms", "before_ms", "up_ms",
                                                             "compute_ms", "down_ms",   "tries",
                                                             "weight",     "number"};
    char path[1200], name[40];
    snprintf(name, sizeof name, JW_ROADMAP_REQUESTS, quarter);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    out->has_requests = jw_file_exists(path);
    if (!out->has_requests)
        return JW_OK;
    request_taker taker = {out, NULL, max, error};
    jw_csv csv;
    uint32_t of_text[KEPT_TEXTS], of_number[KEPT_NUMBERS];
    bool has_row = true;
    jw_result result = jw_csv_open(&csv, path, REQUESTS_BYTES_MAX, error);
    for (uint32_t i = 0; i < KEPT_TEXTS && result == JW_OK; i++)
        result = jw_csv_need(&csv, texts[i], &of_text[i], error);
    for (uint32_t i = 0; i < KEPT_NUMBERS && result == JW_OK; i++)
        result = jw_csv_need(&csv, numbers[i], &of_number[i], error);
    while (result == JW_OK && (result = jw_csv_next(&csv, &has_row, error)) == JW_OK && has_row) {
        double v[KEPT_NUMBERS];
        for (uint32_t i = 0; i < KEPT_NUMBERS && result == JW_OK; i++)
            result = jw_csv_number(&csv, of_number[i], -1, 1e15, &v[i], error);
        if (result != JW_OK)
            break;
        jw_explain_request r = {.latency_ms = v[0],
                                .before_ms = v[1],
                                .up_ms = v[2],
                                .compute_ms = v[3],
                                .down_ms = v[4],
                                .tries = (int64_t)v[5],
                                .weight = (int64_t)v[6]};
        snprintf(r.id, sizeof r.id, "%.24s-%lld", jw_csv_text(&csv, of_text[0]), (long long)v[7]);
        jw_text_copy(r.sender, sizeof r.sender, jw_csv_text(&csv, of_text[1]));
        jw_text_copy(r.site, sizeof r.site, jw_csv_text(&csv, of_text[2]));
        jw_text_copy(r.outcome, sizeof r.outcome, jw_csv_text(&csv, of_text[3]));
        jw_text_copy(r.created, sizeof r.created, jw_csv_text(&csv, of_text[4]));
        result = insert_request(&taker, &r);
    }
    jw_csv_close(&csv);
    return result;
}

static jw_result list_requests(jw_gpkg *gpkg, const char *metric, uint32_t max, jw_explanation *out,
                               jw_error *error)
{
    static const char *const of_lines[] = {"inspection", "maintenance", NULL};
    static const char *const of_streets[] = {"signal", "bus", "incident", NULL};
    request_taker taker = {out,
                           strcmp(metric, "oee") == 0     ? of_lines
                           : strcmp(metric, "delay") == 0 ? of_streets
                                                          : NULL,
                           max, error};
    uint32_t layer = jw_gpkg_find_layer(gpkg, "run_requests");
    out->has_requests = layer != JW_NONE;
    return layer == JW_NONE ? JW_OK : jw_gpkg_read(gpkg, layer, take_request, &taker, error);
}

/* ---- all --------------------------------------------------------------------------------------------------
 */

static jw_result fail_metric(const char *folder, const char *metric, const char *known, jw_error *error)
{
    return jw_fail(error, JW_ERROR_NOT_FOUND, folder, 0,
                   "there is no metric \"%s\" to explain here; there are: %s", metric, known);
}

jw_result jw_explain(const char *folder, const char *metric, uint32_t quarter, uint32_t requests_max,
                     jw_explanation *out, jw_error *error)
{
    *out = (jw_explanation){.unit = "%"};
    char path[1200];
    jw_text_copy(out->metric, sizeof out->metric, metric);
    if (requests_max > JW_EXPLAIN_REQUESTS_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "at most %d requests are listed",
                       JW_EXPLAIN_REQUESTS_MAX);
    snprintf(path, sizeof path, "%s/quarters.csv", folder);
    jw_result result;
    if (jw_file_exists(path)) {
        result = strcmp(metric, "tfp") == 0 ? explain_roadmap(path, &quarter, out, error)
                                            : fail_metric(folder, metric, "tfp", error);
        if (result == JW_OK)
            result = list_kept_requests(folder, quarter, requests_max, out, error);
    } else {
        snprintf(path, sizeof path, "%s/results.gpkg", folder);
        if (!jw_file_exists(path))
            return jw_fail(error, JW_ERROR_NOT_FOUND, folder, 0,
                           "neither a run (results.gpkg) nor a roadmap (quarters.csv) lies here");
        jw_gpkg *gpkg;
        result = jw_gpkg_open(path, false, &gpkg, error);
        if (result != JW_OK)
            return result;
        if (strcmp(metric, "oee") == 0)
            result = explain_oee(gpkg, out, error);
        else if (strcmp(metric, "on_time") == 0)
            result = explain_on_time(gpkg, out, error);
        else if (strcmp(metric, "delay") == 0)
            result = explain_delay(gpkg, out, error);
        else if (strcmp(metric, "tfp") == 0)
            result = explain_tfp(gpkg, quarter, out, error);
        else
            result = fail_metric(folder, metric, "delay, oee, on_time, tfp", error);
        if (result == JW_OK)
            result = list_requests(gpkg, metric, requests_max, out, error);
        jw_gpkg_close(gpkg);
    }
    if (result != JW_OK)
        jw_explanation_free(out);
    return result;
}
