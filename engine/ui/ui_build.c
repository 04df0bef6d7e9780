/* The tab of building: what can be placed, and the tool that places it. */
#include "ui/ui_state.h"

void ui_build_draw(jw_ui *ui)
{
    gui_text(GUI_TITLE, GUI_TEXT, ui_say(ui, "tab.build"));
}
