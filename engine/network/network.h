/* The data network: fibre between hosts, switches and cells; radio between cells and users; messages and
 * fluid flows over both; routing with failures. One kernel module, named "network".
 *
 * Models: path loss 3GPP TR 38.901 table 7.4.1-1 (UMi street canyon, UMa) with line of sight decided by the
 * city's buildings, and correlated shadowing; sectors with the antenna patterns of TR 38.901 and TR 36.814;
 * SINR with the neighbours' load, both ways; uplink power control of TS 38.213; losses into buildings of TR
 * 38.901; efficiency by a CQI table of TS 38.214; handover by event A3 and link failure of TS 38.331;
 * a cell's resource blocks shared equally among messages in service (proportional fair in the mean); max-min
 * fair fluid flows; messages store-and-forward with propagation (4.9 us/km), transmission and queueing.
 * Sources stand at each function.
 *
 * Identities, exact: messages sent = delivered + lost + in flight; flow bytes offered = carried + dropped +
 * remaining; at each direction of each link and for each class, bytes offered = carried + dropped + queued.
 * What does not belong to the network is an opaque `tag`. */
#ifndef JW_NETWORK_H
#define JW_NETWORK_H

#include "city/city.h"
#include "frame/frame.h"
#include "kernel/kernel.h"

typedef struct jw_net_node_id {
    uint32_t index1, generation;
} jw_net_node_id;
typedef struct jw_net_link_id {
    uint32_t index1, generation;
} jw_net_link_id;
typedef struct jw_cell_id {
    uint32_t index1, generation;
} jw_cell_id;
typedef struct jw_user_id { /* radio terminal */
    uint32_t index1, generation;
} jw_user_id;
typedef struct jw_flow_id {
    uint32_t index1, generation;
} jw_flow_id;

#define JW_NET_NAME_SIZE 32

typedef enum jw_net_node_kind {
    JW_NET_HOST,
    JW_NET_SWITCH,
    JW_NET_CELL_SITE,
    JW_NET_GATEWAY
} jw_net_node_kind;

typedef struct jw_net_node_def {
    char name[JW_NET_NAME_SIZE]; /* unique */
    jw_net_node_kind kind;
    double x_m, y_m;
} jw_net_node_def;

typedef struct jw_net_link_def { /* full duplex */
    char name[JW_NET_NAME_SIZE]; /* unique; "": made from the ends */
    char from[JW_NET_NAME_SIZE], to[JW_NET_NAME_SIZE];
    double capacity_bps;  /* > 0 each way */
    double length_m;      /* 0: straight line times 1.3 */
    double extra_delay_s; /* equipment at the far end, per hop; 0 = 20 us */
    double loss;          /* probability per message, or segment of a TCP flow, 0..1 */
    int64_t queue_bytes;  /* of messages before each transmitter; 0: what it sends in 1 s */
    uint32_t max_flows;   /* each way: one more is refused; 0: any number */
    double nj_per_bit; /* energy of a bit carried from -> to, nanojoule; 0: counted with the switches alone */
    double nj_per_bit_back; /* of a bit carried to -> from; 0: as nj_per_bit */
} jw_net_link_def;

typedef enum jw_radio_scenario { JW_RADIO_UMI, JW_RADIO_UMA } jw_radio_scenario;

typedef enum jw_antenna {
    JW_ANTENNA_OMNI,    /* the same to all sides: azimuth and tilt do not matter */
    JW_ANTENNA_ELEMENT, /* one element of TR 38.901 table 7.3-1: 65 degrees wide both ways, 8 dBi */
    JW_ANTENNA_SECTOR,  /* a column of TR 36.814 table A.2.1.1-2: 70 by 10 degrees, 14 dBi with its cable */
    JW_ANTENNA_ARRAY    /* such elements as above in an array that steers a beam to each user: the user gains
                           jw_antenna_beam_db, others hear the element's pattern in the mean */
} jw_antenna;

