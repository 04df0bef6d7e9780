/* Radio users that stand still, where a scene asks for them: home blocks, factories, cameras.
 *
 * A home block is one user in the middle of the block, indoors, that stands for all who live there. What they
 * use at home by radio: a mean over the day for each resident, by the hour as daily_profile has it, a tenth
 * of it upwards. It loads its cell; nothing of it is a message.
 *
 * Factories and cameras that are on the air send their requests over their cell instead of a fibre: a factory
 * from indoors at 3 m, a camera from its pole at 6 m. Without a cell their requests wait and are lost as
 * vehicles' are.
 *
 * Belongs to the coupling `radio`. Neutral when off: no users, factories and cameras are wired. */
#include "twin/twin_internal.h"

#define HOME_M    4.5 /* height of the users of a block: the second floor */
#define FACTORY_M 3.0
#define CAMERA_M  6.0
#define UP_SHARE  0.1 /* of a home's traffic (unverified) */

/* Traffic at home over its mean by hour of day, from midnight: least before dawn, most at nine in the
 * evening; sums up to 24 (unverified: the form of published daily curves of residential cells). */
static const double daily_profile[24] = {1.0, 0.6, 0.35, 0.25, 0.2, 0.25, 0.45, 0.7, 0.85, 0.9, 0.9,  0.95,
                                         1.1, 1.1, 1.0,  0.95, 1.0, 1.1,  1.3,  1.6, 1.9,  2.1, 1.95, 1.5};

double jw_home_profile(double time_of_day_s)
{
    double hour = jw_fmod(time_of_day_s, 86400) / 3600, share = hour - jw_floor(hour);
    uint32_t from = (uint32_t)hour % 24;
    return (1 - share) * daily_profile[from] + share * daily_profile[(from + 1) % 24];
}

static jw_result add(jw_world *world, twin_fixed *fixed, uint8_t kind, uint32_t index, double x_m, double y_m,
                     double height_m, bool is_indoor)
{
    jw_network *network = twin_network_of(world);
    twin_fixed_user user = {.kind = kind, .index = index};
    jw_result result =
        jw_grow(&fixed->users, &fixed->capacity, fixed->count + 1ull, sizeof *fixed->users, NULL);
    if (result == JW_OK)
        result =
            jw_network_add_user(network, index, (float)x_m, (float)y_m, (float)height_m, &user.user, NULL);
    if (result != JW_OK)
        return result;
    jw_network_set_indoor(network, user.user, is_indoor);
    fixed->users[fixed->count++] = user;
    return JW_OK;
}

static jw_result place_all(jw_world *world, twin_fixed *fixed)
{
    const jw_city *city = jw_twin_city(world);
    const twin_signals *signals = twin_signals_of(world);
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < city->block_count && fixed->has_homes && result == JW_OK; i++)
        if (city->blocks[i].population > 0)
            result =
                add(world, fixed, TWIN_FIXED_HOME, i, city->blocks[i].x_m, city->blocks[i].y_m, HOME_M, true);
    for (uint32_t i = 0; i < signals->camera_count && fixed->has_cameras && result == JW_OK; i++) {
        const jw_junction *junction = &city->junctions[signals->cameras[i].junction];
        result = add(world, fixed, TWIN_FIXED_CAMERA, i, junction->x_m, junction->y_m, CAMERA_M, false);
    }
    uint32_t lines = jw_economy_line_count(twin_economy_of(world));
    for (uint32_t i = 0; i < lines && fixed->has_factories && result == JW_OK; i++) {
        jw_production_line_state line;
        if (jw_economy_line(world, twin_economy_of(world), i, &line))
            result = add(world, fixed, TWIN_FIXED_FACTORY, i, line.def->x_m, line.def->y_m, FACTORY_M, true);
    }
    fixed->is_placed = 1;
    return result;
}

static void remove_all(jw_world *world, twin_fixed *fixed)
{
    for (uint32_t i = 0; i < fixed->count; i++)
        jw_network_remove_user(world, twin_network_of(world), fixed->users[i].user);
    fixed->count = 0;
    fixed->is_placed = 0;
}

static void set_demands(jw_world *world, const twin_fixed *fixed)
{
    const jw_city *city = jw_twin_city(world);
    double share = jw_home_profile(jw_s_from_ns(jw_world_time_ns(world)));
    for (uint32_t i = 0; i < fixed->count; i++) {
        if (fixed->users[i].kind != TWIN_FIXED_HOME)
            continue;
        double bps = city->blocks[fixed->users[i].index].population * fixed->bps_per_resident * share;
        jw_network_set_demand(twin_network_of(world), fixed->users[i].user, (1 - UP_SHARE) * bps,
                              UP_SHARE * bps);
    }
}

