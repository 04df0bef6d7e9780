/* Layers of a GeoPackage: adding them with R-tree, triggers and descriptions, and finding out what an opened
 * file holds. */
#include "geo/gpkg_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define NAME_LIMIT 200

static const char *const geometry_names[] = {
    [JW_GPKG_NONE] = "",
    [JW_GPKG_POINT] = "POINT",
    [JW_GPKG_LINESTRING] = "LINESTRING",
    [JW_GPKG_POLYGON] = "POLYGON",
    [JW_GPKG_MULTIPOLYGON] = "MULTIPOLYGON",
};

static const char *const type_names[] = {
    [JW_GPKG_INTEGER] = "INTEGER",
    [JW_GPKG_REAL] = "REAL",
    [JW_GPKG_TEXT] = "TEXT",
    [JW_GPKG_DATETIME] = "DATETIME",
};

void jw_gpkg_layer_free(jw_gpkg_layer *layer)
{
    sqlite3_finalize(layer->insert);
    for (uint32_t i = 0; i < layer->field_count; i++)
        jw_free(layer->fields[i].name);
    jw_free(layer->fields);
    jw_free(layer->name);
    jw_free(layer->key_column);
    jw_free(layer->geometry_column);
    *layer = (jw_gpkg_layer){0};
}

static jw_result add_field(jw_gpkg_layer *layer, const char *name, jw_gpkg_type type, jw_error *error)
{
    if (jw_grow(&layer->fields, &layer->field_capacity, layer->field_count + 1ull, sizeof *layer->fields,
                error))
        return JW_ERROR_MEMORY;
    char *copy = jw_gpkg_copy_text(name);
    if (!copy)
        return jw_fail_memory(error);
    layer->fields[layer->field_count++] = (jw_gpkg_field){copy, type};
    return JW_OK;
}

/* ---- adding -------------------------------------------------------------------------------------------- */

/* Names of ours are plain, so that SQL written by hand against the file needs no quotes. */
bool jw_gpkg_is_plain_name(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > 60 || isdigit((unsigned char)name[0]))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '_')
            return false;
    return sqlite3_strnicmp(name, "gpkg_", 5) != 0 && sqlite3_strnicmp(name, "rtree_", 6) != 0 &&
           sqlite3_strnicmp(name, "sqlite_", 7) != 0;
}

static jw_result create_table(jw_gpkg *gpkg, const jw_gpkg_layer *layer, const jw_gpkg_column *columns,
                              uint32_t column_count, jw_error *error)
{
    sqlite3_str *sql = sqlite3_str_new(gpkg->db);
    sqlite3_str_appendf(sql, "CREATE TABLE \"%w\" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL",
                        layer->name);
    if (layer->geometry != JW_GPKG_NONE)
        sqlite3_str_appendf(sql, ", geom %s", geometry_names[layer->geometry]);
    for (uint32_t i = 0; i < column_count; i++)
        sqlite3_str_appendf(sql, ", \"%w\" %s", columns[i].name, type_names[columns[i].type]);
    sqlite3_str_appendf(sql, ");");
    for (uint32_t i = 0; i < column_count; i++)
        if (columns[i].description)
            sqlite3_str_appendf(sql,
                                "INSERT INTO gpkg_data_columns (table_name, column_name, name, description) "
                                "VALUES (%Q, %Q, %Q, %Q);",
                                layer->name, columns[i].name, columns[i].name, columns[i].description);
    char *text = sqlite3_str_finish(sql);
    if (!text)
        return jw_fail_memory(error);
    jw_result result = jw_gpkg_execute(gpkg, "adding a layer", error, "%s", text);
    sqlite3_free(text);
    return result;
}

/* The R-tree of the standard, with its triggers: our own rows go through them as later edits do. Updates 3
 * and 4 watch the key alone, so that a plain sqlite3, which has no ST_IsEmpty, can change the other columns.
 */
