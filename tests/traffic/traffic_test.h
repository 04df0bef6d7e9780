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
void test_scene_add(test_scene *scene, const jw_trip_def *trip);
/* Cars from one edge to another with exponential headways, as independent drivers come: returns how many. */
uint32_t test_scene_poisson(test_scene *scene, jw_random_key key, uint64_t entity, uint32_t from, uint32_t to,
                            double per_hour, double begin_s, double end_s);
/* Somebody sets out on foot now; aborts when there is no way. */
void test_scene_walk(test_scene *scene, double from_x_m, double from_y_m, double to_x_m, double to_y_m);
/* The crossing of the arm that an edge comes in on; aborts when there is none. */
const jw_crossing *test_crossing_of_edge(const jw_traffic *traffic, uint32_t in_edge);
/* The phase that the city's first programme shows; JW_NONE between two. */
uint32_t test_green_phase(const test_scene *scene);
/* Another world made of a snapshot of this one, in the same city, to be destroyed before it. */
jw_world *test_scene_copy(const test_scene *scene, int threads);
/* Posts a command with numbers: pairs of key and value, NULL at the end. */
void test_scene_command(test_scene *scene, const char *verb, ...);
/* The k-th vehicle in the order of the tracks, on each from front to back. */
const jw_car *test_car(const jw_traffic *traffic, uint32_t k);
double test_scene_time(const test_scene *scene);

#endif
