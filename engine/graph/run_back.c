/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Running a plan back, from a target, by a rule; see run.c. Gradients are written by the first step that gives to them and
 * added to by others; those that are passed on, joined or gated before (fuse_back.c, join_back.c) are there already. */
#include "graph/step.h"

#include <string.h>

#include "core/os.h"

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

/* A run and what it points at. */
typedef struct {
    HeRun run;
    const HeTensor **in, **d_out;
    HeTensor *copies, **d_in;
    gboolean *accumulate;
    HeGradFinish finish;
} BackRun;

static void back_run_free(BackRun *back)
{
    if (!back)
        return;
    g_free(back->in);
    g_free(back->d_out);
    g_free(back->copies);
    g_free(back->d_in);
    g_free(back->accumulate);
    g_free(back);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BackRun, back_run_free)

/* What one way back has reached. */
typedef struct {
    HePlan *plan;
    HeRule rule;
    gboolean *written;       /* of each value: its gradient is there, */
    const HeTensor **passed; /* or is this one, uncopied; NULL: its own */
    BackRun *before;         /* the run that the next one does inside its own, or NULL */
} Back;

static void clear_back(Back *b)
{
    g_clear_pointer(&b->before, back_run_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Back, clear_back)

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
    finish->open = rule != HE_RULE_DECONV ? he_step_saved(b->plan, gate) : NULL;
}

/* STREAM: where its constants go. NULL: there is nothing to do. */
static BackRun *back_run_new(Back *b, HeStep *step, guint8 *stream)
{
    HePlan *plan = b->plan;
    int n_in = MAX(step->node.n_in, 1), n_out = MAX(step->node.n_out, 1);
    g_autoptr(BackRun) back = g_new0(BackRun, 1);
    const HeGradFinish *finish = &back->finish;
    gboolean has_work = FALSE;
    back->in = g_new0(const HeTensor *, n_in);
    back->copies = g_new0(HeTensor, n_in);
    back->d_out = g_new0(const HeTensor *, n_out);
    back->d_in = g_new0(HeTensor *, n_in);
    back->accumulate = g_new0(gboolean, n_in);
    he_step_stream(plan, step, TRUE, stream, back->in, back->copies);
    for (int o = 0; o < step->node.n_out; o++)
        back->d_out[o] = d_out_of(b, step, o);
    for (int k = 0; k < step->node.n_in; k++)
        if (step->wants[k]) {
            prepare_input(b, step, k, back->d_out[0], &back->d_in[k],
                          &back->accumulate[k], &back->finish);
            has_work |= back->d_in[k] != NULL;
        }
    if (!has_work)
        return NULL;
    back->run = (HeRun){.node = &step->node,
                        .in = back->in,
                        .out = step->node.out,
                        .d_out = back->d_out,
                        .d_in = back->d_in,
                        .accumulate = back->accumulate,
                        .saved = he_step_saved(plan, step),
                        .scratch = plan->scratch,
                        .pool = plan->pool,
                        .rule = rule_of(step, b->rule)};
    if (finish->add || finish->is_positive || finish->open)
        back->run.grad_finish = finish;
    he_step_keep_packed(plan, step, &back->run, TRUE);
    return g_steal_pointer(&back);
}

static void step_backward(Back *b, HeStep *step)
{
    const HeStep *next = step->inside[TRUE];
    guint8 *stream = b->plan->stream + (next ? next->stream_bytes : 0);
    g_autoptr(BackRun) back = back_run_new(b, step, stream);
    if (next) {
        b->before = g_steal_pointer(&back);
        return;
    }
    if (back && b->before)
        back->run.before = &b->before->run;
    if (back)
        step->node.op->backward(&back->run);
    clear_back(b);
}

static gboolean gradients_are_finite(const HeStep *step, const HePlan *plan)
{
    for (int k = 0; k < step->node.n_in; k++)
        if (step->wants[k] &&
            !he_tensor_is_finite(&he_plan_value(plan, step->in[k])->grad))
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
    g_auto(Back) b = {plan, rule, written, passed, NULL};
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
        if (!he_plan_between_steps(task, n - 1 - i, n, error))
            return FALSE;
        if (!step->wants || !has_written_output(step, written))
            continue;
        if (step->is_gated_before)
            written[step->in[0]] = TRUE;
        else
            step_backward(&b, step);
        count_coverage(step, rule, coverage);
        if (is_search && !gradients_are_finite(step, plan))
            return he_step_not_finite(step, "gradient", error);
    }
    return TRUE;
}

static gboolean wanted_gradients_are_finite(const HePlan *plan)
{
    for (guint v = 0; v < plan->values->len; v++) {
        const HeValue *value = he_plan_value(plan, (int)v);
        if (value->is_grad_wanted && !he_tensor_is_finite(&value->grad))
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
