/* Autoscaling: instances of a service at a site follow its load.
 *
 * The work of the instances is taken as how many are busy, over the time; of a language model, which is busy
 * with one sequence as with many, as how full their batches are, looked at each second. Each interval its
 * mean decides, by the rule of the Horizontal Pod Autoscaler of Kubernetes: wanted = ceil(instances x
 * utilisation / target), nothing within a tenth of the target, and fewer only when fewer were wanted for the
 * whole cooldown, then the most of what was wanted (its stabilisation window). A new instance loads its image
 * from the site's store; a site whose last instance went has none, and pulls it over the network first.
 * Instances with failed cards are given up and their working cards used again. */
#include "compute/compute_internal.h"

#include <stdio.h>
#include <string.h>

#define LOOK_NS       JW_NS_PER_S
#define TOLERANCE     0.1
#define PULL_FORECAST 1.25e9 /* byte/s, for forecasts only: 10 Gbit/s */

static double or_default(double value, double fallback)
{
    return value > 0 ? value : fallback;
}

const jw_scale_def *compute_scale_of(const jw_compute *compute, const compute_site *s, uint32_t service)
{
    const jw_scale_def *found = NULL;
    for (uint32_t i = 0; i < compute->scale_count; i++) {
        const jw_scale_def *scale = &compute->scales[i];
        bool is_here = scale->site[0] == 0 || strcmp(scale->site, s->def.name) == 0;
        if (is_here && strcmp(scale->service, compute->services[service].id) == 0)
            found = scale;
    }
    return found;
}

/* ---- instances
 * --------------------------------------------------------------------------------------------- */

static double load_s(const jw_scale_def *scale, const installed *in)
{
    return in->served.image_gb / or_default(scale->load_gbyte_per_s, 2);
}

static bool is_pull_needed(const jw_compute *compute, const installed *in)
{
    return in->scale.is_image_away && compute->ports.pull_image;
}

double compute_start_s(const jw_compute *compute, const compute_site *s, const installed *in)
{
    const jw_scale_def *scale = compute_scale_of(compute, s, in->service);
    uint32_t least = compute_cards_per_instance(&compute->services[in->service]);
    bool is_starting = false;
    for (uint32_t i = 0; i < in->server_count; i++)
        is_starting |= (in->servers[i].off & ~OFF_STARTING) == 0 && in->servers[i].off;
    if (!scale || (!is_starting && compute_free_cards(s, in->rack) < least))
        return is_starting ? 0 : -1;
    double bytes = in->served.image_gb * 1e9;
    return load_s(scale, in) + (is_pull_needed(compute, in) ? bytes / PULL_FORECAST : 0);
}

static void schedule_ready(jw_world *world, jw_compute *compute, uint32_t slot, uint32_t place,
                           uint32_t index)
{
    compute_site *s = &compute->sites[slot];
    installed *in = &s->services[place];
    const jw_scale_def *scale = compute_scale_of(compute, s, in->service);
    server *work = &in->servers[index];
    work->generation = ++compute->next_generation;
    int64_t after_ns = 1 + jw_ns_from_s(scale ? load_s(scale, in) : 0);
    jw_schedule(world, jw_world_time_ns(world) + after_ns, JW_PRIORITY_NORMAL, (uint16_t)compute->module,
                EVENT_READY, slot + 1, (uint64_t)work->generation << 32 | place << 16 | index);
}

void compute_ready_event(jw_world *world, jw_compute *compute, const jw_event *event)
{
    uint32_t slot = event->a - 1, place = (uint32_t)(event->b >> 16 & 0xFFFF),
             index = (uint32_t)(event->b & 0xFFFF);
    if (slot >= compute->site_pool.slot_count || place >= SERVICES_PER_SITE)
        return;
    installed *in = &compute->sites[slot].services[place];
    if (in->service == JW_NONE || index >= in->server_count || !(in->servers[index].off & OFF_STARTING) ||
        in->servers[index].generation != (uint32_t)(event->b >> 32))
        return;
    compute_set_off(in, &in->servers[index], in->servers[index].off & (uint8_t)~OFF_STARTING);
    if (compute->sites[slot].is_up)
        compute_wake(world, compute, slot, place);
}

/* Asks for the image, once; without a way to ask it is there. */
static void pull(jw_world *world, jw_compute *compute, uint32_t slot, uint32_t place)
{
    installed *in = &compute->sites[slot].services[place];
    if (in->scale.is_pulling)
        return;
    jw_site_id site = {slot + 1, compute->site_pool.generations[slot]};
    int64_t bytes = (int64_t)jw_round(in->served.image_gb * 1e9);
    in->scale.is_pulling = 1;
    if (bytes == 0 || !compute->ports.pull_image ||
        compute->ports.pull_image(world, site, in->service, bytes) != JW_OK)
        jw_compute_image_here(world, compute, site, in->service, true);
}

