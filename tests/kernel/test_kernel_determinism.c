/* The same build, definition, seed and commands give the same hash at every step. */
#include "kernel/toy.h"

enum { STEPS = 120 };

static const toy_def toy = {5000, 100, 5};

static void run_with_commands(jw_world *world, uint64_t hashes[STEPS])
{
    for (int step = 0; step < STEPS; step++) {
        if (step % 10 == 0)
            toy_post_mint(world, step % 100, 3);
        if (step == 50) {
            jw_command command = jw_command_make("add_walkers");
            jw_command_number(&command, "count", 777);
            assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
        }
        toy_run(world, 1);
        hashes[step] = jw_world_hash(world);
    }
}

/* Pinned: another value here means that every recorded run of every user would go another way. */
static void hashes_are_pinned_for_any_thread_count(void **state)
{
    (void)state;
    static const int threads[] = {1, 2, 3, 8};
    uint64_t first[STEPS], hashes[STEPS];
    for (size_t i = 0; i < JW_COUNT_OF(threads); i++) {
        jw_world *world = toy_create(&toy, 2024, threads[i]);
        run_with_commands(world, i ? hashes : first);
        for (int step = 0; i && step < STEPS; step++)
            assert_int_equal(hashes[step], first[step]);
        assert_int_equal(toy_walker_count(world), 5777);
        assert_true(jw_world_event_count(world) > 5000);
        jw_world_destroy(world);
    }
    assert_int_equal(first[0], UINT64_C(0xea9156a9de04480d));
    assert_int_equal(first[STEPS / 2], UINT64_C(0xd08417d2261ceb45));
    assert_int_equal(first[STEPS - 1], UINT64_C(0x784411588ca39417));
}

static void another_seed_goes_another_way(void **state)
{
    (void)state;
    jw_world *a = toy_create(&toy, 1, 1), *b = toy_create(&toy, 2, 1);
    assert_true(jw_world_hash(a) != jw_world_hash(b));
    toy_run(a, 3);
    toy_run(b, 3);
    for (uint32_t m = TOY_WALKERS; m <= TOY_BANK; m++)
        assert_true(jw_world_module_hash(a, m) != jw_world_module_hash(b, m));
    assert_true(jw_world_module_hash(a, TOY_SCRIPT) == jw_world_module_hash(b, TOY_SCRIPT));
    jw_world_destroy(a);
    jw_world_destroy(b);
}

static void a_restored_world_goes_the_same_way(void **state)
{
    (void)state;
    uint64_t hashes[200];
    jw_world *world = toy_create(&toy, 3, 2);
    toy_run(world, 37);
    jw_writer image = {0};
    toy_save(world, &image);
    uint64_t at_save = jw_world_hash(world);
    for (int step = 0; step < 200; step++) {
        toy_run(world, 1);
        hashes[step] = jw_world_hash(world);
    }
    uint64_t events = jw_world_event_count(world);
    for (int threads = 1; threads <= 3; threads++) {
        assert_int_equal(jw_world_restore(world, image.bytes, image.size, NULL), JW_OK);
        assert_int_equal(jw_world_hash(world), at_save);
        assert_int_equal(jw_world_step_number(world), 37);
        assert_int_equal(jw_world_log_count(world), 7);
        jw_world_set_threads(world, threads);
        for (int step = 0; step < 200; step++) {
            toy_run(world, 1);
            assert_int_equal(jw_world_hash(world), hashes[step]);
        }
        assert_int_equal(jw_world_event_count(world), events);
    }
    jw_writer_free(&image);
    jw_world_destroy(world);
}

static void a_fork_goes_the_same_way_until_a_command(void **state)
{
    (void)state;
    jw_world *world = toy_create(&toy, 3, 1), *fork;
    toy_run(world, 20);
    assert_int_equal(jw_world_fork(world, &fork, NULL), JW_OK);
    for (int step = 0; step < 30; step++) { /* interleaved, side by side */
        toy_run(world, 1);
        toy_run(fork, 1);
        assert_int_equal(jw_world_hash(world), jw_world_hash(fork));
    }
    toy_post_mint(fork, 0, 7);
    toy_run(world, 1);
    toy_run(fork, 1);
    assert_int_equal(toy_coins_made(fork), toy_coins_made(world) + 7);
    assert_true(jw_world_module_hash(world, TOY_BANK) != jw_world_module_hash(fork, TOY_BANK));
    assert_true(jw_world_module_hash(world, TOY_WALKERS) == jw_world_module_hash(fork, TOY_WALKERS));
    jw_world_destroy(world);
    toy_run(fork, 10); /* lives on by itself */
    jw_world_destroy(fork);
}

static void interleaved_worlds_do_not_touch_each_other(void **state)
{
    (void)state;
    uint64_t alone[40];
    jw_world *a = toy_create(&toy, 11, 1);
    for (int step = 0; step < 40; step++) {
        toy_run(a, 1);
        alone[step] = jw_world_hash(a);
    }
    jw_world_destroy(a);
    toy_def other = {900, 33, 2};
    a = toy_create(&toy, 11, 2);
    jw_world *b = toy_create(&other, 12, 1);
    for (int step = 0; step < 40; step++) {
        toy_run(b, 1 + step % 3);
        toy_run(a, 1);
        toy_post_mint(b, 1, 1);
        assert_int_equal(jw_world_hash(a), alone[step]);
    }
    jw_world_destroy(a);
    jw_world_destroy(b);
}

static void waiting_commands_do_not_change_the_hash(void **state)
{
    (void)state;
    jw_world *world = toy_create(&toy, 1, 1);
    uint64_t hash = jw_world_hash(world);
    toy_post_mint(world, 1, 1);
    assert_int_equal(jw_world_hash(world), hash);
    jw_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(hashes_are_pinned_for_any_thread_count),
        JW_UNIT(another_seed_goes_another_way),
        JW_UNIT(a_restored_world_goes_the_same_way),
        JW_UNIT(a_fork_goes_the_same_way_until_a_command),
        JW_UNIT(interleaved_worlds_do_not_touch_each_other),
        JW_UNIT(waiting_commands_do_not_change_the_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
