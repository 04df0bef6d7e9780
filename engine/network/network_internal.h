/* The inside of the network module: its state, and what its files offer each other.
 *
 *   network.c           module table, init, attach, phases, events
 *   network_topology.c  nodes, links, cells and their names; failures
 *   network_edit.c      what is moved, removed and restored
 *   network_route.c     shortest delays, computed per destination when asked
 *   network_message.c   messages hop by hop
 *   network_air.c       the two servers (down, up) of a cell that carry messages over radio
 *   network_flow.c      life of a flow; network_bundle.c flows that are shared as one, network_live.c over
 *                       which links; network_share.c their rates, network_due.c their ends; network_max_min.c
 *                       the pure filling; network_window.c TCP
 *   network_radio.c     users, serving cells, rates; network_place.c the radio map; network_sight.c what
 *                       buildings block
 *   network_cell.c      bands, resource blocks; network_cell_sleep.c which cells sleep
 *   network_cell_bench.c the radio's speed, measured
 *   network_model.c     the pure radio formulas; network_antenna.c and network_cell_shadow.c likewise
 *   network_map.c       the radio by place, for maps
 *   network_roadside.c  roadside units and their channel, a module of their own; network_roadside_state.c
 *   network_file.c      topologies from files, with network_file_xml.c, network_file_native.c,
 * network_file_gpkg.c network_bench.c     flows through a fat tree, timed network_state.c     save, load,
 * hash, with network_state_flow.c, network_state_radio.c and network_codec.c network_table.c     verbs,
 * tables, metrics
 *
 * Nodes, links and cells keep their slots for ever, so that these are dense and their generation is 1: what
 * is removed stays in its slot, down, without its name, and can be restored. Users, flows and messages live
 * in pools. A "direction" is 2 * link + (0 forward, 1 backward). */
#ifndef JW_NETWORK_INTERNAL_H
#define JW_NETWORK_INTERNAL_H

#include "network/network_flow_internal.h"

/* The common beginning of every world's shared data. */
typedef struct net_shared {
    const jw_city *city;
} net_shared;

enum {
    NET_EVENT_MESSAGE,
    NET_EVENT_AIR,
    NET_EVENT_REROUTE,
    NET_EVENT_SHARE,
    NET_EVENT_FLOW_TIMER,
    NET_EVENT_FLOW_DUE
};

#define NET_LINKS_MAX  1000000u /* bound for snapshots and topologies alike */
#define NET_THINGS_MAX 50000000u
#define NET_NEVER_NS   INT64_MAX
#define NET_TILE_M     10.0 /* side of the radio map's tiles */
#define NET_CANDIDATES 8    /* cells that a place hears */

/* ---- topology --------------------------------------------------------------------------------------------
 */

typedef struct net_node {
    jw_net_node_def def;
    bool is_up;
    bool is_removed; /* then down; its links and cells are gone with it */
} net_node;

/* What is counted in a direction; what sharing it among flows needs is apart, in net_wire. */
typedef struct net_direction {
    int64_t control_busy_ns;                      /* transmitter is taken by control messages until then */
    int64_t busy_ns;                              /* by any message */
    int64_t offered_bytes[JW_TRAFFIC_KIND_COUNT]; /* = carried + dropped + queued */
    int64_t carried_bytes[JW_TRAFFIC_KIND_COUNT];
    int64_t dropped_bytes[JW_TRAFFIC_KIND_COUNT];
    int64_t queued_bytes[JW_TRAFFIC_KIND_COUNT];  /* of its messages in phase ON_LINK */
    int64_t sampled_bytes[JW_TRAFFIC_KIND_COUNT]; /* carried at the last sample */
    double rate_bps[JW_TRAFFIC_KIND_COUNT];       /* over the last sample interval */
} net_direction;

typedef struct net_link {
    jw_net_link_def def;
    uint32_t from, to; /* node slots */
    int64_t delay_ns;  /* propagation and equipment, one way */
    bool is_cut;
    bool is_removed;    /* by itself: gone too when an end is */
    bool is_up;         /* derived: neither cut nor gone nor an end down */
    bool is_known_up;   /* what routing believes: follows is_up after failover_s */
    uint32_t cut_count; /* tells a message that the link went down under it */
    net_direction directions[2];
} net_link;

