/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures to tensors: channels, encodings, ranges, transparency, and what is refused. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "image/resample.h"
#include "model/model.h"

/* ---- a picture in memory, and a network's descriptor ---------------------------------------------- */

typedef struct {
    HeSource source;
    const float *samples;
    HeEncoding asked;
    int next; /* rows are read once, from the top */
} Picture;

static gboolean read_rows(HeSource *source, HeEncoding encoding, int y, int n, float *out,
                          GError **error)
{
    Picture *p = (Picture *)source;
    (void)error;
    g_assert_true(n > 0 && y >= p->next && y + n <= source->height);
    size_t row = (size_t)source->width * (source->channels + (source->has_alpha ? 1 : 0));
    memcpy(out, p->samples + (size_t)y * row, row * n * sizeof(float));
    p->asked = encoding;
    p->next = y + n;
    return TRUE;
}

static Picture picture(const float *samples, int w, int h, int channels,
                       gboolean has_alpha)
{
    return (Picture){.source = {.width = w,
                                .height = h,
                                .channels = channels,
                                .has_alpha = has_alpha,
                                .full_scale = 255,
                                .read_rows = read_rows},
                     .samples = samples};
}

static char *rgb[] = {(char *)"R", (char *)"G", (char *)"B", NULL};
static char *bgr[] = {(char *)"B", (char *)"G", (char *)"R", NULL};
static char *luma[] = {(char *)"Y", NULL};
static char *bands[] = {(char *)"red", (char *)"green", (char *)"nir", (char *)"swir",
                        NULL};
static char *mixed_bands[] = {(char *)"swir", (char *)"nir",   (char *)"blue",
                              (char *)"red",  (char *)"green", NULL};
static double zeros[] = {0, 0, 0, 0}, ones[] = {1, 1, 1, 1};

static HeModel model(char **channels, int width, int height)
{
    HeDescriptor d = {.channels = channels,
                      .n_channels = (int)g_strv_length(channels),
                      .width = width,
                      .height = height,
                      .mean = zeros,
                      .std = ones,
                      .scale = 1,
                      .crop_fraction = 1,
                      .fit = HE_FIT_STRETCH,
                      .filter = HE_FILTER_BICUBIC,
                      .antialias = TRUE,
                      .is_background_mean = TRUE};
    return (HeModel){.descriptor = d};
}

static HeInput *made(const HeModel *m, Picture *p, const HeLook *look)
{
    g_autoptr(GError) error = NULL;
    p->next = 0;
    HeInput *input = he_input_new(m, &p->source, look, NULL, &error);
    g_assert_no_error(error);
    return input;
}

static void refused(const HeModel *m, Picture *p, const HeLook *look, HeErrorCode code,
                    const char *says)
{
    g_autoptr(GError) error = NULL;
    p->next = 0;
    g_assert_null(he_input_new(m, &p->source, look, NULL, &error));
    g_assert_error(error, HE_ERROR, (int)code);
    if (!strstr(error->message, says))
        g_error("\"%s\" does not say \"%s\"", error->message, says);
}

static void tensor_is(const HeInput *input, const float *expected, size_t n, float within)
{
    const float *t = input->tensor.data;
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(t[i] - expected[i]) <= within))
            g_error("tensor[%zu] is %.9g, not %.9g", i, t[i], expected[i]);
}

static float *noise(size_t n)
{
    float *out = g_new(float, n);
    for (size_t i = 0; i < n; i++)
        out[i] = (float)(i * 2654435761u % 1009) / 1008;
    return out;
}

/* ---- channels ---------------------------------------------------------------------------------------- */

static void test_layouts(void)
{
    const float samples[] = {1, 2, 3, 4, 5, 6};
    Picture p = picture(samples, 2, 1, 3, FALSE);
    HeModel m = model(rgb, 2, 1);
    g_autoptr(HeInput) nchw = made(&m, &p, NULL);
    tensor_is(nchw, (float[]){1, 4, 2, 5, 3, 6}, 6, 0);
    g_assert_cmpint(nchw->tensor.dim[1], ==, 3);
    g_assert_cmpint(nchw->tensor.dim[3], ==, 2);
    m.descriptor.layout = HE_LAYOUT_NHWC;
    g_autoptr(HeInput) nhwc = made(&m, &p, NULL);
    tensor_is(nhwc, samples, 6, 0);
    g_assert_cmpint(nhwc->tensor.dim[3], ==, 3);
    g_assert_cmpuint(nhwc->serial, !=, nchw->serial);
    m.descriptor.channels = bgr;
    g_autoptr(HeInput) reversed = made(&m, &p, NULL);
    tensor_is(reversed, (float[]){3, 2, 1, 6, 5, 4}, 6, 0);
}

