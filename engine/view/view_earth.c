/* What lies around the city, seen from high above: the sea along the coast, lines of longitude and latitude.
 */
#include "view/view_internal.h"

#define BEGINS_M 40000.0f /* the eye's height from which it is seen, and from which all of it */
#define IS_ALL_M 160000.0f
#define FADES_M  230000.0f /* out at sea */

jw_result jw_view_earth_create(jw_view *view, jw_error *error)
{
    const mesh_country *country = &view->mesh->country;
    jw_view_arcs_create(&view->degrees, true);
    jw_result result =
        jw_view_gl_stream_reserve(&view->degrees, country->line_count, sizeof(arc_instance), error);
    if (result != JW_OK)
        return result;
    for (uint32_t i = 0; i < country->line_count; i++) {
        const float *line = country->lines[i];
        ((arc_instance *)view->degrees.items)[i] =
            (arc_instance){{line[0], line[1], line[2], line[3]}, {0, 1.1f, 0, 0}, {110, 125, 135, 70}};
    }
    view->degrees.count = country->line_count;
    jw_view_gl_stream_upload(&view->degrees, sizeof(arc_instance));
    if (!country->coast_m)
        return JW_OK;
    glGenTextures(1, &view->coast_texture);
    glBindTexture(GL_TEXTURE_2D, view->coast_texture);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_R32F, (GLsizei)country->columns, (GLsizei)country->rows, 0, GL_RED,
                 GL_FLOAT, country->coast_m);
    return JW_OK;
}

void jw_view_earth_destroy(jw_view *view)
{
    glDeleteTextures(1, &view->coast_texture);
    jw_view_gl_stream_free(&view->degrees);
}

static void draw_sea(jw_view *view, float share)
{
    const mesh_country *country = &view->mesh->country;
    glActiveTexture(GL_TEXTURE0 + COAST_UNIT);
    glBindTexture(GL_TEXTURE_2D, view->coast_texture);
    glUseProgram(view->programs[PROGRAM_SEA]);
    glUniform4f(view->sea_uniforms[0], country->min_x, country->min_y,
                country->min_x + country->cell_m * (float)country->columns,
                country->min_y + country->cell_m * (float)country->rows);
    glUniform4f(view->sea_uniforms[1], share, FADES_M, 0, 0);
    glBindVertexArray(view->empty_array);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    glActiveTexture(GL_TEXTURE0);
    view->counters.draw_calls++;
    view->counters.triangles += 2;
}

void jw_view_earth_draw(jw_view *view)
{
    float share = glm_clamp((view->eye[2] - BEGINS_M) / (IS_ALL_M - BEGINS_M), 0, 1);
    if (share <= 0)
        return;
    if (view->coast_texture)
        draw_sea(view, share);
    GLint viewport[4];
    glGetIntegerv(GL_VIEWPORT, viewport);
    glUseProgram(view->programs[PROGRAM_ARC]);
    glUniform4f(view->frame_uniform, (float)viewport[2], (float)viewport[3], 1, share - 1);
    glBindVertexArray(view->degrees.vertex_array);
    glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 4, (GLsizei)view->degrees.count);
    glBindVertexArray(0);
    view->counters.draw_calls++;
    view->counters.triangles += 2 * view->degrees.count;
}
