/* Drills: what scenarios do to the servers of a district, and what comes of it. */
#include "script_district.h"

#include <math.h>

/* Steps and checks every identity after each: no request is lost from the count or counted twice. */
static void run_s(jw_world *world, double seconds)
{
    jw_error error = {0};
    for (int i = 0; i < (int)(2 * seconds); i++) {
        step_world(world, 1);
        if (!jw_twin_is_consistent(world, &error))
            fail_msg("%s", error.message);
        jw_request_counts c = jw_twin_requests(world, JW_NONE);
        assert_true(c.sent == c.answered + c.lost + c.in_flight && c.refused + c.no_budget <= c.lost);
    }
    assert_string_equal(jw_script_last_error(world), "");
}

static jw_site_state site_of(const jw_world *world, const char *name)
{
    const jw_compute *compute = jw_world_state(world, JW_TWIN_COMPUTE);
    jw_site_state state;
    assert_true(jw_compute_site(world, compute, jw_compute_find_site(compute, name).index1 - 1, &state));
    return state;
}

/* ---- choice of sites in Lua ---- */

static void test_a_script_chooses_the_sites(void **state)
{
    (void)state;
    write_text_file(
        "choose.lua",
        "return scenario { title = 'x', routing = { interval_s = 5, types = { 'signal' },\n"
        "  choose = function(request, storage, p)\n"
        "    storage.asked = (storage.asked or 0) + 1\n"
        "    local best\n"
        "    for i, name in ipairs(request.site) do\n"
        "      if request.network_s[i] < 0 or request.load[i] > 1 or request.kgco2_per_kwh[i] <= 0\n"
        "        or request.price_cny_per_kwh[i] <= 0 or request.compute_s[i] <= 0 then error 'odd' end\n"
        "      if request.tier[i] == 'city' then best = i end\n"
        "    end\n"
        "    return best\n"
        "  end } }\n");
    jw_world *world = make_world("choose.lua");
    run_s(world, 60);
    assert_true(jw_twin_request_type(world, 0)->policy == JW_POLICY_SCRIPT);
    assert_true(jw_twin_request_type(world, 1)->policy == JW_POLICY_DEFAULT);
    int64_t cloud = site_of(world, "city-cloud").done;
    jw_request_counts signal = jw_twin_requests(world, 0);
    assert_true(signal.answered > 500 && cloud >= signal.answered);
    jw_world *copy = copy_world(world, 2); /* made in the middle it goes on alike */
    run_s(world, 20);
    run_s(copy, 20);
    assert_true(jw_world_hash(copy) == jw_world_hash(world));
    jw_world_destroy(copy);
    jw_world_destroy(world);
}

static void test_wrong_choices_are_named(void **state)
{
    (void)state;
    static const char *const answers[][2] = {
        {"99", "99 is no row"}, {"{ -1 }", "weight of row 1 must be"}, {"'city-cloud'", "is no row"}};
    for (uint32_t i = 0; i < JW_COUNT_OF(answers); i++) {
        char text[300];
        snprintf(text, sizeof text,
                 "return scenario { title = 'x', routing = { choose = function() return %s end } }\n",
                 answers[i][0]);
        write_text_file("wrong.lua", text);
        jw_world *world = make_world("wrong.lua");
        jw_log_to(no_log, NULL);
        step_world(world, 20);
        jw_log_to(NULL, NULL);
        assert_contains(jw_script_last_error(world), answers[i][1]);
        assert_true(jw_twin_request_type(world, 0)->policy == JW_POLICY_DEFAULT); /* the city's again */
        jw_world_destroy(world);
    }
}

/* ---- drills ---- */

static jw_world *make_drill(const char *name)
{
    char path[300];
    snprintf(path, sizeof path, JW_SOURCE_FOLDER "/scripts/%s.lua", name);
    return make_world(path);
}

static void post(jw_world *world, const char *verb, const char *key, const char *text, const char *key2,
                 double number)
{
    jw_error error = {0};
    jw_command command = jw_command_make(verb);
    jw_command_text(&command, key, text);
    if (key2)
        jw_command_number(&command, key2, number);
    assert_int_equal(jw_world_post(world, &command, &error), JW_OK);
}

