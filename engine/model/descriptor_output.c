/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The descriptor's [Output]: the tensor, and what makes probabilities of it. A network that ends in Softmax
 * or Sigmoid says so itself: the session looks at the logits in front of it. */
#include <string.h>

#include "model/descriptor_guess.h"

const HeValueDef *he_graph_def_output(const HeGraphDef *graph, const char *name)
{
    for (int i = 0; i < graph->n_outputs; i++)
        if (strcmp(graph->outputs[i].name, name) == 0)
            return &graph->outputs[i];
    return NULL;
}

gint64 he_value_def_sample_size(const HeValueDef *value)
{
    gint64 n = 1;

    if (value->rank < 0)
        return 0;
    /* A vector is one sample, unless its length is the free batch. */
    if (value->rank == 1)
        return value->dim[0] > 0 ? value->dim[0] : 1;
    for (int i = 1; i < value->rank; i++) {
        if (value->dim[i] < 0)
            return 0;
        n *= value->dim[i];
    }
    return n;
}

/* The node that makes NAME, or NULL. */
static const HeNodeDef *find_producer(const HeGraphDef *graph, const char *name)
{
    for (int i = graph->n_nodes - 1; i >= 0; i--)
        if (g_strv_contains((const char *const *)graph->nodes[i].out, name))
            return &graph->nodes[i];
    return NULL;
}

static gboolean find_output(HeGuess *g, GError **error)
{
    const HeGraphDef *graph = g->graph;

    if (!g->d->output) {
        g->d->output = g_strdup(graph->outputs[0].name);
        if (graph->n_outputs > 1)
            he_guess_note(g, "Output.Tensor", g->d->output);
    }
    if (find_producer(graph, g->d->output))
        return TRUE;
    g_autofree char *names = he_guess_list_names(graph->outputs, graph->n_outputs);
    return he_guess_fail(
        HE_ERROR_CORRUPT_MODEL, error,
        "no node of the network makes the output '%s'; its outputs are %s", g->d->output,
        names);
}

/* What the network itself ends in, past nodes that only change the shape; or else by how many outputs. */
static void guess_activation(HeGuess *g)
{
    static const char *const shaping[] = {"Flatten", "Identity",  "Reshape",
                                          "Squeeze", "Unsqueeze", NULL};
    const HeNodeDef *node = find_producer(g->graph, g->d->output);
    const HeValueDef *value = he_graph_def_output(g->graph, g->d->output);

    for (int i = 0; i < HE_MAX_RANK && node && node->n_in > 0; i++) {
        if (!g_strv_contains(shaping, node->op_type))
            break;
        node = find_producer(g->graph, node->in[0]);
    }
    const char *last = node ? node->op_type : "";
    g->d->activation = HE_ACTIVATION_SOFTMAX;
    if (strcmp(last, "Softmax") == 0 || strcmp(last, "LogSoftmax") == 0)
        return;
    if (strcmp(last, "Sigmoid") == 0) {
        g->d->activation = HE_ACTIVATION_SIGMOID;
        return;
    }
    if (value && he_value_def_sample_size(value) == 1)
        g->d->activation = HE_ACTIVATION_SIGMOID;
    he_guess_note(g, "Output.Activation",
                  he_choice_get(he_activations, (int)g->d->activation)->nick);
}

gboolean he_guess_output(HeGuess *g, GError **error)
{
    if (!find_output(g, error))
        return FALSE;
    if (!he_guess_is_stated(g, "Output.Activation"))
        guess_activation(g);
    return TRUE;
}
