/* Every allocation fails in its turn: an error comes back, nothing leaks, and what must be untouched is. */
#include "kernel/toy.h"

#include <string.h>

static const toy_def toy = {300, 12, 1};

enum { MOST_ALLOCATIONS = 2000 };

static void be_quiet(void *context, jw_log_level level, const char *line)
{
    (void)context, (void)level, (void)line;
}

static int quiet(void **state)
{
    (void)state;
    jw_log_to(be_quiet, NULL);
    return 0;
}

static void creating(void **state)
{
    (void)state;
    int64_t allowed = 0;
    for (; allowed < MOST_ALLOCATIONS; allowed++) {
        jw_world *world;
        jw_error error = {0};
        jw_memory_fail_after(allowed);
        jw_result result = toy_try_create(&toy, 1, 1, &world, &error);
        jw_memory_fail_after(-1);
        if (result == JW_OK) {
            jw_world_destroy(world);
            break;
        }
        assert_int_equal(result, JW_ERROR_MEMORY);
        assert_int_equal(error.code, JW_ERROR_MEMORY);
        assert_null(world);
        assert_int_equal(jw_allocated_bytes(), 0);
    }
    assert_in_range(allowed, 10, MOST_ALLOCATIONS - 1);
}

/* Posts what makes arrays, log and queue grow; false when memory was short for the posting itself. */
static bool post_growth(jw_world *world)
{
    jw_command command = jw_command_make("add_walkers");
    jw_command_number(&command, "count", 1000);
    return jw_world_post(world, &command, NULL) == JW_OK;
}

/* Growth is posted and 20 steps are taken with so many allocations granted; tells how many were made. */
static jw_result grow_and_step(const jw_world *original, int64_t allowed, int64_t *out_made, bool *out_posted)
{
    jw_world *world;
    assert_int_equal(jw_world_fork(original, &world, NULL), JW_OK);
    int64_t before = jw_memory_allocation_count();
    jw_memory_fail_after(allowed);
    *out_posted = post_growth(world);
    jw_result result = *out_posted ? JW_OK : JW_ERROR_MEMORY;
    jw_error error = {0};
    for (int i = 0; i < 20 && result == JW_OK; i++)
        result = jw_world_step(world, &error);
    jw_memory_fail_after(-1);
    *out_made = jw_memory_allocation_count() - before;
    if (error.code)
        assert_non_null(strstr(error.message, "memory"));
    jw_world_destroy(world);
    return result;
}

static void stepping(void **state)
{
    (void)state;
    jw_world *original = toy_create(&toy, 1, 1);
    toy_run(original, 4);
    int64_t needed, made, failed_steps = 0;
    bool is_posted;
    assert_int_equal(grow_and_step(original, -1, &needed, &is_posted), JW_OK);
    for (int64_t allowed = 0; allowed < needed; allowed++) {
        assert_int_equal(grow_and_step(original, allowed, &made, &is_posted), JW_ERROR_MEMORY);
        assert_int_equal(made, allowed);
        failed_steps += is_posted;
    }
    assert_int_equal(grow_and_step(original, needed, &made, &is_posted), JW_OK);
    assert_true(failed_steps > 3);
    jw_world_destroy(original);
}

static void saving(void **state)
{
    (void)state;
    jw_world *world = toy_create(&toy, 1, 1);
    toy_run(world, 4);
    uint64_t hash = jw_world_hash(world);
    int64_t allowed = 0;
    for (; allowed < MOST_ALLOCATIONS; allowed++) {
        jw_writer image = {0};
        jw_memory_fail_after(allowed);
        jw_result result = jw_world_save(world, &image, NULL);
        jw_memory_fail_after(-1);
        jw_writer_free(&image);
        assert_int_equal(jw_world_hash(world), hash);
        if (result == JW_OK)
            break;
        assert_int_equal(result, JW_ERROR_MEMORY);
    }
    assert_in_range(allowed, 3, MOST_ALLOCATIONS - 1);
    jw_world_destroy(world);
}

static void restoring(void **state)
{
    (void)state;
    jw_world *world = toy_create(&toy, 1, 1), *reference;
    toy_run(world, 4);
    jw_writer image = {0};
    toy_save(world, &image);
    toy_run(world, 4);
    assert_int_equal(jw_world_fork(world, &reference, NULL), JW_OK);
    int64_t held = jw_allocated_bytes();
    int64_t allowed = 0;
    for (; allowed < MOST_ALLOCATIONS; allowed++) {
        jw_error error = {0};
        jw_memory_fail_after(allowed);
        jw_result result = jw_world_restore(world, image.bytes, image.size, &error);
        jw_memory_fail_after(-1);
        if (result == JW_OK)
            break;
        assert_int_equal(result, JW_ERROR_MEMORY);
        assert_int_equal(error.code, JW_ERROR_MEMORY);
        assert_int_equal(jw_allocated_bytes(), held);
        assert_int_equal(jw_world_hash(world), jw_world_hash(reference));
    }
    assert_in_range(allowed, 8, MOST_ALLOCATIONS - 1);
    assert_int_equal(jw_world_step_number(world), 4);
    /* And once more with a refused restore in the middle of a run. */
    jw_memory_fail_after(5);
    assert_int_equal(jw_world_restore(reference, image.bytes, image.size, NULL), JW_ERROR_MEMORY);
    jw_memory_fail_after(-1);
    toy_run(world, 10);
    toy_run(reference, 6);
    assert_int_equal(jw_world_hash(world), jw_world_hash(reference));
    jw_writer_free(&image);
    jw_world_destroy(world);
    jw_world_destroy(reference);
}

static void forking_and_replaying(void **state)
{
    (void)state;
    jw_world *world = toy_create(&toy, 1, 1);
    toy_run(world, 4);
    int64_t held = jw_allocated_bytes();
    int64_t allowed = 0;
    for (; allowed < MOST_ALLOCATIONS; allowed++) {
        jw_world *fork;
        jw_memory_fail_after(allowed);
        jw_result result = jw_world_fork(world, &fork, NULL);
        jw_memory_fail_after(-1);
        jw_world_destroy(fork);
        assert_int_equal(jw_allocated_bytes(), held);
        if (result == JW_OK)
            break;
        assert_int_equal(result, JW_ERROR_MEMORY);
    }
    assert_in_range(allowed, 15, MOST_ALLOCATIONS - 1);

    jw_command command = jw_command_make("hurry");
    jw_command_number(&command, "factor", 2);
    jw_log_entry entries[200];
    for (uint32_t i = 0; i < 200; i++)
        entries[i] = (jw_log_entry){.step = 5, .source = JW_FROM_OUTSIDE, .command = command};
    for (allowed = 0; allowed < MOST_ALLOCATIONS; allowed++) {
        jw_memory_fail_after(allowed);
        jw_result result = jw_world_replay(world, entries, 200, NULL);
        jw_memory_fail_after(-1);
        if (result == JW_OK)
            break;
        assert_int_equal(result, JW_ERROR_MEMORY);
    }
    uint32_t before = jw_world_log_count(world);
    toy_run(world, 1);
    assert_int_equal(jw_world_log_count(world),
                     before + 201); /* the refused ones left nothing; one is the script's */
    jw_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(creating),
        JW_UNIT(stepping),
        JW_UNIT(saving),
        JW_UNIT(restoring),
        JW_UNIT(forking_and_replaying),
    };
    return cmocka_run_group_tests(tests, quiet, NULL);
}