/* Of TS 38.214: up to 64QAM (table 5.2.2.1-2) or up to 256QAM (table 5.2.2.1-3). */
typedef enum jw_cqi_table { JW_CQI_64QAM, JW_CQI_256QAM } jw_cqi_table;

/* A cell is one sector: cells of one mast hang on the same node at the same place. */
typedef struct jw_cell_def {
    char name[JW_NET_NAME_SIZE];
    char node[JW_NET_NAME_SIZE]; /* network node it hangs on */
    double x_m, y_m;
    double height_m;         /* antenna above ground; 0 = 10 (UMi) or 25 (UMa) */
    double band_ghz;         /* 0.5 to 100; 0 = 3.5 */
    double bandwidth_mhz;    /* of TS 38.101; 0 = the band's usual one: jw_radio_band_of */
    double subcarrier_khz;   /* numerology: 15, 30, 60 or 120; 0 = the band's usual one */
    double power_dbm;        /* 0 = 44 */
    double downlink_share;   /* of time (TDD); 0 = 0.75. A frequency-duplex band has all of it both ways */
    double azimuth_deg;      /* where it looks: clockwise from north */
    double tilt_deg;         /* below the horizon, mechanical and electrical */
    double antenna_gain_dbi; /* at most, straight ahead; 0 = the antenna's own */
    jw_antenna antenna;
    jw_cqi_table cqi_table;
    jw_radio_scenario scenario;
    double idle_power_w, busy_power_w; /* 0: 300 and 900 (unverified, see network_cell.c) */
    /* Sleep: after sleep_after_s at a load below sleep_load, when each of its users hears another cell, it
     * sleeps until a user needs it (one in outage, or of a cell loaded above 0.7); then it wakes in wake_s.
     */
    double sleep_load;    /* 0: never sleeps */
    double sleep_after_s; /* 0 = 30 */
    double wake_s;        /* 0 = 1 */
    double sleep_power_w; /* 0 = 30 (unverified) */
} jw_cell_def;

typedef struct jw_network_def {
    const jw_net_node_def *nodes;
    uint32_t node_count;
    const jw_net_link_def *links;
    uint32_t link_count;
    const jw_cell_def *cells;
    uint32_t cell_count;
    double radio_interval_s;    /* between SINR updates of a user; 0 = each step */
    double failover_s;          /* from a link's failure to new routes; 0 = 0.05 */
    double message_timeout_s;   /* a message without a route waits this long, then is lost; 0 = 2 */
    double user_background_bps; /* downlink traffic of each user beside its messages: cell load; 0 none */
    /* Open-loop uplink power control (TS 38.213 7.1.1): P0 for each resource block of 180 kHz, and the share
     * of the loss that is made up for. */
    double up_p0_dbm; /* -202 to 24; 0 = -80 (unverified) */
    double up_alpha;  /* of 38.213's 0.4 to 1, 0.1 to 1 here; 0 = 0.8 (unverified) */
    /* False: drawn by the standard's probability, as a field about each mast that changes over 50 m. Either
     * way sight fades over a few metres (network_place.c). */
    bool is_los_from_buildings;
    /* Shadow fading, a fixed field of the seed about each mast (default true): deviation and decorrelation
     * distance of TR 38.901 tables 7.4.1-1 and 7.5-6, correlation 0.5 between masts. */
    bool has_shadowing;
    /* Event A3 (TS 38.331 5.5.4.4): handover to a cell that was offset and hysteresis above the serving one
     * for the whole time to trigger, looked at when the user is updated. Offset and time as in the second of
     * TR 36.839's sets of parameters, hysteresis 1 dB (all unverified). New radio does not scale them by how
     * often a terminal changes cells: TS 38.331 has such factors for idle terminals only. */
    double a3_offset_db;     /* -15 to 15; jw_default_network_def: 3 */
    double a3_hysteresis_db; /* 0 to 15; 0 = 1 */
    double a3_trigger_s;     /* 0 to 10; 0 = 0.16 */
    double t310_s; /* out of synchronisation for so long the link has failed (TS 38.331 5.3.10); 0 = 1, its
                      default; to 6 */
} jw_network_def;
jw_network_def jw_default_network_def(void);

