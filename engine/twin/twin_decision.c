/* Who decides, by which rule, and how often that was right: the module, people's queues, and the one way
 * from a question to its answer. What a kind of decision does is in a file of its own. */
#include "ai/ai_sector.h"
#include "twin/twin_internal.h"

#include <string.h>

static const char *const kind_names[JW_DECISION_COUNT] = {"signal",   "inspection", "maintenance", "triage",
                                                          "clearing", "incident",   "bus"};
static const char *const decider_names[JW_DECIDER_COUNT] = {"model", "perfect", "none", "human"};

const char *jw_decision_name(jw_decision_kind kind)
{
    return kind_names[kind];
}

const char *jw_decider_name(jw_decider decider)
{
    return decider_names[decider];
}

bool jw_decision_from_name(const char *name, jw_decision_kind *out)
{
    for (uint32_t i = 0; i < JW_DECISION_COUNT; i++)
        if (strcmp(name, kind_names[i]) == 0) {
            *out = (jw_decision_kind)i;
            return true;
        }
    return false;
}

jw_decision_rule jw_default_decision_rule(jw_decision_kind kind)
{
    /* All unverified. An operator looks at a junction for 5 s; a fitter listens to a machine for 5 minutes.
     * Signs of wear hold for hours, a patient's state for half an hour, papers for days. */
    static const jw_decision_rule rules[JW_DECISION_COUNT] = {
        [JW_DECISION_SIGNAL] = {0, 0.5, 0, 5, 0.95, 4, ""},
        [JW_DECISION_INSPECTION] = {0, 0.5, 0, 6, 0.9, 1, ""},
        [JW_DECISION_MAINTENANCE] = {0, 0.5, 7200, 300, 0.8, 1, ""},
        [JW_DECISION_TRIAGE] = {0, 0.6, 1800, 90, 0.85, 2, ""},
        [JW_DECISION_CLEARING] = {0, 0.5, 2.6e5, 240, 0.95, 2, ""},
        [JW_DECISION_INCIDENT] = {0, 0.5, 0, 4, 0.98, 2, ""},
        [JW_DECISION_BUS] = {0, 0.6, 60, 8, 0.8, 2, ""},
    };
    return rules[kind];
}

bool jw_decision_rule_is_fine(jw_decision_kind kind, const jw_decision_rule *rule, jw_error *error)
{
    bool is_fine = rule->by < JW_DECIDER_COUNT && rule->guess_error >= 0 && rule->guess_error <= 1 &&
                   rule->ages_s >= 0 && rule->ages_s <= 1e12 && rule->human_s > 0 && rule->human_s <= 1e7 &&
                   rule->human_quality >= 0 && rule->human_quality <= 1 && rule->staff >= 1 &&
                   rule->staff <= 1000000;
    if (!is_fine)
        jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "decisions of kind \"%s\": shares are 0 to 1, ages_s is not below 0, human_s above 0, staff 1 "
            "to 1000000",
            kind_names[kind]);
    return is_fine;
}

double jw_decision_error(const jw_decision_rule *rule, double quality, double age_s)
{
    double fresh = 1 - quality, more = jw_max(0, rule->guess_error - fresh);
    return rule->ages_s > 0 ? fresh + more * (1 - jw_exp(-age_s / rule->ages_s)) : fresh;
}

void jw_twin_decision(const jw_world *world, jw_decision_kind kind, jw_decision_rule *out_rule,
                      jw_decision_counts *out_counts)
{
    const twin_decisions *decisions = twin_decisions_of(world);
    const twin_decision_count *count = &decisions->counts[kind];
    if (out_rule)
        *out_rule = decisions->rules[kind];
    if (out_counts)
        *out_counts = (jw_decision_counts){
            count->asked,
            count->decided,
            count->wrong,
            count->late,
            count->asked - count->decided - count->late,
            count->decided ? jw_s_from_ns(count->age_sum_ns) / (double)count->decided : 0};
}

/* ---- questions and answers --------------------------------------------------------------------------------
 */

/* The newest question of one asker makes the older ones pointless. */
static bool is_superseding(jw_decision_kind kind)
{
    return kind == JW_DECISION_SIGNAL || kind == JW_DECISION_MAINTENANCE || kind == JW_DECISION_INCIDENT;
}

