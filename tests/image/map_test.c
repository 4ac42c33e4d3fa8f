/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Maps back onto the picture: reduction, scale, the way back, colours. */
#include <math.h>
#include <string.h>

#include "human-eye.h"

/* A map of the whole of a picture that the network saw squashed to TENSOR x TENSOR. */
static HeMap whole(int channels, int height, int width, float *values, int tensor,
                   int source_w, int source_h)
{
    HeMap map = {.method = (char *)"test",
                 .channels = channels,
                 .height = height,
                 .width = width,
                 .values = values};
    map.view = (HeView){.w = source_w,
                        .h = source_h,
                        .tensor_w = tensor,
                        .tensor_h = tensor,
                        .scale_x = (double)tensor / source_w,
                        .scale_y = (double)tensor / source_h,
                        .source_w = source_w,
                        .source_h = source_h};
    return map;
}

static float *resized(const HeMap *map, const float *plane)
{
    float *out = g_new(float, (size_t)map->view.source_w * map->view.source_h);
    he_map_resize_rows(map, plane, 0, map->view.source_h, out);
    return out;
}

/* METHODS.md 2.0, "Upsampling": half-pixel bilinear, not align-corners. */
static void test_half_pixel(void)
{
    float plane[] = {0, 4, 28, 32.5f};
    HeMap map = whole(1, 2, 2, plane, 4, 4, 4);
    g_autofree float *out = resized(&map, plane);
    const float row1[] = {7, 8.03125f, 10.09375f, 11.125f};
    g_assert_cmpmem(out + 4, sizeof row1, row1, sizeof row1);
    g_assert_cmpfloat(out[0], ==, 0); /* clamped at the border */
    g_assert_cmpfloat(out[15], ==, 32.5f);
    /* the tensor's own size does not matter when the whole picture is looked at */
    HeMap other = whole(1, 2, 2, plane, 224, 4, 4);
    g_autofree float *same = resized(&other, plane);
    for (int i = 0; i < 16; i++)
        g_assert_cmpfloat_with_epsilon(same[i], out[i], 1e-5f);
}

static void test_transposed(void)
{
    enum { H = 3, W = 5, SH = 11, SW = 17 };
    float plane[H * W], turned[W * H];
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            plane[y * W + x] = turned[x * H + y] = (float)(x * x + 7 * y);
    HeMap map = whole(1, H, W, plane, 32, SW, SH),
          flip = whole(1, W, H, turned, 32, SH, SW);
    g_autofree float *a = resized(&map, plane);
    g_autofree float *b = resized(&flip, turned);
    for (int y = 0; y < SH; y++)
        for (int x = 0; x < SW; x++)
            g_assert_cmpfloat_with_epsilon(a[y * SW + x], b[x * SH + y], 1e-4f);
}

/* Columns 3 .. 6 of ten were seen: the others are unknown, not zero. */
static void test_crop(void)
{
    float plane[] = {1, 2, 3, 4};
    HeMap map = whole(1, 1, 4, plane, 4, 10, 4);
    map.view.x = 3;
    map.view.w = 4;
    map.view.scale_x = 1;
    map.view.offset_x = -3;
    g_autofree float *out = resized(&map, plane);
    for (int x = 0; x < 10; x++)
        if (x < 3 || x > 6)
            g_assert_true(isnan(out[x]));
        else
            g_assert_cmpfloat(out[x], ==, (float)(x - 2));
    map.view.x = 3.4; /* the centre decides: 3 was seen, 7 was not */
    g_autofree float *shifted = resized(&map, plane);
    for (int x = 0; x < 10; x++)
        g_assert_cmpint(isnan(shifted[x]) != 0, ==, x < 3 || x > 6);
    map.view.x = 3;
    HeDisplay display = {.colormap = HE_COLORMAP_GREY, .alpha = HE_ALPHA_FULL};
    float rgba[10 * 4];
    he_map_render_rows(&map, plane, &display, 4, 2, 1, rgba);
    for (int x = 0; x < 10; x++)
        g_assert_cmpfloat(rgba[x * 4 + 3], ==, x < 3 || x > 6 ? 0 : 1);
    g_assert_cmpfloat_with_epsilon(rgba[5 * 4], 0.75f, 1e-6f);
    g_assert_cmpfloat(rgba[0], ==, 0); /* no NaN leaves */
}

static void test_bands(void)
{
    enum { SW = 23, SH = 41 };
    float plane[6 * 7];
    for (int i = 0; i < 42; i++)
        plane[i] = sinf((float)i);
    HeMap map = whole(1, 6, 7, plane, 32, SW, SH);
    HeDisplay display = {.gradient = HE_GRADIENT_SIGNED,
                         .colormap = HE_COLORMAP_DIVERGING};
    float once[SW * SH * 4], bands[SW * SH * 4];
    he_map_render_rows(&map, plane, &display, 0.9, 0, SH, once);
    for (int height = 1; height <= SH; height += 6) {
        memset(bands, 0xff, sizeof bands);
        for (int y = 0; y < SH; y += height)
            he_map_render_rows(&map, plane, &display, 0.9, y, MIN(height, SH - y),
                               bands + y * SW * 4);
        g_assert_cmpmem(bands, sizeof bands, once, sizeof once);
    }
}