/* "network"; shared data begins with jw_shared_city-like {const jw_city *city} (buildings decide line of
 * sight). Phases (slot COUPLING): network.radio (serving cells, SINR, rates), network.flows. */
extern const jw_module jw_network_module;
typedef struct jw_network jw_network;

/* ---- ports -----------------------------------------------------------------------------------------------
 */

typedef enum jw_net_loss {
    JW_LOSS_NO_ROUTE,
    JW_LOSS_OUTAGE,
    JW_LOSS_ERROR,
    JW_LOSS_QUEUE,
    JW_LOSS_USER_GONE
} jw_net_loss;

/* A message enters a link, or the air of a cell, from where it came there until it goes on. */
typedef struct jw_message_hop {
    bool is_in_air;
    uint32_t slot;    /* of the link, or of the cell */
    bool is_backward; /* on a link; in the air: it comes down */
    /* All known as it enters a link: it waits for the transmitter, is sent, and is under way for the rest.
     * In the air waited_ns and end_ns are known when message_leaves_air tells them. */
    int64_t begin_ns, waited_ns, worked_ns, end_ns;
} jw_message_hop;

typedef struct jw_network_ports {
    void (*message_delivered)(jw_world *world, uint64_t tag);
    void (*message_lost)(jw_world *world, uint64_t tag, jw_net_loss why);
    void (*flow_finished)(jw_world *world, uint64_t tag);
    void (*flow_failed)(jw_world *world, uint64_t tag); /* no route for message_timeout_s */
    /* For those who look on: they change nothing. It left the cell's server now, and lands then. */
    void (*message_enters)(jw_world *world, uint64_t tag, const jw_message_hop *hop);
    void (*message_leaves_air)(jw_world *world, uint64_t tag, int64_t end_ns);
} jw_network_ports;
void jw_network_set_ports(jw_network *network, const jw_network_ports *ports);

/* ---- topology: also by command at run time ---------------------------------------------------------------
 */

jw_result jw_network_add_node(jw_world *world, jw_network *network, const jw_net_node_def *def,
                              jw_net_node_id *out, jw_error *error);
jw_result jw_network_add_link(jw_world *world, jw_network *network, const jw_net_link_def *def,
                              jw_net_link_id *out, jw_error *error);
jw_result jw_network_add_cell(jw_world *world, jw_network *network, const jw_cell_def *def, jw_cell_id *out,
                              jw_error *error);
/* Zero handle when absent. */
jw_net_node_id jw_network_find_node(const jw_network *network, const char *name);
/* The nearest switch or host that is up, of both at one place the switch, which is a core's before its
 * servers; zero when there is none. */
jw_net_node_id jw_network_nearest_anchor(const jw_network *network, double x_m, double y_m);
/* Nearest node of the kind that is up; zero when none. */
jw_net_node_id jw_network_nearest_node(const jw_network *network, jw_net_node_kind kind, double x_m,
                                       double y_m);
jw_result jw_network_set_link_up(
    jw_world *world, jw_network *network, const char *link_or_node, bool is_up,
    jw_error *error); /* Its links and cells are gone with it and leave their names to others; what was under
                       * way on them is lost or goes another way, as when it fails. Restored, it is up and all
                       * is as it was; refused when a name is taken by then. */
jw_result jw_network_remove_node(jw_world *world, jw_network *network, const char *name, jw_error *error);
jw_result jw_network_restore_node(jw_world *world, jw_network *network, const char *name, jw_error *error);
/* With the cells on it; its fibres get longer or shorter by as much as their straight lines do. */
jw_result jw_network_move_node(jw_world *world, jw_network *network, const char *name, double x_m, double y_m,
                               jw_error *error);
