/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* GatherElements, GatherND, ScatterElements (once Scatter), ScatterND. Each is a list of places that an index
 * tensor names: a block of the data and the block of the picked values (gather) or updates (scatter) that
 * belongs to it. For elements a block is one number, index and picked have one shape; for ND the last axis of
 * the index is a tuple along the data's axes from `batch_dims` on, and a block is what the tuple leaves open.
 *
 *   gather:   picked = data[place]                    d_data[place] += g
 *   scatter:  y = data; y[place] = update             d_data = g, 0 at the places; d_update = g[place]
 *             or y[place] += update                   d_data = g; d_update = g[place]
 *
 * Products and extrema of updates are taken of constants alone: no gradient is made for them. */
#include <string.h>

#include "ops/grad.h"
#include "ops/support.h"

typedef enum { SET, ADD, MUL, MAX_OF, MIN_OF } Reduction;

typedef struct {
    gboolean is_nd;
    int axis;  /* of elements */
    int batch; /* of ND */
    Reduction reduction;
} Params;

/* ---- places ------------------------------------------------------------------------------------------------ */

typedef struct {
    HeTensor data, picked;
} Place;

static size_t n_places(const Params *params, const HeTensor *index)
{
    return params->is_nd ? he_dims_product(index, 0, index->rank - 1)
                         : he_tensor_n(index);
}

/* Moves AT along AXIS of DATA by an index; FALSE when it is outside. */
static gboolean step_along(const HeTensor *data, int axis, gint64 index, gint64 *at)
{
    if (index < -data->dim[axis] || index >= data->dim[axis])
        return FALSE;
    *at += (index < 0 ? index + data->dim[axis] : index) * data->stride[axis];
    return TRUE;
}

/* The block of T at element AT: its axes from FROM on. */
static HeTensor block_of(const HeTensor *t, int from, gint64 at)
{
    HeTensor block;
    he_tensor_init(&block, t->type, t->rank - from, t->dim + from);
    memcpy(block.stride, t->stride + from, sizeof(gint64) * (size_t)(t->rank - from));
    block.data = (char *)t->data + at * (gint64)he_type_size(t->type);
    return block;
}

static gboolean element_place(const Params *params, const HeTensor *data,
                              const HeTensor *index, const HeTensor *picked, size_t i,
                              Place *place)
{
    HeTensor along = *index;
    memcpy(along.stride, data->stride, sizeof along.stride);
    along.stride[params->axis] = 0;
    gint64 at = he_tensor_offset(&along, along.rank, i);
    if (!step_along(data, params->axis, he_tensor_get_int(index, i), &at))
        return FALSE;
    place->data = block_of(data, data->rank, at);
    place->picked =
        block_of(picked, picked->rank, he_tensor_offset(picked, picked->rank, i));
    return TRUE;
}

static gboolean nd_place(const Params *params, const HeTensor *data,
                         const HeTensor *index, const HeTensor *picked, size_t i,
                         Place *place)
{
    int lead = index->rank - 1, n = (int)index->dim[lead];
    size_t per_batch = he_dims_product(index, params->batch, lead);
    gint64 at = he_tensor_offset(data, params->batch, i / MAX(per_batch, 1));
    for (int k = 0; k < n; k++)
        if (!step_along(data, params->batch + k,
                        he_tensor_get_int(index, i * (size_t)n + (size_t)k), &at))
            return FALSE;
    place->data = block_of(data, params->batch + n, at);
    place->picked = block_of(picked, lead, he_tensor_offset(picked, lead, i));
    return TRUE;
}

static gboolean place_at(const Params *params, const HeTensor *data,
                         const HeTensor *index, const HeTensor *picked, size_t i,
                         Place *place)
{
    return (params->is_nd ? nd_place : element_place)(params, data, index, picked, i,
                                                      place);
}

/* ---- infer ------------------------------------------------------------------------------------------------- */

static gboolean shapes_error(const HeNode *node, GError **error)
{
    g_autofree char *data = he_tensor_shape_text(node->in[0]);
    g_autofree char *index = he_tensor_shape_text(node->in[1]);
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                         "data %s and indices %s do not fit", data, index);
}

/* The shape of the picked values, or that updates must have. */
static gboolean picked_shape(const HeNode *node, const Params *params, int *rank,
                             gint64 *dim, GError **error)
{
    const HeTensor *data = node->in[0], *index = node->in[1];
    *rank = index->rank;
    memcpy(dim, index->dim, sizeof index->dim);
    if (!params->is_nd) {
        gboolean fits = index->rank == data->rank;
        for (int k = 0; fits && k < data->rank; k++)
            fits = k == params->axis || index->dim[k] <= data->dim[k];
        return fits || shapes_error(node, error);
    }
    int lead = index->rank - 1;
    if (lead < params->batch || index->dim[lead] > data->rank - params->batch)
        return shapes_error(node, error);
    for (int k = 0; k < params->batch; k++)
        if (index->dim[k] != data->dim[k])
            return shapes_error(node, error);
    *rank = lead;
    for (int k = params->batch + (int)index->dim[lead]; k < data->rank; k++)
        dim[(*rank)++] = data->dim[k];
    return TRUE;
}

