/* What every test of ai has of a city where it has nothing of its own to say about it. Module 0 is ai. */
#ifndef JW_TEST_AI_FIXTURE_H
#define JW_TEST_AI_FIXTURE_H

#include "ai/ai_sector.h"

/* The state of module 0 of a world. */
jw_ai *ai_of(const jw_world *world);

/* Ports of sites on a line, all of them up: the distance is the difference of their numbers in seconds, even
 * and odd sites are two districts whose residency-1 data stays at home, every version installs, and a stopped
 * transfer still ends: who stopped it has to know better. `start_transfer` is the test's own. */
jw_ai_ports ai_fixture_ports(void);

#endif
