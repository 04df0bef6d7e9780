/* What a script can call, and the fields of its table arguments: the sandbox, the reference page, the
 * editor's completion and luacheck's standard are all made from these lists. */
#include "script/script_internal.h"

const script_binding script_global_bindings[] = {
    {"include", "name", "table",
     "Runs an installed script (\"lib/x\") or one beside this file (\"x\") and returns its "
     "table; once, and only while loading.",
     script_include, NULL, 0},
    {"param", "{ ... }", "param", "Declares a parameter.", script_param, script_param_fields,
     SCRIPT_PARAM_FIELDS},
    {"scene", "{ ... }", "scene", "Declares a scene: the file returns it.", script_scene, script_scene_fields,
     SCRIPT_SCENE_FIELDS},
    {"scenario", "{ ... }", "scenario", "Declares a scenario: the file returns it.", script_scenario,
     script_scenario_fields, SCRIPT_SCENARIO_FIELDS},
    {"plan", "{ ... }", "map", "A designed city in the manner of Xiong'an.", script_plan, script_plan_fields,
     SCRIPT_PLAN_FIELDS},
    {"osm", "file", "map", "A map of OpenStreetMap (.osm, .osm.gz, .osm.pbf), beside the scene.", script_osm,
     NULL, 0},
    {"gpkg", "file", "map", "A GeoPackage written by jingwei and perhaps edited since.", script_gpkg, NULL,
     0},
    {"sumo", "file", "map",
     "A network of SUMO (.net.xml, .net.xml.gz), or a configuration (.sumocfg) with its demand.", script_sumo,
     NULL, 0},
};
const uint32_t script_global_binding_count = JW_COUNT_OF(script_global_bindings);
