/* What builders promise and loaders check: every index and range in bounds, lengths positive, curves joined,
 * conflicts mutual. Bounds come first, so that the later checks may follow indices freely. */
#include "city/city_internal.h"

#include <math.h>
#include <string.h>

static jw_result broken(jw_error *error, const char *what, uint32_t index, const char *why)
{
    return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0, "city: %s %u: %s", what, index, why);
}

static bool in_range(uint64_t first, uint64_t count, uint64_t total)
{
    return first + count <= total;
}

static bool in_range_or_none(uint32_t index, uint32_t total)
{
    return index == JW_NONE || index < total;
}

static bool is_positive(double x)
{
    return isfinite(x) && x > 0.0;
}

/* `condition` or an error that names the thing. */
#define CHECK(condition, what, index, why)                                                                   \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            return broken(error, (what), (index), (why));                                                    \
    } while (0)

static jw_result check_roads(const jw_city *city, jw_error *error)
{
    for (uint32_t i = 0; i < city->junction_count; i++) {
        const jw_junction *j = &city->junctions[i];
        CHECK(isfinite(j->x_m) && isfinite(j->y_m) && isfinite(j->z_m), "junction", i, "position");
        CHECK((unsigned)j->kind <= JW_JUNCTION_SIGNAL, "junction", i, "kind");
        CHECK(in_range(j->first_connection, j->connection_count, city->connection_count) &&
                  in_range(j->first_in, j->in_count, city->junction_edge_count) &&
                  in_range(j->first_out, j->out_count, city->junction_edge_count) &&
                  in_range(j->first_point, j->point_count, city->point_count) &&
                  in_range_or_none(j->programme, city->programme_count),
              "junction", i, "range");
        CHECK(j->id < city->text_size, "junction", i, "id");
        CHECK((j->kind == JW_JUNCTION_SIGNAL) == (j->programme != JW_NONE), "junction", i, "programme");
    }
    for (uint32_t i = 0; i < city->junction_edge_count; i++)
        CHECK(city->junction_edges[i] < city->edge_count, "junction edge", i, "range");
    for (uint32_t i = 0; i < city->edge_count; i++) {
        const jw_edge *e = &city->edges[i];
        CHECK(e->from < city->junction_count && e->to < city->junction_count, "edge", i, "junctions");
        CHECK(e->lane_count > 0 && in_range(e->first_lane, e->lane_count, city->lane_count), "edge", i,
              "lanes");
        CHECK(e->point_count >= 2 && in_range(e->first_point, e->point_count, city->point_count), "edge", i,
              "points");
        CHECK(is_positive(e->length_m) && is_positive(e->speed_mps), "edge", i, "length or speed");
        CHECK((unsigned)e->road_class < JW_ROAD_CLASS_COUNT, "edge", i, "class");
        CHECK(in_range_or_none(e->opposite, city->edge_count), "edge", i, "opposite");
        CHECK(e->name < city->text_size && e->id < city->text_size, "edge", i, "name or id");
    }
    for (uint32_t i = 0; i < city->lane_count; i++) {
        const jw_lane *l = &city->lanes[i];
        CHECK(l->edge < city->edge_count, "lane", i, "edge");
        const jw_edge *e = &city->edges[l->edge];
        CHECK(l->index < e->lane_count && e->first_lane + l->index == i, "lane", i, "index");
        CHECK(l->point_count >= 2 && in_range(l->first_point, l->point_count, city->point_count), "lane", i,
              "points");
        CHECK(in_range(l->first_connection, l->connection_count, city->lane_connection_count), "lane", i,
              "connections");
        CHECK(is_positive(l->length_m) && is_positive(l->speed_mps) && is_positive(l->width_m), "lane", i,
              "length, speed or width");
        CHECK(l->strips >= 1 && l->strips <= 4, "lane", i, "strips");
    }
    return JW_OK;
}

