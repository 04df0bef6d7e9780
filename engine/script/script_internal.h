/* The inside of the script folder.
 *
 *   sandbox*.c   one Lua state with the bounds of script.h: memory, instructions, libraries, frozen tables
 *   problem.c    what is wrong with a declaration, listed or raised
 *   source.c     texts: read, kept, looked into before Lua sees them
 *   field.c      a table argument checked and read by a list of fields
 *   param.c      parameters; scene*.c scenes and their worlds, catalog.c catalogues
 *   scenario*.c  the kernel module; storage.c its tree; twin_*.c what handlers see of the world
 *   binding.c    the one table of everything that a script can call; reference.c what is written from it
 *
 * Lua reports errors by a long jump: what C allocates on the way belongs to a struct that outlives the call.
 */
#ifndef JW_SCRIPT_INTERNAL_H
#define JW_SCRIPT_INTERNAL_H

#include "script/script.h"

#include <lauxlib.h>
#include <lua.h>

/* ---- texts ---- */

#define SCRIPT_NAME_SIZE 56      /* Lua's messages show chunk names of up to 59 bytes whole */
#define SCRIPT_TEXT_MAX  1000000 /* bytes of one file */

typedef struct script_source {
    char name[SCRIPT_NAME_SIZE]; /* as messages show it: "morning_peak.lua", "lib/default_city.lua" */
    char *text;                  /* owned */
    uint32_t size;
} script_source;

typedef struct script_sources {
    script_source *items;
    uint32_t count, capacity;
} script_sources;

void script_sources_free(script_sources *sources);
/* JW_NONE when absent. */
uint32_t script_sources_find(const script_sources *sources, const char *name);
/* Copies and checks (text, size, no ^); the error names the line. Replaces one of the same name. */
jw_result script_sources_add(script_sources *sources, const char *name, const char *text, size_t size,
                             uint32_t *out, jw_error *error);
jw_result script_sources_read(script_sources *sources, const char *name, const char *path, uint32_t *out,
                              jw_error *error);
/* Line of `key`, or with a group of `key` in the table `group`, in the first braces from `line` on; `line`
 * itself when it is not there. */
int script_source_key_line(const script_source *source, int line, const char *group, const char *key);
/* Line and name of the include of that number (from 0) that gives its name as plain text; 0: there is none.
 */
int script_source_find_include(const script_source *source, uint32_t number, char *out, size_t out_size);
/* Line of entry `entry` (from 1) of the list that a data file returns, or of `key` in it; 0 when not found.
 */
int script_source_entry_line(const script_source *source, uint32_t entry, const char *key);

/* ---- the sandbox ---- */

/* Budgets in units of one Lua instruction, or about as much work of a library function. */
#define SCRIPT_LOAD_BUDGET    50000000
#define SCRIPT_HANDLER_BUDGET 5000000
#define SCRIPT_MEMORY_MAX     (64u << 20)
#define SCRIPT_STRING_MAX     (64u << 10) /* one text: comparing and joining it is one instruction */

typedef struct script_box {
    lua_State *lua;
    size_t used_bytes;
    bool is_out_of_memory; /* the machine's memory, not the cap: no fault of the script */
    bool is_loading;       /* include and globals are open */
    char refused_at[SCRIPT_NAME_SIZE +
                    16]; /* "file:line" that last met the cap: Lua's own error has no place */
    int64_t budget;
    script_sources sources;
    char folder[256]; /* for includes beside the main file; "": only texts in `sources` may be included */
    jw_random_key random;
    uint64_t draws; /* random numbers drawn */
    void (*print)(void *context, const char *line);
    void *print_context;
    void *owner; /* whoever runs it: scene build or scenario */
    /* Where problems of declarations are listed, so that what follows is looked at, too; NULL: the first one
     * ends the call. */
    jw_problems *problems;
    jw_error first_problem; /* of those listed in the call that runs */
    /* Catalogues: where errors are, when not at the caller's line. */
    const script_source *entry_source;
    uint32_t entry;
} script_box;

