/* A world on a thread of its own.
 *
 * The main thread sets wishes under one mutex; the simulation thread looks at them between steps. The world
 * itself is touched by the simulation thread alone, except for a fork, for which the main thread asks it to
 * stand still. Frames go out through a three-way exchange, so neither side waits for the other. */
#include "record/record.h"
#include "record/session_stops.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#define WATCHES_MAX      16
#define FRAME_INTERVAL_S (1.0 / 60)

typedef struct kept_snapshot {
    int64_t time_ns;
    uint8_t *bytes;
    size_t size;
} kept_snapshot;

typedef struct future_entry {
    jw_log_entry entry;
    void *blob;
} future_entry;

struct jw_session {
    jw_city *city;
    jw_module_entry *extra;
    uint32_t extra_count;
    jw_world *world; /* simulation thread's, or whoever holds it by `standing` */
    jw_frame_exchange *exchange;
    uint64_t snapshot_budget;
    int64_t snapshot_interval_ns;

    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wish_changed, stood_still;
    bool has_thread;
    /* under the mutex */
    double speed; /* 0 paused, < 0 unbounded */
    uint32_t steps_wanted;
    jw_break wanted_stops[JW_BREAKS_MAX];
    uint32_t wanted_stop_count;
    int wanted_threads; /* 0: as they are */
    uint64_t wanted_budget;
    bool stops_changed, ends_seek;
    bool is_quitting, has_seek, wants_standing, is_standing, is_busy;
    int64_t seek_ns;
    jw_watch watches[WATCHES_MAX];
    uint32_t watch_count;
    bool watches_changed, has_branched;
    jw_session_status status;

    /* simulation thread's own */
    kept_snapshot *snapshots;
    uint32_t snapshot_count, snapshot_capacity;
    uint64_t snapshot_bytes;
    future_entry *future; /* commands that a rewound world will meet again, by step */
    uint32_t future_count, future_next, future_capacity;
    session_stops stops;
    double last_frame_s;
    int64_t shown_ns; /* time of the newest frame */
};

/* ---- snapshots
 * --------------------------------------------------------------------------------------------- */

static void drop_snapshot(jw_session *session, uint32_t index)
{
    session->snapshot_bytes -= session->snapshots[index].size;
    jw_free(session->snapshots[index].bytes);
    memmove(&session->snapshots[index], &session->snapshots[index + 1],
            (session->snapshot_count - index - 1) * sizeof *session->snapshots);
    session->snapshot_count--;
}

/* Over the budget every second one goes, the first and the newest stay: the further back, the coarser. */
static void thin_snapshots(jw_session *session)
{
    while (session->snapshot_bytes > session->snapshot_budget && session->snapshot_count > 2) {
        uint32_t before = session->snapshot_count;
        for (uint32_t i = 1; i + 1 < session->snapshot_count; i++)
            drop_snapshot(session, i);
        if (session->snapshot_count == before)
            break;
    }
}

static void keep_snapshot(jw_session *session)
{
    int64_t now_ns = jw_world_time_ns(session->world);
    if (session->snapshot_count &&
        session->snapshots[session->snapshot_count - 1].time_ns > now_ns - session->snapshot_interval_ns)
        return; /* not yet, or a rewound world that passes its own past again */
    jw_writer writer = {0};
    if (jw_world_save(session->world, &writer, NULL) != JW_OK ||
        jw_grow(&session->snapshots, &session->snapshot_capacity, session->snapshot_count + 1ull,
                sizeof *session->snapshots, NULL) != JW_OK) {
        jw_writer_free(&writer); /* going back is coarser then, nothing else */
        return;
    }
    uint8_t *exact = jw_realloc(writer.bytes, writer.capacity, writer.size); /* it grew by doubling */
    writer.bytes = exact ? exact : writer.bytes;
    session->snapshots[session->snapshot_count++] = (kept_snapshot){now_ns, writer.bytes, writer.size};
    session->snapshot_bytes += writer.size;
    thin_snapshots(session);
}

