/* Road traffic: a microscopic, lane-by-lane simulation as a kernel module.
 *
 * Vehicles follow the leader on their lane (IDM), change lanes towards their route and for speed (MOBIL),
 * give way at junctions by the city's conflict matrix, obey signals, and travel a shortest path from a trip's
 * origin to its destination. Nobody is teleported; jams resolve or stay. Of vehicles that stand in one
 * another's way inside a junction for half a minute one drives round the other; who is held up for long looks
 * for another way. Others make way for emergency vehicles, which pass red lights with care: traffic_siren.h.
 *
 * Vehicles may stop on their way (jw_stop); bus lines are in traffic_bus.h.
 *
 * Bicycles and e-bikes ride several abreast on lanes of their own, pass one another within the lane, and on
 * the motor lanes that allow them beside cars where there is room: see traffic_strip.h for how.
 *
 * Signals, and how anyone's algorithm works them: traffic_control.h.
 *
 * People walk on pavements and crossings: jw_walk_def.
 *
 * Works on a jw_city handed over at init (the world's shared data), copies the hot fields into arrays of its
 * own, and keeps the vehicles of a lane contiguous and sorted by position.
 *
 * Conservation, exact at every step: departed = arrived + running + removed; created = departed + waiting. */
#ifndef JW_TRAFFIC_H
#define JW_TRAFFIC_H

#include "city/city.h"
#include "frame/frame.h"
#include "kernel/kernel.h"
#include "traffic/traffic_control.h"

typedef struct jw_vehicle_id {
    uint32_t index1;
    uint32_t generation;
} jw_vehicle_id;

/* Car following: sources and formulas in traffic_model.c. */
typedef enum jw_follow_model { JW_FOLLOW_IDM, JW_FOLLOW_ACC, JW_FOLLOW_KRAUSS } jw_follow_model;

/* Parameters of a vehicle class, or of another type of such a class; defaults in traffic_class.c with their
 * sources. */
typedef struct jw_vehicle_type {
    jw_vehicle_class vehicle_class; /* of an extra type: what it may use and how it is shown */
    jw_follow_model model;
    double coolness; /* of the ACC model, 0 to 1; 0 = 0.99 */
    double sigma;    /* of the Krauss model: imperfection, 0 to 1 */
    double length_m;
    double width_m;
    double max_speed_mps;
    double desired_headway_s; /* IDM T, Krauss tau */
    double min_gap_m;         /* IDM s0 */
    double accel_mps2;        /* IDM a */
    double decel_mps2;        /* IDM b, comfortable */
    double emergency_decel_mps2;
    double speed_factor_mean, speed_factor_sd; /* of the limit, drawn per driver, cut at +-2 sd */
    double politeness;                         /* MOBIL p */
    double change_threshold_mps2;              /* MOBIL */
    double electric_share; /* of the vehicles, 0 to 1: traffic_emission.c has what they use */
    double mass_kg;
} jw_vehicle_type;
jw_vehicle_type jw_default_vehicle_type(jw_vehicle_class vehicle_class);
/* A car by the Krauss model with the parameters of SUMO's default type (DEFAULT_VEHTYPE, version 1.15). */
jw_vehicle_type jw_sumo_vehicle_type(void);
#define JW_EXTRA_TYPES_MAX 247 /* beside one of each class */
/* "car", "truck", "bus", "shuttle", "emergency", "bicycle", "ebike", "pedestrian". */
const char *jw_vehicle_class_name(jw_vehicle_class vehicle_class);
bool jw_vehicle_class_from_name(const char *name, jw_vehicle_class *out);

/* Demand is the sum of its sources, each absent unless asked for:
 *   gravity   trips between blocks over population, jobs and the hour's profile (traffic_demand.c)
 *   through   vehicles from gate to gate in the background
 *   chains    persons with a vehicle each, on their day from home to work and elsewhere and back
 *             (traffic_person.c); a vehicle stands where its last trip ended and leaves from there
 *   OD, trips what files list: jw_demand_data
 * What cannot depart yet waits. A trip that no road can serve is counted as impossible; none is dropped. */
typedef struct jw_demand_def {
    bool is_gravity;
    double factor;               /* of gravity, through traffic and OD matrices; 0 = 1 */
    double trips_per_person_day; /* by vehicle; 0 = 0.9 (source in traffic_demand.c) */
    double decay_per_km;         /* exp(-decay * distance); 0 = 0.25 */
    double through_share;   /* of gravity's trips: between gates, 0..1; default 0.1 when there are gates */
    double through_per_day; /* more vehicles between the gates, over the hours as all trips; default 0 */
    double truck_share, shuttle_share, ebike_share, bicycle_share; /* of trips; the rest are cars */
    double peak_begin_s, peak_end_s; /* of day: an additional peak, 0,0: the profile alone */
    double peak_factor;              /* of demand within it; 0 = 1 */
    double chains_per_resident;      /* persons with a vehicle and a day; default 0: none */
    double work_share;               /* of these persons go to work; 0 = 0.65 */
    double stop_share;               /* of those who work stop elsewhere on the way home; 0 = 0.3 */
    uint32_t max_running;            /* departures wait beyond it; 0: no bound */
} jw_demand_def;
jw_demand_def jw_default_demand_def(void);

