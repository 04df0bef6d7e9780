/* Examples: one vehicle, one request, told hop by hop. Their times join without a gap and add up to the
 * whole; on an empty network they are transmission and propagation; keeping them changes nothing. */
#include "base/test_base.h"
#include "traffic/traffic_bus.h"
#include "twin/twin_example.h"
#include "twin/twin_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static jw_frame ask(const jw_world *world, jw_watch watch)
{
    jw_frame frame = {0};
    jw_error error = {0};
    watch.id = 7;
    if (jw_twin_fill_frame(world, &watch, 1, &frame, &error) != JW_OK)
        fail_msg("%s", error.message);
    return frame;
}

static jw_watch example_of(jw_watch_kind kind, uint32_t a, const char *name, jw_example_kind example)
{
    jw_watch watch = {.kind = JW_WATCH_EXAMPLE, .of = (uint8_t)kind, .a = a, .example = (uint8_t)example};
    jw_text_copy(watch.name, sizeof watch.name, name);
    return watch;
}

static const jw_frame_detail *detail_of(const jw_frame *frame, const char *label)
{
    for (uint32_t i = 0; i < frame->detail_count; i++)
        if (strcmp(frame->details[i].label, label) == 0 && frame->details[i].watch_id == 7)
            return &frame->details[i];
    return NULL;
}

static uint32_t count_hops(const jw_frame *frame, const char *label)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < frame->hop_count; i++)
        count += strcmp(frame->hops[i].label, label) == 0;
    return count;
}

/* Each hop begins where the one before ended, and its parts fit into it: the whole is the sum. */
static int64_t check_hops(const jw_frame *frame)
{
    int64_t sum_ns = 0;
    for (uint32_t i = 0; i < frame->hop_count; i++) {
        const jw_frame_hop *hop = &frame->hops[i];
        assert_true(hop->end_ns >= hop->begin_ns && hop->waited_ns >= 0 && hop->worked_ns >= 0);
        assert_true(hop->waited_ns + hop->worked_ns <= hop->end_ns - hop->begin_ns);
        assert_true(i == 0 || hop->begin_ns == frame->hops[i - 1].end_ns);
        sum_ns += hop->end_ns - hop->begin_ns;
    }
    return sum_ns;
}

/* Time on hops of these labels. */
static double hops_ms(const jw_frame *frame, const char *const labels[], uint32_t label_count)
{
    int64_t sum_ns = 0;
    for (uint32_t i = 0; i < frame->hop_count; i++)
        for (uint32_t k = 0; k < label_count; k++)
            if (strcmp(frame->hops[i].label, labels[k]) == 0)
                sum_ns += frame->hops[i].end_ns - frame->hops[i].begin_ns;
    return jw_s_from_ns(sum_ns) * 1000;
}

static double network_ms(const jw_frame *frame)
{
    return hops_ms(frame, (const char *const[]){"air_up", "air_down", "link"}, 3);
}

/* The lines on where the time went say what the hops say. */
static void check_shares(const jw_frame *frame)
{
    static const struct {
        const char *detail, *hops[4];
        uint32_t hop_count;
    } shares[] = {{"in_radio", {"air_up", "air_down"}, 2},
                  {"in_fibres", {"link"}, 1},
                  {"in_queue", {"queue"}, 1},
                  {"in_computing", {"compute"}, 1},
                  {"in_other", {"before", "no_way", "given_up", "back"}, 4}};
    for (uint32_t i = 0; i < JW_COUNT_OF(shares); i++) {
        const jw_frame_detail *detail = detail_of(frame, shares[i].detail);
        double told_ms = detail ? strtod(detail->text, NULL) : 0,
               is_ms = hops_ms(frame, shares[i].hops, shares[i].hop_count);
        assert_true(jw_abs(told_ms - is_ms) <= 5e-3 * is_ms);
    }
}

/* False: there is no example. */
static bool check_request(const jw_frame *frame)
{
    if (detail_of(frame, "example"))
        return false;
    assert_non_null(detail_of(frame, "request"));
    assert_non_null(detail_of(frame, "then"));
    assert_true(frame->hop_count > 0);
    double sum_ms = jw_s_from_ns(check_hops(frame)) * 1000;
    assert_true(jw_abs(sum_ms - detail_of(frame, "latency")->number) < 1e-7);
    check_shares(frame);
    return true;
}

