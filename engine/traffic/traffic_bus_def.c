/* Definitions of bus lines: defaults, checks, and the streets for stops near places. */
#include "traffic/traffic_internal.h"

#include <math.h> /* isfinite alone */
#include <string.h>

#define FIND_M        600.0
#define CLASS_WORTH_M 60.0

jw_bus_line_def jw_default_bus_line_def(void)
{
    return (jw_bus_line_def){
        .vehicle_class = JW_VEHICLE_BUS,
        .stop_spacing_m = 500,
        .headway_s = 600,
        .first_s = 6 * 3600,
        .last_s = 22 * 3600,
        .layover_s = 180,
        .slack = 0.15,
        .capacity = 80,
        .seats = 30,
        .door_s = 4,
        .board_s = 2.75,
        .alight_s = 1.75,
        .stand_s = 0.5,
        .min_dwell_s = 10,
        .hold_share = 0.8,
        .max_hold_s = 90,
    };
}

/* ---- checking --------------------------------------------------------------------------------------------
 */

#define DEFAULTS(X)                                                                                          \
    X(stop_spacing_m)                                                                                        \
    X(headway_s)                                                                                             \
    X(layover_s)                                                                                             \
    X(slack)                                                                                                 \
    X(capacity)                                                                                              \
    X(seats) X(door_s) X(board_s) X(alight_s) X(stand_s) X(min_dwell_s) X(hold_share) X(max_hold_s)

void jw_bus_def_complete(jw_bus_line_def *def)
{
    jw_bus_line_def usual = jw_default_bus_line_def();
#define X(name) def->name = def->name != 0 ? def->name : usual.name;
    DEFAULTS(X)
#undef X
    def->seats = def->seats < def->capacity ? def->seats : def->capacity;
    def->vehicle_class = def->vehicle_class ? def->vehicle_class : JW_VEHICLE_BUS;
    if (def->first_s == 0 && def->last_s == 0) {
        def->first_s = usual.first_s;
        def->last_s = usual.last_s;
    }
    def->is_one_way = def->is_one_way || def->is_loop;
}

static bool are_departures_good(const jw_bus_line_def *def)
{
    if (def->departure_count > JW_BUS_DEPARTURES_MAX)
        return false;
    for (uint32_t k = 0; k < def->departure_count; k++)
        if (!(def->departures_s[k] >= 0 && def->departures_s[k] < 86400) ||
            (k > 0 && !(def->departures_s[k] > def->departures_s[k - 1])))
            return false;
    return true;
}

static bool are_rides_good(const jw_bus_line_def *def)
{
    if (def->ride_count > JW_BUS_RIDES_MAX)
        return false;
    for (uint32_t k = 0; k < def->ride_count; k++) {
        const jw_bus_ride *ride = &def->rides[k];
        if (ride->from >= def->through_count || ride->to >= def->through_count || ride->from == ride->to ||
            (def->is_one_way && ride->from > ride->to) || !(ride->per_hour >= 0 && ride->per_hour <= 1e5))
            return false;
    }
    return true;
}

const char *jw_bus_def_fault(const jw_bus_line_def *def)
{
    if (def->vehicle_class != JW_VEHICLE_BUS && def->vehicle_class != JW_VEHICLE_SHUTTLE)
        return "runs buses or shuttles";
    if (def->through_count < 2 || def->through_count > JW_BUS_THROUGH_MAX)
        return "leads through 2 to 48 edges";
    if (!(def->headway_s >= 20 && def->headway_s <= 86400))
        return "needs a headway of 20 s to a day";
    if (!(def->first_s >= 0 && def->first_s <= def->last_s && def->last_s <= 86400))
        return "needs a first departure not after the last, both of the day";
    if (!are_departures_good(def))
        return "takes at most 1000 departures, rising, of the day";
    if (!(def->layover_s >= 0 && def->layover_s <= 7200 && def->slack >= 0 && def->slack <= 5))
        return "needs a layover of 0 to 7200 s and a slack of 0 to 5";
    if (def->fleet > 1000 || def->capacity > 1000)
        return "takes a fleet of at most 1000 buses for at most 1000 passengers each";
    if (!(def->door_s >= 0 && def->door_s <= 60 && def->board_s >= 0 && def->board_s <= 60 &&
          def->alight_s >= 0 && def->alight_s <= 60 && def->stand_s >= 0 && def->stand_s <= 60 &&
          def->min_dwell_s >= 0 && def->min_dwell_s <= 600))
        return "needs times of doors and passengers of 0 to 60 s, a least dwell of at most 600 s";
    if ((unsigned)def->hold > JW_BUS_HOLD_NONE || (unsigned)def->bays > JW_BUS_BAYS_ALL ||
        !(def->hold_share >= 0 && def->hold_share <= 1 && def->max_hold_s >= 0 && def->max_hold_s <= 3600))
        return "needs a way of holding, a hold_share of 0 to 1, a max_hold_s of 0 to 3600 s";
    if (!(def->passengers_per_day <= 1e7) || !isfinite(def->stop_spacing_m) ||
        (def->stop_spacing_m > 0 && def->stop_spacing_m < 100))
        return "takes at most 1e7 passengers a day, and stops at least 100 m apart";
    return NULL;
}