/* Where and how long a vehicle stops on its way. */
typedef enum jw_stop_kind {
    JW_STOP_IN_LANE, /* stands in the lane, in the way of the others */
    JW_STOP_BAY,     /* beside the lane, one behind the other between begin_m and end_m */
    JW_STOP_KERB,    /* beside the lane, as many as the edge's kerb has spaces: jw_kerb_def */
    JW_STOP_ASIDE    /* beside the lane, as many as come */
} jw_stop_kind;

/* The front comes to stand at end_m, or behind who stands there already. A vehicle that finds bay or kerb
 * full stands in the lane (double parking); one that does not get onto the lane within 10 s stands where it
 * is. Back into the lane it waits for a gap. */
typedef struct jw_stop {
    int64_t until_ns; /* stays until then at least, since the first midnight; 0: none */
    uint32_t edge;
    uint32_t lane;        /* of the edge, 0 at the kerb; JW_NONE: the rightmost that its class may use */
    float begin_m, end_m; /* along the edge, begin_m <= end_m; moved to where the vehicle fits on the edge */
    float duration_s;     /* stays so long at least */
    uint32_t kind;        /* jw_stop_kind */
} jw_stop;

/* The kerb: how many stand there for a while at the end of their trips. Drop-offs: passenger cars' share of
 * gravity's trips, and all shuttles' while that is above 0; deliveries: trucks' share. They stand for a time
 * drawn around the mean (exponential, a quarter to four times of it). Round figures, unverified. */
typedef struct jw_kerb_def {
    double dropoff_share, dropoff_s;   /* default 0: none; 0 = 45 s */
    double delivery_share, delivery_s; /* default 0: none; 0 = 480 s */
    double spaces_per_100m;            /* 0 = 2; < 0: none, all stand in the lane */
} jw_kerb_def;

/* Where trips of a matrix begin and end: edges in data->zone_edges, drawn with equal chances. */
#define JW_ZONE_NAME_SIZE 48
typedef struct jw_zone {
    char name[JW_ZONE_NAME_SIZE];
    uint32_t first_from, from_count; /* to leave from */
    uint32_t first_to, to_count;     /* to arrive at */
} jw_zone;

/* One cell of an OD matrix: so many trips begin between two times of every day, spread evenly (of a fraction
 * of a trip, as many days have it). */
typedef struct jw_od_cell {
    double begin_s, end_s; /* of day; end_s up to 86400 */
    double trips;
    uint32_t from_zone, to_zone;
    uint32_t vehicle_class; /* JW_VEHICLE_CLASS_COUNT: by the shares of jw_demand_def */
    uint32_t line;          /* of the file, 0: none */
} jw_od_cell;

/* On which lane a trip begins. */
enum {
    JW_DEPART_ANY,    /* one from which its route goes on: in turn */
    JW_DEPART_FIRST,  /* the rightmost its class may use */
    JW_DEPART_RANDOM, /* of those its class may use */
    JW_DEPART_FREE,   /* of these, the one with the fewest vehicles */
    JW_DEPART_BEST,   /* of those from which its route goes on, the one with the fewest vehicles */
    JW_DEPART_LANE    /* + number of the lane, 0 at the kerb */
};
/* And how fast. */
enum {
    JW_DEPART_FAST,  /* as fast as there is room for */
    JW_DEPART_SPEED, /* depart_mps, or not yet */
    JW_DEPART_UP_TO  /* depart_mps, or less where there is no room for that */
};

typedef struct jw_listed_trip {
    int64_t depart_ns; /* since the first midnight */
    uint64_t tag;      /* comes back in the trips table */
    uint32_t from_edge, to_edge;
    uint32_t first_route, route_count; /* into data->route_edges; 0: the router chooses */
    uint32_t vehicle_class;
    float from_s_m;   /* along the first edge */
    float arrive_s_m; /* along the last edge; 0: at its end */
    float depart_mps;
    uint32_t depart_lane, depart_speed; /* JW_DEPART_ */
    uint32_t type_index1;               /* as of jw_trip_def; vehicle_class is that type's */
    uint32_t first_stop, stop_count;    /* into data->stops, in the order of the way */
    uint32_t unused;                    /* 0 */
} jw_listed_trip;

