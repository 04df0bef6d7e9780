#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "geo/geo.h"

#define COUNT 3000

typedef struct found {
    uint32_t seen[COUNT];
    uint32_t total;
    uint32_t limit;
} found;

static bool note(void *context, uint32_t item)
{
    found *f = context;
    f->seen[item]++;
    f->total++;
    return f->limit == 0 || f->total < f->limit;
}

static void make_boxes(jw_box *boxes)
{
    jw_random_key key = {3, 4};
    for (uint32_t i = 0; i < COUNT; i++) {
        double x = jw_random_uniform(key, i, 0) * 5000.0 - 1000.0, y = jw_random_uniform(key, i, 1) * 3000.0;
        double w = jw_random_uniform(key, i, 2) * (i % 100 == 0 ? 4000.0 : 40.0);
        double h = jw_random_uniform(key, i, 3) * 60.0;
        boxes[i] = (jw_box){x, y, x + w, y + h};
    }
}

static void test_query_equals_search(void **state)
{
    (void)state;
    static jw_box boxes[COUNT];
    static found f;
    make_boxes(boxes);
    const double cells_m[] = {0.0, 1.0, 50.0, 1e6};
    jw_random_key key = {5, 6};
    for (uint32_t c = 0; c < 4; c++) {
        jw_grid *grid = NULL;
        assert_int_equal(jw_grid_create(boxes, COUNT, cells_m[c], &grid, NULL), JW_OK);
        for (uint32_t q = 0; q < 100; q++) {
            double x = jw_random_uniform(key, q, 0) * 9000.0 - 3000.0,
                   y = jw_random_uniform(key, q, 1) * 5000.0 - 1000;
            jw_box box = {x, y, x + jw_random_uniform(key, q, 2) * 900.0,
                          y + jw_random_uniform(key, q, 3) * 900.0};
            memset(&f, 0, sizeof f);
            jw_grid_query(grid, box, note, &f);
            for (uint32_t i = 0; i < COUNT; i++)
                assert_int_equal(f.seen[i], jw_box_overlaps(boxes[i], box) ? 1 : 0);
        }
        memset(&f, 0, sizeof f);
        f.limit = 5;
        jw_grid_query(grid, (jw_box){-1e9, -1e9, 1e9, 1e9}, note, &f);
        assert_int_equal(f.total, 5);
        jw_grid_destroy(grid);
    }
    assert_int_equal(jw_allocated_bytes(), 0);
}

static bool segment_meets_box(jw_vec2 a, jw_vec2 b, jw_box box)
{
    double low = 0.0, high = 1.0;
    const double from[2] = {a.x, a.y}, d[2] = {b.x - a.x, b.y - a.y};
    const double min[2] = {box.min_x, box.min_y}, max[2] = {box.max_x, box.max_y};
    for (int axis = 0; axis < 2; axis++) {
        if (d[axis] == 0.0) {
            if (from[axis] < min[axis] || from[axis] > max[axis])
                return false;
            continue;
        }
        double t0 = (min[axis] - from[axis]) / d[axis], t1 = (max[axis] - from[axis]) / d[axis];
        low = fmax(low, fmin(t0, t1));
        high = fmin(high, fmax(t0, t1));
    }
    return low <= high;
}

static void test_walk_misses_nothing(void **state)
{
    (void)state;
    static jw_box boxes[COUNT];
    static found f;
    make_boxes(boxes);
    jw_grid *grid = NULL;
    assert_int_equal(jw_grid_create(boxes, COUNT, 0.0, &grid, NULL), JW_OK);
    jw_random_key key = {7, 8};
    uint64_t visited = 0;
    for (uint32_t q = 0; q < 300; q++) {
        jw_vec2 a = {jw_random_uniform(key, q, 0) * 7000.0 - 2000.0,
                     jw_random_uniform(key, q, 1) * 4000.0 - 500.0};
        jw_vec2 b = {jw_random_uniform(key, q, 2) * 7000.0 - 2000.0,
                     jw_random_uniform(key, q, 3) * 4000.0 - 500.0};
        if (q % 3 == 1)
            b.x = a.x;
        if (q % 3 == 2)
            b.y = a.y;
        memset(&f, 0, sizeof f);
        jw_grid_walk(grid, a, b, note, &f);
        for (uint32_t i = 0; i < COUNT; i++)
            if (segment_meets_box(a, b, boxes[i]))
                assert_true(f.seen[i] > 0);
        visited += f.total;
    }
    assert_true(visited / 300 < COUNT / 2); /* it is no search through everything */
    jw_grid_destroy(grid);
}

static void test_odd_boxes(void **state)
{
    (void)state;
    static found f;
    jw_grid *grid = NULL;
    assert_int_equal(jw_grid_create(NULL, 0, 0.0, &grid, NULL), JW_OK);
    jw_grid_query(grid, (jw_box){-1, -1, 1, 1}, note, &f);
    jw_grid_walk(grid, (jw_vec2){-1, -1}, (jw_vec2){1, 1}, note, &f);
    assert_int_equal(f.total, 0);
    jw_grid_destroy(grid);

    /* An empty box is never found; two points far apart make no million cells. */
    jw_box boxes[3] = {{0, 0, 0, 0}, jw_box_empty(), {1e9, 1e9, 1e9, 1e9}};
    assert_int_equal(jw_grid_create(boxes, 3, 1.0, &grid, NULL), JW_OK);
    assert_true(jw_allocated_bytes() < 100000);
    jw_grid_query(grid, (jw_box){-1e10, -1e10, 1e10, 1e10}, note, &f);
    assert_true(f.seen[0] == 1 && f.seen[1] == 0 && f.seen[2] == 1);
    jw_grid_destroy(grid);

    boxes[0].max_x = INFINITY;
    jw_error error = {0};
    assert_int_equal(jw_grid_create(boxes, 3, 0.0, &grid, &error), JW_ERROR_INPUT);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_memory_failures(void **state)
{
    (void)state;
    jw_box boxes[2] = {{0, 0, 1, 1}, {2, 2, 3, 3}};
    jw_grid *grid = NULL;
    jw_result result = JW_ERROR_MEMORY;
    for (int64_t n = 0; result != JW_OK; n++) {
        jw_memory_fail_after(n);
        result = jw_grid_create(boxes, 2, 0.0, &grid, NULL);
        jw_memory_fail_after(-1);
        assert_true(result == JW_OK || (result == JW_ERROR_MEMORY && jw_allocated_bytes() == 0));
    }
    jw_grid_destroy(grid);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query_equals_search),
        cmocka_unit_test(test_walk_misses_nothing),
        cmocka_unit_test(test_odd_boxes),
        cmocka_unit_test(test_memory_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
