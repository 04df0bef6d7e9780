/* Values of one quantity for all streets, assets or links at once, for the overlays of a window. Each is the
 * state or the measurement of a module, in the overlay's unit; NAN where there is none. Reads only. */
#include "twin/twin_internal.h"

#include <string.h>

#define NONE __builtin_nanf("")

/* ---- streets ---------------------------------------------------------------------------------------------
 * Over the last minutes, by Edie's definitions: see jw_track_sum and jw_edge_recent. */

typedef struct street {
    const jw_city *city;
    const jw_edge *edge;
    const jw_edge_recent *recent;
    double span_s;
} street;

static float flow_veh_h(const street *s)
{
    return (float)(s->recent->way_m / (s->edge->length_m * s->span_s) * 3600);
}

/* By the way driven, so that short and long streets compare; where nobody moved but some stood, no figure is
 * too large: as if they had driven a metre. */
static float delay_s_km(const street *s)
{
    if (!(s->recent->time_s > 0))
        return NONE;
    return (float)(1000 * jw_max(s->recent->lost_s, 0) / jw_max(s->recent->way_m, 1));
}

/* 0 for A to 5 for F, of the approach to the junction at the street's end. */
static float service_level(const street *s)
{
    const jw_junction *junction = &s->city->junctions[s->edge->to];
    if (junction->kind == JW_JUNCTION_JOINT || junction->kind == JW_JUNCTION_DEAD_END ||
        !(s->recent->time_s > 0))
        return NONE;
    double delay_s = jw_max(s->recent->approach_lost_s, 0) / jw_max(s->recent->passed, 1);
    return (float)(jw_level_of_service(delay_s, junction->programme != JW_NONE) - 'A');
}

static float emission_kg_km_h(const street *s)
{
    return (float)(s->recent->co2_g / s->edge->length_m / s->span_s * 3600);
}

static const struct street_shade {
    const char *name;
    float (*value)(const street *street);
} street_shades[] = {
    {"flow", flow_veh_h}, {"delay", delay_s_km}, {"service", service_level}, {"emission", emission_kg_km_h}};

/* ---- assets ----------------------------------------------------------------------------------------------
 */

typedef struct owner { /* of a value: one of these */
    uint32_t slot;     /* of compute's sites or economy's lines */
    jw_site_state site;
    jw_production_line_state line;
} owner;

static float lateness(const jw_world *world, const owner *o)
{
    const twin_requests *requests = twin_requests_of(world);
    if (o->slot >= requests->tally_capacity)
        return NONE;
    const twin_site_tally *tally = &requests->tallies[o->slot];
    int64_t minute = jw_world_time_ns(world) / (60 * JW_NS_PER_S);
    uint32_t ended = 0, late = 0;
    for (int64_t m = minute < TALLY_MINUTES ? 0 : minute - TALLY_MINUTES + 1; m <= tally->minute; m++) {
        ended += tally->ended[m % TALLY_MINUTES];
        late += tally->late[m % TALLY_MINUTES];
    }
    return ended ? 100.0f * (float)late / (float)ended : NONE;
}

void twin_shade_note(jw_world *world, twin_requests *requests, uint32_t site_slot, bool is_late)
{
    uint32_t before = requests->tally_capacity;
    if (site_slot == JW_NONE ||
        (site_slot >= before && jw_grow(&requests->tallies, &requests->tally_capacity, site_slot + 1ull,
                                        sizeof *requests->tallies, NULL) != JW_OK))
        return;
    memset(requests->tallies + before, 0, (requests->tally_capacity - before) * sizeof *requests->tallies);
    twin_site_tally *tally = &requests->tallies[site_slot];
    int64_t minute = jw_world_time_ns(world) / (60 * JW_NS_PER_S);
    int64_t oldest = minute < TALLY_MINUTES ? 0 : minute - TALLY_MINUTES + 1;
    for (int64_t m = tally->minute < oldest ? oldest : tally->minute + 1; m <= minute; m++)
        tally->ended[m % TALLY_MINUTES] = tally->late[m % TALLY_MINUTES] = 0;
    tally->minute = minute;
    tally->ended[minute % TALLY_MINUTES]++;
    tally->late[minute % TALLY_MINUTES] += is_late;
}

/* Of what it draws from the grid now. */
static float carbon_kg_h(const jw_world *world, const owner *o)
{
    jw_site_energy energy;
    if (!jw_compute_site_energy(world, twin_compute_of(world), o->slot, &energy))
        return NONE;
    return (float)(energy.grid_w / 1000 * energy.region.kgco2_per_kwh);
}

