/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_input_new: a picture, read once in bands of rows, to the network's tensor.
 *
 *   band -> channels over background -> resampler -> normalise -> [1, C, H, W] or [1, H, W, C]
 *
 * Numbers that are not finite are refused where they stand: one NaN would spread over the whole answer. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/limits.h"
#include "core/tensor.h"
#include "image/input.h"
#include "image/stream.h"

typedef struct {
    HeStream stream;
    HeTensor *tensor;
} Reading;

static guint64 next_serial(void)
{
    static guint64 last;
    return __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}

gboolean he_input_alloc(HeInput *input, int rank, const gint64 *dim, GError **error)
{
    size_t n;
    he_tensor_init(&input->tensor, HE_F32, rank, dim);
    if (!he_tensor_check_size(&input->tensor, &n)) {
        g_autofree char *shape = he_tensor_shape_text(&input->tensor);
        g_set_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY,
                    "an input of shape %s is too large", shape);
        return FALSE;
    }
    input->tensor.data = he_alloc(n, sizeof(float), "the network's input", error);
    input->serial = next_serial();
    return input->tensor.data != NULL;
}

/* Element (c, y, x) of the tensor in the network's layout. */
static size_t element(const Reading *r, int c, int y, int x)
{
    const gint64 *dim = r->tensor->dim;
    if (r->stream.descriptor->layout == HE_LAYOUT_NCHW)
        return (size_t)((c * dim[2] + y) * dim[3] + x);
    return (size_t)((y * dim[2] + x) * dim[3] + c);
}

static void fill_background(const Reading *r)
{
    float *t = r->tensor->data;
    const HeView *view = &r->stream.place.view;
    for (int c = 0; c < r->stream.channels.n; c++)
        for (int y = 0; y < view->tensor_h; y++)
            for (int x = 0; x < view->tensor_w; x++)
                t[element(r, c, y, x)] = (float)r->stream.channels.padded[c];
}

static void take_row(void *data, int y, const double *row)
{
    const Reading *r = data;
    float *t = r->tensor->data;
    int n = r->stream.channels.n;
    for (int x = 0; x < r->stream.place.out_w; x++)
        for (int c = 0; c < n; c++)
            t[element(r, c, r->stream.place.out_y + y, r->stream.place.out_x + x)] =
                (float)he_channels_normalise(&r->stream.channels, c, row[x * n + c]);
}

gboolean he_row_is_finite(const float *row, size_t n)
{
    int bad = 0;
    for (size_t i = 0; i < n; i++)
        bad |= !(fabsf(row[i]) <= G_MAXFLOAT);
    return !bad;
}

static gboolean check_tensor(const HeTensor *tensor, GError **error)
{
    if (he_row_is_finite(tensor->data, he_tensor_n(tensor)))
        return TRUE;
    g_set_error(
        error, HE_ERROR, HE_ERROR_NUMERIC,
        "the picture's numbers leave the range of the network's input: check Range, Mean "
        "and Std");
    return FALSE;
}

static gboolean fill_tensor(const Reading *r, const HeTask *task, GError **error)
{
    const HePlacement *p = &r->stream.place;
    const HeResampleSpec spec = {.channels = r->stream.channels.n,
                                 .in_w = p->limit_w,
                                 .in_h = p->limit_h,
                                 .x = p->view.x - p->limit_x,
                                 .y = p->view.y - p->limit_y,
                                 .w = p->view.w,
                                 .h = p->view.h,
                                 .out_w = p->out_w,
                                 .out_h = p->out_h,
                                 .filter = p->view.filter,
                                 .antialias = r->stream.descriptor->antialias};
    g_autoptr(HeResample) resample = he_resample_new(&spec, take_row, (void *)r, error);
    if (!resample)
        return FALSE;
    if (p->out_w < p->view.tensor_w || p->out_h < p->view.tensor_h)
        fill_background(r);
    return he_stream_run(&r->stream, resample, task, error) &&
           check_tensor(r->tensor, error);
}

static gboolean check_source(const HeSource *source, const HeDescriptor *d,
                             GError **error)
{
    if (source->channels < 1 || source->channels > HE_MAX_BANDS) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "a picture of %d bands: 1 to %d are possible", source->channels,
                    HE_MAX_BANDS);
        return FALSE;
    }
    if (d->n_channels < 1 || d->n_channels > HE_MAX_BANDS || !d->channels || !d->mean ||
        !d->std) {
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                    "the network's input is no picture of 1 to %d channels",
                    HE_MAX_BANDS);
        return FALSE;
    }
    return TRUE;
}

HeInput *he_input_new(const HeModel *model, HeSource *source, const HeLook *look,
                      const HeTask *task, GError **error)
{
    static const HeLook all = {.fit = -1};
    const HeDescriptor *d = he_model_get_descriptor(model);
    g_autoptr(HeInput) input = g_new0(HeInput, 1);
    Reading r = {.stream = {.source = source, .descriptor = d}, .tensor = &input->tensor};
    if (!look)
        look = &all;
    if (!check_source(source, d, error) ||
        !he_view_place(d, source->width, source->height, look->look, look->fit,
                       &r.stream.place, error) ||
        !he_channels_init(&r.stream.channels, d, source, look->background, error))
        return NULL;
    input->view = r.stream.place.view;
    const gint64 c = d->n_channels, h = input->view.tensor_h, w = input->view.tensor_w;
    const gint64 nchw[] = {1, c, h, w}, nhwc[] = {1, h, w, c};
    gboolean is_good =
        he_input_alloc(input, 4, d->layout == HE_LAYOUT_NCHW ? nchw : nhwc, error) &&
        fill_tensor(&r, task, error);
    he_channels_clear(&r.stream.channels);
    return is_good ? g_steal_pointer(&input) : NULL;
}

void he_input_free(HeInput *input)
{
    if (!input)
        return;
    he_free(input->tensor.data);
    g_free(input);
}
