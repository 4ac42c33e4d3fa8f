/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The way of a pooling operator: outputs are written by rows, gradients by whole planes, since windows
 * overlap. */
#include "ops/pooling.h"

#include "ops/grad.h"
#include "ops/support.h"

gboolean he_pooling_infer(HeNode *node, HePooling *pooling, GError **error)
{
    const HeTensor *x = node->in[0];
    HeTensor shape = *x;
    HeWindow *w = &pooling->w;
    if (!he_window_infer(node, NULL, w, error))
        return FALSE;
    for (int k = 0; k < w->n_axes; k++)
        shape.dim[k + 2] = w->out[k];
    he_window_widen(w);
    pooling->n_planes = he_dims_product(x, 0, 2);
    return he_node_set_out(node, 0, x->type, shape.rank, shape.dim, error);
}

void he_pooling_forward(const HeRun *run, HeWindowRowFunc func)
{
    const HePooling *pooling = run->node->params;
    he_window_rows(run->pool, &pooling->w, pooling->n_planes, FALSE, func, (void *)run);
}

void he_pooling_backward(const HeRun *run, HeWindowRowFunc func)
{
    const HePooling *pooling = run->node->params;
    he_grad_begin(run->pool, run->d_in[0], run->accumulate[0]);
    he_window_rows(run->pool, &pooling->w, pooling->n_planes, TRUE, func, (void *)run);
}
