/* What a scene says of things to decide on. */
#include "twin/twin_internal.h"

#include <string.h>

/* How a model is asked, where a scene does not say it: sizes and deadlines are assumptions (unverified). */
static const jw_request_type types[] = {
    /* What the patient says and the nurse measures: 600 tokens, and a class with its reason. */
    {.name = "triage",
     .service = "city-llm",
     .up_bytes = 2400,
     .down_bytes = 80,
     .items = 600,
     .output_tokens = 20,
     .deadline_s = 5,
     .timeout_s = 25,
     .retries = 1,
     .kind = JW_TRAFFIC_AI},
    /* A camera's picture. */
    {.name = "incident",
     .service = "signal-vision",
     .up_bytes = 200000,
     .down_bytes = 300,
     .items = 1,
     .deadline_s = 3,
     .timeout_s = 10,
     .kind = JW_TRAFFIC_VIDEO},
    /* Where a bus is and how the last minutes went there: a small model of the vision service's kind stands
     * for it. */
    {.name = "bus",
     .service = "signal-vision",
     .up_bytes = 4000,
     .down_bytes = 200,
     .items = 1,
     .deadline_s = 1,
     .timeout_s = 5,
     .kind = JW_TRAFFIC_CONTROL},
    /* A declaration with its papers: 1,500 tokens. */
    {.name = "clearing",
     .service = "city-llm",
     .up_bytes = 300000,
     .down_bytes = 400,
     .items = 1500,
     .output_tokens = 60,
     .deadline_s = 10,
     .timeout_s = 25,
     .retries = 1,
     .kind = JW_TRAFFIC_AI},
};

/* The request type of that name, unless the scene has one. */
static jw_result need_type(jw_twin_def *def, const char *name, jw_error *error)
{
    for (uint32_t i = 0; i < def->request_count; i++)
        if (strcmp(def->requests[i].name, name) == 0)
            return JW_OK;
    for (uint32_t i = 0; i < JW_COUNT_OF(types); i++)
        if (strcmp(types[i].name, name) == 0)
            return jw_twin_def_set_request(def, &types[i], error);
    return JW_OK;
}

jw_result jw_twin_def_add_desk(jw_twin_def *def, const jw_desk_def *desk, jw_error *error)
{
    jw_result result = twin_def_check_name("desk", desk->name, error);
    if (result == JW_OK)
        result = jw_economy_check_desk(desk, error);
    for (uint32_t i = 0; i < def->desk_count && result == JW_OK; i++)
        if (strcmp(def->desks[i].name, desk->name) == 0)
            result =
                jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "%s \"%s\" is defined twice", "desk", desk->name);
    if (result == JW_OK)
        result = need_type(
            def, jw_decision_name(desk->kind == JW_DESK_TRIAGE ? JW_DECISION_TRIAGE : JW_DECISION_CLEARING),
            error);
    if (result == JW_OK)
        result = jw_grow(&def->desks, &def->desk_capacity, def->desk_count + 1ull, sizeof *desk, error);
    if (result == JW_OK)
        def->desks[def->desk_count++] = *desk;
    return result;
}

jw_result jw_twin_def_set_incidents(jw_twin_def *def, const jw_incident_def *incidents, jw_error *error)
{
    if (!twin_is_incident_fine(incidents, error))
        return JW_ERROR_INPUT;
    jw_result result = need_type(def, jw_decision_name(JW_DECISION_INCIDENT), error);
    if (result == JW_OK)
        def->incidents = *incidents;
    return result;
}

jw_result jw_twin_def_set_bus_priority(jw_twin_def *def, jw_error *error)
{
    jw_result result = need_type(def, jw_decision_name(JW_DECISION_BUS), error);
    if (result == JW_OK)
        def->has_bus_priority = def->traffic.signals.has_priority = true;
    return result;
}
