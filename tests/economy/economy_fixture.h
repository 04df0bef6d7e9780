/* A world of the economy and an inspector that answers each part after a fixed time with a fixed quality, or
 * not at all. */
#ifndef JW_TEST_ECONOMY_FIXTURE_H
#define JW_TEST_ECONOMY_FIXTURE_H

#include "base/test_base.h"
#include "economy/economy.h"

enum { ECONOMY, INSPECTOR, MODULES };
enum { LINES_MAX = 20 };
#define QUANTILE_99 2.576 /* of the normal distribution, two-sided */

typedef struct inspector_def {
    double delay_s; /* < 0: never answers; 0: at once */
    double quality;
    double prognosis; /* quality of those; 0: samples are not answered */
    uint8_t cannot_send;
} inspector_def;

typedef struct inspector {
    inspector_def def;
    uint8_t is_broken; /* an identity did not hold at some event */
    int64_t asked;
} inspector;

jw_economy *economy_of(const jw_world *world);
inspector *inspector_of(const jw_world *world);
jw_production_line_state line_of(const jw_world *world, uint32_t slot);
bool is_identity_kept(const jw_world *world);
jw_result try_create(const jw_economy_def *def, inspector_def answers, jw_world **out, jw_error *error);
/* `count` lines like this one, called line-0, line-1... */
jw_world *create(const jw_production_line_def *like, uint32_t count, inspector_def answers);
jw_world *create_economy(const jw_economy_def *def, inspector_def answers);
void run_s(jw_world *world, double seconds);

#endif
