/* The clock, the order of a step, and looking in. */
#include "kernel/toy.h"

#include <stdio.h>
#include <string.h>

/* ---- a module that writes down what happens to it ---- */

typedef struct tracer {
    char text[4000];
} tracer;

enum { TRACE_PLAIN, TRACE_SPAWN, TRACE_FAIL };

static void note(jw_world *world, void *state, const char *what)
{
    tracer *t = state;
    size_t length = strlen(t->text);
    snprintf(t->text + length, sizeof t->text - length, "%s@%lld ", what,
             (long long)(jw_world_time_ns(world) / JW_NS_PER_MS));
}

static void in_script(jw_world *world, void *state)
{
    note(world, state, "script");
    jw_command command = jw_command_make("note");
    jw_command_text(&command, "what", "scripted");
    assert_int_equal(jw_world_post_from_script(world, &command, NULL), JW_OK);
}
static void in_traffic(jw_world *world, void *state)
{
    note(world, state, "traffic");
    jw_schedule(world, jw_world_time_ns(world), JW_PRIORITY_NORMAL, 0, TRACE_PLAIN, 'n', 0);
}
static void in_coupling(jw_world *world, void *state)
{
    note(world, state, "coupling");
}
static void in_metrics(jw_world *world, void *state)
{
    note(world, state, "metrics");
}

static void trace_event(jw_world *world, void *state, const jw_event *event)
{
    char name[2] = {(char)event->a, 0};
    assert_int_equal(jw_world_time_ns(world), event->time_ns);
    note(world, state, name);
    if (event->kind == TRACE_SPAWN) { /* for this very instant: before what was there with a later priority */
        jw_schedule(world, event->time_ns, JW_PRIORITY_NORMAL, 0, TRACE_PLAIN, 'x', 0);
        jw_schedule(world, event->time_ns, JW_PRIORITY_FIRST, 0, TRACE_PLAIN, 'y', 0);
    }
    if (event->kind == TRACE_FAIL)
        jw_world_fail(world, JW_ERROR_LIMIT, "the tracer is full");
}

static jw_result apply_note(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)error;
    note(world, state, jw_command_get_text(command, "what", "?"));
    jw_schedule(world, jw_world_time_ns(world), JW_PRIORITY_NORMAL, 0, TRACE_PLAIN, 'c', 0);
    return JW_OK;
}

static const jw_verb_arg note_args[] = {{"what", 't', false, 0, 0, 0, "", "what to note"}};
static const jw_verb tracer_verbs[] = {{"note", "Notes.", note_args, 1, apply_note}};
static const jw_phase tracer_phases[] = {
    {"tracer.metrics", JW_SLOT_METRICS, in_metrics},
    {"tracer.coupling", JW_SLOT_COUPLING, in_coupling},
    {"tracer.script", JW_SLOT_SCRIPT, in_script},
    {"tracer.traffic", JW_SLOT_TRAFFIC, in_traffic},
};
static const jw_module tracer_module = {.name = "tracer",
                                        .state_size = sizeof(tracer),
                                        .on_event = trace_event,
                                        .phases = tracer_phases,
                                        .phase_count = 4,
                                        .verbs = tracer_verbs,
                                        .verb_count = 1};

static jw_world *create_tracer(void)
{
    static const jw_module_entry entries[] = {{&tracer_module, NULL}};
    jw_world_def def = {.modules = entries, .module_count = 1, .start_time_ns = JW_NS_PER_S};
    jw_world *world;
    assert_int_equal(jw_world_create(&def, &world, NULL), JW_OK);
    return world;
}

static const char *trace_of(jw_world *world)
{
    return ((tracer *)jw_world_state(world, 0))->text;
}