static void test_grey(void)
{
    const float colour[] = {1, 0.5f, 0.25f}, grey[] = {0.75f};
    Picture p = picture(colour, 1, 1, 3, FALSE), one = picture(grey, 1, 1, 1, FALSE);
    HeModel m = model(luma, 1, 1);
    static const float expected[] = {
        [HE_GREY_601] = 0.621f, [HE_GREY_709] = 0.58825f, [HE_GREY_FIRST] = 1};
    for (int i = 0; he_greys[i].nick; i++) {
        m.descriptor.grey = (HeGrey)he_greys[i].value;
        g_autoptr(HeInput) input = made(&m, &p, NULL);
        tensor_is(input, &expected[m.descriptor.grey], 1, 1e-6f);
    }
    g_autoptr(HeInput) itself = made(&m, &one, NULL);
    tensor_is(itself, grey, 1, 0);
    HeModel three = model(rgb, 1, 1); /* a grey picture for a colour network */
    g_autoptr(HeInput) replicated = made(&three, &one, NULL);
    tensor_is(replicated, (float[]){0.75f, 0.75f, 0.75f}, 3, 0);
}

static void test_bands(void)
{
    const float samples[] = {10, 20, 30, 40, 50};
    Picture four = picture(samples, 1, 1, 4, FALSE),
            five = picture(samples, 1, 1, 5, FALSE);
    HeModel m = model(bands, 1, 1);
    m.descriptor.encoding = HE_ENCODING_RAW;
    m.descriptor.has_range = TRUE;
    m.descriptor.range[1] = 1;
    g_autoptr(HeInput) by_place = made(&m, &four, NULL);
    tensor_is(by_place, samples, 4, 0);
    five.source.bands = mixed_bands;
    g_autoptr(HeInput) by_name = made(&m, &five, NULL);
    tensor_is(by_name, (float[]){40, 50, 20, 10}, 4, 0);
    g_assert_cmpint(five.asked, ==, HE_ENCODING_RAW);

    five.source.bands = NULL;
    refused(&m, &five, NULL, HE_ERROR_INVALID_ARGUMENT,
            "takes 4 channels (red;green;nir;swir), the picture has 5");
    five.source.bands = mixed_bands + 1; /* swir is not among them */
    five.source.channels = 4;
    refused(&m, &five, NULL, HE_ERROR_INVALID_ARGUMENT,
            "the picture has 4 (nir;blue;red;green)");
    HeModel colour = model(rgb, 1, 1);
    refused(&colour, &four, NULL, HE_ERROR_INVALID_ARGUMENT,
            "(R;G;B), the picture has 4");
}

/* ---- numbers ------------------------------------------------------------------------------------------- */

/* A 16-bit ramp reaches the tensor bit for bit, with every filter. */
static void test_raw_ramp(void)
{
    g_autofree float *ramp = g_new(float, 65536);
    for (int i = 0; i < 65536; i++)
        ramp[i] = (float)i;
    Picture p = picture(ramp, 256, 256, 1, FALSE);
    p.source.full_scale = 65535;
    HeModel m = model(luma, 256, 256);
    m.descriptor.encoding = HE_ENCODING_RAW;
    m.descriptor.has_range = TRUE;
    m.descriptor.range[1] = 1;
    for (int i = 0; he_filters[i].nick; i++) {
        m.descriptor.filter = (HeFilter)he_filters[i].value;
        g_autoptr(HeInput) input = made(&m, &p, NULL);
        g_assert_cmpmem(input->tensor.data, 65536 * sizeof(float), ramp,
                        65536 * sizeof(float));
    }
    m.descriptor.has_range = FALSE; /* full scale */
    g_autoptr(HeInput) full = made(&m, &p, NULL);
    const float *t = full->tensor.data;
    for (int i = 0; i < 65536; i++)
        g_assert_cmpfloat(t[i], ==, (float)(i / 65535.0));
    m.descriptor.has_range = TRUE; /* a window */
    m.descriptor.range[0] = 1000;
    m.descriptor.range[1] = 3000;
    g_autoptr(HeInput) window = made(&m, &p, NULL);
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
    Picture p = picture(samples, 1, 1, 3, FALSE);
    HeModel m = model(rgb, 1, 1);
    m.descriptor.mean = mean;
    m.descriptor.std = std;
    g_autoptr(HeInput) input = made(&m, &p, NULL);
    tensor_is(input, (float[]){-2.117904f, 0.196429f, 2.64f}, 3, 1e-5f);
    g_assert_cmpint(p.asked, ==, HE_ENCODING_SRGB);
    m.descriptor.mean = mean255;
    m.descriptor.std = std255;
    m.descriptor.scale = 255;
    g_autoptr(HeInput) lite = made(&m, &p, NULL);
    tensor_is(lite, (float[]){-0.9921875f, 0.00390625f, 1}, 3, 1e-6f);
    m.descriptor.has_range = TRUE; /* stored numbers, of an 8-bit picture here */
    m.descriptor.range[1] = 510;
    g_autoptr(HeInput) half = made(&m, &p, NULL);
    tensor_is(half, (float[]){-0.9921875f, -0.49414062f, 0.00390625f}, 3, 1e-6f);
    m.descriptor.range[1] = 0;
    refused(&m, &p, NULL, HE_ERROR_INVALID_ARGUMENT, "Range");
}

