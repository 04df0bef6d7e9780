/* What the camera's files share. */
#ifndef JW_VIEW_CAMERA_H
#define JW_VIEW_CAMERA_H

#include "view/view.h"

/* The nearest camera that sees all points, as flat as a model is looked at from a chair; steeper where the
 * picture is tall, so that it is filled. turn_rad: from the usual heading. */
jw_camera jw_camera_fit_points(const jw_vec2 *points, uint32_t count, double turn_rad, double aspect);

#endif
