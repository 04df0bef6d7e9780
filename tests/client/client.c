/* Plans a small city and runs its traffic for a minute through the installed headers alone. */
#include "twin/twin.h"

#include <stdio.h>

int main(void)
{
    jw_error error = {0};
    jw_twin_def def;
    jw_draft draft = {0};
    jw_build_def build = {0};
    jw_plan_def plan = {.style = "district", .area_km2 = 4, .seed = 1};
    jw_world *world = NULL;
    jw_result result = jw_twin_def_init(&def, &error);
    if (result == JW_OK)
        result = jw_plan_city(&plan, &draft, &error);
    if (result == JW_OK)
        result = jw_city_build(&draft, &build, NULL, NULL, NULL, &def.city, &error);
    def.traffic.demand.is_gravity = true;
    if (result == JW_OK)
        result = jw_twin_create(&def, NULL, 0, &world, &error);
    for (int i = 0; i < 120 && result == JW_OK; i++)
        result = jw_world_step(world, &error);
    double departed = 0;
    if (result == JW_OK)
        jw_world_metric(world, "traffic.departed", &departed);
    printf("%.0f vehicles departed\n", departed);
    jw_world_destroy(world);
    jw_draft_free(&draft);
    jw_twin_def_free(&def);
    if (result != JW_OK)
        fprintf(stderr, "client: %s\n", error.message);
    return result == JW_OK && departed > 0 ? 0 : 1;
}
