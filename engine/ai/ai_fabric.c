/* The data fabric: where datasets lie, and their copies and reads as transfers of whole volumes.
 *
 * A transfer counts as asked when it begins and as arrived or lost when it ends; one that is begun anew
 * elsewhere asks anew. So asked = arrived + lost + moving holds at every instant, in bytes. */
#include "ai/ai_internal.h"

#include <string.h>

#define TAG_FABRIC (1ull << 63) /* deployments' tags are far below */

bool fabric_is_tag(uint64_t tag)
{
    return tag & TAG_FABRIC;
}

/* Names a try: what ended before the next began is known to be stale. */
static uint64_t tag_of(const fabric *data, uint32_t slot)
{
    return TAG_FABRIC | (uint64_t)data->moves[slot].tries << 60 |
           (uint64_t)(data->move_pool.generations[slot] & 0xFFFFFFF) << 32 | (slot + 1);
}

static uint32_t slot_of(const fabric *data, uint64_t tag)
{
    uint32_t slot = (uint32_t)tag - 1;
    return slot < data->move_pool.slot_count && (data->move_pool.generations[slot] & 1) &&
                   tag_of(data, slot) == tag
               ? slot
               : JW_NONE;
}

uint32_t fabric_find_set(const fabric *data, const char *id)
{
    for (uint32_t i = 0; i < data->set_count; i++)
        if (strcmp(data->sets[i].def.id, id) == 0)
            return i;
    return JW_NONE;
}

static bool lies_at(const fabric *data, uint32_t set, uint64_t site)
{
    for (uint32_t i = 0; i < data->replica_count; i++)
        if (data->replicas[i].set == set && data->replicas[i].site == site)
            return true;
    return false;
}

static jw_result add_replica(fabric *data, uint32_t set, uint64_t site, jw_error *error)
{
    jw_result result = jw_grow(&data->replicas, &data->replica_capacity, data->replica_count + 1ull,
                               sizeof *data->replicas, error);
    if (result == JW_OK)
        data->replicas[data->replica_count++] = (fabric_replica){set, site};
    return result;
}

bool fabric_is_set_fine(const jw_dataset_def *def)
{
    return def->id[0] && def->size_bytes > 0 && def->size_bytes <= FABRIC_BYTES_MAX / 1000;
}

jw_result jw_ai_add_dataset(jw_world *world, jw_ai *ai, const jw_dataset_def *def, jw_error *error)
{
    fabric *data = &ai->data;
    if (!fabric_is_set_fine(def))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "dataset \"%s\": it needs an id, and a size above 0 and of at most 1e6 GB", def->id);
    if (fabric_find_set(data, def->id) != JW_NONE)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "dataset \"%s\" exists already", def->id);
    jw_result result =
        jw_grow(&data->sets, &data->set_capacity, data->set_count + 1ull, sizeof *data->sets, error);
    if (result == JW_OK)
        result = add_replica(data, data->set_count, def->home, error);
    if (result == JW_OK)
        data->sets[data->set_count++] = (fabric_set){.def = *def, .added_ns = jw_world_time_ns(world)};
    return result;
}

/* A dataset that grows where it is made: copies of it elsewhere are none any more. Running out of memory
 * fails the world. */
void fabric_grow_set(jw_world *world, jw_ai *ai, const jw_consumer_def *consumer, const jw_source_def *source,
                     int64_t bytes)
{
    fabric *data = &ai->data;
    uint32_t set = fabric_find_set(data, consumer->id), kept = 0;
    if (bytes == 0)
        return;
    if (set == JW_NONE) {
        jw_dataset_def def = {.size_bytes = bytes, .home = consumer->site, .residency = source->residency};
        jw_text_copy(def.id, sizeof def.id, consumer->id);
        jw_text_copy(def.sector, sizeof def.sector, source->sector);
        if (jw_ai_add_dataset(world, ai, &def, NULL) != JW_OK)
            jw_world_fail(world, JW_ERROR_MEMORY, "no memory for a dataset of the data fabric");
        return;
    }
    jw_dataset_def *def = &data->sets[set].def;
    def->home = consumer->site;
    def->residency = def->residency > source->residency ? def->residency : source->residency;
    if (strcmp(def->sector, source->sector) != 0)
        jw_text_copy(def->sector, sizeof def->sector, "joined");
    if (def->size_bytes <= FABRIC_BYTES_MAX / 1000 - bytes)
        def->size_bytes += bytes;
    for (uint32_t i = 0; i < data->replica_count; i++)
        if (data->replicas[i].set != set || data->replicas[i].site == consumer->site)
            data->replicas[kept++] = data->replicas[i];
    data->replica_count = kept;
    if (!lies_at(data, set, consumer->site) && add_replica(data, set, consumer->site, NULL) != JW_OK)
        jw_world_fail(world, JW_ERROR_MEMORY, "no memory for a dataset of the data fabric");
}

