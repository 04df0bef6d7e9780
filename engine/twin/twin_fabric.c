/* The data fabric in the city: which site is near, what may be where, and the commands about data
 * and the supply of cards. */
#include "ai/ai_sector.h"
#include "twin/twin_internal.h"

#include <string.h>

static int64_t fen_of(double cny)
{
    return (int64_t)jw_round(jw_clamp(cny, 0, 1e13) * 100);
}

static bool site_of(const jw_world *world, uint64_t packed, jw_site_state *out)
{
    jw_site_id id = twin_unpack_site(packed);
    return id.index1 && jw_compute_site(world, twin_compute_of(world), id.index1 - 1, out) &&
           out->id.generation == id.generation;
}

/* By the delay of the way as it is now. */
static double on_distance_s(jw_world *world, uint64_t from, uint64_t to)
{
    jw_net_end ends[2] = {{.node = twin_site_node(world, twin_unpack_site(from))},
                          {.node = twin_site_node(world, twin_unpack_site(to))}};
    if (ends[0].node.index1 == 0 || ends[1].node.index1 == 0)
        return -1;
    return jw_network_estimate_s(twin_network_of(world), ends[0], ends[1], 1);
}

/* City and west belong to no district. */
static uint32_t district_of(const jw_world *world, const jw_site_state *site)
{
    return site->def->tier <= JW_TIER_EDGE ? twin_district_at(world, site->def->x_m, site->def->y_m)
                                           : JW_NONE;
}

static bool on_may_hold(jw_world *world, uint64_t home, uint8_t residency, uint64_t at)
{
    jw_site_state from, to;
    if (home == at || residency == JW_RESIDENCY_ANY)
        return true;
    if (!site_of(world, home, &from) || !site_of(world, at, &to))
        return false;
    if (residency == JW_RESIDENCY_CITY)
        return to.def->tier != JW_TIER_WEST;
    uint32_t district = district_of(world, &to);
    return district != JW_NONE && district == district_of(world, &from);
}

static const char *on_site_name(const jw_world *world, uint64_t site)
{
    jw_site_state state;
    return site_of(world, site, &state) ? state.def->name : "";
}

/* What the city has counted, each part since the start. */
static uint64_t on_measured(const jw_world *world, uint8_t feed)
{
    int64_t count = 0;
    if (feed == JW_FEED_TRIPS)
        count = jw_traffic_count(twin_traffic_of(world)).arrived;
    for (uint32_t i = 0; feed == JW_FEED_CAMERAS && i < jw_twin_request_type_count(world); i++)
        if (strcmp(jw_twin_request_type(world, i)->name, "signal") == 0)
            count += jw_twin_requests(world, i).answered;
    jw_production_line_state line;
    for (uint32_t i = 0; feed == JW_FEED_PARTS && jw_economy_line(world, twin_economy_of(world), i, &line);
         i++)
        count += line.inspected_by_model + line.inspected_by_fallback;
    return (uint64_t)count;
}

/* What the site serves gets its share of them. */
static bool on_rack_cards(jw_world *world, uint64_t packed, const char *card, uint32_t count)
{
    jw_compute *compute = twin_compute_of(world);
    jw_site_id site = twin_unpack_site(packed);
    if (jw_compute_add_cards(world, compute, site, card, count, NULL) != JW_OK)
        return false;
    for (uint32_t service = 0; jw_compute_service(compute, service); service++) {
        uint32_t version = jw_compute_installed_version(compute, site, service);
        if (version)
            (void)twin_install(world, packed, service, version, NULL);
    }
    return true;
}

static void on_ported(jw_world *world, const char *service, const char *card)
{
    jw_compute *compute = twin_compute_of(world);
    uint32_t index = jw_compute_find_service(compute, service);
    if (index != JW_NONE)
        (void)jw_compute_set_software(world, compute, card, index, 1, NULL);
}

jw_result twin_verb_set_software(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)state;
    return jw_compute_set_software(world, twin_compute_of(world), jw_command_get_text(command, "card", ""),
                                   JW_NONE, jw_command_get_number(command, "share", 1), error);
}

jw_result twin_verb_port_service(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)state;
    const char *service = jw_command_get_text(command, "service", ""),
               *card = jw_command_get_text(command, "card", "");
    if (jw_compute_find_service(twin_compute_of(world), service) == JW_NONE ||
        !jw_compute_card(twin_compute_of(world), card))
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0,
                       "port_service: the catalogue has no service \"%s\", or no card \"%s\"", service, card);
    double person_days = jw_command_get_number(command, "person_days", PORT_PERSON_DAYS),
           cny = person_days * PERSON_DAY_CNY;
    jw_result result = twin_spend(world, cny, "a porting", error);
    if (result != JW_OK)
        return result;
    result = jw_ai_port(world, twin_ai_of(world), service, card, person_days,
                        (uint32_t)jw_command_get_number(command, "engineers", PORT_ENGINEERS), error);
    if (result != JW_OK)
        twin_take_back(world, cny);
    return result;
}

