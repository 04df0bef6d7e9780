/* Roadmaps: years of decisions in quarters, each judged by a rush hour of the whole twin. */
#ifndef JW_STUDY_ROADMAP_H
#define JW_STUDY_ROADMAP_H

#include "script/script.h"
#include "study/study.h"

#define JW_ROADMAP_QUARTERS_MAX 200
#define JW_ROADMAP_SETS_MAX     64
#define JW_ROADMAP_STATE        "state.jwr"       /* in the roadmap's folder */
#define JW_ROADMAP_REQUESTS     "requests-%u.csv" /* the same, of a quarter from 1 on */

/* What a roadmap was begun with: enough to make its world again. */
typedef struct jw_roadmap_plan {
    char scene[1024], policy[1024]; /* paths; policy "": nothing is ordered */
    char set[JW_ROADMAP_SETS_MAX][128];
    uint32_t set_count;
    uint64_t seed;
    double minutes;    /* of each rush */
    uint32_t quarters; /* in all */
} jw_roadmap_plan;

typedef struct jw_roadmap_row {
    jw_quarter books;               /* as the economy closed it */
    int64_t trips, requests;        /* that ended in the rush */
    uint32_t orders, refused;       /* of the policy */
    uint32_t rollouts, rolled_back; /* that ended in the rush: done, gone back */
    double fund_cny;                /* not promised, after the close */
    uint64_t hash;                  /* of the world after the rush */
} jw_roadmap_row;

typedef struct jw_roadmap_order {
    uint32_t quarter; /* from 1 */
    jw_order order;
} jw_roadmap_order;

typedef struct jw_roadmap {
    jw_roadmap_plan plan;
    jw_roadmap_row *rows; /* owned; of the quarters that have passed */
    uint32_t count, capacity;
    jw_roadmap_order *orders; /* owned */
    uint32_t order_count, order_capacity;
} jw_roadmap;
void jw_roadmap_free(jw_roadmap *roadmap);

/* Goes on from roadmap->count to plan.quarters. `world` stands at its scene's start, or where the state file
 * left it, with the policy as its scenario. A quarter:
 *   1. one step of the world in which the policy orders (jw_script_begin_quarter);
 *   2. a fork of it lives through the rush: what was ordered rolls out over its network meanwhile;
 *   3. rollouts that ended there are carried through in the world (jw_ai_finish, jw_ai_rollback); those that
 * did not begin again in the next rush, and so do copies of datasets; trials get the answers that were
 * judged there;
 *      tunings that were in training there or done are carried through, too; those that failed end.
 *   4. 91.25 days pass for what waits for days (jw_ai_pass_days): ordered cards arrive and go into racks, and
 * reviewers work;
 *   5. the economy closes the quarter with what the fork measured: loans, deliveries, people, productivity.
 * So every quarter has the same rush, of the same trips, but for what is in place. Measured: mean delay of
 * arrived trips; of the requests that ended, those answered in time (0 where none ended); their mean latency;
 * energy an hour of computers and network. A folder gets the state file, and the rush's log of requests,
 * after every quarter (NULL: none is kept). The outcome does not depend on the world's threads. An order that
 * is refused is listed with its reason, and the roadmap goes on. JW_ERROR_INPUT: the policy's handler failed,
 * or it closed a quarter itself. After any error `roadmap` has the quarters before. */
jw_result jw_roadmap_run(jw_world *world, jw_roadmap *roadmap, const char *folder, jw_progress progress,
                         void *progress_context, jw_error *error);
/* Reads folder/state.jwr; *out_image is the world's snapshot (owned, jw_free). JW_ERROR_CORRUPT: damaged. */
jw_result jw_roadmap_read(const char *folder, jw_roadmap *out, char **out_image, size_t *out_image_size,
                          jw_error *error);
/* Into a folder: quarters.csv, orders.csv, roadmap.json, roadmap.svg; the same bytes for the same roadmap. */
jw_result jw_roadmap_write(const jw_roadmap *roadmap, const char *folder, jw_error *error);
/* The chart alone, with a band around the line of each measure where `bands` is not NULL:
 * bands[quarter * jw_roadmap_measure_count() + measure]. */
jw_result jw_roadmap_write_chart(const jw_roadmap *roadmap, const jw_estimate *bands, const char *folder,
                                 jw_error *error);
/* The columns of quarters.csv beside the quarter's number; two by name. */
enum { JW_ROADMAP_DELAY = 0, JW_ROADMAP_TFP = 5 };
uint32_t jw_roadmap_measure_count(void);
const char *jw_roadmap_measure_name(uint32_t measure); /* "delay_s" */
double jw_roadmap_measure(const jw_roadmap_row *row, uint32_t measure);

#endif
