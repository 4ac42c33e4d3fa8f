/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Gradients on their way to an input; see grad.h. */
#include "ops/grad.h"

#include "ops/support.h"

/* Eight partial sums: their order depends on n alone, and the compiler can keep them in vectors. */
double he_sum(const real *x, size_t n, ptrdiff_t step)
{
    double part[8] = {0}, sum = 0;
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (size_t k = 0; k < 8; k++)
            part[k] += (double)x[(ptrdiff_t)(i + k) * step];
    for (size_t k = 0; i < n; i++, k++)
        part[k] += (double)x[(ptrdiff_t)i * step];
    for (size_t k = 0; k < 8; k++)
        sum += part[k];
    return sum;
}

void he_rule_apply(HeRule rule, size_t n, real *term, const real *g)
{
    if (rule == HE_RULE_PLAIN)
        for (size_t k = 0; k < n; k++)
            term[k] *= g[k];
    else if (rule == HE_RULE_GUIDED)
        for (size_t k = 0; k < n; k++)
            term[k] = he_positive(term[k]) * he_positive(g[k]);
    else
        for (size_t k = 0; k < n; k++)
            term[k] = he_positive(g[k]);
}

void he_grad_begin(HePool *pool, HeTensor *d, gboolean accumulate)
{
    if (!accumulate)
        he_tensor_clear(pool, d);
}

/* ---- terms ------------------------------------------------------------------------------------------- */

typedef struct {
    HeTermFunc term;
    const void *data;
    gboolean accumulate;
    int n_tensors; /* d and the others */
    ptrdiff_t size[HE_WALK_TENSORS];
    double sum;
} Terms;

/* p[0] is d; terms are made from p[1], ... */
static void terms_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    const Terms *t = data;
    real term[HE_CHUNK], *d = (real *)p[0];
    char *at[HE_WALK_TENSORS];
    (void)i;
    for (size_t k = 0; k < n; k += HE_CHUNK) {
        size_t m = MIN(n - k, HE_CHUNK);
        for (int j = 1; j < t->n_tensors; j++)
            at[j] = p[j] + (ptrdiff_t)k * step[j] * t->size[j];
        t->term(t->data, m, t->accumulate ? term : d + k, at + 1, step + 1);
        for (size_t j = 0; t->accumulate && j < m; j++)
            d[k + j] += term[j];
    }
}

static void terms_sum_run(void *data, size_t i, size_t n, char *const p[],
                          const ptrdiff_t step[])
{
    Terms *t = data;
    real term[HE_CHUNK];
    char *at[HE_WALK_TENSORS];
    (void)i;
    for (size_t k = 0; k < n; k += HE_CHUNK) {
        size_t m = MIN(n - k, HE_CHUNK);
        for (int j = 1; j < t->n_tensors; j++)
            at[j] = p[j] + (ptrdiff_t)k * step[j] * t->size[j];
        t->term(t->data, m, term, at + 1, step + 1);
        t->sum += he_sum(term, m, 1);
    }
}

static void terms_line(void *data, size_t i, const HeWalk *line, char *const p[])
{
    Terms t = *(const Terms *)data;
    real *d = (real *)p[0];
    (void)i;
    he_walk_range(line, p, 0, line->n, terms_sum_run, &t);
    *d = (real)(t.accumulate ? (double)*d + t.sum : t.sum);
}

/* The axes of SHAPE along which D was broadcast. */
static guint summed_axes(const HeTensor *d, const HeTensor *shape)
{
    guint axes = 0;
    for (int k = 0; k < shape->rank; k++) {
        int own = k - (shape->rank - d->rank);
        if ((own < 0 || d->dim[own] == 1) && shape->dim[k] != 1)
            axes |= 1u << k;
    }
    return axes;
}

void he_grad_terms(HePool *pool, HeTensor *d, gboolean accumulate, int n_tensors,
                   const HeTensor *const tensors[], HeTermFunc term, const void *data)
{
    Terms t = {term, data, accumulate, n_tensors + 1, {0}, 0};
    const HeTensor *all[HE_WALK_TENSORS] = {d};
    guint axes = summed_axes(d, tensors[0]);
    for (int j = 0; j < n_tensors; j++) {
        all[j + 1] = tensors[j];
        t.size[j + 1] = (ptrdiff_t)he_type_size(tensors[j]->type);
    }
    if (axes)
        he_walk_lines(pool, tensors[0], axes, n_tensors + 1, all, terms_line, &t);
    else
        he_walk_tiles(pool, tensors[0], n_tensors + 1, all, HE_WALK_BLOCK, terms_run, &t);
}

static void scaled(const void *data, size_t n, real *term, char *const p[],
                   const ptrdiff_t step[])
{
    const real *g = (const real *)p[0], scale = *(const real *)data;
    for (size_t k = 0; k < n; k++)
        term[k] = scale * g[(ptrdiff_t)k * step[0]];
}

/* G as if it had D's shape, by steps of 0. */
static HeTensor spread(const HeTensor *g, const HeTensor *d)
{
    HeTensor out = *d;
    out.data = g->data;
    for (int k = 0; k < d->rank; k++) {
        int own = k - (d->rank - g->rank);
        out.stride[k] = own < 0 || g->dim[own] == 1 ? 0 : g->stride[own];
    }
    return out;
}

void he_grad_pass(HePool *pool, HeTensor *d, gboolean accumulate, const HeTensor *g,
                  double scale)
{
    real s = (real)scale;
    HeTensor wide = *g;
    if (summed_axes(g, d) != 0)
        wide = spread(g, d);
    he_grad_terms(pool, d, accumulate, 1, (const HeTensor *const[]){&wide}, scaled, &s);
}

/* ---- another shape ----------------------------------------------------------------------------------- */

static HeTensor view_as(const HeTensor *t, const HeTensor *shape)
{
    HeTensor out;
    he_tensor_init(&out, t->type, shape->rank, shape->dim);
    out.data = t->data;
    return out;
}

void he_grad_reshape(HePool *pool, HeTensor *d, gboolean accumulate, const HeTensor *g)
{
    if (he_tensor_is_contiguous(g)) {
        HeTensor view = view_as(g, d);
        he_grad_pass(pool, d, accumulate, &view, 1);
    } else if (he_tensor_is_contiguous(d)) {
        HeTensor view = view_as(d, g);
        he_grad_pass(pool, &view, accumulate, g, 1);
    } else {
        size_t n = he_tensor_n(d);
        for (size_t i = 0; i < n; i++) {
            real *to = (real *)d->data + he_tensor_offset(d, d->rank, i);
            real v = ((const real *)g->data)[he_tensor_offset(g, g->rank, i)];
            *to = accumulate ? *to + v : v;
        }
    }
}
