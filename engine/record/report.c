/* One page on a run: everything inline, nothing fetched, so that it can be mailed. Read from the run folder
 * alone. */
#include "record/record.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_MAX 4000

typedef struct series {
    const char *metric, *en, *zh, *unit;
    double scale; /* from the metric's unit to `unit`; 0: they are the same */
    double values[POINTS_MAX], minutes[POINTS_MAX]; /* of day */
    uint32_t count;
} series;

typedef struct text_pair {
    const char *en, *zh;
} text_pair;

typedef struct report_page {
    jw_writer out;
    bool is_zh;
    series *series;
    uint32_t series_count;
    /* map */
    double min_x, min_y, max_x, max_y;
    bool is_measuring;
    uint32_t shapes;
    char first_site[64];
} report_page;

static const char *say(const report_page *page, const char *en, const char *zh)
{
    return page->is_zh ? zh : en;
}

static const char *unit_in(const report_page *page, const char *unit)
{
    static const text_pair units[] = {{"veh", "辆"},     {"s", "秒"},         {"min", "分钟"},
                                      {"ms", "毫秒"},    {"km/h", "公里/时"}, {"kg", "千克"},
                                      {"kWh", "千瓦时"}, {"kW", "千瓦"},      {"Mbit/s", "兆比特/秒"}};
    for (uint32_t i = 0; page->is_zh && i < JW_COUNT_OF(units); i++)
        if (strcmp(units[i].en, unit) == 0)
            return units[i].zh;
    return unit;
}

/* Names come from files: nothing of them may become markup. */
static void put_escaped(report_page *page, const char *text)
{
    for (; *text; text++) {
        if (*text == '<')
            jw_write_format(&page->out, "&lt;");
        else if (*text == '>')
            jw_write_format(&page->out, "&gt;");
        else if (*text == '&')
            jw_write_format(&page->out, "&amp;");
        else if (*text == '"')
            jw_write_format(&page->out, "&quot;");
        else
            jw_write_bytes(&page->out, text, 1);
    }
}

/* ---- series
 * ------------------------------------------------------------------------------------------------ */

/* Minutes of day of "2026-01-01T08:00:00.000Z", counted on over midnight. */
static double minutes_of(const char *text, double after)
{
    int day = 0, hours = 0, minutes = 0;
    double seconds = 0;
    if (!text || sscanf(text, "%*d-%*d-%dT%d:%d:%lf", &day, &hours, &minutes, &seconds) != 4)
        return after;
    double of_day = 60.0 * hours + minutes + seconds / 60;
    while (of_day < after)
        of_day += 1440;
    return of_day;
}

static jw_result on_metric(void *context, const jw_gpkg_row *row)
{
    report_page *page = context;
    const jw_gpkg_value *name = jw_gpkg_row_value(row, "name"), *value = jw_gpkg_row_value(row, "value");
    const jw_gpkg_value *time = jw_gpkg_row_value(row, "time");
    if (!name || !value || !name->text)
        return JW_OK;
    for (uint32_t i = 0; i < page->series_count; i++) {
        series *s = &page->series[i];
        if (strcmp(s->metric, name->text) != 0 || s->count >= POINTS_MAX)
            continue;
        s->minutes[s->count] = minutes_of(time ? time->text : NULL, s->count ? s->minutes[s->count - 1] : 0);
        s->values[s->count++] = value->real * (s->scale > 0 ? s->scale : 1);
    }
    return JW_OK;
}

/* The smallest of 1, 2, 5 x 10^k that is not below. */
static double nice_step(double least)
{
    double power = jw_pow(10, jw_floor(jw_log10(least)));
    static const double of_ten[] = {1, 2, 5};
    for (uint32_t i = 0; i < JW_COUNT_OF(of_ten); i++)
        if (of_ten[i] * power >= least * (1 - 1e-9))
            return of_ten[i] * power;
    return 10 * power;
}

static void put_time_axis(report_page *page, double from, double until)
{
    static const int steps[] = {1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440};
    uint32_t k = 0;
    while (k + 1 < JW_COUNT_OF(steps) && (until - from) / steps[k] > 6)
        k++;
    for (double at = steps[k] * jw_ceil(from / steps[k]); at <= until; at += steps[k]) {
        double x = 64 + 552 * (at - from) / (until - from);
        jw_write_format(&page->out, "<text x=\"%.1f\" y=\"164\" class=\"time\">%02d:%02d</text>", x,
                        (int)(at / 60) % 24, (int)at % 60);
    }
}

