/* Vehicle types, routes, vehicles, trips and flows of route files. */
#include "city/sumo_internal.h"

#include <stdio.h>
#include <string.h>

#define PERIOD_MIN_S 0.001 /* a thousand vehicles a second of one flow */
#define TIME_MAX_S   1e8
#define PLACE_MAX_M  1e6

/* ---- types ------------------------------------------------------------------------------------------- */

/* Defaults by class as SUMO 1.15 gives them (asked of it: length, width, minGap, maxSpeed, accel, decel,
 * emergencyDecel, deviation of the speed factor), and the class of ours. */
static const struct class_default {
    const char *name;
    uint8_t allow;
    double length_m, width_m, min_gap_m, max_speed_mps, accel_mps2, decel_mps2, emergency_mps2, deviation;
} class_defaults[] = {
    {"passenger", JW_ALLOW_CAR, 5, 1.8, 2.5, 55.556, 2.6, 4.5, 9, 0.1},
    {"private", JW_ALLOW_CAR, 5, 1.8, 2.5, 55.556, 2.6, 4.5, 9, 0.1},
    {"taxi", JW_ALLOW_CAR, 5, 1.8, 2.5, 55.556, 2.6, 4.5, 9, 0.05},
    {"hov", JW_ALLOW_CAR, 5, 1.8, 2.5, 55.556, 2.6, 4.5, 9, 0.1},
    {"evehicle", JW_ALLOW_CAR, 5, 1.8, 2.5, 55.556, 2.6, 4.5, 9, 0.1},
    {"army", JW_ALLOW_CAR, 5, 1.8, 2.5, 55.556, 2.6, 4.5, 9, 0},
    {"vip", JW_ALLOW_CAR, 5, 1.8, 2.5, 55.556, 2.6, 4.5, 9, 0.1},
    {"authority", JW_ALLOW_EMERGENCY, 5, 1.8, 2.5, 55.556, 2.6, 4.5, 9, 0},
    {"custom1", JW_ALLOW_CAR, 5, 1.8, 2.5, 55.556, 2.6, 4.5, 9, 0.1},
    {"custom2", JW_ALLOW_CAR, 5, 1.8, 2.5, 55.556, 2.6, 4.5, 9, 0.1},
    {"motorcycle", JW_ALLOW_CAR, 2.2, 0.9, 2.5, 55.556, 6, 10, 10, 0.1},
    {"moped", JW_ALLOW_EBIKE, 2.1, 0.78, 2.5, 16.667, 1.1, 7, 10, 0.1},
    {"bicycle", JW_ALLOW_BICYCLE, 1.6, 0.65, 0.5, 13.889, 1.2, 3, 7, 0.1},
    {"pedestrian", JW_ALLOW_PEDESTRIAN, 0.215, 0.478, 0.25, 10.439, 1.5, 2, 5, 0.1},
    {"truck", JW_ALLOW_TRUCK, 7.1, 2.4, 2.5, 36.111, 1.3, 4, 7, 0.05},
    {"trailer", JW_ALLOW_TRUCK, 16.5, 2.55, 2.5, 36.111, 1.1, 4, 7, 0.05},
    {"delivery", JW_ALLOW_TRUCK, 6.5, 2.16, 2.5, 55.556, 2.6, 4.5, 9, 0.05},
    {"bus", JW_ALLOW_BUS, 12, 2.5, 2.5, 27.778, 1.2, 4, 7, 0},
    {"coach", JW_ALLOW_BUS, 14, 2.6, 2.5, 27.778, 2, 4, 7, 0.05},
    {"emergency", JW_ALLOW_EMERGENCY, 6.5, 2.16, 2.5, 55.556, 2.6, 4.5, 9, 0},
};

