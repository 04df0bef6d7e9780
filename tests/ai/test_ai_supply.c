/* The supply of cards: the export rule at its edges and against published cards, a maker that grows against
 * the integral of its output, orders whose cards are conserved. */
#include "ai_fixture.h"
#include "compute/damage.h"

#include <stdio.h>

enum { DAY_S = 86400 };
#define DAY_NS (DAY_S * 1000000000ll)

/* Of the figures that makers publish; the areas from memory. */
static const jw_supply_card cards[] = {
    {.id = "h100", .fp16_tflops = 989, .int8_tops = 1979, .die_mm2 = 814, .price_cny = 2e5, .lead_days = 2},
    {.id = "h20", .fp16_tflops = 148, .int8_tops = 296, .die_mm2 = 814, .price_cny = 1e5, .lead_days = 1},
    {.id = "domestic",
     .fp16_tflops = 700,
     .int8_tops = 700,
     .price_cny = 1e4,
     .lead_days = 0.5,
     .maker_per_day = 10,
     .maker_growth_per_day = 3650,
     .is_domestic = 1},
};

static double distance_to_0(double x)
{
    return x < 0 ? -x : x;
}

static jw_result try_create(jw_world **out)
{
    static const jw_ai_def def = {.cards = cards, .card_count = JW_COUNT_OF(cards)};
    static const jw_module_entry entries[] = {{&jw_ai_module, &def}};
    jw_world_def world = {.seed = 1, .dt_ns = 1000000000, .modules = entries, .module_count = 1};
    return jw_world_create(&world, out, NULL);
}

static jw_world *create(void)
{
    jw_world *world;
    assert_int_equal(try_create(&world), JW_OK);
    return world;
}

static jw_result order(jw_world *world, const char *card, uint32_t count, jw_error *error)
{
    uint32_t slot;
    return jw_ai_order_cards(world, ai_of(world), card, count, 7, &slot, error);
}

static void check_sums(const jw_world *world)
{
    jw_supply_state s;
    for (uint32_t i = 0; jw_ai_supply(ai_of(world), i, &s); i++) {
        assert_int_equal(s.ordered, s.coming + s.delivered + s.cancelled);
        assert_int_equal(jw_ai_card_stock(ai_of(world), s.def->id, 7), s.delivered);
    }
}

static void run_days(jw_world *world, double days)
{
    for (uint32_t i = 0; i < days * DAY_S; i++) {
        if (jw_world_step(world, NULL) != JW_OK)
            fail_msg("step %u failed", i);
        if (i % 3600 == 0)
            check_sums(world);
    }
    check_sums(world);
}

static bool restricts(jw_export_rule rule, double int8_tops, double die_mm2)
{
    jw_supply_card card = {.id = "c", .int8_tops = int8_tops, .die_mm2 = die_mm2};
    char why[JW_EXPORT_WHY_SIZE];
    bool is = jw_export_restricts(rule, &card, why);
    assert_true(is == (why[0] != 0));
    return is;
}

/* Published verdicts: H100, A100 and L40S need a licence, H20 (2368) was made to need none. */
static void test_the_rule_knows_published_cards(void **state)
{
    (void)state;
    assert_true(jw_supply_tpp(&cards[0]) == 15832 && jw_supply_tpp(&cards[1]) == 2368);
    assert_true(restricts(JW_EXPORT_OCT2023_FIRST, 1979, 814)); /* H100 */
    assert_true(restricts(JW_EXPORT_OCT2023_FIRST, 624, 826));  /* A100: 4992 */
    assert_true(restricts(JW_EXPORT_OCT2023_FIRST, 733, 609));  /* L40S: 5864 */
    assert_true(!restricts(JW_EXPORT_OCT2023, 296, 814));       /* H20: 2368 at 2.91 */
    assert_true(!restricts(JW_EXPORT_NONE, 1979, 814));
    jw_supply_card mixed = {.id = "c", .fp16_tflops = 300, .int8_tops = 500};
    assert_true(jw_supply_tpp(&mixed) == 4800);
}

