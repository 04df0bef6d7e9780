/* The kernel module "script": texts, parameters and storage as state, and the commands that change them. */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

#define BUNDLE_MAGIC  "JWSCRIPT1"
#define TEXTS_MAX     64
#define SCENARIO_NAME "scenario.lua" /* of a text that comes without a name */

/* ---- texts ---- */

static const char *name_of_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The scenario's text; its includes follow when it runs. */
static jw_result read_scenario_file(const char *path, script_sources *out, uint32_t *out_main, char *folder,
                                    size_t folder_size, jw_error *error)
{
    if (!jw_text_ends_with(path, ".lua"))
        return jw_fail(error, JW_ERROR_INPUT, path, 0, "a scenario is a .lua file");
    jw_path_directory(path, folder, folder_size);
    return script_sources_read(out, name_of_path(path), path, out_main, error);
}

static jw_result make_from_file(const jw_scene *scene, const char *path, const jw_world *world,
                                jw_problems *problems, script_program *out, jw_error *error)
{
    script_sources texts = {0};
    char folder[256] = "";
    script_program_def def = {.folder = folder, .world = world, .problems = problems};
    jw_result result = JW_OK;
    if (scene) {
        def.scene = &scene->box->sources;
        def.scene_count = scene->box->sources.count;
        def.scene_main = scene->main_source;
    }
    if (path) {
        def.scenario = &texts;
        result = read_scenario_file(path, &texts, &def.scenario_main, folder, sizeof folder, error);
    }
    if (result == JW_OK)
        result = script_program_make(&def, out, error);
    script_sources_free(&texts);
    return result;
}

jw_result jw_scenario_check(const char *path, jw_problems *problems, jw_error *error)
{
    script_program program;
    jw_error own = {0};
    uint64_t before = problems ? problems->problem_count : 0;
    jw_result result = make_from_file(NULL, path, NULL, problems, &program, &own);
    if (result == JW_OK) {
        script_program_free(&program);
        return JW_OK;
    }
    if (problems && problems->problem_count == before) /* found before any Lua ran */
        jw_problems_add(problems, JW_PROBLEM, own.file, own.line, NULL, "%s", own.message);
    return jw_fail(error, result, own.file, own.line, "%s", own.message);
}

jw_result jw_scenario_read_texts(const char *path, jw_scenario_text *out, jw_error *error)
{
    script_program program;
    jw_result result = make_from_file(NULL, path, NULL, NULL, &program, error);
    if (result != JW_OK)
        return result;
    *out = program.text;
    script_program_free(&program);
    return JW_OK;
}

jw_result jw_scene_use_scenario(jw_scene *scene, const char *path, jw_error *error)
{
    script_program program;
    jw_result result = make_from_file(scene, path, NULL, NULL, &program, error);
    if (result != JW_OK)
        return result;
    /* The scene's values stay; the scenario's params come after them. */
    for (uint32_t i = 0; i < scene->own_param_count; i++)
        program.params.items[i].value = scene->params.items[i].value;
    script_params old = scene->params;
    scene->params = program.params;
    program.params = old;
    scene->scenario_hash = program.text_hash;
    script_program_free(&program);
    return JW_OK;
}

jw_result jw_scenario_bundle(const char *path, jw_writer *out, jw_error *error)
{
    script_program program;
    jw_result result = make_from_file(NULL, path, NULL, NULL, &program, error);
    if (result != JW_OK)
        return result;
    const script_sources *texts = &program.box->sources;
    jw_write_text(out, BUNDLE_MAGIC);
    jw_write_u32(out, texts->count);
    for (uint32_t i = 0; i < texts->count; i++) {
        jw_write_text(out, texts->items[i].name);
        jw_write_text(out, texts->items[i].text);
    }
    script_program_free(&program);
    return out->failed ? jw_fail_memory(error) : JW_OK;
}

