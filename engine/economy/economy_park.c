/* Parks: what they have and need, the path of their questions, and how they are equipped. */
#include "economy/economy_internal.h"

#include <string.h>

#define FIBRE_S_PER_KM 4.9e-6
#define QUEUE_MAX_S    60.0 /* who would wait longer for the fibre or the computers is not sent */
#define HEADROOM       2.0  /* of fibre and computers over the mean need (unverified) */
#define SAMPLE_BYTES   20000.0
#define PICTURE_BYTES  500000.0
#define INFERENCE_S    0.05

const char *jw_park_need_name(jw_park_need need)
{
    static const char *const names[JW_PARK_NEED_COUNT] = {"fibre", "power", "people", "inference"};
    return names[need];
}

bool economy_is_park_fine(const jw_park_def *def)
{
    return economy_is_within(def->fibre_gbps, 0, 1e6) && economy_is_within(def->power_kw, 0, 1e9) &&
           def->people >= 0 && def->people <= 100000000 && economy_is_within(def->inference_per_s, 0, 1e9) &&
           economy_is_within(def->inference_s, 1e-6, 1e5) && economy_is_within(def->quality, 0, 1) &&
           economy_is_within(def->picture_bytes, 1, 1e12) && economy_is_within(def->distance_km, 0, 20000) &&
           def->cash_fen >= 0 && def->cash_fen <= MONEY_MAX_FEN;
}

uint32_t economy_find_park(const jw_economy *economy, const char *name)
{
    for (uint32_t i = 0; i < economy->park_count; i++)
        if (strcmp(economy->parks[i].def.name, name) == 0)
            return i;
    return JW_NONE;
}

jw_result economy_add_park(jw_economy *economy, const jw_park_def *def, jw_error *error)
{
    economy_park park = {.def = *def, .region = economy_find_region(economy, def->region)};
    park.def.picture_bytes = def->picture_bytes == 0 ? PICTURE_BYTES : def->picture_bytes;
    park.def.inference_s = def->inference_s == 0 ? INFERENCE_S : def->inference_s;
    if (def->name[0] == 0 || economy_find_park(economy, def->name) != JW_NONE)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "park \"%s\": the name is empty or taken", def->name);
    if (park.region == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "park \"%s\": there is no region \"%s\"",
                       def->name, def->region);
    if (!economy_is_park_fine(&park.def))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "park \"%s\": a figure is out of range: none is below 0, quality is from 0 to 1",
                       def->name);
    economy_region *region = &economy->regions[park.region];
    if (def->people > region->idle)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "park \"%s\" employs %lld people, but region \"%s\" has only %lld skilled people left",
                       def->name, (long long)def->people, region->def.name, (long long)region->idle);
    const double has[] = {def->fibre_gbps, def->power_kw, (double)def->people, def->inference_per_s};
    memcpy(park.has, has, sizeof has);
    if (economy->park_count >= ECONOMY_PARKS_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "there are %d parks at most", ECONOMY_PARKS_MAX);
    jw_result result = jw_grow(&economy->parks, &economy->park_capacity, economy->park_count + 1ull,
                               sizeof *economy->parks, error);
    if (result != JW_OK)
        return result;
    region->idle -= def->people;
    economy->parks[economy->park_count++] = park;
    return JW_OK;
}

void park_take_line(jw_economy *economy, uint32_t index)
{
    production_line *line = &economy->lines[index];
    line->next_in_park1 = 0;
    if (line->park == JW_NONE)
        return;
    economy_park *park = &economy->parks[line->park];
    if (park->last_line1)
        economy->lines[park->last_line1 - 1].next_in_park1 = index + 1;
    else
        park->first_line1 = index + 1;
    park->last_line1 = index + 1;
}

/* ---- the path of its questions */

bool economy_is_remote(const jw_economy *economy, const production_line *line)
{
    return line->park != JW_NONE && !economy->parks[line->park].def.is_detailed;
}

