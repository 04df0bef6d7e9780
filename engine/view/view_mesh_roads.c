/* Streets: carriageways, pavements, bridges, junction surfaces, stop lines, crossings and signals. */
#include "view/view_mesh.h"

#include <string.h>

#define PAVEMENT_M      2.6
#define DECK_M          1.1 /* thickness of a bridge */
#define FAR_TOLERANCE_M 1.5
#define EMBANKMENT_M    3.5
#define PARAPET_M       0.8
#define MAX_REACH_M     40.0 /* of a street into its junction */

static const uint8_t asphalt[JW_ROAD_CLASS_COUNT][4] = {
    [JW_ROAD_MOTORWAY] = {104, 102, 101, 255}, [JW_ROAD_TRUNK] = {106, 104, 102, 255},
    [JW_ROAD_PRIMARY] = {110, 108, 106, 255},  [JW_ROAD_SECONDARY] = {118, 115, 112, 255},
    [JW_ROAD_TERTIARY] = {128, 125, 121, 255}, [JW_ROAD_RESIDENTIAL] = {142, 138, 132, 255},
    [JW_ROAD_SERVICE] = {164, 159, 151, 255},
};
/* Of a surface that has no sides. */
static const uint8_t *surface_colour(jw_road_class road_class, uint8_t out[4])
{
    out[0] = out[1] = 128;
    out[2] = asphalt[road_class][0];
    out[3] = 255;
    return out;
}

static const uint8_t pavement_colour[4] = {202, 195, 184, 255};
static const uint8_t deck_colour[4] = {206, 202, 195, 255};

static uint32_t id_of(jw_pick_kind kind, uint32_t index)
{
    return (uint32_t)kind << ID_KIND_SHIFT | (index & ID_INDEX_MASK);
}

static mesh_layer layer_of(jw_road_class road_class)
{
    return road_class >= JW_ROAD_RESIDENTIAL ? LAYER_ROAD_MINOR : LAYER_ROAD_MAJOR;
}

static mesh_layer far_layer_of(jw_road_class road_class)
{
    return road_class >= JW_ROAD_RESIDENTIAL ? LAYER_ROAD_MINOR_FAR : LAYER_ROAD_MAJOR_FAR;
}

static double width_of(const jw_city *city, const jw_edge *edge)
{
    double width_m = 0;
    for (uint32_t k = 0; k < edge->lane_count; k++)
        width_m += city->lanes[edge->first_lane + k].width_m;
    return width_m;
}

static uint8_t byte_of(double value)
{
    return (uint8_t)jw_clamp(jw_round(value), 0, 255);
}

static bool has_pavement(jw_road_class road_class)
{
    return road_class >= JW_ROAD_PRIMARY && road_class <= JW_ROAD_RESIDENTIAL;
}

/* Of the carriageway; beside it lies what only cycles and people use. */
static bool is_motor_lane(const jw_lane *lane)
{
    return (lane->allow & (JW_ALLOW_MOTOR & ~JW_ALLOW_EMERGENCY)) != 0;
}

/* Lane counts and widths as the road shader wants them. */
static void describe_lanes(const jw_city *city, const jw_edge *edge, uint8_t out[4])
{
    uint32_t motor = 0, has_bus = 0;
    double motor_m = 0, cycle_m = 0;
    for (uint32_t k = 0; k < edge->lane_count; k++) {
        const jw_lane *lane = &city->lanes[edge->first_lane + k];
        if (is_motor_lane(lane)) {
            motor++;
            motor_m += lane->width_m;
            has_bus |= motor == 1 && !(lane->allow & JW_ALLOW_CAR);
        } else {
            cycle_m += lane->width_m;
        }
    }
    uint32_t bits = (edge->opposite != JW_NONE ? ROAD_HAS_OPPOSITE : 0) |
                    (edge->road_class <= JW_ROAD_SECONDARY ? ROAD_HAS_EDGE_LINE : 0) |
                    (has_bus ? ROAD_HAS_BUS_LANE : 0) | (has_pavement(edge->road_class) ? ROAD_HAS_KERB : 0);
    if (motor == 0 || edge->road_class == JW_ROAD_SERVICE)
        bits |= ROAD_IS_PLAIN;
    out[0] = (uint8_t)(motor < 255 ? motor : 255);
    out[1] = byte_of(motor ? motor_m / motor * 20 : 0);
    out[2] = byte_of(cycle_m * 20);
    out[3] = (uint8_t)bits;
}

