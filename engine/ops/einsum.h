/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The equation of an Einsum, as labels of axes. */
#ifndef HE_OPS_EINSUM_H
#define HE_OPS_EINSUM_H

#include "ops/op.h"

/* A to Z, a to z, then the axes that "..." stands for, from the last one backwards. */
#define HE_EINSUM_LABELS (52 + HE_MAX_RANK)
#define HE_EINSUM_INPUTS 8

typedef struct {
    int rank;
    guint8 label[HE_MAX_RANK];
} HeEinsumTerm;

typedef struct {
    int n_in;
    /* An input may name a label twice: its diagonal. */
    HeEinsumTerm in[HE_EINSUM_INPUTS], out;
    gint64 dim[HE_EINSUM_LABELS]; /* of the labels that an input has */
} HeEinsum;

/* A tensor with one axis per label; what stretches (1 where the label has more) is left out. */
typedef struct {
    HeTensor t;
    guint8 label[HE_MAX_RANK];
    guint64 mask; /* of labels */
} HeEinsumView;

gboolean he_einsum_read(const HeNode *node, HeEinsum *out, GError **error);

/* Appends to OUT the axes of LIKE whose labels are in MASK, as VIEW has them, or of 1. */
void he_einsum_append(HeTensor *out, const HeEinsumView *view, const HeEinsumView *like,
                      guint64 mask);

/* z (+)= x y, summed over the labels that z has not, stretched over those that it alone has. Needs scratch
 * memory for all three. */
void HE_REAL(he_einsum_product)(const HeRun *run, const HeEinsumView *x,
                                const HeEinsumView *y, const HeEinsumView *z,
                                gboolean accumulate);
#define he_einsum_product HE_REAL(he_einsum_product)

#endif
