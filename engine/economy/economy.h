/* The economy: production lines that ask AI for inspection and maintenance, the parks they stand in, and the
 * money and people behind them. One kernel module, named "economy".
 *
 * Two clocks. Lines run on the world's clock as discrete events. Money, people and equipment move by
 * quarters: jw_economy_close_quarter takes what lines made since the last one, scales it to a quarter, and
 * books it.
 *
 * Desks, where cases queue for people: economy_desk.h.
 *
 * Identities, exact at every event:
 *   parts     fed = made + in process; made = good shipped + bad shipped + scrapped + waiting
 *   time      of each station: its times by status sum to the time since counting began
 *   money     the balances of all accounts sum to zero (the account "outside" is the only source and sink)
 *   people    of each region: employed + idle + unskilled + in training + retired, less arrived, is constant;
 * of all regions arrived sums to zero; researchers stay as they are
 */
#ifndef JW_ECONOMY_H
#define JW_ECONOMY_H

#include "economy/economy_desk.h"
#include "kernel/kernel.h"

extern const jw_module jw_economy_module;

/* ---- production lines -------------------------------------------------------------------------------------
 *
 * Stations in series, with a buffer behind each; the last one's holds parts that wait for a verdict.
 *
 *     station 1 -> [buffer] -> station 2 -> [buffer] -> ... -> station n -> [waiting] -> shipped or scrapped
 *
 * A station begins a part when one is there and the buffer behind it has room (blocking before service: what
 * it makes always finds its place). The first is never starved, shipping never blocks. It fails after an
 * exponential time of work (operation-dependent), is repaired in an exponential time, and then goes on with
 * the part it had. A line of several stations begins with half of each buffer full. Work takes cycle_s x the
 * product's scale, a share cycle_cv of it exponential. */

typedef struct jw_line_id {
    uint32_t index1, generation;
} jw_line_id;

typedef enum jw_line_fallback {
    JW_FALLBACK_MANUAL, /* a person looks: takes manual_s, right with manual_quality; the line waits */
    JW_FALLBACK_BYPASS  /* the part goes out unseen */
} jw_line_fallback;

enum { JW_LINE_STATIONS_MAX = 8, JW_LINE_PRODUCTS_MAX = 4, JW_LINE_SHIFTS_MAX = 3, JW_LINE_BUFFER_MAX = 64 };

typedef struct jw_station_def {
    char name[24];
    double cycle_s, mtbf_s, mttr_s; /* 0: the line's */
    double cycle_cv;                /* standard deviation over mean, 0 to 1: 0 fixed, 1 exponential */
    double defect_share;            /* of parts it works on; 0: none */
    uint32_t buffer;                /* places behind it, 1 to 64; 0: the line's. Not of the last station */
} jw_station_def;

/* Products are made in turn, `batch` parts each; then every station is set up for the next as the first part
 * of it arrives. */
typedef struct jw_product_def {
    char name[24];
    uint32_t batch;     /* >= 1 */
    double cycle_scale; /* of the stations' cycles; 0 = 1 */
} jw_product_def;

typedef struct jw_production_line_def {
    char name[32];
    char park[32]; /* a park of the def, or any name: then it is inspected through the port */
    double x_m, y_m;
    double cycle_s;        /* ideal; 0 = 4 */
    double mtbf_s, mttr_s; /* of work until a failure, of repair; 0: 4 h and 10 min */
    double defect_share;   /* of the only station, where none are listed; 0 = 0.02 */
    double patience_s;     /* deadline of a verdict; 0 = 1.0 */
    uint32_t buffer;       /* parts that may wait for a verdict; 0 = 4 */
    jw_line_fallback fallback;
    double manual_s, manual_quality;                    /* 0: 6 s, 0.9 */
    int64_t value_fen, scrap_cost_fen, escape_cost_fen; /* per part; 0: 20000, 8000, 60000 (unverified) */
    uint32_t station_count;                             /* 0: one station with the line's own figures */
    jw_station_def stations[JW_LINE_STATIONS_MAX];
    uint32_t product_count; /* 0: one product, no changeovers */
    jw_product_def products[JW_LINE_PRODUCTS_MAX];
    double changeover_s;  /* of a station to the next product */
    uint32_t shifts;      /* 0: around the clock, counted as one shift */
    double shift_start_s; /* of the first shift, since midnight */
    double shift_s;       /* length of each; 0: 8 h */
    double sample_s;      /* of work between sensor samples of a station; 0: no prediction */
    double warning_s;     /* of work before a failure that its signs are there; 0: 1 h (unverified) */
    double planned_s;     /* repair in time; 0: a quarter of the station's mttr (unverified) */
    uint32_t alarms;      /* in a row that stop a station for it; 0: 3 (unverified) */
    uint32_t crew;        /* people a shift */
    double power_kw;      /* while any station works */
    int64_t capital_fen;  /* what it cost */
} jw_production_line_def;

