/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* SHA-256 by Nettle, which uses the processor's instructions where there are some: several times as fast as
 * GLib's, and a picture of a gigabyte has to be summed while somebody waits. */
#ifndef HE_CORE_CHECKSUM_H
#define HE_CORE_CHECKSUM_H

#include <glib.h>
#include <nettle/sha2.h>

/* sha256_init, sha256_update as often as wanted, then the sum in hexadecimal; g_free. */
char *he_sha256_text(struct sha256_ctx *sum);

#endif
