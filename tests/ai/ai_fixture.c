#include "ai_fixture.h"

jw_ai *ai_of(const jw_world *world)
{
    return jw_world_state(world, 0);
}

static void on_stop(jw_world *world, uint64_t tag)
{
    (void)world, (void)tag;
}

static jw_result on_install(jw_world *world, uint64_t site, uint32_t service, uint32_t version,
                            jw_error *error)
{
    (void)world, (void)site, (void)service, (void)version, (void)error;
    return JW_OK;
}

static bool on_is_up(jw_world *world, uint64_t site)
{
    (void)world, (void)site;
    return true;
}

static double on_distance(jw_world *world, uint64_t from, uint64_t to)
{
    (void)world;
    return from > to ? (double)(from - to) : (double)(to - from);
}

static bool on_may_hold(jw_world *world, uint64_t home, uint8_t residency, uint64_t site)
{
    (void)world;
    return residency == 0 || home % 2 == site % 2;
}

jw_ai_ports ai_fixture_ports(void)
{
    return (jw_ai_ports){.stop_transfer = on_stop,
                         .install = on_install,
                         .is_site_up = on_is_up,
                         .distance_s = on_distance,
                         .may_hold = on_may_hold};
}
