/* What tags mean: tables of cases from the OpenStreetMap wiki. */
#include "base/test_base.h"
#include "city/osm_internal.h"

#include <string.h>

enum { TAGS_MAX = 8 };

/* "key=value;;key=value" as tags; `buffer` holds the texts. */
static jw_osm_tags parse(const char *text, char *buffer, jw_osm_tag *items)
{
    jw_osm_tags tags = {items, 0};
    strcpy(buffer, text);
    for (char *at = buffer; *at;) {
        char *next = strstr(at, ";;");
        if (next)
            *next = '\0';
        char *equals = strchr(at, '=');
        assert_non_null(equals);
        *equals = '\0';
        assert_true(tags.count < TAGS_MAX);
        items[tags.count++] = (jw_osm_tag){at, equals + 1};
        at = next ? next + 2 : equals + 1 + strlen(equals + 1);
    }
    return tags;
}

typedef struct road_case {
    const char *tags;
    int forward, backward; /* lanes; forward 0: no road */
    double kmh;            /* 0: not looked at */
    bool bus_forward, bus_backward, bike_forward, bike_backward;
} road_case;

static void test_roads(void **state)
{
    (void)state;
    static const road_case cases[] = {
        /* defaults by class */
        {"highway=motorway", 2, 0, 100, 0, 0, 0, 0},
        {"highway=motorway;;oneway=no", 2, 2, 100, 0, 0, 0, 0},
        {"highway=motorway_link", 1, 0, 60, 0, 0, 0, 0},
        {"highway=primary", 1, 1, 60, 0, 0, 0, 0},
        {"highway=primary;;oneway=yes", 2, 0, 60, 0, 0, 0, 0},
        {"highway=residential", 1, 1, 30, 0, 0, 0, 0},
        {"highway=living_street", 1, 1, 20, 0, 0, 0, 0},
        {"highway=tertiary;;junction=roundabout", 1, 0, 40, 0, 0, 0, 0},
        /* no road */
        {"highway=footway", 0, 0, 0, 0, 0, 0, 0},
        {"highway=service;;service=parking_aisle", 0, 0, 0, 0, 0, 0, 0},
        {"highway=service;;area=yes", 0, 0, 0, 0, 0, 0, 0},
        {"highway=residential;;access=private", 0, 0, 0, 0, 0, 0, 0},
        {"highway=residential;;access=no;;motor_vehicle=yes", 1, 1, 0, 0, 0, 0, 0},
        {"highway=residential;;access=yes;;motor_vehicle=no", 0, 0, 0, 0, 0, 0, 0},
        {"highway=construction;;construction=primary", 0, 0, 0, 0, 0, 0, 0},
        {"highway=busway", 1, 1, 20, 0, 0, 0, 0},
        /* lanes */
        {"highway=secondary;;lanes=4", 2, 2, 0, 0, 0, 0, 0},
        {"highway=secondary;;lanes=3", 2, 1, 0, 0, 0, 0, 0},
        {"highway=secondary;;lanes=1", 1, 1, 0, 0, 0, 0, 0},
        {"highway=secondary;;lanes=3;;lanes:backward=2", 1, 2, 0, 0, 0, 0, 0},
        {"highway=secondary;;lanes=5;;lanes:both_ways=1", 2, 2, 0, 0, 0, 0, 0},
        {"highway=secondary;;lanes=3;;turn:lanes:forward=left|through", 2, 1, 0, 0, 0, 0, 0},
        {"highway=secondary;;oneway=yes;;turn:lanes=left|through|right", 3, 0, 0, 0, 0, 0, 0},
        {"highway=secondary;;oneway=-1;;lanes=2", 2, 0, 0, 0, 0, 0, 0},
        {"highway=secondary;;oneway=-1;;lanes:backward=3", 3, 0, 0, 0, 0, 0, 0},
        {"highway=secondary;;lanes=99999999999", 1, 1, 0, 0, 0, 0, 0},
        {"highway=secondary;;oneway=yes;;lanes=16", 8, 0, 0, 0, 0, 0, 0},
        {"highway=secondary;;lanes=-3", 1, 1, 0, 0, 0, 0, 0},
        /* buses */
        {"highway=primary;;oneway=yes;;lanes=3;;busway=lane", 3, 0, 0, 1, 0, 0, 0},
        {"highway=primary;;oneway=yes;;busway:right=lane", 3, 0, 0, 1, 0, 0, 0},
        {"highway=primary;;lanes=4;;lanes:psv=2", 2, 2, 0, 1, 1, 0, 0},
        {"highway=primary;;lanes=4;;lanes:bus:backward=1", 2, 2, 0, 0, 1, 0, 0},
        {"highway=primary;;oneway=yes;;lanes=3;;bus:lanes=yes|yes|designated", 3, 0, 0, 1, 0, 0, 0},
        {"highway=primary;;oneway=yes;;lanes=3;;bus:lanes=designated|yes|yes", 3, 0, 0, 0, 0, 0, 0},
        {"highway=secondary;;oneway=yes;;lanes=1;;busway=lane", 1, 0, 0, 0, 0, 0, 0},
        {"highway=secondary;;oneway=yes;;lanes=2;;busway=opposite_lane", 2, 1, 0, 0, 1, 0, 0},
        /* bicycles */
        {"highway=tertiary;;cycleway=lane", 1, 1, 0, 0, 0, 1, 1},
        {"highway=tertiary;;cycleway:right=track", 1, 1, 0, 0, 0, 1, 0},
        {"highway=tertiary;;cycleway:left=lane", 1, 1, 0, 0, 0, 0, 1},
        {"highway=tertiary;;cycleway:both=lane;;oneway=yes", 1, 0, 0, 0, 0, 1, 0},
        {"highway=tertiary;;cycleway:both=no;;cycleway=shared_lane", 1, 1, 0, 0, 0, 0, 0},
        /* speed */
        {"highway=tertiary;;maxspeed=70", 1, 1, 70, 0, 0, 0, 0},
        {"highway=tertiary;;maxspeed=30 mph", 1, 1, 48.28032, 0, 0, 0, 0},
        {"highway=tertiary;;maxspeed=20mph", 1, 1, 32.18688, 0, 0, 0, 0},
        {"highway=tertiary;;maxspeed=walk", 1, 1, 7, 0, 0, 0, 0},
        {"highway=tertiary;;maxspeed=AT:urban", 1, 1, 50, 0, 0, 0, 0},
        {"highway=tertiary;;maxspeed=AT:rural", 1, 1, 100, 0, 0, 0, 0},
        {"highway=tertiary;;maxspeed=LI:rural", 1, 1, 80, 0, 0, 0, 0},
        {"highway=tertiary;;maxspeed=CN:rural", 1, 1, 70, 0, 0, 0, 0},
        {"highway=tertiary;;maxspeed=DE:zone:30", 1, 1, 30, 0, 0, 0, 0},
        {"highway=tertiary;;maxspeed:type=AT:zone30", 1, 1, 30, 0, 0, 0, 0},
        {"highway=tertiary;;maxspeed=signals;;source:maxspeed=sign", 1, 1, 40, 0, 0, 0, 0},
        {"highway=tertiary;;maxspeed=1e300", 1, 1, 40, 0, 0, 0, 0},
        {"highway=tertiary;;maxspeed=nan", 1, 1, 40, 0, 0, 0, 0},
        {"highway=tertiary;;maxspeed:forward=25", 1, 1, 25, 0, 0, 0, 0},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        const road_case *c = &cases[i];
        char buffer[256];
        jw_osm_tag items[TAGS_MAX];
        jw_osm_tags tags = parse(c->tags, buffer, items);
        jw_draft_road road = {0};
        bool is_reversed;
        const char *problem;
        bool is_road = jw_osm_road(&tags, &road, &is_reversed, &problem);
        bool is_right =
            is_road == (c->forward > 0) &&
            (!is_road ||
             (road.lanes_forward == c->forward && road.lanes_backward == c->backward &&
              road.bus_lane_forward == c->bus_forward && road.bus_lane_backward == c->bus_backward &&
              road.bike_lane_forward == c->bike_forward && road.bike_lane_backward == c->bike_backward &&
              (c->kmh == 0 || jw_abs(road.speed_mps * 3.6 - c->kmh) < 1e-9)));
        if (!is_right)
            print_message("%s: %d lanes %d+%d, %.2f km/h, bus %d %d, bike %d %d\n", c->tags, is_road,
                          road.lanes_forward, road.lanes_backward, road.speed_mps * 3.6,
                          road.bus_lane_forward, road.bus_lane_backward, road.bike_lane_forward,
                          road.bike_lane_backward);
        assert_true(is_right);
    }
}

