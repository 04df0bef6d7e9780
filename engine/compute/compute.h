/* Computing: sites with accelerators from a catalogue, queues, services of several kinds, power and energy.
 * One kernel module, named "compute".
 *
 * Models: vision by a service time per image from operations and an efficiency, in batches; LLM serving by
 * continuous batching (see jw_llm_scheduler), its times calibrated on measurements where the catalogue has
 * some (jw_llm_timing) and a roofline elsewhere; power between idle and peak by utilisation; cooling by the
 * outside temperature and the load; grid, sun, wind and battery by region and hour. Figures come from the
 * catalogue (assets/catalog), each with its source.
 *
 * Failure domains: a site, a rack of it, a card of a rack (compute_fault.c). What a failed card holds is
 * rejected with JW_REJECT_FAILED; the rest of the site goes on. Autoscaling: instances of a service at a site
 * between bounds (compute_scale.c).
 *
 * Identities, exact: submitted = done + rejected + queued + running (cancelled jobs count as rejected);
 * energy = IT + cooling + losses; grid + solar + wind + discharge = energy + charge + spill; stored = stored
 * at the start + kept - discharge. */
#ifndef JW_COMPUTE_H
#define JW_COMPUTE_H

#include "kernel/kernel.h"

typedef struct jw_site_id {
    uint32_t index1, generation;
} jw_site_id;
typedef struct jw_job_id {
    uint32_t index1, generation;
} jw_job_id;

#define JW_CATALOG_ID_SIZE 32

typedef enum jw_tier {
    JW_TIER_ROADSIDE,
    JW_TIER_BASE_STATION,
    JW_TIER_PARK,
    JW_TIER_EDGE, /* district edge */
    JW_TIER_CITY,
    JW_TIER_WEST, /* hub in the west */
    JW_TIER_COUNT
} jw_tier;
const char *jw_tier_name(jw_tier tier); /* "edge" */
bool jw_tier_from_name(const char *name, jw_tier *out);

/* An accelerator card of the catalogue. */
typedef struct jw_card {
    char id[JW_CATALOG_ID_SIZE]; /* "ascend-310p" */
    double fp16_tflops, int8_tops;
    double memory_gb, bandwidth_tbps; /* terabyte per second */
    double idle_w, peak_w;
    double price_cny;
    uint8_t is_domestic, is_unverified;
    double token_w;     /* while a language model only decodes; 0: as peak_w */
    uint8_t has_sparse; /* computes matrices with 2 of 4 weights at zero faster than dense ones */
} jw_card;

typedef enum jw_service_kind {
    JW_SERVICE_VISION,   /* pictures, in batches */
    JW_SERVICE_LLM,      /* sequences of tokens */
    JW_SERVICE_FUNCTION, /* one job at a time on a server that is cold when it has not been used for a while
                          */
    JW_SERVICE_TRAINING, /* long jobs with checkpoints: others take their cards, failures throw them back */
    JW_SERVICE_STREAM    /* video: each holds a share of a card for its length, refused when there is none */
} jw_service_kind;

/* What happens to the newest sequence when the cache of an instance is full: its blocks are dropped and it is
 * prefilled again with what it has said, or they go to the host's memory, which has room for all, and come
 * back (Kwon et al., "PagedAttention", SOSP 2023, section 4.5). */
typedef enum jw_llm_preemption { JW_LLM_RECOMPUTE, JW_LLM_SWAP } jw_llm_preemption;

/* How an LLM's instances schedule. An instance works in iterations: each decodes one token of every sequence
 * that it holds and prefills what was admitted, first come, first served (Yu et al., "Orca", OSDI 2022). The
 * KV cache is given out in blocks of JW_KV_BLOCK_TOKENS; a sequence takes those of its prompt when it is
 * admitted and one more whenever its last is full. All zero: whole prompts, recompute, no pools. */
