/* The readers of topologies on arbitrary bytes: JSON, GraphML, SNDlib's XML and native format. */
#include "network/network.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = jw_alloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, bytes, size);
    jw_net_topology t;
    jw_error error = {0};
    jw_result result = jw_network_read_topology_text(text, size, "fuzz", 1e9, &t, &error);
    jw_free(text);
    if (result != JW_OK && !error.message[0])
        abort(); /* a failure without a word */
    for (uint32_t i = 0; i < t.link_count; i++)
        if (!(t.links[i].capacity_bps > 0) || !(t.links[i].length_m >= 0) || !t.links[i].from[0] ||
            strcmp(t.links[i].from, t.links[i].to) == 0)
            abort();
    if (result == JW_OK && t.node_count == 0)
        abort();
    jw_network_topology_free(&t);
    if (jw_allocated_bytes() != 0)
        abort();
    return 0;
}
