/* Answers to what a window or a script asks about one thing. Labels are message keys; the window translates
 * them. */
#include "traffic/traffic_bus.h"
#include "twin/twin_example.h"

#include <stdio.h>
#include <string.h>

#define ROUTE_MAX 4096 /* edges of a route that are measured */

jw_frame_detail *twin_detail_add(jw_frame *frame, const jw_watch *watch, const char *label, const char *unit)
{
    if (jw_grow(&frame->details, &frame->detail_capacity, frame->detail_count + 1ull, sizeof *frame->details,
                NULL) != JW_OK)
        return NULL;
    jw_frame_detail *detail = &frame->details[frame->detail_count++];
    *detail = (jw_frame_detail){.watch_id = watch->id};
    jw_text_copy(detail->label, sizeof detail->label, label);
    jw_text_copy(detail->unit, sizeof detail->unit, unit);
    return detail;
}

void twin_detail_number(jw_frame *frame, const jw_watch *watch, const char *label, double value,
                        const char *unit)
{
    jw_frame_detail *detail = twin_detail_add(frame, watch, label, unit);
    if (detail) {
        detail->number = value;
        detail->can_plot = 1;
    }
}

void twin_detail_text(jw_frame *frame, const jw_watch *watch, const char *label, const char *text)
{
    jw_frame_detail *detail = twin_detail_add(frame, watch, label, "");
    if (detail)
        jw_text_copy(detail->text, sizeof detail->text, text[0] ? text : "-");
}

void twin_detail_thing(jw_frame *frame, const jw_watch *watch, jw_relation relation, const char *label,
                       const jw_watch *thing, const char *text)
{
    jw_frame_detail *detail = twin_detail_add(frame, watch, label, "");
    if (!detail)
        return;
    detail->relation = (uint8_t)relation;
    detail->thing = *thing;
    jw_text_copy(detail->text, sizeof detail->text, text);
}

static void watch_walker(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    jw_walker_state walker;
    if (!jw_traffic_find_walker(twin_traffic_of(world),
                                (jw_vehicle_id){watch->a - JW_FRAME_WALKERS, watch->b}, &walker)) {
        twin_detail_text(frame, watch, "state", "arrived");
        return;
    }
    twin_detail_text(frame, watch, "class", "pedestrian");
    twin_detail_number(frame, watch, "speed", walker.speed_mps * 3.6, "km/h");
    twin_detail_number(frame, watch, "walked", walker.way_m, "m");
    twin_detail_number(frame, watch, "waited", walker.waited_s, "s");
    if (walker.edge != JW_NONE) {
        jw_watch street = twin_thing_edge(walker.edge);
        twin_detail_thing(frame, watch, JW_RELATION_VALUE, "street", &street, "");
    }
}

