/* The country on the zoom-out map. The file of coast and towns is ours and coarse: for orientation, no claim
 * of boundaries. */
#include "view/view_names.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    FILE_BYTES_MAX = 1 << 18,
    POINTS_MAX = 4096,
    RASTER_SIDE = 400,
    DEGREES_STEP = 5,
    LINE_PIECES = 2, /* of a line from one crossing to the next */
    NODE_LETTERS = 12,
};
#define REACH_DEG 40.0 /* of the lines, from the city; and how far the country's middle may be */

typedef struct shore { /* a piece of coast, or an island: points in metres from the mesh's origin */
    uint32_t first, count;
    bool is_island;
} shore;

typedef struct country_maker {
    mesh_country *out;
    jw_projection *projection;
    double origin_x_m, origin_y_m;
    jw_vec2 *points; /* POINTS_MAX */
    uint32_t point_count;
    shore shores[16];
    uint32_t shore_count;
    jw_error *error;
} country_maker;

void jw_country_free(mesh_country *country)
{
    jw_names_free(&country->names);
    jw_free(country->texts);
    jw_free(country->coast_m);
    jw_free(country->lines);
    *country = (mesh_country){0};
}

static jw_result place(const country_maker *m, double lon_deg, double lat_deg, jw_vec2 *out)
{
    jw_result result =
        jw_projection_forward(m->projection, &lon_deg, &lat_deg, 1, &out->x, &out->y, m->error);
    out->x -= m->origin_x_m;
    out->y -= m->origin_y_m;
    return result;
}

static jw_result add_text(country_maker *m, const char *text, uint32_t *out)
{
    mesh_country *country = m->out;
    size_t size = strlen(text) + 1;
    jw_result result =
        jw_grow(&country->texts, &country->text_capacity, country->text_size + size + 1, 1, m->error);
    if (result != JW_OK)
        return result;
    country->text_size += country->text_size == 0; /* offset 0 is "" */
    *out = country->text_size;
    memcpy(country->texts + country->text_size, text, size);
    country->text_size += (uint32_t)size;
    return JW_OK;
}

static jw_result add_name(country_maker *m, name_kind kind, uint8_t rank, double lon_deg, double lat_deg,
                          const char *en, const char *zh)
{
    mesh_names *names = &m->out->names;
    mesh_name name = {.kind = kind, .rank = rank, .line = JW_NONE};
    jw_vec2 at;
    jw_result result = place(m, lon_deg, lat_deg, &at);
    if (result == JW_OK)
        result = add_text(m, en, &name.text);
    if (result == JW_OK && zh)
        result = add_text(m, zh, &name.text_zh);
    if (result == JW_OK)
        result = jw_grow(&names->items, &names->capacity, (uint64_t)names->count + 1, sizeof name, m->error);
    if (result != JW_OK)
        return result;
    name.x = (float)at.x;
    name.y = (float)at.y;
    names->items[names->count++] = name;
    return JW_OK;
}

/* ---- lines of longitude and latitude ------------------------------------------------------------------ */

static jw_result add_line(country_maker *m, double lon0, double lat0, double lon1, double lat1)
{
    mesh_country *country = m->out;
    jw_vec2 a, b;
    jw_result result = place(m, lon0, lat0, &a);
    if (result == JW_OK)
        result = place(m, lon1, lat1, &b);
    if (result == JW_OK)
        result = jw_grow(&country->lines, &country->line_capacity, (uint64_t)country->line_count + 1,
                         sizeof *country->lines, m->error);
    if (result != JW_OK)
        return result;
    const float line[4] = {(float)a.x, (float)a.y, (float)b.x, (float)b.y};
    memcpy(country->lines[country->line_count++], line, sizeof line);
    return JW_OK;
}

