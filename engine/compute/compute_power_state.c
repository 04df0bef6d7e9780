/* Saving and loading of what power is: regions, the supply of sites, what services used. */
#include "compute/compute_internal.h"

#define FLOW_MAX 9000000000000000000 /* pg/s of the greatest site on the dirtiest grid are below */

jw_result compute_make_service_totals(jw_compute *compute, jw_error *error)
{
    compute->service_totals = jw_alloc((compute->service_count + 1) * sizeof *compute->service_totals);
    compute->service_done = jw_alloc((compute->service_count + 1) * sizeof *compute->service_done);
    compute->hours = jw_alloc((compute->region_count + 1) * sizeof *compute->hours);
    return compute->service_totals && compute->service_done && compute->hours ? JW_OK : jw_fail_memory(error);
}

#define REGION_FIGURES 11
static void list_region(jw_grid_region *region, double *out[REGION_FIGURES])
{
    double *const figures[REGION_FIGURES] = {
        &region->kgco2_per_kwh, &region->price_cny_per_kwh, &region->green_share,
        &region->temperature_c, &region->season_c,          &region->day_c,
        &region->latitude_deg,  &region->longitude_deg,     &region->sky,
        &region->wind_mps,      &region->solar_share};
    for (uint32_t i = 0; i < REGION_FIGURES; i++)
        out[i] = figures[i];
}

void compute_save_region(jw_writer *writer, const jw_grid_region *region)
{
    jw_grid_region copy = *region;
    double *figures[REGION_FIGURES];
    list_region(&copy, figures);
    jw_write_text(writer, region->id);
    for (uint32_t i = 0; i < REGION_FIGURES; i++)
        jw_write_f64(writer, *figures[i]);
    for (uint32_t i = 0; i < 24; i++)
        jw_write_f64(writer, region->price_factor[i]);
}

void compute_load_region(jw_reader *reader, jw_grid_region *region)
{
    char fault[FAULT_SIZE];
    double *figures[REGION_FIGURES];
    list_region(region, figures);
    jw_read_text(reader, region->id, sizeof region->id);
    for (uint32_t i = 0; i < REGION_FIGURES; i++)
        *figures[i] = jw_read_f64(reader);
    for (uint32_t i = 0; i < 24; i++)
        region->price_factor[i] = jw_read_f64(reader);
    if (!compute_is_region_fine(region, fault))
        jw_reader_fail(reader, "grid region \"%s\": %s", region->id, fault);
}

static void save_sum(jw_writer *writer, flow_sum sum)
{
    jw_write_i64(writer, sum.sum);
    jw_write_i64(writer, sum.rest);
}

static flow_sum load_sum(jw_reader *reader, int64_t unit)
{
    flow_sum sum = {jw_read_i64(reader), 0};
    sum.rest = jw_read_i64(reader);
    if (sum.sum < 0 || sum.sum > INT64_MAX / 2 || sum.rest < 0 || sum.rest >= unit)
        jw_reader_fail(reader, "a sum of energy is out of range");
    return sum;
}

void compute_save_supply(jw_writer *writer, const compute_site *s)
{
    const double figures[] = {s->def.base_idle_w, s->def.free_below_c,      s->def.cooling_factor,
                              s->def.solar_kw,    s->def.wind_kw,           s->def.battery_kwh,
                              s->def.battery_kw,  s->def.battery_efficiency};
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        jw_write_f64(writer, figures[i]);
    const site_power *p = &s->power;
    jw_write_i64(writer, p->since_ns);
    jw_write_f64(writer, p->it_w);
    for (flow f = 0; f < FLOW_COUNT; f++) {
        jw_write_i64(writer, p->rate[f]);
        save_sum(writer, p->total[f]);
    }
    save_sum(writer, p->stored);
    save_sum(writer, p->stored_at_start);
    jw_write_u8(writer, p->has_grid);
    jw_write_u8(writer, p->is_free);
    jw_write_u8(writer, p->is_dark);
    jw_write_i64(writer, p->free_ns);
    for (uint32_t i = 0; i < SERVICES_PER_SITE; i++) {
        jw_write_u32(writer, p->share_service[i]);
        jw_write_i64(writer, p->share_mw[i]);
    }
}

