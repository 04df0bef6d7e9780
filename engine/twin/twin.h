/* The twin: one world made of all domains, and the couplings between them.
 *
 * Module table, in order: traffic, twin_radio, network, compute, ai, economy, twin_requests, twin_signals,
 * twin_city, twin_diary, roadside, twin_advice, twin_fixed, twin_traces, twin_decisions, then what the caller
 * adds (the script). The couplings, each switchable by set_coupling(name, on): radio      vehicles are radio
 * users (twin_radio.c) signals    camera
 * -> vision request -> decision -> signal, with local fallback (twin_signals.c) factory    production line ->
 * inspection request -> verdict -> OEE (twin_requests.c) assistant  connected vehicles ask a language model
 * (twin_radio.c makes the requests) energy     requests -> power -> energy, carbon, money (compute; summed in
 * twin_city.c) rollout    model images cross the links (twin_city.c) advice     roadside units -> connected
 * vehicles -> speed that meets the green (twin_advice.c), shuttles know who comes (twin_caution.c) A coupling
 * that is off leaves the stated neutral value: no users, fixed signals, lines on their fallback.
 */
#ifndef JW_TWIN_H
#define JW_TWIN_H

#include "ai/ai_approval.h"
#include "ai/ai_sector.h"
#include "ai/ai_tune.h"
#include "city/city.h"
#include "city/sumo.h"
#include "compute/compute.h"
#include "economy/economy.h"
#include "frame/frame.h"
#include "kernel/kernel.h"
#include "network/network.h"
#include "network/network_roadside.h"
#include "traffic/traffic.h"
#include "twin/twin_decision.h"

/* Places in the module table. */
enum {
    JW_TWIN_TRAFFIC,
    JW_TWIN_RADIO,
    JW_TWIN_NETWORK,
    JW_TWIN_COMPUTE,
    JW_TWIN_AI,
    JW_TWIN_ECONOMY,
    JW_TWIN_REQUESTS,
    JW_TWIN_SIGNALS,
    JW_TWIN_CITY,
    JW_TWIN_DIARY,
    JW_TWIN_ROADSIDE,
    JW_TWIN_ADVICE,
    JW_TWIN_FIXED,
    JW_TWIN_TRACES,
    JW_TWIN_DECISIONS,
    JW_TWIN_MODULE_COUNT /* modules of the caller come from here on */
};

typedef enum jw_coupling {
    JW_COUPLING_RADIO,
    JW_COUPLING_SIGNALS,
    JW_COUPLING_FACTORY,
    JW_COUPLING_ASSISTANT,
    JW_COUPLING_ENERGY,
    JW_COUPLING_ROLLOUT,
    JW_COUPLING_ADVICE,
    JW_COUPLING_COUNT
} jw_coupling;
const char *jw_coupling_name(jw_coupling coupling);

/* How a request's site is chosen among those that serve it, are up, are not behind an open breaker and may
 * hold its data (jw_residency). Ties go to the lower slot. */
typedef enum jw_policy {
    JW_POLICY_DEFAULT,    /* of a type: the city's policy; of the city: latency */
    JW_POLICY_LATENCY,    /* least forecast of network + queue + service, behind what waits on the way now */
    JW_POLICY_NEAREST,    /* least network delay, there and back, on empty links */
    JW_POLICY_EDGE_ONLY,  /* latency among roadside to edge tiers */
    JW_POLICY_CLOUD_ONLY, /* latency among city and west tiers */
    JW_POLICY_LEAST_LOADED, /* least busy share of cards plus waiting per card, then least forecast */
    JW_POLICY_CARBON, /* least CO2 a kWh of those whose forecast keeps the deadline, then least forecast; none
                       * keeps it: latency. What can wait goes west, what cannot stays */
    JW_POLICY_SCRIPT, /* by the weights that jw_twin_set_routes left; latency where there are none */
    JW_POLICY_COUNT
} jw_policy;
const char *jw_policy_name(jw_policy policy); /* "edge_only" */
bool jw_policy_from_name(const char *name, jw_policy *out);