static void watch_vehicle(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    static const char *const classes[] = {"car",       "truck",   "bus",    "shuttle",
                                          "emergency", "bicycle", "e-bike", "pedestrian"};
    const jw_traffic *traffic = twin_traffic_of(world);
    const twin_radio *radio = twin_radio_of(world);
    jw_vehicle_id id = {watch->a, watch->b};
    uint32_t row;
    if (watch->a > JW_FRAME_WALKERS) {
        watch_walker(world, watch, frame);
        return;
    }
    if (!jw_traffic_find_vehicle(traffic, id, &row)) {
        twin_detail_text(frame, watch, "state", "arrived");
        return;
    }
    jw_vehicle_columns v = jw_traffic_vehicles(traffic);
    twin_detail_text(frame, watch, "class", classes[v.vehicle_class[row]]);
    twin_detail_number(frame, watch, "speed", v.speed_mps[row] * 3.6, "km/h");
    jw_vehicle_spot spot;
    if (jw_traffic_vehicle_spot(traffic, id, &spot))
        twin_detail_number(frame, watch, "acceleration", spot.accel_mps2, "m/s2");
    jw_bus_state bus;
    jw_bus_stop_state stop;
    if (jw_traffic_find_bus(traffic, id, &bus) && jw_traffic_bus_stop(traffic, bus.stop, &stop)) {
        twin_detail_text(frame, watch, "line", jw_traffic_bus_line_name(traffic, bus.line));
        twin_detail_text(frame, watch, "next_stop", stop.name);
        twin_detail_number(frame, watch, "riding", bus.riding, "");
    }
    uint32_t route[ROUTE_MAX], edges = jw_traffic_vehicle_route(traffic, id, route, ROUTE_MAX);
    if (edges) {
        double left_m = 0;
        const jw_city *city = jw_twin_city(world);
        for (uint32_t i = 0; i < edges && i < ROUTE_MAX; i++)
            left_m += city->edges[route[i]].length_m;
        twin_detail_number(frame, watch, "route_left", left_m / 1000, "km");
        jw_watch street = twin_thing_edge(route[0]);
        twin_detail_thing(frame, watch, JW_RELATION_VALUE, "street", &street, "");
    }
    uint32_t slot = id.index1 - 1;
    jw_user_radio air;
    if (slot < radio->slot_count && radio->slots[slot].generation == id.generation &&
        radio->slots[slot].user.index1 &&
        jw_network_user_radio(twin_network_of(world), radio->slots[slot].user, &air)) {
        jw_cell_state cell;
        bool has_cell =
            air.cell.index1 && jw_network_cell(world, twin_network_of(world), air.cell.index1 - 1, &cell);
        twin_detail_text(frame, watch, "cell", has_cell ? cell.def->name : "");
        twin_detail_number(frame, watch, "sinr", air.sinr_db, "dB");
        twin_detail_number(frame, watch, "rate_down", air.rate_down_bps / 1e6, "Mbit/s");
        twin_detail_number(frame, watch, "handovers", air.handovers, "");
    }
}

static void watch_edge(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    const jw_city *city = jw_twin_city(world);
    if (watch->a >= city->edge_count)
        return;
    const jw_edge *edge = &city->edges[watch->a];
    const jw_frame_edge *state = &jw_traffic_edges(twin_traffic_of(world))[watch->a];
    jw_watch street = twin_thing_edge(watch->a);
    twin_detail_thing(frame, watch, JW_RELATION_VALUE, "street", &street, "");
    twin_detail_number(frame, watch, "vehicles", state->vehicles, "veh");
    twin_detail_number(frame, watch, "speed", state->speed_mps * 3.6, "km/h");
    twin_detail_number(frame, watch, "limit", edge->speed_mps * 3.6, "km/h");
    twin_detail_number(frame, watch, "density", state->density_per_km, "veh/km");
    twin_detail_number(frame, watch, "queue", state->queue_m, "m");
    twin_detail_number(frame, watch, "lanes", edge->lane_count, "");
    if (state->closed_lanes)
        twin_detail_number(frame, watch, "closed_lanes", __builtin_popcount(state->closed_lanes), "");
    twin_detail_number(frame, watch, "length", edge->length_m, "m");
}

