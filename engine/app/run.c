/* jingwei run: simulate, keep the results, print a summary. */
#include "app/app.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct run_options {
    app_world_def world;
    const char *out, *screenshot, *tripinfo, *summary, *fcd, *edgedata;
    double until_s, at_s, radio_map_m;
    bool until_is_duration, at_is_duration, has_until, has_at, is_json, has_no_results, is_checked;
    int width_px, height_px;
} run_options;

static const app_option options[] = {
    {"script", "FILE", "a scenario .lua: what happens"},
    {"until", "TIME",
     "when to stop: 08:00, or a length: 3600s, 30min, 2h (default: the scene's end, else 10min or what the "
     "scenario lasts)"},
    {"seed", "N", "seed of all random numbers (default: the scene's)"},
    {"threads", "N", "threads (default 1); results do not depend on it"},
    {"set", "ID=VALUE", "set a parameter of the scene; may be repeated"},
    {"out", "DIR", "folder for the results (default runs/<scene>-<n>); must not exist"},
    {"radio-map", "M", "at the end map coverage, SINR and rates in cells of M metres (with the results)"},
    {"no-results", NULL, "keep nothing on disk"},
    {"check", NULL, "check every identity of the state after each step: slow"},
    {"screenshot", "FILE", "save a picture of the city (PNG)"},
    {"size", "WxH", "its size in pixels (default 1280x720)"},
    {"at", "TIME", "when to take it (default: at the end)"},
    {"tripinfo-output", "FILE", "each trip that arrives, as SUMO writes it (XML)"},
    {"summary-output", "FILE", "the state of each step, as SUMO writes it (XML)"},
    {"fcd-output", "FILE", "all vehicles in each step, as SUMO writes them (XML)"},
    {"edgedata-output", "FILE", "traffic by edge over the whole run, as SUMO writes them (XML)"},
    {"json", NULL, "print the summary as one JSON object"},
    {"quiet", NULL, "no progress"},
};

static bool take(void *context, const char *name, const char *value)
{
    run_options *run = context;
    if (!name) {
        if (run->world.file) {
            fprintf(stderr, app_say("jingwei run: one FILE at a time, '%s' is the second\n"), value);
            return false;
        }
        run->world.file = value;
        return true;
    }
    if (strcmp(name, "help") == 0) {
        return !run->world.file || app_print_params(run->world.file, run->world.scenario) == APP_OK;
    } else if (strcmp(name, "script") == 0) {
        run->world.scenario = value;
    } else if (strcmp(name, "until") == 0) {
        run->has_until = true;
        if (!app_parse_time(value, &run->until_s, &run->until_is_duration))
            return app_refuse("run", name, value,
                              "write a time of day as 08:00, or a length as 3600s, 30min, 2h");
    } else if (strcmp(name, "at") == 0) {
        run->has_at = true;
        if (!app_parse_time(value, &run->at_s, &run->at_is_duration))
            return app_refuse("run", name, value,
                              "write a time of day as 08:00, or a length as 3600s, 30min, 2h");
    } else if (strcmp(name, "out") == 0) {
        run->out = value;
    } else if (strcmp(name, "radio-map") == 0) {
        if (!jw_text_to_number(value, &run->radio_map_m) ||
            !(run->radio_map_m >= 1 && run->radio_map_m <= 5000))
            return app_refuse("run", name, value, "metres, from 1 to 5000");
    } else if (strcmp(name, "screenshot") == 0) {
        run->screenshot = value;
    } else if (strcmp(name, "size") == 0) {
        char end;
        if (sscanf(value, "%5dx%5d%c", &run->width_px, &run->height_px, &end) != 2 || run->width_px < 16 ||
            run->height_px < 16 || run->width_px > 16384 || run->height_px > 16384)
            return app_refuse("run", name, value, "write it as 1280x720, from 16 to 16384");
    } else if (strcmp(name, "tripinfo-output") == 0) {
        run->tripinfo = value;
    } else if (strcmp(name, "summary-output") == 0) {
        run->summary = value;
    } else if (strcmp(name, "fcd-output") == 0) {
        run->fcd = value;
    } else if (strcmp(name, "edgedata-output") == 0) {
        run->edgedata = value;
    } else if (strcmp(name, "no-results") == 0) {
        run->has_no_results = true;
    } else if (strcmp(name, "check") == 0) {
        run->is_checked = true;
    } else if (strcmp(name, "json") == 0) {
        run->is_json = true;
    } else {
        bool is_fine;
        return app_world_take(&run->world, "run", name, value, &is_fine) && is_fine;
    }
    return true;
}

