/* Snapshots that are cut, flipped, of another version, map or module table are refused with a reason, and the
 * world they were meant for goes on as if nothing had been. */
#include "kernel/toy.h"

#include "kernel/kernel_internal.h"

#include <stdio.h>
#include <string.h>

static const toy_def toy = {40, 12, 3};

/* A world at step 15 with coins under way, commands in the log, and its image. */
static jw_world *make(jw_writer *image)
{
    jw_world *world = toy_create(&toy, 8, 1);
    toy_run(world, 10);
    jw_command command = jw_command_make("mint");
    jw_command_number(&command, "account", 2);
    jw_command_number(&command, "amount", 2);
    jw_command_text(&command, "memo", "with content");
    command.blob = "0123456789";
    command.blob_size = 10;
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    toy_run(world, 5);
    toy_save(world, image);
    return world;
}

/* The image's bytes in a block of their very size, so that a sanitizer sees a read past them. */
static uint8_t *copy_of(const jw_writer *image, size_t size)
{
    uint8_t *copy = jw_alloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, image->bytes, size);
    return copy;
}

static void mend_checksum(uint8_t *bytes, size_t size)
{
    uint64_t sum = jw_snapshot_checksum(bytes, size - sizeof sum);
    memcpy(bytes + size - sizeof sum, &sum, sizeof sum);
}

/* Restoring is refused with `code` and `part` in the message; the world is as it was. */
static void assert_refused(jw_world *world, const void *bytes, size_t size, jw_result code, const char *part)
{
    uint64_t hash = jw_world_hash(world);
    uint32_t log_count = jw_world_log_count(world);
    jw_error error = {0};
    jw_result result = jw_world_restore(world, bytes, size, &error);
    if (result != code || !strstr(error.message, part))
        fail_msg("wanted code %d with \"%s\", got %d: %s", (int)code, part, (int)result, error.message);
    assert_int_equal(jw_world_hash(world), hash);
    assert_int_equal(jw_world_log_count(world), log_count);
    jw_world *other;
    jw_module_entry entries[TOY_MODULE_COUNT];
    toy_entries(NULL, entries);
    assert_int_equal(jw_world_create_from_snapshot(entries, TOY_MODULE_COUNT, NULL, TOY_SHARED_HASH, 1, bytes,
                                                   size, &other, NULL),
                     code);
    assert_null(other);
}

static void a_restore_takes_everything_from_the_image(void **state)
{
    (void)state;
    jw_writer image = {0}, again = {0};
    jw_world *world = make(&image);
    toy_def different = {7, 3, 0};
    jw_world *other = toy_create(&different, 99, 1);
    toy_run(other, 2);
    toy_post_mint(other, 1, 1); /* waits, and is dropped by the restore */
    assert_int_equal(jw_world_restore(other, image.bytes, image.size, NULL), JW_OK);
    assert_int_equal(jw_world_hash(other), jw_world_hash(world));
    assert_int_equal(jw_world_seed(other), 8);
    assert_int_equal(toy_walker_count(other), 40);
    assert_int_equal(jw_world_log_count(other), jw_world_log_count(world));
    bool has_blob = false;
    for (uint32_t i = 0; i < jw_world_log_count(other); i++) {
        jw_log_entry entry = jw_world_log_entry(other, i);
        has_blob |= entry.command.blob_size == 10 && memcmp(entry.command.blob, "0123456789", 10) == 0;
    }
    assert_true(has_blob);
    toy_save(other, &again);
    assert_int_equal(again.size, image.size); /* canonical: equal worlds, equal images */
    assert_memory_equal(again.bytes, image.bytes, image.size);
    toy_run(world, 20);
    toy_run(other, 20);
    assert_int_equal(jw_world_hash(other), jw_world_hash(world));
    jw_writer_free(&again);
    toy_save(world, &again);
    jw_writer_free(&image);
    toy_save(other, &image);
    assert_memory_equal(again.bytes, image.bytes, image.size);
    jw_writer_free(&again);
    jw_writer_free(&image);
    jw_world_destroy(other);
    jw_world_destroy(world);
}

static void an_image_may_stand_after_other_bytes(void **state)
{
    (void)state;
    jw_writer image = {0};
    jw_world *world = make(&image);
    jw_writer file = {0};
    jw_write_text(&file, "header");
    size_t start = file.size;
    toy_save(world, &file);
    assert_memory_equal(file.bytes + start, image.bytes, image.size);
    assert_int_equal(jw_world_restore(world, file.bytes + start, file.size - start, NULL), JW_OK);
    jw_writer_free(&file);
    jw_writer_free(&image);
    jw_world_destroy(world);
}

