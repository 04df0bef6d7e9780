/* ffmpeg behind a socket: one that is gone is an error to read, no signal; one that is slow never blocks the
 * window. It stands in a process group of its own, so that Ctrl+C on a terminal is ours to answer. */
#include "ui/ui_video.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITE_S 0.02 /* longest stay in ui_pipe_write */

extern char **environ;

struct ui_pipe {
    pid_t process;       /* 0: has ended */
    int pictures, words; /* to it, from it; -1: closed */
    char path[600], part[620];
    char said[400]; /* its last words */
    size_t said_size;
};

static bool find_program(char *out, size_t out_size)
{
    const char *rest = getenv("PATH");
    while (rest && *rest) {
        size_t length = strcspn(rest, ":");
        if (length && snprintf(out, out_size, "%.*s/ffmpeg", (int)length, rest) < (int)out_size &&
            access(out, X_OK) == 0)
            return true;
        rest += length + (rest[length] == ':');
    }
    return false;
}

bool ui_pipe_has_encoder(void)
{
    char program[1024];
    return find_program(program, sizeof program);
}

/* ffmpeg's name of the container, told by the file's ending; NULL: none of ours. */
static const char *container_of(const char *path)
{
    static const char *const kinds[][2] = {{".mp4", "mp4"}, {".mkv", "matroska"}, {".webm", "webm"}};
    for (uint32_t i = 0; i < JW_COUNT_OF(kinds); i++)
        if (jw_text_ends_with(path, kinds[i][0]))
            return kinds[i][1];
    return NULL;
}

static int spawn(ui_pipe *pipe, const char *program, int width_px, int height_px, int rate, int in, int words)
{
    char size[32], speed[16], part[sizeof pipe->part + 8];
    /* Else ffmpeg takes what is before a colon for a protocol, and a dash for an option. */
    snprintf(part, sizeof part, "file:%s", pipe->part);
    snprintf(size, sizeof size, "%dx%d", width_px, height_px);
    snprintf(speed, sizeof speed, "%d", rate);
    const char *container = container_of(pipe->path);
    const char *arguments[] = {"ffmpeg",   "-hide_banner", "-loglevel", "error", "-y",       "-f",
                               "rawvideo", "-pix_fmt",     "rgb24",     "-s",    size,       "-r",
                               speed,      "-i",           "pipe:0",    "-an",   "-pix_fmt", "yuv420p",
                               "-f",       container,      part,        NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawn_file_actions_adddup2(&actions, in, 0);
    posix_spawn_file_actions_adddup2(&actions, words, 1);
    posix_spawn_file_actions_adddup2(&actions, words, 2);
    int code = posix_spawn(&pipe->process, program, &actions, &attributes, (char *const *)arguments, environ);
    if (code != 0)
        pipe->process = 0;
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return code;
}

static bool open_ends(int in[2], int words[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0)
        return false;
    if (pipe2(words, O_CLOEXEC) == 0)
        return true;
    close(in[0]);
    close(in[1]);
    return false;
}

jw_result ui_pipe_check(const char *path, jw_error *error)
{
    char folder[600];
    if (!container_of(path))
        return jw_fail(error, JW_ERROR_INPUT, path, 0, "a film's name ends in .mp4, .mkv or .webm");
    if (!ui_pipe_has_encoder())
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "films need ffmpeg, which is not installed: apt install ffmpeg");
    jw_path_directory(path, folder, sizeof folder);
    if (jw_is_directory(path))
        return jw_fail(error, JW_ERROR_IO, path, 0, "this is a folder: give the film another name");
    if (!jw_is_directory(folder) || access(folder, W_OK) != 0)
        return jw_fail(error, JW_ERROR_IO, path, 0, "nothing can be written into the folder %s", folder);
    return JW_OK;
}

