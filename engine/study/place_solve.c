/* The p-median problem: greedy, exact, k-means and random. All is counted in requests times seconds; ties go
 * to the lower number. */
#include "study/place.h"

#include <string.h>

static const char *const names[JW_PLACE_METHOD_COUNT] = {"greedy", "exact", "k-means", "random"};

const char *jw_place_method_name(jw_place_method method)
{
    return names[method];
}

double jw_place_fibre_s(jw_vec2 from, jw_vec2 to)
{
    return 1.3 * jw_vec2_distance(from, to) * 4.9e-9 + 20e-6;
}

static double delay_s(const jw_place_problem *problem, uint32_t d, uint32_t c)
{
    const jw_place_demand *demand = &problem->demand[d];
    return demand->radio_s + jw_place_fibre_s((jw_vec2){demand->x_m, demand->y_m}, problem->candidates[c]);
}

double jw_place_cost_s(const jw_place_problem *problem, const uint32_t *chosen)
{
    double sum = 0, requests = 0;
    for (uint32_t d = 0; d < problem->demand_count; d++) {
        double least_s = delay_s(problem, d, chosen[0]);
        for (uint32_t i = 1; i < problem->site_count; i++)
            least_s = jw_min(least_s, delay_s(problem, d, chosen[i]));
        sum += problem->demand[d].requests_hz * least_s;
        requests += problem->demand[d].requests_hz;
    }
    return sum / requests;
}

static void sort_rising(uint32_t *list, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        uint32_t item = list[i], k = i;
        for (; k > 0 && list[k - 1] > item; k--)
            list[k] = list[k - 1];
        list[k] = item;
    }
}

/* ---- greedy
 * ------------------------------------------------------------------------------------------------ */

jw_result jw_place_greedy(const jw_place_problem *problem, uint32_t *chosen, jw_error *error)
{
    double *least_s = jw_alloc(problem->demand_count * sizeof *least_s);
    uint8_t *is_taken = jw_alloc(problem->candidate_count);
    bool has_memory = least_s && is_taken;
    for (uint32_t i = 0; i < problem->site_count && has_memory; i++) {
        uint32_t best = JW_NONE;
        double best_sum = 0;
        for (uint32_t c = 0; c < problem->candidate_count; c++) {
            double sum = 0;
            for (uint32_t d = 0; d < problem->demand_count && !is_taken[c]; d++) {
                double s = delay_s(problem, d, c);
                sum += problem->demand[d].requests_hz * (i ? jw_min(s, least_s[d]) : s);
            }
            if (!is_taken[c] && (best == JW_NONE || sum < best_sum)) {
                best = c;
                best_sum = sum;
            }
        }
        is_taken[best] = 1;
        chosen[i] = best;
        for (uint32_t d = 0; d < problem->demand_count; d++) {
            double s = delay_s(problem, d, best);
            least_s[d] = i ? jw_min(least_s[d], s) : s;
        }
    }
    jw_free(least_s);
    jw_free(is_taken);
    if (!has_memory)
        return jw_fail_memory(error);
    sort_rising(chosen, problem->site_count);
    return JW_OK;
}

/* ---- exact
 * ------------------------------------------------------------------------------------------------- */

/* Lagrange multipliers price each demand: lambda for being served. A candidate is then worth the sum of what
 * it serves cheaper, rho <= 0, and sum(lambda) + the N least rho is below every choice's cost. */
typedef struct search {
    const jw_place_problem *problem;
    double *cost;   /* [candidate * demand]: requests x seconds */
    double *lambda; /* by demand */
    double *rho;    /* by candidate, then in order: the least first */
    uint32_t *order, *served, *stack, *best;
    double best_cost, lambda_sum;
    uint32_t nodes;
} search;

static double cost_of(const search *s, const uint32_t *chosen)
{
    uint32_t demands = s->problem->demand_count;
    double sum = 0;
    for (uint32_t d = 0; d < demands; d++) {
        double least = s->cost[(size_t)chosen[0] * demands + d];
        for (uint32_t i = 1; i < s->problem->site_count; i++)
            least = jw_min(least, s->cost[(size_t)chosen[i] * demands + d]);
        sum += least;
    }
    return sum;
}

static void keep_if_better(search *s, const uint32_t *chosen)
{
    double cost = cost_of(s, chosen);
    if (cost < s->best_cost) {
        s->best_cost = cost;
        memcpy(s->best, chosen, s->problem->site_count * sizeof *chosen);
    }
}

