/* A world of two modules: compute, and a client that submits jobs by a plan and notes what became of each. */
#ifndef JW_TEST_COMPUTE_BENCH_H
#define JW_TEST_COMPUTE_BENCH_H

#include "base/test_base.h"
#include "compute/compute.h"

enum { BENCH_COMPUTE, BENCH_CLIENT, BENCH_MODULE_COUNT };
enum { BENCH_OPEN, BENCH_DONE, BENCH_REJECTED };

/* One job to submit, `at_s` after the start. */
typedef struct bench_job {
    double at_s;
    uint32_t service, items, output_tokens;
} bench_job;

typedef struct bench_result {
    int64_t submitted_ns, ended_ns;
    uint32_t calls; /* of the ports: 1 when all is well */
    uint32_t outcome, version, why;
} bench_result;

/* What the client is made of: a list of jobs, or a Poisson stream of equal ones. */
typedef struct bench_plan {
    const char *site;
    const bench_job *jobs;
    uint32_t job_count;
    double poisson_mean_s; /* > 0: stream instead of the list */
    uint32_t poisson_count, poisson_items;
} bench_plan;

typedef struct bench_client {
    bench_plan plan;
    uint32_t next, changes, strays; /* calls of site_changed; answers to what was never asked */
    bench_result *results;
    uint32_t result_count;
    int64_t first_error; /* where the counts' identity broke first, in ns; -1: nowhere */
} bench_client;

extern const jw_module bench_client_module;

typedef struct bench_world {
    jw_card cards[4];
    jw_service services[4];
    jw_grid_region regions[2];
    jw_site_def sites[4];
    jw_compute_def compute;
    bench_plan plan;
    jw_module_entry entries[BENCH_MODULE_COUNT];
    jw_world *world;
} bench_world;

/* One card type "card" (100 TFLOPS, 200 TOPS, 80 GB, 2 TB/s, 50 to 300 W), vision "eye" of 10 ms an image and
 * batches of one, an LLM "talk" of Llama2-7B's figures, region "hebei", site "site" of one card, PUE 1.5. */
void bench_init(bench_world *bench);
jw_result bench_try_create(bench_world *bench, jw_error *error);
void bench_create(bench_world *bench);
void bench_destroy(bench_world *bench);
void bench_run_s(bench_world *bench, double seconds);
void bench_command(bench_world *bench, const char *verb, const char *site);
/* Installs on `cards` cards of site 0; fails the test when refused. */
void bench_install(bench_world *bench, uint32_t service, uint32_t cards);
jw_compute *bench_compute(const bench_world *bench);
bench_client *bench_client_of(const bench_world *bench);
jw_site_state bench_site(const bench_world *bench, uint32_t slot);
double bench_time_s(const bench_result *result);
enum { EYE, TALK };

#endif
