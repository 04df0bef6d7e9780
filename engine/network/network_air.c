/* A cell's two servers, downlink and uplink: processor sharing among the messages in service, which is what a
 * proportional fair scheduler gives in the mean (equal shares of resource blocks; each message then moves at
 * its user's own efficiency).
 *
 * Egalitarian sharing without touching every job at every change: a virtual clock runs at speed / (sum of
 * weights), a job of need w and weight g ends when the clock has advanced by w / g. So an arrival or a
 * departure costs O(log jobs), and there is one pending event a server. */
#include "network/network_internal.h"

#define JOBS_MAX 1000u /* beyond it the cell refuses: a scheduler's connections are bounded */

static bool is_before(const net_air_job *a, const net_air_job *b)
{
    return a->finish_virtual_s != b->finish_virtual_s ? a->finish_virtual_s < b->finish_virtual_s
                                                      : a->serial < b->serial;
}

static void push(net_server *server, net_air_job job)
{
    uint32_t i = server->job_count++;
    for (; i > 0 && is_before(&job, &server->jobs[(i - 1) / 2]); i = (i - 1) / 2) {
        server->jobs[i] = server->jobs[(i - 1) / 2];
    }
    server->jobs[i] = job;
}

static net_air_job pop(net_server *server)
{
    net_air_job top = server->jobs[0], last = server->jobs[--server->job_count];
    uint32_t i = 0;
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= server->job_count) {
            break;
        }
        if (child + 1 < server->job_count && is_before(&server->jobs[child + 1], &server->jobs[child])) {
            child++;
        }
        if (!is_before(&server->jobs[child], &last)) {
            break;
        }
        server->jobs[i] = server->jobs[child];
        i = child;
    }
    server->jobs[i] = last;
    return top;
}

static net_server *server_of(jw_network *network, uint32_t server)
{
    return &network->cells[server / 2].servers[server & 1];
}

void jw_network_air_advance(net_server *server, int64_t now_ns)
{
    if (server->job_count > 0) {
        int64_t elapsed_ns = now_ns - server->since_ns;
        double virtual_s = jw_s_from_ns(elapsed_ns) * server->speed / (double)server->weight_sum;
        server->virtual_s += virtual_s;
        server->carried_bits += virtual_s * server->bits_per_virtual_s;
        server->busy_ns += elapsed_ns;
    }
    server->since_ns = now_ns;
}

static void schedule_next(jw_world *world, jw_network *network, uint32_t index)
{
    net_server *server = server_of(network, index);
    server->version++;
    if (server->job_count == 0) {
        server->virtual_s = server->bits_per_virtual_s = 0; /* keeps them exact */
        return;
    }
    double left_s =
        (server->jobs[0].finish_virtual_s - server->virtual_s) * (double)server->weight_sum / server->speed;
    int64_t left_ns = (int64_t)jw_ceil(jw_clamp(left_s, 0, 1e8) * 1e9);
    jw_schedule(world, server->since_ns + left_ns, JW_PRIORITY_NORMAL, network->module, NET_EVENT_AIR, index,
                server->version);
}

bool jw_network_air_join(jw_world *world, jw_network *network, uint32_t index, uint32_t message,
                         uint32_t weight, double need_s)
{
    net_server *server = server_of(network, index);
    if (server->job_count >= JOBS_MAX) {
        return false;
    }
    if (jw_grow((void **)&server->jobs, &server->job_capacity, server->job_count + 1, sizeof *server->jobs,
                NULL)) {
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for messages over radio");
        return false;
    }
    jw_network_air_advance(server, jw_world_time_ns(world));
    const net_message *sent = &network->messages[message];
    net_air_job job = {.finish_virtual_s = server->virtual_s + need_s / weight,
                       .serial = sent->serial,
                       .bits_per_virtual_s = (double)sent->size_bytes * 8 * weight / need_s,
                       .message = message,
                       .weight = weight};
    push(server, job);
    server->weight_sum += weight;
    server->bits_per_virtual_s += job.bits_per_virtual_s;
    schedule_next(world, network, index);
    return true;
}

void jw_network_air_event(jw_world *world, jw_network *network, uint32_t index, uint64_t version)
{
    net_server *server = server_of(network, index);
    if (server->version != version || server->job_count == 0) {
        return;
    }
    jw_network_air_advance(server, jw_world_time_ns(world));
    /* The event is the first job's, rounded up to a nanosecond: it ends whatever the last bit says. */
    server->virtual_s = jw_max(server->virtual_s, server->jobs[0].finish_virtual_s);
    while (server->job_count > 0 && server->jobs[0].finish_virtual_s <= server->virtual_s) {
        net_air_job job = pop(server);
        server->weight_sum -= job.weight;
        server->bits_per_virtual_s -= job.bits_per_virtual_s;
        jw_network_message_left_air(world, network, job.message, true);
    }
    schedule_next(world, network, index);
}

void jw_network_air_set_speed(jw_world *world, jw_network *network, uint32_t index, double speed)
{
    net_server *server = server_of(network, index);
    jw_network_air_advance(server, jw_world_time_ns(world));
    if (server->speed != speed) {
        server->speed = speed;
        schedule_next(world, network, index);
    }
}

void jw_network_air_clear(jw_world *world, jw_network *network, uint32_t cell)
{
    for (uint32_t index = 2 * cell; index < 2 * cell + 2; index++) {
        net_server *server = server_of(network, index);
        jw_network_air_advance(server, jw_world_time_ns(world));
        while (server->job_count > 0) {
            jw_network_message_left_air(world, network, server->jobs[--server->job_count].message, false);
        }
        server->weight_sum = 0;
        schedule_next(world, network, index);
    }
}
