/* Captions in films and pictures: which world, and its time. Drawn into the finished pixels, for their size
 * is not the window's and their maker may have no panels at all: letters of five by seven dots are all it
 * needs.
 */
#include "ui/ui_state.h"
#include "ui/ui_video.h"

#include <stdio.h>
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

static int dot_of(const ui_caption_rows *rows)
{
    int dot_px = rows->height_px / 360;
    return dot_px > 1 ? dot_px : 1;
}

/* Mixes a share of one grey into a rectangle, cut at the rows. */
static void fill(const ui_caption_rows *rows, int x, int y, int width, int height, int grey, double share)
{
    int end = rows->first + rows->count;
    for (int row = y < rows->first ? rows->first : y; row < y + height && row < end; row++)
        for (int column = x < 0 ? 0 : x; column < x + width && column < rows->width_px; column++) {
            uint8_t *pixel =
                rows->pixels + ((size_t)(row - rows->first) * (size_t)rows->width_px + (size_t)column) * 3;
            for (int c = 0; c < 3; c++)
                pixel[c] = (uint8_t)(pixel[c] + (grey - pixel[c]) * share);
        }
}

static void write_text(const ui_caption_rows *rows, int left_px, const char *text)
{
    int dot = dot_of(rows), step = (DOTS_X + 1) * dot, x = left_px + 6 * dot,
        y = rows->height_px - (6 + DOTS_Y) * dot;
    fill(rows, x - 3 * dot, y - 3 * dot, (int)strlen(text) * step + 5 * dot, (DOTS_Y + 6) * dot, 16, 0.7);
    for (; *text; text++, x += step)
        for (uint32_t i = 0; i < JW_COUNT_OF(letters); i++)
            for (int d = 0; d < DOTS_X * DOTS_Y && letters[i].letter == *text; d++)
                if (letters[i].rows[d / DOTS_X] >> (DOTS_X - 1 - d % DOTS_X) & 1)
                    fill(rows, x + d % DOTS_X * dot, y + d / DOTS_X * dot, dot, dot, 240, 1);
}

ui_captions ui_captions_of(const jw_ui *ui, const int from_px[2])
{
    ui_captions out = {.from_px = {from_px[0], from_px[1]}, .has_seam = ui_part_count(ui) == 2};
    for (uint32_t side = 0; side < ui->side_count && !ui->is_bare; side++) {
        char time[32];
        ui_format_time(ui_shown_time_ns(ui, &ui->sides[side]), time, sizeof time);
        snprintf(out.texts[side], sizeof out.texts[side], "%s%s",
                 ui->side_count == 1 ? ""
                 : side              ? "B "
                                     : "A ",
                 time);
    }
    return out;
}

void ui_captions_write(const ui_captions *captions, const ui_caption_rows *rows)
{
    int dot = dot_of(rows);
    if (captions->has_seam)
        fill(rows, captions->from_px[1] - dot, 0, 2 * dot, rows->height_px, 240, 1);
    for (int i = 0; i < 2; i++)
        if (captions->texts[i][0])
            write_text(rows, captions->from_px[i], captions->texts[i]);
}