/* ---- going back
 * -------------------------------------------------------------------------------------------- */

static void forget_future(jw_session *session)
{
    for (uint32_t i = 0; i < session->future_count; i++)
        jw_free(session->future[i].blob);
    session->future_count = session->future_next = 0;
}

static jw_result add_future(jw_session *session, const jw_log_entry *entry)
{
    void *blob = entry->command.blob_size ? jw_alloc(entry->command.blob_size) : NULL;
    if ((entry->command.blob_size && !blob) ||
        jw_grow(&session->future, &session->future_capacity, session->future_count + 1ull,
                sizeof *session->future, NULL) != JW_OK) {
        jw_free(blob);
        return JW_ERROR_MEMORY;
    }
    if (blob)
        memcpy(blob, entry->command.blob, entry->command.blob_size);
    future_entry *kept = &session->future[session->future_count++];
    *kept = (future_entry){*entry, blob};
    kept->entry.command.blob = blob;
    return JW_OK;
}

/* Keeps the log's external commands after `step`, and behind them what was kept already and is not yet met
 * again. On failure nothing is changed. */
static jw_result remember_future(jw_session *session, uint64_t step)
{
    const jw_world *world = session->world;
    jw_session fresh = {0};
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < jw_world_log_count(world) && result == JW_OK; i++) {
        jw_log_entry entry = jw_world_log_entry(world, i);
        if (entry.source == JW_FROM_OUTSIDE && entry.step > step)
            result = add_future(&fresh, &entry);
    }
    for (uint32_t i = session->future_next; i < session->future_count && result == JW_OK; i++)
        result = add_future(&fresh, &session->future[i].entry);
    jw_session *given_up = result == JW_OK ? session : &fresh;
    forget_future(given_up);
    jw_free(given_up->future);
    if (result == JW_OK) {
        session->future = fresh.future;
        session->future_count = fresh.future_count;
        session->future_capacity = fresh.future_capacity;
    }
    return result;
}

/* Hands the next step the commands it had when it was first run. */
static jw_result feed_future(jw_session *session, jw_error *error)
{
    uint64_t next_step = jw_world_step_number(session->world) + 1;
    while (session->future_next < session->future_count) {
        const jw_log_entry *entry = &session->future[session->future_next].entry;
        if (entry->step > next_step)
            break;
        session->future_next++;
        if (entry->step < next_step)
            continue;
        jw_result result = jw_world_replay(session->world, entry, 1, error);
        if (result != JW_OK)
            return result;
    }
    return JW_OK;
}

/* A new command in a rewound world: what came after this moment will not be, neither its commands nor its
 * snapshots. */
static void branch(jw_session *session)
{
    pthread_mutex_lock(&session->mutex);
    bool has_branched = session->has_branched;
    session->has_branched = false;
    pthread_mutex_unlock(&session->mutex);
    if (!has_branched)
        return;
    forget_future(session);
    while (session->snapshot_count &&
           session->snapshots[session->snapshot_count - 1].time_ns > jw_world_time_ns(session->world))
        drop_snapshot(session, session->snapshot_count - 1);
}

static void publish(jw_session *session, bool is_forced);

/* For maps of flow, delay and the like, so that they are there when somebody asks. Without memory for it they
 * say that nothing is known. */
static void measure_streets(jw_session *session)
{
    jw_traffic_measure_intervals(jw_world_state(session->world, JW_TWIN_TRAFFIC), true, NULL);
}

static jw_result step_world(jw_session *session, jw_error *error)
{
    branch(session);
    jw_result result = feed_future(session, error);
    if (result == JW_OK)
        result = jw_world_step(session->world, error);
    if (result == JW_OK)
        keep_snapshot(session);
    return result;
}

static bool wants_to_stop(jw_session *session)
{
    pthread_mutex_lock(&session->mutex);
    bool is_stopping = session->is_quitting || session->has_seek || session->ends_seek;
    pthread_mutex_unlock(&session->mutex);
    return is_stopping;
}

