/* What a scene and the catalogue say of factories: lines, parks, regions, start-ups, the fund. Money is
 * written in yuan and kept in fen. */
#include "script/script_internal.h"

#include <string.h>

#define AT(type, member) offsetof(type, member), sizeof(((type *)0)->member)
#define NUMBER(type, key, member, is_required, min, max, unit, doc)                                          \
    {                                                                                                        \
        key, FIELD_NUMBER, is_required, min, max, NULL, unit, doc, AT(type, member)                          \
    }
#define COUNT(type, key, member, is_required, min, max, doc)                                                 \
    {                                                                                                        \
        key, FIELD_COUNT, is_required, min, max, NULL, NULL, doc, AT(type, member)                           \
    }

static int64_t fen_of(double cny)
{
    return (int64_t)jw_round(cny * 100);
}

static void check(lua_State *L, jw_result result, const jw_error *error)
{
    if (result != JW_OK)
        script_report_error(L, error);
}

/* ---- lines */

typedef struct line_entry {
    jw_production_line_def line;
    double value_cny, scrap_cny, escape_cny, capital_cny;
    char kind[32];
    uint32_t side;
    uint8_t is_unverified;
    char source[300];
} line_entry;

/* What the catalogue and a scene say alike. */
#define LINE_FIELDS                                                                                          \
    NUMBER(line_entry, "cycle_s", line.cycle_s, false, 0.1, 36000, "s",                                      \
           "ideal time a part; 4 when left out"),                                                            \
        NUMBER(line_entry, "mtbf_s", line.mtbf_s, false, 1, 1e9, "s",                                        \
               "of work between failures; 4 h when left out"),                                               \
        NUMBER(line_entry, "mttr_s", line.mttr_s, false, 1, 1e9, "s",                                        \
               "mean time to repair; 10 min when left out"),                                                 \
        NUMBER(line_entry, "defect_share", line.defect_share, false, 1e-6, 1, NULL,                          \
               "of parts made, where no stations are listed; 0.02 when left out"),                           \
        {"stations",                                                                                         \
         FIELD_LIST,                                                                                         \
         false,                                                                                              \
         0,                                                                                                  \
         0,                                                                                                  \
         NULL,                                                                                               \
         NULL,                                                                                               \
         "list of up to 8 { name, cycle_s, cycle_cv, mtbf_s, mttr_s, defect_share, buffer }; one when left " \
         "out",                                                                                              \
         0,                                                                                                  \
         0},                                                                                                 \
        {"products", FIELD_LIST, false, 0,                                                                   \
         0,          NULL,       NULL,  "list of up to 4 { name, batch, cycle_scale }, made in turn",        \
         0,          0},                                                                                     \
        NUMBER(line_entry, "changeover_s", line.changeover_s, false, 0, 1e6, "s",                            \
               "of each station to the next product; 0 when left out"),                                      \
        COUNT(line_entry, "shifts", line.shifts, false, 0, 3, "a day; around the clock when left out"),      \
        NUMBER(line_entry, "shift_start_s", line.shift_start_s, false, 0, 86400, "s",                        \
               "of the first, since midnight; 0 when left out"),                                             \
        NUMBER(line_entry, "shift_s", line.shift_s, false, 60, 86400, "s",                                   \
               "length of each; 8 h when left out"),                                                         \
        NUMBER(line_entry, "patience_s", line.patience_s, false, 0.01, 3600, "s",                            \
               "deadline of a verdict; 1 when left out"),                                                    \
        COUNT(line_entry, "buffer", line.buffer, false, 1, 1000,                                             \
              "parts that may wait for a verdict, and behind stations that say none; 4 when left out"),      \
        {"fallback",                                                                                         \
         FIELD_CHOICE,                                                                                       \
         false,                                                                                              \
         0,                                                                                                  \
         0,                                                                                                  \
         "manual|bypass",                                                                                    \
         NULL,                                                                                               \
         "what happens to a part without a verdict",                                                         \
         AT(line_entry, line.fallback)},                                                                     \
        NUMBER(line_entry, "manual_s", line.manual_s, false, 0.1, 3600, "s",                                 \
               "a person's look; 6 when left out"),                                                          \
        NUMBER(line_entry, "manual_quality", line.manual_quality, false, 0.01, 1, NULL,                      \
               "share of right verdicts; 0.9 when left out"),                                                \
        NUMBER(line_entry, "sample_s", line.sample_s, false, 0.01, 1e6, "s",                                 \
               "of work between sensor samples that ask for a prognosis; none when left out"),               \
        NUMBER(line_entry, "warning_s", line.warning_s, false, 1, 1e8, "s",                                  \
               "of work before a failure that its signs are there; 1 h when left out"),                      \
        NUMBER(line_entry, "planned_s", line.planned_s, false, 1, 1e8, "s",                                  \
               "repair before a failure; a quarter of the station's mttr_s when left out"),                  \
        COUNT(line_entry, "alarms", line.alarms, false, 1, 1000,                                             \
              "in a row that stop a station; 3 when left out"),                                              \
        COUNT(line_entry, "crew", line.crew, false, 0, 10000, "people a shift; none when left out"),         \
        NUMBER(line_entry, "power_kw", line.power_kw, false, 0, 1e6, "kW",                                   \
               "while it works; 0 when left out"),                                                           \
        NUMBER(line_entry, "value_cny", value_cny, false, 0.01, 1e7, "CNY",                                  \
               "of a good part; 200 when left out"),                                                         \
        NUMBER(line_entry, "scrap_cny", scrap_cny, false, 0.01, 1e7, "CNY",                                  \
               "lost with a scrapped part; 80"),                                                             \
        NUMBER(line_entry, "escape_cny", escape_cny, false, 0.01, 1e7, "CNY",                                \
               "of a defect at the customer; 600"),                                                          \
        NUMBER(line_entry, "capital_cny", capital_cny, false, 0, 1e12, "CNY",                                \
               "that the line cost; 0 when left out")