/* Two servers in series, first in, first out: each needs only the time when it will be free. */
bool park_ask(jw_world *world, jw_economy *economy, uint32_t line, uint16_t kind, uint64_t value)
{
    economy_park *park = &economy->parks[economy->lines[line].park];
    double bytes = kind == EVENT_VERDICT ? park->def.picture_bytes : SAMPLE_BYTES;
    double rate_bps = park->has[JW_PARK_FIBRE] * 1e9, per_s = park->has[JW_PARK_INFERENCE];
    int64_t now_ns = jw_world_time_ns(world), queue_max_ns = jw_ns_from_s(QUEUE_MAX_S);
    int64_t way_ns = jw_ns_from_s(park->def.distance_km * FIBRE_S_PER_KM);
    if (!(rate_bps > 0) || !(per_s > 0) || park->link_free_ns > now_ns + queue_max_ns ||
        park->server_free_ns > now_ns + queue_max_ns)
        return false;
    int64_t sent_ns = park->link_free_ns > now_ns ? park->link_free_ns : now_ns;
    park->link_free_ns = sent_ns + jw_ns_from_s(jw_min(bytes * 8 / rate_bps, 1e6));
    int64_t begun_ns = park->link_free_ns + way_ns;
    begun_ns = park->server_free_ns > begun_ns ? park->server_free_ns : begun_ns;
    park->server_free_ns = begun_ns + jw_ns_from_s(jw_min(1 / per_s, 1e6));
    int64_t done_ns = begun_ns + jw_ns_from_s(park->def.inference_s) + way_ns;
    economy_schedule(world, economy, done_ns - now_ns, kind, line, value);
    return true;
}

/* ---- what it needs */

/* Crews by shift; around the clock three. */
static double people_of(const jw_production_line_def *line)
{
    return (double)line->crew * (line->shifts ? line->shifts : 3);
}

/* A picture must be through the fibre, and its turn with the computers come, in a quarter of the patience
 * each. */
static void add_needs(const jw_production_line_def *line, double cycle_s, double picture_bytes,
                      double needs[JW_PARK_NEED_COUNT])
{
    double patience_s = line->patience_s > 0 ? line->patience_s : 1;
    double per_s = jw_max(HEADROOM / cycle_s, 4 / patience_s);
    needs[JW_PARK_FIBRE] += per_s * picture_bytes * 8 / 1e9;
    needs[JW_PARK_POWER] += line->power_kw;
    needs[JW_PARK_PEOPLE] += people_of(line);
    needs[JW_PARK_INFERENCE] += per_s;
}

void park_needs(const jw_economy *economy, uint32_t index, double needs[JW_PARK_NEED_COUNT])
{
    memset(needs, 0, JW_PARK_NEED_COUNT * sizeof *needs);
    const production_line *line;
    for (uint32_t i1 = economy->parks[index].first_line1; i1; i1 = line->next_in_park1) {
        line = &economy->lines[i1 - 1];
        add_needs(&line->def, line->def.stations[line_constraint(line)].cycle_s,
                  economy->parks[index].def.picture_bytes, needs);
    }
}

void park_supply(jw_world *world, jw_economy *economy, uint32_t index)
{
    double power_kw = economy->parks[index].has[JW_PARK_POWER];
    double people = economy->parks[index].has[JW_PARK_PEOPLE];
    const production_line *line;
    for (uint32_t i1 = economy->parks[index].first_line1; i1; i1 = line->next_in_park1) {
        line = &economy->lines[i1 - 1];
        bool is_supplied = line->def.power_kw <= power_kw && people_of(&line->def) <= people;
        if (is_supplied) {
            power_kw -= line->def.power_kw;
            people -= people_of(&line->def);
        }
        line_set(world, economy, i1 - 1, LINE_UNSUPPLIED, !is_supplied);
    }
}

