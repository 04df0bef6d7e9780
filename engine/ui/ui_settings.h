/* What the window remembers: $XDG_CONFIG_HOME/jingwei/settings (else ~/.config), lines of `key = value`. */
#ifndef JW_UI_SETTINGS_H
#define JW_UI_SETTINGS_H

#include "base/base.h"

#define UI_RECENT_MAX    5
#define UI_BACK_LEAST_MB 32
#define UI_BACK_MOST_MB  16384

typedef struct ui_settings {
    char language[8];    /* "en", "zh"; "": from LANG */
    int scale_percent;   /* 75 to 250, on top of the screen's own scale */
    int light;           /* ui_light */
    int palette;         /* jw_view_palette */
    bool reduces_motion; /* flights jump, flows stand */
    bool hides_names;
    int threads; /* of the simulation; 0: all processors but one */
    int back_mb; /* snapshots for going back, of each world */
    int width_px, height_px;
    int tier;                        /* jw_view_tier asked for by hand; 0: as measured */
    int measured_tier;               /* jw_view_tier; 0: not yet */
    char renderer[128];              /* what was measured */
    char recent[UI_RECENT_MAX][512]; /* newest first */
    uint32_t recent_count;
} ui_settings;

void ui_settings_default(ui_settings *out);
/* Path of the file; false when neither XDG_CONFIG_HOME nor HOME is set. */
bool ui_settings_path(char *out, size_t out_size);
/* Values that make no sense are left at their defaults, unknown keys passed over: a damaged file must never
 * keep the window from opening. A missing file is the defaults. How many lines make no sense. */
uint32_t ui_settings_read(ui_settings *out, const char *path);
jw_result ui_settings_write(const ui_settings *settings, const char *path, jw_error *error);
/* To the top of the recent ones. */
void ui_settings_add_recent(ui_settings *settings, const char *file);

#endif
