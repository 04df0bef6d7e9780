#include "base/test_base.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "test_base_file.XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder); /* fails when a test or a write left something behind */
}

static const char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    const char *path = in_folder("a.txt");
    char *text;
    size_t size;
    jw_error error = {0};
    assert_int_equal(jw_file_write(path, "first", 5, &error), JW_OK);
    assert_int_equal(jw_file_write(path, "second\0!", 8, &error), JW_OK);
    assert_int_equal(jw_file_read(path, 8, &text, &size, &error), JW_OK);
    assert_int_equal(size, 8);
    assert_memory_equal(text, "second\0!\0", 9);
    jw_free(text);
    assert_true(jw_file_exists(path));
    assert_false(jw_is_directory(path));
    assert_int_equal(jw_file_read(path, 7, &text, &size, &error), JW_ERROR_LIMIT);
    assert_null(text);
    assert_non_null(strstr(error.message, "limit of 7"));
    unlink(path);
}

static void assert_read_fails(const char *path, jw_result code, const char *part)
{
    char *text;
    size_t size;
    jw_error error = {0};
    assert_int_equal(jw_file_read(path, 100, &text, &size, &error), code);
    assert_null(text);
    assert_string_equal(error.file, path);
    assert_non_null(strstr(error.message, part));
}

static void unreadable_files_are_named(void **state)
{
    (void)state;
    assert_read_fails(in_folder("missing"), JW_ERROR_NOT_FOUND, "no such file");
    assert_read_fails(folder, JW_ERROR_INPUT, "directory");
    const char *path = in_folder("empty");
    assert_int_equal(jw_file_write(path, "", 0, NULL), JW_OK);
    assert_read_fails(path, JW_ERROR_INPUT, "empty");
    unlink(path);
    assert_read_fails("/dev/zero", JW_ERROR_LIMIT, "limit of 100"); /* states no size and never ends */
}

static void a_file_of_unstated_size_is_read_whole(void **state)
{
    (void)state;
    char *text;
    size_t size;
    assert_int_equal(jw_file_read("/proc/self/status", 1 << 20, &text, &size, NULL), JW_OK);
    assert_true(size > 100);
    assert_int_equal(strlen(text), size);
    jw_free(text);
}

static void a_failed_write_leaves_the_old_file(void **state)
{
    (void)state;
    jw_error error = {0};
    assert_int_equal(jw_file_write("/proc/nowhere/x", "a", 1, &error), JW_ERROR_NOT_FOUND);
    error = (jw_error){0};
    assert_int_equal(jw_file_write(folder, "a", 1, &error), JW_ERROR_IO);
    assert_non_null(strstr(error.message, "directory"));
    error = (jw_error){0};
    assert_int_equal(jw_file_write("/dev/full/x", "a", 1, &error), JW_ERROR_IO);
    char long_path[5000];
    memset(long_path, 'a', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = 0;
    error = (jw_error){0};
    assert_int_equal(jw_file_write(long_path, "a", 1, &error), JW_ERROR_INPUT);
    assert_int_equal(jw_make_directory(long_path, NULL), JW_ERROR_INPUT);
}

static void directories_are_made_with_parents(void **state)
{
    (void)state;
    char path[160];
    snprintf(path, sizeof path, "%s/b/c/", folder);
    assert_int_equal(jw_make_directory(path, NULL), JW_OK);
    assert_int_equal(jw_make_directory(path, NULL), JW_OK);
    assert_true(jw_is_directory(path));
    assert_int_equal(jw_make_directory("", NULL), JW_ERROR_INPUT);
    assert_int_equal(jw_make_directory("/", NULL), JW_OK);
    assert_int_equal(jw_file_write(in_folder("b/f"), "x", 1, NULL), JW_OK);
    jw_error error = {0};
    assert_int_equal(jw_make_directory(in_folder("b/f"), &error), JW_ERROR_EXISTS);
    assert_non_null(strstr(error.message, "is a file"));
    unlink(in_folder("b/f"));
    rmdir(in_folder("b/c"));
    rmdir(in_folder("b"));
}

static void paths_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *path, *stem, *directory;
    } cases[] = {
        {"a/b/c.osm.gz", "c", "a/b"}, {"a/b/c.lua", "c", "a/b"},     {"c", "c", "."},
        {"/c.x", "c", "/"},           {"a/.hidden", ".hidden", "a"}, {"a/", "", "a"},
    };
    char out[32];
    for (size_t i = 0; i < JW_COUNT_OF(cases); i++) {
        jw_path_stem(cases[i].path, out, sizeof out);
        assert_string_equal(out, cases[i].stem);
        jw_path_directory(cases[i].path, out, sizeof out);
        assert_string_equal(out, cases[i].directory);
    }
    jw_path_stem("a/longname.x", out, 5);
    assert_string_equal(out, "long");
    assert_true(jw_text_ends_with("x.osm.gz", ".gz"));
    assert_true(jw_text_ends_with("x", ""));
    assert_false(jw_text_ends_with("gz", ".gz"));
}

static void text_is_cut_between_characters(void **state)
{
    (void)state;
    char out[8];
    assert_true(jw_text_copy(out, sizeof out, "abc"));
    assert_string_equal(out, "abc");
    assert_true(jw_text_copy(out, sizeof out, NULL));
    assert_string_equal(out, "");
    assert_true(jw_text_copy(out, 7, "经纬"));
    assert_false(jw_text_copy(out, 6, "经纬"));
    assert_string_equal(out, "经");
    assert_false(jw_text_copy(out, 3, "经"));
    assert_string_equal(out, "");
    assert_false(jw_text_copy(out, 1, "x"));
    assert_string_equal(out, "");
    /* By a precision, by the end of the room, and what was none before. */
    char line[16];
    assert_int_equal(jw_text_format(line, sizeof line, "%.4s·%.2s.", "经纬", "图"), 6);
    assert_string_equal(line, "经·.");
    assert_int_equal(jw_text_format(line, 6, "a%s", "经纬"), 4);
    assert_string_equal(line, "a经");
    assert_int_equal(jw_text_format(line, sizeof line, "x%sy", "\xff\xe7\xbb"), 2);
    assert_string_equal(line, "xy");
    assert_int_equal(jw_text_format(line, 1, "%d", 12), 0);
    assert_string_equal(line, "");
}

