/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures to tensors: progress and cancel, memory that is short, reading that fails, large pictures, raw tensors. */
#include <math.h>
#include <string.h>

#include "support/inputs.h"

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
    g_autofree float *samples = inputs_noise(10 * 1000 * 3);
    InputsPicture p = inputs_picture(samples, 10, 1000, 3, FALSE);
    HeModel m = inputs_model(inputs_rgb, 4, 4);
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
    g_autofree float *samples = inputs_noise(10 * 10 * 3);
    InputsPicture p = inputs_picture(samples, 10, 10, 3, FALSE);
    HeModel m = inputs_model(inputs_rgb, 4, 4);
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
    InputsPicture p = inputs_picture(NULL, 10, 10, 3, FALSE);
    p.source.read_rows = fail_to_read;
    HeModel m = inputs_model(inputs_rgb, 4, 4);
    inputs_refused(&m, &p, NULL, HE_ERROR_IO, "the disk is gone");
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
    InputsPicture p = inputs_picture(NULL, LARGE, LARGE, 1, FALSE);
    HeModel m = inputs_model(inputs_luma, 8, 8);
    int nan_row = LARGE / 2;
    p.source.read_rows = read_large;
    m.descriptor.filter = HE_FILTER_NEAREST;
    g_autoptr(HeInput) input = inputs_made(&m, &p, NULL);
    const float *t = input->tensor.data;
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 8; x++)
            g_assert_cmpfloat(
                t[y * 8 + x], ==,
                large_sample((int)((x + 0.5) * LARGE / 8), (int)((y + 0.5) * LARGE / 8)));
    m.descriptor.filter = HE_FILTER_BILINEAR;
    p.source.data = &nan_row;
    inputs_refused(&m, &p, NULL, HE_ERROR_NUMERIC, "NaN at pixel (5, 2050)");
    p.source.read_rows = fail_to_read;
    inputs_refused(&m, &p, NULL, HE_ERROR_IO, "the disk is gone");
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
    InputsPicture p = inputs_picture(NULL, LARGE, LARGE, 1, FALSE);
    HeModel m = inputs_model(inputs_luma, 8, 8);
    caller = g_thread_self();
    m.descriptor.filter = HE_FILTER_BILINEAR;
    p.source.read_rows = read_large;
    g_autoptr(HeInput) expected = inputs_made(&m, &p, NULL);
    p.source.read_rows = fail_to_read;
    p.source.stored_rows = stored_large;
    p.source.decode_rows = decode_large;
    g_autoptr(HeInput) input = inputs_made(&m, &p, NULL);
    g_assert_cmpmem(input->tensor.data, 64 * sizeof(float), expected->tensor.data,
                    64 * sizeof(float));
    p.source.decode_rows = fail_to_decode;
    inputs_refused(&m, &p, NULL, HE_ERROR_IO, "the disk is gone");
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
    g_autofree float *data = inputs_noise(3 * 4 * 5 * 4);
    HeModel m = inputs_model(inputs_rgb, 5, 4);
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
    g_test_add_func("/image/reading/task", test_task);
    g_test_add_func("/image/reading/no-memory", test_no_memory);
    g_test_add_func("/image/reading/read-fails", test_read_fails);
    g_test_add_func("/image/reading/large", test_large);
    g_test_add_func("/image/reading/large-stored", test_large_stored);
    g_test_add_func("/image/reading/raw", test_raw);
    return g_test_run();
}
