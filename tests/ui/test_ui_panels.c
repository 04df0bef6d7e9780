/* What panels do when they are used: parameters, events, speed, names. */
#include "ui/ui_fixture.h"

#include <SDL2/SDL.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const jw_param *param_of(const jw_ui *ui, const char *id)
{
    for (uint32_t i = 0; i < jw_scene_param_count(ui->scene); i++)
        if (strcmp(jw_scene_param(ui->scene, i)->id, id) == 0)
            return jw_scene_param(ui->scene, i);
    fail_msg("no parameter %s", id);
    return NULL;
}

static void draw(jw_ui *ui)
{
    jw_error error = {0};
    ui_take_frames(ui);
    assert_int_equal(ui_draw(ui, &error), JW_OK);
    check_gl();
}

static void drag(jw_ui *ui, float from_x, float to_x, float y)
{
    gui_pretend_mouse(from_x, y, false);
    draw(ui);
    gui_pretend_mouse(from_x, y, true);
    draw(ui);
    gui_pretend_mouse(to_x, y, true);
    draw(ui);
    gui_pretend_mouse(to_x, y, false);
    draw(ui);
    draw(ui);
}

/* Drags sliders of the open drawer from the top down until the parameter has changed; the place, or 0. */
static float drag_param(jw_ui *ui, const char *id)
{
    gui_rect drawer = ui_layout_of(ui).drawer;
    double before = param_of(ui, id)->value;
    for (float y = drawer.y + gui_px(60); y < drawer.y - drawer.height; y += gui_px(13)) {
        drag(ui, drawer.x + gui_px(120), drawer.x + gui_px(40), y);
        if (param_of(ui, id)->value != before)
            return y;
    }
    return 0;
}

static uint32_t count_sites(const jw_frame *frame)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < frame->asset_count; i++)
        count += frame->assets[i].kind == JW_ASSET_SITE && strncmp(frame->assets[i].name, "edge-", 5) == 0;
    return count;
}

static void start_parameters_wait_for_a_restart(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 640, 1240);
    open_scene(ui, "district.lua");
    stop(ui);
    ui->tab = UI_TAB_PARAMS;
    draw(ui);
    draw(ui);
    assert_int_equal(count_sites(&ui->sides[0].newer), 4);
    assert_false(ui->needs_restart);
    assert_true(drag_param(ui, "edge_sites") > 0);
    double wanted = param_of(ui, "edge_sites")->value;
    assert_true(wanted >= 0 && wanted <= 20 && wanted != 4 && wanted == jw_round(wanted));
    assert_true(ui->needs_restart);
    assert_int_equal(count_sites(&ui->sides[0].newer), 4); /* the running world is as it was */
    show(ui, "restart");
    /* The button appeared below the list. */
    gui_rect drawer = ui_layout_of(ui).drawer;
    for (float y = drawer.y - drawer.height; y > drawer.y && !ui->load; y -= gui_px(9))
        drag(ui, drawer.x + gui_px(100), drawer.x + gui_px(100), y);
    assert_non_null(ui->load);
    run_until_loaded(ui);
    assert_int_equal(ui->dialog.code, JW_OK);
    assert_false(ui->needs_restart);
    assert_int_equal(count_sites(&ui->sides[0].newer), (uint32_t)wanted);
    assert_true(param_of(ui, "edge_sites")->value == wanted);
    close_ui(ui);
}

static const jw_frame_event *find_event(const jw_ui *ui, const char *key)
{
    for (uint32_t i = 0; i < ui->sides[0].event_count; i++)
        if (strcmp(ui->sides[0].events[i].key, key) == 0)
            return &ui->sides[0].events[i];
    return NULL;
}

static void live_parameters_act_at_once(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 640, 1240);
    open_scene(ui, "district.lua");
    ui_play(ui, true);
    ui->tab = UI_TAB_PARAMS;
    draw(ui);
    draw(ui);
    assert_true(param_of(ui, "demand")->is_live);
    assert_true(drag_param(ui, "demand") > 0);
    wait_until(ui, 2);
    const jw_frame_event *event = find_event(ui, "set_demand_factor");
    assert_non_null(event);
    char wanted[32], text[200];
    snprintf(wanted, sizeof wanted, "× %g", param_of(ui, "demand")->value);
    assert_string_equal(event->text, wanted);
    ui_say_event(ui, event, text, sizeof text);
    assert_non_null(strstr(text, "出行需求"));
    close_ui(ui);
}

/* A slider that is touched and left where it was changes nothing. */
static void untouched_values_need_no_restart(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    const jw_param *param = param_of(ui, "edge_sites");
    ui_set_param(ui, param, param->value, true);
    assert_false(ui->needs_restart);
    ui_set_param(ui, param, param->value + 1, false);
    assert_true(ui->needs_restart);
    close_ui(ui);
}

static void seek(jw_ui *ui, int64_t time_ns)
{
    ui_seek(ui, time_ns);
    run_until_standing(ui);
    assert_true(ui->sides[0].newer.time_ns == time_ns);
}

static void post(jw_ui *ui, const char *verb, const char *name)
{
    jw_command command = jw_command_make(verb);
    jw_command_text(&command, "name", name);
    ui_post(ui, &command);
}

