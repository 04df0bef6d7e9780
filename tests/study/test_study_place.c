/* Placement: the p-median answers against all choices and against a closed form, and what a scene makes of
 * them. */
#include "study/place.h"
#include "twin/twin_fixture.h"

#include "base/test_base.h"

#include <stdio.h>
#include <string.h>

enum { DEMANDS = 30, CANDIDATES = 12 };

static double draw(uint32_t problem, uint32_t number)
{
    return jw_random_uniform((jw_random_key){5, problem}, 0, number);
}

typedef struct drawn {
    jw_place_demand demand[DEMANDS];
    jw_vec2 candidates[CANDIDATES];
    jw_place_problem problem;
} drawn;

static void make(drawn *d, uint32_t number, uint32_t sites)
{
    for (uint32_t i = 0; i < DEMANDS; i++)
        d->demand[i] = (jw_place_demand){5000 * draw(number, 4 * i), 5000 * draw(number, 4 * i + 1),
                                         0.1 + draw(number, 4 * i + 2), 0.002 * draw(number, 4 * i + 3)};
    for (uint32_t c = 0; c < CANDIDATES; c++)
        d->candidates[c] = (jw_vec2){5000 * draw(number, 1000 + 2 * c), 5000 * draw(number, 1001 + 2 * c)};
    d->problem = (jw_place_problem){d->demand, DEMANDS, d->candidates, CANDIDATES, sites};
}

static double least_of_all(const jw_place_problem *problem)
{
    double best = 1e9;
    for (uint32_t mask = 0; mask < 1u << CANDIDATES; mask++) {
        uint32_t chosen[CANDIDATES], count = 0;
        for (uint32_t c = 0; c < CANDIDATES; c++)
            if (mask >> c & 1)
                chosen[count++] = c;
        if (count == problem->site_count)
            best = jw_min(best, jw_place_cost_s(problem, chosen));
    }
    return best;
}

static void check_choice(const uint32_t *chosen, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        assert_true(chosen[i] < CANDIDATES && (i == 0 || chosen[i] > chosen[i - 1]));
}

/* 60 problems: exact is the least of all choices, and greedy, k-means and random are no better. */
static void test_exact_is_the_least_of_all(void **state)
{
    (void)state;
    uint32_t greedy_is_best = 0;
    double greedy_sum = 0, random_sum = 0, exact_sum = 0;
    for (uint32_t p = 0; p < 60; p++) {
        drawn d;
        uint32_t exact[CANDIDATES], other[CANDIDATES];
        bool is_proven = false;
        make(&d, p, 1 + p % 6);
        assert_int_equal(jw_place_exact(&d.problem, exact, &is_proven, NULL), JW_OK);
        check_choice(exact, d.problem.site_count);
        double least_s = least_of_all(&d.problem), cost_s = jw_place_cost_s(&d.problem, exact);
        assert_true(is_proven && cost_s <= least_s * (1 + 1e-12));
        assert_int_equal(jw_place_greedy(&d.problem, other, NULL), JW_OK);
        check_choice(other, d.problem.site_count);
        double greedy_s = jw_place_cost_s(&d.problem, other);
        assert_true(greedy_s >= least_s * (1 - 1e-12));
        greedy_is_best += greedy_s <= least_s * (1 + 1e-12);
        assert_int_equal(jw_place_k_means(&d.problem, p, other, NULL), JW_OK);
        check_choice(other, d.problem.site_count);
        assert_true(jw_place_cost_s(&d.problem, other) >= least_s * (1 - 1e-12));
        assert_int_equal(jw_place_random(&d.problem, p, other, NULL), JW_OK);
        check_choice(other, d.problem.site_count);
        greedy_sum += greedy_s;
        exact_sum += cost_s;
        random_sum += jw_place_cost_s(&d.problem, other);
    }
    assert_true(exact_sum < greedy_sum && greedy_sum < random_sum);
    assert_true(greedy_is_best > 10 &&
                greedy_is_best < 60); /* greedy is not always wrong, nor always right */
}

/* GLPK, where it is built in, finds the same; without it, it says how to get it. */
static void test_glpk_agrees(void **state)
{
    (void)state;
    for (uint32_t p = 0; p < 60; p++) {
        drawn d;
        jw_error error = {0};
        uint32_t own[CANDIDATES], other[CANDIDATES];
        bool is_proven = false;
        make(&d, p, 1 + p % 6);
        jw_result result = jw_place_glpk(&d.problem, other, &is_proven, &error);
        if (result == JW_ERROR_UNSUPPORTED) {
            assert_non_null(strstr(error.message, "-DJW_GLPK=ON"));
            printf("skipped: %s\n", error.message);
            return;
        }
        assert_true(result == JW_OK && is_proven);
        check_choice(other, d.problem.site_count);
        assert_int_equal(jw_place_exact(&d.problem, own, &is_proven, NULL), JW_OK);
        double own_s = jw_place_cost_s(&d.problem, own), other_s = jw_place_cost_s(&d.problem, other);
        assert_true(jw_abs(own_s - other_s) <= 1e-9 * own_s);
    }
}

