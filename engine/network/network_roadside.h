/* Roadside units: poles of the "digital road" with a camera, a radar and a transmitter. They broadcast what
 * the signals of their junction will show and what road users they see, over the direct link between road and
 * vehicles (LTE-V2X PC5, 5905 to 5925 MHz in China). A kernel module named "roadside".
 *
 * Channel: 20 MHz, in each millisecond 10 subchannels of 10 resource blocks (TS 36.213 14.1.1, TS 36.331
 * SL-CommResourcePoolV2X). A message takes the subchannels that its bits need with QPSK at rate 1/2: 108 bits
 * a resource block (9 of 14 symbols carry data: four have reference signals, the last is a gap; TS 36.211 9.3
 * and 9.8), and two blocks for its control information. Messages longer than a millisecond are cut.
 *
 * Reach: loss of TR 37.885 table 6.2.1-1 (urban), line of sight by the city's buildings on tiles of 10 m, no
 * shadow fading; taken where the signal is 2.4 dB over noise (9 dB noise figure), at most range_m away.
 *
 * Load: a unit's channel busy ratio is what it hears of the channel (units, itself, vehicles), as TS 36.214
 * 5.1.30 has it. Messages beyond busy_limit are not sent: first of perception, then of vehicles, then of
 * signals (a gate at each sender, in the spirit of ETSI TS 103 574; unverified). Who sends picks subchannels
 * that are free where it hears; collisions with senders it does not hear are not modelled.
 *
 * What is due of a kind = sent + dropped, exact. */
#ifndef JW_NETWORK_ROADSIDE_H
#define JW_NETWORK_ROADSIDE_H

#include "network/network.h"

typedef struct jw_roadside_def {
    char name[JW_NET_NAME_SIZE]; /* unique among units */
    double x_m, y_m;
    double height_m;       /* of antenna and sensors; 0 = 6 */
    uint32_t junction;     /* of the city, whose signals it announces, and those of junctions of the same
                              programme without a unit; JW_NONE: none */
    double power_dbm;      /* radiated; 0 = 29 (limit for the roadside in China; unverified) */
    double range_m;        /* 20 to 2000; 0 = 500 */
    double camera_range_m; /* sees everybody in sight so far; 0: no camera. At most range_m, as the next */
    double radar_range_m;  /* sees vehicles; 0: no radar */
    double signal_hz;      /* 0.1 to 50; 0 = 10 (unverified) */
    double perception_hz;  /* likewise; nothing is sent while there is neither camera nor radar */
} jw_roadside_def;

typedef struct jw_roadside_system {
    const jw_roadside_def *units;
    uint32_t unit_count;
    double busy_limit;   /* of the channel, 0.05 to 1; 0 = 0.65 (unverified) */
    double vehicle_hz;   /* of each connected vehicle's own messages; < 0: none, 0 = 10 (unverified) */
    double signal_bytes; /* 0 = 400; vehicle's 0 = 300: with security, orders of size (unverified) */
    double vehicle_bytes;
} jw_roadside_system;

extern const jw_module jw_roadside_module;
typedef struct jw_roadside jw_roadside;

enum { JW_ROAD_USER_IS_CONNECTED = 1, JW_ROAD_USER_IS_ON_FOOT = 2 };
typedef struct jw_road_users { /* columns of all on the road, now */
    uint32_t count;
    const float *x_m, *y_m;
    const uint8_t *flags; /* JW_ROAD_USER_ */
} jw_road_users;
/* Once a step, from serial code, when everybody is where he is: sees, sends, hears. */
jw_result jw_roadside_step(jw_world *world, jw_roadside *roadside, const jw_road_users *users);

typedef enum jw_roadside_kind {
    JW_ROADSIDE_SIGNAL,     /* phases and times of the signals: SPATEM, ETSI TS 103 301 */
    JW_ROADSIDE_PERCEPTION, /* who is on the road: CPM, ETSI TS 103 324 */
    JW_ROADSIDE_KIND_COUNT
} jw_roadside_kind;

typedef struct jw_roadside_counts {
    int64_t sent[JW_ROADSIDE_KIND_COUNT];
    int64_t dropped[JW_ROADSIDE_KIND_COUNT];  /* not sent, because the channel was full */
    int64_t received[JW_ROADSIDE_KIND_COUNT]; /* by connected vehicles: a message counts at each */
} jw_roadside_counts;

typedef struct jw_roadside_state {
    const jw_roadside_def *def;
    bool is_up;
    bool is_removed; /* it is there no more, but for its counts */
    jw_roadside_counts counts;
    double busy;      /* of the channel, last step */
    uint32_t hearers; /* connected vehicles that heard it, last step */
    uint32_t seen;    /* road users it saw, last step */
    uint32_t dropped; /* messages of both kinds, last step; 0 after a restore */
    double age_s; /* of what a hearer knows of the signals, mean: half a period and the air; 0: knows nothing
                   */
    double perception_age_s; /* likewise of who is on the road */
} jw_roadside_state;
uint32_t jw_roadside_count(const jw_roadside *roadside);
/* False beyond the last. */
bool jw_roadside_unit(const jw_roadside *roadside, uint32_t unit, jw_roadside_state *out);
jw_roadside_counts jw_roadside_total(const jw_roadside *roadside);
/* The unit that announces a junction's signals and did so in the last step; JW_NONE: none. */
uint32_t jw_roadside_of_junction(const jw_roadside *roadside, uint32_t junction);
/* Whether a unit that is up sees vehicles at a place with its camera or its radar, and told of what it sees
 * in the last step. Serial code. */
bool jw_roadside_perceives(jw_roadside *roadside, uint32_t unit, double x_m, double y_m);
/* Whether a terminal at 1.5 m at a place hears a unit. Serial code. */
bool jw_roadside_is_heard(jw_roadside *roadside, uint32_t unit, double x_m, double y_m);

/* ---- pure models ----------------------------------------------------------------------------------------
 */

/* TR 37.885 table 6.2.1-1, urban; d3d_m >= 1. */
double jw_sidelink_loss_db(bool has_los, double fc_ghz, double d3d_m);
/* Subchannels (times milliseconds) that a message takes, of 10 in each millisecond. */
uint32_t jw_sidelink_subchannels(uint32_t bytes);
/* A perception message with so many road users in it: 121 bytes and 35 for each (ETSI TR 103 562;
 * unverified); what does not fit into a millisecond is cut into several. */
uint32_t jw_perception_messages(uint32_t seen, uint32_t *out_bytes_each);

/* Verbs: fail_roadside(name), repair_roadside(name), place_roadside(name, x, y, junction, ...),
 * move_roadside(name, x, y), remove_roadside(name), restore_roadside(name). Table: roadside_units (state).
 * Metrics: roadside.sent, .dropped, .received, .busy (of the fullest unit), .seen. */

#endif