static uint8_t allow_of(const char *text)
{
    char buffer[256];
    jw_osm_tag items[TAGS_MAX];
    jw_osm_tags tags = parse(text, buffer, items);
    jw_draft_road road = {0};
    bool is_reversed;
    const char *problem;
    assert_true(jw_osm_road(&tags, &road, &is_reversed, &problem));
    return road.allow;
}

static void test_allowed(void **state)
{
    (void)state;
    assert_int_equal(allow_of("highway=motorway"), JW_ALLOW_MOTOR);
    assert_int_equal(allow_of("highway=primary"), JW_ALLOW_MOTOR | JW_ALLOW_BICYCLE | JW_ALLOW_EBIKE);
    assert_int_equal(allow_of("highway=trunk;;motorroad=yes"), JW_ALLOW_MOTOR);
    assert_int_equal(allow_of("highway=primary;;hgv=no;;bicycle=no"), JW_ALLOW_MOTOR & ~JW_ALLOW_TRUCK);
    assert_int_equal(allow_of("highway=service;;access=no;;psv=yes"), JW_ALLOW_BUS | JW_ALLOW_EMERGENCY);
}

static void test_turns_match_lanes(void **state)
{
    (void)state;
    char buffer[256];
    jw_osm_tag items[TAGS_MAX];
    jw_draft_road road;
    bool is_reversed;
    const char *problem;
    jw_osm_tags tags =
        parse("highway=primary;;oneway=yes;;lanes=2;;turn:lanes=left|through|right", buffer, items);
    assert_true(jw_osm_road(&tags, &road, &is_reversed, &problem));
    assert_string_equal(road.turn_forward, ""); /* three turns on two lanes mean nothing */
    tags = parse(
        "highway=primary;;lanes=3;;lanes:backward=1;;turn:lanes:forward=|right;;turn:lanes:backward=left",
        buffer, items);
    assert_true(jw_osm_road(&tags, &road, &is_reversed, &problem));
    assert_string_equal(road.turn_forward, "|right");
    assert_string_equal(road.turn_backward, "left");
}

