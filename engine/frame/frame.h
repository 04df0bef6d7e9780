/* The frame: an immutable, flat picture of one instant. Renderer, recorder and web read frames and nothing
 * else of the simulation. Plain structs; the only code copies, compresses and exchanges them.
 *
 * Positions are metres from the city's origin (the view re-bases them to its scene origin as float). Arrays
 * belong to the frame and are reused from frame to frame; `_count` says what is valid. */
#ifndef JW_FRAME_H
#define JW_FRAME_H

#include "base/base.h"

typedef enum jw_vehicle_class {
    JW_VEHICLE_CAR,
    JW_VEHICLE_TRUCK,
    JW_VEHICLE_BUS,
    JW_VEHICLE_SHUTTLE,
    JW_VEHICLE_EMERGENCY,
    JW_VEHICLE_BICYCLE,
    JW_VEHICLE_EBIKE,
    JW_VEHICLE_PEDESTRIAN,
    JW_VEHICLE_CLASS_COUNT
} jw_vehicle_class;

enum {
    JW_VEHICLE_BRAKES = 1,
    JW_VEHICLE_TURNS_LEFT = 2,
    JW_VEHICLE_TURNS_RIGHT = 4,
    JW_VEHICLE_IS_CONNECTED = 8,
    JW_VEHICLE_AT_STOP = 16
};

/* People on foot are rows of vehicles too, behind all others: their numbers begin here. */
#define JW_FRAME_WALKERS UINT32_C(0x80000000)

typedef struct jw_frame_vehicle {
    uint32_t index1, generation; /* handle: sorted by index1, so that two frames are joined by a merge */
    float x_m, y_m, z_m;         /* front bumper's centre */
    float heading_rad;
    float speed_mps;
    uint8_t vehicle_class, flags;
    uint16_t length_dm; /* 0.1 m */
} jw_frame_vehicle;
_Static_assert(sizeof(jw_frame_vehicle) == 32, "32 bytes a vehicle");

typedef struct jw_frame_edge { /* one per city edge, in its order */
    float speed_mps;           /* mean of the vehicles on it; the limit when empty */
    float density_per_km;      /* vehicles per km and lane */
    float queue_m;             /* standing vehicles, longest lane */
    uint32_t vehicles;
    uint32_t closed_lanes; /* bit l: lane l from the kerb (of 32) is closed now, by hand or works */
} jw_frame_edge;

/* Things that commands add or move: sites, cells, links, bus stops. Descriptions change only with the
 * revision. */
typedef enum jw_asset_kind {
    JW_ASSET_SITE,
    JW_ASSET_CELL,
    JW_ASSET_CAMERA,
    JW_ASSET_FACTORY,
    JW_ASSET_STOP,     /* of buses */
    JW_ASSET_ROADSIDE, /* unit of the digital road */
    JW_ASSET_KIND_COUNT
} jw_asset_kind;

#define JW_ASSET_NAME_SIZE 32
typedef struct jw_frame_asset {
    char name[JW_ASSET_NAME_SIZE]; /* unique over kinds: "edge-3", "cell-17" */
    uint8_t kind;                  /* jw_asset_kind */
    uint8_t tier;                  /* of a site: jw_tier of compute.h; of a cell: unused */
    uint8_t is_up;
    uint8_t is_serving_new; /* site: serves the newest model version */
    float x_m, y_m, z_m;    /* z: antenna or roof height above ground */
    float load;             /* site: busy share of its cards; cell: used share of resource blocks; roadside:
                               busy share of its channel; 0..1 */
    float queue;       /* site: requests waiting; cell: users; stop: passengers waiting; roadside: vehicles
                          that hear it; camera: pictures that are not decided on */
    float rate;        /* site: power in W; cell: throughput in bit/s; roadside: road users it sees */
    float latency_ms;  /* site: mean of the last interval's replies; cell: mean of its users' requests */
    float heading_rad; /* of a stop: along its street; else 0 */
    float full_rate_m,
        reach_m; /* of a cell: how far the best and the least rate are had without line of
                    sight and without interference; of a roadside unit reach_m: its range; else 0 */
} jw_frame_asset;

enum { JW_TRAFFIC_CONTROL, JW_TRAFFIC_VIDEO, JW_TRAFFIC_AI, JW_TRAFFIC_KIND_COUNT };
typedef struct jw_frame_link { /* fibre between two network nodes */
    char name[JW_ASSET_NAME_SIZE];
    float x0_m, y0_m, x1_m, y1_m;
    float capacity_bps;
    float rate_bps[2][JW_TRAFFIC_KIND_COUNT]; /* [forward, backward][kind], over the last interval */
    uint8_t is_up;
} jw_frame_link;

