/* The sandbox: each rule with its bad input, and the library against Lua's own definitions. */
#include "script_test.h"

/* Runs `body` as a handler; gives the last line it logged or the error. */
static void run_body(const char *before, const char *body, char *out, size_t size)
{
    char text[4000];
    jw_error error = {0};
    jw_world *world;
    snprintf(
        text, sizeof text,
        "%s\nreturn scenario { title = { en = \"t\" }, on_start = function(twin, storage, p)\n%s\n end }\n",
        before, body);
    write_text_file("sandbox.lua", text);
    make_script_world("sandbox.lua", NULL, &world, &error);
    if (!world) {
        jw_error_format(&error, out, size);
        return;
    }
    step_world(world, 1);
    const char *failure = jw_script_last_error(world);
    jw_text_copy(out, size, failure[0] ? failure : last_line(world));
    jw_world_destroy(world);
}

typedef struct rule {
    const char *before, *body, *wanted;
} rule;

static void check_rules(const rule *rules, size_t count)
{
    int wrong = 0;
    for (size_t i = 0; i < count; i++) {
        char got[800] = "";
        run_body(rules[i].before, rules[i].body, got, sizeof got);
        if (!strstr(got, rules[i].wanted))
            print_error("%s / %s:\n  got \"%s\"\n  wanted \"%s\"\n", rules[i].before, rules[i].body, got,
                        rules[i].wanted);
        wrong += !strstr(got, rules[i].wanted);
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_bad_input(void **state)
{
    (void)state;
    static const rule rules[] = {
        /* work */
        {"", "while true do end", "sandbox.lua:3: stopped: too much work"},
        {"", "while true do pcall(function() while true do end end) end", "too much work"},
        {"while true do end", "", "sandbox.lua:1: stopped: too much work"},
        {"", "local t = {} for i = 1, 1000 do t[i] = i end for i = 1, 1e6 do pairs(t) end", "too much work"},
        {"", "local t = {} for i = 1, 1e6 do table.insert(t, 1, i) end", "too much work"},
        {"", "table.move({}, 1, 1e15, 2)", "too much work"},
        {"", "table.sort({ 3, 2, 1 }, function() while true do end end)", "too much work"},
        {"", "local s = ('a'):rep(60000) for i = 1, 1e6 do local t = s .. i end", "too much work"},
        {"", "('a'):rep(30):find(('a*'):rep(20) .. 'b')", "too much work"},
        {"", "string.gsub(('a'):rep(50000), '.-b', '')", "too much work"},
        {"", "local s = ('x'):rep(60000) for i = 1, 1e6 do s:upper() end", "too much work"},
        {"", "local s = ('1'):rep(60000) for i = 1, 1e6 do tonumber(s) end", "too much work"},
        /* memory */
        {"", "local t = {} for i = 1, 1e6 do t[i] = { i } end", "a script may use 64 MB"},
        {"", "local t = {} while true do t = { t, {}, {}, {} } end", "a script may use 64 MB"},
        {"", "return ('x'):rep(1e9)", "longer than 64 kB"},
        {"", "local s = 'x' while true do s = s .. s end", "one text 64 kB"},
        {"", "local function f() return 1 + f() end f()",
         "sandbox.lua:3: functions call each other more than 20000 deep"},
        {"", "local function f() pcall(f) end f()", ""},
        {"", "local function f() local ok, e = pcall(f) error(e, 0) end f()", "a function calls itself"},
        {"", "local f f = function(n) return n == 0 and 0 or 1 + f(n - 1) end print(f(10000))", "10000"},
        /* what is not there */
        {"", "load('return 1')", "global 'load'"},
        {"", "loadstring('x')", "global 'loadstring'"},
        {"", "dofile('x')", "global 'dofile'"},
        {"", "require 'x'", "global 'require'"},
        {"", "collectgarbage()", "global 'collectgarbage'"},
        {"", "setmetatable({}, { __gc = function() end })", "global 'setmetatable'"},
        {"", "getmetatable('').__index.rep = nil", "global 'getmetatable'"},
        {"", "rawset(_G, 'x', 1)", "global 'rawset'"},
        {"", "coroutine.create(print)", "global 'coroutine'"},
        {"", "os.time()", "global 'os'"},
        {"", "io.open('x')", "global 'io'"},
        {"", "debug.getinfo(1)", "global 'debug'"},
        {"", "string.dump(print)", "field 'dump'"},
        {"", "math.randomseed(1)", "field 'randomseed'"},
        {"", "print(_G, _ENV.load)", "nil nil"},
        {"", "local x = 2 ^ 0.5", "sandbox.lua:3: the operator ^"},
        {"", "local x = '10' + 1", "arithmetic on a string"},
        {"", "string.format('%p', {})", "shows addresses"},
        {"", "string.format('%-5p', {})", "shows addresses"},
        /* texts */
        {"local x =", "", "sandbox.lua:2: unexpected symbol near 'return'"},
        {"\x1bLua", "", "no Lua text"},
        {"do return 5 end", "", "returns no scenario"},
        {"do return scene { title = 'x', map = plan {}, build = print } end", "",
         "this is a scene, not a scenario"},
        {"do return scenario { tilte = 1 } end", "",
         "sandbox.lua:1: scenario takes no \"tilte\" (did you mean \"title\"?)"},
        {"do return scenario { title = 'x', timeline = { ['8'] = print } } end", "",
         "timeline[\"8\"] is no time"},
        {"do return scenario { title = 'x', every = { ['0s'] = print } } end", "",
         "every[\"0s\"] is no time"},
        {"do return scenario { title = 'x', every = { ['5s'] = 1 } } end", "",
         "must be a function, not a number"},
        {"do return scenario { title = 'x', on = { crash = print } } end", "",
         "on.crash is no event; there are: late_request"},
        {"do return scenario { title = 'x', params = { 5 } } end", "", "must be param { ... }"},
        {"do return scenario { title = 'x', measures = { 5 } } end", "", "measures is a list of ids"},
        {"do return scenario { title = 'x', measures = { 'a', 'b', 'c', 'd', 'e' } } end", "",
         "measures lists more than 4 metrics"},
        {"include 'lib/no_such'", "", "sandbox.lua:1: include: there is no file \"lib/no_such.lua\""},
        {"include '../secret'", "", "is no name"},
        {"include '/etc/passwd'", "", "is no name"},
        {"", "include 'lib/default_city'", "only while loading"},
        {"error({})", "", "an error that is no text"},
        /* what stays */
        {"", "worst = 1", "sandbox.lua:3: a handler assigns the global \"worst\""},
        {"", "string.rep = nil", "\"rep\" is assigned in a table that was made while loading"},
        {"", "math.random = print", "made while loading"},
        {"local n = 0", "n = n + 1", "sandbox.lua:2: a handler assigns \"n\", a local from outside"},
        {"local n = 0 local function f() n = 5 end", "f()", "a handler assigns \"n\""},
        {"local t = {}", "t.x = 1", "\"x\" is assigned in a table that was made while loading"},
        {"local t = { a = { b = 1 } }", "t.a.b = 2", "\"b\" is assigned in a table"},
        {"local t = { 1, 2 }", "table.insert(t, 3)", "made while loading"},
        {"local t = { 2, 1 }", "table.sort(t)", "made while loading"},
        {"local it = string.gmatch('a b', '%a')", "print(it())", "an iterator made while loading"},
        {"local it = pairs({ 1 })", "print(it())", "an iterator made while loading"},
        {"", "p.x = 1", "made while loading"},
        {"", "print(p.nothing)", "there is no parameter \"nothing\""},
        /* storage */
        {"", "storage.f = function() end", "storage.f is a function: storage keeps"},
        {"", "storage.a = { b = { print } }", "storage.a.b[1] is a function"},
        {"", "storage.twin = twin", "storage.twin"},
        {"", "storage[true] = 1", "a key is a boolean"},
        {"", "storage.x = 0 / 0", "storage.x is not a number"},
        {"", "storage.me = storage", "a table holds itself"},
        {"", "for i = 1, 1e5 do storage[i] = 'text' .. i end", "more than 256 kB"},
        /* twin */
        {"", "twin:no_such()", "twin has no method \"no_such\""},
        {"", "twin.time_s({})", "write twin:time_s with a colon"},
        {"", "twin.time_s()", "write twin:time_s with a colon"},
        {"", "twin:metric 'no.such'", "no metric \"no.such\""},
        {"", "twin:table 'no_such'", "no table \"no_such\""},
        {"", "twin:set_param('a')", "sandbox.lua:3: set_param needs the number \"value\""},
        {"", "twin:set_param { id = 'a', value = 1, wrong = 2 }", "takes no \"wrong\""},
        {"", "twin:set_param(1, 2, 3)", "takes 2 arguments, not 3"},
        {"", "twin:set_param({}, 1)", "must be a number or a text, not a table"},
        {"", "twin:set_param(('x'):rep(200), 1)", "longer than 95 bytes"},
        {"", "twin:load_scenario('x')", "twin has no method"},
    };
    check_rules(rules, sizeof rules / sizeof rules[0]);
}

static void test_library(void **state)
{
    (void)state;
    static const rule rules[] = {
        /* order of pairs, whatever the process's seed */
        {"",
         "local s = '' for k in pairs { z = 1, [10] = 1, [2] = 1, [-1.5] = 1, a = 1, [2.5] = 1, B = 1 } do s "
         "= s .. k .. ' ' end print(s)",
         "-1.5 2 2.5 10 B a z "},
        {"", "local t = { a = 1, b = 2, c = 3 } for k in pairs(t) do t[k] = nil end print(next(t))", "nil"},
        {"",
         "local s = '' for k in pairs { a = 1, b = 2, c = 3 } do s = s .. k if k == 'a' then s = s .. '!' "
         "end end print(s)",
         "a!bc"},
        {"",
         "local t = { a = 1, b = 2, c = 3 } local s = '' for k in pairs(t) do t.b = nil s = s .. k end "
         "print(s)",
         "ac"},
        {"", "print(next { b = 1, a = 2 }, next({ b = 1, a = 2 }, 'a'))", "a b 1"},
        {"", "print(next({}, 'x'))", "no such key"},
        {"local t = { 'x', 'y', k = 5 }",
         "local s = '' for k, v in pairs(t) do s = s .. k .. v end print(s, #t, t.k, table.concat(t), t[2], "
         "select('#', table.unpack(t)))",
         "1x2yk5 2 5 xy y 2"},
        {"local t = { 3, 4 }", "local s = 0 for _, v in ipairs(t) do s = s + v end print(s)", "7"},
        /* no addresses */
        {"", "print({}, print, twin)", "table function table"},
        {"", "print(string.format('%s %5s %d %5.2f %q', {}, print, 3, 2.5, 'a'))",
         "table function 3  2.50 \"a\""},
        {"", "print(tostring(nil), tostring(true), tostring(1), tostring(1.5))", "nil true 1 1.5"},
        /* sort is stable */
        {"",
         "local t = {} for i = 1, 300 do t[i] = { key = i % 3, place = i } end table.sort(t, function(a, b) "
         "return a.key < b.key end) "
         "for i = 2, 300 do assert(t[i - 1].key < t[i].key or (t[i - 1].key == t[i].key and t[i - 1].place < "
         "t[i].place)) end print 'stable'",
         "stable"},
        {"", "local t = { 5, 3, 9, 1, 7 } table.sort(t) print(table.concat(t, ','))", "1,3,5,7,9"},
        {"",
         "local t = { 'b', 'a', 'c', 'B' } table.sort(t, function(a, b) return a > b end) "
         "print(table.concat(t))",
         "cbaB"},
        {"",
         "local t = { 1, 2, 3 } table.insert(t, 1, 0) table.insert(t, 9) print(table.remove(t), "
         "table.remove(t, 1), #t, table.concat(table.move(t, 1, 3, 2), ','))",
         "9 0 3 1,1,2,3"},
        {"", "print(select('#', table.unpack({ 1, 2, nil, 4 }, 1, 4)), table.pack(1, nil).n)", "4 2"},
        /* arithmetic */
        {"",
         "print(math.floor(2.7), math.ceil(2.1), math.floor(-2.5), math.abs(-3), math.abs(-2.5), math.max(1, "
         "5, 3), math.min(4, 2.5))",
         "2 3 -3 3 2.5 5 2.5"},
        {"",
         "print(math.sqrt(16), math.pow(2, 10), math.pow(-2, 3), math.exp(0), math.log(1), math.log(8, 2), "
         "math.log(1000, 10))",
         "4.0 1024.0 -8.0 1.0 0.0 3.0 3.0"},
        {"",
         "print(math.fmod(7, 3), math.fmod(-7, 3), math.fmod(5.5, 2), math.modf(3.7), math.tointeger(3.0), "
         "math.tointeger(3.5), math.type(1), math.type(1.0), math.ult(1, -1))",
         "1 -1 1.5 3.0 3 nil integer float true"},
        {"",
         "print(math.pi, math.huge, math.maxinteger, math.deg(math.pi), math.sin(0), math.cos(0), "
         "math.atan(1, 1) * 4 == math.pi)",
         "3.1415926535898 inf 9223372036854775807 180.0 0.0 1.0 true"},
        {"", "math.fmod(1, 0)", "the second number is zero"},
        {"", "math.sin(1e9)", "too large an angle"},
        {"", "math.pow(-2, 0.5)", "no real number"},
        {"", "math.random(5, 1)", "is no range"},
        {"",
         "for i = 1, 1000 do local x, n, m = math.random(), math.random(6), math.random(-3, 3) assert(x >= 0 "
         "and x < 1 and n >= 1 and n <= 6 and m >= -3 and m <= 3) end print 'drawn'",
         "drawn"},
        /* patterns: the examples of the Reference Manual and the corner cases of its definitions */
        {"",
         "print(('hello world'):find('o w'), ('hello'):find('l+'), ('a.b'):find('.', 1, true), "
         "('abc'):find('b', -1), (''):find(''))",
         "5 3 2 nil 1 0"},
        {"", "print(('key = value'):match('^(%w+)%s*=%s*(%w+)$'))", "key value"},
        {"", "print(('2026-11-22'):match('(%d+)-(%d+)-(%d+)'))", "2026 11 22"},
        {"", "print(('hello world from Lua'):gsub('%w+', '%0 %0', 1))", "hello hello world from Lua 1"},
        {"", "print(('hello world'):gsub('(%w+) (%w+)', '%2 %1'))", "world hello 1"},
        {"", "print(('$name is $age'):gsub('%$(%w+)', { name = 'lua', age = 5 }))", "lua is 5 2"},
        {"", "print(('abc'):gsub('%w', function(c) if c == 'b' then return 'X' end end))", "aXc 3"},
        {"", "print(('abc'):gsub('', '-'))", "-a-b-c- 4"},
        {"", "print(('THE (quick) fox'):find('%((%a+)%)'), ('f(a(b)c)d'):match('%b()'))", "5 (a(b)c)"},
        {"", "print(('THE (quick) fox'):gsub('%f[%a]%a+', string.lower))", "the (quick) fox 3"},
        {"",
         "print(('x = [[y]]'):match('%[%[(.-)%]%]'), ('aaa'):match('a-b'), ('aaab'):match('a-b'), "
         "('[]'):match('[]]'), ('a-c'):match('[a%-c]+'), ('x^y'):match('[%^x]+'))",
         "y nil aaab ] a-c x^"},
        {"",
         "print(('abcabc'):match('(abc)%1'), ('hello'):match('()ll()'), ('12ab'):match('^%d*'), "
         "('ab12'):match('[^%d]+'), ('aXb'):match('%u'), ('colour'):match('colou?r'), "
         "('color'):match('colou?r'))",
         "abc 3 12 ab X colour color"},
        {"", "local s = '' for k, v in ('a=1, b=2'):gmatch '(%w+)=(%w+)' do s = s .. k .. v end print(s)",
         "a1b2"},
        {"",
         "local n = 0 for w in ('one two  three'):gmatch '%S+' do n = n + 1 end for _ in ('abc'):gmatch '' "
         "do n = n + 10 end print(n)",
         "43"},
        {"", "print(('abc'):find('['))", "lacks its ]"},
        {"", "print(('abc'):find('%'))", "ends with %"},
        {"", "print(('abc'):find('(a'))", "does not close a capture"},
        {"", "print(('abc'):find('.)'))", "closes a capture that is not open"},
        {"", "print(('abc'):gsub('a', '%2'))", "there is no capture %2"},
        {"", "print(('abc'):gsub('a', '%x'))", "stands before a digit"},
        {"", "print(('abc'):find('%1'))", "refers to capture %1"},
        {"", "print(('(a'):rep(40):find(('('):rep(40)))", "more than 32 captures"},
        /* texts */
        {"",
         "print(('abc'):upper(), ('abc'):rep(3, '-'), ('abc'):sub(-2), ('abc'):byte(2), string.char(72, "
         "105), ('abc'):reverse(), #'abc', ('x'):rep(0))",
         "ABC abc-abc-abc bc 98 Hi cba 3 "},
        {"", "print(utf8.len '经纬', utf8.char(32463), utf8.codepoint('纬'))", "2 经 32428"},
        {"",
         "local n = 0 for _, c in utf8.codes '经纬' do n = n + c end print(n, "
         "('经纬'):match(utf8.charpattern))",
         "64891 经"},
        {"",
         "print(tonumber '12', tonumber '0x10', tonumber('z', 36), tonumber 'x', select(2, 'a', 'b'), "
         "type(5))",
         "12 16 35 nil b number"},
        {"", "print(pcall(error, 'x'))", "false x"},
        {"", "print(pcall(function() error { code = 5 } end))", "false table"},
        {"", "print(select('#', pcall(function() return 1, 2, 3 end)))", "4"},
        /* a failed handler leaves outside locals as they were */
        {"local n = 7", "pcall(function() n = 8 end) print(n)", "a handler assigns \"n\""},
        {"local nan = 0 / 0", "print(nan ~= nan)", "true"},
        {"shared = { 1, 2 }", "print(shared[2])", "2"},
    };
    check_rules(rules, sizeof rules / sizeof rules[0]);
}

/* A scene's seed gives its draws; loading has its own, so that a restore draws the same. */
static void test_random(void **state)
{
    (void)state;
    char first[200], again[200];
    const char *body = "local s = '' for i = 1, 5 do s = s .. math.random(1000) .. ' ' end print(at_load, s)";
    run_body("at_load = math.random(1000)", body, first, sizeof first);
    run_body("at_load = math.random(1000)", body, again, sizeof again);
    assert_string_equal(first, again);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Every allocation failing in turn: an error, never a crash, and nothing left. */
static void test_memory(void **state)
{
    (void)state;
    write_text_file("memory.lua",
                    "local t = { a = { 1, 2 } }\nreturn scenario { title = 'x', params = { param { id = 'n', "
                    "type = 'number', "
                    "default = 1, min = 0, max = 2, label = 'n' } },\n"
                    "  on_start = function(twin, storage, p) storage.list = { p.n, ('x'):rep(50) } end,\n"
                    "  every = { ['1s'] = function(twin, storage) storage.list[#storage.list + 1] = t.a[1] "
                    "twin:log 'x' end } }\n");
    int failures = 0;
    for (int64_t after = 0;; after++) {
        jw_error error = {0};
        jw_world *world;
        jw_memory_fail_after(after);
        make_script_world("memory.lua", NULL, &world, &error);
        bool has_failed = !world;
        if (!world && error.code != JW_ERROR_MEMORY) {
            jw_memory_fail_after(-1);
            fail_msg("after %d allocations: %s", (int)after, error.message);
        }
        for (int i = 0; i < 4 && world && !has_failed; i++)
            if (jw_world_step(world, &error) != JW_OK) {
                assert_int_equal(error.code, JW_ERROR_MEMORY);
                has_failed = true;
            }
        jw_memory_fail_after(-1);
        if (world && !has_failed)
            assert_string_equal(jw_script_last_error(world), "");
        jw_world_destroy(world);
        assert_int_equal(jw_allocated_bytes(), 0);
        failures += has_failed;
        if (!has_failed)
            break;
    }
    assert_true(failures > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bad_input), cmocka_unit_test(test_library),
                                       cmocka_unit_test(test_random), cmocka_unit_test(test_memory)};
    jw_log_to(no_log, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
