/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Where the time of a forward run goes. */
#include <string.h>

#include "core/error.h"
#include "kernels/peak.h"
#include "methods/macs.h"

static const char *kernel_of(const HePlan *plan, int i)
{
    const HeNode *node = he_plan_get_node(plan, i);
    if (he_plan_is_fused(plan, i))
        return "fused";
    return node->op->get_kernel ? node->op->get_kernel(node) : NULL;
}

/* What is done in node I's time. */
static double macs_of(const HePlan *plan, int i)
{
    const HeNode *before = he_plan_get_before(plan, i);
    if (he_plan_is_fused(plan, i))
        return 0;
    return he_node_count_macs(he_plan_get_node(plan, i)) +
           (before ? he_node_count_macs(before) : 0);
}

static HeNodeTime time_of(const HePlan *plan, int i, double ms, double back_ms)
{
    const HeNode *node = he_plan_get_node(plan, i);
    HeNodeTime time = {.node = g_strdup(he_node_def_get_label(node->def)),
                       .op_type = g_strdup(node->op->name),
                       .kernel = g_strdup(kernel_of(plan, i)),
                       .ms = ms,
                       .back_ms = back_ms};
    if (node->out[0]) {
        time.rank = node->out[0]->rank;
        memcpy(time.dim, node->out[0]->dim, sizeof time.dim);
        time.macs = macs_of(plan, i);
    }
    return time;
}

HeNodeTime *he_session_time_nodes(HeSession *session, const HeInput *input,
                                  gboolean is_backward, int repeat, int *n,
                                  double *peak_flops, const HeTask *task, GError **error)
{
    HeWants wants = {.values = {session->logits}};
    HeTerm first = {.tensor = session->logits, .weight = 1};
    HeTarget target = {.terms = &first, .n_terms = 1};
    if (is_backward) {
        wants.gradients[0] = session->input;
        wants.targets[0] = session->logits;
    }
    if (repeat < 1 || repeat > HE_MAX_TIMED) {
        he_fail(error, HE_ERROR_INVALID_ARGUMENT, "%d runs, expected 1 to %d", repeat,
                HE_MAX_TIMED);
        return NULL;
    }
    HePlan *plan = he_session_run(session, input, &wants, task, error);
    if (!plan)
        return NULL;
    *n = he_plan_get_n_nodes(plan);
    g_autofree double *ms = g_new0(double, MAX(*n, 1));
    g_autofree double *back_ms = g_new0(double, MAX(*n, 1));
    if (!he_plan_time(plan, &input->tensor, is_backward ? &target : NULL, repeat, ms,
                      back_ms, task, error))
        return NULL;
    *peak_flops = he_peak_measure(session->pool, session->kernels);
    HeNodeTime *times = g_new0(HeNodeTime, MAX(*n, 1));
    for (int i = 0; i < *n; i++)
        times[i] = time_of(plan, i, ms[i], back_ms[i]);
    return times;
}

void he_node_times_free(HeNodeTime *times, int n)
{
    for (int i = 0; times && i < n; i++) {
        g_free(times[i].node);
        g_free(times[i].op_type);
        g_free(times[i].kernel);
    }
    g_free(times);
}