/* A line over time: round values at the left, the clock below; 640 x 168, one unit of the page's grid is 8.
 */
static void put_chart(report_page *page, const series *s)
{
    if (s->count < 2 || s->minutes[s->count - 1] <= s->minutes[0])
        return;
    double low = s->values[0], high = s->values[0], from = s->minutes[0], until = s->minutes[s->count - 1];
    for (uint32_t i = 1; i < s->count; i++) {
        low = s->values[i] < low ? s->values[i] : low;
        high = s->values[i] > high ? s->values[i] : high;
    }
    if (low > 0 && low < 0.5 * high)
        low = 0;
    double spread = high - low, size = jw_max(jw_abs(low), jw_abs(high));
    double step = nice_step(spread > 1e-6 * size ? spread / 3 : size > 0 ? size / 3 : 1);
    low = step * jw_floor(low / step);
    double lines = jw_max(1, jw_ceil((high - low) / step - 1e-9)), span = lines * step;
    jw_write_format(
        &page->out,
        "<figure><figcaption>%s <small>%s</small></figcaption><svg viewBox=\"0 0 640 168\" role=\"img\">",
        say(page, s->en, s->zh), unit_in(page, s->unit));
    for (double line = 0; line <= lines; line++) {
        double y = 144 - 128 * line / lines, value = low + step * line;
        jw_write_format(
            &page->out,
            "<line x1=\"64\" x2=\"632\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\"/><text x=\"56\" y=\"%.1f\" "
            "class=\"tick\">%.6g</text>",
            y, y, y + 4, jw_abs(value) < 1e-9 * step ? 0 : value);
    }
    put_time_axis(page, from, until);
    jw_write_format(&page->out, "<polyline class=\"line\" points=\"");
    for (uint32_t i = 0; i < s->count; i++)
        jw_write_format(&page->out, "%.1f,%.1f ", 64 + 552 * (s->minutes[i] - from) / (until - from),
                        144 - 128 * (s->values[i] - low) / span);
    jw_write_format(&page->out, "\"/></svg></figure>\n");
}

/* ---- map
 * --------------------------------------------------------------------------------------------------- */

static double map_x(const report_page *page, double lon)
{
    double middle = (page->min_y + page->max_y) / 2;
    double width = (page->max_x - page->min_x) * jw_cos(middle * JW_PI / 180);
    double scale = 960 / jw_max(width, 1.6 * (page->max_y - page->min_y));
    return 480 + (lon - (page->min_x + page->max_x) / 2) * jw_cos(middle * JW_PI / 180) * scale;
}

static double map_y(const report_page *page, double lat)
{
    double middle = (page->min_y + page->max_y) / 2;
    double width = (page->max_x - page->min_x) * jw_cos(middle * JW_PI / 180);
    double scale = 960 / jw_max(width, 1.6 * (page->max_y - page->min_y));
    return 300 - (lat - middle) * scale;
}

static jw_result on_shape(void *context, const jw_gpkg_row *row)
{
    report_page *page = context;
    const jw_gpkg_shape *shape = &row->shape;
    for (uint32_t part = 0; part < shape->part_count; part++) {
        uint32_t first = shape->part_first[part], end = shape->part_first[part + 1];
        for (uint32_t i = first; i < end; i++) {
            double lon = shape->lon_deg[i], lat = shape->lat_deg[i];
            if (page->is_measuring) {
                page->min_x = lon < page->min_x ? lon : page->min_x;
                page->max_x = lon > page->max_x ? lon : page->max_x;
                page->min_y = lat < page->min_y ? lat : page->min_y;
                page->max_y = lat > page->max_y ? lat : page->max_y;
            } else {
                jw_write_format(&page->out, "%c%.1f %.1f", i == first ? 'M' : 'L', map_x(page, lon),
                                map_y(page, lat));
            }
        }
    }
    page->shapes += shape->part_count > 0;
    return JW_OK;
}

