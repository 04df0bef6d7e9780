#include "kernel/toy.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static const toy_def small = {50, 10, 0};

static char last_warning[1024];

static void keep_warning(void *context, jw_log_level level, const char *line)
{
    (void)context;
    assert_int_equal(level, JW_LOG_WARNING);
    jw_text_copy(last_warning, sizeof last_warning, line);
}

static int quiet(void **state)
{
    (void)state;
    jw_log_to(keep_warning, NULL);
    return 0;
}

static void a_command_keeps_its_arguments(void **state)
{
    (void)state;
    jw_command command = jw_command_make("mint");
    jw_command_number(&command, "amount", 5);
    jw_command_text(&command, "memo", "first");
    jw_command_text(&command, "memo", "second");
    assert_int_equal(command.arg_count, 2);
    assert_true(jw_command_get_number(&command, "amount", 1) == 5);
    assert_string_equal(jw_command_get_text(&command, "memo", "?"), "second");
    assert_true(jw_command_get_number(&command, "memo", 1) == 1);
    assert_string_equal(jw_command_get_text(&command, "amount", "?"), "?");
    assert_null(jw_command_arg(&command, "other"));
    jw_command_number(&command, "memo", 3);
    assert_true(jw_command_get_number(&command, "memo", 1) == 3);
    char long_text[200];
    memset(long_text, 'x', sizeof long_text);
    long_text[199] = 0;
    jw_command_text(&command, "memo", long_text);
    assert_int_equal(strlen(jw_command_get_text(&command, "memo", "")), JW_ARG_TEXT_SIZE - 1);
}

static void assert_refused(const jw_world *world, const jw_command *command, jw_result code,
                           const char *message)
{
    jw_error error = {0};
    assert_int_equal(jw_world_check_command(world, command, &error), code);
    assert_string_equal(error.message, message);
    assert_int_equal(jw_world_check_command(world, command, NULL), code);
}

static void wrong_commands_are_named(void **state)
{
    (void)state;
    jw_world *world = toy_create(&small, 1, 1);
    jw_command command = jw_command_make("mnt");
    assert_refused(
        world, &command, JW_ERROR_NOT_FOUND,
        "there is no command \"mnt\" (did you mean \"mint\"?); there are: hurry, add_walkers, mint");
    command = jw_command_make("mint");
    assert_refused(world, &command, JW_ERROR_INPUT, "mint needs the number \"account\": who gets it");
    jw_command_number(&command, "account", 3);
    assert_refused(world, &command, JW_ERROR_INPUT, "mint needs the number \"amount\": how much, in coins");
    jw_command_text(&command, "amount", "much");
    assert_refused(world, &command, JW_ERROR_INPUT, "mint: \"amount\" must be a number, not a text");
    jw_command_number(&command, "amount", 100.5);
    assert_refused(world, &command, JW_ERROR_INPUT,
                   "mint: \"amount\" is 100.5, but must be from 1 to 100 coins");
    jw_command_number(&command, "amount", NAN);
    assert_refused(world, &command, JW_ERROR_INPUT, "mint: \"amount\" must be a finite number");
    jw_command_number(&command, "amount", 100);
    assert_int_equal(jw_world_check_command(world, &command, NULL), JW_OK);
    jw_command_number(&command, "any", -1e300);
    assert_int_equal(jw_world_check_command(world, &command, NULL), JW_OK);
    jw_command_number(&command, "any", INFINITY);
    assert_refused(world, &command, JW_ERROR_INPUT, "mint: \"any\" must be a finite number");
    jw_command_number(&command, "any", 0);
    jw_command_number(&command, "memo", 0);
    assert_refused(world, &command, JW_ERROR_INPUT, "mint: \"memo\" must be a text, not a number");
    jw_command_text(&command, "memo", "");
    jw_command_number(&command, "acount", 0);
    assert_refused(world, &command, JW_ERROR_INPUT, "mint takes no \"acount\" (did you mean \"account\"?)");
    memcpy(command.args[4].key, "memo", 5);
    assert_refused(world, &command, JW_ERROR_INPUT, "mint: \"memo\" is given twice");
    jw_world_destroy(world);
}