/* Demand from files. Filled by the readers below or by hand; owned by whoever has it, copied by the module
 * at init and kept in snapshots. Zero-initialise; arrays grow by jw_grow. */
typedef struct jw_demand_data {
    jw_zone *zones;
    uint32_t zone_count, zone_capacity;
    uint32_t *zone_edges;
    uint32_t zone_edge_count, zone_edge_capacity;
    jw_od_cell *cells;
    uint32_t cell_count, cell_capacity;
    jw_listed_trip *trips; /* taken by (depart_ns, place in the list); those before the start (and its
                              warm-up) are left out */
    uint32_t trip_count, trip_capacity;
    uint32_t *route_edges;
    uint32_t route_edge_count, route_edge_capacity;
    jw_stop *stops;
    uint32_t stop_count, stop_capacity;
} jw_demand_data;
void jw_demand_data_free(jw_demand_data *data);
jw_result jw_demand_data_copy(jw_demand_data *out, const jw_demand_data *from, jw_error *error);
/* Every index in bounds, every number finite: what readers promise and init checks. */
jw_result jw_demand_data_check(const jw_demand_data *data, const jw_city *city, jw_error *error);

/* A zone by its name: "edge:12", "block:7", "gate:2" (numbers from 0), the name of a zone that `data` has, of
 * a place or of a block, or a kind of place ("station": the first). A place's zone is that of the block
 * nearest to it. Adds it to `data` where it is new. JW_ERROR_NOT_FOUND names what there is. */
jw_result jw_demand_find_zone(jw_demand_data *data, const jw_city *city, const char *name, uint32_t *out,
                              jw_error *error);
/* A zone of all edges whose middle lies in a polygon (3 points or more). */
jw_result jw_demand_add_polygon(jw_demand_data *data, const jw_city *city, const char *name,
                                const jw_vec2 *points, uint32_t count, jw_error *error);

/* CSV with a header line; columns in any order, further ones are passed over, # begins a comment line. Times
 * are "07:30", "07:30:15" or seconds; classes are those of the verb add_trip. Errors have file and line; a
 * reader that fails leaves `data` fit only for jw_demand_data_free. At most JW_DEMAND_ROWS_MAX rows, 1 GB.
 *   OD     from, to (zones), begin, end, count (of trips, may be a fraction), class (optional: by shares)
 *   trips  depart, from, to (zones; a zone of several edges is drawn from), class (default car),
 *          route (edges with blanks between, instead of from and to), tag */
#define JW_DEMAND_ROWS_MAX 20000000u
jw_result jw_demand_read_od(jw_demand_data *data, const jw_city *city, const char *path, jw_error *error);
jw_result jw_demand_read_trips(jw_demand_data *data, const jw_city *city, const char *path, jw_error *error);
/* The matrix again, with its cells as they are now. */
jw_result jw_demand_write_od(const jw_demand_data *data, const char *path, jw_error *error);

/* People on foot, from pavement to pavement by the quickest way; sources in traffic_walk.c, who goes first on
 * crossings in traffic_walk_cross.c. Exact at every step: departed = arrived + walking. */
typedef struct jw_walk_def {
    double trips_per_person_day; /* on foot alone, of residents, to blocks within 1.5 km; default 0: none */
    double decay_per_km;         /* exp(-decay * distance); 0 = 2 */
    double yield_share; /* of drivers who stop for those who wait at a crossing without signals; 0 = 0.5 (a
                           round figure, unverified; counts in Chinese cities find less), < 0: none */
} jw_walk_def;

typedef struct jw_traffic_def {
    jw_demand_def demand;
    const jw_demand_data *demand_data;             /* NULL: none */
    jw_vehicle_type types[JW_VEHICLE_CLASS_COUNT]; /* length 0: the default of that class */
    jw_signal_def signals;
    jw_kerb_def kerb;
    jw_walk_def walk;
    const struct jw_bus_line_def *bus_lines; /* from the start: see traffic_bus.h */
    uint32_t bus_line_count;
    const struct jw_detector_def *detectors; /* from the start */
    uint32_t detector_count;
    const jw_vehicle_type *extra_types; /* more types, for trips that name them; copied */
    uint32_t extra_type_count;          /* at most JW_EXTRA_TYPES_MAX */
    /* Positions by x' = x + v' dt, as SUMO does by default, not by the mean speed of the step (ballistic),
     * which is more exact: for comparisons. */
    bool is_euler;
    /* Bias of lane changes towards the right (the asymmetric MOBIL): so much a change to the left must gain
     * more, one to the right less. 0: none; 0.3 is what its authors take for German motorways. Below 0: to
     * the left. */
    double keep_right_mps2;
    double reroute_share;      /* of drivers who choose by live travel times; 0 = 0.3, < 0: none */
    double router_interval_s;  /* how often live times are taken; 0 = 300 */
    double sample_interval_s;  /* how often jw_traffic_judge looks; 0 = 2 */
    double reroute_interval_s; /* how often such a driver looks for a better way under way; 0 = 300, < 0: at
                                  departure only */
    double reroute_gain; /* he leaves his way for one that takes less by this share of the rest of it, and by
                            a minute at least; 0 = 0.2 (Mahmassani, Jayakrishnan, Transportation Research A
                            25, 1991) */
} jw_traffic_def;
jw_traffic_def jw_default_traffic_def(void);

