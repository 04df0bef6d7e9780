/* How many pictures the window draws while the world runs at real time, and how soon it answers. */
#include "ui/ui_state.h"

#include <GL/glew.h>
#include <SDL2/SDL.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FILL_LIMIT_S 600.0 /* on the wall clock, until the wished vehicles run */

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static jw_result load(jw_ui *ui, const char *file, jw_error *error)
{
    jw_result result = JW_OK;
    ui_open_file(ui, file);
    while (ui->load && result == JW_OK)
        result = ui_turn(ui, error);
    if (result == JW_OK && !ui->city) {
        *error = ui->dialog;
        return ui->dialog.code ? ui->dialog.code : JW_ERROR_STATE;
    }
    return result;
}

static void set_demand(jw_ui *ui, double factor)
{
    jw_command demand = jw_command_make("set_demand_factor");
    jw_command_number(&demand, "factor", factor);
    ui_post(ui, &demand);
}

/* As fast as can be until so many vehicles run; then at real time. */
static jw_result fill(jw_ui *ui, uint32_t vehicles, jw_error *error)
{
    double begin_s = jw_clock_seconds();
    jw_result result = JW_OK;
    set_demand(ui, 6);
    ui_set_speed(ui, UI_UNBOUNDED);
    ui_play(ui, true);
    while (result == JW_OK && jw_frame_driving_count(&ui->sides[0].newer) < vehicles) {
        result = ui_turn(ui, error);
        if (jw_clock_seconds() - begin_s > FILL_LIMIT_S)
            return jw_fail(error, JW_ERROR_LIMIT, NULL, 0,
                           "only %u of %u vehicles run after %g s: ask for fewer",
                           jw_frame_driving_count(&ui->sides[0].newer), vehicles, FILL_LIMIT_S);
    }
    set_demand(ui, 1);
    ui_set_speed(ui, 1);
    return result;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static jw_result measure(jw_ui *ui, jw_ui_bench_view *out, uint32_t frames, jw_error *error)
{
    jw_result result = JW_OK;
    double begin_s = 0, begin_cpu_s = 0, last_s = 0;
    double *frame_ms = jw_alloc(frames * sizeof *frame_ms);
    if (!frame_ms)
        return jw_fail_memory(error);
    for (uint32_t i = 0; i < frames + 5 && result == JW_OK; i++) {
        if (i == 5) { /* the first ones settle panels and buffers */
            glFinish();
            begin_s = last_s = jw_clock_seconds();
            begin_cpu_s = processor_seconds();
        }
        ui_take_frames(ui);
        result = ui_draw(ui, error);
        jw_view_window_swap(ui->window);
        glFinish();
        double now_s = jw_clock_seconds();
        if (i >= 5)
            frame_ms[i - 5] = (now_s - last_s) * 1e3;
        last_s = now_s;
    }
    qsort(frame_ms, frames, sizeof *frame_ms, compare_doubles);
    out->median_ms = frame_ms[frames / 2];
    out->p90_ms = frame_ms[frames * 9 / 10];
    out->p95_ms = frame_ms[frames * 95 / 100];
    out->p99_ms = frame_ms[frames * 99 / 100];
    out->longest_ms = frame_ms[frames - 1];
    jw_free(frame_ms);
    jw_view_counters counters = jw_view_get_counters(ui->view);
    out->frames_per_s = frames / (jw_clock_seconds() - begin_s);
    out->processor_ms = (processor_seconds() - begin_cpu_s) * 1e3 / frames;
    out->triangles = counters.triangles;
    out->draw_calls = counters.draw_calls;
    out->vehicles_drawn = counters.vehicles_drawn;
    return result;
}

/* Over the busiest place: where the mean vehicle is, and down into a street there. */
static void look_down(jw_ui *ui, double distance_m, double pitch_rad)
{
    const jw_frame *frame = &ui->sides[0].newer;
    const jw_frame_edge *busiest = NULL;
    uint32_t edge = 0;
    for (uint32_t i = 0; i < frame->edge_count; i++)
        if (!busiest || frame->edges[i].vehicles > busiest->vehicles) {
            busiest = &frame->edges[i];
            edge = i;
        }
    const jw_edge *e = &ui->city->edges[edge];
    jw_vec3 at = ui->city->points[e->first_point + e->point_count - 1];
    ui->flight_begin_s = 0;
    ui->camera = (jw_camera){
        .x_m = at.x, .y_m = at.y, .distance_m = distance_m, .heading_rad = 1.9, .pitch_rad = pitch_rad};
}

/* ---- from an event to its picture ------------------------------------------------------------------- */

#define LEAST_WAIT_MS 20 /* between two events: drawn evenly from these */
#define MOST_WAIT_MS  140

/* A hand that moves the mouse at times that have nothing to do with the pictures'. */
typedef struct hand {
    uint32_t window_id, random_state;
    pthread_t thread;
    pthread_mutex_t mutex;
    /* under the mutex */
    bool is_done, waits; /* an event was posted and no picture has shown it */
    double posted_s;
} hand;

static void *move_mouse(void *context)
{
    hand *h = context;
    for (int i = 0;; i++) {
        h->random_state = h->random_state * 1664525u + 1013904223u;
        SDL_Delay(LEAST_WAIT_MS + (h->random_state >> 16) % (MOST_WAIT_MS - LEAST_WAIT_MS));
        pthread_mutex_lock(&h->mutex);
        bool is_done = h->is_done;
        if (!is_done && !h->waits) {
            SDL_Event event = {.motion = {.type = SDL_MOUSEMOTION,
                                          .windowID = h->window_id,
                                          .x = 400 + i % 100,
                                          .y = 200 + i % 70}};
            h->posted_s = jw_clock_seconds();
            h->waits = SDL_PushEvent(&event) == 1;
        }
        pthread_mutex_unlock(&h->mutex);
        if (is_done)
            return NULL;
    }
}

/* Whether the picture that was just swapped is the first to show what was posted. */
static bool has_shown(hand *h, double *latency_ms)
{
    SDL_Event kept;
    pthread_mutex_lock(&h->mutex);
    bool is_shown =
        h->waits && SDL_PeepEvents(&kept, 1, SDL_PEEKEVENT, SDL_MOUSEMOTION, SDL_MOUSEMOTION) == 0;
    if (is_shown) {
        *latency_ms = (jw_clock_seconds() - h->posted_s) * 1e3;
        h->waits = false;
    }
    pthread_mutex_unlock(&h->mutex);
    return is_shown;
}

/* Opens the file again whenever it is there, when it is asked to; else only turns. */
static jw_result measure_latency(jw_ui *ui, const char *loads, jw_ui_bench_latency *out, jw_error *error)
{
    double latency_ms[JW_UI_BENCH_EVENTS], worst_turn_s = 0;
    hand h = {.window_id = SDL_GetWindowID(jw_view_window_sdl(ui->window)), .random_state = 7};
    jw_result result = JW_OK;
    pthread_mutex_init(&h.mutex, NULL);
    if (pthread_create(&h.thread, NULL, move_mouse, &h) != 0)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "no thread could be started for the events");
    /* As a window that is seen: it sleeps until an event comes. */
    bool was_hidden = ui->is_hidden;
    ui->is_hidden = false;
    while (out->events < JW_UI_BENCH_EVENTS && result == JW_OK) {
        if (loads && !ui->load)
            ui_open_file(ui, loads);
        uint64_t pictures = ui->picture_count;
        result = ui_turn(ui, error);
        glFinish();
        worst_turn_s = jw_max(worst_turn_s, jw_clock_seconds() - ui->awake_s);
        if (ui->picture_count != pictures && has_shown(&h, &latency_ms[out->events]))
            out->events++;
    }
    ui->is_hidden = was_hidden;
    pthread_mutex_lock(&h.mutex);
    h.is_done = true;
    pthread_mutex_unlock(&h.mutex);
    pthread_join(h.thread, NULL);
    pthread_mutex_destroy(&h.mutex);
    qsort(latency_ms, out->events, sizeof *latency_ms, compare_doubles);
    if (out->events > 0) {
        out->median_ms = latency_ms[out->events / 2];
        out->p95_ms = latency_ms[out->events * 95 / 100];
        out->longest_ms = latency_ms[out->events - 1];
    }
    out->longest_turn_ms = worst_turn_s * 1e3;
    return result;
}

