#include "base/test_base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char path[] = "test_base_csv.csv";

static void write_text(const char *text)
{
    jw_error error = {0};
    assert_int_equal(jw_file_write(path, text, strlen(text), &error), JW_OK);
}

static void rows_are_read(void **state)
{
    (void)state;
    write_text(
        "\xEF\xBB\xBF"
        "# who, where\n\nname, at ,time\r\n\"Ring, \"\"east\"\"\",3.5,07:30\n\n# no row\n 环路 ,\" 4 \","
        "26000\nlast,-1,23:59:59");
    jw_csv csv;
    jw_error error = {0};
    bool has_row = false;
    double number;
    uint32_t at;
    assert_int_equal(jw_csv_open(&csv, path, 1000, &error), JW_OK);
    assert_int_equal(csv.column_count, 3);
    assert_int_equal(jw_csv_need(&csv, "at", &at, &error), JW_OK);
    assert_int_equal(at, 1);
    assert_int_equal(jw_csv_find(&csv, "none"), JW_NONE);
    assert_string_equal(jw_csv_text(&csv, JW_NONE), "");
    static const struct {
        const char *name;
        double at, time_s;
        int line;
    } rows[] = {{"Ring, \"east\"", 3.5, 27000, 4}, {"环路", 4, 26000, 7}, {"last", -1, 86399, 8}};
    for (uint32_t k = 0; k < 3; k++) {
        assert_int_equal(jw_csv_next(&csv, &has_row, &error), JW_OK);
        assert_true(has_row);
        assert_string_equal(jw_csv_text(&csv, 0), rows[k].name);
        assert_int_equal(jw_csv_number(&csv, 1, -1, 10, &number, &error), JW_OK);
        assert_true(number == rows[k].at);
        assert_int_equal(jw_csv_time(&csv, 2, 86400, &number, &error), JW_OK);
        assert_true(number == rows[k].time_s);
        assert_int_equal(csv.line, rows[k].line);
    }
    assert_int_equal(jw_csv_next(&csv, &has_row, &error), JW_OK);
    assert_false(has_row);
    jw_csv_close(&csv);
    unlink(path);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void faults_have_their_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
        int line;
    } bad[] = {{"a,b\n1,2\n3\n", "1 fields where the header has 2", 3},
               {"a,b\n1,2,3\n", "3 fields", 2},
               {"a,b\n\n1,\"2\n3,4\n", "a quote does not end", 3},
               {"a,b\n\"1\" x,2\n", "behind a closing quote", 2},
               {"a,b\nx,2\n", "a: \"x\" is no number", 2},
               {"a,b\n11,2\n", "is not between 0 and 10", 2},
               {"a,b\nnan,2\n", "is no number", 2},
               {"a,b\n1,7:61\n", "is no time", 2},
               {"a,b\n1,7:30:\n", "is no time", 2},
               {"a,b\n1,25:00\n", "lies beyond 24 h", 2},
               {"a,c\n1,2\n", "there is no column \"b\"; there are: a, c", 1},
               {"# nothing\n", "no header", 0}};
    for (uint32_t k = 0; k < JW_COUNT_OF(bad); k++) {
        jw_csv csv;
        jw_error error = {0};
        bool has_row = true;
        double number;
        uint32_t b;
        write_text(bad[k].text);
        jw_result result = jw_csv_open(&csv, path, 1000, &error);
        if (!result)
            result = jw_csv_need(&csv, "b", &b, &error);
        while (!result && has_row) {
            result = jw_csv_next(&csv, &has_row, &error);
            if (!result && has_row)
                result = jw_csv_number(&csv, 0, 0, 10, &number, &error);
            if (!result && has_row)
                result = jw_csv_time(&csv, b, 86400, &number, &error);
        }
        jw_csv_close(&csv);
        assert_int_equal(result, JW_ERROR_INPUT);
        assert_non_null(strstr(error.message, bad[k].part));
        assert_int_equal(error.line, bad[k].line);
    }
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_are_read),
                                       cmocka_unit_test(faults_have_their_line)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
