/* Damaged snapshots of the whole town: refused and the world untouched, or a sound world that steps. */
#include "compute/damage.h"
#include "twin/twin_fixture.h"

/* The town at a moment when pictures are under way. */
static jw_world *busy_town(jw_twin_def *def)
{
    twin_fixture_def(def, 2);
    def->assistant_per_hour = 600;
    jw_world *world = twin_fixture_create(def, 1);
    twin_fixture_run(world, 100);
    twin_fixture_command(world, "deploy_model", "model", "signal-vision");
    uint32_t signal = 0;
    while (strcmp(jw_twin_request_type(world, signal)->name, "signal") != 0)
        signal++;
    for (twin_fixture_run(world, 1); jw_twin_requests(world, signal).in_flight == 0;)
        twin_fixture_run(world, 1);
    return world;
}

/* Where the part of a module lies in an image. */
static size_t find_part(const jw_world *world, uint32_t module, const jw_writer *image, size_t *out_size)
{
    jw_writer part = {0};
    jw_world_module(world, module)->save(world, jw_world_state(world, module), &part);
    const uint8_t *at = memmem(image->bytes, image->size, part.bytes, part.size);
    *out_size = part.size;
    jw_writer_free(&part);
    assert_non_null(at);
    return (size_t)(at - image->bytes);
}

/* A request says which camera, line or vehicle it is of: one that is not there would be written to when the
 * answer comes. */
static void test_requests_from_nobody_are_refused(void **state)
{
    (void)state;
    jw_twin_def def;
    jw_world *world = busy_town(&def);
    jw_writer image = {0};
    assert_int_equal(jw_world_save(world, &image, NULL), JW_OK);
    size_t size, begin = find_part(world, JW_TWIN_REQUESTS, &image, &size);
    uint32_t from_nobody = 0, refused = 0;
    size_t records = size < 1200 ? size : 1200; /* they come last */
    for (size_t at = begin + size - records; at < begin + size; at++) {
        jw_error error = {0};
        image.bytes[at] ^= 0x80;
        damage_sign(&image);
        refused += jw_world_restore(world, image.bytes, image.size, &error) != JW_OK;
        from_nobody += strstr(error.message, "comes from nobody") != NULL;
        image.bytes[at] ^= 0x80;
    }
    assert_true(refused > 8 && from_nobody >= 4);
    jw_writer_free(&image);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_damaged_snapshots_are_refused_or_harmless(void **state)
{
    (void)state;
    jw_twin_def def;
    jw_world *world = busy_town(&def);
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
    const struct CMUnitTest tests[] = {JW_UNIT(test_requests_from_nobody_are_refused),
                                       JW_UNIT(test_damaged_snapshots_are_refused_or_harmless)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