static jw_sumo_type type_of_class(const struct class_default *c)
{
    return (jw_sumo_type){.allow = c->allow,
                          .model = JW_SUMO_KRAUSS,
                          .length_m = c->length_m,
                          .width_m = c->width_m,
                          .min_gap_m = c->min_gap_m,
                          .max_speed_mps = c->max_speed_mps,
                          .accel_mps2 = c->accel_mps2,
                          .decel_mps2 = c->decel_mps2,
                          .emergency_decel_mps2 = c->emergency_mps2,
                          .sigma = 0.5,
                          .tau_s = 1,
                          .delta = 4,
                          .speed_factor_mean = 1,
                          .speed_factor_sd = c->deviation,
                          .speed_factor_min = 0.2,
                          .speed_factor_max = 2,
                          .probability = 1};
}

jw_sumo_type jw_sumo_default_type(void)
{
    return type_of_class(&class_defaults[0]);
}

static jw_result read_class(const jw_sumo_reader *r, jw_sumo_type *out)
{
    const char *name = jw_sumo_attribute(r, "vClass");
    *out = jw_sumo_default_type();
    if (!name)
        return JW_OK;
    for (uint32_t i = 0; i < JW_COUNT_OF(class_defaults); i++)
        if (strcmp(class_defaults[i].name, name) == 0) {
            *out = type_of_class(&class_defaults[i]);
            out->is_electric = strcmp(name, "evehicle") == 0;
            return JW_OK;
        }
    out->allow = 0;
    return jw_sumo_note_missing(r->missing, r->error, "vehicle class %.40s", name);
}

static jw_result read_model(const jw_sumo_reader *r, jw_sumo_model *out)
{
    static const struct {
        const char *name;
        jw_sumo_model model;
        bool is_same;
    } models[] = {{"Krauss", JW_SUMO_KRAUSS, true}, {"KraussOrig1", JW_SUMO_KRAUSS, false},
                  {"IDM", JW_SUMO_IDM, true},       {"IDMM", JW_SUMO_IDM, false},
                  {"EIDM", JW_SUMO_IDM, false},     {"ACC", JW_SUMO_ACC, true},
                  {"CACC", JW_SUMO_ACC, false}};
    static const char *const used[] = {"Krauss", "IDM", "ACC"};
    const char *name = jw_sumo_attribute(r, "carFollowModel");
    *out = JW_SUMO_KRAUSS;
    if (!name)
        return JW_OK;
    const char *bare = strncmp(name, "carFollowing-", 13) == 0 ? name + 13 : name;
    for (uint32_t i = 0; i < JW_COUNT_OF(models); i++)
        if (strcmp(models[i].name, bare) == 0) {
            *out = models[i].model;
            if (models[i].is_same)
                return JW_OK;
        }
    return jw_sumo_note_missing(r->missing, r->error, "carFollowModel %.30s: %s instead", bare, used[*out]);
}

/* "1.1", "norm(1.1, 0.2)" or "normc(1.1, 0.2, 0.5, 2)". */
static bool read_speed_factor(const jw_sumo_reader *r, jw_sumo_type *type)
{
    const char *text = jw_sumo_attribute(r, "speedFactor");
    double numbers[4];
    uint32_t count = 0;
    if (!text || jw_text_to_number(text, &type->speed_factor_mean))
        return !text || type->speed_factor_mean > 0;
    const char *at = strncmp(text, "normc(", 6) == 0  ? text + 6
                     : strncmp(text, "norm(", 5) == 0 ? text + 5
                                                      : NULL;
    while (at && *at && *at != ')' && count < JW_COUNT_OF(numbers)) {
        char number[32];
        at += strspn(at, " ");
        size_t size = strcspn(at, ", )");
        if (size >= sizeof number)
            break;
        memcpy(number, at, size);
        number[size] = '\0';
        if (!jw_text_to_number(number, &numbers[count++]))
            break;
        at += size;
        at += strspn(at, ", ");
    }
    bool is_fine = at && at[0] == ')' && at[1] == '\0' && count >= 2 && numbers[0] > 0 && numbers[1] >= 0;
    if (!is_fine) {
        jw_sumo_problem(r, "speedFactor=\"%.60s\" is no number and no normc(mean,deviation,least,most)",
                        text);
        return false;
    }
    type->speed_factor_mean = numbers[0];
    type->speed_factor_sd = numbers[1];
    type->speed_factor_min = count > 2 ? numbers[2] : -1e9;
    type->speed_factor_max = count > 3 ? numbers[3] : 1e9;
    return true;
}

