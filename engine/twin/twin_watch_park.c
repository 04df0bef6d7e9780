/* Industrial parks have figures but no place on the map: who looks for one asks for their list, then for one
 * of them by name. */
#include "twin/twin_example.h"

#include <string.h>

static void list_parks(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    jw_park_state park;
    for (uint32_t i = 0; jw_economy_park(world, twin_economy_of(world), i, &park); i++) {
        jw_watch thing = twin_thing_park(park.def->name);
        twin_detail_thing(frame, watch, JW_RELATION_VALUE, "park", &thing, "");
    }
}

static void tell_park(const jw_watch *watch, const jw_park_state *park, jw_frame *frame)
{
    static const struct {
        jw_park_need need;
        const char *has, *needs, *unit;
    } needs[JW_PARK_NEED_COUNT] = {
        {JW_PARK_FIBRE, "fibre_rate", "fibre_rate_needed", "Gbit/s"},
        {JW_PARK_POWER, "supply", "supply_needed", "kW"},
        {JW_PARK_PEOPLE, "staff", "staff_needed", ""},
        {JW_PARK_INFERENCE, "inference", "inference_needed", "1/s"},
    };
    twin_detail_text(frame, watch, "region", park->def->region);
    twin_detail_text(frame, watch, "state", park->has_defaulted ? "defaulted" : "solvent");
    for (uint32_t n = 0; n < JW_PARK_NEED_COUNT; n++) {
        if (park->lacks & 1u << needs[n].need)
            twin_detail_text(frame, watch, "lacks", jw_park_need_name(needs[n].need));
        if (park->coming & 1u << needs[n].need)
            twin_detail_text(frame, watch, "coming", jw_park_need_name(needs[n].need));
    }
    twin_detail_number(frame, watch, "production_lines", park->lines, "");
    if (park->lines)
        twin_detail_number(frame, watch, "oee", park->oee * 100, "%");
    twin_detail_number(frame, watch, "parts", (double)park->made, "");
    twin_detail_number(frame, watch, "by_model", (double)park->by_model, "");
    twin_detail_number(frame, watch, "by_fallback", (double)park->by_fallback, "");
    for (uint32_t n = 0; n < JW_PARK_NEED_COUNT; n++) {
        twin_detail_number(frame, watch, needs[n].has, park->has[needs[n].need], needs[n].unit);
        twin_detail_number(frame, watch, needs[n].needs, park->needs[needs[n].need], needs[n].unit);
    }
    twin_detail_number(frame, watch, "model_quality", park->def->quality * 100, "%");
    twin_detail_number(frame, watch, "margin", (double)park->margin_fen / 100, "CNY");
    twin_detail_number(frame, watch, "cash", (double)park->cash_fen / 100, "CNY");
    twin_detail_number(frame, watch, "loan", (double)park->loan_fen / 100, "CNY");
}

/* Its lines that stand in the city. */
static void tell_lines(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    jw_production_line_state line;
    for (uint32_t i = 0; i < jw_economy_line_count(twin_economy_of(world)); i++) {
        if (!jw_economy_line(world, twin_economy_of(world), i, &line) || line.is_remote ||
            strcmp(line.def->park, watch->name) != 0)
            continue;
        jw_watch thing = twin_thing_asset(line.def->name);
        twin_detail_thing(frame, watch, JW_RELATION_NEEDS, "production_line", &thing, "");
    }
}

void twin_answer_park(const jw_world *world, const jw_watch *watch, jw_frame *frame)
{
    jw_park_state park;
    if (!watch->name[0]) {
        list_parks(world, watch, frame);
        return;
    }
    for (uint32_t i = 0; jw_economy_park(world, twin_economy_of(world), i, &park); i++)
        if (strcmp(park.def->name, watch->name) == 0) {
            tell_park(watch, &park, frame);
            tell_lines(world, watch, frame);
            return;
        }
}
