/* Inside of economy: a production line with its stations and parts, a park's own path, accounts, people. */
#ifndef JW_ECONOMY_INTERNAL_H
#define JW_ECONOMY_INTERNAL_H

#include "economy/economy.h"

/* Events of the module. `a` is the line's index + 1; `b` of a station's event station | generation << 8. */
enum {
    EVENT_WORK,      /* a station's work, life or time to the next sample is at its end */
    EVENT_READY,     /* a repair, service or changeover is over */
    EVENT_SHIFT,     /* a shift begins or ends */
    EVENT_DEADLINE,  /* of the verdict on part b */
    EVENT_MANUAL,    /* a person has looked at part b */
    EVENT_VERDICT,   /* of a park's own model on part b */
    EVENT_PROGNOSIS, /* the same on a sample: b = station | sample << 8 */
    /* of a desk: `a` is its index + 1 */
    EVENT_CASE_COMES,      /* b: generation */
    EVENT_CASE_UNANSWERED, /* the patience for question b is over */
    EVENT_CASE_SERVED,     /* case b */
    EVENT_CASE_BACK        /* case b comes again */
};

enum {
    ECONOMY_REGIONS_MAX = 1000,
    ECONOMY_PARKS_MAX = 100000,
    ECONOMY_SUPPLIERS_MAX = 1000,
    ECONOMY_DESKS_MAX = 10000,
    ECONOMY_QUARTERS_MAX = 10000
};

typedef struct waiting_part {
    uint32_t number; /* of the part, from 1 */
    uint8_t is_defect;
    uint8_t is_manual; /* a person has it, or will; 2: was asked to, in the place of a model */
    int64_t made_ns;
} waiting_part;

/* What a station does; when it does nothing, `status` says why. */
typedef enum station_phase { PHASE_IDLE, PHASE_WORK, PHASE_DOWN, PHASE_SERVICE, PHASE_SETUP } station_phase;

typedef struct station_counts {
    int64_t time_ns[JW_STATION_STATUS_COUNT];
    int64_t ideal_ns; /* planned time of the parts made */
    int64_t made, made_bad, failures, services, samples, alarms;
} station_counts;
enum { STATION_COUNTS = JW_STATION_STATUS_COUNT + 7 };

typedef struct line_station {
    uint8_t phase, status;
    uint8_t has_part, is_part_bad;
    uint8_t product;      /* it is set up for */
    uint32_t generation;  /* of its pending event: older ones are stale */
    uint32_t begun;       /* parts, ever */
    uint32_t lives;       /* draws of life and repair, ever */
    uint32_t sample;      /* number of the last one sent */
    uint32_t judged;      /* of the last one answered, or void by a repair: older ones are pointless */
    uint32_t alarm_row;   /* alarms in a row */
    int64_t work_left_ns; /* of the part it has */
    int64_t life_left_ns, sample_left_ns;
    int64_t since_ns; /* accounted up to here */
    uint32_t buffered;
    uint64_t bad_mask; /* of the parts behind it, the oldest in bit 0 */
    station_counts counts[JW_LINE_SHIFTS_MAX];
} line_station;

typedef struct line_counts {
    int64_t made, shipped_good, shipped_bad, scrapped_good, scrapped_bad, by_model, by_fallback;
} line_counts;
enum { LINE_COUNTS = 7 };

/* What a close of the quarter has seen. */
typedef struct line_mark {
    int64_t made, by_model, by_fallback, good, judged, margin_fen, busy_ns, planned_ns, ideal_ns;
} line_mark;
enum { LINE_MARKS = 9 };

/* All that a line has done up to a time. */
typedef struct line_span {
    line_mark done;
    double wip_part_s;
    int64_t at_ns;
} line_span;

