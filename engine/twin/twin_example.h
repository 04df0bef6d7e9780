/* What examples are told of: where the last requests spent their time, stage by stage, and when vehicles came
 * to the sections of their way. Output, not state: neither saved nor hashed, there only after
 * jw_twin_keep_examples. Each array has a fixed end; what is older goes.
 *
 *   twin_example_trace.c    requests as they go
 *   twin_example_trail.c    vehicles as they go
 *   twin_example.c          the choice of an example, and its hops and lines
 *   twin_watch_relation.c   what a thing depends on, and what depends on it */
#ifndef JW_TWIN_EXAMPLE_H
#define JW_TWIN_EXAMPLE_H

#include "twin/twin_internal.h"

typedef enum twin_stage_kind { TWIN_STAGE_LINK, TWIN_STAGE_AIR, TWIN_STAGE_SITE } twin_stage_kind;
typedef struct twin_stage {
    int64_t begin_ns, waited_ns, worked_ns, end_ns; /* end_ns 0: not known yet */
    uint32_t slot;                                  /* of the link, cell or site */
    uint32_t jobs;                                  /* in work with it at a site, itself among them */
    uint8_t kind, copy, is_backward;
} twin_stage;
enum { TWIN_STAGES_MAX = 40 };

typedef enum twin_outcome { TWIN_IN_TIME, TWIN_LATE, TWIN_LOST } twin_outcome;
typedef struct twin_traced {
    twin_request request;         /* as it was when it ended */
    uint32_t slot;                /* of the request, while it is under way */
    uint32_t copy;                /* that was answered; COPIES: none was */
    uint8_t outcome;              /* twin_outcome */
    uint8_t judgement;            /* jw_judgement of what was decided by it */
    uint8_t is_decision, is_full; /* it took more stages than are kept */
    int64_t ended_ns;
    const char *why; /* it was lost: message key; NULL */
    char sender[32];
    float x_m, y_m; /* of the sender as it ended */
    uint32_t stage_count;
    twin_stage stages[TWIN_STAGES_MAX];
} twin_traced;

enum { TWIN_OPEN_MAX = 4096, TWIN_KEPT_IN_TIME = 1536, TWIN_KEPT_BAD = 768 };
typedef struct twin_ring {
    twin_traced *items;
    uint32_t count, next, capacity;
} twin_ring;

/* A vehicle came to a section; edge JW_NONE: it arrived. Numbered from 1, in a ring. */
typedef struct twin_passage {
    int64_t entered_ns;
    uint64_t previous, next; /* of the same vehicle; 0: none */
    uint32_t edge;
    jw_vehicle_id vehicle;
    float free_s; /* of its way until then, undisturbed, with its stops */
} twin_passage;
enum { TWIN_PASSAGES_MAX = 1 << 19 };
typedef struct twin_trail {
    uint32_t generation, edge;
    uint64_t last; /* passage */
} twin_trail;

typedef struct twin_examples {
    uint32_t *open1; /* by slot of requests: index1 into `open` */
    uint32_t open1_capacity;
    jw_pool open_pool;
    twin_traced *open;
    uint32_t open_capacity;
    twin_ring in_time, bad; /* late and lost */
    twin_passage *passages;
    uint32_t passage_capacity;
    uint64_t passage_count; /* ever */
    twin_trail *trails;     /* by slot of traffic */
    uint32_t trail_count, trail_capacity;
} twin_examples;

static inline twin_examples *twin_examples_of(const jw_world *world)
{
    return twin_city_of(world)->examples;
}
void twin_examples_free(twin_examples *examples);

/* ---- twin_example_trace.c: told by twin_requests, network and compute ---- */