/* Of a fibre that is laid between two places: ducts follow streets (unverified: 1.3 times the line). */
double jw_fibre_length_m(double x0_m, double y0_m, double x1_m, double y1_m);
/* What a definition leaves out (0) gets its default: then all fields are set. */
void jw_network_default_cell(jw_cell_def *def);
/* a node's name cuts all its links */

/* A topology read from a file; the arrays are its own. Node and link fields as in a network's definition. */
typedef struct jw_net_topology {
    jw_net_node_def *nodes;
    uint32_t node_count;
    jw_net_link_def *links;
    uint32_t link_count;
    uint32_t warning_count; /* doubtful things that were taken nevertheless, or left out */
    jw_error warning;       /* the first of them */
} jw_net_topology;
/* A backbone from a file, told by its first bytes:
 * - node-link JSON, as topohub publishes the Internet Topology Zoo and SNDlib: "nodes" with "id", "name",
 * "pos": [longitude, latitude] in degrees; "edges" (or "links") with "source", "target", "dist" in km and,
 * ours, "capacity_gbps";
 * - GraphML as the Internet Topology Zoo has it: keys Longitude, Latitude, label, and LinkSpeedRaw in bit/s;
 * - SNDlib's XML and its native format: the installed capacity in Mbit/s, else that of the first module;
 * - a GeoPackage (by its path alone): layer "nodes" of points with "name"; layer "links" of lines, or without
 * geometry, with "from" and "to", names of nodes, and, each where it is known, "capacity_bps" or
 * "capacity_gbps", and "length_m" (else the line's own).
 * A link without a length has 1.3 times the great circle, without a capacity default_capacity_bps. Nodes
 * become switches, on a plane in metres around their middle; of equal names the second gets "#2". Refused
 * with the place (line, or layer and row): a link to nowhere, a capacity that is not above 0, an id twice, no
 * such format. Warned: a capacity below 1 Mbit/s or above 100 Tbit/s (Mbit taken as bit), a node without a
 * place, a link from a node to itself (left out). At most 64 MB, 100,000 nodes, 1,000,000 links. Free it with
 * jw_network_topology_free. */
jw_result jw_network_read_topology(const char *path, double default_capacity_bps, jw_net_topology *out,
                                   jw_error *error);
/* The same from memory, which it may change; a zero follows the text. `name` is for messages. */
jw_result jw_network_read_topology_text(char *text, size_t size, const char *name,
                                        double default_capacity_bps, jw_net_topology *out, jw_error *error);
void jw_network_topology_free(jw_net_topology *topology);

/* ---- radio users -----------------------------------------------------------------------------------------
 */

/* `height_m` above ground, 1.5 for a vehicle. */
jw_result jw_network_add_user(jw_network *network, uint64_t tag, float x_m, float y_m, float height_m,
                              jw_user_id *out, jw_error *error);
/* A user within a building: its signal loses what TR 38.901 7.4.3 has for walls and rooms. */
void jw_network_set_indoor(jw_network *network, jw_user_id user, bool is_indoor);
/* Traffic of a user beside its messages and user_background_bps, from now on: the load of its cell. One user
 * may stand for many. At most 1e12 each way. */
void jw_network_set_demand(jw_network *network, jw_user_id user, double down_bps, double up_bps);
void jw_network_remove_user(jw_world *world, jw_network *network, jw_user_id user);
/* Once a step, from a phase before network.radio. */
void jw_network_move_users(jw_network *network, uint32_t count, const jw_user_id *users, const float *x_m,
                           const float *y_m);
typedef struct jw_user_radio {
    jw_cell_id cell;                  /* zero: in outage */
    float sinr_db;                    /* downlink */
    float rate_down_bps, rate_up_bps; /* if it alone asked now for its fair share */
    uint8_t cqi;                      /* 0: outage */
    uint8_t has_los;
    uint32_t handovers;
} jw_user_radio;
bool jw_network_user_radio(const jw_network *network, jw_user_id user, jw_user_radio *out);
/* What a user standing at a place would get now: for coverage maps and for choosing sites. Equal to what a
 * user there has: both hear the radio map's tile of 10 m. A new tile costs about 5 us, a known one 0.2 us. */