/* Where a station's time goes. Availability = all but DOWN, SERVICE, SETUP and UNSUPPLIED over all but OFF;
 * performance = ideal time of the parts made over the time available (so STARVED and BLOCKED are losses of
 * performance, as Nakajima has them; ISO 22400-2 takes them from availability: the product is the same);
 * quality = good parts over parts. */
typedef enum jw_station_status {
    JW_STATION_WORKING,
    JW_STATION_STARVED,
    JW_STATION_BLOCKED,
    JW_STATION_DOWN,
    JW_STATION_SERVICE,    /* a planned repair */
    JW_STATION_SETUP,      /* changeover */
    JW_STATION_UNSUPPLIED, /* its park has no power or no people for the line */
    JW_STATION_OFF,        /* between shifts, or stopped by order */
    JW_STATION_STATUS_COUNT
} jw_station_status;
const char *jw_station_status_name(jw_station_status status);

typedef struct jw_oee {
    double availability, performance, quality, oee; /* 0 before the first part */
} jw_oee;

typedef struct jw_station_state {
    const jw_station_def *def; /* with the line's figures filled in */
    jw_station_status status;
    uint32_t buffered;                      /* parts behind it; those waiting for a verdict, of the last */
    double time_s[JW_STATION_STATUS_COUNT]; /* since counting began */
    int64_t made, made_bad, failures, services, samples, alarms;
    jw_oee oee;
} jw_station_state;

/* The line's availability and performance are those of its constraint, the station of the longest cycle (the
 * first of equals); its quality is good parts shipped over parts judged. */
typedef struct jw_production_line_state {
    jw_line_id id;
    const jw_production_line_def *def;
    bool is_up, is_blocked; /* of the constraint: up = neither down nor off; blocked: no room behind it */
    bool is_remote;         /* its park is none of the city's: x_m and y_m are no place on the map */
    uint32_t station_count;
    int64_t fed, in_process, made, shipped_good, shipped_bad, scrapped_good, scrapped_bad, waiting;
    int64_t inspected_by_model, inspected_by_fallback;
    double availability, performance, quality, oee;
    double lead_time_s; /* mean from feeding to the end of the last station, by Little's law */
    int64_t margin_fen;
    double energy_kwh;
} jw_production_line_state;

/* Whether such a line can be, with defaults for what is 0. */
jw_result jw_economy_check_line(const jw_production_line_def *def, jw_error *error);
/* An instance of a kind of line by (seed, number): its cycles 0.9 to 1.15, times between failures 0.6 to 1.6,
 * repairs 0.7 to 1.4 and shares of defects 0.5 to 2 times the kind's, each even in the logarithm (assumed).
 */
void jw_economy_draw_line(uint64_t seed, uint32_t number, const jw_production_line_def *kind,
                          jw_production_line_def *out);
jw_result jw_economy_add_line(jw_world *world, jw_economy *economy, const jw_production_line_def *def,
                              jw_line_id *out, jw_error *error);
uint32_t jw_economy_line_count(const jw_economy *economy);
bool jw_economy_line(const jw_world *world, const jw_economy *economy, uint32_t slot,
                     jw_production_line_state *out);
/* shift JW_NONE: all. False where there is no such station or shift. */
bool jw_economy_station(const jw_world *world, const jw_economy *economy, uint32_t slot, uint32_t station,
                        uint32_t shift, jw_station_state *out);
bool jw_economy_line_oee(const jw_world *world, const jw_economy *economy, uint32_t slot, uint32_t shift,
                         jw_oee *out);

