/* Shapes of small things, drawn many times by instance: vehicles, masts, cabinets, trees. Each fills a unit
 * box standing on z = 0; vehicles have their front at x = 0 and reach back to x = -1. */
#include "view/view_internal.h"

#include <stddef.h>
#include <string.h>

/* What prop.vert does with a face. */
enum prop_part {
    PART_BODY,  /* takes the instance's colour */
    PART_FIXED, /* its own colour */
    PART_TAIL,  /* tail lamps: bright when braking, and at night */
    PART_HEAD,  /* head lamps */
    PART_SHADE, /* soft dark underneath */
    PART_BLUE,  /* blinking blue */
    PART_FAINT, /* see-through, in the instance's colour */
    PART_LEFT,  /* blinking amber where it turns left; */
    PART_RIGHT, /* or right */
};

typedef struct prop_vertex {
    float x, y, z;
    int8_t normal[4];
    uint8_t colour[4]; /* alpha: the part */
} prop_vertex;

enum { MAX_PROP_VERTICES = 2048, MAX_PROP_INDICES = 4096 };

typedef struct prop_store {
    prop_vertex vertices[MAX_PROP_VERTICES];
    uint16_t indices[MAX_PROP_INDICES];
    uint32_t vertex_count, index_count;
} prop_store;

/* A convex flat face, its corners counter-clockwise from outside. */
static void add_face(prop_store *store, const float (*corners)[3], uint32_t count, int part, uint32_t rgb)
{
    if (store->vertex_count + count > MAX_PROP_VERTICES || store->index_count + 3 * count > MAX_PROP_INDICES)
        return;
    vec3 a, b, normal;
    glm_vec3_sub((float *)corners[1], (float *)corners[0], a);
    glm_vec3_sub((float *)corners[2], (float *)corners[0], b);
    glm_vec3_crossn(a, b, normal);
    uint32_t first = store->vertex_count;
    for (uint32_t i = 0; i < count; i++) {
        prop_vertex *v = &store->vertices[store->vertex_count++];
        *v = (prop_vertex){
            corners[i][0],
            corners[i][1],
            corners[i][2],
            {(int8_t)(normal[0] * 127), (int8_t)(normal[1] * 127), (int8_t)(normal[2] * 127), 0},
            {(uint8_t)(rgb >> 16), (uint8_t)(rgb >> 8), (uint8_t)rgb, (uint8_t)part}};
    }
    for (uint32_t i = 2; i < count; i++) {
        store->indices[store->index_count++] = (uint16_t)first;
        store->indices[store->index_count++] = (uint16_t)(first + i - 1);
        store->indices[store->index_count++] = (uint16_t)(first + i);
    }
}

/* A box without a floor; the top may be smaller than the foot. */
typedef struct taper {
    float x0, x1, y, z0; /* foot: from x0 to x1, y to both sides */
    float top_x0, top_x1, top_y, z1;
} taper;

static void add_taper(prop_store *store, taper t, int side_part, uint32_t side_rgb, int top_part,
                      uint32_t top_rgb)
{
    const float foot[4][3] = {{t.x1, -t.y, t.z0}, {t.x1, t.y, t.z0}, {t.x0, t.y, t.z0}, {t.x0, -t.y, t.z0}};
    const float top[4][3] = {{t.top_x1, -t.top_y, t.z1},
                             {t.top_x1, t.top_y, t.z1},
                             {t.top_x0, t.top_y, t.z1},
                             {t.top_x0, -t.top_y, t.z1}};
    for (int i = 0; i < 4; i++) {
        int j = (i + 1) % 4;
        float face[4][3];
        memcpy(face[0], foot[i], sizeof face[0]);
        memcpy(face[1], foot[j], sizeof face[1]);
        memcpy(face[2], top[j], sizeof face[2]);
        memcpy(face[3], top[i], sizeof face[3]);
        add_face(store, face, 4, side_part, side_rgb);
    }
    add_face(store, top, 4, top_part, top_rgb);
}