static void watch_junction(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    static const char *const kinds[] = {"dead end",     "joint",      "priority", "stop",
                                        "right of way", "roundabout", "signals"};
    const jw_city *city = jw_twin_city(world);
    if (watch->a >= city->junction_count)
        return;
    const jw_junction *junction = &city->junctions[watch->a];
    twin_detail_text(frame, watch, "kind", kinds[junction->kind]);
    const jw_frame_edge *edges = jw_traffic_edges(twin_traffic_of(world));
    double queue_m = 0, vehicles = 0;
    for (uint32_t i = 0; i < junction->in_count; i++) {
        const jw_frame_edge *edge = &edges[city->junction_edges[junction->first_in + i]];
        queue_m = jw_max(queue_m, edge->queue_m);
        vehicles += edge->vehicles;
    }
    twin_detail_number(frame, watch, "queue", queue_m, "m");
    twin_detail_number(frame, watch, "vehicles", vehicles, "veh");
    if (junction->programme == JW_NONE)
        return;
    uint32_t phase;
    double elapsed_s;
    bool is_outside;
    jw_traffic_programme_state(twin_traffic_of(world), junction->programme, &phase, &elapsed_s, &is_outside);
    twin_detail_number(frame, watch, "phase", phase + 1, "");
    twin_detail_number(frame, watch, "phase_elapsed", elapsed_s, "s");
    twin_detail_text(
        frame, watch, "control_mode",
        jw_signal_control_name(jw_traffic_signal_control(twin_traffic_of(world), junction->programme)));
    const jw_traffic *traffic = twin_traffic_of(world);
    uint32_t phases = city->programmes[junction->programme].phase_count;
    for (uint32_t k = 0; k < phases; k++) {
        double green_s;
        bool is_green = jw_traffic_plan_green(traffic, junction->programme, k, &green_s);
        jw_frame_detail *detail = is_green ? twin_detail_add(frame, watch, "green", "s") : NULL;
        if (!detail)
            continue;
        detail->number = green_s;
        snprintf(detail->text, sizeof detail->text, "%u: %g s", k + 1, green_s);
    }
    twin_detail_number(frame, watch, "cycle", jw_traffic_plan_cycle_s(traffic, junction->programme), "s");
    twin_detail_text(frame, watch, "control", is_outside ? "vision service" : "local programme");
    for (uint32_t i = 0; i < twin_signals_of(world)->camera_count; i++)
        if (twin_signals_of(world)->cameras[i].junction == watch->a)
            twin_detail_text(frame, watch, "without_answer", "local programme");
}

static void watch_building(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    static const char *const uses[JW_USE_COUNT] = {"not given",  "residential", "commercial", "office",
                                                   "industrial", "public",      "station",    "computing"};
    const jw_city *city = jw_twin_city(world);
    if (watch->a >= city->building_count)
        return;
    const jw_building *building = &city->buildings[watch->a];
    twin_detail_text(frame, watch, "use", uses[building->use < JW_USE_COUNT ? building->use : 0]);
    twin_detail_number(frame, watch, building->height_is_assumed ? "height_assumed" : "height",
                       building->height_m, "m");
    twin_detail_number(frame, watch, "levels", building->levels, "");
    twin_detail_number(frame, watch, "population", building->population, "");
    twin_detail_number(frame, watch, "jobs", building->jobs, "");
    jw_user_radio air = jw_network_probe(twin_network_of(world), building->x_m, building->y_m, 1.5);
    twin_detail_number(frame, watch, "sinr_street", air.sinr_db, "dB");
    twin_detail_number(frame, watch, "rate_down", air.rate_down_bps / 1e6, "Mbit/s");
}

static void watch_site(const jw_world *world, const jw_watch *watch, jw_frame *frame, jw_site_id id)
{
    jw_site_state site;
    if (!jw_compute_site(world, twin_compute_of(world), id.index1 - 1, &site))
        return;
    twin_detail_text(frame, watch, "tier", jw_tier_name(site.def->tier));
    twin_detail_text(frame, watch, "state", site.is_up ? "up" : "down");
    twin_detail_number(frame, watch, "cards", site.cards, "");
    twin_detail_number(frame, watch, "utilisation", site.utilisation * 100, "%");
    twin_detail_number(frame, watch, "queued", site.queued, "");
    twin_detail_number(frame, watch, "running", site.running, "");
    twin_detail_number(frame, watch, "done", (double)site.done, "");
    twin_detail_number(frame, watch, "service_time", site.mean_time_s * 1000, "ms");
    twin_detail_number(frame, watch, "power", site.power_w / 1000, "kW");
    twin_detail_number(frame, watch, "energy", (double)site.energy_mj / 3.6e9, "kWh");
    twin_detail_number(frame, watch, "carbon", site.carbon_kg, "kg");
    jw_site_energy energy;
    if (jw_compute_site_energy(world, twin_compute_of(world), id.index1 - 1, &energy)) {
        twin_detail_number(frame, watch, "pue", energy.pue, "");
        twin_detail_number(frame, watch, "outside", energy.region.temperature_c, "°C");
        twin_detail_number(frame, watch, "grid_power", energy.grid_w / 1000, "kW");
        if (site.def->solar_kw + site.def->wind_kw > 0)
            twin_detail_number(frame, watch, "own_power", (energy.solar_w + energy.wind_w) / 1000, "kW");
        if (site.def->battery_kwh > 0)
            twin_detail_number(frame, watch, "stored", (double)energy.stored_mj / 3.6e9, "kWh");
    }
    const twin_city *city = twin_city_of(world);
    for (uint32_t i = 0; i < city->rollout_count; i++) {
        uint32_t version =
            jw_ai_serving_version(twin_ai_of(world), twin_pack_site(id), city->rollouts[i].model);
        if (version)
            twin_detail_number(frame, watch, city->rollouts[i].model, version, "version");
    }
}