static void events_survive_going_back(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    int64_t start_ns = ui->sides[0].status.earliest_ns;
    seek(ui, start_ns + 20 * JW_NS_PER_S);
    post(ui, "fail_node", "edge-1");
    seek(ui, start_ns + 40 * JW_NS_PER_S);
    assert_non_null(find_event(ui, "site_failed"));
    int64_t failed_ns = find_event(ui, "site_failed")->time_ns;
    assert_true(failed_ns >= start_ns + 20 * JW_NS_PER_S && failed_ns < start_ns + 22 * JW_NS_PER_S);
    /* Back before it: still known, as something to come. Once only after it was met again. */
    seek(ui, start_ns + 10 * JW_NS_PER_S);
    assert_int_equal(ui->sides[0].newer.event_count, 0);
    assert_int_equal(ui->sides[0].event_count, 1);
    assert_true(find_event(ui, "site_failed")->time_ns == failed_ns);
    ui->tab = UI_TAB_SCENARIO;
    show(ui, "events");
    seek(ui, start_ns + 30 * JW_NS_PER_S);
    assert_int_equal(ui->sides[0].newer.event_count, 1);
    assert_int_equal(ui->sides[0].event_count, 1);
    /* Something else is done before it: it will not come. */
    seek(ui, start_ns + 10 * JW_NS_PER_S);
    post(ui, "set_policy", "nearest");
    assert_int_equal(ui->sides[0].event_count, 0);
    seek(ui, start_ns + 30 * JW_NS_PER_S);
    assert_null(find_event(ui, "site_failed"));
    assert_non_null(find_event(ui, "set_policy"));
    close_ui(ui);
}

static void scenarios_speak_in_the_window(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 1280, 800);
    jw_text_copy(ui->wish.scenario, sizeof ui->wish.scenario, JW_SOURCE_FOLDER "/scripts/ai_rollout.lua");
    open_scene(ui, "district.lua");
    int64_t start_ns = ui->sides[0].status.earliest_ns;
    seek(ui, start_ns + 260 * JW_NS_PER_S);
    const jw_frame_event *line = NULL;
    for (uint32_t i = 0; i < ui->sides[0].event_count && !line; i++)
        if (ui->sides[0].events[i].kind == JW_EVENT_LINE)
            line = &ui->sides[0].events[i];
    assert_non_null(line);
    char text[200];
    ui_say_event(ui, line, text, sizeof text);
    assert_string_equal(text, line->text_zh);
    assert_non_null(find_event(ui, "deploy_model"));
    ui->tab = UI_TAB_SCENARIO;
    show(ui, "lines");
    int64_t said_ns = line->time_ns;
    seek(ui, start_ns + 10 * JW_NS_PER_S);
    seek(ui, start_ns + 260 * JW_NS_PER_S);
    uint32_t count = 0;
    for (uint32_t i = 0; i < ui->sides[0].event_count; i++)
        count += ui->sides[0].events[i].kind == JW_EVENT_LINE && ui->sides[0].events[i].time_ns == said_ns;
    assert_int_equal(count, 1);
    close_ui(ui);
}

static void key(jw_ui *ui, SDL_Keycode code)
{
    SDL_Event event = {.type = SDL_KEYDOWN};
    event.key.windowID = SDL_GetWindowID(jw_view_window_sdl(ui->window));
    event.key.keysym.sym = code;
    SDL_PushEvent(&event);
    run(ui, 0);
}

static void keys_change_the_speed(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    assert_true(ui->speed == 1);
    key(ui, SDLK_RIGHTBRACKET);
    assert_true(ui->speed == 2);
    key(ui, SDLK_LEFTBRACKET);
    key(ui, SDLK_LEFTBRACKET);
    assert_true(ui->speed == 0.5);
    for (int i = 0; i < 20; i++)
        key(ui, SDLK_RIGHTBRACKET);
    assert_true(ui_is_unbounded(ui));
    ui_play(ui, true);
    wait_until(ui, 120);
    show(ui, "unbounded");
    assert_true(ui->sides[0].status.speed < 0);
    key(ui, SDLK_LEFTBRACKET);
    assert_true(ui->speed == UI_SPEED_MAX);
    key(ui, SDLK_BACKSPACE);
    assert_true(ui->speed == 1);
    close_ui(ui);
}

static void wait_for_stop(jw_ui *ui)
{
    RUN_UNTIL(ui, !ui->is_playing);
    run_until_standing(ui);
}

