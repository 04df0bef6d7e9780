/* Incidents: vehicles break down and block their lane; cameras, or somebody with a phone, find out; a crew
 * drives there and clears the road.
 *
 * Breakdowns are a Poisson process in vehicle-kilometres: the way of all motor vehicles together is added up,
 * and whoever drives the metre at which an exponential distance ends breaks down. What stands for the broken
 * vehicle is an incident of traffic on its lane, ahead of it by its braking distance.
 *
 * Each camera takes a picture every look_s. A right answer says what is there, a wrong one the opposite: so
 * many are misses, so many false alarms. A model must say so `confirm` times in a row; a person or the
 * perfect decider once. Crews are sent in the order of the alarms, the nearest free one; to a false alarm,
 * too. Without cameras somebody phones after phone_s. */
#include "twin/twin_internal.h"

#include <string.h>

#define BRAKES_MPS2   4.5
#define DETOUR        1.3  /* of streets over the straight line: unverified */
#define FALSE_ALARM_S 60.0 /* that a crew looks around: unverified */

jw_incident_def jw_default_incident_def(void)
{
    return (jw_incident_def){.per_million_km = 20,
                             .range_m = 150,
                             .look_s = 15,
                             .confirm = 3,
                             .phone_s = 300,
                             .crews = 2,
                             .crew_kmh = 25,
                             .clear_s = 600};
}

bool twin_is_incident_fine(const jw_incident_def *def, jw_error *error)
{
    bool is_fine = def->per_million_km >= 0 && def->per_million_km <= 1e6 && def->range_m >= 0 &&
                   def->range_m <= 2000 && def->look_s >= 1 && def->look_s <= 3600 && def->confirm >= 1 &&
                   def->confirm <= 100 && def->phone_s >= 1 && def->phone_s <= 86400 && def->crews >= 1 &&
                   def->crews <= TWIN_CREWS_MAX && def->crew_kmh >= 1 && def->crew_kmh <= 200 &&
                   def->clear_s >= 1 && def->clear_s <= 86400 && def->x_m >= -1e7 && def->x_m <= 1e7 &&
                   def->y_m >= -1e7 && def->y_m <= 1e7;
    if (!is_fine)
        jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "incidents: 0 to 1e6 for a million km, range_m 0 to 2000, look_s 1 to 3600, confirm 1 to 100, "
            "phone_s and clear_s 1 to 86400, 1 to %d crews of 1 to 200 km/h",
            TWIN_CREWS_MAX);
    return is_fine;
}

static void schedule(jw_world *world, double after_s, uint16_t kind, uint32_t a, uint64_t b)
{
    jw_schedule(world, jw_world_time_ns(world) + jw_ns_from_s(after_s), JW_PRIORITY_NORMAL, JW_TWIN_DECISIONS,
                kind, a, b);
}

static jw_result tell_traffic(jw_world *world, const jw_command *command)
{
    const jw_module *module = jw_world_module(world, JW_TWIN_TRAFFIC);
    for (uint32_t i = 0; i < module->verb_count; i++)
        if (strcmp(module->verbs[i].name, command->verb) == 0)
            return module->verbs[i].apply(world, twin_traffic_of(world), command, NULL);
    return JW_ERROR_NOT_FOUND;
}

static twin_incident *find_incident(twin_incidents *incidents, uint32_t number)
{
    for (uint32_t i = 0; i < incidents->count; i++)
        if (incidents->items[i].number == number)
            return &incidents->items[i];
    return NULL;
}

/* Since when its blocking is counted. */
static int64_t counted_from(const twin_incidents *incidents, const twin_incident *incident)
{
    return incident->begin_ns > incidents->since_ns ? incident->begin_ns : incidents->since_ns;
}

bool twin_is_breakdown(const jw_world *world, uint32_t disturbance)
{
    const twin_incidents *incidents = &twin_decisions_of(world)->incidents;
    for (uint32_t i = incidents->count; i-- > 0;)
        if (incidents->items[i].disturbance == disturbance)
            return true;
    return false;
}

/* ---- crews ------------------------------------------------------------------------------------------------
 */

