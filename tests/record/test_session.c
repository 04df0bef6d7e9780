/* A session: play, pause, step, and going back and forth through time with the commands given meanwhile. The
 * reference is a world without a session, to which the same commands are given at the same steps. */
#include "base/test_base.h"
#include "record/record.h"
#include "twin/twin_fixture.h"

#include <time.h>

#define S(seconds) (8 * 3600 * JW_NS_PER_S + (int64_t)(seconds)*JW_NS_PER_S)

static void nap(double seconds)
{
    struct timespec pause = {0, (long)(seconds * 1e9)};
    nanosleep(&pause, NULL);
}

#define WARM_STEPS 20 /* before the start: sessions know nothing of them */

static jw_world *make_world(jw_twin_def *def)
{
    twin_fixture_def(def, 3);
    def->warm_ns = WARM_STEPS * def->dt_ns;
    jw_world *world = twin_fixture_create(def, 1);
    twin_fixture_run(world, WARM_STEPS);
    assert_true(jw_world_time_ns(world) == jw_world_start_time_ns(world));
    return world;
}

static jw_session *create(jw_twin_def *def, uint64_t budget_bytes, double interval_s)
{
    jw_world *world = make_world(def);
    jw_session_def session_def = {.city = def->city,
                                  .world = world,
                                  .snapshot_budget_bytes = budget_bytes,
                                  .snapshot_interval_s = interval_s};
    jw_session *session;
    assert_int_equal(jw_session_create(&session_def, &session, NULL), JW_OK);
    return session;
}

static void destroy(jw_session *session, jw_twin_def *def)
{
    jw_session_destroy(session);
    jw_twin_def_free(def);
}

/* Until the world has gone past a time: when its thread comes to it, the machine may be busy with others. */
static void wait_past(jw_session *session, int64_t time_ns)
{
    for (uint32_t i = 0; i < 120000 && jw_session_state(session).time_ns <= time_ns; i++)
        nap(0.001);
    assert_true(jw_session_state(session).time_ns > time_ns);
}

static void wait_for_rest(jw_session *session)
{
    for (uint32_t i = 0; i < 120000 && jw_session_state(session).is_running; i++)
        nap(0.001);
    jw_session_status status = jw_session_state(session);
    assert_false(status.is_running);
    if (status.has_failed)
        fail_msg("%s", status.error.message);
}

static void seek(jw_session *session, int64_t time_ns)
{
    jw_session_seek(session, time_ns);
    wait_for_rest(session);
    assert_true(jw_session_state(session).time_ns == time_ns);
}

static void post(jw_session *session, const char *verb, const char *name)
{
    jw_command command = jw_command_make(verb);
    jw_command_text(&command, "name", name);
    assert_int_equal(jw_session_post(session, &command, NULL), JW_OK);
}

/* ---- the same without a session ---- */

typedef struct given {
    int64_t time_ns; /* posted at rest at this time */
    const char *verb, *name;
} given;

static uint64_t reference(const given *commands, uint32_t count, int64_t until_ns)
{
    jw_twin_def def;
    jw_world *world = make_world(&def);
    while (jw_world_time_ns(world) < until_ns) {
        for (uint32_t i = 0; i < count; i++)
            if (commands[i].time_ns == jw_world_time_ns(world))
                twin_fixture_command(world, commands[i].verb, "name", commands[i].name);
        twin_fixture_run(world, 1);
    }
    uint64_t hash = jw_world_hash(world);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
    return hash;
}

/* ---- */

static void test_play_pause_and_step(void **state)
{
    (void)state;
    jw_twin_def def;
    jw_session *session = create(&def, 0, 60);
    bool is_new;
    assert_true(jw_session_state(session).time_ns == S(0));
    jw_session_step(session, 10);
    wait_for_rest(session);
    assert_true(jw_session_state(session).time_ns == S(5));
    const jw_frame *frame = jw_session_frame(session, &is_new);
    assert_true(is_new && frame->time_ns == S(5) && frame->step == WARM_STEPS + 10);
    assert_true(jw_session_hash(session) == reference(NULL, 0, S(5)));
    jw_session_play(session, -1);
    wait_past(session, S(5));
    assert_true(jw_session_state(session).is_running);
    jw_session_play(session, 0);
    wait_for_rest(session);
    int64_t time_ns = jw_session_state(session).time_ns;
    assert_true(time_ns > S(5));
    frame = jw_session_frame(session, &is_new);
    assert_true(frame->time_ns == time_ns); /* at rest the picture is of now: a step later is a step later */
    jw_session_step(session, 1);
    wait_for_rest(session);
    assert_true(jw_session_state(session).time_ns == time_ns + JW_NS_PER_S / 2);
    time_ns += JW_NS_PER_S / 2;
    jw_session_play(session, 1); /* one step is due at once, the next in half a second */
    double begin_s = jw_clock_seconds();
    nap(0.1);
    jw_session_play(session, 0);
    wait_for_rest(session);
    double most_s = jw_clock_seconds() - begin_s + 1;
    assert_in_range(jw_session_state(session).time_ns - time_ns, 0, jw_ns_from_s(most_s));
    /* What is watched is answered while the world stands still. */
    jw_watch watch = {.id = 7, .kind = JW_WATCH_ASSET, .name = "edge-1"};
    jw_session_watch(session, &watch, 1);
    for (uint32_t i = 0; i < 120000; i++, nap(0.001)) {
        frame = jw_session_frame(session, &is_new);
        if (frame->detail_count > 0)
            break;
    }
    assert_true(frame->detail_count > 0 && frame->details[0].watch_id == 7);
    destroy(session, &def);
}

