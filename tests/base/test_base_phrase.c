/* Messages in another language: rows are found again by their fixed words. */
#include "base/test_base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

static void write_rows(const char *name, const char *rows)
{
    char path[160];
    snprintf(path, sizeof path, "%s/assets/i18n", folder);
    assert_int_equal(jw_make_directory(path, NULL), JW_OK);
    snprintf(path, sizeof path, "%s/assets/i18n/%s", folder, name);
    assert_int_equal(jw_file_write(path, rows, strlen(rows), NULL), JW_OK);
}

static jw_phrases read_rows(const char *terminal, const char *errors)
{
    jw_phrases phrases = {0};
    jw_error error = {0};
    write_rows("terminal.xx.txt", terminal);
    write_rows("errors.xx.txt", errors);
    if (jw_phrases_read(&phrases, "xx", &error) != JW_OK)
        fail_msg("%s", error.message);
    return phrases;
}

static void is_said(const jw_phrases *phrases, const char *message, const char *wanted)
{
    char out[400];
    jw_phrases_say(phrases, message, out, sizeof out);
    assert_string_equal(out, wanted);
}

static void rows_are_found_by_their_words(void **state)
{
    (void)state;
    jw_phrases p = read_rows("a text\n\tTEXT\n", "# note\n"
                                                 "no lane %d in \"%s\"\n\tIN <%2$s> NO LANE %1$d\n"
                                                 "step %llu failed: %s\n\tSTEP %llu FAILED: %s\n"
                                                 "%.0f %% of %zu bytes\n\t%.0f %% BYTES OF %zu\n"
                                                 "link\n\tLINK\n"
                                                 "%s \"%s\" is down\n\t%s <%s> DOWN\n"
                                                 "%s: %s\n\t%s = %s\n");
    assert_string_equal(jw_phrases_find(&p, "a text"), "TEXT");
    assert_string_equal(jw_phrases_find(&p, "no text"), "no text");
    is_said(&p, "a text", "TEXT");
    is_said(&p, "no lane -3 in \"a b\"", "IN <a b> NO LANE -3");
    is_said(&p, "no lane x in \"a b\"", "no lane x in \"a b\""); /* %d holds a number */
    is_said(&p, "12 % of 400 bytes", "12 % BYTES OF 400");
    /* Parts are messages, too, but names in quotes are not. */
    is_said(&p, "step 7 failed: no lane 1 in \"link\"", "STEP 7 FAILED: IN <link> NO LANE 1");
    is_said(&p, "link \"link\" is down", "LINK <link> DOWN");
    is_said(&p, "node \"a\" is down", "node <a> DOWN");
    /* Each of a list: with commas, with semicolons, one in the other; what is unknown stays. Words are
     * said where all are known: others are names. */
    is_said(&p, "link, link", "LINK, LINK");
    is_said(&p, "link, link, node", "link, link, node");
    is_said(&p, "no lane 1 in \"a\", link", "no lane 1 in \"a\", link");
    is_said(&p, "step 7 failed: link, node", "STEP 7 FAILED: link, node");
    is_said(&p, "step 7 failed: no lane 1 in \"a\", step 8 failed: x",
            "STEP 7 FAILED: IN <a> NO LANE 1, STEP 8 FAILED: x");
    is_said(&p, "step 7 failed: link, link", "STEP 7 FAILED: LINK, LINK");
    is_said(&p, "x: no lane 1 in \"a\"; y: no lane 2 in \"b, c\"; link, link",
            "x = IN <a> NO LANE 1; y = IN <b, c> NO LANE 2; LINK, LINK");
    is_said(&p, "node, link", "node, link"); /* names, not messages */
    /* A row without words serves only where something in it is known. */
    is_said(&p, "x: y", "x: y");
    is_said(&p, "x: no lane 2 in \"\"", "x = IN <> NO LANE 2");
    is_said(&p, "", "");
    jw_error error = {.code = JW_ERROR_INPUT, .line = 4, .file = "f"};
    jw_text_copy(error.message, sizeof error.message, "a text");
    char out[20];
    jw_phrases_say_error(&p, &error, out, sizeof out);
    assert_string_equal(out, "f:4: TEXT");
    jw_phrases_free(&p);
}

/* What a catalogue says is printed as a format: a row must take what the English takes. */
static void rows_with_other_arguments_are_passed_over(void **state)
{
    (void)state;
    jw_phrases p =
        read_rows("a %s\n\tA %d\nb %s\n\tB\nc %s\n\tC %s %s\nd %d %s\n\tD %s %d\ne %d %s\n\tE %2$s "
                  "%1$d\nf %d %s\n\tF %2$s %2$s\ng %*d\n\tG %1$*d\nh %d %s\n\tH %1$d %s\ni\n\tI %n\n",
                  "# none\n");
    static const char *const others[] = {"a %s",    "b %s",  "c %s",    "d %d %s",
                                         "f %d %s", "g %*d", "h %d %s", "i"};
    for (uint32_t i = 0; i < JW_COUNT_OF(others); i++)
        assert_string_equal(jw_phrases_find(&p, others[i]), others[i]);
    assert_string_equal(jw_phrases_find(&p, "e %d %s"), "E %2$s %1$d");
    jw_phrases_free(&p);
}

