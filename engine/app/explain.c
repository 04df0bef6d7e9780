/* jingwei explain: from a figure of a finished run down to the requests that made it. */
#include "app/app.h"
#include "study/explain.h"

#include <stdio.h>
#include <string.h>

typedef struct explain_options {
    const char *operands[2], *csv;
    uint32_t operand_count, quarter, requests;
} explain_options;

static bool take(void *context, const char *name, const char *value)
{
    explain_options *e = context;
    double number;
    if (!name) {
        if (e->operand_count == 2) {
            fprintf(stderr, app_say("jingwei explain: '%s' is one operand too many\n"), value);
            return false;
        }
        e->operands[e->operand_count++] = value;
    } else if (strcmp(name, "quarter") == 0 || strcmp(name, "requests") == 0) {
        if (!jw_text_to_number(value, &number) || !(number >= 0 && number <= 1000) ||
            number != jw_floor(number))
            return app_refuse("explain", name, value, "a whole number from 0 to 1000");
        *(name[0] == 'q' ? &e->quarter : &e->requests) = (uint32_t)number;
    } else if (strcmp(name, "csv") == 0) {
        e->csv = value;
    }
    return true;
}

int app_explain(int argc, char **argv)
{
    static const app_command command = {"explain", "RUN METRIC [options]",
                                        "Takes a figure of a finished run apart: delay, oee, on_time or tfp, "
                                        "down to its requests; of a roadmap's "
                                        "folder tfp.",
                                        app_explain};
    static const app_option options[] = {{"quarter", "N", "of tfp: which one (default: the last)"},
                                         {"requests", "N", "how many to list (default 10)"},
                                         {"csv", "FILE", "the same as a table"}};
    explain_options given = {.requests = 10};
    int status;
    if (!app_options(&command, options, JW_COUNT_OF(options), argc, argv, take, &given, &status))
        return status;
    if (given.operand_count != 2) {
        fprintf(stderr,
                app_say("jingwei explain: which RUN folder, and which METRIC (delay, oee, on_time, tfp)?\n"));
        return APP_BAD_INPUT;
    }
    jw_error error = {0};
    jw_explanation explanation;
    jw_writer text = {0}, csv = {0};
    if (jw_explain(given.operands[0], given.operands[1], given.quarter, given.requests, &explanation,
                   &error) != JW_OK)
        return app_fail(&error);
    jw_explanation_write_text(&explanation, strcmp(app_language(), "zh") == 0, &text);
    fwrite(text.bytes, 1, text.size, stdout);
    jw_explanation_write_csv(&explanation, &csv);
    jw_result result = given.csv ? jw_file_write(given.csv, csv.bytes, csv.size, &error) : JW_OK;
    jw_writer_free(&text);
    jw_writer_free(&csv);
    jw_explanation_free(&explanation);
    return result == JW_OK ? APP_OK : app_fail(&error);
}
