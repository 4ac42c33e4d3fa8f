/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Bytes to raw deflate that knows no repeats but those of the last byte: what filtered photographs have. */
#ifndef HE_CLI_DEFLATE_H
#define HE_CLI_DEFLATE_H

#include <glib.h>

/* Room that N bytes need at most. */
gsize cli_deflate_bound(gsize n);
/* N > 0 bytes into OUT; returns how many these are. It ends on a whole byte, so that more may follow; IS_LAST:
 * as the end of the stream. */
gsize cli_deflate(const guint8 *in, gsize n, gboolean is_last, guint8 *out);

#endif
