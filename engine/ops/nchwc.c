/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "ops/nchwc.h"

#include "ops/support.h"

#define OPS(OP)                                                                          \
    OP(average_pool)                                                                     \
    OP(batch_normalization)                                                              \
    OP(conv)                                                                             \
    OP(global_average_pool)                                                              \
    OP(max_pool)                                                                         \
    OP(reorder_input)                                                                    \
    OP(reorder_output)

#define DECLARE(name) extern const HeOp HE_REAL(he_op_nchwc_##name);
OPS(DECLARE)

const HeOp *he_nchwc_find_op(const char *name)
{
#define ROW(name) &HE_REAL(he_op_nchwc_##name),
    static const HeOp *const ops[] = {OPS(ROW)};
    for (size_t i = 0; i < G_N_ELEMENTS(ops); i++)
        if (g_str_equal(ops[i]->name, name))
            return ops[i];
    return NULL;
}

gboolean he_nchwc_need(const HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    return (x->type == HE_F32 && x->rank == 5 && x->dim[4] == HE_NCHWC) ||
           he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                         "its input is not float in blocks of %d channels", HE_NCHWC);
}

gboolean he_nchwc_window(const HeNode *node, const gint64 *kernel, HeWindow *w,
                         GError **error)
{
    if (!he_window_infer_over(node, 2, node->in[0]->dim + 2, kernel, w, error))
        return FALSE;
    he_window_widen(w);
    return TRUE;
}

gboolean he_nchwc_set_out(HeNode *node, gint64 blocks, gint64 height, gint64 width,
                          GError **error)
{
    gint64 dim[] = {node->in[0]->dim[0], blocks, height, width, HE_NCHWC};
    return he_node_set_out(node, 0, HE_F32, 5, dim, error);
}

gboolean he_nchwc_grad_finish(const HeRun *run, HeNchwcFinish *finish)
{
    const HeGradFinish *f = run->grad_finish;
    if (!f)
        return FALSE;
    *finish = (HeNchwcFinish){.add = f->add ? f->add->data : NULL,
                              .is_gradient = TRUE,
                              .is_positive = f->is_positive,
                              .open = f->open};
    return TRUE;
}
