/* Saving and loading: field by field, every index checked. The jobs are in compute_state_jobs.c. */
#include "compute/compute_internal.h"

static void save_card(jw_writer *writer, const jw_card *card)
{
    jw_write_text(writer, card->id);
    jw_write_f64(writer, card->fp16_tflops);
    jw_write_f64(writer, card->int8_tops);
    jw_write_f64(writer, card->memory_gb);
    jw_write_f64(writer, card->bandwidth_tbps);
    jw_write_f64(writer, card->idle_w);
    jw_write_f64(writer, card->peak_w);
    jw_write_f64(writer, card->price_cny);
    jw_write_u8(writer, card->is_domestic);
    jw_write_u8(writer, card->is_unverified);
    jw_write_f64(writer, card->token_w);
    jw_write_u8(writer, card->has_sparse);
}

static void load_card(jw_reader *reader, jw_card *card)
{
    char fault[FAULT_SIZE];
    jw_read_text(reader, card->id, sizeof card->id);
    card->fp16_tflops = jw_read_f64(reader);
    card->int8_tops = jw_read_f64(reader);
    card->memory_gb = jw_read_f64(reader);
    card->bandwidth_tbps = jw_read_f64(reader);
    card->idle_w = jw_read_f64(reader);
    card->peak_w = jw_read_f64(reader);
    card->price_cny = jw_read_f64(reader);
    card->is_domestic = jw_read_u8(reader);
    card->is_unverified = jw_read_u8(reader);
    card->token_w = jw_read_f64(reader);
    card->has_sparse = jw_read_u8(reader);
    if (!compute_is_card_fine(card, fault))
        jw_reader_fail(reader, "card \"%s\": %s", card->id, fault);
}

static void save_service(jw_writer *writer, const jw_service *service)
{
    jw_write_text(writer, service->id);
    jw_write_u8(writer, (uint8_t)service->kind);
    jw_write_f64(writer, service->gflop_per_item);
    jw_write_f64(writer, service->efficiency);
    jw_write_u8(writer, service->is_int8);
    jw_write_f64(writer, service->parameters_b);
    jw_write_f64(writer, service->bytes_per_parameter);
    jw_write_f64(writer, service->kv_bytes_per_token);
    jw_write_f64(writer, service->prefill_mfu);
    jw_write_f64(writer, service->decode_efficiency);
    jw_write_f64(writer, service->step_overhead_s);
    jw_write_u32(writer, service->max_batch);
    jw_write_f64(writer, service->image_gb);
    jw_write_u32(writer, service->cards_per_instance);
    jw_write_u32(writer, service->scheduler.chunk_tokens);
    jw_write_u8(writer, service->scheduler.preemption);
    jw_write_f64(writer, service->scheduler.host_gbyte_per_s);
    jw_write_f64(writer, service->scheduler.prefill_share);
    jw_write_f64(writer, service->scheduler.transfer_gbps);
    jw_write_f64(writer, service->scheduler.ttft_limit_s);
    jw_write_f64(writer, service->scheduler.tpot_limit_s);
    jw_write_f64(writer, service->max_wait_s);
    jw_write_f64(writer, service->cold_start_s);
    jw_write_f64(writer, service->keep_alive_s);
    jw_write_f64(writer, service->checkpoint_interval_s);
    jw_write_f64(writer, service->checkpoint_s);
    jw_write_f64(writer, service->frame_rate_hz);
}

