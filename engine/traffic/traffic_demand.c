/* Demand: how many trips begin in each block in each minute, and where they go.
 *
 * Production-constrained gravity model: the chance that a trip from block o ends in block d is proportional
 * to A_d exp(-beta dist(o, d)) (Ortuzar, Willumsen, Modelling Transport, ch. 5). People go from homes to
 * jobs, from jobs to homes, or for other reasons between either; A is the jobs, the people, or half of each.
 * The number in a minute is Poisson about its mean. All draws are functions of (seed, block, minute): the
 * same whatever else happens.
 *
 * The shares of a day's trips by hour and of their purposes follow the usual double peak of a weekday; they
 * are round figures in the manner of household travel surveys, unverified, as are 0.9 vehicle trips a person
 * and day and beta = 0.25 a km. Bicycles and e-bikes travel shorter: their beta is 3 and 2 times as large. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define INTERVAL_NS (60 * JW_NS_PER_S)
#define TRIES       48 /* draws of a destination before the nearest of them is taken */

static const double hour_share[24] = {0.006, 0.004, 0.003, 0.003, 0.006, 0.018, 0.045, 0.085,
                                      0.080, 0.055, 0.048, 0.050, 0.055, 0.050, 0.050, 0.055,
                                      0.068, 0.088, 0.080, 0.058, 0.040, 0.028, 0.016, 0.009};
/* Of the trips of an hour: from home to work; from work to home. The rest is other. */
static const double to_work[24] = {0.10, 0.10, 0.10, 0.20, 0.50, 0.70, 0.75, 0.70, 0.55, 0.30, 0.20, 0.15,
                                   0.15, 0.20, 0.15, 0.10, 0.08, 0.06, 0.05, 0.05, 0.05, 0.08, 0.10, 0.10};
static const double to_home[24] = {0.40, 0.40, 0.30, 0.20, 0.10, 0.05, 0.04, 0.05, 0.06, 0.10, 0.15, 0.25,
                                   0.25, 0.20, 0.25, 0.35, 0.50, 0.60, 0.60, 0.55, 0.50, 0.50, 0.50, 0.45};

enum { PEOPLE, JOBS };

/* ---- set-up ----------------------------------------------------------------------------------------------
 */

void jw_traffic_demand_free(jw_demand *d)
{
    jw_free(d->sum[PEOPLE]);
    jw_free(d->sum[JOBS]);
    jw_free(d->component);
    jw_free(d->gate_in);
    jw_free(d->gate_out);
    jw_demand_data_free(&d->data);
    memset(d, 0, sizeof *d);
}

static void find_gates(jw_traffic *t)
{
    const jw_city *city = t->city;
    for (uint32_t g = 0; g < city->place_count; g++) {
        uint32_t in, out;
        if (city->places[g].kind != JW_PLACE_GATE)
            continue;
        jw_demand_gate_edges(city, &city->places[g], &in, &out);
        if (in != JW_NONE)
            t->demand.gate_in[t->demand.gate_in_count++] = in;
        if (out != JW_NONE)
            t->demand.gate_out[t->demand.gate_out_count++] = out;
    }
}

jw_result jw_traffic_demand_init(jw_world *world, jw_traffic *t, jw_error *error)
{
    jw_demand *d = &t->demand;
    const jw_city *city = t->city;
    d->block_count = city->block_count;
    d->sum[PEOPLE] = jw_alloc((d->block_count + 1) * sizeof(double));
    d->sum[JOBS] = jw_alloc((d->block_count + 1) * sizeof(double));
    d->component = jw_alloc((city->edge_count + 1) * sizeof(uint32_t));
    d->gate_in = jw_alloc((city->place_count + 1) * sizeof(uint32_t));
    d->gate_out = jw_alloc((city->place_count + 1) * sizeof(uint32_t));
    if (!d->sum[PEOPLE] || !d->sum[JOBS] || !d->component || !d->gate_in || !d->gate_out)
        return jw_fail_memory(error);
    jw_result result = jw_city_components(city, d->component, error);
    if (result)
        return result;
    for (uint32_t b = 0; b < d->block_count; b++) {
        d->sum[PEOPLE][b + 1] = d->sum[PEOPLE][b] + city->blocks[b].population;
        d->sum[JOBS][b + 1] = d->sum[JOBS][b] + city->blocks[b].jobs;
    }
    /* A city where nobody works sends its people to one another, and the other way round. */
    for (uint32_t k = 0; k < 2; k++)
        if (d->sum[k][d->block_count] <= 0)
            memcpy(d->sum[k], d->sum[1 - k], (d->block_count + 1) * sizeof(double));
    find_gates(t);
    d->factor = t->def.demand.factor;
    d->next_ns = jw_world_time_ns(world);
    static const jw_demand_data none;
    return jw_demand_take_data(t, t->def.demand_data ? t->def.demand_data : &none, error);
}