static void test_not_finite(void)
{
    g_autofree float *samples = noise(100 * 100 * 4);
    Picture p = picture(samples, 100, 100, 3, TRUE);
    HeModel m = model(rgb, 8, 8);
    samples[(70 * 100 + 31) * 4 + 1] = NAN;
    samples[(70 * 100 + 31) * 4 + 3] = 0.5f;
    refused(&m, &p, NULL, HE_ERROR_NUMERIC, "NaN at pixel (31, 70), channel G");
    HeLook look = {.look = {20, 10, 50, 80}, .fit = -1};
    refused(&m, &p, &look, HE_ERROR_NUMERIC, "(31, 70)");
    samples[(70 * 100 + 31) * 4 + 3] = 0; /* nobody sees it */
    g_autoptr(HeInput) hidden = made(&m, &p, NULL);
    samples[(70 * 100 + 31) * 4 + 1] = -INFINITY;
    samples[(70 * 100 + 31) * 4 + 3] = 1;
    refused(&m, &p, NULL, HE_ERROR_NUMERIC, "infinity at pixel (31, 70)");
    look.look[0] = 40; /* outside of what is looked at */
    g_autoptr(HeInput) outside = made(&m, &p, &look);
    samples[(70 * 100 + 31) * 4 + 1] = 0;
    samples[(70 * 100 + 31) * 4 + 3] = NAN;
    refused(&m, &p, NULL, HE_ERROR_NUMERIC, "(31, 70)");
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
    g_autofree float *rgba = noise(W * H * 4);
    g_autofree float *flat = g_new(float, W *H * 3);
    double mean[] = {0.485, 0.456, 0.406};
    const double orange[] = {1, 0x80 / 255.0, 0x10 / 255.0};
    Picture p = picture(rgba, W, H, 3, TRUE), twin = picture(flat, W, H, 3, FALSE);
    HeModel m = model(rgb, 16, 16);
    m.descriptor.mean = mean;
    for (int is_mean = 0; is_mean < 2; is_mean++) {
        HeLook look = {.fit = HE_FIT_CROP, .background = is_mean ? "mean" : "#ff8010"};
        flatten(rgba, W * H, is_mean ? mean : orange, flat);
        g_autoptr(HeInput) a = made(&m, &p, &look);
        g_autoptr(HeInput) b = made(&m, &twin, &look);
        tensor_is(a, b->tensor.data, 3 * 16 * 16, 1e-6f);
    }
    for (int i = 0; i < W * H; i++)
        rgba[i * 4 + 3] = 0;
    g_autoptr(HeInput) nothing = made(&m, &p, NULL); /* the mean is zero to the network */
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
    g_autofree float *rgba = noise(W * H * 4);
    Picture p = picture(rgba, W, H, 3, TRUE);
    HeModel m = model(rgb, 7, 5);
    m.descriptor.layout = HE_LAYOUT_NHWC;
    HeLook look = {.fit = -1, .background = "#336699"};
    g_autoptr(HeInput) input = made(&m, &p, &look);
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
    Picture p = picture(clear, 1, 1, 3, TRUE), one = picture(grey, 1, 1, 1, TRUE);
    HeLook look = {.fit = -1, .background = "#ff8000"};
    HeModel m = model(rgb, 1, 1), y = model(luma, 1, 1), four = model(bands, 1, 1);
    m.descriptor.encoding = HE_ENCODING_LINEAR;
    g_autoptr(HeInput) linear = made(&m, &p, &look);
    tensor_is(linear, (float[]){1, 0.215861f, 0}, 3, 1e-5f);
    g_autoptr(HeInput) coloured = made(&m, &one, &look); /* through a grey picture too */
    tensor_is(coloured, (float[]){1, 0.215861f, 0}, 3, 1e-5f);
    g_autoptr(HeInput) grey_601 = made(&y, &p, &look);
    tensor_is(grey_601, (float[]){0.299f + 0.587f * 128 / 255}, 1, 1e-6f);
    m.descriptor.encoding = HE_ENCODING_RAW;
    refused(&m, &p, &look, HE_ERROR_INVALID_ARGUMENT, "must be mean");
    Picture quad = picture(clear, 1, 1, 4, FALSE);
    refused(&four, &quad, &look, HE_ERROR_INVALID_ARGUMENT, "must be mean");
    look.background = "white";
    refused(&y, &p, &look, HE_ERROR_INVALID_ARGUMENT,
            "\"white\": expected mean or #rrggbb");
    look.background = "#12345g";
    refused(&y, &p, &look, HE_ERROR_INVALID_ARGUMENT, "#rrggbb");
}

