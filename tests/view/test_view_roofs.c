/* Roofs as triangles: closed, of the volume that solid geometry says, facing outwards, and harmless over bad
 * footprints. */
#include "view/view_fixture.h"
#include "view/view_mesh.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

typedef struct solid {
    double
        area[3]; /* sum of the triangles' area vectors: of a closed house without its floor (0, 0, floor) */
    double volume_m3;
    uint32_t triangles;
    bool is_finite, faces_out;
} solid;

static void take_triangle(solid *s, const jw_view_mesh *mesh, const uint32_t *t)
{
    double p[3][3], ab[3], ac[3];
    for (int k = 0; k < 3; k++) {
        const mesh_vertex *v = &mesh->vertices[t[k]];
        p[k][0] = (double)v->x + mesh->origin_x_m, p[k][1] = (double)v->y + mesh->origin_y_m;
        p[k][2] = (double)v->z;
        for (int i = 0; i < 3; i++)
            s->is_finite &= p[k][i] > -1e6 && p[k][i] < 1e6; /* NaN is neither */
    }
    for (int i = 0; i < 3; i++)
        ab[i] = p[1][i] - p[0][i], ac[i] = p[2][i] - p[0][i];
    double n[3], length = 0, towards = 0;
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        n[i] = (ab[j] * ac[k] - ab[k] * ac[j]) / 2;
        s->area[i] += n[i];
        s->volume_m3 += p[0][i] * n[i] / 3;
        length += n[i] * n[i];
        towards += n[i] * (double)(int8_t)mesh->vertices[t[0]].normal[i] / 127;
    }
    length = jw_sqrt(length);
    if (length > 1e-3)
        s->faces_out &= towards > 0.97 * length;
    s->triangles++;
}

static solid measure(const jw_view_mesh *mesh)
{
    solid s = {.is_finite = true, .faces_out = true};
    for (uint32_t c = 0; c < mesh->chunk_columns * mesh->chunk_rows; c++)
        for (uint32_t i = 0; i < mesh->chunks[c].count[LAYER_HOUSE]; i += 3)
            take_triangle(&s, mesh, mesh->indices + mesh->chunks[c].first[LAYER_HOUSE] + i);
    return s;
}

static solid build(const double (*corners)[2], uint32_t count, double turn_rad, jw_roof shape, float height_m,
                   float roof_m)
{
    double turned[16][2];
    for (uint32_t i = 0; i < count; i++) {
        turned[i][0] = corners[i][0] * jw_cos(turn_rad) - corners[i][1] * jw_sin(turn_rad);
        turned[i][1] = corners[i][0] * jw_sin(turn_rad) + corners[i][1] * jw_cos(turn_rad);
    }
    jw_city *city = view_fixture_house((const double(*)[2])turned, count, shape, height_m, roof_m);
    jw_view_mesh *mesh;
    const jw_view_mesh_def def = {.light_size_px = 64};
    assert_int_equal(jw_view_mesh_build(city, &def, NULL, NULL, &mesh, NULL), JW_OK);
    solid s = measure(mesh);
    jw_view_mesh_destroy(mesh);
    jw_city_release(city);
    return s;
}

static const double oblong[4][2] = {{0, 0}, {20, 0}, {20, 10}, {0, 10}};

