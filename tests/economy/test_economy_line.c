/* Lines of several stations against closed forms, with 99 % confidence intervals over twenty lines; products,
 * shifts, prognoses. */
#include "compute/damage.h"
#include "economy/economy_fixture.h"
#include "economy/economy_internal.h"

#include <math.h>
#include <stdio.h>

#define T_99 2.861 /* Student's, 19 degrees of freedom, two-sided */

static const inspector_def at_once = {.quality = 1};

/* Parts an hour... of a second, of the last station, mean and half of the interval. */
static double throughput(jw_world *world, double warm_s, double time_s, double *out_half)
{
    int64_t before[LINES_MAX];
    double mean = 0, square = 0;
    run_s(world, warm_s);
    for (uint32_t i = 0; i < LINES_MAX; i++)
        before[i] = line_of(world, i).made;
    run_s(world, time_s);
    for (uint32_t i = 0; i < LINES_MAX; i++) {
        double rate = (double)(line_of(world, i).made - before[i]) / time_s;
        mean += rate / LINES_MAX;
        square += rate * rate / LINES_MAX;
    }
    *out_half = T_99 * sqrt(fmax(square - mean * mean, 0) / (LINES_MAX - 1));
    return mean;
}

static jw_production_line_def two_machines(double cycle1_s, double cycle2_s, double cv, uint32_t buffer)
{
    jw_production_line_def line = {.mtbf_s = 1e9, .station_count = 2};
    line.stations[0] =
        (jw_station_def){.name = "first", .cycle_s = cycle1_s, .cycle_cv = cv, .buffer = buffer};
    line.stations[1] = (jw_station_def){.name = "second", .cycle_s = cycle2_s, .cycle_cv = cv};
    return line;
}

static void assert_rate(const char *what, double rate, double half, double expected)
{
    print_message("%s: %.5f +- %.5f parts/s, expected %.5f\n", what, rate, half, expected);
    if (fabs(rate - expected) > half || half > 0.01 * expected)
        fail_msg("%s", what);
}

/* Two exponential machines that never fail, B places between: a birth-death chain of the parts at the second,
 * 0 to B + 1 (Hunt 1956): mu2 (1 - P0), P0 = (1 - r) / (1 - r^(B + 2)), r = mu1 / mu2. */
static void test_two_exponential_machines(void **state)
{
    (void)state;
    const struct {
        double cycle1_s, cycle2_s;
        uint32_t buffer;
    } cases[] = {{1, 1, 1}, {1, 1, 5}, {1, 0.8, 3}, {0.7, 1, 10}};
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        double r = cases[i].cycle2_s / cases[i].cycle1_s, n = cases[i].buffer + 2.0, half;
        double empty = r == 1 ? 1 / n : (1 - r) / (1 - pow(r, n));
        jw_production_line_def line = two_machines(cases[i].cycle1_s, cases[i].cycle2_s, 1, cases[i].buffer);
        jw_world *world = create(&line, LINES_MAX, at_once);
        double rate = throughput(world, 100, 20000, &half);
        assert_rate("two exponential machines", rate, half, (1 - empty) / cases[i].cycle2_s);
        jw_world_destroy(world);
    }
}

/* The same with failures while they work (Gershwin and Berman 1981): the chain of (parts at the second, first
 * up, second up), its stationary distribution by iterating the uniformised chain. */
static double unreliable_rate(const double mu[2], const double fail[2], const double repair[2],
                              uint32_t buffer)
{
    enum { MOST = 32 };
    double p[MOST][2][2] = {{{0}}}, top = 0;
    uint32_t n = buffer + 2;
    for (uint32_t k = 0; k < 2; k++)
        top += mu[k] + fail[k] + repair[k];
    p[0][1][1] = 1;
    for (uint32_t step = 0; step < 60000; step++) {
        double next[MOST][2][2] = {{{0}}};
        for (uint32_t m = 0; m < n; m++)
            for (uint32_t a = 0; a < 2; a++)
                for (uint32_t b = 0; b < 2; b++) {
                    double q = p[m][a][b] / top, stay = p[m][a][b];
                    bool is_one = a && m + 1 < n, is_two = b && m > 0;
                    double flows[4] = {is_one ? q * mu[0] : 0, is_two ? q * mu[1] : 0,
                                       a ? (is_one ? q * fail[0] : 0) : q * repair[0],
                                       b ? (is_two ? q * fail[1] : 0) : q * repair[1]};
                    if (is_one)
                        next[m + 1][a][b] += flows[0];
                    if (is_two)
                        next[m - 1][a][b] += flows[1];
                    next[m][!a][b] += flows[2];
                    next[m][a][!b] += flows[3];
                    next[m][a][b] += stay - flows[0] - flows[1] - flows[2] - flows[3];
                }
        memcpy(p, next, sizeof p);
    }
    double busy = 0;
    for (uint32_t m = 1; m < n; m++)
        busy += p[m][0][1] + p[m][1][1];
    return busy * mu[1];
}

