/* Persons with a vehicle each. A chain is a day's round: home, work, perhaps a stop elsewhere, home; or home,
 * elsewhere, home; a visitor goes somewhere once and back. The vehicle stands where the last trip ended, at
 * the same spot of the street until its person comes again, and from there the next trip begins: vehicles are
 * neither made nor lost, parked + travelling = persons.
 *
 * When people leave for work: U.S. Census Bureau, American Community Survey 2009, table S0801, "time leaving
 * home to go to work": 4.2 % before 5 h, 12.6 % before 6 h, 8.7 % in the half hour from 6 h, 14.9 % in that
 * from 7 h, 24.3 % from 9 h on; the half hours between and the tail share what is left in proportions from
 * memory (unverified). They stay 8.5 h (sd 1.25 h), elsewhere 1 h in the mean (exponential, 10 min to 4 h):
 * round figures, unverified. Trips elsewhere begin over the day as gravity's other trips do.
 *
 * At the world's beginning everybody is where the day so far would have brought them, on undisturbed roads.
 * A trip that no road can serve leaves its person where it is until the same time of the next day. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define DAY_S         86400
#define NEVER         UINT32_MAX
#define CAR_MPS       8.0 /* on the way to where the day begins */
#define SLOW_MPS      4.0
#define PERSONS_MAX   20000000u
#define BETWEEN_S     600 /* at home at least */
#define VISITOR_STAY  120 /* at least */
#define PERSON_TAG    (UINT64_C(1) << 40)
#define REAL_HOURS(h) ((h)*3600.0)

enum { HOME, WORK, OTHER };
static const uint8_t legs[JW_PERSON_KINDS][4] = {[JW_PERSON_WORKS] = {HOME, WORK, HOME},
                                                 [JW_PERSON_STOPS] = {HOME, WORK, OTHER, HOME},
                                                 [JW_PERSON_OUT] = {HOME, OTHER, HOME},
                                                 [JW_PERSON_VISITS] = {HOME, WORK, HOME},
                                                 [JW_PERSON_LEAVES] = {HOME, WORK}};
static const uint8_t leg_counts[JW_PERSON_KINDS] = {[JW_PERSON_WORKS] = 2,
                                                    [JW_PERSON_STOPS] = 3,
                                                    [JW_PERSON_OUT] = 2,
                                                    [JW_PERSON_VISITS] = 2,
                                                    [JW_PERSON_LEAVES] = 1};

/* Hours, and the share of those who left before. */
static const double to_work[][2] = {{0, 0},       {4, 0.012},    {5, 0.042},   {5.5, 0.078}, {6, 0.126},
                                    {6.5, 0.213}, {7, 0.317},    {7.5, 0.466}, {8, 0.597},   {8.5, 0.705},
                                    {9, 0.757},   {10, 0.817},   {11, 0.844},  {12, 0.857},  {16, 0.93},
                                    {20, 0.965},  {24, 1.000001}};

/* ---- the heap of who leaves next: by (due_s, index), so that its layout reaches no state ------------------
 */

static bool is_before(const jw_persons *p, uint32_t a, uint32_t b)
{
    return p->items[a].due_s < p->items[b].due_s || (p->items[a].due_s == p->items[b].due_s && a < b);
}

/* There is room for all: see grow. */
static void push_due(jw_persons *p, uint32_t person)
{
    uint32_t k = p->due_count++;
    while (k > 0 && is_before(p, person, p->due[(k - 1) / 2])) {
        p->due[k] = p->due[(k - 1) / 2];
        k = (k - 1) / 2;
    }
    p->due[k] = person;
}

static uint32_t pop_due(jw_persons *p)
{
    uint32_t first = p->due[0], last = p->due[--p->due_count], k = 0;
    for (;;) {
        uint32_t child = 2 * k + 1;
        if (child >= p->due_count)
            break;
        if (child + 1 < p->due_count && is_before(p, p->due[child + 1], p->due[child]))
            child++;
        if (!is_before(p, p->due[child], last))
            break;
        p->due[k] = p->due[child];
        k = child;
    }
    p->due[k] = last;
    return first;
}