/* ---- transfers
 * ------------------------------------------------------------------------------------------------- */

/* The nearest replica that is up, other than the one that has just failed; the oldest of equals. A replica of
 * the site itself is at distance 0. */
static bool nearest(jw_world *world, const jw_ai *ai, uint32_t set, uint64_t to, uint64_t failed,
                    uint64_t *out)
{
    double best_s = -1;
    for (uint32_t i = 0; i < ai->data.replica_count; i++) {
        const fabric_replica *r = &ai->data.replicas[i];
        if (r->set != set || r->site == failed || !ai->ports.is_site_up(world, r->site))
            continue;
        double distance_s = r->site == to ? 0 : ai->ports.distance_s(world, r->site, to);
        if (distance_s >= 0 && (best_s < 0 || distance_s < best_s)) {
            best_s = distance_s;
            *out = r->site;
        }
    }
    return best_s >= 0;
}

static void start_move(jw_world *world, jw_ai *ai, uint32_t slot)
{
    fabric *data = &ai->data;
    fabric_move *move = &data->moves[slot];
    move->tries++;
    uint64_t tag = tag_of(data, slot);
    if (move->kind == FABRIC_READ && move->from == move->to) {
        move->kind = FABRIC_READ_HERE;
        jw_schedule(world, jw_world_time_ns(world), JW_PRIORITY_NORMAL, ai->module, EVENT_READ_HERE, slot + 1,
                    tag);
        return;
    }
    data->asked_bytes += move->bytes;
    if (ai->ports.start_transfer(world, move->from, move->to, move->bytes, tag) != JW_OK)
        fabric_transfer_ended(world, ai, tag, false);
}

static jw_result begin(jw_world *world, jw_ai *ai, const fabric_move *move, jw_error *error)
{
    fabric *data = &ai->data;
    uint32_t slot, generation;
    jw_result result = jw_grow(&data->moves, &data->move_capacity, data->move_pool.slot_count + 1ull,
                               sizeof *data->moves, error);
    if (result == JW_OK)
        result = jw_pool_take(&data->move_pool, &slot, &generation, error);
    if (result != JW_OK)
        return result;
    data->moves[slot] = *move;
    start_move(world, ai, slot);
    return JW_OK;
}

static void end_move(jw_world *world, jw_ai *ai, uint32_t slot, bool is_ok)
{
    fabric_move ended = ai->data.moves[slot];
    ai->data.moves[slot] = (fabric_move){0};
    jw_pool_give(&ai->data.move_pool, slot);
    if (ended.kind != FABRIC_COPY && tune_is_tag(ended.tag))
        tune_read_ended(world, ai, ended.tag, is_ok);
    else if (ended.kind != FABRIC_COPY && ai->ports.read_ended)
        ai->ports.read_ended(world, ended.tag, is_ok);
}

static bool is_dead(jw_world *world, const jw_ai *ai, const fabric_move *move)
{
    return !ai->ports.is_site_up(world, move->to) ||
           (move->kind == FABRIC_READ_HERE && !lies_at(&ai->data, move->set, move->to));
}

void fabric_transfer_ended(jw_world *world, jw_ai *ai, uint64_t tag, bool is_ok)
{
    fabric *data = &ai->data;
    uint32_t slot = slot_of(data, tag);
    if (slot == JW_NONE || data->moves[slot].kind == FABRIC_READ_HERE)
        return;
    fabric_move *move = &data->moves[slot];
    fabric_set *set = &data->sets[move->set];
    if (is_ok && move->kind == FABRIC_COPY)
        is_ok = add_replica(data, move->set, move->to, NULL) == JW_OK;
    *(is_ok ? &data->arrived_bytes : &data->lost_bytes) += move->bytes;
    if (is_ok) {
        *(move->kind == FABRIC_COPY ? &set->copied_bytes : &set->read_bytes) += move->bytes;
        set->reads += move->kind == FABRIC_READ;
    } else if (move->tries < JW_DATA_TRIES && !is_dead(world, ai, move) &&
               nearest(world, ai, move->set, move->to, move->from, &move->from)) {
        start_move(world, ai, slot);
        return;
    }
    end_move(world, ai, slot, is_ok);
}