static jw_result create_rtree(jw_gpkg *gpkg, const char *t, jw_error *error)
{
    static const char *const box =
        "ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)";
    static const char *const is_there = "(NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))";
    static const char *const is_gone = "(NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))";
    jw_result result = jw_gpkg_execute(
        gpkg, "adding an R-tree", error,
        "CREATE VIRTUAL TABLE \"rtree_%w_geom\" USING rtree(id, minx, maxx, miny, maxy);"
        "INSERT INTO gpkg_extensions VALUES (%Q, 'geom', 'gpkg_rtree_index', "
        "'http://www.geopackage.org/spec120/#extension_rtree', 'write-only');"
        "CREATE TRIGGER \"rtree_%w_geom_insert\" AFTER INSERT ON \"%w\" WHEN %s BEGIN "
        "INSERT OR REPLACE INTO \"rtree_%w_geom\" VALUES (NEW.fid, %s); END;"
        "CREATE TRIGGER \"rtree_%w_geom_delete\" AFTER DELETE ON \"%w\" WHEN OLD.geom NOT NULL BEGIN "
        "DELETE FROM \"rtree_%w_geom\" WHERE id = OLD.fid; END;",
        t, t, t, t, is_there, t, box, t, t, t);
    if (result != JW_OK)
        return result;
    return jw_gpkg_execute(
        gpkg, "adding an R-tree", error,
        "CREATE TRIGGER \"rtree_%w_geom_update1\" AFTER UPDATE OF geom ON \"%w\" WHEN OLD.fid = NEW.fid AND "
        "%s "
        "BEGIN INSERT OR REPLACE INTO \"rtree_%w_geom\" VALUES (NEW.fid, %s); END;"
        "CREATE TRIGGER \"rtree_%w_geom_update2\" AFTER UPDATE OF geom ON \"%w\" WHEN OLD.fid = NEW.fid AND "
        "%s "
        "BEGIN DELETE FROM \"rtree_%w_geom\" WHERE id = OLD.fid; END;"
        "CREATE TRIGGER \"rtree_%w_geom_update3\" AFTER UPDATE OF fid ON \"%w\" WHEN OLD.fid != NEW.fid AND "
        "%s "
        "BEGIN DELETE FROM \"rtree_%w_geom\" WHERE id = OLD.fid; "
        "INSERT OR REPLACE INTO \"rtree_%w_geom\" VALUES (NEW.fid, %s); END;"
        "CREATE TRIGGER \"rtree_%w_geom_update4\" AFTER UPDATE OF fid ON \"%w\" WHEN OLD.fid != NEW.fid AND "
        "%s "
        "BEGIN DELETE FROM \"rtree_%w_geom\" WHERE id IN (OLD.fid, NEW.fid); END;",
        t, t, is_there, t, box, t, t, is_gone, t, t, t, is_there, t, t, box, t, t, is_gone, t);
}