/* Sends free crews to the alarms in their order. */
static void dispatch(jw_world *world, twin_incidents *incidents)
{
    while (incidents->alarm_count > 0) {
        twin_alarm alarm = incidents->alarms[0];
        uint32_t best = JW_NONE;
        double best_m = 0;
        for (uint32_t i = 0; i < incidents->def.crews; i++) {
            const twin_crew *crew = &incidents->crews[i];
            double way_m = jw_vec2_distance((jw_vec2){crew->x_m, crew->y_m}, (jw_vec2){alarm.x_m, alarm.y_m});
            if (!crew->is_busy && (best == JW_NONE || way_m < best_m)) {
                best = i;
                best_m = way_m;
            }
        }
        if (best == JW_NONE)
            return;
        incidents->crews[best] = (twin_crew){alarm.x_m, alarm.y_m, alarm.incident, alarm.camera, 1};
        schedule(world, DETOUR * best_m / (incidents->def.crew_kmh / 3.6), TWIN_EVENT_CREW_THERE, best, 0);
        memmove(incidents->alarms, incidents->alarms + 1,
                (incidents->alarm_count - 1) * sizeof *incidents->alarms);
        incidents->alarm_count--;
    }
}

/* incident 0: a false alarm of the camera. */
static void raise_alarm(jw_world *world, twin_incidents *incidents, twin_alarm alarm)
{
    if (jw_grow(&incidents->alarms, &incidents->alarm_capacity, incidents->alarm_count + 1ull,
                sizeof *incidents->alarms, NULL) != JW_OK) {
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory for alarms");
        return;
    }
    incidents->alarms[incidents->alarm_count++] = alarm;
    dispatch(world, incidents);
}

static void detect(jw_world *world, twin_incidents *incidents, twin_incident *incident, bool is_by_camera)
{
    if (incident->detected_ns >= 0)
        return;
    incident->detected_ns = jw_world_time_ns(world);
    incident->is_by_camera = is_by_camera;
    raise_alarm(world, incidents,
                (twin_alarm){incident->x_m, incident->y_m, incident->number, incident->camera});
}

static void crew_is_there(jw_world *world, twin_incidents *incidents, uint32_t index)
{
    const twin_crew *crew = &incidents->crews[index];
    double stay_s = FALSE_ALARM_S;
    if (crew->incident)
        stay_s = jw_random_exponential(jw_world_random(world, jw_hash_text(0, "twin.incident.clear")), 0,
                                       crew->incident, incidents->def.clear_s);
    schedule(world, stay_s, TWIN_EVENT_CREW_DONE, index, 0);
}

static void crew_is_done(jw_world *world, twin_incidents *incidents, uint32_t index)
{
    twin_crew *crew = &incidents->crews[index];
    twin_incident *incident = find_incident(incidents, crew->incident);
    if (incident && incident->cleared_ns < 0) {
        jw_command command = jw_command_make("end_disturbance");
        jw_command_number(&command, "number", incident->disturbance);
        (void)tell_traffic(world, &command); /* somebody else may have ended it */
        incident->cleared_ns = jw_world_time_ns(world);
        incidents->cleared++;
        incidents->blocked_ns += incident->cleared_ns - counted_from(incidents, incident);
    } else if (!crew->incident && crew->camera < incidents->watch_count) {
        incidents->watches[crew->camera].is_alarmed = 0;
    }
    crew->is_busy = 0;
    dispatch(world, incidents);
}

/* ---- cameras ----------------------------------------------------------------------------------------------
 */

/* The oldest incident that the camera sees and nobody knows of, or NULL. */
static twin_incident *unknown_before(twin_incidents *incidents, uint32_t camera)
{
    for (uint32_t i = 0; i < incidents->count; i++)
        if (incidents->items[i].camera == camera && incidents->items[i].detected_ns < 0)
            return &incidents->items[i];
    return NULL;
}

static void look(jw_world *world, twin_incidents *incidents, uint32_t camera)
{
    const twin_signals *signals = twin_signals_of(world);
    schedule(world, incidents->def.look_s, TWIN_EVENT_LOOK, camera, 0);
    if (camera >= signals->camera_count || twin_camera_node(world, camera).index1 == 0 ||
        twin_decision_is_with_person(world, JW_DECISION_INCIDENT, camera))
        return;
    jw_net_end from = twin_fixed_end(world, TWIN_FIXED_CAMERA, camera, signals->cameras[camera].node);
    twin_decision_ask(world, JW_DECISION_INCIDENT, JW_SENDER_WATCH, camera,
                      ++incidents->watches[camera].captures, from);
}

