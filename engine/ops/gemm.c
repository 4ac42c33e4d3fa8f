/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Gemm: Y[m, n] = alpha op(A)[m, k] op(B)[k, n] + beta C, op the transpose where transA, transB say so, C
 * broadcast to Y. With G the gradient of Y:
 *
 *   d op(A) = alpha G op(B)^T      d op(B) = alpha op(A)^T G      dC = beta G, summed where C was broadcast */
#include "ops/grad.h"
#include "ops/matmul.h"
#include "ops/support.h"

typedef struct {
    gboolean ta, tb;
    double alpha, beta;
    size_t m, n, k;
} Params;

static gboolean check_c(const HeNode *node, const Params *params, GError **error)
{
    HeTensor y;
    gint64 dim[2] = {(gint64)params->m, (gint64)params->n}, both[HE_MAX_RANK];
    int rank;
    if (!he_node_has_in(node, 2))
        return TRUE;
    he_tensor_init(&y, HE_REAL_TYPE, 2, dim);
    if (he_broadcast(node->in[2], &y, &rank, both) && rank == 2 && both[0] == dim[0] &&
        both[1] == dim[1])
        return he_node_need_float(node, 2, error);
    g_autofree char *shape = he_tensor_shape_text(node->in[2]);
    return he_node_error(
        node, HE_ERROR_CORRUPT_MODEL, error,
        "C has shape %s, expected one that broadcasts to [%" G_GINT64_FORMAT
        ", %" G_GINT64_FORMAT "]",
        shape, dim[0], dim[1]);
}

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *a = node->in[0], *b = node->in[1];
    Params params;
    gint64 ta, tb;
    if (!he_node_need_float(node, 0, error) || !he_node_need_float(node, 1, error) ||
        !he_node_need_rank(node, 0, 2, 2, error) ||
        !he_node_need_rank(node, 1, 2, 2, error) ||
        !he_attr_int(node, "transA", 0, &ta, error) ||
        !he_attr_int(node, "transB", 0, &tb, error) ||
        !he_attr_float(node, "alpha", 1.0, &params.alpha, error) ||
        !he_attr_float(node, "beta", 1.0, &params.beta, error))
        return FALSE;
    params.ta = ta != 0;
    params.tb = tb != 0;
    params.m = (size_t)a->dim[params.ta];
    params.k = (size_t)a->dim[!params.ta];
    params.n = (size_t)b->dim[!params.tb];
    if (params.k != (size_t)b->dim[params.tb]) {
        g_autofree char *sa = he_tensor_shape_text(a);
        g_autofree char *sb = he_tensor_shape_text(b);
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "A %s (transA %d) and B %s (transB %d) do not fit", sa,
                             params.ta, sb, params.tb);
    }
    if (!check_c(node, &params, error))
        return FALSE;
    gint64 dim[2] = {(gint64)params.m, (gint64)params.n};
    node->params = g_memdup2(&params, sizeof params);
    if (params.alpha < 1 || params.alpha > 1) /* for alpha G */
        node->scratch_bytes = params.m * params.n * sizeof(real);
    return he_node_set_out(node, 0, HE_REAL_TYPE, 2, dim, error);
}

/* op(t) */
static HeMatrix operand(const HeTensor *t, gboolean is_transposed)
{
    HeMatrix m = he_matrix_of(t, 0);
    m.is_transposed = is_transposed;
    return m;
}

/* p: y, c */
static void add_c_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    const Params *params = data;
    real *y = (real *)p[0], beta = (real)params->beta;
    const real *c = (const real *)p[1];
    (void)i;
    for (size_t k = 0; k < n; k++)
        y[k] += beta * c[(ptrdiff_t)k * step[1]];
}

static void scale_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    const Params *params = data;
    real *y = (real *)p[0], alpha = (real)params->alpha;
    const real *x = (const real *)p[1];
    (void)i;
    (void)step;
    for (size_t k = 0; k < n; k++)
        y[k] = alpha * x[k];
}

static gboolean is_scaled(const HeRun *run)
{
    return run->node->scratch_bytes > 0;
}

static gboolean forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    HeTensor *y = run->out[0];
    (void)error;
    he_matrix_product(run, params->m, params->n, params->k,
                      operand(run->in[0], params->ta), operand(run->in[1], params->tb),
                      he_matrix_of(y, 0), FALSE);
    if (is_scaled(run))
        he_walk_tiles(run->pool, y, 2, (const HeTensor *const[]){y, y}, HE_WALK_BLOCK,
                      scale_run, (void *)params);
    if (he_node_has_in(run->node, 2))
        he_walk_tiles(run->pool, y, 2, (const HeTensor *const[]){y, run->in[2]},
                      HE_WALK_BLOCK, add_c_run, (void *)params);
    return TRUE;
}

/* alpha G */
static HeMatrix scaled_gradient(const HeRun *run)
{
    const Params *params = run->node->params;
    const HeTensor *g = run->d_out[0];
    HeTensor copy = *g;
    if (!is_scaled(run))
        return he_matrix_of(g, 0);
    he_tensor_set_contiguous(&copy);
    copy.data = run->scratch;
    he_walk_tiles(run->pool, &copy, 2, (const HeTensor *const[]){&copy, g}, HE_WALK_BLOCK,
                  scale_run, (void *)params);
    return he_matrix_of(&copy, 0);
}

static void backward(const HeRun *run)
{
    const Params *params = run->node->params;
    size_t m = params->m, n = params->n, k = params->k;
    if (run->d_in[0] || run->d_in[1]) {
        HeMatrix g = scaled_gradient(run);
        HeMatrix gt = he_matrix_transposed(g);
        if (run->d_in[0]) {
            HeMatrix b = operand(run->in[1], params->tb),
                     d = he_matrix_of(run->d_in[0], 0);
            if (params->ta)
                he_matrix_product(run, k, m, n, b, gt, d, run->accumulate[0]);
            else
                he_matrix_product(run, m, k, n, g, he_matrix_transposed(b), d,
                                  run->accumulate[0]);
        }
        if (run->d_in[1]) {
            HeMatrix a = operand(run->in[0], params->ta),
                     d = he_matrix_of(run->d_in[1], 0);
            if (params->tb)
                he_matrix_product(run, n, k, m, gt, a, d, run->accumulate[1]);
            else
                he_matrix_product(run, k, n, m, he_matrix_transposed(a), g, d,
                                  run->accumulate[1]);
        }
    }
    if (run->node->n_in > 2 && run->d_in[2])
        he_grad_pass(run->pool, run->d_in[2], run->accumulate[2], run->d_out[0],
                     params->beta);
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    return (want & 1 ? HE_SAVE_IN(1) : 0) | (want & 2 ? HE_SAVE_IN(0) : 0);
}

/* With A transposed, B is the left operand on the way back. */
static gboolean reads_bytes(const HeNode *node, gboolean is_backward)
{
    const Params *p = node->params;
    if (p->ta)
        return FALSE;
    return is_backward ? he_matrix_reads_bytes(node, p->m, p->k, p->n, !p->tb)
                       : he_matrix_reads_bytes(node, p->m, p->n, p->k, p->tb);
}

const HeOp HE_REAL(he_op_gemm) = {
    .name = "Gemm",
    .min_in = 2,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .flags = HE_OP_WEIGHTS,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
    .reads_bytes = reads_bytes,
};
