/* Where on the screen a name's letters stand, and which names have room. Pixels, y down. */
#include "view/view_names.h"

#include <math.h>
#include <string.h>

#define DOTS        0x2026u
#define ABOVE_EM    0.86f /* of the base line, what letters take up; and below it */
#define BELOW_EM    0.24f
#define MIDDLE_EM   0.36f /* a street's middle runs through letters so high above their base line */
#define BEND_COSINE 0.88f /* 28 degrees from letter to letter at most */
#define TURN_COSINE 0.35f /* and 70 degrees from the first to the last */

bool jw_name_shape(view_glyphs *glyphs, const char *text, shaped_text *out)
{
    out->count = 0;
    float at_em = 0;
    bool is_visible = false;
    for (uint32_t code; (code = jw_text_next_code(&text)) != 0;) {
        if (out->count == NAME_LETTERS) {
            out->codes[NAME_LETTERS - 1] = DOTS;
            break;
        }
        const view_glyph *glyph = jw_glyphs_measure(glyphs, code);
        if (!glyph)
            return false;
        out->codes[out->count] = code;
        out->at_em[out->count++] = at_em;
        at_em += glyph->advance_em;
        is_visible |= !glyph->is_blank;
    }
    out->at_em[out->count] = at_em;
    return is_visible;
}

void jw_name_lay_flat(const shaped_text *text, float size_px, float x, float y, placed_name *out)
{
    float width_px = text->at_em[text->count] * size_px;
    x -= width_px / 2;
    out->count = text->count;
    out->size_px = size_px;
    for (uint32_t i = 0; i < text->count; i++)
        out->letters[i] = (name_letter){text->codes[i], x + text->at_em[i] * size_px, y, 1, 0};
    out->box_count = 1;
    out->boxes[0][0] = x;
    out->boxes[0][1] = y - ABOVE_EM * size_px;
    out->boxes[0][2] = x + width_px;
    out->boxes[0][3] = y + BELOW_EM * size_px;
}

void jw_name_add_spot(placed_name *name, float x, float y)
{
    float radius_px = name->size_px / 4;
    name->letters[name->count++] = (name_letter){GLYPH_DISC, x - radius_px, y + radius_px, 1, 0};
    float *box = name->boxes[name->box_count++];
    box[0] = x - radius_px;
    box[1] = y - radius_px;
    box[2] = x + radius_px;
    box[3] = y + radius_px;
}

/* The point of a path so far from its beginning; *piece goes on from call to call with growing `at`. */
static void walk(const float (*path)[2], uint32_t count, float at, uint32_t *piece, float *from, float out[2])
{
    for (;;) {
        const float *a = path[*piece], *b = path[*piece + 1];
        float length = hypotf(b[0] - a[0], b[1] - a[1]);
        if (at <= *from + length || *piece + 2 >= count) {
            float t = length > 0 ? (at - *from) / length : 0;
            out[0] = a[0] + (b[0] - a[0]) * t;
            out[1] = a[1] + (b[1] - a[1]) * t;
            return;
        }
        *from += length;
        (*piece)++;
    }
}

static float length_of(const float (*path)[2], uint32_t count)
{
    float sum = 0;
    for (uint32_t i = 0; i + 1 < count; i++)
        sum += hypotf(path[i + 1][0] - path[i][0], path[i + 1][1] - path[i][1]);
    return sum;
}

