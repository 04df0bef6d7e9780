/* Accounts, the fund and its lenders. A payment takes from one account what it gives to another: the sum of
 * all balances is zero from the first day on. */
#include "economy/economy_internal.h"

#include <string.h>

jw_equip_def jw_default_equip_def(void)
{
    /* All unverified, of the order of magnitude only: 50,000 yuan a km of fibre, 5,000 a kW of transformer
     * and line, 10,000 a person's training, 3,000 a picture a second. */
    return (jw_equip_def){.price_fen = {5000000, 500000, 1000000, 300000}, .quarters = {1, 2, 1, 1}};
}

void economy_fill_fund(jw_economy *economy, const jw_economy_def *def)
{
    economy->fund = def->fund;
    economy->budget = def->budget;
    economy->budget.site_fen = def->budget.site_fen ? def->budget.site_fen : 20000000;
    economy->budget.rollout_fen = def->budget.rollout_fen ? def->budget.rollout_fen : 1000000;
    economy->productivity = def->productivity;
    economy->equip = def->equip ? *def->equip : jw_default_equip_def();
    jw_fund_def *fund = &economy->fund;
    jw_productivity_def *productivity = &economy->productivity;
    fund->tranches = fund->tranches ? fund->tranches : 4;
    fund->loan_quarters = fund->loan_quarters ? fund->loan_quarters : 20;
    productivity->energy_fen_per_kwh =
        productivity->energy_fen_per_kwh ? productivity->energy_fen_per_kwh : 60;
    productivity->wage_fen_per_hour =
        productivity->wage_fen_per_hour ? productivity->wage_fen_per_hour : 4000;
    double *const figures[] = {&fund->leverage,   &fund->base_rate,     &fund->private_rate,
                               &fund->state_rate, &productivity->alpha, &productivity->carrying_rate};
    static const double defaults[] = {1, 0.03, 0.12, 0.04, 0.4, 0.2};
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        if (*figures[i] == 0)
            *figures[i] = defaults[i];
}

bool economy_is_fund_fine(const jw_economy *economy)
{
    const jw_fund_def *fund = &economy->fund;
    const jw_productivity_def *productivity = &economy->productivity;
    for (uint32_t i = 0; i < JW_PARK_NEED_COUNT; i++)
        if (economy->equip.price_fen[i] < 0 || economy->equip.price_fen[i] > INT64_C(100000000000) ||
            economy->equip.quarters[i] > 400)
            return false;
    const int64_t sums_fen[] = {economy->budget.start_fen, economy->budget.quarterly_fen,
                                economy->budget.site_fen, economy->budget.rollout_fen};
    for (uint32_t i = 0; i < JW_COUNT_OF(sums_fen); i++)
        if (sums_fen[i] < 0 || sums_fen[i] > MONEY_MAX_FEN / 1000)
            return false;
    return fund->size_fen >= 0 && fund->size_fen <= MONEY_MAX_FEN && fund->tranches >= 1 &&
           fund->tranches <= 400 && economy_is_within(fund->leverage, 1, 100) &&
           economy_is_within(fund->base_rate, 0, 1) && economy_is_within(fund->private_rate, 0, 10) &&
           economy_is_within(fund->state_rate, 0, 10) && fund->loan_quarters >= 1 &&
           fund->loan_quarters <= 400 && economy_is_within(fund->recovery, 0, 1) &&
           economy_is_within(productivity->alpha, 0.001, 0.999) && productivity->service_fen_per_hour >= 0 &&
           productivity->service_fen_per_hour <= MONEY_MAX_FEN && productivity->energy_fen_per_kwh >= 0 &&
           productivity->energy_fen_per_kwh <= 1000000 && productivity->wage_fen_per_hour >= 0 &&
           productivity->wage_fen_per_hour <= 100000000 &&
           economy_is_within(productivity->carrying_rate, 0, 10);
}

/* ---- accounts */

uint32_t account_of_region(uint32_t index)
{
    return ACCOUNT_FIRST_REGION + index;
}

