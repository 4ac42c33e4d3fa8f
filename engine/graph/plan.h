/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A plan inside graph/: values, steps, and the order in which they are made (graph.h is the outside).
 *
 *   he_plan_build      names -> values and steps, shapes inferred, constants folded, If inlined
 *   he_plan_tidy       nodes that do nothing become views
 *   he_plan_patterns   x * sigmoid(x) -> Swish, x * (1 + erf(x / sqrt 2)) / 2 -> Gelu, layer norms, ...
 *   he_plan_prune      drops steps that no wanted tensor needs
 *   he_plan_block      values in blocks of channels, where the kernels want them so
 *   he_plan_differentiate  which values carry gradients, what every step saves for its backward
 *   he_plan_fuse       Conv + Add + Relu in one step, where nobody sees what is between
 *   he_plan_pair       a pointwise Conv inside the depthwise one that reads it
 *   he_plan_fuse_back  gates and sums of gradients in the store of a convolution's or MaxPool's
 *   he_plan_follow_axes  where the numbers of each value stand in the picture
 *   he_plan_layout     one arena for values, saved bits and gradients, by lifetime */
#ifndef HE_GRAPH_PLAN_H
#define HE_GRAPH_PLAN_H

#include "graph/graph.h"

/* What the axes of a tensor are; grid.c. Of an axis of tokens: `runs` grids one behind another, from `first` on. */
typedef struct {
    guint8 role[HE_MAX_RANK];
    gint64 height, width, first, runs;
} HeAxes;

typedef struct {
    char *name;
    HeTensor t;   /* data: constants that are ready, or the place in the arena */
    int producer; /* step that makes it; -1: the input or a constant */
    gboolean is_const;
    const HeTensorDef *def; /* a constant of the file; NULL: folded, `owned` */
    void *owned;            /* he_free */
    gboolean is_checked;    /* a constant that was found finite */
    gboolean is_wanted;     /* read after forward */
    gboolean is_kept;       /* lives until the last backward: wanted, or saved */
    gboolean is_target;
    gboolean has_grad;
    gboolean is_grad_wanted;
    HeTensor grad;     /* shape as t, contiguous */
    int grad_home;     /* the value in whose gradient's place this one's stands, */
    size_t grad_shift; /* so many bytes further on */
    int grad_over; /* a value whose gradient, once written, is to be added to there, or -1 */
    gboolean is_grad_passed; /* it is another's, always: it needs no place */
    gboolean
        is_grad_between; /* it is made part by part inside the step that reads it, too */
    int root;     /* the value whose memory this one shares; itself when it has its own */
    size_t shift; /* bytes of that value's memory before this one's */
    int first, last; /* lifetime of the memory of a root, in steps */
    int grad_first, grad_last;
    size_t offset, grad_offset;
    HeAxes axes;
} HeValue;

typedef struct HeStep HeStep;
struct HeStep {
    HeNode node;
    int *in, *out; /* value ids; -1 where left out */
    gboolean is_dropped;
    gboolean
        *wants; /* [n_in]: whose gradients are asked for; NULL: not on the way back */
    size_t saved_offset, saved_bytes;
    size_t stream_bytes; /* constants brought into scratch just before use */
    gboolean has_finish; /* its forward does what later steps would do, */
    HeFinish finish;
    void *finish_scale; /* its scale, then its shift; he_free */
    gboolean is_fused;  /* which have nothing left to do forward: their output is value */
    int fused_from;     /* FUSED_FROM in place */
    int gate_of;        /* with has_finish: the step whose gates it writes, or -1 */
    HeStep
        *before[2]; /* the step whose forward and way back its own does, part by part, */
    HeStep *inside[2]; /* and that step's: what does its own; NULL: none */
    gboolean *passes;  /* [n_in]: whose gradient is the output's, uncopied; NULL: none */
    gboolean *joins;   /* [n_in]: whose gradient stands in the output's; NULL: none */
    gboolean is_gated_before; /* nothing is left to do on its way back */
    int saved_home;           /* the step behind whose saved bytes its own stand, */
    size_t saved_shift;       /* so many further on */
    int back_gate; /* the step through whose gate it lets the gradient of input 0, or -1 */
    HePacked *
        packed[2]; /* weights for the way forward and back, kept once a plan runs again */
    gboolean is_weight_checked;
};

struct HePlan {
    const HeOnnx *onnx;
    HePrecision precision;
    HeKernelSet kernels;
    HePool *pool;
    GPtrArray *values;   /* HeValue *, owned */
    GPtrArray *steps;    /* HeStep *, owned; execution order */
    GPtrArray *defs;     /* HeNodeDef *, of nodes that the file does not have; g_free */
    GHashTable *by_name; /* name -> id + 1 */
    int input;           /* value id */
    size_t const_bytes;  /* folded and converted constants, so far */

    size_t arena_bytes, scratch_bytes, stream_bytes;
    size_t lean_bytes;    /* of scratch, what is written once all weights are packed */
    size_t weight_bytes;  /* constants of the file */
    HePackedStore *store; /* of packed weights, a session's or */
    HePackedStore *own_store;         /* its own; else NULL */
    guint n_runs[2];                  /* forward, backward */
    guint8 *arena, *scratch, *stream; /* made by the first forward */
    size_t arena_room;                /* bytes of arena, some of them another plan's */
    gboolean has_forward;
};

