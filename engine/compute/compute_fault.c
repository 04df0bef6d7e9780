/* Failure domains: a card, a rack, a site.
 *
 * A card that fails takes its instance with it: what that holds is rejected, to be tried again by whoever
 * sent it; the other instances go on. With its last instance a service rejects what waits, too. Cards of a
 * rack are alike, so one is named by its place among the working ones: those of instances first, in order of
 * service and instance, then the free ones. Which have failed is kept one by one, so that a repair mends the
 * card that it is due for. Failed cards draw idle power. */
#include "compute/compute_internal.h"

#include <stdio.h>
#include <string.h>

void compute_set_off(installed *in, server *work, uint8_t off)
{
    in->ready_count += (uint32_t)(off == 0) - (uint32_t)(work->off == 0);
    work->off = off;
}

uint32_t compute_free_cards(const compute_site *s, uint32_t rack)
{
    return s->rack_is_down[rack] ? 0 : s->def.racks[rack].count - s->rack_used[rack] - s->rack_failed[rack];
}

static uint32_t failed_in_rack(const compute_site *s, uint32_t rack)
{
    uint32_t failed = s->rack_failed[rack];
    for (uint32_t p = 0; p < SERVICES_PER_SITE; p++) {
        const installed *in = &s->services[p];
        for (uint32_t i = 0; in->service != JW_NONE && in->rack == rack && i < in->server_count; i++)
            failed += in->servers[i].failed;
    }
    return failed;
}

uint32_t compute_failed_cards(const compute_site *s)
{
    uint32_t failed = 0;
    for (uint32_t r = 0; r < s->def.rack_count; r++)
        failed += s->rack_is_down[r] || !s->is_up ? s->def.racks[r].count : failed_in_rack(s, r);
    return failed;
}

bool compute_is_served(const jw_compute *compute, const compute_site *s, const installed *in)
{
    return in->ready_count > 0 || compute_start_s(compute, s, in) >= 0;
}

/* The server stops at once. */
static void stop(jw_world *world, jw_compute *compute, uint32_t slot, uint32_t place, uint32_t index,
                 uint8_t why)
{
    compute_site *s = &compute->sites[slot];
    installed *in = &s->services[place];
    server *work = &in->servers[index];
    compute_note_busy(world, in);
    in->busy_count -= work->count > 0;
    compute_set_off(in, work, work->off | why);
    compute_clear_server(world, compute, s, work, JW_REJECT_FAILED);
    if (!compute_is_served(compute, s, in))
        compute_clear(world, compute, slot, place, JW_REJECT_FAILED);
    else if (in->queue_first && s->is_up)
        compute_wake(world, compute, slot, place); /* a training that went back may go on elsewhere */
}

static void tell(jw_world *world, const jw_compute *compute, uint32_t slot, uint32_t rack, uint32_t card,
                 bool is_up)
{
    if (compute->ports.part_changed)
        compute->ports.part_changed(world, (jw_site_id){slot + 1, compute->site_pool.generations[slot]}, rack,
                                    card, is_up);
}

static bool add_broken(jw_world *world, compute_site *s, uint32_t rack, uint32_t place, uint32_t index)
{
    if (jw_grow(&s->broken, &s->broken_capacity, s->broken_count + 1ull, sizeof *s->broken, NULL) != JW_OK) {
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory for the failed cards of a site");
        return false;
    }
    s->broken[s->broken_count++] = (broken_card){++s->last_broken, rack, place, index};
    return true;
}

void compute_leave_failed(compute_site *s, uint32_t place, uint32_t index)
{
    server *work = &s->services[place].servers[index];
    s->rack_failed[s->services[place].rack] += work->failed;
    for (uint32_t i = 0; i < s->broken_count && work->failed > 0; i++)
        if (s->broken[i].place == place && s->broken[i].server == index) {
            s->broken[i].place = JW_NONE;
            s->broken[i].server = 0;
        }
    work->failed = 0;
}

static uint32_t count_broken(const compute_site *s, uint32_t rack, uint32_t place, uint32_t index)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->broken_count; i++)
        count += s->broken[i].rack == rack && s->broken[i].place == place && s->broken[i].server == index;
    return count;
}