const script_field script_line_fields[SCRIPT_LINE_FIELDS] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "unique name", AT(line_entry, line.name)},
    {"kind", FIELD_TEXT, false, 0, 0, NULL, NULL, "of the catalogue: what is left out is as it says there",
     AT(line_entry, kind)},
    {"park", FIELD_TEXT, true, 0, 0, NULL, NULL, "industrial park it belongs to", AT(line_entry, line.park)},
    {"at", FIELD_PLACE, true, 0, 0, NULL, NULL, "where: a place or block, or { x =, y = }",
     AT(line_entry, line.x_m)},
    LINE_FIELDS,
};

const script_field script_line_kind_fields[] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "kind in city:production_line", AT(line_entry, line.name)},
    {"side", FIELD_CHOICE, true, 0, 0, "east|west", NULL, "whose industry it is", AT(line_entry, side)},
    LINE_FIELDS,
    {"unverified", FIELD_FLAG, false, 0, 0, NULL, NULL, "figures from memory or assumed",
     AT(line_entry, is_unverified)},
    {"source", FIELD_TEXT, true, 0, 0, NULL, NULL, "where the figures were read", AT(line_entry, source)},
};
const uint32_t script_line_kind_field_count = JW_COUNT_OF(script_line_kind_fields);

static const script_field station_fields[] = {
    {"name", FIELD_TEXT, true, 0, 0, NULL, NULL, "of the station", AT(jw_station_def, name)},
    NUMBER(jw_station_def, "cycle_s", cycle_s, false, 0.1, 36000, "s", "ideal time a part; the line's"),
    NUMBER(jw_station_def, "cycle_cv", cycle_cv, false, 0, 1, NULL,
           "deviation over mean: 0 fixed, 1 exponential"),
    NUMBER(jw_station_def, "mtbf_s", mtbf_s, false, 1, 1e9, "s", "of work between failures; the line's"),
    NUMBER(jw_station_def, "mttr_s", mttr_s, false, 1, 1e9, "s", "mean time to repair; the line's"),
    NUMBER(jw_station_def, "defect_share", defect_share, false, 0, 1, NULL, "of parts it works on; 0"),
    COUNT(jw_station_def, "buffer", buffer, false, 1, 64, "places behind it; the line's"),
};