static void run_fixed(jw_world *world, void *state)
{
    twin_fixed *fixed = state;
    int64_t now_ns = jw_world_time_ns(world), minute_ns = 60 * JW_NS_PER_S;
    bool is_wanted = twin_is_coupled(world, JW_COUPLING_RADIO) &&
                     (fixed->has_homes || fixed->has_cameras || fixed->has_factories);
    if (fixed->is_placed && !is_wanted)
        remove_all(world, fixed);
    bool is_new = !fixed->is_placed && is_wanted;
    if (is_new && place_all(world, fixed) != JW_OK) {
        jw_world_fail(world, JW_ERROR_MEMORY, "out of memory for radio users");
        return;
    }
    if (is_new || (fixed->is_placed && now_ns / minute_ns != (now_ns - jw_world_dt_ns(world)) / minute_ns))
        set_demands(world, fixed);
}

jw_net_end twin_fixed_end(const jw_world *world, uint8_t kind, uint32_t index, jw_net_node_id node)
{
    const twin_fixed *fixed = twin_fixed_of(world);
    bool is_on_air = kind == TWIN_FIXED_CAMERA ? fixed->has_cameras : fixed->has_factories;
    uint32_t low = 0, high = is_on_air ? fixed->count : 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const twin_fixed_user *user = &fixed->users[middle];
        if (user->kind == kind && user->index == index)
            return (jw_net_end){.user = user->user};
        if (user->kind < kind || (user->kind == kind && user->index < index))
            low = middle + 1;
        else
            high = middle;
    }
    return (jw_net_end){.node = node};
}

/* ---- module ----------------------------------------------------------------------------------------------
 */

static jw_result fixed_init(jw_world *world, void *state, const void *def, jw_error *error)
{
    (void)world;
    twin_fixed *fixed = state;
    const jw_twin_def *twin = def;
    if (!(twin->home_bps_per_resident >= 0 && twin->home_bps_per_resident <= 1e9))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "%s is %g, it must be %g to %g",
                       "home_bps_per_resident", twin->home_bps_per_resident, 0.0, 1e9);
    fixed->has_homes = twin->home_bps_per_resident > 0;
    fixed->bps_per_resident = twin->home_bps_per_resident;
    fixed->has_cameras = twin->has_cameras_on_air;
    fixed->has_factories = twin->has_factories_on_air;
    return JW_OK;
}

static void fixed_destroy(void *state)
{
    jw_free(((twin_fixed *)state)->users);
}

static void fixed_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const twin_fixed *fixed = state;
    jw_write_f64(writer, fixed->bps_per_resident);
    jw_write_u8(writer, fixed->has_homes);
    jw_write_u8(writer, fixed->has_cameras);
    jw_write_u8(writer, fixed->has_factories);
    jw_write_u8(writer, fixed->is_placed);
    jw_write_u32(writer, fixed->count);
    for (uint32_t i = 0; i < fixed->count; i++) {
        jw_write_u8(writer, fixed->users[i].kind);
        jw_write_u32(writer, fixed->users[i].index);
        jw_write_u32(writer, fixed->users[i].user.index1);
        jw_write_u32(writer, fixed->users[i].user.generation);
    }
}

static void fixed_load(jw_world *world, void *state, jw_reader *reader)
{
    const jw_city *city = jw_twin_city(world);
    twin_fixed *fixed = state;
    fixed->bps_per_resident = jw_read_f64(reader);
    fixed->has_homes = jw_read_u8(reader) != 0;
    fixed->has_cameras = jw_read_u8(reader) != 0;
    fixed->has_factories = jw_read_u8(reader) != 0;
    fixed->is_placed = jw_read_u8(reader) != 0;
    uint32_t count = jw_read_count(reader, 10000000, 13);
    if (!(fixed->bps_per_resident >= 0 && fixed->bps_per_resident <= 1e9) || (count > 0 && !fixed->is_placed))
        jw_reader_fail(reader, "the fixed radio users are out of range");
    if (reader->failed)
        return;
    if (jw_grow(&fixed->users, &fixed->capacity, count, sizeof *fixed->users, NULL) != JW_OK) {
        jw_reader_fail_memory(reader);
        return;
    }
    fixed->count = count;
    for (uint32_t i = 0; i < count; i++) {
        twin_fixed_user *user = &fixed->users[i];
        user->kind = jw_read_u8(reader);
        user->index = jw_read_u32(reader);
        user->user.index1 = jw_read_u32(reader);
        user->user.generation = jw_read_u32(reader);
        if (!reader->failed && (user->kind >= TWIN_FIXED_COUNT ||
                                (user->kind == TWIN_FIXED_HOME && user->index >= city->block_count)))
            jw_reader_fail(reader, "a fixed radio user is of nothing");
        if (i > 0 &&
            (user->kind < user[-1].kind || (user->kind == user[-1].kind && user->index <= user[-1].index)))
            jw_reader_fail(reader, "the fixed radio users are out of order");
    }
}

static const jw_phase phases[] = {{"twin.fixed", JW_SLOT_COUPLING, run_fixed}};

const jw_module twin_fixed_module = {
    .name = "twin_fixed",
    .version = 1,
    .state_size = sizeof(twin_fixed),
    .init = fixed_init,
    .destroy = fixed_destroy,
    .phases = phases,
    .phase_count = JW_COUNT_OF(phases),
    .save = fixed_save,
    .load = fixed_load,
};
