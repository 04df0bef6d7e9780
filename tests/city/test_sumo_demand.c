/* Route, additional and configuration files. */
#include "city/test_sumo.h"

#include <stdlib.h>

static jw_sumo_demand read_text(const char *text, jw_problems *problems)
{
    jw_sumo_demand demand = {0};
    jw_error error = {0};
    must_read(jw_sumo_read_demand_bytes(text, strlen(text), "a.rou.xml", &demand, problems, &error), &error);
    return demand;
}

static const char *text_of(const jw_sumo_demand *demand, uint32_t number)
{
    return jw_sumo_text(demand, number);
}

static void test_types(void **state)
{
    (void)state;
    jw_problems problems = {0};
    jw_sumo_demand d = read_text(
        "<routes><vType id='car'/><vType id='lorry' vClass='truck' speedFactor='normc(0.9,0.2,0.5,1.4)'/>"
        "<vType id='idm' carFollowModel='IDM' length='4.2' minGap='1.5' accel='1.1' decel='3' tau='1.4' "
        "sigma='0' "
        "maxSpeed='30' speedDev='0' color='red' guiShape='bus'/>"
        "<vType id='odd' carFollowModel='Wiedemann' lcStrategic='5' vClass='bicycle' emissionClass='HBEFA3'/>"
        "<vTypeDistribution id='mix'><vType id='m1' probability='0.3'/><vType id='m2' probability='0.7'/>"
        "</vTypeDistribution><vTypeDistribution id='mix2' vTypes='car lorry nobody'/></routes>",
        &problems);
    assert_int_equal(d.type_count, 6);
    const jw_sumo_type *car = &d.types[jw_sumo_find_type(&d, jw_sumo_find_text(&d, "car"))];
    /* SUMO's defaults of a passenger car. */
    assert_near(car->length_m, 5, 1e-9);
    assert_near(car->min_gap_m, 2.5, 1e-9);
    assert_near(car->accel_mps2, 2.6, 1e-9);
    assert_near(car->decel_mps2, 4.5, 1e-9);
    assert_near(car->emergency_decel_mps2, 9, 1e-9);
    assert_near(car->sigma, 0.5, 1e-9);
    assert_near(car->speed_factor_sd, 0.1, 1e-9);
    assert_int_equal(car->model, JW_SUMO_KRAUSS);
    assert_int_equal(car->allow, JW_ALLOW_CAR);
    const jw_sumo_type *lorry = &d.types[jw_sumo_find_type(&d, jw_sumo_find_text(&d, "lorry"))];
    assert_near(lorry->length_m, 7.1, 1e-9);
    assert_near(lorry->speed_factor_mean, 0.9, 1e-9);
    assert_near(lorry->speed_factor_max, 1.4, 1e-9);
    assert_int_equal(lorry->allow, JW_ALLOW_TRUCK);
    const jw_sumo_type *idm = &d.types[jw_sumo_find_type(&d, jw_sumo_find_text(&d, "idm"))];
    assert_int_equal(idm->model, JW_SUMO_IDM);
    assert_near(idm->tau_s, 1.4, 1e-9);
    assert_near(idm->speed_factor_sd, 0, 1e-9);
    assert_int_equal(count_missing(&d.missing, "carFollowModel Wiedemann"), 1);
    assert_int_equal(count_missing(&d.missing, "vType attribute lcStrategic"), 1);
    assert_int_equal(count_missing(&d.missing, "vType attribute emissionClass"), 1);
    assert_int_equal(count_missing(&d.missing, "color"), 0);
    assert_int_equal(d.type_distribution_count, 2);
    assert_int_equal(d.type_distributions[0].member_count, 2);
    assert_int_equal(d.type_distributions[1].member_count, 2);
    assert_int_equal(count_problems(&problems, "a member that is not there"), 1);
    jw_sumo_demand_free(&d);
    jw_problems_free(&problems);
}

