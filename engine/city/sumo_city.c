/* From a network's tables to a city: places on Earth, then roads, connections, rules, blocks. */
#include "city/sumo_internal.h"

#include <string.h>

/* ---- places ------------------------------------------------------------------------------------------ */

/* Through lon and lat into our own projection about the middle. */
static jw_result reproject(jw_sumo_net *net, jw_vec2 middle, jw_error *error)
{
    jw_projection *from = NULL, *to = NULL;
    double x = middle.x - net->offset_x_m, y = middle.y - net->offset_y_m;
    jw_result result = jw_projection_create_from_text(net->projection, &from, error);
    if (result == JW_OK)
        result = jw_projection_inverse(from, &x, &y, 1, &net->origin_lon_deg, &net->origin_lat_deg, error);
    if (result == JW_OK)
        result = jw_projection_create(net->origin_lon_deg, net->origin_lat_deg, &to, error);
    for (uint32_t i = 0; i < net->point_count + net->junction_count && result == JW_OK; i++) {
        jw_sumo_junction *j = i < net->point_count ? NULL : &net->junctions[i - net->point_count];
        double *px = j ? &j->x_m : &net->points[i].x, *py = j ? &j->y_m : &net->points[i].y;
        double lon_deg, lat_deg;
        if (j && !j->is_there)
            continue;
        x = *px - net->offset_x_m;
        y = *py - net->offset_y_m;
        result = jw_projection_inverse(from, &x, &y, 1, &lon_deg, &lat_deg, error);
        if (result == JW_OK)
            result = jw_projection_forward(to, &lon_deg, &lat_deg, 1, px, py, error);
    }
    jw_projection_destroy(from);
    jw_projection_destroy(to);
    return result;
}

static void shift(jw_sumo_net *net, jw_vec2 middle)
{
    for (uint32_t i = 0; i < net->point_count; i++) {
        net->points[i].x = jw_round_mm(net->points[i].x - middle.x);
        net->points[i].y = jw_round_mm(net->points[i].y - middle.y);
    }
    for (uint32_t i = 0; i < net->junction_count; i++) {
        net->junctions[i].x_m = jw_round_mm(net->junctions[i].x_m - middle.x);
        net->junctions[i].y_m = jw_round_mm(net->junctions[i].y_m - middle.y);
    }
}

static jw_result place_net(jw_sumo_builder *b, jw_error *error)
{
    jw_sumo_net *net = b->net;
    jw_box box = jw_box_empty();
    for (uint32_t i = 0; i < net->junction_count; i++)
        if (net->junctions[i].is_there)
            box = jw_box_extend(box, net->junctions[i].x_m, net->junctions[i].y_m);
    for (uint32_t i = 0; i < net->point_count; i++)
        box = jw_box_extend(box, net->points[i].x, net->points[i].y);
    if (box.max_x < box.min_x)
        return jw_fail(error, JW_ERROR_INPUT, b->name, 0, "the network is empty: it has no junction");
    if (box.max_x - box.min_x > JW_SUMO_EXTENT_MAX_M || box.max_y - box.min_y > JW_SUMO_EXTENT_MAX_M)
        return jw_fail(error, JW_ERROR_LIMIT, b->name, 0,
                       "the network is %.0f km wide: at most %.0f are taken (is a junction misplaced?)",
                       jw_max(box.max_x - box.min_x, box.max_y - box.min_y) / 1e3,
                       JW_SUMO_EXTENT_MAX_M / 1e3);
    jw_vec2 middle = {(box.min_x + box.max_x) / 2, (box.min_y + box.max_y) / 2};
    if (strlen(net->projection) > 1) { /* '!', '-' and '.' are no projections */
        jw_error why = {0};
        jw_result result = reproject(net, middle, &why);
        if (result == JW_OK || result == JW_ERROR_MEMORY)
            return result == JW_OK ? result : jw_fail_memory(error);
        return jw_fail(
            error, JW_ERROR_INPUT, b->name, 0,
            "its projection \"%.100s\" does not fit its places (%.200s): write projParameter=\"!\" "
            "to have it in its own plane",
            net->projection, why.message);
    }
    const double *o = net->original;
    if (jw_abs(o[0]) <= 180 && jw_abs(o[2]) <= 180 && jw_abs(o[1]) <= 85 && jw_abs(o[3]) <= 85 &&
        net->projection[0] == '-') {
        net->origin_lon_deg = (o[0] + o[2]) / 2;
        net->origin_lat_deg = (o[1] + o[3]) / 2;
    }
    shift(net, middle);
    net->projection[0] = '\0';
    net->offset_x_m = middle.x;
    net->offset_y_m = middle.y;
    return JW_OK;
}

