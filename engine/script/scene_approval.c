/* The approval of model versions in a scene. */
#include "script/script_internal.h"

#define AT(member) offsetof(approval_entry, member), sizeof(((approval_entry *)0)->member)

typedef struct approval_entry {
    jw_approval_def def;
    uint8_t is_fast;
} approval_entry;

const script_field script_approval_fields[SCRIPT_APPROVAL_FIELDS] = {
    {"review_from", FIELD_COUNT, false, 1, 37, NULL, NULL,
     "risk (data x autonomy x reach, 1 to 36) from which a version is reviewed; 5 when left out",
     AT(def.review_from)},
    {"trial_from", FIELD_COUNT, false, 1, 37, NULL, NULL,
     "risk from which it is reviewed and put on trial; 13 when left out", AT(def.trial_from)},
    {"reviewers", FIELD_COUNT, false, 1, JW_REVIEWERS_MAX, NULL, NULL, "people; 2 when left out",
     AT(def.reviewers)},
    {"review_days", FIELD_NUMBER, false, 1e-6, 1000, NULL, "d",
     "working days of a review in the mean, exponential; 10 when left out (unverified)", AT(def.review_days)},
    {"day_s", FIELD_NUMBER, false, 1e-3, 86400, NULL, "s",
     "of the clock for a working day; 28800 when left out", AT(def.day_s)},
    {"review_finds", FIELD_NUMBER, false, 0, 1, NULL, NULL,
     "share of versions worse than declared that a review refuses; 0.3 when left out (unverified)",
     AT(def.review_finds)},
    {"trial_decisions", FIELD_COUNT, false, 1, 1000000, NULL, NULL,
     "decisions that a trial judges; 200 when left out", AT(def.trial_decisions)},
    {"trial_margin", FIELD_NUMBER, false, 0, 1, NULL, NULL,
     "error share above the declared one that passes; 0.05 when left out", AT(def.trial_margin)},
    {"bad_share", FIELD_NUMBER, false, 0, 1, NULL, NULL,
     "of new versions, worse than declared; 0.2 when left out (unverified)", AT(def.bad_share)},
    {"bad_loss", FIELD_NUMBER, false, 0, 1, NULL, NULL,
     "of their quality in the mean, exponential; 0.1 when left out (unverified)", AT(def.bad_loss)},
    {"tolerance", FIELD_NUMBER, false, 0, 1, NULL, NULL,
     "loss of quality up to which an approval is not wrong; 0.02 when left out", AT(def.tolerance)},
    {"complaint_share", FIELD_NUMBER, false, 0, 1, NULL, NULL,
     "of people who meet a wrong decision, complain; 0.001 when left out (unverified)",
     AT(def.complaint_share)},
    {"drift", FIELD_NUMBER, false, 0, 1, NULL, NULL,
     "quality that a version loses in another city than it was made of; 0 when left out (unverified)",
     AT(def.drift)},
    {"fast_track", FIELD_FLAG, false, 0, 0, NULL, NULL, "each version goes one track lower", AT(is_fast)},
};

int script_city_approval(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "approval");
    approval_entry entry = {def->approval, def->approval.is_fast};
    jw_error error = {0};
    if (!script_read_fields(L, 2, "city:approval", script_approval_fields, SCRIPT_APPROVAL_FIELDS, &entry))
        return 0;
    entry.def.is_on = true;
    entry.def.is_fast = entry.is_fast != 0;
    if (jw_approval_is_fine(&entry.def, &error))
        def->approval = entry.def;
    else
        script_report_error(L, &error);
    return 0;
}
