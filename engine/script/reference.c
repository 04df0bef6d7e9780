/* What is written from the one table of bindings: the page docs/lua.md, the completion for editors and
 * luacheck's standard. Commands, tables and metrics come from the modules themselves, names of libraries from
 * a sandbox. */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

static jw_result done(const jw_writer *out)
{
    return out->failed ? JW_ERROR_MEMORY : JW_OK;
}

#define MODULES (JW_TWIN_MODULE_COUNT + 1)

static void list_modules(jw_module_entry *out)
{
    const jw_module_entry script = {&jw_script_module, NULL};
    jw_twin_modules(&script, 1, out);
}

static const struct {
    const char *name, *title;
    const script_field *fields;
    const uint32_t *count;
} catalogues[] = {
    {"cards.lua", "accelerator cards", script_card_fields, &script_card_field_count},
    {"services.lua", "services", script_service_fields, &script_service_field_count},
    {"grid.lua", "grid regions", script_region_fields, &script_region_field_count},
    {"models.lua", "versions of models", script_model_fields, &script_model_field_count},
    {"compression.lua", "compression of models", script_compression_fields, &script_compression_field_count},
    {"tuning.lua", "the law of fine-tuning", script_law_fields, &script_law_field_count},
    {"timings.lua", "measured times of language models", script_timing_fields, &script_timing_field_count},
    {"lines.lua", "kinds of production lines", script_line_kind_fields, &script_line_kind_field_count},
    {"sectors.lua", "kinds of data sources", script_source_kind_fields, &script_source_kind_field_count},
};

/* ---- names of the sandbox ---- */

/* The sandbox's globals as luacheck fields, in order. */
static int put_globals(lua_State *L)
{
    jw_writer *out = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    int globals = lua_gettop(L);
    uint32_t count = script_push_sorted_keys(L, globals);
    for (uint32_t i = 1; i <= count; i++) {
        lua_rawgeti(L, globals + 1, i);
        const char *name = lua_tostring(L, -1);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, globals) != LUA_TTABLE) {
            jw_write_format(out, "    \"%s\",\n", name);
            lua_settop(L, globals + 1);
            continue;
        }
        jw_write_format(out, "    %s = { fields = {", name);
        int library = lua_gettop(L);
        uint32_t fields = script_push_sorted_keys(L, library);
        for (uint32_t f = 1; f <= fields; f++) {
            lua_rawgeti(L, library + 1, f);
            jw_write_format(out, "%s \"%s\"", f > 1 ? "," : "", lua_tostring(L, -1));
            lua_pop(L, 1);
        }
        jw_write_format(out, " } },\n");
        lua_settop(L, globals + 1);
    }
    return 0;
}

jw_result jw_script_write_luacheck(jw_writer *out)
{
    script_box *box;
    jw_result result = script_box_create(&box, NULL);
    if (result != JW_OK)
        return result;
    jw_write_format(
        out, "-- Made by `jingwei doc luacheck`: what a scene or scenario may call.\nstds.jingwei = {\n  "
             "read_globals "
             "= {\n");
    result = script_box_call(box, put_globals, out, SCRIPT_LOAD_BUDGET, NULL);
    jw_write_format(out, "  },\n}\nstd = \"jingwei\"\nunused_args = false\nmax_line_length = 140\n");
    script_box_destroy(box);
    return result == JW_OK ? done(out) : result;
}

/* ---- completion ---- */

static const char *type_of(script_field_type type)
{
    switch (type) {
    case FIELD_NUMBER:
        return "number";
    case FIELD_COUNT:
    case FIELD_BYTES:
        return "integer";
    case FIELD_FLAG:
        return "boolean";
    case FIELD_TEXT:
    case FIELD_CHOICE:
    case FIELD_SMALL:
    case FIELD_TIME:
    case FIELD_SPAN:
        return "string";
    case FIELD_FUNCTION:
        return "function";
    case FIELD_ANY:
        return "any";
    default:
        return "table";
    }
}

