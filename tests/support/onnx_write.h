/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Writes small ONNX files for tests. A graph is filled by calls and ends in bytes or a file:
 *
 *     OnnxGraph *g = onnx_graph_new("net");
 *     onnx_input(g, "x", HE_F32, 4, (gint64[]){1, 3, -1, -1});            // -1: free
 *     onnx_init_f32(g, "w", 4, (gint64[]){8, 3, 3, 3}, weights);
 *     OnnxNode *conv = onnx_node(g, "Conv", "x,w", "y");                  // names by commas
 *     onnx_attr_ints(conv, "pads", 4, (gint64[]){1, 1, 1, 1});
 *     onnx_output(g, "y", HE_F32, -1, NULL);                              // no shape stated
 *     onnx_write(g, 13, path);                                            // frees g
 *
 * Nodes belong to their graph and are written in the order of onnx_node. Nothing is checked: files that no
 * good exporter would write are what tests want. Failures of the disk end the test. */
#ifndef TESTS_ONNX_WRITE_H
#define TESTS_ONNX_WRITE_H

#include "human-eye.h"

typedef struct OnnxGraph OnnxGraph;
typedef struct OnnxNode OnnxNode;

OnnxGraph *onnx_graph_new(const char *name);
void onnx_graph_free(OnnxGraph *graph);

/* RANK -1: the shape is not stated; a dim of -1 is free. */
void onnx_input(OnnxGraph *graph, const char *name, HeType type, int rank,
                const gint64 *dim);
void onnx_output(OnnxGraph *graph, const char *name, HeType type, int rank,
                 const gint64 *dim);

/* Initializers in raw_data. onnx_init takes BYTES as they shall stand in the file. */
void onnx_init(OnnxGraph *graph, const char *name, HeType type, int rank,
               const gint64 *dim, const void *data, size_t bytes);
void onnx_init_f32(OnnxGraph *graph, const char *name, int rank, const gint64 *dim,
                   const float *values);
void onnx_init_i64(OnnxGraph *graph, const char *name, int rank, const gint64 *dim,
                   const gint64 *values);
/* The same numbers in float_data, int32_data, int64_data, double_data or uint64_data, as TYPE wants; packed
 * in one field, or a field each. */
void onnx_init_typed(OnnxGraph *graph, const char *name, HeType type, int rank,
                     const gint64 *dim, const double *values, gboolean is_packed);

/* IN and OUT: names separated by commas, "" between two of them where one is left out ("x,,b"); "": none. */
OnnxNode *onnx_node(OnnxGraph *graph, const char *op_type, const char *in,
                    const char *out);
void onnx_node_name(OnnxNode *node, const char *name);
void onnx_node_domain(OnnxNode *node, const char *domain);

void onnx_attr_int(OnnxNode *node, const char *name, gint64 value);
void onnx_attr_float(OnnxNode *node, const char *name, float value);
void onnx_attr_string(OnnxNode *node, const char *name, const char *value);
void onnx_attr_ints(OnnxNode *node, const char *name, int n, const gint64 *values);
void onnx_attr_floats(OnnxNode *node, const char *name, int n, const float *values);
void onnx_attr_tensor(OnnxNode *node, const char *name, HeType type, int rank,
                      const gint64 *dim, const void *data, size_t bytes);
/* Takes GRAPH: a branch of If. */
void onnx_attr_graph(OnnxNode *node, const char *name, OnnxGraph *graph);

/* Inside a function: attribute NAME, of a kind of AttributeProto, is what the call gives for REF. */
void onnx_attr_ref(OnnxNode *node, const char *name, int kind, const char *ref);
/* The FunctionProto of BODY's nodes, field 25 of a model; IN and OUT as of onnx_node. Frees BODY. OPSET 0: the
 * model's. */
GByteArray *onnx_function(OnnxGraph *body, const char *domain, const char *name,
                          const char *in, const char *out, int opset);

/* The model; both free GRAPH. */
GByteArray *onnx_bytes(OnnxGraph *graph, int opset);
void onnx_write(OnnxGraph *graph, int opset, const char *path);

/* Below ONNX: protobuf's own pieces, for files that are wrong on purpose. */
void wire_varint(GByteArray *out, guint64 value);
void wire_tag(GByteArray *out, guint field, guint wire_type);
void wire_int(GByteArray *out, guint field, gint64 value);
void wire_bytes(GByteArray *out, guint field, const void *data, size_t n);
void wire_string(GByteArray *out, guint field, const char *text);
/* Takes PART. */
void wire_message(GByteArray *out, guint field, GByteArray *part);
/* The GraphProto, or NodeProto, as it stands so far: more fields may be added. */
GByteArray *onnx_graph_extra(OnnxGraph *graph);
GByteArray *onnx_node_extra(OnnxNode *node);

#endif
