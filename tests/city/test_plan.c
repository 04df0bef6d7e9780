/* The planner's totals, its promises to dwellers, and its refusals. */
#include "city/city.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static jw_draft make_plan(jw_plan_def def)
{
    jw_draft draft;
    jw_error error = {0};
    if (jw_plan_city(&def, &draft, &error) != JW_OK) {
        fail_msg("%s", error.message);
    }
    return draft;
}

static jw_vec2 at(const jw_draft *draft, uint32_t ref)
{
    const jw_draft_node *node = &draft->nodes[draft->refs[ref]];
    return (jw_vec2){node->x_m, node->y_m};
}

static double road_length_m(const jw_draft *draft, const jw_draft_road *road)
{
    double sum = 0;
    for (uint32_t i = 0; i + 1 < road->ref_count; ++i) {
        sum += jw_vec2_distance(at(draft, road->first_ref + i), at(draft, road->first_ref + i + 1));
    }
    return sum;
}

static double ring_area_m2(const jw_draft *draft, uint32_t ring)
{
    jw_ring_range range = draft->rings[ring];
    double twice = 0;
    for (uint32_t i = 0; i < range.point_count; ++i) {
        twice += jw_vec2_cross(at(draft, range.first_point + i),
                               at(draft, range.first_point + (i + 1) % range.point_count));
    }
    return 0.5 * twice;
}

static uint64_t draft_hash(const jw_draft *draft)
{
    uint64_t hash = 0;
    for (uint32_t i = 0; i < draft->node_count; ++i) {
        hash = jw_hash_f64(jw_hash_f64(hash, draft->nodes[i].x_m), draft->nodes[i].y_m);
        hash = jw_hash_u64(hash, draft->nodes[i].has_signal + 2u * draft->nodes[i].is_gate);
    }
    hash = jw_hash_bytes(hash, draft->refs, draft->ref_count * sizeof *draft->refs);
    for (uint32_t i = 0; i < draft->road_count; ++i) {
        hash = jw_hash_u64(hash, draft->roads[i].first_ref);
        hash = jw_hash_u64(hash, (uint64_t)draft->roads[i].road_class * 8 + (uint64_t)draft->roads[i].layer);
    }
    for (uint32_t i = 0; i < draft->building_count; ++i) {
        hash = jw_hash_u64(hash, draft->buildings[i].levels);
        hash = jw_hash_u64(hash, ((uint64_t)draft->buildings[i].population << 32) + draft->buildings[i].jobs);
    }
    return jw_hash_bytes(hash, draft->texts, draft->text_size);
}

static uint32_t count_places(const jw_draft *draft, jw_place_kind kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < draft->place_count; ++i) {
        count += draft->places[i].kind == kind;
    }
    return count;
}

/* ---- the start-up area of the references -----------------------------------------------------------------
 */

