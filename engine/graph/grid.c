/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Follows the axes of the picture through the network: what each axis of each tensor is (channels, rows,
 * columns, or tokens that were rows and columns) goes from the input to the answer by what the nodes do
 * with shapes. Convolutions say it anew; Transpose moves it; Reshape merges rows and columns into tokens and
 * parts them again; Concat puts class tokens beside them, Slice and Split take them away. Windows of
 * attention lose it, and the residual sum around them brings it back. What is not understood is unknown,
 * never guessed. */
#include "graph/grid.h"

#include "graph/axes.h"
#include "ops/support.h"

static const HeAxes nothing;

/* Of input K. */
static const HeAxes *axes_of(const HePlan *plan, const HeStep *step, int k)
{
    return step->in[k] < 0 ? &nothing : &he_plan_value(plan, step->in[k])->axes;
}

static gboolean has_role(const HeAxes *axes, int rank, Role role)
{
    for (int k = 0; k < rank; k++)
        if (axes->role[k] == role)
            return TRUE;
    return FALSE;
}

static gboolean has_places(const HeAxes *axes, int rank)
{
    return has_role(axes, rank, TOKEN) ||
           (has_role(axes, rank, ROW) && has_role(axes, rank, COLUMN));
}

static gboolean is_op(const HeNode *node, const char *name)
{
    return g_str_equal(node->op->name, name);
}

/* ---- nodes that keep the axes -------------------------------------------------------------------------- */

static int knowledge(const HeAxes *axes, int rank)
{
    int n = 0;
    for (int k = 0; k < rank; k++)
        n += axes->role[k] != UNKNOWN;
    return n;
}

/* The input of the output's rank that knows most, those of its whole shape before others; -1. */
static int best_input(const HePlan *plan, const HeStep *step, const HeTensor *out)
{
    const HeNode *node = &step->node;
    int best = -1, most = 0;
    for (int k = 0; k < node->n_in; k++) {
        if (!node->in[k] || node->in[k]->rank != out->rank)
            continue;
        int score = knowledge(axes_of(plan, step, k), out->rank);
        score += score && he_tensor_same_shape(node->in[k], out) ? HE_MAX_RANK : 0;
        if (score > most) {
            most = score;
            best = k;
        }
    }
    return best;
}

/* Rows, columns and channels may change their number; tokens that do are no longer known. */
static HeAxes keep(const HePlan *plan, const HeStep *step, const HeTensor *out)
{
    int k = best_input(plan, step, out);
    if (k < 0)
        return nothing;
    HeAxes axes = *axes_of(plan, step, k);
    for (int d = 0; d < out->rank; d++)
        if (out->dim[d] != step->node.in[k]->dim[d] && axes.role[d] == TOKEN)
            axes.role[d] = UNKNOWN;
    return axes;
}

/* Columns come from the second factor; places of it (the scores of attention) are no channels. */
static HeAxes matmul(const HePlan *plan, const HeStep *step, const HeTensor *out)
{
    HeAxes axes = keep(plan, step, out);
    const HeTensor *b = step->node.in[1];
    if (he_plan_value(plan, step->in[1])->is_const || b->rank < 2 || out->rank < 2)
        return axes;
    Role role = axes_of(plan, step, 1)->role[b->rank - 1];
    axes.role[out->rank - 1] = (guint8)(role > CHANNEL ? OTHER : role);
    return axes;
}

/* ---- nodes that move them ------------------------------------------------------------------------------ */

/* A batch of patches, one for each token, keeps the tokens; places inside a patch are none of the picture's. */
static HeAxes image(const HePlan *plan, const HeStep *step, const HeTensor *out)
{
    static const HeAxes whole = {{UNKNOWN, CHANNEL, ROW, COLUMN}, 0, 0, 0, 0};
    const HeTensor *in = step->node.in[0];
    HeAxes axes = *axes_of(plan, step, 0);
    if (out->rank != 4)
        return nothing;
    if (in->rank != 4 || axes.role[0] != TOKEN || in->dim[0] != out->dim[0])
        return whole;
    axes.role[1] = CHANNEL;
    axes.role[2] = axes.role[3] = OTHER;
    return axes;
}

/* By what the operator itself says; as in matmul, places of one factor stay places. */
static HeAxes traced(const HePlan *plan, const HeStep *step, const HeTensor *out)
{
    const HeNode *node = &step->node;
    HeAxes axes = nothing;
    int input, d;
    gboolean has_first = has_places(axes_of(plan, step, 0), node->in[0]->rank);
    for (int k = 0; k < out->rank; k++) {
        if (!node->op->find_axis(node, k, &input, &d))
            continue;
        const HeAxes *from = axes_of(plan, step, input);
        Role role = from->role[d];
        axes.role[k] = (guint8)(input > 0 && has_first && role > CHANNEL ? OTHER : role);
        if (axes.role[k] != TOKEN)
            continue;
        if (node->in[input]->dim[d] != out->dim[k])
            axes.role[k] = UNKNOWN;
        axes.height = from->height;
        axes.width = from->width;
        axes.first = from->first;
        axes.runs = from->runs;
    }
    return axes;
}