typedef struct production_line {
    jw_production_line_def def;
    uint32_t park;          /* JW_NONE: none of the def's */
    uint32_t next_in_park1; /* derived: the park's next line, and 1; 0 it is the last */
    uint8_t is_stopped, is_off_shift, is_unsupplied, is_manual_busy;
    uint8_t shift; /* the running one, or the last */
    uint32_t shift_generation;
    line_station stations[JW_LINE_STATIONS_MAX];
    uint32_t working;               /* stations at work */
    int64_t busy_ns, busy_since_ns; /* time when any is */
    double wip_part_s;              /* parts in process times time, up to wip_since_ns */
    int64_t wip_since_ns;
    int64_t fed, earlier; /* earlier: parts before the counts began: their numbers are taken */
    line_counts counts[JW_LINE_SHIFTS_MAX];
    waiting_part buffer[JW_LINE_BUFFER_MAX];
    uint32_t waiting;
    int64_t started_ns, margin_fen;
    line_mark mark;
    uint8_t has_before; /* an appraisal began: */
    jw_line_year before;
    line_span then;
} production_line;

typedef struct economy_park {
    jw_park_def def;
    uint32_t region;
    double has[JW_PARK_NEED_COUNT];             /* people: whole */
    uint32_t quarters_left[JW_PARK_NEED_COUNT]; /* of what is ordered; 0: nothing is */
    double ordered[JW_PARK_NEED_COUNT];
    int64_t link_free_ns, server_free_ns; /* when its path has done all it was given */
    int64_t loan_fen, spent_fen;
    uint32_t loan_quarters;
    uint8_t has_defaulted;
    uint32_t first_line1, last_line1; /* derived: of its lines in their order, and 1; 0 it has none */
} economy_park;

enum { TRAINING_QUARTERS = 2 };
typedef struct economy_region {
    jw_region_def def;
    int64_t idle, unskilled, retired, arrived;
    int64_t training[TRAINING_QUARTERS]; /* who are skilled after the first, the second close */
    double output_fen_per_person, ai_share;
} economy_region;

typedef enum supplier_stage {
    SUPPLIER_WAITS,
    SUPPLIER_BUILDS,
    SUPPLIER_DELIVERS,
    SUPPLIER_STAGES
} supplier_stage;
typedef struct economy_supplier {
    jw_supplier_def def;
    uint8_t stage, has_defaulted;
    uint32_t build_left, loan_quarters, guaranteed_quarters, delivered_in;
    int64_t loan_fen, sold, licensed, bought_fen; /* bought: by the fund */
    double rate;
} economy_supplier;

typedef enum case_stage { CASE_ASKED, CASE_WAITS, CASE_SERVED, CASE_AWAY } case_stage;
typedef struct desk_case {
    uint32_t number; /* rising */
    uint32_t ask;    /* number of the last question about it */
    uint8_t stage, true_class, queue, is_wrong, is_unjudged;
    int64_t first_ns, came_ns; /* first arrival; this one */
} desk_case;
typedef struct economy_desk {
    jw_desk_def def;
    desk_case *cases; /* by number */
    uint32_t case_count, case_capacity;
    uint32_t numbers, asks;
    uint32_t busy;              /* servers: derived */
    uint64_t draws, generation; /* of arrivals; of the next one */
    int64_t rework;
    jw_desk_class_counts counts[JW_DESK_CLASSES_MAX];
} economy_desk;

/* Accounts, by index: these four, then the regions' venture capital, the suppliers, the parks. */
enum { ACCOUNT_OUTSIDE, ACCOUNT_LENDERS, ACCOUNT_FUND, ACCOUNT_CITY, ACCOUNT_FIRST_REGION };
typedef struct economy_account {
    int64_t balance_fen, reserved_fen;
} economy_account;

struct jw_economy {
    production_line *lines;
    uint32_t line_count, line_capacity; /* lines are never removed: generation is 1 */
    economy_region *regions;
    uint32_t region_count, region_capacity;
    economy_park *parks;
    uint32_t park_count, park_capacity;
    economy_supplier *suppliers;
    uint32_t supplier_count, supplier_capacity;
    economy_desk *desks;
    uint32_t desk_count, desk_capacity;
    economy_account *accounts;
    uint32_t account_count, account_capacity;
    jw_quarter *quarters;
    uint32_t quarter_count, quarter_capacity;
    uint32_t tranches_called, defaults;
    uint8_t has_reference;
    int64_t capex_fen; /* of the appraisal that runs, a line */
    uint32_t capex_years;
    double log_reference; /* ln A of the first quarter that had one */
    jw_fund_def fund;
    jw_budget_def budget;
    int64_t city_spent_fen;
    jw_productivity_def productivity;
    jw_equip_def equip;
    jw_economy_ports ports;
    uint16_t module;
};

