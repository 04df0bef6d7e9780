/* The one C++ file: Dear ImGui 1.86 (Debian 12) to 1.91, its SDL2 and OpenGL 3 backends. */
#include "ui/ui_imgui.h"

#include "ui/ui_focus.h"
#include "ui/ui_lines.h"

#include <imgui.h>
#if __has_include(<backends/imgui_impl_sdl2.h>)
#include <backends/imgui_impl_sdl2.h>
#elif __has_include(<backends/imgui_impl_sdl.h>)
#include <backends/imgui_impl_sdl.h>
#elif __has_include(<imgui_impl_sdl2.h>)
#include <imgui_impl_sdl2.h>
#else
#include <imgui_impl_sdl.h>
#endif
#if __has_include(<backends/imgui_impl_opengl3.h>)
#include <backends/imgui_impl_opengl3.h>
#else
#include <imgui_impl_opengl3.h>
#endif

#include <SDL2/SDL.h>
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace
{

constexpr float font_units[GUI_FONT_COUNT] = {13, 15, 22};

struct gui {
    float scale = 1;
    bool is_dark = false, has_begun = false;
    ImFont *fonts[GUI_FONT_COUNT] = {};
    std::vector<ImWchar> ranges, title_ranges;
    std::vector<gui_rect> panels; // of the picture that is shown
    // Sums of where its things stand, and those of the one before: heights are known a picture late.
    uint64_t layout = 0, layout_before = 0;
    int unsettled = 0; // pictures in a row
    bool has_popup = false;
    bool has_mouse = false, is_mouse_down = false; // pretended
    ImVec2 mouse;
    ImGuiID scroll_key = 0;
    ImGuiStorage *scroll_storage = nullptr;
    float scroll_room = 0,
          scroll_fit = 0; // the list's highest height, and where the last whole row in it ends
    float panel_end = 0;  // where a panel that grows must stop
    ImU32 colours[GUI_COLOUR_COUNT] = {};
    int disabled = 0;
    std::vector<bool> disabled_stack;
    bool is_bare = false, is_under = false, is_dialog = false;
    ImGuiID last_control = 0;
    bool was_stepped = false;            // the last control, by a key
    bool scrolls_to_keys = false;        // the list that is drawn holds the control that just got them
    ImVec4 ring, ring_clip;              // around the control with the keyboard; none: no width
    std::vector<SDL_Scancode> keys_down; // since the last picture
    std::vector<SDL_Event> keys_up;      // of these, not told yet
    int text_due = 0;                    // pictures until a field that was opened has surely got the keyboard
    std::string text_early;              // typed before it has
    std::string lines;                   // of the text that is being drawn
    bool watches_cuts = false;
    std::vector<std::string> cut_texts;
};
gui g;

ImU32 rgba(uint32_t rgb, float alpha)
{
    return IM_COL32((rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255, (int)(alpha * 255 + 0.5f));
}

ImVec4 vec(ImU32 colour)
{
    return ImGui::ColorConvertU32ToFloat4(colour);
}

ImVec4 with_alpha(ImU32 colour, float alpha)
{
    ImVec4 v = vec(colour);
    v.w *= alpha;
    return v;
}

void set_colours(bool is_dark)
{
    static const struct {
        uint32_t day, night;
        float day_alpha, night_alpha;
    } table[GUI_COLOUR_COUNT] = {
        {0x1d2731, 0xe8edf2, 1, 1},         // text
        {0x5d6a76, 0x98a5b3, 1, 1},         // muted
        {0x0b7a75, 0x35c4b5, 1, 1},         // accent
        {0xc2621b, 0xf2a65a, 1, 1},         // second
        {0xb3261e, 0xff8a7a, 1, 1},         // warning
        {0x1d2731, 0xe8edf2, 0.12f, 0.14f}, // line
        {0xfbfcfc, 0x141b23, 1, 1},         // panel: nothing shows through
        {0x0b7a75, 0x35c4b5, 0.10f, 0.16f}, // hover
        {0x1d2731, 0x05080b, 0.35f, 0.55f}, // shade
        {0xffffff, 0x0c1218, 1, 1},         // on accent
    };
    for (int i = 0; i < GUI_COLOUR_COUNT; i++)
        g.colours[i] =
            is_dark ? rgba(table[i].night, table[i].night_alpha) : rgba(table[i].day, table[i].day_alpha);
}

void set_style()
{
    ImGuiStyle &s = ImGui::GetStyle();
    s = ImGuiStyle();
    s.WindowPadding = ImVec2(16, 16);
    s.FramePadding = ImVec2(8, 5);
    s.ItemSpacing = ImVec2(8, 8);
    s.ItemInnerSpacing = ImVec2(8, 4);
    s.WindowRounding = 8;
    s.ChildRounding = 6;
    s.FrameRounding = 6;
    s.PopupRounding = 6;
    s.GrabRounding = 6;
    s.ScrollbarRounding = 4;
    s.ScrollbarSize = 8;
    s.GrabMinSize = 14;
    s.WindowBorderSize = 0;
    s.PopupBorderSize = 1;
    s.FrameBorderSize = 0;
    s.WindowMinSize = ImVec2(8, 8);
    s.ScaleAllSizes(g.scale);
    const ImU32 *c = g.colours;
    ImVec4 *out = s.Colors;
    out[ImGuiCol_Text] = vec(c[GUI_TEXT]);
    out[ImGuiCol_TextDisabled] = vec(c[GUI_MUTED]);
    out[ImGuiCol_WindowBg] = vec(c[GUI_PANEL]);
    out[ImGuiCol_ChildBg] = ImVec4(0, 0, 0, 0);
    out[ImGuiCol_PopupBg] = vec(c[GUI_PANEL]);
    out[ImGuiCol_Border] = vec(c[GUI_LINE]);
    out[ImGuiCol_FrameBg] = with_alpha(c[GUI_LINE], 0.6f);
    out[ImGuiCol_FrameBgHovered] = vec(c[GUI_LINE]);
    out[ImGuiCol_FrameBgActive] = vec(c[GUI_LINE]);
    out[ImGuiCol_ScrollbarBg] = ImVec4(0, 0, 0, 0);
    out[ImGuiCol_ScrollbarGrab] = vec(c[GUI_LINE]);
    out[ImGuiCol_ScrollbarGrabHovered] = with_alpha(c[GUI_MUTED], 0.5f);
    out[ImGuiCol_ScrollbarGrabActive] = with_alpha(c[GUI_MUTED], 0.7f);
    out[ImGuiCol_CheckMark] = vec(c[GUI_ACCENT]);
    out[ImGuiCol_SliderGrab] = vec(c[GUI_ACCENT]);
    out[ImGuiCol_SliderGrabActive] = vec(c[GUI_ACCENT]);
    out[ImGuiCol_Button] = with_alpha(c[GUI_LINE], 0.6f);
    out[ImGuiCol_ButtonHovered] = vec(c[GUI_HOVER]);
    out[ImGuiCol_ButtonActive] = with_alpha(c[GUI_ACCENT], 0.3f);
    out[ImGuiCol_Header] = vec(c[GUI_HOVER]);
    out[ImGuiCol_HeaderHovered] = vec(c[GUI_HOVER]);
    out[ImGuiCol_HeaderActive] = with_alpha(c[GUI_ACCENT], 0.3f);
    out[ImGuiCol_Separator] = vec(c[GUI_LINE]);
    out[ImGuiCol_TextSelectedBg] = with_alpha(c[GUI_ACCENT], 0.3f);
    out[ImGuiCol_NavHighlight] = vec(c[GUI_ACCENT]);
    out[ImGuiCol_ModalWindowDimBg] = vec(c[GUI_SHADE]);
}

constexpr ImGuiWindowFlags still = ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize |
                                   ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoCollapse |
                                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoScrollbar |
                                   ImGuiWindowFlags_NoScrollWithMouse;

// Something stands here: into the sum of all (FNV-1a, a number a step).
void note_place(ImVec2 at, ImVec2 size)
{
    const float place[4] = {at.x, at.y, size.x, size.y};
    for (float value : place) {
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        g.layout = (g.layout ^ bits) * 0x100000001b3u;
    }
}

void note_panel()
{
    ImVec2 at = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
    note_place(at, size);
    g.panels.push_back(gui_rect{at.x, at.y, size.x, size.y});
}

void place(gui_rect rect)
{
    ImGui::SetNextWindowPos(ImVec2(rect.x, rect.y));
    ImGui::SetNextWindowSize(ImVec2(rect.width, rect.height));
}

ImDrawList *list()
{
    return g.is_under ? ImGui::GetBackgroundDrawList() : ImGui::GetWindowDrawList();
}

// A text that was just drawn here: is all of it to be seen? What a list has scrolled away is no matter.
void check_cut(ImVec2 at, ImVec2 size, const char *text)
{
    if (!g.watches_cuts || g.is_bare || !*text)
        return;
    ImVec2 low = list()->GetClipRectMin(), high = list()->GetClipRectMax();
    bool can_scroll = ImGui::GetScrollMaxY() > 0;
    bool is_away = at.y + size.y <= low.y || at.y >= high.y;
    bool is_cut = at.x < low.x - 1 || at.x + size.x > high.x + 1;
    bool is_cut_below = at.y < low.y - 1 || at.y + size.y > high.y + 1;
    if ((is_cut && !(is_away && can_scroll)) || (is_cut_below && !can_scroll))
        g.cut_texts.push_back(text);
}

// The last item is a control: what the keys want of it. It is ringed, and scrolled to when it got them.
gui_wish note_control(const char *id)
{
    g.last_control = ImGui::GetID(id);
    ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
    gui_control control = {
        g.last_control, 0, 0, {low.x, low.y, high.x - low.x, high.y - low.y}, g.disabled > 0};
    gui_wish wish = gui_focus_note(&control);
    ImVec2 from = list()->GetClipRectMin(), to = list()->GetClipRectMax();
    if (wish.is_new && (low.y < from.y || high.y > to.y)) {
        ImGui::SetScrollHereY(0.5f);
        g.scrolls_to_keys = true;
    }
    if (wish.has_keys) {
        g.ring = ImVec4(low.x, low.y, high.x, high.y);
        g.ring_clip = ImVec4(from.x - 2, from.y - 2, to.x + 2, to.y + 2);
    }
    return wish;
}

} // namespace

/* ---- life ------------------------------------------------------------------------------------------------
 */

bool gui_open(void *sdl_window, void *gl_context)
{
    ImGui::CreateContext();
    ImGuiIO &io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.LogFilename = nullptr;
    // Dear ImGui's own keyboard navigation stays off: arrows move the camera, and ui_focus.c walks the
    // controls.
    g = gui();
    gui_focus_reset();
    if (!ImGui_ImplSDL2_InitForOpenGL((SDL_Window *)sdl_window, gl_context)) {
        ImGui::DestroyContext();
        return false;
    }
    if (!ImGui_ImplOpenGL3_Init("#version 330 core")) {
        ImGui_ImplSDL2_Shutdown();
        ImGui::DestroyContext();
        return false;
    }
    gui_set_theme(false);
    return true;
}

void gui_close(void)
{
    ImGui_ImplOpenGL3_Shutdown();
    ImGui_ImplSDL2_Shutdown();
    ImGui::DestroyContext();
    g = gui();
}

bool gui_set_fonts(const char *path, int face, const uint32_t *ranges, uint32_t title_count, float scale)
{
    ImFontAtlas *atlas = ImGui::GetIO().Fonts;
    g.scale = scale;
    atlas->Clear();
    atlas->TexDesiredWidth = 4096;
    atlas->Flags |= ImFontAtlasFlags_NoPowerOfTwoHeight;
    g.ranges.clear();
    for (const uint32_t *r = ranges; *r; r++)
        if (*r <= 0xffff)
            g.ranges.push_back((ImWchar)*r);
    g.ranges.push_back(0);
    g.title_ranges.assign(g.ranges.begin(), g.ranges.begin() + title_count);
    g.title_ranges.push_back(0);
    bool is_fine = path != nullptr;
    if (path)
        for (int i = 0; i < GUI_FONT_COUNT && is_fine; i++) {
            ImFontConfig config;
            config.FontNo = face;
            config.OversampleH = config.OversampleV = 1;
            config.PixelSnapH = true;
            g.fonts[i] = atlas->AddFontFromFileTTF(path, floorf(font_units[i] * scale + 0.5f), &config,
                                                   (i == GUI_TITLE ? g.title_ranges : g.ranges).data());
            is_fine = g.fonts[i] != nullptr;
        }
    if (!is_fine) {
        atlas->Clear();
        for (int i = 0; i < GUI_FONT_COUNT; i++) {
            ImFontConfig config;
            config.SizePixels = floorf(font_units[i] * scale + 0.5f);
            g.fonts[i] = atlas->AddFontDefault(&config);
        }
    }
    atlas->Build();
    ImGui::GetIO().FontDefault = g.fonts[GUI_BODY];
#if IMGUI_VERSION_NUM < 19200 // later ones keep their textures themselves
    if (g.has_begun) {        // before the first picture there is nothing to replace
        ImGui_ImplOpenGL3_DestroyFontsTexture();
        ImGui_ImplOpenGL3_CreateFontsTexture();
    }
#endif
    set_style();
    return is_fine;
}

void gui_set_theme(bool is_dark)
{
    g.is_dark = is_dark;
    set_colours(is_dark);
    set_style();
}

bool gui_is_dark(void)
{
    return g.is_dark;
}

bool gui_event(const void *sdl_event)
{
    const SDL_Event *event = (const SDL_Event *)sdl_event;
    if (event->type == SDL_MOUSEBUTTONDOWN)
        gui_focus_leave();
    if (event->type == SDL_KEYDOWN)
        g.keys_down.push_back(event->key.keysym.scancode);
    bool is_short = event->type == SDL_KEYUP && std::find(g.keys_down.begin(), g.keys_down.end(),
                                                          event->key.keysym.scancode) != g.keys_down.end();
    if (event->type == SDL_TEXTINPUT && g.text_due > 0 && !ImGui::GetIO().WantTextInput) {
        g.text_early += event->text.text;
        return true;
    }
    if (is_short) // let go within one picture: that picture shall see it, and the next that it is up
        g.keys_up.push_back(*event);
    return is_short || ImGui_ImplSDL2_ProcessEvent(event);
}

bool gui_wants_mouse(float x, float y)
{
    // A field that is typed in lets go by itself.
    if ((ImGui::IsAnyItemActive() && !ImGui::GetIO().WantTextInput) || g.has_popup)
        return true;
    for (const gui_rect &r : g.panels)
        if (x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height)
            return true;
    return false;
}

bool gui_wants_text(void)
{
    return g.text_due > 0 || ImGui::GetIO().WantTextInput;
}

void gui_expect_text(void)
{
    g.text_due = 4; // Dear ImGui takes two
    g.text_early.clear();
}

bool gui_is_settled(void)
{
    constexpr int patience = 30; // what goes to and fro for ever shall not keep a paused window awake
    return g.unsettled == 0 || g.unsettled > patience;
}

bool gui_has_list(void)
{
    return g.has_popup;
}

void gui_leave_text(void)
{
    ImGui::SetWindowFocus(nullptr);
}

void gui_watch_cut_texts(bool is_watched)
{
    g.watches_cuts = is_watched;
}

uint32_t gui_cut_text_count(void)
{
    return (uint32_t)g.cut_texts.size();
}

const char *gui_cut_text_at(uint32_t index)
{
    return g.cut_texts[index].c_str();
}

void gui_pretend_mouse(float x, float y, bool is_down)
{
    g.has_mouse = true;
    g.mouse = ImVec2(x, y);
    g.is_mouse_down = is_down;
}

void gui_begin(void)
{
    g.has_begun = true;
    g.panels.clear();
    g.layout_before = g.layout;
    g.layout = 0;
    g.cut_texts.clear();
    g.ring = ImVec4();
    gui_focus_begin();
    ImGui_ImplOpenGL3_NewFrame();
    ImGui_ImplSDL2_NewFrame();
    if (g.has_mouse) {
        ImGui::GetIO().MousePos = g.mouse;
        ImGui::GetIO().MouseDown[0] = g.is_mouse_down;
    }
    ImGui::NewFrame();
    for (const SDL_Event &event : g.keys_up)
        ImGui_ImplSDL2_ProcessEvent(&event);
    g.keys_up.clear();
    g.keys_down.clear();
    if (ImGui::GetIO().WantTextInput) {
        ImGui::GetIO().AddInputCharactersUTF8(g.text_early.c_str());
        g.text_early.clear();
        g.text_due = 0;
    }
}

void gui_end(void)
{
    gui_focus_end();
    g.unsettled = g.layout == g.layout_before ? 0 : g.unsettled + 1;
    g.text_due -= g.text_due > 0;
    g.has_popup = ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
    if (g.ring.z > g.ring.x) {
        ImDrawList *over = ImGui::GetForegroundDrawList();
        over->PushClipRect(ImVec2(g.ring_clip.x, g.ring_clip.y), ImVec2(g.ring_clip.z, g.ring_clip.w));
        over->AddRect(ImVec2(g.ring.x - 2, g.ring.y - 2), ImVec2(g.ring.z + 2, g.ring.w + 2),
                      g.colours[GUI_SECOND], gui_px(6), 0, fmaxf(gui_px(2), 2));
        over->PopClipRect();
    }
    ImGui::Render();
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

float gui_px(float units)
{
    return floorf(units * g.scale + 0.5f);
}

uint32_t gui_colour_of(gui_colour colour)
{
    return gui_fade(colour, 1);
}

uint32_t gui_fade(gui_colour colour, float alpha)
{
    return ImGui::ColorConvertFloat4ToU32(with_alpha(g.colours[colour], alpha * ImGui::GetStyle().Alpha));
}

uint32_t gui_rgb(uint32_t rgb, float alpha)
{
    return rgba(rgb, alpha);
}

/* ---- panels ----------------------------------------------------------------------------------------------
 */

void gui_panel_begin(const char *id, gui_rect rect)
{
    gui_focus_panel(0);
    ImGui::SetNextWindowPos(ImVec2(rect.x, rect.y));
    if (rect.height < 0) { // as high as its content, scrolling beyond -height
        g.panel_end = rect.y - rect.height;
        ImGui::SetNextWindowSizeConstraints(ImVec2(rect.width, 0), ImVec2(rect.width, -rect.height));
        ImGui::SetNextWindowSize(ImVec2(rect.width, 0));
        ImGui::Begin(id, nullptr,
                     (still & ~(ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse)) |
                         ImGuiWindowFlags_NoBringToFrontOnFocus);
        return;
    }
    g.panel_end = 0;
    ImGui::SetNextWindowSize(ImVec2(rect.width, rect.height));
    ImGui::Begin(id, nullptr, still | ImGuiWindowFlags_NoBringToFrontOnFocus);
}

void gui_panel_end(void)
{
    gui_focus_panel_end();
    note_panel();
    ImGui::End();
}

void gui_bare_begin(const char *id, gui_rect rect)
{
    place(rect);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
    ImGui::Begin(id, nullptr,
                 still | ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoInputs |
                     ImGuiWindowFlags_NoBringToFrontOnFocus |
                     ImGuiWindowFlags_NoFocusOnAppearing); // who types goes on typing
    ImGui::PopStyleVar();
    g.is_bare = true;
}

void gui_dialog_begin(const char *id, gui_rect rect, gui_rect window)
{
    g.panel_end = 0;
    place(window);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0.0f);
    ImGui::PushStyleColor(ImGuiCol_WindowBg, vec(g.colours[GUI_SHADE]));
    ImGui::Begin("##shade", nullptr, still);
    note_panel();
    ImGui::PopStyleColor();
    ImGui::PopStyleVar();
    ImGui::End();
    place(rect);
    if (!g.has_popup) // else its lists would close
        ImGui::SetNextWindowFocus();
    ImGui::Begin(id, nullptr, still);
    gui_focus_panel(1);
}

void gui_under_begin(void)
{
    g.is_under = g.is_bare = true;
}

void gui_under_end(void)
{
    g.is_under = g.is_bare = false;
}

void gui_bare_end(void)
{
    g.is_bare = false;
    ImGui::End();
}

void gui_dialog_end(void)
{
    gui_focus_panel_end();
    ImGui::End();
}

void gui_scroll_begin(const char *id, float height)
{
    // In a panel that grows: as high as the content was in the picture before, while there is room.
    ImGuiID key = ImGui::GetID(id);
    ImGuiStorage *storage = ImGui::GetStateStorage();
    float content = storage->GetFloat(key, 0), fit = storage->GetFloat(key + 1, 0);
    g.scroll_room = g.scroll_fit = 0;
    if (g.panel_end > 0 && content > 0) {
        float room = g.panel_end - ImGui::GetCursorScreenPos().y - ImGui::GetStyle().WindowPadding.y + height;
        g.scroll_room = room;
        if (content > room && fit > room - gui_px(48) && fit <= room)
            room = fit; // no row is cut; where text follows the rows, they do not end the list
        height = fmaxf(fminf(content, room), gui_px(32));
    } else if (g.panel_end > 0) {
        height = gui_px(240);
    }
    g.scroll_key = key;
    g.scroll_storage = storage;
    g.scrolls_to_keys = false;
    ImGui::BeginChild(id, ImVec2(0, height), false, ImGuiWindowFlags_NoSavedSettings);
}

void gui_scroll_end(void)
{
    g.scroll_storage->SetFloat(g.scroll_key, ImGui::GetCursorPosY());
    g.scroll_storage->SetFloat(g.scroll_key + 1, g.scroll_fit);
    g.scroll_room = 0;
    ImGui::EndChild();
    note_place(ImGui::GetItemRectMin(), ImGui::GetItemRectSize());
    if (g.scrolls_to_keys) // and the panel to the list
        ImGui::SetScrollHereY(0.5f);
    g.scrolls_to_keys = false;
}

gui_rows gui_rows_begin(uint32_t count, float height)
{
    gui_rows rows = {count, 0, count, ImGui::GetCursorScreenPos().y, height};
    float step = height + ImGui::GetStyle().ItemSpacing.y, most = (float)count;
    float above = (list()->GetClipRectMin().y - rows.y) / step,
          below = (list()->GetClipRectMax().y - rows.y) / step;
    rows.first = (uint32_t)fminf(fmaxf(floorf(above) - 1, 0), most);
    rows.end = (uint32_t)fminf(fmaxf(ceilf(below) + 1, (float)rows.first), most);
    float top = rows.y - ImGui::GetWindowPos().y + ImGui::GetScrollY();
    float whole =
        fminf(floorf((g.scroll_room - top - height) / step) + 1, most); // rows, before they are scrolled
    if (whole >= 1)
        g.scroll_fit = fmaxf(g.scroll_fit, top + (whole - 1) * step + height);
    ImGui::SetCursorScreenPos(ImVec2(ImGui::GetCursorScreenPos().x, rows.y + (float)rows.first * step));
    return rows;
}

void gui_rows_end(const gui_rows *rows)
{
    if (rows->end == rows->count)
        return;
    float step = rows->height + ImGui::GetStyle().ItemSpacing.y;
    ImGui::SetCursorScreenPos(
        ImVec2(ImGui::GetCursorScreenPos().x, rows->y + (float)(rows->count - 1) * step));
    ImGui::Dummy(ImVec2(1, rows->height));
}

float gui_room_x(void)
{
    return ImGui::GetContentRegionAvail().x;
}

float gui_y(void)
{
    return ImGui::GetCursorScreenPos().y;
}

float gui_panel_height(void)
{
    const ImGuiStyle &style = ImGui::GetStyle();
    return ImGui::GetCursorPosY() - style.ItemSpacing.y + style.WindowPadding.y;
}

/* ---- things in panels ------------------------------------------------------------------------------------
 */

/* Titles have the common characters alone (ui_font.c): a rare one, in a street's name, makes the text a
 * body's. */
static gui_font font_for(gui_font font, const char *text)
{
    if (font != GUI_TITLE)
        return font;
    for (const char *at = text; *at;) {
        uint32_t code = gui_next_code(&at);
        if (code > 0x7f && !g.fonts[font]->FindGlyphNoFallback((ImWchar)code))
            return GUI_BODY;
    }
    return font;
}

static float advance_of(const void *font, uint32_t code)
{
    return ((const ImFont *)font)->GetCharAdvance((ImWchar)code);
}

/* The text in lines of this width, which is why Dear ImGui, that knows no Chinese, is never asked to wrap.
 * Until the next call. */
static const char *lines_of(const ImFont *font, const char *text, float width)
{
    g.lines.clear();
    while (text) {
        const char *next;
        g.lines.append(text, gui_first_line(text, width, advance_of, font, &next));
        text = next;
        if (text)
            g.lines += '\n';
    }
    return g.lines.c_str();
}

void gui_text(gui_font font, gui_colour colour, const char *text)
{
    ImFont *f = g.fonts[font_for(font, text)];
    ImGui::PushFont(f);
    ImGui::PushStyleColor(ImGuiCol_Text, g.colours[colour]);
    ImGui::TextUnformatted(lines_of(f, text, ImGui::GetContentRegionAvail().x));
    ImGui::PopStyleColor();
    ImGui::PopFont();
    note_place(ImGui::GetItemRectMin(), ImGui::GetItemRectSize());
    check_cut(ImGui::GetItemRectMin(), ImGui::GetItemRectSize(), text);
}

void gui_text_right(gui_font font, gui_colour colour, const char *text)
{
    float width = gui_text_width(font, text);
    ImGui::SameLine(0, 0);
    if (ImGui::GetContentRegionAvail().x < width) // a line of its own
        ImGui::NewLine();
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x - width);
    gui_text(font, colour, text);
}

