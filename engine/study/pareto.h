/* Frugality: the same service by smaller and larger models, at the edge and in the cloud, within a budget.
 *
 * Candidates are combinations of what a planner can choose: the size of the model (resized by the law of
 * tuning, ai_tune.h), tuned on data of the city or as it came, compressed or not, at which tiers, on how many
 * cards a site; and mixes, a small tuned one at the edge beside a large one in the cloud. Each is put into
 * the scene's world at its start, in place of what serves there, and the twin lives through the same minutes
 * with the same seeds. Four measures decide: right decisions in time, latency, power, cost. A candidate is
 * dominated when another is better in one of them and worse in none, by more than chance: where the 95 %
 * interval of the difference, seed by seed, does not hold 0. The rest is the front of Pareto. What breaks the
 * budget, or cannot be put there, is left out of it. */
#ifndef JW_PARETO_H
#define JW_PARETO_H

#include "study/study.h"

#define JW_PARETO_CHOICES_MAX    8
#define JW_PARETO_CANDIDATES_MAX 1000
/* Cards are paid for in so many years of full time, in equal parts (an assumption). */
#define JW_PARETO_CARD_YEARS 5.0

typedef enum jw_pareto_measure {
    JW_PARETO_RIGHT, /* % of the requests that ended: answered in time, times the quality of what answered */
    JW_PARETO_P95,   /* ms, of answers */
    JW_PARETO_POWER, /* W, of the service's cards and its share of servers and cooling */
    JW_PARETO_COST,  /* CNY/h: that power, and its cards over their years */
    JW_PARETO_LATE,  /* % of the requests that ended: late or lost */
    JW_PARETO_QUALITY, /* % of decisions right on fresh input, of the best version that it puts to work */
    JW_PARETO_MEASURE_COUNT
} jw_pareto_measure;
enum {
    JW_PARETO_OBJECTIVES = 4
}; /* the first ones decide; of the first more is better, of the others less */
const char *jw_pareto_measure_name(jw_pareto_measure measure); /* "right" */
const char *jw_pareto_measure_unit(jw_pareto_measure measure);

/* A version at some tiers. */
typedef struct jw_pareto_part {
    double size; /* times the model's own */
    bool is_tuned;
    char method[JW_MODEL_ID_SIZE]; /* compression; "" none */
    uint32_t tiers;                /* bits 1 << jw_tier */
    uint32_t cards;                /* a site; 0: its share */
} jw_pareto_part;
typedef struct jw_pareto_candidate {
    char name[128]; /* "0.15x tuned int8 at edge, 1 card" */
    jw_pareto_part parts[2];
    uint32_t part_count;
    char refusal[200]; /* why it cannot be, or what of the budget it breaks; "" none */
    uint32_t cards;    /* in all */
    double memory_gb;  /* of the weights on them */
    bool is_on_front;
    uint32_t dominated_by; /* another candidate; JW_NONE */
} jw_pareto_candidate;

typedef struct jw_pareto_def {
    const jw_scene *scene;               /* NULL: no scripts */
    const jw_twin_def *def;              /* what jw_scene_build made; borrowed */
    char request[24];                    /* the request type whose service is looked at; "" = "signal" */
    double sizes[JW_PARETO_CHOICES_MAX]; /* 0.01 to 10 */
    uint32_t size_count;
    char methods[JW_PARETO_CHOICES_MAX][JW_MODEL_ID_SIZE]; /* "none" or of the catalogue */
    uint32_t method_count;
    uint32_t cards[JW_PARETO_CHOICES_MAX]; /* a site; 0: its share */
    uint32_t card_count;
    double data_gb; /* of the city, at its largest site, that tuned ones have seen once; 0: none is tuned */
    double budget_cards, budget_kw, budget_gb; /* 0: no limit */
    uint32_t seed_count;                       /* 2 to 100: those of the def, and on from it */
    double minutes;                            /* simulated of each */
    int threads;                               /* seeds at a time; the result does not depend on it */
    jw_progress progress;                      /* from any thread, one call at a time; may be NULL */
    void *progress_context;
} jw_pareto_def;

typedef struct jw_pareto {
    jw_pareto_candidate *candidates; /* owned, as values */
    uint32_t candidate_count, seed_count;
    uint64_t first_seed;
    double minutes;
    double *values; /* [(candidate * seed_count + seed) * JW_PARETO_MEASURE_COUNT + measure] */
} jw_pareto;

/* JW_ERROR_NOT_FOUND names the request type, model or compression that there is none of; JW_ERROR_INPUT the
 * figure that is out of range, or that nobody asks. */
jw_result jw_pareto_run(const jw_pareto_def *def, jw_pareto *out, jw_error *error);
void jw_pareto_free(jw_pareto *pareto);
/* Mean over the seeds and half the width of its 95 % confidence interval. */
double jw_pareto_mean(const jw_pareto *pareto, uint32_t candidate, jw_pareto_measure measure,
                      double *half_width);
/* Marks the front among candidates without refusal: is_on_front and dominated_by (the first that dominates).
 */
void jw_pareto_mark(jw_pareto *pareto);
/* pareto.csv (a row a candidate) and pareto.svg into an existing folder. */
jw_result jw_pareto_write(const jw_pareto *pareto, const char *folder, jw_error *error);

#endif
