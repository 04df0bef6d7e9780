/* From a world at rest to a frame. Reads only. */
#include "traffic/traffic_bus.h"
#include "twin/twin_internal.h"

#include <string.h>

#define GROW(frame, what)                                                                                    \
    jw_grow(&(frame)->what##s, &(frame)->what##_capacity, (frame)->what##_count + 1ull,                      \
            sizeof *(frame)->what##s, error)

static jw_result fill_traffic(const jw_world *world, jw_frame *frame, jw_error *error)
{
    const jw_traffic *traffic = twin_traffic_of(world);
    const twin_radio *radio = twin_radio_of(world);
    const jw_city *city = jw_twin_city(world);
    jw_vehicle_columns v = jw_traffic_vehicles(traffic);
    jw_walker_columns w = jw_traffic_walkers(traffic);
    jw_result result = jw_grow(&frame->vehicles, &frame->vehicle_capacity, (uint64_t)v.count + w.count,
                               sizeof *frame->vehicles, error);
    if (result == JW_OK)
        result = jw_grow(&frame->signals, &frame->signal_capacity, city->connection_count, 1, error);
    if (result == JW_OK)
        result = jw_grow(&frame->edges, &frame->edge_capacity, city->edge_count, sizeof *frame->edges, error);
    if (result != JW_OK)
        return result;
    uint16_t length_dm[JW_VEHICLE_CLASS_COUNT];
    for (uint32_t c = 0; c < JW_VEHICLE_CLASS_COUNT; c++)
        length_dm[c] = (uint16_t)(jw_default_vehicle_type(c).length_m * 10);
    for (uint32_t i = 0; i < v.count; i++) {
        uint32_t slot = v.id[i].index1 - 1;
        bool is_connected = slot < radio->slot_count && radio->slots[slot].generation == v.id[i].generation &&
                            radio->slots[slot].user.index1;
        frame->vehicles[i] = (jw_frame_vehicle){
            .index1 = v.id[i].index1,
            .generation = v.id[i].generation,
            .x_m = v.x_m[i],
            .y_m = v.y_m[i],
            .z_m = v.z_m[i],
            .heading_rad = v.heading_rad[i],
            .speed_mps = v.speed_mps[i],
            .vehicle_class = v.vehicle_class[i],
            .flags = (uint8_t)(v.flags[i] | (is_connected ? JW_VEHICLE_IS_CONNECTED : 0)),
            .length_dm = length_dm[v.vehicle_class[i]],
        };
    }
    for (uint32_t i = 0; i < w.count; i++)
        frame->vehicles[v.count + i] = (jw_frame_vehicle){
            .index1 = JW_FRAME_WALKERS + w.id[i].index1,
            .generation = w.id[i].generation,
            .x_m = w.x_m[i],
            .y_m = w.y_m[i],
            .z_m = w.z_m[i],
            .heading_rad = w.heading_rad[i],
            .speed_mps = w.speed_mps[i],
            .vehicle_class = JW_VEHICLE_PEDESTRIAN,
            .length_dm = length_dm[JW_VEHICLE_PEDESTRIAN],
        };
    frame->vehicle_count = v.count + w.count;
    memcpy(frame->signals, jw_traffic_signals(traffic), city->connection_count);
    frame->signal_count = city->connection_count;
    memcpy(frame->edges, jw_traffic_edges(traffic), city->edge_count * sizeof *frame->edges);
    frame->edge_count = city->edge_count;
    return JW_OK;
}

static jw_result fill_sites(const jw_world *world, jw_frame *frame, jw_error *error)
{
    const jw_compute *compute = twin_compute_of(world);
    const jw_ai *ai = twin_ai_of(world);
    const twin_city *city = twin_city_of(world);
    for (uint32_t i = 0; i < jw_compute_site_count(compute); i++) {
        jw_site_state site;
        if (!jw_compute_site(world, compute, i, &site) || site.is_removed)
            continue;
        jw_result result = GROW(frame, asset);
        if (result != JW_OK)
            return result;
        jw_frame_asset *asset = &frame->assets[frame->asset_count++];
        *asset = (jw_frame_asset){.kind = JW_ASSET_SITE,
                                  .tier = (uint8_t)site.def->tier,
                                  .is_up = site.is_up,
                                  .x_m = (float)site.def->x_m,
                                  .y_m = (float)site.def->y_m,
                                  .load = (float)site.utilisation,
                                  .queue = (float)site.queued,
                                  .rate = (float)site.power_w,
                                  .latency_ms = (float)(site.mean_time_s * 1000)};
        jw_text_copy(asset->name, sizeof asset->name, site.def->name);
        for (uint32_t r = 0; r < city->rollout_count; r++) {
            const char *model = city->rollouts[r].model;
            uint32_t version = jw_ai_serving_version(ai, twin_pack_site(site.id), model);
            if (version > 1 && version == jw_ai_newest_version(ai, model))
                asset->is_serving_new = 1;
        }
    }
    return JW_OK;
}

static jw_result fill_network(const jw_world *world, jw_frame *frame, jw_error *error)
{
    const jw_network *network = twin_network_of(world);
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < jw_network_cell_count(network) && result == JW_OK; i++) {
        jw_cell_state cell;
        if (!jw_network_cell(world, network, i, &cell))
            continue;
        result = GROW(frame, asset);
        if (result != JW_OK)
            break;
        jw_frame_asset *asset = &frame->assets[frame->asset_count++];
        *asset = (jw_frame_asset){.kind = JW_ASSET_CELL,
                                  .is_up = cell.is_up,
                                  .x_m = (float)cell.def->x_m,
                                  .y_m = (float)cell.def->y_m,
                                  .z_m = (float)cell.def->height_m,
                                  .load = (float)cell.load,
                                  .queue = (float)cell.users,
                                  .rate = (float)cell.throughput_bps,
                                  .full_rate_m = (float)cell.full_rate_m,
                                  .reach_m = (float)cell.reach_m};
        jw_text_copy(asset->name, sizeof asset->name, cell.def->name);
    }
    for (uint32_t i = 0; i < jw_network_link_count(network) && result == JW_OK; i++) {
        result = GROW(frame, link);
        if (result == JW_OK && jw_network_link(world, network, i, &frame->links[frame->link_count]))
            frame->link_count++;
    }
    return result;
}

