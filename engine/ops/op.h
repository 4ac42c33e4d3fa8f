/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What an operator is: a const struct of named functions, one file per operator, one row in ops.def.
 *
 * Every file here is compiled twice (core/real.h), so forward and backward are written once over `real`.
 * infer runs when a graph is compiled for a shape: it checks inputs and attributes, sets the outputs'
 * types and shapes, and may keep what it parsed in node->params. Float tensors of any stored type are
 * HE_REAL_TYPE inside a graph. forward and backward may not fail on what infer could have refused. */
#ifndef HE_OPS_OP_H
#define HE_OPS_OP_H

#include "core/alloc.h"
#include "core/pool.h"
#include "core/real.h"
#include "kernels/kernels.h"
#include "model/onnx.h"

typedef struct HeOp HeOp;
typedef struct HeNode HeNode;

/* A node as its operator sees it. Tensors of infer have shapes; `data` is there only for constants. */
struct HeNode {
    const HeOp *op;
    const HeNodeDef
        *def;  /* name, attributes; for patterns, the ONNX node that ended it */
    int opset; /* of the node's domain */
    int n_in, n_out;
    const HeTensor **in; /* [n_in]; NULL where an optional input is left out */
    HeTensor **out;      /* [n_out]; NULL where an output has no name */
    void *params; /* the operator's own, from g_malloc, or NULL; freed with the node */
    size_t
        scratch_bytes; /* set by infer: memory for one forward or backward, per node, all workers */
    int n_workers;       /* given: workers of the pool, for scratch */
    HeKernelSet kernels; /* given */
};

/* What else an operator with HE_OP_FINISHES does to its output, in this order: y = scale y + shift per channel
 * (axis 1), adds a tensor of the same shape, clamps. */
typedef struct {
    const void *scale, *shift; /* of HE_REAL_TYPE; NULL: nothing */
    const HeTensor *add;       /* NULL: nothing */
    double low, high;          /* infinite: no bound */
    guint8 *
        gate; /* a bit for each number before the clamp: low < y < high; NULL: not asked */
} HeFinish;

/* What an operator with HE_OP_GATES_BACK also does to the gradient of input 0, in this order: adds a tensor of its
 * shape, takes max(g, 0), and 0 where a bit is 0. */
typedef struct {
    const HeTensor *add; /* NULL: nothing */
    gboolean is_positive;
    const guint8 *open; /* NULL: all pass */
} HeGradFinish;

/* One run of a node. Tensors have data, unless `saves` let it go. */
typedef struct HeRun HeRun;
struct HeRun {
    const HeNode *node;
    const HeTensor *const *in;
    HeTensor *const *out;
    const HeTensor *const
        *d_out;            /* backward: gradients of outputs; NULL where there is none */
    HeTensor *const *d_in; /* backward: where to write; NULL where it is not asked for */
    const gboolean *accumulate; /* backward: add to d_in[i] instead of writing it */
    void *saved; /* saved_bytes of memory that forward fills for backward, or NULL when
                                     nobody will ask for the backward */
    void *scratch;
    HePool *pool;
    HeRule rule;                     /* backward */
    const HeFinish *finish;          /* forward; NULL: nothing */
    const HeGradFinish *grad_finish; /* backward; NULL: nothing */
    const void *packed;              /* what pack made for this direction, or NULL */
    /* The run that makes what this one reads, which is not there (HeOp's pair); NULL: it is. */
    const HeRun *before;
};

typedef enum {
    HE_OP_VIEW =
        1 << 0, /* output 0 is input 0's bytes in another shape: no work at all */
    HE_OP_IN_PLACE = 1 << 1, /* output 0 may overwrite input 0 (same shape and type) */
    HE_OP_RELU = 1 << 2,     /* the guided and deconv rules apply */
    HE_OP_SMOOTH = 1 << 3,   /* ... by the extended rule: max(g, 0) * max(f'(x), 0) */
    HE_OP_WEIGHTS = 1 << 4, /* its constant float inputs after the first must be finite */
    HE_OP_POINTWISE =
        1 << 5, /* output element i depends on input element i alone (CAM heads) */
    HE_OP_FINISHES = 1 << 6, /* forward does what run->finish says */
    HE_OP_BLOCKS =
        1
        << 7, /* its values are in blocks of channels (nchwc.h); finishing, it can write gates */
    HE_OP_GATES_BACK =
        1 << 8 /* backward does what run->grad_finish says, if input 0 is in blocks */
} HeOpFlags;

