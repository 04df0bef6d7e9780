/* Decisions: how well something is decided, and what follows when it is decided wrongly. A part of twin.h,
 * which includes it.
 *
 * A decision has a kind, the age of what it is decided on, and a decider:
 *   model     a request over the network; right by the quality of the version that answered
 *   perfect   at once, always right: the best that any model could do
 *   none      nobody decides: what is done without
 *   human     people at work as servers of a queue (`staff` of them, human_s each, right with human_quality).
 *             Of inspection: the line's own person, by the line's figures
 * The share of wrong ones is one function of quality and age for all (jw_decision_error). A question without
 * an answer in time is "late": then what is done without is done. Exact: asked = decided + late + open.
 *
 * What is decided, what a wrong one does, and what is measured of it (the column `harm`):
 *   signal       the next green; wrong: another green than right counts would have given; harm: mean delay
 *                of trips, s. None: the programme of the map. The rule decides on what was seen when the
 *                picture was taken, so that its age tells by itself: ages_s is 0
 *   inspection   a part; wrong: scrapped though good, shipped though bad; harm: parts of these. None:
 *                everything is shipped
 *   maintenance  whether a station is about to fail; wrong: run until it fails, or serviced in vain; harm:
 *                failures. None: run until it fails
 *   triage       the class of a case at a clinic's desk (economy_desk.h); wrong: it waits in another class;
 *                harm: share of the cases taken that had waited beyond their limit, %; who still waits is
 *                not among them. None: first come, first served
 *   clearing     whether a case's papers are right; wrong: it comes back; harm: mean time until it is done,
 *                s. None: clerks check by hand
 *   incident     whether a broken-down vehicle blocks a lane before a camera; wrong: it is missed, or a crew
 *                is sent in vain; harm: lane-minutes blocked. None: somebody phones
 *   bus          when a bus comes to a signal; wrong: green is held for none, and the bus is not heeded;
 *                harm: mean lateness of departures, s. None: no priority
 *
 * Defaults are assumptions (unverified) and parameters of a scene. */
#ifndef JW_TWIN_DECISION_H
#define JW_TWIN_DECISION_H

#include "ai/ai.h"

typedef enum jw_decision_kind {
    JW_DECISION_SIGNAL,
    JW_DECISION_INSPECTION,
    JW_DECISION_MAINTENANCE,
    JW_DECISION_TRIAGE,
    JW_DECISION_CLEARING,
    JW_DECISION_INCIDENT,
    JW_DECISION_BUS,
    JW_DECISION_COUNT
} jw_decision_kind;
/* "signal", also the name of the request type that a model is asked by. */
const char *jw_decision_name(jw_decision_kind kind);
bool jw_decision_from_name(const char *name, jw_decision_kind *out);

typedef enum jw_decider {
    JW_DECIDER_MODEL,
    JW_DECIDER_PERFECT,
    JW_DECIDER_NONE,
    JW_DECIDER_HUMAN,
    JW_DECIDER_COUNT
} jw_decider;
const char *jw_decider_name(jw_decider decider);

typedef struct jw_decision_rule {
    uint8_t by;           /* jw_decider */
    double guess_error;   /* share of wrong ones by guessing, 0..1 */
    double ages_s;        /* time constant at which what is known becomes a guess; 0: it does not */
    double human_s;       /* that a person takes for one, > 0 */
    double human_quality; /* share of right ones on fresh input, 0..1 */
    uint32_t staff;       /* people at it, >= 1 */
    /* A dataset that the model decides on, too ("": none): its age is added to that of the question, and what
     * its records do not tell, or tell wrongly, the model cannot know: its quality is times their coverage
     * and quality (jw_corpus). Where there is no such dataset it guesses. */
    char data[JW_MODEL_ID_SIZE];
} jw_decision_rule;
jw_decision_rule jw_default_decision_rule(jw_decision_kind kind);
/* False with the figure that is wrong. */
bool jw_decision_rule_is_fine(jw_decision_kind kind, const jw_decision_rule *rule, jw_error *error);

/* Share of wrong decisions: 1 - quality on fresh input, towards guess_error (when that is more) with the age
 * of the input: e = e0 + max(0, guess_error - e0) (1 - exp(-age / ages_s)), e0 = 1 - quality. An assumption
 * of the simplest kind: memoryless change of what was seen. */
double jw_decision_error(const jw_decision_rule *rule, double quality, double age_s);

typedef struct jw_decision_counts {
    int64_t asked, decided, wrong, late, open; /* wrong is part of decided */
    double mean_age_s;                         /* of the input of those decided */
} jw_decision_counts;
/* Either may be NULL. */
void jw_twin_decision(const jw_world *world, jw_decision_kind kind, jw_decision_rule *out_rule,
                      jw_decision_counts *out_counts);
/* The measure of what is meant to be little: see above. */
double jw_twin_decision_harm(const jw_world *world, jw_decision_kind kind);

/* Breakdowns of vehicles, what finds them and who clears them (twin_decision_incident.c). All unverified. */
typedef struct jw_incident_def {
    bool is_on;
    double per_million_km;  /* breakdowns that block a lane, of motor vehicles */
    double range_m, look_s; /* of cameras: how far they see one, between their pictures */
    uint32_t confirm;       /* pictures in a row that a model must say so */
    double phone_s;         /* until somebody phones */
    uint32_t crews;
    double crew_kmh, clear_s; /* of a crew: speed, mean time to clear (exponential) */
    double x_m, y_m;          /* where crews stand at first */
} jw_incident_def;
jw_incident_def jw_default_incident_def(void); /* not on */

/* Verb: set_decider(kind, by, staff). Tables (state): decisions, incidents. Metrics: twin.decisions_<kind>,
 * _wrong, _harm. */

#endif
