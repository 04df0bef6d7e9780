/* Commands as values, and their check against the verbs that modules offer. */
#include "kernel/kernel_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

jw_command jw_command_make(const char *verb)
{
    jw_command command = {0};
    jw_text_copy(command.verb, sizeof command.verb, verb);
    return command;
}

static jw_arg *argument_to_set(jw_command *command, const char *key)
{
    assert(strlen(key) < JW_ARG_KEY_SIZE);
    for (uint32_t i = 0; i < command->arg_count; i++)
        if (strcmp(command->args[i].key, key) == 0)
            return &command->args[i];
    assert(command->arg_count < JW_COMMAND_ARGS_MAX);
    jw_arg *arg = &command->args[command->arg_count++];
    *arg = (jw_arg){0};
    jw_text_copy(arg->key, sizeof arg->key, key);
    return arg;
}

void jw_command_number(jw_command *command, const char *key, double value)
{
    jw_arg *arg = argument_to_set(command, key);
    arg->is_text = false;
    arg->number = value;
    arg->text[0] = 0;
}

void jw_command_text(jw_command *command, const char *key, const char *value)
{
    jw_arg *arg = argument_to_set(command, key);
    arg->is_text = true;
    arg->number = 0;
    jw_text_copy(arg->text, sizeof arg->text, value);
}

const jw_arg *jw_command_arg(const jw_command *command, const char *key)
{
    for (uint32_t i = 0; i < command->arg_count; i++)
        if (strcmp(command->args[i].key, key) == 0)
            return &command->args[i];
    return NULL;
}

double jw_command_get_number(const jw_command *command, const char *key, double fallback)
{
    const jw_arg *arg = jw_command_arg(command, key);
    return arg && !arg->is_text ? arg->number : fallback;
}

const char *jw_command_get_text(const jw_command *command, const char *key, const char *fallback)
{
    const jw_arg *arg = jw_command_arg(command, key);
    return arg && arg->is_text ? arg->text : fallback;
}

/* ---- check ---- */

/* Appends ", name" to a list for a message, as far as there is room. */
static void list_name(char *list, size_t list_size, const char *name)
{
    size_t length = strlen(list);
    snprintf(list + length, list_size - length, "%s%s", length ? ", " : "", name);
}

static const jw_verb *find_verb(const jw_world *world, const char *name, uint32_t *out_module)
{
    for (uint32_t m = 0; m < world->module_count; m++) {
        const jw_module *module = world->modules[m];
        for (uint32_t v = 0; v < module->verb_count; v++) {
            if (strcmp(module->verbs[v].name, name) == 0) {
                *out_module = m;
                return &module->verbs[v];
            }
        }
    }
    return NULL;
}

static jw_result fail_unknown_verb(const jw_world *world, const char *name, jw_error *error)
{
    char known[480] = "";
    jw_nearest nearest = jw_nearest_to(name);
    for (uint32_t m = 0; m < world->module_count; m++)
        for (uint32_t v = 0; v < world->modules[m]->verb_count; v++) {
            list_name(known, sizeof known, world->modules[m]->verbs[v].name);
            jw_nearest_try(&nearest, world->modules[m]->verbs[v].name);
        }
    return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no command \"%s\"%s; there are: %s", name,
                   nearest.hint, known[0] ? known : "none");
}

static const char *unit_of(const jw_verb_arg *arg)
{
    return arg->unit ? arg->unit : "";
}

static jw_result check_argument(const jw_verb *verb, const jw_verb_arg *wanted, const jw_arg *given,
                                jw_error *error)
{
    bool wants_text = wanted->type == 't';
    if (!given && wanted->is_optional)
        return JW_OK;
    if (!given)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s needs %s \"%s\": %s%s%s", verb->name,
                       wants_text ? "the text" : "the number", wanted->key, wanted->doc ? wanted->doc : "",
                       *unit_of(wanted) ? ", in " : "", unit_of(wanted));
    if (given->is_text != wants_text)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s: \"%s\" must be a %s, not a %s", verb->name,
                       wanted->key, wants_text ? "text" : "number", wants_text ? "number" : "text");
    if (wants_text)
        return JW_OK;
    if (!(given->number - given->number == 0))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s: \"%s\" must be a finite number", verb->name,
                       wanted->key);
    bool is_bounded = wanted->min != 0 || wanted->max != 0;
    if (is_bounded && !(given->number >= wanted->min && given->number <= wanted->max))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "%s: \"%s\" is %.10g, but must be from %.10g to %.10g%s%s", verb->name, wanted->key,
                       given->number, wanted->min, wanted->max, *unit_of(wanted) ? " " : "", unit_of(wanted));
    return JW_OK;
}

static jw_result check_known(const jw_verb *verb, const jw_command *command, jw_error *error)
{
    char known[320] = "";
    for (uint32_t i = 0; i < verb->arg_count; i++)
        list_name(known, sizeof known, verb->args[i].key);
    for (uint32_t i = 0; i < command->arg_count; i++) {
        const char *key = command->args[i].key;
        bool is_known = false;
        for (uint32_t a = 0; a < verb->arg_count && !is_known; a++)
            is_known = strcmp(verb->args[a].key, key) == 0;
        jw_nearest nearest = jw_nearest_to(key);
        for (uint32_t a = 0; a < verb->arg_count && !is_known; a++)
            jw_nearest_try(&nearest, verb->args[a].key);
        if (!is_known && nearest.hint[0]) /* what was meant says more than all that there is */
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s takes no \"%s\"%s", verb->name, key,
                           nearest.hint);
        if (!is_known)
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s takes no \"%s\"; it takes: %s", verb->name,
                           key, known[0] ? known : "nothing");
        if (jw_command_arg(command, key) != &command->args[i])
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s: \"%s\" is given twice", verb->name, key);
    }
    return JW_OK;
}

const jw_verb *jw_world_match_command(const jw_world *world, const jw_command *command, uint32_t *out_module,
                                      jw_error *error)
{
    const jw_verb *verb = find_verb(world, command->verb, out_module);
    if (!verb) {
        fail_unknown_verb(world, command->verb, error);
        return NULL;
    }
    if (check_known(verb, command, error) != JW_OK)
        return NULL;
    for (uint32_t i = 0; i < verb->arg_count; i++)
        if (check_argument(verb, &verb->args[i], jw_command_arg(command, verb->args[i].key), error) != JW_OK)
            return NULL;
    return verb;
}

jw_result jw_world_check_command(const jw_world *world, const jw_command *command, jw_error *error)
{
    uint32_t module;
    jw_error own = {0};
    if (jw_world_match_command(world, command, &module, &own))
        return JW_OK;
    if (error && error->code == JW_OK)
        *error = own;
    return own.code;
}
