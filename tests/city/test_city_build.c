/* jw_city_build on hand-made drafts: junctions, lanes, connections, right of way, signals, blocks. */
#include "city/city_fixtures.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

static void test_road(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_road(1000, 3, 20);
    assert_int_equal(city->edge_count, 1);
    assert_int_equal(city->lane_count, 3);
    assert_int_equal(city->junction_count, 2);
    assert_int_equal(city->connection_count, 0);
    assert_true(city->edges[0].length_m == 1000.0);
    /* kerb lane first, on the right of travel eastwards: the south */
    double y0 = city->points[city->lanes[0].first_point].y, y2 = city->points[city->lanes[2].first_point].y;
    assert_true(y0 == -city->lanes[0].width_m && y2 == city->lanes[2].width_m);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_lane_drop(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_two_roads(300, 3, 2, 15);
    assert_int_equal(city->edge_count, 2);
    assert_int_equal(city->junctions[1].kind, JW_JUNCTION_JOINT);
    assert_int_equal(city->connection_count, 3); /* every lane leads somewhere */
    uint32_t merges = 0;
    for (uint32_t i = 0; i < city->conflict_count; i++)
        merges += city->conflicts[i].is_merge;
    assert_int_equal(merges, 2); /* one pair, seen from both */
    jw_city_release(city);
}

static const jw_connection *find_connection(const jw_city *city, uint32_t from_edge, uint32_t to_edge)
{
    for (uint32_t i = 0; i < city->connection_count; i++) {
        const jw_connection *c = &city->connections[i];
        if (city->lanes[c->from_lane].edge == from_edge && city->lanes[c->to_lane].edge == to_edge)
            return c;
    }
    return NULL;
}

static const jw_conflict *find_conflict(const jw_city *city, const jw_connection *a, const jw_connection *b)
{
    for (uint32_t i = 0; i < a->conflict_count; i++)
        if (&city->connections[city->conflicts[a->first_conflict + i].foe] == b)
            return &city->conflicts[a->first_conflict + i];
    return NULL;
}

static void test_priority_t(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_priority_t(200, 50 / 3.6);
    assert_int_equal(city->junctions[1].kind, JW_JUNCTION_PRIORITY);
    const jw_connection *ahead = find_connection(city, 0, 3), *back = find_connection(city, 2, 1);
    const jw_connection *out_left = find_connection(city, 4, 1), *out_right = find_connection(city, 4, 3);
    const jw_connection *in_left = find_connection(city, 2, 5), *in_right = find_connection(city, 0, 5);
    assert_true(ahead && back && out_left && out_right && in_left && in_right);
    assert_int_equal(city->junctions[1].connection_count, 6); /* no U-turns */
    assert_int_equal(ahead->turn, JW_TURN_STRAIGHT);
    assert_int_equal(out_left->turn, JW_TURN_LEFT);
    assert_int_equal(in_right->turn, JW_TURN_RIGHT);
    assert_int_equal(ahead->rank, 0);
    assert_int_equal(back->rank, 0);
    assert_int_equal(in_right->rank, 0);
    assert_null(find_conflict(city, ahead, back));
    /* the minor road yields to both directions; the left turn off the main road yields to the oncoming one */
    assert_true(find_conflict(city, out_left, ahead) && find_conflict(city, out_left, ahead)->must_yield);
    assert_true(find_conflict(city, out_left, back) && find_conflict(city, out_left, back)->is_merge);
    assert_true(find_conflict(city, out_right, ahead) && find_conflict(city, out_right, ahead)->must_yield);
    assert_null(find_conflict(city, out_right, back));
    assert_true(find_conflict(city, in_left, ahead) && find_conflict(city, in_left, ahead)->must_yield);
    assert_true(find_conflict(city, ahead, in_left) && !find_conflict(city, ahead, in_left)->must_yield);
    jw_city_release(city);
}

static void check_programmes(const jw_city *city)
{
    for (uint32_t p = 0; p < city->programme_count; p++) {
        const jw_programme *programme = &city->programmes[p];
        const jw_junction *junction = &city->junctions[programme->junction];
        assert_true(programme->phase_count <= 16);
        for (uint32_t link = 0; link < programme->link_count; link++) {
            bool is_served = false;
            const jw_connection *c = &city->connections[junction->first_connection + link];
            assert_int_equal(c->signal_link, link);
            for (uint32_t k = 0; k < programme->phase_count; k++) {
                const char *s =
                    city->signal_states + city->signal_phases[programme->first_phase + k].first_state;
                is_served |= s[link] == 'G' || s[link] == 'g';
                for (uint32_t f = 0; f < c->conflict_count && s[link] == 'G'; f++) {
                    uint32_t foe = city->connections[city->conflicts[c->first_conflict + f].foe].signal_link;
                    assert_int_not_equal(s[foe], 'G'); /* never two with priority in each other's way */
                }
                /* after green comes amber */
                const char *next =
                    city->signal_states +
                    city->signal_phases[programme->first_phase + (k + 1) % programme->phase_count]
                        .first_state;
                if ((s[link] == 'G' || s[link] == 'g') && next[link] != 'G' && next[link] != 'g')
                    assert_int_equal(next[link], 'y');
            }
            assert_true(is_served);
        }
    }
}

static void test_signal_cross(void **state)
{
    (void)state;
    for (uint32_t lanes = 1; lanes <= 4; lanes++) {
        jw_city *city = jw_fixture_cross(200, lanes, 50 / 3.6, true);
        assert_int_equal(city->edge_count, 8);
        assert_int_equal(city->junctions[1].kind, JW_JUNCTION_SIGNAL);
        assert_int_equal(city->programme_count, 1);
        check_programmes(city);
        assert_int_equal(city->programmes[0].phase_count, lanes >= 3 ? 12 : 6); /* protected left turns */
        assert_true(city->programmes[0].cycle_s >= 60 && city->programmes[0].cycle_s <= 120);
        assert_true(find_connection(city, 0, 3) && find_connection(city, 0, 5) &&
                    find_connection(city, 0, 7));
        const jw_connection *left = find_connection(city, 0, 7), *oncoming = find_connection(city, 2, 1);
        assert_true(find_conflict(city, left, oncoming)->must_yield);
        /* every lane in has a way, every lane out is reached */
        for (uint32_t e = 0; e < 8; e += 2)
            for (uint32_t l = 0; l < lanes; l++)
                assert_true(city->lanes[city->edges[e].first_lane + l].connection_count >= 1);
        jw_city_release(city);
    }
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_grid(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_grid(4, 150, 2, 50 / 3.6, true);
    assert_int_equal(city->junction_count, 21); /* the corners are bends */
    assert_int_equal(city->edge_count, 2 * (2 * 4 * 5 - 4));
    assert_int_equal(city->block_count, 16);
    assert_int_equal(city->building_count, 16);
    assert_int_equal(city->programme_count, 21);
    check_programmes(city);
    for (uint32_t b = 0; b < city->block_count; b++) {
        assert_int_equal(city->blocks[b].population, 300);
        assert_int_equal(city->buildings[b].block, b);
        assert_int_equal(city->blocks[b].access_count, 4);
    }
    uint32_t component[80];
    jw_error error = {0};
    assert_int_equal(jw_city_components(city, component, &error), JW_OK);
    for (uint32_t e = 0; e < city->edge_count; e++)
        assert_int_equal(component[e], 0);
    jw_city_release(city);
}

static void test_roundabout(void **state)
{
    (void)state;
    jw_city *city = jw_fixture_roundabout(15, 100);
    uint32_t rings = 0;
    for (uint32_t j = 0; j < city->junction_count; j++)
        rings += city->junctions[j].kind == JW_JUNCTION_ROUNDABOUT;
    assert_int_equal(rings, 4);
    for (uint32_t i = 0; i < city->connection_count; i++) {
        const jw_connection *c = &city->connections[i];
        if (city->edges[city->lanes[c->from_lane].edge].is_roundabout)
            assert_int_equal(c->rank, 0);
        else
            for (uint32_t k = 0; k < c->conflict_count; k++) {
                const jw_conflict *conflict = &city->conflicts[c->first_conflict + k];
                const jw_connection *foe = &city->connections[conflict->foe];
                if (city->edges[city->lanes[foe->from_lane].edge].is_roundabout)
                    assert_true(conflict->must_yield);
            }
    }
    jw_city_release(city);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_road),       cmocka_unit_test(test_lane_drop),
        cmocka_unit_test(test_priority_t), cmocka_unit_test(test_signal_cross),
        cmocka_unit_test(test_grid),       cmocka_unit_test(test_roundabout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