static bool is_utf8(const char *text)
{
    return jw_text_is_utf8(text, strlen(text));
}

static void utf8_is_told_from_other_bytes(void **state)
{
    (void)state;
    assert_true(is_utf8(""));
    assert_true(is_utf8("a\tb\n经纬 \xf0\x9f\x9a\x97 é"));
    assert_false(is_utf8("a\rb"));
    assert_false(is_utf8("\x7f"));
    assert_false(is_utf8("\xc2\x85"));         /* control of the second set */
    assert_false(is_utf8("\xc0\xaf"));         /* overlong */
    assert_false(is_utf8("\xe0\x80\xaf"));     /* overlong */
    assert_false(is_utf8("\xed\xa0\x80"));     /* surrogate */
    assert_false(is_utf8("\xf4\x90\x80\x80")); /* beyond U+10FFFF */
    assert_false(is_utf8("\xe7\xbb"));         /* cut */
    assert_false(is_utf8("\x80"));
    assert_false(is_utf8("\xff"));
    assert_false(jw_text_is_utf8("a\0b", 3));
    assert_true(is_utf8("\xf4\x8f\xbf\xbf"));
}

static void assert_number(const char *text, double wanted)
{
    double got = -12345;
    if (!jw_text_to_number(text, &got))
        fail_msg("\"%s\" is a number", text);
    if (memcmp(&got, &wanted, sizeof got) != 0)
        fail_msg("\"%s\" gives %.17g, not %.17g", text, got, wanted);
}

static void numbers_are_read_whatever_the_locale(void **state)
{
    (void)state;
    setlocale(LC_ALL, "de_DE.UTF-8"); /* where it is installed, strtod wants a comma from here on */
    assert_number("0", 0);
    assert_number("-0", -0.0);
    assert_number("+7", 7);
    assert_number("0.1", 0.1);
    assert_number(".5", .5);
    assert_number("5.", 5);
    assert_number("116.0123456", 116.0123456);
    assert_number("1e3", 1000);
    assert_number("1.5E-3", 1.5E-3);
    assert_number("1e22", 1e22);
    assert_number("1e23", 1e23);
    assert_number("1e-400", 0);
    assert_number("2.2250738585072014e-308", 2.2250738585072014e-308);
    assert_number("9007199254740993", 9007199254740992.0);
    assert_number("1.0000000000000000000000000000000000001", 1);
    assert_number("0.00000000000000000000000000000000001", 1e-35);
    static const char *const wrong[] = {"",  " 1", "1 ", "1,5", "0x10", "inf", "nan",   "-",     "+",
                                        ".", "e5", "1e", "1e+", "1e5x", "--1", "1.2.3", "1e999", "١"};
    double untouched = 3;
    for (size_t i = 0; i < JW_COUNT_OF(wrong); i++)
        if (jw_text_to_number(wrong[i], &untouched))
            fail_msg("\"%s\" is not a number", wrong[i]);
    assert_false(jw_text_to_number(NULL, &untouched));
    assert_true(untouched == 3);
    setlocale(LC_ALL, "C");
}

static void every_double_survives_printing_and_reading(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 200000; i++) {
        uint64_t bits = jw_random_u64((jw_random_key){5, 6}, 0, i);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!(value - value == 0))
            continue;
        char text[40];
        snprintf(text, sizeof text, i & 1 ? "%.17g" : "%.17e", value);
        assert_number(text, value);
        double plain = (double)(bits % 2000000000) / 1e7; /* what coordinates look like */
        snprintf(text, sizeof text, "%.7f", plain);
        assert_number(text, plain);
    }
}

static void the_data_folder_follows_the_environment(void **state)
{
    (void)state;
    char out[512];
    setenv("JINGWEI_HOME", folder, 1);
    assert_true(jw_data_folder(out, sizeof out));
    assert_string_equal(out, folder);
    setenv("JINGWEI_HOME", "/nowhere", 1);
    assert_false(jw_data_folder(out, sizeof out));
    unsetenv("JINGWEI_HOME");
    assert_true(jw_data_folder(out, sizeof out));
    assert_string_equal(out, JW_SOURCE_FOLDER);
}

static void the_clock_runs_and_memory_is_measured(void **state)
{
    (void)state;
    double before = jw_clock_seconds();
    usleep(2000);
    assert_true(jw_clock_seconds() - before >= 0.002);
    assert_true(jw_peak_rss_bytes() > 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(what_is_written_is_read_back),
        JW_UNIT(unreadable_files_are_named),
        JW_UNIT(a_file_of_unstated_size_is_read_whole),
        JW_UNIT(a_failed_write_leaves_the_old_file),
        JW_UNIT(directories_are_made_with_parents),
        JW_UNIT(paths_are_taken_apart),
        JW_UNIT(text_is_cut_between_characters),
        JW_UNIT(utf8_is_told_from_other_bytes),
        JW_UNIT(numbers_are_read_whatever_the_locale),
        JW_UNIT(every_double_survives_printing_and_reading),
        JW_UNIT(the_data_folder_follows_the_environment),
        JW_UNIT(the_clock_runs_and_memory_is_measured),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