/* What became of a question for a verdict. */
typedef enum jw_ask {
    JW_ASK_FALLBACK, /* it cannot be sent: the line helps itself at once */
    JW_ASK_SENT,     /* answered by jw_economy_verdict with the same part, or never */
    JW_ASK_PERSON,   /* the line's person shall look, in the line's manual_s and with its manual_quality */
    JW_ASK_UNSEEN    /* nobody shall look: the part goes out */
} jw_ask;
/* Of an answer: whether it counted, and was right. */
typedef enum jw_judgement { JW_JUDGED_NOT, JW_JUDGED_RIGHT, JW_JUDGED_WRONG } jw_judgement;

typedef struct jw_economy_ports {
    /* Asks for a verdict on a part. */
    jw_ask (*inspect)(jw_world *world, jw_line_id line, uint32_t part);
    /* Sends a sensor sample of a station; answered by jw_economy_prognosis with the same sample, or never.
     * NULL or false: cannot be sent (the station runs until it fails). */
    bool (*maintain)(jw_world *world, jw_line_id line, uint32_t station, uint32_t sample);
    /* The person of JW_ASK_PERSON has judged a part that waited since made_ns. May be NULL. */
    void (*person_judged)(jw_world *world, jw_line_id line, int64_t made_ns, bool is_right);
    /* Asks for a decision on a case of a desk. SENT: answered by jw_economy_judge_case with the same number
     * within the desk's patience, or not at all; PERSON: answered by that, however long it takes. NULL or
     * others: nobody decides. */
    jw_ask (*judge_case)(jw_world *world, uint32_t desk, uint32_t asked);
} jw_economy_ports;
void jw_economy_set_ports(jw_economy *economy, const jw_economy_ports *ports);
/* `quality` of the serving model decides whether the verdict is right; an answer to a part that is gone is
 * ignored. */
jw_judgement jw_economy_verdict(jw_world *world, jw_economy *economy, jw_line_id line, uint32_t part,
                                double quality);
/* Right with `quality`; ignored when the desk waits for this answer no longer. */
jw_judgement jw_economy_judge_case(jw_world *world, jw_economy *economy, uint32_t desk, uint32_t asked,
                                   double quality);
/* Right with `quality`: an alarm when the station would fail within warning_s of work. After `alarms` alarms
 * in a row it is serviced at once. An answer counts when no newer sample was answered before and the station
 * has not been repaired since. */
jw_judgement jw_economy_prognosis(jw_world *world, jw_economy *economy, jw_line_id line, uint32_t station,
                                  uint32_t sample, double quality);

/* ---- regions and their people -----------------------------------------------------------------------------
 */

typedef enum jw_region_side { JW_REGION_EAST, JW_REGION_WEST } jw_region_side;

typedef struct jw_region_def {
    char name[24];
    jw_region_side side;
    int64_t skilled, unskilled, researchers; /* people; parks hire from the skilled */
    double decline_per_year; /* share of all that are not researchers who retire, net of entrants */
    int64_t venture_fen;     /* what its venture capital has */
} jw_region_def;

typedef struct jw_region_state {
    const jw_region_def *def;
    int64_t employed, idle, unskilled, training, researchers, retired;
    int64_t arrived; /* skilled people from other regions, less those who went there */
    uint32_t parks, lines;
    double output_fen_per_person,
        ai_share; /* of the last quarter: value per person employed; of parts judged, by model */
} jw_region_state;
uint32_t jw_economy_region_count(const jw_economy *economy);
bool jw_economy_region(const jw_world *world, const jw_economy *economy, uint32_t slot, jw_region_state *out);

/* ---- parks ------------------------------------------------------------------------------------------------
 */

/* What makes a park like the pattern: each in what its own lines need (see jw_park_state). */
typedef enum jw_park_need {
    JW_PARK_FIBRE,
    JW_PARK_POWER,
    JW_PARK_PEOPLE,
    JW_PARK_INFERENCE,
    JW_PARK_NEED_COUNT
} jw_park_need;
const char *jw_park_need_name(jw_park_need need);

/* One park is detailed: its lines stand in the city, and what they ask travels there, through the ports. The
 * others have a path of their own: pictures queue for the park's fibre (first in, first out), travel
 * distance_km there and back, and queue for its computers. A line whose power or crew cannot be met is
 * unsupplied; lines are supplied in their order. */