static jw_result seek(jw_session *session, int64_t target_ns, jw_error *error)
{
    branch(session);
    if (target_ns < jw_world_time_ns(session->world)) {
        uint32_t best = 0;
        for (uint32_t i = 1; i < session->snapshot_count; i++)
            if (session->snapshots[i].time_ns <= target_ns)
                best = i;
        if (session->snapshot_count == 0)
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no earlier moment to go back to");
        int64_t dt_ns = jw_world_dt_ns(session->world);
        uint64_t step =
            (uint64_t)((session->snapshots[best].time_ns - jw_world_start_time_ns(session->world) +
                        jw_world_warm_ns(session->world)) /
                       dt_ns);
        jw_result result = remember_future(session, step);
        if (result != JW_OK)
            return jw_fail_memory(error);
        result = jw_world_restore(session->world, session->snapshots[best].bytes,
                                  session->snapshots[best].size, error);
        if (result == JW_OK)
            result = jw_twin_keep_examples(session->world, error);
        if (result != JW_OK)
            return result;
        measure_streets(session);
    }
    pthread_mutex_lock(&session->mutex);
    session->status.seek_from_ns = jw_world_time_ns(session->world);
    pthread_mutex_unlock(&session->mutex);
    while (jw_world_time_ns(session->world) < target_ns && !wants_to_stop(session)) {
        jw_result result = step_world(session, error);
        if (result != JW_OK)
            return result;
        publish(session, false);
    }
    return JW_OK;
}

/* ---- the thread
 * -------------------------------------------------------------------------------------------- */

static void publish(jw_session *session, bool is_forced)
{
    double now_s = jw_clock_seconds();
    if (!is_forced && now_s - session->last_frame_s < FRAME_INTERVAL_S)
        return;
    jw_watch watches[WATCHES_MAX];
    pthread_mutex_lock(&session->mutex);
    uint32_t count = session->watch_count;
    memcpy(watches, session->watches, count * sizeof watches[0]);
    session->watches_changed = false;
    session->status.time_ns = jw_world_time_ns(session->world);
    session->status.earliest_ns =
        session->snapshot_count ? session->snapshots[0].time_ns : session->status.time_ns;
    pthread_mutex_unlock(&session->mutex);
    jw_frame *frame = jw_frame_exchange_begin(session->exchange);
    if (jw_twin_fill_frame(session->world, watches, count, frame, NULL) == JW_OK)
        jw_frame_exchange_publish(session->exchange);
    session->last_frame_s = now_s;
    session->shown_ns = jw_world_time_ns(session->world);
}

static void stop_with(jw_session *session, const jw_error *error)
{
    pthread_mutex_lock(&session->mutex);
    session->status.has_failed = true;
    session->status.error = *error;
    session->speed = 0;
    session->steps_wanted = 0;
    pthread_mutex_unlock(&session->mutex);
}

/* Waits until there is something to do; false to quit. Copies the wish. */
static bool wait_for_wish(jw_session *session, double *speed, uint32_t *steps, bool *has_seek,
                          int64_t *seek_ns)
{
    pthread_mutex_lock(&session->mutex);
    session->is_busy = false;
    while (!session->is_quitting) {
        if (session->wants_standing) {
            session->is_standing = true;
            pthread_cond_signal(&session->stood_still);
        } else if (session->speed != 0 || session->steps_wanted || session->has_seek ||
                   session->watches_changed || session->shown_ns != jw_world_time_ns(session->world)) {
            break; /* at rest the newest frame is of this very moment */
        }
        pthread_cond_wait(&session->wish_changed, &session->mutex);
    }
    session->is_busy = true;
    *speed = session->speed;
    *steps = session->steps_wanted;
    *has_seek = session->has_seek;
    *seek_ns = session->seek_ns;
    session->has_seek = session->ends_seek = false;
    session->status.is_seeking = *has_seek;
    session->status.seek_to_ns = *seek_ns;
    if (session->stops_changed)
        session_stops_set(&session->stops, session->wanted_stops, session->wanted_stop_count);
    session->stops_changed = false;
    if (session->wanted_threads)
        jw_world_set_threads(session->world, session->wanted_threads);
    session->wanted_threads = 0;
    session->snapshot_budget = session->wanted_budget;
    thin_snapshots(session);
    bool is_running = !session->is_quitting;
    pthread_mutex_unlock(&session->mutex);
    return is_running;
}

