/* Worlds that begin warm: the start, the kept outcome, and files in its place that are none. */
#include "script_test.h"

#include <dirent.h>
#include <ftw.h>
#include <unistd.h>

static char cache[64], folder[80]; /* the folder inside of it that is ours */
static uint32_t warm_steps;        /* told by progress */

static bool count_progress(void *context, double fraction, const char *what)
{
    (void)context;
    assert_true(fraction >= 0 && fraction < 1);
    if (strcmp(what, "making the world") == 0)
        return true;
    assert_string_equal(what, "warming up");
    warm_steps++;
    return true;
}

static bool cancel_half_way(void *context, double fraction, const char *what)
{
    (void)context;
    (void)what;
    return fraction < 0.5;
}

/* *context: so often it is wanted still. */
static bool cancel_after(void *context, double fraction, const char *what)
{
    uint32_t *left = context;
    assert_true(fraction <= 0);
    assert_string_equal(what, "making the world");
    if (*left == 0)
        return false;
    --*left;
    return true;
}

typedef struct warm_world {
    jw_scene *scene;
    jw_twin_def def;
    jw_world *world;
} warm_world;

static void open_scene(warm_world *out, const char *set, const char *scenario)
{
    jw_error error = {0};
    *out = (warm_world){0};
    if (jw_scene_open("warm.lua", &out->scene, NULL, &error) != JW_OK ||
        (scenario && jw_scene_use_scenario(out->scene, scenario, &error) != JW_OK) ||
        (set && jw_scene_set(out->scene, "edge_sites", set, &error) != JW_OK) ||
        jw_scene_build(out->scene, 2, NULL, NULL, NULL, &out->def, &error) != JW_OK)
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
}

