/* The digital road: who is on the road is given to the roadside units, and connected vehicles that hear what
 * the signals ahead will show drive up to them at the speed that meets the green (green light optimal speed
 * advice; K. Katsaros et al., Performance study of a Green Light Optimized Speed Advisory application, IWCMC
 * 2011).
 *
 * A vehicle d before the line that would come there on red at its limit is advised d / (time to the green +
 * time for the queue to leave), the queue as the unit's camera or radar sees it. Of signals that vehicles,
 * people on foot, scripts or services rule the message has the earliest and the latest time at which they
 * change, and advice goes by the earliest: who drives to it loses nothing, whenever the green comes. What its
 * units see of people on foot and hidden vehicles reaches connected vehicles as messages; of those shuttles
 * make use (twin_caution.c), others do not: traffic has no notion of sight.
 *
 * Neutral when off: units broadcast, nobody is advised. */
#include "twin/twin_internal.h"

#include <string.h>

#define LEAST_MPS     5.6 /* advised; 20 km/h (unverified): slower, one rather stops */
#define HEADWAY_S     2.0 /* of vehicles that leave a queue: 1,800 an hour and lane */
#define STANDS_MPS    2.0
#define ADVANCE_MAX_S 240.0 /* two of the longest cycles in use: a red that long is no signal's */
#define SPEED_SHARE   0.98  /* of the limit: above it there is nothing to advise */

static bool is_connected(const twin_radio *radio, jw_vehicle_id id)
{
    uint32_t slot = id.index1 - 1;
    return slot < radio->slot_count && radio->slots[slot].generation == id.generation &&
           radio->slots[slot].user.index1;
}

static jw_result gather(const jw_world *world, twin_advice *advice, jw_road_users *out)
{
    jw_vehicle_columns v = jw_traffic_vehicles(twin_traffic_of(world));
    jw_walker_columns w = jw_traffic_walkers(twin_traffic_of(world));
    uint64_t count = (uint64_t)v.count + w.count;
    if (jw_grow(&advice->x_m, &advice->x_capacity, count, sizeof *advice->x_m, NULL) ||
        jw_grow(&advice->y_m, &advice->y_capacity, count, sizeof *advice->y_m, NULL) ||
        jw_grow(&advice->flags, &advice->flag_capacity, count, 1, NULL))
        return JW_ERROR_MEMORY;
    if (v.count) {
        memcpy(advice->x_m, v.x_m, v.count * sizeof *v.x_m);
        memcpy(advice->y_m, v.y_m, v.count * sizeof *v.y_m);
    }
    if (w.count) {
        memcpy(advice->x_m + v.count, w.x_m, w.count * sizeof *w.x_m);
        memcpy(advice->y_m + v.count, w.y_m, w.count * sizeof *w.y_m);
        memset(advice->flags + v.count, JW_ROAD_USER_IS_ON_FOOT, w.count);
    }
    for (uint32_t i = 0; i < v.count; i++)
        advice->flags[i] = is_connected(twin_radio_of(world), v.id[i]) ? JW_ROAD_USER_IS_CONNECTED : 0;
    *out = (jw_road_users){(uint32_t)count, advice->x_m, advice->y_m, advice->flags};
    return JW_OK;
}

/* ---- advice ----------------------------------------------------------------------------------------------
 */

/* A vehicle before a junction whose signals a unit announces. */
typedef struct advice_spot {
    jw_vehicle_spot at;
    uint32_t unit;
} advice_spot;

static bool find_spot(const jw_world *world, const jw_vehicle_columns *v, uint32_t row, advice_spot *out)
{
    const jw_city *city = jw_twin_city(world);
    if (v->edge[row] == JW_NONE)
        return false;
    out->unit = jw_roadside_of_junction(twin_roadside_of(world), city->edges[v->edge[row]].to);
    return out->unit != JW_NONE && jw_traffic_vehicle_spot(twin_traffic_of(world), v->id[row], &out->at) &&
           out->at.lane != JW_NONE;
}

/* The unit sees it: as far as its sensors do, along the lane. */
static bool is_seen(const jw_world *world, const advice_spot *spot)
{
    jw_roadside_state unit;
    jw_roadside_unit(twin_roadside_of(world), spot->unit, &unit);
    double left_m = jw_twin_city(world)->lanes[spot->at.lane].length_m - (double)spot->at.pos_m;
    return left_m <= jw_max(unit.def->camera_range_m, unit.def->radar_range_m);
}

uint32_t twin_next_connection(const jw_world *world, jw_vehicle_id id, uint32_t lane)
{
    const jw_city *city = jw_twin_city(world);
    uint32_t route[2];
    if (jw_traffic_vehicle_route(twin_traffic_of(world), id, route, 2) < 2)
        return JW_NONE;
    const jw_lane *from = &city->lanes[lane];
    for (uint32_t k = from->first_connection; k < from->first_connection + from->connection_count; k++) {
        uint32_t connection = city->lane_connections[k];
        if (city->lanes[city->connections[connection].to_lane].edge == route[1])
            return connection;
    }
    return JW_NONE;
}

