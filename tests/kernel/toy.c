#include "kernel/toy.h"

#include <stdio.h>
#include <string.h>

/* ---- walkers ---- */

typedef struct walkers {
    double *x_m;
    double *speed_mps;
    uint32_t count;
    uint32_t x_capacity, speed_capacity;
    double hurry;
    uint32_t bank; /* found in attach */
} walkers;

enum { BLOCK = 256, ROAD_M = 20 };
enum { BANK_TRANSFER, BANK_DEPOSIT };

static jw_result add_walkers(jw_world *world, walkers *w, uint32_t count, jw_error *error)
{
    if (jw_grow(&w->x_m, &w->x_capacity, (uint64_t)w->count + count, sizeof(double), error) != JW_OK ||
        jw_grow(&w->speed_mps, &w->speed_capacity, (uint64_t)w->count + count, sizeof(double), error) !=
            JW_OK)
        return JW_ERROR_MEMORY;
    jw_random_key key = jw_world_random(world, 1);
    for (uint32_t i = w->count; i < w->count + count; i++) {
        w->x_m[i] = ROAD_M * jw_random_uniform(key, i, 0);
        w->speed_mps[i] = 1 + jw_random_normal(key, i, 1) * 0.2;
    }
    w->count += count;
    return JW_OK;
}

static void walkers_destroy(void *state)
{
    walkers *w = state;
    jw_free(w->x_m);
    jw_free(w->speed_mps);
}

static jw_result walkers_init(jw_world *world, void *state, const void *def, jw_error *error)
{
    walkers *w = state;
    w->hurry = 1;
    jw_result result = add_walkers(world, w, ((const toy_def *)def)->walker_count, error);
    if (result != JW_OK)
        walkers_destroy(w);
    return result;
}

static jw_result walkers_attach(jw_world *world, void *state, jw_error *error)
{
    walkers *w = state;
    w->bank = jw_world_find_module(world, "bank");
    return w->bank == JW_NONE ? jw_fail(error, JW_ERROR_STATE, NULL, 0, "walkers need a bank") : JW_OK;
}

typedef struct move_context {
    walkers *w;
    jw_random_key key;
    uint64_t step;
    double dt_s;
    uint32_t *hits;       /* a block's share begins at its first element */
    uint32_t *hit_counts; /* one per block */
} move_context;

static void move_block(void *context, uint32_t block, uint32_t begin, uint32_t end)
{
    move_context *c = context;
    uint32_t hits = 0;
    for (uint32_t i = begin; i < end; i++) {
        double *x_m = &c->w->x_m[i], *speed_mps = &c->w->speed_mps[i];
        *x_m += *speed_mps * c->w->hurry * c->dt_s + 0.05 * jw_random_normal(c->key, i, c->step);
        bool is_out = *x_m < 0 ? *speed_mps < 0 : *x_m > ROAD_M && *speed_mps > 0;
        if (is_out) {
            *speed_mps = -*speed_mps;
            c->hits[begin + hits++] = i;
        }
    }
    c->hit_counts[block] = hits;
}

static void walkers_move(jw_world *world, void *state)
{
    walkers *w = state;
    uint32_t blocks = jw_block_count(w->count, BLOCK);
    jw_arena *arena = jw_world_arena(world);
    size_t mark = jw_arena_mark(arena);
    jw_random_key key = jw_world_random(world, 2);
    move_context c = {w,
                      key,
                      jw_world_step_number(world),
                      jw_s_from_ns(jw_world_dt_ns(world)),
                      jw_arena_take(arena, w->count * sizeof(uint32_t)),
                      jw_arena_take(arena, blocks * sizeof(uint32_t))};
    if (!c.hits || !c.hit_counts) {
        jw_world_fail(world, JW_ERROR_MEMORY, "the walkers' scratch is full");
        return;
    }
    jw_parallel_blocks(w->count, BLOCK, jw_world_threads(world), move_block, &c);
    for (uint32_t block = 0; block < blocks; block++) {
        for (uint32_t h = 0; h < c.hit_counts[block]; h++) {
            uint32_t walker = c.hits[block * BLOCK + h];
            double delay_s = jw_random_exponential(key, walker, c.step + (UINT64_C(1) << 40), 1.0);
            jw_schedule(world, jw_world_time_ns(world) + jw_ns_from_s(delay_s), JW_PRIORITY_NORMAL,
                        (uint16_t)w->bank, BANK_DEPOSIT, walker, 0);
        }
    }
    jw_arena_release(arena, mark);
}

