/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* libhumaneye: what a convolutional network looked at in a picture.
 *
 *   picture -> HeInput (view, tensor) -> HeSession (forward, backward) -> HeMap -> RGBA rows
 *
 * Where: a model, a view of the picture, a target. How: a method, a type of gradient, a display.
 *
 * Every function that can fail takes a last `GError **` (domain HE_ERROR, or G_IO_ERROR_CANCELLED),
 * returns FALSE or NULL then, and leaves its results untouched. The library never prints, exits or
 * aborts on input. A model is immutable and may be shared by threads; a session belongs to one thread
 * at a time. Structs below are plain and may be read by other languages; strings are UTF-8. */
#ifndef HUMAN_EYE_H
#define HUMAN_EYE_H

#include <gio/gio.h>

G_BEGIN_DECLS
/* All that is declared here, and nothing else, leaves the shared library. */
#pragma GCC visibility push(default)

#define HE_VERSION "0.1.0"

#define HE_ERROR (he_error_quark())
GQuark he_error_quark(void);

typedef enum {
    HE_ERROR_INVALID_ARGUMENT, /* an argument, option, class or target that does not fit */
    HE_ERROR_UNSUPPORTED,      /* a model or request beyond what is built */
    HE_ERROR_CORRUPT_MODEL, /* a model, descriptor or label file that is not well formed */
    HE_ERROR_OUT_OF_MEMORY, /* a size that the machine, or a limit, refuses */
    HE_ERROR_IO,            /* a file that cannot be read or written */
    HE_ERROR_NUMERIC        /* NaN or infinity in weights or results */
} HeErrorCode;

/* ---- choices: every enumeration has one table; the row after the last has a NULL nick -------- */

typedef struct {
    int value;
    const char *nick;  /* what scripts, options and recipes say */
    const char *label; /* what a dialog shows (English, marked for translation) */
} HeChoice;

/* The row with that nick or value; NULL when there is none. */
const HeChoice *he_choice_find(const HeChoice *choices, const char *nick);
const HeChoice *he_choice_get(const HeChoice *choices, int value);
/* "a, b, c": the nicks of the table, for messages. Free with g_free. */
char *he_choice_list(const HeChoice *choices);

typedef enum { HE_FIT_STRETCH, HE_FIT_CROP, HE_FIT_PAD, HE_FIT_ASPECT } HeFit;
typedef enum { HE_FILTER_NEAREST, HE_FILTER_BILINEAR, HE_FILTER_BICUBIC } HeFilter;
typedef enum { HE_ENCODING_SRGB, HE_ENCODING_LINEAR, HE_ENCODING_RAW } HeEncoding;
typedef enum { HE_GREY_601, HE_GREY_709, HE_GREY_FIRST } HeGrey;
typedef enum { HE_LAYOUT_NCHW, HE_LAYOUT_NHWC } HeLayout;
typedef enum {
    HE_ACTIVATION_SOFTMAX,
    HE_ACTIVATION_SIGMOID,
    HE_ACTIVATION_NONE
} HeActivation;
typedef enum {
    HE_GRADIENT_POSITIVE, /* max over channels of max(g, 0) */
    HE_GRADIENT_NEGATIVE, /* max over channels of max(-g, 0), drawn as a magnitude */
    HE_GRADIENT_ABSOLUTE, /* max over channels of |g| */
    HE_GRADIENT_SIGNED /* the g of the channel with the largest |g|, the first on ties */
} HeGradient;
typedef enum { HE_RULE_PLAIN, HE_RULE_GUIDED, HE_RULE_DECONV } HeRule;
typedef enum { HE_PRECISION_SINGLE, HE_PRECISION_DOUBLE } HePrecision;
typedef enum {
    HE_COLORMAP_JET,
    HE_COLORMAP_TURBO,
    HE_COLORMAP_VIRIDIS,
    HE_COLORMAP_INFERNO,
    HE_COLORMAP_GREY,
    HE_COLORMAP_DIVERGING
} HeColormap;
typedef enum {
    HE_BLEND_NORMAL,
    HE_BLEND_MULTIPLY,
    HE_BLEND_SCREEN,
    HE_BLEND_OVERLAY,
    HE_BLEND_SOFTLIGHT,
    HE_BLEND_HARDLIGHT,
    HE_BLEND_ADDITION,
    HE_BLEND_SUBTRACT,
    HE_BLEND_DIFFERENCE,
    HE_BLEND_DARKEN_ONLY,
    HE_BLEND_LIGHTEN_ONLY,
    HE_BLEND_GRAIN_MERGE,
    HE_BLEND_GRAIN_EXTRACT,
    HE_BLEND_DODGE,
    HE_BLEND_BURN
} HeBlend;
typedef enum { HE_ALPHA_MAP, HE_ALPHA_FULL } HeAlpha;
typedef enum { HE_SCALE_MAX, HE_SCALE_PERCENTILE, HE_SCALE_FIXED } HeScaleKind;