static void the_world_pauses_where_it_shall(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    int64_t start_ns = ui->sides[0].status.earliest_ns, time_ns;
    assert_true(ui_stops_read_time("08:10", start_ns, &time_ns) && time_ns == 29400 * JW_NS_PER_S);
    assert_true(ui_stops_read_time(" +90s", start_ns, &time_ns) && time_ns == start_ns + 90 * JW_NS_PER_S);
    assert_true(ui_stops_read_time("+2", start_ns, &time_ns) && time_ns == start_ns + 120 * JW_NS_PER_S);
    static const char *const wrong[] = {"",  "8",   "08:61", "08:10:99", "08:10 am",
                                        "+", "+5x", "-3min", "+1e99s"};
    for (uint32_t i = 0; i < JW_COUNT_OF(wrong); i++)
        assert_false(ui_stops_read_time(wrong[i], start_ns, &time_ns));
    ui_set_speed(ui, UI_UNBOUNDED);
    assert_false(ui_run_until(ui, start_ns)); /* that is over */
    assert_true(ui_run_until(ui, start_ns + 20 * JW_NS_PER_S));
    wait_for_stop(ui);
    assert_true(ui->sides[0].newer.time_ns == start_ns + 20 * JW_NS_PER_S);
    jw_break stop = {.kind = JW_BREAK_TIME, .time_ns = start_ns + 30 * JW_NS_PER_S};
    assert_true(ui_stops_add(ui, &stop));
    stop.time_ns = start_ns + 40 * JW_NS_PER_S;
    assert_true(ui_stops_add(ui, &stop));
    ui->stops.is_on[0] = false;
    ui_stops_send(ui);
    ui_play(ui, true);
    wait_for_stop(ui);
    assert_true(ui->sides[0].newer.time_ns == start_ns + 40 * JW_NS_PER_S);
    assert_non_null(strstr(ui->notice, "07:30:40"));
    ui->tab = UI_TAB_SCENARIO;
    show(ui, "stops");
    ui_stops_remove(ui, 0);
    ui_stops_remove(ui, 0);
    assert_int_equal(ui->stops.count, 0);
    /* To the next event: the step that carries the command out. */
    ui_play(ui, false);
    post(ui, "fail_node", "edge-1");
    ui_run_to_event(ui);
    wait_for_stop(ui);
    assert_true(ui->sides[0].newer.time_ns <= start_ns + 42 * JW_NS_PER_S);
    assert_non_null(find_event(ui, "site_failed"));
    close_ui(ui);
}

static void things_have_names(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    ui_set_speed(ui, 100);
    ui_play(ui, true);
    wait_until(ui, 60);
    ui_play(ui, false);
    const jw_city *city = ui->city;
    uint32_t named = 0;
    for (uint32_t i = 0; i < city->edge_count; i++) {
        jw_pick pick = {.kind = JW_PICK_EDGE, .index = i};
        ui_select(ui, 0, &pick);
        const char *name = jw_city_text(city, city->edges[i].name);
        char number[64];
        snprintf(number, sizeof number, "Street section %u", i);
        assert_string_equal(ui->title, *name ? name : number);
        named += *name != 0;
    }
    assert_true(named > 0);
    uint32_t pairs = 0;
    for (uint32_t i = 0; i < city->junction_count; i++) {
        jw_pick pick = {.kind = JW_PICK_JUNCTION, .index = i};
        ui_select(ui, 0, &pick);
        char *slash = strstr(ui->title, " / ");
        pairs += slash != NULL;
        if (slash) {
            *slash = 0;
            assert_string_not_equal(ui->title, slash + 3);
            assert_non_null(strstr(ui->place, "Junction "));
        }
    }
    assert_true(pairs > 10);
    const jw_frame *frame = &ui->sides[0].newer;
    jw_pick vehicle = {.kind = JW_PICK_VEHICLE, .index = frame->vehicles[0].index1};
    ui_select(ui, 0, &vehicle);
    static const char *const classes[] = {
        "Car", "Truck", "Bus", "Autonomous shuttle", "Emergency vehicle", "Bicycle", "E-bike", "Pedestrian"};
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%s %u", classes[frame->vehicles[0].vehicle_class], vehicle.index);
    assert_string_equal(ui->title, wanted);
    jw_pick site = {.kind = JW_PICK_ASSET, .name = "edge-1"};
    ui_select(ui, 0, &site);
    assert_string_equal(ui->title, "Edge site edge-1");
    jw_pick link = {.kind = JW_PICK_LINK};
    jw_text_copy(link.name, sizeof link.name, frame->links[0].name);
    ui_select(ui, 0, &link);
    assert_non_null(strstr(ui->title, link.name));
    assert_non_null(strstr(ui->place, " – "));
    close_ui(ui);
}

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
    const jw_param *demand = NULL;
    for (uint32_t i = 0; i < jw_scene_param_count(ui->scene) && !demand; i++)
        if (strcmp(jw_scene_param(ui->scene, i)->id, "demand") == 0)
            demand = jw_scene_param(ui->scene, i);
    assert_non_null(demand);
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

/* A mean of nothing is no number. */
static void what_is_not_measured_is_no_zero(void **state)
{
    (void)state;
    jw_frame_metric metrics[] = {
        {.name = "traffic.mean_delay"}, {.name = "traffic.arrived"}, {.name = "economy.tfp"}};
    jw_frame frame = {.metrics = metrics, .metric_count = 3};
    assert_false(ui_is_measured(&frame, "economy.theil_access"));
    metrics[2].value = 1;
    assert_true(ui_is_measured(&frame, "economy.tfp") && ui_is_measured(&frame, "economy.theil_access"));
    assert_false(ui_is_measured(&frame, "traffic.mean_delay"));
    assert_true(ui_is_measured(&frame, "traffic.arrived"));
    /* And a difference that nobody could see is none; of whole numbers each can be seen. */
    assert_true(ui_fork_differs(0, 1) && ui_fork_differs(100, 99) && ui_fork_differs(-1, 1));
    assert_true(ui_fork_differs(3314, 3317) && ui_fork_differs(12.3, 12.4));
    assert_false(ui_fork_differs(0, 0) || ui_fork_differs(0.0097, 0.0097041));
    metrics[1].value = 1;
    assert_true(ui_is_measured(&frame, "traffic.mean_delay"));
}

