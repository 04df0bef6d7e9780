/* Opening and reading files of foreign bytes. */
#include "city/source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

jw_result jw_source_open(jw_source *source, const char *path, jw_error *error)
{
    struct stat status;
    source->name = path;
    if (stat(path, &status) != 0)
        return errno == ENOENT
                   ? jw_fail(error, JW_ERROR_NOT_FOUND, path, 0, "no such file")
                   : jw_fail(error, JW_ERROR_IO, path, 0, "cannot be examined: %s", strerror(errno));
    if (S_ISDIR(status.st_mode))
        return jw_fail(error, JW_ERROR_INPUT, path, 0, "this is a directory; name a file in it");
    if (!S_ISREG(status.st_mode))
        return jw_fail(error, JW_ERROR_INPUT, path, 0,
                       "not a regular file; save its content to a file first");
    if ((uint64_t)status.st_size > JW_SOURCE_FILE_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, path, 0,
                       "the file has more than 4 GB; cut out the part that is needed first");
    source->size = (uint64_t)status.st_size;
    source->position = 0;
    source->file = fopen(path, "rb");
    if (!source->file)
        return jw_fail(error, JW_ERROR_IO, path, 0, "cannot be opened: %s", strerror(errno));
    return JW_OK;
}

void jw_source_close(jw_source *source)
{
    if (source->file)
        fclose(source->file);
    source->file = NULL;
}

jw_result jw_source_report(jw_source *source, double fraction, const char *what, jw_error *error)
{
    if (!source->progress || source->progress(source->progress_context, fraction, what))
        return JW_OK;
    return jw_fail(error, JW_ERROR_CANCELLED, source->name, 0, "%s was cancelled", source->what);
}

jw_result jw_source_read(jw_source *source, void *out, size_t want, size_t *out_got, jw_error *error)
{
    size_t got;
    if (source->file) {
        got = fread(out, 1, want, source->file);
        if (got < want && ferror(source->file))
            return jw_fail(error, JW_ERROR_IO, source->name, 0, "reading failed: %s", strerror(errno));
    } else {
        uint64_t left = source->size - source->position;
        got = left < want ? (size_t)left : want;
        if (got > 0)
            memcpy(out, source->bytes + source->position, got);
    }
    source->position += got;
    *out_got = got;
    double fraction = source->size ? (double)source->position / (double)source->size : 1;
    if (fraction < source->reported + 0.01)
        return JW_OK;
    source->reported = fraction;
    return jw_source_report(source, jw_min(1, fraction) * source->share, source->what, error);
}

jw_result jw_source_peek(jw_source *source, void *out, size_t size, size_t *out_got, jw_error *error)
{
    jw_result result = jw_source_read(source, out, size, out_got, error);
    if (result == JW_OK && source->file && fseek(source->file, 0, SEEK_SET) != 0)
        return jw_fail(error, JW_ERROR_IO, source->name, 0, "cannot go back in the file: %s",
                       strerror(errno));
    source->position = 0;
    return result;
}
