/* Every refusal of every command is said in Chinese: all verbs with wrong, missing, unknown and extreme
 * arguments in the district, told by the world as the window tells them. */
#include "script/script.h"
#include "ui/ui_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define A_STEP 16 /* commands: of so many the world remembers the causes */

typedef struct listener {
    jw_ui *ui;
    uint32_t refused, untold;
    char example[1400];
} listener;

/* Three words of English in a row, apart from names of parameters and what stands in quotes. */
static bool has_english(const char *text)
{
    uint32_t words = 0;
    bool is_quoted = false;
    for (const char *at = text; *at;) {
        bool opens = strncmp(at, "“", 3) == 0, closes = strncmp(at, "”", 3) == 0;
        is_quoted = (is_quoted || opens) && !closes;
        size_t letters = strspn(at, "abcdefghijklmnopqrstuvwxyz");
        if (letters && !is_quoted && (at[letters] == ' ' || at[letters] == 0 || at[letters] == ':')) {
            if (++words >= 3)
                return true;
            at += letters + (at[letters] == ' ');
        } else {
            words = 0;
            at += letters ? letters : 1;
        }
    }
    return false;
}

static void hear(void *context, const jw_log_entry *entry, const jw_error *error)
{
    listener *all = context;
    char said[1200];
    if (entry->result == JW_OK)
        return;
    all->refused++;
    jw_phrases_say(&all->ui->phrases, error->message, said, sizeof said);
    if (strcmp(said, error->message) != 0 && !has_english(said))
        return;
    if (all->untold++ == 0)
        snprintf(all->example, sizeof all->example, "%s: %s", entry->command.verb, said);
}

/* One command of a verb: all its texts are `text`, its numbers at the share of their range; bit 0 of `odd`
 * leaves the last argument out, bit 1 goes beyond the range, bit 2 gives a number for a text. */
static jw_command make(const jw_verb *verb, const char *text, double share, uint32_t odd)
{
    jw_command command = jw_command_make(verb->name);
    uint32_t count = verb->arg_count - ((odd & 1) && verb->arg_count > 0);
    for (uint32_t i = 0; i < count; i++) {
        const jw_verb_arg *arg = &verb->args[i];
        double min = arg->min, max = arg->min == 0 && arg->max == 0 ? 1000 : arg->max;
        if ((arg->type == 't') == ((odd & 4) == 0))
            jw_command_text(&command, arg->key, text);
        else
            jw_command_number(&command, arg->key, odd & 2 ? max * 2 + 1 : min + share * (max - min));
    }
    return command;
}

static void every_refusal_is_chinese(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "no-such-thing",
                                        "edge-1",
                                        "cell-1",
                                        "boards-1",
                                        "signal",
                                        "signal-vision",
                                        "park",
                                        "a100-sxm4",
                                        "a-very-long-name-that-no-id-of-anything-can-ever-have-1"};
    static const char *const quiet[] = {"reload", "load_scenario", "pass_days", "close_quarter", "evacuate"};
    jw_error error = {0};
    jw_twin_def def;
    jw_scene *scene;
    jw_world *world;
    if (jw_scene_open(JW_SOURCE_FOLDER "/scenes/district.lua", &scene, NULL, &error) != JW_OK ||
        jw_scene_build(scene, 2, NULL, NULL, NULL, &def, &error) != JW_OK ||
        jw_scene_make_world(NULL, &def, NULL, NULL, NULL, &world, &error) != JW_OK)
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
    listener all = {.ui = jw_alloc(sizeof *all.ui)};
    assert_non_null(all.ui);
    *all.ui = (jw_ui){0};
    assert_true(ui_set_language(all.ui, "zh"));
    jw_world_watch_commands(world, hear, &all);
    uint32_t posted = 0, verbs = 0;
    for (uint32_t t = 0; t < JW_COUNT_OF(texts); t++)
        for (uint32_t m = 0; m < jw_world_module_count(world); m++) {
            const jw_module *module = jw_world_module(world, m);
            for (uint32_t v = 0; v < module->verb_count; v++) {
                bool is_quiet = false;
                for (uint32_t q = 0; q < JW_COUNT_OF(quiet); q++)
                    is_quiet = is_quiet || strcmp(quiet[q], module->verbs[v].name) == 0;
                verbs += t == 0;
                /* Small and large numbers, and with one text all that is odd. */
                for (uint32_t k = 0; k < (t == 1 ? 6 : 2) && !is_quiet; k++) {
                    jw_command command = make(&module->verbs[v], texts[t], k, k < 2 ? 0 : k - 1);
                    if (jw_world_post(world, &command, &error) == JW_OK && ++posted % A_STEP == 0 &&
                        jw_world_step(world, &error) != JW_OK)
                        fail_msg("%s", error.message);
                    error = (jw_error){0};
                }
            }
        }
    print_message("%u verbs, %u commands, %u refused\n", verbs, posted, all.refused);
    if (all.untold > 0)
        fail_msg("%u refusals are not said in Chinese: %s", all.untold, all.example);
    assert_true(verbs > 90 && all.refused > 1000);
    /* As they come to the window: whole, in its words, the verb but once. */
    uint32_t count, whole = 0;
    const jw_frame_event *events = jw_twin_events(world, &count);
    for (uint32_t i = 0; i < count; i++) {
        char said[1200];
        if (strncmp(events[i].key, "refused", 7) != 0)
            continue;
        ui_say_event(all.ui, &events[i], said, sizeof said);
        if (!strstr(said, "未执行") || has_english(said))
            fail_msg("%s", said);
        whole += strstr(said, " — ") != NULL;
    }
    assert_true(whole > 100);
    ui_text_free(&all.ui->text);
    jw_phrases_free(&all.ui->phrases);
    jw_free(all.ui);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
    jw_scene_close(scene);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* A verb with one wrong argument beside a right one, as the window tells it in a language. */