static void commands_are_applied_once_and_logged(void **state)
{
    (void)state;
    jw_world *world = toy_create(&small, 1, 1);
    toy_run(world, 3);
    int64_t before = toy_coins_made(world);
    toy_post_mint(world, 1, 50);
    toy_post_mint(world, 99, 50); /* there are 10 accounts */
    jw_command unknown = jw_command_make("sing");
    static const char song[] = "la la";
    unknown.blob = song;
    unknown.blob_size = sizeof song;
    assert_int_equal(jw_world_post(world, &unknown, NULL), JW_OK);
    assert_int_equal(toy_coins_made(world), before);
    jw_world_step(world, NULL);
    assert_string_equal(last_warning,
                        "command not carried out at step 4: there is no command \"sing\"; there are: "
                        "hurry, add_walkers, mint");
    assert_int_equal(jw_world_log_count(world), 3);
    jw_log_entry entry = jw_world_log_entry(world, 0);
    assert_int_equal(entry.result, JW_OK);
    assert_int_equal(entry.step, 4);
    assert_int_equal(entry.time_ns, jw_world_time_ns(world));
    assert_int_equal(entry.sequence, 0);
    assert_int_equal(entry.source, JW_FROM_OUTSIDE);
    assert_string_equal(entry.command.verb, "mint");
    assert_true(jw_command_get_number(&entry.command, "amount", 0) == 50);
    assert_int_equal(jw_world_log_entry(world, 1).result, JW_ERROR_NOT_FOUND);
    entry = jw_world_log_entry(world, 2);
    assert_int_equal(entry.sequence, 2);
    assert_int_equal(entry.command.blob_size, sizeof song);
    assert_memory_equal(entry.command.blob, song, sizeof song);
    assert_true(entry.command.blob != song);
    int64_t after = toy_coins_made(world);
    assert_in_range(after - before, 50, 60); /* and some coins from the walls */
    toy_run(world, 1);
    assert_int_equal(jw_world_log_count(world), 3);
    jw_world_destroy(world);
}

static void oversized_content_and_misplaced_scripts_are_refused(void **state)
{
    (void)state;
    jw_world *world = toy_create(&small, 1, 1);
    jw_command command = jw_command_make("mint");
    command.blob = "";
    command.blob_size = 17u << 20;
    jw_error error = {0};
    assert_int_equal(jw_world_post(world, &command, &error), JW_ERROR_LIMIT);
    assert_non_null(strstr(error.message, "at most"));
    command = jw_command_make("mint");
    assert_int_equal(jw_world_post_from_script(world, &command, NULL), JW_ERROR_STATE);
    char *megabytes = jw_alloc(16u << 20);
    command.blob = megabytes;
    command.blob_size = 16u << 20;
    int accepted = 0;
    while (accepted < 100 && jw_world_post(world, &command, NULL) == JW_OK)
        accepted++;
    assert_int_equal(accepted, 4); /* 64 MB wait, no more are taken */
    jw_free(megabytes);
    jw_world_destroy(world);
}

static void script_commands_come_first(void **state)
{
    (void)state;
    toy_def def = {50, 10, 1};
    jw_world *world = toy_create(&def, 1, 1);
    toy_post_mint(world, 1, 50);
    toy_run(world, 2);
    assert_int_equal(jw_world_log_count(world), 3);
    assert_int_equal(jw_world_log_entry(world, 0).source, JW_FROM_SCRIPT);
    assert_int_equal(jw_world_log_entry(world, 1).source, JW_FROM_OUTSIDE);
    assert_int_equal(jw_world_log_entry(world, 2).source, JW_FROM_SCRIPT);
    assert_string_equal(jw_command_get_text(&(jw_command){0}, "memo", "none"), "none");
    jw_world_destroy(world);
}

enum { REPLAY_STEPS = 60 };

static void run_with_commands(jw_world *world, uint64_t *hashes)
{
    for (int step = 0; step < REPLAY_STEPS; step++) {
        if (step % 7 == 3) {
            toy_post_mint(world, step % 12, 1 + step % 5); /* accounts 10 and 11 do not exist */
            jw_command command = jw_command_make(step % 2 ? "hurry" : "add_walkers");
            jw_command_number(&command, step % 2 ? "factor" : "count", step % 2 ? 1.25 : 30);
            assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
        }
        toy_run(world, 1);
        hashes[step] = jw_world_hash(world);
    }
}

static void collect_log(const jw_world *world, jw_log_entry *entries, uint32_t count)
{
    assert_int_equal(jw_world_log_count(world), count);
    for (uint32_t i = 0; i < count; i++)
        entries[i] = jw_world_log_entry(world, i);
}

