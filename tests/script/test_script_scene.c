/* Scenes, parameters and catalogues: what they make, and each kind of bad input with its place and remedy. */
#include "script_test.h"
#include "traffic/traffic_bus.h"

/* Opens a text as a scene and builds it; the error as "file:line: message", "" when there is none. */
static void try_scene(const char *text, char *out, size_t size)
{
    jw_error error = {0};
    jw_scene *scene = NULL;
    jw_twin_def def;
    write_text_file("try.lua", text);
    if (jw_scene_open("try.lua", &scene, NULL, &error) == JW_OK &&
        jw_scene_build(scene, 1, NULL, NULL, NULL, &def, &error) == JW_OK)
        jw_twin_def_free(&def);
    jw_scene_close(scene);
    if (error.code != JW_OK)
        jw_error_format(&error, out, size);
    else
        out[0] = 0;
    assert_int_equal(jw_allocated_bytes(), 0);
}

typedef struct bad_scene {
    const char *text, *wanted;
} bad_scene;

static void check_bad(const bad_scene *list, size_t count)
{
    int wrong = 0;
    for (size_t i = 0; i < count; i++) {
        char got[1000];
        try_scene(list[i].text, got, sizeof got);
        if (!strstr(got, list[i].wanted))
            print_error("%s\n  got \"%s\"\n  wanted \"%s\"\n", list[i].text, got, list[i].wanted);
        wrong += !strstr(got, list[i].wanted);
    }
    assert_int_equal(wrong, 0);
}

#define BUILD(body)                                                                                          \
    "return scene { title = 'x', map = plan { style = 'district', area_km2 = 1 }, build = function(city, "   \
    "p)\n" body "\nend }"
#define PARAMS(list) "return scene { title = 'x', map = plan {}, build = print, params = {\n" list "} }"