static void add_box(prop_store *store, float x0, float x1, float y, float z0, float z1, int part,
                    uint32_t rgb)
{
    add_taper(store, (taper){x0, x1, y, z0, x0, x1, y, z1}, part, rgb, part, rgb);
}

/* Two lamps across an end of a vehicle. */
static void add_lamps(prop_store *store, float x, float y0, float y1, float z0, float z1, int part)
{
    for (int side = -1; side <= 1; side += 2) {
        float low = side < 0 ? -y1 : y0, high = side < 0 ? -y0 : y1;
        float from = x < -0.5f ? high : low, to = x < -0.5f ? low : high;
        const float face[4][3] = {{x, from, z0}, {x, to, z0}, {x, to, z1}, {x, from, z1}};
        add_face(store, face, 4, part, 0xFFF2CC);
    }
}

/* Indicators at both sides of an end, on the corners. */
static void add_indicators(prop_store *store, float x, float y, float z0, float z1)
{
    float in = y - 0.11f, ends[2][2] = {{in, y}, {-y, -in}};
    for (int side = 0; side < 2; side++) {
        float from = ends[side][x < -0.5f], to = ends[side][x > -0.5f];
        const float face[4][3] = {{x, from, z0}, {x, to, z0}, {x, to, z1}, {x, from, z1}};
        add_face(store, face, 4, side == 0 ? PART_LEFT : PART_RIGHT, 0);
    }
}

static void add_shade(prop_store *store, float z)
{
    const float face[4][3] = {{0.05f, -0.66f, z}, {0.05f, 0.66f, z}, {-1.05f, 0.66f, z}, {-1.05f, -0.66f, z}};
    add_face(store, face, 4, PART_SHADE, 0);
}

enum { GLASS = 0x3A4650, DARK = 0x3B3D40, WHITE = 0xF2F1EE, RED = 0xC83C32 };

static void make_car(prop_store *s)
{
    add_shade(s, 0.02f);
    add_taper(s, (taper){-1, 0, 0.5f, 0.14f, -0.985f, -0.03f, 0.48f, 0.58f}, PART_BODY, 0, PART_BODY, 0);
    add_taper(s, (taper){-0.86f, -0.24f, 0.44f, 0.58f, -0.74f, -0.40f, 0.37f, 1}, PART_FIXED, GLASS,
              PART_BODY, 0);
    add_lamps(s, -1.003f, 0.24f, 0.46f, 0.38f, 0.52f, PART_TAIL);
    add_lamps(s, 0.003f, 0.24f, 0.46f, 0.30f, 0.44f, PART_HEAD);
    add_indicators(s, 0.004f, 0.5f, 0.3f, 0.42f);
    add_indicators(s, -1.004f, 0.5f, 0.52f, 0.64f);
}

static void make_truck(prop_store *s)
{
    add_shade(s, 0.01f);
    add_box(s, -0.17f, 0, 0.48f, 0.12f, 0.80f, PART_FIXED, 0xD8D4CC);
    add_box(s, -0.06f, 0.004f, 0.44f, 0.46f, 0.72f, PART_FIXED, GLASS);
    add_box(s, -1, -0.20f, 0.5f, 0.22f, 1, PART_BODY, 0);
    add_box(s, -0.96f, -0.1f, 0.42f, 0.08f, 0.22f, PART_FIXED, DARK);
    add_lamps(s, -1.003f, 0.30f, 0.48f, 0.22f, 0.30f, PART_TAIL);
    add_lamps(s, 0.006f, 0.26f, 0.46f, 0.20f, 0.28f, PART_HEAD);
    add_indicators(s, 0.007f, 0.49f, 0.29f, 0.36f);
    add_indicators(s, -1.007f, 0.49f, 0.51f, 0.58f);
}

static void make_bus(prop_store *s)
{
    add_shade(s, 0.01f);
    add_box(s, -1, 0, 0.49f, 0.10f, 0.46f, PART_BODY, 0);
    add_box(s, -1, 0, 0.5f, 0.46f, 0.82f, PART_FIXED, GLASS);
    add_box(s, -1, 0, 0.49f, 0.82f, 1, PART_FIXED, WHITE);
    add_lamps(s, -1.003f, 0.32f, 0.48f, 0.24f, 0.32f, PART_TAIL);
    add_lamps(s, 0.003f, 0.28f, 0.46f, 0.20f, 0.28f, PART_HEAD);
    add_indicators(s, 0.004f, 0.5f, 0.29f, 0.37f);
    add_indicators(s, -1.004f, 0.5f, 0.51f, 0.59f);
}