static void a_replay_gives_the_same_hashes(void **state)
{
    (void)state;
    toy_def def = {300, 10, 4};
    uint64_t hashes[REPLAY_STEPS];
    jw_world *world = toy_create(&def, 5, 1);
    run_with_commands(world, hashes);
    uint32_t count = jw_world_log_count(world);
    assert_true(count > 20);
    jw_log_entry *entries = jw_alloc(count * sizeof *entries);
    collect_log(world, entries, count);

    jw_world *again = toy_create(&def, 5, 2);
    assert_int_equal(jw_world_replay(again, entries, count, NULL), JW_OK);
    jw_writer image = {0};
    for (int step = 0; step < REPLAY_STEPS; step++) {
        toy_run(again, 1);
        assert_int_equal(jw_world_hash(again), hashes[step]);
        if (step == 30)
            toy_save(again, &image);
    }
    jw_log_entry *replayed = jw_alloc(count * sizeof *entries);
    collect_log(again, replayed, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(replayed[i].step, entries[i].step);
        assert_int_equal(replayed[i].sequence, entries[i].sequence);
        assert_int_equal(replayed[i].result, entries[i].result);
        assert_string_equal(replayed[i].command.verb, entries[i].command.verb);
    }
    /* Rewound to step 31 and given the whole log: what is past is passed over. */
    assert_int_equal(jw_world_restore(again, image.bytes, image.size, NULL), JW_OK);
    assert_int_equal(jw_world_replay(again, entries, count, NULL), JW_OK);
    for (int step = 31; step < REPLAY_STEPS; step++) {
        toy_run(again, 1);
        assert_int_equal(jw_world_hash(again), hashes[step]);
    }
    /* Without the log the run goes another way. */
    assert_int_equal(jw_world_restore(again, image.bytes, image.size, NULL), JW_OK);
    toy_run(again, REPLAY_STEPS - 31);
    assert_true(jw_world_hash(again) != hashes[REPLAY_STEPS - 1]);
    jw_writer_free(&image);
    jw_free(replayed);
    jw_free(entries);
    jw_world_destroy(again);
    jw_world_destroy(world);
}

static void a_log_out_of_order_is_refused_whole(void **state)
{
    (void)state;
    jw_world *world = toy_create(&small, 1, 1);
    jw_command command = jw_command_make("hurry");
    jw_command_number(&command, "factor", 2);
    jw_log_entry entries[] = {{.step = 5, .source = JW_FROM_OUTSIDE, .command = command},
                              {.step = 4, .source = JW_FROM_OUTSIDE, .command = command}};
    jw_error error = {0};
    assert_int_equal(jw_world_replay(world, entries, 2, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "in order"));
    toy_run(world, 6);
    assert_int_equal(jw_world_log_count(world), 0);
    jw_world_destroy(world);
}

enum { POSTS = 2000 };

static void *post_many(void *context)
{
    for (int i = 0; i < POSTS; i++) {
        jw_command command = jw_command_make("mint");
        jw_command_number(&command, "account", i % 10);
        jw_command_number(&command, "amount", 1);
        if (jw_world_post(context, &command, NULL) != JW_OK)
            return context;
    }
    return NULL;
}

static void any_thread_may_post(void **state)
{
    (void)state;
    jw_world *world = toy_create(&small, 1, 1);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, post_many, world), 0);
    for (int i = 0; i < 20; i++)
        toy_run(world, 1);
    for (int i = 0; i < 3; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    toy_run(world, 1);
    assert_int_equal(jw_world_log_count(world), 3 * POSTS);
    for (uint32_t i = 0; i < 3 * POSTS; i++)
        assert_int_equal(jw_world_log_entry(world, i).sequence, i);
    jw_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(a_command_keeps_its_arguments),
        JW_UNIT(wrong_commands_are_named),
        JW_UNIT(commands_are_applied_once_and_logged),
        JW_UNIT(oversized_content_and_misplaced_scripts_are_refused),
        JW_UNIT(script_commands_come_first),
        JW_UNIT(a_replay_gives_the_same_hashes),
        JW_UNIT(a_log_out_of_order_is_refused_whole),
        JW_UNIT(any_thread_may_post),
    };
    return cmocka_run_group_tests(tests, quiet, NULL);
}
