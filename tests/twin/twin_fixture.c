#include "twin/twin_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "city/city_fixtures.h"

static void must(jw_result result, const jw_error *error)
{
    if (result == JW_OK)
        return;
    char text[1024];
    jw_error_format(error, text, sizeof text);
    fprintf(stderr, "twin fixture: %s\n", text);
    abort();
}

static void add_site(jw_twin_def *def, const char *name, jw_tier tier, double x_m, double y_m, uint32_t cards)
{
    jw_error error = {0};
    jw_site_def site = {.tier = tier, .x_m = x_m, .y_m = y_m, .rack_count = 1};
    snprintf(site.name, sizeof site.name, "%s", name);
    snprintf(site.racks[0].card, sizeof site.racks[0].card, "card");
    site.racks[0].count = cards;
    must(jw_twin_def_add_site(def, &site, &error), &error);
}

void twin_fixture_sites(jw_twin_def *def, uint32_t blocks)
{
    jw_error error = {0};
    must(jw_twin_def_init(def, &error), &error);
    def->city = jw_fixture_grid(blocks, 200, 2, 13.9, true);
    snprintf(def->name, sizeof def->name, "town");
    def->start_time_ns = 8 * 3600 * JW_NS_PER_S;
    def->traffic.demand.is_gravity = true;
    def->traffic.demand.factor = 2;
    def->assistant_per_hour = 30;
    jw_card card = {.id = "card",
                    .fp16_tflops = 70,
                    .int8_tops = 140,
                    .memory_gb = 24,
                    .bandwidth_tbps = 0.9,
                    .idle_w = 15,
                    .peak_w = 72,
                    .price_cny = 12000,
                    .is_domestic = 1};
    must(jw_twin_def_add_card(def, &card, &error), &error);
    jw_grid_region region = {.id = "hebei", .kgco2_per_kwh = 0.7252, .price_cny_per_kwh = 0.6};
    must(jw_twin_def_add_region(def, &region, &error), &error);
    jw_service vision = {.id = "signal-vision",
                         .kind = JW_SERVICE_VISION,
                         .gflop_per_item = 250,
                         .efficiency = 0.3,
                         .is_int8 = 1,
                         .step_overhead_s = 0.004,
                         .max_batch = 8,
                         .image_gb = 0.6};
    jw_service inspection = vision;
    snprintf(inspection.id, sizeof inspection.id, "inspection-vision");
    jw_service llm = {.id = "city-llm",
                      .kind = JW_SERVICE_LLM,
                      .parameters_b = 6.74,
                      .bytes_per_parameter = 2,
                      .kv_bytes_per_token = 524288,
                      .prefill_mfu = 0.4,
                      .decode_efficiency = 0.7,
                      .step_overhead_s = 0.02,
                      .max_batch = 8,
                      .image_gb = 13.5,
                      .cards_per_instance = 1};
    const jw_service *services[] = {&vision, &inspection, &llm};
    for (uint32_t i = 0; i < 3; i++) {
        must(jw_twin_def_add_service(def, services[i], &error), &error);
        jw_model model = {.version = 1, .image_gb = services[i]->image_gb, .quality = 0.9};
        snprintf(model.id, sizeof model.id, "%s", services[i]->id);
        must(jw_twin_def_add_model(def, &model, &error), &error);
        jw_rollout_def rollout = {
            .version = 1, .tiers = i == 2 ? 1u << JW_TIER_CITY : 1u << JW_TIER_EDGE | 1u << JW_TIER_CITY};
        snprintf(rollout.model, sizeof rollout.model, "%s", services[i]->id);
        must(jw_twin_def_add_rollout(def, &rollout, &error), &error);
    }
    jw_model newer = {.id = "signal-vision", .version = 2, .image_gb = 0.8, .quality = 0.97};
    must(jw_twin_def_add_model(def, &newer, &error), &error);
    double side_m = blocks * 200.0;
    add_site(def, "city-cloud", JW_TIER_CITY, side_m / 2, side_m / 2, 32);
    add_site(def, "edge-1", JW_TIER_EDGE, 100, 100, 8);
    add_site(def, "edge-2", JW_TIER_EDGE, side_m - 100, side_m - 100, 8);
    must(jw_twin_def_add_fibre(def, "ring", NULL, 0, 100, &error), &error);
}

void twin_fixture_def(jw_twin_def *def, uint32_t blocks)
{
    jw_error error = {0};
    twin_fixture_sites(def, blocks);
    jw_cell_def cell = {.scenario = JW_RADIO_UMI};
    must(jw_twin_def_add_cells(def, 400, &cell, 1, 10, &error), &error);
    for (uint32_t i = 0; i < def->city->junction_count; i++)
        if (def->city->junctions[i].programme != JW_NONE)
            must(jw_twin_def_add_camera(def, i, &error), &error);
    jw_production_line_def line = {.x_m = 150, .y_m = 150};
    snprintf(line.name, sizeof line.name, "line-1");
    must(jw_twin_def_add_line(def, &line, &error), &error);
}

jw_world *twin_fixture_create(const jw_twin_def *def, int threads)
{
    jw_error error = {0};
    jw_twin_def copy = *def;
    copy.threads = threads;
    jw_world *world = NULL;
    must(jw_twin_create(&copy, NULL, 0, &world, &error), &error);
    return world;
}

void twin_fixture_run(jw_world *world, uint32_t steps)
{
    for (uint32_t i = 0; i < steps; i++) {
        jw_error error = {0};
        must(jw_world_step(world, &error), &error);
    }
}

void twin_fixture_run_checked(jw_world *world, uint32_t steps)
{
    for (uint32_t i = 0; i < steps; i++) {
        jw_error error = {0};
        must(jw_world_step(world, &error), &error);
        must(jw_twin_is_consistent(world, &error) ? JW_OK : JW_ERROR_STATE, &error);
    }
}

void twin_fixture_command(jw_world *world, const char *verb, const char *key, const char *value)
{
    jw_error error = {0};
    jw_command command = jw_command_make(verb);
    jw_command_text(&command, key, value);
    must(jw_world_post(world, &command, &error), &error);
}

bool twin_fixture_copy_goes_alike(jw_world *world, const jw_twin_def *def, uint32_t steps)
{
    jw_world *copy = NULL;
    jw_writer image = {0};
    jw_error error = {0};
    bool is_alike = true;
    must(jw_world_save(world, &image, &error), &error);
    must(jw_twin_create_from_snapshot(def->city, NULL, 0, 1, image.bytes, image.size, &copy, &error), &error);
    jw_writer_free(&image);
    for (uint32_t i = 0; i < steps && is_alike; i++) {
        twin_fixture_run(world, 1);
        twin_fixture_run(copy, 1);
        is_alike = jw_world_hash(world) == jw_world_hash(copy);
    }
    jw_world_destroy(copy);
    return is_alike;
}
