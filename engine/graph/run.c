/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Running a plan: forward once, backward as often as asked. Between steps it looks for a cancel and tells
 * progress. A result that is not finite is an error that names the first node that made it so. */
#include "graph/plan.h"

#include <string.h>

#include "core/os.h"

#define ALIGN 64

/* ---- memory ---------------------------------------------------------------------------------------- */

static size_t place_of_gradient(const HePlan *plan, int id)
{
    size_t shift = 0;
    for (; he_plan_value(plan, id)->grad_home != id;
         id = he_plan_value(plan, id)->grad_home)
        shift += he_plan_value(plan, id)->grad_shift;
    return he_plan_value(plan, id)->grad_offset + shift;
}

static void point_values(HePlan *plan)
{
    for (guint v = 0; v < plan->values->len; v++) {
        HeValue *value = he_plan_value(plan, (int)v);
        int root = (int)v;
        size_t shift = 0;
        for (; he_plan_value(plan, root)->root != root;
             root = he_plan_value(plan, root)->root)
            shift += he_plan_value(plan, root)->shift;
        const HeValue *home = he_plan_value(plan, root);
        if (!value->is_const && (home->producer >= 0 || root == plan->input))
            value->t.data = plan->arena + home->offset + shift;
        if (value->has_grad && !value->is_grad_passed)
            value->grad.data = plan->arena + place_of_gradient(plan, (int)v);
    }
}

gboolean he_plan_ensure_scratch(HePlan *plan, GError **error)
{
    if (!plan->scratch)
        plan->scratch = he_alloc(plan->scratch_bytes + ALIGN, 1, "scratch memory", error);
    if (plan->scratch && !plan->stream)
        plan->stream =
            he_alloc(plan->stream_bytes + ALIGN, 1, "the network's weights", error);
    return plan->stream != NULL;
}

static gboolean ensure_memory(HePlan *plan, GError **error)
{
    if (!he_plan_ensure_scratch(plan, error))
        return FALSE;
    if (plan->arena)
        return TRUE;
    plan->arena = he_alloc(plan->arena_bytes + ALIGN, 1, "the network's values", error);
    if (!plan->arena)
        return FALSE;
    point_values(plan);
    return TRUE;
}

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

static gboolean is_finite(const HeTensor *t)
{
    if (!he_type_is_float(t->type) || !t->data)
        return TRUE;
    size_t n = he_tensor_n(t);
    return t->type == HE_F64 ? is_finite_f64(t->data, n) : is_finite_f32(t->data, n);
}

static gboolean not_finite(const HeStep *step, const char *what, GError **error)
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

/* Brings the step's streamed constants into memory; IN and COPIES get the step's inputs. */
static void stream_inputs(HePlan *plan, HeStep *step, gboolean is_backward,
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
        copies[k].data = plan->stream + used;
        he_value_read_constant(value, copies[k].data);
        used += (he_tensor_bytes(&value->t) + ALIGN - 1) / ALIGN * ALIGN;
    }
}

/* A plan that runs again keeps its weights packed, as long as all that is kept is a few times the weights;
 * one run alone would not win back the packing. The file's own then need no memory. Weights that are computed
 * are other ones in every run. */
static void keep_packed(HePlan *plan, HeStep *step, HeRun *run, gboolean is_backward)
{
    size_t bytes = packed_bytes(step, is_backward);
    size_t most = he_plan_get_packed_most(plan);
    gboolean is_const = bytes > 0 && he_plan_value(plan, step->in[1])->is_const;
    if (!step->packed[is_backward] && is_const && plan->n_runs[is_backward] > 1 &&
        plan->packed_bytes + bytes <= most) {
        void *packed = he_alloc(bytes, 1, "packed weights", NULL);
        if (packed) {
            step->node.op->pack(run, is_backward, packed);
            plan->packed_bytes += bytes;
            step->packed[is_backward] = packed;
            const HeValue *weights = he_plan_value(plan, step->in[1]);
            if (weights->def)
                he_onnx_let_go(plan->onnx, weights->def);
        }
    }
    run->packed = step->packed[is_backward];
}

static gboolean check_weights(HeStep *step, const HeTensor *const *in, const HePlan *plan,
                              GError **error)
{
    if (step->is_weight_checked || !(step->node.op->flags & HE_OP_WEIGHTS))
        return TRUE;
    for (int k = 1; k < step->node.n_in; k++)
        if (step->in[k] >= 0 && he_plan_value(plan, step->in[k])->is_const &&
            !is_finite(in[k])) {
            g_autofree char *what =
                g_strdup_printf("weights '%s'", he_plan_value(plan, step->in[k])->name);
            return not_finite(step, what, error);
        }
    step->is_weight_checked = TRUE;
    return TRUE;
}

