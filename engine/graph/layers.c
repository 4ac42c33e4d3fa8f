/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The layers of a network as a person counts them: each step's tensor with its shape and the module that
 * its name tells, and stages. A stage ends with the last tensor of its height and width through which
 * every path from the picture to the answer goes. */
#include "graph/head.h"

#include <string.h>

static gboolean has_positions(const HeTensor *t)
{
    return t->rank == 4 && t->dim[2] * t->dim[3] > 1;
}

const char *he_layers_find_default(const HePlan *plan, const char *logits)
{
    const char *name = logits;
    while (name && !has_positions(he_plan_get_shape(plan, name))) {
        int i = he_plan_find_producer(plan, name);
        name = NULL;
        for (int k = 0; i >= 0 && !name; k++) {
            const char *in = he_plan_get_input_name(plan, i, k);
            if (k >= he_plan_get_node(plan, i)->n_in)
                break;
            if (in && !he_plan_is_constant(plan, in) && he_plan_get_shape(plan, in))
                name = in;
        }
    }
    return name && he_plan_find_producer(plan, name) >= 0 ? name : NULL;
}

/* "/layer4/layer4.0/relu_1/Relu_output_0" -> "layer4.0.relu_1": PyTorch's exporters write each module's
 * path, the last part being the operator's own. */
static char *module_of(const char *tensor)
{
    if (*tensor != '/')
        return NULL;
    g_auto(GStrv) parts = g_strsplit(tensor + 1, "/", -1);
    guint n = g_strv_length(parts);
    g_autoptr(GString) path = g_string_new(NULL);
    for (guint i = 0; i + 1 < n; i++) {
        gboolean extends = path->len && g_str_has_prefix(parts[i], path->str) &&
                           parts[i][path->len] == '.';
        if (extends)
            g_string_assign(path, parts[i]);
        else
            g_string_append_printf(path, "%s%s", path->len ? "." : "", parts[i]);
    }
    return path->len ? g_string_free(g_steal_pointer(&path), FALSE) : NULL;
}

/* last_use[i]: the last node that reads what node i (or, at index n, the input) makes. */
static int *last_uses(const HePlan *plan, int n)
{
    int *last = g_new(int, n + 1);
    for (int i = 0; i <= n; i++)
        last[i] = -1;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < he_plan_get_node(plan, i)->n_in; k++) {
            const char *name = he_plan_get_input_name(plan, i, k);
            if (!name || he_plan_is_constant(plan, name))
                continue;
            int from = he_plan_find_producer(plan, name);
            last[from < 0 ? n : from] = i;
        }
    return last;
}

static void mark_stages(HeLayer *layers, int n, const int *node_of, const HePlan *plan)
{
    int n_nodes = he_plan_get_n_nodes(plan), previous = -1;
    g_autofree int *last = last_uses(plan, n_nodes);
    g_autofree gboolean *is_cut = g_new0(gboolean, n_nodes + 1);
    int open = last[n_nodes]; /* the furthest reader of all that was made before */
    for (int i = 0; i < n_nodes; i++) {
        is_cut[i] = open <= i;
        open = MAX(open, last[i]);
    }
    g_autofree int *ends = g_new(int, MAX(n, 1));
    int n_ends = 0;
    for (int l = 0; l < n; l++) {
        const HeLayer *layer = &layers[l];
        if (!is_cut[node_of[l]] || layer->rank != 4 || layer->dim[2] * layer->dim[3] <= 1)
            continue;
        gboolean same = previous >= 0 && layers[previous].dim[2] == layer->dim[2] &&
                        layers[previous].dim[3] == layer->dim[3];
        if (same)
            n_ends--;
        ends[n_ends++] = previous = l;
    }
    for (int stage = 0; stage < n_ends; stage++)
        layers[ends[stage]].stage = g_strdup_printf("stage%d", stage + 1);
}

HeLayer *he_layers_new(const HePlan *plan, const char *logits, int *n_layers)
{
    int n_nodes = he_plan_get_n_nodes(plan), n = 0;
    HeLayer *layers = g_new0(HeLayer, MAX(n_nodes, 1));
    g_autofree int *node_of = g_new(int, MAX(n_nodes, 1));
    const char *found = he_layers_find_default(plan, logits);
    for (int i = 0; i < n_nodes; i++) {
        const HeNode *node = he_plan_get_node(plan, i);
        const char *name = he_plan_get_output_name(plan, i, 0);
        if (!name || node->op->flags & HE_OP_VIEW ||
            !he_type_is_float(node->out[0]->type))
            continue;
        HeLayer *layer = &layers[n];
        layer->tensor = g_strdup(name);
        layer->module = module_of(name);
        layer->op_type = g_strdup(node->op->name);
        layer->rank = node->out[0]->rank;
        memcpy(layer->dim, node->out[0]->dim, sizeof layer->dim);
        layer->is_default = found && g_str_equal(found, name);
        node_of[n++] = i;
    }
    mark_stages(layers, n, node_of, plan);
    *n_layers = n;
    return layers;
}

void he_layers_free(HeLayer *layers, int n_layers)
{
    for (int i = 0; layers && i < n_layers; i++) {
        g_free(layers[i].tensor);
        g_free(layers[i].stage);
        g_free(layers[i].module);
        g_free(layers[i].op_type);
    }
    g_free(layers);
}
