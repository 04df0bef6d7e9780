/* The whole window as a PNG file. */
#include "ui/ui_state.h"

#include <GL/glew.h>
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wshadow"
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

static void append(void *context, void *bytes, int size)
{
    jw_writer *writer = context;
    jw_write_bytes(writer, bytes, (size_t)size);
}

jw_result ui_save_picture(const jw_ui *ui, const char *path, jw_error *error)
{
    size_t row = (size_t)ui->width_px * 3;
    uint8_t *pixels = jw_alloc(row * (size_t)ui->height_px);
    if (!pixels)
        return jw_fail_memory(error);
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glReadPixels(0, 0, ui->width_px, ui->height_px, GL_RGB, GL_UNSIGNED_BYTE, pixels);
    jw_writer writer = {0};
    /* GL's rows go upwards: a negative stride from the last one turns them. */
    int is_written = stbi_write_png_to_func(append, &writer, ui->width_px, ui->height_px, 3,
                                            pixels + row * (size_t)(ui->height_px - 1), -(int)row);
    jw_result result = is_written && !writer.failed ? jw_file_write(path, writer.bytes, writer.size, error)
                                                    : jw_fail_memory(error);
    jw_writer_free(&writer);
    jw_free(pixels);
    return result;
}