/* 20 x 10 m, 6 m to the eaves and 3 m of roof: prisms, pyramids, and of the hipped roof W r (3 L - W) / 6. */
static void volumes_are_those_of_solids(void **state)
{
    (void)state;
    const struct {
        jw_roof shape;
        float height_m, roof_m;
        double volume_m3;
        uint32_t triangles; /* four walls of two; what they reach over the eaves; slopes */
    } cases[] = {
        {JW_ROOF_FLAT, 6, 0, 1200, 8 + 2},
        {JW_ROOF_GABLED, 9, 3, 1200 + 300, 0},
        {JW_ROOF_HIPPED, 9, 3, 1200 + 10.0 * 3 * (60 - 10) / 6, 0},
        {JW_ROOF_PYRAMIDAL, 9, 3, 1200 + 200, 0},
        {JW_ROOF_SKILLION, 9, 3, 1200 + 300, 8 + 4 + 2},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++)
        for (int k = 0; k < 3; k++) {
            solid s = build(oblong, 4, 0.7 * k, cases[i].shape, cases[i].height_m, cases[i].roof_m);
            assert_true(s.is_finite && s.faces_out);
            assert_true(jw_abs(s.area[0]) < 0.02 && jw_abs(s.area[1]) < 0.02 &&
                        jw_abs(s.area[2] - 200) < 0.02);
            if (jw_abs(s.volume_m3 - cases[i].volume_m3) > 1)
                fail_msg("roof %d: %.2f m3, not %.2f m3", (int)cases[i].shape, s.volume_m3,
                         cases[i].volume_m3);
            assert_true(cases[i].triangles ? s.triangles == cases[i].triangles : s.triangles <= 32);
        }
}

/* The triangle fills no more than half its box: it stays flat. */
static void any_outline_is_closed(void **state)
{
    (void)state;
    static const double ell[6][2] = {{0, 0}, {14, 0}, {14, 9}, {8, 9}, {8, 14}, {0, 14}};
    static const double bay[8][2] = {{0, 0}, {6, 0}, {6, -2}, {10, -2}, {10, 0}, {16, 0}, {16, 9}, {0, 9}};
    static const double skew[5][2] = {{0, 0}, {12, 1}, {13, 8}, {6, 11}, {-1, 9}};
    static const double three[3][2] = {{0, 0}, {11, 0}, {3, 9}};
    const struct {
        const double (*corners)[2];
        uint32_t count;
    } outlines[] = {{ell, 6}, {bay, 8}, {skew, 5}, {three, 3}};
    for (uint32_t i = 0; i < JW_COUNT_OF(outlines); i++)
        for (int shape = JW_ROOF_GABLED; shape < JW_ROOF_COUNT; shape++) {
            double floor_m2 = 0;
            for (uint32_t k = 0, n = outlines[i].count; k < n; k++) {
                const double *a = outlines[i].corners[k], *b = outlines[i].corners[(k + 1) % n];
                floor_m2 += (a[0] * b[1] - a[1] * b[0]) / 2;
            }
            solid s = build(outlines[i].corners, outlines[i].count, 0.3 * shape, (jw_roof)shape, 8, 2.5f);
            assert_true(s.is_finite && s.faces_out);
            assert_true(jw_abs(s.area[0]) < 0.02 && jw_abs(s.area[1]) < 0.02 &&
                        jw_abs(s.area[2] - floor_m2) < 0.02);
            assert_true(s.volume_m3 > floor_m2 * 5.5 && s.volume_m3 < floor_m2 * 8.01);
        }
}

