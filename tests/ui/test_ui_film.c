/* Pictures larger than the window and films, without a screen, in both languages. */
#include "ui/ui_fixture.h"
#include "ui/ui_still.h"
#include "ui/ui_video.h"
#include "view/golden.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void wait_still(jw_ui *ui)
{
    while (ui->tools.still)
        run(ui, 0);
    if (ui->dialog.code)
        fail_msg("%s", ui->dialog.message);
}

static void a_picture_in_bands_is_the_same_picture(void **state)
{
    (void)state;
    jw_ui *ui = open_district("en", 1024, 640);
    jw_error error = {0};
    char path[600], part[620];
    int width, height;
    snprintf(path, sizeof path, "%s/still.png", ui_fixture_folder);
    snprintf(part, sizeof part, "%s.part", path);
    ui_quality_set(ui, JW_VIEW_SOFTWARE); /* not measured meanwhile */
    ui_notes_pin(ui, (jw_vec2){ui->camera.x_m, ui->camera.y_m});
    jw_text_copy(ui->tools.book.notes[0].text, UI_NOTE_SIZE, "pinned");
    ui_pins pins;
    ui_notes_take_pins(ui, &pins);
    assert_int_equal(pins.count, 1);
    jw_view_scene scene = ui_export_scene(ui, 0, &pins);
    uint8_t *whole = jw_alloc(700 * 600 * 3);
    assert_int_equal(jw_view_read_pixels(ui->view, &scene, 700, 600, whole, &error), JW_OK);
    ui_captions captions = ui_captions_of(ui, (int[2]){0});
    assert_true(captions.texts[0][0] && !captions.texts[1][0] && !captions.has_seam);
    ui_captions_write(&captions, &(ui_caption_rows){whole, 700, 600, 0, 600});
    /* 600 rows are three bands. */
    assert_int_equal(ui_still_start(ui, path, 700, 600, &error), JW_OK);
    assert_true(jw_file_exists(part) && !jw_file_exists(path));
    wait_still(ui);
    assert_true(!jw_file_exists(part) && jw_file_exists(path));
    uint8_t *read = golden_read(path, &width, &height);
    assert_true(width == 700 && height == 600);
    /* Corners of triangles are rounded to other sixteenths of a pixel in a band: a sample of an edge here and
     * there is another, nothing else. */
    uint32_t different = 0;
    double sum = 0;
    for (int i = 0; i < 700 * 600 * 3; i++) {
        different += abs(read[i] - whole[i]) > 8;
        sum += abs(read[i] - whole[i]);
    }
    print_message("%u of %d values differ, by %.3f of 255 in the mean of all\n", different, 700 * 600 * 3,
                  sum / (700 * 600 * 3));
    if (different > 700 * 600 * 3 / 200 || sum > 0.25 * 700 * 600 * 3)
        fail_msg("bands differ from the whole picture");
    free(read);
    /* Wider than one tile, and than what llvmpipe draws at once with its twofold sampling. */
    assert_int_equal(ui_still_start(ui, path, 9000, 40, &error), JW_OK);
    wait_still(ui);
    read = golden_read(path, &width, &height);
    assert_true(width == 9000 && height == 40);
    free(read);
    unlink(path);
    /* Given up: nothing is left. Refused: too large, no such folder. */
    assert_int_equal(ui_still_start(ui, path, 4000, 4000, &error), JW_OK);
    run(ui, 0);
    ui_still_cancel(ui);
    assert_true(!jw_file_exists(part) && !jw_file_exists(path));
    assert_int_equal(ui_still_start(ui, path, 40000, 10, &error), JW_ERROR_INPUT);
    assert_int_equal(ui_still_start(ui, "/nowhere/at/all.png", 100, 100, &error), JW_ERROR_IO);
    jw_free(whole);
    const char *pictures = getenv("JINGWEI_PICTURES");
    if (pictures) {
        snprintf(path, sizeof path, "%s/tools-still.png", pictures);
        assert_int_equal(ui_still_start(ui, path, 1400, 0, &error), JW_OK);
        wait_still(ui);
    }
    close_ui(ui);
}

/* So many pictures of so many pixels are in a film; -1: ffprobe is not there or reads nothing. */
static int count_pictures(const char *path)
{
    char command[800];
    int count = -1;
    snprintf(command, sizeof command,
             "ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 %s", path);
    FILE *probe = popen(command, "r");
    if (probe && fscanf(probe, "%d", &count) != 1)
        count = -1;
    if (probe)
        pclose(probe);
    return count;
}