void jw_compute_image_here(jw_world *world, jw_compute *compute, jw_site_id site, uint32_t service,
                           bool is_ok)
{
    uint32_t slot = compute_slot(compute, site);
    uint32_t place = slot == JW_NONE ? JW_NONE : compute_place(&compute->sites[slot], service);
    if (place == JW_NONE || service == JW_NONE)
        return;
    installed *in = &compute->sites[slot].services[place];
    in->scale.is_pulling = 0;
    if (!is_ok)
        return;
    in->scale.is_image_away = 0;
    for (uint32_t i = 0; i < in->server_count; i++)
        if (in->servers[i].off & OFF_STARTING)
            schedule_ready(world, compute, slot, place, i);
}

/* A place for one more instance: one that was given up, or a new one at the end; JW_NONE without memory. */
static uint32_t free_server(installed *in)
{
    for (uint32_t i = 0; i < in->server_count; i++)
        if (in->servers[i].off & OFF_SCALED)
            return i;
    uint32_t count = in->server_count;
    server *more = count < SERVERS_MAX
                       ? jw_realloc(in->servers, count * sizeof *more, (count + 1) * sizeof *more)
                       : NULL;
    if (!more)
        return JW_NONE;
    in->servers = more;
    in->servers[count] = (server){.off = OFF_SCALED};
    in->server_count++;
    return count;
}

bool compute_add_instance(jw_world *world, jw_compute *compute, uint32_t slot, uint32_t place)
{
    compute_site *s = &compute->sites[slot];
    installed *in = &s->services[place];
    uint32_t least = compute_cards_per_instance(&compute->services[in->service]);
    for (uint32_t i = 0; i < in->server_count; i++)
        if (in->servers[i].off == OFF_DRAINING) { /* it need not go */
            compute_set_off(in, &in->servers[i], 0);
            compute_wake(world, compute, slot, place);
            return true;
        }
    bool has_cards =
        compute_free_cards(s, in->rack) >= least ||
        compute_take_from_training(world, compute, s, in->rack, &compute->services[in->service], least);
    uint32_t index = has_cards ? free_server(in) : JW_NONE;
    if (index == JW_NONE)
        return false;
    in->cards += least;
    in->on_count++;
    s->rack_used[in->rack] += least;
    compute_set_off(in, &in->servers[index], OFF_STARTING);
    if (in->scale.is_image_away)
        pull(world, compute, slot, place);
    else
        schedule_ready(world, compute, slot, place, index);
    return true;
}

/* Gives the cards of a server without work back; failed ones stay failed. */
static void remove_instance(jw_compute *compute, compute_site *s, installed *in, uint32_t index)
{
    compute_leave_failed(s, (uint32_t)(in - s->services), index);
    server *work = &in->servers[index];
    uint32_t least = compute_cards_per_instance(&compute->services[in->service]);
    in->cards -= least;
    in->on_count--;
    s->rack_used[in->rack] -= least;
    work->generation = ++compute->next_generation;
    compute_set_off(in, work, OFF_SCALED);
    if (in->on_count == 0)
        in->scale.is_image_away = 1;
}

void compute_retire(jw_world *world, jw_compute *compute, uint32_t slot, uint32_t place, uint32_t index)
{
    compute_site *s = &compute->sites[slot];
    installed *in = &s->services[place];
    server *work = &in->servers[index];
    if ((work->off & (OFF_DRAINING | OFF_SCALED)) != OFF_DRAINING || !compute_is_server_empty(work))
        return;
    remove_instance(compute, s, in, index);
    compute_give_to_training(world, compute, slot);
    compute_settle(world, compute, s);
}

/* The highest numbers go first: at once when idle, else when they have finished. */
static void drop_instances(jw_compute *compute, compute_site *s, installed *in, uint32_t count)
{
    for (uint32_t i = in->server_count; i-- > 0 && count > 0;) {
        server *work = &in->servers[i];
        if (work->off & ~OFF_STARTING)
            continue;
        if (compute_is_server_empty(work))
            remove_instance(compute, s, in, i);
        else
            compute_set_off(in, work, OFF_DRAINING);
        count--;
    }
}

/* ---- decisions
 * --------------------------------------------------------------------------------------------- */