static void *saved_of(const HePlan *plan, const HeStep *step)
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

gboolean he_step_forward(HePlan *plan, HeStep *step, const HeTensor *in, HeTensor *out,
                         GError **error)
{
    int n_in = MAX(step->node.n_in, 1), n_out = MAX(step->node.n_out, 1);
    g_autofree const HeTensor **ins = g_new0(const HeTensor *, n_in);
    g_autofree HeTensor *copies = g_new0(HeTensor, n_in);
    g_autofree HeTensor **outs = g_new0(HeTensor *, n_out);
    stream_inputs(plan, step, FALSE, ins, copies);
    if (!check_weights(step, ins, plan, error))
        return FALSE;
    memcpy(outs, step->node.out, (size_t)step->node.n_out * sizeof *outs);
    if (in)
        ins[he_step_find_variable(plan, step)] = in;
    if (out)
        outs[0] = out;
    HeRun run = {.node = &step->node,
                 .in = ins,
                 .out = outs,
                 .saved = out ? NULL : saved_of(plan, step),
                 .scratch = plan->scratch,
                 .pool = plan->pool,
                 .finish = step->has_finish && !out ? &step->finish : NULL};
    HeFinish finish = step->finish;
    if (run.finish && step->gate_of >= 0) {
        finish.gate = saved_of(plan, he_plan_step(plan, step->gate_of));
        run.finish = &finish;
    }
    keep_packed(plan, step, &run, FALSE);
    return step->node.op->forward(&run, error);
}

/* A view of a value in the arena has its bytes already; a view of a constant is folded. */
static gboolean is_free_view(const HePlan *plan, const HeStep *step)
{
    return (step->node.op->flags & HE_OP_VIEW) && step->in[0] >= 0 && step->out[0] >= 0 &&
           he_plan_value(plan, step->in[0])->t.data ==
               he_plan_value(plan, step->out[0])->t.data;
}

static gboolean between_steps(const HeTask *task, int done, int n, GError **error)
{
    if (!task)
        return TRUE;
    if (task->progress)
        task->progress((double)done / n, task->user_data);
    return !g_cancellable_set_error_if_cancelled(task->cancellable, error);
}

/* ---- forward --------------------------------------------------------------------------------------- */

static gboolean forward_steps(HePlan *plan, gboolean is_search, const HeTask *task,
                              GError **error)
{
    int n = (int)plan->steps->len;
    for (int i = 0; i < n; i++) {
        HeStep *step = he_plan_step(plan, i);
        if (!between_steps(task, i, n, error))
            return FALSE;
        if (!step->is_fused && !is_free_view(plan, step) &&
            !he_step_forward(plan, step, NULL, NULL, error))
            return FALSE;
        for (int o = 0; is_search && o < step->node.n_out; o++)
            if (step->node.out[o] && !is_finite(step->node.out[o]))
                return not_finite(step, "result", error);
    }
    return TRUE;
}

static gboolean wanted_are_finite(const HePlan *plan)
{
    for (guint v = 0; v < plan->values->len; v++) {
        const HeValue *value = he_plan_value(plan, (int)v);
        if (value->is_wanted && !value->is_const && !is_finite(&value->t))
            return FALSE;
    }
    return TRUE;
}

/* The first run packed weights there; from the second on they are kept elsewhere, and pages that nobody writes again
 * take no memory. */
static void forget_scratch(HePlan *plan)
{
    he_free(plan->scratch);
    plan->scratch = NULL;
}

gboolean he_plan_forward(HePlan *plan, const HeTensor *x, const HeTask *task,
                         GError **error)
{
    HeValue *input = he_plan_value(plan, plan->input);
    if (!he_tensor_same_shape(x, &input->t)) {
        g_autofree char *got = he_tensor_shape_text(x);
        g_autofree char *expected = he_tensor_shape_text(&input->t);
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "the input is %s, expected %s", got, expected);
        return FALSE;
    }
    if (plan->n_runs[FALSE] == 1)
        forget_scratch(plan);
    if (!ensure_memory(plan, error))
        return FALSE;
    plan->has_forward = FALSE;
    plan->n_runs[FALSE]++;
    he_tensor_convert(x, &input->t);
    if (!is_finite(&input->t)) {
        g_set_error(error, HE_ERROR, HE_ERROR_NUMERIC,
                    "NaN or infinity in the network's input");
        return FALSE;
    }
    guint fpu = he_os_fpu_flush_denormals();
    gboolean good = forward_steps(plan, FALSE, task, error);
    if (good && !wanted_are_finite(plan)) {
        good = forward_steps(plan, TRUE, NULL, error);
        if (good) {
            g_set_error(error, HE_ERROR, HE_ERROR_NUMERIC,
                        "NaN or infinity in the results");
            good = FALSE;
        }
    }
    he_os_fpu_restore(fpu);
    plan->has_forward = good;
    return good;
}

