/* Saving and loading the module: regions, parks, suppliers, accounts, quarters, then the lines. */
#include "economy/economy_internal.h"

static void save_numbers(jw_writer *writer, double *const *numbers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        jw_write_f64(writer, *numbers[i]);
}

static void load_numbers(jw_reader *reader, double *const *numbers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        *numbers[i] = jw_read_f64(reader);
}

static void save_integers(jw_writer *writer, int64_t *const *integers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        jw_write_i64(writer, *integers[i]);
}

static void load_integers(jw_reader *reader, int64_t *const *integers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        *integers[i] = jw_read_i64(reader);
}

/* Each record's fields are listed once: the same list is written and read. */
typedef struct fields {
    double *numbers[32];
    int64_t *integers[32];
    uint32_t *counts[24];
    uint8_t *flags[8];
    uint32_t number_count, integer_count, count_count, flag_count;
} fields;

#define NUMBER(x)  list->numbers[list->number_count++] = &(x)
#define INTEGER(x) list->integers[list->integer_count++] = &(x)
#define COUNT(x)   list->counts[list->count_count++] = &(x)
#define FLAG(x)    list->flags[list->flag_count++] = &(x)

static void save_fields(jw_writer *writer, const fields *list)
{
    save_numbers(writer, list->numbers, list->number_count);
    save_integers(writer, list->integers, list->integer_count);
    for (uint32_t i = 0; i < list->count_count; i++)
        jw_write_u32(writer, *list->counts[i]);
    for (uint32_t i = 0; i < list->flag_count; i++)
        jw_write_u8(writer, *list->flags[i]);
}

static void load_fields(jw_reader *reader, const fields *list)
{
    load_numbers(reader, list->numbers, list->number_count);
    load_integers(reader, list->integers, list->integer_count);
    for (uint32_t i = 0; i < list->count_count; i++)
        *list->counts[i] = jw_read_u32(reader);
    for (uint32_t i = 0; i < list->flag_count; i++)
        *list->flags[i] = jw_read_u8(reader);
}

static void list_region(economy_region *r, fields *list)
{
    NUMBER(r->def.decline_per_year);
    NUMBER(r->output_fen_per_person);
    NUMBER(r->ai_share);
    INTEGER(r->def.skilled);
    INTEGER(r->def.unskilled);
    INTEGER(r->def.researchers);
    INTEGER(r->def.venture_fen);
    INTEGER(r->idle);
    INTEGER(r->unskilled);
    INTEGER(r->retired);
    INTEGER(r->arrived);
    for (uint32_t i = 0; i < TRAINING_QUARTERS; i++)
        INTEGER(r->training[i]);
}

static void list_park(economy_park *p, fields *list)
{
    NUMBER(p->def.fibre_gbps);
    NUMBER(p->def.power_kw);
    NUMBER(p->def.inference_per_s);
    NUMBER(p->def.inference_s);
    NUMBER(p->def.quality);
    NUMBER(p->def.picture_bytes);
    NUMBER(p->def.distance_km);
    INTEGER(p->def.people);
    INTEGER(p->def.cash_fen);
    INTEGER(p->link_free_ns);
    INTEGER(p->server_free_ns);
    INTEGER(p->loan_fen);
    INTEGER(p->spent_fen);
    COUNT(p->region);
    COUNT(p->loan_quarters);
    FLAG(p->has_defaulted);
    for (uint32_t n = 0; n < JW_PARK_NEED_COUNT; n++) {
        NUMBER(p->has[n]);
        NUMBER(p->ordered[n]);
        COUNT(p->quarters_left[n]);
    }
}

static void list_supplier(economy_supplier *s, fields *list)
{
    NUMBER(s->def.demand_share);
    NUMBER(s->rate);
    INTEGER(s->def.cash_fen);
    INTEGER(s->def.build_fen);
    INTEGER(s->def.fixed_fen);
    INTEGER(s->def.price_fen);
    INTEGER(s->def.unit_cost_fen);
    INTEGER(s->loan_fen);
    INTEGER(s->sold);
    INTEGER(s->licensed);
    INTEGER(s->bought_fen);
    COUNT(s->def.capacity);
    COUNT(s->def.build_quarters);
    COUNT(s->build_left);
    COUNT(s->loan_quarters);
    COUNT(s->guaranteed_quarters);
    COUNT(s->delivered_in);
    FLAG(s->stage);
    FLAG(s->has_defaulted);
}

static void list_theil(jw_theil *t, fields *list)
{
    NUMBER(t->total);
    NUMBER(t->between);
    NUMBER(t->within);
}