/* Processor sharing by virtual time: `virtual_s` advances by 1 / (sum of weights) while the server works. */
typedef struct net_air_job {
    double finish_virtual_s;
    uint64_t serial; /* of the message: makes the order total */
    double bits_per_virtual_s;
    uint32_t message;
    uint32_t weight;
} net_air_job;

typedef struct net_server {
    net_air_job *jobs; /* heap by (finish_virtual_s, serial) */
    uint32_t job_count, job_capacity;
    uint64_t weight_sum;
    double virtual_s;
    double speed; /* share of its resources left by background traffic, 0..1 */
    int64_t since_ns;
    uint32_t version;          /* of the pending completion event */
    int64_t busy_ns;           /* in this radio interval, up to since_ns */
    double bits_per_virtual_s; /* sum over its jobs */
    double carried_bits;       /* in this radio interval, up to since_ns */
} net_server;

enum { NET_DOWN, NET_UP };

typedef struct net_cell {
    jw_cell_def def;
    uint32_t node;
    bool is_failed;
    bool is_removed;                  /* by itself: gone too when its node is */
    double load;                      /* share of all resource blocks used in the last interval */
    double down_load;                 /* of the downlink's: what neighbours hear as interference */
    double up_load;                   /* of the uplink's: what neighbours hear of its users */
    double background, up_background; /* share of down- and uplink taken by the users' other traffic */
    double up_interference;           /* of other cells' terminals, mW/Hz, last interval */
    double throughput_bps;
    double energy_j, power_w;
    int64_t energy_since_ns;
    uint8_t sleep;          /* NET_CELL_ */
    int64_t sleep_since_ns; /* asleep or waking: since then; awake: quiet since then, or NET_NEVER_NS */
    net_server servers[2];
    uint32_t users;
    /* Derived from def and city. */
    double power_mw_per_hz;
    double noise_mw_per_hz, beam; /* linear */
    double full_rate_m, reach_m;
    double down_hz, up_hz; /* of either direction that carry payload, times their share of time */
    double least_up_bps;   /* uplink rate at CQI 1 with the whole band */
    double handicap;       /* of squared distances when cells are ranked by strength */
    uint32_t building;     /* that it stands on: never in its own way; JW_NONE */
    /* Scratch of jw_network_sleep_update. */
    bool is_wanted; /* asleep: a user would be better off with it */
    bool is_needed; /* quiet: a user hears no other */
} net_cell;

enum { NET_CELL_AWAKE, NET_CELL_ASLEEP, NET_CELL_WAKING, NET_CELL_SLEEP_COUNT };

#define NET_SHADOW_WAVES 32

typedef struct net_shadow_wave {
    float x, y;  /* wave numbers times the decorrelation distance, in turns */
    float phase; /* in turns */
} net_shadow_wave;

/* The shadow fading about a mast, of deviation 1; derived from the seed and the mast's place. */
typedef struct net_shadow {
    net_shadow_wave waves[NET_SHADOW_WAVES];
} net_shadow;

/* ---- users -----------------------------------------------------------------------------------------------
 */

typedef struct net_user {
    uint64_t tag;
    float x_m, y_m, height_m;
    float heard_x_m, heard_y_m; /* where it was last looked at */
    uint32_t cell;              /* slot, or JW_NONE in outage */
    uint32_t link_cell;         /* that it is connected to, also while nothing gets through; else JW_NONE */
    int64_t bad_since_ns;       /* out of synchronisation with it; NET_NEVER_NS: it is not */
    float sinr;                 /* of the downlink, linear */
    float down_bps;             /* with all of the cell's downlink to itself; up_bps of its uplink */
    float up_bps;
    float demand_down_bps, demand_up_bps; /* beside its messages */
    uint8_t cqi, has_los, is_indoor;
    uint32_t handovers;
    uint32_t better_cell;    /* the strongest, where that is not its own; else JW_NONE */
    float better_db;         /* by so much, filtered */
    int64_t better_since_ns; /* that fulfils A3 since then; NET_NEVER_NS: it does not */
    uint32_t left_cell;      /* by its last handover, JW_NONE: none yet */
    int64_t handover_ns;
    uint64_t place_key; /* derived: of `place` */
    uint32_t place;     /* derived: index in the radio map, JW_NONE unknown */
} net_user;

/* What a tile of the radio map hears: a pure function of tile, cells and city, so it is a cache, not state.
 */
