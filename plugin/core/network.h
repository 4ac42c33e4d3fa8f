/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A network in one line. */
#ifndef HE_CORE_NETWORK_H
#define HE_CORE_NETWORK_H

#include "human-eye.h"

/* "5 conv, 3 fc; 61.1 million weights, 0.71 G multiply-adds". g_free. */
char *he_network_text(HeSession *session);
/* "97.8 MB": decimal, as downloads are counted. g_free. */
char *he_size_text(double bytes);

#endif
