/* jingwei bench: our own speed, as counts and ratios, measured now on this machine. */
#include "app/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef JW_HAS_VIEW
#include "ui/ui.h"
#endif

#define RUNS 5

typedef struct bench_options {
    const char *name, *file, *list;
    int threads; /* 0: 2 for a scene, 1 for traffic */
    double vehicles, dt_s, warm_s;
    int width_px, height_px;
    double area_km2;
    const char *quality;
} bench_options;

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* "median 12.3 (11.8 .. 12.9) unit" */
static void print_spread(const char *what, double *values, uint32_t count, const char *unit)
{
    qsort(values, count, sizeof *values, compare_doubles);
    app_print_cell(what, -34);
    printf(" %10.4g  (%.4g .. %.4g)  %s\n", values[count / 2], values[0], values[count - 1], app_say(unit));
}

static int bench_events(const bench_options *unused)
{
    (void)unused;
    static const uint32_t pending[] = {1000, 10000, 100000, 1000000};
    for (uint32_t p = 0; p < JW_COUNT_OF(pending); p++) {
        double rates[RUNS];
        for (uint32_t i = 0; i < RUNS; i++) {
            if (jw_kernel_bench_hold(pending[p], 500000, &rates[i]) != JW_OK)
                return APP_FAILED;
            rates[i] /= 1e6;
        }
        char what[64];
        snprintf(what, sizeof what, "events, %u pending", pending[p]);
        print_spread(what, rates, RUNS, "M events/s");
    }
    return APP_OK;
}

/* A scene: load, run until so many vehicles run, then real-time factor and snapshot times. */
static int bench_scene(const bench_options *options)
{
    app_world_def def = {.file = options->file, .threads = options->threads ? options->threads : 2};
    double vehicles = options->vehicles > 0 ? options->vehicles : 30000;
    char path[1024], data[512];
    if (!def.file) {
        if (!jw_data_folder(data, sizeof data))
            return APP_FAILED;
        snprintf(path, sizeof path, "%s/scenes/xiongan.lua", data);
        def.file = path;
    }
    app_world app;
    int status = app_world_open(&def, &app);
    if (status != APP_OK)
        return status;
    app_print_cell("load", -34);
    printf(" %10.4g  s\n", app.load_s);
    jw_error error = {0};
    jw_result result = JW_OK;
    /* The wished number of vehicles is far above a peak hour's: demand is raised until it is there. */
    jw_command demand = jw_command_make("set_demand_factor");
    jw_command_number(&demand, "factor", 6);
    result = jw_world_post(app.world, &demand, &error);
    double begin_s = jw_clock_seconds(), running = 0;
    /* Two hours are enough for any demand to reach its plateau. */
    for (uint32_t i = 0; i < 14400 && result == JW_OK && running < vehicles; i++) {
        result = jw_world_step(app.world, &error);
        jw_world_metric(app.world, "traffic.running", &running);
    }
    app_print_cell("warm-up", -34);
    printf(app_say(" %10.4g  s, to %.0f running vehicles at %02d:%02d\n"), jw_clock_seconds() - begin_s,
           running, (int)(jw_world_time_ns(app.world) / JW_NS_PER_S / 3600),
           (int)(jw_world_time_ns(app.world) / JW_NS_PER_S / 60 % 60));
    double factors[RUNS], saves[RUNS], restores[RUNS], size_mb = 0;
    for (uint32_t run = 0; run < RUNS && result == JW_OK; run++) {
        int64_t from_ns = jw_world_time_ns(app.world);
        begin_s = jw_clock_seconds();
        for (uint32_t i = 0; i < 120 && result == JW_OK; i++)
            result = jw_world_step(app.world, &error);
        factors[run] = jw_s_from_ns(jw_world_time_ns(app.world) - from_ns) / (jw_clock_seconds() - begin_s);
    }
    for (uint32_t run = 0; run < RUNS && result == JW_OK; run++) {
        jw_writer writer = {0};
        begin_s = jw_clock_seconds();
        result = jw_world_save(app.world, &writer, &error);
        saves[run] = jw_clock_seconds() - begin_s;
        begin_s = jw_clock_seconds();
        if (result == JW_OK)
            result = jw_world_restore(app.world, writer.bytes, writer.size, &error);
        restores[run] = jw_clock_seconds() - begin_s;
        size_mb = (double)writer.size / 1e6;
        jw_writer_free(&writer);
    }
    if (result == JW_OK) {
        jw_world_metric(app.world, "traffic.running", &running);
        char what[64];
        snprintf(what, sizeof what, "%.0f vehicles, %d thread%s", running, jw_world_threads(app.world),
                 jw_world_threads(app.world) == 1 ? "" : "s");
        print_spread(what, factors, RUNS, "x real time");
        print_spread("snapshot", saves, RUNS, "s");
        print_spread("restore", restores, RUNS, "s");
        app_print_cell("snapshot size", -34);
        printf(" %10.4g  MB\n", size_mb);
        jw_phase_time times[128];
        uint32_t count = jw_world_phase_times(app.world, times, JW_COUNT_OF(times));
        double total_s = 0;
        for (uint32_t i = 0; i < count; i++)
            total_s += times[i].seconds;
        for (uint32_t i = 0; i < count; i++)
            if (times[i].seconds > 0.01 * total_s)
                printf("  %-32s %9.1f %%\n", times[i].name, 100 * times[i].seconds / total_s);
    }
    app_world_close(&app);
    return result == JW_OK ? APP_OK : app_fail(&error);
}