/* One stretch of a street above ground. */
typedef struct stretch {
    const jw_vec3 *points;
    uint32_t count, id;
    double half_m;
    jw_road_class road_class;
    bool has_left_side;    /* no other direction beside it */
    double country_left_m; /* as seen from the country: with the other direction; 0: part of that one */
    double reach_m[2];     /* how far beyond its ends the middles of its junctions lie */
    uint8_t lanes[4];
} stretch;

static bool is_raised(const stretch *s)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (s->points[i].z > RAISED_M)
            return true;
    return false;
}

/* The side of a bridge: a wall hanging from the edge of the deck, seen from outside. */
static void add_deck_side(mesh_builder *builder, const jw_vec3 *line, uint32_t count, bool is_left,
                          uint32_t id)
{
    for (uint32_t i = 0; i + 1 < count; i++) {
        jw_vec2 along = jw_vec2_unit((jw_vec2){line[i + 1].x - line[i].x, line[i + 1].y - line[i].y});
        double sign = is_left ? 1 : -1;
        uint8_t normal[4] = {(uint8_t)(int8_t)(-along.y * sign * 127),
                             (uint8_t)(int8_t)(along.x * sign * 127), 0, 0};
        jw_vec3 a = line[i], b = line[i + 1], a_low = a, b_low = b;
        a.z += PARAPET_M, b.z += PARAPET_M;
        /* Ramps stand on the ground, decks hang over it. */
        a_low.z = a.z > EMBANKMENT_M ? a.z - DECK_M : 0;
        b_low.z = b.z > EMBANKMENT_M ? b.z - DECK_M : 0;
        uint32_t v[4] = {
            jw_mesh_add_vertex(builder, a_low, normal, deck_colour, 0, 0, id),
            jw_mesh_add_vertex(builder, b_low, normal, deck_colour, 0, 0, id),
            jw_mesh_add_vertex(builder, b, normal, deck_colour, 0, 0, id),
            jw_mesh_add_vertex(builder, a, normal, deck_colour, 0, 0, id),
        };
        uint32_t chunk = jw_mesh_chunk_at(builder->mesh, a.x, a.y);
        /* Seen from the left, the line runs from right to left. */
        uint32_t order[6] = {1, 0, 3, 1, 3, 2};
        if (!is_left)
            memcpy(order, (uint32_t[]){0, 1, 2, 0, 2, 3}, sizeof order);
        jw_mesh_add_triangle(builder, LAYER_HOUSE, chunk, v[order[0]], v[order[1]], v[order[2]]);
        jw_mesh_add_triangle(builder, LAYER_HOUSE, chunk, v[order[3]], v[order[4]], v[order[5]]);
    }
}

static void add_deck_sides(mesh_builder *builder, const stretch *s)
{
    jw_vec3 *side = jw_mesh_scratch(builder, false, s->count);
    if (!side)
        return;
    jw_polyline_offset(s->points, s->count, -s->half_m, side);
    add_deck_side(builder, side, s->count, false, s->id);
    if (s->has_left_side) {
        jw_polyline_offset(s->points, s->count, s->half_m, side);
        add_deck_side(builder, side, s->count, true, s->id);
    }
}

static void add_bridge(mesh_builder *builder, const stretch *s)
{
    jw_mesh_add_band(builder, LAYER_BRIDGE, s->points, s->count, s->half_m, -s->half_m, s->lanes,
                     asphalt[s->road_class], s->id);
    add_deck_sides(builder, s);
}

static void lengthen(jw_vec3 *end, const jw_vec3 *before, double by_m)
{
    jw_vec2 along = jw_vec2_unit((jw_vec2){end->x - before->x, end->y - before->y});
    end->x += along.x * by_m;
    end->y += along.y * by_m;
}