/* Equal demands at 0, 1, ..., 11 km on a line, candidates at the same places: the median of each third. */
static void test_thirds_of_a_line(void **state)
{
    (void)state;
    drawn d = {0};
    uint32_t chosen[CANDIDATES];
    bool is_proven;
    for (uint32_t i = 0; i < 12; i++) {
        d.candidates[i] = (jw_vec2){1000.0 * i, 0};
        d.demand[i] = (jw_place_demand){1000.0 * i, 0, 1, 0};
    }
    d.problem = (jw_place_problem){d.demand, 12, d.candidates, 12, 4};
    assert_int_equal(jw_place_exact(&d.problem, chosen, &is_proven, NULL), JW_OK);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(chosen[i], 3 * i + 1);
    /* Of each three, two are 1 km away: 1.3 km of fibre. */
    double expected_s = 20e-6 + 2.0 / 3 * 1300 * 4.9e-9;
    assert_true(jw_abs(jw_place_cost_s(&d.problem, chosen) - expected_s) < 1e-15 && is_proven);
    d.problem.site_count = 12;
    assert_int_equal(jw_place_exact(&d.problem, chosen, &is_proven, NULL), JW_OK);
    assert_true(is_proven && jw_abs(jw_place_cost_s(&d.problem, chosen) - 20e-6) < 1e-15);
}

static bool is_wired(const jw_twin_def *def, const char *name)
{
    for (uint32_t i = 0; i < def->link_count; i++)
        if (strcmp(def->links[i].from, name) == 0 || strcmp(def->links[i].to, name) == 0)
            return true;
    return false;
}

static jw_vec2 place_of(const jw_twin_def *def, const char *name)
{
    for (uint32_t n = 0; n < def->node_count; n++)
        if (strcmp(def->nodes[n].name, name) == 0)
            return (jw_vec2){def->nodes[n].x_m, def->nodes[n].y_m};
    fail_msg("there is no node %s", name);
    return (jw_vec2){0, 0};
}

/* A cell that hung on an edge site hangs on what is nearest now. */
static void check_nearest(const jw_twin_def *before, const jw_twin_def *def)
{
    uint32_t checked = 0;
    for (uint32_t i = 0; i < before->link_count; i++) {
        const jw_net_link_def *was = &before->links[i], *is = &def->links[i];
        if (strncmp(was->from, "cell", 4) != 0 || strncmp(was->to, "edge", 4) != 0)
            continue;
        for (uint32_t k = 0; k < def->link_count; k++)
            if (strcmp(def->links[k].from, was->from) == 0)
                is = &def->links[k];
        jw_vec2 cell = place_of(def, is->from);
        for (uint32_t s = 0; s < def->site_count; s++)
            assert_true(jw_vec2_distance(cell, (jw_vec2){def->sites[s].x_m, def->sites[s].y_m}) >=
                        jw_vec2_distance(cell, place_of(def, is->to)));
        checked++;
    }
    assert_true(checked > 2);
}

static void test_sites_move_with_their_wires(void **state)
{
    (void)state;
    jw_twin_def def, moved;
    jw_error error = {0};
    twin_fixture_def(&def, 8);
    const jw_vec2 places[] = {{300, 1100}, {1300, 700}, {100, 100}};
    assert_int_equal(jw_place_make_def(&def, places, 3, &moved, &error), JW_OK);
    uint32_t edges = 0;
    for (uint32_t i = 0; i < moved.site_count; i++) {
        assert_true(is_wired(&moved, moved.sites[i].name));
        if (moved.sites[i].tier != JW_TIER_EDGE)
            continue;
        assert_true(moved.sites[i].x_m == places[edges].x && moved.sites[i].y_m == places[edges].y);
        edges++;
    }
    assert_int_equal(edges, 3);
    assert_int_equal(moved.site_count, def.site_count + 1);
    assert_string_equal(moved.sites[moved.site_count - 3].name, "edge-1"); /* names go on */
    assert_string_equal(moved.sites[moved.site_count - 1].name, "place-1");
    for (uint32_t i = 0; i < moved.cell_count; i++)
        assert_true(is_wired(&moved, moved.cells[i].node));
    check_nearest(&def, &moved);
    for (uint32_t i = 0; i < moved.link_count; i++) { /* no end hangs in the air */
        uint32_t found = 0;
        for (uint32_t n = 0; n < moved.node_count; n++)
            found += strcmp(moved.nodes[n].name, moved.links[i].from) == 0 ||
                     strcmp(moved.nodes[n].name, moved.links[i].to) == 0;
        assert_int_equal(found, 2);
    }
    jw_place_free_def(&moved);
    jw_twin_def_free(&def);
}