/* ---- blocks and gates -------------------------------------------------------------------------------- */

/* What jw_build_blocks asks of a draft and its pieces: one piece a road, one node a junction. */
static jw_result make_pieces(jw_sumo_builder *b, jw_draft *draft, jw_error *error)
{
    jw_build *build = &b->build;
    jw_city_parts *parts = &build->parts;
    uint32_t nodes = parts->junction_count;
    build->edge_side = jw_build_take(build, parts->edge_count, sizeof(uint32_t), error);
    build->node_junction = jw_build_take(build, nodes, sizeof(uint32_t), error);
    build->node_first_end = jw_build_take(build, (uint64_t)nodes + 1, sizeof(uint32_t), error);
    build->node_ends = jw_build_take(build, 2 * (uint64_t)parts->edge_count, sizeof(uint32_t), error);
    draft->nodes = jw_build_take(build, nodes, sizeof *draft->nodes, error);
    if (!build->edge_side || !build->node_junction || !build->node_first_end || !build->node_ends ||
        !draft->nodes ||
        jw_grow(&build->pieces, &build->piece_capacity, parts->edge_count, sizeof *build->pieces, error) ||
        jw_grow(&build->line, &build->line_capacity, parts->point_count, sizeof *build->line, error))
        return JW_ERROR_MEMORY;
    draft->node_count = nodes;
    memcpy(build->line, parts->points, parts->point_count * sizeof *build->line);
    build->line_count = parts->point_count;
    for (uint32_t e = 0; e < parts->edge_count; e++) {
        const jw_edge *edge = &parts->edges[e];
        if (edge->opposite < e) {
            build->edge_side[e] = build->edge_side[edge->opposite] + 1;
            continue;
        }
        build->edge_side[e] = 2 * build->piece_count;
        build->pieces[build->piece_count++] = (jw_build_piece){.first_point = edge->first_point,
                                                               .point_count = edge->point_count,
                                                               .length_m = edge->length_m,
                                                               .road_class = edge->road_class,
                                                               .is_link = edge->is_link,
                                                               .junction = {edge->from, edge->to}};
        build->node_first_end[edge->from + 1]++;
        build->node_first_end[edge->to + 1]++;
    }
    for (uint32_t n = 0; n < nodes; n++) {
        build->node_junction[n] = n;
        build->node_first_end[n + 1] += build->node_first_end[n];
    }
    for (uint32_t end = 2 * build->piece_count; end-- > 0;)
        build->node_ends[--build->node_first_end[build->pieces[end / 2].junction[end % 2] + 1]] = end;
    for (uint32_t n = 0; n < nodes; n++)
        build->node_first_end[n] = build->node_first_end[n + 1];
    build->node_first_end[nodes] = 2 * build->piece_count;
    return JW_OK;
}

