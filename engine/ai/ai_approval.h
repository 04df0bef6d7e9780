/* Approval of model versions before they may serve, and what watches over those that do.
 *
 * Risk: score = data sensitivity x autonomy x reach, each a class from 1 up; the score gives the class and
 * the class the track: register (approved at once), review, or review and then a sandbox trial.
 *
 * Reviewers are a queue: first come first served by as many servers as there are reviewers, each review of an
 * exponential time. It runs in working days: `day_s` seconds of the clock are one. Reviewers read papers: of
 * the versions that are worse than declared they find a stated share and refuse it.
 *
 * What a version is worth is declared and true; where a scene has approval, the true quality of a version
 * that does not serve from the start falls short of the declared one with probability bad_share by an
 * exponential loss, drawn by model and version. Nobody but the trial finds that out: in it the candidate
 * answers a share of one site's requests, or all in the shadow of one or of every site (its decisions are
 * compared and not carried out; its image is taken to be there), until `trial_decisions` are judged. It
 * passes when no more of them are wrong than the declared error share and the margin allow; the test stops as
 * soon as its end is certain, which changes no chance of passing. That chance is the binomial's:
 * jw_trial_pass_chance.
 *
 * The fast track lowers each track by one step. Its price is counted: wrong approvals (versions worse than
 * declared by more than the tolerance), complaints of people who meet wrong decisions, and exposure.
 *
 * Drift: a version was made of the city as it was. The distance between then and now is measured from
 * features that the port city_features gives, averaged over JW_DRIFT_WINDOW_S; quality falls by `drift` for a
 * distance of 1. A version that is released or tuned now was made of the city now; a compressed one of its
 * parent's.
 *
 * Without a jw_approval_def that is on none of this happens: every version may be deployed and is as
 * declared. */
#ifndef JW_AI_APPROVAL_H
#define JW_AI_APPROVAL_H

#include "ai/ai.h"

/* ---- risk ---------------------------------------------------------------------------------------------- */

typedef enum jw_risk_data {
    JW_DATA_PUBLIC,
    JW_DATA_INTERNAL,
    JW_DATA_PERSONAL,
    JW_DATA_SPECIAL
} jw_risk_data;
typedef enum jw_risk_autonomy {
    JW_AUTONOMY_ADVISES,
    JW_AUTONOMY_CONFIRMED,
    JW_AUTONOMY_ALONE
} jw_risk_autonomy;
typedef enum jw_risk_reach { JW_REACH_SITE, JW_REACH_DISTRICT, JW_REACH_CITY } jw_risk_reach;
typedef enum jw_risk_track {
    JW_TRACK_REGISTER,
    JW_TRACK_REVIEW,
    JW_TRACK_TRIAL,
    JW_TRACK_COUNT
} jw_risk_track;
const char *jw_risk_track_name(jw_risk_track track); /* "register", "review", "trial" */
/* (data + 1) x (autonomy + 1) x (reach + 1): 1 to 36. */
uint32_t jw_risk_score(jw_risk_data data, jw_risk_autonomy autonomy, jw_risk_reach reach);

typedef struct jw_approval_def {
    bool is_on, is_fast;              /* is_fast: the fast track from the start */
    uint32_t review_from, trial_from; /* scores of the two upper classes */
    uint32_t reviewers;               /* 1 to JW_REVIEWERS_MAX */
    double review_days;               /* mean of a review */
    double day_s;                     /* of the clock for a working day */
    double review_finds;              /* share of versions worse than declared that a review refuses, 0..1 */
    uint32_t trial_decisions;         /* sample of a trial, 1 to 1e6 */
    double trial_margin;              /* error share above the declared that still passes */
    double bad_share, bad_loss;       /* of new versions, worse than declared; their mean loss of quality */
    double tolerance;                 /* a loss up to this is no wrong approval */
    double complaint_share;           /* of people who meet a wrong decision */
    double drift;                     /* quality lost at a distance of 1; 0: none is measured */
} jw_approval_def;
#define JW_REVIEWERS_MAX 1000
/* Off; all figures unverified: classes from 5 and 13, 2 reviewers, 10 days of 8 hours, 0.3 found, 200
 * decisions, margin 0.05, 0.2 of versions lose 0.1 in the mean, tolerance 0.02, complaints 0.001, drift 0. */
jw_approval_def jw_default_approval_def(void);
/* False with the figure that is wrong. */
bool jw_approval_is_fine(const jw_approval_def *def, jw_error *error);
const jw_approval_def *jw_ai_approval_def(const jw_ai *ai);
/* From now on versions need approval; those that serve somewhere have it, and are as declared.
 * JW_ERROR_STATE: they need it already. */
jw_result jw_ai_require_approval(jw_world *world, jw_ai *ai, const jw_approval_def *def, jw_error *error);
jw_risk_track jw_approval_track(const jw_approval_def *def, uint32_t score);

/* ---- submissions --------------------------------------------------------------------------------------- */

typedef struct jw_submission_def {
    char model[JW_MODEL_ID_SIZE];
    uint32_t version;  /* 0: the newest */
    jw_risk_data data; /* at least that of its data: sensitivity (ai_sector.h) above 0, of 1, above 1 */
    jw_risk_autonomy autonomy;
    jw_risk_reach reach;
    char dataset[JW_MODEL_ID_SIZE]; /* that it works on beside those of its lineage (ai_tune.h); "": none */
    uint64_t site; /* of a trial; JW_AI_REGISTRY: all that serve the model in the shadow, else the first */
    double share;  /* of that site's requests that it answers in a trial, 0..1; 0: shadow */
} jw_submission_def;