/* ---- backward -------------------------------------------------------------------------------------- */

static void set_zero(HeTensor *t)
{
    memset(t->data, 0, he_tensor_bytes(t));
}

static gboolean seed(HePlan *plan, const HeTarget *target, GError **error)
{
    for (int i = 0; i < target->n_terms; i++) {
        const HeTerm *term = &target->terms[i];
        int id = he_plan_find(plan, term->tensor);
        HeValue *value = id < 0 ? NULL : he_plan_value(plan, id);
        if (!value || !value->is_target || !value->has_grad) {
            g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                        "tensor '%s' is no target of this plan", term->tensor);
            return FALSE;
        }
        gint64 n = (gint64)he_tensor_n(&value->grad);
        if (term->index < 0 || term->index >= n) {
            g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                        "index %" G_GINT64_FORMAT
                        " is outside tensor '%s', which has %" G_GINT64_FORMAT " values",
                        term->index, term->tensor, n);
            return FALSE;
        }
        if (value->grad.type == HE_F64)
            ((double *)value->grad.data)[term->index] += term->weight;
        else
            ((float *)value->grad.data)[term->index] += (float)term->weight;
    }
    return TRUE;
}

static void count_coverage(const HeStep *step, HeRule rule, HeCoverage *coverage)
{
    const HeOp *op = step->node.op;
    if (!(op->flags & (HE_OP_RELU | HE_OP_SMOOTH)))
        return;
    coverage->seen++;
    if (rule == HE_RULE_PLAIN || (op->is_ruled && !op->is_ruled(&step->node)))
        return;
    coverage->ruled++;
    coverage->extended += (op->flags & HE_OP_SMOOTH) != 0;
}

/* What one way back has reached. */
typedef struct {
    HePlan *plan;
    HeRule rule;
    gboolean *written;       /* of each value: its gradient is there, */
    const HeTensor **passed; /* or is this one, uncopied; NULL: its own */
} Back;

static HeRule rule_of(const HeStep *step, HeRule rule)
{
    const HeOp *op = step->node.op;
    gboolean is_ruled = (op->flags & (HE_OP_RELU | HE_OP_SMOOTH)) &&
                        (!op->is_ruled || op->is_ruled(&step->node));
    return is_ruled ? rule : HE_RULE_PLAIN;
}

/* The gradient of output O; NULL: nothing has reached it. */
static const HeTensor *d_out_of(const Back *b, const HeStep *step, int o)
{
    int v = step->out[o];
    if (v < 0 || !he_plan_value(b->plan, v)->has_grad || !b->written[v])
        return NULL;
    return b->passed[v] ? b->passed[v] : &he_plan_value(b->plan, v)->grad;
}

/* Sets where the gradient of input K goes; what else is done to it, to FINISH. */
static void prepare_input(Back *b, const HeStep *step, int k, const HeTensor *d_out,
                          HeTensor **d_in, gboolean *accumulate, HeGradFinish *finish)
{
    int v = step->in[k];
    HeValue *value = he_plan_value(b->plan, v);
    gboolean is_joined = step->joins && step->joins[k] && d_out;
    if (is_joined || (step->passes && step->passes[k] && d_out && !b->written[v])) {
        b->passed[v] = is_joined ? NULL : d_out;
        b->written[v] = TRUE;
        return;
    }
    *d_in = &value->grad;
    *accumulate = (b->written[v] && !b->passed[v]) ||
                  (value->grad_over >= 0 && b->written[value->grad_over]);
    finish->add = b->passed[v];
    b->passed[v] = NULL;
    b->written[v] = TRUE;
    if (k > 0 || step->back_gate < 0)
        return;
    const HeStep *gate = he_plan_step(b->plan, step->back_gate);
    HeRule rule = rule_of(gate, b->rule);
    finish->is_positive = rule != HE_RULE_PLAIN;
    finish->open = rule != HE_RULE_DECONV ? saved_of(b->plan, gate) : NULL;
}

