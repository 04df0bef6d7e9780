/* Requests of a scene: types and their guards, policies, crowds, and what serves them: scaling and failures.
 */
#include "script/script_internal.h"

#include <string.h>

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

static const char policies[] = "default|latency|nearest|edge_only|cloud_only|least_loaded|carbon|script";

typedef struct request_entry {
    jw_request_type type;
    uint32_t retries;
} request_entry;

const script_field script_request_fields[SCRIPT_REQUEST_FIELDS] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "\"signal\", \"inspection\", \"assistant\"",
     AT(request_entry, type.name)},
    {"service", FIELD_TEXT, false, 0, 0, NULL, NULL, "id in the catalogue", AT(request_entry, type.service)},
    {"up_bytes", FIELD_BYTES, false, 1, 1e12, NULL, "byte", "sent with it", AT(request_entry, type.up_bytes)},
    {"down_bytes", FIELD_BYTES, false, 1, 1e12, NULL, "byte", "of the answer",
     AT(request_entry, type.down_bytes)},
    {"items", FIELD_COUNT, false, 1, 1e6, NULL, NULL, "pictures, or prompt tokens in the mean",
     AT(request_entry, type.items)},
    {"output_tokens", FIELD_COUNT, false, 0, 1e6, NULL, NULL, "in the mean",
     AT(request_entry, type.output_tokens)},
    {"deadline_s", FIELD_NUMBER, false, 0.001, 1e5, NULL, "s", "later is late",
     AT(request_entry, type.deadline_s)},
    {"timeout_s", FIELD_NUMBER, false, 0.001, 1e5, NULL, "s", "later is lost",
     AT(request_entry, type.timeout_s)},
    {"policy", FIELD_SMALL, false, 0, 0, policies, NULL, "how its site is chosen; default: the city's",
     AT(request_entry, type.policy)},
    {"residency", FIELD_SMALL, false, 0, 0, "any|city|district", NULL,
     "where its data may go: anywhere, not west, or not out of the sender's district (of the nearest edge "
     "site)",
     AT(request_entry, type.residency)},
    {"admission", FIELD_NUMBER, false, 0, 1000, NULL, NULL,
     "refused when the forecast is later than so many deadlines; 0, as when left out: never",
     AT(request_entry, type.admission)},
    {"retries", FIELD_COUNT, false, 0, JW_RETRIES_MAX, NULL, NULL, "further tries at most",
     AT(request_entry, retries)},
    {"retry_budget", FIELD_NUMBER, false, 0, 100, NULL, NULL,
     "retries and hedges per request sent; 0.2 when left out", AT(request_entry, type.retry_budget)},
    {"hedge", FIELD_NUMBER, false, 0, 0.999, NULL, NULL,
     "a second copy goes to another site when this share of the answers would be there (0.95); 0: never",
     AT(request_entry, type.hedge)},
    {"deferrable", FIELD_FLAG, false, 0, 0, NULL, NULL,
     "under the carbon policy it may wait, within its deadline, for an hour with less CO2",
     AT(request_entry, type.is_deferrable)},
};

static void check(lua_State *L, jw_result result, const jw_error *error)
{
    if (result != JW_OK)
        script_report_error(L, error);
}

/* What is left out stays as the type of that id has it. */
int script_city_request(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "request");
    request_entry entry = {0};
    jw_error error = {0};
    if (lua_istable(L, 2))
        script_read_field(L, 2, "city:request", &script_request_fields[0], &entry);
    for (uint32_t i = 0; i < def->request_count; i++)
        if (strcmp(def->requests[i].name, entry.type.name) == 0)
            entry.type = def->requests[i];
    entry.retries = entry.type.retries;
    if (!script_read_fields(L, 2, "city:request", script_request_fields, SCRIPT_REQUEST_FIELDS, &entry))
        return 0;
    entry.type.retries = (uint8_t)entry.retries;
    check(L, jw_twin_def_set_request(def, &entry.type, &error), &error);
    return 0;
}

typedef struct policy_entry {
    uint8_t policy, is_on;
    jw_breaker_def breaker;
} policy_entry;

const script_field script_policy_fields[SCRIPT_POLICY_FIELDS] = {
    {"name", FIELD_SMALL, false, 0, 0, policies, NULL, "of types that have none of their own",
     AT(policy_entry, policy)},
    {"breaker", FIELD_FLAG, false, 0, 0, NULL, NULL, "circuit breakers between request types and sites",
     AT(policy_entry, is_on)},
    {"window", FIELD_COUNT, false, 1, 64, NULL, NULL, "outcomes that a breaker looks at; 20 when left out",
     AT(policy_entry, breaker.window)},
    {"failure_share", FIELD_NUMBER, false, 0.01, 1, NULL, NULL, "of them failed: it opens; 0.5 when left out",
     AT(policy_entry, breaker.failure_share)},
    {"open_s", FIELD_NUMBER, false, 0.1, 1e6, NULL, "s", "before it lets one through; 10 when left out",
     AT(policy_entry, breaker.open_s)},
    {"trials", FIELD_COUNT, false, 1, 100, NULL, NULL, "answers in a row that close it; 3 when left out",
     AT(policy_entry, breaker.trials)},
};