static jw_result add_blocks(jw_sumo_builder *b, jw_error *error)
{
    jw_draft draft = {0};
    jw_city_parts *parts = &b->build.parts;
    parts->bounds = jw_box_empty();
    for (uint32_t e = 0; e < parts->edge_count; e++)
        for (uint32_t i = 0; i < parts->edges[e].point_count; i++) {
            jw_vec3 p = parts->points[parts->edges[e].first_point + i];
            parts->bounds = jw_box_extend(parts->bounds, p.x, p.y);
        }
    jw_result result = make_pieces(b, &draft, error);
    b->build.draft = &draft;
    if (result == JW_OK)
        result = jw_build_blocks(&b->build, error);
    b->build.draft = NULL;
    return result;
}

/* ---- all of it --------------------------------------------------------------------------------------- */

static jw_result build_city(jw_sumo_builder *b, jw_city **out, jw_error *error)
{
    static jw_result (*const steps[])(jw_sumo_builder *, jw_error *) = {place_net,
                                                                        jw_sumo_build_roads,
                                                                        jw_sumo_build_connections,
                                                                        jw_sumo_build_conflicts,
                                                                        jw_sumo_build_programmes,
                                                                        add_blocks};
    char stem[64];
    uint32_t empty;
    jw_city_parts *parts = &b->build.parts;
    jw_path_stem(b->name, stem, sizeof stem);
    jw_result result = jw_city_add_text(parts, "", &empty, error);
    if (result == JW_OK && stem[0])
        result = jw_city_add_text(parts, stem, &parts->name, error);
    for (uint32_t i = 0; i < JW_COUNT_OF(steps) && result == JW_OK; i++)
        result = steps[i](b, error);
    if (result != JW_OK)
        return result;
    parts->origin_lon_deg = b->net->origin_lon_deg;
    parts->origin_lat_deg = b->net->origin_lat_deg;
    return jw_city_from_parts(parts, out, error);
}

static jw_result read_net(jw_source *source, const jw_sumo_demand *demand, jw_sumo_missing *missing,
                          jw_problems *problems, jw_city **out, jw_sumo_plane *out_plane, jw_error *error)
{
    jw_sumo_net net = {0};
    jw_sumo_missing own = {0};
    jw_sumo_builder b = {.build = {.problems = problems},
                         .net = &net,
                         .demand = demand,
                         .missing = missing ? missing : &own,
                         .name = source->name};
    jw_result result = jw_sumo_net_read(source, &net, b.missing, problems, error);
    if (result == JW_OK)
        result = jw_source_report(source, source->share, "building the city", error);
    if (result == JW_OK)
        result = build_city(&b, out, error);
    if (result == JW_OK && out_plane) {
        *out_plane = (jw_sumo_plane){.offset_x_m = net.offset_x_m, .offset_y_m = net.offset_y_m};
        memcpy(out_plane->projection, net.projection, sizeof out_plane->projection);
    }
    jw_build_free(&b.build);
    jw_sumo_net_free(&net);
    jw_sumo_missing_free(&own);
    return result;
}

jw_result jw_sumo_read_net(const char *path, const jw_sumo_demand *demand, jw_sumo_missing *missing,
                           jw_problems *problems, jw_progress progress, void *progress_context, jw_city **out,
                           jw_sumo_plane *out_plane, jw_error *error)
{
    jw_source source = {.what = "reading the network",
                        .share = 0.7,
                        .progress = progress,
                        .progress_context = progress_context};
    jw_result result = jw_source_open(&source, path, error);
    if (result == JW_OK)
        result = read_net(&source, demand, missing, problems, out, out_plane, error);
    jw_source_close(&source);
    return result;
}

jw_result jw_sumo_read_net_bytes(const void *bytes, size_t size, const char *name,
                                 const jw_sumo_demand *demand, jw_sumo_missing *missing,
                                 jw_problems *problems, jw_city **out, jw_sumo_plane *out_plane,
                                 jw_error *error)
{
    jw_source source = {
        .name = name, .bytes = bytes, .size = size, .what = "reading the network", .share = 1};
    return read_net(&source, demand, missing, problems, out, out_plane, error);
}
