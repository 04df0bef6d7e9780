/* Names in the picture. Internal to this folder.
 *
 *   view_glyphs.c   letters as distances to their outlines, made when they are first shown     (no GL)
 *   view_names.c    what the city names, and where on it a name may stand                      (no GL)
 *   view_country.c  the country around it: coast, towns, lines of longitude and latitude       (no GL)
 *   view_place.c    which names have room on a screen, letter by letter                        (no GL)
 *   view_candidates.c, view_settle.c, view_labels.c   from a scene to one draw call (view_labels.h) */
#ifndef JW_VIEW_NAMES_H
#define JW_VIEW_NAMES_H

#include "view/view.h"

/* ---- letters ------------------------------------------------------------------------------------------
 */

/* A cell of the atlas holds one letter: 128 is its outline, 255 is GLYPH_SPREAD texels inside, 0 as far
 * outside. Of 42 x 42 cells the one not used for longest goes when a new letter comes. */
enum {
    GLYPH_ATLAS = 2048,
    GLYPH_CELL = 48,
    GLYPH_COLUMNS = GLYPH_ATLAS / GLYPH_CELL,
    GLYPH_CELLS = GLYPH_COLUMNS * GLYPH_COLUMNS,
    GLYPH_EM = 36,
    GLYPH_SPREAD = 5,
    GLYPH_DISC = 0x110000, /* beyond Unicode: a round spot of half an em across */
};

typedef struct view_glyph {
    uint32_t code;
    uint16_t cell;         /* GLYPH_CELLS: not in the atlas now */
    bool is_blank;         /* a space: there is nothing to draw */
    uint8_t width, height; /* texels used of the cell, from its top left corner */
    int8_t left, top;      /* of the first texel from the pen: right, up */
    float advance_em;      /* to the next letter */
} view_glyph;

typedef struct view_glyphs view_glyphs;

/* JW_ERROR_NOT_FOUND, JW_ERROR_INPUT: the file is missing, or no font of outlines. */
jw_result jw_glyphs_open(const char *path, int face, view_glyphs **out, jw_error *error);
void jw_glyphs_close(view_glyphs *glyphs); /* NULL is allowed */
/* How wide it is; the font's sign for what it lacks stands for that. NULL: out of memory. Lives until the
 * next call. */
const view_glyph *jw_glyphs_measure(view_glyphs *glyphs, uint32_t code);
/* The same, in the atlas from now on and at least until jw_glyphs_next_picture was called once more. NULL
 * when the atlas is full of letters of this picture, or this picture has made enough of them. */
const view_glyph *jw_glyphs_show(view_glyphs *glyphs, uint32_t code);
/* most_new: how many letters the next picture may make; about 0.2 ms each. */
void jw_glyphs_next_picture(view_glyphs *glyphs, uint32_t most_new);
bool jw_glyphs_has(const view_glyphs *glyphs, uint32_t code); /* the font knows it */
const uint8_t *jw_glyphs_pixels(const view_glyphs *glyphs);   /* GLYPH_ATLAS x GLYPH_ATLAS */
/* The next cell that was made since; false: there is none. */
bool jw_glyphs_take_new(view_glyphs *glyphs, uint32_t *out_cell);
/* Next code point of UTF-8, 0xFFFD for what is none; *text moves on. 0 at the end. */
uint32_t jw_text_next_code(const char **text);

/* ---- what has a name ------------------------------------------------------------------------------------
 */

/* In the order of their claims to room on the screen. */
typedef enum name_kind {
    NAME_CHOSEN, /* of the thing that is selected */
    NAME_HUB,    /* end of a national link */
    NAME_GREAT_SITE,
    NAME_TOWN, /* of the country */
    NAME_DISTRICT,
    NAME_STATION,
    NAME_SITE,
    NAME_WATER,
    NAME_PARK,
    NAME_MAIN_STREET,
    NAME_PLACE,
    NAME_FACTORY,
    NAME_STREET,
    NAME_CELL,
    NAME_LANE,
    NAME_STOP,
    NAME_DEGREE, /* of longitude or latitude */
    NAME_KIND_COUNT
} name_kind;

/* One place on the map where a name may stand. */
typedef struct mesh_name {
    uint8_t kind, rank;     /* rank: of a town, 0 first */
    uint32_t text, text_zh; /* offsets in the city's texts; of a town in the country's, English and Chinese */
    float x, y, z;          /* m from the mesh's origin; z: of the roof it stands over */
    float room_m;  /* across, of areas: smaller on the screen than the name, it is left out; 0: any */
    float gap_m;   /* to the next anchor of the same line */
    uint32_t line; /* JW_NONE: stands upright at its place */
    float at_m;    /* along the line */
} mesh_name;