jw_result jw_gpkg_add_layer(jw_gpkg *gpkg, const char *name, jw_gpkg_geometry geometry,
                            const char *description, const jw_gpkg_column *columns, uint32_t column_count,
                            uint32_t *out_layer, jw_error *error)
{
    if (!jw_gpkg_is_plain_name(name))
        return jw_fail(error, JW_ERROR_INPUT, gpkg->path, 0,
                       "\"%.80s\" is no name for a layer: letters, digits and _ are", name);
    if (jw_gpkg_find_layer(gpkg, name) != JW_NONE)
        return jw_fail(error, JW_ERROR_EXISTS, gpkg->path, 0, "there is a layer \"%s\" already", name);
    for (uint32_t i = 0; i < column_count; i++)
        if (!jw_gpkg_is_plain_name(columns[i].name))
            return jw_fail(error, JW_ERROR_INPUT, gpkg->path, 0,
                           "\"%.80s\" of layer %s is no name for a column", columns[i].name, name);
    jw_gpkg_layer layer = {.geometry = geometry, .srs_id = JW_GPKG_SRS_WGS84, .bounds = jw_box_empty()};
    layer.name = jw_gpkg_copy_text(name);
    layer.key_column = jw_gpkg_copy_text("fid");
    layer.geometry_column = geometry == JW_GPKG_NONE ? NULL : jw_gpkg_copy_text("geom");
    jw_result result = JW_OK;
    if (!layer.name || !layer.key_column || (geometry != JW_GPKG_NONE && !layer.geometry_column))
        result = jw_fail_memory(error);
    for (uint32_t i = 0; i < column_count && result == JW_OK; i++)
        result = add_field(&layer, columns[i].name, columns[i].type, error);
    if (result == JW_OK)
        result = jw_grow(&gpkg->layers, &gpkg->layer_capacity, gpkg->layer_count + 1ull, sizeof *gpkg->layers,
                         error);
    if (result == JW_OK)
        result = jw_gpkg_begin(gpkg, error);
    /* A layer is there as a whole or not at all. */
    if (result == JW_OK)
        result = jw_gpkg_execute(gpkg, "adding a layer", error, "SAVEPOINT add_layer");
    if (result != JW_OK) {
        jw_gpkg_layer_free(&layer);
        return result;
    }
    bool has_geometry = geometry != JW_GPKG_NONE;
    result =
        jw_gpkg_execute(gpkg, "adding a layer", error,
                        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) "
                        "VALUES (%Q, %Q, %Q, %Q, %s)",
                        name, has_geometry ? "features" : "attributes", name, description ? description : "",
                        has_geometry ? "4326" : "NULL");
    if (result == JW_OK)
        result = create_table(gpkg, &layer, columns, column_count, error);
    if (result == JW_OK && has_geometry)
        result = jw_gpkg_execute(gpkg, "adding a layer", error,
                                 "INSERT INTO gpkg_geometry_columns VALUES (%Q, 'geom', %Q, 4326, 0, 0)",
                                 name, geometry_names[geometry]);
    if (result == JW_OK && has_geometry)
        result = create_rtree(gpkg, name, error);
    if (result == JW_OK)
        result = jw_gpkg_execute(gpkg, "adding a layer", error, "RELEASE add_layer");
    if (result != JW_OK) {
        if (sqlite3_get_autocommit(gpkg->db))
            gpkg->is_lost = true;
        else
            jw_gpkg_execute(gpkg, "taking a layer back", NULL, "ROLLBACK TO add_layer; RELEASE add_layer");
        jw_gpkg_layer_free(&layer);
        return result;
    }
    gpkg->layers[gpkg->layer_count] = layer;
    *out_layer = gpkg->layer_count++;
    return JW_OK;
}

static char *view_text(jw_gpkg *gpkg, const char *name, const char *key, const jw_gpkg_layer *rows,
                       const jw_gpkg_layer *shapes)
{
    sqlite3_str *sql = sqlite3_str_new(gpkg->db);
    sqlite3_str_appendf(sql, "CREATE INDEX IF NOT EXISTS \"%w_by_id\" ON \"%w\" (id);", shapes->name,
                        shapes->name);
    sqlite3_str_appendf(sql, "CREATE VIEW \"%w\" AS SELECT r.fid AS fid, s.geom AS geom", name);
    for (uint32_t f = 0; f < rows->field_count; f++)
        sqlite3_str_appendf(sql, ", r.\"%w\" AS \"%w\"", rows->fields[f].name, rows->fields[f].name);
    sqlite3_str_appendf(sql, " FROM \"%w\" AS r JOIN \"%w\" AS s ON s.id = r.\"%w\"", rows->name,
                        shapes->name, key);
    return sqlite3_str_finish(sql);
}

jw_result jw_gpkg_add_view(jw_gpkg *gpkg, const char *name, const char *description, uint32_t rows,
                           const char *key, uint32_t shapes, jw_error *error)
{
    if (!jw_gpkg_is_plain_name(name) || !jw_gpkg_is_plain_name(key))
        return jw_fail(error, JW_ERROR_INPUT, gpkg->path, 0,
                       "\"%.80s\" or \"%.80s\" is no name: letters, digits and _ are", name, key);
    char *text = view_text(gpkg, name, key, &gpkg->layers[rows], &gpkg->layers[shapes]);
    if (!text)
        return jw_fail_memory(error);
    jw_result result = jw_gpkg_begin(gpkg, error);
    if (result == JW_OK)
        result = jw_gpkg_execute(gpkg, "adding a view", error, "%s", text);
    sqlite3_free(text);
    if (result != JW_OK)
        return result;
    return jw_gpkg_execute(
        gpkg, "adding a view", error,
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) "
        "VALUES (%Q, 'features', %Q, %Q, 4326);"
        "INSERT INTO gpkg_geometry_columns VALUES (%Q, 'geom', %Q, 4326, 0, 0)",
        name, name, description, name, geometry_names[gpkg->layers[shapes].geometry]);
}