static void wait_film(jw_ui *ui)
{
    while (ui_video_is_on(ui))
        run(ui, 0);
}

static void a_film_has_every_instant(void **state)
{
    (void)state;
    jw_error error = {0};
    if (!ui_pipe_has_encoder()) {
        printf("skipped: ffmpeg is not installed, an optional tool for films\n");
        skip();
    }
    jw_ui *ui = open_district("en", 640, 480);
    char path[600], part[620];
    snprintf(path, sizeof path, "%s/film.mp4", ui_fixture_folder);
    snprintf(part, sizeof part, "%s.part", path);
    int64_t start_ns = ui->sides[0].newer.time_ns;
    ui_video_def def = {
        .path = path, .width_px = 161, .height_px = 120, .rate = 10, .duration_s = 2, .time_lapse = 7};
    assert_int_equal(ui_video_start(ui, &def, &error), JW_OK);
    ui_play(ui, true); /* the film steps the world itself */
    assert_false(ui->is_playing);
    wait_film(ui);
    if (ui_video_result(ui, &error) != JW_OK)
        fail_msg("%s", error.message);
    /* The last of 20 pictures is at 1.9 s of film, 13.3 s of the world; it went to the step behind that. */
    int64_t gone_ns = ui->sides[0].newer.time_ns - start_ns, dt_ns = ui->sides[0].status.dt_ns;
    assert_true(gone_ns >= jw_ns_from_s(13.3) && gone_ns < jw_ns_from_s(13.3) + dt_ns);
    int count = count_pictures(path);
    assert_true(count == 20 || count == -1);
    assert_false(jw_file_exists(part));
    unlink(path);
    /* Ended by hand before its time; then given up: nothing is left. */
    def.duration_s = 0;
    uint32_t pictures = 0;
    assert_int_equal(ui_video_start(ui, &def, &error), JW_OK);
    while (ui_video_progress(ui, &pictures), pictures < 3)
        run(ui, 0);
    ui_video_stop(ui);
    wait_film(ui);
    assert_int_equal(ui_video_result(ui, &error), JW_OK);
    count = count_pictures(path);
    assert_true(count >= 3 || count == -1);
    unlink(path);
    /* A name that looks like a protocol's, and less than a picture's time. */
    char folder[1024];
    assert_non_null(getcwd(folder, sizeof folder));
    assert_int_equal(chdir(ui_fixture_folder), 0);
    def.path = "at07:45.mp4";
    def.duration_s = 0.001;
    assert_int_equal(ui_video_start(ui, &def, &error), JW_OK);
    wait_film(ui);
    if (ui_video_result(ui, &error) != JW_OK)
        fail_msg("%s", error.message);
    count = count_pictures("file:at07:45.mp4");
    assert_true(count == 1 || count == -1);
    unlink(def.path);
    assert_int_equal(chdir(folder), 0);
    /* The window with its panels: one picture of the film for each that is drawn. */
    def.path = path;
    def.duration_s = 0.4;
    def.has_panels = true;
    def.width_px = ui->width_px;
    def.height_px = ui->height_px;
    assert_int_equal(ui_video_start(ui, &def, &error), JW_OK);
    wait_film(ui);
    assert_int_equal(ui_video_result(ui, &error), JW_OK);
    count = count_pictures(path);
    assert_true(count == 4 || count == -1);
    unlink(path);
    def.has_panels = false;
    def.path = path;
    def.duration_s = 0;
    assert_int_equal(ui_video_start(ui, &def, &error), JW_OK);
    while (ui_video_progress(ui, &pictures), pictures < 2)
        run(ui, 0);
    ui_video_cancel(ui);
    assert_true(!jw_file_exists(part) && !jw_file_exists(path));
    close_ui(ui);
}

/* Of the film's first picture; false without ffmpeg. */
static uint8_t *first_picture(const char *film, int *width, int *height)
{
    char command[1400], path[600];
    snprintf(path, sizeof path, "%s/first.png", ui_fixture_folder);
    snprintf(command, sizeof command, "ffmpeg -v error -y -i %s -frames:v 1 %s", film, path);
    assert_int_equal(system(command), 0);
    uint8_t *pixels = golden_read(path, width, height);
    unlink(path);
    return pixels;
}

