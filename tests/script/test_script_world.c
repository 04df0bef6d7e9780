/* Scenarios in a whole twin: restores, events, commands, hot reload, damaged snapshots. */
#include "script_district.h"

static jw_world *make_world_of(const char *text)
{
    write_text_file("world.lua", text);
    return make_world("world.lua");
}

/* Steps with one restored copy after another: each copy continues from the last one's snapshot. */
static void check_restores(const char *path, int minutes)
{
    jw_world *through = make_world(path), *restored = make_world(path);
    for (int minute = 0; minute < minutes; minute++) {
        step_world(through, 120);
        step_world(restored, 120);
        if (jw_world_hash(through) != jw_world_hash(restored))
            fail_msg("%s: minute %d: a restored run differs", path, minute + 1);
        jw_world *next = copy_world(restored, 1);
        jw_world_destroy(restored);
        restored = next;
    }
    assert_string_equal(jw_script_last_error(through), "");
    assert_string_equal(jw_script_last_error(restored), "");
    jw_world_destroy(through);
    jw_world_destroy(restored);
}

static void test_restores(void **state)
{
    (void)state;
    check_restores(JW_SOURCE_FOLDER "/scripts/morning_peak.lua", 10);
    check_restores(JW_SOURCE_FOLDER "/scripts/data_flow.lua", 8);
    check_restores(JW_SOURCE_FOLDER "/scripts/ai_rollout.lua", 11);
    write_text_file("chance.lua",
                    "local at_load = math.random(1000)\n"
                    "return scenario { title = 'x', every = { ['7s'] = function(twin, storage)\n"
                    "  storage.sum = (storage.sum or at_load) + math.random(1000)\n"
                    "  storage.list = storage.list or {}\n"
                    "  storage.list[math.random(5)] = { math.random(), k = 'x' } end } }\n");
    check_restores("chance.lua", 4);
}

static uint32_t count_commands(const jw_world *world, const char *verb, jw_result result)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < jw_world_log_count(world); i++) {
        jw_log_entry entry = jw_world_log_entry(world, i);
        count += strcmp(entry.command.verb, verb) == 0 && entry.result == result;
    }
    return count;
}

/* What the three scenarios say they do. */
static void test_scenarios(void **state)
{
    (void)state;
    jw_world *world = make_world(JW_SOURCE_FOLDER "/scripts/morning_peak.lua");
    assert_string_equal(jw_scenario_texts(world)->title.en, "Morning peak with road works");
    step_world(world, 2 * 60 * 39);
    assert_true(count_commands(world, "close_lane", JW_OK) >= 1);
    assert_int_equal(count_commands(world, "open_lane", JW_OK), count_commands(world, "close_lane", JW_OK));
    assert_int_equal(count_commands(world, "set_demand_factor", JW_OK), 2);
    assert_contains(last_line(world), "The works end.");
    jw_world_destroy(world);

    world = make_world(JW_SOURCE_FOLDER "/scripts/data_flow.lua");
    step_world(world, 2 * 60 * 16);
    assert_int_equal(count_commands(world, "cut_link", JW_OK), 2);
    assert_int_equal(count_commands(world, "repair_link", JW_OK), 2);
    jw_world_destroy(world);

    world = make_world(JW_SOURCE_FOLDER "/scripts/ai_rollout.lua");
    step_world(world, 2 * 60 * 10);
    assert_int_equal(count_commands(world, "deploy_model", JW_OK), 2);
    assert_int_equal(count_commands(world, "fail_node", JW_OK), 1);
    assert_int_equal(count_commands(world, "repair_node", JW_OK), 1);
    jw_world_destroy(world);
}

