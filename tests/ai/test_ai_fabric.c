/* The data fabric over eight sites on a line that are all this test has of a city: a gigabyte takes a second,
 * distance is the difference of numbers, even and odd sites are two districts. */
#include "ai_fixture.h"
#include "compute/damage.h"

#include <stdio.h>

enum { AI, LINE, MODULES };
enum { SITES = 8, GB = 1000000000, MOVES_MAX = 64 };

typedef struct line {
    uint8_t is_down[SITES], is_stopped[MOVES_MAX], fails[MOVES_MAX];
    uint64_t tags[MOVES_MAX], from[MOVES_MAX];
    uint32_t move_count, reads_ok, reads_failed;
} line;

static line *line_of(const jw_world *world)
{
    return jw_world_state(world, LINE);
}

static jw_result on_start(jw_world *world, uint64_t from, uint64_t to, int64_t bytes, uint64_t tag)
{
    line *l = line_of(world);
    if (from >= SITES || to >= SITES || l->move_count == MOVES_MAX)
        return JW_ERROR_NOT_FOUND;
    l->tags[l->move_count] = tag;
    l->from[l->move_count] = from;
    jw_schedule(world, jw_world_time_ns(world) + bytes, JW_PRIORITY_NORMAL, LINE, 0, l->move_count++, tag);
    return JW_OK;
}

static void on_stop(jw_world *world, uint64_t tag)
{
    line *l = line_of(world);
    for (uint32_t i = 0; i < l->move_count; i++)
        if (l->tags[i] == tag)
            l->is_stopped[i] = 1;
}

static bool on_is_up(jw_world *world, uint64_t site)
{
    return site < SITES && !line_of(world)->is_down[site];
}

static void on_read_ended(jw_world *world, uint64_t tag, bool is_ok)
{
    *(is_ok ? &line_of(world)->reads_ok : &line_of(world)->reads_failed) +=
        tag == 77; /* damage may change it */
}

static jw_result line_attach(jw_world *world, void *state, jw_error *error)
{
    (void)state, (void)error;
    jw_ai_ports ports = ai_fixture_ports();
    ports.start_transfer = on_start;
    ports.stop_transfer = on_stop;
    ports.is_site_up = on_is_up;
    ports.read_ended = on_read_ended;
    jw_ai_set_ports(ai_of(world), &ports);
    return JW_OK;
}

/* A stopped transfer still ends: the fabric has to know better. */
static void line_on_event(jw_world *world, void *state, const jw_event *event)
{
    bool is_ok = event->a < MOVES_MAX && !((const line *)state)->fails[event->a];
    jw_ai_transfer_ended(world, ai_of(world), event->b, is_ok);
}

static void line_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    jw_write_bytes(writer, state, sizeof(line));
}

static void line_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    jw_read_bytes(reader, state, sizeof(line));
    if (((line *)state)->move_count > MOVES_MAX)
        jw_reader_fail(reader, "too many moves");
}

static const jw_module line_module = {.name = "line",
                                      .version = 1,
                                      .state_size = sizeof(line),
                                      .attach = line_attach,
                                      .on_event = line_on_event,
                                      .save = line_save,
                                      .load = line_load};

static jw_result add(jw_world *world, const char *id, int64_t size_bytes, uint64_t home, uint8_t residency)
{
    jw_dataset_def def = {
        .sector = "transport", .size_bytes = size_bytes, .home = home, .residency = residency};
    snprintf(def.id, sizeof def.id, "%s", id);
    return jw_ai_add_dataset(world, ai_of(world), &def, NULL);
}

static jw_result try_create(jw_world **out)
{
    static const jw_ai_def def = {0};
    static const jw_module_entry entries[] = {{&jw_ai_module, &def}, {&line_module, NULL}};
    jw_world_def world = {.seed = 1, .modules = entries, .module_count = MODULES};
    return jw_world_create(&world, out, NULL);
}

/* "video" of 10 GB at site 0, free; "tax" of 4 GB at site 1, bound to its district. */
static jw_world *create(void)
{
    jw_world *world;
    assert_int_equal(try_create(&world), JW_OK);
    assert_int_equal(add(world, "video", 10ll * GB, 0, 0), JW_OK);
    assert_int_equal(add(world, "tax", 4ll * GB, 1, 1), JW_OK);
    return world;
}

