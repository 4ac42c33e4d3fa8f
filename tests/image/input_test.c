/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures to tensors: channels, encodings, ranges, transparency, and what is refused. */
#include <math.h>
#include <string.h>

#include "support/inputs.h"

static char *bgr[] = {(char *)"B", (char *)"G", (char *)"R", NULL};
static char *bands[] = {(char *)"red", (char *)"green", (char *)"nir", (char *)"swir",
                        NULL};
static char *mixed_bands[] = {(char *)"swir", (char *)"nir",   (char *)"blue",
                              (char *)"red",  (char *)"green", NULL};

/* ---- channels ---------------------------------------------------------------------------------------- */

static void test_layouts(void)
{
    const float samples[] = {1, 2, 3, 4, 5, 6};
    InputsPicture p = inputs_picture(samples, 2, 1, 3, FALSE);
    HeModel m = inputs_model(inputs_rgb, 2, 1);
    g_autoptr(HeInput) nchw = inputs_made(&m, &p, NULL);
    inputs_tensor_is(nchw, (float[]){1, 4, 2, 5, 3, 6}, 6, 0);
    g_assert_cmpint(nchw->tensor.dim[1], ==, 3);
    g_assert_cmpint(nchw->tensor.dim[3], ==, 2);
    m.descriptor.layout = HE_LAYOUT_NHWC;
    g_autoptr(HeInput) nhwc = inputs_made(&m, &p, NULL);
    inputs_tensor_is(nhwc, samples, 6, 0);
    g_assert_cmpint(nhwc->tensor.dim[3], ==, 3);
    g_assert_cmpuint(nhwc->serial, !=, nchw->serial);
    m.descriptor.channels = bgr;
    g_autoptr(HeInput) reversed = inputs_made(&m, &p, NULL);
    inputs_tensor_is(reversed, (float[]){3, 2, 1, 6, 5, 4}, 6, 0);
}

static void test_grey(void)
{
    const float colour[] = {1, 0.5f, 0.25f}, grey[] = {0.75f};
    InputsPicture p = inputs_picture(colour, 1, 1, 3, FALSE),
                  one = inputs_picture(grey, 1, 1, 1, FALSE);
    HeModel m = inputs_model(inputs_luma, 1, 1);
    static const float expected[] = {
        [HE_GREY_601] = 0.621f, [HE_GREY_709] = 0.58825f, [HE_GREY_FIRST] = 1};
    for (int i = 0; he_greys[i].nick; i++) {
        m.descriptor.grey = (HeGrey)he_greys[i].value;
        g_autoptr(HeInput) input = inputs_made(&m, &p, NULL);
        inputs_tensor_is(input, &expected[m.descriptor.grey], 1, 1e-6f);
    }
    g_autoptr(HeInput) itself = inputs_made(&m, &one, NULL);
    inputs_tensor_is(itself, grey, 1, 0);
    HeModel three =
        inputs_model(inputs_rgb, 1, 1); /* a grey picture for a colour network */
    g_autoptr(HeInput) replicated = inputs_made(&three, &one, NULL);
    inputs_tensor_is(replicated, (float[]){0.75f, 0.75f, 0.75f}, 3, 0);
}

