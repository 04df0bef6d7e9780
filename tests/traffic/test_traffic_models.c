/* Car-following models against their closed forms: equilibria and capacity, the scatter of Krauss drivers,
 * string stability of a platoon, and emergency stops without collisions at any step of 0.1 to 1 s. */
#include "traffic/traffic_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

/* Cars all alike, and extra type 1: a car that never drives faster than most_mps, who leads. */
typedef struct platoon {
    jw_traffic_def def;
    jw_vehicle_type leader;
} platoon;

static void make_platoon(platoon *p, const jw_vehicle_type *car, double most_mps)
{
    p->def = test_plain_def();
    p->def.types[JW_VEHICLE_CAR] = *car;
    p->def.types[JW_VEHICLE_CAR].speed_factor_sd = 0;
    p->leader = p->def.types[JW_VEHICLE_CAR];
    p->leader.max_speed_mps = most_mps;
    p->leader.sigma = 0;
    p->def.extra_types = &p->leader;
    p->def.extra_type_count = 1;
}

static test_scene start_platoon(const platoon *p, double length_m, double limit_mps, double dt_s,
                                uint32_t followers)
{
    test_scene s = test_scene_make(jw_fixture_road(length_m, 1, limit_mps), &p->def, dt_s, 0, 1);
    jw_error error = {0};
    jw_trip_def trip = {.type_index1 = 1};
    assert_int_equal(jw_traffic_add_trip(s.world, s.traffic, &trip, &error), JW_OK);
    for (uint32_t k = 0; k < followers; k++)
        test_scene_trip(&s, 1, 0, 0, 0);
    return s;
}

/* Net gap that 15 cars keep on average, all at the leader's speed. */
static double equilibrium_gap(const jw_vehicle_type *car, double limit_mps, double speed_mps, double dt_s,
                              bool is_euler)
{
    platoon p;
    make_platoon(&p, car, speed_mps);
    p.def.is_euler = is_euler;
    test_scene s = start_platoon(&p, 9000, limit_mps, dt_s, 20);
    while (s.traffic->running == 0 || test_car(s.traffic, 0)->pos_m < 8700)
        test_scene_step(&s);
    assert_int_equal(s.traffic->running, 21);
    assert_true(jw_abs(test_car(s.traffic, 15)->speed_mps - speed_mps) < 0.02 * speed_mps);
    double gap = (test_car(s.traffic, 3)->pos_m - test_car(s.traffic, 18)->pos_m) / 15 - car->length_m;
    test_scene_free(&s);
    return gap;
}

static void test_idm_equilibrium(void **state)
{
    (void)state;
    jw_vehicle_type car = jw_default_vehicle_type(JW_VEHICLE_CAR);
    const double v0 = 13.89;
    double best = 0, best_closed = 0;
    for (double v = 2; v < 13; v += 2) {
        double ratio = v / v0, closed = (car.min_gap_m + v * car.desired_headway_s) /
                                        jw_sqrt(1 - ratio * ratio * ratio * ratio);
        double gap = equilibrium_gap(&car, v0, v, 0.5, false);
        double flow = 3600 * v / (gap + car.length_m), flow_closed = 3600 * v / (closed + car.length_m);
        printf("IDM at %4.1f m/s: gap %6.2f m (closed form %6.2f), %4.0f veh/km, %4.0f veh/h\n", v, gap,
               closed, 1000 / (gap + car.length_m), flow);
        assert_true(jw_abs(gap - closed) < 0.01 * closed + 0.02);
        best = jw_max(best, flow);
        best_closed = jw_max(best_closed, flow_closed);
    }
    assert_true(jw_abs(best - best_closed) < 0.01 * best_closed);
    /* ACC has the same equilibria: its heuristic speaks up where more braking is needed than that. */
    car.model = JW_FOLLOW_ACC;
    double closed = (car.min_gap_m + 8 * car.desired_headway_s) / jw_sqrt(1 - jw_pow(8 / v0, 4));
    assert_true(jw_abs(equilibrium_gap(&car, v0, 8, 0.5, false) - closed) < 0.02 * closed);
}

