/* Production lines against the closed forms of reliability and inspection. */
#include "compute/damage.h"
#include "economy/economy_fixture.h"

#include <math.h>
#include <stdio.h>

static jw_result try_lines(const jw_production_line_def *lines, uint32_t count, inspector_def answers,
                           jw_world **out, jw_error *error)
{
    return try_create(&(jw_economy_def){.lines = lines, .line_count = count}, answers, out, error);
}

static const jw_production_line_def never_fails = {.cycle_s = 4, .mtbf_s = 1e9, .defect_share = 0.1};

/* ---- */

/* Exponential up and down times: availability MTBF / (MTBF + MTTR); over a time T it scatters with variance
 * 2 a b / ((a + b)^3 T) for rates a and b. A part in work when the line breaks is finished after the repair.
 */
static void test_availability_and_throughput(void **state)
{
    (void)state;
    const double mtbf_s = 100, mttr_s = 25, cycle_s = 4, time_s = 200000;
    jw_production_line_def line = {.cycle_s = cycle_s, .mtbf_s = mtbf_s, .mttr_s = mttr_s};
    jw_world *world = create(&line, LINES_MAX, (inspector_def){.quality = 1});
    run_s(world, time_s);
    double availability = 0, made = 0, a = 1 / mtbf_s, b = 1 / mttr_s;
    for (uint32_t i = 0; i < LINES_MAX; i++) {
        availability += line_of(world, i).availability / LINES_MAX;
        made += (double)line_of(world, i).made / LINES_MAX;
    }
    double expected = mtbf_s / (mtbf_s + mttr_s);
    double half = QUANTILE_99 * sqrt(2 * a * b / (pow(a + b, 3) * time_s * LINES_MAX));
    double expected_made = expected * time_s / cycle_s;
    print_message("availability %.4f +- %.4f, expected %.4f; made %.0f, expected %.0f\n", availability, half,
                  expected, made, expected_made);
    assert_true(fabs(availability - expected) <= half);
    assert_true(fabs(made - expected_made) <= expected_made * half / expected);
    jw_world_destroy(world);
}

static void assert_share(int64_t count, int64_t of, double expected, const char *what)
{
    double share = (double)count / (double)of;
    double half = QUANTILE_99 * sqrt(expected * (1 - expected) / (double)of);
    if (fabs(share - expected) > half)
        fail_msg("%s: %.5f, expected %.5f +- %.5f", what, share, expected, half);
}

/* A verdict is right with quality q, and a share d of the parts is bad: four kinds of parts. */
static void test_quality_by_model_and_defects(void **state)
{
    (void)state;
    const double d = 0.1, q = 0.92;
    jw_world *world = create(&never_fails, LINES_MAX, (inspector_def){.quality = q, .delay_s = 0.5});
    run_s(world, 10000);
    int64_t made = 0, kinds[4] = {0};
    for (uint32_t i = 0; i < LINES_MAX; i++) {
        jw_production_line_state l = line_of(world, i);
        assert_int_equal(l.made, 2500);
        assert_int_equal(l.inspected_by_fallback, 0);
        assert_true(l.performance == 1 && l.availability == 1);
        assert_true(l.margin_fen == 20000 * l.shipped_good - 60000 * l.shipped_bad -
                                        8000 * (l.scrapped_good + l.scrapped_bad));
        made += l.made - l.waiting;
        kinds[0] += l.shipped_good;
        kinds[1] += l.shipped_bad;
        kinds[2] += l.scrapped_good;
        kinds[3] += l.scrapped_bad;
    }
    assert_share(kinds[0], made, (1 - d) * q, "good shipped");
    assert_share(kinds[1], made, d * (1 - q), "bad shipped");
    assert_share(kinds[2], made, (1 - d) * (1 - q), "good scrapped");
    assert_share(kinds[3], made, d * q, "bad scrapped");
    jw_world_destroy(world);
}

/* Verdicts come after the patience: a person takes six seconds for each part, so a line of four seconds waits
 * for him, and his quality decides. */