static void post_decider(jw_world *world, const char *kind, const char *by)
{
    jw_command command = jw_command_make("set_decider");
    jw_command_text(&command, "kind", kind);
    jw_command_text(&command, "by", by);
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
}

static jw_request_counts of_type(const jw_world *world, const char *name)
{
    for (uint32_t i = 0; i < jw_twin_request_type_count(world); i++)
        if (strcmp(jw_twin_request_type(world, i)->name, name) == 0)
            return jw_twin_requests(world, i);
    fail();
    return (jw_request_counts){0};
}

static int64_t in_time(jw_request_counts counts)
{
    return counts.answered - counts.late;
}

/* Cut off: the edge serves on, junctions on the cloud's own masts fall back, questions are lost; and all is
 * as before once it is back. With the cloud alone serving, every junction falls back. */
static void test_cloud_cut(void **state)
{
    (void)state;
    for (int is_edge_serving = 0; is_edge_serving < 2; is_edge_serving++) {
        jw_world *world = make_drill("cloud_cut");
        if (!is_edge_serving)
            post(world, "set_policy", "name", "cloud_only", NULL, 0);
        run_s(world, 175);
        assert_true(number_of(world, "twin.signals_by_ai") > 95);
        run_s(world, 60);
        jw_request_counts before = of_type(world, "assistant");
        run_s(world, 230);
        jw_request_counts during = of_type(world, "assistant");
        double by_ai = number_of(world, "twin.signals_by_ai");
        assert_true(is_edge_serving ? by_ai > 95 : by_ai == 0);
        assert_int_equal(during.answered, before.answered);
        assert_true(during.lost > before.lost);
        run_s(world, 60);
        double lost = number_of(world, "twin.requests_lost");
        run_s(world, 90);
        assert_true(number_of(world, "twin.signals_by_ai") > 95);
        assert_true(number_of(world, "twin.requests_lost") <= lost + 2); /* drivers who arrive meanwhile */
        assert_true(of_type(world, "assistant").answered > during.answered);
        jw_world_destroy(world);
    }
}

/* The first cut of the ring is not noticed; the second makes an island of the site. */
static void test_fibre_cut(void **state)
{
    (void)state;
    jw_world *world = make_drill("data_flow");
    run_s(world, 180);
    double lost = number_of(world, "twin.requests_lost");
    run_s(world, 175);
    assert_true(number_of(world, "twin.requests_lost") <= lost + 2);
    assert_true(number_of(world, "twin.signals_by_ai") > 95);
    run_s(world, 120);
    assert_true(number_of(world, "twin.requests_lost") > lost + 200);
    assert_true(number_of(world, "twin.signals_by_ai") < 90);
    run_s(world, 200);
    assert_true(number_of(world, "twin.signals_by_ai") > 95);
    assert_contains(log_line(world, 1), "Two minutes after cut 2");
    jw_world_destroy(world);
}

/* The neighbours take over: few more are without a cell, few questions are lost, the signals go on. */
static void test_cell_down(void **state)
{
    (void)state;
    jw_world *world = make_drill("cell_down");
    run_s(world, 295);
    double handovers = number_of(world, "network.handovers");
    jw_request_counts before = of_type(world, "assistant");
    double outages = number_of(world, "network.outages");
    run_s(world, 300);
    jw_request_counts after = of_type(world, "assistant");
    /* Some are out of reach on this map at any time; of the sixteen of the cell more than half are taken
     * over: the rest are home blocks, indoors. */
    assert_true(number_of(world, "network.outages") < outages + 8);
    assert_true(number_of(world, "network.handovers") > handovers);
    assert_true(number_of(world, "twin.signals_by_ai") > 95);
    assert_true(after.answered - before.answered > 3 * (after.lost - before.lost));
    assert_contains(log_line(world, 0), "goes down with");
    jw_world_destroy(world);
}

