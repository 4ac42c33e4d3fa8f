/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Multiply-adds of a network: for each value that a convolution or a matrix product makes, as many as
 * values it is summed over. What is folded or stepped over does not count. */
#include "methods/macs.h"

/* How many products each value of NODE's output sums. */
static double terms(const HeNode *node)
{
    const HeTensor *a = node->in[0], *b = node->n_in > 1 ? node->in[1] : NULL;
    const char *op = node->op->name;
    if (!b)
        return 0;
    if (g_str_equal(op, "Conv") && b->dim[0] > 0)
        return (double)he_tensor_n(b) / (double)b->dim[0];
    if (g_str_equal(op, "Gemm"))
        return (double)he_tensor_n(a) / (double)MAX(node->out[0]->dim[0], 1);
    if (g_str_equal(op, "MatMul"))
        return (double)a->dim[a->rank - 1];
    return 0;
}

double he_node_count_macs(const HeNode *node)
{
    return terms(node) * (double)he_tensor_n(node->out[0]);
}

double he_session_count_macs(HeSession *session)
{
    double macs = 0;
    for (int i = 0; i < he_plan_get_n_nodes(session->survey); i++)
        macs += he_node_count_macs(he_plan_get_node(session->survey, i));
    return macs;
}