static void test_late_verdicts_slow_the_line(void **state)
{
    (void)state;
    jw_production_line_def line = never_fails;
    line.manual_quality = 0.8;
    jw_world *world = create(&line, LINES_MAX, (inspector_def){.quality = 1, .delay_s = 3});
    run_s(world, 24000);
    int64_t good = 0, all = 0;
    for (uint32_t i = 0; i < LINES_MAX; i++) {
        jw_production_line_state l = line_of(world, i);
        assert_int_equal(l.inspected_by_model, 0);
        assert_true(l.inspected_by_fallback >= 24000 / 6 - 4 && l.inspected_by_fallback <= 24000 / 6);
        assert_true(fabs(l.performance - 4.0 / 6) < 0.002);
        good += l.shipped_good;
        all += l.made - l.waiting;
    }
    assert_share(good, all, 0.9 * 0.8, "good shipped");
    jw_world_destroy(world);
}

static void test_bypass_lets_defects_escape(void **state)
{
    (void)state;
    jw_production_line_def line = never_fails;
    line.fallback = JW_FALLBACK_BYPASS;
    const inspector_def never[] = {{.delay_s = -1}, {.cannot_send = 1}, {.delay_s = 3, .quality = 1}};
    for (uint32_t k = 0; k < JW_COUNT_OF(never); k++) {
        jw_world *world = create(&line, LINES_MAX, never[k]);
        run_s(world, 8000);
        int64_t bad = 0, all = 0;
        for (uint32_t i = 0; i < LINES_MAX; i++) {
            jw_production_line_state l = line_of(world, i);
            assert_true(l.made == 2000 && l.performance == 1 && l.scrapped_good + l.scrapped_bad == 0);
            assert_int_equal(l.inspected_by_model, 0);
            bad += l.shipped_bad;
            all += l.made - l.waiting;
        }
        assert_share(bad, all, 0.1, "escaped");
        jw_world_destroy(world);
    }
}

/* One place to wait and a verdict after eight seconds: the line makes a part each 4 + 8 s. */
static void test_a_full_buffer_stops_the_line(void **state)
{
    (void)state;
    jw_production_line_def line = never_fails;
    line.buffer = 1;
    line.patience_s = 20;
    jw_world *world = create(&line, 1, (inspector_def){.quality = 0.9, .delay_s = 8});
    run_s(world, 5);
    assert_true(line_of(world, 0).is_blocked);
    run_s(world, 1195);
    jw_production_line_state l = line_of(world, 0);
    assert_int_equal(l.made, 100);
    assert_true(fabs(l.performance - 1.0 / 3) < 1e-9);
    assert_true(fabs(l.oee - l.availability * l.performance * l.quality) < 1e-12 && l.oee > 0);
    double oee;
    assert_true(jw_world_metric(world, "economy.oee", &oee) && fabs(oee - 100 * l.oee) < 1e-9);
    jw_world_destroy(world);
}

static void command(jw_world *world, const char *verb)
{
    jw_command what = jw_command_make(verb);
    jw_command_text(&what, "name", "line-0");
    assert_int_equal(jw_world_post(world, &what, NULL), JW_OK);
}

static void test_stopping_and_starting(void **state)
{
    (void)state;
    jw_world *world = create(&never_fails, 1, (inspector_def){.quality = 1});
    run_s(world, 42); /* ten parts and two seconds of the next */
    assert_int_equal(line_of(world, 0).made, 10);
    command(world, "start_line"); /* it runs: the cycle goes on */
    run_s(world, 2);
    assert_int_equal(line_of(world, 0).made, 11);
    command(world, "stop_line");
    run_s(world, 100);
    assert_int_equal(line_of(world, 0).made, 11);
    assert_false(line_of(world, 0).is_up);
    command(world, "start_line");
    run_s(world, 40.5);
    assert_int_equal(line_of(world, 0).made, 21);
    jw_world_destroy(world);
}