static void test_the_rule_at_its_edges(void **state)
{
    (void)state;
    static const struct {
        double tpp, density;
        bool first, both;
    } cases[] = {
        {4800, 0.1, true, true},     {4799.9, 1.59, false, false}, {4799.9, 1.6001, false, true},
        {2400, 1.6001, false, true}, {2399.9, 3.19, false, false}, {2399.9, 3.2001, false, true},
        {1600, 3.2001, false, true}, {1600, 5.9201, true, true},   {1600, 5.91, false, true},
        {1599.9, 50, false, false},  {2399.9, 1.7, false, false},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        double tops = cases[i].tpp / 8, die_mm2 = cases[i].tpp / cases[i].density;
        if (restricts(JW_EXPORT_OCT2023_FIRST, tops, die_mm2) != cases[i].first ||
            restricts(JW_EXPORT_OCT2023, tops, die_mm2) != cases[i].both)
            fail_msg("case %u", i);
    }
    assert_true(restricts(JW_EXPORT_OCT2023_FIRST, 200, 0) && !restricts(JW_EXPORT_OCT2023, 199.9, 0));
    char why[JW_EXPORT_WHY_SIZE];
    assert_true(!jw_export_restricts(JW_EXPORT_OCT2023, &cards[2], why)); /* 11200, but domestic */
}

/* Summed in steps of a thousandth of a day: 10 a day that become 10 more a day each day. */
static void test_a_maker_grows(void **state)
{
    (void)state;
    double made = 0, days = 1.5, step = 1e-3;
    while (made < 100) {
        made += (10 + 10 * (days + step / 2)) * step;
        days += step;
    }
    assert_true(distance_to_0(jw_supply_made_days(&cards[2], 1.5, 100) - days) <= step);
    jw_supply_card steady = cards[2];
    steady.maker_growth_per_day = 0;
    assert_true(distance_to_0(jw_supply_made_days(&steady, 3, 25) - 5.5) < 1e-12);
    assert_true(jw_supply_made_days(&cards[0], 3, 1e6) == 3);
}

/* From 0, 60 cards take 2.6 days (10 t + 5 t^2 = 60), 100 more until 10 t + 5 t^2 = 160: t = 4.745; and then
 * half a day each. */
static void test_orders_queue_at_their_maker(void **state)
{
    (void)state;
    jw_world *world = create();
    assert_int_equal(order(world, "domestic", 60, NULL), JW_OK);
    assert_int_equal(order(world, "domestic", 100, NULL), JW_OK);
    assert_int_equal(order(world, "h20", 3, NULL), JW_OK);
    jw_order_state first, second, third;
    assert_true(jw_ai_order(ai_of(world), 0, &first) && jw_ai_order(ai_of(world), 1, &second) &&
                jw_ai_order(ai_of(world), 2, &third) && !jw_ai_order(ai_of(world), 3, &third));
    assert_true(distance_to_0((double)first.due_ns / DAY_NS - (2.605551275 + 0.5)) < 1e-8);
    assert_true(distance_to_0((double)second.due_ns / DAY_NS - (4.744562647 + 0.5)) < 1e-8);
    run_days(world, 3);
    assert_int_equal(jw_ai_card_stock(ai_of(world), "domestic", 7), 0);
    assert_int_equal(jw_ai_card_stock(ai_of(world), "h20", 7), 3);
    run_days(world, 0.5);
    assert_int_equal(jw_ai_card_stock(ai_of(world), "domestic", 7), 60);
    run_days(world, 2);
    assert_int_equal(jw_ai_card_stock(ai_of(world), "domestic", 7), 160);
    assert_int_equal(jw_ai_card_stock(ai_of(world), "domestic", 8), 0);
    jw_world_destroy(world);
}

/* By the verb; the next step carries it out. */
static void control(jw_world *world, const char *rule)
{
    jw_command command = jw_command_make("export_control");
    jw_command_text(&command, "rule", rule);
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    assert_int_equal(jw_world_step(world, NULL), JW_OK);
}