/* The kernel module, named "traffic"; its def is a jw_traffic_def, the world's shared data must begin with a
 * jw_city pointer (jw_shared_city of city.h). Phases: traffic.demand, .signals, .walk, .junctions, .follow,
 * .change, .move, .measure. */
extern const jw_module jw_traffic_module;
typedef struct jw_traffic jw_traffic; /* the module's state */

/* ---- disturbances ----------------------------------------------------------------------------------------
 * Begun by the verbs of their names, ended by themselves or by end_disturbance. The end gives back exactly
 * what would be without: limits, closures and drivers' wishes. */

typedef enum jw_disturbance_kind {
    JW_DISTURB_INCIDENT,
    JW_DISTURB_WORKS, /* a lane closed, a limit beside it */
    JW_DISTURB_RAIN,  /* all drivers slower and further apart: traffic_weather.c */
    JW_DISTURB_FOG,
    JW_DISTURB_EVENT, /* visitors come and go as persons: traffic_disturb_verb.c */
    JW_DISTURB_SCHOOL,
    JW_DISTURB_EMERGENCY, /* an emergency vehicle under way, signals turn green before it */
    JW_DISTURB_EVACUATE,
    JW_DISTURB_COUNT
} jw_disturbance_kind;
typedef struct jw_disturbance {
    int64_t begin_ns, end_ns; /* of an emergency: at the latest */
    uint64_t trip;            /* of an emergency: number of its trip */
    uint32_t number;          /* from 1, never used again */
    jw_disturbance_kind kind;
    uint32_t edge, lane;         /* JW_NONE: nowhere in particular */
    float pos_m;                 /* of an incident, along the lane */
    float x_m, y_m;              /* 0, 0 for weather */
    float radius_m;              /* 0: a point */
    float limit_mps;             /* holds on its edge or within its radius; 0: none */
    float amount;                /* rain in mm/h, visibility in m, vehicles */
    uint32_t has_departed, slot; /* of an emergency vehicle; the slot is not state */
} jw_disturbance;
/* The verb that begins it. */
const char *jw_disturbance_name(jw_disturbance_kind kind);
/* Those under way, oldest first, valid until the next step; returns their number. */
uint32_t jw_traffic_disturbances(const jw_traffic *traffic, const jw_disturbance **out);
/* The heaviest rain and the thickest fog under way; 0: none. */
void jw_traffic_weather(const jw_traffic *traffic, float *out_rain_mm_per_h, float *out_visibility_m);

/* ---- ports: called in serial phases; NULL = not connected ------------------------------------------------
 */

typedef struct jw_traffic_ports {
    /* A vehicle entered or left the road (also after a restore: not called). */
    void (*vehicle_departed)(jw_world *world, jw_vehicle_id vehicle, jw_vehicle_class vehicle_class);
    void (*vehicle_arrived)(jw_world *world, jw_vehicle_id vehicle);
    /* In the phase or command that ends it. */
    void (*disturbance_ended)(jw_world *world, const jw_disturbance *disturbance);
} jw_traffic_ports;
/* From attach of a module above. */
void jw_traffic_set_ports(jw_traffic *traffic, const jw_traffic_ports *ports);

/* ---- inputs ----------------------------------------------------------------------------------------------
 */

typedef struct jw_trip_def {
    int64_t depart_ns;
    jw_vehicle_class vehicle_class; /* ignored when type_index1 is given */
    uint32_t type_index1;           /* index + 1 into the def's extra_types; 0: the type of the class */
    uint32_t from_edge, to_edge;
    const uint32_t *route; /* edges, from first to last; NULL: the router chooses */
    uint32_t route_count;
    double from_s_m;   /* along the first edge, default 0 = its start */
    double arrive_s_m; /* along the last edge; 0: at its end */
    double depart_mps;
    uint32_t depart_lane, depart_speed; /* JW_DEPART_ */
    uint64_t tag;                       /* comes back in the trips table */
    const jw_stop *stops;               /* on the way, in order; the router leads through them */
    uint32_t stop_count;                /* at most JW_TRIP_STOPS_MAX */
} jw_trip_def;
#define JW_TRIP_STOPS_MAX 1000
/* Any number of trips may wish to depart at one instant: one that waits takes about 90 bytes, its release
 * about a microsecond, and each edge lets them go one by one as there is room (test_traffic_million).
 * Refuses unreachable pairs, stops that a given route does not pass in their order, and edges the class may
 * not use, naming them. */
