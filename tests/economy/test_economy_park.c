/* Parks: the path of their questions, what they lack and how they get it, two hundred of them. */
#include "compute/damage.h"
#include "economy/economy_fixture.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

static const inspector_def nobody = {.delay_s = -1};

typedef struct small_economy {
    jw_region_def regions[2];
    jw_park_def parks[2];
    jw_production_line_def lines[4];
    jw_economy_def def;
} small_economy;

/* One park with two lines, in one of two regions. */
static small_economy *make_small(small_economy *e)
{
    *e = (small_economy){
        .regions = {{.name = "east", .skilled = 5000, .unskilled = 1000, .decline_per_year = 0.02},
                    {.name = "west", .side = JW_REGION_WEST, .skilled = 500, .unskilled = 1000}},
        .parks = {{.name = "one",
                   .region = "west",
                   .fibre_gbps = 1,
                   .power_kw = 1000,
                   .people = 60,
                   .inference_per_s = 10,
                   .quality = 1,
                   .distance_km = 1000,
                   .cash_fen = 100000000000}},
        .def = {.region_count = 2, .park_count = 1, .line_count = 2, .fund = {.size_fen = 400000000000}}};
    for (uint32_t i = 0; i < 2; i++) {
        e->lines[i] = (jw_production_line_def){
            .park = "one", .cycle_s = 4, .mtbf_s = 1e9, .defect_share = 0.1, .crew = 10, .power_kw = 100};
        snprintf(e->lines[i].name, sizeof e->lines[i].name, "line-%u", i);
    }
    e->def.lines = e->lines;
    e->def.regions = e->regions;
    e->def.parks = e->parks;
    return e;
}

static jw_result order(jw_world *world, const char *verb, const char *key, const char *name, const char *what,
                       const char *number_key, double number)
{
    jw_command command = jw_command_make(verb);
    jw_command_text(&command, key, name);
    if (what)
        jw_command_text(&command, "what", what);
    if (number_key)
        jw_command_number(&command, number_key, number);
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    run_s(world, 0.5);
    return jw_world_log_entry(world, jw_world_log_count(world) - 1).result;
}

static jw_park_state park_of(const jw_world *world, uint32_t slot)
{
    jw_park_state park;
    assert_true(jw_economy_park(world, economy_of(world), slot, &park));
    return park;
}

static void close_quarter(jw_world *world)
{
    jw_quarter_results results = {.on_time_share = 1};
    assert_int_equal(
        jw_economy_close_quarter(world, economy_of(world), world, economy_of(world), &results, NULL), JW_OK);
    assert_true(is_identity_kept(world));
}

/* A picture of 5 Mbyte over 1 Gbit/s, 1,000 km there and back at 4.9 us/km, and a twentieth of a second:
 * 0.0998 s. A line that waits 0.1 s has its verdicts from the model, one that waits 0.099 s has none. */
static void test_time_of_a_verdict(void **state)
{
    (void)state;
    static const double patience_s[] = {0.1, 0.099};
    for (uint32_t i = 0; i < 2; i++) {
        small_economy e;
        make_small(&e)->def.line_count = 1;
        e.parks[0].picture_bytes = 5e6;
        e.lines[0].patience_s = patience_s[i];
        e.lines[0].fallback = JW_FALLBACK_BYPASS;
        jw_world *world = create_economy(&e.def, nobody);
        run_s(world, 4001);
        jw_production_line_state l = line_of(world, 0);
        assert_int_equal(l.made, 1000);
        assert_int_equal(l.inspected_by_model, i == 0 ? 1000 : 0);
        assert_true(i == 1 || (l.shipped_bad == 0 && l.scrapped_good == 0 && l.scrapped_bad > 50));
        assert_int_equal(inspector_of(world)->asked, 0); /* not through the port */
        jw_world_destroy(world);
    }
}

/* A second a picture for two lines of a part each 1.5 s: the queue grows until nobody is in time. */
static void test_slow_computers_are_of_no_use(void **state)
{
    (void)state;
    small_economy e;
    make_small(&e)->parks[0].inference_per_s = 1;
    e.lines[0].cycle_s = e.lines[1].cycle_s = 1.5;
    e.lines[0].patience_s = e.lines[1].patience_s = 3;
    e.lines[0].fallback = e.lines[1].fallback = JW_FALLBACK_BYPASS;
    jw_world *world = create_economy(&e.def, nobody);
    run_s(world, 3600);
    jw_park_state p = park_of(world, 0);
    assert_true(p.lacks == 1u << JW_PARK_INFERENCE && p.by_model < 100 && p.by_fallback > 4500);
    jw_world_destroy(world);
}