static void make_shuttle(prop_store *s)
{
    add_shade(s, 0.01f);
    add_taper(s, (taper){-1, 0, 0.5f, 0.10f, -1, 0, 0.5f, 0.44f}, PART_BODY, 0, PART_BODY, 0);
    add_taper(s, (taper){-1, 0, 0.5f, 0.44f, -0.90f, -0.10f, 0.44f, 0.92f}, PART_FIXED, GLASS, PART_BODY, 0);
    add_box(s, -0.62f, -0.38f, 0.14f, 0.92f, 1, PART_FIXED, DARK); /* the lidar */
    add_lamps(s, -1.003f, 0.28f, 0.46f, 0.26f, 0.34f, PART_TAIL);
    add_lamps(s, 0.003f, 0.28f, 0.46f, 0.26f, 0.34f, PART_HEAD);
    add_indicators(s, 0.004f, 0.5f, 0.35f, 0.43f);
    add_indicators(s, -1.004f, 0.5f, 0.57f, 0.65f);
}

static void make_emergency(prop_store *s)
{
    add_shade(s, 0.01f);
    add_box(s, -1, -0.22f, 0.5f, 0.14f, 0.90f, PART_FIXED, WHITE);
    add_taper(s, (taper){-0.22f, 0, 0.49f, 0.14f, -0.22f, -0.10f, 0.46f, 0.82f}, PART_FIXED, WHITE,
              PART_FIXED, WHITE);
    add_box(s, -1.002f, -0.2f, 0.505f, 0.40f, 0.54f, PART_FIXED, RED);
    add_box(s, -0.40f, -0.26f, 0.38f, 0.90f, 1, PART_BLUE, 0x2658FF);
    add_lamps(s, -1.004f, 0.30f, 0.48f, 0.24f, 0.34f, PART_TAIL);
    add_lamps(s, 0.003f, 0.28f, 0.46f, 0.24f, 0.34f, PART_HEAD);
}

static void make_bike(prop_store *s)
{
    add_box(s, -1, -0.64f, 0.05f, 0, 0.38f, PART_FIXED, DARK); /* wheels, and the frame between them */
    add_box(s, -0.36f, 0, 0.05f, 0, 0.38f, PART_FIXED, DARK);
    add_box(s, -0.70f, -0.24f, 0.09f, 0.26f, 0.44f, PART_FIXED, DARK);
    add_taper(s, (taper){-0.70f, -0.34f, 0.36f, 0.42f, -0.60f, -0.36f, 0.28f, 0.84f}, PART_BODY, 0, PART_BODY,
              0);
    add_box(s, -0.56f, -0.40f, 0.17f, 0.84f, 1, PART_FIXED, 0xD9B48F);
}

static void make_walker(prop_store *s)
{
    add_taper(s, (taper){-0.75f, -0.25f, 0.28f, 0, -0.80f, -0.20f, 0.42f, 0.82f}, PART_BODY, 0, PART_BODY, 0);
    add_box(s, -0.65f, -0.35f, 0.2f, 0.84f, 1, PART_FIXED, 0xD9B48F);
}

static void make_box_car(prop_store *s)
{
    add_box(s, -1, 0, 0.5f, 0.05f, 0.62f, PART_BODY, 0);
    add_box(s, -0.82f, -0.28f, 0.42f, 0.62f, 1, PART_BODY, 0);
    add_lamps(s, -1.003f, 0.24f, 0.48f, 0.36f, 0.54f, PART_TAIL);
    add_lamps(s, 0.003f, 0.24f, 0.48f, 0.28f, 0.46f, PART_HEAD);
    add_indicators(s, 0.004f, 0.5f, 0.3f, 0.46f);
    add_indicators(s, -1.004f, 0.5f, 0.52f, 0.68f);
}

