/* Where edge sites go: N of K candidate places for the demand of a scene.
 *
 * Demand is who asks how often and where: cameras and production lines stand still, vehicles are counted in a
 * pilot run of the scene. The delay from a demand to a site is that of the radio (for vehicles: over the
 * nearest cell) and of the fibre from there; what is least is its mean over all requests: the p-median
 * problem (Hakimi, "Optimum locations of switching centers", Operations Research 12, 1964).
 *
 * Four answers: greedy; exact by branch and bound under a Lagrangian bound (Narula, Ogbu and Samuelsson, "An
 * algorithm for the p-median problem", Operations Research 25, 1977; cited from memory: unverified); k-means,
 * moved to the nearest candidates; and a random draw. Each is then judged by the twin itself, since the
 * p-median knows no queues: worlds of the scene with its edge sites at these places, over several seeds. */
#ifndef JW_PLACE_H
#define JW_PLACE_H

#include "study/study.h"

typedef enum jw_place_method {
    JW_PLACE_BY_GREEDY,
    JW_PLACE_BY_EXACT,
    JW_PLACE_BY_K_MEANS,
    JW_PLACE_BY_RANDOM,
    JW_PLACE_METHOD_COUNT
} jw_place_method;
const char *jw_place_method_name(jw_place_method method); /* "greedy" */

/* ---- the problem alone
 * ----------------------------------------------------------------------------------- */

typedef struct jw_place_demand {
    double x_m, y_m;    /* where it enters the fibre: itself, or the nearest cell */
    double requests_hz; /* > 0 */
    double radio_s;     /* one way, before the fibre */
} jw_place_demand;

typedef struct jw_place_problem {
    const jw_place_demand *demand;
    uint32_t demand_count;
    const jw_vec2 *candidates;
    uint32_t candidate_count, site_count; /* 1 <= sites <= candidates */
} jw_place_problem;

/* Fibre's delay between two places: 1.3 times the straight line at 4.9 us/km, and 20 us of equipment;
 * seconds. */
double jw_place_fibre_s(jw_vec2 from, jw_vec2 to);
/* Mean one-way delay of a request to the nearest of the chosen candidates, seconds. */
double jw_place_cost_s(const jw_place_problem *problem, const uint32_t *chosen);

/* All write site_count numbers of candidates to `chosen`, rising. */
jw_result jw_place_greedy(const jw_place_problem *problem, uint32_t *chosen, jw_error *error);
/* *out_is_proven: no choice is better. Else the search gave up after JW_PLACE_NODES_MAX steps with the best
 * so far; where GLPK is built in, it has tried then, too. */
#define JW_PLACE_NODES_MAX 2000000
jw_result jw_place_exact(const jw_place_problem *problem, uint32_t *chosen, bool *out_is_proven,
                         jw_error *error);
/* The same as a mixed integer programme by GLPK, an optional part (-DJW_GLPK=ON): JW_ERROR_UNSUPPORTED
 * without it. It gives up after 20,000 steps: *out_is_proven false. */
jw_result jw_place_glpk(const jw_place_problem *problem, uint32_t *chosen, bool *out_is_proven,
                        jw_error *error);
jw_result jw_place_k_means(const jw_place_problem *problem, uint64_t seed, uint32_t *chosen, jw_error *error);
jw_result jw_place_random(const jw_place_problem *problem, uint64_t seed, uint32_t *chosen, jw_error *error);

/* ---- for a scene
 * ----------------------------------------------------------------------------------------- */

typedef enum jw_place_measure {
    JW_PLACE_MEAN,   /* ms, of requests answered */
    JW_PLACE_P50,    /* ms, by bins of 2 % */
    JW_PLACE_P95,    /* ms */
    JW_PLACE_LATE,   /* % of requests that ended */
    JW_PLACE_LOST,   /* % of requests that ended */
    JW_PLACE_ENERGY, /* kWh, computers and network */
    JW_PLACE_COST,   /* CNY, of that energy */
    JW_PLACE_MEASURE_COUNT
} jw_place_measure;
const char *jw_place_measure_name(jw_place_measure measure); /* "p50" */
const char *jw_place_measure_unit(jw_place_measure measure);

typedef struct jw_place_def {
    const jw_scene *scene;  /* NULL: no scripts */
    const jw_twin_def *def; /* what jw_scene_build made; borrowed */
    uint32_t sites;         /* >= 1 */
    uint32_t candidates;    /* blocks with the most people and jobs, at most so many; 0 = 40 */
    uint32_t seed_count;    /* 2 to 1000: those of the def, and on from it */
    double minutes;         /* simulated of each world, and of the pilot */
    int threads;            /* worlds at a time; the result does not depend on it */
    jw_progress progress;   /* from any thread, one call at a time; may be NULL */
    void *progress_context;
} jw_place_def;

typedef struct jw_placement {
    jw_place_demand *demand; /* owned, as are all */
    jw_vec2 *candidates;
    uint32_t demand_count, candidate_count, site_count, seed_count;
    uint32_t *chosen; /* [method * site_count + i] */
    double cost_s[JW_PLACE_METHOD_COUNT];
    bool is_proven; /* of the exact answer */
    uint64_t first_seed;
    double minutes;
    double *values; /* [(method * seed_count + seed) * JW_PLACE_MEASURE_COUNT + measure] */
} jw_placement;

/* JW_ERROR_INPUT: fewer candidates than sites, or nobody who asks. The scene's edge sites are taken away and
 * N like the first of them (or of eight ascend-310p, where there is none) are put at the chosen places, under
 * the same names as far as these go, joined in a ring with the kept site of the highest tier; what was wired
 * to a site that went is wired to the nearest one; data of a site that went lie at the last of the new ones.
 */
jw_result jw_place_run(const jw_place_def *def, jw_placement *out, jw_error *error);
void jw_place_free(jw_placement *place);
/* The world's definition with its edge sites at these places: arrays of sites, nodes, links, and of data and
 * who has or wants them, are its own, the others are the def's. jw_place_free_def releases it. */
jw_result jw_place_make_def(const jw_twin_def *def, const jw_vec2 *places, uint32_t count, jw_twin_def *out,
                            jw_error *error);
void jw_place_free_def(jw_twin_def *def);

/* Mean over the seeds and half the width of its 95 % confidence interval, and the paired difference to
 * random. */
jw_benchmark_cell jw_place_at(const jw_placement *place, jw_place_method method, jw_place_measure measure);
/* Into an existing folder: measures.csv (a row a method and measure), sites.csv, place.svg (a map) and
 * place.gpkg with the layers demand, candidates and sites. */
jw_result jw_place_write(const jw_placement *place, const jw_twin_def *def, const char *folder,
                         jw_error *error);

#endif