static void test_bands(void)
{
    const float samples[] = {10, 20, 30, 40, 50};
    InputsPicture four = inputs_picture(samples, 1, 1, 4, FALSE),
                  five = inputs_picture(samples, 1, 1, 5, FALSE);
    HeModel m = inputs_model(bands, 1, 1);
    m.descriptor.encoding = HE_ENCODING_RAW;
    m.descriptor.has_range = TRUE;
    m.descriptor.range[1] = 1;
    g_autoptr(HeInput) by_place = inputs_made(&m, &four, NULL);
    inputs_tensor_is(by_place, samples, 4, 0);
    five.source.bands = mixed_bands;
    g_autoptr(HeInput) by_name = inputs_made(&m, &five, NULL);
    inputs_tensor_is(by_name, (float[]){40, 50, 20, 10}, 4, 0);
    g_assert_cmpint(five.asked, ==, HE_ENCODING_RAW);

    five.source.bands = NULL;
    inputs_refused(&m, &five, NULL, HE_ERROR_INVALID_ARGUMENT,
                   "takes 4 channels (red;green;nir;swir), the picture has 5");
    five.source.bands = mixed_bands + 1; /* swir is not among them */
    five.source.channels = 4;
    inputs_refused(&m, &five, NULL, HE_ERROR_INVALID_ARGUMENT,
                   "the picture has 4 (nir;blue;red;green)");
    HeModel colour = inputs_model(inputs_rgb, 1, 1);
    inputs_refused(&colour, &four, NULL, HE_ERROR_INVALID_ARGUMENT,
                   "(R;G;B), the picture has 4");
}

/* ---- numbers ------------------------------------------------------------------------------------------- */

/* A 16-bit ramp reaches the tensor bit for bit, with every filter. */
static void test_raw_ramp(void)
{
    g_autofree float *ramp = g_new(float, 65536);
    for (int i = 0; i < 65536; i++)
        ramp[i] = (float)i;
    InputsPicture p = inputs_picture(ramp, 256, 256, 1, FALSE);
    p.source.full_scale = 65535;
    HeModel m = inputs_model(inputs_luma, 256, 256);
    m.descriptor.encoding = HE_ENCODING_RAW;
    m.descriptor.has_range = TRUE;
    m.descriptor.range[1] = 1;
    for (int i = 0; he_filters[i].nick; i++) {
        m.descriptor.filter = (HeFilter)he_filters[i].value;
        g_autoptr(HeInput) input = inputs_made(&m, &p, NULL);
        g_assert_cmpmem(input->tensor.data, 65536 * sizeof(float), ramp,
                        65536 * sizeof(float));
    }
    m.descriptor.has_range = FALSE; /* full scale */
    g_autoptr(HeInput) full = inputs_made(&m, &p, NULL);
    const float *t = full->tensor.data;
    for (int i = 0; i < 65536; i++)
        g_assert_cmpfloat(t[i], ==, (float)(i / 65535.0));
    m.descriptor.has_range = TRUE; /* a window */
    m.descriptor.range[0] = 1000;
    m.descriptor.range[1] = 3000;
    g_autoptr(HeInput) window = inputs_made(&m, &p, NULL);
    t = window->tensor.data;
    g_assert_cmpfloat(t[1000], ==, 0);
    g_assert_cmpfloat(t[2000], ==, 0.5f);
    g_assert_cmpfloat(t[3000], ==, 1);
}

static void test_normalised(void)
{
    double mean[] = {0.485, 0.456, 0.406}, std[] = {0.229, 0.224, 0.225};
    double mean255[] = {127, 127, 127}, std255[] = {128, 128, 128};
    const float samples[] = {0, 0.5f, 1};
    InputsPicture p = inputs_picture(samples, 1, 1, 3, FALSE);
    HeModel m = inputs_model(inputs_rgb, 1, 1);
    m.descriptor.mean = mean;
    m.descriptor.std = std;
    g_autoptr(HeInput) input = inputs_made(&m, &p, NULL);
    inputs_tensor_is(input, (float[]){-2.117904f, 0.196429f, 2.64f}, 3, 1e-5f);
    g_assert_cmpint(p.asked, ==, HE_ENCODING_SRGB);
    m.descriptor.mean = mean255;
    m.descriptor.std = std255;
    m.descriptor.scale = 255;
    g_autoptr(HeInput) lite = inputs_made(&m, &p, NULL);
    inputs_tensor_is(lite, (float[]){-0.9921875f, 0.00390625f, 1}, 3, 1e-6f);
    m.descriptor.has_range = TRUE; /* stored numbers, of an 8-bit picture here */
    m.descriptor.range[1] = 510;
    g_autoptr(HeInput) half = inputs_made(&m, &p, NULL);
    inputs_tensor_is(half, (float[]){-0.9921875f, -0.49414062f, 0.00390625f}, 3, 1e-6f);
    m.descriptor.range[1] = 0;
    inputs_refused(&m, &p, NULL, HE_ERROR_INVALID_ARGUMENT, "Range");
}