/* False: there is no such stop. */
static bool watch_stop(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    const jw_traffic *traffic = twin_traffic_of(world);
    for (uint32_t i = 0; i < jw_traffic_bus_stop_count(traffic); i++) {
        jw_bus_stop_state stop;
        char lines[64] = "";
        if (!jw_traffic_bus_stop(traffic, i, &stop) || strcmp(stop.name, watch->name) != 0)
            continue;
        for (uint32_t line = 0; line < jw_traffic_bus_line_count(traffic); line++)
            if (jw_traffic_bus_calls(traffic, line, i)) {
                size_t length = strlen(lines);
                snprintf(lines + length, sizeof lines - length, "%s%s", length ? ", " : "",
                         jw_traffic_bus_line_name(traffic, line));
            }
        twin_detail_text(frame, watch, "lines", lines);
        twin_detail_number(frame, watch, "waiting", stop.waiting, "");
        twin_detail_number(frame, watch, "standing", stop.standing, "");
        twin_detail_number(frame, watch, "boarded", (double)stop.boarded, "");
        twin_detail_number(frame, watch, "alighted", (double)stop.alighted, "");
        twin_detail_number(frame, watch, "left_behind", (double)stop.left_behind, "");
        twin_detail_number(frame, watch, "mean_wait", stop.mean_wait_s, "s");
        return true;
    }
    return false;
}

/* False: there is no such unit. */
static bool watch_roadside(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    jw_roadside_state unit;
    uint32_t i = 0;
    while (jw_roadside_unit(twin_roadside_of(world), i, &unit) &&
           (unit.is_removed || strcmp(unit.def->name, watch->name) != 0))
        i++;
    if (i == jw_roadside_count(twin_roadside_of(world)))
        return false;
    twin_detail_text(frame, watch, "state", unit.is_up ? "up" : "down");
    twin_detail_number(frame, watch, "busy", unit.busy * 100, "%");
    twin_detail_number(frame, watch, "hearers", unit.hearers, "veh");
    twin_detail_number(frame, watch, "seen", unit.seen, "");
    twin_detail_number(frame, watch, "signals_age", unit.age_s * 1000, "ms");
    twin_detail_number(frame, watch, "signals_sent", (double)unit.counts.sent[JW_ROADSIDE_SIGNAL], "");
    twin_detail_number(frame, watch, "perceptions_sent", (double)unit.counts.sent[JW_ROADSIDE_PERCEPTION],
                       "");
    twin_detail_number(
        frame, watch, "dropped",
        (double)(unit.counts.dropped[JW_ROADSIDE_SIGNAL] + unit.counts.dropped[JW_ROADSIDE_PERCEPTION]), "");
    return true;
}

