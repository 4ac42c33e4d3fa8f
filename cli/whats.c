/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What `evaluate` and `bench` can ask: one row each, answered by the calls that `explain` makes, so that
 * both give the same numbers. Names as in tests/oracle/cases.json. */
#include <string.h>

#include "cli/maps.h"
#include "cli/whats.h"
#include "core/alloc.h"
#include "core/tensor.h"

#define TARGET  CLI_NEEDS_TARGET
#define LAYER   CLI_NEEDS_LAYER
#define CHANNEL (CLI_NEEDS_LAYER | CLI_NEEDS_CHANNEL)

/* clang-format off */
static const CliWhat whats[] = {
    {"activation", CLI_WHAT_VALUE, LAYER, NULL, -1},
    {"cam", CLI_WHAT_MAP, TARGET, "cam", -1},
    {"deconvnet", CLI_WHAT_MAP, TARGET, "deconvnet", -1},
    {"grad-cam", CLI_WHAT_MAP, TARGET, "grad-cam", -1},
    {"gradient", CLI_WHAT_MAP, TARGET, "saliency", -1},
    {"guided-backprop", CLI_WHAT_MAP, TARGET, "guided-backprop", -1},
    {"guided-backprop-absolute", CLI_WHAT_MAP, TARGET, "guided-backprop", HE_GRADIENT_ABSOLUTE},
    {"guided-backprop-negative", CLI_WHAT_MAP, TARGET, "guided-backprop", HE_GRADIENT_NEGATIVE},
    {"guided-backprop-positive", CLI_WHAT_MAP, TARGET, "guided-backprop", HE_GRADIENT_POSITIVE},
    {"layer-gradient", CLI_WHAT_LAYER_GRADIENT, TARGET | LAYER, NULL, -1},
    {"logits", CLI_WHAT_VALUE, 0, NULL, -1},
    {"neuron-deconvnet", CLI_WHAT_MAP, CHANNEL, "deconvnet", -1},
    {"neuron-gradient", CLI_WHAT_MAP, CHANNEL, "saliency", -1},
    {"neuron-guided-backprop", CLI_WHAT_MAP, CHANNEL, "guided-backprop", -1},
    {"saliency-absolute", CLI_WHAT_MAP, TARGET, "saliency", HE_GRADIENT_ABSOLUTE},
    {"saliency-negative", CLI_WHAT_MAP, TARGET, "saliency", HE_GRADIENT_NEGATIVE},
    {"saliency-positive", CLI_WHAT_MAP, TARGET, "saliency", HE_GRADIENT_POSITIVE},
};
/* clang-format on */
static const char *const later[] = {
    "grad-cam++", "hires-cam", "input-x-gradient", "integrated-gradients",
    "layer-cam",  "occlusion", "xgrad-cam",        NULL};

const CliWhat *cli_what_find(const char *name, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(whats); i++) {
        if (strcmp(whats[i].name, name) == 0)
            return &whats[i];
        g_string_append_printf(names, "%s%s", i ? ", " : "", whats[i].name);
    }
    if (g_strv_contains(later, name))
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                    "--what: “%s” is not built yet", name);
    else
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "--what: “%s” is none of %s", name, names->str);
    return NULL;
}

gboolean cli_what_check(const CliWhat *what, const CliQuestion *question, GError **error)
{
    const char *missing = NULL;
    if ((what->needs & CLI_NEEDS_TARGET) && question->target < 0)
        missing = "--target";
    else if ((what->needs & CLI_NEEDS_LAYER) && !question->layer)
        missing = "--layer";
    else if ((what->needs & CLI_NEEDS_CHANNEL) && question->channel < 0)
        missing = "--channel";
    if (!missing)
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, "%s: is needed by --what %s",
                missing, what->name);
    return FALSE;
}

/* SRC of any type and strides as float32 of its own. */
static gboolean take_floats(const HeTensor *src, HeTensor *out, GError **error)
{
    HeTensor made;
    he_tensor_init(&made, HE_F32, src->rank, src->dim);
    made.data = he_alloc(MAX(he_tensor_n(src), 1), sizeof(float), "the answer", error);
    if (!made.data)
        return FALSE;
    he_tensor_convert(src, &made);
    *out = made;
    return TRUE;
}

static gboolean ask_target(const CliWhat *what, const CliQuestion *question,
                           HeSession *session, const HeInput *input, HeTarget *target,
                           GError **error)
{
    if (what->needs & CLI_NEEDS_CHANNEL)
        return he_target_channel(session, input, question->layer, question->channel,
                                 question->y, question->x, target, error);
    return he_target_class(he_session_get_model(session), question->target, 1, target,
                           error);
}

static gboolean ask_map(const CliWhat *what, const CliQuestion *question,
                        HeSession *session, const HeInput *input, const HeTarget *target,
                        const HeTask *task, HeTensor *out, GError **error)
{
    const HeOptions options = {.method = what->method,
                               .layer = what->needs & CLI_NEEDS_CHANNEL ? NULL
                                                                        : question->layer,
                               .seed = question->seed};
    g_autoptr(HeMap) map = he_explain(session, input, target, &options, task, error);
    g_autofree float *plane = NULL;
    HeTensor answer;
    gint64 dim[4] = {1, 0, 0, 0};
    int rank = 3;
    if (!map)
        return FALSE;
    if (what->gradient >= 0) {
        plane = he_map_reduce(map, (HeGradient)what->gradient, error);
        if (!plane)
            return FALSE;
        dim[1] = map->height;
        dim[2] = map->width;
    } else {
        rank = cli_map_shape(map, dim);
    }
    he_tensor_init(&answer, HE_F32, rank, dim);
    answer.data = plane ? plane : map->native;
    return take_floats(&answer, out, error);
}

static gboolean ask_tensor(const CliWhat *what, const CliQuestion *question,
                           HeSession *session, const HeInput *input,
                           const HeTarget *target, const HeTask *task, HeTensor *out,
                           GError **error)
{
    HeTensor answer = {0};
    gboolean is_good =
        what->kind == CLI_WHAT_VALUE
            ? he_forward(session, input, what->needs ? question->layer : NULL, &answer,
                         task, error)
            : he_backward(session, input, target, question->layer, HE_RULE_PLAIN, &answer,
                          NULL, task, error);
    if (!is_good)
        return FALSE;
    is_good = take_floats(&answer, out, error);
    g_free(answer.data);
    return is_good;
}

gboolean cli_what_ask(const CliWhat *what, const CliQuestion *question,
                      HeSession *session, const HeInput *input, const HeTask *task,
                      HeTensor *out, GError **error)
{
    HeTarget target = {0};
    if (what->kind != CLI_WHAT_VALUE &&
        !ask_target(what, question, session, input, &target, error))
        return FALSE;
    gboolean is_good =
        what->kind == CLI_WHAT_MAP
            ? ask_map(what, question, session, input, &target, task, out, error)
            : ask_tensor(what, question, session, input, &target, task, out, error);
    he_target_clear(&target);
    return is_good;
}
