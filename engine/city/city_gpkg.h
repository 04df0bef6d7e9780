/* What writing and reading a city's GeoPackage share: the words that stand for enumerations. */
#ifndef JW_CITY_CITY_GPKG_H
#define JW_CITY_CITY_GPKG_H

#include "city/city.h"

/* A list of words; the word's place is the enumeration's value. */
typedef struct jw_words {
    const char *const *words;
    uint32_t count;
} jw_words;

extern const jw_words jw_gpkg_road_classes, jw_gpkg_uses, jw_gpkg_area_kinds, jw_gpkg_line_kinds,
    jw_gpkg_place_kinds, jw_gpkg_vehicles, jw_gpkg_signs;

/* Signs on the approach of a road to its end. */
enum { JW_SIGN_NONE, JW_SIGN_GIVE_WAY, JW_SIGN_STOP };

/* The place of a word, in any case of letters; JW_NONE when it is none of them. */
uint32_t jw_words_find(const jw_words *words, const char *text);

#endif
