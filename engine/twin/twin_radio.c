/* Vehicles as radio users: who is connected, where they are, and what they ask the assistant.
 *
 * Neutral when off: no users, no questions. Whether a vehicle is connected is drawn once, by its identity;
 * autonomous shuttles always are, where anybody is. */
#include "twin/twin_example.h"

#include <string.h>

enum { EVENT_QUESTION };

static jw_vehicle_id slot_vehicle(const twin_radio *radio, uint32_t slot)
{
    return (jw_vehicle_id){slot + 1, radio->slots[slot].generation};
}

static uint64_t vehicle_key(jw_vehicle_id id)
{
    return (uint64_t)id.generation << 32 | id.index1;
}

static void forget(jw_world *world, twin_radio *radio, uint32_t slot)
{
    if (radio->slots[slot].user.index1)
        jw_network_remove_user(world, twin_network_of(world), radio->slots[slot].user);
    radio->slots[slot] = (twin_radio_slot){0};
}

static void schedule_question(jw_world *world, const twin_radio *radio, uint32_t slot)
{
    if (radio->assistant_mean_s <= 0 || radio->assistant_type == JW_NONE)
        return;
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "twin.radio.question"));
    int64_t now_ns = jw_world_time_ns(world);
    double wait_s = jw_random_exponential(key, vehicle_key(slot_vehicle(radio, slot)), (uint64_t)now_ns,
                                          radio->assistant_mean_s);
    jw_schedule(world, now_ns + 1 + jw_ns_from_s(jw_min(wait_s, 1e6)), JW_PRIORITY_NORMAL, JW_TWIN_RADIO,
                EVENT_QUESTION, slot + 1, radio->slots[slot].generation);
}

static bool is_motor(uint8_t vehicle_class)
{
    return vehicle_class <= JW_VEHICLE_EMERGENCY;
}

static void arrive(jw_world *world, twin_radio *radio, jw_vehicle_id id, uint8_t vehicle_class, float x_m,
                   float y_m)
{
    uint32_t slot = id.index1 - 1;
    radio->slots[slot].generation = id.generation;
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "twin.radio.connected"));
    bool is_shuttle = vehicle_class == JW_VEHICLE_SHUTTLE && radio->connected_share > 0;
    if (!is_motor(vehicle_class) ||
        (!is_shuttle && jw_random_uniform(key, vehicle_key(id), 0) >= radio->connected_share))
        return;
    /* 1.5 m: terminal height of TR 38.901 for outdoor users. */
    if (jw_network_add_user(twin_network_of(world), vehicle_key(id), x_m, y_m, 1.5f, &radio->slots[slot].user,
                            NULL) != JW_OK) {
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory for a radio user");
        return;
    }
    schedule_question(world, radio, slot);
}

static jw_result reserve(twin_radio *radio, uint32_t vehicles, uint32_t slots)
{
    jw_result result = jw_grow(&radio->slots, &radio->slot_capacity, slots, sizeof *radio->slots, NULL);
    if (result == JW_OK)
        result = jw_grow(&radio->users, &radio->scratch_capacity, vehicles, sizeof *radio->users, NULL);
    if (result == JW_OK)
        result = jw_grow(&radio->x_m, &radio->xs_capacity, vehicles, sizeof *radio->x_m, NULL);
    if (result == JW_OK)
        result = jw_grow(&radio->y_m, &radio->ys_capacity, vehicles, sizeof *radio->y_m, NULL);
    return result;
}

static void run_positions(jw_world *world, void *state)
{
    twin_radio *radio = state;
    if (!twin_is_coupled(world, JW_COUPLING_RADIO)) {
        for (uint32_t slot = 0; slot < radio->slot_count; slot++)
            if (radio->slots[slot].generation)
                forget(world, radio, slot);
        return;
    }
    jw_vehicle_columns vehicles = jw_traffic_vehicles(twin_traffic_of(world));
    uint32_t slots = vehicles.count ? vehicles.id[vehicles.count - 1].index1 : 0;
    if (slots < radio->slot_count)
        slots = radio->slot_count;
    if (reserve(radio, vehicles.count, slots) != JW_OK) {
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory for radio users");
        return;
    }
    radio->slot_count = slots;
    uint32_t count = 0;
    for (uint32_t row = 0; row < vehicles.count; row++) {
        jw_vehicle_id id = vehicles.id[row];
        uint32_t slot = id.index1 - 1;
        if (radio->slots[slot].generation != id.generation) {
            forget(world, radio, slot);
            arrive(world, radio, id, vehicles.vehicle_class[row], vehicles.x_m[row], vehicles.y_m[row]);
        }
        if (radio->slots[slot].user.index1) {
            radio->users[count] = radio->slots[slot].user;
            radio->x_m[count] = vehicles.x_m[row];
            radio->y_m[count] = vehicles.y_m[row];
            count++;
        }
    }
    jw_network_move_users(twin_network_of(world), count, radio->users, radio->x_m, radio->y_m);
}

static void on_vehicle_arrived(jw_world *world, jw_vehicle_id id)
{
    twin_radio *radio = twin_radio_of(world);
    uint32_t slot = id.index1 - 1;
    if (slot < radio->slot_count && radio->slots[slot].generation == id.generation)
        forget(world, radio, slot);
    twin_trail_arrived(world, id);
}