/* Speed to meet the green with; 0: none to advise. */
static double speed_for(const jw_world *world, const twin_advice *advice, jw_vehicle_id id,
                        const jw_vehicle_spot *at)
{
    const jw_city *city = jw_twin_city(world);
    uint32_t connection = twin_next_connection(world, id, at->lane);
    double left_m = city->lanes[at->lane].length_m - (double)at->pos_m, begin_s, end_s;
    double limit_mps = (double)at->limit_mps, soonest_s = left_m / limit_mps;
    if (connection == JW_NONE)
        return 0;
    uint32_t programme = city->junctions[city->connections[connection].junction].programme;
    bool may_be_asked = programme != JW_NONE && advice->has_camera[programme];
    if (may_be_asked ||
        !jw_traffic_next_green(twin_traffic_of(world), connection, soonest_s, &begin_s, &end_s)) {
        jw_signal_times times;
        if (!jw_traffic_signal_times(twin_traffic_of(world), connection, may_be_asked, &times) ||
            times.is_green || times.min_end_s > ADVANCE_MAX_S)
            return 0;
        begin_s = times.min_end_s;
    }
    double open_s = begin_s + HEADWAY_S * advice->queued[at->lane];
    double speed_mps = open_s > soonest_s ? left_m / open_s : limit_mps;
    return speed_mps >= LEAST_MPS && speed_mps < SPEED_SHARE * limit_mps ? speed_mps : 0;
}

/* Whose signals a camera's answers may change at any time. */
static void find_cameras(const jw_world *world, twin_advice *advice)
{
    const twin_signals *signals = twin_signals_of(world);
    memset(advice->has_camera, 0, jw_twin_city(world)->programme_count);
    for (uint32_t i = 0; i < signals->camera_count && twin_is_coupled(world, JW_COUPLING_SIGNALS); i++)
        advice->has_camera[signals->cameras[i].programme] = 1;
}

static jw_result advise(jw_world *world, twin_advice *advice)
{
    jw_vehicle_columns v = jw_traffic_vehicles(twin_traffic_of(world));
    advice_spot spot;
    memset(advice->queued, 0, jw_twin_city(world)->lane_count * sizeof *advice->queued);
    find_cameras(world, advice);
    for (uint32_t row = 0; row < v.count; row++)
        if ((double)v.speed_mps[row] < STANDS_MPS && find_spot(world, &v, row, &spot) &&
            is_seen(world, &spot))
            advice->queued[spot.at.lane]++;
    int64_t until_ns = jw_world_time_ns(world) + 2 * jw_world_dt_ns(world); /* said again each step */
    for (uint32_t row = 0; row < v.count; row++) {
        if (!(advice->flags[row] & JW_ROAD_USER_IS_CONNECTED) || (double)v.speed_mps[row] < STANDS_MPS ||
            !find_spot(world, &v, row, &spot) ||
            !jw_roadside_is_heard(twin_roadside_of(world), spot.unit, (double)v.x_m[row], (double)v.y_m[row]))
            continue;
        double speed_mps = speed_for(world, advice, v.id[row], &spot.at);
        if (speed_mps <= 0)
            continue;
        if (jw_traffic_advise_vehicle(world, twin_traffic_of(world), v.id[row], speed_mps, until_ns) != JW_OK)
            return JW_ERROR_MEMORY;
        advice->speed_mps[row] = (float)speed_mps;
        advice->advised++;
    }
    return JW_OK;
}

/* Shuttles, of all that they are told the slowest. */
static jw_result be_cautious(jw_world *world, twin_advice *advice)
{
    jw_vehicle_columns v = jw_traffic_vehicles(twin_traffic_of(world));
    const jw_city *city = jw_twin_city(world);
    int64_t until_ns = jw_world_time_ns(world) + 2 * jw_world_dt_ns(world);
    for (uint32_t row = 0; row < v.count; row++) {
        jw_vehicle_spot at;
        if (v.vehicle_class[row] != JW_VEHICLE_SHUTTLE ||
            !jw_traffic_vehicle_spot(twin_traffic_of(world), v.id[row], &at) || at.lane == JW_NONE)
            continue;
        double way_m = city->lanes[at.lane].length_m - (double)at.pos_m,
               told_mps = (double)advice->speed_mps[row];
        double speed_mps =
            twin_caution_speed(world, advice, city->lanes[at.lane].edge, way_m, (double)v.x_m[row],
                               (double)v.y_m[row], is_connected(twin_radio_of(world), v.id[row]));
        if (speed_mps > 0 && (told_mps <= 0 || speed_mps < told_mps) &&
            jw_traffic_advise_vehicle(world, twin_traffic_of(world), v.id[row], speed_mps, until_ns) != JW_OK)
            return JW_ERROR_MEMORY;
    }
    return JW_OK;
}