static void remove_question(twin_decisions *decisions, uint32_t i)
{
    memmove(&decisions->questions[i], &decisions->questions[i + 1],
            (decisions->question_count - i - 1) * sizeof *decisions->questions);
    decisions->question_count--;
}

/* Gives waiting questions to people who are free. */
static void give_work(jw_world *world, twin_decisions *decisions, jw_decision_kind kind)
{
    const jw_decision_rule *rule = &decisions->rules[kind];
    for (uint32_t i = 0; i < decisions->question_count && decisions->busy[kind] < rule->staff; i++) {
        twin_question *question = &decisions->questions[i];
        if (question->kind != kind || question->stage != TWIN_QUESTION_WAITS)
            continue;
        question->stage = TWIN_QUESTION_WITH_PERSON;
        decisions->busy[kind]++;
        jw_schedule(world, jw_world_time_ns(world) + jw_ns_from_s(rule->human_s), JW_PRIORITY_NORMAL,
                    JW_TWIN_DECISIONS, TWIN_EVENT_ANSWER, 0, question->number);
    }
}

static bool keep_question(jw_world *world, twin_decisions *decisions, jw_decision_kind kind,
                          twin_question_stage stage, uint64_t a, uint64_t b)
{
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < decisions->question_count; i++) {
        const twin_question *question = &decisions->questions[i];
        if (question->kind != kind || question->stage != TWIN_QUESTION_WAITS)
            continue;
        waiting++;
        if (stage == TWIN_QUESTION_WAITS && is_superseding(kind) && question->a == a) {
            decisions->counts[kind].late++;
            remove_question(decisions, i--);
        }
    }
    if (waiting >= TWIN_QUESTIONS_MAX)
        return false;
    if (jw_grow(&decisions->questions, &decisions->question_capacity, decisions->question_count + 1ull,
                sizeof *decisions->questions, NULL) != JW_OK) {
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory for what people decide");
        return false;
    }
    decisions->questions[decisions->question_count++] =
        (twin_question){++decisions->numbers, a, b, jw_world_time_ns(world), (uint8_t)kind, (uint8_t)stage};
    return true;
}

bool twin_decision_is_with_person(const jw_world *world, jw_decision_kind kind, uint64_t a)
{
    const twin_decisions *decisions = twin_decisions_of(world);
    for (uint32_t i = 0; i < decisions->question_count && decisions->busy[kind] > 0; i++) {
        const twin_question *question = &decisions->questions[i];
        if (question->kind == kind && question->stage == TWIN_QUESTION_WITH_PERSON && question->a == a)
            return true;
    }
    return false;
}

bool twin_decision_ask(jw_world *world, jw_decision_kind kind, jw_sender sender, uint64_t a, uint64_t b,
                       jw_net_end from)
{
    twin_decisions *decisions = twin_decisions_of(world);
    bool is_asked = false;
    decisions->counts[kind].asked++;
    switch (decisions->rules[kind].by) {
    case JW_DECIDER_MODEL: {
        /* A request may end within the call: then its end is counted there. */
        uint32_t type = twin_request_type_find(twin_requests_of(world), kind_names[kind]);
        if (type != JW_NONE && jw_request_send(world, type, sender, a, b, from, NULL) == JW_OK)
            return true;
        break;
    }
    case JW_DECIDER_PERFECT:
        is_asked = keep_question(world, decisions, kind, TWIN_QUESTION_PERFECT, a, b);
        if (is_asked)
            jw_schedule(world, jw_world_time_ns(world), JW_PRIORITY_NORMAL, JW_TWIN_DECISIONS,
                        TWIN_EVENT_ANSWER, 0, decisions->numbers);
        break;
    case JW_DECIDER_HUMAN:
        is_asked = keep_question(world, decisions, kind, TWIN_QUESTION_WAITS, a, b);
        give_work(world, decisions, kind);
        break;
    default:
        break;
    }
    decisions->counts[kind].late += !is_asked;
    return is_asked;
}

void twin_decision_count_own(jw_world *world, jw_decision_kind kind, jw_judgement judgement, int64_t age_ns)
{
    twin_decision_count *count = &twin_decisions_of(world)->counts[kind];
    count->decided += judgement != JW_JUDGED_NOT;
    count->wrong += judgement == JW_JUDGED_WRONG;
    count->late += judgement == JW_JUDGED_NOT;
    count->age_sum_ns += judgement == JW_JUDGED_NOT ? 0 : age_ns;
}