float gui_text_width(gui_font font, const char *text)
{
    font = font_for(font, text);
    ImFont *f = g.fonts[font];
    return ceilf(f->CalcTextSizeA(f->FontSize, 1e9f, 0, text).x);
}

float gui_wrapped_height(gui_font font, const char *text, float width)
{
    font = font_for(font, text);
    ImFont *f = g.fonts[font];
    return f->CalcTextSizeA(f->FontSize, FLT_MAX, 0, lines_of(f, text, width)).y;
}

float gui_line_height(void)
{
    return ImGui::GetFrameHeight();
}

float gui_item_width(void)
{
    return ImGui::CalcItemWidth();
}

float gui_text_height(gui_font font)
{
    return g.fonts[font]->FontSize;
}

void gui_same_line(float gap_units)
{
    ImGui::SameLine(0, gui_px(gap_units));
}

void gui_align(void)
{
    ImGui::AlignTextToFramePadding();
}

void gui_to(float x, float y)
{
    ImGui::SetCursorScreenPos(ImVec2(x, y));
}

void gui_gap(float units)
{
    ImGui::Dummy(ImVec2(1, fmaxf(gui_px(units) - ImGui::GetStyle().ItemSpacing.y, 0)));
}

void gui_tight(bool is_tight)
{
    if (is_tight)
        ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(gui_px(8), gui_px(1)));
    else
        ImGui::PopStyleVar();
}