static jw_result on_point(void *context, const jw_gpkg_row *row)
{
    report_page *page = context;
    const jw_gpkg_value *name = jw_gpkg_row_value(row, "name");
    if (row->shape.part_count == 0 || !name || !name->text)
        return JW_OK;
    /* A row a site and interval: the second time of the first name ends the first interval. */
    if (page->first_site[0] && strcmp(page->first_site, name->text) == 0)
        return JW_ERROR_CANCELLED;
    if (!page->first_site[0])
        jw_text_copy(page->first_site, sizeof page->first_site, name->text);
    jw_write_format(&page->out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" class=\"site\"><title>",
                    map_x(page, row->shape.lon_deg[0]), map_y(page, row->shape.lat_deg[0]));
    put_escaped(page, name->text);
    jw_write_format(&page->out, "</title></circle>\n");
    return JW_OK;
}

static jw_result read_layer(jw_gpkg *gpkg, const char *name, jw_result (*on_row)(void *, const jw_gpkg_row *),
                            report_page *page, jw_error *error)
{
    uint32_t layer = jw_gpkg_find_layer(gpkg, name);
    return layer == JW_NONE ? JW_OK : jw_gpkg_read(gpkg, layer, on_row, page, error);
}

static jw_result put_map(report_page *page, jw_gpkg *gpkg, jw_error *error)
{
    static const struct {
        const char *layer, *class;
    } layers[] = {{"landuse", "land"}, {"water", "water"}, {"buildings", "building"}, {"roads", "road"}};
    page->min_x = page->min_y = 1e9;
    page->max_x = page->max_y = -1e9;
    page->is_measuring = true;
    jw_result result = read_layer(gpkg, "roads", on_shape, page, error);
    page->is_measuring = false;
    if (result != JW_OK || page->shapes == 0)
        return result;
    jw_write_format(&page->out, "<h2>%s</h2>\n<svg class=\"map\" viewBox=\"0 0 960 600\">",
                    say(page, "Map", "地图"));
    for (uint32_t i = 0; i < JW_COUNT_OF(layers) && result == JW_OK; i++) {
        jw_write_format(&page->out, "<path class=\"%s\" d=\"", layers[i].class);
        result = read_layer(gpkg, layers[i].layer, on_shape, page, error);
        jw_write_format(&page->out, "\"/>\n");
    }
    if (result == JW_OK)
        result = read_layer(gpkg, "run_sites", on_point, page, error);
    result = result == JW_ERROR_CANCELLED ? JW_OK : result;
    jw_write_format(
        &page->out, "</svg>\n<p class=\"note\">%s</p>\n",
        say(page, "Circles: computing sites. Point at one for its name.", "圆点为算力节点，悬停可见名称。"));
    return result;
}

/* ---- parts
 * ------------------------------------------------------------------------------------------------- */

static double number_at(const json_t *object, const char *outer, const char *name)
{
    if (outer)
        object = json_object_get(object, outer);
    return json_number_value(json_object_get(object, name));
}

static void put_fact(report_page *page, const char *en, const char *zh, double value, int decimals,
                     const char *unit)
{
    jw_write_format(&page->out, "<div class=\"fact\"><b>%.*f</b> <small>%s</small><span>%s</span></div>\n",
                    decimals, value, unit_in(page, unit), say(page, en, zh));
}

/* What computers and networks did; a scene may have neither. */
static void put_data_summary(report_page *page, const json_t *s)
{
    put_fact(page, "requests answered", "应答请求", number_at(s, "requests", "answered"), 0, "");
    put_fact(page, "late", "迟到", number_at(s, "requests", "late"), 0, "");
    put_fact(page, "lost", "丢失", number_at(s, "requests", "lost"), 0, "");
    put_fact(page, "95 % of answers within", "95% 应答时延", number_at(s, "requests", "p95_ms"), 1, "ms");
    put_fact(page, "energy of data (computers, network)", "数据能耗（算力与网络）",
             number_at(s, NULL, "energy_wh") / 1000, 1, "kWh");
    put_fact(page, "CO2 of data (that energy)", "数据碳排放（上述能耗）", number_at(s, NULL, "carbon_kg"), 1,
             "kg");
}

