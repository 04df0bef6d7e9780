/* What the graphics driver complains of while tests draw. */
#ifndef JW_GL_DEBUG_H
#define JW_GL_DEBUG_H

#include <stdint.h>

/* From now on the driver's errors, undefined behaviour and anything it calls severe are printed and counted.
 * Needs a current context; without GL_KHR_debug nothing is heard. */
void gl_debug_listen(void);
uint32_t gl_debug_count(void);

#endif
