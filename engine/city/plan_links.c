/* Streets between clusters: the ring and the avenues over the mouths of corridors and gardens, arterials
 * through the green, gates to the country around, the station's forecourt. */
#include "city/plan_internal.h"

#include <stdio.h>

enum { LINK_POINTS = 9 };

static plan_street_point corner_node(city_plan *plan, uint32_t cluster, double u, double v)
{
    return (plan_street_point){jw_plan_patch_at(&plan->clusters[cluster], u, v),
                               jw_plan_node_at(plan, cluster, u, v), true};
}

/* Outward direction of the street of constant v (along u) or u (along v) at the patch's border. */
static jw_vec2 leaving_direction(const plan_cluster *cluster, double u, double v, bool along_u)
{
    const double step = 0.02;
    double inner_u = along_u ? (u > 0.5 ? u - step : u + step) : u;
    double inner_v = along_u ? v : (v > 0.5 ? v - step : v + step);
    return jw_vec2_unit(
        jw_vec2_sub(jw_plan_patch_at(cluster, u, v), jw_plan_patch_at(cluster, inner_u, inner_v)));
}

/* A smooth street from one cluster's border to another's (cubic with both ends' directions). */
static void link_nodes(city_plan *plan, plan_street_point from, jw_vec2 leave, plan_street_point to,
                       jw_vec2 arrive, plan_grade grade, uint32_t name)
{
    plan_street_point points[LINK_POINTS];
    double reach = jw_vec2_distance(from.at, to.at);
    jw_vec2 m0 = jw_vec2_scale(leave, reach), m1 = jw_vec2_scale(arrive, -reach);
    for (int i = 0; i < LINK_POINTS; ++i) {
        double t = (double)i / (LINK_POINTS - 1), t2 = t * t, t3 = t2 * t;
        jw_vec2 p = jw_vec2_scale(from.at, 2 * t3 - 3 * t2 + 1);
        p = jw_vec2_add(p, jw_vec2_scale(m0, t3 - 2 * t2 + t));
        p = jw_vec2_add(p, jw_vec2_scale(to.at, 3 * t2 - 2 * t3));
        p = jw_vec2_add(p, jw_vec2_scale(m1, t3 - t2));
        points[i] = (plan_street_point){p, JW_NONE, false};
    }
    points[0] = from;
    points[LINK_POINTS - 1] = to;
    jw_plan_add_street(plan, points, LINK_POINTS, grade, name);
}

/* The street along a row's upper or lower side over the mouth between two clusters. */
static void link_mouth(city_plan *plan, uint32_t west, bool is_top)
{
    const plan_cluster *cluster = &plan->clusters[west];
    double v = is_top ? 1 : 0;
    const plan_major *major = &cluster->v_majors[is_top ? cluster->v_count - 1 : 0];
    plan_street_point points[LINK_POINTS];
    points[0] = corner_node(plan, west, 1, v);
    points[LINK_POINTS - 1] = corner_node(plan, west + 1, 0, v);
    double x0 = points[0].at.x, x1 = points[LINK_POINTS - 1].at.x;
    for (int i = 1; i + 1 < LINK_POINTS; ++i) {
        double x = x0 + (x1 - x0) * i / (LINK_POINTS - 1);
        points[i] =
            (plan_street_point){{x, jw_plan_row_line(&plan->form, cluster->row, is_top, x)}, JW_NONE, false};
    }
    jw_plan_add_street(plan, points, LINK_POINTS, major->grade, major->name);
}

/* The ring over an end of the gardens. */
static void link_ring_side(city_plan *plan, uint32_t above, uint32_t below, double u)
{
    plan_street_point points[LINK_POINTS];
    points[0] = corner_node(plan, above, u, 0);
    points[LINK_POINTS - 1] = corner_node(plan, below, u, 1);
    double y0 = points[0].at.y, y1 = points[LINK_POINTS - 1].at.y, sign = u > 0.5 ? 1 : -1;
    for (int i = 1; i + 1 < LINK_POINTS; ++i) {
        double y = y0 + (y1 - y0) * i / (LINK_POINTS - 1);
        points[i] = (plan_street_point){{jw_plan_ring_side(&plan->form, y, sign), y}, JW_NONE, false};
    }
    const plan_cluster *cluster = &plan->clusters[above];
    const plan_major *major = &cluster->u_majors[u > 0.5 ? cluster->u_count - 1 : 0];
    jw_plan_add_street(plan, points, LINK_POINTS, major->grade, major->name);
}