static int64_t end_ns(const jw_world *world, double time_s, bool is_duration)
{
    int64_t start_ns = jw_world_start_time_ns(world);
    return is_duration ? start_ns + jw_ns_from_s(time_s) : jw_ns_from_s(time_s);
}

/* A terminal's bar shows the clock; a log has one line now and then. */
static void show_progress(app_progress *progress, double fraction, int64_t now_ns, double factor)
{
    char what[64] = "simulating";
    int64_t of_day_min = now_ns / JW_NS_PER_S / 60;
    if (progress->is_terminal)
        snprintf(what, sizeof what, app_say("%02lld:%02lld  %.0f x real time"), (long long)(of_day_min / 60),
                 (long long)(of_day_min % 60), factor);
    app_progress_show(progress, fraction, what);
}

/* How connected users fared on the move; a scene may have no cells. */
static void print_radio(const jw_world *world)
{
    double users = 0, handovers = 0, ping_pongs = 0, failures = 0;
    if (jw_network_cell_count(jw_world_state(world, JW_TWIN_NETWORK)) == 0)
        return;
    jw_world_metric(world, "network.users", &users);
    jw_world_metric(world, "network.handovers", &handovers);
    jw_world_metric(world, "network.ping_pongs", &ping_pongs);
    jw_world_metric(world, "network.radio_failures", &failures);
    printf(app_say("  radio      %.0f users, %.0f handovers (%.0f ping-pongs), %.0f links failed\n"), users,
           handovers, ping_pongs, failures);
}

/* What computers and networks did; a scene may have neither. */
static void print_data_summary(const jw_world *world)
{
    jw_request_counts r = jw_twin_requests(world, JW_NONE);
    jw_twin_totals e = jw_twin_total(world);
    if (r.sent == 0 && e.energy_wh <= 0)
        return;
    printf(app_say("  requests   %lld sent, %lld answered (%lld late), %lld lost, %lld in flight; median "
                   "%.1f ms, 95 "
                   "%% under %.1f ms\n"),
           (long long)r.sent, (long long)r.answered, (long long)r.late, (long long)r.lost,
           (long long)r.in_flight, r.p50_ms, r.p95_ms);
    printf(
        app_say("  data       %.1f kWh energy of data (computers, network), %.1f kg CO2 of it, %.0f CNY\n"),
        e.energy_wh / 1000, e.carbon_kg, e.cost_cny);
}

/* The last of what the scenario said, as the window shows it. */
static void print_script_summary(const jw_world *world, const char *script)
{
    enum { LINES_MAX = 12 };
    uint32_t events, lines = 0, first = 0;
    double failed = 0;
    const jw_frame_event *diary = jw_twin_events(world, &events);
    for (uint32_t i = events; i-- > 0 && lines < LINES_MAX;)
        if (diary[i].kind == JW_EVENT_LINE) {
            lines++;
            first = i;
        }
    printf(app_say("  script     %s: %s%u events recorded"), script,
           events >= JW_EVENTS_MAX ? app_say("at least ") : "", events);
    if (jw_world_metric(world, "script.errors", &failed) && failed > 0)
        printf(app_say(", %.0f handlers failed"), failed);
    printf("\n");
    for (uint32_t i = first; lines && i < events; i++)
        if (diary[i].kind == JW_EVENT_LINE) {
            int64_t time_s = diary[i].time_ns / JW_NS_PER_S;
            bool is_chinese = strcmp(app_language(), "zh") == 0 && diary[i].text_zh[0];
            printf("    %02d:%02d:%02d %s\n", (int)(time_s / 3600 % 24), (int)(time_s / 60 % 60),
                   (int)(time_s % 60), is_chinese ? diary[i].text_zh : diary[i].text);
        }
}

