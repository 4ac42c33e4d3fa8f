/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Bytes are the numbers of he_render_rows, rounded: also where they are looked up, in pictures large enough. */
#include <math.h>

#include "human-eye.h"

#define CELLS 5

static float plane[CELLS * CELLS];

/* Values from -1 to 1.25, some the same; all but the outer columns of W x H was seen. */
static HeMap make_map(int w, int h)
{
    for (int i = 0; i < CELLS * CELLS; i++)
        plane[i] = (float)(i * 7 % 10) / 4 - 1;
    HeMap map = {.method = (char *)"test",
                 .channels = 1,
                 .height = CELLS,
                 .width = CELLS,
                 .values = plane};
    map.view = (HeView){.x = 3,
                        .w = w - 8,
                        .h = h,
                        .tensor_w = 64,
                        .tensor_h = 64,
                        .scale_x = 64.0 / (w - 8),
                        .scale_y = 64.0 / h,
                        .offset_x = -3 * 64.0 / (w - 8),
                        .source_w = w,
                        .source_h = h};
    return map;
}

static guint8 rounded(float v)
{
    return (guint8)floorf(CLAMP(v, 0, 1) * 255 + 0.5f);
}

static void check_row(HeRender *render, int width, int y)
{
    g_autofree float *rgba = g_new(float, 4 * width);
    g_autofree guint8 *bytes = g_new(guint8, 4 * width);
    he_render_rows(render, y, 1, rgba);
    he_render_bytes(render, y, 1, bytes);
    for (int i = 0; i < 4 * width; i++)
        g_assert_cmpint(bytes[i], ==, rounded(rgba[i]));
}

static void check(int w, int h, const HeDisplay *display, double scale)
{
    HeMap map = make_map(w, h);
    g_autoptr(HeRender) render = he_render_new(&map, plane, display, scale);
    for (int y = 0; y < h; y += MAX(h / 20, 1))
        check_row(render, w, y);
}

/* Every colour map, type of gradient, alpha; the last scales are beyond what a table is made for. */
static void check_all(int w, int h)
{
    static const double scales[] = {1, 0.9, 1.7, 1e-3, 1e-35, 1e35, 0};
    HeDisplay d = {0};
    for (d.colormap = HE_COLORMAP_JET; d.colormap <= HE_COLORMAP_DIVERGING; d.colormap++)
        for (d.gradient = 0; d.gradient <= HE_GRADIENT_SIGNED; d.gradient++)
            for (d.alpha = HE_ALPHA_MAP; d.alpha <= HE_ALPHA_FULL; d.alpha++)
                for (size_t i = 0; i < G_N_ELEMENTS(scales); i++)
                    check(w, h, &d, scales[i]);
}

static void test_computed(void)
{
    check_all(301, 20);
}

static void test_looked_up(void)
{
    check_all(2053, 1200);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/render/computed", test_computed);
    g_test_add_func("/render/looked-up", test_looked_up);
    return g_test_run();
}
