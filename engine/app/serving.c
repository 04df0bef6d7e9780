/* jingwei serving: a trace of requests against a language model, and the fit of measured times. */
#include "app/app.h"

#include "study/study.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

typedef struct serving_options {
    const char *trace, *measurements, *service, *card;
    jw_serving_bench_def def;
    uint32_t cards;
    jw_llm_scheduler scheduler;
    uint32_t batch;
    bool is_other_half, is_json;
} serving_options;

static const app_option options[] = {
    {"service", "ID", "a language model of assets/catalog/services.lua (default llama2-70b)"},
    {"card", "ID", "a card of assets/catalog/cards.lua (default a100-sxm)"},
    {"cards", "N", "of an instance (default: the service's)"},
    {"instances", "N", "of the model (default 1)"},
    {"batch", "N", "most sequences at once in an instance (default: the service's)"},
    {"chunk", "TOKENS", "most tokens of an iteration: longer prompts are cut (default: never)"},
    {"split", "SHARE", "share of the instances that only prefill, 0 to 0.99 (default 0)"},
    {"swap", NULL, "caches that have no room go to the host's memory (default: computed again)"},
    {"ttft", "SECONDS", "what counts as good, time to the first token (default: the service's)"},
    {"tpot", "SECONDS", "what counts as good, time per output token (default: the service's)"},
    {"rate", "X", "so many times the trace's requests a second (default 1)"},
    {"repeat", "N", "replays, one after the other (default 1)"},
    {"measurements", "FILE", "fit and judge measured times instead: table of splitwise-sim"},
    {"other-half", NULL, "with --measurements: fit what is judged else, and judge what is fitted"},
    {"json", NULL, "print the figures as one JSON object"},
};

static bool take_count(const char *name, const char *value, uint32_t max, uint32_t *out)
{
    double number;
    if (!jw_text_to_number(value, &number) || number < 1 || number > max || number != jw_floor(number)) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "a whole number from 1 to %u", max);
        return app_refuse("serving", name, value, wanted);
    }
    *out = (uint32_t)number;
    return true;
}

static bool take(void *context, const char *name, const char *value)
{
    serving_options *o = context;
    if (!name) {
        if (o->trace) {
            fprintf(stderr, app_say("jingwei serving: one TRACE at a time, '%s' is the second\n"), value);
            return false;
        }
        o->trace = value;
        return true;
    }
    if (strcmp(name, "service") == 0)
        o->service = value;
    else if (strcmp(name, "card") == 0)
        o->card = value;
    else if (strcmp(name, "cards") == 0)
        return take_count(name, value, 1024, &o->cards);
    else if (strcmp(name, "instances") == 0)
        return take_count(name, value, 4096, &o->def.instances);
    else if (strcmp(name, "batch") == 0)
        return take_count(name, value, 10000, &o->batch);
    else if (strcmp(name, "chunk") == 0)
        return take_count(name, value, 1000000, &o->scheduler.chunk_tokens);
    else if (strcmp(name, "split") == 0)
        return app_take_number("serving", name, value, 0, 0.99, false, &o->scheduler.prefill_share);
    else if (strcmp(name, "swap") == 0)
        o->scheduler.preemption = JW_LLM_SWAP;
    else if (strcmp(name, "ttft") == 0)
        return app_take_number("serving", name, value, 0.001, 1e5, false, &o->scheduler.ttft_limit_s);
    else if (strcmp(name, "tpot") == 0)
        return app_take_number("serving", name, value, 0.0001, 1e5, false, &o->scheduler.tpot_limit_s);
    else if (strcmp(name, "rate") == 0)
        return app_take_number("serving", name, value, 1e-3, 1e4, false, &o->def.rate_factor);
    else if (strcmp(name, "repeat") == 0)
        return take_count(name, value, 100000, &o->def.repeats);
    else if (strcmp(name, "measurements") == 0)
        o->measurements = value;
    else if (strcmp(name, "other-half") == 0)
        o->is_other_half = true;
    else if (strcmp(name, "json") == 0)
        o->is_json = true;
    return true;
}

/* ---- fit ---- */

