/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The picture's digest: SHA-256, in hexadecimal, of its samples as they are stored, so that the same pixels in
 * another file, or in GIMP, give the same digest. Rows from the top, channels and alpha interleaved, each one
 * byte (full scale 255), two bytes little-endian (65535), or a float32 little-endian. */
#ifndef HE_CORE_DIGEST_H
#define HE_CORE_DIGEST_H

#include "human-eye.h"

typedef struct HeDigest HeDigest;

/* PICTURE is borrowed, and must not change. */
HeDigest *he_digest_new(HeSource *picture);
void he_digest_free(HeDigest *digest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeDigest, he_digest_free)
/* Borrowed: the picture, whose rows are summed on the way while somebody reads them from the top. A large one
 * is read once for both. */
HeSource *he_digest_get_source(HeDigest *digest);
/* Borrowed. Reads what is not summed yet; NULL: that failed. */
const char *he_digest_get_text(HeDigest *digest, GError **error);

#endif
