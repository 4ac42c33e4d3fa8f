/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Copies of a function's nodes for one call. Numbers of tensors are shared, all else is copied. */
#include "model/onnx_instance.h"

#include <string.h>

#include "core/alloc.h"

/* ---- names ------------------------------------------------------------------------------------- */

static const char *call_name(const HeNodeDef *call)
{
    if (*call->name)
        return call->name;
    for (int i = 0; i < call->n_out; i++)
        if (*call->out[i])
            return call->out[i];
    return call->op_type;
}

const char *he_instance_name(HeInstance *instance, const char *name)
{
    const char *known = *name ? g_hash_table_lookup(instance->names, name) : "";
    if (known)
        return known;
    char *made = g_strconcat(call_name(instance->call), "/", name, NULL);
    while (g_hash_table_contains(instance->taken, made)) {
        g_free(made);
        made = g_strdup_printf("%s/%s.%" G_GUINT64_FORMAT, call_name(instance->call),
                               name, ++*instance->serial);
    }
    *instance->n_bytes += 2 * (strlen(made) + strlen(name));
    g_hash_table_insert(instance->names, g_strdup(name), made);
    g_hash_table_add(instance->taken, g_strdup(made));
    return made;
}

static char *copy_name(HeInstance *instance, const char *name)
{
    const char *known = he_instance_name(instance, name);
    *instance->n_bytes += strlen(known) + 1;
    return g_strdup(known);
}

static char **copy_names(HeInstance *instance, char *const *names, int n)
{
    char **out = g_new0(char *, (size_t)n + 1);
    for (int i = 0; i < n; i++)
        out[i] = copy_name(instance, names[i]);
    *instance->n_bytes += (size_t)n * sizeof *out;
    return out;
}

/* ---- attributes -------------------------------------------------------------------------------- */

static HeTensorDef copy_tensor(const HeTensorDef *from, char *name)
{
    HeTensorDef to = *from;
    to.name = name;
    to.owned = NULL; /* the function's */
    if (from->external) {
        to.external = g_memdup2(from->external, sizeof *from->external);
        to.external->location = g_strdup(from->external->location);
    }
    return to;
}

static void *copy_numbers(HeInstance *instance, const HeAttr *attr, const void *numbers,
                          GError **error)
{
    void *out = he_alloc(attr->n, sizeof(gint64), attr->name, error);
    if (out)
        memcpy(out, numbers, attr->n * sizeof(gint64));
    *instance->n_bytes += attr->n * sizeof(gint64);
    return out;
}
G_STATIC_ASSERT(sizeof(double) == sizeof(gint64));

static gboolean copy_graph(HeInstance *instance, const HeGraphDef *from, HeGraphDef *to,
                           GError **error);

static gboolean copy_attr(HeInstance *instance, const char *name, const HeAttr *from,
                          HeAttr *to, GError **error)
{
    *to = (HeAttr){.name = g_strdup(name),
                   .kind = from->kind,
                   .i = from->i,
                   .f = from->f,
                   .s = g_strdup(from->s),
                   .n = from->n};
    *instance->n_bytes += sizeof *to + strlen(name) + (from->s ? strlen(from->s) : 0);
    if (from->ints && !(to->ints = copy_numbers(instance, from, from->ints, error)))
        return FALSE;
    if (from->floats && !(to->floats = copy_numbers(instance, from, from->floats, error)))
        return FALSE;
    if (from->t) {
        HeTensorDef tensor = copy_tensor(from->t, g_strdup(from->t->name));
        to->t = g_memdup2(&tensor, sizeof tensor);
        *instance->n_bytes += sizeof tensor + strlen(tensor.name);
    }
    if (!from->g)
        return TRUE;
    to->g = g_new0(HeGraphDef, 1);
    return copy_graph(instance, from->g, to->g, error);
}

