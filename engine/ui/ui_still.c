/* Pictures of the city at any size: drawn band by band and packed as PNG on the way, so that neither the
 * graphics driver's limits nor memory bound them and the window goes on answering. The city moves on
 * meanwhile; the picture is of the moment when it was asked for. */
#include "ui/ui_still.h"
#include "ui/ui_state.h"
#include "ui/ui_video.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define TILE_PX  2048 /* widest part that is drawn at once */
#define BAND_PX  256  /* rows a turn */
#define SIDE_MAX 32768
#define PACKED   65536

struct ui_still {
    char path[600], part[620];
    FILE *file;
    z_stream packer;
    bool has_packer;
    int width_px, height_px, row; /* rows done */
    uint32_t part_count;
    jw_view_scene scenes[2];
    int part_from_px[3]; /* where each part begins, and the end */
    jw_frame frames[2][2];
    ui_pins pins;
    ui_captions captions;
    uint8_t *band, *tile, *packed;
};

static void free_still(ui_still *still)
{
    if (still->has_packer)
        deflateEnd(&still->packer);
    if (still->file) {
        fclose(still->file);
        unlink(still->part);
    }
    for (int i = 0; i < 4; i++)
        jw_frame_free(&still->frames[i / 2][i % 2]);
    jw_free(still->band);
    jw_free(still->tile);
    jw_free(still->packed);
    jw_free(still);
}

/* ---- PNG (ISO/IEC 15948): chunks of length, name, bytes, check sum ---- */

static void put_number(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static jw_result fail_write(const ui_still *still, jw_error *error)
{
    return jw_fail(error, JW_ERROR_IO, still->path, 0, "the picture cannot be written: %s", strerror(errno));
}

static jw_result write_chunk(ui_still *still, const char *name, const uint8_t *bytes, uint32_t size,
                             jw_error *error)
{
    uint8_t head[8], foot[4];
    put_number(head, size);
    memcpy(head + 4, name, 4);
    uLong sum = crc32(0, head + 4, 4);
    put_number(foot, (uint32_t)(size ? crc32(sum, bytes, size) : sum));
    bool is_written = fwrite(head, 8, 1, still->file) == 1 &&
                      (!size || fwrite(bytes, size, 1, still->file) == 1) &&
                      fwrite(foot, 4, 1, still->file) == 1;
    return is_written ? JW_OK : fail_write(still, error);
}

static jw_result write_head(ui_still *still, jw_error *error)
{
    static const uint8_t mark[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    uint8_t head[13] = {[8] = 8, [9] = 2}; /* 8 bits of each of three colours */
    put_number(head, (uint32_t)still->width_px);
    put_number(head + 4, (uint32_t)still->height_px);
    if (fwrite(mark, 8, 1, still->file) != 1)
        return fail_write(still, error);
    return write_chunk(still, "IHDR", head, 13, error);
}

/* What the packer gives for some bytes, or for the end. */
static jw_result pack(ui_still *still, uint8_t *bytes, size_t size, bool is_end, jw_error *error)
{
    jw_result result = JW_OK;
    int state = Z_OK;
    still->packer.next_in = bytes;
    still->packer.avail_in = (uInt)size;
    do {
        still->packer.next_out = still->packed;
        still->packer.avail_out = PACKED;
        state = deflate(&still->packer, is_end ? Z_FINISH : Z_NO_FLUSH);
        uint32_t made = PACKED - still->packer.avail_out;
        if (made)
            result = write_chunk(still, "IDAT", still->packed, made, error);
    } while (result == JW_OK && (still->packer.avail_out == 0 || (is_end && state == Z_OK)));
    return result;
}

/* Each row says how it is packed: by the difference to the pixel on the left. */
static jw_result pack_rows(ui_still *still, int rows, jw_error *error)
{
    size_t row = (size_t)still->width_px * 3;
    jw_result result = JW_OK;
    for (int y = 0; y < rows && result == JW_OK; y++) {
        uint8_t *bytes = still->band + (size_t)y * row, kind = 1;
        for (size_t i = row - 1; i >= 3; i--)
            bytes[i] = (uint8_t)(bytes[i] - bytes[i - 3]);
        result = pack(still, &kind, 1, false, error);
        if (result == JW_OK)
            result = pack(still, bytes, row, false, error);
    }
    return result;
}

/* ---- drawing ---------------------------------------------------------------------------------------------
 */

static jw_result draw_band(jw_ui *ui, ui_still *still, int rows, jw_error *error)
{
    jw_result result = JW_OK;
    for (uint32_t p = 0; p < still->part_count; p++) {
        int from = still->part_from_px[p], width = still->part_from_px[p + 1] - from;
        for (int x = 0; x < width && result == JW_OK; x += TILE_PX) {
            jw_view_rect tile = {x, still->row, (int)jw_min(TILE_PX, width - x), rows};
            result = jw_view_read_part(ui->view, &still->scenes[p], width, still->height_px, tile,
                                       still->tile, error);
            for (int y = 0; y < rows && result == JW_OK; y++)
                memcpy(still->band + ((size_t)y * (size_t)still->width_px + (size_t)(from + x)) * 3,
                       still->tile + (size_t)y * (size_t)tile.width_px * 3, (size_t)tile.width_px * 3);
        }
    }
    ui_captions_write(&still->captions,
                      &(ui_caption_rows){still->band, still->width_px, still->height_px, still->row, rows});
    return result;
}

/* The scenes as they are now, with frames of their own. */
static jw_result keep_scenes(jw_ui *ui, ui_still *still, jw_error *error)
{
    double widths[2], all = 0;
    still->part_count = ui_part_count(ui);
    ui_notes_take_pins(ui, &still->pins);
    jw_result result = JW_OK;
    for (uint32_t p = 0; p < still->part_count && result == JW_OK; p++) {
        jw_view_scene *scene = &still->scenes[p];
        *scene = ui_export_scene(ui, p, &still->pins);
        widths[p] = scene->rect.width_px;
        all += widths[p];
        if (scene->frame_a)
            result = jw_frame_copy(scene->frame_a, &still->frames[p][0], error);
        if (scene->frame_b && result == JW_OK)
            result = jw_frame_copy(scene->frame_b, &still->frames[p][1], error);
        scene->frame_a = scene->frame_a ? &still->frames[p][0] : NULL;
        scene->frame_b = scene->frame_b ? &still->frames[p][1] : NULL;
    }
    still->part_from_px[still->part_count] = still->width_px;
    if (still->part_count == 2)
        still->part_from_px[1] = (int)(still->width_px * widths[0] / jw_max(all, 1));
    still->captions = ui_captions_of(ui, still->part_from_px);
    if (still->height_px == 0) /* in the window's proportion */
        still->height_px =
            (int)(still->width_px * (double)still->scenes[0].rect.height_px / jw_max(all, 1) + 0.5);
    return result;
}

static jw_result open_file(ui_still *still, jw_error *error)
{
    snprintf(still->part, sizeof still->part, "%s.part", still->path);
    still->file = fopen(still->part, "wb");
    if (!still->file)
        return fail_write(still, error);
    still->has_packer = deflateInit(&still->packer, 6) == Z_OK;
    if (!still->has_packer)
        return jw_fail_memory(error);
    return write_head(still, error);
}

jw_result ui_still_start(jw_ui *ui, const char *path, int width_px, int height_px, jw_error *error)
{
    if (!ui->view || !ui->side_count)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "there is no city to picture");
    ui_still_cancel(ui);
    ui_still *still = jw_alloc(sizeof *still);
    if (!still)
        return jw_fail_memory(error);
    jw_text_copy(still->path, sizeof still->path, path);
    still->width_px = width_px;
    still->height_px = height_px;
    jw_result result = keep_scenes(ui, still, error);
    if (result == JW_OK && (still->width_px < 1 || still->height_px < 1 || still->width_px > SIDE_MAX ||
                            still->height_px > SIDE_MAX))
        result = jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                         "a picture of %d x %d pixels: between 1 and %d a side, please", still->width_px,
                         still->height_px, SIDE_MAX);
    if (result == JW_OK) {
        still->band = jw_alloc((size_t)still->width_px * BAND_PX * 3);
        still->tile = jw_alloc((size_t)TILE_PX * BAND_PX * 3);
        still->packed = jw_alloc(PACKED);
        result =
            still->band && still->tile && still->packed ? open_file(still, error) : jw_fail_memory(error);
    }
    if (result != JW_OK) {
        free_still(still);
        return result;
    }
    ui->tools.still = still;
    ui->redraws = 3;
    return JW_OK;
}