/* `owner`: "city:" or "". */
static void put_meta_binding(jw_writer *out, const char *owner, const script_binding *b)
{
    bool has_fields = b->field_count > 0;
    if (has_fields) {
        jw_write_format(out, "---@class %s_arguments\n", b->name);
        for (uint32_t i = 0; i < b->field_count; i++)
            jw_write_format(out, "---@field %s%s %s %s\n", b->fields[i].key,
                            b->fields[i].is_required ? "" : "?", type_of(b->fields[i].type),
                            b->fields[i].doc);
        jw_write_format(out, "\n");
    }
    jw_write_format(out, "---%s\n", b->doc);
    char usage[120], parameters[120] = "";
    jw_text_copy(usage, sizeof usage, b->usage);
    if (usage[0] == '{') {
        char type[64] = "table";
        if (has_fields)
            snprintf(type, sizeof type, "%.40s_arguments", b->name);
        jw_write_format(out, "---@param arguments%s %s\n", has_fields ? "" : "?", type);
        jw_text_copy(parameters, sizeof parameters, "arguments");
    } else {
        char *rest = NULL;
        for (char *name = strtok_r(usage, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest)) {
            size_t length = strlen(name), used = strlen(parameters);
            bool is_optional = name[length - 1] == '?';
            name[length - is_optional] = 0;
            jw_write_format(out, "---@param %s%s any\n", name, is_optional ? "?" : "");
            snprintf(parameters + used, sizeof parameters - used, "%s%s", used ? ", " : "", name);
        }
    }
    if (b->result[0])
        jw_write_format(out, "---@return %s\n", b->result);
    jw_write_format(out, "function %s%s(%s) end\n\n", owner, b->name, parameters);
}

static void put_meta_verb(jw_writer *out, const jw_verb *verb)
{
    jw_write_format(out, "---%s\n", verb->doc);
    for (uint32_t i = 0; i < verb->arg_count; i++)
        jw_write_format(out, "---@param %s%s %s %s\n", verb->args[i].key,
                        verb->args[i].is_optional ? "?" : "", verb->args[i].type == 'n' ? "number" : "string",
                        verb->args[i].doc);
    jw_write_format(out, "function twin:%s(", verb->name);
    for (uint32_t i = 0; i < verb->arg_count; i++)
        jw_write_format(out, "%s%s", i ? ", " : "", verb->args[i].key);
    jw_write_format(out, ") end\n\n");
}

/* Verbs that carry a text are for the window, not for scripts. */
static bool is_for_scripts(const jw_verb *verb)
{
    return strcmp(verb->name, "load_scenario") != 0 && strcmp(verb->name, "reload") != 0;
}

jw_result jw_script_write_meta(jw_writer *out)
{
    jw_module_entry modules[MODULES];
    list_modules(modules);
    jw_write_format(
        out, "---@meta\n-- Made by `jingwei doc meta`: what a scene or scenario may call, for editors.\n\n");
    for (uint32_t i = 0; i < script_global_binding_count; i++)
        put_meta_binding(out, "", &script_global_bindings[i]);
    jw_write_format(out, "---@class city\nlocal city = {}\n\n");
    for (uint32_t i = 0; i < script_city_binding_count; i++)
        put_meta_binding(out, "city:", &script_city_bindings[i]);
    jw_write_format(out, "---@class rows\nlocal rows = {}\n\n");
    for (uint32_t i = 0; i < script_rows_binding_count; i++)
        put_meta_binding(out, "rows:", &script_rows_bindings[i]);
    jw_write_format(out, "---@class twin\nlocal twin = {}\n\n");
    for (uint32_t i = 0; i < script_twin_binding_count; i++)
        put_meta_binding(out, "twin:", &script_twin_bindings[i]);
    for (uint32_t m = 0; m < MODULES; m++)
        for (uint32_t i = 0; i < modules[m].module->verb_count; i++)
            if (is_for_scripts(&modules[m].module->verbs[i]))
                put_meta_verb(out, &modules[m].module->verbs[i]);
    for (uint32_t m = 0; m < MODULES; m++)
        for (uint32_t i = 0; i < modules[m].module->table_count; i++) {
            const jw_table *table = &modules[m].module->tables[i];
            if (table->kind == JW_TABLE_STATE)
                jw_write_format(
                    out, "---%s\n---@param filter? table\n---@return rows\nfunction twin:%s(filter) end\n\n",
                    table->doc, table->name);
        }
    return done(out);
}

/* ---- the page ---- */

/* Text for a cell of a Markdown table: | would end the cell. */
static void put_cell(jw_writer *out, const char *text)
{
    for (const char *c = text; *c; c++)
        jw_write_format(out, *c == '|' ? "\\|" : "%c", *c);
}

static void put_fields(jw_writer *out, const script_field *fields, uint32_t count)
{
    jw_write_format(out, "\n| key | type | range | meaning |\n|---|---|---|---|\n");
    for (uint32_t i = 0; i < count; i++) {
        const script_field *f = &fields[i];
        jw_write_format(out, "| `%s`%s | %s | ", f->key, f->is_required ? " \\*" : "", type_of(f->type));
        if (f->choices)
            put_cell(out, f->choices);
        else if (f->min != 0 || f->max != 0)
            jw_write_format(out, "%g to %g", f->min, f->max);
        if (f->unit && f->unit[0])
            jw_write_format(out, " %s", f->unit);
        jw_write_format(out, " | ");
        put_cell(out, f->doc);
        jw_write_format(out, " |\n");
    }
    jw_write_format(out, "\n");
}