#define JW_KV_BLOCK_TOKENS 16 /* the default of Kwon et al., section 7.2 */
typedef struct jw_llm_scheduler {
    uint32_t chunk_tokens;   /* most tokens of an iteration, decoded and prefilled: long prompts are cut
                              * (Agrawal et al., "Sarathi-Serve", OSDI 2024); 0: prompts are never cut */
    uint8_t preemption;      /* jw_llm_preemption */
    double host_gbyte_per_s; /* between cards and host memory, for JW_LLM_SWAP; 0 = 25 (PCIe 4 x16,
                              * unverified) */
    double prefill_share;    /* > 0: this share of the instances (one at least) only prefills and sends the
                              * cache to the others, which only decode (Patel et al., "Splitwise", ISCA 2024) */
    double transfer_gbps;    /* the link from a prefilling instance to the others; 0 = 200 (InfiniBand HDR) */
    double ttft_limit_s, tpot_limit_s; /* what counts as good; 0: any */
} jw_llm_scheduler;

/* Measured times of an LLM on some cards of one kind: six figures, fitted by jw_llm_fit.
 *   prefill of T tokens (prompts together): fixed_s + token_s T + long_s max(0, T - JW_LLM_KNEE_TOKENS)
 *   decode step of B sequences that hold K tokens of cache: step_s + sequence_s B + cache_s K
 * An iteration that does both has the greater of the constants once. */
#define JW_LLM_KNEE_TOKENS 2048 /* where the prefill of splitwise-sim's measurements bends upwards */
typedef struct jw_llm_timing {
    char service[JW_CATALOG_ID_SIZE], card[JW_CATALOG_ID_SIZE];
    uint32_t cards; /* of an instance (tensor parallel) */
    double fixed_s, token_s, long_s;
    double step_s, sequence_s, cache_s;
    double prefill_error, decode_error; /* median relative errors on measurements that were not fitted; 0:
                                         * not known */
} jw_llm_timing;

/* What is served: a model's demands. */
typedef struct jw_service {
    char id[JW_CATALOG_ID_SIZE]; /* "signal-vision" */
    jw_service_kind kind;
    double
        gflop_per_item;  /* all but LLM: per image, call, step of a training, frame; INT8 or FP16 as stated */
    double efficiency;   /* vision: share of the peak reached; 0 = 0.3 */
    uint8_t is_int8;     /* LLM: of the prefill */
    double parameters_b; /* LLM: billions */
    double bytes_per_parameter;
    double kv_bytes_per_token;
    double prefill_mfu, decode_efficiency; /* shares of peak FLOPS and of bandwidth */
    double step_overhead_s;                /* c0 of a decode step */
    uint32_t max_batch;                    /* vision: images a batch; LLM: sequences; 0 = 16 */
    double image_gb;                       /* size of the deployed image */
    uint32_t cards_per_instance;           /* tensor parallel; 0 = 1 */
    jw_llm_scheduler scheduler;            /* LLM */
    double max_wait_s;            /* vision: a batch that is not full waits so long for more; 0: not at all */
    double cold_start_s;          /* function: added to a job on a server that is cold */
    double keep_alive_s;          /* function: after a job a server is warm so long */
    double checkpoint_interval_s; /* training: work between checkpoints; 0: none, all is lost */
    double checkpoint_s;          /* training: what one takes */
    double frame_rate_hz;         /* stream: items of a job a second */
} jw_service;

/* How a version of a service's model differs from the service's figures: one that was made smaller. */
typedef struct jw_variant {
    double memory_factor;    /* of weights and image, above 0 to 10 */
    double operation_factor; /* of operations a request, above 0 to 10 */
    double sparse_factor;    /* the same on cards that have_sparse; 0: as operation_factor */
    uint8_t is_int8;         /* computes in INT8, whatever the service says */
} jw_variant;
/* The service's figures as its variant has them on this card. */
jw_service jw_service_as(const jw_service *service, const jw_card *card, const jw_variant *variant);

typedef struct jw_rack_def {
    char card[JW_CATALOG_ID_SIZE];
    uint32_t count;
} jw_rack_def;

#define JW_SITE_RACKS_MAX 8
typedef struct jw_site_def {
    char name[JW_CATALOG_ID_SIZE];
    jw_tier tier;
    double x_m, y_m;
    jw_rack_def racks[JW_SITE_RACKS_MAX];
    uint32_t rack_count;
    uint32_t queue_max;        /* waiting requests per service; 0 = 1000 */
    double power_max_kw;       /* of its computers at full load: more cards are refused; 0: none */
    double pue;                /* a constant, all of it counted as cooling; 0: by temperature and load */
    double base_power_w;       /* servers without cards, at full load; 0: 150 W a card */
    double base_idle_w;        /* the same at rest; 0: as at full load */
    char region[16];           /* grid region for carbon: "hebei"; "" = "hebei" */
    double free_below_c;       /* outside air alone cools below this; 0: by tier */
    double cooling_factor;     /* of the published curve (compute_energy.c); 0: by tier */
    double solar_kw, wind_kw;  /* rated power on the site */
    double battery_kwh;        /* 0: none */
    double battery_kw;         /* charging and discharging; 0: the battery's hours are 2 */
    double battery_efficiency; /* there and back; 0: 0.9 (unverified) */
} jw_site_def;

