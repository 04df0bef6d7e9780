/* Approval over a few sites that take what they are given. */
#ifndef JW_TEST_APPROVAL_FIXTURE_H
#define JW_TEST_APPROVAL_FIXTURE_H

#include "ai/ai_approval.h"
#include "ai_fixture.h"
#include "base/test_base.h"

enum { AI, FLEET, MODULES };
enum { SERVICE = 5, SITES = 4, VERSIONS = 60 };

typedef struct fleet {
    uint32_t versions[SITES];
    double mix; /* the one feature of this city */
} fleet;

/* "eye" with versions 1 to VERSIONS; version 1 serves everywhere from the start. */
jw_world *create_seeded(const jw_approval_def *approval, uint64_t seed);
jw_world *create(const jw_approval_def *approval);

/* Of all that was submitted, each is approved, rejected, withdrawn or open: checked each second by run_s. */
void assert_adds_up(const jw_world *world);
void run_s(jw_world *world, uint32_t seconds);

/* Approval is on, a working day lasts 100 s. */
jw_approval_def approval(void);
jw_submission_def paper(uint32_t version); /* of medium risk: a review */
jw_submission_def risky(uint32_t version); /* of high risk: a trial */
jw_submission_state at(const jw_world *world, uint32_t slot);
void note(jw_world *world, uint64_t site, uint32_t version, bool is_wrong);

#endif
