/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the files of the ONNX reader share. Each read_ function fills a zeroed struct; on failure too the
 * struct may be cleared. Every list is counted before it is allocated, so that reading takes linear time. */
#ifndef HE_MODEL_ONNX_READ_H
#define HE_MODEL_ONNX_READ_H

#include "model/onnx.h"
#include "model/wire.h"

/* One per file: what is still allowed, so that a small file cannot ask for much memory. */
typedef struct {
    int n_nodes;    /* read so far, subgraphs included */
    size_t n_items; /* names, attributes, tensors and values so far */
    int depth;      /* of nested graphs */
    gboolean is_in_function;
} HeOnnxReader;

/* An operator that the model defines itself, by nodes. */
typedef struct {
    char *domain, *name, *overload;
    char **in, **out;
    int n_in, n_out;
    HeAttr *defaults; /* of attributes */
    int n_defaults;
    HeNodeDef *nodes;
    int n_nodes;
    int opset; /* 0: the model's */
} HeFunctionDef;

/* FALSE with an error when N more items are too many. */
gboolean he_onnx_count_items(HeOnnxReader *reader, const HeWire *at, size_t n,
                             GError **error);

gboolean he_onnx_read_graph(HeOnnxReader *reader, HeWire wire, HeGraphDef *out,
                            GError **error);
void he_onnx_clear_graph(HeGraphDef *graph);

gboolean he_onnx_read_node(HeOnnxReader *reader, HeWire wire, HeNodeDef *out,
                           GError **error);
void he_onnx_clear_node(HeNodeDef *node);

/* One opset_import; only the default domain's version matters: *OPSET, 0 before. */
gboolean he_onnx_read_opset(HeWire wire, int *opset, GError **error);

gboolean he_onnx_read_function(HeOnnxReader *reader, HeWire wire, HeFunctionDef *out,
                               GError **error);
void he_onnx_free_function(HeFunctionDef *function);
/* Replaces calls of functions by their nodes, and sets every node's opset. */
gboolean he_onnx_inline(HeOnnxReader *reader, HeOnnx *onnx, GError **error);

gboolean he_onnx_read_attr(HeOnnxReader *reader, HeWire wire, HeAttr *out,
                           GError **error);
void he_onnx_clear_attr(HeAttr *attr);

gboolean he_onnx_read_value(HeWire wire, HeValueDef *out, GError **error);

gboolean he_onnx_read_tensor(HeWire wire, HeTensorDef *out, GError **error);
void he_onnx_clear_tensor(HeTensorDef *tensor);

/* A StringStringEntryProto's fields; number 0: absent. */
gboolean he_onnx_read_entry(const HeWireField *field, HeWireField *key,
                            HeWireField *value, GError **error);
/* One entry of NodeProto.metadata_props; what tells of the node's module replaces *MODULE. */
gboolean he_onnx_read_scope(const HeWireField *field, char **module, GError **error);

/* One entry of TensorProto.external_data. */
gboolean he_onnx_read_external(const HeWireField *field, HeTensorDef *out,
                               GError **error);
void he_onnx_clear_external(HeTensorDef *tensor);
/* Puts the first node that reads TENSOR, here or in a branch, in front of what ERROR says of it. */
void he_onnx_prefix_reader(const HeGraphDef *graph, const char *tensor, GError **error);
/* Points all external tensors at their numbers; PATH is the model's. */
gboolean he_onnx_resolve_external(HeOnnx *onnx, const char *path, GError **error);

/* TensorProto.DataType; HE_TYPE_NONE: none that the engine computes with. */
HeType he_onnx_type(gint64 data_type);

/* What the file is when it is not ONNX, and what to do: "a ZIP archive (a PyTorch checkpoint?): ...".
 * NULL: no idea. Static. */
const char *he_onnx_guess_format(const guint8 *data, size_t n);

#endif
