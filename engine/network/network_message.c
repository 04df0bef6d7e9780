/* Messages: store-and-forward, one event a hop.
 *
 * A direction of a link has one transmitter. A message waits until the transmitter is free, is sent in
 * size / capacity, and arrives after propagation and equipment delay. Control messages wait only for control
 * messages; what they take is added to the others' wait (a preempted message ahead of them is not pushed
 * back: the work done is right, the order of two waiting messages never changes). The capacity is what the
 * fluid flows leave, at least a tenth, as a scheduler would guarantee. A message that finds more ahead of it
 * than the link's queue holds (queue_bytes, or 1 s) is dropped at the tail.
 *
 * A message at a node whose next link is down, or that has no route, waits for rerouting; one of a user
 * without coverage waits for a cell; both at most message_timeout_s. What is on a link when it goes down is
 * lost. */
#include "network/network_internal.h"

#include <assert.h>

#define QUEUE_LIMIT_NS     (1 * JW_NS_PER_S)
#define LEAST_SHARE        0.1
#define CONTROL_WEIGHT     10 /* over radio: share against other messages (unverified) */
#define MESSAGE_BYTES_MAX  (INT64_C(1) << 40)
#define TRANSMISSION_S_MAX 1e8
#define AIR_DELAY_NS       (4 * JW_NS_PER_MS) /* one way, ITU-R M.2410-0 4.7.1: user plane latency of eMBB */

/* ---- ends of a life --------------------------------------------------------------------------------------
 */

static void schedule(jw_world *world, jw_network *network, uint32_t slot, int64_t time_ns)
{
    uint32_t version = ++network->messages[slot].version;
    jw_schedule(world, time_ns, JW_PRIORITY_NORMAL, network->module, NET_EVENT_MESSAGE, slot,
                (uint64_t)version << 32 | network->message_pool.generations[slot]);
}

static void deliver(jw_world *world, jw_network *network, uint32_t slot)
{
    uint64_t tag = network->messages[slot].tag;
    network->delivered_bytes += network->messages[slot].size_bytes;
    network->counts.messages_delivered++;
    jw_pool_give(&network->message_pool, slot);
    if (network->ports.message_delivered) {
        network->ports.message_delivered(world, tag);
    }
}

static void lose(jw_world *world, jw_network *network, uint32_t slot, jw_net_loss why)
{
    uint64_t tag = network->messages[slot].tag;
    network->counts.messages_lost++;
    jw_pool_give(&network->message_pool, slot);
    if (network->ports.message_lost) {
        network->ports.message_lost(world, tag, why);
    }
}

/* ---- hops ------------------------------------------------------------------------------------------------
 */

static void wait(jw_world *world, jw_network *network, uint32_t slot, jw_net_loss why)
{
    net_message *message = &network->messages[slot];
    int64_t now_ns = jw_world_time_ns(world);
    if (message->waiting_since_ns == NET_NEVER_NS) {
        message->waiting_since_ns = now_ns;
    }
    int64_t until_ns = message->waiting_since_ns + network->message_timeout_ns;
    if (now_ns >= until_ns) {
        lose(world, network, slot, why);
        return;
    }
    if (jw_grow((void **)&network->waiting, &network->waiting_capacity, network->waiting_count + 1,
                sizeof *network->waiting, NULL)) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for waiting messages");
        lose(world, network, slot, why);
        return;
    }
    message->phase = NET_MESSAGE_WAITING;
    message->link = network->waiting_count;
    network->waiting[network->waiting_count++] = slot;
    schedule(world, network, slot, until_ns);
}

static void stop_waiting(jw_network *network, uint32_t slot)
{
    uint32_t place = network->messages[slot].link, last = network->waiting[--network->waiting_count];
    network->waiting[place] = last;
    network->messages[last].link = place;
    network->messages[slot].phase = NET_MESSAGE_READY;
}

static double message_capacity_bps(const jw_network *network, uint32_t direction)
{
    double capacity_bps = network->links[direction / 2].def.capacity_bps;
    return jw_max(capacity_bps - jw_network_direction_bps(network, direction), LEAST_SHARE * capacity_bps);
}