jw_result jw_traffic_add_trip(jw_world *world, jw_traffic *traffic, const jw_trip_def *trip, jw_error *error);

/* Somebody sets out on foot now, from the pavement nearest to one place (metres from the city's origin) to
 * that nearest to another. The first makes the network of pavements and crossings. JW_ERROR_NOT_FOUND: no way
 * leads there. */
jw_result jw_traffic_add_walk(jw_world *world, jw_traffic *traffic, double from_x_m, double from_y_m,
                              double to_x_m, double to_y_m, jw_error *error);

/* ---- read-only views -------------------------------------------------------------------------------------
 */

/* Columns of all vehicles on the road, in ascending slot order; valid until the next phase of traffic. The
 * slot of a handle is index1 - 1; `count` rows are dense. */
typedef struct jw_vehicle_columns {
    uint32_t count;
    const jw_vehicle_id *id;
    const float *x_m, *y_m, *z_m; /* from the city's origin */
    const float *heading_rad;
    const float *speed_mps;
    const uint8_t *vehicle_class; /* jw_vehicle_class */
    const uint8_t *flags;         /* JW_VEHICLE_ bits of frame.h */
    const uint32_t *edge;         /* JW_NONE inside a junction */
} jw_vehicle_columns;
jw_vehicle_columns jw_traffic_vehicles(const jw_traffic *traffic);
/* Where a vehicle is on the network, and who it is; false when it has left. */
typedef struct jw_vehicle_spot {
    uint32_t lane;                  /* of the city; JW_NONE inside a junction, then: */
    uint32_t connection;            /* of the city */
    float pos_m;                    /* its front along either */
    float limit_mps;                /* there, now */
    float accel_mps2;               /* of the last step */
    float wait_s;                   /* held or standing without a break */
    float free_s;                   /* that its way so far takes undisturbed, from where it departed */
    float stop_s;                   /* that it has spent at stops, the one it stands at not counted */
    int64_t wished_ns, departed_ns; /* of day: it wanted to depart, and did */
    uint32_t from_edge, to_edge;    /* of its trip */
    uint64_t tag;                   /* of its trip */
} jw_vehicle_spot;
bool jw_traffic_vehicle_spot(const jw_traffic *traffic, jw_vehicle_id id, jw_vehicle_spot *out);
/* False when it has left. */
bool jw_traffic_find_vehicle(const jw_traffic *traffic, jw_vehicle_id id, uint32_t *out_row);
/* Edges of its way from the one it is on (or left last): returns their number, of which the first `capacity`
 * are written; 0 when it has left. */
uint32_t jw_traffic_vehicle_route(const jw_traffic *traffic, jw_vehicle_id id, uint32_t *out_edges,
                                  uint32_t capacity);

typedef struct jw_traffic_counts {
    int64_t created, waiting, departed, running, arrived, removed;
    int64_t running_at_start;  /* after a warm-up: of `departed`, those on the road when the counting began */
    int64_t impossible;        /* trips wished that no road can serve: no part of created */
    int64_t vehicle_updates;   /* sum over steps of running vehicles */
    int64_t due;               /* of the waiting: those whose time has come */
    double mean_depart_wait_s; /* of departed: from the wished to the real departure */
    double mean_travel_time_s; /* of arrived trips, from wished departure */
    double mean_delay_s;       /* against free flow on the same route, wished departure included */
    double mean_speed_mps;     /* of running vehicles, now */
    double co2_kg, nox_kg, pm_kg; /* emitted on the road: traffic_emission.c */
    double fuel_l, energy_kwh;    /* burnt; out of the batteries of electric vehicles */
    int64_t emergency_brakings;
    int64_t rerouted;             /* changes of way under way: closures, better ways, queues left */
    int64_t cut_off;              /* running vehicles whose way is closed and who have no other, now */
    int64_t stops, double_parked; /* stops made; those in the lane because there was no place beside it */
    int64_t missed_stops;         /* to which no road leads */
    int64_t standing;             /* running vehicles that are at a stop, now */
} jw_traffic_counts;
jw_traffic_counts jw_traffic_count(const jw_traffic *traffic);
/* Vehicles on the road or waiting for room on it, now. */
uint32_t jw_traffic_present(const jw_traffic *traffic);

