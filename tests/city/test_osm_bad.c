/* Damaged, hostile and senseless maps: each is refused with its place and what to do, or read with a note. */
#include "city/test_osm.h"

#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#define VILLAGE_PBF JW_TEST_FOLDER "/data/village.osm.pbf"

static char *read_file(const char *path, size_t *size)
{
    char *bytes;
    assert_int_equal(jw_file_read(path, 1 << 20, &bytes, size, NULL), JW_OK);
    return bytes;
}

static void must_fail_text(const char *text, jw_result code, const char *words)
{
    must_fail(text, strlen(text), code, words);
}

/* ---- files ---- */

static void must_fail_path(const char *path, jw_result code, const char *words)
{
    jw_draft draft = {0};
    jw_error error = {0};
    assert_int_equal(jw_read_osm(path, &draft, NULL, NULL, NULL, &error), code);
    assert_non_null(strstr(error.message, words));
    assert_string_equal(error.file, path);
}

static void test_files(void **state)
{
    (void)state;
    must_fail_path("no/such.osm", JW_ERROR_NOT_FOUND, "no such file");
    must_fail_path(JW_TEST_FOLDER, JW_ERROR_INPUT, "directory");
    must_fail_path("/dev/null", JW_ERROR_INPUT, "regular file");
    must_fail("", 0, JW_ERROR_INPUT, "empty");
}

static void test_other_kinds(void **state)
{
    (void)state;
    must_fail_text("id,lat,lon\n", JW_ERROR_INPUT, "neither OSM XML");
    must_fail_text("BZh91AY&SY", JW_ERROR_INPUT, "bunzip2");
    must_fail_text("SQLite format 3", JW_ERROR_INPUT, "GeoPackage");
    must_fail_text("{\"elements\": []}", JW_ERROR_INPUT, "JSON");
    must_fail_text("<html><body>503</body></html>", JW_ERROR_INPUT, "<html>");
    must_fail_text("<osmChange version=\"0.6\"></osmChange>", JW_ERROR_INPUT, "apply it first");
    uint64_t seed = 1;
    for (int round = 0; round < 200; round++) {
        uint8_t noise[512];
        for (uint32_t i = 0; i < sizeof noise; i++)
            noise[i] = (uint8_t)((seed = seed * 6364136223846793005u + 1442695040888963407u) >> 56);
        jw_draft draft = {0};
        jw_error error = {0};
        assert_int_not_equal(jw_read_osm_bytes(noise, sizeof noise, "noise", &draft, NULL, &error), JW_OK);
        assert_true(error.message[0]);
    }
}

/* ---- XML ---- */

static void test_bad_xml(void **state)
{
    (void)state;
    must_fail_text("<osm>", JW_ERROR_CORRUPT, "no element found");
    must_fail_text("<osm></osm>", JW_ERROR_INPUT, "empty");
    must_fail_text("<osm><node id='1' lat='1' lon='1'/><way></osm>", JW_ERROR_CORRUPT, "mismatched tag");
    must_fail_text("<!DOCTYPE osm [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><osm>&b;</osm>",
                   JW_ERROR_INPUT, "DOCTYPE");
    must_fail_text("<osm><node id='1' lat='1' lon='1'/></osm>", JW_ERROR_INPUT, "no road for cars");
    char deep[200] = "";
    for (int i = 0; i < 40; i++)
        strcat(deep, i ? "<a>" : "<osm>");
    must_fail_text(deep, JW_ERROR_LIMIT, "nested");
    jw_error error = {0};
    jw_draft draft = {0};
    const char *text = "<osm>\n<node id='1' lat='1' lon='1'/>\n<node id=3 />\n</osm>";
    assert_int_equal(jw_read_osm_bytes(text, strlen(text), "a.osm", &draft, NULL, &error), JW_ERROR_CORRUPT);
    assert_int_equal(error.line, 3);
}

/* 100 MB in one attribute, 100 MB in one comment, and one just above the limit. */
static void test_long_attribute(void **state)
{
    (void)state;
    const size_t size = 100 << 20;
    static const char *const heads[] = {"<osm><node id='1' lat='1' lon='", "<osm><!--",
                                        "<osm><node id='1' lat='1' lon='2'><tag k='a' v='"};
    char *bytes = malloc(size);
    assert_non_null(bytes);
    for (uint32_t i = 0; i < JW_COUNT_OF(heads); i++) {
        memset(bytes, '7', size);
        memcpy(bytes, heads[i], strlen(heads[i]));
        double begin_s = jw_clock_seconds();
        must_fail(bytes, size, JW_ERROR_LIMIT, "a tag or comment of more than");
        assert_true(jw_clock_seconds() - begin_s < 5);
    }
    size_t at = strlen(heads[2]) + 70000;
    memcpy(bytes + at, "'/></node></osm>", 16);
    must_fail(bytes, at + 16, JW_ERROR_LIMIT, "an attribute of 70000 bytes");
    free(bytes);
}

static const char good_road[] =
    "<node id='101' lat='1.001' lon='2'/><node id='102' lat='1.002' lon='2'/>"
    "<way id='1'><nd ref='101'/><nd ref='102'/><tag k='highway' v='primary'/></way>";

