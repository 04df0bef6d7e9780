/* What ai shows: metrics and the table of deployments. */
#include "ai/ai_internal.h"

const jw_metric ai_metrics[AI_METRICS] = {
    {"ai.deployments", "", JW_METRIC_GAUGE, "rollouts under way"},
    {"ai.sites_serving_newest", "", JW_METRIC_GAUGE,
     "sites that serve a model's newest version (above its first)"},
    {"ai.sites_failed", "", JW_METRIC_COUNTER, "sites that a rollout did not reach"},
    {"ai.transferred", "GB", JW_METRIC_COUNTER, "model images that arrived over the network"},
    {"ai.data_moved", "GB", JW_METRIC_COUNTER, "of datasets that arrived over the network"},
    {"ai.data_moving", "GB", JW_METRIC_GAUGE, "of datasets on their way"},
    {"ai.data_refused", "", JW_METRIC_COUNTER, "copies and reads of datasets that were refused"},
    {"ai.cards_ordered", "", JW_METRIC_COUNTER, "accelerator cards ordered so far"},
    {"ai.cards_coming", "", JW_METRIC_GAUGE, "cards ordered and not delivered yet"},
    {"ai.cards_delivered", "", JW_METRIC_COUNTER, "cards delivered so far"},
    {"ai.cards_cancelled", "", JW_METRIC_COUNTER, "cards whose order an export rule cancelled"},
    {"ai.cards_refused", "", JW_METRIC_COUNTER, "cards that an export rule kept from being ordered"},
    {"ai.cards_spent", "CNY", JW_METRIC_COUNTER, "price of the cards coming or delivered"},
    {"ai.ported_days", "d", JW_METRIC_COUNTER, "person-days of portings that are done"},
    {"ai.tunings", "", JW_METRIC_GAUGE, "fine-tunings under way"},
    {"ai.tuned", "", JW_METRIC_COUNTER, "versions that came of fine-tuning so far"},
    {"ai.tunings_failed", "", JW_METRIC_COUNTER, "fine-tunings that failed or were cancelled"},
    {"ai.approvals_waiting", "", JW_METRIC_GAUGE,
     "model versions waiting for a reviewer, in review or on trial"},
    {"ai.approval_days", "d", JW_METRIC_MEAN,
     "working days from submission to the end, mean of the versions approved or rejected"},
    {"ai.wrong_approvals", "", JW_METRIC_COUNTER,
     "versions approved that are worse than declared by more than the tolerance"},
    {"ai.complaints", "", JW_METRIC_COUNTER, "wrong decisions that somebody who met them complained of"},
    {"ai.model_exposure", "", JW_METRIC_GAUGE,
     "records x sensitivity x sites, of the data that approved versions in service work on"},
    {"ai.corpus_records", "", JW_METRIC_GAUGE, "records in the corpora of data consumers"},
    {"ai.integration_days", "d", JW_METRIC_COUNTER, "person-days worked on adapters and the substrate"},
    {"ai.integration_cost", "CNY", JW_METRIC_COUNTER, "of those days"},
    {"ai.adapters_done", "", JW_METRIC_GAUGE, "adapters and packages of the substrate in use"},
    {"ai.adapters_waiting", "", JW_METRIC_GAUGE, "adapters that nobody works on yet"},
    {"ai.consumers_complete", "", JW_METRIC_GAUGE, "data consumers that have all they may have"},
    {"ai.time_to_data", "d", JW_METRIC_MEAN, "from asking to having, mean of those"},
    {"ai.exposure", "", JW_METRIC_GAUGE, "person-records x sensitivity x risk x sites beside their home"},
    {"ai.uses_forbidden", "", JW_METRIC_COUNTER, "uses asked for that owners forbid"},
};

static bool is_newest(const jw_ai *ai, const holding *held)
{
    const jw_model *model = &ai->models[held->model];
    return held->is_serving && model->version > 1 && model->version == jw_ai_newest_version(ai, model->id);
}