static void test_what_a_park_lacks_and_gets(void **state)
{
    (void)state;
    small_economy e;
    make_small(&e);
    e.parks[0].power_kw = 150;
    e.parks[0].inference_per_s = 0;
    e.parks[0].cash_fen = 20000000; /* 200,000 yuan */
    e.def.productivity.wage_fen_per_hour = 1;
    jw_world *world = create_economy(&e.def, nobody);
    run_s(world, 400);
    jw_park_state p = park_of(world, 0);
    assert_int_equal(p.lacks, 1 << JW_PARK_POWER | 1 << JW_PARK_INFERENCE);
    assert_true(p.needs[JW_PARK_POWER] == 200 && p.needs[JW_PARK_PEOPLE] == 60);
    assert_true(p.needs[JW_PARK_INFERENCE] == 8 && p.by_model == 0 && p.by_fallback > 60);
    assert_true(line_of(world, 0).made > 60 && line_of(world, 1).made == 0 && !line_of(world, 1).is_up);
    /* 50 kW at 5,000 yuan: more than it has. */
    assert_int_equal(order(world, "equip_park", "name", "one", "power", NULL, 0), JW_ERROR_STATE);
    assert_int_equal(order(world, "equip_park", "name", "one", "water", NULL, 0), JW_ERROR_NOT_FOUND);
    assert_int_equal(order(world, "equip_park", "name", "two", "power", NULL, 0), JW_ERROR_NOT_FOUND);
    assert_int_equal(order(world, "equip_park", "name", "one", "fibre", NULL, 0),
                     JW_ERROR_STATE); /* has it */
    assert_int_equal(order(world, "fund_park", "name", "one", NULL, "cny", 1e6),
                     JW_ERROR_STATE); /* no tranche */
    assert_int_equal(park_of(world, 0).cash_fen, 20000000);
    close_quarter(world);
    assert_int_equal(order(world, "fund_park", "name", "one", NULL, "cny", 1e6), JW_OK);
    int64_t cash_fen = park_of(world, 0).cash_fen;
    assert_int_equal(order(world, "equip_park", "name", "one", "power", NULL, 0), JW_OK);
    assert_int_equal(order(world, "equip_park", "name", "one", "inference", NULL, 0), JW_OK);
    assert_int_equal(cash_fen - park_of(world, 0).cash_fen, 50 * 500000 + 8 * 300000);
    assert_int_equal(order(world, "equip_park", "name", "one", "power", NULL, 0),
                     JW_ERROR_STATE); /* ordered */
    assert_int_equal(park_of(world, 0).coming, 1 << JW_PARK_POWER | 1 << JW_PARK_INFERENCE);
    close_quarter(world); /* the computers */
    assert_int_equal(park_of(world, 0).lacks, 1 << JW_PARK_POWER);
    close_quarter(world); /* the power */
    assert_int_equal(park_of(world, 0).lacks, 0);
    jw_quarter last;
    assert_true(jw_economy_quarter(economy_of(world), 2, &last) && last.parks_complete == 1);
    int64_t by_model = park_of(world, 0).by_model;
    run_s(world, 400);
    assert_true(line_of(world, 1).made > 60 && park_of(world, 0).by_model > by_model + 150);
    jw_world_destroy(world);
}

static jw_result move(jw_world *world, const char *from, const char *to, double people)
{
    jw_command command = jw_command_make("move_people");
    jw_command_text(&command, "from", from);
    jw_command_text(&command, "to", to);
    jw_command_number(&command, "people", people);
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    run_s(world, 0.5);
    return jw_world_log_entry(world, jw_world_log_count(world) - 1).result;
}

