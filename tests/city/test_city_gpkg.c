/* Cities as GeoPackages: out, edited by others, and back. */
#include "city/city_gpkg_test.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- everything else that a city has ------------------------------------------------------------------- */

static jw_draft_shape square(jw_draft *draft, double x, double y, double side_m)
{
    const double dx[] = {0, 1, 1, 0}, dy[] = {0, 0, 1, 1};
    uint32_t refs[4], size = 4;
    jw_draft_shape shape;
    for (int i = 0; i < 4; i++)
        assert_int_equal(jw_draft_add_point(draft, x + dx[i] * side_m, y + dy[i] * side_m, &refs[i], NULL),
                         JW_OK);
    assert_int_equal(jw_draft_add_shape(draft, refs, &size, 1, &shape, NULL), JW_OK);
    return shape;
}

/* A courtyard: a ring with a hole. */
static jw_draft_shape courtyard(jw_draft *draft, double x, double y)
{
    const double dx[] = {0, 30, 30, 0, 10, 10, 20, 20}, dy[] = {0, 0, 30, 30, 10, 20, 20, 10};
    const uint32_t sizes[] = {4, 4};
    uint32_t refs[8];
    jw_draft_shape shape;
    for (int i = 0; i < 8; i++)
        assert_int_equal(jw_draft_add_point(draft, x + dx[i], y + dy[i], &refs[i], NULL), JW_OK);
    assert_int_equal(jw_draft_add_shape(draft, refs, sizes, 2, &shape, NULL), JW_OK);
    return shape;
}

static void draw_town(jw_draft *draft)
{
    snprintf(draft->name, sizeof draft->name, "启动区");
    jw_fixture_draw_grid(draft, 2, 200, 2, 50 / 3.6, true);
    draft->roads[0].bike_lane_forward = draft->roads[0].bike_lane_backward = 1;
    draft->roads[1].bus_lane_forward = 1;
    draft->roads[2].is_bridge = 1;
    draft->roads[2].layer = 1;
    uint32_t name;
    assert_int_equal(jw_draft_add_text(draft, "容东大街", &name, NULL), JW_OK);
    draft->roads[3].name = name;
    assert_int_equal(jw_draft_translate(draft, name, "Rongdong Avenue", NULL, NULL), JW_OK);
    draft->roads[4].allow = JW_ALLOW_CAR | JW_ALLOW_BUS;
    jw_draft_building building = {.height_m = 45.5f,
                                  .base_m = 3.0f,
                                  .roof = JW_ROOF_HIPPED,
                                  .roof_m = 2.5f,
                                  .roof_is_across = 1,
                                  .levels = 14,
                                  .use = JW_USE_OFFICE,
                                  .population = 3,
                                  .jobs = 700,
                                  .has_people = 1,
                                  .source_id = 99};
    building.shape = courtyard(draft, 60, 60);
    assert_int_equal(jw_draft_add_building(draft, &building, NULL), JW_OK);
    const jw_area_kind kinds[] = {JW_AREA_BUILT, JW_AREA_WATER, JW_AREA_PARK, JW_AREA_WATER};
    for (int i = 0; i < 4; i++) {
        jw_draft_area area = {
            .kind = kinds[i], .use = i == 0 ? JW_USE_COMMERCIAL : JW_USE_NONE, .name = name};
        area.shape = square(draft, 20.0 + 5 * i, 230, 40);
        assert_int_equal(jw_draft_add_area(draft, &area, NULL), JW_OK);
    }
    uint32_t refs[2];
    assert_int_equal(jw_draft_add_point(draft, 0, -50, &refs[0], NULL), JW_OK);
    assert_int_equal(jw_draft_add_point(draft, 400, -50, &refs[1], NULL), JW_OK);
    jw_draft_line line = {.kind = JW_LINE_RAIL, .width_m = 4.5f, .layer = -1};
    assert_int_equal(jw_draft_add_line(draft, &line, refs, 2, NULL, NULL), JW_OK);
    assert_int_equal(jw_draft_add_place(draft, JW_PLACE_HOSPITAL, 12.345, 67.891, "医院", NULL), JW_OK);
    assert_int_equal(jw_draft_add_place(draft, JW_PLACE_QUARTER, 300, 200, "Rongdong", NULL), JW_OK);
    assert_int_equal(jw_draft_translate(draft, draft->places[1].name, NULL, "容东", NULL), JW_OK);
    assert_int_equal(jw_draft_add_site(draft, "edge-1", "edge", "ascend-310p", 8, 100, 100.5, NULL), JW_OK);
}

