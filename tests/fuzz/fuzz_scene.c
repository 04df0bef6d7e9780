/* Foreign Lua texts: as a scene, whose build function runs on a small city, and as a scenario in a world,
 * whose snapshot must restore to the same hash. */
#include "script/script_internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static jw_city *city;
static jw_twin_def catalogue;

static void be_quiet(void *context, jw_log_level level, const char *line)
{
    (void)context, (void)level, (void)line;
}

static void require(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    static const jw_plan_def plan = {.style = "district", .area_km2 = 1};
    static const jw_build_def build = {.threads = 1};
    jw_draft draft = {0};
    uint64_t hash;
    jw_log_to(be_quiet, NULL);
    require(jw_plan_city(&plan, &draft, NULL) == JW_OK);
    require(jw_city_build(&draft, &build, NULL, NULL, NULL, &city, NULL) == JW_OK);
    jw_draft_free(&draft);
    require(script_load_catalogues(&catalogue, &hash, NULL) == JW_OK);
    return 0;
}

static int run_build(lua_State *L)
{
    const script_program *program = lua_touserdata(L, 1);
    script_push_scene(L);
    lua_getfield(L, -1, "build");
    script_push_city(L);
    script_push_params(L, &program->params);
    lua_call(L, 2, 0);
    return 0;
}

static void try_scene(const char *text, size_t size)
{
    script_sources sources = {0};
    script_program program;
    uint32_t index;
    jw_error error = {0};
    script_program_def def = {.scene = &sources, .scene_count = 1, .folder = "."};
    if (script_sources_add(&sources, "fuzz.lua", text, size, &index, &error) == JW_OK &&
        script_program_make(&def, &program, &error) == JW_OK) {
        jw_twin_def twin;
        require(jw_twin_def_init(&twin, NULL) == JW_OK);
        require(script_copy_catalogues(&twin, &catalogue, NULL) == JW_OK);
        twin.city = jw_city_retain(city);
        program.box->owner = &twin;
        script_box_call(program.box, run_build, &program, SCRIPT_LOAD_BUDGET, &error);
        program.box->owner = NULL;
        jw_twin_def_free(&twin);
        script_program_free(&program);
    }
    script_sources_free(&sources);
}

static void try_scenario(const char *text, size_t size)
{
    jw_module_entry entry = {&jw_script_module, NULL};
    jw_world_def def = {.seed = 3, .modules = &entry, .module_count = 1};
    jw_world *world, *copy;
    jw_error error = {0};
    jw_writer image = {0};
    jw_command command = jw_command_make("load_scenario");
    command.blob = text;
    command.blob_size = (uint32_t)size;
    require(jw_world_create(&def, &world, NULL) == JW_OK);
    require(jw_world_post(world, &command, NULL) == JW_OK);
    for (int i = 0; i < 4; i++)
        require(jw_world_step(world, NULL) == JW_OK);
    require(jw_world_save(world, &image, NULL) == JW_OK);
    require(jw_world_create_from_snapshot(&entry, 1, NULL, 0, 1, image.bytes, image.size, &copy, &error) ==
            JW_OK);
    require(jw_world_hash(world) == jw_world_hash(copy));
    for (int i = 0; i < 2; i++)
        require(jw_world_step(world, NULL) == JW_OK && jw_world_step(copy, NULL) == JW_OK);
    require(jw_world_hash(world) == jw_world_hash(copy));
    jw_writer_free(&image);
    jw_world_destroy(world);
    jw_world_destroy(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t before = jw_allocated_bytes();
    if (size == 0 || size > 100000)
        return 0;
    try_scene((const char *)data, size);
    try_scenario((const char *)data, size);
    require(jw_allocated_bytes() == before);
    return 0;
}