static void check_sums(const jw_world *world)
{
    jw_data_counts c = jw_ai_count_data(ai_of(world));
    assert_int_equal(c.asked_bytes, c.arrived_bytes + c.lost_bytes + c.moving_bytes);
}

static void run_s(jw_world *world, double seconds)
{
    for (uint32_t i = 0; i < seconds * 2; i++) {
        assert_int_equal(jw_world_step(world, NULL), JW_OK);
        check_sums(world);
    }
}

static jw_result copy(jw_world *world, const char *id, uint64_t to)
{
    return jw_ai_replicate(world, ai_of(world), id, to, false, NULL);
}

static jw_result ask(jw_world *world, const char *id, uint64_t at, int64_t bytes)
{
    return jw_ai_read(world, ai_of(world), id, at, bytes, 77, NULL);
}

static void test_copies_and_reads_come_from_the_nearest(void **state)
{
    (void)state;
    jw_world *world = create();
    line *l = line_of(world);
    assert_int_equal(copy(world, "video", 5), JW_OK);
    assert_int_equal(copy(world, "video", 5), JW_ERROR_EXISTS);
    assert_int_equal(jw_ai_count_data(ai_of(world)).moving_bytes, 10ll * GB);
    run_s(world, 9);
    assert_true(!jw_ai_has_replica(ai_of(world), "video", 5));
    run_s(world, 2);
    assert_true(jw_ai_has_replica(ai_of(world), "video", 5));
    assert_int_equal(ask(world, "video", 6, 3ll * GB), JW_OK); /* from 5 */
    assert_int_equal(ask(world, "video", 2, 0), JW_OK);        /* from 0, all of it */
    assert_int_equal(ask(world, "video", 5, GB), JW_OK);       /* where it lies */
    assert_true(l->move_count == 3 && l->from[1] == 5 && l->from[2] == 0);
    assert_int_equal(l->reads_ok, 0); /* later than now */
    run_s(world, 1);
    assert_int_equal(l->reads_ok, 1);
    run_s(world, 12);
    assert_int_equal(l->reads_ok, 3);
    jw_dataset_state video;
    assert_true(jw_ai_dataset(ai_of(world), 0, &video));
    assert_true(video.replicas == 2 && video.reads == 3 && video.moving == 0);
    assert_int_equal(video.copied_bytes, 10ll * GB);
    assert_int_equal(video.read_bytes, 13ll * GB);
    assert_int_equal(video.local_bytes, GB);
    jw_data_counts c = jw_ai_count_data(ai_of(world));
    assert_true(c.asked_bytes == 23ll * GB && c.arrived_bytes == 23ll * GB && c.lost_bytes == 0);
    jw_world_destroy(world);
}

static void test_residency_keeps_data_in(void **state)
{
    (void)state;
    jw_world *world = create();
    assert_int_equal(copy(world, "tax", 2), JW_ERROR_STATE);
    assert_int_equal(ask(world, "tax", 4, 0), JW_ERROR_STATE);
    assert_int_equal(jw_ai_replicate(world, ai_of(world), "tax", 6, true, NULL), JW_ERROR_STATE);
    assert_int_equal(copy(world, "tax", 3), JW_OK);
    assert_int_equal(jw_ai_replicate(world, ai_of(world), "tax", 7, true, NULL), JW_OK);
    run_s(world, 5);
    assert_int_equal(line_of(world)->move_count, 1);
    jw_data_counts c = jw_ai_count_data(ai_of(world));
    assert_true(c.refused == 3 && c.asked_bytes == 4ll * GB);
    assert_int_equal(ask(world, "tax", 1, 5ll * GB), JW_ERROR_INPUT);
    assert_int_equal(ask(world, "toll", 1, 0), JW_ERROR_NOT_FOUND);
    jw_world_destroy(world);
}

/* The source fails at half time: the copy comes from the other replica, from the beginning; when that fails,
 * too, and the first is up again, from there; a fourth try is not made. */
