/* What sectors can be told. */
#include "ai/ai_internal.h"

#include <string.h>

const jw_verb_arg sector_connect_args[SECTOR_CONNECT_ARGS] = {
    {"consumer", 't', false, 0, 0, 0, "", "id of the data consumer"},
    {"source", 't', true, 0, 0, 0, "", "id of the source; all it wants when left out"},
};
const jw_verb_arg sector_wire_args[SECTOR_WIRE_ARGS] = {
    {"mode", 't', false, 0, 0, 0, "", "point_to_point or fabric"},
};
const jw_verb_arg sector_people_args[SECTOR_PEOPLE_ARGS] = {
    {"people", 'n', false, 0, 1e5, 0, "", "integrators"},
};
const jw_verb_arg sector_purpose_args[SECTOR_PURPOSE_ARGS] = {
    {"sector", 't', false, 0, 0, 0, "", "id of the sector"},
    {"purpose", 't', false, 0, 0, 0, "", "as a consumer declares it"},
    {"on", 'n', true, 0, 1, 1, "", "1 allowed, 0 forbidden"},
};
const jw_verb_arg sector_anonymise_args[SECTOR_ANONYMISE_ARGS] = {
    {"source", 't', false, 0, 0, 0, "", "id of the source"},
    {"k", 'n', false, 1, 1e4, 0, "", "least size of a group; 1: records leave as they are"},
};
const jw_verb_arg sector_schema_args[SECTOR_SCHEMA_ARGS] = {
    {"source", 't', false, 0, 0, 0, "", "id of the source"},
};

jw_result sector_verb_connect(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_ai_connect_source(world, state, jw_command_get_text(command, "consumer", ""),
                                jw_command_get_text(command, "source", ""), error);
}

jw_result sector_verb_wire(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world;
    const char *mode = jw_command_get_text(command, "mode", "");
    for (int wiring = JW_WIRING_POINT_TO_POINT; wiring <= JW_WIRING_FABRIC; wiring++)
        if (strcmp(mode, jw_wiring_name((jw_wiring)wiring)) == 0)
            return jw_ai_set_wiring(state, (jw_wiring)wiring, error);
    return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                   "wire_data: \"%s\" is no mode, only point_to_point and fabric", mode);
}

jw_result sector_verb_people(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_ai_set_integrators(world, state, (uint32_t)jw_command_get_number(command, "people", 0), error);
}

jw_result sector_verb_purpose(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_ai_allow_purpose(world, state, jw_command_get_text(command, "sector", ""),
                               jw_command_get_text(command, "purpose", ""),
                               jw_command_get_number(command, "on", 1) != 0, error);
}

jw_result sector_verb_anonymise(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_ai_anonymise(world, state, jw_command_get_text(command, "source", ""),
                           (uint32_t)jw_command_get_number(command, "k", 1), error);
}

jw_result sector_verb_schema(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return jw_ai_change_schema(world, state, jw_command_get_text(command, "source", ""), error);
}