/* Where a request's data may go. A place's district is that of the nearest site of the tier edge; sites of
 * lower tiers belong to the district that they stand in, city and west to none. */
typedef enum jw_residency {
    JW_RESIDENCY_ANY,
    JW_RESIDENCY_CITY,    /* not to the west */
    JW_RESIDENCY_DISTRICT /* not out of the sender's district: lost rather than sent elsewhere */
} jw_residency;

/* What a sender asks for: how much goes up, is computed, comes down, and by when; and how it is guarded. */
typedef struct jw_request_type {
    char name[24]; /* "signal", "inspection", "assistant"; "maintenance" if a scene has it */
    char service[JW_CATALOG_ID_SIZE]; /* of the catalogue */
    int64_t up_bytes, down_bytes;
    uint32_t items, output_tokens; /* means; LLM lengths are drawn around them (exponential) */
    double deadline_s;             /* later is late */
    double timeout_s;              /* later is lost */
    uint8_t retries;           /* after a refusal or a loss on the way, at most so many; to JW_RETRIES_MAX */
    uint8_t kind;              /* JW_TRAFFIC_ kind on the network */
    uint8_t policy, residency; /* jw_policy, jw_residency */
    /* Refused where it is sent, and again where it arrives, when its forecast end is later than so many
     * deadlines after its sending; 0: all are taken. */
    double admission;
    /* Retries and hedges for each request sent (a token bucket of at most JW_RETRY_TOKENS_MAX, full at the
     * start): without a token there is no second try. 0 = 0.2. */
    double retry_budget;
    /* A second copy goes to another site when this share of the type's answers would be there (0.95), once
     * 100 are known; the first answer counts, the other copy is cancelled. 0: never. */
    double hedge;
    /* Under JW_POLICY_CARBON it is held until the forecast CO2 of its run is least before the deadline less
     * its expected way and run, at any site that may have it (jw_compute_carbon_at), and sent at once when
     * waiting saves less than a hundredth: to the west, when that is lower. Held ones are in flight; one that
     * is tried again waits no more. */
    uint8_t is_deferrable;
} jw_request_type;
#define JW_RETRY_TOKENS_MAX 100
#define JW_RETRIES_MAX      100

/* Circuit breakers, one for each type and site: closed, it lets requests through and looks at the last
 * `window` outcomes; when `failure_share` of them or more failed it opens and lets nothing through for
 * `open_s`; then, half open, one request at a time: `trials` answers in a row close it, a failure opens it
 * again. A failure is a refusal by the site (not by admission), a message lost on the way to it or from it,
 * and a timeout. */
typedef struct jw_breaker_def {
    bool is_on;
    uint32_t window;      /* 1 to 64; 0 = 20 */
    double failure_share; /* above 0 to 1; 0 = 0.5 */
    double open_s;        /* 0 = 10 */
    uint32_t trials;      /* 0 = 3 */
} jw_breaker_def;

/* Who asks and is neither vehicle, camera nor line: a block, a crowd, a load generator. Its requests come as
 * a Poisson process and enter the network at the nearest mast, else host. */
typedef struct jw_crowd_def {
    char name[JW_NET_NAME_SIZE];
    char type[24]; /* request type */
    double x_m, y_m;
    double per_s; /* 0 to 1e5; set_crowd changes it */
} jw_crowd_def;
/* Requests of a recorded trace, with their lengths, instead of a Poisson process. */
typedef struct jw_trace_def {
    uint32_t crowd; /* who sends them: index in `crowds` */
    jw_llm_trace trace;
    double rate;      /* times between them are divided by it, 1e-3 to 1e4; 0 = 1 */
    int64_t start_ns; /* of day, of the first; < 0: the world's start */
} jw_trace_def;

typedef struct jw_camera_def { /* looks at a signalled junction */
    uint32_t junction;
} jw_camera_def;

