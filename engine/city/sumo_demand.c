/* Route and additional files. */
#include "city/sumo_internal.h"

#include <string.h>

jw_result jw_sumo_add_text(jw_sumo_demand *demand, const char *text, uint32_t *out, jw_error *error)
{
    if (!demand->names) {
        demand->names = jw_alloc(sizeof *demand->names);
        if (!demand->names)
            return jw_fail_memory(error);
        uint32_t empty; /* number 0 */
        jw_result result = jw_sumo_names_add(demand->names, "", &empty, error);
        if (result != JW_OK)
            return result;
    }
    return jw_sumo_names_add(demand->names, text, out, error);
}

const char *jw_sumo_text(const jw_sumo_demand *demand, uint32_t number)
{
    return demand->names ? jw_sumo_name(demand->names, number) : "";
}

uint32_t jw_sumo_text_count(const jw_sumo_demand *demand)
{
    return demand->names ? demand->names->count : 0;
}

void jw_sumo_demand_free(jw_sumo_demand *demand)
{
    if (demand->names)
        jw_sumo_names_free(demand->names);
    jw_free(demand->names);
#define X(type, items, count) jw_free(demand->items);
    JW_SUMO_DEMAND_ARRAYS(X)
#undef X
    jw_sumo_missing_free(&demand->missing);
    *demand = (jw_sumo_demand){0};
}