static void test_vehicles(void **state)
{
    (void)state;
    jw_problems problems = {0};
    jw_sumo_demand d = read_text(
        "<routes><route id='r' edges='a b  c'><stop busStop='s' duration='20'/></route>"
        "<vehicle id='v' depart='1:00:01.5' route='r' departLane='2' departPos='-10' departSpeed='max' "
        "arrivalPos='30'/>"
        "<vehicle id='w' depart='7' departLane='best' type='t'><route edges='b c' repeat='1'/>"
        "<stop lane='b_1' endPos='20' until='50'/></vehicle>"
        "<trip id='x' depart='8' from='a' to='c' via='b'/>"
        "<trip id='taz' depart='8' fromTaz='1' toTaz='2'/>"
        "<flow id='f' begin='0' end='100' vehsPerHour='1800' route='r'/>"
        "<flow id='g' begin='0' end='100' number='10' from='a' to='b'/>"
        "<flow id='h' begin='0' end='100' probability='0.25' from='a' to='b'/>"
        "<flow id='i' begin='0' number='3' period='exp(0.5)' from='a' to='b'/>"
        "<routeDistribution id='rd'><route edges='a b' probability='0.2'/><route edges='a "
        "c'/></routeDistribution>"
        "<vehicle id='y' depart='9' route='rd'/>"
        "<person id='p' depart='0'><walk edges='a'/></person><container id='k' depart='0'/><person id='q' "
        "depart='3'/>"
        "</routes>",
        &problems);
    assert_int_equal(d.vehicle_count, 9);
    const jw_sumo_vehicle *v = &d.vehicles[0];
    assert_string_equal(text_of(&d, v->id), "v");
    assert_near(v->depart_s, 3601.5, 1e-9);
    assert_int_equal(v->depart_lane, JW_SUMO_LANE_NUMBER);
    assert_int_equal(v->depart_lane_index, 2);
    assert_int_equal(v->depart_pos, JW_SUMO_POS_NUMBER);
    assert_near(v->depart_pos_m, -10, 1e-9);
    assert_int_equal(v->depart_speed, JW_SUMO_SPEED_MAX);
    assert_near(v->arrival_pos_m, 30, 1e-9);
    const jw_sumo_route *r = &d.routes[jw_sumo_find_route(&d, v->route)];
    assert_int_equal(r->edge_count, 3);
    assert_string_equal(text_of(&d, d.route_edges[r->first_edge + 2]), "c");
    assert_int_equal(r->stop_count, 1);
    const jw_sumo_vehicle *w = &d.vehicles[1];
    assert_int_equal(w->depart_lane, JW_SUMO_LANE_BEST);
    assert_int_equal(w->stop_count, 1);
    assert_string_equal(text_of(&d, d.stops[w->first_stop].lane), "b_1");
    assert_near(d.stops[w->first_stop].until_s, 50, 1e-9);
    assert_int_equal(d.routes[w->own_route].edge_count, 4);
    assert_int_equal(d.vehicles[2].via_count, 1);
    assert_string_equal(text_of(&d, d.vehicles[3].from_zone), "1");
    assert_string_equal(text_of(&d, d.vehicles[3].to_zone), "2");
    const jw_sumo_vehicle *f = &d.vehicles[4];
    assert_near(f->period_s, 2, 1e-9);
    assert_near(d.vehicles[5].period_s, 10, 1e-9);
    assert_int_equal(d.vehicles[5].count, 10);
    assert_near(d.vehicles[6].probability, 0.25, 1e-9);
    assert_true(d.vehicles[7].is_poisson);
    assert_near(d.vehicles[7].period_s, 2, 1e-9);
    assert_int_equal(d.route_distribution_count, 1);
    assert_int_equal(d.route_distributions[0].member_count, 2);
    assert_int_equal(count_missing(&d.missing, "element person"), 2);
    assert_int_equal(count_missing(&d.missing, "element container"), 1);
    assert_int_equal(count_problems(&problems, "not in the order of time"), 8);
    char name[64];
    jw_sumo_vehicle_name(&d, UINT64_C(1) << 32, name, sizeof name);
    assert_string_equal(name, "v");
    jw_sumo_vehicle_name(&d, UINT64_C(5) << 32 | 7, name, sizeof name);
    assert_string_equal(name, "f.7");
    jw_sumo_demand_free(&d);
    jw_problems_free(&problems);
}

