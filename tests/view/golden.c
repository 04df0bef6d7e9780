#include "view/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

static const char *golden_of(const char *name, char *out, size_t out_size)
{
    snprintf(out, out_size, "%s/data/golden/%s.png", JW_TEST_FOLDER, name);
    return out;
}

const char *golden_path(const char *name, char *out, size_t out_size)
{
    if (getenv("JW_WRITE_GOLDEN"))
        return golden_of(name, out, out_size);
    snprintf(out, out_size, "%s.png", name);
    return out;
}

uint8_t *golden_read(const char *path, int *width, int *height)
{
    int channels;
    uint8_t *pixels = stbi_load(path, width, height, &channels, 3);
    assert_non_null(pixels);
    assert_int_equal(channels, 3);
    return pixels;
}

void golden_compare(const char *name, const char *path)
{
    char golden_file[1024];
    int width, height, golden_width, golden_height;
    uint8_t *golden =
        golden_read(golden_of(name, golden_file, sizeof golden_file), &golden_width, &golden_height);
    uint8_t *drawn = golden_read(path, &width, &height);
    assert_int_equal(width, golden_width);
    assert_int_equal(height, golden_height);
    double sum = 0;
    uint32_t far_off = 0;
    for (int i = 0; i < width * height; i++) {
        int worst = 0;
        for (int c = 0; c < 3; c++) {
            int off = abs(golden[3 * i + c] - drawn[3 * i + c]);
            sum += off;
            worst = off > worst ? off : worst;
        }
        far_off += worst > 48;
    }
    double mean = sum / (width * height * 3), share = (double)far_off / (width * height);
    if (mean > 2.5 || share > 0.02)
        fail_msg("%s differs from %s: by %.2f of 255 on average, %.1f %% of the pixels strongly", path,
                 golden_file, mean, share * 100);
    free(golden);
    free(drawn);
}
