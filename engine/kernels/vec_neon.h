/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Vectors of four, by the names that the bodies (*.inc) use. All processors for AArch64 have them. */
#ifndef HE_KERNELS_VEC_NEON_H
#define HE_KERNELS_VEC_NEON_H

/* GCC would move so many loads ahead that sums leave their registers for them. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-schedule-insns")
#endif

#include <arm_neon.h>
#include <glib.h>
#include <string.h>

typedef float32x4_t Vec;
typedef float32x4_t VecAnywhere __attribute__((aligned(1), may_alias));
typedef float FloatAnywhere __attribute__((aligned(1), may_alias));
typedef size_t Mask; /* how many lanes count, from the first on */

/* P may be at any byte. */
static inline Vec vec_load(const void *p)
{
    return *(const VecAnywhere *)p;
}

static inline Vec vec_load_part(const void *p, size_t n)
{
    const FloatAnywhere *number = p;
    Vec v = {0};
    if (n == 4)
        return vec_load(p);
    if (n > 0)
        v[0] = number[0];
    if (n > 1)
        v[1] = number[1];
    if (n > 2)
        v[2] = number[2];
    return v;
}

static inline void vec_store_part(float *p, size_t n, Vec v)
{
    if (n == 4)
        vst1q_f32(p, v);
    else {
        if (n > 0)
            p[0] = v[0];
        if (n > 1)
            p[1] = v[1];
        if (n > 2)
            p[2] = v[2];
    }
}

#define TARGET
#define LANES                 4
#define LOAD(p)               vec_load(p)
#define STORE(p, v)           vst1q_f32(p, v)
#define SET(f)                vdupq_n_f32(f)
#define MULTIPLY_ADD(a, b, c) vfmaq_f32(c, a, b)
#define FIRST(n)              (n)
#define LOAD_PART(p, m)       vec_load_part(p, m)
#define STORE_PART(p, m, v)   vec_store_part(p, m, v)

/* bytes 0 .. 255 to numbers of 32 bits and back */
#define LOAD_BYTES(p)     ((Ints)load_bytes(p))
#define STORE_BYTES(p, v) store_bytes(p, (uint32x4_t)(v))

static inline uint32x4_t load_bytes(const guint8 *p)
{
    guint32 four;
    memcpy(&four, p, sizeof four);
    return vmovl_u16(vget_low_u16(vmovl_u8(vcreate_u8(four))));
}

static inline void store_bytes(guint8 *p, uint32x4_t v)
{
    uint16x4_t words = vmovn_u32(v);
    guint32 four =
        vget_lane_u32(vreinterpret_u32_u8(vmovn_u16(vcombine_u16(words, words))), 0);
    memcpy(p, &four, sizeof four);
}

/* y clamped, NaN kept; a bit for each lane that is between: bits AT .. of those at P, half a byte */
#define CLAMP_TO(y, low, high)          vminq_f32(vmaxq_f32(y, low), high)
/* max(v, 0), NaN kept */
#define MAX_0(v)                        vmaxq_f32(vdupq_n_f32(0), v)
#define STORE_BITS(p, at, y, low, high) store_bits(p, at, y, low, high)

static inline void store_bits(guint8 *p, size_t at, Vec y, Vec low, Vec high)
{
    uint32x4_t is_between = vandq_u32(vcgtq_f32(y, low), vcltq_f32(y, high));
    guint bits = vaddvq_u32(vandq_u32(is_between, (uint32x4_t){1, 2, 4, 8}));
    guint shift = at % 8, others = 0xf0u >> shift;
    p[at / 8] = (guint8)((p[at / 8] & others) | bits << shift);
}

#endif
