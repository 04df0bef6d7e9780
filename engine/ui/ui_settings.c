#include "ui/ui_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ui_settings_default(ui_settings *out)
{
    *out =
        (ui_settings){.scale_percent = 100, .light = 0, .width_px = 1280, .height_px = 800, .back_mb = 1024};
}

bool ui_settings_path(char *out, size_t out_size)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && config[0] == '/')
        return snprintf(out, out_size, "%s/jingwei/settings", config) < (int)out_size;
    if (home && home[0] == '/')
        return snprintf(out, out_size, "%s/.config/jingwei/settings", home) < (int)out_size;
    out[0] = 0;
    return false;
}

static bool take_number(const char *value, double min, double max, int *out)
{
    double number;
    if (!jw_text_to_number(value, &number) || !(number >= min && number <= max))
        return false;
    *out = (int)number;
    return true;
}

/* False: what it says makes no sense. */
static bool take(ui_settings *out, const char *key, const char *value)
{
    const struct {
        const char *key;
        double min, max;
        int *out;
    } numbers[] = {
        {"scale_percent", 75, 250, &out->scale_percent},
        {"light", 0, 2, &out->light},
        {"palette", 0, 2, &out->palette},
        {"threads", 0, 256, &out->threads},
        {"back_mb", UI_BACK_LEAST_MB, UI_BACK_MOST_MB, &out->back_mb},
        {"width_px", 320, 16384, &out->width_px},
        {"height_px", 240, 16384, &out->height_px},
        {"tier", 0, 3, &out->tier},
        {"measured_tier", 0, 3, &out->measured_tier},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(numbers); i++)
        if (strcmp(key, numbers[i].key) == 0)
            return take_number(value, numbers[i].min, numbers[i].max, numbers[i].out);
    if (strcmp(key, "language") == 0) {
        bool is_known = strcmp(value, "en") == 0 || strcmp(value, "zh") == 0 || !*value;
        if (is_known)
            jw_text_copy(out->language, sizeof out->language, value);
        return is_known;
    }
    if (strcmp(key, "reduces_motion") == 0) {
        out->reduces_motion = strcmp(value, "yes") == 0;
        return out->reduces_motion || strcmp(value, "no") == 0;
    }
    if (strcmp(key, "names") == 0) {
        out->hides_names = strcmp(value, "no") == 0;
        return out->hides_names || strcmp(value, "yes") == 0;
    }
    if (strcmp(key, "renderer") == 0)
        jw_text_copy(out->renderer, sizeof out->renderer, value);
    if (strcmp(key, "recent") != 0)
        return true;
    if (!*value || strlen(value) >= sizeof out->recent[0])
        return false;
    if (out->recent_count < UI_RECENT_MAX)
        jw_text_copy(out->recent[out->recent_count++], sizeof out->recent[0], value);
    return true;
}

uint32_t ui_settings_read(ui_settings *out, const char *path)
{
    ui_settings_default(out);
    uint32_t wrong = 0;
    char *bytes;
    size_t size;
    if (jw_file_read(path, 1 << 16, &bytes, &size, NULL) != JW_OK)
        return jw_file_exists(path); /* larger than any settings are, or not to be read */
    if (jw_text_is_utf8(bytes, size) && strlen(bytes) == size) {
        char *rest = bytes;
        for (char *line; (line = strtok_r(rest, "\n", &rest));) {
            char *equals = strstr(line, " =");
            if (!equals || (equals[2] != ' ' && equals[2] != 0)) {
                wrong++;
                continue;
            }
            *equals = 0;
            wrong += !take(out, line, equals[2] ? equals + 3 : equals + 2);
        }
    } else {
        wrong++;
    }
    jw_free(bytes);
    return wrong;
}

jw_result ui_settings_write(const ui_settings *settings, const char *path, jw_error *error)
{
    char folder[512], text[4096];
    jw_path_directory(path, folder, sizeof folder);
    jw_result result = jw_make_directory(folder, error);
    if (result != JW_OK)
        return result;
    int used = snprintf(text, sizeof text,
                        "language = %s\nscale_percent = %d\nlight = %d\nwidth_px = %d\nheight_px = %d\n"
                        "palette = %d\nreduces_motion = %s\nnames = %s\nthreads = %d\nback_mb = %d\n"
                        "tier = %d\nmeasured_tier = %d\nrenderer = %s\n",
                        settings->language, settings->scale_percent, settings->light, settings->width_px,
                        settings->height_px, settings->palette, settings->reduces_motion ? "yes" : "no",
                        settings->hides_names ? "no" : "yes", settings->threads, settings->back_mb,
                        settings->tier, settings->measured_tier, settings->renderer);
    for (uint32_t i = 0; i < settings->recent_count; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, "recent = %s\n", settings->recent[i]);
    return jw_file_write(path, text, (size_t)used, error);
}

void ui_settings_add_recent(ui_settings *settings, const char *file)
{
    if (strchr(file, '\n') || strlen(file) >= sizeof settings->recent[0])
        return;
    uint32_t at = 0;
    while (at < settings->recent_count && strcmp(settings->recent[at], file) != 0)
        at++;
    if (at == settings->recent_count) {
        if (settings->recent_count < UI_RECENT_MAX)
            settings->recent_count++;
        at = settings->recent_count - 1;
    }
    memmove(settings->recent[1], settings->recent[0], at * sizeof settings->recent[0]);
    jw_text_copy(settings->recent[0], sizeof settings->recent[0], file);
}