/* Two worlds are compared over the same time, which the table names: after the fork where that can be told.
 */
static void a_fork_is_compared_since_the_fork(void **state)
{
    (void)state;
    enum { RUNNING, ARRIVED, DELAY, CO2, P95, COUNT };
    jw_frame_metric before[] = {{.name = "traffic.running", .value = 50},
                                {.name = "traffic.arrived", .value = 100, .is_since_start = true},
                                {"traffic.mean_delay", "s", 10, true, true},
                                {.name = "traffic.co2", .value = 7.5, .is_since_start = true},
                                {"twin.p95", "ms", 80, true, true}},
                    after[COUNT];
    memcpy(after, before, sizeof after);
    jw_frame first = {.metrics = before, .metric_count = COUNT},
             now = {.metrics = after, .metric_count = COUNT};
    double value;
    /* Nobody has arrived since: there is no mean of them. */
    assert_int_equal(ui_fork_value(&first, &now, &after[DELAY], &value), UI_WINDOW_FORK);
    assert_true(isnan(value));
    after[RUNNING].value = 60;
    after[ARRIVED].value = 120;
    after[DELAY].value = 15; /* 1000 s of the first hundred, 800 s of twenty more */
    after[CO2].value = 10;
    after[P95].value = 90;
    assert_int_equal(ui_fork_value(&first, &now, &after[RUNNING], &value), UI_WINDOW_NOW);
    assert_true(value == 60);
    assert_int_equal(ui_fork_value(&first, &now, &after[ARRIVED], &value), UI_WINDOW_FORK);
    assert_true(value == 20);
    assert_int_equal(ui_fork_value(&first, &now, &after[DELAY], &value), UI_WINDOW_FORK);
    assert_true(jw_abs(value - 40) < 1e-9);
    assert_int_equal(ui_fork_value(&first, &now, &after[CO2], &value), UI_WINDOW_FORK);
    assert_true(value == 2.5);
    assert_int_equal(ui_fork_value(&first, &now, &after[P95], &value), UI_WINDOW_START);
    assert_true(value == 90);
}

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

/* The ground in the middle of what the panels leave, and how far the eye is from it. */
static jw_vec2 middle_of_room(const jw_ui *ui)
{
    gui_rect room = ui_room_of(ui);
    jw_vec2 ground = {0, 0};
    assert_true(jw_camera_ground(&ui->camera, ui_side_rect(ui, 0), (double)(room.x + room.width / 2),
                                 (double)(room.y + room.height / 2), &ground));
    return ground;
}

/* Clicks down the switches of the rail: whether one of them changed it. */
static bool can_switch(jw_ui *ui, const bool *hides)
{
    float x = ui_layout_of(ui).rail.x + gui_px(182);
    bool has_changed = false;
    for (float y = gui_px(220); y < gui_px(480); y += gui_px(9)) {
        bool before = *hides;
        drag(ui, x, x, y);
        has_changed = has_changed || *hides != before;
    }
    return has_changed;
}

/* Trees cannot be shown under an overlay: there their switch is none, and keeps what was chosen. */
static void trees_have_no_switch_under_an_overlay(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    stop(ui);
    assert_true(can_switch(ui, &ui->hides_trees));
    ui->hides_trees = false;
    ui_set_overlay(ui, JW_OVERLAY_SPEED);
    show(ui, "no-trees");
    assert_false(can_switch(ui, &ui->hides_trees));
    assert_true(can_switch(ui, &ui->hides_cells));
    assert_false(ui->hides_trees);
    close_ui(ui);
}

/* A scenario of three moments, the last of which only says something. */
static void write_story(char *path, size_t path_size)
{
    snprintf(path, path_size, "%s/story.lua", ui_fixture_folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("return scenario {\n"
          "  title = { en = \"A story\", zh = \"故事\" },\n"
          "  predict = { en = \"What comes?\", zh = \"会怎样？\" },\n"
          "  lesson = { en = \"That came.\", zh = \"就这样。\" },\n"
          "  timeline = {\n"
          "    [\"+5s\"] = function(twin) twin:fail_node \"edge-1\" end,\n"
          "    [\"+10s\"] = function(twin) twin:repair_node \"edge-1\" end,\n"
          "    [\"+15s\"] = function(twin) twin:log(\"The end\", \"完\") end,\n"
          "  },\n"
          "}\n",
          file);
    assert_int_equal(fclose(file), 0);
}

/* A clicker's one key: from event to event, at the end of the timeline the answer, which whoever does not
 * wait for the next event has at once. */
static void a_clicker_goes_from_event_to_event(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1024, 640);
    write_story(ui->wish.scenario, sizeof ui->wish.scenario);
    open_scene(ui, "district.lua");
    int64_t start_ns = ui->sides[0].status.earliest_ns;
    ui_set_speed(ui, 0.1); /* nothing comes by itself */
    key(ui, SDLK_F5);
    key(ui, SDLK_PAGEDOWN);
    assert_true(ui->present == UI_PRESENT_WATCH && ui->is_playing && !ui->stops_at_event);
    ui_present_step(ui, 1);
    assert_true(ui->present == UI_PRESENT_WATCH && ui->stops_at_event);
    ui_present_step(ui, 1); /* not waited for */
    assert_int_equal(ui->present, UI_PRESENT_ANSWER);
    key(ui, SDLK_PAGEUP);
    uint32_t stops = 0;
    for (key(ui, SDLK_PAGEDOWN); ui->present == UI_PRESENT_WATCH; key(ui, SDLK_PAGEDOWN), stops++) {
        wait_for_stop(ui);
        assert_non_null(find_event(ui, "site_failed"));
        assert_true(stops > 0 || !find_event(ui, "site_back"));
    }
    assert_true(stops >= 3 && find_event(ui, "site_back"));
    assert_true(ui->sides[0].newer.time_ns >= start_ns + 15 * JW_NS_PER_S);
    assert_true(ui->sides[0].newer.time_ns <= start_ns + 17 * JW_NS_PER_S);
    assert_int_equal(ui->present, UI_PRESENT_ANSWER);
    close_ui(ui);
}