/* Prices candidates and orders them; gives the bound. `served` counts by how many of the N each demand is. */
static double price(search *s)
{
    uint32_t demands = s->problem->demand_count, candidates = s->problem->candidate_count;
    double bound = 0;
    memset(s->served, 0, demands * sizeof *s->served);
    for (uint32_t d = 0; d < demands; d++)
        bound += s->lambda[d];
    s->lambda_sum = bound;
    for (uint32_t c = 0; c < candidates; c++) {
        double rho = 0;
        for (uint32_t d = 0; d < demands; d++)
            rho += jw_min(0, s->cost[(size_t)c * demands + d] - s->lambda[d]);
        uint32_t k = c;
        for (; k > 0 && s->rho[k - 1] > rho; k--) {
            s->rho[k] = s->rho[k - 1];
            s->order[k] = s->order[k - 1];
        }
        s->rho[k] = rho;
        s->order[k] = c;
    }
    for (uint32_t i = 0; i < s->problem->site_count; i++) {
        bound += s->rho[i];
        for (uint32_t d = 0; d < demands; d++)
            s->served[d] += s->cost[(size_t)s->order[i] * demands + d] < s->lambda[d];
    }
    return bound;
}

/* Subgradient ascent (Held, Wolfe and Crowder 1974): who is served by none offers more, who is by several
 * less. */
static double raise_bound(search *s)
{
    uint32_t demands = s->problem->demand_count;
    double best_bound = -1, step = 2;
    double *best_lambda = s->lambda + demands;
    for (uint32_t round = 0; round < 300 && step > 1e-4; round++) {
        double bound = price(s), norm = 0;
        keep_if_better(s, s->order);
        if (bound > best_bound) {
            best_bound = bound;
            memcpy(best_lambda, s->lambda, demands * sizeof *best_lambda);
        } else {
            step *= 0.95;
        }
        for (uint32_t d = 0; d < demands; d++)
            norm += (1.0 - s->served[d]) * (1.0 - s->served[d]);
        if (norm == 0 || s->best_cost - bound <= 1e-12 * s->best_cost)
            break;
        for (uint32_t d = 0; d < demands; d++)
            s->lambda[d] += step * (s->best_cost - bound) / norm * (1.0 - s->served[d]);
    }
    memcpy(s->lambda, best_lambda, demands * sizeof *best_lambda);
    return price(s);
}

/* Candidates in the order of rho: without one, the best bound is that of those right after it. False: too
 * long. */
static bool branch(search *s, uint32_t from, uint32_t depth, double rho_sum)
{
    uint32_t need = s->problem->site_count - depth;
    if (need == 0) {
        keep_if_better(s, s->stack);
        return true;
    }
    for (uint32_t k = from; k + need <= s->problem->candidate_count; k++) {
        double bound = s->lambda_sum + rho_sum;
        for (uint32_t i = 0; i < need; i++)
            bound += s->rho[k + i];
        if (bound >= s->best_cost * (1 - 1e-12))
            return true; /* nor is any later one better */
        if (++s->nodes > JW_PLACE_NODES_MAX)
            return false;
        s->stack[depth] = s->order[k];
        if (!branch(s, k + 1, depth + 1, rho_sum + s->rho[k]))
            return false;
    }
    return true;
}

static void search_free(search *s)
{
    jw_free(s->cost);
    jw_free(s->lambda);
    jw_free(s->rho);
    jw_free(s->order);
    jw_free(s->served);
    jw_free(s->stack);
}

/* The search gave up: whether GLPK proves an answer, which is taken when it is better. */
static bool take_glpk(search *s)
{
    bool is_proven = false;
    if (jw_place_glpk(s->problem, s->stack, &is_proven, NULL) == JW_OK)
        keep_if_better(s, s->stack);
    return is_proven;
}