static void test_a_rule_comes(void **state)
{
    (void)state;
    jw_world *world = create();
    assert_int_equal(order(world, "h100", 5, NULL), JW_OK);
    run_days(world, 2.25);
    assert_int_equal(order(world, "h100", 8, NULL), JW_OK);
    assert_int_equal(order(world, "h20", 4, NULL), JW_OK);
    assert_int_equal(order(world, "domestic", 4, NULL), JW_OK);
    control(world, "oct2024"); /* there is none: the old one holds */
    assert_true(jw_ai_export_rule(ai_of(world)) == JW_EXPORT_NONE);
    control(world, "oct2023");
    jw_supply_state s;
    assert_true(jw_ai_supply(ai_of(world), 0, &s) && s.is_restricted);
    assert_true(s.ordered == 13 && s.delivered == 5 && s.cancelled == 8 && s.coming == 0);
    assert_true(s.spent_cny == 5 * 2e5); /* what is cancelled costs nothing */
    jw_error error = {0};
    assert_int_equal(order(world, "h100", 2, &error), JW_ERROR_STATE);
    assert_non_null(strstr(error.message, "15832"));
    assert_non_null(strstr(error.message, "4800"));
    run_days(world, 4);
    assert_int_equal(jw_ai_card_stock(ai_of(world), "h100", 7), 5);
    assert_int_equal(jw_ai_card_stock(ai_of(world), "h20", 7), 4);
    assert_int_equal(jw_ai_card_stock(ai_of(world), "domestic", 7), 4);
    assert_true(jw_ai_supply(ai_of(world), 0, &s) && s.refused == 2);
    control(world, "none");
    assert_int_equal(order(world, "h100", 2, NULL), JW_OK);
    jw_world_destroy(world);
}

static void test_bad_orders_and_cards_are_refused(void **state)
{
    (void)state;
    jw_world *world = create();
    assert_int_equal(order(world, "h300", 1, NULL), JW_ERROR_NOT_FOUND);
    assert_int_equal(order(world, "h20", 0, NULL), JW_ERROR_INPUT);
    assert_int_equal(order(world, "h20", JW_ORDER_MAX + 1, NULL), JW_ERROR_INPUT);
    jw_result result = JW_OK; /* the maker makes 67 million cards in 100 years: some order is one too many */
    for (uint32_t i = 0; i < 7000 && result == JW_OK; i++)
        result = order(world, "domestic", JW_ORDER_MAX, NULL);
    assert_int_equal(result, JW_ERROR_STATE);
    check_sums(world);
    jw_world_destroy(world);
    jw_supply_card bad[] = {cards[0], cards[0], cards[0], cards[0], cards[0]};
    bad[0].id[0] = 0;
    bad[1].price_cny = -1;
    bad[2].lead_days = 1e9;
    bad[3].maker_growth_per_day = 1;                  /* without maker_per_day */
    for (uint32_t i = 0; i < JW_COUNT_OF(bad); i++) { /* the last: twice the same */
        jw_supply_card two[] = {cards[0], bad[i]};
        jw_ai_def def = {.cards = two, .card_count = 2};
        jw_module_entry entry = {&jw_ai_module, &def};
        jw_world_def world_def = {.seed = 1, .modules = &entry, .module_count = 1};
        assert_int_equal(jw_world_create(&world_def, &world, NULL),
                         i == 4 ? JW_ERROR_EXISTS : JW_ERROR_INPUT);
    }
}

static jw_world *in_the_middle(void)
{
    jw_world *world = create();
    assert_int_equal(order(world, "h100", 5, NULL), JW_OK);
    assert_int_equal(order(world, "h20", 6, NULL), JW_OK);
    run_days(world, 1 - 4.0 / DAY_S); /* the h20 come in four steps */
    jw_ai_control_export(world, ai_of(world), JW_EXPORT_OCT2023_FIRST);
    assert_int_equal(order(world, "h100", 5, NULL), JW_ERROR_STATE);
    assert_int_equal(order(world, "domestic", 20, NULL), JW_OK);
    assert_int_equal(order(world, "h20", 20, NULL), JW_OK);
    return world;
}

static void test_a_restored_supply_goes_on_alike(void **state)
{
    (void)state;
    jw_world *world = in_the_middle(), *other;
    assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
    assert_true(jw_world_hash(other) == jw_world_hash(world));
    assert_int_equal(order(world, "domestic", 9, NULL), JW_OK); /* after the 20 in both */
    assert_int_equal(order(other, "domestic", 9, NULL), JW_OK);
    run_days(world, 4);
    run_days(other, 4);
    assert_true(jw_world_hash(other) == jw_world_hash(world));
    assert_int_equal(jw_ai_card_stock(ai_of(other), "domestic", 7), 29);
    assert_true(jw_ai_export_rule(ai_of(other)) == JW_EXPORT_OCT2023_FIRST);
    jw_world_destroy(other);
    jw_world_destroy(world);
}