/* 38 km2, about 26 built, 10,000 people per km2, roads of 10-15 km per built km2, at least 20 signals. */
static void test_totals(void **state)
{
    (void)state;
    jw_draft draft = make_plan((jw_plan_def){0});
    uint64_t people = 0, jobs = 0, people_in_buildings = 0, jobs_in_buildings = 0;
    for (uint32_t i = 0; i < draft.block_count; ++i) {
        people += draft.blocks[i].population;
        jobs += draft.blocks[i].jobs;
    }
    for (uint32_t i = 0; i < draft.building_count; ++i) {
        people_in_buildings += draft.buildings[i].population;
        jobs_in_buildings += draft.buildings[i].jobs;
    }
    assert_int_equal(people, 380000);
    assert_int_equal(people_in_buildings, 380000);
    assert_int_equal(jobs, 190000);
    assert_int_equal(jobs_in_buildings, 190000);
    assert_in_range(draft.building_count, 4000, 6000);

    /* built: what is not woodland, lake, gardens or corridor */
    static const char *const open_names[] = {"Woodland ring", "South lake",      "Lake shore park",
                                             "Reed bank",     "Central gardens", "Green corridor",
                                             "Canal garden"};
    double open_m2 = 0, road_km = 0, lake_m2 = 0, border_m2 = 0;
    for (uint32_t i = 0; i < draft.area_count; ++i) {
        const jw_draft_area *area = &draft.areas[i];
        const char *name = draft.texts + area->name;
        double area_m2 = ring_area_m2(&draft, area->shape.first_ring);
        border_m2 = jw_max(border_m2, area_m2);
        lake_m2 += strcmp(name, "South lake") == 0 ? area_m2 : 0;
        for (uint32_t r = 1; r < area->shape.ring_count; ++r) {
            area_m2 -= jw_abs(ring_area_m2(&draft, area->shape.first_ring + r));
        }
        for (uint32_t k = 0; k < JW_COUNT_OF(open_names); ++k) {
            open_m2 += strncmp(name, open_names[k], strlen(open_names[k])) == 0 ? area_m2 : 0;
        }
    }
    for (uint32_t i = 0; i < draft.road_count; ++i) {
        road_km += road_length_m(&draft, &draft.roads[i]) / 1000;
    }
    double built_km2 = 38 - open_m2 / 1e6;
    print_message("built %.1f km2, roads %.0f km: %.1f km/km2, lake %.2f km2, border %.1f km2\n", built_km2,
                  road_km, road_km / built_km2, lake_m2 / 1e6, border_m2 / 1e6);
    assert_true(built_km2 > 24 && built_km2 < 28);
    assert_true(road_km / built_km2 > 10 && road_km / built_km2 < 15);
    assert_true(jw_abs(lake_m2 / 38e6 - 0.08) < 0.01);
    assert_true(jw_abs(border_m2 / 38e6 - 1) < 0.04); /* its edge wanders about the border */

    assert_int_equal(count_places(&draft, JW_PLACE_STATION), 1);
    assert_int_equal(count_places(&draft, JW_PLACE_COMPUTING_CENTRE), 1);
    assert_true(count_places(&draft, JW_PLACE_HOSPITAL) >= 2);
    assert_true(count_places(&draft, JW_PLACE_SCHOOL) >= 25);
    assert_true(count_places(&draft, JW_PLACE_FACTORY) >= 4);
    uint32_t gates = 0, signals = 0;
    for (uint32_t i = 0; i < draft.node_count; ++i) {
        gates += draft.nodes[i].is_gate;
        signals += draft.nodes[i].has_signal;
    }
    assert_int_equal(gates, count_places(&draft, JW_PLACE_GATE));
    assert_in_range(gates, 8, 20);
    assert_in_range(signals, 60, 250);
    jw_draft_free(&draft);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Usual height about 45 m; towers in a few places only. */
static void test_heights(void **state)
{
    (void)state;
    jw_draft draft = make_plan((jw_plan_def){0});
    uint32_t high = 0;
    double homes_m2 = 0;
    for (uint32_t i = 0; i < draft.building_count; ++i) {
        const jw_draft_building *building = &draft.buildings[i];
        assert_true(building->levels >= 1 && building->height_m > 2.9);
        high += building->height_m > 45;
        if (building->use == JW_USE_RESIDENTIAL) {
            homes_m2 += ring_area_m2(&draft, building->shape.first_ring) * building->levels;
        }
    }
    print_message("%u of %u above 45 m; %.1f m2 of dwelling a person\n", high, draft.building_count,
                  homes_m2 / 380000);
    assert_true(high > 5 && high < draft.building_count / 50);
    assert_true(homes_m2 / 380000 > 30 && homes_m2 / 380000 < 70);
    jw_draft_free(&draft);
}

/* ---- parks -----------------------------------------------------------------------------------------------
 */

static double distance_to_ring_m(const jw_draft *draft, uint32_t ring, jw_vec2 p)
{
    jw_ring_range range = draft->rings[ring];
    double best = 1e18;
    bool is_inside = false;
    for (uint32_t i = 0, k = range.point_count - 1; i < range.point_count; k = i++) {
        jw_vec2 a = at(draft, range.first_point + i), b = at(draft, range.first_point + k);
        jw_vec2 along = jw_vec2_sub(b, a);
        double t =
            jw_clamp(jw_vec2_dot(jw_vec2_sub(p, a), along) / jw_max(jw_vec2_dot(along, along), 1e-9), 0, 1);
        best = jw_min(best, jw_vec2_distance(p, jw_vec2_lerp(a, b, t)));
        if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x) {
            is_inside = !is_inside;
        }
    }
    return is_inside ? 0 : best;
}

static double share_near_park(const jw_draft *draft)
{
    uint64_t near = 0, all = 0;
    for (uint32_t i = 0; i < draft->building_count; ++i) {
        const jw_draft_building *building = &draft->buildings[i];
        if (building->population == 0) {
            continue;
        }
        jw_vec2 p = at(draft, draft->rings[building->shape.first_ring].first_point);
        bool is_near = false;
        for (uint32_t k = 0; k < draft->area_count && !is_near; ++k) {
            const jw_draft_area *area = &draft->areas[k];
            /* the wood's hole is its side towards the city */
            uint32_t ring =
                area->shape.first_ring + (area->kind == JW_AREA_WOOD && area->shape.ring_count > 1);
            bool is_wood = area->kind == JW_AREA_WOOD && area->shape.ring_count > 1;
            if (is_wood) {
                jw_ring_range range = draft->rings[ring];
                for (uint32_t r = 0; r < range.point_count && !is_near; ++r) {
                    is_near = jw_vec2_distance(p, at(draft, range.first_point + r)) <= 300;
                }
            } else if (area->kind == JW_AREA_PARK) {
                is_near = distance_to_ring_m(draft, ring, p) <= 300;
            }
        }
        near += is_near ? building->population : 0;
        all += building->population;
    }
    return (double)near / (double)all;
}

