/* Draft to city: the steps in their order. */
#include "city/build.h"

#include <math.h>
#include <string.h>

void *jw_build_take(jw_build *build, uint64_t count, size_t element_size, jw_error *error)
{
    if (jw_grow(&build->scratch, &build->scratch_capacity, (uint64_t)build->scratch_count + 1,
                sizeof *build->scratch, error) != JW_OK)
        return NULL;
    void *memory = jw_alloc((count > 0 ? count : 1) * element_size);
    if (!memory)
        jw_fail_memory(error);
    else
        build->scratch[build->scratch_count++] = memory;
    return memory;
}

void jw_build_free(jw_build *build)
{
    for (uint32_t i = 0; i < build->scratch_count; i++)
        jw_free(build->scratch[i]);
    jw_free(build->scratch);
    jw_free(build->pieces);
    jw_free(build->line);
    jw_free(build->marks);
    jw_city_parts_free(&build->parts);
}

/* The draft's texts keep their offsets; the city's name is added behind them. */
static jw_result copy_texts(jw_build *build, jw_error *error)
{
    const jw_draft *draft = build->draft;
    if (draft->text_size > 0 && (draft->texts[0] != '\0' || draft->texts[draft->text_size - 1] != '\0'))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "the draft's texts do not begin with \"\" or do not end");
    uint32_t size = draft->text_size > 0 ? draft->text_size : 1;
    jw_result result = JW_CITY_ROOM(&build->parts, texts, text_size, size, error);
    if (result != JW_OK)
        return result;
    if (draft->text_size > 0)
        memcpy(build->parts.texts, draft->texts, draft->text_size);
    build->parts.text_size = size;
    result = JW_CITY_ROOM(&build->parts, translations, translation_count, draft->translation_count, error);
    if (result != JW_OK)
        return result;
    for (uint32_t i = 0; i < draft->translation_count; i++) {
        jw_translation row = draft->translations[i];
        if (row.text >= size || row.en >= size || row.zh >= size ||
            (i > 0 && row.text <= draft->translations[i - 1].text))
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0, "the draft's translations are not in order");
        build->parts.translations[build->parts.translation_count++] = row;
    }
    char name[sizeof draft->name];
    jw_text_copy(name, sizeof name, draft->name);
    return name[0] ? jw_city_add_text(&build->parts, name, &build->parts.name, error) : JW_OK;
}

jw_result jw_build_tell(jw_build *build, double fraction, const char *what, jw_error *error)
{
    build->fraction = fraction;
    build->what = what;
    if (build->progress && !build->progress(build->progress_context, fraction, what))
        return jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "building the city was cancelled");
    return JW_OK;
}

jw_result jw_build_goes_on(jw_build *build, uint32_t i, jw_error *error)
{
    return i % 1024 == 0 ? jw_build_tell(build, build->fraction, build->what, error) : JW_OK;
}

typedef struct build_step {
    const char *what;
    double fraction; /* done when it begins */
    jw_result (*run)(jw_build *build, jw_error *error);
} build_step;

static const build_step steps[] = {
    {"placing nodes", 0.0, jw_build_project},       {"splitting roads", 0.1, jw_build_pieces},
    {"finding junctions", 0.2, jw_build_junctions}, {"raising bridges", 0.25, jw_build_levels},
    {"laying lanes", 0.3, jw_build_edges},          {"connecting lanes", 0.4, jw_build_connections},
    {"finding conflicts", 0.5, jw_build_conflicts}, {"timing signals", 0.7, jw_build_signals},
    {"shaping buildings", 0.75, jw_build_shapes},   {"forming blocks", 0.9, jw_build_blocks},
};

jw_result jw_city_build(const jw_draft *draft, const jw_build_def *def, jw_problems *problems,
                        jw_progress progress, void *progress_context, jw_city **out, jw_error *error)
{
    jw_build build = {
        .draft = draft, .problems = problems, .progress = progress, .progress_context = progress_context};
    if (def)
        build.def = *def;
    if (!(build.def.merge_m > 0.0))
        build.def.merge_m = 25.0;
    if (!(build.def.default_levels >= 1.0))
        build.def.default_levels = 3.0;
    jw_result result = copy_texts(&build, error);
    for (uint32_t i = 0; i < JW_COUNT_OF(steps) && result == JW_OK; i++) {
        result = jw_build_tell(&build, steps[i].fraction, steps[i].what, error);
        if (result == JW_OK)
            result = steps[i].run(&build, error);
    }
    if (result == JW_OK)
        result = jw_build_tell(&build, 1.0, "city built", error);
    if (result == JW_OK)
        result = jw_city_from_parts(&build.parts, out, error);
    jw_build_free(&build);
    return result;
}
