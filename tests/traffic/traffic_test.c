#include "traffic/traffic_test.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void stop_on(jw_result result, const jw_error *error, const char *what)
{
    if (result == JW_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, error->message);
    abort();
}

jw_traffic_def test_plain_def(void)
{
    jw_traffic_def def = jw_default_traffic_def();
    def.demand.is_gravity = false;
    def.reroute_share = -1;
    for (uint32_t c = 0; c < JW_VEHICLE_CLASS_COUNT; c++)
        def.types[c].speed_factor_sd = 0;
    return def;
}

test_scene test_scene_make(jw_city *city, const jw_traffic_def *def, double dt_s, double start_s, int threads)
{
    jw_traffic_def plain = test_plain_def();
    test_scene scene = {.city = city};
    jw_shared_city *shared = malloc(sizeof *shared);
    shared->city = city;
    jw_module_entry entry = {&jw_traffic_module, def ? def : &plain};
    jw_world_def world = {.seed = 7,
                          .dt_ns = jw_ns_from_s(dt_s),
                          .start_time_ns = jw_ns_from_s(start_s),
                          .threads = threads,
                          .modules = &entry,
                          .module_count = 1,
                          .shared = shared,
                          .shared_hash = city->content_hash};
    jw_error error = {0};
    stop_on(jw_world_create(&world, &scene.world, &error), &error, "world");
    scene.traffic = jw_world_state(scene.world, 0);
    return scene;
}

void test_scene_free(test_scene *scene)
{
    void *shared = jw_world_shared(scene->world);
    jw_world_destroy(scene->world);
    jw_city_release(scene->city);
    free(shared);
}

void test_scene_step(test_scene *scene)
{
    jw_error error = {0};
    stop_on(jw_world_step(scene->world, &error), &error, "step");
    if (!jw_traffic_is_consistent(scene->traffic, &error)) {
        fprintf(stderr, "at %.1f s: ", test_scene_time(scene));
        stop_on(JW_ERROR_STATE, &error, "not consistent");
    }
}

void test_scene_run(test_scene *scene, double seconds)
{
    int64_t until_ns = jw_world_time_ns(scene->world) + jw_ns_from_s(seconds);
    while (jw_world_time_ns(scene->world) < until_ns)
        test_scene_step(scene);
}

void test_scene_add(test_scene *scene, const jw_trip_def *trip)
{
    jw_error error = {0};
    stop_on(jw_traffic_add_trip(scene->world, scene->traffic, trip, &error), &error, "trip");
}

void test_scene_trip(test_scene *scene, double depart_s, uint32_t from, uint32_t to, double from_s_m)
{
    jw_trip_def trip = {
        .depart_ns = jw_ns_from_s(depart_s), .from_edge = from, .to_edge = to, .from_s_m = from_s_m};
    test_scene_add(scene, &trip);
}

void test_scene_trip_of(test_scene *scene, jw_vehicle_class c, double depart_s, uint32_t from, uint32_t to)
{
    jw_trip_def trip = {
        .depart_ns = jw_ns_from_s(depart_s), .from_edge = from, .to_edge = to, .vehicle_class = c};
    test_scene_add(scene, &trip);
}

uint32_t test_scene_poisson(test_scene *scene, jw_random_key key, uint64_t entity, uint32_t from, uint32_t to,
                            double per_hour, double begin_s, double end_s)
{
    uint32_t count = 0;
    for (double at_s = begin_s; per_hour > 0; count++) {
        at_s += jw_random_exponential(key, entity, count, 3600 / per_hour);
        if (at_s >= end_s)
            break;
        test_scene_trip(scene, at_s, from, to, 0);
    }
    return count;
}

void test_scene_walk(test_scene *scene, double from_x_m, double from_y_m, double to_x_m, double to_y_m)
{
    jw_error error = {0};
    stop_on(jw_traffic_add_walk(scene->world, scene->traffic, from_x_m, from_y_m, to_x_m, to_y_m, &error),
            &error, "walk");
}

const jw_crossing *test_crossing_of_edge(const jw_traffic *t, uint32_t in_edge)
{
    for (uint32_t k = 0; k < t->walks.net.crossing_count; k++)
        if (t->walks.net.crossings[k].in_edge == in_edge)
            return &t->walks.net.crossings[k];
    abort();
}

uint32_t test_green_phase(const test_scene *scene)
{
    const jw_signal *now = &scene->traffic->signals.now[0];
    return now->stage == JW_STAGE_GREEN ? now->phase : JW_NONE;
}

jw_world *test_scene_copy(const test_scene *scene, int threads)
{
    jw_error error = {0};
    jw_writer image = {0};
    jw_world *copy = NULL;
    jw_module_entry entry = {&jw_traffic_module, NULL};
    stop_on(jw_world_save(scene->world, &image, &error), &error, "save");
    stop_on(jw_world_create_from_snapshot(&entry, 1, jw_world_shared(scene->world), scene->city->content_hash,
                                          threads, image.bytes, image.size, &copy, &error),
            &error, "copy");
    jw_writer_free(&image);
    return copy;
}

void test_scene_command(test_scene *scene, const char *verb, ...)
{
    jw_command command = jw_command_make(verb);
    va_list list;
    va_start(list, verb);
    for (const char *key = va_arg(list, const char *); key; key = va_arg(list, const char *))
        jw_command_number(&command, key, va_arg(list, double));
    va_end(list);
    jw_error error = {0};
    stop_on(jw_world_check_command(scene->world, &command, &error), &error, verb);
    stop_on(jw_world_post(scene->world, &command, &error), &error, verb);
}

double test_scene_time(const test_scene *scene)
{
    return jw_s_from_ns(jw_world_time_ns(scene->world));
}

const jw_car *test_car(const jw_traffic *t, uint32_t k)
{
    for (uint32_t track = 0; track < t->net.track_count; track++) {
        uint32_t count = t->tracks[track].end - t->tracks[track].begin;
        if (k < count)
            return &t->cars[t->tracks[track].begin + k];
        k -= count;
    }
    abort();
}
