/* SUMO's vehicles as listed trips: stops, ways over via edges, zones, detectors, flows; and all that is wrong
 * with them named, never dropped in silence. */
#include "city/test_sumo.h"
#include "twin/twin.h"

typedef struct import {
    jw_twin_def def;
    jw_sumo_demand demand;
    jw_sumo_missing missing;
    jw_problems problems;
} import;

static void import_on(import *x, const char *net, const char *text)
{
    jw_error error = {0};
    jw_twin_sumo_def sumo = {.end_s = -1, .scale = 1};
    memset(x, 0, sizeof *x);
    must_read(jw_twin_def_init(&x->def, &error), &error);
    x->def.seed = 5;
    x->def.traffic.demand.is_gravity = false;
    x->def.start_time_ns = 0;
    must_read(jw_sumo_read_demand_bytes(text, strlen(text), "a.rou.xml", &x->demand, &x->problems, &error),
              &error);
    must_read(
        net ? jw_sumo_read_net_bytes(net, strlen(net), "a.net.xml", NULL, &x->missing, &x->problems,
                                     &x->def.city, NULL, &error)
            : jw_sumo_read_net(TOWN, NULL, &x->missing, &x->problems, NULL, NULL, &x->def.city, NULL, &error),
        &error);
    jw_sumo_missing_free(&x->missing); /* of the network */
    must_read(jw_twin_def_add_sumo(&x->def, &x->demand, &sumo, &x->missing, &x->problems, &error), &error);
}

static void import_text(import *x, const char *text)
{
    import_on(x, NULL, text);
}

static void release(import *x)
{
    jw_sumo_demand_free(&x->demand);
    jw_sumo_missing_free(&x->missing);
    jw_problems_free(&x->problems);
    jw_twin_def_free(&x->def);
}

static const char *edge_at(const import *x, const jw_listed_trip *trip, uint32_t k)
{
    const jw_city *city = x->def.city;
    return jw_city_text(city, city->edges[x->def.demand_data.route_edges[trip->first_route + k]].id);
}

static const char *id_of(const import *x, uint32_t edge)
{
    return jw_city_text(x->def.city, x->def.city->edges[edge].id);
}

static void test_stops(void **state)
{
    (void)state;
import x;
    import_text(&x,
                "<routes><busStop id='halt' lane='cp_0' startPos='20' endPos='60'/>"
                "<route id='r' edges='wc cp pz ze'><stop busStop='halt' duration='20'/></route>"
                "<vehicle id='a' route='r' depart='0'><stop lane='pz_0' endPos='-10' until='90'/></vehicle>"
                "<vehicle id='b' depart='1'><route edges='wc cp'/><stop lane='cp_1' startPos='100' "
                "endPos='110' duration='5' parking='true'/></vehicle>"
                "<trip id='c' from='wc' to='ze' depart='2'><stop edge='cp' duration='7'/></trip>"
                "<vehicle id='bad' depart='3'><route edges='wc cp'/><stop lane='pz_0' duration='5'/>"
                "<stop busStop='nowhere' duration='5'/><stop lane='none_0' duration='5'/></vehicle>"
                "<vehicle id='order' depart='3'><route edges='wc cp'/><stop lane='cp_0' duration='5'/>"
                "<stop lane='wc_0' duration='5'/></vehicle></routes>");
    const jw_demand_data *data = &x.def.demand_data;
    assert_int_equal(data->trip_count, 5);
    const jw_listed_trip *a = &data->trips[0], *b = &data->trips[1], *c = &data->trips[2];
    assert_int_equal(a->stop_count, 2);
    const jw_stop *halt = &data->stops[a->first_stop];
    assert_string_equal(id_of(&x, halt->edge), "cp");
    assert_near((double)halt->begin_m, 20, 1e-6);
    assert_near((double)halt->end_m, 60, 1e-6);
    assert_near((double)halt->duration_s, 20, 1e-6);
    assert_int_equal(halt->kind, JW_STOP_IN_LANE);
    assert_string_equal(id_of(&x, halt[1].edge), "pz");
    assert_near((double)halt[1].end_m, 125.6, 1e-3);
    assert_true(halt[1].until_ns == jw_ns_from_s(90));
    assert_int_equal(b->stop_count, 1);
    assert_int_equal(data->stops[b->first_stop].kind, JW_STOP_ASIDE);
    assert_int_equal(data->stops[b->first_stop].lane, 1);
    assert_int_equal(c->stop_count, 1);
    assert_int_equal(data->stops[c->first_stop].lane, JW_NONE);
    assert_int_equal(data->trips[3].stop_count, 0);
    assert_int_equal(data->trips[4].stop_count, 1);
    assert_int_equal(count_problems(&x.problems, "a stop of it is left out"), 4);
    assert_int_equal(count_problems(&x.problems, "not in this order"), 2);
    assert_int_equal(count_problems(&x.problems, "no bus stop of the id"), 1);
    /* They are made: the vehicle with two stops comes later by their time. */
    jw_error error = {0};
    jw_world *world;
    must_read(jw_twin_create(&x.def, NULL, 0, &world, &error), &error);
    for (int k = 0; k < 600; k++)
        must_read(jw_world_step(world, &error), &error);
    jw_traffic_counts counts = jw_traffic_count(jw_world_state(world, JW_TWIN_TRAFFIC));
    assert_int_equal(counts.arrived, 5);
    assert_int_equal(counts.stops, 5);
    jw_world_destroy(world);
    release(&x);
}