jw_user_radio jw_network_probe(const jw_network *network, double x_m, double y_m, double height_m);
/* The same for maps: what one more user would get at each of `count` places, in parallel, by the load of the
 * cells as it is. Nothing changes by asking; the same for any number of threads. */
typedef struct jw_radio_at {
    jw_cell_id cell; /* that would serve; zero: outage */
    float power_dbm; /* received from the strongest cell that serves, per subcarrier (RSRP); NAN: none is near
                      */
    float sinr_db;   /* downlink; NAN: none is near */
    float rate_down_bps, rate_up_bps; /* 0: outage */
} jw_radio_at;
void jw_network_map(const jw_network *network, uint32_t count, const double *x_m, const double *y_m,
                    double height_m, int threads, jw_radio_at *out);

/* Whether none of the city's buildings stands between two points, z above ground. Reads only. */
bool jw_network_is_in_sight(const jw_network *network, jw_vec3 from, jw_vec3 to);

/* ---- messages and flows ----------------------------------------------------------------------------------
 */

/* They share links so: flows have the whole capacity among themselves; messages see what the flows leave, at
 * least a tenth. A message waits for a free transmitter (control first, tail drop at queue_bytes), for a
 * route or for coverage (at most message_timeout_s); over radio it shares its cell with the messages in
 * service there (control weighs ten times the others). A flow keeps its route until a link of it fails, then
 * stalls until rerouting.
 *
 * Routes are the shortest by delay over the links that routing believes to be up: it learns of a failure or
 * a repair failover_s later. Ways of equal delay share the traffic: a hash of its own picks for each flow and
 * each message at every node (RFC 2991, RFC 2992), the same for any number of threads and after a restore. */

/* An end of a message: a node, or a radio user (over its serving cell). Exactly one handle is set. */
typedef struct jw_net_end {
    jw_net_node_id node;
    jw_user_id user;
} jw_net_end;

typedef struct jw_message_def {
    jw_net_end from, to;
    int64_t size_bytes; /* > 0 */
    uint8_t kind;       /* JW_TRAFFIC_CONTROL (goes first), _VIDEO, _AI of frame.h */
    uint64_t tag;
} jw_message_def;
/* Always ends in exactly one call of message_delivered or message_lost, later than now. */
jw_result jw_network_send(jw_world *world, jw_network *network, const jw_message_def *def, jw_error *error);

typedef struct jw_flow_def {
    jw_net_node_id from, to;
    int64_t size_bytes;  /* 0: a stream without end, at most rate_cap_bps (then > 0) */
    double rate_cap_bps; /* 0: none */
    double weight;       /* 0 = 1 */
    uint8_t kind;
    uint64_t tag;
    /* TCP: the first byte leaves a round trip after the start (the handshake); then slow start, at most a
     * window a round trip, ten segments of 1,460 bytes first (RFC 6928), twice as many each round trip, until
     * a link holds the flow (again after a failover); never more than jw_tcp_rate_bps of its way's losses. */
    bool is_tcp;
    bool has_delay; /* it takes its share a way's delay later, so that it ends when its last byte arrives */
} jw_flow_def;
/* A finite flow ends in exactly one call of flow_finished or flow_failed. JW_ERROR_LIMIT: refused, a link of
 * its way has its max_flows; it is counted and nothing else happens. (Rerouted or delayed, it stalls there.)
 */
jw_result jw_network_start_flow(jw_world *world, jw_network *network, const jw_flow_def *def, jw_flow_id *out,
                                jw_error *error);