uint32_t account_of_supplier(const jw_economy *economy, uint32_t index)
{
    return ACCOUNT_FIRST_REGION + economy->region_count + index;
}

uint32_t account_of_park(const jw_economy *economy, uint32_t index)
{
    return ACCOUNT_FIRST_REGION + economy->region_count + economy->supplier_count + index;
}

const char *economy_account_name(const jw_economy *economy, uint32_t index)
{
    static const char *const first[] = {"outside", "lenders", "fund", "city"};
    if (index < ACCOUNT_FIRST_REGION)
        return first[index];
    index -= ACCOUNT_FIRST_REGION;
    if (index < economy->region_count)
        return economy->regions[index].def.name;
    index -= economy->region_count;
    return index < economy->supplier_count ? economy->suppliers[index].def.name
                                           : economy->parks[index - economy->supplier_count].def.name;
}

int64_t economy_free_fen(const jw_economy *economy, uint32_t index)
{
    return index <= ACCOUNT_LENDERS
               ? MONEY_MAX_FEN
               : economy->accounts[index].balance_fen - economy->accounts[index].reserved_fen;
}

static bool is_balance(int64_t balance_fen)
{
    return balance_fen > -4 * MONEY_MAX_FEN && balance_fen < 4 * MONEY_MAX_FEN;
}

jw_result economy_pay(jw_economy *economy, uint32_t from, uint32_t to, int64_t amount_fen, const char *what,
                      jw_error *error)
{
    int64_t free_fen = economy_free_fen(economy, from);
    if (amount_fen < 0 || amount_fen > free_fen)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "%s cannot pay %.2f CNY for %s to %s: it has %.2f CNY to spend",
                       economy_account_name(economy, from), (double)amount_fen / 100, what,
                       economy_account_name(economy, to), (double)free_fen / 100);
    if (!is_balance(economy->accounts[from].balance_fen - amount_fen) ||
        !is_balance(economy->accounts[to].balance_fen + amount_fen))
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "%s: the sums are larger than money can be", what);
    economy->accounts[from].balance_fen -= amount_fen;
    economy->accounts[to].balance_fen += amount_fen;
    return JW_OK;
}

/* What each has at the start comes from outside. */
jw_result economy_open_accounts(jw_economy *economy, jw_error *error)
{
    uint32_t count =
        ACCOUNT_FIRST_REGION + economy->region_count + economy->supplier_count + economy->park_count;
    jw_result result =
        jw_grow(&economy->accounts, &economy->account_capacity, count, sizeof *economy->accounts, error);
    if (result != JW_OK)
        return result;
    economy->account_count = count;
    result =
        economy_pay(economy, ACCOUNT_OUTSIDE, ACCOUNT_CITY, economy->budget.start_fen, "its start", error);
    for (uint32_t i = 0; i < economy->region_count && result == JW_OK; i++)
        result = economy_pay(economy, ACCOUNT_OUTSIDE, account_of_region(i),
                             economy->regions[i].def.venture_fen, "venture capital", error);
    for (uint32_t i = 0; i < economy->supplier_count && result == JW_OK; i++)
        result = economy_pay(economy, ACCOUNT_OUTSIDE, account_of_supplier(economy, i),
                             economy->suppliers[i].def.cash_fen, "its start", error);
    for (uint32_t i = 0; i < economy->park_count && result == JW_OK; i++)
        result = economy_pay(economy, ACCOUNT_OUTSIDE, account_of_park(economy, i),
                             economy->parks[i].def.cash_fen, "its start", error);
    return result;
}

uint32_t jw_economy_account_count(const jw_economy *economy)
{
    return economy->account_count;
}

bool jw_economy_account(const jw_economy *economy, uint32_t slot, jw_account_state *out)
{
    if (slot >= economy->account_count)
        return false;
    *out = (jw_account_state){economy_account_name(economy, slot), economy->accounts[slot].balance_fen,
                              economy->accounts[slot].reserved_fen};
    return true;
}

