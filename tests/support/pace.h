/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How much a test may do: less by an emulator (HE_EMULATOR), which takes ten to fifty times as long, and less again
 * under valgrind (HE_VALGRIND). */
#ifndef HE_TESTS_PACE_H
#define HE_TESTS_PACE_H

#include <glib.h>

static inline size_t pace(size_t usual, size_t emulated, size_t valgrind)
{
    return g_getenv("HE_VALGRIND")   ? valgrind
           : g_getenv("HE_EMULATOR") ? emulated
                                     : usual;
}

#endif
