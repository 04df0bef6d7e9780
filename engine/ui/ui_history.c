/* What all metrics of the city were since the run began: charts that are opened later know it, too. */
#include "ui/ui_state.h"

#include <math.h>
#include <string.h>

uint32_t ui_axis_add(ui_axis *axis, int64_t time_ns, float *rows, uint32_t row_count)
{
    while (axis->count && axis->time_ns[axis->count - 1] >= time_ns)
        axis->count--;
    if (axis->count == 0)
        axis->gap_ns = 0;
    if (axis->count && time_ns - axis->time_ns[axis->count - 1] < axis->gap_ns)
        return JW_NONE;
    if (axis->count == UI_PLOT_POINTS) {
        uint32_t half = UI_PLOT_POINTS / 2;
        for (uint32_t i = 0; i < half; i++)
            axis->time_ns[i] = axis->time_ns[2 * i];
        for (uint32_t r = 0; r < row_count; r++)
            for (uint32_t i = 0; i < half; i++)
                rows[r * UI_PLOT_POINTS + i] = rows[r * UI_PLOT_POINTS + 2 * i];
        axis->count = half;
        axis->gap_ns = (axis->time_ns[half - 1] - axis->time_ns[0]) / half;
    }
    axis->time_ns[axis->count] = time_ns;
    return axis->count++;
}

void ui_series_add(ui_series *series, int64_t time_ns, double value)
{
    uint32_t at = ui_axis_add(&series->axis, time_ns, series->value, 1);
    if (at != JW_NONE)
        series->value[at] = (float)value;
}

/* All room at once, for the whole run: a world's metrics are always the same. Without memory for it the
 * history begins when there is some. */
static bool make_room(ui_history *history, uint32_t metric_count)
{
    if (history->metric_count == metric_count)
        return metric_count > 0;
    ui_history_free(history);
    history->values = jw_alloc((size_t)metric_count * UI_PLOT_POINTS * sizeof *history->values);
    history->metric_count = history->values ? metric_count : 0;
    return history->values != NULL;
}

void ui_history_add(ui_history *history, const jw_frame *frame)
{
    if (!make_room(history, frame->metric_count))
        return;
    uint32_t at = ui_axis_add(&history->axis, frame->time_ns, history->values, history->metric_count);
    for (uint32_t m = 0; m < history->metric_count && at != JW_NONE; m++) {
        const jw_frame_metric *metric = &frame->metrics[m];
        history->values[m * UI_PLOT_POINTS + at] =
            ui_is_measured(frame, metric->name) ? (float)metric->value : NAN;
    }
}

void ui_history_read(const ui_history *history, uint32_t metric, ui_series *out)
{
    out->axis.count = 0;
    out->axis.gap_ns = history->axis.gap_ns;
    for (uint32_t i = 0; i < history->axis.count && metric < history->metric_count; i++) {
        float value = history->values[metric * UI_PLOT_POINTS + i];
        if (isnan(value))
            continue;
        out->axis.time_ns[out->axis.count] = history->axis.time_ns[i];
        out->value[out->axis.count++] = value;
    }
}

void ui_history_copy(const ui_history *from, ui_history *to)
{
    if (!make_room(to, from->metric_count))
        return;
    to->axis = from->axis;
    memcpy(to->values, from->values, (size_t)from->metric_count * UI_PLOT_POINTS * sizeof *to->values);
}

void ui_history_free(ui_history *history)
{
    jw_free(history->values);
    *history = (ui_history){0};
}