static void test_bad_scenes(void **state)
{
    (void)state;
    static const bad_scene list[] = {
        {"return scene {", "try.lua:1: unexpected symbol near <eof>"},
        {"return 5", "try.lua:1: the file returns no scene"},
        {"return scenario { title = 'x' }", "try.lua:1: this is a scenario, not a scene"},
        {"while true do end", "try.lua:1: stopped: too much work"},
        {"local t = {} while true do t[#t + 1] = { 1 } end", "64 MB"},
        {"return\nscene {}", "try.lua:2: scene needs \"title\": name of the scene"},
        {"return scene { title = 'x', build = print }", "scene needs \"map\""},
        {"return scene(5)", "scene needs a table"},
        {"return scene { build = print, map = plan {}, colour = 1 }",
         "scene takes no \"colour\"; it takes: title, map, start"},
        {"return scene { title = 'x', build = print, map = 'city.osm' }",
         "try.lua:1: scene: map must be plan { ... }, osm"},
        {"return scene { title = 'x', build = print, map = plan { area_km2 = 1000 } }",
         "plan: \"area_km2\" is 1000, but must be from 1 to 200 km2"},
        {"return scene { title = 'x', build = print, map = plan { size = 3 } }",
         "plan takes no \"size\"; it takes: style, area_km2"},
        {"return scene { title = 'x', build = print, map = plan { style = 'gotham' } }", "gotham"},
        {"return scene { title = 'x', build = print, map = osm 'no_such.osm.pbf' }", "no_such.osm.pbf"},
        {"return scene { title = 'x', build = print, map = gpkg 'no_such.gpkg' }", "no_such.gpkg"},
        {"return scene { title = 'x', build = print, map = osm(5) }", "osm needs the name of a file"},
        {"return scene { title = 5, build = print, map = plan {} }", "\"title\" must be { en ="},
        {"return scene { title = { zh = '中' }, build = print, map = plan {} }", "needs \"en\""},
        {"return scene { title = 'x', start = '25:00', build = print, map = plan {} }",
         "write a time of day like \"07:30\""},
        {"return scene { title = 'x', dt = 5, build = print, map = plan {} }",
         "\"dt\" is 5, but must be from 0.1 to 1 s"},
        {"return scene { title = 'x', dt = 0.7, start = '07:00:01', build = print, map = plan {} }",
         "not a whole number of time steps"},
        {"return scene { title = 'x', seed = 1.5, build = print, map = plan {} }", "whole number"},
        {"return scene { title = 'x', build = print, map = plan {}, live = { x = print } }",
         "try.lua:1: scene: live.x is no parameter"},
        /* parameters */
        {PARAMS("param { type = 'number' }"), "try.lua:2: param needs \"id\""},
        {PARAMS("param { id = 'a', type = 'text', default = 1, label = 'a' }"),
         "must be one of number|integer|boolean|choice"},
        {PARAMS("param { id = '1a', type = 'boolean', default = true, label = 'a' }"),
         "an id begins with a letter"},
        {PARAMS("param { id = 'a', type = 'number', default = 1, label = 'a' }"), "needs min and max"},
        {PARAMS("param { id = 'a', type = 'number', default = 9, min = 0, max = 5, label = 'a' }"),
         "default of param \"a\": 9 is out of range, it must be from 0 to 5"},
        {PARAMS("param { id = 'a', type = 'integer', default = 1.5, min = 0, max = 5, label = 'a' }"),
         "must be a whole number"},
        {PARAMS("param { id = 'a', type = 'boolean', default = 1, label = 'a' }"),
         "default must be true or false, not a number"},
        {PARAMS("param { id = 'a', type = 'choice', default = 'z', choices = { 'x', 'y' }, label = 'a' }"),
         "\"z\" must be one of x, y"},
        {PARAMS("param { id = 'a', type = 'choice', default = 'x', label = 'a' }"), "a choice needs choices"},
        {PARAMS("param { id = 'a', type = 'boolean', default = true, label = 'a', hint = 1 }"),
         "param \"a\" takes no \"hint\"; it takes: id, type"},
        {PARAMS("param { id = 'a', type = 'boolean', default = true, when = 'later', label = 'a' }"),
         "must be one of start|live"},
        {PARAMS("{ id = 'a' }"), "params: entry 1 must be param { ... }"},
        {PARAMS("defaults = 5"), "defaults must be a list of params"},
        /* building */
        {BUILD("city:site { id = 'a' }"), "try.lua:2: city:site \"a\" needs \"tier\""},
        {BUILD("city:site { id = 'a', tire = 'edge' }"),
         "city:site \"a\" takes no \"tire\" (did you mean \"tier\"?)"},
        {BUILD("city:site { id = 'a', tier = 'core', at = { x = 0, y = 0 }, racks = {} }"),
         "must be one of roadside|base_station|park|edge|city|west"},
        {BUILD("city:site { id = 'a', tier = 'edge', at = 5, racks = {} }"), "\"at\" must be a place"},
        {BUILD("city:site { id = 'a', tier = 'edge', at = {}, racks = {} }"), "x is missing"},
        {BUILD("city:site { id = 'a', tier = 'edge', at = { x = 0, y = 0 }, racks = {} }"), "1 to 8 racks"},
        {BUILD("city:site { id = 'a', tier = 'edge', at = { x = 0, y = 0 }, racks = { { card = 'abacus', "
               "count = 1 } } }"),
         "try.lua:2: site \"a\": the catalogue has no card \"abacus\""},
        {BUILD("city:site { id = 'a', tier = 'edge', at = { x = 0, y = 0 }, racks = { { card = 'h20', count "
               "= 0 } } }"),
         "\"count\" is 0, but must be from 1"},
        {BUILD("local s = { id = 'a', tier = 'edge', at = { x = 0, y = 0 }, racks = { { card = 'h20', count "
               "= 1 } } } city:site(s) city:site(s)"),
         "the id \"a\" is taken"},
        {BUILD("city.site {}"), "write city:site with a colon"},
        {BUILD("city:tower {}"), "city has no method \"tower\""},
        {BUILD("city:place 'castle'"),
         "\"castle\" is no kind of place; there are: station, computing_centre"},
        {BUILD("city:blocks { by = 'beauty' }"), "must be one of jobs|people|people_and_jobs"},
        {BUILD("city:fibre { shape = 'web', capacity_gbps = 1 }"), ""},
        {BUILD("city:fibre { shape = 'ring', capacity_gbps = 1, through = { 'x', 'y' } }"),
         "there is no site or node \"x\""},
        {BUILD("city:fibre { shape = 'ring', capacity_gbps = 1, through = { 1, 2 } }"), "takes ids of sites"},
        {BUILD("city:fibre { shape = 'ring', capacity_gbps = 1, queue_bytes = -1 }"), "must be from 1"},
        {BUILD("city:cells { spacing_m = 400 }"), "place sites or switches before cells"},
        {BUILD("city:cells {}"), "city:cells needs \"spacing_m\""},
        {BUILD("city:radio { up_alpha = 1.5 }"), "must be from 0.1 to 1"},
        {BUILD("city:radio { t310_ms = 1000 }"), "city:radio takes no \"t310_ms\""},
        {BUILD("city:detector { id = 'd', edge = 99999 }"), "edge 99999 has no lane 0"},
        {BUILD("city:detector { id = 'd', edge = 0, position_m = 9e4 }"), "is not on its lane"},
        {BUILD("city:detector { id = 'd', edge = 0 } city:detector { id = 'd', edge = 1 }"),
         "exists already"},
        {BUILD("city:bus_line { id = '1', through = { 1 } }"), "lists 1 places; a line has 2 to 48"},
        {BUILD("city:bus_line { id = '1', through = { 1, 2.5 } }"), "there is no edge 2.5: the city has"},
        {BUILD("city:bus_line { id = '1', through = { { x = 0, y = 0 }, 'there' } }"), "must be a place"},
        {BUILD("city:bus_line { id = '1', through = { { x = 9e5, y = 0 }, { x = 0, y = 0 } } }"),
         "no street for a stop within 600 m"},
        {BUILD("city:bus_line { id = '1', through = { { x = 0, y = 0 }, { x = 0, y = 0 } } }"),
         "all places lie in the same street"},
        {BUILD("city:bus_line { id = 'a b', through = { 1, 2 } }"), "bus line"},
        {BUILD("city:bus_line { id = '1', through = { 1, 2 } } city:bus_line { id = '1', through = { 1, 2 } "
               "}"),
         "exists already"},
        {BUILD("city:bus_line { id = '1', through = { 1, 2 }, headway_min = 0.1 }"), "from 1/3 to 1440 min"},
        {BUILD("city:bus_line { id = '1', through = { 1, 2 }, headway_min = { ['7:00'] = 5 } }"),
         "has the key \"7:00\""},
        {BUILD("city:bus_line { id = '1', through = { 1, 2 }, headway_min = { ['07:00'] = 'often' } }"),
         "\"headway_min\" holds often"},
        {BUILD("city:bus_line { id = '1', through = { 1, 2 }, headway_min = { ['05:00'] = 0.5 } }"),
         "more than 1000 departures"},
        {BUILD("city:bus_line { id = '1', through = { 1, 2 }, headway_min = { ['23:00'] = 1 } }"),
         "no departure between"},
        {BUILD("city:bus_line { id = '1', through = { 1, 2 }, first = '09:00', last = '08:00' }"),
         "\"first\" is after \"last\""},
        {BUILD("city:demand { model = 'magic' }"), "must be one of none|gravity|od|trips|chains|through"},
        {BUILD("city:demand { model = 'od' }"), "model \"od\" needs a file"},
        {BUILD("city:demand { model = 'trips', file = 'no.csv' }"), "there is no such file"},
        {BUILD("city:demand { model = 'through' }"), "needs per_day"},
        {BUILD("city:demand { model = 'none', zones = { a = { { x = 1, y = 2 } } } }"), "3 to 10000 points"},
        {BUILD("city:demand { model = 'none', zones = { a = { { x = 1, y = 2 }, { x = 2, y = 2 }, { x = 2 } "
               "} } }"),
         "y is missing"},
        {BUILD("city:demand { model = 'gravity', peak = '9-7' }"), "write two times of day"},
        {BUILD("city:demand { model = 'gravity', truck_share = 0.6, ebike_share = 0.6 }"),
         "more than 1 together"},
        {BUILD("city:demand { model = 'gravity', factor = 'much' }"),
         "\"factor\" must be a number, not a string"},
        {BUILD("city:demand { model = 'gravity', factor = 0 / 0 }"), "must be a finite number"},
        {BUILD("city:rollout { model = 'signal-vision', version = 1, tiers = { 'moon' } }"),
         "\"tiers\" holds \"moon\""},
        {BUILD("city:rollout { model = 'none', version = 1, tiers = { 'edge' } }"),
         "model \"none\" version 1 is not in the catalogue"},
        {BUILD("city:cameras { at = 'corners' }"), "must be one of signals"},
        {BUILD("city:signals { control = 'best' }"), "must be one of as_mapped|fixed|actuated"},
        {BUILD("city:signals { passage_s = 0 }"), "passage_s"},
        {BUILD("city:couple { radio = 1 }"), "\"radio\" must be true or false, not a number"},
        {BUILD("city:site { id = 'a', tier = 'edge', at = { x = 0, y = 0 }, racks = { { card = "
               "'ascend-310p', count = 1 } }, "
               "battery = { power_kw = 1 } }"),
         "battery of city:site needs \"capacity_kwh\""},
        {BUILD("city:region { id = 'atlantis', kgco2_per_kwh = 0.1 }"),
         "a new one needs kgco2_per_kwh and price"},
        {BUILD("city:region { id = 'hebei', price_factor = { 1, 2 } }"), "must be 24 numbers above 0"},
        {BUILD("city:region { id = 'hebei', solar_share = 0.9 }"), "must be from 0 to 0.3"},
        {BUILD("city:calendar { day_of_year = 366 }"), "must be from 1 to 365"},
        {BUILD("city:dataset { id = 'a', sector = 'tax', size_gb = 0, home = 'x' }"),
         "must be from 1e-06 to 1000000 GB"},
        {BUILD("city:dataset { id = 'a', sector = 'tax', size_gb = 1, home = 'x', residency = 'moon' }"),
         "must be one of any|city|district"},
        {BUILD("city:topology { file = 'no.graphml', join = { a = 'b' } }"), "no.graphml"},
        {BUILD("city:topology { file = 'networks/east_west.json', join = {} }"), "names 0 nodes"},
        {BUILD("city:topology { file = 'networks/east_west.json', join = { Rome = 'x' } }"),
         "has no node \"Rome\""},
        {BUILD("city:topology { file = 'networks/east_west.json', join = { Horinger = 'x' } }"),
         "\"Horinger\" is joined to \"x\", which is no site"},
        {BUILD("city:topology { file = 'try.lua', join = { a = 'b' } }"), "not a JSON object"},
        {BUILD("city:request { id = 'signal', deadline_s = 9, timeout_s = 1 }"),
         "timeout_s is 1, it must be 9 to"},
        {BUILD("city:request { id = 'new' }"), "up_bytes is 0, it must be 1 to"},
        {BUILD("print(p.nothing)"), "there is no parameter \"nothing\""},
        {BUILD("x = 1"), "assigns the global \"x\""},
        {BUILD("while true do end"), "try.lua:2: stopped: too much work"},
    };
    check_bad(list, sizeof list / sizeof list[0]);
}

