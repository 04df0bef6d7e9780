/* What the window says: texts of the chosen language, numbers with units, times, events. */
#include "ui/ui_state.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char *ui_say(const jw_ui *ui, const char *key)
{
    const char *text = ui_text_find(&ui->text, key);
    return text ? text : key;
}

const char *ui_say_name(const jw_ui *ui, const char *prefix, const char *name, char *out, size_t out_size)
{
    snprintf(out, out_size, "%s%s", prefix, name);
    const char *text = ui_text_find(&ui->text, out);
    if (text)
        return text;
    jw_text_copy(out, out_size, name);
    for (char *c = out; *c; c++)
        if (*c == '_')
            *c = ' ';
    return out;
}

const char *ui_say_id(const jw_ui *ui, const char *id)
{
    char key[96];
    if (snprintf(key, sizeof key, "value.%s", id) >= (int)sizeof key) /* a sentence */
        return id;
    const char *text = ui_text_find(&ui->text, key);
    return text ? text : id;
}

const char *ui_say_unit(const jw_ui *ui, const char *unit)
{
    char key[32];
    snprintf(key, sizeof key, "unit.%s", unit);
    const char *text = ui_text_find(&ui->text, key);
    return text ? text : unit;
}

const char *ui_say_label(const jw_ui *ui, const jw_label *label)
{
    return strcmp(ui->text.language, "zh") == 0 && label->zh[0] ? label->zh : label->en;
}

/* Large amounts in a larger unit: "71.8 kWh", not "71 763 Wh". */
static double scale_unit(double value, const char *unit, char *out, size_t out_size)
{
    static const char *const scaled[] = {"Wh", "W", "bit/s", "B"}, *const prefixes[] = {"", "k", "M", "G",
                                                                                        "T"};
    bool is_scaled = false;
    uint32_t step = 0;
    for (uint32_t i = 0; i < JW_COUNT_OF(scaled); i++)
        is_scaled |= strcmp(unit, scaled[i]) == 0;
    if (strcmp(unit, "kg") == 0 && jw_abs(value) >= 10000) {
        jw_text_copy(out, out_size, "t");
        return value / 1000;
    }
    while (is_scaled && jw_abs(value) >= 10000 && step + 1 < JW_COUNT_OF(prefixes)) {
        value /= 1000;
        step++;
    }
    snprintf(out, out_size, "%s%s", prefixes[step], unit);
    return value;
}

void ui_format_number(double value, const char *unit, char *out, size_t out_size)
{
    char in_unit[32];
    value = scale_unit(value, unit ? unit : "", in_unit, sizeof in_unit);
    unit = in_unit;
    double size = jw_abs(value);
    int decimals = value == jw_round(value) || size >= 100 ? 0 : size >= 10 ? 1 : 2;
    char digits[48];
    if (!isfinite(value)) {
        jw_text_copy(out, out_size, "–");
        return;
    }
    if (size > 0 && size < 0.01)
        snprintf(digits, sizeof digits, "%.2g", size);
    else
        snprintf(digits, sizeof digits, "%.*f", decimals, size);
    /* Thousands apart by a thin-looking blank, as SI asks. */
    char grouped[64];
    size_t whole = strcspn(digits, "."), at = 0;
    for (size_t i = 0; digits[i] && at + 2 < sizeof grouped; i++) {
        if (i && i < whole && (whole - i) % 3 == 0 && whole > 4)
            grouped[at++] = ' ';
        grouped[at++] = digits[i];
    }
    grouped[at] = 0;
    bool is_minus = value < 0 && strpbrk(digits, "123456789");
    snprintf(out, out_size, "%s%s%s%s", is_minus ? "−" : "", grouped, *unit ? " " : "", unit);
}

void ui_format_time(int64_t time_ns, char *out, size_t out_size)
{
    int64_t s = time_ns / JW_NS_PER_S;
    int day = (int)(s / 86400);
    int written =
        snprintf(out, out_size, "%02d:%02d:%02d", (int)(s / 3600 % 24), (int)(s / 60 % 60), (int)(s % 60));
    if (day > 0 && written > 0 && (size_t)written < out_size)
        snprintf(out + written, out_size - (size_t)written, " +%d", day);
}

bool ui_is_same_file(const char *a, const char *b)
{
    struct stat of_a, of_b;
    return strcmp(a, b) == 0 || (stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
                                 of_a.st_ino == of_b.st_ino);
}

void ui_say_file(const jw_ui *ui, const char *file, char *out, size_t out_size)
{
    jw_path_stem(file, out, out_size);
    if (!*file)
        return;
    for (uint32_t i = 0; i < ui->scene_count && ui->scene_titles; i++)
        if (ui_is_same_file(ui->scene_files[i], file))
            jw_text_copy(out, out_size, ui_say_label(ui, &ui->scene_titles[i]));
    for (uint32_t i = 0; i < ui->script_count && ui->script_titles; i++)
        if (ui_is_same_file(ui->script_files[i], file))
            jw_text_copy(out, out_size, ui_say_label(ui, &ui->script_titles[i]));
}

