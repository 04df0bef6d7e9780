/* Shared by the sources of this folder only. */
#ifndef JW_FRAME_INTERNAL_H
#define JW_FRAME_INTERNAL_H

#include "frame/frame.h"

/* Every count to zero; the arrays stay for reuse. */
void jw_frame_clear(jw_frame *frame);

#endif
