/* Weighted max-min fair rates by progressive filling (Bertsekas and Gallager, "Data Networks", 6.5.2): all
 * flows grow together, rate = weight * level, until a link is full or a cap is reached; those flows freeze,
 * the others go on. Levels at which links fill only rise as flows freeze, so a heap with stale entries,
 * looked at again when they come up, finds the next event: O(U log (L + F)) for U uses of links by flows. */
#include "network/network_internal.h"

#include <math.h>
#include <string.h>

/* A max-min problem and its scratch; all arrays are grown by reserve_problem. */
typedef struct net_fill_entry {
    double level;
    uint32_t id; /* link, or link_count + flow for a flow's cap */
} net_fill_entry;

typedef struct net_fill {
    uint32_t link_count, flow_count;
    double *capacity;     /* by link */
    uint32_t *flow_first; /* flow_count + 1, into flow_links */
    uint32_t *flow_links;
    double *cap;          /* by flow, 0 none */
    double *weight;       /* by flow, > 0 */
    double *rate;         /* out */
    uint32_t *bottleneck; /* out: link, JW_NONE: the cap */
    double *open_weight;  /* by link: of flows not yet frozen */
    uint32_t *open_count, *link_first, *link_flows;
    net_fill_entry *heap;
    uint8_t *is_frozen;
    uint32_t link_capacity, flow_capacity, use_capacity;
} net_fill;

static bool is_before(net_fill_entry a, net_fill_entry b)
{
    return a.level != b.level ? a.level < b.level : a.id < b.id;
}

static void sift_down(net_fill_entry *heap, uint32_t count, uint32_t i)
{
    net_fill_entry entry = heap[i];
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= count) {
            break;
        }
        if (child + 1 < count && is_before(heap[child + 1], heap[child])) {
            child++;
        }
        if (!is_before(heap[child], entry)) {
            break;
        }
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = entry;
}

/* Contents need not survive, so growing is a fresh block. */
static bool renew(void *array_pointer, uint64_t count, size_t element_size)
{
    void *array;
    memcpy(&array, array_pointer, sizeof array);
    jw_free(array);
    array = jw_alloc((size_t)count * element_size);
    memcpy(array_pointer, &array, sizeof array);
    return array != NULL;
}

#define RENEW(array, count) renew(&(array), (count), sizeof *(array))

static void free_problem(net_fill *fill)
{
    jw_free(fill->capacity);
    jw_free(fill->open_weight);
    jw_free(fill->open_count);
    jw_free(fill->link_first);
    jw_free(fill->flow_first);
    jw_free(fill->cap);
    jw_free(fill->weight);
    jw_free(fill->rate);
    jw_free(fill->bottleneck);
    jw_free(fill->is_frozen);
    jw_free(fill->flow_links);
    jw_free(fill->link_flows);
    jw_free(fill->heap);
    *fill = (net_fill){0};
}

static jw_result reserve_problem(net_fill *fill, uint32_t link_count, uint32_t flow_count, uint32_t use_count,
                                 jw_error *error)
{
    bool is_ok = true;
    if (link_count + UINT64_C(2) > fill->link_capacity || flow_count + UINT64_C(2) > fill->flow_capacity) {
        uint64_t links = 2 * (uint64_t)link_count + 16, flows = 2 * (uint64_t)flow_count + 16;
        is_ok = RENEW(fill->capacity, links) & RENEW(fill->open_weight, links) &
                RENEW(fill->open_count, links) & RENEW(fill->link_first, links) &
                RENEW(fill->flow_first, flows) & RENEW(fill->cap, flows) & RENEW(fill->weight, flows) &
                RENEW(fill->rate, flows) & RENEW(fill->bottleneck, flows) & RENEW(fill->is_frozen, flows) &
                RENEW(fill->heap, links + flows);
        fill->link_capacity = (uint32_t)links;
        fill->flow_capacity = (uint32_t)flows;
    }
    if (is_ok && use_count + UINT64_C(1) > fill->use_capacity) {
        uint64_t uses = 2 * (uint64_t)use_count + 16;
        is_ok = RENEW(fill->flow_links, uses) & RENEW(fill->link_flows, uses);
        fill->use_capacity = (uint32_t)(uses < UINT32_MAX ? uses : UINT32_MAX);
    }
    if (!is_ok) {
        free_problem(fill);
        return jw_fail_memory(error);
    }
    fill->link_count = link_count;
    fill->flow_count = flow_count;
    return JW_OK;
}