void gui_width(float width)
{
    ImGui::SetNextItemWidth(width == 0 ? -1 : width);
}

void gui_push(int id)
{
    ImGui::PushID(id);
}

void gui_pop(void)
{
    ImGui::PopID();
}

void gui_disable(bool is_disabled)
{
    ImGui::BeginDisabled(is_disabled);
    g.disabled += is_disabled;
    g.disabled_stack.push_back(is_disabled);
}

void gui_enable(void)
{
    ImGui::EndDisabled();
    g.disabled -= g.disabled_stack.back();
    g.disabled_stack.pop_back();
}

bool gui_is_done(void)
{
    return ImGui::IsItemDeactivated() || g.was_stepped;
}

bool gui_list_begin(const char *id, bool is_opened, gui_rect below)
{
    ImGui::PushID(id);
    if (is_opened)
        ImGui::OpenPopup("##list");
    ImVec2 display = ImGui::GetIO().DisplaySize;
    float under = display.y - below.y - below.height - gui_px(8), over = below.y - gui_px(8);
    bool is_over = under < over && under < gui_px(240);
    ImGui::SetNextWindowPos(
        ImVec2(below.x, is_over ? below.y - gui_px(2) : below.y + below.height + gui_px(2)), ImGuiCond_Always,
        ImVec2(0, is_over ? 1.0f : 0.0f));
    float width = fminf(fmaxf(below.width, gui_px(200)), display.x - below.x - gui_px(4));
    ImGui::SetNextWindowSizeConstraints(ImVec2(width, 0),
                                        ImVec2(width, fminf(is_over ? over : under, gui_px(420))));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(gui_px(4), gui_px(4)));
    bool is_open = ImGui::BeginPopup("##list", ImGuiWindowFlags_NoMove);
    ImGui::PopStyleVar();
    if (!is_open) {
        ImGui::PopID();
        return false;
    }
    gui_focus_panel(2);
    if (gui_focus_has_left())
        ImGui::CloseCurrentPopup();
    return true;
}

