/* Catalogues: the same keys in every language, every key that the sources use, every glyph in the font's
 * range; and what is refused. */
#include "script/script.h"
#include "ui/ui_text.h"
#include "view/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void load(ui_text *text, const char *language)
{
    char path[512];
    snprintf(path, sizeof path, JW_SOURCE_FOLDER "/assets/i18n/%s.txt", language);
    jw_error error = {0};
    if (ui_text_load(text, path, language, &error) != JW_OK)
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
}

static void catalogues_have_the_same_keys(void **state)
{
    (void)state;
    ui_text en = {0}, zh = {0};
    load(&en, "en");
    load(&zh, "zh");
    for (uint32_t i = 0; i < en.count; i++)
        if (!ui_text_find(&zh, en.keys[i]))
            fail_msg("zh.txt lacks %s", en.keys[i]);
    for (uint32_t i = 0; i < zh.count; i++)
        if (!ui_text_find(&en, zh.keys[i]))
            fail_msg("en.txt lacks %s", zh.keys[i]);
    for (uint32_t i = 0; i < en.count; i++)
        assert_true(en.values[i][0] && zh.values[i][0]);
    ui_text_free(&en);
    ui_text_free(&zh);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Checks each text between `before` and the next quote in the files of a folder that `wanted` names. */
static uint32_t check_uses(const ui_text *text, const char *folder, const char *wanted, const char *before,
                           const char *prefix)
{
    uint32_t count = 0;
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (!strstr(entry->d_name, wanted) || !jw_text_ends_with(entry->d_name, ".c"))
            continue;
        char path[1024], key[128], *bytes;
        size_t size;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        assert_int_equal(jw_file_read(path, 1 << 22, &bytes, &size, NULL), JW_OK);
        for (char *at = bytes; (at = strstr(at, before)); at++) {
            char *begin = at + strlen(before);
            size_t length = strcspn(begin, "\"");
            if (length == 0 || begin[length - 1] == '.') /* a prefix of ui_say_name */
                continue;
            snprintf(key, sizeof key, "%s%.*s", prefix, (int)length, begin);
            count++;
            if (!ui_text_find(text, key))
                fail_msg("%s uses %s, which no catalogue has", entry->d_name, key);
        }
        jw_free(bytes);
    }
    closedir(directory);
    return count;
}

