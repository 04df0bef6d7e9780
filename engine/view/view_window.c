/* Windows and GL contexts through SDL2. */
#include "view/view_internal.h"

#include <GL/glew.h>
#include <SDL2/SDL.h>

struct jw_view_window {
    SDL_Window *window;
    SDL_GLContext context;
    GLsync handed_over; /* behind the newest picture; NULL: none */
    view_target city;   /* the picture of the city alone */
    char renderer[128];
    bool has_video;
};

/* Where the driver can, one that tells when the card was reset. */
static jw_result make_context(jw_view_window *self, jw_error *error)
{
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_FLAGS, SDL_GL_CONTEXT_ROBUST_ACCESS_FLAG);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_RESET_NOTIFICATION, SDL_GL_CONTEXT_RESET_LOSE_CONTEXT);
    self->context = SDL_GL_CreateContext(self->window);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_FLAGS, 0);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_RESET_NOTIFICATION, SDL_GL_CONTEXT_RESET_NO_NOTIFICATION);
    if (!self->context)
        self->context = SDL_GL_CreateContext(self->window);
    if (self->context)
        return JW_OK;
    return jw_fail(
        error, JW_ERROR_UNSUPPORTED, NULL, 0,
        "no OpenGL 3.3 here: %s. Update the graphics driver, or set LIBGL_ALWAYS_SOFTWARE=1 to draw on the "
        "processor; 'jingwei run' needs no graphics",
        SDL_GetError());
}

static jw_result open_window(jw_view_window *self, int width_px, int height_px, const char *title,
                             bool is_hidden, jw_error *error)
{
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) != 0)
        return jw_fail(error, JW_ERROR_UNSUPPORTED, NULL, 0,
                       "no display: %s. Set DISPLAY, use WSLg or Xvfb, or set SDL_VIDEODRIVER=offscreen for "
                       "pictures without a screen",
                       SDL_GetError());
    self->has_video = true;
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 3);
    SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_CORE);
    SDL_GL_SetAttribute(SDL_GL_DEPTH_SIZE, 24);
    SDL_GL_SetAttribute(SDL_GL_STENCIL_SIZE, 8);
    SDL_GL_SetAttribute(SDL_GL_DOUBLEBUFFER, 1);
    SDL_Rect screen; /* a size remembered of a larger one must not reach beyond this one */
    if (!is_hidden && SDL_GetDisplayUsableBounds(0, &screen) == 0 && screen.w > 0 && screen.h > 0) {
        width_px = width_px < screen.w ? width_px : screen.w;
        height_px = height_px < screen.h ? height_px : screen.h;
    }
    Uint32 flags = SDL_WINDOW_OPENGL | SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI |
                   (is_hidden ? SDL_WINDOW_HIDDEN : 0);
    self->window =
        SDL_CreateWindow(title, SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, width_px, height_px, flags);
    if (!self->window)
        return jw_fail(error, JW_ERROR_UNSUPPORTED, NULL, 0, "cannot open a window of %d x %d pixels: %s",
                       width_px, height_px, SDL_GetError());
    return make_context(self, error);
}

/* GLEW 2.2 asks GLX for a display after loading everything, which fails on EGL and Wayland contexts though
 * the functions are there: so look at the functions themselves. */
static jw_result load_functions(jw_view_window *self, jw_error *error)
{
    glewExperimental = GL_TRUE;
    GLenum status = glewInit();
    if (status != GLEW_OK && status != GLEW_ERROR_NO_GLX_DISPLAY)
        return jw_fail(error, JW_ERROR_UNSUPPORTED, NULL, 0, "OpenGL's functions cannot be loaded: %s",
                       (const char *)glewGetErrorString(status));
    const struct {
        const char *name;
        bool is_there;
    } needed[] = {
        {"glGenVertexArrays", glGenVertexArrays != NULL},
        {"glTexBuffer", glTexBuffer != NULL},
        {"glDrawElementsInstanced", glDrawElementsInstanced != NULL},
        {"glVertexAttribDivisor", glVertexAttribDivisor != NULL},
        {"glMultiDrawElements", glMultiDrawElements != NULL},
        {"glUniformBlockBinding", glUniformBlockBinding != NULL},
        {"glBlitFramebuffer", glBlitFramebuffer != NULL},
        {"glRenderbufferStorageMultisample", glRenderbufferStorageMultisample != NULL},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(needed); i++)
        if (!needed[i].is_there)
            return jw_fail(error, JW_ERROR_UNSUPPORTED, NULL, 0,
                           "the graphics driver lacks %s, a part of OpenGL 3.3: update it", needed[i].name);
    while (glGetError() != GL_NO_ERROR) /* glewInit leaves one behind on core profiles */
        ;
    jw_text_copy(self->renderer, sizeof self->renderer, (const char *)glGetString(GL_RENDERER));
    return JW_OK;
}