static jw_result grow(jw_persons *p, uint64_t count, jw_error *error)
{
    if (count > PERSONS_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "more than %u persons with a vehicle", PERSONS_MAX);
    jw_result result = jw_grow(&p->items, &p->capacity, count, sizeof *p->items, error);
    return result ? result : jw_grow(&p->due, &p->due_capacity, count, sizeof *p->due, error);
}

/* ---- times -----------------------------------------------------------------------------------------------
 */

static uint32_t place_of(const jw_person *p)
{
    return p->edge[legs[p->kind][p->stage]];
}

static double leave_s(const jw_world *world, const jw_person *p, uint32_t day)
{
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "traffic.person.leave"));
    double u = jw_random_uniform(key, p->key, day), of_day = 0;
    if (p->kind == JW_PERSON_OUT) {
        of_day = jw_demand_other_time_s(u);
    } else {
        uint32_t k = 1;
        while (to_work[k][1] <= u)
            k++;
        double share = (u - to_work[k - 1][1]) / (to_work[k][1] - to_work[k - 1][1]);
        of_day = REAL_HOURS(to_work[k - 1][0] + share * (to_work[k][0] - to_work[k - 1][0]));
    }
    return ((double)day - 1) * DAY_S + of_day; /* day 0 is the one before the first midnight */
}

static double stay_s(const jw_world *world, const jw_person *p)
{
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "traffic.person.stay"));
    uint64_t counter = ((uint64_t)p->day << 8) + p->stage * 8u;
    if (legs[p->kind][p->stage] == WORK)
        return REAL_HOURS(8.5) + REAL_HOURS(1.25) * jw_clamp(jw_random_normal(key, p->key, counter), -2, 2);
    return jw_clamp(jw_random_exponential(key, p->key, counter, 3600), 600, REAL_HOURS(4));
}

/* Not of those whose days go on: gone when the last leg is done. */
static bool is_passing(const jw_person *p)
{
    return p->kind == JW_PERSON_VISITS || p->kind == JW_PERSON_LEAVES;
}

/* Has come to the end of a leg; false: the visit is over. Sets due_s. */
static bool arrive(const jw_world *world, jw_person *p, double now_s)
{
    double due = 0;
    p->stage++;
    bool is_home = p->stage == leg_counts[p->kind];
    if (is_passing(p)) {
        if (is_home)
            return false;
        due = jw_max(p->back_s, now_s + VISITOR_STAY);
    } else if (is_home) {
        p->stage = 0;
        p->day++;
        due = jw_max(leave_s(world, p, p->day), now_s + BETWEEN_S);
    } else {
        due = now_s + stay_s(world, p);
    }
    p->due_s = (uint32_t)jw_clamp(jw_ceil(due), 0, NEVER - 1.0);
    return true;
}

/* ---- set-up ----------------------------------------------------------------------------------------------
 */

static jw_vec2 edge_place(const jw_city *city, uint32_t edge)
{
    const jw_junction *a = &city->junctions[city->edges[edge].from],
                      *b = &city->junctions[city->edges[edge].to];
    return (jw_vec2){(a->x_m + b->x_m) / 2, (a->y_m + b->y_m) / 2};
}

/* Where the day so far would have brought this person; is_travelling is not among it. */
static void settle(const jw_world *world, const jw_traffic *t, jw_person *p, double now_s)
{
    p->day = (uint16_t)(jw_max(now_s, 0) / DAY_S); /* begins with the day before */
    double due = leave_s(world, p, p->day);
    while (due <= now_s) {
        uint32_t from = place_of(p), to = p->edge[legs[p->kind][p->stage + 1]];
        double way = jw_vec2_distance(edge_place(t->city, from), edge_place(t->city, to));
        double speed = t->types[p->vehicle_class].max_speed_mps < CAR_MPS ? SLOW_MPS : CAR_MPS;
        arrive(world, p, due + way / speed);
        due = p->due_s;
    }
    p->due_s = (uint32_t)jw_ceil(due);
}

static uint32_t roll_place(jw_dice *d, const jw_traffic *t, uint32_t origin, double people_share,
                           jw_vehicle_class c, uint32_t *out_block)
{
    double beta = jw_demand_decay_per_km(&t->def.demand, c);
    *out_block = jw_demand_roll_block(d, t, origin, beta, people_share);
    return *out_block == JW_NONE ? JW_NONE : jw_demand_roll_access(d, t, *out_block, c, 8);
}

