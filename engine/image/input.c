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
#include "image/channels.h"
#include "image/resample.h"
#include "image/view.h"

#define BAND_ROWS   64                /* the height of a GEGL tile's row */
#define BAND_FLOATS ((size_t)1 << 20) /* at most, unless one row has more */

typedef struct {
    HeSource *source;
    const HeDescriptor *descriptor;
    HePlacement place;
    HeChannels channels;
    HeTensor *tensor;
} Reading;

static guint64 next_serial(void)
{
    static guint64 last;
    return __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}

static gboolean input_alloc(HeInput *input, int rank, const gint64 *dim, GError **error)
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
    if (r->descriptor->layout == HE_LAYOUT_NCHW)
        return (size_t)((c * dim[2] + y) * dim[3] + x);
    return (size_t)((y * dim[2] + x) * dim[3] + c);
}

static void fill_background(const Reading *r)
{
    float *t = r->tensor->data;
    const HeView *view = &r->place.view;
    for (int c = 0; c < r->channels.n; c++)
        for (int y = 0; y < view->tensor_h; y++)
            for (int x = 0; x < view->tensor_w; x++)
                t[element(r, c, y, x)] = (float)r->channels.padded[c];
}

static void take_row(void *data, int y, const double *row)
{
    const Reading *r = data;
    float *t = r->tensor->data;
    int n = r->channels.n;
    for (int x = 0; x < r->place.out_w; x++)
        for (int c = 0; c < n; c++)
            t[element(r, c, r->place.out_y + y, r->place.out_x + x)] =
                (float)he_channels_normalise(&r->channels, c, row[x * n + c]);
}

static gboolean row_is_finite(const float *row, size_t n)
{
    int bad = 0;
    for (size_t i = 0; i < n; i++)
        bad |= !(fabsf(row[i]) <= G_MAXFLOAT);
    return !bad;
}

static gboolean refuse_row(const Reading *r, const float *row, int y, GError **error)
{
    size_t i = 0, n = (size_t)r->channels.n;
    while (isfinite(row[i]))
        i++;
    g_set_error(
        error, HE_ERROR, HE_ERROR_NUMERIC,
        "the picture holds %s at pixel (%d, %d), channel %s: every number must be finite",
        isnan(row[i]) ? "NaN" : "infinity", r->place.limit_x + (int)(i / n), y,
        r->descriptor->channels[i % n]);
    return FALSE;
}

static gboolean push_band(const Reading *r, HeResample *resample, const float *band,
                          int y, int n, float *picked, GError **error)
{
    size_t width = (size_t)r->place.limit_w, samples = (size_t)r->channels.n_samples;
    size_t stride = (size_t)r->source->width * samples;
    for (int i = 0; i < n; i++) {
        const float *row = band + (size_t)i * stride + (size_t)r->place.limit_x * samples;
        he_channels_pick(&r->channels, row, width, picked);
        if (!row_is_finite(picked, width * (size_t)r->channels.n))
            return refuse_row(r, picked, y + i, error);
        he_resample_push(resample, picked);
    }
    return TRUE;
}

static gboolean begin_band(const HeTask *task, double fraction, GError **error)
{
    if (!task)
        return TRUE;
    if (g_cancellable_set_error_if_cancelled(task->cancellable, error))
        return FALSE;
    if (task->progress)
        task->progress(fraction, task->user_data);
    return TRUE;
}

static gboolean read_all(const Reading *r, HeResample *resample, const HeTask *task,
                         GError **error)
{
    int first, n_rows;
    he_resample_get_rows(resample, &first, &n_rows);
    first += r->place.limit_y;
    size_t row = (size_t)r->source->width * (size_t)r->channels.n_samples;
    int n_band = CLAMP((int)(BAND_FLOATS / row), 1, BAND_ROWS);
    float *band =
        he_alloc(row * (size_t)n_band, sizeof(float), "rows of the picture", error);
    float *picked = band ? he_alloc((size_t)r->place.limit_w * (size_t)r->channels.n,
                                    sizeof(float), "a row of the picture", error)
                         : NULL;
    gboolean is_good = picked != NULL;
    for (int done = 0; is_good && done < n_rows; done += n_band) {
        int y = first + done, n = MIN(n_band, n_rows - done);
        is_good =
            begin_band(task, (double)done / n_rows, error) &&
            r->source->read_rows(r->source, r->descriptor->encoding, y, n, band, error) &&
            push_band(r, resample, band, y, n, picked, error);
    }
    he_free(picked);
    he_free(band);
    return is_good;
}

static gboolean check_tensor(const HeTensor *tensor, GError **error)
{
    if (row_is_finite(tensor->data, he_tensor_n(tensor)))
        return TRUE;
    g_set_error(
        error, HE_ERROR, HE_ERROR_NUMERIC,
        "the picture's numbers leave the range of the network's input: check Range, Mean "
        "and Std");
    return FALSE;
}