typedef struct jw_park_def {
    char name[32];
    char region[24];
    bool is_detailed;
    double fibre_gbps; /* to the computers */
    double power_kw;
    int64_t people;         /* employed at the start, out of its region's skilled */
    double inference_per_s; /* pictures that its computers begin; 0: none, lines fall back */
    double inference_s;     /* that they take for one; 0 = 0.05 (unverified) */
    double quality;         /* of the model there, 0 to 1: at the start, then as licensed */
    double picture_bytes;   /* of a part; 0 = 500,000 */
    double distance_km;     /* from the park to the computers that serve it, and of fibre to lay */
    int64_t cash_fen;
} jw_park_def;

typedef struct jw_park_state {
    const jw_park_def *def;
    uint32_t lines;
    double has[JW_PARK_NEED_COUNT], needs[JW_PARK_NEED_COUNT]; /* Gbit/s, kW, people, pictures/s */
    uint32_t lacks;                                            /* bits 1 << jw_park_need */
    uint32_t coming;                                           /* ordered and not yet there */
    double oee;                                                /* mean of its lines */
    int64_t made, by_model, by_fallback, margin_fen, cash_fen, loan_fen;
    bool has_defaulted;
} jw_park_state;
uint32_t jw_economy_park_count(const jw_economy *economy);
bool jw_economy_park(const jw_world *world, const jw_economy *economy, uint32_t slot, jw_park_state *out);

/* Parameters of an instance, drawn by (seed, number) from stated ranges around a pattern: what a park that
 * has everything its `lines` need would have, of which it lacks some. All ranges are assumptions. */
void jw_economy_draw_park(uint64_t seed, uint32_t number, const char *region,
                          const jw_production_line_def *lines, uint32_t line_count, jw_park_def *out);

/* What equipment costs and how long it takes. */
typedef struct jw_equip_def {
    int64_t price_fen[JW_PARK_NEED_COUNT]; /* a km of fibre, a kW, a person trained, a picture a second */
    uint32_t quarters[JW_PARK_NEED_COUNT]; /* from order to use; 0: at once */
} jw_equip_def;
jw_equip_def jw_default_equip_def(void); /* unverified */

/* ---- money ------------------------------------------------------------------------------------------------
 *
 * Whole fen. Every movement is a payment from one account to another; nobody but "outside" and "lenders"
 * spends what is not there. */

typedef struct jw_fund_def {
    int64_t size_fen;  /* called from outside in equal tranches, one a quarter; 0: no fund */
    uint32_t tranches; /* 0 = 4 */
    double leverage;   /* money at work for each yuan of the fund, >= 1: lenders add the rest; 0 = 1 */
    double base_rate;  /* of lending without risk, a year; 0 = 0.03 (unverified) */
    double private_rate, state_rate; /* discount rates a year; 0: 0.12 and 0.04 (unverified) */
    uint32_t loan_quarters;          /* of equal repayments; 0 = 20 */
    double recovery;                 /* share of a defaulted loan that lenders get back */
} jw_fund_def;

/* The city's own money for computers and their models: what commands of the twin spend. Prices of cards are
 * the catalogue's. Without is_on nothing is booked and all can be had. */
typedef struct jw_budget_def {
    bool is_on;
    int64_t start_fen, quarterly_fen;
    int64_t site_fen;    /* a new site without its cards; 0 = 20,000,000 (unverified) */
    int64_t rollout_fen; /* work of a rollout, a site; 0 = 1,000,000 (unverified) */
} jw_budget_def;

/* A start-up that sells `capacity` units a quarter, if it is asked for them. Each quarter without a
 * procurement guarantee there is demand with demand_share, else none. Its region's venture capital
 * (up to half) and lenders give it build_fen when its first
 * order or a guarantee is there, delivers build_quarters later, and pays fixed_fen a quarter all the while;
 * whoever cannot pay defaults. Lenders ask for the rate at which they break even: (1 + rate)(1 - p) +
 * recovery p = 1 + base,   p = P(no demand for as many quarters as its cash lasts). */
typedef struct jw_supplier_def {
    char name[24];
    char region[24];
    int64_t cash_fen, build_fen, fixed_fen, price_fen, unit_cost_fen;
    uint32_t capacity, build_quarters;
    double demand_share;
} jw_supplier_def;