/* A jam that does not resolve is said, whatever made it. */
static void print_jam(const jw_world *world)
{
    const jw_city *city = jw_twin_city(world);
    jw_traffic_jam jam = jw_traffic_find_jam(jw_world_state(world, JW_TWIN_TRAFFIC));
    if (jam.vehicles)
        printf(
            app_say(
                "  jams       %u vehicles have stood for %.0f min or more, longest %.0f min on edge %u %s\n"),
            jam.vehicles, JW_JAM_S / 60, jam.longest_s / 60, jam.edge,
            jw_city_text(city, city->edges[jam.edge].name));
}

static void print_summary(const app_world *app, const jw_run_facts *facts, const char *script,
                          const char *folder)
{
    const jw_world *world = app->world;
    jw_traffic_counts t = jw_traffic_count(jw_world_state(world, JW_TWIN_TRAFFIC));
    double sim_s = jw_s_from_ns(jw_world_time_ns(world) - jw_world_start_time_ns(world));
    printf(app_say("%s: %.0f s simulated in %.2f s (%.0f x real time), loaded in %.2f s\n"), facts->scene,
           sim_s, facts->wall_s, facts->wall_s > 0 ? sim_s / facts->wall_s : 0, facts->load_s);
    char before[48] = "";
    if (t.running_at_start)
        snprintf(before, sizeof before, app_say(" (%lld before the start)"), (long long)t.running_at_start);
    printf(app_say("  trips      %lld departed%s, %lld arrived, %lld running, %lld waiting; those that "
                   "arrived took %.0f s in the mean, %.0f s of it delay\n"),
           (long long)t.departed, before, (long long)t.arrived, (long long)t.running, (long long)t.waiting,
           t.mean_travel_time_s, t.mean_delay_s);
    print_jam(world);
    printf(app_say("  emissions  %.1f kg CO2 of traffic\n"), t.co2_kg);
    print_radio(world);
    print_data_summary(world);
    if (script)
        print_script_summary(world, script);
    printf(app_say("  state      %016llx\n"), (unsigned long long)jw_world_hash(world));
    if (folder)
        printf(app_say("  results    %s\n"), folder);
}

/* Steps until the end, the user's wish or a failure; says itself what went wrong. What does not stop the
 * world (no room for results, no picture) does not stop the run either, and is told once. */
static int simulate(const run_options *run, app_world *app, jw_record *record, jw_sumo_export *exports,
                    jw_run_facts *facts)
{
    jw_error error = {0};
    int64_t until_ns = end_ns(app->world, run->until_s, run->until_is_duration);
    int64_t at_ns = run->has_at ? end_ns(app->world, run->at_s, run->at_is_duration) : until_ns;
    int64_t start_ns = jw_world_start_time_ns(app->world);
    app_progress progress = app_progress_make();
    bool is_pictured = !run->screenshot;
    jw_result result = JW_OK;
    int status = APP_OK;
    while (jw_world_time_ns(app->world) < until_ns && !app_is_interrupted() && result == JW_OK) {
        double begin_s = jw_clock_seconds();
        result = jw_world_step(app->world, &error);
        facts->wall_s += jw_clock_seconds() - begin_s;
        if (result == JW_OK && run->is_checked && !jw_twin_is_consistent(app->world, &error))
            result = JW_ERROR_STATE;
        if (result != JW_OK)
            break;
        int64_t now_ns = jw_world_time_ns(app->world);
        jw_error other = {0};
        if (exports && jw_sumo_export_step(exports, app->world, &other) != JW_OK)
            status = app_fail(&other);
        other = (jw_error){0};
        if (record && jw_record_step(record, app->world, &other) != JW_OK)
            status = app_fail(&other);
        other = (jw_error){0};
        if (!is_pictured && now_ns >= at_ns) {
            is_pictured = true;
            if (app_save_picture(app, run->screenshot, run->width_px, run->height_px, &other) != JW_OK)
                status = app_fail(&other);
        }
        if (!run->world.is_quiet)
            show_progress(&progress, (double)(now_ns - start_ns) / (double)(until_ns - start_ns), now_ns,
                          jw_s_from_ns(now_ns - start_ns) / jw_max(facts->wall_s, 1e-9));
    }
    app_progress_end(&progress);
    if (result == JW_OK)
        return status;
    app_fail(&error);
    return APP_FAILED;
}