/* Flows through a fat tree: lightly loaded, nearly full, and all at once; then cost against number. */
static int bench_network(const bench_options *options)
{
    static const struct {
        const char *what, *list;
        jw_network_bench_def def;
    } cases[] = {{"100,000 flows, light load", "light.txt", {100000, 2000, 10e6, NULL}},
                 {"10,000 flows, near saturation", "full.txt", {10000, 6000, 10e6, NULL}},
                 {"5,000 flows at once", "burst.txt", {5000, 0, 10e6, NULL}},
                 {"1,000 flows, light load", NULL, {1000, 2000, 10e6, NULL}},
                 {"10,000 flows, light load", NULL, {10000, 2000, 10e6, NULL}},
                 {"1,000,000 flows, light load", NULL, {1000000, 2000, 10e6, NULL}}};
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++) {
        double rates[RUNS];
        jw_network_bench_result r;
        jw_error error = {0};
        if (options->list && cases[i].list) {
            char path[1024];
            snprintf(path, sizeof path, "%s/%s", options->list, cases[i].list);
            jw_network_bench_def def = cases[i].def;
            def.list_path = path;
            if (jw_network_bench(&def, &r, &error) != JW_OK)
                return app_fail(&error);
        }
        for (uint32_t run = 0; run < RUNS; run++) {
            if (jw_network_bench(&cases[i].def, &r, &error) != JW_OK)
                return app_fail(&error);
            rates[run] = r.flows_per_wall_s / 1e3;
        }
        print_spread(cases[i].what, rates, RUNS, "k flows/s");
        printf(app_say(
                   "  %u at once at most, %.4g bytes a flow, %.4g s to complete in the mean, hash %016llx\n"),
               r.peak_flows, r.bytes_per_flow, r.mean_completion_s, (unsigned long long)r.hash);
    }
    return APP_OK;
}