static jw_result check_connections(const jw_city *city, jw_error *error)
{
    for (uint32_t i = 0; i < city->lane_connection_count; i++)
        CHECK(city->lane_connections[i] < city->connection_count, "lane connection", i, "range");
    for (uint32_t i = 0; i < city->connection_count; i++) {
        const jw_connection *c = &city->connections[i];
        CHECK(c->from_lane < city->lane_count && c->to_lane < city->lane_count, "connection", i, "lanes");
        CHECK(c->junction < city->junction_count, "connection", i, "junction");
        const jw_junction *j = &city->junctions[c->junction];
        CHECK(i >= j->first_connection && i - j->first_connection < j->connection_count, "connection", i,
              "not in its junction's range");
        CHECK(c->point_count >= 2 && in_range(c->first_point, c->point_count, city->point_count),
              "connection", i, "points");
        CHECK(in_range(c->first_conflict, c->conflict_count, city->conflict_count), "connection", i,
              "conflicts");
        CHECK(is_positive(c->length_m) && is_positive(c->speed_mps), "connection", i, "length or speed");
        CHECK((unsigned)c->turn <= JW_TURN_U, "connection", i, "turn");
        CHECK(c->allow != 0, "connection", i, "nobody may use it");
        CHECK(c->rule <= JW_RULE_ZIPPER && c->wait_m >= 0 && (double)c->wait_m <= c->length_m, "connection",
              i, "rule or waiting place");
        CHECK(c->second == JW_NONE || (c->second >= j->first_connection &&
                                       c->second - j->first_connection < j->connection_count &&
                                       city->connections[c->second].to_lane == c->to_lane && c->second != i),
              "connection", i, "second stage");
        CHECK(c->signal_link == JW_NONE ||
                  (j->programme != JW_NONE && c->signal_link < city->programmes[j->programme].link_count),
              "connection", i, "signal link");
    }
    for (uint32_t i = 0; i < city->conflict_count; i++)
        CHECK(city->conflicts[i].foe < city->connection_count, "conflict", i, "foe");
    for (uint32_t i = 0; i < city->programme_count; i++) {
        const jw_programme *p = &city->programmes[i];
        CHECK(p->junction < city->junction_count && city->junctions[p->junction].programme == i, "programme",
              i, "junction");
        CHECK(p->phase_count > 0 && p->phase_count <= JW_PROGRAMME_PHASES_MAX &&
                  in_range(p->first_phase, p->phase_count, city->signal_phase_count),
              "programme", i, "phases");
        CHECK((unsigned)p->kind <= JW_PROGRAMME_EXTENDED, "programme", i, "kind");
        CHECK(is_positive(p->cycle_s) && isfinite(p->offset_s), "programme", i, "cycle or offset");
        double sum_s = 0.0;
        for (uint32_t k = 0; k < p->phase_count; k++) {
            const jw_signal_phase *phase = &city->signal_phases[p->first_phase + k];
            CHECK(is_positive(phase->duration_s) && phase->min_s <= phase->duration_s &&
                      phase->duration_s <= phase->max_s,
                  "programme", i, "durations");
            CHECK(in_range(phase->first_state, p->link_count, city->signal_state_size), "programme", i,
                  "states");
            for (uint32_t l = 0; l < p->link_count; l++)
                CHECK(city->signal_states[phase->first_state + l] &&
                          strchr(JW_SIGNAL_LETTERS, city->signal_states[phase->first_state + l]),
                      "programme", i, "a letter of a state");
            sum_s += phase->duration_s;
        }
        CHECK(jw_abs(sum_s - p->cycle_s) < 1e-6, "programme", i, "its phases do not add up to the cycle");
    }
    return JW_OK;
}

