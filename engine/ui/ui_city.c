/* The picture of the city under the interface: drawn anew where it has changed, else kept. It is by far the
 * dearer one to draw. */
#include "ui/ui_state.h"
#include "ui/ui_video.h"

#include <GL/glew.h>
#include <string.h>

static uint32_t count_parts(const jw_ui *ui)
{
    return ui->view && ui->side_count ? ui_part_count(ui) : 0;
}

static uint64_t version_of(const jw_frame *frame)
{
    return frame ? frame->version : 0;
}

static jw_result draw(jw_ui *ui, jw_error *error)
{
    jw_result result = JW_OK;
    jw_view_window_begin_city(ui->window);
    glViewport(0, 0, ui->width_px, ui->height_px);
    glDisable(GL_SCISSOR_TEST);
    if (gui_is_dark())
        glClearColor(0.05f, 0.07f, 0.09f, 1);
    else
        glClearColor(0.91f, 0.93f, 0.94f, 1);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
    ui->kept = (ui_kept){.view = ui->view, .is_dark = gui_is_dark(), .part_count = count_parts(ui)};
    for (uint32_t i = 0; i < ui->kept.part_count && result == JW_OK; i++) {
        jw_view_scene scene = ui_scene_of(ui, i);
        result = jw_view_draw(ui->view, &scene, error);
        ui->kept.parts[i].scene = scene;
        ui->kept.parts[i].version_a = version_of(scene.frame_a);
        ui->kept.parts[i].version_b = version_of(scene.frame_b);
    }
    ui->kept.tier = ui->view ? jw_view_get_tier(ui->view) : JW_VIEW_AUTO;
    ui->kept.is_newest = true;
    jw_view_window_end_city(ui->window);
    return result;
}

/* Seen from the same place: what the interface draws on the map fits it. */
static bool has_same_view(const jw_ui *ui)
{
    if (ui->kept.view != ui->view || ui->kept.part_count != count_parts(ui))
        return false;
    for (uint32_t i = 0; i < ui->kept.part_count; i++) {
        jw_camera camera = ui_part_camera(ui, i);
        jw_view_rect rect = ui_side_rect(ui, i);
        if (memcmp(&camera, &ui->kept.parts[i].scene.camera, sizeof camera) != 0 ||
            memcmp(&rect, &ui->kept.parts[i].scene.rect, sizeof rect) != 0)
            return false;
    }
    return true;
}

/* Drawn anew it would be the same. Compared as bytes: where those between two values differ, it is drawn for
 * nothing. What notes say is not known here. */
static bool has_same_scene(const jw_ui *ui)
{
    if (ui->kept.is_dark != gui_is_dark() ||
        (ui->view && (!jw_view_is_still(ui->view) || jw_view_get_tier(ui->view) != ui->kept.tier)))
        return false;
    for (uint32_t i = 0; i < ui->kept.part_count; i++) {
        jw_view_scene scene = ui_scene_of(ui, i);
        if (scene.note_count || version_of(scene.frame_a) != ui->kept.parts[i].version_a ||
            version_of(scene.frame_b) != ui->kept.parts[i].version_b ||
            memcmp(&scene, &ui->kept.parts[i].scene, sizeof scene) != 0)
            return false;
    }
    return true;
}

jw_result ui_city_draw(jw_ui *ui, jw_error *error)
{
    /* When a hand has done something the interface answers at once, over the city of the picture before; the
     * next picture, which every event is followed by, is of both. */
    bool is_hasty = ui->has_input && ui->kept.is_newest;
    bool is_for_file = ui->is_measuring || ui->wants_picture || ui_video_is_on(ui);
    ui->has_input = false;
    if (is_for_file || !has_same_view(ui) || !(is_hasty || has_same_scene(ui)) ||
        !jw_view_window_show_city(ui->window))
        return draw(ui, error);
    ui->kept.is_newest = false;
    return JW_OK;
}
