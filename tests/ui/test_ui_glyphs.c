/* Whatever the window can say is in its letters: each character of the catalogues, of what the sources write
 * into texts (arguments of events, problems of maps), of units, scenes and scenarios. */
#include "script/script.h"
#include "ui/ui_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

typedef struct letter_set {
    uint32_t *ranges, title_count;
    uint32_t checked; /* characters beyond ASCII */
} letter_set;

static uint32_t decode(const char **at)
{
    const uint8_t *c = (const uint8_t *)*at;
    uint32_t size = c[0] < 0x80 ? 1 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
    uint32_t code = size == 1 ? c[0] : c[0] & (0xffu >> (size + 1));
    for (uint32_t i = 1; i < size; i++)
        code = code << 6 | (c[i] & 63);
    *at += size;
    return code;
}

static bool has(const letter_set *letters, uint32_t code, bool is_title)
{
    for (uint32_t i = 0; letters->ranges[i] && (!is_title || i < letters->title_count); i += 2)
        if (code >= letters->ranges[i] && code <= letters->ranges[i + 1])
            return true;
    return false;
}

static void check(letter_set *letters, const char *text, size_t size, bool is_title, const char *where)
{
    for (const char *at = text; at < text + size;) {
        uint32_t code = decode(&at);
        if (code < 0x80)
            continue;
        letters->checked++;
        if (!has(letters, code, is_title))
            fail_msg("%s: U+%04X is not in the font of the interface: \"%.*s\"", where, code, (int)size,
                     text);
    }
}

static char *read_file(const char *path)
{
    char *bytes;
    size_t size;
    assert_int_equal(jw_file_read(path, 1 << 22, &bytes, &size, NULL), JW_OK);
    assert_true(jw_text_is_utf8(bytes, size));
    return bytes;
}

static void make(letter_set *out)
{
    *out = (letter_set){0};
    out->ranges = ui_font_ranges(&out->title_count);
    assert_non_null(out->ranges);
    assert_true(has(out, 0x8def, true) && !has(out, 0x9a0b, false)); /* 路; one beyond GB 2312 */
}

static void catalogues(void **state)
{
    (void)state;
    letter_set letters;
    make(&letters);
    static const char *const names[] = {"en.txt", "zh.txt", "errors.zh.txt"};
    for (uint32_t i = 0; i < JW_COUNT_OF(names); i++) {
        char path[512];
        snprintf(path, sizeof path, JW_SOURCE_FOLDER "/assets/i18n/%s", names[i]);
        char *bytes = read_file(path), *rest = bytes;
        for (char *line; (line = strtok_r(rest, "\n", &rest));)
            check(&letters, line, strlen(line), false, names[i]);
        jw_free(bytes);
    }
    assert_true(letters.checked > 8000);
    jw_free(letters.ranges);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Texts between quotes, comments passed over. */
static void check_source(letter_set *letters, const char *path)
{
    char *bytes = read_file(path);
    for (const char *at = bytes; *at;) {
        if (at[0] == '/' && (at[1] == '*' || at[1] == '/')) {
            const char *end = strstr(at + 2, at[1] == '*' ? "*/" : "\n");
            at = end ? end + 1 : at + strlen(at);
        } else if (*at == '\'' && at[1]) {
            at += at[1] == '\\' ? 4 : 3;
        } else if (*at == '"') {
            const char *begin = ++at;
            while (*at && *at != '"')
                at += at[0] == '\\' && at[1] ? 2 : 1;
            check(letters, begin, (size_t)(at - begin), false, path);
            at += *at != 0;
        } else {
            at++;
        }
    }
    jw_free(bytes);
}

static void texts_of_sources(void **state)
{
    (void)state;
    letter_set letters;
    make(&letters);
    static const char *const folders[] = {"twin",    "ui",      "view",  "frame", "traffic",
                                          "network", "compute", "ai",    "city",  "economy",
                                          "session", "record",  "script"};
    uint32_t files = 0;
    for (uint32_t i = 0; i < JW_COUNT_OF(folders); i++) {
        char path[1024];
        snprintf(path, sizeof path, JW_SOURCE_FOLDER "/engine/%s", folders[i]);
        DIR *directory = opendir(path);
        for (struct dirent *entry; directory && (entry = readdir(directory));) {
            bool is_page = strstr(entry->d_name, "report") || strstr(entry->d_name, "explain");
            if (!jw_text_ends_with(entry->d_name, ".c") || is_page) /* a browser has letters of its own */
                continue;
            snprintf(path, sizeof path, JW_SOURCE_FOLDER "/engine/%s/%s", folders[i], entry->d_name);
            check_source(&letters, path);
            files++;
        }
        if (directory)
            closedir(directory);
    }
    assert_true(files > 200 && letters.checked > 10);
    jw_free(letters.ranges);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void units_of_metrics_tables_and_commands(void **state)
{
    (void)state;
    letter_set letters;
    make(&letters);
    jw_module_entry extra = {&jw_script_module, NULL}, modules[JW_TWIN_MODULE_COUNT + 1];
    jw_twin_modules(&extra, 1, modules);
    uint32_t count = 0;
    for (uint32_t m = 0; m < JW_COUNT_OF(modules); m++) {
        const jw_module *module = modules[m].module;
        for (uint32_t i = 0; i < module->metric_count; i++, count++)
            check(&letters, module->metrics[i].unit, strlen(module->metrics[i].unit), false,
                  module->metrics[i].name);
        for (uint32_t t = 0; t < module->table_count; t++)
            for (uint32_t c = 0; c < module->tables[t].column_count; c++, count++)
                check(&letters, module->tables[t].columns[c].unit, strlen(module->tables[t].columns[c].unit),
                      false, module->tables[t].columns[c].name);
        for (uint32_t v = 0; v < module->verb_count; v++)
            for (uint32_t a = 0; a < module->verbs[v].arg_count; a++, count++) {
                const char *unit = module->verbs[v].args[a].unit;
                check(&letters, unit ? unit : "", unit ? strlen(unit) : 0, false, module->verbs[v].name);
            }
    }
    assert_true(count > 500);
    jw_free(letters.ranges);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Titles are written large, and only the common characters are there in that size. */
static void scenes_and_scenarios(void **state)
{
    (void)state;
    letter_set letters;
    make(&letters);
    static const char *const folders[] = {"scripts", "scenes"};
    uint32_t titles = 0;
    for (uint32_t f = 0; f < JW_COUNT_OF(folders); f++) {
        char path[1024];
        snprintf(path, sizeof path, JW_SOURCE_FOLDER "/%s", folders[f]);
        DIR *directory = opendir(path);
        assert_non_null(directory);
        for (struct dirent *entry; (entry = readdir(directory));) {
            if (!jw_text_ends_with(entry->d_name, ".lua"))
                continue;
            snprintf(path, sizeof path, JW_SOURCE_FOLDER "/%s/%s", folders[f], entry->d_name);
            char *bytes = read_file(path), *rest = bytes;
            for (char *line; (line = strtok_r(rest, "\n", &rest));) {
                bool is_title = strncmp(line + strspn(line, " "), "title = {", 9) == 0;
                titles += is_title;
                check(&letters, line, strlen(line), is_title, entry->d_name);
            }
            jw_free(bytes);
        }
        closedir(directory);
    }
    assert_true(titles > 10);
    jw_free(letters.ranges);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catalogues),
        cmocka_unit_test(texts_of_sources),
        cmocka_unit_test(units_of_metrics_tables_and_commands),
        cmocka_unit_test(scenes_and_scenarios),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
