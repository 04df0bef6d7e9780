/* Approval in the city: what the city is like for drift, how answers turn out, and the verb that may name a
 * site. */
#include "twin/twin_internal.h"

#include <string.h>

/* Half the sum of differences of shares is their total variation distance. */
enum { FEATURE_MIX, FEATURE_VEHICLES = JW_VEHICLE_CLASS_COUNT, FEATURE_RAIN, FEATURE_FOG, FEATURES };
_Static_assert((int)FEATURES <= (int)JW_CITY_FEATURES, "there is room for what is measured");

/* What makes it another city for a camera: other classes of vehicles, ten times as many of them, rain of 25
 * mm/h, fog (below 1 km of sight, as the WMO defines it; at 0 m another city). The scales are assumptions
 * (unverified). */
static void on_city_features(const jw_world *world, double out[JW_CITY_FEATURES])
{
    const jw_traffic *traffic = twin_traffic_of(world);
    jw_vehicle_columns vehicles = jw_traffic_vehicles(traffic);
    uint32_t counts[JW_VEHICLE_CLASS_COUNT] = {0};
    for (uint32_t i = 0; i < vehicles.count; i++)
        counts[vehicles.vehicle_class[i]]++;
    for (uint32_t c = 0; c < JW_VEHICLE_CLASS_COUNT; c++)
        out[FEATURE_MIX + c] = vehicles.count ? 0.5 * counts[c] / vehicles.count : 0;
    out[FEATURE_VEHICLES] = jw_log10(1.0 + vehicles.count);
    float rain_mm_per_h, visibility_m;
    jw_traffic_weather(traffic, &rain_mm_per_h, &visibility_m);
    out[FEATURE_RAIN] = jw_min(1, (double)rain_mm_per_h / 25);
    out[FEATURE_FOG] = visibility_m > 0 ? jw_max(0, 1 - (double)visibility_m / 1000) : 0;
}

void twin_approval_wire(jw_ai_ports *ports)
{
    ports->city_features = on_city_features;
}

/* Who meet a decision: those at the junction; a rider or a citizen who asked; at a line nobody of the public.
 */
static double people_of(const jw_world *world, const twin_request *request)
{
    if (request->sender == JW_SENDER_VEHICLE || request->sender == JW_SENDER_CROWD)
        return 1;
    if (request->sender != JW_SENDER_CAMERA)
        return 0;
    const twin_camera *camera = &twin_signals_of(world)->cameras[request->a];
    double people = 0;
    for (uint32_t p = 0; p < camera->phase_count; p++)
        people += camera->seen[p].queued;
    return people;
}

/* What is looked at is the answer: a verdict as it was judged, of a picture one of its counts, else the
 * whole. */
void twin_approval_answered(jw_world *world, const twin_request *request, uint32_t version, bool is_late,
                            jw_judgement judgement)
{
    jw_ai *ai = twin_ai_of(world);
    if (!jw_ai_wants_decisions(ai))
        return;
    uint32_t service = twin_requests_of(world)->services[request->type];
    jw_random_key key = jw_world_random(world, jw_hash_text(0, "twin.approval.answer"));
    double drawn = jw_random_uniform(key, (uint64_t)request->created_ns, request->a ^ request->b << 32);
    bool is_verdict = judgement != JW_JUDGED_NOT && request->sender != JW_SENDER_CAMERA;
    jw_decision_note note = {.site = twin_pack_site(request->site),
                             .service = service,
                             .version = version,
                             .is_late = is_late,
                             .people = people_of(world, request)};
    note.is_misread =
        is_verdict ? judgement == JW_JUDGED_WRONG : drawn >= jw_ai_quality(ai, service, version);
    note.is_wrong = judgement != JW_JUDGED_NOT ? judgement == JW_JUDGED_WRONG : note.is_misread;
    jw_ai_note_decision(world, ai, &note);
}

static bool find_word(const char *word, const char *const *words, uint32_t count, uint32_t *out)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0) {
            *out = i;
            return true;
        }
    return false;
}

jw_result twin_verb_submit_model(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    static const char *const data[] = {"public", "internal", "personal", "special"},
                             *const autonomy[] = {"advises", "confirmed", "alone"},
                             *const reach[] = {"site", "district", "city"};
    (void)state;
    uint32_t classes[3];
    if (!find_word(jw_command_get_text(command, "data", "internal"), data, JW_COUNT_OF(data), &classes[0]) ||
        !find_word(jw_command_get_text(command, "autonomy", "alone"), autonomy, JW_COUNT_OF(autonomy),
                   &classes[1]) ||
        !find_word(jw_command_get_text(command, "reach", "city"), reach, JW_COUNT_OF(reach), &classes[2]))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "submit_model: data is public, internal, personal or special; autonomy advises, "
                       "confirmed or alone; reach site, district or city");
    jw_submission_def def = {.version = (uint32_t)jw_command_get_number(command, "version", 0),
                             .data = (jw_risk_data)classes[0],
                             .autonomy = (jw_risk_autonomy)classes[1],
                             .reach = (jw_risk_reach)classes[2],
                             .site = JW_AI_REGISTRY,
                             .share = jw_command_get_number(command, "share", 0)};
    jw_text_copy(def.model, sizeof def.model, jw_command_get_text(command, "model", ""));
    jw_text_copy(def.dataset, sizeof def.dataset, jw_command_get_text(command, "dataset", ""));
    const char *name = jw_command_get_text(command, "site", "");
    if (name[0]) {
        jw_site_id id = jw_compute_find_site(twin_compute_of(world), name);
        if (id.index1 == 0)
            return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s: there is no site \"%s\"", command->verb,
                           name);
        def.site = twin_pack_site(id);
    }
    return jw_ai_submit(world, twin_ai_of(world), &def, NULL, error);
}

const jw_verb_arg twin_submit_args[TWIN_SUBMIT_ARGS] = {
    {"model", 't', false, 0, 0, 0, "", "id in the catalogue"},
    {"version", 'n', true, 0, 1e6, 0, "", "0: the newest"},
    {"data", 't', true, 0, 0, 0, "",
     "that it sees: public, internal, personal or special; internal when left out"},
    {"autonomy", 't', true, 0, 0, 0, "", "advises, confirmed (by a person) or alone; alone when left out"},
    {"reach", 't', true, 0, 0, 0, "", "of its decisions: site, district or city; city when left out"},
    {"dataset", 't', true, 0, 0, 0, "", "that it works on, for the exposure"},
    {"site", 't', true, 0, 0, 0, "",
     "of its trial; when left out all that serve the model, or the first where it answers itself"},
    {"share", 'n', true, 0, 1, 0, "",
     "of that site's requests that it answers in the trial; 0: in the shadow"},
};