/* The snippet before a good road must be read, with one problem of these words (NULL: none). */
static void must_note(const char *snippet, const char *words, uint32_t roads)
{
    char text[2048];
    snprintf(text, sizeof text, "<osm>%s%s</osm>", snippet, good_road);
    jw_draft draft = {0};
    jw_problems problems = {0};
    jw_error error = {0};
    must_read(jw_read_osm_bytes(text, strlen(text), "odd.osm", &draft, &problems, &error), &error);
    if (words && !find_problem(&problems, words))
        fail_msg("no note \"%s\" for %s", words, snippet);
    assert_int_equal(problems.count, words ? 1 : 0);
    assert_int_equal(draft.road_count, roads);
    jw_problems_free(&problems);
    jw_draft_free(&draft);
}

static void test_odd_elements(void **state)
{
    (void)state;
    must_note("", NULL, 1);
    must_note("<node id='7' lat='91' lon='2'/>", "outside of the earth", 1);
    must_note("<node id='7' lat='1' lon='-180.0000001'/>", "outside of the earth", 1);
    must_note("<node id='7' lat='1' lon='99999999999999999999'/>", "no number as lat or lon", 1);
    must_note("<node id='7' lat='nan' lon='1'/>", "no number as lat or lon", 1);
    must_note("<node id='7' lat='1' lon=''/>", "no number as lat or lon", 1);
    must_note("<node id='7' lat='1'/>", "no number as lat or lon", 1);
    must_note("<node id='99999999999999999999999' lat='1' lon='1'/>", "whole number as id", 1);
    must_note("<node lat='1' lon='1'/>", "whole number as id", 1);
    must_note("<node id='102' lat='1' lon='1'/>", "comes twice", 1);
    must_note("<node id='-7' lat='1e0' lon='+1'/>", NULL, 1);
    must_note("<node id='7' lat='1' lon='1' visible='false'/><node id='8' lat='1' action='delete'/>", NULL,
              1);
    must_note("<way id='1'><nd ref='102'/><nd ref='101'/><tag k='highway' v='primary'/></way>", "comes twice",
              1);
    must_note("<way id='2'><nd ref='101'/><tag k='highway' v='primary'/></way>", "fewer than two nodes", 1);
    must_note("<way id='2'><nd ref='x'/><nd ref='101'/><nd ref='102'/></way>", "no whole number", 1);
    must_note("<way id='2'><nd ref='5'/><nd ref='6'/><tag k='highway' v='primary'/></way>", "cut there", 1);
    must_note("<way id='2'><nd ref='101'/><nd ref='101'/><tag k='highway' v='primary'/></way>", NULL, 1);
    must_note("<way id='2'><nd ref='101'/><nd ref='102'/><tag k='building' v='yes'/></way>", "not closed", 1);
    must_note("<node id='5' lat='-60' lon='2'/><way id='2'><nd ref='101'/><nd ref='5'/>"
              "<tag k='railway' v='rail'/></way>",
              "5 degrees away", 1);
    must_note(
        "<relation id='1'><member type='way' ref='1' role='from'/><member type='way' ref='1' role='to'/>"
        "<tag k='type' v='restriction'/><tag k='restriction' v='no_u_turn'/></relation>",
        "does not name one node", 1);
    must_note("<relation id='1'><member ref='1'/><tag k='type' v='multipolygon'/></relation>",
              "member without type", 1);
}

static void test_too_much(void **state)
{
    (void)state;
    must_fail_text("<osm><node id='1' lat='-80' lon='0'/><node id='2' lat='80' lon='0'/>"
                   "<way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='primary'/></way></osm>",
                   JW_ERROR_LIMIT, "span");
    /* A way of 70,000 nodes. */
    size_t size = 70000 * 16 + 1000, at = 0;
    char *text = malloc(size);
    at += (size_t)snprintf(text, size, "<osm>%s<way id='2'>", good_road);
    for (int i = 0; i < 70000; i++)
        at += (size_t)snprintf(text + at, size - at, "<nd ref='%d'/>", 101 + (i & 1));
    at += (size_t)snprintf(text + at, size - at, "</way></osm>");
    jw_draft draft = {0};
    jw_problems problems = {0};
    assert_int_equal(jw_read_osm_bytes(text, at, "long.osm", &draft, &problems, NULL), JW_OK);
    assert_non_null(find_problem(&problems, "more than 65535 nodes"));
    jw_problems_free(&problems);
    jw_draft_free(&draft);
    free(text);
}

/* ---- gzip ---- */