static void put_summary(report_page *page, const json_t *s)
{
    jw_write_format(&page->out, "<section class=\"facts\">\n");
    put_fact(page, "simulated", "仿真时长", number_at(s, NULL, "sim_s") / 60, 1, "min");
    put_fact(page, "trips arrived", "到达出行", number_at(s, "trips", "arrived"), 0, "");
    put_fact(page, "on the road", "在途车辆", number_at(s, "trips", "running"), 0, "");
    put_fact(page, "mean travel time", "平均出行时间", number_at(s, "trips", "mean_travel_time_s"), 0, "s");
    put_fact(page, "mean delay", "平均延误", number_at(s, "trips", "mean_delay_s"), 0, "s");
    if (json_object_get(s, "traffic_co2_kg"))
        put_fact(page, "CO2 of traffic", "交通碳排放", number_at(s, NULL, "traffic_co2_kg"), 1, "kg");
    if (number_at(s, "requests", "sent") > 0 || number_at(s, NULL, "energy_wh") > 0)
        put_data_summary(page, s);
    jw_write_format(&page->out, "</section>\n");
}

static void put_assumptions(report_page *page)
{
    static const text_pair items[] = {
        {"Traffic: vehicle by vehicle, car following by the Intelligent Driver Model (Treiber, Hennecke, "
         "Helbing "
         "2000), lane changes by MOBIL (Kesting, Treiber, Helbing 2007), buses by their timetable; demand is "
         "drawn by a gravity model unless a scene gives its own, not counted on this city's streets.",
         "交通：逐车仿真，跟驰采用 IDM（2000），换道采用 "
         "MOBIL（2007），公交按时刻表；除场景另有给定外，交通需求由重力模型"
         "生成，并非本地实测。"},
        {"People walk on pavements and crossings that are derived from the streets; emissions are those of "
         "an "
         "older fleet (Int Panis 2006), unless a scene has electric vehicles.",
         "行人走在由道路推导的人行道与过街横道上；排放取自较早车队（Int Panis 2006），场景中的电动车除外。"},
        {"Radio: path loss and losses into buildings of 3GPP TR 38.901, line of sight from the buildings, "
         "CQI table "
         "of TS 38.214, interference by load both ways, uplink power of TS 38.213, handover and link failure "
         "of "
         "TS 38.331, shares equal among active users; roadside broadcast by LTE-V2X (TR 37.885).",
         "无线：3GPP TR 38.901 路径损耗与室内穿透损耗，建筑判定视距，TS 38.214 CQI "
         "表，上下行均计负载干扰，TS 38.213 "
         "上行功率，TS 38.331 切换与链路失败，活跃用户均分资源；路侧广播为 LTE-V2X（TR 37.885）。"},
        {"Networks: messages store-and-forward, flows max-min fair; 4.9 microseconds per km of fibre.",
         "网络：消息存储转发，流最大最小公平；光纤每公里 4.9 微秒。"},
        {"Computing: vision by operations over the reached rate, language models by measured times where "
         "there are "
         "some, else by prefill/decode roofline, with continuous batching; figures of the catalogue marked "
         "unverified are of that quality.",
         "算力：视觉按运算量与实际速率，大模型优先按实测时间、否则按预填充/"
         "解码屋顶线，连续批处理；目录中标注 unverified "
         "的数据未经核实。"},
        {"Energy: computers between idle and peak power, cooling by temperature and load, grid, sun, wind "
         "and batteries "
         "by the hour in a climate of sinusoids; carbon by the averages of the catalogue's grids.",
         "能耗：服务器功率介于空闲与峰值之间，制冷随气温与负载，市电、风光与电池按小时，气候为正弦曲线；碳按"
         "目录中的电网"
         "平均因子。"},
        {"Factories and parks: stations with failures and buffers; parks elsewhere run on figures of their "
         "own, not "
         "station by station.",
         "工厂与园区：工位有故障与缓冲；外地园区按各自的指标推算，不逐工位仿真。"},
        {"Not modelled here: choice of the means of travel, prices of time, footpaths off the streets; fast "
         "fading, "
         "several layers, closed-loop power control; weather as it was on a certain day.",
         "未建模：出行方式选择、时间价值、道路之外的步道；无线快衰落、多层传输、闭环功率控制；某一天的实际天"
         "气。"},
    };
    jw_write_format(&page->out, "<h2>%s</h2>\n<ul>\n", say(page, "Models and assumptions", "模型与假设"));
    for (uint32_t i = 0; i < JW_COUNT_OF(items); i++)
        jw_write_format(&page->out, "<li>%s</li>\n", say(page, items[i].en, items[i].zh));
    jw_write_format(&page->out, "</ul>\n");
}

