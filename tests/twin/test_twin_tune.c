/* Fine-tuning in a town: data over its fibres, a training on the cards that its services leave free. */
#include "twin/twin_fixture.h"

#include "base/test_base.h"

#include <stdio.h>
#include <string.h>

/* 0.2 GB are 5e7 tokens; 6 x 5e7 x 5e7 operations at 0.4 x 70e12 take 536 s on one card, 150 steps of 1e14.
 * Two cards of the cloud's 32 are free, none of an edge's 8. */
static void make_def(jw_twin_def *def)
{
    jw_error error = {0};
    twin_fixture_sites(def, 2);
    def->traffic.demand.factor = 0;
    jw_service service = {.id = "tuning-1",
                          .kind = JW_SERVICE_TRAINING,
                          .gflop_per_item = 1e5,
                          .efficiency = 0.4,
                          .checkpoint_interval_s = 100,
                          .checkpoint_s = 5,
                          .image_gb = 0.1,
                          .cards_per_instance = 1};
    assert_int_equal(jw_twin_def_add_service(def, &service, &error), JW_OK);
    snprintf(service.id, sizeof service.id, "tuning-8");
    service.cards_per_instance = 8;
    assert_int_equal(jw_twin_def_add_service(def, &service, &error), JW_OK);
    jw_data_def video = {.dataset = {.id = "video", .sector = "transport", .size_bytes = 200000000},
                         .home = "edge-1"};
    assert_int_equal(jw_twin_def_add_dataset(def, &video, &error), JW_OK);
    for (uint32_t i = 0; i < def->model_count; i++) {
        def->models[i].parameters_b = strcmp(def->models[i].id, "city-llm") == 0 ? 70 : 0.05;
        def->models[i].domain_tokens_b = 0.1;
    }
    def->tune_law = (jw_tune_law){.floor = 1.69,
                                  .size_scale = 406.4,
                                  .size_exponent = 0.34,
                                  .data_scale = 410.7,
                                  .data_exponent = 0.28,
                                  .transfer_scale = 1.9e4,
                                  .transfer_data_exponent = 0.18,
                                  .transfer_size_exponent = 0.38,
                                  .half_life_days = 365,
                                  .repeat_worth = 15.39,
                                  .error_exponent = 1};
    def->has_tune_law = true;
}

static jw_result tune(jw_world *world, const char *model, const char *site, uint32_t version, jw_error *error)
{
    jw_ai *ai = jw_world_state(world, JW_TWIN_AI);
    jw_site_id id = jw_compute_find_site(jw_world_state(world, JW_TWIN_COMPUTE), site);
    jw_tune_def def = {.version = version,
                       .datasets = {"video"},
                       .dataset_count = 1,
                       .site = (uint64_t)id.generation << 32 | id.index1};
    snprintf(def.model, sizeof def.model, "%s", model);
    uint32_t slot;
    return jw_ai_tune(world, ai, &def, &slot, error);
}

static jw_tuning_state state_of(const jw_world *world, uint32_t slot)
{
    jw_tuning_state t;
    assert_true(jw_ai_tuning(jw_world_state(world, JW_TWIN_AI), slot, &t));
    return t;
}

static uint32_t cards_in_use(const jw_world *world, const char *service)
{
    const jw_compute *compute = jw_world_state(world, JW_TWIN_COMPUTE);
    return jw_compute_installed_version(compute, jw_compute_find_site(compute, "city-cloud"),
                                        jw_compute_find_service(compute, service));
}

static void run_s(jw_world *world, double seconds)
{
    twin_fixture_run_checked(world, (uint32_t)(2 * seconds));
}

