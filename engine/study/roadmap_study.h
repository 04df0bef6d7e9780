/* What moves a roadmap's end: its parameters, one at a time (a tornado), and its seeds (bands). */
#ifndef JW_STUDY_ROADMAP_STUDY_H
#define JW_STUDY_ROADMAP_STUDY_H

#include "study/roadmap.h"
#include "study/study.h"

#define JW_ROADMAP_SEEDS_MAX     100
#define JW_ROADMAP_TORNADO_SHARE 0.2 /* of a number's value, down and up */
#define JW_ROADMAP_TORNADO_SHOWN 10

typedef struct jw_roadmap_study_def {
    const jw_roadmap *base; /* as long as it is; its plan's scene and policy are read again for every run */
    bool has_tornado;
    uint32_t seed_count;  /* from the roadmap's own on, 1 to JW_ROADMAP_SEEDS_MAX */
    uint32_t measure;     /* of the tornado beside productivity: of jw_roadmap_measure_name */
    int threads;          /* roadmaps at a time, each on one thread; the result does not depend on it */
    jw_progress progress; /* from any thread, one call at a time; may be NULL */
    void *progress_context;
} jw_roadmap_study_def;

/* One parameter at one other value. */
typedef struct jw_roadmap_change {
    char value[32];    /* as in --set; "" where there is none to try */
    char refusal[256]; /* "": it ran; else why it could not, and it has no effect */
} jw_roadmap_change;

/* A parameter of scene or policy: a number stands at 0.8 and 1.2 of its value, a whole number at least one
 * lower and higher, both within its range; a boolean the other way, a choice at each other choice. */
typedef struct jw_roadmap_factor {
    char id[32], value[32]; /* the roadmap's own */
    char unit[16];
    jw_label label;
    uint32_t first, count; /* of the changes */
    double span[2];        /* greatest minus least over its changes and the roadmap: productivity, measure */
} jw_roadmap_factor;

typedef struct jw_roadmap_study {
    uint32_t quarter_count, seed_count, measure;
    uint64_t first_seed;
    jw_roadmap_factor *factors; /* owned; the most influential first: by span of productivity, of the measure,
                                 * by id */
    jw_roadmap_change *changes; /* owned */
    uint32_t factor_count, change_count;
    double *quarters; /* owned: [(quarter * jw_roadmap_measure_count() + measure) * seed_count + seed] */
    double *ends;     /* owned, the last quarter's: [(change * 2 + which) * seed_count + seed] */
} jw_roadmap_study;

/* Runs the roadmap with each seed and, for a tornado, each change with each seed, as long as the base. A
 * change that scene or policy refuses is listed with the reason of the first seed that failed.
 * JW_ERROR_INPUT: numbers out of range, a base without quarters; JW_ERROR_STATE: scene or policy were changed
 * meanwhile, or a world was not consistent; errors of other seeds name the seed; after
 * an error `out` is empty. */
jw_result jw_roadmap_study_run(const jw_roadmap_study_def *def, jw_roadmap_study *out, jw_error *error);
void jw_roadmap_study_free(jw_roadmap_study *study);

/* Over the seeds; the half width of a single one is 0. */
jw_estimate jw_roadmap_study_band(const jw_roadmap_study *study, uint32_t quarter, uint32_t measure);
/* The last quarter's productivity (which 0) or measure (1), less the roadmap's own with the same seed. */
jw_estimate jw_roadmap_study_effect(const jw_roadmap_study *study, uint32_t change, uint32_t which);

/* So many of the first factors are the most influential: those that move anything, at most ten. */
uint32_t jw_roadmap_study_shown(const jw_roadmap_study *study);

/* Into the roadmap's folder: with several seeds bands.csv, and roadmap.svg again with bands; with a tornado
 * tornado.csv (all parameters) and tornado.svg (the ten most influential). The same bytes for the same
 * study. */
jw_result jw_roadmap_study_write(const jw_roadmap_study *study, const jw_roadmap *base, const char *folder,
                                 jw_error *error);

#endif
