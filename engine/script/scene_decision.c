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
    {"data", FIELD_TEXT, false, 0, 0, NULL, NULL,
     "id of a dataset that the model decides on, too: as old, complete and right as it is; none when left "
     "out",
     AT(decider_entry, rule.data)},
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

/* ---- desks */

static const script_field class_fields[] = {
    {"name", FIELD_TEXT, true, 0, 0, NULL, NULL, "of the class", AT(jw_desk_class, name)},
    {"share", FIELD_NUMBER, true, 1e-9, 1, NULL, NULL, "of the cases", AT(jw_desk_class, share)},
    {"limit_s", FIELD_NUMBER, false, 0, 1e7, NULL, "s", "of its wait", AT(jw_desk_class, limit_s)},
};

const script_field script_desk_fields[] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "unique", AT(jw_desk_def, name)},
    {"kind", FIELD_CHOICE, true, 0, 0, "triage|clearing", NULL,
     "what is decided: which class a case is, or whether its papers are right", AT(jw_desk_def, kind)},
    {"at", FIELD_PLACE, true, 0, 0, NULL, NULL, "where it is", offsetof(jw_desk_def, x_m),
     2 * sizeof(double)},
    {"cases_per_h", FIELD_NUMBER, true, 0, 1e5, NULL, "1/h", "that come", AT(jw_desk_def, per_h)},
    {"servers", FIELD_COUNT, true, 1, 10000, NULL, NULL, "people who serve", AT(jw_desk_def, servers)},
    {"service_s", FIELD_NUMBER, true, 0.1, 1e6, NULL, "s", "that one takes in the mean",
     AT(jw_desk_def, service_s)},
    {"patience_s", FIELD_NUMBER, false, 0.001, 1e6, NULL, "s", "for an answer; 30 when left out",
     AT(jw_desk_def, patience_s)},
    {"manual_s", FIELD_NUMBER, false, 0.1, 1e7, NULL, "s",
     "clearing by hand takes; three times service_s when left out", AT(jw_desk_def, manual_s)},
    {"rework_s", FIELD_NUMBER, false, 0.001, 1e7, NULL, "s",
     "until a case cleared wrongly is back; 600 when left out", AT(jw_desk_def, rework_s)},
    {"classes", FIELD_LIST, false, 0, 0, NULL, NULL,
     "list of up to 4 { name, share, limit_s }, the most urgent first; one when left out", 0, 0},
};
_Static_assert(JW_COUNT_OF(script_desk_fields) == SCRIPT_DESK_FIELDS, "counted in script_internal.h");

int script_city_desk(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "desk");
    jw_desk_def desk = {0};
    jw_error error = {0};
    if (!script_read_fields(L, 2, "city:desk", script_desk_fields, SCRIPT_DESK_FIELDS, &desk) ||
        !script_read_list(L, 2, "city:desk", "classes", class_fields, JW_COUNT_OF(class_fields), desk.classes,
                          sizeof desk.classes[0], JW_DESK_CLASSES_MAX, &desk.class_count))
        return 0;
    if (jw_twin_def_add_desk(def, &desk, &error) != JW_OK)
        script_report_error(L, &error);
    return 0;
}

/* ---- incidents and buses */

const script_field script_incident_fields[] = {
    {"per_million_km", FIELD_NUMBER, false, 0, 1e6, NULL, NULL,
     "breakdowns that block a lane, in a million vehicle-km; 20 when left out",
     AT(jw_incident_def, per_million_km)},
    {"range_m", FIELD_NUMBER, false, 0, 2000, NULL, "m", "that cameras see; 150 when left out",
     AT(jw_incident_def, range_m)},
    {"look_s", FIELD_NUMBER, false, 1, 3600, NULL, "s", "between a camera's pictures; 15 when left out",
     AT(jw_incident_def, look_s)},
    {"confirm", FIELD_COUNT, false, 1, 100, NULL, NULL,
     "pictures in a row in which a model must see it; 3 when left out", AT(jw_incident_def, confirm)},
    {"phone_s", FIELD_NUMBER, false, 1, 86400, NULL, "s", "until somebody phones; 300 when left out",
     AT(jw_incident_def, phone_s)},
    {"crews", FIELD_COUNT, false, 1, 16, NULL, NULL, "that clear the road; 2 when left out",
     AT(jw_incident_def, crews)},
    {"crew_kmh", FIELD_NUMBER, false, 1, 200, NULL, "km/h", "on their way; 25 when left out",
     AT(jw_incident_def, crew_kmh)},
    {"clear_s", FIELD_NUMBER, false, 1, 86400, NULL, "s", "in the mean; 600 when left out",
     AT(jw_incident_def, clear_s)},
    {"at", FIELD_PLACE, false, 0, 0, NULL, NULL, "where crews stand at first", offsetof(jw_incident_def, x_m),
     2 * sizeof(double)},
};
_Static_assert(JW_COUNT_OF(script_incident_fields) == SCRIPT_INCIDENT_FIELDS, "counted in script_internal.h");

int script_city_incidents(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "incidents");
    jw_incident_def entry = def->incidents;
    jw_error error = {0};
    entry.is_on = true;
    if (script_read_fields(L, 2, "city:incidents", script_incident_fields, SCRIPT_INCIDENT_FIELDS, &entry) &&
        jw_twin_def_set_incidents(def, &entry, &error) != JW_OK)
        script_report_error(L, &error);
    return 0;
}

int script_city_bus_priority(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "bus_priority");
    jw_error error = {0};
    if (jw_twin_def_set_bus_priority(def, &error) != JW_OK)
        script_report_error(L, &error);
    return 0;
}
