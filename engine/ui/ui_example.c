/* One concrete example of what goes wrong at a thing: it is asked for, kept as it was told, listed hop by hop
 * with its times to scale, and drawn over the city. A hop that is clicked is flown to; the example stays. */
#include "ui/ui_map.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define FIRST_ID 1000 /* of watches of examples: each question has its own */
#define MAP_Z_M  2.0

/* ---- asking ----------------------------------------------------------------------------------------------
 */

void ui_example_close(jw_ui *ui)
{
    ui_example *example = &ui->example;
    example->is_open = example->is_asked = false;
    example->hop_count = example->detail_count = 0;
}

void ui_example_free(jw_ui *ui)
{
    jw_free(ui->example.hops);
    jw_free(ui->example.details);
    ui->example = (ui_example){0};
}

/* Under an overlay of the network the worst request may be one whose time is computing: it would not show
 * why the place has the overlay's colour. */
static jw_example_kind fit_overlay(const jw_ui *ui, jw_example_kind kind)
{
    jw_overlay_group group = jw_view_overlay_info(ui->overlay)->group;
    bool is_of_network =
        ui->overlay != JW_OVERLAY_NONE && (group == JW_GROUP_RADIO || group == JW_GROUP_NETWORK);
    return kind == JW_EXAMPLE_ANY && is_of_network ? JW_EXAMPLE_NETWORK : kind;
}

void ui_example_ask(jw_ui *ui, const jw_pick *pick, jw_example_kind kind)
{
    ui_example *example = &ui->example;
    jw_watch thing = ui_watch_of(pick);
    uint32_t asked = example->watch.id;
    ui_example_close(ui);
    example->watch = thing;
    example->watch.id = asked < FIRST_ID ? FIRST_ID : asked + 1;
    example->watch.kind = JW_WATCH_EXAMPLE;
    example->watch.of = (uint8_t)thing.kind;
    example->watch.example = (uint8_t)fit_overlay(ui, kind);
    example->is_open = example->is_asked = true;
    example->side = ui->side;
    example->chosen = JW_NONE;
    ui->watches_changed = true;
    ui->tab = UI_TAB_INSPECTOR;
    ui->is_drawer_closed = false;
    ui->redraws = 3;
}

void ui_example_take(jw_ui *ui, uint32_t side)
{
    ui_example *example = &ui->example;
    const jw_frame *frame = &ui->sides[side].newer;
    uint32_t hops = 0, details = 0;
    if (!example->is_asked || side != example->side)
        return;
    for (uint32_t i = 0; i < frame->hop_count; i++)
        if (frame->hops[i].watch_id == example->watch.id &&
            jw_grow(&example->hops, &example->hop_capacity, hops + 1ull, sizeof *example->hops, NULL) ==
                JW_OK)
            example->hops[hops++] = frame->hops[i];
    for (uint32_t i = 0; i < frame->detail_count; i++)
        if (frame->details[i].watch_id == example->watch.id &&
            jw_grow(&example->details, &example->detail_capacity, details + 1ull, sizeof *example->details,
                    NULL) == JW_OK)
            example->details[details++] = frame->details[i];
    example->hop_count = hops;
    example->detail_count = details;
    example->is_asked = details == 0;
    if (!example->is_asked)
        ui->watches_changed = true;
}

/* ---- the worst of what an overlay shows ------------------------------------------------------------------
 */

/* Buildings stand for the ground that they stand on. */
static bool value_of(const jw_ui *ui, const jw_frame *frame, uint32_t row, double *out)
{
    if (jw_view_overlay_info(ui->overlay)->kind != JW_OVERLAY_OF_PLACES)
        return jw_view_overlay_value(ui->overlay, ui->city, frame, row, out);
    const jw_building *building = &ui->city->buildings[row];
    return jw_view_overlay_value_at(ui->overlay, frame, building->x_m, building->y_m, out);
}