static void write_texts(const script_sources *sources, uint32_t first, uint32_t end, jw_writer *writer)
{
    jw_write_u32(writer, end - first);
    for (uint32_t i = first; i < end; i++) {
        jw_write_text(writer, sources->items[i].name);
        jw_write_text(writer, sources->items[i].text);
    }
}

static void read_texts(jw_reader *reader, script_sources *out)
{
    uint32_t count = jw_read_count(reader, TEXTS_MAX, 8), index;
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        char name[SCRIPT_NAME_SIZE];
        jw_error error = {0};
        jw_read_text(reader, name, sizeof name);
        char *text = jw_read_text_alloc(reader, SCRIPT_TEXT_MAX);
        if (text && script_sources_add(out, name, text, strlen(text), &index, &error) != JW_OK) {
            if (error.code == JW_ERROR_MEMORY)
                jw_reader_fail_memory(reader);
            else
                jw_reader_fail(reader, "a script in it: %s", error.message);
        }
        jw_free(text);
    }
    if (!reader->failed && out->count != count)
        jw_reader_fail(reader, "two scripts have one name");
}

/* ---- programs ---- */

static void copy_values(script_params *to, const script_params *from)
{
    for (uint32_t i = 0; i < to->count; i++) {
        uint32_t k = script_params_find(from, to->items[i].id);
        if (k != JW_NONE && from->items[k].type == to->items[i].type &&
            script_param_check(&to->items[i], from->items[k].value, NULL) == JW_OK)
            to->items[i].value = from->items[k].value;
    }
}

static void print_line(void *context, const char *line)
{
    const script_run *run = ((const script_box *)context)->owner;
    if (run)
        jw_twin_tell(run->world, JW_EVENT_LINE, line, "");
}

/* Makes the program, whose parameters have their values, the module's; the old one is freed. */
static jw_result adopt(const jw_world *world, script_state *state, script_program *program, jw_error *error)
{
    uint8_t *is_changed = jw_alloc(program->params.count + 1);
    jw_result result = is_changed ? script_program_settle(program, error) : jw_fail_memory(error);
    if (result != JW_OK) {
        script_program_free(program);
        jw_free(is_changed);
        return result;
    }
    uint64_t draws = state->program.box ? state->program.box->draws : 0;
    script_program_free(&state->program);
    jw_free(state->is_changed);
    state->program = *program;
    state->is_changed = is_changed;
    program->box->print = print_line;
    program->box->print_context = program->box;
    program->box->random = jw_world_random(world, jw_hash_text(0, "script"));
    program->box->draws = draws;
    return JW_OK;
}

static void begin(const jw_world *world, script_state *state)
{
    state->storage.size = 0;
    state->broken_count = 0;
    int64_t now_ns = jw_world_time_ns(world), start_ns = jw_world_start_time_ns(world);
    state->last_run_ns = (now_ns > start_ns ? now_ns : start_ns) - 1; /* a warm-up has no moments */
    state->is_start_due = state->is_fresh = 1;
    state->is_reload_due = 0;
}

/* ---- module ---- */

static void script_destroy(void *pointer)
{
    script_state *state = pointer;
    script_program_free(&state->program);
    jw_free(state->is_changed);
    jw_writer_free(&state->storage);
    jw_writer_free(&state->storage_new);
    jw_free(state->broken);
    jw_free(state->requests);
    jw_free(state->sites);
}

static jw_result script_init(jw_world *world, void *pointer, const void *pointer_def, jw_error *error)
{
    script_state *state = pointer;
    const jw_script_def *def = pointer_def;
    begin(world, state);
    if (!def || (!def->scene && !def->scenario_path))
        return JW_OK;
    script_program program;
    jw_result result = make_from_file(def->scene, def->scenario_path, world, NULL, &program, error);
    if (result == JW_OK && def->scene)
        copy_values(&program.params, &def->scene->params);
    if (result == JW_OK)
        result = adopt(world, state, &program, error);
    if (result != JW_OK) {
        script_destroy(state);
        *state = (script_state){0};
    }
    return result;
}

