/* The economy: industrial parks whose production lines ask for inspection by AI. One kernel module, named
 * "economy".
 *
 * A line makes a part each cycle_s unless it is down (exponential times to failure and repair) or starved of
 * an inspection verdict. Each part is inspected: by the model (a request through the port; the verdict is
 * right with the model's quality), or, when the answer is late by patience_s, by the fallback of the line.
 * OEE = availability x performance x quality (ISO 22400-2), each from the line's own counts.
 *
 * Identity, exact: parts made = good shipped + bad shipped + scrapped + waiting. */
#ifndef JW_ECONOMY_H
#define JW_ECONOMY_H

#include "kernel/kernel.h"

typedef struct jw_line_id {
    uint32_t index1, generation;
} jw_line_id;

typedef enum jw_line_fallback {
    JW_FALLBACK_MANUAL, /* a person looks: takes manual_s, right with manual_quality; the line waits */
    JW_FALLBACK_BYPASS  /* the part goes out unseen */
} jw_line_fallback;

typedef struct jw_production_line_def {
    char name[32];
    char park[32];
    double x_m, y_m;
    double cycle_s;        /* ideal; 0 = 4 */
    double mtbf_s, mttr_s; /* 0: 4 h and 10 min */
    double defect_share;   /* of parts made; 0 = 0.02 */
    double patience_s;     /* deadline of a verdict; 0 = 1.0 */
    uint32_t buffer;       /* parts that may wait for a verdict; 0 = 4 */
    jw_line_fallback fallback;
    double manual_s, manual_quality;                    /* 0: 6 s, 0.9 */
    int64_t value_fen, scrap_cost_fen, escape_cost_fen; /* per part; 0: 20000, 8000, 60000 (unverified) */
} jw_production_line_def;

typedef struct jw_economy_def {
    const jw_production_line_def *lines;
    uint32_t line_count;
} jw_economy_def;

extern const jw_module jw_economy_module;
typedef struct jw_economy jw_economy;

typedef struct jw_economy_ports {
    /* Asks for a verdict on a part; answered by jw_economy_verdict with the same part, or never. False:
     * cannot be sent (the line falls back at once). */
    bool (*inspect)(jw_world *world, jw_line_id line, uint32_t part);
} jw_economy_ports;
void jw_economy_set_ports(jw_economy *economy, const jw_economy_ports *ports);
/* `quality` of the serving model decides whether the verdict is right; an answer to a part that is gone is
 * ignored. */
void jw_economy_verdict(jw_world *world, jw_economy *economy, jw_line_id line, uint32_t part, double quality);

jw_result jw_economy_add_line(jw_world *world, jw_economy *economy, const jw_production_line_def *def,
                              jw_line_id *out, jw_error *error);

typedef struct jw_production_line_state {
    jw_line_id id;
    const jw_production_line_def *def;
    bool is_up, is_blocked; /* blocked: its buffer is full of parts waiting for a verdict */
    int64_t made, shipped_good, shipped_bad, scrapped_good, scrapped_bad, waiting;
    int64_t inspected_by_model, inspected_by_fallback;
    double availability, performance, quality, oee; /* since the start; NAN-free: 0 before the first part */
    int64_t margin_fen;
} jw_production_line_state;
uint32_t jw_economy_line_count(const jw_economy *economy);
bool jw_economy_line(const jw_world *world, const jw_economy *economy, uint32_t slot,
                     jw_production_line_state *out);

/* Verbs: stop_line(name), start_line(name). Tables: production_lines (state). Metrics: economy.parts, .oee,
 * .escaped_defects, .margin_cny. */

#endif
