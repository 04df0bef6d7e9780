/* Inside of economy: a production line with its stations and parts, a park's own path, accounts, people. */
#ifndef JW_ECONOMY_INTERNAL_H
#define JW_ECONOMY_INTERNAL_H

#include "economy/economy.h"

/* Events of the module. `a` is the line's index + 1; `b` of a station's event station | generation << 8. */
enum {
    EVENT_WORK,     /* a station's work, life or time to the next sample is at its end */
    EVENT_READY,    /* a repair, service or changeover is over */
    EVENT_SHIFT,    /* a shift begins or ends */
    EVENT_DEADLINE, /* of the verdict on part b */
    EVENT_MANUAL,   /* a person has looked at part b */
    EVENT_VERDICT,  /* of a park's own model on part b */
    EVENT_PROGNOSIS /* the same for a sample: b = station | sample << 8 */
};

typedef struct waiting_part {
    uint32_t number;              /* of the part, from 1 */
    uint8_t is_defect, is_manual; /* manual: a person has it now */
} waiting_part;

/* What a station does; when it does nothing, `status` says why. */
typedef enum station_phase { PHASE_IDLE, PHASE_WORK, PHASE_DOWN, PHASE_SERVICE, PHASE_SETUP } station_phase;

typedef struct station_counts {
    int64_t time_ns[JW_STATION_STATUS_COUNT];
    int64_t ideal_ns; /* planned time of the parts made */
    int64_t made, made_bad, failures, services, samples, alarms;
} station_counts;
enum { STATION_COUNTS = JW_STATION_STATUS_COUNT + 7 };

typedef struct line_station {
    uint8_t phase, status;
    uint8_t has_part, is_part_bad;
    uint8_t product;      /* it is set up for */
    uint32_t generation;  /* of its pending event: older ones are stale */
    uint32_t begun;       /* parts, ever */
    uint32_t lives;       /* draws of life and repair, ever */
    uint32_t sample;      /* number of the last one sent */
    uint32_t alarm_row;   /* alarms in a row */
    int64_t work_left_ns; /* of the part it has */
    int64_t life_left_ns, sample_left_ns;
    int64_t since_ns; /* accounted up to here */
    uint32_t buffered;
    uint64_t bad_mask; /* of the parts behind it, the oldest in bit 0 */
    station_counts counts[JW_LINE_SHIFTS_MAX];
} line_station;

typedef struct line_counts {
    int64_t made, shipped_good, shipped_bad, scrapped_good, scrapped_bad, by_model, by_fallback;
} line_counts;
enum { LINE_COUNTS = 7 };

/* What a close of the quarter has seen. */
typedef struct line_mark {
    int64_t made, by_model, by_fallback, value_fen, margin_fen, busy_ns, planned_ns, ideal_good_ns;
} line_mark;
enum { LINE_MARKS = 8 };

typedef struct production_line {
    jw_production_line_def def;
    uint32_t park; /* JW_NONE: none of the def's */
    uint8_t is_stopped, is_off_shift, is_unsupplied, is_manual_busy;
    uint8_t shift; /* the running one, or the last */
    uint32_t shift_generation;
    line_station stations[JW_LINE_STATIONS_MAX];
    uint32_t working;               /* stations at work */
    int64_t busy_ns, busy_since_ns; /* time when any is */
    double wip_part_s;              /* parts in process times time, up to wip_since_ns */
    int64_t wip_since_ns;
    int64_t fed, earlier; /* earlier: parts before the counts began: their numbers are taken */
    line_counts counts[JW_LINE_SHIFTS_MAX];
    waiting_part buffer[JW_LINE_BUFFER_MAX];
    uint32_t waiting;
    int64_t started_ns, margin_fen;
    line_mark mark;
} production_line;

struct jw_economy {
    production_line *lines;
    uint32_t line_count, line_capacity; /* lines are never removed: generation is 1 */
    jw_economy_ports ports;
    uint16_t module;
};

/* economy.c */
jw_random_key economy_random(const jw_world *world, const char *purpose);
void economy_schedule(jw_world *world, const jw_economy *economy, int64_t after_ns, uint16_t kind,
                      uint32_t line, uint64_t value);

/* economy_line.c */
bool economy_is_line_fine(const jw_production_line_def *def);
uint32_t economy_find_line(const jw_economy *economy, const char *name);
uint32_t line_station_count(const production_line *line);
line_counts line_total(const production_line *line);
int64_t line_in_process(const production_line *line);
/* The time that a station has spent in each status up to now; shift JW_NONE: all. */
station_counts line_station_counts(const jw_world *world, const production_line *line, uint32_t s,
                                   uint32_t shift);
void economy_restart_line(jw_world *world, production_line *line);

/* economy_line_run.c: stations. */
jw_station_status line_status(const production_line *line, const line_station *station);
void line_start(jw_world *world, jw_economy *economy, uint32_t index); /* of a new line */
/* Does what it can; nothing while it is at something. */
void line_advance(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s);
typedef enum line_switch { LINE_STOPPED, LINE_OFF_SHIFT, LINE_UNSUPPLIED } line_switch;
void line_set(jw_world *world, jw_economy *economy, uint32_t index, line_switch which, bool is_on);
void line_on_work(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s, uint32_t generation);
void line_on_ready(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s, uint32_t generation);
void line_on_shift(jw_world *world, jw_economy *economy, uint32_t index, uint32_t generation);
/* A planned repair, now. */
void line_service(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s);
/* Work that is left until it fails, now. */
int64_t line_life_left_ns(const jw_world *world, const line_station *station);

/* economy_line_ask.c: parts that wait for a verdict, samples that wait for a prognosis. */
void line_inspect(jw_world *world, jw_economy *economy, uint32_t index, bool is_defect);
void line_sample(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s);
void line_on_deadline(jw_world *world, jw_economy *economy, uint32_t index, uint32_t part);
void line_on_manual(jw_world *world, jw_economy *economy, uint32_t index, uint32_t part);

/* economy_line_state.c */
void line_save(jw_writer *writer, const production_line *line);
void line_load(jw_reader *reader, production_line *line, int64_t now_ns);
bool line_is_consistent(const jw_world *world, const production_line *line);

/* economy_state.c */
void economy_save(const jw_world *world, const void *state, jw_writer *writer);
void economy_load(jw_world *world, void *state, jw_reader *reader);

/* economy_table.c */
enum { ECONOMY_METRICS = 4, ECONOMY_TABLES = 3 };
extern const jw_metric economy_metrics[ECONOMY_METRICS];
double economy_metric(const jw_world *world, const void *state, uint32_t metric);
extern const jw_table economy_tables[ECONOMY_TABLES];

#endif
