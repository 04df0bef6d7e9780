/* The atlas of letters. FreeType gives distances to outlines; a letter is made once, when a name that has it
 * is first shown, and lies in the atlas until other names need its cell. */
#include "view/view_names.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_MODULE_H
#include <string.h>

enum { GLYPHS_MAX = 1 << 16 };
#define DISC_EM 0.25f /* radius */

typedef struct glyph_cell {
    uint32_t glyph; /* JW_NONE: free */
    uint32_t picture;
} glyph_cell;

struct view_glyphs {
    FT_Library library;
    FT_Face face;
    jw_map numbers; /* of glyphs, by code point */
    view_glyph *glyphs;
    uint32_t count, capacity;
    uint8_t *pixels;
    glyph_cell cells[GLYPH_CELLS];
    uint16_t fresh[GLYPH_CELLS]; /* cells made and not taken */
    uint32_t fresh_first, fresh_count;
    uint32_t picture, left_new;
};

uint32_t jw_text_next_code(const char **text)
{
    const uint8_t *at = (const uint8_t *)*text;
    uint32_t code = *at++, more = code < 0x80 ? 0 : code >= 0xF0 ? 3 : code >= 0xE0 ? 2 : 1;
    if (code == 0)
        return 0;
    bool is_good = code < 0x80 || (code >= 0xC2 && code < 0xF5);
    if (more)
        code &= 0x3Fu >> more;
    for (uint32_t i = 0; i < more && is_good; i++) {
        is_good = (*at & 0xC0) == 0x80;
        if (is_good)
            code = code << 6 | (*at++ & 0x3F);
    }
    *text = (const char *)at;
    return is_good ? code : 0xFFFD;
}

static jw_result open_face(view_glyphs *glyphs, const char *path, int face, jw_error *error)
{
    if (!jw_file_exists(path))
        return jw_fail(error, JW_ERROR_NOT_FOUND, path, 0, "the font is missing");
    FT_Int spread = GLYPH_SPREAD;
    if (FT_Init_FreeType(&glyphs->library) != 0 ||
        FT_Property_Set(glyphs->library, "sdf", "spread", &spread) != 0)
        return jw_fail(error, JW_ERROR_UNSUPPORTED, NULL, 0,
                       "this FreeType makes no distance fields: names need version 2.11 or later");
    if (FT_New_Face(glyphs->library, path, face, &glyphs->face) != 0 || !FT_IS_SCALABLE(glyphs->face) ||
        FT_Set_Pixel_Sizes(glyphs->face, 0, GLYPH_EM) != 0)
        return jw_fail(error, JW_ERROR_INPUT, path, 0, "the file is no font with outlines, or has no face %d",
                       face);
    return JW_OK;
}

jw_result jw_glyphs_open(const char *path, int face, view_glyphs **out, jw_error *error)
{
    *out = NULL;
    view_glyphs *glyphs = jw_alloc(sizeof *glyphs);
    if (!glyphs)
        return jw_fail_memory(error);
    for (uint32_t i = 0; i < GLYPH_CELLS; i++)
        glyphs->cells[i].glyph = JW_NONE;
    glyphs->pixels = jw_alloc((size_t)GLYPH_ATLAS * GLYPH_ATLAS);
    jw_result result = glyphs->pixels ? open_face(glyphs, path, face, error) : jw_fail_memory(error);
    if (result != JW_OK) {
        jw_glyphs_close(glyphs);
        return result;
    }
    jw_glyphs_next_picture(glyphs, GLYPH_CELLS);
    *out = glyphs;
    return JW_OK;
}

void jw_glyphs_close(view_glyphs *glyphs)
{
    if (!glyphs)
        return;
    FT_Done_Face(glyphs->face); /* NULL is an error it only returns */
    FT_Done_FreeType(glyphs->library);
    jw_map_free(&glyphs->numbers);
    jw_free(glyphs->glyphs);
    jw_free(glyphs->pixels);
    jw_free(glyphs);
}

bool jw_glyphs_has(const view_glyphs *glyphs, uint32_t code)
{
    return FT_Get_Char_Index(glyphs->face, code) != 0;
}

static bool load(view_glyphs *glyphs, uint32_t code)
{
    return FT_Load_Glyph(glyphs->face, FT_Get_Char_Index(glyphs->face, code),
                         FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP) == 0 &&
           glyphs->face->glyph->format == FT_GLYPH_FORMAT_OUTLINE;
}

static view_glyph *find(view_glyphs *glyphs, uint32_t code)
{
    uint32_t number = jw_map_get(&glyphs->numbers, code);
    if (number != JW_NONE)
        return &glyphs->glyphs[number];
    if (glyphs->count >= GLYPHS_MAX ||
        jw_grow(&glyphs->glyphs, &glyphs->capacity, (uint64_t)glyphs->count + 1, sizeof *glyphs->glyphs,
                NULL) != JW_OK)
        return NULL;
    view_glyph *glyph = &glyphs->glyphs[glyphs->count];
    *glyph = (view_glyph){.code = code, .cell = GLYPH_CELLS, .advance_em = 2 * DISC_EM};
    if (code != GLYPH_DISC) {
        bool is_loaded = load(glyphs, code);
        glyph->is_blank = !is_loaded || glyphs->face->glyph->outline.n_points == 0;
        glyph->advance_em =
            is_loaded ? (float)glyphs->face->glyph->linearHoriAdvance / (65536.0f * GLYPH_EM) : 0;
    }
    if (!jw_map_set(&glyphs->numbers, code, glyphs->count))
        return NULL;
    glyphs->count++;
    return glyph;
}

