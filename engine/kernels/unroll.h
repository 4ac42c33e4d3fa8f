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

/* P, a pointer variable, is taken as it is: places near it are then reached from it, not from sums that the compiler makes
 * before a loop and keeps in vector registers. */
#define OPAQUE(p) __asm__("" : "+r"(p))

/* CASE(1) ... CASE(N), for a switch over such a bound. */
#define UP_TO_6(CASE)  CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#define UP_TO_8(CASE)  UP_TO_6(CASE) CASE(7) CASE(8)
#define UP_TO_12(CASE) UP_TO_8(CASE) CASE(9) CASE(10) CASE(11) CASE(12)
#define UP_TO_14(CASE) UP_TO_12(CASE) CASE(13) CASE(14)

#endif