static jw_result fill_roadside(const jw_world *world, jw_frame *frame, jw_error *error)
{
    jw_roadside_state unit;
    for (uint32_t i = 0; jw_roadside_unit(twin_roadside_of(world), i, &unit); i++) {
        if (unit.is_removed)
            continue;
        jw_result result = GROW(frame, asset);
        if (result != JW_OK)
            return result;
        jw_frame_asset *asset = &frame->assets[frame->asset_count++];
        *asset = (jw_frame_asset){.kind = JW_ASSET_ROADSIDE,
                                  .is_up = unit.is_up,
                                  .x_m = (float)unit.def->x_m,
                                  .y_m = (float)unit.def->y_m,
                                  .z_m = (float)unit.def->height_m,
                                  .load = (float)unit.busy,
                                  .queue = (float)unit.hearers,
                                  .rate = (float)unit.seen,
                                  .reach_m = (float)unit.def->range_m};
        jw_text_copy(asset->name, sizeof asset->name, unit.def->name);
    }
    return JW_OK;
}

static jw_result fill_cameras(const jw_world *world, jw_frame *frame, jw_error *error)
{
    enum { POLE_M = 6 };
    const twin_signals *signals = twin_signals_of(world);
    bool is_on = twin_is_coupled(world, JW_COUPLING_SIGNALS);
    for (uint32_t i = 0; i < signals->camera_count; i++) {
        double x_m, y_m;
        jw_result result = GROW(frame, asset);
        if (result != JW_OK)
            return result;
        jw_frame_asset *asset = &frame->assets[frame->asset_count++];
        twin_camera_place(world, i, &x_m, &y_m);
        *asset =
            (jw_frame_asset){.kind = JW_ASSET_CAMERA,
                             .is_up = is_on && signals->cameras[i].node.index1 != 0,
                             .x_m = (float)x_m,
                             .y_m = (float)y_m,
                             .z_m = POLE_M,
                             .queue = (float)(signals->cameras[i].captures - signals->cameras[i].decided)};
        twin_camera_name(i, asset->name, sizeof asset->name);
    }
    return JW_OK;
}

static jw_result fill_lines(const jw_world *world, jw_frame *frame, jw_error *error)
{
    const jw_economy *economy = twin_economy_of(world);
    for (uint32_t i = 0; i < jw_economy_line_count(economy); i++) {
        jw_production_line_state line;
        if (!jw_economy_line(world, economy, i, &line) || line.is_remote)
            continue;
        jw_result result = GROW(frame, asset);
        if (result != JW_OK)
            return result;
        jw_frame_asset *asset = &frame->assets[frame->asset_count++];
        *asset = (jw_frame_asset){.kind = JW_ASSET_FACTORY,
                                  .is_up = line.is_up,
                                  .x_m = (float)line.def->x_m,
                                  .y_m = (float)line.def->y_m,
                                  .load = (float)line.oee,
                                  .queue = (float)line.waiting};
        jw_text_copy(asset->name, sizeof asset->name, line.def->name);
    }
    return JW_OK;
}

