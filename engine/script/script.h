/* Lua: scenes (what is there), scenarios (what happens), parameters, and the sandbox in which both run.
 *
 * A scene is loaded once, outside the world, and yields a jw_twin_def. A scenario is a kernel module
 * ("script"): its moments run in the SCRIPT phase, read the world through one table of functions and act only
 * by commands. What changes lives in `storage` (saved, hashed); everything else is made again from the text,
 * so nothing that must survive is a closure.
 *
 * Sandbox: base, string, table, math (over base/math), utf8; no io, os, load, require, collectgarbage,
 * coroutine, metatables; `pairs` and `next` iterate sorted; text chunks only; instruction
 * budget, memory cap, capped pattern functions; globals freeze after load. `include "lib/x"` reads
 * scripts/lib and the scene's own folder. Errors carry file:line. */
#ifndef JW_SCRIPT_H
#define JW_SCRIPT_H

#include "twin/twin.h"

/* A text in both languages; the English one is always there. */
typedef struct jw_label {
    char en[160], zh[160];
} jw_label;

typedef enum jw_param_type {
    JW_PARAM_NUMBER,
    JW_PARAM_INTEGER,
    JW_PARAM_BOOLEAN,
    JW_PARAM_CHOICE
} jw_param_type;
#define JW_PARAM_CHOICES_MAX 8
typedef struct jw_param {
    char id[32];
    jw_param_type type;
    double value, default_value, min, max, step; /* boolean 0/1; choice: index */
    char choices[JW_PARAM_CHOICES_MAX][24];
    uint32_t choice_count;
    char unit[16], group[24];
    jw_label label;
    bool is_live; /* when = "live": may change while running; else "restart to apply" */
} jw_param;

typedef struct jw_scene jw_scene;

/* The catalogues of assets/catalog alone, into a def that jw_twin_def_init made. */
jw_result jw_catalogue_read(jw_twin_def *def, jw_error *error);

/* FILE: a scene .lua, or a map (.osm, .osm.gz, .osm.pbf, .gpkg, .net.xml, .net.xml.gz), which gets
 * scripts/lib/default_city.lua, or a configuration of SUMO (.sumocfg): its roads and its traffic alone.
 * Parses, declares parameters; reads no map yet. All problems of the script go to `problems` where several
 * can be found. */
jw_result jw_scene_open(const char *path, jw_scene **out, jw_problems *problems, jw_error *error);
void jw_scene_close(jw_scene *scene);
/* Opens and builds like jw_scene_open and jw_scene_build, but goes on after what was found wrong as far as it
 * can: all problems are in `problems`, the error is the first. *out_city is the map's city (the caller
 * releases it), NULL when there is none. */
jw_result jw_scene_check(const char *path, int threads, jw_problems *problems, jw_progress progress,
                         void *progress_context, jw_city **out_city, jw_error *error);
const char *jw_scene_name(const jw_scene *scene); /* file stem */
const jw_label *jw_scene_title(const jw_scene *scene);
uint32_t jw_scene_param_count(const jw_scene *scene);
const jw_param *jw_scene_param(const jw_scene *scene, uint32_t index);
/* "id=value" pieces of --set; unknown ids and values out of range are named with what is allowed. */
jw_result jw_scene_set(jw_scene *scene, const char *id, const char *value, jw_error *error);
/* Reads or plans the map and runs `build`: the def owns everything. The city is kept by the scene and reused
 * when only parameters that the map does not use have changed. */
jw_result jw_scene_build(jw_scene *scene, int threads, jw_problems *problems, jw_progress progress,
                         void *progress_context, jw_twin_def *out, jw_error *error);
/* The world of what jw_scene_build made (seed and threads of `def` as wanted), at the scene's start, with the
 * module "script" behind the twin's own; scenario_path NULL: no scenario. A scene that says `warm` is
 * simulated up to its start first. The outcome is kept in the user's cache folder ($XDG_CACHE_HOME/jingwei,
 * else
 * ~/.cache/jingwei) and taken from there when the same scene, parameters, seed and program come again: the
 * state is the same either way, and a cache that cannot be read or written is done without. Progress is that
 * of the warm-up, and asked while the world is made; false from it: JW_ERROR_CANCELLED. */
jw_result jw_scene_make_world(const jw_scene *scene, const jw_twin_def *def, const char *scenario_path,
                              jw_progress progress, void *progress_context, jw_world **out, jw_error *error);
/* The parameters of a scenario join the scene's, so that they can be listed and set; call it before
 * jw_scene_set, again for another scenario. The same path goes into jw_script_def. */
