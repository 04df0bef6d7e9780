/* What overlays are: the table of quantities, their legends and palettes, and where a frame has their values.
 * How they are drawn stands in view_overlay_draw.c. */
#include "view/view_internal.h"

#include <math.h>
#include <string.h>

#define SITES (1u << JW_ASSET_SITE)
#define CELLS (1u << JW_ASSET_CELL)
#define LINES (1u << JW_ASSET_FACTORY)

/* Stops are fixed, so that colours mean the same at any time and in two worlds side by side. Levels of
 * service are those of jw_level_of_service; 85 % OEE is what Nakajima calls world class. */
static const jw_overlay_info infos[JW_OVERLAY_COUNT] = {
    [JW_OVERLAY_NONE] = {.id = "none", .title = "", .unit = ""},
    [JW_OVERLAY_SPEED] = {"speed",
                          JW_GROUP_TRAFFIC,
                          JW_OVERLAY_OF_EDGES,
                          0,
                          JW_WATCH_NONE,
                          "speed / limit",
                          "%",
                          JW_SENSE_HIGH_GOOD,
                          {0, 25, 50, 75, 100},
                          5},
    [JW_OVERLAY_FLOW] = {"flow",
                         JW_GROUP_TRAFFIC,
                         JW_OVERLAY_OF_EDGES,
                         0,
                         JW_WATCH_SHADE,
                         "flow",
                         "veh/h",
                         JW_SENSE_AMOUNT,
                         {0, 100, 250, 600, 1500},
                         5},
    [JW_OVERLAY_DELAY] = {"delay",
                          JW_GROUP_TRAFFIC,
                          JW_OVERLAY_OF_EDGES,
                          0,
                          JW_WATCH_SHADE,
                          "time lost",
                          "s/km",
                          JW_SENSE_LOW_GOOD,
                          {0, 30, 60, 120, 240},
                          5},
    [JW_OVERLAY_QUEUE] = {"queue",
                          JW_GROUP_TRAFFIC,
                          JW_OVERLAY_OF_EDGES,
                          0,
                          JW_WATCH_NONE,
                          "queue",
                          "m",
                          JW_SENSE_LOW_GOOD,
                          {0, 25, 50, 100, 200},
                          5},
    [JW_OVERLAY_SERVICE] = {"service",
                            JW_GROUP_TRAFFIC,
                            JW_OVERLAY_OF_EDGES,
                            0,
                            JW_WATCH_SHADE,
                            "level of service",
                            "",
                            JW_SENSE_LOW_GOOD,
                            {0, 1, 2, 3, 4, 5},
                            6,
                            {"A", "B", "C", "D", "E", "F"}},
    [JW_OVERLAY_EMISSION] = {"emission",
                             JW_GROUP_TRAFFIC,
                             JW_OVERLAY_OF_EDGES,
                             0,
                             JW_WATCH_SHADE,
                             "CO2 of vehicles",
                             "kg/(km h)",
                             JW_SENSE_AMOUNT,
                             {0, 10, 30, 80, 200},
                             5},
    [JW_OVERLAY_SINR] = {"signal",
                         JW_GROUP_RADIO,
                         JW_OVERLAY_OF_PLACES,
                         0,
                         JW_WATCH_SINR,
                         "signal quality",
                         "dB",
                         JW_SENSE_HIGH_GOOD,
                         {-6, 3, 10, 17, 25},
                         5},
    [JW_OVERLAY_CELL_LOAD] = {"cells",
                              JW_GROUP_RADIO,
                              JW_OVERLAY_OF_ASSETS,
                              CELLS,
                              JW_WATCH_NONE,
                              "cell load",
                              "%",
                              JW_SENSE_LOW_GOOD,
                              {0, 30, 60, 85, 100},
                              5},
    [JW_OVERLAY_THROUGHPUT] = {"throughput",
                               JW_GROUP_RADIO,
                               JW_OVERLAY_OF_ASSETS,
                               CELLS,
                               JW_WATCH_NONE,
                               "cell throughput",
                               "Mbit/s",
                               JW_SENSE_AMOUNT,
                               {0, 2, 10, 50, 200},
                               5},
    [JW_OVERLAY_RATE] = {"rate",
                         JW_GROUP_RADIO,
                         JW_OVERLAY_OF_PLACES,
                         0,
                         JW_WATCH_RATE,
                         "radio rate",
                         "Mbit/s",
                         JW_SENSE_HIGH_GOOD,
                         {0, 25, 100, 200, 400},
                         5},
    [JW_OVERLAY_LINK_LOAD] = {"links",
                              JW_GROUP_NETWORK,
                              JW_OVERLAY_OF_LINKS,
                              0,
                              JW_WATCH_NONE,
                              "link load",
                              "%",
                              JW_SENSE_LOW_GOOD,
                              {0, 30, 60, 85, 100},
                              5},
    [JW_OVERLAY_LATENCY] = {"latency",
                            JW_GROUP_NETWORK,
                            JW_OVERLAY_OF_PLACES,
                            0,
                            JW_WATCH_LATENCY,
                            "round trip",
                            "ms",
                            JW_SENSE_LOW_GOOD,
                            {0, 10, 25, 50, 100},
                            5},
    [JW_OVERLAY_SITE_LOAD] = {"sites",
                              JW_GROUP_COMPUTE,
                              JW_OVERLAY_OF_ASSETS,
                              SITES,
                              JW_WATCH_NONE,
                              "busy share",
                              "%",
                              JW_SENSE_LOW_GOOD,
                              {0, 30, 60, 85, 100},
                              5},
    [JW_OVERLAY_SITE_QUEUE] = {"waiting",
                               JW_GROUP_COMPUTE,
                               JW_OVERLAY_OF_ASSETS,
                               SITES,
                               JW_WATCH_NONE,
                               "requests waiting",
                               "",
                               JW_SENSE_LOW_GOOD,
                               {0, 5, 20, 50, 200},
                               5},
    [JW_OVERLAY_LATENESS] = {"lateness",
                             JW_GROUP_COMPUTE,
                             JW_OVERLAY_OF_ASSETS,
                             SITES,
                             JW_WATCH_SHADE,
                             "late replies",
                             "%",
                             JW_SENSE_LOW_GOOD,
                             {0, 1, 5, 20, 50},
                             5},
    [JW_OVERLAY_POWER] = {"power",
                          JW_GROUP_COMPUTE,
                          JW_OVERLAY_OF_ASSETS,
                          SITES,
                          JW_WATCH_NONE,
                          "power drawn",
                          "kW",
                          JW_SENSE_AMOUNT,
                          {0, 1, 10, 100, 1000},
                          5},
    [JW_OVERLAY_CARBON] = {"carbon",
                           JW_GROUP_COMPUTE,
                           JW_OVERLAY_OF_ASSETS,
                           SITES,
                           JW_WATCH_SHADE,
                           "CO2 of computing",
                           "kg/h",
                           JW_SENSE_AMOUNT,
                           {0, 1, 10, 100, 1000},
                           5},
    [JW_OVERLAY_VERSION] = {"version",
                            JW_GROUP_AI,
                            JW_OVERLAY_OF_ASSETS,
                            SITES,
                            JW_WATCH_SHADE,
                            "versions behind",
                            "",
                            JW_SENSE_LOW_GOOD,
                            {0, 1, 2, 3},
                            4,
                            {"0", "1", "2", "3+"}},
    [JW_OVERLAY_QUALITY] = {"quality",
                            JW_GROUP_AI,
                            JW_OVERLAY_OF_ASSETS,
                            SITES,
                            JW_WATCH_SHADE,
                            "right decisions",
                            "%",
                            JW_SENSE_HIGH_GOOD,
                            {50, 70, 80, 90, 100},
                            5},
    [JW_OVERLAY_APPROVAL] = {"approval",
                             JW_GROUP_AI,
                             JW_OVERLAY_OF_ASSETS,
                             SITES,
                             JW_WATCH_SHADE,
                             "approval",
                             "",
                             JW_SENSE_LOW_GOOD,
                             {0, 1, 2, 3},
                             4,
                             {"approved", "trial", "waiting", "rejected"}},
    [JW_OVERLAY_OEE] = {"oee",
                        JW_GROUP_ECONOMY,
                        JW_OVERLAY_OF_ASSETS,
                        LINES,
                        JW_WATCH_NONE,
                        "OEE",
                        "%",
                        JW_SENSE_HIGH_GOOD,
                        {0, 40, 60, 75, 85},
                        5},
    [JW_OVERLAY_EXPOSURE] = {"exposure",
                             JW_GROUP_ECONOMY,
                             JW_OVERLAY_OF_ASSETS,
                             LINES,
                             JW_WATCH_SHADE,
                             "parts judged by models",
                             "%",
                             JW_SENSE_AMOUNT,
                             {0, 25, 50, 75, 100},
                             5},
    [JW_OVERLAY_IMPORTS] = {"imports",
                            JW_GROUP_ECONOMY,
                            JW_OVERLAY_OF_ASSETS,
                            SITES,
                            JW_WATCH_SHADE,
                            "computing on imported cards",
                            "%",
                            JW_SENSE_LOW_GOOD,
                            {0, 25, 50, 75, 100},
                            5},
    [JW_OVERLAY_PRODUCTIVITY] = {"productivity",
                                 JW_GROUP_ECONOMY,
                                 JW_OVERLAY_OF_ASSETS,
                                 LINES,
                                 JW_WATCH_SHADE,
                                 "margin an hour",
                                 "kCNY/h",
                                 JW_SENSE_AMOUNT,
                                 {0, 1, 5, 20, 100},
                                 5},
};