typedef struct jw_walk_counts {
    int64_t departed, walking, arrived;
    int64_t impossible;  /* walks wished to where no pavement leads: no part of departed */
    double mean_walk_s;  /* of those who arrived */
    double mean_delay_s; /* against their way at their wished speed */
    double mean_wait_s;  /* of this at crossings */
    double mean_way_m;
} jw_walk_counts;
jw_walk_counts jw_traffic_count_walkers(const jw_traffic *traffic);
/* Columns of all who walk, in ascending order of ids (their own, not those of vehicles); valid until the next
 * phase of traffic. No rows when memory ran out. */
typedef struct jw_walker_columns {
    uint32_t count;
    const jw_vehicle_id *id;
    const float *x_m, *y_m, *z_m; /* from the city's origin */
    const float *heading_rad, *speed_mps;
} jw_walker_columns;
jw_walker_columns jw_traffic_walkers(const jw_traffic *traffic);
typedef struct jw_walker_state {
    float speed_mps;
    float waited_s, way_m; /* so far: stood at crossings, walked */
    int64_t departed_ns;
    uint32_t edge;     /* whose pavement they are on; JW_NONE: at a corner or crossing */
    uint32_t junction; /* that they cross at; JW_NONE */
    bool is_waiting;   /* there */
} jw_walker_state;
/* False when they have arrived. */
bool jw_traffic_find_walker(const jw_traffic *traffic, jw_vehicle_id id, jw_walker_state *out);

/* How smoothly and safely traffic flows, since the start or the end of the warm-up. Queues are
 * looked at every sample_interval_s. */
typedef struct jw_traffic_quality {
    double vehicle_km;
    int64_t stops;           /* times vehicles came to stand */
    int64_t conflicts;       /* times a vehicle came within 1.5 s of hitting its leader at their speeds of the
                                moment (time-to-collision; Hayward, Highway Research Record 384, 1972) */
    double queue_mean_veh;   /* standing (below 2 m/s), per lane before a signal */
    uint32_t queue_most_veh; /* on one lane */
    double fuel_l;
} jw_traffic_quality;
jw_traffic_quality jw_traffic_judge(const jw_traffic *traffic);

/* Who does not get on: vehicles that have stood for JW_JAM_S without driving 1 m/s in between, other than at
 * stops of their own. Looks at all vehicles. */
#define JW_JAM_S 300.0
typedef struct jw_traffic_jam {
    uint32_t vehicles;
    uint32_t edge;    /* where the one is that has stood longest; JW_NONE: nobody stands */
    double longest_s; /* how long that is, be it less */
} jw_traffic_jam;
jw_traffic_jam jw_traffic_find_jam(const jw_traffic *traffic);

/* Persons with a vehicle: persons = at_home + at_work + elsewhere + travelling, all but the last parked. */
typedef struct jw_person_counts {
    uint32_t persons, at_home, at_work, elsewhere, travelling;
    uint32_t visitors; /* of persons: who will be gone when they are home again */
} jw_person_counts;
jw_person_counts jw_traffic_count_persons(const jw_traffic *traffic);

/* Counting stations: from now on every vehicle that passes the end of one of these edges is listed (count 0:
 * none any more, and the list is forgotten). An output: neither saved nor hashed; a restore forgets it. */
typedef struct jw_passage {
    int64_t time_ns;
    uint64_t tag; /* of the trip: of a matrix' trips the cell's number from 1 */
    uint32_t edge, vehicle_class;
} jw_passage;
jw_result jw_traffic_count_passages(jw_traffic *traffic, const uint32_t *edges, uint32_t count,
                                    jw_error *error);
/* All since then, in order of time; valid until the next step. */
uint32_t jw_traffic_passages(const jw_traffic *traffic, const jw_passage **out);

/* What all vehicles did on a track: a lane of the city or, behind the lanes, a connection. Exact over time: a
 * step in which one passes from track to track is shared out by the way. Flow, density and mean speed follow
 * as Edie defines them (Discussion of traffic stream measurements and definitions, 2nd Int. Symposium on the
 * Theory of Traffic Flow, 1963): on a track of L over an interval of T, q = way_m / (L T), k = time_s / (L
 * T), v = way_m / time_s, so that q = k v. */
typedef struct jw_track_sum {
    double way_m, time_s;
    double lost_s;  /* against the speeds these drivers wish there; not at stops of their own */
    double queue_s; /* slower than 2 m/s */
    double halt_s;  /* slower than 0.1 m/s */
    double co2_g, nox_g, pm_g, fuel_ml;
    double energy_wh;       /* out of the batteries of electric vehicles */
    uint32_t entered, left; /* over its beginning and its end: not by a change of lanes */
    uint32_t arrived;       /* ended their trip on the edge; counted on its first lane */
    uint32_t queue_most;    /* slower than 2 m/s at once, since the tables of intervals were read last */
} jw_track_sum;
/* From now on these sums are kept, and the tables edge_intervals, lane_intervals and junction_intervals have
 * rows: whoever drains them begins the next interval; trips have their NOx and particles. An output: neither
 * saved nor hashed, a restore forgets it. Takes about 250 bytes a track and a sixth of a step's time. */