static void radio_on_event(jw_world *world, void *state, const jw_event *event)
{
    twin_radio *radio = state;
    uint32_t slot = event->a - 1;
    if (slot >= radio->slot_count || radio->slots[slot].generation != (uint32_t)event->b ||
        radio->slots[slot].user.index1 == 0)
        return;
    if (twin_is_coupled(world, JW_COUPLING_ASSISTANT)) {
        radio->questions++;
        jw_request_send(world, radio->assistant_type, JW_SENDER_VEHICLE,
                        vehicle_key(slot_vehicle(radio, slot)), 0,
                        (jw_net_end){.user = radio->slots[slot].user}, NULL);
    }
    schedule_question(world, radio, slot);
}

static jw_result radio_init(jw_world *world, void *state, const void *def, jw_error *error)
{
    (void)world;
    twin_radio *radio = state;
    const jw_twin_def *twin = def;
    if (!(twin->connected_share >= 0 && twin->connected_share <= 1))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s is %g, it must be %g to %g", "connected_share",
                       twin->connected_share, 0.0, 1.0);
    if (!(twin->assistant_per_hour >= 0 && twin->assistant_per_hour <= 3600))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s is %g, it must be %g to %g", "assistant_per_hour",
                       twin->assistant_per_hour, 0.0, 3600.0);
    radio->connected_share = twin->connected_share;
    radio->assistant_mean_s = twin->assistant_per_hour > 0 ? 3600.0 / twin->assistant_per_hour : 0;
    return JW_OK;
}

static jw_result radio_attach(jw_world *world, void *state, jw_error *error)
{
    (void)error;
    twin_radio *radio = state;
    radio->assistant_type = twin_request_type_find(twin_requests_of(world), "assistant");
    jw_traffic_ports ports = {.vehicle_arrived = on_vehicle_arrived,
                              .disturbance_ended = twin_diary_disturbance_ended};
    jw_traffic_set_ports(twin_traffic_of(world), &ports);
    return JW_OK;
}

static void radio_destroy(void *state)
{
    twin_radio *radio = state;
    jw_free(radio->slots);
    jw_free(radio->users);
    jw_free(radio->x_m);
    jw_free(radio->y_m);
}

static void radio_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const twin_radio *radio = state;
    jw_write_f64(writer, radio->connected_share);
    jw_write_f64(writer, radio->assistant_mean_s);
    jw_write_i64(writer, radio->questions);
    jw_write_u32(writer, radio->slot_count);
    for (uint32_t i = 0; i < radio->slot_count; i++) {
        jw_write_u32(writer, radio->slots[i].generation);
        jw_write_u32(writer, radio->slots[i].user.index1);
        jw_write_u32(writer, radio->slots[i].user.generation);
    }
}

static void radio_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    twin_radio *radio = state;
    radio->connected_share = jw_read_f64(reader);
    radio->assistant_mean_s = jw_read_f64(reader);
    radio->questions = jw_read_i64(reader);
    uint32_t count = jw_read_count(reader, UINT32_MAX, 12);
    if (!(radio->connected_share >= 0 && radio->connected_share <= 1) ||
        !(radio->assistant_mean_s >= 0 && radio->assistant_mean_s <= 1e9) || radio->questions < 0 ||
        radio->questions > INT64_MAX / 2)
        jw_reader_fail(reader, "the radio users' figures are out of range");
    if (reader->failed)
        return;
    if (jw_grow(&radio->slots, &radio->slot_capacity, count, sizeof *radio->slots, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    radio->slot_count = count;
    for (uint32_t i = 0; i < count; i++) {
        radio->slots[i].generation = jw_read_u32(reader);
        radio->slots[i].user.index1 = jw_read_u32(reader);
        radio->slots[i].user.generation = jw_read_u32(reader);
    }
}

static uint64_t radio_hash(const jw_world *world, const void *state)
{
    (void)world;
    const twin_radio *radio = state;
    uint64_t hash = jw_hash_u64(0, (uint64_t)radio->questions);
    hash = jw_hash_f64(hash, radio->connected_share);
    hash = jw_hash_f64(hash, radio->assistant_mean_s);
    return jw_hash_bytes(hash, radio->slots, radio->slot_count * sizeof *radio->slots);
}

static const jw_metric metrics[] = {
    {"twin.assistant_questions", "", JW_METRIC_COUNTER, "questions that connected vehicles asked"},
};

static double radio_metric(const jw_world *world, const void *state, uint32_t metric)
{
    (void)world;
    (void)metric;
    return (double)((const twin_radio *)state)->questions;
}

static const jw_phase phases[] = {{"twin.positions", JW_SLOT_COUPLING, run_positions}};

static void radio_restart_counts(jw_world *world, void *state)
{
    (void)world;
    ((twin_radio *)state)->questions = 0;
}

const jw_module twin_radio_module = {
    .name = "twin_radio",
    .version = 1,
    .state_size = sizeof(twin_radio),
    .init = radio_init,
    .attach = radio_attach,
    .destroy = radio_destroy,
    .phases = phases,
    .phase_count = JW_COUNT_OF(phases),
    .on_event = radio_on_event,
    .save = radio_save,
    .load = radio_load,
    .hash = radio_hash,
    .metrics = metrics,
    .metric_count = JW_COUNT_OF(metrics),
    .metric = radio_metric,
    .restart_counts = radio_restart_counts,
};
