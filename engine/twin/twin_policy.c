/* How requests find their servers: the policies by name. */
#include "twin/twin_internal.h"

#include <string.h>

static const char *const policy_names[JW_POLICY_COUNT] = {
    "default", "latency", "nearest", "edge_only", "cloud_only", "least_loaded", "carbon", "script"};

const char *jw_policy_name(jw_policy policy)
{
    return policy_names[policy];
}

bool jw_policy_from_name(const char *name, jw_policy *out)
{
    for (uint32_t i = 0; i < JW_POLICY_COUNT; i++)
        if (strcmp(name, policy_names[i]) == 0) {
            *out = i;
            return true;
        }
    return false;
}