/* Where power comes from and what the weather is like. The climate is a sinusoid: see jw_region_at. */
typedef struct jw_grid_region {
    char id[16];
    double kgco2_per_kwh;                  /* of the mix, mean of the year */
    double price_cny_per_kwh;              /* mean of the day */
    double green_share;                    /* direct green power, 0..1 */
    double temperature_c, season_c, day_c; /* mean of the year; amplitudes over the year and over the day */
    double latitude_deg, longitude_deg;    /* both 0: the sun stands as in Xiong'an, 39 N 116 E */
    double sky;                            /* share of clear-sky sun that a rated kW gives; 0: 0.6 */
    double wind_mps;                       /* mean at hub height; 0: no wind */
    double solar_share;                    /* of the mix's energy, 0..0.3: makes its carbon follow the sun */
    double price_factor[24];               /* of the mean price by hour of the day; all 0: flat */
} jw_grid_region;

/* Instances of a service at a site, looked at every interval_s: more when the busy share of the instances or
 * the queue is above its target, fewer when the load would fit below the target into one less, for the whole
 * cooldown. With min 0 the last instance goes after cooldown_s without work, and its image with it: the next
 * request waits until the image has crossed the network (port pull_image) and is loaded. Rule: ceil(instances
 * x utilisation / target), as the Horizontal Pod Autoscaler of Kubernetes. Vision, functions and language
 * models that are not split into prefill and decode. */
typedef struct jw_scale_def {
    char service[JW_CATALOG_ID_SIZE];
    char site[JW_CATALOG_ID_SIZE]; /* "": each site that serves it */
    uint32_t min, max;             /* instances, max >= 1; as many as the site's free cards allow */
    double target;                 /* busy share of instances; 0 = 0.7 */
    double queue_target;           /* waiting jobs an instance; 0 = 4 */
    double interval_s;             /* 0 = 15 */
    double cooldown_s;             /* 0 = 60 */
    double load_gbyte_per_s;       /* image from the site's store into a card, Gbyte/s; 0 = 2 (unverified) */
} jw_scale_def;

/* Random failures of cards: exponential times to failure and to repair, drawn by the world's seed. */
typedef struct jw_fault_def {
    char site[JW_CATALOG_ID_SIZE]; /* "": each site */
    double card_mtbf_s;            /* of one card, above 0 */
    double card_mttr_s;            /* above 0 */
} jw_fault_def;

/* A region at an instant. */
typedef struct jw_region_hour {
    double temperature_c;
    double solar, wind;   /* share of the rated power */
    double kgco2_per_kwh; /* direct green power counted as none */
    double price_cny_per_kwh;
    bool is_peak, is_valley; /* price above or below the mean */
} jw_region_hour;

/* Cooling and losses of a site at `it_w`, when all its computers draw `rated_w` at full load. */
typedef struct jw_overhead {
    double cooling_w, loss_w;
    bool is_free; /* outside air alone cools */
} jw_overhead;

typedef struct jw_compute_def {
    const jw_card *cards;
    uint32_t card_count;
    const jw_service *services;
    uint32_t service_count;
    const jw_grid_region *regions;
    uint32_t region_count;
    const jw_site_def *sites;
    uint32_t site_count;
    const jw_scale_def *scales;
    uint32_t scale_count;
    const jw_fault_def *faults;
    uint32_t fault_count;
    const jw_llm_timing *timings;
    uint32_t timing_count;
    uint32_t day_of_year; /* of the first midnight, 1..365; 0: 105, mid-April */
} jw_compute_def;

extern const jw_module jw_compute_module;
typedef struct jw_compute jw_compute;