struct HeOp {
    const char *name;   /* ONNX op_type */
    int min_in, max_in; /* -1: any number */
    int min_out, max_out;
    guint flags;
    gboolean (*infer)(HeNode *node, GError **error);
    gboolean (*forward)(const HeRun *run, GError **error);
    /* NULL: not differentiable; as many gradients of inputs as asked for. */
    void (*backward)(const HeRun *run);
    /* Which values the backward for the inputs in the mask WANT reads: bit i = input i, bit 16 + o =
     * output o. NULL: none. */
    guint (*saves)(const HeNode *node, guint want);
    /* Bytes of node-private memory (gate bits, indices). NULL: none. */
    size_t (*saved_bytes)(const HeNode *node);
    /* Whether the rules apply to this node (Clip: min = 0). NULL: as flags say. */
    gboolean (*is_ruled)(const HeNode *node);
    /* Which axis of which input axis K of output 0 is; FALSE: none. NULL: axes stay where they are, or the graph
     * knows the operator. */
    gboolean (*find_axis)(const HeNode *node, int k, int *input, int *axis);
    /* Whether y = scale x + shift per channel (axis 1), by constants that are ready: writes dim[1] numbers of
     * HE_REAL_TYPE each. NULL: it is not. */
    gboolean (*get_scale)(const HeNode *node, void *scale, void *shift);
    /* Whether y = min(max(x, low), high), NaN kept, and the bounds (infinite: none). NULL: it is not. */
    gboolean (*is_clamp)(const HeNode *node, double *low, double *high);
    /* Weights (input 1) made ready for many runs in one direction: bytes (0: they are not), and the making, from
     * run->in[1]. An operator that can do so reads them at any byte. NULL: it cannot. */
    size_t (*packed_bytes)(const HeNode *node, gboolean is_backward);
    void (*pack)(const HeRun *run, gboolean is_backward, void *out);
    /* Adds to KEY what the packing hangs on beside the weights, the same bytes for the same packing. */
    void (*add_packed_key)(const HeNode *node, gboolean is_backward, GByteArray *key);
    /* The kernel that does its work forward. NULL, or NULL given: loops of its own. */
    const char *(*get_kernel)(const HeNode *node);
    /* Makes ready for runs in one direction that do also, part by part in their own, those of BEFORE, which makes input 0
     * (backward: output 0's gradient, as that of its input 0). FALSE: it cannot. NULL: never. */
    gboolean (*pair)(HeNode *node, const HeNode *before, gboolean is_backward);
    /* Whether input 1 is read at any byte though it is not packed. NULL: it is not. */
    gboolean (*reads_bytes)(const HeNode *node, gboolean is_backward);
};
#define HE_SAVE_IN(i)  (1u << (i))
#define HE_SAVE_OUT(o) (1u << (16 + (o)))

/* The newest row of NAME that OPSET allows, in this precision; NULL: not supported. DOMAIN "" is ONNX's;
 * "human-eye" holds patterns recognised by the clean-up (Swish). */
const HeOp *he_op_find_f32(const char *domain, const char *name, int opset);
const HeOp *he_op_find_f64(const char *domain, const char *name, int opset);
#define he_op_find HE_REAL(he_op_find)

/* Row I of ops.def (from 0) in float or double, for tests and lists; NULL past the end. */
typedef struct {
    const char *domain;
    int since_version;
    const HeOp *f32, *f64;
} HeOpRow;
const HeOpRow *he_op_get(size_t i);

/* ---- for operators (support.c, broadcast.c, walk.c; more in support.h, walk.h, grad.h) --------------- */

/* Attributes of the node's definition. The *_or forms give a default; a wrong type is an error. */
gboolean he_attr_int(const HeNode *node, const char *name, gint64 fallback, gint64 *out,
                     GError **error);
gboolean he_attr_float(const HeNode *node, const char *name, double fallback, double *out,
                       GError **error);
/* Borrowed; *n = 0 and NULL when absent. */
gboolean he_attr_ints(const HeNode *node, const char *name, const gint64 **out, size_t *n,
                      GError **error);
gboolean he_attr_string(const HeNode *node, const char *name, const char *fallback,
                        const char **out, GError **error);
/* Errors of infer, "Conv node '/0/Conv': ..." (HE_ERROR_UNSUPPORTED or _CORRUPT_MODEL). */
gboolean he_node_error(const HeNode *node, HeErrorCode code, GError **error,
                       const char *format, ...) G_GNUC_PRINTF(4, 5);
/* Input I's constant integers (shape arguments). An error when it is absent or not a constant. */
gboolean he_node_const_ints(const HeNode *node, int i, gint64 **out, size_t *n,
                            GError **error);
gboolean he_node_is_const(const HeNode *node, int i);
/* Sets output O's type and shape; errors when the size is beyond limits. */
gboolean he_node_set_out(HeNode *node, int o, HeType type, int rank, const gint64 *dim,
                         GError **error);
/* NumPy broadcasting of two shapes. FALSE: they do not fit. */
gboolean he_broadcast(const HeTensor *a, const HeTensor *b, int *rank, gint64 *dim);

/* Walks two or three tensors of one broadcast shape by runs along the last axis:
 * func(data, n, p[], step[]) gets pointers and element steps (0 where broadcast). */
typedef void (*HeRowFunc)(void *data, size_t n, char *const p[], const ptrdiff_t step[]);
void he_walk(const HeTensor *shape, int n_tensors, const HeTensor *const tensors[],
             HeRowFunc func, void *data);

/* Gate bits: one per element, packed in bytes in C order of the tensor. */
static inline size_t he_gate_bytes(size_t n)
{
    return (n + 7) / 8;
}
static inline gboolean he_gate_get(const guint8 *gate, size_t i)
{
    return (gate[i >> 3] >> (i & 7)) & 1;
}

#endif
