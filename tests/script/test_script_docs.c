/* docs/lua.md and .luacheckrc are what the program writes, and luacheck finds nothing in the tree's scripts.
 */
#include "script_test.h"

#include <stdlib.h>
#include <unistd.h>

static void check_file(const char *name, jw_result (*write)(jw_writer *out))
{
    jw_writer wanted = {0};
    jw_error error = {0};
    char path[600], *text = NULL;
    size_t size = 0;
    assert_int_equal(write(&wanted), JW_OK);
    snprintf(path, sizeof path, "%s/%s", JW_SOURCE_FOLDER, name);
    bool is_same = jw_file_read(path, 1 << 20, &text, &size, &error) == JW_OK && size == wanted.size &&
                   memcmp(text, wanted.bytes, size) == 0;
    jw_free(text);
    if (!is_same) {
        const char *slash = strrchr(name, '/');
        const char *here = slash ? slash + 1 : name + (name[0] == '.');
        assert_int_equal(jw_file_write(here, wanted.bytes, wanted.size, &error), JW_OK);
        fail_msg("%s is out of date: replace it by %s in this folder", name, here);
    }
    jw_writer_free(&wanted);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_reference(void **state)
{
    (void)state;
    check_file("docs/lua.md", jw_script_write_reference);
}

static void test_luacheckrc(void **state)
{
    (void)state;
    check_file(".luacheckrc", jw_script_write_luacheck);
}

/* The completion file is Lua. */
static void test_meta(void **state)
{
    (void)state;
    jw_writer meta = {0};
    assert_int_equal(jw_script_write_meta(&meta), JW_OK);
    jw_write_u8(&meta, 0);
    const char *text = (const char *)meta.bytes;
    assert_contains(text, "function city:site(arguments) end");
    assert_contains(text, "function twin:cut_link(name) end");
    assert_contains(text, "function twin:edges(filter) end");
    assert_null(strstr(text, "load_scenario"));
    write_text_file("meta.lua", text);
    if (system("luac -v >/dev/null 2>&1 || luac5.4 -v >/dev/null 2>&1") == 0)
        assert_int_equal(system("luac5.4 -p meta.lua || luac -p meta.lua"), 0);
    jw_writer_free(&meta);
}

static void test_luacheck(void **state)
{
    (void)state;
    if (system("luacheck --version >/dev/null 2>&1") != 0) {
        print_message("skipped: luacheck is not installed\n");
        skip();
    }
    char command[2000];
    snprintf(command, sizeof command, "cd %s && luacheck -q scenes scripts assets/catalog", JW_SOURCE_FOLDER);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reference), cmocka_unit_test(test_luacheckrc),
                                       cmocka_unit_test(test_meta), cmocka_unit_test(test_luacheck)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