static bool is_llm(const jw_compute *compute, const installed *in)
{
    return compute->services[in->service].kind == JW_SERVICE_LLM;
}

/* Sequences in whole batches, now. */
static double fullness(const jw_compute *compute, const installed *in)
{
    uint32_t batch = compute->services[in->service].max_batch, sequences = 0;
    for (uint32_t i = 0; i < in->server_count; i++)
        sequences += in->servers[i].count;
    return (double)sequences / (batch ? batch : 16);
}

/* Instances' worth of work in the mean since the last decision. */
static double mean_work(const jw_world *world, const jw_compute *compute, installed *in)
{
    compute_note_busy(world, in);
    int64_t span_ns = jw_world_time_ns(world) - in->scale.begun_ns;
    if (is_llm(compute, in))
        return in->scale.looks ? in->scale.load_sum / in->scale.looks : 0;
    return span_ns > 0 ? (double)in->scale.busy_ns / (double)span_ns : in->busy_count;
}

static uint32_t wanted(const jw_scale_def *scale, const installed *in, double load, uint32_t have)
{
    double target = or_default(scale->target, 0.7), queue_target = or_default(scale->queue_target, 4);
    double by_load = jw_ceil(load / target);
    if (have > 0 && jw_abs(load / have / target - 1) <= TOLERANCE)
        by_load = have;
    double by_queue = jw_ceil(in->queue_count / queue_target);
    return (uint32_t)jw_clamp(jw_max(by_load, by_queue), scale->min, scale->max);
}

static void decide(jw_world *world, jw_compute *compute, uint32_t slot, uint32_t place,
                   const jw_scale_def *scale, uint32_t have)
{
    compute_site *s = &compute->sites[slot];
    installed *in = &s->services[place];
    int64_t now_ns = jw_world_time_ns(world);
    uint32_t want = wanted(scale, in, mean_work(world, compute, in), have);
    in->scale.load_sum = 0;
    in->scale.busy_ns = 0;
    in->scale.begun_ns = now_ns;
    in->scale.looks = 0;
    in->scale.next_ns = now_ns + jw_ns_from_s(or_default(scale->interval_s, 15));
    for (uint32_t i = have; i < want && compute_add_instance(world, compute, slot, place); i++)
        ;
    if (want >= have) {
        in->scale.below_since_ns = 0;
        in->scale.below_most = 0;
        return;
    }
    if (in->scale.below_since_ns == 0)
        in->scale.below_since_ns = now_ns;
    if (want > in->scale.below_most)
        in->scale.below_most = want;
    if (now_ns - in->scale.below_since_ns < jw_ns_from_s(or_default(scale->cooldown_s, 60)))
        return;
    if (have > in->scale.below_most) /* some may have failed since */
        drop_instances(compute, s, in, have - in->scale.below_most);
    in->scale.below_since_ns = 0;
    in->scale.below_most = 0;
}

static void look(jw_world *world, jw_compute *compute, uint32_t slot, uint32_t place,
                 const jw_scale_def *scale)
{
    compute_site *s = &compute->sites[slot];
    installed *in = &s->services[place];
    uint32_t have = 0;
    bool is_waiting = false;
    for (uint32_t i = 0; i < in->server_count; i++) {
        server *work = &in->servers[i];
        bool is_given_up =
            (work->off & OFF_CARD) || ((work->off & OFF_DRAINING) && compute_is_server_empty(work));
        if (is_given_up && !(work->off & OFF_SCALED))
            remove_instance(compute, s, in, i);
        have += (work->off & ~OFF_STARTING) == 0;
        is_waiting |= (work->off & OFF_STARTING) != 0;
    }
    if (is_waiting && in->scale.is_image_away)
        pull(world, compute, slot, place); /* once more when the last one failed */
    if (is_llm(compute, in)) {
        in->scale.load_sum += fullness(compute, in);
        in->scale.looks++;
    }
    if (have == 0 && in->queue_count > 0)
        compute_add_instance(world, compute, slot, place);
    else if (jw_world_time_ns(world) >= in->scale.next_ns)
        decide(world, compute, slot, place, scale, have);
}

static void schedule_look(jw_world *world, const jw_compute *compute)
{
    jw_schedule(world, jw_world_time_ns(world) + LOOK_NS, JW_PRIORITY_LAST, (uint16_t)compute->module,
                EVENT_SCALE, 0, 0);
}