int script_city_policy(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "policy");
    policy_entry entry = {(uint8_t)def->policy, def->breaker.is_on, def->breaker};
    if (!script_read_fields(L, 2, "city:policy", script_policy_fields, SCRIPT_POLICY_FIELDS, &entry))
        return 0;
    def->policy = (jw_policy)entry.policy;
    def->breaker = entry.breaker;
    def->breaker.is_on = entry.is_on != 0;
    return 0;
}

const script_field script_crowd_fields[SCRIPT_CROWD_FIELDS] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "unique name", AT(jw_crowd_def, name)},
    {"type", FIELD_TEXT, true, 0, 0, NULL, NULL, "id of a request type", AT(jw_crowd_def, type)},
    {"at", FIELD_PLACE, true, 0, 0, NULL, NULL, "where: a place or block, or { x =, y = }",
     AT(jw_crowd_def, x_m)},
    {"per_s", FIELD_NUMBER, true, 0, 1e5, NULL, "1/s", "requests in the mean, as a Poisson process",
     AT(jw_crowd_def, per_s)},
};

int script_city_crowd(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "crowd");
    jw_crowd_def crowd = {0};
    jw_error error = {0};
    if (script_read_fields(L, 2, "city:crowd", script_crowd_fields, SCRIPT_CROWD_FIELDS, &crowd))
        check(L, jw_twin_def_add_crowd(def, &crowd, &error), &error);
    return 0;
}

const script_field script_scale_fields[SCRIPT_SCALE_FIELDS] = {
    {"service", FIELD_TEXT, true, 0, 0, NULL, NULL, "id in the catalogue", AT(jw_scale_def, service)},
    {"site", FIELD_TEXT, false, 0, 0, NULL, NULL, "id of a site; each that serves it when left out",
     AT(jw_scale_def, site)},
    {"min", FIELD_COUNT, false, 0, 4096, NULL, NULL, "instances; 0: none without work; 1 when left out",
     AT(jw_scale_def, min)},
    {"max", FIELD_COUNT, true, 1, 4096, NULL, NULL, "instances, as far as the site's free cards go",
     AT(jw_scale_def, max)},
    {"target", FIELD_NUMBER, false, 0.01, 1, NULL, NULL, "busy share of the instances; 0.7 when left out",
     AT(jw_scale_def, target)},
    {"queue_target", FIELD_NUMBER, false, 0.1, 1e6, NULL, NULL,
     "waiting requests an instance; 4 when left out", AT(jw_scale_def, queue_target)},
    {"interval_s", FIELD_NUMBER, false, 1, 86400, NULL, "s", "between decisions; 15 when left out",
     AT(jw_scale_def, interval_s)},
    {"cooldown_s", FIELD_NUMBER, false, 1, 1e6, NULL, "s",
     "that fewer must be wanted before there are fewer; 60 when left out", AT(jw_scale_def, cooldown_s)},
    {"load_gbyte_per_s", FIELD_NUMBER, false, 0.001, 1e6, NULL, "Gbyte/s",
     "of an image into a card; 2 when left out (unverified)", AT(jw_scale_def, load_gbyte_per_s)},
};

int script_city_scale(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "scale");
    jw_scale_def scale = {.min = 1};
    jw_error error = {0};
    if (script_read_fields(L, 2, "city:scale", script_scale_fields, SCRIPT_SCALE_FIELDS, &scale))
        check(L, jw_twin_def_add_scale(def, &scale, &error), &error);
    return 0;
}

const script_field script_fault_fields[SCRIPT_FAULT_FIELDS] = {
    {"site", FIELD_TEXT, false, 0, 0, NULL, NULL, "id of a site; each when left out", AT(jw_fault_def, site)},
    {"mtbf_h", FIELD_NUMBER, true, 0.001, 1e8, NULL, "h", "mean time between failures of one card",
     AT(jw_fault_def, card_mtbf_s)},
    {"mttr_h", FIELD_NUMBER, true, 0.001, 1e8, NULL, "h", "mean time to repair",
     AT(jw_fault_def, card_mttr_s)},
};

int script_city_card_faults(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "card_faults");
    jw_fault_def fault = {0};
    jw_error error = {0};
    if (!script_read_fields(L, 2, "city:card_faults", script_fault_fields, SCRIPT_FAULT_FIELDS, &fault))
        return 0;
    fault.card_mtbf_s *= 3600;
    fault.card_mttr_s *= 3600;
    check(L, jw_twin_def_add_fault(def, &fault, &error), &error);
    return 0;
}