static bool read_type_numbers(const jw_sumo_reader *r, jw_sumo_type *t)
{
    double desired_mps;
    bool is_fine = jw_sumo_number(r, "length", 0.1, 100, t->length_m, &t->length_m) &&
                   jw_sumo_number(r, "width", 0.1, 10, t->width_m, &t->width_m) &&
                   jw_sumo_number(r, "minGap", 0, 100, t->min_gap_m, &t->min_gap_m) &&
                   jw_sumo_number(r, "maxSpeed", 0.1, 1000, t->max_speed_mps, &t->max_speed_mps) &&
                   jw_sumo_number(r, "desiredMaxSpeed", 0.1, 1e9, 1e9, &desired_mps) &&
                   jw_sumo_number(r, "accel", 0.01, 100, t->accel_mps2, &t->accel_mps2) &&
                   jw_sumo_number(r, "decel", 0.01, 100, t->decel_mps2, &t->decel_mps2) &&
                   jw_sumo_number(r, "emergencyDecel", 0.01, 100,
                                  jw_max(t->emergency_decel_mps2, t->decel_mps2), &t->emergency_decel_mps2) &&
                   jw_sumo_number(r, "sigma", 0, 1, t->sigma, &t->sigma) &&
                   jw_sumo_number(r, "tau", 0.01, 100, t->tau_s, &t->tau_s) &&
                   jw_sumo_number(r, "delta", 0.1, 100, t->delta, &t->delta) &&
                   jw_sumo_number(r, "mass", 1, 1e6, 0, &t->mass_kg) &&
                   jw_sumo_number(r, "probability", 0, 1e9, t->probability, &t->probability) &&
                   read_speed_factor(r, t) &&
                   jw_sumo_number(r, "speedDev", 0, 10, t->speed_factor_sd, &t->speed_factor_sd);
    t->max_speed_mps = jw_min(t->max_speed_mps, desired_mps);
    t->emergency_decel_mps2 = jw_max(t->emergency_decel_mps2, t->decel_mps2);
    return is_fine;
}

jw_result jw_sumo_read_type(jw_sumo_demand_reader *d)
{
    static const char *const known[] = {
        "id",       "vClass",         "length",         "width",          "height",
        "minGap",   "maxSpeed",       "accel",          "decel",          "sigma",
        "tau",      "delta",          "mass",           "emergencyDecel", "color",
        "guiShape", "imgFile",        "osgFile",        "probability",    "speedFactor",
        "speedDev", "carFollowModel", "desiredMaxSpeed"};
    jw_sumo_demand *demand = d->demand;
    jw_sumo_type type;
    jw_result result = JW_SUMO_ROOM(demand, types, type_count, 1, d->r.error);
    if (result == JW_OK)
        result = read_class(&d->r, &type);
    if (result == JW_OK)
        result = read_model(&d->r, &type.model);
    if (result == JW_OK)
        result = jw_sumo_note_others(&d->r, "vType", known, JW_COUNT_OF(known));
    if (result != JW_OK || !read_type_numbers(&d->r, &type))
        return result;
    result = jw_sumo_add_id(&d->r, demand, JW_SUMO_KIND_TYPE, demand->type_count, &type.id);
    if (result != JW_OK || type.id == 0)
        return result;
    uint32_t number = demand->type_count++;
    demand->types[number] = type;
    if (d->type_distribution == JW_NONE)
        return JW_OK;
    result = JW_SUMO_ROOM(demand, members, member_count, 1, d->r.error);
    if (result != JW_OK)
        return result;
    demand->members[demand->member_count++] = number;
    demand->type_distributions[d->type_distribution].member_count++;
    return JW_OK;
}