/* What the call gives for attribute REF, or the function by default; NULL: nothing. */
static const HeAttr *given_attr(const HeInstance *instance, const char *ref)
{
    const HeFunctionDef *function = instance->function;
    const HeAttr *attr = he_node_def_attr(instance->call, ref);
    for (int i = 0; !attr && i < function->n_defaults; i++)
        if (strcmp(function->defaults[i].name, ref) == 0)
            attr = &function->defaults[i];
    return attr;
}

static gboolean copy_attrs(HeInstance *instance, const HeNodeDef *from, HeNodeDef *to,
                           GError **error)
{
    to->attrs = g_new0(HeAttr, (size_t)from->n_attrs);
    for (int i = 0; i < from->n_attrs; i++) {
        const HeAttr *attr = &from->attrs[i];
        const HeAttr *source = attr->ref ? given_attr(instance, attr->ref) : attr;
        if (!source)
            continue;
        if (attr->ref && (source->g || source->ref)) {
            g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                        "node '%s': its attribute '%s' is a graph that a call gives",
                        to->name, attr->name);
            return FALSE;
        }
        if (!copy_attr(instance, attr->name, source, &to->attrs[to->n_attrs++], error))
            return FALSE;
    }
    return TRUE;
}

/* ---- nodes and graphs -------------------------------------------------------------------------- */

static gboolean check_outputs(const HeInstance *instance, const HeNodeDef *node,
                              GError **error)
{
    const HeFunctionDef *function = instance->function;
    for (int i = 0; i < node->n_out; i++)
        if (*node->out[i] &&
            g_strv_contains((const char *const *)function->in, node->out[i])) {
            g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
                        "function '%s': node '%s' makes '%s', which is an input",
                        function->name, he_node_def_get_label(node), node->out[i]);
            return FALSE;
        }
    return TRUE;
}

gboolean he_instance_copy_node(HeInstance *instance, const HeNodeDef *from, HeNodeDef *to,
                               GError **error)
{
    to->name =
        g_strconcat(call_name(instance->call), *from->name ? "/" : "", from->name, NULL);
    to->op_type = g_strdup(from->op_type);
    to->domain = g_strdup(from->domain);
    to->overload = g_strdup(from->overload);
    to->opset = instance->function->opset;
    to->module = g_strdup(from->module ? from->module : instance->call->module);
    to->in = copy_names(instance, from->in, from->n_in);
    to->n_in = from->n_in;
    to->out = copy_names(instance, from->out, from->n_out);
    to->n_out = from->n_out;
    *instance->n_bytes +=
        sizeof *to + strlen(to->name) + (to->module ? strlen(to->module) : 0);
    return check_outputs(instance, from, error) && copy_attrs(instance, from, to, error);
}

static HeValueDef *copy_values(HeInstance *instance, const HeValueDef *from, int n)
{
    HeValueDef *to = g_memdup2(from, (size_t)n * sizeof *from);
    for (int i = 0; i < n; i++)
        to[i].name = copy_name(instance, from[i].name);
    *instance->n_bytes += (size_t)n * sizeof *to;
    return to;
}

static gboolean copy_graph(HeInstance *instance, const HeGraphDef *from, HeGraphDef *to,
                           GError **error)
{
    to->name = g_strdup(from->name);
    to->inputs = copy_values(instance, from->inputs, from->n_inputs);
    to->n_inputs = from->n_inputs;
    to->outputs = copy_values(instance, from->outputs, from->n_outputs);
    to->n_outputs = from->n_outputs;
    to->initializers = g_new0(HeTensorDef, (size_t)from->n_initializers);
    for (int i = 0; i < from->n_initializers; i++)
        to->initializers[to->n_initializers++] = copy_tensor(
            &from->initializers[i], copy_name(instance, from->initializers[i].name));
    *instance->n_bytes += (size_t)from->n_initializers * sizeof *to->initializers;
    to->nodes = g_new0(HeNodeDef, (size_t)from->n_nodes);
    for (int i = 0; i < from->n_nodes; i++)
        if (!he_instance_copy_node(instance, &from->nodes[i], &to->nodes[to->n_nodes++],
                                   error))
            return FALSE;
    return TRUE;
}