static void test_bad_files(void **state)
{
    (void)state;
    jw_scene *scene;
    jw_error error = {0};
    assert_int_equal(jw_scene_open("no_such.lua", &scene, NULL, &error), JW_ERROR_NOT_FOUND);
    error = (jw_error){0};
    write_text_file("picture.png", "not a map");
    assert_int_equal(jw_scene_open("picture.png", &scene, NULL, &error), JW_ERROR_INPUT);
    assert_contains(error.message, "neither a scene (.lua) nor a map");
    error = (jw_error){0};
    assert_int_equal(jw_scene_open(".", &scene, NULL, &error), JW_ERROR_INPUT);
    assert_contains(error.message, "is a directory");
    error = (jw_error){0};
    jw_problems problems = {0};
    write_text_file("broken.lua", "return\nscene { titel = 1 }");
    assert_int_equal(jw_scene_open("broken.lua", &scene, &problems, &error), JW_ERROR_INPUT);
    assert_int_equal(error.line, 2);
    assert_string_equal(error.file, "broken.lua");
    assert_int_equal(problems.count, 4); /* titel; no title, map and build */
    jw_problems_free(&problems);
    error = (jw_error){0};
    write_text_file("bytes.lua", "\x1bLuaS");
    assert_int_equal(jw_scene_open("bytes.lua", &scene, NULL, &error), JW_ERROR_INPUT);
    assert_contains(error.message, "no Lua text");
}

