/* Money, start-ups, appraisals, inequality and productivity against closed forms. */
#include "economy/economy_fixture.h"
#include "economy/economy_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUANTILE_99 2.576

static const inspector_def at_once = {.quality = 1};
static const jw_region_def regions[2] = {{.name = "east", .skilled = 1000},
                                         {.name = "west", .side = JW_REGION_WEST, .skilled = 1000}};

static jw_result close_with(jw_world *world, jw_quarter_results results)
{
    return jw_economy_close_quarter(world, economy_of(world), world, economy_of(world), &results, NULL);
}

static void close_quarter(jw_world *world)
{
    assert_int_equal(close_with(world, (jw_quarter_results){.on_time_share = 1}), JW_OK);
    assert_true(is_identity_kept(world));
}

static jw_result order(jw_world *world, const char *verb, const char *key, const char *name,
                       const char *number_key, double number)
{
    jw_command command = jw_command_make(verb);
    jw_command_text(&command, key, name);
    jw_command_number(&command, number_key, number);
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    run_s(world, 0.5);
    return jw_world_log_entry(world, jw_world_log_count(world) - 1).result;
}

static int64_t balance_fen(const jw_world *world, const char *name)
{
    jw_account_state account;
    for (uint32_t i = 0; jw_economy_account(economy_of(world), i, &account); i++)
        if (strcmp(account.name, name) == 0)
            return account.balance_fen;
    fail_msg("no account %s", name);
    return 0;
}

/* ---- the city */

static void test_the_city_spends_what_it_has(void **state)
{
    (void)state;
    jw_economy_def def = {.regions = regions,
                          .region_count = 2,
                          .budget = {.is_on = true, .start_fen = 1000, .quarterly_fen = 300}};
    jw_world *world = create_economy(&def, at_once);
    jw_economy *economy = economy_of(world);
    jw_error error = {0};
    assert_int_equal(jw_economy_spend(economy, 1001, "cards", &error), JW_ERROR_STATE);
    assert_non_null(strstr(error.message, "city cannot pay 10.01 CNY for cards"));
    assert_int_equal(jw_economy_spend(economy, 700, "cards", &error), JW_OK);
    jw_economy_take_back(economy, 200);
    assert_true(balance_fen(world, "city") == 500 && is_identity_kept(world));
    close_quarter(world);
    assert_int_equal(balance_fen(world, "city"), 800);
    jw_quarter quarter;
    assert_true(jw_economy_quarter(economy, 0, &quarter) && quarter.capital_fen == 500);
    jw_world *other;
    assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
    assert_int_equal(jw_economy_spend(economy_of(other), 801, "more", NULL), JW_ERROR_STATE);
    assert_int_equal(jw_economy_spend(economy_of(other), 800, "all", NULL), JW_OK);
    jw_world_destroy(other);
    jw_world_destroy(world);
}

static void test_without_a_budget_nothing_is_booked(void **state)
{
    (void)state;
    jw_economy_def def = {.regions = regions, .region_count = 2};
    jw_world *world = create_economy(&def, at_once);
    assert_int_equal(jw_economy_spend(economy_of(world), INT64_C(1) << 50, "anything", NULL), JW_OK);
    assert_int_equal(balance_fen(world, "city"), 0);
    jw_world_destroy(world);
}

/* ---- the fund */

