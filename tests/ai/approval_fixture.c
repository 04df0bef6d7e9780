#include "approval_fixture.h"

static jw_result on_start(jw_world *world, uint64_t from, uint64_t site, int64_t bytes, uint64_t tag)
{
    (void)from, (void)site, (void)bytes;
    jw_schedule(world, jw_world_time_ns(world) + JW_NS_PER_S, JW_PRIORITY_NORMAL, FLEET, 0, 0, tag);
    return JW_OK;
}

static jw_result on_install(jw_world *world, uint64_t site, uint32_t service, uint32_t version,
                            jw_error *error)
{
    (void)service, (void)error;
    ((fleet *)jw_world_state(world, FLEET))->versions[site] = version;
    return JW_OK;
}

static double on_distance(jw_world *world, uint64_t from, uint64_t to)
{
    (void)world;
    return from == to ? 0 : 1;
}

static bool on_may_hold(jw_world *world, uint64_t home, uint8_t residency, uint64_t site)
{
    (void)world, (void)home, (void)residency, (void)site;
    return true;
}

static void on_features(const jw_world *world, double out[JW_CITY_FEATURES])
{
    out[0] = ((fleet *)jw_world_state(world, FLEET))->mix;
}

static jw_result fleet_attach(jw_world *world, void *state, jw_error *error)
{
    (void)state, (void)error;
    jw_ai_ports ports = ai_fixture_ports();
    ports.start_transfer = on_start;
    ports.install = on_install;
    ports.distance_s = on_distance;
    ports.may_hold = on_may_hold;
    ports.city_features = on_features;
    jw_ai_set_ports(ai_of(world), &ports);
    return JW_OK;
}

static void fleet_on_event(jw_world *world, void *state, const jw_event *event)
{
    (void)state;
    jw_ai_transfer_ended(world, ai_of(world), event->b, true);
}

static void fleet_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    jw_write_bytes(writer, state, sizeof(fleet));
}

static void fleet_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    jw_read_bytes(reader, state, sizeof(fleet));
    ((fleet *)state)->mix = 0;
}

static const jw_module fleet_module = {.name = "fleet",
                                       .version = 1,
                                       .state_size = sizeof(fleet),
                                       .attach = fleet_attach,
                                       .on_event = fleet_on_event,
                                       .save = fleet_save,
                                       .load = fleet_load};

jw_world *create_seeded(const jw_approval_def *approval, uint64_t seed)
{
    static const uint64_t sites[SITES] = {0, 1, 2, 3};
    static jw_model models[VERSIONS];
    for (uint32_t i = 0; i < VERSIONS; i++)
        models[i] =
            (jw_model){.id = "eye", .version = i + 1, .service = SERVICE, .image_gb = 0.5, .quality = 0.9};
    static const jw_compression methods[] = {{.id = "half", .memory_factor = 0.5, .quality_factor = 0.9}};
    jw_ai_def def = {.models = models,
                     .model_count = VERSIONS,
                     .methods = methods,
                     .method_count = 1,
                     .approval = approval};
    const jw_module_entry entries[] = {{&jw_ai_module, &def}, {&fleet_module, NULL}};
    jw_world_def world_def = {
        .seed = seed, .dt_ns = JW_NS_PER_S, .modules = entries, .module_count = MODULES};
    jw_world *world;
    assert_int_equal(jw_world_create(&world_def, &world, NULL), JW_OK);
    jw_deployment_id id;
    jw_deployment_def first = {
        .model = "eye", .version = 1, .sites = sites, .site_count = SITES, .is_instant = 1};
    assert_int_equal(jw_ai_deploy(world, ai_of(world), &first, &id, NULL), JW_OK);
    return world;
}

jw_world *create(const jw_approval_def *approval)
{
    return create_seeded(approval, 3);
}

void assert_adds_up(const jw_world *world)
{
    jw_approval_counts c = jw_ai_count_approvals(world, ai_of(world));
    assert_int_equal(c.submitted, c.approved + c.rejected + c.withdrawn + c.open);
}

void run_s(jw_world *world, uint32_t seconds)
{
    for (uint32_t i = 0; i < seconds; i++) {
        assert_int_equal(jw_world_step(world, NULL), JW_OK);
        assert_adds_up(world);
    }
}

jw_approval_def approval(void)
{
    jw_approval_def def = jw_default_approval_def();
    def.is_on = true;
    def.day_s = 100;
    return def;
}

jw_submission_def paper(uint32_t version)
{
    return (jw_submission_def){.model = "eye",
                               .version = version,
                               .data = JW_DATA_INTERNAL,
                               .autonomy = JW_AUTONOMY_CONFIRMED,
                               .reach = JW_REACH_DISTRICT,
                               .site = JW_AI_REGISTRY};
}

jw_submission_def risky(uint32_t version)
{
    jw_submission_def def = paper(version);
    def.data = JW_DATA_SPECIAL;
    return def;
}

jw_submission_state at(const jw_world *world, uint32_t slot)
{
    jw_submission_state s;
    assert_true(jw_ai_submission(world, ai_of(world), slot, &s));
    return s;
}

void note(jw_world *world, uint64_t site, uint32_t version, bool is_wrong)
{
    jw_decision_note n = {
        .site = site, .service = SERVICE, .version = version, .is_misread = is_wrong, .is_wrong = is_wrong};
    jw_ai_note_decision(world, ai_of(world), &n);
}