typedef struct jw_rollout_def { /* a model that sites serve when the scene starts */
    char model[JW_MODEL_ID_SIZE];
    uint32_t version;
    uint32_t tiers; /* bits 1 << jw_tier */
} jw_rollout_def;

#define JW_DATA_REPLICAS_MAX 8
typedef struct jw_data_def { /* a dataset of the fabric */
    jw_dataset_def dataset;  /* its residency is a jw_residency of the home; its home is looked up by name */
    char home[JW_CATALOG_ID_SIZE];
    char replicas[JW_DATA_REPLICAS_MAX][JW_CATALOG_ID_SIZE]; /* there from the start */
    uint32_t replica_count;
} jw_data_def;

/* The city's data: who has them, who wants them (ai/ai_sector.h). Sites are looked up by name when the world
 * is made. */
typedef struct jw_source_kind {
    jw_source_def def;             /* its id is the kind's */
    double records_per_person_day; /* beside its records_per_day, of each of the persons of a source */
} jw_source_kind;
typedef struct jw_source_entry {
    jw_source_def def;
    char home[JW_CATALOG_ID_SIZE];
} jw_source_entry;
typedef struct jw_consumer_entry {
    jw_consumer_def def;
    char site[JW_CATALOG_ID_SIZE];
} jw_consumer_entry;
typedef struct jw_sectors_def {
    jw_source_kind *kinds; /* of the catalogue */
    uint32_t kind_count, kind_capacity;
    jw_integration_def integration;
    char substrate[JW_CATALOG_ID_SIZE]; /* site; "": none */
    jw_sector_def *sectors;
    uint32_t sector_count, sector_capacity;
    jw_source_entry *sources;
    uint32_t source_count, source_capacity;
    jw_consumer_entry *consumers;
    uint32_t consumer_count, consumer_capacity;
} jw_sectors_def;

/* A kind of production line of the catalogue. */
typedef struct jw_production_kind {
    jw_production_line_def line; /* its name is the kind's */
    jw_region_side side;         /* whose industry it is */
} jw_production_kind;

/* What stands behind the production lines. */
typedef struct jw_industry_def {
    jw_region_def *regions;
    uint32_t region_count, region_capacity;
    jw_park_def *parks;
    uint32_t park_count, park_capacity;
    jw_supplier_def *suppliers;
    uint32_t supplier_count, supplier_capacity;
    jw_fund_def fund;
    jw_budget_def budget;
    jw_productivity_def productivity;
    jw_equip_def equip;
} jw_industry_def;