static void walkers_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const walkers *w = state;
    jw_write_array(writer, w->x_m, w->count, sizeof(double));
    jw_write_array(writer, w->speed_mps, w->count, sizeof(double));
    jw_write_f64(writer, w->hurry);
}

static void walkers_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    walkers *w = state;
    jw_read_array(reader, &w->x_m, &w->x_capacity, sizeof(double), 100000);
    jw_read_array(reader, &w->speed_mps, &w->speed_capacity, sizeof(double), 100000);
    w->hurry = jw_read_f64(reader);
    w->count = w->x_capacity;
    if (w->x_capacity != w->speed_capacity)
        jw_reader_fail(reader, "walkers have %u places and %u speeds", w->x_capacity, w->speed_capacity);
    bool is_near = jw_abs(w->hurry) < 10;
    for (uint32_t i = 0; i < w->count && !reader->failed; i++)
        is_near &= jw_abs(w->x_m[i]) < 1e6 && jw_abs(w->speed_mps[i]) < 100;
    if (!is_near)
        jw_reader_fail(reader, "a walker is nowhere");
}

static uint64_t walkers_hash(const jw_world *world, const void *state)
{
    (void)world;
    const walkers *w = state;
    uint64_t hash = jw_hash_f64(0, w->hurry);
    hash = jw_hash_bytes(hash, w->x_m, w->count * sizeof(double));
    return jw_hash_bytes(hash, w->speed_mps, w->count * sizeof(double));
}

static double walkers_metric(const jw_world *world, const void *state, uint32_t metric)
{
    (void)world, (void)metric;
    return ((const walkers *)state)->count;
}

static jw_result apply_hurry(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world, (void)error;
    ((walkers *)state)->hurry = jw_command_get_number(command, "factor", 1);
    return JW_OK;
}

static jw_result apply_add(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    return add_walkers(world, state, (uint32_t)jw_command_get_number(command, "count", 0), error);
}

static const jw_verb_arg hurry_args[] = {
    {"factor", 'n', false, 0.5, 2, 0, "×", "by how much faster"},
};
static const jw_verb_arg add_args[] = {
    {"count", 'n', false, 1, 1000, 0, "walkers", "how many"},
};
static const jw_verb walkers_verbs[] = {
    {"hurry", "All walkers walk faster.", hurry_args, JW_COUNT_OF(hurry_args), apply_hurry},
    {"add_walkers", "More walkers.", add_args, JW_COUNT_OF(add_args), apply_add},
};
static const jw_phase walkers_phases[] = {{"walkers.move", JW_SLOT_TRAFFIC, walkers_move}};
static const jw_metric walkers_metrics[] = {
    {"walkers.count", "walkers", JW_METRIC_GAUGE, "walkers on the road"}};

const jw_module toy_walkers = {
    .name = "walkers",
    .version = 1,
    .state_size = sizeof(walkers),
    .init = walkers_init,
    .attach = walkers_attach,
    .destroy = walkers_destroy,
    .phases = walkers_phases,
    .phase_count = JW_COUNT_OF(walkers_phases),
    .verbs = walkers_verbs,
    .verb_count = JW_COUNT_OF(walkers_verbs),
    .save = walkers_save,
    .load = walkers_load,
    .hash = walkers_hash,
    .metrics = walkers_metrics,
    .metric_count = JW_COUNT_OF(walkers_metrics),
    .metric = walkers_metric,
};

/* ---- bank ---- */

typedef struct bank {
    int64_t *balance;
    uint32_t count;
    uint32_t rank_count;
    int64_t made;
    uint32_t *by_rank; /* derived: made in attach, not saved */
} bank;

static void bank_destroy(void *state)
{
    bank *b = state;
    jw_free(b->balance);
    jw_free(b->by_rank);
}

static jw_result bank_init(jw_world *world, void *state, const void *def, jw_error *error)
{
    bank *b = state;
    b->count = ((const toy_def *)def)->account_count;
    b->balance = jw_alloc(b->count * sizeof *b->balance);
    if (!b->balance)
        return jw_fail_memory(error);
    uint16_t self = (uint16_t)jw_world_find_module(world, "bank");
    for (uint32_t i = 0; i < b->count; i++) {
        b->balance[i] = 100;
        b->made += 100;
        jw_schedule(world, jw_world_time_ns(world) + i % 7 * JW_NS_PER_MS, (uint8_t)i, self, BANK_TRANSFER, i,
                    0);
    }
    return JW_OK;
}