/* Idle people move and nobody is lost, through a snapshot and years of retirement; who came is hired. */
static void test_people_move_between_regions(void **state)
{
    (void)state;
    small_economy e;
    make_small(&e)->def.productivity.wage_fen_per_hour = 1;
    e.regions[1].skilled = 40;
    e.parks[0].people = 40;
    jw_world *world = create_economy(&e.def, nobody), *other = create_economy(&e.def, nobody);
    jw_region_state east, west;
    assert_int_equal(order(world, "equip_park", "name", "one", "people", NULL, 0), JW_ERROR_STATE);
    assert_int_equal(move(world, "east", "west", 5001), JW_ERROR_STATE);
    assert_int_equal(move(world, "west", "east", 1), JW_ERROR_STATE);
    assert_int_equal(move(world, "east", "east", 1), JW_ERROR_INPUT);
    assert_int_equal(move(world, "east", "north", 1), JW_ERROR_NOT_FOUND);
    assert_int_equal(move(world, "east", "west", 120), JW_OK);
    assert_true(jw_economy_region(world, economy_of(world), 0, &east) && east.idle == 4880 &&
                east.arrived == -120);
    assert_true(jw_economy_region(world, economy_of(world), 1, &west) && west.idle == 120 &&
                west.arrived == 120);
    assert_int_equal(order(world, "equip_park", "name", "one", "people", NULL, 0), JW_OK);
    jw_writer image = {0};
    assert_int_equal(jw_world_save(world, &image, NULL), JW_OK);
    assert_int_equal(jw_world_restore(other, image.bytes, image.size, NULL), JW_OK);
    jw_writer_free(&image);
    for (uint32_t q = 0; q < 40; q++) {
        close_quarter(world);
        close_quarter(other);
    }
    assert_true(jw_world_hash(world) == jw_world_hash(other));
    jw_economy_region(world, economy_of(world), 0, &east);
    jw_economy_region(world, economy_of(world), 1, &west);
    assert_int_equal(east.employed + east.idle + east.unskilled + east.training + east.retired, 5880);
    assert_int_equal(west.employed + west.idle + west.unskilled + west.training + west.retired, 1160);
    jw_world_destroy(other);
    jw_world_destroy(world);
}

/* People come out of the region's idle ones; who are not there must be trained, which takes two quarters. */
static void test_people(void **state)
{
    (void)state;
    small_economy e;
    make_small(&e)->parks[0].people = 30;
    e.regions[1].skilled = 40;
    jw_world *world = create_economy(&e.def, nobody);
    jw_region_state r;
    assert_int_equal(park_of(world, 0).lacks, 1 << JW_PARK_PEOPLE);
    assert_int_equal(order(world, "equip_park", "name", "one", "people", NULL, 0), JW_ERROR_STATE);
    assert_int_equal(order(world, "retrain", "region", "west", NULL, "people", 20),
                     JW_ERROR_STATE); /* no money */
    close_quarter(world);
    assert_int_equal(order(world, "retrain", "region", "west", NULL, "people", 2000), JW_ERROR_INPUT);
    assert_int_equal(order(world, "retrain", "region", "north", NULL, "people", 1), JW_ERROR_NOT_FOUND);
    assert_int_equal(order(world, "retrain", "region", "west", NULL, "people", 20), JW_OK);
    close_quarter(world);
    assert_true(jw_economy_region(world, economy_of(world), 1, &r));
    assert_true(r.idle == 10 && r.training == 20 && r.unskilled == 980 && r.employed == 30);
    close_quarter(world);
    assert_int_equal(order(world, "equip_park", "name", "one", "people", NULL, 0), JW_OK);
    close_quarter(world);
    assert_true(jw_economy_region(world, economy_of(world), 1, &r));
    assert_true(r.idle == 0 && r.training == 0 && r.employed == 60 && park_of(world, 0).lacks == 0);
    /* The east shrinks by 2 % a year: 0.98^10 of 6,000 are left after ten years. */
    for (uint32_t q = 4; q < 40; q++)
        close_quarter(world);
    assert_true(jw_economy_region(world, economy_of(world), 0, &r));
    print_message("%lld of 6000 people retired in ten years, expected 1098\n", (long long)r.retired);
    assert_true(r.retired > 1085 && r.retired < 1111);
    jw_world_destroy(world);
}

/* ---- two hundred */

enum { PARKS = 220, PARK_LINES = 2 };

/* Half east, half west, each with two lines of five stations and a cycle of its own. */
static jw_world *make_many(void)
{
    static jw_park_def parks[PARKS];
    static jw_production_line_def lines[PARKS * PARK_LINES];
    static const jw_region_def regions[2] = {{.name = "east", .skilled = 1000000},
                                             {.name = "west", .side = JW_REGION_WEST, .skilled = 1000000}};
    for (uint32_t i = 0; i < PARKS; i++) {
        jw_production_line_def *own = &lines[i * PARK_LINES];
        for (uint32_t k = 0; k < PARK_LINES; k++) {
            own[k] = (jw_production_line_def){
                .mtbf_s = 4 * 3600, .mttr_s = 900, .station_count = 5, .crew = 8, .power_kw = 120};
            for (uint32_t s = 0; s < 5; s++)
                own[k].stations[s] = (jw_station_def){
                    .cycle_s = 20 + i % 21 + s, .cycle_cv = 0.2, .defect_share = 0.004, .buffer = 4};
            snprintf(own[k].name, sizeof own[k].name, "park-%u-line-%u", i, k);
            snprintf(own[k].park, sizeof own[k].park, "park-%u", i);
        }
        jw_economy_draw_park(5, i, i % 2 ? "west" : "east", own, PARK_LINES, &parks[i]);
        snprintf(parks[i].name, sizeof parks[i].name, "park-%u", i);
    }
    jw_economy_def def = {.lines = lines,
                          .line_count = PARKS * PARK_LINES,
                          .regions = regions,
                          .region_count = 2,
                          .parks = parks,
                          .park_count = PARKS};
    return create_economy(&def, nobody);
}

