/* Data as what models learn from: how much of it there is, how old, how complete, how right, how private. */
#ifndef JW_AI_SECTOR_H
#define JW_AI_SECTOR_H

#include "ai/ai.h"

/* Of text, code and tables; the usual figure of English sub-word vocabularies (unverified). */
#define JW_BYTES_PER_TOKEN 4.0
/* Of a dataset of which nothing but its volume is known (unverified). */
#define JW_BYTES_PER_RECORD 1000.0

/* What a dataset is worth to a model, now. */
typedef struct jw_corpus {
    double records;
    double tokens;      /* its bytes / JW_BYTES_PER_TOKEN */
    double age_days;    /* mean of its records */
    double coverage;    /* share of what it should tell that it tells, 0..1 */
    double quality;     /* share of its records that are right and complete, 0..1 */
    double sensitivity; /* weight of one record in an exposure: 0 open, 1 personal, above: special */
} jw_corpus;

/* False when there is no such dataset. Of a dataset of which nothing but its volume is known: records of
 * JW_BYTES_PER_RECORD, all there and right (coverage and quality 1), open, and as old as it is here. */
bool jw_ai_corpus(const jw_world *world, const jw_ai *ai, const char *dataset, jw_corpus *out);

#endif