/* False: there is no way to live like that here. */
static bool roll_person(const jw_world *world, const jw_traffic *t, uint32_t number, jw_person *out)
{
    const jw_demand_def *def = &t->def.demand;
    jw_dice dice = {jw_world_random(world, jw_hash_text(0, "traffic.person")), number, 0};
    jw_vehicle_class c = jw_demand_roll_class(&dice, def);
    c = c == JW_VEHICLE_TRUCK ? JW_VEHICLE_CAR : c;
    *out = (jw_person){.key = number, .vehicle_class = (uint8_t)c, .kind = JW_PERSON_OUT};
    if (jw_roll(&dice) < def->work_share)
        out->kind = jw_roll(&dice) < def->stop_share ? JW_PERSON_STOPS : JW_PERSON_WORKS;
    uint32_t home = jw_demand_roll_home(&dice, t), block = home, other;
    out->edge[HOME] = jw_demand_roll_access(&dice, t, home, c, 8);
    out->edge[WORK] = out->edge[OTHER] = JW_NONE;
    if (out->kind != JW_PERSON_OUT)
        out->edge[WORK] = roll_place(&dice, t, home, 0, c, &block);
    if (out->kind != JW_PERSON_WORKS)
        out->edge[OTHER] = roll_place(&dice, t, block == JW_NONE ? home : block, 0.5, c, &other);
    for (uint32_t k = 0; k < leg_counts[out->kind]; k++) {
        uint32_t from = out->edge[legs[out->kind][k]], to = out->edge[legs[out->kind][k + 1]];
        if (from == JW_NONE || to == JW_NONE || from == to)
            return false;
    }
    return true;
}

static void mark_parked(jw_traffic *t, const jw_person *p, int32_t by)
{
    t->persons.parked[place_of(p)] += (uint32_t)by;
}

/* The arrays without persons; the heap and what stands where are made by jw_person_derive. */
static jw_result prepare(jw_traffic *t, jw_error *error)
{
    t->persons.free = JW_NONE;
    t->persons.parked = jw_alloc((t->net.edge_count + 1) * sizeof(uint32_t));
    return t->persons.parked ? JW_OK : jw_fail_memory(error);
}

jw_result jw_person_init(jw_world *world, jw_traffic *t, jw_error *error)
{
    jw_persons *persons = &t->persons;
    jw_result result = prepare(t, error);
    double residents = jw_demand_residents(t), now_s = jw_s_from_ns(jw_world_time_ns(world));
    double wanted = jw_floor(residents * t->def.demand.chains_per_resident + 0.5);
    if (result || wanted < 1 || t->demand.block_count < 2)
        return result;
    result = grow(persons, (uint64_t)wanted, error);
    for (uint32_t k = 0; k < (uint32_t)wanted && !result; k++) {
        jw_person p;
        if (!roll_person(world, t, k, &p))
            continue; /* lives and works in one street, say: has no use for the vehicle */
        settle(world, t, &p, now_s);
        persons->items[persons->count++] = p;
    }
    jw_person_derive(t);
    return result;
}

void jw_person_derive(jw_traffic *t)
{
    jw_persons *persons = &t->persons;
    persons->due_count = 0;
    memset(persons->parked, 0, (t->net.edge_count + 1) * sizeof *persons->parked);
    for (uint32_t k = 0; k < persons->count; k++) {
        const jw_person *p = &persons->items[k];
        if (p->is_free || p->is_travelling)
            continue;
        mark_parked(t, p, 1);
        push_due(persons, k);
    }
}

void jw_person_free(jw_persons *persons)
{
    jw_free(persons->items);
    jw_free(persons->due);
    jw_free(persons->parked);
    memset(persons, 0, sizeof *persons);
}

/* ---- the day ---------------------------------------------------------------------------------------------
 */

/* Where along the street it stands: the same whenever it stands there. */
static float spot_m(const jw_world *world, const jw_traffic *t, const jw_person *p, uint32_t place)
{
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "traffic.person.spot"));
    return jw_edge_length(t, p->edge[place]) * (float)(0.3 + 0.4 * jw_random_uniform(key, p->key, place));
}

