/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the infer functions share beyond op.h: checks of types, axes and arguments. Compiled once. */
#ifndef HE_OPS_SUPPORT_H
#define HE_OPS_SUPPORT_H

#include "ops/op.h"

/* Integer arguments (axes, pads, a shape) are no longer than this. */
#define HE_MAX_INTS 4096

gboolean he_node_need_float(const HeNode *node, int i, GError **error);
/* Integers or bool, so that he_whole_get reads them; uint64 is refused. */
gboolean he_node_need_whole(const HeNode *node, int i, GError **error);
gboolean he_node_need_type(const HeNode *node, int i, HeType type, GError **error);
gboolean he_node_need_same_type(const HeNode *node, int i, int j, GError **error);
gboolean he_node_need_rank(const HeNode *node, int i, int min, int max, GError **error);
/* Input I is there (optional inputs are NULL when left out). */
gboolean he_node_has_in(const HeNode *node, int i);
/* Error: AXIS must be in -RANK .. RANK - 1. */
gboolean he_node_axis(const HeNode *node, gint64 axis, int rank, int *out,
                      GError **error);
/* The integers of attribute NAME, or of constant input I when opset >= FROM (I < 0: never). *n = 0 and
 * *is_given FALSE when absent. Free with g_free. */
gboolean he_node_ints(const HeNode *node, const char *name, int i, int from, gint64 **out,
                      size_t *n, gboolean *is_given, GError **error);
/* he_node_ints as a set of axes, no axis twice. */
gboolean he_node_axes(const HeNode *node, int i, int from, int rank, guint *mask,
                      gboolean *is_given, GError **error);
/* Same shape and type as input 0. */
gboolean he_node_set_out_like(HeNode *node, int o, const HeTensor *like, GError **error);
/* The type of input 0 and the shape that all inputs broadcast to. */
gboolean he_node_broadcast_all(const HeNode *node, HeTensor *shape, GError **error);
/* Before opset 7 the second operand was stretched only when `broadcast` said so, from `axis` on:
 * how many axes of 1 to append to it, so that NumPy's rule does the same. */
gboolean he_node_old_broadcast(const HeNode *node, int *n_append, GError **error);
/* T with N more axes of 1 behind. */
HeTensor he_tensor_append_axes(const HeTensor *t, int n);

/* An integer or bool at P, or set there. */
gint64 he_whole_get(HeType type, const char *p);
void he_whole_set(HeType type, char *p, gint64 value);

/* a * b * ... of dim[from .. to - 1] of a checked shape. */
size_t he_dims_product(const HeTensor *t, int from, int to);
/* Elements from the start of the data to index I (flat, C order) of the first RANK axes. */
gint64 he_tensor_offset(const HeTensor *t, int rank, size_t i);

#endif
