/* A world of the network alone, with ports that count and note times. */
#ifndef NETWORK_FIXTURE_H
#define NETWORK_FIXTURE_H

#include "network/network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define TAGS_MAX 200000

/* What came back for each tag. */
typedef struct seen {
    uint32_t delivered[TAGS_MAX], lost[TAGS_MAX], finished[TAGS_MAX], failed[TAGS_MAX];
    int64_t time_ns[TAGS_MAX]; /* of the last call */
    jw_net_loss why[TAGS_MAX];
} seen;

/* The world's shared data: begins as every world's does. */
typedef struct shared {
    const jw_city *city;
    seen seen;
    void (*on_source)(jw_world *world, uint32_t a); /* what source_at runs */
} shared;

shared *shared_create(void);
void shared_destroy(shared *shared);

jw_world *world_create(const jw_network_def *def, shared *shared, int64_t dt_ns, int threads);
jw_network *network_of(jw_world *world);
/* Runs shared->on_source(world, a) at that time: arrivals between steps. */
void source_at(jw_world *world, int64_t time_ns, uint32_t a);
void run_for(jw_world *world, double seconds);
jw_net_end at_node(const jw_network *network, const char *name);
jw_net_end at_user(jw_user_id user);
void send(jw_world *world, const char *from, const char *to, int64_t size_bytes, uint8_t kind, uint64_t tag);
jw_flow_id start(jw_world *world, const char *from, const char *to, int64_t size_bytes, double cap_bps,
                 uint64_t tag);
/* Every identity the header names. */
void check_identities(const jw_world *world, const jw_network *network);

#endif
