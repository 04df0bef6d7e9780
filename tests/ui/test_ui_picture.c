/* The whole window in both languages against pictures in tests/data/golden. */
#include "ui/ui_fixture.h"
#include "view/golden.h"

#include <stdio.h>
#include <string.h>

/* The city, the rail, the time bar: what does not change with every metric. */
static void picture(const char *language, ui_light light, const char *name)
{
    jw_ui *ui = open_ui(language, 720, 450);
    ui->settings.scale_percent = 75;
    ui->wants_fonts = true;
    open_scene(ui, "district.lua");
    ui_play(ui, false);
    ui_seek(ui, ui->sides[0].status.earliest_ns);
    double limit_s = jw_clock_seconds() + 30;
    while (
        (ui->sides[0].newer.time_ns != ui->sides[0].status.earliest_ns || ui->sides[0].status.is_seeking) &&
        jw_clock_seconds() < limit_s)
        run(ui, 0.02);
    ui->sides[0].has_older = false;
    ui->play_s = 0;
    ui->is_drawer_closed = true;
    ui->settings.light = (int)light;
    ui_camera_home(ui, true);
    show(ui, name);
    ui_camera_home(ui, true); /* with the scale of the fonts as they are now */
    show(ui, name);
    char path[1024];
    jw_error error = {0};
    if (ui_save_picture(ui, golden_path(name, path, sizeof path), &error) != JW_OK)
        fail_msg("%s", error.message);
    close_ui(ui);
    golden_compare(name, path);
}

static void in_english(void **state)
{
    (void)state;
    picture("en", UI_LIGHT_DAY, "ui_en");
}

static void in_chinese(void **state)
{
    (void)state;
    picture("zh", UI_LIGHT_NIGHT, "ui_zh");
}

int main(void)
{
    if (!jw_file_exists("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc") || getenv("JINGWEI_FONT")) {
        printf("skipped: the pictures are written with the font fonts-wqy-microhei, which is not here\n");
        return 77;
    }
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(in_english, close_opened),
        cmocka_unit_test_teardown(in_chinese, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