static void make_mark(prop_store *s)
{
    for (int i = 0; i < 4; i++) {
        double a = i * JW_PI / 2, b = (i + 1) * JW_PI / 2;
        float ax = (float)jw_cos(a) / 2, ay = (float)jw_sin(a) / 2, bx = (float)jw_cos(b) / 2,
              by = (float)jw_sin(b) / 2;
        const float low[3][3] = {{0, 0, 0}, {bx, by, 0.5f}, {ax, ay, 0.5f}};
        const float high[3][3] = {{ax, ay, 0.5f}, {bx, by, 0.5f}, {0, 0, 1}};
        add_face(s, low, 3, PART_BODY, 0);
        add_face(s, high, 3, PART_BODY, 0);
    }
}

/* A lattice mast, told by a slim taper and three antenna panels. */
static void make_mast(prop_store *s)
{
    add_taper(s, (taper){-0.2f, 0.2f, 0.2f, 0, -0.06f, 0.06f, 0.06f, 1}, PART_FIXED, 0xB9B7B2, PART_FIXED,
              0xB9B7B2);
    add_box(s, -0.30f, 0.30f, 0.09f, 0.90f, 0.98f, PART_BODY, 0);
    add_box(s, -0.09f, 0.09f, 0.30f, 0.90f, 0.98f, PART_BODY, 0);
}

static void make_ring(prop_store *s)
{
    enum { SEGMENTS = 40 };
    for (int i = 0; i < SEGMENTS; i++) {
        double a = i * JW_TAU / SEGMENTS, b = (i + 1) * JW_TAU / SEGMENTS;
        float ca = (float)jw_cos(a) / 2, sa = (float)jw_sin(a) / 2, cb = (float)jw_cos(b) / 2,
              sb = (float)jw_sin(b) / 2;
        const float in = 0.99f;
        const float face[4][3] = {{ca * in, sa * in, 0}, {ca, sa, 0}, {cb, sb, 0}, {cb * in, sb * in, 0}};
        add_face(s, face, 4, PART_FAINT, 0);
    }
}

/* The crown's normals point away from its middle: five sides look round. */
static void round_crown(prop_store *store, uint32_t first)
{
    for (uint32_t i = first; i < store->vertex_count; i++) {
        prop_vertex *v = &store->vertices[i];
        vec3 away = {v->x, v->y, (v->z - 0.5f) * 1.1f};
        glm_vec3_normalize(away);
        for (int k = 0; k < 3 && v->colour[3] == PART_BODY; k++)
            v->normal[k] = (int8_t)(away[k] * 127);
    }
}

/* A round crown on a short trunk, as on a model: the crown is open below, where nobody looks. */
static void make_tree(prop_store *s)
{
    enum { SIDES = 5, RINGS = 4 };
    static const float radii[RINGS] = {0.28f, 0.5f, 0.46f, 0.22f},
                       heights[RINGS] = {0.20f, 0.42f, 0.70f, 0.95f};
    float cap[SIDES][3];
    uint32_t first = s->vertex_count;
    for (int i = 0; i < SIDES; i++) {
        double a = i * JW_TAU / SIDES, b = (i + 1) * JW_TAU / SIDES;
        float ca = (float)jw_cos(a), sa = (float)jw_sin(a), cb = (float)jw_cos(b), sb = (float)jw_sin(b);
        for (int k = 0; k + 1 < RINGS; k++) {
            float low = radii[k], high = radii[k + 1];
            const float face[4][3] = {{ca * low, sa * low, heights[k]},
                                      {cb * low, sb * low, heights[k]},
                                      {cb * high, sb * high, heights[k + 1]},
                                      {ca * high, sa * high, heights[k + 1]}};
            add_face(s, face, 4, PART_BODY, 0);
        }
        cap[i][0] = ca * radii[RINGS - 1], cap[i][1] = sa * radii[RINGS - 1], cap[i][2] = heights[RINGS - 1];
        if (i < 3) { /* the trunk has three sides */
            double u = i * JW_TAU / 3, v = (i + 1) * JW_TAU / 3;
            float cu = (float)jw_cos(u) * 0.05f, su = (float)jw_sin(u) * 0.05f;
            float cv = (float)jw_cos(v) * 0.05f, sv = (float)jw_sin(v) * 0.05f;
            const float face[4][3] = {{cu, su, 0}, {cv, sv, 0}, {cv, sv, 0.3f}, {cu, su, 0.3f}};
            add_face(s, face, 4, PART_FIXED, 0x6B5B4A);
        }
    }
    add_face(s, (const float(*)[3])cap, SIDES, PART_BODY, 0);
    round_crown(s, first);
}