/* Radio users under masts, by number of both; the city's own density of masts. */
static int bench_radio(const bench_options *options)
{
    static const struct {
        uint32_t users, cells;
    } sizes[] = {{1000, 51}, {10000, 150}, {100000, 501}, {1000000, 5010}};
    int threads = options->threads ? options->threads : 2;
    for (uint32_t i = 0; i < JW_COUNT_OF(sizes); i++) {
        jw_radio_bench_def def = {.users = sizes[i].users, .cells = sizes[i].cells, .threads = threads};
        jw_radio_bench_result r;
        jw_error error = {0};
        if (jw_radio_bench(&def, &r, &error) != JW_OK)
            return app_fail(&error);
        char what[64];
        snprintf(what, sizeof what, "%u users, %u cells, %d thread%s", def.users, def.cells, threads,
                 threads > 1 ? "s" : "");
        print_spread(what, r.real_time_factor, RUNS, "x real time");
        printf(app_say(
                   "  %.4g x while the map is made (%u tiles, %.4g s to begin), %lld handovers, %lld of them "
                   "ping-pongs, %lld failures, hash %016llx\n"),
               r.cold_factor, r.tiles, r.start_s, (long long)r.counts.handovers,
               (long long)r.counts.ping_pongs, (long long)r.counts.radio_failures,
               (unsigned long long)r.hash);
    }
    return APP_OK;
}

/* Requests to a language model by number: those of a trace, replayed until there are so many, or as many
 * drawn ones with the means of the Azure conversation trace of 2023 (lengths and gaps exponential). */
static jw_result draw_requests(uint32_t count, jw_llm_trace *out, jw_error *error)
{
    jw_random_key key = {1, jw_hash_text(0, "bench.serving")};
    jw_result result = jw_grow(&out->requests, &out->capacity, count, sizeof *out->requests, error);
    double time_s = 0;
    for (uint32_t i = 0; i < count && result == JW_OK; i++) {
        out->requests[i] =
            (jw_llm_request){jw_ns_from_s(time_s), 1 + (uint32_t)jw_random_exponential(key, i, 0, 1154),
                             1 + (uint32_t)jw_random_exponential(key, i, 1, 210)};
        time_s += jw_random_exponential(key, i, 2, 1 / 5.5);
    }
    out->count = result == JW_OK ? count : 0;
    return result;
}

static jw_result serve_requests(const bench_options *options, jw_serving_bench_def *def, jw_error *error)
{
    static const uint32_t sizes[] = {1000, 10000, 100000, 1000000};
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < JW_COUNT_OF(sizes) && result == JW_OK; i++) {
        jw_llm_trace trace = {0};
        jw_serving_bench_result r = {0};
        double iterations[RUNS], requests[RUNS];
        result = options->file ? jw_llm_trace_read(options->file, &trace, error)
                               : draw_requests(sizes[i], &trace, error);
        def->trace = &trace;
        def->repeats =
            trace.count > 0 && trace.count < sizes[i] ? (sizes[i] + trace.count - 1) / trace.count : 1;
        for (uint32_t run = 0; run < RUNS && result == JW_OK; run++) {
            result = jw_serving_bench(def, &r, error);
            iterations[run] = (double)r.stats.iterations / r.wall_s / 1e6;
            requests[run] = (double)r.stats.done / r.wall_s / 1e3;
        }
        if (result == JW_OK) {
            char what[64];
            snprintf(what, sizeof what, "%lld requests", (long long)r.stats.done);
            print_spread(what, requests, RUNS, "k requests/s");
            print_spread("  the same", iterations, RUNS, "M iterations/s");
            printf(app_say("  %lld iterations in %.4g s, %.4g bytes a request, hash %016llx\n"),
                   (long long)r.stats.iterations, r.wall_s, r.bytes_per_request, (unsigned long long)r.hash);
        }
        jw_llm_trace_free(&trace);
    }
    return result;
}