static gboolean infer_places(const HeNode *node, Params *params, int *rank, gint64 *dim,
                             GError **error)
{
    gint64 axis = 0, batch = 0;
    if (!he_node_need_rank(node, 0, 1, HE_MAX_RANK, error) ||
        !he_node_need_rank(node, 1, 1, HE_MAX_RANK, error) ||
        !he_node_need_whole(node, 1, error) ||
        !he_attr_int(node, "batch_dims", 0, &batch, error) ||
        !he_attr_int(node, "axis", 0, &axis, error) ||
        (!params->is_nd &&
         !he_node_axis(node, axis, node->in[0]->rank, &params->axis, error)))
        return FALSE;
    if (batch < 0 || batch >= node->in[0]->rank)
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "batch_dims is %" G_GINT64_FORMAT, batch);
    params->batch = (int)batch;
    return picked_shape(node, params, rank, dim, error);
}

static gboolean gather_infer(HeNode *node, gboolean is_nd, GError **error)
{
    Params params = {.is_nd = is_nd};
    gint64 dim[2 * HE_MAX_RANK];
    int rank = 0;
    if (!infer_places(node, &params, &rank, dim, error))
        return FALSE;
    node->params = g_memdup2(&params, sizeof params);
    return he_node_set_out(node, 0, node->in[0]->type, rank, dim, error);
}

static gboolean read_reduction(const HeNode *node, Reduction *out, GError **error)
{
    static const char *const names[] = {"none", "add", "mul", "max", "min"};
    const char *text;
    if (!he_attr_string(node, "reduction", "none", &text, error))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(text, names[i]) == 0) {
            gboolean is_const = he_node_is_const(node, 0) && he_node_is_const(node, 2);
            *out = (Reduction)i;
            return *out <= ADD || is_const ||
                   he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                                 "reduction '%s' is made of constants alone", text);
        }
    return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error, "reduction is '%s'", text);
}

static gboolean scatter_infer(HeNode *node, gboolean is_nd, GError **error)
{
    const HeTensor *updates = node->in[2];
    Params params = {.is_nd = is_nd};
    gint64 dim[2 * HE_MAX_RANK];
    int rank = 0;
    if (!infer_places(node, &params, &rank, dim, error) ||
        !he_node_need_same_type(node, 0, 2, error) ||
        !read_reduction(node, &params.reduction, error))
        return FALSE;
    if (rank != updates->rank ||
        memcmp(dim, updates->dim, sizeof(gint64) * (size_t)rank) != 0) {
        g_autofree char *shape = he_tensor_shape_text(updates);
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "updates of shape %s do not fit the indices", shape);
    }
    if (!(he_type_is_float(updates->type) || params.reduction == SET ||
          he_node_need_whole(node, 2, error)))
        return FALSE;
    node->params = g_memdup2(&params, sizeof params);
    node->scratch_bytes = he_tensor_n(updates) * sizeof(real);
    return he_node_set_out_like(node, 0, node->in[0], error);
}

#define INFER(symbol, family, is_nd)                                                     \
    static gboolean symbol##_infer(HeNode *node, GError **error)                         \
    {                                                                                    \
        return family##_infer(node, is_nd, error);                                       \
    }
INFER(gather_elements, gather, FALSE)
INFER(gather_nd, gather, TRUE)
INFER(scatter_elements, scatter, FALSE)
INFER(scatter_old, scatter, FALSE)
INFER(scatter_nd, scatter, TRUE)

/* ---- forward ----------------------------------------------------------------------------------------------- */

static gboolean index_error(const HeRun *run, size_t i, GError **error)
{
    return he_node_error(run->node, HE_ERROR_CORRUPT_MODEL, error,
                         "index %d of its indices is outside the data", (int)i);
}

static gboolean gather_forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    Place place;
    for (size_t i = 0, n = n_places(params, run->in[1]); i < n; i++) {
        if (!place_at(params, run->in[0], run->in[1], run->out[0], i, &place))
            return index_error(run, i, error);
        he_tensor_copy(NULL, &place.picked, &place.data);
    }
    return TRUE;
}

typedef struct {
    Reduction reduction;
    HeType type;
} Fold;

static real fold_reals(Reduction reduction, real a, real b)
{
    return reduction == ADD      ? a + b
           : reduction == MUL    ? a * b
           : reduction == MAX_OF ? MAX(a, b)
                                 : MIN(a, b);
}