/* The world pauses where a step has met a stop. */
static void stop_here(jw_session *session, uint32_t id)
{
    pthread_mutex_lock(&session->mutex);
    session->speed = 0;
    session->steps_wanted = 0;
    session->status.stop_id = id;
    session->status.stop_count++;
    pthread_mutex_unlock(&session->mutex);
}

static void sleep_s(double seconds)
{
    struct timespec pause = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&pause, NULL);
}

static void *run_session(void *context)
{
    jw_session *session = context;
    double speed, pace_from_s = 0, pace_speed = 0, measure_from_s = 0;
    int64_t pace_from_ns = 0, measure_from_ns = 0, seek_ns;
    uint32_t steps;
    bool has_seek;
    jw_thread_give_way(); /* the window must answer while this thread has always something to do */
    publish(session, true);
    while (wait_for_wish(session, &speed, &steps, &has_seek, &seek_ns)) {
        jw_error error = {0};
        jw_result result = JW_OK;
        if (has_seek) {
            result = seek(session, seek_ns, &error);
            session_stops_sync(&session->stops, session->world);
            pace_speed = 0;
        } else if (speed != 0 || steps) {
            result = step_world(session, &error);
            uint32_t met = session_stops_check(&session->stops, session->world);
            if (result == JW_OK && speed != 0 && met) {
                stop_here(session, met);
                speed = 0;
            }
        }
        if (result != JW_OK)
            stop_with(session, &error);
        publish(session, speed == 0 || result != JW_OK);
        double now_s = jw_clock_seconds();
        int64_t now_ns = jw_world_time_ns(session->world);
        pthread_mutex_lock(&session->mutex);
        session->status.is_seeking = false;
        session->steps_wanted -= steps && session->steps_wanted && !has_seek;
        if (now_s - measure_from_s > 0.5) {
            session->status.reached_speed = jw_s_from_ns(now_ns - measure_from_ns) / (now_s - measure_from_s);
            measure_from_s = now_s;
            measure_from_ns = now_ns;
        }
        pthread_mutex_unlock(&session->mutex);
        if (speed > 0) {
            /* Pace against the wall from where this speed began; a world that cannot keep up does not catch
             * up. */
            double due_s = pace_from_s + jw_s_from_ns(now_ns - pace_from_ns) / speed;
            if (pace_speed != speed || due_s < now_s - 0.25) {
                pace_from_s = now_s;
                pace_from_ns = now_ns;
                pace_speed = speed;
            } else if (due_s > now_s) {
                sleep_s(jw_min(due_s - now_s, 0.05));
                while (!wants_to_stop(session) && jw_clock_seconds() < due_s) {
                    pthread_mutex_lock(&session->mutex);
                    bool is_same =
                        session->speed == speed && !session->wants_standing && !session->watches_changed;
                    pthread_mutex_unlock(&session->mutex);
                    if (!is_same)
                        break;
                    sleep_s(jw_min(due_s - jw_clock_seconds() > 0 ? due_s - jw_clock_seconds() : 0, 0.05));
                }
            }
        } else {
            pace_speed = 0;
        }
    }
    return NULL;
}

/* ---- the door
 * ---------------------------------------------------------------------------------------------- */