/* Llama2-70B on eight instances of eight A100. */
static int bench_serving(const bench_options *options)
{
    jw_twin_def catalogue;
    jw_error error = {0};
    if (jw_twin_def_init(&catalogue, &error) != JW_OK)
        return app_fail(&error);
    jw_serving_bench_def def = {.instances = 8};
    jw_result result = jw_catalogue_read(&catalogue, &error);
    for (uint32_t i = 0; i < catalogue.service_count; i++)
        if (strcmp(catalogue.services[i].id, "llama2-70b") == 0)
            def.service = &catalogue.services[i];
    for (uint32_t i = 0; i < catalogue.card_count; i++)
        if (strcmp(catalogue.cards[i].id, "a100-sxm") == 0)
            def.card = &catalogue.cards[i];
    for (uint32_t i = 0; i < catalogue.timing_count; i++)
        if (strcmp(catalogue.timings[i].card, "a100-sxm") == 0 && catalogue.timings[i].cards == 8)
            def.timing = &catalogue.timings[i];
    if (result == JW_OK && (!def.service || !def.card || !def.timing))
        result = jw_fail(&error, JW_ERROR_NOT_FOUND, NULL, 0,
                         "assets/catalog has no llama2-70b with times on eight a100-sxm");
    if (result == JW_OK)
        result = serve_requests(options, &def, &error);
    jw_twin_def_free(&catalogue);
    return result == JW_OK ? APP_OK : app_fail(&error);
}

/* Traffic alone: that of a scene, or random trips on a grid made for so many vehicles. */
static int bench_traffic(const bench_options *options)
{
    jw_traffic_bench_def def = {.vehicles = (uint32_t)options->vehicles,
                                .threads = options->threads,
                                .dt_s = options->dt_s,
                                .warm_s = options->warm_s};
    app_world app = {0};
    jw_traffic_def traffic;
    if (options->file) {
        app_world_def file = {.file = options->file};
        int status = app_world_open(&file, &app);
        if (status != APP_OK)
            return status;
        traffic = jw_twin_def_traffic(&app.def);
        def.traffic = &traffic;
        def.city = app.def.city;
        def.start_time_ns = app.def.start_time_ns;
        def.dt_s = def.dt_s > 0 ? def.dt_s : jw_s_from_ns(app.def.dt_ns);
    }
    jw_traffic_bench_result r;
    jw_error error = {0};
    jw_result result = jw_traffic_bench(&def, &r, &error);
    if (options->file)
        app_world_close(&app);
    if (result != JW_OK)
        return app_fail(&error);
    char what[64];
    for (uint32_t i = 0; i < RUNS; i++)
        r.updates_per_s[i] /= 1e6;
    snprintf(what, sizeof what, "%u vehicles, %d thread%s", r.vehicles, def.threads > 1 ? def.threads : 1,
             def.threads > 1 ? "s" : "");
    print_spread(what, r.updates_per_s, RUNS, "M vehicle updates/s");
    print_spread("the same", r.real_time_factor, RUNS, "x real time");
    app_print_cell("memory a vehicle", -34);
    printf(app_say(" %10.4g  bytes, %.4g a lane (%u lanes, %u edges)\n"), r.bytes_per_vehicle,
           r.bytes_per_lane, r.lanes, r.edges);
    double total_s = 0;
    for (uint32_t i = 0; i < r.phase_count; i++)
        total_s += r.phases[i].seconds;
    for (uint32_t i = 0; i < r.phase_count; i++)
        if (r.phases[i].seconds > 0.01 * total_s)
            printf("  %-32s %9.1f %%\n", r.phases[i].name, 100 * r.phases[i].seconds / total_s);
    printf(app_say("%lld departed, %lld arrived, %.2f m/s on the way, hash %016llx\n"),
           (long long)r.counts.departed, (long long)r.counts.arrived, r.counts.mean_speed_mps,
           (unsigned long long)r.hash);
    return APP_OK;
}

#ifdef JW_HAS_VIEW
enum { WINDOW_FRAMES = 300 };