static void drop(jw_network *network, net_direction *wire, const net_message *message)
{
    wire->dropped_bytes[message->kind] += message->size_bytes;
    network->counts.bytes_dropped[message->kind] += message->size_bytes;
}

/* What a message would wait for is what is ahead of it. Nothing waits for years, whatever the queue holds:
 * the clock would not reach that far. */
static bool is_queue_full(const net_link *link, int64_t wait_ns, double capacity_bps)
{
    if (link->def.queue_bytes == 0)
        return wait_ns > QUEUE_LIMIT_NS;
    return wait_ns > jw_ns_from_s(TRANSMISSION_S_MAX) ||
           jw_s_from_ns(wait_ns) * capacity_bps / 8 > (double)link->def.queue_bytes;
}

static void transmit(jw_world *world, jw_network *network, uint32_t slot, uint32_t direction)
{
    net_message *message = &network->messages[slot];
    net_link *link = &network->links[direction / 2];
    net_direction *wire = &link->directions[direction & 1];
    int64_t now_ns = jw_world_time_ns(world);
    bool is_control = message->kind == JW_TRAFFIC_CONTROL;
    int64_t free_ns = is_control ? wire->control_busy_ns : wire->busy_ns;
    int64_t start_ns = free_ns > now_ns ? free_ns : now_ns;
    wire->offered_bytes[message->kind] += message->size_bytes;
    double capacity_bps = message_capacity_bps(network, direction);
    if (is_queue_full(link, start_ns - now_ns, capacity_bps)) {
        drop(network, wire, message);
        lose(world, network, slot, JW_LOSS_QUEUE);
        return;
    }
    double transmission_s = (double)message->size_bytes * 8 / capacity_bps;
    int64_t transmission_ns = jw_ns_from_s(jw_min(transmission_s, TRANSMISSION_S_MAX));
    wire->busy_ns = (wire->busy_ns > now_ns ? wire->busy_ns : now_ns) + transmission_ns;
    if (is_control) {
        wire->control_busy_ns = start_ns + transmission_ns;
    }
    wire->queued_bytes[message->kind] += message->size_bytes;
    message->phase = NET_MESSAGE_ON_LINK;
    message->link = direction;
    message->link_cuts = link->cut_count;
    message->hops++;
    message->waiting_since_ns = NET_NEVER_NS;
    int64_t end_ns = start_ns + transmission_ns + link->delay_ns;
    schedule(world, network, slot, end_ns);
    if (network->ports.message_enters) {
        jw_message_hop hop = {.slot = direction / 2,
                              .is_backward = direction & 1,
                              .begin_ns = now_ns,
                              .waited_ns = start_ns - now_ns,
                              .worked_ns = transmission_ns,
                              .end_ns = end_ns};
        network->ports.message_enters(world, message->tag, &hop);
    }
}

/* The user's cell when it is on the air, else JW_NONE. */
static uint32_t working_cell(const jw_network *network, jw_user_id user)
{
    uint32_t cell = network->users[user.index1 - 1].cell;
    return cell != JW_NONE && network->heard[cell].serves ? cell : JW_NONE;
}

/* Uplink: a terminal short of power uses a narrow band longer. The cell gives it no more blocks for that (it
 * is charged as at CQI 1 over the whole band), so the others are not slowed; it lands later by its own
 * slowness. */
