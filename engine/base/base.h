/* The ground floor: memory, errors, hashes, random numbers, deterministic arithmetic, parallel loops, byte
 * streams, files. Knows nothing of cities. Include this door; the parts are split by what a reader looks for.
 */
#ifndef JW_BASE_BASE_H
#define JW_BASE_BASE_H

#include "base/csv.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/math.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/phrase.h"
#include "base/random.h"
#include "base/stream.h"

#define JW_NS_PER_S  INT64_C(1000000000)
#define JW_NS_PER_MS INT64_C(1000000)

/* Seconds to integer nanoseconds, rounded; and back. */
int64_t jw_ns_from_s(double seconds);
double jw_s_from_ns(int64_t time_ns);

/* What long work tells of itself: 0..1 and a few words; returning false cancels it (JW_ERROR_CANCELLED). May
 * be NULL where it is asked for. */
typedef bool (*jw_progress)(void *context, double fraction, const char *what);

#define JW_COUNT_OF(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

#endif