static void add_street(mesh_builder *builder, const stretch *s)
{
    static const uint8_t none[4] = {0};
    if (has_pavement(s->road_class))
        jw_mesh_add_band(builder, LAYER_PAVEMENT, s->points, s->count, s->half_m + PAVEMENT_M,
                         -s->half_m - PAVEMENT_M, none, pavement_colour, 0);
    jw_mesh_add_band(builder, layer_of(s->road_class), s->points, s->count, s->half_m, -s->half_m, s->lanes,
                     asphalt[s->road_class], s->id);
    jw_vec3 *coarse = jw_mesh_scratch(builder, true, 2 * s->count);
    if (!coarse)
        return;
    coarse += s->count; /* the band itself uses the first half */
    memcpy(coarse, s->points, s->count * sizeof *coarse);
    uint32_t count = jw_polyline_simplify(coarse, s->count, FAR_TOLERANCE_M);
    jw_mesh_add_band(builder, far_layer_of(s->road_class), coarse, count, s->half_m, -s->half_m, s->lanes,
                     asphalt[s->road_class], s->id);
    bool is_main = s->road_class <= JW_ROAD_SECONDARY;
    if (s->road_class >= JW_ROAD_SERVICE || s->country_left_m <= 0)
        return;
    uint8_t lanes[4];
    memcpy(lanes, s->lanes, sizeof lanes);
    lanes[3] |= is_main ? 0 : ROAD_IS_PLAIN | ROAD_IS_THIN;
    count = jw_polyline_simplify(coarse, count, JW_MESH_COUNTRY_M);
    lengthen(&coarse[0], &coarse[1], s->reach_m[0]); /* the country has no junctions of its own */
    lengthen(&coarse[count - 1], &coarse[count - 2], s->reach_m[1]);
    jw_mesh_add_band(builder, is_main ? LAYER_ROAD_COUNTRY : LAYER_ROAD_SIDE, coarse, count,
                     s->country_left_m, -s->half_m, lanes, asphalt[s->road_class], s->id);
}

static double reach_m(const jw_city *city, uint32_t junction, const jw_vec3 *end)
{
    const jw_junction *j = &city->junctions[junction];
    return jw_min(jw_vec2_length((jw_vec2){j->x_m - end->x, j->y_m - end->y}), MAX_REACH_M);
}

void jw_mesh_build_roads(mesh_builder *builder)
{
    const jw_city *city = builder->city;
    for (uint32_t i = 0; i < city->edge_count && jw_mesh_goes_on(builder, i); i++) {
        const jw_edge *edge = &city->edges[i];
        uint32_t count;
        const jw_vec3 *points = jw_mesh_split_at_ground(builder, edge, &count);
        stretch s = {.id = id_of(JW_PICK_EDGE, i),
                     .half_m = width_of(city, edge) / 2,
                     .road_class = edge->road_class,
                     .has_left_side = edge->opposite == JW_NONE};
        describe_lanes(city, edge, s.lanes);
        s.country_left_m = s.half_m;
        if (edge->opposite != JW_NONE)
            s.country_left_m =
                edge->opposite < i ? 0 : s.half_m + width_of(city, &city->edges[edge->opposite]);
        for (uint32_t first = 0, last; points && first < count; first = last + 1) {
            for (last = first; last < count && points[last].z >= SUNK_M; last++)
                ;
            s.points = points + first;
            s.count = last - first;
            if (s.count < 2)
                continue;
            s.reach_m[0] = first == 0 ? reach_m(city, edge->from, s.points) : 0;
            s.reach_m[1] = last == count ? reach_m(city, edge->to, &points[last - 1]) : 0;
            bool has_deck = is_raised(&s);
            (has_deck ? add_bridge : add_street)(builder, &s);
            if (edge->is_bridge && !has_deck) /* over water, at the height of its banks */
                add_deck_sides(builder, &s);
        }
    }
}

/* ---- junctions --------------------------------------------------------------------------------------- */

