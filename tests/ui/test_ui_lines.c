/* Lines of mixed text: where they end, whatever the room; in the catalogue that the window really shows, too.
 */
#include "ui/ui_lines.h"
#include "ui/ui_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Chinese characters are as wide as two Latin ones. */
static float advance_of(const void *font, uint32_t code)
{
    (void)font;
    return code < 0x2e80 ? 1 : 2;
}

static void check_lines(const char *text, float width, const char *wanted)
{
    char lines[256] = "";
    for (const char *at = text, *next; at; at = next) {
        size_t size = gui_first_line(at, width, advance_of, NULL, &next);
        strncat(lines, at, size);
        strcat(lines, next ? "|" : "");
    }
    assert_string_equal(lines, wanted);
}

static void lines_end_where_they_may(void **state)
{
    (void)state;
    check_lines("", 5, "");
    check_lines("one two", 7, "one two");
    check_lines("one two", 6, "one|two");
    check_lines("one  two ", 4, "one|two ");
    check_lines("one\ntwo", 20, "one|two");
    check_lines("边缘服务器", 6, "边缘服|务器");
    check_lines("用 GPU 推理", 6, "用 GPU|推理");
    check_lines("路口GPU推理", 6, "路口|GPU推|理");
    check_lines("共1280辆", 5, "共|1280|辆");
    check_lines("共 12 345 辆车", 6, "共|12 345|辆车");
    check_lines("道路，车辆。", 4, "道|路，|车|辆。");
    check_lines("道路（甲）", 6, "道路|（甲）");
    check_lines("等待「甲」", 6, "等待|「甲」");
    check_lines("速度50%以上", 6, "速度|50%以|上");
    check_lines("未知——停", 5, "未|知——|停");
    check_lines("incomprehensible", 6, "incomp|rehens|ible"); /* wider than the room */
    check_lines("大", 1, "大");
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) != 0;
}

/* Every Chinese text of the window, in rooms of all widths that hold its longest word. */
static void no_text_of_the_window_breaks_badly(void **state)
{
    (void)state;
    static const char *const closing[] = {"，", "。", "；", "：", "）", "」", "、", "！", "？", "》", "”"};
    ui_text text = {0};
    jw_error error = {0};
    uint32_t broken = 0;
    assert_int_equal(ui_text_load(&text, JW_SOURCE_FOLDER "/assets/i18n/zh.txt", "zh", &error), JW_OK);
    for (uint32_t i = 0; i < text.count; i++) {
        const char *value = text.values[i];
        float longest = 8;
        for (const char *at = value; *at;) {
            float size = 0;
            for (; *at && *at != ' ' && (unsigned char)*at < 0x80; at++)
                size++;
            longest = size + 8 > longest ? size + 8 : longest; /* with what keeps to it */
            if (*at)
                gui_next_code(&at);
        }
        for (float width = longest; width < longest + 40; width++)
            for (const char *at = value, *next; at; at = next) {
                size_t size = gui_first_line(at, width, advance_of, NULL, &next);
                if (!next)
                    break;
                broken++;
                if (next == at + size && is_word(next[-1]) && is_word(*next))
                    fail_msg("%s: a word is broken before '%s'", text.keys[i], next);
                for (uint32_t k = 0; k < JW_COUNT_OF(closing); k++)
                    if (strncmp(next, closing[k], strlen(closing[k])) == 0)
                        fail_msg("%s: a line begins with '%s'", text.keys[i], next);
            }
    }
    assert_true(broken > 1000);
    ui_text_free(&text);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_end_where_they_may),
                                       cmocka_unit_test(no_text_of_the_window_breaks_badly)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
