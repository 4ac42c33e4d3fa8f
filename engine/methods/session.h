/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A session inside methods/: the model read once (survey), and plans kept with the input they last saw. */
#ifndef HE_METHODS_SESSION_H
#define HE_METHODS_SESSION_H

#include "graph/head.h"
#include "model/model.h"

#define HE_MAX_WANTED 8

/* What a question wants of a plan; names are borrowed, unused places NULL. */
typedef struct {
    const char *values[HE_MAX_WANTED];
    const char *gradients[HE_MAX_WANTED];
    const char *targets[HE_MAX_WANTED];
} HeWants;
/* Adds NAME unless it is there; FALSE: no room. */
gboolean he_wants_add(const char **list, const char *name);

struct HeSession {
    HeModel *model;
    HePool *pool;
    HeKernelSet kernels;
    HePrecision precision;

    HePlan *survey;       /* the whole network at the descriptor's size; never run */
    char *input, *logits; /* tensors */
    gint64 n_logits;
    HeActivation activation;
    char *default_layer; /* the CAM family's A; NULL: there is none */
    char *cam_refusal;   /* why CAM does not fit; NULL: it does */
    char *cam_features;

    HePackedStore *packed; /* what plans keep of weights */
    GPtrArray *plans;      /* plans.c; the one that ran last stands last */
    HeWants *expected;     /* what the next explanation will want, or NULL */
    char *expected_layer;
};

/* A plan for WANTS at the input's shape, run forward on it (once). Borrowed from the session. */
HePlan *he_session_run(HeSession *session, const HeInput *input, const HeWants *wants,
                       const HeTask *task, GError **error);
/* A plan that is not kept. */
HePlan *he_session_compile(HeSession *session, const HeTensor *shape,
                           const HeWants *wants, gboolean is_survey, const HeTask *task,
                           GError **error);
GPtrArray *he_plans_new(void);
/* What all plans hold beside the file. */
gsize he_session_get_memory(const HeSession *session);
/* TEXT -> ONNX tensor: a tensor's name, a stage of the descriptor or of he_session_list_layers, or a
 * number from the end ("-1"). NULL or "": the default layer. Free with g_free. */
char *he_session_find_layer(HeSession *session, const char *text, GError **error);

#endif