/* The window with the world running beside it. */
static int bench_window(const bench_options *options)
{
    char path[1024], data[512];
    jw_ui_def def = {.file = options->file,
                     .threads = options->threads ? options->threads : 1,
                     .language = "en",
                     .width_px = options->width_px ? options->width_px : 960,
                     .height_px = options->height_px ? options->height_px : 540};
    if (!def.file) {
        if (!jw_data_folder(data, sizeof data))
            return APP_FAILED;
        snprintf(path, sizeof path, "%s/scenes/xiongan.lua", data);
        def.file = path;
    }
    jw_ui_bench_result r;
    jw_error error = {0};
    uint32_t vehicles = options->vehicles > 0 ? (uint32_t)options->vehicles : 30000;
    if (jw_ui_bench(&def, vehicles, WINDOW_FRAMES, &r, &error) != JW_OK)
        return app_fail(&error);
    printf(
        app_say(
            "%s\n%u running vehicles, simulated at %.2f x real time, %d x %d pixels, interface included\n"),
        r.drawn_by, r.vehicles, r.reached_speed, def.width_px, def.height_px);
    for (uint32_t i = 0; i < JW_UI_BENCH_VIEWS; i++) {
        const jw_ui_bench_view *v = &r.views[i];
        app_print_cell(v->name, -34);
        printf(
            app_say(" %10.4g  frames/s (median %.1f, 90 %% %.1f, 95 %% %.1f, 99 %% %.1f, longest %.1f ms) "
                    "with %.2f processors: %.4g ms of them a frame (%u triangles, %u calls, %u vehicles)\n"),
            v->frames_per_s, v->median_ms, v->p90_ms, v->p95_ms, v->p99_ms, v->longest_ms,
            v->frames_per_s * v->processor_ms / 1e3, v->processor_ms, v->triangles, v->draw_calls,
            v->vehicles_drawn);
    }
    for (uint32_t i = 0; i < JW_UI_BENCH_LATENCIES; i++) {
        const jw_ui_bench_latency *l = &r.latencies[i];
        char name[64];
        snprintf(name, sizeof name, "event to picture, %s", l->name);
        app_print_cell(name, -34);
        printf(app_say(" %10.4g  ms, median of %u (95 %% %.1f, longest %.1f; longest turn of the loop %.1f "
                       "ms)\n"),
               l->median_ms, l->events, l->p95_ms, l->longest_ms, l->longest_turn_ms);
    }
    return APP_OK;
}
#else
static int bench_window(const bench_options *options)
{
    (void)options;
    printf(app_say("window: this build has none\n"));
    return APP_OK;
}
#endif

static int bench_view(const bench_options *options)
{
    return app_bench_view(options->vehicles > 0 ? (uint32_t)options->vehicles : 100000,
                          options->area_km2 > 0 ? options->area_km2 : 200,
                          options->width_px ? options->width_px : 960,
                          options->height_px ? options->height_px : 540, options->quality);
}

static bool take(void *context, const char *name, const char *value)
{
    bench_options *options = context;
    double number;
    if (!name) {
        if (!options->name) {
            options->name = value;
        } else if (!options->file && strcmp(options->name, "events") != 0 &&
                   strcmp(options->name, "network") != 0 && strcmp(options->name, "radio") != 0) {
            options->file = value;
        } else {
            fprintf(stderr, app_say("jingwei bench: '%s' is one operand too many\n"), value);
            return false;
        }
        return true;
    }
    if (strcmp(name, "help") == 0)
        return true;
    if (strcmp(name, "size") == 0) {
        char end;
        if (sscanf(value, "%5dx%5d%c", &options->width_px, &options->height_px, &end) == 2 &&
            options->width_px >= 64 && options->height_px >= 64)
            return true;
        fprintf(stderr, app_say("jingwei bench: --size %s: pixels, as 960x540\n"), value);
        return false;
    }
    bool is_duration;
    if (strcmp(name, "warm") == 0) {
        if (app_parse_time(value, &options->warm_s, &is_duration) && is_duration)
            return true;
        fprintf(stderr, app_say("jingwei bench: --warm %s: a duration, as 900s or 15min\n"), value);
        return false;
    }
    if (strcmp(name, "list") == 0) {
        options->list = value;
        return true;
    }
    if (strcmp(name, "quality") == 0) {
        options->quality = value;
        if (strcmp(value, "software") == 0 || strcmp(value, "laptop") == 0 || strcmp(value, "gpu") == 0)
            return true;
        fprintf(stderr, app_say("jingwei bench: --quality %s: software, laptop or gpu\n"), value);
        return false;
    }
    if (strcmp(name, "dt") == 0) {
        if (jw_text_to_number(value, &options->dt_s) && options->dt_s >= 0.1 && options->dt_s <= 1)
            return true;
        fprintf(stderr, app_say("jingwei bench: --dt %s: seconds, 0.1 to 1\n"), value);
        return false;
    }
    if (!jw_text_to_number(value, &number) || number < 1 || number > 1e7 || number != jw_floor(number)) {
        fprintf(stderr, app_say("jingwei bench: --%s %s: a whole number from 1 on\n"), name, value);
        return false;
    }
    if (strcmp(name, "area") == 0)
        options->area_km2 = number;
    else if (strcmp(name, "threads") == 0)
        options->threads = (int)jw_min(number, 256);
    else
        options->vehicles = number;
    return true;
}

