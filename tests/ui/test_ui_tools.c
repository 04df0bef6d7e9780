/* Measures, sections, notes and ways of the camera: against closed forms and hand-made cases, without a
 * window. */
#include "ui/ui_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void assert_near(double value, double expected, double tolerance)
{
    if (!(jw_abs(value - expected) <= tolerance))
        fail_msg("%.9g is not %.9g", value, expected);
}

static void lengths_and_areas(void **state)
{
    (void)state;
    const jw_vec2 triangle[] = {{0, 0}, {300, 0}, {300, 400}};
    double area_m2;
    assert_near(ui_measure_length_m(triangle, 3, false), 700, 1e-9);
    assert_near(ui_measure_length_m(triangle, 3, true), 1200, 1e-9);
    assert_near(ui_measure_length_m(triangle, 1, true), 0, 0);
    assert_int_equal(ui_measure_area(triangle, 3, &area_m2, NULL), JW_OK);
    assert_near(area_m2, 60000, 1e-6);
    /* Clockwise is no less; two points enclose nothing; a bow tie is two triangles, not zero. */
    const jw_vec2 back[] = {{300, 400}, {300, 0}, {0, 0}};
    assert_int_equal(ui_measure_area(back, 3, &area_m2, NULL), JW_OK);
    assert_near(area_m2, 60000, 1e-6);
    assert_int_equal(ui_measure_area(back, 2, &area_m2, NULL), JW_OK);
    assert_near(area_m2, 0, 0);
    const jw_vec2 tie[] = {{0, 0}, {100, 100}, {100, 0}, {0, 100}};
    assert_int_equal(ui_measure_area(tie, 4, &area_m2, NULL), JW_OK);
    assert_near(area_m2, 5000, 1e-6);
    /* A circle of 64 corners: n/2 r² sin(2 pi/n), and its perimeter 2 n r sin(pi/n). */
    jw_vec2 circle[64];
    for (int i = 0; i < 64; i++)
        circle[i] = (jw_vec2){500 * jw_cos(2 * JW_PI * i / 64), 500 * jw_sin(2 * JW_PI * i / 64)};
    assert_int_equal(ui_measure_area(circle, 64, &area_m2, NULL), JW_OK);
    assert_near(area_m2, 32 * 500 * 500 * jw_sin(2 * JW_PI / 64), 1);
    assert_near(ui_measure_length_m(circle, 64, true), 128 * 500 * jw_sin(JW_PI / 64), 1e-6);
}

static void measures_are_said_in_fitting_units(void **state)
{
    (void)state;
    char text[64];
    ui_measure_say_length(340, text, sizeof text);
    assert_string_equal(text, "340 m");
    ui_measure_say_length(1240, text, sizeof text);
    assert_string_equal(text, "1.24 km");
    ui_measure_say_area(900, text, sizeof text);
    assert_string_equal(text, "900 m²");
    ui_measure_say_area(45000, text, sizeof text);
    assert_string_equal(text, "4.50 ha");
    ui_measure_say_area(3.2e6, text, sizeof text);
    assert_string_equal(text, "3.20 km²");
}

/* ---- section ---------------------------------------------------------------------------------------------
 */

/* A house with a yard from 10 to 40 (yard 20 to 30), 12 m high; a street at 60 with two lanes of 3.5 m each
 * way; a tower from 80 to 100, 50 m high; a mast of 25 m at 0; all along y = 0. */
static const jw_vec3 points[] = {
    {10, -5, 0}, {40, -5, 0},  {40, 5, 0},  {10, 5, 0}, {20, -2, 0},  {20, 2, 0},  {30, 2, 0},  {30, -2, 0},
    {80, -9, 0}, {100, -9, 0}, {100, 9, 0}, {80, 9, 0}, {58, -50, 0}, {58, 50, 0}, {62, 50, 0}, {62, -50, 0}};