bool compute_is_broken_sound(const compute_site *s)
{
    uint64_t failed = 0;
    for (uint32_t i = 0; i < s->broken_count; i++)
        if (s->broken[i].id > s->last_broken || (i && s->broken[i].id <= s->broken[i - 1].id))
            return false;
    for (uint32_t r = 0; r < s->def.rack_count; r++) {
        if (count_broken(s, r, JW_NONE, 0) != s->rack_failed[r])
            return false;
        failed += s->rack_failed[r];
    }
    for (uint32_t p = 0; p < SERVICES_PER_SITE; p++) {
        const installed *in = &s->services[p];
        for (uint32_t i = 0; in->service != JW_NONE && i < in->server_count; i++) {
            if (in->servers[i].failed && count_broken(s, in->rack, p, i) != in->servers[i].failed)
                return false;
            failed += in->servers[i].failed;
        }
    }
    return failed == s->broken_count;
}

/* The n-th working card of a rack fails; false when there are not so many. */
static bool fail_card(jw_world *world, jw_compute *compute, uint32_t slot, uint32_t rack, uint32_t n)
{
    compute_site *s = &compute->sites[slot];
    uint32_t left = n;
    for (uint32_t p = 0; p < SERVICES_PER_SITE; p++) {
        installed *in = &s->services[p];
        for (uint32_t i = 0; in->service != JW_NONE && in->rack == rack && i < in->server_count; i++) {
            server *work = &in->servers[i];
            if (work->off & OFF_SCALED)
                continue;
            uint32_t working = in->cards / in->on_count - work->failed;
            if (left >= working) {
                left -= working;
                continue;
            }
            if (!add_broken(world, s, rack, p, i))
                return false;
            work->failed++;
            stop(world, compute, slot, p, i, OFF_CARD);
            compute_settle(world, compute, s);
            tell(world, compute, slot, rack, n, false);
            return true;
        }
    }
    if (left >= s->def.racks[rack].count - s->rack_used[rack] - s->rack_failed[rack] ||
        !add_broken(world, s, rack, JW_NONE, 0))
        return false;
    s->rack_failed[rack]++;
    tell(world, compute, slot, rack, n, false);
    return true;
}

static void mend(jw_world *world, jw_compute *compute, uint32_t slot, uint32_t at)
{
    compute_site *s = &compute->sites[slot];
    broken_card mended = s->broken[at];
    s->broken_count--;
    for (uint32_t i = at; i < s->broken_count; i++)
        s->broken[i] = s->broken[i + 1];
    if (mended.place == JW_NONE) {
        s->rack_failed[mended.rack]--;
        compute_give_to_training(world, compute, slot);
        compute_settle(world, compute, s);
    } else {
        installed *in = &s->services[mended.place];
        server *work = &in->servers[mended.server];
        if (--work->failed == 0)
            compute_set_off(in, work, work->off & (uint8_t)~OFF_CARD);
        if (s->is_up)
            compute_wake(world, compute, slot, mended.place);
    }
    tell(world, compute, slot, mended.rack, 0, true);
}

/* The one of a rack that failed first. */
static bool repair_card(jw_world *world, jw_compute *compute, uint32_t slot, uint32_t rack)
{
    const compute_site *s = &compute->sites[slot];
    uint32_t at = 0;
    while (at < s->broken_count && s->broken[at].rack != rack)
        at++;
    if (at == s->broken_count)
        return false;
    mend(world, compute, slot, at);
    return true;
}

static void set_rack(jw_world *world, jw_compute *compute, uint32_t slot, uint32_t rack, bool is_up)
{
    compute_site *s = &compute->sites[slot];
    if (s->rack_is_down[rack] == !is_up)
        return;
    s->rack_is_down[rack] = !is_up;
    for (uint32_t p = 0; p < SERVICES_PER_SITE; p++) {
        installed *in = &s->services[p];
        if (in->service == JW_NONE || in->rack != rack)
            continue;
        for (uint32_t i = 0; i < in->server_count; i++) { /* all first: none takes what another has lost */
            uint8_t others = in->servers[i].off & (uint8_t)~OFF_RACK;
            compute_set_off(in, &in->servers[i], is_up ? others : (uint8_t)(others | OFF_RACK));
        }
        for (uint32_t i = 0; i < in->server_count && !is_up; i++)
            stop(world, compute, slot, p, i, OFF_RACK);
        if (is_up && s->is_up)
            compute_wake(world, compute, slot, p);
    }
    if (is_up)
        compute_give_to_training(world, compute, slot);
    compute_settle(world, compute, s);
    tell(world, compute, slot, rack, JW_NONE, is_up);
}