static void link_row(city_plan *plan, uint32_t west)
{
    const plan_cluster *a = &plan->clusters[west], *b = &plan->clusters[west + 1];
    link_mouth(plan, west, true);
    link_mouth(plan, west, false);
    for (uint32_t i = 1; i + 1 < a->v_count && i + 1 < b->v_count; ++i) {
        double v = a->v_majors[i].at, w = b->v_majors[i].at;
        link_nodes(plan, corner_node(plan, west, 1, v), leaving_direction(a, 1, v, true),
                   corner_node(plan, west + 1, 0, w), leaving_direction(b, 0, w, true), a->v_majors[i].grade,
                   a->v_majors[i].name);
    }
}

static void link_gardens(city_plan *plan, uint32_t above, uint32_t below)
{
    const plan_cluster *a = &plan->clusters[above], *b = &plan->clusters[below];
    for (uint32_t i = 1; i + 1 < a->u_count; ++i) {
        for (uint32_t k = 1; k + 1 < b->u_count; ++k) {
            if (a->u_majors[i].grade != PLAN_ARTERIAL || b->u_majors[k].grade != PLAN_ARTERIAL ||
                a->u_majors[i].name != b->u_majors[k].name) {
                continue;
            }
            double u = a->u_majors[i].at, w = b->u_majors[k].at;
            link_nodes(plan, corner_node(plan, above, u, 0), leaving_direction(a, u, 0, false),
                       corner_node(plan, below, w, 1), leaving_direction(b, w, 1, false), PLAN_ARTERIAL,
                       a->u_majors[i].name);
        }
    }
}

/* ---- gates -----------------------------------------------------------------------------------------------
 */

static void add_gate(city_plan *plan, plan_street_point from, jw_vec2 direction, plan_grade grade,
                     uint32_t name, const char *side, uint32_t number)
{
    enum { MAX_POINTS = 64 };
    plan_street_point points[MAX_POINTS];
    uint32_t count = 0;
    points[count++] = from;
    while (count < MAX_POINTS && jw_plan_is_inside(&plan->form, points[count - 1].at)) {
        jw_vec2 at = jw_vec2_add(points[count - 1].at, jw_vec2_scale(direction, 45.0));
        points[count++] = (plan_street_point){at, JW_NONE, false};
    }
    points[count - 1].node = jw_plan_point(plan, points[count - 1].at);
    points[count - 1].is_junction = true;
    jw_plan_add_street(plan, points, count, grade, name);
    if (jw_plan_is_ok(plan)) {
        plan->draft->nodes[points[count - 1].node].is_gate = 1;
        char text[48];
        snprintf(text, sizeof text, "%s gate %u", side, number);
        jw_plan_place(plan, JW_PLACE_GATE, points[count - 1].at, text);
    }
}

static jw_vec2 blend(jw_vec2 a, jw_vec2 b)
{
    return jw_vec2_unit(jw_vec2_add(a, b));
}

/* Arterials that reach the ring go on to the border; with a lake the two southern corners have gates instead.
 */