/* Sites, not holdings: a site that serves the newest of two models counts once, at the first. */
static double sites_serving_newest(const jw_ai *ai)
{
    double count = 0;
    for (uint32_t i = 0; i < ai->holding_count; i++) {
        bool is_told = !is_newest(ai, &ai->holdings[i]);
        for (uint32_t k = 0; k < i && !is_told; k++)
            is_told = ai->holdings[k].site == ai->holdings[i].site && is_newest(ai, &ai->holdings[k]);
        count += !is_told;
    }
    return count;
}

double ai_metric(const jw_world *world, const void *state, uint32_t metric)
{
    const jw_ai *ai = state;
    double running = 0;
    if (metric >= AI_OWN_METRICS)
        return sector_metric(world, ai, metric - AI_OWN_METRICS);
    for (uint32_t i = 0; i < ai->deployment_count; i++)
        running += ai->deployments[i].phase == JW_DEPLOY_RUNNING;
    jw_data_counts data = jw_ai_count_data(ai);
    jw_supply_state cards = {0}, one;
    for (uint32_t i = 0; jw_ai_supply(ai, i, &one); i++) {
        cards.ordered += one.ordered;
        cards.coming += one.coming;
        cards.delivered += one.delivered;
        cards.cancelled += one.cancelled;
        cards.refused += one.refused;
        cards.spent_cny += one.spent_cny;
    }
    jw_approval_counts approvals = jw_ai_count_approvals(world, ai);
    const double values[] = {running,
                             sites_serving_newest(ai),
                             (double)ai->sites_failed,
                             (double)ai->bytes_transferred / 1e9,
                             (double)data.arrived_bytes / 1e9,
                             (double)data.moving_bytes / 1e9,
                             (double)data.refused,
                             (double)cards.ordered,
                             (double)cards.coming,
                             (double)cards.delivered,
                             (double)cards.cancelled,
                             (double)cards.refused,
                             cards.spent_cny,
                             port_days(&ai->ports_made),
                             tune_count_phases(ai, JW_TUNE_READING, JW_TUNE_TRAINING),
                             tune_count_phases(ai, JW_TUNE_DONE, JW_TUNE_DONE),
                             tune_count_phases(ai, JW_TUNE_CANCELLED, JW_TUNE_FAILED),
                             (double)approvals.open,
                             approvals.mean_days,
                             (double)approvals.wrong_approvals,
                             (double)approvals.complaints,
                             approvals.exposure};
    return values[metric];
}

static const jw_column model_columns[] = {
    {"model", JW_COLUMN_TEXT, "", "id in the catalogue"},
    {"method", JW_COLUMN_TEXT, "", "compression or tuning (full, lora) it was made by; empty: none"},
    {"image_gb", JW_COLUMN_F64, "GB", "size of the image"},
    {"quality", JW_COLUMN_F64, "", "declared share of right decisions on fresh input"},
    {"made_s", JW_COLUMN_F64, "s", "when, on the clock; 0: at the start"},
    {"drift", JW_COLUMN_F64, "", "between the city it was made of and the city now, 0 to 1; 0: not measured"},
    {"version", JW_COLUMN_I64, "", "from 1"},
    {"parent", JW_COLUMN_I64, "", "version it was made of; 0: none"},
    {"serving", JW_COLUMN_I64, "", "sites that serve it"},
    {"approved", JW_COLUMN_I64, "", "1: it may be deployed"},
};

static uint32_t model_rows(const jw_world *world, const void *state)
{
    (void)world;
    return jw_ai_model_count(state);
}

static double model_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_model_state m;
    if (!jw_ai_model(state, row, &m))
        return 0;
    const double values[] = {m.model->image_gb, m.model->quality, (double)m.made_ns / 1e9, m.distance};
    return values[column - 2];
}

static int64_t model_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_model_state m;
    if (!jw_ai_model(state, row, &m))
        return 0;
    const int64_t values[] = {m.model->version, m.parent_version, m.sites_serving, m.is_approved};
    return values[column - 6];
}