jw_result jw_traffic_measure_intervals(jw_traffic *traffic, bool is_wanted, jw_error *error);
/* By track, since measuring or counting began; NULL: nobody measures. Valid until the next step. */
const jw_track_sum *jw_traffic_track_sums(const jw_traffic *traffic, int64_t *out_begin_ns);

/* What an edge saw lately: since at most JW_RECENT_S ago, taken a minute coarse; only while intervals are
 * measured. All lanes together; `approach_` counts the ways through the junction at its end, too. */
#define JW_RECENT_S 300.0
typedef struct jw_edge_recent {
    double way_m, time_s, lost_s, co2_g; /* as of jw_track_sum */
    double approach_lost_s, passed;      /* control delay is the first over the second, as junction_intervals
                                            have it */
} jw_edge_recent;
/* By edge; *out_s: over how long. False while nobody measures, or in the step in which it began. */
bool jw_traffic_recent(const jw_traffic *traffic, jw_edge_recent *out, double *out_s);

/* Detectors: induction loops across a lane, or areas of one (a camera's). A vehicle is in an area while its
 * front is; one that passes its beginning enters, one that passes its end leaves. Those who are slower than
 * 5 km/h and at most 10 m apart are a jam (the limits of SUMO's E2 detectors).
 * Where detectors are is state; what they count is not, and is counted from when the counting began or the
 * state was restored. The table `detectors` has it by interval: whoever drains it begins the next one. */
#define JW_DETECTOR_NAME_SIZE 48
typedef struct jw_detector_def {
    char name[JW_DETECTOR_NAME_SIZE]; /* its own */
    uint32_t edge, lane;              /* 0 at the kerb */
    double position_m;                /* along the lane; below 0: from its end */
    double length_m;                  /* of an area that begins there; 0: a loop */
} jw_detector_def;
typedef struct jw_detector_sum {
    int64_t entered, left;       /* fronts and ends that passed; of an area fronts over both its ends */
    double occupied_s;           /* with somebody over it; of an area the share of it, by time */
    double speed_sum_mps;        /* of those who entered */
    double slowness_sum_s_per_m; /* sum of 1 / speed, for the harmonic mean */
    double time_s, way_m;        /* by all in an area together */
    double jam_m_s;              /* length of the longest jam in an area, by time */
    double jam_m;                /* the same now */
    uint32_t jam_vehicles;       /* in that jam now */
} jw_detector_sum;
/* JW_ERROR_NOT_FOUND, _INPUT, _EXISTS: no such lane, not on it, there is one of that name. */
jw_result jw_traffic_add_detector(jw_traffic *traffic, const jw_detector_def *def, jw_error *error);
/* Sums of all, in the order they were added; valid until the next step. Returns their number. */
uint32_t jw_traffic_detectors(const jw_traffic *traffic, const jw_detector_sum **out);
const char *jw_traffic_detector_name(const jw_traffic *traffic, uint32_t detector);

/* Levels of service by control delay, 'A' to 'F': Highway Capacity Manual, 6th edition (2016), exhibits 19-8
 * (signals: 10, 20, 35, 55, 80 s) and 20-2, 21-8, 22-8 (stop, give way, roundabouts: 10, 15, 25, 35, 50 s);
 * the same as in HCM 2010. */
char jw_level_of_service(double control_delay_s, bool has_signal);

/* One per city edge, in its order, as frames show them. */
const jw_frame_edge *jw_traffic_edges(const jw_traffic *traffic);
/* State per city connection ('G' 'g' 'y' 'r' or 0). */
const uint8_t *jw_traffic_signals(const jw_traffic *traffic);

/* Verbs: close_lane(edge, lane), open_lane(edge, lane, take_back), close_edge(edge), open_edge(edge,
 * take_back), set_speed_limit(edge, speed_kmh),
 * set_demand_factor(factor), add_trip(from_edge, to_edge, class), add_walk(from_x, from_y, to_x, to_y),
 * signal_control(mode, programme), set_green(programme, phase, green_s), signal_request(programme, phase,
 * for_s), signal_priority(on, programme), advise_speed(edge, speed_kmh, for_s), green_wave(from, to,
 * speed_kmh, cycle_s, both); of disturbances: incident(edge, lane, position_m, duration_s), works(edge, lane,
 * hours, limit_kmh), rain(rain_mm_per_h, hours), fog(visibility_m, hours), event(where, vehicles, start_min,
 * duration_min, arrive_min, leave_min), school_hour(where, vehicles, minutes, radius_m, limit_kmh),
 * emergency(from_edge, to_edge), evacuate(x, y, radius_m, vehicles_per_resident), end_disturbance(number);
 * add_detector(name, edge, lane, position_m, length_m). Tables: edges, junctions, disturbances, signals,
 * waves, crossings (state), trips, edge_intervals, lane_intervals, junction_intervals, detectors (log).
 * Metrics: traffic.running, .waiting, .departed, .arrived, .mean_speed, .mean_travel_time, .mean_delay, .co2,
 * .nox, .pm, .fuel, .energy, .impossible, .longest_queue, .stuck, .rerouted, .cut_off, .walking, .walked,
 * .mean_walk_delay. */

