/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The picture's digest: SHA-256 of its samples as they are stored, so that the same pixels in another
 * file, or in GIMP, give the same digest. */
#include <string.h>

#include "core/checksum.h"
#include "plugin/core/run.h"

#define BAND_SAMPLES ((size_t)1 << 18) /* read at once */

/* The nearest whole number in 0..FULL, halves to the even one as rint does, in a form that compilers turn
 * into vectors: 2^23 + 2^22 leaves a float no bits for a fraction. NaN is 0. */
static inline float whole(float v, float full)
{
    v = v > 0 ? v : 0;
    v = v < full ? v : full;
    return (v + 0x1.8p23f) - 0x1.8p23f;
}

/* N samples as the picture stores them, into OUT; returns the bytes. */
static size_t pack(const float *samples, size_t n, double full_scale, guint8 *out)
{
    if (full_scale == 255) {
        for (size_t i = 0; i < n; i++)
            out[i] = (guint8)whole(samples[i], 255);
        return n;
    }
    if (full_scale == 65535) {
        for (size_t i = 0; i < n; i++) {
            guint16 value = GUINT16_TO_LE((guint16)whole(samples[i], 65535));
            memcpy(out + 2 * i, &value, sizeof value);
        }
        return 2 * n;
    }
    for (size_t i = 0; i < n; i++) {
        guint32 bits;
        memcpy(&bits, &samples[i], sizeof bits);
        bits = GUINT32_TO_LE(bits);
        memcpy(out + 4 * i, &bits, sizeof bits);
    }
    return 4 * n;
}

/* Alpha is read as 0..1 whatever the encoding; it is stored on the colours' scale. */
static void store_alpha(const HeSource *source, float *samples, size_t n)
{
    size_t step = (size_t)source->channels + 1;
    if (source->has_alpha)
        for (size_t i = step - 1; i < n; i += step)
            samples[i] *= (float)source->full_scale;
}

static gboolean add_rows(HeSource *source, struct sha256_ctx *sum, size_t row,
                         float *samples, guint8 *bytes, GError **error)
{
    int band = (int)CLAMP(BAND_SAMPLES / row, 1, (size_t)source->height);
    for (int y = 0; y < source->height; y += band) {
        int n = MIN(band, source->height - y);
        if (!source->read_rows(source, HE_ENCODING_RAW, y, n, samples, error))
            return FALSE;
        store_alpha(source, samples, row * (size_t)n);
        size_t length = pack(samples, row * (size_t)n, source->full_scale, bytes);
        sha256_update(sum, length, bytes);
    }
    return TRUE;
}

gboolean he_source_sha256(HeSource *source, char **out, GError **error)
{
    size_t row = (size_t)source->width * (size_t)(source->channels + source->has_alpha);
    size_t n = MAX(row, BAND_SAMPLES);
    g_autofree float *samples = g_try_new(float, n);
    g_autofree guint8 *bytes = g_try_malloc_n(n, sizeof(float));
    if (!samples || !bytes || !row) {
        g_set_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY,
                    "no memory for rows of %" G_GSIZE_FORMAT " samples", row);
        return FALSE;
    }
    struct sha256_ctx sum;
    sha256_init(&sum);
    if (!add_rows(source, &sum, row, samples, bytes, error))
        return FALSE;
    *out = he_sha256_text(&sum);
    return TRUE;
}