jw_result script_replace(jw_world *world, const jw_script_def *def, jw_error *error)
{
    script_state *state = jw_world_state(world, jw_world_find_module(world, "script"));
    script_destroy(state);
    *state = (script_state){0};
    return script_init(world, state, def, error);
}

static void save_values(const script_state *state, jw_writer *writer)
{
    const script_program *program = &state->program;
    jw_write_u32(writer, program->params.count);
    for (uint32_t i = 0; i < program->params.count; i++) {
        jw_write_text(writer, program->params.items[i].id);
        jw_write_f64(writer, program->params.items[i].value);
        jw_write_u8(writer, state->is_changed[i]);
    }
    jw_write_u64(writer, program->box ? program->box->draws : 0);
    jw_write_u32(writer, (uint32_t)state->storage.size);
    jw_write_bytes(writer, state->storage.bytes, state->storage.size);
    jw_write_i64(writer, state->last_run_ns);
    jw_write_u8(writer, state->is_start_due);
    jw_write_u8(writer, state->is_reload_due);
    jw_write_u8(writer, state->is_fresh);
    jw_write_u32(writer, state->broken_count);
    for (uint32_t i = 0; i < state->broken_count; i++)
        jw_write_text(writer, state->broken[i]);
    jw_write_u64(writer, state->log_seen);
    jw_write_i64(writer, state->errors);
    jw_write_u32(writer, state->request_count);
    for (uint32_t i = 0; i < state->request_count; i++) {
        jw_write_text(writer, state->requests[i].type);
        jw_write_i64(writer, state->requests[i].late);
        jw_write_i64(writer, state->requests[i].lost);
    }
    jw_write_u32(writer, state->site_count);
    for (uint32_t i = 0; i < state->site_count; i++) {
        jw_write_text(writer, state->sites[i].name);
        jw_write_u8(writer, state->sites[i].is_up);
    }
}

static void script_save(const jw_world *world, const void *pointer, jw_writer *writer)
{
    (void)world;
    const script_state *state = pointer;
    const script_program *program = &state->program;
    jw_write_u8(writer, program->box != NULL);
    if (program->box) {
        const script_sources *sources = &program->box->sources;
        jw_write_u32(writer, program->scene_source);
        jw_write_u32(writer, program->scenario_source == JW_NONE
                                 ? JW_NONE
                                 : program->scenario_source - program->scene_source_count);
        write_texts(sources, 0, program->scene_source_count, writer);
        write_texts(sources, program->scene_source_count, sources->count, writer);
    }
    save_values(state, writer);
}

static uint64_t script_hash(const jw_world *world, const void *pointer)
{
    (void)world;
    const script_state *state = pointer;
    jw_writer writer = {0};
    save_values(state, &writer);
    uint64_t hash = jw_hash_bytes(state->program.text_hash, writer.bytes, writer.size);
    jw_writer_free(&writer);
    return hash;
}

static void fail_load(jw_reader *reader, const jw_error *error)
{
    if (error->code == JW_ERROR_MEMORY)
        jw_reader_fail_memory(reader);
    else
        jw_reader_fail(reader, "a script in it fails: %.80s", error->message);
}

static void load_program(jw_world *world, script_state *state, jw_reader *reader)
{
    script_sources scene = {0}, scenario = {0};
    script_program program;
    jw_error error = {0};
    script_program_def def = {.scene = &scene, .folder = "", .world = world};
    uint32_t scene_main = jw_read_u32(reader), scenario_main = jw_read_u32(reader);
    read_texts(reader, &scene);
    read_texts(reader, &scenario);
    def.scene_count = scene.count;
    def.scene_main = scene_main;
    def.scenario = scenario_main == JW_NONE ? NULL : &scenario;
    def.scenario_main = scenario_main;
    bool is_sound = (scene.count == 0 ? scene_main == JW_NONE : scene_main < scene.count) &&
                    (scenario_main == JW_NONE ? scenario.count == 0 : scenario_main < scenario.count);
    if (!reader->failed && !is_sound)
        jw_reader_fail(reader, "its scripts are not in order");
    if (!reader->failed && (script_program_make(&def, &program, &error) != JW_OK ||
                            adopt(world, state, &program, &error) != JW_OK))
        fail_load(reader, &error);
    script_sources_free(&scene);
    script_sources_free(&scenario);
}

