/* The supply of accelerator cards: what may be bought under an export rule, orders, and what their makers can
 * send. The list of orders is the ledger: every sum is made from it. */
#include "ai/ai_internal.h"

#include "base/math.h"

#include <stdio.h>
#include <string.h>

#define DAY_NS   86400e9
#define DAYS_MAX 36500.0 /* of the calendar: an order later than that is refused */

static const char *const rule_names[] = {"none", "oct2023-first", "oct2023"};

const char *jw_export_rule_name(jw_export_rule rule)
{
    return rule_names[rule];
}

double jw_supply_tpp(const jw_supply_card *card)
{
    double fp16 = card->fp16_tflops * 16, int8 = card->int8_tops * 8;
    return fp16 > int8 ? fp16 : int8;
}

double jw_supply_density(const jw_supply_card *card)
{
    return card->die_mm2 > 0 ? jw_supply_tpp(card) / card->die_mm2 : 0;
}

bool jw_export_restricts(jw_export_rule rule, const jw_supply_card *card, char why[JW_EXPORT_WHY_SIZE])
{
    double tpp = jw_supply_tpp(card), density = jw_supply_density(card);
    why[0] = 0;
    if (rule == JW_EXPORT_NONE || card->is_domestic)
        return false;
    bool is_unknown = card->die_mm2 <= 0;
    double floor = 0; /* of the total, then of the density */
    if (tpp >= 4800) {
        snprintf(why, JW_EXPORT_WHY_SIZE, "its total processing performance of %.0f is 4800 or more", tpp);
        return true;
    }
    if (tpp >= 1600 && is_unknown) {
        snprintf(why, JW_EXPORT_WHY_SIZE,
                 "its total processing performance of %.0f is 1600 or more, and without a die area its "
                 "density is not known",
                 tpp);
        return true;
    }
    if (tpp >= 1600 && density >= 5.92)
        floor = 5.92;
    else if (rule == JW_EXPORT_OCT2023 && tpp >= 1600 && density >= 3.2)
        floor = 3.2;
    else if (rule == JW_EXPORT_OCT2023 && tpp >= 2400 && density >= 1.6)
        floor = 1.6;
    if (floor <= 0)
        return false;
    snprintf(why, JW_EXPORT_WHY_SIZE,
             "at a total processing performance of %.0f its density of %.2f is %.2f or more", tpp, density,
             floor);
    return true;
}

static bool in(double value, double min, double max)
{
    return value >= min && value <= max; /* not a NaN */
}

bool supply_is_card_fine(const jw_supply_card *card)
{
    return card->id[0] && in(card->fp16_tflops, 0, 1e6) && in(card->int8_tops, 0, 1e6) &&
           in(card->die_mm2, 0, 1e5) && in(card->price_cny, 0, 1e9) && in(card->peak_w, 0, 1e5) &&
           in(card->lead_days, 0, 3650) && in(card->maker_per_day, 0, 1e6) &&
           in(card->maker_growth_per_day, 0, 1e6) && card->is_domestic <= 1 && card->is_unverified <= 1 &&
           (card->maker_per_day > 0 || card->maker_growth_per_day <= 0);
}

static uint32_t find_card(const supply_book *supply, const char *id)
{
    for (uint32_t i = 0; i < supply->card_count; i++)
        if (strcmp(supply->cards[i].def.id, id) == 0)
            return i;
    return JW_NONE;
}

jw_result supply_add_card(supply_book *supply, const jw_supply_card *card, jw_error *error)
{
    if (!supply_is_card_fine(card))
        return jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "supply of card \"%s\": price, power, die area, lead time or its maker's output is out "
            "of range",
            card->id);
    if (find_card(supply, card->id) != JW_NONE)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "card \"%s\" is supplied already", card->id);
    jw_result result = jw_grow(&supply->cards, &supply->card_capacity, supply->card_count + 1ull,
                               sizeof *supply->cards, error);
    if (result == JW_OK)
        supply->cards[supply->card_count++] = (supply_card){.def = *card};
    return result;
}

double jw_supply_made_days(const jw_supply_card *card, double from_days, double count)
{
    if (card->maker_per_day <= 0)
        return from_days;
    double slope = card->maker_growth_per_day / 365, now = card->maker_per_day + slope * from_days;
    /* count = now t + slope t^2 / 2, in the form that loses nothing for a small slope. */
    return from_days + 2 * count / (now + jw_sqrt(now * now + 2 * slope * count));
}