static void list_flows_by_link(net_fill *fill)
{
    uint32_t *first = fill->link_first; /* link_count + 2, shifted while filling */
    memset(first, 0, ((size_t)fill->link_count + 2) * sizeof *first);
    memset(fill->open_weight, 0, fill->link_count * sizeof *fill->open_weight);
    memset(fill->open_count, 0, fill->link_count * sizeof *fill->open_count);
    for (uint32_t f = 0; f < fill->flow_count; f++) {
        for (uint32_t u = fill->flow_first[f]; u < fill->flow_first[f + 1]; u++) {
            uint32_t link = fill->flow_links[u];
            first[link + 2]++;
            fill->open_weight[link] += fill->weight[f];
            fill->open_count[link]++;
        }
    }
    for (uint32_t i = 2; i < fill->link_count + 2; i++) {
        first[i] += first[i - 1];
    }
    for (uint32_t f = 0; f < fill->flow_count; f++) {
        for (uint32_t u = fill->flow_first[f]; u < fill->flow_first[f + 1]; u++) {
            fill->link_flows[first[fill->flow_links[u] + 1]++] = f;
        }
    }
}

static void freeze(net_fill *fill, uint32_t flow, double rate, uint32_t bottleneck)
{
    fill->rate[flow] = rate;
    fill->bottleneck[flow] = bottleneck;
    fill->is_frozen[flow] = 1;
    for (uint32_t u = fill->flow_first[flow]; u < fill->flow_first[flow + 1]; u++) {
        uint32_t link = fill->flow_links[u];
        fill->capacity[link] -= rate;
        fill->open_weight[link] -= fill->weight[flow];
        fill->open_count[link]--;
    }
}

/* Every flow uses a link or has a cap. Consumes `capacity`: afterwards it holds what is left. */
static void solve(net_fill *fill)
{
    list_flows_by_link(fill);
    uint32_t count = 0;
    for (uint32_t l = 0; l < fill->link_count; l++) {
        if (fill->open_count[l] > 0) {
            fill->heap[count++] = (net_fill_entry){jw_max(fill->capacity[l], 0) / fill->open_weight[l], l};
        }
    }
    for (uint32_t f = 0; f < fill->flow_count; f++) {
        fill->is_frozen[f] = 0;
        if (fill->cap[f] > 0) {
            fill->heap[count++] = (net_fill_entry){fill->cap[f] / fill->weight[f], fill->link_count + f};
        }
    }
    for (uint32_t i = count / 2; i-- > 0;) {
        sift_down(fill->heap, count, i);
    }
    while (count > 0) {
        net_fill_entry top = fill->heap[0];
        if (top.id < fill->link_count && fill->open_count[top.id] > 0) {
            double level = jw_max(fill->capacity[top.id], 0) / fill->open_weight[top.id];
            if (level > top.level) {
                fill->heap[0].level = level;
                sift_down(fill->heap, count, 0);
                continue;
            }
            for (uint32_t i = fill->link_first[top.id]; i < fill->link_first[top.id + 1]; i++) {
                uint32_t flow = fill->link_flows[i];
                if (!fill->is_frozen[flow]) {
                    freeze(fill, flow, level * fill->weight[flow], top.id);
                }
            }
        } else if (top.id >= fill->link_count && !fill->is_frozen[top.id - fill->link_count]) {
            uint32_t flow = top.id - fill->link_count;
            freeze(fill, flow, fill->cap[flow], JW_NONE);
        }
        fill->heap[0] = fill->heap[--count];
        if (count > 0) {
            sift_down(fill->heap, count, 0);
        }
    }
}

jw_result jw_max_min(const double *capacity, uint32_t link_count, const uint32_t *flow_first,
                     const uint32_t *flow_links, const double *cap, const double *weight, uint32_t flow_count,
                     double *out_rate, jw_error *error)
{
    net_fill fill = {0};
    jw_result result = reserve_problem(&fill, link_count, flow_count, flow_first[flow_count], error);
    for (uint32_t l = 0; l < link_count && !result; l++) {
        fill.capacity[l] = capacity[l];
        if (!(capacity[l] >= 0 && isfinite(capacity[l]))) {
            result = jw_fail(error, JW_ERROR_INPUT, NULL, 0, "link %u: capacity %g is not 0 or above", l,
                             capacity[l]);
        }
    }
    for (uint32_t f = 0; f < flow_count && !result; f++) {
        fill.flow_first[f] = flow_first[f];
        fill.cap[f] = cap ? cap[f] : 0;
        fill.weight[f] = weight && weight[f] != 0 ? weight[f] : 1;
        bool is_bound = flow_first[f + 1] > flow_first[f] || fill.cap[f] > 0;
        if (!is_bound || !(fill.cap[f] >= 0) || !(fill.weight[f] > 0) || !isfinite(fill.weight[f])) {
            result = jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                             "flow %u needs a link or a cap, a cap of 0 or above and a finite weight", f);
        }
        for (uint32_t u = flow_first[f]; u < flow_first[f + 1] && !result; u++) {
            fill.flow_links[u] = flow_links[u];
            if (flow_links[u] >= link_count) {
                result = jw_fail(error, JW_ERROR_INPUT, NULL, 0, "flow %u uses link %u of %u", f,
                                 flow_links[u], link_count);
            }
        }
    }
    if (!result) {
        fill.flow_first[flow_count] = flow_first[flow_count];
        solve(&fill);
        for (uint32_t f = 0; f < flow_count; f++) {
            out_rate[f] = fill.rate[f];
        }
    }
    free_problem(&fill);
    return result;
}
