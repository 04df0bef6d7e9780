/* Studies: what looks at several runs or runs several worlds. First: the comparison of two runs. */
#ifndef JW_STUDY_H
#define JW_STUDY_H

#include "record/record.h"
#include "script/script.h"
#include "traffic/traffic.h"

typedef struct jw_difference {
    char name[48], unit[16];
    const char *label; /* what it is, for readers */
    double a, b;
} jw_difference;
/* What the runs were given unlike: a parameter, "seed", "script", ... */
typedef struct jw_change {
    char name[64], a[96], b[96]; /* values as text; "none" on the side that has it not */
    jw_label label;              /* of a parameter, where a manifest has it; else "" */
} jw_change;
typedef struct jw_comparison {
    char scene_a[64], scene_b[64];
    uint64_t seed_a, seed_b;
    jw_difference *rows; /* owned */
    uint32_t count;
    jw_change *changes; /* owned; from the manifests: seed, script, threads, ..., then parameters by name */
    uint32_t change_count;
    bool has_data; /* networks or computers in one of them: requests and energy say something */
} jw_comparison;
/* Reads the summaries and manifests of two run folders (finished or interrupted; JW_ERROR_NOT_FOUND for one
 * that was killed and has no summary). Rows in the order of the summary; rows that only one has are NAN on
 * the other side. A warning goes to `problems` when the runs are not alike (scene, length). */
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

/* ---- benchmark: signal controls on the same scene, load and seeds ----------------------------------------
 */

typedef struct jw_benchmark_control {
    char name[64];             /* as the report shows it */
    jw_signal_control control; /* of all signals */
    bool is_ai;                /* the scene's cameras ask, answers decide; else that coupling is off */
    const char *script;        /* a scenario with signals { control = }, or NULL */
} jw_benchmark_control;
/* "fixed", "actuated", "max-pressure", "green-wave", "as-mapped", "ai", or a FILE.lua; JW_ERROR_INPUT names
 * what there is. `name` lives as long as the control. */
jw_result jw_benchmark_find_control(const char *name, jw_benchmark_control *out, jw_error *error);

typedef enum jw_benchmark_measure {
    JW_BENCHMARK_TRAVEL_TIME, /* s, mean of arrived trips, from the wished departure */
    JW_BENCHMARK_DELAY,       /* s, mean of arrived trips, against free flow */
    JW_BENCHMARK_TIME_SPENT, /* veh-h on the road or waiting for room on it, of all: also who never arrives */
    JW_BENCHMARK_QUEUE_MEAN, /* standing vehicles per lane before signals */
    JW_BENCHMARK_QUEUE_MOST, /* on one lane */
    JW_BENCHMARK_STOPS,      /* per vehicle */
    JW_BENCHMARK_THROUGHPUT, /* arrived, veh/h */
    JW_BENCHMARK_UNFINISHED, /* running or waiting for room at the end */
    JW_BENCHMARK_FUEL,       /* l per 100 veh-km */
    JW_BENCHMARK_CO2,        /* kg */
    JW_BENCHMARK_CONFLICTS,  /* TTC < 1.5 s, per 1,000 veh-km */
    JW_BENCHMARK_MEASURE_COUNT
} jw_benchmark_measure;
const char *jw_benchmark_measure_name(jw_benchmark_measure measure); /* "travel_time" */
const char *jw_benchmark_measure_unit(jw_benchmark_measure measure);

typedef struct jw_benchmark_def {
    const jw_scene *scene;  /* NULL: no scripts */
    const jw_twin_def *def; /* what jw_scene_build made; borrowed */
    const jw_benchmark_control *controls;
    uint32_t control_count; /* 1 to 64; differences are taken to the first */
    uint32_t seed_count;    /* 2 to 1000: those of the def, and on from it */
    double minutes;         /* simulated, after the scene's warm-up under fixed control */
    int threads;            /* worlds at a time; the result does not depend on it */
    jw_progress progress;   /* from any thread, one call at a time; may be NULL */
    void *progress_context;
} jw_benchmark_def;

typedef struct jw_benchmark {
    jw_benchmark_control *controls; /* owned, their scripts not */
    uint32_t control_count, seed_count;
    uint64_t first_seed;
    double minutes;
    double *values;   /* owned: [(control * seed_count + seed) * JW_BENCHMARK_MEASURE_COUNT + measure] */
    uint64_t *hashes; /* owned: the world's state at the end, [control * seed_count + seed] */
} jw_benchmark;
/* Runs every control with every seed. A failing run or control script fails the whole, named. */
jw_result jw_benchmark_run(const jw_benchmark_def *def, jw_benchmark *out, jw_error *error);
void jw_benchmark_free(jw_benchmark *benchmark);

/* Mean over the seeds and half the width of its 95 % confidence interval (Student's t, seed_count - 1 degrees
 * of freedom); the same of the paired differences to the first control, seed by seed. */
typedef struct jw_benchmark_cell {
    double mean, half_width;
    double difference, difference_half_width;
} jw_benchmark_cell;
jw_benchmark_cell jw_benchmark_at(const jw_benchmark *benchmark, uint32_t control,
                                  jw_benchmark_measure measure);
/* 97.5 % quantile of Student's t; degrees >= 1. */
double jw_student_95(uint32_t degrees);
/* Mean of `count` >= 2 values, `stride` apart, and half the width of its 95 % interval; of their differences
 * to `less`, in pairs, where that is not NULL. */
typedef struct jw_estimate {
    double mean, half_width;
} jw_estimate;
jw_estimate jw_estimate_mean(const double *values, const double *less, uint32_t count, uint32_t stride);
/* One row a control and measure: mean, interval, difference, its interval, and the value of every seed. */
jw_result jw_benchmark_write_csv(const jw_benchmark *benchmark, const char *path, jw_error *error);
/* The same as one JSON object; the text is owned (jw_free). */
jw_result jw_benchmark_write_json(const jw_benchmark *benchmark, const char *scene, char **out,
                                  jw_error *error);

/* ---- measured times of language models: six figures a card and number of cards, fitted to one half of the
 * configurations and judged on the other -------------------------------------------------------------------
 */

typedef struct jw_llm_times_row {
    jw_llm_timing timing; /* with the median errors on the judged half */
    uint32_t fitted, judged;
} jw_llm_times_row;
typedef struct jw_llm_times_judgement { /* of one configuration that was not fitted */
    uint32_t row;
    jw_llm_measurement measured;
    double prefill_error, decode_error; /* relative, positive: told too long */
} jw_llm_times_judgement;
typedef struct jw_llm_times {
    jw_llm_times_row *rows; /* owned; by card, then number of cards */
    uint32_t row_count, row_capacity;
    jw_llm_times_judgement *judged; /* owned */
    uint32_t judged_count, judged_capacity;
    uint32_t foreign;  /* lines of hardware that the catalogue has no card for */
    uint32_t left_out; /* configurations whose prefill is shorter than that of half as many prompts */
    double prefill_p50, prefill_p90, prefill_worst, decode_p50, decode_p90, decode_worst;
} jw_llm_times;
/* Reads the table of splitwise-sim (perf_model.csv: model, hardware, tensor_parallel, prompt_size,
 * batch_size, token_size, prompt_time and token_time in ms). Repeats become their median; configurations of a
 * card, sorted by prompt, batch and output, are fitted at odd places and judged at even ones, or the other
 * way round. Errors by file and line. */
jw_result jw_llm_times_fit(const char *path, bool is_other_half, jw_llm_times *out, jw_error *error);
void jw_llm_times_free(jw_llm_times *times);

#endif