/* How many pixels of a corner are as bright as a caption's letters. */
static uint32_t count_bright(const uint8_t *pixels, int width, int x0, int y0, int x1, int y1)
{
    uint32_t count = 0;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) {
            const uint8_t *pixel = pixels + ((size_t)y * (size_t)width + (size_t)x) * 3;
            count += pixel[0] > 200 && pixel[1] > 200 && pixel[2] > 200;
        }
    return count;
}

/* Letters of a caption lie on dark ground: white dots in a box that is dark elsewhere. */
static void a_caption_is_readable(void **state)
{
    (void)state;
    enum { WIDTH = 120, HEIGHT = 40 };
    uint8_t pixels[WIDTH * HEIGHT * 3];
    ui_caption_rows rows = {pixels, WIDTH, HEIGHT, 0, HEIGHT};
    memset(pixels, 128, sizeof pixels);
    ui_captions_write(&(ui_captions){.from_px = {10}, .texts = {"1"}}, &rows);
    assert_int_equal(count_bright(pixels, WIDTH, 0, 0, WIDTH, HEIGHT), 10); /* the dots of a one */
    assert_true(pixels[((HEIGHT - 8) * WIDTH + 16) * 3] < 60);
    assert_int_equal(pixels[0], 128);
    /* What it has no letter for is a blank; cut at the edge. */
    ui_captions_write(&(ui_captions){.from_px = {10, WIDTH - 3}, .texts = {" ?", "88:88:88 +88"}}, &rows);
    memset(pixels, 128, sizeof pixels);
    ui_captions_write(&(ui_captions){.from_px = {0, 60}, .has_seam = true}, &rows);
    assert_int_equal(count_bright(pixels, WIDTH, 0, 0, WIDTH, HEIGHT), 2 * HEIGHT);
    assert_true(pixels[59 * 3] > 200 && pixels[60 * 3] > 200 && pixels[61 * 3] == 128);
}

/* Seen without the window it says which world is which and what time it is there. */
static void check_named(const uint8_t *pixels, int width, int height)
{
    int seam = -1;
    for (int x = width / 4; x < width * 3 / 4 && seam < 0; x++)
        if (count_bright(pixels, width, x, 0, x + 1, height) > (uint32_t)height * 19 / 20)
            seam = x;
    assert_true(seam > 0);
    assert_true(count_bright(pixels, width, 0, height - 30, 150, height) > 200);
    assert_true(count_bright(pixels, width, seam + 6, height - 30, seam + 156, height) > 200);
}

static void a_film_of_two_worlds_names_them(void **state)
{
    (void)state;
    jw_error error = {0};
    if (!ui_pipe_has_encoder())
        skip();
    jw_ui *ui = open_district("en", 640, 480);
    char path[600];
    snprintf(path, sizeof path, "%s/film.mkv", ui_fixture_folder);
    ui_video_def def = {.path = path, .width_px = 1280, .height_px = 720, .rate = 10, .duration_s = 0.1};
    int width, height;
    uint32_t bright[2];
    for (int pass = 0; pass < 2; pass++) { /* bare: without the time */
        ui->is_bare = pass == 1;
        assert_int_equal(ui_video_start(ui, &def, &error), JW_OK);
        wait_film(ui);
        uint8_t *pixels = first_picture(path, &width, &height);
        bright[pass] = count_bright(pixels, width, 0, 690, 120, 720);
        free(pixels);
        unlink(path);
    }
    assert_true(bright[0] > bright[1] + 150);
    ui->is_bare = false;
    ui_fork(ui);
    run_until_loaded(ui);
    assert_int_equal(ui_video_start(ui, &def, &error), JW_OK);
    wait_film(ui);
    uint8_t *pixels = first_picture(path, &width, &height);
    check_named(pixels, width, height);
    free(pixels);
    const char *pictures = getenv("JINGWEI_PICTURES");
    char command[1400];
    snprintf(command, sizeof command, "ffmpeg -v error -y -i %s -frames:v 1 %s/film-fork.png", path,
             pictures ? pictures : "");
    assert_true(!pictures || system(command) == 0);
    unlink(path);
    close_ui(ui);
}

static void a_picture_of_two_worlds_names_them(void **state)
{
    (void)state;
    jw_error error = {0};
    jw_ui *ui = open_district("en", 640, 480);
    char path[600];
    int width, height;
    snprintf(path, sizeof path, "%s/fork.png", ui_fixture_folder);
    ui_fork(ui);
    run_until_loaded(ui);
    assert_int_equal(ui_still_start(ui, path, 1280, 720, &error), JW_OK);
    wait_still(ui);
    uint8_t *pixels = golden_read(path, &width, &height);
    check_named(pixels, width, height);
    free(pixels);
    unlink(path);
    close_ui(ui);
}