static void print_times(const jw_llm_times *times)
{
    for (uint32_t i = 0; i < times->row_count; i++) {
        const jw_llm_times_row *row = &times->rows[i];
        const jw_llm_timing *t = &row->timing;
        printf("  { service = \"%s\", card = \"%s\", cards = %u, fixed_s = %.4g, token_s = %.4g, long_s = "
               "%.4g,\n    step_s = %.4g, sequence_s = %.4g, cache_s = %.4g, prefill_error = %.3f, "
               "decode_error = %.3f,\n    source = source }, -- %u fitted, %u judged\n",
               t->service, t->card, t->cards, t->fixed_s, t->token_s, t->long_s, t->step_s, t->sequence_s,
               t->cache_s, t->prefill_error, t->decode_error, row->fitted, row->judged);
    }
    printf(app_say("%u configurations judged, %u left out (more prompts in less time), %u lines of other "
                   "hardware\n"),
           times->judged_count, times->left_out, times->foreign);
    printf(app_say("prefill: median error %.1f %%, 90th percentile %.1f %%, worst %.1f %%\n"),
           100 * times->prefill_p50, 100 * times->prefill_p90, 100 * times->prefill_worst);
    printf(app_say("decode:  median error %.1f %%, 90th percentile %.1f %%, worst %.1f %%\n"),
           100 * times->decode_p50, 100 * times->decode_p90, 100 * times->decode_worst);
    for (uint32_t i = 0; i < times->judged_count; i++) {
        const jw_llm_times_judgement *j = &times->judged[i];
        if (jw_abs(j->prefill_error) > 0.15 || jw_abs(j->decode_error) > 0.1)
            printf(app_say("  outlier: %s x %u, %u prompts of %u tokens, %u said: prefill %+.1f %%, decode "
                           "%+.1f %%\n"),
                   times->rows[j->row].timing.card, times->rows[j->row].timing.cards, j->measured.batch,
                   j->measured.prompt_tokens, j->measured.output_tokens, 100 * j->prefill_error,
                   100 * j->decode_error);
    }
}

static int fit(const serving_options *o)
{
    jw_llm_times times;
    jw_error error = {0};
    if (jw_llm_times_fit(o->measurements, o->is_other_half, &times, &error) != JW_OK)
        return app_fail(&error);
    print_times(&times);
    jw_llm_times_free(&times);
    return APP_OK;
}

/* ---- replay ---- */

static const jw_service *find_service(const jw_twin_def *def, const char *id)
{
    for (uint32_t i = 0; i < def->service_count; i++)
        if (strcmp(def->services[i].id, id) == 0)
            return &def->services[i];
    return NULL;
}

static const jw_card *find_card(const jw_twin_def *def, const char *id)
{
    for (uint32_t i = 0; i < def->card_count; i++)
        if (strcmp(def->cards[i].id, id) == 0)
            return &def->cards[i];
    return NULL;
}

static const jw_llm_timing *find_timing(const jw_twin_def *def, const char *service, const char *card,
                                        uint32_t cards)
{
    for (uint32_t i = 0; i < def->timing_count; i++)
        if (strcmp(def->timings[i].service, service) == 0 && strcmp(def->timings[i].card, card) == 0 &&
            def->timings[i].cards == cards)
            return &def->timings[i];
    return NULL;
}

static void print_spread(const char *what, const double seconds[4], double mean_s, double error)
{
    app_print_cell(what, -28);
    printf(" %9.1f %9.1f %9.1f %9.1f %9.1f  ms", 1e3 * mean_s, 1e3 * seconds[0], 1e3 * seconds[1],
           1e3 * seconds[2], 1e3 * seconds[3]);
    if (error > 0)
        printf(app_say("  (model %.1f %%)"), 100 * error);
    puts("");
}