/* The question first, then the city runs, then the answer; a clicker's keys go on and back. */
static void a_room_predicts_before_it_sees(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 1024, 640);
    jw_text_copy(ui->wish.scenario, sizeof ui->wish.scenario, JW_SOURCE_FOLDER "/scripts/ai_rollout.lua");
    open_scene(ui, "district.lua");
    assert_false(ui->is_playing);
    key(ui, SDLK_PAGEDOWN); /* nobody presents yet */
    assert_false(ui->is_playing);
    jw_vec2 middle = middle_of_room(ui);
    double away_m = ui->camera.distance_m;
    key(ui, SDLK_F5);
    assert_true(ui->is_presenting);
    assert_int_equal(ui->present, UI_PRESENT_QUESTION);
    run(ui, 0); /* the city fills what is free now as it filled what was free before */
    assert_true(jw_vec2_distance(middle, middle_of_room(ui)) < 1 && ui->camera.distance_m < away_m);
    show(ui, "present-question");
    key(ui, SDLK_PAGEDOWN);
    assert_int_equal(ui->present, UI_PRESENT_WATCH);
    assert_true(ui->is_playing);
    assert_false(ui->is_revealed);
    show(ui, "present-watch");
    ui_present_step(ui, 1); /* to the next event, but who waits */
    ui_present_step(ui, 1);
    assert_int_equal(ui->present, UI_PRESENT_ANSWER);
    assert_true(ui->is_revealed);
    assert_false(ui->is_playing);
    show(ui, "present-answer");
    key(ui, SDLK_PAGEDOWN); /* there is no more */
    assert_int_equal(ui->present, UI_PRESENT_ANSWER);
    key(ui, SDLK_PAGEUP);
    key(ui, SDLK_PAGEUP);
    assert_int_equal(ui->present, UI_PRESENT_QUESTION);
    key(ui, SDLK_ESCAPE);
    assert_false(ui->is_presenting);
    run(ui, 0);
    assert_true(jw_vec2_distance(middle, middle_of_room(ui)) < 1 &&
                jw_abs(ui->camera.distance_m / away_m - 1) < 0.01);
    close_ui(ui);
}

static void find(jw_ui *ui, const char *text)
{
    ui_find_open(ui, true);
    jw_text_copy(ui->find.text, sizeof ui->find.text, text);
    ui_find_search(ui);
}

static void things_are_found_by_name_and_number(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1024, 640);
    open_scene(ui, "district.lua");
    find(ui, "EDGE-2");
    assert_int_equal(ui->find.hits[0].kind, JW_PICK_ASSET);
    assert_string_equal(ui->find.hits[0].name, "edge-2");
    find(ui, "kangde");
    show(ui, "find");
    uint32_t streets = 0;
    for (uint32_t i = 0; i < ui->find.count; i++)
        streets += ui->find.hits[i].kind == JW_PICK_EDGE;
    assert_int_equal(streets, 1); /* once, of however many sections it is */
    jw_pick street = ui->find.hits[0];
    ui_find_open(ui, false);
    ui_go_to(ui, &street);
    assert_string_equal(ui->title, "Kangde Lu");
    double x_m, y_m;
    assert_true(ui_place_of(ui, &ui->sides[0].newer, &street, &x_m, &y_m));
    assert_true(ui->flight_to.x_m == x_m && ui->flight_to.y_m == y_m);
    find(ui, "\u5eb7\u5fb7"); /* in the map's other language */
    assert_int_equal(ui->find.hits[0].kind, JW_PICK_EDGE);
    find(ui, "south lake"); /* a place: flown to, nothing is chosen */
    assert_int_equal(ui->find.hits[0].kind, JW_PICK_NONE);
    jw_vec2 lake = ui->find.places[0];
    ui_find_go(ui, 0);
    assert_true(ui->flight_to.x_m == lake.x && ui->flight_to.y_m == lake.y && !ui->find.is_open);
    find(ui, "17");
    uint32_t kinds = 0;
    for (uint32_t i = 0; i < ui->find.count; i++)
        kinds |= ui->find.hits[i].index == 17 ? 1u << ui->find.hits[i].kind : 0;
    assert_true(kinds >> JW_PICK_JUNCTION & 1 && kinds >> JW_PICK_EDGE & 1 && kinds >> JW_PICK_BUILDING & 1);
    find(ui, "no such thing");
    assert_int_equal(ui->find.count, 0);
    find(ui, "99999999999999999999");
    assert_int_equal(ui->find.count, 0);
    key(ui, SDLK_ESCAPE);
    assert_false(ui->find.is_open);
    close_ui(ui);
}