extern const HeChoice he_fits[], he_filters[], he_encodings[], he_greys[], he_layouts[],
    he_activations[], he_gradients[], he_rules[], he_precisions[], he_colormaps[],
    he_blends[], he_alphas[], he_scales[];

/* ---- tensors ----------------------------------------------------------------------------------- */

#define HE_MAX_RANK 8

typedef enum {
    HE_TYPE_NONE,
    HE_F32,
    HE_F64,
    HE_F16,
    HE_BF16,
    HE_I8,
    HE_U8,
    HE_I16,
    HE_U16,
    HE_I32,
    HE_U32,
    HE_I64,
    HE_U64,
    HE_BOOL
} HeType;

/* A view of numbers: element (i0, i1, ...) stands at data + sum(i_k * stride[k]) elements.
 * In this header's calls tensors are contiguous, C order. */
typedef struct {
    HeType type;
    int rank;
    gint64 dim[HE_MAX_RANK];
    gint64 stride[HE_MAX_RANK]; /* in elements */
    void *data;
} HeTensor;

/* ---- long work ----------------------------------------------------------------------------------- */

typedef struct {
    void (*progress)(double fraction,
                     void *user_data); /* 0..1, from the calling thread; or NULL */
    void *user_data;
    GCancellable *cancellable; /* looked at between nodes and tiles; or NULL */
} HeTask;

/* A part of a longer task: its progress 0..1 is FROM..TO of OUTER's, and never goes back. SPAN stays where
 * it is while its task is used. OUTER may be NULL. */
typedef struct {
    HeTask task; /* give this to the part */
    const HeTask *outer;
    double from, to;
    double reached; /* of the part */
} HeSpan;
const HeTask *he_span_init(HeSpan *span, const HeTask *outer, double from, double to);

/* ---- models ---------------------------------------------------------------------------------------- */

/* The resolved contents of NAME.ini (see docs/descriptor.md): what stood there, the rest guessed. */
typedef struct {
    char *title, *licence, *source, *sha256, *knows; /* [Model]; NULL where not given */

    char *input; /* [Input] Tensor */
    HeLayout layout;
    int height, width;     /* Size; what the picture is brought to */
    gboolean is_size_free; /* the network takes any height and width */
    char **channels;       /* NULL-terminated: "R","G","B", or "Y", or names of bands */
    int n_channels;
    HeGrey grey;
    HeEncoding encoding;
    gboolean has_range;
    double range[2];
    double *mean, *std; /* n_channels each, in units of Scale */
    double scale;       /* 1 or 255 */
    HeFit fit;
    double crop_fraction;
    HeFilter filter;
    gboolean antialias;
    gboolean is_background_mean;
    double background[3]; /* R'G'B' 0..1, when not the mean */

    char **held_names,
        **held_values; /* [Input NAME] Value as written, NULL-terminated pairs; may be NULL */

    char *output; /* [Output] Tensor */
    HeActivation activation;
    char *negative; /* name of the other answer of a one-output network, or NULL */

    char *default_layer; /* [Layers] Default, or NULL */
    char **stage_names,
        **stage_tensors; /* NULL-terminated pairs from [Layers]; may be NULL */
    char **guessed;      /* keys that were guessed, "Group.Key=value"; NULL-terminated */
} HeDescriptor;

