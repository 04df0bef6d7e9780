/* What a placement leaves behind: tables, a map, layers. */
#include "study/place.h"

#include <stdio.h>
#include <string.h>

static jw_vec2 site_at(const jw_placement *place, uint32_t method, uint32_t i)
{
    return place->candidates[place->chosen[method * place->site_count + i]];
}

/* ---- tables
 * ------------------------------------------------------------------------------------------------ */

static void put_measures(jw_writer *out, const jw_placement *place, const jw_twin_def *def)
{
    (void)def;
    jw_write_format(out,
                    "method,measure,unit,mean,half_width_95,difference_to_random,difference_half_width_95");
    for (uint32_t s = 0; s < place->seed_count; s++)
        jw_write_format(out, ",seed_%llu", (unsigned long long)(place->first_seed + s));
    jw_write_format(out, "\n");
    for (uint32_t m = 0; m < JW_PLACE_METHOD_COUNT; m++) {
        jw_write_format(out, "%s,way,us,%.9g,0,%.9g,0", jw_place_method_name((jw_place_method)m),
                        place->cost_s[m] * 1e6, (place->cost_s[m] - place->cost_s[JW_PLACE_BY_RANDOM]) * 1e6);
        for (uint32_t s = 0; s < place->seed_count; s++)
            jw_write_format(out, ",%.9g", place->cost_s[m] * 1e6);
        jw_write_format(out, "\n");
        for (uint32_t k = 0; k < JW_PLACE_MEASURE_COUNT; k++) {
            jw_benchmark_cell cell = jw_place_at(place, (jw_place_method)m, (jw_place_measure)k);
            jw_write_format(out, "%s,%s,%s,%.9g,%.9g,%.9g,%.9g", jw_place_method_name((jw_place_method)m),
                            jw_place_measure_name((jw_place_measure)k),
                            jw_place_measure_unit((jw_place_measure)k), cell.mean, cell.half_width,
                            cell.difference, cell.difference_half_width);
            for (uint32_t s = 0; s < place->seed_count; s++)
                jw_write_format(
                    out, ",%.9g",
                    place->values[((size_t)m * place->seed_count + s) * JW_PLACE_MEASURE_COUNT + k]);
            jw_write_format(out, "\n");
        }
    }
}

static void put_sites(jw_writer *out, const jw_placement *place, const jw_twin_def *def)
{
    (void)def;
    jw_write_format(out, "method,site,candidate,x_m,y_m\n");
    for (uint32_t m = 0; m < JW_PLACE_METHOD_COUNT; m++)
        for (uint32_t i = 0; i < place->site_count; i++) {
            jw_vec2 at = site_at(place, m, i);
            jw_write_format(out, "%s,%u,%u,%.1f,%.1f\n", jw_place_method_name((jw_place_method)m), i + 1,
                            place->chosen[m * place->site_count + i] + 1, at.x, at.y);
        }
}

/* ---- the map
 * ----------------------------------------------------------------------------------------------- */

#define MAP_PX    640.0
#define MARGIN_PX 16.0
#define LEGEND_PX 132.0

typedef struct map {
    double left_m, top_m, px_per_m, height_px;
} map;

static void reach(double x_m, double y_m, double box[4])
{
    box[0] = jw_min(box[0], x_m);
    box[1] = jw_min(box[1], y_m);
    box[2] = jw_max(box[2], x_m);
    box[3] = jw_max(box[3], y_m);
}

static map frame_map(const jw_placement *place, const jw_city *city)
{
    double box[4] = {place->candidates[0].x, place->candidates[0].y, place->candidates[0].x,
                     place->candidates[0].y};
    for (uint32_t j = 0; j < city->junction_count; j++)
        reach(city->junctions[j].x_m, city->junctions[j].y_m, box);
    for (uint32_t i = 0; i < place->candidate_count; i++)
        reach(place->candidates[i].x, place->candidates[i].y, box);
    for (uint32_t i = 0; i < place->demand_count; i++)
        reach(place->demand[i].x_m, place->demand[i].y_m, box);
    map m = {.left_m = box[0], .top_m = box[3]};
    m.px_per_m = (MAP_PX - 2 * MARGIN_PX) / jw_max(jw_max(box[2] - box[0], box[3] - box[1]), 1);
    m.height_px = (box[3] - box[1]) * m.px_per_m + 2 * MARGIN_PX;
    return m;
}

static double px(const map *m, double x_m)
{
    return MARGIN_PX + (x_m - m->left_m) * m->px_per_m;
}