/* Moments, in order: on_start at once, equal times by key, periods from the start, none twice. */
static void test_moments(void **state)
{
    (void)state;
    jw_world *world = make_world_of(
        "local function say(text) return function(twin) twin:log(twin:time() .. ' ' .. text) end end\n"
        "return scenario { title = 'x', on_start = say 'start',\n"
        "  timeline = { ['07:30'] = say 'exact', ['07:30:02'] = say 'b', ['+2s'] = say 'a', ['07:00'] = say "
        "'never',\n"
        "               ['+0.1min'] = say 'six' },\n"
        "  every = { ['2s'] = say 'two', ['3s'] = say 'three' } }\n");
    step_world(world, 13);
    static const char *const wanted[] = {
        "07:30:00 start", "07:30:00 exact", "07:30:02 a",   "07:30:02 b",   "07:30:02 two",
        "07:30:03 three", "07:30:04 two",   "07:30:06 six", "07:30:06 two", "07:30:06 three",
    };
    for (uint32_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        assert_string_equal(log_line(world, i), wanted[i]);
    assert_int_equal(log_count(world), sizeof wanted / sizeof wanted[0]);
    jw_world_destroy(world);
}

/* Tables by columns against the map and the tables themselves. */
static void test_rows(void **state)
{
    (void)state;
    jw_world *world = make_world_of(
        "return scenario { title = 'x', on_start = function(twin)\n"
        "  local edges, sites, wide = twin:edges(), twin:sites { tier = 'edge' }, twin:edges { lanes = { min "
        "= 2 } }\n"
        "  local metres, most, best = wide:column 'length_m', -1, nil\n"
        "  for i, id in ipairs(wide:ids()) do if metres[i] > most then most, best = metres[i], id end end\n"
        "  assert(best == wide:arg_max 'length_m' and most == wide:max 'length_m')\n"
        "  local sum = 0 for _, m in ipairs(edges:column 'length_m') do sum = sum + m end\n"
        "  assert(sum == edges:sum 'length_m' and math.abs(sum / edges:count() - edges:mean 'length_m') < "
        "1e-9)\n"
        "  assert(twin:edges { lanes = { min = 99 } }:count() == 0 and twin:edges { lanes = { min = 99 } "
        "}:max 'length_m' == nil)\n"
        "  assert(twin:table('sites', { tier = 'city' }):first() == 'city-cloud' and twin:sites { is_up = 0 "
        "}:count() == 0)\n"
        "  local ok, message = pcall(function() return edges:max 'wrong' end)\n"
        "  twin:log(message)\n"
        "  ok, message = pcall(function() return sites:max 'name' end)\n"
        "  twin:log(message)\n"
        "  ok, message = pcall(function() return sites.no_such end)\n"
        "  twin:log(message)\n"
        "  ok, message = pcall(function() return twin:table 'trips' end)\n"
        "  twin:log(message)\n"
        "  ok, message = pcall(function() return twin:edges { lanes = { least = 1 } } end)\n"
        "  twin:log(message)\n"
        "  ok, message = pcall(function() twin:close_lane(1) end)\n"
        "  twin:log(message)\n"
        "  ok, message = pcall(function() sites.count() end)\n"
        "  twin:log(message)\n"
        "  twin:log(sites:count() .. ' ' .. sites:last() .. ' ' .. edges:count() .. ' ' .. twin:junctions { "
        "has_signal = true }:count())\n"
        "  local from, to = edges:column 'from', edges:column 'to'\n"
        "  twin:log(from[1] .. ' ' .. to[1] .. ' ' .. twin:edges { to = to[1] }:count())\n"
        "end }\n");
    step_world(world, 1);
    assert_string_equal(jw_script_last_error(world), "");
    static const char *const wanted[] = {"table \"edges\" has no column \"wrong\"; it has: speed_mps",
                                         "column \"name\" of table sites holds no numbers",
                                         "rows have no method \"no_such\"",
                                         "depends on the recorder",
                                         "takes no \"least\"; it takes: min, max",
                                         "close_lane needs the number \"lane\"",
                                         "write rows:count with a colon"};
    for (uint32_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        assert_contains(log_line(world, i), wanted[i]);
    uint32_t signals = 0;
    for (uint32_t i = 0; i < district_def.city->junction_count; i++)
        signals += district_def.city->junctions[i].programme != JW_NONE;
    char counts[80];
    snprintf(counts, sizeof counts, "4 edge-4 %u %u", district_def.city->edge_count, signals);
    assert_string_equal(log_line(world, JW_COUNT_OF(wanted)), counts);
    const jw_edge *edge = &district_def.city->edges[0];
    snprintf(counts, sizeof counts, "%u %u %u", edge->from, edge->to,
             district_def.city->junctions[edge->to].in_count);
    assert_string_equal(last_line(world), counts);
    jw_world_destroy(world);
}

/* Events: a failed site, a command that is not carried out; late and lost requests as the twin counts them.
 */
static void test_events(void **state)
{
    (void)state;
    jw_world *world = make_world_of(
        "return scenario { title = 'x', on_start = function(twin, storage) storage.n, storage.late = 0, 0 "
        "end,\n"
        "  timeline = { ['+5s'] = function(twin) twin:fail_node 'edge-2' twin:cut_link 'no such link' end,\n"
        "               ['+20s'] = function(twin) for _, id in ipairs(twin:sites():ids()) do "
        "twin:fail_node(id) end end,\n"
        "               ['+60s'] = function(twin, storage) twin:log('lost ' .. storage.n) end },\n"
        "  on = { site_failed = function(twin, storage, p, site) twin:log(site.name .. ' ' .. site.tier) "
        "end,\n"
        "         command_failed = function(twin, storage, p, command) twin:log(command.verb .. ' ' .. "
        "command.name .. ': ' .. command.reason) end,\n"
        "         late_request = function(twin, storage) storage.late = storage.late + 1 end,\n"
        "         lost_request = function(twin, storage, p, request) storage.n = storage.n + 1 "
        "assert(type(request.type) == 'string') end } }\n");
    step_world(world, 12);
    assert_int_equal(log_count(world), 2);
    assert_string_equal(log_line(world, 0), "edge-2 edge");
    assert_string_equal(log_line(world, 1), "cut_link no such link: not found");
    step_world(world, 2 * 48);
    double lost_then = number_of(world, "twin.requests_lost");
    step_world(world, 13);
    assert_string_equal(jw_script_last_error(world), "");
    int64_t lost = 0;
    assert_int_equal(sscanf(last_line(world), "lost %ld", &lost), 1);
    assert_true(lost > 0 && (double)lost >= lost_then &&
                (double)lost <= number_of(world, "twin.requests_lost"));
    jw_world_destroy(world);
}

static void post(jw_world *world, jw_command command)
{
    jw_error error = {0};
    assert_int_equal(jw_world_post(world, &command, &error), JW_OK);
}

/* A live parameter calls the scene's handler; a start parameter and a value out of range are refused. */
static void test_set_param(void **state)
{
    (void)state;
    jw_world *world =
        make_world_of("return scenario { title = 'x', every = { ['1s'] = function(twin, storage, p)\n"
                      "  twin:log('demand ' .. p.demand) end } }\n");
    step_world(world, 3);
    assert_string_equal(last_line(world), "demand 1.0");
    jw_command command = jw_command_make("set_param");
    jw_command_text(&command, "id", "demand");
    jw_command_number(&command, "value", 2.5);
    post(world, command);
    step_world(world, 4);
    assert_string_equal(last_line(world), "demand 2.5");
    assert_int_equal(count_commands(world, "set_demand_factor", JW_OK), 1);
    jw_command_number(&command, "value", 99);
    post(world, command);
    jw_command_text(&command, "id", "edge_sites");
    post(world, command);
    step_world(world, 4);
    assert_int_equal(count_commands(world, "set_param", JW_OK), 1);
    assert_int_equal(count_commands(world, "set_param", JW_ERROR_INPUT), 1);
    assert_int_equal(count_commands(world, "set_param", JW_ERROR_STATE), 1);
    jw_world_destroy(world);
}

/* Without a scenario one can be loaded later; a reload keeps storage; a broken text leaves everything. */
static void test_reload(void **state)
{
    (void)state;
    static const char first[] =
        "return scenario { title = 'one', on_start = function(twin, storage) storage.n = 1 end,\n"
        "  every = { ['1s'] = function(twin, storage) storage.n = storage.n + 1 twin:log('one ' .. "
        "storage.n) end } }";
    static const char second[] = "return scenario { title = 'two', on_reload = function(twin, storage) "
                                 "storage.n = storage.n * 100 end,\n"
                                 "  every = { ['1s'] = function(twin, storage) storage.n = storage.n + 1 "
                                 "twin:log('two ' .. storage.n) end } }";
    jw_world *world = make_world(NULL);
    step_world(world, 3);
    assert_null(jw_scenario_texts(world));
    jw_command command = jw_command_make("load_scenario");
    jw_command_text(&command, "name", "scripts/one.lua");
    command.blob = first;
    command.blob_size = sizeof first - 1;
    post(world, command);
    step_world(world, 2); /* loaded at the end of a step, so it begins in the next */
    assert_string_equal(last_line(world), "one 2");
    command = jw_command_make("reload");
    command.blob = second;
    command.blob_size = sizeof second - 1;
    post(world, command);
    step_world(world, 2);
    assert_string_equal(last_line(world), "two 201");
    assert_string_equal(jw_scenario_texts(world)->title.en, "two");
    command.blob = "return scenario {";
    command.blob_size = 17;
    post(world, command);
    step_world(world, 2);
    assert_string_equal(last_line(world), "two 202");
    assert_int_equal(count_commands(world, "reload", JW_ERROR_INPUT), 1);

    jw_writer bundle = {0};
    jw_error error = {0};
    assert_int_equal(jw_scenario_bundle(JW_SOURCE_FOLDER "/scripts/data_flow.lua", &bundle, &error), JW_OK);
    command = jw_command_make("load_scenario");
    command.blob = bundle.bytes;
    command.blob_size = (uint32_t)bundle.size;
    post(world, command);
    step_world(world, 2);
    assert_string_equal(jw_scenario_texts(world)->title.en, "A fibre is cut, then another");
    bundle.bytes[bundle.size / 2] = 0;
    post(world, command);
    step_world(world, 1);
    jw_writer_free(&bundle);
    jw_world_destroy(world);
}

/* A failing handler is told once, its storage forgotten, its commands kept; the others go on; a reload mends
 * it. */
static void test_failing_handler(void **state)
{
    (void)state;
    jw_world *world = make_world_of(
        "return scenario { title = 'x', on_start = function(twin, storage) storage.n = 0 end, every = {\n"
        "  ['1s'] = function(twin, storage) storage.n = 100 twin:set_demand_factor(1.5) error 'broken' end,\n"
        "  ['2s'] = function(twin, storage) storage.n = storage.n + 1 twin:log('n ' .. storage.n) end } }\n");
    step_world(world, 9);
    assert_string_equal(jw_script_last_error(world), "world.lua:2: broken");
    assert_string_equal(last_line(world), "n 2");
    assert_int_equal(count_commands(world, "set_demand_factor", JW_OK), 1);
    assert_true(number_of(world, "script.errors") == 1);
    post(world, jw_command_make("reload"));
    step_world(world, 2);
    assert_true(number_of(world, "script.errors") == 2);
    jw_world_destroy(world);
    /* Within one step: what the first left in storage and in an outside local is not seen by the second. */
    world = make_world_of(
        "local outside = 5\n"
        "return scenario { title = 'x',\n"
        "  timeline = { ['+1s'] = function(twin, storage) storage.n = 100 error 'broken' end,\n"
        "    ['+2s'] = function(twin, storage) outside = 6 end },\n"
        "  every = { ['1s'] = function(twin, storage) twin:log(outside .. tostring(storage.n)) end } }\n");
    step_world(world, 5);
    assert_true(number_of(world, "script.errors") == 2);
    assert_int_equal(log_count(world), 4);
    assert_string_equal(log_line(world, 1), "5nil");
    assert_string_equal(log_line(world, 3), "5nil");
    jw_world_destroy(world);
}

/* The external commands of one run, given to another, make the same run; scripts make theirs anew. */
static void test_replay(void **state)
{
    (void)state;
    const char *path = JW_SOURCE_FOLDER "/scripts/morning_peak.lua";
    jw_world *first = make_world(path), *second = make_world(path);
    jw_error error = {0};
    step_world(first, 30);
    jw_command command = jw_command_make("set_param");
    jw_command_text(&command, "id", "demand");
    jw_command_number(&command, "value", 2);
    post(first, command);
    step_world(first, 300);
    jw_log_entry log[64];
    uint32_t count = jw_world_log_count(first);
    assert_true(count > 0 && count <= 64);
    for (uint32_t i = 0; i < count; i++)
        log[i] = jw_world_log_entry(first, i);
    assert_int_equal(jw_world_replay(second, log, count, &error), JW_OK);
    step_world(second, 330);
    assert_true(jw_world_hash(first) == jw_world_hash(second));
    jw_world_destroy(first);
    jw_world_destroy(second);
}

/* The module's chunk cut at every length and with bytes flipped: refused or loaded, never a crash. */
static void test_damaged(void **state)
{
    (void)state;
    write_text_file("damaged.lua", "return scenario { title = 'x', on_start = function(twin, storage) "
                                   "storage.a = { 1, 'b', { c = true } } end }\n");
    jw_world *world;
    jw_error error = {0};
    make_script_world("damaged.lua", NULL, &world, &error);
    assert_non_null(world);
    step_world(world, 2);
    jw_writer chunk = {0};
    void *saved = jw_world_state(world, 0);
    jw_script_module.save(world, saved, &chunk);
    void *other = jw_alloc(jw_script_module.state_size);
    for (size_t cut = 0; cut <= chunk.size; cut++) {
        jw_reader reader = jw_reader_make(chunk.bytes, cut);
        memset(other, 0, jw_script_module.state_size);
        jw_script_module.load(world, other, &reader);
        assert_int_equal(reader.failed, cut < chunk.size);
        jw_script_module.destroy(other);
    }
    for (size_t at = 0; at < chunk.size; at++) {
        for (int bit = 0; bit < 8; bit += 3) {
            chunk.bytes[at] ^= (uint8_t)(1 << bit);
            jw_reader reader = jw_reader_make(chunk.bytes, chunk.size);
            memset(other, 0, jw_script_module.state_size);
            jw_script_module.load(world, other, &reader);
            jw_script_module.destroy(other);
            chunk.bytes[at] ^= (uint8_t)(1 << bit);
        }
    }
    jw_free(other);
    jw_writer_free(&chunk);
    jw_world_destroy(world);
}

/* ---- signals ------------------------------------------------------------------------------------------- */

static bool is_outside(const jw_world *world, uint32_t programme)
{
    uint32_t phase;
    double elapsed_s;
    bool is_outside_now;
    jw_traffic_programme_state(jw_world_state(world, JW_TWIN_TRAFFIC), programme, &phase, &elapsed_s,
                               &is_outside_now);
    return is_outside_now;
}

/* The control of a scenario is asked at its interval, sees columns, is obeyed; storage is kept. */
static void test_signals(void **state)
{
    (void)state;
    jw_world *world = make_world_of(
        "return scenario { title = 'x', signals = { interval_s = 10, control = function(junction, storage)\n"
        "  storage.calls = (storage.calls or 0) + 1\n"
        "  assert(#junction.phase == #junction.queued and #junction.phase == #junction.pressure)\n"
        "  assert(#junction.lanes.edge == #junction.lanes.occupancy and junction.interval_s == 10)\n"
        "  if junction.elapsed_s < 0 or junction.min_s[1] > junction.max_s[1] then error 'odd' end\n"
        "  return junction.phase[#junction.phase], { [junction.lanes.edge[1]] = 30 } end },\n"
        "  every = { ['60s'] = function(twin, storage) twin:log(storage.calls .. ' calls') end } }\n");
    step_world(world, 2 * 60 + 2);
    assert_string_equal(jw_script_last_error(world), "");
    uint32_t programmes = district_def.city->programme_count;
    char expected[40];
    snprintf(expected, sizeof expected, "%u calls", 7 * programmes);
    assert_string_equal(log_line(world, 0), expected);
    for (uint32_t p = 0; p < programmes; p++) {
        assert_true(is_outside(world, p));
        assert_int_equal(jw_traffic_signal_control(jw_world_state(world, JW_TWIN_TRAFFIC), p),
                         JW_SIGNAL_OUTSIDE);
    }
    jw_world_destroy(world);
    check_restores(JW_SOURCE_FOLDER "/scripts/control_longest_queue.lua", 6);
}

/* Only the junctions named; a wrong answer ends it, and the signals go by their clock again. */
static void test_wrong_signals(void **state)
{
    (void)state;
    uint32_t junction = district_def.city->programmes[3].junction;
    char text[400];
    snprintf(text, sizeof text,
             "return scenario { title = 'x', signals = { junctions = { %u }, control = function(junction, "
             "storage)\n"
             "  assert(junction.junction == %u and junction.programme == 3)\n"
             "  storage.calls = (storage.calls or 0) + 1\n"
             "  return storage.calls < 8 and junction.phase[2] or 1000 end } }\n",
             junction, junction);
    jw_world *world = make_world_of(text);
    step_world(world, 2 * 20);
    assert_true(is_outside(world, 3));
    assert_int_equal(jw_traffic_signal_control(jw_world_state(world, JW_TWIN_TRAFFIC), 2), JW_SIGNAL_FIXED);
    assert_string_equal(jw_script_last_error(world), "");
    step_world(world, 2 * 60);
    assert_contains(jw_script_last_error(world), "1000 is no green phase of junction");
    assert_false(is_outside(world, 3));
    jw_world_destroy(world);
    world = make_world_of("return scenario { title = 'x', signals = { junctions = { 999999 },\n"
                          "  control = function() end } }\n");
    step_world(world, 2);
    assert_contains(jw_script_last_error(world), "junction 999999 does not exist");
    jw_world_destroy(world);
    const char *const wrong[] = {"signals = { }", "signals = { control = 3 }",
                                 "signals = { control = function() end, interval_s = 0.1 }",
                                 "signals = { control = function() end, junctions = { 'x' } }",
                                 "signals = { control = function() end, junction = { 1 } }"};
    for (uint32_t i = 0; i < JW_COUNT_OF(wrong); i++) {
        snprintf(text, sizeof text, "return scenario { title = 'x', %s }\n", wrong[i]);
        write_text_file("wrong.lua", text);
        jw_error error = {0};
        assert_true(jw_scenario_check("wrong.lua", NULL, &error) != JW_OK);
        assert_contains(error.message, "signals");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments),   cmocka_unit_test(test_rows),
        cmocka_unit_test(test_events),    cmocka_unit_test(test_set_param),
        cmocka_unit_test(test_reload),    cmocka_unit_test(test_failing_handler),
        cmocka_unit_test(test_replay),    cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_scenarios), cmocka_unit_test(test_restores),
        cmocka_unit_test(test_signals),   cmocka_unit_test(test_wrong_signals),
    };
    jw_log_to(no_log, NULL);
    return cmocka_run_group_tests(tests, open_district, close_district);
}