typedef struct net_place {
    uint32_t cells[NET_CANDIDATES]; /* strongest first, were all in sight */
    float gain[NET_CANDIDATES];     /* linear path gain */
    float up_power[NET_CANDIDATES]; /* that arrives of a terminal alone in the whole band, mW/Hz */
    uint64_t key;
    float reach_m; /* nearer cells make the list; infinite when all do */
    uint8_t count, los_bits;
} net_place;

enum { NET_PLACE_KNOWN, NET_PLACE_STALE, NET_PLACE_LISTED /* to be computed in this phase */ };

/* What serving a user needs of a cell, packed: taken anew each radio phase. */
typedef struct net_heard_cell {
    float power_mw_per_hz;
    float down_load;
    float low_mhz, high_mhz;                   /* band */
    float down_bps;                            /* of the downlink at an efficiency of 1 bit/s/Hz */
    float noise_mw_per_hz, up_noise_mw_per_hz; /* of the uplink with interference */
    float beam;
    float up_bps;   /* of the uplink at an efficiency of 1 bit/s/Hz */
    float up_share; /* of the uplink that each of its users uses */
    uint8_t serves, cqi_table;
} net_heard_cell;

typedef struct net_sight net_sight; /* buildings in a grid, network_sight.c */

/* ---- messages and flows ----------------------------------------------------------------------------------
 */

typedef enum net_message_phase {
    NET_MESSAGE_READY,   /* at its node, or still with its sender when that is a user */
    NET_MESSAGE_ON_LINK, /* arrives with its event */
    NET_MESSAGE_IN_AIR,  /* a job of a cell's server */
    NET_MESSAGE_LANDING, /* left the server, arrives with its event */
    NET_MESSAGE_WAITING, /* for a route or for coverage: in the waiting list */
    NET_MESSAGE_PHASE_COUNT
} net_message_phase;

typedef struct net_message {
    uint64_t tag;
    uint64_t serial; /* counts messages and flows of this world: key of its random draws and of its way */
    int64_t size_bytes;
    int64_t waiting_since_ns; /* NET_NEVER_NS: not waiting */
    int64_t air_ns;           /* IN_AIR: from leaving the server to landing */
    jw_user_id from_user;     /* zero once its first radio hop is done */
    jw_user_id to_user;
    uint32_t to_node; /* JW_NONE when to_user */
    uint32_t node;    /* JW_NONE while with its sending user */
    uint32_t link;    /* ON_LINK: direction; IN_AIR, LANDING: 2 * cell + server; WAITING: place in the list */
    uint32_t link_cuts;
    uint32_t hops;
    uint32_t version; /* of its one valid event */
    uint8_t kind, phase;
} net_message;

/* ---- routing: derived, so behind a pointer that const readers may fill -----------------------------------
 */

typedef struct net_routes net_routes;

/* ---- the module's state ----------------------------------------------------------------------------------
 */

struct jw_network {
    /* Definition. */
    double radio_interval_s;
    int64_t failover_ns, message_timeout_ns;
    double background_bps; /* of each user */
    bool is_los_from_buildings, has_shadowing;
    double a3_offset_db, a3_hysteresis_db;
    int64_t a3_trigger_ns, t310_ns;
    double up_p0_dbm, up_alpha;

    net_node *nodes;
    uint32_t node_count, node_capacity;
    net_link *links;
    uint32_t link_count, link_capacity;
    net_wire *wires; /* by direction */
    uint32_t wire_capacity;
    net_cell *cells;
    uint32_t cell_count, cell_capacity;
    jw_pool user_pool;
    net_user *users;
    uint32_t user_capacity;
    jw_pool message_pool;
    net_message *messages;
    uint32_t message_capacity;
    jw_pool flow_pool;
    net_flow *flows;
    uint32_t flow_capacity;
    jw_pool bundle_pool;
    net_bundle *bundles;
    uint32_t bundle_capacity;

    uint64_t next_serial;
    uint32_t *waiting; /* messages in phase WAITING */
    uint32_t waiting_count, waiting_capacity;
    /* Waiting for the sharing event of this instant. */
    uint32_t *dirty_bundles;
    uint32_t dirty_bundle_count, dirty_bundle_capacity;
    uint32_t *dirty_directions;
    uint32_t dirty_direction_count, dirty_direction_capacity;
    uint32_t *rising; /* directions whose bound passed their capacity */
    uint32_t rising_count, rising_capacity;
    bool is_share_pending;
    int64_t flow_timer_ns; /* of the one valid timer event */

