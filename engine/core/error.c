/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The engine's one error domain. */
#include "human-eye.h"

GQuark he_error_quark(void)
{
    return g_quark_from_static_string("human-eye-error-quark");
}
