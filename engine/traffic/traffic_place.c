/* Where the vehicles of a track lie. Each track that has any owns a room of 1, 2, 3, 4, 6, 8 ... places and
 * fills part of it without a gap: the first leaves at the front, the next joins at the back, and the rest
 * stays where it is. A room that is full is exchanged for the next larger one, one that is empty is given
 * back; rooms of a size are reused last in, first out, so that they are still in the cache. From time to
 * time, and before the memory is full, all are laid out anew in the order of the tracks, because the loops of
 * a step go through them in that order.
 *
 * The alternative, columns written anew in order at the end of each step, took a fifth of the step: all move
 * though one in fifteen changes its track. */
#include "traffic/traffic_strip.h"

#include <assert.h>
#include <string.h>

#define TIDY_EVERY 32 /* steps */

/* 1, 2, 3, 4, 6, 8, 12, 16 ... places. */
static uint32_t room_size(uint32_t kind)
{
    return kind == 0 ? 1 : kind % 2 ? 2u << (kind / 2) : 3u << (kind / 2 - 1);
}

/* The smallest that holds so many, at least one. */
static uint32_t room_for(uint32_t count)
{
    uint32_t power = 31u - (uint32_t)__builtin_clz(count), whole = 1u << power;
    if (count == whole)
        return power ? 2 * power - 1 : 0;
    return 2 * power + (count > whole + whole / 2);
}

static void give_places(jw_traffic *t, uint32_t place, uint32_t kind)
{
    t->cars[place].slot = t->free_room[kind];
    t->free_room[kind] = place;
}

/* Out of the smallest larger room that is free; the rest of it is given back in pieces. */
static uint32_t cut_room(jw_traffic *t, uint32_t kind)
{
    uint32_t larger = kind + 1;
    while (larger < JW_ROOM_KINDS && t->free_room[larger] == JW_NONE)
        larger++;
    if (larger == JW_ROOM_KINDS)
        return JW_NONE;
    uint32_t place = t->free_room[larger], at = place + room_size(kind), end = place + room_size(larger);
    t->free_room[larger] = t->cars[place].slot;
    for (uint32_t piece = larger; at < end; at += room_size(piece)) {
        while (room_size(piece) > end - at)
            piece--;
        give_places(t, at, piece);
    }
    return place;
}

static uint32_t take_room(jw_traffic *t, uint32_t kind)
{
    uint32_t room = room_size(kind), place = t->free_room[kind];
    if (place != JW_NONE) {
        t->free_room[kind] = t->cars[place].slot;
        return place;
    }
    if (t->capacity - t->used < room) {
        place = cut_room(t, kind);
        if (place != JW_NONE)
            return place;
        uint32_t to = t->used + room + t->capacity / 16 + 64;
        jw_car *cars = jw_realloc(t->cars, t->capacity * sizeof *cars, to * sizeof *cars);
        if (!cars)
            return JW_NONE;
        t->cars = cars;
        t->capacity = to;
    }
    place = t->used;
    t->used += room;
    return place;
}

static void give_room(jw_traffic *t, jw_track *track)
{
    if (track->room1)
        give_places(t, track->room_begin, track->room1 - 1);
    track->begin = track->end = track->room_begin = track->room1 = 0;
}

/* A track has vehicles, or none any more. */
static void note_used(jw_traffic *t, uint32_t track)
{
    t->used_tracks[track / 64] ^= (uint64_t)1 << (track % 64);
    if (jw_is_lane(t, track) || jw_is_kerb(t, track))
        return;
    uint32_t c = track - t->net.lane_count, junction = t->net.ways[c].junction;
    uint64_t bit = (uint64_t)1 << t->net.ways[c].junction_bit;
    bool is_used = t->tracks[track].begin != t->tracks[track].end;
    for (uint32_t k = t->net.junction_first[junction] + 63;
         bit >> 63 && !is_used && k < t->net.junction_first[junction + 1]; k++)
        is_used = t->tracks[t->net.lane_count + k].begin != t->tracks[t->net.lane_count + k].end;
    if (is_used)
        t->inside[junction] |= bit;
    else
        t->inside[junction] &= ~bit;
}

/* To `to`, which may overlap where they were. */
static void move_cars(jw_traffic *t, uint32_t to, uint32_t from, uint32_t count)
{
    memmove(&t->cars[to], &t->cars[from], count * sizeof *t->cars);
    for (uint32_t k = 0; k < count; k++)
        t->place_of_slot[t->cars[to + k].slot] = to + k;
}