    int64_t sample_ns;     /* of the last sample of link rates */
    int64_t radio_ns;      /* of the last radio phase */
    double throughput_bps; /* delivered messages and flows over the last sample */
    int64_t delivered_bytes, sampled_delivered_bytes;
    double switch_energy_j, switch_power_w;
    int64_t switch_since_ns;
    jw_network_counts counts; /* running sums; the rest is filled when read */

    /* Derived. */
    jw_map node_names, link_names, cell_names;
    net_routes *routes;
    net_share share;
    net_blocks blocks;
    net_due due;
    uint32_t capped_count;   /* bundles with a cap */
    uint32_t *bundle_chains; /* by hash of the live links: first bundle, JW_NONE */
    uint32_t bundle_chain_count;
    uint32_t *touched; /* scratch */
    uint32_t touched_capacity;
    net_parting *partings; /* scratch */
    uint32_t parting_capacity;
    net_place *places;
    uint32_t place_count, place_capacity;
    uint8_t *place_states; /* NET_PLACE_, beside places: looked at for every user, so kept dense */
    uint32_t place_state_capacity;
    uint32_t *place_pages; /* of 64 x 64 tiles: indices into places, JW_NONE */
    uint32_t place_page_count, place_page_capacity;
    jw_map place_page_numbers; /* by page of a key */
    net_heard_cell *heard;     /* by cell */
    net_shadow *shadows;       /* by cell */
    net_shadow *sight_fields;  /* by cell: where it is seen, when that is drawn */
    net_shadow common_shadow;  /* of places, whichever mast they hear; about the map's origin */
    uint32_t heard_capacity, shadow_capacity, sight_field_capacity;
    float cqi_sinr[2][15];       /* linear thresholds, by table */
    float cqi_efficiency[2][16]; /* bit/s/Hz */
    int64_t *leaks;              /* by cell: scratch of a radio phase */
    uint32_t leak_capacity;
    uint32_t *place_jobs; /* places to compute in this phase */
    uint32_t place_job_count, place_job_capacity;
    net_sight *sight;
    const jw_city *city;
    jw_random_key loss_key, sight_key, shadow_key;
    uint16_t module;
    jw_network_ports ports;
};

/* network_topology.c */
uint32_t jw_network_node_slot(const jw_network *network, jw_net_node_id id); /* JW_NONE when not valid */
uint32_t jw_network_find_link_slot(const jw_network *network, const char *name);
uint32_t jw_network_find_cell_slot(const jw_network *network, const char *name);
uint32_t jw_network_find_node_slot(const jw_network *network, const char *name);
bool jw_network_node_is_gone(const jw_network *network, uint32_t slot);
bool jw_network_link_is_gone(const jw_network *network, uint32_t slot);
bool jw_network_cell_is_gone(const jw_network *network, uint32_t slot);
void jw_network_link_changed(jw_world *world, jw_network *network,
                             uint32_t slot); /* after what it is up by */
void jw_network_set_node_up(jw_world *world, jw_network *network, uint32_t slot, bool is_up);
void jw_network_link_take_length(net_link *link, double length_m); /* and the delay that follows */
jw_cell_state jw_network_cell_state_of(const jw_world *world, const jw_network *network, uint32_t slot);
void jw_network_link_derive(jw_network *network, uint32_t link); /* is_up, after a load */
bool jw_network_cell_is_up(const jw_network *network, uint32_t cell);
jw_result jw_network_reserve_cells(jw_network *network, uint32_t count, jw_error *error); /* beside `cells` */
jw_result jw_network_set_cell_up(jw_world *world, jw_network *network, const char *name, bool is_up,
                                 jw_error *error);
/* network_edit.c */
jw_result jw_network_remove_cell(jw_world *world, jw_network *network, const char *name, jw_error *error);
jw_result jw_network_restore_cell(jw_world *world, jw_network *network, const char *name, jw_error *error);
jw_result jw_network_move_cell(jw_world *world, jw_network *network, const char *name, double x_m, double y_m,
                               jw_error *error);
jw_result jw_network_set_link_removed(jw_world *world, jw_network *network, const char *name, bool is_removed,
                                      jw_error *error);
/* A name that is no node's, but a cell's, becomes that of the node it hangs on. */
void jw_network_node_of_cell(const jw_network *network, char name[JW_NET_NAME_SIZE]);
jw_result jw_network_place_mast(jw_world *world, jw_network *network, const jw_cell_def *def,
                                double fibre_bps, jw_error *error);
