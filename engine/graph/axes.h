/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an axis of a tensor is, for grid.c. */
#ifndef HE_GRAPH_AXES_H
#define HE_GRAPH_AXES_H

#include "graph/plan.h"

/* OTHER: known to be none of the rest. */
typedef enum { UNKNOWN, OTHER, CHANNEL, ROW, COLUMN, TOKEN } Role;

/* The axes of OUT, which has IN's numbers in another shape. */
HeAxes he_axes_reshape(const HeTensor *in, const HeAxes *from, const HeTensor *out);
HeAxes he_axes_transpose(const HeNode *node, const HeAxes *from);
HeAxes he_axes_gather(const HeNode *node, const HeAxes *from, const HeTensor *out);
HeAxes he_axes_split(const HeNode *node, const HeAxes *from, int o);
HeAxes he_axes_slice(const HeNode *node, const HeAxes *from, const HeTensor *out);

#endif
