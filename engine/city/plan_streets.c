/* Streets inside the clusters: major lines, superblocks between them, cells, and the roads on all of these.
 */
#include "city/plan_internal.h"

#include <stdio.h>
#include <string.h>

/* ---- names -----------------------------------------------------------------------------------------------
 */

/* Every street gets a name of two syllables and a suffix: Jie runs north-south, Lu east-west; Dajie and Dadao
 * are their great forms. In Chinese the same, a character a syllable. */
uint32_t jw_plan_street_name(city_plan *plan, bool is_north_south, plan_grade grade)
{
    static const char *const first_zh[] = {"安", "博", "春", "德", "福", "广", "和", "华",
                                           "景", "康", "乐", "林", "明", "宁", "平", "启",
                                           "荣", "顺", "泰", "文", "新", "永", "裕", "智"};
    static const char *const second_zh[] = {"安", "百", "成", "德", "丰", "光", "合", "华", "康", "茗",
                                            "宁", "庆", "盛", "通", "祥", "源", "悦", "泽", "洲"};
    static const char *const first[] = {"An",   "Bo",   "Chun", "De",  "Fu",   "Guang", "He",   "Hua",
                                        "Jing", "Kang", "Le",   "Lin", "Ming", "Ning",  "Ping", "Qi",
                                        "Rong", "Shun", "Tai",  "Wen", "Xin",  "Yong",  "Yu",   "Zhi"};
    static const char *const second[] = {"an",    "bai",  "cheng", "de",   "feng", "guang", "he",
                                         "hua",   "kang", "ming",  "ning", "qing", "sheng", "tong",
                                         "xiang", "yuan", "yue",   "ze",   "zhou"};
    uint32_t i = plan->name_count++;
    char text[64], zh[64];
    bool is_great = grade <= PLAN_ARTERIAL;
    const char *suffix =
        is_great ? (is_north_south ? " Dajie" : " Dadao") : (is_north_south ? " Jie" : " Lu");
    const char *suffix_zh = is_great ? (is_north_south ? "大街" : "大道") : (is_north_south ? "街" : "路");
    /* 24 and 19 share no factor: 456 different pairs before the first comes again. */
    snprintf(text, sizeof text, "%s%s%s", first[i % JW_COUNT_OF(first)],
             second[(i * 5 + 3) % JW_COUNT_OF(second)], suffix);
    snprintf(zh, sizeof zh, "%s%s%s", first_zh[i % JW_COUNT_OF(first)],
             second_zh[(i * 5 + 3) % JW_COUNT_OF(second)], suffix_zh);
    uint32_t offset = 0;
    if (jw_plan_is_ok(plan)) {
        plan->result = jw_draft_add_text(plan->draft, text, &offset, plan->error);
        if (jw_plan_is_ok(plan))
            plan->result = jw_draft_translate(plan->draft, offset, NULL, zh, plan->error);
    }
    return offset;
}

/* ---- major lines -----------------------------------------------------------------------------------------
 */

static void add_major(plan_major *majors, uint32_t *count, double at, plan_grade grade)
{
    if (*count >= PLAN_MAX_MAJORS) {
        return;
    }
    uint32_t place = (*count)++;
    for (; place > 0 && majors[place - 1].at > at; --place) {
        majors[place] = majors[place - 1];
    }
    majors[place] = (plan_major){at, grade, 0};
}

/* Collectors between neighbouring majors, so that superblocks are about three blocks wide. */
static void fill_collectors(const city_plan *plan, plan_major *majors, uint32_t *count, double length_m)
{
    uint32_t given = *count;
    plan_major before[PLAN_MAX_MAJORS];
    memcpy(before, majors, given * sizeof *majors);
    for (uint32_t i = 0; i + 1 < given; ++i) {
        double gap_m = (before[i + 1].at - before[i].at) * length_m;
        uint32_t pieces = (uint32_t)jw_max(1, jw_round(gap_m / (2.75 * plan->def.block_m)));
        for (uint32_t k = 1; k < pieces; ++k) {
            double at = before[i].at + (before[i + 1].at - before[i].at) * k / pieces;
            add_major(majors, count, at, PLAN_COLLECTOR);
        }
    }
}

