/* jingwei report, compare and doc: what is made of finished runs, and of our own tables. */
#include "app/app.h"
#include "study/study.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct result_options {
    const char *operands[2], *out;
    uint32_t operand_count;
    bool is_json, is_all;
} result_options;

static bool take(void *context, const char *name, const char *value)
{
    result_options *options = context;
    if (!name) {
        if (options->operand_count >= 2) {
            fprintf(stderr, app_say("jingwei: '%s' is one operand too many\n"), value);
            return false;
        }
        options->operands[options->operand_count++] = value;
    } else if (strcmp(name, "out") == 0) {
        options->out = value;
    } else if (strcmp(name, "json") == 0) {
        options->is_json = true;
    } else if (strcmp(name, "all") == 0) {
        options->is_all = true;
    }
    return true;
}

jw_result app_free_result(const char *scene, const char *what, const char *ending, char *out, size_t size,
                          jw_error *error)
{
    char name[128];
    jw_text_copy(name, sizeof name, scene && scene[0] ? scene : "scene");
    for (char *c = name; *c; c++) /* a scene's name is a file's name, not a path */
        if (*c == '/' || (unsigned char)*c < ' ')
            *c = '-';
    for (uint32_t n = 1; n < 100000; n++) {
        snprintf(out, size, "runs/%s-%s-%u%s", name, what, n, ending);
        if (!jw_file_exists(out) && !jw_is_directory(out))
            return JW_OK;
    }
    return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "all names runs/%s-%s-<n> are taken", name, what);
}

int app_report(int argc, char **argv)
{
    static const app_command command = {
        "report", "RUN [-o OUT.html]",
        "Writes one self-contained page on a run folder: summary, charts, map, assumptions.", app_report};
    static const app_option options[] = {{"out", "FILE", "page to write (default RUN/report.html)"}};
    result_options given = {0};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &given, &status))
        return status;
    if (given.operand_count != 1) {
        fprintf(stderr, app_say("jingwei report: which RUN folder?\n"));
        return APP_BAD_INPUT;
    }
    jw_error error = {0};
    if (jw_report_write(given.operands[0], given.out, app_language(), &error) != JW_OK)
        return app_fail(&error);
    if (given.out)
        printf("%s\n", given.out);
    else
        printf("%s/report.html\n", given.operands[0]);
    return APP_OK;
}

