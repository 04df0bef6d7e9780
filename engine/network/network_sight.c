/* What stands in the way: which building covers a place, and how far the straight ray between two antennas is
 * from being free.
 *
 * A ray is blocked by every footprint inside which the building rises above it. How deep it is blocked is its
 * Fresnel parameter at the edge that is easiest to pass (a side, the roof, the floor of what stands on
 * pillars), the worst building's of all: the main edge of Deygout. Below 0 the ray passes, and by how far.
 *
 * A cell's own building never blocks it: its antenna stands at the edge of the roof. Outdoors walls cost
 * nothing but the sight. */
#include "network/network_internal.h"

#include <math.h>

#define BESIDE_M 2.0 /* so near to a ray an edge may cost something */

struct net_sight {
    const jw_city *city;
    jw_grid *grid; /* boxes of the buildings, numbered as in the city */
};

static const jw_ring_range *building_rings(const jw_city *city, const jw_building *building)
{
    return city->rings + building->first_ring;
}

jw_result jw_network_sight_create(const jw_city *city, net_sight **out, jw_error *error)
{
    *out = NULL;
    if (!city || city->building_count == 0) {
        return JW_OK;
    }
    net_sight *sight = jw_alloc(sizeof *sight);
    jw_box *boxes = jw_alloc(city->building_count * sizeof *boxes);
    jw_result result = sight && boxes ? JW_OK : jw_fail_memory(error);
    for (uint32_t i = 0; i < city->building_count && !result; i++) {
        const jw_building *building = &city->buildings[i];
        boxes[i] = jw_box_empty();
        if (building->ring_count > 0) {
            const jw_ring_range *outer = building_rings(city, building);
            for (uint32_t k = 0; k < outer->point_count; k++) {
                const jw_vec3 *point = &city->points[outer->first_point + k];
                boxes[i] = jw_box_extend(boxes[i], point->x, point->y);
            }
        } else {
            boxes[i] = jw_box_extend(boxes[i], building->x_m, building->y_m);
        }
        boxes[i] = (jw_box){boxes[i].min_x - BESIDE_M, boxes[i].min_y - BESIDE_M, boxes[i].max_x + BESIDE_M,
                            boxes[i].max_y + BESIDE_M};
    }
    if (!result) {
        sight->city = city;
        result = jw_grid_create(boxes, city->building_count, 0, &sight->grid, error);
    }
    jw_free(boxes);
    if (result) {
        jw_free(sight);
        return result;
    }
    *out = sight;
    return JW_OK;
}

void jw_network_sight_destroy(net_sight *sight)
{
    if (sight) {
        jw_grid_destroy(sight->grid);
        jw_free(sight);
    }
}

/* ---- which building stands here --------------------------------------------------------------------------
 */

typedef struct at_query {
    const jw_city *city;
    double x_m, y_m, above_m;
    uint32_t found;
} at_query;

static bool visit_at(void *context, uint32_t item)
{
    at_query *query = context;
    const jw_building *building = &query->city->buildings[item];
    if (building->height_m <= query->above_m || item >= query->found) {
        return true;
    }
    bool is_inside = false;
    for (uint32_t i = 0; i < building->ring_count; i++) { /* a hole turns it outside again */
        const jw_ring_range *ring = &building_rings(query->city, building)[i];
        is_inside ^= jw_ring_contains(query->city->points + ring->first_point, ring->point_count, query->x_m,
                                      query->y_m);
    }
    if (is_inside) {
        query->found = item;
    }
    return true;
}

uint32_t jw_network_building_at(const net_sight *sight, double x_m, double y_m, double above_m)
{
    if (!sight) {
        return JW_NONE;
    }
    at_query query = {sight->city, x_m, y_m, above_m, JW_NONE};
    jw_grid_query(sight->grid, (jw_box){x_m, y_m, x_m, y_m}, visit_at, &query);
    return query.found;
}

/* ---- line of sight ---------------------------------------------------------------------------------------
 */

#define EDGE_NEAREST_M 1.0  /* from an end of the ray: nearer the formula does not hold */
#define EDGE_NONE      -2.0 /* of the Fresnel parameter: costs nothing */

typedef struct sight_query {
    const jw_city *city;
    jw_vec2 from, along; /* the ray in the plane: its foot and a unit vector */
    double length_m;
    double from_m, rise_m; /* its height, and what it rises to its end */
    double wavelength_m;
    const uint32_t *own_buildings; /* two */
    double edge, enough;           /* worst Fresnel parameter yet; looking ends where it is above `enough` */
} sight_query;

/* Of an edge that reaches `over_m` across the ray, at a distance along it. */
static double fresnel(const sight_query *query, double over_m, double at_m)
{
    double near_m = jw_clamp(at_m, EDGE_NEAREST_M, jw_max(query->length_m - EDGE_NEAREST_M, EDGE_NEAREST_M));
    double far_m = jw_max(query->length_m - near_m, EDGE_NEAREST_M);
    return over_m * jw_sqrt(2 * (near_m + far_m) / (query->wavelength_m * near_m * far_m));
}

/* A building's outline as seen along the ray. */
typedef struct outline {
    double left_m, left_at_m, right_m, right_at_m; /* how far it reaches to both sides, and where */
    double beside_m, beside_at_m;                  /* nearest corner between the ray's ends */
    double enter_m, leave_m;                       /* where the ray crosses it first and last */
} outline;

