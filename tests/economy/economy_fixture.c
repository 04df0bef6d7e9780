#include "economy/economy_fixture.h"

#include <stdio.h>

jw_economy *economy_of(const jw_world *world)
{
    return jw_world_state(world, ECONOMY);
}

inspector *inspector_of(const jw_world *world)
{
    return jw_world_state(world, INSPECTOR);
}

jw_production_line_state line_of(const jw_world *world, uint32_t slot)
{
    jw_production_line_state line;
    assert_true(jw_economy_line(world, economy_of(world), slot, &line));
    return line;
}

bool is_identity_kept(const jw_world *world)
{
    jw_production_line_state l;
    for (uint32_t i = 0; jw_economy_line(world, economy_of(world), i, &l); i++)
        if (l.made != l.shipped_good + l.shipped_bad + l.scrapped_good + l.scrapped_bad + l.waiting ||
            l.made - l.waiting != l.inspected_by_model + l.inspected_by_fallback)
            return false;
    return jw_economy_is_consistent(world, economy_of(world), NULL);
}

static jw_ask on_inspect(jw_world *world, jw_line_id line, uint32_t part)
{
    inspector *all = inspector_of(world);
    all->asked++;
    if (all->asked % 61 == 0) /* now and then: it looks at everything */
        all->is_broken |= !is_identity_kept(world);
    if (all->def.cannot_send)
        return JW_ASK_FALLBACK;
    if (all->def.delay_s == 0)
        jw_economy_verdict(world, economy_of(world), line, part, all->def.quality);
    else if (all->def.delay_s > 0)
        jw_schedule(world, jw_world_time_ns(world) + jw_ns_from_s(all->def.delay_s), JW_PRIORITY_NORMAL,
                    INSPECTOR, 0, line.index1, part);
    return JW_ASK_SENT;
}

static bool on_maintain(jw_world *world, jw_line_id line, uint32_t station, uint32_t sample)
{
    if (inspector_of(world)->def.prognosis > 0)
        jw_economy_prognosis(world, economy_of(world), line, station, sample,
                             inspector_of(world)->def.prognosis);
    return true;
}

static jw_ask on_judge_case(jw_world *world, uint32_t desk, uint32_t asked)
{
    inspector *all = inspector_of(world);
    all->asked++;
    if (all->asked % 61 == 0)
        all->is_broken |= !is_identity_kept(world);
    if (all->def.delay_s == 0)
        jw_economy_judge_case(world, economy_of(world), desk, asked, all->def.quality);
    return all->def.cannot_send ? JW_ASK_FALLBACK : JW_ASK_SENT;
}

static jw_result inspector_init(jw_world *world, void *state, const void *def, jw_error *error)
{
    (void)world, (void)error;
    ((inspector *)state)->def = *(const inspector_def *)def;
    return JW_OK;
}

static jw_result inspector_attach(jw_world *world, void *state, jw_error *error)
{
    (void)state, (void)error;
    jw_economy_ports ports = {.inspect = on_inspect, .maintain = on_maintain, .judge_case = on_judge_case};
    jw_economy_set_ports(economy_of(world), &ports);
    return JW_OK;
}

static void inspector_on_event(jw_world *world, void *state, const jw_event *event)
{
    inspector *all = state;
    jw_economy_verdict(world, economy_of(world), (jw_line_id){event->a, 1}, (uint32_t)event->b,
                       all->def.quality);
    if (all->asked % 61 == 0) /* now and then: it looks at everything */
        all->is_broken |= !is_identity_kept(world);
}

static void inspector_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const inspector *all = state;
    jw_write_f64(writer, all->def.delay_s);
    jw_write_f64(writer, all->def.quality);
    jw_write_f64(writer, all->def.prognosis);
    jw_write_u8(writer, all->def.cannot_send);
    jw_write_i64(writer, all->asked);
}

static void inspector_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    inspector *all = state;
    all->def.delay_s = jw_read_f64(reader);
    all->def.quality = jw_read_f64(reader);
    all->def.prognosis = jw_read_f64(reader);
    all->def.cannot_send = jw_read_u8(reader);
    all->asked = jw_read_i64(reader);
    if (!(all->def.delay_s < 1e6) || all->asked < 0 || all->asked > INT64_MAX / 2)
        jw_reader_fail(reader, "the inspector is out of range");
}

static uint64_t inspector_hash(const jw_world *world, const void *state)
{
    (void)world;
    return jw_hash_u64(0, (uint64_t)((const inspector *)state)->asked);
}

static const jw_module inspector_module = {.name = "inspector",
                                           .version = 1,
                                           .state_size = sizeof(inspector),
                                           .init = inspector_init,
                                           .attach = inspector_attach,
                                           .on_event = inspector_on_event,
                                           .save = inspector_save,
                                           .load = inspector_load,
                                           .hash = inspector_hash};

jw_result try_create(const jw_economy_def *def, inspector_def answers, jw_world **out, jw_error *error)
{
    const jw_module_entry entries[] = {{&jw_economy_module, def}, {&inspector_module, &answers}};
    jw_world_def world = {
        .seed = 11, .start_time_ns = 7 * 3600 * JW_NS_PER_S, .modules = entries, .module_count = MODULES};
    return jw_world_create(&world, out, error);
}

jw_world *create_economy(const jw_economy_def *def, inspector_def answers)
{
    jw_world *world;
    jw_error error = {0};
    if (try_create(def, answers, &world, &error) != JW_OK)
        fail_msg("%s", error.message);
    return world;
}

jw_world *create(const jw_production_line_def *like, uint32_t count, inspector_def answers)
{
    jw_production_line_def lines[LINES_MAX];
    for (uint32_t i = 0; i < count; i++) {
        lines[i] = *like;
        snprintf(lines[i].name, sizeof lines[i].name, "line-%u", i);
    }
    return create_economy(&(jw_economy_def){.lines = lines, .line_count = count}, answers);
}

void run_s(jw_world *world, double seconds)
{
    int64_t until_ns = jw_world_time_ns(world) + jw_ns_from_s(seconds);
    while (jw_world_time_ns(world) < until_ns)
        assert_int_equal(jw_world_step(world, NULL), JW_OK);
    assert_true(is_identity_kept(world) && !inspector_of(world)->is_broken);
}