static void list_quarter(jw_quarter *q, fields *list)
{
    NUMBER(q->results.delay_s);
    NUMBER(q->results.on_time_share);
    NUMBER(q->results.latency_ms);
    NUMBER(q->results.energy_kwh);
    NUMBER(q->oee);
    NUMBER(q->output_fen_per_hour);
    NUMBER(q->capital_fen);
    NUMBER(q->labour);
    NUMBER(q->tfp);
    NUMBER(q->margin_fen_per_hour);
    NUMBER(q->service_fen_per_hour);
    NUMBER(q->energy_fen_per_hour);
    NUMBER(q->people);
    NUMBER(q->alpha);
    list_theil(&q->access, list);
    list_theil(&q->productivity, list);
    COUNT(q->number);
    COUNT(q->parks_complete);
    COUNT(q->defaults);
}

static void list_economy(jw_economy *e, fields *list)
{
    NUMBER(e->fund.leverage);
    NUMBER(e->fund.base_rate);
    NUMBER(e->fund.private_rate);
    NUMBER(e->fund.state_rate);
    NUMBER(e->fund.recovery);
    NUMBER(e->productivity.alpha);
    NUMBER(e->productivity.carrying_rate);
    NUMBER(e->log_reference);
    INTEGER(e->budget.start_fen);
    INTEGER(e->budget.quarterly_fen);
    INTEGER(e->budget.site_fen);
    INTEGER(e->budget.rollout_fen);
    INTEGER(e->city_spent_fen);
    INTEGER(e->capex_fen);
    COUNT(e->capex_years);
    INTEGER(e->fund.size_fen);
    INTEGER(e->productivity.service_fen_per_hour);
    INTEGER(e->productivity.energy_fen_per_kwh);
    INTEGER(e->productivity.wage_fen_per_hour);
    COUNT(e->fund.tranches);
    COUNT(e->fund.loan_quarters);
    COUNT(e->tranches_called);
    COUNT(e->defaults);
    FLAG(e->has_reference);
    for (uint32_t i = 0; i < JW_PARK_NEED_COUNT; i++) {
        INTEGER(e->equip.price_fen[i]);
        COUNT(e->equip.quarters[i]);
    }
}

/* ---- saving */

void economy_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    jw_economy copy = *(const jw_economy *)state, *economy = &copy;
    fields list = {0};
    list_economy(economy, &list);
    save_fields(writer, &list);
    jw_write_u8(writer, economy->budget.is_on);
    jw_write_u32(writer, economy->region_count);
    for (uint32_t i = 0; i < economy->region_count; i++) {
        list = (fields){0};
        list_region(&economy->regions[i], &list);
        jw_write_text(writer, economy->regions[i].def.name);
        jw_write_u8(writer, (uint8_t)economy->regions[i].def.side);
        save_fields(writer, &list);
    }
    jw_write_u32(writer, economy->park_count);
    for (uint32_t i = 0; i < economy->park_count; i++) {
        list = (fields){0};
        list_park(&economy->parks[i], &list);
        jw_write_text(writer, economy->parks[i].def.name);
        jw_write_u8(writer, economy->parks[i].def.is_detailed);
        save_fields(writer, &list);
    }
    jw_write_u32(writer, economy->supplier_count);
    for (uint32_t i = 0; i < economy->supplier_count; i++) {
        list = (fields){0};
        list_supplier(&economy->suppliers[i], &list);
        jw_write_text(writer, economy->suppliers[i].def.name);
        jw_write_text(writer, economy->suppliers[i].def.region);
        save_fields(writer, &list);
    }
    for (uint32_t i = 0; i < economy->account_count; i++) {
        jw_write_i64(writer, economy->accounts[i].balance_fen);
        jw_write_i64(writer, economy->accounts[i].reserved_fen);
    }
    jw_write_u32(writer, economy->quarter_count);
    for (uint32_t i = 0; i < economy->quarter_count; i++) {
        list = (fields){0};
        list_quarter(&economy->quarters[i], &list);
        save_fields(writer, &list);
    }
    jw_write_u32(writer, economy->desk_count);
    for (uint32_t i = 0; i < economy->desk_count; i++)
        desk_save(writer, &economy->desks[i]);
    jw_write_u32(writer, economy->line_count);
    for (uint32_t i = 0; i < economy->line_count; i++)
        line_save(writer, &economy->lines[i]);
}

/* ---- loading */

static bool make_room(jw_reader *reader, void *items, uint32_t *capacity, uint32_t count, size_t size)
{
    if (jw_grow(items, capacity, count, size, NULL) == JW_OK)
        return !reader->failed;
    jw_reader_fail_memory(reader);
    return false;
}

