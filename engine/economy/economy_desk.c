/* Desks at work: cases come, are decided on, wait, are served, and perhaps come back. */
#include "economy/economy_internal.h"

#include <string.h>

enum { CASES_MAX = 100000 }; /* at one desk: far beyond what people would wait for */

static void schedule(jw_world *world, const jw_economy *economy, double after_s, uint16_t kind, uint32_t desk,
                     uint64_t value)
{
    economy_schedule(world, economy, jw_ns_from_s(after_s), kind, desk, value);
}

static uint32_t find_case(const economy_desk *desk, uint32_t number)
{
    uint32_t low = 0, high = desk->case_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (desk->cases[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < desk->case_count && desk->cases[low].number == number ? low : JW_NONE;
}

static void draw_arrival(jw_world *world, jw_economy *economy, uint32_t index)
{
    economy_desk *desk = &economy->desks[index];
    desk->generation++;
    if (desk->def.per_h > 0)
        schedule(world, economy,
                 jw_random_exponential(economy_random(world, "economy.desk.arrival"), index, desk->draws++,
                                       3600 / desk->def.per_h),
                 EVENT_CASE_COMES, index, desk->generation);
}

/* Gives waiting cases to servers who are free. */
static void serve(jw_world *world, jw_economy *economy, uint32_t index)
{
    economy_desk *desk = &economy->desks[index];
    int64_t now_ns = jw_world_time_ns(world);
    while (desk->busy < desk->def.servers) {
        desk_case *first = NULL;
        for (uint32_t i = 0; i < desk->case_count; i++) {
            desk_case *c = &desk->cases[i];
            if (c->stage == CASE_WAITS && (!first || c->queue < first->queue ||
                                           (c->queue == first->queue && c->came_ns < first->came_ns)))
                first = c; /* of equals the earlier number, which stands first */
        }
        if (!first)
            return;
        jw_desk_class_counts *counts = &desk->counts[first->true_class];
        double limit_s = desk->def.classes[first->true_class].limit_s,
               wait_s = jw_s_from_ns(now_ns - first->came_ns);
        counts->begun++;
        counts->over_limit += limit_s > 0 && wait_s > limit_s;
        counts->misplaced += first->queue != first->true_class;
        counts->wait_sum_s += wait_s;
        first->stage = CASE_SERVED;
        desk->busy++;
        double mean_s = first->is_unjudged && desk->def.kind == JW_DESK_CLEARING ? desk->def.manual_s
                                                                                 : desk->def.service_s;
        schedule(
            world, economy,
            jw_random_exponential(economy_random(world, "economy.desk.service"), index, first->ask, mean_s),
            EVENT_CASE_SERVED, index, first->number);
    }
}

/* The case is decided on, or nobody does. */
static void take_in(jw_world *world, jw_economy *economy, uint32_t index, desk_case *c, bool is_judged,
                    bool is_right)
{
    const jw_desk_def *def = &economy->desks[index].def;
    c->stage = CASE_WAITS;
    c->is_unjudged = !is_judged;
    c->is_wrong = is_judged && !is_right;
    c->queue = c->true_class;
    if (def->kind == JW_DESK_TRIAGE && !is_judged)
        c->queue = (uint8_t)(def->class_count - 1);
    else if (def->kind == JW_DESK_TRIAGE && c->is_wrong && def->class_count > 1)
        c->queue = (uint8_t)((c->true_class + 1 +
                              jw_random_index(economy_random(world, "economy.desk.class"), index, c->ask,
                                              def->class_count - 1)) %
                             def->class_count);
    serve(world, economy, index);
}

static void ask(jw_world *world, jw_economy *economy, uint32_t index, uint32_t number)
{
    economy_desk *desk = &economy->desks[index];
    uint32_t i = find_case(desk, number), asked = ++desk->asks;
    desk->cases[i].ask = asked;
    desk->cases[i].stage = CASE_ASKED;
    desk->cases[i].came_ns = jw_world_time_ns(world);
    jw_ask result =
        economy->ports.judge_case ? economy->ports.judge_case(world, index, asked) : JW_ASK_FALLBACK;
    i = find_case(desk, number);
    if (i == JW_NONE || desk->cases[i].stage != CASE_ASKED)
        return; /* answered at once */
    if (result == JW_ASK_SENT)
        schedule(world, economy, desk->def.patience_s, EVENT_CASE_UNANSWERED, index, asked);
    else if (result != JW_ASK_PERSON)
        take_in(world, economy, index, &desk->cases[i], false, false);
}

static uint32_t find_asked(const economy_desk *desk, uint32_t asked)
{
    for (uint32_t i = 0; i < desk->case_count; i++)
        if (desk->cases[i].ask == asked && desk->cases[i].stage == CASE_ASKED)
            return i;
    return JW_NONE;
}

jw_judgement jw_economy_judge_case(jw_world *world, jw_economy *economy, uint32_t index, uint32_t asked,
                                   double quality)
{
    uint32_t i = index < economy->desk_count ? find_asked(&economy->desks[index], asked) : JW_NONE;
    if (i == JW_NONE)
        return JW_JUDGED_NOT; /* too late */
    bool is_right = jw_random_uniform(economy_random(world, "economy.desk.judge"), index, asked) < quality;
    take_in(world, economy, index, &economy->desks[index].cases[i], true, is_right);
    return is_right ? JW_JUDGED_RIGHT : JW_JUDGED_WRONG;
}

static uint8_t draw_class(jw_world *world, const economy_desk *desk, uint32_t index)
{
    double u = jw_random_uniform(economy_random(world, "economy.desk.kind"), index, desk->numbers);
    uint32_t k = 0;
    while (k + 1 < desk->def.class_count && u >= desk->def.classes[k].share)
        u -= desk->def.classes[k++].share;
    return (uint8_t)k;
}

static void case_comes(jw_world *world, jw_economy *economy, uint32_t index, uint64_t generation)
{
    economy_desk *desk = &economy->desks[index];
    if (generation != desk->generation)
        return;
    draw_arrival(world, economy, index);
    if (desk->case_count >= CASES_MAX)
        return; /* it does not even come in */
    if (jw_grow(&desk->cases, &desk->case_capacity, desk->case_count + 1ull, sizeof *desk->cases, NULL) !=
        JW_OK) {
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory for the cases of a desk");
        return;
    }
    desk->numbers++;
    desk->cases[desk->case_count++] = (desk_case){.number = desk->numbers,
                                                  .true_class = draw_class(world, desk, index),
                                                  .first_ns = jw_world_time_ns(world)};
    desk->counts[desk->cases[desk->case_count - 1].true_class].arrived++;
    ask(world, economy, index, desk->numbers);
}

static void case_served(jw_world *world, jw_economy *economy, uint32_t index, uint32_t number)
{
    economy_desk *desk = &economy->desks[index];
    uint32_t i = find_case(desk, number);
    if (i == JW_NONE || desk->cases[i].stage != CASE_SERVED)
        return;
    desk_case c = desk->cases[i];
    desk->busy--;
    if (desk->def.kind == JW_DESK_CLEARING && c.is_wrong) {
        desk->cases[i].stage = CASE_AWAY;
        desk->rework++;
        schedule(world, economy, desk->def.rework_s, EVENT_CASE_BACK, index, number);
    } else {
        desk->counts[c.true_class].done++;
        desk->counts[c.true_class].turnaround_sum_s += jw_s_from_ns(jw_world_time_ns(world) - c.first_ns);
        memmove(&desk->cases[i], &desk->cases[i + 1], (desk->case_count - i - 1) * sizeof *desk->cases);
        desk->case_count--;
    }
    serve(world, economy, index);
}

void desk_on_event(jw_world *world, jw_economy *economy, const jw_event *event)
{
    uint32_t index = event->a - 1, i;
    if (index >= economy->desk_count)
        return;
    economy_desk *desk = &economy->desks[index];
    switch (event->kind) {
    case EVENT_CASE_COMES:
        case_comes(world, economy, index, event->b);
        break;
    case EVENT_CASE_UNANSWERED:
        i = find_asked(desk, (uint32_t)event->b);
        if (i != JW_NONE)
            take_in(world, economy, index, &desk->cases[i], false, false);
        break;
    case EVENT_CASE_SERVED:
        case_served(world, economy, index, (uint32_t)event->b);
        break;
    default:
        i = find_case(desk, (uint32_t)event->b);
        if (i != JW_NONE && desk->cases[i].stage == CASE_AWAY)
            ask(world, economy, index, (uint32_t)event->b);
        break;
    }
}

/* ---- definition ------------------------------------------------------------------------------------------
 */

bool economy_is_desk_fine(const jw_desk_def *def)
{
    double shares = 0;
    bool is_fine = def->name[0] != 0 && def->kind <= JW_DESK_CLEARING && def->class_count >= 1 &&
                   def->class_count <= JW_DESK_CLASSES_MAX && economy_is_within(def->x_m, -1e7, 1e7) &&
                   economy_is_within(def->y_m, -1e7, 1e7) && economy_is_within(def->per_h, 0, 1e5) &&
                   def->servers >= 1 && def->servers <= 10000 &&
                   economy_is_within(def->service_s, 0.1, 1e6) &&
                   economy_is_within(def->patience_s, 0.001, 1e6) &&
                   economy_is_within(def->manual_s, 0.1, 1e7) && economy_is_within(def->rework_s, 0.001, 1e7);
    for (uint32_t k = 0; is_fine && k < def->class_count; k++) {
        is_fine = economy_is_within(def->classes[k].share, 1e-9, 1) &&
                  economy_is_within(def->classes[k].limit_s, 0, 1e7);
        shares += def->classes[k].share;
    }
    return is_fine && economy_is_within(shares, 1 - 1e-6, 1 + 1e-6);
}

static jw_desk_def with_defaults(const jw_desk_def *def)
{
    jw_desk_def out = *def;
    out.patience_s = def->patience_s == 0 ? 30 : def->patience_s;
    out.manual_s = def->manual_s == 0 ? 3 * def->service_s : def->manual_s;
    out.rework_s = def->rework_s == 0 ? 600 : def->rework_s;
    if (def->class_count == 0) {
        out.class_count = 1;
        out.classes[0] = (jw_desk_class){.name = "all", .share = 1};
    }
    return out;
}

jw_result jw_economy_check_desk(const jw_desk_def *def, jw_error *error)
{
    jw_desk_def full = with_defaults(def);
    if (economy_is_desk_fine(&full))
        return JW_OK;
    return jw_fail(
        error, JW_ERROR_INPUT, NULL, 0,
        "desk \"%s\": it has a name, 1 to 10000 servers, 0 to 100000 cases an hour, times above 0, "
        "and 1 to %d classes whose shares are above 0 and sum to 1",
        def->name, JW_DESK_CLASSES_MAX);
}

jw_result jw_economy_add_desk(jw_world *world, jw_economy *economy, const jw_desk_def *def, jw_error *error)
{
    jw_result result = jw_economy_check_desk(def, error);
    if (result == JW_OK && economy_find_desk(economy, def->name) != JW_NONE)
        result = jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "desk \"%s\" is defined twice", def->name);
    if (result == JW_OK && economy->desk_count >= ECONOMY_DESKS_MAX)
        result = jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "there are %d desks at most", ECONOMY_DESKS_MAX);
    if (result == JW_OK)
        result = jw_grow(&economy->desks, &economy->desk_capacity, economy->desk_count + 1ull,
                         sizeof *economy->desks, error);
    if (result != JW_OK)
        return result;
    economy->desks[economy->desk_count] = (economy_desk){.def = with_defaults(def)};
    draw_arrival(world, economy, economy->desk_count++);
    return JW_OK;
}