/* Cards fail under questions: each is answered, tried again or lost, and the site is whole again. */
static void test_card_failure(void **state)
{
    (void)state;
    jw_world *world = make_drill("card_failure");
    run_s(world, 210);
    jw_request_counts counts = of_type(world, "assistant");
    assert_int_equal(site_of(world, "city-cloud").cards_failed, 3);
    assert_true(counts.retried > 0 && counts.answered > 10 * counts.lost); /* the cards beside go on */
    run_s(world, 90);
    assert_int_equal(site_of(world, "city-cloud").cards_failed, 16);
    run_s(world, 90);
    jw_site_state site = site_of(world, "city-cloud");
    assert_true(site.cards_failed == 0 && site.is_up);
    counts = of_type(world, "assistant");
    run_s(world, 120);
    assert_true(of_type(world, "assistant").answered > counts.answered + 300);
    jw_world_destroy(world);
}

/* Without batteries the edge is dark at once and the cloud answers for it; with 0.15 kWh in each it lasts
 * some minutes, as long as its power says; and all are up again when the grid is back. */
static void test_power_cut(void **state)
{
    (void)state;
    jw_world *world = make_drill("power_cut");
    run_s(world, 135); /* counted from the first look */
    assert_contains(log_line(world, 0), "batteries hold 0.0 kWh");
    run_s(world, 20);
    double drawn_kw = 0, minutes = -1, each_kwh = 0; /* of a battery for 20 min, as one may check */
    assert_int_equal(sscanf(strstr(log_line(world, 0), "draw "), "draw %lf kW", &drawn_kw), 1);
    assert_int_equal(sscanf(log_line(world, 1), "For %lf min each would need %lf", &minutes, &each_kwh), 2);
    assert_true(drawn_kw > 0.4 && minutes == 20 && fabs(4 * each_kwh - drawn_kw / 3) < 0.03);
    assert_contains(log_line(world, 2), "4 of 4 edge sites are dark");
    jw_request_counts before = of_type(world, "signal");
    run_s(world, 60);
    jw_request_counts after = of_type(world, "signal");
    assert_true(after.answered - before.answered > 10 * (after.lost - before.lost));
    assert_true(number_of(world, "twin.signals_by_ai") > 95);
    run_s(world, 420);
    assert_contains(last_line(world), "Power is back: meanwhile 4 sites went dark");
    assert_true(site_of(world, "edge-1").is_up);
    jw_world_destroy(world);

    for (uint32_t i = 0; i < district_def.site_count; i++) {
        district_def.sites[i].battery_kwh = district_def.sites[i].tier == JW_TIER_EDGE ? 0.15 : 0;
        district_def.sites[i].battery_kw = 5;
    }
    world = make_drill("power_cut");
    run_s(world, 135);
    jw_site_energy energy; /* it has charged before: power is cheap until eight */
    const jw_compute *compute = jw_world_state(world, JW_TWIN_COMPUTE);
    assert_true(jw_compute_site_energy(world, compute, site_of(world, "edge-1").id.index1 - 1, &energy) &&
                !energy.has_grid);
    double lasts_s = (double)energy.stored_mj / 1000 / site_of(world, "edge-1").power_w;
    assert_true(lasts_s > 120 && lasts_s < 450);
    run_s(world, lasts_s - 75); /* dark from the minute that it cannot carry to its end */
    assert_true(site_of(world, "edge-1").is_up);
    run_s(world, 80);
    assert_true(!site_of(world, "edge-1").is_up);
    run_s(world, 490 - lasts_s);
    assert_true(site_of(world, "edge-1").is_up);
    jw_world_destroy(world);
    for (uint32_t i = 0; i < district_def.site_count; i++)
        district_def.sites[i].battery_kwh = 0;
}

/* Questions a second that are answered in time at ten times what the cloud carries. */
static double goodput_of_overload(bool is_admitting, double *out_calm)
{
    jw_world *world = make_drill("overload");
    run_s(world, 120);
    if (!is_admitting)
        post(world, "set_guard", "type", "assistant", "admission", 0);
    jw_request_counts a = of_type(world, "assistant");
    run_s(world, 175);
    jw_request_counts b = of_type(world, "assistant");
    *out_calm = (double)(in_time(b) - in_time(a)) / 175;
    run_s(world, 125);
    a = of_type(world, "assistant");
    run_s(world, 175);
    b = of_type(world, "assistant");
    assert_true((double)(b.sent - a.sent) > 9 * 6 * 175);
    jw_world_destroy(world);
    return (double)(in_time(b) - in_time(a)) / 175;
}