static const jw_ring_range rings[] = {{0, 4}, {4, 4}, {8, 4}};
static const jw_building buildings[] = {{.first_ring = 0, .ring_count = 2, .height_m = 12, .levels = 4},
                                        {.first_ring = 2, .ring_count = 1, .height_m = 50, .levels = 15}};
static const jw_lane lanes[] = {{.width_m = 2}, {.width_m = 2}, {.width_m = 2}, {.width_m = 2}};
static const jw_edge edges[] = {
    {.first_lane = 0, .lane_count = 2, .first_point = 12, .point_count = 2, .opposite = 1},
    {.first_lane = 2, .lane_count = 2, .first_point = 14, .point_count = 2, .opposite = 0}};
static const jw_city city = {.points = points,
                             .point_count = JW_COUNT_OF(points),
                             .rings = rings,
                             .ring_count = JW_COUNT_OF(rings),
                             .buildings = buildings,
                             .building_count = JW_COUNT_OF(buildings),
                             .lanes = lanes,
                             .lane_count = JW_COUNT_OF(lanes),
                             .edges = edges,
                             .edge_count = JW_COUNT_OF(edges)};

static const ui_section_part *part_of(const ui_section *section, ui_section_kind kind, uint32_t number)
{
    for (uint32_t i = 0; i < section->count; i++)
        if (section->parts[i].kind == kind && number-- == 0)
            return &section->parts[i];
    fail_msg("the section has no part %u of kind %d", number, kind);
    return NULL;
}

static void check_part(const ui_section *section, ui_section_kind kind, uint32_t number, double from_m,
                       double to_m, double top_m)
{
    const ui_section_part *part = part_of(section, kind, number);
    assert_near(part->from_m, from_m, 1e-6);
    assert_near(part->to_m, to_m, 1e-6);
    assert_near(part->top_m, top_m, 1e-6);
}

