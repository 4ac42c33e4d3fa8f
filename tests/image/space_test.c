/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Spaces of ICC profiles, against their own formulas in double, and the way back. */
#include "image/space.h"

#include <math.h>
#include <string.h>

#include "image/transfer.h"

#define N 4000

typedef struct {
    char *bytes;
    gsize n;
} Profile;

static Profile load(const char *name)
{
    g_autofree char *path =
        g_build_filename(g_getenv("HE_TOP"), "tests", "gimp", "data", name, NULL);
    Profile profile = {0};
    g_autoptr(GError) error = NULL;
    g_file_get_contents(path, &profile.bytes, &profile.n, &error);
    g_assert_no_error(error);
    return profile;
}

static HeSpace *open_space(const char *name, int channels)
{
    Profile profile = load(name);
    HeSpace *space = he_space_new(channels, (const guint8 *)profile.bytes, profile.n);
    g_free(profile.bytes);
    return space;
}

/* Adobe RGB's primaries to sRGB's, as both are published: D65, so without white. */
static void expected(double gamma, const float *in, double *out)
{
    static const double matrix[3][3] = {
        {1.39836, -0.39836, 0}, {0, 1, 0}, {0, -0.04294, 1.04294}};
    for (int i = 0; i < 3; i++) {
        double light = 0;
        for (int j = 0; j < 3; j++)
            light += matrix[i][j] * pow((double)in[j], gamma);
        out[i] = he_linear_to_srgb(light);
    }
}

/* The profiles' primaries have five digits; where light is little, sRGB's curve is steep. */
static void check_forward(const char *name, double gamma, gboolean is_linear)
{
    g_autoptr(HeSpace) space = open_space(name, 3);
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    g_assert_nonnull(space);
    for (int i = 0; i < N; i++) {
        float in[4], out[4];
        double wanted[3];
        for (int c = 0; c < 4; c++)
            in[c] = out[c] = (float)g_rand_double(rand);
        he_space_to_srgb(space, is_linear, 4, out, 1);
        expected(is_linear ? 1 : gamma, in, wanted);
        for (int c = 0; c < 3; c++)
            g_assert_cmpfloat_with_epsilon((double)out[c], wanted[c],
                                           wanted[c] < 0.1 ? 3e-3 : 5e-4);
        g_assert_cmpfloat(out[3], ==, in[3]);
    }
}

static void test_forward(void)
{
    check_forward("wide.icc", 563 / 256.0, FALSE);
    check_forward("wide.icc", 563 / 256.0, TRUE);
    check_forward("linear.icc", 1, FALSE);
}

static void test_grey(void)
{
    g_autoptr(HeSpace) space = open_space("grey.icc", 1);
    const double gamma = 461 / 256.0;
    g_assert_nonnull(space);
    for (int i = 0; i <= N; i++) {
        const double v = (double)i / N;
        float y[2] = {(float)v, 0.25f};
        he_space_to_srgb(space, FALSE, 2, y, 1);
        g_assert_cmpfloat_with_epsilon((double)y[0], he_linear_to_srgb(pow(v, gamma)),
                                       1e-5);
        he_space_from_srgb(space, FALSE, 2, y, 1);
        g_assert_cmpfloat_with_epsilon((double)y[0], v, 2e-5);
        g_assert_cmpfloat(y[1], ==, 0.25f);
    }
}

/* There and back: in 0..1, and of light that no display has. */
static void check_back(const char *name, float least, float most, double epsilon)
{
    g_autoptr(HeSpace) space = open_space(name, 3);
    g_autoptr(GRand) rand = g_rand_new_with_seed(8);
    for (int is_linear = 0; is_linear < 2; is_linear++)
        for (int i = 0; i < N; i++) {
            float in[3], out[3];
            for (int c = 0; c < 3; c++)
                in[c] = (float)g_rand_double_range(rand, (double)least, (double)most);
            memcpy(out, in, sizeof in);
            he_space_from_srgb(space, is_linear, 3, out, 1);
            he_space_to_srgb(space, is_linear, 3, out, 1);
            for (int c = 0; c < 3; c++)
                g_assert_cmpfloat_with_epsilon((double)out[c], (double)in[c], epsilon);
        }
}

static void test_back(void)
{
    static const char *const names[] = {"wide.icc", "linear.icc"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        check_back(names[i], 0, 1, 1e-4);
        check_back(names[i], -0.5f, 5, 1e-3);
    }
}

/* What is no number stays none: the engine refuses it. */
static void test_no_number(void)
{
    g_autoptr(HeSpace) space = open_space("wide.icc", 3);
    float p[3] = {NAN, INFINITY, 0.5f};
    he_space_to_srgb(space, FALSE, 3, p, 1);
    g_assert_false(isfinite(p[0]) || isfinite(p[1]) || isfinite(p[2]));
}

static void test_refused(void)
{
    g_assert_null(open_space("table.icc", 3));
    g_assert_null(open_space("wide.icc", 1));
    g_assert_null(open_space("grey.icc", 3));
}

/* Whatever is cut or changed is refused or gives numbers; sanitizers look on. */
static void test_hostile(void)
{
    Profile profile = load("grey.icc");
    for (gsize i = 0; i < profile.n; i++) {
        g_autoptr(HeSpace) cut = he_space_new(1, (const guint8 *)profile.bytes, i);
        profile.bytes[i] ^= (char)(1 << (i % 8));
        g_autoptr(HeSpace) changed =
            he_space_new(1, (const guint8 *)profile.bytes, profile.n);
        profile.bytes[i] ^= (char)(1 << (i % 8));
        float y = 0.5f;
        if (changed)
            he_space_to_srgb(changed, FALSE, 1, &y, 1);
        g_assert_true(isfinite(y));
    }
    g_free(profile.bytes);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/space/forward", test_forward);
    g_test_add_func("/space/grey", test_grey);
    g_test_add_func("/space/back", test_back);
    g_test_add_func("/space/no-number", test_no_number);
    g_test_add_func("/space/refused", test_refused);
    g_test_add_func("/space/hostile", test_hostile);
    return g_test_run();
}