/* A number shown: names and units are the kernel's metric declarations, in the frame so that readers need no
 * world. */
typedef struct jw_frame_metric {
    char name[40];
    char unit[12];
    double value;
    bool is_since_start; /* counted, or a mean of what was counted, since the start; else of the instant */
    bool is_mean;        /* of those since the start: a mean or percentile, whose difference is no mean */
} jw_frame_metric;

/* What a window or script asks about: posted beside the commands, unlogged, answered in the next frame. */
typedef enum jw_watch_kind {
    JW_WATCH_NONE,
    JW_WATCH_VEHICLE,  /* a = index1, b = generation */
    JW_WATCH_EDGE,     /* a = city edge */
    JW_WATCH_JUNCTION, /* a = city junction */
    JW_WATCH_BUILDING, /* a = city building */
    JW_WATCH_ASSET,    /* name */
    JW_WATCH_LINK,     /* name */
    JW_WATCH_LATENCY,  /* raster: round trip of a small request by place, ms */
    JW_WATCH_SINR,     /* raster: downlink signal over interference and noise by place, dB */
    JW_WATCH_RATE,     /* raster: downlink rate of one more user by place, Mbit/s */
    JW_WATCH_SHADE,    /* name: a quantity that colours streets, assets or links (jw_frame_shade) */
    JW_WATCH_EXAMPLE,  /* hops and details: one concrete example of what went through the thing that `of`, a,
                          b and name mean (of NONE: through anything) */
    JW_WATCH_PARK      /* name: an industrial park, which has no place on the map; "": the list of all */
} jw_watch_kind;
/* What an example is of, where a thing has both: of a street by itself a vehicle, of others the worst
 * request. NETWORK: as ANY, but of requests the one that was longest in the air and in fibres. */
typedef enum jw_example_kind {
    JW_EXAMPLE_ANY,
    JW_EXAMPLE_VEHICLE,
    JW_EXAMPLE_REQUEST,
    JW_EXAMPLE_NETWORK
} jw_example_kind;
typedef struct jw_watch {
    uint32_t id; /* the asker's number, comes back in the answer */
    jw_watch_kind kind;
    uint32_t a, b;
    char name[JW_ASSET_NAME_SIZE];
    uint8_t of;      /* of an example: jw_watch_kind of the thing */
    uint8_t example; /* of an example: jw_example_kind */
} jw_watch;

/* What a line of an answer is to the thing asked about. */
typedef enum jw_relation {
    JW_RELATION_VALUE,  /* a value of its own */
    JW_RELATION_NEEDS,  /* names what it depends on */
    JW_RELATION_SERVES, /* names what depends on it */
    JW_RELATION_COUNT
} jw_relation;

/* One line of an answer: a label (message key for translation), a number with unit, or a text. */
typedef struct jw_frame_detail {
    uint32_t watch_id;
    uint8_t relation; /* jw_relation */
    jw_watch thing;   /* what the line names, as it would be asked about; kind NONE: nothing to go to */
    char label[32];
    char unit[12];
    double number;
    char text[64]; /* not "": shown instead of the number */
    uint8_t can_plot;
} jw_frame_detail;

/* One step on the way of an example, in order: each begins when the one before it ended, so that their times
 * add up exactly to the whole. Of its time `waited_ns` was spent waiting (in a queue; on a street: lost
 * against free flow) and `worked_ns` at work (transmission, computing); the rest is the way itself
 * (propagation, driving). */
typedef struct jw_frame_hop {
    uint32_t watch_id;
    char label[24];               /* message key: "section", "link", "air_up", "queue", "compute" */
    jw_watch thing;               /* it went through; kind NONE: none */
    float x0_m, y0_m, x1_m, y1_m; /* from where to where; NAN: not known */
    int64_t begin_ns, end_ns;     /* of day */
    int64_t waited_ns, worked_ns;
    double number; /* what else matters of it, where unit or text is not "": a speed, a batch */
    char unit[12];
    char text[JW_ASSET_NAME_SIZE];
} jw_frame_hop;

typedef struct jw_frame_raster { /* row 0 is the south; NAN = no value */
    uint32_t watch_id;
    uint8_t kind; /* jw_watch_kind that asked for it */
    float x_m, y_m, cell_m;
    uint32_t columns, rows;
    uint32_t first_value; /* in frame->raster_values */
} jw_frame_raster;

/* Values of one quantity for all rows of a kind, in their order; NAN: has none. */
typedef enum jw_shade_kind { JW_SHADE_EDGES, JW_SHADE_ASSETS, JW_SHADE_LINKS } jw_shade_kind;
typedef struct jw_frame_shade {
    uint32_t watch_id;
    char name[JW_ASSET_NAME_SIZE];     /* the quantity that was asked for: units are those of its overlay */
    uint8_t kind;                      /* jw_shade_kind */
    uint32_t first_value, value_count; /* in frame->raster_values; as many as the frame has rows */
    float span_s;                      /* a mean over so long, up to now; 0: of this instant */
} jw_frame_shade;

