/* What is said to a user, in the user's language. The sources' own English is the key: a format, or a text as
 * it is. Rows stand in assets/i18n/terminal.<language>.txt (what the command says) and errors.<language>.txt
 * (errors, problems of inputs, refusals): a line of English (\n: a new line), below it, after a tab, the same
 * in the language with the same % signs in the same order, or in any order as %1$s, %2$s. A row whose % signs
 * differ is passed over: a catalogue is foreign text, and what it says is printed as a format.
 *
 * Errors stay English wherever they travel (errors, results, frames, logs of commands) and are said in the
 * language only where they are shown: by then their format is gone, and a row is found by its fixed words. */
#ifndef JW_BASE_PHRASE_H
#define JW_BASE_PHRASE_H

#include "base/error.h"

typedef struct jw_phrase jw_phrase;
typedef struct jw_phrases {
    jw_phrase *items; /* owned; by English */
    uint32_t count, capacity;
    uint32_t own_count; /* of the command's own texts, which are read first */
    char *bytes[2];     /* owned; a file each */
} jw_phrases;

/* Reads the catalogues of a language ("zh") in place of what is there; "en" has none and needs none. What
 * cannot be read stays English, and `error` says why. */
jw_result jw_phrases_read(jw_phrases *phrases, const char *language, jw_error *error);
void jw_phrases_free(jw_phrases *phrases);

/* The row of exactly this English, for use as a format or as it is; `english` itself where there is none. */
const char *jw_phrases_find(const jw_phrases *phrases, const char *english) __attribute__((format_arg(2)));

/* A message that was made from a format: the row that explains most of its words, filled with what stood in
 * place of its % signs; such a part that is no name in quotes is said likewise, by a row of errors, and a
 * list
 * ("way 12, way 15", or with "; ") is said piece by piece where that explains more. Without a row: as it is.
 * Always terminated. Some 15 us with 2500 rows. Thread: any, while nobody reads anew. */
void jw_phrases_say(const jw_phrases *phrases, const char *message, char *out, size_t out_size);
/* jw_error_format in the language. */
void jw_phrases_say_error(const jw_phrases *phrases, const jw_error *error, char *out, size_t out_size);

#endif
