/* Iterated user equilibrium on microscopic runs (dynamic user equilibrium; Chiu et al., Dynamic Traffic
 * Assignment: A Primer, Transportation Research Circular E-C153, 2011).
 *
 * Each iteration simulates all trips of a span on given routes, measures travel times turn by turn in bins of
 * the time of entering, finds for every trip the fastest way under these times (which change while it
 * drives), and gives the fastest way to some of those that took longer: in iteration k to one trip in k + 1
 * (method of successive averages), to fewer when the gap is small, drawn in proportion to what they lose and
 * evenly over the span (in the manner of the gap-based methods: Lu, Mahmassani, Zhou, Transportation Research
 * B 43, 345-364, 2009). Moving the worst first instead moves trips of the same few minutes and swings.
 *
 * Relative gap: sum over trips of (time of the way taken - time of the fastest way) / sum of the latter, both
 * by the measured times. Only traffic is simulated: signals served from outside run on their fallback, and
 * nobody changes his way for live times. */
#ifndef JW_ASSIGN_H
#define JW_ASSIGN_H

#include "twin/twin.h"

typedef struct jw_assign_iteration {
    uint32_t number; /* from 1 */
    int64_t trips, arrived;
    int64_t rerouted;     /* ways left, for queues that would not move */
    double mean_travel_s; /* of those that arrived, from the wished departure */
    double total_travel_h;
    double relative_gap;
    uint32_t moved; /* trips that take another way in the next iteration */
} jw_assign_iteration;

typedef struct jw_assign_def {
    const jw_twin_def *scene; /* its city, traffic, demand, seed, step, start and warm-up */
    int64_t end_ns;           /* trips that are to depart before */
    double clear_s;           /* simulated for so long beyond at most, until all have arrived; 0 = 3600 */
    double bin_s;             /* 0 = 900 */
    double gap;               /* at which to stop; 0 = 0.01 */
    uint32_t iterations;      /* at most; 0 = 20 */
    int threads;              /* 0 = 1; results do not depend on it */
    /* After each iteration, and now and then while simulating (share done of the iteration): false stops,
     * with JW_ERROR_CANCELLED. NULL: nobody listens. */
    bool (*on_iteration)(void *context, const jw_assign_iteration *iteration);
    bool (*on_progress)(void *context, uint32_t iteration, double share);
    void *context;
} jw_assign_def;

typedef struct jw_assign_result {
    jw_assign_iteration *iterations;
    uint32_t iteration_count;
    bool has_converged;
    int64_t impossible;             /* trips that no road can serve */
    jw_demand_data trips;           /* in order of departure, with the routes of the last iteration */
    jw_turn_times times;            /* measured in it */
    uint32_t *turn_first, *turn_to; /* of the times' turns: see jw_turn_graph */
    double *time_s;                 /* by trip: what its way takes by these times */
} jw_assign_result;

/* JW_ERROR_INPUT: no trips; JW_ERROR_UNSUPPORTED: as jw_traffic_list_trips. */
jw_result jw_assign_run(const jw_assign_def *def, jw_assign_result *out, jw_error *error);
void jw_assign_result_free(jw_assign_result *result);

/* Into an existing folder: gap.csv (an iteration a row), gap.svg, times.csv (measured times by bin, edge and
 * next edge), trips.csv (a list that the demand of any scene on this city takes) and routes.rou.xml (the same
 * in SUMO's form, with the ids of its network where the city has them, else numbers of edges). `demand`, may
 * be NULL: whose names the vehicles have, else they are numbered from 0. */
jw_result jw_assign_write(const jw_assign_result *result, const jw_twin_def *scene,
                          const jw_sumo_demand *demand, const char *folder, jw_error *error);

#endif