/* Something that happened. Only marks have a tick on the time bar. */
typedef enum jw_event_kind {
    JW_EVENT_MARK,    /* a command carried out, a site failed, a note */
    JW_EVENT_LINE,    /* the scenario said it */
    JW_EVENT_FAILURE, /* a command was refused, a handler of the scenario stopped */
    JW_EVENT_KIND_COUNT
} jw_event_kind;
#define JW_EVENTS_MAX      500
#define JW_EVENT_TEXT_SIZE 544 /* of a refusal: the verb, what it spoke of and the whole cause */
typedef struct jw_frame_event {
    int64_t time_ns;
    float x_m, y_m; /* NAN: nowhere */
    uint8_t kind;   /* jw_event_kind */
    char key[24];   /* message key ("site_failed") of which `text` is the subject; "": text says it all */
    char text[JW_EVENT_TEXT_SIZE];    /* UTF-8; a refusal: "close_edge Renmin Road: why it was not done" */
    char text_zh[JW_EVENT_TEXT_SIZE]; /* the same in Chinese, but for a refusal's verb and cause; "": there is
                                         but one */
} jw_frame_event;

typedef struct jw_frame {
    int64_t time_ns;      /* of day, since the first midnight */
    uint32_t day_of_year; /* of that midnight, 1 to 365; 0: not known */
    float rain_mm_per_h;  /* all over the city */
    float visibility_m;   /* in fog; 0: there is none */
    uint64_t step;
    uint64_t state_hash; /* 0 when not asked for */
    uint64_t assets_revision;
    uint64_t version; /* of a copy, given by its keeper with each change and not copied on: what is drawn from
                         it is made anew. 0: nobody counts */

    jw_frame_vehicle *vehicles;
    uint32_t vehicle_count, vehicle_capacity;
    uint8_t *signals; /* per city connection: 'G' 'g' 'y' 'r', 0 unsignalled */
    uint32_t signal_count, signal_capacity;
    jw_frame_edge *edges;
    uint32_t edge_count, edge_capacity;
    jw_frame_asset *assets;
    uint32_t asset_count, asset_capacity;
    jw_frame_link *links;
    uint32_t link_count, link_capacity;
    jw_frame_metric *metrics;
    uint32_t metric_count, metric_capacity;
    jw_frame_event
        *events; /* oldest first, at most JW_EVENTS_MAX: of the kind there is most of the oldest goes */
    uint32_t event_count, event_capacity;
    jw_frame_detail *details;
    uint32_t detail_count, detail_capacity;
    jw_frame_hop *hops;
    uint32_t hop_count, hop_capacity;
    jw_frame_raster *rasters;
    uint32_t raster_count, raster_capacity;
    jw_frame_shade *shades;
    uint32_t shade_count, shade_capacity;
    float *raster_values; /* of rasters and shades */
    uint32_t raster_value_count, raster_value_capacity;
} jw_frame;

void jw_frame_free(jw_frame *frame);
jw_result jw_frame_copy(const jw_frame *from, jw_frame *to, jw_error *error);
/* Rows of vehicles but for people on foot. */
uint32_t jw_frame_driving_count(const jw_frame *frame);
/* NULL when the frame has no such metric. */
const jw_frame_metric *jw_frame_find_metric(const jw_frame *frame, const char *name);

/* Compressed self-contained bytes (zstd) for recordings: positions to 1 cm, headings to 0.01 rad, speeds to
 * 1 cm/s; watches' answers are left out. Reading checks every count. */
jw_result jw_frame_compress(const jw_frame *frame, jw_writer *out, jw_error *error);
jw_result jw_frame_decompress(const void *bytes, size_t size, jw_frame *out, jw_error *error);

/* Three frames between one writer and one reader thread, exchanged by an atomic index: neither ever waits. */
typedef struct jw_frame_exchange jw_frame_exchange;
jw_result jw_frame_exchange_create(jw_frame_exchange **out, jw_error *error);
void jw_frame_exchange_destroy(jw_frame_exchange *exchange);
/* Writer: the frame to fill, and then publish it. */
jw_frame *jw_frame_exchange_begin(jw_frame_exchange *exchange);
void jw_frame_exchange_publish(jw_frame_exchange *exchange);
/* Reader: the newest published frame (NULL before the first); valid until the reader's next call. Sets
 * *is_new when it differs from the last call's. */
const jw_frame *jw_frame_exchange_take(jw_frame_exchange *exchange, bool *is_new);

#endif