typedef enum jw_approval_phase {
    JW_APPROVAL_WAITING, /* for a reviewer */
    JW_APPROVAL_REVIEW,
    JW_APPROVAL_TRIAL,
    JW_APPROVAL_APPROVED,
    JW_APPROVAL_REJECTED,
    JW_APPROVAL_WITHDRAWN,
    JW_APPROVAL_PHASE_COUNT
} jw_approval_phase;
const char *jw_approval_phase_name(jw_approval_phase phase);

/* Puts a version on its track. `slot` may be NULL. Refused: JW_ERROR_NOT_FOUND without such a version,
 * dataset or site that serves the model (for a trial); JW_ERROR_STATE where the scene has no approval, when
 * the version is approved, or under way; one that was rejected or withdrawn may come again. */
jw_result jw_ai_submit(jw_world *world, jw_ai *ai, const jw_submission_def *def, uint32_t *slot,
                       jw_error *error);
/* JW_ERROR_STATE: it is not under way. */
jw_result jw_ai_withdraw(jw_world *world, jw_ai *ai, const char *model, uint32_t version, jw_error *error);
/* Also true where the scene has no approval. What served when the scene began is approved. */
bool jw_ai_is_approved(const jw_ai *ai, const char *model, uint32_t version);
void jw_ai_set_fast_track(jw_world *world, jw_ai *ai, bool is_on); /* of what is submitted from now on */

/* Trials under way here get the decisions that `tried`, a fork that lived on, has judged, and end as there.
 */
void jw_ai_carry_trials(jw_world *world, jw_ai *ai, const jw_ai *tried);

typedef struct jw_submission_state {
    const char *model; /* until the next step, like the dataset */
    const char *dataset;
    uint32_t version, score;
    jw_risk_track track; /* after the fast track */
    jw_approval_phase phase;
    double days;            /* working days from submission to its end, or so far */
    double waited_days;     /* of these, until a reviewer took it, or so far */
    uint32_t judged, wrong; /* decisions of its trial */
    uint32_t max_wrong;     /* more of them fail the trial */
    double false_pass; /* chance that a version passes whose error share is by bad_loss above the declared */
    double loss;       /* declared less true quality: what nobody knows */
} jw_submission_state;
uint32_t jw_ai_submission_count(const jw_ai *ai);
bool jw_ai_submission(const jw_world *world, const jw_ai *ai, uint32_t slot, jw_submission_state *out);

/* submitted = approved + rejected + withdrawn + open, at any time. */
typedef struct jw_approval_counts {
    int64_t submitted, approved, rejected, withdrawn;
    int64_t open, waiting; /* open: waiting for a reviewer, in review or on trial */
    int64_t wrong_approvals, wrong_rejections;
    int64_t judged, wrong, complaints;  /* decisions that twin told of */
    double mean_days, mean_waited_days; /* of those that ended */
    /* Records x sensitivity x sites, of the data that versions submitted, approved and in service were made
     * of and work on. */
    double exposure;
} jw_approval_counts;
jw_approval_counts jw_ai_count_approvals(const jw_world *world, const jw_ai *ai);

/* Chance that at most max_wrong of `decisions` are wrong when each is with probability error_share
 * (binomial). */
double jw_trial_pass_chance(uint32_t decisions, uint32_t max_wrong, double error_share);

/* ---- decisions: what twin tells ------------------------------------------------------------------------ */

/* A decision that an answer of a model made. */
typedef struct jw_decision_note {
    uint64_t site; /* that answered */
    uint32_t service, version;
    bool is_misread; /* the answer is wrong: what trials and canaries look at */
    bool is_wrong;   /* so is what was decided by it: what people meet */
    bool is_late;    /* after its deadline */
    double people;   /* who meet it: of a wrong one each may complain */
} jw_decision_note;
/* Whether any is needed now. */
bool jw_ai_wants_decisions(const jw_ai *ai);
/* For trials, the health of rollouts, and complaints. Any serial code of a step. */
void jw_ai_note_decision(jw_world *world, jw_ai *ai, const jw_decision_note *note);
/* Which version answers a request at a site where `version` is installed: a candidate in a trial or canary
 * takes its share of them, by draw. */
uint32_t jw_ai_pick_version(jw_world *world, jw_ai *ai, uint64_t site, uint32_t service, uint32_t version);

/* ---- drift --------------------------------------------------------------------------------------------- */

#define JW_DRIFT_WINDOW_S 300.0
/* Between the city a version was made of and the city now: the sum of the differences of their features, at
 * most 1; 0 where drift is off or nothing is measured yet. */
double jw_ai_drift_distance(const jw_ai *ai, const char *model, uint32_t version);

/* Verbs: require_approval(reviewers, review_days, day_s, review_finds, trial_decisions, trial_margin,
 * bad_share, bad_loss, complaint_share, drift, fast_track), withdraw_model(model, version), fast_track(on);
 * submit_model is twin's, since it may name a site. Table: approvals. Metrics: ai.approvals_waiting,
 * ai.approval_days, ai.wrong_approvals, ai.complaints, ai.model_exposure. */

#endif