void fabric_read_here(jw_world *world, jw_ai *ai, const jw_event *event)
{
    uint32_t slot = slot_of(&ai->data, event->b);
    if (slot == JW_NONE || ai->data.moves[slot].kind != FABRIC_READ_HERE)
        return;
    fabric_move *move = &ai->data.moves[slot];
    fabric_set *set = &ai->data.sets[move->set];
    bool is_ok = !is_dead(world, ai, move);
    set->reads += is_ok;
    set->local_bytes += is_ok ? move->bytes : 0;
    end_move(world, ai, slot, is_ok);
}

/* ---- what is asked
 * --------------------------------------------------------------------------------------------- */

static jw_result refuse(fabric_set *set, jw_error *error, jw_result code, const char *what, const char *why)
{
    set->refused++;
    return jw_fail(error, code, NULL, 0, "%s of dataset \"%s\": %s", what, set->def.id, why);
}

static jw_result check_way(jw_world *world, jw_ai *ai, uint32_t set_index, uint64_t to, const char *what,
                           uint64_t *out_from, jw_error *error)
{
    fabric_set *set = &ai->data.sets[set_index];
    if (!ai->ports.is_site_up(world, to))
        return refuse(set, error, JW_ERROR_STATE, what, "the site is down");
    if (!ai->ports.may_hold(world, set->def.home, set->def.residency, to))
        return refuse(set, error, JW_ERROR_STATE, what, "its residency keeps it from that site");
    if (!nearest(world, ai, set_index, to, JW_AI_REGISTRY, out_from))
        return refuse(set, error, JW_ERROR_NOT_FOUND, what, "no replica is up and can be reached");
    return JW_OK;
}

jw_result jw_ai_replicate(jw_world *world, jw_ai *ai, const char *dataset, uint64_t to, bool is_instant,
                          jw_error *error)
{
    fabric *data = &ai->data;
    uint32_t set = fabric_find_set(data, dataset);
    if (set == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no dataset \"%s\"", dataset);
    bool is_coming = lies_at(data, set, to);
    for (uint32_t i = 0; i < data->move_pool.slot_count; i++)
        is_coming |= (data->move_pool.generations[i] & 1) && data->moves[i].kind == FABRIC_COPY &&
                     data->moves[i].set == set && data->moves[i].to == to;
    if (is_coming)
        return jw_fail(error, JW_ERROR_EXISTS, NULL, 0, "dataset \"%s\" is at that site or on its way",
                       dataset);
    fabric_move move = {.kind = FABRIC_COPY, .set = set, .to = to, .bytes = data->sets[set].def.size_bytes};
    if (is_instant && !ai->ports.may_hold(world, data->sets[set].def.home, data->sets[set].def.residency, to))
        return refuse(&data->sets[set], error, JW_ERROR_STATE, "a replica",
                      "its residency keeps it from that site");
    if (is_instant)
        return add_replica(data, set, to, error);
    jw_result result = check_way(world, ai, set, to, "a replica", &move.from, error);
    return result == JW_OK ? begin(world, ai, &move, error) : result;
}

jw_result jw_ai_read(jw_world *world, jw_ai *ai, const char *dataset, uint64_t at, int64_t bytes,
                     uint64_t tag, jw_error *error)
{
    uint32_t set = fabric_find_set(&ai->data, dataset);
    if (set == JW_NONE)
        return jw_fail(error, JW_ERROR_NOT_FOUND, NULL, 0, "there is no dataset \"%s\"", dataset);
    int64_t size_bytes = ai->data.sets[set].def.size_bytes;
    if (bytes < 0 || bytes > size_bytes)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "dataset \"%s\" has %lld bytes, %lld are asked for",
                       dataset, (long long)size_bytes, (long long)bytes);
    fabric_move move = {
        .kind = FABRIC_READ, .set = set, .to = at, .bytes = bytes ? bytes : size_bytes, .tag = tag};
    jw_result result = check_way(world, ai, set, at, "a read", &move.from, error);
    return result == JW_OK ? begin(world, ai, &move, error) : result;
}