typedef struct HeModel HeModel;

/* Maps PATH (an ONNX file), with PATH's .ini and labels beside it when they are there. */
HeModel *he_model_load(const char *path, GError **error);
/* The same with ROWS, "Group.Key=value" each, NULL-terminated, over what the .ini states, and with the labels
 * of the file LABELS; either may be NULL. */
HeModel *he_model_load_with(const char *path, const char *const *rows, const char *labels,
                            GError **error);
HeModel *he_model_ref(HeModel *model);
void he_model_unref(HeModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeModel, he_model_unref)

/* All borrowed from the model. */
const char *
he_model_get_name(const HeModel *model); /* the file's name without folder and suffix */
const char *he_model_get_path(const HeModel *model);
const char *he_model_get_labels_path(const HeModel *model); /* NULL: it has no labels */
const HeDescriptor *he_model_get_descriptor(const HeModel *model);
/* Files beside the model's own, its descriptor and its labels that it needs, by their paths below its
 * folder: weights outside the file, values of held inputs. g_strfreev. */
char **he_model_list_files(const HeModel *model);
int he_model_get_n_classes(
    const HeModel *model); /* a one-output network has 2 when named, else 1 */
const char *he_model_get_label(const HeModel *model,
                               int class_index); /* never NULL: "class 7" */
/* SHA-256 of the file, computed once on a thread of its own and waited for here. An error when the
 * descriptor states another one. */
const char *he_model_get_sha256(HeModel *model, GError **error);
/* Begins it, so that he_model_get_sha256 has less to wait for. */
void he_model_start_sha256(HeModel *model);
/* CLASS as typed: all digits an index, else a name (see docs/descriptor.md, "Labels"). */
int he_model_find_class(const HeModel *model, const char *text,
                        GError **error); /* -1: error */

/* "Group.Key=value" for all that DESCRIPTOR has, as its .ini would state it. Free with g_strfreev. */
char **he_descriptor_list(const HeDescriptor *descriptor);
/* The text of an .ini that states ROWS ("Group.Key=value"); those of GUESSED (or NULL) stand in it as
 * comments. Each row is checked as when read. Free with g_free. */
char *he_descriptor_text(const char *const *rows, const char *const *guessed,
                         GError **error);

/* ---- pictures ------------------------------------------------------------------------------------- */

/* Rows of a picture, read once from top to bottom. `channels` colour samples (1 grey, 3 RGB, or any
 * number of bands) and then alpha if has_alpha, interleaved, alpha not premultiplied. */
typedef struct HeSource HeSource;
struct HeSource {
    int width, height;
    int channels;
    gboolean has_alpha;
    double full_scale; /* the stored number of full white: 255, 65535, 1 */
    char **bands;      /* names of the bands, or NULL */
    /* Rows y .. y + n - 1 into out [n, width, channels + has_alpha]. ENCODING srgb or linear: 0..1
     * (float pictures may leave it) in sRGB primaries; raw: the stored numbers. Alpha is
     * 0..1 in each of them. */
    gboolean (*read_rows)(HeSource *self, HeEncoding encoding, int y, int n, float *out,
                          GError **error);
    /* Or NULL: rows from Y on, at most *N, as they are stored: bytes (full scale 255), 16 bits (65535) or
     * float32, little-endian, the same samples. Borrowed until the next call of either; *N: how many. */
    const void *(*stored_rows)(HeSource *self, int y, int *n, GError **error);
    /* Or NULL: N such rows as read_rows gives them; by any thread, beside a call of the others. */
    gboolean (*decode_rows)(HeSource *self, HeEncoding encoding, const void *stored,
                            int n, float *out, GError **error);
    void *data;
};
/* Bytes of a row as stored_rows gives it. */
size_t he_source_row_bytes(const HeSource *source);