static void test_a_source_fails_under_way(void **state)
{
    (void)state;
    jw_world *world = create();
    line *l = line_of(world);
    assert_int_equal(jw_ai_replicate(world, ai_of(world), "video", 3, true, NULL), JW_OK);
    assert_int_equal(copy(world, "video", 4), JW_OK);
    run_s(world, 5);
    assert_int_equal(l->from[0], 3);
    l->is_down[3] = 1;
    jw_ai_site_down(world, ai_of(world), 3);
    assert_true(l->move_count == 2 && l->from[1] == 0 && l->is_stopped[0]);
    assert_int_equal(jw_ai_count_data(ai_of(world)).lost_bytes, 10ll * GB);
    run_s(world, 7); /* the stopped transfer's end passes and is no end */
    assert_true(!jw_ai_has_replica(ai_of(world), "video", 4));
    run_s(world, 4);
    assert_true(jw_ai_has_replica(ai_of(world), "video", 4));

    assert_int_equal(ask(world, "video", 7, 0), JW_OK); /* from 4 */
    for (uint32_t i = 0; i < 3; i++) {
        uint64_t source = l->from[l->move_count - 1];
        l->is_down[3] = 0;
        l->is_down[source] = 1;
        jw_ai_site_down(world, ai_of(world), source);
        l->is_down[source] = 0;
        check_sums(world);
    }
    assert_int_equal(l->move_count, 2 + 3);
    assert_int_equal(l->reads_failed, 1);
    assert_int_equal(jw_ai_count_data(ai_of(world)).moving_bytes, 0);
    jw_world_destroy(world);
}

/* A transfer that fails though its source is up is tried from another, not from the same again. */
static void test_a_way_fails(void **state)
{
    (void)state;
    jw_world *world = create();
    line *l = line_of(world);
    assert_int_equal(jw_ai_replicate(world, ai_of(world), "video", 7, true, NULL), JW_OK);
    l->fails[0] = 1;
    assert_int_equal(ask(world, "video", 5, GB), JW_OK);
    run_s(world, 3);
    assert_true(l->move_count == 2 && l->from[0] == 7 && l->from[1] == 0 && l->reads_ok == 1);
    jw_world_destroy(world);
}

static void test_the_goal_fails_or_nothing_is_left(void **state)
{
    (void)state;
    jw_world *world = create();
    line *l = line_of(world);
    assert_int_equal(copy(world, "video", 4), JW_OK);
    l->is_down[4] = 1;
    jw_ai_site_down(world, ai_of(world), 4);
    assert_true(l->move_count == 1 && jw_ai_count_data(ai_of(world)).lost_bytes == 10ll * GB);
    assert_int_equal(copy(world, "video", 4), JW_ERROR_STATE);
    l->is_down[4] = 0;
    assert_int_equal(ask(world, "video", 6, GB), JW_OK);
    l->is_down[0] = 1;
    jw_ai_site_down(world, ai_of(world), 0); /* the only replica */
    assert_int_equal(l->reads_failed, 1);
    assert_int_equal(ask(world, "video", 6, GB), JW_ERROR_NOT_FOUND);
    l->is_down[0] = 0;
    run_s(world, 11); /* ends of what was stopped */
    assert_int_equal(jw_ai_count_data(ai_of(world)).arrived_bytes, 0);
    jw_world_destroy(world);
}

static void test_a_store_that_is_gone(void **state)
{
    (void)state;
    jw_world *world = create();
    assert_int_equal(copy(world, "video", 6), JW_OK);
    run_s(world, 11);
    assert_int_equal(ask(world, "video", 0, GB), JW_OK); /* where it lies: but then no more */
    jw_ai_forget_store(world, ai_of(world), 0);
    jw_dataset_state video;
    assert_true(jw_ai_dataset(ai_of(world), 0, &video) && video.replicas == 1 && video.def->home == 6);
    run_s(world, 1);
    assert_int_equal(line_of(world)->reads_failed, 1);
    assert_int_equal(ask(world, "video", 0, 2ll * GB), JW_OK); /* now from 6 */
    jw_ai_forget_store(world, ai_of(world), 6);
    assert_true(jw_ai_dataset(ai_of(world), 0, &video) && video.replicas == 0 && video.moving == 0);
    assert_int_equal(copy(world, "video", 2), JW_ERROR_NOT_FOUND);
    run_s(world, 3);
    assert_int_equal(jw_ai_count_data(ai_of(world)).lost_bytes, 2ll * GB);
    jw_world_destroy(world);
}