jw_result jw_view_window_create(int width_px, int height_px, const char *title, bool is_hidden,
                                jw_view_window **out, jw_error *error)
{
    *out = NULL;
    jw_view_window *self = jw_alloc(sizeof *self);
    if (!self)
        return jw_fail_memory(error);
    jw_result result = open_window(self, width_px, height_px, title, is_hidden, error);
    if (result == JW_OK)
        result = load_functions(self, error);
    if (result != JW_OK) {
        jw_view_window_destroy(self);
        return result;
    }
    SDL_GL_SetSwapInterval(is_hidden ? 0 : 1);
    *out = self;
    return JW_OK;
}

void jw_view_window_destroy(jw_view_window *window)
{
    if (!window)
        return;
    if (window->context)
        SDL_GL_DeleteContext(window->context);
    if (window->window)
        SDL_DestroyWindow(window->window);
    if (window->has_video)
        SDL_QuitSubSystem(SDL_INIT_VIDEO);
    jw_free(window);
}

void jw_view_window_size(const jw_view_window *window, int *out_width_px, int *out_height_px)
{
    SDL_GL_GetDrawableSize(window->window, out_width_px, out_height_px);
}

/* Where swapping does not wait, a driver takes pictures faster than they are drawn: llvmpipe then kept 1.5 GB
 * of them, went on drawing for seconds in a window that stood, and showed what was long past. So the picture
 * before this one is waited for; this one may be drawn while the next is prepared. */
void jw_view_window_swap(jw_view_window *window)
{
    enum { LIMIT_S = 1 };
    SDL_GL_SwapWindow(window->window);
    if (!window->context)
        return;
    if (window->handed_over) {
        glClientWaitSync(window->handed_over, GL_SYNC_FLUSH_COMMANDS_BIT, LIMIT_S * JW_NS_PER_S);
        glDeleteSync(window->handed_over);
    }
    window->handed_over = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
}

void jw_view_window_begin_city(jw_view_window *window)
{
    int width_px, height_px;
    jw_view_window_size(window, &width_px, &height_px);
    if (!jw_view_gl_target_bind(&window->city, width_px, height_px, 0))
        glBindFramebuffer(GL_FRAMEBUFFER, 0); /* so it is not kept */
}

void jw_view_window_end_city(jw_view_window *window)
{
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    jw_view_window_show_city(window);
}

bool jw_view_window_show_city(jw_view_window *window)
{
    int width_px, height_px;
    jw_view_window_size(window, &width_px, &height_px);
    if (!window->city.is_whole || window->city.width_px != width_px || window->city.height_px != height_px)
        return false;
    glBindFramebuffer(GL_READ_FRAMEBUFFER, window->city.framebuffer);
    glBlitFramebuffer(0, 0, width_px, height_px, 0, 0, width_px, height_px, GL_COLOR_BUFFER_BIT, GL_NEAREST);
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    return true;
}

bool jw_view_window_is_lost(const jw_view_window *window)
{
    if (!window->context || SDL_GL_GetCurrentContext() != window->context)
        return true;
    return GLEW_ARB_robustness && glGetGraphicsResetStatusARB && glGetGraphicsResetStatusARB() != GL_NO_ERROR;
}

jw_result jw_view_window_renew(jw_view_window *window, jw_error *error)
{
    jw_view_window_lose(window);
    jw_result result = make_context(window, error);
    return result == JW_OK ? load_functions(window, error) : result;
}

void jw_view_window_lose(jw_view_window *window)
{
    if (window->context)
        SDL_GL_DeleteContext(window->context);
    window->context = NULL;
    window->handed_over = NULL; /* gone with it */
    window->city = (view_target){0};
}

void *jw_view_window_sdl(jw_view_window *window)
{
    return window->window;
}

void *jw_view_window_context(jw_view_window *window)
{
    return window->context;
}

const char *jw_view_window_renderer(const jw_view_window *window)
{
    return window->renderer;
}