/* False: there is no such camera. */
static bool watch_camera(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    uint32_t index;
    if (!twin_camera_find(world, watch->name, &index))
        return false;
    const twin_camera *camera = &twin_signals_of(world)->cameras[index];
    twin_detail_text(frame, watch, "state",
                     twin_is_coupled(world, JW_COUPLING_SIGNALS) && camera->node.index1 ? "up" : "down");
    uint32_t phase;
    double elapsed_s, queued = 0, approaching = 0;
    bool is_outside;
    jw_traffic_programme_state(twin_traffic_of(world), camera->programme, &phase, &elapsed_s, &is_outside);
    for (uint32_t p = 0; p < camera->phase_count; p++) {
        queued += camera->seen[p].queued;
        approaching += camera->seen[p].approaching;
    }
    twin_detail_text(frame, watch, "control", is_outside ? "vision service" : "local programme");
    twin_detail_number(frame, watch, "pictures", camera->captures, "");
    twin_detail_number(frame, watch, "behind", camera->captures - camera->decided, "");
    twin_detail_number(frame, watch, "seen_standing", queued, "veh");
    twin_detail_number(frame, watch, "seen_coming", approaching, "veh");
    return true;
}

static void watch_asset(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    jw_site_id site = jw_compute_find_site(twin_compute_of(world), watch->name);
    if (site.index1) {
        watch_site(world, watch, frame, site);
        return;
    }
    if (watch_stop(world, watch, frame) || watch_roadside(world, watch, frame) ||
        watch_camera(world, watch, frame))
        return;
    for (uint32_t i = 0; i < jw_network_cell_count(twin_network_of(world)); i++) {
        jw_cell_state cell;
        if (!jw_network_cell(world, twin_network_of(world), i, &cell) ||
            strcmp(cell.def->name, watch->name) != 0)
            continue;
        twin_detail_text(frame, watch, "state", cell.is_up ? "up" : "down");
        twin_detail_number(frame, watch, "users", cell.users, "");
        twin_detail_number(frame, watch, "load", cell.load * 100, "%");
        twin_detail_number(frame, watch, "throughput", cell.throughput_bps / 1e6, "Mbit/s");
        twin_detail_number(frame, watch, "band", cell.def->band_ghz, "GHz");
        twin_detail_number(frame, watch, "full_rate_within", cell.full_rate_m, "m");
        twin_detail_number(frame, watch, "reach", cell.reach_m, "m");
        twin_detail_number(frame, watch, "energy", cell.energy_j / 3.6e6, "kWh");
        return;
    }
    for (uint32_t i = 0; i < jw_economy_line_count(twin_economy_of(world)); i++) {
        jw_production_line_state line;
        if (!jw_economy_line(world, twin_economy_of(world), i, &line) ||
            strcmp(line.def->name, watch->name) != 0)
            continue;
        twin_detail_text(frame, watch, "state",
                         !line.is_up       ? "down"
                         : line.is_blocked ? "waiting for a verdict"
                                           : "running");
        twin_detail_number(frame, watch, "oee", line.oee * 100, "%");
        twin_detail_number(frame, watch, "availability", line.availability * 100, "%");
        twin_detail_number(frame, watch, "performance", line.performance * 100, "%");
        twin_detail_number(frame, watch, "quality", line.quality * 100, "%");
        twin_detail_number(frame, watch, "parts", (double)line.made, "");
        twin_detail_number(frame, watch, "by_model", (double)line.inspected_by_model, "");
        twin_detail_number(frame, watch, "by_fallback", (double)line.inspected_by_fallback, "");
        return;
    }
}

static void watch_link(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    static const char *const kinds[JW_TRAFFIC_KIND_COUNT] = {"control", "video", "ai"};
    const jw_network *network = twin_network_of(world);
    for (uint32_t i = 0; i < jw_network_link_count(network); i++) {
        jw_frame_link link;
        if (!jw_network_link(world, network, i, &link) || strcmp(link.name, watch->name) != 0)
            continue;
        twin_detail_text(frame, watch, "state", link.is_up ? "up" : "cut");
        twin_detail_number(frame, watch, "capacity", link.capacity_bps / 1e9, "Gbit/s");
        for (uint32_t k = 0; k < JW_TRAFFIC_KIND_COUNT; k++)
            twin_detail_number(frame, watch, kinds[k], (link.rate_bps[0][k] + link.rate_bps[1][k]) / 1e6,
                               "Mbit/s");
        return;
    }
}

