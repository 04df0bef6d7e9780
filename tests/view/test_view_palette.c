/* Overlays: neighbouring colours of every legend can be told apart by who sees colours otherwise, greys and
 * cividis by lightness alone; and where values are found in a frame. */
#include "base/test_base.h"
#include "view/view_fixture.h"

#include <math.h>
#include <string.h>

/* Linear RGB as seen without one kind of cone: Machado, Oliveira and Fernandes, "A physiologically-based
 * model for simulation of color vision deficiency" (IEEE TVCG 15, 2009), severity 1. */
typedef struct vision {
    const char *name;
    double m[3][3];
} vision;
static const vision visions[] = {
    {"normal", {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
    {"protanopia",
     {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}},
    {"deuteranopia",
     {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}},
    {"tritanopia",
     {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}},
};

static double linear_of(uint32_t byte)
{
    double v = byte / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double lab_part(double t)
{
    return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

/* CIELAB of an sRGB colour as this vision has it, white point D65. */
static void lab_of(const vision *eye, uint32_t rgb, double out[3])
{
    static const double xyz[3][3] = {{0.4124564, 0.3575761, 0.1804375},
                                     {0.2126729, 0.7151522, 0.0721750},
                                     {0.0193339, 0.1191920, 0.9503041}};
    static const double white[3] = {0.95047, 1, 1.08883};
    double linear[3], seen[3], f[3];
    for (int c = 0; c < 3; c++)
        linear[c] = linear_of(rgb >> (16 - 8 * c) & 255);
    for (int c = 0; c < 3; c++)
        seen[c] =
            jw_clamp(eye->m[c][0] * linear[0] + eye->m[c][1] * linear[1] + eye->m[c][2] * linear[2], 0, 1);
    for (int c = 0; c < 3; c++)
        f[c] = lab_part((xyz[c][0] * seen[0] + xyz[c][1] * seen[1] + xyz[c][2] * seen[2]) / white[c]);
    out[0] = 116 * f[1] - 16;
    out[1] = 500 * (f[0] - f[1]);
    out[2] = 200 * (f[1] - f[2]);
}

/* CIE 1976: about 2 is just seen side by side; 10 is plain. */
static double difference(const vision *eye, uint32_t a, uint32_t b)
{
    double u[3], v[3];
    lab_of(eye, a, u);
    lab_of(eye, b, v);
    return sqrt((u[0] - v[0]) * (u[0] - v[0]) + (u[1] - v[1]) * (u[1] - v[1]) +
                (u[2] - v[2]) * (u[2] - v[2]));
}

static void the_model_is_sound(void **state)
{
    (void)state;
    for (uint32_t v = 0; v < JW_COUNT_OF(visions); v++) {
        double lab[3];
        lab_of(&visions[v], 0xFFFFFF, lab); /* white stays white */
        assert_true(jw_abs(lab[0] - 100) < 0.1 && jw_abs(lab[1]) < 0.1 && jw_abs(lab[2]) < 0.1);
    }
    /* Lab of pure red as the usual calculators have it; and what a red and a green lose. */
    double red[3];
    lab_of(&visions[0], 0xFF0000, red);
    assert_true(jw_abs(red[0] - 53.24) < 0.05 && jw_abs(red[1] - 80.09) < 0.05 &&
                jw_abs(red[2] - 67.20) < 0.05);
    assert_true(difference(&visions[2], 0xC0504D, 0x7E8B3C) <
                0.45 * difference(&visions[0], 0xC0504D, 0x7E8B3C));
}

static void neighbours_differ(void **state)
{
    (void)state;
    for (int palette = 0; palette < JW_PALETTE_COUNT; palette++)
        for (int overlay = JW_OVERLAY_SPEED; overlay < JW_OVERLAY_COUNT; overlay++) {
            jw_view_legend legend = jw_view_get_legend((jw_view_overlay)overlay, (jw_view_palette)palette);
            for (uint32_t v = 0; v < JW_COUNT_OF(visions); v++) {
                for (uint32_t i = 0; i + 1 < legend.stop_count; i++) {
                    double d = difference(&visions[v], legend.stops[i].colour, legend.stops[i + 1].colour);
                    if (d < 10)
                        fail_msg("%s, %s, %s: stops %u and %u differ by %.1f", visions[v].name,
                                 jw_view_palette_name((jw_view_palette)palette),
                                 jw_view_overlay_info((jw_view_overlay)overlay)->id, i, i + 1, d);
                }
                assert_true(difference(&visions[v], legend.stops[0].colour,
                                       legend.stops[legend.stop_count - 1].colour) > 35);
            }
        }
}

/* Greys and cividis, and amounts in any palette, are in order by lightness alone. */
static void lightness_orders(void **state)
{
    (void)state;
    for (int palette = 0; palette < JW_PALETTE_COUNT; palette++)
        for (int overlay = JW_OVERLAY_SPEED; overlay < JW_OVERLAY_COUNT; overlay++) {
            jw_view_legend legend = jw_view_get_legend((jw_view_overlay)overlay, (jw_view_palette)palette);
            bool is_amount = jw_view_overlay_info((jw_view_overlay)overlay)->sense == JW_SENSE_AMOUNT;
            double direction = 0;
            if (palette == JW_PALETTE_STANDARD && !is_amount)
                continue;
            for (uint32_t i = 0; i + 1 < legend.stop_count; i++) {
                double a[3], b[3];
                lab_of(&visions[0], legend.stops[i].colour, a);
                lab_of(&visions[0], legend.stops[i + 1].colour, b);
                direction = i == 0 ? b[0] - a[0] : direction;
                assert_true(jw_abs(b[0] - a[0]) > 8 && (b[0] - a[0]) * direction > 0);
            }
        }
}

static void ids_are_unique_and_found(void **state)
{
    (void)state;
    for (int a = 0; a < JW_OVERLAY_COUNT; a++) {
        const jw_overlay_info *info = jw_view_overlay_info((jw_view_overlay)a);
        assert_int_equal(jw_view_overlay_of(info->id), a);
        assert_true(a == JW_OVERLAY_NONE || info->kind != JW_OVERLAY_OF_NOTHING);
        assert_true((info->kind == JW_OVERLAY_OF_ASSETS) == (info->assets != 0));
        for (uint32_t i = 0; info->names[0] && i < info->stop_count; i++)
            assert_true(info->names[i][0] && info->stops[i] == i);
    }
    assert_int_equal(jw_view_overlay_of("nonsense"), JW_OVERLAY_COUNT);
}

/* Values that frames carry, in the unit of the legend; none where there is none. */
static void values_are_found(void **state)
{
    (void)state;
    jw_city *city = view_fixture_city();
    jw_frame frame;
    double value;
    view_fixture_frame(city, &frame);
    assert_true(jw_view_overlay_value(JW_OVERLAY_SPEED, city, &frame, 5, &value));
    assert_true(jw_abs(value - 50) < 0.1); /* 5 x 1.39 of 13.9 m/s */
    assert_true(jw_view_overlay_value(JW_OVERLAY_THROUGHPUT, city, &frame, 1, &value) &&
                jw_abs(value - 40) < 0.01);
    assert_false(jw_view_overlay_value(JW_OVERLAY_THROUGHPUT, city, &frame, 0, &value)); /* a site */
    assert_true(jw_view_overlay_value(JW_OVERLAY_POWER, city, &frame, 0, &value) &&
                jw_abs(value - 50) < 0.01);
    assert_true(jw_view_overlay_value(JW_OVERLAY_LINK_LOAD, city, &frame, 0, &value));
    assert_true(jw_abs(value - 24.1) < 0.01); /* the fuller way: 2.41 of 10 Gbit/s */
    frame.links[0].is_up = 0;
    assert_false(jw_view_overlay_value(JW_OVERLAY_LINK_LOAD, city, &frame, 0, &value));
    assert_true(jw_view_overlay_value(JW_OVERLAY_FLOW, city, &frame, 9, &value));
    assert_false(jw_view_overlay_value(JW_OVERLAY_FLOW, city, &frame, 10, &value)); /* NAN */
    assert_false(jw_view_overlay_value(JW_OVERLAY_FLOW, city, &frame, frame.edge_count, &value));
    frame.edge_count--; /* an answer about other rows says nothing */
    assert_false(jw_view_overlay_value(JW_OVERLAY_FLOW, city, &frame, 9, &value));
    frame.edge_count++;
    frame.raster_value_count = 70; /* and one that is cut off */
    assert_false(jw_view_overlay_value(JW_OVERLAY_FLOW, city, &frame, 9, &value));
    assert_true(jw_view_overlay_value_at(JW_OVERLAY_LATENCY, &frame, 70, 10, &value) && value == 1);
    assert_false(jw_view_overlay_value_at(JW_OVERLAY_LATENCY, &frame, 430, 10, &value)); /* NAN */
    assert_false(jw_view_overlay_value_at(JW_OVERLAY_LATENCY, &frame, -1, 10, &value));
    assert_false(jw_view_overlay_value_at(JW_OVERLAY_SPEED, &frame, 70, 10, &value));
    jw_frame_free(&frame);
    jw_city_release(city);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JW_UNIT(the_model_is_sound),       JW_UNIT(neighbours_differ), JW_UNIT(lightness_orders),
        JW_UNIT(ids_are_unique_and_found), JW_UNIT(values_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
