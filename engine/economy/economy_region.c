/* Regions: who lives there, who works, who learns, who retires; and how unequally things are spread. */
#include "economy/economy_internal.h"

#include <string.h>

#define PEOPLE_MAX INT64_C(2000000000)

static bool is_people(int64_t count)
{
    return count >= 0 && count <= PEOPLE_MAX;
}

bool economy_is_region_fine(const jw_region_def *def)
{
    return is_people(def->skilled) && is_people(def->unskilled) && is_people(def->researchers) &&
           economy_is_within(def->decline_per_year, 0, 0.5) && def->venture_fen >= 0 &&
           def->venture_fen <= MONEY_MAX_FEN && (def->side == JW_REGION_EAST || def->side == JW_REGION_WEST);
}

uint32_t economy_find_region(const jw_economy *economy, const char *name)
{
    for (uint32_t i = 0; i < economy->region_count; i++)
        if (strcmp(economy->regions[i].def.name, name) == 0)
            return i;
    return JW_NONE;
}

jw_result economy_add_region(jw_economy *economy, const jw_region_def *def, jw_error *error)
{
    if (def->name[0] == 0 || economy_find_region(economy, def->name) != JW_NONE)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "region \"%s\": the name is empty or taken",
                       def->name);
    if (!economy_is_region_fine(def))
        return jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "region \"%s\": a figure is out of range: people from 0 to 2e9, decline_per_year from 0 "
            "to 0.5, money not below 0",
            def->name);
    if (economy->region_count >= ECONOMY_REGIONS_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "there are %d regions at most", ECONOMY_REGIONS_MAX);
    jw_result result = jw_grow(&economy->regions, &economy->region_capacity, economy->region_count + 1ull,
                               sizeof *economy->regions, error);
    if (result == JW_OK)
        economy->regions[economy->region_count++] =
            (economy_region){.def = *def, .idle = def->skilled, .unskilled = def->unskilled};
    return result;
}

static int64_t employed_in(const jw_economy *economy, uint32_t index)
{
    int64_t people = 0;
    for (uint32_t i = 0; i < economy->park_count; i++)
        if (economy->parks[i].region == index)
            people += (int64_t)economy->parks[i].has[JW_PARK_PEOPLE];
    return people;
}

static int64_t training_in(const jw_economy *economy, uint32_t index)
{
    int64_t people = 0;
    for (uint32_t q = 0; q < TRAINING_QUARTERS; q++)
        people += economy->regions[index].training[q];
    for (uint32_t i = 0; i < economy->park_count; i++) /* by a park that has ordered them */
        if (economy->parks[i].region == index)
            people += (int64_t)economy->parks[i].ordered[JW_PARK_PEOPLE];
    return people;
}

bool region_is_consistent(const jw_economy *economy, uint32_t index)
{
    const economy_region *region = &economy->regions[index];
    return region->idle >= 0 && region->unskilled >= 0 && region->retired >= 0 &&
           employed_in(economy, index) + training_in(economy, index) + region->idle + region->unskilled +
                   region->retired ==
               region->def.skilled + region->def.unskilled + region->arrived;
}

jw_result region_move(jw_economy *economy, uint32_t from, uint32_t to, int64_t people, jw_error *error)
{
    economy_region *source = &economy->regions[from], *target = &economy->regions[to];
    if (from == to)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "nobody moves from region \"%s\" to itself",
                       source->def.name);
    if (people < 1 || people > source->idle)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "region \"%s\" has %lld idle skilled people: %lld cannot move", source->def.name,
                       (long long)source->idle, (long long)people);
    if (target->idle + people > PEOPLE_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "region \"%s\" has room for %lld people",
                       target->def.name, (long long)PEOPLE_MAX);
    source->idle -= people;
    source->arrived -= people;
    target->idle += people;
    target->arrived += people;
    return JW_OK;
}

jw_result region_retrain(jw_economy *economy, uint32_t index, int64_t people, jw_error *error)
{
    economy_region *region = &economy->regions[index];
    if (people < 1 || people > region->unskilled)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "region \"%s\" has %lld unskilled people: %lld cannot be trained", region->def.name,
                       (long long)region->unskilled, (long long)people);
    int64_t price_fen = economy->equip.price_fen[JW_PARK_PEOPLE];
    bool is_money = people <= INT64_MAX / (price_fen > 0 ? price_fen : 1);
    jw_result result = economy_pay(economy, ACCOUNT_FUND, ACCOUNT_OUTSIDE,
                                   is_money ? people * price_fen : INT64_MAX, "retraining", error);
    if (result != JW_OK)
        return result;
    region->unskilled -= people;
    region->training[TRAINING_QUARTERS - 1] += people;
    return JW_OK;
}