static void put_bindings(jw_writer *out, const char *owner, const script_binding *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const script_binding *b = &list[i];
        jw_write_format(out, "- **`%s%s%s%s%s`**", owner, b->name, b->usage[0] == '{' ? " " : "(", b->usage,
                        b->usage[0] == '{' ? "" : ")");
        if (b->result[0])
            jw_write_format(out, " → `%s`", b->result);
        jw_write_format(out, ": %s\n", b->doc);
        if (b->field_count)
            put_fields(out, b->fields, b->field_count);
    }
    jw_write_format(out, "\n");
}

static void put_verbs(jw_writer *out, const jw_module_entry *modules)
{
    jw_write_format(
        out, "## Commands\n\nEach is a method of `twin`: `twin:cut_link(\"x\")` by place or `twin:cut_link { "
             "name = "
             "\"x\" }` by name. The window, MQTT and the web give the same commands. One that cannot be "
             "carried out is "
             "logged and raises `command_failed`.\n\n");
    for (uint32_t m = 0; m < MODULES; m++) {
        for (uint32_t i = 0; i < modules[m].module->verb_count; i++) {
            const jw_verb *verb = &modules[m].module->verbs[i];
            if (!is_for_scripts(verb))
                continue;
            jw_write_format(out, "- **`%s`**: %s\n", verb->name, verb->doc);
            for (uint32_t a = 0; a < verb->arg_count; a++) {
                const jw_verb_arg *arg = &verb->args[a];
                jw_write_format(out, "  - `%s` (%s%s): %s", arg->key, arg->type == 'n' ? "number" : "text",
                                arg->is_optional ? ", optional" : "", arg->doc);
                if (arg->min != 0 || arg->max != 0)
                    jw_write_format(out, "; %g to %g", arg->min, arg->max);
                jw_write_format(out, "%s%s\n", arg->unit && arg->unit[0] ? " " : "",
                                arg->unit ? arg->unit : "");
            }
        }
    }
    jw_write_format(out, "\n");
}

static void put_tables(jw_writer *out, const jw_module_entry *modules)
{
    jw_write_format(
        out, "## Tables\n\n`twin:edges()` gives all rows, `twin:edges { lanes = { min = 2 } }` those whose "
             "columns are "
             "equal to a value or within min and max. Rows of edges also have `length_m`, `lanes`, `class`, "
             "`name`, `from` and `to` of the map, the last two the numbers of the junctions where the edge "
             "begins and ends, so that `twin:edges { to = junction }` are those that lead there; rows of "
             "junctions `x_m`, `y_m` and `has_signal`.\n\n");
    for (uint32_t m = 0; m < MODULES; m++) {
        for (uint32_t i = 0; i < modules[m].module->table_count; i++) {
            const jw_table *table = &modules[m].module->tables[i];
            if (table->kind != JW_TABLE_STATE)
                continue;
            jw_write_format(out, "### %s\n\n%s\n\n| column | unit | meaning |\n|---|---|---|\n", table->name,
                            table->doc);
            for (uint32_t c = 0; c < table->column_count; c++) {
                jw_write_format(out, "| `%s` | %s | ", table->columns[c].name, table->columns[c].unit);
                put_cell(out, table->columns[c].doc);
                jw_write_format(out, " |\n");
            }
            jw_write_format(out, "\n");
        }
    }
}

static void put_metrics(jw_writer *out, const jw_module_entry *modules)
{
    jw_write_format(out, "## Metrics\n\n| name | unit | meaning |\n|---|---|---|\n");
    for (uint32_t m = 0; m < MODULES; m++)
        for (uint32_t i = 0; i < modules[m].module->metric_count; i++) {
            const jw_metric *metric = &modules[m].module->metrics[i];
            jw_write_format(out, "| `%s` | %s | ", metric->name, metric->unit);
            put_cell(out, metric->doc);
            jw_write_format(out, " |\n");
        }
    jw_write_format(out, "\n");
}

static const char rules[] =
    "## Rules of the language\n\n"
    "Scenes and scenarios are Lua 5.4 in a sandbox that gives the same results on every machine and after "
    "every "
    "restore:\n\n"
    "- There are the basic functions, `string`, `table`, `math` and `utf8`; no files, no `os`, `load`, "
    "`require`, "
    "coroutines or metatables. `include` reads installed scripts and those beside the file, while loading.\n"
    "- `pairs` and `next` go through numbers in rising order, then texts byte by byte. `table.sort` is "
    "stable. "
    "`#` of a table with holes is any border, as in Lua: count instead.\n"
    "- `math` is the engine's own arithmetic; `math.pow(x, y)` stands for `x ^ y`, which is refused. "
    "`math.random` "
    "draws from the scene's seed.\n"
    "- What was made while loading is read-only in handlers: globals, tables, and locals outside of the "
    "handler. "
    "What changes lives in `storage`: numbers, texts, booleans and tables of these, at most 256 kB.\n"
    "- Loading may take 50 million instructions, a handler 5 million; a script may use 64 MB, one text 64 "
    "kB.\n"
    "- A handler that fails is reported with file and line, its commands so far stand, its changes of "
    "storage do "
    "not, and it is not called again until a reload.\n\n";