static gint64 fold_whole(Reduction reduction, gint64 a, gint64 b)
{
    return reduction == ADD      ? (gint64)((guint64)a + (guint64)b)
           : reduction == MUL    ? (gint64)((guint64)a * (guint64)b)
           : reduction == MAX_OF ? MAX(a, b)
                                 : MIN(a, b);
}

/* p: data, update */
static void fold_row(void *data, size_t n, char *const p[], const ptrdiff_t step[])
{
    const Fold *fold = data;
    ptrdiff_t size = (ptrdiff_t)he_type_size(fold->type);
    for (ptrdiff_t k = 0; k < (ptrdiff_t)n; k++) {
        char *y = p[0] + k * step[0] * size;
        const char *u = p[1] + k * step[1] * size;
        if (he_type_is_float(fold->type))
            *(real *)y = fold_reals(fold->reduction, *(real *)y, *(const real *)u);
        else
            he_whole_set(fold->type, y,
                         fold_whole(fold->reduction, he_whole_get(fold->type, y),
                                    he_whole_get(fold->type, u)));
    }
}

static gboolean scatter_forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    HeTensor *y = run->out[0];
    Fold fold = {params->reduction, y->type};
    Place place;
    he_tensor_copy(run->pool, y, run->in[0]);
    for (size_t i = 0, n = n_places(params, run->in[1]); i < n; i++) {
        if (!place_at(params, y, run->in[1], run->in[2], i, &place))
            return index_error(run, i, error);
        if (params->reduction == SET)
            he_tensor_copy(NULL, &place.data, &place.picked);
        else
            he_walk(&place.data, 2, (const HeTensor *const[]){&place.data, &place.picked},
                    fold_row, &fold);
    }
    return TRUE;
}

/* ---- backward ---------------------------------------------------------------------------------------------- */

typedef enum { TAKE, TAKE_MORE, PUT, PUT_MORE } Transfer;

/* Between DATA and PICKED at every place; indices were checked by the forward. */
static void transfer(const HeRun *run, HeTensor *data, HeTensor *picked, Transfer how)
{
    const Params *params = run->node->params;
    Place place;
    for (size_t i = 0, n = n_places(params, run->in[1]); i < n; i++) {
        if (!place_at(params, data, run->in[1], picked, i, &place))
            continue;
        if (how == TAKE || how == TAKE_MORE)
            he_grad_pass(NULL, &place.picked, how == TAKE_MORE, &place.data, 1);
        else
            he_grad_pass(NULL, &place.data, how == PUT_MORE, &place.picked, 1);
    }
}

static void gather_backward(const HeRun *run)
{
    HeTensor g = *run->d_out[0];
    if (!run->d_in[0])
        return;
    he_grad_begin(run->pool, run->d_in[0], run->accumulate[0]);
    transfer(run, run->d_in[0], &g, PUT_MORE);
}

/* What d held at the places before, if it is added to, else 0, stands there after. */
static void data_backward(const HeRun *run, const HeTensor *g)
{
    const Params *params = run->node->params;
    HeTensor *d = run->d_in[0], before;
    const gint64 *dim = run->node->in[2]->dim;
    if (params->reduction == ADD) {
        he_grad_pass(run->pool, d, run->accumulate[0], g, 1);
        return;
    }
    he_tensor_init(&before, HE_REAL_TYPE, run->node->in[2]->rank, dim);
    before.data = run->scratch;
    if (run->accumulate[0])
        transfer(run, d, &before, TAKE);
    else if (run->node->scratch_bytes)
        memset(before.data, 0, run->node->scratch_bytes);
    he_grad_pass(run->pool, d, run->accumulate[0], g, 1);
    transfer(run, d, &before, PUT);
}

static void scatter_backward(const HeRun *run)
{
    HeTensor g = *run->d_out[0];
    if (run->d_in[0])
        data_backward(run, &g);
    if (run->d_in[2])
        transfer(run, &g, run->d_in[2], run->accumulate[2] ? TAKE_MORE : TAKE);
}

static guint saves(const HeNode *node, guint want)
{
    (void)node;
    (void)want;
    return HE_SAVE_IN(1);
}

#define INDEX_OP(symbol, onnx_name, family, n_inputs)                                    \
    const HeOp HE_REAL(he_op_##symbol) = {                                               \
        .name = onnx_name,                                                               \
        .min_in = n_inputs,                                                              \
        .max_in = n_inputs,                                                              \
        .min_out = 1,                                                                    \
        .max_out = 1,                                                                    \
        .infer = symbol##_infer,                                                         \
        .forward = family##_forward,                                                     \
        .backward = family##_backward,                                                   \
        .saves = saves,                                                                  \
    };
INDEX_OP(gather_elements, "GatherElements", gather, 2)
INDEX_OP(gather_nd, "GatherND", gather, 2)
INDEX_OP(scatter_old, "Scatter", scatter, 3)
INDEX_OP(scatter_elements, "ScatterElements", scatter, 3)
INDEX_OP(scatter_nd, "ScatterND", scatter, 3)