void twin_trace_begin(jw_world *world, uint32_t slot);
/* A copy leaves: what its last try went through is forgotten. */
void twin_trace_sends(jw_world *world, uint32_t slot, uint32_t copy);
/* Why what follows is lost. */
void twin_trace_why(jw_world *world, uint32_t slot, const char *why);
void twin_trace_enters(jw_world *world, uint64_t tag, const jw_message_hop *hop);
void twin_trace_leaves_air(jw_world *world, uint64_t tag, int64_t end_ns);
void twin_trace_began(jw_world *world, uint64_t tag, uint32_t jobs);
void twin_trace_submits(jw_world *world, uint32_t slot, uint32_t copy, uint32_t site_slot);
void twin_trace_computed(jw_world *world, uint32_t slot, uint32_t copy);
/* The request's record is about to go: the trace, to be handed to twin_trace_keep; 0: none. */
uint32_t twin_trace_take(jw_world *world, uint32_t slot);
void twin_trace_keep(jw_world *world, uint32_t trace, const twin_request *ended, uint32_t copy,
                     twin_outcome outcome, bool is_decision, jw_judgement judgement);

/* The trace of a request under way; NULL: none. */
const twin_traced *twin_trace_of(const jw_world *world, uint32_t slot);
typedef bool (*twin_trace_filter)(const jw_world *world, const twin_traced *trace, const void *context);
/* The worst of those that ended since then and that `filter` takes: a lost one before a late one, then the
 * latest against its deadline. By network: the one that was longest in the air and in fibres. NULL: none. */
const twin_traced *twin_trace_worst(const jw_world *world, int64_t since_ns, bool is_by_network,
                                    twin_trace_filter filter, const void *context);
int64_t twin_trace_late_ns(const jw_world *world, const twin_traced *trace); /* below 0: in time */

/* Where the time of a request went. OTHER: it was held, tried before, waited for a way, or was given up. */
typedef enum twin_share {
    TWIN_SHARE_RADIO,
    TWIN_SHARE_FIBRE,
    TWIN_SHARE_QUEUE,
    TWIN_SHARE_COMPUTE,
    TWIN_SHARE_OTHER,
    TWIN_SHARE_COUNT
} twin_share;
/* The copy whose stages are the request's way: the answered one; of a lost request its last. COPIES: none. */
uint32_t twin_trace_copy(const twin_traced *trace);
/* They add up to the whole, from its creation to its end. */
void twin_trace_shares(const twin_traced *trace, int64_t out_ns[TWIN_SHARE_COUNT]);

/* ---- twin_example_trail.c ---- */

void twin_trail_step(jw_world *world);
void twin_trail_arrived(jw_world *world, jw_vehicle_id id);
/* NULL: it is not known any more, or 0. */
const twin_passage *twin_passage_at(const twin_examples *examples, uint64_t number);
/* The last passage of a vehicle on the road; 0: none. */
uint64_t twin_trail_last(const twin_examples *examples, jw_vehicle_id id);
/* What a vehicle lost on the section that it came to with this passage; it is there no more. */
double twin_passage_delay_s(const twin_examples *examples, const twin_passage *passage);

/* ---- twin_example.c ---- */

jw_result twin_answer_example(const jw_world *world, const jw_watch *watch, jw_frame *frame, jw_error *error);

/* ---- twin_watch.c: lines of answers ---- */

jw_frame_detail *twin_detail_add(jw_frame *frame, const jw_watch *watch, const char *label, const char *unit);
void twin_detail_number(jw_frame *frame, const jw_watch *watch, const char *label, double value,
                        const char *unit);
void twin_detail_text(jw_frame *frame, const jw_watch *watch, const char *label, const char *text);
/* A line that names a thing: `text` "" stands for the thing's own name. */
void twin_detail_thing(jw_frame *frame, const jw_watch *watch, jw_relation relation, const char *label,
                       const jw_watch *thing, const char *text);

/* ---- twin_watch_park.c ---- */

void twin_answer_park(const jw_world *world, const jw_watch *watch, jw_frame *frame);

/* ---- twin_watch_relation.c ---- */

void twin_relate(const jw_world *world, const jw_watch *watch, jw_frame *frame);
/* How things are asked about. */
jw_watch twin_thing_asset(const char *name);
jw_watch twin_thing_link(const char *name);
jw_watch twin_thing_park(const char *name);
jw_watch twin_thing_edge(uint32_t edge);
jw_watch twin_thing_junction(uint32_t junction);
jw_watch twin_thing_vehicle(jw_vehicle_id id);
/* Who sent a request; kind NONE: nobody who can be gone to. */
jw_watch twin_thing_sender(const jw_world *world, uint8_t sender, uint64_t a);

#endif