static void test_two_hundred_parks_for_an_hour(void **state)
{
    (void)state;
    jw_world *world = make_many(), *other;
    uint32_t lacking[JW_PARK_NEED_COUNT] = {0};
    for (uint32_t i = 0; i < PARKS; i++)
        for (uint32_t n = 0; n < JW_PARK_NEED_COUNT; n++)
            lacking[n] += park_of(world, i).lacks >> n & 1;
    static const double shares[] = {0.4, 0.2, 0.3, 0.7};
    for (uint32_t n = 0; n < JW_PARK_NEED_COUNT; n++) {
        double share = (double)lacking[n] / PARKS, p = shares[n];
        print_message("%s: %.3f of the parks lack it, expected %.2f\n", jw_park_need_name((jw_park_need)n),
                      share, p);
        assert_true((share - p) * (share - p) < 2.576 * 2.576 * p * (1 - p) / PARKS);
    }
    clock_t before = clock();
    run_s(world, 3600);
    double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
    int64_t made = 0;
    for (uint32_t i = 0; i < PARKS; i++)
        made += park_of(world, i).made;
    print_message("220 parks, 440 lines, an hour: %.3f s of processor time, %llu events, %lld parts\n",
                  seconds, (unsigned long long)jw_world_event_count(world), (long long)made);
    assert_true(made > 25000);
    assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
    run_s(world, 60);
    run_s(other, 60);
    assert_true(jw_world_hash(world) == jw_world_hash(other));
    jw_world_destroy(other);
    jw_world_destroy(world);
}

/* ---- bad input, snapshots */

