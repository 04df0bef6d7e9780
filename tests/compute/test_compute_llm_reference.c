/* Runs of iterations against a plain reference: an instance that goes token by token, touching every
 * sequence in each iteration. Times agree to the rounding of a nanosecond an iteration, over drawn loads,
 * with caches too small, swaps and cut prompts. */
#include "compute/compute_bench.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { JOBS_MAX = 300, BLOCK = 16 };

typedef struct sequence {
    double at_s, first_s, end_s;
    uint32_t prompt, output, said, filled;
    bool is_swapped, is_over;
} sequence;

typedef struct reference {
    sequence jobs[JOBS_MAX];
    uint32_t count;
    uint32_t batch, chunk, blocks;
    bool has_swap;
    double token_s, step_s, cache_s, swap_block_s;
    /* in order of admission, the newest last; those that wait are the others, by number */
    uint32_t active[JOBS_MAX], active_count, filling[JOBS_MAX], filling_count, swapped[JOBS_MAX],
        swapped_count;
    uint32_t queue[JOBS_MAX], queue_count, next;
    uint32_t preemptions;
    double now_s;
} reference;

static uint32_t blocks_of(uint32_t tokens)
{
    return (tokens + BLOCK - 1) / BLOCK;
}

static uint32_t cached(const sequence *s)
{
    return s->prompt + s->said - 1;
}

static uint32_t held(const reference *r)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < r->active_count; i++)
        sum += blocks_of(cached(&r->jobs[r->active[i]]));
    for (uint32_t i = 0; i < r->filling_count; i++)
        sum += blocks_of(r->jobs[r->filling[i]].prompt + r->jobs[r->filling[i]].said);
    return sum;
}

/* With those that this iteration's tokens begin. */
static uint32_t needed(const reference *r)
{
    uint32_t sum = held(r);
    for (uint32_t i = 0; i < r->active_count; i++)
        sum += cached(&r->jobs[r->active[i]]) % BLOCK == 0;
    return sum;
}

static void remove_at(uint32_t *list, uint32_t *count, uint32_t at)
{
    memmove(list + at, list + at + 1, (*count - at - 1) * sizeof *list);
    (*count)--;
}

static void to_front(reference *r, uint32_t job)
{
    memmove(r->queue + 1, r->queue, r->queue_count * sizeof *r->queue);
    r->queue[0] = job;
    r->queue_count++;
    r->jobs[job].filled = 0;
}

static void arrive(reference *r)
{
    while (r->next < r->count && r->jobs[r->next].at_s <= r->now_s)
        r->queue[r->queue_count++] = r->next++;
}

/* One iteration. */
static void iterate(reference *r)
{
    double extra_s = 0;
    while (r->active_count && needed(r) > r->blocks) {
        r->preemptions++;
        if (r->filling_count) {
            to_front(r, r->filling[--r->filling_count]);
            continue;
        }
        uint32_t job = r->active[--r->active_count];
        if (r->has_swap) {
            extra_s += blocks_of(cached(&r->jobs[job])) * r->swap_block_s;
            r->swapped[r->swapped_count++] = job;
        } else {
            to_front(r, job);
        }
    }
    while (r->swapped_count && r->active_count + r->filling_count < r->batch &&
           needed(r) + blocks_of(cached(&r->jobs[r->swapped[0]]) + 1) <= r->blocks) {
        extra_s += blocks_of(cached(&r->jobs[r->swapped[0]])) * r->swap_block_s;
        r->active[r->active_count++] = r->swapped[0];
        remove_at(r->swapped, &r->swapped_count, 0);
    }
    uint32_t budget = r->chunk == 0                ? UINT32_MAX
                      : r->chunk > r->active_count ? r->chunk - r->active_count
                                                   : 0;
    uint32_t tokens = 0, last = 0;
    if (r->filling_count) {
        const sequence *s = &r->jobs[r->filling[r->filling_count - 1]];
        uint32_t rest = s->prompt + s->said - s->filled;
        last = tokens = rest < budget ? rest : budget;
    }
    while (tokens < budget && r->queue_count && !r->swapped_count) {
        const sequence *s = &r->jobs[r->queue[0]];
        uint32_t all = s->prompt + s->said;
        bool is_empty = r->active_count + r->filling_count == 0;
        uint32_t reserve = is_empty ? 0 : (uint32_t)(0.01 * r->blocks);
        if (r->active_count + r->filling_count >= r->batch ||
            needed(r) + blocks_of(all) + reserve > r->blocks)
            break;
        r->filling[r->filling_count++] = r->queue[0];
        remove_at(r->queue, &r->queue_count, 0);
        last = all < budget - tokens ? all : budget - tokens;
        tokens += last;
    }
    double kv = 0;
    for (uint32_t i = 0; i < r->active_count; i++)
        kv += cached(&r->jobs[r->active[i]]);
    r->now_s += extra_s + r->token_s * tokens + (r->active_count ? r->step_s + r->cache_s * kv : 0);
    uint32_t decoded = r->active_count;
    for (uint32_t i = 0; i < r->filling_count; i++) {
        sequence *s = &r->jobs[r->filling[i]];
        s->filled += i + 1 == r->filling_count ? last : s->prompt + s->said;
    }
    for (uint32_t i = 0; i < decoded; i++)
        r->jobs[r->active[i]].said++;
    for (uint32_t i = 0; i < r->filling_count;) {
        sequence *s = &r->jobs[r->filling[i]];
        if (s->filled < s->prompt + s->said) {
            i++;
            continue;
        }
        if (s->said++ == 0)
            s->first_s = r->now_s;
        r->active[r->active_count++] = r->filling[i];
        remove_at(r->filling, &r->filling_count, i);
    }
    for (uint32_t i = 0; i < r->active_count;) {
        sequence *s = &r->jobs[r->active[i]];
        if (s->said < s->output) {
            i++;
            continue;
        }
        s->end_s = r->now_s;
        s->is_over = true;
        remove_at(r->active, &r->active_count, i);
    }
}

