/* Desks: queues of cases that somebody decides on. A part of economy.h, which includes it.
 *
 * Cases come to a desk at random (Poisson, per_h an hour, of class k with its share). On arrival a case is
 * looked at by who decides (port judge_case); then it waits, until one of the `servers` takes it: the first
 * class first, within a class who came first; what is begun is ended (non-preemptive priority: Cobham,
 * Operations Research 2, 1954). Work takes an exponential time of mean service_s.
 *
 *   triage    decides which class it is. A wrong one puts it in another class, each as likely; without an
 *             answer within patience_s it goes to the last class (when nobody decides, all do: first come
 *             first served). Over its limit is a case that waited longer than limit_s of what it really is
 *   clearing  decides whether its papers are right. The work of who follows a wrong one was in vain: it is
 *             found out, and the case comes back rework_s after it, to be decided on anew. Without an answer
 *             the clerk checks by hand: that takes manual_s in the mean, and is right
 *
 * Cases, exact at every event: arrived = done + here + away; away: coming back. */
#ifndef JW_ECONOMY_DESK_H
#define JW_ECONOMY_DESK_H

#include "kernel/kernel.h"

typedef struct jw_economy jw_economy;

typedef enum jw_desk_kind { JW_DESK_TRIAGE, JW_DESK_CLEARING } jw_desk_kind;
enum { JW_DESK_CLASSES_MAX = 4 };

typedef struct jw_desk_class {
    char name[24];
    double share;   /* of the cases, above 0; all together 1 */
    double limit_s; /* of its wait; 0: none */
} jw_desk_class;

typedef struct jw_desk_def {
    char name[32];
    jw_desk_kind kind;
    double x_m, y_m;
    double per_h; /* cases, 0 to 1e5 */
    uint32_t servers;
    double service_s;
    double patience_s;                          /* for the answer of a model; 0 = 30 */
    double manual_s;                            /* clearing; 0: three times service_s (unverified) */
    double rework_s;                            /* clearing; 0 = 600 (unverified) */
    uint32_t class_count;                       /* 0: one, without a limit */
    jw_desk_class classes[JW_DESK_CLASSES_MAX]; /* the most urgent first */
} jw_desk_def;

typedef struct jw_desk_class_counts {
    int64_t arrived, begun; /* begun: cases taken, each time they come */
    int64_t over_limit;     /* of `begun` */
    int64_t misplaced;      /* of `begun`, taken from another class's queue */
    double wait_sum_s;      /* of `begun`, from coming to being taken */
    int64_t done;
    double turnaround_sum_s; /* of `done`, from the first arrival on */
} jw_desk_class_counts;
typedef struct jw_desk_state {
    const jw_desk_def *def;               /* with defaults filled in */
    uint32_t waiting, served, away;       /* now; waiting: also for an answer */
    int64_t rework;                       /* cases sent back */
    int64_t overdue[JW_DESK_CLASSES_MAX]; /* who wait now, beyond the limit already */
    jw_desk_class_counts classes[JW_DESK_CLASSES_MAX];
} jw_desk_state;

jw_result jw_economy_check_desk(const jw_desk_def *def, jw_error *error);
jw_result jw_economy_add_desk(jw_world *world, jw_economy *economy, const jw_desk_def *def, jw_error *error);
uint32_t jw_economy_desk_count(const jw_economy *economy);
bool jw_economy_desk(const jw_world *world, const jw_economy *economy, uint32_t slot, jw_desk_state *out);

/* Verb: set_desk(name, servers, per_h). Table: desks, one row a desk and class. Metrics: economy.cases,
 * .rework. */

#endif
