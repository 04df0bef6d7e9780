/* Cities as GeoPackages: out, edited by others, and back. */
#include "city/city_fixtures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LENGTH_TOLERANCE_M                                                                                   \
    1.2 /* joints are cut back by half a metre at both ends when a network is built                          \
         */

static char folder[] = "/tmp/jw_city_gpkg_XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/city.gpkg", folder);
    return 0;
}

static int remove_file(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void write_city(const jw_city *city)
{
    jw_error error = {0};
    unlink(path);
    if (jw_write_city_gpkg(city, path, &error) != JW_OK)
        fail_msg("%s", error.message);
}

static void read_draft(jw_draft *draft, jw_problems *problems)
{
    jw_error error = {0};
    *draft = (jw_draft){0};
    if (jw_read_city_gpkg(path, draft, problems, &error) != JW_OK)
        fail_msg("%s", error.message);
    assert_true(draft->is_network && draft->is_projected);
}

static jw_city *read_city(void)
{
    jw_draft draft;
    read_draft(&draft, NULL);
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    return city;
}

static void run_sql(const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    sqlite3_close(db);
}

/* ---- the same network ---------------------------------------------------------------------------------- */

static bool has_connection(const jw_city *city, const jw_lane *from, const jw_lane *to)
{
    const jw_edge *edge = &city->edges[from->edge];
    if (from->index >= edge->lane_count)
        return false;
    const jw_lane *lane = &city->lanes[edge->first_lane + from->index];
    for (uint32_t i = 0; i < lane->connection_count; i++) {
        const jw_connection *c = &city->connections[city->lane_connections[lane->first_connection + i]];
        if (city->lanes[c->to_lane].edge == to->edge && city->lanes[c->to_lane].index == to->index)
            return true;
    }
    return false;
}

/* How many connections of a are not in b; edges keep their numbers. */
static uint32_t missing_connections(const jw_city *a, const jw_city *b)
{
    uint32_t missing = 0;
    for (uint32_t i = 0; i < a->connection_count; i++)
        missing +=
            !has_connection(b, &a->lanes[a->connections[i].from_lane], &a->lanes[a->connections[i].to_lane]);
    return missing;
}

static void expect_same_edges(const jw_city *a, const jw_city *b)
{
    assert_int_equal(a->edge_count, b->edge_count);
    assert_int_equal(a->lane_count, b->lane_count);
    assert_int_equal(a->junction_count, b->junction_count);
    assert_true(a->origin_lon_deg == b->origin_lon_deg && a->origin_lat_deg == b->origin_lat_deg);
    for (uint32_t i = 0; i < a->edge_count; i++) {
        const jw_edge *p = &a->edges[i], *q = &b->edges[i];
        assert_true(p->speed_mps == q->speed_mps);
        assert_int_equal(p->lane_count, q->lane_count);
        assert_int_equal(p->road_class, q->road_class);
        assert_string_equal(jw_city_text(a, p->name), jw_city_text(b, q->name));
        for (uint32_t l = 0; l < p->lane_count; l++) {
            const jw_lane *lp = &a->lanes[p->first_lane + l], *lq = &b->lanes[q->first_lane + l];
            assert_true(fabs(lp->width_m - lq->width_m) < 1e-6);
            assert_int_equal(lp->allow, lq->allow);
        }
    }
}

static void expect_same_network(const jw_city *a, const jw_city *b)
{
    expect_same_edges(a, b);
    for (uint32_t i = 0; i < a->edge_count; i++) {
        if (fabs(a->edges[i].length_m - b->edges[i].length_m) > LENGTH_TOLERANCE_M)
            fail_msg("edge %u: %g m became %g m", i, a->edges[i].length_m, b->edges[i].length_m);
        assert_int_equal(a->junctions[a->edges[i].to].kind, b->junctions[b->edges[i].to].kind);
    }
    assert_int_equal(a->connection_count, b->connection_count);
    assert_int_equal(missing_connections(a, b), 0);
    assert_int_equal(missing_connections(b, a), 0);
    assert_int_equal(a->conflict_count, b->conflict_count);
    assert_int_equal(a->programme_count, b->programme_count);
}

static void round_trip(jw_city *city)
{
    write_city(city);
    jw_city *again = read_city();
    expect_same_network(city, again);
    jw_city_release(again);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_networks_come_back(void **state)
{
    (void)state;
    round_trip(jw_fixture_road(1000, 3, 20));
    round_trip(jw_fixture_two_roads(300, 3, 2, 15));
    round_trip(jw_fixture_cross(200, 2, 14, true));
    round_trip(jw_fixture_cross(200, 3, 14, false));
    round_trip(jw_fixture_priority_t(200, 50 / 3.6));
    round_trip(jw_fixture_roundabout(25, 150));
    round_trip(jw_fixture_grid(3, 180, 2, 50 / 3.6, true));
}

/* What metres the file gives back are those that went in, to the millimetre. */
static void test_millimetres(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_grid(2, 180, 2, 50 / 3.6, false);
    write_city(city);
    jw_draft draft;
    read_draft(&draft, NULL);
    assert_int_equal(draft.road_count, city->edge_count);
    for (uint32_t i = 0; i < city->edge_count; i++) {
        const jw_edge *edge = &city->edges[i];
        const jw_draft_road *road = &draft.roads[i];
        assert_int_equal(edge->point_count, road->ref_count);
        for (uint32_t k = 0; k < edge->point_count; k++) {
            jw_vec3 p = city->points[edge->first_point + k];
            const jw_draft_node *node = &draft.nodes[draft.refs[road->first_ref + k]];
            assert_true(fabs(node->x_m - p.x) < 0.000501 && fabs(node->y_m - p.y) < 0.000501);
            assert_true(node->x_m == jw_round_mm(node->x_m));
        }
    }
    jw_draft_free(&draft);
    jw_city_release(city);
}

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
    draft->roads[4].allow = JW_ALLOW_CAR | JW_ALLOW_BUS;
    jw_draft_building building = {.height_m = 45.5f,
                                  .base_m = 3.0f,
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
    assert_int_equal(jw_draft_add_site(draft, "edge-1", "edge", "ascend-310p", 8, 100, 100.5, NULL), JW_OK);
}

static void test_everything_comes_back(void **state)
{
    (void)state;
    jw_draft draft = {0};
    draw_town(&draft);
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    write_city(city);
    jw_city *again = read_city();
    expect_same_network(city, again);
    assert_string_equal(jw_city_text(again, again->name), "启动区");
    assert_int_equal(again->building_count, city->building_count);
    for (uint32_t i = 0; i < city->building_count; i++) {
        const jw_building *p = &city->buildings[i], *q = &again->buildings[i];
        assert_true(p->height_m == q->height_m && p->base_m == q->base_m && p->levels == q->levels);
        assert_true(p->use == q->use && p->population == q->population && p->jobs == q->jobs);
        assert_true(p->ring_count == q->ring_count && p->source_id == q->source_id && p->block == q->block);
        assert_true(fabs(p->x_m - q->x_m) < 0.001 && fabs(p->y_m - q->y_m) < 0.001);
    }
    assert_int_equal(again->buildings[again->building_count - 1].ring_count, 2);
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
    assert_int_equal(again->site_count, 1);
    assert_string_equal(jw_city_text(again, again->sites[0].card), "ascend-310p");
    assert_true(again->sites[0].card_count == 8 && again->sites[0].y_m == 100.5);
    jw_city_release(again);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* ---- rules that the file must carry -------------------------------------------------------------------- */

static void test_forbidden_turns_and_signs(void **state)
{
    (void)state;
    {
        jw_draft draft = {0};
        jw_fixture_draw_grid(&draft, 2, 200, 2, 50 / 3.6, false);
        for (uint32_t i = 0; i < draft.road_count; i++)
            draft.roads[i].road_class = i % 2 ? JW_ROAD_SECONDARY : JW_ROAD_TERTIARY;
        for (uint32_t i = 0; i < draft.node_count; i++)
            draft.nodes[i].source_id = 1000 + i;
        for (uint32_t i = 0; i < draft.road_count; i++)
            draft.roads[i].source_id = 1 + i;
        jw_city *free_city = jw_fixture_build(&draft);
        for (uint32_t a = 0; a < draft.road_count;
             a++) /* no turns from the first three roads to the next ones */
            for (uint32_t n = 0; n < draft.node_count && a < 3; n++) {
                jw_draft_restriction ban = {1 + a, 2 + a, 1000 + n, JW_RESTRICTION_NO, JW_TURN_LEFT};
                assert_int_equal(jw_draft_add_restriction(&draft, &ban, NULL), JW_OK);
            }
        jw_city *city = jw_fixture_build(&draft);
        assert_true(missing_connections(free_city, city) > 0);
        jw_city_release(free_city);
        jw_draft_free(&draft);
        round_trip(city);
    }
}

static void test_stop_signs(void **state)
{
    (void)state;
    /* A residential street crosses a primary road that must stop: against what the classes say. */
    jw_draft draft = {.is_projected = true, .origin_lon_deg = 116, .origin_lat_deg = 39};
    uint32_t middle = jw_fixture_add_node(&draft, 0, 0, false);
    const double x[] = {-200, 200, 0, 0}, y[] = {0, 0, -200, 200};
    for (int i = 0; i < 4; i++) {
        uint32_t end = jw_fixture_add_node(&draft, x[i], y[i], false);
        if (i >= 2) {
            jw_fixture_add_road(&draft, end, middle, JW_ROAD_RESIDENTIAL, 1, 1, 10);
            continue;
        }
        uint32_t sign = jw_fixture_add_node(&draft, x[i] * 0.05, 0, false);
        draft.nodes[sign].has_stop = 1;
        uint32_t refs[] = {end, sign, middle};
        jw_draft_road road = {
            .road_class = JW_ROAD_PRIMARY, .lanes_forward = 1, .lanes_backward = 1, .speed_mps = 14};
        assert_int_equal(jw_draft_add_road(&draft, &road, refs, 3, NULL, NULL), JW_OK);
    }
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    uint32_t stops = 0;
    for (uint32_t j = 0; j < city->junction_count; j++)
        stops += city->junctions[j].kind == JW_JUNCTION_STOP;
    assert_int_equal(stops, 1);
    write_city(city);
    jw_city *again = read_city();
    expect_same_network(city, again);
    /* Each pair of connections is decided alike. */
    for (uint32_t i = 0; i < city->connection_count; i++) {
        const jw_connection *p = &city->connections[i], *q = &again->connections[i];
        assert_int_equal(p->conflict_count, q->conflict_count);
        for (uint32_t k = 0; k < p->conflict_count; k++) {
            const jw_conflict *c = &city->conflicts[p->first_conflict + k];
            for (uint32_t m = 0; m < q->conflict_count; m++) {
                const jw_conflict *d = &again->conflicts[q->first_conflict + m];
                if (d->foe == c->foe)
                    assert_int_equal(c->must_yield, d->must_yield);
            }
        }
    }
    jw_city_release(again);
    jw_city_release(city);
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
    write_city(city);
    char sql[200];
    snprintf(sql, sizeof sql,
             "UPDATE roads SET lanes = 3, speed_kmh = '80', bike_lane = 1, name = 'wide' WHERE id = %u;"
             "UPDATE junctions SET signal = 0",
             edge);
    run_sql(sql);
    jw_city *again = read_city();
    assert_int_equal(again->edge_count, city->edge_count);
    assert_int_equal(again->lane_count, city->lane_count + 2);
    assert_int_equal(again->edges[edge].lane_count, 4);
    assert_true(again->edges[edge].speed_mps == 80 / 3.6);
    assert_string_equal(jw_city_text(again, again->edges[edge].name), "wide");
    assert_int_equal(again->programme_count, 0);
    jw_city_release(again);
    jw_city_release(city);
}

static void test_removed_road(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_grid(2, 200, 2, 50 / 3.6, true);
    write_city(city);
    char sql[200];
    uint32_t there = edge_between(city, 200, 0, 200, 200), back = edge_between(city, 200, 200, 200, 0);
    snprintf(sql, sizeof sql, "DELETE FROM roads WHERE id IN (%u, %u)", there, back);
    run_sql(sql);
    jw_city *again = read_city();
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
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
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
    assert_int_equal(jw_gpkg_open(path, true, &gpkg, NULL), JW_OK);
    const uint32_t parts[] = {0, count};
    jw_gpkg_shape shape = {lon, lat, parts, NULL, 1};
    assert_int_equal(
        jw_gpkg_insert(gpkg, jw_gpkg_find_layer(gpkg, layer_name), &shape, values, value_count, NULL), JW_OK);
    assert_int_equal(jw_gpkg_commit(gpkg, NULL), JW_OK);
    jw_gpkg_close(gpkg);
}

static void test_added_road_and_site(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_grid(2, 200, 2, 50 / 3.6, true);
    write_city(city);
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
    jw_city *again = read_city();
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
        {"UPDATE roads SET lanes = -5 WHERE fid = 1", "without motor lanes"},
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
        write_city(city);
        char sql[400];
        snprintf(sql, sizeof sql,
                 "DROP TRIGGER rtree_roads_geom_update1; DROP TRIGGER rtree_roads_geom_update2; %s",
                 cases[i].sql);
        run_sql(sql);
        jw_problems problems = {0};
        read_draft(&draft, &problems);
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
        write_city(city);
        for (uint32_t l = 0; l < JW_COUNT_OF(layers); l++) {
            char sql[300];
            sqlite3 *db;
            sqlite3_stmt *statement;
            assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
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
        if (jw_read_city_gpkg(path, &draft, NULL, NULL) == JW_OK) {
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
    assert_int_equal(jw_gpkg_create(path, &gpkg, NULL), JW_OK);
    assert_int_equal(jw_gpkg_add_layer(gpkg, "trees", JW_GPKG_POINT, NULL, NULL, 0, &layer, NULL), JW_OK);
    assert_int_equal(jw_gpkg_commit(gpkg, NULL), JW_OK);
    jw_gpkg_close(gpkg);
    assert_int_equal(jw_read_city_gpkg(path, &draft, NULL, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "roads"));
    assert_int_equal(jw_read_city_gpkg("/nowhere.gpkg", &draft, NULL, NULL), JW_ERROR_NOT_FOUND);
    unlink(path);
    /* Roads alone, drawn by someone else, with no table of ours: an origin is found, crossings at ends join.
     */
    const double lon[] = {116.0, 116.01, 116.02, 116.01, 116.01}, lat[] = {39.0, 39.0, 39.0, 39.0, 39.01};
    const uint32_t parts[] = {0, 2};
    assert_int_equal(jw_gpkg_create(path, &gpkg, NULL), JW_OK);
    assert_int_equal(jw_gpkg_add_layer(gpkg, "roads", JW_GPKG_LINESTRING, NULL, NULL, 0, &layer, NULL),
                     JW_OK);
    for (int i = 0; i < 2; i++) {
        jw_gpkg_shape shape = {lon + i, lat + i, parts, NULL, 1};
        assert_int_equal(jw_gpkg_insert(gpkg, layer, &shape, NULL, 0, NULL), JW_OK);
    }
    jw_gpkg_shape shape = {lon + 3, lat + 3, parts, NULL, 1};
    assert_int_equal(jw_gpkg_insert(gpkg, layer, &shape, NULL, 0, NULL), JW_OK);
    assert_int_equal(jw_gpkg_commit(gpkg, NULL), JW_OK);
    jw_gpkg_close(gpkg);
    jw_city *city = read_city();
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
    write_city(city);
    int64_t bytes = jw_allocated_bytes();
    jw_result result = JW_ERROR_MEMORY;
    for (int64_t n = 0; result != JW_OK; n++) {
        draft = (jw_draft){0};
        jw_memory_fail_after(n);
        result = jw_read_city_gpkg(path, &draft, NULL, NULL);
        jw_memory_fail_after(-1);
        assert_true(result == JW_OK || result == JW_ERROR_MEMORY);
        jw_draft_free(&draft);
        assert_int_equal(jw_allocated_bytes(), bytes);
    }
    result = JW_ERROR_MEMORY;
    for (int64_t n = 0; result != JW_OK; n++) {
        unlink(path);
        jw_memory_fail_after(n);
        result = jw_write_city_gpkg(city, path, NULL);
        jw_memory_fail_after(-1);
        assert_int_equal(access(path, F_OK) == 0, result == JW_OK);
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
    write_city(city);
    static char text[1 << 17];
    char command[200];
    snprintf(command, sizeof command, "ogrinfo -al -so %s 2>&1", path);
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

static void test_real_maps(void **state)
{
    (void)state;
    const char *data = getenv("JINGWEI_DATA");
    if (!data) {
        print_message("skipped: JINGWEI_DATA is not set\n");
        skip();
    }
    static const char *const maps[] = {"monaco.osm.gz", "krems.osm.gz", "shanghai_center.osm.gz"};
    for (uint32_t m = 0; m < JW_COUNT_OF(maps); m++) {
        char map[300];
        snprintf(map, sizeof map, "%s/%s", data, maps[m]);
        jw_draft draft = {0};
        jw_error error = {0};
        if (jw_read_osm(map, &draft, NULL, NULL, NULL, &error) != JW_OK)
            fail_msg("%s", error.message);
        jw_city *city = jw_fixture_build(&draft);
        jw_draft_free(&draft);
        write_city(city);
        jw_city *again = read_city();
        expect_same_edges(city, again);
        assert_int_equal(again->building_count, city->building_count);
        assert_int_equal(again->area_count, city->area_count);
        assert_int_equal(again->block_count, city->block_count);
        assert_int_equal(again->place_count, city->place_count);
        uint32_t missing = missing_connections(city, again), extra = missing_connections(again, city);
        print_message("%s: %u connections, %u missing, %u extra\n", maps[m], city->connection_count, missing,
                      extra);
        assert_true(missing + extra <= city->connection_count / 50);
        jw_city_release(again);
        jw_city_release(city);
    }
    assert_int_equal(jw_allocated_bytes(), 0);
}

#define file_test(name) cmocka_unit_test_teardown(name, remove_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        file_test(test_networks_come_back),
        file_test(test_millimetres),
        file_test(test_everything_comes_back),
        file_test(test_forbidden_turns_and_signs),
        file_test(test_stop_signs),
        file_test(test_edited_columns),
        file_test(test_removed_road),
        file_test(test_added_road_and_site),
        file_test(test_senseless_values),
        file_test(test_other_geopackages),
        file_test(test_memory_failures),
        file_test(test_gdal_sees_layers),
        file_test(test_real_maps),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
