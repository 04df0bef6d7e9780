/* The window without a screen, for tests. With JINGWEI_PICTURES=folder each state shown is saved there as
 * PNG, to be looked at. */
#ifndef JW_UI_FIXTURE_H
#define JW_UI_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "ui/ui_state.h"

#include <cmocka.h>

/* Goes round until it is so, and fails where it never is. The limit is a net, no bound on a machine's speed:
 * beside a busy neighbour the worlds' threads, which give way, have a tenth of a processor. */
#define RUN_UNTIL(ui, condition)                                                                             \
    do {                                                                                                     \
        double limit_s = jw_clock_seconds() + 240;                                                           \
        while (!(condition) && jw_clock_seconds() < limit_s)                                                 \
            run(ui, 0);                                                                                      \
        if (!(condition))                                                                                    \
            fail_msg("never came: %s", #condition);                                                          \
    } while (0)

extern char ui_fixture_folder[]; /* for what a test writes; the user's settings are not touched */

/* False, with the reason printed, when this machine cannot draw: skip. */
bool ui_fixture_begin(void);
void ui_fixture_end(void);

jw_ui *open_ui(const char *language, int width_px, int height_px);
int close_opened(void **state); /* teardown: there is one window a process, also after a failed test */
void close_ui(jw_ui *ui);
void check_gl(void);
void run(jw_ui *ui, double seconds); /* goes round for so long */
void draw(jw_ui *ui);                /* one picture of what is at hand */
void load(jw_ui *ui, const char *file);
void open_scene(jw_ui *ui, const char *name);
/* A window with the district, paused. */
jw_ui *open_district(const char *language, int width_px, int height_px);
void run_until_loaded(jw_ui *ui); /* and the new city's first frame is here */
void wait_until(jw_ui *ui, double seconds_of_world);
void play_for(jw_ui *ui, double seconds_of_world); /* fast; it plays on */
/* The worlds stand, at one moment, and the frames at hand are of it: none comes later. */
void run_until_standing(jw_ui *ui);
void stop(jw_ui *ui);              /* a pause, and until it is one */
void run_until_stopped(jw_ui *ui); /* by what was asked for */
void run_until_shown(jw_ui *ui);   /* what hands did is done, and the panels have settled */
/* Until the world has said what the overlay asks for. */
void run_until_answered(jw_ui *ui);
/* Draws until the panels have settled. */
void show(jw_ui *ui, const char *name);
bool pick_something(jw_ui *ui, jw_pick_kind kind);
void press_key(jw_ui *ui, int32_t key, uint16_t modifiers); /* SDLK_*, KMOD_*; as if from the keyboard */
void drag(jw_ui *ui, float from_x, float to_x, float y);    /* the mouse, with its button down, over panels */

/* The scene's; the test fails where it has none of that id. */
const jw_param *find_param(const jw_ui *ui, const char *id);
/* The first of the first world's events with that key, or NULL. */
const jw_frame_event *find_event(const jw_ui *ui, const char *key);

/* Share of the window's pixels that differ from the first one. */
double share_drawn(const jw_ui *ui);

#endif
