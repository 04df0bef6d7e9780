/* The front by hand-made figures, and candidates of a town whose figures follow from its catalogue. */
#include "study/pareto.h"
#include "twin/twin_fixture.h"

#include "base/test_base.h"

#include <stdio.h>
#include <string.h>

enum { MADE = 6 };

/* Right (more is better), p95, power, cost (less is better); two seeds whose mean counts. */
static const double made[MADE][JW_PARETO_OBJECTIVES] = {
    {90, 10, 100, 5}, /* the front */
    {95, 20, 100, 5}, /* the front: more right */
    {90, 10, 110, 5}, /* beaten by the first in power */
    {90, 10, 100, 5}, /* equal to the first: nobody is better */
    {99, 5, 50, 1},   /* best of all, but over budget */
    {89, 9, 120, 6},  /* the front: the quickest */
};

static void test_what_is_beaten_is_marked(void **state)
{
    (void)state;
    jw_pareto_candidate candidates[MADE] = {0};
    double values[MADE * 2 * JW_PARETO_MEASURE_COUNT] = {0};
    for (uint32_t i = 0; i < MADE; i++)
        for (uint32_t k = 0; k < JW_PARETO_OBJECTIVES; k++) {
            values[(2 * i) * JW_PARETO_MEASURE_COUNT + k] = made[i][k] - 1;
            values[(2 * i + 1) * JW_PARETO_MEASURE_COUNT + k] = made[i][k] + 1;
        }
    snprintf(candidates[4].refusal, sizeof candidates[4].refusal, "over budget");
    jw_pareto p = {.candidates = candidates, .candidate_count = MADE, .seed_count = 2, .values = values};
    jw_pareto_mark(&p);
    static const bool front[MADE] = {true, true, false, true, false, true};
    for (uint32_t i = 0; i < MADE; i++)
        assert_int_equal(candidates[i].is_on_front, front[i]);
    assert_int_equal(candidates[2].dominated_by, 0);
    assert_true(candidates[4].dominated_by == JW_NONE && candidates[0].dominated_by == JW_NONE);
    candidates[4].refusal[0] = 0; /* the budget is lifted: it beats all */
    jw_pareto_mark(&p);
    for (uint32_t i = 0; i < MADE; i++)
        assert_true(candidates[i].is_on_front == (i == 4) && (i == 4 || candidates[i].dominated_by <= 4));
    double half;
    assert_true(jw_pareto_mean(&p, 0, JW_PARETO_RIGHT, &half) == 90);
    assert_true(half > 12.7 &&
                half < 12.71); /* t of one degree is 12.706, the deviation sqrt 2, over sqrt 2 seeds */
}

static jw_pareto_def town(jw_twin_def *def)
{
    jw_error error = {0};
    twin_fixture_def(def, 2);
    jw_compression half = {
        .id = "half", .memory_factor = 0.5, .quality_factor = 0.9, .operation_factor = 0.5};
    assert_int_equal(jw_twin_def_add_compression(def, &half, &error), JW_OK);
    return (jw_pareto_def){.def = def,
                           .sizes = {1},
                           .size_count = 1,
                           .methods = {"none", "half"},
                           .method_count = 2,
                           .cards = {0, 1},
                           .card_count = 2,
                           .seed_count = 2,
                           .minutes = 1,
                           .threads = 1};
}

/* Three placements, two methods, two numbers of cards. Quality is the catalogue's 0.9, or 0.81 of it halved;
 * memory is 0.6 GB an instance, cards are those asked for. */