jw_result jw_network_index_names(jw_network *network, jw_error *error); /* after a load */
double jw_network_link_energy_j(const net_link *link);                  /* of what it has carried */
void jw_network_switch_energy(const jw_world *world,
                              jw_network *network); /* settles and takes the power anew */

/* network_route.c */
jw_result jw_network_routes_create(net_routes **out, jw_error *error);
void jw_network_routes_destroy(net_routes *routes);
void jw_network_routes_forget(net_routes *routes); /* topology or belief changed */
/* Direction that leaves `node` towards `target`, among ways of equal delay the one of `key`, JW_NONE: none;
 * JW_ERROR_MEMORY. */
jw_result jw_network_next_hop(const jw_network *network, uint32_t node, uint32_t target, uint64_t key,
                              uint32_t *out_direction);

/* network_message.c */
void jw_network_message_event(jw_world *world, jw_network *network, uint32_t slot,
                              uint64_t generation_and_version);
/* A job left a cell's server: it lands after the air's fixed delay, or starts again when the cell failed. */
void jw_network_message_left_air(jw_world *world, jw_network *network, uint32_t slot, bool is_carried);
/* Messages that wait for a route (after rerouting), or for a user who has a cell now (after a radio phase).
 */
void jw_network_messages_wake(jw_world *world, jw_network *network, bool is_for_route);

/* network_air.c */
void jw_network_air_advance(net_server *server, int64_t now_ns);
/* False when the server is full or memory ran out (which marks the world). `need_s` is of the whole server.
 */
bool jw_network_air_join(jw_world *world, jw_network *network, uint32_t server, uint32_t message,
                         uint32_t weight, double need_s);
void jw_network_air_event(jw_world *world, jw_network *network, uint32_t server, uint64_t version);
void jw_network_air_set_speed(jw_world *world, jw_network *network, uint32_t server, double speed);
void jw_network_air_clear(jw_world *world, jw_network *network, uint32_t cell); /* the cell failed */

/* network_flow.c */
void jw_network_flow_settle(jw_network *network, uint32_t slot, int64_t now_ns);
void jw_network_flow_timer_event(jw_world *world, jw_network *network, int64_t time_ns);
void jw_network_flow_due_event(jw_world *world, jw_network *network, uint32_t slot, uint64_t generation);
/* Its due event comes then. */
void jw_network_flow_wait(jw_world *world, jw_network *network, uint32_t slot, int64_t due_ns);
void jw_network_flow_wake(jw_world *world, jw_network *network); /* schedules the timer for the earliest */
void jw_network_flows_stall(jw_world *world, jw_network *network, uint32_t link);
void jw_network_flows_reroute(jw_world *world, jw_network *network);
int64_t jw_network_flow_bytes_now(const jw_network *network, uint32_t slot, int64_t now_ns);
/* Wires, and room to mark each of them, for so many links: with it marking cannot fail. */
jw_result jw_network_reserve_wires(jw_network *network, uint64_t links, jw_error *error);
/* Of the flows on a direction, together. */
double jw_network_direction_bps(const jw_network *network, uint32_t direction);
static inline uint32_t *jw_network_flow_hops(const jw_network *network, const net_flow *flow)
{
    return network->blocks.items + flow->hops;
}

/* network_window.c */
int64_t jw_network_flow_delay_ns(const jw_network *network, const net_flow *flow); /* of its way */
double jw_network_flow_cap_bps(const net_flow *flow); /* its own or its window's; 0 none */
void jw_network_window_open(jw_world *world, jw_network *network, uint32_t slot);      /* on a new way */
jw_result jw_network_window_grow(jw_world *world, jw_network *network, uint32_t slot); /* JW_ERROR_MEMORY */