static jw_result reserve(const jw_world *world, twin_advice *advice)
{
    const jw_city *city = jw_twin_city(world);
    uint32_t known = advice->open_capacity, vehicles = jw_traffic_vehicles(twin_traffic_of(world)).count;
    if (jw_grow(&advice->queued, &advice->queued_capacity, city->lane_count + 1ull, sizeof *advice->queued,
                NULL) ||
        jw_grow(&advice->has_camera, &advice->camera_capacity, city->programme_count + 1ull, 1, NULL) ||
        jw_grow(&advice->speed_mps, &advice->speed_capacity, vehicles + 1ull, sizeof *advice->speed_mps,
                NULL) ||
        jw_grow(&advice->open_m1, &advice->open_capacity, city->edge_count + 1ull, sizeof *advice->open_m1,
                NULL))
        return JW_ERROR_MEMORY;
    if (known == 0)
        memset(advice->open_m1, 0, advice->open_capacity * sizeof *advice->open_m1);
    memset(advice->speed_mps, 0, vehicles * sizeof *advice->speed_mps);
    return JW_OK;
}

/* Told once for each unit: the first messages that it drops. */
static void tell_of_full_channels(jw_world *world)
{
    jw_roadside_state unit;
    for (uint32_t i = 0; jw_roadside_unit(twin_roadside_of(world), i, &unit); i++) {
        int64_t dropped =
            unit.counts.dropped[JW_ROADSIDE_SIGNAL] + unit.counts.dropped[JW_ROADSIDE_PERCEPTION];
        if (unit.dropped > 0 && dropped == unit.dropped)
            twin_diary_mark(world, unit.def->x_m, unit.def->y_m, "roadside_full", unit.def->name);
    }
}

static void run_advice(jw_world *world, void *state)
{
    twin_advice *advice = state;
    jw_road_users users;
    bool has_units = jw_roadside_count(twin_roadside_of(world)) > 0;
    advice->advised = advice->cautious = advice->informed = 0;
    if (!has_units && !advice->has_cautious_shuttles)
        return;
    jw_result result = reserve(world, advice);
    if (result == JW_OK && has_units) {
        result = gather(world, advice, &users);
        if (result == JW_OK)
            result = jw_roadside_step(world, twin_roadside_of(world), &users);
        tell_of_full_channels(world);
    }
    if (result == JW_OK && has_units && twin_is_coupled(world, JW_COUPLING_ADVICE))
        result = advise(world, advice);
    if (result == JW_OK && advice->has_cautious_shuttles)
        result = be_cautious(world, advice);
    if (result != JW_OK)
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory for the digital road");
}

/* ---- module ----------------------------------------------------------------------------------------------
 */

static jw_result advice_init(jw_world *world, void *state, const void *def, jw_error *error)
{
    (void)world, (void)error;
    ((twin_advice *)state)->has_cautious_shuttles = ((const jw_twin_def *)def)->has_cautious_shuttles;
    return JW_OK;
}

static void advice_destroy(void *state)
{
    twin_advice *advice = state;
    jw_free(advice->x_m);
    jw_free(advice->y_m);
    jw_free(advice->flags);
    jw_free(advice->queued);
    jw_free(advice->has_camera);
    jw_free(advice->speed_mps);
    jw_free(advice->open_m1);
}

static void advice_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const twin_advice *advice = state;
    jw_write_u8(writer, advice->has_cautious_shuttles);
    jw_write_u32(writer, advice->advised);
    jw_write_u32(writer, advice->cautious);
    jw_write_u32(writer, advice->informed);
}

static void advice_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    twin_advice *advice = state;
    advice->has_cautious_shuttles = jw_read_u8(reader) != 0;
    advice->advised = jw_read_u32(reader);
    advice->cautious = jw_read_u32(reader);
    advice->informed = jw_read_u32(reader);
}

static const jw_metric metrics[] = {
    {"twin.advised", "veh", JW_METRIC_GAUGE, "vehicles that are advised a speed to meet the green"},
    {"twin.shuttles_cautious", "veh", JW_METRIC_GAUGE,
     "shuttles that slow down before a junction that they do not see into"},
    {"twin.shuttles_informed", "veh", JW_METRIC_GAUGE,
     "shuttles that need not, as a roadside unit tells them who comes"},
};

static double advice_metric(const jw_world *world, const void *state, uint32_t metric)
{
    const twin_advice *advice = state;
    (void)world;
    return metric == 0 ? advice->advised : metric == 1 ? advice->cautious : advice->informed;
}

static const jw_phase phases[] = {{"twin.advice", JW_SLOT_COUPLING, run_advice}};

const jw_module twin_advice_module = {
    .name = "twin_advice",
    .version = 2,
    .state_size = sizeof(twin_advice),
    .init = advice_init,
    .destroy = advice_destroy,
    .phases = phases,
    .phase_count = JW_COUNT_OF(phases),
    .save = advice_save,
    .load = advice_load,
    .metrics = metrics,
    .metric_count = JW_COUNT_OF(metrics),
    .metric = advice_metric,
};