bool ui_example_worst(const jw_ui *ui, jw_pick *out)
{
    const ui_side *side = &ui->sides[ui->side];
    const jw_overlay_info *info = jw_view_overlay_info(ui->overlay);
    if (ui->overlay == JW_OVERLAY_NONE || !side->has_newer)
        return false;
    const jw_frame *frame = &side->newer;
    uint32_t rows = info->kind == JW_OVERLAY_OF_EDGES    ? frame->edge_count
                    : info->kind == JW_OVERLAY_OF_ASSETS ? frame->asset_count
                    : info->kind == JW_OVERLAY_OF_LINKS  ? frame->link_count
                                                         : ui->city->building_count;
    uint32_t worst = JW_NONE;
    double worst_value = 0, sign = info->sense == JW_SENSE_HIGH_GOOD ? -1 : 1;
    for (uint32_t i = 0; i < rows; i++) {
        double value;
        /* An empty street has the speed of its limit: nobody is slow there. */
        bool is_empty = info->kind == JW_OVERLAY_OF_EDGES && frame->edges[i].vehicles == 0;
        if (is_empty || !value_of(ui, frame, i, &value) || isnan(value))
            continue;
        /* Of streets that are alike the one with the longest queue. */
        bool is_alike = worst != JW_NONE && value == worst_value && info->kind == JW_OVERLAY_OF_EDGES;
        if (worst == JW_NONE || sign * value > sign * worst_value ||
            (is_alike && frame->edges[i].queue_m > frame->edges[worst].queue_m)) {
            worst = i;
            worst_value = value;
        }
    }
    if (worst == JW_NONE)
        return false;
    static const jw_pick_kind kinds[] = {[JW_OVERLAY_OF_EDGES] = JW_PICK_EDGE,
                                         [JW_OVERLAY_OF_ASSETS] = JW_PICK_ASSET,
                                         [JW_OVERLAY_OF_LINKS] = JW_PICK_LINK,
                                         [JW_OVERLAY_OF_PLACES] = JW_PICK_BUILDING};
    *out = (jw_pick){.kind = kinds[info->kind], .index = worst};
    if (info->kind == JW_OVERLAY_OF_ASSETS)
        jw_text_copy(out->name, sizeof out->name, frame->assets[worst].name);
    if (info->kind == JW_OVERLAY_OF_LINKS)
        jw_text_copy(out->name, sizeof out->name, frame->links[worst].name);
    return true;
}

void ui_example_go_worst(jw_ui *ui)
{
    jw_pick pick;
    char text[128];
    if (ui_example_worst(ui, &pick)) {
        ui_go_to(ui, &pick);
        ui_example_ask(ui, &pick, JW_EXAMPLE_ANY);
        return;
    }
    ui_say_with(ui, "example.no_worst", "", text, sizeof text);
    ui_notice(ui, text);
}

/* ---- names -----------------------------------------------------------------------------------------------
 */

jw_pick ui_pick_of(const jw_watch *watch)
{
    static const jw_pick_kind kinds[] = {
        [JW_WATCH_NONE] = JW_PICK_NONE,         [JW_WATCH_VEHICLE] = JW_PICK_VEHICLE,
        [JW_WATCH_EDGE] = JW_PICK_EDGE,         [JW_WATCH_JUNCTION] = JW_PICK_JUNCTION,
        [JW_WATCH_BUILDING] = JW_PICK_BUILDING, [JW_WATCH_ASSET] = JW_PICK_ASSET,
        [JW_WATCH_LINK] = JW_PICK_LINK,         [JW_WATCH_PARK] = JW_PICK_PARK};
    jw_pick pick = {0};
    if (watch->kind >= JW_COUNT_OF(kinds))
        return pick;
    pick.kind = kinds[watch->kind];
    pick.index = watch->a;
    pick.generation = watch->b;
    jw_text_copy(pick.name, sizeof pick.name, watch->name);
    return pick;
}

void ui_say_thing(const jw_ui *ui, const jw_watch *thing, char *out, size_t out_size)
{
    char place[128];
    jw_pick pick = ui_pick_of(thing);
    ui_name_thing(ui, &ui->sides[ui->side].newer, &pick, out, out_size, place, sizeof place);
}

void ui_say_span(int64_t span_ns, char *out, size_t out_size)
{
    double value = jw_s_from_ns(span_ns);
    const char *unit = "s";
    if (span_ns >= 120 * JW_NS_PER_S) {
        int all_s = (int)jw_round(value);
        snprintf(out, out_size, "%d:%02d min", all_s / 60, all_s % 60);
        return;
    }
    if (span_ns > 0 && span_ns < 1000) {
        value *= 1e9;
        unit = "ns";
    } else if (span_ns > 0 && span_ns < 1000000) {
        value *= 1e6;
        unit = "µs";
    } else if (span_ns > 0 && span_ns < JW_NS_PER_S) {
        value *= 1e3;
        unit = "ms";
    }
    int decimals = value >= 100 || value == jw_round(value) ? 0 : value >= 10 ? 1 : 2;
    snprintf(out, out_size, "%.*f %s", decimals, value, unit);
}

/* ---- the list --------------------------------------------------------------------------------------------
 */

