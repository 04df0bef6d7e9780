/* Where a text is broken into lines, after UAX #14 (Unicode line breaking), as far as the window's two
 * languages ask for it: at blanks, and before or behind Chinese characters. Never inside a Latin word or a
 * number, whose thousands a blank parts; no line begins with what closes (，。；：）」) or ends with what
 * opens (（「). */
#ifndef JW_UI_LINES_H
#define JW_UI_LINES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The character at a place in well-formed UTF-8 that is not its end; the place moves behind it. */
uint32_t gui_next_code(const char **at);

typedef float gui_advance(const void *font, uint32_t code); /* a character's width */

/* Size in bytes of the first line of a text in so much room: as much as fits, at least a character. A word
 * wider than the room is broken all the same. `out_next`: where the next line begins; NULL: there is none. */
size_t gui_first_line(const char *text, float width, gui_advance *advance, const void *font,
                      const char **out_next);

#ifdef __cplusplus
}
#endif

#endif
