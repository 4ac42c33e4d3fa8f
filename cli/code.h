/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A prefix code for symbols by how often they come, as deflate wants it (RFC 1951, 3.2.2). */
#ifndef HE_CLI_CODE_H
#define HE_CLI_CODE_H

#include <glib.h>

#define CLI_CODE_SYMBOLS 286
#define CLI_CODE_BITS    15

/* OFTEN [n], at least one not 0, n at most CLI_CODE_SYMBOLS -> LENGTH [n], at most MOST bits (0: does not come),
 * and CODE [n], its bits turned round, the first one lowest. */
void cli_code_find(const guint32 *often, int n, int most, guint8 *length, guint16 *code);

#endif