static const struct {
    const char *name, *base; /* without any of the base it is not measured */
    bool is_of_each;         /* it is a mean of each of these: times their number it is the sum */
} means[] = {
    {"traffic.mean_speed", "traffic.running", true},
    {"traffic.mean_delay", "traffic.arrived", true},
    {"traffic.mean_travel_time", "traffic.arrived", true},
    {"traffic.mean_walk_delay", "traffic.walked", true},
    {"traffic.bus_mean_wait", "traffic.bus_boarded", true},
    {"twin.p95", "twin.requests_answered", false},
    {"economy.tfp", "economy.tfp", false}, /* of the last quarter: 0 before the first one's end */
    {"economy.theil_access", "economy.tfp", false},
    {"economy.theil_productivity", "economy.tfp", false},
    {"economy.oee", "economy.oee", false}, /* 0 is that of lines whose first part is not yet judged */
};

bool ui_is_measured(const jw_frame *frame, const char *metric)
{
    for (uint32_t i = 0; i < JW_COUNT_OF(means); i++) {
        if (strcmp(means[i].name, metric) != 0)
            continue;
        const jw_frame_metric *base = jw_frame_find_metric(frame, means[i].base);
        return !base || base->value > 0;
    }
    return true;
}

const char *ui_count_of(const char *metric)
{
    for (uint32_t i = 0; i < JW_COUNT_OF(means); i++)
        if (means[i].is_of_each && strcmp(means[i].name, metric) == 0)
            return means[i].base;
    return NULL;
}

void ui_say_with(const jw_ui *ui, const char *key, const char *what, char *out, size_t out_size)
{
    const char *text = ui_say(ui, key), *slot = strstr(text, "{}");
    if (slot)
        jw_text_format(out, out_size, "%.*s%s%s", (int)(slot - text), text, what, slot + 2);
    else
        jw_text_copy(out, out_size, text);
    /* Nothing to name: no colon that waits for it. */
    size_t length = strlen(out);
    while (slot && !*what && !slot[2] && length > 0 && (out[length - 1] == ':' || out[length - 1] == ' '))
        out[--length] = '\0';
    if (slot && !*what && length >= 3 && strcmp(out + length - 3, "：") == 0)
        out[length - 3] = '\0';
}

/* "verb subject: why": the command by its own text, the cause in the chosen language, which need not begin
 * with the verb again. */
static void say_refusal(const jw_ui *ui, const char *key, const char *text, char *out, size_t out_size)
{
    char event[64], about[JW_EVENT_TEXT_SIZE], cause[640] = "", what[640], said[UI_EVENT_SIZE];
    int verb = (int)strcspn(text, " ");
    const char *why = cause;
    snprintf(event, sizeof event, "event.%.*s", verb, text);
    jw_text_copy(about, sizeof about, text + verb + (text[verb] == ' '));
    char *colon = strstr(about, ": ");
    if (colon) {
        *colon = 0;
        jw_phrases_say(&ui->phrases, colon + 2, cause, sizeof cause);
        if (strncmp(cause, text, (size_t)verb) == 0 && strncmp(cause + verb, "：", 3) == 0)
            why += verb + 3;
        else if (strncmp(cause, text, (size_t)verb) == 0 && strncmp(cause + verb, ": ", 2) == 0)
            why += verb + 2;
    }
    if (ui_text_find(&ui->text, event))
        ui_say_with(ui, event, ui_say_id(ui, about), what, sizeof what);
    else
        jw_text_format(what, sizeof what, "%.*s%s%s", verb, text, *about ? " " : "", about);
    jw_text_format(said, sizeof said, "%s%s%s", what, *why ? REFUSAL_DASH : "", why);
    ui_say_with(ui, key, said, out, out_size);
}

void ui_say_event(const jw_ui *ui, const jw_frame_event *event, char *out, size_t out_size)
{
    char key[48];
    bool is_chinese = strcmp(ui->text.language, "zh") == 0;
    const char *text = is_chinese && event->text_zh[0] ? event->text_zh : event->text;
    snprintf(key, sizeof key, "event.%s", event->key);
    if (strncmp(event->key, "refused", 7) == 0 && ui_text_find(&ui->text, key)) {
        say_refusal(ui, key, text, out, out_size);
        return;
    }
    if (event->key[0] && ui_text_find(&ui->text, key))
        ui_say_with(ui, key, ui_say_id(ui, text), out, out_size);
    else if (event->kind == JW_EVENT_FAILURE && !event->text_zh[0]) /* a script's error */
        jw_phrases_say(&ui->phrases, event->text, out, out_size);
    else
        jw_text_copy(out, out_size, text);
}

bool ui_set_language(jw_ui *ui, const char *language)
{
    char folder[512], path[600];
    if (!jw_data_folder(folder, sizeof folder))
        return false;
    snprintf(path, sizeof path, "%s/assets/i18n/%s.txt", folder, language);
    jw_error error = {0};
    if (ui_text_load(&ui->text, path, language, &error) == JW_OK &&
        jw_phrases_read(&ui->phrases, language, &error) == JW_OK)
        return true;
    ui_fail(ui, &error);
    return false;
}