typedef enum jw_reject {
    JW_REJECT_DOWN,
    JW_REJECT_FULL,
    JW_REJECT_NOT_INSTALLED,
    JW_REJECT_TOO_LARGE,
    JW_REJECT_FAILED,
    JW_REJECT_CANCELLED /* by jw_compute_cancel: nobody is told */
} jw_reject;

typedef struct jw_compute_ports {
    /* `version` is what served it. */
    void (*job_done)(jw_world *world, uint64_t tag, uint32_t version);
    void (*job_rejected)(jw_world *world, uint64_t tag, jw_reject why); /* also when its site fails */
    void (*site_changed)(jw_world *world, jw_site_id site, bool is_up);
    /* For those who look on, and change nothing: it is taken into work together with `jobs` - 1 others. One
     * of a language model that had to give way begins again. */
    void (*job_began)(jw_world *world, uint64_t tag, uint32_t jobs);
    /* A rack of a site, or with card != JW_NONE a card of it, failed or came back. */
    void (*part_changed)(jw_world *world, jw_site_id site, uint32_t rack, uint32_t card, bool is_up);
    /* An instance needs an image that the site lacks: answered by jw_compute_image_here, not before it
     * returned. Not set or not JW_OK: as if it were there. */
    jw_result (*pull_image)(jw_world *world, jw_site_id site, uint32_t service, int64_t bytes);
} jw_compute_ports;
void jw_compute_set_ports(jw_compute *compute, const jw_compute_ports *ports);

jw_result jw_compute_add_site(jw_world *world, jw_compute *compute, const jw_site_def *def, jw_site_id *out,
                              jw_error *error);
/* Cards come into the rack of their kind or a new one, each with a server of 150 W; nobody uses them yet
 * (jw_compute_install). JW_ERROR_LIMIT: no room or no power for them. */
jw_result jw_compute_add_cards(jw_world *world, jw_compute *compute, jw_site_id site, const char *card,
                               uint32_t count, jw_error *error);
jw_site_id jw_compute_find_site(const jw_compute *compute, const char *name);
/* It goes with all that it holds, which is rejected as when it fails, and leaves its name to others; its
 * energy and its counts stay in the sums. */
jw_result jw_compute_remove_site(jw_world *world, jw_compute *compute, const char *name, jw_error *error);
/* The one that was removed last of those with the name serves again, as it was; JW_ERROR_EXISTS when the name
 * is taken by then. */
jw_result jw_compute_restore_site(jw_world *world, jw_compute *compute, const char *name, jw_error *error);
jw_result jw_compute_move_site(jw_compute *compute, const char *name, double x_m, double y_m,
                               jw_error *error);
/* JW_NONE when absent. */
uint32_t jw_compute_find_service(const jw_compute *compute, const char *id);
const jw_service *jw_compute_service(const jw_compute *compute, uint32_t service); /* NULL: no such one */
const jw_card *jw_compute_card(const jw_compute *compute, const char *id);         /* NULL: no such one */

/* A service becomes servable at a site, on `cards` cards of its own (0: as many as are free, at least one
 * instance). The image is there already: transfers are the ai domain's. Refused when it does not fit into the
 * memory of the cards. Trainings give up cards that others lack, and take them back as soon as one is free.
 * Installing another version replaces the old one for requests that start later; where its variant differs, a
 * language model begins anew: what it holds is prefilled again, and rejected where it has no room any more.
 * With more `cards` than it has, what is served already gets instances on the free ones of its rack, unless
 * it is scaled by a rule. */
jw_result jw_compute_install(jw_world *world, jw_compute *compute, jw_site_id site, uint32_t service,
                             uint32_t version, uint32_t cards, jw_error *error);
/* On cards that its software was not written for a service (JW_NONE: any that has no share of its own)
 * reaches this share, above 0 to 1, of the efficiencies that its figures have; 1 at first. Measured times of
 * language models (jw_llm_timing) have their software in them and stay. Running work ends as it began; what a
 * language model holds is prefilled again. */
jw_result jw_compute_set_software(jw_world *world, jw_compute *compute, const char *card, uint32_t service,
                                  double share, jw_error *error);
/* What of a version differs from its service's figures, before it is installed; versions that are not
 * described do not differ. JW_ERROR_EXISTS: it was described otherwise. */