static jw_result fill_stops(const jw_world *world, jw_frame *frame, jw_error *error)
{
    const jw_traffic *traffic = twin_traffic_of(world);
    for (uint32_t i = 0; i < jw_traffic_bus_stop_count(traffic); i++) {
        jw_bus_stop_state stop;
        if (!jw_traffic_bus_stop(traffic, i, &stop))
            continue;
        jw_result result = GROW(frame, asset);
        if (result != JW_OK)
            return result;
        jw_frame_asset *asset = &frame->assets[frame->asset_count++];
        *asset = (jw_frame_asset){.kind = JW_ASSET_STOP,
                                  .is_up = 1,
                                  .x_m = stop.x_m,
                                  .y_m = stop.y_m,
                                  .z_m = stop.z_m,
                                  .queue = (float)stop.waiting,
                                  .heading_rad = stop.heading_rad};
        jw_text_copy(asset->name, sizeof asset->name, stop.name);
    }
    return JW_OK;
}

static jw_result fill_metrics(const jw_world *world, jw_frame *frame, jw_error *error)
{
    for (uint32_t m = 0; m < jw_world_module_count(world); m++) {
        const jw_module *module = jw_world_module(world, m);
        for (uint32_t i = 0; i < module->metric_count; i++) {
            jw_result result = GROW(frame, metric);
            if (result != JW_OK)
                return result;
            jw_frame_metric *metric = &frame->metrics[frame->metric_count++];
            jw_text_copy(metric->name, sizeof metric->name, module->metrics[i].name);
            jw_text_copy(metric->unit, sizeof metric->unit, module->metrics[i].unit);
            metric->is_since_start = module->metrics[i].kind != JW_METRIC_GAUGE;
            metric->is_mean = module->metrics[i].kind == JW_METRIC_MEAN;
            metric->value = module->metric(world, jw_world_state(world, m), i);
        }
    }
    return JW_OK;
}

static jw_result fill_events(const jw_world *world, jw_frame *frame, jw_error *error)
{
    uint32_t count;
    const jw_frame_event *events = jw_twin_events(world, &count);
    jw_result result = jw_grow(&frame->events, &frame->event_capacity, count, sizeof *frame->events, error);
    if (result != JW_OK || count == 0)
        return result;
    memcpy(frame->events, events, count * sizeof *events);
    frame->event_count = count;
    return JW_OK;
}

jw_result jw_twin_answer(const jw_world *world, const jw_watch *watch, jw_frame *frame, jw_error *error)
{
    frame->detail_count = frame->hop_count = 0;
    return twin_answer_watch(world, watch, frame, error);
}

jw_result jw_twin_fill_frame(const jw_world *world, const jw_watch *watches, uint32_t watch_count,
                             jw_frame *frame, jw_error *error)
{
    frame->time_ns = jw_world_time_ns(world);
    frame->day_of_year = jw_compute_day_of_year(twin_compute_of(world));
    jw_traffic_weather(twin_traffic_of(world), &frame->rain_mm_per_h, &frame->visibility_m);
    frame->step = jw_world_step_number(world);
    frame->state_hash = 0;
    frame->assets_revision =
        twin_city_of(world)->assets_revision + jw_traffic_bus_revision(twin_traffic_of(world));
    frame->vehicle_count = frame->signal_count = frame->edge_count = frame->asset_count = 0;
    frame->link_count = frame->metric_count = frame->event_count = 0;
    frame->detail_count = frame->hop_count = frame->raster_count = 0;
    frame->shade_count = frame->raster_value_count = 0;
    jw_result (*const parts[])(const jw_world *, jw_frame *, jw_error *) = {
        fill_traffic, fill_sites, fill_network, fill_roadside, fill_cameras,
        fill_lines,   fill_stops, fill_metrics, fill_events};
    for (uint32_t i = 0; i < JW_COUNT_OF(parts); i++) {
        jw_result result = parts[i](world, frame, error);
        if (result != JW_OK)
            return result;
    }
    for (uint32_t i = 0; i < watch_count; i++) {
        jw_result result = twin_answer_watch(world, &watches[i], frame, error);
        if (result != JW_OK)
            return result;
    }
    return JW_OK;
}
