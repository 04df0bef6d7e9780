/* Start-ups that sell to the programme: uncertain demand makes their loans dear and their deliveries late, a
 * guarantee of procurement makes demand certain. */
#include "economy/economy_internal.h"

#include <string.h>

static bool is_money(int64_t value_fen)
{
    return value_fen >= 0 && value_fen <= MONEY_MAX_FEN / 1000;
}

bool economy_is_supplier_fine(const jw_supplier_def *def)
{
    return is_money(def->cash_fen) && is_money(def->build_fen) && is_money(def->fixed_fen) &&
           is_money(def->price_fen) && is_money(def->unit_cost_fen) && def->capacity >= 1 &&
           def->capacity <= 1000000 && def->build_quarters >= 1 && def->build_quarters <= 400 &&
           economy_is_within(def->demand_share, 0, 1) && (double)def->price_fen * def->capacity <= 1e15 &&
           (double)def->unit_cost_fen * def->capacity <= 1e15;
}

static uint32_t find(const jw_economy *economy, const char *name)
{
    for (uint32_t i = 0; i < economy->supplier_count; i++)
        if (strcmp(economy->suppliers[i].def.name, name) == 0)
            return i;
    return JW_NONE;
}

jw_result economy_add_supplier(jw_economy *economy, const jw_supplier_def *def, jw_error *error)
{
    if (def->name[0] == 0 || find(economy, def->name) != JW_NONE)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "supplier \"%s\": the name is empty or taken",
                       def->name);
    if (economy_find_region(economy, def->region) == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "supplier \"%s\": there is no region \"%s\"",
                       def->name, def->region);
    if (!economy_is_supplier_fine(def))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "supplier \"%s\": a figure is out of range: money not below 0, capacity and "
                       "build_quarters at least 1, demand_share from 0 to 1",
                       def->name);
    if (economy->supplier_count >= ECONOMY_SUPPLIERS_MAX)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "there are %d suppliers at most",
                       ECONOMY_SUPPLIERS_MAX);
    jw_result result = jw_grow(&economy->suppliers, &economy->supplier_capacity,
                               economy->supplier_count + 1ull, sizeof *economy->suppliers, error);
    if (result == JW_OK)
        economy->suppliers[economy->supplier_count++] =
            (economy_supplier){.def = *def, .delivered_in = JW_NONE};
    return result;
}

/* The rate at which lenders break even; 1 where they would not lend. */
static double fair_rate(const jw_economy *economy, uint32_t index)
{
    const economy_supplier *supplier = &economy->suppliers[index];
    double base = economy->fund.base_rate, p = 0;
    if (supplier->guaranteed_quarters == 0) {
        int64_t cash_fen = economy->accounts[account_of_supplier(economy, index)].balance_fen;
        double quarters =
            supplier->def.fixed_fen > 0 ? (double)(cash_fen / supplier->def.fixed_fen) + 1 : 1000;
        p = jw_pow(1 - supplier->def.demand_share, jw_min(quarters, 1000));
    }
    return p < 1 ? jw_min((1 + base - economy->fund.recovery * p) / (1 - p) - 1, 1) : 1;
}

jw_result supplier_guarantee(jw_economy *economy, const char *name, uint32_t quarters, jw_error *error)
{
    uint32_t index = find(economy, name);
    if (index == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no supplier \"%s\"", name);
    economy_supplier *supplier = &economy->suppliers[index];
    if (supplier->has_defaulted)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "supplier \"%s\" has defaulted", name);
    if (supplier->guaranteed_quarters + quarters > 400)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "supplier \"%s\": 400 quarters at most", name);
    int64_t amount_fen = supplier->def.price_fen * supplier->def.capacity * (int64_t)quarters;
    int64_t free_fen = economy_free_fen(economy, ACCOUNT_FUND);
    if (amount_fen > free_fen)
        return jw_fail(
            error, JW_ERROR_STATE, NULL, 0,
            "the fund cannot stand for %u quarters of \"%s\": that is %.2f CNY, and it has %.2f CNY "
            "to spend",
            quarters, name, (double)amount_fen / 100, (double)free_fen / 100);
    supplier->guaranteed_quarters += quarters;
    economy->accounts[ACCOUNT_FUND].reserved_fen += amount_fen;
    return JW_OK;
}