/* A box between two values of each coordinate. */
static void add_block(prop_store *store, const float x[2], const float y[2], const float z[2], int part,
                      uint32_t rgb)
{
    static const uint8_t faces[5][4] = {{0, 1, 5, 4}, {1, 3, 7, 5}, {3, 2, 6, 7}, {2, 0, 4, 6}, {4, 5, 7, 6}};
    for (int i = 0; i < 5; i++) {
        float face[4][3];
        for (int k = 0; k < 4; k++) {
            face[k][0] = x[faces[i][k] & 1];
            face[k][1] = y[faces[i][k] >> 1 & 1];
            face[k][2] = z[faces[i][k] >> 2];
        }
        add_face(store, face, 4, part, rgb);
    }
}

#define BLOCK(x0, x1, y0, y1, z0, z1, part, rgb)                                                             \
    add_block(s, (float[]){x0, x1}, (float[]){y0, y1}, (float[]){z0, z1}, part, rgb)

/* A sign on its pole, and a roof on a glass wall with a bench before it: open towards the street. */
static void make_stop(prop_store *s)
{
    BLOCK(-0.015f, 0.015f, 0.38f, 0.44f, 0, 0.92f, PART_FIXED, 0x8E9093);
    BLOCK(-0.02f, 0.02f, 0.16f, 0.46f, 0.74f, 1, PART_BODY, 0);
    BLOCK(-1, -0.25f, -0.5f, -0.46f, 0.08f, 0.82f, PART_FIXED, 0xA9C3CC);
    BLOCK(-1, -0.98f, -0.5f, 0.2f, 0.08f, 0.82f, PART_FIXED, 0xA9C3CC);
    BLOCK(-0.27f, -0.25f, -0.5f, -0.42f, 0, 0.82f, PART_FIXED, 0x8E9093);
    BLOCK(-1.04f, -0.21f, -0.5f, 0.4f, 0.82f, 0.88f, PART_BODY, 0);
    BLOCK(-0.9f, -0.4f, -0.42f, -0.22f, 0.14f, 0.18f, PART_FIXED, 0x8A6B4C);
}

static void make_cube(prop_store *s)
{
    add_box(s, -0.5f, 0.5f, 0.5f, 0, 1, PART_BODY, 0);
}

void jw_view_props_bind(const jw_view *view)
{
    glBindBuffer(GL_ARRAY_BUFFER, view->prop_buffer);
    glEnableVertexAttribArray(0);
    glVertexAttribPointer(0, 3, GL_FLOAT, GL_FALSE, sizeof(prop_vertex), (void *)offsetof(prop_vertex, x));
    glEnableVertexAttribArray(1);
    glVertexAttribPointer(1, 4, GL_BYTE, GL_TRUE, sizeof(prop_vertex), (void *)offsetof(prop_vertex, normal));
    glEnableVertexAttribArray(2);
    glVertexAttribPointer(2, 4, GL_UNSIGNED_BYTE, GL_TRUE, sizeof(prop_vertex),
                          (void *)offsetof(prop_vertex, colour));
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, view->prop_index_buffer);
}