/* The members that a distribution lists by their ids; jw_sumo_kind of them. */
static jw_result list_members(jw_sumo_demand_reader *d, const char *text, jw_sumo_kind kind,
                              uint32_t *out_count)
{
    jw_sumo_demand *demand = d->demand;
    while (text && *text) {
        char id[256];
        text += strspn(text, " \t\r\n");
        size_t size = strcspn(text, " \t\r\n");
        if (size == 0)
            break;
        uint32_t number, index = JW_NONE;
        if (size < sizeof id) {
            memcpy(id, text, size);
            id[size] = '\0';
            jw_result result = jw_sumo_add_text(demand, id, &number, d->r.error);
            if (result == JW_OK)
                result = JW_SUMO_ROOM(demand, members, member_count, 1, d->r.error);
            if (result != JW_OK)
                return result;
            index = kind == JW_SUMO_KIND_TYPE ? jw_sumo_find_type(demand, number)
                                              : jw_sumo_find_route(demand, number);
        }
        text += size;
        if (index == JW_NONE) {
            jw_sumo_problem(&d->r, "a member that is not there: left out");
            continue;
        }
        demand->members[demand->member_count++] = index;
        ++*out_count;
    }
    return JW_OK;
}

jw_result jw_sumo_begin_type_distribution(jw_sumo_demand_reader *d)
{
    jw_sumo_demand *demand = d->demand;
    jw_sumo_type_distribution distribution = {.first_member = demand->member_count};
    jw_result result = JW_SUMO_ROOM(demand, type_distributions, type_distribution_count, 1, d->r.error);
    if (result == JW_OK)
        result = jw_sumo_add_id(&d->r, demand, JW_SUMO_KIND_TYPES, demand->type_distribution_count,
                                &distribution.id);
    if (result != JW_OK || distribution.id == 0)
        return result;
    result =
        list_members(d, jw_sumo_attribute(&d->r, "vTypes"), JW_SUMO_KIND_TYPE, &distribution.member_count);
    if (result == JW_OK && jw_sumo_attribute(&d->r, "probabilities"))
        result = jw_sumo_note_missing(d->r.missing, d->r.error, "distribution attribute probabilities");
    d->type_distribution = demand->type_distribution_count;
    demand->type_distributions[demand->type_distribution_count++] = distribution;
    return result;
}

/* ---- routes ------------------------------------------------------------------------------------------ */

/* Ids of edges, separated by blanks, to the end of route_edges. */
static jw_result read_edges(jw_sumo_demand_reader *d, const char *text, uint32_t *out_first,
                            uint32_t *out_count)
{
    jw_sumo_demand *demand = d->demand;
    *out_first = demand->route_edge_count;
    *out_count = 0;
    while (text && *text) {
        char id[512];
        text += strspn(text, " \t\r\n,");
        size_t size = strcspn(text, " \t\r\n,");
        if (size == 0)
            break;
        if (size >= sizeof id || demand->route_edge_count >= JW_NONE - 1) {
            jw_sumo_problem(&d->r, "an edge's id of more than %zu bytes, or too many edges", sizeof id - 1);
            break;
        }
        memcpy(id, text, size);
        id[size] = '\0';
        text += size;
        jw_result result = JW_SUMO_ROOM(demand, route_edges, route_edge_count, 1, d->r.error);
        if (result == JW_OK)
            result = jw_sumo_add_text(demand, id, &demand->route_edges[demand->route_edge_count], d->r.error);
        if (result != JW_OK)
            return result;
        demand->route_edge_count++;
        ++*out_count;
    }
    return JW_OK;
}

/* repeat="n": the edges again and again. */
static jw_result repeat_edges(jw_sumo_demand_reader *d, jw_sumo_route *route)
{
    double times;
    uint32_t once = route->edge_count;
    if (!jw_sumo_number(&d->r, "repeat", 0, 1000, 0, &times))
        return JW_OK;
    jw_result result =
        JW_SUMO_ROOM(d->demand, route_edges, route_edge_count, (uint64_t)once * (uint64_t)times, d->r.error);
    for (double i = 0; i < times && result == JW_OK; i++) {
        memcpy(d->demand->route_edges + d->demand->route_edge_count,
               d->demand->route_edges + route->first_edge, once * sizeof(uint32_t));
        d->demand->route_edge_count += once;
        route->edge_count += once;
    }
    return result;
}