static jw_result check_shapes(const jw_city *city, jw_error *error)
{
    for (uint32_t i = 0; i < city->point_count; i++)
        CHECK(isfinite(city->points[i].x) && isfinite(city->points[i].y) && isfinite(city->points[i].z),
              "point", i, "not a number");
    CHECK(city->text_size > 0 && city->texts[0] == 0 && city->texts[city->text_size - 1] == 0, "text", 0,
          "not terminated");
    CHECK(city->name < city->text_size, "city", 0, "name");
    for (uint32_t i = 0; i < city->ring_count; i++)
        CHECK(city->rings[i].point_count >= 3 &&
                  in_range(city->rings[i].first_point, city->rings[i].point_count, city->point_count),
              "ring", i, "range");
    for (uint32_t i = 0; i < city->building_count; i++) {
        const jw_building *b = &city->buildings[i];
        CHECK(b->ring_count > 0 && in_range(b->first_ring, b->ring_count, city->ring_count), "building", i,
              "rings");
        CHECK(isfinite(b->x_m) && isfinite(b->y_m) && is_positive((double)b->height_m) &&
                  isfinite((double)b->base_m) && b->levels >= 1 && b->roof < JW_ROOF_COUNT &&
                  b->roof_is_across <= 1 && b->roof_m >= 0 && b->roof_m <= b->height_m,
              "building", i, "size");
        CHECK(b->use < JW_USE_COUNT && in_range_or_none(b->block, city->block_count), "building", i,
              "use or block");
    }
    for (uint32_t i = 0; i < city->area_count; i++) {
        const jw_area *a = &city->areas[i];
        CHECK(a->ring_count > 0 && in_range(a->first_ring, a->ring_count, city->ring_count), "area", i,
              "rings");
        CHECK((unsigned)a->kind < JW_AREA_KIND_COUNT && (unsigned)a->use < JW_USE_COUNT &&
                  a->name < city->text_size,
              "area", i, "kind, use or name");
    }
    for (uint32_t i = 0; i < city->line_count; i++) {
        const jw_line *l = &city->lines[i];
        CHECK(l->point_count >= 2 && in_range(l->first_point, l->point_count, city->point_count), "line", i,
              "points");
        CHECK((unsigned)l->kind <= JW_LINE_CYCLEWAY && isfinite((double)l->width_m), "line", i,
              "kind or width");
    }
    return JW_OK;
}

static jw_result check_places(const jw_city *city, jw_error *error)
{
    for (uint32_t i = 0; i < city->block_edge_count; i++)
        CHECK(city->block_edges[i] < city->edge_count, "block edge", i, "range");
    for (uint32_t i = 0; i < city->block_count; i++) {
        const jw_block *b = &city->blocks[i];
        CHECK(isfinite(b->x_m) && isfinite(b->y_m) && (unsigned)b->use < JW_USE_COUNT &&
                  b->name < city->text_size,
              "block", i, "position, use or name");
        CHECK(in_range(b->first_ring, b->ring_count, city->ring_count), "block", i, "rings");
        CHECK(b->access_count >= 1 && in_range(b->first_access, b->access_count, city->block_edge_count),
              "block", i, "access edges");
    }
    for (uint32_t i = 0; i < city->place_count; i++)
        CHECK((unsigned)city->places[i].kind < JW_PLACE_KIND_COUNT &&
                  city->places[i].name < city->text_size && isfinite(city->places[i].x_m) &&
                  isfinite(city->places[i].y_m),
              "place", i, "kind, name or position");
    for (uint32_t i = 0; i < city->site_count; i++) {
        const jw_city_site *s = &city->sites[i];
        CHECK(s->name < city->text_size && s->tier < city->text_size && s->card < city->text_size &&
                  isfinite(s->x_m) && isfinite(s->y_m),
              "site", i, "texts or position");
    }
    for (uint32_t i = 0; i < city->translation_count; i++) {
        const jw_translation *t = &city->translations[i];
        CHECK(t->text < city->text_size && t->en < city->text_size && t->zh < city->text_size &&
                  (i == 0 || t[-1].text < t->text),
              "translation", i, "texts or order");
    }
    return JW_OK;
}