void compute_scale_event(jw_world *world, jw_compute *compute, const jw_event *event)
{
    (void)event;
    for (uint32_t i = 0; i < compute->site_pool.slot_count; i++) {
        compute_site *s = &compute->sites[i];
        if (!(compute->site_pool.generations[i] & 1) || !s->is_up)
            continue;
        for (uint32_t p = 0; p < SERVICES_PER_SITE; p++) {
            const jw_scale_def *scale = s->services[p].service == JW_NONE
                                            ? NULL
                                            : compute_scale_of(compute, s, s->services[p].service);
            if (scale)
                look(world, compute, i, p, scale);
        }
        compute_give_to_training(world, compute, i);
        compute_settle(world, compute, s);
    }
    schedule_look(world, compute);
}

bool compute_is_scale_fine(const jw_scale_def *scale, char out[FAULT_SIZE])
{
    const struct {
        const char *name;
        double value, low, high;
    } limits[] = {
        {"min", scale->min, 0, SERVERS_MAX},
        {"max", scale->max, scale->min > 1 ? scale->min : 1, SERVERS_MAX},
        {"target", scale->target, 0, 1},
        {"queue_target", scale->queue_target, 0, 1e6},
        {"interval_s", scale->interval_s, 0, 86400},
        {"cooldown_s", scale->cooldown_s, 0, 1e6},
        {"load_gbyte_per_s", scale->load_gbyte_per_s, 0, 1e6},
    };
    for (uint32_t i = 0; i < JW_COUNT_OF(limits); i++)
        if (!(limits[i].value >= limits[i].low && limits[i].value <= limits[i].high)) {
            snprintf(out, FAULT_SIZE, "%s is %g, it must be %g to %g", limits[i].name, limits[i].value,
                     limits[i].low, limits[i].high);
            return false;
        }
    return true;
}

jw_result compute_set_scale(jw_world *world, jw_compute *compute, const jw_scale_def *def, jw_error *error)
{
    char fault[FAULT_SIZE];
    uint32_t at = 0, service = jw_compute_find_service(compute, def->service);
    if (service == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "scaling: the catalogue has no service \"%s\"",
                       def->service);
    if (!compute_is_scale_fine(def, fault))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "scaling of \"%s\": %s", def->service, fault);
    if (compute->services[service].scheduler.prefill_share > 0)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "scaling of \"%s\": instances that only prefill or decode are not scaled",
                       def->service);
    jw_service_kind kind = compute->services[service].kind;
    if (kind == JW_SERVICE_TRAINING || kind == JW_SERVICE_STREAM)
        return jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "scaling of \"%s\": trainings and streams hold their cards for long and are not scaled",
            def->service);
    while (at < compute->scale_count && (strcmp(compute->scales[at].site, def->site) != 0 ||
                                         strcmp(compute->scales[at].service, def->service) != 0))
        at++;
    jw_result result =
        jw_grow(&compute->scales, &compute->scale_capacity, at + 1ull, sizeof *compute->scales, error);
    if (result != JW_OK)
        return result;
    compute->scales[at] = *def;
    if (compute->scale_count == 0)
        schedule_look(world, compute);
    if (at == compute->scale_count)
        compute->scale_count++;
    return JW_OK;
}

/* ---- verb
 * -------------------------------------------------------------------------------------------------- */

const jw_verb_arg compute_scale_args[6] = {
    {"service", 't', false, 0, 0, 0, "", "id in the catalogue"},
    {"site", 't', true, 0, 0, 0, "", "id of the site; all that serve it when left out"},
    {"min", 'n', true, 0, SERVERS_MAX, 1, "", "instances; 0: none without work"},
    {"max", 'n', true, 1, SERVERS_MAX, 8, "", "instances"},
    {"target", 'n', true, 0, 1, 0.7, "", "busy share of the instances"},
    {"cooldown_s", 'n', true, 0, 1e6, 60, "s", "that fewer must be wanted before there are fewer"},
};

jw_result compute_verb_set_scaling(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    jw_scale_def def = {.min = (uint32_t)jw_command_get_number(command, "min", 1),
                        .max = (uint32_t)jw_command_get_number(command, "max", 8),
                        .target = jw_command_get_number(command, "target", 0.7),
                        .cooldown_s = jw_command_get_number(command, "cooldown_s", 60)};
    jw_text_copy(def.service, sizeof def.service, jw_command_get_text(command, "service", ""));
    jw_text_copy(def.site, sizeof def.site, jw_command_get_text(command, "site", ""));
    if (def.site[0] && jw_compute_find_site(state, def.site).index1 == 0)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s: there is no site \"%s\"", command->verb,
                       def.site);
    return compute_set_scale(world, state, &def, error);
}