static jw_result bank_attach(jw_world *world, void *state, jw_error *error)
{
    (void)world;
    bank *b = state;
    b->by_rank = jw_alloc(b->count * sizeof *b->by_rank);
    if (!b->by_rank)
        return jw_fail_memory(error);
    for (uint32_t i = 0; i < b->count; i++)
        b->by_rank[i] = b->count - 1 - i;
    return JW_OK;
}

static void bank_on_event(jw_world *world, void *state, const jw_event *event)
{
    bank *b = state;
    uint32_t account = event->a % b->count;
    if (event->kind == BANK_DEPOSIT) {
        b->balance[account]++;
        b->made++;
        return;
    }
    jw_random_key key = jw_world_random(world, 3);
    uint32_t other = b->by_rank[jw_random_index(key, account, event->b, b->count)];
    int64_t amount = b->balance[account] / 3;
    b->balance[account] -= amount;
    b->balance[other] += amount;
    double delay_s = jw_random_exponential(key, account, event->b + (UINT64_C(1) << 40), 0.7);
    jw_schedule(world, event->time_ns + jw_ns_from_s(delay_s), JW_PRIORITY_NORMAL, event->module,
                BANK_TRANSFER, event->a, event->b + 1);
}

static void bank_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    const bank *b = state;
    jw_write_array(writer, b->balance, b->count, sizeof *b->balance);
    jw_write_i64(writer, b->made);
}

static void bank_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    bank *b = state;
    jw_read_array(reader, &b->balance, &b->count, sizeof *b->balance, 100000);
    b->made = jw_read_i64(reader);
    int64_t sum = 0;
    bool is_bounded = true;
    for (uint32_t i = 0; i < b->count && is_bounded; i++) {
        is_bounded = b->balance[i] >= 0 && b->balance[i] < INT64_C(1000000000);
        sum += b->balance[i];
    }
    if (b->count == 0 || !is_bounded || sum != b->made)
        jw_reader_fail(reader, "the balances do not add up");
}

static uint64_t bank_hash(const jw_world *world, const void *state)
{
    (void)world;
    const bank *b = state;
    return jw_hash_bytes(jw_hash_u64(0, (uint64_t)b->made), b->balance, b->count * sizeof *b->balance);
}

static jw_result apply_mint(jw_world *world, void *state, const jw_command *command, jw_error *error)
{
    (void)world;
    bank *b = state;
    double account = jw_command_get_number(command, "account", 0);
    if (account >= b->count)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no account %g", account);
    int64_t amount = (int64_t)jw_command_get_number(command, "amount", 0) + command->blob_size;
    b->balance[(uint32_t)account] += amount;
    b->made += amount;
    return JW_OK;
}

static const jw_verb_arg mint_args[] = {
    {"account", 'n', false, 0, 1e6, 0, "", "who gets it"},
    {"amount", 'n', false, 1, 100, 0, "coins", "how much"},
    {"memo", 't', true, 0, 0, 0, "", "what for"},
    {"any", 'n', true, 0, 0, 0, "", "any finite number"},
};
static const jw_verb bank_verbs[] = {
    {"mint", "Makes coins.", mint_args, JW_COUNT_OF(mint_args), apply_mint},
};

static uint32_t account_rows(const jw_world *world, const void *state)
{
    (void)world;
    return ((const bank *)state)->count;
}

static int64_t account_integer(const jw_world *world, const void *state, uint32_t row, uint32_t column)
{
    (void)world, (void)column;
    return ((const bank *)state)->balance[row];
}

static const jw_column account_columns[] = {{"balance", JW_COLUMN_I64, "coins", "what is held"}};
static const jw_table bank_tables[] = {{.name = "accounts",
                                        .doc = "Accounts.",
                                        .kind = JW_TABLE_STATE,
                                        .geometry = JW_GEOMETRY_NONE,
                                        .columns = account_columns,
                                        .column_count = JW_COUNT_OF(account_columns),
                                        .row_count = account_rows,
                                        .integer = account_integer}};

const jw_module toy_bank = {
    .name = "bank",
    .version = 3,
    .state_size = sizeof(bank),
    .init = bank_init,
    .attach = bank_attach,
    .destroy = bank_destroy,
    .on_event = bank_on_event,
    .verbs = bank_verbs,
    .verb_count = JW_COUNT_OF(bank_verbs),
    .save = bank_save,
    .load = bank_load,
    .hash = bank_hash,
    .tables = bank_tables,
    .table_count = JW_COUNT_OF(bank_tables),
};

/* ---- script ---- */