static void what_is_wrong_with_a_film_is_said(void **state)
{
    (void)state;
    jw_ui *ui = open_district("zh", 640, 480);
    jw_error error = {0};
    char path[600], fake[600], part[620], kept[4096];
    snprintf(path, sizeof path, "%s/film.mp4", ui_fixture_folder);
    ui_video_def def = {.path = path, .width_px = 160, .height_px = 120, .rate = 10, .duration_s = 1};
    def.flies = true; /* no way */
    assert_int_equal(ui_video_start(ui, &def, &error), JW_ERROR_STATE);
    def.flies = false;
    def.rate = 0;
    assert_int_equal(ui_video_start(ui, &def, &error), JW_ERROR_INPUT);
    def.rate = 10;
    def.path = "film.txt";
    assert_int_equal(ui_video_start(ui, &def, &error), JW_ERROR_INPUT);
    def.path = path;
    /* Without ffmpeg the package is named; with one that fails its words are repeated. */
    jw_text_copy(kept, sizeof kept, getenv("PATH"));
    setenv("PATH", ui_fixture_folder, 1);
    error = (jw_error){0};
    assert_int_equal(ui_video_start(ui, &def, &error), JW_ERROR_NOT_FOUND);
    assert_non_null(strstr(error.message, "apt install ffmpeg"));
    ui_film_toggle(ui);
    assert_non_null(strstr(ui->dialog.message, "ffmpeg"));
    ui->dialog = (jw_error){0};
    /* It takes nothing and goes on; at last a folder has the film's name: no half of a film is left. */
    static const char *const scripts[][2] = {
        {"echo the disk is full >&2\nexit 1\n", "the disk is full"},
        {"exec 0<&-\nexec /bin/sleep 100\n", "ffmpeg stopped"},
        {"/bin/cat >/dev/null\nfor f; do :; done\nf=${f#file:}\n: >\"$f\"\n/bin/mkdir \"${f%.part}\"\n",
         "cannot be put here"}};
    snprintf(fake, sizeof fake, "%s/ffmpeg", ui_fixture_folder);
    snprintf(part, sizeof part, "%s.part", path);
    for (uint32_t i = 0; i < JW_COUNT_OF(scripts); i++) {
        char script[300];
        int size = snprintf(script, sizeof script, "#!/bin/sh\n%s", scripts[i][0]);
        assert_int_equal(jw_file_write(fake, script, (size_t)size, NULL), JW_OK);
        chmod(fake, 0755);
        error = (jw_error){0};
        assert_int_equal(ui_video_start(ui, &def, &error), JW_OK);
        wait_film(ui);
        assert_int_equal(ui_video_result(ui, &error), JW_ERROR_IO);
        assert_non_null(strstr(error.message, scripts[i][1]));
        assert_int_equal(ui->dialog.code, JW_ERROR_IO);
        ui->dialog = (jw_error){0};
        assert_false(jw_file_exists(part));
    }
    error = (jw_error){0};
    assert_int_equal(ui_video_start(ui, &def, &error), JW_ERROR_IO); /* the folder that is there now */
    rmdir(path);
    setenv("PATH", kept, 1);
    unlink(fake);
    close_ui(ui);
}

static void the_page_of_films_in_both_languages(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "zh"};
    for (int i = 0; i < 2; i++) {
        jw_ui *ui = open_district(languages[i], 1024, 640);
        ui->tab = UI_TAB_TOOLS;
        for (int page = 0; page < UI_TOOLS_PAGE_COUNT; page++) {
            char name[32];
            ui->tools.page = (ui_tools_page)page;
            snprintf(name, sizeof name, "tools-page%d", page);
            show(ui, name);
        }
        close_ui(ui);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_picture_in_bands_is_the_same_picture, close_opened),
        cmocka_unit_test_teardown(a_film_has_every_instant, close_opened),
        cmocka_unit_test(a_caption_is_readable),
        cmocka_unit_test_teardown(a_film_of_two_worlds_names_them, close_opened),
        cmocka_unit_test_teardown(a_picture_of_two_worlds_names_them, close_opened),
        cmocka_unit_test_teardown(what_is_wrong_with_a_film_is_said, close_opened),
        cmocka_unit_test_teardown(the_page_of_films_in_both_languages, close_opened),
    };
    if (!ui_fixture_begin())
        return 77;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