static void load_params(script_state *state, jw_reader *reader)
{
    script_params *params = &state->program.params;
    uint32_t count = jw_read_u32(reader);
    if (!reader->failed && count != params->count)
        jw_reader_fail(reader, "%u parameters, but its scripts declare %u", count, params->count);
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        char id[32];
        jw_read_text(reader, id, sizeof id);
        double value = jw_read_f64(reader);
        state->is_changed[i] = jw_read_u8(reader);
        if (!reader->failed && (strcmp(id, params->items[i].id) != 0 || state->is_changed[i] > 1 ||
                                script_param_check(&params->items[i], value, NULL) != JW_OK))
            jw_reader_fail(reader, "parameter %u is damaged", i);
        else
            params->items[i].value = value;
    }
    jw_error error = {0};
    if (!reader->failed && state->program.box && script_program_settle(&state->program, &error) != JW_OK)
        fail_load(reader, &error);
}

static int check_storage(lua_State *L)
{
    const script_state *state = lua_touserdata(L, 1);
    script_storage_push(L, state->storage.bytes, state->storage.size);
    return 0;
}

static void load_storage(script_state *state, jw_reader *reader)
{
    uint32_t size = jw_read_count(reader, SCRIPT_STORAGE_MAX + 64, 1);
    jw_error error = {0};
    if (reader->failed)
        return;
    jw_write_bytes(&state->storage, reader->bytes + reader->position, size);
    reader->position += size;
    if (state->storage.failed)
        jw_reader_fail_memory(reader);
    else if (state->program.box &&
             script_box_call(state->program.box, check_storage, state, SCRIPT_LOAD_BUDGET, &error) != JW_OK)
        fail_load(reader, &error);
}

static bool make_room(void *items, uint32_t *capacity, uint32_t count, size_t size, jw_reader *reader)
{
    if (!reader->failed && jw_grow(items, capacity, count, size, NULL) != JW_OK)
        jw_reader_fail_memory(reader);
    return !reader->failed;
}

static void load_seen(script_state *state, jw_reader *reader)
{
    uint32_t count = jw_read_count(reader, 100000, 4);
    for (uint32_t i = 0; i < count && make_room(&state->broken, &state->broken_capacity, i + 1,
                                                sizeof *state->broken, reader);
         i++) {
        jw_read_text(reader, state->broken[i], sizeof *state->broken);
        state->broken_count = i + 1;
    }
    state->log_seen = jw_read_u64(reader);
    state->errors = jw_read_i64(reader);
    count = jw_read_count(reader, 100000, 20);
    for (uint32_t i = 0; i < count && make_room(&state->requests, &state->request_capacity, i + 1,
                                                sizeof *state->requests, reader);
         i++) {
        jw_read_text(reader, state->requests[i].type, sizeof state->requests[i].type);
        state->requests[i].late = jw_read_i64(reader);
        state->requests[i].lost = jw_read_i64(reader);
        state->request_count = i + 1;
    }
    count = jw_read_count(reader, 100000, 5);
    for (uint32_t i = 0;
         i < count && make_room(&state->sites, &state->site_capacity, i + 1, sizeof *state->sites, reader);
         i++) {
        jw_read_text(reader, state->sites[i].name, sizeof state->sites[i].name);
        state->sites[i].is_up = jw_read_u8(reader);
        state->site_count = i + 1;
    }
}