/* Stops without a call. */
void jw_network_stop_flow(jw_world *world, jw_network *network, jw_flow_id flow);
double jw_network_flow_rate_bps(const jw_network *network, jw_flow_id flow); /* 0 when gone or stalled */
int64_t jw_network_flow_remaining_bytes(const jw_world *world, const jw_network *network, jw_flow_id flow);

/* What the air adds to a message beside its transmission, one way: scheduling and processing. */
double jw_network_air_delay_s(void);
/* Time that a message of this size would need now without queueing; < 0: no route. For policies. */
double jw_network_estimate_s(const jw_network *network, jw_net_end from, jw_net_end to, int64_t size_bytes);
/* The wires of that way between two nodes, in order, from begin_ns on, nothing waiting. Their number, of
 * which at most `most` are written to `out`; JW_NONE: no route. */
uint32_t jw_network_way(const jw_network *network, jw_net_node_id from, jw_net_node_id to, int64_t size_bytes,
                        int64_t begin_ns, jw_message_hop *out, uint32_t most);
/* The estimate behind what waits for the links of the way now: exact when nothing else is sent meanwhile. */
double jw_network_forecast_s(const jw_world *world, const jw_network *network, jw_net_end from, jw_net_end to,
                             int64_t size_bytes, uint8_t kind);

/* ---- read-only views -------------------------------------------------------------------------------------
 */

uint32_t jw_network_node_count(const jw_network *network); /* slots: skip what was removed */
bool jw_network_node(const jw_network *network, uint32_t slot, jw_net_node_id *out_id, jw_net_node_def *out,
                     bool *out_is_up);
uint32_t jw_network_cell_count(const jw_network *network);
typedef struct jw_cell_state {
    jw_cell_id id;
    const jw_cell_def *def;
    bool is_up;
    uint32_t users;
    double load;           /* share of all resource blocks (down and up) used in the last interval, 0..1 */
    double throughput_bps; /* over the last interval */
    double energy_j;       /* until now */
    double full_rate_m, reach_m; /* jw_cell_reach_m of the best and the least CQI */
    uint32_t prb_count;          /* resource blocks of its channel */
    bool is_asleep;              /* or waking: serves nobody */
    double up_load;              /* of the uplink's resource blocks used in the last interval, 0..1 */
    double up_rise_db;           /* interference of other cells' terminals over its noise: 0 none */
} jw_cell_state;
bool jw_network_cell(const jw_world *world, const jw_network *network, uint32_t slot, jw_cell_state *out);
uint32_t jw_network_link_count(const jw_network *network);
/* Fills a frame's link; false for one that was removed. Rates over the last metrics interval (1 s). */
bool jw_network_link(const jw_world *world, const jw_network *network, uint32_t slot, jw_frame_link *out);
/* False for a dead slot. */
bool jw_network_link_ends(const jw_network *network, uint32_t slot, jw_net_node_id *out_from,
                          jw_net_node_id *out_to);
/* What one direction of a link was given, by class, and what became of it: offered = carried + dropped +
 * queued at any time. Dropped: at the tail of a full queue, by the link's loss, by its failure. Queued: of
 * messages that wait for the transmitter or are on the fibre. A flow's bytes are offered and carried at once.
 */
typedef struct jw_link_bytes {
    int64_t offered[JW_TRAFFIC_KIND_COUNT], carried[JW_TRAFFIC_KIND_COUNT], dropped[JW_TRAFFIC_KIND_COUNT],
        queued[JW_TRAFFIC_KIND_COUNT];
} jw_link_bytes;
/* False for a dead slot. */
bool jw_network_link_bytes(const jw_network *network, uint32_t slot, bool is_backward, jw_link_bytes *out);

