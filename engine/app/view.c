/* jingwei view: the window. */
#include "app/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef JW_HAS_VIEW
#include "ui/ui.h"

typedef struct view_options {
    jw_ui_def ui;
    const char *set[64];
    const struct app_option *described; /* with the overlays by name */
} view_options;

static const app_option options[] = {
    {"script", "FILE", "a scenario .lua: what happens"},
    {"set", "ID=VALUE", "set a parameter of the scene; may be repeated"},
    {"seed", "N", "seed of all random numbers"},
    {"threads", "N", "threads of the simulation"},
    {"lang", "en|zh", "language (default: the last one used, else from LANG)"},
    {"speed", "X", "simulated seconds a second at the start, 0.1 to 1000, or max"},
    {"at", "TIME", "go to a time and stand there: 08:00, or a length: 300s, 30min"},
    {"overlay", "NAME", ""},
    {"light", "NAME", "day, night or clock"},
    {"camera", "X,Y,D[,H,P]", "look at x, y from D metres away, heading H, pitch P in degrees"},
    {"bare", NULL, "without panels"},
    {"quality", "NAME", "software, laptop or gpu (default: measured)"},
    {"size", "WxH", "size of the window in pixels"},
    {"frames", "N", "draw N frames and close, for pictures and tests"},
    {"screenshot", "FILE", "save the whole window after the last of these frames (PNG)"},
    {"video", "FILE", "make a film of the city, .mp4, .mkv or .webm, and close (needs ffmpeg)"},
    {"video-seconds", "S", "its length, 0.1 to 86400 (default: 10, or as long as the way)"},
    {"video-rate", "N", "its pictures a second, 1 to 120 (default: 30)"},
    {"time-lapse", "X", "simulated seconds a second of film, 0.01 to 3600 (default: 1)"},
    {"fly", NULL, "film along the way of the camera that was kept in the window"},
};

/* What an option takes is what its help says. */
static void refuse(const app_option *described, const char *name, const char *value)
{
    for (uint32_t i = 0; i < JW_COUNT_OF(options); i++)
        if (strcmp(described[i].name, name) == 0)
            fprintf(stderr, app_say("jingwei view: --%s %s: it takes %s: %s\n"), name, value,
                    app_say(described[i].value), app_say(described[i].doc));
}