void gui_list_end(void)
{
    gui_focus_panel_end();
    note_place(ImGui::GetWindowPos(), ImGui::GetWindowSize());
    ImGui::EndPopup();
    ImGui::PopID();
}

void gui_list_close(void)
{
    ImGui::CloseCurrentPopup();
}

void gui_focus(void)
{
    ImGui::SetKeyboardFocusHere();
}

bool gui_input(const char *id, const char *hint, char *text, size_t size)
{
    if (gui_focus_is_pressed(ImGui::GetID(id)))
        ImGui::SetKeyboardFocusHere();
    bool is_entered = ImGui::InputTextWithHint(id, hint, text, size, ImGuiInputTextFlags_EnterReturnsTrue);
    note_control(id);
    return is_entered;
}

void gui_tooltip(const char *text)
{
    if (!ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) // above all then one asks why
        return;
    // Above the thing, else below it: what stands beside it is not hidden.
    ImFont *f = g.fonts[GUI_BODY];
    const char *lines = lines_of(f, text, gui_px(280));
    ImVec2 size = f->CalcTextSizeA(f->FontSize, FLT_MAX, 0, lines), pad(gui_px(8), gui_px(6));
    ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax(), room = ImGui::GetIO().DisplaySize;
    float width = size.x + 2 * pad.x, height = size.y + 2 * pad.y, gap = gui_px(4);
    float x = fmaxf(fminf(ImGui::GetIO().MousePos.x - width / 2, room.x - width - gap), gap);
    float y = low.y - gap - height;
    ImGui::SetNextWindowPos(ImVec2(floorf(x), floorf(y >= gap ? y : high.y + gap)));
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, pad);
    ImGui::BeginTooltip();
    ImGui::TextUnformatted(lines);
    ImGui::EndTooltip();
    ImGui::PopStyleVar();
}

