/* Pictures of the city alone, as PNG of any size, made in small pieces beside the window. */
#ifndef JW_UI_STILL_H
#define JW_UI_STILL_H

#include "base/base.h"

struct jw_ui;
typedef struct ui_still ui_still;

/* With the captions of films (ui_video.h). height_px 0: in the window's proportion. One at a time: an earlier
 * one is given up. The file appears under its name when it is whole. */
jw_result ui_still_start(struct jw_ui *ui, const char *path, int width_px, int height_px, jw_error *error);
/* One piece more. True when that ended it: with a notice, or a dialog. */
bool ui_still_tick(struct jw_ui *ui, jw_result *out_result, jw_error *error);
double ui_still_progress(const struct jw_ui *ui);
void ui_still_cancel(struct jw_ui *ui);

#endif