static void cut_images_are_refused_at_every_length(void **state)
{
    (void)state;
    jw_writer image = {0};
    jw_world *world = make(&image), *reference;
    assert_int_equal(jw_world_fork(world, &reference, NULL), JW_OK);
    for (size_t size = 0; size < image.size; size++) {
        uint8_t *bytes = copy_of(&image, size);
        assert_refused(world, bytes, size, JW_ERROR_CORRUPT, "cut");
        if (size > 40 && size % 3 == 0) { /* a cut one whose checksum is right */
            mend_checksum(bytes, size);
            assert_refused(world, bytes, size, JW_ERROR_CORRUPT, "damaged");
        }
        jw_free(bytes);
    }
    toy_run(world, 10);
    toy_run(reference, 10);
    assert_int_equal(jw_world_hash(world), jw_world_hash(reference));
    jw_writer_free(&image);
    jw_world_destroy(world);
    jw_world_destroy(reference);
}

static void flipped_images_are_refused_at_every_byte(void **state)
{
    (void)state;
    jw_writer image = {0};
    jw_world *world = make(&image), *reference;
    assert_int_equal(jw_world_fork(world, &reference, NULL), JW_OK);
    for (size_t i = 0; i < image.size; i++) {
        uint8_t *bytes = copy_of(&image, image.size);
        bytes[i] ^= (uint8_t)(1 << i % 8);
        jw_result code = i >= 8 && i < 12 ? JW_ERROR_VERSION : JW_ERROR_CORRUPT;
        assert_refused(world, bytes, image.size, code, "snapshot");
        jw_free(bytes);
    }
    toy_run(world, 10);
    toy_run(reference, 10);
    assert_int_equal(jw_world_hash(world), jw_world_hash(reference));
    jw_writer_free(&image);
    jw_world_destroy(world);
    jw_world_destroy(reference);
}

/* Flips whose checksum is right reach the parts behind it: refused with the world untouched, or taken and
 * then sound enough to step. */
static void forged_images_do_no_harm(void **state)
{
    (void)state;
    jw_writer image = {0};
    jw_world *world = make(&image);
    uint64_t hash = jw_world_hash(world);
    uint32_t refused = 0, taken = 0;
    jw_random_key key = {1, 1};
    for (size_t i = 12; i + 8 < image.size; i++) {
        uint8_t *bytes = copy_of(&image, image.size);
        bytes[i] ^= (uint8_t)(1 + jw_random_index(key, i, 0, 255));
        mend_checksum(bytes, image.size);
        jw_error error = {0};
        if (jw_world_restore(world, bytes, image.size, &error) != JW_OK) {
            assert_true(strlen(error.message) > 10);
            assert_int_equal(jw_world_hash(world), hash);
            refused++;
        } else {
            jw_world_step(world, NULL);
            taken++;
            assert_int_equal(jw_world_restore(world, image.bytes, image.size, NULL), JW_OK);
        }
        jw_free(bytes);
    }
    assert_true(refused > 500 && taken > 500);
    jw_writer_free(&image);
    jw_world_destroy(world);
}

static void patch_u32(uint8_t *bytes, size_t size, size_t place, uint32_t value)
{
    memcpy(bytes + place, &value, sizeof value);
    mend_checksum(bytes, size);
}

