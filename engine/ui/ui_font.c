/* Fonts: one that has Chinese where the system has one, with the 6,763 characters of GB 2312 and the signs
 * that the interface uses; else the built-in one, which has Latin letters alone. */
#include "ui/ui_state.h"

#define PRESENTING 1.5 /* letters for the back row */

#include <SDL2/SDL.h>
#include <iconv.h>

static const uint32_t signs[] = {0x20,   0x17f,  0x370,  0x3ff,  0x2010, 0x2027, 0x2030,
                                 0x203a, 0x2070, 0x2099, 0x2190, 0x2193, 0x2212, 0x2212,
                                 0x2248, 0x2265, 0x3000, 0x301f, 0xff00, 0xff5e};

/* GB 2312 is asked of iconv, cell by cell. */
uint32_t *ui_font_ranges(uint32_t *out_title_count)
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

bool ui_make_fonts(jw_ui *ui)
{
    if (!ui->font_ranges && !(ui->font_ranges = ui_font_ranges(&ui->title_range_count)))
        return false;
    float dpi = 96;
    int display = SDL_GetWindowDisplayIndex(jw_view_window_sdl(ui->window));
    if (display < 0 || SDL_GetDisplayDPI(display, NULL, &dpi, NULL) != 0 || dpi < 96)
        dpi = 96;
    /* In quarters: screens lie about their size by some per cent. */
    double screen = jw_floor(dpi / 96 * 4 + 0.25) / 4;
    ui->scale = (float)jw_clamp(screen * ui->settings.scale_percent / 100 *
                                    (ui->is_presenting ? PRESENTING * ui->page_share : 1),
                                UI_SCALE_MIN, UI_SCALE_MAX);
    int face;
    const char *path = jw_view_find_font(&face);
    ui->has_chinese_font = gui_set_fonts(path, face, ui->font_ranges, ui->title_range_count, ui->scale);
    return true;
}
