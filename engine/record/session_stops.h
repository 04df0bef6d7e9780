/* Where a session's world pauses by itself: looked at after each step, by the simulation thread alone. */
#ifndef JW_SESSION_STOPS_H
#define JW_SESSION_STOPS_H

#include "record/record.h"

typedef struct session_stop {
    jw_break stop;
    int64_t since_ns; /* a condition holds since; INT64_MIN: it does not */
    bool has_fired;   /* and shall not again before it has ceased to hold */
} session_stop;

typedef struct session_stops {
    session_stop items[JW_BREAKS_MAX];
    uint32_t count;
    int64_t before_ns;         /* the step before ended then */
    jw_frame_event last_event; /* the newest that was seen */
    bool has_event;
    jw_frame details; /* scratch: answers to watches */
} session_stops;

/* Takes new ones; those that stay keep what they know. */
void session_stops_set(session_stops *stops, const jw_break *wanted, uint32_t count);
/* The world has jumped: what is there now is known. */
void session_stops_sync(session_stops *stops, const jw_world *world);
/* After a step: the id of a stop that it met; 0: none. */
uint32_t session_stops_check(session_stops *stops, const jw_world *world);
void session_stops_free(session_stops *stops);

#endif