static void step_backward(Back *b, HeStep *step)
{
    HePlan *plan = b->plan;
    int n_in = MAX(step->node.n_in, 1), n_out = MAX(step->node.n_out, 1);
    g_autofree const HeTensor **in = g_new0(const HeTensor *, n_in);
    g_autofree HeTensor *copies = g_new0(HeTensor, n_in);
    g_autofree const HeTensor **d_out = g_new0(const HeTensor *, n_out);
    g_autofree HeTensor **d_in = g_new0(HeTensor *, n_in);
    g_autofree gboolean *accumulate = g_new0(gboolean, n_in);
    stream_inputs(plan, step, TRUE, in, copies);
    HeGradFinish finish = {0};
    gboolean has_work = FALSE;
    for (int o = 0; o < step->node.n_out; o++)
        d_out[o] = d_out_of(b, step, o);
    for (int k = 0; k < step->node.n_in; k++)
        if (step->wants[k]) {
            prepare_input(b, step, k, d_out[0], &d_in[k], &accumulate[k], &finish);
            has_work |= d_in[k] != NULL;
        }
    if (!has_work)
        return;
    HeRun run = {.node = &step->node,
                 .in = in,
                 .out = step->node.out,
                 .d_out = d_out,
                 .d_in = d_in,
                 .accumulate = accumulate,
                 .saved = saved_of(plan, step),
                 .scratch = plan->scratch,
                 .pool = plan->pool,
                 .rule = rule_of(step, b->rule)};
    if (finish.add || finish.is_positive || finish.open)
        run.grad_finish = &finish;
    keep_packed(plan, step, &run, TRUE);
    step->node.op->backward(&run);
}

static gboolean gradients_are_finite(const HeStep *step, const HePlan *plan)
{
    for (int k = 0; k < step->node.n_in; k++)
        if (step->wants[k] && !is_finite(&he_plan_value(plan, step->in[k])->grad))
            return FALSE;
    return TRUE;
}

static gboolean has_written_output(const HeStep *step, const gboolean *written)
{
    for (int o = 0; o < step->node.n_out; o++)
        if (step->out[o] >= 0 && written[step->out[o]])
            return TRUE;
    return FALSE;
}

static gboolean backward_steps(HePlan *plan, const HeTarget *target, HeRule rule,
                               gboolean is_search, HeCoverage *coverage,
                               const HeTask *task, GError **error)
{
    int n = (int)plan->steps->len;
    g_autofree gboolean *written = g_new0(gboolean, plan->values->len);
    g_autofree const HeTensor **passed = g_new0(const HeTensor *, plan->values->len);
    Back b = {plan, rule, written, passed};
    for (guint v = 0; v < plan->values->len; v++) {
        HeValue *value = he_plan_value(plan, (int)v);
        if (value->is_target && value->has_grad) {
            set_zero(&value->grad);
            written[v] = TRUE;
        }
    }
    if (!seed(plan, target, error))
        return FALSE;
    for (int i = n - 1; i >= 0; i--) {
        HeStep *step = he_plan_step(plan, i);
        if (!between_steps(task, n - 1 - i, n, error))
            return FALSE;
        if (!step->wants || !has_written_output(step, written))
            continue;
        if (step->is_gated_before)
            written[step->in[0]] = TRUE;
        else
            step_backward(&b, step);
        count_coverage(step, rule, coverage);
        if (is_search && !gradients_are_finite(step, plan))
            return not_finite(step, "gradient", error);
    }
    return TRUE;
}

static gboolean wanted_gradients_are_finite(const HePlan *plan)
{
    for (guint v = 0; v < plan->values->len; v++) {
        const HeValue *value = he_plan_value(plan, (int)v);
        if (value->is_grad_wanted && !is_finite(&value->grad))
            return FALSE;
    }
    return TRUE;
}

gboolean he_plan_backward(HePlan *plan, const HeTarget *target, HeRule rule,
                          HeCoverage *coverage, const HeTask *task, GError **error)
{
    HeCoverage seen = {0};
    g_return_val_if_fail(plan->has_forward, FALSE);
    plan->n_runs[TRUE]++;
    guint fpu = he_os_fpu_flush_denormals();
    gboolean good = backward_steps(plan, target, rule, FALSE, &seen, task, error);
    if (good && !wanted_gradients_are_finite(plan)) {
        HeCoverage again = {0};
        good = backward_steps(plan, target, rule, TRUE, &again, NULL, error);
        if (good) {
            g_set_error(error, HE_ERROR, HE_ERROR_NUMERIC,
                        "NaN or infinity in the gradient");
            good = FALSE;
        }
    }
    he_os_fpu_restore(fpu);
    if (good && coverage)
        *coverage = seen;
    return good;
}
