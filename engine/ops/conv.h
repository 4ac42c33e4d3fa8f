/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the operators of convolution share: shapes, packing, and the convolution of planes by the kernel that fits. */
#ifndef HE_OPS_CONV_H
#define HE_OPS_CONV_H

#include "ops/window.h"

/* Of samples that follow one another; WINDOW is widened. */
HeConv2d HE_REAL(he_conv_shape)(const HeTensor *x, const HeTensor *weights,
                                const HeWindow *window, gint64 group);
#define he_conv_shape HE_REAL(he_conv_shape)

/* All tiles of PACK, and of SHARE. */
void HE_REAL(he_conv_pack)(HePool *pool, const HeConv2dPack *pack, const HeConv2d *shape,
                           gboolean is_backward, const void *w, float *out);
void HE_REAL(he_conv_share)(HePool *pool, const HeConv2dShare *share,
                            const HeConv2d *shape, gboolean is_backward, const float *in,
                            float *out);
/* HeOp's add_packed_key: a way of packing goes by the shape. */
void HE_REAL(he_conv_add_key)(const HeConv2dPack *pack, const HeConv2d *shape,
                              GByteArray *key);
#define he_conv_pack    HE_REAL(he_conv_pack)
#define he_conv_add_key HE_REAL(he_conv_add_key)
#define he_conv_share   HE_REAL(he_conv_share)

typedef struct {
    HeConv2d shape;
    const HeConv2dKernel *kernel;
    size_t scratch; /* bytes of each worker; what all share follows */
} HE_REAL(HeConvPlanes);
#define HeConvPlanes HE_REAL(HeConvPlanes)

/* The kernel for SHAPE, and its scratch memory, counted in bytes. FALSE: too much. */
gboolean HE_REAL(he_conv_planes_init)(HeConvPlanes *conv, const HeNode *node,
                                      const HeConv2d *shape, size_t *scratch);
#define he_conv_planes_init HE_REAL(he_conv_planes_init)

/* run->d_in[0] (+)= conv^T(DY, weights), in SCRATCH. */
void HE_REAL(he_conv_planes_backward)(const HeRun *run, const HeConvPlanes *conv,
                                      const real *dy, void *scratch);
#define he_conv_planes_backward HE_REAL(he_conv_planes_backward)

#endif
