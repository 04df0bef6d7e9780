/* Damaged, hostile and senseless files of SUMO's kind: each is refused with its place, or read with what is
 * wrong named and left out. */
#include "city/test_sumo.h"

#include <stdlib.h>
#include <zlib.h>

/* ---- networks ---- */

static void must_refuse(const void *bytes, size_t size, jw_result code, const char *words)
{
    jw_city *city = NULL;
    jw_error error = {0};
    jw_result result =
        jw_sumo_read_net_bytes(bytes, size, "bad.net.xml", NULL, NULL, NULL, &city, NULL, &error);
    if (result != code || !strstr(error.message, words))
        print_message("got %s: %s (line %d)\n", jw_result_text(result), error.message, error.line);
    assert_int_equal(result, code);
    assert_non_null(strstr(error.message, words));
    assert_null(city);
}

static void must_refuse_text(const char *text, jw_result code, const char *words)
{
    must_refuse(text, strlen(text), code, words);
}

static void test_no_network(void **state)
{
    (void)state;
    jw_city *city = NULL;
    jw_error error = {0};
    assert_int_equal(jw_sumo_read_net("no/such.net.xml", NULL, NULL, NULL, NULL, NULL, &city, NULL, &error),
                     JW_ERROR_NOT_FOUND);
    must_refuse("", 0, JW_ERROR_INPUT, "empty");
    must_refuse_text("binary \x01\x02", JW_ERROR_INPUT, "neither XML");
    must_refuse_text("<osm/>", JW_ERROR_INPUT, "not <net>");
    must_refuse_text("<nodes/>", JW_ERROR_INPUT, "netconvert");
    must_refuse_text("<net>", JW_ERROR_CORRUPT, "not well-formed");
    must_refuse_text("<net/>", JW_ERROR_INPUT, "empty");
    must_refuse_text("<!DOCTYPE net [<!ENTITY a 'b'>]><net>&a;</net>", JW_ERROR_INPUT, "DOCTYPE");
    must_refuse_text("<net><junction id='a' type='dead_end' x='0' y='0'/></net>", JW_ERROR_INPUT, "no road");
    must_refuse_text("<net><junction id='a' x='0' y='0'/><junction id='b' x='9e8' y='0'/></net>",
                     JW_ERROR_LIMIT, "km wide");
}

/* Two streets through one junction, before which or instead of which comes what is wrong. */
static const char crossing[] =
    "<net>%s<edge id='in' from='a' to='j'><lane id='in_0' index='0' speed='10' length='100' shape='0,0 "
    "100,0'/>"
    "</edge><edge id='out' from='j' to='b'><lane id='out_0' index='0' speed='10' length='100' shape='110,0 "
    "210,0'/>"
    "</edge>%s<junction id='a' type='dead_end' x='0' y='0'/><junction id='b' type='dead_end' x='210' y='0'/>"
    "<junction id='j' type='priority' x='105' y='0' incLanes='in_0' intLanes=''>%s</junction>"
    "<connection from='in' to='out' fromLane='0' toLane='0' dir='s' state='M'%s/></net>";

static void must_note(const char *first, const char *more, const char *requests, const char *connection,
                      const char *words, uint32_t edges, uint32_t connections)
{
    char text[8192];
    jw_city *city = NULL;
    jw_problems problems = {0};
    jw_error error = {0};
    snprintf(text, sizeof text, crossing, first, more, requests, connection);
    must_read(
        jw_sumo_read_net_bytes(text, strlen(text), "odd.net.xml", NULL, NULL, &problems, &city, NULL, &error),
        &error);
    must_read(jw_city_verify(city, &error), &error);
    if (words && count_problems(&problems, words) != 1)
        fail_msg("no problem \"%s\" for %s%s%s%s", words, first, more, requests, connection);
    assert_int_equal(problems.problem_count, words ? 1 : 0);
    assert_int_equal(city->edge_count, edges);
    assert_int_equal(city->connection_count, connections);
    jw_problems_free(&problems);
    jw_city_release(city);
}

#define GOOD_REQUEST "<request index='0' response='0' foes='0' cont='0'/>"