static bool depart(jw_world *world, jw_traffic *t, uint32_t index)
{
    jw_person *p = &t->persons.items[index];
    uint32_t from = legs[p->kind][p->stage], to = legs[p->kind][p->stage + 1];
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "traffic.person.live"));
    jw_trip trip = {.depart_ns = p->due_s * JW_NS_PER_S,
                    .tag = PERSON_TAG | index,
                    .from_edge = p->edge[from],
                    .to_edge = p->edge[to],
                    .from_s_m = spot_m(world, t, p, from),
                    .arrive_s_m = spot_m(world, t, p, to),
                    .person1 = index + 1,
                    .vehicle_class = p->vehicle_class};
    mark_parked(t, p, -1);
    p->is_travelling = 1;
    t->persons.travelling++;
    return jw_demand_wish(world, t, &trip, jw_random_uniform(key, p->key, 0));
}

void jw_person_depart_due(jw_world *world, jw_traffic *t)
{
    jw_persons *persons = &t->persons;
    int64_t now_ns = jw_world_time_ns(world);
    while (persons->due_count && persons->items[persons->due[0]].due_s * JW_NS_PER_S <= now_ns)
        if (!depart(world, t, pop_due(persons)))
            return;
}

static void release(jw_persons *persons, uint32_t index)
{
    persons->items[index] = (jw_person){.is_free = 1, .due_s = persons->free};
    persons->free = index;
    persons->visitors--;
}

void jw_person_arrived(jw_world *world, jw_traffic *t, uint32_t person1)
{
    jw_persons *persons = &t->persons;
    uint32_t index = person1 - 1;
    jw_person *p = &persons->items[index];
    persons->travelling--;
    p->is_travelling = 0;
    if (!arrive(world, p, jw_s_from_ns(jw_world_time_ns(world)))) {
        release(persons, index);
        return;
    }
    mark_parked(t, p, 1);
    push_due(persons, index);
}

void jw_person_stranded(jw_traffic *t, uint32_t person1)
{
    jw_persons *persons = &t->persons;
    uint32_t index = person1 - 1;
    jw_person *p = &persons->items[index];
    persons->travelling--;
    p->is_travelling = 0;
    if (is_passing(p)) {
        release(persons, index);
        return;
    }
    p->due_s += DAY_S;
    mark_parked(t, p, 1);
    push_due(persons, index);
}

jw_result jw_person_add_visitor(jw_traffic *t, const jw_person *visitor, jw_error *error)
{
    jw_persons *persons = &t->persons;
    uint32_t index = persons->free;
    if (index == JW_NONE) {
        jw_result result = grow(persons, persons->count + 1ull, error);
        if (result)
            return result;
        index = persons->count++;
    } else {
        persons->free = persons->items[index].due_s;
    }
    persons->items[index] = *visitor;
    persons->visitors++;
    mark_parked(t, &persons->items[index], 1);
    push_due(persons, index);
    return JW_OK;
}

void jw_person_call_off(const jw_world *world, jw_traffic *t, uint32_t disturbance)
{
    jw_persons *persons = &t->persons;
    uint32_t now_s = (uint32_t)(jw_world_time_ns(world) / JW_NS_PER_S);
    for (uint32_t k = 0; k < persons->count; k++) {
        jw_person *p = &persons->items[k];
        if (p->is_free || !is_passing(p) || p->edge[OTHER] != disturbance)
            continue;
        p->back_s = 0;
        if (!p->is_travelling && p->stage == 0)
            release(persons, k);
        else if (!p->is_travelling)
            p->due_s = now_s;
    }
    jw_person_derive(t);
}

jw_person_counts jw_traffic_count_persons(const jw_traffic *t)
{
    jw_person_counts counts = {.visitors = t->persons.visitors, .travelling = t->persons.travelling};
    for (uint32_t k = 0; k < t->persons.count; k++) {
        const jw_person *p = &t->persons.items[k];
        if (p->is_free)
            continue;
        counts.persons++;
        if (p->is_travelling)
            continue;
        uint8_t place = legs[p->kind][p->stage];
        counts.at_home += place == HOME;
        counts.at_work += place == WORK && !is_passing(p);
        counts.elsewhere += place == OTHER || (place == WORK && is_passing(p));
    }
    return counts;
}

/* ---- state -----------------------------------------------------------------------------------------------
 */

_Static_assert(sizeof(jw_person) == 32, "saved and hashed as it lies in memory: no padding");