static const char style[] =
    "body{font:16px/1.5 system-ui,'WenQuanYi Micro "
    "Hei',sans-serif;color:#26323a;background:#f7f6f3;max-width:1040px;"
    "margin:32px auto;padding:0 16px}h1{font-weight:600;margin:0}h2{margin:40px 0 8px;font-weight:600}"
    ".facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(160px,1fr));gap:16px;margin:24px 0}"
    ".fact{background:#fff;padding:16px;border-radius:8px}.fact b{font-size:24px}.fact "
    "span{display:block;color:#5d6b73}"
    "figure{margin:0;background:#fff;border-radius:8px;padding:16px}figcaption{font-weight:600}"
    ".charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(440px,1fr));gap:16px}"
    "svg{width:100%;display:block}.grid{stroke:#e3e2dd}.tick{font-size:11px;text-anchor:end;fill:#5d6b73}"
    ".time{font-size:11px;text-anchor:middle;fill:#5d6b73}.line{fill:none;stroke:#1f6fb2;stroke-width:2}.map{"
    "background:#eceae4;border-radius:8px}"
    ".land{fill:#dfe6d6;fill-rule:evenodd}.water{fill:#b9d3df;fill-rule:evenodd}.building{fill:#fdfcfa;fill-"
    "rule:evenodd}"
    ".road{fill:none;stroke:#9a958c;stroke-width:1}.site{fill:#d1495b}.note,small{color:#5d6b73;font-weight:"
    "400}";

static json_t *load_json(const char *folder, const char *name, jw_error *error)
{
    char path[1024], *text = NULL;
    size_t size;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (jw_file_read(path, 16 << 20, &text, &size, error) != JW_OK)
        return NULL;
    json_error_t where;
    json_t *object = json_loadb(text, size, 0, &where);
    jw_free(text);
    if (!object)
        jw_fail(error, JW_ERROR_CORRUPT, path, where.line, "%s", where.text);
    return object;
}

/* Of {en, zh}; NULL where there is none. */
static const char *title_in(const report_page *page, const json_t *titles)
{
    const char *title = json_string_value(json_object_get(titles, say(page, "en", "zh")));
    return title && title[0] ? title : NULL;
}

/* What happened in the run, and what of it is not counted. */
static void put_scenario(report_page *page, const json_t *manifest)
{
    const char *title = title_in(page, json_object_get(manifest, "scenario_title"));
    title = title ? title : json_string_value(json_object_get(manifest, "scenario"));
    double warm_s = number_at(manifest, NULL, "warm_s");
    if (title) {
        jw_write_format(&page->out, " &middot; ");
        put_escaped(page, title);
    }
    if (warm_s > 0)
        jw_write_format(&page->out, " &middot; %s %g %s",
                        say(page, "warmed up before, not counted:", "开始前预热（不计入）："), warm_s / 60,
                        unit_in(page, "min"));
}

