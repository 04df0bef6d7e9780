/* Fields of the structs that are state: what traffic_state.c writes and traffic_load.c reads. */
#ifndef JW_TRAFFIC_STATE_H
#define JW_TRAFFIC_STATE_H

#include "traffic/traffic_siren.h"

/* By kind: unsigned or signed whole numbers, and reals. */
#define JW_STATE_DEMAND_REALS(X)                                                                             \
    X(factor)                                                                                                \
    X(trips_per_person_day)                                                                                  \
    X(decay_per_km)                                                                                          \
    X(through_share)                                                                                         \
    X(truck_share)                                                                                           \
    X(shuttle_share)                                                                                         \
    X(through_per_day)                                                                                       \
    X(chains_per_resident)                                                                                   \
    X(work_share) X(stop_share) X(ebike_share) X(bicycle_share) X(peak_begin_s) X(peak_end_s) X(peak_factor)
#define JW_STATE_WALK_REALS(X) X(trips_per_person_day) X(decay_per_km) X(yield_share)
#define JW_STATE_KERB_REALS(X)                                                                               \
    X(dropoff_share) X(dropoff_s) X(delivery_share) X(delivery_s) X(spaces_per_100m)
#define JW_STATE_SIGNAL_REALS(X)                                                                             \
    X(passage_s) X(detector_m) X(decision_s) X(wave_kmh) X(wave_cycle_s) X(priority_s) X(connected_share)
#define JW_STATE_TYPE_REALS(X)                                                                               \
    X(length_m)                                                                                              \
    X(width_m)                                                                                               \
    X(max_speed_mps)                                                                                         \
    X(desired_headway_s)                                                                                     \
    X(min_gap_m)                                                                                             \
    X(accel_mps2)                                                                                            \
    X(decel_mps2)                                                                                            \
    X(emergency_decel_mps2)                                                                                  \
    X(speed_factor_mean)                                                                                     \
    X(speed_factor_sd)                                                                                       \
    X(politeness) X(change_threshold_mps2) X(electric_share) X(mass_kg) X(coolness) X(sigma)
#define JW_STATE_COUNT_WHOLES(X)                                                                             \
    X(created)                                                                                               \
    X(waiting)                                                                                               \
    X(departed)                                                                                              \
    X(running_at_start)                                                                                      \
    X(arrived)                                                                                               \
    X(removed)                                                                                               \
    X(impossible)                                                                                            \
    X(vehicle_updates) X(emergency_brakings) X(rerouted) X(stops) X(double_parked) X(missed_stops)
#define JW_STATE_EMITTED_REALS(X) X(co2_g) X(nox_g) X(pm_g) X(fuel_ml) X(energy_wh)
#define JW_STATE_SAMPLE_WHOLES(X) X(next_ns) X(conflicts) X(halts) X(queued) X(lanes) X(queued_most)
#define JW_STATE_VEHICLE_WHOLES(X)                                                                           \
    X(wish_ms)                                                                                               \
    X(depart_ms)                                                                                             \
    X(tag)                                                                                                   \
    X(number)                                                                                                \
    X(edge)                                                                                                  \
    X(entered_ms)                                                                                            \
    X(from_edge)                                                                                             \
    X(to_edge)                                                                                               \
    X(standing_ms)                                                                                           \
    X(halts)                                                                                                 \
    X(depart_lane) X(prev[0]) X(prev[1]) X(person1) X(plan1)
#define JW_STATE_VEHICLE_REALS(X) X(arrive_s_m) X(free_s) X(way_m) X(own_free_s) X(depart_s_m) X(depart_mps)
#define JW_STATE_TRIP_WHOLES(X)                                                                              \
    X(depart_ns)                                                                                             \
    X(tag)                                                                                                   \
    X(number)                                                                                                \
    X(from_edge)                                                                                             \
    X(to_edge)                                                                                               \
    X(next)                                                                                                  \
    X(person1)                                                                                               \
    X(plan1)                                                                                                 \
    X(vehicle_class) X(type1) X(is_live) X(is_used) X(has_route) X(is_wish) X(depart_lane) X(depart_speed)
#define JW_STATE_TRIP_REALS(X) X(from_s_m) X(arrive_s_m) X(depart_mps)
#define JW_STATE_DISTURBANCE_WHOLES(X)                                                                       \
    X(begin_ns) X(end_ns) X(trip) X(number) X(kind) X(edge) X(lane) X(has_departed)
#define JW_STATE_DISTURBANCE_REALS(X) X(pos_m) X(x_m) X(y_m) X(radius_m) X(limit_mps) X(amount)

#endif