static void a_step_runs_in_its_order(void **state)
{
    (void)state;
    jw_world *world = create_tracer();
    assert_int_equal(jw_world_dt_ns(world), 500 * JW_NS_PER_MS);
    assert_int_equal(jw_world_step_number(world), 0);
    int64_t second = JW_NS_PER_S;
    jw_schedule(world, second * 3 / 2, JW_PRIORITY_LAST, 0, TRACE_PLAIN, 'l', 0);
    jw_schedule(world, second * 3 / 2, JW_PRIORITY_NORMAL, 0, TRACE_SPAWN, 's', 0);
    jw_schedule(world, second * 3 / 2 + 1, JW_PRIORITY_FIRST, 0, TRACE_PLAIN, 'z',
                0); /* one ns into step 2 */
    jw_schedule(world, second * 5 / 4, JW_PRIORITY_LAST, 0, TRACE_PLAIN, 'e', 0);
    jw_schedule(world, second, JW_PRIORITY_LAST, 0, TRACE_PLAIN, 'b', 0);
    jw_command command = jw_command_make("note");
    jw_command_text(&command, "what", "posted");
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    assert_int_equal(jw_world_step(world, NULL), JW_OK);
    assert_string_equal(
        trace_of(world),
        "script@1000 scripted@1000 posted@1000 c@1000 c@1000 b@1000 e@1250 s@1500 y@1500 x@1500 "
        "l@1500 traffic@1500 coupling@1500 metrics@1500 ");
    assert_int_equal(jw_world_time_ns(world), second * 3 / 2);
    assert_int_equal(jw_world_step_number(world), 1);
    assert_int_equal(jw_world_event_count(world), 8);
    ((tracer *)jw_world_state(world, 0))->text[0] = 0;
    assert_int_equal(jw_world_step(world, NULL), JW_OK);
    assert_string_equal(trace_of(world), "script@1500 scripted@1500 n@1500 c@1500 z@1500 traffic@2000 "
                                         "coupling@2000 metrics@2000 ");
    jw_world_destroy(world);
}

static uint32_t count_rows(const jw_world *world, const void *state)
{
    (void)world;
    return strlen(((const tracer *)state)->text) > 0;
}
static void drain_rows(jw_world *world, void *state, uint32_t table, uint32_t count)
{
    (void)table;
    assert_int_equal(count, 1);
    note(world, state, "drained");
}
static void restart_counts(jw_world *world, void *state)
{
    note(world, state, "restart");
}

/* Before the start no script; with the step that reaches it the counts begin. */
static void a_warm_up_runs_before_the_start(void **state)
{
    (void)state;
    static const jw_table table = {.name = "rows", .kind = JW_TABLE_LOG, .row_count = count_rows};
    jw_module module = tracer_module;
    module.tables = &table;
    module.table_count = 1;
    module.drain = drain_rows;
    module.restart_counts = restart_counts;
    const jw_module_entry entry = {&module, NULL};
    jw_world_def def = {
        .modules = &entry, .module_count = 1, .start_time_ns = 2 * JW_NS_PER_S, .warm_ns = JW_NS_PER_S};
    jw_world *world;
    assert_int_equal(jw_world_create(&def, &world, NULL), JW_OK);
    assert_int_equal(jw_world_time_ns(world), JW_NS_PER_S);
    assert_int_equal(jw_world_start_time_ns(world), 2 * JW_NS_PER_S);
    assert_int_equal(jw_world_warm_ns(world), JW_NS_PER_S);
    jw_command command = jw_command_make("note");
    jw_command_text(&command, "what", "posted");
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    assert_int_equal(jw_world_step(world, NULL), JW_OK);
    assert_int_equal(jw_world_log_entry(world, 0).time_ns, JW_NS_PER_S * 3 / 2);
    assert_true(jw_world_event_count(world) > 0);
    assert_int_equal(jw_world_step(world, NULL), JW_OK);
    assert_string_equal(trace_of(world),
                        "posted@1000 c@1000 traffic@1500 coupling@1500 metrics@1500 "
                        "n@1500 traffic@2000 coupling@2000 metrics@2000 drained@2000 restart@2000 ");
    assert_int_equal(jw_world_event_count(world), 0);
    assert_int_equal(jw_world_step_number(world), 2);
    jw_phase_time times[10];
    uint32_t count = jw_world_phase_times(world, times, 10);
    for (uint32_t i = 0; i < count; i++)
        assert_true(times[i].name && times[i].seconds == 0 && times[i].calls == 0);
    ((tracer *)jw_world_state(world, 0))->text[0] = 0;
    assert_int_equal(jw_world_step(world, NULL), JW_OK);
    assert_string_equal(trace_of(world), "script@2000 scripted@2000 n@2000 c@2000 traffic@2500 coupling@2500 "
                                         "metrics@2500 ");
    jw_world_destroy(world);
}