typedef struct arm { /* where an edge meets its junction */
    jw_vec3 at;
    jw_vec2 out; /* unit, away from the edge into the junction */
    double half_m;
    jw_road_class road_class;
    bool is_incoming, is_ring;
} arm;

enum { MAX_ARMS = 24 };

static uint32_t arms_of(const jw_city *city, const jw_junction *junction, arm out[MAX_ARMS])
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < junction->in_count + junction->out_count && count < MAX_ARMS; k++) {
        bool is_in = k < junction->in_count;
        uint32_t slot = is_in ? junction->first_in + k : junction->first_out + (k - junction->in_count);
        const jw_edge *edge = &city->edges[city->junction_edges[slot]];
        const jw_vec3 *points = city->points + edge->first_point;
        if (edge->point_count < 2)
            continue;
        double s_m = is_in ? jw_polyline_length(points, edge->point_count) : 0, heading_rad;
        jw_vec3 at = jw_polyline_at(points, edge->point_count, s_m, &heading_rad);
        double sign = is_in ? 1 : -1;
        out[count++] = (arm){at,
                             {jw_cos(heading_rad) * sign, jw_sin(heading_rad) * sign},
                             width_of(city, edge) / 2,
                             edge->road_class,
                             is_in,
                             edge->is_roundabout != 0};
    }
    return count;
}

/* Convex hull (monotone chain) of the arms' corners, for junctions without an outline. */
static uint32_t hull_of(const arm *arms, uint32_t arm_count, double grow_m, jw_vec3 out[4 * MAX_ARMS + 1])
{
    jw_vec3 corners[2 * MAX_ARMS];
    uint32_t n = 0, count = 0;
    for (uint32_t i = 0; i < arm_count; i++)
        for (int side = -1; side <= 1; side += 2) {
            double half_m = (arms[i].half_m + grow_m) * side;
            jw_vec3 c = {arms[i].at.x - arms[i].out.y * half_m, arms[i].at.y + arms[i].out.x * half_m,
                         arms[i].at.z};
            uint32_t k = n++;
            for (; k > 0 && (corners[k - 1].x > c.x || (corners[k - 1].x >= c.x && corners[k - 1].y > c.y));
                 k--)
                corners[k] = corners[k - 1];
            corners[k] = c;
        }
    for (int pass = 0; pass < 2; pass++) {
        uint32_t base = count;
        for (uint32_t i = 0; i < n; i++) {
            jw_vec3 c = corners[pass == 0 ? i : n - 1 - i];
            while (count >= base + 2 &&
                   (out[count - 1].x - out[count - 2].x) * (c.y - out[count - 2].y) -
                           (out[count - 1].y - out[count - 2].y) * (c.x - out[count - 2].x) <=
                       0)
                count--;
            out[count++] = c;
        }
        count--; /* the last point begins the other half */
    }
    return count;
}

/* White bars across an arm: a stop line at the end of the lanes, a crossing beyond it. */
static void add_marking(mesh_builder *builder, const arm *where, double from_m, double to_m, double left_m,
                        double right_m, uint8_t kind)
{
    static const uint8_t white[4] = {240, 239, 235, 255};
    uint8_t normal[4] = {kind, 0, 0, 0};
    uint32_t v[4];
    for (int k = 0; k < 4; k++) {
        double along_m = k == 0 || k == 3 ? from_m : to_m, side_m = k < 2 ? right_m : left_m;
        jw_vec3 p = {where->at.x + where->out.x * along_m - where->out.y * side_m,
                     where->at.y + where->out.y * along_m + where->out.x * side_m, where->at.z};
        v[k] = jw_mesh_add_vertex(builder, p, normal, white, side_m, along_m, 0);
    }
    uint32_t chunk = jw_mesh_chunk_at(builder->mesh, where->at.x, where->at.y);
    jw_mesh_add_triangle(builder, LAYER_MARKING, chunk, v[0], v[1], v[2]);
    jw_mesh_add_triangle(builder, LAYER_MARKING, chunk, v[0], v[2], v[3]);
}

