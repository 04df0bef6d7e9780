/* Sites and what hangs on them, placed, moved, removed and restored by command: counts, requests in flight,
 * refusals that leave nothing behind, snapshots, replay. */
#include "base/test_base.h"
#include "twin/twin_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void post(jw_world *world, const char *verb, const char *name, double x_m, double y_m)
{
    jw_error error = {0};
    jw_command command = jw_command_make(verb);
    jw_command_text(&command, "name", name);
    if (strncmp(verb, "place", 5) == 0 || strncmp(verb, "move", 4) == 0) {
        jw_command_number(&command, "x", x_m);
        jw_command_number(&command, "y", y_m);
    }
    if (strcmp(verb, "place_edge_site") == 0)
        jw_command_text(&command, "card", "card");
    if (jw_world_post(world, &command, &error) != JW_OK)
        fail_msg("%s", error.message);
}

static jw_result tell(jw_world *world, const char *verb, const char *name, double x_m, double y_m)
{
    post(world, verb, name, x_m, y_m);
    twin_fixture_run_checked(world, 1);
    return jw_world_log_entry(world, jw_world_log_count(world) - 1).result;
}

static uint32_t assets(const jw_world *world, uint8_t kind)
{
    jw_frame frame = {0};
    uint32_t count = 0;
    assert_int_equal(jw_twin_fill_frame(world, NULL, 0, &frame, NULL), JW_OK);
    for (uint32_t i = 0; i < frame.asset_count; i++)
        count += frame.assets[i].kind == kind;
    jw_frame_free(&frame);
    return count;
}

static uint32_t links(const jw_world *world)
{
    jw_frame frame = {0};
    assert_int_equal(jw_twin_fill_frame(world, NULL, 0, &frame, NULL), JW_OK);
    uint32_t count = frame.link_count;
    jw_frame_free(&frame);
    return count;
}

static double spent_cny(const jw_world *world)
{
    jw_frame frame = {0};
    assert_int_equal(jw_twin_fill_frame(world, NULL, 0, &frame, NULL), JW_OK);
    const jw_frame_metric *metric = jw_frame_find_metric(&frame, "economy.city_spent");
    assert_non_null(metric);
    double value = metric->value;
    jw_frame_free(&frame);
    return value;
}