static uint32_t lacks(const economy_park *park, const double needs[JW_PARK_NEED_COUNT])
{
    uint32_t bits = 0;
    for (uint32_t n = 0; n < JW_PARK_NEED_COUNT; n++)
        bits |= (uint32_t)(park->has[n] < needs[n] * (1 - 1e-9)) << n;
    return bits;
}

/* ---- equipping it */

static void arrive(economy_park *park, uint32_t need)
{
    park->has[need] += park->ordered[need];
    park->ordered[need] = 0;
}

/* What is missing up to its need, paid now, there after the order's quarters. */
jw_result park_equip(jw_world *world, jw_economy *economy, uint32_t index, jw_park_need need, jw_error *error)
{
    economy_park *park = &economy->parks[index];
    economy_region *region = &economy->regions[park->region];
    double needs[JW_PARK_NEED_COUNT];
    park_needs(economy, index, needs);
    double missing = needs[need] - park->has[need] - park->ordered[need];
    if (need == JW_PARK_PEOPLE || need == JW_PARK_INFERENCE) /* nobody sells part of a computer */
        missing = jw_ceil(missing);
    if (!(missing > 0))
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "park \"%s\" has or has ordered all the %s it needs",
                       park->def.name, jw_park_need_name(need));
    if (need == JW_PARK_PEOPLE && missing > (double)region->idle)
        return jw_fail(
            error, JW_ERROR_STATE, NULL, 0,
            "park \"%s\" needs %.0f more people, but region \"%s\" has only %lld idle: retrain some",
            park->def.name, missing, region->def.name, (long long)region->idle);
    double units = need == JW_PARK_FIBRE ? park->def.distance_km : missing; /* a cable is laid once */
    double price_fen = jw_ceil(units * (double)economy->equip.price_fen[need]);
    if (price_fen > (double)MONEY_MAX_FEN)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "park \"%s\": that is more money than there can be",
                       park->def.name);
    jw_result result = economy_pay(economy, account_of_park(economy, index), ACCOUNT_OUTSIDE,
                                   (int64_t)price_fen, jw_park_need_name(need), error);
    if (result != JW_OK)
        return result;
    if (need == JW_PARK_PEOPLE)
        region->idle -= (int64_t)missing;
    park->spent_fen += (int64_t)price_fen;
    park->ordered[need] += missing;
    park->quarters_left[need] = economy->equip.quarters[need];
    if (park->quarters_left[need] == 0) {
        arrive(park, need);
        park_supply(world, economy, index);
    }
    return JW_OK;
}

/* What was ordered comes one quarter nearer. */
void park_deliver(jw_world *world, jw_economy *economy, uint32_t index)
{
    economy_park *park = &economy->parks[index];
    for (uint32_t n = 0; n < JW_PARK_NEED_COUNT; n++) {
        if (park->quarters_left[n] > 0 && --park->quarters_left[n] == 0)
            arrive(park, n);
    }
    park_supply(world, economy, index);
}

uint32_t jw_economy_park_count(const jw_economy *economy)
{
    return economy->park_count;
}

bool jw_economy_park(const jw_world *world, const jw_economy *economy, uint32_t slot, jw_park_state *out)
{
    if (slot >= economy->park_count)
        return false;
    const economy_park *park = &economy->parks[slot];
    *out = (jw_park_state){.def = &park->def,
                           .cash_fen = economy->accounts[account_of_park(economy, slot)].balance_fen,
                           .loan_fen = park->loan_fen,
                           .has_defaulted = park->has_defaulted != 0};
    park_needs(economy, slot, out->needs);
    memcpy(out->has, park->has, sizeof out->has);
    out->lacks = lacks(park, out->needs);
    for (uint32_t n = 0; n < JW_PARK_NEED_COUNT; n++)
        out->coming |= (uint32_t)(park->quarters_left[n] > 0) << n;
    for (uint32_t i1 = park->first_line1; i1; i1 = economy->lines[i1 - 1].next_in_park1) {
        jw_production_line_state line;
        jw_economy_line(world, economy, i1 - 1, &line);
        out->lines++;
        out->oee += line.oee;
        out->made += line.made;
        out->by_model += line.inspected_by_model;
        out->by_fallback += line.inspected_by_fallback;
        out->margin_fen += line.margin_fen;
    }
    if (out->lines > 0)
        out->oee /= out->lines;
    return true;
}

