/* From a file to a world and its mesh, on a thread of its own: the window goes on drawing meanwhile. The mesh
 * needs the city alone: it is made on a second thread beside the world. */
#include "ui/ui_state.h"

#include <pthread.h>
#include <string.h>

struct ui_load {
    ui_wish wish;
    jw_scene *scene;
    const jw_city *shown; /* compared, never read */
    jw_city *city;        /* whose model alone is wanted; retained */
    jw_view_mesh_def mesh;
    jw_session *session; /* that is to be forked */
    ui_loaded out;
    pthread_t thread, mesh_thread;
    pthread_mutex_t mutex;
    jw_error mesh_error;
    jw_result mesh_result;
    /* under the mutex */
    double from, to;         /* of the part that runs, without the mesh made beside it */
    double fraction, beside; /* of all but that mesh; of that mesh, as a share of the whole */
    char what[96], mesh_what[96];
    bool is_waiting; /* for that mesh, with nothing else to do */
    bool is_cancelled, is_finished;
};

#define MESH_SHARE 0.4 /* of the whole: the mesh made beside the world */

/* Of the city and its model: all processors, because they give way to the window; the world's are the
 * simulation's. */
static int loading_threads(void)
{
    return jw_processor_count();
}

static bool show_progress(void *context, double fraction, const char *what)
{
    ui_load *load = context;
    pthread_mutex_lock(&load->mutex);
    load->fraction = load->from + (load->to - load->from) * jw_clamp(fraction, 0, 1);
    jw_text_copy(load->what, sizeof load->what, what);
    bool goes_on = !load->is_cancelled;
    pthread_mutex_unlock(&load->mutex);
    return goes_on;
}

static bool show_mesh(void *context, double fraction, const char *what)
{
    ui_load *load = context;
    pthread_mutex_lock(&load->mutex);
    load->beside = MESH_SHARE * jw_clamp(fraction, 0, 1);
    jw_text_copy(load->mesh_what, sizeof load->mesh_what, what);
    bool goes_on = !load->is_cancelled;
    pthread_mutex_unlock(&load->mutex);
    return goes_on;
}

/* The next part takes the whole's progress to `to`. */
static bool begin_part(ui_load *load, double to, const char *what)
{
    pthread_mutex_lock(&load->mutex);
    load->from = load->to;
    load->to = to;
    pthread_mutex_unlock(&load->mutex);
    return show_progress(load, 0, what);
}

static jw_result set_params(jw_scene *scene, const ui_wish *wish, jw_error *error)
{
    jw_result result = wish->scenario[0] ? jw_scene_use_scenario(scene, wish->scenario, error) : JW_OK;
    for (uint32_t i = 0; i < wish->set_count && result == JW_OK; i++) {
        char id[96];
        jw_text_copy(id, sizeof id, wish->set[i]);
        char *equals = strchr(id, '=');
        if (!equals)
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "--set %s: write --set id=value", id);
        *equals = 0;
        result = jw_scene_set(scene, id, equals + 1, error);
    }
    return result;
}

static void *make_mesh(void *context)
{
    ui_load *load = context;
    load->mesh_result =
        jw_view_mesh_build(load->out.city, &load->mesh, show_mesh, load, &load->out.mesh, &load->mesh_error);
    return NULL;
}

static jw_result make_world(ui_load *load, jw_twin_def *def, jw_error *error)
{
    const ui_wish *wish = &load->wish;
    ui_loaded *out = &load->out;
    jw_world *world = NULL;
    jw_result result = jw_scene_make_world(load->scene, def, wish->scenario[0] ? wish->scenario : NULL,
                                           show_progress, load, &world, error);
    if (result != JW_OK)
        return result;
    ui_catalogue_take(def, world, &out->catalogue);
    out->seed = jw_world_seed(world);
    out->start_ns = jw_world_time_ns(world);
    const jw_scenario_text *texts = jw_scenario_texts(world);
    out->has_texts = texts != NULL;
    if (texts)
        out->texts = *texts;
    jw_module_entry entry = {&jw_script_module, NULL};
    jw_session_def session = {.city = out->city,
                              .extra = &entry,
                              .extra_count = 1,
                              .world = world,
                              .snapshot_budget_bytes = wish->snapshot_budget_bytes};
    result = jw_session_create(&session, &out->session, error);
    if (result != JW_OK)
        jw_world_destroy(world);
    return result;
}

static jw_result wait_for_mesh(ui_load *load, jw_result result, jw_error *error)
{
    pthread_mutex_lock(&load->mutex);
    load->is_waiting = true;
    load->fraction = load->to;
    load->is_cancelled = load->is_cancelled || result != JW_OK;
    pthread_mutex_unlock(&load->mutex);
    pthread_join(load->mesh_thread, NULL);
    if (result == JW_OK && load->mesh_result != JW_OK) {
        *error = load->mesh_error;
        return load->mesh_result;
    }
    return result;
}