static void test_tranches_leverage_and_repayment(void **state)
{
    (void)state;
    jw_park_def park = {.name = "park", .region = "west"};
    jw_economy_def def = {
        .regions = regions,
        .region_count = 2,
        .parks = &park,
        .park_count = 1,
        .fund = {.size_fen = 1000003, .tranches = 4, .leverage = 3, .base_rate = 0.04, .loan_quarters = 8}};
    jw_world *world = create_economy(&def, at_once);
    for (uint32_t q = 0; q < 6; q++) {
        close_quarter(world);
        assert_int_equal(balance_fen(world, "fund"), q < 3 ? 250000 * (q + 1) : 1000003);
    }
    assert_int_equal(balance_fen(world, "outside"), -1000003);
    assert_int_equal(order(world, "fund_park", "name", "park", "cny", 10000.04), JW_ERROR_STATE);
    assert_int_equal(order(world, "fund_park", "name", "park", "cny", 4000), JW_OK);
    assert_int_equal(balance_fen(world, "park"), 3 * 400000);
    assert_int_equal(balance_fen(world, "lenders"), -2 * 400000);
    /* 800,000 in eight parts and 1 % a quarter of what is left: 8 + 7 + ... + 1 = 36 times 1,000 of interest.
     */
    for (uint32_t q = 0; q < 8; q++)
        close_quarter(world);
    assert_int_equal(balance_fen(world, "lenders"), 36 * 1000);
    assert_int_equal(balance_fen(world, "park"), 3 * 400000 - 800000 - 36000);
    jw_park_state p;
    assert_true(jw_economy_park(world, economy_of(world), 0, &p) && p.loan_fen == 0 && !p.has_defaulted);
    jw_world_destroy(world);
}

/* A park that spends a loan on people's wages cannot pay it back: lenders recover their stated share. */
static void test_a_park_defaults(void **state)
{
    (void)state;
    jw_park_def park = {.name = "park", .region = "west", .people = 10};
    jw_economy_def def = {.regions = regions,
                          .region_count = 2,
                          .parks = &park,
                          .park_count = 1,
                          .fund = {.size_fen = 40000000, .tranches = 1, .leverage = 2, .recovery = 0.25},
                          .productivity = {.wage_fen_per_hour = 4000}};
    jw_world *world = create_economy(&def, at_once);
    jw_park_state p;
    close_quarter(world); /* no wages the first time: it has defaulted on them at once */
    assert_true(jw_economy_park(world, economy_of(world), 0, &p) && p.has_defaulted);
    assert_int_equal(order(world, "fund_park", "name", "park", "cny", 1000), JW_ERROR_STATE);
    jw_world_destroy(world);
    park.cash_fen = 30000000; /* a quarter's wages are 29.2 million fen */
    world = create_economy(&def, at_once);
    close_quarter(world);
    assert_int_equal(balance_fen(world, "park"), 30000000 - 29200000);
    assert_int_equal(order(world, "fund_park", "name", "park", "cny", 20000), JW_OK);
    close_quarter(world); /* 4.8 million are no wages */
    assert_true(jw_economy_park(world, economy_of(world), 0, &p) && p.has_defaulted && p.loan_fen == 0);
    assert_int_equal(balance_fen(world, "park"), 0);
    assert_int_equal(balance_fen(world, "lenders"), -2000000 + 4800000 + 500000);
    jw_quarter last;
    assert_true(jw_economy_quarter(economy_of(world), 1, &last) && last.defaults == 1);
    jw_world_destroy(world);
}

/* ---- start-ups */

enum { STARTUPS = 400 };
static const jw_supplier_def startup = {.region = "west",
                                        .cash_fen = 450,
                                        .build_fen = 1000,
                                        .fixed_fen = 100,
                                        .price_fen = 100,
                                        .unit_cost_fen = 20,
                                        .capacity = 10,
                                        .build_quarters = 2,
                                        .demand_share = 0.4};

static jw_world *make_startups(uint32_t count, jw_supplier_def like, double recovery)
{
    jw_supplier_def *suppliers = calloc(count, sizeof *suppliers);
    for (uint32_t i = 0; i < count; i++) {
        suppliers[i] = like;
        snprintf(suppliers[i].name, sizeof suppliers[i].name, "s-%u", i);
    }
    jw_economy_def def = {.regions = regions,
                          .region_count = 2,
                          .suppliers = suppliers,
                          .supplier_count = count,
                          .fund = {.size_fen = 100000000, .tranches = 1, .recovery = recovery}};
    jw_world *world = create_economy(&def, at_once);
    free(suppliers);
    return world;
}

static jw_supplier_state supplier_of(const jw_world *world, uint32_t slot)
{
    jw_supplier_state supplier;
    assert_true(jw_economy_supplier(world, economy_of(world), slot, &supplier));
    return supplier;
}

/* Cash for four quarters: the fifth without demand is the last, so p = 0.6^5, and the rate is (1 + 0.03 - 0.5
 * p) / (1 - p) - 1. Of those that get through, the first order comes after a geometric time. */
