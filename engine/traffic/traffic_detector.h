/* The inside of detectors: where they lie is state, what they count an output of theirs. */
#ifndef JW_TRAFFIC_DETECTOR_H
#define JW_TRAFFIC_DETECTOR_H

#include "traffic/traffic.h"

typedef struct jw_detector {
    char name[JW_DETECTOR_NAME_SIZE];
    uint32_t lane; /* of the city */
    float pos_m;   /* along it */
    float end_m;   /* of an area; of a loop pos_m */
    uint32_t next; /* on the same lane */
} jw_detector;

/* A tail that lies over a detector of the track before, at the beginning of a step. */
typedef struct jw_detector_tail {
    uint32_t slot, detector;
    float left_m; /* from its end to the detector */
} jw_detector_tail;

typedef struct jw_detectors {
    jw_detector *items;
    uint32_t count, capacity;
    uint32_t area_count;
    uint32_t *first; /* by lane: its first detector; NULL: there are none */
    jw_detector_sum *sums, *bases;
    uint32_t sum_capacity, base_capacity;
    int64_t base_ns;
    jw_detector_tail *tails; /* scratch of a step */
    uint32_t tail_count, tail_capacity;
} jw_detectors;

struct jw_order;
struct jw_car;

jw_result jw_detectors_init(jw_traffic *t, const jw_detector_def *defs, uint32_t count, jw_error *error);
void jw_detectors_free(jw_detectors *detectors);
/* traffic_detector_area.c: the same for an area. pos_m: of a front now, along the area's lane and beyond. */
void jw_area_see_one(const jw_traffic *t, const struct jw_car *car, float pos_m, const jw_detector *area,
                     jw_detector_sum *sum);
void jw_area_see_jam(const jw_traffic *t, const jw_detector *area, jw_detector_sum *sum);
/* The vehicles of a lane have been moved, bound_m is how far; nobody has passed on yet. */
void jw_detectors_see(jw_traffic *t, uint32_t lane);
/* One leaves its track, still in its place there: what it does on the tracks behind. */
void jw_detectors_pass(jw_traffic *t, const struct jw_order *order);
/* Before and after all have been moved: tails over loops, and the jams in areas. */
void jw_detectors_note_tails(jw_world *world, jw_traffic *t);
void jw_detectors_see_tails(jw_traffic *t);
void jw_detectors_restart(jw_traffic *t);
void jw_detectors_drain(jw_traffic *t);

void jw_detectors_save(const jw_traffic *t, jw_writer *writer);
uint64_t jw_detectors_hash(const jw_traffic *t, uint64_t hash);
void jw_detectors_load(jw_traffic *t, jw_reader *r);

jw_result jw_detector_verb_add(jw_world *world, void *state, const jw_command *command, jw_error *error);
extern const jw_verb_arg jw_detector_add_args[5];
enum { JW_DETECTOR_COLUMNS = 13 };
extern const jw_column jw_detector_columns[JW_DETECTOR_COLUMNS];
uint32_t jw_detector_rows(const jw_world *world, const void *state);
double jw_detector_number(const jw_world *world, const void *state, uint32_t row, uint32_t column);
int64_t jw_detector_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column);
const char *jw_detector_text(const jw_world *world, const void *state, uint32_t row, uint32_t column);

#endif