/* Everything a scene says. Filled by script, by hand in tests; arrays grow with jw_twin_def_add_*. */
typedef struct jw_twin_def {
    char name[64];
    jw_city *city; /* one reference is held */
    uint64_t seed;
    int64_t dt_ns, start_time_ns, warm_ns; /* as in jw_world_def */
    int threads;
    jw_progress progress; /* as in jw_world_def, like its context */
    void *progress_context;
    jw_traffic_def traffic;
    jw_demand_data demand_data;     /* these are given to traffic when the world is made */
    jw_vehicle_type *vehicle_types; /* extra types */
    uint32_t vehicle_type_count, vehicle_type_capacity;
    struct jw_bus_line_def *bus_lines;
    uint32_t bus_line_count, bus_line_capacity;
    jw_detector_def *detectors;
    uint32_t detector_count, detector_capacity;
    jw_network_def network; /* its arrays point to those below when the world is made */
    jw_net_node_def *nodes;
    uint32_t node_count, node_capacity;
    jw_net_link_def *links;
    uint32_t link_count, link_capacity;
    jw_cell_def *cells;
    uint32_t cell_count, cell_capacity;
    jw_roadside_system roadside; /* likewise */
    jw_roadside_def *roadside_units;
    uint32_t roadside_unit_count, roadside_unit_capacity;
    jw_card *cards;
    uint32_t card_count, card_capacity;
    jw_supply_card *supply; /* what of them can be bought */
    uint32_t supply_count, supply_capacity;
    jw_compression *compressions;
    uint32_t compression_count, compression_capacity;
    jw_tune_law tune_law; /* used where has_tune_law */
    bool has_tune_law;
    jw_service *services;
    uint32_t service_count, service_capacity;
    jw_llm_timing *timings;
    uint32_t timing_count, timing_capacity;
    jw_grid_region *regions;
    uint32_t region_count, region_capacity;
    jw_site_def *sites;
    uint32_t site_count, site_capacity;
    jw_model *models; /* .service is resolved by name = model id when the world is made */
    uint32_t model_count, model_capacity;
    jw_rollout_def *rollouts;
    uint32_t rollout_count, rollout_capacity;
    jw_approval_def approval;
    jw_data_def *datasets;
    uint32_t dataset_count, dataset_capacity;
    jw_sectors_def sectors;
    jw_production_line_def *lines;
    uint32_t line_count, line_capacity;
    jw_desk_def *desks;
    uint32_t desk_count, desk_capacity;
    jw_production_kind *production_kinds;
    uint32_t production_kind_count, production_kind_capacity;
    jw_industry_def industry;
    jw_camera_def *cameras;
    uint32_t camera_count, camera_capacity;
    jw_request_type *requests;
    uint32_t request_count, request_capacity;
    jw_crowd_def *crowds;
    uint32_t crowd_count, crowd_capacity;
    jw_trace_def *traces;
    uint32_t trace_count, trace_capacity;
    jw_scale_def *scales;
    uint32_t scale_count, scale_capacity;
    jw_fault_def *faults;
    uint32_t fault_count, fault_capacity;
    uint32_t day_of_year; /* of the first midnight; 0 as in jw_compute_def */
    jw_policy policy;
    jw_breaker_def breaker;
    uint8_t is_coupling_off[JW_COUPLING_COUNT];
    jw_decision_rule rules[JW_DECISION_COUNT];
    jw_incident_def incidents;
    bool has_bus_priority;
    /* Radio users that stand still: twin_fixed.c. */
    double home_bps_per_resident; /* at home by radio, mean over the day; default 0: no homes */
    bool has_cameras_on_air, has_factories_on_air; /* default: they are wired */
    double connected_share; /* of motor vehicles that are radio users; default 0.4. Above 0, all shuttles */
    bool has_cautious_shuttles; /* they slow down before junctions that they do not see into; default true */
    double assistant_per_hour;  /* requests of a connected vehicle; default 4 */
    double camera_interval_s;   /* default 2 */
} jw_twin_def;

/* Traffic at home at a time of day over its mean. */
double jw_home_profile(double time_of_day_s);

/* Defaults and the built-in request types (signal, inspection, assistant); no city. */
jw_result jw_twin_def_init(jw_twin_def *def, jw_error *error);
void jw_twin_def_free(jw_twin_def *def); /* releases the city too */

/* Adding checks names (unique over all kinds) and ranges, and says which element is wrong. A site or switch
 * gets a network node of its name. */
jw_result jw_twin_def_add_site(jw_twin_def *def, const jw_site_def *site, jw_error *error);
/* Puts a site's servers behind the operator's core network (central user plane, firewalls): a switch named
 * "<site>-core" at the same place, delay_s from them each way, takes their place in fibre and for masts that
 * are added later. */
jw_result jw_twin_def_add_core(jw_twin_def *def, const char *site, double delay_s, double capacity_gbps,
                               jw_error *error);
jw_result jw_twin_def_add_node(jw_twin_def *def, const jw_net_node_def *node, jw_error *error);
jw_result jw_twin_def_add_link(jw_twin_def *def, const jw_net_link_def *link, jw_error *error);
/* A cell with a node of its own ("cell-3"), joined by fibre to the nearest site or switch. */
jw_result jw_twin_def_add_cell(jw_twin_def *def, const jw_cell_def *cell, double fibre_gbps, jw_error *error);
/* Joins the sites named (all when count is 0): "ring" (by angle round their centre), "star" (to the first of
 * the highest tier), "tree" (minimum spanning). */