static void test_parks_that_cannot_be_are_refused(void **state)
{
    (void)state;
    small_economy e;
    jw_world *world;
#define REFUSED(code, change)                                                                                \
    do {                                                                                                     \
        jw_error error = {0};                                                                                \
        make_small(&e);                                                                                      \
        change;                                                                                              \
        if (try_create(&e.def, nobody, &world, &error) != code || !error.message[0])                         \
            fail_msg("taken: %s", #change);                                                                  \
    } while (0)
    REFUSED(JW_ERROR_INPUT, e.parks[0].fibre_gbps = -1);
    REFUSED(JW_ERROR_INPUT, e.parks[0].quality = 1.01);
    REFUSED(JW_ERROR_INPUT, e.parks[0].power_kw = (double)NAN);
    REFUSED(JW_ERROR_INPUT, e.parks[0].people = 501); /* there are 500 */
    REFUSED(JW_ERROR_INPUT, e.parks[0].cash_fen = -1);
    REFUSED(JW_ERROR_NOT_FOUND, snprintf(e.parks[0].region, 24, "north"));
    REFUSED(JW_ERROR_EXISTS, e.parks[0].name[0] = 0);
    REFUSED(JW_ERROR_EXISTS, (e.parks[1] = e.parks[0], e.parks[1].people = 1, e.def.park_count = 2));
    REFUSED(JW_ERROR_EXISTS, snprintf(e.regions[1].name, 24, "east"));
    REFUSED(JW_ERROR_INPUT, e.regions[0].decline_per_year = 0.9);
    REFUSED(JW_ERROR_INPUT, e.regions[0].skilled = -1);
    REFUSED(JW_ERROR_INPUT, e.def.fund.leverage = 0.5);
    REFUSED(JW_ERROR_INPUT, e.def.fund.size_fen = -1);
    REFUSED(JW_ERROR_INPUT, e.def.productivity.alpha = 1);
}

static jw_world *make_busy(void)
{
    small_economy e;
    make_small(&e);
    e.lines[0].cycle_s = e.lines[1].cycle_s = 1;
    e.parks[0].inference_per_s = 1;
    e.lines[0].sample_s = 3;
    e.lines[0].patience_s = 2.5;
    jw_supplier_def supplier = {.name = "start-up",
                                .region = "east",
                                .cash_fen = 1000,
                                .build_fen = 500,
                                .fixed_fen = 100,
                                .price_fen = 50,
                                .capacity = 10,
                                .build_quarters = 2,
                                .demand_share = 0.5};
    e.def.suppliers = &supplier;
    e.def.supplier_count = 1;
    jw_world *world = create_economy(&e.def, nobody);
    run_s(world, 60);
    close_quarter(world);
    assert_int_equal(order(world, "guarantee", "supplier", "start-up", NULL, "quarters", 3), JW_OK);
    assert_int_equal(order(world, "equip_park", "name", "one", "inference", NULL, 0), JW_OK);
    jw_command appraise = jw_command_make("appraise");
    jw_command_number(&appraise, "capex_cny", 1000);
    assert_int_equal(jw_world_post(world, &appraise, NULL), JW_OK);
    run_s(world, 10);
    return world;
}

/* A park's lines are its own, in their order, in a run and in its snapshot; to ask all parks does not take a
 * look at every line for each. */
static void test_many_parks(void **state)
{
    (void)state;
    enum { MANY = 8000 };
    jw_park_def *parks = jw_alloc(MANY * sizeof *parks);
    jw_production_line_def *lines = jw_alloc(2 * MANY * sizeof *lines);
    jw_region_def region = {.name = "r"};
    assert_true(parks && lines);
    for (uint32_t i = 0; i < MANY; i++) {
        snprintf(parks[i].name, sizeof parks[i].name, "p-%u", i);
        snprintf(parks[i].region, sizeof parks[i].region, "r");
    }
    for (uint32_t i = 0; i < 2 * MANY; i++) {
        snprintf(lines[i].name, sizeof lines[i].name, "l-%u", i);
        snprintf(lines[i].park, sizeof lines[i].park, "p-%u", i % MANY);
        lines[i].power_kw = 1 + i;
    }
    jw_economy_def def = {.regions = &region,
                          .region_count = 1,
                          .parks = parks,
                          .park_count = MANY,
                          .lines = lines,
                          .line_count = 2 * MANY};
    jw_world *world = create_economy(&def, (inspector_def){.quality = 1}), *fork;
    assert_int_equal(jw_world_fork(world, &fork, NULL), JW_OK);
    for (uint32_t i = 0; i < MANY; i++) {
        jw_park_state park, again;
        assert_true(jw_economy_park(world, economy_of(world), i, &park));
        assert_true(jw_economy_park(fork, economy_of(fork), i, &again));
        assert_true(park.lines == 2 && again.lines == 2);
        assert_true(park.needs[JW_PARK_POWER] == 2 + 2.0 * i + MANY);
        assert_true(again.needs[JW_PARK_POWER] == park.needs[JW_PARK_POWER]);
    }
    jw_world_destroy(fork);
    jw_world_destroy(world);
    jw_free(parks);
    jw_free(lines);
}

static void test_damaged_snapshots_are_refused_or_harmless(void **state)
{
    (void)state;
    jw_world *world = make_busy(), *other;
    jw_error error = {0};
    if (jw_world_fork(world, &other, &error) != JW_OK)
        fail_msg("%s", error.message);
    jw_world_destroy(other);
    assert_true(damage_all(world, 1, 20, true) > 0);
    jw_world_destroy(world);
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    bool has_failed = true;
    for (int64_t after = 0; has_failed; after++) {
        small_economy e;
        jw_world *world = NULL;
        make_small(&e);
        jw_memory_fail_after(after);
        has_failed = try_create(&e.def, nobody, &world, NULL) != JW_OK;
        for (uint32_t i = 0; i < 100 && !has_failed; i++)
            has_failed = jw_world_step(world, NULL) != JW_OK;
        if (!has_failed) {
            jw_quarter_results results = {.on_time_share = 1};
            has_failed = jw_economy_close_quarter(world, economy_of(world), world, economy_of(world),
                                                  &results, NULL) != JW_OK;
            assert_true(is_identity_kept(world));
        }
        jw_memory_fail_after(-1);
        jw_world_destroy(world);
        assert_true(jw_allocated_bytes() == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_time_of_a_verdict),
        JW_UNIT(test_slow_computers_are_of_no_use),
        JW_UNIT(test_what_a_park_lacks_and_gets),
        JW_UNIT(test_people_move_between_regions),
        JW_UNIT(test_people),
        JW_UNIT(test_two_hundred_parks_for_an_hour),
        JW_UNIT(test_parks_that_cannot_be_are_refused),
        JW_UNIT(test_many_parks),
        JW_UNIT(test_damaged_snapshots_are_refused_or_harmless),
        JW_UNIT(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
