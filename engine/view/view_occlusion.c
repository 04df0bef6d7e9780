/* Contact shading of what stands in the picture: from a copy of its depths, which no card lets one read while
 * they are drawn into, to a picture of how open each place is, to the picture itself. */
#include "view/view_internal.h"

#include <string.h>

void jw_view_occlusion_destroy(jw_view *view)
{
    glDeleteTextures(2, view->occlusion.textures);
    glDeleteFramebuffers(2, view->occlusion.framebuffers);
    memset(&view->occlusion, 0, sizeof view->occlusion);
}

static void create_targets(jw_view *view, GLsizei width_px, GLsizei height_px)
{
    static const struct {
        GLenum inner, outer, type, attachment;
    } looks[2] = {{GL_DEPTH24_STENCIL8, GL_DEPTH_STENCIL, GL_UNSIGNED_INT_24_8, GL_DEPTH_STENCIL_ATTACHMENT},
                  {GL_R8, GL_RED, GL_UNSIGNED_BYTE, GL_COLOR_ATTACHMENT0}};
    jw_view_occlusion_destroy(view);
    glGenTextures(2, view->occlusion.textures);
    glGenFramebuffers(2, view->occlusion.framebuffers);
    for (int i = 0; i < 2; i++) {
        glBindTexture(GL_TEXTURE_2D, view->occlusion.textures[i]);
        glTexImage2D(GL_TEXTURE_2D, 0, (GLint)looks[i].inner, width_px, height_px, 0, looks[i].outer,
                     looks[i].type, NULL);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
        glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
        glBindFramebuffer(GL_FRAMEBUFFER, view->occlusion.framebuffers[i]);
        glFramebufferTexture2D(GL_FRAMEBUFFER, looks[i].attachment, GL_TEXTURE_2D,
                               view->occlusion.textures[i], 0);
    }
    glBindFramebuffer(GL_FRAMEBUFFER, view->occlusion.framebuffers[0]);
    glDrawBuffer(GL_NONE); /* depths alone */
    glReadBuffer(GL_NONE);
    view->occlusion.width_px = width_px;
    view->occlusion.height_px = height_px;
}

static void draw_screen(jw_view *view, program_kind program)
{
    glUseProgram(view->programs[program]);
    glBindVertexArray(view->empty_array);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    view->counters.draw_calls++;
}

void jw_view_occlusion_draw(jw_view *view)
{
    GLint bound, viewport[4];
    glGetIntegerv(GL_DRAW_FRAMEBUFFER_BINDING, &bound);
    glGetIntegerv(GL_VIEWPORT, viewport);
    /* Depths are copied between like formats only, and a window's is not ours to choose. */
    if (view->limits.occlusion_m <= 0 || bound == 0)
        return;
    glActiveTexture(GL_TEXTURE0 + OCCLUSION_UNIT);
    if (view->occlusion.width_px != viewport[2] || view->occlusion.height_px != viewport[3])
        create_targets(view, viewport[2], viewport[3]);
    GLboolean has_scissor = glIsEnabled(GL_SCISSOR_TEST);
    glDisable(GL_SCISSOR_TEST);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, (GLuint)bound);
    glBindFramebuffer(GL_DRAW_FRAMEBUFFER, view->occlusion.framebuffers[0]);
    glBlitFramebuffer(viewport[0], viewport[1], viewport[0] + viewport[2], viewport[1] + viewport[3], 0, 0,
                      viewport[2], viewport[3], GL_DEPTH_BUFFER_BIT, GL_NEAREST);
    for (int i = 0; i < 2; i++) {
        glActiveTexture(GL_TEXTURE0 + OCCLUSION_UNIT + (GLenum)i);
        glBindTexture(GL_TEXTURE_2D, view->occlusion.textures[i]);
    }
    glBindFramebuffer(GL_FRAMEBUFFER, view->occlusion.framebuffers[1]);
    glViewport(0, 0, viewport[2], viewport[3]);
    mat4 from_clip;
    glm_mat4_inv(view->view_projection, from_clip);
    glUseProgram(view->programs[PROGRAM_OCCLUSION]);
    glUniformMatrix4fv(view->from_clip_uniform, 1, GL_FALSE, (const GLfloat *)from_clip);
    glUniform1f(view->reach_uniform, view->limits.occlusion_m);
    glDisable(GL_BLEND);
    draw_screen(view, PROGRAM_OCCLUSION);
    glBindFramebuffer(GL_FRAMEBUFFER, (GLuint)bound);
    glViewport(viewport[0], viewport[1], viewport[2], viewport[3]);
    (has_scissor ? glEnable : glDisable)(GL_SCISSOR_TEST);
    glEnable(GL_BLEND);
    glBlendFunc(GL_ZERO, GL_SRC_COLOR);
    draw_screen(view, PROGRAM_OCCLUSION_MEAN);
    glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
}
