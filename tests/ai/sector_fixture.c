#include "sector_fixture.h"

town *town_of(const jw_world *world)
{
    return jw_world_state(world, TOWN);
}

static jw_result on_start(jw_world *world, uint64_t from, uint64_t to, int64_t bytes, uint64_t tag)
{
    if (from >= SITES || to >= SITES)
        return JW_ERROR_NOT_FOUND;
    jw_schedule(world, jw_world_time_ns(world) + bytes, JW_PRIORITY_NORMAL, TOWN, 0, 0, tag);
    return JW_OK;
}

static bool on_is_up(jw_world *world, uint64_t site)
{
    return site < SITES && !town_of(world)->is_down[site];
}

static bool on_may_hold(jw_world *world, uint64_t home, uint8_t residency, uint64_t site)
{
    (void)world, (void)home;
    return residency == 0 || site % 2 == 1;
}

static uint64_t on_measured(const jw_world *world, uint8_t feed)
{
    return town_of(world)->counts[feed < JW_FEED_COUNT ? feed : 0];
}

static jw_result town_attach(jw_world *world, void *state, jw_error *error)
{
    (void)state, (void)error;
    jw_ai_ports ports = ai_fixture_ports();
    ports.start_transfer = on_start;
    ports.is_site_up = on_is_up;
    ports.may_hold = on_may_hold;
    ports.measured = on_measured;
    jw_ai_set_ports(ai_of(world), &ports);
    return JW_OK;
}

static void ask_next(jw_world *world, town *t)
{
    char source[32], consumer[32];
    snprintf(source, sizeof source, "s%u", t->asked / MANY);
    snprintf(consumer, sizeof consumer, "c%u", t->asked % MANY);
    t->asked++;
    (void)jw_ai_connect_source(world, ai_of(world), consumer, source, NULL);
}

static void town_on_event(jw_world *world, void *state, const jw_event *event)
{
    town *t = state;
    if (event->kind == 1) {
        ask_next(world, t);
        return;
    }
    bool is_ok = t->fails == 0;
    t->fails -= t->fails > 0;
    jw_ai_transfer_ended(world, ai_of(world), event->b, is_ok);
}

static void town_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    jw_write_bytes(writer, state, sizeof(town));
}

static void town_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    jw_read_bytes(reader, state, sizeof(town));
}

static const jw_module town_module = {.name = "town",
                                      .version = 1,
                                      .state_size = sizeof(town),
                                      .attach = town_attach,
                                      .on_event = town_on_event,
                                      .save = town_save,
                                      .load = town_load};

jw_result try_create(jw_world **out)
{
    static const jw_ai_def def = {0};
    static const jw_module_entry entries[] = {{&jw_ai_module, &def}, {&town_module, NULL}};
    jw_world_def world = {.seed = 1, .modules = entries, .module_count = MODULES};
    return jw_world_create(&world, out, NULL);
}

jw_integration_def plan_of(jw_wiring wiring, uint32_t integrators)
{
    jw_integration_def plan = jw_default_integration_def();
    plan.wiring = (uint8_t)wiring;
    plan.substrate = 9;
    plan.day_s = 1;
    plan.integrators = integrators;
    plan.substrate_days = 0;
    plan.substrate_packages = 1;
    plan.schema_days = 0;
    plan.batch_s = 10;
    return plan;
}

jw_source_def source_of(const char *id, const char *sector)
{
    jw_source_def def = {.records_per_day = 86400, /* one a second */
                         .history_days = 0,
                         .record_bytes = 1000,
                         .quality = 1,
                         .sensitivity = 1,
                         .coverage = 1,
                         .match = 1,
                         .persons = 10000,
                         .effort_days = 5,
                         .home = 1};
    snprintf(def.id, sizeof def.id, "%s", id);
    snprintf(def.sector, sizeof def.sector, "%s", sector);
    return def;
}

jw_consumer_def consumer_of(const char *id, uint64_t site)
{
    jw_consumer_def def = {.site = site, .effort_days = 5, .purpose = "planning"};
    snprintf(def.id, sizeof def.id, "%s", id);
    return def;
}

void want(jw_consumer_def *def, const char *source)
{
    snprintf(def->sources[def->source_count++], JW_MODEL_ID_SIZE, "%s", source);
}

void check_sums(const jw_world *world)
{
    jw_error error = {0};
    if (!jw_ai_is_data_consistent(ai_of(world), &error))
        fail_msg("%s", error.message);
    jw_data_counts c = jw_ai_count_data(ai_of(world));
    assert_int_equal(c.asked_bytes, c.arrived_bytes + c.lost_bytes + c.moving_bytes);
}

void run_s(jw_world *world, double seconds)
{
    for (uint32_t i = 0; i < seconds * 2; i++) {
        assert_int_equal(jw_world_step(world, NULL), JW_OK);
        check_sums(world);
    }
}

void add_sector(jw_world *world, const char *id, const char *purpose)
{
    jw_sector_def def = {.purpose_count = purpose[0] ? 1 : 0};
    snprintf(def.id, sizeof def.id, "%s", id);
    snprintf(def.purposes[0], sizeof def.purposes[0], "%s", purpose);
    assert_int_equal(jw_ai_add_sector(ai_of(world), &def, NULL), JW_OK);
}

jw_result connect(jw_world *world, const char *consumer, const char *source)
{
    return jw_ai_connect_source(world, ai_of(world), consumer, source, NULL);
}

jw_world *create_grid(const jw_integration_def *plan, uint32_t sources, uint32_t consumers)
{
    jw_world *world;
    char id[32];
    assert_int_equal(try_create(&world), JW_OK);
    assert_int_equal(jw_ai_set_integration(ai_of(world), plan, NULL), JW_OK);
    add_sector(world, "tax", "planning");
    for (uint32_t i = 0; i < sources; i++) {
        snprintf(id, sizeof id, "s%u", i);
        jw_source_def def = source_of(id, "tax");
        assert_int_equal(jw_ai_add_source(world, ai_of(world), &def, NULL), JW_OK);
    }
    for (uint32_t c = 0; c < consumers; c++) {
        snprintf(id, sizeof id, "c%u", c);
        jw_consumer_def def = consumer_of(id, 3 + 2 * (c % 3));
        for (uint32_t i = 0; i < sources && i < JW_CONSUMER_SOURCES_MAX; i++) {
            snprintf(id, sizeof id, "s%u", i);
            want(&def, id);
        }
        assert_int_equal(jw_ai_add_consumer(ai_of(world), &def, NULL), JW_OK);
    }
    return world;
}

void connect_all(jw_world *world, uint32_t consumers)
{
    char id[32];
    for (uint32_t c = 0; c < consumers; c++) {
        snprintf(id, sizeof id, "c%u", c);
        assert_int_equal(connect(world, id, ""), JW_OK);
    }
}

jw_world *create_one(const jw_integration_def *plan, const jw_source_def *sources, uint32_t count,
                     bool is_joined)
{
    jw_world *world;
    assert_int_equal(try_create(&world), JW_OK);
    assert_int_equal(jw_ai_set_integration(ai_of(world), plan, NULL), JW_OK);
    add_sector(world, "tax", "planning");
    add_sector(world, "health", "");
    jw_consumer_def c = consumer_of("c", 3);
    c.is_joined = is_joined;
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(jw_ai_add_source(world, ai_of(world), &sources[i], NULL), JW_OK);
        want(&c, sources[i].id);
    }
    assert_int_equal(jw_ai_add_consumer(ai_of(world), &c, NULL), JW_OK);
    return world;
}
