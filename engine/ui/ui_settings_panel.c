/* What the window remembers, to be changed: it applies at once. */
#include "ui/ui_state.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void ui_language_draw(jw_ui *ui)
{
    static const char *const languages[] = {"en", "zh"};
    static const char *const names[] = {"English", "中文"};
    static const char *const latin_names[] = {"English", "Chinese"};
    int language = strcmp(ui->text.language, "zh") == 0;
    if (!gui_segments("language", ui->has_chinese_font ? names : latin_names, 2, &language))
        return;
    jw_error error = {0};
    if (language == 1 && !ui->has_chinese_font) {
        jw_fail(&error, JW_ERROR_NOT_FOUND, NULL, 0, "%s", ui_say(ui, "font.missing"));
        ui_fail(ui, &error);
    } else if (ui_set_language(ui, languages[language])) {
        ui_save_settings(ui);
    }
}

static void draw_scale(jw_ui *ui)
{
    char shown[32];
    double scale = ui->settings.scale_percent;
    snprintf(shown, sizeof shown, "%d %%", ui->settings.scale_percent);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "settings.scale"));
    gui_width(0);
    gui_slider_step(25);
    if (gui_slider("##scale", &scale, 75, 250, shown, false))
        ui->settings.scale_percent = (int)(jw_round(scale / 5) * 5);
    if (gui_is_done()) { /* between pictures: fonts in use cannot be changed */
        ui->wants_fonts = true;
        ui_save_settings(ui);
    }
}

/* One of a few, as equal parts. */
static bool draw_choice(jw_ui *ui, const char *title, const char *const *keys, int count, int *chosen)
{
    const char *labels[4];
    for (int i = 0; i < count; i++)
        labels[i] = ui_say(ui, keys[i]);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, title));
    return gui_segments(title, labels, count, chosen);
}

static void draw_threads(jw_ui *ui)
{
    char shown[64];
    double most = jw_max((double)sysconf(_SC_NPROCESSORS_ONLN), 1), threads = ui->settings.threads;
    if (ui->settings.threads)
        snprintf(shown, sizeof shown, "%d", ui->settings.threads);
    else
        ui_say_with(ui, "settings.threads_auto", "", shown, sizeof shown);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "settings.threads"));
    gui_width(0);
    gui_slider_step(1);
    if (gui_slider("##threads", &threads, 0, most, shown, false))
        ui->settings.threads = (int)jw_round(threads);
    if (gui_is_done()) {
        ui_apply_limits(ui);
        ui_save_settings(ui);
    }
}

int ui_threads_of(const ui_settings *settings)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return settings->threads > 0 ? settings->threads : (int)jw_max((double)processors - 1, 1);
}

void ui_apply_limits(jw_ui *ui)
{
    ui->wish.threads = ui_threads_of(&ui->settings);
    for (uint32_t i = 0; i < ui->side_count; i++)
        jw_session_set_threads(ui->sides[i].session, ui->wish.threads);
    for (uint32_t i = 0; i < ui->side_count; i++)
        jw_session_set_snapshot_budget(ui->sides[i].session, (uint64_t)ui->settings.back_mb << 20);
}

static void draw_back(jw_ui *ui)
{
    char shown[32];
    double back_mb = ui->settings.back_mb;
    snprintf(shown, sizeof shown, "%d MB", ui->settings.back_mb);
    gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "settings.back"));
    gui_width(0);
    gui_slider_step(UI_BACK_LEAST_MB);
    if (gui_slider("##back", &back_mb, UI_BACK_LEAST_MB, UI_BACK_MOST_MB, shown, true))
        ui->settings.back_mb = (int)(jw_round(back_mb / UI_BACK_LEAST_MB) * UI_BACK_LEAST_MB);
    if (gui_is_done()) {
        ui_apply_limits(ui);
        ui_save_settings(ui);
    }
}

void ui_settings_draw(jw_ui *ui)
{
    static const char *const lights[] = {"light.day", "light.night", "light.clock"};
    static const char *const palettes[] = {"settings.palette_standard", "settings.palette_cividis",
                                           "settings.palette_greys"};
    static const char *const tiers[] = {"settings.tier_auto", "settings.tier_software",
                                        "settings.tier_laptop", "settings.tier_gpu"};
    gui_rect window = ui_layout_of(ui).window;
    gui_dialog_begin("##settings", ui_dialog_rect(window, gui_px(440), gui_px(660)), window);
    gui_text(GUI_TITLE, GUI_TEXT, ui_say(ui, "settings.title"));
    gui_scroll_begin("##list", -gui_px(44));
    ui_language_draw(ui);
    draw_scale(ui);
    if (draw_choice(ui, "settings.light", lights, UI_LIGHT_COUNT, &ui->settings.light))
        ui_save_settings(ui);
    if (draw_choice(ui, "settings.palette", palettes, 3, &ui->settings.palette))
        ui_save_settings(ui);
    if (gui_check(ui_say(ui, "settings.motion"), &ui->settings.reduces_motion))
        ui_save_settings(ui);
    int tier = (int)ui->tier;
    if (draw_choice(ui, "settings.tier", tiers, 4, &tier))
        ui_quality_set(ui, (jw_view_tier)tier);
    draw_threads(ui);
    draw_back(ui);
    gui_gap(8);
    if (gui_button(ui_say(ui, "start.reset"), 0, false)) {
        ui_settings_default(&ui->settings);
        ui->start_path[0] = 0;
        ui->wants_fonts = true;
        ui_apply_limits(ui);
        ui_quality_set(ui, JW_VIEW_AUTO);
    }
    gui_tooltip(ui_say(ui, "start.reset_hint"));
    gui_scroll_end();
    if (gui_button(ui_say(ui, "dialog.close"), gui_px(120), true))
        ui->has_settings = false;
    gui_prefer_keys();
    gui_dialog_end();
}
