/* Desks against the closed forms of queues: M/M/c with non-preemptive priorities, with cases in the wrong
 * queue, and with rework. */
#include "economy/economy_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DESKS = 20, CLASSES = 3 };

static jw_world *open_desks(const jw_desk_def *like, inspector_def answers)
{
    jw_desk_def desks[DESKS];
    for (uint32_t i = 0; i < DESKS; i++) {
        desks[i] = *like;
        snprintf(desks[i].name, sizeof desks[i].name, "desk-%u", i);
    }
    return create_economy(&(jw_economy_def){.desks = desks, .desk_count = DESKS}, answers);
}

static jw_desk_state sum_desks(const jw_world *world)
{
    jw_desk_state sum = {0}, desk;
    for (uint32_t i = 0; jw_economy_desk(world, economy_of(world), i, &desk); i++) {
        sum.def = desk.def;
        sum.waiting += desk.waiting;
        sum.served += desk.served;
        sum.away += desk.away;
        sum.rework += desk.rework;
        for (uint32_t k = 0; k < JW_DESK_CLASSES_MAX; k++) {
            const jw_desk_class_counts *c = &desk.classes[k];
            sum.overdue[k] += desk.overdue[k];
            sum.classes[k].arrived += c->arrived;
            sum.classes[k].begun += c->begun;
            sum.classes[k].over_limit += c->over_limit;
            sum.classes[k].misplaced += c->misplaced;
            sum.classes[k].wait_sum_s += c->wait_sum_s;
            sum.classes[k].done += c->done;
            sum.classes[k].turnaround_sum_s += c->turnaround_sum_s;
        }
    }
    return sum;
}

static double mean_wait_s(const jw_desk_state *sum, uint32_t k)
{
    return sum->classes[k].wait_sum_s / (double)sum->classes[k].begun;
}

/* Erlang C: the share of arrivals that wait with c servers and a = lambda / mu. */
static double erlang_c(uint32_t c, double a)
{
    double b = 1;
    for (uint32_t n = 1; n <= c; n++)
        b = a * b / (n + a * b);
    return b / (1 - a / c * (1 - b));
}

/* Cobham (1954): mean wait of class k with arrival rates lambda and c servers of rate 1 / s each. */
static void cobham(const double *lambda, uint32_t classes, uint32_t c, double s, double *wait_s)
{
    double all = 0, before = 0;
    for (uint32_t k = 0; k < classes; k++)
        all += lambda[k];
    double residual_s = erlang_c(c, all * s) * s / c;
    for (uint32_t k = 0; k < classes; k++) {
        double after = before + lambda[k] * s / c;
        wait_s[k] = residual_s / ((1 - before) * (1 - after));
        before = after;
    }
}

static void assert_close(const char *what, double is, double expected, double share)
{
    print_message("%s: %.3f, closed form %.3f\n", what, is, expected);
    if (fabs(is - expected) > share * expected)
        fail_msg("%s: %.4f, expected %.4f within %.0f %%", what, is, expected, 100 * share);
}

static const jw_desk_def clinic = {
    .kind = JW_DESK_TRIAGE,
    .per_h = 36,
    .servers = 4,
    .service_s = 280, /* 70 % busy */
    .class_count = CLASSES,
    .classes = {{"urgent", 0.2, 300}, {"soon", 0.3, 1800}, {"later", 0.5, 0}},
};
#define TIME_S 1000000

