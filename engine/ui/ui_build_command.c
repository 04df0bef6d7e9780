/* The command that a place and the options make, and what is known of its cost before it is given. */
#include "ui/ui_state.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const double bands_ghz[] = {3.5, 2.6, 4.9, 0.7, 26};
static const double capacities_gbps[] = {10, 100, 400};
static const char *const controls[] = {"as_mapped", "fixed",      "actuated", "max_pressure",
                                       "extended",  "green_wave", "one_green"};
static const char *const tiers[] = {"edge", "park", "base_station", "city", "west"};

#define LINE_ROOM 12 /* of a text of streets: a blank, the longest number and the end */

static const jw_frame *frame_of(const jw_ui *ui)
{
    return &ui->sides[ui->side].newer;
}

/* ---- names -----------------------------------------------------------------------------------------------
 */

static bool is_name_taken(const jw_ui *ui, const char *name)
{
    const jw_frame *frame = frame_of(ui);
    for (uint32_t i = 0; i < frame->asset_count; i++)
        if (strcmp(frame->assets[i].name, name) == 0)
            return true;
    for (uint32_t i = 0; i < frame->link_count; i++)
        if (strcmp(frame->links[i].name, name) == 0)
            return true;
    for (uint32_t i = 0; i < ui->done_count; i++) { /* what the next frame will show, and what none shows */
        const jw_command *done = &ui->deeds[i].done;
        if (strcmp(jw_command_get_text(done, "name", ""), name) == 0 ||
            strcmp(jw_command_get_text(done, "id", ""), name) == 0)
            return true;
    }
    return false;
}

static void name_new(const jw_ui *ui, const char *kind, char *out, size_t out_size)
{
    for (uint32_t n = 1; n < 100000; n++) {
        snprintf(out, out_size, "new-%s-%u", kind, n);
        if (!is_name_taken(ui, out))
            return;
    }
}

static void put_place(jw_command *command, const char *kind, const jw_ui *ui, jw_vec2 at)
{
    char name[JW_ASSET_NAME_SIZE];
    name_new(ui, kind, name, sizeof name);
    jw_command_text(command, "name", name);
    jw_command_number(command, "x", jw_round(at.x * 10) / 10);
    jw_command_number(command, "y", jw_round(at.y * 10) / 10);
}

/* ---- commands --------------------------------------------------------------------------------------------
 */

static uint32_t kind_of(const jw_frame *frame, const jw_pick *pick)
{
    for (uint32_t i = 0; i < frame->asset_count && pick->kind == JW_PICK_ASSET; i++)
        if (strcmp(frame->assets[i].name, pick->name) == 0)
            return frame->assets[i].kind;
    return JW_ASSET_KIND_COUNT;
}

/* A verb for each kind of equipment; NULL: none. */
static const char *verb_for(const jw_frame *frame, const jw_pick *pick, const char *site, const char *cell,
                            const char *roadside, const char *link)
{
    if (pick->kind == JW_PICK_LINK)
        return link;
    switch (kind_of(frame, pick)) {
    case JW_ASSET_SITE:
        return site;
    case JW_ASSET_CELL:
        return cell;
    case JW_ASSET_ROADSIDE:
        return roadside;
    default:
        return NULL;
    }
}

static bool make_named(const char *verb, const jw_pick *pick, jw_command *out)
{
    if (!verb)
        return false;
    *out = jw_command_make(verb);
    jw_command_text(out, "name", pick->name);
    return true;
}

static bool make_on_street(const jw_ui *ui, const ui_aim *aim, jw_command *out)
{
    const ui_build *build = &ui->build;
    bool is_close = build->what == UI_BUILD_CLOSE;
    if (aim->thing.kind != JW_PICK_EDGE)
        return false;
    *out = jw_command_make(build->what == UI_BUILD_WORKS      ? "works"
                           : build->what == UI_BUILD_INCIDENT ? "incident"
                           : build->takes_lane                ? "close_lane"
                                                              : "close_edge");
    jw_command_number(out, "edge", aim->thing.index);
    if (!is_close || build->takes_lane)
        jw_command_number(out, "lane", aim->lane);
    if (build->what == UI_BUILD_INCIDENT) {
        jw_command_number(out, "position_m", jw_round(aim->along_m));
        jw_command_number(out, "duration_s", jw_round(build->minutes * 60));
    } else if (build->what == UI_BUILD_WORKS) {
        jw_command_number(out, "hours", build->hours);
    }
    return true;
}