static void create_stream(jw_view *view, stream_buffer *stream)
{
    glGenBuffers(1, &stream->buffer);
    glGenVertexArrays(1, &stream->vertex_array);
    glBindVertexArray(stream->vertex_array);
    jw_view_props_bind(view);
    glBindBuffer(GL_ARRAY_BUFFER, stream->buffer);
    const GLsizei stride = sizeof(prop_instance);
    glVertexAttribPointer(5, 4, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(prop_instance, where));
    glVertexAttribPointer(6, 4, GL_FLOAT, GL_FALSE, stride, (void *)offsetof(prop_instance, size));
    glVertexAttribPointer(7, 4, GL_UNSIGNED_BYTE, GL_TRUE, stride, (void *)offsetof(prop_instance, body));
    glVertexAttribIPointer(8, 1, GL_UNSIGNED_INT, stride, (void *)offsetof(prop_instance, id));
    for (GLuint i = 5; i <= 8; i++) {
        glEnableVertexAttribArray(i);
        glVertexAttribDivisor(i, 1);
    }
    glBindVertexArray(0);
}

jw_result jw_view_props_create(jw_view *view, jw_error *error)
{
    static void (*const makers[PROP_SHAPE_COUNT])(prop_store *) = {
        [PROP_CAR] = make_car,         [PROP_TRUCK] = make_truck,         [PROP_BUS] = make_bus,
        [PROP_SHUTTLE] = make_shuttle, [PROP_EMERGENCY] = make_emergency, [PROP_BIKE] = make_bike,
        [PROP_WALKER] = make_walker,   [PROP_BOX_CAR] = make_box_car,     [PROP_CUBE] = make_cube,
        [PROP_MARK] = make_mark,       [PROP_MAST] = make_mast,           [PROP_RING] = make_ring,
        [PROP_STOP] = make_stop,       [PROP_TREE] = make_tree,
    };
    prop_store *store = jw_alloc(sizeof *store);
    if (!store)
        return jw_fail_memory(error);
    for (int shape = 0; shape < PROP_SHAPE_COUNT; shape++) {
        view->prop_first[shape] = store->index_count;
        makers[shape](store);
        view->prop_count[shape] = store->index_count - view->prop_first[shape];
    }
    glBindVertexArray(0);
    view->prop_buffer = jw_view_gl_buffer(GL_ARRAY_BUFFER, store->vertices,
                                          store->vertex_count * sizeof(prop_vertex), GL_STATIC_DRAW);
    view->prop_index_buffer = jw_view_gl_buffer(GL_ELEMENT_ARRAY_BUFFER, store->indices,
                                                store->index_count * sizeof(uint16_t), GL_STATIC_DRAW);
    jw_free(store);
    for (int shape = 0; shape < PROP_SHAPE_COUNT; shape++)
        if (shape != PROP_TREE)
            create_stream(view, &view->props[shape]);
    jw_view_trees_create(view);
    return JW_OK;
}

void jw_view_props_destroy(jw_view *view)
{
    for (int shape = 0; shape < PROP_SHAPE_COUNT; shape++)
        jw_view_gl_stream_free(&view->props[shape]);
    glDeleteBuffers(1, &view->prop_buffer);
    glDeleteBuffers(1, &view->prop_index_buffer);
}

static void draw_instances(jw_view *view, prop_shape shape)
{
    const stream_buffer *stream = &view->props[shape];
    glBindVertexArray(stream->vertex_array);
    glDrawElementsInstanced(GL_TRIANGLES, (GLsizei)view->prop_count[shape], GL_UNSIGNED_SHORT,
                            (void *)(view->prop_first[shape] * sizeof(uint16_t)), (GLsizei)stream->count);
    glBindVertexArray(0);
    view->counters.draw_calls++;
    view->counters.triangles += view->prop_count[shape] / 3 * stream->count;
}

void jw_view_props_draw(jw_view *view, prop_shape shape, bool is_pick)
{
    if (view->props[shape].count == 0)
        return;
    glUseProgram(view->programs[is_pick ? PROGRAM_PICK_PROP : PROGRAM_PROP]);
    draw_instances(view, shape);
}

void jw_view_props_draw_fading(jw_view *view, prop_shape shape, const float fade[4])
{
    if (view->props[shape].count == 0)
        return;
    glUseProgram(view->programs[PROGRAM_PROP_FADE]);
    glUniform4fv(view->fade_uniforms[PROGRAM_PROP_FADE], 1, fade);
    draw_instances(view, shape);
}