static void test_parks_near(void **state)
{
    (void)state;
    jw_draft draft = make_plan((jw_plan_def){0});
    double share = share_near_park(&draft);
    print_message("%.2f %% of people within 300 m of a park\n", 100 * share);
    assert_true(share >= 0.95);
    jw_draft_free(&draft);
    draft = make_plan((jw_plan_def){.style = "district"});
    assert_true(share_near_park(&draft) >= 0.95);
    jw_draft_free(&draft);
}

/* ---- definitions -----------------------------------------------------------------------------------------
 */

static void test_same_seed_same_plan(void **state)
{
    (void)state;
    jw_draft a = make_plan((jw_plan_def){.style = "district"}),
             b = make_plan((jw_plan_def){.style = "district"});
    jw_draft c = make_plan((jw_plan_def){.style = "district", .seed = 8});
    assert_int_equal(draft_hash(&a), draft_hash(&b));
    assert_int_not_equal(draft_hash(&a), draft_hash(&c));
    jw_draft_free(&a);
    jw_draft_free(&b);
    jw_draft_free(&c);
    a = make_plan((jw_plan_def){.seed = 7});
    b = make_plan((jw_plan_def){.style = "xiongan"});
    assert_int_equal(draft_hash(&a), draft_hash(&b)); /* 7 is the default */
    jw_draft_free(&a);
    jw_draft_free(&b);
}

static void test_district(void **state)
{
    (void)state;
    jw_draft draft = make_plan((jw_plan_def){.style = "district"});
    uint64_t people = 0;
    for (uint32_t i = 0; i < draft.block_count; ++i) {
        people += draft.blocks[i].population;
    }
    assert_int_equal(people, 40000);
    assert_in_range(draft.building_count, 400, 1200);
    assert_int_equal(count_places(&draft, JW_PLACE_COMPUTING_CENTRE), 1);
    assert_true(count_places(&draft, JW_PLACE_FACTORY) >= 1);
    assert_true(count_places(&draft, JW_PLACE_SCHOOL) >= 2);
    assert_true(count_places(&draft, JW_PLACE_HOSPITAL) >= 1);
    assert_true(count_places(&draft, JW_PLACE_GATE) >= 3);
    jw_draft_free(&draft);
}

static void expect_refused(jw_plan_def def, const char *field)
{
    jw_draft draft;
    jw_error error = {0};
    assert_int_equal(jw_plan_city(&def, &draft, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, field));
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_refusals(void **state)
{
    (void)state;
    expect_refused((jw_plan_def){.style = "paris"}, "style");
    jw_plan_def unterminated = {0};
    memset(unterminated.style, 'x', sizeof unterminated.style);
    expect_refused(unterminated, "style");
    expect_refused((jw_plan_def){.area_km2 = 0.5}, "area_km2");
    expect_refused((jw_plan_def){.area_km2 = 201}, "area_km2");
    expect_refused((jw_plan_def){.area_km2 = -1}, "area_km2");
    expect_refused((jw_plan_def){.area_km2 = NAN}, "area_km2");
    expect_refused((jw_plan_def){.area_km2 = INFINITY}, "area_km2");
    expect_refused((jw_plan_def){.area_km2 = 4}, "area_km2"); /* too small for five clusters */
    expect_refused((jw_plan_def){.block_m = 20}, "block_m");
    expect_refused((jw_plan_def){.block_m = 500}, "block_m");
    expect_refused((jw_plan_def){.clusters = 10}, "clusters");
    expect_refused((jw_plan_def){.style = "district", .clusters = 2}, "clusters");
    expect_refused((jw_plan_def){.density_per_km2 = 50}, "density_per_km2");
    expect_refused((jw_plan_def){.density_per_km2 = 50000}, "density_per_km2");
    expect_refused((jw_plan_def){.lake_share = 0.5}, "lake_share");
    expect_refused((jw_plan_def){.lake_share = NAN}, "lake_share");
}

static void test_out_of_memory(void **state)
{
    (void)state;
    jw_plan_def def = {.style = "district", .area_km2 = 1};
    int64_t before = jw_memory_allocation_count();
    jw_draft draft = make_plan(def);
    int64_t needed = jw_memory_allocation_count() - before;
    jw_draft_free(&draft);
    for (int64_t i = 0; i < needed; i += 1 + i / 16) {
        jw_error error = {0};
        jw_memory_fail_after(i);
        jw_result result = jw_plan_city(&def, &draft, &error);
        jw_memory_fail_after(-1);
        assert_int_equal(result, JW_ERROR_MEMORY);
        assert_int_equal(jw_allocated_bytes(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_totals),        cmocka_unit_test(test_heights),
        cmocka_unit_test(test_parks_near),    cmocka_unit_test(test_same_seed_same_plan),
        cmocka_unit_test(test_district),      cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
