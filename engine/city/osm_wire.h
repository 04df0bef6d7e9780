/* The protobuf wire format, read from bounded memory.
 *
 * By hand and not by protobuf-c: a reader of hostile bytes is easier to show safe when it never allocates for
 * what it reads. A cursor is a bounded view that moves forward and remembers the first failure; there are
 * four wire types and two integer codings. protobuf-c builds a heap struct for every node, way and text of a
 * block (a 32 MiB block of empty messages becomes gigabytes), needs a compiler at build time and takes
 * several times as long. */
#ifndef JW_CITY_OSM_WIRE_H
#define JW_CITY_OSM_WIRE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct jw_wire_cursor {
    const uint8_t *at, *end;
    bool failed;
} jw_wire_cursor;

typedef struct jw_wire_field {
    uint32_t number;
    uint64_t value;       /* of a varint */
    jw_wire_cursor bytes; /* of a length-delimited field; empty for others */
} jw_wire_field;

static inline uint64_t jw_wire_varint(jw_wire_cursor *c)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && c->at < c->end; shift += 7) {
        uint8_t byte = *c->at++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return value;
    }
    c->failed = true;
    c->at = c->end;
    return 0;
}

/* The sint coding: 0, -1, 1, -2 ... as unsigned bits of two's complement. */
static inline uint64_t jw_wire_zigzag(jw_wire_cursor *c)
{
    uint64_t value = jw_wire_varint(c);
    return value >> 1 ^ (0 - (value & 1));
}

/* The next field of a message; false at its end or when it is damaged (c->failed). */
static inline bool jw_wire_next(jw_wire_cursor *c, jw_wire_field *out)
{
    if (c->at >= c->end)
        return false;
    uint64_t key = jw_wire_varint(c), size = 0;
    *out = (jw_wire_field){.number = (uint32_t)(key >> 3)};
    switch (key & 7) {
    case 0:
        out->value = jw_wire_varint(c);
        break;
    case 1:
        size = 8;
        break;
    case 2:
        size = jw_wire_varint(c);
        break;
    case 5:
        size = 4;
        break;
    default:
        c->failed = true; /* groups were never used here */
    }
    if (c->failed || size > (uint64_t)(c->end - c->at)) {
        c->failed = true;
        c->at = c->end;
        return false;
    }
    if ((key & 7) == 2)
        out->bytes = (jw_wire_cursor){c->at, c->at + size, false};
    c->at += size;
    return true;
}

#endif