static void test_not_finite(void)
{
    g_autofree float *samples = inputs_noise(100 * 100 * 4);
    InputsPicture p = inputs_picture(samples, 100, 100, 3, TRUE);
    HeModel m = inputs_model(inputs_rgb, 8, 8);
    samples[(70 * 100 + 31) * 4 + 1] = NAN;
    samples[(70 * 100 + 31) * 4 + 3] = 0.5f;
    inputs_refused(&m, &p, NULL, HE_ERROR_NUMERIC, "NaN at pixel (31, 70), channel G");
    HeLook look = {.look = {20, 10, 50, 80}, .fit = -1};
    inputs_refused(&m, &p, &look, HE_ERROR_NUMERIC, "(31, 70)");
    samples[(70 * 100 + 31) * 4 + 3] = 0; /* nobody sees it */
    g_autoptr(HeInput) hidden = inputs_made(&m, &p, NULL);
    samples[(70 * 100 + 31) * 4 + 1] = -INFINITY;
    samples[(70 * 100 + 31) * 4 + 3] = 1;
    inputs_refused(&m, &p, NULL, HE_ERROR_NUMERIC, "infinity at pixel (31, 70)");
    look.look[0] = 40; /* outside of what is looked at */
    g_autoptr(HeInput) outside = inputs_made(&m, &p, &look);
    samples[(70 * 100 + 31) * 4 + 1] = 0;
    samples[(70 * 100 + 31) * 4 + 3] = NAN;
    inputs_refused(&m, &p, NULL, HE_ERROR_NUMERIC, "(31, 70)");
}

/* ---- transparency -------------------------------------------------------------------------------------- */

static void flatten(const float *rgba, size_t n, const double *below, float *out)
{
    for (size_t i = 0; i < n; i++)
        for (int c = 0; c < 3; c++)
            out[i * 3 + c] = (float)(below[c] + (double)rgba[i * 4 + 3] *
                                                    ((double)rgba[i * 4 + c] - below[c]));
}

static void test_flattened_twin(void)
{
    enum { W = 40, H = 30 };
    g_autofree float *rgba = inputs_noise(W * H * 4);
    g_autofree float *flat = g_new(float, W *H * 3);
    double mean[] = {0.485, 0.456, 0.406};
    const double orange[] = {1, 0x80 / 255.0, 0x10 / 255.0};
    InputsPicture p = inputs_picture(rgba, W, H, 3, TRUE),
                  twin = inputs_picture(flat, W, H, 3, FALSE);
    HeModel m = inputs_model(inputs_rgb, 16, 16);
    m.descriptor.mean = mean;
    for (int is_mean = 0; is_mean < 2; is_mean++) {
        HeLook look = {.fit = HE_FIT_CROP, .background = is_mean ? "mean" : "#ff8010"};
        flatten(rgba, W * H, is_mean ? mean : orange, flat);
        g_autoptr(HeInput) a = inputs_made(&m, &p, &look);
        g_autoptr(HeInput) b = inputs_made(&m, &twin, &look);
        inputs_tensor_is(a, b->tensor.data, 3 * 16 * 16, 1e-6f);
    }
    for (int i = 0; i < W * H; i++)
        rgba[i * 4 + 3] = 0;
    g_autoptr(HeInput) nothing =
        inputs_made(&m, &p, NULL); /* the mean is zero to the network */
    for (int i = 0; i < 3 * 16 * 16; i++)
        g_assert_cmpfloat_with_epsilon(((float *)nothing->tensor.data)[i], 0, 1e-7f);
}

static void keep_row(void *data, int y, const double *row)
{
    memcpy((double *)data + (size_t)y * 7 * 4, row, 7 * 4 * sizeof *row);
}

