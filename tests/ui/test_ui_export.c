/* What is exported: charts as CSV, and in which folder. */
#include "ui/ui_fixture.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A chart as CSV reads back as what was drawn; files are numbered, none is written over. */
static void charts_become_csv(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    static const jw_watch city = {0};
    ui_plot_toggle(ui, &city, "traffic.running", "Vehicles \"on\" the road", "veh");
    ui_set_speed(ui, 100);
    ui_play(ui, true);
    const ui_series *series = &ui->plots[0].series[0];
    RUN_UNTIL(ui, series->axis.count > 2);
    ui_play(ui, false);
    char paths[2][600], *bytes;
    size_t size;
    assert_true(ui_export_path(ui, "traffic.running", "csv", paths[0], sizeof paths[0]));
    ui_export_plot(ui, &ui->plots[0]);
    assert_non_null(strstr(ui->notice, paths[0]));
    assert_true(ui_export_path(ui, "traffic.running", "csv", paths[1], sizeof paths[1]));
    assert_string_not_equal(paths[0], paths[1]);
    assert_int_equal(jw_file_read(paths[0], 1 << 20, &bytes, &size, NULL), JW_OK);
    const char *head = "\xef\xbb\xbfworld,time_s,time,\"traffic.running, veh, at the moment\"\n", *at = bytes;
    assert_memory_equal(bytes, head, strlen(head));
    uint32_t rows = 0;
    char clock[32], before[32] = "";
    while ((at = strchr(at, '\n')) && at[1]) {
        double time_s, value;
        assert_int_equal(sscanf(at + 1, "A,%*[^,],%31[^,]", clock), 1);
        assert_string_not_equal(clock, before); /* however short the steps are */
        jw_text_copy(before, sizeof before, clock);
        assert_int_equal(sscanf(++at, "A,%lf,%*[^,],%lf", &time_s, &value), 2);
        assert_true(jw_abs(time_s - jw_s_from_ns(series->axis.time_ns[rows])) < 1e-3);
        assert_true(jw_abs(value - (double)series->value[rows]) <= 1e-6 * jw_abs(value));
        rows++;
    }
    assert_int_equal(rows, series->axis.count);
    jw_free(bytes);
    /* Its name says what it is of, and a text beside it what made it. */
    assert_non_null(strstr(paths[0], "/district-traffic-running-1.csv"));
    assert_int_equal(jw_scene_set(ui->scene, "demand", "1.5", NULL), JW_OK);
    jw_command command = jw_command_make("cut_link");
    jw_command_text(&command, "name", ui->sides[0].newer.links[0].name);
    ui_do(ui, &command);
    uint32_t told = ui->sides[0].told_count;
    ui_step(ui);
    RUN_UNTIL(ui, ui->sides[0].told_count > told);
    ui_export_plot(ui, &ui->plots[0]);
    memcpy(paths[1] + strlen(paths[1]) - 3, "txt", 3);
    assert_int_equal(jw_file_read(paths[1], 1 << 20, &bytes, &size, NULL), JW_OK);
    char seed[32], said[UI_EVENT_SIZE];
    snprintf(seed, sizeof seed, "Seed: %llu\n", (unsigned long long)ui->seed);
    ui_say_event(ui, &ui->sides[0].events[told], said, sizeof said);
    const char *const parts[] = {seed, "scenes/district.lua\n", "Parameter: demand = 1.5\n", said,
                                 "traffic.running, veh, at the moment"};
    for (uint32_t i = 0; i < JW_COUNT_OF(parts); i++)
        if (!strstr(bytes, parts[i]))
            fail_msg("\"%s\" is not in:\n%s", parts[i], bytes);
    jw_free(bytes);
    close_ui(ui);
}

/* In the user's own folders, where there are such: what is disabled or gone is not made. */
static void exports_lie_in_the_users_folders(void **state)
{
    (void)state;
    jw_ui *ui = jw_alloc(sizeof *ui);
    assert_non_null(ui);
    char kept[512], home[600], documents[700], dirs[700], path[800];
    jw_text_copy(ui->wish.file, sizeof ui->wish.file, "scenes/town.lua");
    jw_text_copy(kept, sizeof kept, getenv("HOME"));
    snprintf(home, sizeof home, "%s/home", ui_fixture_folder);
    snprintf(documents, sizeof documents, "%s/Own papers", home);
    snprintf(dirs, sizeof dirs, "%s/user-dirs.dirs", ui_fixture_folder); /* XDG_CONFIG_HOME */
    assert_int_equal(jw_make_directory(documents, NULL), JW_OK);
    setenv("HOME", home, 1);
    const char *text = "# of the desktop\nXDG_DOCUMENTS_DIR=\"$HOME/Own papers\"\n"
                       "XDG_PICTURES_DIR=\"$HOME/\"\nXDG_VIDEOS_DIR=\"/nowhere/at/all\"\n";
    assert_int_equal(jw_file_write(dirs, text, strlen(text), NULL), JW_OK);
    assert_true(ui_export_path(ui, "traffic.mean_delay", "csv", path, sizeof path));
    assert_non_null(strstr(path, "/home/Own papers/Jingwei/town-traffic-mean-delay-1.csv"));
    static const char *const others[] = {"png", "mp4"};
    for (uint32_t i = 0; i < JW_COUNT_OF(others); i++) {
        assert_true(ui_export_path(ui, "", others[i], path, sizeof path));
        assert_null(strstr(path, "/home/"));
        assert_non_null(strstr(path, "/jingwei/town-1."));
    }
    unlink(dirs);
    setenv("HOME", kept, 1);
    jw_free(ui);
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(charts_become_csv, close_opened),
        cmocka_unit_test(exports_lie_in_the_users_folders),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
