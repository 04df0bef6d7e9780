/* Walkers: the verb, the table of crossings. */
#include "traffic/traffic_internal.h"

const jw_verb_arg jw_walk_args[4] = {
    {"from_x", 'n', false, 0, 0, 0, "m", "where the walk begins, from the city's origin to the east"},
    {"from_y", 'n', false, 0, 0, 0, "m", "and to the north"},
    {"to_x", 'n', false, 0, 0, 0, "m", "where it ends"},
    {"to_y", 'n', false, 0, 0, 0, "m", "and to the north"},
};

jw_result jw_walk_verb(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_traffic_add_walk(world, state, jw_command_get_number(command, "from_x", 0),
                               jw_command_get_number(command, "from_y", 0),
                               jw_command_get_number(command, "to_x", 0),
                               jw_command_get_number(command, "to_y", 0), error);
}

const jw_column jw_crossing_columns[JW_CROSSING_COLUMNS] = {
    {"edge", JW_COLUMN_I64, "", "that comes in on its arm of the junction; -1: none does"},
    {"length_m", JW_COLUMN_F64, "m", "from pavement to pavement"},
    {"waiting", JW_COLUMN_I64, "", "people at the kerb or on the refuge"},
    {"on_road", JW_COLUMN_I64, "", "people on the road"},
    {"crossed", JW_COLUMN_I64, "", "people, since the start"},
    {"mean_wait_s", JW_COLUMN_F64, "s", "of those"},
    {"signal", JW_COLUMN_I64, "", "1: people may start now, 0: they may not; -1: no signal for them"},
};

uint32_t jw_crossing_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_traffic *)state)->walks.net.crossing_count;
}

uint32_t jw_crossing_geometry(const jw_world *world, const void *state, uint32_t row)
{
    (void)world;
    return ((const jw_traffic *)state)->walks.net.crossings[row].junction;
}

double jw_crossing_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_walks *walks = &((const jw_traffic *)state)->walks;
    (void)world;
    if (column == 1)
        return (double)walks->net.links[walks->net.crossings[row].link].length_m;
    return walks->crossed[row] ? (double)walks->cross_wait_ms[row] / 1000 / (double)walks->crossed[row] : 0;
}

int64_t jw_crossing_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    const jw_crossing *x = &t->walks.net.crossings[row];
    (void)world;
    if (column == 0)
        return x->in_edge == JW_NONE ? -1 : (int64_t)x->in_edge;
    if (column == 4)
        return t->walks.crossed[row];
    if (column == 6) {
        float length_m = t->walks.net.links[x->link].length_m;
        return x->programme == JW_NONE ? -1 : jw_walk_is_shown(t, x, jw_minf(x->refuge_m, length_m));
    }
    int64_t count = 0;
    for (uint32_t slot = t->walks.crossing_head[row]; slot != JW_NONE; slot = t->walks.items[slot].next)
        count += t->walks.items[slot].is_waiting == (column == 2);
    return count;
}