static void test_priorities(void **state)
{
    (void)state;
    for (uint32_t wrong = 0; wrong <= 2; wrong++) {
        const double e = 0.1 * wrong, lambda = clinic.per_h / 3600;
        jw_world *world = open_desks(&clinic, (inspector_def){.quality = 1 - e});
        run_s(world, TIME_S);
        jw_desk_state sum = sum_desks(world);
        double queues[CLASSES] = {0}, wait_s[CLASSES];
        for (uint32_t k = 0; k < CLASSES; k++)
            for (uint32_t q = 0; q < CLASSES; q++)
                queues[q] += lambda * clinic.classes[k].share * (q == k ? 1 - e : e / (CLASSES - 1));
        cobham(queues, CLASSES, clinic.servers, clinic.service_s, wait_s);
        for (uint32_t k = 0; k < CLASSES; k++) {
            double expected = 0;
            char what[80];
            for (uint32_t q = 0; q < CLASSES; q++)
                expected += wait_s[q] * (q == k ? 1 - e : e / (CLASSES - 1));
            snprintf(what, sizeof what, "%.0f %% misplaced, wait of class %s", 100 * e,
                     clinic.classes[k].name);
            assert_close(what, mean_wait_s(&sum, k), expected, k == 2 ? 0.06 : 0.04);
            double share = (double)sum.classes[k].misplaced / (double)sum.classes[k].begun;
            assert_true(fabs(share - e) < 0.01);
        }
        assert_true(sum.classes[0].over_limit > 0 || e == 0);
        assert_int_equal(sum.rework, 0);
        jw_world_destroy(world);
    }
}

/* Nobody decides: first come, first served, M/M/c for all classes. */
static void test_nobody_sorts(void **state)
{
    (void)state;
    jw_world *world = open_desks(&clinic, (inspector_def){.cannot_send = 1, .delay_s = -1});
    run_s(world, TIME_S);
    jw_desk_state sum = sum_desks(world);
    const double lambda = clinic.per_h / 3600;
    double wait_s;
    cobham(&lambda, 1, clinic.servers, clinic.service_s, &wait_s);
    for (uint32_t k = 0; k < CLASSES; k++)
        assert_close("unsorted, wait", mean_wait_s(&sum, k), wait_s, 0.05);
    /* P(wait > t) = C exp(-(c mu - lambda) t) for M/M/c. */
    double over = erlang_c(4, lambda * clinic.service_s) * exp(-(4 / clinic.service_s - lambda) * 300);
    assert_close("unsorted, urgent over limit",
                 (double)sum.classes[0].over_limit / (double)sum.classes[0].begun, over, 0.05);
    jw_world_destroy(world);
}

/* The one doctor never ends: who came more than the limit ago is overdue, but for the one that was taken. */
static void test_who_still_waits(void **state)
{
    (void)state;
    jw_desk_def stuck = clinic;
    stuck.servers = 1;
    stuck.service_s = 1e6;
    jw_world *world = open_desks(&stuck, (inspector_def){.cannot_send = 1, .delay_s = -1});
    run_s(world, 20000);
    jw_desk_state before = sum_desks(world);
    run_s(world, 300);
    jw_desk_state after = sum_desks(world);
    assert_true(before.classes[0].arrived > 10);
    assert_int_equal(after.overdue[0] + after.classes[0].begun, before.classes[0].arrived);
    assert_int_equal(after.overdue[2], 0); /* no limit */
    jw_world_destroy(world);
}

/* Rework: each visit is in vain with e, so that the load is lambda / (1 - e); the way back is a delay of its
 * own (a network of the BCMP kind), which leaves the queue M/M/c. */
static void test_rework(void **state)
{
    (void)state;
    const double e = 0.25, service_s = 120, rework_s = 900;
    jw_desk_def customs = {
        .kind = JW_DESK_CLEARING, .per_h = 30, .servers = 2, .service_s = service_s, .rework_s = rework_s};
    jw_world *world = open_desks(&customs, (inspector_def){.quality = 1 - e});
    run_s(world, TIME_S);
    jw_desk_state sum = sum_desks(world);
    double load = customs.per_h / 3600 / (1 - e), wait_s;
    cobham(&load, 1, customs.servers, service_s, &wait_s);
    const jw_desk_class_counts *c = &sum.classes[0];
    assert_close("rework, wait", mean_wait_s(&sum, 0), wait_s, 0.04);
    assert_close("rework, visits a case", (double)c->begun / (double)c->arrived, 1 / (1 - e), 0.01);
    assert_close("rework, turnaround", c->turnaround_sum_s / (double)c->done,
                 (wait_s + service_s) / (1 - e) + rework_s * e / (1 - e), 0.03);
    assert_int_equal(c->arrived, c->done + sum.waiting + sum.served + sum.away);
    jw_world_destroy(world);
    /* Without an answer clerks check by hand: three times as long, never in vain. */
    customs.per_h = 10;
    world = open_desks(&customs, (inspector_def){.cannot_send = 1, .delay_s = -1});
    run_s(world, TIME_S);
    sum = sum_desks(world);
    load = customs.per_h / 3600;
    cobham(&load, 1, customs.servers, 3 * service_s, &wait_s);
    assert_close("by hand, wait", mean_wait_s(&sum, 0), wait_s, 0.05);
    assert_int_equal(sum.rework, 0);
    jw_world_destroy(world);
}

