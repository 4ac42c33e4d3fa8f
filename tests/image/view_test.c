/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The fit rules on pictures of every shape. */
#include "image/view.h"

#include <math.h>
#include <string.h>

static const double all[4];

static HeDescriptor descriptor(int side)
{
    return (HeDescriptor){.width = side, .height = side, .crop_fraction = 0.875};
}

static HePlacement place(const HeDescriptor *d, int w, int h, const double *look,
                         HeFit fit)
{
    HePlacement p;
    g_autoptr(GError) error = NULL;
    g_assert_true(he_view_place(d, w, h, look ? look : all, (int)fit, &p, &error));
    g_assert_no_error(error);
    return p;
}

static void refused(const HeDescriptor *d, int w, int h, const double *look, int fit,
                    const char *says)
{
    HePlacement p;
    g_autoptr(GError) error = NULL;
    g_assert_false(he_view_place(d, w, h, look ? look : all, fit, &p, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT);
    if (!strstr(error->message, says))
        g_error("\"%s\" does not say \"%s\"", error->message, says);
}

#define NEAR(a, b) g_assert_cmpfloat_with_epsilon(a, b, 1e-9)

static void box_is(const HeView *v, double x, double y, double w, double h)
{
    NEAR(v->x, x);
    NEAR(v->y, y);
    NEAR(v->w, w);
    NEAR(v->h, h);
}

/* The affine map carries the box exactly onto the part of the tensor that it fills. */
static void check_affine(const HePlacement *p)
{
    const HeView *v = &p->view;
    NEAR(v->x * v->scale_x + v->offset_x, p->out_x);
    NEAR((v->x + v->w) * v->scale_x + v->offset_x, p->out_x + p->out_w);
    NEAR(v->y * v->scale_y + v->offset_y, p->out_y);
    NEAR((v->y + v->h) * v->scale_y + v->offset_y, p->out_y + p->out_h);
}

static void test_stretch(void)
{
    HeDescriptor d = descriptor(224);
    HePlacement p = place(&d, 448, 112, NULL, HE_FIT_STRETCH);
    box_is(&p.view, 0, 0, 448, 112);
    NEAR(p.view.scale_x, 0.5);
    NEAR(p.view.scale_y, 2);
    check_affine(&p);
    /* a selection that hangs over the border counts as far as the picture goes */
    const double look[] = {-10, 100.5, 30, 50};
    p = place(&d, 448, 112, look, HE_FIT_STRETCH);
    box_is(&p.view, 0, 100.5, 20, 11.5);
    g_assert_cmpint(p.limit_y, ==, 100);
    g_assert_cmpint(p.limit_h, ==, 12);
    g_assert_cmpint(p.limit_w, ==, 20);
    check_affine(&p);
}

static void test_crop(void)
{
    HeDescriptor d = descriptor(224);
    /* 256 x 341 of 300 x 400 (341.33 truncated); centre: 16 and round(58.5) = 58 */
    HePlacement p = place(&d, 300, 400, NULL, HE_FIT_CROP);
    box_is(&p.view, 16 * 300 / 256.0, 58 * 400 / 341.0, 224 * 300 / 256.0,
           224 * 400 / 341.0);
    check_affine(&p);
    HeDescriptor small =
        descriptor(16); /* 18 x 31 of 23 x 40; centre: 1 and round(7.5) = 8 */
    p = place(&small, 23, 40, NULL, HE_FIT_CROP);
    box_is(&p.view, 1 * 23 / 18.0, 8 * 40 / 31.0, 16 * 23 / 18.0, 16 * 40 / 31.0);
    d.crop_fraction = 1;
    p = place(&d, 600, 300, NULL, HE_FIT_CROP);
    box_is(&p.view, 150, 0, 300, 300);
    d.width = 112; /* a tensor that is not square is covered as well */
    p = place(&d, 300, 300, NULL, HE_FIT_CROP);
    box_is(&p.view, 75, 0, 150, 300);
    check_affine(&p);
}

static void test_pad(void)
{
    HeDescriptor d = descriptor(224);
    HePlacement p = place(&d, 400, 100, NULL, HE_FIT_PAD);
    box_is(&p.view, 0, 0, 400, 100);
    g_assert_cmpint(p.out_x, ==, 0);
    g_assert_cmpint(p.out_w, ==, 224);
    g_assert_cmpint(p.out_y, ==, 84);
    g_assert_cmpint(p.out_h, ==, 56);
    check_affine(&p);
}

static void test_aspect(void)
{
    HeDescriptor d = descriptor(224);
    refused(&d, 400, 300, NULL, HE_FIT_ASPECT, "224 x 224 only");
    d.is_size_free = TRUE;
    HePlacement p = place(&d, 400, 300, NULL, HE_FIT_ASPECT); /* 298.67 -> 9 * 32 */
    g_assert_cmpint(p.view.tensor_w, ==, 288);
    g_assert_cmpint(p.view.tensor_h, ==, 224);
    box_is(&p.view, 0, 0, 400, 300);
    check_affine(&p);
    p = place(&d, 77, 77, NULL, HE_FIT_ASPECT);
    g_assert_cmpint(p.view.tensor_w, ==, 224);
    refused(&d, 5000, 1, NULL, HE_FIT_ASPECT, "stretch, crop or pad");
}

static void test_refused(void)
{
    HeDescriptor d = descriptor(224);
    const double outside[] = {100, 0, 10, 10}, empty[] = {1, 1, 5, 0},
                 nan[] = {0, 0, (double)NAN, 5}, infinite[] = {0, 0, (double)INFINITY, 5};
    refused(&d, 100, 100, outside, HE_FIT_STRETCH,
            "does not overlap the picture of 100 x 100");
    refused(&d, 100, 100, empty, HE_FIT_STRETCH, "does not overlap");
    refused(&d, 100, 100, nan, HE_FIT_STRETCH, "does not overlap");
    refused(&d, 100, 100, infinite, HE_FIT_STRETCH, "does not overlap");
    refused(&d, 0, 100, NULL, HE_FIT_STRETCH, "0 x 100");
    refused(&d, 262145, 100, NULL, HE_FIT_STRETCH, "262144");
    refused(&d, 100, 100, NULL, 9, "no such rule");
}

/* Whatever the shape: the box is inside the picture, what it fills inside the tensor. */
static void test_shapes(void)
{
    static const int sides[] = {1, 2, 3, 7, 224, 225, 5000, 262144};
    static const HeFit fits[] = {HE_FIT_STRETCH, HE_FIT_CROP, HE_FIT_PAD};
    HeDescriptor d = descriptor(224);
    for (size_t i = 0; i < G_N_ELEMENTS(sides) * G_N_ELEMENTS(sides); i++)
        for (size_t f = 0; f < G_N_ELEMENTS(fits); f++) {
            int w = sides[i / G_N_ELEMENTS(sides)], h = sides[i % G_N_ELEMENTS(sides)];
            HePlacement p = place(&d, w, h, NULL, fits[f]);
            const HeView *v = &p.view;
            g_assert_true(v->x >= -1e-9 && v->x + v->w <= w + 1e-6 && v->w > 0);
            g_assert_true(v->y >= -1e-9 && v->y + v->h <= h + 1e-6 && v->h > 0);
            g_assert_true(p.out_x >= 0 && p.out_w > 0 && p.out_x + p.out_w <= 224);
            g_assert_true(p.out_y >= 0 && p.out_h > 0 && p.out_y + p.out_h <= 224);
            g_assert_true(p.limit_w == w && p.limit_h == h);
        }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/image/view/stretch", test_stretch);
    g_test_add_func("/image/view/crop", test_crop);
    g_test_add_func("/image/view/pad", test_pad);
    g_test_add_func("/image/view/aspect", test_aspect);
    g_test_add_func("/image/view/refused", test_refused);
    g_test_add_func("/image/view/shapes", test_shapes);
    return g_test_run();
}
