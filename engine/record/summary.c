/* The one summary of a run, as JSON. */
#include "record/record.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PHASES_MAX 128

static json_t *trips_json(const jw_world *world)
{
    const jw_traffic *traffic = jw_world_state(world, JW_TWIN_TRAFFIC);
    jw_traffic_counts t = jw_traffic_count(traffic);
    jw_traffic_jam jam = jw_traffic_find_jam(traffic);
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f}", "departed", (json_int_t)t.departed,
                     "running_at_start", (json_int_t)t.running_at_start, "arrived", (json_int_t)t.arrived,
                     "running", (json_int_t)t.running, "waiting", (json_int_t)t.waiting, "removed",
                     (json_int_t)t.removed, "stuck", (json_int_t)jam.vehicles, "mean_travel_time_s",
                     t.mean_travel_time_s, "mean_delay_s", t.mean_delay_s);
}

static json_t *requests_json(const jw_world *world)
{
    jw_request_counts r = jw_twin_requests(world, JW_NONE);
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f}", "sent", (json_int_t)r.sent,
                     "in_flight_at_start", (json_int_t)r.in_flight_at_start, "answered",
                     (json_int_t)r.answered, "lost", (json_int_t)r.lost, "in_flight", (json_int_t)r.in_flight,
                     "late", (json_int_t)r.late, "retried", (json_int_t)r.retried, "p50_ms", r.p50_ms,
                     "p95_ms", r.p95_ms, "p99_ms", r.p99_ms);
}

static json_t *phases_json(const jw_world *world)
{
    jw_phase_time times[PHASES_MAX];
    uint32_t count = jw_world_phase_times(world, times, PHASES_MAX);
    json_t *phases = json_object();
    for (uint32_t i = 0; phases && i < count && i < PHASES_MAX; i++)
        json_object_set_new(phases, times[i].name, json_real(times[i].seconds));
    return phases;
}

jw_result jw_summary_json(const jw_world *world, const jw_run_facts *facts, char **out, jw_error *error)
{
    *out = NULL;
    char hash[20];
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)jw_world_hash(world));
    jw_twin_totals totals = jw_twin_total(world);
    jw_traffic_counts traffic = jw_traffic_count(jw_world_state(world, JW_TWIN_TRAFFIC));
    const char *scene =
        facts->scene && jw_text_is_utf8(facts->scene, strlen(facts->scene)) ? facts->scene : "?";
    double sim_s = jw_s_from_ns(jw_world_time_ns(world) - jw_world_start_time_ns(world));
    json_t *summary = json_pack(
        "{s:s, s:I, s:i, s:f, s:f, s:f, s:f, s:I, s:I, s:s, s:I, s:o, s:o, s:f, s:f, s:f, s:f, s:o}", "scene",
        scene, "seed", (json_int_t)jw_world_seed(world), "threads", jw_world_threads(world), "warm_s",
        jw_s_from_ns(jw_world_warm_ns(world)), "sim_s", sim_s, "load_s", facts->load_s, "wall_s",
        facts->wall_s, "vehicle_updates", (json_int_t)traffic.vehicle_updates, "events",
        (json_int_t)jw_world_event_count(world), "state_hash", hash, "peak_rss_bytes",
        (json_int_t)jw_peak_rss_bytes(), "trips", trips_json(world), "requests", requests_json(world),
        "energy_wh", totals.energy_wh, "carbon_kg", totals.carbon_kg, "cost_cny", totals.cost_cny,
        "traffic_co2_kg", traffic.co2_kg, "phases", phases_json(world));
    char *text = summary ? json_dumps(summary, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(summary);
    if (!text)
        return jw_fail_memory(error);
    size_t size = strlen(text) + 1;
    *out = jw_alloc(size);
    if (*out)
        memcpy(*out, text, size);
    free(text);
    return *out ? JW_OK : jw_fail_memory(error);
}
