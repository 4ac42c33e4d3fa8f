/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Einsum: y[out] = the sum, over all labels that the output has not, of a[..] b[..] c[..].
 *
 * Operands are seen with one axis per label (a label that stands twice is a diagonal: its strides are added).
 * More than two are multiplied from the left, each product summed over what nobody needs any more. The way back is
 * of the same kind: dA = einsum(B, C, G -> labels of A), stretched over what was summed; G is last because most
 * sums end with the others. */
#include "ops/einsum.h"

#include <string.h>

#include "ops/grad.h"
#include "ops/support.h"

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

/* ---- chains -------------------------------------------------------------------------------------------- */

/* Operands, and what they make. */
typedef struct {
    HeEinsumView x[HE_EINSUM_INPUTS], z;
    int n;
    gboolean is_gradient;
} Chain;

/* What makes MADE: Y (OF is -1), or input OF's gradient from that of Y, G. */
static Chain chain_of(const HeEinsum *e, const HeTensor *const in[], const HeTensor *g,
                      int of, const HeTensor *made)
{
    Chain chain = {.z = view_of(made, of < 0 ? &e->out : &e->in[of], e),
                   .is_gradient = of >= 0};
    for (int i = 0; i < e->n_in; i++)
        if (i != of)
            chain.x[chain.n++] = view_of(in[i], &e->in[i], e);
    if (of >= 0)
        chain.x[chain.n++] = view_of(g, &e->out, e);
    return chain;
}

/* FALSE: too many. */
static gboolean add_axes(HeEinsumView *out, const HeEinsumView *view, guint64 mask)
{
    for (int k = 0; k < view->t.rank; k++) {
        guint64 bit = (guint64)1 << view->label[k];
        if (!(mask & bit & ~out->mask))
            continue;
        if (out->t.rank == HE_MAX_RANK)
            return FALSE;
        out->label[out->t.rank] = view->label[k];
        out->t.dim[out->t.rank++] = view->t.dim[k];
        out->mask |= bit;
    }
    return TRUE;
}

/* The product of LEFT, which stands for all operands before K, and operand K, without memory. FALSE: it has too
 * many axes. */
static gboolean product_of(const Chain *chain, const HeEinsumView *left, int k,
                           HeEinsumView *out)
{
    const HeEinsumView *right = &chain->x[k];
    guint64 needed = chain->z.mask;
    for (int i = k + 1; i < chain->n; i++)
        needed |= chain->x[i].mask;
    *out = (HeEinsumView){.t.type = HE_REAL_TYPE};
    if (!add_axes(out, left, needed) || !add_axes(out, right, needed))
        return FALSE;
    he_tensor_set_contiguous(&out->t);
    return TRUE;
}

/* How many numbers stand between. FALSE: too many of them, or of their axes. */
static gboolean measure(const Chain *chain, size_t *n)
{
    HeEinsumView left = chain->x[0], next;
    *n = 0;
    for (int k = 1; k < chain->n - 1; k++, left = next) {
        size_t more;
        if (!product_of(chain, &left, k, &next) || !he_tensor_check_size(&next.t, &more))
            return FALSE;
        *n += more;
    }
    return TRUE;
}

static void multiply(const HeRun *run, const Chain *chain, gboolean accumulate)
{
    HeRun rest = *run; /* its scratch behind what stands between */
    HeEinsumView left = chain->x[0], next;
    for (int k = 1; k < chain->n - 1; k++, left = next) {
        product_of(chain, &left, k, &next);
        next.t.data = rest.scratch;
        rest.scratch = (real *)rest.scratch + he_tensor_n(&next.t);
        contract(&rest, &left, &chain->x[k], &next, FALSE);
    }
    const HeEinsumView *last = &chain->x[chain->n - 1];
    if (chain->is_gradient) /* its rows are those of G, as a rule */
        contract(&rest, last, &left, &chain->z, accumulate);
    else
        contract(&rest, &left, last, &chain->z, accumulate);
}

/* ---- the operator -------------------------------------------------------------------------------------- */

static gboolean set_scratch(HeNode *node, const HeEinsum *e, GError **error)
{
    size_t n = he_tensor_n(node->out[0]), most = 0;
    for (int of = -1; of < e->n_in; of++) {
        const HeTensor *made = of < 0 ? node->out[0] : node->in[of];
        Chain chain = chain_of(e, node->in, node->out[0], of, made);
        size_t between;
        if (!measure(&chain, &between))
            return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                                 "a product of some of its operands is beyond limits");
        most = MAX(most, between);
    }
    for (int i = 0; i < e->n_in; i++)
        n += he_tensor_n(node->in[i]);
    /* What stands between, and all of it packed. */
    node->scratch_bytes = (n + 2 * most) * sizeof(real);
    return TRUE;
}

static gboolean infer(HeNode *node, GError **error)
{
    HeEinsum params;
    gint64 dim[HE_MAX_RANK];
    if (!he_einsum_read(node, &params, error))
        return FALSE;
    for (int k = 0; k < params.out.rank; k++)
        dim[k] = params.dim[params.out.label[k]];
    if (!he_node_set_out(node, 0, HE_REAL_TYPE, params.out.rank, dim, error) ||
        (node->n_in > 1 && !set_scratch(node, &params, error)))
        return FALSE;
    node->params = g_memdup2(&params, sizeof params);
    return TRUE;
}

static gboolean forward(const HeRun *run, GError **error)
{
    const HeEinsum *e = run->node->params;
    Chain chain = chain_of(e, run->in, NULL, -1, run->out[0]);
    (void)error;
    if (e->n_in == 1) {
        HeTensor wide = arranged(&chain.z, &chain.x[0]);
        he_grad_pass(run->pool, &wide, FALSE, &chain.x[0].t, 1);
    } else {
        multiply(run, &chain, FALSE);
    }
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
    Chain chain = chain_of(e, run->in, run->d_out[0], i, run->d_in[i]);
    gboolean accumulate = run->accumulate[i];
    if (has_diagonal(&e->in[i])) { /* nothing comes to the others */
        he_grad_begin(run->pool, run->d_in[i], accumulate);
        accumulate = TRUE;
    }
    if (e->n_in == 1) {
        HeTensor wide = arranged(&chain.x[0], &chain.z);
        he_grad_pass(run->pool, &chain.z.t, accumulate, &wide, 1);
    } else {
        multiply(run, &chain, accumulate);
    }
}

static void backward(const HeRun *run)
{
    for (int i = 0; i < run->node->n_in; i++)
        if (run->d_in[i])
            backward_input(run, i);
}

static guint saves(const HeNode *node, guint want)
{
    guint saved = 0;
    for (int i = 0; i < node->n_in; i++)
        if (want & ~HE_SAVE_IN(i)) /* another one's gradient */
            saved |= HE_SAVE_IN(i);
    return saved;
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
    .max_in = HE_EINSUM_INPUTS,
    .min_out = 1,
    .max_out = 1,
    .flags = HE_OP_WEIGHTS,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
    .find_axis = find_axis,
};
