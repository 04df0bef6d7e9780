/* What every cmocka test includes, and the check that nothing of ours is left allocated. */
#ifndef JW_TEST_BASE_H
#define JW_TEST_BASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

/* As a group's teardown of each test: a leak fails the test. */
static inline int nothing_is_left(void **state)
{
    (void)state;
    jw_memory_fail_after(-1);
    return jw_allocated_bytes() == 0 ? 0 : -1;
}

#define JW_UNIT(test) cmocka_unit_test_teardown(test, nothing_is_left)

#endif