static void release_guarantee(jw_economy *economy, economy_supplier *supplier, uint32_t quarters)
{
    supplier->guaranteed_quarters -= quarters;
    economy->accounts[ACCOUNT_FUND].reserved_fen -=
        supplier->def.price_fen * supplier->def.capacity * (int64_t)quarters;
}

static void sell(jw_economy *economy, uint32_t index, bool has_market)
{
    economy_supplier *supplier = &economy->suppliers[index];
    bool is_guaranteed = supplier->guaranteed_quarters > 0;
    int64_t revenue_fen = supplier->def.price_fen * supplier->def.capacity;
    uint32_t account = account_of_supplier(economy, index);
    if (supplier->delivered_in == JW_NONE)
        supplier->delivered_in = economy->quarter_count + 1;
    if (is_guaranteed)
        release_guarantee(economy, supplier, 1);
    if (!has_market && !is_guaranteed)
        return;
    (void)economy_pay(economy, has_market ? ACCOUNT_OUTSIDE : ACCOUNT_FUND, account, revenue_fen, "units",
                      NULL);
    supplier->sold += supplier->def.capacity;
    supplier->bought_fen += has_market ? 0 : revenue_fen;
    int64_t cost_fen = supplier->def.unit_cost_fen * supplier->def.capacity;
    int64_t free_fen = economy_free_fen(economy, account);
    (void)economy_pay(economy, account, ACCOUNT_OUTSIDE, cost_fen < free_fen ? cost_fen : free_fen,
                      "making them", NULL);
}

/* A unit for a park's own money; the start-up makes it as far as it can pay for that. */
static bool license_park(jw_economy *economy, uint32_t index, uint32_t park_index, double quality)
{
    economy_supplier *supplier = &economy->suppliers[index];
    economy_park *park = &economy->parks[park_index];
    uint32_t account = account_of_supplier(economy, index);
    if (park->def.is_detailed || park->has_defaulted || !(park->has[JW_PARK_INFERENCE] > 0) ||
        !(park->def.quality < quality) ||
        economy_pay(economy, account_of_park(economy, park_index), account, supplier->def.price_fen,
                    "a licence", NULL) != JW_OK)
        return false;
    int64_t cost_fen = supplier->def.unit_cost_fen, free_fen = economy_free_fen(economy, account);
    (void)economy_pay(economy, account, ACCOUNT_OUTSIDE, cost_fen < free_fen ? cost_fen : free_fen,
                      "making it", NULL);
    supplier->sold++;
    supplier->licensed++;
    park->spent_fen += supplier->def.price_fen;
    park->def.quality = quality;
    return true;
}

jw_result jw_economy_license(jw_economy *economy, const char *name, const char *region_name, double quality,
                             uint32_t *parks, jw_error *error)
{
    uint32_t index = find(economy, name), region = economy_find_region(economy, region_name), bought = 0;
    if (index == JW_NONE || region == JW_NONE)
        return index == JW_NONE
                   ? jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no supplier \"%s\"", name)
                   : jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no region \"%s\"", region_name);
    if (!economy_is_within(quality, 0, 1))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "a quality is from 0 to 1, not %g", quality);
    const economy_supplier *supplier = &economy->suppliers[index];
    if (supplier->has_defaulted)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "supplier \"%s\" has defaulted", name);
    if (supplier->delivered_in == JW_NONE)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "supplier \"%s\" does not deliver yet", name);
    for (uint32_t i = 0; i < economy->park_count; i++)
        if (economy->parks[i].region == region)
            bought += license_park(economy, index, i, quality);
    if (parks)
        *parks = bought;
    return bought > 0 ? JW_OK
                      : jw_fail(error, JW_ERROR_STATE, NULL, 0,
                                "no park of region \"%s\" has computers, a model of less than %.4g and "
                                "%.2f CNY",
                                region_name, quality, (double)supplier->def.price_fen / 100);
}