/* Arterials of a lower row go on from those of the row above, where the gardens let them. */
static uint32_t continue_arterials(const city_plan *plan, plan_cluster *cluster)
{
    uint32_t found = 0;
    double x0 = cluster->north.points[0].x, x1 = cluster->north.points[PLAN_CURVE_POINTS - 1].x;
    for (uint32_t c = 0; c < plan->cluster_count; ++c) {
        const plan_cluster *above = &plan->clusters[c];
        for (uint32_t i = 0; above->row == 0 && i < above->u_count; ++i) {
            double x = jw_plan_curve_at(&above->south, above->u_majors[i].at).x;
            if (above->u_majors[i].grade != PLAN_ARTERIAL || x < x0 + 0.09 * (x1 - x0) ||
                x > x1 - 0.09 * (x1 - x0)) {
                continue;
            }
            double low = 0, high = 1;
            for (int k = 0; k < 40; ++k) {
                double middle = 0.5 * (low + high);
                if (jw_plan_curve_at(&cluster->north, middle).x < x) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            add_major(cluster->u_majors, &cluster->u_count, low, PLAN_ARTERIAL);
            ++found;
        }
    }
    return found;
}

static double row_height(const city_plan *plan, uint32_t row)
{
    double sum = 0;
    uint32_t count = 0;
    for (uint32_t c = 0; c < plan->cluster_count; ++c) {
        if (plan->clusters[c].row == row) {
            sum += plan->clusters[c].height_m;
            ++count;
        }
    }
    return sum / count;
}

static plan_grade edge_grade(const city_plan *plan, const plan_cluster *cluster, uint32_t side)
{
    const plan_form *form = &plan->form;
    plan_grade ring = plan->is_district ? PLAN_AVENUE : PLAN_RING;
    bool is_last_row = cluster->row + 1 == form->row_count;
    switch (side) {
    case 0:
        return is_last_row && !form->has_lake ? ring : PLAN_AVENUE;
    case 1:
        return cluster->column + 1 == form->row_clusters[cluster->row] ? ring : PLAN_COLLECTOR;
    case 2:
        return cluster->row == 0 ? ring : PLAN_AVENUE;
    default:
        return cluster->column == 0 ? ring : PLAN_COLLECTOR;
    }
}

static void choose_majors(city_plan *plan, plan_cluster *cluster)
{
    cluster->u_count = cluster->v_count = 0;
    add_major(cluster->u_majors, &cluster->u_count, 0, edge_grade(plan, cluster, 3));
    add_major(cluster->u_majors, &cluster->u_count, 1, edge_grade(plan, cluster, 1));
    add_major(cluster->v_majors, &cluster->v_count, 0, edge_grade(plan, cluster, 0));
    add_major(cluster->v_majors, &cluster->v_count, 1, edge_grade(plan, cluster, 2));
    double half_axis = 0.5 * 0.5 * plan->form.axis_m / cluster->width_m;
    if (cluster->has_axis) {
        add_major(cluster->u_majors, &cluster->u_count, 0.5 - half_axis, PLAN_COLLECTOR);
        add_major(cluster->u_majors, &cluster->u_count, 0.5 + half_axis, PLAN_COLLECTOR);
    }
    if (cluster->row == 0 || continue_arterials(plan, cluster) == 0) {
        uint32_t count = (uint32_t)jw_max(1, jw_round(cluster->width_m / 1000.0));
        count = cluster->has_axis ? 2 * ((count + 1) / 2) : count;
        for (uint32_t i = 0; i < count; ++i) {
            add_major(cluster->u_majors, &cluster->u_count, (i + 0.5) / count, PLAN_ARTERIAL);
        }
    }
    double height_m = row_height(plan, cluster->row);
    uint32_t across = (uint32_t)jw_max(1, jw_round(height_m / 1100.0) - 1);
    for (uint32_t i = 0; i < across; ++i) {
        add_major(cluster->v_majors, &cluster->v_count, (i + 1.0) / (across + 1), PLAN_ARTERIAL);
    }
    fill_collectors(plan, cluster->u_majors, &cluster->u_count, cluster->width_m);
    fill_collectors(plan, cluster->v_majors, &cluster->v_count, height_m);
    for (uint32_t i = 0; cluster->has_axis && i + 1 < cluster->u_count; ++i) {
        if (cluster->u_majors[i].at < 0.5 && cluster->u_majors[i + 1].at > 0.5) {
            cluster->axis_column = i;
        }
    }
}

/* Streets that go on in the next cluster keep their name: majors of a row share theirs from west to east, and
 * what crosses the gardens from north to south. */
static void name_majors(city_plan *plan)
{
    for (uint32_t c = 0; c < plan->cluster_count; ++c) {
        plan_cluster *cluster = &plan->clusters[c];
        const plan_cluster *left = cluster->column > 0 ? &plan->clusters[c - 1] : NULL;
        for (uint32_t i = 0; i < cluster->v_count; ++i) {
            plan_major *major = &cluster->v_majors[i];
            major->name = left != NULL && i < left->v_count ? left->v_majors[i].name
                                                            : jw_plan_street_name(plan, false, major->grade);
        }
        for (uint32_t i = 0; i < cluster->u_count; ++i) {
            plan_major *major = &cluster->u_majors[i];
            double x = jw_plan_curve_at(&cluster->north, major->at).x;
            for (uint32_t k = 0; cluster->row > 0 && major->grade == PLAN_ARTERIAL && k < c; ++k) {
                const plan_cluster *above = &plan->clusters[k];
                for (uint32_t j = 0; above->row == 0 && j < above->u_count; ++j) {
                    if (above->u_majors[j].grade == PLAN_ARTERIAL &&
                        jw_abs(jw_plan_curve_at(&above->south, above->u_majors[j].at).x - x) < 1.0) {
                        major->name = above->u_majors[j].name;
                    }
                }
            }
            if (major->name == 0) {
                major->name = jw_plan_street_name(plan, true, major->grade);
            }
        }
    }
}

/* ---- lines to roads --------------------------------------------------------------------------------------
 */

typedef struct street_line {
    double at, from, to;
    bool is_u; /* of constant u */
    plan_grade grade;
    uint32_t name;
} street_line;

typedef struct line_list {
    street_line *items;
    uint32_t count, capacity;
} line_list;

static void add_line(city_plan *plan, line_list *lines, street_line line)
{
    if (jw_plan_is_ok(plan)) {
        plan->result =
            jw_grow(&lines->items, &lines->capacity, lines->count + 1, sizeof *lines->items, plan->error);
    }
    if (jw_plan_is_ok(plan)) {
        lines->items[lines->count++] = line;
    }
}

uint32_t jw_plan_node_at(city_plan *plan, uint32_t cluster, double u, double v)
{
    const double steps = 1 << 28;
    uint64_t key =
        (uint64_t)(cluster + 1) << 58 | (uint64_t)jw_round(u * steps) << 29 | (uint64_t)jw_round(v * steps);
    uint32_t node = jw_map_get(&plan->nodes, key);
    if (node == JW_NONE && jw_plan_is_ok(plan)) {
        node = jw_plan_point(plan, jw_plan_patch_at(&plan->clusters[cluster], u, v));
        if (node != JW_NONE && !jw_map_set(&plan->nodes, key, node)) {
            plan->result = jw_fail_memory(plan->error);
        }
    }
    return node;
}

/* Where other lines meet this one, ascending and once each. */
static uint32_t find_stops(const line_list *lines, const street_line *line, double *out)
{
    const double eps = 1e-7;
    uint32_t count = 0;
    for (uint32_t i = 0; i < lines->count; ++i) {
        const street_line *other = &lines->items[i];
        if (other->is_u == line->is_u || other->at < line->from - eps || other->at > line->to + eps ||
            line->at < other->from - eps || line->at > other->to + eps) {
            continue;
        }
        uint32_t place = count;
        while (place > 0 && out[place - 1] > other->at + eps) {
            --place;
        }
        if (place > 0 && jw_abs(out[place - 1] - other->at) <= eps) {
            continue;
        }
        memmove(&out[place + 1], &out[place], (count - place) * sizeof *out);
        out[place] = other->at;
        ++count;
    }
    return count;
}

static void emit_line(city_plan *plan, uint32_t cluster, const line_list *lines, const street_line *line)
{
    enum { MAX_BETWEEN = 12 };
    const plan_cluster *patch = &plan->clusters[cluster];
    double *stops = jw_plan_is_ok(plan) ? jw_alloc((lines->count + 1) * sizeof *stops) : NULL;
    uint32_t stop_count = stops != NULL ? find_stops(lines, line, stops) : 0;
    plan_street_point *points =
        stop_count > 0 ? jw_alloc(stop_count * (MAX_BETWEEN + 1) * sizeof *points) : NULL;
    if (points == NULL) {
        if (jw_plan_is_ok(plan) && stop_count > 0) {
            plan->result = jw_fail_memory(plan->error);
        }
        jw_free(stops);
        return;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < stop_count; ++i) {
        double u = line->is_u ? line->at : stops[i], v = line->is_u ? stops[i] : line->at;
        points[count++] =
            (plan_street_point){jw_plan_patch_at(patch, u, v), jw_plan_node_at(plan, cluster, u, v), true};
        if (i + 1 == stop_count) {
            break;
        }
        double u1 = line->is_u ? line->at : stops[i + 1], v1 = line->is_u ? stops[i + 1] : line->at;
        double length_m = jw_vec2_distance(points[count - 1].at, jw_plan_patch_at(patch, u1, v1));
        uint32_t pieces = (uint32_t)jw_clamp(jw_ceil(length_m / 48.0), 1, MAX_BETWEEN);
        for (uint32_t k = 1; k < pieces; ++k) {
            double t = (double)k / pieces;
            jw_vec2 at = jw_plan_patch_at(patch, u + (u1 - u) * t, v + (v1 - v) * t);
            points[count++] = (plan_street_point){at, JW_NONE, false};
        }
    }
    jw_plan_add_street(plan, points, count, line->grade, line->name);
    jw_free(points);
    jw_free(stops);
}

/* The streets between a superblock's cells: each inner side is the west or south side of some cell; pieces on
 * one line are joined. */
static void add_inner_lines(city_plan *plan, line_list *lines, const plan_superblock *sb, bool is_u)
{
    const plan_cluster *cluster = &plan->clusters[sb->cluster];
    double edge = is_u ? cluster->u_majors[sb->column].at : cluster->v_majors[sb->row].at;
    uint32_t first = lines->count;
    for (uint32_t i = 0; i < sb->cell_count && jw_plan_is_ok(plan); ++i) {
        const plan_cell *cell = &plan->cells[sb->first_cell + i];
        street_line line = {.at = is_u ? cell->u0 : cell->v0,
                            .from = is_u ? cell->v0 : cell->u0,
                            .to = is_u ? cell->v1 : cell->u1,
                            .is_u = is_u,
                            .grade = PLAN_LOCAL};
        if (line.at - edge < 1e-9 || jw_plan_is_seam(plan, cell, is_u ? 3 : 0)) {
            continue;
        }
        add_line(plan, lines, line);
        uint32_t place = lines->count - 1; /* keep ascending by (at, from) */
        for (; jw_plan_is_ok(plan) && place > first &&
               (lines->items[place - 1].at > line.at ||
                (lines->items[place - 1].at == line.at && lines->items[place - 1].from > line.from));
             --place) {
            lines->items[place] = lines->items[place - 1];
        }
        lines->items[place] = line;
    }
    uint32_t kept = first;
    for (uint32_t i = first; i < lines->count; ++i) {
        street_line *last = kept > first ? &lines->items[kept - 1] : NULL;
        if (last != NULL && last->at == lines->items[i].at &&
            jw_abs(last->to - lines->items[i].from) < 1e-9) {
            last->to = lines->items[i].to;
        } else {
            lines->items[kept++] = lines->items[i];
        }
    }
    lines->count = kept;
    for (uint32_t i = first; i < kept; ++i) {
        lines->items[i].name = jw_plan_street_name(plan, is_u, PLAN_LOCAL);
    }
}

static void emit_cluster(city_plan *plan, uint32_t index)
{
    const plan_cluster *cluster = &plan->clusters[index];
    line_list lines = {0};
    for (uint32_t i = 0; i < cluster->u_count; ++i) {
        plan_major major = cluster->u_majors[i];
        add_line(plan, &lines, (street_line){major.at, 0, 1, true, major.grade, major.name});
    }
    for (uint32_t i = 0; i < cluster->v_count; ++i) {
        plan_major major = cluster->v_majors[i];
        add_line(plan, &lines, (street_line){major.at, 0, 1, false, major.grade, major.name});
    }
    for (uint32_t i = 0; i < plan->superblock_count; ++i) {
        if (plan->superblocks[i].cluster == index) {
            add_inner_lines(plan, &lines, &plan->superblocks[i], true);
            add_inner_lines(plan, &lines, &plan->superblocks[i], false);
        }
    }
    for (uint32_t i = 0; i < lines.count && jw_plan_is_ok(plan); ++i) {
        emit_line(plan, index, &lines, &lines.items[i]);
    }
    jw_free(lines.items);
}

void jw_plan_make_streets(city_plan *plan)
{
    for (uint32_t c = 0; c < plan->cluster_count; ++c) {
        choose_majors(plan, &plan->clusters[c]);
    }
    name_majors(plan);
    jw_plan_make_cells(plan);
    for (uint32_t c = 0; c < plan->cluster_count && jw_plan_is_ok(plan); ++c) {
        emit_cluster(plan, c);
    }
}