int64_t supply_calendar_ns(const jw_world *world, const supply_book *supply)
{
    return jw_world_time_ns(world) + supply->passed_ns;
}

static void schedule_delivery(jw_world *world, const jw_ai *ai, uint32_t index)
{
    jw_schedule(world, ai->supply.orders[index].due_ns - ai->supply.passed_ns, JW_PRIORITY_NORMAL, ai->module,
                EVENT_DELIVERY, index, 0);
}

jw_result jw_ai_order_cards(jw_world *world, jw_ai *ai, const char *card, uint32_t count, uint64_t site,
                            uint32_t *order, jw_error *error)
{
    supply_book *supply = &ai->supply;
    uint32_t kind = find_card(supply, card);
    if (kind == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "order_cards: nobody supplies a card \"%s\"",
                       card);
    if (count == 0 || count > JW_ORDER_MAX)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "order_cards: %u cards, an order is 1 to %u", count,
                       JW_ORDER_MAX);
    supply_card *of = &supply->cards[kind];
    char why[JW_EXPORT_WHY_SIZE];
    if (jw_export_restricts((jw_export_rule)supply->rule, &of->def, why)) {
        of->refused += count;
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "order_cards: \"%s\" may not be bought: %s (rule %s)",
                       card, why, rule_names[supply->rule]);
    }
    double now_days = (double)supply_calendar_ns(world, supply) / DAY_NS;
    double made_days =
        jw_supply_made_days(&of->def, of->maker_free_days > now_days ? of->maker_free_days : now_days, count);
    double due_days = made_days + of->def.lead_days;
    if (!(due_days <= DAYS_MAX))
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "order_cards: the maker of \"%s\" would deliver after %.0f years only", card,
                       due_days / 365);
    jw_result result = jw_grow(&supply->orders, &supply->order_capacity, supply->order_count + 1ull,
                               sizeof *supply->orders, error);
    if (result != JW_OK)
        return result;
    int64_t due_ns = (int64_t)(due_days * DAY_NS);
    if (due_ns < supply_calendar_ns(world, supply))
        due_ns = supply_calendar_ns(world, supply);
    of->maker_free_days = made_days;
    *order = supply->order_count++;
    supply->orders[*order] = (supply_order){
        .card = kind, .count = count, .site = site, .due_ns = due_ns, .phase = JW_ORDER_COMING};
    schedule_delivery(world, ai, *order);
    return JW_OK;
}

static void put_in_racks(jw_world *world, jw_ai *ai, supply_order *order)
{
    if (ai->ports.rack_cards && ai->ports.is_site_up && ai->ports.is_site_up(world, order->site))
        order->is_racked =
            ai->ports.rack_cards(world, order->site, ai->supply.cards[order->card].def.id, order->count);
}

/* An event whose order falls due at another time by now is stale. */
void supply_deliver(jw_world *world, jw_ai *ai, const jw_event *event)
{
    supply_book *supply = &ai->supply;
    supply_order *order = event->a < supply->order_count ? &supply->orders[event->a] : NULL;
    if (!order || order->phase != JW_ORDER_COMING || order->due_ns != event->time_ns + supply->passed_ns)
        return;
    order->phase = JW_ORDER_DELIVERED;
    put_in_racks(world, ai, order);
}

void supply_fill_racks(jw_world *world, jw_ai *ai)
{
    for (uint32_t i = 0; i < ai->supply.order_count; i++) {
        supply_order *order = &ai->supply.orders[i];
        if (order->phase == JW_ORDER_DELIVERED && !order->is_racked)
            put_in_racks(world, ai, order);
    }
}

void supply_pass_days(jw_world *world, jw_ai *ai, double days)
{
    supply_book *supply = &ai->supply;
    const int64_t most_ns = (int64_t)(DAYS_MAX * DAY_NS);
    supply->passed_ns += (int64_t)(days * DAY_NS);
    if (supply->passed_ns > most_ns)
        supply->passed_ns = most_ns;
    for (uint32_t i = 0; i < supply->order_count; i++) {
        supply_order *order = &supply->orders[i];
        if (order->phase != JW_ORDER_COMING)
            continue;
        if (order->due_ns <= supply_calendar_ns(world, supply))
            order->phase = JW_ORDER_DELIVERED;
        else
            schedule_delivery(world, ai, i);
    }
    supply_fill_racks(world, ai);
}