/* Parks stand on no map: they are listed once the world has told of them, and inspected. */
static void parks_are_found_by_name_and_kind(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 1024, 640);
    open_scene(ui, "parks.lua");
    ui_find_open(ui, true);
    double limit_s = jw_clock_seconds() + 60;
    while (ui->sides[0].newer.detail_count == 0 && jw_clock_seconds() < limit_s)
        run(ui, 0);
    show(ui, "find-open");
    jw_text_copy(ui->find.text, sizeof ui->find.text, "产业园");
    ui_find_search(ui);
    assert_int_equal(ui->find.park_count, 221); /* the city's own is one of them */
    assert_int_equal(ui->find.count, UI_FIND_MAX);
    assert_int_equal(ui->find.hits[0].kind, JW_PICK_PARK);
    show(ui, "find-parks");
    jw_text_copy(ui->find.text, sizeof ui->find.text, "park-217");
    ui_find_search(ui);
    assert_int_equal(ui->find.count, 1);
    assert_string_equal(ui->find.hits[0].name, "park-217");
    jw_camera before = ui->camera;
    ui_find_go(ui, 0);
    assert_string_equal(ui->title, "产业园 park-217");
    assert_non_null(strstr(ui->place, "不在地图上"));
    uint32_t lines = 0;
    while (lines == 0 && jw_clock_seconds() < limit_s) {
        run(ui, 0);
        const jw_frame *frame = &ui->sides[0].newer;
        for (uint32_t i = 0; i < frame->detail_count; i++)
            lines +=
                frame->details[i].watch_id == 1 && strcmp(frame->details[i].label, "production_lines") == 0;
    }
    assert_true(lines > 0);
    assert_true(ui->camera.x_m == before.x_m && ui->camera.distance_m == before.distance_m);
    show(ui, "park");
    close_ui(ui);
}

static void the_camera_follows_and_remembers(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1024, 640);
    open_scene(ui, "district.lua");
    key(ui, SDLK_f); /* nothing is chosen: a word of help */
    assert_int_equal(ui->follow, UI_FOLLOW_NOT);
    assert_true(ui->notice[0]);
    ui_camera_bookmark(ui, 3, true);
    jw_camera kept = ui->camera;
    const jw_frame_vehicle *vehicle = &ui->sides[0].newer.vehicles[0];
    jw_pick pick = {.kind = JW_PICK_VEHICLE, .index = vehicle->index1, .generation = vehicle->generation};
    ui_select(ui, 0, &pick);
    key(ui, SDLK_f);
    assert_int_equal(ui->follow, UI_FOLLOW_ABOVE);
    stop(ui);
    RUN_UNTIL(ui, !ui_is_moving(ui));
    draw(ui);
    double x_m, y_m;
    assert_true(ui_place_of(ui, &ui->sides[0].newer, &pick, &x_m, &y_m));
    assert_true(jw_abs(ui->camera.x_m - x_m) < 0.01 && jw_abs(ui->camera.y_m - y_m) < 0.01);
    key(ui, SDLK_f);
    assert_int_equal(ui->follow, UI_FOLLOW_BEHIND);
    show(ui, "behind");
    key(ui, SDLK_3); /* somewhere else: it follows no longer */
    assert_int_equal(ui->follow, UI_FOLLOW_NOT);
    RUN_UNTIL(ui, ui->flight_begin_s == 0);
    assert_true(jw_abs(ui->camera.x_m - kept.x_m) < 1e-6 && ui->camera.distance_m == kept.distance_m);
    key(ui, SDLK_t);
    RUN_UNTIL(ui, ui->flight_begin_s == 0);
    assert_true(ui->camera.pitch_rad > 85 * JW_PI / 180);
    ui->camera.x_m += 500; /* on the way back: down on where it goes, not on where it is */
    ui->camera.distance_m *= 2;
    ui_camera_bookmark(ui, 3, false);
    ui_camera_top(ui);
    RUN_UNTIL(ui, ui->flight_begin_s == 0);
    assert_true(ui->camera.pitch_rad > 85 * JW_PI / 180);
    assert_true(jw_abs(ui->camera.x_m - kept.x_m) < 1e-6 && ui->camera.distance_m == kept.distance_m);
    close_ui(ui);
}

static bool is_up(const jw_ui *ui, const char *name)
{
    const jw_frame *frame = &ui->sides[0].newer;
    for (uint32_t i = 0; i < frame->asset_count; i++)
        if (strcmp(frame->assets[i].name, name) == 0)
            return frame->assets[i].is_up;
    fail_msg("no %s", name);
    return false;
}

/* Commands take a step of the world and a frame. */
static void wait_up(jw_ui *ui, const char *name, bool wanted)
{
    RUN_UNTIL(ui, is_up(ui, name) == wanted);
}

static void do_named(jw_ui *ui, const char *verb, const char *name)
{
    jw_command command = jw_command_make(verb);
    jw_command_text(&command, "name", name);
    ui_do(ui, &command);
}

