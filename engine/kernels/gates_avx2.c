/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "kernels/gates.h"

#ifdef __x86_64__

#include "kernels/vec_avx2.h"

#define GATES he_gates_avx2
#include "kernels/gates.inc"

#endif