static void test_site_goes_and_comes_back(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 60);
    uint32_t sites = assets(world, JW_ASSET_SITE), fibres = links(world);
    jw_request_counts before = jw_twin_requests(world, JW_NONE);
    double energy_wh = jw_twin_total(world).energy_wh;
    assert_true(before.answered > 0);
    assert_int_equal(tell(world, "remove_site", "edge-1", 0, 0), JW_OK);
    assert_int_equal(assets(world, JW_ASSET_SITE), sites - 1);
    assert_true(links(world) < fibres);
    assert_int_equal(jw_compute_find_site(jw_world_state(world, JW_TWIN_COMPUTE), "edge-1").index1, 0);
    assert_true(jw_twin_total(world).energy_wh >= energy_wh);
    twin_fixture_run_checked(world, 60);
    jw_request_counts without = jw_twin_requests(world, JW_NONE);
    assert_true(without.answered > before.answered); /* the others go on */
    assert_int_equal(tell(world, "remove_site", "edge-1", 0, 0), JW_ERROR_NOT_FOUND);
    assert_int_equal(tell(world, "repair_node", "edge-1", 0, 0), JW_ERROR_NOT_FOUND);
    assert_int_equal(tell(world, "restore_site", "edge-1", 0, 0), JW_OK);
    assert_int_equal(assets(world, JW_ASSET_SITE), sites);
    assert_int_equal(links(world), fibres);
    assert_int_equal(tell(world, "restore_site", "edge-1", 0, 0), JW_ERROR_EXISTS);
    /* The name is free while it is away; then it cannot come back. */
    assert_int_equal(tell(world, "remove_site", "edge-1", 0, 0), JW_OK);
    assert_int_equal(tell(world, "place_edge_site", "edge-1", 400, 200), JW_OK);
    assert_int_equal(tell(world, "restore_site", "edge-1", 0, 0), JW_ERROR_EXISTS);
    twin_fixture_run_checked(world, 60);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_site_moves(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    jw_world *world = twin_fixture_create(&def, 1);
    assert_int_equal(tell(world, "move_site", "edge-2", 50, 550), JW_OK);
    const jw_network *network = jw_world_state(world, JW_TWIN_NETWORK);
    jw_net_node_id id = jw_network_find_node(network, "edge-2");
    jw_net_node_def node;
    bool is_up;
    assert_true(jw_network_node(network, id.index1 - 1, &id, &node, &is_up));
    assert_true(is_up && node.x_m == 50 && node.y_m == 550);
    jw_site_state site;
    uint32_t slot = jw_compute_find_site(jw_world_state(world, JW_TWIN_COMPUTE), "edge-2").index1 - 1;
    assert_true(jw_compute_site(world, jw_world_state(world, JW_TWIN_COMPUTE), slot, &site));
    assert_true(site.def->x_m == 50 && site.def->y_m == 550);
    assert_int_equal(tell(world, "move_site", "nobody", 50, 550), JW_ERROR_NOT_FOUND);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* Money for the site and its cards, but not for its models: nothing is there afterwards, and nothing is
 * spent. */
static void test_placing_is_all_or_nothing(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    def.industry.budget =
        (jw_budget_def){.is_on = true, .start_fen = 120000000, .site_fen = 1000000, .rollout_fen = 100000000};
    jw_world *world = twin_fixture_create(&def, 1);
    uint32_t sites = assets(world, JW_ASSET_SITE), fibres = links(world);
    assert_true(spent_cny(world) == 0);
    uint32_t deployments = jw_ai_deployment_count(jw_world_state(world, JW_TWIN_AI));
    assert_int_equal(tell(world, "place_edge_site", "edge-9", 300, 300), JW_ERROR_STATE);
    assert_int_equal(assets(world, JW_ASSET_SITE), sites);
    assert_int_equal(links(world), fibres);
    assert_true(spent_cny(world) == 0);
    jw_deployment_state gone;
    for (uint32_t i = deployments; jw_ai_deployment(jw_world_state(world, JW_TWIN_AI), i, &gone); i++)
        assert_int_equal(gone.phase, JW_DEPLOY_ROLLED_BACK);
    /* A card that the catalogue lacks. */
    jw_command command = jw_command_make("place_edge_site");
    jw_command_text(&command, "name", "edge-9");
    jw_command_text(&command, "card", "no-such-card");
    jw_command_number(&command, "x", 300);
    jw_command_number(&command, "y", 300);
    jw_world_post(world, &command, NULL);
    twin_fixture_run_checked(world, 1);
    assert_int_equal(assets(world, JW_ASSET_SITE), sites);
    assert_true(spent_cny(world) == 0);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* Every camera, line and crowd that was wired to a mast finds another when it goes. */
static void test_wired_ones_find_another_mast(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run_checked(world, 20);
    uint32_t cells = assets(world, JW_ASSET_CELL);
    assert_true(cells > 1);
    for (uint32_t i = 1; i < cells; i++) { /* all but the last */
        char name[32];
        snprintf(name, sizeof name, "cell-%u", i);
        assert_int_equal(tell(world, "remove_cell", name, 0, 0), JW_OK);
    }
    twin_fixture_run_checked(world, 20);
    jw_request_counts before = jw_twin_requests(world, 0);
    twin_fixture_run_checked(world, 40);
    jw_request_counts after = jw_twin_requests(world, 0);
    assert_true(after.answered - before.answered > (after.sent - before.sent) / 2);
    assert_int_equal(assets(world, JW_ASSET_CELL), 1);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* What the pointer does in a window, in order; the same in a world that is restored in between and in one
 * that replays the log. */
static void drive(jw_world *world, uint32_t k)
{
    static const char *const verbs[][2] = {
        {"place_cell", "new-cell"},     {"place_edge_site", "new-edge"}, {"place_roadside", "unit"},
        {"move_cell", "new-cell"},      {"move_roadside", "unit"},       {"remove_cell", "cell-1"},
        {"remove_site", "edge-2"},      {"remove_roadside", "unit"},     {"move_site", "new-edge"},
        {"restore_cell", "cell-1"},     {"restore_roadside", "unit"},    {"restore_site", "edge-2"},
        {"remove_cell", "new-cell"},    {"remove_site", "new-edge"},     {"remove_site", "nobody"},
        {"restore_roadside", "nobody"},
    };
    if (k % 4 == 0 && k / 4 < JW_COUNT_OF(verbs))
        post(world, verbs[k / 4][0], verbs[k / 4][1], 150 + 5 * k, 250 + 3 * k);
}

static void test_restore_and_replay(void **state)
{
    (void)state;
    enum { STEPS = 80 };
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    jw_world *world = twin_fixture_create(&def, 1), *other = twin_fixture_create(&def, 3);
    uint64_t hashes[STEPS];
    jw_writer writer = {0};
    for (uint32_t k = 0; k < STEPS; k++) {
        if (k == 42)
            assert_int_equal(jw_world_save(world, &writer, NULL), JW_OK);
        drive(world, k);
        twin_fixture_run_checked(world, 1);
        hashes[k] = jw_world_hash(world);
    }
    uint32_t count = jw_world_log_count(world);
    jw_log_entry *entries = calloc(count, sizeof *entries);
    for (uint32_t i = 0; i < count; i++)
        entries[i] = jw_world_log_entry(world, i);
    assert_int_equal(jw_world_replay(other, entries, count, NULL), JW_OK);
    for (uint32_t k = 0; k < STEPS; k++) {
        twin_fixture_run(other, 1);
        assert_true(jw_world_hash(other) == hashes[k]);
    }
    assert_int_equal(jw_world_restore(other, writer.bytes, writer.size, NULL), JW_OK);
    for (uint32_t k = 42; k < STEPS; k++) {
        drive(other, k);
        twin_fixture_run_checked(other, 1);
        assert_true(jw_world_hash(other) == hashes[k]);
    }
    free(entries);
    jw_writer_free(&writer);
    jw_world_destroy(world);
    jw_world_destroy(other);
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_site_goes_and_comes_back),  cmocka_unit_test(test_site_moves),
        cmocka_unit_test(test_placing_is_all_or_nothing), cmocka_unit_test(test_wired_ones_find_another_mast),
        cmocka_unit_test(test_restore_and_replay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
