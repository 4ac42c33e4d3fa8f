/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The picture's digest: see digest.h. */
#include "plugin/core/digest.h"

#include <string.h>

#include "core/checksum.h"

#define BAND_SAMPLES ((size_t)1 << 18) /* read at once */

struct HeDigest {
    HeSource source; /* what he_digest_get_source gives */
    HeSource *picture;
    struct sha256_ctx sum;
    int n_summed; /* rows */
    float *samples;
    guint8 *bytes; /* room for a band of each */
    char *text;
};

/* The nearest whole number in 0..FULL, halves to the even one as rint does, in a form that compilers turn
 * into vectors: 2^23 + 2^22 leaves a float no bits for a fraction. NaN is 0. */
static inline float whole(float v, float full)
{
    v = v > 0 ? v : 0;
    v = v < full ? v : full;
    return (v + 0x1.8p23f) - 0x1.8p23f;
}

/* N samples as the picture stores them, into OUT. */
static void pack(const float *restrict samples, size_t n, double full_scale,
                 guint8 *restrict out)
{
    if (full_scale == 255) {
        for (size_t i = 0; i < n; i++)
            out[i] = (guint8)whole(samples[i], 255);
        return;
    }
    if (full_scale == 65535) {
        for (size_t i = 0; i < n; i++) {
            guint16 value = GUINT16_TO_LE((guint16)whole(samples[i], 65535));
            memcpy(out + 2 * i, &value, sizeof value);
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        guint32 bits;
        memcpy(&bits, &samples[i], sizeof bits);
        bits = GUINT32_TO_LE(bits);
        memcpy(out + 4 * i, &bits, sizeof bits);
    }
}

/* Alpha is read as 0..1 whatever the encoding; it is stored on the colours' scale. */
static void store_alpha(const HeSource *source, float *samples, size_t n)
{
    size_t step = (size_t)source->channels + 1;
    if (source->has_alpha)
        for (size_t i = step - 1; i < n; i += step)
            samples[i] *= (float)source->full_scale;
}

static size_t row_samples(const HeSource *source)
{
    return (size_t)source->width * (size_t)(source->channels + source->has_alpha);
}

static gboolean make_room(HeDigest *digest, GError **error)
{
    size_t row = row_samples(digest->picture), n = MAX(row, BAND_SAMPLES);
    if (digest->bytes)
        return TRUE;
    digest->samples = row ? g_try_new(float, n) : NULL;
    digest->bytes = digest->samples ? g_try_malloc_n(n, sizeof(float)) : NULL;
    if (digest->bytes)
        return TRUE;
    g_clear_pointer(&digest->samples, g_free);
    g_set_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY,
                "no memory for rows of %" G_GSIZE_FORMAT " samples", row);
    return FALSE;
}

/* Up to N rows that are not summed yet, as the digest has them; changes N to their number. */
static const void *next_rows(HeDigest *digest, int *n, GError **error)
{
    HeSource *picture = digest->picture;
    size_t row = row_samples(picture);
    if (picture->stored_rows)
        return picture->stored_rows(picture, digest->n_summed, n, error);
    if (!make_room(digest, error))
        return NULL;
    *n = MIN(*n, (int)MAX(BAND_SAMPLES / row, 1));
    if (!picture->read_rows(picture, HE_ENCODING_RAW, digest->n_summed, *n,
                            digest->samples, error))
        return NULL;
    store_alpha(picture, digest->samples, row * (size_t)*n);
    pack(digest->samples, row * (size_t)*n, picture->full_scale, digest->bytes);
    return digest->bytes;
}

/* The rows before PAST that are not summed yet. */
static gboolean add_rows(HeDigest *digest, int past, GError **error)
{
    const HeSource *picture = digest->picture;
    size_t row = he_source_row_bytes(picture);
    while (digest->n_summed < past) {
        int n = past - digest->n_summed;
        const void *rows = next_rows(digest, &n, error);
        if (!rows)
            return FALSE;
        sha256_update(&digest->sum, row * (size_t)n, rows);
        digest->n_summed += n;
    }
    return TRUE;
}

/* Rows that follow those that are summed are summed while they are at hand. */
static gboolean read_rows(HeSource *self, HeEncoding encoding, int y, int n, float *out,
                          GError **error)
{
    HeDigest *digest = self->data;
    HeSource *picture = digest->picture;
    return picture->read_rows(picture, encoding, y, n, out, error) &&
           (y > digest->n_summed || add_rows(digest, y + n, error));
}

static const void *stored_rows(HeSource *self, int y, int *n, GError **error)
{
    HeDigest *digest = self->data;
    HeSource *picture = digest->picture;
    const guint8 *rows = picture->stored_rows(picture, y, n, error);
    if (rows && y <= digest->n_summed && y + *n > digest->n_summed) {
        size_t row = he_source_row_bytes(picture);
        sha256_update(&digest->sum, row * (size_t)(y + *n - digest->n_summed),
                      rows + row * (size_t)(digest->n_summed - y));
        digest->n_summed = y + *n;
    }
    return rows;
}

static gboolean decode_rows(HeSource *self, HeEncoding encoding, const void *stored,
                            int n, float *out, GError **error)
{
    HeDigest *digest = self->data;
    return digest->picture->decode_rows(digest->picture, encoding, stored, n, out, error);
}

HeDigest *he_digest_new(HeSource *picture)
{
    HeDigest *digest = g_new0(HeDigest, 1);
    digest->picture = picture;
    digest->source = *picture;
    digest->source.read_rows = read_rows;
    digest->source.stored_rows = picture->stored_rows ? stored_rows : NULL;
    digest->source.decode_rows = picture->decode_rows ? decode_rows : NULL;
    digest->source.data = digest;
    sha256_init(&digest->sum);
    return digest;
}

void he_digest_free(HeDigest *digest)
{
    if (!digest)
        return;
    g_free(digest->samples);
    g_free(digest->bytes);
    g_free(digest->text);
    g_free(digest);
}

HeSource *he_digest_get_source(HeDigest *digest)
{
    return &digest->source;
}

const char *he_digest_get_text(HeDigest *digest, GError **error)
{
    if (digest->text || !add_rows(digest, digest->picture->height, error))
        return digest->text;
    g_clear_pointer(&digest->samples, g_free);
    g_clear_pointer(&digest->bytes, g_free);
    digest->text = he_sha256_text(&digest->sum);
    return digest->text;
}
