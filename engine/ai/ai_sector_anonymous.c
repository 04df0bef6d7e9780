/* What is left of records of people when they may only be told in groups of k equals. */
#include "ai/ai_internal.h"

enum { ATTRIBUTES = 3, BITS = 6, STEPS = ATTRIBUTES * BITS, CELLS = 1 << STEPS };
#define DROPPED_MAX 0.05

/* The cell of a person when the attributes have lost `step` bits, in turn. */
static uint32_t cell_of(uint32_t person, uint32_t step)
{
    uint32_t cell = 0;
    for (uint32_t a = 0; a < ATTRIBUTES; a++) {
        uint32_t lost = (step + ATTRIBUTES - 1 - a) / ATTRIBUTES;
        cell = cell << BITS | (person >> (a * BITS) & ((1u << BITS) - 1)) >> lost;
    }
    return cell;
}

typedef struct groups {
    uint32_t kept, kept_cells; /* persons; cells of k of them or more */
} groups;

static groups group(const uint32_t *persons, uint32_t count, uint32_t step, uint32_t k, uint32_t *cells)
{
    groups found = {0};
    for (uint32_t i = 0; i < CELLS; i++)
        cells[i] = 0;
    for (uint32_t i = 0; i < count; i++)
        cells[cell_of(persons[i], step)]++;
    for (uint32_t i = 0; i < CELLS; i++)
        if (cells[i] >= k) {
            found.kept += cells[i];
            found.kept_cells++;
        }
    return found;
}

jw_result jw_anonymity_of(jw_random_key key, uint32_t persons, uint32_t k, jw_anonymity *out, jw_error *error)
{
    if (persons == 0 || k == 0 || k > JW_ANONYMITY_K_MAX)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "groups of %u out of %u persons: 1 to %u", k, persons,
                       JW_ANONYMITY_K_MAX);
    uint32_t count = persons < JW_ANONYMITY_PERSONS_MAX ? persons : JW_ANONYMITY_PERSONS_MAX;
    *out = (jw_anonymity){.dropped = 0, .detail = 1, .risk = 1};
    if (k == 1)
        return JW_OK;
    uint32_t *drawn = jw_alloc(count * sizeof *drawn), *cells = jw_alloc(CELLS * sizeof *cells);
    if (!drawn || !cells) {
        jw_free(drawn);
        jw_free(cells);
        return jw_fail_memory(error);
    }
    for (uint32_t i = 0; i < count; i++) {
        drawn[i] = 0;
        for (uint32_t a = 0; a < ATTRIBUTES; a++) {
            double u = jw_random_uniform(key, i, a);
            drawn[i] |= (uint32_t)((1u << BITS) * u * u) << (a * BITS);
        }
    }
    /* Groups only merge from step to step, so what is dropped only falls: the first step that will do. */
    uint32_t low = 0, high = STEPS;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        groups found = group(drawn, count, middle, k, cells);
        if ((double)(count - found.kept) <= DROPPED_MAX * count)
            high = middle;
        else
            low = middle + 1;
    }
    groups found = group(drawn, count, low, k, cells);
    *out = (jw_anonymity){.dropped = (double)(count - found.kept) / count,
                          .detail = 1 - (double)low / STEPS,
                          .risk = found.kept > 0 ? (double)found.kept_cells / found.kept : 0};
    jw_free(drawn);
    jw_free(cells);
    return JW_OK;
}