/* network_due.c */
void jw_network_bundle_set_level(jw_network *network, uint32_t slot, double level, int64_t now_ns);
void jw_network_bundle_find_first(jw_network *network, uint32_t slot); /* its flows changed */
void jw_network_bundle_find_due(jw_network *network, uint32_t slot);   /* likewise, and it is settled */
jw_result jw_network_due_reserve(net_due *due, uint64_t slots);        /* JW_ERROR_MEMORY, JW_ERROR_LIMIT */
void jw_network_due_set(net_due *due, uint32_t slot, int64_t due_ns);
int64_t jw_network_due_first(const net_due *due, uint32_t *out_slot); /* the lowest of several */
/* The heap of a bundle's flows: roots, JW_NONE is empty. */
uint32_t jw_network_flow_heap_meld(net_flow *flows, uint32_t a, uint32_t b);
void jw_network_flow_heap_remove(net_flow *flows, uint32_t *root, uint32_t slot);
uint32_t jw_network_next_flow(const net_flow *flows, uint32_t slot); /* all, beginning with the root */
static inline double jw_network_bundle_service(const net_bundle *bundle, int64_t now_ns)
{
    return bundle->service + bundle->level * ((double)(now_ns - bundle->since_ns) * 1e-9);
}
static inline void jw_network_bundle_settle(net_bundle *bundle, int64_t now_ns)
{
    bundle->service = jw_network_bundle_service(bundle, now_ns);
    bundle->since_ns = now_ns;
}

/* network_bundle.c */
/* As jw_grow, but by an eighth: for the arrays that are most of a flow's memory. */
jw_result jw_network_grow_tightly(void *items_pointer, uint32_t *capacity, uint64_t needed, size_t size);
jw_result jw_network_pool_reserve(jw_pool *pool); /* for one slot more, likewise */
jw_result jw_network_block_take(net_blocks *blocks, uint32_t size, uint32_t *out); /* moves them; 0 of none */
void jw_network_block_give(net_blocks *blocks, uint32_t block, uint32_t size);
/* The flow has its hops, but is on no list yet: the bundle it will join, with room for it. JW_ERROR_MEMORY.
 */
jw_result jw_network_bundle_reserve(jw_network *network, uint32_t slot, int64_t now_ns, uint32_t *out);
/* The flow is on its links' lists, or is no longer; is_share_pending is the caller's. */
void jw_network_bundle_join(jw_network *network, uint32_t slot, uint32_t bundle, int64_t now_ns);
void jw_network_bundle_leave(jw_network *network, uint32_t slot, int64_t now_ns);
/* Without flows, over these live links (ascending); not to be found before it is enlisted. */
jw_result jw_network_bundle_make(jw_network *network, const uint32_t *hops, uint32_t count, int64_t now_ns,
                                 uint32_t *out);
jw_result jw_network_wire_reserve(net_wire *wire); /* for one bundle more */
void jw_network_bundle_free(jw_network *network, uint32_t slot);
void jw_network_bundle_enlist(jw_network *network, uint32_t slot);
void jw_network_bundle_delist(jw_network *network, uint32_t slot);
/* That is found by these live links, or by those of a bundle; JW_NONE. */
uint32_t jw_network_bundle_find(jw_network *network, const uint32_t *hops, uint32_t count);
uint32_t jw_network_bundle_twin(jw_network *network, uint32_t slot);
jw_result jw_network_reserve_dirty(jw_network *network, uint64_t more);
void jw_network_mark_bundle(jw_network *network, uint32_t slot); /* there is room */
void jw_network_mark_direction(jw_network *network, uint32_t direction);
jw_result jw_network_bundle_index(jw_network *network, jw_error *error); /* what is derived, after a load */
bool jw_network_is_bundle_sound(const jw_network *network, uint32_t slot);
static inline uint32_t *jw_network_bundle_hops(const jw_network *network, const net_bundle *bundle)
{
    return network->blocks.items + bundle->hops;
}
static inline double jw_network_bundle_bps(const net_bundle *bundle)
{
    return bundle->level * bundle->weight;
}
/* Level at most, of one with a cap. */
static inline double jw_network_bundle_cap(const jw_network *network, const net_bundle *bundle)
{
    const net_flow *flow = &network->flows[bundle->first];
    return jw_network_flow_cap_bps(flow) / flow->weight;
}

/* network_live.c */
void jw_network_add_bound(jw_network *network, uint32_t direction, double more_bps);
double jw_network_guess_limit(jw_network *network, const net_flow *flow); /* of a new bundle */
void jw_network_bundle_check_limit(jw_network *network, uint32_t slot);   /* after it got a new rate */
jw_result jw_network_raise_links(jw_network *network, int64_t now_ns);    /* JW_ERROR_MEMORY */
jw_result jw_network_lower_links(jw_network *network, int64_t now_ns);    /* JW_ERROR_MEMORY */

