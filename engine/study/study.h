/* Studies: what looks at several runs or runs several worlds. First: the comparison of two runs. */
#ifndef JW_STUDY_H
#define JW_STUDY_H

#include "record/record.h"
#include "traffic/traffic.h"

typedef struct jw_difference {
    char name[48], unit[16];
    double a, b;
} jw_difference;
typedef struct jw_comparison {
    char scene_a[64], scene_b[64];
    uint64_t seed_a, seed_b;
    jw_difference *rows; /* owned */
    uint32_t count;
} jw_comparison;
/* Reads the summaries of two run folders (finished or interrupted). Rows in the order of the summary; rows
 * that only one has are NAN on the other side. A warning goes to `problems` when the runs are not alike
 * (scene, length). */
jw_result jw_compare_runs(const char *folder_a, const char *folder_b, jw_comparison *out,
                          jw_problems *problems, jw_error *error);
void jw_comparison_free(jw_comparison *comparison);

/* ---- calibration: a matrix that gives the flows that were counted -----------------------------------------
 */

typedef struct jw_count { /* vehicles that passed the end of an edge within an interval */
    uint32_t edge, line;
    double begin_s, end_s;        /* of day */
    double observed;              /* as counted */
    double before, after;         /* simulated with the matrix as it was and as it became */
    double geh_before, geh_after; /* of hourly flows */
} jw_count;
/* CSV: edge, begin, end, count; errors by file and line. *out is owned (jw_free). */
jw_result jw_read_counts(const char *path, const jw_city *city, jw_count **out, uint32_t *out_count,
                         jw_error *error);
/* GEH of two hourly flows: sqrt(2 (m - c)^2 / (m + c)) (UK DMRB; below 5 is taken as a match). */
double jw_geh(double modelled_per_h, double counted_per_h);

typedef struct jw_calibrate_def {
    jw_city *city;
    const jw_traffic_def *traffic; /* its demand_data has the matrix */
    uint64_t seed;
    int64_t dt_ns, start_ns; /* as of the world; trips before the start do not run */
    int threads;
    uint32_t iterations;  /* simulations after the first; 0 = 8 */
    jw_progress progress; /* may be NULL */
    void *progress_context;
} jw_calibrate_def;
typedef struct jw_calibration {
    double geh_mean_before, geh_mean_after;
    double below_5_before, below_5_after; /* share of counts with GEH < 5 */
    double trips_before, trips_after;     /* of the matrix, over the cells that some count sees */
    uint32_t iterations, cells_seen;
    jw_demand_data data; /* owned: the matrix that fits best; jw_demand_data_free */
} jw_calibration;
/* Scales the cells of the matrix until the simulated counts match those observed, by the gradient method of
 * Spiess, "A gradient approach for the OD matrix adjustment problem" (1990). A simulation (of traffic alone,
 * up to the last interval's end) tells how many of each cell's trips pass each count within its interval;
 * with these proportions fixed the cells go down the gradient of half the squared differences, with Spiess's
 * step; then it is simulated again. The gradient is relative to each cell, so that cells that were small stay
 * small and zeros stay zero; cells no count sees stay as they are. Fills before, after and GEH of `counts`,
 * which keeps its order. */
jw_result jw_calibrate(const jw_calibrate_def *def, jw_count *counts, uint32_t count, jw_calibration *out,
                       jw_error *error);

#endif