/* A move's transfer is stopped and ends badly: elsewhere when there is another replica. */
static void break_off(jw_world *world, jw_ai *ai, uint32_t slot)
{
    uint64_t tag = tag_of(&ai->data, slot);
    ai->ports.stop_transfer(world, tag);
    fabric_transfer_ended(world, ai, tag, false);
}

void jw_ai_site_down(jw_world *world, jw_ai *ai, uint64_t site)
{
    sector_site_down(world, ai, site);
    for (uint32_t i = 0; i < ai->data.move_pool.slot_count; i++) {
        const fabric_move *move = &ai->data.moves[i];
        if ((ai->data.move_pool.generations[i] & 1) && move->kind != FABRIC_READ_HERE &&
            (move->from == site || move->to == site))
            break_off(world, ai, i);
    }
}

void jw_ai_forget_store(jw_world *world, jw_ai *ai, uint64_t site)
{
    fabric *data = &ai->data;
    sector_forget_store(world, ai, site);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < data->replica_count; i++)
        if (data->replicas[i].site != site)
            data->replicas[kept++] = data->replicas[i];
    data->replica_count = kept;
    for (uint32_t s = 0; s < data->set_count; s++)
        for (uint32_t i = 0; i < kept && data->sets[s].def.home == site; i++)
            if (data->replicas[i].set == s)
                data->sets[s].def.home = data->replicas[i].site;
    for (uint32_t i = 0; i < data->move_pool.slot_count; i++)
        if ((data->move_pool.generations[i] & 1) && data->moves[i].kind != FABRIC_READ_HERE &&
            data->moves[i].from == site)
            break_off(world, ai, i);
}

/* ---- views
 * ------------------------------------------------------------------------------------------------- */

uint32_t jw_ai_dataset_count(const jw_ai *ai)
{
    return ai->data.set_count;
}

bool jw_ai_dataset(const jw_ai *ai, uint32_t slot, jw_dataset_state *out)
{
    const fabric *data = &ai->data;
    if (slot >= data->set_count)
        return false;
    const fabric_set *set = &data->sets[slot];
    *out = (jw_dataset_state){.def = &set->def,
                              .reads = set->reads,
                              .refused = set->refused,
                              .read_bytes = set->read_bytes,
                              .local_bytes = set->local_bytes,
                              .copied_bytes = set->copied_bytes};
    for (uint32_t i = 0; i < data->replica_count; i++)
        out->replicas += data->replicas[i].set == slot;
    for (uint32_t i = 0; i < data->move_pool.slot_count; i++)
        out->moving += (data->move_pool.generations[i] & 1) && data->moves[i].set == slot;
    return true;
}

bool jw_ai_has_replica(const jw_ai *ai, const char *dataset, uint64_t site)
{
    uint32_t set = fabric_find_set(&ai->data, dataset);
    return set != JW_NONE && lies_at(&ai->data, set, site);
}

int64_t fabric_moving_bytes(const fabric *data)
{
    int64_t bytes = 0;
    for (uint32_t i = 0; i < data->move_pool.slot_count; i++)
        if ((data->move_pool.generations[i] & 1) && data->moves[i].kind != FABRIC_READ_HERE)
            bytes += data->moves[i].bytes;
    return bytes;
}

jw_data_counts jw_ai_count_data(const jw_ai *ai)
{
    const fabric *data = &ai->data;
    const sector_book *book = &ai->sectors;
    jw_data_counts counts = {.asked_bytes = data->asked_bytes + book->asked_bytes,
                             .arrived_bytes = data->arrived_bytes + book->arrived_bytes,
                             .lost_bytes = data->lost_bytes + book->lost_bytes,
                             .moving_bytes = fabric_moving_bytes(data) + sector_moving_bytes(book),
                             .local_bytes = book->local_bytes};
    for (uint32_t i = 0; i < data->set_count; i++) {
        counts.local_bytes += data->sets[i].local_bytes;
        counts.refused += data->sets[i].refused;
    }
    return counts;
}

void fabric_restart_counts(fabric *data)
{
    data->arrived_bytes = data->lost_bytes = 0;
    data->asked_bytes = fabric_moving_bytes(data);
    for (uint32_t i = 0; i < data->set_count; i++)
        data->sets[i] = (fabric_set){.def = data->sets[i].def, .added_ns = data->sets[i].added_ns};
}

void fabric_free(fabric *data)
{
    jw_free(data->sets);
    jw_free(data->replicas);
    jw_free(data->moves);
    jw_pool_free(&data->move_pool);
}
