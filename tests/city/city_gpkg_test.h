/* What the tests of a city's GeoPackage share: a folder with one file, written and read again. */
#ifndef JW_TESTS_CITY_GPKG_TEST_H
#define JW_TESTS_CITY_GPKG_TEST_H

#include "city/city_fixtures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

extern char jw_gpkg_test_path[64];

/* For cmocka_run_group_tests and, after each test, the file's removal. */
int jw_gpkg_test_begin(void **state);
int jw_gpkg_test_end(void **state);
int jw_gpkg_test_remove_file(void **state);
#define file_test(name) cmocka_unit_test_teardown(name, jw_gpkg_test_remove_file)

/* Each fails the test when it cannot. */
void jw_gpkg_test_write(const jw_city *city);
void jw_gpkg_test_read_draft(jw_draft *draft, jw_problems *problems);
jw_city *jw_gpkg_test_read(void);
void jw_gpkg_test_run_sql(const char *sql);

/* How many connections of a are not in b, where edges keep their numbers. */
uint32_t jw_gpkg_test_missing_connections(const jw_city *a, const jw_city *b);
/* Junctions, edges, lanes, connections, conflicts, programmes and gates are the same. */
void jw_gpkg_test_expect_same_network(const jw_city *a, const jw_city *b);

#endif