static void test_going_back_and_forth_changes_nothing(void **state)
{
    (void)state;
    jw_twin_def def;
    jw_session *session = create(&def, 0, 30);
    seek(session, S(200));
    uint64_t expected = reference(NULL, 0, S(200));
    assert_true(jw_session_hash(session) == expected);
    static const int64_t seconds[] = {100, 150, 20, 0, 199, 61, 200};
    for (uint32_t i = 0; i < JW_COUNT_OF(seconds); i++) {
        seek(session, S(seconds[i]));
        const jw_frame *frame = jw_session_frame(session, NULL);
        assert_true(frame->time_ns == S(seconds[i]));
    }
    assert_true(jw_session_hash(session) == expected);
    assert_true(jw_session_state(session).earliest_ns == S(0));
    jw_session_seek(session, S(-100)); /* before the beginning: there */
    wait_for_rest(session);
    assert_true(jw_session_state(session).time_ns == S(0));
    seek(session, S(200));
    assert_true(jw_session_hash(session) == expected);
    destroy(session, &def);
}

static const given two[] = {{S(40), "fail_node", "edge-1"}, {S(100), "repair_node", "edge-1"}};

/* Runs to 150 s, giving the two commands at their times. */
static void run_with_commands(jw_session *session)
{
    for (uint32_t i = 0; i < JW_COUNT_OF(two); i++) {
        seek(session, two[i].time_ns);
        post(session, two[i].verb, two[i].name);
    }
    seek(session, S(150));
}

static void test_commands_are_met_again(void **state)
{
    (void)state;
    jw_twin_def def;
    jw_session *session = create(&def, 0, 30);
    run_with_commands(session);
    uint64_t expected = reference(two, 2, S(150));
    assert_true(expected != reference(NULL, 0, S(150)));
    assert_true(jw_session_hash(session) == expected);
    static const int64_t ways[][4] = {{0, 150, 150, 150}, {60, 130, 50, 150}, {90, 10, 110, 150}};
    for (uint32_t w = 0; w < JW_COUNT_OF(ways); w++) {
        for (uint32_t i = 0; i < 4; i++)
            seek(session, S(ways[w][i]));
        assert_true(jw_session_hash(session) == expected);
    }
    destroy(session, &def);
}

/* A command in a rewound world ends the old future: its commands, and its snapshots. */
static void test_a_new_command_is_a_new_future(void **state)
{
    (void)state;
    static const given branched[] = {{S(40), "fail_node", "edge-1"}, {S(70), "fail_node", "edge-2"}};
    jw_twin_def def;
    jw_session *session = create(&def, 0, 30);
    run_with_commands(session);
    seek(session, S(70));
    post(session, "fail_node", "edge-2");
    seek(session, S(150));
    uint64_t expected = reference(branched, 2, S(150));
    assert_true(jw_session_hash(session) == expected);
    seek(session, S(125)); /* from a snapshot: of the new future */
    assert_true(jw_session_hash(session) == reference(branched, 2, S(125)));
    seek(session, S(10));
    seek(session, S(150));
    assert_true(jw_session_hash(session) == expected);
    /* A command that is refused branches nothing. */
    seek(session, S(60));
    jw_command bad = jw_command_make("no_such_verb");
    jw_error error = {0};
    assert_int_not_equal(jw_session_post(session, &bad, &error), JW_OK);
    assert_true(error.message[0]);
    seek(session, S(150));
    assert_true(jw_session_hash(session) == expected);
    destroy(session, &def);
}