jw_result jw_sumo_read_route(jw_sumo_demand_reader *d, bool is_of_vehicle)
{
    static const char *const known[] = {"id",        "edges", "color",   "probability", "repeat",
                                        "exitTimes", "cost",  "savings", "routeLength"};
    jw_sumo_demand *demand = d->demand;
    jw_sumo_route route = {.first_stop = demand->stop_count};
    d->route = JW_NONE;
    jw_result result = JW_SUMO_ROOM(demand, routes, route_count, 1, d->r.error);
    if (result == JW_OK)
        result = read_edges(d, jw_sumo_attribute(&d->r, "edges"), &route.first_edge, &route.edge_count);
    if (result == JW_OK)
        result = repeat_edges(d, &route);
    if (result == JW_OK)
        result = jw_sumo_note_others(&d->r, "route", known, JW_COUNT_OF(known));
    if (result != JW_OK || !jw_sumo_number(&d->r, "probability", 0, 1e9, 1, &route.probability))
        return result;
    if (route.edge_count == 0) {
        if (!jw_sumo_attribute(&d->r, "refId")) /* member of a distribution by reference: noted above */
            jw_sumo_problem(&d->r, "a route without edges: left out");
        return JW_OK;
    }
    if (!is_of_vehicle && (d->route_distribution == JW_NONE || jw_sumo_attribute(&d->r, "id"))) {
        result = jw_sumo_add_id(&d->r, demand, JW_SUMO_KIND_ROUTE, demand->route_count, &route.id);
        if (result != JW_OK || route.id == 0)
            return result;
    }
    uint32_t number = demand->route_count++;
    demand->routes[number] = route;
    if (is_of_vehicle) {
        demand->vehicles[d->vehicle].own_route = number;
        return JW_OK;
    }
    d->route = d->route_distribution == JW_NONE ? number : JW_NONE;
    if (d->route_distribution == JW_NONE)
        return JW_OK;
    result = JW_SUMO_ROOM(demand, members, member_count, 1, d->r.error);
    if (result != JW_OK)
        return result;
    demand->members[demand->member_count++] = number;
    demand->route_distributions[d->route_distribution].member_count++;
    return JW_OK;
}

jw_result jw_sumo_begin_route_distribution(jw_sumo_demand_reader *d)
{
    jw_sumo_demand *demand = d->demand;
    jw_sumo_route_distribution distribution = {.first_member = demand->member_count};
    jw_result result = JW_SUMO_ROOM(demand, route_distributions, route_distribution_count, 1, d->r.error);
    if (result == JW_OK)
        result = jw_sumo_add_id(&d->r, demand, JW_SUMO_KIND_ROUTES, demand->route_distribution_count,
                                &distribution.id);
    if (result != JW_OK || distribution.id == 0)
        return result;
    result =
        list_members(d, jw_sumo_attribute(&d->r, "routes"), JW_SUMO_KIND_ROUTE, &distribution.member_count);
    if (result == JW_OK && jw_sumo_attribute(&d->r, "probabilities"))
        result = jw_sumo_note_missing(d->r.missing, d->r.error, "distribution attribute probabilities");
    d->route_distribution = demand->route_distribution_count;
    demand->route_distributions[demand->route_distribution_count++] = distribution;
    return result;
}

/* ---- vehicles ---------------------------------------------------------------------------------------- */

/* Index of the attribute's text in a list of words; `words` when it is none of them (or absent: 0). */
static uint32_t word_of(const char *text, const char *const *list, uint32_t words)
{
    uint32_t i = 0;
    while (text && i < words && strcmp(text, list[i]) != 0)
        i++;
    return text ? i : 0;
}

