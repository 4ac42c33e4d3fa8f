/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Reading a classifier: where its logits are, what its head is, which layers it has. */
#ifndef HE_GRAPH_HEAD_H
#define HE_GRAPH_HEAD_H

#include "graph/graph.h"

/* The logits behind OUTPUT: a final Softmax, LogSoftmax or Sigmoid is stepped over and named in
 * *activation; else OUTPUT itself and *activation is left alone. Borrowed. */
const char *he_head_find_logits(const HePlan *plan, const char *output,
                                HeActivation *activation);

/* The head of CAM (Zhou et al. 2016): features -> global average pooling -> chain -> last linear layer. */
typedef struct {
    const char *features; /* the input of the pooling, which has a grid; borrowed */
    int *
        chain; /* nodes between the pooling and the last linear layer, in order, without views */
    int n_chain;
    int last; /* node of the last linear layer; -1: the pooled channels are the logits */
} HeCamHead;

/* NULL when the network has such a head, else the reason why not (g_free). */
char *he_cam_head_find(const HePlan *plan, const char *logits, HeCamHead *out);
void he_cam_head_clear(HeCamHead *head);
/* Row Y of the last linear layer, bias left out: N weights, one per input feature. */
gboolean he_cam_head_row(const HePlan *plan, const HeCamHead *head, gint64 y, size_t n,
                         double *row, GError **error);

/* The tensors of the network in order of execution, without views. Free with he_layers_free. */
HeLayer *he_layers_new(const HePlan *plan, const char *logits, int *n_layers);
/* The last tensor with more than one place in the picture before the head, all of whose places reach the
 * answer; NULL: there is none. Borrowed. */
const char *he_layers_find_default(const HePlan *plan, const char *logits);

#endif
