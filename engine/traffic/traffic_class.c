/* Vehicle classes. Sources: lengths, gaps and top speeds after SUMO's default vehicle classes ("Vehicle Type
 * Parameter Defaults", version 1.15); the car's T, s0, a and b are the set whose discharge at a signal was
 * measured at 1,863 veh/h and 2.1 s lost (REFERENCES, "IDM T 1.0 s0 2 a 2 b 3"); speed limit of e-bikes: GB
 * 17761-2018, 25 km/h; speed factor: SUMO's normc(1, 0.1, 0.2, 2). Trucks', buses' and shuttles'
 * accelerations are round figures, unverified. */
#include "traffic/traffic_strip.h"

#include <string.h>

static const char *const names[JW_VEHICLE_CLASS_COUNT] = {"car",       "truck",   "bus",   "shuttle",
                                                          "emergency", "bicycle", "ebike", "pedestrian"};

const char *jw_vehicle_class_name(jw_vehicle_class vehicle_class)
{
    return names[vehicle_class];
}

bool jw_vehicle_class_from_name(const char *name, jw_vehicle_class *out)
{
    for (uint32_t c = 0; c < JW_VEHICLE_CLASS_COUNT; c++)
        if (strcmp(names[c], name) == 0) {
            *out = (jw_vehicle_class)c;
            return true;
        }
    return false;
}

jw_vehicle_type jw_default_vehicle_type(jw_vehicle_class vehicle_class)
{
    jw_vehicle_type type = {
        .vehicle_class = vehicle_class,
        .coolness = 0.99,
        .length_m = 5.0,
        .width_m = 1.8,
        .max_speed_mps = 50.0,
        .desired_headway_s = 1.0,
        .min_gap_m = 2.0,
        .accel_mps2 = 2.0,
        .decel_mps2 = 3.0,
        .emergency_decel_mps2 = 9.0,
        .speed_factor_mean = 1.0,
        .speed_factor_sd = 0.1,
        .politeness = 0.2,
        .change_threshold_mps2 = 0.2,
        .mass_kg = 1400.0,
    };
    switch (vehicle_class) {
    case JW_VEHICLE_TRUCK:
        type.length_m = 12.0;
        type.width_m = 2.4;
        type.max_speed_mps = 25.0;
        type.desired_headway_s = 1.5;
        type.min_gap_m = 2.5;
        type.accel_mps2 = 1.1;
        type.speed_factor_sd = 0.05;
        type.emergency_decel_mps2 = 7.0;
        type.mass_kg = 15000.0;
        break;
    case JW_VEHICLE_BUS:
        type.length_m = 12.0;
        type.width_m = 2.5;
        type.max_speed_mps = 23.6;
        type.desired_headway_s = 1.4;
        type.min_gap_m = 2.5;
        type.accel_mps2 = 1.2;
        type.speed_factor_sd = 0.05;
        type.emergency_decel_mps2 = 7.0;
        type.mass_kg = 13000.0;
        break;
    case JW_VEHICLE_SHUTTLE: /* electric, autonomous: no spread between drivers */
        type.model = JW_FOLLOW_ACC;
        type.length_m = 5.5;
        type.width_m = 2.1;
        type.max_speed_mps = 11.1;
        type.desired_headway_s = 1.4;
        type.accel_mps2 = 1.2;
        type.decel_mps2 = 2.5;
        type.speed_factor_mean = 0.95;
        type.speed_factor_sd = 0.0;
        type.electric_share = 1;
        type.mass_kg = 3500.0;
        break;
    case JW_VEHICLE_EMERGENCY:
        type.length_m = 6.5;
        type.width_m = 2.2;
        type.speed_factor_mean = 1.2;
        type.mass_kg = 4000.0;
        break;
    case JW_VEHICLE_BICYCLE:
        type.length_m = 1.8;
        type.width_m = 0.65;
        type.max_speed_mps = 5.5;
        type.min_gap_m = 1.0;
        type.accel_mps2 = 1.0;
        type.emergency_decel_mps2 = 7.0;
        type.mass_kg = 90.0;
        break;
    case JW_VEHICLE_EBIKE:
        type.length_m = 1.9;
        type.width_m = 0.7;
        type.max_speed_mps = 6.94;
        type.min_gap_m = 1.0;
        type.accel_mps2 = 1.3;
        type.emergency_decel_mps2 = 7.0;
        type.electric_share = 1;
        type.mass_kg = 130.0;
        break;
    case JW_VEHICLE_PEDESTRIAN:
        type.length_m = 0.4;
        type.width_m = 0.5;
        type.max_speed_mps = 1.4;
        type.min_gap_m = 0.5;
        type.mass_kg = 75.0;
        break;
    case JW_VEHICLE_CAR:
    case JW_VEHICLE_CLASS_COUNT:
        break;
    }
    return type;
}

jw_vehicle_type jw_sumo_vehicle_type(void)
{
    jw_vehicle_type type = jw_default_vehicle_type(JW_VEHICLE_CAR);
    type.model = JW_FOLLOW_KRAUSS;
    type.sigma = 0.5;
    type.max_speed_mps = 55.55;
    type.desired_headway_s = 1.0;
    type.min_gap_m = 2.5;
    type.accel_mps2 = 2.6;
    type.decel_mps2 = 4.5;
    return type;
}