static void test_odd_networks(void **state)
{
    (void)state;
    must_note("", "", GOOD_REQUEST, "", NULL, 2, 1);
    must_note("<edge id='x' from='a' to='j'/>", "", GOOD_REQUEST, "", "it has no lane", 2, 1);
    must_note("<edge id='x' from='a'><lane id='x_0' index='0' speed='1' length='1'/></edge>", "",
              GOOD_REQUEST, "", "without from or to", 2, 1);
    must_note("<edge from='a' to='b'/>", "", GOOD_REQUEST, "", "without id", 2, 1);
    must_note("", "<edge id='in' from='a' to='b'><lane id='q' index='0' speed='1' length='1'/></edge>",
              GOOD_REQUEST, "", "a second edge of this id", 2, 1);
    must_note("<junction id='a' x='0' y='0' type='dead_end'/>", "", GOOD_REQUEST, "", "a second junction", 2,
              1);
    must_note("", "", "", "", NULL, 2, 1); /* no requests: nobody yields */
    must_note("", "", GOOD_REQUEST "<request index='1' response='0' foes='0'/>", "",
              "2 requests for 1 connection", 2, 1);
    must_note("", "", "<request index='0' response='2' foes='0'/>", "", "who gives way there is not known", 2,
              1);
    must_note("", "", "<request index='3' response='0' foes='0'/>", "", "not the next index", 2, 1);
    must_note("", "", GOOD_REQUEST, " via=':j_9_0'", "is not there: drawn without", 2, 1);
    must_note("", "", GOOD_REQUEST, " tl='t' linkIndex='0'", "there is no such tlLogic", 2, 1);
    must_note("<tlLogic id='t' type='static' programID='0'><phase duration='9' state='r'/></tlLogic>", "",
              GOOD_REQUEST, " tl='t' linkIndex='2'", "its states have 1 letters, connections name 3 links", 2,
              1);
    must_note("<tlLogic id='t' type='static' programID='0'><phase duration='9' state='r'/>"
              "<phase duration='9' state='rr'/></tlLogic>",
              "", GOOD_REQUEST, " tl='t' linkIndex='0'", "its states are not equally long", 2, 1);
    must_note("<tlLogic id='t' type='static' programID='0'><phase duration='0' state='r'/></tlLogic>", "",
              GOOD_REQUEST, " tl='t' linkIndex='0'", "last no time", 2, 1);
}

static void test_odd_lanes(void **state)
{
    (void)state;
    static const struct {
        const char *lane, *words;
    } cases[] = {
        {"index='0' speed='1' length='-5'", "length=\"-5\""},
        {"index='0' speed='1' length='0'", "length=\"0\""},
        {"index='0' speed='1' length='nan'", "length=\"nan\""},
        {"index='0' speed='0' length='5'", "speed=\"0\""},
        {"index='0' speed='1'", "no length or no speed"},
        {"index='1' speed='1' length='5'", "its index is not 0"},
        {"index='99999999' speed='1' length='5'", "index=\"99999999\""},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        char text[512], words[128];
        snprintf(text, sizeof text, "<edge id='x' from='a' to='j'><lane id='x_0' %s/></edge>", cases[i].lane);
        snprintf(words, sizeof words, "%s", cases[i].words);
        char whole[8192];
        jw_city *city = NULL;
        jw_problems problems = {0};
        jw_error error = {0};
        snprintf(whole, sizeof whole, crossing, text, "", GOOD_REQUEST, "");
        must_read(jw_sumo_read_net_bytes(whole, strlen(whole), "odd.net.xml", NULL, NULL, &problems, &city,
                                         NULL, &error),
                  &error);
        if (!count_problems(&problems, words))
            fail_msg("no problem \"%s\"", words);
        assert_int_equal(count_problems(&problems, "left out: a lane of it makes no sense"), 1);
        assert_int_equal(city->edge_count, 2);
        jw_problems_free(&problems);
        jw_city_release(city);
    }
    must_note(
        "<edge id='x' from='a' to='j'><lane id='x_0' index='0' speed='1' length='9' shape='0,0 a,b'/></edge>",
        "", GOOD_REQUEST, "", "no list of x,y", 3, 1);
}

/* ---- damage ---- */

static char *read_file(const char *path, size_t *size)
{
    char *bytes;
    assert_int_equal(jw_file_read(path, 1 << 20, &bytes, size, NULL), JW_OK);
    return bytes;
}

