/* Studies: what looks at several runs or runs several worlds. First: the comparison of two runs. */
#ifndef JW_STUDY_H
#define JW_STUDY_H

#include "record/record.h"

typedef struct jw_difference {
    char name[48], unit[16];
    double a, b;
} jw_difference;
typedef struct jw_comparison {
    char scene_a[64], scene_b[64];
    uint64_t seed_a, seed_b;
    jw_difference *rows; /* owned */
    uint32_t count;
} jw_comparison;
/* Reads the summaries of two run folders (finished or interrupted). Rows in the order of the summary; rows
 * that only one has are NAN on the other side. A warning goes to `problems` when the runs are not alike
 * (scene, length). */
jw_result jw_compare_runs(const char *folder_a, const char *folder_b, jw_comparison *out,
                          jw_problems *problems, jw_error *error);
void jw_comparison_free(jw_comparison *comparison);

#endif
