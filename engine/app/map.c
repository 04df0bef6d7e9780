/* jingwei import, plan and check: maps and scenes without a run. */
#include "app/app.h"

#include "city/sumo.h"

#include <stdio.h>
#include <string.h>

typedef struct map_options {
    const char *file, *out;
    jw_plan_def plan;
} map_options;

static bool take(void *context, const char *name, const char *value)
{
    map_options *map = context;
    if (!name) {
        if (map->file) {
            fprintf(stderr, app_say("jingwei: one FILE at a time, '%s' is the second\n"), value);
            return false;
        }
        map->file = value;
        return true;
    }
    double number = 0;
    if (strcmp(name, "help") == 0)
        return true;
    if (strcmp(name, "out") == 0) {
        map->out = value;
        return true;
    }
    if (strcmp(name, "style") == 0) {
        jw_text_copy(map->plan.style, sizeof map->plan.style, value);
        return true;
    }
    bool is_seed = strcmp(name, "seed") == 0, is_clusters = strcmp(name, "clusters") == 0;
    bool is_number = jw_text_to_number(value, &number);
    if (!is_number || number <= 0 || ((is_seed || is_clusters) && number != jw_floor(number)) ||
        number > 9e15) {
        fprintf(stderr, app_say("jingwei plan: --%s %s: a %snumber above 0 is needed\n"), name, value,
                is_seed || is_clusters ? app_say("whole ") : "");
        return false;
    }
    if (is_seed)
        map->plan.seed = (uint64_t)number;
    else if (is_clusters)
        map->plan.clusters = (uint32_t)jw_min(number, 1e9);
    else if (strcmp(name, "area") == 0)
        map->plan.area_km2 = number;
    else if (strcmp(name, "block") == 0)
        map->plan.block_m = number;
    else
        map->plan.density_per_km2 = number;
    return true;
}

static void print_city(const jw_city *city)
{
    double length_m = 0, people = 0, jobs = 0;
    uint32_t signals = 0;
    for (uint32_t i = 0; i < city->edge_count; i++)
        length_m += city->edges[i].length_m;
    for (uint32_t i = 0; i < city->junction_count; i++)
        signals += city->junctions[i].kind == JW_JUNCTION_SIGNAL;
    for (uint32_t i = 0; i < city->block_count; i++) {
        people += city->blocks[i].population;
        jobs += city->blocks[i].jobs;
    }
    printf(app_say("%s: %u streets by direction (%.0f km), %u lanes, %u junctions (%u with signals), %u "
                   "connections\n"),
           app_say(jw_city_text(city, city->name)), city->edge_count, length_m / 1000, city->lane_count,
           city->junction_count, signals, city->connection_count);
    printf(app_say("  %u buildings, %u areas, %u blocks, %.0f people, %.0f jobs; %.1f x %.1f km\n"),
           city->building_count, city->area_count, city->block_count, people, jobs,
           (city->bounds.max_x - city->bounds.min_x) / 1000,
           (city->bounds.max_y - city->bounds.min_y) / 1000);
}

static jw_result write_city(const jw_city *city, const char *out, jw_error *error)
{
    jw_result result = out ? jw_write_city_gpkg(city, out, error) : JW_OK;
    if (result == JW_OK) {
        print_city(city);
        if (out)
            printf(app_say("  written to %s\n"), out);
    }
    return result;
}

static jw_result build_and_write(const jw_draft *draft, const char *out, jw_problems *problems,
                                 jw_error *error)
{
    app_progress progress = app_progress_make();
    jw_city *city = NULL;
    jw_build_def build = {0};
    jw_result result = jw_city_build(draft, &build, problems, app_progress_show, &progress, &city, error);
    app_progress_end(&progress);
    if (result == JW_OK)
        result = write_city(city, out, error);
    jw_city_release(city);
    return result;
}

static jw_result import_draft(const char *file, const char *out, jw_problems *problems, jw_error *error)
{
    jw_draft draft = {0};
    app_progress progress = app_progress_make();
    jw_result result = jw_text_ends_with(file, ".gpkg")
                           ? jw_read_city_gpkg(file, &draft, problems, error)
                           : jw_read_osm(file, &draft, problems, app_progress_show, &progress, error);
    app_progress_end(&progress);
    if (result == JW_OK)
        result = build_and_write(&draft, out, problems, error);
    jw_draft_free(&draft);
    return result;
}

static bool is_sumo(const char *file)
{
    return jw_text_ends_with(file, ".net.xml") || jw_text_ends_with(file, ".net.xml.gz") ||
           jw_text_ends_with(file, ".sumocfg");
}

/* The roads of a SUMO network, or of the one that a configuration names. */
static jw_result import_sumo(const char *file, const char *out, jw_problems *problems, jw_error *error)
{
    jw_sumo_config config = {0};
    jw_sumo_missing missing = {0};
    jw_city *city = NULL;
    app_progress progress = app_progress_make();
    jw_result result = JW_OK;
    if (jw_text_ends_with(file, ".sumocfg"))
        result = jw_sumo_read_config(file, &config, problems, error);
    if (result == JW_OK)
        result = jw_sumo_read_net(config.net[0] ? config.net : file, NULL, &missing, problems,
                                  app_progress_show, &progress, &city, NULL, error);
    app_progress_end(&progress);
    for (uint32_t i = 0; i < missing.count; i++)
        jw_problems_add(problems, JW_WARNING, file, 0, NULL, "not modelled: %s (%u times)",
                        missing.items[i].what, missing.items[i].count);
    if (result == JW_OK)
        result = write_city(city, out, error);
    jw_city_release(city);
    jw_sumo_missing_free(&missing);
    jw_sumo_config_free(&config);
    return result;
}

