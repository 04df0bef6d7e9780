/* The one C++ file: Dear ImGui 1.86 (Debian 12) to 1.91, its SDL2 and OpenGL 3 backends. */
#include "ui/ui_imgui.h"

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
#include <cmath>
#include <cstdio>
#include <cstring>
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
    bool has_popup = false;
    ImGuiID scroll_key = 0;
    ImGuiStorage *scroll_storage = nullptr;
    float panel_end = 0; // where a panel that grows must stop
    ImU32 colours[GUI_COLOUR_COUNT] = {};
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
        {0xfbfcfc, 0x141b23, 0.90f, 0.88f}, // panel
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
    ImVec4 popup = vec(c[GUI_PANEL]);
    popup.w = 0.98f;
    out[ImGuiCol_PopupBg] = popup;
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

void note_panel()
{
    ImVec2 at = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
    g.panels.push_back(gui_rect{at.x, at.y, size.x, size.y});
}

void place(gui_rect rect)
{
    ImGui::SetNextWindowPos(ImVec2(rect.x, rect.y));
    ImGui::SetNextWindowSize(ImVec2(rect.width, rect.height));
}

ImDrawList *list()
{
    return ImGui::GetWindowDrawList();
}

void draw_icon(gui_icon icon, ImVec2 c, float r, ImU32 colour)
{
    ImDrawList *d = list();
    float w = fmaxf(1.5f * g.scale, 1);
    switch (icon) {
    case GUI_ICON_PLAY:
        d->AddTriangleFilled(ImVec2(c.x - r * 0.7f, c.y - r), ImVec2(c.x - r * 0.7f, c.y + r),
                             ImVec2(c.x + r, c.y), colour);
        break;
    case GUI_ICON_PAUSE:
        d->AddRectFilled(ImVec2(c.x - r * 0.8f, c.y - r), ImVec2(c.x - r * 0.2f, c.y + r), colour, r * 0.15f);
        d->AddRectFilled(ImVec2(c.x + r * 0.2f, c.y - r), ImVec2(c.x + r * 0.8f, c.y + r), colour, r * 0.15f);
        break;
    case GUI_ICON_STEP:
        d->AddTriangleFilled(ImVec2(c.x - r * 0.8f, c.y - r), ImVec2(c.x - r * 0.8f, c.y + r),
                             ImVec2(c.x + r * 0.5f, c.y), colour);
        d->AddRectFilled(ImVec2(c.x + r * 0.5f, c.y - r), ImVec2(c.x + r * 0.9f, c.y + r), colour);
        break;
    case GUI_ICON_FORK:
        d->AddLine(ImVec2(c.x, c.y + r), ImVec2(c.x, c.y + r * 0.2f), colour, w);
        d->AddLine(ImVec2(c.x, c.y + r * 0.2f), ImVec2(c.x - r * 0.7f, c.y - r * 0.5f), colour, w);
        d->AddLine(ImVec2(c.x, c.y + r * 0.2f), ImVec2(c.x + r * 0.7f, c.y - r * 0.5f), colour, w);
        d->AddCircleFilled(ImVec2(c.x - r * 0.7f, c.y - r * 0.7f), r * 0.3f, colour);
        d->AddCircleFilled(ImVec2(c.x + r * 0.7f, c.y - r * 0.7f), r * 0.3f, colour);
        break;
    case GUI_ICON_HOME:
        d->AddTriangle(ImVec2(c.x - r, c.y), ImVec2(c.x + r, c.y), ImVec2(c.x, c.y - r), colour, w);
        d->AddRect(ImVec2(c.x - r * 0.65f, c.y), ImVec2(c.x + r * 0.65f, c.y + r * 0.9f), colour, 0, 0, w);
        break;
    case GUI_ICON_DRAWER:
        for (int i = -1; i <= 1; i++)
            d->AddLine(ImVec2(c.x - r, c.y + r * 0.7f * (float)i), ImVec2(c.x + r, c.y + r * 0.7f * (float)i),
                       colour, w);
        break;
    case GUI_ICON_CLOSE:
        d->AddLine(ImVec2(c.x - r * 0.7f, c.y - r * 0.7f), ImVec2(c.x + r * 0.7f, c.y + r * 0.7f), colour, w);
        d->AddLine(ImVec2(c.x + r * 0.7f, c.y - r * 0.7f), ImVec2(c.x - r * 0.7f, c.y + r * 0.7f), colour, w);
        break;
    case GUI_ICON_FIT:
        for (int i = 0; i < 4; i++) {
            float x = i & 1 ? 1.0f : -1.0f, y = i & 2 ? 1.0f : -1.0f;
            d->AddLine(ImVec2(c.x + x * r, c.y + y * r), ImVec2(c.x + x * r * 0.3f, c.y + y * r), colour, w);
            d->AddLine(ImVec2(c.x + x * r, c.y + y * r), ImVec2(c.x + x * r, c.y + y * r * 0.3f), colour, w);
        }
        break;
    }
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
    io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard * 0; // arrows move the camera
    g = gui();
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
    return ImGui_ImplSDL2_ProcessEvent((const SDL_Event *)sdl_event);
}

