/* The window: city, time bar, overlays, inspector, parameters, start screen, side by side after a fork. Dear
 * ImGui lives behind one C++ file with a C header of its own (ui_imgui.h); everything else here is C. The
 * window sees frames and posts commands and watches to a session; the world runs on the session's thread. */
#ifndef JW_UI_H
#define JW_UI_H

#include "city/city.h"

typedef struct jw_ui_def {
    const char *file;       /* scene or map; NULL: the start screen */
    const char *scenario;   /* NULL: none */
    const char *const *set; /* "id=value" pieces */
    uint32_t set_count;
    const char *language;    /* "en", "zh"; NULL: from the settings, else from LANG */
    uint64_t seed;           /* 0: the scene's */
    int threads;             /* 0: all processors but one, at least 1 */
    int width_px, height_px; /* 0: 1280 x 800 */
    double speed;            /* at the start; 0: 1; beyond 1000: as fast as can be */
    /* What is shown at first. */
    bool has_time; /* goes to a time and stands there */
    double time_s; /* of day, or since the start */
    bool time_is_duration;
    const char *overlay; /* one of jw_ui_list_overlays; NULL: none */
    const char *light;   /* "day", "night", "clock"; NULL: from the settings */
    bool has_camera;
    double camera[5];    /* x and y of what is looked at in m, distance in m, heading and pitch in degrees */
    bool is_bare;        /* without panels */
    const char *quality; /* "software", "laptop", "gpu"; NULL: measured */
    /* For tests and pictures: draws this many frames (0: until closed) and then saves the whole window,
     * interface included. */
    uint32_t frame_count;
    const char *screenshot;
    /* A film without a window to look at: the world goes on from where it stands. NULL: none. */
    const char *video;    /* .mp4, .mkv or .webm; needs ffmpeg */
    double video_s;       /* 0: 10, or as long as the way */
    double time_lapse;    /* simulated seconds a second of film; 0: 1 */
    int video_rate;       /* pictures a second; 0: 30 */
    bool video_flies;     /* along the way of the camera that was kept for the scene */
    jw_progress progress; /* told how far such a picture is; NULL: nobody. What it returns does not matter */
    void *progress_context;
} jw_ui_def;

/* Names of overlays, lights and qualities for jw_ui_def. */
bool jw_ui_is_overlay(const char *name);
/* All of their names in one line: "none, speed, ... or productivity". */
void jw_ui_list_overlays(char *out, size_t out_size);
bool jw_ui_is_light(const char *name);
bool jw_ui_is_quality(const char *name);

/* Runs the window until it is closed. JW_ERROR_INPUT when time_s lies before the start of `file`,
 * JW_ERROR_CANCELLED when it was closed before the screenshot. JW_ERROR_UNSUPPORTED with what to do when no
 * window or no GL 3.3 can be had. */
jw_result jw_ui_run(const jw_ui_def *def, jw_error *error);

/* ---- speed of drawing ---- */

enum { JW_UI_BENCH_VIEWS = 3, JW_UI_BENCH_LATENCIES = 3, JW_UI_BENCH_EVENTS = 100 };
typedef struct jw_ui_bench_view {
    const char *name;                                     /* "whole city", "quarter", "street" */
    double frames_per_s;                                  /* one after the other, not waiting for a screen */
    double median_ms, p90_ms, p95_ms, p99_ms, longest_ms; /* of a frame; the n-th of a hundred */
    double processor_ms; /* of all threads, a frame: drawing, interface, simulation */
    uint32_t triangles, draw_calls, vehicles_drawn;
} jw_ui_bench_view;
/* From the moment an event is posted to the end of drawing the first picture that knows of it. */
typedef struct jw_ui_bench_latency {
    const char *name; /* "at real time", "as fast as can be", "loading" */
    uint32_t events;
    double median_ms, p95_ms, longest_ms;
    double longest_turn_ms; /* of the loop that takes events and draws, waiting included */
} jw_ui_bench_latency;
typedef struct jw_ui_bench_result {
    char drawn_by[160];
    uint32_t vehicles; /* running at the end */
    double reached_speed;
    jw_ui_bench_view views[JW_UI_BENCH_VIEWS];
    jw_ui_bench_latency latencies[JW_UI_BENCH_LATENCIES];
} jw_ui_bench_result;
/* Opens def->file hidden, raises the demand until so many vehicles run, then draws the whole window with the
 * world at real time, `frames` times from each of three places. Then a thread moves the mouse at drawn times,
 * over the whole city at real time, at full speed and while the file is opened again and again. */
jw_result jw_ui_bench(const jw_ui_def *def, uint32_t vehicles, uint32_t frames, jw_ui_bench_result *out,
                      jw_error *error);

#endif