static void add_gates(city_plan *plan)
{
    const plan_form *form = &plan->form;
    uint32_t north = 0, west = 0, east = 0, south = 0;
    for (uint32_t c = 0; c < plan->cluster_count; ++c) {
        const plan_cluster *cluster = &plan->clusters[c];
        bool is_last_row = cluster->row + 1 == form->row_count;
        bool is_first = cluster->column == 0,
             is_last = cluster->column + 1 == form->row_clusters[cluster->row];
        for (uint32_t i = 1; i + 1 < cluster->u_count; ++i) {
            plan_major major = cluster->u_majors[i];
            if (major.grade != PLAN_ARTERIAL) {
                continue;
            }
            if (cluster->row == 0) {
                jw_vec2 out = blend(leaving_direction(cluster, major.at, 1, false), (jw_vec2){0, 1});
                add_gate(plan, corner_node(plan, c, major.at, 1), out, major.grade, major.name, "North",
                         ++north);
            }
            if (is_last_row && !form->has_lake) {
                jw_vec2 out = blend(leaving_direction(cluster, major.at, 0, false), (jw_vec2){0, -1});
                add_gate(plan, corner_node(plan, c, major.at, 0), out, major.grade, major.name, "South",
                         ++south);
            }
        }
        for (uint32_t i = 1; i + 1 < cluster->v_count; ++i) {
            plan_major major = cluster->v_majors[i];
            if (major.grade == PLAN_ARTERIAL && is_first) {
                jw_vec2 out = blend(leaving_direction(cluster, 0, major.at, true), (jw_vec2){-1, 0});
                add_gate(plan, corner_node(plan, c, 0, major.at), out, major.grade, major.name, "West",
                         ++west);
            }
            if (major.grade == PLAN_ARTERIAL && is_last) {
                jw_vec2 out = blend(leaving_direction(cluster, 1, major.at, true), (jw_vec2){1, 0});
                add_gate(plan, corner_node(plan, c, 1, major.at), out, major.grade, major.name, "East",
                         ++east);
            }
        }
        if (is_last_row && form->has_lake && !plan->is_district && (is_first || is_last)) {
            for (int end = is_first ? 0 : 1; end <= (is_last ? 1 : 0); ++end) {
                jw_vec2 out = jw_vec2_unit((jw_vec2){end ? 1.0 : -1.0, -0.62});
                add_gate(plan, corner_node(plan, c, end, 0), out, PLAN_AVENUE, cluster->v_majors[0].name,
                         "South", ++south);
            }
        }
    }
}

/* ---- station ---------------------------------------------------------------------------------------------
 */

/* The two streets along the axis go on over the ring and join before the station. */
static void add_forecourt(city_plan *plan)
{
    for (uint32_t c = 0; c < plan->cluster_count; ++c) {
        const plan_cluster *cluster = &plan->clusters[c];
        if (cluster->row != 0 || !cluster->has_axis) {
            continue;
        }
        double u0 = cluster->u_majors[cluster->axis_column].at,
               u1 = cluster->u_majors[cluster->axis_column + 1].at;
        plan_street_point from = corner_node(plan, c, u0, 1), to = corner_node(plan, c, u1, 1);
        double y = jw_plan_rail_y(&plan->form, 0) - JW_PLAN_STATION_DEPTH_M - 24;
        plan_street_point points[] = {
            from,
            {{from.at.x, y - 14}, JW_NONE, false},
            {{from.at.x + 4, y - 4}, JW_NONE, false},
            {{from.at.x + 14, y}, JW_NONE, false},
            {{to.at.x - 14, y}, JW_NONE, false},
            {{to.at.x - 4, y - 4}, JW_NONE, false},
            {{to.at.x, y - 14}, JW_NONE, false},
            to,
        };
        jw_plan_add_street(plan, points, JW_COUNT_OF(points), PLAN_LOCAL,
                           jw_plan_street_name(plan, false, PLAN_LOCAL));
    }
}

void jw_plan_make_links(city_plan *plan)
{
    for (uint32_t c = 0; c + 1 < plan->cluster_count; ++c) {
        if (plan->clusters[c].row == plan->clusters[c + 1].row) {
            link_row(plan, c);
        }
    }
    if (plan->form.row_count == 2) {
        uint32_t upper = plan->form.row_clusters[0];
        link_ring_side(plan, 0, upper, 0);
        link_ring_side(plan, upper - 1, plan->cluster_count - 1, 1);
        for (uint32_t a = 0; a < upper; ++a) {
            for (uint32_t b = upper; b < plan->cluster_count; ++b) {
                link_gardens(plan, a, b);
            }
        }
    }
    add_gates(plan);
    if (plan->form.has_station) {
        add_forecourt(plan);
    }
    jw_plan_set_signals(plan);
}