static bool read_departure(const jw_sumo_reader *r, jw_sumo_vehicle *v)
{
    static const char *const lanes[] = {"first", "random", "free", "allowed", "best"};
    static const char *const positions[] = {"base", "random", "free", "last"};
    static const char *const speeds[] = {"0", "random", "max", "desired", "speedLimit", "last", "avg"};
    const char *lane = jw_sumo_attribute(r, "departLane"), *position = jw_sumo_attribute(r, "departPos"),
               *speed = jw_sumo_attribute(r, "departSpeed");
    double number;
    v->depart_lane = (uint8_t)word_of(lane, lanes, JW_COUNT_OF(lanes));
    if (v->depart_lane == JW_SUMO_LANE_NUMBER) {
        if (!jw_sumo_number(r, "departLane", 0, JW_SUMO_LANES_MAX, 0, &number))
            return false;
        v->depart_lane_index = (uint32_t)number;
    }
    if (position && strcmp(position, "random_free") == 0)
        position = "free";
    v->depart_pos = (uint8_t)word_of(position, positions, JW_COUNT_OF(positions));
    if (v->depart_pos == JW_SUMO_POS_NUMBER &&
        !jw_sumo_number(r, "departPos", -PLACE_MAX_M, PLACE_MAX_M, 0, &v->depart_pos_m))
        return false;
    v->depart_speed = (uint8_t)word_of(speed, speeds, JW_COUNT_OF(speeds));
    if (v->depart_speed == JW_COUNT_OF(speeds))
        v->depart_speed = JW_SUMO_SPEED_NUMBER;
    return v->depart_speed != JW_SUMO_SPEED_NUMBER ||
           jw_sumo_number(r, "departSpeed", 0, 1000, 0, &v->depart_speed_mps);
}

static jw_result read_arrival(const jw_sumo_reader *r, jw_sumo_vehicle *v, bool *out_is_fine)
{
    static const char *const others[] = {"arrivalLane", "arrivalSpeed"};
    const char *position = jw_sumo_attribute(r, "arrivalPos");
    jw_result result = JW_OK;
    v->arrival_pos_m = JW_SUMO_TO_END;
    if (position && strcmp(position, "random") == 0)
        result = jw_sumo_note_missing(r->missing, r->error, "arrivalPos random: the edge's end");
    else if (position && strcmp(position, "max") != 0)
        *out_is_fine = jw_sumo_number(r, "arrivalPos", -PLACE_MAX_M, PLACE_MAX_M, 0, &v->arrival_pos_m);
    for (uint32_t i = 0; i < JW_COUNT_OF(others) && result == JW_OK; i++) {
        const char *text = jw_sumo_attribute(r, others[i]);
        if (text && strcmp(text, "current") != 0)
            result = jw_sumo_note_missing(r->missing, r->error, "vehicle attribute %s", others[i]);
    }
    return result;
}

/* How a flow is spread over its time. */
static bool read_flow(const jw_sumo_reader *r, jw_sumo_vehicle *v)
{
    double number, hourly;
    const char *period = jw_sumo_attribute(r, "period");
    bool is_fine = jw_sumo_time(r, "begin", 0, &v->depart_s) &&
                   jw_sumo_time(r, "end", TIME_MAX_S, &v->end_s) &&
                   jw_sumo_number(r, "number", 0, 1e9, -1, &number) &&
                   jw_sumo_number(r, "probability", 0, 1, 0, &v->probability) &&
                   jw_sumo_number(r, "vehsPerHour", 0, 3600 / PERIOD_MIN_S, 0, &hourly) &&
                   jw_sumo_number(r, "perHour", 0, 3600 / PERIOD_MIN_S, hourly, &hourly);
    if (!is_fine)
        return false;
    v->count = number >= 0 ? (uint32_t)number : JW_NONE;
    if (period && strncmp(period, "exp(", 4) == 0) {
        char rate[32];
        size_t size = strcspn(period + 4, ")");
        double value = 0;
        jw_text_copy(rate, size + 1 < sizeof rate ? size + 1 : sizeof rate, period + 4);
        is_fine = jw_text_to_number(rate, &value) && value > 0 && value <= 1 / PERIOD_MIN_S;
        if (!is_fine)
            jw_sumo_problem(r, "period=\"%.40s\": exp(departures a second) is needed", period);
        v->period_s = is_fine ? 1 / value : 0;
        v->is_poisson = true;
    } else if (period) {
        is_fine = jw_sumo_time(r, "period", 0, &v->period_s);
        if (is_fine && v->period_s < PERIOD_MIN_S) {
            jw_sumo_problem(r, "period=\"%.40s\": at least %g s are needed", period, PERIOD_MIN_S);
            is_fine = false;
        }
    } else if (hourly > 0) {
        v->period_s = 3600 / hourly;
    }
    if (is_fine && v->end_s < v->depart_s) {
        jw_sumo_problem(r, "its end is before its begin");
        return false;
    }
    if (is_fine && v->period_s == 0 && v->probability == 0) {
        if (v->count == JW_NONE || v->end_s >= TIME_MAX_S) {
            jw_sumo_problem(r, "a flow needs a period, vehsPerHour, probability, or number and end");
            return false;
        }
        v->period_s = v->count ? (v->end_s - v->depart_s) / v->count : 0;
    }
    if (is_fine && v->end_s >= TIME_MAX_S && v->count == JW_NONE) {
        jw_sumo_problem(r, "a flow without end and without number would never end");
        return false;
    }
    return is_fine;
}

