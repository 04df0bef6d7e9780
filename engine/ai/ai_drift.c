/* What a version is worth now: its true quality, less what the city has changed since it was made. */
#include "ai/ai_internal.h"

#include <string.h>

#define SAMPLES_OF_WINDOW 10
#define SAMPLE_NS         ((int64_t)(JW_DRIFT_WINDOW_S / SAMPLES_OF_WINDOW * 1e9))

static bool is_measured(const approval_book *book)
{
    return book->def.is_on && book->def.drift > 0;
}

double drift_distance(const approval_book *book, uint32_t model)
{
    const approval_model *m = &book->models[model];
    double sum = 0;
    if (!is_measured(book) || !m->has_features)
        return 0;
    for (uint32_t i = 0; i < JW_CITY_FEATURES; i++)
        sum += jw_abs(book->features[i] - m->features[i]);
    return jw_min(sum, 1);
}

double jw_ai_drift_distance(const jw_ai *ai, const char *model, uint32_t version)
{
    uint32_t index = ai_find_model(ai, model, version);
    return index == JW_NONE ? 0 : drift_distance(&ai->approval, index);
}

double drift_quality(const jw_ai *ai, uint32_t model)
{
    const approval_book *book = &ai->approval;
    double lost = book->models[model].loss + book->def.drift * drift_distance(book, model);
    return jw_max(0, ai->models[model].quality - lost);
}

double jw_ai_quality(const jw_ai *ai, uint32_t service, uint32_t version)
{
    for (uint32_t i = 0; i < ai->model_count; i++)
        if (ai->models[i].service == service && ai->models[i].version == version)
            return drift_quality(ai, i);
    return 0;
}

static bool is_settled(const approval_book *book)
{
    return book->feature_samples >= SAMPLES_OF_WINDOW;
}

static void keep_features(approval_book *book, approval_model *m)
{
    memcpy(m->features, book->features, sizeof m->features);
    m->has_features = 1;
}

/* Made of the city now; a compressed one, of the city of its parent. Before the mean of the window is settled
 * a version waits for it. */
void drift_add_model(jw_ai *ai, const model_origin *origin)
{
    approval_book *book = &ai->approval;
    approval_model *m = &book->models[ai->model_count];
    uint32_t parent =
        origin->method1 ? ai_find_model(ai, ai->models[ai->model_count].id, origin->parent) : JW_NONE;
    if (parent != JW_NONE && book->models[parent].has_features) {
        memcpy(m->features, book->models[parent].features, sizeof m->features);
        m->has_features = 1;
    } else if (is_settled(book)) {
        keep_features(book, m);
    }
}

void drift_start(jw_world *world, jw_ai *ai)
{
    if (is_measured(&ai->approval))
        jw_schedule(world, jw_world_time_ns(world) + SAMPLE_NS, JW_PRIORITY_LAST,
                    (uint16_t)jw_world_find_module(world, "ai"), EVENT_OBSERVE, 0, 0);
}

/* An exponential mean over the window. What serves from the start is taken to be made of the city at the
 * start. */
void drift_observe(jw_world *world, jw_ai *ai)
{
    approval_book *book = &ai->approval;
    double now[JW_CITY_FEATURES] = {0};
    jw_schedule(world, jw_world_time_ns(world) + SAMPLE_NS, JW_PRIORITY_LAST, ai->module, EVENT_OBSERVE, 0,
                0);
    if (!ai->ports.city_features)
        return;
    ai->ports.city_features(world, now);
    for (uint32_t i = 0; i < JW_CITY_FEATURES; i++)
        book->features[i] += (now[i] - book->features[i]) / (book->feature_samples ? SAMPLES_OF_WINDOW : 1);
    book->feature_samples += book->feature_samples < SAMPLES_OF_WINDOW;
    if (!is_settled(book) || jw_world_time_ns(world) < jw_world_start_time_ns(world))
        return;
    for (uint32_t i = 0; i < book->model_count; i++)
        if (!book->models[i].has_features)
            keep_features(book, &book->models[i]);
}
