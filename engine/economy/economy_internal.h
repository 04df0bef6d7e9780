/* Inside of economy: a production line and its parts. */
#ifndef JW_ECONOMY_INTERNAL_H
#define JW_ECONOMY_INTERNAL_H

#include "economy/economy.h"

#define BUFFER_MAX 64

typedef struct waiting_part {
    uint32_t number;              /* of the part, from 1 */
    uint8_t is_defect, is_manual; /* manual: a person has it now */
} waiting_part;

typedef struct production_line {
    jw_production_line_def def;
    uint8_t is_up, is_stopped, is_blocked, is_manual_busy;
    uint32_t cycle_generation; /* of the running cycle event: older ones are stale */
    uint32_t break_generation;
    waiting_part buffer[BUFFER_MAX];
    uint32_t waiting;
    int64_t earlier; /* parts before the counts began: their numbers are taken */
    int64_t made, shipped_good, shipped_bad, scrapped_good, scrapped_bad;
    int64_t by_model, by_fallback;
    int64_t started_ns, up_ns, up_since_ns; /* time up, by failures alone */
    int64_t margin_fen;
} production_line;

struct jw_economy {
    production_line *lines;
    uint32_t line_count, line_capacity; /* lines are never removed: generation is 1 */
    jw_economy_ports ports;
    uint16_t module;
};

/* economy_state.c */
bool economy_is_line_fine(const jw_production_line_def *def);
void economy_save(const jw_world *world, const void *state, jw_writer *writer);
void economy_load(jw_world *world, void *state, jw_reader *reader);

/* economy_table.c */
enum { ECONOMY_METRICS = 4, ECONOMY_TABLES = 1 };
extern const jw_metric economy_metrics[ECONOMY_METRICS];
double economy_metric(const jw_world *world, const void *state, uint32_t metric);
extern const jw_table economy_tables[ECONOMY_TABLES];

#endif
