/* Detectors: the verb that adds one, and the table of what they counted. */
#include "traffic/traffic_internal.h"

#include <string.h>

const jw_verb_arg jw_detector_add_args[5] = {
    {"name", 't', false, 0, 0, 0, "", "its own, up to 47 bytes"},
    {"edge", 'n', false, 0, 4e9, 0, "", "number of the edge"},
    {"lane", 'n', false, 0, 255, 0, "", "lane of the edge, 0 at the kerb"},
    {"position_m", 'n', false, -1e5, 1e5, -10, "m", "along the lane; below 0: from its end"},
    {"length_m", 'n', false, 0, 1e5, 0, "m", "of an area that begins there; 0: a loop"},
};

jw_result jw_detector_verb_add(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_traffic *t = state;
    (void)world;
    jw_detector_def def = {.lane = (uint32_t)jw_command_get_number(command, "lane", 0),
                           .position_m = jw_command_get_number(command, "position_m", -10),
                           .length_m = jw_command_get_number(command, "length_m", 0)};
    const char *name = jw_command_get_text(command, "name", "");
    jw_result result = jw_traffic_get_edge(t, command, "edge", &def.edge, error);
    if (result)
        return result;
    if (!jw_text_copy(def.name, sizeof def.name, name))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "add_detector: the name is longer than %d bytes",
                       JW_DETECTOR_NAME_SIZE - 1);
    return jw_traffic_add_detector(t, &def, error);
}

const jw_column jw_detector_columns[JW_DETECTOR_COLUMNS] = {
    {"name", JW_COLUMN_TEXT, "", "its own"},
    {"begin_ns", JW_COLUMN_TIME_NS, "", "beginning of the interval"},
    {"count", JW_COLUMN_I64, "veh", "came to it"},
    {"flow_veh_h", JW_COLUMN_F64, "veh/h", "the count by the time; of an area way driven by length and time"},
    {"occupancy", JW_COLUMN_F64, "",
     "share of the time that somebody was over it; of an area also of its length"},
    {"speed_mps", JW_COLUMN_F64, "m/s",
     "mean of those who came to it; of an area way driven by time spent; 0: nobody did"},
    {"edge", JW_COLUMN_I64, "", "where it is"},
    {"lane", JW_COLUMN_I64, "", "of the edge, 0 at the kerb"},
    {"position_m", JW_COLUMN_F64, "m", "along the lane"},
    {"x_m", JW_COLUMN_F64, "m", "east of the city's middle"},
    {"y_m", JW_COLUMN_F64, "m", "north of it"},
    {"length_m", JW_COLUMN_F64, "m", "of an area; 0: a loop"},
    {"jam_m", JW_COLUMN_F64, "m", "of an area: length of the longest jam, mean over the interval"},
};

uint32_t jw_detector_rows(const jw_world *world, const void *state)
{
    const jw_traffic *t = state;
    (void)world;
    return t->now_ns > t->detectors.base_ns ? t->detectors.count : 0;
}

double jw_detector_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    const jw_detector *item = &t->detectors.items[row];
    const jw_detector_sum *now = &t->detectors.sums[row], *base = &t->detectors.bases[row];
    double time_s = jw_s_from_ns(t->now_ns - t->detectors.base_ns);
    int64_t count = now->entered - base->entered;
    float x, y, z, heading;
    double length_m = (double)(item->end_m - item->pos_m);
    (void)world;
    switch (column) {
    case 3:
        return (length_m > 0 ? (now->way_m - base->way_m) / length_m : (double)count) / time_s * 3600;
    case 4: /* two abreast are over it at once */
        return jw_min((now->occupied_s - base->occupied_s) / time_s, 1);
    case 5:
        if (length_m > 0)
            return now->time_s > base->time_s ? (now->way_m - base->way_m) / (now->time_s - base->time_s) : 0;
        return count ? (now->speed_sum_mps - base->speed_sum_mps) / (double)count : 0;
    case 8:
        return (double)item->pos_m;
    case 11:
        return length_m;
    case 12:
        return (now->jam_m_s - base->jam_m_s) / time_s;
    default:
        jw_traffic_track_place(t, item->lane, item->pos_m, &x, &y, &z, &heading);
        return (double)(column == 9 ? x : y);
    }
}

int64_t jw_detector_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_traffic *t = state;
    const jw_detector *item = &t->detectors.items[row];
    (void)world;
    switch (column) {
    case 1:
        return t->detectors.base_ns;
    case 2:
        return t->detectors.sums[row].entered - t->detectors.bases[row].entered;
    case 6:
        return t->net.lane_edge[item->lane];
    default:
        return t->net.lane_index[item->lane];
    }
}

const char *jw_detector_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    (void)column;
    return ((const jw_traffic *)state)->detectors.items[row].name;
}