/* Calls for each model version that the site serves now; the worst value wins. */
static float worst_model(const jw_world *world, const owner *o,
                         double (*badness)(const jw_world *world, const jw_model *model))
{
    const jw_ai *ai = twin_ai_of(world);
    uint64_t site = twin_pack_site(o->site.id);
    double worst = -1;
    for (uint32_t i = 0; i < jw_ai_model_count(ai); i++) {
        jw_model_state state;
        if (jw_ai_model(ai, i, &state) &&
            jw_ai_serving_version(ai, site, state.model->id) == state.model->version)
            worst = jw_max(worst, badness(world, state.model));
    }
    return worst < 0 ? NONE : (float)worst;
}

static double versions_behind(const jw_world *world, const jw_model *model)
{
    return jw_ai_newest_version(twin_ai_of(world), model->id) - model->version;
}

static double wrong_share(const jw_world *world, const jw_model *model)
{
    return 1 - jw_ai_quality(twin_ai_of(world), model->service, model->version);
}

/* How far the versions after it are with their approval: 0 approved or none there, 1 on trial, 2 waiting or
 * in review, 3 refused; the one submitted last counts. */
static double approval_step(const jw_world *world, const jw_model *model)
{
    static const double steps[JW_APPROVAL_PHASE_COUNT] = {
        [JW_APPROVAL_WAITING] = 2,  [JW_APPROVAL_REVIEW] = 2,   [JW_APPROVAL_TRIAL] = 1,
        [JW_APPROVAL_APPROVED] = 0, [JW_APPROVAL_REJECTED] = 3, [JW_APPROVAL_WITHDRAWN] = 0};
    const jw_ai *ai = twin_ai_of(world);
    double step = 0;
    for (uint32_t i = 0; i < jw_ai_submission_count(ai); i++) {
        jw_submission_state state;
        if (jw_ai_submission(world, ai, i, &state) && strcmp(state.model, model->id) == 0 &&
            state.version > model->version)
            step = steps[state.phase];
    }
    return step;
}

static float version(const jw_world *world, const owner *o)
{
    return worst_model(world, o, versions_behind);
}

static float quality(const jw_world *world, const owner *o)
{
    return 100 - 100 * worst_model(world, o, wrong_share);
}

static float approval(const jw_world *world, const owner *o)
{
    const jw_approval_def *def = jw_ai_approval_def(twin_ai_of(world));
    return def && def->is_on ? worst_model(world, o, approval_step) : NONE;
}

/* Share of its cards' FP16 rate that imported cards have. */
static float imports(const jw_world *world, const owner *o)
{
    double all = 0, imported = 0;
    for (uint32_t i = 0; i < o->site.def->rack_count; i++) {
        const jw_card *card = jw_compute_card(twin_compute_of(world), o->site.def->racks[i].card);
        if (!card)
            continue;
        double tflops = card->fp16_tflops * o->site.def->racks[i].count;
        all += tflops;
        imported += card->is_domestic ? 0 : tflops;
    }
    return all > 0 ? (float)(100 * imported / all) : NONE;
}

static float exposure(const jw_world *world, const owner *o)
{
    (void)world;
    int64_t judged = o->line.inspected_by_model + o->line.inspected_by_fallback;
    return judged ? (float)(100 * (double)o->line.inspected_by_model / (double)judged) : NONE;
}

/* What the line earns in an hour of the year, shifts and stops included, by all it did so far. */
static float productivity_kcny_h(const jw_world *world, const owner *o)
{
    jw_line_year year;
    if (o->line.made == 0 || !jw_economy_line_year(world, twin_economy_of(world), o->slot, &year))
        return NONE;
    return (float)((double)year.margin_fen / 1e5 / (365 * 24));
}

static const struct asset_shade {
    const char *name;
    bool is_of_lines; /* else of sites */
    float (*value)(const jw_world *world, const owner *owner);
} asset_shades[] = {
    {"lateness", false, lateness}, {"carbon", false, carbon_kg_h},
    {"version", false, version},   {"quality", false, quality},
    {"approval", false, approval}, {"imports", false, imports},
    {"exposure", true, exposure},  {"productivity", true, productivity_kcny_h},
};

