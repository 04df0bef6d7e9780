/* The inside of disturbances. */
#ifndef JW_TRAFFIC_DISTURB_H
#define JW_TRAFFIC_DISTURB_H

#include "traffic/traffic.h"

#define JW_DISTURBANCE_MAX 256 /* at a time */

/* What lane_closed holds: how often verbs closed the lane since it was opened, and a bit for works. */
enum { JW_CLOSED_COUNT = 127, JW_CLOSED_BY_WORKS = 128 };

typedef struct jw_disturbances {
    jw_disturbance *items;
    uint32_t count, last_number;         /* (state) */
    float *limit_mps;                    /* by lane: without disturbances (state) */
    double speed_factor, headway_factor; /* of the weather now: derived */
} jw_disturbances;

jw_result jw_disturb_prepare(jw_traffic *t, jw_error *error); /* after the net; limits are the city's */
void jw_disturb_free(jw_disturbances *d);
/* Ends what is over, holds signals for emergency vehicles. */
void jw_disturb_run(jw_world *world, jw_traffic *t);
/* Begins one: number and begin_ns are set here. */
jw_result jw_disturb_begin(jw_world *world, jw_traffic *t, jw_disturbance *disturbance, jw_error *error);
/* Limits of all lanes from limit_mps and what is under way. */
void jw_disturb_refresh_limits(jw_traffic *t);
void jw_disturb_find_weather(jw_traffic *t); /* for those who depart from now on */
/* Closures by works from what is under way; true: something changed. */
bool jw_disturb_refresh_closures(jw_traffic *t);
/* This driver's factor of the limit and headway, as drawn and under the weather now. */
void jw_disturb_driver(const jw_world *world, const jw_traffic *t, uint32_t type_index, uint64_t number,
                       float *out_factor, float *out_headway_s);

/* Weather: published factors of free speed and of capacity, and what multiplies T of the car's IDM so that a
 * lane's capacity at 50 km/h falls by the latter. */
typedef struct jw_weather {
    double speed_factor, capacity_factor;
} jw_weather;
jw_weather jw_weather_of_rain(double rain_mm_per_h);
jw_weather jw_weather_of_fog(double visibility_m);
double jw_weather_headway_factor(const jw_vehicle_type *car, const jw_weather *weather);
/* Equilibrium capacity of a lane, vehicles a second, of IDM drivers with wish v0. */
double jw_idm_capacity(const jw_vehicle_type *type, double wished_mps, double headway_s);

/* Closures changed: everybody looks anew (traffic_command.c). */
jw_result jw_traffic_roads_changed(jw_world *world, jw_traffic *t, jw_error *error);
jw_result jw_traffic_get_edge(const jw_traffic *t, const jw_command *command, const char *key, uint32_t *out,
                              jw_error *error);
jw_result jw_traffic_get_lane(const jw_traffic *t, const jw_command *command, uint32_t *out, jw_error *error);

/* Rows of the table of verbs (traffic_disturb_verb.c). */
#define JW_DISTURB_VERBS(X)                                                                                  \
    X(incident, 4, "Something stands on a lane for a while: vehicles stop behind it or change lanes.")       \
    X(works, 4, "Works take a lane for some hours; beside them a lower limit holds.")                        \
    X(rain, 2, "Rain for a while: all drive slower and keep more distance (HCM 2010, Exhibit 10-15).")       \
    X(fog, 2, "Fog for a while: all drive slower and keep more distance (HCM 2010, Exhibit 10-15).")         \
    X(event, 6, "A large event: visitors come in a wave, stay, and leave in a wave.")                        \
    X(school_hour, 5, "Parents bring children to a school and drive back; a lower limit holds around it.")   \
    X(emergency, 2, "An emergency vehicle departs now; signals on its way turn green before it.")            \
    X(evacuate, 4, "Residents of a circle leave it for the nearest gate of the map.")                        \
    X(end_disturbance, 2, "Ends a disturbance before its time.")
#define JW_X(name, count, doc)                                                                               \
    extern const jw_verb_arg jw_disturb_##name##_args[count];                                                \
    jw_result jw_disturb_##name(jw_world *world, void *state, const jw_command *command, jw_error *error);
JW_DISTURB_VERBS(JW_X)
#undef JW_X

#endif