static jw_judgement decide(jw_world *world, jw_decision_kind kind, uint64_t a, uint64_t b, double age_s,
                           double quality)
{
    double right = 1 - jw_decision_error(&twin_decisions_of(world)->rules[kind], quality, age_s);
    jw_economy *economy = twin_economy_of(world);
    jw_line_id line = {(uint32_t)a, (uint32_t)(a >> 32)};
    jw_judgement judgement = JW_JUDGED_NOT;
    switch (kind) {
    case JW_DECISION_SIGNAL:
        judgement = twin_signals_answered(world, a, b, right);
        break;
    case JW_DECISION_INSPECTION:
        judgement = jw_economy_verdict(world, economy, line, (uint32_t)b, right);
        break;
    case JW_DECISION_MAINTENANCE:
        judgement = jw_economy_prognosis(world, economy, line, (uint32_t)(b >> 32), (uint32_t)b, right);
        break;
    case JW_DECISION_TRIAGE:
    case JW_DECISION_CLEARING:
        judgement = jw_economy_judge_case(world, economy, (uint32_t)a, (uint32_t)b, right);
        break;
    case JW_DECISION_INCIDENT:
        judgement = twin_incident_answered(world, a, b, right);
        break;
    case JW_DECISION_BUS:
        judgement = twin_bus_answered(world, a, b, right);
        break;
    default:
        break;
    }
    twin_decision_count_own(world, kind, judgement, jw_ns_from_s(age_s));
    return judgement;
}

jw_judgement twin_decision_answer(jw_world *world, jw_decision_kind kind, uint64_t a, uint64_t b,
                                  int64_t asked_ns, double quality)
{
    const jw_decision_rule *rule = &twin_decisions_of(world)->rules[kind];
    double age_s = jw_s_from_ns(jw_world_time_ns(world) - asked_ns);
    jw_corpus corpus;
    if (rule->data[0] && jw_ai_corpus(world, twin_ai_of(world), rule->data, &corpus)) {
        age_s += jw_clamp(corpus.age_days, 0, 1e5) * 86400;
        quality *= corpus.coverage * corpus.quality;
    } else if (rule->data[0]) {
        quality = 1 - rule->guess_error;
    }
    return decide(world, kind, a, b, age_s, quality);
}

jw_decision_kind twin_decision_of_desk(const jw_world *world, uint64_t desk)
{
    jw_desk_state state;
    return jw_economy_desk(world, twin_economy_of(world), (uint32_t)desk, &state) &&
                   state.def->kind == JW_DESK_TRIAGE
               ? JW_DECISION_TRIAGE
               : JW_DECISION_CLEARING;
}

bool twin_decision_of_sender(const jw_world *world, jw_sender sender, uint64_t a, jw_decision_kind *out)
{
    if (sender == JW_SENDER_DESK) {
        *out = twin_decision_of_desk(world, a);
        return true;
    }
    *out = sender == JW_SENDER_CAMERA  ? JW_DECISION_SIGNAL
           : sender == JW_SENDER_LINE  ? JW_DECISION_INSPECTION
           : sender == JW_SENDER_WATCH ? JW_DECISION_INCIDENT
           : sender == JW_SENDER_BUS   ? JW_DECISION_BUS
                                       : JW_DECISION_MAINTENANCE;
    return sender != JW_SENDER_VEHICLE && sender != JW_SENDER_CROWD;
}

static void decisions_on_event(jw_world *world, void *state, const jw_event *event)
{
    twin_decisions *decisions = state;
    uint32_t i = 0;
    if (event->kind != TWIN_EVENT_ANSWER) {
        twin_incidents_event(world, &decisions->incidents, event);
        return;
    }
    while (i < decisions->question_count && decisions->questions[i].number != event->b)
        i++;
    if (i == decisions->question_count || decisions->questions[i].stage == TWIN_QUESTION_WAITS)
        return;
    twin_question question = decisions->questions[i];
    jw_decision_kind kind = (jw_decision_kind)question.kind;
    bool is_person = question.stage == TWIN_QUESTION_WITH_PERSON;
    remove_question(decisions, i);
    decisions->busy[kind] -= is_person;
    decide(world, kind, question.a, question.b, jw_s_from_ns(jw_world_time_ns(world) - question.asked_ns),
           is_person ? decisions->rules[kind].human_quality : 1);
    give_work(world, decisions, kind);
}

/* ---- verb -------------------------------------------------------------------------------------------------
 */