static void take_ring(const sight_query *query, const jw_vec3 *points, uint32_t count, outline *seen)
{
    jw_vec2 last = {points[count - 1].x - query->from.x, points[count - 1].y - query->from.y};
    double last_at_m = jw_vec2_dot(query->along, last), last_aside_m = jw_vec2_cross(query->along, last);
    for (uint32_t k = 0; k < count; k++) {
        jw_vec2 point = {points[k].x - query->from.x, points[k].y - query->from.y};
        double at_m = jw_vec2_dot(query->along, point), aside_m = jw_vec2_cross(query->along, point);
        if (aside_m > seen->left_m) {
            seen->left_m = aside_m, seen->left_at_m = at_m;
        }
        if (-aside_m > seen->right_m) {
            seen->right_m = -aside_m, seen->right_at_m = at_m;
        }
        if (at_m > 0 && at_m < query->length_m && jw_abs(aside_m) < seen->beside_m) {
            seen->beside_m = jw_abs(aside_m), seen->beside_at_m = at_m;
        }
        if ((aside_m > 0) != (last_aside_m > 0)) {
            double cross_m = last_at_m + (at_m - last_at_m) * (last_aside_m / (last_aside_m - aside_m));
            if (cross_m >= 0 && cross_m <= query->length_m) {
                seen->enter_m = jw_min(seen->enter_m, cross_m);
                seen->leave_m = jw_max(seen->leave_m, cross_m);
            }
        }
        last_at_m = at_m, last_aside_m = aside_m;
    }
}

/* The easiest way around a building: beside it, over its roof, below its floor. */
static double easiest_edge(const sight_query *query, const jw_building *building, const outline *seen)
{
    if (seen->leave_m < seen->enter_m) { /* it stands beside the ray */
        return seen->beside_m < INFINITY ? fresnel(query, -seen->beside_m, seen->beside_at_m) : EDGE_NONE;
    }
    /* Between entry and exit the ray's height is between theirs. */
    double slope = query->rise_m / query->length_m;
    double enter_m = query->from_m + slope * seen->enter_m, leave_m = query->from_m + slope * seen->leave_m;
    bool is_falling = slope < 0;
    double lowest_m = is_falling ? leave_m : enter_m, highest_m = is_falling ? enter_m : leave_m;
    double lowest_at_m = is_falling ? seen->leave_m : seen->enter_m;
    double edge = fresnel(query, building->height_m - lowest_m, lowest_at_m);
    if (edge <= query->edge) { /* no worse than what is known */
        return edge;
    }
    edge = jw_min(edge, fresnel(query, seen->left_m, seen->left_at_m));
    edge = jw_min(edge, fresnel(query, seen->right_m, seen->right_at_m));
    if (building->base_m > 0) {
        double highest_at_m = is_falling ? seen->enter_m : seen->leave_m;
        edge = jw_min(edge, fresnel(query, highest_m - building->base_m, highest_at_m));
    }
    return edge;
}

static bool visit_sight(void *context, uint32_t item)
{
    sight_query *query = context;
    const jw_building *building = &query->city->buildings[item];
    if (item == query->own_buildings[0] || item == query->own_buildings[1] ||
        building->height_m <= jw_min(query->from_m, query->from_m + query->rise_m)) {
        return true;
    }
    outline seen = {.left_m = -INFINITY,
                    .right_m = -INFINITY,
                    .beside_m = INFINITY,
                    .enter_m = INFINITY,
                    .leave_m = -INFINITY};
    for (uint32_t i = 0; i < building->ring_count; i++) {
        const jw_ring_range *ring = &building_rings(query->city, building)[i];
        if (ring->point_count > 0) {
            take_ring(query, query->city->points + ring->first_point, ring->point_count, &seen);
        }
    }
    query->edge = jw_max(query->edge, easiest_edge(query, building, &seen));
    return query->edge <= query->enough;
}

double jw_network_edge(const net_sight *sight, jw_vec3 mast, const uint32_t own_buildings[2], jw_vec2 place,
                       double height_m, double wavelength_m, double enough)
{
    jw_vec2 way = {place.x - mast.x, place.y - mast.y};
    double length_m = jw_vec2_length(way);
    if (!sight || length_m < EDGE_NEAREST_M) {
        return EDGE_NONE;
    }
    sight_query query = {.city = sight->city,
                         .from = {mast.x, mast.y},
                         .along = {way.x / length_m, way.y / length_m},
                         .length_m = length_m,
                         .from_m = mast.z,
                         .rise_m = height_m - mast.z,
                         .wavelength_m = wavelength_m,
                         .own_buildings = own_buildings,
                         .edge = EDGE_NONE,
                         .enough = enough};
    /* From the place, where the ray is lowest: what blocks it is mostly near. */
    jw_grid_walk(sight->grid, place, query.from, visit_sight, &query);
    return query.edge;
}

bool jw_network_sees(const net_sight *sight, jw_vec3 mast, const uint32_t own_buildings[2], jw_vec2 place,
                     double height_m)
{
    return jw_network_edge(sight, mast, own_buildings, place, height_m, 1, 0) <= 0;
}
