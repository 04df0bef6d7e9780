/* A small town with everything in it: a signalled grid, two edge sites and a city site on a fibre ring,
 * cells, cameras, an inspected production line, connected vehicles. */
#ifndef JW_TWIN_FIXTURE_H
#define JW_TWIN_FIXTURE_H

#include "twin/twin.h"

/* `blocks` x `blocks` blocks of 200 m. */
/* The same without masts, cameras and production line. */
void twin_fixture_sites(jw_twin_def *def, uint32_t blocks);
void twin_fixture_def(jw_twin_def *def, uint32_t blocks);
jw_world *twin_fixture_create(const jw_twin_def *def, int threads);
void twin_fixture_run(jw_world *world, uint32_t steps);
/* Steps and checks every identity of jw_twin_is_consistent after each. */
void twin_fixture_run_checked(jw_world *world, uint32_t steps);
/* Whether a copy made of a snapshot now, on one thread, has the same hash after each of so many steps. */
bool twin_fixture_copy_goes_alike(jw_world *world, const jw_twin_def *def, uint32_t steps);
/* Posts a command with one text argument. */
void twin_fixture_command(jw_world *world, const char *verb, const char *key, const char *value);

#endif