/* With admission the answers in time stay at their peak (or above: who is taken asks shortly); without it
 * they collapse. */
static void test_overload(void **state)
{
    (void)state;
    double calm, with = goodput_of_overload(true, &calm);
    assert_true(calm > 3 && with > 0.9 * calm);
    double without = goodput_of_overload(false, &calm);
    printf("in time: %.1f a second before, %.1f overloaded with admission, %.1f without\n", calm, with,
           without);
    if (without > 0.2 * with)
        fail_msg("%.1f a second in time without admission, %.1f with", without, with);
}

static void test_flash_crowd(void **state)
{
    (void)state;
    jw_world *world = make_drill("flash_crowd");
    run_s(world, 290);
    uint32_t before = site_of(world, "city-cloud").instances;
    run_s(world, 300);
    uint32_t during = site_of(world, "city-cloud").instances;
    jw_request_counts counts = of_type(world, "assistant");
    assert_true(during > before && counts.refused > 0 && in_time(counts) > 1000);
    run_s(world, 240);
    assert_true(site_of(world, "city-cloud").instances < during); /* and they go again */
    jw_world_destroy(world);
}

/* Waves to the edge, then the cloud; the site that fails on the way loses its junctions for two minutes. */
static void test_rollout(void **state)
{
    (void)state;
    jw_world *world = make_drill("ai_rollout");
    run_s(world, 355);
    assert_true(number_of(world, "twin.signals_by_ai") < 90);
    run_s(world, 310);
    assert_true(number_of(world, "twin.signals_by_ai") > 95);
    assert_contains(last_line(world), "Of 1000 decisions");
    int now = 0, before = 0;
    assert_int_equal(sscanf(last_line(world), "Of 1000 decisions %d on a wrong count now, %d", &now, &before),
                     2);
    /* A phase is counted right by 0.92 and 0.97, and at most junctions somebody is before one of them or
     * none: 80 and 30 of 1000 are for one. Of all eight it would be 487 and 216. */
    assert_true(before > 15 && before < 120 && now > 4 && now < before);
    jw_world_destroy(world);
}

static void assert_said_in_chinese(const jw_world *world, const char *part)
{
    uint32_t count;
    const jw_frame_event *events = jw_twin_events(world, &count);
    bool has_zh = false;
    for (uint32_t k = 0; k < count; k++)
        has_zh |= strstr(events[k].text_zh, part) != NULL;
    assert_true(has_zh);
}

/* What a drill of the streets tells: mean queues on its street and upstream of it, during and before. */
typedef struct told {
    double here_m, here_before_m, away_m, away_before_m, kmh, kmh_before;
    char feeder[128]; /* the street that leads there whose queue grew most; "": none */
    unsigned junctions;
} told;

static told read_told(const char *line)
{
    told t = {0};
    const char *figures = strstr(strstr(line, ". ") ? strstr(line, ". ") : "", ": ");
    assert_non_null(figures);
    assert_int_equal(sscanf(figures, ": %lf m here in the mean, %lf before; %lf m upstream, %lf before",
                            &t.here_m, &t.here_before_m, &t.away_m, &t.away_before_m),
                     4);
    const char *feeder = strstr(figures, ", on "), *speed = strstr(figures, "Mean speed of the city ");
    if (feeder)
        assert_int_equal(
            sscanf(feeder, ", on %127[^(](junctions on the way here: %u)", t.feeder, &t.junctions), 2);
    assert_non_null(speed);
    assert_int_equal(sscanf(speed, "Mean speed of the city %lf km/h, %lf", &t.kmh, &t.kmh_before), 2);
    return t;
}

/* The question of the scenario: the queue grows, not beside the works but on a street that leads there, and
 * the city is slower for it. */
static void test_morning_peak(void **state)
{
    (void)state;
    jw_world *world = make_drill("morning_peak");
    run_s(world, 495); /* counted from the first look */
    assert_contains(last_line(world), "Works of 30 minutes leave 1 of ");
    run_s(world, 1800);
    const char *line = last_line(world);
    assert_contains(line, "The works end. The queue is not here, but on a street that feeds it");
    assert_said_in_chinese(world, "施工结束。排队不在此处");
    told t = read_told(line);
    assert_true(t.here_m < 7 && t.away_m >= t.away_before_m + 6 && t.kmh < t.kmh_before);
    assert_true(t.feeder[0] != 0 && t.junctions >= 1 && t.junctions <= 3);
    jw_world_destroy(world);
}