static void test_everything_comes_back(void **state)
{
    (void)state;
    jw_draft draft = {0};
    draw_town(&draft);
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    jw_gpkg_test_write(city);
    jw_city *again = jw_gpkg_test_read();
    jw_gpkg_test_expect_same_network(city, again);
    assert_string_equal(jw_city_text(again, again->name), "启动区");
    assert_int_equal(again->building_count, city->building_count);
    for (uint32_t i = 0; i < city->building_count; i++) {
        const jw_building *p = &city->buildings[i], *q = &again->buildings[i];
        assert_true(p->height_m == q->height_m && p->base_m == q->base_m && p->levels == q->levels);
        assert_true(p->roof == q->roof && p->roof_m == q->roof_m);
        assert_int_equal(p->roof_is_across, q->roof_is_across);
        assert_true(p->use == q->use && p->population == q->population && p->jobs == q->jobs);
        assert_true(p->ring_count == q->ring_count && p->source_id == q->source_id && p->block == q->block);
        assert_true(fabs(p->x_m - q->x_m) < 0.001 && fabs(p->y_m - q->y_m) < 0.001);
    }
    assert_int_equal(again->buildings[again->building_count - 1].ring_count, 2);
    assert_int_equal(again->buildings[again->building_count - 1].roof_is_across, 1);
    assert_int_equal(again->area_count, city->area_count);
    for (uint32_t i = 0; i < city->area_count; i++) {
        assert_int_equal(again->areas[i].kind, city->areas[i].kind); /* water and land in one order */
        assert_int_equal(again->areas[i].use, city->areas[i].use);
        assert_string_equal(jw_city_text(again, again->areas[i].name),
                            jw_city_text(city, city->areas[i].name));
    }
    assert_int_equal(again->line_count, 1);
    assert_true(again->lines[0].kind == JW_LINE_RAIL && again->lines[0].width_m == 4.5f &&
                again->lines[0].layer == -1);
    assert_int_equal(again->block_count, city->block_count);
    for (uint32_t i = 0; i < city->block_count; i++)
        assert_true(again->blocks[i].population == city->blocks[i].population &&
                    again->blocks[i].jobs == city->blocks[i].jobs &&
                    again->blocks[i].use == city->blocks[i].use);
    assert_int_equal(again->place_count, city->place_count);
    assert_true(again->places[0].x_m == 12.345 && again->places[0].y_m == 67.891);
    assert_string_equal(jw_city_text(again, again->places[0].name), "医院");
    assert_int_equal(again->places[1].kind, JW_PLACE_QUARTER);
    assert_string_equal(jw_city_text_in(again, again->places[1].name, JW_LANGUAGE_ZH), "容东");
    assert_string_equal(jw_city_text_in(again, again->places[1].name, JW_LANGUAGE_EN), "Rongdong");
    assert_string_equal(jw_city_text_in(again, again->areas[0].name, JW_LANGUAGE_EN), "Rongdong Avenue");
    assert_int_equal(again->site_count, 1);
    assert_string_equal(jw_city_text(again, again->sites[0].card), "ascend-310p");
    assert_true(again->sites[0].card_count == 8 && again->sites[0].y_m == 100.5);
    jw_city_release(again);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* ---- edits --------------------------------------------------------------------------------------------- */

static uint32_t edge_between(const jw_city *city, double x0, double y0, double x1, double y1)
{
    for (uint32_t i = 0; i < city->edge_count; i++) {
        const jw_junction *a = &city->junctions[city->edges[i].from],
                          *b = &city->junctions[city->edges[i].to];
        if (hypot(a->x_m - x0, a->y_m - y0) < 15 && hypot(b->x_m - x1, b->y_m - y1) < 15)
            return i;
    }
    return JW_NONE;
}

static void test_edited_columns(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_grid(2, 200, 2, 50 / 3.6, true);
    uint32_t edge = edge_between(city, 200, 0, 200, 200);
    assert_true(edge != JW_NONE);
    jw_gpkg_test_write(city);
    char sql[200];
    snprintf(sql, sizeof sql,
             "UPDATE roads SET lanes = 3, speed_kmh = '80', bike_lane = 1, name = 'wide' WHERE id = %u;"
             "UPDATE junctions SET signal = 0",
             edge);
    jw_gpkg_test_run_sql(sql);
    jw_city *again = jw_gpkg_test_read();
    assert_int_equal(again->edge_count, city->edge_count);
    assert_int_equal(again->lane_count, city->lane_count + 2);
    assert_int_equal(again->edges[edge].lane_count, 4);
    assert_true(again->edges[edge].speed_mps == 80 / 3.6);
    assert_string_equal(jw_city_text(again, again->edges[edge].name), "wide");
    assert_int_equal(again->programme_count, 0);
    jw_city_release(again);
    jw_city_release(city);
}

/* An imported map, as `jingwei import` writes it, edited with SQL. */
static void test_edited_import(void **state)
{
    (void)state;
    static const char map[] =
        "<osm version='0.6'><node id='1' lat='39.000' lon='116.000'/><node id='2' lat='39.000' "
        "lon='116.003'/>"
        "<node id='3' lat='39.000' lon='116.006'/><node id='4' lat='39.003' lon='116.003'/>"
        "<way id='10'><nd ref='1'/><nd ref='2'/><nd ref='3'/><tag k='highway' v='primary'/>"
        "<tag k='lanes' v='4'/></way>"
        "<way id='11'><nd ref='2'/><nd ref='4'/><tag k='highway' v='secondary'/></way></osm>";
    jw_draft draft = {0};
    assert_int_equal(jw_read_osm_bytes(map, sizeof map - 1, "map", &draft, NULL, NULL), JW_OK);
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    assert_int_equal(city->edges[0].lane_count, 2);
    jw_gpkg_test_write(city);
    jw_gpkg_test_run_sql("UPDATE roads SET lanes = 3 WHERE id = 0");
    jw_city *again = jw_gpkg_test_read();
    assert_int_equal(again->edge_count, city->edge_count);
    assert_int_equal(again->edges[0].lane_count, 3);
    assert_int_equal(again->lane_count, city->lane_count + 1);
    const jw_edge *wide = &again->edges[0];
    for (uint32_t i = 0; i < wide->lane_count; i++) /* the new lane leads somewhere too */
        assert_true(again->junctions[wide->to].out_count == 0 ||
                    again->lanes[wide->first_lane + i].connection_count > 0);
    jw_city_release(again);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Lane `index` of an edge has a connection with that turn. */
static bool has_turn(const jw_city *city, uint32_t edge, uint32_t index, jw_turn turn)
{
    const jw_lane *lane = &city->lanes[city->edges[edge].first_lane + index];
    for (uint32_t i = 0; i < lane->connection_count; i++)
        if (city->connections[city->lane_connections[lane->first_connection + i]].turn == turn)
            return true;
    return false;
}

/* Turn lanes and single connections that were edited count, not what was written. */
static void test_edited_turns(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_cross(200, 2, 14, false);
    jw_gpkg_test_write(city);
    assert_true(has_turn(city, 0, 0, JW_TURN_STRAIGHT) && has_turn(city, 0, 1, JW_TURN_STRAIGHT));
    jw_gpkg_test_run_sql("UPDATE roads SET turn_lanes = 'left|through;right' WHERE id = 0");
    jw_city *again = jw_gpkg_test_read();
    assert_false(has_turn(again, 0, 1, JW_TURN_STRAIGHT));
    assert_true(has_turn(again, 0, 1, JW_TURN_LEFT) && has_turn(again, 0, 0, JW_TURN_STRAIGHT));
    jw_city_release(again);
    jw_gpkg_test_write(city);
    jw_gpkg_test_run_sql(
        "DELETE FROM connections WHERE from_road_id = 0 AND from_lane = 1 AND turn = 'straight'");
    again = jw_gpkg_test_read();
    assert_int_equal(again->connection_count, city->connection_count - 1);
    assert_false(has_turn(again, 0, 1, JW_TURN_STRAIGHT));
    jw_city_release(again);
    /* With no connection left anywhere, those made by rule are better than none. */
    jw_gpkg_test_run_sql("DELETE FROM connections");
    again = jw_gpkg_test_read();
    assert_int_equal(again->connection_count, city->connection_count);
    jw_city_release(again);
    jw_city_release(city);
}

static void test_removed_road(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_grid(2, 200, 2, 50 / 3.6, true);
    jw_gpkg_test_write(city);
    char sql[200];
    uint32_t there = edge_between(city, 200, 0, 200, 200), back = edge_between(city, 200, 200, 200, 0);
    snprintf(sql, sizeof sql, "DELETE FROM roads WHERE id IN (%u, %u)", there, back);
    jw_gpkg_test_run_sql(sql);
    jw_city *again = jw_gpkg_test_read();
    assert_int_equal(again->edge_count, city->edge_count - 2);
    assert_int_equal(again->junction_count, city->junction_count);
    assert_int_equal(edge_between(again, 200, 0, 200, 200), JW_NONE);
    jw_city_release(again);
    jw_city_release(city);
}

/* Inserts a row whose columns are NULL but those named. */
static void insert_row(const char *layer_name, const double *x, const double *y, uint32_t count,
                       const jw_city *city, const char *const *names, const jw_gpkg_value *given,
                       uint32_t given_count)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    jw_gpkg_value values[32];
    uint32_t value_count = 0;
    assert_int_equal(sqlite3_open(jw_gpkg_test_path, &db), SQLITE_OK);
    char sql[100];
    snprintf(sql, sizeof sql, "SELECT name FROM pragma_table_info('%s')", layer_name);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        if (strcmp(name, "fid") == 0 || strcmp(name, "geom") == 0)
            continue;
        values[value_count] = (jw_gpkg_value){.is_null = true};
        for (uint32_t i = 0; i < given_count; i++)
            if (strcmp(name, names[i]) == 0)
                values[value_count] = given[i];
        value_count++;
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    double lon[8], lat[8];
    jw_projection *projection;
    jw_gpkg *gpkg;
    assert_int_equal(jw_projection_create(city->origin_lon_deg, city->origin_lat_deg, &projection, NULL),
                     JW_OK);
    assert_int_equal(jw_projection_inverse(projection, x, y, count, lon, lat, NULL), JW_OK);
    jw_projection_destroy(projection);
    assert_int_equal(jw_gpkg_open(jw_gpkg_test_path, true, &gpkg, NULL), JW_OK);
    const uint32_t parts[] = {0, count};
    jw_gpkg_shape shape = {lon, lat, parts, NULL, 1, NULL};
    assert_int_equal(
        jw_gpkg_insert(gpkg, jw_gpkg_find_layer(gpkg, layer_name), &shape, values, value_count, NULL), JW_OK);
    assert_int_equal(jw_gpkg_commit(gpkg, NULL), JW_OK);
    jw_gpkg_close(gpkg);
}

static void test_added_road_and_site(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_grid(2, 200, 2, 50 / 3.6, true);
    jw_gpkg_test_write(city);
    /* A diagonal between two junctions, drawn by hand: both directions. */
    const double x[] = {203, 395}, y[] = {-2, 196};
    const char *const road_columns[] = {"class", "lanes"};
    const jw_gpkg_value road_values[] = {{.text = "secondary"}, {.integer = 1}};
    insert_row("roads", x, y, 2, city, road_columns, road_values, 2);
    /* Two more that meet each other away from all junctions. */
    const double far_x[] = {403, 500.0, 600.5}, far_y[] = {203, 300.0, 300.0};
    insert_row("roads", far_x, far_y, 2, city, road_columns, road_values, 2);
    insert_row("roads", far_x + 1, far_y + 1, 2, city, road_columns, road_values, 2);
    const double site_x[] = {55.123}, site_y[] = {66.456};
    const char *const site_columns[] = {"name", "tier", "card", "card_count"};
    const jw_gpkg_value site_values[] = {
        {.text = "edge-99"}, {.text = "edge"}, {.text = "ascend-310p"}, {.integer = 4}};
    insert_row("sites", site_x, site_y, 1, city, site_columns, site_values, 4);
    jw_city *again = jw_gpkg_test_read();
    assert_int_equal(again->edge_count, city->edge_count + 6);
    assert_int_equal(again->junction_count, city->junction_count + 2);
    uint32_t edge = edge_between(again, 200, 0, 400, 200);
    assert_true(edge != JW_NONE && edge_between(again, 400, 200, 200, 0) != JW_NONE);
    assert_true(again->edges[edge].road_class == JW_ROAD_SECONDARY);
    /* It can be driven: its lane goes on, and others come in. */
    assert_true(again->lanes[again->edges[edge].first_lane].connection_count >= 2);
    assert_int_equal(again->site_count, 1);
    assert_string_equal(jw_city_text(again, again->sites[0].name), "edge-99");
    assert_true(again->sites[0].x_m == 55.123 && again->sites[0].y_m == 66.456);
    jw_city_release(again);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* ---- foreign files ------------------------------------------------------------------------------------- */

static bool has_problem(const jw_problems *problems, const char *text)
{
    for (uint32_t i = 0; i < problems->count; i++)
        if (strstr(problems->items[i].message, text))
            return true;
    return false;
}

static void test_senseless_values(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *message;
    } cases[] = {
        {"UPDATE roads SET lanes = -5 WHERE fid = 1", "negative count of lanes"},
        {"UPDATE roads SET lanes = 0 WHERE fid = 1", "without motor lanes"},
        {"UPDATE roads SET lanes = 1e9 WHERE fid = 1", "more than 16 lanes"},
        {"UPDATE roads SET speed_kmh = 9999 WHERE fid = 1", "4 to 200 km/h"},
        {"UPDATE roads SET class = 'dirt' WHERE fid = 1", "\"dirt\" is no class"},
        {"UPDATE roads SET allow = 'car tank' WHERE fid = 1", "unknown kind of vehicle"},
        {"UPDATE roads SET from_id = (SELECT max(id) FROM junctions) WHERE fid = 1", "far from its junction"},
        {"UPDATE roads SET geom = NULL WHERE fid = 1", "without a line"},
        {"UPDATE junctions SET id = 1 WHERE fid = 1", "junction without a place or a number"},
        {"UPDATE sites SET name = NULL", "without a place or a name"},
        {"UPDATE places SET kind = 'gate', name = NULL", "near no end"},
    };
    jw_draft draft = {0};
    draw_town(&draft);
    draft.places[0].x_m = draft.places[0].y_m = 5000.0;
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        jw_gpkg_test_write(city);
        char sql[400];
        snprintf(sql, sizeof sql,
                 "DROP TRIGGER rtree_roads_geom_update1; DROP TRIGGER rtree_roads_geom_update2; %s",
                 cases[i].sql);
        jw_gpkg_test_run_sql(sql);
        jw_problems problems = {0};
        jw_gpkg_test_read_draft(&draft, &problems);
        if (!has_problem(&problems, cases[i].message))
            fail_msg("case %u: %s", i, problems.count ? problems.items[0].message : "no problem");
        jw_problems_free(&problems);
        jw_draft_free(&draft);
    }
    /* Anything at all in every column. */
    static const char *const junk[] = {"-1",   "9e99", "-9223372036854775808", "'雄安'", "x'00ff'",
                                       "NULL", "''"};
    static const char *const layers[] = {"roads", "junctions", "connections", "buildings", "landuse", "water",
                                         "lines", "blocks",    "places",      "sites",     "city"};
    for (uint32_t j = 0; j < JW_COUNT_OF(junk); j++) {
        jw_gpkg_test_write(city);
        for (uint32_t l = 0; l < JW_COUNT_OF(layers); l++) {
            char sql[300];
            sqlite3 *db;
            sqlite3_stmt *statement;
            assert_int_equal(sqlite3_open(jw_gpkg_test_path, &db), SQLITE_OK);
            snprintf(sql, sizeof sql,
                     "SELECT name FROM pragma_table_info('%s') WHERE name NOT IN ('fid', 'geom', 'oneway')",
                     layers[l]);
            assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
            while (sqlite3_step(statement) == SQLITE_ROW) {
                snprintf(sql, sizeof sql, "UPDATE %s SET %s = %s WHERE fid %% 3 = 1", layers[l],
                         (const char *)sqlite3_column_text(statement, 0), junk[j]);
                assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
            }
            sqlite3_finalize(statement);
            sqlite3_close(db);
        }
        draft = (jw_draft){0};
        if (jw_read_city_gpkg(jw_gpkg_test_path, &draft, NULL, NULL) == JW_OK) {
            jw_city *odd = NULL;
            if (jw_city_build(&draft, NULL, NULL, NULL, NULL, &odd, NULL) == JW_OK) {
                assert_int_equal(jw_city_verify(odd, NULL), JW_OK);
                jw_city_release(odd);
            }
            jw_draft_free(&draft);
        }
    }
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_other_geopackages(void **state)
{
    (void)state;
    jw_draft draft = {0};
    jw_error error = {0};
    jw_gpkg *gpkg = NULL;
    uint32_t layer;
    assert_int_equal(jw_gpkg_create(jw_gpkg_test_path, &gpkg, NULL), JW_OK);
    assert_int_equal(jw_gpkg_add_layer(gpkg, "trees", JW_GPKG_POINT, NULL, NULL, 0, &layer, NULL), JW_OK);
    assert_int_equal(jw_gpkg_commit(gpkg, NULL), JW_OK);
    jw_gpkg_close(gpkg);
    assert_int_equal(jw_read_city_gpkg(jw_gpkg_test_path, &draft, NULL, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "roads"));
    assert_int_equal(jw_read_city_gpkg("/nowhere.gpkg", &draft, NULL, NULL), JW_ERROR_NOT_FOUND);
    unlink(jw_gpkg_test_path);
    /* Roads alone, drawn by someone else, with no table of ours: an origin is found, crossings at ends join.
     */
    const double lon[] = {116.0, 116.01, 116.02, 116.01, 116.01}, lat[] = {39.0, 39.0, 39.0, 39.0, 39.01};
    const uint32_t parts[] = {0, 2};
    assert_int_equal(jw_gpkg_create(jw_gpkg_test_path, &gpkg, NULL), JW_OK);
    assert_int_equal(jw_gpkg_add_layer(gpkg, "roads", JW_GPKG_LINESTRING, NULL, NULL, 0, &layer, NULL),
                     JW_OK);
    for (int i = 0; i < 2; i++) {
        jw_gpkg_shape shape = {lon + i, lat + i, parts, NULL, 1, NULL};
        assert_int_equal(jw_gpkg_insert(gpkg, layer, &shape, NULL, 0, NULL), JW_OK);
    }
    jw_gpkg_shape shape = {lon + 3, lat + 3, parts, NULL, 1, NULL};
    assert_int_equal(jw_gpkg_insert(gpkg, layer, &shape, NULL, 0, NULL), JW_OK);
    assert_int_equal(jw_gpkg_commit(gpkg, NULL), JW_OK);
    jw_gpkg_close(gpkg);
    jw_city *city = jw_gpkg_test_read();
    assert_int_equal(city->edge_count, 6);
    assert_int_equal(city->junction_count, 4);
    assert_true(fabs(city->origin_lon_deg - 116.01) < 1e-9);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_memory_failures(void **state)
{
    (void)state;
    jw_draft draft = {0};
    draw_town(&draft);
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    jw_gpkg_test_write(city);
    int64_t bytes = jw_allocated_bytes();
    jw_result result = JW_ERROR_MEMORY;
    for (int64_t n = 0; result != JW_OK; n++) {
        draft = (jw_draft){0};
        jw_memory_fail_after(n);
        result = jw_read_city_gpkg(jw_gpkg_test_path, &draft, NULL, NULL);
        jw_memory_fail_after(-1);
        assert_true(result == JW_OK || result == JW_ERROR_MEMORY);
        jw_draft_free(&draft);
        assert_int_equal(jw_allocated_bytes(), bytes);
    }
    result = JW_ERROR_MEMORY;
    for (int64_t n = 0; result != JW_OK; n++) {
        unlink(jw_gpkg_test_path);
        jw_memory_fail_after(n);
        result = jw_write_city_gpkg(city, jw_gpkg_test_path, NULL);
        jw_memory_fail_after(-1);
        assert_int_equal(access(jw_gpkg_test_path, F_OK) == 0, result == JW_OK);
        assert_int_equal(jw_allocated_bytes(), bytes);
    }
    jw_city_release(city);
}

/* ---- others' eyes, real maps --------------------------------------------------------------------------- */

static void test_gdal_sees_layers(void **state)
{
    (void)state;
    if (system("ogrinfo --version >/dev/null 2>&1") != 0) {
        print_message("skipped: ogrinfo (package gdal-bin) is not installed\n");
        skip();
    }
    jw_draft draft = {0};
    draw_town(&draft);
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    jw_gpkg_test_write(city);
    static char text[1 << 17];
    char command[200];
    snprintf(command, sizeof command, "ogrinfo -al -so %s 2>&1", jw_gpkg_test_path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    text[fread(text, 1, sizeof text - 1, pipe)] = 0;
    assert_int_equal(pclose(pipe), 0);
    assert_null(strstr(text, "ERROR"));
    assert_null(strstr(text, "Warning"));
    static const char *const layers[] = {"roads", "lanes", "junctions", "connections", "buildings", "landuse",
                                         "water", "lines", "blocks",    "places",      "sites"};
    for (uint32_t i = 0; i < JW_COUNT_OF(layers); i++) {
        char line[60];
        snprintf(line, sizeof line, "Layer name: %s\n", layers[i]);
        assert_non_null(strstr(text, line));
    }
    jw_city_release(city);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        file_test(test_everything_comes_back), file_test(test_edited_columns),
        file_test(test_edited_import),         file_test(test_edited_turns),
        file_test(test_removed_road),          file_test(test_added_road_and_site),
        file_test(test_senseless_values),      file_test(test_other_geopackages),
        file_test(test_memory_failures),       file_test(test_gdal_sees_layers),
    };
    return cmocka_run_group_tests(tests, jw_gpkg_test_begin, jw_gpkg_test_end);
}
