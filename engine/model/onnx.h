/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The ONNX file as it is written: nodes, attributes, tensors. The file is mapped and read in place:
 * `raw` points into the mapping, at any byte (never cast it to float *). Strings are copied. */
#ifndef HE_MODEL_ONNX_H
#define HE_MODEL_ONNX_H

#include "core/tensor.h"

/* Versions of the default operator set that the reader accepts. */
#define HE_MIN_OPSET 1
#define HE_MAX_OPSET 22

typedef struct HeGraphDef HeGraphDef;

/* Where the numbers of a tensor stand, if not in the model's file. */
typedef struct {
    char *location;        /* relative to the model's folder */
    gint64 offset, length; /* bytes; length -1: not stated */
} HeExternal;

typedef struct {
    char *name;
    HeType type;
    int rank;
    gint64 dim[HE_MAX_RANK];
    const guint8 *raw; /* little-endian, C order, raw_bytes = elements * size of type */
    size_t raw_bytes;
    HeExternal *external; /* NULL: in the model's file */
    guint8 *owned; /* when the file held float_data, int64_data, ... : raw points here */
} HeTensorDef;

typedef enum {
    HE_ATTR_FLOAT = 1,
    HE_ATTR_INT = 2,
    HE_ATTR_STRING = 3,
    HE_ATTR_TENSOR = 4,
    HE_ATTR_GRAPH = 5,
    HE_ATTR_FLOATS = 6,
    HE_ATTR_INTS = 7,
    HE_ATTR_STRINGS = 8 /* counted in n, not kept: no image operator reads them */
} HeAttrKind;           /* numbers as in AttributeProto.AttributeType */

typedef struct {
    char *name;
    HeAttrKind kind;
    gint64 i;
    double f;
    char *s; /* NUL-terminated copy */
    gint64 *ints;
    double *floats;
    size_t n; /* of ints, floats or strings */
    HeTensorDef *t;
    HeGraphDef *g;
    char *ref; /* inside a function: the attribute of the call that gives it; else NULL */
} HeAttr;

typedef struct {
    char *name, *op_type, *domain, *overload; /* never NULL; "" when the file has none */
    int opset;        /* of the default domain, where the node was written */
    char *module;     /* the path of the module it stands in; NULL: not told */
    char **in, **out; /* "" where an optional one is left out */
    int n_in, n_out;
    HeAttr *attrs;
    int n_attrs;
} HeNodeDef;

typedef struct {
    char *name;
    HeType type;
    int rank;                /* -1: not stated */
    gint64 dim[HE_MAX_RANK]; /* -1: free or symbolic */
} HeValueDef;

struct HeGraphDef {
    char *name;
    HeNodeDef *nodes;
    int n_nodes;
    HeTensorDef *initializers;
    int n_initializers;
    HeValueDef *inputs; /* without those that initializers give */
    int n_inputs;
    HeValueDef *outputs;
    int n_outputs;
};

typedef struct {
    GMappedFile *file;
    GHashTable *files; /* external data: location -> GMappedFile * */
    gint64 ir_version;
    int opset; /* of the default domain */
    char *producer;
    HeGraphDef graph;     /* calls of the model's own functions replaced by their nodes */
    GPtrArray *functions; /* HeFunctionDef *; the graph's copies share their numbers */
} HeOnnx;

/* Errors: HE_ERROR_IO (cannot be opened), HE_ERROR_CORRUPT_MODEL (what, at which byte),
 * HE_ERROR_UNSUPPORTED (an opset beyond 1-22, functions that call themselves). */
HeOnnx *he_onnx_open(const char *path, GError **error);
void he_onnx_free(HeOnnx *onnx);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeOnnx, he_onnx_free)

/* The tensor's bytes need not stay in memory, if they stand in a file: they can be read again. */
void he_onnx_let_go(const HeOnnx *onnx, const HeTensorDef *tensor);

/* What a message calls the node: its name, or that of its first output; "" for neither. */
const char *he_node_def_get_label(const HeNodeDef *node);
const HeAttr *he_node_def_attr(const HeNodeDef *node,
                               const char *name); /* NULL: absent */

#endif