static const script_field product_fields[] = {
    {"name", FIELD_TEXT, true, 0, 0, NULL, NULL, "of the product", AT(jw_product_def, name)},
    COUNT(jw_product_def, "batch", batch, true, 1, 1e6, "parts in a row"),
    NUMBER(jw_product_def, "cycle_scale", cycle_scale, false, 0.01, 100, NULL, "of the stations' cycles; 1"),
};

/* The list `key` of the line at `index`, into records of `size` bytes; keeps what is there when it is absent.
 */
bool script_read_list(lua_State *L, int index, const char *what, const char *key, const script_field *fields,
                      uint32_t field_count, void *out, size_t size, uint32_t max, uint32_t *count)
{
    bool is_fine = true;
    if (lua_getfield(L, index, key) == LUA_TTABLE) {
        lua_Integer length = luaL_len(L, -1);
        if (length < 1 || length > max) {
            script_report(L, "%s: \"%s\" lists %lld, but must list 1 to %u", what, key, (long long)length,
                          max);
            is_fine = false;
            length = 0;
        }
        memset(out, 0, size * max);
        *count = (uint32_t)length;
        for (lua_Integer i = 1; i <= length; i++) {
            lua_geti(L, -1, i);
            is_fine &=
                script_read_fields(L, -1, key, fields, field_count, (char *)out + (size_t)(i - 1) * size);
            lua_pop(L, 1);
        }
    }
    lua_pop(L, 1);
    return is_fine;
}

static bool read_line(lua_State *L, int index, const char *what, const script_field *fields, uint32_t count,
                      line_entry *entry)
{
    jw_production_line_def *line = &entry->line;
    if (!script_read_fields(L, index, what, fields, count, entry))
        return false;
    bool is_fine = script_read_list(L, index, what, "stations", station_fields, JW_COUNT_OF(station_fields),
                                    line->stations, sizeof line->stations[0], JW_LINE_STATIONS_MAX,
                                    &line->station_count);
    is_fine &= script_read_list(L, index, what, "products", product_fields, JW_COUNT_OF(product_fields),
                                line->products, sizeof line->products[0], JW_LINE_PRODUCTS_MAX,
                                &line->product_count);
    int64_t *const money[] = {&line->value_fen, &line->scrap_cost_fen, &line->escape_cost_fen,
                              &line->capital_fen};
    const double cny[] = {entry->value_cny, entry->scrap_cny, entry->escape_cny, entry->capital_cny};
    for (uint32_t i = 0; i < JW_COUNT_OF(money); i++)
        if (cny[i] > 0)
            *money[i] = fen_of(cny[i]);
    return is_fine;
}

jw_result script_take_line_kind(lua_State *L, jw_twin_def *def, jw_error *error)
{
    line_entry entry = {0};
    int index = lua_absindex(L, -1);
    if (!read_line(L, index, "kind of production line", script_line_kind_fields, script_line_kind_field_count,
                   &entry))
        return JW_OK; /* reported */
    jw_production_kind kind = {entry.line, entry.side == 1 ? JW_REGION_WEST : JW_REGION_EAST};
    return jw_twin_def_add_production_kind(def, &kind, error);
}