static void commands_are_undone_and_done_again(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("zh", 1024, 640);
    open_scene(ui, "district.lua");
    ui_play(ui, true);
    do_named(ui, "repair_node", "edge-1"); /* it works: nothing to undo */
    assert_int_equal(ui->done_count, 0);
    do_named(ui, "fail_node", "edge-1");
    wait_up(ui, "edge-1", false);
    ui_undo(ui);
    assert_non_null(strstr(ui->notice, "edge-1"));
    wait_up(ui, "edge-1", true);
    ui_undo(ui); /* nothing is left */
    ui_redo(ui);
    wait_up(ui, "edge-1", false);
    show(ui, "undo");
    close_ui(ui);
}

/* At once and from a world that plays slowly, in both modes; the speed stays what it was. */
static void it_runs_to_the_next_event(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "zh"};
    for (uint32_t l = 0; l < JW_COUNT_OF(languages); l++) {
        jw_ui *ui = open_ui(languages[l], 1024, 640);
        jw_text_copy(ui->wish.scenario, sizeof ui->wish.scenario, JW_SOURCE_FOLDER "/scripts/ai_rollout.lua");
        open_scene(ui, "district.lua");
        ui_set_speed(ui, 0.1);
        ui_present_set(ui, l > 0);
        ui_play(ui, true);
        assert_true(ui_keys_take(ui, SDLK_n, 0, false) && ui_is_unbounded(ui));
        assert_true(ui_keys_take(ui, SDLK_ESCAPE, 0, false)); /* it pauses, and nothing else is left */
        assert_true(!ui->is_playing && !ui->stops_at_event && ui->is_presenting == (l > 0));
        run_until_standing(ui);
        assert_null(find_event(ui, "deploy_model"));
        key(ui, SDLK_n);
        show(ui, "to-event");
        wait_for_stop(ui); /* four minutes of the world: forty of the clock at the speed asked for */
        assert_non_null(find_event(ui, "deploy_model"));
        assert_true(ui->speed == 0.1 && !ui_is_unbounded(ui));
        close_ui(ui);
    }
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

/* The resting pointer reads the map's value where the ground is coloured by place, else the thing's. */
static void the_pointer_reads_values(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1024, 640);
    open_scene(ui, "district.lua");
    ui_play(ui, true);
    ui_set_overlay(ui, JW_OVERLAY_LATENCY);
    wait_until(ui, 2);
    stop(ui);
    RUN_UNTIL(ui, ui->sides[0].newer.raster_count > 0);
    ui_hover_move(ui, 450, 280);
    assert_false(ui_hover_tick(ui)); /* not yet */
    ui->hover.since_s -= 1;
    assert_true(ui_hover_tick(ui));
    assert_memory_equal(ui->hover.value, "Round trip: ", 12);
    assert_non_null(strstr(ui->hover.value, " ms"));
    show(ui, "hover");
    ui_set_overlay(ui, JW_OVERLAY_SPEED);
    bool has_street = false;
    for (int y = 200; y < 400 && !has_street; y += 7) {
        ui_hover_move(ui, 450, y);
        ui->hover.since_s -= 1;
        has_street = ui_hover_tick(ui) && strstr(ui->hover.value, "km/h");
    }
    assert_true(has_street);
    show(ui, "hover-street");
    ui_hover_move(ui, 30, 30); /* a panel */
    assert_true(ui->hover.since_s == 0);
    close_ui(ui);
}

/* Lets the pointer rest at a place of the window and says what it is told. */
static const char *rest_at(jw_ui *ui, double x, double y)
{
    ui_hover_move(ui, (int)x, (int)y);
    if (ui->hover.since_s == 0)
        return "";
    ui->hover.since_s -= 1;
    return ui_hover_tick(ui) ? ui->hover.value : "";
}

/* Where the gauge of an asset with a value is seen, or its foot: from there down until something is said. */
static bool reads_asset(jw_ui *ui, const char *wanted)
{
    jw_view_scene scene = ui_scene_of(ui, 0);
    const jw_frame *frame = scene.frame_b;
    for (uint32_t i = 0; i < frame->asset_count; i++) {
        double value, x_px, y_px;
        jw_vec3 foot = {(double)frame->assets[i].x_m, (double)frame->assets[i].y_m, 0};
        if (!jw_view_overlay_value(ui->overlay, ui->city, frame, i, &value) ||
            !jw_camera_project(&scene.camera, scene.rect, foot, &x_px, &y_px, NULL))
            continue;
        for (int up = 0; up < 60; up += 3)
            if (strstr(rest_at(ui, x_px, y_px - up), wanted))
                return true;
    }
    return false;
}

static bool reads_street(jw_ui *ui, const char *wanted)
{
    for (int y = 150; y < 420; y += 5)
        for (int x = 420; x < 560; x += 35)
            if (strstr(rest_at(ui, x, y), wanted))
                return true;
    return false;
}

/* The pointer says the overlay's own value, in the language of the window: of streets, assets and steps; and
 * where a city has nothing of the kind, the rail says so. */