bool ui_build_is_ring(const ui_build *build)
{
    return build->pick_count > 2 && build->picks[build->pick_count - 1].index == build->picks[0].index;
}

static size_t say_through(const ui_build *build, uint32_t count, char out[JW_ARG_TEXT_SIZE])
{
    size_t used = 0;
    for (uint32_t i = 0; i < count; i++)
        used += (size_t)snprintf(out + used, JW_ARG_TEXT_SIZE - used, "%s%u", i ? " " : "",
                                 build->picks[i].index);
    return used;
}

bool ui_build_is_full(const ui_build *build)
{
    char through[JW_ARG_TEXT_SIZE];
    return build->pick_count == UI_BUILD_PICKS ||
           say_through(build, build->pick_count, through) + LINE_ROOM > sizeof through;
}

static bool make_bus_line(const jw_ui *ui, jw_command *out)
{
    const ui_build *build = &ui->build;
    char through[JW_ARG_TEXT_SIZE] = "", id[JW_ASSET_NAME_SIZE];
    bool is_ring = ui_build_is_ring(build);
    if (build->pick_count < 2)
        return false;
    say_through(build, build->pick_count - is_ring, through);
    *out = jw_command_make("add_bus_line");
    if (is_ring)
        jw_command_number(out, "loop", 1);
    name_new(ui, "bus", id, sizeof id);
    jw_command_text(out, "id", id);
    jw_command_text(out, "through", through);
    jw_command_number(out, "headway_s", jw_round(build->headway_min * 60));
    return true;
}

static bool make_fibre(const jw_ui *ui, const ui_aim *aim, jw_command *out)
{
    const ui_build *build = &ui->build;
    char name[JW_ASSET_NAME_SIZE];
    if (build->pick_count != 1 || aim->thing.kind != JW_PICK_ASSET ||
        strcmp(build->picks[0].name, aim->thing.name) == 0)
        return false;
    *out = jw_command_make("add_link");
    name_new(ui, "fibre", name, sizeof name);
    jw_command_text(out, "from", build->picks[0].name);
    jw_command_text(out, "to", aim->thing.name);
    jw_command_number(out, "capacity_gbps", capacities_gbps[build->capacity % JW_COUNT_OF(capacities_gbps)]);
    jw_command_text(out, "name", name);
    return true;
}

bool ui_build_is_ruled_so(const jw_ui *ui, const ui_aim *aim)
{
    const ui_build *build = &ui->build;
    const char *mode = ui_build_mode(ui);
    return build->what == UI_BUILD_SIGNALS && build->control < UI_CONTROL_WAVE && mode &&
           aim->thing.kind == JW_PICK_JUNCTION && aim->thing.index == build->watch.a &&
           strcmp(mode, controls[build->control]) == 0;
}

static bool make_signals(const jw_ui *ui, const ui_aim *aim, jw_command *out)
{
    const ui_build *build = &ui->build;
    const char *control = controls[build->control % JW_COUNT_OF(controls)];
    if (aim->thing.kind != JW_PICK_JUNCTION)
        return false;
    if (build->control == UI_CONTROL_GREEN) /* by the tab's sliders */
        return false;
    if (build->control == UI_CONTROL_WAVE) { /* from the first junction to the second */
        if (build->pick_count != 1 || build->picks[0].index == aim->thing.index)
            return false;
        *out = jw_command_make("green_wave");
        jw_command_number(out, "from", build->picks[0].index);
        jw_command_number(out, "to", aim->thing.index);
        jw_command_number(out, "cycle_s", build->cycle_s);
        return true;
    }
    *out = jw_command_make("signal_control");
    jw_command_text(out, "mode", control);
    jw_command_number(out, "programme", ui->city->junctions[aim->thing.index].programme);
    return true;
}