int script_city_production_line(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "production_line");
    line_entry entry = {0};
    jw_error error = {0};
    if (lua_istable(L, 2) &&
        script_read_field(L, 2, "city:production_line", &script_line_fields[1], &entry) && entry.kind[0]) {
        const jw_production_kind *kind = jw_twin_def_find_production_kind(def, entry.kind);
        if (kind)
            entry.line = kind->line;
        else
            script_report(L, "city:production_line: there is no kind \"%s\" (see assets/catalog/lines.lua)",
                          entry.kind);
    }
    if (read_line(L, 2, "city:production_line", script_line_fields, SCRIPT_LINE_FIELDS, &entry))
        check(L, jw_twin_def_add_line(def, &entry.line, &error), &error);
    return 0;
}

/* ---- regions, parks, start-ups */

typedef struct region_entry {
    jw_region_def region;
    int64_t people[3];
    double venture_cny;
    uint32_t side;
} region_entry;

const script_field script_economic_region_fields[SCRIPT_ECONOMIC_REGION_FIELDS] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "unique name", AT(region_entry, region.name)},
    {"side", FIELD_CHOICE, true, 0, 0, "east|west", NULL, "of the country", AT(region_entry, side)},
    {"skilled", FIELD_BYTES, false, 0, 2e9, NULL, NULL, "people whom parks may employ",
     AT(region_entry, people[0])},
    {"unskilled", FIELD_BYTES, false, 0, 2e9, NULL, NULL, "people who may be trained",
     AT(region_entry, people[1])},
    {"researchers", FIELD_BYTES, false, 0, 2e9, NULL, NULL, "people", AT(region_entry, people[2])},
    NUMBER(region_entry, "decline_per_year", region.decline_per_year, false, 0, 0.5, NULL,
           "share of people who retire, net of who comes"),
    NUMBER(region_entry, "venture_cny", venture_cny, false, 0, 1e13, "CNY", "what its venture capital has"),
};

int script_city_economic_region(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "economic_region");
    region_entry entry = {0};
    jw_error error = {0};
    if (!script_read_fields(L, 2, "city:economic_region", script_economic_region_fields,
                            SCRIPT_ECONOMIC_REGION_FIELDS, &entry))
        return 0;
    entry.region.side = entry.side == 1 ? JW_REGION_WEST : JW_REGION_EAST;
    entry.region.skilled = entry.people[0];
    entry.region.unskilled = entry.people[1];
    entry.region.researchers = entry.people[2];
    entry.region.venture_fen = fen_of(entry.venture_cny);
    check(L, jw_twin_def_add_economic_region(def, &entry.region, &error), &error);
    return 0;
}

typedef struct park_entry {
    jw_park_def park;
    uint8_t is_detailed;
    double cash_cny;
} park_entry;

const script_field script_park_fields[SCRIPT_PARK_FIELDS] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "unique name; lines name it as their park",
     AT(park_entry, park.name)},
    {"region", FIELD_TEXT, true, 0, 0, NULL, NULL, "economic region", AT(park_entry, park.region)},
    {"detailed", FIELD_FLAG, false, 0, 0, NULL, NULL,
     "its lines stand in the city and ask over its network; else they go the park's own way",
     AT(park_entry, is_detailed)},
    NUMBER(park_entry, "fibre_gbps", park.fibre_gbps, false, 0, 1e5, "Gbit/s", "to its computers"),
    NUMBER(park_entry, "power_kw", park.power_kw, false, 0, 1e8, "kW", "of its connection"),
    {"people", FIELD_BYTES, false, 0, 1e8, NULL, NULL, "employed, out of the region's skilled",
     AT(park_entry, park.people)},
    NUMBER(park_entry, "inference_per_s", park.inference_per_s, false, 0, 1e7, "1/s",
           "pictures that its computers begin"),
    NUMBER(park_entry, "inference_s", park.inference_s, false, 1e-4, 1e4, "s", "for one; 0.05 when left out"),
    NUMBER(park_entry, "quality", park.quality, false, 0, 1, NULL, "of the model there"),
    NUMBER(park_entry, "picture_bytes", park.picture_bytes, false, 1, 1e10, "byte", "500,000 when left out"),
    NUMBER(park_entry, "distance_km", park.distance_km, false, 0, 20000, "km", "to its computers"),
    NUMBER(park_entry, "cash_cny", cash_cny, false, 0, 1e12, "CNY", "at the start"),
};