/* The sums of a site add up, and the flows do. */
static bool is_supply_sound(const jw_world *world, const jw_compute *compute, const compute_site *s)
{
    const site_power *p = &s->power;
    int64_t given_mw = 0;
    for (uint32_t i = 0; i < SERVICES_PER_SITE; i++) {
        if ((p->share_service[i] != JW_NONE && p->share_service[i] >= compute->service_count) ||
            p->share_mw[i] < 0 || p->share_mw[i] > p->rate[FLOW_USE])
            return false;
        given_mw += p->share_mw[i];
    }
    for (flow f = 0; f < FLOW_COUNT; f++)
        if (p->rate[f] < 0 || p->rate[f] > (f == FLOW_CARBON || f == FLOW_COST ? FLOW_MAX : SITE_FLOW_MAX_MW))
            return false;
    return p->since_ns >= 0 && p->since_ns <= jw_world_time_ns(world) && p->it_w >= 0 &&
           p->it_w <= SITE_POWER_MAX_W && given_mw <= p->rate[FLOW_USE] + SERVICES_PER_SITE &&
           p->has_grid <= 1 && p->is_free <= 1 && p->is_dark <= 1 && p->free_ns >= 0 &&
           p->free_ns <= jw_world_time_ns(world) && compute_is_power_exact(s);
}

void compute_load_supply(const jw_world *world, jw_reader *reader, const jw_compute *compute, compute_site *s)
{
    double *const figures[] = {&s->def.base_idle_w, &s->def.free_below_c,      &s->def.cooling_factor,
                               &s->def.solar_kw,    &s->def.wind_kw,           &s->def.battery_kwh,
                               &s->def.battery_kw,  &s->def.battery_efficiency};
    for (uint32_t i = 0; i < JW_COUNT_OF(figures); i++)
        *figures[i] = jw_read_f64(reader);
    site_power *p = &s->power;
    p->since_ns = jw_read_i64(reader);
    p->it_w = jw_read_f64(reader);
    for (flow f = 0; f < FLOW_COUNT; f++) {
        p->rate[f] = jw_read_i64(reader);
        p->total[f] = load_sum(reader, compute_unit_of(f));
    }
    p->stored = load_sum(reader, compute_unit_of(FLOW_KEPT));
    p->stored_at_start = load_sum(reader, compute_unit_of(FLOW_KEPT));
    p->has_grid = jw_read_u8(reader);
    p->is_free = jw_read_u8(reader);
    p->is_dark = jw_read_u8(reader);
    p->free_ns = jw_read_i64(reader);
    for (uint32_t i = 0; i < SERVICES_PER_SITE; i++) {
        p->share_service[i] = jw_read_u32(reader);
        p->share_mw[i] = jw_read_i64(reader);
    }
    if (!reader->failed && !is_supply_sound(world, compute, s))
        jw_reader_fail(reader, "the power of site \"%s\" does not add up", s->def.name);
}

void compute_save_services(jw_writer *writer, const jw_compute *compute)
{
    jw_write_u32(writer, compute->day_of_year);
    for (uint32_t i = 0; i < compute->service_count; i++) {
        jw_write_i64(writer, compute->service_done[i]);
        for (uint32_t k = 0; k < SHARE_COUNT; k++)
            save_sum(writer, compute->service_totals[i][k]);
    }
}

void compute_load_services(const jw_world *world, jw_reader *reader, jw_compute *compute)
{
    if (compute_make_service_totals(compute, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    compute->day_of_year = jw_read_u32(reader);
    if (compute->day_of_year < 1 || compute->day_of_year > 365)
        jw_reader_fail(reader, "day %u of the year", compute->day_of_year);
    for (uint32_t i = 0; i < compute->service_count && !reader->failed; i++) {
        compute->service_done[i] = jw_read_i64(reader);
        if (compute->service_done[i] < 0)
            jw_reader_fail(reader, "a count of answers is negative");
        for (uint32_t k = 0; k < SHARE_COUNT; k++)
            compute->service_totals[i][k] =
                load_sum(reader, compute_unit_of(k == SHARE_ENERGY ? FLOW_USE : FLOW_CARBON));
    }
    if (!reader->failed)
        compute_look_at_regions(world, compute);
}