jw_judgement twin_incident_answered(jw_world *world, uint64_t camera, uint64_t capture, double right)
{
    twin_decisions *decisions = twin_decisions_of(world);
    twin_incidents *incidents = &decisions->incidents;
    if (camera >= incidents->watch_count || capture <= incidents->watches[camera].decided)
        return JW_JUDGED_NOT;
    twin_watch *watch = &incidents->watches[camera];
    watch->decided = (uint32_t)capture;
    twin_incident *there = unknown_before(incidents, (uint32_t)camera);
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "twin.incident.seen"));
    bool is_right = jw_random_uniform(key, camera, capture) < right, is_alarm = is_right == (there != NULL);
    watch->row = is_alarm ? watch->row + 1 : 0;
    bool is_model = decisions->rules[JW_DECISION_INCIDENT].by == JW_DECIDER_MODEL;
    if (watch->row >= (is_model ? incidents->def.confirm : 1) && !watch->is_alarmed) {
        watch->row = 0;
        if (there) {
            detect(world, incidents, there, true);
        } else {
            const jw_junction *junction =
                &jw_twin_city(world)->junctions[twin_signals_of(world)->cameras[camera].junction];
            incidents->false_alarms++;
            watch->is_alarmed = 1;
            raise_alarm(world, incidents,
                        (twin_alarm){(float)junction->x_m, (float)junction->y_m, 0, (uint32_t)camera});
        }
    }
    return is_right ? JW_JUDGED_RIGHT : JW_JUDGED_WRONG;
}

/* ---- breakdowns -------------------------------------------------------------------------------------------
 */

/* The nearest camera that sees the place, or JW_NONE. */
static uint32_t camera_at(const jw_world *world, const twin_incidents *incidents, double x_m, double y_m)
{
    const twin_signals *signals = twin_signals_of(world);
    uint32_t best = JW_NONE;
    double best_m = incidents->def.range_m;
    for (uint32_t i = 0; i < signals->camera_count && i < incidents->watch_count; i++) {
        const jw_junction *junction = &jw_twin_city(world)->junctions[signals->cameras[i].junction];
        double way_m = jw_vec2_distance((jw_vec2){junction->x_m, junction->y_m}, (jw_vec2){x_m, y_m});
        if (way_m <= best_m && (best == JW_NONE || way_m < best_m)) {
            best = i;
            best_m = way_m;
        }
    }
    return best;
}

static void break_down(jw_world *world, twin_incidents *incidents, const jw_vehicle_columns *v, uint32_t row)
{
    const jw_city *city = jw_twin_city(world);
    jw_vehicle_spot spot;
    if (!jw_traffic_vehicle_spot(twin_traffic_of(world), v->id[row], &spot) || spot.lane == JW_NONE ||
        incidents->count >= TWIN_INCIDENTS_MAX) {
        incidents->passed_over++; /* inside a junction: it rolls on */
        return;
    }
    const jw_lane *lane = &city->lanes[spot.lane];
    double speed_mps = (double)v->speed_mps[row];
    double stop_m = (double)spot.pos_m + speed_mps * speed_mps / (2 * BRAKES_MPS2) + 2;
    jw_command command = jw_command_make("incident");
    jw_command_number(&command, "edge", lane->edge);
    jw_command_number(&command, "lane", lane->index);
    jw_command_number(&command, "position_m", jw_min(stop_m, lane->length_m - 0.1));
    jw_command_number(&command, "duration_s", 86400);
    if (tell_traffic(world, &command) != JW_OK ||
        jw_grow(&incidents->items, &incidents->capacity, incidents->count + 1ull, sizeof *incidents->items,
                NULL) != JW_OK) {
        incidents->passed_over++; /* there is one on this lane already */
        return;
    }
    const jw_disturbance *all;
    uint32_t under_way = jw_traffic_disturbances(twin_traffic_of(world), &all);
    twin_incident incident = {.number = ++incidents->numbers,
                              .edge = lane->edge,
                              .lane = lane->index,
                              .disturbance = all[under_way - 1].number,
                              .begin_ns = jw_world_time_ns(world),
                              .detected_ns = -1,
                              .cleared_ns = -1,
                              .x_m = v->x_m[row],
                              .y_m = v->y_m[row]};
    incident.camera = camera_at(world, incidents, (double)incident.x_m, (double)incident.y_m);
    incidents->items[incidents->count++] = incident;
    twin_diary_broke_down(world, &all[under_way - 1]);
    schedule(world, incidents->def.phone_s, TWIN_EVENT_PHONE, incident.number, 0);
}

