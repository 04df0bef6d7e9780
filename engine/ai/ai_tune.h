/* Fine-tuning: a model learns a domain from data of the fabric, and becomes a new version of itself.
 *
 * A tuning is a job with real hours: its datasets are read at the site that trains (flows over the network,
 * within their residency), then the operations of the training are computed there (port start_training;
 * checkpoints, preemption and failures are those of compute's trainings), then the registry has a new version
 * with its lineage. begun = under way + done + cancelled + failed; a tuning that is cancelled or fails leaves
 * no version.
 *
 * What it gains follows a scaling law, in four stated steps:
 *   loss      L(N, D) = E + A / N^alpha + B / D^beta of N parameters and D tokens of the domain (Hoffmann et
 *             al., "Training compute-optimal large language models", 2022)
 *   data      a corpus of D tokens is worth D x coverage x quality x 2^(-age / half life); passing over it
 *             again is worth less each time (Muennighoff et al., "Scaling data-constrained language models",
 *             2023)
 *   transfer  what a model has learnt elsewhere is worth D_T = k D_F^a N^b tokens of the domain once it is
 *             tuned on D_F of them, in characters (Hernandez et al., "Scaling laws for transfer", 2021). The
 *             law has no lower end: of D_F = 1 it is some per cent of the catalogue's training already
 *   quality   the share of wrong decisions is that of the version that the catalogue knows, times the excess
 *             loss L - E over that version's, to the power of error_exponent. An assumption: monotone, and
 *             the catalogue's own quality comes out where nothing is added
 *
 * D of the catalogue's version is what its training is worth in the domain (jw_model.domain_tokens_b); data
 * of the tunings since is added, each dataset once, as fresh as it is now. The law is one of language models;
 * that other models follow it is an assumption. */
#ifndef JW_AI_TUNE_H
#define JW_AI_TUNE_H

#include "ai/ai_sector.h"

/* Figures of the law; the catalogue's (assets/catalog/tuning.lua). */
typedef struct jw_tune_law {
    double floor;                                          /* E, nats a token */
    double size_scale, size_exponent;                      /* A, alpha; parameters */
    double data_scale, data_exponent;                      /* B, beta; tokens */
    double transfer_scale;                                 /* k; characters */
    double transfer_data_exponent, transfer_size_exponent; /* a, b */
    double half_life_days;                                 /* of what data is worth */
    double repeat_worth;                                   /* passes that endless passing over is worth */
    double error_exponent;
    uint8_t is_unverified;
} jw_tune_law;

double jw_tune_loss(const jw_tune_law *law, double parameters, double tokens); /* both above 0 */
/* What tuning on so many tokens of the domain makes other learning worth, in tokens; 0 of 0. */
double jw_tune_transferred_tokens(const jw_tune_law *law, double parameters, double tokens);
/* What a corpus is worth, passed over `epochs` times (below 1: a part of it), in tokens. */
double jw_tune_worth_tokens(const jw_tune_law *law, const jw_corpus *corpus, double epochs);
/* What is known of a version: its size, its share of right decisions, what its training is worth in the
 * domain. */
typedef struct jw_tune_base {
    double parameters, quality, tokens;
} jw_tune_base;
/* Quality of a model of `parameters` that was trained as the base was and tuned on `tokens` more of full
 * worth, 0..1. The base's own where size and data are its own; grows with `tokens`, ever less, and with size.
 */
double jw_tune_quality(const jw_tune_law *law, const jw_tune_base *base, double parameters, double tokens);

/* All weights: 6 operations a parameter and token (Kaplan et al. 2020), 16 bytes a parameter (weights,
 * gradients and Adam in mixed precision: Rajbhandari et al., "ZeRO", 2020). LoRA (Hu et al. 2021): no
 * gradients of the weights, 4 of the 6 operations, and 2 bytes; the adapters are merged, so that the version
 * is as large as its base. That it is worth as much as all weights is the paper's claim, not that of later
 * ones. */
typedef enum jw_tune_method { JW_TUNE_FULL, JW_TUNE_LORA, JW_TUNE_METHOD_COUNT } jw_tune_method;
const char *jw_tune_method_name(jw_tune_method method); /* "full" */
bool jw_tune_method_from_name(const char *name, jw_tune_method *out);
double jw_tune_operations(jw_tune_method method, double parameters, double tokens);
double jw_tune_memory_gb(jw_tune_method method, double parameters);

#define JW_TUNE_DATASETS_MAX 8
typedef struct jw_tune_def {
    char model[JW_MODEL_ID_SIZE];
    uint32_t version; /* that is tuned; 0: the newest */
    char datasets[JW_TUNE_DATASETS_MAX][JW_MODEL_ID_SIZE];
    uint32_t dataset_count;         /* at least 1 */
    uint64_t site;                  /* that reads and trains */
    char purpose[JW_MODEL_ID_SIZE]; /* what the version is for, and who may use it; "": anything */
    jw_tune_method method;
    double
        epochs; /* 0 = 1; below 1: that share of each dataset is read and used; at most JW_TUNE_EPOCHS_MAX */
    uint32_t cards; /* that train together, at least; 0: as few as hold it */
} jw_tune_def;
#define JW_TUNE_EPOCHS_MAX 1000.0

