/* What signal control derives from the city: which connections, lanes and movements a programme serves, and
 * the shortest, longest and change times of its phases. */
#include "traffic/traffic_internal.h"

#include <string.h>

#define MIN_GREEN_NS (5 * JW_NS_PER_S) /* where the map says nothing: RiLSA 2010, the least green */
#define MAX_GREEN_NS                                                                                         \
    (60 * JW_NS_PER_S)               /* half as long again as the plan has it, at most that or the plan      \
                                      */
#define AMBER_NS   (3 * JW_NS_PER_S) /* where the map has none: RiLSA 2010, 50 km/h */
#define RED_MAX_NS (5 * JW_NS_PER_S) /* longer is a phase for others, not for clearing */

static bool take(void *items, size_t count, size_t size, jw_error *error)
{
    void *memory = jw_alloc((count ? count : 1) * size);
    if (!memory)
        jw_fail_memory(error);
    else
        memcpy(items, &memory, sizeof memory);
    return memory != NULL;
}

static uint32_t edge_of(const jw_traffic *t, uint32_t lane)
{
    return t->city->lanes[lane].edge;
}

/* Number of a movement of the programme, added when new. */
static uint32_t movement_of(const jw_traffic *t, jw_signal_net *net, uint32_t first, uint32_t *count,
                            uint32_t connection)
{
    const jw_connection *c = &t->city->connections[connection];
    jw_signal_movement m = {edge_of(t, c->from_lane), edge_of(t, c->to_lane)};
    for (uint32_t k = first; k < *count; k++)
        if (net->movements[k].from_edge == m.from_edge && net->movements[k].to_edge == m.to_edge)
            return k - first;
    net->movements[*count] = m;
    return (*count)++ - first;
}

static uint32_t lane_of(jw_signal_net *net, uint32_t first, uint32_t *count, uint32_t lane)
{
    for (uint32_t k = *count; k-- > first;) /* connections come lane by lane: mostly the last one */
        if (net->lanes[k] == lane)
            return k - first;
    net->lanes[*count] = lane;
    return (*count)++ - first;
}

/* Links of each programme in the order of the city's connections. */
static void list_links(const jw_traffic *t, jw_signal_net *net)
{
    const jw_city *city = t->city;
    /* Counted two places further on, summed up, and the place in between runs up to the end while filling. */
    uint32_t *count = net->link_first + 2, *at = net->link_first + 1;
    for (uint32_t c = 0; c < city->connection_count; c++)
        if (city->connections[c].signal_link != JW_NONE)
            count[city->junctions[city->connections[c].junction].programme]++;
    for (uint32_t p = 0; p < city->programme_count; p++)
        count[p] += at[p];
    for (uint32_t c = 0; c < city->connection_count; c++) {
        const jw_connection *connection = &city->connections[c];
        uint32_t p = city->junctions[connection->junction].programme;
        if (connection->signal_link == JW_NONE)
            continue;
        net->links[at[p]++] = (jw_signal_link){.connection = c, .link = connection->signal_link};
    }
}

static void list_lanes(const jw_traffic *t, jw_signal_net *net)
{
    uint32_t lanes = 0, movements = 0;
    for (uint32_t p = 0; p < t->city->programme_count; p++) {
        net->lane_first[p] = lanes;
        net->movement_first[p] = movements;
        for (uint32_t k = net->link_first[p]; k < net->link_first[p + 1]; k++) {
            jw_signal_link *link = &net->links[k];
            uint32_t lane = t->city->connections[link->connection].from_lane;
            link->movement = movement_of(t, net, net->movement_first[p], &movements, link->connection);
            link->lane = lane_of(net, net->lane_first[p], &lanes, lane);
            net->signal_lane[lane] = net->lane_first[p] + link->lane;
            net->place_of[link->connection] = k - net->link_first[p];
        }
        uint32_t counts[] = {net->link_first[p + 1] - net->link_first[p], lanes - net->lane_first[p],
                             movements - net->movement_first[p], t->city->programmes[p].phase_count};
        uint32_t *most[] = {&net->most_links, &net->most_lanes, &net->most_movements, &net->most_phases};
        for (uint32_t k = 0; k < JW_COUNT_OF(most); k++)
            *most[k] = counts[k] > *most[k] ? counts[k] : *most[k];
    }
    net->lane_first[t->city->programme_count] = lanes;
    net->movement_first[t->city->programme_count] = movements;
}

