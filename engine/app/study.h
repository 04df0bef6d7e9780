/* What the commands share that ask a question of one scene by simulating it more than once (place, pareto,
 * assign, benchmark, calibrate, effects, roadmap): common options, opening the scene, a place for results.
 * Each says only what is its own. */
#ifndef JW_APP_STUDY_H
#define JW_APP_STUDY_H

#include "app/app.h"

#include <jansson.h>

typedef struct app_study {
    const char *name;    /* of the subcommand: "place" */
    const char *operand; /* what its first argument is called: "SCENE" or "FILE" */
    app_world_def world;
    const char *out; /* where the results go; NULL until a place was found, when none was given */
    double minutes;  /* simulated time of each world */
    bool is_json;
    char found[1024]; /* owns `out` when none was given */
} app_study;

/* True when it is one of these: the operand, --help, --minutes, --seed, --threads, --set, --out, --json,
 * --quiet; then *is_fine is what app_take returns. A command that takes one of them in its own way looks
 * first. */
bool app_study_take(app_study *study, const char *name, const char *value, bool *is_fine);

/* Prints which operand is missing; APP_BAD_INPUT. */
int app_study_ask(const app_study *study);
/* Opens the scene; from here on Ctrl-C is heeded. An exit status; app_world_close in any case. */
int app_study_open(const app_study *study, app_world *out);
/* The whole of a study whose results are a folder: asks for the operand; `out` becomes the folder, by default
 * the first free runs/<scene>-<name>-<n>, which must not be there; the scene is opened, the study made, the
 * scene closed. An exit status. */
int app_study_run(app_study *study, int (*make)(void *context, app_world *app), void *context);
/* After the work, for results that are one file: `out` becomes its path, by default the first free
 * runs/<scene>-<name>-<n>.csv, whose folder is made. */
jw_result app_study_find_table(app_study *study, const char *scene, jw_error *error);

/* Worlds at a time: --threads, else one a processor. */
int app_study_threads(const app_study *study);
/* Prints and releases the object (NULL: memory was short); an exit status. */
int app_study_print_json(json_t *object);

#endif