/* Waiting stands out, work is in the accent's colour, the way itself is quiet. */
static uint32_t part_colour(int part)
{
    return part == 0   ? gui_colour_of(GUI_WARNING)
           : part == 1 ? gui_colour_of(GUI_ACCENT)
                       : gui_fade(GUI_MUTED, 0.7f);
}

/* The deadline, where it lies within the whole, is a line through all bars. */
static void draw_bar(gui_rect r, const jw_frame_hop *hop, int64_t begin_ns, int64_t all_ns,
                     double deadline_ns)
{
    int64_t parts_ns[3] = {hop->waited_ns, hop->worked_ns,
                           hop->end_ns - hop->begin_ns - hop->waited_ns - hop->worked_ns};
    double scale = (double)r.width / jw_max((double)all_ns, 1);
    float least = gui_px(2);
    double at_ns = (double)(hop->begin_ns - begin_ns);
    gui_draw_fill(r, gui_fade(GUI_LINE, 0.5f), gui_px(2));
    for (int i = 0; i < 3; i++) {
        if (parts_ns[i] <= 0)
            continue;
        float x = r.x + (float)(at_ns * scale), width = (float)((double)parts_ns[i] * scale);
        width = width < least ? least : width;
        if (x + width > r.x + r.width)
            x = r.x + r.width - width;
        gui_draw_fill((gui_rect){x, r.y, width, r.height}, part_colour(i), 0);
        at_ns += (double)parts_ns[i];
    }
    float line = r.x + (float)(deadline_ns * scale);
    if (deadline_ns > 0 && deadline_ns < (double)all_ns)
        gui_draw_line(line, r.y - gui_px(4), line, r.y + r.height + gui_px(4), gui_colour_of(GUI_TEXT),
                      gui_px(1.5f));
}

static void go_to_hop(jw_ui *ui, uint32_t index)
{
    ui_example kept = ui->example;
    jw_pick pick = ui_pick_of(&kept.hops[index].thing);
    if (pick.kind == JW_PICK_NONE)
        return;
    ui_go_to(ui, &pick);
    kept.chosen = index;
    ui->example = kept;
}

/* 0: it has none. */
static double deadline_ns(const ui_example *example)
{
    for (uint32_t i = 0; i < example->detail_count; i++)
        if (strcmp(example->details[i].label, "deadline") == 0)
            return example->details[i].number * 1e6;
    return 0;
}

static void draw_hop(jw_ui *ui, uint32_t index)
{
    const ui_example *example = &ui->example;
    const jw_frame_hop *hop = &example->hops[index];
    const jw_frame_hop *last = &example->hops[example->hop_count - 1];
    int64_t begin_ns = example->hops[0].begin_ns;
    char key[64], title[192], thing[128] = "", span[32], tip[256], parts[3][32];
    gui_push((int)index);
    float line = gui_text_height(GUI_BODY), height = line + gui_px(16);
    gui_canvas canvas = gui_control_make("hop", gui_room_x(), height);
    gui_rect r = canvas.rect;
    bool can_go = hop->thing.kind != JW_WATCH_NONE;
    if (example->chosen == index || canvas.is_hovered)
        gui_draw_fill(r, gui_colour_of(GUI_HOVER), gui_px(4));
    if (canvas.is_hovered && can_go)
        gui_point_hand();
    if (can_go)
        ui_say_thing(ui, &hop->thing, thing, sizeof thing);
    const char *label = ui_say_name(ui, "hop.", hop->label, key, sizeof key);
    /* Streets and fibres are named by themselves. */
    bool is_plain = strcmp(hop->label, "section") == 0 || strcmp(hop->label, "link") == 0;
    if (!thing[0])
        jw_text_copy(title, sizeof title, label);
    else if (is_plain)
        jw_text_copy(title, sizeof title, thing);
    else
        jw_text_format(title, sizeof title, "%.60s · %s", label, thing);
    ui_say_span(hop->end_ns - hop->begin_ns, span, sizeof span);
    float width = gui_text_width(GUI_BODY, span);
    gui_clip((gui_rect){r.x, r.y, r.width - width - gui_px(12), r.height});
    gui_draw_text(GUI_BODY, r.x + gui_px(4), r.y + gui_px(2), gui_colour_of(GUI_TEXT), title);
    gui_unclip();
    gui_draw_text(GUI_BODY, r.x + r.width - width - gui_px(4), r.y + gui_px(2), gui_colour_of(GUI_TEXT),
                  span);
    gui_rect bar = {r.x + gui_px(4), r.y + line + gui_px(6), r.width - gui_px(8), gui_px(5)};
    draw_bar(bar, hop, begin_ns, last->end_ns - begin_ns, deadline_ns(example));
    ui_say_span(hop->waited_ns, parts[0], sizeof parts[0]);
    ui_say_span(hop->worked_ns, parts[1], sizeof parts[1]);
    ui_say_span(hop->end_ns - hop->begin_ns - hop->waited_ns - hop->worked_ns, parts[2], sizeof parts[2]);
    jw_text_format(tip, sizeof tip, "%.60s\n%s %s · %s %s · %s %s", label, ui_say(ui, "example.waits"),
                   parts[0], ui_say(ui, "example.works"), parts[1], ui_say(ui, "example.way"), parts[2]);
    if (hop->unit[0]) {
        char number[64];
        size_t length = strlen(tip);
        ui_format_number(hop->number, ui_say_unit(ui, hop->unit), number, sizeof number);
        snprintf(tip + length, sizeof tip - length, " · %s", number);
    }
    gui_tooltip(tip);
    gui_pop();
    if (canvas.was_clicked)
        go_to_hop(ui, index);
}

