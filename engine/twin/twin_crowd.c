/* Crowds: who asks and is neither vehicle, camera nor production line, as Poisson processes. */
#include "twin/twin_internal.h"

#include <string.h>

bool twin_is_crowd_fine(const jw_crowd_def *crowd, jw_error *error)
{
    if (crowd->name[0] && crowd->per_s >= 0 && crowd->per_s <= 1e5 && jw_abs(crowd->x_m) <= 1e7 &&
        jw_abs(crowd->y_m) <= 1e7)
        return true;
    jw_fail(error, JW_ERROR_INPUT, NULL, 0,
            "crowd \"%s\": it needs a name, per_s of 0 to 1e5 (it is %g), and a place on the map",
            crowd->name, crowd->per_s);
    return false;
}

static void schedule_next(jw_world *world, twin_requests *requests, uint32_t index)
{
    twin_crowd *crowd = &requests->crowds[index];
    if (crowd->per_s <= 0)
        return;
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "twin.crowd"));
    double wait_s = jw_random_exponential(key, index, crowd->draws++, 1 / crowd->per_s);
    jw_schedule(world, jw_world_time_ns(world) + 1 + jw_ns_from_s(jw_min(wait_s, 1e6)), JW_PRIORITY_NORMAL,
                JW_TWIN_REQUESTS, REQUEST_EVENT_CROWD, index, crowd->generation);
}

jw_net_node_id twin_crowd_node(jw_world *world, twin_requests *requests, uint32_t index)
{
    twin_crowd *crowd = &requests->crowds[index];
    return twin_wired_node(world, crowd->x_m, crowd->y_m, &crowd->node);
}

void twin_crowd_event(jw_world *world, twin_requests *requests, const jw_event *event)
{
    if (event->a >= requests->crowd_count || requests->crowds[event->a].generation != (uint32_t)event->b)
        return;
    jw_net_node_id node = twin_crowd_node(world, requests, event->a);
    if (node.index1)
        jw_request_send(world, requests->crowds[event->a].type, JW_SENDER_CROWD, event->a, 0,
                        (jw_net_end){.node = node}, NULL);
    schedule_next(world, requests, event->a);
}

jw_result twin_crowd_add(jw_world *world, twin_requests *requests, const jw_crowd_def *def, jw_error *error)
{
    uint32_t index = requests->crowd_count, type = twin_request_type_find(requests, def->type);
    if (!twin_is_crowd_fine(def, error))
        return JW_ERROR_INPUT;
    if (type == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "crowd \"%s\": there is no request type \"%s\"",
                       def->name, def->type);
    for (uint32_t i = 0; i < index; i++)
        if (strcmp(requests->crowds[i].name, def->name) == 0)
            return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "crowd \"%s\" exists already", def->name);
    jw_result result =
        jw_grow(&requests->crowds, &requests->crowd_capacity, index + 1ull, sizeof *requests->crowds, error);
    if (result != JW_OK)
        return result;
    requests->crowds[index] =
        (twin_crowd){.type = type, .x_m = def->x_m, .y_m = def->y_m, .per_s = def->per_s};
    jw_text_copy(requests->crowds[index].name, sizeof requests->crowds[index].name, def->name);
    requests->crowd_count++;
    schedule_next(world, requests, index);
    return JW_OK;
}

jw_result twin_crowd_set(jw_world *world, twin_requests *requests, const char *name, double per_s,
                         jw_error *error)
{
    for (uint32_t i = 0; i < requests->crowd_count; i++)
        if (strcmp(requests->crowds[i].name, name) == 0) {
            requests->crowds[i].per_s = per_s;
            requests->crowds[i].generation++;
            schedule_next(world, requests, i);
            return JW_OK;
        }
    return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no crowd \"%s\"", name);
}