static void enter_air(jw_world *world, jw_network *network, uint32_t slot, jw_user_id user, uint32_t cell,
                      int server)
{
    net_message *message = &network->messages[slot];
    const net_user *terminal = &network->users[user.index1 - 1];
    double bits = (double)message->size_bytes * 8, need_s, alone_s;
    if (server == NET_DOWN) {
        need_s = alone_s = bits / (double)terminal->down_bps;
    } else {
        alone_s = bits / (double)terminal->up_bps;
        need_s = bits / jw_max((double)terminal->up_bps, network->cells[cell].least_up_bps);
    }
    message->phase = NET_MESSAGE_IN_AIR;
    message->link = 2 * cell + (uint32_t)server;
    message->waiting_since_ns = NET_NEVER_NS;
    message->air_ns = AIR_DELAY_NS + jw_ns_from_s(jw_min(alone_s - need_s, TRANSMISSION_S_MAX));
    uint32_t weight = message->kind == JW_TRAFFIC_CONTROL ? CONTROL_WEIGHT : 1;
    if (!jw_network_air_join(world, network, message->link, slot, weight, need_s)) {
        lose(world, network, slot, JW_LOSS_QUEUE);
        return;
    }
    if (network->ports.message_enters) {
        jw_message_hop hop = {.is_in_air = true,
                              .slot = cell,
                              .is_backward = server == NET_DOWN,
                              .begin_ns = jw_world_time_ns(world),
                              .worked_ns = jw_ns_from_s(jw_min(alone_s, TRANSMISSION_S_MAX))};
        network->ports.message_enters(world, message->tag, &hop);
    }
}

/* The message is at its node, or with its sending user: where next? Only from event handlers. */
static void dispatch(jw_world *world, jw_network *network, uint32_t slot)
{
    net_message *message = &network->messages[slot];
    jw_user_id user = message->node == JW_NONE ? message->from_user : message->to_user;
    uint32_t cell = JW_NONE;
    if (user.index1) {
        if (!jw_pool_is_alive(&network->user_pool, user.index1, user.generation)) {
            lose(world, network, slot, JW_LOSS_USER_GONE);
            return;
        }
        cell = working_cell(network, user);
        if (cell == JW_NONE) {
            wait(world, network, slot, JW_LOSS_OUTAGE);
            return;
        }
    }
    if (message->node == JW_NONE) {
        enter_air(world, network, slot, user, cell, NET_UP);
        return;
    }
    uint32_t target = user.index1 ? network->cells[cell].node : message->to_node;
    if (message->node == target) {
        if (user.index1) {
            enter_air(world, network, slot, user, cell, NET_DOWN);
        } else {
            deliver(world, network, slot);
        }
        return;
    }
    uint32_t direction;
    if (jw_network_next_hop(network, message->node, target, message->serial, &direction)) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for routes");
    }
    if (direction == JW_NONE || !network->links[direction / 2].is_up) {
        wait(world, network, slot, JW_LOSS_NO_ROUTE);
    } else {
        transmit(world, network, slot, direction);
    }
}

void jw_network_message_event(jw_world *world, jw_network *network, uint32_t slot,
                              uint64_t generation_and_version)
{
    if (!jw_pool_is_alive(&network->message_pool, slot + 1, (uint32_t)generation_and_version) ||
        network->messages[slot].version != generation_and_version >> 32) {
        return;
    }
    net_message *message = &network->messages[slot];
    if (message->phase == NET_MESSAGE_WAITING) {
        stop_waiting(network, slot);
    } else if (message->phase == NET_MESSAGE_ON_LINK) {
        net_link *link = &network->links[message->link / 2];
        net_direction *wire = &link->directions[message->link & 1];
        wire->queued_bytes[message->kind] -= message->size_bytes;
        if (link->cut_count != message->link_cuts) {
            drop(network, wire, message);
            lose(world, network, slot, JW_LOSS_OUTAGE);
            return;
        }
        if (link->def.loss > 0 &&
            jw_random_uniform(network->loss_key, message->serial, message->hops) < link->def.loss) {
            drop(network, wire, message);
            lose(world, network, slot, JW_LOSS_ERROR);
            return;
        }
        wire->carried_bytes[message->kind] += message->size_bytes;
        network->counts.bytes_carried[message->kind] += message->size_bytes;
        message->node = message->link & 1 ? link->from : link->to;
        message->phase = NET_MESSAGE_READY;
    } else if (message->phase == NET_MESSAGE_LANDING) {
        bool is_up = (message->link & 1) == NET_UP;
        jw_user_id user = is_up ? message->from_user : message->to_user;
        if (!jw_pool_is_alive(&network->user_pool, user.index1, user.generation)) {
            lose(world, network, slot, JW_LOSS_USER_GONE);
            return;
        }
        if (!is_up) {
            deliver(world, network, slot);
            return;
        }
        message->node = network->cells[message->link / 2].node;
        message->from_user = (jw_user_id){0, 0};
        message->phase = NET_MESSAGE_READY;
    }
    dispatch(world, network, slot);
}