/* ---- by chance
 * --------------------------------------------------------------------------------------------- */

static double draw(const jw_world *world, compute_site *s, uint32_t slot)
{
    return jw_random_uniform(jw_world_random(world, jw_hash_text(0, "compute.fault")), slot,
                             s->fault_draws++);
}

static void schedule_after(jw_world *world, const jw_compute *compute, uint16_t kind, uint32_t slot,
                           uint64_t b, double mean_s, double uniform)
{
    double wait_s = jw_min(-jw_log(1 - uniform) * mean_s, 1e9);
    jw_schedule(world, jw_world_time_ns(world) + 1 + jw_ns_from_s(wait_s), JW_PRIORITY_NORMAL,
                (uint16_t)compute->module, kind, slot + 1, b);
}

/* The next failure as if all cards of the site worked: one that meets a failed card is none. That keeps each
 * card's rate exact whatever was repaired meanwhile. */
static void schedule_fault(jw_world *world, jw_compute *compute, uint32_t slot)
{
    compute_site *s = &compute->sites[slot];
    if (s->card_mtbf_s > 0 && s->cards > 0)
        schedule_after(world, compute, EVENT_FAULT, slot, s->fault_generation, s->card_mtbf_s / s->cards,
                       draw(world, s, slot));
}

void compute_fault_event(jw_world *world, jw_compute *compute, const jw_event *event)
{
    uint32_t slot = event->a - 1;
    if (slot >= compute->site_pool.slot_count)
        return;
    compute_site *s = &compute->sites[slot];
    if (event->kind == EVENT_REPAIR) {
        for (uint32_t i = 0; i < s->broken_count; i++)
            if (s->broken[i].id == event->b) { /* else it was mended by hand */
                mend(world, compute, slot, i);
                break;
            }
        return;
    }
    if (s->fault_generation != (uint32_t)event->b || s->cards == 0)
        return;
    uint32_t card = (uint32_t)(draw(world, s, slot) * s->cards), rack = 0;
    while (card >= s->def.racks[rack].count)
        card -= s->def.racks[rack++].count;
    if (fail_card(world, compute, slot, rack, card))
        schedule_after(world, compute, EVENT_REPAIR, slot, s->last_broken, s->card_mttr_s,
                       draw(world, s, slot));
    schedule_fault(world, compute, slot);
}

static const jw_fault_def *fault_of(const jw_compute *compute, const compute_site *s)
{
    const jw_fault_def *found = NULL;
    for (uint32_t i = 0; i < compute->fault_count; i++)
        if (compute->faults[i].site[0] == 0 || strcmp(compute->faults[i].site, s->def.name) == 0)
            found = &compute->faults[i];
    return found;
}

void compute_start_faults(jw_world *world, jw_compute *compute, uint32_t slot)
{
    compute_site *s = &compute->sites[slot];
    const jw_fault_def *fault = fault_of(compute, s);
    s->fault_generation++;
    s->card_mtbf_s = fault ? fault->card_mtbf_s : 0;
    s->card_mttr_s = fault ? fault->card_mttr_s : 0;
    schedule_fault(world, compute, slot);
}

bool compute_is_fault_fine(const jw_fault_def *fault, char out[FAULT_SIZE])
{
    /* 0: they no longer fail. Once a second at most. */
    bool is_off = fault->card_mtbf_s == 0;
    if (is_off || (fault->card_mtbf_s >= 1 && fault->card_mtbf_s <= 1e12 && fault->card_mttr_s >= 1 &&
                   fault->card_mttr_s <= 1e12))
        return true;
    snprintf(out, FAULT_SIZE, "card_mtbf_s is %g, card_mttr_s %g, they must be 1 to 1e12", fault->card_mtbf_s,
             fault->card_mttr_s);
    return false;
}