/* A city that comes out of damage is whole all the same. */
static void try_net(const char *bytes, size_t size)
{
    jw_city *city = NULL;
    jw_problems problems = {0};
    jw_error error = {0};
    jw_result result =
        jw_sumo_read_net_bytes(bytes, size, "hurt.net.xml", NULL, NULL, &problems, &city, NULL, &error);
    if (result == JW_OK)
        must_read(jw_city_verify(city, &error), &error);
    else
        assert_true(error.message[0]);
    jw_city_release(city);
    jw_problems_free(&problems);
}

static void test_cut(void **state)
{
    (void)state;
    size_t size;
    char *bytes = read_file(TOWN, &size);
    for (size_t cut = 1; cut < size; cut += 499)
        must_refuse(bytes, cut, JW_ERROR_CORRUPT, "not well-formed");
    jw_free(bytes);
}

static void test_damaged(void **state)
{
    (void)state;
    size_t size;
    char *bytes = read_file(TOWN, &size);
    uint64_t seed = 1;
    static const char letters[] = "0123456789.-\"'<>/ abr";
    for (int round = 0; round < 400; round++) {
        char kept[8];
        size_t at[8];
        for (uint32_t i = 0; i < 8; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            at[i] = (size_t)(seed >> 20) % size;
            kept[i] = bytes[at[i]];
            /* mostly digits for digits, so that the text stays XML */
            bytes[at[i]] = kept[i] >= '0' && kept[i] <= '9' ? (char)('0' + (seed >> 60) % 10)
                           : round % 4 == 0                 ? letters[(seed >> 50) % (sizeof letters - 1)]
                                                            : kept[i];
        }
        try_net(bytes, size);
        for (uint32_t i = 8; i-- > 0;)
            bytes[at[i]] = kept[i];
    }
    jw_free(bytes);
}

/* A gigabyte of blanks in a megabyte. */
static void test_gzip(void **state)
{
    (void)state;
    size_t size, packed;
    char *bytes = read_file(TOWN, &size);
    z_stream z = {0};
    uint8_t *out = malloc(2 << 20);
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)bytes;
    z.avail_in = (uInt)size;
    z.next_out = out;
    z.avail_out = 2 << 20;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    packed = (2 << 20) - z.avail_out;
    deflateEnd(&z);
    try_net((char *)out, packed);
    must_refuse(out, packed / 2, JW_ERROR_CORRUPT, "cut");
    memset(&z, 0, sizeof z);
    char *blank = calloc(1, 1 << 20);
    memset(blank, ' ', 1 << 20);
    memcpy(blank, "<net>", 5);
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = out;
    z.avail_out = 2 << 20;
    for (int i = 0; i < 1000 && z.avail_out > 100000; i++) {
        z.next_in = (Bytef *)blank;
        z.avail_in = 1 << 20;
        deflate(&z, Z_NO_FLUSH);
        if (i == 0)
            memset(blank, ' ', 5);
    }
    deflate(&z, Z_FINISH);
    must_refuse(out, (2 << 20) - z.avail_out, JW_ERROR_LIMIT, "inflates more than");
    deflateEnd(&z);
    free(blank);
    free(out);
    jw_free(bytes);
}

static void test_memory(void **state)
{
    (void)state;
    size_t size;
    char *bytes = read_file(TOWN, &size);
    for (int64_t after = 0;; after += after < 60 ? 1 : 7) {
        jw_city *city = NULL;
        jw_problems problems = {0};
        jw_error error = {0};
        jw_memory_fail_after(after);
        jw_result result =
            jw_sumo_read_net_bytes(bytes, size, "town.net.xml", NULL, NULL, &problems, &city, NULL, &error);
        jw_memory_fail_after(-1);
        jw_city_release(city);
        jw_problems_free(&problems);
        if (result == JW_OK)
            break;
        assert_int_equal(result, JW_ERROR_MEMORY);
    }
    jw_free(bytes);
}

/* ---- demand ---- */

static void must_note_demand(const char *text, const char *words, uint32_t vehicles)
{
    char whole[2048];
    jw_sumo_demand demand = {0};
    jw_problems problems = {0};
    jw_error error = {0};
    snprintf(whole, sizeof whole, "<routes>%s<trip id='good' depart='99' from='a' to='b'/></routes>", text);
    must_read(jw_sumo_read_demand_bytes(whole, strlen(whole), "odd.rou.xml", &demand, &problems, &error),
              &error);
    if (count_problems(&problems, words) != 1)
        fail_msg("no problem \"%s\" for %s", words, text);
    assert_int_equal(demand.vehicle_count, vehicles + 1);
    jw_sumo_demand_free(&demand);
    jw_problems_free(&problems);
}