const jw_overlay_info *jw_view_overlay_info(jw_view_overlay overlay)
{
    return &infos[overlay < JW_OVERLAY_COUNT ? overlay : JW_OVERLAY_NONE];
}

jw_view_overlay jw_view_overlay_of(const char *id)
{
    int overlay = JW_OVERLAY_NONE;
    while (overlay < JW_OVERLAY_COUNT && strcmp(infos[overlay].id, id) != 0)
        overlay++;
    return (jw_view_overlay)overlay;
}

/* ---- palettes --------------------------------------------------------------------------------------------
 * From well to bad, or from little to much. RdYlBu and YlGnBu are ColorBrewer's (Brewer, 2003), listed there
 * as safe for the colour-blind; cividis is that of Nunez, Anderton and Renslow (PLoS ONE 13, 2018). Their
 * palest ends are left out: they would vanish on a white model. */

enum { PALETTE_STOPS = 5 };
static const uint32_t judging[JW_PALETTE_COUNT][PALETTE_STOPS] = {
    [JW_PALETTE_STANDARD] = {0x2C7BB6, 0x7FB8D6, 0xF7E49B, 0xF49A5A, 0xD7262B},
    [JW_PALETTE_CIVIDIS] = {0x00224E, 0x4A546C, 0x7D7C76, 0xB4A86F, 0xFEE838},
    [JW_PALETTE_GREYS] = {0xE6E6E6, 0xB4B4B4, 0x828282, 0x505050, 0x141414},
};
static const uint32_t amounts[JW_PALETTE_COUNT][PALETTE_STOPS] = {
    [JW_PALETTE_STANDARD] = {0xD5EFB3, 0x7FCDBB, 0x41A9C4, 0x2C6FB0, 0x152A75},
    [JW_PALETTE_CIVIDIS] = {0x00224E, 0x4A546C, 0x7D7C76, 0xB4A86F, 0xFEE838},
    [JW_PALETTE_GREYS] = {0xE6E6E6, 0xB4B4B4, 0x828282, 0x505050, 0x141414},
};