static void draw_distance(jw_world *world, twin_incidents *incidents)
{
    incidents->left_m +=
        jw_random_exponential(jw_world_random(world, jw_hash_text(0, "twin.incident.distance")), 0,
                              incidents->draws++, 1e9 / incidents->def.per_million_km);
}

void twin_incidents_step(jw_world *world, twin_incidents *incidents)
{
    if (!incidents->def.is_on || incidents->def.per_million_km <= 0)
        return;
    jw_vehicle_columns v = jw_traffic_vehicles(twin_traffic_of(world));
    double dt_s = jw_s_from_ns(jw_world_dt_ns(world));
    for (uint32_t row = 0; row < v.count; row++) {
        bool is_motor = v.vehicle_class[row] != JW_VEHICLE_BICYCLE &&
                        v.vehicle_class[row] != JW_VEHICLE_EBIKE &&
                        v.vehicle_class[row] != JW_VEHICLE_EMERGENCY;
        if (!is_motor)
            continue;
        incidents->left_m -= (double)v.speed_mps[row] * dt_s;
        if (incidents->left_m < 0) {
            draw_distance(world, incidents);
            break_down(world, incidents, &v, row);
            v = jw_traffic_vehicles(twin_traffic_of(world));
        }
    }
}

void twin_incidents_event(jw_world *world, twin_incidents *incidents, const jw_event *event)
{
    twin_incident *incident;
    switch (event->kind) {
    case TWIN_EVENT_LOOK:
        if (event->a < incidents->watch_count)
            look(world, incidents, event->a);
        break;
    case TWIN_EVENT_PHONE:
        incident = find_incident(incidents, event->a);
        if (incident)
            detect(world, incidents, incident, false);
        break;
    case TWIN_EVENT_CREW_THERE:
        if (event->a < incidents->def.crews)
            crew_is_there(world, incidents, event->a);
        break;
    default:
        if (event->a < incidents->def.crews)
            crew_is_done(world, incidents, event->a);
        break;
    }
}

jw_result twin_incidents_init(jw_world *world, twin_incidents *incidents, const jw_twin_def *def,
                              jw_error *error)
{
    incidents->def = def->incidents;
    if (!incidents->def.is_on)
        return JW_OK;
    if (!twin_is_incident_fine(&incidents->def, error))
        return JW_ERROR_INPUT;
    jw_result result = jw_grow(&incidents->watches, &incidents->watch_capacity, def->camera_count,
                               sizeof *incidents->watches, error);
    if (result != JW_OK)
        return result;
    incidents->watch_count = def->camera_count;
    for (uint32_t i = 0; i < incidents->def.crews; i++)
        incidents->crews[i] = (twin_crew){.x_m = (float)incidents->def.x_m, .y_m = (float)incidents->def.y_m};
    for (uint32_t i = 0; i < incidents->watch_count; i++)
        schedule(world, incidents->def.look_s * (i + 1) / (incidents->watch_count + 1.0), TWIN_EVENT_LOOK, i,
                 0);
    if (incidents->def.per_million_km > 0)
        draw_distance(world, incidents);
    return JW_OK;
}

/* Those that are open stay; they are counted from now on. */
void twin_incidents_restart(jw_world *world, twin_incidents *incidents)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < incidents->count; i++)
        if (incidents->items[i].cleared_ns < 0)
            incidents->items[kept++] = incidents->items[i];
    incidents->count = kept;
    incidents->since_ns = jw_world_time_ns(world);
    incidents->cleared = incidents->blocked_ns = 0;
    incidents->false_alarms = incidents->passed_over = 0;
}

double twin_incidents_blocked_min(const jw_world *world, const twin_incidents *incidents)
{
    int64_t ns = incidents->blocked_ns;
    for (uint32_t i = 0; i < incidents->count; i++)
        if (incidents->items[i].cleared_ns < 0)
            ns += jw_world_time_ns(world) - counted_from(incidents, &incidents->items[i]);
    return jw_s_from_ns(ns) / 60;
}