void jw_ai_control_export(jw_world *world, jw_ai *ai, jw_export_rule rule)
{
    supply_book *supply = &ai->supply;
    double now_days = (double)supply_calendar_ns(world, supply) / DAY_NS;
    char why[JW_EXPORT_WHY_SIZE];
    supply->rule = (uint8_t)rule;
    for (uint32_t i = 0; i < supply->order_count; i++) {
        supply_card *of = &supply->cards[supply->orders[i].card];
        if (supply->orders[i].phase != JW_ORDER_COMING || !jw_export_restricts(rule, &of->def, why))
            continue;
        supply->orders[i].phase = JW_ORDER_CANCELLED;
        if (ai->ports.take_back)
            ai->ports.take_back(world, supply->orders[i].count * of->def.price_cny);
        of->maker_free_days = now_days; /* all that its maker had to make is cancelled */
    }
}

jw_export_rule jw_ai_export_rule(const jw_ai *ai)
{
    return (jw_export_rule)ai->supply.rule;
}

uint32_t jw_ai_supply_count(const jw_ai *ai)
{
    return ai->supply.card_count;
}

bool jw_ai_supply(const jw_ai *ai, uint32_t slot, jw_supply_state *out)
{
    const supply_book *supply = &ai->supply;
    if (slot >= supply->card_count)
        return false;
    char why[JW_EXPORT_WHY_SIZE];
    *out = (jw_supply_state){
        .def = &supply->cards[slot].def,
        .refused = supply->cards[slot].refused,
        .is_restricted = jw_export_restricts((jw_export_rule)supply->rule, &supply->cards[slot].def, why)};
    int64_t *const sums[] = {&out->coming, &out->delivered, &out->cancelled};
    for (uint32_t i = 0; i < supply->order_count; i++)
        if (supply->orders[i].card == slot) {
            out->ordered += supply->orders[i].count;
            *sums[supply->orders[i].phase] += supply->orders[i].count;
        }
    out->spent_cny = (double)(out->coming + out->delivered) * out->def->price_cny;
    return true;
}

uint32_t jw_ai_order_count(const jw_ai *ai)
{
    return ai->supply.order_count;
}

bool jw_ai_order(const jw_ai *ai, uint32_t slot, jw_order_state *out)
{
    if (slot >= ai->supply.order_count)
        return false;
    const supply_order *order = &ai->supply.orders[slot];
    *out = (jw_order_state){.card = ai->supply.cards[order->card].def.id,
                            .count = order->count,
                            .site = order->site,
                            .due_ns = order->due_ns - ai->supply.passed_ns,
                            .phase = (jw_order_phase)order->phase,
                            .is_racked = order->is_racked};
    return true;
}

int64_t jw_ai_card_stock(const jw_ai *ai, const char *card, uint64_t site)
{
    const supply_book *supply = &ai->supply;
    uint32_t kind = find_card(supply, card);
    int64_t stock = 0;
    for (uint32_t i = 0; i < supply->order_count; i++)
        if (supply->orders[i].card == kind && supply->orders[i].site == site &&
            supply->orders[i].phase == JW_ORDER_DELIVERED && !supply->orders[i].is_racked)
            stock += supply->orders[i].count;
    return stock;
}

/* ---- verb ---------------------------------------------------------------------------------------------- */

jw_result supply_verb_control(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    const char *name = jw_command_get_text(command, "rule", "");
    for (uint32_t i = 0; i < JW_COUNT_OF(rule_names); i++)
        if (strcmp(rule_names[i], name) == 0) {
            jw_ai_control_export(world, state, (jw_export_rule)i);
            return JW_OK;
        }
    return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                   "export_control: there is no rule \"%s\", only none, oct2023-first and oct2023", name);
}

/* ---- saving -------------------------------------------------------------------------------------------- */

