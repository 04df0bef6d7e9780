/* What a figure of a finished run is made of: its parts, which sum to it exactly, and the requests behind
 * them. Reads what lies in the folder; nothing is simulated. */
#ifndef JW_STUDY_EXPLAIN_H
#define JW_STUDY_EXPLAIN_H

#include "base/base.h"

#define JW_EXPLAIN_PARTS_MAX    400
#define JW_EXPLAIN_REQUESTS_MAX 1000

/* Parts of depth d + 1 that follow a part of depth d sum to it; those of depth 0 sum to the figure. */
typedef struct jw_explain_part {
    uint32_t depth;
    char key[64]; /* "performance", "performance/line-1" */
    char en[120], zh[120];
    double value; /* in the figure's unit */
} jw_explain_part;

/* As the run's table `requests` has it: those that came too late or not at all, or samples of the others. */
typedef struct jw_explain_request {
    char id[40]; /* "inspection-1686" */
    char sender[32], site[48], outcome[12], created[32];
    double latency_ms, before_ms, up_ms, compute_ms, down_ms; /* latency_ms -1: lost */
    int64_t tries, weight;
} jw_explain_request;

typedef struct jw_explanation {
    char metric[16], unit[8];
    char en[240], zh[240]; /* what the figure is */
    double value;
    jw_explain_part *parts; /* owned */
    uint32_t part_count, part_capacity;
    jw_explain_request *requests; /* owned; the slowest and the lost first */
    uint32_t request_count, request_capacity;
    int64_t request_total; /* that there were to choose from */
    bool has_requests;     /* the folder has their log */
} jw_explanation;
void jw_explanation_free(jw_explanation *explanation);

/* Of a run folder:
 *   oee      mean OEE of its lines: 100 % less what availability (1 - A), performance A (1 - P) and quality
 *            A P (1 - Q) take from it, each by line, quality by what became of the parts; inspections and
 *            samples
 *   on_time  share of requests in time: 100 % less those late and lost, by type; requests
 *   delay    traffic.mean_delay, of the trips that arrived: standing, slower than wished, the rest (waits to
 *            depart, longer ways, less what fast drivers make good), each by class of vehicle; what was
 *            asked for signals, buses and incidents
 *   tfp      ln of the last quarter's productivity over the first's, in %: what margin, services, energy,
 *            capital, people and their delay give to it, by the logarithmic mean (LMDI: Ang, Energy Policy
 *            33, 2005), which leaves no rest; requests
 * Of a roadmap's folder: tfp of a quarter (0: the last); requests of its rush.
 * At most `requests_max` requests. JW_ERROR_NOT_FOUND: no such metric (the message lists those there are),
 * or the folder has nothing of it; the folder is neither. */
jw_result jw_explain(const char *folder, const char *metric, uint32_t quarter, uint32_t requests_max,
                     jw_explanation *out, jw_error *error);

/* A tree as text, in Chinese or English. */
void jw_explanation_write_text(const jw_explanation *explanation, bool is_zh, jw_writer *out);
/* kind (figure, part, request), depth, id, value, unit, then columns of requests. */
void jw_explanation_write_csv(const jw_explanation *explanation, jw_writer *out);

#endif