static void script_load(jw_world *world, void *pointer, jw_reader *reader)
{
    script_state *state = pointer;
    if (jw_read_u8(reader) && !reader->failed)
        load_program(world, state, reader);
    load_params(state, reader);
    uint64_t draws = jw_read_u64(reader);
    if (state->program.box)
        state->program.box->draws = draws;
    load_storage(state, reader);
    state->last_run_ns = jw_read_i64(reader);
    state->is_start_due = jw_read_u8(reader);
    state->is_reload_due = jw_read_u8(reader);
    state->is_fresh = jw_read_u8(reader);
    load_seen(state, reader);
}

/* ---- commands ---- */

static jw_result verb_set_param(jw_world *world, void *pointer, const jw_command *command, jw_error *error)
{
    (void)world;
    script_state *state = pointer;
    const char *id = jw_command_get_text(command, "id", "");
    double value = jw_command_get_number(command, "value", 0);
    uint32_t index = script_params_find(&state->program.params, id);
    if (index == JW_NONE) {
        jw_nearest nearest = jw_nearest_to(id);
        for (uint32_t i = 0; i < state->program.params.count; i++)
            jw_nearest_try(&nearest, state->program.params.items[i].id);
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "set_param: there is no parameter \"%s\"%s", id,
                       nearest.hint);
    }
    jw_param *param = &state->program.params.items[index];
    if (!param->is_live)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0,
                       "set_param: \"%s\" takes effect at the start only: set it and restart", id);
    jw_result result = script_param_check(param, value, error);
    if (result != JW_OK)
        return result;
    double before = param->value;
    param->value = value;
    result = script_program_settle(&state->program, error);
    if (result != JW_OK) {
        param->value = before;
        return result;
    }
    state->is_changed[index] = 1;
    return JW_OK;
}

/* A text, or texts bundled by jw_scenario_bundle. */
static jw_result read_blob(const jw_command *command, script_sources *out, jw_error *error)
{
    static const char magic[] = BUNDLE_MAGIC;
    const char *blob = command->blob;
    char name[SCRIPT_NAME_SIZE];
    uint32_t index;
    jw_text_copy(name, sizeof name, name_of_path(jw_command_get_text(command, "name", SCENARIO_NAME)));
    if (!blob || command->blob_size == 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s: it carries no text", command->verb);
    jw_reader reader = jw_reader_make(blob, command->blob_size);
    char begin[sizeof magic] = "";
    if (command->blob_size > sizeof magic + 8 && memcmp(blob + 4, magic, sizeof magic - 1) == 0)
        jw_read_text(&reader, begin, sizeof begin);
    if (!begin[0])
        return script_sources_add(out, name, blob, command->blob_size, &index, error);
    read_texts(&reader, out);
    if (reader.is_out_of_memory)
        return jw_fail_memory(error);
    if (reader.failed || out->count == 0)
        return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "%s: its texts are damaged: %s", command->verb,
                       reader.message);
    return JW_OK;
}

/* The program of the present scene with the scenario in `texts`, or with the present one. */
static jw_result remake(const jw_world *world, script_state *state, script_sources *texts, jw_error *error)
{
    const script_program *now = &state->program;
    script_program_def def = {.folder = "", .world = world};
    script_program program;
    uint32_t index;
    jw_result result = JW_OK;
    if (now->box) {
        def.scene = &now->box->sources;
        def.scene_count = now->scene_source_count;
        def.scene_main = now->scene_source;
    }
    uint32_t first = now->scene_source_count,
             end = now->box && texts->count == 0 ? now->box->sources.count : first;
    def.scenario_main = texts->count == 0 && now->box ? now->scenario_source - first : 0;
    for (uint32_t i = first; i < end && result == JW_OK; i++) {
        const script_source *s = &now->box->sources.items[i];
        result = script_sources_add(texts, s->name, s->text, s->size, &index, error);
    }
    def.scenario = texts->count ? texts : NULL;
    if (result == JW_OK)
        result = script_program_make(&def, &program, error);
    if (result != JW_OK)
        return result;
    copy_values(&program.params, &now->params);
    return adopt(world, state, &program, error);
}

