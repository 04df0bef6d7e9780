/* Options, messages, progress, signals: what all subcommands share. */
#include "app/app.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int app_fail(const jw_error *error)
{
    char text[1024];
    app_say_error(error, text, sizeof text);
    fprintf(stderr, app_say("jingwei: %s\n"), text);
    switch (error->code) {
    case JW_ERROR_INPUT:
    case JW_ERROR_NOT_FOUND:
    case JW_ERROR_EXISTS:
    case JW_ERROR_LIMIT:
    case JW_ERROR_VERSION:
    case JW_ERROR_CORRUPT:
    case JW_ERROR_UNSUPPORTED:
    case JW_ERROR_IO:
        return APP_BAD_INPUT;
    default:
        return APP_FAILED;
    }
}

static bool is_same(const jw_problem *problem, const jw_error *error)
{
    return error && error->code != JW_OK && problem->line == error->line &&
           strncmp(problem->message, error->message, strlen(problem->message)) == 0;
}

bool app_print_problems(const jw_problems *problems, bool with_notes, const jw_error *error)
{
    static const char *const severities[] = {"note", "warning", "error"};
    char message[1024];
    for (uint32_t i = 0; i < problems->count; i++) {
        const jw_problem *problem = &problems->items[i];
        if ((problem->severity == JW_NOTE && !with_notes) || is_same(problem, error))
            continue;
        if (problem->file[0])
            fprintf(stderr, "%s:", problem->file);
        if (problem->line)
            fprintf(stderr, "%d:", problem->line);
        if (problem->file[0] || problem->line)
            fputc(' ', stderr);
        fprintf(stderr, app_say("%s: "), app_say(severities[problem->severity]));
        if (problem->element[0])
            fprintf(stderr, app_say("%s: "), app_say_message(problem->element, message, sizeof message));
        fputs(app_say_message(problem->message, message, sizeof message), stderr);
        if (problem->count > 1)
            fprintf(stderr, app_say(" (%u times)"), problem->count);
        fputc('\n', stderr);
    }
    if (problems->dropped)
        fprintf(stderr, app_say("and %llu more\n"), (unsigned long long)problems->dropped);
    return problems->problem_count > 0;
}

/* ---- options
 * ----------------------------------------------------------------------------------------------- */

static const app_option *find_option(const app_option *options, uint32_t count, const char *name,
                                     size_t length)
{
    for (uint32_t i = 0; i < count; i++)
        if (strlen(options[i].name) == length && strncmp(options[i].name, name, length) == 0)
            return &options[i];
    return NULL;
}

static void print_option(const app_option *option)
{
    char left[64];
    jw_text_format(left, sizeof left, "  --%s%s%s", option->name, option->value ? " " : "",
                   option->value ? app_say(option->value) : "");
    app_print_columns(left, -26);
    printf(" %s\n", app_say(option->doc));
}

static void print_help(const app_command *command, const app_option *options, uint32_t count)
{
    static const app_option of_all[] = {{"lang", "en|zh", "language of what is said (default: from LANG)"},
                                        {"help", NULL, "this text"}};
    printf(app_say("Usage: jingwei %s %s\n%s\n\nOptions:\n"), command->name, app_say(command->arguments),
           app_say(command->summary));
    for (uint32_t i = 0; i < count; i++)
        print_option(&options[i]);
    for (uint32_t i = find_option(options, count, "lang", 4) ? 1 : 0; i < JW_COUNT_OF(of_all); i++)
        print_option(&of_all[i]);
}

static void refuse_option(const app_command *command, const app_option *options, uint32_t count,
                          const char *text, size_t length)
{
    char written[64], known[64], hint[128];
    jw_text_format(written, sizeof written, "%.*s", (int)length, text);
    jw_nearest nearest = jw_nearest_to(written);
    for (uint32_t i = 0; i < count; i++) {
        snprintf(known, sizeof known, "--%s", options[i].name);
        jw_nearest_try(&nearest, known);
    }
    fprintf(stderr, app_say("jingwei %s: unknown option '%s'%s; 'jingwei %s --help' lists them\n"),
            command->name, text, app_say_message(nearest.hint, hint, sizeof hint), command->name);
}

