/* Which subcommand. */
#include "app/app.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const app_command commands[] = {
    {"view", "[FILE] [options]", "the window on a scene or map (the default)", app_view},
    {"run", "FILE [options]", "simulate without a window and keep the results", app_run},
    {"import", "FILE [-o OUT.gpkg]", "read a map and write it as a GeoPackage", app_import},
    {"plan", "[options] -o OUT.gpkg", "lay out a city and write it as a GeoPackage", app_plan},
    {"check", "FILE", "all problems of a scene, scenario or map at once", app_check},
    {"report", "RUN [-o OUT.html]", "one page on a run", app_report},
    {"compare", "RUN_A RUN_B", "what differs between two runs", app_compare},
    {"calibrate", "SCENE --counts FILE", "scale its matrix until flows match counts", app_calibrate},
    {"assign", "FILE [options]", "routes in user equilibrium", app_assign},
    {"benchmark", "SCENE [options]", "signal controls side by side on the same load and seeds",
     app_benchmark},
    {"effects", "SCENE SCENARIO...", "what each scenario's mechanism changes, over seeds", app_effects},
    {"explain", "RUN METRIC", "what a figure is made of, down to its requests", app_explain},
    {"serving", "TRACE [options]", "replay requests to a language model", app_serving},
    {"place", "SCENE --sites N", "where edge sites go, judged by the twin", app_place},
    {"pareto", "SCENE [options]", "the same service by other models and sites, within a budget", app_pareto},
    {"roadmap", "SCENE [--policy FILE]", "years of decisions, each quarter judged by the twin", app_roadmap},
    {"bench", "[NAME]", "measure our own speed", app_bench},
    {"doc", "meta|luacheck|lua", "the Lua reference from its one table", app_doc},
};

static void print_help(void)
{
    fputs(app_say("Usage: jingwei [COMMAND] [FILE] [options]\n"
                  "Jingwei, a digital twin of an edge-cloud city.\n\nCommands:\n"),
          stdout);
    for (uint32_t i = 0; i < JW_COUNT_OF(commands); i++) {
        printf("  %-9s ", commands[i].name);
        app_print_columns(app_say(commands[i].arguments), -24);
        printf(" %s\n", app_say(commands[i].summary));
    }
    fputs(
        app_say("\nFILE: a scene .lua, or a map: .osm, .osm.gz, .osm.pbf, .gpkg, .net.xml, .net.xml.gz,\n"
                "or a SUMO configuration .sumocfg.\n"
                "'jingwei' alone opens the start screen. 'jingwei COMMAND --help' says more; 'jingwei --help "
                "FILE'\n"
                "lists the parameters of a scene for --set.\n"
                "Exit status: 0 done, 1 the run failed, 2 bad arguments or input.\n"),
        stdout);
}

/* Threads of OpenMP that wait for the next loop spin by default, which costs six times the time on a machine
 * where something else (the software renderer) wants the processors too. Never to spin costs most of the
 * second thread's gain where a step takes less than a millisecond: so for a third of that at most, then they
 * sleep. The policy is read before main begins, so it is set by starting over. A user's own choice stands. */
static void wait_with_little_spinning(char **argv)
{
    if (getenv("OMP_WAIT_POLICY"))
        return;
    setenv("OMP_WAIT_POLICY", "passive", 1);
    setenv("GOMP_SPINCOUNT", "20000", 0); /* of gcc's runtime; others sleep at once */
    execv("/proc/self/exe", argv);        /* where it fails, everything works, only slower */
}

static const app_command *find_command(const char *name)
{
    for (uint32_t i = 0; i < JW_COUNT_OF(commands); i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

static int run_command(int argc, char **argv)
{
    setlocale(LC_CTYPE, ""); /* for the terminal's text only: numbers stay in C notation */
    if (argc < 2)
        return app_view(1, (char *[]){"view", NULL});
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        const app_command *asked = argc > 2 ? find_command(argv[2]) : NULL;
        if (asked)
            return asked->run(2, (char *[]){argv[2], "--help", NULL});
        print_help();
        return argc > 2 ? app_print_params(argv[2], NULL) : APP_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf(app_say("jingwei %s\n"), JW_VERSION);
        return APP_OK;
    }
    const app_command *command = find_command(argv[1]);
    if (command)
        return command->run(argc - 1, argv + 1);
    /* `jingwei FILE` opens it in the window. */
    if (argv[1][0] != '-' && jw_file_exists(argv[1])) {
        argv[0] = "view";
        return app_view(argc, argv);
    }
    jw_nearest nearest = jw_nearest_to(argv[1]);
    for (uint32_t i = 0; i < JW_COUNT_OF(commands); i++)
        jw_nearest_try(&nearest, commands[i].name);
    char hint[128];
    fprintf(stderr,
            app_say("jingwei: '%s' is neither a command nor a file%s; 'jingwei --help' lists the commands\n"),
            argv[1], app_say_message(nearest.hint, hint, sizeof hint));
    return APP_BAD_INPUT;
}

/* `jingwei --lang zh COMMAND` for every command; behind a command app_options takes it. */
static int run_with_language(int argc, char **argv)
{
    if (argc < 2 || strncmp(argv[1], "--lang", 6) != 0 || (argv[1][6] != 0 && argv[1][6] != '='))
        return run_command(argc, argv);
    int used = argv[1][6] == '=' ? 1 : 2;
    const char *language = used == 1 ? argv[1] + 7 : argc > 2 ? argv[2] : "";
    if (!app_take_language(language))
        return APP_BAD_INPUT;
    argv[used] = argv[0];
    return run_command(argc - used, argv + used);
}

/* What is wrong with the options before --lang is said in its language, too. */
static void look_for_language(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *value = strncmp(argv[i], "--lang=", 7) == 0              ? argv[i] + 7
                            : strcmp(argv[i], "--lang") == 0 && i + 1 < argc ? argv[i + 1]
                                                                             : "";
        if (strcmp(value, "en") == 0 || strcmp(value, "zh") == 0)
            app_say_in(value);
    }
}

int main(int argc, char **argv)
{
    wait_with_little_spinning(argv);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a write that fails, with a message */
    app_say_begin();
    look_for_language(argc, argv);
    int status = run_with_language(argc, argv);
    app_say_end();
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, app_say("jingwei: standard output: %s\n"), app_say(strerror(errno)));
    return status == APP_OK ? APP_FAILED : status;
}
