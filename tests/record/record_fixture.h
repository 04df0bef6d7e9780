/* A folder of its own for each test, and the town as a world that is recorded. */
#ifndef JW_RECORD_FIXTURE_H
#define JW_RECORD_FIXTURE_H

#include "base/test_base.h"
#include "record/record.h"
#include "twin/twin_fixture.h"

typedef struct record_town {
    jw_twin_def def;
    jw_world *world;
    jw_record *record;
    char folder[600]; /* of the run */
} record_town;

/* Setup and teardown of a test: an empty folder that is the working one; gone with all in it afterwards. */
int record_enter_folder(void **state);
int record_leave_folder(void **state);
#define RECORD_UNIT(test) cmocka_unit_test_setup_teardown(test, record_enter_folder, record_leave_folder)

void record_make_town(record_town *town, uint32_t blocks);
void record_free_town(record_town *town);
/* A record in `folder` with rows each `interval_s` and frames each `frame_interval_s`; must succeed. */
void record_begin(record_town *town, const char *folder, double interval_s, double frame_interval_s);
/* Steps world and record; fails the test on an error. */
void record_run_s(record_town *town, double seconds);
void record_end(record_town *town, bool is_interrupted);

/* "folder/name" in a static buffer of four. */
const char *record_path(const char *folder, const char *name);
uint32_t record_count_entries(const char *folder);
/* Rows of a layer whose text column `column` has this value ("" for all); negative: the file or layer cannot
 * be read. `out_last` (NULL allowed, 64 bytes) gets the last row's time. */
int64_t record_count_rows(const char *gpkg_path, const char *layer, const char *column, const char *value,
                          char *out_last);

#endif