static const char *model_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_model_state m;
    return !jw_ai_model(state, row, &m) ? "" : column == 0 ? m.model->id : m.method;
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
    {"judged", JW_COLUMN_I64, "", "answers that the health check of its canary or wave looked at"},
    {"wrong", JW_COLUMN_I64, "", "of these"},
    {"late", JW_COLUMN_I64, "", "of these"},
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
    const int64_t values[] = {d.version,       d.waves_done,   d.sites_waiting, d.sites_transferring,
                              d.sites_serving, d.sites_failed, d.judged,        d.wrong,
                              d.late};
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

static const jw_column dataset_columns[] = {
    {"id", JW_COLUMN_TEXT, "", "id of the dataset"},
    {"sector", JW_COLUMN_TEXT, "", "transport, health, ..."},
    {"home", JW_COLUMN_TEXT, "", "site it came from"},
    {"size_gb", JW_COLUMN_F64, "GB", "of the volume"},
    {"read_gb", JW_COLUMN_F64, "GB", "read over the network since the start"},
    {"local_gb", JW_COLUMN_F64, "GB", "read where it lies"},
    {"copied_gb", JW_COLUMN_F64, "GB", "of replicas that arrived"},
    {"replicas", JW_COLUMN_I64, "", "home included; 0: lost"},
    {"moving", JW_COLUMN_I64, "", "copies and reads under way"},
    {"reads", JW_COLUMN_I64, "", "that ended well"},
    {"refused", JW_COLUMN_I64, "", "copies and reads that were refused"},
};

static uint32_t dataset_rows(const jw_world *world, const void *state)
{
    (void)world;
    return jw_ai_dataset_count(state);
}

static double dataset_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_dataset_state d;
    if (!jw_ai_dataset(state, row, &d))
        return 0;
    const int64_t bytes[] = {d.def->size_bytes, d.read_bytes, d.local_bytes, d.copied_bytes};
    return (double)bytes[column - 3] / 1e9;
}

static int64_t dataset_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_dataset_state d;
    if (!jw_ai_dataset(state, row, &d))
        return 0;
    const int64_t values[] = {d.replicas, d.moving, d.reads, d.refused};
    return values[column - 7];
}

static const char *site_name(const jw_world *world, const jw_ai *ai, uint64_t site)
{
    return ai->ports.site_name ? ai->ports.site_name(world, site) : "";
}

static const char *dataset_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_ai *ai = state;
    const jw_dataset_def *def = &ai->data.sets[row].def;
    return column == 0 ? def->id : column == 1 ? def->sector : site_name(world, ai, def->home);
}

static const jw_column replica_columns[] = {
    {"dataset", JW_COLUMN_TEXT, "", "id of the dataset"},
    {"site", JW_COLUMN_TEXT, "", "where a replica lies"},
};

static uint32_t replica_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const jw_ai *)state)->data.replica_count;
}

static const char *replica_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    const jw_ai *ai = state;
    const fabric_replica *replica = &ai->data.replicas[row];
    return column == 0 ? ai->data.sets[replica->set].def.id : site_name(world, ai, replica->site);
}

static const jw_column supply_columns[] = {
    {"card", JW_COLUMN_TEXT, "", "id in the catalogue"},
    {"origin", JW_COLUMN_TEXT, "", "domestic or imported"},
    {"tpp", JW_COLUMN_F64, "", "total processing performance of the export rule"},
    {"density", JW_COLUMN_F64, "1/mm2", "of it per die area; 0: not known"},
    {"price_cny", JW_COLUMN_F64, "CNY", "of one card"},
    {"lead_days", JW_COLUMN_F64, "d", "from made to delivered"},
    {"delivered_kw", JW_COLUMN_F64, "kW", "peak power of the cards delivered"},
    {"restricted", JW_COLUMN_I64, "", "1: may not be bought now"},
    {"ordered", JW_COLUMN_I64, "", "cards"},
    {"coming", JW_COLUMN_I64, "", "cards not delivered yet"},
    {"delivered", JW_COLUMN_I64, "", "cards"},
    {"cancelled", JW_COLUMN_I64, "", "cards, by an export rule"},
    {"refused", JW_COLUMN_I64, "", "cards that the rule kept from being ordered"},
};

