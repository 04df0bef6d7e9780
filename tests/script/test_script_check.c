/* All problems of a scene or scenario at once: each with its line, none twice, none that only follows from
 * another one. */
#include "script_test.h"

/* The problems as lines "file:line: message". */
static void list_problems(const jw_problems *problems, char *out, size_t size)
{
    size_t used = 0;
    out[0] = 0;
    for (uint32_t i = 0; i < problems->count; i++) {
        const jw_problem *p = &problems->items[i];
        if (p->severity == JW_PROBLEM)
            used += (size_t)snprintf(out + used, size - used, "%s:%d: %s\n", p->file, p->line, p->message);
        assert_true(used < size);
    }
}

/* Each wanted line is the beginning of one listed, in this order, and there are no others. */
static void check_list(const jw_problems *problems, const char *const *wanted, uint32_t count)
{
    char got[16384];
    list_problems(problems, got, sizeof got);
    const char *line = got;
    bool is_fine = true;
    for (uint32_t i = 0; i < count && is_fine; i++) {
        is_fine = strncmp(line, wanted[i], strlen(wanted[i])) == 0;
        if (!is_fine)
            print_error("wanted \"%s\" in\n%s", wanted[i], got);
        line = strchr(line, '\n') ? strchr(line, '\n') + 1 : line;
    }
    if (is_fine && *line)
        print_error("not wanted: %s", line);
    assert_true(is_fine && *line == 0);
}

static void check_scene(const char *text, const char *const *wanted, uint32_t count)
{
    jw_problems problems = {0};
    jw_error error = {0};
    jw_city *city = NULL;
    write_text_file("many.lua", text);
    jw_result result = jw_scene_check("many.lua", 1, &problems, NULL, NULL, &city, &error);
    assert_int_equal(result == JW_OK, count == 0);
    check_list(&problems, wanted, count);
    jw_city_release(city);
    jw_problems_free(&problems);
    assert_int_equal(jw_allocated_bytes(), 0);
}

#define CHECK(text, ...)                                                                                     \
    do {                                                                                                     \
        static const char *const wanted_[] = {__VA_ARGS__};                                                  \
        check_scene(text, wanted_, sizeof wanted_ / sizeof wanted_[0]);                                      \
    } while (0)

static void test_declarations(void **state)
{
    (void)state;
    CHECK("return scene {\n"
          "  title = { en = 'Many', zh = 5 },\n"
          "  colour = 'blue',\n"
          "  map = plan { style = 'district', area_km2 = 1,\n"
          "    seed = 'x' },\n"
          "  start = '25:99',\n"
          "  params = {\n"
          "    param { id = 'a', type = 'number', default = 7, min = 0, max = 5, label = 'A' },\n"
          "    param { id = 'b', type = 'nombre', default = 7, min = 0, max = 5, label = 'B' },\n"
          "    param { id = 'c', type = 'integer', default = 1, min = 0, max = 5, label = 'C' },\n"
          "    param { id = 'd', type = 'integer', default = 1, min = 0, max = 5, label = 'D',\n"
          "      lable = 'D' },\n"
          "    7,\n"
          "  },\n"
          "  live = { a = print,\n"
          "    nope = print },\n"
          "  build = function(city, p) city:cells { spacing_m = p.a } end,\n"
          "}\n",
          "many.lua:5: plan: \"seed\" must be a number",
          "many.lua:8: default of param \"a\": 7 is out of range",
          "many.lua:9: param \"b\": \"type\" is \"nombre\"", "many.lua:12: param \"d\" takes no \"lable\"",
          "many.lua:3: scene takes no \"colour\"", "many.lua:1: scene: \"zh\" must be a text",
          "many.lua:6: scene: \"start\" is \"25:99\"", "many.lua:1: params: entry 5 must be param { ... }",
          "many.lua:16: scene: live.nope is no parameter");
}

static void test_building(void **state)
{
    (void)state;
    CHECK(
        "return scene {\n"
        "  title = 'Build', map = plan { style = 'district', area_km2 = 1 },\n"
        "  params = {\n"
        "    param { id = 'a', type = 'number', default = 7, min = 0, max = 5, label = 'A' },\n"
        "    param { id = 'c', type = 'integer', default = 1, min = 0, max = 5, label = 'C' } },\n"
        "  build = function(city, p)\n"
        "    local centre = city:place 'castle'\n"
        "    city:site { id = 'x', tier = 'edgy', at = centre,\n"
        "      racks = { { card = 'tpu', count = p.a } } }\n"
        "    city:site { id = 'y', tier = 'edge', at = { x = 0, y = 0 },\n"
        "      racks = { { card = 'tpu', count = p.c } } }\n"
        "    city:site { id = 'z', tier = 'edge', at = { x = 0, y = 0 }, region = 'mars',\n"
        "      racks = { { card = 'h20', count = 1 } } }\n"
        "    city:cells { spacing_m = p.spacing / 2,\n"
        "      powr = 5 }\n"
        "    city:cellz { spacing_m = 100 }\n"
        "    for i = 1, 2 do city:rollout { model = 'm' .. i, version = 1, tiers = { 'edge', 'egde' } } end\n"
        "    city:demand { model = 'gravity', peak = '7-9', factor = p.factor * 2 }\n"
        "    city:request { id = 'signal', service = 'nope' }\n"
        "    local t = nil + 1\n"
        "    city:demand { model = 'magic' }\n"
        "  end,\n"
        "}\n",
        "many.lua:4: default of param \"a\"", "many.lua:7: city:place: \"castle\" is no kind of place",
        "many.lua:8: city:site \"x\": \"tier\" is \"edgy\"",
        "many.lua:10: site \"y\": the catalogue has no card \"tpu\"",
        "many.lua:12: site \"z\": the catalogue has no grid region \"mars\"",
        "many.lua:14: there is no parameter \"spacing\"", "many.lua:15: city:cells takes no \"powr\"",
        "many.lua:16: city has no method \"cellz\"", "many.lua:17: city:rollout: \"tiers\" holds \"egde\"",
        "many.lua:17: rollout: model \"m1\" version 1", "many.lua:17: rollout: model \"m2\" version 1",
        "many.lua:18: there is no parameter \"factor\"",
        "many.lua:19: request type \"signal\": the catalogue has no service \"nope\"",
        "many.lua:20: attempt to perform arithmetic on a nil value");
}

