/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* UNROLL before a loop whose bounds are literals where its function is inlined: sums that it names by their
 * index then stay in registers. */
#ifndef HE_KERNELS_UNROLL_H
#define HE_KERNELS_UNROLL_H

#ifdef __clang__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 64")
#endif

#endif