static jw_result finish(ui_still *still, jw_error *error)
{
    jw_result result = pack(still, NULL, 0, true, error);
    if (result == JW_OK)
        result = write_chunk(still, "IEND", NULL, 0, error);
    bool is_closed = fclose(still->file) == 0;
    still->file = NULL;
    if (result == JW_OK && (!is_closed || rename(still->part, still->path) != 0))
        result = fail_write(still, error);
    if (result != JW_OK)
        unlink(still->part);
    return result;
}

bool ui_still_tick(jw_ui *ui, jw_result *out_result, jw_error *error)
{
    ui_still *still = ui->tools.still;
    *out_result = JW_OK;
    if (!still)
        return false;
    int rows = (int)jw_min(BAND_PX, still->height_px - still->row);
    jw_result result = draw_band(ui, still, rows, error);
    if (result == JW_OK)
        result = pack_rows(still, rows, error);
    still->row += rows;
    bool is_done = result != JW_OK || still->row == still->height_px;
    if (!is_done)
        return false;
    if (result == JW_OK)
        result = finish(still, error);
    ui_export_end(ui, result, still->path, error);
    free_still(still);
    ui->tools.still = NULL;
    *out_result = result;
    return true;
}

double ui_still_progress(const jw_ui *ui)
{
    const ui_still *still = ui->tools.still;
    return still ? (double)still->row / jw_max(still->height_px, 1) : 1;
}

void ui_still_cancel(jw_ui *ui)
{
    if (ui->tools.still)
        free_still(ui->tools.still);
    ui->tools.still = NULL;
}