/* ---- views --------------------------------------------------------------------------------------------- */

static void test_pad(void)
{
    double mean[] = {0.4, 0.4, 0.4}, std[] = {0.3, 0.3, 0.3};
    const float samples[] = {1, 1, 1, 1, 1, 1};
    Picture p = picture(samples, 2, 1, 3, FALSE);
    HeModel m = model(rgb, 4, 4);
    m.descriptor.mean = mean;
    m.descriptor.std = std;
    HeLook look = {.fit = HE_FIT_PAD};
    g_autoptr(HeInput) input = made(&m, &p, &look);
    const float *t = input->tensor.data;
    for (int i = 0; i < 3 * 16; i++)
        if (i % 16 / 4 == 1 || i % 16 / 4 == 2)
            g_assert_cmpfloat_with_epsilon(t[i], 2, 1e-6f);
        else
            g_assert_cmpfloat(t[i], ==, 0);
    look.background = "#000000";
    g_autoptr(HeInput) black = made(&m, &p, &look);
    g_assert_cmpfloat_with_epsilon(((float *)black->tensor.data)[0], -4 / 3.0f, 1e-6f);
}

/* To look at a part is to look at the picture cut to it: nothing beside it shines in. */
static void test_look(void)
{
    enum { W = 60, H = 50, X = 11, Y = 7, LW = 31, LH = 40 };
    g_autofree float *whole = noise(W * H * 3);
    g_autofree float *part = g_new(float, LW *LH * 3);
    for (int y = 0; y < LH; y++)
        memcpy(part + y * LW * 3, whole + ((y + Y) * W + X) * 3, LW * 3 * sizeof(float));
    Picture p = picture(whole, W, H, 3, FALSE), cut = picture(part, LW, LH, 3, FALSE);
    HeModel m = model(rgb, 16, 16);
    m.descriptor.crop_fraction = 0.875;
    for (int fit = HE_FIT_STRETCH; fit <= HE_FIT_PAD; fit++) {
        HeLook look = {.look = {X, Y, LW, LH}, .fit = fit}, all = {.fit = fit};
        g_autoptr(HeInput) a = made(&m, &p, &look);
        g_autoptr(HeInput) b = made(&m, &cut, &all);
        tensor_is(a, b->tensor.data, 3 * 16 * 16, 1e-6f);
        g_assert_cmpfloat_with_epsilon(a->view.x, b->view.x + X, 1e-9);
        g_assert_cmpint(a->view.source_w, ==, W);
    }
}

static void test_odd_shapes(void)
{
    static const int sizes[][2] = {{1, 1}, {1, 5000}, {5000, 1}, {2, 3}};
    g_autofree float *samples = noise(5000 * 3);
    HeModel m = model(rgb, 24, 24);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        for (int fit = HE_FIT_STRETCH; fit <= HE_FIT_PAD; fit++)
            for (int filter = 0; he_filters[filter].nick; filter++) {
                Picture p = picture(samples, sizes[i][0], sizes[i][1], 3, FALSE);
                HeLook look = {.fit = fit};
                m.descriptor.filter = (HeFilter)he_filters[filter].value;
                g_autoptr(HeInput) input = made(&m, &p, &look);
                g_assert_nonnull(input);
            }
}

/* ---- long work, memory, raw tensors -------------------------------------------------------------------- */