static void test_two_unreliable_exponential_machines(void **state)
{
    (void)state;
    const double mu[2] = {1, 1 / 1.2}, fail[2] = {1 / 200.0, 1 / 100.0}, repair[2] = {1 / 20.0, 1 / 15.0};
    const double none[2] = {0, 0};
    double half, plain = unreliable_rate(mu, none, repair, 4), r = mu[0] / mu[1];
    assert_true(fabs(plain - mu[1] * (1 - (1 - r) / (1 - pow(r, 6)))) < 1e-6); /* Hunt's, again */
    jw_production_line_def line = two_machines(1, 1.2, 1, 8);
    for (uint32_t k = 0; k < 2; k++) {
        line.stations[k].mtbf_s = 1 / fail[k];
        line.stations[k].mttr_s = 1 / repair[k];
    }
    jw_world *world = create(&line, LINES_MAX, at_once);
    double rate = throughput(world, 1000, 60000, &half);
    assert_rate("two unreliable exponential machines", rate, half, unreliable_rate(mu, fail, repair, 8));
    jw_world_destroy(world);
}

/* Fixed and equal cycles, failures while they work, buffers of many cycles: the two-machine line of
 * continuous material (Gershwin 1994, chapter 3; derived here from its balance equations). With g the density
 * of "first down, second up" at a level x, which equals that of "first up, second down": both up  g (r1 + r2)
 * / (p1 + p2),   both down  g (p1 + p2) / (r1 + r2),   g' = d g, d = p2 (r1 + r2) / (p1 + p2) + r1 (p1 + p2)
 * / (r1 + r2) - p1 - r2; at level 0 masses g / p2 (both up) and g (p1 + p2) / (r1 p2) (the second starved);
 * at the top likewise. */
static double continuous_efficiency(const double p[2], const double r[2], double level)
{
    double y = (r[0] + r[1]) / (p[0] + p[1]), d = p[1] * y + r[0] / y - p[0] - r[1];
    double top = exp(d * level), area = fabs(d * level) < 1e-12 ? level : (top - 1) / d;
    double empty_up = 1 / p[1], empty_down = (p[0] + p[1]) / (r[0] * p[1]);
    double full_up = top / p[0], full_down = top * (p[0] + p[1]) / (r[1] * p[0]);
    double all = area * (2 + y + 1 / y) + empty_up + empty_down + full_up + full_down;
    return (area * (y + 1) + empty_up + full_up) / all;
}

static void test_two_unreliable_machines_of_fixed_cycles(void **state)
{
    (void)state;
    const double p[2] = {1 / 400.0, 1 / 300.0}, r[2] = {1 / 60.0, 1 / 40.0};
    /* Without a buffer any failure stops both (Buzacott 1967), with a boundless one the worse is alone. */
    double none = continuous_efficiency(p, r, 1e-9), endless = continuous_efficiency(p, r, 1e5);
    assert_true(fabs(none - 1 / (1 + p[0] / r[0] + p[1] / r[1])) < 1e-6);
    assert_true(fabs(endless - fmin(1 / (1 + p[0] / r[0]), 1 / (1 + p[1] / r[1]))) < 1e-4);
    static const uint32_t buffers[] = {10, 60};
    for (uint32_t i = 0; i < JW_COUNT_OF(buffers); i++) {
        jw_production_line_def line = two_machines(1, 1, 0, buffers[i]);
        for (uint32_t k = 0; k < 2; k++) {
            line.stations[k].mtbf_s = 1 / p[k];
            line.stations[k].mttr_s = 1 / r[k];
        }
        double half;
        jw_world *world = create(&line, LINES_MAX, at_once);
        double rate = throughput(world, 5000, 50000, &half);
        /* A part in each machine beside those between: the level is B and something below one more. */
        double low = continuous_efficiency(p, r, buffers[i]),
               high = continuous_efficiency(p, r, buffers[i] + 1.0);
        print_message("fixed cycles, %u places: %.5f +- %.5f parts/s, expected %.5f to %.5f\n", buffers[i],
                      rate, half, low, high);
        assert_true(rate > low - half && rate < high + half && half < 0.015);
        jw_world_destroy(world);
    }
}