jw_result jw_compute_describe(jw_compute *compute, uint32_t service, uint32_t version,
                              const jw_variant *variant, jw_error *error);
jw_result jw_compute_uninstall(jw_world *world, jw_compute *compute, jw_site_id site, uint32_t service,
                               jw_error *error);
/* Cards that a service holds at a site, their price, and the memory that its weights take on them. */
typedef struct jw_service_cards {
    uint32_t cards;
    double weights_gb, price_cny;
} jw_service_cards;
jw_service_cards jw_compute_cards(const jw_compute *compute, jw_site_id site, uint32_t service);
/* Jobs of a service that wait or are in work at a site. */
uint32_t jw_compute_jobs(const jw_compute *compute, jw_site_id site, uint32_t service);
/* 0: not installed. */
uint32_t jw_compute_installed_version(const jw_compute *compute, jw_site_id site, uint32_t service);

typedef struct jw_job_def {
    jw_site_id site;
    uint32_t service;
    uint32_t items;         /* images, calls, steps, frames; LLM: prompt tokens */
    uint32_t output_tokens; /* LLM */
    uint64_t tag;
} jw_job_def;
/* Ends in exactly one call of job_done or job_rejected, later than now (a refusal, too, is an event), unless
 * it is cancelled. `out` (NULL: not wanted) names it until then. */
jw_result jw_compute_submit(jw_world *world, jw_compute *compute, const jw_job_def *def, jw_job_id *out,
                            jw_error *error);
/* The sender no longer wants it: a job that waits leaves the queue, one in work stops and its server is free,
 * or goes on with the rest of its batch; a sequence of a language model leaves, with its cache, at the end of
 * the iteration under way. It counts as rejected; no port is called. Stale ids are ignored. */
void jw_compute_cancel(jw_world *world, jw_compute *compute, jw_job_id id);
/* The image that pull_image asked for has come, or is_ok false: it is asked for again at the next look. */
void jw_compute_image_here(jw_world *world, jw_compute *compute, jw_site_id site, uint32_t service,
                           bool is_ok);
/* Forecast of queueing and service for one more request, behind those that wait there and `ahead` more like
 * them, for policies; < 0: not served there. */
double jw_compute_estimate_s(const jw_world *world, const jw_compute *compute, jw_site_id site,
                             uint32_t service, uint32_t items, uint32_t output_tokens, uint32_t ahead);
/* Forecast of the CO2 in kg of one kWh that a site's cards take at time_ns, now or later: the grid's mix of
 * that minute less direct green power, and cooling by that minute's mean temperature, at the site's present
 * load; 0 while its own sun then gives more than it draws now. Own wind counts in the current hour only: the
 * next hours' is not known. What batteries do is left out. 0 without such a site. */
double jw_compute_carbon_at(const jw_world *world, const jw_compute *compute, jw_site_id site,
                            int64_t time_ns);

/* Whether a site is up and has the service installed; then also which it is and its tier. Cheap: for the
 * choice among many. */
bool jw_compute_is_serving(const jw_compute *compute, uint32_t slot, uint32_t service, jw_site_id *out_id,
                           jw_tier *out_tier);

typedef struct jw_site_state {
    jw_site_id id;
    const jw_site_def *def;
    bool is_up;
    bool is_removed; /* it is there no more, but for what it has used */
    uint32_t cards, queued, running;
    uint32_t cards_failed; /* of `cards`, also by their rack or site */
    uint32_t instances;    /* of all services, in work or ready */
    double utilisation;    /* busy share of the cards, now */
    double power_w;        /* with PUE */
    int64_t energy_mj;     /* millijoule until now, PUE included */
    double carbon_kg;
    int64_t cost_fen;
    /* Of one kWh that its cards take now: grid mix less direct green power, PUE counted; no CO2 while its own
     * sun and wind give more than it draws. */
    double kgco2_per_kwh, price_cny_per_kwh;
    int64_t done;
    double mean_time_s; /* queue + service of recent jobs (exponential mean, 60 s) */
} jw_site_state;
uint32_t jw_compute_site_count(const jw_compute *compute); /* slots */
bool jw_compute_site(const jw_world *world, const jw_compute *compute, uint32_t slot, jw_site_state *out);

/* Energy of a site since the start, by parts, in whole millijoule that add up exactly: use = it + cooling +
 * loss; grid + solar + wind + discharge = use + charge + spill. */
