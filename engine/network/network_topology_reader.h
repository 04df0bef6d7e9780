/* What the readers of topologies share: nodes and links are handed over one by one and looked at here, the
 * same for each format. */
#ifndef JW_NETWORK_TOPOLOGY_READER_H
#define JW_NETWORK_TOPOLOGY_READER_H

#include "network/network.h"

typedef struct net_topology_reader {
    const char *name; /* of the file, for messages */
    jw_net_topology *out;
    uint32_t node_capacity, link_capacity, place_capacity[3];
    jw_map ids, names; /* of the file's ids, of the nodes' names: index */
    jw_map numbers;    /* of names that are there more than once: the last */
    double *longitude, *latitude;
    bool *has_place;
    double default_capacity_bps;
    jw_error *error;
} net_topology_reader;

/* A node as the file gives it. */
typedef struct net_read_node {
    const char *id, *name; /* name may be NULL or "" */
    bool has_place;
    double longitude, latitude; /* degrees */
} net_read_node;

typedef struct net_read_link {
    const char *from, *to; /* ids; NULL: none given */
    double length_m;       /* 0: by the ends' places */
    bool has_capacity;
    double capacity_bps;
} net_read_link;

/* Great circle, degrees. */
double jw_topology_distance_m(double lon0, double lat0, double lon1, double lat1);
/* `line` 0: the format has none; messages then name the element's number. */
jw_result jw_topology_add_node(net_topology_reader *reader, const net_read_node *node, int line);
jw_result jw_topology_add_link(net_topology_reader *reader, const net_read_link *link, int line);

/* network_file_xml.c: GraphML and SNDlib's XML, told apart by their root. */
jw_result jw_topology_read_xml(net_topology_reader *reader, const char *text, size_t size);
/* network_file_native.c: SNDlib's native format. */
jw_result jw_topology_read_native(net_topology_reader *reader, char *text);
/* network_file_gpkg.c: the layers "nodes" and "links" of a GeoPackage. */
jw_result jw_topology_read_gpkg(net_topology_reader *reader, const char *path);

#endif
