/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A few rows times a matrix that is far larger than they are: what counts is how fast its numbers come from
 * memory. Each is read once, where it stands, at any byte.
 *
 *   dot   c[i][j] (+)= sum over p of a[i][p] b[j][p]
 *   add   c[i][j] (+)= sum over p of a[i][p] b[p][j]; rows p of b whose a[..][p] are all zero are not read */
#ifndef HE_KERNELS_MV_H
#define HE_KERNELS_MV_H

#include <glib.h>

#define HE_MV_ROWS 4 /* at most */

typedef struct {
    size_t m, n, k;
    const float *a;
    size_t a_row;
    const guint8 *b; /* float */
    size_t b_row;    /* bytes */
    float *c;
    size_t c_row;
    gboolean accumulate;
} HeMv;

typedef struct {
    void (*dot)(const HeMv *s);
    void (*add)(const HeMv *s);
} HeMvSet;

/* x86-64 only. */
extern const HeMvSet he_mv_avx2;
extern const HeMvSet he_mv_avx512;
extern const HeMvSet he_mv_neon; /* AArch64 only */

#endif
