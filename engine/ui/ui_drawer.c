/* The drawer on the right: six tabs. */
#include "ui/ui_state.h"

void ui_drawer_draw(jw_ui *ui, gui_rect rect)
{
    const char *labels[UI_TAB_COUNT] = {ui_say(ui, "tab.inspector"), ui_say(ui, "tab.build"),
                                        ui_say(ui, "tab.tools"),     ui_say(ui, "tab.params"),
                                        ui_say(ui, "tab.scenario"),  ui_say(ui, "tab.assumptions")};
    gui_panel_begin("##drawer", rect);
    int tab = (int)ui->tab;
    if (gui_segments("tabs", labels, UI_TAB_COUNT, &tab))
        ui->tab = (ui_tab)tab;
    if (ui->overlay != JW_OVERLAY_NONE && ui->legend == UI_LEGEND_NOWHERE) { /* no room beside it */
        ui_legend_draw(ui, true);
        if (gui_y() <= rect.y - rect.height)
            ui->legend = UI_LEGEND_DRAWER;
    }
    gui_gap(8);
    switch (ui->tab) {
    case UI_TAB_INSPECTOR:
        ui_inspector_draw(ui);
        break;
    case UI_TAB_BUILD:
        ui_build_draw(ui);
        break;
    case UI_TAB_TOOLS:
        ui_tools_draw(ui);
        break;
    case UI_TAB_PARAMS:
        ui_params_draw(ui);
        break;
    case UI_TAB_SCENARIO:
        ui_scenario_draw(ui);
        break;
    case UI_TAB_ASSUMPTIONS:
        ui_assumptions_draw(ui);
        break;
    case UI_TAB_COUNT:
        break;
    }
    gui_panel_end();
}