/* L = lambda W over a line of three stations: the parts in process, counted ten times a second, against the
 * time between the entry and the exit of the n-th part; and the line's own lead time. */
static void test_littles_law(void **state)
{
    (void)state;
    enum { PARTS = 20000 };
    static int64_t in_steps[PARTS];
    jw_production_line_def line = {.mtbf_s = 300, .mttr_s = 30, .station_count = 3};
    for (uint32_t s = 0; s < 3; s++)
        line.stations[s] = (jw_station_def){.cycle_s = 1 + 0.1 * s, .cycle_cv = 0.5, .buffer = 8};
    jw_world *world = create(&line, 1, at_once);
    int64_t steps = 0, in = 0, out = 0, inside = 0, stay = 0;
    for (; line_of(world, 0).made < PARTS - 100; steps++) {
        assert_int_equal(jw_world_step(world, NULL), JW_OK);
        jw_production_line_state l = line_of(world, 0);
        for (; in < l.fed; in++)
            in_steps[in] = steps;
        for (; out < l.made; out++)
            stay += steps - in_steps[out];
        inside += l.in_process;
    }
    double in_process = (double)inside / (double)steps;
    double rate_by_stay = (double)out / (double)steps * ((double)stay / (double)out);
    jw_production_line_state l = line_of(world, 0);
    print_message("parts in process %.3f, rate x time %.3f, lead time %.2f s of %.2f s\n", in_process,
                  rate_by_stay, l.lead_time_s, (double)stay / (double)out * 0.5);
    assert_true(fabs(in_process - rate_by_stay) < 0.01 * in_process);
    assert_true(fabs(l.lead_time_s - (double)stay / (double)out * 0.5) < 0.01 * l.lead_time_s);
    jw_world_destroy(world);
}

/* Ten parts of one product and five of another that takes twice as long, a minute between: 10 x 2 + 60 + 5 x
 * 4 + 60 = 160 s for 15 parts. */
static void test_changeovers(void **state)
{
    (void)state;
    jw_production_line_def line = {.cycle_s = 2, .mtbf_s = 1e9, .changeover_s = 60, .product_count = 2};
    line.products[0] = (jw_product_def){.name = "a", .batch = 10};
    line.products[1] = (jw_product_def){.name = "b", .batch = 5, .cycle_scale = 2};
    jw_world *world = create(&line, 1, at_once);
    run_s(world, 16000);
    jw_production_line_state l = line_of(world, 0);
    assert_true(l.made >= 1500 && l.made <= 1501);
    assert_true(fabs(l.availability - 40.0 / 160) < 0.005 && l.performance > 0.99);
    jw_station_state station;
    assert_true(jw_economy_station(world, economy_of(world), 0, 0, JW_NONE, &station));
    assert_true(fabs(station.time_s[JW_STATION_SETUP] - 12000) < 61 && station.made == l.made);
    jw_world_destroy(world);
}

/* Two shifts from eight to midnight, looked at from seven to seven: each makes 7,200 parts of four seconds,
 * and the part in work at the end of a shift is gone on with in the next. */
static void test_shifts(void **state)
{
    (void)state;
    jw_production_line_def line = {.cycle_s = 4.001, .mtbf_s = 1e9, .shifts = 2, .shift_start_s = 8 * 3600};
    jw_world *world = create(&line, 1, at_once);
    jw_station_state station;
    run_s(world, 3599);
    assert_true(line_of(world, 0).fed == 0 && !line_of(world, 0).is_up);
    run_s(world, 23 * 3600 + 1);
    assert_true(jw_economy_station(world, economy_of(world), 0, 0, JW_NONE, &station));
    assert_true(station.status == JW_STATION_OFF);
    assert_true(fabs(station.time_s[JW_STATION_OFF] - 8 * 3600) < 1e-6);
    int64_t made = 0;
    for (uint32_t shift = 0; shift < 2; shift++) {
        jw_oee oee;
        assert_true(jw_economy_station(world, economy_of(world), 0, 0, shift, &station));
        assert_true(jw_economy_line_oee(world, economy_of(world), 0, shift, &oee));
        assert_true(fabs(station.time_s[JW_STATION_WORKING] - 8 * 3600) < 1e-6 && oee.oee > 0.97);
        made += station.made;
    }
    assert_int_equal(made, (int64_t)(57600 / 4.001));
    assert_false(jw_economy_station(world, economy_of(world), 0, 0, 2, &station));
    run_s(world, 25 * 3600); /* the next morning's hour */
    assert_true(line_of(world, 0).made > made);
    jw_world_destroy(world);
}

