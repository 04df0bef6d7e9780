/* The page on a run: whole, self-contained, in both languages, with nothing of a name as markup. */
#include "record/record_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define HOSTILE "a<script>alert(1)</script>&\"b\""

static void make_run(const char *folder, const char *scene, double seconds)
{
    record_town town;
    record_make_town(&town, 3);
    jw_record_def def = {.folder = folder, .scene_name = scene, .interval_s = 10};
    assert_int_equal(jw_record_create(&def, town.world, &town.record, NULL), JW_OK);
    record_run_s(&town, seconds);
    record_end(&town, false);
    record_free_town(&town);
}

static char *page_of(const char *path)
{
    char *text;
    size_t size;
    assert_int_equal(jw_file_read(path, 64 << 20, &text, &size, NULL), JW_OK);
    assert_true(jw_text_is_utf8(text, size));
    return text;
}

static void test_the_page_is_whole_and_its_own(void **state)
{
    (void)state;
    make_run("run", "town", 60);
    assert_int_equal(jw_report_write("run", NULL, "en", NULL), JW_OK);
    char *page = page_of("run/report.html");
    static const char *const wanted[] = {"<!doctype html>",        "town",
                                         "Vehicles on the road",   "<polyline",
                                         "class=\"map\"",          "edge-1",
                                         "Models and assumptions", "finished",
                                         "trips arrived",          "class=\"time\">08:0"};
    for (uint32_t i = 0; i < JW_COUNT_OF(wanted); i++)
        if (!strstr(page, wanted[i]))
            fail_msg("the page lacks %s", wanted[i]);
    static const char *const foreign[] = {"http", "src=",    "href=", "@import",
                                          "url(", "<script", "nan",   "inf,"};
    for (uint32_t i = 0; i < JW_COUNT_OF(foreign); i++)
        if (strstr(page, foreign[i]))
            fail_msg("the page has %s in it", foreign[i]);
    jw_free(page);
    assert_int_equal(jw_report_write("run", "zh.html", "zh", NULL), JW_OK);
    page = page_of("zh.html");
    assert_non_null(strstr(page, "在途车辆"));
    assert_null(strstr(page, "Vehicles on the road"));
    assert_non_null(strstr(page, "<small>辆</small>"));
    assert_null(strstr(page, "<small>veh</small>"));
    jw_free(page);
}

static void test_names_are_no_markup(void **state)
{
    (void)state;
    make_run("run", HOSTILE, 20);
    static const char manifest[] = "{\"jingwei\": \"<script>1\", \"scene\": \"<script>2\", \"seed\": 1}";
    assert_int_equal(jw_report_write("run", "one.html", "en", NULL), JW_OK);
    char *page = page_of("one.html");
    assert_null(strstr(page, "<script"));
    assert_non_null(strstr(page, "a&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;b&quot;"));
    jw_free(page);
    assert_int_equal(jw_file_write("run/manifest.json", manifest, sizeof manifest - 1, NULL), JW_OK);
    assert_int_equal(jw_report_write("run", "two.html", "en", NULL), JW_OK);
    page = page_of("two.html");
    assert_null(strstr(page, "<script"));
    jw_free(page);
}

static void test_what_cannot_be_reported(void **state)
{
    (void)state;
    jw_error error = {0};
    assert_int_equal(jw_report_write("none", NULL, "en", &error), JW_ERROR_NOT_FOUND);
    assert_int_equal(mkdir("empty", 0777), 0);
    error = (jw_error){0};
    assert_int_not_equal(jw_report_write("empty", NULL, "en", &error), JW_OK);
    assert_true(error.message[0] && record_count_entries("empty") == 0);
    make_run("run", "town", 20);
    error = (jw_error){0};
    assert_int_not_equal(jw_report_write("run", "nowhere/page.html", "en", &error), JW_OK);
    assert_true(error.message[0]);
    assert_int_equal(jw_file_write("run/results.gpkg", "x", 1, NULL), JW_OK);
    error = (jw_error){0};
    assert_int_not_equal(jw_report_write("run", NULL, "en", &error), JW_OK);
    assert_true(error.message[0] && !jw_file_exists("run/report.html"));
    assert_int_equal(jw_file_write("run/manifest.json", "{", 1, NULL), JW_OK);
    error = (jw_error){0};
    assert_int_equal(jw_report_write("run", NULL, "en", &error), JW_ERROR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECORD_UNIT(test_the_page_is_whole_and_its_own),
        RECORD_UNIT(test_names_are_no_markup),
        RECORD_UNIT(test_what_cannot_be_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