typedef struct jw_network_counts {
    int64_t messages_sent, messages_delivered, messages_lost, messages_in_flight;
    int64_t flows_started, flows_finished, flows_failed, flows_stopped, flows_running;
    int64_t flows_refused;
    int64_t bytes_carried[JW_TRAFFIC_KIND_COUNT]; /* over links, each hop counted as it is done */
    int64_t bytes_dropped[JW_TRAFFIC_KIND_COUNT]; /* by links, see jw_link_bytes */
    int64_t handovers, radio_outages;             /* users without a cell, now */
    int64_t ping_pongs; /* handovers back to the cell left less than 1 s ago (TR 36.839 5.2.1.4) */
    int64_t
        radio_failures; /* users who lost their cell: T310 expired, or the order to hand over came too late
                         */
    int64_t late_handovers; /* of these, while A3 was under way: the handover came too late */
    int64_t cell_sleeps;    /* times that a cell fell asleep */
    /* Of flows: offered = carried + dropped (failed or stopped) + remaining; a stream offers what it carries.
     */
    int64_t flow_bytes_offered, flow_bytes_carried, flow_bytes_dropped, flow_bytes_remaining;
    double link_energy_j; /* of bits, by the links' nj_per_bit: at the latest a second late for flows */
    double energy_j;      /* cells, switches and links */
} jw_network_counts;
jw_network_counts jw_network_count(const jw_world *world, const jw_network *network);

/* ---- the pure models, for tests, probes and benchmarks ---------------------------------------------------
 */

/* TR 38.901 path loss in dB. fc in GHz, distances in m (d2D >= 10), heights in m. */
double jw_path_loss_db(jw_radio_scenario scenario, bool has_los, double fc_ghz, double d2d_m,
                       double bs_height_m, double ut_height_m);
double jw_los_probability(jw_radio_scenario scenario, double d2d_m);
/* TR 38.901 7.6.3.3 (unverified): how much of line of sight a place has, 0 to 1, by its probability and a
 * normal field that is correlated from place to place: above a half as often as the probability says. */
double jw_los_soft(double probability, double field, double wavelength_m);
/* What a straight edge in the way costs, dB: ITU-R P.526 equation 31 (unverified) for its Fresnel parameter,
 * h sqrt(2 (1/d1 + 1/d2) / wavelength), h how far it reaches across the ray: 6 dB at 0, none below -0.78. */
double jw_diffraction_loss_db(double fresnel);
/* Standard deviation (TR 38.901 table 7.4.1-1) and decorrelation distance (table 7.5-6) of shadow fading. */
double jw_shadow_sigma_db(jw_radio_scenario scenario, bool has_los);
double jw_shadow_distance_m(jw_radio_scenario scenario, bool has_los);
/* An operating band, and what is usual in it; TS 38.101-1 table 5.2-1, 38.101-2 table 5.2-1. */
typedef struct jw_radio_band {
    const char *name;         /* "n28", "n41", "n78", "n79", "n258"; "" for any other frequency */
    double low_ghz, high_ghz; /* downlink */
    double bandwidth_mhz, subcarrier_khz;
    bool is_fdd;
} jw_radio_band;
jw_radio_band jw_radio_band_of(double fc_ghz);
/* Resource blocks of a channel, TS 38.101-1 (below 7.125 GHz) and -2 tables 5.3.2-1; 0: no such channel. */
uint32_t jw_prb_count(double fc_ghz, double bandwidth_mhz, double subcarrier_khz);
/* An antenna's gain in dBi straight ahead, and the loss (<= 0) off to the side and off its tilt, both in
 * degrees; azimuth -180 to 180. */
double jw_antenna_gain_dbi(jw_antenna antenna);
double jw_antenna_pattern_db(jw_antenna antenna, double azimuth_deg, double elevation_deg);
/* What a beam adds to an antenna's gain for the user it is steered to: of 4, 64 or 256 elements (below
 * 1, 7.125 GHz, above), less 2 dB (unverified); 0 for other antennas. */
