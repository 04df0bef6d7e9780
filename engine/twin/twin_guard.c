/* What keeps a bad minute from becoming a bad hour: admission, the retry budget and circuit breakers.
 *
 * Retry budget: a token bucket as in Finagle (RetryBudget: by default 20 % of the requests may be retried)
 * and gRPC (proposal A6). Breakers: Nygard, "Release It!" (2007), with a window of counts as in Resilience4j.
 * Named from memory. */
#include "twin/twin_internal.h"

#define TOKENS_MAX_MILLI (JW_RETRY_TOKENS_MAX * INT64_C(1000))

/* ---- figures
 * ----------------------------------------------------------------------------------------------- */

bool twin_is_type_fine(const jw_request_type *type, jw_error *error)
{
    const struct {
        const char *what;
        double value, low, high;
    } limits[] = {
        {"up_bytes", (double)type->up_bytes, 1, 1e15},
        {"down_bytes", (double)type->down_bytes, 1, 1e15},
        {"items", type->items, 1, 1e9},
        {"output_tokens", type->output_tokens, 0, 1e9},
        {"deadline_s", type->deadline_s, 1e-9, 1e6},
        {"timeout_s", type->timeout_s, type->deadline_s, 1e6},
        {"kind", type->kind, 0, JW_TRAFFIC_KIND_COUNT - 1},
        {"policy", type->policy, 0, JW_POLICY_COUNT - 1},
        {"residency", type->residency, 0, JW_RESIDENCY_DISTRICT},
        {"retries", type->retries, 0, JW_RETRIES_MAX},
        {"admission", type->admission, 0, 1000},
        {"retry_budget", type->retry_budget, 0, 100},
        {"hedge", type->hedge, 0, 0.999},
        {"deferrable", type->is_deferrable, 0, 1},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(limits); i++)
        if (!(limits[i].value >= limits[i].low && limits[i].value <= limits[i].high)) { /* NaN is not */
            jw_fail(error, JW_ERROR_INPUT, NULL, 0, "request type \"%s\": %s is %g, it must be %g to %g",
                    type->name, limits[i].what, limits[i].value, limits[i].low, limits[i].high);
            return false;
        }
    return true;
}

bool twin_is_breaker_fine(const jw_breaker_def *breaker, jw_error *error)
{
    if (breaker->window <= 64 && breaker->failure_share >= 0 && breaker->failure_share <= 1 &&
        breaker->open_s >= 0 && breaker->open_s <= 1e6 && breaker->trials <= 100)
        return true;
    jw_fail(error, JW_ERROR_INPUT, NULL, 0,
            "breaker: window is 1 to 64, failure_share up to 1, open_s up to 1e6, trials up to 100");
    return false;
}

/* ---- budget
 * ------------------------------------------------------------------------------------------------ */

void twin_budget_add(twin_requests *requests, uint32_t type)
{
    double share = requests->types[type].retry_budget;
    int64_t *tokens = &requests->stats[type].tokens_milli;
    *tokens += (int64_t)jw_round(1000 * (share > 0 ? share : 0.2));
    if (*tokens > TOKENS_MAX_MILLI)
        *tokens = TOKENS_MAX_MILLI;
}

bool twin_budget_take(twin_requests *requests, uint32_t type)
{
    int64_t *tokens = &requests->stats[type].tokens_milli;
    if (*tokens < 1000)
        return false;
    *tokens -= 1000;
    return true;
}

/* ---- hedging
 * ----------------------------------------------------------------------------------------------- */

/* Hedged requests: Dean and Barroso, "The tail at scale", Communications of the ACM 56, 2013. The wait is
 * looked up every 100 answers, among the last 1,000 and, fading by halves, those before. */
void twin_hedge_learn(const jw_request_type *type, twin_request_stats *stats, uint32_t bin)
{
    if (type->hedge <= 0)
        return;
    stats->recent[bin]++;
    if (++stats->recent_count % 100 != 0)
        return;
    uint64_t rank = (uint64_t)(type->hedge * stats->recent_count), seen = 0;
    uint32_t at = 0;
    while (at < LATENCY_BINS - 1 && (seen += stats->recent[at]) <= rank)
        at++;
    stats->hedge_ns = (int64_t)(twin_bin_ms(at) * 1e6);
    if (stats->recent_count < 1000)
        return;
    stats->recent_count = 0;
    for (uint32_t b = 0; b < LATENCY_BINS; b++)
        stats->recent_count += stats->recent[b] /= 2;
}

/* ---- admission
 * --------------------------------------------------------------------------------------------- */

bool twin_admits(const jw_world *world, const twin_requests *requests, const twin_request *request,
                 jw_site_id site, bool is_there)
{
    const jw_request_type *type = &requests->types[request->type];
    if (type->admission <= 0)
        return true;
    double forecast_s = twin_forecast_s(world, requests, request, site, is_there);
    double elapsed_s = jw_s_from_ns(jw_world_time_ns(world) - request->created_ns);
    return forecast_s >= 0 && elapsed_s + forecast_s <= type->admission * type->deadline_s;
}

