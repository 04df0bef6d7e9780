/* A small town at Xiong'an whose streets, park, lake and station have names in three languages. */
#ifndef JW_NAMES_FIXTURE_H
#define JW_NAMES_FIXTURE_H

#include "city/city.h"

/* One street of three ways from west to east, 1.2 km long, "人民路"; two across it, a lane, a park with a
 * lake, a station. Freed with jw_city_release. */
jw_city *names_fixture_city(void);
/* The font that pictures are compared with; NULL, with the reason printed: it is not here. */
const char *names_fixture_font(void);

#endif