static jw_result read_way(jw_sumo_demand_reader *d, jw_sumo_vehicle *v, bool *out_is_fine)
{
    static const char *const unknown[] = {"fromJunction", "toJunction", "fromXY",
                                          "toXY",         "fromLonLat", "toLonLat"};
    for (uint32_t i = 0; i < JW_COUNT_OF(unknown); i++)
        if (jw_sumo_attribute(&d->r, unknown[i])) {
            *out_is_fine = false;
            return jw_sumo_note_missing(d->r.missing, d->r.error, "trip %s: left out", unknown[i]);
        }
    jw_result result = jw_sumo_add_attribute(&d->r, d->demand, "route", &v->route);
    if (result == JW_OK)
        result = jw_sumo_add_attribute(&d->r, d->demand, "from", &v->from);
    if (result == JW_OK)
        result = jw_sumo_add_attribute(&d->r, d->demand, "to", &v->to);
    if (result == JW_OK)
        result = jw_sumo_add_attribute(&d->r, d->demand, "fromTaz", &v->from_zone);
    if (result == JW_OK)
        result = jw_sumo_add_attribute(&d->r, d->demand, "toTaz", &v->to_zone);
    if (result == JW_OK)
        result = read_edges(d, jw_sumo_attribute(&d->r, "via"), &v->first_via, &v->via_count);
    return result;
}

static jw_result read_depart(jw_sumo_demand_reader *d, jw_sumo_vehicle *v, bool *out_is_fine)
{
    const char *depart = jw_sumo_attribute(&d->r, "depart");
    v->count = 1;
    if (!depart) {
        jw_sumo_problem(&d->r, "it has no depart: left out");
        *out_is_fine = false;
    } else if (strcmp(depart, "triggered") == 0 || strcmp(depart, "containerTriggered") == 0 ||
               strcmp(depart, "split") == 0 || strcmp(depart, "begin") == 0 || strcmp(depart, "now") == 0) {
        *out_is_fine = false;
        return jw_sumo_note_missing(d->r.missing, d->r.error, "depart %.20s: left out", depart);
    } else {
        *out_is_fine = jw_sumo_time(&d->r, "depart", 0, &v->depart_s);
    }
    return JW_OK;
}