void twin_take_back(jw_world *world, double cny)
{
    jw_economy_take_back(twin_economy_of(world), fen_of(cny));
}

void twin_fabric_wire(jw_ai_ports *ports)
{
    ports->measured = on_measured;
    ports->rack_cards = on_rack_cards;
    ports->take_back = twin_take_back;
    ports->ported = on_ported;
    ports->distance_s = on_distance_s;
    ports->may_hold = on_may_hold;
    ports->site_name = on_site_name;
}

jw_result twin_find_site(const jw_world *world, const char *what, const char *name, uint64_t *out,
                         jw_error *error)
{
    jw_site_id id = jw_compute_find_site(twin_compute_of(world), name);
    if (id.index1 == 0)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "%s: there is no site \"%s\"", what, name);
    *out = twin_pack_site(id);
    return JW_OK;
}

jw_result twin_fabric_start(jw_world *world, const jw_twin_def *def, jw_error *error)
{
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < def->dataset_count && result == JW_OK; i++) {
        const jw_data_def *data = &def->datasets[i];
        jw_dataset_def dataset = data->dataset;
        result = twin_find_site(world, dataset.id, data->home, &dataset.home, error);
        if (result == JW_OK)
            result = jw_ai_add_dataset(world, twin_ai_of(world), &dataset, error);
        for (uint32_t r = 0; r < data->replica_count && result == JW_OK; r++) {
            uint64_t site;
            result = twin_find_site(world, dataset.id, data->replicas[r], &site, error);
            if (result == JW_OK)
                result = jw_ai_replicate(world, twin_ai_of(world), dataset.id, site, true, error);
        }
    }
    return result == JW_OK ? twin_sector_start(world, &def->sectors, error) : result;
}

jw_result twin_verb_replicate(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)state;
    uint64_t site;
    jw_result result =
        twin_find_site(world, command->verb, jw_command_get_text(command, "site", ""), &site, error);
    return result == JW_OK ? jw_ai_replicate(world, twin_ai_of(world),
                                             jw_command_get_text(command, "name", ""), site, false, error)
                           : result;
}

jw_result twin_verb_read_data(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)state;
    uint64_t site;
    jw_result result =
        twin_find_site(world, command->verb, jw_command_get_text(command, "site", ""), &site, error);
    int64_t bytes = (int64_t)(jw_command_get_number(command, "gb", 0) * 1e9);
    return result == JW_OK ? jw_ai_read(world, twin_ai_of(world), jw_command_get_text(command, "name", ""),
                                        site, bytes, 0, error)
                           : result;
}

double twin_card_price_cny(const jw_world *world, const char *card)
{
    jw_supply_state supply;
    for (uint32_t i = 0; jw_ai_supply(twin_ai_of(world), i, &supply); i++)
        if (strcmp(supply.def->id, card) == 0)
            return supply.def->price_cny;
    return 0;
}

jw_result twin_spend(jw_world *world, double cny, const char *what, jw_error *error)
{
    return jw_economy_spend(twin_economy_of(world), fen_of(cny), what, error);
}

jw_result twin_verb_keep_data(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)state;
    jw_dataset_def def = {.size_bytes = (int64_t)(jw_command_get_number(command, "gb", 0) * 1e9)};
    jw_text_copy(def.id, sizeof def.id, jw_command_get_text(command, "name", ""));
    jw_text_copy(def.sector, sizeof def.sector, jw_command_get_text(command, "sector", ""));
    jw_result result =
        twin_find_site(world, command->verb, jw_command_get_text(command, "site", ""), &def.home, error);
    return result == JW_OK ? jw_ai_add_dataset(world, twin_ai_of(world), &def, error) : result;
}

jw_result twin_verb_order_cards(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)state;
    uint64_t site;
    uint32_t order, count = (uint32_t)jw_command_get_number(command, "count", 1);
    const char *card = jw_command_get_text(command, "card", "");
    double cny = count * twin_card_price_cny(world, card);
    jw_result result =
        twin_find_site(world, command->verb, jw_command_get_text(command, "site", ""), &site, error);
    if (result == JW_OK)
        result = twin_spend(world, cny, card, error);
    if (result != JW_OK)
        return result;
    result = jw_ai_order_cards(world, twin_ai_of(world), card, count, site, &order, error);
    if (result != JW_OK)
        twin_take_back(world, cny);
    return result;
}

jw_result twin_verb_lose_store(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)state;
    uint64_t site;
    jw_result result =
        twin_find_site(world, command->verb, jw_command_get_text(command, "name", ""), &site, error);
    if (result == JW_OK)
        jw_ai_forget_store(world, twin_ai_of(world), site);
    return result;
}