static bool next_site(const jw_world *world, uint32_t *slot, owner *out)
{
    const jw_compute *compute = twin_compute_of(world);
    while (*slot < jw_compute_site_count(compute)) {
        out->slot = (*slot)++;
        if (jw_compute_site(world, compute, out->slot, &out->site) && !out->site.is_removed)
            return true;
    }
    return false;
}

static bool next_line(const jw_world *world, uint32_t *slot, owner *out)
{
    const jw_economy *economy = twin_economy_of(world);
    while (*slot < jw_economy_line_count(economy)) {
        out->slot = (*slot)++;
        if (jw_economy_line(world, economy, out->slot, &out->line) && !out->line.is_remote)
            return true;
    }
    return false;
}

/* Which of the frame's assets a site or line is: they stand there in order of slot. A frame's row of which
 * the world has no more has no value. */
static void fill_assets(const jw_world *world, const struct asset_shade *shade, const jw_frame *frame,
                        float *out)
{
    uint32_t sites = 0, lines = 0;
    for (uint32_t i = 0; i < frame->asset_count; i++) {
        owner o = {0};
        uint8_t kind = frame->assets[i].kind;
        bool is_owner = shade->is_of_lines ? kind == JW_ASSET_FACTORY && next_line(world, &lines, &o)
                                           : kind == JW_ASSET_SITE && next_site(world, &sites, &o);
        out[i] = is_owner ? shade->value(world, &o) : NONE;
    }
}

/* ---- answers ---------------------------------------------------------------------------------------------
 */

/* Room for as many values; they are the frame's last. */
static jw_result add_shade(const jw_watch *watch, jw_shade_kind kind, uint32_t count, jw_frame *frame,
                           jw_frame_shade **out, jw_error *error)
{
    jw_result result = jw_grow(&frame->shades, &frame->shade_capacity, frame->shade_count + 1ull,
                               sizeof *frame->shades, error);
    if (result == JW_OK)
        result = jw_grow(&frame->raster_values, &frame->raster_value_capacity,
                         frame->raster_value_count + (uint64_t)count, sizeof(float), error);
    if (result != JW_OK)
        return result;
    *out = &frame->shades[frame->shade_count++];
    **out = (jw_frame_shade){.watch_id = watch->id,
                             .kind = (uint8_t)kind,
                             .first_value = frame->raster_value_count,
                             .value_count = count};
    jw_text_copy((*out)->name, sizeof(*out)->name, watch->name);
    frame->raster_value_count += count;
    return JW_OK;
}

static jw_result answer_streets(const jw_world *world, const jw_watch *watch,
                                const struct street_shade *wanted, jw_frame *frame, jw_error *error)
{
    const jw_city *city = jw_twin_city(world);
    jw_frame_shade *shade;
    jw_result result = add_shade(watch, JW_SHADE_EDGES, city->edge_count, frame, &shade, error);
    if (result != JW_OK)
        return result;
    jw_edge_recent *recent = jw_alloc((city->edge_count + 1ull) * sizeof *recent);
    if (!recent)
        return jw_fail_memory(error);
    double span_s = 0;
    bool is_known = jw_traffic_recent(twin_traffic_of(world), recent, &span_s);
    shade->span_s = (float)span_s;
    for (uint32_t i = 0; i < city->edge_count; i++) {
        street s = {city, &city->edges[i], &recent[i], span_s};
        frame->raster_values[shade->first_value + i] = is_known ? wanted->value(&s) : NONE;
    }
    jw_free(recent);
    return JW_OK;
}

jw_result twin_answer_shade(const jw_world *world, const jw_watch *watch, jw_frame *frame, jw_error *error)
{
    for (uint32_t i = 0; i < JW_COUNT_OF(street_shades); i++)
        if (strcmp(street_shades[i].name, watch->name) == 0)
            return answer_streets(world, watch, &street_shades[i], frame, error);
    for (uint32_t i = 0; i < JW_COUNT_OF(asset_shades); i++) {
        jw_frame_shade *shade;
        if (strcmp(asset_shades[i].name, watch->name) != 0)
            continue;
        jw_result result = add_shade(watch, JW_SHADE_ASSETS, frame->asset_count, frame, &shade, error);
        if (result == JW_OK)
            fill_assets(world, &asset_shades[i], frame, frame->raster_values + shade->first_value);
        if (result == JW_OK && strcmp(watch->name, "lateness") == 0)
            shade->span_s = TALLY_MINUTES * 60;
        return result;
    }
    return JW_OK;
}