/* What can be refused before a city is loaded. */
static int check_options(const run_options *run)
{
    jw_error error = {0};
    if (run->out && run->has_no_results) {
        fprintf(stderr, app_say("jingwei run: --out and --no-results exclude each other: leave one out\n"));
        return APP_BAD_INPUT;
    }
    if (app_refuse_existing(run->out))
        return APP_BAD_INPUT;
    if (run->screenshot && app_check_picture(run->screenshot, &error) != JW_OK)
        return app_fail(&error);
    return APP_OK;
}

/* The scene's end; without one ten minutes, or longer when the scenario's lesson lasts longer. */
static void set_usual_end(run_options *run, const app_world *app)
{
    const jw_scenario_text *texts = jw_scenario_texts(app->world);
    int64_t start_ns = jw_world_start_time_ns(app->world), end_of_scene_ns = jw_scene_end_ns(app->scene);
    int64_t told_ns = texts ? jw_scenario_told_ns(texts, start_ns) : start_ns;
    if (end_of_scene_ns >= 0) {
        run->until_s = jw_s_from_ns(end_of_scene_ns);
        run->until_is_duration = false;
    } else
        run->until_s = jw_max(run->until_s, jw_s_from_ns(told_ns - start_ns));
}

static int check_times(const run_options *run, const jw_world *world)
{
    int64_t start_ns = jw_world_start_time_ns(world);
    int64_t until_ns = end_ns(world, run->until_s, run->until_is_duration);
    int64_t at_ns = run->has_at ? end_ns(world, run->at_s, run->at_is_duration) : until_ns;
    int start_min = (int)(start_ns / JW_NS_PER_S / 60);
    if (until_ns <= start_ns)
        fprintf(stderr, app_say("jingwei run: --until must lie after the scene's start at %02d:%02d\n"),
                start_min / 60, start_min % 60);
    else if (at_ns <= start_ns || at_ns > until_ns)
        fprintf(stderr,
                app_say("jingwei run: --at must lie between the scene's start at %02d:%02d and --until\n"),
                start_min / 60, start_min % 60);
    else
        return APP_OK;
    return APP_BAD_INPUT;
}

/* What the parameters are called, for the manifest; as params_json. */
static char *labels_json(const jw_scene *scene)
{
    json_t *object = json_object();
    for (uint32_t i = 0; object && i < jw_scene_param_count(scene); i++) {
        const jw_param *param = jw_scene_param(scene, i);
        json_object_set_new(object, param->id,
                            json_pack("{s:s, s:s}", "en", param->label.en, "zh", param->label.zh));
    }
    char *text = object ? json_dumps(object, 0) : NULL;
    json_decref(object);
    return text;
}

/* The values of all parameters, for the manifest; owned text (free), NULL without memory. */
static char *params_json(const jw_scene *scene)
{
    json_t *object = json_object();
    for (uint32_t i = 0; object && i < jw_scene_param_count(scene); i++) {
        const jw_param *param = jw_scene_param(scene, i);
        json_t *value = param->type == JW_PARAM_BOOLEAN   ? json_boolean(param->value != 0)
                        : param->type == JW_PARAM_INTEGER ? json_integer((json_int_t)param->value)
                        : param->type == JW_PARAM_CHOICE ? json_string(param->choices[(uint32_t)param->value])
                                                         : json_real(param->value);
        json_object_set_new(object, param->id, value);
    }
    char *text = object ? json_dumps(object, JSON_REAL_PRECISION(12)) : NULL;
    json_decref(object);
    return text;
}

static jw_result open_record(const run_options *run, const app_world *app, jw_record **out, jw_error *error)
{
    char *parameters = params_json(app->scene), *labels = labels_json(app->scene);
    if (!parameters || !labels) {
        free(parameters);
        free(labels);
        return jw_fail_memory(error);
    }
    const jw_scenario_text *texts = jw_scenario_texts(app->world);
    jw_record_def def = {.folder = run->out,
                         .radio_map_m = run->radio_map_m,
                         .scene_name = jw_scene_name(app->scene),
                         .title_en = jw_scene_title(app->scene)->en,
                         .title_zh = jw_scene_title(app->scene)->zh,
                         .scene_hash = jw_scene_hash(app->scene),
                         .parameters_json = parameters,
                         .parameter_labels_json = labels,
                         .missing = jw_scene_missing(app->scene),
                         .scenario_file = run->world.scenario,
                         .scenario_title = texts ? texts->title.en : NULL,
                         .scenario_title_zh = texts ? texts->title.zh : NULL};
    jw_result result = jw_record_create(&def, app->world, out, error);
    free(parameters);
    free(labels);
    return result;
}