/* A raster over the city: cells of about 1/64 of its longer side; a margin of them around the roads, for the
 * greens and shores there. Its values are the frame's last. */
static jw_result add_raster(const jw_world *world, const jw_watch *watch, jw_frame *frame,
                            jw_frame_raster **out, jw_error *error)
{
    enum { MARGIN_CELLS = 8 };
    const jw_city *city = jw_twin_city(world);
    double width_m = city->bounds.max_x - city->bounds.min_x,
           height_m = city->bounds.max_y - city->bounds.min_y;
    double cell_m = jw_max(jw_max(width_m, height_m) / 64, 20);
    uint32_t columns = (uint32_t)(width_m / cell_m) + 1 + 2 * MARGIN_CELLS,
             rows = (uint32_t)(height_m / cell_m) + 1 + 2 * MARGIN_CELLS;
    jw_result result = jw_grow(&frame->rasters, &frame->raster_capacity, frame->raster_count + 1ull,
                               sizeof *frame->rasters, error);
    if (result == JW_OK)
        result = jw_grow(&frame->raster_values, &frame->raster_value_capacity,
                         frame->raster_value_count + (uint64_t)columns * rows, sizeof(float), error);
    if (result != JW_OK)
        return result;
    *out = &frame->rasters[frame->raster_count++];
    **out = (jw_frame_raster){.watch_id = watch->id,
                              .kind = (uint8_t)watch->kind,
                              .x_m = (float)(city->bounds.min_x - MARGIN_CELLS * cell_m),
                              .y_m = (float)(city->bounds.min_y - MARGIN_CELLS * cell_m),
                              .cell_m = (float)cell_m,
                              .columns = columns,
                              .rows = rows,
                              .first_value = frame->raster_value_count};
    frame->raster_value_count += columns * rows;
    return JW_OK;
}

/* What radio gives in the middle of each cell of a raster; the caller frees it. */
static jw_radio_at *map_raster(const jw_world *world, const jw_frame_raster *raster, jw_error *error)
{
    uint32_t count = raster->columns * raster->rows;
    double *x_m = jw_alloc(count * sizeof *x_m), *y_m = jw_alloc(count * sizeof *y_m);
    jw_radio_at *at = jw_alloc(count * sizeof *at);
    if (x_m && y_m && at) {
        for (uint32_t i = 0; i < count; i++) {
            x_m[i] = (double)raster->x_m + (i % raster->columns + 0.5) * (double)raster->cell_m;
            y_m[i] = (double)raster->y_m + (i / raster->columns + 0.5) * (double)raster->cell_m;
        }
        jw_network_map(twin_network_of(world), count, x_m, y_m, 1.5, jw_world_threads(world), at);
    } else {
        jw_free(at);
        at = NULL;
        jw_fail_memory(error);
    }
    jw_free(x_m);
    jw_free(y_m);
    return at;
}

static jw_result watch_radio(const jw_world *world, const jw_watch *watch, jw_frame *frame, jw_error *error)
{
    jw_frame_raster *raster;
    jw_result result = add_raster(world, watch, frame, &raster, error);
    if (result != JW_OK)
        return result;
    jw_radio_at *at = map_raster(world, raster, error);
    if (!at)
        return JW_ERROR_MEMORY;
    for (uint32_t i = 0; i < raster->columns * raster->rows; i++)
        frame->raster_values[raster->first_value + i] =
            watch->kind == JW_WATCH_SINR ? at[i].sinr_db : at[i].rate_down_bps / 1e6f;
    jw_free(at);
    return JW_OK;
}

double twin_packet_air_s(double rate_bps)
{
    return TWIN_PACKET_BYTES * 8 / rate_bps + jw_network_air_delay_s();
}