static void test_via(void **state)
{
    (void)state;
import x;
    import_text(&x, "<routes><trip id='free' from='wc' to='ze' depart='0'/>"
                    "<trip id='round' from='wc' to='ze' via='pr rrn' depart='1'/>"
                    "<flow id='f' from='wc' to='ze' via='ca' begin='2' end='12' number='5'/>"
                    "<trip id='never' from='ze' to='wc' via='cp' depart='3'/>"
                    "<trip id='unknown' from='wc' to='ze' via='nowhere' depart='4'/></routes>");
    const jw_demand_data *data = &x.def.demand_data;
    assert_int_equal(data->trip_count, 7);
    assert_int_equal(data->trips[0].route_count, 0);
    const jw_listed_trip *round = &data->trips[1];
    /* wc cp pr rrn, back (there is a turn at north's end), and on to ze. */
    static const char *const wanted[] = {"wc", "cp", "pr", "rrn", "-rrn", "-pr", "pz", "ze"};
    assert_int_equal(round->route_count, JW_COUNT_OF(wanted));
    for (uint32_t k = 0; k < JW_COUNT_OF(wanted); k++)
        assert_string_equal(edge_at(&x, round, k), wanted[k]);
    for (uint32_t k = 2; k < 7; k++) { /* one way for all of a flow */
        assert_int_equal(data->trips[k].first_route, data->trips[2].first_route);
        assert_string_equal(edge_at(&x, &data->trips[k], 1), "ca");
    }
    assert_int_equal(count_problems(&x.problems, "no way leads over the edges"), 2);
    release(&x);
}

/* od2trips' relations between zones: so many in their interval, evenly; what is wrong with one names its
 * line. */