uint32_t economy_find_desk(const jw_economy *economy, const char *name)
{
    for (uint32_t i = 0; i < economy->desk_count; i++)
        if (strcmp(economy->desks[i].def.name, name) == 0)
            return i;
    return JW_NONE;
}

jw_result desk_set(jw_world *world, jw_economy *economy, const char *name, double servers, double per_h,
                   jw_error *error)
{
    uint32_t index = economy_find_desk(economy, name);
    if (index == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no desk \"%s\"", name);
    if (servers > 0 && servers < 1)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "set_desk: %g servers at \"%s\": 1 or more, or 0",
                       servers, name);
    economy_desk *desk = &economy->desks[index];
    if (servers >= 1)
        desk->def.servers = (uint32_t)servers;
    if (per_h >= 0) {
        desk->def.per_h = per_h;
        draw_arrival(world, economy, index); /* memoryless: the next one is drawn anew */
    }
    serve(world, economy, index);
    return JW_OK;
}

/* ---- looking in ------------------------------------------------------------------------------------------
 */

uint32_t jw_economy_desk_count(const jw_economy *economy)
{
    return economy->desk_count;
}

bool jw_economy_desk(const jw_world *world, const jw_economy *economy, uint32_t slot, jw_desk_state *out)
{
    if (slot >= economy->desk_count)
        return false;
    const economy_desk *desk = &economy->desks[slot];
    *out = (jw_desk_state){.def = &desk->def, .served = desk->busy, .rework = desk->rework};
    memcpy(out->classes, desk->counts, sizeof out->classes);
    for (uint32_t i = 0; i < desk->case_count; i++) {
        const desk_case *c = &desk->cases[i];
        double limit_s = desk->def.classes[c->true_class].limit_s;
        bool waits = c->stage <= CASE_WAITS;
        out->waiting += waits;
        out->away += c->stage == CASE_AWAY;
        out->overdue[c->true_class] +=
            waits && limit_s > 0 && jw_s_from_ns(jw_world_time_ns(world) - c->came_ns) > limit_s;
    }
    return true;
}

/* Who is there was not counted as arrived before the counts began: now it is. */
void desk_restart_counts(economy_desk *desk)
{
    memset(desk->counts, 0, sizeof desk->counts);
    desk->rework = 0;
    for (uint32_t i = 0; i < desk->case_count; i++)
        desk->counts[desk->cases[i].true_class].arrived++;
}

bool desk_is_consistent(const economy_desk *desk)
{
    int64_t balance = 0;
    uint32_t served = 0;
    for (uint32_t k = 0; k < desk->def.class_count; k++)
        balance += desk->counts[k].arrived - desk->counts[k].done;
    for (uint32_t i = 0; i < desk->case_count; i++)
        served += desk->cases[i].stage == CASE_SERVED;
    return balance == desk->case_count && served == desk->busy;
}