static HeAxes concat(const HePlan *plan, const HeStep *step, const HeTensor *out)
{
    const HeNode *node = &step->node;
    gint64 axis, before = 0;
    if (!he_attr_int(node, "axis", 1, &axis, NULL))
        return nothing;
    int at = (int)(axis < 0 ? axis + out->rank : axis);
    for (int k = 0; k < node->n_in && at >= 0 && at < out->rank; k++) {
        const HeAxes *from = axes_of(plan, step, k);
        if (node->in[k] && node->in[k]->rank == out->rank && from->role[at] == TOKEN) {
            HeAxes axes = *from;
            axes.first += before;
            return axes;
        }
        before += node->in[k] ? node->in[k]->dim[at] : 0;
    }
    return keep(plan, step, out);
}

/* ---- the whole ----------------------------------------------------------------------------------------- */

static gboolean makes_image(const HeNode *node)
{
    static const char *const names[] = {"Conv",
                                        "ConvTranspose",
                                        "DepthToSpace",
                                        "GlobalAveragePool",
                                        "GlobalMaxPool",
                                        "SpaceToDepth",
                                        NULL};
    return g_strv_contains(names, node->op->name);
}

static HeAxes follow(const HePlan *plan, const HeStep *step, int o)
{
    const HeNode *node = &step->node;
    const HeTensor *out = node->out[o];
    if (node->n_in < 1 || !node->in[0])
        return nothing;
    if (makes_image(node))
        return image(plan, step, out);
    const HeAxes *from = axes_of(plan, step, 0);
    if (is_op(node, "Transpose"))
        return he_axes_transpose(node, from);
    if (node->op->flags & HE_OP_VIEW)
        return he_axes_reshape(node->in[0], from, out);
    if (node->op->find_axis)
        return traced(plan, step, out);
    if (is_op(node, "Gather"))
        return he_axes_gather(node, from, out);
    if (is_op(node, "Concat"))
        return concat(plan, step, out);
    if (is_op(node, "MatMul"))
        return matmul(plan, step, out);
    if (is_op(node, "Split"))
        return he_axes_split(node, from, o);
    if (is_op(node, "Slice"))
        return he_axes_slice(node, from, out);
    return keep(plan, step, out);
}

void he_plan_follow_axes(HePlan *plan, HeLayout layout)
{
    static const HeAxes nchw = {{UNKNOWN, CHANNEL, ROW, COLUMN}, 0, 0, 0, 0};
    static const HeAxes nhwc = {{UNKNOWN, ROW, COLUMN, CHANNEL}, 0, 0, 0, 0};
    HeValue *input = he_plan_value(plan, plan->input);
    if (input->t.rank == 4)
        input->axes = layout == HE_LAYOUT_NHWC ? nhwc : nchw;
    for (guint i = 0; i < plan->steps->len; i++) {
        const HeStep *step = he_plan_step(plan, (int)i);
        for (int o = 0; o < step->node.n_out; o++)
            if (step->out[o] >= 0)
                he_plan_value(plan, step->out[o])->axes = follow(plan, step, o);
    }
}

/* The channels' axis: as followed, else the only one left that is not 1. */
static int find_channel(const HeAxes *axes, const HeTensor *t)
{
    int left = -1;
    for (int k = 0; k < t->rank; k++) {
        if (axes->role[k] == CHANNEL)
            return k;
        if (axes->role[k] == UNKNOWN && t->dim[k] != 1) {
            if (left >= 0)
                return -1;
            left = k;
        }
    }
    return left;
}

static gboolean other_axes_are_one(const HeAxes *axes, const HeTensor *t, int channel)
{
    for (int k = 0; k < t->rank; k++)
        if (k != channel && axes->role[k] <= CHANNEL && t->dim[k] != 1)
            return FALSE;
    return TRUE;
}

gboolean he_plan_find_grid(const HePlan *plan, const char *name, HeGrid *out)
{
    int id = name ? he_plan_find(plan, name) : -1;
    const HeAxes *axes = id < 0 ? &nothing : &he_plan_value(plan, id)->axes;
    HeTensor t = id < 0 ? (HeTensor){0} : he_plan_value(plan, id)->t;
    if (!has_places(axes, t.rank) || (has_role(axes, t.rank, TOKEN) && axes->runs != 1))
        return FALSE;
    int channel = find_channel(axes, &t);
    if (channel < 0 || !other_axes_are_one(axes, &t, channel))
        return FALSE;
    HeGrid grid = {.channel = channel, .channels = t.dim[channel]};
    he_tensor_set_contiguous(&t);
    grid.channel_stride = t.stride[channel];
    for (int k = 0; k < t.rank; k++) {
        grid.positions |= axes->role[k] > CHANNEL ? 1u << k : 0;
        if (axes->role[k] == ROW) {
            grid.height = t.dim[k];
            grid.y_stride = t.stride[k];
        } else if (axes->role[k] == COLUMN) {
            grid.width = t.dim[k];
            grid.x_stride = t.stride[k];
        } else if (axes->role[k] == TOKEN) {
            grid.height = axes->height;
            grid.width = axes->width;
            grid.y_stride = axes->width * t.stride[k];
            grid.x_stride = t.stride[k];
            grid.offset = axes->first * t.stride[k];
            grid.has_others = t.dim[k] != axes->height * axes->width;
        }
    }
    *out = grid;
    return TRUE;
}