/* Where traffic lets people on foot cross (traffic_walk_net.c), but for service roads. */
static bool is_crossed(const jw_junction *junction, uint32_t arm_count, const arm *a)
{
    if (junction->kind == JW_JUNCTION_SIGNAL)
        return a->road_class < JW_ROAD_SERVICE;
    return junction->kind >= JW_JUNCTION_PRIORITY && arm_count > 2 && a->road_class >= JW_ROAD_PRIMARY &&
           a->road_class < JW_ROAD_SERVICE && !a->is_ring;
}

static void add_markings(mesh_builder *builder, const jw_junction *junction, const arm *arms,
                         uint32_t arm_count)
{
    bool has_stop_line = junction->kind == JW_JUNCTION_SIGNAL || junction->kind == JW_JUNCTION_STOP;
    for (uint32_t i = 0; i < arm_count; i++) {
        const arm *a = &arms[i];
        double dx = junction->x_m - a->at.x, dy = junction->y_m - a->at.y;
        double room_m = dx * a->out.x + dy * a->out.y;
        if (has_stop_line && a->is_incoming)
            add_marking(builder, a, -0.45, 0, a->half_m, -a->half_m, MARKING_SOLID);
        if (is_crossed(junction, arm_count, a) && room_m > 6)
            add_marking(builder, a, 1.0, 4.2, a->half_m, -a->half_m, MARKING_ZEBRA);
    }
}

void jw_mesh_build_junctions(mesh_builder *builder)
{
    static const uint8_t plain[4] = {0, 0, 0, ROAD_IS_PLAIN}, none[4] = {0};
    const jw_city *city = builder->city;
    arm arms[MAX_ARMS];
    jw_vec3 hull[4 * MAX_ARMS + 1];
    for (uint32_t i = 0; i < city->junction_count && jw_mesh_goes_on(builder, i); i++) {
        const jw_junction *junction = &city->junctions[i];
        uint32_t arm_count = arms_of(city, junction, arms);
        jw_road_class best = JW_ROAD_SERVICE;
        bool has_raised = junction->z_m > RAISED_M;
        for (uint32_t k = 0; k < arm_count; k++) {
            best = arms[k].road_class < best ? arms[k].road_class : best;
            has_raised |= arms[k].at.z > RAISED_M;
        }
        if (arm_count == 0 || junction->z_m < SUNK_M)
            continue;
        uint32_t id = id_of(JW_PICK_JUNCTION, i),
                 chunk = jw_mesh_chunk_at(builder->mesh, junction->x_m, junction->y_m);
        mesh_layer layer = has_raised ? LAYER_BRIDGE : layer_of(best);
        if (!has_raised && has_pavement(best) && arm_count > 1) {
            uint32_t count = hull_of(arms, arm_count, PAVEMENT_M, hull);
            jw_mesh_add_ring(builder, LAYER_PAVEMENT, chunk, hull, count, none, pavement_colour, 0);
        }
        uint8_t colour[4];
        surface_colour(best, colour);
        uint32_t hull_count = arm_count > 1 ? hull_of(arms, arm_count, 0, hull) : 0;
        if (junction->point_count >= 3)
            jw_mesh_add_ring(builder, layer, chunk, city->points + junction->first_point,
                             junction->point_count, plain, colour, id);
        else
            jw_mesh_add_ring(builder, layer, chunk, hull, hull_count, plain, colour, id);
        if (!has_raised)
            jw_mesh_add_ring(builder, far_layer_of(best), chunk, hull, hull_count, plain, colour, id);
        if (!has_raised)
            add_markings(builder, junction, arms, arm_count);
    }
}

/* ---- signals ----------------------------------------------------------------------------------------- */

static void add_quad(mesh_builder *builder, const jw_vec3 corners[4], uint32_t id)
{
    static const uint8_t none[4] = {0}, white[4] = {255, 255, 255, 255};
    uint32_t v[4];
    for (int k = 0; k < 4; k++)
        v[k] = jw_mesh_add_vertex(builder, corners[k], none, white, 0, 0, id);
    uint32_t chunk = jw_mesh_chunk_at(builder->mesh, corners[0].x, corners[0].y);
    jw_mesh_add_triangle(builder, LAYER_SIGNAL, chunk, v[0], v[1], v[2]);
    jw_mesh_add_triangle(builder, LAYER_SIGNAL, chunk, v[0], v[2], v[3]);
}