typedef struct name_line { /* a street, through all pieces of one name */
    uint32_t first, count; /* points */
    float length_m;
} name_line;

typedef struct mesh_names {
    mesh_name *items;
    uint32_t count, capacity;
    name_line *lines;
    uint32_t line_count, line_capacity;
    jw_vec2 *points; /* m from the mesh's origin */
    uint32_t point_count, point_capacity;
} mesh_names;

/* Streets, places, districts, parks and waters of a city. */
jw_result jw_names_collect(const jw_city *city, double origin_x_m, double origin_y_m, mesh_names *out,
                           jw_error *error);
void jw_names_free(mesh_names *names);

/* ---- the country ----------------------------------------------------------------------------------------
 */

/* What is seen of the earth from above a city: lines of longitude and latitude; of China a coarse coast and
 * towns, from assets/networks/china.csv. */
typedef struct mesh_country {
    mesh_names names; /* towns, and degrees on the lines */
    char *texts;      /* theirs; offset 0 is "" */
    uint32_t text_size, text_capacity;
    float
        *coast_m; /* raster of distances to the coast, > 0 at sea, row 0 in the south; NULL: none is known */
    uint32_t columns, rows;
    float min_x, min_y, cell_m; /* m from the mesh's origin */
    float (*lines)[4];          /* pieces: x0, y0, x1, y1 */
    uint32_t line_count, line_capacity;
} mesh_country;
#define COAST_REACH_M 260000.0f /* farther from the coast its raster holds this */

/* A missing or damaged file is told in the log; the lines are there without it. */
jw_result jw_country_create(const jw_city *city, double origin_x_m, double origin_y_m, mesh_country *out,
                            jw_error *error);
void jw_country_free(mesh_country *country);
/* The town of a network's node: its English name, or what an id has left of it ("Xi-an"), at most 12 letters
 * of it; JW_NONE: none. An index of names.items. */
uint32_t jw_country_find_town(const mesh_country *country, const char *name, size_t size);

/* ---- room on the screen ---------------------------------------------------------------------------------
 */

enum { NAME_LETTERS = 48, NAME_PATH_POINTS = 96 };

typedef struct name_letter { /* pen at x, y (pixels, y down), turned by the angle of this sine and cosine */
    uint32_t code;
    float x, y, cosine, sine;
} name_letter;

/* A name laid out in pixels. */
typedef struct placed_name {
    name_letter letters[NAME_LETTERS + 1];
    uint32_t count;
    float size_px;                /* of an em */
    float boxes[NAME_LETTERS][4]; /* min x, y, max x, y: one for the whole of it when upright */
    uint32_t box_count;
} placed_name;

typedef struct shaped_text {
    uint32_t codes[NAME_LETTERS];
    float at_em[NAME_LETTERS + 1]; /* of each pen; then the width of all */
    uint32_t count;
} shaped_text;

/* Its letters side by side; what is longer than NAME_LETTERS ends with dots. False: nothing to show. */
bool jw_name_shape(view_glyphs *glyphs, const char *text, shaped_text *out);
/* Upright, its middle at x; y is the base line. */
void jw_name_lay_flat(const shaped_text *text, float size_px, float x, float y, placed_name *out);
/* A round spot at a place, of a name laid flat. */
void jw_name_add_spot(placed_name *name, float x, float y);
/* Along a path of the screen (pixels, y down), its middle `at_px` from the path's beginning, read from left
 * to right. False: the path is too short or bends too much for it. */
bool jw_name_lay_along(const shaped_text *text, float size_px, const float (*path)[2], uint32_t count,
                       float at_px, placed_name *out);

/* Which cells of the screen have a name. */
typedef struct name_board {
    uint8_t *taken;
    uint32_t capacity;
    int columns, rows;
    float cell_px;
    float room[4]; /* names stay inside: min x, y, max x, y */
} name_board;

jw_result jw_board_clear(name_board *board, int width_px, int height_px, float cell_px, const float room[4],
                         jw_error *error);
/* True, and its cells are taken, when the name lies inside the room and all its cells were free. */
bool jw_board_take(name_board *board, const placed_name *name);
void jw_board_free(name_board *board);

#endif
