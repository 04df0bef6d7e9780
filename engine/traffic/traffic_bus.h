/* Bus lines: stops, timetable, buses, passengers.
 *
 * A line leads through given edges and back on the other side of the street, with stops there and every few
 * hundred metres between. Its buses are vehicles like others: they queue, change lanes, wait at signals, use
 * bus lanes, and stand at their stops as traffic.h's jw_stop says. At the first stop of each direction (the
 * terminal, with room beside the lane) a bus takes the next departure of the timetable that nobody has taken,
 * lays over, and leaves when that is due, or later when it came late. Buses come from the depot when a
 * departure is due for which there is none, up to the line's fleet, and go back there when no departure is
 * due within three quarters of an hour. A departure that nobody can run until the next one is due is
 * cancelled.
 *
 * Passengers come to a stop for one line and direction, at random (Poisson, by the hours of the day's trips),
 * know where they want to go, board first come, first served as far as there is room, and leave after 90
 * minutes without a bus. Exact at every step: created = waiting + riding + arrived + gave_up.
 *
 * Dwell: Transit Capacity and Quality of Service Manual, 3rd edition (TCRP Report 165, 2013), 6: doors open
 * and close, and between that the longer of all boarding through the front door and all alighting through the
 * rear door; boarding takes longer while passengers stand. Its defaults (Exhibit 6-4, from memory,
 * unverified): 2.75 s with a smart card, 1.75 s to alight, 0.5 s more with standees. Who comes while the
 * doors are open boards, too: late buses meet more passengers and become later (Newell and Potts 1964), which
 * is what holding is against. */
#ifndef JW_TRAFFIC_BUS_H
#define JW_TRAFFIC_BUS_H

#include "traffic/traffic.h"

#define JW_BUS_NAME_SIZE      32
#define JW_BUS_THROUGH_MAX    48
#define JW_BUS_DEPARTURES_MAX 1000
#define JW_BUS_RIDES_MAX      64
#define JW_BUS_CALLS_MAX      160 /* of a line, both directions together */

/* When a bus waits at a stop though all have boarded. */
typedef enum jw_bus_hold {
    JW_BUS_HOLD_TIMETABLE, /* until its planned departure */
    JW_BUS_HOLD_HEADWAY,   /* until hold_share of the headway after the bus before, for max_hold_s at most */
    JW_BUS_HOLD_NONE
} jw_bus_hold;

typedef enum jw_bus_bays {
    JW_BUS_BAYS_FAST, /* stops lie in bays where the limit is 60 km/h or more, else in the lane */
    JW_BUS_BAYS_NONE,
    JW_BUS_BAYS_ALL
} jw_bus_bays;

typedef struct jw_bus_ride { /* passengers between two of the edges `through`, by their places in it */
    uint32_t from, to;       /* from > to: on the way back */
    double per_hour;         /* as long as buses run */
} jw_bus_ride;

typedef struct jw_bus_line_def {
    char name[JW_BUS_NAME_SIZE];          /* unique */
    jw_vehicle_class vehicle_class;       /* 0 = JW_VEHICLE_BUS; or JW_VEHICLE_SHUTTLE */
    uint32_t through[JW_BUS_THROUGH_MAX]; /* edges, in order, with a stop on each; 2 or more */
    uint32_t through_count;
    uint8_t is_one_way;    /* no way back with passengers: buses drive back empty */
    uint8_t is_loop;       /* from the last edge on to the first; implies is_one_way */
    double stop_spacing_m; /* of the stops between; 0 = 500, < 0: none */
    jw_bus_bays bays;
    double headway_s;       /* 0 = 600 */
    double first_s, last_s; /* of day: first and last departure, of both directions; 0, 0: 06:00 and 22:00 */
    double departures_s[JW_BUS_DEPARTURES_MAX]; /* of day, rising; instead of a headway */
    uint32_t departure_count;
    double layover_s;                                       /* at least, between two runs; 0 = 180 */
    double slack;                                           /* of the timetable's running times; 0 = 0.15 */
    uint32_t fleet;                                         /* 0: as many as the timetable needs, and one */
    uint32_t capacity, seats;                               /* of a bus; 0 = 80 and 30 */
    double door_s, board_s, alight_s, stand_s, min_dwell_s; /* 0 = 4, 2.75, 1.75, 0.5, 10 */
    jw_bus_hold hold;
    double hold_share, max_hold_s; /* 0 = 0.8 and 90 */
    /* Passengers a day over the whole line; 0: 0.1 for each resident and job within 400 m of its stops (a
     * round figure, unverified); < 0: none. Between two stops they go by the people and jobs around them and
     * the hour's shares of trips to work, home and elsewhere (traffic_demand.c). */
    double passengers_per_day;
    jw_bus_ride rides[JW_BUS_RIDES_MAX]; /* given: instead of all that */
    uint32_t ride_count;
    uint8_t is_optional; /* of a jw_traffic_def: left out with a warning where the city has no way for it */
} jw_bus_line_def;
jw_bus_line_def jw_default_bus_line_def(void);

