/* Foreign snapshots: a restore either refuses and leaves the world as it was, or gives a world that steps,
 * and whose own image restores to the same hash. */
#include "kernel/toy.h"

#include "kernel/kernel_internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static jw_world *world;
static jw_writer valid_image;
static uint64_t valid_hash;

static void be_quiet(void *context, jw_log_level level, const char *line)
{
    (void)context, (void)level, (void)line;
}

static void require(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    static const toy_def toy = {8, 4, 2};
    jw_log_to(be_quiet, NULL);
    require(toy_try_create(&toy, 1, 1, &world, NULL) == JW_OK);
    jw_command command = jw_command_make("mint");
    jw_command_number(&command, "account", 1);
    jw_command_text(&command, "memo", "x");
    require(jw_world_post(world, &command, NULL) == JW_OK);
    for (int i = 0; i < 3; i++)
        require(jw_world_step(world, NULL) == JW_OK);
    require(jw_world_save(world, &valid_image, NULL) == JW_OK);
    valid_hash = jw_world_hash(world);
    return 0;
}

/* From nothing no magic number would ever be found: what is too short becomes the valid image first. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    (void)seed;
    if (size < 64 && valid_image.size <= max_size) {
        memcpy(data, valid_image.bytes, valid_image.size);
        size = valid_image.size;
    }
    return LLVMFuzzerMutate(data, size, max_size);
}

static void try_image(const uint8_t *bytes, size_t size)
{
    if (jw_world_restore(world, bytes, size, NULL) != JW_OK) {
        require(jw_world_hash(world) == valid_hash);
        return;
    }
    for (int i = 0; i < 2; i++)
        (void)jw_world_step(world, NULL);
    jw_writer image = {0};
    if (jw_world_save(world, &image, NULL) == JW_OK) {
        uint64_t hash = jw_world_hash(world);
        require(jw_world_restore(world, image.bytes, image.size, NULL) == JW_OK);
        require(jw_world_hash(world) == hash);
    }
    jw_writer_free(&image);
    require(jw_world_restore(world, valid_image.bytes, valid_image.size, NULL) == JW_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_image(data, size);
    if (size < sizeof(uint64_t))
        return 0;
    /* And with the right checksum, or nothing behind it would ever be reached. */
    uint8_t *mended = malloc(size);
    require(mended != NULL);
    memcpy(mended, data, size);
    uint64_t sum = jw_snapshot_checksum(mended, size - sizeof sum);
    memcpy(mended + size - sizeof sum, &sum, sizeof sum);
    try_image(mended, size);
    free(mended);
    return 0;
}