/* ---- drawing ---------------------------------------------------------------------------------------------
 */

gui_canvas gui_canvas_make(const char *id, float width, float height)
{
    ImVec2 at = ImGui::GetCursorScreenPos();
    bool was_clicked = ImGui::InvisibleButton(id, ImVec2(width, height));
    note_place(at, ImVec2(width, height));
    float bottom = at.y + height - ImGui::GetWindowPos().y + ImGui::GetScrollY();
    if (bottom <= g.scroll_room)
        g.scroll_fit = fmaxf(g.scroll_fit, bottom);
    g.was_stepped = false;
    ImVec2 mouse = ImGui::GetIO().MousePos;
    gui_canvas canvas = {};
    canvas.rect = gui_rect{at.x, at.y, width, height};
    canvas.is_hovered = ImGui::IsItemHovered();
    canvas.is_active = ImGui::IsItemActive();
    canvas.was_released = ImGui::IsItemDeactivated();
    canvas.was_clicked = was_clicked;
    canvas.mouse_x = mouse.x;
    canvas.mouse_y = mouse.y;
    return canvas;
}

gui_canvas gui_control_make(const char *id, float width, float height)
{
    gui_canvas canvas = gui_canvas_make(id, width, height);
    gui_wish wish = note_control(id);
    canvas.has_keys = wish.has_keys;
    canvas.was_clicked = canvas.was_clicked || wish.is_pressed;
    canvas.step = wish.step;
    g.was_stepped = wish.step != 0;
    return canvas;
}

