/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "kernels/gates.h"

#ifdef __aarch64__

#include "kernels/vec_neon.h"

#define GATES he_gates_neon
#include "kernels/gates.inc"

#endif