/* A perfect prognosis each 10 s of work that sees failures 100 s ahead: the machine is serviced at the first
 * sample k with life - 10 k < 100; it fails only when its life ends before the first. */
static void test_perfect_prognosis(void **state)
{
    (void)state;
    const double mtbf_s = 1000, mttr_s = 200, planned_s = 20, sample_s = 10, warning_s = 100;
    jw_production_line_def line = {.cycle_s = 4, .mtbf_s = mtbf_s, .mttr_s = mttr_s, .sample_s = sample_s};
    line.warning_s = warning_s;
    line.planned_s = planned_s;
    line.alarms = 1;
    jw_world *world = create(&line, LINES_MAX, (inspector_def){.quality = 1, .prognosis = 1});
    run_s(world, 200000);
    double fails = 1 - exp(-sample_s / mtbf_s), work_s = mtbf_s * fails;
    for (uint32_t k = 1; k < 5000; k++) /* one sample more while life - 10 k >= 100 */
        work_s += sample_s * exp(-(warning_s + sample_s * k) / mtbf_s);
    double down_s = fails * mttr_s + (1 - fails) * planned_s, mean = 0, square = 0;
    int64_t failures = 0, services = 0;
    for (uint32_t i = 0; i < LINES_MAX; i++) {
        jw_station_state s;
        assert_true(jw_economy_station(world, economy_of(world), i, 0, JW_NONE, &s));
        mean += s.oee.availability / LINES_MAX;
        square += s.oee.availability * s.oee.availability / LINES_MAX;
        failures += s.failures;
        services += s.services;
    }
    double half = T_99 * sqrt((square - mean * mean) / (LINES_MAX - 1));
    print_message("availability %.4f +- %.4f, expected %.4f, without %.4f; %lld failures, %lld services\n",
                  mean, half, work_s / (work_s + down_s), mtbf_s / (mtbf_s + mttr_s), (long long)failures,
                  (long long)services);
    assert_true(fabs(mean - work_s / (work_s + down_s)) < half + 5e-4 && half < 0.003);
    jw_world_destroy(world);
}

/* A machine that does not fail, and a prognosis that is wrong with p = 0.3: three alarms in a row come each
 * (1 - p^3) / (p^3 (1 - p)) samples. The rule of three pays for itself only above some quality. */
static void test_false_alarms(void **state)
{
    (void)state;
    const double p = 0.3;
    jw_production_line_def line = {.cycle_s = 4, .mtbf_s = 1e9, .sample_s = 10, .planned_s = 1};
    jw_world *world = create(&line, LINES_MAX, (inspector_def){.quality = 1, .prognosis = 1 - p});
    run_s(world, 100000);
    double samples = 0, services = 0;
    for (uint32_t i = 0; i < LINES_MAX; i++) {
        jw_station_state s;
        assert_true(jw_economy_station(world, economy_of(world), i, 0, JW_NONE, &s));
        samples += (double)s.samples;
        services += (double)s.services;
    }
    double between = (1 - p * p * p) / (p * p * p * (1 - p));
    print_message("%.1f samples between services, expected %.1f\n", samples / services, between);
    assert_true(fabs(samples / services - between) < 2.576 * between / sqrt(services));
    jw_world_destroy(world);
}

/* Stations, products, shifts, prognoses and waiting parts at once. */
static jw_world *everything(uint32_t lines)
{
    jw_production_line_def line = {.mtbf_s = 60, .mttr_s = 20, .station_count = 3, .product_count = 2};
    for (uint32_t s = 0; s < 3; s++)
        line.stations[s] = (jw_station_def){.cycle_s = 1, .cycle_cv = 0.5, .defect_share = 0.05, .buffer = 3};
    line.products[0] = (jw_product_def){.name = "a", .batch = 7};
    line.products[1] = (jw_product_def){.name = "b", .batch = 3, .cycle_scale = 1.5};
    line.changeover_s = 5;
    line.shifts = 3;
    line.shift_s = 8 * 3600;
    line.sample_s = 7;
    line.warning_s = 20;
    line.alarms = 2;
    line.manual_s = 2;
    line.patience_s = 1.5;
    return create(&line, lines, (inspector_def){.quality = 0.9, .delay_s = 1.6, .prognosis = 0.8});
}

