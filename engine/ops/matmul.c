/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* MatMul as NumPy does it: products of the last two axes, the others broadcast; a vector on the left is a
 * row, on the right a column. dA = G B^T, dB = A^T G, added over the batches that share a matrix, in order.
 * Also the product of two matrices that Gemm uses. */
#include "ops/matmul.h"

#include <string.h>

#include "ops/grad.h"
#include "ops/support.h"

/* ---- one product ------------------------------------------------------------------------------------- */

HeMatrix he_matrix_of(const HeTensor *t, gint64 offset)
{
    /* of one row the distance means nothing */
    gint64 rows = t->dim[t->rank - 2];
    return (HeMatrix){
        (real *)t->data + offset,
        (size_t)(rows > 1 ? t->stride[t->rank - 2] : MAX(t->dim[t->rank - 1], 1)), FALSE};
}

typedef struct {
    HeGemm shape;
    const HeGemmKernel *kernel;
    const real *a;
    const void *b;
    real *c;
} Product;

static void product_tile(void *data, size_t tile, int worker)
{
    const Product *p = data;
    (void)worker;
    p->kernel->run(&p->shape, p->a, p->b, p->c, tile);
}

static void clear_rows(HeMatrix c, size_t m, size_t n)
{
    for (size_t i = 0; i < m; i++)
        memset((real *)c.data + i * c.ld, 0, n * sizeof(real));
}

void he_matrix_product(const HeRun *run, size_t m, size_t n, size_t k, HeMatrix a,
                       HeMatrix b, HeMatrix c, gboolean accumulate)
{
    Product p = {.shape = {.m = m,
                           .n = n,
                           .k = k,
                           .lda = a.ld,
                           .ldb = b.ld,
                           .ldc = c.ld,
                           .ta = a.is_transposed,
                           .tb = b.is_transposed,
                           .accumulate = accumulate},
                 .a = a.data,
                 .b = b.data,
                 .c = c.data};
    if (m == 0 || n == 0)
        return;
    if (k == 0) {
        if (!accumulate)
            clear_rows(c, m, n);
        return;
    }
    p.kernel = he_gemm_find(run->node->kernels, &p.shape);
    he_pool_run(run->pool, p.kernel->tiles(&p.shape), product_tile, &p);
}

gboolean he_matrix_reads_bytes(const HeNode *node, size_t m, size_t n, size_t k,
                               gboolean is_b_transposed)
{
    HeGemm s = {.m = m, .n = n, .k = k, .lda = k, .ldc = n, .tb = is_b_transposed};
    s.ldb = is_b_transposed ? k : n;
    return he_gemm_find(node->kernels, &s)->reads_bytes;
}

/* ---- MatMul ------------------------------------------------------------------------------------------ */

typedef struct {
    int rank; /* of the batch axes */
    gint64 dim[HE_MAX_RANK];
    size_t n_batches, m, n, k;
} Params;

/* T with two axes at least. */
static HeTensor matrices_of(const HeTensor *t, gboolean is_left)
{
    HeTensor out = *t;
    if (t->rank > 1)
        return out;
    out.rank = 2;
    if (is_left) {
        out.dim[1] = t->dim[0];
        out.stride[1] = t->stride[0];
        out.dim[0] = out.stride[0] = 1;
    } else {
        out.dim[1] = out.stride[1] = 1;
    }
    return out;
}

static HeTensor batch_of(const HeTensor *matrices)
{
    HeTensor out = *matrices;
    out.rank -= 2;
    return out;
}

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *a = node->in[0], *b = node->in[1];
    Params params = {.n_batches = 1};
    if (!he_node_need_float(node, 0, error) || !he_node_need_float(node, 1, error) ||
        !he_node_need_rank(node, 0, 1, HE_MAX_RANK, error) ||
        !he_node_need_rank(node, 1, 1, HE_MAX_RANK, error))
        return FALSE;
    HeTensor am = matrices_of(a, TRUE), bm = matrices_of(b, FALSE);
    HeTensor ab = batch_of(&am), bb = batch_of(&bm);
    if (am.dim[am.rank - 1] != bm.dim[bm.rank - 2] ||
        !he_broadcast(&ab, &bb, &params.rank, params.dim)) {
        g_autofree char *sa = he_tensor_shape_text(a);
        g_autofree char *sb = he_tensor_shape_text(b);
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "shapes %s and %s do not fit", sa, sb);
    }
    params.m = (size_t)am.dim[am.rank - 2];
    params.k = (size_t)am.dim[am.rank - 1];
    params.n = (size_t)bm.dim[bm.rank - 1];
    gint64 dim[HE_MAX_RANK + 2];
    int rank = params.rank;
    memcpy(dim, params.dim, sizeof params.dim);
    if (a->rank > 1)
        dim[rank++] = (gint64)params.m;
    if (b->rank > 1)
        dim[rank++] = (gint64)params.n;
    if (!he_node_set_out(node, 0, HE_REAL_TYPE, rank, dim, error))
        return FALSE;
    for (int k = 0; k < params.rank; k++)
        params.n_batches *= (size_t)params.dim[k];
    node->params = g_memdup2(&params, sizeof params);
    return TRUE;
}