int app_import(int argc, char **argv)
{
    static const app_command command = {"import", "FILE [-o OUT.gpkg]",
                                        "Reads a map (.osm, .osm.gz, .osm.pbf, .gpkg, .net.xml, .net.xml.gz, "
                                        ".sumocfg) and writes it as a GeoPackage that\n"
                                        "QGIS opens; edited there, it is a map for 'jingwei run' again.",
                                        app_import};
    static const app_option options[] = {{"out", "FILE", "GeoPackage to write; must not exist"}};
    map_options map = {0};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &map, &status))
        return status;
    if (!map.file) {
        fprintf(stderr, app_say("jingwei import: which FILE?\n"));
        return APP_BAD_INPUT;
    }
    if (app_refuse_existing(map.out))
        return APP_BAD_INPUT;
    app_catch_signals();
    jw_error error = {0};
    jw_problems problems = {0};
    jw_result result = is_sumo(map.file) ? import_sumo(map.file, map.out, &problems, &error)
                                         : import_draft(map.file, map.out, &problems, &error);
    app_print_problems(&problems, false, &error);
    jw_problems_free(&problems);
    return result == JW_OK ? APP_OK : app_fail(&error);
}

int app_plan(int argc, char **argv)
{
    static const app_command command = {
        "plan", "[options] -o OUT.gpkg",
        "Lays out a city in the manner of Xiong'an and writes it as a GeoPackage.", app_plan};
    static const app_option options[] = {
        {"out", "FILE", "GeoPackage to write; must not exist"},
        {"style", "NAME", "xiongan (default) or district"},
        {"area", "KM2", "area in km2 (default 38)"},
        {"seed", "N", "seed (default 7)"},
        {"block", "M", "side of a small block in m (default 180)"},
        {"clusters", "N", "clusters (default 5)"},
        {"density", "PEOPLE", "people per km2 (default 10000)"},
    };
    map_options map = {0};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &map, &status))
        return status;
    if (map.file) {
        fprintf(stderr, app_say("jingwei plan: '%s': it takes no FILE, only options\n"), map.file);
        return APP_BAD_INPUT;
    }
    if (app_refuse_existing(map.out))
        return APP_BAD_INPUT;
    app_catch_signals();
    jw_error error = {0};
    jw_problems problems = {0};
    jw_draft draft = {0};
    jw_result result = jw_plan_city(&map.plan, &draft, &error);
    if (result == JW_OK)
        result = build_and_write(&draft, map.out, &problems, &error);
    app_print_problems(&problems, false, &error);
    jw_problems_free(&problems);
    jw_draft_free(&draft);
    return result == JW_OK ? APP_OK : app_fail(&error);
}

/* A Lua file that returns scenario {...} is told from a scene by its first word of code after `return`. */
static bool is_scenario(const char *path)
{
    char *text = NULL;
    size_t size;
    if (!jw_text_ends_with(path, ".lua") || jw_file_read(path, 16 << 20, &text, &size, NULL) != JW_OK)
        return false;
    const char *last = NULL;
    for (const char *at = text; (at = strstr(at, "return")) != NULL; at += 6)
        if (at == text || at[-1] == '\n')
            last = at + 6;
    bool is = false;
    if (last) {
        last += strspn(last, " \t");
        is = strncmp(last, "scenario", 8) == 0;
    }
    jw_free(text);
    return is;
}

int app_check(int argc, char **argv)
{
    static const app_command command = {
        "check", "FILE", "Lists all problems of a scene, a scenario or a map at once.", app_check};
    map_options map = {0};
    int status;
    if (!app_options(&command, NULL, 0, argc, argv, take, &map, &status))
        return status;
    if (!map.file) {
        fprintf(stderr, app_say("jingwei check: which FILE?\n"));
        return APP_BAD_INPUT;
    }
    jw_error error = {0};
    jw_problems problems = {0};
    jw_city *city = NULL;
    jw_result result;
    if (is_scenario(map.file)) {
        result = jw_scenario_check(map.file, &problems, &error);
    } else {
        app_progress progress = app_progress_make();
        result = jw_scene_check(map.file, 1, &problems, app_progress_show, &progress, &city, &error);
        app_progress_end(&progress);
        if (city && jw_city_check(city, &problems, &error) != JW_OK)
            result = error.code;
    }
    bool has_problem = app_print_problems(&problems, true, NULL);
    if (result != JW_OK && !has_problem)
        app_fail(&error);
    if (city)
        print_city(city);
    if (result != JW_OK || has_problem)
        printf(app_say("%s: has problems (%llu)\n"), map.file, (unsigned long long)problems.problem_count);
    else
        printf(app_say("%s: is fine\n"), map.file);
    jw_city_release(city);
    jw_problems_free(&problems);
    return result == JW_OK && !has_problem ? APP_OK : APP_BAD_INPUT;
}
