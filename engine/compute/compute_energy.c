/* What a site draws: computers by utilisation, cooling by the outside temperature, losses by load. */
#include "compute/compute_internal.h"

/* Cooling as a share of the IT power against the temperature outside: 0.0743 + 0.0041 T + 7.1705e-5 T^2,
 * fitted by Xu, Feng and Li, "Temperature aware workload management in geo-distributed data centers" (ICAC
 * 2013) to a maker's figures of a cooling system with an economiser; cited from memory: unverified. It is
 * taken at 0 °C and above. */
static double cooling_curve(double temperature_c)
{
    double t = jw_max(0, temperature_c);
    return 0.0743 + 0.0041 * t + 7.1705e-5 * t * t;
}

/* The share of IT power that fans and pumps take when outside air alone cools: unverified. */
#define FREE_COOLING_SHARE 0.02
/* Fans and pumps run at an idle site, too: this share of the cooling goes with the rated power: unverified.
 */
#define COOLING_FIXED 0.25
/* Power supplies: part stands, part goes with the load. The form is that of Pelley et al., "Understanding and
 * abstracting total data center power" (WEED 2009); the figures are unverified. */
#define LOSS_FIXED 0.01
#define LOSS_LOAD  0.03

/* By tier (unverified): cabinets by the road and at masts are cooled by outside air for most of the year;
 * rooms in parks and districts have plain air conditioners, which run all year; centres have economisers,
 * those of the west in dry air up to higher temperatures. */
static const struct {
    double free_below_c, factor;
} tiers[JW_TIER_COUNT] = {
    [JW_TIER_ROADSIDE] = {20, 0.8}, [JW_TIER_BASE_STATION] = {18, 1}, [JW_TIER_PARK] = {-100, 2.5},
    [JW_TIER_EDGE] = {-100, 2},     [JW_TIER_CITY] = {12, 1},         [JW_TIER_WEST] = {18, 0.9},
};

jw_overhead jw_site_overhead(const jw_site_def *def, double it_w, double rated_w, double temperature_c)
{
    if (def->pue > 0)
        return (jw_overhead){.cooling_w = (def->pue - 1) * it_w};
    double free_below_c = def->free_below_c != 0 ? def->free_below_c : tiers[def->tier].free_below_c;
    double factor = def->cooling_factor > 0 ? def->cooling_factor : tiers[def->tier].factor;
    bool is_free = temperature_c < free_below_c;
    double share = is_free ? FREE_COOLING_SHARE : factor * cooling_curve(temperature_c);
    return (jw_overhead){.cooling_w = share * (COOLING_FIXED * rated_w + (1 - COOLING_FIXED) * it_w),
                         .loss_w = LOSS_FIXED * rated_w + LOSS_LOAD * it_w,
                         .is_free = is_free};
}

static double base_power_w(const compute_site *s, double busy)
{
    double idle_w = s->def.base_idle_w > 0 ? s->def.base_idle_w : s->def.base_power_w;
    return s->cards ? idle_w + (s->def.base_power_w - idle_w) * busy / s->cards : idle_w;
}

/* What the cards of a service draw above idle. An instance of a language model draws its peak while it
 * prefills and less while it only decodes, bound by memory (Patel et al., "Splitwise", ISCA 2024). */
static double working_w(const jw_compute *compute, const compute_site *s, const installed *in)
{
    const jw_card *card = &compute->cards[s->rack_card[in->rack]];
    double busy = compute_busy_cards(in), peak_w = card->peak_w - card->idle_w;
    if (busy == 0 || card->token_w <= 0 || compute->services[in->service].kind != JW_SERVICE_LLM)
        return peak_w * busy;
    uint32_t filling = 0;
    for (uint32_t i = 0; i < in->server_count; i++)
        filling += in->servers[i].count > 0 && in->servers[i].is_filling;
    double prefill = busy * filling / in->busy_count;
    return peak_w * prefill + (card->token_w - card->idle_w) * (busy - prefill);
}

/* Cards and servers: linear between idle and peak by the busy share (Barroso and Hölzle 2007). */
double compute_it_power_w(const jw_compute *compute, const compute_site *s)
{
    double power_w = 0, busy = 0;
    for (uint32_t r = 0; r < s->def.rack_count; r++)
        power_w += compute->cards[s->rack_card[r]].idle_w * s->def.racks[r].count;
    for (uint32_t p = 0; p < SERVICES_PER_SITE; p++)
        if (s->services[p].service != JW_NONE) {
            power_w += working_w(compute, s, &s->services[p]);
            busy += compute_busy_cards(&s->services[p]);
        }
    return power_w + base_power_w(s, busy);
}

double compute_place_power_w(const jw_compute *compute, const compute_site *s, const installed *in)
{
    const jw_card *card = &compute->cards[s->rack_card[in->rack]];
    double busy = compute_busy_cards(in),
           idle_w = s->def.base_idle_w > 0 ? s->def.base_idle_w : s->def.base_power_w;
    return card->idle_w * in->cards + working_w(compute, s, in) +
           (idle_w * in->cards + (s->def.base_power_w - idle_w) * busy) / s->cards;
}

double compute_rated_power_w(const jw_compute *compute, const compute_site *s)
{
    double power_w = s->def.base_power_w;
    for (uint32_t r = 0; r < s->def.rack_count; r++)
        power_w += compute->cards[s->rack_card[r]].peak_w * s->def.racks[r].count;
    return power_w;
}

double compute_peak_power_w(const jw_compute *compute, const compute_site *s)
{
    double rated_w = compute_rated_power_w(compute, s);
    jw_overhead overhead = jw_site_overhead(&s->def, rated_w, rated_w, REGION_TEMPERATURE_MAX_C);
    return rated_w + overhead.cooling_w + overhead.loss_w;
}