static bool is_money(int64_t value_fen)
{
    return value_fen >= 0 && value_fen <= MONEY_MAX_FEN;
}

static void load_regions(jw_economy *economy, jw_reader *reader)
{
    uint32_t count = jw_read_count(reader, ECONOMY_REGIONS_MAX, 80);
    if (!make_room(reader, &economy->regions, &economy->region_capacity, count, sizeof *economy->regions))
        return;
    economy->region_count = count;
    for (uint32_t i = 0; i < count; i++) {
        economy_region *region = &economy->regions[i];
        fields list = {0};
        list_region(region, &list);
        jw_read_text(reader, region->def.name, sizeof region->def.name);
        region->def.side = jw_read_u8(reader) == JW_REGION_WEST ? JW_REGION_WEST : JW_REGION_EAST;
        load_fields(reader, &list);
        const int64_t people[] = {region->idle, region->unskilled, region->retired, region->training[0],
                                  region->training[1]};
        bool is_sound = economy_is_region_fine(&region->def) &&
                        economy_is_within(region->output_fen_per_person, 0, 1e300) &&
                        economy_is_within(region->ai_share, 0, 1);
        is_sound &= region->arrived >= -INT64_C(8000000000000) && region->arrived <= INT64_C(8000000000000);
        for (uint32_t k = 0; k < JW_COUNT_OF(people); k++)
            is_sound &= people[k] >= 0 && people[k] <= INT64_C(8000000000);
        if (!is_sound)
            jw_reader_fail(reader, "region \"%s\" is out of range", region->def.name);
    }
}

static bool is_park_sound(const jw_economy *economy, const economy_park *park)
{
    bool is_sound = economy_is_park_fine(&park->def) && park->region < economy->region_count &&
                    park->has_defaulted <= 1 && is_money(park->loan_fen) && is_money(park->spent_fen) &&
                    park->loan_quarters <= 400 && park->link_free_ns >= 0 &&
                    park->link_free_ns <= INT64_MAX / 4 && park->server_free_ns >= 0 &&
                    park->server_free_ns <= INT64_MAX / 4;
    for (uint32_t n = 0; n < JW_PARK_NEED_COUNT; n++)
        is_sound &= economy_is_within(park->has[n], 0, 1e12) &&
                    economy_is_within(park->ordered[n], 0, 1e12) && park->quarters_left[n] <= 401;
    return is_sound && jw_floor(park->has[JW_PARK_PEOPLE]) == park->has[JW_PARK_PEOPLE] &&
           jw_floor(park->ordered[JW_PARK_PEOPLE]) == park->ordered[JW_PARK_PEOPLE];
}

static void load_parks(jw_economy *economy, jw_reader *reader)
{
    uint32_t count = jw_read_count(reader, ECONOMY_PARKS_MAX, 150);
    if (!make_room(reader, &economy->parks, &economy->park_capacity, count, sizeof *economy->parks))
        return;
    economy->park_count = count;
    for (uint32_t i = 0; i < count; i++) {
        economy_park *park = &economy->parks[i];
        fields list = {0};
        list_park(park, &list);
        jw_read_text(reader, park->def.name, sizeof park->def.name);
        park->def.is_detailed = jw_read_u8(reader) != 0;
        load_fields(reader, &list);
        if (!is_park_sound(economy, park)) {
            jw_reader_fail(reader, "park \"%s\" is out of range", park->def.name);
            park->region = 0;
        } else {
            jw_text_copy(park->def.region, sizeof park->def.region, economy->regions[park->region].def.name);
        }
    }
}

static void load_suppliers(jw_economy *economy, jw_reader *reader)
{
    uint32_t count = jw_read_count(reader, ECONOMY_SUPPLIERS_MAX, 100);
    if (!make_room(reader, &economy->suppliers, &economy->supplier_capacity, count,
                   sizeof *economy->suppliers))
        return;
    economy->supplier_count = count;
    for (uint32_t i = 0; i < count; i++) {
        economy_supplier *supplier = &economy->suppliers[i];
        fields list = {0};
        list_supplier(supplier, &list);
        jw_read_text(reader, supplier->def.name, sizeof supplier->def.name);
        jw_read_text(reader, supplier->def.region, sizeof supplier->def.region);
        load_fields(reader, &list);
        if (!economy_is_supplier_fine(&supplier->def) || supplier->stage >= SUPPLIER_STAGES ||
            supplier->has_defaulted > 1 || supplier->guaranteed_quarters > 400 ||
            supplier->build_left > 400 || supplier->loan_quarters > 400 || !is_money(supplier->loan_fen) ||
            !is_money(supplier->sold) || !is_money(supplier->bought_fen) || supplier->licensed < 0 ||
            supplier->licensed > supplier->sold || !economy_is_within(supplier->rate, 0, 1) ||
            economy_find_region(economy, supplier->def.region) == JW_NONE ||
            (supplier->stage == SUPPLIER_BUILDS && supplier->build_left == 0))
            jw_reader_fail(reader, "supplier \"%s\" is out of range", supplier->def.name);
    }
}