void jw_network_message_left_air(jw_world *world, jw_network *network, uint32_t slot, bool is_carried)
{
    net_message *message = &network->messages[slot];
    assert(message->phase == NET_MESSAGE_IN_AIR);
    message->phase = is_carried ? NET_MESSAGE_LANDING : NET_MESSAGE_READY;
    int64_t end_ns = jw_world_time_ns(world) + (is_carried ? message->air_ns : 1);
    schedule(world, network, slot, end_ns);
    if (network->ports.message_leaves_air) {
        network->ports.message_leaves_air(world, message->tag, end_ns);
    }
}

void jw_network_messages_wake(jw_world *world, jw_network *network, bool is_for_route)
{
    for (uint32_t i = 0; i < network->waiting_count; i++) {
        const net_message *message = &network->messages[network->waiting[i]];
        jw_user_id user = message->node == JW_NONE ? message->from_user : message->to_user;
        bool is_covered =
            user.index1 && (!jw_pool_is_alive(&network->user_pool, user.index1, user.generation) ||
                            working_cell(network, user) != JW_NONE);
        if (is_for_route ? message->node != JW_NONE : is_covered) {
            schedule(world, network, network->waiting[i], jw_world_time_ns(world));
        }
    }
}

/* ---- the door --------------------------------------------------------------------------------------------
 */

static bool is_end(const jw_network *network, jw_net_end end)
{
    return end.node.index1 ? !end.user.index1 && jw_network_node_slot(network, end.node) != JW_NONE
                           : end.user.index1 && end.user.index1 <= network->user_pool.slot_count &&
                                 (end.user.generation & 1);
}

jw_result jw_network_send(jw_world *world, jw_network *network, const jw_message_def *def, jw_error *error)
{
    if (!is_end(network, def->from) || !is_end(network, def->to)) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "a message needs one node or one radio user of this network at each end");
    }
    if (def->size_bytes <= 0 || def->size_bytes > MESSAGE_BYTES_MAX || def->kind >= JW_TRAFFIC_KIND_COUNT) {
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "a message has 1 to 2^40 bytes and a known kind, not %lld and %d",
                       (long long)def->size_bytes, def->kind);
    }
    uint32_t slot, generation;
    jw_result result =
        jw_grow((void **)&network->messages, &network->message_capacity,
                (uint64_t)network->message_pool.alive_count + 1, sizeof *network->messages, error);
    if (!result) {
        result = jw_pool_take(&network->message_pool, &slot, &generation, error);
    }
    if (result) {
        return result;
    }
    network->messages[slot] = (net_message){
        .tag = def->tag,
        .serial = network->next_serial++,
        .size_bytes = def->size_bytes,
        .waiting_since_ns = NET_NEVER_NS,
        .from_user = def->from.user,
        .to_user = def->to.user,
        .to_node = jw_network_node_slot(network, def->to.node),
        .node = jw_network_node_slot(network, def->from.node),
        .link = JW_NONE,
        .kind = def->kind,
        .phase = NET_MESSAGE_READY,
    };
    network->counts.messages_sent++;
    schedule(world, network, slot, jw_world_time_ns(world) + 1);
    return JW_OK;
}

/* ---- forecast --------------------------------------------------------------------------------------------
 */

static double estimate_air_s(const jw_network *network, jw_user_id id, int server, double bits)
{
    const net_user *user = &network->users[id.index1 - 1];
    const net_cell *cell = &network->cells[user->cell];
    const net_server *air = &cell->servers[server];
    double alone_bps = (double)(server == NET_DOWN ? user->down_bps : user->up_bps);
    double need_bps = server == NET_DOWN ? alone_bps : jw_max(alone_bps, cell->least_up_bps);
    double others =
        (double)air->weight_sum / air->speed + 1 / air->speed - 1; /* how much longer than alone */
    return bits / alone_bps + bits / need_bps * others + jw_s_from_ns(AIR_DELAY_NS);
}