jw_result jw_session_create(const jw_session_def *def, jw_session **out, jw_error *error)
{
    *out = NULL;
    jw_session *session = jw_alloc(sizeof *session);
    jw_module_entry *extra = jw_alloc((def->extra_count + 1) * sizeof *extra);
    jw_result result = session && extra ? JW_OK : jw_fail_memory(error);
    if (result == JW_OK)
        result = jw_twin_keep_examples(def->world, error);
    if (result == JW_OK)
        result = jw_frame_exchange_create(&session->exchange, error);
    if (result != JW_OK) {
        jw_free(session);
        jw_free(extra);
        return result;
    }
    for (uint32_t i = 0; i < def->extra_count; i++)
        extra[i] = (jw_module_entry){def->extra[i].module, NULL};
    session->city = jw_city_retain(def->city);
    session->extra = extra;
    session->extra_count = def->extra_count;
    session->world = def->world;
    session->snapshot_budget = def->snapshot_budget_bytes ? def->snapshot_budget_bytes : (uint64_t)1 << 30;
    session->wanted_budget = session->snapshot_budget;
    session->snapshot_interval_ns =
        jw_ns_from_s(def->snapshot_interval_s > 0 ? def->snapshot_interval_s : 60);
    pthread_mutex_init(&session->mutex, NULL);
    pthread_cond_init(&session->wish_changed, NULL);
    pthread_cond_init(&session->stood_still, NULL);
    measure_streets(session);
    keep_snapshot(session);
    session_stops_sync(&session->stops, session->world);
    session->status.time_ns = session->status.earliest_ns = jw_world_time_ns(session->world);
    session->status.dt_ns = jw_world_dt_ns(session->world);
    if (pthread_create(&session->thread, NULL, run_session, session) != 0) {
        session->world = NULL; /* stays the caller's */
        jw_session_destroy(session);
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "no thread could be started for the simulation");
    }
    session->has_thread = true;
    *out = session;
    return JW_OK;
}

void jw_session_destroy(jw_session *session)
{
    if (!session)
        return;
    if (session->has_thread) {
        pthread_mutex_lock(&session->mutex);
        session->is_quitting = true;
        pthread_cond_signal(&session->wish_changed);
        pthread_mutex_unlock(&session->mutex);
        pthread_join(session->thread, NULL);
    }
    while (session->snapshot_count)
        drop_snapshot(session, session->snapshot_count - 1);
    jw_free(session->snapshots);
    forget_future(session);
    jw_free(session->future);
    session_stops_free(&session->stops);
    jw_world_destroy(session->world);
    jw_city_release(session->city);
    jw_frame_exchange_destroy(session->exchange);
    pthread_cond_destroy(&session->stood_still);
    pthread_cond_destroy(&session->wish_changed);
    pthread_mutex_destroy(&session->mutex);
    jw_free(session->extra);
    jw_free(session);
}

/* The simulation thread ends its step and waits, so that the main thread may look at the world itself. */
static void stand_still(jw_session *session)
{
    pthread_mutex_lock(&session->mutex);
    session->wants_standing = true;
    session->is_standing = false;
    pthread_cond_signal(&session->wish_changed);
    while (!session->is_standing)
        pthread_cond_wait(&session->stood_still, &session->mutex);
    pthread_mutex_unlock(&session->mutex);
}

static void go_on(jw_session *session)
{
    pthread_mutex_lock(&session->mutex);
    session->wants_standing = session->is_standing = false;
    pthread_cond_signal(&session->wish_changed);
    pthread_mutex_unlock(&session->mutex);
}

uint64_t jw_session_hash(jw_session *session)
{
    stand_still(session);
    uint64_t hash = jw_world_hash(session->world);
    go_on(session);
    return hash;
}

/* A fork of a rewound world meets the commands that its original will meet. */
static jw_result copy_future(const jw_session *from, jw_session *to)
{
    for (uint32_t i = from->future_next; i < from->future_count; i++) {
        jw_result result = add_future(to, &from->future[i].entry);
        if (result != JW_OK)
            return result;
    }
    return JW_OK;
}