/* ---- studies ---------------------------------------------------------------------------------------------
 */

/* The turns from edge to edge, in the router's order: those of edge e are turn_first[e] to
 * turn_first[e + 1] - 1. They follow from the city alone. */
typedef struct jw_turn_graph {
    uint32_t edge_count, turn_count;
    const uint32_t *turn_first, *turn_to;
} jw_turn_graph;
jw_turn_graph jw_traffic_turns(const jw_traffic *traffic);
/* Time from entering an edge to entering the next, undisturbed, by turn, as the router takes it for a class;
 * JW_NO_WAY_MS where the class may not go now. */
#define JW_NO_WAY_MS (UINT32_C(1) << 30)
void jw_traffic_free_times(const jw_traffic *traffic, jw_vehicle_class vehicle_class, uint32_t *out_ms);

/* Times measured turn by turn, of motor vehicles, by when they entered the edge: count and sum_ms have
 * bin_count * turn_count elements, those of a bin next to each other; the last bin has all later ones. */
typedef struct jw_turn_times {
    int64_t begin_ns, bin_ns;
    uint32_t bin_count, turn_count;
    uint32_t *count;
    uint64_t *sum_ms;
} jw_turn_times;
jw_result jw_turn_times_init(jw_turn_times *times, const jw_traffic *traffic, int64_t begin_ns,
                             int64_t bin_ns, uint32_t bin_count, jw_error *error);
void jw_turn_times_free(jw_turn_times *times);
/* From now on vehicles add to them as they pass; no part of the state: to be set again after a restore. NULL:
 * no more. */
void jw_traffic_set_turn_times(jw_traffic *traffic, jw_turn_times *times);
/* Adds those that are on an edge now and have been there for longer than others needed. */
void jw_traffic_note_unfinished(const jw_traffic *traffic, jw_turn_times *times);

/* All trips wished from the world's time until end_ns, without simulating: to be asked of a world that has
 * made no step, and is of no use afterwards. In order of departure. Counts those that no road can serve.
 * JW_ERROR_UNSUPPORTED: persons' days, whose trips begin when the last one ended. */
jw_result jw_traffic_list_trips(jw_world *world, jw_traffic *traffic, int64_t end_ns, jw_demand_data *out,
                                int64_t *out_impossible, jw_error *error);

/* ---- benchmark -------------------------------------------------------------------------------------------
 */

typedef struct jw_traffic_bench_def {
    const jw_city *city;           /* NULL: a grid made for the number of vehicles */
    const jw_traffic_def *traffic; /* NULL: random trips that keep up the number of vehicles */
    int64_t start_time_ns;
    double warm_s;     /* with `traffic`: simulated before measuring */
    uint32_t vehicles; /* else the city is filled up to so many first; 0 = 5000 */
    int threads;       /* 0 = 1 */
    double dt_s;       /* 0 = 1 */
    double sim_s;      /* simulated in each of the measured runs; 0 = 60 */
} jw_traffic_bench_def;

typedef struct jw_traffic_bench_result {
    uint32_t vehicles; /* on the road, mean over the measured time */
    uint32_t lanes, edges;
    double updates_per_s[5];    /* vehicle updates per second of the steps' wall time, run by run */
    double real_time_factor[5]; /* simulated time / wall time of the steps */
    double bytes_per_vehicle;   /* all that grows with them; without cached trees and the log of trips */
    double bytes_per_lane;      /* all that is there before the first vehicle */
    jw_phase_time phases[8];    /* seconds in the measured runs */
    uint32_t phase_count;
    jw_traffic_counts counts; /* at the end */
    uint64_t hash;            /* state at the end: the same for any number of threads */
} jw_traffic_bench_result;
/* Fills the city (for at most two simulated hours), lets random trips run for five minutes more, then
 * measures five runs. */
jw_result jw_traffic_bench(const jw_traffic_bench_def *def, jw_traffic_bench_result *out, jw_error *error);

/* Checks all invariants (no overlap on any lane, sorted, conserved): for tests and checking builds. */
bool jw_traffic_is_consistent(const jw_traffic *traffic, jw_error *error);

#endif