static void test_metres(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double metres; /* < 0: none */
    } cases[] = {{"12", 12},
                 {"12.5 m", 12.5},
                 {"12.5m", 12.5},
                 {"40 ft", 12.192},
                 {"12'", 3.6576},
                 {"12'6\"", 3.81},
                 {"", -1},
                 {"high", -1},
                 {"12,5", -1},
                 {"1e999", -1},
                 {"12 km", -1},
                 {"1.2.3", -1},
                 {"99999999999999999999999999999999999", -1}};
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        double metres = -1;
        bool is_ok = jw_osm_metres(cases[i].text, &metres);
        if (is_ok != (cases[i].metres >= 0) || (is_ok && jw_abs(metres - cases[i].metres) > 1e-9))
            fail_msg("\"%s\" gives %g", cases[i].text, metres);
    }
}

static void test_lists(void **state)
{
    (void)state;
    assert_true(jw_osm_is_in("b", "|ab|b|"));
    assert_false(jw_osm_is_in("a", "|ab|b|"));
    assert_false(jw_osm_is_in("", "|ab||"));
    assert_false(jw_osm_is_in("ab|b", "|ab|b|"));
}

static void test_roofs(void **state)
{
    (void)state;
    static const struct {
        const char *tags;
        jw_roof roof;
        double roof_m;
    } cases[] = {
        {"building=yes", JW_ROOF_UNKNOWN, 0},
        {"building=house;;roof:shape=gabled;;roof:height=3.5", JW_ROOF_GABLED, 3.5},
        {"building=house;;roof:shape=half-hipped;;roof:levels=2", JW_ROOF_HIPPED, 5},
        {"building=church;;roof:shape=onion;;roof:height=12 m", JW_ROOF_PYRAMIDAL, 12},
        {"building=yes;;roof:shape=flat", JW_ROOF_FLAT, 0},
        {"building=yes;;roof:shape=lean_to;;roof:height=nonsense", JW_ROOF_SKILLION, 0},
        {"building=yes;;roof:shape=cathedral;;roof:levels=-1", JW_ROOF_UNKNOWN, 0},
        {"building=yes;;roof:levels=1e9;;roof:height=4000", JW_ROOF_UNKNOWN, 0},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        char buffer[256];
        jw_osm_tag items[TAGS_MAX];
        jw_osm_tags tags = parse(cases[i].tags, buffer, items);
        jw_draft_building building;
        assert_true(jw_osm_building(&tags, &building));
        assert_int_equal(building.roof, cases[i].roof);
        assert_true(jw_abs((double)building.roof_m - cases[i].roof_m) < 1e-6);
    }
}

