/* GeoPackage files: create, open, commit, close.
 *
 * The journal is SQLite's rollback journal: a process killed in the middle of a transaction leaves a file
 * that the next reader takes back to the last commit, and no second file has to travel with it as a
 * write-ahead log would. */
#include "geo/gpkg_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION_ID       0x47504B47 /* 'GPKG' */
#define APPLICATION_ID_10    0x47503130 /* 'GP10', 'GP11': the versions before 1.2 */
#define APPLICATION_ID_11    0x47503131
#define USER_VERSION         10300
#define VALUE_LIMIT_BYTES    (64 << 20)
#define BUSY_TIMEOUT_MS      5000
#define WRITE_CACHE_KIB      65536
#define STEP_INSTRUCTIONS    100000 /* of SQLite's machine */
#define CONTENTS_LIMIT_STEPS 400

/* A row with triggers can be taken back by itself: what that needs is kept in memory, not in a file a row. */
#define WRITE_PRAGMAS "PRAGMA cache_size = -%d; PRAGMA temp_store = MEMORY; "

char *jw_gpkg_copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = jw_alloc(size);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

/* ---- errors and statements ----------------------------------------------------------------------------- */

jw_result jw_gpkg_fail(jw_gpkg *gpkg, const char *what, jw_error *error)
{
    int code = sqlite3_errcode(gpkg->db);
    bool is_of_system = code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
    int system_code = is_of_system ? sqlite3_system_errno(gpkg->db) : 0;
    char text[300];
    snprintf(text, sizeof text, "%.250s%s%.45s", sqlite3_errmsg(gpkg->db), system_code ? ": " : "",
             system_code ? strerror(system_code) : "");
    switch (code) {
    case SQLITE_NOMEM:
        return jw_fail_memory(error);
    case SQLITE_FULL:
        return jw_fail(error, JW_ERROR_IO, gpkg->path, 0,
                       "the disk is full while %s: free some space; what was committed is kept", what);
    case SQLITE_IOERR:
        return jw_fail(error, JW_ERROR_IO, gpkg->path, 0,
                       "%s while %s: is the disk full, or a quota reached? What was committed is kept", text,
                       what);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return jw_fail(error, JW_ERROR_CORRUPT, gpkg->path, 0,
                       "the file is damaged or no GeoPackage (%s while %s): write it again", text, what);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return jw_fail(error, JW_ERROR_STATE, gpkg->path, 0,
                       "another program holds the file (%s): close it there, then try again", what);
    case SQLITE_INTERRUPT:
        return jw_fail(error, JW_ERROR_LIMIT, gpkg->path, 0,
                       "the file's tables of contents are too large (%s)", what);
    case SQLITE_TOOBIG:
        return jw_fail(error, JW_ERROR_LIMIT, gpkg->path, 0, "a value is larger than %d MiB while %s",
                       VALUE_LIMIT_BYTES >> 20, what);
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return jw_fail(error, JW_ERROR_IO, gpkg->path, 0, "%s while %s", text, what);
    default:
        return jw_fail(error, JW_ERROR_INPUT, gpkg->path, 0, "%s while %s", text, what);
    }
}

static jw_result prepare(jw_gpkg *gpkg, sqlite3_stmt **out, const char *what, jw_error *error,
                         const char *format, va_list arguments)
{
    char *sql = sqlite3_vmprintf(format, arguments);
    if (!sql)
        return jw_fail_memory(error);
    int code = sqlite3_prepare_v2(gpkg->db, sql, -1, out, NULL);
    sqlite3_free(sql);
    return code == SQLITE_OK ? JW_OK : jw_gpkg_fail(gpkg, what, error);
}

jw_result jw_gpkg_prepare(jw_gpkg *gpkg, sqlite3_stmt **out, const char *what, jw_error *error,
                          const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    jw_result result = prepare(gpkg, out, what, error, format, arguments);
    va_end(arguments);
    return result;
}

