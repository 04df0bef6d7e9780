/* Reading and writing recordings. */
#include "record/record_internal.h"

#include <string.h>

#define RECORDING_SIZE_MAX ((size_t)4 << 30)
#define CHUNK_HEAD         28

void record_write_header(jw_writer *writer)
{
    jw_write_bytes(writer, RECORDING_MAGIC, 6);
    jw_write_u16(writer, RECORDING_VERSION);
}

void record_write_chunk(jw_writer *writer, uint32_t kind, int64_t time_ns, const void *bytes, size_t size)
{
    jw_write_u32(writer, kind);
    jw_write_u64(writer, size);
    jw_write_i64(writer, time_ns);
    jw_write_u64(writer, jw_hash_bytes(0, bytes, size));
    jw_write_bytes(writer, bytes, size);
}

typedef struct frame_place {
    size_t offset, size;
} frame_place;

struct jw_recording {
    char *bytes;
    size_t size;
    frame_place *frames;
    uint32_t frame_count, frame_capacity;
};

/* Everything up to the first cut or damaged chunk counts: a run that was killed is readable so far. */
static jw_result index_frames(jw_recording *recording, jw_error *error)
{
    jw_reader reader = jw_reader_make(recording->bytes, recording->size);
    reader.position = 8;
    while (reader.position + CHUNK_HEAD <= reader.size) {
        uint32_t kind = jw_read_u32(&reader);
        uint64_t size = jw_read_u64(&reader);
        jw_read_i64(&reader);
        uint64_t checksum = jw_read_u64(&reader);
        if (size > reader.size - reader.position ||
            jw_hash_bytes(0, recording->bytes + reader.position, size) != checksum)
            break;
        if (kind == CHUNK_FRAME) {
            jw_result result = jw_grow(&recording->frames, &recording->frame_capacity,
                                       recording->frame_count + 1ull, sizeof *recording->frames, error);
            if (result != JW_OK)
                return result;
            recording->frames[recording->frame_count++] = (frame_place){reader.position, size};
        }
        reader.position += size;
    }
    return JW_OK;
}

jw_result jw_recording_open(const char *path, jw_recording **out, jw_error *error)
{
    *out = NULL;
    jw_recording *recording = jw_alloc(sizeof *recording);
    if (!recording)
        return jw_fail_memory(error);
    jw_result result = jw_file_read(path, RECORDING_SIZE_MAX, &recording->bytes, &recording->size, error);
    if (result == JW_OK && (recording->size < 8 || memcmp(recording->bytes, RECORDING_MAGIC, 6) != 0))
        result = jw_fail(error, JW_ERROR_CORRUPT, path, 0, "this is no recording of Jingwei");
    if (result == JW_OK) {
        jw_reader version = jw_reader_make(recording->bytes + 6, 2);
        uint16_t number = jw_read_u16(&version);
        if (number != RECORDING_VERSION)
            result = jw_fail(error, JW_ERROR_VERSION, path, 0,
                             "recording of version %d, this program reads %d", number, RECORDING_VERSION);
    }
    if (result == JW_OK)
        result = index_frames(recording, error);
    if (result != JW_OK) {
        jw_recording_close(recording);
        return result;
    }
    *out = recording;
    return JW_OK;
}

void jw_recording_close(jw_recording *recording)
{
    if (!recording)
        return;
    jw_free(recording->bytes);
    jw_free(recording->frames);
    jw_free(recording);
}

uint32_t jw_recording_frame_count(const jw_recording *recording)
{
    return recording->frame_count;
}

jw_result jw_recording_frame(jw_recording *recording, uint32_t index, jw_frame *out, jw_error *error)
{
    if (index >= recording->frame_count)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "the recording has %u frames",
                       recording->frame_count);
    return jw_frame_decompress(recording->bytes + recording->frames[index].offset,
                               recording->frames[index].size, out, error);
}
