/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* LRN (Krizhevsky et al. 2012, section 3.3) across channels:
 *
 *   y_c = x_c s_c^-beta,   s_c = bias + alpha / size * sum of x_j^2 over the window of c
 *   dx_c = g_c s_c^-beta - 2 alpha beta / size * x_c * sum over the windows that hold c of g_j x_j s_j^(-beta-1)
 *
 * The window of c is c - floor((size-1)/2) .. c + ceil((size-1)/2). Positions are worked off in blocks; the
 * input is saved, s is computed again. */
#include "ops/grad.h"
#include "ops/support.h"

#define BLOCK 64 /* positions at once */

typedef struct {
    double alpha, beta, bias;
    gint64 size;
    size_t n_samples, channels, plane, n_blocks;
} Params;

static gboolean infer(HeNode *node, GError **error)
{
    const HeTensor *x = node->in[0];
    Params p;
    if (!he_node_need_float(node, 0, error) ||
        !he_node_need_rank(node, 0, 3, HE_MAX_RANK, error) ||
        !he_attr_float(node, "alpha", 1e-4, &p.alpha, error) ||
        !he_attr_float(node, "beta", 0.75, &p.beta, error) ||
        !he_attr_float(node, "bias", 1.0, &p.bias, error) ||
        !he_attr_int(node, "size", 0, &p.size, error))
        return FALSE;
    if (p.size < 1 || p.size > G_MAXINT32)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "size is %" G_GINT64_FORMAT ", expected at least 1", p.size);
    p.n_samples = (size_t)x->dim[0];
    p.channels = (size_t)x->dim[1];
    p.plane = he_dims_product(x, 2, x->rank);
    p.n_blocks = (p.plane + BLOCK - 1) / BLOCK;
    /* squares or terms, and s, of all channels at the positions of a block */
    size_t each;
    if (!he_size_mul(p.channels, 2 * BLOCK * sizeof(real), &each) ||
        !he_size_mul(each, (size_t)node->n_workers, &node->scratch_bytes))
        return he_node_error(node, HE_ERROR_OUT_OF_MEMORY, error,
                             "has too many channels");
    node->params = g_memdup2(&p, sizeof p);
    return he_node_set_out_like(node, 0, x, error);
}

/* One block of positions of one sample. */
typedef struct {
    const Params *params;
    size_t n;    /* positions */
    real *v, *s; /* [channels, BLOCK] scratch */
    const real *x;
    size_t x_step; /* between channels */
} Block;

static Block block_new(const HeRun *run, const HeTensor *x, size_t tile, int worker)
{
    const Params *p = run->node->params;
    size_t first = tile % p->n_blocks * BLOCK;
    Block b = {.params = p, .n = MIN(p->plane - first, BLOCK)};
    b.v = (real *)run->scratch + (size_t)worker * p->channels * 2 * BLOCK;
    b.s = b.v + p->channels * BLOCK;
    b.x = (const real *)x->data + (gint64)(tile / p->n_blocks) * x->stride[0] +
          (gint64)first;
    b.x_step = (size_t)x->stride[1];
    return b;
}

/* sum[k] of v over channels from .. to */
static void window_sum(const Block *b, gint64 from, gint64 to, double *sum)
{
    for (size_t k = 0; k < b->n; k++)
        sum[k] = 0;
    from = MAX(from, 0);
    to = MIN(to, (gint64)b->params->channels - 1);
    for (gint64 c = from; c <= to; c++)
        for (size_t k = 0; k < b->n; k++)
            sum[k] += (double)b->v[c * BLOCK + (gint64)k];
}

static void make_s(const Block *b)
{
    const Params *p = b->params;
    double sum[BLOCK];
    for (size_t c = 0; c < p->channels; c++)
        for (size_t k = 0; k < b->n; k++) {
            real x = b->x[c * b->x_step + k];
            b->v[c * BLOCK + k] = x * x;
        }
    for (gint64 c = 0; c < (gint64)p->channels; c++) {
        window_sum(b, c - (p->size - 1) / 2, c + p->size / 2, sum);
        for (size_t k = 0; k < b->n; k++)
            b->s[c * BLOCK + (gint64)k] =
                (real)(p->bias + p->alpha / (double)p->size * sum[k]);
    }
}

static void forward_tile(void *data, size_t tile, int worker)
{
    const HeRun *run = data;
    const HeTensor *y = run->out[0];
    Block b = block_new(run, run->in[0], tile, worker);
    const Params *p = b.params;
    real *to = (real *)y->data + (gint64)(tile / p->n_blocks) * y->stride[0] +
               (gint64)(tile % p->n_blocks * BLOCK);
    make_s(&b);
    for (size_t c = 0; c < p->channels; c++)
        for (size_t k = 0; k < b.n; k++)
            to[(gint64)c * y->stride[1] + (gint64)k] =
                b.x[c * b.x_step + k] * R_(pow)(b.s[c * BLOCK + k], (real)-p->beta);
}

static gboolean forward(const HeRun *run, GError **error)
{
    const Params *p = run->node->params;
    (void)error;
    he_pool_run(run->pool, p->n_samples * p->n_blocks, forward_tile, (void *)run);
    return TRUE;
}

/* v becomes g x s^(-beta-1), s becomes s^-beta. */
static void make_terms(const Block *b, const real *g, gint64 g_step)
{
    const Params *p = b->params;
    for (size_t c = 0; c < p->channels; c++)
        for (size_t k = 0; k < b->n; k++) {
            real s = b->s[c * BLOCK + k], power = R_(pow)(s, (real)-p->beta);
            b->v[c * BLOCK + k] =
                g[(gint64)c * g_step + (gint64)k] * b->x[c * b->x_step + k] * power / s;
            b->s[c * BLOCK + k] = power;
        }
}

static void backward_tile(void *data, size_t tile, int worker)
{
    const HeRun *run = data;
    const HeTensor *gt = run->d_out[0], *dt = run->d_in[0];
    Block b = block_new(run, run->in[0], tile, worker);
    const Params *p = b.params;
    gint64 sample = (gint64)(tile / p->n_blocks),
           at = (gint64)(tile % p->n_blocks * BLOCK);
    const real *g = (const real *)gt->data + sample * gt->stride[0] + at;
    real *d = (real *)dt->data + sample * dt->stride[0] + at;
    double sum[BLOCK], scale = 2 * p->alpha * p->beta / (double)p->size;
    make_s(&b);
    make_terms(&b, g, gt->stride[1]);
    for (gint64 c = 0; c < (gint64)p->channels; c++) {
        window_sum(&b, c - p->size / 2, c + (p->size - 1) / 2, sum);
        for (gint64 k = 0; k < (gint64)b.n; k++) {
            real *to = d + c * dt->stride[1] + k;
            real x = b.x[c * (gint64)b.x_step + k];
            real term = (real)((double)(g[c * gt->stride[1] + k] * b.s[c * BLOCK + k]) -
                               scale * (double)x * sum[k]);
            *to = run->accumulate[0] ? *to + term : term;
        }
    }
}

static void backward(const HeRun *run)
{
    const Params *p = run->node->params;
    he_pool_run(run->pool, p->n_samples * p->n_blocks, backward_tile, (void *)run);
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(0);
}

const HeOp HE_REAL(he_op_lrn) = {
    .name = "LRN",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .saves = saves,
};