static bool make_placed(const jw_ui *ui, const ui_aim *aim, jw_command *out)
{
    const ui_build *build = &ui->build;
    const ui_catalogue *catalogue = &ui->catalogue;
    switch (build->what) {
    case UI_BUILD_CELL:
        *out = jw_command_make("place_cell");
        put_place(out, "cell", ui, aim->at);
        jw_command_number(out, "band_ghz", bands_ghz[build->band % JW_COUNT_OF(bands_ghz)]);
        if (aim->height_m > 5) /* a mast of 4 m on the roof */
            jw_command_number(out, "height_m", jw_min(jw_round(aim->height_m + 4), 150));
        return true;
    case UI_BUILD_ROADSIDE:
        *out = jw_command_make("place_roadside");
        put_place(out, "unit", ui, aim->at);
        jw_command_number(out, "range_m", build->range_m);
        if (aim->thing.kind == JW_PICK_JUNCTION)
            jw_command_number(out, "junction", aim->thing.index);
        return true;
    case UI_BUILD_SITE:
        *out = jw_command_make("place_edge_site");
        put_place(out, "site", ui, aim->at);
        jw_command_number(out, "count", catalogue->card_count ? build->card_count : 0);
        if (catalogue->card_count && build->card_count > 0)
            jw_command_text(out, "card", catalogue->cards[build->card % catalogue->card_count].id);
        return true;
    case UI_BUILD_CROWD:
        *out = jw_command_make("place_crowd");
        put_place(out, "crowd", ui, aim->at);
        jw_command_text(out, "type", catalogue->requests[build->request % catalogue->request_count]);
        jw_command_number(out, "per_s", build->per_s);
        return true;
    default:
        return false;
    }
}

static bool make_move(const jw_ui *ui, const ui_aim *aim, jw_command *out)
{
    const ui_build *build = &ui->build;
    if (build->pick_count != 1 ||
        !make_named(verb_for(frame_of(ui), &build->picks[0], "move_site", "move_cell", "move_roadside", NULL),
                    &build->picks[0], out))
        return false;
    jw_command_number(out, "x", jw_round(aim->at.x * 10) / 10);
    jw_command_number(out, "y", jw_round(aim->at.y * 10) / 10);
    return true;
}

static bool make_of_catalogue(const jw_ui *ui, const ui_aim *aim, jw_command *out)
{
    const ui_build *build = &ui->build;
    const ui_catalogue *catalogue = &ui->catalogue;
    if (build->what == UI_BUILD_CARDS) {
        if (!catalogue->card_count || build->card_count < 1)
            return false;
        *out = jw_command_make("order_cards");
        jw_command_text(out, "card", catalogue->cards[build->card % catalogue->card_count].id);
        jw_command_text(out, "site", aim->thing.name);
        jw_command_number(out, "count", build->card_count);
        return true;
    }
    if (!catalogue->model_count)
        return false;
    *out = jw_command_make("deploy_model");
    jw_command_text(out, "model", catalogue->models[build->model % catalogue->model_count].id);
    jw_command_number(out, "version", catalogue->models[build->model % catalogue->model_count].version);
    jw_command_text(out, "tier", tiers[build->tier % JW_COUNT_OF(tiers)]);
    jw_command_number(out, "wave", build->wave);
    return true;
}

bool ui_build_command(jw_ui *ui, const ui_aim *aim, jw_command *out)
{
    const jw_frame *frame = frame_of(ui);
    if (ui->build.what == UI_BUILD_BUS_LINE)
        return make_bus_line(ui, out);
    if (!aim->fits)
        return false;
    switch (ui->build.what) {
    case UI_BUILD_FIBRE:
        return make_fibre(ui, aim, out);
    case UI_BUILD_CARDS:
    case UI_BUILD_MODEL:
        return make_of_catalogue(ui, aim, out);
    case UI_BUILD_CLOSE:
    case UI_BUILD_INCIDENT:
    case UI_BUILD_WORKS:
        return make_on_street(ui, aim, out);
    case UI_BUILD_SIGNALS:
        return make_signals(ui, aim, out);
    case UI_BUILD_MOVE:
        return make_move(ui, aim, out);
    case UI_BUILD_REMOVE:
        return make_named(
            verb_for(frame, &aim->thing, "remove_site", "remove_cell", "remove_roadside", "remove_link"),
            &aim->thing, out);
    case UI_BUILD_CUT:
        return make_named("cut_link", &aim->thing, out);
    case UI_BUILD_FAIL:
        return make_named(verb_for(frame, &aim->thing, "fail_node", "fail_cell", "fail_roadside", "cut_link"),
                          &aim->thing, out);
    default:
        return make_placed(ui, aim, out);
    }
}