bool jw_name_lay_along(const shaped_text *text, float size_px, const float (*path)[2], uint32_t count,
                       float at_px, placed_name *out)
{
    if (count < 2 || count > NAME_PATH_POINTS)
        return false;
    float length_px = length_of(path, count), width_px = text->at_em[text->count] * size_px;
    if (at_px < width_px / 2 || at_px + width_px / 2 > length_px)
        return false;
    /* Read from left to right: a path the other way is taken from its end. */
    float ends[2][2], from = 0, turned[NAME_PATH_POINTS][2];
    uint32_t piece = 0;
    walk(path, count, at_px - width_px / 2, &piece, &from, ends[0]);
    walk(path, count, at_px + width_px / 2, &piece, &from, ends[1]);
    if (ends[1][0] < ends[0][0]) {
        for (uint32_t i = 0; i < count; i++)
            memcpy(turned[i], path[count - 1 - i], sizeof turned[i]);
        path = (const float(*)[2])turned;
        at_px = length_px - at_px;
    }
    out->count = out->box_count = text->count;
    out->size_px = size_px;
    piece = 0;
    from = 0;
    float here[2], next[2], begin_px = at_px - width_px / 2;
    walk(path, count, begin_px, &piece, &from, here);
    for (uint32_t i = 0; i < text->count; i++) {
        float wide_px = (text->at_em[i + 1] - text->at_em[i]) * size_px;
        walk(path, count, begin_px + text->at_em[i + 1] * size_px, &piece, &from, next);
        float dx = next[0] - here[0], dy = next[1] - here[1], chord = hypotf(dx, dy);
        const name_letter *last = i ? &out->letters[i - 1] : NULL;
        float cosine = chord > 0.01f ? dx / chord : (last ? last->cosine : 1),
              sine = chord > 0.01f ? dy / chord : (last ? last->sine : 0);
        if (last && (last->cosine * cosine + last->sine * sine < BEND_COSINE ||
                     out->letters[0].cosine * cosine + out->letters[0].sine * sine < TURN_COSINE))
            return false;
        float down = MIDDLE_EM * size_px;
        out->letters[i] =
            (name_letter){text->codes[i], here[0] - sine * down, here[1] + cosine * down, cosine, sine};
        /* A letter is about as high as an em is wide. */
        float x = (here[0] + next[0]) / 2, y = (here[1] + next[1]) / 2;
        float half_x = (fabsf(cosine) * wide_px + fabsf(sine) * size_px) / 2,
              half_y = (fabsf(sine) * wide_px + fabsf(cosine) * size_px) / 2;
        out->boxes[i][0] = x - half_x;
        out->boxes[i][1] = y - half_y;
        out->boxes[i][2] = x + half_x;
        out->boxes[i][3] = y + half_y;
        here[0] = next[0];
        here[1] = next[1];
    }
    return true;
}

jw_result jw_board_clear(name_board *board, int width_px, int height_px, float cell_px, const float room[4],
                         jw_error *error)
{
    board->cell_px = cell_px;
    board->columns = (int)((float)width_px / cell_px) + 1;
    board->rows = (int)((float)height_px / cell_px) + 1;
    memcpy(board->room, room, sizeof board->room);
    size_t size = (size_t)board->columns * (size_t)board->rows;
    jw_result result = jw_grow(&board->taken, &board->capacity, size, 1, error);
    if (result == JW_OK)
        memset(board->taken, 0, size);
    return result;
}

static void cells_of(const name_board *board, const float box[4], int out[4])
{
    out[0] = (int)(fmaxf(box[0], 0) / board->cell_px);
    out[1] = (int)(fmaxf(box[1], 0) / board->cell_px);
    out[2] = (int)(fmaxf(box[2], 0) / board->cell_px);
    out[3] = (int)(fmaxf(box[3], 0) / board->cell_px);
    out[2] = out[2] < board->columns ? out[2] : board->columns - 1;
    out[3] = out[3] < board->rows ? out[3] : board->rows - 1;
}

bool jw_board_take(name_board *board, const placed_name *name)
{
    for (uint32_t i = 0; i < name->box_count; i++) {
        const float *box = name->boxes[i];
        if (!(box[0] >= board->room[0] && box[1] >= board->room[1] && box[2] <= board->room[2] &&
              box[3] <= board->room[3]))
            return false;
        int cells[4];
        cells_of(board, box, cells);
        for (int row = cells[1]; row <= cells[3]; row++)
            for (int column = cells[0]; column <= cells[2]; column++)
                if (board->taken[row * board->columns + column])
                    return false;
    }
    for (uint32_t i = 0; i < name->box_count; i++) {
        int cells[4];
        cells_of(board, name->boxes[i], cells);
        for (int row = cells[1]; row <= cells[3]; row++)
            memset(board->taken + row * board->columns + cells[0], 1, (size_t)(cells[2] - cells[0] + 1));
    }
    return true;
}

void jw_board_free(name_board *board)
{
    jw_free(board->taken);
    *board = (name_board){0};
}