static void test_uncertain_demand(void **state)
{
    (void)state;
    const double d = 0.4, p = pow(1 - d, 5), rate = (1.03 - 0.5 * p) / (1 - p) - 1;
    jw_supplier_def rich = startup;
    rich.cash_fen = 1000000;
    jw_world *world = make_startups(STARTUPS, startup, 0.5), *other = make_startups(STARTUPS, rich, 0.5);
    assert_true(fabs(supplier_of(world, 0).rate - rate) < 1e-12 && rate > 0.03);
    double defaults = 0, quarters = 0;
    for (uint32_t q = 0; q < 5; q++) {
        close_quarter(world);
        close_quarter(other);
    }
    for (uint32_t i = 0; i < STARTUPS; i++)
        defaults += supplier_of(world, i).has_defaulted && supplier_of(world, i).delivered_in == JW_NONE &&
                    supplier_of(world, i).loan_fen == 0 && supplier_of(world, i).cash_fen == 0;
    for (uint32_t q = 5; q < 60; q++)
        close_quarter(other);
    for (uint32_t i = 0; i < STARTUPS; i++) {
        assert_true(supplier_of(other, i).delivered_in != JW_NONE);
        quarters += supplier_of(other, i).delivered_in / (double)STARTUPS;
    }
    print_message("rate %.4f; first delivery in quarter %.2f, expected %.2f\n", rate, quarters, 1 / d + 2);
    assert_true(fabs(quarters - (1 / d + 2)) < QUANTILE_99 * sqrt((1 - d) / (d * d) / STARTUPS));
    /* Those without an order in five quarters, and those whose orders came so late that building finished
     * them. */
    double share = defaults / STARTUPS;
    print_message("defaults before the first delivery: %.3f, without any order %.3f\n", share, p);
    assert_true(share > p - QUANTILE_99 * sqrt(p * (1 - p) / STARTUPS));
    jw_world_destroy(other);
    jw_world_destroy(world);
}

/* The same start-ups with a guarantee: they build at once, at the rate without risk; the fund pays only what
 * nobody else buys, and keeps what it promised. */
static void test_a_guarantee_makes_demand_certain(void **state)
{
    (void)state;
    jw_supplier_def like = startup;
    like.cash_fen = 100000;
    jw_world *world = make_startups(STARTUPS, like, 0.5);
    assert_int_equal(order(world, "guarantee", "supplier", "s-0", "quarters", 8),
                     JW_ERROR_STATE); /* no money */
    close_quarter(world);
    jw_account_state fund;
    for (uint32_t i = 0; i < STARTUPS; i++) {
        char name[24];
        snprintf(name, sizeof name, "s-%u", i);
        if (supplier_of(world, i).loan_fen == 0) /* no order in the first quarter */
            assert_int_equal(order(world, "guarantee", "supplier", name, "quarters", 8), JW_OK);
    }
    assert_int_equal(order(world, "guarantee", "supplier", "s-0", "quarters", 400), JW_ERROR_LIMIT);
    assert_int_equal(order(world, "guarantee", "supplier", "none", "quarters", 1), JW_ERROR_NOT_FOUND);
    assert_true(jw_economy_account(economy_of(world), 2, &fund) && fund.reserved_fen > 0);
    int64_t reserved_fen = fund.reserved_fen, before_fen = fund.balance_fen, guaranteed = 0, bought_fen = 0;
    for (uint32_t q = 1; q < 11; q++)
        close_quarter(world);
    for (uint32_t i = 0; i < STARTUPS; i++) {
        jw_supplier_state s = supplier_of(world, i);
        if (s.delivered_in != 4)
            continue;
        guaranteed++;
        assert_true(fabs(s.rate - 0.03) < 1e-12 && s.sold == 8 * 10 && !s.has_defaulted);
        bought_fen += s.bought_fen;
    }
    assert_int_equal(guaranteed * 8 * 1000, reserved_fen);
    assert_true(jw_economy_account(economy_of(world), 2, &fund) && fund.reserved_fen == 0);
    double paid = (double)(before_fen - fund.balance_fen) / (double)reserved_fen;
    assert_int_equal(bought_fen, before_fen - fund.balance_fen);
    print_message("the fund bought %.3f of what it stood for, expected 0.6\n", paid);
    assert_true(fabs(paid - 0.6) < QUANTILE_99 * sqrt(0.24 / (double)(guaranteed * 8)));
    jw_world_destroy(world);
}