/* What only one run has is NAN on the other side. */
static void print_row(const jw_difference *row)
{
    const double values[] = {row->a, row->b, row->b - row->a};
    app_print_cell(row->label, -28);
    for (uint32_t i = 0; i < JW_COUNT_OF(values); i++)
        if (isfinite(values[i]))
            printf(i == 2 ? " %+14.6g" : " %14.6g", values[i]);
        else
            printf(" %14s", "-");
    if (isfinite(values[2]) && row->a != 0)
        printf(" %+8.1f %%", 100 * (row->b - row->a) / row->a);
    else
        printf(" %10s", "");
    printf("  %s\n", row->unit);
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static jw_result print_json(const jw_comparison *comparison, jw_error *error)
{
    json_t *rows = json_array();
    for (uint32_t i = 0; i < comparison->count; i++) {
        const jw_difference *row = &comparison->rows[i];
        json_array_append_new(rows, json_pack("{s:s, s:s, s:o, s:o}", "name", row->name, "unit", row->unit,
                                              "a", number(row->a), "b", number(row->b)));
    }
    json_t *changed = json_array();
    for (uint32_t i = 0; i < comparison->change_count; i++) {
        const jw_change *change = &comparison->changes[i];
        json_array_append_new(
            changed, json_pack("{s:s, s:s, s:s}", "name", change->name, "a", change->a, "b", change->b));
    }
    json_t *object = json_pack("{s:s, s:s, s:I, s:I, s:o, s:o}", "a", comparison->scene_a, "b",
                               comparison->scene_b, "seed_a", (json_int_t)comparison->seed_a, "seed_b",
                               (json_int_t)comparison->seed_b, "changed", changed, "rows", rows);
    char *text = object ? json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(object);
    if (!text)
        return jw_fail_memory(error);
    puts(text);
    free(text);
    return JW_OK;
}

/* Requests and what they cost: noughts where neither run has computers or a network. */
static bool is_of_data(const char *name)
{
    return strncmp(name, "requests.", 9) == 0 || strcmp(name, "energy_wh") == 0 ||
           strcmp(name, "carbon_kg") == 0 || strcmp(name, "cost_cny") == 0;
}

/* A parameter by what the scene calls it, with its id. */
static void print_change(const jw_change *change)
{
    if (change->label.en[0])
        printf(app_say("   %s (%s): %s -> %s\n"), app_say_label(&change->label), change->name,
               app_say(change->a), app_say(change->b));
    else
        printf(app_say("   %s: %s -> %s\n"), app_say(change->name), app_say(change->a), app_say(change->b));
}

static void print_comparison(const jw_comparison *comparison, bool is_all)
{
    uint32_t equal = 0;
    printf(app_say("A: %s, seed %llu\nB: %s, seed %llu\n"), comparison->scene_a,
           (unsigned long long)comparison->seed_a, comparison->scene_b,
           (unsigned long long)comparison->seed_b);
    for (uint32_t i = 0; i < comparison->change_count; i++)
        print_change(&comparison->changes[i]);
    printf("\n%-28s %14s %14s %14s\n", "", "A", "B", "B - A");
    for (uint32_t i = 0; i < comparison->count; i++) {
        const jw_difference *row = &comparison->rows[i];
        if (!comparison->has_data && is_of_data(row->name))
            continue;
        bool is_equal = !(row->a < row->b) && !(row->a > row->b) && isfinite(row->a) && isfinite(row->b);
        if (!is_equal || is_all)
            print_row(row);
        equal += is_equal;
    }
    if (equal && !is_all)
        printf(app_say("rows that are equal on both sides: %u (--all shows them)\n"), equal);
    printf(app_say(
        "One run on each side: part of every difference is chance. `jingwei effects` has intervals over "
        "seeds.\n"));
}

int app_compare(int argc, char **argv)
{
    static const app_command command = {"compare", "RUN_A RUN_B",
                                        "Prints what differs between two run folders.", app_compare};
    static const app_option options[] = {{"all", NULL, "rows that are equal on both sides, too"},
                                         {"json", NULL, "one JSON object"}};
    result_options given = {0};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &given, &status))
        return status;
    if (given.operand_count != 2) {
        fprintf(stderr, app_say("jingwei compare: which two RUN folders?\n"));
        return APP_BAD_INPUT;
    }
    jw_error error = {0};
    jw_problems problems = {0};
    jw_comparison comparison = {0};
    jw_result result = jw_compare_runs(given.operands[0], given.operands[1], &comparison, &problems, &error);
    app_print_problems(&problems, true, &error);
    jw_problems_free(&problems);
    if (result != JW_OK)
        return app_fail(&error);
    if (given.is_json) {
        result = print_json(&comparison, &error);
    } else {
        print_comparison(&comparison, given.is_all);
    }
    jw_comparison_free(&comparison);
    return result == JW_OK ? APP_OK : app_fail(&error);
}

int app_doc(int argc, char **argv)
{
    static const app_command command = {"doc", "meta|luacheck|lua",
                                        "Prints the Lua reference made from the table of bindings.", app_doc};
    result_options given = {0};
    int status;
    if (!app_options(&command, NULL, 0, argc, argv, take, &given, &status))
        return status;
    const char *what = given.operand_count == 1 ? given.operands[0] : "";
    jw_writer out = {0};
    jw_result result = JW_ERROR_INPUT;
    if (strcmp(what, "meta") == 0)
        result = jw_script_write_meta(&out);
    else if (strcmp(what, "luacheck") == 0)
        result = jw_script_write_luacheck(&out);
    else if (strcmp(what, "lua") == 0)
        result = jw_script_write_reference(&out);
    else
        fprintf(stderr, app_say("jingwei doc: one of meta, luacheck, lua\n"));
    if (result == JW_OK)
        fwrite(out.bytes, 1, out.size, stdout);
    jw_writer_free(&out);
    return result == JW_OK ? APP_OK : APP_BAD_INPUT;
}
