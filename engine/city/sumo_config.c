/* Configurations (.sumocfg): which files, from when to when, in which steps. */
#include "city/sumo_internal.h"

#include <stdio.h>
#include <string.h>

typedef struct config_reader {
    jw_sumo_reader r;
    jw_sumo_config *config;
    char folder[JW_SUMO_PATH_SIZE];
} config_reader;

void jw_sumo_config_free(jw_sumo_config *config)
{
    jw_free(config->routes);
    jw_free(config->additional);
    jw_sumo_missing_free(&config->missing);
    *config = (jw_sumo_config){0};
}

/* ---- paths ------------------------------------------------------------------------------------------- */

static jw_result join(const config_reader *c, const char *path, size_t size, char out[JW_SUMO_PATH_SIZE])
{
    bool is_beside = path[0] != '/' && strcmp(c->folder, ".") != 0;
    int length = is_beside ? snprintf(out, JW_SUMO_PATH_SIZE, "%s/%.*s", c->folder, (int)size, path)
                           : snprintf(out, JW_SUMO_PATH_SIZE, "%.*s", (int)size, path);
    if (size < JW_SUMO_PATH_SIZE && length < JW_SUMO_PATH_SIZE)
        return JW_OK;
    return jw_fail(c->r.error, JW_ERROR_LIMIT, c->r.name, jw_xml_line(c->r.xml),
                   "a path of more than %d bytes", JW_SUMO_PATH_SIZE - 1);
}

/* "a.xml, b.xml" */
static jw_result add_paths(config_reader *c, const char *text, char (**paths)[JW_SUMO_PATH_SIZE],
                           uint32_t *count)
{
    while (*text) {
        text += strspn(text, " \t\r\n,");
        size_t size = strcspn(text, ",");
        while (size > 0 && strchr(" \t\r\n", text[size - 1]))
            size--;
        if (size == 0)
            break;
        if (*count == JW_SUMO_FILES_MAX)
            return jw_fail(c->r.error, JW_ERROR_LIMIT, c->r.name, jw_xml_line(c->r.xml),
                           "more than %d files of one kind", JW_SUMO_FILES_MAX);
        if (!*paths && !(*paths = jw_alloc(JW_SUMO_FILES_MAX * sizeof **paths)))
            return jw_fail_memory(c->r.error);
        jw_result result = join(c, text, size, (*paths)[*count]);
        if (result != JW_OK)
            return result;
        ++*count;
        text += size;
        text += strcspn(text, ",");
    }
    return JW_OK;
}

/* ---- options ----------------------------------------------------------------------------------------- */

static bool is_true(const char *value)
{
    return strcmp(value, "true") == 0 || strcmp(value, "1") == 0 || strcmp(value, "yes") == 0 ||
           strcmp(value, "on") == 0 || strcmp(value, "t") == 0;
}

