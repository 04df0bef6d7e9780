/* What a roadmap leaves behind: tables, one JSON object, a chart. */
#include "study/roadmap.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *label; /* label NULL: not in the chart */
} measures[] = {[JW_ROADMAP_DELAY] = {"delay_s", "delay of a trip 行程延误, s"},
                {"on_time_share", "requests in time 按时答复"},
                {"latency_ms", "latency 时延, ms"},
                {"energy_kwh_per_h", "energy an hour 每小时能耗, kWh"},
                {"oee", "OEE 设备综合效率"},
                [JW_ROADMAP_TFP] = {"tfp", "productivity, first quarter = 1 全要素生产率"},
                {"parks_complete", "parks that lack nothing 配齐园区"},
                {"fund_cny", "free in the fund 基金余额, CNY"},
                {"output_cny_per_h", NULL},
                {"capital_cny", NULL},
                {"labour", NULL},
                {"margin_cny_per_h", NULL},
                {"service_cny_per_h", NULL},
                {"energy_cny_per_h", NULL},
                {"people", NULL},
                {"alpha", NULL},
                {"theil_access", NULL},
                {"theil_access_between", NULL},
                {"theil_productivity", NULL},
                {"theil_productivity_between", NULL},
                {"defaults", NULL},
                {"trips", NULL},
                {"requests", NULL},
                {"orders", NULL},
                {"refused", NULL},
                {"rollouts", NULL},
                {"rolled_back", NULL}};

uint32_t jw_roadmap_measure_count(void)
{
    return JW_COUNT_OF(measures);
}

const char *jw_roadmap_measure_name(uint32_t measure)
{
    return measures[measure].name;
}

double jw_roadmap_measure(const jw_roadmap_row *row, uint32_t measure)
{
    const jw_quarter *q = &row->books;
    const double values[] = {q->results.delay_s,
                             q->results.on_time_share,
                             q->results.latency_ms,
                             q->results.energy_kwh,
                             q->oee,
                             q->tfp,
                             q->parks_complete,
                             row->fund_cny,
                             q->output_fen_per_hour / 100,
                             q->capital_fen / 100,
                             q->labour,
                             q->margin_fen_per_hour / 100,
                             q->service_fen_per_hour / 100,
                             q->energy_fen_per_hour / 100,
                             q->people,
                             q->alpha,
                             q->access.total,
                             q->access.between,
                             q->productivity.total,
                             q->productivity.between,
                             q->defaults,
                             (double)row->trips,
                             (double)row->requests,
                             row->orders,
                             row->refused,
                             row->rollouts,
                             row->rolled_back};
    _Static_assert(JW_COUNT_OF(values) == JW_COUNT_OF(measures), "every measure has a name");
    return values[measure];
}

/* ---- tables -------------------------------------------------------------------------------------------- */

static void put_quarters(jw_writer *out, const jw_roadmap *map)
{
    jw_write_format(out, "quarter");
    for (uint32_t m = 0; m < JW_COUNT_OF(measures); m++)
        jw_write_format(out, ",%s", measures[m].name);
    jw_write_format(out, ",hash\n");
    for (uint32_t i = 0; i < map->count; i++) {
        jw_write_format(out, "%u", i + 1);
        for (uint32_t m = 0; m < JW_COUNT_OF(measures); m++)
            jw_write_format(out, ",%.12g", jw_roadmap_measure(&map->rows[i], m));
        jw_write_format(out, ",%016llx\n", (unsigned long long)map->rows[i].hash);
    }
}

static void put_cell(jw_writer *out, const char *text)
{
    jw_write_format(out, ",\"");
    for (; *text; text++)
        jw_write_bytes(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    jw_write_format(out, "\"");
}

static void put_orders(jw_writer *out, const jw_roadmap *map)
{
    jw_write_format(out, "quarter,at,order,reason,outcome,refusal\n");
    for (uint32_t i = 0; i < map->order_count; i++) {
        const jw_order *o = &map->orders[i].order;
        jw_write_format(out, "%u", map->orders[i].quarter);
        put_cell(out, o->at);
        put_cell(out, o->what);
        put_cell(out, o->reason);
        jw_write_format(out, ",%s", o->result == JW_OK ? "done" : "refused");
        put_cell(out, o->refusal);
        jw_write_format(out, "\n");
    }
}

/* ---- JSON ---------------------------------------------------------------------------------------------- */

static json_t *text_json(const char *text)
{
    json_t *value = json_string(text);
    return value ? value : json_string("?"); /* no UTF-8 */
}

static json_t *quarter_json(const jw_roadmap *map, uint32_t index)
{
    char hash[20];
    json_t *row = json_pack("{s:i}", "quarter", (int)index + 1);
    for (uint32_t m = 0; m < JW_COUNT_OF(measures); m++)
        json_object_set_new(row, measures[m].name, json_real(jw_roadmap_measure(&map->rows[index], m)));
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)map->rows[index].hash);
    json_object_set_new(row, "hash", json_string(hash));
    return row;
}