typedef struct jw_site_energy {
    int64_t use_mj, it_mj, cooling_mj, loss_mj;
    int64_t grid_mj, solar_mj, wind_mj, discharge_mj, charge_mj, spill_mj;
    int64_t kept_mj, stored_mj;                /* what of the charge the battery kept; what it holds now */
    int64_t free_cooling_ns;                   /* time in which outside air alone cooled */
    double grid_w, solar_w, wind_w, battery_w; /* now; battery: discharging above 0 */
    double pue;                                /* now; 1 when nothing draws */
    bool has_grid;
    jw_region_hour region; /* as of the minute */
} jw_site_energy;
bool jw_compute_site_energy(const jw_world *world, const jw_compute *compute, uint32_t slot,
                            jw_site_energy *out);

/* What has come to each site and gone is equal, to 1e-12 J; JW_ERROR_STATE names a site where it is not. */
bool jw_compute_is_energy_exact(const jw_compute *compute, jw_error *error);

/* What a service's requests used, over all sites: its cards at rest and at work, their share of the servers,
 * of cooling and losses, and of their sites' carbon and cost. Cards that serve nothing belong to no service.
 */
typedef struct jw_service_energy {
    int64_t done, energy_mj, cost_fen;
    double carbon_kg;
} jw_service_energy;
jw_service_energy jw_compute_service_energy(const jw_world *world, const jw_compute *compute,
                                            uint32_t service);

typedef struct jw_compute_counts {
    int64_t submitted, done, rejected, queued, running;
    int64_t energy_mj;
    double carbon_kg;
    int64_t cost_fen;
} jw_compute_counts;
jw_compute_counts jw_compute_count(const jw_world *world, const jw_compute *compute);

/* What befell the jobs of a service, over all sites since the start. */
typedef struct jw_service_counts {
    int64_t cold_starts; /* functions */
    int64_t interrupted; /* trainings that lost their server, to a failure or to another service */
    int64_t lost_ns;     /* work of trainings since their last checkpoint, then */
    int64_t cancelled;   /* while they waited or were in work; they count as rejected, too */
} jw_service_counts;
jw_service_counts jw_compute_service_counts(const jw_compute *compute, uint32_t service);

/* ---- serving language models ---- */

/* What a service's sequences met since the start. Time to first token: from submit to the end of the
 * iteration that finished the prefill. Time per output token: from there to the last, over the tokens after
 * the first; sequences of one token have none. Quantiles by bins of 2 % from 0.1 ms. */
typedef struct jw_llm_stats {
    int64_t done, good; /* good: within both limits of the scheduler */
    int64_t prompt_tokens, output_tokens;
    int64_t iterations, preemptions;
    int64_t recomputed_tokens; /* prefilled a second time */
    double ttft_mean_s, tpot_mean_s;
} jw_llm_stats;
jw_llm_stats jw_compute_llm_stats(const jw_compute *compute, uint32_t service);
/* share 0..1; 0 when there is nothing yet. */
double jw_compute_ttft_s(const jw_compute *compute, uint32_t service, double share);
double jw_compute_tpot_s(const jw_compute *compute, uint32_t service, double share);

/* Requests of a trace: when they came, from 0 on and in order, and how long they were. */
typedef struct jw_llm_request {
    int64_t time_ns;
    uint32_t prompt_tokens, output_tokens; /* at least 1 */
} jw_llm_request;
typedef struct jw_llm_trace {
    jw_llm_request *requests; /* owned */
    uint32_t count, capacity;
} jw_llm_trace;
#define JW_LLM_TOKENS_MAX 2000000 /* of a prompt or an answer: longer ones are a broken file */
/* Reads the format of the Azure LLM inference traces: CSV with TIMESTAMP ("2023-11-16 18:15:46.6805900"),
 * ContextTokens and GeneratedTokens. Errors name file and line: absent columns, what is no time or number,
 * times that go back, tokens beyond the limit. On failure nothing is held. */
jw_result jw_llm_trace_read(const char *path, jw_llm_trace *out, jw_error *error);
void jw_llm_trace_free(jw_llm_trace *trace);

/* One measured configuration: `batch` prompts of prompt_tokens each, prefilled at once, then output_tokens of
 * each. */