static void test_krauss_equilibrium(void **state)
{
    (void)state;
    jw_vehicle_type car = jw_sumo_vehicle_type();
    car.sigma = 0;
    /* v tau + what braking takes = gap - s0 + what braking takes the leader. */
    const struct {
        double v_mps, dt_s;
        bool is_euler;
    } cases[] = {{5, 1, true},  {10, 1, true},    {10, 0.5, true},
                 {5, 1, false}, {10, 0.5, false}, {10, 0.1, false}};
    for (uint32_t k = 0; k < JW_COUNT_OF(cases); k++) {
        double closed = car.min_gap_m + cases[k].v_mps * car.desired_headway_s;
        double gap = equilibrium_gap(&car, 13.89, cases[k].v_mps, cases[k].dt_s, cases[k].is_euler);
        printf("Krauss, %s, dt %.1f s, %4.1f m/s: gap %.2f m (closed form %.2f)\n",
               cases[k].is_euler ? "Euler" : "ballistic", cases[k].dt_s, cases[k].v_mps, gap, closed);
        assert_true(jw_abs(gap - closed) < 0.02 * closed);
    }
}

/* Alone on the road v = v0 - sigma a dt u in each step, u uniform: mean and variance follow. */
static void test_krauss_dawdling(void **state)
{
    (void)state;
    jw_traffic_def def = test_plain_def();
    def.types[JW_VEHICLE_CAR] = jw_sumo_vehicle_type();
    def.types[JW_VEHICLE_CAR].speed_factor_sd = 0;
    def.is_euler = true;
    test_scene s = test_scene_make(jw_fixture_road(30000, 1, 13.89), &def, 1, 0, 1);
    test_scene_trip(&s, 0, 0, 0, 0);
    test_scene_run(&s, 60);
    double sum = 0, squares = 0, steps = 2000, most = 0.5 * 2.6;
    for (uint32_t k = 0; k < 2000; k++) {
        test_scene_step(&s);
        double v = test_car(s.traffic, 0)->speed_mps;
        sum += v;
        squares += v * v;
    }
    double mean = sum / steps, deviation = jw_sqrt(squares / steps - mean * mean);
    printf("Krauss alone: %.3f m/s, deviation %.3f (closed form %.3f, %.3f)\n", mean, deviation,
           13.89 - most / 2, most / jw_sqrt(12));
    assert_true(jw_abs(mean - (13.89 - most / 2)) < 4 * most / jw_sqrt(12 * steps));
    assert_true(jw_abs(deviation - most / jw_sqrt(12)) < 0.03);
    test_scene_free(&s);
}

/* The ACC formula by hand: 20 m/s behind 20 m/s at a gap of 10 m (somebody cut in), T 1.5 s, s0 2 m, a 1.4,
 * b 2, v0 33.3 m/s. IDM: 1.4 (1 - 0.6006^4 - 3.2^2) = -13.1, cut to -9 m/s2. The heuristic: the leader goes
 * on at its speed, so nothing is needed: 0. ACC with c 0.99: 0.01 * -9 + 0.99 (0 + 2 tanh(-4.5)) = -2.07. */
static void test_acc_cut_in(void **state)
{
    (void)state;
    jw_traffic_type type = {.min_gap_m = 2,
                            .accel_mps2 = 1.4f,
                            .decel_mps2 = 2,
                            .emergency_mps2 = 9,
                            .per_two_sqrt_ab = 1 / (2 * 1.6733f),
                            .coolness = 0.99f,
                            .dt_s = 0.5f,
                            .model = JW_FOLLOW_ACC};
    float acc = jw_follow_accel(&type, 1.5f, 33.3f, 20, 10, 20, 0);
    type.model = JW_FOLLOW_IDM;
    assert_true(jw_follow_accel(&type, 1.5f, 33.3f, 20, 10, 20, 0) == -9);
    assert_true(jw_abs(acc + 2.07) < 0.01);
    /* A leader who brakes with 3 m/s2 takes that calm away: v^2 al / (vl^2 - 2 s al) = -400 * 3 / 460 =
     * -2.61. */
    type.model = JW_FOLLOW_ACC;
    acc = jw_follow_accel(&type, 1.5f, 33.3f, 20, 10, 20, -3);
    assert_true(acc < -4 && acc > -5);
}