static jw_result build(ui_load *load, jw_twin_def *def, jw_error *error)
{
    const ui_wish *wish = &load->wish;
    ui_loaded *out = &load->out;
    jw_result result = JW_OK;
    if (!load->scene) {
        begin_part(load, 0.02, "reading the scene");
        result = jw_scene_open(wish->file, &load->scene, &out->problems, error);
    }
    if (result == JW_OK)
        result = set_params(load->scene, wish, error);
    if (result == JW_OK && !begin_part(load, 0.4, "building the city"))
        result = jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
    if (result == JW_OK)
        result =
            jw_scene_build(load->scene, loading_threads(), &out->problems, show_progress, load, def, error);
    if (result != JW_OK)
        return result;
    if (wish->seed)
        def->seed = wish->seed;
    def->threads = wish->threads;
    out->city = jw_city_retain(def->city);
    bool has_mesh = out->city != load->shown;
    load->mesh = (jw_view_mesh_def){.threads = loading_threads(),
                                    .hour = wish->light_hour > 0 ? wish->light_hour
                                                                 : jw_s_from_ns(def->start_time_ns) / 3600,
                                    .day_of_year = def->day_of_year};
    result = ui_build_index(out->city, &out->streets, error);
    if (result != JW_OK)
        return result;
    if (!begin_part(load, has_mesh ? 1 - MESH_SHARE : 1, "making the world"))
        return jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
    if (has_mesh && pthread_create(&load->mesh_thread, NULL, make_mesh, load) != 0)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "no thread could be started for loading");
    result = make_world(load, def, error);
    return has_mesh ? wait_for_mesh(load, result, error) : result;
}

static jw_result build_mesh(ui_load *load, jw_error *error)
{
    begin_part(load, 1, "making the model");
    return jw_view_mesh_build(load->city, &load->mesh, show_progress, load, &load->out.mesh, error);
}

static jw_result fork_world(ui_load *load, jw_error *error)
{
    begin_part(load, 1, "splitting the world");
    jw_result result = jw_session_fork(load->session, &load->out.session, error);
    if (result == JW_OK && !show_progress(load, 1, "splitting the world"))
        result = jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
    return result;
}

static void *run(void *context)
{
    ui_load *load = context;
    jw_thread_give_way(); /* with those it starts, to the pictures of its progress */
    jw_twin_def def = {0};
    jw_error error = {0};
    jw_result result = load->session ? fork_world(load, &error)
                       : load->city  ? build_mesh(load, &error)
                                     : build(load, &def, &error);
    jw_twin_def_free(&def);
    ui_loaded *out = &load->out;
    out->result = result;
    out->error = error;
    out->scene = load->scene;
    pthread_mutex_lock(&load->mutex);
    load->is_finished = true;
    pthread_mutex_unlock(&load->mutex);
    return NULL;
}

/* On failure what it would have owned is let go. */
static jw_result start(ui_load *load, ui_load **out, jw_error *error)
{
    pthread_mutex_init(&load->mutex, NULL);
    if (pthread_create(&load->thread, NULL, run, load) != 0) {
        pthread_mutex_destroy(&load->mutex);
        jw_scene_close(load->scene);
        jw_city_release(load->city);
        jw_free(load);
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "no thread could be started for loading");
    }
    *out = load;
    return JW_OK;
}

jw_result ui_load_start(const ui_wish *wish, jw_scene *scene, const jw_city *shown, ui_load **out,
                        jw_error *error)
{
    *out = NULL;
    ui_load *load = jw_alloc(sizeof *load);
    if (!load) {
        jw_scene_close(scene);
        return jw_fail_memory(error);
    }
    load->wish = *wish;
    load->scene = scene;
    load->shown = shown;
    return start(load, out, error);
}

jw_result ui_load_mesh(jw_city *city, const jw_view_mesh_def *mesh, ui_load **out, jw_error *error)
{
    *out = NULL;
    ui_load *load = jw_alloc(sizeof *load);
    if (!load)
        return jw_fail_memory(error);
    load->city = jw_city_retain(city);
    load->mesh = *mesh;
    load->mesh.threads = loading_threads();
    load->out.is_part = true;
    return start(load, out, error);
}

jw_result ui_load_fork(jw_session *session, ui_load **out, jw_error *error)
{
    *out = NULL;
    ui_load *load = jw_alloc(sizeof *load);
    if (!load)
        return jw_fail_memory(error);
    load->session = session;
    load->out.is_part = true;
    return start(load, out, error);
}

bool ui_load_progress(ui_load *load, double *fraction, char *what, size_t what_size)
{
    pthread_mutex_lock(&load->mutex);
    *fraction = load->fraction + load->beside;
    jw_text_copy(what, what_size, load->is_waiting ? load->mesh_what : load->what);
    bool is_finished = load->is_finished;
    pthread_mutex_unlock(&load->mutex);
    return is_finished;
}

void ui_load_cancel(ui_load *load)
{
    pthread_mutex_lock(&load->mutex);
    load->is_cancelled = true;
    pthread_mutex_unlock(&load->mutex);
}

ui_loaded *ui_load_made(ui_load *load)
{
    pthread_mutex_lock(&load->mutex);
    if (load->is_cancelled && load->out.result == JW_OK)
        load->out.result = jw_fail(&load->out.error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
    pthread_mutex_unlock(&load->mutex);
    return &load->out;
}

void ui_load_finish(ui_load *load, ui_loaded *out)
{
    pthread_join(load->thread, NULL);
    *out = load->out;
    pthread_mutex_destroy(&load->mutex);
    jw_city_release(load->city);
    jw_free(load);
}

void ui_loaded_free(ui_loaded *loaded)
{
    jw_session_destroy(loaded->session);
    jw_view_mesh_destroy(loaded->mesh);
    jw_city_release(loaded->city);
    jw_grid_destroy(loaded->streets);
    jw_scene_close(loaded->scene);
    jw_problems_free(&loaded->problems);
    *loaded = (ui_loaded){0};
}
