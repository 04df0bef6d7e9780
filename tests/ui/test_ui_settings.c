/* What the window remembers survives a round trip, and a damaged file does no harm. */
#include "ui/ui_settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/jingwei-settings-XXXXXX";
static char path[128];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/jingwei/settings", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char inner[128];
    snprintf(inner, sizeof inner, "%s/jingwei", folder);
    unlink(path);
    rmdir(inner);
    return rmdir(folder);
}

static void round_trip(void **state)
{
    (void)state;
    setenv("XDG_CONFIG_HOME", folder, 1);
    char found[256];
    assert_true(ui_settings_path(found, sizeof found));
    assert_string_equal(found, path);
    ui_settings written, read;
    ui_settings_default(&written);
    jw_text_copy(written.language, sizeof written.language, "zh");
    written.scale_percent = 175;
    written.light = 2;
    written.palette = 1;
    written.reduces_motion = written.hides_names = true;
    written.threads = 3;
    written.back_mb = 256;
    written.tier = 1;
    written.measured_tier = 3;
    jw_text_copy(written.renderer, sizeof written.renderer, "Card = 7 (rev 2)");
    ui_settings_add_recent(&written, "/a/雄安.lua");
    ui_settings_add_recent(&written, "/b = c.osm");
    jw_error error = {0};
    assert_int_equal(ui_settings_write(&written, path, &error), JW_OK);
    assert_int_equal(ui_settings_read(&read, path), 0);
    assert_true(read.palette == 1 && read.reduces_motion && read.hides_names && read.threads == 3 &&
                read.back_mb == 256);
    assert_string_equal(read.language, "zh");
    assert_int_equal(read.scale_percent, 175);
    assert_int_equal(read.light, 2);
    assert_int_equal(read.tier, 1);
    assert_int_equal(read.measured_tier, 3);
    assert_string_equal(read.renderer, "Card = 7 (rev 2)");
    assert_int_equal(read.recent_count, 2);
    assert_string_equal(read.recent[0], "/b = c.osm");
    assert_string_equal(read.recent[1], "/a/雄安.lua");
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void damaged_is_default(void **state)
{
    (void)state;
    static const char text[] = "scale_percent = 1e9\nlight = seven\nlanguage = de\nwidth_px = -3\n = \nfoo\n"
                               "recent = \nheight_px = 700\nmeasured_tier = 4\n";
    jw_error error = {0};
    assert_int_equal(jw_file_write(path, text, sizeof text - 1, &error), JW_OK);
    ui_settings settings, plain;
    ui_settings_default(&plain);
    assert_int_equal(ui_settings_read(&settings, path), 7); /* the seventh: foo; an unknown key is none */
    assert_int_equal(settings.scale_percent, plain.scale_percent);
    assert_int_equal(settings.light, plain.light);
    assert_int_equal(settings.measured_tier, 0);
    assert_int_equal(settings.width_px, plain.width_px);
    assert_string_equal(settings.language, "");
    assert_int_equal(settings.recent_count, 0);
    assert_int_equal(settings.height_px, 700);
    assert_int_equal(jw_file_write(path, "\xff\xfe\x00", 3, &error), JW_OK);
    assert_int_equal(ui_settings_read(&settings, path), 1);
    assert_int_equal(settings.height_px, plain.height_px);
    assert_int_equal(ui_settings_read(&settings, "/nowhere/at/all"), 0); /* the first start */
    assert_int_equal(settings.scale_percent, plain.scale_percent);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void recent_ones_are_few_and_once(void **state)
{
    (void)state;
    ui_settings settings;
    ui_settings_default(&settings);
    char name[32];
    for (int i = 0; i < 9; i++) {
        snprintf(name, sizeof name, "/f%d", i);
        ui_settings_add_recent(&settings, name);
    }
    assert_int_equal(settings.recent_count, UI_RECENT_MAX);
    assert_string_equal(settings.recent[0], "/f8");
    ui_settings_add_recent(&settings, "/f6");
    assert_int_equal(settings.recent_count, UI_RECENT_MAX);
    assert_string_equal(settings.recent[0], "/f6");
    assert_string_equal(settings.recent[1], "/f8");
    assert_string_equal(settings.recent[2], "/f7");
    assert_string_equal(settings.recent[3], "/f5");
    ui_settings_add_recent(&settings, "/with\nline");
    assert_string_equal(settings.recent[0], "/f6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(damaged_is_default),
        cmocka_unit_test(recent_ones_are_few_and_once),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