int script_city_park(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "park");
    park_entry entry = {0};
    jw_error error = {0};
    if (!script_read_fields(L, 2, "city:park", script_park_fields, SCRIPT_PARK_FIELDS, &entry))
        return 0;
    entry.park.is_detailed = entry.is_detailed != 0;
    entry.park.cash_fen = fen_of(entry.cash_cny);
    check(L, jw_twin_def_add_park(def, &entry.park, &error), &error);
    return 0;
}

typedef struct parks_entry {
    jw_parks_def parks;
    uint32_t seed;
} parks_entry;

const script_field script_parks_fields[SCRIPT_PARKS_FIELDS] = {
    COUNT(parks_entry, "count", parks.count, true, 1, JW_TWIN_PARKS_MAX, "of parks"),
    {"east", FIELD_TEXT, true, 0, 0, NULL, NULL, "economic region of those in the east",
     AT(parks_entry, parks.east)},
    {"west", FIELD_TEXT, true, 0, 0, NULL, NULL, "and of those in the west", AT(parks_entry, parks.west)},
    COUNT(parks_entry, "seed", seed, false, 0, 4e9, "of their parameters; 0 when left out"),
    COUNT(parks_entry, "lines_max", parks.lines_max, false, 1, 8, "each has one to so many; 3 when left out"),
    NUMBER(parks_entry, "west_share", parks.west_share, false, 0.001, 1, NULL, "0.5 when left out"),
};

int script_city_parks(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "parks");
    parks_entry entry = {0};
    jw_error error = {0};
    if (!script_read_fields(L, 2, "city:parks", script_parks_fields, SCRIPT_PARKS_FIELDS, &entry))
        return 0;
    entry.parks.seed = entry.seed;
    check(L, jw_twin_def_add_parks(def, &entry.parks, &error), &error);
    return 0;
}

typedef struct startup_entry {
    jw_supplier_def supplier;
    double cash_cny, build_cny, fixed_cny, price_cny, unit_cost_cny;
} startup_entry;

const script_field script_startup_fields[SCRIPT_STARTUP_FIELDS] = {
    {"id", FIELD_TEXT, true, 0, 0, NULL, NULL, "unique name", AT(startup_entry, supplier.name)},
    {"region", FIELD_TEXT, true, 0, 0, NULL, NULL, "economic region", AT(startup_entry, supplier.region)},
    NUMBER(startup_entry, "cash_cny", cash_cny, false, 0, 1e12, "CNY", "at the start"),
    NUMBER(startup_entry, "build_cny", build_cny, true, 0, 1e12, "CNY", "to be able to deliver"),
    NUMBER(startup_entry, "fixed_cny", fixed_cny, true, 0, 1e12, "CNY", "cost of a quarter"),
    NUMBER(startup_entry, "price_cny", price_cny, true, 0, 1e9, "CNY", "of a unit"),
    NUMBER(startup_entry, "unit_cost_cny", unit_cost_cny, false, 0, 1e9, "CNY", "of making one"),
    COUNT(startup_entry, "capacity", supplier.capacity, true, 1, 1e6, "units a quarter"),
    COUNT(startup_entry, "build_quarters", supplier.build_quarters, true, 1, 400, "until the first delivery"),
    NUMBER(startup_entry, "demand_share", supplier.demand_share, true, 0, 1, NULL,
           "of quarters in which the market buys"),
};