typedef struct jw_supplier_state {
    const jw_supplier_def *def;
    double rate; /* of its loan, a year, as it was lent or would be now */
    int64_t cash_fen, loan_fen, sold, guaranteed_fen; /* units; what the fund still stands for */
    int64_t licensed;                                 /* of the units sold, those that parks bought */
    int64_t bought_fen;                               /* by the fund, as it stood for it */
    uint32_t guaranteed_quarters;
    uint32_t delivered_in; /* quarter of the first delivery; JW_NONE before */
    bool has_defaulted;
} jw_supplier_state;
uint32_t jw_economy_supplier_count(const jw_economy *economy);
bool jw_economy_supplier(const jw_world *world, const jw_economy *economy, uint32_t slot,
                         jw_supplier_state *out);

/* Every park of a region that has computers for inference, lower quality than a model's and the money buys
 * one unit of a start-up that delivers: a licence. Its account pays the start-up's price, which counts as
 * capital, the start-up pays outside what the unit costs it; copies are not limited by its capacity. From
 * then on the park's models judge with `quality`, which does not drift there. Not the detailed park: its
 * questions go to the city's sites. `parks`, may be NULL: who bought. JW_ERROR_NOT_FOUND without such a
 * start-up or region, JW_ERROR_STATE when the start-up does not deliver or nobody buys. */
jw_result jw_economy_license(jw_economy *economy, const char *supplier, const char *region, double quality,
                             uint32_t *parks, jw_error *error);

typedef struct jw_account_state {
    const char *name;
    int64_t balance_fen, reserved_fen; /* reserved: promised by guarantees */
} jw_account_state;
uint32_t jw_economy_account_count(const jw_economy *economy);
bool jw_economy_account(const jw_economy *economy, uint32_t slot, jw_account_state *out);

/* The city pays outside for `what`. JW_ERROR_STATE, with what it has, when that is less; nothing is booked
 * then or where it has no budget. What it spent, less what came back, is capital. */
jw_result jw_economy_spend(jw_economy *economy, int64_t amount_fen, const char *what, jw_error *error);
/* Of an order that is cancelled. */
void jw_economy_take_back(jw_economy *economy, int64_t amount_fen);
const jw_budget_def *jw_economy_budget(const jw_economy *economy);

/* What a line costs and brings a year, by kind, scaled from what it did since counting began over its planned
 * time: the two sides of a purchase of AI. */
typedef struct jw_line_year {
    int64_t labour_fen, energy_fen, inventory_fen, margin_fen;
} jw_line_year;
bool jw_economy_line_year(const jw_world *world, const jw_economy *economy, uint32_t slot, jw_line_year *out);
/* A capex of capex_fen that turns `before` into `after` for `years`: net present value by end-of-year flows
 * and years until the undiscounted flows have paid it (INFINITY: never). */
typedef struct jw_appraisal {
    int64_t yearly_fen; /* saved labour, energy and inventory, and gained margin */
    double npv_fen, payback_years;
} jw_appraisal;
jw_appraisal jw_economy_appraise(const jw_line_year *before, const jw_line_year *after, int64_t capex_fen,
                                 uint32_t years, double rate_per_year);

/* The same within one run: the verb appraise(capex_cny, years) ends "before" (since counting began) and
 * begins "after" for every line. False before it. */
bool jw_economy_line_appraisal(const jw_world *world, const jw_economy *economy, uint32_t slot,
                               double rate_per_year, jw_line_year *before, jw_line_year *after,
                               jw_appraisal *out);

/* Theil's T of values x_i over weights n_i (people, say): sum of (x_i / X) ln((x_i / X) / (n_i / N)); its
 * parts between and within groups sum to it exactly (Theil 1967). group[i] < group_count. Values below 0
 * count as 0; where all are 0, T is 0. */
typedef struct jw_theil {
    double total, between, within;
} jw_theil;
jw_theil jw_economy_theil(const double *values, const double *weights, const uint32_t *groups,
                          uint32_t count);

/* ---- quarters
 * ---------------------------------------------------------------------------------------------- */

/* What a representative run measured beside the lines. */
typedef struct jw_quarter_results {
    double delay_s;       /* mean time that a trip loses */
    double on_time_share; /* of requests sent, those answered before their deadline */
    double latency_ms;    /* mean of answers; recorded: what is late counts in on_time_share */
    double energy_kwh;    /* of computers and network, an hour */
} jw_quarter_results;

