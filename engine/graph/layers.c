/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The layers of a network as a person counts them: each step's tensor with its shape and the module that
 * its name tells, and stages. A stage ends with the last tensor of its height and width through which
 * every path from the picture to the answer goes, from the first node on that weighs the picture: before it stands
 * the picture itself, in another order or range. */
#include "graph/head.h"

#include <string.h>

#include "graph/grid.h"

static gint64 count_places(const HePlan *plan, const char *name)
{
    HeGrid grid;
    return he_plan_find_grid(plan, name, &grid) ? grid.height * grid.width : 0;
}

static gboolean is_op(const HePlan *plan, int i, const char *name)
{
    return g_str_equal(he_plan_get_node(plan, i)->op->name, name);
}

/* Node I takes some of its input's tokens and leaves the others. */
static gboolean picks_tokens(const HePlan *plan, int i)
{
    static const char *const names[] = {"Gather", "GatherND", "Slice", "Split", NULL};
    return g_strv_contains(names, he_plan_get_node(plan, i)->op->name);
}

static gboolean mixes_tokens(const HePlan *plan, int i)
{
    const char *a = he_plan_get_input_name(plan, i, 0),
               *b = he_plan_get_input_name(plan, i, 1);
    return (is_op(plan, i, "MatMul") || is_op(plan, i, "Einsum")) && a && b &&
           !he_plan_is_constant(plan, a) && !he_plan_is_constant(plan, b);
}

/* Where only a class token is read, the other tokens' last way to the answer is the last attention: what
 * goes into it is its block's first LayerNormalization (the usual choice for Grad-CAM on vision
 * transformers), else the last tensor that both it and the sum around it read. */
static const char *before_last_attention(const HePlan *plan, int i)
{
    const char *shared = NULL;
    while (i >= 0 && !mixes_tokens(plan, i))
        i--;
    for (; i >= 0; i--) {
        const char *name = he_plan_get_output_name(plan, i, 0);
        if (!name || count_places(plan, name) <= 1)
            continue;
        if (is_op(plan, i, "LayerNormalization"))
            return name;
        if (!shared && is_op(plan, i, "Add") && he_plan_count_readers(plan, name) > 1)
            shared = name;
    }
    return shared;
}

typedef struct {
    const char *name;
    int made_by;
    gboolean is_picked; /* some of its tokens are read, not all */
} Found;

/* The tensor that NAME shows in another shape, if it has places as well: views are no layers. */
static const char *behind_views(const HePlan *plan, const char *name)
{
    for (;;) {
        int i = he_plan_find_producer(plan, name);
        const char *source = i >= 0 && he_plan_get_node(plan, i)->op->flags & HE_OP_VIEW
                                 ? he_plan_get_input_name(plan, i, 0)
                                 : NULL;
        if (!source || count_places(plan, source) <= 1)
            return name;
        name = source;
    }
}

/* A tensor with places that node I reads is FOUND when none was made later; the makers of its other inputs are marked
 * in IS_OPEN. */
static void look_behind(const HePlan *plan, int i, Found *found, gboolean *is_open)
{
    gboolean picks = picks_tokens(plan, i);
    for (int k = 0; k < he_plan_get_node(plan, i)->n_in; k++) {
        const char *name = he_plan_get_input_name(plan, i, k);
        gboolean has_places = count_places(plan, name) > 1;
        if (!name || he_plan_is_constant(plan, name))
            continue;
        name = has_places ? behind_views(plan, name) : name;
        int from = he_plan_find_producer(plan, name);
        if (from >= 0 && !has_places)
            is_open[from] = TRUE;
        else if (from > found->made_by)
            *found = (Found){name, from, picks};
        else if (from >= 0 && from == found->made_by)
            found->is_picked |= picks;
    }
}

const char *he_layers_find_default(const HePlan *plan, const char *logits)
{
    int last = he_plan_find_producer(plan, logits);
    Found found = {NULL, -1, FALSE};
    if (last < 0 || count_places(plan, logits) > 1)
        return last < 0 ? NULL : logits;
    g_autofree gboolean *is_open = g_new0(gboolean, last + 1);
    is_open[last] = TRUE;
    for (int i = last; i > found.made_by; i--)
        if (is_open[i])
            look_behind(plan, i, &found, is_open);
    const char *attended =
        found.is_picked ? before_last_attention(plan, found.made_by) : NULL;
    return attended ? attended
                    : found.name; /* without attention it is places that are picked */
}

/* "/layer4/layer4.0/relu_1/Relu_output_0" -> "layer4.0.relu_1": PyTorch's older exporter writes each module's
 * path, the last part being the operator's own. A container's item repeats the container's name. */
static char *module_of(const char *tensor)
{
    if (*tensor != '/')
        return NULL;
    g_auto(GStrv) parts = g_strsplit(tensor + 1, "/", -1);
    guint n = g_strv_length(parts);
    g_autoptr(GString) path = g_string_new(NULL);
    gsize last = 0; /* where its last part begins */
    for (guint i = 0; i + 1 < n; i++) {
        gsize length = path->len - last;
        gboolean is_item = length && g_str_has_prefix(parts[i], path->str + last) &&
                           parts[i][length] == '.';
        if (is_item)
            g_string_truncate(path, last);
        else if (path->len)
            g_string_append_c(path, '.');
        last = path->len;
        g_string_append(path, parts[i]);
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

/* 0: none does. */
static int find_first_weighing(const HePlan *plan)
{
    static const char *const names[] = {"Conv", "ConvTranspose", "Einsum",
                                        "Gemm", "MatMul",        NULL};
    for (int i = 0; i < he_plan_get_n_nodes(plan); i++)
        if (g_strv_contains(names, he_plan_get_node(plan, i)->op->name))
            return i;
    return 0;
}

static void mark_stages(HeLayer *layers, int n, const int *node_of, const HePlan *plan)
{
    int n_nodes = he_plan_get_n_nodes(plan);
    gint64 height = 0, width = 0; /* of the last end */
    g_autofree int *last = last_uses(plan, n_nodes);
    g_autofree gboolean *is_cut = g_new0(gboolean, n_nodes + 1);
    int open = last[n_nodes]; /* the furthest reader of all that was made before */
    for (int i = 0; i < n_nodes; i++) {
        is_cut[i] = open <= i;
        open = MAX(open, last[i]);
    }
    g_autofree int *ends = g_new(int, MAX(n, 1));
    int n_ends = 0, first = find_first_weighing(plan);
    for (int l = 0; l < n; l++) {
        HeGrid grid;
        if (node_of[l] < first || !is_cut[node_of[l]] ||
            !he_plan_find_grid(plan, layers[l].tensor, &grid) ||
            grid.height * grid.width <= 1)
            continue;
        if (n_ends && grid.height == height && grid.width == width)
            n_ends--;
        height = grid.height;
        width = grid.width;
        ends[n_ends++] = l;
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
        layer->module = node->def->module ? g_strdup(node->def->module) : module_of(name);
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