jw_result jw_scene_use_scenario(jw_scene *scene, const char *scenario_path, jw_error *error);
/* When the scene says that it ends (a SUMO configuration does): time of day, or -1. */
int64_t jw_scene_end_ns(const jw_scene *scene);
/* The files a scene was read from ask for these things that are not modelled (SUMO's; perhaps none). */
const jw_sumo_missing *jw_scene_missing(const jw_scene *scene);
/* SUMO's plane, configuration and demand, whose names the tags of trips stand for; NULL when the scene has
 * none. */
const jw_sumo_plane *jw_scene_sumo_plane(const jw_scene *scene);
const jw_sumo_config *jw_scene_sumo_config(const jw_scene *scene);
const jw_sumo_demand *jw_scene_sumo_demand(const jw_scene *scene);
/* Hash over texts and parameter values, for manifests. */
uint64_t jw_scene_hash(const jw_scene *scene);

/* ---- scenario as a module ---- */

/* The scenario's text, its includes and the scene's parameters, owned; given to the world at creation. */
typedef struct jw_script_def {
    const jw_scene *scene;     /* parameters; may be NULL */
    const char *scenario_path; /* NULL: a script module that does nothing (so that one can be loaded later) */
} jw_script_def;
extern const jw_module jw_script_module; /* name "script" */

/* Title, prediction, lesson and limits of the running scenario, and the ids of the metrics whose values at
 * its end say what it did; NULL when there is none. */
#define JW_MEASURES_MAX 4
typedef struct jw_scenario_text {
    jw_label title, predict, lesson, limits;
    char measures[JW_MEASURES_MAX][64]; /* "economy.oee" */
    uint32_t measure_count;
    bool has_quarter;     /* it can be a roadmap's policy */
    double last_s;        /* when its lesson can be told, from the start: its lasts_min with the present
                           * parameters, at least the last of its timeline; 0: it does not say */
    double last_of_day_s; /* of what it names by the clock, from the first midnight; 0: none */
} jw_scenario_text;
const jw_scenario_text *jw_scenario_texts(const jw_world *world);
/* The time by which the lesson can be told in a world that began at start_ns; start_ns when it does not say.
 */
int64_t jw_scenario_told_ns(const jw_scenario_text *texts, int64_t start_ns);
/* The last error of a handler, "" when none: shown in the window with file:line. A failing handler is told
 * in the diary (jw_twin_events), its commands so far stand, and it is not called again until reload. */
const char *jw_script_last_error(const jw_world *world);

/* ---- a roadmap's policy: a scenario with `quarter` ---- */

typedef struct jw_order { /* a command of a script in the step that begins a quarter */
    char at[72];          /* "west_first.lua:12" */
    char what[160];       /* "equip_park name=park-3 what=power" */
    char reason[160];     /* the last twin:log before it; "" without */
    char refusal[256];    /* why it was refused; "": it was carried out */
    jw_result result;
} jw_order;
typedef struct jw_orders {
    jw_order *items; /* owned */
    uint32_t count, capacity;
    char reason[160]; /* of the order that comes next */
} jw_orders;
void jw_orders_free(jw_orders *orders);
/* One step of the world in which the scenario's `quarter` is called after on_start and what it orders is
 * carried out or refused. A scenario without one, or none at all, orders nothing. JW_ERROR_INPUT with
 * file:line: the handler failed. `out` is emptied first. */
jw_result jw_script_begin_quarter(jw_world *world, jw_orders *out, jw_error *error);

/* The same of a file, without a world: for lists to choose from. */
jw_result jw_scenario_read_texts(const char *path, jw_scenario_text *out, jw_error *error);

/* Checks a scenario's text without a world: syntax, shape, unknown keys and times. */
jw_result jw_scenario_check(const char *path, jw_problems *problems, jw_error *error);

/* A scenario's text with its includes: what the commands load_scenario and reload carry as blob (a text
 * without includes may also go as it is). */
jw_result jw_scenario_bundle(const char *path, jw_writer *out, jw_error *error);

/* Verbs: set_param(id, value) (live parameters only), load_scenario(name; blob): begins anew with empty
 * storage, reload(name; blob or none): the text runs anew, storage stays, on_reload is called. Metric:
 * script.errors.
 *
 * Generated from the one table of bindings: */
jw_result jw_script_write_meta(jw_writer *out);      /* ---@meta for editors */
jw_result jw_script_write_luacheck(jw_writer *out);  /* std for .luacheckrc */
jw_result jw_script_write_reference(jw_writer *out); /* docs/lua.md */

#endif
