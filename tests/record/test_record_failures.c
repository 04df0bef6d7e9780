/* What cannot be written is said, and nothing is left half: folders that exist, disks that are full, a
 * process that is killed, memory that ends. */
#include "record/record_fixture.h"
#include "record/record_internal.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static jw_result try_begin(record_town *town, const char *folder, jw_error *error)
{
    jw_record_def def = {.folder = folder, .scene_name = "town"};
    jw_result result = jw_record_create(&def, town->world, &town->record, error);
    assert_true(result == JW_OK || (town->record == NULL && error->message[0]));
    return result;
}

static void write_text(const char *path, const char *text)
{
    assert_int_equal(jw_file_write(path, text, strlen(text), NULL), JW_OK);
}

static void test_what_exists_is_not_touched(void **state)
{
    (void)state;
    record_town town;
    record_make_town(&town, 2);
    assert_int_equal(mkdir("full", 0777), 0);
    write_text("full/precious.txt", "x");
    write_text("file", "y");
    static const char *const taken[] = {"full", "full/", "file", "."};
    for (uint32_t i = 0; i < JW_COUNT_OF(taken); i++) {
        jw_error error = {0};
        assert_int_equal(try_begin(&town, taken[i], &error), JW_ERROR_EXISTS);
        assert_non_null(strstr(error.message, "exists"));
    }
    assert_int_equal(record_count_entries("full"), 1);
    assert_int_equal(record_count_entries("."), 2);
    record_free_town(&town);
}

static void test_what_cannot_be_made_is_said(void **state)
{
    (void)state;
    record_town town;
    record_make_town(&town, 2);
    write_text("file", "y");
    char long_path[900] = "d/";
    memset(long_path + 2, 'x', 800);
    const char *const bad[] = {"file/run", "/proc/run", long_path};
    for (uint32_t i = 0; i < JW_COUNT_OF(bad); i++) {
        jw_error error = {0};
        assert_int_not_equal(try_begin(&town, bad[i], &error), JW_OK);
        assert_false(jw_is_directory(bad[i]));
    }
    if (geteuid() != 0) { /* root may write anywhere */
        jw_error error = {0};
        assert_int_equal(mkdir("closed", 0555), 0);
        assert_int_equal(try_begin(&town, "closed/run", &error), JW_ERROR_IO);
    }
    record_free_town(&town);
}

/* ---- a process of its own: limits of file size stand for a full disk ---- */

static void limit_files(uint64_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes ? bytes : limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_IGN); /* writing fails with EFBIG then */
}

static uint64_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

/* The child's exit status says where it broke; 0: all as it should be. */
static int in_child(int (*work)(void))
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(work());
    int status;
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int fill_at_creation(void)
{
    static const uint64_t limits[] = {1, 4096, 30000, 100000};
    record_town town;
    record_make_town(&town, 2);
    for (uint32_t i = 0; i < JW_COUNT_OF(limits); i++) {
        jw_error error = {0};
        jw_record_def def = {.folder = "full/run", .scene_name = "town"};
        limit_files(limits[i]);
        jw_result result = jw_record_create(&def, town.world, &town.record, &error);
        limit_files(0);
        if (result == JW_OK) /* all that is written at once fits */
            return limits[i] < 100000 ? 10 + (int)i : 0;
        if (result != JW_ERROR_IO || !error.message[0])
            return 20 + (int)i;
        if (jw_is_directory("full/run"))
            return 30 + (int)i;
    }
    return 0;
}

static void test_a_full_disk_at_creation_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(in_child(fill_at_creation), 0);
}

/* It allocates and writes at its own pace. */
static void wait_for_writer(record_town *town)
{
    jw_record *record = town->record;
    pthread_mutex_lock(&record->mutex);
    while (record->waiting)
        pthread_cond_wait(&record->changed, &record->mutex);
    pthread_mutex_unlock(&record->mutex);
}

static int fill_while_running(void)
{
    record_town town;
    record_make_town(&town, 2);
    record_begin(&town, "run", 10, 2);
    record_run_s(&town, 60);
    wait_for_writer(&town);
    limit_files(size_of("run/results.gpkg") + 20000);
    uint32_t failures = 0;
    for (uint32_t i = 0; i < 1200; i++) {
        jw_error error = {0};
        if (jw_world_step(town.world, &error) != JW_OK)
            return 1;
        jw_result result = jw_record_step(town.record, town.world, &error);
        if (result != JW_OK && (result != JW_ERROR_IO || !error.message[0]))
            return 2;
        failures += result != JW_OK;
    }
    wait_for_writer(&town);
    jw_error error = {0};
    jw_run_facts facts = {"town", 0, 0};
    limit_files(0);
    jw_result result = jw_record_close(town.record, town.world, &facts, false, &error);
    failures += result != JW_OK;
    return failures == 1 ? 0 : 3; /* said once */
}

static const char *state_of(const char *path, char out[32])
{
    json_t *manifest = json_load_file(path, 0, NULL);
    const char *text = json_string_value(json_object_get(manifest, "state"));
    snprintf(out, 32, "%s", text ? text : "");
    json_decref(manifest);
    return out;
}

