/* From an order to instances that work: cards are paid, arrive, go into racks, and what the site serves uses
 * them; a new site without cards gets its own. */
#include "base/test_base.h"
#include "twin/twin_fixture.h"

#include <string.h>

static jw_twin_def def; /* the world borrows its city */

static jw_world *town(int64_t budget_fen)
{
    twin_fixture_sites(&def, 2);
    jw_supply_card card = {.id = "card", .price_cny = 12000, .lead_days = 30, .is_domestic = 1};
    assert_int_equal(jw_twin_def_add_supply(&def, &card, NULL), JW_OK);
    def.industry.budget = (jw_budget_def){.is_on = true, .start_fen = budget_fen};
    return twin_fixture_create(&def, 1);
}

static jw_command place(const char *name, double count)
{
    jw_command command = jw_command_make("place_edge_site");
    jw_command_text(&command, "name", name);
    jw_command_number(&command, "x", 300);
    jw_command_number(&command, "y", 200);
    jw_command_text(&command, "card", "card");
    jw_command_number(&command, "count", count);
    return command;
}

static jw_command order(const char *site, double count)
{
    jw_command command = jw_command_make("order_cards");
    jw_command_text(&command, "card", "card");
    jw_command_text(&command, "site", site);
    jw_command_number(&command, "count", count);
    return command;
}

static char refusal[256];

static void note(void *context, const jw_log_entry *entry, const jw_error *error)
{
    (void)context;
    jw_text_copy(refusal, sizeof refusal, entry->result == JW_OK ? "" : error->message);
}

/* Why it was refused; "" when it was carried out. */
static const char *post(jw_world *world, jw_command command)
{
    jw_world_watch_commands(world, note, NULL);
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    twin_fixture_run_checked(world, 1);
    return refusal;
}

static double metric(const jw_world *world, const char *name)
{
    double value;
    assert_true(jw_world_metric(world, name, &value));
    return value;
}

static jw_site_state site_of(const jw_world *world, const char *name)
{
    jw_site_state site;
    const jw_compute *compute = jw_world_state(world, JW_TWIN_COMPUTE);
    jw_site_id id = jw_compute_find_site(compute, name);
    assert_true(id.index1 && jw_compute_site(world, compute, id.index1 - 1, &site));
    return site;
}

static void test_ordered_cards_work(void **state)
{
    (void)state;
    jw_world *world = town(10000000); /* 100,000 yuan: eight cards */
    twin_fixture_run_checked(world, 1);
    uint32_t before = site_of(world, "edge-1").instances;
    assert_true(before > 0);
    assert_non_null(strstr(post(world, order("edge-1", 9)), "has 100000.00 CNY"));
    assert_string_equal(post(world, order("edge-1", 8)), "");
    assert_true(metric(world, "economy.city_budget") == 4000 && metric(world, "ai.cards_coming") == 8);
    assert_int_equal(jw_ai_pass_days(world, jw_world_state(world, JW_TWIN_AI), 91.25, NULL), JW_OK);
    twin_fixture_run_checked(world, 4);
    jw_site_state site = site_of(world, "edge-1");
    assert_int_equal(site.cards, 16);
    assert_int_equal(site.instances, 2 * before); /* each service's share has doubled */
    assert_true(metric(world, "ai.cards_delivered") == 8 && metric(world, "economy.city_spent") == 96000);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_a_site_is_placed_and_filled(void **state)
{
    (void)state;
    jw_world *world = town(40000000);
    twin_fixture_run_checked(world, 1);
    assert_non_null(strstr(post(world, place("dear", 50)), "city")); /* 200,000 + 600,000 */
    assert_true(metric(world, "economy.city_budget") == 400000);
    assert_string_equal(post(world, place("new", 0)), "");
    assert_true(metric(world, "economy.city_budget") == 200000 && site_of(world, "new").cards == 0);
    assert_string_equal(post(world, order("new", 8)), "");
    assert_int_equal(jw_ai_pass_days(world, jw_world_state(world, JW_TWIN_AI), 31, NULL), JW_OK);
    assert_int_equal(site_of(world, "new").cards, 8);
    jw_command deploy = jw_command_make("deploy_model");
    jw_command_text(&deploy, "model", "signal-vision");
    jw_command_number(&deploy, "version", 2);
    assert_string_equal(post(world, deploy), ""); /* 10,000 a site, three of them */
    assert_true(metric(world, "economy.city_budget") == 200000 - 96000 - 30000);
    twin_fixture_run_checked(world, 60);
    assert_true(site_of(world, "new").instances > 0);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static jw_command port(const char *service, double person_days)
{
    jw_command command = jw_command_make("port_service");
    jw_command_text(&command, "service", service);
    jw_command_text(&command, "card", "card");
    jw_command_number(&command, "person_days", person_days);
    return command;
}

static double picture_s(const jw_world *world)
{
    const jw_compute *compute = jw_world_state(world, JW_TWIN_COMPUTE);
    return jw_compute_estimate_s(world, compute, jw_compute_find_site(compute, "edge-1"),
                                 jw_compute_find_service(compute, "signal-vision"), 1, 0, 0);
}

/* Half the efficiency doubles the arithmetic of a picture, 250 GFLOP at 0.3 of 140 TOPS, and not the 4 ms of
 * a launch; four engineers take 20 working days for 80 person-days,
 * 29.2 of the calendar, and the next porting waits for them. */
static void test_software_is_ported(void **state)
{
    (void)state;
    jw_world *world = town(100000000), *other;
    jw_ai *ai = jw_world_state(world, JW_TWIN_AI);
    twin_fixture_run_checked(world, 1);
    const double arithmetic_s = 250e9 / (0.3 * 140e12);
    assert_true(jw_abs(picture_s(world) - (arithmetic_s + 0.004)) < 1e-9);
    jw_command share = jw_command_make("set_software");
    jw_command_text(&share, "card", "card");
    jw_command_number(&share, "share", 0.5);
    assert_string_equal(post(world, share), "");
    assert_true(jw_abs(picture_s(world) - (2 * arithmetic_s + 0.004)) < 1e-9);
    assert_string_equal(post(world, port("signal-vision", 80)), "");
    assert_non_null(strstr(post(world, port("signal-vision", 80)), "is being ported"));
    assert_non_null(strstr(post(world, port("no-such", 80)), "no service \"no-such\""));
    assert_string_equal(post(world, port("city-llm", 40)), "");
    assert_true(metric(world, "economy.city_spent") == 120 * 1500);
    assert_int_equal(jw_ai_pass_days(world, ai, 29.1, NULL), JW_OK);
    assert_true(metric(world, "ai.ported_days") == 0);
    assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
    for (uint32_t i = 0; i < 3; i++) {
        twin_fixture_run_checked(world, 1);
        twin_fixture_run_checked(other, 1);
    }
    assert_true(jw_world_hash(world) == jw_world_hash(other));
    assert_int_equal(jw_ai_pass_days(other, jw_world_state(other, JW_TWIN_AI), 0.2, NULL), JW_OK);
    assert_true(metric(other, "ai.ported_days") == 80);
    assert_true(jw_abs(picture_s(other) - (arithmetic_s + 0.004)) < 1e-9);
    assert_int_equal(jw_ai_pass_days(other, jw_world_state(other, JW_TWIN_AI), 14.6, NULL), JW_OK);
    assert_true(metric(other, "ai.ported_days") == 120);
    jw_world_destroy(other);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {JW_UNIT(test_ordered_cards_work),
                                       JW_UNIT(test_a_site_is_placed_and_filled),
                                       JW_UNIT(test_software_is_ported)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