static void test_relations(void **state)
{
    (void)state;
import x;
    import_text(
        &x, "<data><taz id='west' edges='wc'/><taz id='east' edges='ze'/>\n"
            "<interval id='any' begin='100' end='0:10:00'>\n"
            "<tazRelation from='west' to='east' count='50'/>\n"
            "<tazRelation from='west' to='nowhere' count='2'/>\n"
            "<tazRelation from='west' count='2'/><tazRelation from='west' to='east' count='x'/></interval>\n"
            "<interval begin='700' end='600'><tazRelation from='west' to='east' count='9'/></interval>\n"
            "<interval begin='600' end='700'><tazRelation from='west' to='east' count='0'/>\n"
            "<tazRelation from='west' to='east' count='10'/></interval></data>");
    const jw_demand_data *data = &x.def.demand_data;
    assert_int_equal(data->trip_count, 60);
    for (uint32_t k = 0; k < 60; k++) {
        assert_true(data->trips[k].depart_ns == jw_ns_from_s(100 + 10.0 * k));
        assert_string_equal(id_of(&x, data->trips[k].from_edge), "wc");
        assert_string_equal(id_of(&x, data->trips[k].to_edge), "ze");
    }
    assert_int_equal(count_problems(&x.problems, "its zone has no edge"), 2);
    assert_int_equal(count_problems(&x.problems, "without from or to"), 1);
    assert_int_equal(count_problems(&x.problems, "is no number"), 1);
    assert_int_equal(count_problems(&x.problems, "ends before it begins"), 1);
    for (uint32_t k = 0; k < x.problems.count; k++)
        if (strstr(x.problems.items[k].message, "its zone has no edge")) {
            assert_string_equal(x.problems.items[k].file, "a.rou.xml");
            assert_int_equal(x.problems.items[k].line, 4);
            assert_string_equal(x.problems.items[k].element, "vehicle west-nowhere.4");
        }
    release(&x);
}

static void test_zones(void **state)
{
    (void)state;
import x;
    import_text(&x,
                "<additional><taz id='west'><tazSource id='wc' weight='3'/><tazSource id='sc' weight='1'/>"
                "<tazSink id='-wc' weight='1'/></taz><taz id='east' edges='ze none'/>"
                "<taz id='empty'/><taz id='tram' edges='tram'/>"
                "<flow id='f' fromTaz='west' toTaz='east' begin='0' end='4000' period='1'/>"
                "<trip id='mixed' from='ca' toTaz='west' depart='0'/>"
                "<trip id='no' fromTaz='empty' toTaz='east' depart='0'/>"
                "<trip id='tram' fromTaz='tram' toTaz='east' depart='0'/>"
                "<trip id='none' fromTaz='nobody' toTaz='east' depart='0'/>"
                "<tazs><taz id='inner'><tazSource id='wc'/></taz></tazs></additional>");
    const jw_demand_data *data = &x.def.demand_data;
    assert_int_equal(data->trip_count, 4001);
    uint32_t from_wc = 0;
    for (uint32_t k = 0; k < 4000; k++) {
        const char *from = id_of(&x, data->trips[k].from_edge);
        assert_string_equal(id_of(&x, data->trips[k].to_edge), "ze");
        from_wc += strcmp(from, "wc") == 0;
        assert_true(strcmp(from, "wc") == 0 || strcmp(from, "sc") == 0);
    }
    assert_in_range(from_wc, 3000 - 110, 3000 + 110); /* 4 deviations of the binomial distribution */
    assert_string_equal(id_of(&x, data->trips[4000].to_edge), "-wc");
    assert_int_equal(count_problems(&x.problems, "its zone has no edge"), 3);
    assert_int_equal(x.demand.zone_count, 5);
    assert_int_equal(x.demand.zones[4].end_count, 1);
    release(&x);
}

static void test_flows(void **state)
{
    (void)state;
import x;
    import_text(&x, "<routes><vType id='e' vClass='evehicle'/><route id='r' edges='wc cp'/>"
                    "<flow id='even' route='r' begin='10' end='110' period='10'/>"
                    "<flow id='coin' route='r' begin='0' end='10000' probability='0.2'/>"
                    "<flow id='some' route='r' begin='0' end='100' number='7'/>"
                    "<flow id='poisson' route='r' begin='0' end='10000' period='exp(0.3)'/></routes>");
    const jw_demand_data *data = &x.def.demand_data;
    uint32_t count[4] = {0};
    assert_true(x.def.vehicle_types[0].electric_share == 1 && x.def.vehicle_types[1].electric_share == 0);
    for (uint32_t k = 0; k < data->trip_count; k++)
        count[(data->trips[k].tag >> 32) - 1]++;
    assert_int_equal(count[0], 10);
    assert_true(data->trips[3].depart_ns == jw_ns_from_s(40));
    assert_in_range(count[1], 2000 - 160, 2000 + 160); /* 4 deviations */
    assert_int_equal(count[2], 7);
    assert_in_range(count[3], 3000 - 220, 3000 + 220);
    release(&x);
}