void gui_prefer_keys(void)
{
    gui_focus_prefer(g.last_control);
}

void gui_point_hand(void)
{
    ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
}

void gui_clip(gui_rect r)
{
    ImVec2 low(r.x, r.y), high(r.x + r.width, r.y + r.height);
    if (g.is_under)
        list()->PushClipRect(low, high, true);
    else
        ImGui::PushClipRect(low, high, true);
}

void gui_unclip(void)
{
    if (g.is_under)
        list()->PopClipRect();
    else
        ImGui::PopClipRect();
}

void gui_draw_circle(float x, float y, float radius, uint32_t colour)
{
    list()->AddCircleFilled(ImVec2(x, y), radius, colour);
}

void gui_draw_triangle(const float xy[6], uint32_t colour)
{
    list()->AddTriangleFilled(ImVec2(xy[0], xy[1]), ImVec2(xy[2], xy[3]), ImVec2(xy[4], xy[5]), colour);
}

void gui_draw_fill(gui_rect r, uint32_t colour, float rounding)
{
    list()->AddRectFilled(ImVec2(r.x, r.y), ImVec2(r.x + r.width, r.y + r.height), colour, rounding);
}

void gui_draw_frame(gui_rect r, uint32_t colour, float rounding, float thickness)
{
    list()->AddRect(ImVec2(r.x, r.y), ImVec2(r.x + r.width, r.y + r.height), colour, rounding, 0, thickness);
}