/* 19800 as "19,800". */
static const char *with_commas(double value, char *out, size_t size)
{
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%.0f", value);
    size_t at = 0;
    for (int i = 0; i < length && at + 2 < size; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = 0;
    return out;
}

/* Answers that end long after the last question came, and late: the instances were busy all that time, so
 * that their work fits into the time of the questions, with three tenths of it free, on so many of them. */
static void print_overload(const jw_serving_bench_def *def, double arrivals_s,
                           const jw_serving_bench_result *r)
{
    const double busy_at_most = 0.7;
    double limit_s = def->service->scheduler.ttft_limit_s;
    if (arrivals_s <= 0 || r->simulated_s < 1.1 * arrivals_s || r->ttft_s[0] < (limit_s > 0 ? limit_s : 10))
        return;
    double needed = jw_ceil(def->instances * r->simulated_s / arrivals_s / busy_at_most);
    printf(app_say("Overloaded: questions came for %.0f min, the last answer after %.0f; half of them waited "
                   "more than "
                   "%.1f min. Try --instances %.0f, or --rate %.2g\n"),
           arrivals_s / 60, r->simulated_s / 60, r->ttft_s[0] / 60, needed,
           def->rate_factor * def->instances / needed);
}

static void print_figures(const jw_serving_bench_def *def, double arrivals_s,
                          const jw_serving_bench_result *r)
{
    char text[2][48];
    const jw_llm_scheduler *limits = &def->service->scheduler;
    printf(
        "%s, %u x %u %s, %s\n", def->service->id, def->instances, def->service->cards_per_instance,
        def->card->id,
        app_say(def->timing ? "measured times" : "roofline: unverified, no measured times of these cards"));
    app_print_cell("", 28);
    app_print_cell("mean", 10);
    printf(" %9s %9s %9s %9s\n", "p50", "p90", "p95", "p99");
    print_spread("time to first token", r->ttft_s, r->stats.ttft_mean_s,
                 def->timing ? def->timing->prefill_error : 0);
    print_spread("time per output token", r->tpot_s, r->stats.tpot_mean_s,
                 def->timing ? def->timing->decode_error : 0);
    printf(app_say("%lld requests answered, %lld refused, %s an hour simulated\n"), (long long)r->stats.done,
           (long long)r->rejected,
           with_commas((double)r->stats.done / r->simulated_s * 3600, text[0], sizeof text[0]));
    printf(app_say("%s prompt and %s output tokens/s; goodput %.4g requests/s"),
           with_commas((double)r->stats.prompt_tokens / r->simulated_s, text[0], sizeof text[0]),
           with_commas((double)r->stats.output_tokens / r->simulated_s, text[1], sizeof text[1]),
           (double)r->stats.good / r->simulated_s);
    if (limits->ttft_limit_s > 0 || limits->tpot_limit_s > 0)
        printf(app_say(" (%.1f %% within %g s and %g s a token)"),
               r->stats.done ? 100 * (double)r->stats.good / (double)r->stats.done : 0, limits->ttft_limit_s,
               limits->tpot_limit_s);
    printf(app_say("\n%lld iterations, %lld preemptions, %lld tokens prefilled again\n"),
           (long long)r->stats.iterations, (long long)r->stats.preemptions,
           (long long)r->stats.recomputed_tokens);
    printf(
        app_say("%.4g M iterations/s, %.4g k requests/s of wall time, %.0f bytes a request, hash %016llx\n"),
        (double)r->stats.iterations / r->wall_s / 1e6, (double)r->stats.done / r->wall_s / 1e3,
        r->bytes_per_request, (unsigned long long)r->hash);
    print_overload(def, arrivals_s, r);
}

static bool print_json(const jw_serving_bench_def *def, const jw_serving_bench_result *r)
{
    json_t *root = json_pack(
        "{s:s, s:s, s:I, s:I, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:[f,f,f,f], s:[f,f,f,f], s:f, "
        "s:f, "
        "s:f, s:f}",
        "service", def->service->id, "card", def->card->id, "cards",
        (json_int_t)def->service->cards_per_instance, "instances", (json_int_t)def->instances, "measured",
        def->timing != NULL, "answered", (json_int_t)r->stats.done, "refused", (json_int_t)r->rejected,
        "good", (json_int_t)r->stats.good, "prompt_tokens", (json_int_t)r->stats.prompt_tokens,
        "output_tokens", (json_int_t)r->stats.output_tokens, "iterations", (json_int_t)r->stats.iterations,
        "preemptions", (json_int_t)r->stats.preemptions, "simulated_s", r->simulated_s, "ttft_s",
        r->ttft_s[0], r->ttft_s[1], r->ttft_s[2], r->ttft_s[3], "tpot_s", r->tpot_s[0], r->tpot_s[1],
        r->tpot_s[2], r->tpot_s[3], "ttft_mean_s", r->stats.ttft_mean_s, "tpot_mean_s", r->stats.tpot_mean_s,
        "prefill_error", def->timing ? def->timing->prefill_error : 0.0, "decode_error",
        def->timing ? def->timing->decode_error : 0.0);
    bool is_good = root && json_dumpf(root, stdout, JSON_REAL_PRECISION(10)) == 0;
    puts("");
    json_decref(root);
    return is_good;
}

static int serve(const serving_options *o, const jw_twin_def *catalogue)
{
    const jw_service *found = find_service(catalogue, o->service);
    const jw_card *card = find_card(catalogue, o->card);
    if (!found || found->kind != JW_SERVICE_LLM) {
        fprintf(
            stderr,
            app_say(
                "jingwei serving: the catalogue has no language model '%s' (assets/catalog/services.lua)\n"),
            o->service);
        return APP_BAD_INPUT;
    }
    if (!card) {
        fprintf(stderr,
                app_say("jingwei serving: the catalogue has no card '%s' (assets/catalog/cards.lua)\n"),
                o->card);
        return APP_BAD_INPUT;
    }
    jw_service service = *found;
    jw_llm_scheduler scheduler = o->scheduler;
    if (scheduler.ttft_limit_s <= 0)
        scheduler.ttft_limit_s = service.scheduler.ttft_limit_s;
    if (scheduler.tpot_limit_s <= 0)
        scheduler.tpot_limit_s = service.scheduler.tpot_limit_s;
    service.scheduler = scheduler;
    if (o->cards)
        service.cards_per_instance = o->cards;
    if (service.cards_per_instance == 0)
        service.cards_per_instance = 1;
    if (o->batch)
        service.max_batch = o->batch;
    jw_llm_trace trace;
    jw_error error = {0};
    if (jw_llm_trace_read(o->trace, &trace, &error) != JW_OK)
        return app_fail(&error);
    jw_serving_bench_def def = o->def;
    def.service = &service;
    def.card = card;
    def.timing = find_timing(catalogue, service.id, card->id, service.cards_per_instance);
    def.trace = &trace;
    if (def.instances == 0)
        def.instances = 1;
    if (def.rate_factor <= 0)
        def.rate_factor = 1;
    double arrivals_s = trace.count ? jw_s_from_ns(trace.requests[trace.count - 1].time_ns) *
                                          (def.repeats ? def.repeats : 1) / def.rate_factor
                                    : 0;
    jw_serving_bench_result r;
    jw_result result = jw_serving_bench(&def, &r, &error);
    jw_llm_trace_free(&trace);
    if (result != JW_OK)
        return app_fail(&error);
    if (o->is_json)
        return print_json(&def, &r) ? APP_OK : APP_FAILED;
    print_figures(&def, arrivals_s, &r);
    return APP_OK;
}

int app_serving(int argc, char **argv)
{
    static const app_command command = {
        "serving", "TRACE | --measurements FILE",
        "Replays a trace of requests to a language model (CSV of the Azure LLM inference traces: TIMESTAMP,\n"
        "ContextTokens, GeneratedTokens) against instances of it, and prints times to the first token and "
        "per\n"
        "output token, with the error of the model's measured times beside them. With --measurements: fits "
        "these\n"
        "times to one half of a table of measurements and judges them on the other.",
        app_serving};
    serving_options o = {.service = "llama2-70b", .card = "a100-sxm"};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &o, &status))
        return status;
    if (o.measurements && !o.trace)
        return fit(&o);
    if (!o.trace || o.measurements) {
        fprintf(stderr, app_say("jingwei serving: %s\n"),
                app_say(o.trace ? "either a TRACE or --measurements FILE" : "which TRACE?"));
        return APP_BAD_INPUT;
    }
    jw_twin_def catalogue;
    jw_error error = {0};
    if (jw_twin_def_init(&catalogue, &error) != JW_OK)
        return app_fail(&error);
    jw_result result = jw_catalogue_read(&catalogue, &error);
    status = result == JW_OK ? serve(&o, &catalogue) : app_fail(&error);
    jw_twin_def_free(&catalogue);
    return status;
}
