/* Cameras that ask, and signals that obey: the picture of a junction goes to a vision service, comes back as
 * counts, and the counts decide the next green.
 *
 * What is decided on is what the camera saw when it took the picture: an answer that travelled long decides
 * on the past. A phase is counted right with the decider's share of right ones (twin_decision.h); one counted
 * wrong is seen as anything between empty and double. A decision is wrong when the rule would have given
 * another green on right counts of that picture. The rule on the counts is max-pressure with the standing
 * queue as pressure (Varaiya, "Max pressure control of a network of signalized intersections", Transportation
 * Research C 36, 2013), with a bonus for the phase that is green, since a change costs lost time, and after
 * the one who has waited too long. No answer within two intervals: the local programme takes over. Signals
 * that a script or a port has taken are left alone. */
#include "twin/twin_internal.h"

#include <stdio.h>
#include <string.h>

enum { EVENT_PICTURE };

/* Vehicles' worth of pressure that a running green is preferred by: about what one lane discharges in the 5 s
 * of amber, all-red and start-up that a change costs. */
#define CHANGE_COST_VEHICLES 2.5

/* Who has stood longer than the longest cycle in use (RiLSA 2010: 120 s) comes first, however few they are: a
 * short lane for left turns never holds enough of them to win by pressure. */
#define WAIT_MAX_S 120.0

jw_net_node_id twin_camera_node(const jw_world *world, uint32_t index)
{
    twin_camera *camera = &twin_signals_of(world)->cameras[index];
    const jw_junction *junction = &jw_twin_city(world)->junctions[camera->junction];
    return twin_wired_node(world, junction->x_m, junction->y_m, &camera->node);
}

static void take_picture(jw_world *world, twin_signals *signals, uint32_t index)
{
    twin_camera *camera = &signals->cameras[index];
    if (!twin_is_coupled(world, JW_COUPLING_SIGNALS) || twin_camera_node(world, index).index1 == 0 ||
        jw_traffic_signal_control(twin_traffic_of(world), camera->programme) == JW_SIGNAL_OUTSIDE)
        return; /* a programme under OUTSIDE control is somebody else's */
    if (twin_decision_is_with_person(world, JW_DECISION_SIGNAL, index))
        return; /* the next picture comes when this one is decided on */
    camera->phase_count = jw_traffic_phase_demand(twin_traffic_of(world), camera->programme, camera->seen,
                                                  JW_PROGRAMME_PHASES_MAX);
    if (camera->phase_count > JW_PROGRAMME_PHASES_MAX)
        camera->phase_count = JW_PROGRAMME_PHASES_MAX;
    camera->captures++;
    twin_decision_ask(world, JW_DECISION_SIGNAL, JW_SENDER_CAMERA, index, camera->captures,
                      twin_fixed_end(world, TWIN_FIXED_CAMERA, index, camera->node));
}

static double pressure(const jw_phase_demand *demand)
{
    return demand->queued + 0.5 * demand->approaching;
}

/* The green that the rule gives on the counts `seen`, of phases where somebody is; JW_NONE: nobody is. */
static uint32_t choose_green(const twin_camera *camera, const double *seen, uint32_t shown)
{
    uint32_t best = JW_NONE;
    double best_pressure = 0, best_wait_s = 0;
    for (uint32_t p = 0; p < camera->phase_count; p++) {
        double value = seen[p] + (p == shown ? CHANGE_COST_VEHICLES : 0);
        double wait_s = camera->seen[p].longest_wait_s > WAIT_MAX_S ? camera->seen[p].longest_wait_s : 0;
        bool is_better = wait_s > best_wait_s || (wait_s == best_wait_s && value > best_pressure);
        if (pressure(&camera->seen[p]) > 0 && (best == JW_NONE || is_better)) {
            best = p;
            best_pressure = value;
            best_wait_s = wait_s;
        }
    }
    return best;
}

jw_judgement twin_signals_answered(jw_world *world, uint64_t index, uint64_t capture, double right)
{
    twin_signals *signals = twin_signals_of(world);
    twin_camera *camera = &signals->cameras[index];
    /* Only the newest picture decides: an older one was overtaken. */
    if (capture != camera->captures || capture == camera->decided || camera->phase_count == 0)
        return JW_JUDGED_NOT;
    camera->decided = (uint32_t)capture;
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "twin.signals.misread"));
    uint32_t shown;
    double elapsed_s, counted[JW_PROGRAMME_PHASES_MAX], there[JW_PROGRAMME_PHASES_MAX];
    bool is_outside, was_misread = false;
    jw_traffic_programme_state(twin_traffic_of(world), camera->programme, &shown, &elapsed_s, &is_outside);
    for (uint32_t p = 0; p < camera->phase_count; p++) {
        uint64_t counter = capture * 2 * JW_PROGRAMME_PHASES_MAX + 2 * p;
        counted[p] = there[p] = pressure(&camera->seen[p]);
        if (jw_random_uniform(key, index, counter) >= right) {
            counted[p] *= 2 * jw_random_uniform(key, index, counter + 1);
            was_misread |= counted[p] != there[p]; /* nobody is counted as nobody */
        }
    }
    uint32_t best = choose_green(camera, counted, shown);
    bool is_wrong = best != choose_green(camera, there, shown);
    signals->misread += was_misread;
    if (best == JW_NONE)
        best = shown; /* nobody is there: stay */
    int64_t until_ns = jw_world_time_ns(world) + jw_ns_from_s(2 * signals->interval_s);
    jw_traffic_request_phase(world, twin_traffic_of(world), camera->programme, best, until_ns);
    return is_wrong ? JW_JUDGED_WRONG : JW_JUDGED_RIGHT;
}

