/* Datasets of a scene: what lies where, and what may leave. */
#include "script/script_internal.h"

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

typedef struct dataset_entry {
    jw_data_def data;
    double size_gb;
} dataset_entry;

const script_field script_dataset_fields[SCRIPT_DATASET_FIELDS] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "unique name", AT(dataset_entry, data.dataset.id)},
    {"sector", FIELD_TEXT, true, 0, 0, NULL, NULL, "transport, health, tax, logistics, industry, ...",
     AT(dataset_entry, data.dataset.sector)},
    {"size_gb", FIELD_NUMBER, true, 1e-6, 1e6, NULL, "GB", "of the volume", AT(dataset_entry, size_gb)},
    {"home", FIELD_TEXT, true, 0, 0, NULL, NULL, "id of the site it comes from",
     AT(dataset_entry, data.home)},
    {"residency", FIELD_SMALL, false, 0, 0, "any|city|district", NULL,
     "where it may lie and be read: anywhere, not in the west, or at sites of its home's district",
     AT(dataset_entry, data.dataset.residency)},
    {"replicas", FIELD_LIST, false, 0, 0, NULL, NULL, "ids of other sites where it lies from the start", 0,
     0},
};

int script_city_dataset(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "dataset");
    dataset_entry entry = {0};
    jw_error error = {0};
    if (!script_read_fields(L, 2, "city:dataset", script_dataset_fields, SCRIPT_DATASET_FIELDS, &entry))
        return 0;
    entry.data.dataset.size_bytes = (int64_t)(entry.size_gb * 1e9);
    bool has_list = lua_getfield(L, 2, "replicas") == LUA_TTABLE;
    lua_Integer count = has_list ? luaL_len(L, -1) : 0;
    if (count > JW_DATA_REPLICAS_MAX) {
        script_report(L, "city:dataset \"%s\": \"replicas\" lists more than %d sites", entry.data.dataset.id,
                      JW_DATA_REPLICAS_MAX);
        return 0;
    }
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_geti(L, -1, i) != LUA_TSTRING) {
            script_report(L, "city:dataset \"%s\": \"replicas\" holds a %s; it takes ids of sites",
                          entry.data.dataset.id, luaL_typename(L, -1));
            return 0;
        }
        jw_text_copy(entry.data.replicas[entry.data.replica_count++], JW_CATALOG_ID_SIZE,
                     lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    if (jw_twin_def_add_dataset(def, &entry.data, &error) != JW_OK)
        script_report_error(L, &error);
    return 0;
}