/* Racks that take three orders' worth, and what came back for what was cancelled. */
static uint32_t racks_left;
static double taken_back_cny;

static bool take_into_racks(jw_world *world, uint64_t site, const char *card, uint32_t count)
{
    (void)world, (void)card, (void)count;
    return site == 7 && racks_left > 0 && racks_left--;
}

static bool is_up(jw_world *world, uint64_t site)
{
    (void)world, (void)site;
    return true;
}

static void take_back(jw_world *world, double cny)
{
    (void)world;
    taken_back_cny += cny;
}

/* As many as the racks take leave the stock; days that pass at once bring what falls due within them, and the
 * clock brings the rest at its time. */
static void test_days_pass_and_racks_fill(void **state)
{
    (void)state;
    static const jw_ai_ports ports = {
        .rack_cards = take_into_racks, .is_site_up = is_up, .take_back = take_back};
    jw_world *world = create(), *other;
    jw_ai *ai = ai_of(world);
    jw_ai_set_ports(ai, &ports);
    racks_left = 1;
    taken_back_cny = 0;
    assert_int_equal(order(world, "h20", 3, NULL), JW_OK);       /* due after a day */
    assert_int_equal(order(world, "h100", 2, NULL), JW_OK);      /* after two */
    assert_int_equal(order(world, "domestic", 60, NULL), JW_OK); /* after 3.105551 */
    assert_int_equal(jw_ai_pass_days(world, ai, 1.5, NULL), JW_OK);
    jw_order_state first, third;
    assert_true(jw_ai_order(ai, 0, &first) && first.phase == JW_ORDER_DELIVERED && first.is_racked);
    assert_int_equal(jw_ai_card_stock(ai, "h20", 7), 0);
    assert_true(jw_ai_order(ai, 2, &third) &&
                distance_to_0((double)third.due_ns / DAY_NS - 1.605551275) < 1e-8);
    assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
    jw_ai_set_ports(ai_of(other), &ports);
    for (uint32_t i = 0; i < 0.6 * DAY_S; i++)
        assert_true(jw_world_step(world, NULL) == JW_OK && jw_world_step(other, NULL) == JW_OK);
    assert_true(jw_world_hash(world) == jw_world_hash(other));
    assert_int_equal(jw_ai_card_stock(ai, "h100", 7), 2); /* no room */
    racks_left = 1;
    jw_ai_site_up(world, ai);
    assert_int_equal(jw_ai_card_stock(ai, "h100", 7), 0);
    assert_int_equal(order(world, "h100", 4, NULL), JW_OK);
    jw_ai_control_export(world, ai, JW_EXPORT_OCT2023_FIRST);
    assert_true(taken_back_cny == 4 * 2e5);
    assert_int_equal(jw_ai_pass_days(world, ai, 1.1, NULL), JW_OK);
    assert_int_equal(jw_ai_card_stock(ai, "domestic", 7), 60);
    jw_world_destroy(other);
    jw_world_destroy(world);
}

static void test_damaged_snapshots_are_refused_or_harmless(void **state)
{
    (void)state;
    jw_world *world = in_the_middle();
    assert_true(damage_all(world, 1, 8, true) > 0);
    jw_world_destroy(world);
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    bool has_failed = true;
    for (int64_t after = 0; has_failed; after++) {
        jw_world *world = NULL;
        jw_memory_fail_after(after);
        has_failed = try_create(&world) != JW_OK || order(world, "h20", 3, NULL) != JW_OK;
        for (uint32_t i = 0; i < 6 && !has_failed; i++)
            has_failed = jw_world_step(world, NULL) != JW_OK;
        jw_memory_fail_after(-1);
        if (world)
            check_sums(world);
        jw_world_destroy(world);
        assert_true(jw_allocated_bytes() == 0 && after < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_the_rule_knows_published_cards),
        JW_UNIT(test_the_rule_at_its_edges),
        JW_UNIT(test_a_maker_grows),
        JW_UNIT(test_orders_queue_at_their_maker),
        JW_UNIT(test_a_rule_comes),
        JW_UNIT(test_bad_orders_and_cards_are_refused),
        JW_UNIT(test_a_restored_supply_goes_on_alike),
        JW_UNIT(test_days_pass_and_racks_fill),
        JW_UNIT(test_damaged_snapshots_are_refused_or_harmless),
        JW_UNIT(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
