/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One step of a plan: its constants, which are read where they stand in the file, packed, or brought into memory just
 * before use; its forward run. */
#include "graph/step.h"
#include "graph/arena.h"

#include <string.h>

/* ---- finite numbers -------------------------------------------------------------------------------- */

/* The last exponent is that of NaN and infinity. On bits, compilers make vectors of the loop. */
static gboolean is_finite_f32(const float *x, size_t n)
{
    const guint32 last = 0x7f800000;
    guint32 found = 0, bits;
    for (size_t i = 0; i < n; i++) {
        memcpy(&bits, x + i, sizeof bits);
        found |= (bits & last) == last;
    }
    return !found;
}

static gboolean is_finite_f64(const double *x, size_t n)
{
    const guint64 last = G_GUINT64_CONSTANT(0x7ff) << 52;
    guint64 found = 0, bits;
    for (size_t i = 0; i < n; i++) {
        memcpy(&bits, x + i, sizeof bits);
        found |= (bits & last) == last;
    }
    return !found;
}

gboolean he_tensor_is_finite(const HeTensor *t)
{
    if (!he_type_is_float(t->type) || !t->data)
        return TRUE;
    size_t n = he_tensor_n(t);
    return t->type == HE_F64 ? is_finite_f64(t->data, n) : is_finite_f32(t->data, n);
}

gboolean he_step_not_finite(const HeStep *step, const char *what, GError **error)
{
    return he_node_error(&step->node, HE_ERROR_NUMERIC, error,
                         "NaN or infinity in its %s", what);
}

/* ---- one step -------------------------------------------------------------------------------------- */

static size_t packed_bytes(const HeStep *step, gboolean is_backward)
{
    const HeOp *op = step->node.op;
    return op->packed_bytes ? op->packed_bytes(&step->node, is_backward) : 0;
}

size_t he_step_packed_bytes(const HePlan *plan, const HeStep *step, gboolean is_backward)
{
    size_t bytes = packed_bytes(step, is_backward);
    return bytes > 0 && he_plan_value(plan, step->in[1])->is_const ? bytes : 0;
}

gboolean he_step_reads_file(const HeStep *step, int k, const HeValue *value,
                            gboolean is_backward)
{
    const HeOp *op = step->node.op;
    return k == 1 && value->def && value->def->type == value->t.type &&
           (packed_bytes(step, is_backward) > 0 ||
            (op->reads_bytes && op->reads_bytes(&step->node, is_backward)));
}

/* Weights read where they stand in the file need no place; packed ones are not read at all. */
static gboolean is_in_place(const HeStep *step, int k, const HeValue *value,
                            gboolean is_backward)
{
    return (k == 1 && step->packed[is_backward]) ||
           he_step_reads_file(step, k, value, is_backward);
}

/* What tells packed weights apart: whose they are, and what their packing hangs on. */
static GBytes *key_of(const HePlan *plan, const HeStep *step, gboolean is_backward)
{
    const HeValue *weights = he_plan_value(plan, step->in[1]);
    const void *whose = weights->def ? (const void *)weights->def : weights->owned;
    GByteArray *key = g_byte_array_new();
    g_byte_array_append(key, (const guint8 *)&whose, sizeof whose);
    g_byte_array_append(key, (const guint8 *)&is_backward, sizeof is_backward);
    step->node.op->add_packed_key(&step->node, is_backward, key);
    return g_byte_array_free_to_bytes(key);
}

void he_step_find_packed(const HePlan *plan, HeStep *step, gboolean is_backward)
{
    if (step->packed[is_backward] || he_step_packed_bytes(plan, step, is_backward) == 0)
        return;
    g_autoptr(GBytes) key = key_of(plan, step, is_backward);
    step->packed[is_backward] = he_packed_find(plan->store, key);
}

void he_step_stream(HePlan *plan, HeStep *step, gboolean is_backward, guint8 *memory,
                    const HeTensor **in, HeTensor *copies)
{
    size_t used = 0;
    for (int k = 0; k < step->node.n_in; k++) {
        in[k] = step->node.in[k];
        const HeValue *value = step->in[k] < 0 ? NULL : he_plan_value(plan, step->in[k]);
        if (!value || !value->is_const || value->t.data)
            continue;
        copies[k] = value->t;
        in[k] = &copies[k];
        if (is_in_place(step, k, value, is_backward)) {
            copies[k].data = value->def ? (void *)value->def->raw : NULL;
            continue;
        }
        copies[k].data = memory + used;
        he_value_read_constant(value, copies[k].data);
        used += (he_tensor_bytes(&value->t) + HE_ARENA_ALIGN - 1) / HE_ARENA_ALIGN *
                HE_ARENA_ALIGN;
    }
}

