#include "base/file.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 4096

/* ---- reading and writing ---- */

static jw_result fail_with_errno(jw_error *error, const char *path, const char *what)
{
    int number = errno;
    jw_result code = number == ENOENT ? JW_ERROR_NOT_FOUND : JW_ERROR_IO;
    char text[128];
    return jw_fail(error, code, path, 0, "%s: %s", what, strerror_r(number, text, sizeof text));
}

/* Reads to the end of the file: its stated size may be wrong or absent (pipes, /proc). */
static jw_result read_all(int fd, const char *path, size_t expected, size_t max_size, char **out,
                          size_t *out_size, jw_error *error)
{
    size_t capacity = (expected > 0 ? expected : 4096) + 1;
    char *bytes = jw_alloc(capacity);
    size_t size = 0;
    if (!bytes)
        return jw_fail_memory(error);
    for (;;) {
        ssize_t got = read(fd, bytes + size, capacity - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            jw_free(bytes);
            return fail_with_errno(error, path, "cannot be read");
        }
        size += (size_t)got;
        if (size > max_size) {
            jw_free(bytes);
            return jw_fail(error, JW_ERROR_LIMIT, path, 0,
                           "is larger than the limit of %zu bytes for this kind of file", max_size);
        }
        if (got == 0)
            break;
        if (size == capacity) {
            char *grown = jw_realloc(bytes, capacity, 2 * capacity);
            if (!grown) {
                jw_free(bytes);
                return jw_fail_memory(error);
            }
            bytes = grown;
            capacity *= 2;
        }
    }
    if (size == 0) {
        jw_free(bytes);
        return jw_fail(error, JW_ERROR_INPUT, path, 0, "is empty");
    }
    bytes[size] = 0; /* the loop ends with room left */
    *out = bytes;
    *out_size = size;
    return JW_OK;
}

jw_result jw_file_read(const char *path, size_t max_size, char **out, size_t *out_size, jw_error *error)
{
    *out = NULL;
    *out_size = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return jw_fail(error, JW_ERROR_NOT_FOUND, path, 0, "there is no such file");
    if (fd < 0)
        return fail_with_errno(error, path, "cannot be opened");
    struct stat status;
    jw_result result;
    if (fstat(fd, &status) != 0)
        result = fail_with_errno(error, path, "cannot be examined");
    else if (S_ISDIR(status.st_mode))
        result = jw_fail(error, JW_ERROR_INPUT, path, 0, "is a directory, where a file is expected");
    else if (status.st_size > 0 && (uint64_t)status.st_size > max_size)
        result = jw_fail(error, JW_ERROR_LIMIT, path, 0,
                         "has %lld bytes, more than the limit of %zu for this kind of file",
                         (long long)status.st_size, max_size);
    else
        result = read_all(fd, path, (size_t)status.st_size, max_size, out, out_size, error);
    close(fd);
    return result;
}

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

static void sync_directory_of(const char *path)
{
    char folder[PATH_SIZE];
    jw_path_directory(path, folder, sizeof folder);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd); /* some file systems refuse it: the rename itself was done */
        close(fd);
    }
}

jw_result jw_file_write(const char *path, const void *bytes, size_t size, jw_error *error)
{
    char temporary[PATH_SIZE];
    int fd = -1;
    if (strlen(path) + 32 > sizeof temporary)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "the path is too long: %.80s...", path);
    if (jw_is_directory(path))
        return jw_fail(error, JW_ERROR_IO, path, 0, "is a directory: a file cannot be written in its place");
    for (int i = 0; i < 100 && fd < 0; i++) {
        snprintf(temporary, sizeof temporary, "%s.%d-%d.tmp", path, (int)getpid(), i);
        fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    if (fd < 0)
        return fail_with_errno(error, path, "cannot be created");
    bool is_written = write_all(fd, bytes, size) && fsync(fd) == 0;
    int write_errno = errno;
    if (close(fd) != 0 && is_written) {
        is_written = false;
        write_errno = errno;
    }
    if (is_written && rename(temporary, path) == 0) {
        sync_directory_of(path);
        return JW_OK;
    }
    if (is_written)
        write_errno = errno;
    unlink(temporary);
    errno = write_errno;
    return fail_with_errno(error, path, "cannot be written");
}

bool jw_file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

bool jw_is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

jw_result jw_make_directory(const char *path, jw_error *error)
{
    char partial[PATH_SIZE];
    if (!*path)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "the name of a directory is empty");
    if (!jw_text_copy(partial, sizeof partial, path))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "the path is too long: %.80s...", path);
    for (char *cursor = partial + 1;; cursor++) {
        if (*cursor != '/' && *cursor != 0)
            continue;
        char end = *cursor;
        *cursor = 0;
        if (partial[0] && mkdir(partial, 0777) != 0 && !jw_is_directory(partial)) {
            if (errno == EEXIST)
                return jw_fail(error, JW_ERROR_EXISTS, partial, 0, "is a file, where a directory is needed");
            return fail_with_errno(error, partial, "the directory cannot be created");
        }
        if (end == 0)
            return JW_OK;
        *cursor = end;
    }
}

/* ---- paths ---- */

static void copy_range(char *out, size_t out_size, const char *begin, size_t length)
{
    if (length >= out_size)
        length = out_size - 1;
    memcpy(out, begin, length);
    out[length] = 0;
}

void jw_path_stem(const char *path, char *out, size_t out_size)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t lead = *name == '.'; /* of ".hidden" the dot belongs to the name */
    copy_range(out, out_size, name, lead + strcspn(name + lead, "."));
}

void jw_path_directory(const char *path, char *out, size_t out_size)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        jw_text_copy(out, out_size, ".");
    else
        copy_range(out, out_size, path, slash == path ? 1 : (size_t)(slash - path));
}

bool jw_data_folder(char *out, size_t out_size)
{
    const char *home = getenv("JINGWEI_HOME");
    if (home && *home)
        return jw_is_directory(home) && jw_text_copy(out, out_size, home);
    /* Beside the program: an installed tree may be unpacked anywhere. */
    char program[1024], folder[1024], beside[1200];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length > 0) {
        program[length] = 0;
        jw_path_directory(program, folder, sizeof folder);
        snprintf(beside, sizeof beside, "%s/../share/jingwei", folder);
        if (jw_is_directory(beside))
            return jw_text_copy(out, out_size, beside);
    }
    if (jw_file_exists(JW_SOURCE_DIR "/CMakeLists.txt"))
        return jw_text_copy(out, out_size, JW_SOURCE_DIR);
    return jw_is_directory(JW_INSTALL_DATADIR) && jw_text_copy(out, out_size, JW_INSTALL_DATADIR);
}