/* Y's rows for a vector on either side: [batch, m, n] again. */
static HeTensor output_matrices(const HeNode *node, const HeTensor *y)
{
    HeTensor out = *y;
    if (node->in[0]->rank == 1) { /* [batch, n] or [] */
        gboolean has_n = node->in[1]->rank > 1;
        out.dim[out.rank] = has_n ? y->dim[y->rank - 1] : 1;
        out.stride[out.rank] = has_n ? y->stride[y->rank - 1] : 1;
        if (has_n)
            out.dim[out.rank - 1] = 1;
        out.rank++;
    }
    return node->in[1]->rank == 1 ? he_tensor_append_axes(&out, 1) : out;
}

/* Offset of batch I in T, whose batch axes broadcast; *is_first: no earlier batch used the same matrix. */
static gint64 batch_offset(const Params *params, const HeTensor *matrices, size_t i,
                           gboolean *is_first)
{
    gint64 offset = 0;
    *is_first = TRUE;
    for (int k = params->rank - 1; k >= 0; k--) {
        gint64 at = (gint64)(i % (size_t)params->dim[k]);
        int own = k - (params->rank - (matrices->rank - 2));
        i /= (size_t)params->dim[k];
        if (own >= 0 && matrices->dim[own] != 1)
            offset += at * matrices->stride[own];
        else
            *is_first &= at == 0;
    }
    return offset;
}

/* One matrix on the right of contiguous rows: all batches are one product. */
static gboolean is_one_product(const Params *params, const HeTensor *a, const HeTensor *b,
                               const HeTensor *y)
{
    return b->rank == 2 && params->n_batches > 1 && he_tensor_is_contiguous(a) &&
           he_tensor_is_contiguous(y);
}

static gboolean forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    HeTensor a = matrices_of(run->in[0], TRUE), b = matrices_of(run->in[1], FALSE);
    HeTensor y = output_matrices(run->node, run->out[0]);
    size_t m = params->m, n_batches = params->n_batches;
    gboolean is_first;
    (void)error;
    if (is_one_product(params, &a, &b, &y)) {
        HeMatrix am = {a.data, MAX(params->k, 1), FALSE},
                 ym = {y.data, MAX(params->n, 1), FALSE};
        he_matrix_product(run, m * n_batches, params->n, params->k, am,
                          he_matrix_of(&b, 0), ym, FALSE);
        return TRUE;
    }
    for (size_t i = 0; i < n_batches; i++)
        he_matrix_product(run, m, params->n, params->k,
                          he_matrix_of(&a, batch_offset(params, &a, i, &is_first)),
                          he_matrix_of(&b, batch_offset(params, &b, i, &is_first)),
                          he_matrix_of(&y, batch_offset(params, &y, i, &is_first)),
                          FALSE);
    return TRUE;
}

static void backward_a(const HeRun *run, const HeTensor *g, const HeTensor *b)
{
    const Params *params = run->node->params;
    HeTensor d = matrices_of(run->d_in[0], TRUE);
    gboolean is_first, ignored;
    if (params->n_batches == 0)
        he_grad_begin(run->pool, run->d_in[0], run->accumulate[0]);
    for (size_t i = 0; i < params->n_batches; i++) {
        HeMatrix to = he_matrix_of(&d, batch_offset(params, &d, i, &is_first));
        HeMatrix bm = he_matrix_of(b, batch_offset(params, b, i, &ignored));
        HeMatrix gm = he_matrix_of(g, batch_offset(params, g, i, &ignored));
        he_matrix_product(run, params->m, params->k, params->n, gm,
                          he_matrix_transposed(bm), to, run->accumulate[0] || !is_first);
    }
}

static void backward_b(const HeRun *run, const HeTensor *g, const HeTensor *a)
{
    const Params *params = run->node->params;
    HeTensor d = matrices_of(run->d_in[1], FALSE);
    gboolean is_first, ignored;
    if (params->n_batches == 0)
        he_grad_begin(run->pool, run->d_in[1], run->accumulate[1]);
    for (size_t i = 0; i < params->n_batches; i++) {
        HeMatrix to = he_matrix_of(&d, batch_offset(params, &d, i, &is_first));
        HeMatrix am = he_matrix_of(a, batch_offset(params, a, i, &ignored));
        HeMatrix gm = he_matrix_of(g, batch_offset(params, g, i, &ignored));
        he_matrix_product(run, params->k, params->n, params->m, he_matrix_transposed(am),
                          gm, to, run->accumulate[1] || !is_first);
    }
}

static void backward(const HeRun *run)
{
    HeTensor g = output_matrices(run->node, run->d_out[0]);
    if (run->d_in[0]) {
        HeTensor b = matrices_of(run->in[1], FALSE);
        backward_a(run, &g, &b);
    }
    if (run->d_in[1]) {
        HeTensor a = matrices_of(run->in[0], TRUE);
        backward_b(run, &g, &a);
    }
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    return (want & 1 ? HE_SAVE_IN(1) : 0) | (want & 2 ? HE_SAVE_IN(0) : 0);
}

/* All batches at once have the most rows. */
static gboolean reads_bytes(const HeNode *node, gboolean is_backward)
{
    const Params *p = node->params;
    return is_backward
               ? he_matrix_reads_bytes(node, p->m, p->k, p->n, TRUE)
               : he_matrix_reads_bytes(node, p->m * p->n_batches, p->n, p->k, FALSE);
}

const HeOp HE_REAL(he_op_matmul) = {
    .name = "MatMul",
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .flags = HE_OP_WEIGHTS,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
    .reads_bytes = reads_bytes,
};
