/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Einsum of one or two operands: y[out] = the sum, over all labels that the output has not, of a[..] b[..].
 *
 * Operands are seen with one axis per label (a label that stands twice is a diagonal: its strides are added).
 * The way back is of the same kind: dA = einsum(G, B -> labels of A), stretched over what was summed. */
#include "ops/einsum.h"

#include <string.h>

#include "ops/grad.h"
#include "ops/support.h"

static gboolean infer(HeNode *node, GError **error)
{
    HeEinsum params;
    gint64 dim[HE_MAX_RANK];
    size_t n = 0;
    if (!he_einsum_read(node, &params, error))
        return FALSE;
    for (int k = 0; k < params.out.rank; k++)
        dim[k] = params.dim[params.out.label[k]];
    if (!he_node_set_out(node, 0, HE_REAL_TYPE, params.out.rank, dim, error))
        return FALSE;
    for (int i = 0; i < node->n_in && node->n_in > 1; i++)
        n += he_tensor_n(node->in[i]);
    if (node->n_in > 1) /* all three, packed */
        node->scratch_bytes = (n + he_tensor_n(node->out[0])) * sizeof(real);
    node->params = g_memdup2(&params, sizeof params);
    return TRUE;
}

/* ---- views ------------------------------------------------------------------------------------------- */

static HeEinsumView view_of(const HeTensor *t, const HeEinsumTerm *term,
                            const HeEinsum *e)
{
    HeEinsumView view = {.t = *t};
    view.t.rank = 0;
    for (int k = 0; k < term->rank; k++) {
        guint8 label = term->label[k];
        const guint8 *seen = memchr(view.label, label, (size_t)view.t.rank);
        if (t->dim[k] == 1 && e->dim[label] != 1)
            continue;
        if (seen) {
            view.t.stride[seen - view.label] += t->stride[k];
            continue;
        }
        view.label[view.t.rank] = label;
        view.t.dim[view.t.rank] = t->dim[k];
        view.t.stride[view.t.rank++] = t->stride[k];
        view.mask |= (guint64)1 << label;
    }
    return view;
}

/* VIEW with the axes of LIKE, in its order. */
static HeTensor arranged(const HeEinsumView *view, const HeEinsumView *like)
{
    HeTensor out = view->t;
    out.rank = 0;
    he_einsum_append(&out, view, like, ~(guint64)0);
    return out;
}

/* ---- products of numbers ------------------------------------------------------------------------------- */

/* Both others are parts of X, so that there is nothing to multiply but numbers, in many batches. */
static gboolean is_pointwise(const HeEinsumView *x, const HeEinsumView *y,
                             const HeEinsumView *z)
{
    HeTensor shared = x->t;
    shared.rank = 0;
    he_einsum_append(&shared, x, x, y->mask & z->mask);
    return ((y->mask | z->mask) & ~x->mask) == 0 &&
           he_dims_product(&shared, 0, shared.rank) > 1;
}

/* p: x, y */
static void product_terms(const void *data, size_t n, real *term, char *const p[],
                          const ptrdiff_t step[])
{
    const real *x = (const real *)p[0], *y = (const real *)p[1];
    (void)data;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        term[k] = x[k * step[0]] * y[k * step[1]];
}

static void multiply_numbers(const HeRun *run, const HeEinsumView *x,
                             const HeEinsumView *y, const HeEinsumView *z,
                             gboolean accumulate)
{
    HeTensor yt = arranged(y, x), zt = arranged(z, x);
    he_grad_terms(run->pool, &zt, accumulate, 2, (const HeTensor *const[]){&x->t, &yt},
                  product_terms, NULL);
}

static void contract(const HeRun *run, const HeEinsumView *x, const HeEinsumView *y,
                     const HeEinsumView *z, gboolean accumulate)
{
    if (is_pointwise(x, y, z))
        multiply_numbers(run, x, y, z, accumulate);
    else if (is_pointwise(y, x, z))
        multiply_numbers(run, y, x, z, accumulate);
    else
        he_einsum_product(run, x, y, z, accumulate);
}

/* ---- the operator -------------------------------------------------------------------------------------- */

static gboolean forward(const HeRun *run, GError **error)
{
    const HeEinsum *e = run->node->params;
    HeEinsumView a = view_of(run->in[0], &e->in[0], e),
                 y = view_of(run->out[0], &e->out, e);
    (void)error;
    if (e->n_in == 1) {
        HeTensor wide = arranged(&y, &a);
        he_grad_pass(run->pool, &wide, FALSE, &a.t, 1);
        return TRUE;
    }
    HeEinsumView b = view_of(run->in[1], &e->in[1], e);
    contract(run, &a, &b, &y, FALSE);
    return TRUE;
}

static gboolean has_diagonal(const HeEinsumTerm *term)
{
    for (int k = 1; k < term->rank; k++)
        if (memchr(term->label, term->label[k], (size_t)k))
            return TRUE;
    return FALSE;
}

static void backward_input(const HeRun *run, int i)
{
    const HeEinsum *e = run->node->params;
    HeEinsumView g = view_of(run->d_out[0], &e->out, e),
                 d = view_of(run->d_in[i], &e->in[i], e);
    gboolean accumulate = run->accumulate[i];
    if (has_diagonal(&e->in[i])) { /* nothing comes to the others */
        he_grad_begin(run->pool, run->d_in[i], accumulate);
        accumulate = TRUE;
    }
    if (e->n_in == 1) {
        HeTensor wide = arranged(&g, &d);
        he_grad_pass(run->pool, &d.t, accumulate, &wide, 1);
        return;
    }
    HeEinsumView other = view_of(run->in[1 - i], &e->in[1 - i], e);
    contract(run, &g, &other, &d, accumulate);
}

static void backward(const HeRun *run)
{
    for (int i = 0; i < run->node->n_in; i++)
        if (run->d_in[i])
            backward_input(run, i);
}

static guint saves(const HeNode *node, guint want)
{
    if (node->n_in == 1)
        return 0;
    return (want & 1 ? HE_SAVE_IN(1) : 0) | (want & 2 ? HE_SAVE_IN(0) : 0);
}

static gboolean find_axis(const HeNode *node, int k, int *input, int *axis)
{
    const HeEinsum *e = node->params;
    guint8 label = e->out.label[k];
    for (*input = 0; *input < e->n_in; (*input)++)
        for (*axis = 0; *axis < e->in[*input].rank; (*axis)++)
            if (e->in[*input].label[*axis] == label &&
                node->in[*input]->dim[*axis] == e->dim[label])
                return TRUE;
    return FALSE;
}

const HeOp HE_REAL(he_op_einsum) = {
    .name = "Einsum",
    .min_in = 1,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .flags = HE_OP_WEIGHTS,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
    .find_axis = find_axis,
};