/* A whole number of people whose mean over quarters is count x share. */
static int64_t retiring(const jw_world *world, const jw_economy *economy, uint64_t entity, double count,
                        double share)
{
    double draw = jw_random_uniform(economy_random(world, "economy.retire"), entity, economy->quarter_count);
    return (int64_t)jw_min(jw_floor(count * share + draw), count);
}

void region_age(const jw_world *world, jw_economy *economy, uint32_t index)
{
    economy_region *region = &economy->regions[index];
    double share = 1 - jw_pow(1 - region->def.decline_per_year, 0.25);
    int64_t *const groups[] = {&region->idle, &region->unskilled};
    for (uint32_t g = 0; g < JW_COUNT_OF(groups); g++) {
        int64_t leave = retiring(world, economy, index * 2ull + g, (double)*groups[g], share);
        *groups[g] -= leave;
        region->retired += leave;
    }
    for (uint32_t i = 0; i < economy->park_count; i++) {
        economy_park *park = &economy->parks[i];
        if (park->region != index)
            continue;
        int64_t leave = retiring(world, economy, (1ull << 32) + i, park->has[JW_PARK_PEOPLE], share);
        park->has[JW_PARK_PEOPLE] -= (double)leave;
        region->retired += leave;
    }
    region->idle += region->training[0];
    for (uint32_t q = 0; q + 1 < TRAINING_QUARTERS; q++)
        region->training[q] = region->training[q + 1];
    region->training[TRAINING_QUARTERS - 1] = 0;
}

uint32_t jw_economy_region_count(const jw_economy *economy)
{
    return economy->region_count;
}

bool jw_economy_region(const jw_world *world, const jw_economy *economy, uint32_t slot, jw_region_state *out)
{
    (void)world;
    if (slot >= economy->region_count)
        return false;
    const economy_region *region = &economy->regions[slot];
    *out = (jw_region_state){.def = &region->def,
                             .employed = employed_in(economy, slot),
                             .idle = region->idle,
                             .unskilled = region->unskilled,
                             .training = training_in(economy, slot),
                             .researchers = region->def.researchers,
                             .retired = region->retired,
                             .arrived = region->arrived,
                             .output_fen_per_person = region->output_fen_per_person,
                             .ai_share = region->ai_share};
    for (uint32_t i = 0; i < economy->park_count; i++)
        out->parks += economy->parks[i].region == slot;
    for (uint32_t i = 0; i < economy->line_count; i++) {
        uint32_t park = economy->lines[i].park;
        out->lines += park != JW_NONE && economy->parks[park].region == slot;
    }
    return true;
}

/* ---- Theil's T */

static double theil_term(double share, double weight_share)
{
    return share > 0 && weight_share > 0 ? share * jw_log(share / weight_share) : 0;
}

jw_theil jw_economy_theil(const double *values, const double *weights, const uint32_t *groups, uint32_t count)
{
    jw_theil theil = {0};
    double all = 0, weight = 0;
    uint32_t group_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        all += jw_max(values[i], 0);
        weight += weights[i];
        group_count = groups[i] >= group_count ? groups[i] + 1 : group_count;
    }
    if (!(all > 0) || !(weight > 0))
        return theil;
    for (uint32_t g = 0; g < group_count; g++) {
        double group_all = 0, group_weight = 0;
        for (uint32_t i = 0; i < count; i++)
            if (groups[i] == g) {
                group_all += jw_max(values[i], 0);
                group_weight += weights[i];
            }
        theil.between += theil_term(group_all / all, group_weight / weight);
        for (uint32_t i = 0; i < count && group_all > 0; i++)
            if (groups[i] == g)
                theil.within +=
                    group_all / all * theil_term(jw_max(values[i], 0) / group_all, weights[i] / group_weight);
    }
    for (uint32_t i = 0; i < count; i++)
        theil.total += theil_term(jw_max(values[i], 0) / all, weights[i] / weight);
    return theil;
}