/* At world's time now; the first bus comes with the next departure. JW_ERROR_INPUT, _NOT_FOUND, _EXISTS say
 * which line and edge is wrong: too short or forbidden for a stop, not to be reached, no such edge. */
jw_result jw_traffic_add_bus_line(jw_world *world, jw_traffic *traffic, const jw_bus_line_def *line,
                                  jw_error *error);
/* Those who wait leave, buses go on to the end of their run and then to the depot. */
jw_result jw_traffic_remove_bus_line(jw_traffic *traffic, const char *name, jw_error *error);
/* From the next departure on; gives up a list of departures. */
jw_result jw_traffic_set_headway(jw_traffic *traffic, const char *name, double headway_s, jw_error *error);

/* The best edge for a stop near each place: of roads above service roads, that a car can reach and leave,
 * long enough; nearness counts, and the class of the road (a class higher is worth 60 m). At most 600 m away:
 * JW_ERROR_NOT_FOUND names the place (its number). */
jw_result jw_bus_find_edges(const jw_city *city, const jw_vec2 *places, uint32_t count,
                            jw_vehicle_class vehicle_class, uint32_t *out_edges, jw_error *error);

/* ---- looking in ------------------------------------------------------------------------------------------
 */

typedef struct jw_bus_counts {
    int64_t created, waiting, riding, arrived, gave_up;
    int64_t boarded;
    int64_t trips, cancelled;        /* departures from terminals run, left out */
    double mean_wait_s, mean_ride_s; /* of those who boarded, of those who arrived */
    double mean_late_s;              /* departures from all stops against the timetable */
    double headway_cv; /* standard deviation over mean of the times between departures from a stop:
                          0 even, 1 at random, above 1 bunched */
    uint32_t buses;    /* in service */
} jw_bus_counts;
uint32_t jw_traffic_bus_line_count(const jw_traffic *traffic);
/* NULL: no line of that number (any more). */
const char *jw_traffic_bus_line_name(const jw_traffic *traffic, uint32_t line);
/* line JW_NONE: all. */
jw_bus_counts jw_traffic_count_bus(const jw_traffic *traffic, uint32_t line);

typedef struct jw_bus_stop_state {
    const char *name;    /* lives until the next step */
    float x_m, y_m, z_m; /* of its sign, on the pavement */
    float heading_rad;   /* of the street there */
    uint32_t edge;
    uint32_t waiting, standing; /* passengers; buses */
    int64_t boarded, alighted, left_behind;
    double mean_wait_s; /* of those who boarded here */
} jw_bus_stop_state;
uint32_t jw_traffic_bus_stop_count(const jw_traffic *traffic);
/* False: no stop of that number (any more). */
bool jw_traffic_bus_stop(const jw_traffic *traffic, uint32_t stop, jw_bus_stop_state *out);
/* A line calls at a stop. */
bool jw_traffic_bus_calls(const jw_traffic *traffic, uint32_t line, uint32_t stop);
/* False: the vehicle is no bus of a line. */
typedef struct jw_bus_state {
    uint32_t line, stop; /* the next one, or where it stands */
    uint32_t riding;
} jw_bus_state;
bool jw_traffic_find_bus(const jw_traffic *traffic, jw_vehicle_id vehicle, jw_bus_state *out);
/* Changes whenever lines and stops do. */
uint64_t jw_traffic_bus_revision(const jw_traffic *traffic);

#endif
