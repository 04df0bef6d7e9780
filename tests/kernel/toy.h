/* A world in small for the kernel's tests: walkers who move in a parallel phase and earn a coin at each wall,
 * a bank that passes coins around by events, and a script that gives commands and keeps a counter.
 *
 * The coins are conserved: balances add up to what was minted and deposited. */
#ifndef JW_TEST_KERNEL_TOY_H
#define JW_TEST_KERNEL_TOY_H

#include "base/test_base.h"
#include "kernel/kernel.h"

#define TOY_SHARED_HASH UINT64_C(0x1234)

typedef struct toy_def {
    uint32_t walker_count;
    uint32_t account_count;
    uint32_t script_period; /* steps between the script's commands; 0: never */
} toy_def;

extern const jw_module toy_walkers, toy_bank, toy_script;

enum { TOY_WALKERS, TOY_BANK, TOY_SCRIPT, TOY_MODULE_COUNT };

/* Entries that point to `def`, in the order above. */
void toy_entries(const toy_def *def, jw_module_entry entries[TOY_MODULE_COUNT]);
jw_result toy_try_create(const toy_def *def, uint64_t seed, int threads, jw_world **out, jw_error *error);
/* These three fail the test on an error. */
jw_world *toy_create(const toy_def *def, uint64_t seed, int threads);
void toy_run(jw_world *world, int steps);
void toy_save(const jw_world *world, jw_writer *image);
/* From outside: mints coins for an account. */
void toy_post_mint(jw_world *world, double account, double amount);

int64_t toy_coins_held(const jw_world *world);
int64_t toy_coins_made(const jw_world *world);
uint32_t toy_walker_count(const jw_world *world);

#endif