bool app_options(const app_command *command, const app_option *options, uint32_t count, int argc, char **argv,
                 app_take take, void *context, int *status)
{
    *status = APP_BAD_INPUT;
    bool wants_help = false, is_over = false;
    for (int i = 1; i < argc; i++) {
        const char *text = argv[i];
        if (!is_over && strcmp(text, "--") == 0) {
            is_over = true;
            continue;
        }
        if (is_over || text[0] != '-' || text[1] == 0) {
            if (!take(context, NULL, text))
                return false;
            continue;
        }
        if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0) {
            wants_help = true;
            continue;
        }
        if (strcmp(text, "-o") == 0)
            text = "--out";
        const char *equals = strchr(text, '=');
        size_t length = equals ? (size_t)(equals - text) : strlen(text);
        const app_option *option =
            length > 2 && text[1] == '-' ? find_option(options, count, text + 2, length - 2) : NULL;
        if (!option && length == 6 && strncmp(text, "--lang", 6) == 0) { /* every command's */
            if (!app_take_language(equals ? equals + 1 : i + 1 < argc ? argv[++i] : ""))
                return false;
            continue;
        }
        if (!option) {
            refuse_option(command, options, count, text, length);
            return false;
        }
        const char *value = equals ? equals + 1 : NULL;
        if (option->value && !value) {
            if (i + 1 >= argc) {
                fprintf(stderr, app_say("jingwei %s: --%s needs a value: --%s %s\n"), command->name,
                        option->name, option->name, app_say(option->value));
                return false;
            }
            value = argv[++i];
        }
        if (!option->value && equals) {
            fprintf(stderr, app_say("jingwei %s: --%s takes no value\n"), command->name, option->name);
            return false;
        }
        if (!take(context, option->name, value))
            return false;
        if (strcmp(option->name, "lang") == 0) /* of what is shown, and of what is said */
            app_take_language(value);
    }
    if (wants_help) {
        print_help(command, options, count);
        *status = take(context, "help", NULL) ? APP_OK : APP_BAD_INPUT;
        return false;
    }
    *status = APP_OK;
    return true;
}

bool app_take_language(const char *value)
{
    bool is_known = strcmp(value, "en") == 0 || strcmp(value, "zh") == 0;
    if (is_known)
        app_say_in(value);
    else
        fputs(app_say("jingwei: --lang takes en or zh\n"), stderr);
    return is_known;
}

bool app_parse_time(const char *text, double *out_s, bool *is_duration)
{
    int hour, minute, second = 0, used = 0;
    if (sscanf(text, "%3d:%2d%n", &hour, &minute, &used) == 2) {
        int more = 0;
        if (text[used] == ':' && sscanf(text + used, ":%2d%n", &second, &more) == 1)
            used += more;
        *is_duration = false;
        *out_s = hour * 3600.0 + minute * 60.0 + second;
        return text[used] == 0 && hour >= 0 && *out_s <= APP_TIME_MAX_S && minute >= 0 && minute < 60 &&
               second >= 0 && second < 60;
    }
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"min", 60}, {"h", 3600}, {"s", 1}};
    char number[32];
    for (uint32_t i = 0; i < JW_COUNT_OF(units); i++) {
        size_t length = strlen(text), unit = strlen(units[i].unit);
        if (length <= unit || length - unit >= sizeof number ||
            strcmp(text + length - unit, units[i].unit) != 0)
            continue;
        memcpy(number, text, length - unit);
        number[length - unit] = 0;
        if (!jw_text_to_number(number, out_s))
            return false;
        *out_s *= units[i].seconds;
        *is_duration = true;
        return *out_s >= 0 && *out_s <= APP_TIME_MAX_S;
    }
    return false;
}

/* ---- progress
 * ---------------------------------------------------------------------------------------------- */

