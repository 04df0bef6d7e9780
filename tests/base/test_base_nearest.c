/* Which known name was meant by one that is not. */
#include "base/test_base.h"

#include <string.h>

static const char *meant(const char *wanted, const char *const *known, uint32_t count)
{
    static jw_nearest nearest;
    nearest = jw_nearest_to(wanted);
    for (uint32_t i = 0; i < count; i++)
        jw_nearest_try(&nearest, known[i]);
    return nearest.name;
}

static void the_nearest_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *wanted, *meant;
    } cases[] = {
        {"demnad", "demand"},  /* swapped */
        {"deman", "demand"},   /* left out */
        {"demmand", "demand"}, /* put in */
        {"demond", "demand"},  /* changed */
        {"dmeadn", "demand"},  /* twice */
        {"dnamed", ""},
        {"ddemandd", "demand"}, /* two */
        {"demand", "demand"},
        {"Demand", "demand"},
        {"edge_site", "edge_sites"},
        {"sede", "seed"},
        {"sed", "seed"}, /* one of three letters is fewer than half */
        {"sd", ""},
        {"se", ""},   /* two of two are not */
        {"xeex", ""}, /* half is not fewer */
        {"", ""},
        {"x", ""},
        {"nonsense", ""},
    };
    static const char *const known[] = {"edge_sites", "demand", "seed", "", "reserve"};
    for (uint32_t i = 0; i < JW_COUNT_OF(cases); i++)
        if (strcmp(meant(cases[i].wanted, known, JW_COUNT_OF(known)), cases[i].meant) != 0)
            fail_msg("%s: %s, not %s", cases[i].wanted, meant(cases[i].wanted, known, JW_COUNT_OF(known)),
                     cases[i].meant);
}

/* By alphabet, whatever order they come in; what is nearer wins. */
static void of_equals_the_first_is_named(void **state)
{
    (void)state;
    static const char *const one[] = {"node_b", "node_a", "node_c"}, *const other[] = {"node_c", "node_a"};
    assert_string_equal(meant("node_x", one, 3), "node_a");
    assert_string_equal(meant("node_x", other, 2), "node_a");
    assert_string_equal(meant("node_cc", one, 3), "node_c");
}

static void a_hint_stands_behind_the_name(void **state)
{
    (void)state;
    jw_nearest nearest = jw_nearest_to("demnad");
    assert_string_equal(nearest.hint, "");
    jw_nearest_try(&nearest, "demand");
    assert_string_equal(nearest.hint, " (did you mean \"demand\"?)");
    /* However long: what does not fit is not compared. */
    char wanted[100], known[100];
    memset(wanted, 'a', 99), memset(known, 'a', 99);
    wanted[99] = known[99] = 0;
    nearest = jw_nearest_to(wanted);
    jw_nearest_try(&nearest, known);
    assert_string_equal(nearest.hint, "");
    wanted[63] = 'b', wanted[64] = 0, known[63] = 0;
    jw_nearest_try(&nearest, known);
    assert_string_equal(nearest.hint, "");
    wanted[62] = 'b', wanted[63] = 0;
    jw_nearest_try(&nearest, known);
    assert_string_equal(nearest.name, known);
    assert_non_null(strstr(nearest.hint, "\"?)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(the_nearest_is_named),
        JW_UNIT(of_equals_the_first_is_named),
        JW_UNIT(a_hint_stands_behind_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
