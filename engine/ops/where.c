/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Where: y = condition ? a : b, all three broadcast. The gradient goes to the one that was taken; the
 * condition is saved. */
#include "ops/grad.h"

#include <string.h>

#include "ops/support.h"

static gboolean infer(HeNode *node, GError **error)
{
    HeTensor values = {0}, all = {0};
    if (!he_node_need_type(node, 0, HE_BOOL, error) ||
        !he_node_need_same_type(node, 1, 2, error))
        return FALSE;
    if (!he_broadcast(node->in[1], node->in[2], &values.rank, values.dim) ||
        !he_broadcast(node->in[0], &values, &all.rank, all.dim)) {
        g_autofree char *s0 = he_tensor_shape_text(node->in[0]);
        g_autofree char *s1 = he_tensor_shape_text(node->in[1]);
        g_autofree char *s2 = he_tensor_shape_text(node->in[2]);
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "shapes %s, %s and %s, expected shapes that broadcast", s0,
                             s1, s2);
    }
    return he_node_set_out(node, 0, node->in[1]->type, all.rank, all.dim, error);
}

/* p: out, condition, a, b */
static void forward_run(void *data, size_t i, size_t n, char *const p[],
                        const ptrdiff_t step[])
{
    size_t size = *(const size_t *)data;
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        int taken = p[1][k * step[1]] ? 2 : 3;
        memcpy(p[0] + (size_t)k * size, p[taken] + k * step[taken] * (ptrdiff_t)size,
               size);
    }
}

static gboolean forward(const HeRun *run, GError **error)
{
    size_t size = he_type_size(run->out[0]->type);
    (void)error;
    he_walk_tiles(
        run->pool, run->out[0], 4,
        (const HeTensor *const[]){run->out[0], run->in[0], run->in[1], run->in[2]},
        HE_WALK_BLOCK, forward_run, &size);
    return TRUE;
}

/* p: g, condition. DATA: which input. */
static void terms(const void *data, size_t n, real *term, char *const p[],
                  const ptrdiff_t step[])
{
    const real *g = (const real *)p[0];
    gboolean is_first = *(const int *)data == 1;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        term[k] = (p[1][k * step[1]] != 0) == is_first ? g[k * step[0]] : 0;
}

static void backward(const HeRun *run)
{
    for (int i = 1; i <= 2; i++)
        if (run->d_in[i])
            he_grad_terms(run->pool, run->d_in[i], run->accumulate[i], 2,
                          (const HeTensor *const[]){run->d_out[0], run->in[0]}, terms,
                          &i);
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(0);
}

const HeOp HE_REAL(he_op_where) = {
    .name = "Where",
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
};
