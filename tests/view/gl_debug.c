#include "view/gl_debug.h"

#include <GL/glew.h>

#include <stdio.h>

static uint32_t complaints;

static void GLAPIENTRY hear(GLenum source, GLenum type, GLuint id, GLenum severity, GLsizei length,
                            const GLchar *message, const void *context)
{
    (void)id;
    (void)length;
    (void)context;
    if (source == GL_DEBUG_SOURCE_SHADER_COMPILER) /* tests break shaders on purpose */
        return;
    if (type != GL_DEBUG_TYPE_ERROR && type != GL_DEBUG_TYPE_UNDEFINED_BEHAVIOR &&
        severity != GL_DEBUG_SEVERITY_HIGH)
        return;
    complaints++;
    printf("OpenGL says: %s\n", message);
}

void gl_debug_listen(void)
{
    if (!GLEW_KHR_debug || !glDebugMessageCallback)
        return;
    glEnable(GL_DEBUG_OUTPUT);
    glEnable(GL_DEBUG_OUTPUT_SYNCHRONOUS);
    glDebugMessageCallback(hear, NULL);
}

uint32_t gl_debug_count(void)
{
    return complaints;
}