jw_result jw_twin_def_add_fibre(jw_twin_def *def, const char *shape, const char *const *names, uint32_t count,
                                double capacity_gbps, jw_error *error);
/* Cells on a hexagonal lattice of the given spacing over the built land: where a building (a junction, on a
 * map with few of them) is within half the spacing each way, and no water; numbered from the south-west. At
 * most JW_TWIN_CELLS_MAX of them. With several sectors (0 = 1) so many cells on one node at each place,
 * evenly around it from like's azimuth on. */
#define JW_TWIN_CELLS_MAX 5000
jw_result jw_twin_def_add_cells(jw_twin_def *def, double spacing_m, const jw_cell_def *like, uint32_t sectors,
                                double fibre_gbps, jw_error *error);
/* A roadside unit like `like` at each junction with signals that has none, numbered in the map's order
 * ("roadside-1"); count_max 0: at all. Of junctions worked as one by one programme the first has it. */
jw_result jw_twin_def_add_roadside_units(jw_twin_def *def, const jw_roadside_def *like, uint32_t count_max,
                                         jw_error *error);
/* Widens *spacing_m by 50 m at a time, to 5,000 m at most, until no more than count_max cells fit. */
jw_result jw_twin_def_fit_cells(const jw_twin_def *def, double *spacing_m, uint32_t count_max,
                                jw_error *error);
jw_result jw_twin_def_add_card(jw_twin_def *def, const jw_card *card, jw_error *error);
jw_result jw_twin_def_add_compression(jw_twin_def *def, const jw_compression *method, jw_error *error);
jw_result jw_twin_def_add_supply(jw_twin_def *def, const jw_supply_card *card, jw_error *error);
jw_result jw_twin_def_add_service(jw_twin_def *def, const jw_service *service, jw_error *error);
jw_result jw_twin_def_add_timing(jw_twin_def *def, const jw_llm_timing *timing, jw_error *error);
jw_result jw_twin_def_add_region(jw_twin_def *def, const jw_grid_region *region, jw_error *error);
jw_result jw_twin_def_add_model(jw_twin_def *def, const jw_model *model, jw_error *error);
jw_result jw_twin_def_add_rollout(jw_twin_def *def, const jw_rollout_def *rollout, jw_error *error);
/* Sites are looked up when the world is made. */
jw_result jw_twin_def_add_dataset(jw_twin_def *def, const jw_data_def *data, jw_error *error);
jw_result jw_twin_def_add_source_kind(jw_twin_def *def, const jw_source_kind *kind, jw_error *error);
/* NULL when there is none. */
const jw_source_kind *jw_twin_def_find_source_kind(const jw_twin_def *def, const char *id);
jw_result jw_twin_def_add_sector(jw_twin_def *def, const jw_sector_def *sector, jw_error *error);
/* Of a sector that is there. */
jw_result jw_twin_def_add_source(jw_twin_def *def, const jw_source_entry *source, jw_error *error);
/* Of sources that are there. */
jw_result jw_twin_def_add_consumer(jw_twin_def *def, const jw_consumer_entry *consumer, jw_error *error);
jw_result jw_twin_def_add_line(jw_twin_def *def, const jw_production_line_def *line, jw_error *error);
jw_result jw_twin_def_add_production_kind(jw_twin_def *def, const jw_production_kind *kind, jw_error *error);
/* NULL when there is none. */
const jw_production_kind *jw_twin_def_find_production_kind(const jw_twin_def *def, const char *name);
jw_result jw_twin_def_add_economic_region(jw_twin_def *def, const jw_region_def *region, jw_error *error);
jw_result jw_twin_def_add_park(jw_twin_def *def, const jw_park_def *park, jw_error *error);
jw_result jw_twin_def_add_supplier(jw_twin_def *def, const jw_supplier_def *supplier, jw_error *error);
/* Parks "park-1" to "park-<count>" with one to lines_max lines each, of kinds of their side, drawn by seed;
 * every second one in `west`, as far as west_share goes. Their people are the region's. */