jw_result script_box_create(script_box **out, jw_error *error);
void script_box_destroy(script_box *box); /* NULL is allowed */
static inline script_box *script_box_of(lua_State *L)
{
    return *(script_box **)lua_getextraspace(L);
}
/* Runs `function` with `argument` as light userdata, protected, within the budget. The error has file:line;
 * of several problems listed it is the first. Everything that touches the state of Lua happens in here. */
jw_result script_box_call(script_box *box, lua_CFunction function, void *argument, int64_t budget,
                          jw_error *error);

/* After loading failed: lists the syntax errors of all texts that include one another. */
void script_box_list_syntax(script_box *box);

/* Inside of a call: */
/* Spends budget; raises the error of an endless loop when it is used up. */
void script_charge(lua_State *L, uint64_t units);
/* Raises an error at the calling script's line. */
_Noreturn void script_fail(lua_State *L, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Raises the error of an engine function at the calling script's line. */
_Noreturn void script_raise(lua_State *L, const jw_error *error);
/* A problem of a declaration at the calling script's line: listed where box->problems is given, and the
 * caller goes on without what was wrong; else raised. A text that is listed without a place is a second
 * finding of the same and left out. */
void script_report(lua_State *L, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for what an engine function found; exhausted memory is raised. */
void script_report_error(lua_State *L, const jw_error *error);
/* The same at a place in a text. */
void script_report_line(lua_State *L, const char *file, int line, const char *message);
/* Whether a text is listed already, at that place or, without one, at any. */
bool script_is_listed(const jw_problems *problems, const char *file, int line, const char *message);
/* What stands for the value of a name that does not exist, after that was listed: using it is no second
 * problem. Any field, result and sum of it is the same again. */
void script_push_unknown(lua_State *L);
void script_make_unknown(lua_State *L);
bool script_is_unknown(lua_State *L, int index);
/* Loads and runs a source; leaves its one result. */
void script_run_source(lua_State *L, uint32_t source);
/* Global function include(name). */
int script_include(lua_State *L);

/* Marks tables made by constructor functions (param, scene, plan, ...) with a word and their line. */
void script_mark(lua_State *L, int index, const char *word);
bool script_has_mark(lua_State *L, int index, const char *word);
/* Raises what is wrong with a file as a whole: "name:1: message". */
int script_fail_file(lua_State *L, const char *name, const char *message);
int script_mark_line(lua_State *L, int index);
/* Listed as a warning at the line of the caller; nobody hears it where no list is given. */
void script_warn(lua_State *L, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Pushes and returns "word:line:file", or nil (NULL). */
const char *script_push_mark(lua_State *L, int index);
/* script_report at the place where the marked table was made; at that of a key in one of its tables. */
void script_report_at(lua_State *L, int index, const char *format, ...) __attribute__((format(printf, 3, 4)));
void script_report_key(lua_State *L, int index, const char *group, const char *key, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* sandbox_freeze.c: ends loading. All globals, and everything reachable from them and from the table or
 * function at `index`, become read-only; upvalues are remembered. */
void script_freeze(lua_State *L, int index);
/* Lists the libraries' functions in the globals table at `index`: those may be kept anywhere. */
void script_remember_safe(lua_State *L, int index);
/* Makes one table (and what is in it) read-only; `unknown` (may be NULL): reading an absent key is an error
 * with this text, which gets the key by %s and by another %s the hint which was meant. */
void script_freeze_table(lua_State *L, int index, const char *unknown);
/* Tries the keys of the table at `index`. */
void script_try_keys(lua_State *L, int index, jw_nearest *nearest);
/* Pushes the table that holds the values of a frozen table, or the table itself. */
void script_push_content(lua_State *L, int index);
/* After a handler: puts back upvalues that were assigned and raises an error that names the first. */
void script_check_upvalues(lua_State *L);

/* sandbox_base.c, _math.c, _string.c, _table.c: each fills the globals table on top of the stack. */
void script_open_base(lua_State *L);
void script_open_math(lua_State *L);
void script_open_string(lua_State *L);
void script_open_table(lua_State *L);
void script_open_utf8(lua_State *L);
/* Text of a value without addresses; pushes it. */
const char *script_to_text(lua_State *L, int index);
/* The function of upvalue 1 after charging for the length of argument 1. */
int script_call_charged(lua_State *L);
/* Pushes an array of the keys of the table at `index`: numbers ascending, then strings bytewise. */
uint32_t script_push_sorted_keys(lua_State *L, int index);

/* sandbox_pattern.c */
int script_string_find(lua_State *L);
int script_string_match(lua_State *L);
int script_string_gmatch(lua_State *L);
int script_string_gsub(lua_State *L);

/* ---- fields ---- */

typedef enum script_field_type {
    FIELD_NUMBER,   /* double */
    FIELD_COUNT,    /* uint32_t, a whole number */
    FIELD_BYTES,    /* int64_t, a whole number */
    FIELD_FLAG,     /* uint8_t, boolean */
    FIELD_TEXT,     /* char[size] */
    FIELD_CHOICE,   /* uint32_t (any enum), index in `choices` "a|b|c" */
    FIELD_SMALL,    /* uint8_t, index in `choices` */
    FIELD_PLACE,    /* two doubles, from a table with x and y */
    FIELD_TIME,     /* int64_t ns of day, "07:30" or "07:30:15" */
    FIELD_SPAN,     /* int64_t ns, "90s", "15min" or "1h"; at most `max` seconds */
    FIELD_LABEL,    /* jw_label, { en =, zh = } or a text */
    FIELD_LIST,     /* a table: checked here, read by the caller */
    FIELD_FUNCTION, /* the same */
    FIELD_ANY       /* read by the caller */
} script_field_type;

typedef struct script_field {
    const char *key;
    script_field_type type;
    bool is_required;
    double min, max;     /* of numbers; both 0: any finite */
    const char *choices; /* "a|b|c" */
    const char *unit;
    const char *doc;
    size_t offset, size; /* in the struct that is filled; absent keys leave it as it is */
} script_field;

/* Checks the table at `index` against the fields (unknown keys, types, ranges) and fills `out`. `what` names
 * the thing in messages. False: something was reported and is left as it was in `out`. */
bool script_read_fields(lua_State *L, int index, const char *what, const script_field *fields, uint32_t count,
                        void *out);
bool script_read_field(lua_State *L, int index, const char *what, const script_field *field, void *out);
/* "07:30", "07:30:15" to ns of day; false when it is none. */
bool script_parse_clock(const char *text, int64_t *out_ns);
/* "90s", "2min", "1.5h" to ns; false when it is none. */
bool script_parse_span(const char *text, int64_t *out_ns);

/* ---- parameters ---- */

#define SCRIPT_BROKEN "jw.broken" /* registry: ids of params that were declared wrongly */

typedef struct script_params {
    jw_param *items;
    int *lines; /* where each was declared */
    uint32_t count, capacity, line_capacity;
} script_params;

void script_params_free(script_params *params);
jw_result script_params_copy(script_params *out, const script_params *from, jw_error *error);
uint32_t script_params_find(const script_params *params, const char *id); /* JW_NONE */
/* Global function param{...}. */
int script_param(lua_State *L);
/* Whether a param of this id was declared wrongly, which is reported: using it is no second problem. */
bool script_is_broken_param(lua_State *L, const char *id);
enum { SCRIPT_PARAM_FIELDS = 11, SCRIPT_SCENE_FIELDS = 9, SCRIPT_PLAN_FIELDS = 7 };
extern const script_field script_param_fields[SCRIPT_PARAM_FIELDS];
/* Reads the list `params` (with `defaults`) of the scene or scenario at `owner` and adds to `params`; one of
 * the same id replaces. With `is_scenario`, an id that exists already is an error. */
void script_read_params(lua_State *L, int owner, bool is_scenario, script_params *params);
/* Pushes the value of one. */
void script_push_param(lua_State *L, const jw_param *param);
/* Pushes the read-only table p. */
void script_push_params(lua_State *L, const script_params *params);
jw_result script_param_parse(const jw_param *param, const char *text, double *out, jw_error *error);
jw_result script_param_check(const jw_param *param, double value, jw_error *error);

/* ---- scenes ---- */

typedef enum script_map_kind { MAP_PLAN, MAP_OSM, MAP_GPKG, MAP_SUMO } script_map_kind;

/* What map{...} said: compared to know whether the city can stay. */
typedef struct script_map {
    uint32_t kind; /* script_map_kind */
    jw_plan_def plan;
    char path[512];
} script_map;

struct jw_scene {
    char name[64], path[512], folder[512];
    script_box *box; /* keeps the scene's table */
    uint32_t main_source;
    jw_label title;
    script_params params;
    uint32_t own_param_count; /* the rest came with a scenario */
    uint64_t scenario_hash;
    int64_t start_ns, dt_ns, warm_ns;
    uint64_t seed;
    jw_twin_def catalogue; /* cards, services, regions, models */
    uint64_t catalogue_hash;
    script_map map;
    jw_city *city; /* built from `map`; NULL before */
    jw_sumo_config sumo_config;
    jw_sumo_plane sumo_plane;
    jw_sumo_demand sumo_demand;   /* of a map that is a SUMO configuration */
    jw_sumo_missing sumo_missing; /* what its files ask for that is not modelled */
    jw_sumo_missing sumo_noted;   /* the same with what the last def's vehicles ask for */
    bool is_loaded;               /* its table is there, though perhaps with problems */
};

/* scene.c: an open scene, or with problems one that may be looked at further when it is loaded. */
jw_result script_open_scene(const char *path, jw_scene **out, jw_problems *problems, jw_error *error);
/* Pushes the scene's table (registry). */
void script_push_scene(lua_State *L);
/* Loads a scene's text within a call: runs the source, reads title, params...; for worlds, too. */
typedef struct script_scene_facts {
    uint32_t source;
    jw_label title;
    int64_t start_ns, dt_ns, warm_ns;
    double dt_s;
    uint64_t seed;
    script_params *params;
    bool is_loaded;
} script_scene_facts;
void script_load_scene(lua_State *L, script_scene_facts *facts);
extern const script_field script_plan_fields[SCRIPT_PLAN_FIELDS], script_scene_fields[SCRIPT_SCENE_FIELDS];
/* Global functions scene{}, plan{}, osm(), gpkg(), sumo(). */
int script_scene(lua_State *L);
int script_plan(lua_State *L);
int script_osm(lua_State *L);
int script_gpkg(lua_State *L);
int script_sumo(lua_State *L);

/* scene_sumo.c: the scene of a configuration file. */
jw_result script_add_sumo_scene(jw_scene *scene, jw_error *error);
/* The city of a network, or of a configuration with its demand, which the scene keeps. */
jw_result script_read_sumo(jw_scene *scene, const char *path, jw_problems *problems, jw_progress progress,
                           void *context, jw_city **out, jw_error *error);
/* Adds what the scene keeps to the definition; tells what is missing. */
jw_result script_add_sumo_demand(jw_scene *scene, jw_twin_def *def, jw_problems *problems, jw_error *error);
void script_free_sumo(jw_scene *scene);
/* Appends a text as a Lua literal, up to 4 bytes a byte and 3 more; returns its length. */
size_t script_write_literal(char *out, const char *text);

/* scene_city.c: the object `city`; while `build` runs, box->owner is the jw_twin_def that is filled. */
void script_push_city(lua_State *L);
/* The definition that is filled; checks that the method was called with a colon. */
jw_twin_def *script_def_of(lua_State *L, const char *method);

/* scene_demand.c: a method of city. */
enum { SCRIPT_DEMAND_FIELDS = 23 };
extern const script_field script_demand_fields[SCRIPT_DEMAND_FIELDS];
int script_city_demand(lua_State *L);

/* scene_bus.c: a method of city. */
enum { SCRIPT_BUS_FIELDS = 15 };
extern const script_field script_bus_fields[SCRIPT_BUS_FIELDS];
int script_city_bus_line(lua_State *L);

/* ---- scene_roadside.c ---- */
enum { SCRIPT_ROADSIDE_FIELDS = 12 };
extern const script_field script_roadside_fields[SCRIPT_ROADSIDE_FIELDS];
int script_city_roadside_units(lua_State *L);
enum { SCRIPT_RADIO_FIELDS = 12 };
extern const script_field script_radio_fields[SCRIPT_RADIO_FIELDS];
int script_city_radio(lua_State *L);
enum { SCRIPT_FIXED_FIELDS = 3 };
extern const script_field script_fixed_fields[SCRIPT_FIXED_FIELDS];
int script_city_radio_users(lua_State *L);

/* scene_factory.c: methods of city, and an entry of the catalogue of lines. */
enum {
    SCRIPT_LINE_FIELDS = 29,
    SCRIPT_ECONOMIC_REGION_FIELDS = 7,
    SCRIPT_PARK_FIELDS = 12,
    SCRIPT_PARKS_FIELDS = 6,
    SCRIPT_STARTUP_FIELDS = 10,
    SCRIPT_FUND_FIELDS = 8,
    SCRIPT_BUDGET_FIELDS = 4,
    SCRIPT_PRODUCTIVITY_FIELDS = 5,
    SCRIPT_EQUIPMENT_FIELDS = 8
};
extern const script_field script_line_fields[SCRIPT_LINE_FIELDS],
    script_economic_region_fields[SCRIPT_ECONOMIC_REGION_FIELDS], script_park_fields[SCRIPT_PARK_FIELDS],
    script_parks_fields[SCRIPT_PARKS_FIELDS], script_startup_fields[SCRIPT_STARTUP_FIELDS],
    script_fund_fields[SCRIPT_FUND_FIELDS], script_budget_fields[SCRIPT_BUDGET_FIELDS],
    script_productivity_fields[SCRIPT_PRODUCTIVITY_FIELDS], script_equipment_fields[SCRIPT_EQUIPMENT_FIELDS];
int script_city_production_line(lua_State *L);
/* The list `key` of the table at `index`, of 1 to `max` tables with these fields, into out[].size; *count
 * stays where there is none. False: reported. */
bool script_read_list(lua_State *L, int index, const char *what, const char *key, const script_field *fields,
                      uint32_t field_count, void *out, size_t size, uint32_t max, uint32_t *count);
int script_city_economic_region(lua_State *L);
int script_city_park(lua_State *L);
int script_city_parks(lua_State *L);
int script_city_startup(lua_State *L);
int script_city_fund(lua_State *L);
int script_city_budget(lua_State *L);
int script_city_productivity(lua_State *L);
int script_city_equipment(lua_State *L);
extern const script_field script_line_kind_fields[];
extern const uint32_t script_line_kind_field_count;
jw_result script_take_line_kind(lua_State *L, jw_twin_def *def, jw_error *error);

/* scene_places.c: methods of city. */
enum { SCRIPT_BLOCK_FIELDS = 4 };
extern const script_field script_block_fields[SCRIPT_BLOCK_FIELDS];
int script_city_place(lua_State *L);
int script_city_places(lua_State *L);
int script_city_blocks(lua_State *L);
/* scene_data.c */
enum { SCRIPT_TRACE_FIELDS = 6 };
extern const script_field script_trace_fields[SCRIPT_TRACE_FIELDS];
int script_city_llm_trace(lua_State *L);
enum { SCRIPT_TOPOLOGY_FIELDS = 4 };
extern const script_field script_topology_fields[SCRIPT_TOPOLOGY_FIELDS];
int script_city_topology(lua_State *L);
/* scene_sector.c */
enum {
    SCRIPT_SECTOR_FIELDS = 3,
    SCRIPT_SOURCE_FIELDS = 18,
    SCRIPT_CONSUMER_FIELDS = 6,
    SCRIPT_INTEGRATION_FIELDS = 11
};
extern const script_field script_sector_fields[SCRIPT_SECTOR_FIELDS],
    script_source_fields[SCRIPT_SOURCE_FIELDS], script_consumer_fields[SCRIPT_CONSUMER_FIELDS],
    script_integration_fields[SCRIPT_INTEGRATION_FIELDS];
int script_city_sector(lua_State *L);
int script_city_data_source(lua_State *L);
int script_city_data_consumer(lua_State *L);
int script_city_data_fabric(lua_State *L);
extern const script_field script_source_kind_fields[];
extern const uint32_t script_source_kind_field_count;
jw_result script_take_source_kind(lua_State *L, jw_twin_def *def, jw_error *error);
enum { SCRIPT_DATASET_FIELDS = 6 };
extern const script_field script_dataset_fields[SCRIPT_DATASET_FIELDS];
int script_city_dataset(lua_State *L);
/* scene_approval.c */
enum { SCRIPT_APPROVAL_FIELDS = 14 };
extern const script_field script_approval_fields[SCRIPT_APPROVAL_FIELDS];
int script_city_approval(lua_State *L);
/* scene_requests.c */
enum {
    SCRIPT_REQUEST_FIELDS = 15,
    SCRIPT_POLICY_FIELDS = 6,
    SCRIPT_CROWD_FIELDS = 4,
    SCRIPT_SCALE_FIELDS = 9,
    SCRIPT_FAULT_FIELDS = 3
};
extern const script_field script_request_fields[SCRIPT_REQUEST_FIELDS],
    script_policy_fields[SCRIPT_POLICY_FIELDS], script_crowd_fields[SCRIPT_CROWD_FIELDS],
    script_scale_fields[SCRIPT_SCALE_FIELDS], script_fault_fields[SCRIPT_FAULT_FIELDS];
int script_city_request(lua_State *L);
int script_city_policy(lua_State *L);
int script_city_crowd(lua_State *L);
int script_city_scale(lua_State *L);
int script_city_card_faults(lua_State *L);
/* scene_decision.c */
enum { SCRIPT_DECIDER_FIELDS = 8, SCRIPT_DESK_FIELDS = 10, SCRIPT_INCIDENT_FIELDS = 9 };
extern const script_field script_decider_fields[SCRIPT_DECIDER_FIELDS],
    script_desk_fields[SCRIPT_DESK_FIELDS], script_incident_fields[SCRIPT_INCIDENT_FIELDS];
int script_city_incidents(lua_State *L);
int script_city_bus_priority(lua_State *L);
int script_city_decider(lua_State *L);
int script_city_desk(lua_State *L);
/* scene_energy.c */
int script_city_region(lua_State *L);
int script_city_calendar(lua_State *L);
extern const script_field script_calendar_fields[1];
bool script_read_battery(lua_State *L, int index, jw_site_def *site);
bool script_read_prices(lua_State *L, int index, const char *what, jw_grid_region *region);

/* catalog.c: reads assets/catalog into the catalogue arrays of `def`; the hash is over the texts. */
enum { CATALOG_CARDS, CATALOG_SERVICES, CATALOG_GRID, CATALOG_MODELS, CATALOG_TIMINGS, CATALOG_LINES };
jw_result script_load_catalogue(jw_twin_def *def, uint32_t file, const char *path, uint64_t *hash,
                                jw_error *error);
jw_result script_load_catalogues(jw_twin_def *def, uint64_t *out_hash, jw_error *error);
enum { SCRIPT_REGION_FIELDS = 13 };
extern const script_field script_compression_fields[];
extern const script_field script_law_fields[];
extern const uint32_t script_compression_field_count;
extern const uint32_t script_law_field_count;
extern const script_field script_card_fields[], script_service_fields[],
    script_region_fields[SCRIPT_REGION_FIELDS], script_model_fields[], script_timing_fields[];
extern const uint32_t script_card_field_count, script_service_field_count, script_region_field_count,
    script_model_field_count, script_timing_field_count;
jw_result script_copy_catalogues(jw_twin_def *def, const jw_twin_def *from, jw_error *error);

/* ---- scenarios ---- */

#define SCRIPT_STORAGE_MAX (256u << 10) /* bytes of a storage in its saved form */

/* storage.c: a tree of numbers, texts, booleans and tables as bytes, keys in order: the same tree gives the
 * same bytes. Inside of a call; raises an error that names the path of what cannot be kept. */
void script_storage_write(lua_State *L, int index, jw_writer *writer);
/* Pushes the tree; raises an error for damaged bytes. No bytes: an empty table. */
void script_storage_push(lua_State *L, const void *bytes, size_t size);

#define SCRIPT_HANDLER_NAME_SIZE 48

typedef struct script_moment {
    char name[SCRIPT_HANDLER_NAME_SIZE]; /* of its handler: "timeline 08:10", "every 60s" */
    bool is_relative;                    /* timeline "+2min": from the world's start */
    int64_t time_ns;                     /* of day, or from the start */
    int64_t period_ns;                   /* every; 0: timeline */
} script_moment;

/* signals { control = } of a scenario. */
typedef struct script_signal_plan {
    bool is_declared;
    double interval_s;
    uint32_t *junctions; /* none: all with signals */
    uint32_t junction_count, junction_capacity;
} script_signal_plan;

/* routing { choose = } of a scenario. */
#define SCRIPT_ROUTED_MAX 16
typedef struct script_routing_plan {
    bool is_declared;
    int64_t interval_ns;
    char types[SCRIPT_ROUTED_MAX][24]; /* none: all request types */
    uint32_t type_count;
} script_routing_plan;

/* What the texts of a scene and a scenario make: everything that is made again after a restore. */
typedef struct script_program {
    script_box *box;
    uint32_t scene_source, scenario_source; /* main texts, or JW_NONE */
    uint32_t scene_source_count;            /* box->sources up to here belong to the scene */
    script_params params;
    uint32_t scene_param_count;
    jw_scenario_text text;
    script_moment *moments;
    uint32_t moment_count, moment_capacity;
    script_signal_plan signals;
    script_routing_plan routing;
    uint64_t text_hash;
} script_program;

typedef struct script_program_def {
    const script_sources *scene; /* its first `scene_count` belong to it */
    uint32_t scene_count, scene_main;
    const script_sources *scenario; /* NULL: none */
    uint32_t scenario_main;
    const char *folder;    /* for includes; "": none */
    const jw_world *world; /* whose verbs `twin` offers; NULL: the texts are only checked */
    jw_problems *problems; /* all of the texts; NULL: the first one ends it */
} script_program_def;

jw_result script_program_make(const script_program_def *def, script_program *out, jw_error *error);
void script_program_free(script_program *program);
/* After parameters got other values: when the scenario's lesson can be told (text.last_s). An error names the
 * line of its lasts_min. */
jw_result script_program_settle(script_program *program, jw_error *error);
/* Global function scenario{...}. */
int script_scenario(lua_State *L);
enum { SCRIPT_SCENARIO_FIELDS = 15, SCRIPT_SIGNAL_FIELDS = 3, SCRIPT_ROUTING_FIELDS = 3 };
extern const script_field script_scenario_fields[SCRIPT_SCENARIO_FIELDS];
/* Pushes the handler of that name, or nil (false). */
bool script_push_handler(lua_State *L, const char *name);

/* What the step before left, so that events are found without pointers into the world. */
typedef struct script_seen_requests {
    char type[32];
    int64_t late, lost;
} script_seen_requests;
typedef struct script_seen_site {
    char name[32];
    uint8_t is_up;
} script_seen_site;

/* The state of the module "script". */
typedef struct script_state {
    script_program program;         /* box NULL: neither scene nor scenario */
    uint8_t *is_changed;            /* per parameter: a live change that its handler has not seen */
    jw_writer storage, storage_new; /* what it is, and room for the next */
    int64_t last_run_ns;            /* moments up to here are done */
    uint8_t is_start_due, is_reload_due;
    uint8_t is_fresh;                         /* events count from the next step on */
    char (*broken)[SCRIPT_HANDLER_NAME_SIZE]; /* handlers that failed */
    uint32_t broken_count, broken_capacity;
    uint64_t log_seen; /* of the world's command log */
    int64_t errors;
    script_seen_requests *requests;
    uint32_t request_count, request_capacity;
    script_seen_site *sites;
    uint32_t site_count, site_capacity;
    char last_error[400]; /* output, not state */
    jw_orders *orders;    /* in a step that begins a quarter: where its orders are listed; else NULL */
} script_state;

/* While handlers run, box->owner is one of these. */
typedef struct script_run {
    jw_world *world;
    script_state *state;
} script_run;

/* scenario.c: puts the scenario of `def` in the place of the world's present one, before its first step. On
 * failure the world is fit for destroying only. */
jw_result script_replace(jw_world *world, const jw_script_def *def, jw_error *error);

#define SCRIPT_QUARTER "quarter" /* name of the handler */
/* scenario_quarter.c: lists a command that a handler has just posted, and where; a line as the reason of
 * those that follow. */
void script_note_order(lua_State *L, script_state *state, const jw_command *command);
void script_note_reason(script_state *state, const char *text);

/* scenario_signals.c */
#define SCRIPT_SIGNALS "signals" /* name of the handler */
extern const script_field script_signal_fields[SCRIPT_SIGNAL_FIELDS];
/* Checks the field of a scenario; with a program, takes it. */
void script_read_signals(lua_State *L, int scenario, script_program *program, int handlers);
bool script_controls_programme(const script_program *program, const jw_city *city, uint32_t programme);
typedef struct script_control_call {
    script_run run;
    jw_signal_view view;
    jw_signal_answer answer;
} script_control_call;
/* Asks the control function about one junction. */
int script_call_control(lua_State *L);

/* scenario_routing.c */
#define SCRIPT_ROUTING "routing" /* name of the handler */
extern const script_field script_routing_fields[SCRIPT_ROUTING_FIELDS];
void script_read_routing(lua_State *L, int scenario, script_program *program, int handlers);
bool script_routes_type(const script_program *program, const char *type);
typedef struct script_route_call {
    script_run run;
    uint32_t type, home;
    const char *type_name;
    jw_route *routes;
    double *weights;
    uint32_t count;
} script_route_call;
/* Asks the choice about one type and home; the weights are its answer. */
int script_call_choose(lua_State *L);

/* scenario_run.c: the phase; the storage and p of the running handler. */
void script_push_storage(lua_State *L, const script_state *state);
void script_push_p(lua_State *L, const script_state *state);
void script_run_moments(jw_world *world, void *state);

/* twin_bind.c: makes the object `twin` (registry) with the verbs of the world's modules. */
void script_make_twin(lua_State *L, const jw_world *world);
void script_push_twin(lua_State *L);
/* The world of the running handler; checks that argument 1 is `twin`. */
jw_world *script_world_of(lua_State *L, const char *method);

/* twin_rows.c */
/* Of all modules, the table (or metric) whose name is nearest to one that is none's. */
jw_nearest script_nearest(const jw_world *world, const char *name, bool is_metric);
void script_make_rows(lua_State *L);
/* Pushes the rows of a table, filtered by the table at `filter` (0: none). */
void script_push_rows(lua_State *L, const jw_world *world, const char *table, int filter);

/* ---- bindings ---- */

/* One thing that a script can call. `usage` is the argument list as people write it; `result` what comes back
 * in the notation of ---@meta ("number", "string[]"), "" for nothing. */
typedef struct script_binding {
    const char *name;
    const char *usage;
    const char *result;
    const char *doc;
    lua_CFunction function;     /* NULL: Lua's own */
    const script_field *fields; /* of its table argument, for the reference */
    uint32_t field_count;
} script_binding;

extern const script_binding script_global_bindings[];
extern const uint32_t script_global_binding_count;
extern const script_binding script_city_bindings[];
extern const uint32_t script_city_binding_count;
extern const script_binding script_twin_bindings[];
extern const uint32_t script_twin_binding_count;
extern const script_binding script_rows_bindings[];
extern const uint32_t script_rows_binding_count;

#endif