static bool take(void *context, const char *name, const char *value)
{
    view_options *view = context;
    jw_ui_def *ui = &view->ui;
    double number = 0;
    if (!name) {
        if (ui->file) {
            fprintf(stderr, app_say("jingwei view: one FILE at a time, '%s' is the second\n"), value);
            return false;
        }
        ui->file = value;
        return true;
    }
    bool is_fine = true;
    if (strcmp(name, "help") == 0) {
        return !ui->file || app_print_params(ui->file, ui->scenario) == APP_OK;
    } else if (strcmp(name, "script") == 0) {
        ui->scenario = value;
    } else if (strcmp(name, "set") == 0) {
        is_fine = ui->set_count < JW_COUNT_OF(view->set);
        if (is_fine)
            view->set[ui->set_count++] = value;
    } else if (strcmp(name, "lang") == 0) {
        is_fine = strcmp(value, "en") == 0 || strcmp(value, "zh") == 0;
        ui->language = value;
    } else if (strcmp(name, "screenshot") == 0) {
        ui->screenshot = value;
        if (ui->frame_count == 0)
            ui->frame_count = 60;
    } else if (strcmp(name, "at") == 0) {
        ui->has_time = true;
        is_fine = app_parse_time(value, &ui->time_s, &ui->time_is_duration);
    } else if (strcmp(name, "overlay") == 0) {
        is_fine = jw_ui_is_overlay(value);
        ui->overlay = value;
    } else if (strcmp(name, "light") == 0) {
        is_fine = jw_ui_is_light(value);
        ui->light = value;
    } else if (strcmp(name, "quality") == 0) {
        is_fine = jw_ui_is_quality(value);
        ui->quality = value;
    } else if (strcmp(name, "video") == 0) {
        ui->video = value;
    } else if (strcmp(name, "fly") == 0) {
        ui->video_flies = true;
    } else if (strcmp(name, "bare") == 0) {
        ui->is_bare = true;
    } else if (strcmp(name, "camera") == 0) {
        char end;
        double *c = ui->camera;
        c[3] = 100, c[4] = 40;
        int count = sscanf(value, "%lf,%lf,%lf,%lf,%lf%c", &c[0], &c[1], &c[2], &c[3], &c[4], &end);
        ui->has_camera = true;
        is_fine = (count == 3 || count == 5) && c[2] > 0;
        for (int i = 0; i < 5; i++)
            is_fine = is_fine && jw_abs(c[i]) <= 5e6;
    } else if (strcmp(name, "size") == 0) {
        char end;
        is_fine = sscanf(value, "%5dx%5d%c", &ui->width_px, &ui->height_px, &end) == 2 &&
                  ui->width_px >= 64 && ui->height_px >= 64 && ui->width_px <= 16384 &&
                  ui->height_px <= 16384;
    } else {
        bool has_number = jw_text_to_number(value, &number);
        is_fine = has_number && number >= 0;
        if (strcmp(name, "video-seconds") == 0)
            ui->video_s = number, is_fine = is_fine && number >= 0.1 && number <= 86400;
        else if (strcmp(name, "video-rate") == 0)
            ui->video_rate = (int)jw_min(number, 1e6), is_fine = is_fine && number >= 1 && number <= 120;
        else if (strcmp(name, "time-lapse") == 0)
            ui->time_lapse = number, is_fine = is_fine && number >= 0.01 && number <= 3600;
        else if (strcmp(name, "speed") == 0 && !has_number)
            ui->speed = 1e6, is_fine = strcmp(value, "max") == 0;
        else if (strcmp(name, "speed") == 0)
            ui->speed = number, is_fine = is_fine && number >= 0.1 && number <= 1000;
        else if (strcmp(name, "seed") == 0)
            ui->seed = (uint64_t)jw_min(number, 9e15), is_fine = is_fine && number >= 1;
        else if (strcmp(name, "threads") == 0)
            ui->threads = (int)jw_min(number, 256), is_fine = is_fine && number >= 1;
        else
            ui->frame_count = (uint32_t)jw_min(number, 1e9);
    }
    if (!is_fine)
        refuse(view->described, name, value);
    return is_fine;
}

int app_view(int argc, char **argv)
{
    static const app_command command = {"view", "[FILE] [options]",
                                        "Opens the window on FILE, or the start screen.", app_view};
    char overlays[512];
    app_option described[JW_COUNT_OF(options)];
    jw_ui_list_overlays(overlays, sizeof overlays);
    memcpy(described, options, sizeof options);
    for (uint32_t i = 0; i < JW_COUNT_OF(options); i++)
        if (strcmp(options[i].name, "overlay") == 0)
            described[i].doc = overlays;
    view_options view = {.described = described};
    view.ui.set = view.set;
    int status;
    if (!app_options(&command, described, JW_COUNT_OF(options), argc, argv, take, &view, &status))
        return status;
    jw_error error = {0};
    app_progress progress = app_progress_make();
    if (view.ui.screenshot && app_check_picture(view.ui.screenshot, &error) != JW_OK)
        return app_fail(&error);
    if (view.ui.screenshot || view.ui.video) {
        view.ui.progress = app_progress_show;
        view.ui.progress_context = &progress;
    }
    jw_result result = jw_ui_run(&view.ui, &error);
    app_progress_end(&progress);
    if (result != JW_OK)
        return app_fail(&error);
    if (view.ui.screenshot)
        printf(app_say("picture: %s\n"), view.ui.screenshot);
    if (view.ui.video)
        printf(app_say("film: %s\n"), view.ui.video);
    return APP_OK;
}

#else

int app_view(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    fprintf(stderr, app_say("jingwei: this build has no window (JW_VIEW=OFF); use 'jingwei run FILE'\n"));
    return APP_BAD_INPUT;
}

#endif