/* One crossing's piece to the east and to the north, and the degrees in the middle of both. */
static jw_result add_crossing(country_maker *m, int lon, int lat)
{
    const double piece = (double)DEGREES_STEP / LINE_PIECES;
    jw_result result = JW_OK;
    for (int k = 0; k < LINE_PIECES && result == JW_OK; k++) {
        result = add_line(m, lon + k * piece, lat, lon + (k + 1) * piece, lat);
        if (result == JW_OK)
            result = add_line(m, lon, lat + k * piece, lon, lat + (k + 1) * piece);
    }
    char text[16];
    int east = ((lon + 180) % 360 + 360) % 360 - 180;
    snprintf(text, sizeof text, "%d°%s", east < 0 ? -east : east, east < 0 ? "W" : "E");
    if (result == JW_OK)
        result = add_name(m, NAME_DEGREE, 0, lon, lat + 0.5 * DEGREES_STEP, text, NULL);
    snprintf(text, sizeof text, "%d°%s", lat < 0 ? -lat : lat, lat < 0 ? "S" : "N");
    if (result == JW_OK)
        result = add_name(m, NAME_DEGREE, 0, lon + 0.5 * DEGREES_STEP, lat, text, NULL);
    return result;
}

static jw_result add_degrees(country_maker *m, const jw_city *city)
{
    int lon0 = (int)jw_floor((city->origin_lon_deg - REACH_DEG) / DEGREES_STEP) * DEGREES_STEP;
    int lat0 = (int)jw_floor((city->origin_lat_deg - 0.7 * REACH_DEG) / DEGREES_STEP) * DEGREES_STEP;
    jw_result result = JW_OK;
    for (int lon = lon0; lon < lon0 + 2 * (int)REACH_DEG; lon += DEGREES_STEP)
        for (int lat = lat0; lat < lat0 + (int)(1.4 * REACH_DEG) && result == JW_OK; lat += DEGREES_STEP)
            if (lat >= -80 && lat < 80)
                result = add_crossing(m, lon, lat);
    return result;
}

/* ---- the file ----------------------------------------------------------------------------------------- */

static jw_result take_shore(country_maker *m, char *const fields[], bool is_island)
{
    double lon, lat;
    if (!fields[1][0]) {
        if (m->shore_count < JW_COUNT_OF(m->shores))
            m->shores[m->shore_count++] = (shore){m->point_count, 0, is_island};
        return JW_OK;
    }
    if (m->shore_count == 0 || m->point_count >= POINTS_MAX || !jw_text_to_number(fields[1], &lon) ||
        !jw_text_to_number(fields[2], &lat) || !(jw_abs(lon) <= 180 && jw_abs(lat) <= 85))
        return jw_fail(m->error, JW_ERROR_INPUT, NULL, 0, "not a longitude and a latitude: %.20s, %.20s",
                       fields[1], fields[2]);
    m->shores[m->shore_count - 1].count++;
    return place(m, lon, lat, &m->points[m->point_count++]);
}

static jw_result take_town(country_maker *m, char *const fields[])
{
    double lon, lat, rank;
    if (!jw_text_to_number(fields[1], &lon) || !jw_text_to_number(fields[2], &lat) ||
        !jw_text_to_number(fields[3], &rank) ||
        !(jw_abs(lon) <= 180 && jw_abs(lat) <= 85 && rank >= 0 && rank < 16))
        return jw_fail(m->error, JW_ERROR_INPUT, NULL, 0, "not a town: %.20s", fields[4]);
    return add_name(m, NAME_TOWN, (uint8_t)rank, lon, lat, fields[4], fields[5]);
}

static jw_result take_row(country_maker *m, char *line)
{
    char *fields[6] = {"", "", "", "", "", ""};
    for (int i = 0; i < 6 && line; i++)
        fields[i] = strsep(&line, ",");
    if (strcmp(fields[0], "coast") == 0 || strcmp(fields[0], "island") == 0)
        return take_shore(m, fields, fields[0][0] == 'i');
    return strcmp(fields[0], "town") == 0 ? take_town(m, fields) : JW_OK;
}

