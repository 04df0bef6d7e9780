/* Effects: what the mechanism of a scenario changes, over seeds. A scenario that can be judged has a boolean
 * parameter "mechanism" that switches its mechanism off, and names metrics in `measures`. */
#ifndef JW_STUDY_EFFECTS_H
#define JW_STUDY_EFFECTS_H

#include "study/study.h"

#define JW_EFFECTS_SCRIPTS_MAX 64

typedef struct jw_effects_def {
    jw_scene *scene; /* its scenario and the parameter "mechanism" are changed */
    const char *const *scripts;
    uint32_t script_count;
    uint64_t seed;        /* the first; 0: the scene's */
    uint32_t seed_count;  /* 2 to 1000 */
    double minutes;       /* simulated, after the scene's warm-up */
    int threads;          /* worlds at a time; the result does not depend on it */
    jw_progress progress; /* from any thread, one call at a time; may be NULL */
    void *progress_context;
} jw_effects_def;

/* One scenario on one scene. */
typedef struct jw_effect {
    char script[64]; /* stem of its file */
    jw_scenario_text texts;
    const char *units[JW_MEASURES_MAX]; /* static: of texts.measures; "" for none */
    double *values;   /* owned: [((is_on * seed_count) + seed) * JW_MEASURES_MAX + measure], ends of runs */
    uint64_t *hashes; /* owned: the world's state at the end, [is_on * seed_count + seed] */
} jw_effect;
typedef struct jw_effects {
    jw_effect *effects; /* owned */
    uint32_t count, seed_count;
    uint64_t first_seed;
    double minutes;
} jw_effects;
/* Runs every scenario with every seed, its mechanism on and off. JW_ERROR_INPUT names the scenario that
 * cannot be switched off or measured, or whose run fails; then nothing is given. */
jw_result jw_effects_run(const jw_effects_def *def, jw_effects *out, jw_error *error);
void jw_effects_free(jw_effects *effects);

typedef struct jw_effect_cell {
    jw_estimate on, off, difference; /* on less off, in pairs of seeds */
} jw_effect_cell;
jw_effect_cell jw_effect_at(const jw_effects *effects, uint32_t effect, uint32_t measure);
/* One row a scenario and measure: unit, means, difference, their intervals, and the values of every seed. */
jw_result jw_effects_write_csv(const jw_effects *effects, const char *path, jw_error *error);

#endif