typedef struct {
    double x, y, w,
        h; /* the part of the source that the network was shown, in its pixels */
    HeFit fit;
    HeFilter filter;
    int tensor_w, tensor_h;
    /* u_tensor = (x_source + 0.5) * scale + offset - 0.5, for pixel centres */
    double scale_x, offset_x, scale_y, offset_y;
    int source_w, source_h;
} HeView;

typedef struct {
    HeTensor
        tensor; /* float32, [1, C, H, W] or [1, H, W, C] as the network wants; owned */
    HeView view;
    guint64 serial; /* two inputs never share it */
} HeInput;

typedef struct {
    double look[4];         /* x, y, w, h of the part to show; w = 0: all of it */
    int fit;                /* HeFit, or -1: the descriptor's */
    const char *background; /* "mean", "#rrggbb", or NULL: the descriptor's */
} HeLook;

/* Reads SOURCE in bands of rows, brings it to the model's input. Free with he_input_free. */
HeInput *he_input_new(const HeModel *model, HeSource *source, const HeLook *look,
                      const HeTask *task, GError **error);
/* A float32 tensor as it is, for evaluation: shape as the network's input with N = 1. Copied. */
HeInput *he_input_new_raw(const HeModel *model, const HeTensor *x, GError **error);
void he_input_free(HeInput *input);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeInput, he_input_free)

/* ---- sessions --------------------------------------------------------------------------------------- */

typedef struct HeSession HeSession;

typedef struct {
    int n_threads; /* 0: as many as the cgroup, the affinity mask and the machine allow */
    const char
        *kernels; /* a kernel set's name, NULL or "auto": the best for this processor */
    HePrecision precision; /* double: the plain reference kernels */
} HeSessionOptions;

HeSession *he_session_new(HeModel *model, const HeSessionOptions *options,
                          GError **error);
void he_session_free(HeSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeSession, he_session_free)
HeModel *he_session_get_model(HeSession *session); /* borrowed */
const char *
he_session_get_kernels(const HeSession *session); /* the set in use, borrowed */
int he_session_get_n_threads(const HeSession *session);
HePrecision he_session_get_precision(const HeSession *session);

typedef struct {
    int n; /* classes; a one-output network with a named negative has 2: yes, no */
    double *score;       /* logits */
    double *probability; /* after the descriptor's activation */
    int *order;          /* indices, best first; the lower index on ties */
} HeScores;

gboolean he_classify(HeSession *session, const HeInput *input, const HeTask *task,
                     HeScores *out, GError **error);
void he_scores_clear(HeScores *scores);

/* F_Y: a weighted sum of values. A class is one row of the logits. */
typedef struct {
    char *tensor; /* NULL: the logits */
    gint64 index; /* flat index inside one sample of it */
    double weight;
} HeTerm;
typedef struct {
    HeTerm *terms;
    int n_terms;
} HeTarget;

/* Classes as he_classify counts them; a one-output network's negative becomes weight -1. */
gboolean he_target_class(const HeModel *model, int class_index, double weight,
                         HeTarget *out, GError **error);
/* A channel of TENSOR: at one position, at its largest value (y = -2), or its sum (y = -1). */
gboolean he_target_channel(HeSession *session, const HeInput *input, const char *tensor,
                           gint64 channel, gint64 y, gint64 x, HeTarget *out,
                           GError **error);
void he_target_add(HeTarget *target, const char *tensor, gint64 index, double weight);
void he_target_clear(HeTarget *target);

