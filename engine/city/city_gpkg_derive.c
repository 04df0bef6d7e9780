/* What a city was built from and no longer holds as such, found again in its connections and conflicts: bike
 * and bus lanes, turn lanes, signs. */
#include "city/city_gpkg.h"

#include <stdio.h>
#include <string.h>

#define APPROACHES_MAX 32

static bool is_bike_lane(const jw_lane *lane)
{
    return !(lane->allow & JW_ALLOW_MOTOR);
}

uint32_t jw_city_count_bike_lanes(const jw_city *city, const jw_edge *edge)
{
    return edge->lane_count > 0 && is_bike_lane(&city->lanes[edge->first_lane]) ? 1 : 0;
}

const jw_lane *jw_city_leftmost_lane(const jw_city *city, const jw_edge *edge)
{
    return &city->lanes[edge->first_lane + edge->lane_count - 1];
}

/* The kerb motor lane is for buses when cars may use another lane but not this one. */
bool jw_city_has_bus_lane(const jw_city *city, const jw_edge *edge)
{
    uint32_t bikes = jw_city_count_bike_lanes(city, edge);
    return edge->lane_count >= bikes + 2 && !(city->lanes[edge->first_lane + bikes].allow & JW_ALLOW_CAR) &&
           (jw_city_leftmost_lane(city, edge)->allow & JW_ALLOW_CAR);
}

static bool is_general(const jw_city *city, const jw_lane *lane)
{
    const jw_edge *edge = &city->edges[lane->edge];
    return !is_bike_lane(lane) &&
           (!jw_city_has_bus_lane(city, edge) || lane->index != jw_city_count_bike_lanes(city, edge));
}

/* Turns of a lane as bits 1 << jw_turn, connections between general lanes only. */
static uint32_t lane_turns(const jw_city *city, const jw_lane *lane)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < lane->connection_count; i++) {
        const jw_connection *c = &city->connections[city->lane_connections[lane->first_connection + i]];
        if (is_general(city, &city->lanes[c->to_lane]))
            bits |= 1u << c->turn;
    }
    return bits;
}

/* Whether every edge that is reached by one kind of turn is reached from the same lanes. Where it is not (a
 * fork), words for turns cannot tell, and the rule that made it makes it again. */
static bool is_told_by_turns(const jw_city *city, const jw_edge *edge)
{
    for (uint32_t l = 0; l < edge->lane_count; l++) {
        const jw_lane *lane = &city->lanes[edge->first_lane + l];
        for (uint32_t i = 0; i < lane->connection_count; i++) {
            const jw_connection *c = &city->connections[city->lane_connections[lane->first_connection + i]];
            if (!is_general(city, lane) || !is_general(city, &city->lanes[c->to_lane]))
                continue;
            uint32_t target = city->lanes[c->to_lane].edge;
            for (uint32_t k = 0; k < edge->lane_count; k++) {
                const jw_lane *other = &city->lanes[edge->first_lane + k];
                if (!is_general(city, other) || !(lane_turns(city, other) & 1u << c->turn))
                    continue;
                bool is_reached = false;
                for (uint32_t n = 0; n < other->connection_count; n++) {
                    const jw_connection *d =
                        &city->connections[city->lane_connections[other->first_connection + n]];
                    is_reached |= city->lanes[d->to_lane].edge == target;
                }
                if (!is_reached)
                    return false;
            }
        }
    }
    return true;
}

/* In the manner of OSM's turn:lanes, left to right, motor lanes; "" when nothing can be said. */
void jw_city_write_turn_lanes(const jw_city *city, const jw_edge *edge, char *out, size_t out_size)
{
    static const struct {
        jw_turn turn;
        const char *word;
    } words[] = {{JW_TURN_U, "reverse"},
                 {JW_TURN_LEFT, "left"},
                 {JW_TURN_STRAIGHT, "through"},
                 {JW_TURN_RIGHT, "right"}};
    out[0] = 0;
    size_t used = 0;
    uint32_t all = 0;
    if (edge->lane_count < jw_city_count_bike_lanes(city, edge) + 2 || !is_told_by_turns(city, edge))
        return;
    for (uint32_t l = edge->lane_count; l-- > jw_city_count_bike_lanes(city, edge);) {
        uint32_t bits = lane_turns(city, &city->lanes[edge->first_lane + l]);
        all |= bits;
        bool is_first = true;
        for (uint32_t i = 0; i < JW_COUNT_OF(words) && used < out_size; i++)
            if (bits & 1u << words[i].turn) {
                used +=
                    (size_t)snprintf(out + used, out_size - used, "%s%s", is_first ? "" : ";", words[i].word);
                is_first = false;
            }
        if (l > jw_city_count_bike_lanes(city, edge) && used < out_size)
            used += (size_t)snprintf(out + used, out_size - used, "|");
    }
    if (used >= out_size || all == 0)
        out[0] = 0;
}

void jw_turn_lanes_part(const char *turn_lanes, uint32_t from_left, char *out, size_t out_size)
{
    for (; from_left > 0 && *turn_lanes; from_left--) {
        turn_lanes += strcspn(turn_lanes, "|");
        turn_lanes += *turn_lanes == '|';
    }
    snprintf(out, out_size, "%.*s", (int)strcspn(turn_lanes, "|"), turn_lanes);
}

/* One road that arrives at a junction. */
typedef struct approach {
    uint32_t edge;
    uint32_t place;   /* how many have priority over it, as far as its connections tell */
    uint32_t natural; /* place by ring, class and link alone: the builder's order */
} approach;

static uint32_t fill_approaches(const jw_city *city, const jw_junction *junction, approach *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < junction->in_count && count < APPROACHES_MAX; i++) {
        const uint32_t e = city->junction_edges[junction->first_in + i];
        const jw_edge *edge = &city->edges[e];
        out[count++] = (approach){
            .edge = e,
            .natural = edge->is_roundabout ? 0 : 1 + 2 * (uint32_t)edge->road_class + edge->is_link};
    }
    for (uint32_t i = 0; i < junction->connection_count; i++) {
        const jw_connection *c = &city->connections[junction->first_connection + i];
        for (uint32_t a = 0; a < count && c->rank > 0; a++)
            if (out[a].edge == city->lanes[c->from_lane].edge)
                out[a].place = c->rank - 1u;
    }
    return count;
}

/* Who comes after another one that would not go first by itself has a sign, and so have all that come after
 * it. At a junction with a stop sign that this does not show, the sign stands at those that come last. */
void jw_city_find_signs(const jw_city *city, uint8_t *signs)
{
    approach list[APPROACHES_MAX];
    for (uint32_t j = 0; j < city->junction_count; j++) {
        bool is_stop = city->junctions[j].kind == JW_JUNCTION_STOP;
        uint32_t count = fill_approaches(city, &city->junctions[j], list), first = JW_NONE, last = 0;
        for (uint32_t a = 0; a < count; a++) {
            last = list[a].place > last ? list[a].place : last;
            for (uint32_t b = 0; b < count; b++)
                if (list[b].place < list[a].place && list[b].natural >= list[a].natural &&
                    list[a].place < first)
                    first = list[a].place;
        }
        if (first == JW_NONE && is_stop)
            first = last;
        for (uint32_t a = 0; a < count; a++)
            if (list[a].place >= first)
                signs[list[a].edge] = is_stop ? JW_SIGN_STOP : JW_SIGN_GIVE_WAY;
    }
}