/* ---- string stability ------------------------------------------------------------------------------------
 * A platoon in equilibrium damps a long wave when a_s < (a_v^2 - a_l^2) / 2, with the derivatives of the
 * acceleration by gap, own and leader's speed (Treiber, Kesting, Traffic Flow Dynamics, 2013, ch. 15; Wilson,
 * Ward, Transp. Plan. Technol. 34, 3, 2011). */

static bool is_stable(const jw_vehicle_type *car, double v0, double v)
{
    jw_traffic_type type = {.min_gap_m = (float)car->min_gap_m,
                            .accel_mps2 = (float)car->accel_mps2,
                            .decel_mps2 = (float)car->decel_mps2,
                            .emergency_mps2 = 9,
                            .per_two_sqrt_ab = (float)(0.5 / jw_sqrt(car->accel_mps2 * car->decel_mps2))};
    float headway = (float)car->desired_headway_s, most = (float)v0, u = (float)v;
    float s = (float)((car->min_gap_m + v * car->desired_headway_s) / jw_sqrt(1 - jw_pow(v / v0, 4)));
#define A(gap, own, leader) jw_idm_accel(&type, headway, most, own, gap, leader)
    double a_s = (A(s + 0.05f, u, u) - A(s - 0.05f, u, u)) / 0.1;
    double a_v = (A(s, u + 0.05f, u) - A(s, u - 0.05f, u)) / 0.1;
    double a_l = (A(s, u, u + 0.05f) - A(s, u, u - 0.05f)) / 0.1;
#undef A
    return a_s < 0.5 * (a_v * a_v - a_l * a_l);
}

/* How much stronger a dip of the leader's speed of 1 m/s over 10 s is at the 40th car than at the 5th. */
static double growth(const jw_vehicle_type *car, double v0, double v)
{
    platoon p;
    make_platoon(&p, car, v);
    test_scene s = start_platoon(&p, 15000, v0, 0.1, 45);
    while (s.traffic->running == 0 || test_car(s.traffic, 0)->pos_m < 8000)
        test_scene_step(&s);
    assert_int_equal(s.traffic->running, 46);
    float least[46];
    double begin_s = test_scene_time(&s);
    for (uint32_t k = 0; k < 46; k++)
        least[k] = test_car(s.traffic, k)->speed_mps;
    float even[46];
    for (uint32_t k = 0; k < 46; k++)
        even[k] = least[k];
    while (test_scene_time(&s) < begin_s + 250) {
        double at_s = test_scene_time(&s) - begin_s;
        s.traffic->types[JW_VEHICLE_CLASS_COUNT].max_speed_mps = (float)(at_s < 10 ? v - 1 : v);
        test_scene_step(&s);
        for (uint32_t k = 0; k < 46; k++)
            least[k] = jw_minf(least[k], test_car(s.traffic, k)->speed_mps);
    }
    double ratio = (even[40] - least[40]) / (even[5] - least[5]);
    test_scene_free(&s);
    return ratio;
}

static void test_string_stability(void **state)
{
    (void)state;
    jw_vehicle_type stable = jw_default_vehicle_type(JW_VEHICLE_CAR), unstable = stable;
    stable.desired_headway_s = 1.5;
    unstable.accel_mps2 = 0.5;
    const double v0 = 20, v = 12;
    assert_true(is_stable(&stable, v0, v));
    assert_false(is_stable(&unstable, v0, v));
    for (uint32_t model = JW_FOLLOW_IDM; model <= JW_FOLLOW_ACC; model++) {
        stable.model = unstable.model = (jw_follow_model)model;
        double damped = growth(&stable, v0, v), grown = growth(&unstable, v0, v);
        printf("%s: a dip at the 40th car is %.2f of that at the 5th with a 2 m/s2, T 1.5 s; %.2f with 0.5 "
               "m/s2, "
               "1 s\n",
               model == JW_FOLLOW_IDM ? "IDM" : "ACC", damped, grown);
        assert_true(damped < 0.95);
        assert_true(grown > 1.05);
    }
}