static jw_place_def study(const jw_twin_def *def, uint32_t sites)
{
    return (jw_place_def){
        .def = def, .sites = sites, .candidates = 8, .seed_count = 2, .minutes = 2, .threads = 2};
}

static void test_a_scene_is_judged(void **state)
{
    (void)state;
    jw_twin_def def;
    jw_error error = {0};
    jw_placement place, again;
    twin_fixture_def(&def, 4);
    jw_place_def d = study(&def, 2);
    if (jw_place_run(&d, &place, &error) != JW_OK)
        fail_msg("%s", error.message);
    assert_true(place.candidate_count == 8 && place.demand_count > 3 && place.is_proven);
    assert_true(place.cost_s[JW_PLACE_BY_EXACT] <= place.cost_s[JW_PLACE_BY_GREEDY] &&
                place.cost_s[JW_PLACE_BY_EXACT] <= place.cost_s[JW_PLACE_BY_RANDOM]);
    for (uint32_t m = 0; m < JW_PLACE_METHOD_COUNT; m++) {
        jw_benchmark_cell p50 = jw_place_at(&place, m, JW_PLACE_P50),
                          p95 = jw_place_at(&place, m, JW_PLACE_P95);
        assert_true(p50.mean > 1 && p95.mean >= p50.mean && jw_place_at(&place, m, JW_PLACE_ENERGY).mean > 0);
    }
    d.threads = 1;
    assert_int_equal(jw_place_run(&d, &again, &error), JW_OK);
    assert_memory_equal(place.values, again.values,
                        2 * JW_PLACE_METHOD_COUNT * JW_PLACE_MEASURE_COUNT * sizeof(double));
    jw_place_free(&again);
    assert_int_equal(jw_make_directory("placed", &error), JW_OK);
    remove("placed/place.gpkg"); /* of an earlier run */
    if (jw_place_write(&place, &def, "placed", &error) != JW_OK)
        fail_msg("%s", error.message);
    jw_gpkg *gpkg;
    assert_int_equal(jw_gpkg_open("placed/place.gpkg", false, &gpkg, &error), JW_OK);
    assert_true(jw_gpkg_find_layer(gpkg, "sites") != JW_NONE &&
                jw_gpkg_find_layer(gpkg, "demand") != JW_NONE);
    jw_gpkg_close(gpkg);
    jw_place_free(&place);
    jw_twin_def_free(&def);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void expect(const jw_place_def *def, const char *wanted)
{
    jw_error error = {0};
    jw_placement place;
    assert_int_equal(jw_place_run(def, &place, &error), JW_ERROR_INPUT);
    if (!strstr(error.message, wanted))
        fail_msg("\"%s\" does not say \"%s\"", error.message, wanted);
}

static void test_what_cannot_be_is_named(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 4);
    jw_place_def d = study(&def, 9);
    expect(&d, "9 sites are wanted, and there are 8 candidates");
    d.sites = 0;
    expect(&d, "1 to 8 can be placed");
    d = study(&def, 2);
    d.seed_count = 1;
    expect(&d, "2 to 1000 seeds");
    d = study(&def, 2);
    d.minutes = 0;
    expect(&d, "up to a day");
    d = study(&def, 2);
    def.is_coupling_off[JW_COUPLING_SIGNALS] = def.is_coupling_off[JW_COUPLING_FACTORY] =
        def.is_coupling_off[JW_COUPLING_ASSISTANT] = 1;
    expect(&d, "town has no demand for computing");
    jw_twin_def_free(&def);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    drawn d;
    jw_twin_def def, moved;
    make(&d, 3, 4);
    twin_fixture_def(&def, 4);
    int64_t before = jw_allocated_bytes();
    const jw_vec2 places[] = {{300, 100}, {700, 500}};
    bool has_failed = true;
    for (int64_t after = 0; has_failed; after++) {
        uint32_t chosen[CANDIDATES];
        bool is_proven;
        jw_memory_fail_after(after);
        has_failed = jw_place_greedy(&d.problem, chosen, NULL) != JW_OK ||
                     jw_place_exact(&d.problem, chosen, &is_proven, NULL) != JW_OK ||
                     jw_place_k_means(&d.problem, 1, chosen, NULL) != JW_OK ||
                     jw_place_make_def(&def, places, 2, &moved, NULL) != JW_OK;
        jw_memory_fail_after(-1);
        if (!has_failed)
            jw_place_free_def(&moved);
        assert_true(jw_allocated_bytes() == before && after < 1000);
    }
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_exact_is_the_least_of_all),
        JW_UNIT(test_thirds_of_a_line),
        JW_UNIT(test_glpk_agrees),
        JW_UNIT(test_sites_move_with_their_wires),
        JW_UNIT(test_a_scene_is_judged),
        JW_UNIT(test_what_cannot_be_is_named),
        JW_UNIT(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
