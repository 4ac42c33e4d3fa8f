/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A plan: the model's graph compiled for one input shape, one precision and one list of wanted tensors.
 *
 * Compiling resolves names, infers shapes, folds what is constant, inlines If, recognises patterns, drops
 * what nobody wants, and lays values, saved bits and gradients into one arena. Running a plan: forward
 * once, backward as often as asked, each from its own target and rule. */
#ifndef HE_GRAPH_GRAPH_H
#define HE_GRAPH_GRAPH_H

#include "graph/packed.h"
#include "ops/op.h"

typedef struct HePlan HePlan;

/* What the caller will ask for. Names are ONNX tensor names; arrays are NULL-terminated, NULL: none. */
typedef struct {
    const char *const *values;    /* tensors whose values are read after forward */
    const char *const *gradients; /* tensors whose gradients are read after backward */
    const char *const *targets;   /* tensors that targets may name */
} HeWanted;

typedef struct {
    const HeOnnx *onnx;
    const char *input;       /* the one input that is not constant */
    const HeTensor *shape;   /* its shape */
    HeLayout layout;         /* of its axes */
    const HeTensorDef *held; /* the other inputs' values; borrowed, outlive the plan */
    int n_held;
    HePrecision precision;
    HeKernelSet kernels;
    HePool *pool; /* borrowed; outlives the plan */
    HePackedStore
        *store; /* of the session, likewise; NULL: the plan has one of its own */
    gboolean keeps_nodes; /* for questions about the graph, rather than for speed */
} HePlanContext;

HePlan *he_plan_new(const HePlanContext *context, const HeWanted *wanted,
                    const HeTask *task, GError **error);
void he_plan_free(HePlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HePlan, he_plan_free)

/* X: the input, float or double, contiguous, the plan's shape; converted and copied. */
gboolean he_plan_forward(HePlan *plan, const HeTensor *x, const HeTask *task,
                         GError **error);
/* Seeds the target's tensors with its weights (indices inside the whole tensor) and runs backward. */
gboolean he_plan_backward(HePlan *plan, const HeTarget *target, HeRule rule,
                          HeCoverage *coverage, const HeTask *task, GError **error);
/* A wanted value or gradient: real type of the plan, borrowed until the next run. NULL: not wanted. */
const HeTensor *he_plan_get_value(const HePlan *plan, const char *name);
const HeTensor *he_plan_get_gradient(const HePlan *plan, const char *name);

size_t he_plan_get_arena_bytes(const HePlan *plan);
/* Holds what of its weights other plans have packed: it will not pack that, nor does it go with them. Each run does so. */
void he_plan_find_packed(HePlan *plan);
/* What it holds beside the file and packed weights; and how much more it, and they, may take after one more run. (The second
 * packs.) */
gsize he_plan_get_memory(const HePlan *plan);
gsize he_plan_get_growth(const HePlan *plan);
/* Whether all weights that its next run wants to pack may be kept beside what is packed. */
gboolean he_plan_can_pack(const HePlan *plan);
gsize he_plan_get_weight_bytes(const HePlan *plan);
/* Gives values back; the next run takes that memory anew. */
void he_plan_forget_values(HePlan *plan);
/* TO, if it has none, gets the memory of FROM's values, if it is large enough: new pages would have to be cleared. */
void he_plan_hand_over(HePlan *from, HePlan *to);
/* Gives packed weights back, of which other plans may still hold some; values stay. The plan begins again to count its runs. */
void he_plan_forget_packed(HePlan *plan);
/* Adds the nodes (HeNodeDef *) of GRAPH that WANTED needs. */
void he_plan_need_nodes(GHashTable *needed, const HeGraphDef *graph,
                        const HeWanted *wanted);

/* Runs forward, and back from TARGET unless that is NULL, REPEAT times after two that are not counted (the second
 * packs): MS and BACK_MS [n nodes] get the median of each node's time. What another node does for one (fused) takes
 * no time. */
gboolean he_plan_time(HePlan *plan, const HeTensor *x, const HeTarget *target, int repeat,
                      double *ms, double *back_ms, const HeTask *task, GError **error);
gboolean he_plan_is_fused(const HePlan *plan, int node);
/* The node whose forward NODE does inside its own; NULL: none. */
const HeNode *he_plan_get_before(const HePlan *plan, int node);

/* ---- what a graph is, for heads and layers; node order is execution order ---------------------------- */

int he_plan_get_n_nodes(const HePlan *plan);
const HeNode *he_plan_get_node(const HePlan *plan, int i);
/* How many nodes read tensor NAME. */
int he_plan_count_readers(const HePlan *plan, const char *name);
/* Index of the node that makes NAME (views and folded names resolved), or -1: input or constant. */
int he_plan_find_producer(const HePlan *plan, const char *name);
/* Name, shape of any tensor alive in the plan; NULL: unknown. */
const HeTensor *he_plan_get_shape(const HePlan *plan, const char *name);
/* Names of a node's inputs and outputs; NULL where left out. Borrowed. */
const char *he_plan_get_input_name(const HePlan *plan, int node, int i);
const char *he_plan_get_output_name(const HePlan *plan, int node, int o);
gboolean he_plan_is_constant(const HePlan *plan, const char *name);
/* N numbers of a constant: flat indices FIRST, FIRST + STRIDE, ... */
gboolean he_plan_read_constant(const HePlan *plan, const char *name, size_t first,
                               size_t stride, size_t n, double *out, GError **error);
/* Runs one node alone on N other values of its first input that is no constant, one after the other:
 * contiguous X and Y of the plan's real type. */
gboolean he_plan_apply(HePlan *plan, int node, size_t n, const void *x, void *y,
                       GError **error);

#endif
