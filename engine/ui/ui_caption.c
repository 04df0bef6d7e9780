/* Captions in films: which world, and its time. Drawn into the finished pixels, for a film's size is not the
 * window's and its maker may have no panels at all: letters of five by seven dots are all it needs. */
#include "ui/ui_video.h"

#include <string.h>

enum { DOTS_X = 5, DOTS_Y = 7 };

/* Rows from the top, the leftmost dot in bit 4. */
static const struct {
    char letter;
    uint8_t rows[DOTS_Y];
} letters[] = {
    {'0', {0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e}}, {'1', {0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e}},
    {'2', {0x0e, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1f}}, {'3', {0x0e, 0x11, 0x01, 0x06, 0x01, 0x11, 0x0e}},
    {'4', {0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02}}, {'5', {0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e}},
    {'6', {0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e}}, {'7', {0x1f, 0x01, 0x02, 0x04, 0x04, 0x08, 0x08}},
    {'8', {0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e}}, {'9', {0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c}},
    {':', {0x00, 0x04, 0x04, 0x00, 0x04, 0x04, 0x00}}, {'+', {0x00, 0x04, 0x04, 0x1f, 0x04, 0x04, 0x00}},
    {'A', {0x0e, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11}}, {'B', {0x1e, 0x11, 0x11, 0x1e, 0x11, 0x11, 0x1e}},
};

static int dot_of(const ui_caption *caption)
{
    int dot_px = caption->height_px / 360;
    return dot_px > 1 ? dot_px : 1;
}

/* Mixes a share of one grey into a rectangle, cut at the picture. */
static void fill(const ui_caption *caption, int x, int y, int width, int height, int grey, double share)
{
    for (int row = y < 0 ? 0 : y; row < y + height && row < caption->height_px; row++)
        for (int column = x < 0 ? 0 : x; column < x + width && column < caption->width_px; column++) {
            uint8_t *pixel = caption->pixels + ((size_t)row * (size_t)caption->width_px + (size_t)column) * 3;
            for (int c = 0; c < 3; c++)
                pixel[c] = (uint8_t)(pixel[c] + (grey - pixel[c]) * share);
        }
}

void ui_caption_text(const ui_caption *caption, int left_px, const char *text)
{
    int dot = dot_of(caption), step = (DOTS_X + 1) * dot, x = left_px + 6 * dot,
        y = caption->height_px - (6 + DOTS_Y) * dot;
    fill(caption, x - 3 * dot, y - 3 * dot, (int)strlen(text) * step + 5 * dot, (DOTS_Y + 6) * dot, 16, 0.7);
    for (; *text; text++, x += step)
        for (uint32_t i = 0; i < JW_COUNT_OF(letters); i++)
            for (int d = 0; d < DOTS_X * DOTS_Y && letters[i].letter == *text; d++)
                if (letters[i].rows[d / DOTS_X] >> (DOTS_X - 1 - d % DOTS_X) & 1)
                    fill(caption, x + d % DOTS_X * dot, y + d / DOTS_X * dot, dot, dot, 240, 1);
}

void ui_caption_seam(const ui_caption *caption, int x_px)
{
    int dot = dot_of(caption);
    fill(caption, x_px - dot, 0, 2 * dot, caption->height_px, 240, 1);
}
