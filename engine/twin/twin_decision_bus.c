/* Bus priority by prediction: a bus that comes near a signal is asked about, and the signal heeds it as the
 * answer says.
 *
 * A right answer: the signal sees the bus as it comes (within its reach, until it has passed). A wrong one
 * expects it at another time, earlier or later by an exponential error around ERROR_S: the green is held or
 * brought forward for a bus that is not there, and the bus finds what it finds. No answer before the bus has
 * gone: no priority. The perfect decider is traffic's own rule for buses that it sees. Signals that somebody
 * rules from outside (cameras) heed no bus: jw_traffic_set_priority. */
#include "twin/twin_internal.h"

#define ASK_M    250.0 /* before the line */
#define ERROR_S  20.0  /* unverified */
#define WINDOW_S 15.0  /* that a signal waits for a bus that does not come: unverified */

/* Priority for buses that are seen, or for those whom answers name. */
static void set_rule(jw_world *world)
{
    uint8_t by = twin_decisions_of(world)->rules[JW_DECISION_BUS].by;
    jw_traffic_heed_grants(twin_traffic_of(world), by != JW_DECIDER_PERFECT);
}

/* The connection by which the bus will cross signals ahead, soon; JW_NONE: none. */
static uint32_t signal_ahead(const jw_world *world, const jw_vehicle_columns *v, uint32_t row,
                             double *out_left_m)
{
    const jw_city *city = jw_twin_city(world);
    jw_vehicle_spot spot;
    if (v->edge[row] == JW_NONE || city->junctions[city->edges[v->edge[row]].to].programme == JW_NONE ||
        !jw_traffic_vehicle_spot(twin_traffic_of(world), v->id[row], &spot) || spot.lane == JW_NONE)
        return JW_NONE;
    *out_left_m = city->lanes[spot.lane].length_m - (double)spot.pos_m;
    return *out_left_m <= ASK_M ? twin_next_connection(world, v->id[row], spot.lane) : JW_NONE;
}

void twin_buses_step(jw_world *world, twin_buses *buses)
{
    if (!buses->is_on)
        return;
    set_rule(world);
    jw_vehicle_columns v = jw_traffic_vehicles(twin_traffic_of(world));
    for (uint32_t row = 0; row < v.count; row++) {
        if (v.vehicle_class[row] != JW_VEHICLE_BUS || v.edge[row] == JW_NONE)
            continue;
        uint32_t slot = v.id[row].index1 - 1;
        if (jw_grow(&buses->slots, &buses->slot_capacity, slot + 1ull, sizeof *buses->slots, NULL) != JW_OK) {
            jw_world_fail(world, JW_ERROR_MEMORY, "out of memory for buses");
            return;
        }
        while (buses->slot_count <= slot)
            buses->slots[buses->slot_count++] = (twin_bus){0, JW_NONE};
        twin_bus *bus = &buses->slots[slot];
        if (bus->generation == v.id[row].generation && bus->edge == v.edge[row])
            continue;
        double left_m;
        uint32_t connection = signal_ahead(world, &v, row, &left_m);
        if (connection == JW_NONE)
            continue;
        *bus = (twin_bus){v.id[row].generation, v.edge[row]};
        jw_net_end from = {0};
        twin_wired_node(world, (double)v.x_m[row], (double)v.y_m[row], &from.node);
        twin_decision_ask(world, JW_DECISION_BUS, JW_SENDER_BUS,
                          (uint64_t)v.id[row].generation << 32 | v.id[row].index1, connection, from);
    }
}

jw_judgement twin_bus_answered(jw_world *world, uint64_t vehicle, uint64_t connection, double right)
{
    jw_vehicle_id id = {(uint32_t)vehicle, (uint32_t)(vehicle >> 32)};
    const jw_city *city = jw_twin_city(world);
    jw_vehicle_spot spot;
    if (connection >= city->connection_count || !jw_traffic_vehicle_spot(twin_traffic_of(world), id, &spot) ||
        spot.lane == JW_NONE ||
        city->lanes[spot.lane].edge != city->lanes[city->connections[connection].from_lane].edge)
        return JW_JUDGED_NOT; /* it has gone */
    int64_t now_ns = jw_world_time_ns(world);
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "twin.bus"));
    uint64_t counter = (uint64_t)now_ns;
    bool is_right = jw_random_uniform(key, vehicle, counter) < right;
    jw_priority_grant grant = {.connection = (uint32_t)connection,
                               .vehicle_index1 = id.index1,
                               .vehicle_generation = id.generation,
                               .from_ns = now_ns,
                               .until_ns = now_ns + jw_ns_from_s(300)};
    if (!is_right) {
        double left_m = city->lanes[spot.lane].length_m - (double)spot.pos_m;
        double arrival_s = left_m / jw_max((double)spot.limit_mps, 1);
        double error_s = jw_random_exponential(key, vehicle, counter + 1, ERROR_S);
        bool is_late = jw_random_uniform(key, vehicle, counter + 2) < 0.5;
        double from_s = jw_max(0, arrival_s + (is_late ? error_s : -error_s));
        grant.vehicle_index1 = grant.vehicle_generation = 0;
        grant.from_ns = now_ns + jw_ns_from_s(from_s);
        grant.until_ns = grant.from_ns + jw_ns_from_s(WINDOW_S);
    }
    if (jw_traffic_grant_priority(world, twin_traffic_of(world), &grant) == JW_ERROR_MEMORY)
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory for bus priority");
    return is_right ? JW_JUDGED_RIGHT : JW_JUDGED_WRONG;
}

void twin_buses_save(const twin_buses *buses, jw_writer *writer)
{
    jw_write_u8(writer, buses->is_on);
    jw_write_u32(writer, buses->slot_count);
    for (uint32_t i = 0; i < buses->slot_count; i++) {
        jw_write_u32(writer, buses->slots[i].generation);
        jw_write_u32(writer, buses->slots[i].edge);
    }
}

void twin_buses_load(twin_buses *buses, jw_reader *reader)
{
    buses->is_on = jw_read_u8(reader) != 0;
    uint32_t count = jw_read_count(reader, UINT32_MAX, 8);
    if (jw_grow(&buses->slots, &buses->slot_capacity, count, sizeof *buses->slots, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    buses->slot_count = count;
    for (uint32_t i = 0; i < count; i++) {
        buses->slots[i].generation = jw_read_u32(reader);
        buses->slots[i].edge = jw_read_u32(reader);
    }
}