static void test_a_fork_is_independent(void **state)
{
    (void)state;
    jw_twin_def def;
    jw_session *session = create(&def, 0, 30), *fork, *later;
    run_with_commands(session);
    seek(session, S(60)); /* the repair is still to come, for both */
    assert_int_equal(jw_session_fork(session, &fork, NULL), JW_OK);
    assert_true(jw_session_hash(fork) == jw_session_hash(session));
    seek(fork, S(150));
    assert_true(jw_session_hash(fork) == reference(two, 2, S(150)));
    assert_true(jw_session_state(session).time_ns == S(60));
    seek(fork, S(80));
    assert_int_equal(jw_session_fork(fork, &later, NULL), JW_OK);
    post(fork, "fail_node", "edge-2");
    jw_session_destroy(session); /* the forks live on */
    seek(fork, S(150));
    seek(later, S(150));
    assert_true(jw_session_hash(later) == reference(two, 2, S(150)));
    static const given changed[] = {{S(40), "fail_node", "edge-1"}, {S(80), "fail_node", "edge-2"}};
    assert_true(jw_session_hash(fork) == reference(changed, 2, S(150)));
    jw_session_destroy(later);
    jw_session_play(fork, -1);
    assert_int_equal(jw_session_fork(fork, &later, NULL), JW_OK); /* of a running one: paused */
    assert_false(jw_session_state(later).is_running);
    assert_true(jw_session_state(fork).is_running);
    jw_session_destroy(fork);
    destroy(later, &def);
}

static void test_a_small_budget_goes_back_all_the_same(void **state)
{
    (void)state;
    jw_twin_def def;
    jw_session *session = create(&def, 300000, 1);
    seek(session, S(120));
    uint64_t expected = jw_session_hash(session);
    static const int64_t seconds[] = {3, 50, 0, 119, 120};
    for (uint32_t i = 0; i < JW_COUNT_OF(seconds); i++)
        seek(session, S(seconds[i]));
    assert_true(jw_session_hash(session) == expected);
    destroy(session, &def);
}

/* Snapshots hold what they have to, and are given up when the budget shrinks. */
static void test_the_budget_may_change(void **state)
{
    (void)state;
    enum { SECONDS = 60 };
    jw_twin_def def;
    jw_session *session = create(&def, 0, 1);
    seek(session, S(SECONDS));
    uint64_t expected = jw_session_hash(session);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run(world, SECONDS);
    jw_writer image = {0};
    assert_int_equal(jw_world_save(world, &image, NULL), JW_OK);
    double size = (double)image.size;
    jw_writer_free(&image);
    jw_world_destroy(world);
    double before = (double)jw_allocated_bytes();
    jw_session_set_snapshot_budget(session, 1);
    seek(session, S(SECONDS + 1));
    double given_up = before - (double)jw_allocated_bytes();
    assert_true(given_up > 0.5 * SECONDS * size && given_up < 1.05 * SECONDS * size);
    seek(session, S(3));
    seek(session, S(SECONDS));
    assert_true(jw_session_hash(session) == expected);
    destroy(session, &def);
}

static void test_destroying_while_running(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 6; i++) {
        jw_twin_def def;
        jw_session *session = create(&def, 0, 10);
        if (i == 0)
            jw_session_play(session, -1);
        else if (i == 1)
            jw_session_play(session, 0.1);
        else if (i == 2)
            jw_session_seek(session, S(1000000));
        else if (i == 3)
            jw_session_step(session, 1000000);
        else if (i == 4)
            jw_session_seek(session, S(50)), jw_session_seek(session, S(5)), jw_session_play(session, 3);
        nap(i % 2 ? 0.03 : 0.001);
        destroy(session, &def);
    }
}

static void test_every_allocation_of_creation_may_fail(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 1);
    jw_result result = JW_ERROR_MEMORY;
    for (int64_t after = 0; result != JW_OK; after++) {
        jw_session *session = NULL;
        jw_session_def session_def = {.city = def.city, .world = twin_fixture_create(&def, 1)};
        jw_memory_fail_after(after);
        result = jw_session_create(&session_def, &session, NULL);
        jw_memory_fail_after(-1);
        if (result == JW_OK)
            jw_session_destroy(session);
        else
            jw_world_destroy(session_def.world); /* still the caller's */
    }
    jw_twin_def_free(&def);
}