static void every_group_has_values_under_the_pointer(void **state)
{
    (void)state;
    static const struct {
        const char *language, *flow, *level, *power, *behind;
    } texts[] = {{"en", "Flow, all lanes: ", "at its end: A", " kW", "behind the newest: "},
                 {"zh", "断面流量（全部车道）: ", "（HCM）: A", " kW", "落后最新版本数: "}};
    for (uint32_t l = 0; l < JW_COUNT_OF(texts); l++) {
        jw_ui *ui = open_ui(texts[l].language, 1024, 640);
        open_scene(ui, "district.lua");
        ui->settings.light = UI_LIGHT_DAY;
        ui_set_speed(ui, 100);
        ui_play(ui, true);
        wait_until(ui, 90);
        stop(ui);
        ui_set_overlay(ui, JW_OVERLAY_FLOW);
        run_until_answered(ui);
        assert_true(reads_street(ui, texts[l].flow));
        ui_set_overlay(ui, JW_OVERLAY_SERVICE);
        run_until_answered(ui);
        assert_true(reads_street(ui, texts[l].level));
        ui_set_overlay(ui, JW_OVERLAY_POWER);
        assert_true(reads_asset(ui, texts[l].power));
        ui_set_overlay(ui, JW_OVERLAY_VERSION);
        run_until_answered(ui);
        assert_true(reads_asset(ui, texts[l].behind));
        assert_null(ui_why_empty(ui));
        uint32_t assets = ui->sides[0].newer.asset_count;
        ui->sides[0].newer.asset_count = 0;
        assert_string_equal(ui_why_empty(ui), "rail.no_sites");
        ui->overlay = JW_OVERLAY_OEE;
        assert_string_equal(ui_why_empty(ui), "rail.no_factories");
        ui->sides[0].newer.asset_count = assets;
        assert_null(ui_why_empty(ui));
        ui_set_overlay(ui, JW_OVERLAY_APPROVAL);
        run_until_answered(ui);
        assert_string_equal(ui_why_empty(ui), "rail.no_approval");
        /* Two parts of one city ask for an overlay each. */
        ui_set_overlay(ui, JW_OVERLAY_LATENCY);
        ui_split_set(ui, true);
        ui_split_touch(ui, 1);
        ui_set_overlay(ui, JW_OVERLAY_SINR);
        run_until_answered(ui);
        for (uint32_t part = 0; part < 2; part++) {
            jw_view_scene scene = ui_scene_of(ui, part);
            assert_non_null(jw_view_overlay_raster(scene.overlay, scene.frame_b));
        }
        assert_int_not_equal(ui_part_overlay(ui, 0), ui_part_overlay(ui, 1));
        show(ui, "two-overlays");
        ui_split_set(ui, false);
        /* The key steps through a group and goes round. */
        ui_step_overlay(ui, JW_GROUP_NETWORK);
        assert_int_equal(ui->overlay, JW_OVERLAY_LINK_LOAD);
        ui_step_overlay(ui, JW_GROUP_NETWORK);
        assert_int_equal(ui->overlay, JW_OVERLAY_LATENCY);
        ui_step_overlay(ui, JW_GROUP_NETWORK);
        assert_int_equal(ui->overlay, JW_OVERLAY_LINK_LOAD);
        assert_int_equal(ui->overlay_group, JW_GROUP_NETWORK);
        /* What the answer says is kept for the moments after it, and asked anew for another instant. */
        ui_set_overlay(ui, JW_OVERLAY_CARBON);
        run_until_answered(ui);
        assert_true(ui_is_answered(ui));
        int64_t time_ns = ui->sides[0].kept.time_ns;
        ui_step(ui);
        RUN_UNTIL(ui, ui->sides[0].kept.time_ns != time_ns && ui_is_answered(ui));
        assert_true(ui->sides[0].kept.time_ns > time_ns);
        close_ui(ui);
    }
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(start_parameters_wait_for_a_restart, close_opened),
        cmocka_unit_test_teardown(live_parameters_act_at_once, close_opened),
        cmocka_unit_test_teardown(untouched_values_need_no_restart, close_opened),
        cmocka_unit_test_teardown(events_survive_going_back, close_opened),
        cmocka_unit_test_teardown(scenarios_speak_in_the_window, close_opened),
        cmocka_unit_test_teardown(keys_change_the_speed, close_opened),
        cmocka_unit_test_teardown(the_world_pauses_where_it_shall, close_opened),
        cmocka_unit_test_teardown(things_have_names, close_opened),
        cmocka_unit_test_teardown(charts_become_csv, close_opened),
        cmocka_unit_test(exports_lie_in_the_users_folders),
        cmocka_unit_test(a_fork_is_compared_since_the_fork),
        cmocka_unit_test(what_is_not_measured_is_no_zero),
        cmocka_unit_test_teardown(files_have_titles, close_opened),
        cmocka_unit_test_teardown(trees_have_no_switch_under_an_overlay, close_opened),
        cmocka_unit_test_teardown(a_clicker_goes_from_event_to_event, close_opened),
        cmocka_unit_test_teardown(a_room_predicts_before_it_sees, close_opened),
        cmocka_unit_test_teardown(things_are_found_by_name_and_number, close_opened),
        cmocka_unit_test_teardown(parks_are_found_by_name_and_kind, close_opened),
        cmocka_unit_test_teardown(the_camera_follows_and_remembers, close_opened),
        cmocka_unit_test_teardown(commands_are_undone_and_done_again, close_opened),
        cmocka_unit_test_teardown(it_runs_to_the_next_event, close_opened),
        cmocka_unit_test_teardown(problems_speak_chinese, close_opened),
        cmocka_unit_test_teardown(the_pointer_reads_values, close_opened),
        cmocka_unit_test_teardown(every_group_has_values_under_the_pointer, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