static uint32_t supply_rows(const jw_world *world, const void *state)
{
    (void)world;
    return jw_ai_supply_count(state);
}

static double supply_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_supply_state s;
    if (!jw_ai_supply(state, row, &s))
        return 0;
    const double values[] = {jw_supply_tpp(s.def), jw_supply_density(s.def), s.def->price_cny,
                             s.def->lead_days, (double)s.delivered * s.def->peak_w / 1000};
    return values[column - 2];
}

static int64_t supply_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    jw_supply_state s;
    if (!jw_ai_supply(state, row, &s))
        return 0;
    const int64_t values[] = {s.is_restricted, s.ordered, s.coming, s.delivered, s.cancelled, s.refused};
    return values[column - 7];
}

static const char *supply_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world;
    const jw_supply_card *def = &((const jw_ai *)state)->supply.cards[row].def;
    return column == 0 ? def->id : def->is_domestic ? "domestic" : "imported";
}

static const jw_column order_columns[] = {
    {"card", JW_COLUMN_TEXT, "", "id in the catalogue"},
    {"site", JW_COLUMN_TEXT, "", "where they are to lie"},
    {"phase", JW_COLUMN_TEXT, "", "coming, delivered or cancelled"},
    {"due_s", JW_COLUMN_F64, "s", "delivery, on the world's clock"},
    {"count", JW_COLUMN_I64, "", "cards"},
};

static uint32_t order_rows(const jw_world *world, const void *state)
{
    (void)world;
    return jw_ai_order_count(state);
}

static double order_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world, (void)column;
    return (double)((const jw_ai *)state)->supply.orders[row].due_ns / 1e9;
}

static int64_t order_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world, (void)column;
    return ((const jw_ai *)state)->supply.orders[row].count;
}

static const char *order_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    static const char *const phases[] = {"coming", "delivered", "cancelled"};
    const jw_ai *ai = state;
    const supply_order *order = &ai->supply.orders[row];
    return column == 0   ? ai->supply.cards[order->card].def.id
           : column == 1 ? site_name(world, ai, order->site)
                         : phases[order->phase];
}

static const jw_column approval_columns[] = {
    {"model", JW_COLUMN_TEXT, "", "id in the catalogue"},
    {"phase", JW_COLUMN_TEXT, "", "waiting, review, trial, approved, rejected or withdrawn"},
    {"track", JW_COLUMN_TEXT, "", "register, review or trial"},
    {"dataset", JW_COLUMN_TEXT, "", "that it works on; empty: none"},
    {"days", JW_COLUMN_F64, "d", "working days from submission to the end, or so far"},
    {"waited_days", JW_COLUMN_F64, "d", "of these, until a reviewer took it"},
    {"false_pass", JW_COLUMN_F64, "",
     "chance that its trial passes a version that is worse by the mean loss"},
    {"loss", JW_COLUMN_F64, "", "declared less true quality, which only a trial can tell"},
    {"version", JW_COLUMN_I64, "", "from 1"},
    {"score", JW_COLUMN_I64, "", "data sensitivity x autonomy x reach, 1 to 36"},
    {"judged", JW_COLUMN_I64, "", "decisions of its trial"},
    {"wrong", JW_COLUMN_I64, "", "of these"},
    {"max_wrong", JW_COLUMN_I64, "", "more of them fail the trial"},
};

static uint32_t approval_rows(const jw_world *world, const void *state)
{
    (void)world;
    return jw_ai_submission_count(state);
}

static double approval_number(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_submission_state s;
    if (!jw_ai_submission(world, state, row, &s))
        return 0;
    const double values[] = {s.days, s.waited_days, s.false_pass, s.loss};
    return values[column - 4];
}

