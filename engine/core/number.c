/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Numbers as text: no more digits than bring the same double back. */
#include "core/number.h"

#include <glib.h>

char *he_number_to_text(double value)
{
    static const char *const formats[] = {"%.15g", "%.16g", "%.17g"};
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_ascii_formatd(text, sizeof text, formats[i], value);
        if (g_ascii_strtod(text, NULL) == value)
            break;
    }
    return g_strdup(text);
}