static jw_result verb_set_decider(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    twin_decisions *decisions = state;
    const char *name = jw_command_get_text(command, "kind", ""), *by = jw_command_get_text(command, "by", "");
    jw_decision_kind kind;
    uint8_t decider = 0;
    if (!jw_decision_from_name(name, &kind))
        return jw_fail(
            error, JW_ERROR_INPUT, NULL, 0,
            "set_decider: there are no decisions of kind \"%s\"; the table \"decisions\" lists them", name);
    while (decider < JW_DECIDER_COUNT && strcmp(decider_names[decider], by) != 0)
        decider++;
    if (decider == JW_DECIDER_COUNT)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "set_decider: \"%s\" is none of model, perfect, none, human", by);
    jw_decision_rule *rule = &decisions->rules[kind];
    uint32_t staff = (uint32_t)jw_command_get_number(command, "staff", 0);
    rule->by = decider;
    if (staff > 0)
        rule->staff = staff;
    give_work(world, decisions, kind);
    return JW_OK;
}

static const jw_verb_arg decider_args[] = {
    {"kind", 't', false, 0, 0, 0, "", "of decision, as in the table \"decisions\""},
    {"by", 't', false, 0, 0, 0, "", "model, perfect, none or human"},
    {"staff", 'n', true, 0, 1e6, 0, "", "people at it, of human; 0: as many as there are"},
};
static const jw_verb verbs[] = {
    {"set_decider", "who decides from now on: a model, the perfect decider, nobody, or people", decider_args,
     JW_COUNT_OF(decider_args), verb_set_decider},
};

/* ---- module -----------------------------------------------------------------------------------------------
 */

static jw_result decisions_init(jw_world *world, void *state, const void *def, jw_error *error)
{
    twin_decisions *decisions = state;
    const jw_twin_def *twin = def;
    decisions->buses.is_on = twin->has_bus_priority;
    for (uint32_t kind = 0; kind < JW_DECISION_COUNT; kind++) {
        decisions->rules[kind] = twin->rules[kind];
        if (!jw_decision_rule_is_fine((jw_decision_kind)kind, &decisions->rules[kind], error))
            return JW_ERROR_INPUT;
    }
    return twin_incidents_init(world, &decisions->incidents, twin, error);
}

static jw_result decisions_attach(jw_world *world, void *state, jw_error *error)
{
    const twin_decisions *decisions = state;
    for (uint32_t i = 0; i < decisions->question_count; i++)
        if (decisions->questions[i].kind == JW_DECISION_SIGNAL &&
            decisions->questions[i].a >= twin_signals_of(world)->camera_count)
            return jw_fail(error, JW_ERROR_CORRUPT, NULL, 0,
                           "a person is asked about a camera that is not there");
    return twin_incidents_check(world, &decisions->incidents, error);
}

static void run_decisions(jw_world *world, void *state)
{
    twin_decisions *decisions = state;
    twin_incidents_step(world, &decisions->incidents);
    twin_buses_step(world, &decisions->buses);
}

static const jw_phase phases[] = {{"twin.decisions", JW_SLOT_COUPLING, run_decisions}};

static void decisions_destroy(void *state)
{
    twin_decisions *decisions = state;
    jw_free(decisions->questions);
    jw_free(decisions->buses.slots);
    twin_incidents_free(&decisions->incidents);
}

static void decisions_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const twin_decisions *decisions = state;
    for (uint32_t kind = 0; kind < JW_DECISION_COUNT; kind++) {
        const jw_decision_rule *rule = &decisions->rules[kind];
        const twin_decision_count *count = &decisions->counts[kind];
        const double figures[] = {rule->guess_error, rule->ages_s, rule->human_s, rule->human_quality};
        const int64_t counts[] = {count->asked, count->decided, count->wrong, count->late, count->age_sum_ns};
        jw_write_u8(writer, rule->by);
        jw_write_u32(writer, rule->staff);
        jw_write_text(writer, rule->data);
        for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
            jw_write_f64(writer, figures[i]);
        for (uint32_t i = 0; i < JW_COUNT_OF(counts); i++)
            jw_write_i64(writer, counts[i]);
    }
    jw_write_u64(writer, decisions->numbers);
    jw_write_u32(writer, decisions->question_count);
    for (uint32_t i = 0; i < decisions->question_count; i++) {
        const twin_question *question = &decisions->questions[i];
        jw_write_u64(writer, question->number);
        jw_write_u64(writer, question->a);
        jw_write_u64(writer, question->b);
        jw_write_i64(writer, question->asked_ns);
        jw_write_u8(writer, question->kind);
        jw_write_u8(writer, question->stage);
    }
    twin_incidents_save(&decisions->incidents, writer);
    twin_buses_save(&decisions->buses, writer);
}

