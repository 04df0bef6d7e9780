/* What the numbers rest on: the city as it was read, what was assumed where the map says nothing, what was
 * odd in it, the models and their sources. */
#include "ui/ui_state.h"

#include <inttypes.h>
#include <stdio.h>

static void draw_count(const jw_ui *ui, const char *key, double value, const char *unit)
{
    char text[64];
    ui_format_number(value, unit, text, sizeof text);
    gui_value(ui_say(ui, key), text, false, false);
}

static void draw_city(jw_ui *ui)
{
    const jw_city *city = ui->city;
    uint32_t assumed = 0;
    for (uint32_t i = 0; i < city->building_count; i++)
        assumed += city->buildings[i].height_is_assumed != 0;
    double width_m = city->bounds.max_x - city->bounds.min_x,
           height_m = city->bounds.max_y - city->bounds.min_y;
    gui_text(GUI_BODY, GUI_ACCENT, ui_say(ui, "assumptions.city"));
    gui_tight(true);
    draw_count(ui, "assumptions.area", width_m * height_m / 1e6, "km²");
    draw_count(ui, "assumptions.edges", city->edge_count, "");
    draw_count(ui, "assumptions.junctions", city->junction_count, "");
    draw_count(ui, "assumptions.buildings", city->building_count, "");
    draw_count(ui, "assumptions.heights", city->building_count ? 100.0 * assumed / city->building_count : 0,
               "%");
    char seed[32], text[64];
    snprintf(seed, sizeof seed, "%" PRIu64, ui->seed);
    ui_say_with(ui, ui->wish.seed ? "assumptions.seed_asked" : "assumptions.seed_of_scene", seed, text,
                sizeof text);
    gui_value(ui_say(ui, "assumptions.seed"), text, false, false);
    draw_count(ui, "assumptions.threads", ui->wish.threads, "");
    gui_tight(false);
}

static void draw_problems(jw_ui *ui)
{
    const jw_problems *problems = &ui->problems;
    gui_text(GUI_BODY, GUI_ACCENT, ui_say(ui, "assumptions.problems"));
    if (problems->count == 0)
        gui_text(GUI_SMALL, GUI_MUTED, ui_say(ui, "assumptions.no_problems"));
    for (uint32_t i = 0; i < problems->count && i < 50; i++) {
        const jw_problem *problem = &problems->items[i];
        char text[640], message[512], element[96];
        jw_phrases_say(&ui->phrases, problem->message, message, sizeof message);
        jw_phrases_say(&ui->phrases, problem->element, element, sizeof element);
        snprintf(text, sizeof text, "%u × %s%s%s", problem->count, element, problem->element[0] ? ": " : "",
                 message);
        gui_text(GUI_SMALL, problem->severity == JW_NOTE ? GUI_TEXT : GUI_WARNING, text);
    }
    if (problems->count > 50)
        gui_text(GUI_SMALL, GUI_MUTED, "…");
}

void ui_assumptions_draw(jw_ui *ui)
{
    static const char *const models[] = {
        "model.laid",    "model.absent",  "model.traffic",  "model.network",
        "model.compute", "model.economy", "model.requests", "model.map",
    };
    gui_scroll_begin("##assumptions", 0);
    draw_city(ui);
    gui_gap(8);
    gui_text(GUI_BODY, GUI_ACCENT, ui_say(ui, "assumptions.models"));
    for (uint32_t i = 0; i < JW_COUNT_OF(models); i++)
        gui_text(GUI_SMALL, GUI_TEXT, ui_say(ui, models[i]));
    gui_gap(8);
    draw_problems(ui);
    gui_scroll_end();
}