int script_city_startup(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "startup");
    startup_entry entry = {0};
    jw_error error = {0};
    if (!script_read_fields(L, 2, "city:startup", script_startup_fields, SCRIPT_STARTUP_FIELDS, &entry))
        return 0;
    entry.supplier.cash_fen = fen_of(entry.cash_cny);
    entry.supplier.build_fen = fen_of(entry.build_cny);
    entry.supplier.fixed_fen = fen_of(entry.fixed_cny);
    entry.supplier.price_fen = fen_of(entry.price_cny);
    entry.supplier.unit_cost_fen = fen_of(entry.unit_cost_cny);
    check(L, jw_twin_def_add_supplier(def, &entry.supplier, &error), &error);
    return 0;
}

/* ---- the fund and the figures of productivity: what is left out stays */

typedef struct fund_entry {
    jw_fund_def fund;
    double size_cny;
} fund_entry;

const script_field script_fund_fields[SCRIPT_FUND_FIELDS] = {
    NUMBER(fund_entry, "size_cny", size_cny, true, 0, 1e13, "CNY", "called in equal tranches, one a quarter"),
    COUNT(fund_entry, "tranches", fund.tranches, false, 1, 400, "4 when left out"),
    NUMBER(fund_entry, "leverage", fund.leverage, false, 1, 100, NULL,
           "money at work for each yuan of the fund; 1 when left out"),
    NUMBER(fund_entry, "base_rate", fund.base_rate, false, 0.0001, 1, "1/year",
           "of lending without risk; 0.03 when left out"),
    NUMBER(fund_entry, "private_rate", fund.private_rate, false, 0.0001, 10, "1/year",
           "discount rate of private owners; 0.12 when left out"),
    NUMBER(fund_entry, "state_rate", fund.state_rate, false, 0.0001, 10, "1/year",
           "discount rate of the state; 0.04 when left out"),
    COUNT(fund_entry, "loan_quarters", fund.loan_quarters, false, 1, 400, "of repayment; 20 when left out"),
    NUMBER(fund_entry, "recovery", fund.recovery, false, 0, 1, NULL,
           "share of a defaulted loan that comes back; 0 when left out"),
};

int script_city_fund(lua_State *L)
{
    jw_twin_def *def = script_def_of(L, "fund");
    fund_entry entry = {.fund = def->industry.fund};
    if (!script_read_fields(L, 2, "city:fund", script_fund_fields, SCRIPT_FUND_FIELDS, &entry))
        return 0;
    def->industry.fund = entry.fund;
    def->industry.fund.size_fen = fen_of(entry.size_cny);
    return 0;
}

typedef struct budget_entry {
    double cny, quarterly_cny, site_cny, rollout_cny;
} budget_entry;

const script_field script_budget_fields[SCRIPT_BUDGET_FIELDS] = {
    NUMBER(budget_entry, "cny", cny, true, 0, 1e12, "CNY", "at the start"),
    NUMBER(budget_entry, "quarterly_cny", quarterly_cny, false, 0, 1e12, "CNY", "more each quarter"),
    NUMBER(budget_entry, "site_cny", site_cny, false, 0.01, 1e12, "CNY",
           "a new site without its cards; 200,000 when left out"),
    NUMBER(budget_entry, "rollout_cny", rollout_cny, false, 0.01, 1e12, "CNY",
           "work of a rollout, a site; 10,000 when left out"),
};

int script_city_budget(lua_State *L)
{
    budget_entry entry = {0};
    if (script_read_fields(L, 2, "city:budget", script_budget_fields, SCRIPT_BUDGET_FIELDS, &entry))
        script_def_of(L, "budget")->industry.budget =
            (jw_budget_def){true, fen_of(entry.cny), fen_of(entry.quarterly_cny), fen_of(entry.site_cny),
                            fen_of(entry.rollout_cny)};
    return 0;
}

typedef struct productivity_entry {
    double alpha, service_cny, energy_cny, wage_cny, carrying_rate;
} productivity_entry;