jw_result jw_bus_def_check(const jw_traffic *t, const jw_bus_line_def *def, jw_error *error)
{
    const char *name = def->name, *what = jw_bus_def_fault(def);
    if (!name[0] || !memchr(name, 0, sizeof def->name))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "bus line: it needs a name of at most %d letters",
                       JW_BUS_NAME_SIZE - 1);
    for (uint32_t k = 0; k < t->buses.line_count; k++)
        if (t->buses.lines[k].is_used && strcmp(t->buses.lines[k].def.name, name) == 0)
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "bus line \"%s\" exists already", name);
        else if (!are_rides_good(def))
            what = "takes at most 64 rides between two different edges of its way, of 0 to 1e5 an hour";
    return what ? jw_fail(error, JW_ERROR_INPUT, NULL, 0, "bus line \"%s\" %s", name, what) : JW_OK;
}

/* ---- where to stop near a place --------------------------------------------------------------------------
 */

static double far_from(const jw_city *city, const jw_edge *edge, jw_vec2 place)
{
    double best_m = 1e30;
    for (uint32_t k = 0; k < edge->point_count; k++) {
        jw_vec3 p = city->points[edge->first_point + k];
        best_m = jw_min(best_m, jw_vec2_distance((jw_vec2){p.x, p.y}, place));
        if (k + 1 == edge->point_count)
            break;
        jw_vec3 next = city->points[edge->first_point + k + 1];
        best_m = jw_min(best_m, jw_vec2_distance((jw_vec2){(p.x + next.x) / 2, (p.y + next.y) / 2}, place));
    }
    return best_m;
}

static bool has_lane_for(const jw_city *city, const jw_edge *edge, jw_vehicle_class vehicle_class)
{
    for (uint32_t l = edge->first_lane; l < edge->first_lane + edge->lane_count; l++)
        if (city->lanes[l].allow >> vehicle_class & 1)
            return true;
    return false;
}

jw_result jw_bus_find_edges(const jw_city *city, const jw_vec2 *places, uint32_t count,
                            jw_vehicle_class vehicle_class, uint32_t *out_edges, jw_error *error)
{
    uint32_t *component = jw_alloc((city->edge_count + 1) * sizeof *component);
    jw_result result = component ? jw_city_components(city, component, error) : jw_fail_memory(error);
    for (uint32_t n = 0; n < count && !result; n++) {
        double best = 1e30;
        out_edges[n] = JW_NONE;
        for (uint32_t e = 0; e < city->edge_count; e++) {
            const jw_edge *edge = &city->edges[e];
            if (component[e] != 0 || edge->road_class <= JW_ROAD_TRUNK ||
                edge->road_class >= JW_ROAD_SERVICE || edge->is_link || edge->is_tunnel ||
                edge->is_roundabout || edge->length_m < (double)JW_BUS_GOOD_EDGE_M ||
                !has_lane_for(city, edge, vehicle_class))
                continue;
            double far_m = far_from(city, edge, places[n]);
            double worth = far_m + CLASS_WORTH_M * (double)edge->road_class;
            if (far_m <= FIND_M && worth < best) {
                best = worth;
                out_edges[n] = e;
            }
        }
        if (out_edges[n] == JW_NONE)
            result = jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                             "no street for a stop within %.0f m of place %u (x %.0f m, y %.0f m)", FIND_M,
                             n + 1, places[n].x, places[n].y);
    }
    jw_free(component);
    return result;
}
