/* Foreign bytes in: a file or a block of memory read from start to end, and XML out of it, plain or gzipped,
 * by expat with limits: no DOCTYPE (none of our formats has one, and entities need it), tags of bounded
 * length, bounded depth, bounded inflation. */
#ifndef JW_CITY_SOURCE_H
#define JW_CITY_SOURCE_H

#include "city/city.h"

#include <stdio.h>

#define JW_SOURCE_FILE_MAX   (UINT64_C(4) << 30)  /* bytes */
#define JW_SOURCE_XML_MAX    (UINT64_C(64) << 30) /* bytes after inflating */
#define JW_SOURCE_GZIP_RATIO 200

typedef struct jw_source {
    const char *name; /* for messages */
    FILE *file;       /* or NULL, then: */
    const uint8_t *bytes;
    uint64_t size, position;
    const char *what;     /* is done with it, for progress and messages: "reading the map" */
    double share;         /* of the progress that reading is */
    jw_progress progress; /* may be NULL */
    void *progress_context;
    double reported;
} jw_source;

/* Opens a regular file of bounded size: name, file, size and position are set. Close with jw_source_close. */
jw_result jw_source_open(jw_source *source, const char *path, jw_error *error);
void jw_source_close(jw_source *source);
/* Reads `want` bytes, fewer only at the end. Reports progress. */
jw_result jw_source_read(jw_source *source, void *out, size_t want, size_t *out_got, jw_error *error);
/* Looks at the first bytes and goes back: at most `size` of them, the rest of `out` stays. */
jw_result jw_source_peek(jw_source *source, void *out, size_t size, size_t *out_got, jw_error *error);
jw_result jw_source_report(jw_source *source, double fraction, const char *what, jw_error *error);

/* ---- XML ---- */

typedef struct jw_xml jw_xml; /* a file being parsed */

typedef struct jw_xml_def {
    uint32_t attribute_max; /* bytes; a tag may have four times as much */
    int depth_max;
    /* Depth 1 is the root. Anything but JW_OK stops and is returned. on_end may be NULL. */
    jw_result (*on_start)(void *context, const jw_xml *xml, int depth, const char *name,
                          const char **attributes, jw_error *error);
    jw_result (*on_end)(void *context, const jw_xml *xml, int depth, jw_error *error);
    void *context;
} jw_xml_def;

jw_result jw_xml_read(jw_source *source, bool is_gzip, const jw_xml_def *def, jw_error *error);
int jw_xml_line(const jw_xml *xml);
/* NULL when absent. */
const char *jw_xml_attribute(const char **attributes, const char *name);

#endif