typedef struct jw_parks_def {
    uint32_t count;
    uint32_t lines_max; /* 0 = 3 */
    uint64_t seed;
    char east[24], west[24]; /* regions */
    double west_share;       /* 0 = 0.5 */
} jw_parks_def;
#define JW_TWIN_PARKS_MAX 2000
jw_result jw_twin_def_add_parks(jw_twin_def *def, const jw_parks_def *parks, jw_error *error);
/* Each with the request type of its decisions, unless there is one. Bus priority: of every signal, for
 * emergency vehicles, too. */
jw_result jw_twin_def_set_incidents(jw_twin_def *def, const jw_incident_def *incidents, jw_error *error);
jw_result jw_twin_def_set_bus_priority(jw_twin_def *def, jw_error *error);
jw_result jw_twin_def_add_desk(jw_twin_def *def, const jw_desk_def *desk, jw_error *error);
jw_result jw_twin_def_add_camera(jw_twin_def *def, uint32_t junction, jw_error *error);
/* Its name is checked; its way, when the world is made. */
jw_result jw_twin_def_add_detector(jw_twin_def *def, const jw_detector_def *detector, jw_error *error);
jw_result jw_twin_def_add_bus_line(jw_twin_def *def, const struct jw_bus_line_def *line, jw_error *error);
/* Replaces the one of the same name or adds. */
jw_result jw_twin_def_set_request(jw_twin_def *def, const jw_request_type *request, jw_error *error);
/* Its request type must be there. */
jw_result jw_twin_def_add_crowd(jw_twin_def *def, const jw_crowd_def *crowd, jw_error *error);
/* A crowd whose requests are those of a trace, which is copied (.crowd is set). */
jw_result jw_twin_def_add_trace(jw_twin_def *def, const jw_crowd_def *crowd, const jw_trace_def *trace,
                                jw_error *error);
/* Their figures are checked when the world is made. */
jw_result jw_twin_def_add_scale(jw_twin_def *def, const jw_scale_def *scale, jw_error *error);
jw_result jw_twin_def_add_fault(jw_twin_def *def, const jw_fault_def *fault, jw_error *error);
/* Adds the vehicles, trips and flows of a SUMO demand to def->demand_data; their tags are those of
 * jw_sumo_vehicle_name. Ids are looked up in def->city. A vehicle whose way, type or class does not fit is a
 * problem and left out; what is not modelled is counted in `missing`. */
typedef struct jw_twin_sumo_def {
    double begin_s, end_s; /* end_s < 0: none */
    double scale;          /* vehicles for each one of the files; draws by the world's seed */
    bool is_ballistic;     /* else positions by the Euler update, SUMO's default */
} jw_twin_sumo_def;
jw_result jw_twin_def_add_sumo(jw_twin_def *def, const jw_sumo_demand *demand, const jw_twin_sumo_def *sumo,
                               jw_sumo_missing *missing, jw_problems *problems, jw_error *error);
/* What its traffic module gets; borrows from def. */
jw_traffic_def jw_twin_def_traffic(const jw_twin_def *def);
/* What is missing for a run: each found problem goes to `problems`. */
jw_result jw_twin_def_check(const jw_twin_def *def, jw_problems *problems, jw_error *error);

/* The world of a def, with the caller's modules after the twin's own. The city is retained by the world's
 * owner: keep `def` (or a reference of the city) as long as the world
 * lives.
 */
jw_result jw_twin_create(const jw_twin_def *def, const jw_module_entry *extra, uint32_t extra_count,
                         jw_world **out, jw_error *error);