const view_glyph *jw_glyphs_measure(view_glyphs *glyphs, uint32_t code)
{
    return find(glyphs, code);
}

/* A free cell, or the one whose letter was not shown for longest; GLYPH_CELLS: all are in this picture. */
static uint32_t find_cell(view_glyphs *glyphs)
{
    uint32_t best = GLYPH_CELLS, oldest = glyphs->picture;
    for (uint32_t i = 0; i < GLYPH_CELLS; i++) {
        if (glyphs->cells[i].glyph == JW_NONE)
            return i;
        if (glyphs->cells[i].picture < oldest) {
            oldest = glyphs->cells[i].picture;
            best = i;
        }
    }
    if (best < GLYPH_CELLS)
        glyphs->glyphs[glyphs->cells[best].glyph].cell = GLYPH_CELLS;
    return best;
}

static void draw_disc(view_glyph *glyph, uint8_t *cell)
{
    const float radius = DISC_EM * GLYPH_EM, middle = radius + GLYPH_SPREAD;
    glyph->width = glyph->height = (uint8_t)(2 * middle);
    glyph->left = -GLYPH_SPREAD;
    glyph->top = (int8_t)(2 * radius + GLYPH_SPREAD);
    for (uint32_t y = 0; y < glyph->height; y++)
        for (uint32_t x = 0; x < glyph->width; x++) {
            double dx = (double)x + 0.5 - (double)middle, dy = (double)y + 0.5 - (double)middle;
            double inside = (double)radius - jw_sqrt(dx * dx + dy * dy);
            cell[y * GLYPH_ATLAS + x] = (uint8_t)jw_clamp(128 + inside * 128 / GLYPH_SPREAD, 0, 255);
        }
}

/* What is larger than a cell is cut at its edge. */
static bool draw_letter(view_glyphs *glyphs, view_glyph *glyph, uint8_t *cell)
{
    if (!load(glyphs, glyph->code) || FT_Render_Glyph(glyphs->face->glyph, FT_RENDER_MODE_SDF) != 0)
        return false;
    const FT_GlyphSlot slot = glyphs->face->glyph;
    uint32_t width = slot->bitmap.width < GLYPH_CELL ? slot->bitmap.width : GLYPH_CELL - 1;
    uint32_t height = slot->bitmap.rows < GLYPH_CELL ? slot->bitmap.rows : GLYPH_CELL - 1;
    for (uint32_t y = 0; y < height; y++)
        memcpy(cell + (size_t)y * GLYPH_ATLAS, slot->bitmap.buffer + (ptrdiff_t)y * slot->bitmap.pitch,
               width);
    glyph->width = (uint8_t)width;
    glyph->height = (uint8_t)height;
    glyph->left = (int8_t)jw_clamp(slot->bitmap_left, -127, 127);
    glyph->top = (int8_t)jw_clamp(slot->bitmap_top, -127, 127);
    return true;
}

const view_glyph *jw_glyphs_show(view_glyphs *glyphs, uint32_t code)
{
    view_glyph *glyph = find(glyphs, code);
    if (!glyph || glyph->is_blank)
        return glyph;
    if (glyph->cell < GLYPH_CELLS) {
        glyphs->cells[glyph->cell].picture = glyphs->picture;
        return glyph;
    }
    uint32_t cell = glyphs->left_new ? find_cell(glyphs) : GLYPH_CELLS;
    if (cell == GLYPH_CELLS)
        return NULL;
    glyphs->left_new--;
    uint8_t *pixels = glyphs->pixels + (size_t)(cell / GLYPH_COLUMNS) * GLYPH_CELL * GLYPH_ATLAS +
                      (size_t)(cell % GLYPH_COLUMNS) * GLYPH_CELL;
    for (uint32_t y = 0; y < GLYPH_CELL; y++)
        memset(pixels + (size_t)y * GLYPH_ATLAS, 0, GLYPH_CELL);
    if (code == GLYPH_DISC)
        draw_disc(glyph, pixels);
    else if (!draw_letter(glyphs, glyph, pixels))
        glyph->is_blank = true;
    glyphs->cells[cell] = (glyph_cell){(uint32_t)(glyph - glyphs->glyphs), glyphs->picture};
    glyph->cell = (uint16_t)cell;
    if (glyphs->fresh_count < GLYPH_CELLS)
        glyphs->fresh[(glyphs->fresh_first + glyphs->fresh_count++) % GLYPH_CELLS] = (uint16_t)cell;
    return glyph;
}

void jw_glyphs_next_picture(view_glyphs *glyphs, uint32_t most_new)
{
    glyphs->picture++;
    glyphs->left_new = most_new;
}

const uint8_t *jw_glyphs_pixels(const view_glyphs *glyphs)
{
    return glyphs->pixels;
}

bool jw_glyphs_take_new(view_glyphs *glyphs, uint32_t *out_cell)
{
    if (glyphs->fresh_count == 0)
        return false;
    *out_cell = glyphs->fresh[glyphs->fresh_first];
    glyphs->fresh_first = (glyphs->fresh_first + 1) % GLYPH_CELLS;
    glyphs->fresh_count--;
    return true;
}