static void load_service(jw_reader *reader, jw_service *service)
{
    jw_read_text(reader, service->id, sizeof service->id);
    uint8_t kind = jw_read_u8(reader);
    if (kind > JW_SERVICE_STREAM)
        jw_reader_fail(reader, "service \"%s\" is of an unknown kind", service->id);
    service->kind = kind > JW_SERVICE_STREAM ? JW_SERVICE_VISION : (jw_service_kind)kind;
    service->gflop_per_item = jw_read_f64(reader);
    service->efficiency = jw_read_f64(reader);
    service->is_int8 = jw_read_u8(reader);
    service->parameters_b = jw_read_f64(reader);
    service->bytes_per_parameter = jw_read_f64(reader);
    service->kv_bytes_per_token = jw_read_f64(reader);
    service->prefill_mfu = jw_read_f64(reader);
    service->decode_efficiency = jw_read_f64(reader);
    service->step_overhead_s = jw_read_f64(reader);
    service->max_batch = jw_read_u32(reader);
    service->image_gb = jw_read_f64(reader);
    service->cards_per_instance = jw_read_u32(reader);
    service->scheduler.chunk_tokens = jw_read_u32(reader);
    service->scheduler.preemption = jw_read_u8(reader);
    service->scheduler.host_gbyte_per_s = jw_read_f64(reader);
    service->scheduler.prefill_share = jw_read_f64(reader);
    service->scheduler.transfer_gbps = jw_read_f64(reader);
    service->scheduler.ttft_limit_s = jw_read_f64(reader);
    service->scheduler.tpot_limit_s = jw_read_f64(reader);
    service->max_wait_s = jw_read_f64(reader);
    service->cold_start_s = jw_read_f64(reader);
    service->keep_alive_s = jw_read_f64(reader);
    service->checkpoint_interval_s = jw_read_f64(reader);
    service->checkpoint_s = jw_read_f64(reader);
    service->frame_rate_hz = jw_read_f64(reader);
    char fault[FAULT_SIZE];
    if (!compute_is_service_fine(service, fault))
        jw_reader_fail(reader, "service \"%s\": %s", service->id, fault);
}

static void save_timing(jw_writer *writer, const jw_llm_timing *timing)
{
    jw_write_text(writer, timing->service);
    jw_write_text(writer, timing->card);
    jw_write_u32(writer, timing->cards);
    jw_write_f64(writer, timing->fixed_s);
    jw_write_f64(writer, timing->token_s);
    jw_write_f64(writer, timing->long_s);
    jw_write_f64(writer, timing->step_s);
    jw_write_f64(writer, timing->sequence_s);
    jw_write_f64(writer, timing->cache_s);
    jw_write_f64(writer, timing->prefill_error);
    jw_write_f64(writer, timing->decode_error);
}

static void load_timing(jw_reader *reader, jw_llm_timing *timing)
{
    char fault[FAULT_SIZE];
    jw_read_text(reader, timing->service, sizeof timing->service);
    jw_read_text(reader, timing->card, sizeof timing->card);
    timing->cards = jw_read_u32(reader);
    timing->fixed_s = jw_read_f64(reader);
    timing->token_s = jw_read_f64(reader);
    timing->long_s = jw_read_f64(reader);
    timing->step_s = jw_read_f64(reader);
    timing->sequence_s = jw_read_f64(reader);
    timing->cache_s = jw_read_f64(reader);
    timing->prefill_error = jw_read_f64(reader);
    timing->decode_error = jw_read_f64(reader);
    if (!compute_is_timing_fine(timing, fault))
        jw_reader_fail(reader, "timing of \"%s\" on \"%s\": %s", timing->service, timing->card, fault);
}

static void save_installed(jw_writer *writer, const installed *in)
{
    jw_write_u32(writer, in->service);
    if (in->service == JW_NONE)
        return;
    jw_write_u32(writer, in->version);
    jw_write_u32(writer, in->rack);
    jw_write_u32(writer, in->cards);
    jw_write_u32(writer, in->queue_first);
    jw_write_u32(writer, in->arrived.first);
    jw_write_f64(writer, in->scale.load_sum);
    jw_write_u32(writer, in->scale.looks);
    jw_write_i64(writer, in->scale.busy_ns);
    jw_write_i64(writer, in->scale.busy_since_ns);
    jw_write_i64(writer, in->scale.begun_ns);
    jw_write_u32(writer, in->scale.below_most);
    jw_write_i64(writer, in->scale.below_since_ns);
    jw_write_i64(writer, in->scale.next_ns);
    jw_write_u8(writer, in->scale.is_image_away);
    jw_write_u8(writer, in->scale.is_pulling);
    jw_write_u32(writer, in->server_count);
    for (uint32_t i = 0; i < in->server_count; i++) {
        const server *work = &in->servers[i];
        jw_write_u32(writer, work->generation);
        jw_write_u8(writer, work->off);
        jw_write_u32(writer, work->failed);
        jw_write_u32(writer, work->active.first);
        jw_write_u32(writer, work->filling.first);
        jw_write_u32(writer, work->swapped.first);
        jw_write_u32(writer, work->sending.first);
        jw_write_u64(writer, work->last_tokens);
        jw_write_u64(writer, work->step);
        jw_write_u64(writer, work->run_steps);
        jw_write_i64(writer, work->begun_ns);
        jw_write_i64(writer, work->link_free_ns);
        jw_write_i64(writer, work->warm_until_ns);
    }
}