void twin_camera_name(uint32_t camera, char *out, size_t size)
{
    snprintf(out, size, "camera-%u", camera + 1);
}

bool twin_camera_find(const jw_world *world, const char *name, uint32_t *out)
{
    const twin_signals *signals = twin_signals_of(world);
    double number;
    if (strncmp(name, "camera-", 7) != 0 || !jw_text_to_number(name + 7, &number) ||
        !(number >= 1 && number <= signals->camera_count) || number != jw_floor(number))
        return false;
    *out = (uint32_t)number - 1;
    return true;
}

void twin_camera_place(const jw_world *world, uint32_t camera, double *x_m, double *y_m)
{
    const jw_city *city = jw_twin_city(world);
    const jw_junction *junction = &city->junctions[twin_signals_of(world)->cameras[camera].junction];
    *x_m = junction->x_m;
    *y_m = junction->y_m;
    if (junction->in_count == 0)
        return;
    const jw_lane *lane =
        &city->lanes[city->edges[city->junction_edges[junction->first_in]].first_lane]; /* at the kerb */
    if (lane->point_count < 2)
        return;
    const jw_vec3 *end = &city->points[lane->first_point + lane->point_count - 1];
    double east_m = end[0].x - end[-1].x, north_m = end[0].y - end[-1].y;
    double length_m = jw_sqrt(east_m * east_m + north_m * north_m);
    double aside_m = length_m > 0 ? (lane->width_m / 2 + 1.5) / length_m : 0;
    *x_m = end->x + north_m * aside_m;
    *y_m = end->y - east_m * aside_m;
}

static void signals_on_event(jw_world *world, void *state, const jw_event *event)
{
    twin_signals *signals = state;
    if (event->a >= signals->camera_count)
        return;
    take_picture(world, signals, event->a);
    jw_schedule(world, event->time_ns + jw_ns_from_s(signals->interval_s), JW_PRIORITY_NORMAL,
                JW_TWIN_SIGNALS, EVENT_PICTURE, event->a, 0);
}

static jw_result signals_init(jw_world *world, void *state, const void *def, jw_error *error)
{
    twin_signals *signals = state;
    const jw_twin_def *twin = def;
    const jw_city *city = jw_twin_city(world);
    if (!(twin->camera_interval_s >= 0.5 && twin->camera_interval_s <= 60))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s is %g, it must be %g to %g", "camera_interval_s",
                       twin->camera_interval_s, 0.5, 60.0);
    signals->interval_s = twin->camera_interval_s;
    signals->cameras = jw_alloc((twin->camera_count + 1) * sizeof *signals->cameras);
    if (!signals->cameras)
        return jw_fail_memory(error);
    signals->camera_count = twin->camera_count;
    for (uint32_t i = 0; i < twin->camera_count; i++) {
        twin_camera *camera = &signals->cameras[i];
        camera->junction = twin->cameras[i].junction;
        camera->programme = city->junctions[camera->junction].programme;
        /* Cameras take their pictures one after the other, not all at once. */
        int64_t first_ns = jw_ns_from_s(signals->interval_s * (i + 1.0) / (twin->camera_count + 1.0));
        jw_schedule(world, jw_world_time_ns(world) + first_ns, JW_PRIORITY_NORMAL, JW_TWIN_SIGNALS,
                    EVENT_PICTURE, i, 0);
    }
    return JW_OK;
}

static jw_result signals_attach(jw_world *world, void *state, jw_error *error)
{
    twin_signals *signals = state;
    const jw_city *city = jw_twin_city(world);
    for (uint32_t i = 0; i < signals->camera_count; i++) {
        twin_camera *camera = &signals->cameras[i];
        if (camera->junction >= city->junction_count ||
            camera->programme != city->junctions[camera->junction].programme || camera->programme == JW_NONE)
            return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "camera %u looks at a junction without signals",
                           i);
        if (camera->phase_count > city->programmes[camera->programme].phase_count)
            return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "camera %u sees phases that its signals lack",
                           i);
        const jw_junction *junction = &city->junctions[camera->junction];
        if (camera->is_wired)
            continue;
        camera->is_wired = 1;
        /* Cameras stand on the multi-function poles: wired to the nearest mast, or to the nearest host. */
        twin_wired_node(world, junction->x_m, junction->y_m, &camera->node);
    }
    return JW_OK;
}

