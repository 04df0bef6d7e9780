/* The inside of names in the picture, which view_candidates.c, view_settle.c and view_labels.c share. */
#ifndef JW_VIEW_LABELS_H
#define JW_VIEW_LABELS_H

#include "view/view_internal.h"

enum {
    SHOWN_MAX = 160, /* names in a picture */
    SLOTS = 2,       /* rectangles of a window that are remembered */
    PICTURE_SLOT,    /* of saved pictures, which have no before */
    HUBS_MAX = 128,
};

/* least: pixels (at 100 %) that a metre takes there; below it the name is left out. */
typedef struct name_look {
    float size_units, least;
    uint32_t day, night;
} name_look;
extern const name_look jw_name_looks[NAME_KIND_COUNT];

typedef struct label_instance { /* attributes 5 to 8 */
    float where[4];             /* corner in pixels, y down; cosine and sine times pixels a texel */
    uint16_t cell[4];           /* of the atlas: x, y, width, height */
    uint8_t colour[4];
    float edge;
} label_instance;

typedef struct candidate {
    uint64_t order; /* smaller first */
    uint64_t id;    /* the same from picture to picture */
    const char *text;
    const mesh_name *name; /* of the map; NULL: stands at the place */
    float x, y, z;
    float pixels_per_m; /* there */
    float lift_units;   /* above the usual height over its place */
    name_kind kind;
} candidate;

typedef struct shown_name {
    uint64_t id;
    float alpha;
} shown_name;

/* What decides over the names of a picture; of equal ones they are the same. Zeroed before it is filled:
 * compared byte by byte. */
typedef struct label_key {
    jw_camera camera;
    int width_px, height_px;
    jw_view_rect rect, room;
    float scale, flat;
    jw_language language;
    jw_view_overlay overlay;
    uint64_t things, notes; /* hashes of what is named and where it is */
    uint8_t hides_sites, hides_cells, hides_fibre, is_night;
    char chosen[JW_ASSET_NAME_SIZE];
} label_key;

typedef struct label_slot {
    label_key key;
    shown_name shown[SHOWN_MAX]; /* by id */
    uint32_t shown_count;
    stream_buffer letters;
    bool is_settled; /* nothing fades, no letter is missing */
    uint64_t picture;
} label_slot;

typedef struct hub { /* end of a national link */
    float x, y;
    uint32_t town; /* of the country; JW_NONE: it knows none of this name */
    char text[JW_ASSET_NAME_SIZE];
} hub;

typedef struct placed_text { /* where a name stands already */
    uint64_t hash;
    float x, y;
} placed_text;

struct view_labels {
    view_glyphs *glyphs; /* the kit's, unless has_own */
    GLuint texture;
    bool has_own;
    label_slot slots[PICTURE_SLOT + 1];
    label_slot *slot; /* of the picture being drawn; NULL: it has no names */
    name_board board;
    candidate *candidates;
    uint32_t candidate_count, candidate_capacity;
    shown_name next[SHOWN_MAX];
    uint32_t next_count;
    placed_text placed[SHOWN_MAX];
    uint32_t placed_count;
    hub hubs[HUBS_MAX];
    uint32_t hub_count;
    float unit_px;
    float fade; /* of this picture */
    double drawn_s;
    uint64_t picture;
    jw_error *error;
    struct { /* whose things those are */
        const jw_frame *frame;
        uint64_t step, version, things;
    } hashed;
};

/* ---- view_candidates.c -------------------------------------------------------------------------------- */

/* What could be named in the picture: labels->candidates, the first in claim first. */
jw_result jw_view_candidates_find(jw_view *view, const jw_view_scene *scene);
/* Whether a name was in the slot's last picture, and how far it had come; NULL: not. */
const shown_name *jw_view_find_shown(const label_slot *slot, uint64_t id);

/* ---- view_settle.c ------------------------------------------------------------------------------------ */

/* Which of them are shown and where: the letters of the slot. */
jw_result jw_view_names_settle(jw_view *view, const jw_view_scene *scene, int width_px, int height_px);

#endif
