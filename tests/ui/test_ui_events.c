/* Time and what happens in it: speeds, stops, the next event, events that are met again after going back. */
#include "ui/ui_fixture.h"

#include <SDL2/SDL.h>
#include <string.h>

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

static void keys_change_the_speed(void **state)
{
    (void)state;
    jw_ui *ui = open_ui("en", 1280, 800);
    open_scene(ui, "district.lua");
    assert_true(ui->speed == 1);
    press_key(ui, SDLK_RIGHTBRACKET, 0);
    assert_true(ui->speed == 2);
    press_key(ui, SDLK_LEFTBRACKET, 0);
    press_key(ui, SDLK_LEFTBRACKET, 0);
    assert_true(ui->speed == 0.5);
    for (int i = 0; i < 20; i++)
        press_key(ui, SDLK_RIGHTBRACKET, 0);
    assert_true(ui_is_unbounded(ui));
    ui_play(ui, true);
    wait_until(ui, 120);
    show(ui, "unbounded");
    assert_true(ui->sides[0].status.speed < 0);
    press_key(ui, SDLK_LEFTBRACKET, 0);
    assert_true(ui->speed == UI_SPEED_MAX);
    press_key(ui, SDLK_BACKSPACE, 0);
    assert_true(ui->speed == 1);
    close_ui(ui);
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
    run_until_stopped(ui);
    assert_true(ui->sides[0].newer.time_ns == start_ns + 20 * JW_NS_PER_S);
    jw_break stop = {.kind = JW_BREAK_TIME, .time_ns = start_ns + 30 * JW_NS_PER_S};
    assert_true(ui_stops_add(ui, &stop));
    stop.time_ns = start_ns + 40 * JW_NS_PER_S;
    assert_true(ui_stops_add(ui, &stop));
    ui->stops.is_on[0] = false;
    ui_stops_send(ui);
    ui_play(ui, true);
    run_until_stopped(ui);
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
    run_until_stopped(ui);
    assert_true(ui->sides[0].newer.time_ns <= start_ns + 42 * JW_NS_PER_S);
    assert_non_null(find_event(ui, "site_failed"));
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
        press_key(ui, SDLK_n, 0);
        show(ui, "to-event");
        run_until_stopped(ui); /* four minutes of the world: forty of the clock at the speed asked for */
        assert_non_null(find_event(ui, "deploy_model"));
        assert_true(ui->speed == 0.1 && !ui_is_unbounded(ui));
        close_ui(ui);
    }
}

int main(void)
{
    if (!ui_fixture_begin())
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(events_survive_going_back, close_opened),
        cmocka_unit_test_teardown(scenarios_speak_in_the_window, close_opened),
        cmocka_unit_test_teardown(keys_change_the_speed, close_opened),
        cmocka_unit_test_teardown(the_world_pauses_where_it_shall, close_opened),
        cmocka_unit_test_teardown(it_runs_to_the_next_event, close_opened),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ui_fixture_end();
    return failed;
}
