/* The diary: commands, refusals, failing sites and what a script tells, in order; saved but never hashed; the
 * oldest of the many make room. */
#include "base/test_base.h"
#include "twin/twin_fixture.h"
#include "twin/twin_internal.h"

#include <stdio.h>
#include <string.h>

static const jw_frame_event *find(const jw_world *world, const char *key)
{
    uint32_t count;
    const jw_frame_event *events = jw_twin_events(world, &count);
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(events[i].key, key) == 0)
            return &events[i];
    return NULL;
}

static void test_commands_and_failures_are_told(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run(world, 3);
    const char *site = def.sites[0].name;
    twin_fixture_command(world, "fail_node", "name", site);
    twin_fixture_command(world, "cut_link", "name", "nowhere");
    jw_command close = jw_command_make("close_edge");
    jw_command_number(&close, "edge", 0);
    assert_int_equal(jw_world_post(world, &close, NULL), JW_OK);
    jw_command limit = jw_command_make("set_speed_limit");
    jw_command_number(&limit, "edge", 1);
    jw_command_number(&limit, "speed_kmh", 30);
    assert_int_equal(jw_world_post(world, &limit, NULL), JW_OK);
    int64_t posted_ns = jw_world_time_ns(world);
    twin_fixture_run(world, 2);

    const jw_frame_event *event = find(world, "site_failed");
    assert_non_null(event);
    assert_string_equal(event->text, site);
    assert_int_equal(event->kind, JW_EVENT_MARK);
    assert_true(event->x_m == (float)def.sites[0].x_m);
    assert_true(event->time_ns >= posted_ns && event->time_ns <= posted_ns + jw_world_dt_ns(world));
    assert_null(find(world, "fail_node")); /* once is enough */
    event = find(world, "refused_not_found");
    assert_non_null(event);
    assert_string_equal(event->text, "cut_link nowhere: no link and no network node is named \"nowhere\"");
    assert_int_equal(event->kind, JW_EVENT_FAILURE);
    event = find(world, "close_edge");
    assert_non_null(event);
    const char *street = jw_city_text_in(def.city, def.city->edges[0].name, JW_LANGUAGE_EN);
    assert_string_equal(event->text, *street ? street : "#0");
    assert_string_equal(event->text_zh, "");
    assert_true(event->x_m == event->x_m);
    event = find(world, "set_speed_limit");
    assert_non_null(event);
    assert_non_null(strstr(event->text, " · 30 km/h"));
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* An event at a street is told by the street's name and has its place. */
static void test_an_event_names_its_street(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    jw_world *world = twin_fixture_create(&def, 1);
    jw_command command = jw_command_make("event");
    jw_command_text(&command, "where", "edge:1");
    jw_command_number(&command, "vehicles", 5);
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    jw_command limit = jw_command_make("set_speed_limit"); /* it is told of the same street */
    jw_command_number(&limit, "edge", 1);
    jw_command_number(&limit, "speed_kmh", 30);
    assert_int_equal(jw_world_post(world, &limit, NULL), JW_OK);
    twin_fixture_run(world, 2);
    const jw_frame_event *event = find(world, "event"), *limited = find(world, "set_speed_limit");
    assert_true(event && limited);
    assert_int_equal(strncmp(limited->text, event->text, strlen(event->text)), 0);
    assert_true(event->text[0] && event->x_m == limited->x_m && event->y_m == limited->y_m);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_it_is_saved_but_not_hashed(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    jw_world *world = twin_fixture_create(&def, 1), *other = twin_fixture_create(&def, 1);
    twin_fixture_run(world, 2);
    twin_fixture_run(other, 2);
    jw_twin_tell(world, JW_EVENT_LINE, "hello", "你好");
    twin_fixture_run(world, 2);
    twin_fixture_run(other, 2);
    assert_true(jw_world_hash(world) == jw_world_hash(other));
    jw_writer writer = {0};
    assert_int_equal(jw_world_save(world, &writer, NULL), JW_OK);
    jw_twin_tell(world, JW_EVENT_LINE, "later", "");
    assert_int_equal(jw_world_restore(world, writer.bytes, writer.size, NULL), JW_OK);
    jw_writer_free(&writer);
    uint32_t count;
    const jw_frame_event *events = jw_twin_events(world, &count);
    assert_int_equal(count, 1);
    assert_string_equal(events[0].text, "hello");
    assert_string_equal(events[0].text_zh, "你好");
    jw_frame frame = {0};
    assert_int_equal(jw_twin_fill_frame(world, NULL, 0, &frame, NULL), JW_OK);
    assert_int_equal(frame.event_count, 1);
    assert_string_equal(frame.events[0].text, "hello");
    jw_frame_free(&frame);
    jw_world_destroy(other);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* Whichever of the two there is more of makes room: the other's are all kept. */
static void test_the_many_make_room_for_the_few(void **state)
{
    (void)state;
    for (int is_line = 0; is_line < 2; is_line++) {
        jw_twin_def def;
        twin_fixture_def(&def, 3);
        jw_world *world = twin_fixture_create(&def, 1);
        jw_twin_tell(world, is_line ? JW_EVENT_MARK : JW_EVENT_LINE, "first", "");
        for (int i = 0; i < JW_EVENTS_MAX + 20; i++) {
            char line[32];
            snprintf(line, sizeof line, "%d", i);
            jw_twin_tell(world, is_line ? JW_EVENT_LINE : JW_EVENT_MARK, line, "");
        }
        uint32_t count;
        const jw_frame_event *events = jw_twin_events(world, &count);
        assert_int_equal(count, JW_EVENTS_MAX);
        assert_string_equal(events[0].text, "first");
        assert_string_equal(events[1].text, "21");
        char last[32];
        snprintf(last, sizeof last, "%d", JW_EVENTS_MAX + 19);
        assert_string_equal(events[count - 1].text, last);
        jw_world_destroy(world);
        jw_twin_def_free(&def);
    }
}

static uint32_t count_of(const jw_world *world, const char *key)
{
    uint32_t count, found = 0;
    const jw_frame_event *events = jw_twin_events(world, &count);
    for (uint32_t i = 0; i < count; i++)
        found += strcmp(events[i].key, key) == 0;
    return found;
}

/* Whoever breaks down is told with street and lane, and that the lane is free again with the same words;
 * however many there are, what else was told does not give way to them. */
static void test_breakdowns_are_told_with_their_ends(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    jw_incident_def incidents = jw_default_incident_def();
    incidents.is_on = true;
    incidents.per_million_km = 1e6;
    incidents.phone_s = 5;
    incidents.crews = 8;
    incidents.crew_kmh = 200;
    incidents.clear_s = 5;
    assert_int_equal(jw_twin_def_set_incidents(&def, &incidents, NULL), JW_OK);
    jw_world *world = twin_fixture_create(&def, 1);
    jw_twin_tell(world, JW_EVENT_MARK, "first", "");
    for (int i = 0; i < 1200 && count_of(world, "breakdown_over") < 3; i++)
        twin_fixture_run(world, 1);
    uint32_t begun = count_of(world, "breakdown"), over = count_of(world, "breakdown_over"), paired = 0;
    assert_true(over >= 3 && begun >= over);
    assert_int_equal(count_of(world, "incident_over"), 0);
    assert_non_null(strstr(find(world, "breakdown")->text, " of "));
    uint32_t count;
    const jw_frame_event *events = jw_twin_events(world, &count);
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < i && strcmp(events[i].key, "breakdown_over") == 0; k++)
            if (strcmp(events[k].key, "breakdown") == 0 && strcmp(events[k].text, events[i].text) == 0) {
                assert_string_equal(events[k].text_zh, events[i].text_zh);
                paired++;
                break;
            }
    assert_int_equal(paired, over);
    jw_disturbance another = {.kind = JW_DISTURB_INCIDENT};
    for (int i = 0; i < JW_EVENTS_MAX; i++)
        twin_diary_broke_down(world, &another);
    events = jw_twin_events(world, &count);
    assert_int_equal(count, JW_EVENTS_MAX);
    assert_string_equal(events[0].text, "first");
    assert_int_equal(count_of(world, "breakdown"), JW_EVENTS_MAX - 1);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void post_on_edge(jw_world *world, const char *verb, uint32_t edge, int lane)
{
    jw_command command = jw_command_make(verb);
    jw_command_number(&command, "edge", edge);
    if (lane >= 0)
        jw_command_number(&command, "lane", lane);
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
}

/* A street of which several sections are closed at once is named once, with their number; two lanes of one
 * section are two events, and so is what is closed later. */
static void test_sections_of_a_street_are_one_event(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 4);
    jw_city *city = def.city;
    uint32_t street[4], count = 0;
    for (uint32_t e = 1; e < city->edge_count && count < 4; e++)
        if (city->edges[e].lane_count > 1 || count < 3)
            street[count++] = e;
    assert_int_equal(count, 4);
    const char *texts = city->texts, *name = "Renmin Road";
    assert_true(city->text_size <= 1);
    city->texts = "\0Renmin Road";
    for (uint32_t i = 0; i < 4; i++)
        ((jw_edge *)&city->edges[street[i]])->name = 1;
    jw_world *world = twin_fixture_create(&def, 1);
    twin_fixture_run(world, 2);
    for (uint32_t i = 0; i < 3; i++)
        post_on_edge(world, "close_edge", street[i], -1);
    for (int lane = 0; lane < 2; lane++)
        post_on_edge(world, "close_lane", street[3], lane);
    twin_fixture_run(world, 2);
    char wanted[96];
    snprintf(wanted, sizeof wanted, "%s (3 sections)", name);
    assert_int_equal(count_of(world, "close_edge"), 1);
    assert_string_equal(find(world, "close_edge")->text, wanted);
    snprintf(wanted, sizeof wanted, "%s（3 段）", name);
    assert_string_equal(find(world, "close_edge")->text_zh, wanted);
    assert_int_equal(count_of(world, "close_lane"), 2);
    post_on_edge(world, "open_edge", street[0], -1);
    twin_fixture_run(world, 2);
    post_on_edge(world, "open_edge", street[1], -1);
    twin_fixture_run(world, 2);
    assert_int_equal(count_of(world, "open_edge"), 2);
    assert_string_equal(find(world, "open_edge")->text, name);
    city->texts = texts;
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* The heaviest rain and the thickest fog under way; none when they are over. */
static void test_frames_carry_the_weather(void **state)
{
    (void)state;
    static const struct {
        const char *verb, *amount;
        double value;
    } weather[] = {{"rain", "rain_mm_per_h", 8},
                   {"rain", "rain_mm_per_h", 3},
                   {"fog", "visibility_m", 400},
                   {"fog", "visibility_m", 250},
                   {"fog", "visibility_m", 900}};
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    jw_world *world = twin_fixture_create(&def, 1);
    jw_frame frame = {0};
    assert_int_equal(jw_twin_fill_frame(world, NULL, 0, &frame, NULL), JW_OK);
    assert_true(frame.rain_mm_per_h == 0 && frame.visibility_m == 0);
    for (uint32_t i = 0; i < JW_COUNT_OF(weather); i++) {
        jw_command command = jw_command_make(weather[i].verb);
        jw_command_number(&command, weather[i].amount, weather[i].value);
        jw_command_number(&command, "hours", 0.01);
        assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
    }
    twin_fixture_run(world, 2);
    assert_int_equal(jw_twin_fill_frame(world, NULL, 0, &frame, NULL), JW_OK);
    assert_true(frame.rain_mm_per_h == 8 && frame.visibility_m == 250);
    twin_fixture_run(world, 80);
    assert_int_equal(jw_twin_fill_frame(world, NULL, 0, &frame, NULL), JW_OK);
    assert_true(frame.rain_mm_per_h == 0 && frame.visibility_m == 0);
    jw_frame_free(&frame);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_carry_the_weather),  JW_UNIT(test_commands_and_failures_are_told),
        JW_UNIT(test_an_event_names_its_street),          JW_UNIT(test_breakdowns_are_told_with_their_ends),
        JW_UNIT(test_it_is_saved_but_not_hashed),         JW_UNIT(test_the_many_make_room_for_the_few),
        JW_UNIT(test_sections_of_a_street_are_one_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