static void signals_destroy(void *state)
{
    jw_free(((twin_signals *)state)->cameras);
}

static void signals_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const twin_signals *signals = state;
    jw_write_f64(writer, signals->interval_s);
    jw_write_i64(writer, signals->misread);
    jw_write_u32(writer, signals->camera_count);
    for (uint32_t i = 0; i < signals->camera_count; i++) {
        const twin_camera *camera = &signals->cameras[i];
        jw_write_u32(writer, camera->junction);
        jw_write_u32(writer, camera->programme);
        jw_write_u32(writer, camera->captures);
        jw_write_u32(writer, camera->decided);
        jw_write_u8(writer, camera->is_wired);
        jw_write_u32(writer, camera->node.index1);
        jw_write_u32(writer, camera->node.generation);
        jw_write_u32(writer, camera->phase_count);
        for (uint32_t p = 0; p < camera->phase_count; p++) {
            jw_write_u32(writer, camera->seen[p].queued);
            jw_write_u32(writer, camera->seen[p].approaching);
            jw_write_f32(writer, camera->seen[p].longest_wait_s);
        }
    }
}

static void signals_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    twin_signals *signals = state;
    signals->interval_s = jw_read_f64(reader);
    if (!(signals->interval_s >= 0.5 && signals->interval_s <= 60))
        jw_reader_fail(reader, "the camera interval is out of range");
    signals->misread = jw_read_i64(reader);
    uint32_t count = jw_read_count(reader, UINT32_MAX, 29);
    signals->cameras = jw_alloc((count + 1) * sizeof *signals->cameras);
    if (!signals->cameras) {
        jw_reader_fail_memory(reader);
        return;
    }
    signals->camera_count = count;
    for (uint32_t i = 0; i < count; i++) {
        twin_camera *camera = &signals->cameras[i];
        camera->junction = jw_read_u32(reader);
        camera->programme = jw_read_u32(reader);
        camera->captures = jw_read_u32(reader);
        camera->decided = jw_read_u32(reader);
        camera->is_wired = jw_read_u8(reader);
        camera->node.index1 = jw_read_u32(reader);
        camera->node.generation = jw_read_u32(reader);
        camera->phase_count = jw_read_u32(reader);
        if (camera->phase_count > JW_PROGRAMME_PHASES_MAX) {
            jw_reader_fail(reader, "camera %u has too many phases", i);
            camera->phase_count = 0;
        }
        for (uint32_t p = 0; p < camera->phase_count; p++) {
            camera->seen[p].queued = jw_read_u32(reader);
            camera->seen[p].approaching = jw_read_u32(reader);
            camera->seen[p].longest_wait_s = jw_read_f32(reader);
        }
    }
}

static const jw_metric metrics[] = {
    {"twin.cameras", "", JW_METRIC_GAUGE, "cameras at signalled junctions"},
    {"twin.signal_misread", "", JW_METRIC_COUNTER,
     "greens decided on a wrong count of a phase with somebody before it"},
    {"twin.signals_by_ai", "%", JW_METRIC_GAUGE,
     "cameras' junctions that now follow an answer, not the local programme"},
};

static double signals_metric(const jw_world *world, const void *state, uint32_t metric)
{
    const twin_signals *signals = state;
    if (metric == 0)
        return signals->camera_count;
    if (metric == 1)
        return (double)signals->misread;
    uint32_t served = 0;
    for (uint32_t i = 0; i < signals->camera_count; i++) {
        uint32_t phase;
        double elapsed_s;
        bool is_outside = false;
        jw_traffic_programme_state(twin_traffic_of(world), signals->cameras[i].programme, &phase, &elapsed_s,
                                   &is_outside);
        served += is_outside;
    }
    return signals->camera_count ? 100.0 * served / signals->camera_count : 0;
}

static void signals_restart_counts(jw_world *world, void *state)
{
    (void)world;
    twin_signals *signals = state;
    signals->misread = 0;
}

const jw_module twin_signals_module = {
    .name = "twin_signals",
    .version = 2,
    .state_size = sizeof(twin_signals),
    .init = signals_init,
    .attach = signals_attach,
    .destroy = signals_destroy,
    .on_event = signals_on_event,
    .save = signals_save,
    .load = signals_load,
    .metrics = metrics,
    .metric_count = JW_COUNT_OF(metrics),
    .metric = signals_metric,
    .restart_counts = signals_restart_counts,
};
