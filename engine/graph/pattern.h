/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the finders of patterns share: looking at the steps behind a value. */
#ifndef HE_GRAPH_PATTERN_H
#define HE_GRAPH_PATTERN_H

#include "graph/plan.h"

/* The step that makes value ID; NULL: none. */
const HeStep *he_pattern_producer(const HePlan *plan, int id);
/* Nobody asks for a gradient of the value, or has a target on it. */
gboolean he_pattern_is_free(const HePlan *plan, int id);
/* The step OP behind an inner value; NULL: another one, or somebody asks for the value. */
const HeStep *he_pattern_inner(const HePlan *plan, int id, const char *op);
/* A constant of one number. */
gboolean he_pattern_number(const HePlan *plan, int id, double *out);
/* Y of y + NUMBER, either way round; -1. */
int he_pattern_beside_number(const HePlan *plan, const HeStep *add, double number);

/* Makes STEP a LayerNormalization when it ends one that is spelt out. */
gboolean he_pattern_layer_norm(HePlan *plan, HeStep *step, GError **error);

#endif
