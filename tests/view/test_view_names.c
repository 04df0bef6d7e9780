/* Letters, what has a name, and which names have room, without GL. */
#include "base/test_base.h"
#include "view/names_fixture.h"
#include "view/view_names.h"

#include <iconv.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *font;

static view_glyphs *open_glyphs(void)
{
    view_glyphs *glyphs;
    jw_error error = {0};
    assert_int_equal(jw_glyphs_open(font, 0, &glyphs, &error), JW_OK);
    return glyphs;
}

/* ---- letters ---- */

static void broken_text_is_read_to_its_end(void **state)
{
    (void)state;
    const char *text = "a\xe4\xb8\xad\xe4\xb8 \x80\xf0\x9f\x98\x80\xffz";
    const uint32_t codes[] = {'a', 0x4E2D, 0xFFFD, ' ', 0xFFFD, 0x1F600, 0xFFFD, 'z', 0};
    for (uint32_t i = 0; i < JW_COUNT_OF(codes); i++)
        assert_int_equal(jw_text_next_code(&text), codes[i]);
    assert_int_equal(*text, 0);
}

static void a_file_that_is_no_font_is_an_error(void **state)
{
    (void)state;
    view_glyphs *glyphs;
    jw_error error = {0};
    assert_int_equal(jw_glyphs_open("/no/such/font.ttf", 0, &glyphs, &error), JW_ERROR_NOT_FOUND);
    char folder[1024], path[1100];
    assert_true(jw_data_folder(folder, sizeof folder));
    snprintf(path, sizeof path, "%s/assets/networks/china.csv", folder);
    assert_int_equal(jw_glyphs_open(path, 0, &glyphs, &error), JW_ERROR_INPUT);
    assert_int_equal(jw_glyphs_open(font, 99, &glyphs, &error), JW_ERROR_INPUT);
    assert_null(glyphs);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* All 6,763 characters through an atlas of 1,764 cells: each is there when it is shown, and the ones shown
 * longest ago go. */
static void gb2312_goes_through_the_atlas(void **state)
{
    (void)state;
    view_glyphs *glyphs = open_glyphs();
    iconv_t converter = iconv_open("UCS-4LE", "GB2312");
    uint32_t count = 0, first = 0;
    for (uint32_t row = 0xb0; row <= 0xf7; row++) {
        jw_glyphs_next_picture(glyphs, GLYPH_CELLS);
        for (uint32_t cell = 0xa1; cell <= 0xfe; cell++) {
            char in[2] = {(char)row, (char)cell}, *from = in;
            uint32_t code = 0;
            char *to = (char *)&code;
            size_t in_left = 2, out_left = 4;
            if (iconv(converter, &from, &in_left, &to, &out_left) == (size_t)-1)
                continue;
            assert_true(jw_glyphs_has(glyphs, code));
            const view_glyph *glyph = jw_glyphs_show(glyphs, code);
            assert_non_null(glyph);
            assert_true(glyph->cell < GLYPH_CELLS && glyph->width < GLYPH_CELL && glyph->height < GLYPH_CELL);
            assert_true(glyph->advance_em > 0.9f && glyph->advance_em < 1.1f);
            first = first ? first : code;
            count++;
        }
    }
    iconv_close(converter);
    assert_int_equal(count, 6763);
    assert_int_equal(jw_glyphs_measure(glyphs, first)->cell, GLYPH_CELLS);
    jw_glyphs_close(glyphs);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void a_picture_keeps_its_letters(void **state)
{
    (void)state;
    view_glyphs *glyphs = open_glyphs();
    jw_glyphs_next_picture(glyphs, 3);
    assert_non_null(jw_glyphs_show(glyphs, 'a'));
    assert_non_null(jw_glyphs_show(glyphs, 'a')); /* made once */
    assert_non_null(jw_glyphs_show(glyphs, ' ')); /* nothing to make */
    assert_non_null(jw_glyphs_show(glyphs, 'b'));
    assert_non_null(jw_glyphs_show(glyphs, 'c'));
    assert_null(jw_glyphs_show(glyphs, 'd'));
    jw_glyphs_next_picture(glyphs, 2 * GLYPH_CELLS);
    uint32_t shown = 0;
    for (uint32_t code = 0x4E00; code < 0x4E00 + 2 * GLYPH_CELLS; code++)
        shown += jw_glyphs_show(glyphs, code) != NULL;
    assert_int_equal(shown, GLYPH_CELLS);
    uint32_t cell, fresh = 0;
    while (jw_glyphs_take_new(glyphs, &cell))
        fresh++;
    assert_int_equal(fresh, GLYPH_CELLS);
    jw_glyphs_close(glyphs);
}

/* A full square has straight edges: the distance changes by one texel from texel to texel, 128 / spread. */
static void distances_are_those_to_the_outline(void **state)
{
    (void)state;
    view_glyphs *glyphs = open_glyphs();
    const view_glyph *square = jw_glyphs_show(glyphs, 0x25A0);
    assert_non_null(square);
    const uint8_t *row =
        jw_glyphs_pixels(glyphs) +
        (size_t)(square->cell / GLYPH_COLUMNS * GLYPH_CELL + square->height / 2) * GLYPH_ATLAS +
        square->cell % GLYPH_COLUMNS * GLYPH_CELL;
    uint32_t slopes = 0;
    double step = 128.0 / GLYPH_SPREAD;
    for (uint32_t x = 0; x + 1 < square->width / 2u; x++)
        if (row[x] > 2 && row[x + 1] < 253) {
            assert_true(fabs(row[x + 1] - row[x] - step) < 3);
            slopes++;
        }
    assert_true(slopes >= 2 * GLYPH_SPREAD - 4);
    assert_int_equal(row[square->width / 2], 255);
    /* A disc: of half an em across, everywhere. */
    const view_glyph *disc = jw_glyphs_show(glyphs, GLYPH_DISC);
    const uint8_t *cell = jw_glyphs_pixels(glyphs) +
                          (size_t)(disc->cell / GLYPH_COLUMNS) * GLYPH_CELL * GLYPH_ATLAS +
                          disc->cell % GLYPH_COLUMNS * GLYPH_CELL;
    uint32_t inside = 0;
    for (uint32_t y = 0; y < disc->height; y++)
        for (uint32_t x = 0; x < disc->width; x++)
            inside += cell[(size_t)y * GLYPH_ATLAS + x] >= 128;
    assert_true(fabs(inside - JW_PI * 81) < 12);
    jw_glyphs_close(glyphs);
}

/* ---- room ---- */

static uint32_t dice(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void names_with_room_never_overlap(void **state)
{
    (void)state;
    view_glyphs *glyphs = open_glyphs();
    static const char *const texts[] = {"人民路", "People's Park", "城市计算中心", "edge-3", "Le'an Street"};
    name_board board = {0};
    const float room[4] = {100, 20, 900, 580};
    assert_int_equal(jw_board_clear(&board, 1000, 600, 6, room, NULL), JW_OK);
    enum { TRIES = 3000 };
    static float taken[TRIES * NAME_LETTERS][4];
    uint32_t boxes = 0, placed = 0, seed = 1;
    for (int i = 0; i < TRIES; i++) {
        shaped_text text;
        placed_name name;
        assert_true(jw_name_shape(glyphs, texts[dice(&seed) % 5], &text));
        float x = (float)(dice(&seed) % 1000), y = (float)(dice(&seed) % 600);
        const float path[2][2] = {{x - 60, y - (float)(dice(&seed) % 50)},
                                  {x + 60, y + (float)(dice(&seed) % 50)}};
        if (i % 2)
            jw_name_lay_flat(&text, 12, x, y, &name);
        else if (!jw_name_lay_along(&text, 12, path, 2, 60, &name))
            continue;
        if (!jw_board_take(&board, &name))
            continue;
        placed++;
        for (uint32_t b = 0; b < name.box_count; b++) {
            const float *box = name.boxes[b];
            assert_true(box[0] >= room[0] && box[1] >= room[1] && box[2] <= room[2] && box[3] <= room[3]);
            for (uint32_t k = 0; k < boxes; k++)
                assert_false(box[0] < taken[k][2] && taken[k][0] < box[2] && box[1] < taken[k][3] &&
                             taken[k][1] < box[3]);
        }
        memcpy(taken[boxes], name.boxes, name.box_count * sizeof *name.boxes);
        boxes += name.box_count;
    }
    assert_true(placed > 60); /* the screen is full */
    jw_board_free(&board);
    jw_glyphs_close(glyphs);
}

static void names_follow_their_street(void **state)
{
    (void)state;
    view_glyphs *glyphs = open_glyphs();
    shaped_text text;
    placed_name a, b;
    assert_true(jw_name_shape(glyphs, "Chaoyang Street", &text));
    const float there[2][2] = {{100, 300}, {400, 100}}, back[2][2] = {{400, 100}, {100, 300}};
    float length = hypotf(300, 200);
    assert_true(jw_name_lay_along(&text, 14, there, 2, length / 2, &a));
    assert_true(jw_name_lay_along(&text, 14, back, 2, length / 2, &b));
    for (uint32_t i = 0; i < a.count; i++) { /* upright whichever way the street runs */
        assert_true(a.letters[i].cosine > 0 && fabsf(a.letters[i].x - b.letters[i].x) < 0.01f);
        assert_true(fabsf(a.letters[i].sine + 200 / length) < 1e-4f);
    }
    assert_false(jw_name_lay_along(&text, 14, there, 2, 20, &a)); /* its beginning lies before the street's */
    assert_false(jw_name_lay_along(&text, 60, there, 2, 180, &a)); /* longer than the street */
    const float corner[3][2] = {{100, 100}, {200, 100}, {200, 200}};
    assert_false(jw_name_lay_along(&text, 12, corner, 3, 100, &a));
    float bend[21][2];
    for (int i = 0; i <= 20; i++) {
        bend[i][0] = (float)(300 + 200 * jw_cos(2.2 - 0.06 * i));
        bend[i][1] = (float)(300 - 200 * jw_sin(2.2 - 0.06 * i));
    }
    assert_true(jw_name_lay_along(&text, 12, (const float(*)[2])bend, 21, 120, &a));
    for (uint32_t i = 0; i < a.count;
         i++) { /* each letter stands on the circle, so far below as its middle is high */
        float away = hypotf(a.letters[i].x - 300, a.letters[i].y - 300);
        assert_true(fabsf(away - (200 - 0.36f * 12)) < 1);
    }
    jw_glyphs_close(glyphs);
}

static void long_names_end_with_dots(void **state)
{
    (void)state;
    view_glyphs *glyphs = open_glyphs();
    char long_text[400];
    memset(long_text, 'm', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = 0;
    shaped_text text;
    assert_true(jw_name_shape(glyphs, long_text, &text));
    assert_int_equal(text.count, NAME_LETTERS);
    assert_int_equal(text.codes[NAME_LETTERS - 1], 0x2026);
    assert_false(jw_name_shape(glyphs, "  ", &text));
    assert_false(jw_name_shape(glyphs, "", &text));
    jw_glyphs_close(glyphs);
}

/* ---- what has a name ---- */

static void maps_keep_names_in_three_languages(void **state)
{
    (void)state;
    jw_city *city = names_fixture_city();
    jw_writer writer = {0};
    jw_city_save(city, &writer);
    jw_reader reader = {.bytes = writer.bytes, .size = writer.size};
    jw_city *loaded;
    jw_error error = {0};
    assert_int_equal(jw_city_load(&reader, &loaded, &error), JW_OK);
    uint32_t seen = 0;
    for (uint32_t i = 0; i < loaded->edge_count; i++) {
        uint32_t name = loaded->edges[i].name;
        if (strcmp(jw_city_text(loaded, name), "人民路") == 0) {
            assert_string_equal(jw_city_text_in(loaded, name, JW_LANGUAGE_EN), "Renmin Road");
            assert_string_equal(jw_city_text_in(loaded, name, JW_LANGUAGE_ZH), "人民路");
            seen |= 1;
        } else if (strcmp(jw_city_text(loaded, name), "Dongfeng Jie") == 0) {
            assert_string_equal(jw_city_text_in(loaded, name, JW_LANGUAGE_EN), "Dongfeng Jie");
            assert_string_equal(jw_city_text_in(loaded, name, JW_LANGUAGE_ZH), "东风街");
            seen |= 2;
        }
    }
    assert_int_equal(seen, 3);
    jw_city_release(loaded);
    jw_city_release(city);
    jw_writer_free(&writer);
}

static void a_street_of_many_pieces_is_one_line(void **state)
{
    (void)state;
    jw_city *city = names_fixture_city();
    mesh_names names;
    assert_int_equal(jw_names_collect(city, 0, 0, &names, NULL), JW_OK);
    assert_int_equal(names.line_count, 3);
    uint32_t count[NAME_KIND_COUNT] = {0};
    for (uint32_t i = 0; i < names.count; i++) {
        const mesh_name *name = &names.items[i];
        count[name->kind]++;
        if (name->line == JW_NONE)
            continue;
        const name_line *line = &names.lines[name->line];
        if (name->kind == NAME_MAIN_STREET) /* 0.014 degrees at 39.04 degrees north */
            assert_true(fabsf(line->length_m - 1212) < 15);
        double nearest_m = 1e9;
        for (uint32_t k = 0; k + 1 < line->count; k++) {
            const jw_vec2 *p = names.points + line->first + k;
            const jw_vec3 piece[2] = {{p[0].x, p[0].y, 0}, {p[1].x, p[1].y, 0}};
            double s_m;
            nearest_m =
                jw_min(nearest_m, jw_polyline_project(piece, 2, (double)name->x, (double)name->y, &s_m));
        }
        assert_true(nearest_m < 0.1);
    }
    /* The middle, two between, four between those: 1,212 m has room for 7 at least 120 m apart. */
    assert_int_equal(count[NAME_MAIN_STREET], 7);
    assert_int_equal(count[NAME_PARK], 1);
    assert_int_equal(count[NAME_WATER], 1);
    assert_int_equal(count[NAME_STATION], 1);
    assert_true(count[NAME_STREET] >= 1 && count[NAME_LANE] >= 1);
    jw_names_free(&names);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* ---- the country ---- */

static float coast_at(const mesh_country *country, const jw_projection *projection, double lon, double lat)
{
    double x, y;
    assert_int_equal(jw_projection_forward(projection, &lon, &lat, 1, &x, &y, NULL), JW_OK);
    uint32_t column = (uint32_t)(((float)x - country->min_x) / country->cell_m),
             row = (uint32_t)(((float)y - country->min_y) / country->cell_m);
    assert_true(column < country->columns && row < country->rows);
    return country->coast_m[(size_t)row * country->columns + column];
}

static void land_and_sea_lie_where_they_are(void **state)
{
    (void)state;
    jw_city *city = names_fixture_city();
    mesh_country country;
    jw_projection *projection;
    assert_int_equal(jw_country_create(city, 0, 0, &country, NULL), JW_OK);
    assert_int_equal(jw_projection_create(city->origin_lon_deg, city->origin_lat_deg, &projection, NULL),
                     JW_OK);
    static const double land[][2] = {{116.4, 39.9}, {121.0, 29.2}, {109.8, 19.2}, {121.0, 23.8},
                                     {113.3, 23.3}, {118.5, 36.6}, {127.5, 36.5}, {104.1, 30.7}};
    static const double sea[][2] = {{120.0, 38.6}, {123.0, 35.0}, {123.5, 28.0}, {119.5, 24.0},
                                    {115.0, 21.5}, {108.0, 20.5}, {131.0, 40.0}};
    for (uint32_t i = 0; i < JW_COUNT_OF(land); i++)
        assert_true(coast_at(&country, projection, land[i][0], land[i][1]) < 0);
    for (uint32_t i = 0; i < JW_COUNT_OF(sea); i++)
        assert_true(coast_at(&country, projection, sea[i][0], sea[i][1]) > 0);
    /* Qingdao lies at the coast, Zhengzhou far from it, the middle of the Strait some 70 km from both shores.
     */
    assert_true(fabsf(coast_at(&country, projection, 120.3, 36.05)) < 1.5f * country.cell_m);
    assert_true(coast_at(&country, projection, 113.6, 34.8) == -COAST_REACH_M);
    float strait_m = coast_at(&country, projection, 119.5, 24.3);
    assert_true(strait_m > 40000 && strait_m < 100000);
    const mesh_name *towns = country.names.items;
    uint32_t xian = jw_country_find_town(&country, "Xi-an", 5);
    assert_true(xian != JW_NONE);
    assert_string_equal(country.texts + towns[xian].text_zh, "西安");
    assert_int_equal(jw_country_find_town(&country, "Shijiazhuang", 12),
                     jw_country_find_town(&country, "Shijiazhuang", 12));
    assert_int_equal(jw_country_find_town(&country, "Xi", 2), JW_NONE);
    assert_int_equal(jw_country_find_town(&country, "Atlantis", 8), JW_NONE);
    /* Beijing from Xiong'an: 103 km away. */
    uint32_t beijing = jw_country_find_town(&country, "Beijing", 7);
    assert_true(fabsf(hypotf(towns[beijing].x, towns[beijing].y) - 104000) < 4000);
    jw_projection_destroy(projection);
    jw_country_free(&country);
    jw_city_release(city);
    assert_int_equal(jw_allocated_bytes(), 0);
}

int main(void)
{
    if (!(font = names_fixture_font()))
        return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_text_is_read_to_its_end),
        cmocka_unit_test(a_file_that_is_no_font_is_an_error),
        cmocka_unit_test(gb2312_goes_through_the_atlas),
        cmocka_unit_test(a_picture_keeps_its_letters),
        cmocka_unit_test(distances_are_those_to_the_outline),
        cmocka_unit_test(names_with_room_never_overlap),
        cmocka_unit_test(names_follow_their_street),
        cmocka_unit_test(long_names_end_with_dots),
        cmocka_unit_test(maps_keep_names_in_three_languages),
        cmocka_unit_test(a_street_of_many_pieces_is_one_line),
        cmocka_unit_test(land_and_sea_lie_where_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
