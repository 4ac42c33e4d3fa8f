/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Operators on values in blocks of 16 channels, [N, C / 16, H, W, 16] (kernels/nchwc.h), float alone. The graph puts
 * them where the file has ONNX's (graph/block.c), whose names and attributes they have; no file can name them. The
 * reorders' names are those of ONNX Runtime's domain com.microsoft.nchwc. Values of fewer than HE_NCHWC_FEW channels stay planes: a first Conv reads them so. */
#ifndef HE_OPS_NCHWC_H
#define HE_OPS_NCHWC_H

#include "kernels/nchwc.h"
#include "ops/window.h"

/* The operator on blocks that stands for ONNX's NAME, or ReorderInput, ReorderOutput; NULL: there is none. */
const HeOp *HE_REAL(he_nchwc_find_op)(const char *name);
#define he_nchwc_find_op HE_REAL(he_nchwc_find_op)

/* Whether input 0 is float in blocks; an error otherwise. */
gboolean HE_REAL(he_nchwc_need)(const HeNode *node, GError **error);
#define he_nchwc_need HE_REAL(he_nchwc_need)
/* The window of input 0's height and width, widened. */
gboolean HE_REAL(he_nchwc_window)(const HeNode *node, const gint64 *kernel, HeWindow *w,
                                  GError **error);
#define he_nchwc_window HE_REAL(he_nchwc_window)
/* Sets output 0: as input 0, of BLOCKS blocks and this height and width. */
gboolean HE_REAL(he_nchwc_set_out)(HeNode *node, gint64 blocks, gint64 height,
                                   gint64 width, GError **error);
#define he_nchwc_set_out HE_REAL(he_nchwc_set_out)

/* What is done to the gradient of input 0; FALSE: nothing. */
gboolean HE_REAL(he_nchwc_grad_finish)(const HeRun *run, HeNchwcFinish *finish);
#define he_nchwc_grad_finish HE_REAL(he_nchwc_grad_finish)

/* [N, CHANNELS, PLANE] from blocks. */
void HE_REAL(he_nchwc_to_planes)(HePool *pool, const float *blocks, size_t n,
                                 size_t channels, size_t plane, float *planes);
#define he_nchwc_to_planes HE_REAL(he_nchwc_to_planes)

#endif