static void close_scene(warm_world *world)
{
    jw_world_destroy(world->world);
    jw_twin_def_free(&world->def);
    jw_scene_close(world->scene);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void make(warm_world *out, uint64_t seed, int threads, const char *set, const char *scenario)
{
    jw_error error = {0};
    open_scene(out, set, scenario);
    out->def.seed = seed;
    out->def.threads = threads;
    warm_steps = 0;
    if (jw_scene_make_world(out->scene, &out->def, scenario, count_progress, NULL, &out->world, &error) !=
        JW_OK)
        fail_msg("%s", error.message);
    assert_true(jw_world_time_ns(out->world) == (int64_t)27000 * JW_NS_PER_S);
}

/* Its hash at the start and a while after. */
typedef struct two_hashes {
    uint64_t start, later;
} two_hashes;

static two_hashes hashes_of(uint64_t seed, int threads, const char *set, const char *scenario)
{
    warm_world world;
    make(&world, seed, threads, set, scenario);
    two_hashes hashes = {jw_world_hash(world.world), 0};
    step_world(world.world, 200);
    hashes.later = jw_world_hash(world.world);
    close_scene(&world);
    return hashes;
}

static void assert_same(two_hashes a, two_hashes b)
{
    assert_true(a.start == b.start && a.later == b.later);
}

/* The name of the only file, and how many there are. */
static uint32_t list_cache(char *out, size_t size)
{
    uint32_t count = 0;
    DIR *listing = opendir(folder);
    out[0] = 0;
    for (struct dirent *entry; listing && (entry = readdir(listing));)
        if (entry->d_name[0] != '.') {
            snprintf(out, size, "%s/%s", folder, entry->d_name);
            count++;
        }
    if (listing)
        closedir(listing);
    return count;
}

static void empty_cache(void)
{
    char path[400];
    while (list_cache(path, sizeof path) > 0)
        assert_int_equal(unlink(path), 0);
}

static int begin(void **state)
{
    (void)state;
    setenv("XDG_CACHE_HOME", cache, 1);
    empty_cache();
    write_text_file("warm.lua",
                    "local city = include 'lib/default_city'\n"
                    "return scene { title = 'warm', start = '07:30', warm = '3min',\n"
                    "  map = plan { style = 'district', area_km2 = 2, seed = 2 },\n"
                    "  params = { defaults = city.params }, live = city.live, build = city.build }\n");
    write_text_file(
        "warm_moments.lua",
        "local function say(text) return function(twin) twin:log(twin:time() .. ' ' .. text) end end\n"
        "return scenario { title = 'x', on_start = say 'start',\n"
        "  params = { param { id = 'late', type = 'number', default = 1, min = 0, max = 9,\n"
        "    label = 'late' } },\n"
        "  timeline = { ['07:28'] = say 'never', ['07:30'] = say 'exact', ['+2s'] = say 'two' },\n"
        "  every = { ['3s'] = say 'three' }, on = { lost_request = say 'lost' } }\n");
    return 0;
}

/* ---- */

static void test_scenarios_begin_with_the_start(void **state)
{
    (void)state;
    static const char *const wanted[] = {"07:30:00 start", "07:30:00 exact", "07:30:02 two",
                                         "07:30:03 three"};
    for (int cached = 0; cached < 2; cached++) {
        warm_world world;
        make(&world, 4, 1, NULL, "warm_moments.lua");
        assert_int_equal(warm_steps, cached ? 0 : 360);
        assert_int_equal(log_count(world.world), 0);
        assert_string_equal(jw_scenario_texts(world.world)->title.en, "x");
        jw_traffic_counts counts = jw_traffic_count(jw_world_state(world.world, JW_TWIN_TRAFFIC));
        assert_true(counts.running > 0 && counts.arrived == 0);
        step_world(world.world, 8);
        for (uint32_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
            assert_string_equal(log_line(world.world, i), wanted[i]);
        assert_int_equal(log_count(world.world), sizeof wanted / sizeof wanted[0]);
        close_scene(&world);
    }
}

static void test_the_outcome_is_kept(void **state)
{
    (void)state;
    char path[400];
    two_hashes anew = hashes_of(4, 1, NULL, "warm_moments.lua");
    assert_int_equal(warm_steps, 360);
    assert_int_equal(list_cache(path, sizeof path), 1);
    assert_same(hashes_of(4, 1, NULL, "warm_moments.lua"), anew);
    assert_int_equal(warm_steps, 0);
    assert_same(hashes_of(4, 2, NULL, "warm_moments.lua"), anew);
    assert_int_equal(warm_steps, 0);
    two_hashes plain = hashes_of(4, 1, NULL, NULL); /* another scenario, or none: the same city */
    assert_int_equal(warm_steps, 0);
    assert_true(plain.start != anew.start);
    assert_int_equal(list_cache(path, sizeof path), 1);
    assert_true(hashes_of(5, 1, NULL, NULL).start != plain.start); /* another seed, another parameter */
    assert_int_equal(warm_steps, 360);
    assert_true(hashes_of(4, 1, "3", NULL).start != plain.start);
    assert_int_equal(warm_steps, 360);
    assert_int_equal(list_cache(path, sizeof path), 3);
    empty_cache();
    assert_same(hashes_of(4, 2, NULL, "warm_moments.lua"), anew); /* warmed with two threads */
    assert_int_equal(warm_steps, 360);
}

static void test_without_a_cache(void **state)
{
    (void)state;
    two_hashes anew = hashes_of(4, 1, NULL, NULL);
    const char *home = getenv("HOME");
    char old_home[400];
    jw_text_copy(old_home, sizeof old_home, home);
    setenv("XDG_CACHE_HOME", "/proc/nowhere", 1);
    assert_same(hashes_of(4, 1, NULL, NULL), anew);
    assert_int_equal(warm_steps, 360);
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    assert_same(hashes_of(4, 1, NULL, NULL), anew);
    assert_int_equal(warm_steps, 360);
    setenv("HOME", cache, 1);
    assert_same(hashes_of(4, 1, NULL, NULL), anew);
    assert_int_equal(warm_steps, 360);
    assert_same(hashes_of(4, 1, NULL, NULL), anew);
    assert_int_equal(warm_steps, 0);
    setenv("HOME", old_home, 1);
}

/* The file at `path`: empty, cut in its head or in the middle, with a bit flipped, marked as another world's.
 */
static void damage(const char *path, int kind)
{
    char *bytes;
    size_t size;
    assert_int_equal(jw_file_read(path, 1 << 30, &bytes, &size, NULL), JW_OK);
    if (kind >= 3)
        bytes[kind == 3 ? size / 3 : 9] ^= 1;
    size_t left = kind == 0 ? 0 : kind == 1 ? 5 : kind == 2 ? size / 2 : size;
    assert_int_equal(jw_file_write(path, bytes, left, NULL), JW_OK);
    jw_free(bytes);
}

static void test_what_is_no_outcome_is_made_anew(void **state)
{
    (void)state;
    char path[400], other[400];
    two_hashes anew = hashes_of(4, 1, NULL, NULL);
    assert_int_equal(list_cache(path, sizeof path), 1);
    for (int kind = 0; kind < 5; kind++) {
        damage(path, kind);
        assert_same(hashes_of(4, 1, NULL, NULL), anew);
        assert_int_equal(warm_steps, 360);
        assert_same(hashes_of(4, 1, NULL, NULL), anew);
        assert_int_equal(warm_steps, 0);
    }
    /* Another's under this name: whole, but of another seed. */
    assert_int_equal(unlink(path), 0);
    hashes_of(5, 1, NULL, NULL);
    assert_int_equal(list_cache(other, sizeof other), 1);
    assert_int_equal(rename(other, path), 0);
    assert_same(hashes_of(4, 1, NULL, NULL), anew);
    assert_int_equal(warm_steps, 360);
    assert_same(hashes_of(4, 1, NULL, NULL), anew);
    assert_int_equal(warm_steps, 0);
}

static void test_a_cancelled_one_leaves_nothing(void **state)
{
    (void)state;
    char path[400];
    warm_world world;
    jw_error error = {0};
    open_scene(&world, NULL, NULL);
    assert_int_equal(
        jw_scene_make_world(world.scene, &world.def, NULL, cancel_half_way, NULL, &world.world, &error),
        JW_ERROR_CANCELLED);
    assert_null(world.world);
    assert_int_equal(list_cache(path, sizeof path), 0);
    close_scene(&world);
}

/* The cache stays small; what is not ours in it stays. */
static void test_old_ones_are_dropped(void **state)
{
    (void)state;
    char path[400];
    assert_int_equal(jw_make_directory(folder, NULL), JW_OK);
    for (unsigned i = 0; i < 30; i++) {
        snprintf(path, sizeof path, "%s/warm-%016x.jws", folder, i);
        write_text_file(path, "old");
    }
    snprintf(path, sizeof path, "%s/warm-mine.jws", folder);
    write_text_file(path, "mine");
    two_hashes anew = hashes_of(4, 1, NULL, NULL);
    char any[400];
    assert_int_equal(list_cache(any, sizeof any), 16 + 1);
    assert_true(jw_file_exists(path));
    assert_same(hashes_of(4, 1, NULL, NULL), anew);
    assert_int_equal(warm_steps, 0);
}

static void test_wrong_ones_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *keys;
        int line;
        const char *message;
    } cases[] = {
        {"warm = 5", 3, "\"warm\" must be a text"},
        {"warm = 'soon'", 3,
         "\"warm\" is \"soon\"; write a length of time like \"90s\", \"15min\" or \"1h\""},
        {"warm = '3h'", 3, "at most 120 min"},
        {"warm = '-5min'", 3, "write a length of time"},
        {"warm = '0.7s'", 3, "warm is not a whole number of time steps"},
        {"start = '00:10',\nwarm = '11min'", 4, "warm reaches back beyond midnight"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[300];
        jw_problems problems = {0};
        jw_error error = {0};
        jw_scene *scene = NULL;
        snprintf(text, sizeof text, "return scene {\n  title = 'x',\n%s,\n  map = plan {}, build = print }",
                 cases[i].keys);
        write_text_file("warm_wrong.lua", text);
        assert_int_equal(jw_scene_open("warm_wrong.lua", &scene, &problems, &error), JW_ERROR_INPUT);
        assert_contains(error.message, cases[i].message);
        assert_int_equal(error.line, cases[i].line);
        assert_int_equal(problems.count, 1);
        jw_problems_free(&problems);
        assert_int_equal(jw_allocated_bytes(), 0);
    }
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

/* A world can be cancelled while it is made: before each module, and between the parts of long ones. */
static void test_making_is_cancelled(void **state)
{
    (void)state;
    const uint32_t modules = JW_TWIN_MODULE_COUNT + 1, parts = 3; /* of traffic */
    warm_world warm;
    open_scene(&warm, NULL, NULL);
    warm.def.warm_ns = 0;
    for (uint32_t n = 0; n <= modules + parts; n++) {
        jw_error error = {0};
        uint32_t left = n;
        jw_result result =
            jw_scene_make_world(warm.scene, &warm.def, NULL, cancel_after, &left, &warm.world, &error);
        assert_int_equal(left, 0);
        assert_int_equal(result, n < modules + parts ? JW_ERROR_CANCELLED : JW_OK);
        assert_string_equal(error.message, n < modules + parts ? "cancelled" : "");
        assert_true((warm.world != NULL) == (result == JW_OK));
    }
    close_scene(&warm);
}

int main(void)
{
    snprintf(cache, sizeof cache, "%s", "/tmp/jingwei-warm-XXXXXX");
    if (!mkdtemp(cache))
        return 1;
    snprintf(folder, sizeof folder, "%s/jingwei", cache);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_scenarios_begin_with_the_start, begin),
        cmocka_unit_test_setup(test_the_outcome_is_kept, begin),
        cmocka_unit_test_setup(test_without_a_cache, begin),
        cmocka_unit_test_setup(test_what_is_no_outcome_is_made_anew, begin),
        cmocka_unit_test_setup(test_a_cancelled_one_leaves_nothing, begin),
        cmocka_unit_test_setup(test_old_ones_are_dropped, begin),
        cmocka_unit_test_setup(test_wrong_ones_are_named, begin),
        cmocka_unit_test_setup(test_making_is_cancelled, begin),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    nftw(cache, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return failed;
}