static void load_questions(jw_world *world, twin_decisions *decisions, jw_reader *reader)
{
    decisions->numbers = jw_read_u64(reader);
    uint32_t count = jw_read_count(reader, JW_DECISION_COUNT * (TWIN_QUESTIONS_MAX + 1000000u), 34);
    if (jw_grow(&decisions->questions, &decisions->question_capacity, count, sizeof *decisions->questions,
                NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    decisions->question_count = count;
    uint64_t before = 0;
    for (uint32_t i = 0; i < count; i++) {
        twin_question *question = &decisions->questions[i];
        question->number = jw_read_u64(reader);
        question->a = jw_read_u64(reader);
        question->b = jw_read_u64(reader);
        question->asked_ns = jw_read_i64(reader);
        question->kind = jw_read_u8(reader);
        question->stage = jw_read_u8(reader);
        if (question->kind >= JW_DECISION_COUNT || question->stage > TWIN_QUESTION_PERFECT ||
            question->number <= before || question->number > decisions->numbers || question->asked_ns < 0 ||
            question->asked_ns > jw_world_time_ns(world)) {
            jw_reader_fail(reader, "question %u of the decisions is out of range", i);
            decisions->question_count = 0;
            return;
        }
        before = question->number;
        decisions->busy[question->kind] += question->stage == TWIN_QUESTION_WITH_PERSON;
    }
}

static void decisions_load(jw_world *world, void *state, jw_reader *reader)
{
    twin_decisions *decisions = state;
    for (uint32_t kind = 0; kind < JW_DECISION_COUNT; kind++) {
        jw_decision_rule *rule = &decisions->rules[kind];
        twin_decision_count *count = &decisions->counts[kind];
        double *const figures[] = {&rule->guess_error, &rule->ages_s, &rule->human_s, &rule->human_quality};
        int64_t *const counts[] = {&count->asked, &count->decided, &count->wrong, &count->late,
                                   &count->age_sum_ns};
        rule->by = jw_read_u8(reader);
        rule->staff = jw_read_u32(reader);
        jw_read_text(reader, rule->data, sizeof rule->data);
        for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
            *figures[i] = jw_read_f64(reader);
        for (uint32_t i = 0; i < JW_COUNT_OF(counts); i++)
            *counts[i] = jw_read_i64(reader);
        if (!jw_decision_rule_is_fine((jw_decision_kind)kind, rule, NULL))
            jw_reader_fail(reader, "the rule of decisions of kind \"%s\" is out of range", kind_names[kind]);
    }
    load_questions(world, decisions, reader);
    if (!reader->failed)
        twin_incidents_load(&decisions->incidents, reader, jw_world_time_ns(world));
    if (!reader->failed)
        twin_buses_load(&decisions->buses, reader);
}

/* Questions that are open stay asked. */
static void decisions_restart_counts(jw_world *world, void *state)
{
    twin_decisions *decisions = state;
    twin_incidents_restart(world, &decisions->incidents);
    for (uint32_t kind = 0; kind < JW_DECISION_COUNT; kind++) {
        twin_decision_count *count = &decisions->counts[kind];
        *count = (twin_decision_count){.asked = count->asked - count->decided - count->late};
    }
}

const jw_module twin_decisions_module = {
    .name = "twin_decisions",
    .version = 2,
    .state_size = sizeof(twin_decisions),
    .init = decisions_init,
    .attach = decisions_attach,
    .phases = phases,
    .phase_count = JW_COUNT_OF(phases),
    .destroy = decisions_destroy,
    .on_event = decisions_on_event,
    .verbs = verbs,
    .verb_count = JW_COUNT_OF(verbs),
    .save = decisions_save,
    .load = decisions_load,
    .metrics = twin_decision_metrics,
    .metric_count = TWIN_DECISION_METRICS,
    .metric = twin_decision_metric,
    .tables = twin_decision_tables,
    .table_count = TWIN_DECISION_TABLES,
    .restart_counts = decisions_restart_counts,
};