/* Of six parks two buy: the others have no computers, no money, a better model, or ask the city's sites. Each
 * pays the price, the start-up what a unit costs it; a second time nobody has less quality. */
static void test_parks_buy_licences(void **state)
{
    (void)state;
    jw_park_def parks[6] = {{.name = "one"},       {.name = "two"},
                            {.name = "bare"},      {.name = "poor"},
                            {.name = "excellent"}, {.name = "pattern", .is_detailed = true}};
    for (uint32_t i = 0; i < 6; i++) {
        snprintf(parks[i].region, sizeof parks[i].region, "west");
        parks[i].inference_per_s = i == 2 ? 0 : 10;
        parks[i].cash_fen = i == 3 ? 99 : 100 + i;
        parks[i].quality = i == 4 ? 0.99 : 0.9;
    }
    jw_supplier_def seller = startup;
    snprintf(seller.name, sizeof seller.name, "seller");
    snprintf(seller.region, sizeof seller.region, "east");
    seller.cash_fen = 1000000;
    seller.demand_share = 1;
    jw_economy_def def = {.regions = regions,
                          .region_count = 2,
                          .parks = parks,
                          .park_count = 6,
                          .suppliers = &seller,
                          .supplier_count = 1};
    jw_world *world = create_economy(&def, at_once);
    jw_economy *economy = economy_of(world);
    uint32_t bought = 9;
    assert_int_equal(jw_economy_license(economy, "seller", "west", 0.95, NULL, NULL), JW_ERROR_STATE);
    for (uint32_t q = 0; q < 3; q++)
        close_quarter(world);
    assert_int_equal(jw_economy_license(economy, "nobody", "west", 0.95, NULL, NULL), JW_ERROR_NOT_FOUND);
    assert_int_equal(jw_economy_license(economy, "seller", "north", 0.95, NULL, NULL), JW_ERROR_NOT_FOUND);
    assert_int_equal(jw_economy_license(economy, "seller", "west", 1.5, NULL, NULL), JW_ERROR_INPUT);
    assert_int_equal(jw_economy_license(economy, "seller", "east", 0.95, NULL, NULL), JW_ERROR_STATE);
    int64_t before_fen = balance_fen(world, "seller"), outside_fen = balance_fen(world, "outside");
    int64_t sold = supplier_of(world, 0).sold;
    assert_int_equal(jw_economy_license(economy, "seller", "west", 0.95, &bought, NULL), JW_OK);
    assert_true(bought == 2 && is_identity_kept(world));
    assert_int_equal(balance_fen(world, "seller"), before_fen + 2 * (100 - 20));
    assert_int_equal(balance_fen(world, "outside"), outside_fen + 2 * 20);
    assert_true(supplier_of(world, 0).sold == sold + 2 && supplier_of(world, 0).licensed == 2);
    static const double quality[] = {0.95, 0.95, 0.9, 0.9, 0.99, 0.9};
    for (uint32_t i = 0; i < 6; i++) {
        jw_park_state p;
        assert_true(jw_economy_park(world, economy, i, &p) && p.def->quality == quality[i]);
        assert_int_equal(p.cash_fen, (i == 3 ? 99 : 100 + i) - (i < 2 ? 100 : 0));
    }
    assert_int_equal(jw_economy_license(economy, "seller", "west", 0.95, NULL, NULL), JW_ERROR_STATE);
    jw_world_destroy(world);
}

/* Sums above 2^53 and products above 2^63 fen: a promise is kept to the fen, and what no money can pay is
 * refused. */