static void test_decisions(void **state)
{
    (void)state;
    CHECK(
        "return scene {\n"
        "  title = 'Decide', map = plan { style = 'district', area_km2 = 1 },\n"
        "  build = function(city, p)\n"
        "    local at = { x = 0, y = 0 }\n"
        "    city:decider { kind = 'weather', by = 'model' }\n"
        "    city:decider { kind = 'signal', by = 'oracle' }\n"
        "    city:desk { id = 'a', kind = 'triage', at = at, cases_per_h = 5, servers = 2, service_s = 60,\n"
        "      classes = { { name = 'u', share = 0.5 }, { name = 'v', share = 0.4 } } }\n"
        "    city:desk { id = 'b', kind = 'clearing', at = at, cases_per_h = 5, servers = 0, service_s = 60 "
        "}\n"
        "    city:incidents { crews = 99 }\n"
        "  end,\n"
        "}\n",
        "many.lua:5: city:decider: there are no decisions of kind \"weather\"",
        "many.lua:6: city:decider: \"by\" is \"oracle\"", "many.lua:7: desk \"a\"",
        "many.lua:9: city:desk \"b\": \"servers\" is 0", "many.lua:10: city:incidents: \"crews\" is 99");
}

static void test_includes(void **state)
{
    (void)state;
    write_text_file("bad1.lua", "local x =\nreturn {");
    write_text_file("bad2.lua", "local y = 2 ^ 3\nreturn {}");
    write_text_file("good.lua", "-- include 'not this'\nlocal bad = include(\"bad3\")\nreturn {}");
    write_text_file("bad3.lua", "return\n\n{ 1 2 }");
    CHECK("local a = include 'good'\n"
          "local b = include 'bad1'\n"
          "local c = include [[bad1]], include('bad2')\n"
          "local d = include 'missing'\n"
          "return scene {}\n",
          "bad3.lua:3: '}' expected near '2'", "bad2.lua:1: the operator ^",
          "many.lua:4: include: there is no file \"missing.lua\"",
          "bad1.lua:2: unexpected symbol near 'return'");
}

/* What a script catches itself is no problem. */
static void test_caught(void **state)
{
    (void)state;
    check_scene("return scene { title = 'x', map = plan { style = 'district', area_km2 = 1 },\n"
                "  build = function(city, p)\n"
                "    assert(not pcall(function() city:cells { powr = 1 } end))\n"
                "    assert(not pcall(function() return p.nothing end))\n"
                "  end }\n",
                NULL, 0);
}

static void test_scenario(void **state)
{
    (void)state;
    static const char text[] =
        "return scenario {\n"
        "  title = 't',\n"
        "  params = { param { id = 'q', type = 'number', default = 1, label = 'Q' } },\n"
        "  timeline = {\n"
        "    ['08:10'] = function() local t = { [\"8:99\"] = 1 } end,\n"
        "    [\"8:99\"] = function() end,\n"
        "    ['+2minutes'] = function() end,\n"
        "    ['09:00'] = 5,\n"
        "  },\n"
        "  every = { ['0.01s'] = function() end },\n"
        "  on = { lost = function() end },\n"
        "  foo = 1,\n"
        "}\n";
    static const char *const wanted[] = {
        "moments.lua:3: param \"q\" needs min and max",
        "moments.lua:12: scenario takes no \"foo\"",
        "moments.lua:7: scenario: timeline[\"+2minutes\"] is no time",
        "moments.lua:8: scenario: timeline[\"09:00\"] must be a function",
        "moments.lua:6: scenario: timeline[\"8:99\"] is no time",
        "moments.lua:10: scenario: every[\"0.01s\"] is no time",
        "moments.lua:11: scenario: on.lost is no event",
    };
    jw_problems problems = {0};
    jw_error error = {0};
    write_text_file("moments.lua", text);
    assert_int_equal(jw_scenario_check("moments.lua", &problems, &error), JW_ERROR_INPUT);
    assert_string_equal(error.file, "moments.lua");
    assert_int_equal(error.line, 3);
    check_list(&problems, wanted, sizeof wanted / sizeof wanted[0]);
    jw_problems_free(&problems);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_declarations), cmocka_unit_test(test_building),
        cmocka_unit_test(test_decisions),    cmocka_unit_test(test_includes),
        cmocka_unit_test(test_caught),       cmocka_unit_test(test_scenario),
    };
    jw_log_to(no_log, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