jw_result ui_pipe_open(const char *path, int width_px, int height_px, int rate, ui_pipe **out,
                       jw_error *error)
{
    char program[1024];
    int in[2], words[2];
    *out = NULL;
    jw_result result = ui_pipe_check(path, error);
    if (result != JW_OK)
        return result;
    if (!find_program(program, sizeof program))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "ffmpeg is not there any more");
    ui_pipe *pipe = jw_alloc(sizeof *pipe);
    if (!pipe)
        return jw_fail_memory(error);
    jw_text_copy(pipe->path, sizeof pipe->path, path);
    snprintf(pipe->part, sizeof pipe->part, "%s.part", pipe->path);
    if (!open_ends(in, words)) {
        jw_free(pipe);
        return jw_fail(error, JW_ERROR_IO, NULL, 0, "no pipe to ffmpeg can be had: %s", strerror(errno));
    }
    int code = spawn(pipe, program, width_px, height_px, rate, in[0], words[1]);
    close(in[0]);
    close(words[1]);
    pipe->pictures = in[1];
    pipe->words = words[0];
    fcntl(pipe->words, F_SETFL, O_NONBLOCK);
    if (code != 0) {
        ui_pipe_close(pipe);
        return jw_fail(error, JW_ERROR_IO, program, 0, "ffmpeg cannot be started: %s", strerror(code));
    }
    *out = pipe;
    return JW_OK;
}

/* Its last words, as much as there is room for. */
static void listen_to(ui_pipe *pipe)
{
    char heard[256];
    ssize_t size;
    while (pipe->words >= 0 && (size = read(pipe->words, heard, sizeof heard)) > 0)
        for (ssize_t i = 0; i < size; i++)
            if (pipe->said_size + 1 < sizeof pipe->said)
                pipe->said[pipe->said_size++] =
                    heard[i] == '\n' || (unsigned char)heard[i] < 32 ? ' ' : heard[i];
    pipe->said[pipe->said_size] = 0;
}

static void close_end(int *end)
{
    if (*end >= 0)
        close(*end);
    *end = -1;
}

static void stop(ui_pipe *pipe)
{
    if (pipe->process) {
        kill(pipe->process, SIGKILL);
        waitpid(pipe->process, NULL, 0);
    }
    pipe->process = 0;
}

/* Says why it came to its end. One that takes no more pictures has said what it had to say: it is not waited
 * for, which may be for ever. */
static jw_result fail_ended(ui_pipe *pipe, jw_error *error)
{
    close_end(&pipe->pictures);
    stop(pipe);
    listen_to(pipe);
    unlink(pipe->part);
    return jw_fail(error, JW_ERROR_IO, pipe->path, 0, "ffmpeg stopped: %s",
                   pipe->said[0] ? pipe->said : "it does not say why");
}

jw_result ui_pipe_write(ui_pipe *pipe, const uint8_t *bytes, size_t size, size_t *out_taken, jw_error *error)
{
    double end_s = jw_clock_seconds() + WRITE_S;
    size_t taken = 0;
    listen_to(pipe);
    while (taken < size) {
        ssize_t sent = send(pipe->pictures, bytes + taken, size - taken, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            taken += (size_t)sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            struct pollfd room = {pipe->pictures, POLLOUT, 0};
            double left_s = end_s - jw_clock_seconds();
            if (left_s <= 0)
                break;
            poll(&room, 1, (int)(left_s * 1000) + 1);
        } else if (errno != EINTR) {
            *out_taken = taken;
            return fail_ended(pipe, error);
        }
        if (jw_clock_seconds() > end_s)
            break;
    }
    *out_taken = taken;
    return JW_OK;
}

void ui_pipe_end(ui_pipe *pipe)
{
    close_end(&pipe->pictures);
}

bool ui_pipe_has_ended(ui_pipe *pipe, jw_result *out_result, jw_error *error)
{
    int status = 0;
    listen_to(pipe);
    *out_result = JW_OK;
    if (pipe->process && waitpid(pipe->process, &status, WNOHANG) == 0)
        return false;
    pipe->process = 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        *out_result = fail_ended(pipe, error);
    else if (rename(pipe->part, pipe->path) != 0) {
        *out_result =
            jw_fail(error, JW_ERROR_IO, pipe->path, 0, "the film cannot be put here: %s", strerror(errno));
        unlink(pipe->part);
    }
    return true;
}

void ui_pipe_close(ui_pipe *pipe)
{
    if (!pipe)
        return;
    if (pipe->process) {
        stop(pipe);
        unlink(pipe->part);
    }
    close_end(&pipe->pictures);
    close_end(&pipe->words);
    jw_free(pipe);
}