/* Footprints as no builder should let them through: nothing, or something finite. */
static void bad_footprints_do_no_harm(void **state)
{
    (void)state;
    const jw_vec3 line[4] = {{0, 0, 0}, {10, 0, 0}, {20, 0, 0}, {10, 0, 0}};
    const jw_vec3 point[3] = {{5, 5, 0}, {5, 5, 0}, {5, 5, 0}};
    const jw_vec3 bow[4] = {{0, 0, 0}, {10, 10, 0}, {10, 0, 0}, {0, 10, 0}};
    const jw_vec3 sliver[3] = {{0, 0, 0}, {1000, 0, 0}, {500, 1e-7, 0}};
    const jw_ring rings[] = {{line, 4}, {point, 3}, {bow, 4}, {sliver, 3}, {point, 1}};
    for (uint32_t i = 0; i < JW_COUNT_OF(rings); i++)
        for (int shape = JW_ROOF_UNKNOWN; shape < JW_ROOF_COUNT; shape++) {
            mesh_chunk chunk = {0};
            jw_view_mesh mesh = {.chunks = &chunk, .chunk_columns = 1, .chunk_rows = 1};
            mesh_builder builder = {.mesh = &mesh};
            jw_building building = {.height_m = 8, .roof = (uint8_t)shape, .roof_m = 3};
            house_part piece = {.layer = LAYER_HOUSE, .top_m = 5, .roof_m = 8};
            mesh_roof roof = jw_mesh_plan_roof(&building, 0, &rings[i], 1, 50);
            assert_true(roof.count <= MAX_SLOPES);
            if (roof.count > 0)
                jw_mesh_add_pitched_roof(&builder, &piece, &roof, &rings[i]);
            assert_int_equal(builder.result, JW_OK);
            for (uint32_t k = 0; k < mesh.vertex_count; k++) {
                const mesh_vertex *v = &mesh.vertices[k];
                assert_true(v->x > -2000 && v->x < 2000 && v->y > -2000 && v->y < 2000 && v->z >= 0 &&
                            v->z < 100);
            }
            jw_free(mesh.vertices);
            jw_free(builder.layers[LAYER_HOUSE].items);
        }
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* A small house of which the map says nothing has a pitched roof; a large one, an office and one that is said
 * to be flat have none. */
static void small_houses_get_roofs_by_rule(void **state)
{
    (void)state;
    const jw_vec3 corners[4] = {{0, 0, 0}, {12, 0, 0}, {12, 9, 0}, {0, 9, 0}};
    const jw_ring ring = {corners, 4};
    jw_building building = {.height_m = 7, .use = JW_USE_RESIDENTIAL};
    uint32_t hipped = 0;
    for (uint32_t i = 0; i < 60; i++) {
        uint32_t count = jw_mesh_plan_roof(&building, i, &ring, 1, 108).count;
        assert_true(count == 2 || count == 4);
        hipped += count == 4;
    }
    assert_true(hipped > 8 && hipped < 40);
    building.height_m = 18;
    assert_int_equal(jw_mesh_plan_roof(&building, 1, &ring, 1, 108).count, 0);
    building.height_m = 7;
    building.use = JW_USE_OFFICE;
    assert_int_equal(jw_mesh_plan_roof(&building, 1, &ring, 1, 108).count, 0);
    building.roof_m = 2; /* it has one, of unknown shape */
    assert_int_equal(jw_mesh_plan_roof(&building, 1, &ring, 1, 108).count, 2);
    building.roof = JW_ROOF_FLAT;
    assert_int_equal(jw_mesh_plan_roof(&building, 1, &ring, 1, 108).count, 0);
}

/* The slopes of a gable fall across its ridge: along x of an oblong on x, along y where it stands across. */
static void ridges_lie_as_the_map_says(void **state)
{
    (void)state;
    static const jw_vec3 corners[4] = {{0, 0, 0}, {20, 0, 0}, {20, 10, 0}, {0, 10, 0}};
    jw_ring ring = {corners, 4};
    jw_building building = {.height_m = 9, .roof = JW_ROOF_GABLED, .roof_m = 3};
    for (uint8_t is_across = 0; is_across < 2; is_across++) {
        building.roof_is_across = is_across;
        mesh_roof roof = jw_mesh_plan_roof(&building, 0, &ring, 1, 200);
        assert_int_equal(roof.count, 2);
        double falls[2] = {3.0 / 5, 3.0 / 10}; /* over half the width, over half the length */
        for (uint32_t k = 0; k < 2; k++) {
            assert_true(jw_abs(jw_abs(roof.slopes[k][is_across ? 0 : 1]) - falls[is_across]) < 1e-9);
            assert_true(jw_abs(roof.slopes[k][is_across ? 1 : 0]) < 1e-9);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(volumes_are_those_of_solids), cmocka_unit_test(any_outline_is_closed),
        cmocka_unit_test(bad_footprints_do_no_harm),   cmocka_unit_test(small_houses_get_roofs_by_rule),
        cmocka_unit_test(ridges_lie_as_the_map_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
