/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Rows to the resampler: see stream.h. */
#include "image/stream.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/relay.h"
#include "image/input.h"

/* Rows of a band; or a half, a quarter, ... so that none lies on two rows of GEGL's tiles; twice as many of
 * those that are stored: a row of tiles, all of which GEGL fetches for its first row. */
#define BAND_ROWS    64
#define BAND_BYTES   ((size_t)1 << 23) /* at most, unless one row has more */
/* Of a large picture, rows are resampled on a thread, while the next band is read. */
#define LARGE_FLOATS ((size_t)1 << 18)
#define STRIP_FLOATS ((size_t)1 << 16) /* stay in a second-level cache */

static gboolean refuse_row(const HeStream *r, const float *row, int y, GError **error)
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

typedef struct {
    const HeStream *stream;
    HeResample *resample;
    const HeTask *task;
    int first, n_rows, n_band;
    gboolean is_large, is_stored;
    size_t row; /* bytes of one in a band */
    guint8 *band[HE_RELAY_ROOMS];
    int n_strip;   /* rows */
    float *strip;  /* NULL: bands are floats */
    float *picked; /* one row; NULL: rows are as the network wants them */
} Flow;

static int band_rows(const Flow *s, int band)
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
    Flow *s = data;
    HeSource *source = s->stream->source;
    int done = band * s->n_band, y = s->first + done, n = band_rows(s, band);
    if (!begin_band(s->task, (double)done / s->n_rows, error))
        return FALSE;
    if (s->is_stored)
        return copy_stored(source, s->row, y, n, s->band[room], error);
    return source->read_rows(source, s->stream->descriptor->encoding, y, n,
                             (float *)(void *)s->band[room], error);
}

static gboolean push_rows(Flow *s, const float *rows, int y, int n, GError **error)
{
    const HeStream *r = s->stream;
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
    Flow *s = data;
    HeSource *source = s->stream->source;
    const guint8 *rows = s->band[room];
    int y = s->first + band * s->n_band, n = band_rows(s, band);
    if (!s->is_stored)
        return push_rows(s, (const float *)(const void *)rows, y, n, error);
    for (int i = 0, part; i < n; i += part) {
        part = MIN(s->n_strip, n - i);
        if (!source->decode_rows(source, s->stream->descriptor->encoding,
                                 rows + (size_t)i * s->row, part, s->strip, error) ||
            !push_rows(s, s->strip, y + i, part, error))
            return FALSE;
    }
    return TRUE;
}

/* ROW: floats of one. */
static gboolean flow_make_room(Flow *s, size_t row, GError **error)
{
    const HeStream *r = s->stream;
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

static gboolean flow_init(Flow *s, GError **error)
{
    const HeStream *r = s->stream;
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
    return flow_make_room(s, row, error);
}

gboolean he_stream_run(const HeStream *stream, HeResample *resample, const HeTask *task,
                       GError **error)
{
    Flow s = {.stream = stream, .resample = resample, .task = task};
    gboolean is_good = flow_init(&s, error);
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