static void test_large_sums(void **state)
{
    (void)state;
    jw_supplier_def like = startup;
    like.price_fen = INT64_C(999999999999999);
    like.unit_cost_fen = 0;
    like.capacity = 1;
    snprintf(like.name, sizeof like.name, "s");
    snprintf(like.region, sizeof like.region, "west");
    jw_region_def west = regions[1];
    west.unskilled = 1000000000;
    jw_equip_def equip = {.price_fen = {1, 1, INT64_C(100000000000), 1}};
    jw_economy_def def = {.regions = &west,
                          .region_count = 1,
                          .suppliers = &like,
                          .supplier_count = 1,
                          .equip = &equip,
                          .fund = {.size_fen = MONEY_MAX_FEN, .tranches = 1}};
    jw_world *world = create_economy(&def, at_once);
    close_quarter(world);
    assert_int_equal(order(world, "guarantee", "supplier", "s", "quarters", 399), JW_OK);
    assert_true(is_identity_kept(world));
    /* 2^64 and 26 billion fen */
    assert_int_equal(order(world, "retrain", "region", "west", "people", 184467441), JW_ERROR_STATE);
    assert_true(is_identity_kept(world));
    jw_world_destroy(world);
}

/* Balances whose sum is 2^64 are not zero. */
static void test_sums_that_overflow_are_no_identity(void **state)
{
    (void)state;
    jw_region_def five[5];
    for (uint32_t i = 0; i < 5; i++) {
        five[i] = regions[0];
        snprintf(five[i].name, sizeof five[i].name, "r-%u", i);
    }
    jw_world *world = create_economy(&(jw_economy_def){.regions = five, .region_count = 5}, at_once);
    economy_account *accounts = economy_of(world)->accounts;
    assert_true(jw_economy_is_consistent(world, economy_of(world), NULL));
    for (uint32_t i = 0; i < 5; i++)
        accounts[ACCOUNT_FIRST_REGION + i].balance_fen = INT64_C(3689348814741910323) + (i == 0);
    assert_false(jw_economy_is_consistent(world, economy_of(world), NULL));
    jw_world_destroy(world);
}