const char *jw_view_palette_name(jw_view_palette palette)
{
    static const char *const names[JW_PALETTE_COUNT] = {"standard", "cividis", "greys"};
    return names[palette < JW_PALETTE_COUNT ? palette : JW_PALETTE_STANDARD];
}

static uint32_t mix(uint32_t from, uint32_t to, double t)
{
    uint32_t colour = 0;
    for (uint32_t shift = 0; shift < 24; shift += 8) {
        double a = from >> shift & 255, b = to >> shift & 255;
        colour |= (uint32_t)(a + (b - a) * t + 0.5) << shift;
    }
    return colour;
}

static uint32_t palette_colour(const uint32_t colours[PALETTE_STOPS], double part)
{
    double at = jw_clamp(part, 0, 1) * (PALETTE_STOPS - 1);
    int below = (int)jw_min(jw_floor(at), PALETTE_STOPS - 2);
    return mix(colours[below], colours[below + 1], at - below);
}

jw_view_legend jw_view_get_legend(jw_view_overlay overlay, jw_view_palette palette)
{
    const jw_overlay_info *info = jw_view_overlay_info(overlay);
    const uint32_t *colours =
        (info->sense == JW_SENSE_AMOUNT ? amounts : judging)[palette < JW_PALETTE_COUNT ? palette : 0];
    jw_view_legend legend = {.title = info->title, .unit = info->unit, .stop_count = info->stop_count};
    for (uint32_t i = 0; i < info->stop_count; i++) {
        double part = (double)i / (info->stop_count - 1);
        if (info->names[0] && info->stop_count == 4) /* of four words none has the pale middle */
            part = (i + (i >= 2)) / 4.0;
        legend.stops[i] = (jw_view_legend_stop){
            info->stops[i], palette_colour(colours, info->sense == JW_SENSE_HIGH_GOOD ? 1 - part : part)};
    }
    return legend;
}

