/* The whole window in both languages against pictures in tests/data/golden. */
#include "ui/ui_fixture.h"
#include "view/golden.h"

#include <GL/glew.h>

#include <stdio.h>
#include <string.h>

/* The library's code is not written for our warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

static jw_ui *open_at_start(const char *language, int width_px, int height_px)
{
    jw_ui *ui = open_ui(language, width_px, height_px);
    ui->settings.scale_percent = 75;
    ui->wants_fonts = true;
    open_scene(ui, "district.lua");
    ui_play(ui, false);
    ui_seek(ui, ui->sides[0].status.earliest_ns);
    run_until_standing(ui);
    ui->sides[0].has_older = false;
    ui->play_s = 0;
    return ui;
}

/* The city, the rail, the time bar: what does not change with every metric. */
static void picture(const char *language, ui_light light, const char *name)
{
    jw_ui *ui = open_at_start(language, 720, 450);
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

/* What will be there before it is: mast and reach of a cell, the fibre to it, costs beside it; of the window
 * the part around it. */
static void a_ghost(void **state)
{
    (void)state;
    enum { WIDE = 112, HIGH = 76 };
    static uint8_t pixels[WIDE * HIGH * 3];
    jw_ui *ui = open_at_start("en", 720, 450);
    ui->is_drawer_closed = true;
    ui->settings.light = UI_LIGHT_DAY;
    ui->settings.hides_names = true;
    ui_camera_home(ui, true);
    ui->camera.distance_m *= 1.6;
    ui_build_begin(ui, UI_BUILD_CELL);
    jw_vec2 at = {ui->city->bounds.min_x + 100, ui->city->bounds.min_y - 250};
    for (int i = 0; i < 2; i++) { /* with the scale of the fonts as they are then */
        ui_tool_hover(ui, 0, &at);
        show(ui, "ghost");
    }
    double x_px, y_px;
    assert_true(
        jw_camera_project(&ui->camera, ui_side_rect(ui, 0), (jw_vec3){at.x, at.y, 0}, &x_px, &y_px, NULL));
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glReadPixels((int)x_px - 20, ui->height_px - (int)y_px - HIGH + 35, WIDE, HIGH, GL_RGB, GL_UNSIGNED_BYTE,
                 pixels);
    close_ui(ui);
    char path[1024];
    stbi_flip_vertically_on_write(1);
    assert_true(stbi_write_png(golden_path("ui_ghost", path, sizeof path), WIDE, HIGH, 3, pixels, WIDE * 3));
    golden_compare("ui_ghost", path);
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
        cmocka_unit_test_teardown(a_ghost, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