/* economy.c */
jw_random_key economy_random(const jw_world *world, const char *purpose);
void economy_schedule(jw_world *world, const jw_economy *economy, int64_t after_ns, uint16_t kind,
                      uint32_t line, uint64_t value);

bool economy_is_within(double value, double low, double high); /* not NaN */

/* economy_line.c */
uint32_t line_constraint(const production_line *line);
bool economy_is_line_fine(const jw_production_line_def *def);
uint32_t economy_find_line(const jw_economy *economy, const char *name);
uint32_t line_station_count(const production_line *line);
line_counts line_total(const production_line *line);
int64_t line_in_process(const production_line *line);
/* The time that a station has spent in each status up to now; shift JW_NONE: all. */
station_counts line_station_counts(const jw_world *world, const production_line *line, uint32_t s,
                                   uint32_t shift);
double line_planned_share(const production_line *line); /* of the day */
line_mark line_look(const jw_world *world, const production_line *line);
line_mark line_since(line_mark now, line_mark then);
void economy_restart_line(jw_world *world, production_line *line);

/* economy_line_run.c: stations. */
jw_station_status line_status(const production_line *line, const line_station *station);
void line_start(jw_world *world, jw_economy *economy, uint32_t index); /* of a new line */
/* Does what it can; nothing while it is at something. */
void line_advance(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s);
typedef enum line_switch { LINE_STOPPED, LINE_OFF_SHIFT, LINE_UNSUPPLIED } line_switch;
void line_set(jw_world *world, jw_economy *economy, uint32_t index, line_switch which, bool is_on);
void line_on_work(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s, uint32_t generation);
void line_on_ready(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s, uint32_t generation);
void line_on_shift(jw_world *world, jw_economy *economy, uint32_t index, uint32_t generation);
/* A planned repair, now. */
void line_service(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s);
/* Work that is left until it fails, now. */
int64_t line_life_left_ns(const jw_world *world, const line_station *station);

/* economy_line_ask.c: parts that wait for a verdict, samples that wait for a prognosis. */
void line_inspect(jw_world *world, jw_economy *economy, uint32_t index, bool is_defect);
void line_sample(jw_world *world, jw_economy *economy, uint32_t index, uint32_t s);
void line_on_deadline(jw_world *world, jw_economy *economy, uint32_t index, uint32_t part);
void line_on_manual(jw_world *world, jw_economy *economy, uint32_t index, uint32_t part);

/* economy_line_state.c */
void line_save(jw_writer *writer, const production_line *line);
void line_load(jw_reader *reader, production_line *line, int64_t now_ns);
bool line_is_consistent(const jw_world *world, const production_line *line);

/* economy_park.c */
jw_result economy_add_park(jw_economy *economy, const jw_park_def *def, jw_error *error);
uint32_t economy_find_park(const jw_economy *economy, const char *name);
/* The newest line joins those of its park, if it is in one. */
void park_take_line(jw_economy *economy, uint32_t line);
bool economy_is_park_fine(const jw_park_def *def);
/* Whether the line's questions go a park's own way. */
bool economy_is_remote(const jw_economy *economy, const production_line *line);
/* Sends a picture or sample over the park's path; the answer comes as EVENT_VERDICT or EVENT_PROGNOSIS. */
bool park_ask(jw_world *world, jw_economy *economy, uint32_t line, uint16_t kind, uint64_t value);
void park_needs(const jw_economy *economy, uint32_t index, double needs[JW_PARK_NEED_COUNT]);
/* Gives power and people to its lines, in their order. */
void park_supply(jw_world *world, jw_economy *economy, uint32_t index);
jw_result park_equip(jw_world *world, jw_economy *economy, uint32_t index, jw_park_need need,
                     jw_error *error);
void park_deliver(jw_world *world, jw_economy *economy, uint32_t index);

