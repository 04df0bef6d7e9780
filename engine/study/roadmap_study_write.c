/* What a roadmap's study leaves in the roadmap's folder: bands over seeds, and the tornado. */
#include "study/roadmap_study.h"

#include <stdio.h>
#include <string.h>

static void put_bands(jw_writer *out, const jw_roadmap_study *study)
{
    uint32_t measures = jw_roadmap_measure_count();
    jw_write_format(out, "quarter,measure,mean,ci95");
    for (uint32_t s = 0; s < study->seed_count; s++)
        jw_write_format(out, ",seed_%llu", (unsigned long long)(study->first_seed + s));
    jw_write_format(out, "\n");
    for (uint32_t q = 0; q < study->quarter_count; q++)
        for (uint32_t m = 0; m < measures; m++) {
            jw_estimate e = jw_roadmap_study_band(study, q, m);
            jw_write_format(out, "%u,%s,%.12g,%.6g", q + 1, jw_roadmap_measure_name(m), e.mean, e.half_width);
            for (uint32_t s = 0; s < study->seed_count; s++)
                jw_write_format(out, ",%.12g",
                                study->quarters[((size_t)q * measures + m) * study->seed_count + s]);
            jw_write_format(out, "\n");
        }
}

static void put_quoted(jw_writer *out, const char *text)
{
    jw_write_format(out, ",\"");
    for (; *text; text++)
        jw_write_bytes(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    jw_write_format(out, "\"");
}

static void put_tornado(jw_writer *out, const jw_roadmap_study *study)
{
    const char *measure = jw_roadmap_measure_name(study->measure);
    jw_write_format(out,
                    "rank,parameter,unit,from,to,tfp_effect,tfp_ci95,%s_effect,%s_ci95,tfp_span,%s_span,"
                    "refusal\n",
                    measure, measure, measure);
    for (uint32_t i = 0; i < study->factor_count; i++) {
        const jw_roadmap_factor *factor = &study->factors[i];
        for (uint32_t c = factor->first; c < factor->first + factor->count; c++) {
            const jw_roadmap_change *change = &study->changes[c];
            jw_write_format(out, "%u,%s", i + 1, factor->id);
            put_quoted(out, factor->unit);
            jw_write_format(out, ",%s,%s", factor->value, change->value);
            for (uint32_t which = 0; which < 2; which++) {
                jw_estimate e = jw_roadmap_study_effect(study, c, which);
                if (change->refusal[0])
                    jw_write_format(out, ",,");
                else
                    jw_write_format(out, ",%.9g,%.6g", e.mean, e.half_width);
            }
            jw_write_format(out, ",%.9g,%.9g", factor->span[0], factor->span[1]);
            put_quoted(out, change->refusal);
            jw_write_format(out, "\n");
        }
    }
}

/* ---- the chart: a row a parameter, a thin bar a value, productivity on the left, the measure on the right
 */

#define NAME_PX  250.0
#define PLOT_PX  300.0
#define GAP_PX   40.0
#define ROW_PX   40.0
#define TOP_PX   70.0
#define ROW_ROOM 4.0

static void put_escaped(jw_writer *out, const char *text)
{
    for (; *text; text++) {
        const char *entity = *text == '<' ? "&lt;" : *text == '&' ? "&amp;" : *text == '>' ? "&gt;" : NULL;
        jw_write_bytes(out, entity ? entity : text, entity ? strlen(entity) : 1);
    }
}

/* The farthest end of bar and interval that is drawn: both ways from 0. */
static double reach_of(const jw_roadmap_study *study, uint32_t shown, uint32_t which)
{
    double reach = 0;
    for (uint32_t i = 0; i < shown; i++)
        for (uint32_t k = 0; k < study->factors[i].count; k++) {
            uint32_t c = study->factors[i].first + k;
            jw_estimate e = jw_roadmap_study_effect(study, c, which);
            if (!study->changes[c].refusal[0])
                reach = jw_max(reach, jw_abs(e.mean) + e.half_width);
        }
    return reach > 0 ? reach : 1;
}

static void put_bars(jw_writer *out, const jw_roadmap_study *study, uint32_t row, uint32_t which,
                     double reach)
{
    const jw_roadmap_factor *factor = &study->factors[row];
    double zero_px = NAME_PX + PLOT_PX / 2 + which * (PLOT_PX + GAP_PX), scale = PLOT_PX / 2 / reach;
    double high_px = (ROW_PX - 2 * ROW_ROOM) / factor->count;
    for (uint32_t k = 0; k < factor->count; k++) {
        const jw_roadmap_change *change = &study->changes[factor->first + k];
        jw_estimate e = jw_roadmap_study_effect(study, factor->first + k, which);
        double y_px = TOP_PX + row * ROW_PX + ROW_ROOM + k * high_px;
        if (change->refusal[0])
            continue;
        jw_write_format(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"><title>",
                        zero_px + scale * jw_min(e.mean, 0), y_px, scale * jw_abs(e.mean),
                        jw_max(high_px - 1, 1), k % 2 ? "#d6732b" : "#1f6fb2");
        put_escaped(out, factor->id);
        jw_write_format(out, " = ");
        put_escaped(out, change->value);
        jw_write_format(out, ": %+.4g</title></rect>\n", e.mean);
        if (e.half_width > 0)
            jw_write_format(out, "<path d=\"M%.1f %.1fH%.1f\" stroke=\"#26323a\"/>\n",
                            zero_px + scale * (e.mean - e.half_width), y_px + high_px / 2,
                            zero_px + scale * (e.mean + e.half_width));
    }
}

/* Name in both languages, below it the values in the order of the bars. */
static void put_name(jw_writer *out, const jw_roadmap_study *study, uint32_t row)
{
    const jw_roadmap_factor *factor = &study->factors[row];
    double y_px = TOP_PX + row * ROW_PX;
    jw_write_format(out, "<text x=\"10\" y=\"%.1f\">", y_px + 17);
    put_escaped(out, factor->id);
    jw_write_format(out, " ");
    put_escaped(out, factor->label.zh);
    jw_write_format(out, "</text><text x=\"10\" y=\"%.1f\" font-size=\"10\" fill=\"#6b767d\">", y_px + 32);
    put_escaped(out, factor->value);
    jw_write_format(out, " ");
    put_escaped(out, factor->unit);
    jw_write_format(out, " → ");
    for (uint32_t k = 0; k < factor->count; k++) {
        jw_write_format(out, k ? " | " : "");
        put_escaped(out, study->changes[factor->first + k].value);
    }
    jw_write_format(out, "</text>\n");
}

static void put_chart(jw_writer *out, const jw_roadmap_study *study)
{
    uint32_t shown = jw_roadmap_study_shown(study);
    double bottom_px = TOP_PX + shown * ROW_PX;
    jw_write_format(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
        "font-family=\"system-ui,'WenQuanYi Micro Hei',sans-serif\" font-size=\"13\" fill=\"#26323a\">\n"
        "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n<text x=\"10\" y=\"26\" font-size=\"16\">"
        "What moves quarter %u 第 %u 季度的敏感参数</text>\n",
        NAME_PX + 2 * PLOT_PX + GAP_PX + 10, bottom_px + 30, study->quarter_count, study->quarter_count);
    for (uint32_t which = 0; which < 2; which++) {
        double reach = reach_of(study, shown, which), left_px = NAME_PX + which * (PLOT_PX + GAP_PX);
        jw_write_format(
            out,
            "<text x=\"%.1f\" y=\"56\" text-anchor=\"middle\">%s</text><path d=\"M%.1f %.1fV%.1f\" "
            "stroke=\"#8a8f94\"/><text x=\"%.1f\" y=\"%.1f\">%.3g</text><text x=\"%.1f\" "
            "y=\"%.1f\" text-anchor=\"end\">%+.3g</text>\n",
            left_px + PLOT_PX / 2, jw_roadmap_measure_name(which ? study->measure : JW_ROADMAP_TFP),
            left_px + PLOT_PX / 2, TOP_PX, bottom_px, left_px, bottom_px + 18, -reach, left_px + PLOT_PX,
            bottom_px + 18, reach);
        for (uint32_t row = 0; row < shown; row++)
            put_bars(out, study, row, which, reach);
    }
    for (uint32_t row = 0; row < shown; row++)
        put_name(out, study, row);
    jw_write_format(out, "</svg>\n");
}

/* ---- files --------------------------------------------------------------------------------------------- */

static jw_result keep(void (*put)(jw_writer *, const jw_roadmap_study *), const jw_roadmap_study *study,
                      const char *folder, const char *name, jw_error *error)
{
    char path[1100];
    jw_writer out = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    put(&out, study);
    jw_result result = out.failed ? jw_fail_memory(error) : jw_file_write(path, out.bytes, out.size, error);
    jw_writer_free(&out);
    return result;
}

static jw_result write_bands(const jw_roadmap_study *study, const jw_roadmap *base, const char *folder,
                             jw_error *error)
{
    uint32_t measures = jw_roadmap_measure_count();
    jw_estimate *bands = jw_alloc((size_t)study->quarter_count * measures * sizeof *bands);
    if (!bands)
        return jw_fail_memory(error);
    for (uint32_t q = 0; q < study->quarter_count; q++)
        for (uint32_t m = 0; m < measures; m++)
            bands[(size_t)q * measures + m] = jw_roadmap_study_band(study, q, m);
    jw_result result = jw_roadmap_write_chart(base, bands, folder, error);
    jw_free(bands);
    return result == JW_OK ? keep(put_bands, study, folder, "bands.csv", error) : result;
}

jw_result jw_roadmap_study_write(const jw_roadmap_study *study, const jw_roadmap *base, const char *folder,
                                 jw_error *error)
{
    jw_result result = study->seed_count > 1 ? write_bands(study, base, folder, error) : JW_OK;
    if (result == JW_OK && study->factors)
        result = keep(put_tornado, study, folder, "tornado.csv", error);
    if (result == JW_OK && study->factors)
        result = keep(put_chart, study, folder, "tornado.svg", error);
    return result;
}