/* Metrics are rows `{"module.name", "unit", JW_METRIC_...`. */
static void check_metrics(const ui_text *text, const char *module)
{
    char folder[512], before[48];
    snprintf(folder, sizeof folder, JW_SOURCE_FOLDER "/engine/%s", module);
    snprintf(before, sizeof before, "{\"%s.", module);
    uint32_t count = 0;
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[1024], key[128], *bytes;
        size_t size;
        if (!jw_text_ends_with(entry->d_name, ".c"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        assert_int_equal(jw_file_read(path, 1 << 22, &bytes, &size, NULL), JW_OK);
        for (char *at = bytes; (at = strstr(at, before)); at++) {
            char *line_end = strchr(at, '\n'), *metric = strstr(at, "JW_METRIC_");
            if (!metric || metric > line_end) /* a phase */
                continue;
            snprintf(key, sizeof key, "metric.%.*s", (int)strcspn(at + 2, "\""), at + 2);
            count++;
            if (!ui_text_find(text, key))
                fail_msg("the metric %s has no name in the catalogues", key);
        }
        jw_free(bytes);
    }
    closedir(directory);
    assert_true(count > 0);
}

static void every_key_in_use_exists(void **state)
{
    (void)state;
    ui_text en = {0};
    load(&en, "en");
    static const char *const groups[] = {
        "action.", "camera.",      "keys.",    "stops.",  "window.", "settings.", "find.",  "present.",
        "undo.",   "assumptions.", "dialog.",  "export.", "flow.",   "font.",     "fork.",  "inspector.",
        "layer.",  "light.",       "overlay.", "params.", "rail.",   "scenario.", "start.", "tab.",
        "thing.",  "time.",        "model.",   "name.",   "tools.",  "use."};
    uint32_t count = check_uses(&en, JW_SOURCE_FOLDER "/engine/ui", "ui_", "ui_say(ui, \"", "");
    for (uint32_t i = 0; i < JW_COUNT_OF(groups); i++) {
        char before[32];
        snprintf(before, sizeof before, "\"%s", groups[i]);
        count += check_uses(&en, JW_SOURCE_FOLDER "/engine/ui", "ui_", before, groups[i]);
    }
    assert_true(count > 150);
    /* What the twin says of things, and the metrics of all modules. */
    static const char *const says[] = {"_number(frame, watch, \"", "_text(frame, watch, \"",
                                       "JW_RELATION_NEEDS, \"",    "JW_RELATION_SERVES, \"",
                                       "JW_RELATION_VALUE, \"",    "add_time(frame, watch, \""};
    static const uint32_t least[] = {30, 10, 4, 4, 2, 2};
    for (uint32_t i = 0; i < JW_COUNT_OF(says); i++)
        assert_true(
            check_uses(&en, JW_SOURCE_FOLDER "/engine/twin", "twin_watch", says[i], "detail.") +
                check_uses(&en, JW_SOURCE_FOLDER "/engine/twin", "twin_example", says[i], "detail.") >=
            least[i]);
    assert_true(check_uses(&en, JW_SOURCE_FOLDER "/engine/twin", "twin_example", "add_hop(frame, watch, \"",
                           "hop.") > 3);
    static const char *const modules[] = {"ai", "compute", "economy", "network", "traffic", "twin", "script"};
    for (uint32_t i = 0; i < JW_COUNT_OF(modules); i++)
        check_metrics(&en, modules[i]);
    ui_text_free(&en);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void must_have(const ui_text *text, const char *prefix, const char *name)
{
    char key[96];
    snprintf(key, sizeof key, "%s%s", prefix, name);
    if (!ui_text_find(text, key))
        fail_msg("%s.txt lacks %s", text->language, key);
}

/* Overlays come from a table: their names, legends, units and steps of more than a letter. */
static void overlays_have_their_texts(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "zh"};
    static const char *const plain_units[] = {"", "%", "m", "dB", "ms", "kW", "Mbit/s", "kg/h"};
    for (uint32_t l = 0; l < JW_COUNT_OF(languages); l++) {
        ui_text text = {0};
        load(&text, languages[l]);
        for (int i = 0; i < JW_OVERLAY_COUNT; i++) {
            const jw_overlay_info *info = jw_view_overlay_info((jw_view_overlay)i);
            must_have(&text, "overlay.", info->id);
            if (i == JW_OVERLAY_NONE)
                continue;
            must_have(&text, "legend.", info->title);
            bool is_plain = false;
            for (uint32_t u = 0; u < JW_COUNT_OF(plain_units); u++)
                is_plain = is_plain || strcmp(info->unit, plain_units[u]) == 0;
            if (!is_plain)
                must_have(&text, "unit.", info->unit);
            for (uint32_t s = 0; info->names[0] && s < info->stop_count; s++)
                if (strlen(info->names[s]) > 2)
                    must_have(&text, "step.", info->names[s]);
        }
        ui_text_free(&text);
    }
}

/* What the diary can say: a key for every command that it tells of, every refusal, every mark. */
static void every_event_has_its_text(void **state)
{
    (void)state;
    static const char *const untold[] = {"note",      "fail_site",      "fail_rack",    "repair_rack",
                                         "fail_card", "repair_card",    "repair_site",  "add_trip",
                                         "add_walk",  "signal_request", "advise_speed", "reload"};
    ui_text en = {0};
    load(&en, "en");
    jw_module_entry extra = {&jw_script_module, NULL}, modules[JW_TWIN_MODULE_COUNT + 1];
    jw_twin_modules(&extra, 1, modules);
    uint32_t count = 0;
    for (uint32_t m = 0; m < JW_COUNT_OF(modules); m++)
        for (uint32_t v = 0; v < modules[m].module->verb_count; v++) {
            const char *verb = modules[m].module->verbs[v].name;
            char key[64];
            bool is_told = true;
            for (uint32_t i = 0; i < JW_COUNT_OF(untold); i++)
                is_told = is_told && strcmp(untold[i], verb) != 0;
            snprintf(key, sizeof key, "event.%s", verb);
            count += is_told;
            if (is_told && !ui_text_find(&en, key))
                fail_msg("the command %s has no text %s", verb, key);
            assert_true(strlen(verb) < sizeof((jw_frame_event *)0)->key);
        }
    assert_true(count > 20);
    count = check_uses(&en, JW_SOURCE_FOLDER "/engine/twin", "twin_diary", "\"refused", "event.refused");
    assert_true(count >= 5);
    for (int kind = 0; kind < JW_DISTURB_COUNT; kind++) {
        char key[64];
        snprintf(key, sizeof key, "event.%s_over", jw_disturbance_name((jw_disturbance_kind)kind));
        if (!ui_text_find(&en, key))
            fail_msg("the end of a disturbance has no text %s", key);
    }
    count = check_uses(&en, JW_SOURCE_FOLDER "/engine/twin", "twin_", "\"site_", "event.site_");
    assert_true(count >= 2);
    /* One slot each, in both languages. */
    for (int language = 0; language < 2; language++) {
        ui_text text = {0};
        load(&text, language ? "zh" : "en");
        for (uint32_t i = 0; i < text.count; i++)
            if (strncmp(text.keys[i], "event.", 6) == 0 && !strstr(text.values[i], "{}"))
                fail_msg("%s does not say what it is about", text.keys[i]);
        ui_text_free(&text);
    }
    ui_text_free(&en);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Cards and models of the shipped catalogues, and what parameters choose from, are shown by names. */
static void ids_have_names(void **state)
{
    (void)state;
    static const char *const files[] = {"assets/catalog/cards.lua", "assets/catalog/models.lua",
                                        "scripts/lib/default_city.lua"};
    ui_text text = {0};
    load(&text, "zh");
    uint32_t count = 0;
    for (uint32_t f = 0; f < JW_COUNT_OF(files); f++) {
        char path[1024], id[64], *bytes;
        size_t size;
        snprintf(path, sizeof path, JW_SOURCE_FOLDER "/%s", files[f]);
        assert_int_equal(jw_file_read(path, 1 << 20, &bytes, &size, NULL), JW_OK);
        for (const char *at = bytes; f < 2 && (at = strstr(at, "{ id = \"")); at += 8, count++) {
            snprintf(id, sizeof id, "%.*s", (int)strcspn(at + 8, "\""), at + 8);
            must_have(&text, "value.", id);
        }
        const char *choices = f < 2 ? NULL : strstr(bytes, "choices = {"),
                   *end = choices ? strchr(choices, '}') : NULL;
        for (const char *at = choices; at && (at = strchr(at, '"')) && at < end; count++) {
            snprintf(id, sizeof id, "%.*s", (int)strcspn(at + 1, "\""), at + 1);
            must_have(&text, "value.", id);
            at += strlen(id) + 2;
        }
        jw_free(bytes);
    }
    assert_true(count > 20);
    ui_text_free(&text);
}

/* Shipped scenarios and scenes speak both languages. */
static void scenarios_speak_both_languages(void **state)
{
    (void)state;
    static const char *const folders[] = {"scripts", "scenes"};
    ui_text text = {0};
    load(&text, "zh");
    uint32_t count = 0;
    for (int f = 0; f < 2; f++) {
        char path[1024], *bytes;
        size_t size;
        snprintf(path, sizeof path, JW_SOURCE_FOLDER "/%s", folders[f]);
        DIR *directory = opendir(path);
        assert_non_null(directory);
        for (struct dirent *entry; (entry = readdir(directory));) {
            if (!jw_text_ends_with(entry->d_name, ".lua"))
                continue;
            snprintf(path, sizeof path, JW_SOURCE_FOLDER "/%s/%s", folders[f], entry->d_name);
            assert_int_equal(jw_file_read(path, 1 << 20, &bytes, &size, NULL), JW_OK);
            for (const char *at = bytes; (at = strstr(at, "{ en = ")); at++, count++) {
                const char *zh = strstr(at, "zh = "), *end = strchr(at, '}');
                if (!zh || zh > end)
                    fail_msg("%s: %.40s has no zh", path, at);
            }
            /* A scenario says which measures its question is about, for the room that it is presented to. */
            const char *measures = strstr(bytes, "measures = {"), *is_told = strstr(bytes, "return scenario");
            if (is_told && strstr(bytes, "predict = ") && !measures)
                fail_msg("%s names no measures", path);
            const char *end = measures ? strchr(measures, '}') : NULL;
            for (const char *at = measures; at && (at = strchr(at, '"')) && at < end;) {
                char name[64];
                snprintf(name, sizeof name, "%.*s", (int)strcspn(at + 1, "\""), at + 1);
                must_have(&text, "metric.", name);
                at += strlen(name) + 2;
            }
            assert_null(strstr(bytes, "twin:log \"")); /* one language */
            assert_null(strstr(bytes, "twin:note \""));
            jw_free(bytes);
        }
        closedir(directory);
    }
    ui_text_free(&text);
    assert_true(count > 10);
}

static void refuse(const char *bytes, int line)
{
    char path[] = "/tmp/jingwei-text-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, strlen(bytes)), strlen(bytes));
    close(file);
    ui_text text = {0};
    load(&text, "en");
    uint32_t before = text.count;
    jw_error error = {0};
    assert_int_not_equal(ui_text_load(&text, path, "xx", &error), JW_OK);
    assert_int_equal(error.line, line);
    assert_int_equal(text.count, before); /* the old one still serves */
    ui_text_free(&text);
    unlink(path);
}

static void bad_catalogues_are_refused(void **state)
{
    (void)state;
    refuse("a = 1\n\n# note\nno equals sign\n", 4);
    refuse("a = 1\nb = 2\na = 3\n", 3);
    refuse(" = empty key\n", 1);
    refuse("a = \xff\n", 0);
    ui_text text = {0};
    jw_error error = {0};
    assert_int_equal(ui_text_load(&text, "/nowhere/xx.txt", "xx", &error), JW_ERROR_NOT_FOUND);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catalogues_have_the_same_keys),
        cmocka_unit_test(every_key_in_use_exists),
        cmocka_unit_test(overlays_have_their_texts),
        cmocka_unit_test(every_event_has_its_text),
        cmocka_unit_test(ids_have_names),
        cmocka_unit_test(scenarios_speak_both_languages),
        cmocka_unit_test(bad_catalogues_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
