/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Running a plan forward, once, before it runs back as often as asked (run_back.c). Between steps it looks for a cancel
 * and tells progress. A result that is not finite is an error that names the first node that made it so. */
#include "graph/arena.h"
#include "graph/step.h"

#include <stdatomic.h>

#include "core/os.h"
#include "core/pool.h"

/* ---- memory ---------------------------------------------------------------------------------------- */

static size_t place_of_gradient(const HePlan *plan, int id)
{
    size_t shift = 0;
    for (; he_plan_value(plan, id)->grad_home != id;
         id = he_plan_value(plan, id)->grad_home)
        shift += he_plan_value(plan, id)->grad_shift;
    return he_plan_value(plan, id)->grad_offset + shift;
}

static int home_of_gradient(const HePlan *plan, int id)
{
    while (he_plan_value(plan, id)->grad_home != id)
        id = he_plan_value(plan, id)->grad_home;
    return id;
}

void he_plan_point_values(HePlan *plan)
{
    for (guint v = 0; v < plan->values->len; v++) {
        HeValue *value = he_plan_value(plan, (int)v);
        int root = (int)v;
        size_t shift = 0;
        for (; he_plan_value(plan, root)->root != root;
             root = he_plan_value(plan, root)->root)
            shift += he_plan_value(plan, root)->shift;
        const HeValue *home = he_plan_value(plan, root);
        if (!value->is_const && (home->producer >= 0 || root == plan->input) &&
            !he_plan_is_between(plan, root))
            value->t.data = plan->arena + home->offset + shift;
        if (value->has_grad && !value->is_grad_passed &&
            !he_plan_value(plan, home_of_gradient(plan, (int)v))->is_grad_between)
            value->grad.data = plan->arena + place_of_gradient(plan, (int)v);
    }
}

gboolean he_plan_ensure_scratch(HePlan *plan, GError **error)
{
    if (!plan->scratch)
        plan->scratch =
            he_alloc(plan->scratch_bytes + HE_ARENA_ALIGN, 1, "scratch memory", error);
    if (plan->scratch && !plan->stream)
        plan->stream = he_alloc(plan->stream_bytes + HE_ARENA_ALIGN, 1,
                                "the network's weights", error);
    return plan->stream != NULL;
}

static gboolean ensure_memory(HePlan *plan, GError **error)
{
    if (!he_plan_ensure_scratch(plan, error))
        return FALSE;
    if (plan->arena)
        return TRUE;
    plan->arena =
        he_alloc(plan->arena_bytes + HE_ARENA_ALIGN, 1, "the network's values", error);
    if (!plan->arena)
        return FALSE;
    plan->arena_room = plan->arena_bytes;
    he_plan_point_values(plan);
    return TRUE;
}

/* ---- forward --------------------------------------------------------------------------------------- */

/* A view of a value in the arena has its bytes already; a view of a constant is folded. */
static gboolean is_free_view(const HePlan *plan, const HeStep *step)
{
    return (step->node.op->flags & HE_OP_VIEW) && step->in[0] >= 0 && step->out[0] >= 0 &&
           he_plan_value(plan, step->in[0])->t.data ==
               he_plan_value(plan, step->out[0])->t.data;
}

gboolean he_plan_between_steps(const HeTask *task, int done, int n, GError **error)
{
    if (!task)
        return TRUE;
    if (task->progress)
        task->progress((double)done / n, task->user_data);
    return !g_cancellable_set_error_if_cancelled(task->cancellable, error);
}

/* What STEP makes inside another, which is seen nowhere else. */
static gboolean is_inside_finite(HePlan *plan, HeStep *step)
{
    HeTensor out = *step->node.out[0];
    out.data = he_alloc(MAX(he_tensor_bytes(&out), 1), 1, "a value", NULL);
    gboolean is_finite = !out.data || !he_step_forward(plan, step, NULL, &out, NULL) ||
                         he_tensor_is_finite(&out);
    he_free(out.data);
    return is_finite;
}

static gboolean forward_steps(HePlan *plan, gboolean is_search, const HeTask *task,
                              GError **error)
{
    int n = (int)plan->steps->len;
    for (int i = 0; i < n; i++) {
        HeStep *step = he_plan_step(plan, i);
        if (!he_plan_between_steps(task, i, n, error))
            return FALSE;
        if (!step->is_fused && !step->inside[FALSE] && !is_free_view(plan, step) &&
            !he_step_forward(plan, step, NULL, NULL, error))
            return FALSE;
        if (is_search && step->inside[FALSE] && !is_inside_finite(plan, step))
            return he_step_not_finite(step, "result", error);
        for (int o = 0; is_search && o < step->node.n_out; o++)
            if (step->node.out[o] && !he_tensor_is_finite(step->node.out[o]))
                return he_step_not_finite(step, "result", error);
    }
    return TRUE;
}

static gboolean wanted_are_finite(const HePlan *plan)
{
    for (guint v = 0; v < plan->values->len; v++) {
        const HeValue *value = he_plan_value(plan, (int)v);
        if (value->is_wanted && !value->is_const && !he_tensor_is_finite(&value->t))
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

/* ---- the input -------------------------------------------------------------------------------------- */

#define TAKEN 16384 /* numbers of a tile */

typedef struct {
    const HeTensor *from;
    HeTensor *to;
    size_t n;
    atomic_bool has_bad;
} Take;

/* A part of a contiguous tensor, as a row. */
static HeTensor part_of(const HeTensor *whole, size_t first, size_t n)
{
    gint64 dim = (gint64)n;
    HeTensor part;
    he_tensor_init(&part, whole->type, 1, &dim);
    part.data = (char *)whole->data + first * he_type_size(whole->type);
    return part;
}

static void take_tile(void *data, size_t tile, int worker)
{
    Take *take = data;
    size_t first = tile * TAKEN, n = MIN(TAKEN, take->n - first);
    HeTensor from = part_of(take->from, first, n), to = part_of(take->to, first, n);
    (void)worker;
    he_tensor_convert(&from, &to);
    if (!he_tensor_is_finite(&to))
        atomic_store(&take->has_bad, TRUE);
}

/* FALSE: some number of X is not finite. */
static gboolean take_input(HePlan *plan, const HeTensor *x)
{
    Take take = {.from = x, .to = &he_plan_value(plan, plan->input)->t};
    take.n = he_tensor_n(x);
    he_pool_run(plan->pool, (take.n + TAKEN - 1) / TAKEN, take_tile, &take);
    return !atomic_load(&take.has_bad);
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
    he_plan_find_packed(plan);
    if (plan->n_runs[FALSE] == 1)
        forget_scratch(plan);
    if (!ensure_memory(plan, error))
        return FALSE;
    plan->has_forward = FALSE;
    plan->n_runs[FALSE]++;
    if (!take_input(plan, x)) {
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
