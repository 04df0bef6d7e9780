/* What flows are made of: directions as they share them, flows, bundles, and what keeps them. Most of a
 * flow's memory and time is here. */
#ifndef JW_NETWORK_FLOW_INTERNAL_H
#define JW_NETWORK_FLOW_INTERNAL_H

#include "network/network.h"

/* A direction as flows share it; dense, for these are gone through at each change of a flow. */
typedef struct net_wire {
    double capacity_bps; /* derived, as the next two: of its link */
    uint32_t to;         /* node */
    bool is_up;
    /* Of bundles, when live: */
    double flow_bps; /* sum of their rates (while sharing: of those not open) */
    /* Of the bundles that it holds, as their bottleneck: all at the same rate per weight, `level`. */
    double held_bps, held_weight, level;
    double open_weight;    /* while sharing: of bundles without a new rate yet */
    uint32_t open_count;   /* while sharing */
    uint32_t held_count;   /* derived */
    uint32_t heap_place1;  /* while sharing: place in the heap and 1; 0 not there */
    uint32_t filled_stamp; /* of the sharing that filled it last */
    uint32_t *bundles;     /* that cross it */
    uint32_t bundle_count, bundle_capacity;
    double weight;    /* of its flows */
    double bound_bps; /* that they do not exceed */
    uint32_t *flows;  /* that cross it */
    uint32_t flow_count, flow_capacity;
    uint8_t is_live;  /* its flows might fill it */
    uint8_t is_dirty; /* its flows changed since the last sharing */
    uint8_t is_rising;
    uint8_t is_changed; /* while sharing */
} net_wire;

enum { NET_FLOW_RUNNING, NET_FLOW_STALLED, NET_FLOW_DELAYED, NET_FLOW_PHASE_COUNT };

typedef struct net_flow {
    /* Bits per weight. While it runs: its bundle's service at its end (of a stream: at its beginning), else
     * what it has still to carry (of a stream: less what it has carried). */
    double finish;
    double weight;
    uint32_t bundle;                /* JW_NONE: not running */
    uint32_t child, sibling, elder; /* in its bundle's heap: eldest child, next younger; elder or parent */
    uint64_t tag;
    uint64_t serial;    /* counts flows and messages of this world: picks its way among equal ones */
    int64_t size_bytes; /* 0: stream */
    int64_t carried_bytes;
    double cap_bps;
    double window_bps; /* TCP: at most; 0 no longer, or never */
    int64_t due_ns;    /* stalled: fails then; delayed: begins; running: its window grows; NET_NEVER_NS */
    uint32_t from, to;
    uint32_t hops; /* its way: a block of directions, then of its places in their lists */
    uint32_t hop_count;
    uint8_t kind, phase; /* NET_FLOW_ */
    uint8_t is_tcp;
} net_flow;

#define NET_FLOW_BYTES_MAX (INT64_C(1) << 60)
#define NET_LOCAL_BPS      1e15 /* between two places in one node: as good as at once */

#define NET_OPEN (JW_NONE - 1)

/* Flows over the same live links; without any it is of one flow, as one with a cap is. */
typedef struct net_bundle {
    double weight;  /* sum of its flows' */
    double level;   /* rate per weight */
    double limit;   /* level counted on in its links' bounds */
    double service; /* bits per weight until since_ns */
    int64_t since_ns;
    double finish; /* derived: of its first flow, infinite for a stream */
    uint32_t hops; /* live directions, ascending: a block */
    uint32_t hop_count;
    uint32_t first, flow_count; /* heap of its flows by (finish, slot) */
    uint32_t bottleneck;        /* direction that holds its rate, JW_NONE: its cap, or its way's narrowest;
                                   NET_OPEN: while sharing, nothing yet */
    uint32_t next;              /* derived: of equal hash */
    uint32_t mark;              /* derived: the sharing that opened it last; while parting its place and 1 */
    uint8_t is_dirty;           /* opens in the next sharing */
    uint8_t is_listed;          /* derived: in its chain */
    uint8_t is_capped;          /* its flow has a cap */
} net_bundle;

/* Small blocks of uint32_t, by index: ways of flows and bundles. */
typedef struct net_blocks {
    uint32_t *items;
    uint32_t count, capacity;
    uint32_t *free; /* by size: the first free block, 0 none; a free block's first item is the next one */
    uint32_t free_capacity;
} net_blocks;

/* When bundles are due, by slot, and above it the earliest of each eight, and of each eight of those. */
typedef struct net_due {
    int64_t *times_ns; /* all levels, the last of one entry */
    uint32_t capacity; /* slots: a multiple of eight */
    uint32_t level_first[12];
    uint32_t level_count;
} net_due;

/* A bundle that parts: a link of its became live that not all of its flows cross. */
typedef struct net_parting {
    uint32_t bundle, crossing, heir;
} net_parting;

/* Scratch of jw_network_share_event: never state. */
typedef struct net_share_entry {
    double level;
    uint32_t id; /* direction, or 2 * link_count + slot of a bundle with a cap */
} net_share_entry;

typedef struct net_share {
    net_share_entry *heap;
    uint32_t heap_count, heap_capacity;
    uint32_t *frozen; /* bundles that got a new rate */
    uint32_t frozen_count, frozen_capacity;
    uint32_t *chosen; /* bundles of a link to be gone through */
    uint32_t chosen_capacity;
    uint32_t *changed; /* directions whose bundles opened since they were noted */
    uint32_t changed_count, changed_capacity;
    uint32_t stamp; /* of the present sharing */
} net_share;

#endif
