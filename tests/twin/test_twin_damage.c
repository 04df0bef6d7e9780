/* Damaged snapshots of the whole town: refused and the world untouched, or a sound world that steps. */
#include "compute/damage.h"
#include "twin/twin_fixture.h"

static void test_damaged_snapshots_are_refused_or_harmless(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 2);
    def.assistant_per_hour = 600;
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run(world, 100);
    twin_fixture_command(world, "deploy_model", "model", "signal-vision");
    for (twin_fixture_run(world, 1); jw_twin_requests(world, JW_NONE).in_flight == 0;)
        twin_fixture_run(world, 1);
    jw_writer image = {0};
    assert_int_equal(jw_world_save(world, &image, NULL), JW_OK);
    /* Every byte would take minutes: about two thousand, and another set for each size of the image. */
    assert_true(damage_all(world, 1 + (uint32_t)(image.size / 2000), 6, false) > 0);
    jw_writer_free(&image);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {JW_UNIT(test_damaged_snapshots_are_refused_or_harmless)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