jw_demand_def jw_default_demand_def(void)
{
    return (jw_demand_def){
        .is_gravity = true,
        .factor = 1.0,
        .trips_per_person_day = 0.9,
        .decay_per_km = 0.25,
        .through_share = 0.1,
        .work_share = 0.65,
        .stop_share = 0.3,
        .truck_share = 0.06,
        .shuttle_share = 0.01,
        .ebike_share = 0.10,
        .bicycle_share = 0.04,
        .peak_factor = 1.0,
    };
}

jw_traffic_def jw_default_traffic_def(void)
{
    jw_traffic_def def = {.demand = jw_default_demand_def(),
                          .reroute_share = 0.3,
                          .router_interval_s = 300.0,
                          .reroute_interval_s = 300.0,
                          .reroute_gain = 0.2};
    for (uint32_t c = 0; c < JW_VEHICLE_CLASS_COUNT; c++)
        def.types[c] = jw_default_vehicle_type((jw_vehicle_class)c);
    return def;
}

/* ---- the table of types ----------------------------------------------------------------------------------
 */

static jw_result check_type(const jw_vehicle_type *type, uint32_t number, jw_error *error)
{
    if ((uint32_t)type->vehicle_class >= JW_VEHICLE_CLASS_COUNT || (uint32_t)type->model > JW_FOLLOW_KRAUSS)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "vehicle type %u: no such class or model", number);
    if (!(type->coolness >= 0 && type->coolness <= 1 && type->sigma >= 0 && type->sigma <= 1))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "vehicle type %u: coolness and sigma must be 0 to 1",
                       number);
    if (!(type->electric_share >= 0 && type->electric_share <= 1))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "vehicle type %u: electric_share must be 0 to 1",
                       number);
    if (!(type->length_m > 0 && type->length_m < 50 && type->max_speed_mps > 0 && type->max_speed_mps <= 80 &&
          type->desired_headway_s > 0 && type->min_gap_m > 0 && type->accel_mps2 > 0 &&
          type->decel_mps2 > 0 && type->emergency_decel_mps2 >= type->decel_mps2 &&
          type->speed_factor_mean > 0.2 && type->speed_factor_sd >= 0 && type->speed_factor_sd < 0.4 &&
          type->mass_kg > 0 && type->width_m >= 0 && type->width_m <= 10))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "vehicle type %u: lengths, speeds, headway, gap and accelerations must be positive, "
                       "emergency_decel at least decel, speed_factor_sd below 0.4, width at most 10 m",
                       number);
    return JW_OK;
}

jw_result jw_traffic_types_prepare(jw_traffic *t, jw_error *error)
{
    t->types = jw_alloc(t->type_count * sizeof *t->types);
    if (!t->types)
        return jw_fail_memory(error);
    for (uint32_t k = 0; k < t->type_count; k++) {
        const jw_vehicle_type *type = &t->type_defs[k];
        jw_result result = check_type(type, k, error);
        if (result)
            return result;
        t->types[k] = (jw_traffic_type){
            .length_m = (float)type->length_m,
            .max_speed_mps = (float)type->max_speed_mps,
            .headway_s = (float)type->desired_headway_s,
            .min_gap_m = (float)type->min_gap_m,
            .accel_mps2 = (float)type->accel_mps2,
            .decel_mps2 = (float)type->decel_mps2,
            .emergency_mps2 = (float)type->emergency_decel_mps2,
            .per_two_sqrt_ab = (float)(0.5 / jw_sqrt(type->accel_mps2 * type->decel_mps2)),
            .politeness = (float)type->politeness,
            .threshold_mps2 = (float)type->change_threshold_mps2,
            .width_m = (float)type->width_m,
            .coolness = (float)(type->coolness != 0 ? type->coolness : 0.99),
            .sigma = (float)type->sigma,
            .dt_s = t->dt_s,
            .per_dt = (float)(1 / (double)t->dt_s),
            .per_step_mps = (float)(1 / (type->decel_mps2 * (double)t->dt_s)),
            .vehicle_class = (uint8_t)type->vehicle_class,
            .model = (uint8_t)type->model,
            .is_euler = t->def.is_euler,
            .is_narrow = jw_strip_is_narrow(type),
        };
        jw_emission_prepare(type, &t->types[k].emission);
    }
    return JW_OK;
}

jw_result jw_traffic_types_init(jw_traffic *t, jw_error *error)
{
    jw_traffic_def *def = &t->def;
    if (def->extra_type_count > JW_EXTRA_TYPES_MAX || (def->extra_type_count && !def->extra_types))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%u extra vehicle types: at most %d",
                       def->extra_type_count, JW_EXTRA_TYPES_MAX);
    t->type_count = JW_VEHICLE_CLASS_COUNT + def->extra_type_count;
    t->type_defs = jw_alloc(t->type_count * sizeof *t->type_defs);
    if (!t->type_defs)
        return jw_fail_memory(error);
    for (uint32_t c = 0; c < JW_VEHICLE_CLASS_COUNT; c++) {
        t->type_defs[c] =
            def->types[c].length_m != 0 ? def->types[c] : jw_default_vehicle_type((jw_vehicle_class)c);
        t->type_defs[c].vehicle_class = (jw_vehicle_class)c;
    }
    for (uint32_t k = 0; k < def->extra_type_count; k++)
        t->type_defs[JW_VEHICLE_CLASS_COUNT + k] = def->extra_types[k];
    def->extra_types = NULL;
    return JW_OK;
}