void he_step_keep_packed(HePlan *plan, HeStep *step, HeRun *run, gboolean is_backward)
{
    HePacked **packed = &step->packed[is_backward];
    size_t bytes = he_step_packed_bytes(plan, step, is_backward);
    size_t held = he_packed_store_get_bytes(plan->store);
    he_step_find_packed(plan, step, is_backward); /* of another step */
    if (!*packed && bytes > 0 && plan->n_runs[is_backward] > 1 &&
        held + bytes <= he_plan_get_packed_most(plan)) {
        g_autoptr(GBytes) key = key_of(plan, step, is_backward);
        const HeTensorDef *def = he_plan_value(plan, step->in[1])->def;
        *packed = he_packed_new(plan->store, key, bytes);
        if (*packed)
            step->node.op->pack(run, is_backward, (*packed)->data);
        if (*packed && def)
            he_onnx_let_go(plan->onnx, def);
    }
    run->packed = *packed ? (*packed)->data : NULL;
}

static gboolean check_weights(HeStep *step, const HeTensor *const *in, const HePlan *plan,
                              GError **error)
{
    if (step->is_weight_checked || !(step->node.op->flags & HE_OP_WEIGHTS))
        return TRUE;
    /* Who packed some has looked at them. */
    for (int k = step->packed[FALSE] ? 2 : 1; k < step->node.n_in; k++)
        if (step->in[k] >= 0 && he_plan_value(plan, step->in[k])->is_const &&
            !he_tensor_is_finite(in[k])) {
            g_autofree char *what =
                g_strdup_printf("weights '%s'", he_plan_value(plan, step->in[k])->name);
            return he_step_not_finite(step, what, error);
        }
    step->is_weight_checked = TRUE;
    return TRUE;
}

void *he_step_saved(const HePlan *plan, const HeStep *step)
{
    return step->wants && step->saved_bytes ? plan->arena + step->saved_offset : NULL;
}

int he_step_find_variable(const HePlan *plan, const HeStep *step)
{
    for (int k = 0; k < step->node.n_in; k++)
        if (step->in[k] >= 0 && !he_plan_value(plan, step->in[k])->is_const)
            return k;
    return -1;
}

/* A run and what it points at. */
typedef struct {
    HeRun run;
    const HeTensor **in;
    HeTensor *copies, **out;
    HeFinish finish;
} Ready;

static void clear_ready(Ready *ready)
{
    g_free(ready->in);
    g_free(ready->copies);
    g_free(ready->out);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Ready, clear_ready)

/* STREAM: where its constants go. */
static gboolean get_ready(HePlan *plan, HeStep *step, guint8 *stream, Ready *ready,
                          GError **error)
{
    int n_in = MAX(step->node.n_in, 1), n_out = MAX(step->node.n_out, 1);
    ready->in = g_new0(const HeTensor *, n_in);
    ready->copies = g_new0(HeTensor, n_in);
    ready->out = g_new0(HeTensor *, n_out);
    he_step_stream(plan, step, FALSE, stream, ready->in, ready->copies);
    if (!check_weights(step, ready->in, plan, error))
        return FALSE;
    memcpy(ready->out, step->node.out, (size_t)step->node.n_out * sizeof *ready->out);
    ready->finish = step->finish;
    if (step->has_finish && step->gate_of >= 0)
        ready->finish.gate = he_step_saved(plan, he_plan_step(plan, step->gate_of));
    ready->run = (HeRun){.node = &step->node,
                         .in = ready->in,
                         .out = ready->out,
                         .saved = he_step_saved(plan, step),
                         .scratch = plan->scratch,
                         .pool = plan->pool,
                         .finish = step->has_finish ? &ready->finish : NULL};
    he_step_keep_packed(plan, step, &ready->run, FALSE);
    return TRUE;
}

gboolean he_step_forward(HePlan *plan, HeStep *step, const HeTensor *in, HeTensor *out,
                         GError **error)
{
    g_auto(Ready) ready = {0}, before = {0};
    if (!get_ready(plan, step, plan->stream, &ready, error))
        return FALSE;
    if (in)
        ready.in[he_step_find_variable(plan, step)] = in;
    else if (step->before[FALSE]) {
        if (!get_ready(plan, step->before[FALSE], plan->stream + step->stream_bytes,
                       &before, error))
            return FALSE;
        ready.run.before = &before.run;
    }
    if (out) {
        ready.out[0] = out;
        ready.run.saved = NULL;
        ready.run.finish = NULL;
    }
    return step->node.op->forward(&ready.run, error);
}