static void a_section_cuts_what_lies_there(void **state)
{
    (void)state;
    jw_frame_asset mast = {.kind = JW_ASSET_CELL, .name = "cell-1", .x_m = 5, .y_m = 3, .z_m = 25};
    jw_frame frame = {.assets = &mast, .asset_count = 1};
    ui_section section = {0};
    assert_int_equal(ui_section_make(&city, &frame, (jw_vec2){0, 0}, (jw_vec2){200, 0}, &section, NULL),
                     JW_OK);
    assert_near(section.length_m, 200, 1e-9);
    check_part(&section, UI_SECTION_BUILDING, 0, 10, 20, 12);
    check_part(&section, UI_SECTION_BUILDING, 1, 30, 40, 12);
    check_part(&section, UI_SECTION_BUILDING, 2, 80, 100, 50);
    check_part(&section, UI_SECTION_STREET, 0, 56, 64, 0); /* both directions: one street 8 m wide */
    check_part(&section, UI_SECTION_MAST, 0, 5, 5, 25);
    assert_near(part_of(&section, UI_SECTION_MAST, 0)->beside_m, 3, 1e-6);
    /* The mast sees: backwards 0..5; 5..10; the yard beyond the first wing's shadow (its far edge 15 m away
     * and 13 m lower: the shadow ends 15 * 23.5 / 13 = 27.1 m away, behind the yard); beyond the second
     * wing's (35 * 23.5 / 13 = 63.27 m away) up to the tower, whose top is higher: nothing behind it. */
    check_part(&section, UI_SECTION_SIGHT, 0, 5, 10, 0);
    check_part(&section, UI_SECTION_SIGHT, 1, 5 + 35 * 23.5 / 13, 80, 0);
    check_part(&section, UI_SECTION_SIGHT, 2, 0, 5, 0);
    assert_int_equal(section.count, 8);
    /* From within and aslant: half the tower, sqrt(2) as long. */
    assert_int_equal(ui_section_make(&city, NULL, (jw_vec2){90, 0}, (jw_vec2){190, 100}, &section, NULL),
                     JW_OK);
    check_part(&section, UI_SECTION_BUILDING, 0, 0, 9 * jw_sqrt(2), 50);
    assert_int_equal(section.count, 1);
    /* Through two corners: in at the one, out at the other. */
    assert_int_equal(ui_section_make(&city, NULL, (jw_vec2){70, -18}, (jw_vec2){110, 18}, &section, NULL),
                     JW_OK);
    check_part(&section, UI_SECTION_BUILDING, 0, jw_sqrt(181), 3 * jw_sqrt(181), 50);
    assert_int_equal(section.count, 1);
    assert_int_equal(ui_section_make(&city, NULL, (jw_vec2){9, 9}, (jw_vec2){9, 9}, &section, NULL),
                     JW_ERROR_INPUT);
    ui_section_free(&section);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void a_mast_on_its_own_roof_sees_over_the_edge(void **state)
{
    (void)state;
    const ui_section_part roof = {.from_m = 40, .to_m = 60, .top_m = 20};
    double seen[8];
    assert_int_equal(ui_section_sight(&roof, 1, 50, 23, 200, seen, 8), 2);
    assert_near(seen[0], 60, 1e-9);
    assert_near(seen[1], 200, 1e-9);
    /* One that stands lower than its roof sees nothing. */
    assert_int_equal(ui_section_sight(&roof, 1, 50, 10, 200, seen, 8), 0);
    /* A bar inside a longer one opens no gap. */
    const ui_section_part nested[] = {{.from_m = 10, .to_m = 90, .top_m = 5},
                                      {.from_m = 20, .to_m = 30, .top_m = 8}};
    assert_int_equal(ui_section_sight(nested, 2, 0, 101.5, 200, seen, 8), 4);
    assert_near(seen[1], 10, 1e-9);
    assert_near(seen[2], 90 / (101.5 - 5) * 100, 1e-6);
    assert_near(seen[3], 200, 1e-9);
}

/* ---- notes -----------------------------------------------------------------------------------------------
 */

static char folder[] = "/tmp/jingwei-notes-XXXXXX", file[64];

static jw_result read_text(ui_notebook *book, const char *text, jw_error *error)
{
    assert_int_equal(jw_file_write(file, text, strlen(text), NULL), JW_OK);
    return ui_notebook_read(book, file, error);
}

static void notes_come_back_as_they_were(void **state)
{
    (void)state;
    ui_notebook book = {0}, again = {0};
    jw_error error = {0};
    const char *texts[] = {"plain", "学校门口：慢行", "two\nlines \\ and a backslash", ""};
    for (int i = 0; i < 4; i++)
        assert_int_equal(ui_notebook_add(&book, 100.5 * i, -7.25, texts[i], NULL, &error), JW_OK);
    book.path.count = 2;
    book.path.is_loop = true;
    book.path.duration_s = 12.5;
    book.path.views[0] = (jw_camera){1, 2, 3, 0.5, 0.25, 900, 0.6};
    book.path.views[1] = (jw_camera){4, 5, 0, -3, 1.5, 1e6, 0};
    book.bookmarks[8] = (jw_camera){7, 8, 9, 1, 1, 50, 0.6};
    assert_int_equal(ui_notebook_write(&book, file, &error), JW_OK);
    if (ui_notebook_read(&again, file, &error) != JW_OK)
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
    assert_int_equal(again.note_count, 4);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(again.notes[i].text, texts[i]);
        assert_near(again.notes[i].x_m, 100.5 * i, 1e-3);
        assert_near(again.notes[i].y_m, -7.25, 1e-3);
    }
    assert_int_equal(again.path.count, 2);
    assert_true(again.path.is_loop);
    assert_near(again.path.duration_s, 12.5, 1e-3);
    assert_near(again.path.views[1].heading_rad, -3, 1e-6);
    assert_near(again.path.views[1].distance_m, 1e6, 1e-3);
    assert_near(again.bookmarks[8].distance_m, 50, 1e-3);
    assert_near(again.bookmarks[0].distance_m, 0, 0);
    ui_notebook_remove(&again, 1);
    assert_int_equal(again.note_count, 3);
    assert_string_equal(again.notes[1].text, texts[2]);
    ui_notebook_free(&book);
    ui_notebook_free(&again);
    unlink(file);
    assert_int_equal(ui_notebook_read(&book, file, &error), JW_OK); /* none: empty */
    assert_int_equal(book.note_count, 0);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void damaged_notes_are_refused_whole(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int line;
    } bad[] = {{"", 1},
               {"something else\n", 1},
               {"jingwei notes 2\n", 1},
               {"jingwei notes 1\nnote 1 2 fine\nnote 1\n", 3},
               {"jingwei notes 1\nnote 1 nan text\n", 2},
               {"jingwei notes 1\nnote 1e300 2 text\n", 2},
               {"jingwei notes 1\nview 1 2 3 4 5\n", 2},
               {"jingwei notes 1\nview 1 2 3 0 0 0 0.6\n", 2},
               {"jingwei notes 1\nview 1 2 3 0 9 100 0.6\n", 2},
               {"jingwei notes 1\nway -1 0\n", 2},
               {"jingwei notes 1\nkey 10 1 2 3 0 0 100 0.6\n", 2},
               {"jingwei notes 1\nkey 0 1 2 3 0 0 100 0.6\n", 2},
               {"jingwei notes 1\nwhat 1\n", 2},
               {"jingwei notes 1\n\xff\xfe\n", 0}};
    ui_notebook book = {0};
    for (uint32_t i = 0; i < JW_COUNT_OF(bad); i++) {
        jw_error error = {0};
        jw_result result = read_text(&book, bad[i].text, &error);
        if (result == JW_OK || (i > 0 && error.line != bad[i].line))
            fail_msg("case %u: result %d, line %d", i, result, error.line);
        assert_int_equal(book.note_count + book.path.count, 0);
    }
    /* More than there is room for: of notes, of views; a text longer than one holds is cut between letters.
     */
    jw_writer writer = {0};
    jw_write_bytes(&writer, "jingwei notes 1\n", 16);
    for (int i = 0; i <= UI_NOTES_MAX; i++)
        jw_write_bytes(&writer, "note 1 2 x\n", 11);
    jw_error error = {0};
    assert_int_equal(jw_file_write(file, writer.bytes, writer.size, NULL), JW_OK);
    assert_int_not_equal(ui_notebook_read(&book, file, &error), JW_OK);
    assert_int_equal(error.line, UI_NOTES_MAX + 2);
    writer.size = 16;
    jw_write_bytes(&writer, "note 1 2 ", 9);
    for (int i = 0; i < 400; i++)
        jw_write_bytes(&writer, "校", 3);
    assert_int_equal(jw_file_write(file, writer.bytes, writer.size, NULL), JW_OK);
    assert_int_equal(ui_notebook_read(&book, file, &error), JW_OK);
    assert_int_equal(strlen(book.notes[0].text), (UI_NOTE_SIZE - 1) / 3 * 3);
    ui_notebook_free(&book);
    jw_writer_free(&writer);
    unlink(file);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* ---- ways of the camera ----------------------------------------------------------------------------------
 */

static double step_m(const ui_path *path, double from, double to)
{
    jw_camera a, b;
    assert_true(ui_path_at(path, from, &a) && ui_path_at(path, to, &b));
    return jw_vec2_distance((jw_vec2){a.x_m, a.y_m}, (jw_vec2){b.x_m, b.y_m});
}

static void a_way_passes_its_views_at_even_pace(void **state)
{
    (void)state;
    /* Along a line with uneven gaps: the pace is the same all along. */
    ui_path path = {.count = 4};
    const double x_m[] = {0, 100, 1000, 1100};
    for (int i = 0; i < 4; i++)
        path.views[i] = (jw_camera){.x_m = x_m[i], .distance_m = 500, .pitch_rad = 0.7, .fov_rad = 0.6};
    assert_near(ui_path_duration_s(&path), 12, 1e-9);
    jw_camera at;
    assert_true(ui_path_at(&path, 0, &at));
    assert_near(at.x_m, 0, 1e-6);
    assert_true(ui_path_at(&path, 1, &at));
    assert_near(at.x_m, 1100, 1e-6);
    for (int i = 0; i < 50; i++)
        assert_near(step_m(&path, i / 50.0, (i + 1) / 50.0), 22, 0.5);
    for (double share = 0; share <= 1; share += 0.01) { /* a straight way stays straight */
        assert_true(ui_path_at(&path, share, &at));
        assert_near(at.y_m, 0, 1e-9);
        assert_near(at.distance_m, 500, 1e-6);
    }
    /* Through every view, wherever it lies. */
    path.views[1].y_m = 300;
    path.views[2].y_m = -200;
    path.views[2].heading_rad = 3;
    path.views[3].heading_rad = -3; /* on through pi, not back through 0 */
    for (int i = 0; i < 4; i++) {
        double least_m = 1e9;
        for (double share = 0; share <= 1; share += 0.0005) {
            assert_true(ui_path_at(&path, share, &at));
            least_m = jw_min(least_m, jw_vec2_distance((jw_vec2){at.x_m, at.y_m},
                                                       (jw_vec2){path.views[i].x_m, path.views[i].y_m}));
        }
        assert_near(least_m, 0, 2);
    }
    for (double share = 0.9; share <= 1; share += 0.01) {
        assert_true(ui_path_at(&path, share, &at));
        assert_true(jw_abs(at.heading_rad) > 2);
    }
}

static void twice_as_high_is_twice_as_fast_and_a_loop_closes(void **state)
{
    (void)state;
    ui_path path = {.count = 3};
    const double distance_m[] = {100, 200, 200};
    for (int i = 0; i < 3; i++)
        path.views[i] = (jw_camera){.x_m = i * 1000, .distance_m = distance_m[i], .pitch_rad = 0.7};
    assert_near(step_m(&path, 0.95, 0.96) / step_m(&path, 0.01, 0.02), 2, 0.15);
    ui_path loop = {.count = 4, .is_loop = true};
    for (int i = 0; i < 4; i++)
        loop.views[i] = (jw_camera){.x_m = 100 * jw_cos(JW_PI * i / 2),
                                    .y_m = 100 * jw_sin(JW_PI * i / 2),
                                    .heading_rad = JW_PI * i / 2,
                                    .distance_m = 300,
                                    .pitch_rad = 0.7};
    assert_near(ui_path_duration_s(&loop), 16, 1e-9);
    assert_near(step_m(&loop, 0, 1), 0, 1e-6);
    for (int i = 5; i < 20; i++) /* round: all pieces are alike */
        assert_near(step_m(&loop, i / 20.0, (i + 1) / 20.0), step_m(&loop, (i - 5) / 20.0, (i - 4) / 20.0),
                    0.5);
    jw_camera at;
    ui_path none = {0};
    assert_false(ui_path_at(&none, 0.5, &at));
    ui_path one = {.count = 1, .views = {{.x_m = 5, .distance_m = 50}}};
    assert_true(ui_path_at(&one, 0.5, &at));
    assert_near(at.x_m, 5, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_and_areas),
        cmocka_unit_test(measures_are_said_in_fitting_units),
        cmocka_unit_test(a_section_cuts_what_lies_there),
        cmocka_unit_test(a_mast_on_its_own_roof_sees_over_the_edge),
        cmocka_unit_test(notes_come_back_as_they_were),
        cmocka_unit_test(damaged_notes_are_refused_whole),
        cmocka_unit_test(a_way_passes_its_views_at_even_pace),
        cmocka_unit_test(twice_as_high_is_twice_as_fast_and_a_loop_closes),
    };
    if (!mkdtemp(folder))
        return 1;
    snprintf(file, sizeof file, "%s/notes.txt", folder);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