void supply_save(const supply_book *supply, jw_writer *writer)
{
    jw_write_u8(writer, supply->rule);
    jw_write_i64(writer, supply->passed_ns);
    jw_write_u32(writer, supply->card_count);
    for (uint32_t i = 0; i < supply->card_count; i++) {
        const jw_supply_card *def = &supply->cards[i].def;
        jw_write_text(writer, def->id);
        jw_write_f64(writer, def->fp16_tflops);
        jw_write_f64(writer, def->int8_tops);
        jw_write_f64(writer, def->die_mm2);
        jw_write_f64(writer, def->price_cny);
        jw_write_f64(writer, def->peak_w);
        jw_write_f64(writer, def->lead_days);
        jw_write_f64(writer, def->maker_per_day);
        jw_write_f64(writer, def->maker_growth_per_day);
        jw_write_u8(writer, def->is_domestic);
        jw_write_u8(writer, def->is_unverified);
        jw_write_f64(writer, supply->cards[i].maker_free_days);
        jw_write_i64(writer, supply->cards[i].refused);
    }
    jw_write_u32(writer, supply->order_count);
    for (uint32_t i = 0; i < supply->order_count; i++) {
        jw_write_u32(writer, supply->orders[i].card);
        jw_write_u32(writer, supply->orders[i].count);
        jw_write_u64(writer, supply->orders[i].site);
        jw_write_i64(writer, supply->orders[i].due_ns);
        jw_write_u8(writer, supply->orders[i].phase);
        jw_write_u8(writer, supply->orders[i].is_racked);
    }
}

static void load_card(jw_reader *reader, supply_card *card)
{
    jw_supply_card *def = &card->def;
    jw_read_text(reader, def->id, sizeof def->id);
    double *const figures[] = {
        &def->fp16_tflops, &def->int8_tops, &def->die_mm2,       &def->price_cny,
        &def->peak_w,      &def->lead_days, &def->maker_per_day, &def->maker_growth_per_day};
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        *figures[i] = jw_read_f64(reader);
    def->is_domestic = jw_read_u8(reader);
    def->is_unverified = jw_read_u8(reader);
    card->maker_free_days = jw_read_f64(reader);
    card->refused = jw_read_i64(reader);
    if (!supply_is_card_fine(def) || !in(card->maker_free_days, 0, DAYS_MAX) || card->refused < 0 ||
        card->refused > INT64_MAX / 2)
        jw_reader_fail(reader, "the supply of card \"%s\" is out of range", def->id);
}

void supply_load(supply_book *supply, jw_reader *reader)
{
    supply->rule = jw_read_u8(reader);
    if (supply->rule > JW_EXPORT_OCT2023)
        jw_reader_fail(reader, "there is no export rule %u", supply->rule);
    supply->passed_ns = jw_read_i64(reader);
    if (supply->passed_ns < 0 || supply->passed_ns > (int64_t)(DAYS_MAX * DAY_NS))
        jw_reader_fail(reader, "the calendar is out of range");
    uint32_t count = jw_read_count(reader, 100000, 83);
    if (!reader->failed &&
        jw_grow(&supply->cards, &supply->card_capacity, count, sizeof *supply->cards, NULL) != JW_OK)
        jw_reader_fail_memory(reader);
    for (uint32_t i = 0; i < count && !reader->failed; i++, supply->card_count++) {
        load_card(reader, &supply->cards[i]);
        if (find_card(supply, supply->cards[i].def.id) != JW_NONE) /* among those before it */
            jw_reader_fail(reader, "card \"%s\" is supplied twice", supply->cards[i].def.id);
    }
    count = jw_read_count(reader, 10000000, 26);
    if (!reader->failed &&
        jw_grow(&supply->orders, &supply->order_capacity, count, sizeof *supply->orders, NULL) != JW_OK)
        jw_reader_fail_memory(reader);
    for (uint32_t i = 0; i < count && !reader->failed; i++, supply->order_count++) {
        supply_order *order = &supply->orders[i];
        order->card = jw_read_u32(reader);
        order->count = jw_read_u32(reader);
        order->site = jw_read_u64(reader);
        order->due_ns = jw_read_i64(reader);
        order->phase = jw_read_u8(reader);
        order->is_racked = jw_read_u8(reader);
        if (order->card >= supply->card_count || order->count == 0 || order->count > JW_ORDER_MAX ||
            order->due_ns < 0 || order->phase > JW_ORDER_CANCELLED || order->is_racked > 1 ||
            (order->is_racked && order->phase != JW_ORDER_DELIVERED))
            jw_reader_fail(reader, "order %u of cards is out of range", i);
    }
}

void supply_restart_counts(supply_book *supply)
{
    for (uint32_t i = 0; i < supply->card_count; i++)
        supply->cards[i].refused = 0;
}

void supply_free(supply_book *supply)
{
    jw_free(supply->cards);
    jw_free(supply->orders);
}