typedef struct {
    double last;
    int n, cancel_at;
    GCancellable *cancellable;
} Watch;

static void watch(double fraction, void *data)
{
    Watch *w = data;
    g_assert_true(fraction >= w->last && fraction <= 1);
    w->last = fraction;
    if (++w->n == w->cancel_at)
        g_cancellable_cancel(w->cancellable);
}

static void test_task(void)
{
    g_autofree float *samples = noise(10 * 1000 * 3);
    Picture p = picture(samples, 10, 1000, 3, FALSE);
    HeModel m = model(rgb, 4, 4);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    Watch w = {.cancellable = cancellable};
    HeTask task = {.progress = watch, .user_data = &w, .cancellable = cancellable};
    g_autoptr(HeInput) input = he_input_new(&m, &p.source, NULL, &task, &error);
    g_assert_no_error(error);
    g_assert_cmpint(w.n, >=, 10);
    int n_bands = w.n;
    w = (Watch){.cancellable = cancellable, .cancel_at = 3};
    p.next = 0;
    g_assert_null(he_input_new(&m, &p.source, NULL, &task, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_cmpint(w.n, ==, 3);
    g_assert_cmpint(w.n, <, n_bands);
}

static void test_no_memory(void)
{
    g_autofree float *samples = noise(10 * 10 * 3);
    Picture p = picture(samples, 10, 10, 3, FALSE);
    HeModel m = model(rgb, 4, 4);
    int n_failed = 0;
    for (guint64 call = 1;; call++) {
        g_autoptr(GError) error = NULL;
        p.next = 0;
        he_alloc_fail_at(call);
        g_autoptr(HeInput) input = he_input_new(&m, &p.source, NULL, NULL, &error);
        he_alloc_fail_at(0);
        if (input)
            break;
        g_assert_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY);
        n_failed++;
    }
    g_assert_cmpint(n_failed, >=, 9);
}

static gboolean fail_to_read(HeSource *source, HeEncoding encoding, int y, int n,
                             float *out, GError **error)
{
    (void)source, (void)encoding, (void)y, (void)n, (void)out;
    g_set_error(error, HE_ERROR, HE_ERROR_IO, "the disk is gone");
    return FALSE;
}

static void test_read_fails(void)
{
    Picture p = picture(NULL, 10, 10, 3, FALSE);
    p.source.read_rows = fail_to_read;
    HeModel m = model(rgb, 4, 4);
    refused(&m, &p, NULL, HE_ERROR_IO, "the disk is gone");
}

#define LARGE 4100 /* squared: enough that rows are resampled while others are read */

static float large_sample(int x, int y)
{
    return (float)((x * 7 + y * 13) % 251);
}

/* A picture that is nowhere: DATA is the row in which NaN stands, or NULL. */
static gboolean read_large(HeSource *source, HeEncoding encoding, int y, int n,
                           float *out, GError **error)
{
    const int *nan_row = source->data;
    (void)encoding, (void)error;
    for (int row = y; row < y + n; row++)
        for (int x = 0; x < source->width; x++)
            *out++ = nan_row && row == *nan_row && x == 5 ? NAN : large_sample(x, row);
    return TRUE;
}

static void test_large(void)
{
    Picture p = picture(NULL, LARGE, LARGE, 1, FALSE);
    HeModel m = model(luma, 8, 8);
    int nan_row = LARGE / 2;
    p.source.read_rows = read_large;
    m.descriptor.filter = HE_FILTER_NEAREST;
    g_autoptr(HeInput) input = made(&m, &p, NULL);
    const float *t = input->tensor.data;
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 8; x++)
            g_assert_cmpfloat(
                t[y * 8 + x], ==,
                large_sample((int)((x + 0.5) * LARGE / 8), (int)((y + 0.5) * LARGE / 8)));
    m.descriptor.filter = HE_FILTER_BILINEAR;
    p.source.data = &nan_row;
    refused(&m, &p, NULL, HE_ERROR_NUMERIC, "NaN at pixel (5, 2050)");
    p.source.read_rows = fail_to_read;
    refused(&m, &p, NULL, HE_ERROR_IO, "the disk is gone");
}

/* The same as bytes, three rows at once; decoded by another thread than the caller's, or not at all. */
static const void *stored_large(HeSource *source, int y, int *n, GError **error)
{
    static guint8 rows[3 * LARGE], *out;
    (void)error;
    *n = MIN(*n, 3);
    out = rows;
    for (int row = y; row < y + *n; row++)
        for (int x = 0; x < source->width; x++)
            *out++ = (guint8)large_sample(x, row);
    return rows;
}

