/* Damages a snapshot byte by byte, with its checksum made right again, so that the modules' own checks are
 * met: each image is refused and leaves the world as it was, or gives a world that steps and whose own image
 * restores to the same hash. */
#ifndef JW_TEST_DAMAGE_H
#define JW_TEST_DAMAGE_H

#include "base/test_base.h"
#include "kernel/kernel_internal.h"

#include <string.h>

static inline void damage_be_quiet(void *context, jw_log_level level, const char *line)
{
    (void)context, (void)level, (void)line;
}

static inline void damage_sign(jw_writer *image)
{
    uint64_t sum = jw_snapshot_checksum(image->bytes, image->size - sizeof sum);
    memcpy(image->bytes + image->size - sizeof sum, &sum, sizeof sum);
}

/* Every `stride`th byte; returns how many images were accepted. The world ends where it was. is_strict: the
 * image of a world that was accepted is accepted, too. */
static inline uint32_t damage_all(jw_world *world, uint32_t stride, uint32_t steps, bool is_strict)
{
    static const uint8_t masks[] = {0x01, 0x80, 0xFF};
    jw_writer image = {0}, again = {0};
    uint32_t accepted = 0;
    jw_log_to(damage_be_quiet, NULL);
    assert_int_equal(jw_world_save(world, &image, NULL), JW_OK);
    uint64_t hash = jw_world_hash(world);
    for (size_t at = 0; at + sizeof(uint64_t) < image.size; at += stride)
        for (uint32_t m = 0; m < JW_COUNT_OF(masks); m++) {
            jw_error error = {0};
            image.bytes[at] ^= masks[m];
            damage_sign(&image);
            jw_result result = jw_world_restore(world, image.bytes, image.size, &error);
            image.bytes[at] ^= masks[m];
            damage_sign(&image);
            if (result != JW_OK) {
                assert_true(error.code == result && error.message[0]);
                if (jw_world_hash(world) != hash)
                    fail_msg("byte %zu: the refused image changed the world", at);
                continue;
            }
            accepted++;
            for (uint32_t s = 0; s < steps; s++)
                if (jw_world_step(world, NULL) != JW_OK)
                    break;
            again.size = 0;
            if (jw_world_save(world, &again, NULL) == JW_OK) {
                uint64_t after = jw_world_hash(world);
                if (jw_world_restore(world, again.bytes, again.size, &error) == JW_OK)
                    assert_true(jw_world_hash(world) == after);
                else if (is_strict)
                    fail_msg("byte %zu ^ %02x: accepted, but its own image is not: %s", at, masks[m],
                             error.message);
            }
            assert_int_equal(jw_world_restore(world, image.bytes, image.size, &error), JW_OK);
        }
    for (size_t size = 0; size < image.size; size += 1 + size / 50)
        assert_true(jw_world_restore(world, image.bytes, size, NULL) != JW_OK);
    assert_true(jw_world_hash(world) == hash);
    jw_writer_free(&again);
    jw_writer_free(&image);
    jw_log_to(NULL, NULL);
    return accepted;
}

#endif
