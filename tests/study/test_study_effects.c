/* Effects: statistics of pairs, the same table for any number of threads, a mechanism that is known, what is
 * refused. */
#include "study/effects.h"

#include "base/test_base.h"

#include <stdio.h>
#include <string.h>

/* The mechanism silences a sender: fewer requests, and no error of a script either way. */
static const char silence[] =
    "return scenario { title = \"silence\", measures = { \"script.errors\", \"twin.requests_sent\" },\n"
    "  params = { param { id = \"mechanism\", type = \"boolean\", label = \"On\", default = true } },\n"
    "  on_start = function(twin, _, p)\n"
    "    if p.mechanism then twin:set_coupling { name = \"signals\", on = false } end\n"
    "  end }\n";

static void test_cells(void **state)
{
    (void)state;
    /* Off 10, 12, 14, on 9, 9, 12: differences -1, -3, -2 with s = 1; t(2) = 4.303. */
    double values[6 * JW_MEASURES_MAX] = {0};
    const double ends[] = {10, 12, 14, 9, 9, 12};
    for (uint32_t i = 0; i < 6; i++)
        values[i * JW_MEASURES_MAX + 1] = ends[i];
    jw_effect effect = {.script = "x", .values = values, .units = {"", "Wh"}};
    effect.texts.measure_count = 2;
    strcpy(effect.texts.measures[1], "a.b");
    jw_effects effects = {.effects = &effect, .count = 1, .seed_count = 3, .first_seed = 7, .minutes = 5};
    jw_effect_cell c = jw_effect_at(&effects, 0, 1);
    assert_true(jw_abs(c.on.mean - 10) < 1e-12 && jw_abs(c.off.mean - 12) < 1e-12);
    assert_true(jw_abs(c.off.half_width - 4.303 * 2 / jw_sqrt(3)) < 1e-9);
    assert_true(jw_abs(c.difference.mean + 2) < 1e-12);
    assert_true(jw_abs(c.difference.half_width - 4.303 / jw_sqrt(3)) < 1e-9);
    char *text;
    size_t size;
    assert_int_equal(jw_effects_write_csv(&effects, "effects.csv", NULL), JW_OK);
    assert_int_equal(jw_file_read("effects.csv", 1 << 20, &text, &size, NULL), JW_OK);
    assert_non_null(strstr(text, "difference_ci95,off_7,off_8,off_9,on_7,on_8,on_9\n"));
    assert_non_null(strstr(text, "x,a.b,Wh,10,4.303,12,4.96867642,-2,2.48433821,10,12,14,9,9,12\n"));
    jw_free(text);
    remove("effects.csv");
}

static bool cancel(void *context, double fraction, const char *what)
{
    (void)context, (void)fraction, (void)what;
    return false;
}

static void write_text(const char *path, const char *text)
{
    assert_int_equal(jw_file_write(path, text, strlen(text), NULL), JW_OK);
}

static void test_runs(void **state)
{
    (void)state;
    jw_error error = {0};
    jw_scene *scene;
    write_text("silence.lua", silence);
    assert_int_equal(jw_scene_open(JW_SOURCE_FOLDER "/scenes/district.lua", &scene, NULL, &error), JW_OK);
    const char *const scripts[] = {"silence.lua"};
    jw_effects_def def = {
        .scene = scene, .scripts = scripts, .script_count = 1, .seed_count = 2, .minutes = 1, .threads = 1};
    jw_effects one, two;
    if (jw_effects_run(&def, &one, &error) != JW_OK)
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
    def.threads = 2;
    assert_int_equal(jw_effects_run(&def, &two, &error), JW_OK);
    assert_memory_equal(one.effects[0].hashes, two.effects[0].hashes, 4 * sizeof(uint64_t));
    assert_memory_equal(one.effects[0].values, two.effects[0].values, 4 * JW_MEASURES_MAX * sizeof(double));
    jw_effect_cell errors = jw_effect_at(&one, 0, 0), sent = jw_effect_at(&one, 0, 1);
    assert_true(errors.on.mean == 0 && errors.off.mean == 0 && errors.difference.mean == 0);
    assert_string_equal(one.effects[0].units[0], "");
    assert_true(sent.on.mean > 0 && sent.difference.mean < 0);
    jw_effects_free(&one);
    jw_effects_free(&two);
    def.progress = cancel;
    assert_int_equal(jw_effects_run(&def, &one, &error), JW_ERROR_CANCELLED);
    jw_scene_close(scene);
    remove("silence.lua");
}

static void test_refused(void **state)
{
    (void)state;
    jw_scene *scene;
    assert_int_equal(jw_scene_open(JW_SOURCE_FOLDER "/scenes/district.lua", &scene, NULL, NULL), JW_OK);
    static const struct {
        const char *text, *saying;
    } wrong[] = {
        {"return scenario { title = 'x' }", "measures = {"},
        {"return scenario { title = 'x', measures = { 'economy.oee' } }", "boolean parameter \"mechanism\""},
        {"return scenario { title = 'x', measures = { 'economy.oe' }, params = {"
         " param { id = 'mechanism', type = 'boolean', label = 'On', default = true } } }",
         "\"economy.oe\", which there is not"},
        {"return scenario { title = 'x', measures = { 'economy.oee' }, params = {"
         " param { id = 'mechanism', type = 'boolean', label = 'On', default = true } },"
         " on_start = function() error 'broken' end }",
         "broken"},
    };
    const char *const scripts[] = {"wrong.lua"};
    jw_effects_def def = {
        .scene = scene, .scripts = scripts, .script_count = 1, .seed_count = 2, .minutes = 0.1, .threads = 1};
    jw_effects out;
    for (uint32_t i = 0; i < JW_COUNT_OF(wrong); i++) {
        jw_error error = {0};
        write_text("wrong.lua", wrong[i].text);
        assert_int_equal(jw_effects_run(&def, &out, &error), JW_ERROR_INPUT);
        if (!strstr(error.message, wrong[i].saying))
            fail_msg("%s", error.message);
    }
    jw_effects_def bad[] = {def, def, def};
    bad[0].script_count = 0;
    bad[1].seed_count = 1;
    bad[2].minutes = 0;
    for (uint32_t i = 0; i < JW_COUNT_OF(bad); i++)
        assert_int_equal(jw_effects_run(&bad[i], &out, NULL), JW_ERROR_INPUT);
    jw_scene_close(scene);
    remove("wrong.lua");
}

int main(void)
{
    const struct CMUnitTest tests[] = {JW_UNIT(test_cells), JW_UNIT(test_runs), JW_UNIT(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