static void test_odd_demand(void **state)
{
    (void)state;
    must_note_demand("<trip id='x' from='a' to='b'/>", "no depart", 0);
    must_note_demand("<trip id='x' depart='soon' from='a' to='b'/>", "is no time", 0);
    must_note_demand("<trip id='x' depart='nan' from='a' to='b'/>", "is no time", 0);
    must_note_demand("<trip depart='1' from='a' to='b'/>", "no id", 0);
    must_note_demand("<trip id='good' depart='1' from='a' to='b'/>", "second one of this id", 0);
    must_note_demand("<vehicle id='x' depart='1'/>", "no route and no edges", 0);
    must_note_demand("<vehicle id='x' depart='1'><route edges='  '/></vehicle>", "without edges", 0);
    must_note_demand("<trip id='x' depart='200' from='a' to='b'/>", "not in the order of time", 1);
    must_note_demand("<flow id='x' begin='9' end='3' number='4' from='a' to='b'/>", "end is before its begin",
                     0);
    must_note_demand("<flow id='x' end='3-w' number='4' from='a' to='b'/>", "3-w", 0); /* the rest unread */
    must_note_demand("<flow id='x' from='a' to='b'/>", "a flow needs", 0);
    must_note_demand("<flow id='x' period='1' from='a' to='b'/>", "never end", 0);
    must_note_demand("<flow id='x' end='9' period='0' from='a' to='b'/>", "at least 0.001 s", 0);
    must_note_demand("<flow id='x' end='9' period='exp(-1)' from='a' to='b'/>", "exp(departures", 0);
    must_note_demand("<flow id='x' end='9' probability='2' from='a' to='b'/>", "probability=\"2\"", 0);
    must_note_demand("<vType id='t' length='-3'/>", "length=\"-3\"", 0);
    must_note_demand("<vType id='t' speedFactor='normc(1'/>", "no normc", 0);
    must_note_demand("<vType id='t'/><vType id='t'/>", "second one of this id", 0);
    must_note_demand("<tlLogic id='t'><phase duration='3' state='Gx'/></tlLogic>", "letters are", 0);
    must_note_demand("<trip id='x' depart='1' from='a' to='b' departLane='middle'/>", "departLane=\"middle\"",
                     0);
}

static void test_no_demand(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
        jw_result code;
    } cases[] = {
        {"<net/>", "not <routes>", JW_ERROR_INPUT},
        {"<routes><vehicle", "not well-formed", JW_ERROR_CORRUPT},
        {"", "empty", JW_ERROR_INPUT},
        {"id;depart", "neither XML", JW_ERROR_INPUT},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        jw_sumo_demand demand = {0};
        jw_error error = {0};
        assert_int_equal(jw_sumo_read_demand_bytes(cases[i].text, strlen(cases[i].text), "bad.rou.xml",
                                                   &demand, NULL, &error),
                         cases[i].code);
        assert_non_null(strstr(error.message, cases[i].words));
        jw_sumo_demand_free(&demand);
    }
}

/* Names without end fill the last line of the list, and none is forgotten. */
static void test_many_names(void **state)
{
    (void)state;
    char *text = malloc(1 << 16);
    size_t used = (size_t)sprintf(text, "<routes>");
    for (int i = 0; i < 1000; i++)
        used += (size_t)sprintf(text + used, "<thing%d/>", i);
    used += (size_t)sprintf(text + used, "</routes>");
    jw_sumo_demand demand = {0};
    jw_error error = {0};
    must_read(jw_sumo_read_demand_bytes(text, used, "a.rou.xml", &demand, NULL, &error), &error);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < demand.missing.count; i++)
        sum += demand.missing.items[i].count;
    assert_int_equal(sum, 1000);
    assert_true(demand.missing.count <= 200);
    jw_sumo_demand_free(&demand);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_no_network), JW_UNIT(test_odd_networks), JW_UNIT(test_odd_lanes),
        JW_UNIT(test_cut),        JW_UNIT(test_damaged),      JW_UNIT(test_gzip),
        JW_UNIT(test_memory),     JW_UNIT(test_odd_demand),   JW_UNIT(test_no_demand),
        JW_UNIT(test_many_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
