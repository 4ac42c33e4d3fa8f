/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A checksum as text. */
#include "core/checksum.h"

#include <nettle/base16.h>

char *he_sha256_text(struct sha256_ctx *sum)
{
    guint8 digest[SHA256_DIGEST_SIZE];
    char *text = g_malloc0(BASE16_ENCODE_LENGTH(sizeof digest) + 1);

    sha256_digest(sum, sizeof digest, digest);
    base16_encode_update(text, sizeof digest, digest);
    return text;
}