/* An answer of full quality that comes at once is the perfect one, to the last bit; answers that never come
 * are none, after the patience. */
static void test_patience_and_state(void **state)
{
    (void)state;
    jw_desk_def desk = clinic;
    desk.patience_s = 20;
    jw_world *world = open_desks(&desk, (inspector_def){.delay_s = -1}), *other;
    run_s(world, 200000);
    jw_desk_state sum = sum_desks(world);
    const double lambda = desk.per_h / 3600;
    double wait_s;
    cobham(&lambda, 1, desk.servers, desk.service_s, &wait_s);
    assert_close("unanswered, wait", mean_wait_s(&sum, 0), wait_s + 20, 0.1);
    assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
    run_s(world, 5000);
    run_s(other, 5000);
    assert_true(jw_world_hash(world) == jw_world_hash(other));
    jw_command command = jw_command_make("set_desk");
    jw_command_text(&command, "name", "desk-3");
    jw_command_number(&command, "servers", 1);
    jw_command_number(&command, "per_h", 0);
    assert_int_equal(jw_world_post(other, &command, NULL), JW_OK);
    run_s(other, 50000);
    jw_desk_state closed;
    assert_true(jw_economy_desk(other, economy_of(other), 3, &closed));
    assert_true(closed.def->servers == 1 && closed.waiting == 0 && closed.served == 0);
    jw_command_number(&command, "servers", 0.5); /* less than one person is none: refused */
    assert_int_equal(jw_world_post(other, &command, NULL), JW_OK);
    run_s(other, 10);
    assert_true(jw_economy_desk(other, economy_of(other), 3, &closed) && closed.def->servers == 1);
    jw_world_destroy(other);
    jw_world_destroy(world);
}

static void test_bad_desks(void **state)
{
    (void)state;
    jw_error error = {0};
    for (uint32_t i = 0; i < 7; i++) {
        jw_desk_def bad = clinic;
        snprintf(bad.name, sizeof bad.name, "bad");
        *(i == 0   ? &bad.per_h
          : i == 1 ? &bad.service_s
          : i == 2 ? &bad.classes[1].share
          : i == 3 ? &bad.classes[2].limit_s
          : i == 4 ? &bad.patience_s
          : i == 5 ? &bad.rework_s
                   : &bad.manual_s) = i == 2 ? 0.9 : -1;
        assert_int_equal(jw_economy_check_desk(&bad, &error), JW_ERROR_INPUT);
        assert_non_null(strstr(error.message, "\"bad\""));
    }
    jw_desk_def desks[2] = {clinic, clinic};
    jw_world *world;
    snprintf(desks[0].name, sizeof desks[0].name, "one");
    snprintf(desks[1].name, sizeof desks[1].name, "one");
    assert_int_equal(
        try_create(&(jw_economy_def){.desks = desks, .desk_count = 2}, (inspector_def){0}, &world, &error),
        JW_ERROR_EXISTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_priorities), JW_UNIT(test_nobody_sorts),       JW_UNIT(test_who_still_waits),
        JW_UNIT(test_rework),     JW_UNIT(test_patience_and_state), JW_UNIT(test_bad_desks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
