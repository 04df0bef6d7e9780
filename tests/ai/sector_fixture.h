/* Sectors, sources and consumers over sites that are all these tests have of a city: a gigabyte takes a
 * second, data of residency 1 may only be at odd sites, and the counts of feeds are set by hand. */
#ifndef JW_TEST_SECTOR_FIXTURE_H
#define JW_TEST_SECTOR_FIXTURE_H

#include "ai_fixture.h"
#include "base/test_base.h"

#include <stdio.h>

enum { AI, TOWN, MODULES };
enum { SITES = 16, MANY = 400 };

typedef struct town {
    uint8_t is_down[SITES];
    uint64_t counts[JW_FEED_COUNT];
    uint32_t fails;
    uint32_t asked; /* connections that an arrival asked for */
} town;

town *town_of(const jw_world *world);
jw_result try_create(jw_world **out);

/* A working day is a second; the substrate stands at site 9. */
jw_integration_def plan_of(jw_wiring wiring, uint32_t integrators);
jw_source_def source_of(const char *id, const char *sector);
jw_consumer_def consumer_of(const char *id, uint64_t site);
void want(jw_consumer_def *def, const char *source);
void add_sector(jw_world *world, const char *id, const char *purpose);
jw_result connect(jw_world *world, const char *consumer, const char *source);
void connect_all(jw_world *world, uint32_t consumers);

/* N sources and M consumers who want all of them, asked for at once. */
jw_world *create_grid(const jw_integration_def *plan, uint32_t sources, uint32_t consumers);
/* One consumer c at site 3 with sources given. */
jw_world *create_one(const jw_integration_def *plan, const jw_source_def *sources, uint32_t count,
                     bool is_joined);

/* Bytes asked for are those that arrived, were lost or are on their way: checked each step by run_s. */
void check_sums(const jw_world *world);
void run_s(jw_world *world, double seconds);

#endif