void jw_person_save(const jw_persons *persons, jw_writer *writer)
{
    jw_write_array(writer, persons->items, persons->count, sizeof *persons->items);
    jw_write_u32(writer, persons->free);
}

uint64_t jw_person_hash(const jw_persons *persons)
{
    uint64_t hash = jw_hash_u64(persons->free, persons->count);
    return jw_hash_bytes(hash, persons->items, persons->count * sizeof *persons->items);
}

static bool is_good(const jw_traffic *t, const jw_person *p, uint32_t count)
{
    if (p->is_free)
        return p->due_s == JW_NONE || p->due_s < count;
    if (p->kind >= JW_PERSON_KINDS || p->stage >= leg_counts[p->kind] || p->is_travelling > 1 ||
        p->vehicle_class >= JW_VEHICLE_CLASS_COUNT)
        return false;
    for (uint32_t k = 0; k <= leg_counts[p->kind]; k++)
        if (p->edge[legs[p->kind][k]] >= t->net.edge_count)
            return false;
    return true;
}

/* Each free one once. */
static bool is_free_list_whole(const jw_persons *persons)
{
    uint32_t free = 0, listed = 0;
    for (uint32_t k = 0; k < persons->count; k++)
        free += persons->items[k].is_free != 0;
    for (uint32_t k = persons->free; k != JW_NONE && listed <= free; k = persons->items[k].due_s, listed++)
        if (k >= persons->count || !persons->items[k].is_free)
            return false;
    return listed == free;
}

void jw_person_load(jw_traffic *t, jw_reader *r)
{
    jw_persons *persons = &t->persons;
    jw_error error = {0};
    jw_person_free(persons);
    if (prepare(t, &error)) {
        jw_reader_fail_memory(r);
        return;
    }
    jw_read_array(r, &persons->items, &persons->count, sizeof *persons->items, PERSONS_MAX);
    persons->capacity = persons->count;
    persons->free = jw_read_u32(r);
    for (uint32_t k = 0; k < persons->count && !r->failed; k++) {
        const jw_person *p = &persons->items[k];
        if (!is_good(t, p, persons->count))
            jw_reader_fail(r, "traffic: person %u out of range", k);
        persons->travelling += p->is_travelling;
        persons->visitors += !p->is_free && is_passing(p);
    }
    if (!r->failed && !is_free_list_whole(persons))
        jw_reader_fail(r, "traffic: the list of persons who left is broken");
    if (!r->failed && grow(persons, persons->count, &error))
        jw_reader_fail_memory(r);
    if (!r->failed)
        jw_person_derive(t);
}

/* 1 for a person who travels, 0 for none; anything else is counted beyond all bounds. */
static uint64_t count_traveller(const jw_persons *persons, uint32_t person1)
{
    if (!person1)
        return 0;
    return person1 <= persons->count && persons->items[person1 - 1].is_travelling ? 1 : UINT32_MAX;
}

/* Each traveller has one trip or vehicle, each other one stands somewhere. */
bool jw_person_is_consistent(const jw_traffic *t, jw_error *error)
{
    const jw_persons *persons = &t->persons;
    uint64_t found = 0, parked = 0, stand = 0;
    for (uint32_t k = 0; k < t->trip_count; k++)
        found += t->trips[k].is_used ? count_traveller(persons, t->trips[k].person1) : 0;
    for (uint32_t slot = 0; slot < t->pool.slot_count; slot++)
        found += t->pool.generations[slot] & 1 ? count_traveller(persons, t->vehicles[slot].person1) : 0;
    for (uint32_t k = 0; k < persons->count; k++)
        parked += !persons->items[k].is_free && !persons->items[k].is_travelling;
    for (uint32_t e = 0; e < t->net.edge_count; e++)
        stand += persons->parked[e];
    if (found == persons->travelling && stand == parked && persons->due_count == parked)
        return true;
    jw_fail(
        error, JW_ERROR_STATE, NULL, 0,
        "%u persons travel, but %llu trips and vehicles are theirs; %llu are parked, but %llu vehicles stand "
        "and %u wait for their time",
        persons->travelling, (unsigned long long)found, (unsigned long long)parked, (unsigned long long)stand,
        persons->due_count);
    return false;
}
