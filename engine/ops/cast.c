/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Cast, and CastLike to the type of input 1. All float types are the plan's real numbers, so that a cast between them changes nothing; its
 * gradient passes. To integers it cuts towards zero, to bool it asks whether not zero. */
#include "ops/grad.h"

#include <string.h>

#include "ops/support.h"

/* TensorProto.DataType, by number, and by name as opset 1 wrote it. */
static const struct {
    HeType type;
    const char *name;
} types[] = {
    [1] = {HE_F32, "FLOAT"},      [2] = {HE_U8, "UINT8"},    [3] = {HE_I8, "INT8"},
    [4] = {HE_U16, "UINT16"},     [5] = {HE_I16, "INT16"},   [6] = {HE_I32, "INT32"},
    [7] = {HE_I64, "INT64"},      [9] = {HE_BOOL, "BOOL"},   [10] = {HE_F16, "FLOAT16"},
    [11] = {HE_F64, "DOUBLE"},    [12] = {HE_U32, "UINT32"}, [13] = {HE_U64, "UINT64"},
    [16] = {HE_BF16, "BFLOAT16"},
};

static gboolean type_asked(const HeNode *node, gint64 *to, GError **error)
{
    const char *name = NULL;
    *to = 0;
    if (node->opset >= 6)
        return he_attr_int(node, "to", 0, to, error);
    if (!he_attr_string(node, "to", "", &name, error))
        return FALSE;
    for (gint64 i = 0; i < (gint64)G_N_ELEMENTS(types); i++)
        if (types[i].name && strcmp(types[i].name, name) == 0)
            *to = i;
    return TRUE;
}

static gboolean infer(HeNode *node, GError **error)
{
    gint64 to;
    if (!type_asked(node, &to, error))
        return FALSE;
    if (to < 1 || to >= (gint64)G_N_ELEMENTS(types) || !types[to].name ||
        node->in[0]->type == HE_TYPE_NONE)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "casts from %s to type %" G_GINT64_FORMAT,
                             he_type_name(node->in[0]->type), to);
    HeType type = he_type_is_float(types[to].type) ? HE_REAL_TYPE : types[to].type;
    return he_node_set_out(node, 0, type, node->in[0]->rank, node->in[0]->dim, error);
}

static gboolean like_infer(HeNode *node, GError **error)
{
    return he_node_set_out(node, 0, node->in[1]->type, node->in[0]->rank,
                           node->in[0]->dim, error);
}

static gboolean forward(const HeRun *run, GError **error)
{
    (void)error;
    if (run->in[0]->type == run->out[0]->type)
        he_tensor_copy(run->pool, run->out[0], run->in[0]);
    else
        he_tensor_convert(run->in[0], run->out[0]);
    return TRUE;
}

static void backward(const HeRun *run)
{
    if (run->d_in[0])
        he_grad_pass(run->pool, run->d_in[0], run->accumulate[0], run->d_out[0], 1);
}

const HeOp HE_REAL(he_op_cast) = {
    .name = "Cast",
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};

const HeOp HE_REAL(he_op_cast_like) = {
    .name = "CastLike",
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .infer = like_infer,
    .forward = forward,
    .backward = backward,
};
