/* A GeoPackage with a layer of every kind, in a folder of its own. */
#ifndef JW_TEST_GPKG_FIXTURE_H
#define JW_TEST_GPKG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "geo/geo.h"

#define assert_near(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))
#define assert_ok(call)                                                                                      \
    do {                                                                                                     \
        jw_error error_ = {0};                                                                               \
        jw_error *error = &error_;                                                                           \
        if ((call) != JW_OK)                                                                                 \
            fail_msg("%s: %s", #call, error_.message);                                                       \
    } while (0)
/* A test that begins without the file and leaves none. */
#define file_test(name) cmocka_unit_test_teardown(name, remove_file)

enum { COLUMNS = 4, CORNERS = 10 };

extern char folder[]; /* made by make_folder */
extern char path[64]; /* of the file in it */
extern const jw_gpkg_column columns[COLUMNS];
extern const double lon[CORNERS], lat[CORNERS];
/* Parts of the shapes over these corners: a point, a line, a polygon with a hole, two polygons. */
extern const uint32_t point_parts[2], line_parts[2], polygon_parts[3], multi_parts[4];
extern const uint8_t multi_starts[3];

int make_folder(void **state);
int remove_file(void **state);
int remove_folder(void **state);

/* Writes the file: layers points, lines, polygons, multis of three rows, and the table trips of one. */
void write_all(void);
void run_sql(const char *sql);   /* on the file */
double ask_sql(const char *sql); /* the first number of its answer */
jw_result count_rows(void *context, const jw_gpkg_row *row);

#endif