/* As fast as can be, and yet exactly there: the world pauses at the step that meets a stop. */
static void test_stops_at_the_very_step(void **state)
{
    (void)state;
    jw_twin_def def;
    jw_session *session = create(&def, 0, 10);
    int64_t dt_ns = def.dt_ns;
    jw_break breaks[] = {
        {.id = 1, .kind = JW_BREAK_TIME, .time_ns = S(12) + dt_ns / 3},
        {.id = 2, .kind = JW_BREAK_EVENT, .event_kind = JW_BREAK_ANY_EVENT, .text = "EDGE-1"},
        {.id = 3, .kind = JW_BREAK_DETAIL, .name = "up", .watch = {.kind = JW_WATCH_ASSET, .name = "edge-1"}},
    };
    jw_session_set_breaks(session, breaks, 2);
    jw_session_play(session, -1);
    wait_for_rest(session);
    jw_session_status status = jw_session_state(session);
    assert_true(status.time_ns == (S(12) / dt_ns + 1) * dt_ns);
    assert_int_equal(status.stop_id, 1);
    assert_int_equal(status.stop_count, 1);
    /* The frame in hand is of that step. */
    bool is_new;
    const jw_frame *frame = jw_session_frame(session, &is_new);
    assert_true(frame->time_ns == status.time_ns);
    /* An event: the step that carries the command out is the next one. */
    post(session, "fail_node", "edge-1");
    jw_session_play(session, -1);
    wait_for_rest(session);
    int64_t event_ns = jw_session_state(session).time_ns;
    assert_int_equal(jw_session_state(session).stop_id, 2);
    assert_true(event_ns <= status.time_ns + 2 * dt_ns);
    /* Going there and single steps pass stops; going back makes them due again. */
    seek(session, S(5));
    assert_int_equal(jw_session_state(session).stop_count, 2);
    seek(session, S(14));
    assert_int_equal(jw_session_state(session).stop_count, 2);
    seek(session, S(5));
    jw_session_play(session, -1);
    wait_for_rest(session);
    assert_true(jw_session_state(session).time_ns == status.time_ns);
    destroy(session, &def);
}

/* A metric above a bound for so long: compared with the same world looked at step by step. */
static void test_stops_when_a_value_passes_a_bound(void **state)
{
    (void)state;
    enum { HOLD_S = 3 };
    jw_twin_def def;
    jw_world *world = make_world(&def);
    double value, bound = 0;
    for (int i = 0; i < 200; i++) { /* a bound that is passed on the way */
        assert_int_equal(jw_world_step(world, NULL), JW_OK);
        assert_true(jw_world_metric(world, "traffic.running", &value));
        if (i == 60)
            bound = value - 0.5;
    }
    jw_world_destroy(world);
    jw_twin_def_free(&def);
    world = make_world(&def);
    int64_t wanted_ns = 0, since_ns = INT64_MIN;
    for (int i = 0; i < 2000 && !wanted_ns; i++) {
        assert_int_equal(jw_world_step(world, NULL), JW_OK);
        assert_true(jw_world_metric(world, "traffic.running", &value));
        int64_t now_ns = jw_world_time_ns(world);
        if (!(value > bound))
            since_ns = INT64_MIN;
        else if (since_ns == INT64_MIN)
            since_ns = now_ns;
        if (since_ns != INT64_MIN && now_ns - since_ns >= HOLD_S * JW_NS_PER_S)
            wanted_ns = now_ns;
    }
    jw_world_destroy(world);
    jw_twin_def_free(&def);
    assert_true(wanted_ns > 0);
    jw_session *session = create(&def, 0, 10);
    jw_break condition = {
        .id = 9, .kind = JW_BREAK_METRIC, .name = "traffic.running", .value = bound, .hold_s = HOLD_S};
    jw_session_set_breaks(session, &condition, 1);
    jw_session_play(session, -1);
    wait_for_rest(session);
    assert_true(jw_session_state(session).time_ns == wanted_ns);
    /* It holds on: it does not stop again at once. */
    jw_session_play(session, -1);
    wait_past(session, wanted_ns);
    jw_session_play(session, 0);
    wait_for_rest(session);
    assert_true(jw_session_state(session).time_ns > wanted_ns);
    /* A seek is given up on the way, the world stands between. */
    jw_session_seek(session, S(1000000));
    nap(0.02);
    jw_session_end_seek(session);
    wait_for_rest(session);
    assert_true(jw_session_state(session).time_ns < S(1000000));
    jw_session_set_threads(session, 2);
    seek(session, jw_session_state(session).time_ns + 5 * JW_NS_PER_S);
    destroy(session, &def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stops_at_the_very_step),
        cmocka_unit_test(test_stops_when_a_value_passes_a_bound),
        JW_UNIT(test_play_pause_and_step),
        JW_UNIT(test_going_back_and_forth_changes_nothing),
        JW_UNIT(test_commands_are_met_again),
        JW_UNIT(test_a_new_command_is_a_new_future),
        JW_UNIT(test_a_fork_is_independent),
        JW_UNIT(test_a_small_budget_goes_back_all_the_same),
        JW_UNIT(test_the_budget_may_change),
        JW_UNIT(test_destroying_while_running),
        JW_UNIT(test_every_allocation_of_creation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
