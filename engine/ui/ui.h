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
    double speed;            /* at the start; 0: 1 */
    /* For tests and pictures: draws this many frames (0: until closed) and then saves the whole window,
     * interface included. */
    uint32_t frame_count;
    const char *screenshot;
} jw_ui_def;

/* Runs the window until it is closed. JW_ERROR_UNSUPPORTED with what to do when no window or no GL 3.3 can be
 * had. */
jw_result jw_ui_run(const jw_ui_def *def, jw_error *error);

#endif