/* ---- instances */

/* Between low and high, evenly in the logarithm. */
static double draw_log(jw_random_key key, uint64_t number, uint64_t counter, double low, double high)
{
    return low * jw_pow(high / low, jw_random_uniform(key, number, counter));
}

void jw_economy_draw_line(uint64_t seed, uint32_t number, const jw_production_line_def *kind,
                          jw_production_line_def *out)
{
    jw_random_key key = {seed, jw_hash_text(0, "economy.line")};
    double cycle = draw_log(key, number, 0, 0.9, 1.15), mtbf = draw_log(key, number, 1, 0.6, 1.6);
    double mttr = draw_log(key, number, 2, 0.7, 1.4), defects = draw_log(key, number, 3, 0.5, 2);
    *out = *kind;
    out->cycle_s *= cycle;
    out->mtbf_s *= mtbf;
    out->mttr_s *= mttr;
    out->defect_share = jw_min(out->defect_share * defects, 1);
    for (uint32_t s = 0; s < out->station_count; s++) {
        jw_station_def *station = &out->stations[s];
        station->cycle_s *= cycle;
        station->mtbf_s *= mtbf;
        station->mttr_s *= mttr;
        station->defect_share = jw_min(station->defect_share * defects, 1);
    }
}

void jw_economy_draw_park(uint64_t seed, uint32_t number, const char *region,
                          const jw_production_line_def *lines, uint32_t line_count, jw_park_def *out)
{
    /* All assumed. Which share of parks lacks each, and how much of the need is there then. */
    static const struct {
        double share, low, high;
    } lacking[JW_PARK_NEED_COUNT] = {{0.4, 0.01, 0.3}, {0.2, 0.5, 0.95}, {0.3, 0.5, 0.95}, {0.7, 0.01, 0.5}};
    jw_random_key key = {seed, jw_hash_text(0, "economy.park")};
    double needs[JW_PARK_NEED_COUNT] = {0};
    for (uint32_t i = 0; i < line_count; i++) {
        double cycle_s = lines[i].cycle_s > 0 || lines[i].station_count > 0 ? lines[i].cycle_s : 4;
        for (uint32_t s = 0; s < lines[i].station_count; s++)
            cycle_s = jw_max(cycle_s, lines[i].stations[s].cycle_s);
        add_needs(&lines[i], cycle_s, PICTURE_BYTES, needs);
    }
    double has[JW_PARK_NEED_COUNT];
    for (uint32_t n = 0; n < JW_PARK_NEED_COUNT; n++) {
        bool is_lacking = jw_random_uniform(key, number, 3ull * n) < lacking[n].share;
        has[n] = needs[n] * (is_lacking ? draw_log(key, number, 3ull * n + 1, lacking[n].low, lacking[n].high)
                                        : draw_log(key, number, 3ull * n + 2, 1, 2));
    }
    *out = (jw_park_def){.fibre_gbps = has[JW_PARK_FIBRE],
                         .power_kw = has[JW_PARK_POWER],
                         .people = (int64_t)jw_ceil(has[JW_PARK_PEOPLE]),
                         .inference_per_s = has[JW_PARK_INFERENCE],
                         .quality = 0.9 + 0.08 * jw_random_uniform(key, number, 20),
                         .distance_km = draw_log(key, number, 21, 5, 300),
                         .cash_fen = (int64_t)draw_log(key, number, 22, 5e8, 5e9)};
    jw_text_copy(out->region, sizeof out->region, region);
}