static void say_refusal_of(jw_ui *ui, jw_world *world, const jw_command *command, const char *language,
                           char *out, size_t out_size)
{
    jw_error error = {0};
    uint32_t count;
    assert_true(ui_set_language(ui, language));
    if (jw_world_post(world, command, &error) != JW_OK || jw_world_step(world, &error) != JW_OK)
        fail_msg("%s", error.message);
    const jw_frame_event *events = jw_twin_events(world, &count);
    assert_true(count > 0 && strncmp(events[count - 1].key, "refused", 7) == 0);
    ui_say_event(ui, &events[count - 1], out, out_size);
}

/* Streets and places are told by the names that they have in the window's language, and whole. */
static void streets_and_places_are_told_in_chinese(void **state)
{
    (void)state;
    jw_error error = {0};
    jw_twin_def def;
    jw_scene *scene;
    jw_world *world;
    char said[UI_EVENT_SIZE];
    if (jw_scene_open(JW_SOURCE_FOLDER "/scenes/district.lua", &scene, NULL, &error) != JW_OK ||
        jw_scene_build(scene, 2, NULL, NULL, NULL, &def, &error) != JW_OK ||
        jw_scene_make_world(NULL, &def, NULL, NULL, NULL, &world, &error) != JW_OK)
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
    const jw_city *city = def.city;
    uint32_t edge = 0, place = 0;
    while (edge < city->edge_count &&
           strcmp(jw_city_text_in(city, city->edges[edge].name, JW_LANGUAGE_EN),
                  jw_city_text_in(city, city->edges[edge].name, JW_LANGUAGE_ZH)) == 0)
        edge++;
    while (place < city->place_count &&
           strcmp(jw_city_text_in(city, city->places[place].name, JW_LANGUAGE_EN),
                  jw_city_text_in(city, city->places[place].name, JW_LANGUAGE_ZH)) == 0)
        place++;
    assert_true(edge < city->edge_count && place < city->place_count);
    jw_ui *ui = jw_alloc(sizeof *ui);
    assert_non_null(ui);
    *ui = (jw_ui){0};

    jw_command incident = jw_command_make("incident");
    jw_command_number(&incident, "edge", edge);
    jw_command_number(&incident, "lane", 60);
    jw_command_number(&incident, "position_m", 5);
    const char *street_en = jw_city_text_in(city, city->edges[edge].name, JW_LANGUAGE_EN);
    const char *street_zh = jw_city_text_in(city, city->edges[edge].name, JW_LANGUAGE_ZH);
    say_refusal_of(ui, world, &incident, "en", said, sizeof said);
    assert_non_null(strstr(said, street_en));
    say_refusal_of(ui, world, &incident, "zh", said, sizeof said);
    if (!strstr(said, street_zh) || strstr(said, street_en) || !strstr(said, "车道编号为 0 到") ||
        has_english(said))
        fail_msg("%s", said);

    jw_command event = jw_command_make("event");
    jw_command_text(&event, "where", jw_city_text(city, city->places[place].name));
    jw_command_number(&event, "vehicles", 1e12);
    say_refusal_of(ui, world, &event, "zh", said, sizeof said);
    if (!strstr(said, jw_city_text_in(city, city->places[place].name, JW_LANGUAGE_ZH)) || has_english(said))
        fail_msg("%s", said);

    /* The longest cause there can be, of a street with a long name, ends with a whole character. */
    jw_frame_event longest = {.kind = JW_EVENT_FAILURE, .key = "refused_input"};
    char cause[JW_REFUSAL_SIZE] = "";
    while (strlen(cause) + 3 < sizeof cause)
        strcat(cause, "路");
    snprintf(longest.text, sizeof longest.text, "close_edge Renmin Road: %s", cause);
    snprintf(longest.text_zh, sizeof longest.text_zh, "close_edge 人民路: %s", cause);
    ui_say_event(ui, &longest, said, sizeof said);
    assert_non_null(strstr(said, "人民路"));
    assert_non_null(strstr(said, cause));
    char small[64];
    ui_say_event(ui, &longest, small, sizeof small);
    assert_true(jw_text_is_utf8(small, strlen(small)) && strlen(small) > 56);

    ui_text_free(&ui->text);
    jw_phrases_free(&ui->phrases);
    jw_free(ui);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
    jw_scene_close(scene);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_refusal_is_chinese),
                                       cmocka_unit_test(streets_and_places_are_told_in_chinese)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
