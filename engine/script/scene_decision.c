/* What a scene says of decisions: who decides, and what there is to decide on. */
#include "script/script_internal.h"

#include <string.h>

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)

typedef struct decider_entry {
    char kind[24];
    jw_decision_rule rule;
} decider_entry;

const script_field script_decider_fields[] = {
    {"kind", FIELD_TEXT, true, 0, 0, NULL, NULL, "of decision, as in the table decisions",
     AT(decider_entry, kind)},
    {"by", FIELD_SMALL, false, 0, 0, "model|perfect|none|human", NULL, "model when left out",
     AT(decider_entry, rule.by)},
    {"guess_error", FIELD_NUMBER, false, 0, 1, NULL, NULL, "share of wrong ones by guessing",
     AT(decider_entry, rule.guess_error)},
    {"ages_s", FIELD_NUMBER, false, 0, 1e9, NULL, "s",
     "time constant at which what is known becomes a guess; 0: it does not", AT(decider_entry, rule.ages_s)},
    {"human_s", FIELD_NUMBER, false, 0.01, 1e6, NULL, "s", "that a person takes for one",
     AT(decider_entry, rule.human_s)},
    {"human_quality", FIELD_NUMBER, false, 0, 1, NULL, NULL, "share of a person's right ones",
     AT(decider_entry, rule.human_quality)},
    {"staff", FIELD_COUNT, false, 1, 1000000, NULL, NULL, "people at it", AT(decider_entry, rule.staff)},
};
_Static_assert(JW_COUNT_OF(script_decider_fields) == SCRIPT_DECIDER_FIELDS, "counted in script_internal.h");

/* What is left out stays as it was. */
int script_city_decider(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "decider");
    decider_entry entry = {0};
    jw_decision_kind kind;
    if (lua_istable(L, 2))
        script_read_field(L, 2, "city:decider", &script_decider_fields[0], &entry);
    if (!jw_decision_from_name(entry.kind, &kind)) {
        script_report(
            L, "city:decider: there are no decisions of kind \"%s\"; the table \"decisions\" lists them",
            entry.kind);
        return 0;
    }
    entry.rule = def->rules[kind];
    if (script_read_fields(L, 2, "city:decider", script_decider_fields, SCRIPT_DECIDER_FIELDS, &entry))
        def->rules[kind] = entry.rule;
    return 0;
}
