/* Message catalogues: `key = text`, one a line, in assets/i18n/<language>.txt. */
#ifndef JW_UI_TEXT_H
#define JW_UI_TEXT_H

#include "base/base.h"

typedef struct ui_text {
    char language[8];
    char *bytes;         /* owned; keys and values point into it */
    const char **keys;   /* ascending */
    const char **values; /* by key */
    uint32_t count, capacity;
} ui_text;

/* Reads a catalogue: blank lines and lines that begin with # are passed over, "\n" in a text is a line's end.
 * Errors name file and line (no '=', an empty or doubled key, no UTF-8). On failure *text is left as it was.
 */
jw_result ui_text_load(ui_text *text, const char *path, const char *language, jw_error *error);
void ui_text_free(ui_text *text);
/* NULL when the catalogue has no such key. */
const char *ui_text_find(const ui_text *text, const char *key);

#endif
