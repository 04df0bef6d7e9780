/* The pointer's tools: what a click on the ground means while one is on. Each kind's owner is called with the
 * points; the tool itself only collects them. */
#include "ui/ui_state.h"

void ui_tool_set(jw_ui *ui, ui_tool_kind kind)
{
    ui_tools_leave(ui);
    ui_build_leave(ui);
    ui->tool = (ui_tool){.kind = kind};
    ui->redraws = 3;
}

void ui_tool_hover(jw_ui *ui, uint32_t side, const jw_vec2 *ground)
{
    ui->tool.has_hover = ground != NULL;
    if (!ground)
        return;
    ui->tool.side = side;
    ui->tool.hover = *ground;
}

bool ui_tool_click(jw_ui *ui, uint32_t side, jw_vec2 ground)
{
    ui_tool *tool = &ui->tool;
    if (tool->kind == UI_TOOL_NONE)
        return false;
    tool->side = side;
    if (ui_tools_click(ui, ground))
        return true;
    tool->is_finished = false;
    if (tool->count < UI_TOOL_POINTS)
        tool->points[tool->count++] = ground;
    if (tool->kind == UI_TOOL_PLACE)
        ui_build_click(ui);
    return true;
}

void ui_tool_take_back(jw_ui *ui)
{
    if (ui->tool.count > 0)
        ui->tool.count--;
    ui->tool.is_finished = false;
    if (ui->tool.kind == UI_TOOL_PLACE)
        ui_build_back(ui);
}

void ui_tool_finish(jw_ui *ui)
{
    ui->tool.is_finished = true;
    ui->redraws = 3;
    if (ui->tool.kind == UI_TOOL_PLACE)
        ui_build_confirm(ui);
}

/* What one click places is there already: a hand that clicks twice does not mean two. */
void ui_tool_double_click(jw_ui *ui)
{
    if (ui->tool.kind != UI_TOOL_PLACE || ui->build.what == UI_BUILD_BUS_LINE)
        ui_tool_finish(ui);
}