typedef struct {
    const char *method; /* an id of he_methods_list */
    const char *layer;  /* CAM family: a tensor, a stage, or NULL: the default layer */
    guint64 seed;
} HeOptions;

typedef struct {
    int seen, ruled,
        extended; /* activations on the way back; changed by the rule; of these smooth */
} HeCoverage;

typedef struct {
    char *method, *layer; /* layer: the ONNX tensor, or NULL */
    int channels, height, width;
    float *
        values; /* signed, [channels, height, width], at the tensor's or layer's resolution */
    float *
        native; /* what `evaluate` gives for the method: values, or ReLU of them; same shape */
    HeView view;
    double score; /* of the target */
    HeCoverage coverage;
} HeMap;

/* Tells which explanation will be asked next, so that the forward run of he_classify, or of the first
 * he_explain, serves it too. Only a hint: it changes no result. */
gboolean he_session_expect(HeSession *session, const HeOptions *options, GError **error);
/* Runs forward (once per input and plan) and backward. Free with he_map_free. */
HeMap *he_explain(HeSession *session, const HeInput *input, const HeTarget *target,
                  const HeOptions *options, const HeTask *task, GError **error);
void he_map_free(HeMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeMap, he_map_free)

/* The value of TENSOR (NULL: the logits) in double, [N, ...]; data is owned by the caller (g_free). */
gboolean he_forward(HeSession *session, const HeInput *input, const char *tensor,
                    HeTensor *out, const HeTask *task, GError **error);
/* d target / d TENSOR (NULL: the input) under RULE, likewise. */
gboolean he_backward(HeSession *session, const HeInput *input, const HeTarget *target,
                     const char *tensor, HeRule rule, HeTensor *out, HeCoverage *coverage,
                     const HeTask *task, GError **error);

/* ---- what a model offers ---------------------------------------------------------------------------- */

typedef struct {
    char *tensor, *stage, *module, *op_type; /* stage: "stage1", ..., or NULL */
    int rank;
    gint64 dim[HE_MAX_RANK];
    gboolean is_default; /* the CAM family's A */
} HeLayer;
/* The tensors of the network's main path, in order. Free with he_layers_free. */
HeLayer *he_session_list_layers(HeSession *session, int *n_layers, GError **error);
void he_layers_free(HeLayer *layers, int n_layers);
/* Multiply-adds of the network's convolutions and matrix products, forward, at the descriptor's size. */
double he_session_count_macs(HeSession *session);

/* One node of the network as it is run, in order. */
typedef struct {
    char *node, *op_type; /* node: its output, where it has no name */
    char *
        kernel; /* the kernel's name; "fused": done by a node before; NULL: the operator's own loops */
    int rank; /* of its first output */
    gint64 dim[HE_MAX_RANK];
    double ms;      /* median */
    double back_ms; /* of the way back; 0: not asked for, or the node is not on it */
    double macs;    /* multiply-adds, as he_session_count_macs */
} HeNodeTime;
/* Runs the network forward to its logits, and with IS_BACKWARD back from the first of them to the input, REPEAT times
 * (1 to HE_MAX_TIMED) after runs that are not counted. Free with he_node_times_free; NULL: error. *peak_flops: what the session's threads reached on multiply-adds alone,
 * operations per second; 0: not known for its kernels. */
HeNodeTime *he_session_time_nodes(HeSession *session, const HeInput *input,
                                  gboolean is_backward, int repeat, int *n,
                                  double *peak_flops, const HeTask *task, GError **error);
void he_node_times_free(HeNodeTime *times, int n);
#define HE_MAX_TIMED 100000

typedef struct {
    int n_conv, n_depthwise; /* convolutions; of these with as many groups as channels */
    int n_linear;            /* matrix products with a constant */
    int n_attention;         /* matrix products of two computed tensors */
    double weights;          /* float numbers that the file holds */
} HeCounts;
void he_session_count(HeSession *session, HeCounts *out);
/* The tensor that is explained as the classes' scores, borrowed; ACTIVATION (or NULL) gets what makes
 * probabilities of it. */