void gui_draw_line(float x0, float y0, float x1, float y1, uint32_t colour, float thickness)
{
    list()->AddLine(ImVec2(x0, y0), ImVec2(x1, y1), colour, thickness);
}

void gui_draw_path(const float *xy, int count, uint32_t colour, float thickness)
{
    list()->AddPolyline((const ImVec2 *)xy, count, colour, 0, thickness);
}

void gui_draw_gradient(gui_rect r, uint32_t left, uint32_t right)
{
    list()->AddRectFilledMultiColor(ImVec2(r.x, r.y), ImVec2(r.x + r.width, r.y + r.height), left, right,
                                    right, left);
}

void gui_draw_text(gui_font font, float x, float y, uint32_t colour, const char *text)
{
    ImFont *f = g.fonts[font];
    list()->AddText(f, f->FontSize, ImVec2(x, y), colour, text);
    if (g.watches_cuts)
        check_cut(ImVec2(x, y), f->CalcTextSizeA(f->FontSize, FLT_MAX, 0, text), text);
}

void gui_draw_wrapped(gui_font font, gui_rect rect, float share, uint32_t colour, const char *text)
{
    ImFont *f = g.fonts[font];
    const char *lines = lines_of(f, text, rect.width);
    ImVec2 size = f->CalcTextSizeA(f->FontSize, FLT_MAX, 0, lines);
    ImVec2 at(floorf(rect.x + (rect.width - size.x) * share), floorf(rect.y + (rect.height - size.y) / 2));
    list()->AddText(f, f->FontSize, at, colour, lines);
    check_cut(at, size, text);
}