jw_result jw_sumo_begin_vehicle(jw_sumo_demand_reader *d, bool is_flow)
{
    static const char *const known[] = {
        "id",           "type",       "route",       "depart",     "departLane",  "departPos",
        "departSpeed",  "from",       "to",          "via",        "begin",       "end",
        "number",       "period",     "vehsPerHour", "perHour",    "color",       "line",
        "probability",  "fromTaz",    "toTaz",       "arrivalPos", "arrivalLane", "arrivalSpeed",
        "fromJunction", "toJunction", "fromXY",      "toXY",       "fromLonLat",  "toLonLat"};
    jw_sumo_demand *demand = d->demand;
    jw_sumo_vehicle v = {
        .own_route = JW_NONE, .first_stop = demand->stop_count, .line = jw_xml_line(d->r.xml)};
    bool is_fine = true;
    jw_result result = JW_SUMO_ROOM(demand, vehicles, vehicle_count, 1, d->r.error);
    if (result == JW_OK)
        result = jw_sumo_note_others(&d->r, is_flow ? "flow" : "vehicle", known, JW_COUNT_OF(known));
    if (result == JW_OK && !is_flow)
        result = read_depart(d, &v, &is_fine);
    if (result == JW_OK && is_fine && is_flow)
        is_fine = read_flow(&d->r, &v);
    if (result == JW_OK && is_fine)
        result = read_arrival(&d->r, &v, &is_fine);
    if (result == JW_OK && is_fine)
        result = read_way(d, &v, &is_fine);
    if (result != JW_OK || !is_fine || !read_departure(&d->r, &v))
        return result;
    if (v.depart_s < d->last_depart_s)
        jw_problems_add(d->r.problems, JW_WARNING, d->r.name, v.line, d->r.element,
                        "departures are not in the order of time: sorted");
    d->last_depart_s = jw_max(d->last_depart_s, v.depart_s);
    result = jw_sumo_add_attribute(&d->r, demand, "type", &v.type);
    if (result == JW_OK)
        result = jw_sumo_add_source(d, &v.source);
    if (result == JW_OK)
        result = jw_sumo_add_id(&d->r, demand, JW_SUMO_KIND_VEHICLE, demand->vehicle_count, &v.id);
    if (result != JW_OK || v.id == 0)
        return result;
    d->vehicle = demand->vehicle_count++;
    demand->vehicles[d->vehicle] = v;
    return JW_OK;
}

/* ---- stops ------------------------------------------------------------------------------------------- */

jw_result jw_sumo_read_stop(jw_sumo_demand_reader *d)
{
    static const char *const known[] = {"lane",     "edge",  "busStop",     "startPos", "endPos",
                                        "duration", "until", "friendlyPos", "index",    "parking"};
    static const char *const places[] = {"trainStop", "containerStop", "chargingStation", "parkingArea"};
    jw_sumo_demand *demand = d->demand;
    const char *parking = jw_sumo_attribute(&d->r, "parking");
    jw_sumo_stop stop = {.is_parking =
                             parking && (strcmp(parking, "true") == 0 || strcmp(parking, "1") == 0)};
    for (uint32_t i = 0; i < JW_COUNT_OF(places); i++)
        if (jw_sumo_attribute(&d->r, places[i]))
            return jw_sumo_note_missing(d->r.missing, d->r.error, "stop at a %s", places[i]);
    jw_result result = jw_sumo_note_others(&d->r, "stop", known, JW_COUNT_OF(known));
    if (result == JW_OK)
        result = JW_SUMO_ROOM(demand, stops, stop_count, 1, d->r.error);
    if (result == JW_OK)
        result = jw_sumo_add_attribute(&d->r, demand, "busStop", &stop.bus_stop);
    if (result == JW_OK)
        result = jw_sumo_add_attribute(&d->r, demand, jw_sumo_attribute(&d->r, "lane") ? "lane" : "edge",
                                       &stop.lane);
    if (result != JW_OK)
        return result;
    bool is_fine =
        jw_sumo_number(&d->r, "startPos", -PLACE_MAX_M, PLACE_MAX_M, -JW_SUMO_TO_END, &stop.begin_m) &&
        jw_sumo_number(&d->r, "endPos", -PLACE_MAX_M, PLACE_MAX_M, JW_SUMO_TO_END, &stop.end_m) &&
        jw_sumo_time(&d->r, "duration", -1, &stop.duration_s) &&
        jw_sumo_time(&d->r, "until", -1, &stop.until_s);
    if (is_fine && stop.lane == 0 && stop.bus_stop == 0) {
        jw_sumo_problem(&d->r, "a stop without lane, edge or busStop: left out");
        is_fine = false;
    }
    if (!is_fine)
        return JW_OK;
    demand->stops[demand->stop_count++] = stop;
    if (d->vehicle != JW_NONE)
        demand->vehicles[d->vehicle].stop_count++;
    else
        demand->routes[d->route].stop_count++;
    return JW_OK;
}