/* A frame across the way at the end of a lane: forwards, to the left, up. */
typedef struct lane_end {
    jw_vec3 at;
    jw_vec2 along, left;
} lane_end;

static lane_end end_of(const jw_city *city, const jw_lane *lane)
{
    double heading_rad;
    jw_vec3 at =
        jw_polyline_at(city->points + lane->first_point, lane->point_count, lane->length_m, &heading_rad);
    jw_vec2 along = {jw_cos(heading_rad), jw_sin(heading_rad)};
    return (lane_end){at, along, {-along.y, along.x}};
}

/* An upright rectangle that faces the traffic, `ahead_m` beyond the end of the lane. */
static void add_board(mesh_builder *builder, const lane_end *end, double ahead_m, const double sides_m[2],
                      const double heights_m[2], uint32_t id)
{
    jw_vec3 corners[4];
    for (int k = 0; k < 4; k++) {
        double side_m = sides_m[k == 1 || k == 2], height_m = heights_m[k >= 2];
        corners[k] =
            (jw_vec3){end->at.x + end->along.x * ahead_m + end->left.x * side_m,
                      end->at.y + end->along.y * ahead_m + end->left.y * side_m, end->at.z + height_m};
    }
    add_quad(builder, corners, id);
}

/* Where a lane may go, painted twice before its end. */
static void add_arrows(mesh_builder *builder, const jw_lane *lane)
{
    static const uint8_t white[4] = {240, 239, 235, 255};
    static const double before_m[2] = {9, 34}, half_m = 0.8, length_m = 5;
    const jw_city *city = builder->city;
    uint8_t ways = 0;
    for (uint32_t k = 0; k < lane->connection_count; k++) {
        const jw_connection *c = &city->connections[city->lane_connections[lane->first_connection + k]];
        ways |= (uint8_t)(c->turn == JW_TURN_STRAIGHT ? ARROW_STRAIGHT
                          : c->turn == JW_TURN_LEFT   ? ARROW_LEFT
                          : c->turn == JW_TURN_RIGHT  ? ARROW_RIGHT
                                                      : 0);
    }
    const uint8_t normal[4] = {(uint8_t)(MARKING_ARROW + ways), 0, 0, 0};
    for (int i = 0; i < 2 && ways && lane->length_m > before_m[i] + 12; i++) {
        double heading_rad;
        jw_vec3 at = jw_polyline_at(city->points + lane->first_point, lane->point_count,
                                    lane->length_m - before_m[i], &heading_rad);
        if (at.z > RAISED_M || at.z < SUNK_M)
            return;
        double c = jw_cos(heading_rad), s = jw_sin(heading_rad);
        uint32_t v[4];
        for (int k = 0; k < 4; k++) {
            double along_m = k == 1 || k == 2 ? length_m : 0, left_m = k < 2 ? -half_m : half_m;
            jw_vec3 p = {at.x + c * along_m - s * left_m, at.y + s * along_m + c * left_m, at.z};
            v[k] = jw_mesh_add_vertex(builder, p, normal, white, left_m, along_m, 0);
        }
        uint32_t chunk = jw_mesh_chunk_at(builder->mesh, at.x, at.y);
        jw_mesh_add_triangle(builder, LAYER_MARKING, chunk, v[0], v[1], v[2]);
        jw_mesh_add_triangle(builder, LAYER_MARKING, chunk, v[0], v[2], v[3]);
    }
}

/* Lanes of streets with more than one, before junctions where one chooses. */
void jw_mesh_build_arrows(mesh_builder *builder)
{
    const jw_city *city = builder->city;
    for (uint32_t i = 0; i < city->lane_count && jw_mesh_goes_on(builder, i); i++) {
        const jw_lane *lane = &city->lanes[i];
        const jw_edge *edge = &city->edges[lane->edge];
        const jw_junction *to = &city->junctions[edge->to];
        bool has_choice = to->kind == JW_JUNCTION_SIGNAL || to->kind == JW_JUNCTION_PRIORITY;
        if (has_choice && edge->lane_count > 1 && edge->road_class < JW_ROAD_SERVICE &&
            (lane->allow & JW_ALLOW_CAR))
            add_arrows(builder, lane);
    }
}