static jw_result read_file(country_maker *m)
{
    char folder[1024], path[1100], *bytes;
    size_t size;
    if (!jw_data_folder(folder, sizeof folder))
        return jw_fail(m->error, JW_ERROR_NOT_FOUND, NULL, 0, "the folder with assets was not found");
    snprintf(path, sizeof path, "%s/assets/networks/china.csv", folder);
    jw_result result = jw_file_read(path, FILE_BYTES_MAX, &bytes, &size, m->error);
    if (result != JW_OK)
        return result;
    if (!jw_text_is_utf8(bytes, size))
        result = jw_fail(m->error, JW_ERROR_INPUT, path, 0, "the file is no UTF-8 text");
    char *rest = bytes;
    for (char *line; result == JW_OK && (line = strsep(&rest, "\n"));)
        if (line[0] && line[0] != '#')
            result = take_row(m, line);
    jw_free(bytes);
    return result;
}

/* ---- the sea ------------------------------------------------------------------------------------------ */

static double distance_to(jw_vec2 p, jw_vec2 a, jw_vec2 b)
{
    jw_vec2 way = jw_vec2_sub(b, a), to = jw_vec2_sub(p, a);
    double square = jw_vec2_dot(way, way);
    double t = square > 0 ? jw_clamp(jw_vec2_dot(to, way) / square, 0, 1) : 0;
    return jw_vec2_distance(to, jw_vec2_scale(way, t));
}

/* Each piece of coast in the cells near it. */
static void spread(mesh_country *country, jw_vec2 a, jw_vec2 b)
{
    double cell = (double)country->cell_m, reach = (double)COAST_REACH_M;
    int first_column = (int)jw_max(0, (jw_min(a.x, b.x) - reach - (double)country->min_x) / cell);
    int last_column =
        (int)jw_min(country->columns - 1, (jw_max(a.x, b.x) + reach - (double)country->min_x) / cell);
    int first_row = (int)jw_max(0, (jw_min(a.y, b.y) - reach - (double)country->min_y) / cell);
    int last_row = (int)jw_min(country->rows - 1, (jw_max(a.y, b.y) + reach - (double)country->min_y) / cell);
    for (int row = first_row; row <= last_row; row++)
        for (int column = first_column; column <= last_column; column++) {
            jw_vec2 p = {(double)country->min_x + (column + 0.5) * cell,
                         (double)country->min_y + (row + 0.5) * cell};
            float *at = &country->coast_m[(size_t)row * country->columns + (size_t)column];
            *at = fminf(*at, (float)distance_to(p, a, b));
        }
}

/* Cells to the right of an edge change between land and sea. */
static void turn_row(mesh_country *country, uint8_t *is_land, int row, jw_vec2 a, jw_vec2 b)
{
    double y = (double)country->min_y + (row + 0.5) * (double)country->cell_m;
    if ((a.y > y) == (b.y > y))
        return;
    double x = a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y);
    double column = (x - (double)country->min_x) / (double)country->cell_m + 0.5;
    for (uint32_t i = (uint32_t)jw_clamp(column, 0, country->columns); i < country->columns; i++)
        is_land[i] ^= 1;
}

