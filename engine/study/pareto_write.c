/* What a front leaves behind: a table and a plot. */
#include "study/pareto.h"

#include <stdio.h>

static void put_table(jw_writer *out, const jw_pareto *pareto)
{
    double half;
    jw_write_format(out, "number,candidate,on_front,dominated_by,refusal,cards,memory_gb");
    for (uint32_t k = 0; k < JW_PARETO_MEASURE_COUNT; k++)
        jw_write_format(out, ",%s,%s_half_width_95", jw_pareto_measure_name((jw_pareto_measure)k),
                        jw_pareto_measure_name((jw_pareto_measure)k));
    jw_write_format(out, "\n");
    for (uint32_t i = 0; i < pareto->candidate_count; i++) {
        const jw_pareto_candidate *c = &pareto->candidates[i];
        jw_write_format(out, "%u,\"%s\",%d,", i + 1, c->name, c->is_on_front);
        if (c->dominated_by != JW_NONE)
            jw_write_format(out, "%u", c->dominated_by + 1);
        jw_write_format(out, ",\"");
        for (const char *at = c->refusal; *at; at++) /* quotes are doubled */
            jw_write_format(out, *at == '"' ? "\"\"" : "%c", *at);
        jw_write_format(out, "\",%u,%.6g", c->cards, c->memory_gb);
        for (uint32_t k = 0; k < JW_PARETO_MEASURE_COUNT; k++) {
            double mean = jw_pareto_mean(pareto, i, (jw_pareto_measure)k, &half);
            jw_write_format(out, c->refusal[0] && c->cards == 0 ? ",," : ",%.9g,%.9g", mean, half);
        }
        jw_write_format(out, "\n");
    }
}

/* ---- the plot: right decisions over latency, areas by power ---- */

#define LEFT_PX 60.0
#define TOP_PX  20.0
#define WIDE_PX 620.0
#define HIGH_PX 380.0
#define LINE_PX 18.0

static bool is_drawn(const jw_pareto_candidate *c)
{
    return c->cards > 0;
}

typedef struct frame {
    double low[2], high[2], most_w;
} frame;

static frame frame_of(const jw_pareto *pareto)
{
    frame f = {.low = {1e300, 1e300}, .high = {-1e300, -1e300}};
    double half;
    for (uint32_t i = 0; i < pareto->candidate_count; i++) {
        if (!is_drawn(&pareto->candidates[i]))
            continue;
        const double at[2] = {jw_pareto_mean(pareto, i, JW_PARETO_P95, &half),
                              jw_pareto_mean(pareto, i, JW_PARETO_RIGHT, &half)};
        for (uint32_t k = 0; k < 2; k++) {
            f.low[k] = jw_min(f.low[k], at[k]);
            f.high[k] = jw_max(f.high[k], at[k]);
        }
        f.most_w = jw_max(f.most_w, jw_pareto_mean(pareto, i, JW_PARETO_POWER, &half));
    }
    for (uint32_t k = 0; k < 2; k++) {
        double room = jw_max(0.05 * (f.high[k] - f.low[k]), 1e-3);
        f.low[k] = f.high[k] < f.low[k] ? 0 : f.low[k] - room;
        f.high[k] = f.high[k] < f.low[k] ? 1 : f.high[k] + room;
    }
    return f;
}

static double place(const frame *f, uint32_t k, double value)
{
    double share = (value - f->low[k]) / (f->high[k] - f->low[k]);
    return k == 0 ? LEFT_PX + share * WIDE_PX : TOP_PX + (1 - share) * HIGH_PX;
}