static GThread *caller;

static gboolean decode_large(HeSource *source, HeEncoding encoding, const void *stored,
                             int n, float *out, GError **error)
{
    const guint8 *rows = stored;
    (void)encoding, (void)error;
    g_assert_true(g_thread_self() != caller);
    for (size_t i = 0; i < (size_t)n * (size_t)source->width; i++)
        out[i] = rows[i];
    return TRUE;
}

static gboolean fail_to_decode(HeSource *source, HeEncoding encoding, const void *stored,
                               int n, float *out, GError **error)
{
    (void)stored;
    return fail_to_read(source, encoding, 0, n, out, error);
}

static void test_large_stored(void)
{
    Picture p = picture(NULL, LARGE, LARGE, 1, FALSE);
    HeModel m = model(luma, 8, 8);
    caller = g_thread_self();
    m.descriptor.filter = HE_FILTER_BILINEAR;
    p.source.read_rows = read_large;
    g_autoptr(HeInput) expected = made(&m, &p, NULL);
    p.source.read_rows = fail_to_read;
    p.source.stored_rows = stored_large;
    p.source.decode_rows = decode_large;
    g_autoptr(HeInput) input = made(&m, &p, NULL);
    g_assert_cmpmem(input->tensor.data, 64 * sizeof(float), expected->tensor.data,
                    64 * sizeof(float));
    p.source.decode_rows = fail_to_decode;
    refused(&m, &p, NULL, HE_ERROR_IO, "the disk is gone");
}

static HeTensor raw(float *data, HeType type, gint64 n, gint64 c, gint64 h, gint64 w)
{
    HeTensor x = {.type = type, .rank = 4, .dim = {n, c, h, w}, .data = data};
    he_tensor_set_contiguous(&x);
    return x;
}

static void raw_refused(const HeModel *m, HeTensor x, HeErrorCode code, const char *says)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(he_input_new_raw(m, &x, &error));
    g_assert_error(error, HE_ERROR, (int)code);
    if (!strstr(error->message, says))
        g_error("\"%s\" does not say \"%s\"", error->message, says);
}

static void test_raw(void)
{
    g_autofree float *data = noise(3 * 4 * 5 * 4);
    HeModel m = model(rgb, 5, 4);
    HeTensor x = raw(data, HE_F32, 1, 3, 4, 5);
    g_autoptr(GError) error = NULL;
    g_autoptr(HeInput) input = he_input_new_raw(&m, &x, &error);
    g_assert_no_error(error);
    g_assert_cmpmem(input->tensor.data, 60 * sizeof(float), data, 60 * sizeof(float));
    g_assert_true(input->tensor.data != data);
    g_assert_cmpint(input->view.source_w, ==, 5);
    g_assert_cmpint(input->view.tensor_h, ==, 4);
    raw_refused(&m, raw(data, HE_F32, 1, 3, 5, 4), HE_ERROR_INVALID_ARGUMENT,
                "[1, 3, 5, 4]: the network takes 3 channels of 4 x 5 (NCHW)");
    raw_refused(&m, raw(data, HE_F32, 2, 3, 4, 5), HE_ERROR_INVALID_ARGUMENT,
                "one sample");
    raw_refused(&m, raw(data, HE_F64, 1, 3, 4, 5), HE_ERROR_INVALID_ARGUMENT, "double");
    m.descriptor.is_size_free = TRUE;
    x = raw(data, HE_F32, 1, 3, 5, 4);
    g_autoptr(HeInput) other = he_input_new_raw(&m, &x, &error);
    g_assert_no_error(error);
    raw_refused(&m, raw(data, HE_F32, 1, 4, 5, 4), HE_ERROR_INVALID_ARGUMENT,
                "3 channels");
    raw_refused(&m, raw(data, HE_F32, 1, 3, 0, 4), HE_ERROR_INVALID_ARGUMENT,
                "3 channels");
    data[7] = NAN;
    raw_refused(&m, raw(data, HE_F32, 1, 3, 5, 4), HE_ERROR_NUMERIC, "NaN");
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
    g_test_add_func("/image/input/task", test_task);
    g_test_add_func("/image/input/no-memory", test_no_memory);
    g_test_add_func("/image/input/read-fails", test_read_fails);
    g_test_add_func("/image/input/large", test_large);
    g_test_add_func("/image/input/large-stored", test_large_stored);
    g_test_add_func("/image/input/raw", test_raw);
    return g_test_run();
}