static void load_installed(jw_reader *reader, const jw_compute *compute, const compute_site *s, installed *in)
{
    in->service = jw_read_u32(reader);
    if (in->service == JW_NONE)
        return;
    in->version = jw_read_u32(reader);
    in->rack = jw_read_u32(reader);
    in->cards = jw_read_u32(reader);
    in->queue_first = jw_read_u32(reader);
    in->arrived.first = jw_read_u32(reader);
    in->scale.load_sum = jw_read_f64(reader);
    in->scale.looks = jw_read_u32(reader);
    in->scale.busy_ns = jw_read_i64(reader);
    in->scale.busy_since_ns = jw_read_i64(reader);
    in->scale.begun_ns = jw_read_i64(reader);
    in->scale.below_most = jw_read_u32(reader);
    in->scale.below_since_ns = jw_read_i64(reader);
    in->scale.next_ns = jw_read_i64(reader);
    in->scale.is_image_away = jw_read_u8(reader);
    in->scale.is_pulling = jw_read_u8(reader);
    uint32_t count = jw_read_count(reader, SERVERS_MAX, 60);
    uint32_t service = in->service;
    in->service = JW_NONE; /* free until it is known to be sound */
    if (reader->failed || service >= compute->service_count || in->rack >= s->def.rack_count || count == 0 ||
        in->version == 0) {
        jw_reader_fail(reader, "site \"%s\" serves what it cannot", s->def.name);
        return;
    }
    in->servers = jw_alloc(count * sizeof *in->servers);
    if (!in->servers) {
        jw_reader_fail_memory(reader);
        return;
    }
    in->service = service;
    in->server_count = count;
    for (uint32_t i = 0; i < count; i++) {
        server *work = &in->servers[i];
        work->generation = jw_read_u32(reader);
        work->off = jw_read_u8(reader);
        work->failed = jw_read_u32(reader);
        in->on_count += !(work->off & OFF_SCALED);
        in->ready_count += work->off == 0;
        work->active.first = jw_read_u32(reader);
        work->filling.first = jw_read_u32(reader);
        work->swapped.first = jw_read_u32(reader);
        work->sending.first = jw_read_u32(reader);
        work->last_tokens = jw_read_u64(reader);
        work->step = jw_read_u64(reader);
        work->run_steps = jw_read_u64(reader);
        work->begun_ns = jw_read_i64(reader);
        work->link_free_ns = jw_read_i64(reader);
        work->warm_until_ns = jw_read_i64(reader);
    }
    uint32_t least = compute_cards_per_instance(&compute->services[service]);
    if (in->cards != (uint64_t)in->on_count * least)
        jw_reader_fail(reader, "site \"%s\" serves with other cards than it has", s->def.name);
    for (uint32_t i = 0; i < count; i++) {
        const server *work = &in->servers[i];
        if (work->off >= 2 * OFF_RACK || work->failed > least ||
            (work->failed > 0) != !!(work->off & OFF_CARD) ||
            ((work->off & OFF_SCALED) && work->off & ~(OFF_SCALED | OFF_RACK)))
            jw_reader_fail(reader, "an instance at site \"%s\" is out of range", s->def.name);
    }
    compute_llm_settle_times(compute, s, in);
}