static bool has_letter(const jw_traffic *t, uint32_t programme, uint32_t phase, const char *letters)
{
    for (uint32_t k = 0; k < t->city->programmes[programme].link_count; k++)
        if (strchr(letters, jw_signal_letter(t, programme, phase, k)))
            return true;
    return false;
}

/* Those after a green phase, up to the next, say how long a change away from it takes. */
static void time_phases(const jw_traffic *t, jw_signal_net *net, uint32_t p)
{
    const jw_programme *programme = &t->city->programmes[p];
    uint32_t first = programme->first_phase, count = programme->phase_count;
    for (uint32_t k = 0; k < count; k++)
        net->is_green[first + k] = has_letter(t, p, k, "Gg") && !has_letter(t, p, k, "yu");
    for (uint32_t k = 0; k < count; k++) {
        const jw_signal_phase *phase = &t->city->signal_phases[first + k];
        int64_t duration_ns = jw_ns_from_s(phase->duration_s);
        int64_t least_ns = duration_ns < MIN_GREEN_NS ? duration_ns : MIN_GREEN_NS;
        int64_t most_ns = duration_ns * 3 / 2 < MAX_GREEN_NS ? duration_ns * 3 / 2 : MAX_GREEN_NS;
        bool is_given = phase->min_s < phase->duration_s || phase->max_s > phase->duration_s;
        net->min_ns[first + k] = is_given ? jw_ns_from_s(phase->min_s) : least_ns;
        net->max_ns[first + k] = phase->max_s > phase->duration_s ? jw_ns_from_s(phase->max_s)
                                 : most_ns > duration_ns          ? most_ns
                                                                  : duration_ns;
        int64_t amber_ns = 0, red_ns = 0;
        for (uint32_t i = 1; i < count && !net->is_green[first + (k + i) % count]; i++) {
            uint32_t next = (k + i) % count;
            bool is_amber = has_letter(t, p, next, "y");
            *(is_amber ? &amber_ns : &red_ns) +=
                jw_ns_from_s(t->city->signal_phases[first + next].duration_s);
        }
        net->amber_ns[first + k] = amber_ns ? amber_ns : AMBER_NS;
        net->red_ns[first + k] = red_ns < RED_MAX_NS ? red_ns : RED_MAX_NS;
    }
}

static bool take_net(jw_traffic *t, jw_signal_net *net, jw_error *error)
{
    const jw_city *city = t->city;
    uint32_t programmes = city->programme_count, connections = city->connection_count;
    return take(&net->link_first, programmes + 2u, 4, error) &&
           take(&net->lane_first, programmes + 1u, 4, error) &&
           take(&net->movement_first, programmes + 1u, 4, error) &&
           take(&net->links, connections, sizeof *net->links, error) &&
           take(&net->lanes, connections, 4, error) &&
           take(&net->movements, connections, sizeof *net->movements, error) &&
           take(&net->place_of, connections, 4, error) &&
           take(&net->signal_lane, city->lane_count, 4, error) &&
           take(&net->diagrams, programmes, sizeof *net->diagrams, error) &&
           take(&net->ring_of, connections, 1, error) &&
           take(&net->is_green, city->signal_phase_count, 1, error) &&
           take(&net->min_ns, city->signal_phase_count, 8, error) &&
           take(&net->max_ns, city->signal_phase_count, 8, error) &&
           take(&net->amber_ns, city->signal_phase_count, 8, error) &&
           take(&net->red_ns, city->signal_phase_count, 8, error);
}