static void test_set(void **state)
{
    (void)state;
    static const char text[] = "return scene { title = 'x', map = plan {}, build = print, params = {\n"
                               "  param { id = 'n', type = 'integer', default = 2, min = 0, max = 9, unit = "
                               "'m', label = { en = 'N', zh = '数' } },\n"
                               "  param { id = 'on', type = 'boolean', default = false, label = 'on' },\n"
                               "  param { id = 'kind', type = 'choice', default = 'slow', choices = { "
                               "'slow', 'fast' }, label = 'kind', when = 'live' } } }";
    jw_scene *scene;
    jw_error error = {0};
    write_text_file("set.lua", text);
    assert_int_equal(jw_scene_open("set.lua", &scene, NULL, &error), JW_OK);
    assert_int_equal(jw_scene_param_count(scene), 3);
    assert_string_equal(jw_scene_param(scene, 0)->label.zh, "数");
    assert_string_equal(jw_scene_param(scene, 1)->label.zh, "on");
    assert_false(jw_scene_param(scene, 0)->is_live);
    assert_true(jw_scene_param(scene, 2)->is_live);
    uint64_t hash = jw_scene_hash(scene);
    assert_int_equal(jw_scene_set(scene, "n", "7", &error), JW_OK);
    assert_int_equal(jw_scene_set(scene, "on", "true", &error), JW_OK);
    assert_int_equal(jw_scene_set(scene, "kind", "fast", &error), JW_OK);
    assert_true(jw_scene_hash(scene) != hash);
    assert_true(jw_scene_param(scene, 0)->value == 7 && jw_scene_param(scene, 1)->value == 1 &&
                jw_scene_param(scene, 2)->value == 1);
    static const char *const bad[][3] = {
        {"n", "11", "11 is out of range, it must be from 0 to 9 m"},
        {"n", "1.5", "must be a whole number"},
        {"n", "many", "\"many\" is no number"},
        {"on", "perhaps", "must be true or false"},
        {"kind", "odd", "must be one of slow, fast"},
        {"x", "1", "there is no parameter \"x\"; there are: n, on, kind"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        error = (jw_error){0};
        assert_int_not_equal(jw_scene_set(scene, bad[i][0], bad[i][1], &error), JW_OK);
        assert_contains(error.message, bad[i][2]);
    }
    jw_scene_close(scene);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static jw_scene *open_fine(const char *path)
{
    jw_scene *scene;
    jw_error error = {0};
    if (jw_scene_open(path, &scene, NULL, &error) != JW_OK)
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
    return scene;
}

static void build_fine(jw_scene *scene, jw_twin_def *def)
{
    jw_error error = {0};
    if (jw_scene_build(scene, 1, NULL, NULL, NULL, def, &error) != JW_OK)
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
}

/* The scenes of the tree: what they place follows their parameters; the city stays when the map does. */
static void test_scenes(void **state)
{
    (void)state;
    static const char *const files[] = {"district", "xiongan"};
    for (int i = 0; i < 2; i++) {
        char path[600];
        jw_twin_def def, again;
        jw_error error = {0};
        snprintf(path, sizeof path, "%s/scenes/%s.lua", JW_SOURCE_FOLDER, files[i]);
        jw_scene *scene = open_fine(path);
        assert_string_equal(jw_scene_name(scene), files[i]);
        build_fine(scene, &def);
        assert_int_equal(def.site_count, (i ? 12 : 4) + 1);
        assert_int_equal(def.link_count,
                         def.site_count + def.cell_count + 1); /* a ring, each cell's fibre, the core */
        assert_true(def.card_count >= 9 && def.service_count == 9 && def.timing_count == 6 &&
                    def.model_count == 9);
        assert_true(def.camera_count > 10 && def.line_count >= 1 && def.traffic.demand.is_gravity);
        assert_int_equal(def.start_time_ns, (i ? 7 * 60 : 7 * 60 + 30) * 60 * JW_NS_PER_S);
        assert_int_equal(jw_scene_set(scene, "edge_sites", "3", &error), JW_OK);
        assert_int_equal(jw_scene_set(scene, "ai_signals", "false", &error), JW_OK);
        build_fine(scene, &again);
        assert_int_equal(again.site_count, 4);
        assert_int_equal(again.camera_count, 0);
        assert_ptr_equal(again.city, def.city);
        jw_twin_def_free(&def);
        jw_twin_def_free(&again);
        jw_scene_close(scene);
    }
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Everything that build can say, once, and a map that follows a parameter. */
static void test_whole_scene(void **state)
{
    (void)state;
    static const char text[] =
        "return scene { title = 'whole', seed = 11, dt = 0.25, start = '06:00:30',\n"
        "  map = function(p) return plan { style = 'district', area_km2 = p.area, seed = 2 } end,\n"
        "  params = { param { id = 'area', type = 'number', default = 1, min = 1, max = 2, label = 'area' "
        "},\n"
        "             param { id = 'ring', type = 'boolean', default = true, label = 'ring' } },\n"
        "  build = function(city, p)\n"
        "    local blocks = city:blocks { by = 'people', apart_m = 200, count = 3 }\n"
        "    for i = 2, #blocks do assert(blocks[i].people <= blocks[i - 1].people and blocks[i].index ~= "
        "blocks[1].index) end\n"
        "    for i = 2, #blocks do for k = 1, i - 1 do\n"
        "      local dx, dy = blocks[i].x - blocks[k].x, blocks[i].y - blocks[k].y\n"
        "      assert(dx * dx + dy * dy >= 40000) end end\n"
        "    assert(#city:blocks() > 3 and #city:places 'school' >= 0 and city:place 'other' == city:place "
        "'other')\n"
        "    for i, b in ipairs(blocks) do city:site { id = 's' .. i, tier = i == 1 and 'city' or 'edge', at "
        "= b, pue = 1.2,\n"
        "      region = 'gansu', queue_max = 5, racks = { { card = 'h20', count = i }, { card = 'l40s', "
        "count = 1 } } } end\n"
        "    assert(table.concat(city:sites(), ',') == 's1,s2,s3' and table.concat(city:sites { tier = "
        "'edge' }, ',') == 's2,s3')\n"
        "    city:fibre { shape = p.ring and 'ring' or 'star', capacity_gbps = 40, through = { 's1', 's2', "
        "'s3' } }\n"
        "    city:cells { spacing_m = 500, band_ghz = 4.9, scenario = 'uma', fibre_gbps = 10, sectors = 3,\n"
        "      azimuth_deg = 300, tilt_deg = 6, cqi_table = '256qam', sleep_load = 0.05, sleep_after_s = "
        "20,\n"
        "      wake_s = 2, antenna_gain_dbi = 12, idle_power_w = 200, busy_power_w = 800, sleep_power_w = 20 "
        "}\n"
        "    city:cameras { at = 'signals', interval_s = 5 }\n"
        "    city:production_line { id = 'l', park = 'p', at = { x = 1, y = 2 }, fallback = 'bypass', buffer "
        "= 7 }\n"
        "    city:rollout { model = 'signal-vision', version = 2, tiers = { 'edge', 'city' } }\n"
        "    city:connect { share = 0.7, cautious_shuttles = false }\n"
        "    city:radio { a3_offset_db = -1, a3_hysteresis_db = 2, a3_trigger_s = 0.32, t310_s = 0.5, sight "
        "= "
        "'drawn' }\n"
        "    city:radio { up_p0_dbm = -90, up_alpha = 1, user_background_bps = 5e3, interval_s = 2, "
        "shadowing "
        "= false, failover_s = 0.2 }\n"
        "    city:request { id = 'signal', deadline_s = 0.25 }\n"
        "    city:couple { assistant = false }\n"
        "    city:signals { control = 'max_pressure', decision_s = 8, priority = true }\n"
        "    city:signals { connected_share = 0.25 }\n"
        "    city:demand { model = 'gravity', factor = 2, peak = '07:00-09:30', peak_factor = 1.5, "
        "max_running = 500 }\n"
        "  end }";
    write_text_file("whole.lua", text);
    jw_scene *scene = open_fine("whole.lua");
    jw_twin_def def, again;
    jw_error error = {0};
    build_fine(scene, &def);
    assert_int_equal(def.seed, 11);
    assert_int_equal(def.dt_ns, 250 * JW_NS_PER_MS);
    assert_int_equal(def.start_time_ns, (6 * 3600 + 30) * JW_NS_PER_S);
    assert_int_equal(def.site_count, 3);
    assert_int_equal(def.sites[0].tier, JW_TIER_CITY);
    assert_int_equal(def.sites[2].rack_count, 2);
    assert_int_equal(def.sites[2].racks[0].count, 3);
    assert_string_equal(def.sites[1].region, "gansu");
    assert_true(def.sites[1].pue == 1.2 && def.sites[1].queue_max == 5);
    assert_true(def.cell_count > 0 && def.cell_count % 3 == 0);
    assert_int_equal(def.link_count, 3 + def.cell_count / 3);
    assert_true(def.links[0].capacity_bps == 40e9 && def.cells[0].band_ghz == 4.9);
    assert_int_equal(def.cells[0].scenario, JW_RADIO_UMA);
    assert_int_equal(def.cells[2].antenna, JW_ANTENNA_SECTOR);
    assert_int_equal(def.cells[2].cqi_table, JW_CQI_256QAM);
    assert_true(def.cells[0].azimuth_deg == 300 && def.cells[1].azimuth_deg == 60 &&
                def.cells[2].azimuth_deg == 180 && def.cells[2].tilt_deg == 6 &&
                def.cells[2].sleep_load == 0.05 && def.cells[2].sleep_after_s == 20 &&
                def.cells[2].wake_s == 2 && def.cells[2].antenna_gain_dbi == 12 &&
                def.cells[2].idle_power_w == 200 && def.cells[2].busy_power_w == 800 &&
                def.cells[2].sleep_power_w == 20);
    assert_string_equal(def.cells[2].node, def.cells[0].name);
    assert_true(def.camera_interval_s == 5 && def.connected_share == 0.7 && def.assistant_per_hour == 4);
    assert_false(def.has_cautious_shuttles);
    assert_true(def.network.a3_offset_db == -1 && def.network.a3_hysteresis_db == 2 &&
                def.network.a3_trigger_s == 0.32 && def.network.t310_s == 0.5 &&
                def.network.up_p0_dbm == -90 && def.network.up_alpha == 1 &&
                def.network.user_background_bps == 5e3 && def.network.radio_interval_s == 2 &&
                def.network.failover_s == 0.2 && def.network.message_timeout_s == 2);
    assert_false(def.network.is_los_from_buildings || def.network.has_shadowing);
    assert_true(def.lines[0].x_m == 1 && def.lines[0].y_m == 2 && def.lines[0].buffer == 7);
    assert_int_equal(def.traffic.signals.control, JW_SIGNAL_MAX_PRESSURE);
    assert_true(def.traffic.signals.decision_s == 8 && def.traffic.signals.has_priority &&
                def.traffic.signals.connected_share == 0.25);
    assert_int_equal(def.lines[0].fallback, JW_FALLBACK_BYPASS);
    assert_int_equal(def.rollouts[0].tiers, 1u << JW_TIER_EDGE | 1u << JW_TIER_CITY);
    assert_string_equal(def.requests[0].name, "signal");
    assert_true(def.requests[0].deadline_s == 0.25 && def.requests[0].timeout_s == 5);
    assert_int_equal(def.is_coupling_off[JW_COUPLING_ASSISTANT], 1);
    assert_int_equal(def.is_coupling_off[JW_COUPLING_RADIO], 0);
    assert_true(def.traffic.demand.factor == 2 && def.traffic.demand.peak_begin_s == 7 * 3600 &&
                def.traffic.demand.peak_end_s == 9.5 * 3600);
    assert_int_equal(jw_scene_set(scene, "ring", "false", &error), JW_OK);
    build_fine(scene, &again);
    assert_ptr_equal(again.city, def.city);
    jw_twin_def_free(&again);
    assert_int_equal(jw_scene_set(scene, "area", "2", &error), JW_OK);
    build_fine(scene, &again);
    assert_ptr_not_equal(again.city, def.city);
    jw_twin_def_free(&again);
    jw_twin_def_free(&def);
    jw_scene_close(scene);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_bus_lines(void **state)
{
    (void)state;
    static const char text[] =
        "return scene { title = 'x', map = plan { style = 'district', area_km2 = 1, seed = 2 },\n"
        "  build = function(city, p)\n"
        "    local ends = city:blocks { by = 'jobs', count = 2, apart_m = 500 }\n"
        "    city:bus_line { id = 'a', through = { ends[1], ends[1], ends[2] }, capacity = 60, hold = "
        "'headway',\n"
        "      first = '05:30', last = '10:00', headway_min = { ['05:00'] = 20, ['07:00'] = 7.5, ['08:00'] = "
        "30 } }\n"
        "    city:bus_line { id = '2', through = { 5, 1 }, headway_min = 12, passengers_per_day = 0, loop = "
        "true }\n"
        "    city:bus_line { id = '3', through = { ends[1], { x = 9e5, y = 0 } }, optional = true }\n"
        "  end }";
    write_text_file("buses.lua", text);
    jw_scene *scene = open_fine("buses.lua");
    jw_twin_def def;
    build_fine(scene, &def);
    assert_int_equal(def.bus_line_count, 2);
    const jw_bus_line_def *a = &def.bus_lines[0], *b = &def.bus_lines[1];
    assert_true(a->through_count == 2 && a->through[0] != a->through[1]);
    static const double hours[] = {
        5.5,   5.5 + 1 / 3.0, 5.5 + 2 / 3.0, 6.5, 6.5 + 1 / 3.0, 7, 7.125, 7.25, 7.375, 7.5,
        7.625, 7.75,          7.875,         8,   8.5,           9, 9.5,   10};
    assert_int_equal(a->departure_count, JW_COUNT_OF(hours));
    for (uint32_t k = 0; k < a->departure_count; k++)
        assert_true(jw_abs(a->departures_s[k] - 3600 * hours[k]) < 1e-6);
    assert_true(a->capacity == 60 && a->hold == JW_BUS_HOLD_HEADWAY && a->passengers_per_day == 0);
    assert_true(b->through[0] == 5 && b->through[1] == 1 && b->headway_s == 720 && b->is_loop);
    assert_true(b->passengers_per_day < 0 && b->stop_spacing_m == 450 && b->departure_count == 0);
    jw_twin_def_free(&def);
    jw_scene_close(scene);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* A map alone is a scene. */
static void test_bare_map(void **state)
{
    (void)state;
    jw_scene *scene = open_fine(JW_TEST_FOLDER "/data/village.osm");
    jw_twin_def def;
    build_fine(scene, &def);
    assert_string_equal(jw_scene_name(scene), "village");
    assert_string_equal(jw_scene_title(scene)->en, "village");
    assert_true(def.site_count >= 1 && def.cell_count >= 1);
    /* Few live there: trips as in Germany's metropolises. */
    assert_float_equal(def.traffic.demand.trips_per_person_day, 0.9, 1e-9);
    jw_twin_def_free(&def);
    jw_scene_close(scene);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* The rule for trips, by what its sources say. */
static void test_trips_by_density(void **state)
{
    (void)state;
    static const struct {
        const char *density;
        double trips;
    } rule[] = {{"700", 0.9}, {"5000", 0.9}, {"10000", 0.65}, {"15000", 0.4}, {"30000", 0.4}};
    for (uint32_t i = 0; i < JW_COUNT_OF(rule); i++) {
        char text[400];
        snprintf(text, sizeof text,
                 "local d = include 'lib/default_city'\nreturn scene { title = 'x', map = plan { style = "
                 "'district', area_km2 = 1 }, build = function(city)\ncity:demand { model = 'gravity', "
                 "trips_per_person_day = d.trips_per_person_day(%s) } end }",
                 rule[i].density);
        write_text_file("try.lua", text);
        jw_scene *scene = open_fine("try.lua");
        jw_twin_def def;
        build_fine(scene, &def);
        assert_float_equal(def.traffic.demand.trips_per_person_day, rule[i].trips, 1e-9);
        jw_twin_def_free(&def);
        jw_scene_close(scene);
    }
}

#define SIDE 76 /* streets each way, 500 m apart: more than 5,000 places for cells 450 m apart */

/* On the map of a region the cells stand further apart, and the note says so. */
static void test_large_map(void **state)
{
    (void)state;
    jw_error error = {0};
    FILE *file = fopen("large.osm", "w");
    assert_non_null(file);
    fputs("<osm version='0.6'>", file);
    for (int i = 0; i < SIDE * SIDE; i++)
        fprintf(file, "<node id='%d' lat='%.6f' lon='%.6f'/>", i + 1, 0.0045 * (i / SIDE),
                0.0045 * (i % SIDE));
    for (int way = 0; way < 2 * SIDE; way++) {
        fprintf(file, "<way id='%d'>", way + 1);
        for (int k = 0; k < SIDE; k++)
            fprintf(file, "<nd ref='%d'/>", 1 + (way < SIDE ? way * SIDE + k : k * SIDE + way - SIDE));
        fputs("<tag k='highway' v='residential'/></way>", file);
    }
    fputs("</osm>", file);
    fclose(file);
    jw_scene *scene = NULL;
    jw_problems problems = {0};
    jw_twin_def def;
    assert_int_equal(jw_scene_open("large.osm", &scene, NULL, &error), JW_OK);
    assert_int_equal(jw_scene_build(scene, 1, &problems, NULL, NULL, &def, &error), JW_OK);
    assert_true(def.cell_count > 3000 && def.cell_count <= JW_TWIN_CELLS_MAX);
    bool is_told = false;
    for (uint32_t i = 0; i < problems.count; i++)
        is_told |= problems.items[i].severity == JW_NOTE &&
                   strstr(problems.items[i].message, "m apart instead of 450 m");
    assert_true(is_told);
    jw_problems_free(&problems);
    jw_twin_def_free(&def);
    jw_scene_close(scene);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* A scenario's parameters join the scene's and can be set. */
static void test_scenario_params(void **state)
{
    (void)state;
    jw_scene *scene = open_fine(JW_SOURCE_FOLDER "/scenes/district.lua");
    jw_error error = {0};
    uint32_t own = jw_scene_param_count(scene);
    assert_int_equal(jw_scene_set(scene, "edge_sites", "5", &error), JW_OK);
    assert_int_equal(jw_scene_use_scenario(scene, JW_SOURCE_FOLDER "/scripts/data_flow.lua", &error), JW_OK);
    assert_int_equal(jw_scene_param_count(scene), own + 4);
    assert_int_equal(jw_scene_use_scenario(scene, JW_SOURCE_FOLDER "/scripts/ai_rollout.lua", &error), JW_OK);
    assert_int_equal(jw_scene_param_count(scene), own + 1);
    assert_int_equal(jw_scene_set(scene, "wave", "3", &error), JW_OK);
    write_text_file("clash.lua",
                    "return scenario { title = 'x', params = {\n"
                    "param { id = 'demand', type = 'boolean', default = true, label = 'd' } } }");
    assert_int_equal(jw_scene_use_scenario(scene, "clash.lua", &error), JW_ERROR_INPUT);
    assert_contains(error.message, "\"demand\" is one of the scene's already");
    assert_int_equal(jw_scene_param_count(scene), own + 1);
    for (uint32_t i = 0; i < own; i++)
        if (strcmp(jw_scene_param(scene, i)->id, "edge_sites") == 0)
            assert_true(jw_scene_param(scene, i)->value == 5);
    static const char *const scripts[] = {"morning_peak",  "data_flow",     "ai_rollout",
                                          "rainy_morning", "stadium_event", "road_works"};
    for (uint32_t i = 0; i < JW_COUNT_OF(scripts); i++) {
        char path[600];
        snprintf(path, sizeof path, "%s/scripts/%s.lua", JW_SOURCE_FOLDER, scripts[i]);
        error = (jw_error){0};
        assert_int_equal(jw_scenario_check(path, NULL, &error), JW_OK);
    }
    jw_scene_close(scene);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Catalogues read through the same sandbox; $JINGWEI_HOME points to a folder of our own. */
static void try_catalogue(const char *file, const char *content, char *out, size_t size)
{
    static const char *const others[] = {"cards", "services",    "grid",   "models", "timings",
                                         "lines", "compression", "tuning", "sectors"};
    jw_error error = {0};
    jw_scene *scene = NULL;
    assert_int_equal(jw_make_directory("home/assets/catalog", &error), JW_OK);
    for (uint32_t i = 0; i < JW_COUNT_OF(others); i++) {
        char from[600], to[100], *text;
        size_t length;
        snprintf(from, sizeof from, "%s/assets/catalog/%s.lua", JW_SOURCE_FOLDER, others[i]);
        snprintf(to, sizeof to, "home/assets/catalog/%s.lua", others[i]);
        assert_int_equal(jw_file_read(from, 1 << 20, &text, &length, &error), JW_OK);
        assert_int_equal(jw_file_write(to, text, length, &error), JW_OK);
        jw_free(text);
    }
    char path[100];
    snprintf(path, sizeof path, "home/assets/catalog/%s.lua", file);
    write_text_file(path, content);
    write_text_file("plain.lua", "return scene { title = 'x', map = plan {}, build = print }");
    setenv("JINGWEI_HOME", "home", 1);
    jw_scene_open("plain.lua", &scene, NULL, &error);
    unsetenv("JINGWEI_HOME");
    jw_scene_close(scene);
    jw_error_format(&error, out, size);
    assert_int_equal(jw_allocated_bytes(), 0);
}

#define CARD                                                                                                 \
    "fp16_tflops = 1, int8_tops = 2, memory_gb = 8, bandwidth_tbps = 1, idle_w = 5, peak_w = 50, price_cny " \
    "= 1"

static void test_catalogues(void **state)
{
    (void)state;
    static const bad_scene list[] = {
        {"return {\n{ id = 'a', " CARD ", source = 's' },\n{ id = 'b', " CARD
         ",\n  colour = 3, source = 's' } }",
         "catalog/cards.lua:4: card \"b\" takes no \"colour\"; it takes: id, fp16_tflops"},
        {"return {\n{ id = 'a', " CARD " } }",
         "catalog/cards.lua:2: card \"a\" needs \"source\": where the figures were read"},
        {"return {\n-- { not an entry }\n{ id = 'a{', " CARD ", source = 's' },\n\n{ id = 'b', " CARD
         ", source = 5 } }",
         "catalog/cards.lua:5: card \"b\": \"source\" must be a text, not a number"},
        {"return {\n{ id = 'a', " CARD ", source = 's' },\n{ id = 'a', " CARD ", source = 's' } }",
         "catalog/cards.lua:3: card \"a\" is defined twice"},
        {"return {\n{ id = 'a', fp16_tflops = -1 } }",
         "catalog/cards.lua:2: card \"a\": \"fp16_tflops\" is -1, but must be from 0.01"},
        {"return { 5 }", "catalog/cards.lua: entry 1 is a number, not a table"},
        {"return {}", "catalog/cards.lua:1: the catalogue returns no list"},
        {"return {", "catalog/cards.lua:1: unexpected symbol"},
        {"return {\n{ id = 'a', fp16_tflops = 1, int8_tops = 2, memory_gb = 8, bandwidth_tbps = 1, idle_w = "
         "60, peak_w = 50, "
         "price_cny = 1, source = 's' } }",
         "catalog/cards.lua:2: card \"a\": idle_w is above peak_w"},
        {"return {\n{ id = 'a', " CARD ", maker_growth_per_day = 2, source = 's' } }",
         "catalog/cards.lua:2: card \"a\": maker_growth_per_day without maker_per_day"},
        {"return {\n{ id = 'a', " CARD ", lead_days = -1, source = 's' } }",
         "catalog/cards.lua:2: card \"a\": \"lead_days\" is -1, but must be from 0"},
        {"return {\n{ id = 'a', " CARD ", source = '' } }",
         "catalog/cards.lua:2: card \"a\" says neither its source nor unverified = true"},
        {"return {\n\n{ id = 'a', fp16_tflops = 1, int8_tops = 2, memory_gb = 8, bandwidth_tbps = 10.5, "
         "idle_w = "
         "6, peak_w = 50, price_cny = 1, source = 's' } }",
         "catalog/cards.lua:3: card \"a\": bandwidth_tbps is 10.5; no known memory gives more than 10 TB/s"},
        {"return {\n{ id = 'a', fp16_tflops = 300, int8_tops = 600, memory_gb = 8, bandwidth_tbps = 1, "
         "idle_w = "
         "6, peak_w = 50, price_cny = 1, source = 's' } }",
         "catalog/cards.lua:2: card \"a\": 300 TFLOPS and 600 TOPS of 50 W; no known card"},
        {"return {\n{ id = 'a', fp16_tflops = 1, int8_tops = 2, memory_gb = 8, bandwidth_tbps = 1, idle_w = "
         "6, peak_w = 50, price_cny = 0, source = 's' } }",
         "catalog/cards.lua:2: card \"a\": price_cny is 0; nobody gives cards away"},
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        char got[1000];
        try_catalogue("cards", list[i].text, got, sizeof got);
        assert_contains(got, list[i].wanted);
    }
    char got[1000];
    try_catalogue("models", "return {\n{ id = 'a', version = 1, image_gb = 1, quality = 0.5 } }", got,
                  sizeof got);
    assert_contains(got, "catalog/models.lua:2: model \"a\" says neither its source nor unverified");
    try_catalogue("services", "return {\n{ id = 'a', kind = 'vision', gflop_per_item = 1, image_gb = 1 } }",
                  got, sizeof got);
    assert_contains(got, "catalog/services.lua:2: service \"a\" says neither");
    try_catalogue("tuning", "return {\n{ id = 'a', floor = 1 } }", got, sizeof got);
    assert_contains(got, "catalog/tuning.lua:2: law of tuning \"a\" needs \"size_scale\"");
    try_catalogue("cards", "return { { id = 'a', " CARD ", source = 's' } }", got, sizeof got);
    assert_string_equal(got, "ok");
}

/* What the export rule says of the cards that are shipped: the verdicts that were published. */
static void test_controlled_cards_of_the_catalogue(void **state)
{
    (void)state;
    static const char *const restricted[] = {"h100-sxm", "a100-sxm", "l40s"};
    jw_twin_def catalogue;
    jw_error error = {0};
    assert_int_equal(jw_twin_def_init(&catalogue, &error), JW_OK);
    setenv("JINGWEI_HOME", JW_SOURCE_FOLDER, 1);
    assert_int_equal(jw_catalogue_read(&catalogue, &error), JW_OK);
    unsetenv("JINGWEI_HOME");
    assert_int_equal(catalogue.supply_count, catalogue.card_count);
    uint32_t found = 0;
    for (uint32_t i = 0; i < catalogue.supply_count; i++) {
        const jw_supply_card *card = &catalogue.supply[i];
        char why[JW_EXPORT_WHY_SIZE];
        bool is_wanted = false;
        for (uint32_t r = 0; r < JW_COUNT_OF(restricted); r++)
            is_wanted |= strcmp(card->id, restricted[r]) == 0;
        if (jw_export_restricts(JW_EXPORT_OCT2023, card, why) != is_wanted)
            fail_msg("%s: %s", card->id, why);
        assert_true(card->is_domestic || card->die_mm2 > 0);
        assert_true(card->price_cny > 0 && card->lead_days > 0);
        found += is_wanted;
    }
    assert_int_equal(found, JW_COUNT_OF(restricted));
    jw_twin_def_free(&catalogue);
}

#define KIND "return {\n{ id = 'a', side = 'west', source = 's', "
#define LINE "city:production_line { id = 'l', park = 'p', at = { x = 0, y = 0 }, "
#define EAST "city:economic_region { id = 'e', side = 'east', skilled = 100 } "

static void test_factories_and_parks(void **state)
{
    (void)state;
    static const bad_scene kinds[] = {
        {"return {\n{ id = 'a', side = 'west' } }",
         "catalog/lines.lua:2: kind of production line \"a\" needs \"source\""},
        {KIND "cycle_s = 0 } }", "catalog/lines.lua:2: kind of production line \"a\": \"cycle_s\" is 0"},
        {KIND "mtbf_s = -5 } }", "\"mtbf_s\" is -5, but must be from 1"},
        {KIND "stations = { { name = 's', defect_share = 2 } } } }", "\"defect_share\" is 2"},
        {KIND "stations = {} } }", "\"stations\" lists 0, but must list 1 to 8"},
        {KIND "shifts = 3, shift_s = 36000 } }",
         "catalog/lines.lua:2: production line \"a\": a figure is out of range"},
        {KIND "colour = 1 } }", "takes no \"colour\""},
    };
    char got[1000];
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        try_catalogue("lines", kinds[i].text, got, sizeof got);
        assert_contains(got, kinds[i].wanted);
    }
    static const bad_scene list[] = {
        {BUILD(LINE "kind = 'shoes' }"), "there is no kind \"shoes\" (see assets/catalog/lines.lua)"},
        {BUILD(LINE "stations = { { cycle_s = 1 } } }"), "stations needs \"name\""},
        {BUILD(LINE "stations = { 1 } }"), "stations needs a table"},
        {BUILD(LINE "products = { { name = 'a', batch = 0 } } }"), "\"batch\" is 0"},
        {BUILD("city:park { id = 'p', region = 'mars' }"),
         "park \"p\": there is no economic region \"mars\" so far"},
        {BUILD(EAST "city:park { id = 'p', region = 'e', people = 101 }"),
         "park \"p\" employs 101 people, and economic region \"e\" has 1 too few skilled ones"},
        {BUILD(EAST EAST), "economic region \"e\" is defined twice"},
        {BUILD(EAST "city:park { id = 'p', region = 'e', quality = 2 }"), "\"quality\" is 2"},
        {BUILD(EAST "city:parks { count = 5, east = 'e', west = 'w' }"), "no economic region \"w\""},
        {BUILD(EAST "city:startup { id = 's', region = 'e' }"), "needs \"build_cny\""},
        {BUILD("city:fund { size_cny = -1 }"), "\"size_cny\" is -1"},
        {BUILD("city:fund { size_cny = 1, leverage = 0.5 }"), "\"leverage\" is 0.5, but must be from 1"},
    };
    check_bad(list, sizeof list / sizeof list[0]);
    jw_twin_def def;
    jw_scene *scene = open_fine(JW_SOURCE_FOLDER "/scenes/parks.lua");
    build_fine(scene, &def);
    uint32_t west = 0, stations = 0;
    for (uint32_t i = 0; i < def.industry.park_count; i++)
        west += strcmp(def.industry.parks[i].region, "chengdu-chongqing") == 0;
    for (uint32_t i = 0; i < def.line_count; i++)
        stations += def.lines[i].station_count;
    assert_true(def.industry.park_count == 221 && west == 110 && def.production_kind_count == 5);
    assert_true(def.line_count > 400 && stations > 4 * 400 && def.industry.region_count == 2);
    assert_true(def.industry.supplier_count == 3 && def.industry.fund.size_fen > 0);
    jw_twin_def_free(&def);
    jw_scene_close(scene);
}

/* A western hub over the installed backbone: it stands where its site does, every other node as far from the
 * one in the city as on the earth, and the links have their own lengths. */
static void test_topology(void **state)
{
    (void)state;
    static const char text[] =
        "return scene { title = 'far', map = plan { style = 'district', area_km2 = 1, seed = 2 },\n"
        "  build = function(city)\n"
        "    local rack = { { card = 'ascend-310p', count = 1 } }\n"
        "    city:site { id = 'cloud', tier = 'city', at = { x = 100, y = 0 }, racks = rack }\n"
        "    city:site { id = 'far', tier = 'west', at = { x = 0, y = 900 }, racks = rack }\n"
        "    city:topology { file = 'networks/east_west.json',\n"
        "      join = { [\"Xiong'an\"] = 'cloud', Horinger = 'far' } }\n"
        "    city:fibre { shape = 'ring', capacity_gbps = 1, queue_bytes = 5000, max_flows = 7 }\n"
        "  end }\n";
    write_text_file("far.lua", text);
    jw_twin_def def;
    jw_scene *scene = open_fine("far.lua");
    build_fine(scene, &def);
    uint32_t joins = 0;
    assert_true(def.node_count == 2 + 11 && def.link_count == 19 + 2 + 1);
    assert_true(def.links[21].queue_bytes == 5000 && def.links[21].max_flows == 7);
    assert_true(def.links[20].queue_bytes == 0 && def.links[20].max_flows == 0);
    def.link_count--; /* without the fibre that joins the two directly */
    for (uint32_t i = 0; i < def.node_count; i++) {
        const char *name = def.nodes[i].name;
        if (strcmp(name, "cloud") == 0)
            assert_true(def.nodes[i].x_m == 100 && def.nodes[i].y_m == 0);
        if (strcmp(name, "far") == 0 || strcmp(name, "Horinger") == 0)
            assert_true(def.nodes[i].x_m == 0 && def.nodes[i].y_m == 900);
        /* Shanghai from Xiong'an, by the degrees of the file: 506 km east at their mean latitude, 868 km
         * south. */
        if (strcmp(name, "Shanghai") == 0)
            assert_true(jw_abs(def.nodes[i].x_m - 506e3) < 10e3 && jw_abs(def.nodes[i].y_m + 868e3) < 5e3);
    }
    for (uint32_t i = 0; i < def.link_count; i++) {
        bool is_join = def.links[i].capacity_bps == 100e9;
        joins += is_join;
        assert_true(is_join || (def.links[i].capacity_bps == 3200e9 && def.links[i].length_m >= 284e3));
    }
    assert_int_equal(joins, 2);
    jw_network_def network = jw_default_network_def();
    network.nodes = def.nodes, network.node_count = def.node_count;
    network.links = def.links, network.link_count = def.link_count;
    jw_module_entry entries[] = {{&jw_network_module, &network}};
    jw_world_def world_def = {.seed = 1, .modules = entries, .module_count = 1};
    jw_world *world = NULL;
    assert_int_equal(jw_world_create(&world_def, &world, NULL), JW_OK);
    const jw_network *built = jw_world_state(world, 0);
    jw_net_end cloud = {.node = jw_network_find_node(built, "cloud")};
    jw_net_end far = {.node = jw_network_find_node(built, "far")};
    double wanted_s = 501e3 * 4.9e-9 + 3 * 20e-6; /* one fibre of 501 km, three hops */
    assert_true(jw_abs(jw_network_estimate_s(built, cloud, far, 1) - wanted_s) < 1e-8);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
    jw_scene_close(scene);
    remove("far.lua");
}

/* Every allocation of opening failing in turn. */
static void test_memory(void **state)
{
    (void)state;
    int64_t after = 0, step = 1;
    for (;; after += step, step = after < 200 ? 1 : 37) {
        jw_scene *scene;
        jw_error error = {0};
        jw_memory_fail_after(after);
        jw_result result = jw_scene_open(JW_SOURCE_FOLDER "/scenes/district.lua", &scene, NULL, &error);
        jw_memory_fail_after(-1);
        if (result == JW_OK) {
            jw_scene_close(scene);
            break;
        }
        if (result != JW_ERROR_MEMORY)
            fail_msg("after %d allocations: %s", (int)after, error.message);
        assert_int_equal(jw_allocated_bytes(), 0);
    }
    assert_true(after > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_scenes),
        cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_scenes),
        cmocka_unit_test(test_whole_scene),
        cmocka_unit_test(test_bus_lines),
        cmocka_unit_test(test_bare_map),
        cmocka_unit_test(test_scenario_params),
        cmocka_unit_test(test_large_map),
        cmocka_unit_test(test_trips_by_density),
        cmocka_unit_test(test_catalogues),
        cmocka_unit_test(test_controlled_cards_of_the_catalogue),
        cmocka_unit_test(test_factories_and_parks),
        cmocka_unit_test(test_topology),
        cmocka_unit_test(test_memory),
    };
    jw_log_to(no_log, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