/* The module table for restores: out has JW_TWIN_MODULE_COUNT + extra_count elements. */
void jw_twin_modules(const jw_module_entry *extra, uint32_t extra_count, jw_module_entry *out);
jw_result jw_twin_create_from_snapshot(jw_city *city, const jw_module_entry *extra, uint32_t extra_count,
                                       int threads, const void *bytes, size_t size, jw_world **out,
                                       jw_error *error);
const jw_city *jw_twin_city(const jw_world *world);
/* How the ai domain names a site of compute. */
uint64_t jw_twin_site_handle(jw_site_id site);

/* ---- requests: the whole life of a question
 * ---------------------------------------------------------------- */

typedef struct jw_request_id {
    uint32_t index1, generation;
} jw_request_id;

typedef enum jw_request_phase { JW_REQUEST_UP, JW_REQUEST_COMPUTE, JW_REQUEST_DOWN } jw_request_phase;

typedef enum jw_sender {
    JW_SENDER_CAMERA,
    JW_SENDER_LINE,
    JW_SENDER_VEHICLE,
    JW_SENDER_CROWD,
    JW_SENDER_STATION,
    JW_SENDER_DESK,
    JW_SENDER_WATCH, /* a camera, for incidents */
    JW_SENDER_BUS
} jw_sender;

/* From couplings. The answer goes to the sender's coupling by (sender, a, b). Always ends in answered or
 * lost. */
jw_result jw_request_send(jw_world *world, uint32_t type, jw_sender sender, uint64_t a, uint64_t b,
                          jw_net_end from, jw_error *error);

/* sent = answered + lost + in_flight at any time, however often a request was tried. */
typedef struct jw_request_counts {
    int64_t sent, answered, lost, in_flight, late; /* late is part of answered */
    int64_t retried, hedged; /* requests that were tried again, sent twice: each counts once */
    double right;            /* those in time times the quality of what answered: right decisions expected */
    int64_t hedge_won;       /* of `hedged`, those answered by the second copy */
    int64_t refused;         /* of `lost`: by admission */
    int64_t held_now, held;  /* of `in_flight`: waiting for an hour with less CO2; of `sent`: that did */
    int64_t no_budget;       /* of `lost`: no token was left for another try */
    int64_t in_flight_at_start; /* after a warm-up: of `sent`, those under way when the counting began */
    double p50_ms, p95_ms, p99_ms, mean_ms; /* of answered, since the start; bins of 2 % */
} jw_request_counts;
/* type JW_NONE: all. */
jw_request_counts jw_twin_requests(const jw_world *world, uint32_t type);
uint32_t jw_twin_request_type_count(const jw_world *world);
const jw_request_type *jw_twin_request_type(const jw_world *world, uint32_t type);

/* ---- routes: a policy from outside
 * -------------------------------------------------------------------------- */

/* A site that could serve a request type for senders whose nearest serving site is `home`. */
typedef struct jw_route {
    jw_site_id site;
    const char *name, *region;
    jw_tier tier;
    double network_s;     /* from the home's node, with the type's bytes, one way, behind what waits now */
    double compute_s;     /* forecast of queue and service for the type's mean request */
    double load;          /* busy share of its cards, 0..1 */
    double kgco2_per_kwh; /* of the grid that feeds it, direct green power counted, times its PUE */
    double price_cny_per_kwh; /* times its PUE */
    /* Least forecast CO2 a kWh of such a run within the type's deadline, and in how many seconds it would
     * begin; as now, and 0, of types that are not deferrable. */
    double greenest_kgco2_per_kwh, greenest_s;
    double weight; /* as it was left; 0 at first */
} jw_route;
/* The sites that serve `type` for `home` (a slot of compute) in order of slot: up, reachable, with the data
 * allowed there. Returns how many there are and writes at most `capacity`. */
uint32_t jw_twin_routes(const jw_world *world, uint32_t type, uint32_t home_slot, jw_route *out,
                        uint32_t capacity);
/* Weights (>= 0, finite) of the first `count` routes as jw_twin_routes gives them now; others get 0. Under
 * JW_POLICY_SCRIPT each request of the type from that home goes to one of them by its share, drawn by the
 * request's number; all 0: latency. Serial code of a step only. */