static void hostile_messages_end_soon(void **state)
{
    (void)state;
    jw_phrases p =
        read_rows("# none\n", "%s a %s a %s a %s a %s a %s!\n\tROW %s %s %s %s %s %s\n%s a\n\t%s: A\n");
    char message[3000] = "", out[100];
    for (int i = 0; i < 700; i++)
        memcpy(message + 4 * i, " a a", 5);
    jw_phrases_say(&p, message, out, sizeof out);
    assert_true(jw_text_is_utf8(out, strlen(out)));
    for (int i = 0; i < 700; i++)
        memcpy(message + 4 * i, i % 2 ? " a; " : " a, ", 5);
    jw_phrases_say(&p, message, out, sizeof out);
    assert_true(jw_text_is_utf8(out, strlen(out)));
    jw_phrases_free(&p);
}

static void what_cannot_be_read_stays_english(void **state)
{
    (void)state;
    jw_phrases p = {0};
    jw_error error = {0};
    write_rows("terminal.xx.txt", "a\n\tA\n");
    write_rows("errors.xx.txt", "b\n\t\xff\n");
    assert_int_equal(jw_phrases_read(&p, "xx", &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.file, "errors.xx.txt"));
    assert_string_equal(jw_phrases_find(&p, "a"), "A");
    assert_string_equal(jw_phrases_find(&p, "b"), "b");
    error = (jw_error){0};
    assert_int_equal(jw_phrases_read(&p, "yy", &error), JW_ERROR_NOT_FOUND);
    assert_int_equal(jw_phrases_read(&p, "en", NULL), JW_OK);
    is_said(&p, "b", "b");
    /* Without memory, too. */
    for (int after = 0; after < 4; after++) {
        jw_memory_fail_after(after);
        jw_phrases_read(&p, "xx", NULL);
        jw_memory_fail_after(-1);
        is_said(&p, "c", "c");
        jw_phrases_free(&p);
    }
}

/* A format with something in place of each % sign, told apart by the argument's number. */
static void fill(const char *format, char *out, size_t out_size)
{
    uint32_t number = 0;
    size_t used = 0;
    while (*format && used + 20 < out_size) {
        if (format[0] != '%' || format[1] == '%' || format[1] == ' ') {
            bool is_line_end = format[0] == '\\' && format[1] == 'n';
            out[used++] = is_line_end ? '\n' : *format;
            format += 1 + (is_line_end || (format[0] == '%' && format[1] == '%'));
            continue;
        }
        size_t size = 1 + strspn(format + 1, "-+#0123456789.*$hlLqjzt");
        char *end;
        long place = strtol(format + 1, &end, 10);
        uint32_t index = *end == '$' ? (uint32_t)place : ++number;
        if (format[size] == 's')
            used += (size_t)snprintf(out + used, out_size - used, "<S%u>", index);
        else if (format[size] == 'c')
            out[used++] = 'C';
        else
            used += (size_t)snprintf(out + used, out_size - used, "%u", 70 + index);
        format += size + 1;
    }
    out[used] = 0;
}

/* What is shipped: each row is found again by its own words, whatever the others say. */
static void every_row_of_ours_is_found_again(void **state)
{
    (void)state;
    jw_phrases p = {0};
    jw_error error = {0};
    char path[600], *bytes, english[1200], wanted[1200], said[1200];
    size_t size;
    unsetenv("JINGWEI_HOME");
    assert_true(jw_data_folder(path, sizeof path));
    assert_int_equal(jw_phrases_read(&p, "zh", &error), JW_OK);
    strcat(path, "/assets/i18n/errors.zh.txt");
    assert_int_equal(jw_file_read(path, 1 << 20, &bytes, &size, NULL), JW_OK);
    uint32_t count = 0, wrong = 0;
    char *row = NULL;
    for (char *line = strtok(bytes, "\n"); line; row = line, line = strtok(NULL, "\n")) {
        if (line[0] != '\t')
            continue;
        fill(row, english, sizeof english);
        fill(line + 1, wanted, sizeof wanted);
        jw_phrases_say(&p, english, said, sizeof said);
        bool has_words = strspn(row, "%s:d \"") < strlen(row);
        if (has_words && strcmp(said, wanted) != 0 && wrong++ < 20)
            print_error("%s\n  %s\n  %s\n", row, said, wanted);
        count++;
    }
    assert_int_equal(wrong, 0);
    assert_true(count > 100);
    jw_free(bytes);
    jw_phrases_free(&p);
    setenv("JINGWEI_HOME", folder, 1);
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/jingwei-phrase-%d", (int)getpid());
    return setenv("JINGWEI_HOME", folder, 1);
}

static int remove_folder(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(rows_are_found_by_their_words),    JW_UNIT(rows_with_other_arguments_are_passed_over),
        JW_UNIT(hostile_messages_end_soon),        JW_UNIT(what_cannot_be_read_stays_english),
        JW_UNIT(every_row_of_ours_is_found_again),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