static void load_accounts(jw_economy *economy, jw_reader *reader)
{
    uint32_t count =
        ACCOUNT_FIRST_REGION + economy->region_count + economy->supplier_count + economy->park_count;
    if (!make_room(reader, &economy->accounts, &economy->account_capacity, count, sizeof *economy->accounts))
        return;
    economy->account_count = count;
    for (uint32_t i = 0; i < count; i++) {
        economy_account *account = &economy->accounts[i];
        account->balance_fen = jw_read_i64(reader);
        account->reserved_fen = jw_read_i64(reader);
        bool is_owing = i <= ACCOUNT_LENDERS;
        if (account->balance_fen <= -4 * MONEY_MAX_FEN || account->balance_fen >= 4 * MONEY_MAX_FEN ||
            !is_money(account->reserved_fen) || (!is_owing && account->balance_fen < account->reserved_fen))
            jw_reader_fail(reader, "an account is out of range");
    }
}

static void load_quarters(jw_economy *economy, jw_reader *reader)
{
    uint32_t count = jw_read_count(reader, ECONOMY_QUARTERS_MAX, 100);
    if (!make_room(reader, &economy->quarters, &economy->quarter_capacity, count, sizeof *economy->quarters))
        return;
    economy->quarter_count = count;
    for (uint32_t i = 0; i < count; i++) {
        fields list = {0};
        list_quarter(&economy->quarters[i], &list);
        load_fields(reader, &list);
        for (uint32_t k = 0; k < list.number_count; k++)
            if (!economy_is_within(*list.numbers[k], -1e300, 1e300))
                jw_reader_fail(reader, "quarter %u is out of range", i + 1);
        if (economy->quarters[i].number != i + 1)
            jw_reader_fail(reader, "quarter %u has the number %u", i + 1, economy->quarters[i].number);
    }
}

static void load_desks(jw_economy *economy, jw_reader *reader, int64_t now_ns)
{
    uint32_t count = jw_read_count(reader, ECONOMY_DESKS_MAX, 150);
    if (!make_room(reader, &economy->desks, &economy->desk_capacity, count, sizeof *economy->desks))
        return;
    economy->desk_count = count;
    for (uint32_t i = 0; i < count; i++)
        desk_load(reader, &economy->desks[i], now_ns);
}

void economy_load(jw_world *world, void *state, jw_reader *reader)
{
    jw_economy *economy = state;
    fields list = {0};
    list_economy(economy, &list);
    load_fields(reader, &list);
    uint8_t has_budget = jw_read_u8(reader);
    economy->budget.is_on = has_budget == 1;
    if (!economy_is_fund_fine(economy) || has_budget > 1 || !is_money(economy->city_spent_fen) ||
        economy->has_reference > 1 || economy->tranches_called > economy->fund.tranches ||
        economy->capex_years > 100 || !is_money(economy->capex_fen) ||
        !economy_is_within(economy->log_reference, -1e6, 1e6))
        jw_reader_fail(reader, "the fund is out of range");
    load_regions(economy, reader);
    load_parks(economy, reader);
    load_suppliers(economy, reader);
    load_accounts(economy, reader);
    load_quarters(economy, reader);
    load_desks(economy, reader, jw_world_time_ns(world));
    uint32_t count = jw_read_count(reader, 1000000, 500);
    if (!make_room(reader, &economy->lines, &economy->line_capacity, count, sizeof *economy->lines))
        return;
    economy->line_count = count;
    for (uint32_t i = 0; i < count; i++) {
        line_load(reader, &economy->lines[i], jw_world_time_ns(world));
        if (economy->lines[i].park != JW_NONE && economy->lines[i].park >= economy->park_count)
            jw_reader_fail(reader, "production line \"%s\" is in no park", economy->lines[i].def.name);
        else
            park_take_line(economy, i);
    }
    jw_error error = {0};
    if (!reader->failed && !jw_economy_is_consistent(world, economy, &error))
        jw_reader_fail(reader, "%s", error.message);
}
