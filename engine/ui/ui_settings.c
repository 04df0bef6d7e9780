#include "ui/ui_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ui_settings_default(ui_settings *out)
{
    *out = (ui_settings){.scale_percent = 100, .light = 0, .width_px = 1280, .height_px = 800};
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

static void take_number(const char *value, double min, double max, int *out)
{
    double number;
    if (jw_text_to_number(value, &number) && number >= min && number <= max)
        *out = (int)number;
}

static void take(ui_settings *out, const char *key, const char *value)
{
    if (strcmp(key, "language") == 0 && (strcmp(value, "en") == 0 || strcmp(value, "zh") == 0))
        jw_text_copy(out->language, sizeof out->language, value);
    else if (strcmp(key, "scale_percent") == 0)
        take_number(value, 75, 250, &out->scale_percent);
    else if (strcmp(key, "light") == 0)
        take_number(value, 0, 2, &out->light);
    else if (strcmp(key, "width_px") == 0)
        take_number(value, 320, 16384, &out->width_px);
    else if (strcmp(key, "height_px") == 0)
        take_number(value, 240, 16384, &out->height_px);
    else if (strcmp(key, "tier") == 0)
        take_number(value, 0, 3, &out->tier);
    else if (strcmp(key, "measured_tier") == 0)
        take_number(value, 0, 3, &out->measured_tier);
    else if (strcmp(key, "renderer") == 0)
        jw_text_copy(out->renderer, sizeof out->renderer, value);
    else if (strcmp(key, "recent") == 0 && *value && strlen(value) < sizeof out->recent[0] &&
             out->recent_count < UI_RECENT_MAX)
        jw_text_copy(out->recent[out->recent_count++], sizeof out->recent[0], value);
}

void ui_settings_read(ui_settings *out, const char *path)
{
    ui_settings_default(out);
    char *bytes;
    size_t size;
    if (jw_file_read(path, 1 << 16, &bytes, &size, NULL) != JW_OK)
        return;
    if (jw_text_is_utf8(bytes, size)) {
        char *rest = bytes;
        for (char *line; (line = strtok_r(rest, "\n", &rest));) {
            char *equals = strstr(line, " = ");
            if (!equals)
                continue;
            *equals = 0;
            take(out, line, equals + 3);
        }
    }
    jw_free(bytes);
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
                        "tier = %d\nmeasured_tier = %d\nrenderer = %s\n",
                        settings->language, settings->scale_percent, settings->light, settings->width_px,
                        settings->height_px, settings->tier, settings->measured_tier, settings->renderer);
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