/* ---- drawing ---------------------------------------------------------------------------------------------
 */

/* Inversion by multiplication (Knuth); beyond a mean of 30 the rounded normal. */
uint32_t jw_demand_roll_poisson(jw_dice *d, double mean)
{
    if (mean > 30) {
        double value = mean + jw_sqrt(mean) * jw_random_normal(d->key, d->entity, d->counter);
        d->counter += 2;
        return value > 0 ? (uint32_t)jw_round(value) : 0;
    }
    double limit = jw_exp(-mean), product = jw_roll(d);
    uint32_t count = 0;
    while (product > limit) {
        product *= jw_roll(d);
        count++;
    }
    return count;
}

static uint32_t roll_from_sum(jw_dice *d, const jw_demand *demand, const double *sum)
{
    double at = jw_roll(d) * sum[demand->block_count];
    uint32_t low = 0, high = demand->block_count - 1;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (sum[middle + 1] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

jw_vehicle_class jw_demand_roll_class(jw_dice *d, const jw_demand_def *def)
{
    double at = jw_roll(d);
    if ((at -= def->truck_share) < 0)
        return JW_VEHICLE_TRUCK;
    if ((at -= def->shuttle_share) < 0)
        return JW_VEHICLE_SHUTTLE;
    if ((at -= def->ebike_share) < 0)
        return JW_VEHICLE_EBIKE;
    if ((at -= def->bicycle_share) < 0)
        return JW_VEHICLE_BICYCLE;
    return JW_VEHICLE_CAR;
}

double jw_demand_decay_per_km(const jw_demand_def *def, jw_vehicle_class vehicle_class)
{
    double times = vehicle_class == JW_VEHICLE_BICYCLE ? 3 : vehicle_class == JW_VEHICLE_EBIKE ? 2 : 1;
    return def->decay_per_km * times;
}

double jw_demand_residents(const jw_traffic *t)
{
    double residents = 0;
    for (uint32_t b = 0; b < t->city->block_count; b++)
        residents += t->city->blocks[b].population;
    return residents;
}

uint32_t jw_demand_roll_origin(jw_dice *d, const jw_traffic *t, double people_share)
{
    return roll_from_sum(d, &t->demand, t->demand.sum[jw_roll(d) < people_share ? PEOPLE : JOBS]);
}

uint32_t jw_demand_roll_home(jw_dice *d, const jw_traffic *t)
{
    return roll_from_sum(d, &t->demand, t->demand.sum[PEOPLE]);
}

uint32_t jw_demand_roll_block(jw_dice *d, const jw_traffic *t, uint32_t origin, double beta_per_km,
                              double people_share)
{
    const jw_block *from = &t->city->blocks[origin];
    uint32_t nearest = JW_NONE;
    double nearest_m = 0;
    for (uint32_t k = 0; k < TRIES; k++) {
        uint32_t to = jw_demand_roll_origin(d, t, people_share);
        double dx = t->city->blocks[to].x_m - from->x_m, dy = t->city->blocks[to].y_m - from->y_m;
        double distance_m = jw_sqrt(dx * dx + dy * dy), keep = jw_roll(d);
        if (to == origin)
            continue;
        if (keep < jw_exp(-beta_per_km * distance_m / 1000))
            return to;
        if (nearest == JW_NONE || distance_m < nearest_m) {
            nearest = to;
            nearest_m = distance_m;
        }
    }
    return nearest;
}

uint32_t jw_demand_roll_edge(jw_dice *d, const jw_traffic *t, const uint32_t *edges, uint32_t count,
                             jw_vehicle_class vehicle_class, uint32_t choice)
{
    uint32_t usable = 0, taken = 0;
    for (uint32_t k = 0; k < count && usable < choice; k++)
        usable += t->demand.component[edges[k]] == 0 &&
                  jw_traffic_good_lanes(t, edges[k], JW_NONE, vehicle_class) != 0;
    uint32_t at = (uint32_t)(jw_roll(d) * usable);
    for (uint32_t k = 0; k < count; k++)
        if (t->demand.component[edges[k]] == 0 &&
            jw_traffic_good_lanes(t, edges[k], JW_NONE, vehicle_class) && taken++ == at)
            return edges[k];
    return JW_NONE;
}

uint32_t jw_demand_roll_access(jw_dice *d, const jw_traffic *t, uint32_t block,
                               jw_vehicle_class vehicle_class, uint32_t choice)
{
    const jw_block *b = &t->city->blocks[block];
    return jw_demand_roll_edge(d, t, t->city->block_edges + b->first_access, b->access_count, vehicle_class,
                               choice);
}

bool jw_demand_wish(jw_world *world, jw_traffic *t, jw_trip *trip, double live_draw)
{
    trip->is_wish = 1;
    trip->is_live = !trip->has_route && live_draw < t->def.reroute_share;
    jw_error error = {0};
    if (jw_traffic_queue_trip(t, trip, &error) == JW_OK)
        return true;
    jw_world_fail(world, JW_ERROR_MEMORY, "no memory for another trip");
    return false;
}

static bool draw_block(jw_world *world, jw_traffic *t, uint32_t block, double mean, const double share[3],
                       jw_dice *d)
{
    const jw_demand_def *def = &t->def.demand;
    uint32_t count = jw_demand_roll_poisson(d, mean);
    for (uint32_t k = 0; k < count; k++) {
        d->counter = 1000 + 256 * (uint64_t)k;
        jw_vehicle_class vehicle_class = jw_demand_roll_class(d, def);
        double purpose = jw_roll(d) * (share[0] + share[1] + share[2]);
        double beta = jw_demand_decay_per_km(def, vehicle_class);
        double people_share = purpose < share[0] ? 0 : purpose < share[0] + share[1] ? 1 : 0.5;
        int64_t depart_ns = t->demand.next_ns + (int64_t)(jw_roll(d) * (double)INTERVAL_NS);
        double from_at = jw_roll(d), to_at = jw_roll(d), live = jw_roll(d);
        uint32_t from = jw_demand_roll_access(d, t, block, vehicle_class, 8);
        uint32_t to_block = jw_demand_roll_block(d, t, block, beta, people_share);
        uint32_t to = to_block == JW_NONE ? JW_NONE : jw_demand_roll_access(d, t, to_block, vehicle_class, 2);
        for (uint32_t again = 0; from == to && again < 4; again++) /* both blocks lie at this street */
            to = jw_demand_roll_access(d, t, to_block, vehicle_class, 8);
        if (from == JW_NONE || to == JW_NONE || from == to) {
            t->counts.impossible++;
            continue;
        }
        jw_trip trip = {.depart_ns = depart_ns,
                        .from_edge = from,
                        .to_edge = to,
                        .from_s_m = jw_edge_length(t, from) * (float)(0.3 + 0.4 * from_at),
                        .arrive_s_m = jw_edge_length(t, to) * (float)(0.4 + 0.4 * to_at),
                        .vehicle_class = (uint8_t)vehicle_class};
        if (!jw_plan_drop_off(world, t, &trip, d) || !jw_demand_wish(world, t, &trip, live))
            return false;
    }
    return true;
}

/* A way from gate to gate that does not turn round at once; false: there is none among many draws. */
static bool roll_gates(jw_dice *d, const jw_traffic *t, jw_vehicle_class vehicle_class, uint32_t *from,
                       uint32_t *to)
{
    const jw_demand *demand = &t->demand;
    for (uint32_t k = 0; k < TRIES; k++) {
        *from = demand->gate_in[(uint32_t)(jw_roll(d) * demand->gate_in_count)];
        *to = demand->gate_out[(uint32_t)(jw_roll(d) * demand->gate_out_count)];
        if (*from != *to && t->city->edges[*from].opposite != *to &&
            demand->component[*from] == demand->component[*to] &&
            jw_traffic_good_lanes(t, *from, JW_NONE, vehicle_class) &&
            jw_traffic_good_lanes(t, *to, JW_NONE, vehicle_class))
            return true;
    }
    return false;
}

static void draw_through(jw_world *world, jw_traffic *t, double mean, jw_dice *d)
{
    uint32_t count = jw_demand_roll_poisson(d, mean);
    for (uint32_t k = 0; k < count; k++) {
        d->counter = 1000 + 128 * (uint64_t)k;
        jw_vehicle_class vehicle_class =
            jw_roll(d) < t->def.demand.truck_share ? JW_VEHICLE_TRUCK : JW_VEHICLE_CAR;
        double at = jw_roll(d), live = jw_roll(d);
        uint32_t from, to;
        if (!roll_gates(d, t, vehicle_class, &from, &to)) {
            t->counts.impossible++;
            continue;
        }
        jw_trip trip = {.depart_ns = t->demand.next_ns + (int64_t)(at * (double)INTERVAL_NS),
                        .from_edge = from,
                        .to_edge = to,
                        .arrive_s_m = jw_edge_length(t, to),
                        .vehicle_class = (uint8_t)vehicle_class};
        if (!jw_demand_wish(world, t, &trip, live))
            return;
    }
}

double jw_demand_minute_share(const jw_traffic *t, int64_t time_ns)
{
    const jw_demand_def *def = &t->def.demand;
    double day_s = jw_fmod(jw_s_from_ns(time_ns), 86400);
    bool is_peak =
        def->peak_end_s > def->peak_begin_s && day_s >= def->peak_begin_s && day_s < def->peak_end_s;
    return hour_share[(uint32_t)(day_s / 3600) % 24] / 60 * t->demand.factor *
           (is_peak ? def->peak_factor : 1);
}

void jw_demand_of_hour(uint32_t hour, double *out_share, double *out_to_work, double *out_to_home)
{
    *out_share = hour_share[hour];
    *out_to_work = to_work[hour];
    *out_to_home = to_home[hour];
}

double jw_demand_other_time_s(double u)
{
    double total = 0, so_far = 0;
    for (uint32_t h = 0; h < 24; h++)
        total += hour_share[h] * (1 - to_work[h] - to_home[h]);
    for (uint32_t h = 0; h < 24; h++) {
        double share = hour_share[h] * (1 - to_work[h] - to_home[h]) / total;
        if (u < so_far + share || h == 23)
            return 3600 * (h + jw_clamp((u - so_far) / share, 0, 0.999));
        so_far += share;
    }
    return 0;
}

static void draw_gravity(jw_world *world, jw_traffic *t, double total)
{
    const jw_demand *d = &t->demand;
    uint32_t hour = (uint32_t)(jw_fmod(jw_s_from_ns(d->next_ns), 86400) / 3600) % 24;
    uint64_t minute = (uint64_t)(d->next_ns / INTERVAL_NS);
    double people = d->sum[PEOPLE][d->block_count], jobs = d->sum[JOBS][d->block_count];
    for (uint32_t b = 0; b < d->block_count && people > 0; b++) {
        double people_part = (d->sum[PEOPLE][b + 1] - d->sum[PEOPLE][b]) / people;
        double jobs_part = (d->sum[JOBS][b + 1] - d->sum[JOBS][b]) / jobs;
        double share[3] = {to_work[hour] * people_part, to_home[hour] * jobs_part,
                           (1 - to_work[hour] - to_home[hour]) * 0.5 * (people_part + jobs_part)};
        double mean = total * (share[0] + share[1] + share[2]);
        jw_dice dice = {jw_world_random(world, jw_hash_text(0, "traffic.demand")), minute << 24 | b, 0};
        if (mean > 0 && !draw_block(world, t, b, mean, share, &dice))
            return;
    }
}

static void draw_interval(jw_world *world, jw_traffic *t)
{
    const jw_demand_def *def = &t->def.demand;
    const jw_demand *d = &t->demand;
    double share = jw_demand_minute_share(t, d->next_ns), through = def->through_per_day * share;
    bool has_gates = d->gate_in_count > 0 && d->gate_out_count > 0;
    if (def->is_gravity) {
        double total = d->sum[PEOPLE][d->block_count] * def->trips_per_person_day * share;
        through += has_gates ? total * def->through_share : 0;
        draw_gravity(world, t, total * (1 - (has_gates ? def->through_share : 0)));
    }
    if (through > 0 && has_gates) {
        jw_dice dice = {jw_world_random(world, jw_hash_text(0, "traffic.through")),
                        (uint64_t)(d->next_ns / INTERVAL_NS), 0};
        draw_through(world, t, through, &dice);
    }
    jw_demand_draw_listed(world, t, d->next_ns, d->next_ns + INTERVAL_NS);
}

void jw_traffic_draw_trips(jw_world *world, jw_traffic *t, int64_t until_ns)
{
    while (t->demand.next_ns < until_ns) {
        draw_interval(world, t);
        t->demand.next_ns += INTERVAL_NS;
    }
}

void jw_traffic_phase_demand_run(jw_world *world, void *state)
{
    jw_traffic *t = state;
    t->is_stepping = true;
    t->step = jw_world_step_number(world);
    /* One thread while there is too little work to share: a region costs about 10 us, more when the machine
     * is busy. Results do not depend on it. */
    t->threads = t->running < 3000 ? 1 : jw_world_threads(world);
    jw_disturb_run(world, t);
    jw_traffic_router_step(world, t);
    jw_traffic_reroute_some(world, t);
    jw_traffic_draw_trips(world, t, jw_world_time_ns(world));
    jw_walk_demand(world, t);
    jw_buses_run(world, t);
    jw_person_depart_due(world, t);
    jw_traffic_release_due_trips(world, t);
    jw_traffic_route_waiting(world, t);
}