static uint8_t *gzip(const void *bytes, size_t size, size_t *out_size)
{
    z_stream zlib = {0};
    assert_int_equal(deflateInit2(&zlib, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t bound = deflateBound(&zlib, size);
    uint8_t *out = malloc(bound);
    zlib.next_in = (Bytef *)bytes;
    zlib.avail_in = (uInt)size;
    zlib.next_out = out;
    zlib.avail_out = (uInt)bound;
    assert_int_equal(deflate(&zlib, Z_FINISH), Z_STREAM_END);
    *out_size = bound - zlib.avail_out;
    deflateEnd(&zlib);
    return out;
}

static void test_gzip(void **state)
{
    (void)state;
    size_t size, zipped_size;
    char *village = read_file(VILLAGE, &size);
    jw_draft plain = {0}, zipped = {0};
    assert_int_equal(jw_read_osm(VILLAGE, &plain, NULL, NULL, NULL, NULL), JW_OK);

    /* Two members, one after the other, are one file. */
    size_t first_size, second_size;
    uint8_t *first = gzip(village, size / 2, &first_size);
    uint8_t *second = gzip(village + size / 2, size - size / 2, &second_size);
    uint8_t *both = malloc(first_size + second_size);
    memcpy(both, first, first_size);
    memcpy(both + first_size, second, second_size);
    assert_int_equal(jw_read_osm_bytes(both, first_size + second_size, "v.osm.gz", &zipped, NULL, NULL),
                     JW_OK);
    assert_same_draft(&plain, &zipped);
    jw_draft_free(&zipped);
    jw_draft_free(&plain);
    free(first);
    free(second);
    free(both);

    uint8_t *bytes = gzip(village, size, &zipped_size);
    jw_free(village);
    for (size_t cut = 20; cut < zipped_size; cut += 37)
        must_fail(bytes, cut, JW_ERROR_CORRUPT, "cut after");
    bytes[zipped_size / 2] ^= 0x55;
    must_fail(bytes, zipped_size, JW_ERROR_CORRUPT, "");
    free(bytes);

    /* A bomb: 64 MB of blanks in 64 kB. */
    size = 64 << 20;
    char *blanks = malloc(size);
    memset(blanks, ' ', size);
    memcpy(blanks, "<osm>", 5);
    bytes = gzip(blanks, size, &zipped_size);
    free(blanks);
    must_fail(bytes, zipped_size, JW_ERROR_LIMIT, "inflates more than 200 times");
    free(bytes);
}

/* ---- cuts, flips, memory ---- */

static void test_cuts(void **state)
{
    (void)state;
    static const char *const files[] = {VILLAGE, VILLAGE_PBF, JW_TEST_FOLDER "/data/village_plain.osm.pbf"};
    for (uint32_t f = 0; f < JW_COUNT_OF(files); f++) {
        size_t size;
        char *bytes = read_file(files[f], &size);
        uint32_t whole = 0;
        for (size_t cut = 0; cut + 1 < size; cut++) {
            jw_draft draft = {0};
            jw_error error = {0};
            jw_result result = jw_read_osm_bytes(bytes, cut, "cut", &draft, NULL, &error);
            assert_true(result == JW_OK || error.message[0]);
            whole += result == JW_OK;
            jw_draft_free(&draft);
        }
        jw_free(bytes);
        /* A PBF may be cut between blocks without a trace: at most the block of relations is lost. */
        assert_true(whole <= (f > 0));
    }
}

static void test_flips(void **state)
{
    (void)state;
    static const char *const files[] = {VILLAGE, VILLAGE_PBF, JW_TEST_FOLDER "/data/village_plain.osm.pbf"};
    for (uint32_t f = 0; f < JW_COUNT_OF(files); f++) {
        size_t size;
        char *bytes = read_file(files[f], &size);
        for (size_t at = 0; at < size; at += 1 + size / 4096) {
            const char kept = bytes[at];
            bytes[at] = (char)(kept ^ 1 << at % 8);
            jw_draft draft = {0};
            jw_error error = {0};
            jw_result result = jw_read_osm_bytes(bytes, size, "flipped", &draft, NULL, &error);
            assert_true(result == JW_OK || error.message[0]);
            jw_draft_free(&draft);
            bytes[at] = kept;
        }
        jw_free(bytes);
    }
}

static void test_failing_memory(void **state)
{
    (void)state;
    static const char *const files[] = {VILLAGE, VILLAGE_PBF, JW_TEST_FOLDER "/data/shore.osm"};
    for (uint32_t f = 0; f < JW_COUNT_OF(files); f++) {
        jw_result result = JW_ERROR_MEMORY;
        int fail_after = 0;
        for (; result != JW_OK; fail_after++) {
            jw_draft draft = {0};
            jw_problems problems = {0};
            jw_error error = {0};
            jw_memory_fail_after(fail_after);
            result = jw_read_osm(files[f], &draft, &problems, NULL, NULL, &error);
            jw_memory_fail_after(-1);
            assert_true(result == JW_OK || result == JW_ERROR_MEMORY);
            assert_true(result == JW_OK || !draft.nodes);
            jw_draft_free(&draft);
            jw_problems_free(&problems);
            assert_int_equal(jw_allocated_bytes(), 0);
        }
        assert_true(fail_after > 30);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_files),          JW_UNIT(test_other_kinds),  JW_UNIT(test_bad_xml),
        JW_UNIT(test_long_attribute), JW_UNIT(test_odd_elements), JW_UNIT(test_too_much),
        JW_UNIT(test_gzip),           JW_UNIT(test_cuts),         JW_UNIT(test_flips),
        JW_UNIT(test_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
