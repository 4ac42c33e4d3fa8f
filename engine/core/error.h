/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Errors of the engine's domain, for functions that end with one. */
#ifndef HE_CORE_ERROR_H
#define HE_CORE_ERROR_H

#include "human-eye.h"

/* Sets ERROR; returns FALSE. */
gboolean he_fail(GError **error, HeErrorCode code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

#endif
