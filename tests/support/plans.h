/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Plans of small graphs whose input is "x", in tests where nothing fails. */
#ifndef HE_TESTS_PLANS_H
#define HE_TESTS_PLANS_H

#include "graph/graph.h"
#include "support/onnx_write.h"

/* Takes GRAPH, of opset 13; by way of a file. */
HeOnnx *plans_open(OnnxGraph *graph);
HePlan *plans_new(const HeOnnx *onnx, HePool *pool, HeKernelSet set,
                  HePrecision precision, const HeTensor *shape, const HeWanted *wanted);
/* The same, with packed weights in STORE. */
HePlan *plans_new_in(HePackedStore *store, const HeOnnx *onnx, HePool *pool,
                     HeKernelSet set, HePrecision precision, const HeTensor *shape,
                     const HeWanted *wanted);
/* On X, of SHAPE. */
void plans_forward(HePlan *plan, const HeTensor *shape, const float *x);
/* By the plain rule, from number INDEX of TENSOR. */
void plans_backward(HePlan *plan, const char *tensor, gint64 index);
/* Largest difference of two tensors at most 1e-5 of the largest number, which is not 0. */
void plans_assert_near(const HeTensor *got, const HeTensor *expected);
/* A convolution of 3 x 3 taps, padded by 1, with random weights of its own: OUT channels from IN_CHANNELS in GROUP
 * groups; the node is for more attributes. */
OnnxNode *plans_conv(OnnxGraph *graph, const char *in, gint64 in_channels, gint64 out,
                     gint64 group, const char *name);
/* Adds TEST, with the set as data, under PATH for each set that this processor has. */
void plans_add_test(const char *path, GTestDataFunc test);
/* N random numbers in -0.3 .. 0.3. */
void plans_fill(float *v, size_t n, guint32 seed);

#endif