/* Files in SUMO's forms, asked for on the command line or by a SUMO configuration. */
static jw_result open_exports(const run_options *run, const app_world *app, jw_sumo_export **out,
                              jw_error *error)
{
    const jw_sumo_config *config = jw_scene_sumo_config(app->scene);
    jw_sumo_export_def def = {.tripinfo = run->tripinfo,
                              .summary = run->summary,
                              .fcd = run->fcd,
                              .edgedata = run->edgedata,
                              .demand = jw_scene_sumo_demand(app->scene),
                              .plane = jw_scene_sumo_plane(app->scene),
                              .drains_trips = run->has_no_results,
                              .has_loops = config != NULL};
    if (config && !def.tripinfo)
        def.tripinfo = config->tripinfo_output;
    if (config && !def.summary)
        def.summary = config->summary_output;
    if (config && !def.fcd)
        def.fcd = config->fcd_output;
    const char *paths[] = {def.tripinfo, def.summary, def.fcd, def.edgedata};
    bool is_wanted = false;
    for (uint32_t i = 0; i < JW_COUNT_OF(paths); i++)
        is_wanted |= paths[i] && paths[i][0];
    is_wanted |= def.has_loops && def.demand && def.demand->detector_count;
    return is_wanted ? jw_sumo_export_open(&def, app->world, out, error) : JW_OK;
}

static int run_world(const run_options *run, app_world *app)
{
    jw_error error = {0};
    jw_record *record = NULL;
    jw_run_facts facts = {jw_scene_name(app->scene), app->load_s, 0};
    int status = check_times(run, app->world);
    if (status != APP_OK)
        return status;
    if (!run->has_no_results && open_record(run, app, &record, &error) != JW_OK)
        return app_fail(&error);
    jw_sumo_export *exports = NULL;
    status = open_exports(run, app, &exports, &error) == JW_OK ? simulate(run, app, record, exports, &facts)
                                                               : app_fail(&error);
    bool was_stopped = app_is_interrupted();
    error = (jw_error){0};
    if (jw_sumo_export_close(exports, app->world, &error) != JW_OK)
        status = app_fail(&error);
    char folder[512] = "";
    if (record) {
        jw_text_copy(folder, sizeof folder, jw_record_folder(record));
        if (jw_record_close(record, app->world, &facts, was_stopped || status != APP_OK, &error) != JW_OK)
            status = app_fail(&error);
    }
    if (was_stopped)
        fprintf(stderr, app_say("jingwei run: stopped at the user's wish; %s\n"),
                folder[0] ? app_say("what was simulated is in the results") : app_say("nothing was kept"));
    error = (jw_error){0};
    char *json = NULL;
    if (!run->is_json)
        print_summary(app, &facts, run->world.scenario, folder[0] ? folder : NULL);
    else if (jw_summary_json(app->world, &facts, &json, &error) == JW_OK)
        puts(json);
    else
        status = app_fail(&error);
    jw_free(json);
    return status == APP_OK && was_stopped ? APP_FAILED : status;
}

int app_run(int argc, char **argv)
{
    static const app_command command = {"run", "FILE [options]", "Simulates FILE and keeps the results.",
                                        app_run};
    run_options run = {.until_s = 600, .until_is_duration = true, .width_px = 1280, .height_px = 720};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &run, &status))
        return status;
    if (!run.world.file) {
        fprintf(stderr,
                app_say("jingwei run: which FILE? A scene .lua or a map, for example scenes/xiongan.lua\n"));
        return APP_BAD_INPUT;
    }
    app_catch_signals();
    status = check_options(&run);
    app_world app;
    if (status == APP_OK)
        status = app_world_open(&run.world, &app);
    if (status != APP_OK)
        return status;
    if (!run.has_until)
        set_usual_end(&run, &app);
    status = run_world(&run, &app);
    app_world_close(&app);
    return status;
}