static void test_detectors(void **state)
{
    (void)state;
import x;
    import_text(&x, "<additional><inductionLoop id='loop' lane='wc_1' pos='-20' freq='60' file='out.xml'/>"
                    "<e1Detector id='two' lane='cp_0' pos='30' period='10' file='out.xml'/>"
                    "<laneAreaDetector id='area' lane='cp_0' pos='0' endPos='50' file='out.xml'/>"
                    "<inductionLoop id='far' lane='wc_1' pos='900' file='out.xml'/>"
                    "<inductionLoop id='lost' lane='none_0' pos='9' file='out.xml'/>"
                    "<inductionLoop id='two' lane='cp_1' pos='9' file='out.xml'/></additional>");
    assert_int_equal(x.def.detector_count, 3);
    assert_string_equal(x.def.detectors[0].name, "loop");
    assert_int_equal(x.def.detectors[0].lane, 1);
    const jw_city *city = x.def.city;
    double wc_m = city->lanes[city->edges[x.def.detectors[0].edge].first_lane + 1].length_m;
    assert_near(x.def.detectors[0].position_m, wc_m - 20, 1e-9);
    assert_near(x.def.detectors[0].length_m, 0, 0);
    assert_string_equal(id_of(&x, x.def.detectors[1].edge), "cp");
    assert_true(x.def.detectors[2].position_m <= 0 && x.def.detectors[2].length_m >= 50 &&
                x.def.detectors[2].length_m <= 50);
    assert_int_equal(count_problems(&x.problems, "its position is not on its lane"), 1);
    assert_int_equal(count_problems(&x.problems, "the network does not have its lane"), 1);
    assert_int_equal(count_problems(&x.problems, "a second one of this id"), 1);
    release(&x);
}

/* Everything that can be wrong with a vehicle: named and left out, the others are there. */
static void test_bad_vehicles(void **state)
{
    (void)state;
import x;
    import_text(&x, "<routes><vType id='tram' vClass='tram'/>"
                    ""
                    "<vehicle id='good' depart='0'><route edges='wc cp'/></vehicle>"
                    "<vehicle id='good' depart='0'><route edges='wc cp'/></vehicle>"
                    "<vehicle id='gap' depart='1'><route edges='wc pz'/></vehicle>"
                    "<vehicle id='odd' depart='1'><route edges='wc nowhere'/></vehicle>"
                    "<vehicle id='rail' depart='1'><route edges='tram'/></vehicle>"
                    "<vehicle id='path' type='tram' depart='1'><route edges='wc cp'/></vehicle>"
                    "<vehicle id='routeless' route='none' depart='1'/>"
                    "<vehicle id='typeless' type='none' depart='1'><route edges='wc cp'/></vehicle>"
                    "<vehicle id='late' depart='-5'><route edges='wc cp'/></vehicle>"
                    "<vehicle id='text' depart='soon'><route edges='wc cp'/></vehicle>"
                    "<flow id='back' begin='100' end='50' number='3'><route edges='wc cp'/></flow>"
                    "<vehicle id='early' depart='0.5'><route edges='wc cp'/></vehicle></routes>");
    assert_int_equal(x.def.demand_data.trip_count, 2);
    assert_int_equal(count_problems(&x.problems, "a second one of this id"), 1);
    assert_int_equal(count_problems(&x.problems, "its route is not connected"), 1);
    assert_int_equal(count_problems(&x.problems, "an edge that the network does not have"), 2);
    assert_int_equal(count_problems(&x.problems, "there is no route of the id"), 1);
    assert_int_equal(count_problems(&x.problems, "there is no type of the id"), 1);
    assert_int_equal(count_problems(&x.problems, "its end is before its begin"), 1);
    assert_true(count_problems(&x.problems, "not in the order of time") >= 1);
    assert_int_equal(count_missing(&x.missing, "of a class that is not modelled"), 1);
    release(&x);
}