static jw_result put_json(jw_writer *out, const jw_roadmap *map, jw_error *error)
{
    json_t *quarters = json_array(), *orders = json_array(), *sets = json_array();
    for (uint32_t i = 0; i < map->count; i++)
        json_array_append_new(quarters, quarter_json(map, i));
    for (uint32_t i = 0; i < map->order_count; i++) {
        const jw_order *o = &map->orders[i].order;
        json_array_append_new(orders, json_pack("{s:i, s:o, s:o, s:o, s:b, s:o}", "quarter",
                                                (int)map->orders[i].quarter, "at", text_json(o->at), "order",
                                                text_json(o->what), "reason", text_json(o->reason), "done",
                                                o->result == JW_OK, "refusal", text_json(o->refusal)));
    }
    for (uint32_t i = 0; i < map->plan.set_count; i++)
        json_array_append_new(sets, text_json(map->plan.set[i]));
    json_t *object = json_pack("{s:o, s:o, s:o, s:I, s:f, s:i, s:o, s:o}", "scene",
                               text_json(map->plan.scene), "policy", text_json(map->plan.policy), "set", sets,
                               "seed", (json_int_t)map->plan.seed, "minutes", map->plan.minutes, "planned",
                               (int)map->plan.quarters, "quarters", quarters, "orders", orders);
    char *text = object ? json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(object);
    if (!text)
        return jw_fail_memory(error);
    jw_write_bytes(out, text, strlen(text));
    free(text);
    jw_write_format(out, "\n");
    return JW_OK;
}

/* ---- the chart: a small one for each measure, all over the same quarters ------------------------------- */

#define CHART_W  420.0
#define CHART_H  150.0
#define PLOT_L   20.0
#define PLOT_R   400.0
#define PLOT_T   40.0
#define PLOT_B   120.0
#define A_COLUMN 2

typedef struct plot {
    double least, most; /* of the lines and bands */
} plot;

static double plot_y(const plot *p, double value)
{
    double span = p->most > p->least ? p->most - p->least : 1;
    return PLOT_B - (PLOT_B - PLOT_T) * (value - p->least) / span;
}

static double plot_x(const jw_roadmap *map, uint32_t quarter)
{
    return PLOT_L + (PLOT_R - PLOT_L) * (map->count > 1 ? quarter / (map->count - 1.0) : 0);
}

static jw_estimate band_at(const jw_estimate *bands, uint32_t quarter, uint32_t measure)
{
    return bands[(size_t)quarter * JW_COUNT_OF(measures) + measure];
}

/* To the right along the upper side, back along the lower one, and the mean between them. */
static void put_band(jw_writer *out, const jw_roadmap *map, const jw_estimate *bands, uint32_t measure,
                     const plot *p)
{
    jw_write_format(out, "<polygon fill=\"#1f6fb2\" fill-opacity=\"0.18\" points=\"");
    for (uint32_t k = 0; k < 2 * map->count; k++) {
        uint32_t i = k < map->count ? k : 2 * map->count - 1 - k;
        jw_estimate e = band_at(bands, i, measure);
        double value = e.mean + (k < map->count ? e.half_width : -e.half_width);
        jw_write_format(out, "%.1f,%.1f ", plot_x(map, i), plot_y(p, value));
    }
    jw_write_format(out, "\"/><polyline fill=\"none\" stroke=\"#1f6fb2\" stroke-dasharray=\"4 3\" points=\"");
    for (uint32_t i = 0; i < map->count; i++)
        jw_write_format(out, "%.1f,%.1f ", plot_x(map, i), plot_y(p, band_at(bands, i, measure).mean));
    jw_write_format(out, "\"/>\n");
}