static void save_site(jw_writer *writer, const compute_site *s)
{
    jw_write_text(writer, s->def.name);
    jw_write_u8(writer, (uint8_t)s->def.tier);
    jw_write_f64(writer, s->def.x_m);
    jw_write_f64(writer, s->def.y_m);
    jw_write_u32(writer, s->def.rack_count);
    for (uint32_t r = 0; r < s->def.rack_count; r++) {
        jw_write_text(writer, s->def.racks[r].card);
        jw_write_u32(writer, s->def.racks[r].count);
        jw_write_u32(writer, s->rack_card[r]);
        jw_write_u32(writer, s->rack_used[r]);
        jw_write_u32(writer, s->rack_failed[r]);
        jw_write_u8(writer, s->rack_is_down[r]);
    }
    jw_write_u32(writer, s->def.queue_max);
    jw_write_f64(writer, s->def.power_max_kw);
    jw_write_f64(writer, s->def.pue);
    jw_write_f64(writer, s->def.base_power_w);
    jw_write_text(writer, s->def.region);
    jw_write_u32(writer, s->region);
    jw_write_u8(writer, s->is_up);
    jw_write_u8(writer, s->is_removed);
    jw_write_u32(writer, s->queued);
    jw_write_u32(writer, s->running);
    jw_write_i64(writer, s->done);
    jw_write_i64(writer, s->rejected);
    jw_write_f64(writer, s->card_mtbf_s);
    jw_write_f64(writer, s->card_mttr_s);
    jw_write_u32(writer, s->fault_generation);
    jw_write_u64(writer, s->fault_draws);
    jw_write_u32(writer, s->last_broken);
    jw_write_u32(writer, s->broken_count);
    for (uint32_t i = 0; i < s->broken_count; i++) {
        jw_write_u32(writer, s->broken[i].id);
        jw_write_u32(writer, s->broken[i].rack);
        jw_write_u32(writer, s->broken[i].place);
        jw_write_u32(writer, s->broken[i].server);
    }
    compute_save_supply(writer, s);
    jw_write_f64(writer, s->mean_time_s);
    jw_write_i64(writer, s->mean_since_ns);
    for (uint32_t p = 0; p < SERVICES_PER_SITE; p++)
        save_installed(writer, &s->services[p]);
}

static bool is_scaling_sound(const installed *in, int64_t now_ns)
{
    const scaling *k = &in->scale;
    return k->load_sum >= 0 && k->load_sum <= 1e9 && k->looks <= 1000000 && k->busy_since_ns >= 0 &&
           k->busy_since_ns <= now_ns && k->begun_ns >= 0 && k->begun_ns <= now_ns && k->busy_ns >= 0 &&
           k->busy_ns / SERVERS_MAX <= now_ns && k->below_since_ns >= 0 && k->below_since_ns <= now_ns &&
           k->next_ns >= 0 && k->below_most <= SERVERS_MAX && k->is_image_away <= 1 && k->is_pulling <= 1;
}

/* The cards that services hold are those that the racks have given, and energy is a sum of the past. */
static bool is_site_sound(const jw_world *world, const jw_compute *compute, const compute_site *s)
{
    uint64_t used[JW_SITE_RACKS_MAX] = {0};
    for (uint32_t p = 0; p < SERVICES_PER_SITE; p++) {
        if (s->services[p].service == JW_NONE)
            continue;
        used[s->services[p].rack] += s->services[p].cards;
        if (!is_scaling_sound(&s->services[p], jw_world_time_ns(world)))
            return false;
        for (uint32_t q = 0; q < p; q++)
            if (s->services[q].service == s->services[p].service)
                return false;
    }
    for (uint32_t r = 0; r < s->def.rack_count; r++)
        if (used[r] != s->rack_used[r] || used[r] + s->rack_failed[r] > s->def.racks[r].count ||
            s->rack_is_down[r] > 1)
            return false;
    return s->region < compute->region_count && s->is_removed <= 1 && s->is_up <= 1 - s->is_removed &&
           s->def.queue_max > 0 && s->done >= 0 && s->rejected >= 0 && s->mean_time_s >= 0 &&
           s->mean_time_s < 1e10 && s->mean_since_ns >= 0 && s->mean_since_ns <= jw_world_time_ns(world);
}