static jw_result put_page(report_page *page, const char *folder, const json_t *manifest,
                          const json_t *summary, jw_error *error)
{
    char path[1024];
    jw_gpkg *gpkg = NULL;
    snprintf(path, sizeof path, "%s/results.gpkg", folder);
    jw_result result = jw_gpkg_open(path, false, &gpkg, error);
    if (result != JW_OK)
        return result;
    const char *scene = title_in(page, json_object_get(manifest, "title"));
    scene = scene ? scene : json_string_value(json_object_get(manifest, "scene"));
    const char *state = json_string_value(json_object_get(manifest, "state"));
    const char *version = json_string_value(json_object_get(manifest, "jingwei"));
    jw_write_format(&page->out, "<!doctype html>\n<html lang=\"%s\"><meta charset=\"utf-8\"><title>%s",
                    say(page, "en", "zh"), say(page, "Jingwei: ", "经纬："));
    put_escaped(page, scene ? scene : "");
    jw_write_format(&page->out, "</title><style>");
    jw_write_bytes(&page->out, style, sizeof style - 1);
    jw_write_format(&page->out, "</style>\n<h1>");
    put_escaped(page, scene ? scene : "");
    jw_write_format(&page->out, "</h1>\n<p class=\"note\">%s ", say(page, "Jingwei", "经纬"));
    put_escaped(page, version ? version : "");
    put_scenario(page, manifest);
    jw_write_format(&page->out, " &middot; %s %lld &middot; %s</p>\n", say(page, "seed", "种子"),
                    (long long)json_integer_value(json_object_get(manifest, "seed")),
                    state && strcmp(state, "finished") == 0
                        ? say(page, "finished", "已完成")
                        : say(page, "interrupted: figures up to the stop", "已中断：数据截至中断时刻"));
    if (summary)
        put_summary(page, summary);
    result = read_layer(gpkg, "metrics", on_metric, page, error);
    jw_write_format(&page->out, "<h2>%s</h2>\n<div class=\"charts\">\n",
                    say(page, "Over time", "随时间变化"));
    for (uint32_t i = 0; i < page->series_count; i++)
        put_chart(page, &page->series[i]);
    jw_write_format(&page->out, "</div>\n");
    if (result == JW_OK)
        result = put_map(page, gpkg, error);
    put_assumptions(page);
    jw_gpkg_close(gpkg);
    return result;
}

jw_result jw_report_write(const char *run_folder, const char *output, const char *language, jw_error *error)
{
    static const series wanted[] = {
        {.metric = "traffic.running", .en = "Vehicles on the road", .zh = "在途车辆", .unit = "veh"},
        {.metric = "traffic.mean_speed", .en = "Mean speed", .zh = "平均速度", .unit = "km/h"},
        {.metric = "traffic.mean_delay",
         .en = "Mean delay of arrived trips",
         .zh = "已到达出行的平均延误",
         .unit = "s"},
        {.metric = "twin.p95", .en = "Answers, 95th percentile", .zh = "应答时延 95 分位", .unit = "ms"},
        {.metric = "twin.requests_late", .en = "Late answers", .zh = "迟到应答", .unit = ""},
        {.metric = "network.throughput",
         .en = "Throughput of the network",
         .zh = "网络吞吐",
         .unit = "Mbit/s",
         .scale = 1e-6},
        {.metric = "compute.utilisation", .en = "Use of accelerators", .zh = "加速卡利用率", .unit = "%"},
        {.metric = "compute.power", .en = "Power of computing sites", .zh = "算力节点功率", .unit = "kW"},
        {.metric = "economy.oee", .en = "OEE of production lines", .zh = "产线 OEE", .unit = "%"},
        {.metric = "twin.signals_by_ai",
         .en = "Signals that follow the vision service",
         .zh = "由视觉服务控制的信号",
         .unit = "%"},
    };
    char path[1024];
    snprintf(path, sizeof path, "%s/manifest.json", run_folder);
    if (!jw_file_exists(path))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s is no run folder", run_folder);
    report_page page = {.is_zh = language && strcmp(language, "zh") == 0,
                        .series_count = JW_COUNT_OF(wanted)};
    page.series = jw_alloc(sizeof wanted);
    if (!page.series)
        return jw_fail_memory(error);
    memcpy(page.series, wanted, sizeof wanted);
    json_t *manifest = load_json(run_folder, "manifest.json", error);
    /* A run that was killed has no summary: the page does without it. */
    json_t *summary = load_json(run_folder, "summary.json", NULL);
    jw_result result = manifest ? put_page(&page, run_folder, manifest, summary, error)
                                : (error && error->code ? error->code : JW_ERROR_INPUT);
    if (result == JW_OK && page.out.failed)
        result = jw_fail_memory(error);
    snprintf(path, sizeof path, "%s/report.html", run_folder);
    if (result == JW_OK)
        result = jw_file_write(output ? output : path, page.out.bytes, page.out.size, error);
    json_decref(manifest);
    json_decref(summary);
    jw_writer_free(&page.out);
    jw_free(page.series);
    return result;
}