#define GANTRY_AHEAD_M 1.2
#define GANTRY_M       6.0

/* The post at the kerb and the arm over the lanes that carries the lamps. */
static void add_gantry(mesh_builder *builder, const jw_edge *edge)
{
    const jw_lane *kerb = &builder->city->lanes[edge->first_lane];
    lane_end end = end_of(builder->city, kerb);
    double right_m = -kerb->width_m / 2 - 0.9, left_m = right_m + 0.9 + width_of(builder->city, edge) - 0.8;
    add_board(builder, &end, GANTRY_AHEAD_M, (double[2]){right_m - 0.1, right_m + 0.1},
              (double[2]){0, GANTRY_M}, SIGNAL_POST);
    add_board(builder, &end, GANTRY_AHEAD_M, (double[2]){right_m, left_m},
              (double[2]){GANTRY_M - 0.15, GANTRY_M}, SIGNAL_POST);
}

/* A bar before the stop line, divided among the lane's directions from left to right, and a lamp above it
 * that faces the traffic. */
static void add_signal(mesh_builder *builder, const jw_lane *lane, uint32_t connection, uint32_t part,
                       uint32_t part_count)
{
    lane_end end = end_of(builder->city, lane);
    double share_m = lane->width_m * 0.84 / part_count;
    double to_left_m = lane->width_m * 0.42 - part * share_m, to_right_m = to_left_m - share_m * 0.9;
    const double offsets[4][2] = {
        {-1.5, to_right_m}, {-0.6, to_right_m}, {-0.6, to_left_m}, {-1.5, to_left_m}};
    jw_vec3 bar[4];
    for (int k = 0; k < 4; k++)
        bar[k] =
            (jw_vec3){end.at.x + end.along.x * offsets[k][0] + end.left.x * offsets[k][1],
                      end.at.y + end.along.y * offsets[k][0] + end.left.y * offsets[k][1], end.at.z + 0.02};
    add_quad(builder, bar, connection);
    double middle_m = (to_left_m + to_right_m) / 2;
    add_board(builder, &end, GANTRY_AHEAD_M, (double[2]){middle_m - 0.42, middle_m + 0.42},
              (double[2]){GANTRY_M - 1.05, GANTRY_M - 0.1}, SIGNAL_POST);
    add_board(builder, &end, GANTRY_AHEAD_M - 0.08, (double[2]){middle_m - 0.3, middle_m + 0.3},
              (double[2]){GANTRY_M - 0.92, GANTRY_M - 0.24}, connection);
}

void jw_mesh_build_signals(mesh_builder *builder)
{
    const jw_city *city = builder->city;
    static const jw_turn order[4] = {JW_TURN_LEFT, JW_TURN_STRAIGHT, JW_TURN_RIGHT, JW_TURN_U};
    for (uint32_t i = 0; i < city->lane_count && jw_mesh_goes_on(builder, i); i++) {
        const jw_lane *lane = &city->lanes[i];
        uint32_t of_turn[4] = {JW_NONE, JW_NONE, JW_NONE, JW_NONE}, part_count = 0, part = 0;
        for (uint32_t k = 0; k < lane->connection_count; k++) {
            uint32_t connection = city->lane_connections[lane->first_connection + k];
            const jw_connection *c = &city->connections[connection];
            if (c->signal_link != JW_NONE && of_turn[c->turn] == JW_NONE && c->turn != JW_TURN_U) {
                of_turn[c->turn] = connection;
                part_count++;
            }
        }
        if (part_count > 0 && city->edges[lane->edge].first_lane == i)
            add_gantry(builder, &city->edges[lane->edge]);
        for (int k = 0; k < 4; k++)
            if (of_turn[order[k]] != JW_NONE)
                add_signal(builder, lane, of_turn[order[k]], part++, part_count);
    }
}
