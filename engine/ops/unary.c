/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the members of the family y = f(x) share: attributes, tiles, and the three rules of the way back. */
#include "ops/unary.h"

#include "ops/support.h"

typedef struct {
    const HeUnary *unary;
    real k[2];
} Params;

gboolean he_unary_infer(HeNode *node, const HeUnary *unary, GError **error)
{
    Params params = {.unary = unary};
    gboolean is_whole = unary->whole && !he_type_is_float(node->in[0]->type);
    for (int i = 0; i < 2; i++) {
        double value = 0;
        if (unary->k[i].name &&
            !he_attr_float(node, unary->k[i].name, unary->k[i].fallback, &value, error))
            return FALSE;
        params.k[i] = (real)value;
    }
    if (!(is_whole ? he_node_need_whole : he_node_need_float)(node, 0, error) ||
        (unary->parse && !unary->parse(node, params.k, error)))
        return FALSE;
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out_like(node, 0, node->in[0], error);
}

static void value_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    const Params *params = data;
    (void)i;
    (void)step;
    params->unary->value(params->k, n, (const real *)p[1], (real *)p[0]);
}

static void whole_run(void *data, size_t i, size_t n, char *const p[],
                      const ptrdiff_t step[])
{
    const HeRun *run = data;
    const Params *params = run->node->params;
    HeType type = run->in[0]->type;
    ptrdiff_t size = (ptrdiff_t)he_type_size(type);
    (void)i;
    (void)step;
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++)
        he_whole_set(type, p[0] + k * size,
                     params->unary->whole(he_whole_get(type, p[1] + k * size)));
}

/* A few nanoseconds an element. */
#define BLOCK (HE_WALK_BLOCK / 4)

gboolean he_unary_forward(const HeRun *run, GError **error)
{
    const HeTensor *tensors[] = {run->out[0], run->in[0]};
    (void)error;
    if (he_type_is_float(run->in[0]->type))
        he_walk_tiles(run->pool, run->out[0], 2, tensors, BLOCK, value_run,
                      run->node->params);
    else
        he_walk_tiles(run->pool, run->out[0], 2, tensors, BLOCK, whole_run, (void *)run);
    return TRUE;
}

guint he_unary_saves(const HeNode *node, guint want)
{
    const Params *params = node->params;
    (void)want;
    return params->unary->saves;
}

typedef struct {
    const Params *params;
    HeRule rule;
} Slopes;

static void slope_terms(const void *data, size_t n, real *term, char *const p[],
                        const ptrdiff_t step[])
{
    const Slopes *s = data;
    (void)step;
    s->params->unary->slope(s->params->k, n, (const real *)p[1], term);
    he_rule_apply(s->rule, n, term, (const real *)p[0]);
}

void he_unary_backward(const HeRun *run)
{
    const Params *params = run->node->params;
    const HeUnary *unary = params->unary;
    Slopes slopes = {params, run->rule};
    const HeTensor *g = run->d_out[0];
    const HeTensor *saved = unary->saves & HE_SAVE_IN(0)    ? run->in[0]
                            : unary->saves & HE_SAVE_OUT(0) ? run->out[0]
                                                            : g;
    he_grad_terms(run->pool, run->d_in[0], run->accumulate[0], 2,
                  (const HeTensor *const[]){g, saved}, slope_terms, &slopes);
}