jw_result jw_session_fork(jw_session *session, jw_session **out, jw_error *error)
{
    *out = NULL;
    stand_still(session);
    branch(session);
    jw_writer writer = {0};
    jw_world *fork = NULL;
    jw_result result = jw_world_save(session->world, &writer, error);
    if (result == JW_OK)
        result = jw_twin_create_from_snapshot(session->city, session->extra, session->extra_count,
                                              jw_world_threads(session->world), writer.bytes, writer.size,
                                              &fork, error);
    jw_writer_free(&writer);
    jw_session_def def = {.city = session->city,
                          .extra = session->extra,
                          .extra_count = session->extra_count,
                          .world = fork,
                          .snapshot_budget_bytes = session->snapshot_budget,
                          .snapshot_interval_s = jw_s_from_ns(session->snapshot_interval_ns)};
    if (result == JW_OK && (result = jw_session_create(&def, out, error)) != JW_OK)
        jw_world_destroy(fork);
    if (result == JW_OK && copy_future(session, *out) != JW_OK) {
        jw_session_destroy(*out);
        *out = NULL;
        result = jw_fail_memory(error);
    }
    go_on(session);
    return result;
}

static void wish(jw_session *session)
{
    pthread_cond_signal(&session->wish_changed);
    pthread_mutex_unlock(&session->mutex);
}

void jw_session_play(jw_session *session, double speed)
{
    pthread_mutex_lock(&session->mutex);
    session->speed = session->status.has_failed ? 0 : speed;
    session->steps_wanted = 0;
    wish(session);
}

void jw_session_step(jw_session *session, uint32_t steps)
{
    pthread_mutex_lock(&session->mutex);
    session->speed = 0;
    session->steps_wanted = session->status.has_failed ? 0 : steps;
    wish(session);
}

void jw_session_seek(jw_session *session, int64_t time_ns)
{
    pthread_mutex_lock(&session->mutex);
    session->speed = 0;
    session->steps_wanted = 0;
    session->has_seek = true;
    session->seek_ns = time_ns;
    session->status.has_failed = false; /* an earlier moment may be fine */
    wish(session);
}

void jw_session_end_seek(jw_session *session)
{
    pthread_mutex_lock(&session->mutex);
    session->has_seek = false;
    session->ends_seek = true;
    wish(session);
}

void jw_session_set_threads(jw_session *session, int threads)
{
    pthread_mutex_lock(&session->mutex);
    session->wanted_threads = threads;
    wish(session);
}

void jw_session_set_snapshot_budget(jw_session *session, uint64_t bytes)
{
    pthread_mutex_lock(&session->mutex);
    session->wanted_budget = bytes;
    wish(session);
}

void jw_session_set_breaks(jw_session *session, const jw_break *stops, uint32_t count)
{
    pthread_mutex_lock(&session->mutex);
    session->wanted_stop_count = count < JW_BREAKS_MAX ? count : JW_BREAKS_MAX;
    if (session->wanted_stop_count)
        memcpy(session->wanted_stops, stops, session->wanted_stop_count * sizeof *stops);
    session->stops_changed = true;
    wish(session);
}

jw_result jw_session_post(jw_session *session, const jw_command *command, jw_error *error)
{
    jw_result result = jw_world_check_command(session->world, command, error);
    if (result != JW_OK)
        return result;
    pthread_mutex_lock(&session->mutex);
    session->has_branched = true;
    pthread_mutex_unlock(&session->mutex);
    return jw_world_post(session->world, command, error);
}

void jw_session_watch(jw_session *session, const jw_watch *watches, uint32_t count)
{
    pthread_mutex_lock(&session->mutex);
    session->watch_count = count < WATCHES_MAX ? count : WATCHES_MAX;
    if (session->watch_count)
        memcpy(session->watches, watches, session->watch_count * sizeof *watches);
    session->watches_changed = true;
    wish(session);
}

const jw_frame *jw_session_frame(jw_session *session, bool *is_new)
{
    return jw_frame_exchange_take(session->exchange, is_new);
}

jw_session_status jw_session_state(jw_session *session)
{
    pthread_mutex_lock(&session->mutex);
    jw_session_status status = session->status;
    status.speed = session->speed;
    status.is_seeking |= session->has_seek;
    status.is_running =
        session->speed != 0 || session->steps_wanted > 0 || session->has_seek || session->is_busy;
    pthread_mutex_unlock(&session->mutex);
    return status;
}