static void test_a_full_disk_stops_the_record_not_the_run(void **state)
{
    (void)state;
    assert_int_equal(in_child(fill_while_running), 0);
    int64_t rows = record_count_rows("run/results.gpkg", "metrics", "name", "traffic.running", NULL);
    assert_in_range(rows, 6, 59); /* the first minute at least, not all ten */
    char text[32];
    assert_string_equal(state_of("run/manifest.json", text), "incomplete");
    assert_true(jw_file_exists("run/summary.json"));
    jw_recording *recording;
    assert_int_equal(jw_recording_open("run/recording.jwr", &recording, NULL), JW_OK);
    assert_true(jw_recording_frame_count(recording) >= 30);
    jw_recording_close(recording);
}

/* ---- kill -9 ---- */

static int killed_in_the_middle(void)
{
    record_town town;
    record_make_town(&town, 2);
    record_begin(&town, "run", 10, 2);
    record_run_s(&town, 205);
    kill(getpid(), SIGKILL);
    return 0;
}

static void test_a_killed_run_is_readable(void **state)
{
    (void)state;
    assert_int_equal(in_child(killed_in_the_middle), 1000 + SIGKILL);
    char text[32], last[64];
    assert_string_equal(state_of("run/manifest.json", text), "running");
    /* At most eight intervals wait for the disk, and one is in work: eleven of twenty are certain. */
    int64_t rows = record_count_rows("run/results.gpkg", "metrics", "name", "traffic.running", last);
    assert_in_range(rows, 11, 20);
    jw_recording *recording;
    assert_int_equal(jw_recording_open("run/recording.jwr", &recording, NULL), JW_OK);
    uint32_t frames = jw_recording_frame_count(recording);
    assert_in_range(frames, 5 * 11 - 5, 100);
    for (uint32_t i = 0; i < frames; i++) {
        jw_frame frame = {0};
        assert_int_equal(jw_recording_frame(recording, i, &frame, NULL), JW_OK);
        assert_true(frame.time_ns == 8 * 3600 * JW_NS_PER_S + (i + 1) * 2 * JW_NS_PER_S);
        jw_frame_free(&frame);
    }
    jw_recording_close(recording);
    jw_error error = {0};
    if (jw_report_write("run", NULL, "en", &error) != JW_OK)
        fail_msg("%s", error.message);
}

/* ---- memory ---- */

static void test_every_allocation_of_creation_may_fail(void **state)
{
    (void)state;
    record_town town;
    record_make_town(&town, 1);
    jw_result result = JW_ERROR_MEMORY;
    for (int64_t after = 0; result != JW_OK; after++) {
        jw_error error = {0};
        jw_record_def def = {.folder = "run", .scene_name = "town"};
        int64_t before = jw_allocated_bytes();
        jw_memory_fail_after(after);
        result = jw_record_create(&def, town.world, &town.record, &error);
        jw_memory_fail_after(-1);
        if (result == JW_OK)
            break;
        if (result != JW_ERROR_MEMORY)
            fail_msg("after %d allocations: %s", (int)after, error.message);
        assert_true(jw_allocated_bytes() == before && !jw_is_directory("run"));
    }
    record_end(&town, false);
    record_free_town(&town);
}

/* A step of the record that finds no memory says so; the next one goes on, and the folder closes well. */
static void test_every_allocation_of_a_step_may_fail(void **state)
{
    (void)state;
    record_town town;
    record_make_town(&town, 1);
    record_begin(&town, "run", 1, 1);
    uint32_t failures = 0, successes = 0;
    for (int64_t after = 0; successes < 3; after++) {
        jw_error error = {0};
        twin_fixture_run(town.world, 1);
        assert_int_equal(jw_record_step(town.record, town.world, &error), JW_OK); /* at the half second */
        twin_fixture_run(town.world, 1);
        wait_for_writer(&town); /* it allocates, too, and may then say that it could not */
        jw_memory_fail_after(after);
        jw_result result = jw_record_step(town.record, town.world, &error);
        jw_memory_fail_after(-1);
        assert_true(result == JW_OK || result == JW_ERROR_MEMORY);
        failures += result != JW_OK;
        successes = result == JW_OK ? successes + 1 : 0;
    }
    assert_true(failures > 5);
    jw_run_facts facts = {"town", 0, 0};
    jw_record_close(town.record, town.world, &facts, false, NULL);
    assert_true(record_count_rows("run/results.gpkg", "metrics", "name", "traffic.running", NULL) > 0);
    record_free_town(&town);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECORD_UNIT(test_what_exists_is_not_touched),
        RECORD_UNIT(test_what_cannot_be_made_is_said),
        RECORD_UNIT(test_a_full_disk_at_creation_leaves_nothing),
        RECORD_UNIT(test_a_full_disk_stops_the_record_not_the_run),
        RECORD_UNIT(test_a_killed_run_is_readable),
        RECORD_UNIT(test_every_allocation_of_creation_may_fail),
        RECORD_UNIT(test_every_allocation_of_a_step_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