/* Cars on edges for buses alone. */
static void test_forbidden_lanes(void **state)
{
    (void)state;
import x;
    import_on(
        &x,
        "<net><edge id='a' from='1' to='2'><lane id='a_0' index='0' speed='10' length='100' "
        "shape='0,0 100,0'/></edge><edge id='b' from='2' to='3'><lane id='b_0' index='0' allow='bus' "
        "speed='10' length='100' shape='100,0 200,0'/></edge>"
        "<junction id='1' type='dead_end' x='0' y='0' incLanes='' intLanes='' shape=''/>"
        "<junction id='2' type='priority' x='100' y='0' incLanes='a_0' intLanes='' shape=''/>"
        "<junction id='3' type='dead_end' x='200' y='0' incLanes='b_0' intLanes='' shape=''/>"
        "<connection from='a' to='b' fromLane='0' toLane='0' dir='s' state='M'/></net>",
        "<routes><vType id='bus' vClass='bus'/><vehicle id='car' depart='0'><route edges='a b'/></vehicle>"
        "<vehicle id='bus' type='bus' depart='0'><route edges='a b'/></vehicle>"
        "<trip id='free' from='a' to='b' depart='0'/><trip id='over' from='a' to='a' via='b' depart='0'/>"
        "</routes>");
    assert_int_equal(x.def.demand_data.trip_count, 1);
    assert_int_equal(x.def.demand_data.trips[0].vehicle_class, JW_VEHICLE_BUS);
    assert_int_equal(count_problems(&x.problems, "its class may not drive on an edge of its route"), 1);
    assert_int_equal(count_problems(&x.problems, "its class may not drive on the edge it goes from or to"),
                     1);
    assert_int_equal(count_problems(&x.problems, "no way leads over"), 1);
    release(&x);
}

/* People and goods are counted by name, with what they would do. */
static void test_persons(void **state)
{
    (void)state;
import x;
    import_text(&x, "<routes><person id='p' depart='0'><walk edges='wc cp'/><ride lines='1'/></person>"
                    "<person id='q' depart='0'><walk edges='wc cp'/></person>"
                    "<personFlow id='f' begin='0' end='9' number='3'><walk edges='wc'/></personFlow>"
                    "<container id='c' depart='0'><transport lines='1'/></container></routes>");
    assert_int_equal(count_missing(&x.demand.missing, "element person"), 2);
    assert_int_equal(count_missing(&x.demand.missing, "element personFlow"), 1);
    assert_int_equal(count_missing(&x.demand.missing, "element container"), 1);
    assert_int_equal(count_missing(&x.demand.missing, "walk of a person"), 3);
    assert_int_equal(count_missing(&x.demand.missing, "ride of a person"), 1);
    assert_int_equal(count_missing(&x.demand.missing, "transport of a person"), 1);
    release(&x);
}

/* A hundred thousand at one instant: all there, in the order of the file. */
static void test_many_at_once(void **state)
{
    (void)state;
import x;
    import_text(&x, "<routes><flow id='all' from='wc' to='ze' begin='5' end='5' number='100000'/></routes>");
    assert_int_equal(x.def.demand_data.trip_count, 100000);
    for (uint32_t k = 0; k < 100000; k += 999) {
        assert_true(x.def.demand_data.trips[k].depart_ns == jw_ns_from_s(5));
        assert_int_equal((uint32_t)x.def.demand_data.trips[k].tag, k);
    }
    release(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stops),        cmocka_unit_test(test_via),
        cmocka_unit_test(test_zones),        cmocka_unit_test(test_relations),
        cmocka_unit_test(test_flows),        cmocka_unit_test(test_detectors),
        cmocka_unit_test(test_bad_vehicles), cmocka_unit_test(test_forbidden_lanes),
        cmocka_unit_test(test_persons),      cmocka_unit_test(test_many_at_once),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed + (jw_allocated_bytes() != 0);
}