/* Round trip of a packet by place: air both ways and the wire to the nearest site, without the answering. */
static jw_result watch_latency(const jw_world *world, const jw_watch *watch, jw_frame *frame, jw_error *error)
{
    const jw_network *network = twin_network_of(world);
    jw_frame_raster *raster;
    jw_result result = add_raster(world, watch, frame, &raster, error);
    if (result != JW_OK)
        return result;
    jw_radio_at *at = map_raster(world, raster, error);
    /* By serving cell the wired part is the same: asked once a cell. */
    double *wired_s = jw_alloc((jw_network_cell_count(network) + 1) * sizeof *wired_s);
    if (!at || !wired_s) {
        jw_free(at);
        jw_free(wired_s);
        return jw_fail_memory(error);
    }
    for (uint32_t i = 0; i < raster->columns * raster->rows; i++) {
        float *value = &frame->raster_values[raster->first_value + i];
        *value = __builtin_nanf("");
        if (at[i].cell.index1 == 0 || at[i].rate_up_bps <= 0 || at[i].rate_down_bps <= 0)
            continue;
        double *wire = &wired_s[at[i].cell.index1 - 1];
        jw_net_node_id from, to;
        if (*wire == 0)
            *wire = twin_wired_delay_s(world, at[i].cell.index1 - 1, &from, &to);
        if (*wire > 0)
            *value = (float)(1000 * (2 * *wire + twin_packet_air_s((double)at[i].rate_up_bps) +
                                     twin_packet_air_s((double)at[i].rate_down_bps)));
    }
    jw_free(at);
    jw_free(wired_s);
    return JW_OK;
}

double twin_wired_delay_s(const jw_world *world, uint32_t cell_slot, jw_net_node_id *out_from,
                          jw_net_node_id *out_to)
{
    const jw_network *network = twin_network_of(world);
    const jw_compute *compute = twin_compute_of(world);
    const twin_requests *requests = twin_requests_of(world);
    jw_cell_state cell;
    if (!jw_network_cell(world, network, cell_slot, &cell) || !cell.is_up)
        return -1;
    jw_net_end from = {.node = jw_network_find_node(network, cell.def->node)};
    double best_s = -1;
    for (uint32_t i = 0; i < requests->site_node_count; i++) {
        jw_site_state site;
        if (requests->site_nodes[i].index1 == 0 || !jw_compute_site(world, compute, i, &site) || !site.is_up)
            continue;
        jw_net_end to = {.node = requests->site_nodes[i]};
        double delay_s = jw_network_estimate_s(network, from, to, TWIN_PACKET_BYTES);
        if (delay_s < 0 || (best_s >= 0 && delay_s >= best_s))
            continue;
        best_s = delay_s;
        *out_from = from.node;
        *out_to = to.node;
    }
    return best_s;
}

jw_result twin_answer_watch(const jw_world *world, const jw_watch *watch, jw_frame *frame, jw_error *error)
{
    switch (watch->kind) {
    case JW_WATCH_VEHICLE:
        watch_vehicle(world, watch, frame);
        break;
    case JW_WATCH_EDGE:
        watch_edge(world, watch, frame);
        break;
    case JW_WATCH_JUNCTION:
        watch_junction(world, watch, frame);
        break;
    case JW_WATCH_BUILDING:
        watch_building(world, watch, frame);
        break;
    case JW_WATCH_ASSET:
        watch_asset(world, watch, frame);
        break;
    case JW_WATCH_LINK:
        watch_link(world, watch, frame);
        break;
    case JW_WATCH_LATENCY:
        return watch_latency(world, watch, frame, error);
    case JW_WATCH_SINR:
    case JW_WATCH_RATE:
        return watch_radio(world, watch, frame, error);
    case JW_WATCH_SHADE:
        return twin_answer_shade(world, watch, frame, error);
    case JW_WATCH_EXAMPLE:
        return twin_answer_example(world, watch, frame, error);
    case JW_WATCH_PARK:
        twin_answer_park(world, watch, frame);
        break;
    case JW_WATCH_NONE:
        break;
    }
    twin_relate(world, watch, frame);
    return JW_OK;
}
