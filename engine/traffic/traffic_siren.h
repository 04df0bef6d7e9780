/* Emergency vehicles under way, and those who make way for them.
 *
 * Who drives ahead of one makes way on its lane: brakes to a standstill and draws aside, to the left on the
 * leftmost of several lanes, else to the right, so that a corridor opens (the rescue lane of many countries'
 * rules; in China others make way by article 53 of the Road Traffic Safety Law, which also lets emergency
 * vehicles on duty pass signals and lines as far as that is safe). That happens where traffic is slow, or
 * where the emergency vehicle is held up by somebody close ahead; in traffic that flows it flows along, and
 * overtakes over other lanes. It drives through the corridor, CORRIDOR_MPS faster at most than who stands
 * there; as soon as it is past, they go on. Only who stands is passed in this way: so nobody beside it moves,
 * and nobody enters a junction beside it. Lorries draw aside, too: beside them the lane to the left, which
 * the corridor takes a part of, is assumed to be free enough.
 *
 * At junctions it goes first: whoever can still stop does so before a junction to which one comes whose way
 * crosses the own, green or not. On red it enters at RED_MPS at most, when nobody who cannot stop any more
 * would be met.
 *
 * A lane beside its strips (traffic_strip.h) has a corridor, one more bit of what a vehicle covers: emergency
 * vehicles cover it and the leftmost strip of several, whoever stands aside covers neither, two-wheelers do
 * not cover it, and all others do.
 *
 * All of it is found anew in each step from where vehicles are, in serial code; the marks of the step under
 * way are in jw_car. Who stands aside is state. Nothing is done while there is no emergency vehicle. */
#ifndef JW_TRAFFIC_SIREN_H
#define JW_TRAFFIC_SIREN_H

#include "traffic/traffic_strip.h"

#define JW_SIREN_CORRIDOR_MPS 8.3f
#define JW_SIREN_RED_MPS      5.6f

/* At the beginning of a step. */
void jw_siren_run(jw_world *world, jw_traffic *t);
static inline bool jw_siren_is_any(const jw_traffic *t)
{
    return t->sirens.count + t->sirens.yielder_count != 0;
}
/* Who stands aside, from a snapshot. False: out of memory. */
bool jw_siren_note_yielder(jw_traffic *t, uint32_t slot);
/* An emergency vehicle comes to the junction of a connection, or is on it, on a way that crosses this one. */
bool jw_siren_claims(const jw_traffic *t, uint32_t connection);

#endif
