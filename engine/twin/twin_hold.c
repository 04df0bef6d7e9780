/* Deferrable work: held until the hour in which its run takes least CO2, or sent to where it is less now.
 *
 * The forecast is that of jw_compute_carbon_at, looked at each minute or, over more than some hours, at LOOKS
 * instants up to the deadline, straight between them. A run is worth the mean over its time. Work that is
 * held already for the same site and type is taken to be ahead, so that many do not wait for the same last
 * minute. What others will send meanwhile is not known: a twentieth of the forecast run is left to spare. */
#include "twin/twin_internal.h"

#define LOOKS   288  /* each five minutes of a day */
#define SPARE   0.05 /* of the forecast, a second at least */
#define LEAST   0.01 /* what waiting must save, as a share: less is no reason to wait */
#define LOOK_NS (60 * JW_NS_PER_S)

/* kg of CO2 a kWh at a site from now on, and its integral over the time. */
typedef struct curve {
    int64_t from_ns;
    double step_s;
    double kgco2_per_kwh[LOOKS + 2], integral[LOOKS + 2];
    uint32_t count;
} curve;

static void fill_curve(const jw_world *world, jw_site_id site, int64_t end_ns, curve *out)
{
    int64_t now_ns = jw_world_time_ns(world), span_ns = end_ns - now_ns;
    int64_t step_ns = span_ns > LOOKS * LOOK_NS ? (span_ns + LOOKS - 1) / LOOKS : LOOK_NS;
    out->from_ns = now_ns;
    out->step_s = jw_s_from_ns(step_ns);
    out->count = (uint32_t)((span_ns + step_ns - 1) / step_ns) + 1;
    for (uint32_t i = 0; i < out->count; i++) {
        out->kgco2_per_kwh[i] =
            jw_compute_carbon_at(world, twin_compute_of(world), site, now_ns + i * step_ns);
        double before = i ? out->kgco2_per_kwh[i - 1] : 0;
        out->integral[i] =
            i ? out->integral[i - 1] + 0.5 * (before + out->kgco2_per_kwh[i]) * out->step_s : 0;
    }
}

static double integral_to(const curve *c, double after_s, double *out_value)
{
    double at = jw_clamp(after_s / c->step_s, 0, c->count - 1.0);
    uint32_t i = (uint32_t)at;
    if (i + 1 >= c->count)
        i = c->count > 1 ? c->count - 2 : 0;
    double share = at - i, first = c->kgco2_per_kwh[i], next = c->count > 1 ? c->kgco2_per_kwh[i + 1] : first;
    *out_value = first + share * (next - first);
    return c->integral[i] + 0.5 * (first + *out_value) * share * c->step_s;
}

/* Over a run; an instant's own when it is short. */
static double mean_over(const curve *c, double start_s, double run_s)
{
    double first, last, from = integral_to(c, start_s, &first), to = integral_to(c, start_s + run_s, &last);
    return run_s < 1 ? first : (to - from) / run_s;
}

static bool is_better(const twin_plan *a, const twin_plan *b)
{
    double gain = b->kgco2_per_kwh - a->kgco2_per_kwh, equal = 1e-9 * b->kgco2_per_kwh;
    if (b->site.index1 == 0 || gain > equal || gain < -equal)
        return b->site.index1 == 0 || gain > 0;
    return a->start_ns < b->start_ns;
}

bool twin_plan_at(const jw_world *world, const twin_requests *requests, const twin_request *request,
                  jw_site_id site, bool may_wait, twin_plan *now, twin_plan *ever)
{
    const jw_request_type *type = &requests->types[request->type];
    int64_t now_ns = jw_world_time_ns(world), end_ns = request->created_ns + jw_ns_from_s(type->deadline_s);
    uint32_t ahead = requests->held[(site.index1 - 1) * requests->type_count + request->type];
    double way_s = twin_way_s(world, requests, request, site.index1 - 1);
    double run_s =
        jw_compute_estimate_s(world, twin_compute_of(world), site, requests->services[request->type],
                              request->items, request->output_tokens, may_wait ? ahead : 0);
    double left_s = jw_s_from_ns(end_ns - now_ns) - way_s - run_s;
    if (way_s < 0 || run_s < 0 || left_s < 0)
        return false;
    curve c;
    fill_curve(world, site, end_ns, &c);
    *now = (twin_plan){site, now_ns, mean_over(&c, way_s, run_s)};
    *ever = *now;
    double latest_s = left_s - jw_max(1, SPARE * (way_s + run_s));
    for (uint32_t i = 1; may_wait && latest_s > 0 && i <= c.count; i++) {
        double start_s = jw_min(i * c.step_s, latest_s);
        twin_plan plan = {site, now_ns + jw_ns_from_s(start_s), mean_over(&c, start_s + way_s, run_s)};
        if (is_better(&plan, ever))
            *ever = plan;
        if (start_s >= latest_s)
            break;
    }
    return true;
}

twin_plan twin_plan_greenest(const jw_world *world, const twin_requests *requests,
                             const twin_request *request, bool may_wait)
{
    twin_plan best_now = {0}, best = {0};
    for (uint32_t i = 0; i < requests->site_node_count; i++) {
        twin_site site;
        twin_plan now, ever;
        if (!twin_is_candidate(world, requests, request->type, request->district, i, &site) ||
            !twin_breaker_lets_through(world, requests, request->type, i) ||
            !twin_plan_at(world, requests, request, site.id, may_wait, &now, &ever))
            continue;
        if (is_better(&now, &best_now))
            best_now = now;
        if (is_better(&ever, &best))
            best = ever;
    }
    return best.kgco2_per_kwh < (1 - LEAST) * best_now.kgco2_per_kwh ? best : best_now;
}

bool twin_is_held(const twin_request *request)
{
    return request->held_for.index1 != 0;
}

static uint32_t *held_at(const twin_requests *requests, const twin_request *request)
{
    return &requests->held[(request->held_for.index1 - 1) * requests->type_count + request->type];
}

void twin_hold(jw_world *world, twin_requests *requests, uint32_t slot, const twin_plan *plan)
{
    twin_request *request = &requests->requests[slot];
    request->held_for = plan->site;
    ++*held_at(requests, request);
    requests->stats[request->type].held++;
    jw_schedule(world, plan->start_ns, JW_PRIORITY_NORMAL, JW_TWIN_REQUESTS, REQUEST_EVENT_RELEASE, slot + 1,
                requests->pool.generations[slot]);
}

void twin_unhold(const twin_requests *requests, twin_request *request)
{
    if (!twin_is_held(request))
        return;
    --*held_at(requests, request);
    request->held_for = (jw_site_id){0, 0};
}

void twin_count_held(twin_requests *requests)
{
    for (uint32_t i = 0; i < requests->site_node_count * requests->type_count; i++)
        requests->held[i] = 0;
    for (uint32_t i = 0; i < requests->pool.slot_count; i++)
        if ((requests->pool.generations[i] & 1) && twin_is_held(&requests->requests[i]))
            ++*held_at(requests, &requests->requests[i]);
}