/* Room for one more at the end. */
static bool make_room(jw_traffic *t, jw_track *track)
{
    uint32_t count = track->end - track->begin;
    if (track->room1 && track->end < track->room_begin + room_size(track->room1 - 1))
        return true;
    if (track->begin > track->room_begin) {
        move_cars(t, track->room_begin, track->begin, count);
        track->begin = track->room_begin;
        track->end = track->begin + count;
        return true;
    }
    uint32_t kind = track->room1; /* the next one */
    if (kind >= JW_ROOM_KINDS)
        return false;
    uint32_t place = take_room(t, kind);
    if (place == JW_NONE)
        return false;
    move_cars(t, place, track->begin, count);
    give_room(t, track);
    track->begin = track->room_begin = place;
    track->end = place + count;
    track->room1 = (kind + 1) & 63;
    return true;
}

static bool note_siren(jw_traffic *t, uint32_t slot)
{
    jw_sirens *s = &t->sirens;
    for (uint32_t k = 0; k < s->count; k++)
        if (s->items[k].slot == slot)
            return true;
    if (jw_grow(&s->items, &s->capacity, s->count + 1ull, sizeof *s->items, NULL))
        return false;
    s->items[s->count++] = (jw_siren){slot, JW_NONE};
    return true;
}

uint32_t jw_traffic_put_car(jw_traffic *t, const jw_car *car)
{
    jw_track *track = &t->tracks[car->track];
    jw_car copy = *car;
    if (!make_room(t, track))
        return JW_NONE;
    if (copy.strip > track->strips)
        copy.strip = track->strips & 7;
    if (copy.is_siren && !note_siren(t, copy.slot))
        return JW_NONE;
    if (copy.strip || copy.is_siren)
        track->wheels++;
    t->riders += copy.strip != 0;
    uint32_t at = track->end;
    while (at > track->begin && jw_strip_is_ahead(&copy, &t->cars[at - 1]))
        at--;
    move_cars(t, at + 1, at, track->end - at);
    track->end++;
    t->cars[at] = copy;
    t->place_of_slot[copy.slot] = at;
    if (track->end - track->begin == 1)
        note_used(t, copy.track);
    return at;
}

void jw_traffic_take_car(jw_traffic *t, uint32_t place, jw_car *out)
{
    jw_track *track = &t->tracks[t->cars[place].track];
    assert(place >= track->begin && place < track->end);
    *out = t->cars[place];
    if (out->strip || out->is_siren)
        track->wheels--;
    t->riders -= out->strip != 0;
    if (place - track->begin < track->end - place) {
        move_cars(t, track->begin + 1, track->begin, place - track->begin);
        track->begin++;
    } else {
        move_cars(t, place, place + 1, track->end - place - 1);
        track->end--;
    }
    if (track->begin == track->end) {
        give_room(t, track);
        note_used(t, out->track);
    }
}

void jw_traffic_tidy_places(jw_traffic *t)
{
    uint32_t need = 0, tracks = t->net.track_count + t->net.edge_count;
    for (uint32_t k = jw_traffic_next_used(t, 0, tracks); k < tracks;
         k = jw_traffic_next_used(t, k + 1, tracks))
        need += room_size(room_for(t->tracks[k].end - t->tracks[k].begin));
    uint32_t capacity = need + need / 16 * 5 + 64; /* more would be copied to larger memory every few steps */
    jw_car *cars = jw_alloc_raw(capacity * sizeof *cars), *old = t->cars;
    if (!cars)
        return;
    t->used = 0;
    t->cars = cars;
    t->capacity = capacity;
    memset(t->free_room, 0xFF, sizeof t->free_room);
    for (uint32_t k = jw_traffic_next_used(t, 0, tracks); k < tracks;
         k = jw_traffic_next_used(t, k + 1, tracks)) {
        jw_track *track = &t->tracks[k];
        uint32_t count = track->end - track->begin, kind = room_for(count);
        memcpy(&cars[t->used], &old[track->begin], count * sizeof *cars);
        for (uint32_t i = 0; i < count; i++)
            t->place_of_slot[cars[t->used + i].slot] = t->used + i;
        track->begin = track->room_begin = t->used;
        track->end = t->used + count;
        track->room1 = (kind + 1) & 63;
        t->used += room_size(kind);
    }
    jw_free(old);
}

bool jw_traffic_is_untidy(const jw_traffic *t, uint64_t step)
{
    return step % TIDY_EVERY == 0 || t->capacity - t->used < t->capacity / 16;
}

jw_order *jw_outbox_put(jw_outbox *outbox, uint32_t slot, uint32_t fate)
{
    if (outbox->count == outbox->capacity &&
        jw_grow(&outbox->orders, &outbox->capacity, outbox->count + 1, sizeof *outbox->orders, NULL)) {
        outbox->has_failed = true;
        return NULL;
    }
    outbox->orders[outbox->count] = (jw_order){.slot = slot, .fate = fate};
    return &outbox->orders[outbox->count++];
}