/* ---- emergencies -----------------------------------------------------------------------------------------
 */

/* Something falls onto the road 8 m before the first of a platoon at 10 m/s; test_scene_step checks that
 * nobody overlaps. Returns the hardest braking of a follower. */
static double hardest_braking(const jw_vehicle_type *car, double dt_s, bool is_euler)
{
    platoon p;
    make_platoon(&p, car, 10);
    p.def.is_euler = is_euler;
    test_scene s = start_platoon(&p, 3000, 13.89, dt_s, 15);
    while (s.traffic->running == 0 || test_car(s.traffic, 0)->pos_m < 1500)
        test_scene_step(&s);
    test_scene_command(&s, "incident", "edge", 0.0, "lane", 0.0, "position_m",
                       (double)test_car(s.traffic, 0)->pos_m + 8, "duration_s", 100.0, NULL);
    double hardest = 0;
    double end_s = test_scene_time(&s) + 60;
    while (test_scene_time(&s) < end_s) {
        test_scene_step(&s);
        for (uint32_t k = 1; k < s.traffic->running; k++)
            hardest = jw_min(hardest, test_car(s.traffic, k)->accel_mps2);
    }
    for (uint32_t k = 0; k < s.traffic->running; k++)
        assert_true(test_car(s.traffic, k)->speed_mps < 0.1);
    test_scene_free(&s);
    return hardest;
}

static void test_emergency(void **state)
{
    (void)state;
    static const char *const names[] = {"IDM", "ACC", "Krauss"};
    for (uint32_t model = JW_FOLLOW_IDM; model <= JW_FOLLOW_KRAUSS; model++) {
        jw_vehicle_type car =
            model == JW_FOLLOW_KRAUSS ? jw_sumo_vehicle_type() : jw_default_vehicle_type(JW_VEHICLE_CAR);
        car.model = (jw_follow_model)model;
        for (double dt_s = 0.1; dt_s < 1.05; dt_s += dt_s < 0.45 ? 0.1 : 0.25)
            for (int is_euler = 0; is_euler < 2; is_euler++) {
                double hardest = hardest_braking(&car, dt_s, is_euler != 0);
                printf("%s, dt %.2f s, %s: hardest braking of those behind %.1f m/s2\n", names[model], dt_s,
                       is_euler ? "Euler" : "ballistic", hardest);
                /* Within what a car can do: nobody is stopped by the bound on overlaps. */
                assert_true(hardest > -9.05);
            }
    }
}

static void test_refused_types(void **state)
{
    (void)state;
    jw_vehicle_type bad = jw_default_vehicle_type(JW_VEHICLE_CAR);
    bad.sigma = 2;
    jw_traffic_def def = test_plain_def();
    def.extra_types = &bad;
    def.extra_type_count = 1;
    jw_city *city = jw_fixture_road(100, 1, 10);
    jw_shared_city shared = {city};
    jw_module_entry entry = {&jw_traffic_module, &def};
    jw_world_def world_def = {
        .modules = &entry, .module_count = 1, .shared = &shared, .shared_hash = city->content_hash};
    jw_world *world = NULL;
    jw_error error = {0};
    assert_int_equal(jw_world_create(&world_def, &world, &error), JW_ERROR_INPUT);
    def.extra_type_count = JW_EXTRA_TYPES_MAX + 1;
    assert_int_equal(jw_world_create(&world_def, &world, &error), JW_ERROR_INPUT);
    def.extra_type_count = 0;
    assert_int_equal(jw_world_create(&world_def, &world, &error), JW_OK);
    jw_trip_def trip = {.type_index1 = 1};
    assert_int_equal(jw_traffic_add_trip(world, jw_world_state(world, 0), &trip, &error), JW_ERROR_INPUT);
    jw_world_destroy(world);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idm_equilibrium),  cmocka_unit_test(test_krauss_equilibrium),
        cmocka_unit_test(test_krauss_dawdling),  cmocka_unit_test(test_acc_cut_in),
        cmocka_unit_test(test_string_stability), cmocka_unit_test(test_emergency),
        cmocka_unit_test(test_refused_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