int app_bench(int argc, char **argv)
{
    static const app_command command = {
        "bench", "[events|network|radio|serving [TRACE]|traffic [FILE]|scene [FILE]|view|window [FILE]]",
        "Measures our own speed: medians of 5 runs with their spread. events: the event queue (hold model); "
        "network: flows\nper second through a fat tree of 512 hosts; radio: users under cells, each updated "
        "every 0.5 s, through a made\ncity; serving: requests to a language model, drawn or a trace's, by "
        "number; "
        "traffic: vehicle "
        "updates per second, random trips on a grid of two-lane streets with signals at every crossing, or "
        "FILE's traffic;\n"
        "scene: load, real-time factor, snapshot and restore of a scene (default scenes/xiongan.lua); "
        "window: "
        "frames per\n"
        "second of the window on a scene that runs at real time beside it, and time from an event to its "
        "picture; "
        "view: the picture alone of a "
        "large "
        "planned\ncity with vehicles that only drive, by height.",
        app_bench};
    static const app_option options[] = {
        {"threads", "N", "threads (default: 1 for traffic and window, 2 for a scene and the radio)"},
        {"vehicles", "N",
         "run up to so many vehicles first (default: traffic 5000, scene and window 30000, view 100000)"},
        {"size", "WxH", "pixels of the window (default 960x540)"},
        {"area", "KM2", "view: of the city, 1 to 200 (default 200)"},
        {"quality", "NAME", "view: software, laptop or gpu (default: measured)"},
        {"list", "FOLDER", "network: write the flows there for tools/simgrid_bench.cpp"},
        {"dt", "SECONDS", "step of traffic, 0.1 to 1 (default: 1, or FILE's own)"},
        {"warm", "TIME", "simulate so much of FILE's traffic before measuring (default 0s)"}};
    bench_options given = {0};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &given, &status))
        return status;
    static int (*const benches[])(const bench_options *) = {bench_events,  bench_network, bench_radio,
                                                            bench_serving, bench_traffic, bench_scene,
                                                            bench_view,    bench_window};
    static const char *const names[] = {"events",  "network", "radio", "serving",
                                        "traffic", "scene",   "view",  "window"};
    bool is_known = !given.name;
    for (uint32_t i = 0; i < JW_COUNT_OF(benches) && status == APP_OK; i++) {
        bool is_meant = given.name && strcmp(given.name, names[i]) == 0;
        is_known |= is_meant;
        if (!given.name || is_meant)
            status = benches[i](&given);
    }
    if (!is_known) {
        fprintf(stderr,
                app_say("jingwei bench: '%s' is no benchmark; events, network, radio, serving, traffic, "
                        "scene, view or "
                        "window\n"),
                given.name);
        return APP_BAD_INPUT;
    }
    return status;
}