static void test_candidates_of_a_town(void **state)
{
    (void)state;
    jw_twin_def def = {0};
    jw_pareto_def pareto = town(&def);
    jw_pareto one, two;
    jw_error error = {0};
    assert_int_equal(jw_pareto_run(&pareto, &one, &error), JW_OK);
    assert_int_equal(one.candidate_count, 12);
    double half;
    for (uint32_t i = 0; i < one.candidate_count; i++) {
        const jw_pareto_candidate *c = &one.candidates[i];
        const jw_pareto_part *part = &c->parts[0];
        bool is_half = part->method[0] != 0;
        uint32_t edges = part->tiers >> JW_TIER_EDGE & 1 ? 2 : 0, cities = part->tiers >> JW_TIER_CITY & 1;
        assert_string_equal(c->refusal, "");
        double quality = jw_pareto_mean(&one, i, JW_PARETO_QUALITY, &half);
        assert_true(quality > (is_half ? 80.9 : 89.9) && quality < (is_half ? 81.1 : 90.1));
        if (part->cards) {
            assert_int_equal(c->cards, edges + cities);
            assert_true(c->memory_gb > (edges + cities) * (is_half ? 0.29 : 0.59) &&
                        c->memory_gb < (edges + cities) * (is_half ? 0.31 : 0.61));
        } else {
            assert_int_equal(c->cards, edges * 4 + cities * 10);
        }
        /* Nothing is late in an empty town: right is quality, and a halved model answers sooner. */
        double right = jw_pareto_mean(&one, i, JW_PARETO_RIGHT, &half),
               late = jw_pareto_mean(&one, i, JW_PARETO_LATE, &half);
        assert_true(right <= quality + 1e-9 && right >= quality * (1 - late / 100) - 0.5);
    }
    double whole_ms = jw_pareto_mean(&one, 0, JW_PARETO_P95, &half);
    uint32_t halved = 6; /* the same place and cards: methods come before places */
    assert_true(one.candidates[halved].parts[0].method[0] &&
                one.candidates[halved].parts[0].tiers == one.candidates[0].parts[0].tiers);
    assert_true(jw_pareto_mean(&one, halved, JW_PARETO_P95, &half) < whole_ms);
    pareto.threads = 2;
    assert_int_equal(jw_pareto_run(&pareto, &two, &error), JW_OK);
    assert_memory_equal(one.values, two.values, 12 * 2 * JW_PARETO_MEASURE_COUNT * sizeof *one.values);
    jw_pareto_free(&two);
    /* A budget of two cards leaves those that keep it. */
    pareto.budget_cards = 2;
    assert_int_equal(jw_pareto_run(&pareto, &two, &error), JW_OK);
    for (uint32_t i = 0; i < two.candidate_count; i++)
        assert_true((two.candidates[i].cards > 2) ==
                    (strstr(two.candidates[i].refusal, "over budget") != NULL));
    jw_pareto_free(&two);
    jw_pareto_free(&one);
    jw_twin_def_free(&def);
}

static void refused(jw_pareto_def pareto, jw_result code, const char *message)
{
    jw_pareto out;
    jw_error error = {0};
    assert_int_equal(jw_pareto_run(&pareto, &out, &error), code);
    if (!strstr(error.message, message))
        fail_msg("\"%s\" does not say \"%s\"", error.message, message);
}

static void test_what_cannot_be_is_refused(void **state)
{
    (void)state;
    jw_twin_def def = {0};
    jw_pareto_def pareto = town(&def);
    snprintf(pareto.request, sizeof pareto.request, "weather");
    refused(pareto, JW_ERROR_NOT_FOUND, "no request type \"weather\"");
    pareto.request[0] = 0;
    snprintf(pareto.methods[1], sizeof pareto.methods[1], "zip");
    refused(pareto, JW_ERROR_NOT_FOUND, "no compression \"zip\"");
    pareto.method_count = 1;
    pareto.sizes[0] = 11;
    refused(pareto, JW_ERROR_INPUT, "a size is 11");
    pareto.size_count = 0;
    refused(pareto, JW_ERROR_INPUT, "1 to 8 sizes");
    /* Nothing is known of the model's parameters: another size is no candidate, and says why. */
    pareto.size_count = 1;
    pareto.sizes[0] = 2;
    jw_pareto out;
    jw_error error = {0};
    assert_int_equal(jw_pareto_run(&pareto, &out, &error), JW_OK);
    for (uint32_t i = 0; i < out.candidate_count; i++)
        assert_true(!out.candidates[i].is_on_front &&
                    strstr(out.candidates[i].refusal, "how many parameters"));
    jw_pareto_free(&out);
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_what_is_beaten_is_marked),
        JW_UNIT(test_candidates_of_a_town),
        JW_UNIT(test_what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