static void draw_key(const jw_ui *ui)
{
    const char *texts[3] = {ui_say(ui, "example.waits"), ui_say(ui, "example.works"),
                            ui_say(ui, "example.way")};
    float line = gui_text_height(GUI_SMALL);
    gui_canvas canvas = gui_canvas_make("key", gui_room_x(), line + gui_px(6));
    float x = canvas.rect.x + gui_px(4), y = canvas.rect.y + gui_px(3);
    for (int i = 0; i < 3; i++) {
        gui_draw_fill((gui_rect){x, y + line * 0.3f, line * 0.6f, line * 0.5f}, part_colour(i), 0);
        x += line * 0.6f + gui_px(5);
        gui_draw_text(GUI_SMALL, x, y, gui_colour_of(GUI_MUTED), texts[i]);
        x += gui_text_width(GUI_SMALL, texts[i]) + gui_px(14);
    }
}

static void draw_sum(const jw_ui *ui)
{
    const ui_example *example = &ui->example;
    char value[64];
    int64_t waited_ns = 0, all_ns = 0;
    for (uint32_t i = 0; i < example->hop_count; i++) {
        waited_ns += example->hops[i].waited_ns;
        all_ns += example->hops[i].end_ns - example->hops[i].begin_ns;
    }
    bool is_told = false; /* of a request above */
    for (uint32_t i = 0; i < example->detail_count; i++)
        is_told |= strcmp(example->details[i].label, "latency") == 0;
    ui_say_span(all_ns, value, sizeof value);
    if (!is_told)
        gui_value(ui_say(ui, "example.all"), value, false, false);
    ui_say_span(waited_ns, value, sizeof value);
    gui_value(ui_say(ui, "example.all_waits"), value, false, false);
}

void ui_example_list(jw_ui *ui)
{
    ui_example *example = &ui->example;
    float half = (gui_room_x() - gui_px(8)) / 2;
    jw_watch of = example->watch;
    of.kind = (jw_watch_kind)example->watch.of;
    char thing[128] = "";
    if (example->watch.of != JW_WATCH_NONE)
        ui_say_thing(ui, &of, thing, sizeof thing);
    gui_text(GUI_SMALL, GUI_ACCENT, ui_say(ui, "example.title"));
    gui_text(GUI_TITLE, GUI_TEXT, thing[0] ? thing : ui_say(ui, "inspector.city"));
    gui_scroll_begin("##example", -gui_px(48));
    if (example->is_asked)
        gui_text(GUI_BODY, GUI_MUTED, ui_say(ui, "inspector.waiting"));
    gui_tight(true);
    for (uint32_t i = 0; i < example->detail_count; i++) {
        const jw_watch *its = &example->details[i].thing;
        if (its->kind == JW_WATCH_VEHICLE && of.kind == JW_WATCH_VEHICLE && its->a == of.a)
            continue; /* it is the title */
        gui_push((int)i);
        ui_inspector_detail(ui, &example->details[i], false);
        gui_pop();
    }
    if (example->hop_count) {
        gui_tight(false);
        gui_rule();
        gui_tight(true);
        draw_sum(ui);
        draw_key(ui);
        for (uint32_t i = 0; i < example->hop_count; i++)
            draw_hop(ui, i);
    }
    gui_tight(false);
    gui_scroll_end();
    jw_pick pick = ui_pick_of(
        &(jw_watch){.kind = (jw_watch_kind)example->watch.of, .a = example->watch.a, .b = example->watch.b});
    jw_text_copy(pick.name, sizeof pick.name, example->watch.name);
    bool wants_values = gui_button(ui_say(ui, "example.values"), half, false);
    gui_same_line(8);
    if (gui_button(ui_say(ui, "example.again"), half, false))
        ui_example_ask(ui, &pick, (jw_example_kind)example->watch.example);
    else if (wants_values)
        ui_example_close(ui);
}