static void load_broken(jw_reader *reader, compute_site *s)
{
    s->last_broken = jw_read_u32(reader);
    uint32_t count = jw_read_count(reader, s->cards, 16);
    if (jw_grow(&s->broken, &s->broken_capacity, count, sizeof *s->broken, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    s->broken_count = count;
    for (uint32_t i = 0; i < count; i++) {
        s->broken[i].id = jw_read_u32(reader);
        s->broken[i].rack = jw_read_u32(reader);
        s->broken[i].place = jw_read_u32(reader);
        s->broken[i].server = jw_read_u32(reader);
    }
}

static void load_site(const jw_world *world, jw_reader *reader, const jw_compute *compute, compute_site *s)
{
    jw_read_text(reader, s->def.name, sizeof s->def.name);
    uint8_t tier = jw_read_u8(reader);
    s->def.x_m = jw_read_f64(reader);
    s->def.y_m = jw_read_f64(reader);
    s->def.rack_count = jw_read_u32(reader);
    if (tier >= JW_TIER_COUNT || s->def.rack_count > JW_SITE_RACKS_MAX) {
        jw_reader_fail(reader, "site \"%s\" is out of range", s->def.name);
        s->def.rack_count = 0;
        return;
    }
    s->def.tier = (jw_tier)tier;
    for (uint32_t r = 0; r < s->def.rack_count; r++) {
        jw_read_text(reader, s->def.racks[r].card, sizeof s->def.racks[r].card);
        s->def.racks[r].count = jw_read_u32(reader);
        s->rack_card[r] = jw_read_u32(reader);
        s->rack_used[r] = jw_read_u32(reader);
        s->rack_failed[r] = jw_read_u32(reader);
        s->rack_is_down[r] = jw_read_u8(reader);
        if (s->rack_card[r] >= compute->card_count)
            jw_reader_fail(reader, "site \"%s\" holds an unknown card", s->def.name);
        s->cards += s->def.racks[r].count;
    }
    s->def.queue_max = jw_read_u32(reader);
    s->def.power_max_kw = jw_read_f64(reader);
    s->def.pue = jw_read_f64(reader);
    s->def.base_power_w = jw_read_f64(reader);
    jw_read_text(reader, s->def.region, sizeof s->def.region);
    s->region = jw_read_u32(reader);
    s->is_up = jw_read_u8(reader);
    s->is_removed = jw_read_u8(reader);
    s->queued = jw_read_u32(reader);
    s->running = jw_read_u32(reader);
    s->done = jw_read_i64(reader);
    s->rejected = jw_read_i64(reader);
    s->card_mtbf_s = jw_read_f64(reader);
    s->card_mttr_s = jw_read_f64(reader);
    s->fault_generation = jw_read_u32(reader);
    s->fault_draws = jw_read_u64(reader);
    load_broken(reader, s);
    jw_fault_def chance = {.card_mtbf_s = s->card_mtbf_s, .card_mttr_s = s->card_mttr_s};
    char wrong[FAULT_SIZE];
    if (!compute_is_fault_fine(&chance, wrong))
        jw_reader_fail(reader, "site \"%s\": %s", s->def.name, wrong);
    compute_load_supply(world, reader, compute, s);
    s->mean_time_s = jw_read_f64(reader);
    s->mean_since_ns = jw_read_i64(reader);
    for (uint32_t p = 0; p < SERVICES_PER_SITE; p++) {
        s->services[p].service = JW_NONE;
        if (!reader->failed)
            load_installed(reader, compute, s, &s->services[p]);
    }
    char fault[FAULT_SIZE] = "its state does not add up";
    if (!reader->failed && (!compute_is_site_fine(&s->def, fault) || !is_site_sound(world, compute, s) ||
                            !compute_is_broken_sound(s)))
        jw_reader_fail(reader, "site \"%s\": %s", s->def.name, fault);
}

static void save_scale(jw_writer *writer, const jw_scale_def *scale)
{
    jw_write_text(writer, scale->service);
    jw_write_text(writer, scale->site);
    jw_write_u32(writer, scale->min);
    jw_write_u32(writer, scale->max);
    jw_write_f64(writer, scale->target);
    jw_write_f64(writer, scale->queue_target);
    jw_write_f64(writer, scale->interval_s);
    jw_write_f64(writer, scale->cooldown_s);
    jw_write_f64(writer, scale->load_gbyte_per_s);
}

/* Of scaling and of failures by chance. */
static void load_rules(jw_compute *compute, jw_reader *reader)
{
    char fault[FAULT_SIZE];
    uint32_t count = jw_read_count(reader, 100000, 48);
    if (jw_grow(&compute->scales, &compute->scale_capacity, count, sizeof *compute->scales, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        jw_scale_def *scale = &compute->scales[i];
        jw_read_text(reader, scale->service, sizeof scale->service);
        jw_read_text(reader, scale->site, sizeof scale->site);
        scale->min = jw_read_u32(reader);
        scale->max = jw_read_u32(reader);
        scale->target = jw_read_f64(reader);
        scale->queue_target = jw_read_f64(reader);
        scale->interval_s = jw_read_f64(reader);
        scale->cooldown_s = jw_read_f64(reader);
        scale->load_gbyte_per_s = jw_read_f64(reader);
        if (!compute_is_scale_fine(scale, fault))
            jw_reader_fail(reader, "scaling of \"%s\": %s", scale->service, fault);
    }
    compute->scale_count = count;
    count = jw_read_count(reader, 100000, 18);
    if (jw_grow(&compute->faults, &compute->fault_capacity, count, sizeof *compute->faults, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        jw_read_text(reader, compute->faults[i].site, sizeof compute->faults[i].site);
        compute->faults[i].card_mtbf_s = jw_read_f64(reader);
        compute->faults[i].card_mttr_s = jw_read_f64(reader);
        if (!compute_is_fault_fine(&compute->faults[i], fault))
            jw_reader_fail(reader, "failures of cards at \"%s\": %s", compute->faults[i].site, fault);
    }
    compute->fault_count = count;
}

void compute_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const jw_compute *compute = state;
    jw_write_u32(writer, compute->card_count);
    for (uint32_t i = 0; i < compute->card_count; i++)
        save_card(writer, &compute->cards[i]);
    jw_write_u32(writer, compute->service_count);
    for (uint32_t i = 0; i < compute->service_count; i++)
        save_service(writer, &compute->services[i]);
    for (uint32_t i = 0; i < compute->service_count; i++)
        compute_llm_save_stats(&compute->llm[i], writer);
    for (uint32_t i = 0; i < compute->service_count; i++) {
        jw_write_i64(writer, compute->service_counts[i].cold_starts);
        jw_write_i64(writer, compute->service_counts[i].interrupted);
        jw_write_i64(writer, compute->service_counts[i].lost_ns);
        jw_write_i64(writer, compute->service_counts[i].cancelled);
    }
    jw_write_u32(writer, compute->region_count);
    for (uint32_t i = 0; i < compute->region_count; i++)
        compute_save_region(writer, &compute->regions[i]);
    jw_write_u32(writer, compute->timing_count);
    for (uint32_t i = 0; i < compute->timing_count; i++)
        save_timing(writer, &compute->timings[i]);
    compute_save_services(writer, compute);
    jw_write_i64(writer, compute->submitted);
    jw_write_i64(writer, compute->done);
    jw_write_i64(writer, compute->rejected);
    jw_write_u32(writer, compute->next_generation);
    jw_write_u32(writer, compute->scale_count);
    for (uint32_t i = 0; i < compute->scale_count; i++)
        save_scale(writer, &compute->scales[i]);
    jw_write_u32(writer, compute->fault_count);
    for (uint32_t i = 0; i < compute->fault_count; i++) {
        jw_write_text(writer, compute->faults[i].site);
        jw_write_f64(writer, compute->faults[i].card_mtbf_s);
        jw_write_f64(writer, compute->faults[i].card_mttr_s);
    }
    compute_save_variants(compute, writer);
    compute_save_software(compute, writer);
    jw_pool_save(&compute->site_pool, writer);
    for (uint32_t i = 0; i < compute->site_pool.slot_count; i++)
        save_site(writer, &compute->sites[i]);
    compute_save_jobs(compute, writer);
}

/* Room for `count` elements and one more, so that an empty list is no failure; NULL marks the reader. */
static void *room(jw_reader *reader, uint32_t count, size_t size)
{
    void *items = reader->failed ? NULL : jw_alloc((count + 1) * size);
    if (!items)
        jw_reader_fail_memory(reader);
    return items;
}

static bool load_catalogue(const jw_world *world, jw_compute *compute, jw_reader *reader)
{
    uint32_t count = jw_read_count(reader, 10000, 60);
    compute->cards = room(reader, count, sizeof *compute->cards);
    for (uint32_t i = 0; i < count && !reader->failed; i++)
        load_card(reader, &compute->cards[i]);
    compute->card_count = count;
    count = jw_read_count(reader, 10000, 60);
    compute->services = room(reader, count, sizeof *compute->services);
    for (uint32_t i = 0; i < count && !reader->failed; i++)
        load_service(reader, &compute->services[i]);
    compute->service_count = count;
    compute->llm = room(reader, count, sizeof *compute->llm);
    for (uint32_t i = 0; i < count && !reader->failed; i++)
        compute_llm_load_stats(&compute->llm[i], reader);
    compute->service_counts = room(reader, count, sizeof *compute->service_counts);
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        jw_service_counts *counts = &compute->service_counts[i];
        counts->cold_starts = jw_read_i64(reader);
        counts->interrupted = jw_read_i64(reader);
        counts->lost_ns = jw_read_i64(reader);
        counts->cancelled = jw_read_i64(reader);
        if (counts->cancelled < 0 || counts->cancelled > INT64_MAX / 4 || counts->cold_starts < 0 ||
            counts->interrupted < 0 || counts->lost_ns < 0 || counts->cold_starts > INT64_MAX / 4 ||
            counts->interrupted > INT64_MAX / 4 || counts->lost_ns > INT64_MAX / 4)
            jw_reader_fail(reader, "the counts of a service are out of range");
    }
    count = jw_read_count(reader, 10000, 280);
    compute->regions = room(reader, count, sizeof *compute->regions);
    for (uint32_t i = 0; i < count && !reader->failed; i++)
        compute_load_region(reader, &compute->regions[i]);
    compute->region_count = count;
    count = jw_read_count(reader, 10000, 60);
    compute->timings = room(reader, count, sizeof *compute->timings);
    for (uint32_t i = 0; i < count && !reader->failed; i++)
        load_timing(reader, &compute->timings[i]);
    compute->timing_count = count;
    if (!reader->failed)
        compute_load_services(world, reader, compute);
    return !reader->failed;
}

void compute_load(jw_world *world, void *state, jw_reader *reader)
{
    jw_compute *compute = state;
    if (!load_catalogue(world, compute, reader))
        return;
    compute->submitted = jw_read_i64(reader);
    compute->done = jw_read_i64(reader);
    compute->rejected = jw_read_i64(reader);
    compute->next_generation = jw_read_u32(reader);
    load_rules(compute, reader);
    compute_load_variants(compute, reader);
    compute_load_software(compute, reader);
    if (reader->failed)
        return;
    jw_pool_load(&compute->site_pool, reader);
    /* A site takes more than 100 bytes: a count that the rest cannot hold allocates nothing. */
    if (compute->site_pool.slot_count > (reader->size - reader->position) / 100)
        jw_reader_fail(reader, "it names more sites than it holds");
    if (reader->failed)
        return;
    if (jw_grow(&compute->sites, &compute->site_capacity, compute->site_pool.slot_count,
                sizeof *compute->sites, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    for (uint32_t i = 0; i < compute->site_pool.slot_count; i++)
        load_site(world, reader, compute, &compute->sites[i]);
    compute_load_jobs(world, compute, reader);
}