app_progress app_progress_make(void)
{
    return (app_progress){.last_fraction = -1, .is_terminal = isatty(STDERR_FILENO)};
}

bool app_progress_show(void *context, double fraction, const char *what)
{
    app_progress *progress = context;
    double now_s = jw_clock_seconds();
    bool is_new = strcmp(progress->what, what) != 0;
    /* A log is not to be filled with the steps of what takes a second. */
    char said[256];
    app_say_message(what, said, sizeof said);
    double pause_s = progress->is_terminal ? (is_new ? 0 : 0.1) : (is_new ? 1 : 10);
    if (now_s - progress->last_s < pause_s && !(progress->is_terminal && fraction >= 1))
        return !app_is_interrupted();
    if (progress->is_terminal) {
        char bar[31];
        int filled = (int)(jw_clamp(fraction, 0, 1) * 30);
        for (int i = 0; i < 30; i++)
            bar[i] = i < filled ? '#' : '.';
        bar[30] = 0;
        fprintf(stderr, "\r[%s] %3.0f %%  %-40s", bar, 100 * fraction, said);
        fflush(stderr);
    } else {
        fprintf(stderr, "%3.0f %%  %s\n", 100 * fraction, said);
    }
    progress->last_fraction = fraction;
    progress->last_s = now_s;
    jw_text_copy(progress->what, sizeof progress->what, what);
    return !app_is_interrupted();
}

void app_progress_end(app_progress *progress)
{
    if (progress->is_terminal && progress->last_fraction >= 0)
        fprintf(stderr, "\r%-90s\r", "");
}

static bool show_nothing(void *context, double fraction, const char *what)
{
    (void)context, (void)fraction, (void)what;
    return !app_is_interrupted();
}

jw_progress app_progress_of(bool is_quiet)
{
    return is_quiet ? show_nothing : app_progress_show;
}

/* ---- signals
 * ----------------------------------------------------------------------------------------------- */

/* The one mutable global of the command: a signal handler can reach nothing else. */
static volatile sig_atomic_t was_interrupted;

static void on_signal(int number)
{
    (void)number;
    was_interrupted = 1;
}

void app_catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, before;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* Under nohup the run is to outlive its terminal. */
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
}

bool app_is_interrupted(void)
{
    return was_interrupted != 0;
}

bool app_refuse(const char *subcommand, const char *option, const char *value, const char *wanted)
{
    char said_wanted[512];
    fprintf(stderr, app_say("jingwei %s: --%s %s: %s\n"), subcommand, option, value,
            app_say_message(wanted, said_wanted, sizeof said_wanted));
    return false;
}

bool app_take_number(const char *subcommand, const char *option, const char *value, double low, double high,
                     bool is_whole, double *out)
{
    char wanted[96];
    const char *kind = is_whole ? "whole number" : "number";
    if (jw_text_to_number(value, out) && *out >= low && *out <= high && (!is_whole || *out == jw_floor(*out)))
        return true;
    if (high >= APP_ANY)
        snprintf(wanted, sizeof wanted, "a %s from %g on", kind, low);
    else
        snprintf(wanted, sizeof wanted, "a %s from %g to %g", kind, low, high);
    return app_refuse(subcommand, option, value, wanted);
}

bool app_find_folder(const char *scene, const char *what, const char *out, char *folder, size_t size)
{
    char stem[256];
    jw_error error = {0};
    jw_path_stem(scene, stem, sizeof stem);
    if (out) {
        jw_text_copy(folder, size, out);
    } else if (app_free_result(stem, what, "", folder, size, &error) != JW_OK) {
        app_fail(&error);
        return false;
    }
    return !app_refuse_existing(folder);
}

bool app_refuse_existing(const char *out)
{
    jw_error error = {0};
    if (!out || !(jw_file_exists(out) || jw_is_directory(out)))
        return false;
    jw_fail(&error, JW_ERROR_EXISTS, out, 0, "exists already: choose another --out, nothing is overwritten");
    app_fail(&error);
    return true;
}