/* While a lane is left hardly anything stands; when the last is taken the queue is there, and an ambulance in
 * it. */
static void test_road_works(void **state)
{
    (void)state;
    jw_world *world = make_drill("road_works");
    run_s(world, 735);
    const char *line = last_line(world);
    assert_contains(line, "Works alone.");
    told alone = read_told(line);
    run_s(world, 605);
    line = last_line(world);
    assert_contains(line, "Works and the incident. The queue is here");
    assert_said_in_chinese(world, "施工加事故。排队就在此处");
    told both = read_told(line);
    assert_true(both.here_m > alone.here_m + 7 && both.here_before_m < 7);
    run_s(world, 120);
    double took_min = 0;
    assert_int_equal(sscanf(last_line(world), "The ambulance has come after %lf min", &took_min), 1);
    assert_true(took_min > 7 && took_min < 11); /* the incident ends eight minutes after the call */
    jw_world_destroy(world);
}

/* What the drills of the whole city say at their end: of before and during, both measured. */
static void test_stadium_event(void **state)
{
    (void)state;
    jw_world *world = make_drill("stadium_event");
    run_s(world, 2505);
    double during_m = -1, before_m = -1, during_kmh = 0, before_kmh = 0;
    assert_int_equal(
        sscanf(last_line(world),
               "While the visitors came: a queue of up to %lf m, %lf m before; mean speed of the "
               "city %lf km/h, %lf",
               &during_m, &before_m, &during_kmh, &before_kmh),
        4);
    assert_true(during_m >= 0 && before_m >= 0 && during_kmh > 5 && during_kmh < 60 && before_kmh > 5);
    assert_said_in_chinese(world, "入场期间");
    jw_world_destroy(world);
}

static void test_park_replication_names_its_scene(void **state)
{
    (void)state;
    jw_world *world = make_drill("park_replication");
    run_s(world, 310);
    assert_contains(log_line(world, 0), "run it on scenes/parks.lua");
    assert_int_equal(log_count(world), 1);
    jw_world_destroy(world);
}

/* Four hours of the morning with a hub in the west, where bulk answers and trainings may go and wait or not:
 * the same work is done, what is asked at once is answered at home in time, and carbon is the less the more
 * freedom there is. What was measured is in docs/validation.md. */
static jw_world *make_east_west(jw_scene *scene, jw_twin_def *def, const char *west, const char *wait)
{
    jw_error error = {0};
    const char *const path = JW_SOURCE_FOLDER "/scripts/east_west_compute.lua";
    if (jw_scene_set(scene, "west", west, &error) != JW_OK ||
        jw_scene_set(scene, "wait", wait, &error) != JW_OK ||
        jw_scene_set(scene, "demand", "0.01", &error) != JW_OK ||
        jw_scene_build(scene, 2, NULL, NULL, NULL, def, &error) != JW_OK)
        fail_msg("%s", error.message);
    def->warm_ns = 0;
    def->dt_ns = JW_NS_PER_S;
    jw_script_def script = {scene, path};
    jw_module_entry entry = {&jw_script_module, &script};
    jw_world *world;
    if (jw_twin_create(def, &entry, 1, &world, &error) != JW_OK)
        fail_msg("%s", error.message);
    return world;
}

/* Models against people and luck: the fast lines get rid of their bottleneck, boards are judged better. */
static void test_factory_oee(void **state)
{
    (void)state;
    double oee[2], wrong[2];
    for (int i = 0; i < 2; i++) {
        jw_world *world = make_drill("factory_oee");
        if (i == 1) { /* as the parameter mechanism = false would */
            step_world(world, 2);
            post_decider(world, "inspection", "human");
            post_decider(world, "maintenance", "none");
        }
        run_s(world, 15 * 60);
        oee[i] = number_of(world, "economy.oee");
        wrong[i] = number_of(world, "twin.decisions_inspection_harm");
        bool has_told = false;
        for (uint32_t line = 0; line < log_count(world); line++)
            has_told |= strstr(log_line(world, line), "= availability") != NULL;
        assert_true(has_told);
        assert_contains(last_line(world), "parts judged by who decides");
        jw_world_destroy(world);
    }
    printf("OEE by models %.1f %%, by people %.1f %%; wrong parts %.0f and %.0f\n", oee[0], oee[1], wrong[0],
           wrong[1]);
    assert_true(oee[0] > oee[1] + 5 && wrong[0] < wrong[1]);
}