double jw_view_legend_part(const jw_view_legend *legend, double value)
{
    if (legend->stop_count < 2)
        return 0;
    const jw_view_legend_stop *stops = legend->stops;
    uint32_t upper = 1;
    while (upper + 1 < legend->stop_count && stops[upper].value < value)
        upper++;
    double t = (value - stops[upper - 1].value) / (stops[upper].value - stops[upper - 1].value);
    return jw_clamp(upper - 1 + jw_clamp(t, 0, 1), 0, legend->stop_count - 1) / (legend->stop_count - 1);
}

uint32_t jw_view_legend_colour(const jw_view_legend *legend, double value)
{
    if (legend->stop_count < 2)
        return 0x808080;
    double at = jw_view_legend_part(legend, value) * (legend->stop_count - 1);
    uint32_t below = (uint32_t)jw_min(jw_floor(at), legend->stop_count - 2.0);
    return mix(legend->stops[below].colour, legend->stops[below + 1].colour, at - below);
}

double jw_view_overlay_weight(jw_view_overlay overlay, const jw_view_legend *legend, double value)
{
    double part = jw_view_legend_part(legend, value);
    return jw_view_overlay_info(overlay)->sense == JW_SENSE_HIGH_GOOD ? 1 - part : part;
}

uint32_t jw_view_flow_colour(uint32_t traffic_kind)
{
    static const uint32_t colours[JW_TRAFFIC_KIND_COUNT] = {
        [JW_TRAFFIC_CONTROL] = 0xFFB000, [JW_TRAFFIC_VIDEO] = 0x2E9BFF, [JW_TRAFFIC_AI] = 0xE8308C};
    return colours[traffic_kind < JW_TRAFFIC_KIND_COUNT ? traffic_kind : 0];
}

/* ---- values -----------------------------------------------------------------------------------------------
 */

static bool shade_value(const jw_overlay_info *info, const jw_frame *frame, uint32_t row, uint32_t rows,
                        double *out)
{
    for (uint32_t i = 0; i < frame->shade_count; i++) {
        const jw_frame_shade *shade = &frame->shades[i];
        if (strcmp(shade->name, info->id) != 0 || shade->value_count != rows || row >= rows ||
            (uint64_t)shade->first_value + rows > frame->raster_value_count)
            continue;
        *out = (double)frame->raster_values[shade->first_value + row];
        return !isnan(*out);
    }
    return false;
}