/* ---- over the city ---------------------------------------------------------------------------------------
 */

static void draw_section(const jw_ui *ui, const ui_map *map, const jw_frame_hop *hop, bool is_chosen)
{
    enum { PIECE = 64 };
    const jw_city *city = ui->city;
    if (hop->thing.a >= city->edge_count)
        return;
    const jw_edge *edge = &city->edges[hop->thing.a];
    /* The more of its time was lost, the more it stands out. */
    double lost = (double)hop->waited_ns / jw_max((double)(hop->end_ns - hop->begin_ns), 1);
    uint32_t colour = gui_colour_of(lost > 0.5 ? GUI_WARNING : GUI_ACCENT);
    for (uint32_t from = 0; from + 1 < edge->point_count; from += PIECE - 1) {
        jw_vec3 points[PIECE];
        uint32_t count = edge->point_count - from < PIECE ? edge->point_count - from : PIECE;
        for (uint32_t i = 0; i < count; i++) {
            points[i] = city->points[edge->first_point + from + i];
            points[i].z += MAP_Z_M;
        }
        ui_map_line(map, points, count, false, colour, is_chosen ? 6.0f : 3.5f);
    }
}

/* Through the junction from one section to the next. */
static void draw_join(const ui_map *map, const jw_frame_hop *from, const jw_frame_hop *to)
{
    jw_vec3 points[2] = {{(double)from->x1_m, (double)from->y1_m, MAP_Z_M},
                         {(double)to->x0_m, (double)to->y0_m, MAP_Z_M}};
    if (from->thing.a != to->thing.a)
        ui_map_line(map, points, 2, false, gui_colour_of(GUI_ACCENT), 3.5f);
}

static void draw_leg(const ui_map *map, const jw_frame_hop *hop, bool is_chosen)
{
    jw_vec3 points[2] = {{(double)hop->x0_m, (double)hop->y0_m, MAP_Z_M},
                         {(double)hop->x1_m, (double)hop->y1_m, MAP_Z_M}};
    double waited = (double)hop->waited_ns / jw_max((double)(hop->end_ns - hop->begin_ns), 1);
    uint32_t colour = gui_colour_of(waited > 0.5 ? GUI_WARNING : GUI_ACCENT);
    ui_map_line(map, points, 2, false, colour, is_chosen ? 5.0f : 3.0f);
    ui_map_mark(map, points[1], colour, is_chosen ? 6.0f : 4.0f);
}

void ui_example_draw(const jw_ui *ui)
{
    const ui_example *example = &ui->example;
    if (!example->is_open || example->hop_count == 0 || example->side >= ui->side_count)
        return;
    ui_map map = ui_map_begin(ui, example->side);
    const jw_frame_hop *shown = NULL, *worst = NULL, *last = NULL;
    for (uint32_t i = 0; i < example->hop_count; i++) {
        const jw_frame_hop *hop = &example->hops[i];
        bool is_chosen = i == example->chosen;
        if (isnan(hop->x0_m) || isnan(hop->x1_m))
            continue;
        if (hop->thing.kind == JW_WATCH_EDGE && last)
            draw_join(&map, last, hop);
        last = hop;
        if (hop->thing.kind == JW_WATCH_EDGE)
            draw_section(ui, &map, hop, is_chosen);
        else
            draw_leg(&map, hop, is_chosen);
        if (is_chosen)
            shown = hop;
        if (!worst || hop->end_ns - hop->begin_ns > worst->end_ns - worst->begin_ns)
            worst = hop;
    }
    /* The time of the chosen hop, else of the longest. */
    shown = shown ? shown : worst;
    if (shown) {
        char span[32], key[64], text[128];
        ui_say_span(shown->end_ns - shown->begin_ns, span, sizeof span);
        jw_text_format(text, sizeof text, "%.60s %s", ui_say_name(ui, "hop.", shown->label, key, sizeof key),
                       span);
        jw_vec3 middle = {((double)shown->x0_m + (double)shown->x1_m) / 2,
                          ((double)shown->y0_m + (double)shown->y1_m) / 2, MAP_Z_M};
        ui_map_mark(&map, middle, gui_colour_of(GUI_ACCENT), 4);
        ui_map_label(&map, middle, gui_colour_of(GUI_TEXT), text);
    }
    ui_map_end();
}