static void test_east_west(void **state)
{
    (void)state;
    static const char *const choices[][2] = {{"false", "false"}, {"true", "false"}, {"true", "true"}};
    double carbon_kg[3];
    jw_error error = {0};
    jw_scene *scene;
    assert_int_equal(jw_scene_open(JW_SOURCE_FOLDER "/scenes/east_west.lua", &scene, NULL, &error), JW_OK);
    assert_int_equal(jw_scene_use_scenario(scene, JW_SOURCE_FOLDER "/scripts/east_west_compute.lua", &error),
                     JW_OK);
    for (uint32_t i = 0; i < 3; i++) {
        jw_twin_def def;
        bool may_go = choices[i][0][0] == 't', may_wait = choices[i][1][0] == 't';
        jw_world *world = make_east_west(scene, &def, choices[i][0], choices[i][1]);
        for (uint32_t minute = 1; minute <= 4 * 60 + 1; minute++) {
            step_world(world, 60);
            if (!jw_twin_is_consistent(world, &error))
                fail_msg("%s", error.message);
            jw_request_counts bulk = of_type(world, "bulk");
            assert_int_equal(bulk.sent, bulk.answered + bulk.lost + bulk.in_flight);
            assert_true(bulk.held_now <= bulk.in_flight);
            if (minute == 60)
                assert_true(may_wait ? bulk.held_now > 100 && bulk.answered == 0 : bulk.held_now == 0);
        }
        assert_string_equal(jw_script_last_error(world), "");
        jw_request_counts bulk = of_type(world, "bulk"), training = of_type(world, "training"),
                          report = of_type(world, "report"), video = of_type(world, "video");
        assert_true(bulk.answered > bulk.sent - 10 && bulk.late == 0 && bulk.lost == 0 && bulk.sent > 600);
        assert_true(training.late == 0 && training.lost == 0 && training.sent > 12);
        assert_true(!may_go || training.answered >= training.sent - 3);
        assert_true(report.late + report.lost == 0 && video.late + video.lost == 0 && video.answered > 5000);
        int64_t hub = site_of(world, "west-hub").done;
        assert_true(may_go ? hub >= bulk.answered + training.answered : hub == 0);
        carbon_kg[i] = number_of(world, "twin.carbon");
        assert_contains(last_line(world), "tasks wait for cleaner power");
        assert_contains(log_line(world, log_count(world) - 2), "After four hours");
        jw_world_destroy(world);
        jw_twin_def_free(&def);
    }
    printf("CO2 of four hours: all at home at once %.1f kg, in the west at once %.1f kg, waiting %.1f kg\n",
           carbon_kg[0], carbon_kg[1], carbon_kg[2]);
    assert_true(carbon_kg[1] < 0.95 * carbon_kg[0] && carbon_kg[2] < 0.99 * carbon_kg[1]);
    jw_scene_close(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_script_chooses_the_sites),
        cmocka_unit_test(test_wrong_choices_are_named),
        cmocka_unit_test(test_cloud_cut),
        cmocka_unit_test(test_fibre_cut),
        cmocka_unit_test(test_cell_down),
        cmocka_unit_test(test_card_failure),
        cmocka_unit_test(test_power_cut),
        cmocka_unit_test(test_overload),
        cmocka_unit_test(test_flash_crowd),
        cmocka_unit_test(test_rollout),
        cmocka_unit_test(test_factory_oee),
        cmocka_unit_test(test_east_west),
        cmocka_unit_test(test_morning_peak),
        cmocka_unit_test(test_road_works),
        cmocka_unit_test(test_stadium_event),
        cmocka_unit_test(test_park_replication_names_its_scene),
    };
    return cmocka_run_group_tests(tests, open_district, close_district);
}
