/* A world with nothing but traffic, for the tests of traffic. Failures of set-up print their error and abort.
 */
#ifndef JW_TRAFFIC_TEST_H
#define JW_TRAFFIC_TEST_H

#include "city/city_fixtures.h"
#include "traffic/traffic_internal.h"

typedef struct test_scene {
    jw_shared_city shared;
    jw_city *city;
    jw_world *world;
    jw_traffic *traffic;
} test_scene;

/* Takes over the city's reference. def NULL: no drawn demand, drivers all alike, routes by free times. */
test_scene test_scene_make(jw_city *city, const jw_traffic_def *def, double dt_s, double start_s,
                           int threads);
void test_scene_free(test_scene *scene);
/* The def that test_scene_make uses for NULL. */
jw_traffic_def test_plain_def(void);
/* One step; aborts when the step fails or the state is not consistent. */
void test_scene_step(test_scene *scene);
void test_scene_run(test_scene *scene, double seconds);
/* A car that departs at depart_s; aborts when it is refused. */
void test_scene_trip(test_scene *scene, double depart_s, uint32_t from, uint32_t to, double from_s_m);
void test_scene_trip_of(test_scene *scene, jw_vehicle_class c, double depart_s, uint32_t from, uint32_t to);
/* Posts a command with numbers: pairs of key and value, NULL at the end. */
void test_scene_command(test_scene *scene, const char *verb, ...);
/* The k-th vehicle in the order of the tracks, on each from front to back. */
const jw_car *test_car(const jw_traffic *traffic, uint32_t k);
double test_scene_time(const test_scene *scene);

#endif
