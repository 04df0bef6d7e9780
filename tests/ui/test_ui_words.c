/* Titles of files and problems of maps, in the language of the window. */
#include "ui/ui_fixture.h"

/* A scenario named from another folder is still the one of the list, and has its title. */
static void files_have_titles(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 640, 400);
    char shown[256];
    ui_say_file(ui, JW_SOURCE_FOLDER "/scripts/../scripts/ai_rollout.lua", shown, sizeof shown);
    assert_string_equal(shown, "模型分批上线");
    ui_say_file(ui, "/nowhere/some.lua", shown, sizeof shown);
    assert_string_equal(shown, "some");
    close_ui(ui);
}

static void problems_speak_chinese(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 640, 400);
    char text[512];
    jw_phrases_say(&ui->phrases, "more than 12 lanes in one direction: taken as 8", text, sizeof text);
    assert_string_equal(text, "单向车道多于 12 条：按 8 条计");
    jw_phrases_say(&ui->phrases, "8 more: no car can come to its beginning: way 1", text, sizeof text);
    assert_string_equal(text, "另有 8 处没有车辆能到达其起点：道路 1");
    jw_phrases_say(&ui->phrases, "something of its own", text, sizeof text);
    assert_string_equal(text, "something of its own");
    close_ui(ui);
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(files_have_titles, close_opened),
        cmocka_unit_test_teardown(problems_speak_chinese, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