static plot range_of(const jw_roadmap *map, const jw_estimate *bands, uint32_t measure)
{
    plot p = {.least = 1e300, .most = -1e300};
    for (uint32_t i = 0; i < map->count; i++) {
        double value = jw_roadmap_measure(&map->rows[i], measure);
        jw_estimate e = bands ? band_at(bands, i, measure) : (jw_estimate){.mean = value};
        p.least = jw_min(p.least, jw_min(value, e.mean - e.half_width));
        p.most = jw_max(p.most, jw_max(value, e.mean + e.half_width));
    }
    return p;
}

static void put_plot(jw_writer *out, const jw_roadmap *map, const jw_estimate *bands, uint32_t measure,
                     double x_px, double y_px)
{
    plot p = range_of(map, bands, measure);
    jw_write_format(out, "<g transform=\"translate(%.0f %.0f)\"><text x=\"%.0f\" y=\"24\">%s</text>\n", x_px,
                    y_px, PLOT_L, measures[measure].label);
    if (bands)
        put_band(out, map, bands, measure, &p);
    jw_write_format(
        out,
        "<path d=\"M%.0f %.0fH%.0f\" stroke=\"#d9d8d2\"/><polyline fill=\"none\" stroke=\"#1f6fb2\" "
        "stroke-width=\"2\" points=\"",
        PLOT_L, PLOT_B, PLOT_R);
    for (uint32_t i = 0; i < map->count; i++)
        jw_write_format(out, "%.1f,%.1f ", plot_x(map, i),
                        plot_y(&p, jw_roadmap_measure(&map->rows[i], measure)));
    jw_write_format(out, "\"/><text x=\"%.0f\" y=\"138\" fill=\"#6b767d\">%.4g – %.4g</text></g>\n", PLOT_L,
                    p.least, p.most);
}

static void put_chart(jw_writer *out, const jw_roadmap *map, const jw_estimate *bands)
{
    uint32_t plots = 0;
    for (uint32_t m = 0; m < JW_COUNT_OF(measures); m++)
        plots += measures[m].label != NULL;
    jw_write_format(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
        "font-family=\"system-ui,'WenQuanYi Micro Hei',sans-serif\" font-size=\"13\" fill=\"#26323a\">\n"
        "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n<text x=\"%.0f\" y=\"26\" font-size=\"16\">"
        "%u quarters 季度%s</text>\n",
        CHART_W * A_COLUMN, 40 + CHART_H * ((plots + A_COLUMN - 1) / A_COLUMN), PLOT_L, map->count,
        bands ? "; dashed: mean of the seeds with its 95 % interval 虚线：各种子均值及 95 % 区间" : "");
    uint32_t place = 0;
    for (uint32_t m = 0; m < JW_COUNT_OF(measures) && map->count > 0; m++)
        if (measures[m].label) {
            put_plot(out, map, bands, m, CHART_W * (place % A_COLUMN), 40 + CHART_H * (place / A_COLUMN));
            place++;
        }
    jw_write_format(out, "</svg>\n");
}

/* ---- files --------------------------------------------------------------------------------------------- */

static jw_result keep(jw_writer *text, const char *folder, const char *name, jw_error *error)
{
    char path[1100];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    jw_result result =
        text->failed ? jw_fail_memory(error) : jw_file_write(path, text->bytes, text->size, error);
    jw_writer_free(text);
    return result;
}

jw_result jw_roadmap_write_chart(const jw_roadmap *map, const jw_estimate *bands, const char *folder,
                                 jw_error *error)
{
    jw_writer chart = {0};
    put_chart(&chart, map, bands);
    return keep(&chart, folder, "roadmap.svg", error);
}

jw_result jw_roadmap_write(const jw_roadmap *map, const char *folder, jw_error *error)
{
    jw_writer quarters = {0}, orders = {0}, json = {0};
    put_quarters(&quarters, map);
    jw_result result = keep(&quarters, folder, "quarters.csv", error);
    if (result != JW_OK)
        return result;
    put_orders(&orders, map);
    result = keep(&orders, folder, "orders.csv", error);
    if (result != JW_OK)
        return result;
    result = jw_roadmap_write_chart(map, NULL, folder, error);
    if (result == JW_OK)
        result = put_json(&json, map, error);
    return result == JW_OK ? keep(&json, folder, "roadmap.json", error) : result;
}