/* The Solow residual of a quarter: ln A = ln Y - alpha ln K - (1 - alpha) ln L, with
 *   Y  margin of all lines an hour + service_fen_per_hour x on_time_share - energy x its price,
 *   K  capital of the lines, and what was spent on equipment and by the city,
 *   L  people employed x (8 h + two trips' delay) / 8 h: time lost on the way is time given for the work. */
typedef struct jw_productivity_def {
    double alpha;                 /* share of capital; 0 = 0.4 (unverified) */
    int64_t service_fen_per_hour; /* value of digital services when all are in time */
    int64_t energy_fen_per_kwh;   /* 0 = 60 */
    int64_t wage_fen_per_hour;    /* 0 = 4000 (unverified) */
    double carrying_rate;         /* of the value of parts in process, a year; 0 = 0.2 (unverified) */
} jw_productivity_def;

typedef struct jw_quarter {
    uint32_t number; /* from 1 */
    jw_quarter_results results;
    double oee, output_fen_per_hour, capital_fen, labour;                  /* Y, K, L */
    double margin_fen_per_hour, service_fen_per_hour, energy_fen_per_hour; /* Y = margin + service - energy */
    double people, alpha;          /* before time on the way; share of capital */
    double tfp;                    /* A over that of the first quarter */
    jw_theil access, productivity; /* of parks over their people, between and within regions */
    uint32_t parks_complete;       /* that lack nothing */
    uint32_t defaults;             /* so far */
} jw_quarter;
uint32_t jw_economy_quarter_count(const jw_economy *economy);
bool jw_economy_quarter(const jw_economy *economy, uint32_t index, jw_quarter *out);

/* Closes a quarter. The lines' counts since the last close come from `measured`, which may be this economy or
 * that of a fork of this world (of the same lines); they are scaled by planned time to a quarter of 91.25
 * days. Then in this order: margins and wages are booked, loans paid or defaulted, a tranche is called and
 * the city gets its quarter's money, suppliers sell and deliver, orders arrive, people age and finish their
 * training, and productivity is computed. JW_ERROR_INPUT: results out of range, or measured in other lines;
 * then nothing has changed. */
jw_result jw_economy_close_quarter(jw_world *world, jw_economy *economy, const jw_world *measured_world,
                                   const jw_economy *measured, const jw_quarter_results *results,
                                   jw_error *error);

/* ---- the definition
 * ---------------------------------------------------------------------------------------- */

typedef struct jw_economy_def {
    const jw_production_line_def *lines;
    uint32_t line_count;
    const jw_region_def *regions;
    uint32_t region_count;
    const jw_park_def *parks; /* of regions above */
    uint32_t park_count;
    const jw_supplier_def *suppliers;
    uint32_t supplier_count;
    jw_fund_def fund;
    jw_budget_def budget;
    jw_productivity_def productivity;
    const jw_equip_def *equip; /* NULL: the default */
    const jw_desk_def *desks;
    uint32_t desk_count;
} jw_economy_def;

/* False and a message when an identity of those above is broken. */
bool jw_economy_is_consistent(const jw_world *world, const jw_economy *economy, jw_error *error);

/* Verbs: stop_line(name), start_line(name); equip_park(name, what), paid by the park's account and refused
 * without the money or, for people, without idle ones in the region; fund_park(name, cny), a grant of the
 * fund with the lenders' part as a loan; retrain(region, people), paid by the fund; move_people(from, to,
 * people), idle ones, at nobody's cost; guarantee(supplier,
 * quarters), refused without the money to stand for it; appraise(capex_cny, years); close_quarter(delay_s,
 * on_time_share, latency_ms, energy_kwh) with what this world's lines did. Tables (state): production_lines,
 * stations, shifts, parks, regions, accounts, suppliers, quarters, appraisals (at the fund's private and
 * state rates). Metrics: economy.parts, .oee, .escaped_defects, .margin, .parks, .parks_complete, .tfp,
 * .theil_access, .theil_productivity, .fund, .city_budget, .city_spent,
 * .startup_units, .startup_rate, .startup_wait, .startup_defaults. */

#endif
