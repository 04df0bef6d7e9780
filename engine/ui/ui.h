/* The window: city, time bar, overlays, inspector, parameters, start screen, side by side after a fork. Dear
 * ImGui lives behind one C++ file with a C header of its own (ui_imgui.h); everything else here is C. The
 * window sees frames and posts commands and watches to a session; the world runs on the session's thread. */
#ifndef JW_UI_H
#define JW_UI_H

#include "base/base.h"

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
    const char *overlay; /* "speed", "links", "latency", "sites"; NULL: none */
    const char *light;   /* "day", "night", "clock"; NULL: from the settings */
    bool has_camera;
    double camera[5]; /* x and y of what is looked at in m, distance in m, heading and pitch in degrees */
    bool is_bare;     /* without panels */
    /* For tests and pictures: draws this many frames (0: until closed) and then saves the whole window,
     * interface included. */
    uint32_t frame_count;
    const char *screenshot;
} jw_ui_def;

/* Names of overlays and lights for jw_ui_def. */
bool jw_ui_is_overlay(const char *name);
bool jw_ui_is_light(const char *name);

/* Runs the window until it is closed. JW_ERROR_UNSUPPORTED with what to do when no window or no GL 3.3 can be
 * had. */
jw_result jw_ui_run(const jw_ui_def *def, jw_error *error);

#endif
