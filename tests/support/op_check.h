/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One operator run by hand, from a line of text:
 *
 *   Conv pads=[1,1,1,1] group=2 : f[2,4,5,3] f[6,2,3,3]! f[6]!{...} -> ?
 *
 * NAME, attributes (int, 0.5, [1,2], [0.5,2.0], word, t(f,1.5): a tensor of one element), inputs, outputs.
 * An input is a type (f real, l int64, i int32, u uint8, h int8, b bool), its shape, then any of `!` (a
 * constant: infer sees its data, no gradient), `+` (positive numbers), `<` (ascending), `{values}`; without values
 * distinct numbers between -2 and 2. `_` is left out. An output is `?`, `_` (no name), or a tensor with the values
 * expected. */
#ifndef TESTS_OP_CHECK_H
#define TESTS_OP_CHECK_H

#include "ops/op.h"

#define OP_MAX_IO 24

typedef struct {
    HeTensor t; /* data: between guards */
    gboolean is_const;
    double *expected; /* of outputs; NULL: not stated */
} OpTensor;

typedef struct {
    HeNodeDef def;
    HeNode node;
    OpTensor in[OP_MAX_IO], out[OP_MAX_IO];
    HeTensor out_shape[OP_MAX_IO]; /* expected */
    gint64 gap;
    void *saved, *scratch;
} OpCheck;

/* Inputs filled from SEED. GAP: elements between the samples (axis 0) of tensors with two axes or more that
 * are no constants. A line that cannot be read, or an operator that opset lacks, ends the test. */
OpCheck *op_check_new(const char *line, int opset, HePrecision precision, gint64 gap,
                      guint32 seed);
void op_check_free(OpCheck *check); /* guards are looked at */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OpCheck, op_check_free)

/* Infers, then makes the outputs, saved bits and scratch memory for N_WORKERS. */
gboolean op_check_infer(OpCheck *check, int n_workers, GError **error);
gboolean op_check_forward(OpCheck *check, gboolean keep, HePool *pool, GError **error);
/* D_OUT and D_IN as HeRun has them. */
void op_check_backward(OpCheck *check, const HeTensor *const *d_out,
                       HeTensor *const *d_in, gboolean accumulate, HeRule rule,
                       HePool *pool);

/* A tensor like T with data of its own between guards, all NaN; its samples GAP apart. */
HeTensor op_tensor_new(const HeTensor *t, gint64 gap);
void op_tensor_clear(HeTensor *t);
void op_tensor_set(HeTensor *t, size_t i, double value); /* element i, C order */

#endif
