/* Vehicles as they go: once a step each is asked on which section it is. */
#include "twin/twin_example.h"

const twin_passage *twin_passage_at(const twin_examples *examples, uint64_t number)
{
    if (number == 0 || number > examples->passage_count ||
        examples->passage_count - number >= TWIN_PASSAGES_MAX)
        return NULL;
    return &examples->passages[(number - 1) % TWIN_PASSAGES_MAX];
}

static void add_passage(jw_world *world, twin_examples *examples, jw_vehicle_id id, uint32_t edge,
                        float free_s)
{
    uint64_t wanted = examples->passage_count + 1;
    if (wanted > TWIN_PASSAGES_MAX)
        wanted = TWIN_PASSAGES_MAX;
    if (jw_grow(&examples->passages, &examples->passage_capacity, wanted, sizeof *examples->passages, NULL) !=
        JW_OK)
        return;
    twin_trail *trail = &examples->trails[id.index1 - 1];
    bool is_new = trail->generation != id.generation;
    uint64_t number = ++examples->passage_count, previous = is_new ? 0 : trail->last;
    if (!twin_passage_at(examples, previous))
        previous = 0;
    if (previous)
        examples->passages[(previous - 1) % TWIN_PASSAGES_MAX].next = number;
    examples->passages[(number - 1) % TWIN_PASSAGES_MAX] =
        (twin_passage){.entered_ns = jw_world_time_ns(world),
                       .previous = previous,
                       .edge = edge,
                       .vehicle = id,
                       .free_s = free_s};
    *trail = (twin_trail){.generation = id.generation, .edge = edge, .last = number};
}

void twin_trail_step(jw_world *world)
{
    twin_examples *examples = twin_examples_of(world);
    if (!examples)
        return;
    const jw_traffic *traffic = twin_traffic_of(world);
    jw_vehicle_columns vehicles = jw_traffic_vehicles(traffic);
    uint32_t slots = vehicles.count ? vehicles.id[vehicles.count - 1].index1 : 0;
    if (jw_grow(&examples->trails, &examples->trail_capacity, slots, sizeof *examples->trails, NULL) != JW_OK)
        return;
    if (slots > examples->trail_count)
        examples->trail_count = slots;
    for (uint32_t row = 0; row < vehicles.count; row++) {
        jw_vehicle_id id = vehicles.id[row];
        const twin_trail *trail = &examples->trails[id.index1 - 1];
        bool is_same = trail->generation == id.generation;
        jw_vehicle_spot spot;
        if (vehicles.edge[row] == JW_NONE || (is_same && trail->edge == vehicles.edge[row]) ||
            !jw_traffic_vehicle_spot(traffic, id, &spot))
            continue;
        add_passage(world, examples, id, vehicles.edge[row], spot.free_s + spot.stop_s);
    }
}

/* What of its last section it took undisturbed is not told any more: by the limit. */
void twin_trail_arrived(jw_world *world, jw_vehicle_id id)
{
    twin_examples *examples = twin_examples_of(world);
    uint64_t last = examples ? twin_trail_last(examples, id) : 0;
    const twin_passage *passage = examples ? twin_passage_at(examples, last) : NULL;
    if (!passage)
        return;
    const jw_edge *edge = &jw_twin_city(world)->edges[passage->edge];
    add_passage(world, examples, id, JW_NONE, passage->free_s + (float)(edge->length_m / edge->speed_mps));
}

uint64_t twin_trail_last(const twin_examples *examples, jw_vehicle_id id)
{
    uint32_t slot = id.index1 - 1;
    if (slot >= examples->trail_count || examples->trails[slot].generation != id.generation ||
        examples->trails[slot].edge == JW_NONE)
        return 0;
    return examples->trails[slot].last;
}

double twin_passage_delay_s(const twin_examples *examples, const twin_passage *passage)
{
    const twin_passage *next = twin_passage_at(examples, passage->next);
    if (!next)
        return 0;
    double spent_s = jw_s_from_ns(next->entered_ns - passage->entered_ns);
    return jw_max(spent_s - (double)(next->free_s - passage->free_s), 0);
}