static int64_t approval_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_submission_state s;
    if (!jw_ai_submission(world, state, row, &s))
        return 0;
    const int64_t values[] = {s.version, s.score, s.judged, s.wrong, s.max_wrong};
    return values[column - 8];
}

static const char *approval_text(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    jw_submission_state s;
    if (!jw_ai_submission(world, state, row, &s))
        return "";
    return column == 0   ? s.model
           : column == 1 ? jw_approval_phase_name(s.phase)
           : column == 2 ? jw_risk_track_name(s.track)
                         : s.dataset;
}

const jw_table ai_tables[AI_TABLES] = {
    {"models", "versions of models and what they came from", JW_TABLE_STATE, JW_GEOMETRY_NONE, model_columns,
     JW_COUNT_OF(model_columns), model_rows, NULL, model_number, model_integer, model_text},
    {"deployments", "rollouts of model versions", JW_TABLE_STATE, JW_GEOMETRY_NONE, deployment_columns,
     JW_COUNT_OF(deployment_columns), deployment_rows, NULL, NULL, deployment_integer, deployment_text},
    {"datasets", "datasets of the fabric", JW_TABLE_STATE, JW_GEOMETRY_NONE, dataset_columns,
     JW_COUNT_OF(dataset_columns), dataset_rows, NULL, dataset_number, dataset_integer, dataset_text},
    {"replicas", "where datasets lie", JW_TABLE_STATE, JW_GEOMETRY_NONE, replica_columns,
     JW_COUNT_OF(replica_columns), replica_rows, NULL, NULL, NULL, replica_text},
    {"card_supply", "cards that can be bought, and what was ordered of them", JW_TABLE_STATE,
     JW_GEOMETRY_NONE, supply_columns, JW_COUNT_OF(supply_columns), supply_rows, NULL, supply_number,
     supply_integer, supply_text},
    {"card_orders", "orders of cards", JW_TABLE_STATE, JW_GEOMETRY_NONE, order_columns,
     JW_COUNT_OF(order_columns), order_rows, NULL, order_number, order_integer, order_text},
    {"tunings", "fine-tunings of models on data of the fabric", JW_TABLE_STATE, JW_GEOMETRY_NONE,
     tune_columns, TUNE_COLUMNS, tune_rows, NULL, tune_number, tune_integer, tune_text},
    {"approvals", "model versions on their way to approval, and what came of them", JW_TABLE_STATE,
     JW_GEOMETRY_NONE, approval_columns, JW_COUNT_OF(approval_columns), approval_rows, NULL, approval_number,
     approval_integer, approval_text},
    {"sectors", "owners of data, and what became of them", JW_TABLE_STATE, JW_GEOMETRY_NONE,
     sector_owner_columns, SECTOR_OWNER_COLUMNS, sector_owner_rows, NULL, sector_owner_number,
     sector_owner_integer, sector_owner_text},
    {"data_sources", "the catalogue of sources", JW_TABLE_STATE, JW_GEOMETRY_NONE, sector_source_columns,
     SECTOR_SOURCE_COLUMNS, sector_source_rows, NULL, sector_source_number, sector_source_integer,
     sector_source_text},
    {"data_consumers", "who wants data, and what they have", JW_TABLE_STATE, JW_GEOMETRY_NONE,
     sector_consumer_columns, SECTOR_CONSUMER_COLUMNS, sector_consumer_rows, NULL, sector_consumer_number,
     sector_consumer_integer, sector_consumer_text},
    {"data_streams", "which source goes into which dataset, and its records", JW_TABLE_STATE,
     JW_GEOMETRY_NONE, sector_stream_columns, SECTOR_STREAM_COLUMNS, sector_stream_rows, NULL, NULL,
     sector_stream_integer, sector_stream_text},
    {"data_adapters", "what integrators build", JW_TABLE_STATE, JW_GEOMETRY_NONE, sector_adapter_columns,
     SECTOR_ADAPTER_COLUMNS, sector_adapter_rows, NULL, sector_adapter_number, NULL, sector_adapter_text},
};
