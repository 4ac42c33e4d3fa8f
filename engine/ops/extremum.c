/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Max and Min of any number of inputs, with broadcasting. NaN wins. The gradient of an element goes to the
 * first input that attains it, whose number is saved (a byte an element). */
#include "ops/grad.h"

#include <string.h>

#include "ops/support.h"

#define MAX_INPUTS 255 /* so that a number fits in a byte */

static gboolean infer(HeNode *node, GError **error)
{
    HeTensor shape;
    if (node->n_in > MAX_INPUTS)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "has %d inputs, expected at most %d", node->n_in,
                             MAX_INPUTS);
    return (he_type_is_float(node->in[0]->type) || he_node_need_whole(node, 0, error)) &&
           he_node_broadcast_all(node, &shape, error) &&
           he_node_set_out_like(node, 0, &shape, error);
}

static size_t saved_bytes(const HeNode *node)
{
    return he_tensor_n(node->out[0]);
}

typedef struct {
    int sign; /* 1: Max, -1: Min */
    int input;
    guint8 *taken;
    HeType type;
} Fold;

/* p: out, input; out becomes the better of both. */
static void reals_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    const Fold *f = data;
    real *y = (real *)p[0];
    const real *x = (const real *)p[1];
    for (size_t k = 0; k < n; k++) {
        real v = x[(ptrdiff_t)k * step[1]];
        gboolean is_better = f->sign > 0 ? v > y[k] : v < y[k];
        if (is_better || (isnan(v) && !isnan(y[k]))) {
            y[k] = v;
            if (f->taken)
                f->taken[i + k] = (guint8)f->input;
        }
    }
}

static void whole_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    const Fold *f = data;
    ptrdiff_t size = (ptrdiff_t)he_type_size(f->type);
    (void)i;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        gint64 v = he_whole_get(f->type, p[1] + k * step[1] * size);
        gint64 y = he_whole_get(f->type, p[0] + k * size);
        if (f->sign > 0 ? v > y : v < y)
            he_whole_set(f->type, p[0] + k * size, v);
    }
}

static gboolean fold_inputs(const HeRun *run, int sign)
{
    Fold f = {.sign = sign, .taken = run->saved, .type = run->out[0]->type};
    HeRunFunc func = he_type_is_float(f.type) ? reals_run : whole_run;
    if (f.taken)
        memset(f.taken, 0, he_tensor_n(run->out[0]));
    he_tensor_copy(run->pool, run->out[0], run->in[0]);
    for (f.input = 1; f.input < run->node->n_in; f.input++)
        he_walk_tiles(run->pool, run->out[0], 2,
                      (const HeTensor *const[]){run->out[0], run->in[f.input]},
                      HE_WALK_BLOCK, func, &f);
    return TRUE;
}

static gboolean max_forward(const HeRun *run, GError **error)
{
    (void)error;
    return fold_inputs(run, 1);
}

static gboolean min_forward(const HeRun *run, GError **error)
{
    (void)error;
    return fold_inputs(run, -1);
}

/* p: g, number of the input taken */
static void terms(const void *data, size_t n, real *term, char *const p[],
                  const ptrdiff_t step[])
{
    const real *g = (const real *)p[0];
    const guint8 *taken = (const guint8 *)p[1];
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        term[k] = taken[k * step[1]] == *(const int *)data ? g[k * step[0]] : 0;
}

static void backward(const HeRun *run)
{
    HeTensor taken;
    he_tensor_init(&taken, HE_U8, run->d_out[0]->rank, run->d_out[0]->dim);
    taken.data = run->saved;
    for (int i = 0; i < run->node->n_in; i++)
        if (run->d_in[i])
            he_grad_terms(run->pool, run->d_in[i], run->accumulate[i], 2,
                          (const HeTensor *const[]){run->d_out[0], &taken}, terms, &i);
}

const HeOp HE_REAL(he_op_max) = {
    .name = "Max",
    .min_in = 1,
    .max_in = -1,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = max_forward,
    .backward = backward,
    .saved_bytes = saved_bytes,
};

const HeOp HE_REAL(he_op_min) = {
    .name = "Min",
    .min_in = 1,
    .max_in = -1,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = min_forward,
    .backward = backward,
    .saved_bytes = saved_bytes,
};