jw_result jw_gpkg_allow_heights(jw_gpkg *gpkg, uint32_t layer, jw_error *error)
{
    jw_result result = jw_gpkg_begin(gpkg, error);
    return result == JW_OK ? jw_gpkg_execute(gpkg, "adding a layer", error,
                                             "UPDATE gpkg_geometry_columns SET z = 2 WHERE table_name = %Q",
                                             gpkg->layers[layer].name)
                           : result;
}

/* ---- opening ------------------------------------------------------------------------------------------- */

static jw_gpkg_type type_of(const char *declared)
{
    static const char *const integers[] = {"INTEGER", "INT", "MEDIUMINT", "SMALLINT", "TINYINT", "BOOLEAN"};
    static const char *const reals[] = {"REAL", "DOUBLE", "FLOAT"};
    for (uint32_t i = 0; i < JW_COUNT_OF(integers); i++)
        if (sqlite3_stricmp(declared, integers[i]) == 0)
            return JW_GPKG_INTEGER;
    for (uint32_t i = 0; i < JW_COUNT_OF(reals); i++)
        if (sqlite3_stricmp(declared, reals[i]) == 0)
            return JW_GPKG_REAL;
    return sqlite3_strnicmp(declared, "DATE", 4) == 0 ? JW_GPKG_DATETIME : JW_GPKG_TEXT;
}

static const char *text_at(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? text : "";
}

/* MULTI forms of points and lines read as layers of points and lines with several parts a row. */
static void set_geometry(jw_gpkg_layer *layer, const char *name)
{
    bool is_multi = sqlite3_strnicmp(name, "MULTI", 5) == 0;
    const char *single = is_multi ? name + 5 : name;
    if (sqlite3_stricmp(single, "POINT") == 0)
        layer->geometry = JW_GPKG_POINT;
    else if (sqlite3_stricmp(single, "LINESTRING") == 0)
        layer->geometry = JW_GPKG_LINESTRING;
    else if (sqlite3_stricmp(single, "POLYGON") == 0)
        layer->geometry = is_multi ? JW_GPKG_MULTIPOLYGON : JW_GPKG_POLYGON;
    else
        snprintf(
            layer->refusal, sizeof layer->refusal,
            "its geometry type is \"%.40s\": points, lines and polygons (and their MULTI forms) are read",
            name);
}

static jw_result load_fields(jw_gpkg *gpkg, jw_gpkg_layer *layer, jw_error *error)
{
    const char *what = "reading a layer's columns";
    sqlite3_stmt *statement = NULL;
    jw_result result = jw_gpkg_prepare(gpkg, &statement, what, error,
                                       "SELECT i.name, i.type, i.pk, l.type FROM pragma_table_list AS l "
                                       "JOIN pragma_table_info(%Q) AS i "
                                       "WHERE l.schema = 'main' AND l.name = %Q COLLATE NOCASE",
                                       layer->name, layer->name);
    if (result != JW_OK)
        return result;
    uint32_t keys = 0;
    bool has_geometry = false, is_table = false;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW && result == JW_OK) {
        const char *name = text_at(statement, 0), *type = text_at(statement, 1);
        is_table = strcmp(text_at(statement, 3), "table") == 0;
        if (sqlite3_column_int(statement, 2) > 0) {
            bool is_integer = sqlite3_stricmp(type, "INTEGER") == 0;
            keys += is_integer ? 1 : 2;
            jw_free(layer->key_column);
            layer->key_column = jw_gpkg_copy_text(name);
            result = layer->key_column ? JW_OK : jw_fail_memory(error);
        } else if (layer->geometry_column && sqlite3_stricmp(name, layer->geometry_column) == 0) {
            has_geometry = true;
        } else {
            result = add_field(layer, name, type_of(type), error);
        }
    }
    if (result == JW_OK && code != SQLITE_ROW && code != SQLITE_DONE)
        result = jw_gpkg_fail(gpkg, what, error);
    sqlite3_finalize(statement);
    const char *refusal = NULL;
    if (!is_table)
        refusal = "it is listed in gpkg_contents, but there is no such table (views are not read)";
    else if (keys != 1)
        refusal = "it has no single column that is an INTEGER PRIMARY KEY";
    else if (layer->geometry_column && !has_geometry)
        refusal = "its geometry column is missing";
    if (refusal)
        snprintf(layer->refusal, sizeof layer->refusal, "%s", refusal);
    return result;
}