static void run_reference(reference *r)
{
    for (;;) {
        arrive(r);
        if (r->active_count + r->filling_count + r->swapped_count + r->queue_count > 0)
            iterate(r);
        else if (r->next < r->count)
            r->now_s = r->jobs[r->next].at_s;
        else
            break;
    }
}

static void compare(uint64_t seed, uint32_t batch, uint32_t chunk, bool has_swap, double memory_gb,
                    double rate, bool is_short_of_cache)
{
    static reference r;
    static bench_job jobs[JOBS_MAX];
    jw_random_key key = {seed, 5};
    bench_world bench;
    bench_init(&bench);
    jw_service *talk = &bench.services[TALK];
    bench.cards[0].memory_gb = memory_gb;
    bench.sites[0].queue_max = JOBS_MAX;
    talk->max_batch = batch;
    talk->scheduler.chunk_tokens = chunk;
    talk->scheduler.preemption = has_swap ? JW_LLM_SWAP : JW_LLM_RECOMPUTE;
    double kv_bytes = 524288, bandwidth = 0.7 * 2e12;
    r = (reference){.count = JOBS_MAX,
                    .batch = batch,
                    .chunk = chunk,
                    .has_swap = has_swap,
                    .blocks = (uint32_t)((0.9 * memory_gb * 1e9 - 6.74e9 * 2) / kv_bytes / BLOCK),
                    .token_s = 2 * 6.74e9 / 5e13,
                    .step_s = 6.74e9 * 2 / bandwidth + 0.02,
                    .cache_s = kv_bytes / bandwidth,
                    .swap_block_s = BLOCK * kv_bytes / 25e9};
    double at_s = 1;
    for (uint32_t i = 0; i < JOBS_MAX; i++) {
        at_s += jw_random_exponential(key, i, 0, 1 / rate);
        jobs[i] =
            (bench_job){at_s, TALK, 1 + jw_random_index(key, i, 1, 900), 1 + jw_random_index(key, i, 2, 300)};
        r.jobs[i] = (sequence){.at_s = jw_s_from_ns(jw_ns_from_s(at_s)),
                               .prompt = jobs[i].items,
                               .output = jobs[i].output_tokens};
    }
    run_reference(&r);
    bench.plan.jobs = jobs;
    bench.plan.job_count = JOBS_MAX;
    bench_create(&bench);
    bench_install(&bench, TALK, 1);
    bench_run_s(&bench, r.now_s + 1);
    jw_llm_stats stats = jw_compute_llm_stats(bench_compute(&bench), TALK);
    assert_int_equal(stats.preemptions, r.preemptions);
    assert_true((stats.preemptions > 0) == is_short_of_cache);
    double worst_s = 0;
    for (uint32_t i = 0; i < JOBS_MAX; i++) {
        const bench_result *result = &bench_client_of(&bench)->results[i];
        assert_true(result->outcome == BENCH_DONE && r.jobs[i].is_over);
        worst_s = fmax(worst_s, fabs(jw_s_from_ns(result->ended_ns) - r.jobs[i].end_s));
    }
    if (worst_s > 1e-9 * (double)stats.iterations)
        fail_msg("seed %d: times differ by %.9g s", (int)seed, worst_s);
    bench_destroy(&bench);
}

static void test_a_large_cache(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++)
        compare(seed, 8, 0, false, 80, 0.5 + 0.3 * (double)seed, false);
}

static void test_recomputing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++)
        compare(seed, 16, 0, false, 15.0 + 1.3 + 0.1 * (double)seed, 3, true);
}

static void test_swapping(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++)
        compare(seed, 16, 0, true, 15.0 + 1.3 + 0.1 * (double)seed, 3, true);
}

static void test_cut_prompts(void **state)
{
    (void)state;
    compare(1, 8, 128, false, 80, 1, false);
    compare(2, 32, 16, false, 80, 1, false); /* fewer tokens than sequences at times */
    compare(3, 16, 256, false, 16.5, 3, true);
    compare(4, 16, 100, true, 16.5, 3, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(test_a_large_cache),
        JW_UNIT(test_recomputing),
        JW_UNIT(test_swapping),
        JW_UNIT(test_cut_prompts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
