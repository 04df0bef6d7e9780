/* The inside of reading SUMO's demand into a def.
 *
 *   twin_sumo.c        vehicles, trips and flows: types, departures, routes
 *   twin_sumo_place.c  stops, zones, ways through edges, detectors */
#ifndef JW_TWIN_SUMO_H
#define JW_TWIN_SUMO_H

#include "twin/twin.h"

typedef struct sumo_reached { /* of a search */
    double at_s;
    uint32_t edge;
} sumo_reached;

typedef struct sumo_work {
    jw_twin_def *def;
    const jw_sumo_demand *demand;
    const jw_twin_sumo_def *sumo;
    jw_sumo_missing *missing;
    jw_problems *problems;
    jw_random_key key;
    uint32_t *edge_of; /* by number of a text: the edge of that id, JW_NONE */
    uint32_t *lane_of; /* by number of a text: the lane of that id ("edge_0"), JW_NONE */
    uint64_t wished;   /* vehicles so far, before scaling */
    double kept;       /* scaled */
    /* ways through edges: scratch, and the last way found */
    uint32_t *reached_from;
    double *reached_s;
    sumo_reached *heap;
    uint32_t way_first, way_count; /* in def->demand_data.route_edges */
    uint32_t way_of;               /* vehicle that it was found for, JW_NONE: none */
    jw_error *error;
} sumo_work;

bool sumo_may_drive(const jw_city *city, uint32_t edge, uint8_t allow);
/* A problem that names the vehicle. */
void sumo_tell(sumo_work *w, const jw_sumo_vehicle *v, const char *what, const char *why);

/* Edges and lanes by their ids. */
jw_result sumo_find_places(sumo_work *w);
/* An edge of the zone, by weight; JW_NONE: it has none in this network that the class may use. */
uint32_t sumo_draw_zone_edge(const sumo_work *w, uint32_t zone, bool is_source, uint8_t allow, double draw);
/* From `from` over the vehicle's via edges to `to`, each leg the fastest at the limits, to the end of the
 * data's route edges; false: there is no such way (or out of memory: *out_result). */
bool sumo_find_way(sumo_work *w, const jw_sumo_vehicle *v, uint32_t from, uint32_t to, uint8_t allow,
                   jw_listed_trip *trip, jw_result *out_result);
/* The stops of a route (NULL: none) and of the vehicle into the trip; those it cannot make are told. */
jw_result sumo_add_stops(sumo_work *w, const jw_sumo_vehicle *v, const jw_sumo_route *route,
                         jw_listed_trip *trip);
jw_result sumo_add_detectors(sumo_work *w);

#endif