static void test_lines_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const double bad[] = {NAN, INFINITY, -INFINITY, -1, 1e300};
    jw_production_line_def line = never_fails;
    snprintf(line.name, sizeof line.name, "line");
    double *const figures[] = {&line.x_m,      &line.cycle_s,        &line.mtbf_s,
                               &line.mttr_s,   &line.defect_share,   &line.patience_s,
                               &line.manual_s, &line.manual_quality, &line.y_m};
    jw_world *world;
    for (uint32_t f = 0; f < JW_COUNT_OF(figures); f++)
        for (uint32_t b = 0; b < JW_COUNT_OF(bad); b++) {
            bool is_place = figures[f] == &line.x_m || figures[f] == &line.y_m;
            double good = *figures[f];
            *figures[f] = bad[b];
            jw_error error = {0};
            jw_result result = try_lines(&line, 1, (inspector_def){0}, &world, &error);
            if (is_place && bad[b] == -1)
                jw_world_destroy(world);
            else if (result != JW_ERROR_INPUT || !error.message[0])
                fail_msg("figure %u of %g was taken", f, bad[b]);
            *figures[f] = good;
        }
    line.buffer = 65;
    assert_int_equal(try_lines(&line, 1, (inspector_def){0}, &world, NULL), JW_ERROR_INPUT);
    line.buffer = 0;
    line.value_fen = INT64_MAX;
    assert_int_equal(try_lines(&line, 1, (inspector_def){0}, &world, NULL), JW_ERROR_INPUT);
    line.value_fen = 0;
    const jw_production_line_def twice[] = {line, line};
    assert_int_equal(try_lines(twice, 2, (inspector_def){0}, &world, NULL), JW_ERROR_EXISTS);
    line.name[0] = 0;
    assert_int_equal(try_lines(&line, 1, (inspector_def){0}, &world, NULL), JW_ERROR_EXISTS);
    assert_null(world);
}

/* Lines that fail, wait, and are inspected by hand and by model in turn. */
static jw_world *busy(uint32_t lines)
{
    jw_production_line_def line = {.cycle_s = 1, .mtbf_s = 60, .mttr_s = 20, .defect_share = 0.2};
    line.manual_s = 3;
    line.patience_s = 1.5;
    return create(&line, lines, (inspector_def){.quality = 0.9, .delay_s = 1.49999});
}

static void test_restored_lines_go_on_alike(void **state)
{
    (void)state;
    jw_world *world = busy(5), *other;
    inspector_of(world)->def.delay_s = 2;
    run_s(world, 300);
    assert_true(line_of(world, 0).waiting > 0);
    jw_writer image = {0};
    assert_int_equal(jw_world_save(world, &image, NULL), JW_OK);
    assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
    run_s(world, 500);
    uint64_t hash = jw_world_hash(world);
    run_s(other, 500);
    assert_true(jw_world_hash(other) == hash);
    assert_int_equal(jw_world_restore(world, image.bytes, image.size, NULL), JW_OK);
    run_s(world, 500);
    assert_true(jw_world_hash(world) == hash);
    jw_writer_free(&image);
    jw_world_destroy(other);
    jw_world_destroy(world);
}

static void test_damaged_snapshots_are_refused_or_harmless(void **state)
{
    (void)state;
    jw_world *world = busy(2);
    inspector_of(world)->def.delay_s = 2;
    for (run_s(world, 100); line_of(world, 0).waiting == 0 || line_of(world, 1).waiting == 0;)
        run_s(world, 0.5);
    assert_true(damage_all(world, 1, 20, true) > 0);
    jw_world_destroy(world);
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    jw_production_line_def lines[3] = {never_fails, never_fails, never_fails};
    for (uint32_t i = 0; i < 3; i++)
        snprintf(lines[i].name, sizeof lines[i].name, "line-%u", i);
    bool has_failed = true;
    for (int64_t after = 0; has_failed; after++) {
        jw_world *world = NULL;
        jw_memory_fail_after(after);
        has_failed = try_lines(lines, 3, (inspector_def){.delay_s = 0.5}, &world, NULL) != JW_OK;
        for (uint32_t i = 0; i < 100 && !has_failed; i++)
            has_failed = jw_world_step(world, NULL) != JW_OK;
        jw_memory_fail_after(-1);
        jw_world_destroy(world);
        assert_true(jw_allocated_bytes() == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_availability_and_throughput),
        JW_UNIT(test_quality_by_model_and_defects),
        JW_UNIT(test_late_verdicts_slow_the_line),
        JW_UNIT(test_bypass_lets_defects_escape),
        JW_UNIT(test_a_full_buffer_stops_the_line),
        JW_UNIT(test_stopping_and_starting),
        JW_UNIT(test_lines_that_cannot_be_are_refused),
        JW_UNIT(test_restored_lines_go_on_alike),
        JW_UNIT(test_damaged_snapshots_are_refused_or_harmless),
        JW_UNIT(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
