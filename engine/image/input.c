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
#include "core/relay.h"
#include "core/tensor.h"
#include "image/channels.h"
#include "image/input.h"
#include "image/resample.h"
#include "image/view.h"

/* Rows of a band; or a half, a quarter, ... so that none lies on two rows of GEGL's tiles; twice as many of
 * those that are stored: a row of tiles, all of which GEGL fetches for its first row. */
#define BAND_ROWS    64
#define BAND_BYTES   ((size_t)1 << 23) /* at most, unless one row has more */
/* Of a large picture, rows are resampled on a thread, while the next band is read. */
#define LARGE_FLOATS ((size_t)1 << 24)
#define STRIP_FLOATS ((size_t)1 << 16) /* stay in a second-level cache */

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

gboolean he_row_is_finite(const float *row, size_t n)
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

/* Rows on their way from the picture to the resampler: in bands of floats, or as they are stored, which the
 * thread decodes strip by strip. */
typedef struct {
    const Reading *reading;
    HeResample *resample;
    const HeTask *task;
    int first, n_rows, n_band;
    gboolean is_large, is_stored;
    size_t row; /* bytes of one in a band */
    guint8 *band[HE_RELAY_ROOMS];
    int n_strip;   /* rows */
    float *strip;  /* NULL: bands are floats */
    float *picked; /* one row; NULL: rows are as the network wants them */
} Stream;

static int band_rows(const Stream *s, int band)
{
    return MIN(s->n_band, s->n_rows - band * s->n_band);
}

static gboolean copy_stored(HeSource *source, size_t row, int y, int n, guint8 *out,
                            GError **error)
{
    for (int past = y + n, part; y < past; y += part, out += row * (size_t)part) {
        part = past - y;
        const void *rows = source->stored_rows(source, y, &part, error);
        if (!rows)
            return FALSE;
        memcpy(out, rows, row * (size_t)part);
    }
    return TRUE;
}

static gboolean read_band(void *data, int band, int room, GError **error)
{
    Stream *s = data;
    HeSource *source = s->reading->source;
    int done = band * s->n_band, y = s->first + done, n = band_rows(s, band);
    if (!begin_band(s->task, (double)done / s->n_rows, error))
        return FALSE;
    if (s->is_stored)
        return copy_stored(source, s->row, y, n, s->band[room], error);
    return source->read_rows(source, s->reading->descriptor->encoding, y, n,
                             (float *)(void *)s->band[room], error);
}

static gboolean push_rows(Stream *s, const float *rows, int y, int n, GError **error)
{
    const Reading *r = s->reading;
    size_t width = (size_t)r->place.limit_w, samples = (size_t)r->channels.n_samples;
    const float *row = rows + (size_t)r->place.limit_x * samples;
    for (int i = 0; i < n; i++, row += (size_t)r->source->width * samples) {
        const float *picked = s->picked ? s->picked : row;
        if (s->picked)
            he_channels_pick(&r->channels, row, width, s->picked);
        if (!he_row_is_finite(picked, width * (size_t)r->channels.n))
            return refuse_row(r, picked, y + i, error);
        he_resample_push(s->resample, picked);
    }
    return TRUE;
}

static gboolean push_band(void *data, int band, int room, GError **error)
{
    Stream *s = data;
    HeSource *source = s->reading->source;
    const guint8 *rows = s->band[room];
    int y = s->first + band * s->n_band, n = band_rows(s, band);
    if (!s->is_stored)
        return push_rows(s, (const float *)(const void *)rows, y, n, error);
    for (int i = 0, part; i < n; i += part) {
        part = MIN(s->n_strip, n - i);
        if (!source->decode_rows(source, s->reading->descriptor->encoding,
                                 rows + (size_t)i * s->row, part, s->strip, error) ||
            !push_rows(s, s->strip, y + i, part, error))
            return FALSE;
    }
    return TRUE;
}

/* ROW: floats of one. */
static gboolean stream_make_room(Stream *s, size_t row, GError **error)
{
    const Reading *r = s->reading;
    for (int i = 0; i < HE_RELAY_ROOMS; i++) {
        s->band[i] = he_alloc((size_t)s->n_band, s->row, "rows of the picture", error);
        if (!s->band[i])
            return FALSE;
    }
    if (s->is_stored) {
        s->n_strip = (int)CLAMP(STRIP_FLOATS / row, 1, (size_t)s->n_band);
        s->strip = he_alloc(row * (size_t)s->n_strip, sizeof(float),
                            "decoded rows of the picture", error);
        if (!s->strip)
            return FALSE;
    }
    if (he_channels_are_samples(&r->channels))
        return TRUE;
    s->picked = he_alloc((size_t)r->place.limit_w * (size_t)r->channels.n, sizeof(float),
                         "a row of the picture", error);
    return s->picked != NULL;
}

static gboolean stream_init(Stream *s, GError **error)
{
    const Reading *r = s->reading;
    const HeSource *source = r->source;
    size_t row = (size_t)source->width * (size_t)r->channels.n_samples;
    he_resample_get_rows(s->resample, &s->first, &s->n_rows);
    s->first += r->place.limit_y;
    s->is_large = row * (size_t)s->n_rows > LARGE_FLOATS;
    s->is_stored = s->is_large && source->stored_rows && source->decode_rows;
    s->row = s->is_stored ? he_source_row_bytes(source) : row * sizeof(float);
    s->n_band = s->is_stored ? 2 * BAND_ROWS : BAND_ROWS;
    while (s->n_band > 1 && s->row * (size_t)s->n_band > BAND_BYTES)
        s->n_band /= 2;
    return stream_make_room(s, row, error);
}

static gboolean read_all(const Reading *r, HeResample *resample, const HeTask *task,
                         GError **error)
{
    Stream s = {.reading = r, .resample = resample, .task = task};
    gboolean is_good = stream_init(&s, error);
    if (is_good) {
        const HeRelay relay = {
            .fill = read_band,
            .empty = push_band,
            .data = &s,
            .n_turns = (s.n_rows + s.n_band - 1) / s.n_band,
            .beside = s.is_large ? HE_RELAY_EMPTY : HE_RELAY_NONE,
        };
        is_good = he_relay_run(&relay, error);
    }
    he_free(s.picked);
    he_free(s.strip);
    for (int i = 0; i < HE_RELAY_ROOMS; i++)
        he_free(s.band[i]);
    return is_good;
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
        he_input_alloc(input, 4, d->layout == HE_LAYOUT_NCHW ? nchw : nhwc, error) &&
        fill_tensor(&r, task, error);
    he_channels_clear(&r.channels);
    return is_good ? g_steal_pointer(&input) : NULL;
}

void he_input_free(HeInput *input)
{
    if (!input)
        return;
    he_free(input->tensor.data);
    g_free(input);
}