jw_result compute_set_fault(jw_world *world, jw_compute *compute, const jw_fault_def *def, jw_error *error)
{
    char fault[FAULT_SIZE];
    if (!compute_is_fault_fine(def, fault))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "failures of cards at \"%s\": %s", def->site, fault);
    uint32_t at = 0;
    while (at < compute->fault_count && strcmp(compute->faults[at].site, def->site) != 0)
        at++;
    jw_result result =
        jw_grow(&compute->faults, &compute->fault_capacity, at + 1ull, sizeof *compute->faults, error);
    if (result != JW_OK)
        return result;
    compute->faults[at] = *def;
    if (at == compute->fault_count)
        compute->fault_count++;
    for (uint32_t i = 0; i < compute->site_pool.slot_count; i++)
        if ((compute->site_pool.generations[i] & 1) &&
            (def->site[0] == 0 || strcmp(compute->sites[i].def.name, def->site) == 0))
            compute_start_faults(world, compute, i);
    return JW_OK;
}

/* ---- verbs
 * ------------------------------------------------------------------------------------------------- */

const jw_verb_arg compute_rack_args[2] = {
    {"name", 't', false, 0, 0, 0, "", "id of the site"},
    {"rack", 'n', true, 0, JW_SITE_RACKS_MAX - 1, 0, "", "in the order of the site's definition, from 0"},
};
const jw_verb_arg compute_card_args[3] = {
    {"name", 't', false, 0, 0, 0, "", "id of the site"},
    {"rack", 'n', true, 0, JW_SITE_RACKS_MAX - 1, 0, "", "in the order of the site's definition, from 0"},
    {"card", 'n', true, 0, 1e6, 0, "", "among the rack's working cards, those in service first, from 0"},
};
const jw_verb_arg compute_fault_args[3] = {
    {"site", 't', true, 0, 0, 0, "", "id of the site; all when left out"},
    {"mtbf_s", 'n', false, 0, 1e12, 0, "s", "of one card; 0: none fails any more"},
    {"mttr_s", 'n', true, 1, 1e12, 3600, "s", "until it is repaired"},
};

static jw_result find_rack(const jw_compute *compute, const jw_command *command, uint32_t *out_slot,
                           uint32_t *out_rack, jw_error *error)
{
    const char *name = jw_command_get_text(command, "name", "");
    *out_rack = (uint32_t)jw_command_get_number(command, "rack", 0);
    *out_slot = compute_slot(compute, jw_compute_find_site(compute, name));
    if (*out_slot == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s: there is no site \"%s\"", command->verb,
                       name);
    if (*out_rack >= compute->sites[*out_slot].def.rack_count)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s: site \"%s\" has %u racks, no rack %u",
                       command->verb, name, compute->sites[*out_slot].def.rack_count, *out_rack);
    return JW_OK;
}

jw_result compute_verb_fail_rack(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    uint32_t slot, rack;
    jw_result result = find_rack(state, command, &slot, &rack, error);
    if (result == JW_OK)
        set_rack(world, state, slot, rack, false);
    return result;
}

jw_result compute_verb_repair_rack(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    uint32_t slot, rack;
    jw_result result = find_rack(state, command, &slot, &rack, error);
    if (result == JW_OK)
        set_rack(world, state, slot, rack, true);
    return result;
}

jw_result compute_verb_fail_card(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    uint32_t slot, rack, card = (uint32_t)jw_command_get_number(command, "card", 0);
    jw_result result = find_rack(state, command, &slot, &rack, error);
    if (result == JW_OK && !fail_card(world, state, slot, rack, card))
        result = jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                         "fail_card: rack %u has not so many working cards", rack);
    return result;
}

jw_result compute_verb_repair_card(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    uint32_t slot, rack;
    jw_result result = find_rack(state, command, &slot, &rack, error);
    if (result == JW_OK && !repair_card(world, state, slot, rack))
        result = jw_fail(error, JW_ERROR_STATE, NULL, 0, "repair_card: no card of rack %u has failed", rack);
    return result;
}

jw_result compute_verb_set_card_faults(jw_world *world, void *state, const jw_command *command,
                                       jw_error *error)
{
    jw_fault_def def = {.card_mtbf_s = jw_command_get_number(command, "mtbf_s", 0),
                        .card_mttr_s = jw_command_get_number(command, "mttr_s", 3600)};
    jw_text_copy(def.site, sizeof def.site, jw_command_get_text(command, "site", ""));
    if (def.site[0] && jw_compute_find_site(state, def.site).index1 == 0)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s: there is no site \"%s\"", command->verb,
                       def.site);
    return compute_set_fault(world, state, &def, error);
}
