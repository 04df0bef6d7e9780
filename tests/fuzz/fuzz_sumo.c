/* The readers of SUMO's networks and of its demand on arbitrary bytes. */
#include "city/sumo.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_net(const uint8_t *bytes, size_t size, jw_problems *problems)
{
    jw_sumo_missing missing = {0};
    jw_city *city = NULL;
    jw_error error = {0};
    jw_result result =
        jw_sumo_read_net_bytes(bytes, size, "fuzz.net.xml", NULL, &missing, problems, &city, NULL, &error);
    if (result != JW_OK && (!error.message[0] || city))
        abort(); /* a failure without a word, or with a city */
    if (result == JW_OK && jw_city_verify(city, &error) != JW_OK)
        abort(); /* a city that is not whole */
    jw_city_release(city);
    jw_sumo_missing_free(&missing);
}

static void read_demand(const uint8_t *bytes, size_t size, jw_problems *problems)
{
    jw_sumo_demand demand = {0};
    jw_error error = {0};
    jw_result result = jw_sumo_read_demand_bytes(bytes, size, "fuzz.rou.xml", &demand, problems, &error);
    if (result != JW_OK && !error.message[0])
        abort();
    uint32_t texts = jw_sumo_text_count(&demand);
    for (uint32_t i = 0; i < demand.route_edge_count; i++)
        if (demand.route_edges[i] >= texts)
            abort();
    for (uint32_t i = 0; i < demand.member_count; i++)
        if (demand.members[i] >= demand.type_count && demand.members[i] >= demand.route_count)
            abort();
    jw_sumo_demand_free(&demand);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    jw_problems problems = {0};
    read_net(bytes, size, &problems);
    read_demand(bytes, size, &problems);
    jw_problems_free(&problems);
    if (jw_allocated_bytes() != 0)
        abort();
    return 0;
}
