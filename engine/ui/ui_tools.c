/* The tab of tools: measuring, notes, ways of the camera, pictures. */
#include "ui/ui_state.h"

void ui_tools_draw(jw_ui *ui)
{
    gui_text(GUI_TITLE, GUI_TEXT, ui_say(ui, "tab.tools"));
}
