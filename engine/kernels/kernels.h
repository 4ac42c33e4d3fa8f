/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Kernels: the loops that take the time, on raw pointers, one tile at a time.
 *
 * kernels.def lists them, best first within a kind; a set ("plain", "openblas", "avx2", "avx512", "neon")
 * says which rows may be used. An operator asks he_conv2d_find for the first kernel of the set
 * that fits its shape. Every fast kernel stands beside a plain one that is its oracle. Names: kind, type,
 * variant, instruction set (docs/names.md). Tiles depend on shape alone and no sum is split between
 * tiles, so any number of threads gives the same bytes. */
#ifndef HE_KERNELS_H
#define HE_KERNELS_H

#include "core/real.h"

/* Each holds the ones before it that the processor has; AUTO is the largest of those. From AVX2 on there are vectors
 * of our own, and values in blocks (nchwc.h). */
typedef enum {
    HE_SET_PLAIN,
    HE_SET_OPENBLAS,
    HE_SET_AVX2,
    HE_SET_AVX512,
    HE_SET_NEON,
    HE_SET_AUTO
} HeKernelSet;

/* 2-D convolution, NCHW, weights [oc, c / group, kh, kw]. Planes are contiguous; x_n and y_n are the
 * distances between samples, in elements. */
typedef struct {
    size_t n, c, h, w; /* input */
    size_t oc, oh, ow; /* output */
    size_t group;
    size_t kh, kw, sy, sx, dy, dx; /* kernel, stride, dilation */
    size_t pt, pl; /* padding above and left; below and right follow from oh, ow */
    size_t x_n, y_n;
} HeConv2d;

/* What a tile writes: points [P, P + N_P) of the planes of channels [OC, OC + N_OC) of one sample. */
typedef struct {
    size_t n, oc, n_oc, p, n_p;
} HeRegion;

/* One convolution: forward from x to y, backward from y's gradient to x's. */
#define HE_CONV2D_RUN(real_t)                                                            \
    {                                                                                    \
        const real_t *in;                                                                \
        const void *w;        /* real_t, at any byte where the kernel reads bytes */     \
        const real_t *packed; /* what pack made of w for this direction, or NULL */      \
        const real_t *shared; /* what share made of in, if it is to make something */    \
        const real_t *bias;   /* forward; NULL: 0 */                                     \
        real_t *out;                                                                     \
        gboolean accumulate; /* backward */                                              \
    }
typedef struct HE_CONV2D_RUN(float) HeConv2dRun_f32;
typedef struct HE_CONV2D_RUN(double) HeConv2dRun_f64;

/* Weights as a kernel wants them, made once for many runs. Without that a run packs what it needs itself.
 * Either way they are read byte by byte, and the results are the same. */
typedef struct {
    size_t (*numbers)(const HeConv2d *s, gboolean is_backward); /* 0: not packed */
    size_t (*tiles)(const HeConv2d *s, gboolean is_backward);
    void (*run)(const HeConv2d *s, gboolean is_backward, const void *w, float *out,
                size_t tile);
} HeConv2dPack;

/* What all tiles of a run read, made of its input before the first of them. */
typedef struct {
    size_t (*numbers)(const HeConv2d *s, gboolean is_backward); /* 0: nothing */
    size_t (*tiles)(const HeConv2d *s, gboolean is_backward);
    void (*run)(const HeConv2d *s, gboolean is_backward, const float *in, float *out,
                size_t tile);
} HeConv2dShare;

#define HE_CONV2D_KERNEL(real_t, run_t)                                                  \
    {                                                                                    \
        const char *name;                                                                \
        HeKernelSet set;                                                                 \
        gboolean (*fits)(const HeConv2d *s);                                             \
        /* Forward: y = conv(x, w) + bias (bias may be NULL). */                         \
        size_t (*forward_tiles)(const HeConv2d *s);                                      \
        size_t (*forward_scratch)(const HeConv2d *s); /* bytes per worker */             \
        void (*forward)(const HeConv2d *s, const run_t *r, size_t tile, void *scratch);  \
        HeRegion (*forward_region)(const HeConv2d *s, size_t tile);                      \
        /* Backward by data: dx (+)= conv^T(dy, w). */                                   \
        size_t (*backward_tiles)(const HeConv2d *s);                                     \
        size_t (*backward_scratch)(const HeConv2d *s);                                   \
        void (*backward)(const HeConv2d *s, const run_t *r, size_t tile, void *scratch); \
        const HeConv2dPack *pack;   /* NULL: weights are read as they are, aligned */    \
        const HeConv2dShare *share; /* NULL: nothing */                                  \
    }

typedef struct HE_CONV2D_KERNEL(float, HeConv2dRun_f32) HeConv2dKernel_f32;
typedef struct HE_CONV2D_KERNEL(double, HeConv2dRun_f64) HeConv2dKernel_f64;

/* c[m, n] (+)= op(a)[m, k] op(b)[k, n]; leading dimensions in elements. A tile is a block of rows or
 * columns of c. b is finite: where it would be multiplied by zeros of a alone it may stay unread. */
typedef struct {
    size_t m, n, k;
    size_t lda, ldb, ldc;
    gboolean ta, tb;
    gboolean accumulate;
} HeGemm;

#define HE_GEMM_KERNEL(real_t)                                                           \
    {                                                                                    \
        const char *name;                                                                \
        HeKernelSet set;                                                                 \
        gboolean (*fits)(const HeGemm *s);                                               \
        size_t (*tiles)(const HeGemm *s);                                                \
        void (*run)(const HeGemm *s, const real_t *a, const void *b, real_t *c,          \
                    size_t tile);                                                        \
        gboolean reads_bytes; /* b may stand at any byte */                              \
    }
typedef struct HE_GEMM_KERNEL(float) HeGemmKernel_f32;
typedef struct HE_GEMM_KERNEL(double) HeGemmKernel_f64;

#define HeConv2dKernel HE_REAL(HeConv2dKernel)
#define HeConv2dRun    HE_REAL(HeConv2dRun)
#define HeGemmKernel   HE_REAL(HeGemmKernel)

/* The first kernel of SET that fits; never NULL (the plain one fits all). */
const HeConv2dKernel_f32 *he_conv2d_find_f32(HeKernelSet set, const HeConv2d *s);
const HeConv2dKernel_f64 *he_conv2d_find_f64(HeKernelSet set, const HeConv2d *s);
const HeGemmKernel_f32 *he_gemm_find_f32(HeKernelSet set, const HeGemm *s);
const HeGemmKernel_f64 *he_gemm_find_f64(HeKernelSet set, const HeGemm *s);
#define he_conv2d_find HE_REAL(he_conv2d_find)
#define he_gemm_find   HE_REAL(he_gemm_find)

/* All rows, for tests, benches and lists: index from 0; NULL past the end. */
const HeConv2dKernel_f32 *he_conv2d_get_f32(size_t i);
const HeConv2dKernel_f64 *he_conv2d_get_f64(size_t i);
const HeGemmKernel_f32 *he_gemm_get_f32(size_t i);
const HeGemmKernel_f64 *he_gemm_get_f64(size_t i);

/* The largest set that this processor can run, and whether it can run SET. */
HeKernelSet he_kernels_best(void);
gboolean he_kernels_has(HeKernelSet set);
/* "plain", "openblas", "avx2", "avx512", "neon", or "auto" for the best; an error names the sets there are, or says
 * that this processor lacks what the set needs. */
gboolean he_kernels_parse(const char *name, HeKernelSet *set, GError **error);
const char *he_kernels_set_name(HeKernelSet set);

#endif