static bool take_sight(const jw_signal_net *net, jw_signal_sight *sight, jw_error *error)
{
    uint32_t links = net->most_links, lanes = net->most_lanes, phases = net->most_phases;
    return take(&sight->queued, links, 4, error) && take(&sight->moving, links, 4, error) &&
           take(&sight->detected, links, 4, error) && take(&sight->wait_s, links, 4, error) &&
           take(&sight->lane_queued, lanes, 4, error) &&
           take(&sight->movements, net->most_movements, sizeof *sight->movements, error) &&
           take(&sight->green, phases, 4, error) && take(&sight->green_queued, phases, 4, error) &&
           take(&sight->green_moving, phases, 4, error) && take(&sight->green_downstream, phases, 4, error) &&
           take(&sight->green_min_s, phases, 8, error) && take(&sight->green_max_s, phases, 8, error) &&
           take(&sight->green_wait_s, phases, 4, error) && take(&sight->green_pressure, phases, 4, error) &&
           take(&sight->lane_edge, lanes, 4, error) && take(&sight->lane_count, lanes, 4, error) &&
           take(&sight->lane_occupancy, lanes, 4, error) && take(&sight->advised_mps, lanes, 4, error);
}

jw_result jw_signal_net_build(jw_traffic *t, jw_error *error)
{
    jw_signals *signals = &t->signals;
    jw_signal_net *net = &signals->net;
    const jw_city *city = t->city;
    if (!take_net(t, net, error))
        return JW_ERROR_MEMORY;
    memset(net->place_of, 0xFF, city->connection_count * sizeof *net->place_of);
    memset(net->signal_lane, 0xFF, city->lane_count * sizeof *net->signal_lane);
    list_links(t, net);
    list_lanes(t, net);
    for (uint32_t p = 0; p < city->programme_count; p++)
        time_phases(t, net, p);
    for (uint32_t p = 0; p < city->programme_count; p++)
        jw_ring_find(t, p, &net->diagrams[p], net->ring_of + net->link_first[p]);
    if (!take_sight(net, &signals->sight, error) ||
        !take(&signals->now, city->programme_count, sizeof *signals->now, error) ||
        !take(&signals->rings, 2ull * city->programme_count, sizeof *signals->rings, error) ||
        !take(&signals->plans, city->programme_count, sizeof *signals->plans, error) ||
        !take(&signals->phase_ns, city->signal_phase_count, 8, error) ||
        !take(&signals->own_ns, city->signal_phase_count, 8, error) ||
        !take(&signals->lanes, net->lane_first[city->programme_count], sizeof *signals->lanes, error))
        return JW_ERROR_MEMORY;
    return JW_OK;
}

void jw_signals_free(jw_signals *s)
{
    void *all[] = {s->now,
                   s->rings,
                   s->plans,
                   s->phase_ns,
                   s->own_ns,
                   s->lanes,
                   s->advised,
                   s->advised_place1,
                   s->grants,
                   s->waves,
                   s->net.link_first,
                   s->net.lane_first,
                   s->net.movement_first,
                   s->net.links,
                   s->net.lanes,
                   s->net.movements,
                   s->net.place_of,
                   s->net.signal_lane,
                   s->net.diagrams,
                   s->net.ring_of,
                   s->net.is_green,
                   s->net.min_ns,
                   s->net.max_ns,
                   s->net.amber_ns,
                   s->net.red_ns,
                   s->sight.queued,
                   s->sight.moving,
                   s->sight.detected,
                   s->sight.wait_s,
                   s->sight.lane_queued,
                   s->sight.movements,
                   s->sight.green,
                   s->sight.green_queued,
                   s->sight.green_moving,
                   s->sight.green_downstream,
                   s->sight.green_min_s,
                   s->sight.green_max_s,
                   s->sight.green_wait_s,
                   s->sight.green_pressure,
                   s->sight.lane_edge,
                   s->sight.lane_count,
                   s->sight.lane_occupancy,
                   s->sight.advised_mps};
    for (uint32_t k = 0; k < JW_COUNT_OF(all); k++)
        jw_free(all[k]);
    *s = (jw_signals){0};
}
