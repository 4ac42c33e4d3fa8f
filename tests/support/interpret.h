/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Runs the nodes of a small ONNX graph one after the other by their operators alone: no plan, no folding. */
#ifndef TESTS_INTERPRET_H
#define TESTS_INTERPRET_H

#include "ops/op.h"

typedef struct {
    HeTensor t;           /* data: owned */
    gboolean is_variable; /* infer does not see its data */
} NamedTensor;

void named_tensor_free(NamedTensor *tensor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NamedTensor, named_tensor_free)
/* A TensorProto of a file; real numbers as PRECISION has them. */
NamedTensor *named_tensor_load(const char *path, HePrecision precision, GError **error);

typedef struct {
    const HeOnnx *onnx;
    HePrecision precision;
    GHashTable *tensors; /* name -> NamedTensor *, owned */
} Interpreter;

void interpreter_init(Interpreter *run, const HeOnnx *onnx, HePrecision precision);
void interpreter_clear(Interpreter *run);
/* Owns TENSOR from here. */
void interpreter_take(Interpreter *run, const char *name, NamedTensor *tensor);
/* NULL: no such name. */
const NamedTensor *interpreter_get(const Interpreter *run, const char *name);
/* Initializers, then every node. */
gboolean interpreter_run(Interpreter *run, const HeGraphDef *graph, GError **error);

#endif