/* A dataset is one of the fabric, which is read over the network, or a data consumer's corpus, which is used
 * where it lies: its consumer's purpose holds there. Begins a tuning; *slot names it. Where the site's cards
 * are all in use it waits for some, asking every minute. Refused, and nothing is begun: JW_ERROR_NOT_FOUND
 * without such a model, version or dataset, or a way to one; JW_ERROR_INPUT for no dataset, the same one
 * twice, epochs; JW_ERROR_STATE when residency keeps a dataset from the site, the site is down, the version
 * is compressed, or nothing is known of its parameters or of the law; JW_ERROR_LIMIT when the site has not
 * the memory or the cards, with both figures. Reads of datasets that were named before
 * the one that is refused go on, for nobody. */
jw_result jw_ai_tune(jw_world *world, jw_ai *ai, const jw_tune_def *def, uint32_t *slot, jw_error *error);
/* JW_ERROR_NOT_FOUND without such a tuning, JW_ERROR_STATE when it has ended. */
jw_result jw_ai_cancel_tuning(jw_world *world, jw_ai *ai, uint32_t slot, jw_error *error);
/* Carries a tuning through at once, as when all had gone well: for a world that stands for a later time than
 * its clock. Errors as above. */
jw_result jw_ai_finish_tuning(jw_world *world, jw_ai *ai, uint32_t slot, jw_error *error);
/* A new version: the same model in another size, `factor` (0.01 to 10) times the parameters, the image and
 * the operations, trained as `version` (0: the newest) was; its quality by the law. For catalogues that know
 * one size of several; what its training took is the supplier's. Refused as a tuning of that version. Verb
 * resize_model. */
jw_result jw_ai_resize(jw_world *world, jw_ai *ai, const char *model, uint32_t version, double factor,
                       uint32_t *made, jw_error *error);
/* The tuning that handed this tag to start_training, or JW_NONE. */
uint32_t jw_ai_find_training(const jw_ai *ai, uint64_t tag);
/* The training that start_training began has ended. Stale tags are ignored. */
void jw_ai_training_ended(jw_world *world, jw_ai *ai, uint64_t tag, bool is_ok);

typedef enum jw_tune_phase {
    JW_TUNE_READING,
    JW_TUNE_WAITING, /* for cards */
    JW_TUNE_TRAINING,
    JW_TUNE_DONE,
    JW_TUNE_CANCELLED,
    JW_TUNE_FAILED,
    JW_TUNE_PHASE_COUNT
} jw_tune_phase;
const char *jw_tune_phase_name(jw_tune_phase phase); /* "reading" */

/* What one dataset gave to a version. */
typedef struct jw_tune_data {
    char id[JW_MODEL_ID_SIZE];
    jw_corpus corpus; /* as it was read: whole, whatever share of it was used */
    double epochs;    /* the passes over it */
    int64_t read_ns;  /* when it had been read: it ages from then on */
} jw_tune_data;

typedef struct jw_tuning_state {
    const char *model;                   /* until the next step, as all text */
    uint32_t base_version, made_version; /* made: 0 until it is done */
    uint64_t site;
    const char *purpose, *why; /* why: of a failure, or what it waits for; "" none */
    jw_tune_method method;
    jw_tune_phase phase;
    uint32_t datasets, datasets_read;
    double data_gb,
        tokens;        /* of all datasets, times the share that is read; tokens from the start of training */
    double operations; /* from the start of training */
    int64_t begun_ns, trained_ns, ended_ns; /* trained: when training began; 0: not yet */
} jw_tuning_state;
uint32_t jw_ai_tuning_count(const jw_ai *ai);
bool jw_ai_tuning(const jw_ai *ai, uint32_t slot, jw_tuning_state *out);

/* What a version came from: its own making, and the data of all its ancestors. */
#define JW_LINEAGE_DATASETS_MAX 32
typedef struct jw_model_lineage {
    uint32_t parent_version; /* 0: of the catalogue, or released */
    const char *method;      /* "full", "lora", the compression's id, or "" */
    uint64_t site;           /* that trained it; JW_AI_REGISTRY: none */
    const char *purpose;     /* its own or, where it is compressed, its parent's; "": anything */
    double operations;       /* of its training; 0: not trained here */
    int64_t made_ns;         /* 0: at the start */
    jw_tune_data datasets[JW_LINEAGE_DATASETS_MAX]; /* the newest first; each once */
    uint32_t dataset_count;
} jw_model_lineage;
/* False without such a version (0: the newest). Text lives until the next step. */
bool jw_ai_lineage(const jw_ai *ai, const char *model, uint32_t version, jw_model_lineage *out);

#endif