jw_result jw_place_exact(const jw_place_problem *problem, uint32_t *chosen, bool *out_is_proven,
                         jw_error *error)
{
    uint32_t demands = problem->demand_count, candidates = problem->candidate_count;
    search s = {.problem = problem,
                .cost = jw_alloc((size_t)candidates * demands * sizeof *s.cost),
                .lambda = jw_alloc(2 * demands * sizeof *s.lambda),
                .rho = jw_alloc(candidates * sizeof *s.rho),
                .order = jw_alloc(candidates * sizeof *s.order),
                .served = jw_alloc(demands * sizeof *s.served),
                .stack = jw_alloc(problem->site_count * sizeof *s.stack),
                .best = chosen};
    jw_result result =
        s.cost && s.lambda && s.rho && s.order && s.served && s.stack ? JW_OK : jw_fail_memory(error);
    if (result == JW_OK)
        result = jw_place_greedy(problem, chosen, error);
    if (result == JW_OK) {
        for (uint32_t c = 0; c < candidates; c++)
            for (uint32_t d = 0; d < demands; d++)
                s.cost[(size_t)c * demands + d] = problem->demand[d].requests_hz * delay_s(problem, d, c);
        s.best_cost = cost_of(&s, chosen);
        for (uint32_t d = 0; d < demands; d++) { /* at first: what the greedy answer pays */
            s.lambda[d] = s.cost[(size_t)chosen[0] * demands + d];
            for (uint32_t i = 1; i < problem->site_count; i++)
                s.lambda[d] = jw_min(s.lambda[d], s.cost[(size_t)chosen[i] * demands + d]);
        }
        raise_bound(&s);
        *out_is_proven = branch(&s, 0, 0, 0) || take_glpk(&s);
        sort_rising(chosen, problem->site_count);
    }
    search_free(&s);
    return result;
}

/* ---- k-means and random
 * --------------------------------------------------------------------------------------- */

jw_result jw_place_random(const jw_place_problem *problem, uint64_t seed, uint32_t *chosen, jw_error *error)
{
    uint32_t *left = jw_alloc(problem->candidate_count * sizeof *left);
    if (!left)
        return jw_fail_memory(error);
    jw_random_key key = {seed, jw_hash_text(0, "study.place")};
    for (uint32_t c = 0; c < problem->candidate_count; c++)
        left[c] = c;
    for (uint32_t i = 0; i < problem->site_count; i++) {
        uint32_t k = i + jw_random_index(key, 0, i, problem->candidate_count - i);
        chosen[i] = left[k];
        left[k] = left[i];
    }
    jw_free(left);
    sort_rising(chosen, problem->site_count);
    return JW_OK;
}

static uint32_t nearest_of(const jw_vec2 *places, uint32_t count, const uint8_t *is_taken, jw_vec2 to)
{
    uint32_t best = JW_NONE;
    double best_m = 0;
    for (uint32_t i = 0; i < count; i++) {
        double m = jw_vec2_distance(places[i], to);
        if (!(is_taken && is_taken[i]) && (best == JW_NONE || m < best_m)) {
            best = i;
            best_m = m;
        }
    }
    return best;
}

/* Lloyd's algorithm over the demand, by requests, from a random draw of candidates on; 100 rounds at most. */
static void settle_means(const jw_place_problem *problem, jw_vec2 *means, double *sums)
{
    uint32_t n = problem->site_count;
    bool is_moving = true;
    for (uint32_t round = 0; round < 100 && is_moving; round++) {
        memset(sums, 0, 3 * n * sizeof *sums);
        for (uint32_t d = 0; d < problem->demand_count; d++) {
            const jw_place_demand *at = &problem->demand[d];
            uint32_t i = nearest_of(means, n, NULL, (jw_vec2){at->x_m, at->y_m});
            sums[3 * i] += at->requests_hz * at->x_m;
            sums[3 * i + 1] += at->requests_hz * at->y_m;
            sums[3 * i + 2] += at->requests_hz;
        }
        is_moving = false;
        for (uint32_t i = 0; i < n; i++) {
            if (sums[3 * i + 2] <= 0) /* nobody is nearest: it stays */
                continue;
            jw_vec2 to = {sums[3 * i] / sums[3 * i + 2], sums[3 * i + 1] / sums[3 * i + 2]};
            is_moving |= jw_vec2_distance(to, means[i]) > 0.01;
            means[i] = to;
        }
    }
}

jw_result jw_place_k_means(const jw_place_problem *problem, uint64_t seed, uint32_t *chosen, jw_error *error)
{
    uint32_t n = problem->site_count;
    jw_vec2 *means = jw_alloc(n * sizeof *means);
    double *sums = jw_alloc(3 * n * sizeof *sums);
    uint8_t *is_taken = jw_alloc(problem->candidate_count);
    jw_result result =
        means && sums && is_taken ? jw_place_random(problem, seed, chosen, error) : jw_fail_memory(error);
    if (result == JW_OK) {
        for (uint32_t i = 0; i < n; i++)
            means[i] = problem->candidates[chosen[i]];
        settle_means(problem, means, sums);
        for (uint32_t i = 0; i < n; i++) {
            chosen[i] = nearest_of(problem->candidates, problem->candidate_count, is_taken, means[i]);
            is_taken[chosen[i]] = 1;
        }
        sort_rising(chosen, n);
    }
    jw_free(means);
    jw_free(sums);
    jw_free(is_taken);
    return result;
}