bool gui_wants_mouse(float x, float y)
{
    if (ImGui::IsAnyItemActive() || g.has_popup)
        return true;
    for (const gui_rect &r : g.panels)
        if (x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height)
            return true;
    return false;
}

bool gui_wants_text(void)
{
    return ImGui::GetIO().WantTextInput;
}

void gui_begin(void)
{
    g.has_begun = true;
    g.panels.clear();
    ImGui_ImplOpenGL3_NewFrame();
    ImGui_ImplSDL2_NewFrame();
    ImGui::NewFrame();
}

void gui_end(void)
{
    g.has_popup = ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
    ImGui::Render();
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

float gui_px(float units)
{
    return floorf(units * g.scale + 0.5f);
}

uint32_t gui_colour_of(gui_colour colour)
{
    return g.colours[colour];
}

uint32_t gui_fade(gui_colour colour, float alpha)
{
    return ImGui::ColorConvertFloat4ToU32(with_alpha(g.colours[colour], alpha));
}

uint32_t gui_rgb(uint32_t rgb, float alpha)
{
    return rgba(rgb, alpha);
}

/* ---- panels ----------------------------------------------------------------------------------------------
 */

void gui_panel_begin(const char *id, gui_rect rect)
{
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
    note_panel();
    ImGui::End();
}

void gui_bare_begin(const char *id, gui_rect rect)
{
    place(rect);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
    ImGui::Begin(id, nullptr,
                 still | ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoInputs |
                     ImGuiWindowFlags_NoBringToFrontOnFocus);
    ImGui::PopStyleVar();
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
    ImGui::SetNextWindowFocus();
    ImVec4 opaque = vec(g.colours[GUI_PANEL]);
    opaque.w = 1;
    ImGui::PushStyleColor(ImGuiCol_WindowBg, opaque);
    ImGui::Begin(id, nullptr, still);
    ImGui::PopStyleColor();
}

void gui_bare_end(void)
{
    ImGui::End();
}

void gui_dialog_end(void)
{
    ImGui::End();
}

void gui_scroll_begin(const char *id, float height)
{
    // In a panel that grows: as high as the content was in the picture before, while there is room.
    ImGuiID key = ImGui::GetID(id);
    ImGuiStorage *storage = ImGui::GetStateStorage();
    float content = storage->GetFloat(key, 0);
    if (g.panel_end > 0 && content > 0) {
        float room = g.panel_end - ImGui::GetCursorScreenPos().y - ImGui::GetStyle().WindowPadding.y + height;
        height = fmaxf(fminf(content, room), gui_px(32));
    } else if (g.panel_end > 0) {
        height = gui_px(240);
    }
    g.scroll_key = key;
    g.scroll_storage = storage;
    ImGui::BeginChild(id, ImVec2(0, height), false, ImGuiWindowFlags_NoSavedSettings);
}

void gui_scroll_end(void)
{
    g.scroll_storage->SetFloat(g.scroll_key, ImGui::GetCursorPosY());
    ImGui::EndChild();
}

float gui_scroll_bottom(void)
{
    return ImGui::GetScrollMaxY() - ImGui::GetScrollY();
}

void gui_scroll_to_end(void)
{
    ImGui::SetScrollHereY(1);
}

float gui_room_x(void)
{
    return ImGui::GetContentRegionAvail().x;
}

float gui_room_y(void)
{
    return ImGui::GetContentRegionAvail().y;
}

/* ---- things in panels ------------------------------------------------------------------------------------
 */

void gui_text(gui_font font, gui_colour colour, const char *text)
{
    ImGui::PushFont(g.fonts[font]);
    ImGui::PushStyleColor(ImGuiCol_Text, g.colours[colour]);
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(text);
    ImGui::PopTextWrapPos();
    ImGui::PopStyleColor();
    ImGui::PopFont();
}

void gui_text_right(gui_font font, gui_colour colour, const char *text)
{
    float width = gui_text_width(font, text);
    ImGui::SameLine(0, 0);
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x - width);
    gui_text(font, colour, text);
}