/* ---- cost ------------------------------------------------------------------------------------------------
 */

static void add(ui_cost *cost, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(ui_cost *cost, const char *format, ...)
{
    if (cost->count == UI_COST_LINES)
        return;
    va_list arguments;
    va_start(arguments, format);
    jw_text_format_list(cost->lines[cost->count++], sizeof cost->lines[0], format, arguments);
    va_end(arguments);
}

/* A line of one text with a number in it. */
static void add_number(const jw_ui *ui, ui_cost *cost, const char *key, double value, const char *unit)
{
    char number[64], line[160];
    ui_format_number(value, ui_say_unit(ui, unit), number, sizeof number);
    ui_say_with(ui, key, number, line, sizeof line);
    add(cost, "%s", line);
}

/* In metres up to a kilometre. */
static void add_length(const jw_ui *ui, ui_cost *cost, const char *key, double length_m)
{
    bool is_short = length_m < 1000;
    add_number(ui, cost, key, is_short ? jw_round(length_m) : length_m / 1000, is_short ? "m" : "km");
}

static void add_price(const jw_ui *ui, ui_cost *cost, double cny)
{
    if (cny > 0)
        add_number(ui, cost, "build.price", cny, "CNY");
    else
        add(cost, "%s", ui_say(ui, "build.no_price"));
}

/* Fibre to what a new mast or site will be joined to. */
static bool nearest_site(const jw_frame *frame, jw_vec2 at, jw_vec2 *out)
{
    double best_m = INFINITY;
    for (uint32_t i = 0; i < frame->asset_count; i++) {
        jw_vec2 site = {(double)frame->assets[i].x_m, (double)frame->assets[i].y_m};
        double away_m = jw_vec2_distance(site, at);
        if (frame->assets[i].kind != JW_ASSET_SITE || !frame->assets[i].is_up || away_m >= best_m)
            continue;
        best_m = away_m;
        *out = site;
    }
    return isfinite(best_m);
}

bool ui_build_anchor(const jw_ui *ui, jw_vec2 at, jw_vec2 *out)
{
    return nearest_site(frame_of(ui), at, out);
}

static void add_fibre(const jw_ui *ui, ui_cost *cost, jw_vec2 from, jw_vec2 to)
{
    add_length(ui, cost, "build.fibre_length", jw_fibre_length_m(from.x, from.y, to.x, to.y));
}

jw_cell_def ui_build_cell(const jw_ui *ui, const ui_aim *aim)
{
    jw_cell_def def = {.band_ghz = bands_ghz[ui->build.band % JW_COUNT_OF(bands_ghz)],
                       .height_m = aim->height_m > 5 ? jw_min(jw_round(aim->height_m + 4), 150) : 0};
    jw_network_default_cell(&def);
    return def;
}

/* More than one may stand at a place: it is said. */
static void add_neighbour(const jw_ui *ui, ui_cost *cost, jw_vec2 at)
{
    const char *name = ui_build_neighbour(ui, at);
    if (name && cost->count < UI_COST_LINES)
        ui_say_with(ui, "build.here", name, cost->lines[cost->count++], sizeof cost->lines[0]);
}

static void cost_cell(const jw_ui *ui, const ui_aim *aim, ui_cost *cost)
{
    jw_cell_def def = ui_build_cell(ui, aim);
    jw_vec2 anchor;
    char full[48], least[48], line[160];
    ui_format_number(jw_round(jw_cell_reach_m(&def, 15)), "m", full, sizeof full);
    ui_format_number(jw_round(jw_cell_reach_m(&def, 1)), "m", least, sizeof least);
    snprintf(line, sizeof line, "%s – %s", full, least);
    ui_say_with(ui, "build.reach", line, cost->lines[cost->count++], sizeof cost->lines[0]);
    snprintf(line, sizeof line, "%.0f – %.0f W", def.idle_power_w, def.busy_power_w);
    ui_say_with(ui, "build.power", line, cost->lines[cost->count++], sizeof cost->lines[0]);
    if (ui_build_anchor(ui, aim->at, &anchor))
        add_fibre(ui, cost, aim->at, anchor);
    add_price(ui, cost, 0);
    add_neighbour(ui, cost, aim->at);
}

/* Power and price of so many cards, and of the site around them where a budget pays for it. */
static void cost_cards(const jw_ui *ui, ui_cost *cost, bool is_site)
{
    const ui_catalogue *catalogue = &ui->catalogue;
    double count = ui->build.card_count, cny = is_site && catalogue->has_budget ? catalogue->site_cny : 0;
    bool has_price = cny > 0 || !is_site;
    if (catalogue->card_count && count > 0) {
        uint32_t card = ui->build.card % catalogue->card_count;
        char line[160];
        snprintf(line, sizeof line, "%.0f × %s", count, ui_say_id(ui, catalogue->cards[card].id));
        add(cost, "%s", line);
        snprintf(line, sizeof line, "%.1f – %.1f kW", count * catalogue->cards[card].idle_w / 1000,
                 count * catalogue->cards[card].peak_w / 1000);
        ui_say_with(ui, "build.power", line, cost->lines[cost->count++], sizeof cost->lines[0]);
        has_price = catalogue->cards[card].price_cny > 0;
        cny += count * catalogue->cards[card].price_cny;
        if (!is_site && catalogue->cards[card].lead_days > 0)
            add_number(ui, cost, "build.lead", catalogue->cards[card].lead_days, "d");
    }
    if (is_site && !catalogue->has_budget && has_price)
        add_number(ui, cost, "build.price_cards", cny, "CNY");
    else
        add_price(ui, cost, has_price ? cny : 0);
}

static void cost_budget(const jw_ui *ui, ui_cost *cost)
{
    const jw_frame_metric *left = jw_frame_find_metric(frame_of(ui), "economy.city_budget");
    if (!ui->catalogue.has_budget || !left)
        return;
    add_number(ui, cost, "build.budget", left->value, "CNY");
    if (ui->build.what != UI_BUILD_CARDS) /* these cannot be undone at all */
        add(cost, "%s", ui_say(ui, "build.stays_paid"));
}

static void cost_thing(const jw_ui *ui, const jw_pick *pick, ui_cost *cost)
{
    const jw_frame *frame = frame_of(ui);
    const char *keys[JW_ASSET_KIND_COUNT] = {[JW_ASSET_SITE] = "build.requests_held",
                                             [JW_ASSET_CELL] = "build.users",
                                             [JW_ASSET_ROADSIDE] = "build.hearers"};
    for (uint32_t i = 0; i < frame->asset_count && pick->kind == JW_PICK_ASSET; i++)
        if (strcmp(frame->assets[i].name, pick->name) == 0 && keys[frame->assets[i].kind])
            add_number(ui, cost, keys[frame->assets[i].kind], (double)frame->assets[i].queue, "");
    for (uint32_t i = 0; i < frame->link_count && pick->kind == JW_PICK_LINK; i++)
        if (strcmp(frame->links[i].name, pick->name) == 0) {
            double bps = 0;
            for (int k = 0; k < 2 * JW_TRAFFIC_KIND_COUNT; k++)
                bps += (double)frame->links[i].rate_bps[k & 1][k / 2];
            add_number(ui, cost, "build.carries", bps, "bit/s");
        }
}

/* Of fibres that hang on a thing and follow it. */
static void cost_move(const jw_ui *ui, const ui_aim *aim, ui_cost *cost)
{
    const jw_frame *frame = frame_of(ui);
    double x_m, y_m, fibre_m = 0;
    if (ui->build.pick_count != 1 || !ui_place_of(ui, frame, &ui->build.picks[0], &x_m, &y_m))
        return;
    add_number(ui, cost, "build.moved", jw_round(jw_vec2_distance((jw_vec2){x_m, y_m}, aim->at)), "m");
    for (uint32_t i = 0; i < frame->link_count; i++) {
        const jw_frame_link *l = &frame->links[i];
        jw_vec2 ends[2] = {{(double)l->x0_m, (double)l->y0_m}, {(double)l->x1_m, (double)l->y1_m}};
        for (int e = 0; e < 2; e++)
            if (jw_vec2_distance(ends[e], (jw_vec2){x_m, y_m}) < 1)
                fibre_m += jw_fibre_length_m(aim->at.x, aim->at.y, ends[1 - e].x, ends[1 - e].y);
    }
    if (fibre_m > 0)
        add_length(ui, cost, "build.fibre_length", fibre_m);
}

/* What the world answered of the junction aimed at: who rules its signals now. */
static void cost_signals(const jw_ui *ui, ui_cost *cost)
{
    char now[64], then[64], key[96];
    const char *mode = ui_build_mode(ui);
    const char *wanted = controls[ui->build.control % JW_COUNT_OF(controls)];
    if (mode)
        jw_text_copy(now, sizeof now, ui_say_name(ui, "value.", mode, key, sizeof key));
    if (ui_build_is_greens(&ui->build)) {
        add(cost, "%s", mode ? now : "…");
        return;
    }
    jw_text_copy(then, sizeof then, ui_say_name(ui, "value.", wanted, key, sizeof key));
    if (ui->build.control == UI_CONTROL_WAVE) /* of many junctions: what rules them now is not asked */
        add(cost, "%s", then);
    else
        add(cost, "%s → %s", mode ? now : "…", then);
}

static void cost_streets(const jw_ui *ui, ui_cost *cost)
{
    double length_m = 0;
    uint32_t count = ui->build.pick_count - ui_build_is_ring(&ui->build);
    for (uint32_t i = 0; i < count; i++)
        length_m += ui->city->edges[ui->build.picks[i].index].length_m;
    add_number(ui, cost, "build.streets", count, "");
    if (length_m > 0)
        add_length(ui, cost, "build.chosen_length", length_m);
    if (ui_build_is_ring(&ui->build))
        add(cost, "%s", ui_say(ui, "build.ring"));
}

void ui_build_cost(const jw_ui *ui, const ui_aim *aim, ui_cost *cost)
{
    const ui_build *build = &ui->build;
    *cost = (ui_cost){0};
    switch (build->what) {
    case UI_BUILD_CELL:
        cost_cell(ui, aim, cost);
        break;
    case UI_BUILD_ROADSIDE:
        add_number(ui, cost, "build.heard", build->range_m, "m");
        add(cost, "%s", ui_say(ui, aim->thing.kind == JW_PICK_JUNCTION ? "build.announces" : "build.apart"));
        add_price(ui, cost, 0);
        add_neighbour(ui, cost, aim->at);
        break;
    case UI_BUILD_SITE: {
        jw_vec2 anchor;
        cost_cards(ui, cost, true);
        if (ui_build_anchor(ui, aim->at, &anchor))
            add_fibre(ui, cost, aim->at, anchor);
        cost_budget(ui, cost);
        break;
    }
    case UI_BUILD_CROWD:
        if (ui->catalogue.request_count > 0) {
            add(cost, "%s",
                ui_say_id(ui, ui->catalogue.requests[build->request % ui->catalogue.request_count]));
            add_number(ui, cost, "build.asks", build->per_s, "1/s");
        }
        break;
    case UI_BUILD_CARDS:
        cost_cards(ui, cost, false);
        cost_budget(ui, cost);
        break;
    case UI_BUILD_MODEL:
        if (ui->catalogue.has_budget)
            add_number(ui, cost, "build.price_each", ui->catalogue.rollout_cny, "CNY");
        else
            add_price(ui, cost, 0);
        cost_budget(ui, cost);
        break;
    case UI_BUILD_FIBRE: {
        double x_m, y_m;
        if (build->pick_count == 1 && ui_place_of(ui, frame_of(ui), &build->picks[0], &x_m, &y_m)) {
            add_fibre(ui, cost, (jw_vec2){x_m, y_m}, aim->at);
            add_price(ui, cost, 0);
        }
        break;
    }
    case UI_BUILD_BUS_LINE:
        cost_streets(ui, cost);
        break;
    case UI_BUILD_CLOSE:
    case UI_BUILD_INCIDENT:
    case UI_BUILD_WORKS:
        if (aim->thing.kind == JW_PICK_EDGE && aim->thing.index < frame_of(ui)->edge_count) {
            const jw_frame_edge *edge = &frame_of(ui)->edges[aim->thing.index];
            add_length(ui, cost, "build.length", ui->city->edges[aim->thing.index].length_m);
            add_number(ui, cost, "build.vehicles", edge->vehicles, "");
        }
        if (aim->thing.kind == JW_PICK_EDGE && (build->what != UI_BUILD_CLOSE || build->takes_lane))
            add_number(ui, cost, "build.lane", aim->lane + 1, "");
        break;
    case UI_BUILD_SIGNALS:
        cost_signals(ui, cost);
        break;
    case UI_BUILD_MOVE:
        cost_move(ui, aim, cost);
        break;
    case UI_BUILD_REMOVE:
    case UI_BUILD_CUT:
    case UI_BUILD_FAIL:
        cost_thing(ui, &aim->thing, cost);
        break;
    default:
        break;
    }
}

const char *ui_build_mode(const jw_ui *ui)
{
    const jw_frame *frame = frame_of(ui);
    for (uint32_t i = 0; i < frame->detail_count; i++)
        if (ui->build.watch.id && frame->details[i].watch_id == ui->build.watch.id &&
            strcmp(frame->details[i].label, "control_mode") == 0)
            return frame->details[i].text;
    return NULL;
}

const char *ui_build_tier(const jw_ui *ui)
{
    return tiers[ui->build.tier % JW_COUNT_OF(tiers)];
}

/* ---- the catalogue ---------------------------------------------------------------------------------------
 */

void ui_catalogue_take(const jw_twin_def *def, const jw_world *world, ui_catalogue *out)
{
    const jw_ai *ai = jw_world_state(world, JW_TWIN_AI);
    const jw_budget_def *budget = jw_economy_budget(jw_world_state(world, JW_TWIN_ECONOMY));
    *out = (ui_catalogue){.has_budget = budget->is_on,
                          .site_cny = (double)budget->site_fen / 100,
                          .rollout_cny = (double)budget->rollout_fen / 100};
    for (uint32_t i = 0; i < def->card_count && out->card_count < UI_CATALOGUE_MAX; i++) {
        const jw_card *card = &def->cards[i];
        uint32_t at = out->card_count++;
        jw_text_copy(out->cards[at].id, sizeof out->cards[at].id, card->id);
        out->cards[at].price_cny = card->price_cny;
        out->cards[at].idle_w = card->idle_w;
        out->cards[at].peak_w = card->peak_w;
        jw_supply_state supply;
        for (uint32_t k = 0; jw_ai_supply(ai, k, &supply); k++)
            if (strcmp(supply.def->id, card->id) == 0) {
                out->cards[at].price_cny = supply.def->price_cny;
                out->cards[at].lead_days = supply.def->lead_days;
            }
    }
    for (uint32_t i = def->site_count; i-- > 0;)
        for (uint32_t k = 0; k < out->card_count && def->sites[i].tier == JW_TIER_EDGE; k++)
            if (def->sites[i].rack_count && strcmp(def->sites[i].racks[0].card, out->cards[k].id) == 0)
                out->usual_card = k;
    for (uint32_t i = 0; i < def->model_count && out->model_count < UI_CATALOGUE_MAX; i++) {
        uint32_t at = out->model_count++;
        jw_text_copy(out->models[at].id, sizeof out->models[at].id, def->models[i].id);
        out->models[at].version = def->models[i].version;
    }
    for (uint32_t i = 0; i < def->request_count && out->request_count < UI_CATALOGUE_MAX; i++)
        jw_text_copy(out->requests[out->request_count++], sizeof out->requests[0], def->requests[i].name);
}
