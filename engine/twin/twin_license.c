/* A model version of the registry becomes what parks elsewhere judge with: they buy it of a start-up. */
#include "twin/twin_internal.h"

#include <string.h>

/* Of the request by which lines ask for verdicts. */
static bool is_for_lines(const twin_requests *requests, const char *model)
{
    for (uint32_t i = 0; i < requests->type_count; i++)
        if (strcmp(requests->types[i].name, "inspection") == 0)
            return strcmp(requests->types[i].service, model) == 0;
    return false;
}

jw_result twin_verb_license_model(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)state;
    const jw_ai *ai = twin_ai_of(world);
    const char *model = jw_command_get_text(command, "model", "");
    uint32_t version = (uint32_t)jw_command_get_number(command, "version", 0);
    if (!is_for_lines(twin_requests_of(world), model))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "license_model: production lines do not ask \"%s\" for verdicts", model);
    if (version == 0)
        version = jw_ai_newest_version(ai, model);
    uint32_t service = jw_compute_find_service(twin_compute_of(world), model);
    if (service == JW_NONE || !jw_ai_version(ai, service, version))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "%s: there is no model \"%s\" of version %u (0: newest)", command->verb, model,
                       version);
    if (!jw_ai_is_approved(ai, model, version))
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "%s: \"%s\" version %u is not approved: put it on its way with submit_model",
                       command->verb, model, version);
    return jw_economy_license(twin_economy_of(world), jw_command_get_text(command, "supplier", ""),
                              jw_command_get_text(command, "region", ""), jw_ai_quality(ai, service, version),
                              NULL, error);
}