static void foreign_images_are_refused_with_their_reason(void **state)
{
    (void)state;
    jw_writer image = {0};
    jw_world *world = make(&image);
    assert_refused(world, "<?xml version=\"1.0\"?><osm/>", 27, JW_ERROR_CORRUPT, "no snapshot");
    assert_refused(world, NULL, 0, JW_ERROR_CORRUPT, "cut");

    uint8_t *bytes = copy_of(&image, image.size);
    patch_u32(bytes, image.size, 8, 3);
    assert_refused(world, bytes, image.size, JW_ERROR_VERSION, "format 3, this program reads 2");
    jw_free(bytes);

    /* magic 8, format 4, shared hash 8, module count 4, then length and name "walkers", version */
    bytes = copy_of(&image, image.size);
    patch_u32(bytes, image.size, 12, 0x4321);
    assert_refused(world, bytes, image.size, JW_ERROR_STATE,
                   "another map (0000000000004321, here 0000000000001234)");
    jw_free(bytes);
    bytes = copy_of(&image, image.size);
    patch_u32(bytes, image.size, 20, 4);
    assert_refused(world, bytes, image.size, JW_ERROR_VERSION, "4 modules, this one has 3");
    jw_free(bytes);
    bytes = copy_of(&image, image.size);
    bytes[28] = 'W';
    mend_checksum(bytes, image.size);
    assert_refused(world, bytes, image.size, JW_ERROR_VERSION,
                   "\"Walkers\" where this world has \"walkers\"");
    jw_free(bytes);
    bytes = copy_of(&image, image.size);
    patch_u32(bytes, image.size, 35, 9);
    assert_refused(world, bytes, image.size, JW_ERROR_VERSION, "version 9 of module walkers");
    jw_free(bytes);

    jw_world *other;
    jw_module_entry entries[TOY_MODULE_COUNT];
    toy_entries(&toy, entries);
    jw_error error = {0};
    assert_int_equal(jw_world_create_from_snapshot(entries, 2, NULL, TOY_SHARED_HASH, 1, image.bytes,
                                                   image.size, &other, &error),
                     JW_ERROR_VERSION);
    assert_int_equal(jw_world_create_from_snapshot(entries, TOY_MODULE_COUNT, NULL, 5, 1, image.bytes,
                                                   image.size, &other, NULL),
                     JW_ERROR_STATE);
    assert_int_equal(jw_world_create_from_snapshot(entries, TOY_MODULE_COUNT, NULL, TOY_SHARED_HASH, 2,
                                                   image.bytes, image.size, &other, NULL),
                     JW_OK);
    assert_int_equal(jw_world_hash(other), jw_world_hash(world));
    jw_world_destroy(other);
    jw_writer_free(&image);
    jw_world_destroy(world);
}

/* A module that reads less, or more, than its own chunk. */
static void short_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world, (void)state;
    jw_read_u32(reader);
}

static void long_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world, (void)state;
    jw_read_u32(reader);
    jw_read_u64(reader);
    jw_read_u64(reader);
}

static void a_module_must_read_its_own_chunk(void **state)
{
    (void)state;
    jw_writer image = {0};
    jw_world *world = make(&image), *other;
    jw_module_entry entries[TOY_MODULE_COUNT];
    toy_entries(&toy, entries);
    jw_module changed = toy_script;
    entries[TOY_SCRIPT].module = &changed;
    jw_error error = {0};
    changed.load = short_load;
    assert_int_equal(jw_world_create_from_snapshot(entries, TOY_MODULE_COUNT, NULL, TOY_SHARED_HASH, 1,
                                                   image.bytes, image.size, &other, &error),
                     JW_ERROR_CORRUPT);
    assert_string_equal(error.message, "the snapshot is damaged in module script: 4 bytes are left over");
    changed.load = long_load;
    error = (jw_error){0};
    assert_int_equal(jw_world_create_from_snapshot(entries, TOY_MODULE_COUNT, NULL, TOY_SHARED_HASH, 1,
                                                   image.bytes, image.size, &other, &error),
                     JW_ERROR_CORRUPT);
    assert_non_null(strstr(error.message, "module script: the data ends"));
    jw_writer_free(&image);
    jw_world_destroy(world);
}

static void a_failed_world_is_mended_by_a_restore(void **state)
{
    (void)state;
    jw_writer image = {0};
    jw_world *world = make(&image);
    uint64_t hash = jw_world_hash(world);
    jw_world_fail(world, JW_ERROR_MEMORY, "made so");
    assert_int_equal(jw_world_step(world, NULL), JW_ERROR_MEMORY);
    jw_world *fork;
    assert_int_equal(jw_world_fork(world, &fork, NULL), JW_ERROR_STATE);
    assert_null(fork);
    assert_int_equal(jw_world_restore(world, image.bytes, image.size, NULL), JW_OK);
    assert_int_equal(jw_world_hash(world), hash);
    toy_run(world, 3);
    jw_writer_free(&image);
    jw_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(a_restore_takes_everything_from_the_image),
        JW_UNIT(an_image_may_stand_after_other_bytes),
        JW_UNIT(cut_images_are_refused_at_every_length),
        JW_UNIT(flipped_images_are_refused_at_every_byte),
        JW_UNIT(forged_images_do_no_harm),
        JW_UNIT(foreign_images_are_refused_with_their_reason),
        JW_UNIT(a_module_must_read_its_own_chunk),
        JW_UNIT(a_failed_world_is_mended_by_a_restore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