/* What changes nothing of what is simulated. */
static bool is_talk(const char *name)
{
    static const char *const names[] = {"no-step-log",
                                        "verbose",
                                        "v",
                                        "no-warnings",
                                        "duration-log.disable",
                                        "duration-log.statistics",
                                        "log",
                                        "message-log",
                                        "error-log",
                                        "xml-validation",
                                        "xml-validation.net",
                                        "xml-validation.routes",
                                        "quit-on-end",
                                        "start",
                                        "gui-settings-file",
                                        "delay",
                                        "window-size",
                                        "window-pos",
                                        "threads",
                                        "precision",
                                        "report",
                                        "input",
                                        "output",
                                        "time",
                                        "processing",
                                        "routing",
                                        "random_number",
                                        "gui_only",
                                        "traci_server",
                                        "step-log.period",
                                        "configuration-file",
                                        "default.action-step-length",
                                        "human-readable-time",
                                        "route-steps",
                                        "no-duration-log",
                                        "print-options"};
    for (uint32_t i = 0; i < JW_COUNT_OF(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool read_number(const config_reader *c, const char *name, const char *value, double low, double high,
                        double *out)
{
    double number;
    if (jw_sumo_parse_time(value, &number) && number >= low && number <= high) {
        *out = number;
        return true;
    }
    jw_sumo_problem(&c->r, "%.40s \"%.60s\" is no number of %g to %g", name, value, low, high);
    return false;
}

static jw_result read_processing(config_reader *c, const char *name, const char *value)
{
    jw_sumo_config *config = c->config;
    double number = 0;
    if (strcmp(name, "begin") == 0) {
        read_number(c, name, value, 0, 1e8, &config->begin_s);
    } else if (strcmp(name, "end") == 0) {
        if (read_number(c, name, value, -1, 1e8, &number))
            config->end_s = number;
    } else if (strcmp(name, "step-length") == 0) {
        read_number(c, name, value, 0.001, 100, &config->step_length_s);
    } else if (strcmp(name, "seed") == 0) {
        if (read_number(c, name, value, 0, 9e15, &number))
            config->seed = (uint64_t)number;
    } else if (strcmp(name, "scale") == 0) {
        read_number(c, name, value, 0, 1000, &config->scale);
    } else if (strcmp(name, "step-method.ballistic") == 0) {
        config->is_ballistic = is_true(value);
    } else if (strcmp(name, "time-to-teleport") == 0) {
        if (read_number(c, name, value, -1e8, 1e8, &number) && number > 0)
            return jw_sumo_note_missing(&config->missing, c->r.error, "teleporting: vehicles wait on");
    } else if (!is_talk(name)) {
        return jw_sumo_note_missing(&config->missing, c->r.error, "option %.50s", name);
    }
    return JW_OK;
}

static jw_result read_option(config_reader *c, const char *name, const char *value)
{
    jw_sumo_config *config = c->config;
    if (strcmp(name, "net-file") == 0 || strcmp(name, "net") == 0 || strcmp(name, "n") == 0)
        return join(c, value, strlen(value), config->net);
    if (strcmp(name, "route-files") == 0 || strcmp(name, "r") == 0)
        return add_paths(c, value, &config->routes, &config->route_count);
    if (strcmp(name, "additional-files") == 0 || strcmp(name, "additional") == 0 || strcmp(name, "a") == 0)
        return add_paths(c, value, &config->additional, &config->additional_count);
    if (strcmp(name, "tripinfo-output") == 0)
        return join(c, value, strlen(value), config->tripinfo_output);
    if (strcmp(name, "summary-output") == 0 || strcmp(name, "summary") == 0)
        return join(c, value, strlen(value), config->summary_output);
    if (strcmp(name, "fcd-output") == 0)
        return join(c, value, strlen(value), config->fcd_output);
    return read_processing(c, name, value);
}

static jw_result on_start(void *context, const jw_xml *xml, int depth, const char *name,
                          const char **attributes, jw_error *error)
{
    config_reader *c = context;
    c->r.xml = xml;
    c->r.element = name;
    c->r.attributes = attributes;
    c->r.error = error;
    if (depth == 1 && strcmp(name, "configuration") != 0 && strcmp(name, "sumoConfiguration") != 0)
        return jw_fail(error, JW_ERROR_INPUT, c->r.name, jw_xml_line(xml),
                       "the root is <%.40s>, not <configuration>: this is no configuration of SUMO", name);
    if (depth == 1)
        return JW_OK;
    const char *value = jw_sumo_attribute(&c->r, "value");
    if (!value)
        value = jw_sumo_attribute(&c->r, "v");
    return value ? read_option(c, name, value) : JW_OK;
}

jw_result jw_sumo_read_config(const char *path, jw_sumo_config *out, jw_problems *problems, jw_error *error)
{
    *out = (jw_sumo_config){.end_s = -1, .step_length_s = 1, .seed = 23423, .scale = 1};
    config_reader c = {.r = {.name = path, .problems = problems}, .config = out};
    jw_path_directory(path, c.folder, sizeof c.folder);
    jw_xml_def def = {JW_SUMO_ATTRIBUTE_MAX, JW_SUMO_DEPTH_MAX, on_start, NULL, &c};
    jw_result result = jw_sumo_parse_file(path, "reading the configuration", NULL, NULL, &def, error);
    if (result == JW_OK && out->end_s >= 0 && out->end_s <= out->begin_s)
        result = jw_fail(error, JW_ERROR_INPUT, path, 0, "its end is not after its begin");
    if (result == JW_OK && !out->net[0])
        result = jw_fail(error, JW_ERROR_INPUT, path, 0, "it names no net-file");
    if (result != JW_OK)
        jw_sumo_config_free(out);
    return result;
}