float gui_text_width(gui_font font, const char *text)
{
    ImFont *f = g.fonts[font];
    return ceilf(f->CalcTextSizeA(f->FontSize, 1e9f, 0, text).x);
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

void gui_rule(void)
{
    ImVec2 at = ImGui::GetCursorScreenPos();
    list()->AddLine(at, ImVec2(at.x + gui_room_x(), at.y), g.colours[GUI_LINE], 1);
    ImGui::Dummy(ImVec2(1, 1));
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
}

void gui_enable(void)
{
    ImGui::EndDisabled();
}

bool gui_button(const char *label, float width, bool is_primary)
{
    if (is_primary) {
        ImGui::PushStyleColor(ImGuiCol_Button, g.colours[GUI_ACCENT]);
        ImGui::PushStyleColor(ImGuiCol_ButtonHovered, with_alpha(g.colours[GUI_ACCENT], 0.85f));
        ImGui::PushStyleColor(ImGuiCol_ButtonActive, with_alpha(g.colours[GUI_ACCENT], 0.7f));
        ImGui::PushStyleColor(ImGuiCol_Text, g.colours[GUI_ON_ACCENT]);
    }
    bool is_clicked = ImGui::Button(label, ImVec2(width, 0));
    if (is_primary)
        ImGui::PopStyleColor(4);
    return is_clicked;
}

bool gui_icon_button(const char *id, gui_icon icon, bool is_on)
{
    float size = ImGui::GetFrameHeight();
    ImVec2 at = ImGui::GetCursorScreenPos();
    bool is_clicked = ImGui::InvisibleButton(id, ImVec2(size, size));
    if (ImGui::IsItemHovered())
        list()->AddRectFilled(at, ImVec2(at.x + size, at.y + size), g.colours[GUI_HOVER], gui_px(6));
    draw_icon(icon, ImVec2(at.x + size / 2, at.y + size / 2), size * 0.26f,
              g.colours[is_on ? GUI_ACCENT : GUI_TEXT]);
    return is_clicked;
}

bool gui_choice(const char *label, bool is_chosen)
{
    float height = ImGui::GetFrameHeight(), width = gui_room_x();
    ImVec2 at = ImGui::GetCursorScreenPos();
    bool is_clicked = ImGui::InvisibleButton(label, ImVec2(width, height));
    ImVec2 end(at.x + width, at.y + height);
    if (is_chosen || ImGui::IsItemHovered())
        list()->AddRectFilled(at, end, g.colours[GUI_HOVER], gui_px(6));
    if (is_chosen)
        list()->AddRectFilled(at, ImVec2(at.x + gui_px(3), end.y), g.colours[GUI_ACCENT], gui_px(2));
    const char *label_end = strstr(label, "##");
    ImGui::PushClipRect(at, end, true);
    list()->AddText(ImVec2(at.x + gui_px(12), at.y + (height - ImGui::GetFontSize()) / 2),
                    g.colours[is_chosen ? GUI_ACCENT : GUI_TEXT], label, label_end);
    ImGui::PopClipRect();
    return is_clicked;
}

bool gui_check(const char *label, bool *value)
{
    float height = ImGui::GetFontSize() + gui_px(8), width = gui_room_x();
    ImVec2 at = ImGui::GetCursorScreenPos();
    bool is_clicked = ImGui::InvisibleButton(label, ImVec2(width, height));
    if (is_clicked)
        *value = !*value;
    if (ImGui::IsItemHovered())
        list()->AddRectFilled(at, ImVec2(at.x + width, at.y + height), g.colours[GUI_HOVER], gui_px(6));
    // a switch: a pill with a knob
    float knob = gui_px(12), pill_width = gui_px(26), x = at.x + width - pill_width - gui_px(4),
          y = at.y + (height - knob) / 2;
    list()->AddRectFilled(ImVec2(x, y - gui_px(2)), ImVec2(x + pill_width, y + knob + gui_px(2)),
                          *value ? g.colours[GUI_ACCENT] : g.colours[GUI_LINE], knob);
    float knob_x = *value ? x + pill_width - knob / 2 - gui_px(2) : x + knob / 2 + gui_px(2);
    list()->AddCircleFilled(ImVec2(knob_x, y + knob / 2), knob / 2,
                            *value ? g.colours[GUI_ON_ACCENT] : g.colours[GUI_MUTED]);
    list()->AddText(ImVec2(at.x + gui_px(12), at.y + (height - ImGui::GetFontSize()) / 2),
                    g.colours[GUI_TEXT], label, strstr(label, "##"));
    return is_clicked;
}

bool gui_segments(const char *id, const char *const *labels, int count, int *chosen)
{
    float height = ImGui::GetFrameHeight(), width = gui_room_x(), part = width / (float)count;
    ImVec2 at = ImGui::GetCursorScreenPos();
    bool is_changed = false;
    ImGui::PushID(id);
    list()->AddRectFilled(at, ImVec2(at.x + width, at.y + height),
                          vec(g.colours[GUI_LINE]).w > 0 ? g.colours[GUI_HOVER] : 0, gui_px(6));
    ImGui::PushFont(g.fonts[GUI_SMALL]);
    for (int i = 0; i < count; i++) {
        ImVec2 corner(at.x + part * (float)i, at.y);
        ImGui::SetCursorScreenPos(corner);
        ImGui::PushID(i);
        if (ImGui::InvisibleButton("part", ImVec2(part, height)) && *chosen != i) {
            *chosen = i;
            is_changed = true;
        }
        if (*chosen == i)
            list()->AddRectFilled(corner, ImVec2(corner.x + part, corner.y + height), g.colours[GUI_ACCENT],
                                  gui_px(6));
        else if (ImGui::IsItemHovered())
            list()->AddRectFilled(corner, ImVec2(corner.x + part, corner.y + height), g.colours[GUI_HOVER],
                                  gui_px(6));
        ImVec2 size = ImGui::CalcTextSize(labels[i]);
        ImGui::PushClipRect(corner, ImVec2(corner.x + part, corner.y + height), true);
        list()->AddText(
            ImVec2(corner.x + fmaxf((part - size.x) / 2, gui_px(2)), corner.y + (height - size.y) / 2),
            g.colours[*chosen == i ? GUI_ON_ACCENT : GUI_TEXT], labels[i]);
        ImGui::PopClipRect();
        ImGui::PopID();
    }
    ImGui::PopFont();
    ImGui::PopID();
    ImGui::SetCursorScreenPos(at);
    ImGui::Dummy(ImVec2(width, height));
    return is_changed;
}

bool gui_slider(const char *id, double *value, double min, double max, const char *text, bool is_logarithmic)
{
    // A thin line with a knob and the text on the right: no number may be squeezed into a bar.
    float height = ImGui::GetFrameHeight(), width = ImGui::CalcItemWidth();
    ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::InvisibleButton(id, ImVec2(width, height));
    float text_width = text && *text ? fmaxf(gui_text_width(GUI_BODY, text), gui_px(52)) + gui_px(12) : 0;
    float left = at.x + gui_px(7), right = at.x + width - text_width - gui_px(7), y = at.y + height / 2;
    double low = is_logarithmic ? log(min) : min, high = is_logarithmic ? log(max) : max;
    bool is_changed = false;
    if (ImGui::IsItemActive() && right > left) {
        double t = ((double)ImGui::GetIO().MousePos.x - left) / (right - left);
        t = t < 0 ? 0 : t > 1 ? 1 : t;
        double now = low + t * (high - low);
        now = is_logarithmic ? exp(now) : now;
        is_changed = now != *value;
        *value = now;
    }
    double here = is_logarithmic ? log(*value) : *value;
    float t = high > low ? (float)((here - low) / (high - low)) : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    float x = left + t * (right - left);
    float alpha = ImGui::GetStyle().Alpha;
    ImU32 accent = ImGui::ColorConvertFloat4ToU32(with_alpha(g.colours[GUI_ACCENT], alpha));
    list()->AddLine(ImVec2(left, y), ImVec2(right, y), g.colours[GUI_LINE], gui_px(3));
    list()->AddLine(ImVec2(left, y), ImVec2(x, y), accent, gui_px(3));
    bool is_lively = ImGui::IsItemActive() || ImGui::IsItemHovered();
    list()->AddCircleFilled(ImVec2(x, y), gui_px(is_lively ? 8 : 7), accent);
    if (text_width > 0)
        list()->AddText(ImVec2(at.x + width - gui_text_width(GUI_BODY, text), y - ImGui::GetFontSize() / 2),
                        ImGui::ColorConvertFloat4ToU32(with_alpha(g.colours[GUI_TEXT], alpha)), text);
    return is_changed;
}

bool gui_slider_is_done(void)
{
    return ImGui::IsItemDeactivated();
}

bool gui_combo_begin(const char *id, const char *shown)
{
    return ImGui::BeginCombo(id, shown);
}

bool gui_option(const char *label, bool is_chosen)
{
    return ImGui::Selectable(label, is_chosen);
}

void gui_combo_end(void)
{
    ImGui::EndCombo();
}

bool gui_input(const char *id, const char *hint, char *text, size_t size)
{
    return ImGui::InputTextWithHint(id, hint, text, size, ImGuiInputTextFlags_EnterReturnsTrue);
}

void gui_progress(double fraction, const char *text)
{
    float width = gui_room_x(), height = gui_px(6);
    ImVec2 at = ImGui::GetCursorScreenPos();
    float from = 0, to = (float)fraction;
    if (fraction < 0) {
        from = (float)fmod(ImGui::GetTime() * 0.5, 1.0) * 0.75f;
        to = from + 0.25f;
    }
    list()->AddRectFilled(at, ImVec2(at.x + width, at.y + height), g.colours[GUI_LINE], height);
    list()->AddRectFilled(ImVec2(at.x + width * from, at.y), ImVec2(at.x + width * to, at.y + height),
                          g.colours[GUI_ACCENT], height);
    ImGui::Dummy(ImVec2(width, height));
    gui_text(GUI_SMALL, GUI_MUTED, text);
}

bool gui_value(const char *label, const char *value, bool can_click, bool is_on)
{
    float height = ImGui::GetFontSize() + gui_px(8), width = gui_room_x();
    ImVec2 at = ImGui::GetCursorScreenPos();
    bool is_clicked = ImGui::InvisibleButton(label, ImVec2(width, height)) && can_click;
    bool is_lively = can_click && ImGui::IsItemHovered();
    if (is_lively || is_on)
        list()->AddRectFilled(at, ImVec2(at.x + width, at.y + height), g.colours[GUI_HOVER], gui_px(4));
    if (is_lively)
        ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
    float y = at.y + (height - ImGui::GetFontSize()) / 2;
    float value_width = gui_text_width(GUI_BODY, value);
    ImGui::PushClipRect(at, ImVec2(at.x + fmaxf(width - value_width - gui_px(8), gui_px(40)), at.y + height),
                        true);
    list()->AddText(ImVec2(at.x + gui_px(4), y), g.colours[is_on ? GUI_ACCENT : GUI_MUTED], label,
                    strstr(label, "##"));
    ImGui::PopClipRect();
    list()->AddText(ImVec2(at.x + width - value_width - gui_px(4), y), g.colours[GUI_TEXT], value);
    ImGui::SetCursorScreenPos(ImVec2(at.x, at.y + height));
    ImGui::Dummy(ImVec2(0, 0));
    ImGui::SetCursorScreenPos(ImVec2(at.x, at.y + height));
    return is_clicked;
}

bool gui_row(const char *id, const char *const *cells, const float *x, int count, gui_font font,
             const gui_colour *colours)
{
    ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::PushFont(g.fonts[font]);
    float width = gui_room_x(), height = ImGui::GetFontSize() + gui_px(8);
    bool is_clicked = ImGui::InvisibleButton(id, ImVec2(width, height));
    if (ImGui::IsItemHovered())
        list()->AddRectFilled(at, ImVec2(at.x + width, at.y + height), g.colours[GUI_HOVER], gui_px(4));
    for (int i = 0; i < count; i++) {
        float text_width =
            i == 0 ? 0 : gui_text_width(font, cells[i]); // the first is left, others right aligned
        float left = at.x + (i == 0 ? 0 : x[i - 1] * width), right = at.x + x[i] * width;
        ImGui::PushClipRect(ImVec2(left, at.y), ImVec2(right, at.y + height), true);
        list()->AddText(ImVec2(i == 0 ? left : right - text_width, at.y + gui_px(4)), g.colours[colours[i]],
                        cells[i]);
        ImGui::PopClipRect();
    }
    ImGui::PopFont();
    return is_clicked;
}

void gui_tooltip(const char *text)
{
    if (!ImGui::IsItemHovered())
        return;
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(gui_px(8), gui_px(6)));
    ImGui::BeginTooltip();
    ImGui::PushTextWrapPos(gui_px(280));
    ImGui::TextUnformatted(text);
    ImGui::PopTextWrapPos();
    ImGui::EndTooltip();
    ImGui::PopStyleVar();
}

bool gui_is_hovered(void)
{
    return ImGui::IsItemHovered();
}

/* ---- drawing ---------------------------------------------------------------------------------------------
 */

gui_canvas gui_canvas_make(const char *id, float width, float height)
{
    ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::InvisibleButton(id, ImVec2(width, height));
    ImVec2 mouse = ImGui::GetIO().MousePos;
    return gui_canvas{{at.x, at.y, width, height},
                      ImGui::IsItemHovered(),
                      ImGui::IsItemActive(),
                      ImGui::IsItemDeactivated(),
                      mouse.x,
                      mouse.y};
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
    list()->AddText(g.fonts[font], g.fonts[font]->FontSize, ImVec2(x, y), colour, text);
}
