/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The engine's one error domain. */
#include "core/error.h"

GQuark he_error_quark(void)
{
    return g_quark_from_static_string("human-eye-error-quark");
}

gboolean he_fail(GError **error, HeErrorCode code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error_literal(error, HE_ERROR, (gint)code, text);
    return FALSE;
}