double jw_antenna_beam_db(jw_antenna antenna, double fc_ghz);
/* Loss through a wall, dB: TR 38.901 table 7.4.3-2, its mean. High: coated glass. */
double jw_wall_loss_db(bool is_high, double fc_ghz);
/* Gain in dBi of a cell's antenna towards a place. All fields of `cell` set. */
double jw_cell_gain_dbi(const jw_cell_def *cell, double x_m, double y_m, double height_m);
uint8_t jw_cqi_from_sinr(jw_cqi_table table, double sinr_db);
double jw_cqi_threshold_db(jw_cqi_table table, uint8_t cqi); /* least SINR of a CQI of 1 to 15 */
double jw_cqi_efficiency(jw_cqi_table table, uint8_t cqi);   /* bit/s/Hz; 0 for CQI 0: outage */
/* How far a terminal at 1.5 m in the street without line of sight, shadow or interference gets a CQI on the
 * downlink where the antenna looks: 10 m to 20 km. All fields of `cell` set. */
double jw_cell_reach_m(const jw_cell_def *cell, uint8_t cqi);
/* What TCP gets at most in the mean over a way with this round trip (> 0) that loses a share 0..1 of its
 * segments of 1,460 bytes: the equation of RFC 5348 3.1, after Padhye et al. (SIGCOMM 1998). Infinite for 0.
 */
double jw_tcp_rate_bps(double round_trip_s, double loss);
/* Max-min fair rates: flow f uses links flow_links[flow_first[f] .. flow_first[f+1]), with cap (0 none) and
 * weight (0 = 1). Exact progressive filling. */
jw_result jw_max_min(const double *capacity, uint32_t link_count, const uint32_t *flow_first,
                     const uint32_t *flow_links, const double *cap, const double *weight, uint32_t flow_count,
                     double *out_rate, jw_error *error);

/* How fast flows are: between random hosts of a fat tree (512 hosts, 84 switches, 672 links of 10 Gbit/s and
 * 10 us, two ways up at each switch), sizes exponential, arrivals Poisson. The flows are the same each time.
 */
typedef struct jw_network_bench_def {
    uint32_t flows;     /* 1 or more */
    double flows_per_s; /* simulated; 0: all at once */
    double mean_bytes;
    /* NULL, or where to list them for another simulator: "wires COUNT BYTES_PER_S", "flows COUNT", then for
     * each "start_s from to bytes hops" and its wires. */
    const char *list_path;
} jw_network_bench_def;
typedef struct jw_network_bench_result {
    double flows_per_wall_s;
    double mean_completion_s; /* simulated */
    double bytes_per_flow;    /* memory at the peak beyond that of the idle network, scratch included */
    uint32_t peak_flows;      /* at once */
    uint64_t hash;            /* of the world at the end */
} jw_network_bench_result;
jw_result jw_network_bench(const jw_network_bench_def *def, jw_network_bench_result *out, jw_error *error);

/* How fast the radio runs: users driving through a made city under masts of three sectors 400 m apart, each
 * updated every 0.5 s. */
typedef struct jw_radio_bench_def {
    uint32_t users, cells;
    int threads; /* 0 = 1 */
} jw_radio_bench_def;
typedef struct jw_radio_bench_result {
    double start_s;             /* to add the users */
    double cold_factor;         /* simulated over wall time of the first 20 s, while the radio map is made */
    double real_time_factor[5]; /* of five times 20 s after it */
    uint32_t tiles;             /* of the radio map */
    jw_network_counts counts;
    uint64_t hash;
} jw_radio_bench_result;
jw_result jw_radio_bench(const jw_radio_bench_def *def, jw_radio_bench_result *out, jw_error *error);

/* Verbs: cut_link(name), repair_link(name), fail_cell(name), repair_cell(name), add_link(from, to,
 * capacity_gbps, name), remove_link(name), restore_link(name), place_cell(name, node, x, y, ...),
 * move_cell(name, x, y), remove_cell(name), restore_cell(name). Tables: links, cells (state), nodes (state).
 * Metrics: network.messages_sent, .lost, .in_flight, .flows, .users, .outages, .handovers, .throughput,
 * .max_link_load, .energy_wh, .ping_pongs, .radio_failures, .cells_asleep. */

#endif