typedef struct jw_llm_measurement {
    uint32_t prompt_tokens, batch, output_tokens;
    double prefill_s, step_s; /* step_s: mean of the steps */
} jw_llm_measurement;
/* Least squares of the relative errors, prefill and decode each by themselves; no coefficient becomes
 * negative (one that would is left out). Needs three different configurations at least. Names and cards of
 * *out are the caller's. */
jw_result jw_llm_fit(const jw_llm_measurement *measurements, uint32_t count, jw_llm_timing *out,
                     jw_error *error);
double jw_llm_timing_prefill_s(const jw_llm_timing *timing, double tokens);
double jw_llm_timing_step_s(const jw_llm_timing *timing, double sequences, double kv_tokens);

/* Serving alone, at full speed: a trace against one site of one service. */
typedef struct jw_serving_bench_def {
    const jw_card *card;
    const jw_service *service;
    const jw_llm_timing *timing; /* NULL: roofline */
    uint32_t instances;          /* 0 = 1 */
    const jw_llm_trace *trace;
    uint32_t repeats;   /* how often it is replayed, one after the other; 0 = 1 */
    double rate_factor; /* times between requests are divided by it; 0 = 1 */
} jw_serving_bench_def;
typedef struct jw_serving_bench_result {
    jw_llm_stats stats;
    int64_t rejected;
    double simulated_s, wall_s;
    double ttft_s[4], tpot_s[4]; /* shares 0.5, 0.9, 0.95, 0.99 */
    double bytes_per_request;    /* of the most at once */
    uint64_t hash;
} jw_serving_bench_result;
jw_result jw_serving_bench(const jw_serving_bench_def *def, jw_serving_bench_result *out, jw_error *error);

/* The pure models. */
double jw_llm_prefill_s(const jw_service *service, const jw_card *card, uint32_t cards, uint32_t tokens);
double jw_llm_step_s(const jw_service *service, const jw_card *card, uint32_t cards, double kv_tokens);
/* An instance needs more room than its weights take: of as many of `cards` cards as it runs on. */
double jw_service_weights_gb(const jw_service *service);
double jw_service_room_gb(const jw_service *service, const jw_card *card, uint32_t cards);
double jw_vision_batch_s(const jw_service *service, const jw_card *card, uint32_t items);

/* Temperature: mean - season x cos(2 pi (day - 15) / 365) + day x cos(2 pi (hour - 15) / 24): coldest in
 * mid-January, warmest at 15:00. Sun: elevation by latitude, solar time and Cooper's declination (1969),
 * clear-sky beam by Meinel's air mass (1976), times `sky`. Wind: `wind` in 0..1 draws a speed from a Rayleigh
 * distribution; cubic power between 3 and 12 m/s, none above 25. Carbon: the rest of the mix is steady, the
 * sun's share follows the sun. The sources are cited from memory: unverified. */
jw_region_hour jw_region_at(const jw_grid_region *region, uint32_t day_of_year, double time_of_day_s,
                            double wind);
/* Of the first midnight, 1..365. */
uint32_t jw_compute_day_of_year(const jw_compute *compute);
/* The sine of the sun's elevation, negative at night. */
double jw_sun_sine(const jw_grid_region *region, uint32_t day_of_year, double time_of_day_s);
jw_overhead jw_site_overhead(const jw_site_def *def, double it_w, double rated_w, double temperature_c);
jw_region_hour jw_compute_region_now(const jw_world *world, const jw_compute *compute, uint32_t region);

/* Verbs: place_site(name, tier, x, y, card, count), fail_site(name), repair_site(name), fail_rack(name,
 * rack), repair_rack(name, rack), fail_card(name, rack, card), repair_card(name, rack),
 * set_scaling(service, site, min, max, target, cooldown_s), set_card_faults(site, mtbf_s, mttr_s),
 * cut_power(name) and restore_power(name): a site without grid goes on by sun, wind and battery; from the
 * minute that these cannot carry it is dark until the grid is back. Tables: sites, site_energy,
 * service_energy, language_models (state). Metrics: compute.queued, .running, .done, .rejected, .power,
 * .energy_wh, .carbon_kg, .cost_cny, .utilisation, .it_energy, .grid_energy, .renewable_energy,
 * .spilled_energy, .stored_energy. */

#endif