/* ---- the city */

jw_result jw_economy_spend(jw_economy *economy, int64_t amount_fen, const char *what, jw_error *error)
{
    if (!economy->budget.is_on)
        return JW_OK;
    jw_result result = economy_pay(economy, ACCOUNT_CITY, ACCOUNT_OUTSIDE, amount_fen, what, error);
    if (result == JW_OK)
        economy->city_spent_fen += amount_fen;
    return result;
}

void jw_economy_take_back(jw_economy *economy, int64_t amount_fen)
{
    if (economy->budget.is_on &&
        economy_pay(economy, ACCOUNT_OUTSIDE, ACCOUNT_CITY, amount_fen, "what was cancelled", NULL) == JW_OK)
        economy->city_spent_fen -= amount_fen;
}

const jw_budget_def *jw_economy_budget(const jw_economy *economy)
{
    return &economy->budget;
}

/* ---- the fund */

/* A tranche a quarter: the last one brings what division left over. */
void fund_call_tranche(jw_economy *economy)
{
    uint32_t tranches = economy->fund.tranches, called = economy->tranches_called;
    if (called >= tranches)
        return;
    int64_t part_fen = economy->fund.size_fen / tranches;
    int64_t amount_fen =
        called + 1 < tranches ? part_fen : economy->fund.size_fen - part_fen * (tranches - 1);
    economy->tranches_called++;
    (void)economy_pay(economy, ACCOUNT_OUTSIDE, ACCOUNT_FUND, amount_fen, "a tranche", NULL);
}

/* A grant; for each yuan of it the lenders add leverage - 1 as a loan to the park. */
jw_result fund_park(jw_economy *economy, uint32_t index, int64_t amount_fen, jw_error *error)
{
    economy_park *park = &economy->parks[index];
    uint32_t account = account_of_park(economy, index);
    if (park->has_defaulted)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "park \"%s\" has defaulted: nobody lends to it",
                       park->def.name);
    double loan_fen = (double)amount_fen * (economy->fund.leverage - 1);
    if (loan_fen > 1e17)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "park \"%s\": the loan is larger than money can be",
                       park->def.name);
    jw_result result = economy_pay(economy, ACCOUNT_FUND, account, amount_fen, "a grant", error);
    if (result != JW_OK)
        return result;
    int64_t lent_fen = (int64_t)loan_fen;
    if (lent_fen > 0 && economy_pay(economy, ACCOUNT_LENDERS, account, lent_fen, "a loan", NULL) == JW_OK) {
        park->loan_fen += lent_fen;
        park->loan_quarters = economy->fund.loan_quarters;
    }
    return JW_OK;
}

void economy_default(jw_economy *economy, uint32_t debtor, int64_t *loan_fen, uint32_t *quarters)
{
    int64_t left_fen = economy->accounts[debtor].balance_fen;
    int64_t back_fen = (int64_t)((double)*loan_fen * economy->fund.recovery);
    if (left_fen > 0)
        (void)economy_pay(economy, debtor, ACCOUNT_LENDERS, left_fen, "what is left", NULL);
    (void)economy_pay(economy, ACCOUNT_OUTSIDE, ACCOUNT_LENDERS, back_fen, "what is recovered", NULL);
    *loan_fen = 0;
    *quarters = 0;
    economy->defaults++;
}

bool economy_serve_loan(jw_economy *economy, uint32_t debtor, int64_t *loan_fen, uint32_t *quarters,
                        double rate)
{
    if (*loan_fen == 0 || *quarters == 0)
        return true;
    int64_t part_fen = *loan_fen / *quarters;
    int64_t interest_fen = (int64_t)jw_round((double)*loan_fen * rate / 4);
    if (economy_pay(economy, debtor, ACCOUNT_LENDERS, part_fen + interest_fen, "its loan", NULL) != JW_OK) {
        economy_default(economy, debtor, loan_fen, quarters);
        return false;
    }
    *loan_fen -= part_fen;
    --*quarters;
    return true;
}