double jw_network_air_delay_s(void)
{
    return jw_s_from_ns(AIR_DELAY_NS);
}

/* Time until a transmitter is free for one that comes `after_s` from now. */
static double queue_s(const net_direction *wire, int64_t now_ns, double after_s, uint8_t kind)
{
    int64_t free_ns = kind == JW_TRAFFIC_CONTROL ? wire->control_busy_ns : wire->busy_ns;
    return free_ns > now_ns ? jw_max(0, jw_s_from_ns(free_ns - now_ns) - after_s) : 0;
}

/* Of a link that works, from a node towards another; JW_NONE: there is no way. */
static uint32_t direction_to(const jw_network *network, uint32_t node, uint32_t end)
{
    uint32_t direction;
    bool is_open = jw_network_next_hop(network, node, end, 0, &direction) == JW_OK && direction != JW_NONE &&
                   network->links[direction / 2].is_up;
    return is_open ? direction : JW_NONE;
}

/* now_ns < 0: without what waits on the way. */
static double way_s(const jw_network *network, int64_t now_ns, jw_net_end from, jw_net_end to,
                    int64_t size_bytes, uint8_t kind)
{
    double bits = (double)size_bytes * 8, total_s = 0, landing_s = 0;
    uint32_t ends[2];
    const jw_net_end *given[2] = {&from, &to};
    for (int i = 0; i < 2; i++) {
        jw_user_id user = given[i]->user;
        ends[i] = jw_network_node_slot(network, given[i]->node);
        if (ends[i] == JW_NONE) {
            if (!jw_pool_is_alive(&network->user_pool, user.index1, user.generation) ||
                working_cell(network, user) == JW_NONE) {
                return -1;
            }
            ends[i] = network->cells[network->users[user.index1 - 1].cell].node;
            *(i == 0 ? &total_s : &landing_s) =
                estimate_air_s(network, user, i == 0 ? NET_UP : NET_DOWN, bits);
        }
    }
    for (uint32_t node = ends[0]; node != ends[1];) {
        uint32_t direction = direction_to(network, node, ends[1]);
        if (direction == JW_NONE)
            return -1;
        const net_link *link = &network->links[direction / 2];
        if (now_ns >= 0) {
            total_s += queue_s(&link->directions[direction & 1], now_ns, total_s, kind);
        }
        total_s += bits / message_capacity_bps(network, direction) + jw_s_from_ns(link->delay_ns);
        node = direction & 1 ? link->from : link->to;
    }
    return total_s + landing_s;
}

uint32_t jw_network_way(const jw_network *network, jw_net_node_id from, jw_net_node_id to, int64_t size_bytes,
                        int64_t begin_ns, jw_message_hop *out, uint32_t most)
{
    uint32_t node = jw_network_node_slot(network, from), end = jw_network_node_slot(network, to), count = 0;
    if (node == JW_NONE || end == JW_NONE)
        return JW_NONE;
    for (; node != end; count++) {
        uint32_t direction = direction_to(network, node, end);
        if (direction == JW_NONE)
            return JW_NONE;
        const net_link *link = &network->links[direction / 2];
        int64_t worked_ns = jw_ns_from_s((double)size_bytes * 8 / message_capacity_bps(network, direction));
        int64_t end_ns = begin_ns + worked_ns + link->delay_ns;
        if (count < most)
            out[count] = (jw_message_hop){.slot = direction / 2,
                                          .is_backward = direction & 1,
                                          .begin_ns = begin_ns,
                                          .worked_ns = worked_ns,
                                          .end_ns = end_ns};
        begin_ns = end_ns;
        node = direction & 1 ? link->from : link->to;
    }
    return count;
}

double jw_network_estimate_s(const jw_network *network, jw_net_end from, jw_net_end to, int64_t size_bytes)
{
    return way_s(network, -1, from, to, size_bytes, JW_TRAFFIC_CONTROL);
}

double jw_network_forecast_s(const jw_world *world, const jw_network *network, jw_net_end from, jw_net_end to,
                             int64_t size_bytes, uint8_t kind)
{
    return way_s(network, jw_world_time_ns(world), from, to, size_bytes, kind);
}