const script_field script_productivity_fields[SCRIPT_PRODUCTIVITY_FIELDS] = {
    NUMBER(productivity_entry, "alpha", alpha, false, 0.001, 0.999, NULL,
           "share of capital; 0.4 when left out"),
    NUMBER(productivity_entry, "service_cny_per_hour", service_cny, false, 0, 1e12, "CNY/h",
           "value of digital services when all are in time; 0 when left out"),
    NUMBER(productivity_entry, "energy_cny_per_kwh", energy_cny, false, 0.01, 1000, "CNY/kWh",
           "0.60 when left out"),
    NUMBER(productivity_entry, "wage_cny_per_hour", wage_cny, false, 0.01, 1e5, "CNY/h", "40 when left out"),
    NUMBER(productivity_entry, "carrying_rate", carrying_rate, false, 0.001, 10, "1/year",
           "of the value of parts in process; 0.2 when left out"),
};

int script_city_productivity(lua_State *L)
{
    jw_productivity_def *out = &script_def_of(L, "productivity")->industry.productivity;
    productivity_entry entry = {out->alpha, (double)out->service_fen_per_hour / 100,
                                (double)out->energy_fen_per_kwh / 100, (double)out->wage_fen_per_hour / 100,
                                out->carrying_rate};
    if (script_read_fields(L, 2, "city:productivity", script_productivity_fields, SCRIPT_PRODUCTIVITY_FIELDS,
                           &entry))
        *out = (jw_productivity_def){entry.alpha, fen_of(entry.service_cny), fen_of(entry.energy_cny),
                                     fen_of(entry.wage_cny), entry.carrying_rate};
    return 0;
}

typedef struct equipment_entry {
    double fibre_cny, power_cny, person_cny, inference_cny;
    uint32_t quarters[JW_PARK_NEED_COUNT];
} equipment_entry;

const script_field script_equipment_fields[SCRIPT_EQUIPMENT_FIELDS] = {
    NUMBER(equipment_entry, "fibre_cny_per_km", fibre_cny, false, 0, 1e9, "CNY/km", "50,000 when left out"),
    NUMBER(equipment_entry, "power_cny_per_kw", power_cny, false, 0, 1e9, "CNY/kW", "5,000 when left out"),
    NUMBER(equipment_entry, "training_cny", person_cny, false, 0, 1e9, "CNY",
           "a person; 10,000 when left out"),
    NUMBER(equipment_entry, "inference_cny", inference_cny, false, 0, 1e9, "CNY",
           "a picture a second; 3,000 when left out"),
    COUNT(equipment_entry, "fibre_quarters", quarters[0], false, 0, 400,
          "until it is there; 1 when left out"),
    COUNT(equipment_entry, "power_quarters", quarters[1], false, 0, 400, "2 when left out"),
    COUNT(equipment_entry, "people_quarters", quarters[2], false, 0, 400, "1 when left out"),
    COUNT(equipment_entry, "inference_quarters", quarters[3], false, 0, 400, "1 when left out"),
};

int script_city_equipment(lua_State *L)
{
    jw_equip_def *out = &script_def_of(L, "equipment")->industry.equip;
    equipment_entry entry = {(double)out->price_fen[0] / 100,
                             (double)out->price_fen[1] / 100,
                             (double)out->price_fen[2] / 100,
                             (double)out->price_fen[3] / 100,
                             {out->quarters[0], out->quarters[1], out->quarters[2], out->quarters[3]}};
    if (!script_read_fields(L, 2, "city:equipment", script_equipment_fields, SCRIPT_EQUIPMENT_FIELDS, &entry))
        return 0;
    const double cny[] = {entry.fibre_cny, entry.power_cny, entry.person_cny, entry.inference_cny};
    for (uint32_t i = 0; i < JW_PARK_NEED_COUNT; i++) {
        out->price_fen[i] = fen_of(cny[i]);
        out->quarters[i] = entry.quarters[i];
    }
    return 0;
}
