/* The `jingwei` command: one file a subcommand. Results go to standard output, talk to standard error. */
#ifndef JW_APP_H
#define JW_APP_H

#include "record/record.h"
#include "script/script.h"

enum { APP_OK = 0, APP_FAILED = 1, APP_BAD_INPUT = 2 };

typedef struct app_command {
    const char *name;
    const char *arguments;             /* "FILE [options]" */
    const char *summary;               /* one line */
    int (*run)(int argc, char **argv); /* argv[0] is the subcommand's name */
} app_command;

int app_run(int argc, char **argv);
int app_view(int argc, char **argv);
int app_import(int argc, char **argv);
int app_plan(int argc, char **argv);
int app_check(int argc, char **argv);
int app_report(int argc, char **argv);
int app_compare(int argc, char **argv);
int app_calibrate(int argc, char **argv);
int app_assign(int argc, char **argv);
int app_serving(int argc, char **argv);
int app_pareto(int argc, char **argv);
int app_place(int argc, char **argv);
int app_roadmap(int argc, char **argv);
int app_bench(int argc, char **argv);
/* The picture of a planned city of so many km2 with so many moving vehicles. */
int app_bench_view(uint32_t vehicles, double area_km2, int width_px, int height_px, const char *quality);
int app_benchmark(int argc, char **argv);
int app_effects(int argc, char **argv);
int app_explain(int argc, char **argv);
int app_doc(int argc, char **argv);

/* ---- language ---------------------------------------------------------------------------------------------
 */

/* The same in the user's language; what no catalogue has stays English. Formats keep their % signs in order.
 */
const char *app_say(const char *english) __attribute__((format_arg(1)));
/* The same of what came about elsewhere: a message, an error with its place. Gives `out`. */
const char *app_say_message(const char *message, char *out, size_t out_size);
void app_say_error(const jw_error *error, char *out, size_t out_size);
/* Of the two texts of a label the one in that language. */
const char *app_say_label(const jw_label *label);
/* Prints to the right of so many columns, to the left of as many below 0; a Chinese character takes two. */
void app_print_columns(const char *text, int columns);
/* The same of a word in the user's language. */
void app_print_cell(const char *english, int columns);
void app_say_begin(void);              /* the language of LC_ALL, LC_MESSAGES, LANG */
void app_say_in(const char *language); /* "en", "zh" */
const char *app_language(void);
void app_say_end(void);

/* ---- options: GNU style, one table a subcommand -----------------------------------------------------------
 */

typedef struct app_option {
    const char *name;  /* "until" */
    const char *value; /* "TIME", or NULL for a flag */
    const char *doc;
} app_option;

/* Called for each option (name, value; value NULL for a flag) and each operand (name NULL). False: refused,
 * the message was printed. */
typedef bool (*app_take)(void *context, const char *name, const char *value);
/* Reads argv[1..]; `--` ends the options. Prints --help and returns false with *status APP_OK, or the error
 * with APP_BAD_INPUT. After the help `take` gets ("help", NULL) once, when all else is known: a subcommand
 * that has more to say prints it there (false: APP_BAD_INPUT). */
bool app_options(const app_command *command, const app_option *options, uint32_t count, int argc, char **argv,
                 app_take take, void *context, int *status);

/* "en" or "zh" from now on, or the refusal. */
bool app_take_language(const char *value);

/* Says which value of which option is refused and what it takes; false, for `take` to return. */
bool app_refuse(const char *subcommand, const char *option, const char *value, const char *wanted);
/* A number within bounds, or its refusal; high APP_ANY: no upper one. */
#define APP_ANY 9e15
bool app_take_number(const char *subcommand, const char *option, const char *value, double low, double high,
                     bool is_whole, double *out);
/* Asked before long work: true, and says so, when there is something at `out`; NULL: nothing. */
bool app_refuse_existing(const char *out);

/* "jingwei: file:line: message" on standard error; the exit status that fits the code. */
int app_fail(const jw_error *error);
/* Prints what was found, without what `error` (may be NULL) is about to say; true when there is a real
 * problem among it. */
bool app_print_problems(const jw_problems *problems, bool with_notes, const jw_error *error);

/* "08:00", "08:00:30", "3600s", "10min", "2h": absolute times of day give *is_duration = false. At most
 * APP_TIME_MAX_S: the times in results have a day of the month. */
#define APP_TIME_MAX_S (30 * 86400.0)
bool app_parse_time(const char *text, double *out_s, bool *is_duration);

/* A bar on a terminal, now and then a plain line otherwise; jw_progress signature. */
typedef struct app_progress {
    double last_fraction;
    double last_s;
    bool is_terminal;
    char what[64];
} app_progress;
app_progress app_progress_make(void);
bool app_progress_show(void *progress, double fraction, const char *what);
void app_progress_end(app_progress *progress);
/* The bar, or what shows nothing; either asks for the work's end after Ctrl-C. */
jw_progress app_progress_of(bool is_quiet);

/* Set by Ctrl-C, SIGTERM and the end of the terminal after app_catch_signals. */
void app_catch_signals(void);
bool app_is_interrupted(void);

/* ---- worlds
 * ------------------------------------------------------------------------------------------------ */

/* What a run of any kind starts from. */
typedef struct app_world_def {
    const char *file, *scenario;
    const char *set[64];
    uint32_t set_count;
    uint64_t seed;    /* 0: the scene's */
    int threads;      /* 0: 1 */
    bool is_quiet;    /* no progress */
    bool is_def_only; /* no world is made: for what makes worlds of its own */
} app_world_def;
/* True when it is one of a world's options: --seed, --threads, --set, --quiet; then *is_fine is what app_take
 * returns. */
bool app_world_take(app_world_def *def, const char *subcommand, const char *name, const char *value,
                    bool *is_fine);
typedef struct app_world {
    jw_scene *scene;
    jw_twin_def def;
    jw_world *world;
    double load_s;
} app_world;
/* Opens, sets, builds, creates; prints problems and errors itself. An exit status, APP_OK when the world
 * stands. */
int app_world_open(const app_world_def *def, app_world *out);
void app_world_close(app_world *world);
/* Prints the parameters of the scene and (when not NULL) of the scenario: what --help says of a FILE. */
int app_print_params(const char *file, const char *scenario);

/* The first free runs/<scene>-<what>-<n><ending>, for results of other kinds than a run's; nothing is
 * made yet. */
jw_result app_free_result(const char *scene, const char *what, const char *ending, char *out, size_t size,
                          jw_error *error);

/* Where a study's results go: `out`, or the first free runs/<scene>-<what>-<n>. False and said when something
 * is there. */
bool app_find_folder(const char *scene, const char *what, const char *out, char *folder, size_t size);

/* Whether a picture can be drawn and `path` be written, asked before a long run: JW_ERROR_UNSUPPORTED in a
 * build without view and where no GL can be had. */
jw_result app_check_picture(const char *path, jw_error *error);
/* Draws the world as it stands into a PNG, without a display too. */
jw_result app_save_picture(const app_world *world, const char *path, int width_px, int height_px,
                           jw_error *error);

#endif