/* DESIGN.md's words: premultiplied, resampled, divided, laid over the background. */
static void test_premultiplied(void)
{
    enum { W = 20, H = 15 };
    g_autofree float *rgba = inputs_noise(W * H * 4);
    InputsPicture p = inputs_picture(rgba, W, H, 3, TRUE);
    HeModel m = inputs_model(inputs_rgb, 7, 5);
    m.descriptor.layout = HE_LAYOUT_NHWC;
    HeLook look = {.fit = -1, .background = "#336699"};
    g_autoptr(HeInput) input = inputs_made(&m, &p, &look);
    const HeResampleSpec spec = {.channels = 4,
                                 .in_w = W,
                                 .in_h = H,
                                 .w = W,
                                 .h = H,
                                 .out_w = 7,
                                 .out_h = 5,
                                 .filter = HE_FILTER_BICUBIC,
                                 .antialias = TRUE};
    double out[5 * 7 * 4];
    g_autoptr(HeResample) resample = he_resample_new(&spec, keep_row, out, NULL);
    for (int i = 0; i < W * H; i++)
        for (int c = 0; c < 3; c++)
            rgba[i * 4 + c] *= rgba[i * 4 + 3];
    for (int y = 0; y < H; y++)
        he_resample_push(resample, rgba + y * W * 4);
    for (int i = 0; i < 5 * 7; i++)
        for (int c = 0; c < 3; c++) {
            double alpha = out[i * 4 + 3], colour = out[i * 4 + c] / alpha;
            double expected = alpha * colour + (1 - alpha) * (0.2 * (c + 1));
            g_assert_cmpfloat_with_epsilon(((float *)input->tensor.data)[i * 3 + c],
                                           expected, 1e-6);
        }
}

static void test_background(void)
{
    const float clear[] = {0.3f, 0.3f, 0.3f, 0}, grey[] = {0.3f, 0};
    InputsPicture p = inputs_picture(clear, 1, 1, 3, TRUE),
                  one = inputs_picture(grey, 1, 1, 1, TRUE);
    HeLook look = {.fit = -1, .background = "#ff8000"};
    HeModel m = inputs_model(inputs_rgb, 1, 1), y = inputs_model(inputs_luma, 1, 1),
            four = inputs_model(bands, 1, 1);
    m.descriptor.encoding = HE_ENCODING_LINEAR;
    g_autoptr(HeInput) linear = inputs_made(&m, &p, &look);
    inputs_tensor_is(linear, (float[]){1, 0.215861f, 0}, 3, 1e-5f);
    g_autoptr(HeInput) coloured =
        inputs_made(&m, &one, &look); /* through a grey picture too */
    inputs_tensor_is(coloured, (float[]){1, 0.215861f, 0}, 3, 1e-5f);
    g_autoptr(HeInput) grey_601 = inputs_made(&y, &p, &look);
    inputs_tensor_is(grey_601, (float[]){0.299f + 0.587f * 128 / 255}, 1, 1e-6f);
    m.descriptor.encoding = HE_ENCODING_RAW;
    inputs_refused(&m, &p, &look, HE_ERROR_INVALID_ARGUMENT, "must be mean");
    InputsPicture quad = inputs_picture(clear, 1, 1, 4, FALSE);
    inputs_refused(&four, &quad, &look, HE_ERROR_INVALID_ARGUMENT, "must be mean");
    look.background = "white";
    inputs_refused(&y, &p, &look, HE_ERROR_INVALID_ARGUMENT,
                   "\"white\": expected mean or #rrggbb");
    look.background = "#12345g";
    inputs_refused(&y, &p, &look, HE_ERROR_INVALID_ARGUMENT, "#rrggbb");
}

/* ---- views --------------------------------------------------------------------------------------------- */

