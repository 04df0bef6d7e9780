/* Lengths and areas on the map: geometry, and how it is said. */
#include "ui/ui_state.h"

#include <stdio.h>

double ui_measure_length_m(const jw_vec2 *points, uint32_t count, bool is_closed)
{
    double length_m = 0;
    for (uint32_t i = 1; i < count; i++)
        length_m += jw_vec2_distance(points[i - 1], points[i]);
    if (is_closed && count > 2)
        length_m += jw_vec2_distance(points[count - 1], points[0]);
    return length_m;
}

jw_result ui_measure_area(const jw_vec2 *points, uint32_t count, double *out_m2, jw_error *error)
{
    jw_vec3 ring[UI_TOOL_POINTS];
    jw_polygons whole = {0};
    *out_m2 = 0;
    if (count < 3)
        return JW_OK;
    if (count > UI_TOOL_POINTS)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "an area has at most %d corners", UI_TOOL_POINTS);
    for (uint32_t i = 0; i < count; i++)
        ring[i] = (jw_vec3){points[i].x, points[i].y, 0};
    const jw_ring outline = {ring, count};
    jw_result result = jw_polygon_make_valid(&outline, 1, &whole, error);
    for (uint32_t i = 0; i < whole.ring_count && result == JW_OK; i++) /* holes are clockwise: less than 0 */
        *out_m2 += jw_ring_area_m2(whole.points + whole.ring_first[i],
                                   whole.ring_first[i + 1] - whole.ring_first[i]);
    jw_polygons_free(&whole);
    return result;
}

void ui_measure_say_length(double length_m, char *out, size_t out_size)
{
    if (length_m >= 1000)
        ui_format_number(length_m / 1000, "km", out, out_size);
    else
        ui_format_number(length_m, "m", out, out_size);
}

void ui_measure_say_area(double area_m2, char *out, size_t out_size)
{
    if (area_m2 >= 1e6)
        ui_format_number(area_m2 / 1e6, "km²", out, out_size);
    else if (area_m2 >= 1e4)
        ui_format_number(area_m2 / 1e4, "ha", out, out_size);
    else
        ui_format_number(area_m2, "m²", out, out_size);
}

jw_result ui_measure_write_csv(const jw_vec2 *points, uint32_t count, bool is_area, const char *path,
                               jw_error *error)
{
    jw_writer writer = {0};
    char line[200];
    double sum_m = 0, area_m2;
    jw_result result = ui_measure_area(points, is_area ? count : 0, &area_m2, error);
    if (result != JW_OK)
        return result;
    int used = snprintf(line, sizeof line, "\xef\xbb\xbfpoint,x_m,y_m,length_m,sum_m\n");
    jw_write_bytes(&writer, line, (size_t)used);
    for (uint32_t i = 0; i < count + (is_area && count > 2); i++) { /* an area's last piece closes it */
        double piece_m = i ? jw_vec2_distance(points[i - 1], points[i % count]) : 0;
        sum_m += piece_m;
        used = snprintf(line, sizeof line, "%u,%.3f,%.3f,%.3f,%.3f\n", i % count + 1, points[i % count].x,
                        points[i % count].y, piece_m, sum_m);
        jw_write_bytes(&writer, line, (size_t)used);
    }
    if (is_area) {
        used = snprintf(line, sizeof line, "area_m2,,,%.3f,\n", area_m2);
        jw_write_bytes(&writer, line, (size_t)used);
    }
    result = writer.failed ? jw_fail_memory(error) : jw_file_write(path, writer.bytes, writer.size, error);
    jw_writer_free(&writer);
    return result;
}