static jw_result verb_load_scenario(jw_world *world, void *pointer, const jw_command *command,
                                    jw_error *error)
{
    script_state *state = pointer;
    script_sources texts = {0};
    jw_result result = read_blob(command, &texts, error);
    if (result == JW_OK)
        result = remake(world, state, &texts, error);
    script_sources_free(&texts);
    if (result == JW_OK)
        begin(world, state);
    return result;
}

static jw_result verb_reload(jw_world *world, void *pointer, const jw_command *command, jw_error *error)
{
    script_state *state = pointer;
    script_sources texts = {0};
    if (!state->program.box || state->program.scenario_source == JW_NONE)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "reload: no scenario is loaded; use load_scenario");
    jw_result result = command->blob_size ? read_blob(command, &texts, error) : JW_OK;
    if (result == JW_OK)
        result = remake(world, state, &texts, error);
    script_sources_free(&texts);
    if (result != JW_OK)
        return result;
    state->broken_count = 0;
    state->is_reload_due = state->is_fresh = 1;
    return JW_OK;
}

static const jw_verb_arg set_param_args[] = {
    {"id", 't', false, 0, 0, 0, "", "of a parameter with when = \"live\""},
    {"value", 'n', false, 0, 0, 0, "", "a number; 0 or 1 for a boolean, the place from 0 for a choice"},
};
static const jw_verb_arg name_args[] = {
    {"name", 't', true, 0, 0, 0, "", "of the text, for messages: \"morning_peak.lua\""},
};
static const jw_verb verbs[] = {
    {"set_param", "changes a live parameter", set_param_args, JW_COUNT_OF(set_param_args), verb_set_param},
    {"load_scenario", "begins another scenario; the command carries its text", name_args,
     JW_COUNT_OF(name_args), verb_load_scenario},
    {"reload", "runs the scenario's text anew, a changed one when the command carries it; storage stays",
     name_args, JW_COUNT_OF(name_args), verb_reload},
};

static const jw_metric metrics[] = {
    {"script.errors", "", JW_METRIC_COUNTER, "handlers of the scenario that failed"},
};

static double script_metric(const jw_world *world, const void *pointer, uint32_t metric)
{
    (void)world;
    (void)metric;
    return (double)((const script_state *)pointer)->errors;
}

static const jw_phase phases[] = {{"script.moments", JW_SLOT_SCRIPT, script_run_moments}};

const jw_module jw_script_module = {
    .name = "script",
    .version = 1,
    .state_size = sizeof(script_state),
    .init = script_init,
    .destroy = script_destroy,
    .phases = phases,
    .phase_count = JW_COUNT_OF(phases),
    .verbs = verbs,
    .verb_count = JW_COUNT_OF(verbs),
    .save = script_save,
    .load = script_load,
    .hash = script_hash,
    .metrics = metrics,
    .metric_count = JW_COUNT_OF(metrics),
    .metric = script_metric,
};

/* ---- looking in ---- */

static const script_state *state_of(const jw_world *world)
{
    uint32_t module = jw_world_find_module(world, "script");
    return module == JW_NONE ? NULL : jw_world_state(world, module);
}

const jw_scenario_text *jw_scenario_texts(const jw_world *world)
{
    const script_state *state = state_of(world);
    return state && state->program.text.title.en[0] ? &state->program.text : NULL;
}

int64_t jw_scenario_told_ns(const jw_scenario_text *texts, int64_t start_ns)
{
    int64_t relative_ns = start_ns + jw_ns_from_s(texts->last_s),
            of_day_ns = jw_ns_from_s(texts->last_of_day_s);
    int64_t last_ns = relative_ns > of_day_ns ? relative_ns : of_day_ns;
    return last_ns > start_ns ? last_ns + JW_NS_PER_S
                              : start_ns; /* by a step later what was due has been done */
}

const char *jw_script_last_error(const jw_world *world)
{
    const script_state *state = state_of(world);
    return state ? state->last_error : "";
}
