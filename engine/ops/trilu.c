/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Trilu: of the last two axes the part on and above (`upper`) or below the diagonal k, zeros elsewhere. */
#include <string.h>

#include "ops/grad.h"
#include "ops/support.h"

typedef struct {
    gint64 rows, columns, k;
    gboolean is_upper;
} Params;

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    g_autofree gint64 *k = NULL;
    gint64 upper;
    size_t n = 0;
    if (!he_node_need_rank(node, 0, 2, HE_MAX_RANK, error) ||
        !he_attr_int(node, "upper", 1, &upper, error) ||
        (he_node_has_in(node, 1) && !he_node_const_ints(node, 1, &k, &n, error)))
        return FALSE;
    if (he_node_has_in(node, 1) && n != 1)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "k has %d numbers, expected one", (int)n);
    Params params = {x->dim[x->rank - 2], x->dim[x->rank - 1], 0, upper != 0};
    if (k) /* beyond the corners all diagonals are the same */
        params.k = CLAMP(k[0], -params.rows - 1, params.columns + 1);
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out_like(node, 0, x, error);
}

static gboolean is_kept(const Params *params, size_t i)
{
    gint64 column = (gint64)(i % (size_t)params->columns);
    gint64 row = (gint64)(i / (size_t)params->columns % (size_t)params->rows);
    return params->is_upper ? column - row >= params->k : column - row <= params->k;
}

typedef struct {
    const Params *params;
    size_t size;
    gboolean accumulate;
} Job;

/* p: y */
static void clear_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    const Job *job = data;
    (void)step;
    for (size_t k = 0; k < n; k++)
        if (!is_kept(job->params, i + k))
            memset(p[0] + k * job->size, 0, job->size);
}

static gboolean forward(const HeRun *run, GError **error)
{
    HeTensor *y = run->out[0];
    Job job = {run->node->params, he_type_size(y->type), FALSE};
    (void)error;
    he_tensor_copy(run->pool, y, run->in[0]);
    he_walk_tiles(run->pool, y, 1, (const HeTensor *const[]){y}, HE_WALK_BLOCK, clear_run,
                  &job);
    return TRUE;
}

/* p: d, g */
static void grad_run(void *data, size_t i, size_t n, char *const p[],
                     const ptrdiff_t step[])
{
    const Job *job = data;
    real *d = (real *)p[0];
    (void)step;
    for (size_t k = 0; k < n; k++) {
        real term = is_kept(job->params, i + k) ? ((const real *)p[1])[k] : 0;
        d[k] = job->accumulate ? d[k] + term : term;
    }
}

static void backward(const HeRun *run)
{
    Job job = {run->node->params, sizeof(real), run->accumulate[0]};
    if (run->d_in[0])
        he_walk_tiles(run->pool, run->d_in[0], 2,
                      (const HeTensor *const[]){run->d_in[0], run->d_out[0]},
                      HE_WALK_BLOCK, grad_run, &job);
}

const HeOp HE_REAL(he_op_trilu) = {
    .name = "Trilu",
    .min_in = 1,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .flags = HE_OP_IN_PLACE,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