static void begin_building(jw_economy *economy, uint32_t index)
{
    economy_supplier *supplier = &economy->suppliers[index];
    supplier->rate = fair_rate(economy, index);
    if (supplier->rate >= 1)
        return; /* nobody lends */
    /* Its region's venture capital takes part, up to half: it asks for no interest. */
    uint32_t account = account_of_supplier(economy, index);
    uint32_t venture = account_of_region(economy_find_region(economy, supplier->def.region));
    int64_t free_fen = economy_free_fen(economy, venture), half_fen = supplier->def.build_fen / 2;
    int64_t equity_fen = free_fen < half_fen ? free_fen : half_fen;
    (void)economy_pay(economy, venture, account, equity_fen, "equity", NULL);
    supplier->loan_fen = supplier->def.build_fen - equity_fen;
    (void)economy_pay(economy, ACCOUNT_LENDERS, account, supplier->loan_fen, "a loan", NULL);
    (void)economy_pay(economy, account, ACCOUNT_OUTSIDE, supplier->def.build_fen, "building", NULL);
    supplier->loan_quarters = economy->fund.loan_quarters;
    supplier->stage = SUPPLIER_BUILDS;
    supplier->build_left = supplier->def.build_quarters;
}

/* Repayment begins with the first delivery. */
void supplier_pass_quarter(const jw_world *world, jw_economy *economy, uint32_t index)
{
    economy_supplier *supplier = &economy->suppliers[index];
    uint32_t account = account_of_supplier(economy, index);
    if (supplier->has_defaulted)
        return;
    bool has_market = jw_random_uniform(economy_random(world, "economy.demand"), index,
                                        economy->quarter_count) < supplier->def.demand_share;
    if (supplier->stage == SUPPLIER_BUILDS && --supplier->build_left == 0)
        supplier->stage = SUPPLIER_DELIVERS;
    if (supplier->stage == SUPPLIER_WAITS && (has_market || supplier->guaranteed_quarters > 0))
        begin_building(economy, index);
    else if (supplier->stage == SUPPLIER_DELIVERS)
        sell(economy, index, has_market);
    bool is_solvent =
        economy_pay(economy, account, ACCOUNT_OUTSIDE, supplier->def.fixed_fen, "fixed cost", NULL) == JW_OK;
    if (!is_solvent)
        economy_default(economy, account, &supplier->loan_fen, &supplier->loan_quarters);
    else if (supplier->stage == SUPPLIER_DELIVERS)
        is_solvent = economy_serve_loan(economy, account, &supplier->loan_fen, &supplier->loan_quarters,
                                        supplier->rate);
    if (!is_solvent) {
        supplier->has_defaulted = 1;
        release_guarantee(economy, supplier, supplier->guaranteed_quarters);
    }
}

uint32_t jw_economy_supplier_count(const jw_economy *economy)
{
    return economy->supplier_count;
}

bool jw_economy_supplier(const jw_world *world, const jw_economy *economy, uint32_t slot,
                         jw_supplier_state *out)
{
    (void)world;
    if (slot >= economy->supplier_count)
        return false;
    const economy_supplier *supplier = &economy->suppliers[slot];
    *out = (jw_supplier_state){
        .def = &supplier->def,
        .rate = supplier->stage == SUPPLIER_WAITS ? fair_rate(economy, slot) : supplier->rate,
        .cash_fen = economy->accounts[account_of_supplier(economy, slot)].balance_fen,
        .loan_fen = supplier->loan_fen,
        .sold = supplier->sold,
        .licensed = supplier->licensed,
        .bought_fen = supplier->bought_fen,
        .guaranteed_fen = supplier->def.price_fen * supplier->def.capacity * supplier->guaranteed_quarters,
        .guaranteed_quarters = supplier->guaranteed_quarters,
        .delivered_in = supplier->delivered_in,
        .has_defaulted = supplier->has_defaulted != 0};
    return true;
}