static void check_reduced(const HeMap *map, HeGradient gradient, const float *expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree float *plane = he_map_reduce(map, gradient, &error);
    g_assert_no_error(error);
    for (int i = 0; i < map->width * map->height; i++)
        g_assert_cmpfloat(plane[i], ==, expected[i]);
}

static void test_reduce(void)
{
    /* columns: all positive, all negative, a tie of sizes (first wins), zero */
    float values[] = {1, -2, 3, 0, 2, -5, -3, 0, 0.5f, -1, 1, 0};
    HeMap map = whole(3, 1, 4, values, 4, 4, 1);
    check_reduced(&map, HE_GRADIENT_POSITIVE, (float[]){2, 0, 3, 0});
    check_reduced(&map, HE_GRADIENT_NEGATIVE, (float[]){0, 5, 3, 0});
    check_reduced(&map, HE_GRADIENT_ABSOLUTE, (float[]){2, 5, 3, 0});
    check_reduced(&map, HE_GRADIENT_SIGNED, (float[]){2, -5, 3, 0});
    map.channels = 1; /* the same words on M */
    check_reduced(&map, HE_GRADIENT_POSITIVE, (float[]){1, 0, 3, 0});
    check_reduced(&map, HE_GRADIENT_NEGATIVE, (float[]){0, 2, 0, 0});
    check_reduced(&map, HE_GRADIENT_ABSOLUTE, (float[]){1, 2, 3, 0});
    check_reduced(&map, HE_GRADIENT_SIGNED, (float[]){1, -2, 3, 0});
    values[6] = NAN;
    map.channels = 3;
    g_autoptr(GError) error = NULL;
    g_assert_null(he_map_reduce(&map, HE_GRADIENT_SIGNED, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_NUMERIC);
    g_assert_nonnull(strstr(error->message, "(2, 0) of channel 1"));
}

static void test_scale(void)
{
    float a[] = {1, -4, 2, 0}, b[] = {0, 0, 3, -8}, flat[] = {0, 0, 0, 0};
    HeMap map_a = whole(1, 2, 2, a, 4, 4, 4), map_b = whole(1, 2, 2, b, 4, 4, 4);
    HeMap map_flat = whole(1, 2, 2, flat, 4, 4, 4);
    const HeMap *maps[] = {&map_a, &map_b, &map_flat};
    HeDisplay display = {.gradient = HE_GRADIENT_SIGNED};
    g_assert_cmpfloat(he_map_scale(maps, 1, &display), ==, 4);
    g_assert_cmpfloat(he_map_scale(maps, 3, &display), ==, 8); /* one scale for all */
    g_assert_cmpfloat(he_map_scale(maps + 2, 1, &display), ==, 0);
    display.gradient = HE_GRADIENT_POSITIVE;
    g_assert_cmpfloat(he_map_scale(maps, 3, &display), ==, 3);
    display.scale = HE_SCALE_FIXED;
    display.scale_value = 10;
    g_assert_cmpfloat(he_map_scale(maps, 3, &display), ==, 10);
    g_assert_cmpfloat(he_map_scale(maps + 2, 1, &display), ==, 0);
    display = (HeDisplay){.gradient = HE_GRADIENT_ABSOLUTE,
                          .scale = HE_SCALE_PERCENTILE,
                          .scale_value = 50};
    g_assert_cmpfloat_with_epsilon(he_map_scale(maps, 1, &display), 1.5, 1e-9);
    display.scale_value = 100;
    g_assert_cmpfloat(he_map_scale(maps, 2, &display), ==, 8);
    display.scale_value = 10; /* sparse, not flat */
    g_assert_cmpfloat(he_map_scale(maps, 2, &display), ==, 8);
    g_assert_cmpfloat(he_map_scale(maps, 0, &display), ==, 0);
}

/* What stands over the padding does not set the scale. */
static void test_scale_padded(void)
{
    float values[] = {9, 9, 1, 2, 9, 9};
    HeMap map = whole(1, 3, 2, values, 6, 6, 2);
    const HeMap *maps[] = {&map};
    map.view.scale_y = 1;
    map.view.offset_y = 2;
    HeDisplay display = {.gradient = HE_GRADIENT_POSITIVE};
    g_assert_cmpfloat(he_map_scale(maps, 1, &display), ==, 2);
    g_autofree float *out =
        resized(&map, values); /* and the picture's rows lie in cell row 1 */
    g_assert_cmpfloat_with_epsilon(out[0], 1 + 8 * 0.25f, 1e-6f);
    map.view.offset_y = 2.5; /* a strip that holds no centre */
    map.view.h = map.view.source_h = 1;
    map.view.scale_y = 0.25;
    g_assert_cmpfloat(he_map_scale(maps, 1, &display), ==, 9);
}

static void rendered(float value, HeDisplay display, double scale, float out[4])
{
    HeMap map = whole(1, 1, 1, &value, 4, 1, 1);
    he_map_render_rows(&map, &value, &display, scale, 0, 1, out);
}

static void check_rgba(const float got[4], float r, float g, float b, float a)
{
    const float expected[] = {r, g, b, a};
    for (int c = 0; c < 4; c++)
        g_assert_cmpfloat_with_epsilon(got[c], expected[c], 1e-4f);
}

static void test_colors(void)
{
    float p[4], q[4];
    HeDisplay d = {.colormap = HE_COLORMAP_JET, .alpha = HE_ALPHA_MAP};
    rendered(2, d, 2, p);
    check_rgba(p, 0.5f, 0, 0, 1);
    rendered(1, d, 2, p);
    check_rgba(p, 0.5f, 1, 0.5f, 0.5f);
    rendered(9, d, 2, p); /* beyond the scale: full colour */
    check_rgba(p, 0.5f, 0, 0, 1);
    rendered(0, d, 2, p);
    check_rgba(p, 0, 0, 0.5f, 0);
    rendered(1e-40f, d, 2e-40, p); /* a network that hardly answers */
    check_rgba(p, 0.5f, 1, 0.5f, 0.5f);
    rendered(0, d, 1e-40, p);
    check_rgba(p, 0, 0, 0.5f, 0);
    rendered(5, d, 0, p); /* flat: nothing at all */
    check_rgba(p, 0, 0, 0, 0);

    /* values that the tables' authors publish */
    d.colormap = HE_COLORMAP_VIRIDIS;
    rendered(0, d, 1, p);
    check_rgba(p, 0.267004f, 0.004874f, 0.329415f, 0);
    d.colormap = HE_COLORMAP_INFERNO;
    rendered(1, d, 1, p);
    check_rgba(p, 0.988362f, 0.998364f, 0.644924f, 1);
    d.colormap = HE_COLORMAP_TURBO;
    rendered(1, d, 1, p);
    check_rgba(p, 0.4796f, 0.01583f, 0.01055f, 1);

    /* signed maps: zero in the middle, the signs apart, alike strong */
    d.gradient = HE_GRADIENT_SIGNED;
    d.colormap = HE_COLORMAP_GREY;
    rendered(0, d, 1, p);
    check_rgba(p, 0.5f, 0.5f, 0.5f, 0);
    rendered(-3, d, 4, p);
    check_rgba(p, 0.125f, 0.125f, 0.125f, 0.75f);
    d.colormap = HE_COLORMAP_DIVERGING;
    rendered(-1, d, 1, p);
    rendered(1, d, 1, q);
    g_assert_true(p[2] > p[0] && q[0] > q[2] && p[3] == 1 && q[3] == 1);
    float faint[4],
        full[4]; /* zero's pale colour is only shown where it is not transparent */
    d.alpha = HE_ALPHA_FULL;
    rendered(1e-3f, d, 1, full);
    g_assert_true(full[0] > 0.9f && full[1] > 0.9f && full[2] > 0.9f);
    d.alpha = HE_ALPHA_MAP;
    rendered(1e-3f, d, 1, faint);
    g_assert_true(faint[0] > 2 * faint[2] && faint[3] < 2e-3f);
    d.gradient = HE_GRADIENT_NEGATIVE; /* a magnitude, in the colour of what is against */
    rendered(1, d, 1, q);
    check_rgba(q, p[0], p[1], p[2], 1);
}

/* Every map changes evenly: no jump between neighbouring entries that an eye would take for an edge. */
static void test_smooth(void)
{
    for (const HeChoice *choice = he_colormaps; choice->nick; choice++) {
        HeDisplay d = {.gradient = HE_GRADIENT_SIGNED,
                       .colormap = (HeColormap)choice->value,
                       .alpha = HE_ALPHA_FULL};
        float before[4], now[4];
        rendered(-1, d, 1, before);
        for (int i = -255; i <= 256; i++) {
            rendered((float)i / 256, d, 1, now);
            for (int c = 0; c < 3; c++) {
                g_assert_true(now[c] >= 0 && now[c] <= 1);
                g_assert_cmpfloat(fabsf(now[c] - before[c]), <, 0.03f);
            }
            memcpy(before, now, sizeof now);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/image/map/half-pixel", test_half_pixel);
    g_test_add_func("/image/map/transposed", test_transposed);
    g_test_add_func("/image/map/crop", test_crop);
    g_test_add_func("/image/map/bands", test_bands);
    g_test_add_func("/image/map/reduce", test_reduce);
    g_test_add_func("/image/map/scale", test_scale);
    g_test_add_func("/image/map/scale-padded", test_scale_padded);
    g_test_add_func("/image/map/colors", test_colors);
    g_test_add_func("/image/map/smooth", test_smooth);
    return g_test_run();
}