static void a_failed_world_says_why_and_stays_failed(void **state)
{
    (void)state;
    jw_world *world = create_tracer();
    jw_schedule(world, JW_NS_PER_S, 0, 0, TRACE_FAIL, 'f', 0);
    jw_schedule(world, JW_NS_PER_S, 1, 0, TRACE_PLAIN, 'g', 0);
    jw_error error = {0};
    assert_int_equal(jw_world_step(world, &error), JW_ERROR_LIMIT);
    assert_string_equal(error.message, "step 1 failed: the tracer is full");
    assert_null(strstr(trace_of(world), "g@"));
    assert_null(strstr(trace_of(world), "traffic"));
    assert_int_equal(jw_world_step(world, NULL), JW_ERROR_LIMIT);
    assert_int_equal(jw_world_step_number(world), 1);
    jw_writer writer = {0};
    assert_int_equal(jw_world_save(world, &writer, NULL), JW_ERROR_STATE);
    jw_writer_free(&writer);
    jw_world_destroy(world);
}

static jw_result try_def(const jw_world_def *def, jw_error *error)
{
    jw_world *world;
    *error = (jw_error){0};
    jw_result result = jw_world_create(def, &world, error);
    if (result != JW_OK)
        assert_null(world);
    jw_world_destroy(world);
    return result;
}

static jw_result fail_attach(jw_world *world, void *state, jw_error *error)
{
    (void)world, (void)state;
    return jw_fail(error, JW_ERROR_STATE, NULL, 0, "no port");
}

static jw_result fail_init(jw_world *world, void *state, const void *def, jw_error *error)
{
    (void)world, (void)state, (void)def, (void)error;
    return JW_ERROR_INPUT;
}

static void wrong_definitions_are_refused(void **state)
{
    (void)state;
    jw_error error;
    jw_world_def def = {.dt_ns = 50 * JW_NS_PER_MS};
    assert_int_equal(try_def(&def, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "0.05 s"));
    def.dt_ns = 2 * JW_NS_PER_S;
    assert_int_equal(try_def(&def, &error), JW_ERROR_INPUT);
    def = (jw_world_def){.start_time_ns = 300 * JW_NS_PER_MS};
    assert_int_equal(try_def(&def, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "whole number of time steps of 0.5 s"));
    def.start_time_ns = INT64_MAX / JW_NS_PER_S * JW_NS_PER_S;
    assert_int_equal(try_def(&def, &error), JW_ERROR_INPUT);
    def = (jw_world_def){.start_time_ns = JW_NS_PER_S, .warm_ns = 700 * JW_NS_PER_MS};
    assert_int_equal(try_def(&def, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "warm-up of 0.7 s is not a whole number of time steps of 0.5 s"));
    def.warm_ns = 2 * JW_NS_PER_S;
    assert_int_equal(try_def(&def, &error), JW_ERROR_INPUT);
    def.warm_ns = -JW_NS_PER_S;
    assert_int_equal(try_def(&def, &error), JW_ERROR_INPUT);
    def.warm_ns = 0;
    def.start_time_ns = 300 * JW_NS_PER_MS;
    def.dt_ns = 100 * JW_NS_PER_MS;
    assert_int_equal(try_def(&def, &error), JW_OK);

    jw_module_entry twice[] = {{&tracer_module, NULL}, {&tracer_module, NULL}};
    def = (jw_world_def){.modules = twice, .module_count = 2};
    assert_int_equal(try_def(&def, &error), JW_ERROR_EXISTS);
    jw_module copy = tracer_module;
    copy.name = "copy";
    twice[1].module = &copy;
    assert_int_equal(try_def(&def, &error), JW_ERROR_EXISTS);
    assert_non_null(strstr(error.message, "\"note\""));

    toy_def toy = {10, 10, 0};
    jw_module_entry entries[TOY_MODULE_COUNT + 1];
    toy_entries(&toy, entries);
    jw_module broken = {.name = "broken", .init = fail_init};
    entries[TOY_MODULE_COUNT] = (jw_module_entry){&broken, NULL};
    def = (jw_world_def){.modules = entries, .module_count = TOY_MODULE_COUNT + 1};
    assert_int_equal(try_def(&def, &error), JW_ERROR_INPUT);
    assert_string_equal(error.message, "module broken cannot start: bad input");
    broken.init = NULL;
    broken.attach = fail_attach;
    assert_int_equal(try_def(&def, &error), JW_ERROR_STATE);
    assert_string_equal(error.message, "no port");
    def.module_count = 1; /* walkers without a bank */
    assert_int_equal(try_def(&def, &error), JW_ERROR_STATE);
}