typedef struct script {
    uint32_t period;
    uint32_t given;
} script;

static jw_result script_init(jw_world *world, void *state, const void *def, jw_error *error)
{
    (void)world, (void)error;
    ((script *)state)->period = ((const toy_def *)def)->script_period;
    return JW_OK;
}

static void script_run(jw_world *world, void *state)
{
    script *s = state;
    if (s->period == 0 || jw_world_step_number(world) % s->period != 0)
        return;
    jw_command command = jw_command_make("mint");
    jw_command_number(&command, "account", s->given % 5);
    jw_command_number(&command, "amount", 1 + s->given % 3);
    jw_command_text(&command, "memo", "by the script");
    jw_error error = {0};
    if (jw_world_post_from_script(world, &command, &error) != JW_OK)
        jw_world_fail(world, error.code, error.message);
    s->given++;
}

static void script_save(const jw_world *world, const void *state, jw_writer *writer)
{
    (void)world;
    jw_write_u32(writer, ((const script *)state)->period);
    jw_write_u32(writer, ((const script *)state)->given);
}

static void script_load(jw_world *world, void *state, jw_reader *reader)
{
    (void)world;
    ((script *)state)->period = jw_read_u32(reader);
    ((script *)state)->given = jw_read_u32(reader);
}

static uint64_t script_hash(const jw_world *world, const void *state)
{
    (void)world;
    return jw_hash_u64(((const script *)state)->period, ((const script *)state)->given);
}

static const jw_phase script_phases[] = {{"script.moments", JW_SLOT_SCRIPT, script_run}};

const jw_module toy_script = {
    .name = "script",
    .version = 1,
    .state_size = sizeof(script),
    .init = script_init,
    .phases = script_phases,
    .phase_count = JW_COUNT_OF(script_phases),
    .save = script_save,
    .load = script_load,
    .hash = script_hash,
};

/* ---- the world ---- */

void toy_entries(const toy_def *def, jw_module_entry entries[TOY_MODULE_COUNT])
{
    entries[TOY_WALKERS] = (jw_module_entry){&toy_walkers, def};
    entries[TOY_BANK] = (jw_module_entry){&toy_bank, def};
    entries[TOY_SCRIPT] = (jw_module_entry){&toy_script, def};
}

jw_result toy_try_create(const toy_def *def, uint64_t seed, int threads, jw_world **out, jw_error *error)
{
    jw_module_entry entries[TOY_MODULE_COUNT];
    toy_entries(def, entries);
    jw_world_def world_def = {.seed = seed,
                              .start_time_ns = 8 * 3600 * JW_NS_PER_S,
                              .threads = threads,
                              .modules = entries,
                              .module_count = TOY_MODULE_COUNT,
                              .shared_hash = TOY_SHARED_HASH};
    return jw_world_create(&world_def, out, error);
}

static void fail_with(const jw_error *error)
{
    char text[1000];
    jw_error_format(error, text, sizeof text);
    fail_msg("%s", text);
}

jw_world *toy_create(const toy_def *def, uint64_t seed, int threads)
{
    jw_world *world;
    jw_error error = {0};
    if (toy_try_create(def, seed, threads, &world, &error) != JW_OK)
        fail_with(&error);
    return world;
}

void toy_run(jw_world *world, int steps)
{
    jw_error error = {0};
    for (int i = 0; i < steps; i++)
        if (jw_world_step(world, &error) != JW_OK)
            fail_with(&error);
    assert_int_equal(toy_coins_held(world), toy_coins_made(world));
}

void toy_save(const jw_world *world, jw_writer *image)
{
    jw_error error = {0};
    if (jw_world_save(world, image, &error) != JW_OK)
        fail_with(&error);
}

void toy_post_mint(jw_world *world, double account, double amount)
{
    jw_command command = jw_command_make("mint");
    jw_command_number(&command, "account", account);
    jw_command_number(&command, "amount", amount);
    assert_int_equal(jw_world_post(world, &command, NULL), JW_OK);
}

int64_t toy_coins_held(const jw_world *world)
{
    const bank *b = jw_world_state(world, TOY_BANK);
    int64_t sum = 0;
    for (uint32_t i = 0; i < b->count; i++)
        sum += b->balance[i];
    return sum;
}

int64_t toy_coins_made(const jw_world *world)
{
    return ((const bank *)jw_world_state(world, TOY_BANK))->made;
}

uint32_t toy_walker_count(const jw_world *world)
{
    return ((const walkers *)jw_world_state(world, TOY_WALKERS))->count;
}
