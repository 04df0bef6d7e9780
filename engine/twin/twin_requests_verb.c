/* What requests can be told: policies, guards, breakers, crowds. */
#include "twin/twin_internal.h"

/* Requests of all types when the text is "". */
static jw_result types_of(const twin_requests *requests, const jw_command *command, uint32_t *out_first,
                          uint32_t *out_end, jw_error *error)
{
    const char *name = jw_command_get_text(command, "type", "");
    *out_first = 0;
    *out_end = requests->type_count;
    if (name[0] == 0)
        return JW_OK;
    uint32_t type = twin_request_type_find(requests, name);
    if (type == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s: there is no request type \"%s\"",
                       command->verb, name);
    *out_first = type;
    *out_end = type + 1;
    return JW_OK;
}

static jw_result verb_set_policy(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world;
    twin_requests *requests = state;
    const char *name = jw_command_get_text(command, "name", "");
    jw_policy policy;
    uint32_t first, end;
    if (!jw_policy_from_name(name, &policy))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "set_policy: \"%s\" is none of default, latency, nearest, edge_only, cloud_only, "
                       "least_loaded, carbon, script",
                       name);
    jw_result result = types_of(requests, command, &first, &end, error);
    if (result != JW_OK)
        return result;
    if (jw_command_get_text(command, "type", "")[0] == 0)
        requests->policy = policy == JW_POLICY_DEFAULT ? JW_POLICY_LATENCY : policy;
    else
        requests->types[first].policy = (uint8_t)policy;
    return JW_OK;
}

static jw_result verb_set_guard(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world;
    twin_requests *requests = state;
    uint32_t first, end;
    jw_result result = types_of(requests, command, &first, &end, error);
    for (uint32_t i = first; result == JW_OK && i < end; i++) {
        jw_request_type type = requests->types[i];
        type.admission = jw_command_get_number(command, "admission", type.admission);
        type.retries = (uint8_t)jw_command_get_number(command, "retries", type.retries);
        type.retry_budget = jw_command_get_number(command, "retry_budget", type.retry_budget);
        type.hedge = jw_command_get_number(command, "hedge", type.hedge);
        type.residency = (uint8_t)jw_command_get_number(command, "residency", type.residency);
        type.is_deferrable = (uint8_t)jw_command_get_number(command, "deferrable", type.is_deferrable);
        if (!twin_is_type_fine(&type, error))
            return JW_ERROR_INPUT;
        requests->types[i] = type;
    }
    return result;
}

static jw_result verb_set_breaker(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world;
    twin_requests *requests = state;
    jw_breaker_def breaker = {.is_on = jw_command_get_number(command, "on", 1) != 0,
                              .window = (uint32_t)jw_command_get_number(command, "window", 0),
                              .failure_share = jw_command_get_number(command, "failure_share", 0),
                              .open_s = jw_command_get_number(command, "open_s", 0),
                              .trials = (uint32_t)jw_command_get_number(command, "trials", 0)};
    if (!twin_is_breaker_fine(&breaker, error))
        return JW_ERROR_INPUT;
    requests->breaker = breaker;
    for (uint32_t i = 0; i < requests->breaker_count; i++)
        requests->breakers[i] = (twin_breaker){0};
    for (uint32_t i = 0; i < requests->pool.slot_count; i++) /* trials of breakers that are no more */
        for (uint32_t c = 0; c < COPIES; c++)
            requests->requests[i].copies[c].is_trial = 0;
    return JW_OK;
}

static jw_result verb_place_crowd(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_crowd_def crowd = {.x_m = jw_command_get_number(command, "x", 0),
                          .y_m = jw_command_get_number(command, "y", 0),
                          .per_s = jw_command_get_number(command, "per_s", 0)};
    jw_text_copy(crowd.name, sizeof crowd.name, jw_command_get_text(command, "name", ""));
    jw_text_copy(crowd.type, sizeof crowd.type, jw_command_get_text(command, "type", ""));
    return twin_crowd_add(world, state, &crowd, error);
}

static jw_result verb_set_crowd(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return twin_crowd_set(world, state, jw_command_get_text(command, "name", ""),
                          jw_command_get_number(command, "per_s", 0), error);
}

static const jw_verb_arg policy_args[] = {
    {"name", 't', false, 0, 0, 0, "",
     "latency, nearest, edge_only, cloud_only, least_loaded, carbon, script, or default: of a type, the "
     "city's"},
    {"type", 't', true, 0, 0, 0, "", "request type; the city's policy when left out"},
};
static const jw_verb_arg guard_args[] = {
    {"type", 't', true, 0, 0, 0, "", "request type; all when left out"},
    {"admission", 'n', true, 0, 1000, 0, "",
     "refused when the forecast is later than so many deadlines; 0: never"},
    {"retries", 'n', true, 0, JW_RETRIES_MAX, 0, "", "further tries of one request at most"},
    {"retry_budget", 'n', true, 0, 100, 0, "", "retries and hedges per request sent; 0: 0.2"},
    {"hedge", 'n', true, 0, 0.999, 0, "",
     "a second copy goes when this share of the answers would be there; 0: never"},
    {"residency", 'n', true, 0, 2, 0, "", "where data may go: 0 anywhere, 1 not west, 2 in its district"},
    {"deferrable", 'n', true, 0, 1, 0, "",
     "1: under the carbon policy it may wait for an hour with less CO2"},
};
static const jw_verb_arg breaker_args[] = {
    {"on", 'n', false, 0, 1, 0, "", "1 on, 0 off"},
    {"window", 'n', true, 0, 64, 20, "", "outcomes looked at"},
    {"failure_share", 'n', true, 0, 1, 0.5, "", "of them failed: it opens"},
    {"open_s", 'n', true, 0, 1e6, 10, "s", "before it lets one through again"},
    {"trials", 'n', true, 0, 100, 3, "", "answers in a row that close it"},
};
static const jw_verb_arg place_args[] = {
    {"name", 't', false, 0, 0, 0, "", "a new id"},
    {"type", 't', false, 0, 0, 0, "", "request type"},
    {"x", 'n', false, -1e7, 1e7, 0, "m", "east of the city's origin"},
    {"y", 'n', false, -1e7, 1e7, 0, "m", "north of the city's origin"},
    {"per_s", 'n', false, 0, 1e5, 0, "1/s", "requests in the mean"},
};
static const jw_verb_arg crowd_args[] = {
    {"name", 't', false, 0, 0, 0, "", "id of the crowd"},
    {"per_s", 'n', false, 0, 1e5, 0, "1/s", "requests in the mean from now on"},
};

const jw_verb twin_requests_verbs[TWIN_REQUESTS_VERBS] = {
    {"set_policy", "how a request's site is chosen", policy_args, JW_COUNT_OF(policy_args), verb_set_policy},
    {"set_guard",
     "admission, retries, hedging, residency and waiting of a request type; what is left out stays",
     guard_args, JW_COUNT_OF(guard_args), verb_set_guard},
    {"set_breaker", "circuit breakers between requests and sites", breaker_args, JW_COUNT_OF(breaker_args),
     verb_set_breaker},
    {"place_crowd", "people or machines at a place who send requests of a type", place_args,
     JW_COUNT_OF(place_args), verb_place_crowd},
    {"set_crowd", "how much a crowd asks", crowd_args, JW_COUNT_OF(crowd_args), verb_set_crowd},
};