static void test_startups_that_cannot_be_are_refused(void **state)
{
    (void)state;
    jw_world *world;
#define REFUSED(want, change)                                                                                \
    do {                                                                                                     \
        jw_supplier_def s = startup;                                                                         \
        jw_error error = {0};                                                                                \
        snprintf(s.name, sizeof s.name, "s");                                                                \
        change;                                                                                              \
        jw_economy_def def = {.regions = regions, .region_count = 2, .suppliers = &s, .supplier_count = 1};  \
        if (try_create(&def, at_once, &world, &error) != want || !error.message[0])                          \
            fail_msg("taken: %s", #change);                                                                  \
    } while (0)
    REFUSED(JW_ERROR_INPUT, s.cash_fen = -1);
    REFUSED(JW_ERROR_INPUT, s.capacity = 0);
    REFUSED(JW_ERROR_INPUT, s.build_quarters = 0);
    REFUSED(JW_ERROR_INPUT, s.demand_share = NAN);
    REFUSED(JW_ERROR_INPUT, s.price_fen = INT64_MAX);
    REFUSED(JW_ERROR_NOT_FOUND, s.region[0] = 'x');
    REFUSED(JW_ERROR_EXISTS, s.name[0] = 0);
}

/* ---- appraisal */

static void test_appraisal(void **state)
{
    (void)state;
    const jw_line_year before = {
        .labour_fen = 900, .energy_fen = 50, .inventory_fen = 30, .margin_fen = 1000};
    const jw_line_year after = {.labour_fen = 300, .energy_fen = 80, .inventory_fen = 10, .margin_fen = 1410};
    for (uint32_t i = 0; i < 2; i++) {
        double r = i ? 0.12 : 0.04, annuity = (1 - pow(1 + r, -10)) / r;
        jw_appraisal a = jw_economy_appraise(&before, &after, 6000, 10, r);
        assert_int_equal(a.yearly_fen, 600 - 30 + 20 + 410);
        assert_true(fabs(a.npv_fen - (1000 * annuity - 6000)) < 1e-8 && a.payback_years == 6);
        /* What the state buys the private owner leaves. */
        assert_true(i == 0 ? a.npv_fen > 2000 : a.npv_fen < 0);
    }
    assert_true(isinf(jw_economy_appraise(&after, &before, 1, 10, 0.1).payback_years));
}

/* A line of a part each 4 s at 200 yuan, inspected by hand at 6 s a part, and the same with a model: people's
 * time, margin, and what stands about. */
static void test_a_line_with_and_without_a_model(void **state)
{
    (void)state;
    jw_production_line_def line = {
        .cycle_s = 10, .mtbf_s = 1e9, .crew = 2, .power_kw = 7, .manual_quality = 1};
    jw_line_year by_hand, by_model;
    jw_world *world = create(&line, 1, (inspector_def){.cannot_send = 1});
    run_s(world, 36000);
    assert_true(jw_economy_line_year(world, economy_of(world), 0, &by_hand));
    jw_world_destroy(world);
    world = create(&line, 1, at_once);
    run_s(world, 36000);
    assert_true(jw_economy_line_year(world, economy_of(world), 0, &by_model));
    jw_world_destroy(world);
    double hours = 365 * 24.0;
    assert_true(fabs((double)by_model.labour_fen - 2 * hours * 4000) < 1);
    assert_true(fabs((double)(by_hand.labour_fen - by_model.labour_fen) / (hours * 4000) - 0.6) < 0.002);
    assert_true(fabs((double)by_model.energy_fen - 7 * hours * 60) < 1e-3 * 7 * hours * 60);
    assert_true(by_hand.inventory_fen >= by_model.inventory_fen && by_model.inventory_fen > 0);
}

/* A hand-inspected line gets a model half-way: labour falls by the looks of a person, margin by what he let
 * through or threw away; a line that changes nothing saves nothing. */
static void test_appraisal_within_a_run(void **state)
{
    (void)state;
    jw_production_line_def line = {
        .cycle_s = 10, .mtbf_s = 1e9, .defect_share = 0.1, .manual_quality = 0.9, .crew = 2, .power_kw = 7};
    jw_world *world = create(&line, LINES_MAX, (inspector_def){.cannot_send = 1, .quality = 1}), *plain;
    jw_line_year before, after;
    jw_appraisal a;
    run_s(world, 36000);
    assert_false(jw_economy_line_appraisal(world, economy_of(world), 0, 0.1, &before, &after, &a));
    jw_command command = jw_command_make("appraise");
    jw_command_number(&command, "capex_cny", 1e6);
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    run_s(world, 0.5);
    assert_int_equal(jw_world_fork(world, &plain, NULL), JW_OK);
    inspector_of(world)->def.cannot_send = 0;
    run_s(world, 36000);
    run_s(plain, 36000);
    double labour = 0, margin = 0, other = 0, hours = 365 * 24.0, parts = hours * 360;
    for (uint32_t i = 0; i < LINES_MAX; i++) {
        assert_true(jw_economy_line_appraisal(world, economy_of(world), i, 0.04, &before, &after, &a));
        labour += (double)(before.labour_fen - after.labour_fen) / LINES_MAX;
        margin += (double)(after.margin_fen - before.margin_fen) / LINES_MAX;
        assert_true(fabs(a.npv_fen - ((double)a.yearly_fen * (1 - pow(1.04, -10)) / 0.04 - 1e8)) < 1);
        assert_true(jw_economy_line_appraisal(plain, economy_of(plain), i, 0.04, &before, &after, &a));
        other += (double)a.yearly_fen / LINES_MAX;
    }
    /* A tenth of the good ones thrown away (280 yuan each), a tenth of the bad ones sent out (520 more each).
     */
    double expected = parts * (0.9 * 0.1 * 28000 + 0.1 * 0.1 * 52000);
    print_message("labour saved %.0f of %.0f, margin gained %.0f of %.0f, without a model %.0f\n", labour,
                  0.6 * hours * 4000, margin, expected, other);
    assert_true(fabs(labour - 0.6 * hours * 4000) < 0.002 * labour);
    assert_true(fabs(margin - expected) < 0.03 * expected && fabs(other) < 0.03 * expected);
    jw_world_destroy(plain);
    jw_world_destroy(world);
}

/* ---- Theil */

static void test_theil(void **state)
{
    (void)state;
    const double equal[] = {3, 3, 3, 3}, one[] = {0, 7, 0, 0}, ones[] = {1, 1, 1, 1};
    const uint32_t groups[] = {0, 0, 1, 1};
    jw_theil t = jw_economy_theil(equal, ones, groups, 4);
    assert_true(fabs(t.total) < 1e-15 && fabs(t.between) < 1e-15 && fabs(t.within) < 1e-15);
    t = jw_economy_theil(one, ones, groups, 4); /* ln 4 = ln 2 between + ln 2 within */
    assert_true(fabs(t.total - log(4)) < 1e-14 && fabs(t.between - log(2)) < 1e-14);
    /* In proportion to people nothing is unequal. */
    const double values[] = {10, 20, 5, 65}, people[] = {1, 2, 0.5, 6.5};
    t = jw_economy_theil(values, people, groups, 4);
    assert_true(fabs(t.total) < 1e-15);
    for (uint32_t k = 0; k < 1000; k++) {
        double v[12], n[12], all = 0, weight = 0, total = 0;
        uint32_t g[12];
        for (uint32_t i = 0; i < 12; i++) {
            jw_random_key key = {k, 1};
            v[i] = jw_random_uniform(key, i, 0) < 0.1 ? 0 : jw_random_exponential(key, i, 1, 5);
            n[i] = 0.1 + jw_random_uniform(key, i, 2);
            g[i] = jw_random_index(key, i, 3, 4);
            all += v[i];
            weight += n[i];
        }
        for (uint32_t i = 0; i < 12; i++)
            total += v[i] > 0 ? v[i] / all * log(v[i] / all / (n[i] / weight)) : 0;
        t = jw_economy_theil(v, n, g, 12);
        assert_true(fabs(t.total - total) < 1e-12 && fabs(t.between + t.within - t.total) < 1e-12);
        assert_true(t.between >= -1e-15 && t.within >= -1e-15);
    }
}

/* ---- productivity */

static jw_world *make_factory(void)
{
    jw_park_def parks[2] = {
        {.name = "e", .region = "east", .people = 100, .cash_fen = INT64_C(1000000000000)},
        {.name = "w", .region = "west", .people = 50, .is_detailed = true}};
    parks[1].cash_fen = parks[0].cash_fen;
    jw_production_line_def lines[2] = {
        {.name = "le", .park = "e", .cycle_s = 2, .mtbf_s = 1e9, .manual_s = 1, .capital_fen = 100000000},
        {.name = "lw", .park = "w", .cycle_s = 4, .mtbf_s = 1e9, .capital_fen = 100000000}};
    jw_economy_def def = {.lines = lines,
                          .line_count = 2,
                          .regions = regions,
                          .region_count = 2,
                          .parks = parks,
                          .park_count = 2,
                          .productivity = {.alpha = 0.3, .service_fen_per_hour = 5000000}};
    return create_economy(&def, at_once);
}

/* ln A = ln Y - alpha ln K - (1 - alpha) ln L, figure by figure. */
static void test_solow_residual(void **state)
{
    (void)state;
    jw_world *world = make_factory();
    jw_quarter q[4];
    const jw_quarter_results results[4] = {{.delay_s = 0, .on_time_share = 1},
                                           {.delay_s = 600, .on_time_share = 1},
                                           {.delay_s = 0, .on_time_share = 0.5},
                                           {.on_time_share = 1, .energy_kwh = 10000}};
    for (uint32_t i = 0; i < 4; i++) {
        run_s(world, 4000);
        assert_int_equal(close_with(world, results[i]), JW_OK);
        assert_true(jw_economy_quarter(economy_of(world), i, &q[i]) && q[i].number == i + 1);
        assert_true(fabs(q[i].output_fen_per_hour / q[0].output_fen_per_hour - 1) < 0.5);
        double expected = pow(q[i].output_fen_per_hour / q[0].output_fen_per_hour, 1) /
                          pow(q[i].capital_fen / q[0].capital_fen, 0.3) / pow(q[i].labour / q[0].labour, 0.7);
        assert_true(fabs(q[i].tfp - expected) < 1e-12);
    }
    assert_true(q[0].tfp == 1 && q[0].capital_fen == 2e8 && q[0].labour == 150);
    assert_true(fabs(q[1].labour - 150 * (8 + 1.0 / 3) / 8) < 1e-9);
    double lines_fen = q[0].output_fen_per_hour - 5e6;
    print_message("lines bring %.0f fen an hour\n", lines_fen);
    /* 1,800 and 900 parts an hour, of which 2 % are bad; the east's looked at by hand. */
    assert_true(lines_fen > 0.8 * (1800 + 900) * 20000 && lines_fen < (1800 + 900) * 20000);
    assert_true(fabs(q[2].output_fen_per_hour - (q[1].output_fen_per_hour - 2.5e6)) < 0.05 * lines_fen);
    assert_true(q[0].access.total > 0 &&
                fabs(q[0].access.between - log(3)) < 1e-9); /* all of it in the west */
    assert_true(fabs(q[0].access.within) < 1e-12 && q[0].productivity.total >= 0);
    jw_world_destroy(world);
}

/* What a fork measured is as good as what the world itself did. */
static void test_quarters_measured_in_a_fork(void **state)
{
    (void)state;
    jw_world *world = make_factory(), *fork;
    run_s(world, 600);
    close_quarter(world);
    assert_int_equal(jw_world_fork(world, &fork, NULL), JW_OK);
    run_s(fork, 900);
    jw_quarter_results results = {.on_time_share = 0.9, .delay_s = 30};
    assert_int_equal(
        jw_economy_close_quarter(world, economy_of(world), fork, economy_of(fork), &results, NULL), JW_OK);
    assert_true(is_identity_kept(world));
    assert_int_equal(close_with(fork, results), JW_OK);
    jw_quarter a, b;
    assert_true(jw_economy_quarter(economy_of(world), 1, &a) && jw_economy_quarter(economy_of(fork), 1, &b));
    assert_true(a.tfp == b.tfp && a.oee == b.oee && a.output_fen_per_hour == b.output_fen_per_hour);
    assert_true(balance_fen(world, "e") == balance_fen(fork, "e") &&
                balance_fen(world, "w") == balance_fen(fork, "w"));
    jw_world *alone = make_factory(); /* never saved: what has been closed is in the snapshot */
    run_s(alone, 600);
    close_quarter(alone);
    run_s(alone, 900);
    assert_int_equal(close_with(alone, results), JW_OK);
    assert_true(jw_economy_quarter(economy_of(alone), 1, &a) && a.tfp == b.tfp && a.oee == b.oee);
    jw_world_destroy(alone);
    const jw_quarter_results bad[] = {{.on_time_share = 1.1}, {.delay_s = NAN}, {.energy_kwh = -1}};
    for (uint32_t i = 0; i < JW_COUNT_OF(bad); i++) {
        jw_error error = {0};
        uint64_t hash = jw_world_hash(world);
        assert_int_equal(
            jw_economy_close_quarter(world, economy_of(world), world, economy_of(world), &bad[i], &error),
            JW_ERROR_INPUT);
        assert_true(error.message[0] && jw_world_hash(world) == hash);
    }
    jw_world *other = create(&(jw_production_line_def){.cycle_s = 1}, 2, at_once);
    assert_int_equal(
        jw_economy_close_quarter(world, economy_of(world), other, economy_of(other), &results, NULL),
        JW_ERROR_INPUT);
    jw_world_destroy(other);
    jw_world_destroy(fork);
    jw_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_the_city_spends_what_it_has),
        JW_UNIT(test_without_a_budget_nothing_is_booked),
        JW_UNIT(test_tranches_leverage_and_repayment),
        JW_UNIT(test_a_park_defaults),
        JW_UNIT(test_uncertain_demand),
        JW_UNIT(test_a_guarantee_makes_demand_certain),
        JW_UNIT(test_parks_buy_licences),
        JW_UNIT(test_large_sums),
        JW_UNIT(test_sums_that_overflow_are_no_identity),
        JW_UNIT(test_startups_that_cannot_be_are_refused),
        JW_UNIT(test_appraisal),
        JW_UNIT(test_a_line_with_and_without_a_model),
        JW_UNIT(test_appraisal_within_a_run),
        JW_UNIT(test_theil),
        JW_UNIT(test_solow_residual),
        JW_UNIT(test_quarters_measured_in_a_fork),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
