#include "city/city_gpkg_test.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LENGTH_TOLERANCE_M 0.01 /* files keep millimetres */

static char folder[] = "/tmp/jw_city_gpkg_XXXXXX";
char jw_gpkg_test_path[64];

int jw_gpkg_test_begin(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(jw_gpkg_test_path, sizeof jw_gpkg_test_path, "%s/city.gpkg", folder);
    return 0;
}

int jw_gpkg_test_remove_file(void **state)
{
    (void)state;
    unlink(jw_gpkg_test_path);
    return 0;
}

int jw_gpkg_test_end(void **state)
{
    (void)state;
    return rmdir(folder);
}

void jw_gpkg_test_write(const jw_city *city)
{
    jw_error error = {0};
    unlink(jw_gpkg_test_path);
    if (jw_write_city_gpkg(city, jw_gpkg_test_path, &error) != JW_OK)
        fail_msg("%s", error.message);
}

void jw_gpkg_test_read_draft(jw_draft *draft, jw_problems *problems)
{
    jw_error error = {0};
    *draft = (jw_draft){0};
    if (jw_read_city_gpkg(jw_gpkg_test_path, draft, problems, &error) != JW_OK)
        fail_msg("%s", error.message);
    assert_true(draft->is_network && draft->is_projected);
}

jw_city *jw_gpkg_test_read(void)
{
    jw_draft draft;
    jw_gpkg_test_read_draft(&draft, NULL);
    jw_city *city = jw_fixture_build(&draft);
    jw_draft_free(&draft);
    return city;
}

void jw_gpkg_test_run_sql(const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    assert_int_equal(sqlite3_open(jw_gpkg_test_path, &db), SQLITE_OK);
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
uint32_t jw_gpkg_test_missing_connections(const jw_city *a, const jw_city *b)
{
    uint32_t missing = 0;
    for (uint32_t i = 0; i < a->connection_count; i++)
        missing +=
            !has_connection(b, &a->lanes[a->connections[i].from_lane], &a->lanes[a->connections[i].to_lane]);
    return missing;
}

static uint32_t count_gates(const jw_city *city)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < city->place_count; i++)
        count += city->places[i].kind == JW_PLACE_GATE;
    return count;
}

static uint32_t count_yields(const jw_city *city, uint32_t connection)
{
    const jw_connection *c = &city->connections[connection];
    uint32_t count = 0;
    for (uint32_t i = 0; i < c->conflict_count; i++)
        count += city->conflicts[c->first_conflict + i].must_yield;
    return count;
}

static void expect_same_lanes(const jw_city *a, const jw_city *b, uint32_t edge)
{
    const jw_edge *p = &a->edges[edge], *q = &b->edges[edge];
    assert_int_equal(p->lane_count, q->lane_count);
    for (uint32_t l = 0; l < p->lane_count; l++) {
        const jw_lane *lp = &a->lanes[p->first_lane + l], *lq = &b->lanes[q->first_lane + l];
        assert_true(fabs(lp->width_m - lq->width_m) < 1e-6);
        assert_int_equal(lp->allow, lq->allow);
    }
}

static void expect_same_edges(const jw_city *a, const jw_city *b)
{
    assert_int_equal(a->edge_count, b->edge_count);
    assert_int_equal(a->lane_count, b->lane_count);
    for (uint32_t i = 0; i < a->edge_count; i++) {
        const jw_edge *p = &a->edges[i], *q = &b->edges[i];
        if (fabs(p->length_m - q->length_m) > LENGTH_TOLERANCE_M)
            fail_msg("edge %u: %g m became %g m", i, p->length_m, q->length_m);
        assert_true(p->from == q->from && p->to == q->to && p->opposite == q->opposite);
        assert_true(p->speed_mps == q->speed_mps && p->layer == q->layer);
        assert_true(p->is_bridge == q->is_bridge && p->is_tunnel == q->is_tunnel);
        assert_true(p->is_roundabout == q->is_roundabout && p->is_link == q->is_link);
        assert_int_equal(p->road_class, q->road_class);
        assert_string_equal(jw_city_text(a, p->name), jw_city_text(b, q->name));
        expect_same_lanes(a, b, i);
    }
}

static void expect_same_programmes(const jw_city *a, const jw_city *b)
{
    assert_int_equal(a->programme_count, b->programme_count);
    for (uint32_t j = 0; j < a->junction_count; j++)
        assert_int_equal(a->junctions[j].programme, b->junctions[j].programme);
    for (uint32_t c = 0; c < a->connection_count; c++)
        assert_int_equal(a->connections[c].signal_link, b->connections[c].signal_link);
    for (uint32_t i = 0; i < a->programme_count; i++) {
        const jw_programme *p = &a->programmes[i], *q = &b->programmes[i];
        assert_true(p->kind == q->kind && p->offset_s == q->offset_s && p->cycle_s == q->cycle_s);
        assert_true(p->junction == q->junction && p->phase_count == q->phase_count &&
                    p->link_count == q->link_count);
        for (uint32_t k = 0; k < p->phase_count; k++) {
            const jw_signal_phase *x = &a->signal_phases[p->first_phase + k],
                                  *y = &b->signal_phases[q->first_phase + k];
            assert_true(x->duration_s == y->duration_s && x->min_s == y->min_s && x->max_s == y->max_s);
            assert_memory_equal(a->signal_states + x->first_state, b->signal_states + y->first_state,
                                p->link_count);
        }
    }
}

void jw_gpkg_test_expect_same_network(const jw_city *a, const jw_city *b)
{
    assert_true(a->origin_lon_deg == b->origin_lon_deg && a->origin_lat_deg == b->origin_lat_deg);
    expect_same_edges(a, b);
    assert_int_equal(a->junction_count, b->junction_count);
    for (uint32_t i = 0; i < a->junction_count; i++) {
        const jw_junction *p = &a->junctions[i], *q = &b->junctions[i];
        if (p->kind != q->kind)
            fail_msg("junction %u: kind %d became %d", i, p->kind, q->kind);
        assert_true(hypot(p->x_m - q->x_m, p->y_m - q->y_m) < LENGTH_TOLERANCE_M);
    }
    assert_int_equal(a->connection_count, b->connection_count);
    assert_int_equal(jw_gpkg_test_missing_connections(a, b), 0);
    assert_int_equal(jw_gpkg_test_missing_connections(b, a), 0);
    for (uint32_t i = 0; i < a->connection_count; i++) {
        assert_int_equal(a->connections[i].turn, b->connections[i].turn);
        assert_int_equal(count_yields(a, i), count_yields(b, i));
    }
    expect_same_programmes(a, b);
    assert_int_equal(count_gates(a), count_gates(b));
}