static void test_bad_datasets_are_refused(void **state)
{
    (void)state;
    jw_world *world = create();
    assert_int_equal(add(world, "", GB, 0, 0), JW_ERROR_INPUT);
    assert_int_equal(add(world, "empty", 0, 0, 0), JW_ERROR_INPUT);
    assert_int_equal(add(world, "huge", INT64_MAX, 0, 0), JW_ERROR_INPUT);
    assert_int_equal(add(world, "video", GB, 0, 0), JW_ERROR_EXISTS);
    jw_world_destroy(world);
}

static void test_a_plain_volume_is_a_corpus(void **state)
{
    (void)state;
    jw_world *world = create();
    run_s(world, 36);
    jw_corpus c;
    assert_true(jw_ai_corpus(world, ai_of(world), "tax", &c));
    assert_true(c.records == 4e9 / JW_BYTES_PER_RECORD && c.tokens == 4e9 / JW_BYTES_PER_TOKEN);
    assert_true(c.coverage == 1 && c.quality == 1 && c.sensitivity == 0);
    assert_true(jw_abs(c.age_days - 36 / 86400.0) < 1e-12);
    assert_false(jw_ai_corpus(world, ai_of(world), "toll", &c));
    jw_world_destroy(world);
}

static jw_world *in_the_middle(void)
{
    jw_world *world = create();
    assert_int_equal(copy(world, "video", 5), JW_OK);
    assert_int_equal(ask(world, "tax", 3, 0), JW_OK);
    run_s(world, 2);
    assert_int_equal(ask(world, "tax", 1, 0), JW_OK);
    return world;
}

static void test_a_restored_fabric_goes_on_alike(void **state)
{
    (void)state;
    jw_world *world = in_the_middle(), *other;
    assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
    assert_true(jw_world_hash(other) == jw_world_hash(world));
    run_s(world, 10);
    run_s(other, 10);
    assert_true(jw_world_hash(other) == jw_world_hash(world));
    assert_true(line_of(other)->reads_ok == 2 && jw_ai_has_replica(ai_of(other), "video", 5));
    jw_world_destroy(other);
    jw_world_destroy(world);
}

static void test_damaged_snapshots_are_refused_or_harmless(void **state)
{
    (void)state;
    jw_world *world = in_the_middle();
    assert_true(damage_all(world, 1, 30, true) > 0);
    jw_world_destroy(world);
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    bool has_failed = true;
    for (int64_t after = 0; has_failed; after++) {
        jw_world *world = NULL;
        jw_memory_fail_after(after);
        has_failed = try_create(&world) != JW_OK || add(world, "video", GB, 0, 0) != JW_OK ||
                     copy(world, "video", 3) != JW_OK || ask(world, "video", 2, 0) != JW_OK;
        for (uint32_t i = 0; i < 6 && !has_failed; i++)
            has_failed = jw_world_step(world, NULL) != JW_OK;
        jw_memory_fail_after(-1);
        if (world)
            check_sums(world);
        if (world && !has_failed)
            has_failed = !jw_ai_has_replica(ai_of(world), "video", 3);
        jw_world_destroy(world);
        assert_true(jw_allocated_bytes() == 0 && after < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_copies_and_reads_come_from_the_nearest),
        JW_UNIT(test_residency_keeps_data_in),
        JW_UNIT(test_a_source_fails_under_way),
        JW_UNIT(test_a_way_fails),
        JW_UNIT(test_the_goal_fails_or_nothing_is_left),
        JW_UNIT(test_a_store_that_is_gone),
        JW_UNIT(test_bad_datasets_are_refused),
        JW_UNIT(test_a_plain_volume_is_a_corpus),
        JW_UNIT(test_a_restored_fabric_goes_on_alike),
        JW_UNIT(test_damaged_snapshots_are_refused_or_harmless),
        JW_UNIT(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