static void test_ridges_across(void **state)
{
    (void)state;
    static const char *const cases[] = {"building=house;;roof:shape=gabled",
                                        "building=house;;roof:orientation=along",
                                        "building=house;;roof:orientation=across"};
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        char buffer[256];
        jw_osm_tag items[TAGS_MAX];
        jw_osm_tags tags = parse(cases[i], buffer, items);
        jw_draft_building building;
        assert_true(jw_osm_building(&tags, &building));
        assert_int_equal(building.roof_is_across, i == 2);
    }
}

static void test_places(void **state)
{
    (void)state;
    static const struct {
        const char *tags;
        int kind; /* -1: none */
    } cases[] = {
        {"place=suburb;;name=容东", JW_PLACE_QUARTER},
        {"place=village;;name=X", JW_PLACE_QUARTER},
        {"place=suburb", -1},
        {"place=island;;name=X", -1},
        {"railway=station;;place=suburb;;name=X", JW_PLACE_STATION},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        char buffer[256];
        jw_osm_tag items[TAGS_MAX];
        jw_osm_tags tags = parse(cases[i].tags, buffer, items);
        jw_place_kind kind;
        assert_int_equal(jw_osm_place(&tags, &kind) ? (int)kind : -1, cases[i].kind);
    }
}

static void test_buildings_and_areas(void **state)
{
    (void)state;
    static const struct {
        const char *tags;
        int building_use; /* -1: no building */
        int area_kind;    /* -1: no area */
    } cases[] = {
        {"building=yes", JW_USE_NONE, -1},
        {"building=no;;landuse=grass", -1, JW_AREA_GRASS},
        {"building=yes;;shop=clothes", JW_USE_COMMERCIAL, -1},
        {"building=yes;;office=company", JW_USE_OFFICE, -1},
        {"building=yes;;amenity=hospital", JW_USE_PUBLIC, -1},
        {"building=train_station", JW_USE_STATION, -1},
        {"building=data_center", JW_USE_COMPUTING, -1},
        {"building=warehouse", JW_USE_INDUSTRIAL, -1},
        {"building:part=yes", -1, -1},
        {"landuse=residential", -1, JW_AREA_BUILT},
        {"landuse=residential;;leisure=park", -1, JW_AREA_PARK},
        {"natural=water;;water=lake", -1, JW_AREA_WATER},
        {"natural=wetland", -1, JW_AREA_WETLAND},
        {"amenity=parking", -1, JW_AREA_SQUARE},
        {"amenity=parking;;parking=underground", -1, -1},
        {"highway=pedestrian;;area=yes", -1, JW_AREA_SQUARE},
        {"highway=pedestrian", -1, -1},
        {"boundary=administrative", -1, -1},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        char buffer[256];
        jw_osm_tag items[TAGS_MAX];
        jw_osm_tags tags = parse(cases[i].tags, buffer, items);
        jw_draft_building building;
        jw_draft_area area;
        int use = jw_osm_building(&tags, &building) ? building.use : -1;
        int kind = jw_osm_area(&tags, &area) ? (int)area.kind : -1;
        if (use != cases[i].building_use || kind != cases[i].area_kind)
            fail_msg("%s: building %d, area %d", cases[i].tags, use, kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_roads),  JW_UNIT(test_allowed),       JW_UNIT(test_turns_match_lanes),
        JW_UNIT(test_metres), JW_UNIT(test_lists),         JW_UNIT(test_buildings_and_areas),
        JW_UNIT(test_roofs),  JW_UNIT(test_ridges_across), JW_UNIT(test_places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
