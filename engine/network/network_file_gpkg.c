/* Topologies drawn in a GIS: the layers "nodes" (points with a "name") and "links" (lines, or rows without a
 * geometry, with "from" and "to"; "capacity_bps" or "capacity_gbps"; "length_m"). A run's results have them.
 */
#include "geo/geo.h"
#include "network/network_topology_reader.h"

#include <stdio.h>

typedef struct gpkg_reader {
    net_topology_reader *reader;
    const char *path, *layer;
    char where[256]; /* "FILE, layer links, row 7": what messages name as the file */
} gpkg_reader;

static void name_row(gpkg_reader *g, const jw_gpkg_row *row)
{
    snprintf(g->where, sizeof g->where, "%.200s, layer %s, row %lld", g->path, g->layer, (long long)row->fid);
    g->reader->name = g->where;
}

/* A text or a whole number, too long ones cut to what no node's id is; false: nothing is there. */
static bool take_id(const jw_gpkg_row *row, const char *column, char out[JW_NET_NAME_SIZE + 1])
{
    const jw_gpkg_value *value = jw_gpkg_row_value(row, column);
    if (value && value->text)
        snprintf(out, JW_NET_NAME_SIZE + 1, "%s", value->text);
    else if (value)
        snprintf(out, JW_NET_NAME_SIZE + 1, "%lld", (long long)value->integer);
    return value != NULL;
}

static jw_result read_node(void *context, const jw_gpkg_row *row)
{
    gpkg_reader *g = context;
    char id[JW_NET_NAME_SIZE + 1] = "";
    name_row(g, row);
    take_id(row, "name", id);
    net_read_node node = {.id = id, .has_place = row->shape.part_count > 0};
    if (node.has_place) {
        node.longitude = row->shape.lon_deg[0];
        node.latitude = row->shape.lat_deg[0];
    }
    return jw_topology_add_node(g->reader, &node, 0);
}

/* Along the line; 0: there is none. */
static double line_length_m(const jw_gpkg_shape *shape)
{
    double length_m = 0;
    uint32_t count = shape->part_count > 0 ? shape->part_first[1] : 0;
    for (uint32_t i = 1; i < count; i++)
        length_m += jw_topology_distance_m(shape->lon_deg[i - 1], shape->lat_deg[i - 1], shape->lon_deg[i],
                                           shape->lat_deg[i]);
    return length_m;
}

static jw_result read_link(void *context, const jw_gpkg_row *row)
{
    gpkg_reader *g = context;
    char from[JW_NET_NAME_SIZE + 1], to[JW_NET_NAME_SIZE + 1];
    name_row(g, row);
    bool has_from = take_id(row, "from", from), has_to = take_id(row, "to", to);
    const jw_gpkg_value *bps = jw_gpkg_row_value(row, "capacity_bps");
    const jw_gpkg_value *gbps = jw_gpkg_row_value(row, "capacity_gbps");
    const jw_gpkg_value *length = jw_gpkg_row_value(row, "length_m");
    if (bps && gbps)
        return jw_fail(g->reader->error, JW_ERROR_INPUT, g->where, 0,
                       "a capacity in bit/s and one in Gbit/s: keep one of the columns, or leave one empty");
    net_read_link link = {.from = has_from ? from : NULL,
                          .to = has_to ? to : NULL,
                          .length_m = length ? length->real : line_length_m(&row->shape),
                          .has_capacity = bps || gbps,
                          .capacity_bps = bps    ? bps->real
                                          : gbps ? gbps->real * 1e9
                                                 : 0};
    return jw_topology_add_link(g->reader, &link, 0);
}

static jw_result read_layer(gpkg_reader *g, jw_gpkg *gpkg, const char *name,
                            jw_result (*on_row)(void *context, const jw_gpkg_row *row))
{
    uint32_t layer = jw_gpkg_find_layer(gpkg, name);
    if (layer == JW_NONE)
        return jw_fail(g->reader->error, JW_ERROR_INPUT, g->path, 0,
                       "no network: it needs the layers \"nodes\" and \"links\", and has no \"%s\"", name);
    g->layer = name;
    return jw_gpkg_read(gpkg, layer, on_row, g, g->reader->error);
}

jw_result jw_topology_read_gpkg(net_topology_reader *reader, const char *path)
{
    gpkg_reader g = {.reader = reader, .path = path};
    jw_gpkg *gpkg;
    jw_result result = jw_gpkg_open(path, false, &gpkg, reader->error);
    if (result)
        return result;
    result = read_layer(&g, gpkg, "nodes", read_node);
    if (!result)
        result = read_layer(&g, gpkg, "links", read_link);
    jw_gpkg_close(gpkg);
    reader->name = path;
    return result;
}