static void test_pad(void)
{
    double mean[] = {0.4, 0.4, 0.4}, std[] = {0.3, 0.3, 0.3};
    const float samples[] = {1, 1, 1, 1, 1, 1};
    InputsPicture p = inputs_picture(samples, 2, 1, 3, FALSE);
    HeModel m = inputs_model(inputs_rgb, 4, 4);
    m.descriptor.mean = mean;
    m.descriptor.std = std;
    HeLook look = {.fit = HE_FIT_PAD};
    g_autoptr(HeInput) input = inputs_made(&m, &p, &look);
    const float *t = input->tensor.data;
    for (int i = 0; i < 3 * 16; i++)
        if (i % 16 / 4 == 1 || i % 16 / 4 == 2)
            g_assert_cmpfloat_with_epsilon(t[i], 2, 1e-6f);
        else
            g_assert_cmpfloat(t[i], ==, 0);
    look.background = "#000000";
    g_autoptr(HeInput) black = inputs_made(&m, &p, &look);
    g_assert_cmpfloat_with_epsilon(((float *)black->tensor.data)[0], -4 / 3.0f, 1e-6f);
}

/* To look at a part is to look at the picture cut to it: nothing beside it shines in. */
static void test_look(void)
{
    enum { W = 60, H = 50, X = 11, Y = 7, LW = 31, LH = 40 };
    g_autofree float *whole = inputs_noise(W * H * 3);
    g_autofree float *part = g_new(float, LW *LH * 3);
    for (int y = 0; y < LH; y++)
        memcpy(part + y * LW * 3, whole + ((y + Y) * W + X) * 3, LW * 3 * sizeof(float));
    InputsPicture p = inputs_picture(whole, W, H, 3, FALSE),
                  cut = inputs_picture(part, LW, LH, 3, FALSE);
    HeModel m = inputs_model(inputs_rgb, 16, 16);
    m.descriptor.crop_fraction = 0.875;
    for (int fit = HE_FIT_STRETCH; fit <= HE_FIT_PAD; fit++) {
        HeLook look = {.look = {X, Y, LW, LH}, .fit = fit}, all = {.fit = fit};
        g_autoptr(HeInput) a = inputs_made(&m, &p, &look);
        g_autoptr(HeInput) b = inputs_made(&m, &cut, &all);
        inputs_tensor_is(a, b->tensor.data, 3 * 16 * 16, 1e-6f);
        g_assert_cmpfloat_with_epsilon(a->view.x, b->view.x + X, 1e-9);
        g_assert_cmpint(a->view.source_w, ==, W);
    }
}

static void test_odd_shapes(void)
{
    static const int sizes[][2] = {{1, 1}, {1, 5000}, {5000, 1}, {2, 3}};
    g_autofree float *samples = inputs_noise(5000 * 3);
    HeModel m = inputs_model(inputs_rgb, 24, 24);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        for (int fit = HE_FIT_STRETCH; fit <= HE_FIT_PAD; fit++)
            for (int filter = 0; he_filters[filter].nick; filter++) {
                InputsPicture p =
                    inputs_picture(samples, sizes[i][0], sizes[i][1], 3, FALSE);
                HeLook look = {.fit = fit};
                m.descriptor.filter = (HeFilter)he_filters[filter].value;
                g_autoptr(HeInput) input = inputs_made(&m, &p, &look);
                g_assert_nonnull(input);
            }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/image/input/layouts", test_layouts);
    g_test_add_func("/image/input/grey", test_grey);
    g_test_add_func("/image/input/bands", test_bands);
    g_test_add_func("/image/input/raw-ramp", test_raw_ramp);
    g_test_add_func("/image/input/normalised", test_normalised);
    g_test_add_func("/image/input/not-finite", test_not_finite);
    g_test_add_func("/image/input/flattened-twin", test_flattened_twin);
    g_test_add_func("/image/input/premultiplied", test_premultiplied);
    g_test_add_func("/image/input/background", test_background);
    g_test_add_func("/image/input/pad", test_pad);
    g_test_add_func("/image/input/look", test_look);
    g_test_add_func("/image/input/odd-shapes", test_odd_shapes);
    return g_test_run();
}