jw_result jw_gpkg_execute(jw_gpkg *gpkg, const char *what, jw_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *sql = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    if (!sql)
        return jw_fail_memory(error);
    int code = sqlite3_exec(gpkg->db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    return code == SQLITE_OK ? JW_OK : jw_gpkg_fail(gpkg, what, error);
}

jw_result jw_gpkg_begin(jw_gpkg *gpkg, jw_error *error)
{
    if (!gpkg->is_writable)
        return jw_fail(error, JW_ERROR_STATE, gpkg->path, 0, "the file was opened for reading only");
    if (gpkg->is_lost)
        return jw_fail(
            error, JW_ERROR_STATE, gpkg->path, 0,
            "an earlier write failed and the rows since the last commit were lost: open the file again");
    if (!sqlite3_get_autocommit(gpkg->db))
        return JW_OK;
    return jw_gpkg_execute(gpkg, "beginning a transaction", error, "BEGIN");
}

/* ---- opening ------------------------------------------------------------------------------------------- */

static jw_result connect(const char *path, int flags, jw_gpkg **out, jw_error *error)
{
    jw_gpkg *gpkg = jw_alloc(sizeof *gpkg);
    if (!gpkg)
        return jw_fail_memory(error);
    gpkg->path = jw_gpkg_copy_text(path);
    /* "./" keeps SQLite from reading a meaning into a name like ":memory:". */
    char *plain = sqlite3_mprintf("%s%s", path[0] == '/' ? "" : "./", path);
    if (!gpkg->path || !plain) {
        sqlite3_free(plain);
        jw_gpkg_close(gpkg);
        return jw_fail_memory(error);
    }
    int code = sqlite3_open_v2(plain, &gpkg->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    sqlite3_free(plain);
    if (code != SQLITE_OK) {
        jw_result result = gpkg->db ? jw_gpkg_fail(gpkg, "opening the file", error) : jw_fail_memory(error);
        jw_gpkg_close(gpkg);
        return result;
    }
    sqlite3_extended_result_codes(gpkg->db, 0);
    sqlite3_busy_timeout(gpkg->db, BUSY_TIMEOUT_MS);
    sqlite3_limit(gpkg->db, SQLITE_LIMIT_LENGTH, VALUE_LIMIT_BYTES);
    sqlite3_db_config(gpkg->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* Triggers may fill an R-tree only in a trusted schema; reading needs none. */
    sqlite3_db_config(gpkg->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, (flags & SQLITE_OPEN_READWRITE) != 0, NULL);
    if (jw_gpkg_add_functions(gpkg->db) != SQLITE_OK) {
        jw_gpkg_close(gpkg);
        return jw_fail_memory(error);
    }
    *out = gpkg;
    return JW_OK;
}

/* One integer; a file too damaged for that is an error. */
static jw_result ask_integer(jw_gpkg *gpkg, const char *sql, const char *what, int64_t *out, jw_error *error)
{
    sqlite3_stmt *statement = NULL;
    jw_result result = jw_gpkg_prepare(gpkg, &statement, what, error, "%s", sql);
    if (result != JW_OK)
        return result;
    int code = sqlite3_step(statement);
    *out = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        result = jw_gpkg_fail(gpkg, what, error);
    sqlite3_finalize(statement);
    return result;
}

static jw_result check_integrity(jw_gpkg *gpkg, jw_error *error)
{
    sqlite3_stmt *statement = NULL;
    const char *what = "checking the file";
    jw_result result = jw_gpkg_prepare(gpkg, &statement, what, error, "PRAGMA quick_check(1)");
    if (result != JW_OK)
        return result;
    int code = sqlite3_step(statement);
    const char *text = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (code != SQLITE_ROW)
        result = jw_gpkg_fail(gpkg, what, error);
    else if (!text || strcmp(text, "ok") != 0)
        result = jw_fail(error, JW_ERROR_CORRUPT, gpkg->path, 0,
                         "the file is damaged: %.300s: write it again", text ? text : "?");
    sqlite3_finalize(statement);
    return result;
}

static jw_result check_header(jw_gpkg *gpkg, jw_error *error)
{
    int64_t id = 0, tables = 0;
    jw_result result = ask_integer(gpkg, "PRAGMA application_id", "reading the file's kind", &id, error);
    if (result != JW_OK)
        return result;
    if (id != APPLICATION_ID && id != APPLICATION_ID_10 && id != APPLICATION_ID_11)
        return jw_fail(error, JW_ERROR_INPUT, gpkg->path, 0,
                       "an SQLite file, but no GeoPackage (its application id is 0x%08llX, not 'GPKG')",
                       (unsigned long long)id & 0xFFFFFFFFu);
    result = ask_integer(gpkg,
                         "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND "
                         "name IN ('gpkg_contents', 'gpkg_spatial_ref_sys', 'gpkg_geometry_columns')",
                         "looking for the tables of the standard", &tables, error);
    if (result == JW_OK && tables != 3)
        result = jw_fail(
            error, JW_ERROR_INPUT, gpkg->path, 0,
            "the tables gpkg_contents, gpkg_spatial_ref_sys and gpkg_geometry_columns of a GeoPackage "
            "are not all there");
    return result;
}

/* A process that died while writing left a journal. It is played back by the first connection that may write;
 * a reader without that right only sees the error SQLITE_READONLY. */
static bool needs_recovery(jw_gpkg *gpkg)
{
    bool has_failed = sqlite3_exec(gpkg->db, "PRAGMA schema_version", NULL, NULL, NULL) != SQLITE_OK;
    int code = sqlite3_extended_errcode(gpkg->db);
    return has_failed && (code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_RECOVERY ||
                          code == SQLITE_READONLY_CANTINIT || (code & 0xff) == SQLITE_CANTOPEN);
}

/* Bounds the work that tables of contents made by an enemy could ask for. */
static int count_down(void *context)
{
    int *left = context;
    return --*left <= 0;
}

static jw_result load_contents(jw_gpkg *gpkg, jw_error *error)
{
    int left = CONTENTS_LIMIT_STEPS;
    sqlite3_progress_handler(gpkg->db, STEP_INSTRUCTIONS, count_down, &left);
    jw_result result = check_header(gpkg, error);
    if (result == JW_OK)
        result = jw_gpkg_load_layers(gpkg, error);
    sqlite3_progress_handler(gpkg->db, 0, NULL, NULL);
    return result;
}

/* SQLite takes an empty file for a database without tables. */
static bool is_empty(const char *path)
{
    struct stat file;
    return stat(path, &file) == 0 && file.st_size == 0;
}

jw_result jw_gpkg_open(const char *path, bool is_writable, jw_gpkg **out, jw_error *error)
{
    if (jw_is_directory(path))
        return jw_fail(error, JW_ERROR_IO, path, 0, "a directory, not a GeoPackage file");
    if (!jw_file_exists(path))
        return jw_fail(error, JW_ERROR_NOT_FOUND, path, 0, "no such file");
    if (is_empty(path))
        return jw_fail(error, JW_ERROR_INPUT, path, 0,
                       "the file is empty; write it again with 'jingwei import' or 'jingwei plan'");
    jw_gpkg *gpkg = NULL;
    jw_result result =
        connect(path, is_writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, &gpkg, error);
    if (result == JW_OK && !is_writable && needs_recovery(gpkg)) {
        jw_gpkg_close(gpkg);
        result = connect(path, SQLITE_OPEN_READWRITE, &gpkg, error);
    }
    if (result != JW_OK)
        return result;
    gpkg->is_writable = is_writable;
    result = jw_gpkg_execute(gpkg, "opening the file", error,
                             WRITE_PRAGMAS "PRAGMA cell_size_check = ON; PRAGMA query_only = %d",
                             WRITE_CACHE_KIB, is_writable ? 0 : 1);
    if (result == JW_OK)
        result = check_integrity(gpkg, error);
    if (result == JW_OK)
        result = load_contents(gpkg, error);
    if (result != JW_OK) {
        jw_gpkg_close(gpkg);
        return result;
    }
    *out = gpkg;
    return JW_OK;
}

/* ---- creating ------------------------------------------------------------------------------------------ */

#define WGS84_WKT                                                                                            \
    "GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,298.257223563,"                        \
    "AUTHORITY[\"EPSG\",\"7030\"]],AUTHORITY[\"EPSG\",\"6326\"]],PRIMEM[\"Greenwich\",0,"                    \
    "AUTHORITY[\"EPSG\",\"8901\"]],UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]],"        \
    "AXIS[\"Latitude\",NORTH],AXIS[\"Longitude\",EAST],AUTHORITY[\"EPSG\",\"4326\"]]"

static const char *const metadata_tables =
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, "
    "organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, "
    "description TEXT);"
    "CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, "
    "identifier TEXT UNIQUE, description TEXT DEFAULT '', "
    "last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), "
    "min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER, "
    "CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));"
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, "
    "geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, "
    "CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), "
    "CONSTRAINT uk_gc_table_name UNIQUE (table_name), "
    "CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name), "
    "CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));"
    "CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, "
    "definition TEXT NOT NULL, scope TEXT NOT NULL, "
    "CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));"
    "CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title "
    "TEXT, "
    "description TEXT, mime_type TEXT, constraint_name TEXT, "
    "CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));"
    "CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT "
    "NULL, "
    "value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description "
    "TEXT, "
    "CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));"
    "INSERT INTO gpkg_spatial_ref_sys VALUES"
    "('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference "
    "system'),"
    "('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference "
    "system'),"
    "('WGS 84 geodetic', 4326, 'EPSG', 4326, '" WGS84_WKT "', 'longitude/latitude in degrees on WGS 84');"
    "INSERT INTO gpkg_extensions VALUES"
    "('gpkg_data_columns', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', "
    "'read-write'),"
    "('gpkg_data_column_constraints', NULL, 'gpkg_schema', "
    "'http://www.geopackage.org/spec121/#extension_schema', 'read-write');";

jw_result jw_gpkg_create(const char *path, jw_gpkg **out, jw_error *error)
{
    /* SQLite opens what is there: only the system can promise that the file is new. */
    int file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (file < 0 && errno == EEXIST)
        return jw_fail(error, JW_ERROR_EXISTS, path, 0,
                       "the file exists already: name another or remove it first");
    if (file < 0)
        return jw_fail(error, JW_ERROR_IO, path, 0, "cannot create the file: %s", strerror(errno));
    close(file);
    jw_gpkg *gpkg = NULL;
    jw_result result = connect(path, SQLITE_OPEN_READWRITE, &gpkg, error);
    if (result == JW_OK) {
        gpkg->is_writable = true;
        result = jw_gpkg_execute(gpkg, "creating the file", error,
                                 WRITE_PRAGMAS
                                 "PRAGMA application_id = %d; PRAGMA user_version = %d; BEGIN; %s COMMIT;",
                                 WRITE_CACHE_KIB, APPLICATION_ID, USER_VERSION, metadata_tables);
    }
    if (result != JW_OK) {
        if (gpkg)
            jw_gpkg_close(gpkg);
        unlink(path);
        return result;
    }
    *out = gpkg;
    return JW_OK;
}

/* ---- committing and closing ---------------------------------------------------------------------------- */

static jw_result update_contents(jw_gpkg *gpkg, jw_error *error)
{
    for (uint32_t i = 0; i < gpkg->layer_count; i++) {
        jw_gpkg_layer *layer = &gpkg->layers[i];
        if (!layer->is_dirty)
            continue;
        sqlite3_stmt *statement = NULL;
        const char *what = "updating the table of contents";
        jw_result result = jw_gpkg_prepare(
            gpkg, &statement, what, error,
            "UPDATE gpkg_contents SET last_change = strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ','now'), "
            "min_x = ?1, min_y = ?2, max_x = ?3, max_y = ?4 WHERE table_name = %Q",
            layer->name);
        if (result != JW_OK)
            return result;
        if (layer->bounds.min_x <= layer->bounds.max_x) {
            sqlite3_bind_double(statement, 1, layer->bounds.min_x);
            sqlite3_bind_double(statement, 2, layer->bounds.min_y);
            sqlite3_bind_double(statement, 3, layer->bounds.max_x);
            sqlite3_bind_double(statement, 4, layer->bounds.max_y);
        }
        if (sqlite3_step(statement) != SQLITE_DONE)
            result = jw_gpkg_fail(gpkg, what, error);
        sqlite3_finalize(statement);
        if (result != JW_OK)
            return result;
        layer->is_dirty = false;
    }
    return JW_OK;
}

jw_result jw_gpkg_commit(jw_gpkg *gpkg, jw_error *error)
{
    jw_result result = jw_gpkg_begin(gpkg, error); /* also finds out whether writing is possible */
    if (result == JW_OK)
        result = update_contents(gpkg, error);
    if (result == JW_OK)
        result = jw_gpkg_execute(gpkg, "committing rows", error, "COMMIT");
    if (result != JW_OK && sqlite3_get_autocommit(gpkg->db))
        gpkg->is_lost = true;
    return result;
}

void jw_gpkg_close(jw_gpkg *gpkg)
{
    if (!gpkg)
        return;
    for (uint32_t i = 0; i < gpkg->layer_count; i++)
        jw_gpkg_layer_free(&gpkg->layers[i]);
    jw_free(gpkg->layers);
    int code = sqlite3_close(gpkg->db);
    assert(code == SQLITE_OK); /* every statement is finalised */
    (void)code;
    jw_writer_free(&gpkg->blob);
    jw_free(gpkg->path);
    jw_free(gpkg);
}
