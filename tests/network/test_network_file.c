/* Topologies from files: our backbone and its delays, the Topology Zoo's, and what is wrong with a file. */
#include "geo/geo.h"
#include "network/network_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BACKBONE JW_TEST_FOLDER "/../assets/networks/east_west.json"
#define HUBS     8

/* Within 20 ms one way between any two hubs, also with any one fibre cut. */
static void test_backbone(void **state)
{
    (void)state;
    jw_net_topology topology;
    jw_error error = {0};
    if (jw_network_read_topology(BACKBONE, 0, &topology, &error))
        fail_msg("%s", error.message);
    assert_int_equal(topology.node_count, 11);
    assert_int_equal(topology.warning_count, 0);
    jw_network_def def = jw_default_network_def();
    def.nodes = topology.nodes, def.node_count = topology.node_count;
    def.links = topology.links, def.link_count = topology.link_count;
    shared *made = shared_create();
    jw_world *world = world_create(&def, made, 100 * JW_NS_PER_MS, 1);
    jw_network *network = network_of(world);
    double worst_s[2] = {0};
    for (uint32_t cut = 0; cut <= topology.link_count; cut++) { /* the last time none */
        jw_frame_link link;
        if (jw_network_link(world, network, cut, &link))
            assert_int_equal(jw_network_set_link_up(world, network, link.name, false, NULL), JW_OK);
        run_for(world, 0.2);
        bool is_whole = cut == topology.link_count;
        for (uint32_t a = 0; a < HUBS; a++) {
            for (uint32_t b = 0; b < HUBS; b++) {
                double s = jw_network_estimate_s(network, at_node(network, topology.nodes[a].name),
                                                 at_node(network, topology.nodes[b].name), 1);
                assert_true(s >= 0 && s < 0.020);
                worst_s[is_whole] = jw_max(worst_s[is_whole], s);
            }
        }
        if (!is_whole)
            assert_int_equal(jw_network_set_link_up(world, network, link.name, true, NULL), JW_OK);
    }
    printf("hub to hub at most %.1f ms one way, %.1f ms with one fibre cut\n", worst_s[1] * 1e3,
           worst_s[0] * 1e3);
    assert_true(worst_s[1] > 0.005 && worst_s[1] < worst_s[0]);
    jw_world_destroy(world);
    shared_destroy(made);
    jw_network_topology_free(&topology);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Counts and lengths are those that the files themselves state. */
static void test_zoo(void **state)
{
    (void)state;
    const char *folder = getenv("JINGWEI_DATA");
    if (!folder) {
        printf("skipped: JINGWEI_DATA is not set\n");
        return;
    }
    char path[1024];
    jw_net_topology t;
    jw_error error = {0};
    snprintf(path, sizeof path, "%s/Chinanet.json", folder);
    if (jw_network_read_topology(path, 10e9, &t, &error))
        fail_msg("%s", error.message);
    assert_int_equal(t.node_count, 38);
    assert_int_equal(t.link_count, 62);
    double sum_m = 0;
    for (uint32_t i = 0; i < t.link_count; i++) {
        sum_m += t.links[i].length_m;
        assert_true(t.links[i].capacity_bps == 10e9);
    }
    assert_true(jw_abs(sum_m / 62 - 912230) < 10);
    jw_network_def def = jw_default_network_def();
    def.nodes = t.nodes, def.node_count = t.node_count, def.links = t.links, def.link_count = t.link_count;
    shared *made = shared_create();
    jw_world_destroy(world_create(&def, made, 0, 1));
    shared_destroy(made);
    jw_network_topology_free(&t);
}

static jw_result read_text(const char *text, jw_net_topology *out, jw_error *error)
{
    FILE *file = fopen("test_network_file.json", "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    jw_result result = jw_network_read_topology("test_network_file.json", 1e9, out, error);
    remove("test_network_file.json");
    return result;
}

#define NODES "{\"nodes\": [{\"id\": 1, \"pos\": [10, 50]}, {\"id\": \"2\", \"pos\": [11, 50]}], \"edges\": ["

static void test_bad(void **state)
{
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"", "is empty"},
        {"[]", "not a JSON object"},
        {NODES, "not a JSON object"},
        {"{\"nodes\": 3, \"edges\": []}", "not a network"},
        {"{\"nodes\": [{\"id\": 1}]}", "not a network"},
        {"{\"nodes\": [{\"name\": \"x\"}], \"edges\": []}", "node 0"},
        {"{\"nodes\": [{\"id\": 1}, {\"id\": 1}], \"edges\": []}", "twice"},
        {"{\"nodes\": [{\"id\": 1, \"pos\": [500, 0]}], \"edges\": []}", "degrees"},
        {NODES "{\"source\": 1, \"target\": 3}]}", "link 0: its \"target\""},
        {NODES "{\"source\": 1, \"target\": 2}, {\"target\": 2}]}", "link 1: its \"source\""},
        {NODES "{\"source\": 1, \"target\": 2, \"capacity_gbps\": 0}]}", "capacity"},
        {NODES "{\"source\": 1, \"target\": 2, \"capacity_gbps\": -4}]}", "capacity"},
        {NODES "{\"source\": 1, \"target\": 2, \"capacity_gbps\": \"fast\"}]}", "capacity"},
        {NODES "{\"source\": 1, \"target\": 2, \"dist\": -1}]}", "length"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jw_net_topology t;
        jw_error error = {0};
        assert_true(read_text(cases[i].text, &t, &error) != JW_OK);
        if (!strstr(error.message, cases[i].told))
            fail_msg("case %zu: \"%s\" lacks \"%s\"", i, error.message, cases[i].told);
        assert_true(t.nodes == NULL && t.links == NULL);
    }
    jw_net_topology t;
    assert_true(jw_network_read_topology("no such file", 1e9, &t, NULL) != JW_OK);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Great circle of a degree of longitude at 50 degrees north: 71.47 km, and 1.3 times that of fibre. */
static void test_doubtful(void **state)
{
    (void)state;
    jw_net_topology t;
    assert_int_equal(read_text(NODES "{\"source\": 1, \"target\": 2}]}", &t, NULL), JW_OK);
    assert_true(t.link_count == 1 && t.warning_count == 0 && t.links[0].capacity_bps == 1e9);
    assert_true(jw_abs(t.links[0].length_m - 1.3 * 71474) < 20);
    assert_true(jw_abs(t.nodes[1].x_m - t.nodes[0].x_m - 71474) < 20);
    jw_network_topology_free(&t);
    assert_int_equal(read_text(NODES "{\"source\": 1, \"target\": 2, \"capacity_gbps\": 1e-7},"
                                     "{\"source\": 1, \"target\": 1}]}",
                               &t, NULL),
                     JW_OK);
    assert_true(t.link_count == 1 && t.warning_count == 2);
    assert_non_null(strstr(t.warning.message, "unit"));
    jw_network_topology_free(&t);
    assert_int_equal(
        read_text("{\"nodes\": [{\"id\": 1, \"name\": \"x\"}, {\"id\": 2, \"name\": \"x\"}], \"edges\": []}",
                  &t, NULL),
        JW_OK);
    assert_string_equal(t.nodes[1].name, "x#2");
    assert_int_equal(t.warning_count, 2); /* no places */
    jw_network_topology_free(&t);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* Thirty thousand nodes of one name, in the time of thirty thousand: each gets its own number. */
static void test_one_name(void **state)
{
    (void)state;
    enum { NODES_OF_ONE_NAME = 30000 };
    jw_net_topology t;
    jw_writer out = {0};
    jw_write_bytes(&out, "{\"edges\": [], \"nodes\": [", 24);
    for (int i = 1; i <= NODES_OF_ONE_NAME; i++) {
        char node[64];
        int length = snprintf(node, sizeof node, "%s{\"id\": %d, \"name\": \"router\"}", i > 1 ? "," : "", i);
        jw_write_bytes(&out, node, (size_t)length);
    }
    jw_write_bytes(&out, "]}", 3);
    assert_int_equal(read_text((const char *)out.bytes, &t, NULL), JW_OK);
    assert_string_equal(t.nodes[0].name, "router");
    assert_string_equal(t.nodes[NODES_OF_ONE_NAME - 1].name, "router#30000");
    jw_network_topology_free(&t);
    jw_writer_free(&out);
    assert_int_equal(jw_allocated_bytes(), 0);
}

#define ZOO_HEAD                                                                                             \
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<graphml "                                                  \
    "xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n<key attr.name=\"LinkSpeedRaw\" "                     \
    "attr.type=\"double\" "                                                                                  \
    "for=\"edge\" id=\"d3\" />\n<key attr.name=\"Longitude\" for=\"node\" id=\"d1\" />\n<key "               \
    "attr.name=\"Latitude\" for=\"node\" id=\"d0\" />\n<key attr.name=\"label\" for=\"node\" id=\"d2\" "     \
    "/>\n<key attr.name=\"label\" for=\"graph\" id=\"d4\" />\n<graph><data key=\"d4\">Made</data>\n"
#define ZOO_NODES                                                                                            \
    "<node id=\"0\"><data key=\"d0\">50</data><data key=\"d1\">10</data><data key=\"d2\">K&#246;ln</data>"   \
    "</node>\n<node id=\"1\"><data key=\"d0\"> 50 </data><data key=\"d1\">11</data></node>\n"
static const char zoo[] =
    ZOO_HEAD ZOO_NODES "<edge source=\"0\" target=\"1\"><data key=\"d3\">2488000000.0"
                       "</data></edge><edge source=\"1\" target=\"0\"/></graph></graphml>";

static const char sndlib_xml[] =
    "<network xmlns=\"http://sndlib.zib.de/network\" version=\"1.0\"><networkStructure><nodes "
    "coordinatesType=\"geographical\"><node "
    "id=\"A\"><coordinates><x>10</x><y>50</y></coordinates></node><node "
    "id=\"B\"><coordinates><x>11</x><y>50</y></coordinates></node></nodes><links><link "
    "id=\"L1\"><source>A</source><target>B</target><preInstalledModule><capacity>0.00</capacity><cost>1</"
    "cost>"
    "</preInstalledModule><additionalModules><addModule><capacity>155.0</capacity></addModule><addModule>"
    "<capacity>622.0</capacity></addModule></additionalModules></link><link "
    "id=\"L2\"><source>B</source><target>A</target></link></links></networkStructure><demands><demand "
    "id=\"D\"><source>A</source><target>B</target></demand></demands></network>";

#define NATIVE_NODES                                                                                         \
    "?SNDlib native format; type: network; version: 1.0\n# made\nMETA (\n  unit = MBITPERSEC\n)\nNODES (\n " \
    " A ( "                                                                                                  \
    "10.00 50.00 )\n  B (11 50)\n)\n"
static const char native[] =
    NATIVE_NODES "LINKS (\n  L1 ( A B ) 0.00 0.00 0.00 0.00 ( 155.00 0.00 622.00 0.00 )\n"
                 "  L2 ( B A ) 0 0 0 0 ( )\n)\nDEMANDS ( )\nADMISSIBLE_PATHS (\n)\n";

/* The same two nodes and links in the other formats. */
static void test_formats(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
        double capacity_bps;
    } cases[] = {{zoo, "K\303\266ln", 2488e6}, {sndlib_xml, "A", 155e6}, {native, "A", 155e6}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jw_net_topology t;
        jw_error error = {0};
        if (read_text(cases[i].text, &t, &error))
            fail_msg("case %zu: %s", i, error.message);
        assert_true(t.node_count == 2 && t.link_count == 2 && t.warning_count == 0);
        assert_string_equal(t.nodes[0].name, cases[i].name);
        assert_string_equal(t.links[1].to, cases[i].name);
        assert_true(t.links[0].capacity_bps == cases[i].capacity_bps && t.links[1].capacity_bps == 1e9);
        assert_true(jw_abs(t.links[0].length_m - 1.3 * 71474) < 20);
        assert_true(jw_abs(t.nodes[1].x_m - t.nodes[0].x_m - 71474) < 20);
        jw_network_topology_free(&t);
    }
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_bad_formats(void **state)
{
    (void)state;
    static const struct {
        const char *text, *told;
        int line;
    } cases[] = {
        {"<graphml><graph><node id=\"a\"/>", "broken XML", 1},
        {"<html></html>", "<html>", 1},
        {"<graphml/>", "no node", 0},
        {"<!DOCTYPE x [<!ENTITY a \"b\">]><graphml/>", "DOCTYPE", 1},
        {"<graphml><graph><node id=\"a\"/>\n<node id=\"a\"/></graph></graphml>", "twice", 2},
        {"<graphml><graph><node/></graph></graphml>", "id must be", 1},
        {ZOO_HEAD ZOO_NODES "<edge source=\"0\" target=\"7\"/></graph></graphml>", "\"7\" is no node", 11},
        {ZOO_HEAD ZOO_NODES "<edge source=\"0\"/></graph></graphml>", "target", 11},
        {ZOO_HEAD ZOO_NODES
         "<edge source=\"0\" target=\"1\"><data key=\"d3\">-1</data></edge></graph></graphml>",
         "capacity", 11},
        {ZOO_HEAD ZOO_NODES
         "<edge source=\"0\" target=\"1\"><data key=\"d3\">fast</data></edge></graph></graphml>",
         "\"fast\" should be a number", 11},
        {ZOO_HEAD
         "<node id=\"0\"><data key=\"d0\">500</data><data key=\"d1\">0</data></node></graph></graphml>",
         "degrees", 9},
        {"<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>", "neither", 1},
        {"<network><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>", "nested deeper", 1},
        {NATIVE_NODES "LINKS (\n  L1 ( A C ) 0 0 0 0 ( )\n)\n", "\"C\" is no node", 11},
        {NATIVE_NODES "LINKS (\n  L1 ( A B ) -5 0 0 0 ( )\n)\n", "capacity", 11},
        {NATIVE_NODES "LINKS (\n  L1 A B\n)\n", "a link is", 11},
        {NATIVE_NODES "LINKS (\n", "does not end", 11},
        {NATIVE_NODES "LINK\n", "section", 10},
        {"?SNDlib native format\nNODES (\n  A ( east north )\n)\n", "a node is", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        jw_net_topology t;
        jw_error error = {0};
        assert_true(read_text(cases[i].text, &t, &error) != JW_OK);
        if (!strstr(error.message, cases[i].told) || error.line != cases[i].line)
            fail_msg("case %zu: \"%s\" in line %d lacks \"%s\" in line %d", i, error.message, error.line,
                     cases[i].told, cases[i].line);
        assert_true(t.nodes == NULL && t.links == NULL);
    }
    jw_net_topology t; /* Mbit taken as bit */
    assert_int_equal(read_text(NATIVE_NODES "LINKS (\n  L1 ( A B ) 0.000155 0 0 0 ( )\n)\n", &t, NULL),
                     JW_OK);
    assert_int_equal(t.warning_count, 1);
    assert_int_equal(t.warning.line, 11);
    jw_network_topology_free(&t);
    assert_int_equal(jw_allocated_bytes(), 0);
}

/* ---- GeoPackage ------------------------------------------------------------------------------------------
 */

#define GPKG_PATH "test_network_file.gpkg"

typedef struct link_row {
    const char *from, *to;
    double capacity_gbps; /* 0 with has_capacity false: left empty */
    bool has_capacity, has_line;
} link_row;

/* Nodes a, b, c a degree apart on the equator, the last without a place; its links in rows 1 and up. */
static void make_gpkg(const link_row *rows, uint32_t count, bool has_links)
{
    static const jw_gpkg_column node_columns[] = {{"name", JW_GPKG_TEXT, NULL}},
                                link_columns[] = {{"from", JW_GPKG_TEXT, NULL},
                                                  {"to", JW_GPKG_TEXT, NULL},
                                                  {"capacity_gbps", JW_GPKG_REAL, NULL}};
    static const uint32_t point[] = {0, 1}, line[] = {0, 3};
    const double zero[3] = {0};
    jw_gpkg *gpkg;
    uint32_t layer;
    remove(GPKG_PATH);
    assert_int_equal(jw_gpkg_create(GPKG_PATH, &gpkg, NULL), JW_OK);
    assert_int_equal(jw_gpkg_add_layer(gpkg, "nodes", JW_GPKG_POINT, "", node_columns, 1, &layer, NULL),
                     JW_OK);
    for (int i = 0; i < 3; i++) {
        const double lon_deg = i;
        char name[2] = {(char)('a' + i), 0};
        jw_gpkg_shape shape = {
            .lon_deg = &lon_deg, .lat_deg = zero, .part_first = point, .part_count = i < 2};
        jw_gpkg_value value = {.text = name};
        assert_int_equal(jw_gpkg_insert(gpkg, layer, &shape, &value, 1, NULL), JW_OK);
    }
    if (has_links)
        assert_int_equal(
            jw_gpkg_add_layer(gpkg, "links", JW_GPKG_LINESTRING, "", link_columns, 3, &layer, NULL), JW_OK);
    for (uint32_t i = 0; i < count; i++) {
        static const double bent_deg[] = {0, 2, 1}; /* three degrees */
        jw_gpkg_shape shape = {
            .lon_deg = bent_deg, .lat_deg = zero, .part_first = line, .part_count = rows[i].has_line};
        jw_gpkg_value values[] = {{.is_null = !rows[i].from, .text = rows[i].from},
                                  {.is_null = !rows[i].to, .text = rows[i].to},
                                  {.is_null = !rows[i].has_capacity, .real = rows[i].capacity_gbps}};
        assert_int_equal(jw_gpkg_insert(gpkg, layer, &shape, values, 3, NULL), JW_OK);
    }
    assert_int_equal(jw_gpkg_commit(gpkg, NULL), JW_OK);
    jw_gpkg_close(gpkg);
}

static void test_gpkg(void **state)
{
    (void)state;
    static const link_row rows[] = {{"a", "b", 40, true, true}, {"b", "a", 0, false, false}};
    make_gpkg(rows, 2, true);
    jw_net_topology t;
    jw_error error = {0};
    if (jw_network_read_topology(GPKG_PATH, 10e9, &t, &error))
        fail_msg("%s", error.message);
    assert_int_equal(t.node_count, 3);
    assert_int_equal(t.link_count, 2);
    assert_int_equal(t.warning_count, 1); /* c has no place */
    assert_string_equal(t.links[0].from, "a");
    assert_string_equal(t.links[0].to, "b");
    const double degree_m = 6371008.8 * JW_PI / 180;
    assert_true(jw_abs(t.links[0].length_m - 3 * degree_m) < 0.1); /* along the line */
    assert_true(jw_abs(t.links[1].length_m - 1.3 * degree_m) < 0.1);
    assert_true(t.links[0].capacity_bps == 40e9 && t.links[1].capacity_bps == 10e9);
    assert_true(jw_abs(t.nodes[1].x_m - t.nodes[0].x_m - degree_m) < 0.1);
    jw_network_topology_free(&t);

    static const link_row in_bits[] = {{"a", "b", 100e9, true, false}},
                          small[] = {{"a", "b", 1e-4, true, false}};
    make_gpkg(in_bits, 1, true); /* bit/s in a column of Gbit/s: beyond all bounds */
    assert_int_equal(jw_network_read_topology(GPKG_PATH, 1e9, &t, NULL), JW_ERROR_INPUT);
    make_gpkg(small, 1, true); /* 100 kbit/s: doubtful */
    assert_int_equal(jw_network_read_topology(GPKG_PATH, 1e9, &t, NULL), JW_OK);
    assert_int_equal(t.warning_count, 2);
    assert_string_equal(t.warning.file, GPKG_PATH ", layer links, row 1");
    assert_non_null(strstr(t.warning.message, "unit"));
    jw_network_topology_free(&t);

    static const struct {
        link_row rows[2];
        const char *word;
    } bad[] = {{{{"a", "b", 1, true, false}, {"a", "b", 0, true, false}}, "capacity"},
               {{{"a", "b", 1, true, false}, {"a", "b", -10, true, true}}, "capacity"},
               {{{"a", "b", 1, true, false}, {"a", "nowhere", 1, true, false}}, "\"nowhere\" is no node"},
               {{{"a", "b", 1, true, false}, {NULL, "b", 1, true, false}}, "\"source\""}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        make_gpkg(bad[i].rows, 2, true);
        error = (jw_error){0};
        assert_int_equal(jw_network_read_topology(GPKG_PATH, 1e9, &t, &error), JW_ERROR_INPUT);
        assert_string_equal(error.file, GPKG_PATH ", layer links, row 2");
        if (!strstr(error.message, bad[i].word))
            fail_msg("\"%s\" says nothing of %s", error.message, bad[i].word);
    }
    make_gpkg(NULL, 0, false);
    error = (jw_error){0};
    assert_int_equal(jw_network_read_topology(GPKG_PATH, 1e9, &t, &error), JW_ERROR_INPUT);
    assert_non_null(strstr(error.message, "\"links\""));
    remove(GPKG_PATH);
    assert_int_equal(jw_allocated_bytes(), 0);
}

static void test_memory(void **state)
{
    (void)state;
    const char *const texts[] = {NULL, zoo, native};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bool is_read = false;
        for (int64_t after = 0; !is_read; after++) {
            jw_net_topology t;
            char copy[2000];
            snprintf(copy, sizeof copy, "%s", texts[i] ? texts[i] : "");
            jw_memory_fail_after(after);
            jw_result result =
                texts[i] ? jw_network_read_topology_text(copy, strlen(copy), "memory", 1e9, &t, NULL)
                         : jw_network_read_topology(BACKBONE, 1e9, &t, NULL);
            jw_memory_fail_after(-1);
            is_read = result == JW_OK;
            if (is_read)
                jw_network_topology_free(&t);
            assert_int_equal(jw_allocated_bytes(), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_backbone),    cmocka_unit_test(test_zoo),      cmocka_unit_test(test_bad),
        cmocka_unit_test(test_doubtful),    cmocka_unit_test(test_one_name), cmocka_unit_test(test_formats),
        cmocka_unit_test(test_bad_formats), cmocka_unit_test(test_gpkg),     cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