/* ---- breakers
 * ---------------------------------------------------------------------------------------------- */

twin_breaker *twin_breaker_of(const twin_requests *requests, uint32_t type, uint32_t site_slot)
{
    return &requests->breakers[site_slot * requests->type_count + type];
}

static jw_breaker_phase phase_of(const jw_world *world, const twin_breaker *breaker)
{
    bool is_over = breaker->phase == JW_BREAKER_OPEN && jw_world_time_ns(world) >= breaker->until_ns;
    return is_over ? JW_BREAKER_HALF_OPEN : (jw_breaker_phase)breaker->phase;
}

jw_breaker_phase jw_twin_breaker(const jw_world *world, uint32_t type, jw_site_id site)
{
    const twin_requests *requests = twin_requests_of(world);
    if (!requests->breaker.is_on || type >= requests->type_count || site.index1 == 0 ||
        site.index1 > requests->site_node_count)
        return JW_BREAKER_CLOSED;
    return phase_of(world, twin_breaker_of(requests, type, site.index1 - 1));
}

bool twin_breaker_lets_through(const jw_world *world, const twin_requests *requests, uint32_t type,
                               uint32_t site_slot)
{
    if (!requests->breaker.is_on)
        return true;
    const twin_breaker *breaker = twin_breaker_of(requests, type, site_slot);
    jw_breaker_phase phase = phase_of(world, breaker);
    return phase == JW_BREAKER_CLOSED || (phase == JW_BREAKER_HALF_OPEN && !breaker->has_trial);
}

void twin_breaker_leaves(jw_world *world, twin_requests *requests, uint32_t type, twin_copy *copy)
{
    copy->is_trial = 0;
    if (!requests->breaker.is_on)
        return;
    twin_breaker *breaker = twin_breaker_of(requests, type, copy->site.index1 - 1);
    jw_breaker_phase phase = phase_of(world, breaker);
    if (phase == JW_BREAKER_CLOSED)
        return;
    if (breaker->phase != JW_BREAKER_HALF_OPEN)
        *breaker = (twin_breaker){.phase = JW_BREAKER_HALF_OPEN};
    breaker->has_trial = copy->is_trial = 1;
}

static uint32_t ones(uint64_t bits)
{
    uint32_t count = 0;
    for (; bits; bits &= bits - 1)
        count++;
    return count;
}

static void mark(jw_world *world, uint32_t site_slot, const char *key)
{
    jw_site_state site;
    if (jw_compute_site(world, twin_compute_of(world), site_slot, &site))
        twin_diary_mark(world, site.def->x_m, site.def->y_m, key, site.def->name);
}

static void open_breaker(jw_world *world, const twin_requests *requests, twin_breaker *breaker,
                         uint32_t site_slot)
{
    double open_s = requests->breaker.open_s > 0 ? requests->breaker.open_s : 10;
    *breaker =
        (twin_breaker){.phase = JW_BREAKER_OPEN, .until_ns = jw_world_time_ns(world) + jw_ns_from_s(open_s)};
    mark(world, site_slot, "breaker_opened");
}

static void trial_ended(jw_world *world, const twin_requests *requests, twin_breaker *breaker,
                        uint32_t site_slot, bool is_ok)
{
    uint32_t trials = requests->breaker.trials ? requests->breaker.trials : 3;
    breaker->has_trial = 0;
    if (!is_ok) {
        open_breaker(world, requests, breaker, site_slot);
    } else if (++breaker->trials >= trials) {
        *breaker = (twin_breaker){.phase = JW_BREAKER_CLOSED};
        mark(world, site_slot, "breaker_closed");
    }
}

void twin_breaker_ends(jw_world *world, twin_requests *requests, uint32_t type, const twin_copy *copy,
                       bool is_ok)
{
    if (!requests->breaker.is_on)
        return;
    uint32_t slot = copy->site.index1 - 1;
    uint32_t window = requests->breaker.window ? requests->breaker.window : 20;
    double share = requests->breaker.failure_share > 0 ? requests->breaker.failure_share : 0.5;
    twin_breaker *breaker = twin_breaker_of(requests, type, slot);
    if (copy->is_trial && breaker->phase == JW_BREAKER_HALF_OPEN)
        trial_ended(world, requests, breaker, slot, is_ok);
    if (copy->is_trial || breaker->phase != JW_BREAKER_CLOSED)
        return; /* those that left before it opened say nothing new */
    breaker->outcomes = breaker->outcomes << 1 | !is_ok;
    breaker->seen = (uint8_t)(breaker->seen < window ? breaker->seen + 1u : window);
    uint64_t counted = window == 64 ? UINT64_MAX : (UINT64_C(1) << window) - 1;
    if (breaker->seen == window && ones(breaker->outcomes & counted) >= share * window)
        open_breaker(world, requests, breaker, slot);
}

void twin_breaker_forgets(twin_requests *requests, uint32_t type, const twin_copy *copy)
{
    if (copy->is_trial)
        twin_breaker_of(requests, type, copy->site.index1 - 1)->has_trial = 0;
}