static jw_result measure_latencies(jw_ui *ui, const char *file, jw_ui_bench_result *out, jw_error *error)
{
    static const char *const names[JW_UI_BENCH_LATENCIES] = {"at real time", "as fast as can be", "loading"};
    jw_result result = JW_OK;
    ui_camera_home(ui, true);
    for (uint32_t i = 0; i < JW_UI_BENCH_LATENCIES && result == JW_OK; i++) {
        ui_set_speed(ui, i == 1 ? UI_UNBOUNDED : 1);
        ui_play(ui, true);
        out->latencies[i].name = names[i];
        result = measure_latency(ui, i == 2 ? file : NULL, &out->latencies[i], error);
    }
    return result;
}

jw_result jw_ui_bench(const jw_ui_def *def, uint32_t vehicles, uint32_t frames, jw_ui_bench_result *out,
                      jw_error *error)
{
    static const char *const names[JW_UI_BENCH_VIEWS] = {"whole city", "quarter", "street"};
    jw_ui *ui;
    *out = (jw_ui_bench_result){0};
    jw_result result = ui_open(def, true, &ui, error);
    if (result != JW_OK)
        return result;
    result = load(ui, def->file, error);
    if (result == JW_OK)
        result = fill(ui, vehicles, error);
    if (result == JW_OK) {
        static const char *const tiers[] = {"auto", "software", "laptop", "gpu"};
        snprintf(out->drawn_by, sizeof out->drawn_by, "%s, tier %s", jw_view_window_renderer(ui->window),
                 tiers[jw_view_get_tier(ui->view)]);
    }
    for (uint32_t i = 0; i < JW_UI_BENCH_VIEWS && result == JW_OK; i++) {
        if (i == 0)
            ui_camera_home(ui, true);
        else
            look_down(ui, i == 1 ? 1500 : 160, i == 1 ? 0.7 : 0.3);
        out->views[i].name = names[i];
        result = measure(ui, &out->views[i], frames, error);
    }
    out->vehicles = ui->side_count ? jw_frame_driving_count(&ui->sides[0].newer) : 0;
    out->reached_speed = ui->sides[0].status.reached_speed;
    if (result == JW_OK)
        result = measure_latencies(ui, def->file, out, error);
    ui_close(ui);
    return result;
}