/* economy_region.c */
jw_result economy_add_region(jw_economy *economy, const jw_region_def *def, jw_error *error);
uint32_t economy_find_region(const jw_economy *economy, const char *name);
bool economy_is_region_fine(const jw_region_def *def);
jw_result region_retrain(jw_economy *economy, uint32_t index, int64_t people, jw_error *error);
/* A quarter older: some retire, some have finished their training. */
void region_age(const jw_world *world, jw_economy *economy, uint32_t index);
jw_result region_move(jw_economy *economy, uint32_t from, uint32_t to, int64_t people, jw_error *error);
bool region_is_consistent(const jw_economy *economy, uint32_t index);

/* economy_fund.c */
#define MONEY_MAX_FEN INT64_C(1000000000000000000) /* of a payment or a figure: ten million billion yuan */
void economy_fill_fund(jw_economy *economy, const jw_economy_def *def);
bool economy_is_fund_fine(const jw_economy *economy);
uint32_t account_of_region(uint32_t index);
uint32_t account_of_supplier(const jw_economy *economy, uint32_t index);
uint32_t account_of_park(const jw_economy *economy, uint32_t index);
jw_result economy_open_accounts(jw_economy *economy, jw_error *error);
/* Refused with the names of both when it is not there. */
jw_result economy_pay(jw_economy *economy, uint32_t from, uint32_t to, int64_t amount_fen, const char *what,
                      jw_error *error);
int64_t economy_free_fen(const jw_economy *economy, uint32_t index);
const char *economy_account_name(const jw_economy *economy, uint32_t index);
jw_result fund_park(jw_economy *economy, uint32_t index, int64_t amount_fen, jw_error *error);
void fund_call_tranche(jw_economy *economy);
/* Pays this quarter's share of a loan, or defaults and returns false. */
bool economy_serve_loan(jw_economy *economy, uint32_t debtor, int64_t *loan_fen, uint32_t *quarters,
                        double rate);
/* What is left goes to the lenders, with what they recover of the loan. */
void economy_default(jw_economy *economy, uint32_t debtor, int64_t *loan_fen, uint32_t *quarters);

/* economy_appraisal.c */
line_span line_span_now(const jw_world *world, const production_line *line);
void economy_begin_appraisal(jw_world *world, jw_economy *economy, int64_t capex_fen, uint32_t years);

/* economy_supplier.c */
jw_result economy_add_supplier(jw_economy *economy, const jw_supplier_def *def, jw_error *error);
bool economy_is_supplier_fine(const jw_supplier_def *def);
jw_result supplier_guarantee(jw_economy *economy, const char *name, uint32_t quarters, jw_error *error);
void supplier_pass_quarter(const jw_world *world, jw_economy *economy, uint32_t index);

/* economy_desk.c */
bool economy_is_desk_fine(const jw_desk_def *def); /* with defaults filled in */
uint32_t economy_find_desk(const jw_economy *economy, const char *name);
void desk_on_event(jw_world *world, jw_economy *economy, const jw_event *event);
/* servers 0, per_h < 0: as they are. */
jw_result desk_set(jw_world *world, jw_economy *economy, const char *name, double servers, double per_h,
                   jw_error *error);
void desk_restart_counts(economy_desk *desk);
bool desk_is_consistent(const economy_desk *desk);

/* economy_desk_state.c */
void desk_save(jw_writer *writer, const economy_desk *desk);
/* What is loaded of its cases is to be freed also after a failure. */
void desk_load(jw_reader *reader, economy_desk *desk, int64_t now_ns);
enum { ECONOMY_DESK_COLUMNS = 13 };
extern const jw_column economy_desk_columns[ECONOMY_DESK_COLUMNS];
uint32_t economy_desk_rows(const jw_world *world, const void *state);
double economy_desk_number(const jw_world *world, const void *state, uint32_t row, uint32_t column);
int64_t economy_desk_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column);
const char *economy_desk_text(const jw_world *world, const void *state, uint32_t row, uint32_t column);

/* economy_state.c */
void economy_save(const jw_world *world, const void *state, jw_writer *writer);
void economy_load(jw_world *world, void *state, jw_reader *reader);

/* economy_metric.c, economy_table.c */
enum { ECONOMY_METRICS = 18, ECONOMY_TABLES = 10 };
extern const jw_metric economy_metrics[ECONOMY_METRICS];
double economy_metric(const jw_world *world, const void *state, uint32_t metric);
extern const jw_table economy_tables[ECONOMY_TABLES];
#endif
