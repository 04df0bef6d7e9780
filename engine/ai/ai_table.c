/* What ai shows: metrics and the table of deployments. */
#include "ai/ai_internal.h"

const jw_metric ai_metrics[AI_METRICS] = {
    {"ai.deployments", "", JW_METRIC_GAUGE, "rollouts under way"},
    {"ai.sites_serving_newest", "", JW_METRIC_GAUGE, "site and model pairs that serve the newest version"},
    {"ai.sites_failed", "", JW_METRIC_GAUGE, "sites that a rollout did not reach"},
    {"ai.transferred", "GB", JW_METRIC_COUNTER, "model images that arrived over the network"},
};

double ai_metric(const jw_world *world, const void *state, uint32_t metric)
{
    (void)world;
    const jw_ai *ai = state;
    double running = 0, newest = 0;
    for (uint32_t i = 0; i < ai->deployment_count; i++)
        running += ai->deployments[i].phase == JW_DEPLOY_RUNNING;
    for (uint32_t i = 0; i < ai->holding_count; i++) {
        const jw_model *model = &ai->models[ai->holdings[i].model];
        newest += ai->holdings[i].is_serving && model->version == jw_ai_newest_version(ai, model->id);
    }
    const double values[] = {running, newest, (double)ai->sites_failed, (double)ai->bytes_transferred / 1e9};
    return values[metric];
}

static const jw_column deployment_columns[] = {
    {"model", JW_COLUMN_TEXT, "", "id in the catalogue"},
    {"phase", JW_COLUMN_TEXT, "", "running, done or rolled back"},
    {"version", JW_COLUMN_I64, "", "version that is rolled out"},
    {"waves_done", JW_COLUMN_I64, "", "waves past their health check"},
    {"waiting", JW_COLUMN_I64, "", "sites still to come"},
    {"transferring", JW_COLUMN_I64, "", "sites whose image is under way"},
    {"serving", JW_COLUMN_I64, "", "sites that serve it"},
    {"failed", JW_COLUMN_I64, "", "sites that it did not reach or that failed"},
};

static uint32_t deployment_rows(const jw_world *world, const void *state)
{
    (void)world;
    return jw_ai_deployment_count(state);
}

static int64_t deployment_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_deployment_state d;
    if (!jw_ai_deployment(state, row, &d))
        return 0;
    const int64_t values[] = {d.version,       d.waves_done,  d.sites_waiting, d.sites_transferring,
                              d.sites_serving, d.sites_failed};
    return values[column - 2];
}

static const char *deployment_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    static const char *const phases[] = {"running", "done", "rolled back"};
    const jw_ai *ai = state;
    const deployment *d = &ai->deployments[row];
    return column == 0 ? ai->models[d->model].id : phases[d->phase];
}

const jw_table ai_tables[AI_TABLES] = {
    {"deployments", "rollouts of model versions", JW_TABLE_STATE, JW_GEOMETRY_NONE, deployment_columns,
     JW_COUNT_OF(deployment_columns), deployment_rows, NULL, NULL, deployment_integer, deployment_text},
};