static gboolean fill_tensor(const Reading *r, const HeTask *task, GError **error)
{
    const HePlacement *p = &r->place;
    const HeResampleSpec spec = {.channels = r->channels.n,
                                 .in_w = p->limit_w,
                                 .in_h = p->limit_h,
                                 .x = p->view.x - p->limit_x,
                                 .y = p->view.y - p->limit_y,
                                 .w = p->view.w,
                                 .h = p->view.h,
                                 .out_w = p->out_w,
                                 .out_h = p->out_h,
                                 .filter = p->view.filter,
                                 .antialias = r->descriptor->antialias};
    g_autoptr(HeResample) resample = he_resample_new(&spec, take_row, (void *)r, error);
    if (!resample)
        return FALSE;
    if (p->out_w < p->view.tensor_w || p->out_h < p->view.tensor_h)
        fill_background(r);
    return read_all(r, resample, task, error) && check_tensor(r->tensor, error);
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
    Reading r = {.source = source, .descriptor = d, .tensor = &input->tensor};
    if (!look)
        look = &all;
    if (!check_source(source, d, error) ||
        !he_view_place(d, source->width, source->height, look->look, look->fit, &r.place,
                       error) ||
        !he_channels_init(&r.channels, d, source, look->background, error))
        return NULL;
    input->view = r.place.view;
    const gint64 c = d->n_channels, h = input->view.tensor_h, w = input->view.tensor_w;
    const gint64 nchw[] = {1, c, h, w}, nhwc[] = {1, h, w, c};
    gboolean is_good =
        input_alloc(input, 4, d->layout == HE_LAYOUT_NCHW ? nchw : nhwc, error) &&
        fill_tensor(&r, task, error);
    he_channels_clear(&r.channels);
    return is_good ? g_steal_pointer(&input) : NULL;
}

/* ---- raw tensors ---------------------------------------------------------------------------------- */

static gboolean refuse_raw(const HeTensor *x, const char *why, GError **error)
{
    g_autofree char *shape = he_tensor_shape_text(x);
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, "a raw input of %s %s: %s",
                he_type_name(x->type), shape, why);
    return FALSE;
}

static gboolean check_raw(const HeDescriptor *d, const HeTensor *x, GError **error)
{
    size_t n;
    if (x->type != HE_F32 || !x->data || !he_tensor_is_contiguous(x) ||
        !he_tensor_check_size(x, &n))
        return refuse_raw(x, "contiguous float numbers were expected", error);
    if (x->rank < 1 || x->dim[0] != 1)
        return refuse_raw(x, "one sample was expected, [1, ...]", error);
    if (!row_is_finite(x->data, n)) {
        g_set_error(error, HE_ERROR, HE_ERROR_NUMERIC,
                    "the raw input holds NaN or infinity");
        return FALSE;
    }
    if (x->rank != 4)
        return TRUE; /* the plan compares it with the graph */
    gboolean is_nchw = d->layout == HE_LAYOUT_NCHW;
    gint64 c = x->dim[is_nchw ? 1 : 3], h = x->dim[is_nchw ? 2 : 1],
           w = x->dim[is_nchw ? 3 : 2];
    gboolean is_size_good = d->is_size_free
                                ? h >= 1 && w >= 1 && h <= HE_MAX_SIDE && w <= HE_MAX_SIDE
                                : h == d->height && w == d->width;
    if (c == d->n_channels && is_size_good)
        return TRUE;
    g_autofree char *why =
        g_strdup_printf("the network takes %d channel%s of %d x %d%s (%s)", d->n_channels,
                        d->n_channels == 1 ? "" : "s", d->height, d->width,
                        d->is_size_free ? " or any size" : "", is_nchw ? "NCHW" : "NHWC");
    return refuse_raw(x, why, error);
}

/* The view of a tensor that is its own picture. */
static HeView own_view(const HeDescriptor *d, const HeTensor *x)
{
    gboolean is_nchw = d->layout == HE_LAYOUT_NCHW, is_picture = x->rank == 4;
    int h = is_picture ? (int)x->dim[is_nchw ? 2 : 1] : 1;
    int w = is_picture ? (int)x->dim[is_nchw ? 3 : 2] : 1;
    return (HeView){.w = w,
                    .h = h,
                    .fit = HE_FIT_STRETCH,
                    .filter = HE_FILTER_NEAREST,
                    .tensor_w = w,
                    .tensor_h = h,
                    .scale_x = 1,
                    .scale_y = 1,
                    .source_w = w,
                    .source_h = h};
}

HeInput *he_input_new_raw(const HeModel *model, const HeTensor *x, GError **error)
{
    const HeDescriptor *d = he_model_get_descriptor(model);
    g_autoptr(HeInput) input = g_new0(HeInput, 1);
    if (!check_raw(d, x, error) || !input_alloc(input, x->rank, x->dim, error))
        return NULL;
    memcpy(input->tensor.data, x->data, he_tensor_bytes(x));
    input->view = own_view(d, x);
    return g_steal_pointer(&input);
}

void he_input_free(HeInput *input)
{
    if (!input)
        return;
    he_free(input->tensor.data);
    g_free(input);
}