const char *he_session_get_logits(const HeSession *session, HeActivation *activation);
/* Bytes that the plans made for questions so far work in; weights in the mapped file not among them. */
gsize he_session_get_arena_bytes(const HeSession *session);
/* The weights of the first convolution that looks at more than a pixel, [filters, channels, h, w] float32;
 * data is owned by the caller (g_free). NAME (or NULL) gets the tensor's name (g_free). */
gboolean he_session_read_filters(HeSession *session, HeTensor *out, char **name,
                                 GError **error);

/* A node that the output needs and whose operator is not supported. */
typedef struct {
    char *op_type; /* after its domain and a '.', unless that is ONNX's own */
    char *node;    /* its name, or its first output's */
} HeUnsupported;
/* All of them, in the file's order. Free with he_unsupported_free. */
HeUnsupported *he_model_list_unsupported(const HeModel *model, int *n);
void he_unsupported_free(HeUnsupported *list, int n);

/* ---- methods and display ------------------------------------------------------------------------------ */

typedef struct {
    HeGradient gradient;
    HeColormap colormap;
    double opacity; /* percent */
    HeBlend blend;
    HeAlpha alpha;
    HeScaleKind scale;
    double scale_value; /* P of percentile:P, V of fixed:V */
} HeDisplay;

typedef struct {
    const char *id, *title, *blurb, *paper;
    gboolean takes_layer; /* a map of a layer (CAM family) */
    const char *caveat;   /* said aloud with its results; NULL: nothing */
    HeDisplay display;    /* its defaults */
} HeMethodInfo;

const HeMethodInfo *he_methods_list(int *n_methods);
const HeMethodInfo *he_method_find(const char *id, GError **error);
/* NULL when METHOD fits the network, else the reason. Free with g_free. */
char *he_method_refusal(HeSession *session, const char *method);
/* The method's defaults with one type of gradient: signed maps take the diverging colours. */
HeDisplay he_display_defaults(const HeMethodInfo *method,
                              int gradient /* HeGradient or -1 */);

/* The map after GRADIENT, [height, width] float32. Free with g_free. */
float *he_map_reduce(const HeMap *map, HeGradient gradient, GError **error);
/* What 1.0 of the colour scale stands for, over N maps of a composite; 0: all of them are flat. */
double he_map_scale(const HeMap *const *maps, int n_maps, const HeDisplay *display);
/* The reduced PLANE on rows y .. y + n - 1 of the source: out [n, source_w], NaN where the network
 * did not look. */
void he_map_resize_rows(const HeMap *map, const float *plane, int y, int n, float *out);
/* The same rows coloured: out [n, source_w, 4], R'G'B'A sRGB, alpha not premultiplied. */
void he_map_render_rows(const HeMap *map, const float *plane, const HeDisplay *display,
                        double scale, int y, int n, float *out);
/* The same for whoever asks band by band: what holds for all rows is kept. MAP and PLANE are borrowed. */
typedef struct HeRender HeRender;
HeRender *he_render_new(const HeMap *map, const float *plane, const HeDisplay *display,
                        double scale);
void he_render_free(HeRender *render);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeRender, he_render_free)
void he_render_rows(HeRender *render, int y, int n, float *out);
/* The same in 8 bits, 0..1 to the nearest of 0..255. */
void he_render_bytes(HeRender *render, int y, int n, guint8 *out);
/* TOP over BOTTOM as GIMP 2.10 and later composite: both [n, 4] R'G'B'A, N pixels; into bottom, which may
 * leave 0..1. OPACITY in percent, as in HeDisplay. */
void he_blend_rows(const float *top, float *bottom, size_t n, HeBlend blend,
                   double opacity);

#pragma GCC visibility pop
G_END_DECLS

#endif
