/* Films: pictures of the city handed to ffmpeg through a pipe, one for each instant asked for: the world is
 * stepped to it, none is dropped, however slow the drawing is. The file appears under its name when it is
 * whole; before, and after a failure or a cancelled film, there is none. ffmpeg is an optional tool. */
#ifndef JW_UI_VIDEO_H
#define JW_UI_VIDEO_H

#include "base/base.h"

/* ---- the pipe: ffmpeg as a child of this process ---- */

typedef struct ui_pipe ui_pipe;
bool ui_pipe_has_encoder(void); /* ffmpeg is on the PATH */
/* Whether a film can be made there: .mp4, .mkv or .webm, into a folder that can be written.
 * JW_ERROR_NOT_FOUND without ffmpeg, which names the package. */
jw_result ui_pipe_check(const char *path, jw_error *error);
/* Width and height are even. */
jw_result ui_pipe_open(const char *path, int width_px, int height_px, int rate, ui_pipe **out,
                       jw_error *error);
/* Takes as much as there is room for within some milliseconds; out_taken may be less than size, 0 too. */
jw_result ui_pipe_write(ui_pipe *pipe, const uint8_t *bytes, size_t size, size_t *out_taken, jw_error *error);
/* All pictures are there: ffmpeg ends its file, in its own time. */
void ui_pipe_end(ui_pipe *pipe);
/* True when it has ended; the file is under its name then, or `out_result` says why not. */
bool ui_pipe_has_ended(ui_pipe *pipe, jw_result *out_result, jw_error *error);
/* Ends ffmpeg and takes away what it had written, unless it has ended. NULL is allowed. */
void ui_pipe_close(ui_pipe *pipe);

/* ---- the film ---- */

struct jw_ui;
typedef struct ui_video_def {
    const char *path;
    int width_px, height_px; /* odd ones are made even */
    int rate;                /* pictures a second */
    double duration_s;       /* of the film; 0: until ui_video_stop */
    double time_lapse;       /* simulated seconds a second of film; 0: the world stands */
    bool has_panels;         /* the whole window as it is drawn, at its size, in place of the city alone;
                                without them each world's time stands in it, unless the window is bare */
    bool flies;              /* the way of the camera, once in the film's duration (0: the way's own) */
} ui_video_def;

jw_result ui_video_start(struct jw_ui *ui, const ui_video_def *def, jw_error *error);
/* A little further, never longer than some tens of milliseconds; true when there is progress to show. Ends
 * with a notice, a dialog on failure. */
bool ui_video_tick(struct jw_ui *ui);
/* The window was just drawn: a film of it takes the picture. */
void ui_video_take_window(struct jw_ui *ui);
void ui_video_stop(struct jw_ui *ui);   /* that was all: the file is ended */
void ui_video_cancel(struct jw_ui *ui); /* nothing is left */
bool ui_video_is_on(const struct jw_ui *ui);
/* Share done, 0..1 (of an endless one 0), and the pictures made. */
double ui_video_progress(const struct jw_ui *ui, uint32_t *out_pictures);
/* Where between its two frames a side is shown while filming; < 0: not filming. */
double ui_video_blend(const struct jw_ui *ui, uint32_t side);

/* ---- captions, of films and pictures ---- */

typedef struct ui_captions {
    int from_px[2];    /* where each part begins */
    bool has_seam;     /* between two parts, from top to bottom */
    char texts[2][40]; /* in the bottom left corner of its part: digits, ":", "+", "A", "B" and blanks; "":
                          none */
} ui_captions;
/* Where one part ends, which of two worlds it is and its time, for who sees it without the window; of a bare
 * window the seam alone. */
ui_captions ui_captions_of(const struct jw_ui *ui, const int from_px[2]);
/* Rows of a picture that get its captions: 3 bytes a pixel, top row first. */
typedef struct ui_caption_rows {
    uint8_t *pixels;
    int width_px, height_px; /* of the whole picture */
    int first, count;
} ui_caption_rows;
void ui_captions_write(const ui_captions *captions, const ui_caption_rows *rows);
/* The last film's result, for who waits for it. */
jw_result ui_video_result(const struct jw_ui *ui, jw_error *error);

#endif