static double py(const map *m, double y_m)
{
    return MARGIN_PX + (m->top_m - y_m) * m->px_per_m;
}

/* A mark of its own for each method, told apart without colours: rings of rising size, and a cross for
 * random. */
static void put_mark(jw_writer *out, uint32_t method, double x_px, double y_px)
{
    static const char *const colours[JW_PLACE_METHOD_COUNT] = {"#1f6fb2", "#0b3d2e", "#c26a1b", "#8a8f94"};
    if (method == JW_PLACE_BY_RANDOM)
        jw_write_format(
            out,
            "<path d=\"M%.1f %.1fl10 10m0 -10l-10 10\" stroke=\"%s\" stroke-width=\"2.5\" fill=\"none\"/>\n",
            x_px - 5, y_px - 5, colours[method]);
    else
        jw_write_format(
            out,
            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%g\" stroke=\"%s\" stroke-width=\"2.5\" fill=\"none\"/>\n",
            x_px, y_px,
            method == JW_PLACE_BY_EXACT    ? 5.0
            : method == JW_PLACE_BY_GREEDY ? 8.5
                                           : 12.0,
            colours[method]);
}

static void put_map(jw_writer *out, const jw_placement *place, const jw_twin_def *def)
{
    const jw_city *city = def->city;
    map m = frame_map(place, city);
    double most_hz = 0;
    for (uint32_t i = 0; i < place->demand_count; i++)
        most_hz = jw_max(most_hz, place->demand[i].requests_hz);
    jw_write_format(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
        "font-family=\"system-ui,'WenQuanYi Micro "
        "Hei',sans-serif\" font-size=\"13\" fill=\"#26323a\">\n<rect width=\"100%%\" height=\"100%%\" "
        "fill=\"#fff\"/>\n"
        "<path stroke=\"#d9d8d2\" fill=\"none\" d=\"",
        MAP_PX + LEGEND_PX, jw_max(m.height_px, 170));
    for (uint32_t e = 0; e < city->edge_count; e++) {
        const jw_junction *from = &city->junctions[city->edges[e].from],
                          *to = &city->junctions[city->edges[e].to];
        jw_write_format(out, "M%.1f %.1fL%.1f %.1f", px(&m, from->x_m), py(&m, from->y_m), px(&m, to->x_m),
                        py(&m, to->y_m));
    }
    jw_write_format(out, "\"/>\n");
    for (uint32_t i = 0; i < place->demand_count; i++)
        jw_write_format(
            out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.2f\" fill=\"#d6452b\" fill-opacity=\"0.35\"/>\n",
            px(&m, place->demand[i].x_m), py(&m, place->demand[i].y_m),
            jw_max(1, 6 * jw_sqrt(place->demand[i].requests_hz / most_hz)));
    for (uint32_t i = 0; i < place->candidate_count; i++)
        jw_write_format(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"4\" height=\"4\" fill=\"#8a8f94\"/>\n",
                        px(&m, place->candidates[i].x) - 2, py(&m, place->candidates[i].y) - 2);
    static const char *const labels[JW_PLACE_METHOD_COUNT] = {"greedy 贪心", "exact 精确", "k-means k 均值",
                                                              "random 随机"};
    for (uint32_t k = 0; k < JW_PLACE_METHOD_COUNT; k++) {
        for (uint32_t i = 0; i < place->site_count; i++)
            put_mark(out, k, px(&m, site_at(place, k, i).x), py(&m, site_at(place, k, i).y));
        put_mark(out, k, MAP_PX + 12, 30 + 30.0 * k);
        jw_write_format(out, "<text x=\"%.0f\" y=\"%.0f\">%s</text>\n", MAP_PX + 32, 35 + 30.0 * k,
                        labels[k]);
    }
    jw_write_format(
        out,
        "<circle cx=\"%.0f\" cy=\"150\" r=\"5\" fill=\"#d6452b\" fill-opacity=\"0.35\"/><text x=\"%.0f\" "
        "y=\"155\">demand 需求</text>\n</svg>\n",
        MAP_PX + 12, MAP_PX + 32);
}

/* ---- layers
 * ------------------------------------------------------------------------------------------------ */

typedef struct layers {
    jw_gpkg *gpkg;
    jw_projection *projection;
} layers;