static void the_world_answers_plain_questions(void **state)
{
    (void)state;
    toy_def toy = {600, 20, 3};
    jw_world *world = toy_create(&toy, 77, 2);
    assert_int_equal(jw_world_seed(world), 77);
    assert_int_equal(jw_world_threads(world), 2);
    assert_int_equal(jw_world_start_time_ns(world), 8 * 3600 * JW_NS_PER_S);
    assert_int_equal(jw_world_module_count(world), 3);
    assert_ptr_equal(jw_world_module(world, 1), &toy_bank);
    assert_int_equal(jw_world_find_module(world, "script"), TOY_SCRIPT);
    assert_int_equal(jw_world_find_module(world, "nobody"), JW_NONE);
    assert_null(jw_world_shared(world));
    double value;
    assert_true(jw_world_metric(world, "walkers.count", &value));
    assert_true(value == 600);
    assert_false(jw_world_metric(world, "walkers.size", &value));
    uint32_t module;
    const jw_table *table = jw_world_find_table(world, "accounts", &module);
    assert_non_null(table);
    assert_int_equal(table->row_count(world, jw_world_state(world, module)), 20);
    assert_int_equal(table->integer(world, jw_world_state(world, module), 3, 0), 100);
    assert_null(jw_world_find_table(world, "nothing", NULL));
    jw_world_destroy(world);
    jw_world_destroy(NULL);
}

static void every_phase_is_timed(void **state)
{
    (void)state;
    toy_def toy = {600, 20, 3};
    jw_world *world = toy_create(&toy, 1, 1);
    toy_run(world, 5);
    jw_world_hash(world);
    jw_phase_time times[8];
    assert_int_equal(jw_world_phase_times(world, times, 8), 5);
    static const char *const names[] = {"script.moments", "walkers.move", "commands", "events", "hash"};
    static const uint64_t calls[] = {5, 5, 5, 5, 1};
    for (int i = 0; i < 5; i++) {
        assert_string_equal(times[i].name, names[i]);
        assert_int_equal(times[i].calls, calls[i]);
        assert_true(times[i].seconds >= 0 && times[i].seconds < 10);
    }
    assert_true(times[1].seconds > 0);
    assert_int_equal(jw_world_phase_times(world, times, 0), 5);
    jw_world_destroy(world);
}

static void the_clock_has_an_end(void **state)
{
    (void)state;
    jw_world *world;
    jw_world_def def = {.start_time_ns = INT64_MAX / 4 / JW_NS_PER_S * JW_NS_PER_S};
    assert_int_equal(jw_world_create(&def, &world, NULL), JW_OK);
    jw_error error = {0};
    while (jw_world_step(world, &error) == JW_OK)
        assert_true(jw_world_step_number(world) < 3);
    assert_non_null(strstr(error.message, "73 years"));
    jw_world_destroy(world);
}

static void an_empty_world_steps(void **state)
{
    (void)state;
    jw_world *world;
    jw_world_def def = {0};
    assert_int_equal(jw_world_create(&def, &world, NULL), JW_OK);
    uint64_t before = jw_world_hash(world);
    assert_int_equal(jw_world_step(world, NULL), JW_OK);
    assert_true(jw_world_hash(world) != before);
    jw_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(a_step_runs_in_its_order),      JW_UNIT(a_failed_world_says_why_and_stays_failed),
        JW_UNIT(wrong_definitions_are_refused), JW_UNIT(the_world_answers_plain_questions),
        JW_UNIT(every_phase_is_timed),          JW_UNIT(the_clock_has_an_end),
        JW_UNIT(an_empty_world_steps),          JW_UNIT(a_warm_up_runs_before_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