static void test_additional(void **state)
{
    (void)state;
    jw_problems problems = {0};
    jw_sumo_demand d =
        read_text("<additional>"
                  "<busStop id='s' lane='a_0' startPos='10' endPos='30' name='Market'/>"
                  "<inductionLoop id='l' lane='a_0' pos='5' freq='60' file='o.xml'/>"
                  "<laneAreaDetector id='m' lane='a_1' pos='5' length='40' period='60' file='o.xml'/>"
                  "<calibrator id='c'/><poly id='p' shape='0,0'/><rerouter id='r'/><taz id='z'/>"
                  "<tlLogic id='t' programID='p' offset='3'><phase duration='5' state='Gr' "
                  "minDur='3' maxDur='9'/></tlLogic></additional>",
                  &problems);
    assert_int_equal(d.bus_stop_count, 1);
    assert_string_equal(text_of(&d, d.bus_stops[0].name), "Market");
    assert_int_equal(d.detector_count, 2);
    assert_near(d.detectors[0].end_m, d.detectors[0].position_m, 1e-9);
    assert_near(d.detectors[1].end_m, 45, 1e-9);
    assert_int_equal(d.programme_count, 1);
    assert_near(d.phases[0].max_s, 9, 1e-9);
    assert_int_equal(count_missing(&d.missing, "element calibrator"), 1);
    assert_int_equal(d.zone_count, 1);
    assert_int_equal(count_missing(&d.missing, "poly"), 0);
    assert_int_equal(problems.count, 0);
    jw_sumo_demand_free(&d);
    jw_problems_free(&problems);
}

static void test_config(void **state)
{
    (void)state;
    static const char text[] =
        "<configuration><input><net-file value='sub/a.net.xml'/><route-files value='a.rou.xml, "
        "/abs/b.rou.xml'/>"
        "<additional-files value='c.add.xml'/></input><time><begin value='25200'/><end value='8:00:00'/>"
        "<step-length value='0.5'/></time><processing><step-method.ballistic value='true'/>"
        "<time-to-teleport value='300'/><lateral-resolution value='0.8'/></processing>"
        "<random_number><seed value='7'/></random_number><output><tripinfo-output value='t.xml'/></output>"
        "<report><no-step-log value='true'/></report></configuration>";
    const char *path = "config_test.sumocfg";
    jw_error error = {0};
    must_read(jw_file_write(path, text, sizeof text - 1, &error), &error);
    jw_sumo_config c;
    must_read(jw_sumo_read_config(path, &c, NULL, &error), &error);
    assert_string_equal(c.net, "sub/a.net.xml");
    assert_int_equal(c.route_count, 2);
    assert_string_equal(c.routes[0], "a.rou.xml");
    assert_string_equal(c.routes[1], "/abs/b.rou.xml");
    assert_int_equal(c.additional_count, 1);
    assert_near(c.begin_s, 25200, 1e-9);
    assert_near(c.end_s, 28800, 1e-9);
    assert_near(c.step_length_s, 0.5, 1e-9);
    assert_true(c.is_ballistic);
    assert_int_equal(c.seed, 7);
    assert_string_equal(c.tripinfo_output, "t.xml");
    assert_int_equal(c.missing.count, 2);
    assert_int_equal(count_missing(&c.missing, "teleporting"), 1);
    assert_int_equal(count_missing(&c.missing, "option lateral-resolution"), 1);
    jw_sumo_config_free(&c);
    remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_types),
        JW_UNIT(test_vehicles),
        JW_UNIT(test_additional),
        JW_UNIT(test_config),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