static jw_result load_layer(jw_gpkg *gpkg, sqlite3_stmt *row, jw_error *error)
{
    const char *name = text_at(row, 0);
    if (strlen(name) > NAME_LIMIT || name[0] == 0)
        return jw_fail(error, JW_ERROR_INPUT, gpkg->path, 0,
                       "gpkg_contents names a layer with %zu characters", strlen(name));
    if (jw_grow(&gpkg->layers, &gpkg->layer_capacity, gpkg->layer_count + 1ull, sizeof *gpkg->layers, error))
        return JW_ERROR_MEMORY;
    jw_gpkg_layer *layer = &gpkg->layers[gpkg->layer_count++];
    *layer = (jw_gpkg_layer){.bounds = jw_box_empty(), .srs_id = sqlite3_column_int(row, 4)};
    layer->name = jw_gpkg_copy_text(name);
    bool is_feature_layer = sqlite3_stricmp(text_at(row, 1), "features") == 0;
    if (is_feature_layer)
        layer->geometry_column = jw_gpkg_copy_text(text_at(row, 2));
    if (!layer->name || (is_feature_layer && !layer->geometry_column))
        return jw_fail_memory(error);
    if (sqlite3_column_type(row, 5) == SQLITE_FLOAT && sqlite3_column_type(row, 8) == SQLITE_FLOAT)
        layer->bounds = (jw_box){sqlite3_column_double(row, 5), sqlite3_column_double(row, 6),
                                 sqlite3_column_double(row, 7), sqlite3_column_double(row, 8)};
    if (is_feature_layer)
        set_geometry(layer, text_at(row, 3));
    return layer->refusal[0] ? JW_OK : load_fields(gpkg, layer, error);
}

jw_result jw_gpkg_load_layers(jw_gpkg *gpkg, jw_error *error)
{
    const char *what = "reading the table of contents";
    sqlite3_stmt *statement = NULL;
    jw_result result =
        jw_gpkg_prepare(gpkg, &statement, what, error,
                        "SELECT c.table_name, c.data_type, g.column_name, g.geometry_type_name, g.srs_id, "
                        "c.min_x, c.min_y, c.max_x, c.max_y FROM gpkg_contents AS c LEFT JOIN "
                        "gpkg_geometry_columns AS g ON lower(g.table_name) = lower(c.table_name) "
                        "WHERE c.data_type IN ('features', 'attributes') ORDER BY c.table_name");
    if (result != JW_OK)
        return result;
    int code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW && result == JW_OK) {
        if (gpkg->layer_count == JW_GPKG_LAYER_LIMIT)
            result =
                jw_fail(error, JW_ERROR_LIMIT, gpkg->path, 0, "more than %u layers", JW_GPKG_LAYER_LIMIT);
        else
            result = load_layer(gpkg, statement, error);
    }
    if (result == JW_OK && code != SQLITE_DONE)
        result = jw_gpkg_fail(gpkg, what, error);
    sqlite3_finalize(statement);
    return result;
}

/* ---- asking -------------------------------------------------------------------------------------------- */

uint32_t jw_gpkg_layer_count(const jw_gpkg *gpkg)
{
    return gpkg->layer_count;
}

const char *jw_gpkg_layer_name(const jw_gpkg *gpkg, uint32_t layer)
{
    return gpkg->layers[layer].name;
}

jw_gpkg_geometry jw_gpkg_layer_geometry(const jw_gpkg *gpkg, uint32_t layer)
{
    return gpkg->layers[layer].geometry;
}

uint32_t jw_gpkg_find_layer(const jw_gpkg *gpkg, const char *name)
{
    for (uint32_t i = 0; i < gpkg->layer_count; i++)
        if (sqlite3_stricmp(gpkg->layers[i].name, name) == 0)
            return i;
    return JW_NONE;
}
