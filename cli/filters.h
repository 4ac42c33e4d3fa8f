/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A network's first weights as a picture. */
#ifndef HE_CLI_FILTERS_H
#define HE_CLI_FILTERS_H

#include "cli/output.h"

/* A PNG with a tile for each filter of the first convolution: in colour when it reads red, green and blue,
 * else a grey tile for each of its channels. NOTE gets what should be said aloud (g_free), or NULL. */
gboolean cli_filters_write(HeSession *session, CliOutputs *outputs, const char *path,
                           char **note, GError **error);

#endif