static void test_times_add_up_wherever_one_asks(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    def.has_cameras_on_air = true;
    jw_world *world = twin_fixture_create(&def, 1);
    assert_int_equal(jw_twin_keep_examples(world, NULL), JW_OK);
    twin_fixture_run(world, 120);
    jw_frame things = ask(world, (jw_watch){0});
    uint32_t sites = 0, cells = 0, links = 0, junctions = 0, lines = 0;
    for (uint32_t i = 0; i < things.asset_count; i++) {
        jw_frame frame = ask(world, example_of(JW_WATCH_ASSET, 0, things.assets[i].name, JW_EXAMPLE_ANY));
        bool has = check_request(&frame);
        sites += has && things.assets[i].kind == JW_ASSET_SITE;
        cells += has && things.assets[i].kind == JW_ASSET_CELL;
        lines += has && things.assets[i].kind == JW_ASSET_FACTORY;
        jw_frame_free(&frame);
    }
    for (uint32_t i = 0; i < things.link_count; i++) {
        jw_frame frame = ask(world, example_of(JW_WATCH_LINK, 0, things.links[i].name, JW_EXAMPLE_ANY));
        bool has = check_request(&frame), is_through = false;
        for (uint32_t h = 0; h < frame.hop_count; h++)
            is_through |= strcmp(frame.hops[h].thing.name, things.links[i].name) == 0;
        assert_true(has == is_through);
        links += has;
        jw_frame_free(&frame);
    }
    for (uint32_t i = 0; i < def.camera_count; i++) {
        jw_frame frame =
            ask(world, example_of(JW_WATCH_JUNCTION, def.cameras[i].junction, "", JW_EXAMPLE_REQUEST));
        if (check_request(&frame)) {
            junctions++;
            assert_int_equal(detail_of(&frame, "sender")->thing.kind, JW_WATCH_JUNCTION);
            assert_int_equal(detail_of(&frame, "sender")->thing.a, def.cameras[i].junction);
            assert_true(count_hops(&frame, "compute") == 1);
        }
        jw_frame_free(&frame);
    }
    assert_true(sites >= 2 && cells > 0 && links > 2 && lines == 1);
    assert_int_equal(junctions, def.camera_count);
    jw_frame_free(&things);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* Who asks about the network is shown the request that was longest there, not one that was long at work. */
static void test_the_network_s_example_is_longest_in_the_network(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    def.has_cameras_on_air = true;
    jw_world *world = twin_fixture_create(&def, 1);
    assert_int_equal(jw_twin_keep_examples(world, NULL), JW_OK);
    twin_fixture_run(world, 120);
    jw_frame things = ask(world, (jw_watch){0});
    uint32_t asked = 0, others = 0;
    for (uint32_t i = 0; i < things.asset_count + things.link_count; i++) {
        bool is_link = i >= things.asset_count;
        jw_watch_kind kind = is_link ? JW_WATCH_LINK : JW_WATCH_ASSET;
        const char *name = is_link ? things.links[i - things.asset_count].name : things.assets[i].name;
        jw_frame worst = ask(world, example_of(kind, 0, name, JW_EXAMPLE_ANY));
        jw_frame longest = ask(world, example_of(kind, 0, name, JW_EXAMPLE_NETWORK));
        if (check_request(&longest)) {
            assert_non_null(detail_of(&longest, "chosen"));
            assert_null(detail_of(&worst, "chosen"));
            assert_true(network_ms(&longest) >= network_ms(&worst));
            others += network_ms(&longest) > network_ms(&worst);
            asked++;
        }
        jw_frame_free(&worst);
        jw_frame_free(&longest);
    }
    assert_true(asked > 4 && others > 0);
    jw_frame_free(&things);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* Where nobody has asked a packet's way is told: there and back over the same wires, in all the time that the
 * overlay says of the place. */
static void test_a_place_where_nobody_asks_is_told_by_a_packet(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    jw_city *city = def.city;
    jw_building *houses = jw_alloc(city->building_count * sizeof *houses); /* the first one is moved about */
    const jw_building *were = city->buildings;
    assert_true(houses && city->building_count > 0);
    memcpy(houses, were, city->building_count * sizeof *houses);
    jw_world *world = twin_fixture_create(&def, 1);
    assert_int_equal(jw_twin_keep_examples(world, NULL), JW_OK);
    jw_frame map = ask(world, (jw_watch){.id = 1, .kind = JW_WATCH_LATENCY});
    assert_int_equal(map.raster_count, 1);
    const jw_frame_raster *raster = &map.rasters[0];
    uint32_t told = 0, without = 0, links = 0;
    for (uint32_t i = 0; i < raster->columns * raster->rows; i += 7) {
        double wanted_ms = (double)map.raster_values[raster->first_value + i];
        houses[0].x_m = (double)raster->x_m + (i % raster->columns + 0.5) * (double)raster->cell_m;
        houses[0].y_m = (double)raster->y_m + (i / raster->columns + 0.5) * (double)raster->cell_m;
        city->buildings = houses;
        jw_frame frame = ask(world, example_of(JW_WATCH_BUILDING, 0, "", JW_EXAMPLE_NETWORK));
        jw_frame other = ask(world, example_of(JW_WATCH_BUILDING, 0, "", JW_EXAMPLE_REQUEST));
        city->buildings = were;
        assert_non_null(detail_of(&other, "example")); /* who asks for a request gets none */
        jw_frame_free(&other);
        if (isnan(wanted_ms)) {
            assert_non_null(detail_of(&frame, "example"));
            without++;
            jw_frame_free(&frame);
            continue;
        }
        double told_ms = detail_of(&frame, "latency")->number;
        assert_string_equal(detail_of(&frame, "chosen")->text, "nobody asked here");
        assert_true(jw_abs(told_ms - wanted_ms) < 0.01 * wanted_ms);
        assert_true(jw_abs(told_ms - jw_s_from_ns(check_hops(&frame)) * 1000) < 1e-9);
        check_shares(&frame);
        uint32_t count = frame.hop_count;
        assert_true(count >= 2 && count % 2 == 0);
        assert_string_equal(frame.hops[0].label, "air_up");
        assert_string_equal(frame.hops[count - 1].label, "air_down");
        for (uint32_t h = 1; h + 1 < count; h++, links++) {
            assert_string_equal(frame.hops[h].label, "link");
            assert_string_equal(frame.hops[h].thing.name, frame.hops[count - 1 - h].thing.name);
        }
        told++;
        jw_frame_free(&frame);
    }
    printf("places: %u told, over %u wires, %u without radio\n", told, links, without);
    assert_true(told > 20 && links > 0);
    jw_free(houses);
    jw_frame_free(&map);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* One question from a host to another, both ways over one fibre: known to the nanosecond. */
static void test_an_empty_wire_is_transmission_and_propagation(void **state)
{
    (void)state;
    jw_llm_request recorded[] = {{0, 100, 10}};
    jw_twin_def def;
    jw_error error = {0};
    twin_fixture_sites(&def, 2);
    def.traffic.demand.factor = 1e-6;
    for (uint32_t i = 0; i < JW_COUPLING_COUNT; i++)
        def.is_coupling_off[i] = 1;
    jw_crowd_def crowd = {.name = "office", .type = "assistant", .x_m = 100, .y_m = 100};
    jw_trace_def trace = {.trace = {.requests = recorded, .count = 1}, .rate = 1, .start_ns = -1};
    assert_int_equal(jw_twin_def_add_trace(&def, &crowd, &trace, &error), JW_OK);
    /* 3 km of fibre at 4.9 us/km, 7 us of equipment, 1 Mbit/s. */
    def.link_count = 0;
    jw_net_link_def wire = {.name = "wire",
                            .from = "edge-1",
                            .to = "city-cloud",
                            .capacity_bps = 1e6,
                            .length_m = 3000,
                            .extra_delay_s = 7e-6};
    assert_int_equal(jw_twin_def_add_link(&def, &wire, &error), JW_OK);
    jw_world *world = twin_fixture_create(&def, 1);
    assert_int_equal(jw_twin_keep_examples(world, NULL), JW_OK);
    twin_fixture_run(world, 60);
    assert_int_equal(jw_twin_requests(world, JW_NONE).answered, 1);
    jw_frame frame = ask(world, example_of(JW_WATCH_LINK, 0, "wire", JW_EXAMPLE_ANY));
    assert_true(check_request(&frame));
    const jw_request_type *type = jw_twin_request_type(world, twin_requests_of(world)->crowds[0].type);
    int64_t way_ns = 14700 + 7000;
    int64_t up_ns = type->up_bytes * 8 * 1000, down_ns = type->down_bytes * 8 * 1000;
    assert_int_equal(frame.hop_count, 3);
    const jw_frame_hop *hops = frame.hops;
    assert_string_equal(hops[0].label, "link");
    assert_string_equal(hops[1].label, "compute");
    assert_string_equal(hops[2].label, "link");
    assert_true(hops[0].worked_ns == up_ns && hops[0].waited_ns == 1);
    assert_true(hops[0].end_ns - hops[0].begin_ns == 1 + up_ns + way_ns);
    assert_true(hops[2].worked_ns == down_ns && hops[2].waited_ns == 1);
    assert_true(hops[2].end_ns - hops[2].begin_ns == 1 + down_ns + way_ns);
    assert_true(hops[0].x0_m == 100 && hops[0].x1_m == 200 && hops[2].x0_m == 200 && hops[2].x1_m == 100);
    assert_null(detail_of(&frame, "recent"));
    jw_frame_free(&frame);
    /* Older than a minute it is still told, and that it is. */
    twin_fixture_run(world, 240);
    frame = ask(world, example_of(JW_WATCH_LINK, 0, "wire", JW_EXAMPLE_ANY));
    assert_true(check_request(&frame));
    assert_non_null(detail_of(&frame, "recent"));
    jw_frame_free(&frame);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_what_is_lost_says_why_and_what_was_done_then(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 2);
    jw_world *world = twin_fixture_create(&def, 1);
    assert_int_equal(jw_twin_keep_examples(world, NULL), JW_OK);
    twin_fixture_run(world, 20);
    twin_fixture_command(world, "fail_node", "name", "city-cloud");
    twin_fixture_command(world, "fail_node", "name", "edge-1");
    twin_fixture_command(world, "fail_node", "name", "edge-2");
    twin_fixture_run(world, 60);
    jw_frame frame =
        ask(world, example_of(JW_WATCH_JUNCTION, def.cameras[0].junction, "", JW_EXAMPLE_REQUEST));
    assert_non_null(detail_of(&frame, "outcome"));
    assert_string_equal(detail_of(&frame, "outcome")->text, "lost");
    assert_string_equal(detail_of(&frame, "then")->text, "local programme goes on");
    assert_non_null(detail_of(&frame, "why"));
    check_hops(&frame);
    jw_frame_free(&frame);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_a_vehicle_tells_its_way(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    jw_world *world = twin_fixture_create(&def, 1);
    assert_int_equal(jw_twin_keep_examples(world, NULL), JW_OK);
    twin_fixture_run(world, 400);
    int64_t now_ns = jw_world_time_ns(world);
    uint32_t told = 0, passed = 0;
    for (uint32_t e = 0; e < def.city->edge_count; e++) {
        jw_frame frame = ask(world, example_of(JW_WATCH_EDGE, e, "", JW_EXAMPLE_ANY));
        if (detail_of(&frame, "example")) {
            jw_frame_free(&frame);
            continue;
        }
        const jw_frame_detail *vehicle = detail_of(&frame, "vehicle");
        check_hops(&frame);
        bool is_through = false;
        for (uint32_t i = 0; i < frame.hop_count; i++)
            is_through |= frame.hops[i].thing.kind == JW_WATCH_EDGE && frame.hops[i].thing.a == e;
        assert_true(is_through);
        jw_vehicle_spot spot;
        jw_vehicle_id id = {vehicle->thing.a, vehicle->thing.b};
        if (jw_traffic_vehicle_spot(twin_traffic_of(world), id, &spot)) {
            /* From the wish to now, and what was lost on the way is what the vehicle lost as a whole. */
            double lost_s = 0;
            assert_true(frame.hops[0].begin_ns == spot.wished_ns);
            assert_true(frame.hops[frame.hop_count - 1].end_ns == now_ns);
            for (uint32_t i = 0; i < frame.hop_count; i++)
                lost_s += jw_s_from_ns(frame.hops[i].waited_ns);
            assert_true(jw_abs(lost_s - detail_of(&frame, "delay")->number) < 1.5 + 0.5 * frame.hop_count);
            told++;
        } else {
            assert_string_equal(detail_of(&frame, "state")->text, "arrived");
            passed++;
        }
        jw_frame_free(&frame);
    }
    assert_true(told > 10 && told + passed > 20);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* Somebody on foot has a way, too: since they left, of which they stood so long at crossings. */
static void test_a_walker_tells_the_way(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 3);
    def.traffic.walk.trips_per_person_day = 20;
    jw_world *world = twin_fixture_create(&def, 1);
    assert_int_equal(jw_twin_keep_examples(world, NULL), JW_OK);
    twin_fixture_run(world, 600);
    jw_frame things = ask(world, (jw_watch){0});
    uint32_t told = 0, waited = 0;
    for (uint32_t i = 0; i < things.vehicle_count; i++) {
        const jw_frame_vehicle *v = &things.vehicles[i];
        if (v->index1 < JW_FRAME_WALKERS)
            continue;
        jw_watch watch = example_of(JW_WATCH_VEHICLE, v->index1, "", JW_EXAMPLE_ANY);
        watch.b = v->generation;
        jw_frame frame = ask(world, watch);
        assert_null(detail_of(&frame, "example"));
        assert_int_equal(detail_of(&frame, "vehicle")->thing.a, v->index1);
        assert_int_equal(frame.hop_count, 1);
        check_hops(&frame);
        assert_true(frame.hops[0].end_ns == jw_world_time_ns(world));
        /* Nobody walks faster than 2.5 m/s. */
        double spent_s = jw_s_from_ns(frame.hops[0].end_ns - frame.hops[0].begin_ns);
        assert_true(detail_of(&frame, "walked")->number <= 2.5 * spent_s + 1);
        assert_true(detail_of(&frame, "waited")->number <= spent_s + 1);
        told++;
        waited += detail_of(&frame, "waited")->number > 0;
        jw_frame_free(&frame);
    }
    assert_true(told > 5 && waited > 0);
    jw_frame_free(&things);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* Of two who stand before the same red the one that came first has lost most. */
static void test_the_slowest_is_the_one_told(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 2);
    jw_world *world = twin_fixture_create(&def, 1);
    assert_int_equal(jw_twin_keep_examples(world, NULL), JW_OK);
    twin_fixture_run(world, 300);
    jw_frame frame = ask(world, example_of(JW_WATCH_NONE, 0, "", JW_EXAMPLE_VEHICLE));
    double most_s = jw_s_from_ns(frame.hops[frame.hop_count - 1].waited_ns);
    jw_vehicle_columns vehicles = jw_traffic_vehicles(twin_traffic_of(world));
    assert_true(vehicles.count > 1);
    for (uint32_t i = 0; i < vehicles.count; i++) {
        jw_watch watch = example_of(JW_WATCH_VEHICLE, vehicles.id[i].index1, "", JW_EXAMPLE_VEHICLE);
        watch.b = vehicles.id[i].generation;
        jw_frame other = ask(world, watch);
        assert_true(jw_s_from_ns(other.hops[other.hop_count - 1].waited_ns) <= most_s + 1e-6);
        jw_frame_free(&other);
    }
    jw_frame_free(&frame);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

static void test_keeping_examples_changes_nothing(void **state)
{
    (void)state;
    jw_twin_def def;
    jw_error error = {0};
    twin_fixture_def(&def, 2);
    jw_world *plain = twin_fixture_create(&def, 1), *kept = twin_fixture_create(&def, 3), *fork = NULL;
    assert_int_equal(jw_twin_keep_examples(kept, NULL), JW_OK);
    for (uint32_t i = 0; i < 4; i++) {
        twin_fixture_run(plain, 30);
        twin_fixture_run(kept, 30);
        jw_frame frame = ask(kept, example_of(JW_WATCH_NONE, 0, "", JW_EXAMPLE_REQUEST));
        jw_frame_free(&frame);
        assert_true(jw_world_hash(plain) == jw_world_hash(kept));
    }
    /* A restored world knows none until it is told to, also of what is under way, and goes on alike. */
    assert_int_equal(jw_world_fork(kept, &fork, &error), JW_OK);
    jw_frame frame = ask(fork, example_of(JW_WATCH_NONE, 0, "", JW_EXAMPLE_REQUEST));
    assert_non_null(detail_of(&frame, "example"));
    jw_frame_free(&frame);
    assert_int_equal(jw_twin_keep_examples(fork, NULL), JW_OK);
    twin_fixture_run(fork, 60);
    twin_fixture_run(plain, 60);
    assert_true(jw_world_hash(plain) == jw_world_hash(fork));
    frame = ask(fork, example_of(JW_WATCH_NONE, 0, "", JW_EXAMPLE_REQUEST));
    assert_true(check_request(&frame));
    jw_frame_free(&frame);
    frame = ask(fork, example_of(JW_WATCH_NONE, 0, "", JW_EXAMPLE_VEHICLE));
    assert_non_null(detail_of(&frame, "vehicle"));
    check_hops(&frame);
    jw_frame_free(&frame);
    jw_world_destroy(fork);
    jw_world_destroy(kept);
    jw_world_destroy(plain);
    jw_twin_def_free(&def);
}

static bool names(const jw_frame *frame, jw_relation relation, const char *label, jw_watch_kind kind,
                  uint32_t a, const char *name)
{
    for (uint32_t i = 0; i < frame->detail_count; i++) {
        const jw_frame_detail *detail = &frame->details[i];
        if (detail->relation == relation && strcmp(detail->label, label) == 0 && detail->thing.kind == kind &&
            detail->thing.a == a && strcmp(detail->thing.name, name) == 0)
            return true;
    }
    return false;
}

static void test_things_name_what_they_need_and_whom_they_serve(void **state)
{
    (void)state;
    jw_twin_def def;
    twin_fixture_def(&def, 2);
    jw_world *world = twin_fixture_create(&def, 1);
    assert_int_equal(jw_twin_keep_examples(world, NULL), JW_OK);
    twin_fixture_run(world, 120);
    uint32_t junction = def.cameras[0].junction, decided = 0;
    jw_frame at_junction = ask(world, (jw_watch){.kind = JW_WATCH_JUNCTION, .a = junction});
    for (uint32_t i = 0; i < def.site_count; i++) {
        const char *site = def.sites[i].name;
        jw_watch watch = {.kind = JW_WATCH_ASSET};
        jw_text_copy(watch.name, sizeof watch.name, site);
        jw_frame at_site = ask(world, watch);
        bool is_decided = names(&at_junction, JW_RELATION_NEEDS, "decides", JW_WATCH_ASSET, 0, site);
        bool serves = names(&at_site, JW_RELATION_SERVES, "asked_by", JW_WATCH_JUNCTION, junction, "");
        assert_true(is_decided == serves); /* one relation from both its ends */
        decided += is_decided;
        uint32_t fibres = 0;
        for (uint32_t l = 0; l < at_site.link_count; l++) {
            const char *name = at_site.links[l].name;
            bool is_end = strcmp(def.links[l].from, site) == 0 || strcmp(def.links[l].to, site) == 0;
            assert_int_equal(names(&at_site, JW_RELATION_NEEDS, "fibre", JW_WATCH_LINK, 0, name), is_end);
            fibres += is_end;
            if (!is_end)
                continue;
            jw_watch link = {.id = 7, .kind = JW_WATCH_LINK};
            jw_text_copy(link.name, sizeof link.name, name);
            jw_frame at_link = ask(world, link), alone = {0};
            /* Alone, too, as a stop of the window asks, without a frame of the city around it. */
            assert_int_equal(jw_twin_answer(world, &link, &alone, NULL), JW_OK);
            assert_non_null(detail_of(&alone, "video"));
            assert_true(detail_of(&alone, "video")->number == detail_of(&at_link, "video")->number);
            jw_frame_free(&alone);
            assert_true(names(&at_link, JW_RELATION_NEEDS, "end", JW_WATCH_ASSET, 0, site));
            jw_frame_free(&at_link);
        }
        assert_true(fibres > 0);
        jw_frame_free(&at_site);
    }
    assert_true(decided > 0);
    jw_frame_free(&at_junction);
    jw_frame at_line = ask(world, (jw_watch){.kind = JW_WATCH_ASSET, .name = "line-1"});
    bool has_model = false;
    for (uint32_t i = 0; i < at_line.detail_count; i++)
        has_model |= strcmp(at_line.details[i].text, "inspection-vision") == 0;
    assert_true(has_model);
    jw_frame_free(&at_line);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

/* Cameras, units of the digital road and stops are things with values, places and examples of their own. */
static void test_everything_on_the_street_answers(void **state)
{
    (void)state;
    jw_twin_def def;
    jw_error error = {0};
    twin_fixture_def(&def, 4);
    jw_roadside_def unit = {.camera_range_m = 100};
    assert_int_equal(jw_twin_def_add_roadside_units(&def, &unit, 3, &error), JW_OK);
    jw_bus_line_def line = jw_default_bus_line_def();
    jw_text_copy(line.name, sizeof line.name, "A");
    jw_vec2 ends[] = {{100, 100}, {700, 700}};
    line.through_count = 2;
    line.headway_s = 120;
    assert_int_equal(jw_bus_find_edges(def.city, ends, 2, JW_VEHICLE_BUS, line.through, &error), JW_OK);
    assert_int_equal(jw_twin_def_add_bus_line(&def, &line, &error), JW_OK);
    jw_world *world = twin_fixture_create(&def, 1);
    assert_int_equal(jw_twin_keep_examples(world, NULL), JW_OK);
    twin_fixture_run(world, 400);
    jw_frame things = ask(world, (jw_watch){0});
    uint32_t kinds[JW_ASSET_KIND_COUNT] = {0}, buses = 0;
    for (uint32_t i = 0; i < things.asset_count; i++) {
        const jw_frame_asset *asset = &things.assets[i];
        jw_watch watch = {.kind = JW_WATCH_ASSET};
        jw_text_copy(watch.name, sizeof watch.name, asset->name);
        jw_frame frame = ask(world, watch);
        assert_true(frame.detail_count >= 5);
        jw_frame_free(&frame);
        kinds[asset->kind]++;
        frame = ask(world, example_of(JW_WATCH_ASSET, 0, asset->name, JW_EXAMPLE_ANY));
        if (asset->kind == JW_ASSET_CAMERA) {
            uint32_t camera = kinds[JW_ASSET_CAMERA] - 1;
            const jw_junction *junction = &def.city->junctions[def.cameras[camera].junction];
            double away_m = jw_max(jw_abs((double)asset->x_m - junction->x_m),
                                   jw_abs((double)asset->y_m - junction->y_m));
            assert_true(away_m > 2 && away_m < 40);
            assert_true(check_request(&frame));
            assert_int_equal(detail_of(&frame, "sender")->thing.a, def.cameras[camera].junction);
        } else if (asset->kind == JW_ASSET_STOP && !detail_of(&frame, "example")) {
            jw_bus_state bus;
            const jw_watch *vehicle = &detail_of(&frame, "vehicle")->thing;
            assert_true(
                jw_traffic_find_bus(twin_traffic_of(world), (jw_vehicle_id){vehicle->a, vehicle->b}, &bus));
            check_hops(&frame);
            buses++;
        } else if (asset->kind == JW_ASSET_ROADSIDE && !detail_of(&frame, "example")) {
            assert_non_null(detail_of(&frame, "vehicle"));
            check_hops(&frame);
        }
        jw_frame_free(&frame);
    }
    assert_int_equal(kinds[JW_ASSET_CAMERA], def.camera_count);
    assert_true(kinds[JW_ASSET_ROADSIDE] == 3 && kinds[JW_ASSET_STOP] >= 4 && buses > 0);
    jw_frame_free(&things);
    jw_world_destroy(world);
    jw_twin_def_free(&def);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_times_add_up_wherever_one_asks),
        JW_UNIT(test_the_network_s_example_is_longest_in_the_network),
        JW_UNIT(test_a_place_where_nobody_asks_is_told_by_a_packet),
        JW_UNIT(test_an_empty_wire_is_transmission_and_propagation),
        JW_UNIT(test_what_is_lost_says_why_and_what_was_done_then),
        JW_UNIT(test_a_vehicle_tells_its_way),
        JW_UNIT(test_a_walker_tells_the_way),
        JW_UNIT(test_the_slowest_is_the_one_told),
        JW_UNIT(test_keeping_examples_changes_nothing),
        JW_UNIT(test_things_name_what_they_need_and_whom_they_serve),
        JW_UNIT(test_everything_on_the_street_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