/* network_share.c */
void jw_network_share_event(jw_world *world, jw_network *network);
void jw_network_share_free(net_share *share);
/* A bundle that the direction held goes. */
void jw_network_share_release(net_wire *wire, double rate_bps, double weight);

/* network_sight.c */
jw_result jw_network_sight_create(const jw_city *city, net_sight **out,
                                  jw_error *error); /* NULL without buildings */
void jw_network_sight_destroy(net_sight *sight);
/* Nothing stands between a mast's top (z above ground) and a place at a height; sight NULL: nothing stands.
 */
bool jw_network_sees(const net_sight *sight, jw_vec3 mast, const uint32_t own_buildings[2], jw_vec2 place,
                     double height_m);
/* The Fresnel parameter of the edge that is worst in the way: 0 at the limit of sight, below where it is free
 * by so much, never below -2; looking ends where it is above `enough`. */
double jw_network_edge(const net_sight *sight, jw_vec3 mast, const uint32_t own_buildings[2], jw_vec2 place,
                       double height_m, double wavelength_m, double enough);
/* The first building higher than above_m that covers the point, JW_NONE. */
uint32_t jw_network_building_at(const net_sight *sight, double x_m, double y_m, double above_m);

/* network_place.c */
void jw_network_set_cell_constants(jw_network *network, uint32_t cell); /* what is derived from its def */
uint64_t jw_network_place_key(float x_m, float y_m, float height_m, bool is_indoor);
void jw_network_place_compute(const jw_network *network, net_place *place); /* from its key */
/* Index of the place, JW_NONE when nobody was there yet. */
uint32_t jw_network_place_find(const jw_network *network, uint64_t key);
/* Makes it (stale) when new. */
jw_result jw_network_place_take(jw_network *network, uint64_t key, uint32_t *out, jw_error *error);
void jw_network_places_cell_changed(jw_network *network, uint32_t cell); /* it came or went */

/* network_radio.c */
/* At a terminal: thermal at 290 K, and its noise figure (3GPP TR 38.802 A.2.1). */
#define NET_NOISE_DBM_PER_HZ (-174.0 + 9.0)
/* At a base station, likewise. */
#define NET_UP_NOISE_DBM_PER_HZ (-174.0 + 5.0)
void jw_network_radio_phase(jw_world *world, void *state);
/* Fills `heard`: after any change of a cell, and each phase for their loads. */
void jw_network_hear_cells(jw_network *network);
/* Serves a user anew where it stands, in serial code. */
jw_result jw_network_serve_now(jw_network *network, net_user *user, int64_t now_ns);
jw_radio_at jw_network_at(const jw_network *network, double x_m, double y_m, double height_m);
/* Its place in the radio map, computed when it is not known. */
jw_result jw_network_user_place(jw_network *network, net_user *user, const net_place **out);

/* network_cell.c */
/* Its place, height, band, power and shares are such as the models hold for. */
bool jw_network_is_cell_sound(const jw_cell_def *def);
/* Bandwidth that carries payload, times its share of time. */
double jw_network_down_hz(const jw_cell_def *def);
double jw_network_up_hz(const jw_cell_def *def);

/* network_cell_shadow.c */
void jw_network_shadow_make(jw_random_key key, double x_m, double y_m, net_shadow *out);
/* Normal with deviation 1 over masts; east_m and north_m from the mast. */
double jw_network_shadow_at(const net_shadow *shadow, double east_m, double north_m, double distance_m);

/* network_cell_sleep.c */
bool jw_network_cell_serves(const jw_network *network, uint32_t cell); /* up and awake */
/* Once a radio phase, after the users were served. */
jw_result jw_network_sleep_update(jw_network *network, int64_t now_ns);

/* network_state.c, network_table.c */
void jw_network_save(const jw_world *world, const void *state, jw_writer *writer);
void jw_network_load(jw_world *world, void *state, jw_reader *reader);
uint64_t jw_network_hash(const jw_world *world, const void *state);
#define NET_VERB_COUNT   11
#define NET_METRIC_COUNT 13
#define NET_TABLE_COUNT  3
extern const jw_verb jw_network_verbs[NET_VERB_COUNT];
extern const jw_metric jw_network_metrics[NET_METRIC_COUNT];
double jw_network_metric(const jw_world *world, const void *state, uint32_t metric);
extern const jw_table jw_network_tables[NET_TABLE_COUNT];

#endif