static void test_a_tuning_trains_on_a_free_card(void **state)
{
    (void)state;
    jw_twin_def def = {0};
    make_def(&def);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run(world, 2);
    jw_command command = jw_command_make("tune_model");
    jw_command_text(&command, "model", "signal-vision");
    jw_command_text(&command, "data", "video");
    jw_command_text(&command, "site", "city-cloud");
    jw_command_text(&command, "purpose", "signals");
    jw_command_number(&command, "version", 1);
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    run_s(world, 5);
    jw_tuning_state t = state_of(world, 0);
    assert_int_equal(t.phase, JW_TUNE_TRAINING);
    assert_true(t.operations == 1.5e16 && cards_in_use(world, "tuning-1") == 1);
    jw_data_counts data = jw_ai_count_data(jw_world_state(world, JW_TWIN_AI));
    assert_int_equal(data.arrived_bytes, 200000000); /* over the fibre */
    run_s(world, 600);
    t = state_of(world, 0);
    double trained_s = jw_s_from_ns(t.ended_ns - t.trained_ns);
    assert_true(t.phase == JW_TUNE_DONE && t.made_version == 3);
    assert_true(trained_s > 535 + 25 && trained_s < 537 + 25); /* five checkpoints */
    assert_true(jw_ai_quality(jw_world_state(world, JW_TWIN_AI), 0, 3) > 0.905);
    assert_int_equal(cards_in_use(world, "tuning-1"), 0); /* given back */
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* The site fails after 250 s of training for 60 s: 200 s are in the second checkpoint. A copy made meanwhile
 * goes on alike. */
static void test_a_failed_site_resumes_from_the_checkpoint(void **state)
{
    (void)state;
    jw_twin_def def = {0};
    make_def(&def);
    jw_world *world = twin_fixture_create(&def, 1), *other;
    assert_int_equal(tune(world, "signal-vision", "city-cloud", 1, NULL), JW_OK);
    run_s(world, 1);
    while (jw_s_from_ns(jw_world_time_ns(world) - state_of(world, 0).trained_ns) < 250)
        run_s(world, 0.5);
    twin_fixture_command(world, "fail_site", "name", "city-cloud");
    run_s(world, 60);
    assert_int_equal(jw_world_fork(world, &other, NULL), JW_OK);
    twin_fixture_command(world, "repair_site", "name", "city-cloud");
    twin_fixture_command(other, "repair_site", "name", "city-cloud");
    run_s(world, 400);
    run_s(other, 400);
    assert_true(jw_world_hash(world) == jw_world_hash(other));
    jw_tuning_state t = state_of(world, 0);
    double trained_s = jw_s_from_ns(t.ended_ns - t.trained_ns);
    assert_int_equal(t.phase, JW_TUNE_DONE);
    assert_true(trained_s > 250 + 60 + 335.7 + 15 - 1 && trained_s < 250 + 60 + 335.7 + 15 + 2);
    const jw_compute *compute = jw_world_state(world, JW_TWIN_COMPUTE);
    jw_service_counts counts =
        jw_compute_service_counts(compute, jw_compute_find_service(compute, "tuning-1"));
    assert_true(counts.interrupted == 1 && counts.lost_ns > 39 * JW_NS_PER_S &&
                counts.lost_ns < 41 * JW_NS_PER_S);
    jw_world_destroy(other);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_what_a_site_cannot_train(void **state)
{
    (void)state;
    jw_twin_def def = {0};
    make_def(&def);
    jw_world *world = twin_fixture_create(&def, 1);
    jw_error error = {0};
    assert_int_equal(tune(world, "city-llm", "city-cloud", 1, &error), JW_ERROR_LIMIT);
    assert_non_null(strstr(error.message, "1120 GB"));
    /* An edge that serves two models has no card left: the tuning waits until a service leaves. */
    assert_int_equal(tune(world, "signal-vision", "edge-1", 1, &error), JW_OK);
    run_s(world, 70);
    assert_int_equal(state_of(world, 0).phase, JW_TUNE_WAITING);
    assert_non_null(strstr(state_of(world, 0).why, "no 1 free cards"));
    jw_compute *compute = jw_world_state(world, JW_TWIN_COMPUTE);
    jw_site_id edge = jw_compute_find_site(compute, "edge-1");
    uint32_t inspection = jw_compute_find_service(compute, "inspection-vision");
    assert_int_equal(jw_compute_uninstall(world, compute, edge, inspection, &error), JW_OK);
    run_s(world, 61);
    assert_int_equal(state_of(world, 0).phase, JW_TUNE_TRAINING);
    /* Cancelled, its card is free at once, and no job goes on. */
    twin_fixture_command(world, "cancel_tuning", "model", "signal-vision");
    run_s(world, 1);
    assert_int_equal(state_of(world, 0).phase, JW_TUNE_CANCELLED);
    assert_int_equal(
        jw_compute_installed_version(compute, edge, jw_compute_find_service(compute, "tuning-1")), 0);
    jw_compute_counts jobs = jw_compute_count(world, compute);
    assert_true(jobs.running == 0 && jobs.queued == 0);
    assert_int_equal(jw_ai_newest_version(jw_world_state(world, JW_TWIN_AI), "signal-vision"), 2);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_a_tuning_trains_on_a_free_card),
        JW_UNIT(test_a_failed_site_resumes_from_the_checkpoint),
        JW_UNIT(test_what_a_site_cannot_train),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