static void test_restored_lines_go_on_alike(void **state)
{
    (void)state;
    jw_world *world = everything(5), *other;
    run_s(world, 3600 - 100);
    assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
    assert_true(jw_world_hash(other) == jw_world_hash(world));
    run_s(world, 500);
    run_s(other, 500);
    assert_true(jw_world_hash(other) == jw_world_hash(world));
    jw_world_destroy(other);
    jw_world_destroy(world);
}

static void test_damaged_snapshots_are_refused_or_harmless(void **state)
{
    (void)state;
    jw_world *world = everything(1);
    run_s(world, 300);
    assert_true(damage_all(world, 1, 20, true) > 0);
    jw_world_destroy(world);
}

/* A snapshot whose line has a part in work and nowhere to put it, in a buffer or before the inspection,
 * though all its counts are right. */
static void test_parts_without_room_are_refused(void **state)
{
    (void)state;
    for (uint32_t s = 0; s < 3; s++) {
        jw_world *world = everything(1);
        production_line *line = &economy_of(world)->lines[0];
        jw_writer image = {0};
        for (run_s(world, 20); !line->stations[s].has_part;)
            run_s(world, 0.5);
        if (s == 2) {
            uint32_t more = line->def.buffer - line->waiting;
            line->waiting += more;
            line->counts[line->shift].made += more;
            line->fed += more;
        } else {
            line->fed += line->def.stations[s].buffer - line->stations[s].buffered;
            line->stations[s].buffered = line->def.stations[s].buffer;
        }
        assert_true(jw_economy_is_consistent(world, economy_of(world), NULL));
        assert_int_equal(jw_world_save(world, &image, NULL), JW_OK);
        assert_int_not_equal(jw_world_restore(world, image.bytes, image.size, NULL), JW_OK);
        jw_writer_free(&image);
        jw_world_destroy(world);
    }
}

static void test_stations_that_cannot_be_are_refused(void **state)
{
    (void)state;
    jw_production_line_def good = two_machines(1, 1, 0, 4), bad;
    snprintf(good.name, sizeof good.name, "line");
    jw_world *world;
#define REFUSED(change)                                                                                      \
    do {                                                                                                     \
        jw_error error = {0};                                                                                \
        bad = good;                                                                                          \
        change;                                                                                              \
        if (try_create(&(jw_economy_def){.lines = &bad, .line_count = 1}, at_once, &world, &error) !=        \
                JW_ERROR_INPUT ||                                                                            \
            !error.message[0])                                                                               \
            fail_msg("taken: %s", #change);                                                                  \
    } while (0)
    REFUSED(bad.stations[1].cycle_s = NAN);
    REFUSED(bad.stations[0].cycle_cv = 1.1);
    REFUSED(bad.stations[0].mtbf_s = -1);
    REFUSED(bad.stations[0].defect_share = 2);
    REFUSED(bad.stations[0].buffer = 65);
    REFUSED(bad.station_count = 9);
    REFUSED(bad.product_count = 5);
    REFUSED(bad.product_count = 1); /* of no parts */
    REFUSED(bad.shifts = 4);
    REFUSED((bad.shifts = 3, bad.shift_s = 9 * 3600));
    REFUSED(bad.sample_s = 1e-6);
    REFUSED(bad.power_kw = -1);
    REFUSED(bad.capital_fen = -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_two_exponential_machines),
        JW_UNIT(test_two_unreliable_exponential_machines),
        JW_UNIT(test_two_unreliable_machines_of_fixed_cycles),
        JW_UNIT(test_littles_law),
        JW_UNIT(test_changeovers),
        JW_UNIT(test_shifts),
        JW_UNIT(test_perfect_prognosis),
        JW_UNIT(test_false_alarms),
        JW_UNIT(test_restored_lines_go_on_alike),
        JW_UNIT(test_damaged_snapshots_are_refused_or_harmless),
        JW_UNIT(test_parts_without_room_are_refused),
        JW_UNIT(test_stations_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