static void put_axes(jw_writer *out, const frame *f)
{
    jw_write_format(out, "<path d=\"M%.0f %.0fv%.0fh%.0f\" stroke=\"#8a8f94\" fill=\"none\"/>\n", LEFT_PX,
                    TOP_PX, HIGH_PX, WIDE_PX);
    for (uint32_t i = 0; i <= 4; i++) {
        double x = f->low[0] + (f->high[0] - f->low[0]) * i / 4,
               y = f->low[1] + (f->high[1] - f->low[1]) * i / 4;
        jw_write_format(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.4g</text>\n",
                        place(f, 0, x), TOP_PX + HIGH_PX + 18, x);
        jw_write_format(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.4g</text>\n", LEFT_PX - 6,
                        place(f, 1, y) + 4, y);
    }
    jw_write_format(out,
                    "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">95 %% of answers within, ms / 95%% "
                    "应答时延（毫秒）"
                    "</text>\n<text x=\"%.1f\" y=\"14\">right and in time, %% / 及时且正确（%%）</text>\n",
                    LEFT_PX + WIDE_PX / 2, TOP_PX + HIGH_PX + 40, LEFT_PX + 6);
}

static void put_plot(jw_writer *out, const jw_pareto *pareto)
{
    frame f = frame_of(pareto);
    uint32_t lines = 0;
    double half;
    for (uint32_t i = 0; i < pareto->candidate_count; i++)
        lines += pareto->candidates[i].is_on_front;
    jw_write_format(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
        "font-family=\"system-ui,'WenQuanYi Micro Hei',sans-serif\" font-size=\"13\" fill=\"#26323a\">\n"
        "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
        LEFT_PX + WIDE_PX + 20, TOP_PX + HIGH_PX + 80 + LINE_PX * lines);
    put_axes(out, &f);
    for (uint32_t pass = 0; pass < 2; pass++) /* the front on top */
        for (uint32_t i = 0; i < pareto->candidate_count; i++) {
            const jw_pareto_candidate *c = &pareto->candidates[i];
            if (!is_drawn(c) || c->is_on_front != (pass == 1))
                continue;
            double x_px = place(&f, 0, jw_pareto_mean(pareto, i, JW_PARETO_P95, &half)),
                   y_px = place(&f, 1, jw_pareto_mean(pareto, i, JW_PARETO_RIGHT, &half)),
                   share = jw_pareto_mean(pareto, i, JW_PARETO_POWER, &half) / jw_max(f.most_w, 1e-9);
            jw_write_format(
                out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\" fill-opacity=\"0.5\"%s/>\n",
                x_px, y_px, 3 + 9 * jw_sqrt(jw_max(share, 0)), pass ? "#1f6fb2" : "#c8ccd0",
                c->refusal[0] ? " stroke=\"#d6452b\" stroke-dasharray=\"3 2\"" : "");
            if (pass)
                jw_write_format(out, "<text x=\"%.1f\" y=\"%.1f\">%u</text>\n", x_px + 5, y_px - 5, i + 1);
        }
    double y_px = TOP_PX + HIGH_PX + 64;
    jw_write_format(
        out,
        "<text x=\"10\" y=\"%.1f\">areas: power, the largest %.4g W; blue: the front; red: over budget / "
        "面积：功率；蓝：前沿；红：超预算</text>\n",
        y_px, f.most_w);
    for (uint32_t i = 0; i < pareto->candidate_count; i++)
        if (pareto->candidates[i].is_on_front)
            jw_write_format(out, "<text x=\"10\" y=\"%.1f\">%u: %s</text>\n", y_px += LINE_PX, i + 1,
                            pareto->candidates[i].name);
    jw_write_format(out, "</svg>\n");
}

jw_result jw_pareto_write(const jw_pareto *pareto, const char *folder, jw_error *error)
{
    static const struct {
        const char *name;
        void (*put)(jw_writer *out, const jw_pareto *pareto);
    } files[] = {{"pareto.csv", put_table}, {"pareto.svg", put_plot}};
    jw_result result = JW_OK;
    for (uint32_t k = 0; k < JW_COUNT_OF(files) && result == JW_OK; k++) {
        char path[1024];
        jw_writer out = {0};
        snprintf(path, sizeof path, "%s/%s", folder, files[k].name);
        files[k].put(&out, pareto);
        result = out.failed ? jw_fail_memory(error) : jw_file_write(path, out.bytes, out.size, error);
        jw_writer_free(&out);
    }
    return result;
}
