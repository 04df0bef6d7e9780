/* Save, load and hash: one listing of the fields serves all three, so that they cannot drift apart. A reader
 * that meets what cannot be marks itself failed and goes on with harmless values. */
#ifndef JW_NETWORK_CODEC_H
#define JW_NETWORK_CODEC_H

#include "network/network_internal.h"

typedef struct net_codec { /* exactly one of the first two, or neither: hashing */
    jw_writer *writer;
    jw_reader *reader;
    uint64_t hash;
} net_codec;

void jw_network_code_u64(net_codec *c, uint64_t *value);
void jw_network_code_i64(net_codec *c, int64_t *value);
void jw_network_code_u32(net_codec *c, uint32_t *value);
void jw_network_code_u8(net_codec *c, uint8_t *value);
void jw_network_code_bool(net_codec *c, bool *value);
void jw_network_code_f64(net_codec *c, double *value);
void jw_network_code_f32(net_codec *c, float *value);
void jw_network_code_text(net_codec *c, char *text, size_t size);
/* The count of an array and, when loading, its memory. `bytes` is the least an element takes in the stream.
 */
void jw_network_code_items(net_codec *c, void *items_pointer, uint32_t *count, uint32_t *capacity,
                           size_t size, size_t bytes);
void jw_network_code_slots(net_codec *c, uint32_t **items, uint32_t *count, uint32_t *capacity);
/* A pool and room for its slots beside it. */
void jw_network_code_pool(net_codec *c, jw_pool *pool, void *items_pointer, uint32_t *capacity, size_t size);

/* Enumerations travel as u32. */
#define NET_CODE_ENUM(c, field, count)                                                                       \
    do {                                                                                                     \
        uint32_t enum_value = (uint32_t)(field);                                                             \
        jw_network_code_u32(c, &enum_value);                                                                 \
        if ((c)->reader && enum_value >= (uint32_t)(count)) {                                                \
            jw_reader_fail((c)->reader, "an enumeration of the network is out of range");                    \
            enum_value = 0;                                                                                  \
        }                                                                                                    \
        (field) = enum_value;                                                                                \
    } while (0)

static inline bool jw_network_is_alive(const jw_pool *pool, uint32_t slot)
{
    return slot < pool->slot_count && (pool->generations[slot] & 1);
}

/* network_state_flow.c */
void jw_network_code_wire(net_codec *c, net_wire *wire);
void jw_network_code_flows(net_codec *c, jw_network *network); /* after the wires */
bool jw_network_are_flows_sound(jw_network *network, int64_t now_ns);

/* network_state_radio.c */
void jw_network_code_cell(net_codec *c, net_cell *cell);
void jw_network_code_user(net_codec *c, net_user *user);
bool jw_network_is_radio_sound(const jw_network *network);

#endif
