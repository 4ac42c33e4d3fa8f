/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* SHA-256 (FIPS 180-4), by the processor's own instructions where it has them: a model's file is read
 * through for every result, and GLib's portable code took longer for that than the network for its answer. */
#ifndef HE_CORE_SHA256_H
#define HE_CORE_SHA256_H

#include <glib.h>

typedef struct {
    guint32 state[8];
    guint64 n_bytes;  /* taken so far */
    guint8 block[64]; /* of them, those that do not fill a block yet */
} HeSha256;

void he_sha256_init(HeSha256 *sum);
void he_sha256_update(HeSha256 *sum, const void *bytes, size_t n);
/* 64 lower-case hexadecimal digits; free with g_free. SUM is used up. */
char *he_sha256_end(HeSha256 *sum);

/* For the two files and their test: N blocks of 64 bytes, by C alone and by the SHA instructions of x86,
 * which may be called only where he_sha256_has_x86. */
extern const guint32 he_sha256_constants[64];
void he_sha256_blocks_plain(guint32 state[8], const guint8 *bytes, size_t n);
void he_sha256_blocks_x86(guint32 state[8], const guint8 *bytes, size_t n);
gboolean he_sha256_has_x86(void);

#endif