/* Edges listed where they belong; opposites mutual; lanes lead where their connections begin. */
static jw_result check_joins(const jw_city *city, jw_error *error)
{
    uint32_t listed = 0;
    for (uint32_t i = 0; i < city->junction_count; i++) {
        const jw_junction *j = &city->junctions[i];
        for (uint32_t k = 0; k < j->in_count; k++)
            CHECK(city->edges[city->junction_edges[j->first_in + k]].to == i, "junction", i, "edges in");
        for (uint32_t k = 0; k < j->out_count; k++)
            CHECK(city->edges[city->junction_edges[j->first_out + k]].from == i, "junction", i, "edges out");
        listed += j->in_count + j->out_count;
    }
    CHECK(listed == 2 * (uint64_t)city->edge_count, "junction", 0, "edges not listed once at each end");
    for (uint32_t i = 0; i < city->edge_count; i++) {
        const jw_edge *e = &city->edges[i];
        CHECK(e->opposite == JW_NONE ||
                  (city->edges[e->opposite].opposite == i && city->edges[e->opposite].from == e->to &&
                   city->edges[e->opposite].to == e->from),
              "edge", i, "opposite");
    }
    for (uint32_t i = 0; i < city->lane_count; i++) {
        const jw_lane *l = &city->lanes[i];
        for (uint32_t k = 0; k < l->connection_count; k++)
            CHECK(city->connections[city->lane_connections[l->first_connection + k]].from_lane == i, "lane",
                  i, "a connection that begins elsewhere");
    }
    CHECK(city->lane_connection_count == city->connection_count, "connection", 0,
          "not listed once at its lane");
    return JW_OK;
}

static bool is_same_place(jw_vec3 a, jw_vec3 b)
{
    return jw_abs(a.x - b.x) < 0.01 && jw_abs(a.y - b.y) < 0.01 && jw_abs(a.z - b.z) < 0.01;
}

static jw_result check_curves(const jw_city *city, jw_error *error)
{
    for (uint32_t i = 0; i < city->connection_count; i++) {
        const jw_connection *c = &city->connections[i];
        const jw_lane *from = &city->lanes[c->from_lane], *to = &city->lanes[c->to_lane];
        CHECK(city->edges[from->edge].to == c->junction && city->edges[to->edge].from == c->junction,
              "connection", i, "lanes of another junction");
        CHECK((c->allow & ~(from->allow & to->allow)) == 0, "connection", i, "wider than its lanes allow");
        CHECK(is_same_place(city->points[c->first_point],
                            city->points[from->first_point + from->point_count - 1]),
              "connection", i, "does not begin where its lane ends");
        CHECK(is_same_place(city->points[c->first_point + c->point_count - 1], city->points[to->first_point]),
              "connection", i, "does not end where its lane begins");
    }
    return JW_OK;
}

static jw_result check_conflicts(const jw_city *city, jw_error *error)
{
    for (uint32_t i = 0; i < city->connection_count; i++) {
        const jw_connection *c = &city->connections[i];
        for (uint32_t k = 0; k < c->conflict_count; k++) {
            const jw_conflict *own = &city->conflicts[c->first_conflict + k];
            const jw_connection *foe = &city->connections[own->foe];
            CHECK(own->foe != i && foe->junction == c->junction, "connection", i, "foe of another junction");
            CHECK(own->begin_m >= 0 && own->begin_m <= own->end_m &&
                      (double)own->end_m <= c->length_m + 0.01 && own->foe_begin_m >= 0 &&
                      own->foe_begin_m <= own->foe_end_m && (double)own->foe_end_m <= foe->length_m + 0.01,
                  "connection", i, "conflict zone");
            CHECK(k == 0 || own[-1].begin_m <= own->begin_m, "connection", i, "conflicts not sorted");
            const jw_conflict *back = NULL;
            for (uint32_t f = 0; f < foe->conflict_count && !back; f++)
                if (city->conflicts[foe->first_conflict + f].foe == i)
                    back = &city->conflicts[foe->first_conflict + f];
            CHECK(back && back->begin_m == own->foe_begin_m && back->end_m == own->foe_end_m &&
                      back->is_merge == own->is_merge && own->must_yield <= 1 &&
                      (back->must_yield + own->must_yield == 1 || city->junctions[c->junction].id != 0),
                  "connection", i, "conflict not mutual");
        }
        CHECK(c->rank == 0 || c->conflict_count > 0, "connection", i, "rank");
    }
    return JW_OK;
}

jw_result jw_city_verify(const jw_city *city, jw_error *error)
{
    static jw_result (*const checks[])(const jw_city *, jw_error *) = {
        check_shapes, check_roads,  check_connections, check_places,
        check_joins,  check_curves, check_conflicts};
    for (uint32_t i = 0; i < JW_COUNT_OF(checks); i++) {
        jw_result result = checks[i](city, error);
        if (result != JW_OK)
            return result;
    }
    return JW_OK;
}