static bool edge_value(jw_view_overlay overlay, const jw_city *city, const jw_frame *frame, uint32_t row,
                       double *out)
{
    if (row >= frame->edge_count || row >= city->edge_count)
        return false;
    const jw_frame_edge *edge = &frame->edges[row];
    double limit_mps = city->edges[row].speed_mps;
    *out = overlay == JW_OVERLAY_QUEUE ? (double)edge->queue_m : 100 * (double)edge->speed_mps / limit_mps;
    return limit_mps > 0;
}

static double fullest_share(const jw_frame_link *link)
{
    double fullest_bps = 0;
    for (int way = 0; way < 2; way++) {
        double sum_bps = 0;
        for (int kind = 0; kind < JW_TRAFFIC_KIND_COUNT; kind++)
            sum_bps += (double)link->rate_bps[way][kind];
        fullest_bps = jw_max(fullest_bps, sum_bps);
    }
    return link->capacity_bps > 0 ? fullest_bps / (double)link->capacity_bps : 0;
}

bool jw_view_overlay_value(jw_view_overlay overlay, const jw_city *city, const jw_frame *frame, uint32_t row,
                           double *out)
{
    const jw_overlay_info *info = jw_view_overlay_info(overlay);
    bool is_shade = info->watch == JW_WATCH_SHADE;
    switch (info->kind) {
    case JW_OVERLAY_OF_EDGES:
        return is_shade ? shade_value(info, frame, row, frame->edge_count, out)
                        : edge_value(overlay, city, frame, row, out);
    case JW_OVERLAY_OF_LINKS:
        if (row >= frame->link_count || !frame->links[row].is_up)
            return false;
        *out = 100 * fullest_share(&frame->links[row]);
        return true;
    case JW_OVERLAY_OF_ASSETS:
        break;
    default:
        return false;
    }
    if (row >= frame->asset_count || !(info->assets >> frame->assets[row].kind & 1))
        return false;
    if (is_shade)
        return shade_value(info, frame, row, frame->asset_count, out);
    const jw_frame_asset *asset = &frame->assets[row];
    if (overlay == JW_OVERLAY_THROUGHPUT)
        *out = (double)asset->rate / 1e6;
    else if (overlay == JW_OVERLAY_POWER)
        *out = (double)asset->rate / 1e3;
    else if (overlay == JW_OVERLAY_SITE_QUEUE)
        *out = (double)asset->queue;
    else
        *out = 100 * (double)asset->load;
    return true;
}

const jw_frame_raster *jw_view_overlay_raster(jw_view_overlay overlay, const jw_frame *frame)
{
    const jw_overlay_info *info = jw_view_overlay_info(overlay);
    for (uint32_t i = 0; i < frame->raster_count && info->kind == JW_OVERLAY_OF_PLACES; i++) {
        const jw_frame_raster *raster = &frame->rasters[i];
        uint64_t cells = (uint64_t)raster->columns * raster->rows;
        if (raster->kind == info->watch && cells > 0 && raster->cell_m > 0 &&
            raster->first_value + cells <= frame->raster_value_count)
            return raster;
    }
    return NULL;
}

bool jw_view_overlay_value_at(jw_view_overlay overlay, const jw_frame *frame, double x_m, double y_m,
                              double *out)
{
    const jw_frame_raster *raster = jw_view_overlay_raster(overlay, frame);
    if (!raster)
        return false;
    double column = jw_floor((x_m - (double)raster->x_m) / (double)raster->cell_m);
    double row = jw_floor((y_m - (double)raster->y_m) / (double)raster->cell_m);
    if (!(column >= 0 && row >= 0 && column < raster->columns && row < raster->rows))
        return false;
    uint64_t cell = (uint64_t)row * raster->columns + (uint64_t)column;
    *out = (double)frame->raster_values[raster->first_value + cell];
    return !isnan(*out);
}