static const char routing[] =
    "## Choice of sites of your own\n\n"
    "A scenario's `routing { choose = function(request, storage, p) ... end }` is asked every `interval_s` "
    "for each request type and each home: the site that is nearest to the senders. `request` has type, home "
    "and time_s, and as columns the sites that could serve it now: site, tier, region, network_s (from the "
    "home, one way), compute_s (forecast of queue and service), load (0 to 1), kgco2_per_kwh, "
    "price_cny_per_kwh; of deferrable types also greenest_kgco2_per_kwh, the least that is forecast for such "
    "a "
    "run within the deadline, and greenest_s, in how many seconds it would begin (of others: as now, and 0). "
    "It answers the number of one row, or a table of weights, one for each row: requests "
    "go to a site by its share of the weights; nil or all 0: by the latency policy. The answers hold until "
    "the next ones; what has failed meanwhile is left out.\n\n";

static const char signals[] =
    "## Signal control of your own\n\n"
    "A scenario's `signals { control = function(junction, storage, p) ... end }` is asked about each "
    "junction "
    "(each signal "
    "programme) every `interval_s`. It answers the number of a green phase, or nil, and may answer advised "
    "speeds, too: "
    "`return junction.phase[1], { [12] = 35 }` asks connected vehicles on edge 12 to drive 35 km/h. Amber, "
    "all-red and the "
    "least greens between are the controller's. What was asked for holds for two intervals; then, and when "
    "the "
    "function "
    "fails, the signals go by their own clock.\n\n"
    "- `junction.junction`, `.programme`, `.time_s`: numbers, time of day\n"
    "- `junction.now`: the phase shown, or coming when `.is_changing`; `.elapsed_s`: for how long; "
    "`.interval_s`\n"
    "- a column for all green phases: `junction.phase` their numbers, `.min_s`, `.max_s`, `.queued` standing "
    "and "
    "`.approaching` moving vehicles within 200 m of the lines they serve, `.wait_s` the longest wait, "
    "`.downstream` vehicles "
    "before the next lines, `.pressure` as max-pressure control takes it\n"
    "- a column for all approaching lanes: `junction.lanes.edge`, `.queued`, `.count` vehicles over the "
    "detector "
    "and "
    "`.occupancy` share of the time since the last decision\n";

jw_result jw_script_write_reference(jw_writer *out)
{
    jw_module_entry modules[MODULES];
    list_modules(modules);
    jw_write_format(
        out,
        "# The language of scenes and scenarios\n\nMade by `jingwei doc lua` from the program itself. Keys "
        "with \\* are "
        "required.\n\n");
    jw_write_bytes(out, rules, sizeof rules - 1);
    jw_write_format(out, "## Declaring\n\n");
    put_bindings(out, "", script_global_bindings, script_global_binding_count);
    jw_write_format(
        out,
        "## Building a city\n\nMethods of `city` in a scene's `build(city, p)`. Sites come before fibre and "
        "cells.\n\n");
    put_bindings(out, "city:", script_city_bindings, script_city_binding_count);
    jw_write_format(
        out,
        "## Looking at the twin\n\nHandlers get `(twin, storage, p)`, those of `on` also the event.\n\n");
    put_bindings(out, "twin:", script_twin_bindings, script_twin_binding_count);
    jw_write_format(out, "Rows of a table are asked by whole columns; they live as long as the handler.\n\n");
    put_bindings(out, "rows:", script_rows_bindings, script_rows_binding_count);
    jw_write_bytes(out, signals, sizeof signals - 1);
    put_fields(out, script_signal_fields, SCRIPT_SIGNAL_FIELDS);
    jw_write_bytes(out, routing, sizeof routing - 1);
    put_fields(out, script_routing_fields, SCRIPT_ROUTING_FIELDS);
    put_verbs(out, modules);
    put_tables(out, modules);
    put_metrics(out, modules);
    jw_write_format(out, "## Catalogues\n\n");
    for (uint32_t i = 0; i < JW_COUNT_OF(catalogues); i++) {
        jw_write_format(out, "### assets/catalog/%s: %s\n", catalogues[i].name, catalogues[i].title);
        put_fields(out, catalogues[i].fields, *catalogues[i].count);
    }
    return done(out);
}