#define HE_FOREVER G_MAXINT

static inline HeValue *he_plan_value(const HePlan *plan, int id)
{
    return g_ptr_array_index(plan->values, (guint)id);
}
static inline HeStep *he_plan_step(const HePlan *plan, int i)
{
    return g_ptr_array_index(plan->steps, (guint)i);
}
static inline HeType he_plan_real_type(const HePlan *plan)
{
    return plan->precision == HE_PRECISION_DOUBLE ? HE_F64 : HE_F32;
}

/* Id of a name, or -1. */
int he_plan_find(const HePlan *plan, const char *name);
const HeOp *he_plan_find_op(const HePlan *plan, const char *domain, const char *name,
                            int opset);
/* A value of SHAPE; registered under NAME unless that is NULL. Returns its id. */
int he_plan_add_value(HePlan *plan, const char *name, const HeTensor *shape,
                      int producer);
/* The batch that the file fixes where the plan's is 1; else 1. */
gint64 he_plan_file_batch(const HePlanContext *context);
/* Brings a bound Reshape from the file's batch to 1, where it states that. */
gboolean he_step_rebatch(HePlan *plan, HeStep *step, gint64 batch, GError **error);
/* Says in ERROR what may have caused it; returns FALSE. */
gboolean he_plan_refuse_batch(gint64 batch, GError **error);
/* Makes STEP the operator OP of one input, value X; outputs keep their names and, until OP infers, shapes. */
void he_step_become(HePlan *plan, HeStep *step, const HeOp *op, int opset, int x);
/* A step with room for its inputs and outputs, which are to be set and bound; owned by the plan's steps. */
HeStep *he_step_new(const HePlan *plan, const HeNodeDef *def, const HeOp *op, int opset,
                    int n_in, int n_out);
void he_step_free(HeStep *step);
/* Points node.in and node.out at the values. */
void he_step_bind(const HePlan *plan, HeStep *step);
/* A constant as contiguous numbers of its plan type, written to DST (he_tensor_bytes of v->t). */
void he_value_read_constant(const HeValue *value, void *dst);
gboolean he_plan_add_bytes(size_t *total, size_t bytes, const char *what, GError **error);

gboolean he_plan_build(HePlan *plan, const HePlanContext *context, const HeWanted *wanted,
                       const HeTask *task, GError **error);
void he_plan_tidy(HePlan *plan);
gboolean he_plan_patterns(HePlan *plan, GError **error);
void he_plan_prune(HePlan *plan);
gboolean he_plan_block(HePlan *plan, GError **error);
gboolean he_plan_differentiate(HePlan *plan, GError **error);
void he_plan_fuse(HePlan *plan);
/* The one step that reads value ID, after its producer, or -1: none, several, or somebody else too. */
int he_plan_find_only_reader(const HePlan *plan, int id);
void he_plan_pair(HePlan *plan);
/* Whether value ID is made part by part inside the step that reads it: it has no place. */
gboolean he_plan_is_between(const HePlan *plan, int id);

/* Steps that add to the gradient of a value, in the order of the way back. */
typedef struct {
    int n, first, last; /* how often; steps */
} HeGivers;

void he_plan_fuse_back(HePlan *plan);
/* As he_plan_pair, on the way back. GIVERS: of each value. */
void he_plan_pair_back(HePlan *plan, const HeGivers *givers);
/* GIVERS: of each value. */
void he_plan_join_back(HePlan *plan, const HeGivers *givers);
/* Whether STEP can add to, and gate, the gradient that it gives VALUE. */
gboolean he_step_can_finish_back(const HeStep *step, int value);
/* Whether the gradient of VALUE may be elsewhere: nobody sets or reads it but steps. */
gboolean he_value_is_grad_free(const HeValue *value);
/* Whether STEP has a gate of bits, through which alone the gradient of its input 0 comes, and which nobody else has
 * taken over: what is let through there may stand in the place of the output's. */
gboolean he_plan_has_free_gate(const HePlan *plan, const HeGivers *givers,
                               const HeStep *step);
gboolean he_plan_layout(HePlan *plan, GError **error);
void he_plan_follow_axes(HePlan *plan, HeLayout layout);

/* Points values and gradients into the arena. */
void he_plan_point_values(HePlan *plan);
/* So much may be kept packed. */
size_t he_plan_get_packed_most(const HePlan *plan);
/* The step's packed weights, if its operator packs constant ones; else 0. */
size_t he_step_packed_bytes(const HePlan *plan, const HeStep *step, gboolean is_backward);
/* Holds them, if they are in the store. */
void he_step_find_packed(const HePlan *plan, HeStep *step, gboolean is_backward);

/* Whether the operator reads input K, the constant VALUE, where it stands in the file, at any byte. */
gboolean he_step_reads_file(const HeStep *step, int k, const HeValue *value,
                            gboolean is_backward);
/* The first input that is no constant; -1: none. */
int he_step_find_variable(const HePlan *plan, const HeStep *step);
/* Memory that a step alone needs. */
gboolean he_plan_ensure_scratch(HePlan *plan, GError **error);
/* Runs a step. IN and OUT, when not NULL, stand in for its variable input and its output 0. */
gboolean he_step_forward(HePlan *plan, HeStep *step, const HeTensor *in, HeTensor *out,
                         GError **error);

#endif
