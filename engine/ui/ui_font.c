/* Fonts: one that has Chinese where the system has one, with the 6,763 characters of GB 2312 and the signs
 * that the interface uses; else the built-in one, which has Latin letters alone. */
#include "ui/ui_state.h"

#define PRESENTING 1.5 /* letters for the back row */

#include <SDL2/SDL.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Noto's collection holds Japanese, Korean, simplified Chinese in this order. */
static const struct {
    const char *path;
    int face;
} fonts[] = {
    {"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0},
    {"/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2},
    {"/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc", 2},
    {"/usr/share/fonts/opentype/noto/NotoSansCJKsc-Regular.otf", 0},
};

static const uint32_t signs[] = {0x20,   0x17f,  0x370,  0x3ff,  0x2010, 0x2027, 0x2030,
                                 0x203a, 0x2070, 0x2099, 0x2190, 0x2193, 0x2212, 0x2212,
                                 0x2248, 0x2265, 0x3000, 0x301f, 0xff00, 0xff5e};

/* Pairs of first and last code point, ended by 0. GB 2312 is asked of iconv, cell by cell. */
static uint32_t *make_ranges(uint32_t *out_title_count)
{
    uint32_t *ranges = jw_alloc((JW_COUNT_OF(signs) + 2 * 94 * 94 + 1) * sizeof *ranges);
    if (!ranges)
        return NULL;
    uint32_t count = JW_COUNT_OF(signs);
    for (uint32_t i = 0; i < count; i++)
        ranges[i] = signs[i];
    *out_title_count = count;
    iconv_t converter = iconv_open("UCS-4LE", "GB2312");
    if (converter == (iconv_t)-1)
        return ranges;
    uint8_t row = 0xb0; /* the characters begin in row 16 */
    for (; row <= 0xf7; row++) {
        for (uint8_t cell = 0xa1; cell <= 0xfe; cell++) {
            char in[2] = {(char)row, (char)cell}, *from = in;
            uint8_t out[4];
            char *to = (char *)out;
            size_t in_left = 2, out_left = 4;
            if (iconv(converter, &from, &in_left, &to, &out_left) == (size_t)-1 || out_left) {
                iconv(converter, NULL, NULL, NULL, NULL);
                continue;
            }
            uint32_t code = (uint32_t)out[0] | (uint32_t)out[1] << 8 | (uint32_t)out[2] << 16;
            ranges[count++] = code;
            ranges[count++] = code;
        }
        if (row == 0xd7) /* the 3,755 common ones */
            *out_title_count = count;
    }
    iconv_close(converter);
    ranges[count] = 0;
    return ranges;
}

/* Dear ImGui asserts on files that are no fonts: looked at before. */
static bool is_font(const char *path, int face)
{
    uint8_t head[12] = {0};
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    size_t size = fread(head, 1, sizeof head, file);
    fclose(file);
    if (size != sizeof head)
        return false;
    if (memcmp(head, "ttcf", 4) == 0) /* a collection: version, number of faces */
        return (uint32_t)face <
               ((uint32_t)head[8] << 24 | (uint32_t)head[9] << 16 | (uint32_t)head[10] << 8 | head[11]);
    return face == 0 &&
           (memcmp(head, "OTTO", 4) == 0 || memcmp(head, "true", 4) == 0 || memcmp(head, "\0\1\0\0", 4) == 0);
}

bool ui_make_fonts(jw_ui *ui)
{
    if (!ui->font_ranges && !(ui->font_ranges = make_ranges(&ui->title_range_count)))
        return false;
    float dpi = 96;
    int display = SDL_GetWindowDisplayIndex(jw_view_window_sdl(ui->window));
    if (display < 0 || SDL_GetDisplayDPI(display, NULL, &dpi, NULL) != 0 || dpi < 96)
        dpi = 96;
    /* In quarters: screens lie about their size by some per cent. */
    double screen = jw_floor(dpi / 96 * 4 + 0.25) / 4;
    ui->scale = (float)jw_clamp(
        screen * ui->settings.scale_percent / 100 * (ui->is_presenting ? PRESENTING : 1), 0.75, 4);
    const char *path = NULL;
    int face = 0;
    const char *chosen = getenv("JINGWEI_FONT"); /* a file of the user's own */
    if (chosen && is_font(chosen, 0))
        path = chosen;
    for (uint32_t i = 0; i < JW_COUNT_OF(fonts) && !chosen; i++)
        if (is_font(fonts[i].path, fonts[i].face)) {
            path = fonts[i].path;
            face = fonts[i].face;
            break;
        }
    ui->has_chinese_font = gui_set_fonts(path, face, ui->font_ranges, ui->title_range_count, ui->scale);
    return true;
}