static jw_result put_point(const layers *l, uint32_t layer, jw_vec2 at, const jw_gpkg_value *values,
                           uint32_t count, jw_error *error)
{
    static const uint32_t parts[] = {0, 1};
    double lon, lat;
    jw_result result = jw_projection_inverse(l->projection, &at.x, &at.y, 1, &lon, &lat, error);
    jw_gpkg_shape shape = {&lon, &lat, parts, NULL, 1, NULL};
    return result == JW_OK ? jw_gpkg_insert(l->gpkg, layer, &shape, values, count, error) : result;
}

static jw_result put_layers(const layers *l, const jw_placement *place, jw_error *error)
{
    static const jw_gpkg_column demand[] = {{"requests_hz", JW_GPKG_REAL, "requests a second"},
                                            {"radio_s", JW_GPKG_REAL, "one way, before the fibre"}};
    static const jw_gpkg_column candidates[] = {{"candidate", JW_GPKG_INTEGER, "number, by people and jobs"}};
    static const jw_gpkg_column sites[] = {
        {"method", JW_GPKG_TEXT, "how it was chosen"},
        {"candidate", JW_GPKG_INTEGER, "its number"},
        {"way_us", JW_GPKG_REAL, "mean way of a request to the method's sites"}};
    uint32_t layer;
    jw_result result =
        jw_gpkg_add_layer(l->gpkg, "demand", JW_GPKG_POINT, "who asks, where it enters the fibre", demand,
                          JW_COUNT_OF(demand), &layer, error);
    for (uint32_t i = 0; i < place->demand_count && result == JW_OK; i++) {
        const jw_place_demand *d = &place->demand[i];
        jw_gpkg_value values[] = {{.real = d->requests_hz}, {.real = d->radio_s}};
        result = put_point(l, layer, (jw_vec2){d->x_m, d->y_m}, values, 2, error);
    }
    if (result == JW_OK)
        result = jw_gpkg_add_layer(l->gpkg, "candidates", JW_GPKG_POINT, "where a site may stand", candidates,
                                   1, &layer, error);
    for (uint32_t i = 0; i < place->candidate_count && result == JW_OK; i++) {
        jw_gpkg_value value = {.integer = i + 1};
        result = put_point(l, layer, place->candidates[i], &value, 1, error);
    }
    if (result == JW_OK)
        result = jw_gpkg_add_layer(l->gpkg, "sites", JW_GPKG_POINT, "chosen places by method", sites,
                                   JW_COUNT_OF(sites), &layer, error);
    for (uint32_t m = 0; m < JW_PLACE_METHOD_COUNT; m++)
        for (uint32_t i = 0; i < place->site_count && result == JW_OK; i++) {
            jw_gpkg_value values[] = {{.text = jw_place_method_name((jw_place_method)m)},
                                      {.integer = place->chosen[m * place->site_count + i] + 1},
                                      {.real = place->cost_s[m] * 1e6}};
            result = put_point(l, layer, site_at(place, m, i), values, 3, error);
        }
    return result == JW_OK ? jw_gpkg_commit(l->gpkg, error) : result;
}

static jw_result write_layers(const jw_placement *place, const jw_city *city, const char *path,
                              jw_error *error)
{
    layers l = {0};
    jw_result result = jw_projection_create(city->origin_lon_deg, city->origin_lat_deg, &l.projection, error);
    if (result == JW_OK)
        result = jw_gpkg_create(path, &l.gpkg, error);
    if (result == JW_OK)
        result = put_layers(&l, place, error);
    if (l.gpkg)
        jw_gpkg_close(l.gpkg);
    if (l.projection)
        jw_projection_destroy(l.projection);
    return result;
}

jw_result jw_place_write(const jw_placement *place, const jw_twin_def *def, const char *folder,
                         jw_error *error)
{
    static const struct {
        const char *name;
        void (*put)(jw_writer *out, const jw_placement *place, const jw_twin_def *def);
    } files[] = {{"measures.csv", put_measures}, {"sites.csv", put_sites}, {"place.svg", put_map}};
    jw_result result = JW_OK;
    char path[1024];
    for (uint32_t k = 0; k < JW_COUNT_OF(files) && result == JW_OK; k++) {
        jw_writer out = {0};
        snprintf(path, sizeof path, "%s/%s", folder, files[k].name);
        files[k].put(&out, place, def);
        result = out.failed ? jw_fail_memory(error) : jw_file_write(path, out.bytes, out.size, error);
        jw_writer_free(&out);
    }
    snprintf(path, sizeof path, "%s/place.gpkg", folder);
    return result == JW_OK ? write_layers(place, def->city, path, error) : result;
}