jw_result jw_twin_set_routes(jw_world *world, uint32_t type, uint32_t home_slot, const double *weights,
                             uint32_t count, jw_error *error);

/* Of one type; JW_POLICY_DEFAULT: the city's. Serial code of a step only. */
void jw_twin_set_policy(jw_world *world, uint32_t type, jw_policy policy);

typedef enum jw_breaker_phase { JW_BREAKER_CLOSED, JW_BREAKER_OPEN, JW_BREAKER_HALF_OPEN } jw_breaker_phase;
jw_breaker_phase jw_twin_breaker(const jw_world *world, uint32_t type, jw_site_id site);

/* ---- totals and pictures
 * ----------------------------------------------------------------------------------- */

typedef struct jw_twin_totals {
    double energy_wh; /* compute, cells and switches */
    double carbon_kg; /* of that energy, by region */
    double cost_cny;
} jw_twin_totals;
jw_twin_totals jw_twin_total(const jw_world *world);

/* The diary: commands as they are carried out or refused, sites that fail and come back, notes, and what a
 * scenario tells here. Saved, so that it survives going back; never hashed. `text_zh` "": the text is the
 * same in both languages. From serial code of a step. */
void jw_twin_tell(jw_world *world, jw_event_kind kind, const char *text, const char *text_zh);
/* What a command speaks of, as the diary's lines name it: "Huaihai Road", "ring-3", "radio = 0". The diary
 * has English names, and Chinese ones, too, where the map knows them. */
#define JW_ABOUT_SIZE 96
void jw_twin_describe_command(const jw_city *city, const jw_command *command, jw_language language, char *out,
                              size_t out_size);
/* Oldest first, at most JW_EVENTS_MAX; the pointer lives until the next step. */
const jw_frame_event *jw_twin_events(const jw_world *world, uint32_t *out_count);

/* Fills a frame from the world at a step boundary; reads only. `watches` are answered in details and rasters.
 */
jw_result jw_twin_fill_frame(const jw_world *world, const jw_watch *watches, uint32_t watch_count,
                             jw_frame *frame, jw_error *error);

/* From now on it remembers of the last requests where they spent their time, and of the vehicles on the road
 * when they came to each section: what examples (JW_WATCH_EXAMPLE) are told of. At most about 30 MB. Neither
 * saved nor hashed, and nothing else depends on it; a restored world remembers nothing until it is called
 * again. */
jw_result jw_twin_keep_examples(jw_world *world, jw_error *error);

/* Answers one watch alone, in the frame's details; the rest of the frame is left as it is. */
jw_result jw_twin_answer(const jw_world *world, const jw_watch *watch, jw_frame *frame, jw_error *error);

/* Conservation over all domains: false and a message when any identity is broken. */
bool jw_twin_is_consistent(const jw_world *world, jw_error *error);

/* Verbs of twin_city: place_edge_site(name, x, y, card, count), move_site(name, x, y), remove_site(name),
 * restore_site(name), deploy_model(model, version, wave, tier),
 * submit_model(model, version, data, autonomy, reach, dataset, site, share), rollback_model(model),
 * set_coupling(name, on), fail_node(name) and repair_node(name) (site, its network node and links). Of
 * twin_requests: set_policy(name, type), set_guard(type, admission, retries, retry_budget, hedge, residency,
 * deferrable), set_breaker(on, window, failure_share, open_s, trials), place_crowd(name, type, x, y, per_s),
 * set_crowd(name, per_s). Of twin_diary: note(text, zh). Tables: requests (log: late, lost and one in 100 of
 * the others with weight), request_types (state). Metrics: twin.requests_sent, _answered, _late, _lost,
 * _in_time, _refused, _retried, _hedged, twin.breakers_open, twin.p95, twin.energy, .carbon, .cost,
 * twin.signals_by_ai. */

#endif