static jw_result draw_sea(country_maker *m)
{
    mesh_country *country = m->out;
    jw_box box = jw_box_empty();
    for (uint32_t i = 0; i < m->point_count; i++)
        box = jw_box_extend(box, m->points[i].x, m->points[i].y);
    double reach = (double)COAST_REACH_M, wide_m = box.max_x - box.min_x + 2 * reach,
           high_m = box.max_y - box.min_y + 2 * reach;
    country->cell_m = (float)(jw_max(wide_m, high_m) / RASTER_SIDE);
    country->min_x = (float)(box.min_x - reach);
    country->min_y = (float)(box.min_y - reach);
    country->columns = (uint32_t)(wide_m / (double)country->cell_m) + 1;
    country->rows = (uint32_t)(high_m / (double)country->cell_m) + 1;
    size_t cells = (size_t)country->columns * country->rows;
    country->coast_m = jw_alloc(cells * sizeof *country->coast_m);
    uint8_t *is_land = jw_alloc(country->columns);
    /* Inland the coast's two ends are joined on ways far from it. */
    jw_vec2 inland[4];
    static const double corners[4][2] = {{140, 62}, {76, 56}, {76, 24}, {99, 16}};
    jw_result result = country->coast_m && is_land ? JW_OK : jw_fail_memory(m->error);
    for (int i = 0; i < 4 && result == JW_OK; i++)
        result = place(m, corners[i][0], corners[i][1], &inland[i]);
    for (size_t i = 0; i < cells && result == JW_OK; i++)
        country->coast_m[i] = COAST_REACH_M;
    for (uint32_t s = 0; s < m->shore_count && result == JW_OK; s++) {
        const shore *piece = &m->shores[s];
        const jw_vec2 *points = m->points + piece->first;
        for (uint32_t i = 0; i + !piece->is_island < piece->count; i++)
            spread(country, points[i], points[(i + 1) % piece->count]);
    }
    for (int row = 0; row < (int)country->rows && result == JW_OK; row++) {
        memset(is_land, 0, country->columns);
        for (uint32_t s = 0; s < m->shore_count; s++) {
            const shore *piece = &m->shores[s];
            const jw_vec2 *points = m->points + piece->first;
            for (uint32_t i = 0; i + !piece->is_island < piece->count; i++)
                turn_row(country, is_land, row, points[i], points[(i + 1) % piece->count]);
            if (piece->is_island || piece->count == 0)
                continue;
            turn_row(country, is_land, row, points[piece->count - 1], inland[0]);
            for (int i = 0; i < 3; i++)
                turn_row(country, is_land, row, inland[i], inland[i + 1]);
            turn_row(country, is_land, row, inland[3], points[0]);
        }
        for (uint32_t i = 0; i < country->columns; i++)
            if (is_land[i])
                country->coast_m[(size_t)row * country->columns + i] *= -1;
    }
    jw_free(is_land);
    return result;
}

static bool is_in_china(const jw_city *city)
{
    return jw_abs(city->origin_lon_deg - 105) < 35 && jw_abs(city->origin_lat_deg - 36) < 20;
}

jw_result jw_country_create(const jw_city *city, double origin_x_m, double origin_y_m, mesh_country *out,
                            jw_error *error)
{
    *out = (mesh_country){0};
    country_maker *m = jw_alloc(sizeof *m);
    if (!m)
        return jw_fail_memory(error);
    m->out = out;
    m->origin_x_m = origin_x_m;
    m->origin_y_m = origin_y_m;
    m->error = error;
    m->points = jw_alloc(POINTS_MAX * sizeof *m->points);
    jw_result result = m->points ? JW_OK : jw_fail_memory(error);
    if (result == JW_OK)
        result = jw_projection_create(city->origin_lon_deg, city->origin_lat_deg, &m->projection, error);
    if (result == JW_OK)
        result = add_degrees(m, city);
    jw_error why = {0};
    m->error = &why;
    if (result == JW_OK && is_in_china(city)) {
        result = read_file(m);
        if (result == JW_OK && m->point_count > 2)
            result = draw_sea(m);
        if (result == JW_ERROR_MEMORY) {
            result = jw_fail_memory(error);
        } else if (result != JW_OK) {
            jw_log_line(JW_LOG_WARNING, "assets/networks/china.csv: %s; the country has no coast",
                        why.message);
            result = JW_OK;
        }
    }
    jw_projection_destroy(m->projection);
    jw_free(m->points);
    jw_free(m);
    if (result != JW_OK)
        jw_country_free(out);
    return result;
}

uint32_t jw_country_find_town(const mesh_country *country, const char *name, size_t size)
{
    for (uint32_t i = 0; i < country->names.count; i++) {
        const mesh_name *town = &country->names.items[i];
        const char *text = country->texts + town->text;
        size_t length = strlen(text);
        length = length < NODE_LETTERS ? length : NODE_LETTERS;
        bool is_same = town->kind == NAME_TOWN && length == size;
        for (size_t k = 0; k < size && is_same; k++)
            is_same = name[k] == text[k] || (name[k] == '-' && (text[k] == '\'' || text[k] == ' '));
        if (is_same)
            return i;
    }
    return JW_NONE;
}
